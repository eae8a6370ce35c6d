"""Which text of a student's notebook is an answer: halves, copies, neighbours; odd file names."""

import json
import unicodedata

import pytest

from tests import classroom
from tests.hostile.case import RIGHT
from tools.grading import submissions
from tools.grading.answers import taken
from tools.grading.release import read_release

STUB = "def f(n):\n    raise NotImplementedError"
RELEASED = {"imports": "import math", "a": STUB, "check": "f = check('1.1', f)"}
SAME = ("a", "a")


def cells(*written, kind="code"):
    """Return cells as a submission has them: between the one above and the check."""
    middle = [(ids, text, kind) for ids, text in written]
    return [(("imports", "imports"), "", "code"), *middle, (("check", "check"), "", "code")]


@pytest.mark.parametrize(
    "halves",
    [
        ["k = 2", "def f(n):\n    return k * n"],
        ["from math import gcd", "def f(n):\n    return gcd(n, 4)"],
        ["def f(n):\n    k = 2", "    return k * n"],
        ["def f(n):", "    return n"],
        ["%time 3\nk = !ls", "def f(n):\n    return n"],
        ["def f(n):\n    return helper(n)", "def helper(n):\n    return n"],
        ["def f(n):\n    return K * n", "%time 3", "K = 2"],
        ["%%time", "def f(n):\n    return n"],
    ],
)
def test_halves_are_joined_in_their_order(halves):
    found = cells(*[((f"new{n}", "a"), text) for n, text in enumerate(halves)])
    text, remarks = taken("a", RELEASED, found)
    assert text == "\n".join(halves)
    assert remarks == [f"answer cell a was split: its {len(halves)} parts were joined"]


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ([(("new", None), "k = 2"), (SAME, "x = 1"), (("b", None), STUB)], True),
        ([(SAME, "k = 2"), ((None, None), STUB)], True),
        ([((None, None), STUB), (SAME, "print(f(3))")], True),
        ([(SAME, STUB), (("new", None), "f(3)")], False),
        ([(SAME, STUB), (("new", None), "import os\nos._exit(0)")], False),
        ([(SAME, "k = 2"), (("new", None), "f(3)")], False),
        ([(("new", None), "def f(n): return 0"), (SAME, STUB)], False),
    ],
)
def test_a_half_without_ids_is_found_beside_the_other(written, joined):
    text, _ = taken("a", RELEASED, cells(*written))
    whole = "\n".join(part for _, part in written)
    assert text == (whole if joined else next(part for ids, part in written if ids == SAME))


@pytest.mark.parametrize(
    "copy", ["import os\nos._exit(0)", "def f(n): return 0", "import math\nmath = f = 0", "("]
)
def test_of_two_whole_cells_one_counts(copy):
    first = "def f(n):\n    return math.gcd(n, 4)"
    for ids in (SAME, ("new", "a")):
        text, remarks = taken("a", RELEASED, cells((SAME, first), (ids, copy)))
        assert text == first
        assert remarks == ["2 cells bear the id a: one was marked"]


def test_text_that_was_split_is_whole_again():
    found = cells((("x", "a"), "First."), (("y", "a"), "Second."), kind="markdown")
    assert taken("a", RELEASED, found)[0] == "First.\n\nSecond."


def test_a_missing_cell_is_the_stub():
    assert taken("a", RELEASED, cells()) == (STUB, [])


# files and folders


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = tmp_path_factory.mktemp("courses") / "course"
    classroom.release(course, "hw1", "1.2")
    return course


def handed_in(course, folder, name="hw1.ipynb", assignment="hw1"):
    path = classroom.hand_in(course, "hw1", folder, RIGHT)
    target = path.parents[1] / assignment / name
    target.parent.mkdir(exist_ok=True)
    return path.rename(target)


def found(course):
    return {s.student: s for s in submissions.submissions(read_release(course, "hw1"))}


@pytest.mark.parametrize(
    "name",
    [
        *("hw1 (1).ipynb", "HW1.ipynb", "Hw1.IPYNB", "hw1(2).ipynb", "hw1 - Copy.ipynb"),
        *("hw1 copy 2.ipynb", "hw1.ipynb.ipynb", "HW1 (1) (1).ipynb", "homework.ipynb"),
    ],
)
def test_a_renamed_notebook_is_found_and_named(course, name):
    path = handed_in(course, "ada", name)
    (path.parent / "._hw1.ipynb").write_bytes(b"\0\5\x16\7")
    submission = found(course)["ada"]
    path.unlink()
    assert submission.unreadable == ""
    assert submission.answers["ex-1-2-answer"] == RIGHT["ex-1-2-answer"]
    assert submission.remarks == [f"hw1.ipynb is missing: {submissions.shown(name)} was marked"]


def test_of_several_notebooks_none_is_guessed_but_all_are_named(course):
    paths = [handed_in(course, "ben", f"hw1 ({n}).ipynb") for n in (1, 2)]
    reason = found(course)["ben"].unreadable
    for path in paths:
        path.unlink()
    assert reason == "hw1.ipynb is missing: there are 'hw1 (1).ipynb', 'hw1 (2).ipynb'"


def test_a_second_notebook_beside_the_right_one_is_named(course):
    paths = [handed_in(course, "dan", name) for name in ("hw1 (1).ipynb", "hw1.ipynb")]
    submission = found(course)["dan"]
    for path in paths:
        path.unlink()
    assert submission.remarks == ["hw1.ipynb was marked, beside it lies 'hw1 (1).ipynb'"]


@pytest.mark.parametrize("assignment", ["HW1", "hw1 (1)"])
def test_a_renamed_folder_is_found(course, assignment):
    path = handed_in(course, "cyd", "hw1.ipynb", assignment)
    (path.parents[1] / "hw1").rmdir()
    submission = found(course)["cyd"]
    path.unlink()
    path.parent.rmdir()
    assert submission.unreadable == ""
    assert submission.folder == path.parent


def test_what_a_mac_hides_is_no_student(course):
    for name in (".", "._ada", "__MACOSX", ".DS_Store"):
        handed_in(course, name)
    assert not found(course).keys() & {".", "._ada", "__MACOSX", ".DS_Store"}


NAMES = {
    "decomposed": unicodedata.normalize("NFD", "Müller"),
    "Vietnamese": unicodedata.normalize("NFD", "Nguyễn"),
    "Devanagari": "हिन्दी",
    "Arabic": "مُحَمَّد",
    "Thai": "สมศักดิ์",
    "Persian": "علی\u200cرضا",
    "Hebrew": "דָּוִד",
    "Korean": unicodedata.normalize("NFD", "김철수"),
    "address": "ada+b@example.org",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_may_have_marks(course, name):
    path = handed_in(course, name)
    students = found(course)
    path.unlink()
    student = unicodedata.normalize("NFC", name)
    assert submissions.is_student(student)
    assert students[student].answers


@pytest.mark.parametrize(
    "name",
    ["", "ben 2", "a/b", "a\nb", "\u0301a", ".ada", "a\u202eb", "a\u200bb", "<b>", "x" * 129],
)
def test_other_names_are_refused(name):
    assert not submissions.is_student(name)


def test_names_with_marks_reach_the_gradebook_once(course):
    for path in (course / "submitted").rglob("*.ipynb"):
        path.unlink()
    decomposed, composed = NAMES["decomposed"], unicodedata.normalize("NFC", "Zoë")
    handed_in(course, decomposed)
    handed_in(course, "हिन्दी", "HW1.ipynb")
    handed_in(course, composed)
    handed_in(course, unicodedata.normalize("NFD", composed))
    done = classroom.grade(course, "hw1", status=1)
    marks = classroom.marks(course, "hw1")
    assert marks["Müller"] == marks["हिन्दी"] == {"ex-1-2-check": 10.0}
    assert decomposed not in marks
    assert done.stderr.count("two folders bear this name") == 2
    written = course / "autograded" / "Müller" / "hw1" / "hw1.ipynb"
    assert json.loads(written.read_text())["cells"]
