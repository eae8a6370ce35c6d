"""All small expressions, each function once, and the two-way look-up among them.

Expressions are trees over the variables, the constant 1 and + − · / sin cos exp log. Two of them
with the same values on all sample points count as one: the smaller is kept.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Tree = tuple  # ("x",), ("number", Fraction), ("+", left, right), ("sin", argument), …
Values = NDArray[np.float64]

UNARY = {"sin": np.sin, "cos": np.cos, "exp": np.exp, "log": np.log}
BINARY = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
BLOCK = 1 << 16  # pairs that are evaluated at once
LARGEST, SMALLEST = 1e8, 1e-12  # in absolute value; beyond, the last digits say nothing
TOLERANCE = 1e-10  # relative: two values that differ by less are one
ROUNDED = 1e-15  # of the largest value of a target: what a constant taken off it leaves unknown


class Bank(NamedTuple):
    """Expressions by size: values (N, points), and how each is made of earlier ones."""

    values: Values
    operators: list[str]  # "x", "y", "1", or a key of UNARY, BINARY
    parts: NDArray[np.int64]  # (N, 2), indices of the arguments, -1 where there is none
    evaluated: int  # candidates that were computed, repeated functions included


def bank(
    points: Values, size: int, functions: bool = True, budget: int = 10**9, axes: str = ""
) -> Bank:
    """Return all expressions of at most `size` tokens, up to equality on the points.

    Args:
        points: shape (points, d), d = 1 or 2.
        size: largest number of tokens, >= 1.
        functions: False leaves out sin, cos, exp, log.
        budget: no further size is begun once so many candidates were computed.
        axes: the variables to use, "x", "y" or "xy"; all when left out.

    >>> points = np.linspace(0.1, 1, 8)[:, None]
    >>> len(bank(points, 3, functions=False).operators)  # x, 1, x+x, x+1, x-1, 1-x, xx, 1/x, 1+1
    9
    """
    names = [name for name in "xy"[: points.shape[1]] if not axes or name in axes]
    atoms = np.stack([np.ones(len(points)), *(points[:, "xy".index(name)] for name in names)])
    table, evaluated = _Seen(points.shape[0]), len(atoms)
    kept = table.new(atoms)
    values, operators = atoms[kept], [["1", *names][i] for i in kept.tolist()]
    parts, starts = [(-1, -1)] * len(kept), [0, len(kept)]
    for total in range(2, size + 1):
        if evaluated > budget:
            break
        for operator, left, right in _candidates(starts, total, functions):
            for begin in range(0, len(left), BLOCK):
                a, b = left[begin : begin + BLOCK], right[begin : begin + BLOCK]
                fresh = _apply(operator, values[a], values[b])
                evaluated += len(fresh)
                kept = table.new(fresh)
                values = np.concatenate([values, fresh[kept]])
                operators += [operator] * len(kept)
                second = b[kept] if operator in BINARY else np.full(len(kept), -1)
                parts += zip(a[kept].tolist(), second.tolist(), strict=True)
        starts.append(len(values))
    return Bank(values, operators, np.array(parts), evaluated)


def _candidates(
    starts: list[int], total: int, functions: bool
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (operator, left, right) of all trees of a size; size s begins at starts[s−1]."""
    spans = [np.arange(a, b) for a, b in pairwise(starts)]  # sizes 1, 2, …
    for first in range(1, total - 1):
        a, b = spans[first - 1], spans[total - 2 - first]
        left, right = (part.ravel() for part in np.meshgrid(a, b, indexing="ij"))
        once = left <= right  # + and * do not see the order
        for operator in BINARY:
            chosen = once if operator in "+*" else slice(None)
            yield operator, left[chosen], right[chosen]
    if functions:
        for operator in UNARY:
            yield operator, spans[total - 2], spans[total - 2]


def _apply(operator: str, left: Values, right: Values) -> Values:
    with np.errstate(all="ignore"):
        if operator in UNARY:
            return UNARY[operator](left)
        return BINARY[operator](left, right)


class _Seen:
    """The functions met so far, by two rounded projections of their values."""

    def __init__(self, points: int) -> None:
        self.weights = np.random.default_rng(points).uniform(0.5, 1.5, (2, points))
        self.known: set[tuple[float, float]] = set()

    def new(self, values: Values) -> NDArray[np.int64]:
        """Return the rows of `values` (rows, points) that are usable and not met before."""
        size = np.abs(values).max(axis=1, initial=0)
        with np.errstate(invalid="ignore"):
            usable = np.flatnonzero((size < LARGEST) & (size > SMALLEST))  # drops NaN, too
        keys = np.stack([values[usable] @ w for w in self.weights], axis=1)
        scale = 10.0 ** (9 - np.floor(np.log10(size[usable])))[:, None]
        rounded = np.round(keys * scale) / scale + 0.0
        kept = []
        for row, key in zip(usable.tolist(), map(tuple, rounded.tolist()), strict=True):
            if key not in self.known:
                self.known.add(key)
                kept.append(row)
        return np.array(kept, np.int64)


def tree(found: Bank, index: int) -> Tree:
    """Return the expression at `index` as a tree."""
    operator = found.operators[index]
    return (operator, *(tree(found, part) for part in found.parts[index].tolist() if part >= 0))


class Shelf:
    """A bank in the order of one random projection, to find given values in it."""

    def __init__(self, stored: Bank, rng: np.random.Generator) -> None:
        self.bank = stored
        self.weights = rng.uniform(0.5, 1.5, stored.values.shape[1])
        keys = stored.values @ self.weights
        self.order = np.argsort(keys, kind="stable")
        self.keys = keys[self.order]

    def find(self, wanted: Values, error: Values) -> Iterator[tuple[int, int]]:
        """Yield (row, index) where the bank has `wanted[row]` (points,) within `error[row]`."""
        with np.errstate(all="ignore"):
            keys, width = wanted @ self.weights, error @ self.weights
            usable = np.flatnonzero(np.isfinite(keys) & np.isfinite(width))
        low = np.searchsorted(self.keys, keys[usable] - width[usable])
        high = np.searchsorted(self.keys, keys[usable] + width[usable])
        for place in np.flatnonzero(high > low).tolist():
            row = int(usable[place])
            for index in self.order[low[place] : high[place]].tolist():
                if (np.abs(self.bank.values[index] - wanted[row]) <= error[row]).all():
                    yield row, index


def two_way(target: Values, left: Bank, shelf: Shelf) -> Iterator[Tree]:
    """Yield a + b, a − b, a·b, a / b with values `target`, a in `left`, b on the shelf.

    One look-up per a and operator finds what would take |left| · |shelf| comparisons.
    """
    a, size = left.values, np.abs(target)
    with np.errstate(all="ignore"):
        sums = TOLERANCE * (size + np.abs(a))
        factors = TOLERANCE + ROUNDED * size.max() / size
        asked = {"+": (target - a, sums), "-": (a - target, sums)}
        for operator, wanted in (("*", target / a), ("/", a / target)):
            asked[operator] = (wanted, factors * np.abs(wanted))
    for operator, (wanted, error) in asked.items():
        for row, index in shelf.find(wanted, error):
            yield (operator, tree(left, row), tree(shelf.bank, index))
