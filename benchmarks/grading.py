"""A class of 500 with five exercises each, and our grader beside `nbgrader autograde`."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import Row, timed
from tests import classroom
from tools.assignment.notebook import solved_answers

KEYS = ("2.1", "2.4", "5.1", "6.2", "7.1")
CLASS, FEW = 500, 12


def rows() -> Iterator[Row]:
    """Yield the class of 500, and twelve submissions marked by both graders."""
    with tempfile.TemporaryDirectory() as folder:
        yield _class(Path(folder) / "class")
        yield _both(Path(folder) / "both")


def _class(course: Path) -> Row:
    _collect(course, CLASS)
    took = timed(lambda: classroom.grade(course, "hw1"))
    note = f"goal < 600 s; {os.cpu_count()} cores"
    return Row(f"grading {CLASS} submissions × {len(KEYS)} exercises", "—", [took], None, note)


def _both(course: Path) -> Row:
    _collect(course, FEW)
    ours = timed(lambda: classroom.grade(course, "hw1"))
    for student in (course / "autograded").iterdir():
        (student / "hw1").rename(course / f"ours-{student.name}")
    theirs = timed(lambda: classroom.call("nbgrader", "autograde", "hw1", cwd=course))
    return Row(f"grading {FEW} submissions", "nbgrader autograde", [ours], [theirs])


def _collect(course: Path, count: int) -> None:
    """Let every second student be right, and the others miss one exercise, left open."""
    classroom.release(course, "hw1", *KEYS)
    right = solved_answers(list(KEYS))
    for number in range(count):
        answers = dict(right)
        if number % 2:
            del answers[list(right)[number // 2 % len(right)]]
        classroom.hand_in(course, "hw1", f"student{number:03d}", answers)
