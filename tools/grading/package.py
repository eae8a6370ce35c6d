"""The sandbox's copy of `course_utils`: everything that an answer may use, and no answers.

Left out: the shown solutions, and of each exercise module all that its probes do not need, so the
slow definitions of `verify`, the drawing of instances and the course's own answers stay outside.
What a notebook itself uses of an exercise module (`week07.branching_tree`) remains, unless it is an
answer that some `check(…, otherwise=…)` goes on with.
"""

import ast
import re
import shutil
from pathlib import Path

from tools import workbook

CELLS = Path(__file__).with_name("cells.py")  # the runner's notebook, beside the package
GONE = """

def __getattr__(name):  # what a check goes on with is asked for, and not here
    if name.startswith("__"):
        raise AttributeError(name)
    import cells
    return cells.Nothing()
"""
LEFT_OUT = shutil.ignore_patterns("__pycache__", "solutions")
_ALIAS = re.compile(r"from course_utils\.exercises import (\w+)(?: as (\w+))?")
_OTHERWISE = re.compile(r"otherwise=\(?([\w., ]+)")


def strip_package(target: Path) -> None:
    """Write the copy to `target`/course_utils; `target` must exist."""
    shutil.copyfile(CELLS, target / CELLS.name)
    copy = target / "course_utils"
    shutil.copytree(workbook.ROOT / "course_utils", copy, ignore=LEFT_OUT)
    shown = used_in_notebooks()
    for path in sorted((copy / "exercises").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        kept = probes_only(text, shown.get(path.stem, set()))
        path.write_text(kept + GONE, encoding="utf-8")


def used_in_notebooks() -> dict[str, set[str]]:
    """Return {exercise module: names of it that notebooks use}, answers left out."""
    shown: dict[str, set[str]] = {}
    answers: dict[str, set[str]] = {}
    for path in workbook.sources():
        text = path.read_text(encoding="utf-8")
        going_on = " ".join(_OTHERWISE.findall(text))
        for module, alias in _ALIAS.findall(text):
            name = re.compile(rf"\b{alias or module}\.(\w+)")
            shown.setdefault(module, set()).update(name.findall(text))
            answers.setdefault(module, set()).update(name.findall(going_on))
    return {module: names - answers[module] for module, names in shown.items()}


def probes_only(text: str, shown: set[str]) -> str:
    """Return an exercise module's source: its probes, the names `shown`, and what these use.

    >>> source = "def p(c, i): return c(i)\\ndef v(i, a): pass\\nX = Exercise('1', 't', g, p, v)"
    >>> print(probes_only(source, set()))
    def p(c, i):
        return c(i)
    X = Exercise('1', 't', None, p, None)
    """
    body = [_without_verify(node) for node in ast.parse(text).body]
    defined = {name: node for node in body for name in _names_bound(node)}
    waiting = [n for n in body if _exercise_call(n)] + [defined[n] for n in shown & defined.keys()]
    kept = {n for n in body if isinstance(n, ast.Import | ast.ImportFrom)}
    while waiting:
        node = waiting.pop()
        if node not in kept:
            kept.add(node)
            waiting += [defined[name] for name in _names_used(node) & defined.keys()]
    return ast.unparse(ast.Module(body=[n for n in body if n in kept], type_ignores=[]))


def _without_verify(node: ast.stmt) -> ast.stmt:
    call = _exercise_call(node)
    if call:
        nothing = ast.Constant(None)
        call.args = [nothing if i in (2, 4) else a for i, a in enumerate(call.args)]
        for keyword in call.keywords:
            if keyword.arg in ("instances", "verify"):
                keyword.value = nothing
    return node


def _exercise_call(node: ast.stmt) -> ast.Call | None:
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    named = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
    return value if named and value.func.id == "Exercise" else None


def _names_used(node: ast.stmt) -> set[str]:
    own = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - own


def _names_bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return []
    return [
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]
