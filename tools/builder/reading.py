"""Rules for the reader's way: order, honest minutes, a two-hour path, no numbers out of nowhere.

Of numbers that nothing in a notebook holds `python -m tools.builder report` tells.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from tools.builder.source import read_source, tags, tasks

WORKSHOP = 120  # minutes
_TOOL = re.compile(
    r"#\s*(fmt|noqa|type|ruff|pylint|isort|mypy|pyright|pragma|nosec|flake8)\b", re.I
)
_TOTAL = re.compile(r"all exercises together: (\d+) minutes", re.I)
_KEY = re.compile(r"\b(?:\d{1,2}|[a-z][a-z0-9_]*)\.\d{1,2}\b")
_NUMBER = re.compile(r"(?<![\w.,^_{/-])\d[\d,]*(?:\.\d+)?(?:\s?%)?(?![\w/-])")
_CITED = re.compile(r"arxiv|https?:|doi|et al\.|theorem|lemma|§|\bpp?\. \d|\((?:19|20)\d\d\)", re.I)
_ASIDE = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\[[^\]]*\]\([^)]*\)|<[^>]*>", re.S)


def reading_problems(path: Path) -> list[str]:
    """Return what is against the reader's way in a source, as lines that name file and cell."""
    notebook = read_source(path)
    found = [*_order(notebook), *_minutes(notebook), *_path(notebook), *_tool_comments(notebook)]
    return [f"{path.name}, cell {number}: {text}" for number, text in found]


def _order(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    last = 0
    for number, cell in enumerate(notebook.cells, start=1):
        for task in tasks_of(cell):
            position = int(task.key.rsplit(".", 1)[1])
            if position < last:
                yield number, f"exercise {task.key} comes after one of a higher number: renumber"
            last = max(last, position)


def tasks_of(cell: NotebookNode) -> list:
    """Return the exercises whose headings stand in one cell."""
    return tasks(NotebookNode(cells=[cell]))


def _third(notebook: NotebookNode) -> str:
    return " ".join(notebook.cells[2].source.split()) if len(notebook.cells) > 2 else ""


def _minutes(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    total = sum(task.minutes for task in tasks(notebook))
    said = _TOTAL.search(_third(notebook))
    if not said:
        yield 3, f"does not say 'All exercises together: {total} minutes'"
    elif int(said[1]) != total:
        yield 3, f"says {said[1]} minutes, the headings of the exercises add up to {total}"


def _path(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    """The paragraph `**Two-hour path:** …` of cell 3 names the exercises of a workshop."""
    paragraphs = notebook.cells[2].source.split("\n\n") if len(notebook.cells) > 2 else []
    marked = [p for p in paragraphs if "two-hour path" in p.lower()]
    if not marked:
        yield 3, "marks no two-hour path: '**Two-hour path:** sections …, exercises …'"
        return
    minutes = {task.key: task.minutes for task in tasks(notebook)}
    text = marked[0][marked[0].lower().index("two-hour path") :]
    named = set(_KEY.findall(re.split(r"for the week", text, flags=re.I)[0])) & minutes.keys()
    spent = sum(minutes[key] for key in named)
    if not named:
        yield 3, f"the two-hour path names no exercise; there are {', '.join(minutes)}"
    elif spent > WORKSHOP:
        yield 3, f"the exercises of the two-hour path take {spent} minutes, allowed are {WORKSHOP}"


def _tool_comments(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or "solution" in tags(cell):
            continue
        for comment in comments(cell.source):
            if _TOOL.match(comment):
                yield number, f"shows its reader {comment!r}, a tool's comment: write it otherwise"


def comments(text: str) -> list[str]:
    """Return the comments of a cell; none when it is not Python (another rule says so)."""
    try:
        found = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    return [token.string for token in found if token.type == tokenize.COMMENT]


def stray_numbers(path: Path, committed: NotebookNode, claims: list[dict]) -> list[str]:
    """Return the numbers in a notebook's prose that no claim, output, code or citation holds.

    Looked at are numbers with decimals, per cents, and integers of three digits or more, outside
    formulas, code and links. A number is held if some value of the notebook rounds to it, as it
    stands or as a per cent.
    """
    held = {c[k] for c in claims for k in ("value", "low", "high")}
    keys = {task.key for task in tasks(committed)}
    for cell in committed.cells:
        if cell.cell_type == "code":
            held |= _constants(cell.source)
            for output in cell.outputs:
                text = output.get("text", "") or output.get("data", {}).get("text/plain", "")
                held |= {_value(m[0])[0] for m in _NUMBER.finditer("".join(text))}
                held |= {float(x) for x in re.findall(r"\d+\.\d+(?:e-?\d+)?", "".join(text))}
    found = []
    for number, cell in enumerate(committed.cells, start=1):
        if cell.cell_type == "markdown":
            for paragraph in re.split(r"\n\s*\n", cell.source):
                for text in (t for t in _loose(paragraph) if t not in keys):
                    value, decimals = _value(text)
                    if not any(
                        abs(abs(h) * factor - value) <= 0.51 * 10**-decimals
                        for h in held
                        for factor in (1, 100)
                    ):
                        found.append(f"{path.name}, cell {number}: nothing here holds {text!r}")
    return found


def _loose(paragraph: str) -> Iterator[str]:
    if _CITED.search(paragraph) or paragraph.lstrip().startswith("#"):
        return
    for match in _NUMBER.finditer(_ASIDE.sub(" ", paragraph)):
        text = match[0].rstrip(",")
        digits = re.sub(r"\D", "", text)
        year = re.fullmatch(r"1[5-9]\d\d|20\d\d", text)
        if ("." in text or "%" in text or len(digits) >= 3) and not year:
            yield text


def _value(text: str) -> tuple[float, int]:
    plain = text.replace(",", "").replace("%", "").strip()
    return float(plain), len(plain.partition(".")[2])


def _constants(text: str) -> set[float]:
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return set()
    values = {n.value for n in nodes if isinstance(n, ast.Constant)}
    return {float(v) for v in values if type(v) in (int, float) and abs(v) < 1e300}
