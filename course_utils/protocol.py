"""From a table of objects to an honest statement: the steps that every subject shares.

Used by the companion *Your own invariant*. All functions are pure, but for `save_report`.
"""

import csv
import html
import io
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST = 20  # different objects; with fewer, a held-out fifth decides nothing


@dataclass(frozen=True)
class Table:
    """Objects with features and labels, each object once.

    keys: one per row; rows with equal keys are the same object seen twice. names: of the columns.
    features: floats of shape (rows, columns). labels: integers of shape (rows,). merged: how many
    rows were left out since they equal an earlier one. classes: what the labels stand for when
    they were words, in the order of their numbers.
    """

    keys: tuple[Hashable, ...]
    names: tuple[str, ...]
    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    merged: int
    classes: tuple[str, ...] = ()


def make_table(
    keys: Iterable[Hashable], features: Mapping[str, Sequence[Any]], labels: Sequence[Any]
) -> Table:
    """Return the checked table; rows that agree in key, features and label are merged.

    Raises:
        ValueError: unequal lengths, no column, a missing label, labels that are partly words, a
            cell that is no finite number, one object with two labels, only one object, fewer than
            LEAST of them, or only one label.

    >>> table = make_table(range(40), {"n": range(40)}, ["odd", "even"] * 20)
    >>> table.labels[:4].tolist(), table.classes
    ([1, 0, 1, 0], ('even', 'odd'))
    """
    keys, names = tuple(keys), tuple(features)
    if not names:
        raise ValueError("features: no column; at least one is needed")
    for name, column in [("labels", labels), *features.items()]:
        if len(column) != len(keys):
            raise ValueError(f"{name}: {len(column)} entries for {len(keys)} objects")
    numbers, classes = _labels(labels)
    columns = [[_number(x, name, row) for row, x in enumerate(features[name])] for name in names]
    seen: dict[tuple, int] = {}
    kept = []
    for row, (key, *values) in enumerate(zip(keys, *columns, strict=True)):
        first = seen.setdefault((key, *values), row)
        if numbers[first] != numbers[row]:
            raise ValueError(
                f"labels: rows {first + 1} and {row + 1} are the same object {key!r} with the "
                f"labels {labels[first]!r} and {labels[row]!r}"
            )
        if first == row:
            kept.append(row)
    different = len(set(keys))
    if different == 1:
        raise ValueError(f"keys: all {len(keys)} rows are the same object {keys[0]!r}")
    if different < LEAST:
        raise ValueError(f"keys: {different} different objects; at least {LEAST} are needed")
    if len(set(numbers)) == 1:
        raise ValueError(f"labels: all are {labels[0]!r}; at least two different ones are needed")
    return Table(
        tuple(keys[row] for row in kept),
        names,
        np.array(columns, dtype=float).T[kept],
        np.array(numbers, dtype=np.int64)[kept],
        len(keys) - len(kept),
        classes,
    )


def _labels(labels: Sequence[Any]) -> tuple[list[int], tuple[str, ...]]:
    texts = ["" if x is None else str(x).strip() for x in labels]
    missing = [row + 1 for row, text in enumerate(texts) if text.lower() in {"", "nan", "none"}]
    if missing:
        raise ValueError(f"labels: {len(missing)} missing, the first in row {missing[0]}")
    whole = [text for text in texts if text.lstrip("+-").isdecimal()]
    if len(whole) == len(texts):
        return [int(text) for text in texts], ()
    if whole or any(isinstance(x, float) for x in labels):
        odd = next(t for t in texts if not t.lstrip("+-").isdecimal())
        raise ValueError(f"labels: {odd!r} is no integer; all integers or all words are allowed")
    classes = tuple(sorted(set(texts)))
    if len(classes) > 2:
        raise ValueError(f"labels: {len(classes)} different words; with words, two are allowed")
    return [classes.index(text) for text in texts], classes


def _number(value: Any, name: str, row: int) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"column {name!r}, row {row + 1}: {value!r} is no finite number")
    return number


def read_table(text: str, *, key: str, label: str) -> Table:
    """Return the table of a CSV text whose first line names the columns.

    All columns but `key` and `label` are features.

    Raises:
        ValueError: no such column, a line that is too short or too long, or as in `make_table`.

    >>> lines = [f"g{i},{i},{i % 3}" for i in range(30)]
    >>> read_table("\\n".join(["name,n,colours", *lines]), key="name", label="colours").names
    ('n',)
    """
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    head = [name.strip() for name in rows[0]] if rows else []
    for wanted in (key, label):
        if head.count(wanted) != 1:
            raise ValueError(f"columns: {wanted!r} must be there once, got {', '.join(head)}")
    for row, cells in enumerate(rows[1:], start=1):
        if len(cells) != len(head):
            raise ValueError(f"row {row}: {len(cells)} cells for {len(head)} columns")
    columns = {name: [row[k] for row in rows[1:]] for k, name in enumerate(head)}
    keys, labels = columns.pop(key), columns.pop(label)
    return make_table(keys, columns, labels)


def read_graph6(text: str) -> list[nx.Graph]:
    """Return the graphs of a text with one graph6 line each; empty lines are left out.

    Raises:
        ValueError: a line is no graph6, or there is none.

    >>> [g.number_of_edges() for g in read_graph6("Bw\\nC~\\n")]
    [3, 6]
    """
    graphs = []
    for row, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                graphs.append(nx.from_graph6_bytes(line.strip().encode()))
            except (nx.NetworkXError, ValueError, IndexError):
                raise ValueError(f"line {row}: {line.strip()!r} is no graph6") from None
    if not graphs:
        raise ValueError("text: no line; at least one graph6 line is needed")
    return graphs


def class_split(
    keys: Sequence[Hashable], fraction: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row numbers (train, test): rows with equal keys stay together.

    The test side gets the share `fraction` of the different keys, rounded, at least one.

    Raises:
        ValueError: fewer than two different keys, or `fraction` not between 0 and 1.
    """
    names = list(dict.fromkeys(keys))
    if len(names) < 2:
        raise ValueError(f"keys: {len(names)} different; at least 2 are needed")
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie between 0 and 1, got {fraction}")
    count = min(max(1, round(fraction * len(names))), len(names) - 1)
    held = {names[i] for i in rng.permutation(len(names))[:count]}
    inside = np.array([key in held for key in keys])
    return np.flatnonzero(~inside), np.flatnonzero(inside)


def ceiling(features: ArrayLike, labels: ArrayLike) -> Fraction:
    """Return the largest share of rows on which any function of the features is right.

    Raises:
        ValueError: no rows, or different numbers of them.

    >>> ceiling([[1], [1], [1], [2]], [0, 0, 1, 1])
    Fraction(3, 4)
    """
    rows, wanted = np.asarray(features), np.asarray(labels)
    if len(rows) == 0 or len(rows) != len(wanted):
        raise ValueError(f"features, labels: {len(rows)} and {len(wanted)} rows, equal and >= 1")
    groups: dict[tuple, Counter] = defaultdict(Counter)
    for row, label in zip(rows.reshape(len(rows), -1).tolist(), wanted.tolist(), strict=True):
        groups[tuple(row)][label] += 1
    return Fraction(sum(max(g.values()) for g in groups.values()), len(rows))


def permutation_null(
    score: Callable[[NDArray], ArrayLike], labels: ArrayLike, repeats: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return `score` of the labels in `repeats` random orders, one number or row for each.

    Raises:
        ValueError: `repeats` < 1.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be >= 1, got {repeats}")
    wanted = np.asarray(labels)
    return np.array([score(rng.permutation(wanted)) for _ in range(repeats)])


def report(
    title: str, statement: str, rows: Sequence[Sequence[str]], notes: Sequence[str]
) -> tuple[str, str]:
    """Return a page as (Markdown, HTML): a statement, a table, and what is not shown.

    `rows[0]` is the head of the table.

    Raises:
        ValueError: no rows, or rows of different lengths.
    """
    if not rows or len({len(row) for row in rows}) != 1:
        raise ValueError(f"rows: all must have one length, got {[len(row) for row in rows]}")
    lines = ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    bullets = [f"- {note}" for note in notes]
    parts = [f"# {title}", statement, "\n".join(lines), "## What is not shown", "\n".join(bullets)]
    cells = "\n".join(
        "<tr>" + "".join(f"<{t}>{html.escape(c)}</{t}>" for c in row) + "</tr>"
        for t, row in zip(["th"] + ["td"] * (len(rows) - 1), rows, strict=True)
    )
    items = "\n".join(f"<li>{html.escape(note)}</li>" for note in notes)
    page = (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}'
        f"</title>\n<h1>{html.escape(title)}</h1>\n<p>{html.escape(statement)}</p>\n"
        f"<table>\n{cells}\n</table>\n<h2>What is not shown</h2>\n<ul>\n{items}\n</ul>\n</html>\n"
    )
    return "\n\n".join(parts) + "\n", page


def save_report(markdown: str, page: str, folder: str | Path, name: str) -> list[Path]:
    """Write NAME.md and NAME.html into a folder, which is made if it is not there.

    Raises:
        ValueError: one of the two files is there already; then nothing is written.
    """
    paths = [Path(folder) / f"{name}.md", Path(folder) / f"{name}.html"]
    for path in paths:
        if path.exists():
            raise ValueError(f"name: {path} is there already; choose another name")
    Path(folder).mkdir(parents=True, exist_ok=True)
    for path, text in zip(paths, (markdown, page), strict=True):
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return paths
