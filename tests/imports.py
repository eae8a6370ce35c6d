"""Who imports whom among our own modules."""

import ast
from functools import cache
from pathlib import Path

import networkx as nx

from tests.support import ROOT

FOLDERS = ("course_utils", "tools", "benchmarks", "tests", "lecture_notes", "notebooks/source")


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    files = [p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py")]
    return {name_of(path): path for path in [*files, ROOT / "conftest.py"]}


def imports(path: Path, known: set[str]) -> set[str]:
    """Return our own modules that a file imports, inside functions and for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            deep = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= deep & known or {node.module}
            found |= {node.module} if deep - known else set()
    return found & known


def import_graph(paths: dict[str, Path]) -> nx.DiGraph:
    """One vertex per module, an arrow from each module to those that it imports."""
    edges = [(name, other) for name, path in paths.items() for other in imports(path, set(paths))]
    return nx.DiGraph(edges)
