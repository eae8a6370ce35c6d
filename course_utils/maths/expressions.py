"""Find a formula for given numbers by meeting in the middle, or say that there is none.

All small expressions are listed once (`expression_bank`); then a formula twice as long is a pair of
them, found by one look-up for each: baby steps and giant steps. Nothing is learned or guessed.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from course_utils.maths.expression_bank import (
    BINARY,
    TOLERANCE,
    Bank,
    Shelf,
    Tree,
    Values,
    bank,
    tree,
    two_way,
)
from course_utils.maths.formulas import Formula
from course_utils.maths.real_arrays import real_array

POINTS = 16  # on which the search looks; a hit is checked on all
EXACT = 1e-11  # of the largest |y|: what a hit may be off
CONSTANTS = [*map(Fraction, range(1, 7)), *(Fraction(1, n) for n in range(2, 6))]


def find_formula(
    X: ArrayLike, y: ArrayLike, *, evaluations: int = 2_000_000, seed: int = 0
) -> Formula | None:
    """Return a formula that meets all the data, or None; never a best guess.

    Searched are polynomials with small rational coefficients, then a, a + b, a − b, a · b and a / b
    for all small expressions a and b over the variables, 1, + − · / sin cos exp log, also as log or
    exp of the formula and with one outer constant. A hit agrees with every y to 1e-11 of the
    largest |y|: noise above about 1e-10 means None, and so do free constants.

    Args:
        X: shape (n, 1) or (n, 2), at least 8 different rows.
        y: shape (n,), not constant. Equal rows of X with different y mean None.
        evaluations: how many candidates may be computed or looked up, >= 1.
        seed: of the points and of the projection that the look-up uses.

    Raises:
        ValueError: an argument that is not as described; NaN or infinity in the data.

    Introduced in week 14.

    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> print(find_formula(x, np.sin(x[:, 0]) + np.sin(x[:, 0] + x[:, 0] ** 2)))
    sin(x) + sin(x + x * x)
    """
    points, values = _data(X, y)
    if not _is_integer(evaluations) or evaluations < 1:
        raise ValueError(f"evaluations must be an integer >= 1, got {evaluations!r}")
    if not _is_integer(seed) or seed < 0:
        raise ValueError(f"seed must be an integer >= 0, got {seed!r}")
    distinct, rows, inverse = np.unique(points, axis=0, return_index=True, return_inverse=True)
    if len(distinct) < 8:
        raise ValueError(f"X must have at least 8 different rows, got {len(distinct)}")
    allowed = EXACT * np.abs(values).max()
    if (np.abs(values[rows][inverse.ravel()] - values) > allowed).any():
        return None
    rng = np.random.default_rng(seed)
    chosen = rng.choice(rows, min(POINTS, len(rows)), replace=False)
    for expression in _hits(points[chosen], values[chosen], int(evaluations), rng):
        formula = Formula(expression, points.shape[1])
        if (np.abs(formula(points) - values) <= allowed).all():
            return formula
    return None


def _hits(points: Values, y: Values, evaluations: int, rng: np.random.Generator) -> Iterator[Tree]:
    """Yield expressions that may meet the data, the cheap searches first, within the budget."""
    yield from _polynomials(points, y)
    plane = points.shape[1] == 2
    targets = list(_targets(y))
    full = bank(points, 5 if plane else 7, budget=evaluations // 4)
    pairs: list[tuple[Bank, Bank]] = [(full, full)]
    arithmetic = bank(points, 7 if plane else 9, functions=False, budget=evaluations // 8)
    pairs.append((arithmetic, arithmetic))
    left = evaluations - full.evaluated - arithmetic.evaluated
    if plane:
        lines = [bank(points, 9, False, evaluations // 16, axis) for axis in "xy"]
        pairs += [(lines[0], lines[1]), (lines[1], lines[0])]
        crossed = _crossed(points)
        pairs += [(line, crossed) for line in lines]
        left -= sum(line.evaluated for line in lines) + crossed.evaluated
    small = [bank(points, size) for size in ((3, 4) if plane else (4, 6))]
    shelves = {id(b): Shelf(b, rng) for b in [*(b for _, b in pairs), *small]}
    for wrap, target in targets:
        for _, index in shelves[id(full)].find(target[None], TOLERANCE * np.abs(target)[None]):
            yield wrap(tree(full, index))
    outer = [(wrap, target, a, b) for a, b in pairs for wrap, target in targets]
    outer += [
        (lambda t, w=wrap, u=unwrap: w(u(t)), changed, few, few)
        for few in small
        for wrap, target in targets
        for unwrap, changed in _outer(target)
    ]
    for wrap, target, a, b in outer:
        left -= 4 * len(a.values)
        if left < 0:
            return
        yield from map(wrap, two_way(target, a, shelves[id(b)]))


def _targets(y: Values) -> Iterator[tuple]:
    """Yield (how the formula is made of the target's, target): y, log y, exp y."""
    yield (lambda t: t), y
    if (y > 0).all():
        yield (lambda t: ("exp", t)), np.log(y)
    if (y < 18).all():  # exp y stays below what a bank keeps
        yield (lambda t: ("log", t)), np.exp(y)


def _outer(target: Values) -> Iterator[tuple]:
    """Yield (how the target is made of the changed one, the changed one), one constant each."""
    for c in CONSTANTS:
        for sign in (1, -1):
            number = ("number", sign * c)
            yield (lambda t, n=number: ("+", t, n)), target - sign * float(c)
            if (c, sign) != (1, 1):
                yield (lambda t, n=number: ("*", n, t)), target / (sign * float(c))


def _crossed(points: Values) -> Bank:
    """Return g + h, g − h, g · h, g / h for small g(x) and h(y)."""
    g, h = (bank(points, 4, axes=axis) for axis in "xy")
    shift = len(g.operators)
    rows, columns = (part.ravel() for part in np.indices((shift, len(h.operators))))
    with np.errstate(all="ignore"):
        blocks = [f(g.values[rows], h.values[columns]) for f in BINARY.values()]
    parts = [np.stack([rows, columns + shift], axis=1)] * len(BINARY)
    moved = np.where(h.parts < 0, -1, h.parts + shift)
    operators = g.operators + h.operators + [o for o in BINARY for _ in rows]
    values = np.nan_to_num(np.concatenate([g.values, h.values, *blocks]), posinf=0, neginf=0)
    return Bank(values, operators, np.concatenate([g.parts, moved, *parts]), len(operators))


def _polynomials(points: Values, y: Values) -> Iterator[Tree]:
    """Yield the polynomial through the data if its coefficients are small rationals."""
    dimension = points.shape[1]
    for degree in range(1, 11 if dimension == 1 else 5):
        powers = [p for p in product(range(degree + 1), repeat=dimension) if sum(p) <= degree]
        if len(powers) > len(y) - 3:
            return
        scale = np.abs(points).max(axis=0)
        scale[scale == 0] = 1
        design = np.stack([np.prod((points / scale) ** p, axis=1) for p in powers], axis=1)
        solved = np.linalg.lstsq(design, y, rcond=None)[0] / [np.prod(scale**p) for p in powers]
        exact = [Fraction(c).limit_denominator(12) for c in solved.tolist()]
        fitted = design @ [float(c) * np.prod(scale**p) for c, p in zip(exact, powers, strict=True)]
        if (np.abs(fitted - y) <= EXACT * np.abs(y).max()).all():
            terms = [_monomial(c, p) for c, p in zip(exact, powers, strict=True) if c]
            yield _joined("+", terms[::-1])
            return


def _monomial(coefficient: Fraction, powers: tuple[int, ...]) -> Tree:
    factors = [(name,) for name, power in zip("xy", powers, strict=False) for _ in range(power)]
    if coefficient != 1 or not factors:
        factors.insert(0, ("number", coefficient))
    return _joined("*", factors)


def _joined(operator: str, parts: list[Tree]) -> Tree:
    total = parts[0]
    for part in parts[1:]:
        total = (operator, total, part)
    return total


def _data(X: ArrayLike, y: ArrayLike) -> tuple[Values, Values]:
    points, values = (real_array(data, name) for data, name in ((X, "X"), (y, "y")))
    if points.ndim != 2 or points.shape[1] not in (1, 2):
        raise ValueError(f"X must have shape (n, 1) or (n, 2), got {points.shape}")
    if values.shape != points.shape[:1]:
        raise ValueError(f"y must have shape ({len(points)},), got {values.shape}")
    if len(points) < 8:
        raise ValueError(f"X must have at least 8 rows, got {len(points)}")
    if np.ptp(values) <= EXACT * np.abs(values).max():
        raise ValueError(f"y must not be constant, got {values[0]} everywhere")
    return points, values


def _is_integer(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
