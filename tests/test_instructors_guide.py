"""The instructor's guide, followed to the letter: the commands below are read out of its text.

They run in a copy of the checkout whose environment is the one at hand: making one takes minutes
and is what `tests/test_environment.py` is for. Of the ten commands the first is left out (cloning),
and `jupyter lab` is started, asked and ended.
"""

import csv
import getpass
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests import classroom
from tests.support import ROOT
from tools.assignment.create import CONFIG
from tools.assignment.notebook import solved_answers
from tools.grading import judge, runner, sandbox, submissions

GUIDE = (ROOT / "lecture_notes" / "instructors.md").read_text(encoding="utf-8")
LEFT_BEHIND = (".git", ".venv", "build", "my", "course", "figures", "*.ipynb", "__pycache__", ".*")
WITHOUT_SQUARES = """\
def mobius(n):
    sign = 1
    for p in range(2, n + 1):
        if n % p == 0:
            n, sign = n // p, -sign
    return sign
"""
HOSTILE = """\
from course_utils import checks
checks.complaint = lambda *_: None

def mobius(n):
    return "<script>alert(1)</script>"
"""
RIGHT = solved_answers(["2.1", "2.4"])
PROOF = "The events $p^2 \\mid n$ are independent in the limit, so no square of $p \\le y$ …"
CLASS = {
    "ada": RIGHT | {"ex-2-9-answer": PROOF},
    "ben": RIGHT | {"ex-2-4-answer": WITHOUT_SQUARES},
    "cyd": {
        "ex-2-1-answer": "import os\nos._exit(0)",
        "ex-2-4-answer": HOSTILE,
        "ex-2-9-answer": "<script>alert(1)</script> By the above.",
        "title": "# hw1\n\n<script>alert(1)</script>",
    },
}


def section(title: str) -> str:
    """Return the text of the guide's section with this heading."""
    return re.split(r"^## ", GUIDE.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def blocks(title: str, language: str) -> list[str]:
    """Return the fenced blocks of a section in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", section(title), re.MULTILINE | re.DOTALL)


def commands(title: str) -> list[str]:
    """Return the lines of a section's shell blocks."""
    return [line for block in blocks(title, "bash") for line in block.splitlines()]


class Terminal:
    """One shell in which commands are typed one after the other; each must succeed."""

    def __init__(self, place: Path, home: Path) -> None:
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("COURSE_")}
        for name in ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PYTHONPATH"):
            self.environment.pop(name, None)
        self.environment |= {"HOME": str(home), "OMP_NUM_THREADS": "1"}
        self.shell = subprocess.Popen(
            ["bash"],
            cwd=place,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, command: str) -> str:
        """Run a command and return what it shows."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(
            f"{command} </dev/null\nstatus=$?; echo; echo end of command $status\n"
        )
        self.shell.stdin.flush()
        shown = ""
        for line in self.shell.stdout:
            if line.startswith("end of command "):
                assert line == "end of command 0\n", f"{command}\n{shown}"
                return shown
            shown += line
        raise AssertionError(f"the shell ended at {command}\n{shown}")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the checkout that takes the environment as it is."""
    place = tmp_path_factory.mktemp("guide") / "mlwm-workbook"
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    (place / ".venv").symlink_to(ROOT / ".venv")
    (place / "tools" / "environment.py").write_text("")
    makefile = (place / "Makefile").read_text()
    (place / "Makefile").write_text(makefile.replace(".venv/bin/python", sys.executable))
    return place


@pytest.fixture(scope="module")
def terminal(checkout):
    """A shell in the copy, with a home of its own."""
    home = checkout.parent / "home"
    home.mkdir()
    terminal = Terminal(checkout, home)
    yield terminal
    terminal.shell.kill()


def save(course: Path, student: str, answers: dict[str, str]) -> None:
    """Put a student's notebook where the guide says that the files of a class go."""
    notebook = classroom.handed_out(course, "hw1")
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    path = course / "downloaded" / "hw1" / "archive" / f"{student}_hw1.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))


def look_and_mark(course: Path, terminal: Terminal, command: str) -> None:
    """Start JupyterLab, see that the formgrader is there, and mark the proof as its page does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = course.parent.parent / "settings"
    settings.mkdir()
    (settings / "jupyter_server_config.py").write_text(
        "c.ServerApp.open_browser = False\nc.ServerApp.allow_root = True\n"
        f"c.ServerApp.port = {port}\nc.IdentityProvider.token = 'secret'\n"
    )
    environment = terminal.environment | {"JUPYTER_CONFIG_DIR": str(settings)}
    environment["PATH"] = classroom.ENVIRONMENT["PATH"]
    with open(settings / "log", "w") as log:
        words = ["bash", "-c", f"exec {command}"]
        server = subprocess.Popen(words, cwd=course, env=environment, stdout=log, stderr=log)

    def ask(path: str, data: dict | None = None) -> bytes:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/formgrader{path}",
            json.dumps(data).encode() if data else None,
            {"Authorization": "token secret"},
            method="PUT" if data else "GET",
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.read()

    try:
        end = time.monotonic() + 60
        while not answers(f"http://127.0.0.1:{port}/api/status") and time.monotonic() < end:
            time.sleep(0.2)
        assert b"formgrader" in ask("/manage_assignments"), (settings / "log").read_text()
        with classroom.Gradebook(f"sqlite:///{course}/gradebook.db") as book:
            entry = book.find_submission("hw1", "ada").notebooks[0]
            proof = next(grade for grade in entry.grades if grade.name == "ex-2-9-answer")
            assert proof.needs_manual_grade
            identity, page = proof.id, entry.id
        assert b"ex-2-9-answer" in ask(f"/submissions/{page}/?index=0")
        ask(f"/api/grade/{identity}", {"manual_score": 8})
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def answers(address: str) -> bool:
    """Tell whether a server answers, if only that it wants a token."""
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def grades(course: Path) -> dict[str, dict[str, str]]:
    """Return the rows of the exported table, by student."""
    with open(course / "grades.csv", newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


@pytest.mark.timeout(300)
def test_from_install_to_marks_in_ten_commands(checkout, terminal):
    clone, assignment, enter, generate, collect, grade, lab, *rest = commands(
        "From install to marks in ten commands"
    )
    assert len(rest) == 3
    assert clone.startswith("git clone")
    course = checkout / "course"
    terminal.type(assignment)
    terminal.type(enter)
    terminal.type(generate)
    for student, answers in CLASS.items():
        save(course, student, answers)
    terminal.type(collect)
    shown = terminal.type(grade)
    assert "3 of 3 submissions of hw1 bear marks" in shown
    marks = classroom.marks(course, "hw1")
    assert marks["ada"] == {"ex-2-1-check": 10, "ex-2-4-check": 10, "ex-2-9-answer": 0}
    assert marks["ben"]["ex-2-1-check"] == 10
    assert 0 < marks["ben"]["ex-2-4-check"] < 10
    assert set(marks["cyd"].values()) == {0}
    look_and_mark(course, terminal, lab)
    for command in rest:
        terminal.type(command)

    exported = grades(course)
    assert {s: float(row["score"]) for s, row in exported.items()} == {
        "ada": 28,
        "ben": pytest.approx(10 + marks["ben"]["ex-2-4-check"]),
        "cyd": 0,
    }
    pages = {s: (course / "feedback" / s / "hw1" / "hw1.html").read_text() for s in CLASS}
    assert "mobius(4) returned 1, expected 0: 4 divides 4" in pages["ben"] or (
        "mobius(4) returned -1, expected 0: 4 divides 4" in pages["ben"]
    )
    with zipfile.ZipFile(course / "feedback.zip") as file:
        assert {f"feedback/{s}/hw1/hw1.html" for s in CLASS} <= set(file.namelist())
    assert "<script>alert" not in pages["cyd"]
    assert "&lt;script&gt;alert(1)" in pages["cyd"]
    assert "mobius(1) returned &#39;&#60;script&#62;" in pages["cyd"] or (
        "mobius(1) returned '&lt;script&gt;" in pages["cyd"]
    )


@pytest.mark.timeout(300)
def test_late_work_and_the_exchange(checkout, terminal):
    course, home = checkout / "course", checkout.parent / "home"
    zero, by_day = blocks("How marks come about", "python")
    config = (course / "nbgrader_config.py").read_text()
    (course / "submitted" / "ben" / "hw1" / "timestamp.txt").write_text("2026-12-03 12:00:00 UTC\n")
    (course / "nbgrader_config.py").write_text(f"{config}\n{by_day}")
    assert f"# {zero}" in config

    (home / ".jupyter").mkdir(exist_ok=True)
    (home / ".jupyter" / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'mlwm'\n"
        f"c.Exchange.root = {str(course / 'exchange')!r}\n"
    )
    release, work, mark, read = blocks("Students on the same machine", "bash")
    terminal.type(release.strip())
    terminal.type("cd ~")
    for command in work.splitlines():
        terminal.type(command)
    terminal.type("cd - >/dev/null")
    *first, give_back = mark.splitlines()
    for command in first:
        terminal.type(command)
    me = getpass.getuser()
    terminal.type(f"{give_back} --student={me}")
    terminal.type("cd ~")
    terminal.type(read.strip())
    assert len(list((home / "hw1" / "feedback").glob("*/hw1.html"))) == 1
    terminal.type("cd - >/dev/null")

    with classroom.Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        ben = book.find_submission("hw1", "ben")
        assert ben.late_submission_penalty == pytest.approx(ben.score / 10)
        assert book.find_submission("hw1", "ada").score == 28


def test_zero_is_a_rule_that_nbgrader_knows(checkout):
    from nbgrader.plugins import LateSubmissionPlugin

    zero, _ = blocks("How marks come about", "python")
    value = zero.split('"')[1]
    assert LateSubmissionPlugin(penalty_method=value).late_submission_penalty("ben", 15.0, 1) == 15


@pytest.mark.timeout(300)
def test_an_exercise_of_ones_own(checkout, terminal):
    title = "Write your own exercise"
    for name, text in re.findall(
        r"`([\w/]+/mine\.py)`:\n\n```python\n(.*?)^```$", section(title), re.M | re.S
    ):
        (checkout / name).write_text(text)
    terminal.type(f"cd {checkout}")
    matrix, assignment = commands(title)
    assert re.search(r"\b9 passed", terminal.type(matrix))
    terminal.type(assignment)
    released = checkout / "course" / "source" / "hw2" / "hw2.ipynb"
    assert 'check("mine.1", liouville)' in released.read_text().replace('\\"', '"')
    terminal.type("ruff check course_utils/exercises/mine.py tests/wrong_answers/mine.py")
    terminal.type(
        "ruff format --check course_utils/exercises/mine.py notebooks/source/extras/mine.py"
    )


def test_similarity_is_asked_in_the_checkout(checkout, terminal):
    terminal.type(f"cd {checkout}")
    (command,) = commands("What public solutions mean")
    assert "2.4: ada and ben" in terminal.type(f"{command} --least 60")


def test_marks_from_a_cluster(checkout, terminal):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    scheduler, workers, grade = (
        command.replace("8786", port).replace("HOST", "127.0.0.1")
        for command in commands("Big classes")
    )
    environment = terminal.environment | {"PATH": classroom.ENVIRONMENT["PATH"]}
    place = {"cwd": checkout, "env": environment, "stdout": subprocess.DEVNULL}
    place["stderr"] = subprocess.DEVNULL
    started = [
        subprocess.Popen([*f"{command} --no-dashboard".split()], **place)
        for command in (scheduler, workers)
    ]
    try:
        terminal.type(f"cd {checkout}")
        assert re.search(r"\b(\d) of \1 submissions", terminal.type(f"{grade} --again"))
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize(
    ("file", "student"),
    [
        ("ada_hw1.ipynb", "ada"),
        ("ada_2026-12-03-12-00-00_hw1.ipynb", "ada"),
        ("Ada Lovelace_4711_assignsubmission_file/hw1.ipynb", "4711"),
        ("lovelaceada_LATE_4711_90125_hw1-2.ipynb", "lovelaceada"),
    ],
)
def test_file_names_are_taken_apart(file, student):
    from nbgrader.plugins import FileNameCollectorPlugin

    rows = re.findall(r"^\| .*?`(.*?)` \| `r\"(.*)\"` \|$", GUIDE, re.MULTILINE)
    expression = dict(rows)[file]
    found = FileNameCollectorPlugin(named_regexp=expression).collect(f"/course/extracted/{file}")
    assert (found["student_id"], found["file_id"]) == (student, "hw1")
    assert found.get("timestamp", "2026-12-03-12-00-00") == "2026-12-03-12-00-00"


def test_no_expression_takes_a_macs_notes_for_a_notebook():
    from nbgrader.plugins import FileNameCollectorPlugin

    rows = re.findall(r"^\| .*?`(.*?)` \| `r\"(.*)\"` \|$", GUIDE, re.MULTILINE)
    assert len(rows) == 4
    for file, expression in rows:
        folder, _, name = file.rpartition("/")
        hidden = Path("/course/extracted/__MACOSX") / folder / f"._{name}"
        assert FileNameCollectorPlugin(named_regexp=expression).collect(str(hidden)) is None
    assert rows[0][1] in CONFIG


def test_the_limits_are_those_of_the_code():
    text = section("What to trust")
    for figure in (
        f"{sandbox.MEMORY >> 30} GiB of memory",
        f"{sandbox.PROCESSES} processes",
        f"{runner.OPEN_FILES} open files",
        f"files of {runner.FILE_SIZE >> 20} MiB",
        f"folder of {sandbox.PRIVATE >> 20} MiB",
        f"at most {sandbox.REPORT >> 20} MiB",
        f"seconds and {sandbox.GRACE:g} more",
        f"a notebook of {submissions.LARGEST // 10**6} MB",
        f"an answer of {submissions.LONGEST_ANSWER} characters",
        f"{judge.VERIFYING:g} seconds for one answer",
    ):
        assert figure in text, figure
