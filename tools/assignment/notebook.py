"""The notebook of an assignment: exercises cut out of the sources, with nbgrader's metadata.

A cell's id is its nbgrader `grade_id`: `title`, `names`, `bootstrap`; then for each exercise
`imports-week02` where its notebook is another than the exercise's before, `ex-2-1-text`,
`ex-2-1-context-1`, `ex-2-1-answer`, `ex-2-1-check`, each with `-2`, `-3` where there are more.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tools import workbook
from tools.builder.source import (
    BEGIN,
    BOOTSTRAP,
    HEADING,
    METADATA,
    SourceError,
    Task,
    all_tasks,
    check_calls,
    read_source,
    replace_solutions,
    tags,
)
from tools.workbook import WorkbookError

SECTION = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
SECTION_OR_EXERCISE = re.compile(r"^#{1,3} ", re.MULTILINE)
OWN_HEADING = re.compile(r"\A##+ .*\n+")  # a context cell's; the origin names the section
BOLD = re.compile(r"(?:^|(?<=\n\n))\*\*")  # a paragraph that begins in bold
HINT = re.compile(r"\n*<details><summary>Hint[^<]*</summary>.*?</details>", re.DOTALL)

HOW = """\
**How to work.**

- Only the answer cells are read. A helper function goes into the answer cell that needs it; an
  answer may use the answers above it.
- The check below an answer tries it on one sample of instances. Marks come from fresh ones, in
  proportion to the share that come out right.{by_hand}
- Before you hand in, restart and run everything from the top. Keep the name of the file,
  `{name}.ipynb`.\
"""


@dataclass
class Part:
    """What the source of an exercise gives to an assignment, solutions inside."""

    path: Path
    task: Task
    imports: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    check: str = ""


def notebook(
    name: str, points: dict[str, float], due: datetime | None = None, hints: bool = True
) -> NotebookNode:
    """Return the assignment's notebook: stubs, nbgrader's metadata, no outputs."""
    repository, ref = workbook.address()
    cells = [
        _cell("markdown", "title", _title(name, points, due)),
        nbformat.v4.new_markdown_cell("**Name:** …\n\n**Worked with:** …", id="names"),
        _cell("code", "bootstrap", BOOTSTRAP.format(repository=repository, ref=ref)),
    ]
    cells[-1].metadata["tags"] = ["bootstrap"]
    path, count, shown = None, {}, set()
    for key, worth in points.items():
        part = extract(key)
        needed = part.imports if part.path != path and part.task.kind != "proof" else []
        for text in needed:
            stem = part.path.stem
            base = f"imports-{stem.partition('_')[0] if key[0].isdecimal() else stem}"
            count[base] = count.get(base, 0) + 1
            cells.append(_cell("code", _numbered(base, count[base]), text))
        path = part.path if needed else path
        for n, text in enumerate(part.texts, start=1):
            text = text if hints else HINT.sub("", text).rstrip()
            cells.append(_cell("markdown", _numbered(_identity(key, "text"), n), text))
        context = [text for text in part.context if (part.path, text) not in shown]
        shown |= {(part.path, text) for text in context}
        for n, text in enumerate(context, start=1):
            cells.append(_cell("code", f"{_identity(key, 'context')}-{n}", text))
        for identity, text in _answers(part, solved=False).items():
            cells.append(_cell("code", identity, text, solution=True))
        if part.task.kind == "code":
            cells.append(_cell("code", _identity(key, "check"), part.check, points=worth))
        else:
            identity = _identity(key, "answer")
            text = "*Your answer here.*"
            cells.append(_cell("markdown", identity, text, solution=True, points=worth))
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata = nbformat.from_dict(METADATA)
    return made


def solved_answers(keys: list[str]) -> dict[str, str]:
    """Return {grade_id: code with the solution inside} of the exercises' answer cells."""
    return {i: t for key in keys for i, t in _answers(extract(key), solved=True).items()}


def _answers(part: Part, solved: bool) -> dict[str, str]:
    key = part.task.key
    return {
        _numbered(_identity(key, "answer"), n): replace_solutions(text, key, solved, part.path.name)
        for n, text in enumerate(part.answers, start=1)
    }


def _identity(key: str, role: str) -> str:
    return f"ex-{key.replace('.', '-')}-{role}"


def _numbered(base: str, n: int) -> str:
    return base if n == 1 else f"{base}-{n}"


def _cell(
    kind: str, identity: str, text: str, solution: bool = False, points: float | None = None
) -> NotebookNode:
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}[kind]
    role: dict[str, Any] = {"grade": points is not None, "solution": solution}
    role |= {"locked": not solution, "task": False, "grade_id": identity, "schema_version": 3}
    if points is not None:
        role["points"] = points
    return make(text, id=identity, metadata={"nbgrader": role})


def _title(name: str, points: dict[str, float], due: datetime | None) -> str:
    lines = [f"# {name} — Machine Learning for the Working Mathematician", ""]
    lines += ["| exercise | | minutes | points |", "|---|---|---|---|"]
    chosen = [find(key)[1] for key in points]
    for task in chosen:
        title = task.title.replace("|", "\\|")
        lines.append(
            f"| {task.key} {'★' * task.stars} | {title} | {task.minutes} | {points[task.key]:g} |"
        )
    if due:
        lines += ["", f"**Due:** {due:%Y-%m-%d %H:%M} UTC."]
    by_hand = [task.key for task in chosen if task.kind != "code"]
    words = f" Your text for {' and '.join(by_hand)} is read by people." if by_hand else ""
    return "\n".join([*lines, "", HOW.format(name=name, by_hand=words)])


def find(key: str) -> tuple[Path, Task]:
    """Return an exercise's source and heading; WorkbookError names the keys of its week."""
    found = all_tasks()
    if key not in found:
        near = [k for k in found if k.partition(".")[0] == key.partition(".")[0]]
        names = ", ".join(near or dict.fromkeys(f"{k.partition('.')[0]}.1" for k in found))
        raise WorkbookError(f"no exercise {key!r}; there are: {names}{'' if near else ', …'}")
    return found[key]


@cache
def extract(key: str) -> Part:
    """Collect what an exercise needs from its source: text, context, answer cells, check."""
    path, task = find(key)
    part, inside, section = Part(path, task), False, ""
    source = read_source(path)
    for cell in source.cells:
        context = f"context:{key}" in tags(cell)
        if cell.cell_type == "markdown":
            headings = {match["key"]: match for match in HEADING.finditer(cell.source)}
            if match := headings.get(key):
                section, text = _statement(cell.source, match, section, bool(part.texts))
                origin = f"From {_origin(path, task, source, section)}."
                part.texts = ["\n\n".join([origin, *part.texts, text])]
            elif "solution" not in tags(cell) and (context or (inside and not headings)):
                part.texts.append(OWN_HEADING.sub("", cell.source))
            inside = list(headings)[-1] == key if headings else inside
            for match in SECTION.finditer(cell.source):
                section = match["title"]
        elif "imports" in tags(cell):
            part.imports.append(cell.source)
        elif context:
            part.context.append(cell.source)
        elif inside and BEGIN in cell.source:
            part.answers.append(cell.source)
        elif check_calls(cell.source, key):
            part.check, inside = cell.source, False
        if task.kind != "code":
            inside = False
    if task.kind == "code" and not (part.answers and part.check):
        raise SourceError(f"{path.name}: exercise {key} has no answer cell or no check")
    return part


def _statement(text: str, match: re.Match[str], section: str, defined: bool) -> tuple[str, str]:
    """Return the section's title, and what the cell defines before the heading, with statement.

    Definitions are what follows the section's heading, or begins with the last bold word at the
    start of a paragraph; other text before the exercise may speak of outputs, so it is folded, and
    left out where cells tagged as context have `defined` what is needed.
    """
    before = text[: match.start()]
    if headings := list(SECTION.finditer(before)):
        section, definitions = headings[-1]["title"], before[headings[-1].end() :].strip()
    elif bold := list(BOLD.finditer(before)):
        definitions = before[bold[-1].start() :].strip()
    elif defined:
        definitions = ""
    elif definitions := before.strip():
        summary = "<summary>In the notebook, just before</summary>"
        definitions = f"<details>{summary}\n\n{definitions}\n\n</details>"
    after = SECTION_OR_EXERCISE.search(text, match.end())
    statement = text[match.start() : after.start() if after else len(text)].strip()
    return section, f"{definitions}\n\n{statement}".strip()


def _origin(path: Path, task: Task, source: NotebookNode, section: str) -> str:
    repository, ref = workbook.address()
    place = workbook.target(path).relative_to(workbook.ROOT).as_posix()
    week = task.key.partition(".")[0]
    title = source.cells[0].source.split("\n")[0].removeprefix("# ").partition(" — ")[0]
    label = f"week {week}" if week.isdecimal() else title
    return f"[{label}, “{section}”]({repository}/blob/{ref}/{place})"
