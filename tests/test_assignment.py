"""Assignments: every exercise compiles and runs alone, nbgrader accepts what comes out, and wrong
use changes nothing."""

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator

import tools.assignment.notebook as assignment_notebook
from tests.support import ROOT, coding_exercises
from tools.assignment import create
from tools.assignment.notebook import extract, notebook, solved_answers
from tools.builder.source import all_tasks

DUE = "2026-12-01T12:00+01:00"


def nbgrader(course: Path, *arguments: str) -> str:
    """Run nbgrader in the course directory, as an instructor does; return what it printed."""
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def listing(folder: Path) -> dict[str, str]:
    """Return {path: mode and hash} of everything below a folder."""
    return {
        str(path.relative_to(folder)): oct(path.stat().st_mode)
        + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
    }


def run(made: nbformat.NotebookNode, answers: dict[str, str]) -> dict[str, Exception]:
    """Run a notebook in one namespace, answers put in by id; return {id: what a cell raised}."""
    namespace: dict[str, object] = {"__name__": "notebook"}
    raised = {}
    for cell in made.cells:
        if cell.cell_type == "code":
            try:
                exec(compile(answers.get(cell.id, cell.source), cell.id, "exec"), namespace)
            except Exception as error:
                raised[cell.id] = error
    return raised


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course with a released assignment of three exercises and a due date."""
    place = tmp_path_factory.mktemp("teaching") / "my course"
    arguments = ["create", "hw1", "1.2", "2.3", "1.9", "--points", "2.3=4", "1.9=2.5"]
    assert create.main([*arguments, "--due", DUE, "--course", str(place)]) == 0
    nbgrader(place, "generate_assignment", "hw1")
    nbgrader(place, "release_assignment", "hw1")
    return place


def read(course: Path, step: str, name: str = "hw1") -> nbformat.NotebookNode:
    return nbformat.read(course / step / name / f"{name}.ipynb", as_version=4)


# every exercise


@pytest.mark.parametrize("key", coding_exercises())
def test_an_exercise_runs_alone_solved_and_open(key, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    made = notebook("hw1", {key: 10})
    assert run(made, solved_answers([key])) == {}
    raised = run(made, {})
    assert list(raised) == [f"ex-{key.replace('.', '-')}-check"]
    assert "not attempted yet" in str(*raised.values())


@pytest.mark.parametrize("key", all_tasks())
def test_text_names_its_section_and_ends_with_the_statement(key):
    text = extract(key).texts[0]
    assert re.match(r"From \[[^]]+, “[^”]+”\]\(https://\S+\.ipynb\)\.\n\n", text)
    assert text.count("### Exercise") == text.count(f"### Exercise {key} ") == 1
    assert not re.search("^## ", text, re.MULTILINE)


@pytest.mark.parametrize("hints", [True, False])
def test_the_whole_course_is_one_valid_notebook(hints):
    made = notebook("hw1", dict.fromkeys(all_tasks(), 10), hints=hints)
    nbformat.validate(made)
    MetadataValidator().validate_nb(made)
    texts = "\n".join(cell.source for cell in made.cells)
    assert "SOLUTION" not in texts
    assert ("<summary>Hint" in texts) == hints
    assert texts.count("<details>") == texts.count("</details>")
    roles = {cell.id: cell.metadata.get("nbgrader") for cell in made.cells}
    assert len(roles) == len(made.cells)
    assert [cell for cell, role in roles.items() if role is None] == ["names"]
    assert all(role["grade_id"] == cell for cell, role in roles.items() if role)


def test_mixed_weeks_bring_their_imports_where_the_notebook_changes(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    keys = ["2.3", "6.3", "2.4", "2.9", "2.5", "gallery.3", "affine_g2.1", "4.4"]
    made = notebook("hw1", dict.fromkeys(keys, 10))
    assert [c.id for c in made.cells if c.id.startswith("imports-")] == [
        "imports-week02",
        "imports-week06",
        "imports-week02-2",
        "imports-week07_conjecture_gallery",
        "imports-affine_g2",
        "imports-week04",
    ]
    assert [c.id for c in made.cells][3:11] == [
        *("imports-week02", "ex-2-3-text", "ex-2-3-answer", "ex-2-3-check"),
        *("imports-week06", "ex-6-3-text", "ex-6-3-context-1", "ex-6-3-answer"),
    ]
    assert run(made, solved_answers(keys)) == {}


def test_shared_context_stands_once(monkeypatch):
    def shared(key):
        return replace(extract(key), context=["shared = 1"])

    monkeypatch.setattr(assignment_notebook, "extract", shared)
    made = notebook("hw1", {"6.2": 10, "6.3": 10})
    assert [c.id for c in made.cells if c.source == "shared = 1"] == ["ex-6-2-context-1"]


def test_several_answer_cells_are_numbered():
    assert list(solved_answers(["5.1"])) == ["ex-5-1-answer", "ex-5-1-answer-2", "ex-5-1-answer-3"]


def test_definitions_of_the_section_come_along_and_other_text_is_folded():
    assert "**Definition.** Let $d_k(i)$" in extract("8.1").texts[0]
    assert "<details><summary>In the" not in extract("8.1").texts[0]
    assert "exactly the **convolutions**" in extract("2.3").texts[0]
    folded = extract("6.8").texts[0].partition("### Exercise")[0]
    assert folded.startswith("From [week 6, “8. Where does the network look?”]")
    assert "<details><summary>In the notebook, just before</summary>\n\nA vertex is" in folded


def test_text_tagged_for_an_exercise_comes_before_its_statement():
    (text,) = extract("6.3").texts
    assert text.index("\\tag{1}") < text.index("### Exercise 6.3")
    assert "In the notebook, just before" not in text
    (proof,) = extract("1.10").texts
    assert proof.index("**Theorem.**") < proof.index("### Exercise 1.10")
    assert "### Double descent" not in proof


# what nbgrader makes of it


def test_release_has_the_cells_of_the_source_with_stubs_intact(course):
    source, release = read(course, "source"), read(course, "release")
    assert [(c.id, c.source) for c in release.cells] == [(c.id, c.source) for c in source.cells]
    MetadataValidator().validate_nb(release)
    answer = next(c for c in release.cells if c.id == "ex-2-3-answer")
    stub = '    raise NotImplementedError("Exercise 2.3")  # replace this line'
    assert answer.source == f"def convolution_matrix(h):\n{stub}"
    assert (course / "exchange/mlwm/outbound/hw1/hw1.ipynb").exists()


def test_only_names_and_answers_can_be_edited(course):
    cells = read(course, "release").cells
    editable = [cell.id for cell in cells if cell.metadata.get("editable", True)]
    assert editable == ["names", "ex-1-2-answer", "ex-2-3-answer", "ex-1-9-answer"]


def test_points_stand_in_gradebook_title_and_secrets(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        found = book.find_assignment("hw1")
        points = {cell.name: cell.max_score for cell in found.notebooks[0].grade_cells}
    assert points == {"ex-1-2-check": 10, "ex-2-3-check": 4, "ex-1-9-answer": 2.5}
    assert (
        "| 1.9 ★★ | Descent stays in the row space | 15 | 2.5 |"
        in read(course, "source").cells[0].source
    )
    hidden = json.loads((course / "secrets/hw1.json").read_text())
    assert hidden["assignment"] == "hw1"
    assert {k: e["points"] for k, e in hidden["exercises"].items()} == {
        "1.2": 10,
        "2.3": 4,
        "1.9": 2.5,
    }


def test_the_due_date_survives_generate_assignment(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        assert book.find_assignment("hw1").duedate == datetime(2026, 12, 1, 11, 0)
    assert "**Due:** 2026-12-01 11:00 UTC." in read(course, "source").cells[0].source


def test_a_proof_is_a_text_answer_that_people_grade(course):
    answer = read(course, "release").cells[-1]
    assert (answer.id, answer.cell_type) == ("ex-1-9-answer", "markdown")
    assert answer.source == "*Your answer here.*"
    assert "Your text for 1.9 is read by people" in read(course, "release").cells[0].source


def test_nbgrader_validate_accepts_the_solved_copy_and_names_open_checks(course, tmp_path):
    release = read(course, "release")
    nbformat.write(release, tmp_path / "open.ipynb")
    answers = solved_answers(["1.2", "2.3"]) | {"ex-1-9-answer": "Every step adds a vector of"}
    for cell in release.cells:
        cell.source = answers.get(cell.id, cell.source)
    nbformat.write(release, tmp_path / "solved.ipynb")
    assert "Success! Your notebook passes all the tests" in nbgrader(
        tmp_path, "validate", "solved.ipynb"
    )
    said = nbgrader(tmp_path, "validate", "open.ipynb")
    assert "VALIDATION FAILED ON 3 CELL(S)" in said
    assert 'topological_order = check("1.2"' in said
    assert 'convolution_matrix = check("2.3"' in said


# seeds


def seeds(course: Path, name: str) -> list[int]:
    hidden = json.loads((course / "secrets" / f"{name}.json").read_text())
    return [entry["seed"] for entry in hidden["exercises"].values()]


def test_seeds_are_the_owners_alone_and_nowhere_else(course):
    assert stat.S_IMODE((course / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((course / "secrets/hw1.json").stat().st_mode) == 0o600
    assert {p.name for p in (course / "secrets").iterdir()} == {"hw1.json"}
    elsewhere = [p for p in course.rglob("*") if p.is_file() and p.parent.name != "secrets"]
    assert {"hw1.ipynb", "gradebook.db", "nbgrader_config.py"} <= {p.name for p in elsewhere}
    for seed in seeds(course, "hw1"):
        for text in (str(seed), f"{seed:x}"):
            assert not [p for p in elsewhere if text.encode() in p.read_bytes()]


def test_seeds_are_drawn_anew_and_an_open_folder_is_closed(tmp_path):
    (tmp_path / "secrets").mkdir(mode=0o755)
    drawn = []
    for name in ("hw1", "hw2"):
        assert create.main(["create", name, "1.2", "2.3", "--course", str(tmp_path)]) == 0
        drawn += seeds(tmp_path, name)
    assert len(set(drawn)) == 4
    assert all(2**100 < seed < 2**128 for seed in drawn)  # fails once in 2**26 runs
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


# wrong use

WRONG_USE = {
    "an unknown exercise": ("hw2 2.99", "no exercise '2.99'; there are: 2.1, 2.2, 2.3"),
    "an unknown week": ("hw2 42.1", "no exercise '42.1'; there are: 1.1, 2.1"),
    "an exercise twice": ("hw2 1.2 2.3 1.2", "1.2 twice"),
    "no exercise": ("hw2", "name at least one"),
    "no name": ("", "required: name"),
    "a path for a name": ("../hw2 1.2", "got '../hw2'"),
    "a name with a dot": ("hw.2 1.2", "got 'hw.2'"),
    "a name with a newline": (["hw2\n", "1.2"], r"got 'hw2\n'"),
    "a long name": (f"{65 * 'h'} 1.2", "64"),
    "a name that begins with a dash": (["--", "-hw2", "1.2"], "got '-hw2'"),
    "points for an exercise not picked": ("hw2 1.2 --points 2.3=4", "got '2.3=4'"),
    "negative points": ("hw2 1.2 --points 1.2=-4", "got '-4'"),
    "infinite points": (f"hw2 1.2 --points 1.2={400 * '9'}", "points of 1.2 must be a number"),
    "points in words": ("hw2 1.2 --points 1.2=four", "got 'four'"),
    "points that are nan": ("hw2 1.2 --points 1.2=nan", "got 'nan'"),
    "points without a number": ("hw2 1.2 --points 1.2", "got ''"),
    "a bad date": ("hw2 1.2 --due 2026-13-01", "got '2026-13-01'"),
    "a date in words": ("hw2 1.2 --due tomorrow", "got 'tomorrow'"),
    "a date before all dates": ("hw2 1.2 --due 0001-01-01T00:00+05:00", "due must be"),
    "an assignment that exists": ("hw1 1.2", "hw1 exists"),
    "an unknown option": ("hw2 1.2 --point 1.2=4 --colour", "--colour"),
}


@pytest.mark.parametrize("arguments", WRONG_USE)
def test_wrong_use_is_one_line_and_changes_nothing(arguments, course, capsys):
    given, message = WRONG_USE[arguments]
    given = given.split() if isinstance(given, str) else given
    before = listing(course)
    assert create.main(["create", "--course", str(course), *given]) == 2
    assert listing(course) == before
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("assignment: ")
    assert message in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("place", ["secrets/hw1.json", "release/hw1", "source/hw1"])
def test_an_assignment_exists_when_a_part_of_it_does(place, tmp_path, capsys):
    (tmp_path / place).parent.mkdir()
    (tmp_path / place).symlink_to("nowhere")
    assert create.main(["create", "hw1", "1.2", "--course", str(tmp_path)]) == 2
    assert capsys.readouterr().err.rstrip().endswith(f"assignment hw1 exists: {tmp_path / place}")
    assert len(list(tmp_path.rglob("*"))) == 2


def test_wrong_use_makes_no_course(tmp_path):
    assert create.main(["create", "hw1", "2.99", "--course", str(tmp_path / "new")]) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_course_directory_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert create.main(["create", "hw1", "1.2", "--course", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"


def test_the_command_itself_shows_no_traceback():
    command = [sys.executable, "-m", "tools.assignment", "create", "hw1", "2.99"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


BROKEN = {
    "gradebook.db": "no database, but long enough for one to look at its first bytes: " + 99 * "x",
    "nbgrader_config.py": "c = get_config(",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_was_made_goes_when_the_gradebook_fails(name, tmp_path, capsys):
    (tmp_path / name).write_text(BROKEN[name])
    before = listing(tmp_path)
    arguments = ["create", "hw1", "1.2", "--due", DUE, "--course", str(tmp_path)]
    assert create.main(arguments) == 2
    assert listing(tmp_path) == before
    said = capsys.readouterr().err
    assert "the due date does not go into the gradebook" in said
    assert said.count("\n") == 1


def test_a_course_of_ones_own_keeps_its_configuration(tmp_path):
    own = create.CONFIG.replace('"mlwm"', '"algebra"')
    (tmp_path / "nbgrader_config.py").write_text(own)
    arguments = ["create", "hw1", "1.2", "--due", DUE, "--course", str(tmp_path)]
    assert create.main(arguments) == 0
    assert (tmp_path / "nbgrader_config.py").read_text() == own
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        assert book.find_assignment("hw1").course_id == "algebra"


# dates

DATES = {
    "2026-12-01T12:00": datetime(2026, 12, 1, 12, 0),
    "2026-12-01 12:00": datetime(2026, 12, 1, 12, 0),
    "2026-12-01T12:00Z": datetime(2026, 12, 1, 12, 0),
    "2026-12-01T00:30+01:00": datetime(2026, 11, 30, 23, 30),
    "2026-12-01": datetime(2026, 12, 1, 23, 59),
}


@pytest.mark.parametrize("text", DATES)
def test_dates_are_utc_unless_they_say_otherwise(text):
    assert create.read_due(text) == DATES[text]
