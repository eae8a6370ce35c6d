"""Marks and comments into nbgrader's gradebook, through its API; manual marks are never touched."""

import datetime
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import SAWarning
from traitlets.config import Config, PyFileConfigLoader

from tools.grading.release import Release
from tools.grading.submissions import Submission, as_comment
from tools.workbook import WorkbookError


@contextmanager
def open_gradebook(release: Release) -> Iterator[tuple[Gradebook, Config]]:
    """Open the course's gradebook; WorkbookError when nbgrader does not know the assignment."""
    config = _config(release.course)
    directory = CourseDirectory(config=config)
    with (
        warnings.catch_warnings(),
        Gradebook(directory.db_url, directory.course_id) as gradebook,
    ):
        # nbgrader's way to add a submission; it is in order, and says so twice a student
        warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
        try:
            gradebook.find_notebook(release.name, release.name)
        except MissingEntry:
            hint = f"in {release.course}: nbgrader generate_assignment {release.name}"
            raise WorkbookError(f"the gradebook does not know {release.name}; {hint}") from None
        yield gradebook, config


def _config(course: Path) -> Config:
    return PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()


def record(
    gradebook: Gradebook,
    config: Config,
    release: Release,
    submission: Submission,
    marks: dict[str, dict[str, Any]],
    changed: set[str],
) -> float:
    """Write one submission's marks, in one transaction; return its score.

    A mark that stays as it was leaves the cell as it was. A new one replaces `auto_score` only, and
    asks for a look where a person had marked the cell, the answer to be marked by hand has
    changed (`changed`), or the submission could not be read.
    """
    gradebook.update_or_create_student(submission.student)
    when: dict[str, datetime.datetime] = {}
    if submission.timestamp:
        when["timestamp"] = submission.timestamp
    entry = gradebook.update_or_create_submission(release.name, submission.student, **when)
    notebook = next(n for n in entry.notebooks if n.name == release.name)
    steps = {step["check"]: step for step in release.plan}
    for grade in notebook.grades:
        if grade.name in steps:
            mark = marks[steps[grade.name]["key"]]
            score = round(grade.max_score * mark["passed"] / mark["total"], 2)
            if grade.auto_score != score:
                look = bool(submission.unreadable) or grade.manual_score is not None
                grade.auto_score, grade.needs_manual_grade = score, look
        elif grade.manual_score is None or grade.name in changed:
            grade.needs_manual_grade = True
    comments = {s["answers"][0]: as_comment(marks[s["key"]]["comment"]) for s in release.plan}
    for comment in notebook.comments:
        comment.auto_comment = comments.get(comment.name)
    _penalise(entry, notebook, config, submission.student)
    gradebook.db.commit()
    return notebook.score - (notebook.late_submission_penalty or 0)


def _penalise(entry: SubmittedAssignment, notebook: Any, config: Config, student: str) -> None:
    """Let nbgrader's own late penalty say what a late submission loses."""
    notebook.late_submission_penalty = None
    if entry.total_seconds_late > 0:
        step = AssignLatePenalties(config=config, log=logging.getLogger(__name__))
        step.init_plugin()
        late = entry.total_seconds_late
        penalty = step.plugin_inst.late_submission_penalty(student, notebook.score, late)
        if penalty is not None:
            notebook.late_submission_penalty = step._check_late_penalty(notebook, penalty)
