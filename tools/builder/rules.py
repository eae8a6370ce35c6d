"""The form that every source notebook keeps; each message says how to mend what it finds."""

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from course_utils import checks
from tools.builder.reading import reading_problems
from tools.builder.source import BEGIN, END, HEADING, Task, read_source, tags, tasks
from tools.workbook import RUNTIME_PACKAGES

STANDARD_TAGS = {
    "bootstrap", "headline", "imports", "nbval-check-output", "solution", "widget",
}  # fmt: skip
LONGEST_CELL, LONGEST_CLASS, SHORT_CELL, MEDIAN_CELL = 30, 45, 15, 6
PROSE = (6, 20)  # words a line of code
_KNOWN_KEYS = {"tags", "alt", "lines_to_next_cell", "lines_to_end_of_cell_marker"}
_MARKER = re.compile(r"#+\s*(begin|end)[\s_-]*(of\s+)?solution", re.IGNORECASE)
_NBVAL = re.compile(r"NBVAL|PYTEST_VALIDATE", re.IGNORECASE)
_STANDARD_LIBRARY = sys.stdlib_module_names


def source_problems(path: Path, wrong_answers: set[str]) -> list[str]:
    """Return what is against the form in a source; `wrong_answers` holds the keys that have ≥ 2."""
    notebook = read_source(path)
    week = path.stem.startswith("week") and path.parent.name != "extras"
    found = [f"{path.name}, cell {n}: {text}" for n, text in _cell_problems(notebook)]
    whole = [*_frame(notebook, path), *_amounts(notebook, week), *_exercises(notebook, path, week)]
    whole += _later_uses(notebook)
    missing = [t.key for t in tasks(notebook) if t.kind == "code" and t.key not in wrong_answers]
    if missing:
        whole.append(
            f"exercises {', '.join(missing)} have fewer than 2 planted wrong answers; "
            "add them to tests/wrong_answers"
        )
    found += reading_problems(path)
    return found + [f"{path.name}: {text}" for text in whole]


def _cell_problems(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    for number, cell in enumerate(notebook.cells, start=1):
        for problem in _header(cell):
            yield number, problem
        if cell.cell_type == "raw":
            yield number, "is a raw cell; use markdown"
        if cell.cell_type == "code":
            for problem in [*_code(cell), *_size(cell), *_imports(cell)]:
                yield number, problem
            if "plt.show()" in cell.source:
                for problem in _drawing(notebook, number - 1):
                    yield number, problem
        elif cell.cell_type == "markdown":
            for problem in _markdown(cell):
                yield number, problem


def _markdown(cell: NotebookNode) -> Iterator[str]:
    for line in cell.source.split("\n"):
        if re.match(r"\s*(%|\+\+\+)", line):
            yield f"begins a line with {line.split()[0]!r}, which the site takes for a comment"
        if line.startswith("### Exercise") and not HEADING.match(line):
            form = "### Exercise 5.2 ★★ (15 min) — Title"
            yield f"heading {line!r} is not of the form {form!r}"


def _header(cell: NotebookNode) -> Iterator[str]:
    if "incorrectly_encoded_metadata" in cell.metadata:
        text = cell.metadata["incorrectly_encoded_metadata"]
        yield f'has an unquoted header value ({text}); write key="value" or tags=["…"]'
    for key in cell.metadata.keys() - _KNOWN_KEYS - {"incorrectly_encoded_metadata"}:
        yield f"has an unknown header key {key!r}; known: tags, alt"
    for tag in tags(cell):
        if tag == "raises-exception":
            yield "is tagged raises-exception, which nbval passes whatever happens; use try/except"
        elif tag not in STANDARD_TAGS and not re.fullmatch(r"context:[a-z0-9_]+\.\d+", tag):
            known = ", ".join(sorted(STANDARD_TAGS))
            yield f"has an unknown tag {tag!r}; known: {known}, context:KEY"


def _code(cell: NotebookNode) -> Iterator[str]:
    for line in cell.source.split("\n"):
        start = line.lstrip()[:1]
        if start in ("%", "!", "?"):
            yield f"line {line.strip()!r} is a magic or shell line, which nbval skips: use Python"
        if _NBVAL.search(line):
            yield f"comment {line.strip()!r} steers nbval; use the tag nbval-check-output"
        if _MARKER.search(line) and line.strip() not in (BEGIN, END):
            yield f"line {line.strip()!r} looks like a marker; write exactly {BEGIN!r} or {END!r}"
    begins, ends = (cell.source.count(marker) for marker in (BEGIN, END))
    if begins != ends:
        yield f"has {begins} {BEGIN} and {ends} {END}"


def _lines(cell: NotebookNode) -> int:
    return sum(1 for line in cell.source.split("\n") if line.strip())


def _size(cell: NotebookNode) -> Iterator[str]:
    is_class = any(isinstance(n, ast.ClassDef) for n in _tree(cell).body)
    limit = LONGEST_CLASS if is_class else LONGEST_CELL
    if (lines := _lines(cell)) > limit:
        yield f"has {lines} lines of code, allowed are {limit}; one idea a cell: split it"


def _tree(cell: NotebookNode) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])  # ruff reports it, and magics have a rule above


def _imports(cell: NotebookNode) -> Iterator[str]:
    for node in ast.walk(_tree(cell)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        for name in names:
            top = name.split(".")[0]
            if top not in RUNTIME_PACKAGES and top not in _STANDARD_LIBRARY:
                allowed = ", ".join(RUNTIME_PACKAGES)
                yield f"imports {name!r}; a notebook imports only {allowed} and Python's own"


def _drawing(notebook: NotebookNode, index: int) -> Iterator[str]:
    cell = notebook.cells[index]
    after = notebook.cells[index + 1] if index + 1 < len(notebook.cells) else None
    if "widget" in tags(cell):
        return
    if not cell.metadata.get("alt"):
        yield 'draws but has no alt text; add alt="…" to its header'
    if cell.source.rstrip().split("\n")[-1].strip() != "plt.show()":
        yield "draws but does not end with plt.show()"
    if after is not None and after.cell_type == "code" and "widget" not in tags(after):
        yield "draws, and no sentence below says what the figure shows; add a markdown cell"


def _frame(notebook: NotebookNode, path: Path) -> Iterator[str]:
    cells = notebook.cells
    if len(cells) < 5:
        yield "has fewer than five cells"
        return
    first = cells[0].source
    if cells[0].cell_type != "markdown" or not first.startswith("# "):
        yield "cell 1 must be markdown and begin with the title, '# …'"
    if "\n(badge)" not in first:
        yield "cell 1 must hold the line '(badge)'"
    if not re.search(r"^\*[^*].*", first, re.MULTILINE):
        yield "cell 1 must hold the week's question in italics"
    if "bootstrap" not in tags(cells[1]) or cells[1].source.strip():
        yield "cell 2 must be an empty code cell tagged bootstrap; the builder fills it"
    head = cells[2].source.lower()
    for words in ("what you will do", "what you need", "where it comes from"):
        if words not in head:
            yield f"cell 3 must say {words!r}"
    last = cells[-1].source.lower()
    for words in ("learned", "not show", "further reading"):
        if words not in last:
            yield f"the last cell must say what we learned, what it does not show, and further " \
                  f"reading; {words!r} is missing"  # fmt: skip
    for number, cell in enumerate(cells[1:], start=2):
        twin = cells[number - 2]
        if "widget" in tags(cell) and "plt.show()" not in twin.source:
            yield f"cell {number} is a widget; its static twin must be the cell just before"
    marked = [c for c in cells if "headline" in tags(c)]
    if len(marked) != 1 or headline_text(notebook) is None:
        yield "exactly one cell must be tagged headline; its first claim's text is a plain string"


def headline_text(notebook: NotebookNode) -> str | None:
    """Return the text of the first claim in the cell tagged `headline`."""
    for cell in notebook.cells:
        if "headline" in tags(cell):
            for node in ast.walk(_tree(cell)):
                if isinstance(node, ast.Call) and _name(node.func) == "claim" and node.args:
                    text = node.args[0]
                    return text.value if isinstance(text, ast.Constant) else None
    return None


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _amounts(notebook: NotebookNode, week: bool) -> Iterator[str]:
    code = [c for c in notebook.cells if c.cell_type == "code" and "bootstrap" not in tags(c)]
    sizes = [_lines(c) for c in code] or [0]
    if statistics.median(sizes) > MEDIAN_CELL:
        median = statistics.median(sizes)
        yield f"code cells have a median of {median} lines, allowed are {MEDIAN_CELL}"
    if sum(s <= SHORT_CELL for s in sizes) < 0.9 * len(sizes):
        long = sum(s > SHORT_CELL for s in sizes)
        yield f"{long} of {len(sizes)} code cells pass {SHORT_CELL} lines, allowed is one in ten"
    words = sum(len(c.source.split()) for c in notebook.cells if c.cell_type == "markdown")
    ratio = words / max(1, sum(sizes))
    if not PROSE[0] <= ratio <= PROSE[1]:
        yield f"has {ratio:.1f} words of prose a code line, allowed are {PROSE[0]} to {PROSE[1]}"
    least = 3 if week else 1
    drawn = sum("plt.show()" in c.source and "widget" not in tags(c) for c in code)
    checked = sum("nbval-check-output" in tags(c) for c in code)
    claims = sum(len(re.findall(r"\bclaim\(", c.source)) for c in code)
    for what, have in (("figures", drawn), ("checked cells", checked), ("claims", claims)):
        if have < least:
            yield f"has {have} {what}, wanted are at least {least}"


def _exercises(notebook: NotebookNode, path: Path, week: bool) -> Iterator[str]:
    found = [t for t in tasks(notebook)]
    coding = [t for t in found if t.kind == "code"]
    keys = [t.key for t in found]
    if len(set(keys)) < len(keys):
        yield f"an exercise key stands twice among {', '.join(keys)}"
    if week:
        prefix = str(int(path.stem[4:6]))
        foreign = [k for k in keys if k.split(".")[0] != prefix]
        if foreign:
            yield f"exercises {', '.join(foreign)} should be numbered {prefix}.1, {prefix}.2, …"
        if not 5 <= len(coding) <= 8:
            yield f"has {len(coding)} coding exercises, wanted are 5 to 8"
        if {t.stars for t in found} != {1, 2, 3}:
            yield "needs at least one exercise of each star, ★, ★★ and ★★★"
    yield from _checked(notebook, coding)


def _checked(notebook: NotebookNode, coding: list[Task]) -> Iterator[str]:
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    called = set(re.findall(r"\bcheck\(\s*\"([^\"]+)\"", text))
    known = set(checks.exercises())
    for task in coding:
        if task.key not in called:
            yield f'exercise {task.key} has no check cell: name = check("{task.key}", name, …)'
        if task.key not in known:
            yield f"exercise {task.key} has no Exercise in course_utils/exercises"
    for key in sorted(called - {t.key for t in coding}):
        yield f"checks {key!r}, but no heading '### Exercise {key} ★ (10 min) — …' names it"


def _later_uses(notebook: NotebookNode) -> Iterator[str]:
    code = [c for c in notebook.cells if c.cell_type == "code"]
    for index, cell in enumerate(code):
        for node in _tree(cell).body:
            value = getattr(node, "value", None)
            if not isinstance(value, ast.Call) or _name(value.func) != "check":
                continue
            goes_on = len(value.args) > 2 or any(k.arg == "otherwise" for k in value.keywords)
            if goes_on and isinstance(node, ast.Assign):
                continue
            used = {n.id for n in ast.walk(value.args[1]) if isinstance(n, ast.Name)}
            later = {
                n.id
                for c in code[index + 1 :]
                for n in ast.walk(_tree(c))
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
            }
            for name in sorted(used & later):
                yield (
                    f"{name!r} is used after its check; write "
                    f"{name} = check(…, {name}, otherwise=…) so that an open answer stops nobody"
                )
