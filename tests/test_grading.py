"""Marks of a class: right, half right, open, late, marked again. The hostile: test_hostile.py."""

import ast
import json
import re
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course_utils import checks
from tests import classroom
from tests.support import coding_exercises, sandbox_places
from tools import workbook
from tools.assignment.notebook import notebook, solved_answers
from tools.grading import judge, release, sandbox, submissions

KEYS = ("1.2", "2.4", "2.9")
RIGHT = solved_answers(["1.2", "2.4"])
WITHOUT_SQUARES = """
def mobius(n):
    primes = [p for p in range(2, n + 1) if n % p == 0 and all(p % q for q in range(2, p))]
    return (-1) ** len(primes)
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with one graded assignment: two coding exercises and a proof."""
    course = tmp_path_factory.mktemp("courses") / "course"
    classroom.release(course, "hw1", *KEYS)
    classroom.hand_in(course, "hw1", "perfect", RIGHT | {"ex-2-9-answer": "Since $a < b$."})
    classroom.hand_in(course, "hw1", "half", RIGHT | {"ex-2-4-answer": WITHOUT_SQUARES})
    classroom.hand_in(course, "hw1", "open", {})
    classroom.grade(course, "hw1")
    return course


def test_marks_are_the_share_of_secret_instances(course):
    marks = classroom.marks(course, "hw1")
    assert marks["perfect"] == {"ex-1-2-check": 10, "ex-2-4-check": 10, "ex-2-9-answer": 0}
    assert marks["open"] == {"ex-1-2-check": 0, "ex-2-4-check": 0, "ex-2-9-answer": 0}
    seed = release.read_release(course, "hw1").seeds["2.4"]
    namespace: dict = {}
    exec(WITHOUT_SQUARES, namespace)
    exercise, texts = checks.exercise("2.4"), judge.instances("2.4", seed)
    answers = [checks.attempt(exercise, namespace["mobius"], t, 9.0, [])[0] for t in texts]
    right = [checks.complaint(exercise, t, a) is None for t, a in zip(texts, answers, strict=True)]
    assert 0 < sum(right) < len(right)
    assert marks["half"]["ex-2-4-check"] == round(10 * sum(right) / len(right), 2)
    comment = classroom.comments(course, "hw1", "half")["ex-2-4-answer"]
    assert comment.startswith(f"{sum(right)} of {len(right)} instances right. First wrong: mobius(")
    assert classroom.comments(course, "hw1", "open")["ex-2-4-answer"] == "Not attempted."


def test_a_proof_waits_for_a_person_and_keeps_its_text(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("ex-2-9-answer", "hw1", "hw1", "perfect")
        assert grade.needs_manual_grade
        assert grade.auto_score is None
    text = (course / "autograded" / "perfect" / "hw1" / "hw1.ipynb").read_text()
    shown = {c["id"]: "".join(c["source"]) for c in json.loads(text)["cells"]}
    assert shown["ex-2-9-answer"] == f"Since $a <{submissions.HIDDEN} b$."
    assert shown["ex-2-4-answer"] == RIGHT["ex-2-4-answer"]


def test_grading_again_changes_nothing_and_keeps_manual_marks(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for cell, student in (("ex-2-9-answer", "perfect"), ("ex-2-4-check", "half")):
            grade = gradebook.find_grade(cell, "hw1", "hw1", student)
            grade.manual_score, grade.needs_manual_grade = 7, False
        gradebook.db.commit()
    before = dump(course)
    classroom.grade(course, "hw1")
    classroom.grade(course, "hw1", "--again", "--workers", "1")
    assert dump(course) == before
    assert classroom.marks(course, "hw1")["half"]["ex-2-4-check"] == 7


def test_a_new_submission_replaces_the_automatic_mark_and_asks_for_a_look(course):
    classroom.hand_in(course, "hw1", "half", RIGHT | {"ex-2-9-answer": "A proof."})
    classroom.grade(course, "hw1")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("ex-2-4-check", "hw1", "hw1", "half")
        assert (grade.auto_score, grade.manual_score) == (10, 7)
        assert grade.needs_manual_grade


def dump(course):
    """Return every table of the gradebook, as text."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        lines = gradebook.engine.raw_connection().driver_connection.iterdump()
        return sorted(line for line in lines if line.startswith("INSERT"))


def test_late_penalties_are_those_of_nbgrader(tmp_path):
    course = tmp_path / "course"
    words = ("-m", "tools.assignment", "create", "hw1", "2.4", "--due", "2026-01-01T12:00")
    classroom.call(sys.executable, *words, "--course", str(course))
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    classroom.call("nbgrader", "generate_assignment", "hw1", cwd=course)
    for student, day in (("early", "2025-12-31"), ("late", "2026-01-02")):
        path = classroom.hand_in(course, "hw1", student, RIGHT)
        path.with_name("timestamp.txt").write_text(f"{day} 10:00:00 UTC")
    classroom.grade(course, "hw1")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        found = {
            student: gradebook.find_submission_notebook("hw1", "hw1", student)
            for student in ("early", "late")
        }
        kept = {s: (n.score, n.late_submission_penalty) for s, n in found.items()}
    assert kept == {"early": (10, None), "late": (10, 10)}


def test_a_killed_run_is_taken_up_where_it_was(course):
    for number in range(6):
        classroom.hand_in(course, "hw1", f"more{number}", RIGHT | {"names": str(number)})
    words = [sys.executable, "-m", "tools.grading", "grade", "hw1", "--workers", "1"]
    words += ["--course", str(course)]
    run = subprocess.Popen(words, env=classroom.ENVIRONMENT, stderr=subprocess.DEVNULL)
    kept = course / "marks" / "hw1"
    while run.poll() is None and not (kept / "more1.json").exists():
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    done = {path.name: path.stat().st_mtime_ns for path in kept.glob("more*.json")}
    assert 2 <= len(done) < 6
    classroom.grade(course, "hw1")
    marks = classroom.marks(course, "hw1")
    assert all(marks[f"more{n}"]["ex-2-4-check"] == 10 for n in range(6))
    assert all((kept / name).stat().st_mtime_ns == when for name, when in done.items())


def test_a_worker_killed_in_mid_run_loses_nothing(tmp_path):
    course = tmp_path / "course"
    classroom.release(course, "hw1", "1.2", "2.4")
    students = [f"student{n:02d}" for n in range(12)]
    slow = "import time\ntime.sleep(1)\n" + RIGHT["ex-2-4-answer"]
    for student in students:
        classroom.hand_in(course, "hw1", student, RIGHT | {"ex-2-4-answer": slow})
    quiet = {"env": classroom.ENVIRONMENT, "cwd": workbook.ROOT, "stderr": subprocess.DEVNULL}
    address = f"tcp://127.0.0.1:{free_port()}"
    dask = [sys.executable, "-m", "dask"]
    port = address.rpartition(":")[2]
    started = [
        subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", port], **quiet)
    ]
    worker = [*dask, "worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard"]
    started += [subprocess.Popen(worker, **quiet) for _ in range(3)]
    words = [sys.executable, "-m", "tools.grading", "grade", "hw1", "--scheduler", address]
    run = subprocess.Popen([*words, "--course", str(course)], text=True, **quiet | {"stdout": -1})
    try:
        while run.poll() is None and len(list((course / "marks").rglob("*.json"))) < 2:
            time.sleep(0.05)
        assert run.poll() is None, "the run ended before a worker could be killed"
        started[1].kill()
        printed, _ = run.communicate(timeout=300)
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert run.returncode == 0
    assert printed.strip() == "12 of 12 submissions of hw1 bear marks"
    marks = classroom.marks(course, "hw1")
    assert marks == {s: {"ex-1-2-check": 10, "ex-2-4-check": 10} for s in students}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.parametrize("stem", [path.stem for path in workbook.sources()])
def test_the_course_s_own_answers_get_full_marks_in_the_sandbox(stem, places):
    keys = [key for key, path in coding_exercises().items() if path.stem == stem]
    plan, by_hand = release.plan(notebook("hw", dict.fromkeys(keys, 10.0)))
    assert [step["key"] for step in plan] == keys
    assert by_hand == []
    seeds = dict.fromkeys(keys, 20_221)
    known = {"plan": plan, "seeds": seeds, "timeout": None, "sandbox": True}
    marks = judge.judge(known, solved_answers(keys), places)
    assert {k: m["comment"] for k, m in marks.items() if m["passed"] < m["total"]} == {}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return sandbox_places(tmp_path_factory)


def test_an_answer_may_use_what_an_earlier_exercise_imported(places):
    keys = ["1.2", "2.4"]
    plan, _ = release.plan(notebook("hw", dict.fromkeys(keys, 10.0)))
    assert "import math" in plan[0]["prelude"][0]
    assert not re.search(r"^import math", plan[1]["prelude"][0], re.MULTILINE)
    known = {"plan": plan, "seeds": dict.fromkeys(keys, 1), "timeout": None, "sandbox": True}
    text = RIGHT["ex-2-4-answer"].replace("isqrt", "math.isqrt")
    assert "math.isqrt" in text
    marks = judge.judge(known, RIGHT | {"ex-2-4-answer": text}, places)
    assert marks["2.4"]["passed"] == marks["2.4"]["total"]


def test_the_sandbox_s_package_has_probes_and_no_answers(places):
    copy = places[0] / "course_utils"
    assert not list(copy.rglob("solutions"))
    for path in (copy / "exercises").glob("*.py"):
        text = path.read_text()
        assert "Exercise(" in text or path.name == "__init__.py"
        assert "assert " not in text, f"{path.name} still verifies"
        assert "rng.integers" not in text or "_probe" in text
    names = {n for m in (copy / "exercises").glob("*.py") for n in defined(m.read_text())}
    answers = {
        n for text in solved_answers(list(coding_exercises())).values() for n in defined(text)
    }
    assert names & answers == set()


def defined(text):
    return {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}


def test_without_bubblewrap_it_refuses_and_says_how(course, monkeypatch):
    monkeypatch.setitem(classroom.ENVIRONMENT, "PATH", str(workbook.ROOT))
    words = ("-m", "tools.grading", "grade", "hw1", "--course", str(course))
    run = classroom.call(sys.executable, *words, status=2)
    assert run.stderr.strip() == sandbox.MISSING


def test_no_sandbox_gives_the_same_marks(course):
    before = classroom.marks(course, "hw1")
    classroom.grade(course, "hw1", "--no-sandbox", "--again")
    assert classroom.marks(course, "hw1") == before


def test_a_course_inside_what_answers_read_is_refused():
    with pytest.raises(workbook.WorkbookError, match="/usr"):
        sandbox.require(Path("/usr/share/course"))


def test_similarity_sees_through_names_and_layout(tmp_path):
    course = tmp_path / "course"
    classroom.release(course, "hw1", "2.4")
    own = RIGHT["ex-2-4-answer"]
    renamed = "# my own work\n" + re.sub(r"\bn\b", "number", own)
    for student, text in (("anna", own), ("bert", renamed), ("carl", WITHOUT_SQUARES)):
        classroom.hand_in(course, "hw1", student, {"ex-2-4-answer": text})
    classroom.hand_in(course, "hw1", "dora", {})
    classroom.hand_in(course, "hw1", "emil", {})
    words = ("-m", "tools.grading", "similarity", "hw1", "--course", str(course))
    run = classroom.call(sys.executable, *words)
    assert run.stdout.splitlines() == ["2.4: anna and bert: 100 %"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["grade", "hw9"], "no assignment 'hw9'"),
        (["grade", "hw1", "--workers", "0"], "must be a whole number >= 1"),
        (["grade", "hw1", "--timeout", "nan"], "must be seconds > 0"),
        (
            ["grade", "hw1", "--again", "--scheduler", "tcp://127.0.0.1:9"],
            "no Dask scheduler answers",
        ),
        (["grade"], "required: name"),
        (["similarity", "hw9"], "no assignment 'hw9'"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(course, words, says):
    run = classroom.call(
        *(sys.executable, "-m", "tools.grading", *words, "--course", str(course)), status=2
    )
    lines = [line for line in run.stderr.splitlines() if line and "notebook/s" not in line]
    assert len(lines) == 1
    assert says in lines[0]


def test_an_interrupted_run_ends_at_once_and_keeps_what_it_has(tmp_path):
    course = tmp_path / "course"
    classroom.release(course, "hw1", "2.4")
    slow = "import time\ntime.sleep(3)\n" + RIGHT["ex-2-4-answer"]
    for number in range(6):
        classroom.hand_in(course, "hw1", f"student{number}", {"ex-2-4-answer": slow})
    words = [sys.executable, "-m", "tools.grading", "grade", "hw1", "--course", str(course)]
    quiet = {"env": classroom.ENVIRONMENT, "cwd": workbook.ROOT, "stderr": subprocess.PIPE}
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a background job ignores it
    run = subprocess.Popen(words, text=True, start_new_session=True, preexec_fn=heard, **quiet)
    while run.poll() is None and not list((course / "marks").rglob("*.json")):
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 1
    assert said.strip().endswith("interrupted; what was marked is kept, run it again to go on")
    assert "Traceback" not in said
    assert 1 <= len(list((course / "marks").rglob("*.json"))) < 6
