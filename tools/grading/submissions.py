"""A student's notebook: read without trust, and rebuilt clean from the release.

Only the texts of the answer cells are taken, by id; what else the student changed is ignored. The
rebuilt copy is for nbgrader's pages, where a person reads it in a browser: code is shown as code,
and Markdown loses everything by which it could carry HTML, a script or a link.
"""

import contextlib
import copy
import datetime
import errno
import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tools import workbook
from tools.builder.source import dump
from tools.grading.answers import taken
from tools.grading.release import Release

LARGEST, LONGEST_ANSWER = 10_000_000, 100_000  # bytes of a notebook, characters of an answer
LONGEST_NAME = 128
SECRET = "submission_secret.txt"
HIDDEN_NAMES = (".", "__MACOSX")  # `._ada_hw1.ipynb` in a Mac's archive is no notebook
COPY = re.compile(r"[ _-]*(\(\d+\)|[ _-]\(?(copy|copie|kopie|copia)\)?( *\d+)?|\.ipynb)$")
NAME_SIGNS = "_.@+-\u200c\u200d"  # the last two join letters in Persian and Hindi
HIDDEN = "\u200b"  # a space of no width: what it splits is text and nothing else
_ACTIVE = re.compile(
    r"<|&(?=[#a-zA-Z])|\](?=[(:\[])|(?i:javascript|data|vbscript|https?|ftp)(?=:)"
    r"|\\(?=(?:href|require|class|cssId|style|data|html|unicode|let|def|newcommand"
    r"|mmlToken|bbox|renewcommand|newenvironment)\b)|(?:```|~~~)(?=\s*mermaid)"
)
# What Markdown or MathJax would act on; MathJax reads entities too, so $ and \\ become others.
_SHOWN = {ord(c): f"&#{ord(c)};" for c in "<>&'\"*_`[]!~#|"} | {
    ord("$"): "\uff04",
    ord("\\"): "\uff3c",
}


class Unreadable(Exception):
    """A submission that cannot be marked; the message says why, for student and instructor."""


@dataclass
class Submission:
    """What is taken from a submission; `remarks` are for the instructor."""

    student: str
    folder: Path = Path()
    answers: dict[str, str] = field(default_factory=dict)
    timestamp: datetime.datetime | None = None
    unreadable: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """A hash of the answers."""
        return hashlib.sha256(json.dumps(self.answers, sort_keys=True).encode()).hexdigest()


def submissions(release: Release) -> Iterator[Submission]:
    """Yield the submissions in the course's `submitted/`, by student; never raises for one."""
    for folder in _folders(release):
        name = folder.parent.name
        submission = Submission(unicodedata.normalize("NFC", name), folder)
        try:
            _take_answers(submission, folder, release)
        except Unreadable as reason:
            submission.unreadable = str(reason)
        try:
            submission.timestamp = _timestamp(folder)
        except Unreadable as reason:
            submission.remarks.append(f"{reason}: not counted as late")
        yield submission


def is_student(name: str) -> bool:
    """Tell whether a name can be a student's id: letters of any script with their marks, .@+-_

    >>> is_student("Mu\u0308ller"), is_student("ben 2"), is_student(".ada")
    (True, False, False)
    """
    kinds = [unicodedata.category(c)[0] for c in name]
    allowed = (k in "LNM" or c in NAME_SIGNS for c, k in zip(name, kinds, strict=True))
    begins = bool(kinds) and kinds[0] not in "MC" and name[0] != "."
    return begins and len(name) <= LONGEST_NAME and all(allowed)


def _folders(release: Release) -> list[Path]:
    """Return the folders of this assignment, one a student; what the system hides is left out."""
    found = []
    for student in sorted((release.course / "submitted").glob("*")):
        if not student.name.startswith(HIDDEN_NAMES):
            exact = student / release.name
            near = [p for p in sorted(student.glob("*")) if _same(p.name, release.name)]
            others = {p.name for p in (release.course / "release").glob("*")}
            near = [p for p in near if p.name not in others]
            found += [exact] if os.path.lexists(exact) else near[:1]
    return found


def _same(name: str, wanted: str) -> bool:
    """Tell whether a name is the wanted one, but for case and what saving a copy adds to it.

    >>> [_same(name, "hw1") for name in ("HW1", "hw1 (2)", "hw1 - Copy", "hw1 copy 2", "hw1-2")]
    [True, True, True, True, False]
    """
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    while plain != wanted.casefold() and (shorter := COPY.sub("", plain)) != plain:
        plain = shorter
    return plain == wanted.casefold()


def _take_answers(submission: Submission, folder: Path, release: Release) -> None:
    name, remark = _notebook_in(folder, release.name)
    submission.remarks += remark
    text = _read_file(folder, name, LARGEST)
    try:
        cells = json.loads(text)["cells"]
        found = [(_ids(cell), _source(cell), cell.get("cell_type", "code")) for cell in cells]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        kind = type(error).__name__
        raise Unreadable(f"{shown(name)} is not a notebook ({kind})") from None
    stubs = {c.id: c.source for c in release.notebook.cells}
    wanted = [cell for cell in release.answers if cell != "names"]
    missing = [cell for cell in wanted if not any(cell in ids for ids, *_ in found)]
    if missing == wanted:
        raise Unreadable(f"this is not {release.name}: none of its answer cells is in it")
    submission.remarks += [f"answer cell {cell} is missing" for cell in missing]
    for cell in release.answers:
        text, remarks = taken(cell, stubs, found)
        submission.remarks += remarks
        if len(text) > LONGEST_ANSWER:
            remark = f"the answer {cell} is longer than {LONGEST_ANSWER} characters: not marked"
            submission.remarks.append(remark)
            text = stubs[cell]
        submission.answers[cell] = text


def _notebook_in(folder: Path, name: str) -> tuple[str, list[str]]:
    """Return the file to read, `hw1.ipynb` or the one that a browser or student renamed."""
    exact = f"{name}.ipynb"
    if folder.is_symlink() or folder.parent.is_symlink():
        return exact, []
    files = [p.name for p in sorted(folder.glob("*")) if p.suffix.casefold() == ".ipynb"]
    files = [file for file in files if not file.startswith(HIDDEN_NAMES)]
    near = [f for f in files if f != exact and _same(f[: -len(".ipynb")], name)]
    if os.path.lexists(folder / exact):
        beside = ", ".join(map(shown, near[:5]))
        return exact, [f"{exact} was marked, beside it lies {beside}"] if near else []
    near = near or files
    if len(near) == 1:
        return near[0], [f"{exact} is missing: {shown(near[0])} was marked"]
    there = f"there are {', '.join(map(shown, near[:5]))}" if near else "cannot be opened"
    raise Unreadable(f"{exact} is missing{': ' if near else ' or '}{there}")


def shown(name: str) -> str:
    """Return a file's name for a message, on one line whatever it holds."""
    plain = re.fullmatch(r"[\w.@+-]{1,80}", name)
    return name if plain else ascii(name[:80])


def _read_file(folder: Path, name: str, most: int) -> str:
    """Return a regular file's text, following no link, neither the file's nor the folder's."""
    if folder.is_symlink() or folder.parent.is_symlink():
        raise Unreadable("the submission is a link, not a folder")
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Unreadable(f"{name} is a link, not a file") from None
        raise Unreadable(f"{name} is missing or cannot be opened") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(f"{name} is not a file")
        if status.st_size > most:
            raise Unreadable(f"{name} has {status.st_size} bytes, allowed are {most}")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(most).decode("utf-8", errors="replace")
    finally:
        os.close(descriptor)


def _timestamp(folder: Path) -> datetime.datetime | None:
    """Return when it was submitted, by nbgrader's timestamp.txt, in UTC without an offset."""
    from nbgrader.utils import parse_utc

    if not os.path.lexists(folder / "timestamp.txt"):
        return None
    try:
        return parse_utc(_read_file(folder, "timestamp.txt", 100).strip())
    except (ValueError, OverflowError):
        raise Unreadable("timestamp.txt holds no date") from None


def _ids(cell: dict[str, Any]) -> tuple[Any, Any]:
    grader = cell.get("metadata", {}).get("nbgrader", {})
    return cell.get("id"), grader.get("grade_id")


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    text = source if isinstance(source, str) else "".join(map(str, source))
    return text.encode("utf-8", errors="replace").decode("utf-8")


def rebuilt(release: Release, answers: dict[str, str]) -> str:
    """Return the release with the answers put in, as a notebook's text for nbgrader's pages."""
    notebook: NotebookNode = copy.deepcopy(release.notebook)
    for cell in notebook.cells:
        if cell.id in answers:
            text = answers[cell.id]
            cell.source = harmless(text) if cell.cell_type == "markdown" else text
    return dump(notebook)


def harmless(markdown: str) -> str:
    """Return Markdown that reads the same and can carry no HTML, no link and no script.

    >>> harmless("$a < b$, <b>bold</b>, [x](y)").replace(HIDDEN, "·")
    '$a <· b$, <·b>bold<·/b>, [x]·(y)'
    """
    return _ACTIVE.sub(lambda match: match[0] + HIDDEN, markdown)


def as_comment(text: str) -> str:
    """Return a text that quotes a student as HTML and Markdown that show it and do nothing.

    >>> as_comment("f('<b>') is 2*3")
    'f(&#39;&#60;b&#62;&#39;) is 2&#42;3'
    """
    line = " ".join(text.split()).encode("utf-8", errors="replace").decode()
    return line.translate(_SHOWN)


def write_rebuilt(release: Release, submission: Submission) -> bool:
    """Write `autograded/<student>/<assignment>/`; False when it says so already."""
    folder = release.course / "autograded" / submission.student / release.name
    if submission.timestamp:
        workbook.write(folder / "timestamp.txt", f"{submission.timestamp} UTC\n")
    _copy_secret(submission.folder, folder)
    text = rebuilt(release, submission.answers)
    return workbook.write(folder / f"{release.name}.ipynb", text)


def _copy_secret(submitted: Path, target: Path) -> None:
    """Keep what nbgrader's exchange names a student's feedback file by; it goes through a hash."""
    if os.path.lexists(submitted / SECRET):
        with contextlib.suppress(Unreadable):
            workbook.write(target / SECRET, _read_file(submitted, SECRET, 1000))


def changed_by_hand(release: Release, submission: Submission) -> set[str]:
    """Return which answers that people mark differ from those in the copy they last saw."""
    path = release.course / "autograded" / submission.student / release.name
    path /= f"{release.name}.ipynb"
    if not path.exists() or not release.by_hand:
        return set()
    seen = {c.get("id"): _source(c) for c in json.loads(path.read_text(encoding="utf-8"))["cells"]}
    now = {cell: harmless(submission.answers.get(cell, "")) for cell in release.by_hand}
    return {cell for cell in release.by_hand if seen.get(cell) != now[cell]}
