"""Who may import whom (in no circle), how long a module may be, and what no file may say."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest

from tests.imports import import_graph, modules
from tests.support import ROOT, git
from tools.workbook import RUNTIME_PACKAGES

MATHS = sorted((ROOT / "course_utils" / "maths").glob("*.py"))
PACKAGE = sorted((ROOT / "course_utils").rglob("*.py"))
ROOMS = [p for room in ("engines", "pictures") for p in (ROOT / "course_utils" / room).glob("*.py")]
SOURCES = sorted((ROOT / "notebooks" / "source").rglob("*.py"))
CODE = [
    *PACKAGE,
    *sorted((ROOT / "tools").rglob("*.py")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
]


def imported(path) -> set[str]:
    """Return the dotted names that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def tops(path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", MATHS, ids=lambda p: p.stem)
def test_maths_imports_numpy_scipy_numba_and_itself_only(path):
    assert tops(path) <= {"numpy", "scipy", "numba", "networkx", "course_utils"}
    ours = {name for name in imported(path) if name.startswith("course_utils")}
    assert all(name.startswith("course_utils.maths") for name in ours), ours


@pytest.mark.parametrize("path", PACKAGE, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_package_imports_its_dependencies_only(path):
    allowed = set(RUNTIME_PACKAGES) | {"cycler"}  # cycler is a part of matplotlib
    assert tops(path) <= allowed


@pytest.mark.parametrize("path", ROOMS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_engines_and_pictures_know_no_exercise(path):
    ours = {name for name in imported(path) if name.startswith("course_utils.")}
    assert not any(
        name.startswith(("course_utils.exercise", "course_utils.check")) for name in ours
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_a_notebook_imports_its_dependencies_only(path):
    assert tops(path) <= set(RUNTIME_PACKAGES)


@pytest.mark.parametrize("path", CODE, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_module_stays_readable(path):
    limit = 600 if path.parent.name == "exercises" else 350
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= limit


def test_maths_works_where_torch_is_not():
    code = "import sys; sys.modules['torch'] = None\n" + "\n".join(
        f"import course_utils.maths.{path.stem}" for path in MATHS if path.stem != "__init__"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


GENERATED = {".venv", "my", "build", "dist", "course", "courses", "__pycache__"}


def tracked(root=ROOT) -> list:
    """Return the project's files: git's, or in a ZIP all that nothing generates."""
    listed = git("ls-files", "-z", root=root)
    if listed is not None:
        return [root / name for name in listed.split("\0") if name]
    found = []
    for folder, folders, files in os.walk(root):
        generated = GENERATED if Path(folder) == root else {"__pycache__"}
        folders[:] = [f for f in folders if (f not in generated and f[0] != ".") or f == ".ci"]
        found += [Path(folder, file) for file in files]
    return found


def test_the_files_are_found_without_git(tmp_path):
    shutil.copytree(ROOT / "constraints", tmp_path / "constraints")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pip.py").write_text("")
    assert [p.name for p in sorted(tracked(tmp_path))] == ["ci.txt", "colab.txt", "oldest.txt"]


def test_no_file_holds_a_machine_path_or_is_left_open():
    path = re.compile(r"(?<![\w.])/(work|home/(?!ann)[a-z]+|root)/")
    left_open = re.compile(r"\b(TODO|FIXME|XXX)\b")
    found = []
    for file in tracked():
        if (
            file.suffix in {".py", ".md", ".toml", ".yml", ".txt", ".ipynb", ".json"}
            and file.exists()
        ):
            text = file.read_text(encoding="utf-8")
            text = re.sub(r"[A-Za-z0-9+/=]{200,}", "", text)  # pictures say nothing
            if path.search(text) or (left_open.search(text) and file.name != "test_walls.py"):
                found.append(file.relative_to(ROOT).as_posix())
    assert found == []


def test_every_figure_of_the_notes_is_shown_and_every_shown_one_exists():
    notes = ROOT / "lecture_notes"
    shown = set()
    for note in notes.glob("*.md"):
        shown |= set(re.findall(r"\(figures/([^)\s]+)\)", note.read_text(encoding="utf-8")))
    there = {p.name for p in (notes / "figures").iterdir() if p.suffix in {".png", ".gif", ".svg"}}
    assert shown == there


def test_the_import_graph_has_no_circle():
    assert list(nx.simple_cycles(import_graph(modules()))) == []


def test_a_circle_would_be_found(tmp_path):
    texts = {
        "a": "from b import f",
        "b": "def g():\n    import c",
        "c": "import a",
        "d": "import a",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    graph = import_graph({name: tmp_path / f"{name}.py" for name in texts})
    assert [set(cycle) for cycle in nx.simple_cycles(graph)] == [{"a", "b", "c"}]
