"""One submission of the assignment, and short ways to write down an attack."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.assignment.notebook import solved_answers

KEYS = ("1.2", "2.1", "2.3")
ORDER, BUMP, MATRIX, PROOF = (f"ex-{key}-answer" for key in ("1-2", "2-1", "2-3", "1-9"))
RIGHT = solved_answers(list(KEYS)) | {PROOF: "The rows span the space. $a < b$ and **so** on."}
ALL = {ORDER: 10.0, BUMP: 10.0, MATRIX: 10.0}
NONE = dict.fromkeys(ALL, 0.0)
FIRST_LOST = ALL | {ORDER: 0.0}


@dataclass
class Case:
    """One submission. `says`: a pattern by answer; `warns`: what the grader's own output says."""

    answers: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=lambda: dict(FIRST_LOST))
    says: dict[str, str] = field(default_factory=dict)
    edit: Callable[[dict[str, Any]], None] | None = None
    disk: Callable[[Path], object] | None = None
    warns: str = ""


def first(text: str, says: str, scores: dict[str, float] | None = None) -> Case:
    """Return a case in which the first exercise attacks; it costs the other two nothing."""
    return Case({ORDER: text}, scores or dict(FIRST_LOST), {ORDER: says})


def call(body: str, before: str = "") -> str:
    """Return an answer to the first exercise with this body."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    return f"{before}\ndef topological_order(root, parents):\n{lines}"


def evidence(body: str, before: str = "") -> str:
    """Return an answer whose body fills the list `found`; what it found leaves as its complaint."""
    return call(f"found = []\n{body}\nraise ValueError('found ' + repr(found)[:150])", before)


def refused(text: str) -> Case:
    """Return a case whose attempts all fail: the evidence is empty."""
    return first(text, r"raised ValueError: found \[\] ")
