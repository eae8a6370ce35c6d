"""An answer among a notebook's cells: one cell by its ids, or the halves of one that was split."""

import ast
import builtins
import re

Cell = tuple[tuple[object, object], str, str]  # (its two ids, its text, its kind)
_NOTEBOOK_LINE = re.compile(r"(?m)^([ \t]*)(?:[%!].*|.*\?)[ \t]*$")
_NOTEBOOK_VALUE = re.compile(r"(?m)(?<==)[ \t]*[%!].*$")


def taken(cell: str, released: dict[str, str], cells: list[Cell]) -> tuple[str, list[str]]:
    """Return an answer's text and remarks for the instructor.

    Of several cells that bear the id one counts, the one whose two ids both fit, else the first.
    Where it lacks a name that its stub defines, or uses one that the others define, or where only
    all together are Python, it was split, and all are joined in their order. A half may have lost
    the ids and lie beside the other.

    Args:
        cell: the id.
        released: {id: text} of the released notebook's cells.
        cells: the student's.
    """
    named = [i for i, (ids, *_) in enumerate(cells) if cell in ids]
    if not named:
        return released[cell], []
    chosen = ([i for i in named if cells[i][0] == (cell, cell)] or named)[0]
    text, kind = cells[chosen][1:]
    if len(named) == 1:
        halves = _beside(chosen, released, cells) if kind == "code" else named
    else:
        halves = named
    joined = ("\n" if kind == "code" else "\n\n").join(cells[i][1] for i in halves)
    split = kind != "code" or _lacks(text, released[cell], joined, released, named)
    split = split or (_parses(joined) and not all(_parses(cells[i][1]) for i in named))
    if len(halves) > 1 and split:
        return joined, [f"answer cell {cell} was split: its {len(halves)} parts were joined"]
    if len(named) > 1:
        return text, [f"{len(named)} cells bear the id {cell}: one was marked"]
    return text, []


def _beside(place: int, released: dict[str, str], cells: list[Cell]) -> list[int]:
    """Return the cells around one, itself among them, up to the next that was handed out."""

    def own(i: int) -> bool:
        ids, _, kind = cells[i]
        return kind == "code" and not any(isinstance(x, str) and x in released for x in ids)

    first = last = place
    while first > 0 and own(first - 1):
        first -= 1
    while last + 1 < len(cells) and own(last + 1):
        last += 1
    return list(range(first, last + 1))


def _lacks(
    text: str, stub: str, joined: str, released: dict[str, str], named: list[int]
) -> set[str]:
    """Return which names an answer lacks and the joined halves define."""
    has, uses = _names(text)
    wanted = _names(stub)[0]
    if len(named) > 1:  # what merely lies beside must define what was asked for
        given = {name for source in released.values() for name in _names(source)[0]}
        wanted |= uses - given - vars(builtins).keys()
    return (wanted - has) & _names(joined)[0]


def _names(text: str) -> tuple[set[str], set[str]]:
    """Return (the names that code defines at its top level, those that it uses and never binds)."""
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(), set()
    bound, everywhere, waiting = set(), set(), [(node, True) for node in tree.body]
    while waiting:
        node, top = waiting.pop()
        names: list[str] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.alias):
            names = [(node.asname or node.name).partition(".")[0]]
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names = [node.id]
        elif isinstance(node, ast.arg):
            names = [node.arg]
        bound |= set(names) if top else set()
        everywhere |= set(names)
        inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
        waiting += [(child, top and not inner) for child in ast.iter_child_nodes(node)]
    return bound, {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - everywhere


def _parses(text: str) -> bool:
    try:
        parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def parsed(text: str) -> ast.Module:
    """Parse code; where it does not parse, lines for the notebook (`%time`, `!ls`) do nothing.

    >>> ast.unparse(parsed("for n in range(3):\\n    %time f(n)\\nt = !ls"))
    'for n in range(3):\\n    pass\\nt = 0'
    """
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.parse(_NOTEBOOK_VALUE.sub(" 0", _NOTEBOOK_LINE.sub(r"\1pass", text)))
