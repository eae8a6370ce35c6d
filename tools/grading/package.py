"""The sandbox's copy of `course_utils`: everything that an answer may use, and no answers.

Left out: the shown solutions, and of each exercise module all that its probes do not need, so the
slow definitions of `verify`, the drawing of instances and the course's own answers stay outside.
"""

import ast
import shutil
from pathlib import Path

from tools import workbook

LEFT_OUT = shutil.ignore_patterns("__pycache__", "solutions")


def strip_package(target: Path) -> None:
    """Write the copy to `target`/course_utils; `target` must exist."""
    copy = target / "course_utils"
    shutil.copytree(workbook.ROOT / "course_utils", copy, ignore=LEFT_OUT)
    for path in sorted((copy / "exercises").glob("*.py")):
        path.write_text(probes_only(path.read_text(encoding="utf-8")), encoding="utf-8")


def probes_only(text: str) -> str:
    """Return an exercise module's source with its probes and what they use, nothing else.

    >>> source = "def p(c, i): return c(i)\\ndef v(i, a): pass\\nX = Exercise('1', 't', g, p, v)"
    >>> print(probes_only(source))
    def p(c, i):
        return c(i)
    X = Exercise('1', 't', None, p, None)
    """
    body = [_without_verify(node) for node in ast.parse(text).body]
    defined = {name: node for node in body for name in _names_bound(node)}
    imports = [n for n in body if isinstance(n, ast.Import | ast.ImportFrom)]
    kept, waiting = set(imports), [n for n in body if _exercise_call(n)]
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
