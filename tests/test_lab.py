"""`make lab` copies what is new and never touches what a reader changed."""

import hashlib
import json
import re
import subprocess
import sys
import time

import pytest

from tests.support import ROOT
from tools import lab, links, workbook
from tools.builder.outputs import load
from tools.builder.source import METADATA
from tools.lab import copy_notebooks


@pytest.fixture
def folders(tmp_path):
    notebooks, my = tmp_path / "notebooks", tmp_path / "my"
    (notebooks / "extras").mkdir(parents=True)
    (notebooks / "week01.ipynb").write_text("one")
    (notebooks / "extras" / "parity.ipynb").write_text("parity")
    return notebooks, my


def test_new_notebooks_are_copied(folders):
    notebooks, my = folders
    assert copy_notebooks(notebooks, my) == []
    assert (my / "week01.ipynb").read_text() == "one"
    assert (my / "extras" / "parity.ipynb").read_text() == "parity"


def test_a_changed_notebook_stays_and_the_reader_is_told_how_to_see_what_is_new(folders):
    notebooks, my = folders
    copy_notebooks(notebooks, my)
    (my / "week01.ipynb").write_text("one, with my answers")
    assert copy_notebooks(notebooks, my) == []
    (notebooks / "week01.ipynb").write_text("one, revised")
    messages = copy_notebooks(notebooks, my)
    assert (my / "week01.ipynb").read_text() == "one, with my answers"
    assert len(messages) == 1
    assert "nbdiff -s my/week01.ipynb notebooks/week01.ipynb" in messages[0]


def test_an_unchanged_copy_follows_the_course(folders):
    notebooks, my = folders
    copy_notebooks(notebooks, my)
    (notebooks / "week01.ipynb").write_text("one, revised")
    assert copy_notebooks(notebooks, my) == []
    assert (my / "week01.ipynb").read_text() == "one, revised"


def test_a_file_that_was_there_before_is_never_overwritten(folders):
    notebooks, my = folders
    my.mkdir()
    (my / "week01.ipynb").write_text("my own file of this name")
    messages = copy_notebooks(notebooks, my)
    assert (my / "week01.ipynb").read_text() == "my own file of this name"
    assert len(messages) == 1


def test_a_lost_copy_is_made_again(folders):
    notebooks, my = folders
    copy_notebooks(notebooks, my)
    (my / "week01.ipynb").unlink()
    copy_notebooks(notebooks, my)
    assert (my / "week01.ipynb").read_text() == "one"


def test_make_alone_lists_the_targets():
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "lab", "test", "notebooks", "check", "instructor", "site", "bench"):
        assert f"make {target} " in shown


# --- notebooks that were opened, run or written in


def code(source, outputs=(), count=None):
    return {
        "cell_type": "code",
        "execution_count": count,
        "id": "c" + hashlib.sha256(source.encode()).hexdigest()[:7],
        "metadata": {},
        "outputs": [{"name": "stdout", "output_type": "stream", "text": [o]} for o in outputs],
        "source": source.splitlines(keepends=True),
    }


def text(source):
    return {"cell_type": "markdown", "id": "t", "metadata": {}, "source": [source]}


def notebook(*cells, **metadata):
    whole = {"cells": cells, "metadata": metadata or METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole)


OURS = notebook(text("Read."), code("f = 1\nf", ["1"], 1))
REVISED = notebook(text("Read on."), code("f = 1\nf", ["1"], 1))


@pytest.fixture
def course(tmp_path):
    notebooks, my = tmp_path / "notebooks", tmp_path / "my"
    notebooks.mkdir()
    (notebooks / "week01.ipynb").write_text(OURS)
    copy_notebooks(notebooks, my)
    return notebooks, my


def change(my, act):
    """Let `act` change the copy's content, and write it as JupyterLab does."""
    place = my / "week01.ipynb"
    content = json.loads(place.read_text())
    act(content)
    place.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    return place.read_bytes()


def opened(content):
    content["metadata"]["kernelspec"]["display_name"] = "Python 3 (a newer ipykernel)"
    content["metadata"]["language_info"]["version"] = "3.99.0"
    content["metadata"]["widgets"] = {}
    content["cells"][1]["source"] = "".join(content["cells"][1]["source"])


def ran(content):
    content["cells"][1]["execution_count"] = 7
    content["cells"][1]["outputs"][0]["text"] = ["mine"]


def dated(my):
    return sorted(p.name for p in my.glob("week01.2*.ipynb"))


def test_a_notebook_that_was_only_opened_follows_the_course(course):
    notebooks, my = course
    change(my, opened)
    assert copy_notebooks(notebooks, my) == []
    (notebooks / "week01.ipynb").write_text(REVISED)
    assert copy_notebooks(notebooks, my) == []
    assert "Read on." in (my / "week01.ipynb").read_text()
    assert dated(my) == []


def test_outputs_are_replaced_only_with_a_dated_copy_beside(course):
    notebooks, my = course
    today = time.strftime("%Y-%m-%d")
    for count, word in enumerate(["Read on.", "Read more."], start=1):
        mine = change(my, ran)
        assert copy_notebooks(notebooks, my) == []  # the course is as it was: nothing to do
        assert (my / "week01.ipynb").read_bytes() == mine
        (notebooks / "week01.ipynb").write_text(OURS.replace("Read.", word))
        messages = copy_notebooks(notebooks, my)
        assert word in (my / "week01.ipynb").read_text()
        kept = f"week01.{today}.ipynb" if count == 1 else f"week01.{today}-2.ipynb"
        assert (my / kept).read_bytes() == mine
        assert len(messages) == 1
        assert kept in messages[0]
    assert len(dated(my)) == 2


def test_new_outputs_alone_replace_nothing_that_the_reader_ran(course):
    notebooks, my = course
    mine = change(my, ran)
    (notebooks / "week01.ipynb").write_text(OURS.replace('"1"', '"1.0"'))
    assert copy_notebooks(notebooks, my) == []
    assert (my / "week01.ipynb").read_bytes() == mine
    assert dated(my) == []


WRITTEN = {
    "code": lambda c: c["cells"][1].update(source=["f = 2\n", "f"]),
    "a word of prose": lambda c: c["cells"][0].update(source=["Read!"]),
    "a new cell": lambda c: c["cells"].append(code("g = 3")),
    "an empty new cell": lambda c: c["cells"].append(code("")),
    "a deleted cell": lambda c: c["cells"].pop(0),
    "another order": lambda c: c["cells"].reverse(),
    "another type": lambda c: c["cells"][1].update(cell_type="raw"),
    "a picture": lambda c: c["cells"][0].update(attachments={"a.png": {"image/png": "AA"}}),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_what_a_reader_wrote_stays(course, what):
    notebooks, my = course
    mine = change(my, WRITTEN[what])
    (notebooks / "week01.ipynb").write_text(REVISED)
    for _ in range(2):  # and it is said each time
        messages = copy_notebooks(notebooks, my)
        assert (my / "week01.ipynb").read_bytes() == mine
        assert "is yours and stays" in messages[0]


DAMAGED = [
    *(b"", b"{", b"[]", b"null", b"7", b"\xff\xfe\x00", b'{"week01.ipynb": 3}', b"[" * 100_000),
    *(b'{"week01.ipynb": {"written": 1}}', b'{"week01.ipynb": {"written": [], "rest": null}}'),
]


@pytest.mark.parametrize("record", DAMAGED, ids=lambda b: repr(b[:20]))
def test_a_damaged_record_counts_as_none_and_nothing_is_overwritten(course, record):
    notebooks, my = course
    (my / ".copied.json").write_bytes(record)
    assert copy_notebooks(notebooks, my) == []
    assert json.loads((my / ".copied.json").read_text())["week01.ipynb"]
    mine = change(my, WRITTEN["code"])
    (my / ".copied.json").write_bytes(record)
    (notebooks / "week01.ipynb").write_text(REVISED)
    assert len(copy_notebooks(notebooks, my)) == 1
    assert (my / "week01.ipynb").read_bytes() == mine


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cells": 3}', b'{"cells": [3]}'])
def test_a_damaged_notebook_of_the_reader_is_not_overwritten(course, content):
    notebooks, my = course
    (my / "week01.ipynb").write_bytes(content)
    (notebooks / "week01.ipynb").write_text(REVISED)
    assert len(copy_notebooks(notebooks, my)) == 1
    assert (my / "week01.ipynb").read_bytes() == content


def test_the_record_of_an_earlier_make_lab_is_understood(course):
    notebooks, my = course
    (my / "week01.ipynb").write_text(OURS)  # copied byte by byte
    old = {"week01.ipynb": hashlib.sha256(OURS.encode()).hexdigest()}
    (my / ".copied.json").write_text(json.dumps(old))
    (notebooks / "week01.ipynb").write_text(REVISED)
    assert copy_notebooks(notebooks, my) == []
    assert "Read on." in (my / "week01.ipynb").read_text()


# --- what JupyterLab can open from my/


def test_copies_carry_the_reader_s_python_and_the_notes(course):
    notebooks, my = course
    notes = notebooks.parent / "lecture_notes"
    (notes / "figures").mkdir(parents=True)
    (notes / "figures" / "one.png").write_bytes(b"png")
    (notes / "week01.md").write_text("![one](figures/one.png) [nb](../notebooks/week01.ipynb)\n")
    linked = notebook(text(f"See [it]({links.page('lecture_notes/week01.md')})."), code("f = 1"))
    (notebooks / "week01.ipynb").write_text(linked)
    assert copy_notebooks(notebooks, my) == []
    mine = json.loads((my / "week01.ipynb").read_text())
    assert mine["cells"][0]["source"] == ["See [it](lecture_notes/week01.md)."]
    assert mine["metadata"]["language_info"]["version"] == sys.version.split()[0]
    assert (my / "lecture_notes" / "figures" / "one.png").read_bytes() == b"png"
    note = (my / "lecture_notes" / "week01.md").read_text()
    assert note == "![one](figures/one.png) [nb](../week01.ipynb)\n"
    (my / "lecture_notes" / "week01.md").write_text("my remarks")
    (notes / "week01.md").write_text("a new version")
    assert len(copy_notebooks(notebooks, my)) == 1
    assert (my / "lecture_notes" / "week01.md").read_text() == "my remarks"


def test_every_link_of_the_course_s_copies_leads_to_a_file_in_my(tmp_path):
    my = tmp_path / "my"
    copy_notebooks(workbook.NOTEBOOKS, my)
    named = 0
    for place in [*my.glob("*.ipynb"), *my.glob("extras/*.ipynb")]:
        prose = [c.source for c in load(place).cells if c.cell_type == "markdown"]
        targets = re.findall(r"\]\(([\w./-]+\.(?:md|ipynb))[)#]", "\n".join(prose))
        assert links.page("lecture_notes/") not in "\n".join(prose)
        assert [t for t in targets if not (place.parent / t).is_file()] == []
        named += len(targets)
    assert named > 10
    for note in my.glob("lecture_notes/*.md"):
        shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", note.read_text(encoding="utf-8"))
        assert [s for s in shown if not (note.parent / s).is_file()] == []


def test_a_copy_has_the_bytes_that_jupyterlab_would_write(tmp_path):
    import nbformat

    copy_notebooks(workbook.NOTEBOOKS, tmp_path / "my")
    place = next((tmp_path / "my").glob("week02*.ipynb"))
    assert nbformat.writes(load(place)) + "\n" == place.read_text(encoding="utf-8")


# --- the command


@pytest.mark.parametrize(
    ("user", "arguments", "hinted"),
    [(0, [], True), (0, ["--allow-root"], False), (1000, [], False)],
)
def test_root_is_told_how_jupyterlab_starts(monkeypatch, tmp_path, capsys, user, arguments, hinted):
    started = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "MY", tmp_path / "my")
    monkeypatch.setattr(lab.os, "geteuid", lambda: user)
    monkeypatch.setattr(lab.os, "execv", lambda program, command: started.append(command))
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "week01.2026-01-01.ipynb").write_text("kept, and not what is opened")
    lab.main(arguments)
    assert ("LAB_ARGS=--allow-root" in capsys.readouterr().out) == hinted
    opened = started[0][3]
    assert opened == "my/" + next(workbook.NOTEBOOKS.glob("week01*.ipynb")).name


def test_a_folder_that_cannot_be_written_is_one_line(monkeypatch, tmp_path, capsys):
    (tmp_path / "my").write_text("a file where the folder should be")
    monkeypatch.setattr(lab, "MY", tmp_path / "my")
    assert lab.main([]) == 1
    assert capsys.readouterr().err.count("\n") == 1
