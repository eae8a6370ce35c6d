"""What a notebook calls: one line, `name = check("2.1", name, otherwise=…)`, and `solution("2.1")`.

The three functions of an `Exercise` serve the notebook (`check`) and the grader, which runs `probe`
in a sandbox and `verify` outside.
"""

import functools
import importlib
import json
import os
import pkgutil
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import numpy as np

from course_utils import codec
from course_utils import exercises as _exercises
from course_utils.exercise import Exercise, brief
from course_utils.guard import Flood, TimeUp, time_limit
from course_utils.runtime import strict

SEED = 0  # of the instances that a notebook shows; a grader draws its own


@dataclass
class Verdict:
    """The outcome of a check: `status` is "open", "passed" or "failed"."""

    status: str
    message: str
    passed: int = 0
    notes: list[str] = field(default_factory=list)


def check(key: str, candidate: Any, otherwise: Any = None) -> Any:
    """Judge an answer and return what the notebook goes on with.

    Args:
        key: the exercise, such as "2.1".
        candidate: the reader's function or value.
        otherwise: the course's own, used below as long as the answer is open or wrong.

    Returns:
        `candidate` when all cases agree, else `otherwise`.

    Raises:
        ValueError: no exercise has this key.
        AssertionError: only under COURSE_STRICT or nbgrader, when the answer is wrong (or open,
            under COURSE_STRICT=solved and nbgrader).
    """
    chosen = exercise(key)
    if callable(candidate) and candidate is otherwise:
        verdict = Verdict("open", "this is the course's own; run the cell of your answer first")
    else:
        verdict = judge(chosen, candidate, np.random.default_rng(SEED))
    if verdict.status != "open":
        _attempted.add(key)
    mark = {"open": "○", "passed": "✓", "failed": "✗"}[verdict.status]
    line = f"{mark} Exercise {key}: {verdict.message}"
    grading = "NBGRADER_EXECUTION" in os.environ
    if verdict.status == "failed" and (strict() or grading):
        raise AssertionError(line)
    if verdict.status == "open" and (strict() == "solved" or grading):
        raise AssertionError(line)
    print("\n".join([line, *(f"  ({note})" for note in verdict.notes)]))
    return candidate if verdict.status == "passed" else otherwise


def judge(exercise: Exercise, candidate: Any, rng: np.random.Generator) -> Verdict:
    """Run `candidate` on the exercise's instances until one disagrees; never raises for it."""
    if is_open(candidate):
        return Verdict("open", "not attempted yet")
    notes: list[str] = []
    passed, remaining = 0, float(exercise.seconds)
    for instance in exercise.instances(rng):
        text = codec.dumps(instance)
        outcome, remaining = attempt(exercise, candidate, text, remaining, notes)
        if isinstance(outcome, str):
            message = complaint(exercise, text, outcome)
            outcome = Verdict("failed", message) if message else None
        if outcome:
            outcome.passed, outcome.notes = passed, notes
            return outcome
        passed += 1
    if passed == 0:
        raise ValueError(f"exercise {exercise.key} has no instances")
    message = "correct" if passed == 1 else f"all {passed} cases agree"
    return Verdict("passed", message, passed, notes)


def attempt(
    exercise: Exercise, candidate: Any, text: str, remaining: float, notes: list[str]
) -> tuple[str | Verdict, float]:
    """Run `candidate` on one instance, `remaining` seconds at most; judge nothing.

    Returns:
        (outcome, seconds left): the answer as a codec text, or the verdict "open" or "failed" of
        a candidate that gave none (0.0 seconds left when its time was over).
    """
    given, printed = codec.loads(text), Flood()
    try:
        with time_limit(remaining) as clock, printed.capture():
            answer = codec.dumps(exercise.probe(candidate, given))
    except TimeUp:
        allowed = f"stopped after {exercise.seconds:g} s, all cases together"
        hint = "; if the kernel hangs in one long call, restart it"
        return Verdict("failed", f"{allowed} (here: {_show(text)}){hint}"), 0.0
    except NotImplementedError as error:
        if str(error).startswith("Exercise "):
            return Verdict("open", "not attempted yet"), remaining
        return Verdict("failed", _raised(error, text)), remaining
    except codec.NotPlainData as error:
        return Verdict("failed", f"returned {error} (here: {_show(text)})"), remaining
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a candidate raises, SystemExit too, is its failure
        return Verdict("failed", _raised(error, text)), remaining
    if printed.length and "what your function printed is not shown" not in notes:
        notes.append("what your function printed is not shown")
    if _mutated(given, text) and "your function changed its input: it got a copy" not in notes:
        notes.append("your function changed its input: it got a copy")
    return answer, remaining - clock()


def complaint(exercise: Exercise, instance: str, answer: str) -> str | None:
    """Return why `answer` is wrong on `instance` (both codec texts), None when it is right."""
    try:
        exercise.verify(codec.loads(instance), codec.loads(answer))
    except AssertionError as error:
        return str(error) or f"wrong answer (here: {_show(instance)})"
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        return f"the answer has the wrong form: {error} (here: {_show(instance)})"
    return None


def describe(error: BaseException) -> str:
    """Return "TypeError: its message" on one line, whatever the exception's class does."""
    return f"{type(error).__name__}: {_text(error)}"


def is_open(candidate: Any) -> bool:
    """Tell whether a value answer still is `...`, alone or inside a tuple of answers."""
    if type(candidate) is tuple:
        return any(item is ... for item in candidate)
    return candidate is ... or candidate is None


def exercise(key: str) -> Exercise:
    """Return the exercise with this key; ValueError lists the keys of its week when there is none.

    A key "2.1" lives in `exercises/week02.py`, "parity.1" in `exercises/parity.py`.
    """
    prefix, _, _ = str(key).partition(".")
    found = _module_exercises(f"week{int(prefix):02d}" if prefix.isdecimal() else prefix)
    if key not in found:
        allowed = ", ".join(found) or ", ".join(exercises())
        raise ValueError(f"key must be one of {allowed}, got {key!r}")
    return found[key]


def exercises() -> list[str]:
    """Return the keys of all exercises, weeks first."""
    names = sorted(m.name for m in pkgutil.iter_modules(_exercises.__path__))
    weeks = [n for n in names if n.startswith("week")]
    return [k for n in weeks + [n for n in names if n not in weeks] for k in _module_exercises(n)]


def solution(key: str) -> None:
    """Show the course's answer, once an attempt was checked in this session."""
    exercise(key)
    if key not in _attempted:
        print(f"Exercise {key}: check an attempt of your own first, then ask again.")
        return
    print(_solutions()[key])


def _solutions() -> dict[str, str]:
    folder = files("course_utils.exercises") / "solutions"
    found: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name) if folder.is_dir() else []:
        found |= json.loads(entry.read_text(encoding="utf-8"))
    return found


@functools.cache
def _module_exercises(name: str) -> dict[str, Exercise]:
    if name not in {m.name for m in pkgutil.iter_modules(_exercises.__path__)}:
        return {}
    module = importlib.import_module(f"course_utils.exercises.{name}")
    found = [value for value in vars(module).values() if isinstance(value, Exercise)]
    return {entry.key: entry for entry in found}


_attempted: set[str] = set()


def _mutated(given: Any, text: str) -> bool:
    try:
        return codec.dumps(given) != text
    except (codec.NotPlainData, RecursionError):
        return True


def _raised(error: BaseException, text: str) -> str:
    return f"raised {describe(error)} (here: {_show(text)})"


def _text(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())[:200]
    except Exception as inner:  # a candidate's exception may be unable to speak
        return f"(its message cannot be read: {type(inner).__name__})"


def _show(text: str) -> str:
    return brief(codec.loads(text))
