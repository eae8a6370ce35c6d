"""What was handed out, read back from nbgrader's release: how its answers are run and marked."""

import ast
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tools import workbook
from tools.assignment.notebook import solved_answers
from tools.workbook import WorkbookError


@dataclass(frozen=True)
class Release:
    """An assignment as released.

    Attributes:
        name: such as "hw1".
        course: the course directory.
        notebook: the released notebook, stubs and all.
        plan: one dict an exercise that a program marks: key, prelude, answers, candidate, check.
        by_hand: the ids of the answer cells that people mark.
        seeds: the secret seed of each exercise in the plan.
    """

    name: str
    course: Path
    notebook: NotebookNode
    plan: list[dict[str, Any]]
    by_hand: list[str]
    seeds: dict[str, int]

    @property
    def answers(self) -> list[str]:
        """The ids of all cells that a student fills in, the one for names among them."""
        return [c.id for c in self.notebook.cells if c.id == "names" or _grader(c).get("solution")]


def read_release(course: Path, name: str) -> Release:
    """Read release and seeds; WorkbookError says which command is missing."""
    secrets = course / "secrets" / f"{name}.json"
    path = course / "release" / name / f"{name}.ipynb"
    if not secrets.exists():
        known = ", ".join(sorted(p.stem for p in secrets.parent.glob("*.json"))) or "none"
        raise WorkbookError(f"no assignment {name!r} in {course}; there are: {known}")
    if not path.exists():
        raise WorkbookError(
            f"{name} is not released; in {course}: nbgrader generate_assignment {name}"
        )
    notebook = nbformat.read(path, as_version=4)
    seeds = {k: e["seed"] for k, e in json.loads(secrets.read_text())["exercises"].items()}
    steps, by_hand = plan(notebook)
    return Release(
        name, course, notebook, steps, by_hand, {s["key"]: seeds[s["key"]] for s in steps}
    )


def plan(notebook: NotebookNode) -> tuple[list[dict[str, Any]], list[str]]:
    """Return (steps, ids of the answers marked by hand) of an assignment's notebook.

    A step is an exercise that a program marks: its key, the code cells that its answer builds on,
    the ids of its answer cells, the expression that is checked and the id of its check cell.
    """
    steps, by_hand = [], []
    imports: list[str] = []
    context: list[str] = []
    answers: list[str] = []
    for before, cell in zip([None, *notebook.cells], notebook.cells, strict=False):
        role = _grader(cell)
        if role.get("grade") and role.get("solution"):
            by_hand.append(cell.id)
        elif role.get("grade"):
            key, candidate = _checked(cell.source)
            step = {"key": key, "prelude": imports + context, "answers": answers}
            steps.append(step | {"candidate": candidate, "check": cell.id})
            context, answers = [], []
        elif cell.cell_type == "code" and role.get("solution"):
            answers = [*answers, cell.id]
        elif cell.id.startswith("imports-"):
            same = before is not None and before.id.startswith("imports-")
            imports = [*imports, cell.source] if same else [cell.source]
        elif cell.cell_type == "code" and cell.id != "bootstrap":
            context = [*context, cell.source]
    return steps, by_hand


def _grader(cell: NotebookNode) -> dict[str, Any]:
    return cell.metadata.get("nbgrader", {})


def _checked(text: str) -> tuple[str, str]:
    """Return (key, the expression that is checked) of a check cell."""
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "check"
        ):
            return ast.literal_eval(node.args[0]), ast.unparse(node.args[1])
    raise WorkbookError(f"the release has a check cell without check(…): {text[:60]!r}")


def for_judges(release: Release, timeout: float | None, sandbox: bool) -> dict[str, Any]:
    """Return what a judge needs to know of the assignment, as plain JSON data."""
    return {
        "plan": release.plan,
        "seeds": release.seeds,
        "own": solved_answers([step["key"] for step in release.plan]),
        "timeout": timeout,
        "sandbox": sandbox,
    }


def fingerprint(known: dict[str, Any]) -> str:
    """Return what all marks of the assignment depend on: plan, seeds, and our own code."""
    folders = (workbook.ROOT / "course_utils", workbook.ROOT / "tools" / "grading")
    code = [p.read_bytes() for folder in folders for p in sorted(folder.rglob("*.py"))]
    return hashlib.sha256(
        b"\0".join([json.dumps(known, sort_keys=True).encode(), *code])
    ).hexdigest()
