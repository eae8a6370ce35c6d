"""`python -m tools.grading grade hw1` marks a class; `similarity hw1` says who shares answers."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tools import workbook
from tools.grading import pool, record, release, sandbox, similarity, submissions
from tools.workbook import WorkbookError


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0: all marked, 1: some submissions bear no marks, 2: wrong use."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if sys.flags.optimize:
        return _say("python -O drops the assertions that judge; start without it", 2)
    try:
        options = _parser().parse_args(arguments)
        return options.command(options)
    except WorkbookError as error:
        return _say(str(error), 2)
    except KeyboardInterrupt:
        return _say("interrupted; what was marked is kept, run it again to go on", 1)


def grade(options: argparse.Namespace) -> int:
    """Mark every submission of the assignment and write the marks to the gradebook."""
    handed_out = release.read_release(options.course, options.name)
    if not options.no_sandbox:
        sandbox.require(options.course)
    known = release.for_judges(handed_out, options.timeout, not options.no_sandbox)
    base = release.fingerprint(known)
    found = list(submissions.submissions(handed_out))
    if not found:
        raise WorkbookError(f"nothing in {options.course}/submitted for {options.name}")
    problems: list[str] = []
    with (
        record.open_gradebook(handed_out) as (gradebook, config),
        tqdm(total=len(found), desc=options.name, unit="notebook") as bar,
    ):
        for submission, marks in _marks(found, handed_out, known, base, options):
            bar.update()
            if isinstance(marks, str):
                problems.append(f"{submission.student!r}: no marks: {marks}")
                bar.write(problems[-1], file=sys.stderr)
                continue
            for remark in [submission.unreadable, *submission.remarks]:
                if remark:
                    bar.write(f"{submission.student}: {remark}", file=sys.stderr)
            changed = submissions.changed_by_hand(handed_out, submission)
            record.record(gradebook, config, handed_out, submission, marks, changed)
            submissions.write_rebuilt(handed_out, submission)
    print(f"{len(found) - len(problems)} of {len(found)} submissions of {options.name} bear marks")
    return 1 if problems else 0


def _marks(
    found: list[submissions.Submission],
    handed_out: release.Release,
    known: dict[str, Any],
    base: str,
    options: argparse.Namespace,
) -> Iterable[tuple[submissions.Submission, dict[str, Any] | str]]:
    """Yield each submission with its marks, or with the reason why it has none."""
    jobs: dict[str, submissions.Submission] = {}
    twins = Counter(submission.student for submission in found)
    for submission in found:
        kept = _kept_file(handed_out, submission.student)
        if not submissions.is_student(submission.student):
            yield submission, "rename the folder: a student's id has letters, digits and .@+-_"
        elif twins[submission.student] > 1:
            yield submission, "two folders bear this name, spelt with different characters"
        elif submission.unreadable:
            yield submission, _nothing(known, submission.unreadable)
        elif not options.again and (marks := _kept(kept, base + submission.digest)):
            yield submission, marks
        else:
            jobs[submission.student] = submission
    work = ((student, submission.answers) for student, submission in jobs.items())
    for student, reply in pool.judged(known, work, options.workers, options.scheduler):
        submission = jobs[student]
        if "marks" in reply:
            text = {"fingerprint": base + submission.digest, "marks": reply["marks"]}
            workbook.write(_kept_file(handed_out, student), json.dumps(text, indent=1) + "\n")
        yield submission, reply.get("marks") or reply["error"]


def _kept_file(handed_out: release.Release, student: str) -> Path:
    return handed_out.course / "marks" / handed_out.name / f"{student}.json"


def _kept(path: Path, fingerprint: str) -> dict[str, Any] | None:
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return kept["marks"] if kept["fingerprint"] == fingerprint else None


def _nothing(known: dict[str, Any], reason: str) -> dict[str, Any]:
    mark = {"passed": 0, "total": 1, "comment": f"Not marked: {reason}."}
    return {step["key"]: mark for step in known["plan"]}


def compare(options: argparse.Namespace) -> int:
    """Print which submissions share answers up to renaming."""
    handed_out = release.read_release(options.course, options.name)
    lines = list(similarity.report(handed_out, options.least))
    print("\n".join(lines) or f"no two answers agree to {options.least:g} per cent")
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        raise SystemExit(_say(f"{self.prog}: {message}", 2))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m tools.grading", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="grade|similarity")
    marking = commands.add_parser("grade", help="mark what was collected")
    marking.set_defaults(command=grade)
    marking.add_argument("--workers", type=_positive, default=os.cpu_count() or 1)
    marking.add_argument("--scheduler", default="", help="a Dask scheduler, tcp://HOST:PORT")
    marking.add_argument("--timeout", type=_seconds, help="seconds an exercise (its own)")
    marking.add_argument("--again", action="store_true", help="mark unchanged submissions too")
    marking.add_argument("--no-sandbox", action="store_true", help="for your own work only")
    same = commands.add_parser("similarity", help="who shares answers, up to renaming")
    same.set_defaults(command=compare)
    same.add_argument("--least", type=float, default=90, help="per cent, 0 to 100 (90)")
    for command in (marking, same):
        command.add_argument("name", help="the assignment, such as hw1")
        command.add_argument("--course", type=workbook.folder, default=workbook.ROOT / "course")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number >= 1, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"must be seconds > 0, got {text!r}")
    return seconds


def _say(line: str, status: int) -> int:
    print(line, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
