"""A small course for tests of grading: an assignment released, students who hand in."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from tools.workbook import ROOT

ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTHONPATH": str(ROOT),
}


def call(*words: str, cwd: Path = ROOT, status: int = 0) -> subprocess.CompletedProcess:
    """Run a command and hold its exit status."""
    done = subprocess.run(words, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def release(course: Path, name: str, *keys: str) -> None:
    """Create an assignment and let nbgrader generate what is handed out."""
    words = ("-m", "tools.assignment", "create", name, *keys, "--course", str(course))
    call(sys.executable, *words)
    call("nbgrader", "generate_assignment", name, cwd=course)


def handed_out(course: Path, name: str) -> dict[str, Any]:
    """Return the released notebook."""
    return json.loads((course / "release" / name / f"{name}.ipynb").read_text())


def hand_in(
    course: Path,
    name: str,
    student: str,
    answers: dict[str, str],
    edit: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Put answers {cell id: text} into a student's copy, edit it freely, and submit it."""
    notebook = copy.deepcopy(handed_out(course, name))
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]]
    if edit:
        edit(notebook)
    path = course / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))
    return path


def grade(course: Path, name: str, *options: str, status: int = 0) -> subprocess.CompletedProcess:
    """Run the grader as an instructor does."""
    words = ("-m", "tools.grading", "grade", name, "--course", str(course), *options)
    return call(sys.executable, *words, status=status)


def marks(course: Path, name: str) -> dict[str, dict[str, float]]:
    """Return {student: {check cell: score}} as the gradebook has them."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            entry.student.id: {grade.name: grade.score for grade in entry.notebooks[0].grades}
            for entry in gradebook.assignment_submissions(name)
        }


def comments(course: Path, name: str, student: str) -> dict[str, str | None]:
    """Return {answer cell: automatic comment} of a submission."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        entry = gradebook.find_submission(name, student)
        return {comment.name: comment.auto_comment for comment in entry.notebooks[0].comments}
