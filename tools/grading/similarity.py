"""Which submissions share answers up to renaming: information for the instructor, no verdict."""

import ast
from collections.abc import Iterator
from itertools import combinations

from rapidfuzz import fuzz

from tools.grading.answers import parsed
from tools.grading.release import Release
from tools.grading.submissions import submissions

SHORTEST = 80  # characters of a normal form; below that honest answers coincide


def report(release: Release, least: float) -> Iterator[str]:
    """Yield a line for each exercise and pair of students whose answers agree to `least` per cent.

    Answers are compared in normal form, so names, comments and layout do not matter; an answer
    as handed out, one that does not parse and one of a line or two are left out.
    """
    found = [s for s in submissions(release) if not s.unreadable]
    stubs = {cell.id: cell.source for cell in release.notebook.cells}
    for step in release.plan:
        forms = {}
        for submission in found:
            texts = [submission.answers[cell] for cell in step["answers"]]
            if texts != [stubs[cell] for cell in step["answers"]]:
                form = normal_form("\n".join(texts))
                if len(form) >= SHORTEST:
                    forms[submission.student] = form
        for one, other in combinations(forms, 2):
            score = fuzz.ratio(forms[one], forms[other], score_cutoff=least)
            if score:
                yield f"{step['key']}: {one} and {other}: {score:.0f} %"


def normal_form(text: str) -> str:
    """Return code with its names numbered in order of appearance, "" when it does not parse.

    >>> normal_form("def f(n):  # mine\\n    return n+1") == normal_form("def g(k): return k + 1")
    True
    """
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    numbers: dict[str, str] = {}
    for node in ast.walk(tree):
        for name in ("name", "id", "arg", "attr"):
            if isinstance(getattr(node, name, None), str) and name != "attr":
                old = getattr(node, name)
                setattr(node, name, numbers.setdefault(old, f"v{len(numbers)}"))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
