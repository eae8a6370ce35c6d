"""A class of hostile, broken and odd submissions beside two honest students, graded in one run.

Each of `tests.hostile.CASES` gets the marks that it deserves and a comment that says what happened,
the honest get theirs, nothing is left behind, and no page runs what a student wrote.
"""

import html
import re
import socket
import time
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

import psutil
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config import Config

from tests import classroom
from tests.hostile import CASES, HONEST, KEYS, NAMELESS, PAGES, RIGHT, pages
from tests.test_browser import CHROMIUM, FLAGS, need_chromium
from tools.grading import sandbox

WORD = "SECRET-of-the-grader"  # in the grader's environment; no answer may see it


@dataclass
class Graded:
    """What is left of the run."""

    course: Path
    temporary: Path
    output: str
    marks: dict[str, dict[str, float]]
    comments: dict[str, dict[str, str]]
    connections: int


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Graded:
    course = tmp_path_factory.mktemp("hostile") / "course"
    temporary = tmp_path_factory.mktemp("temporary")
    classroom.release(course, "hw1", *KEYS, "1.9")
    tcp = socket.create_server(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(f"\0mlwm-{tcp.getsockname()[1]}")
    unix.listen()
    port = tcp.getsockname()[1]
    for student, case in (CASES | HONEST).items():
        answers = RIGHT | {
            cell: text.replace("PORT", str(port)).replace("NAME", f"mlwm-{port}")
            for cell, text in case.answers.items()
        }
        path = classroom.hand_in(course, "hw1", student, answers, case.edit)
        if case.disk:
            case.disk(path)
    classroom.hand_in(course, "hw1", NAMELESS, RIGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(classroom.ENVIRONMENT, "TMPDIR", str(temporary))
        patch.setitem(classroom.ENVIRONMENT, "GRADER_WORD", WORD)
        done = classroom.grade(course, "hw1", "--timeout", "2", "--workers", "3", status=1)
    connections = 0
    for server in (tcp, unix):
        server.setblocking(False)
        try:
            server.accept()
            connections += 1
        except BlockingIOError:
            server.close()
    output = done.stdout + done.stderr
    marks = classroom.marks(course, "hw1")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        comments = {
            entry.student.id: {c.name: c.auto_comment for c in entry.notebooks[0].comments}
            for entry in gradebook.assignment_submissions("hw1")
        }
    return Graded(course, temporary, output, marks, comments, connections)


def scores(graded: Graded, student: str) -> dict[str, float]:
    """Return the marks of a student by answer cell, those of people left out."""
    found = {name.replace("check", "answer"): mark for name, mark in graded.marks[student].items()}
    return {cell: mark for cell, mark in found.items() if cell != "ex-1-9-answer"}


@pytest.mark.parametrize("student", [*HONEST, *CASES])
def test_a_case_gets_what_it_deserves_and_is_told_why(graded, student):
    case = (CASES | HONEST)[student]
    comments = graded.comments[student]
    assert scores(graded, student) == case.scores, comments
    for cell, pattern in case.says.items():
        assert re.search(pattern, html.unescape(comments[cell])), comments[cell]
    for cell in case.scores:
        assert not re.search(r"[<>\x00-\x1f]|\[|\]", comments[cell]), comments[cell]
        assert len(comments[cell]) < 3000
    if case.warns:
        assert re.search(rf"{student}: .*{case.warns}", graded.output)


def test_nothing_is_lost(graded):
    assert graded.marks.keys() == CASES.keys() | HONEST.keys()
    assert f"{NAMELESS!r}: no marks: rename the folder" in graded.output
    total = len(CASES) + len(HONEST)
    assert f"{total} of {total + 1} submissions of hw1 bear marks" in graded.output
    assert "Traceback" not in graded.output


def test_nothing_is_left_behind(graded):
    end = time.monotonic() + 10
    while (left := list(graded.temporary.iterdir())) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []
    for process in psutil.process_iter(["uids", "cmdline"]):
        judge = process.info["uids"].real - sandbox.FIRST_USER
        assert judge < 0 or psutil.pid_exists(judge), process
        assert str(graded.temporary) not in " ".join(process.info["cmdline"] or [])
    places = ("/", "/usr", "/tmp", "/dev", "/dev/shm", "/var/tmp", graded.course)
    assert [p for p in places if (Path(p) / "HOSTILE").exists()] == []
    known = {"gradebook.db", "nbgrader_config.py", "source", "release", "secrets", "submitted"}
    assert {p.name for p in graded.course.iterdir()} <= known | {"autograded", "marks", "feedback"}


def test_no_connection_came_and_no_secret_left(graded):
    assert graded.connections == 0
    for folder in ("marks", "autograded"):
        for path in (graded.course / folder).rglob("*"):
            assert path.is_dir() or WORD.encode() not in path.read_bytes()


# pages that people open


class Active(HTMLParser):
    """Collects what of a page acts: elements, handlers, addresses."""

    DOES = ("script", "iframe", "object", "embed", "form", "base", "meta", "link", "style", "svg")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.script = tag if tag in ("script", "style", "title") else ""
        if tag in self.DOES:
            self.found.append(f"{tag} {sorted(values)}")
        for name, value in attributes:
            if name.startswith("on") or name in ("src", "srcdoc", "action", "style", "formaction"):
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "xlink:href") and not (value or "").startswith("#"):
                self.found.append(f"{tag} {name}={value}")
        if "mermaid" in (values.get("class") or "").split():
            self.found.append("mermaid")

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        if self.script:
            self.found.append(f"{self.script}: {data}")
            self.script = ""


def formgrader_page(course: Path, student: str) -> str:
    """Return the page on which nbgrader's formgrader shows a submission."""
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [template_path]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        entry = gradebook.find_submission_notebook("hw1", "hw1", student)
        resources = {"assignment_id": "hw1", "notebook_id": "hw1", "submission_id": "0"}
        resources |= {"index": 0, "total": 1, "base_url": "", "student": student}
        resources |= {"last_name": entry.student.last_name, "first_name": None}
        resources |= {"notebook_path": f"/{student}/hw1.ipynb"}
    path = course / "autograded" / student / "hw1" / "hw1.ipynb"
    return HTMLExporter(config=config).from_filename(str(path), resources=resources)[0]


@pytest.fixture(scope="module")
def feedback(graded) -> Path:
    """Feedback pages of the cases with markup, and of an honest student."""
    chosen = ("--student", "h[ot]*")  # honest_… and html_…
    classroom.call("nbgrader", "generate_feedback", "hw1", *chosen, cwd=graded.course)
    return graded.course / "feedback"


def without_names(found: list[str], student: str) -> list[str]:
    return [text.replace(student, "…") for text in found]


@pytest.mark.parametrize("student", PAGES)
def test_pages_do_nothing_that_a_student_wrote(graded, feedback, student):
    seen = {}
    for name in (student, "honest_ada"):
        written = (feedback / name / "hw1" / "hw1.html").read_text()
        shown = formgrader_page(graded.course, name)
        seen[name] = [without_names(Active(page).found, name) for page in (written, shown)]
        if name == student:
            assert "alert(" in written + shown  # as text, so the case is one
    for hostile, honest in zip(seen[student], seen["honest_ada"], strict=True):
        assert len(honest) > 5
        assert hostile == honest


@dataclass
class Opened:
    """What a page did in a browser: what it said, what it asked for, what it would do when used."""

    dialogs: list[str]
    requests: list[str]
    active: list[str]


ACTIVE = """() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes]
    .filter(a => /^on|^srcdoc$/i.test(a.name) || /^\\s*(java|vb)script:/i.test(a.value))
    .map(a => `${e.tagName} ${a.name}=${a.value}`))"""


def opened(browser, path: Path) -> Opened:
    """Open a page in a browser without a network and wait until it has come to rest."""
    page = browser.new_page()
    seen = Opened([], [], [])

    def answer(dialog):
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    def ask(route):
        address = route.request.url
        local = address == path.as_uri() or address.startswith(("data:", "about:"))
        if not local:
            seen.requests.append(address)
        route.continue_() if local else route.abort()

    page.on("dialog", answer)
    page.route("**/*", ask)
    page.goto(path.as_uri(), wait_until="load")
    page.wait_for_timeout(500)
    seen.active = page.evaluate(ACTIVE)
    page.close()
    return seen


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_pages_opened_in_a_browser_run_nothing_that_a_student_wrote(graded, feedback, tmp_path):
    need_chromium()
    from playwright.sync_api import sync_playwright

    bare = tmp_path / "bare.html"
    bare.write_text(f"<body>{pages.MARKUP}</body>")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        control = opened(browser, bare)
        assert control.dialogs.count("1") >= 3  # the same text, unguarded, does run here
        assert control.active
        found = {}
        for student in ("honest_ada", *PAGES):
            shown = tmp_path / f"{student}.html"
            shown.write_text(formgrader_page(graded.course, student))
            for path in (feedback / student / "hw1" / "hw1.html", shown):
                seen = opened(browser, path)
                assert seen.dialogs == [], (student, path.name)
                seen.requests = sorted(without_names(seen.requests, student))
                seen.active = without_names(seen.active, student)
                found[student, path == shown] = seen
        browser.close()
    for (_, page), seen in found.items():
        assert seen == found["honest_ada", page]


def test_mathematics_of_an_honest_proof_is_shown_as_written(feedback):
    page = (feedback / "honest_ada" / "hw1" / "hw1.html").read_text()
    assert "<strong>so</strong>" in page
    assert "$a &lt;​ b$" in page


def test_the_cases_are_different():
    texts = [repr(replace(case, edit=None, disk=None)) for case in CASES.values()]
    plain = [t for t, c in zip(texts, CASES.values(), strict=True) if not (c.edit or c.disk)]
    assert len(set(plain)) == len(plain)
