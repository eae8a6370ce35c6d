"""Compile an assignment for nbgrader out of the course's exercises.

`python -m tools.assignment create hw1 1.2 2.3 2.7 [--points 2.3=4 …] [--due DATE] [--course DIR]`
writes into the course directory (`course/`; nbgrader's commands are run there)

- `nbgrader_config.py`       when there is none
- `source/hw1/hw1.ipynb`     what `nbgrader generate_assignment hw1` makes the release from
- `secrets/hw1.json`         points, and seeds of the instances that marks come from; never released
- `gradebook.db`             the due date, where one is given
"""

import argparse
import json
import math
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, time
from pathlib import Path
from typing import NoReturn

from tools import workbook
from tools.assignment.notebook import find, notebook, solved_answers
from tools.builder.source import SourceError, dump
from tools.workbook import WorkbookError

__all__ = ["create", "main", "solved_answers"]

COURSE = workbook.ROOT / "course"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
POINTS = 10
CONFIG = '''\
"""What nbgrader needs to know of this course; written once, yours to change."""

import os

root = os.path.dirname(os.path.abspath(__file__))
c = get_config()  # noqa: F821 - given by nbgrader

c.CourseDirectory.course_id = "mlwm"
c.CourseDirectory.root = root
c.Exchange.root = os.path.join(root, "exchange")  # on a JupyterHub: a directory all can reach
c.Execute.timeout = 300  # seconds a cell

# The answer cells are open already: ClearSolutions would replace them, `def` line included.
c.GenerateAssignment.preprocessors = [
    f"nbgrader.preprocessors.{name}"
    for name in (
        *("IncludeHeaderFooter", "LockCells", "ClearOutput", "CheckCellMetadata"),
        *("ComputeChecksums", "SaveCells", "ClearHiddenTests", "ClearMarkScheme"),
        *("ComputeChecksums", "CheckCellMetadata"),
    )
]

# Files saved from a learning management system into downloaded/hw1/archive: ada_hw1.ipynb
c.FileNameCollectorPlugin.named_regexp = (
    r".*/(?P<student_id>[^/_.][^/_]*)_(?P<file_id>[^/]+)[.]ipynb"
)

# What is late loses nothing. To give it no marks at all:
# c.LateSubmissionPlugin.penalty_method = "zero"
# For anything else: lecture_notes/instructors.md
'''


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 done, 2 wrong use."""
    parser = _Parser(prog="assignment", description=__doc__.split("\n")[0])
    command = parser.add_subparsers(dest="command", required=True).add_parser("create")
    command.add_argument("name", help="such as hw1")
    command.add_argument("exercises", nargs="*", help="1.2, parity.1, …")
    command.add_argument("--points", nargs="+", action="extend", default=[], metavar="KEY=NUMBER")
    command.add_argument("--due", help="2026-12-01T12:00, UTC unless an offset is given")
    command.add_argument(
        "--course", type=workbook.folder, default=COURSE, help="course directory: course/"
    )
    command.add_argument("--no-hints", dest="hints", action="store_false")
    try:
        options = parser.parse_args(arguments)
        points = read_points(options.exercises, options.points)
        due = read_due(options.due) if options.due is not None else None
        place = create(options.course, options.name, points, due, options.hints)
    except (WorkbookError, SourceError, OSError) as error:
        print("assignment:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    print(
        f"{workbook.relative(place)}: {len(points)} exercises, {sum(points.values()):g} points"
        + (f", due {due:%Y-%m-%d %H:%M} UTC" if due else "")
    )
    here = workbook.relative(options.course)
    print(f"next, in {here}/: nbgrader generate_assignment {options.name}")
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WorkbookError(message)


def read_points(keys: list[str], given: list[str]) -> dict[str, float]:
    """Return {key: points} of the picked exercises, in their order."""
    if not keys:
        raise WorkbookError("exercises are missing: name at least one, such as 2.1")
    for key in keys:
        find(key)
        if keys.count(key) > 1:
            raise WorkbookError(f"exercises must differ, got {key} twice")
    points: dict[str, float] = dict.fromkeys(keys, POINTS)
    for item in given:
        key, _, text = item.partition("=")
        if key not in points:
            raise WorkbookError(
                f"points must be KEY=NUMBER for a picked exercise ({', '.join(keys)}), got {item!r}"
            )
        number = float(text) if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) else math.inf
        if not math.isfinite(number):
            raise WorkbookError(f"points of {key} must be a number, 0 or more, got {text!r}")
        points[key] = int(number) if number.is_integer() else number
    return points


def read_due(text: str) -> datetime:
    """Return the moment in UTC, naive as nbgrader wants it; a day alone means its last minute."""
    try:
        moment = datetime.fromisoformat(text)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            moment = datetime.combine(moment, time(23, 59))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise WorkbookError(f"due must be a date such as 2026-12-01T12:00, got {text!r}") from None


def create(
    course: Path, name: str, points: dict[str, float], due: datetime | None, hints: bool
) -> Path:
    """Write an assignment into a course directory, all of it or nothing; return the notebook."""
    if not NAME.fullmatch(name):
        raise WorkbookError(
            f"name must be 1 to 64 letters, digits, - and _, no - or _ in front, got {name[:80]!r}"
        )
    source, secret = course / "source" / name, course / "secrets" / f"{name}.json"
    for place in (source, secret, course / "release" / name):
        if os.path.lexists(place):
            raise WorkbookError(f"assignment {name} exists: {workbook.relative(place)}")
    text = dump(notebook(name, points, due, hints))
    exercises = {k: {"seed": secrets.randbits(128), "points": p} for k, p in points.items()}
    hidden = json.dumps({"assignment": name, "exercises": exercises}, indent=1) + "\n"
    with ExitStack() as undo:
        for folder in (*reversed(source.parent.parents), source.parent, secret.parent):
            if not folder.exists():
                folder.mkdir(0o700 if folder == secret.parent else 0o755)
                undo.callback(_quietly, folder.rmdir)
        secret.parent.chmod(0o700)
        config = course / "nbgrader_config.py"
        if not config.exists():
            workbook.write(config, CONFIG)
            undo.callback(_quietly, config.unlink)
        handle, draft = tempfile.mkstemp(dir=secret.parent, prefix=f".{name}.")  # O_EXCL, mode 600
        undo.callback(_quietly, Path(draft).unlink)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(hidden)
        staging = Path(tempfile.mkdtemp(dir=course, prefix=f".{name}."))
        undo.callback(shutil.rmtree, staging, ignore_errors=True)
        workbook.write(staging / f"{name}.ipynb", text)
        staging.chmod(0o755)
        staging.rename(source)  # fails when somebody else was faster
        undo.callback(shutil.rmtree, source, ignore_errors=True)
        os.replace(draft, secret)
        undo.callback(_quietly, secret.unlink)
        if due:
            _set_due(course, name, due, undo)
        undo.pop_all()
    return source / f"{name}.ipynb"


def _quietly(action: Callable[[], None]) -> None:
    with suppress(OSError):
        action()


def _set_due(course: Path, name: str, due: datetime, undo: ExitStack) -> None:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    here = os.path.dirname(sys.executable)  # nbgrader calls alembic by its name
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])
    gradebook = course / "gradebook.db"
    if not gradebook.exists():
        undo.callback(_quietly, gradebook.unlink)
    try:
        config = PyFileConfigLoader("nbgrader_config.py", path=str(course.resolve())).load_config()
        directory = CourseDirectory(config=config)
        with Gradebook(directory.db_url, directory.course_id) as book:
            book.update_or_create_assignment(name, duedate=due)
    except Exception as error:  # whatever nbgrader, its database or the course's own config raise
        why = str(error).partition("\n")[0]
        raise WorkbookError(f"the due date does not go into the gradebook: {why}") from error
