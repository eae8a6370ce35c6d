"""Judges submissions, one a line of standard input; trusted, and the only one that sees instances.

The first line is the assignment: its plan, the secret seeds, the course's own answers. Before any
submission is judged, these run in the sandbox on the secret instances and must get full marks: that
fills numba's cache, and a grader that fails the course's own answers is not to be trusted.
`python -m tools.grading.judge` is started by `pool`, never by hand. Before it verifies an answer it
says which, so that `pool` knows where a judge was stuck, or died.
"""

import ast
import functools
import json
import re
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from course_utils import checks, codec
from course_utils.guard import TimeUp, time_limit
from tools.grading import sandbox
from tools.grading.package import strip_package
from tools.workbook import WorkbookError

VERIFYING = 30.0  # seconds for judging one answer; ours take milliseconds
LONGEST_COMMENT = 1000
_HUGE = re.compile("0x[0-9a-f]{100000}")  # no honest whole number; a gcd of such takes for ever
_LOOKS_AROUND = {
    *("eval", "exec", "globals", "locals", "vars", "dir", "__main__", "modules"),
    *("user_ns", "user_global_ns", "user_module", "ev", "who_ls"),
}
ENDED = {
    "time": "the answer could not be stopped in time and was ended with its process",
    "memory": f"the answer took more than {sandbox.MEMORY >> 30} GiB and was ended",
    "processes": f"the answer started more than {sandbox.PROCESSES} processes and was ended",
    "output": f"the answer returned more than {sandbox.REPORT >> 20} MiB and was ended",
}


def main() -> None:
    """Answer each line of standard input with one line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that temporary folders are removed
    assignment = json.loads(sys.stdin.readline())
    with tempfile.TemporaryDirectory() as folder:
        package, cache = Path(folder) / "package", Path(folder) / "cache"
        for path in (Path(folder), package, cache):
            path.mkdir(exist_ok=True)
            path.chmod(0o755)
        strip_package(package)
        places = (package, cache)
        try:  # twice, since a machine may be too busy for a moment
            failed = _own_answers(assignment, places) and _own_answers(assignment, places)
        except RuntimeError as error:
            failed = f"{error}; {sandbox.advice()}"
        except WorkbookError as error:
            failed = str(error)
        _say({"failed": failed, "folder": folder})
        for line in [] if failed else sys.stdin:
            _say(_reply(assignment, json.loads(line), places))


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def _reply(assignment: dict[str, Any], job: dict[str, Any], places: Any) -> dict[str, Any]:
    stuck = {key: number for key, number in job["stuck"]}
    try:
        return {"marks": judge(assignment, job["answers"], places, stuck=stuck, say=_say)}
    except (RuntimeError, OSError, WorkbookError) as error:
        return {"error": str(error)}


def _own_answers(assignment: dict[str, Any], places: tuple[Path, Path]) -> str | None:
    marks = judge(assignment, assignment["own"], places, fill=True)
    wrong = [f"{k}: {m['comment']}" for k, m in marks.items() if m["passed"] < m["total"]]
    found = "; ".join(wrong)
    return f"the course's own answers do not get full marks here: {found}" if found else None


def judge(
    assignment: dict[str, Any],
    answers: dict[str, str],
    places: tuple[Path, Path],
    fill: bool = False,
    stuck: dict[str, int] | None = None,
    say: Callable[[dict[str, Any]], None] = lambda what: None,
) -> dict[str, dict[str, Any]]:
    """Return {key: {"passed", "total", "comment"}} for the answers {cell id: text}.

    Args:
        assignment: see `release.for_judges`.
        answers: {cell id: text}.
        places: the folders of the package's copy and of numba's cache.
        fill: let the answers write the cache, for the course's own only.
        stuck: {key: the instance from which on an earlier judge did not come back}.
        say: is told what is verified, before it is, and that nothing is any more.

    An exercise that ends its process is left, and a fresh process goes on with those after it, so
    that it costs no other exercise a mark. The answers before it stay defined, for those that
    build on them.
    """
    steps = [_step(assignment, exercise, answers) for exercise in assignment["plan"]]
    outcomes: list[dict[int, str | None]] = [{} for _ in steps]  # instance -> complaint or None
    remarks = [""] * len(steps)
    first, broken = 0, set()
    while first < len(steps):
        batch = [_again(s, i in broken) if i < first else s for i, s in enumerate(steps)]
        events, ended = sandbox.run(batch, *places, shut=assignment["sandbox"], fill=fill)
        last = _read(events, first, steps, outcomes, remarks, stuck or {}, say)
        if ended == "done":
            break
        if last >= first:
            remarks[last] = ENDED.get(ended, "the answer ended its process")
            broken.add(last)
            first = last + 1
        elif broken == set(range(first)):
            raise RuntimeError(f"the sandbox did not start: {ended}")
        else:  # what was defined once was not defined again
            broken = set(range(first))
    return {s["key"]: _mark(s, outcomes[i], remarks[i]) for i, s in enumerate(steps)}


def _again(step: dict[str, Any], broken: bool) -> dict[str, Any]:
    """Return a step that only defines again what its answers defined."""
    return step | {"instances": [], "answers": [] if broken else step["answers"]}


def _step(
    assignment: dict[str, Any], exercise: dict[str, Any], answers: dict[str, str]
) -> dict[str, Any]:
    texts = [answers.get(cell, "") for cell in exercise["answers"]]
    probed = checks.exercise(exercise["key"])
    return {
        "key": exercise["key"],
        "prelude": [_needed(text, assignment["plan"], answers) for text in exercise["prelude"]],
        "answers": texts,
        "candidate": exercise["candidate"],
        "instances": list(instances(exercise["key"], assignment["seeds"][exercise["key"]])),
        "seconds": assignment["timeout"] or probed.seconds,
    }


@functools.cache
def instances(key: str, seed: int) -> tuple[str, ...]:
    """Return the secret instances of an exercise as codec texts."""
    return tuple(map(codec.dumps, checks.exercise(key).instances(np.random.default_rng(seed))))


def _needed(prelude: str, plan: list[dict[str, Any]], answers: dict[str, str]) -> str:
    """Return a prelude without the imports that no text names: torch alone takes a second.

    All answers count, since one may use what an earlier exercise's cells imported.
    """
    body = ast.parse(prelude).body
    imports = [n for n in body if isinstance(n, ast.Import | ast.ImportFrom)]
    texts = [*answers.values(), *(step["candidate"] for step in plan)]
    texts += {t for step in plan for t in step["prelude"] if not _imports_only(t)} - {prelude}
    texts += [ast.unparse(node) for node in body if node not in imports]
    used = {word for text in texts for word in re.findall(r"\w+", text)}
    if used & _LOOKS_AROUND:
        return prelude
    for node in imports:
        node.names = [a for a in node.names if (a.asname or a.name).split(".")[0] in used]
    kept = [node for node in body if node not in imports or node.names]
    return ast.unparse(ast.Module(body=kept, type_ignores=[]))


def _imports_only(text: str) -> bool:
    return all(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(text).body)


def _read(
    events: list[list[Any]],
    first: int,
    steps: list[dict[str, Any]],
    outcomes: list[dict[int, str | None]],
    remarks: list[str],
    stuck: dict[str, int],
    say: Callable[[dict[str, Any]], None],
) -> int:
    """Verify what came out, in the order it came; return the last step that began."""
    last = first - 1
    for kind, at, *rest in events:
        if type(at) is not int or not first <= at < len(steps):
            continue
        step, known = steps[at], outcomes[at]
        last = max(last, at) if kind == "begin" else last
        if kind == "open":
            remarks[at] = "not attempted"
        elif kind == "broken" and rest:
            remarks[at] = str(rest[0])
        elif kind == "late":
            remarks[at] = f"stopped after {step['seconds']:g} s, all instances together"
        elif kind in ("answer", "failed") and len(rest) == 2 and _fresh(rest[0], step, known):
            if rest[0] >= stuck.get(step["key"], len(step["instances"])):
                known[rest[0]] = "the answer cannot be judged (its judge did not come back)"
                continue
            say({"verifying": [step["key"], rest[0]]})
            known[rest[0]] = _complaint(kind, step, *rest)
    say({"verifying": None})
    return last


def _fresh(number: Any, step: dict[str, Any], known: dict[int, str | None]) -> bool:
    return type(number) is int and 0 <= number < len(step["instances"]) and number not in known


def _complaint(kind: str, step: dict[str, Any], number: int, text: Any) -> str | None:
    try:
        with time_limit(VERIFYING):
            if kind == "failed":
                return str(codec.loads(str(text)))
            if _HUGE.search(str(text)):
                return "a whole number has more than 400000 bits"
            exercise = checks.exercise(step["key"])
            return checks.complaint(exercise, step["instances"][number], str(text))
    except (TimeUp, Exception) as error:  # what an answer sends must not end its judge
        return f"the answer cannot be judged ({type(error).__name__})"


def _mark(step: dict[str, Any], known: dict[int, str | None], remark: str) -> dict[str, Any]:
    total = len(step["instances"])
    passed = sum(complaint is None for complaint in known.values())
    wrong = [known[i] for i in sorted(known) if known[i] is not None]
    parts = [f"{passed} of {total} instances right."] if known or remark != "not attempted" else []
    parts += [f"First wrong: {wrong[0]}."] if wrong else []
    parts += [f"{remark[:1].upper()}{remark[1:]}."] if remark else []
    return {"passed": passed, "total": total, "comment": " ".join(parts)[:LONGEST_COMMENT]}


if __name__ == "__main__":
    main()
