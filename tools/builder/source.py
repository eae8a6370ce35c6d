"""From a py:percent source to the student and the solved notebook, before any execution."""

import ast
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from tools import links, workbook

HEADING = re.compile(
    r"^### Exercise (?P<key>[a-z0-9_]+\.\d+) (?P<stars>★{1,3}) "
    r"\((?P<minutes>\d+) min(?P<kind>, proof|, experiment)?\) — (?P<title>\S.*)$",
    re.MULTILINE,
)
BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
# What JupyterLab writes when it opens a notebook: committed, so that it finds nothing to write.
# Its last entry is the reader's own Python; `make lab` puts that into the copies.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3.11.7",
    },
}
BOOTSTRAP = """\
import sys

if "google.colab" in sys.modules:
    import subprocess

    address = "git+{repository}@{ref}"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", address]
    subprocess.run(install, check=True)

from course_utils import runtime

runtime.setup(seed=0)"""


class SourceError(Exception):
    """A source that cannot be built; the message names file, cell and rule."""


@dataclass(frozen=True)
class Task:
    """An exercise's heading as it stands in a source."""

    key: str
    stars: int
    minutes: int
    kind: str  # "code", "proof" or "experiment"
    title: str


def read_source(path: Path) -> NotebookNode:
    """Read a source as written, cells with jupytext's metadata; never written back."""
    return jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")


def tags(cell: NotebookNode) -> list[str]:
    """Return the cell's tags."""
    return cell.metadata.get("tags", [])


def tasks(notebook: NotebookNode) -> list[Task]:
    """Return the exercises whose headings stand in the notebook, in order."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for match in HEADING.finditer(cell.source):
                kind = (match["kind"] or ", code").removeprefix(", ")
                minutes = int(match["minutes"])
                stars = len(match["stars"])
                found.append(Task(match["key"], stars, minutes, kind, match["title"]))
    return found


@cache
def all_tasks() -> dict[str, tuple[Path, Task]]:
    """Return {key: (its source, its heading)} of the course's exercises, weeks first."""
    return {
        task.key: (path, task) for path in workbook.sources() for task in tasks(read_source(path))
    }


def check_calls(text: str, key: str) -> list[ast.Call]:
    """Return the calls `check("KEY", …)` of this exercise in a code cell."""
    return [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == key
    ]


def build(path: Path, solved: bool = False) -> NotebookNode:
    """Return the unexecuted student (or solved) notebook of a source, byte-deterministic."""
    source = read_source(path)
    cells, seen, key = [], {}, None
    for number, cell in enumerate(source.cells, start=1):
        where = f"{path.name}, cell {number}"
        if cell.cell_type == "markdown" and (match := HEADING.search(cell.source)):
            key = match["key"]
        if "solution" in tags(cell) and not solved:
            continue
        text = cell.source
        if number == 1:
            text = text.replace("(badge)", badge(path))
        if "bootstrap" in tags(cell):
            repository, ref = workbook.address()
            text = BOOTSTRAP.format(repository=repository, ref=ref)
        elif cell.cell_type == "code":
            text = replace_solutions(cell.source, key, solved, where)
        else:
            text = links.publish(text)
        cells.append(_new_cell(cell, text, _cell_id(path.stem, cell, seen)))
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = nbformat.from_dict(METADATA)
    return notebook


def colab(path: Path) -> str:
    """Return the address that opens the notebook built from `path` on Colab."""
    repository, ref = workbook.address()
    place = path.relative_to(workbook.SOURCES).with_suffix(".ipynb").as_posix()
    host = repository.replace("https://github.com/", "https://colab.research.google.com/github/")
    return f"{host}/blob/{ref}/notebooks/{place}"


def badge(path: Path) -> str:
    """Return the Colab badge of the notebook built from `path`, in Markdown."""
    picture = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({picture})]({colab(path)})"


def replace_solutions(text: str, key: str | None, solved: bool, where: str) -> str:
    """Cut the solutions out of a code cell (or only their markers when `solved`)."""
    lines, out, block = text.split("\n"), [], None
    for line in lines:
        if line.strip() == BEGIN:
            if block is not None:
                raise SourceError(f"{where}: {BEGIN} inside a solution; end the first one before")
            if key is None:
                raise SourceError(f"{where}: a solution before any exercise heading")
            block, indent = [], line[: len(line) - len(line.lstrip())]
        elif line.strip() == END:
            if block is None:
                raise SourceError(f"{where}: {END} without {BEGIN}")
            out += block if solved else _stub(block, indent, key, where)
            block = None
        else:
            (out if block is None else block).append(line)
    if block is not None:
        raise SourceError(f"{where}: {BEGIN} without {END}")
    return "\n".join(out)


def _stub(block: list[str], indent: str, key: str, where: str) -> list[str]:
    if indent:
        return [f'{indent}raise NotImplementedError("Exercise {key}")  # replace this line']
    names = []
    for statement in ast.parse("\n".join(block)).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if not targets or not all(isinstance(t, ast.Name) for t in targets):
            raise SourceError(
                f"{where}: a top-level solution may only assign plain names (name = value); "
                f"line {statement.lineno} of the solution does something else: put it in a function"
            )
        names += [t.id for t in targets if t.id not in names]
    return [f"{name} = ...  # Exercise {key}: replace the dots" for name in names]


def _cell_id(stem: str, cell: NotebookNode, seen: dict[str, int]) -> str:
    text = f"{stem}\n{cell.cell_type}\n{cell.source}"
    ordinal = seen[text] = seen.get(text, -1) + 1
    return hashlib.sha256((text + f"\n{ordinal}" * (ordinal > 0)).encode()).hexdigest()[:12]


def _new_cell(cell: NotebookNode, text: str, identity: str) -> NotebookNode:
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    new = make.get(cell.cell_type, nbformat.v4.new_raw_cell)(text, id=identity)
    if tags(cell):
        new.metadata["tags"] = list(tags(cell))
    if "alt" in cell.metadata:
        new.metadata["mystnb"] = {"image": {"alt": cell.metadata["alt"]}}
    return new


def answers(path: Path) -> dict[str, str]:
    """Return {key: code of the answer cells, solutions inside} of a source, for `solution(key)`."""
    found: dict[str, list[str]] = {}
    key = None
    for cell in read_source(path).cells:
        if cell.cell_type == "markdown" and (match := HEADING.search(cell.source)):
            key = match["key"]
        if cell.cell_type == "code" and BEGIN in cell.source and key:
            found.setdefault(key, []).append(replace_solutions(cell.source, key, True, path.name))
    return {key: "\n\n\n".join(cells) for key, cells in found.items()}


def dump(notebook: NotebookNode) -> str:
    """Return the notebook's text: nbformat's form, sorted keys, a newline at the end."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
