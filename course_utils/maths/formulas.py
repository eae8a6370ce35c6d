"""Formulas in one or two variables: expressions that print, and are evaluated on arrays."""

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.maths.expression_bank import BINARY, UNARY, Tree

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


class Formula:
    """An expression of x (and y): prints readably, and is called on an array of shape (n, d)."""

    def __init__(self, expression: Tree, dimension: int) -> None:
        self.tree, self.dimension = _folded(expression), dimension

    def __call__(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the values at the rows of X, shape (n,); NaN or infinity where it is undefined."""
        points = np.asarray(X)
        fits = points.ndim == 2 and points.shape[1] == self.dimension
        if points.dtype.kind not in "biuf" or not fits:
            raise ValueError(
                f"X must hold real numbers in shape (n, {self.dimension}), got {points.shape}"
            )
        with np.errstate(all="ignore"):
            return np.zeros(len(points)) + _evaluated(self.tree, points.astype(np.float64))

    def __str__(self) -> str:
        return _text(self.tree)[0]

    def __repr__(self) -> str:
        return f"Formula({self})"


def _evaluated(expression: Tree, points: NDArray[np.float64]) -> NDArray[np.float64] | float:
    operator, *parts = expression
    if operator == "number":
        return float(parts[0])
    if operator in ("x", "y"):
        return points[:, "xy".index(operator)]
    given = (_evaluated(part, points) for part in parts)
    return (UNARY | BINARY)[operator](*given)


def _folded(expression: Tree) -> Tree:
    """Compute what consists of numbers alone, exactly."""
    operator, *parts = expression
    if operator == "1":
        return ("number", Fraction(1))
    if operator in ("number", "x", "y"):
        return expression
    folded = [_folded(part) for part in parts]
    if operator in BINARY and all(part[0] == "number" for part in folded):
        a, b = (part[1] for part in folded)
        if operator == "/":
            return ("number", a / b) if b else (operator, *folded)
        return ("number", {"+": a + b, "-": a - b, "*": a * b}[operator])
    return (operator, *folded)


def _text(expression: Tree) -> tuple[str, int]:
    """Return the text and how strongly it binds: 1 for a sum, 2 for a product, 3 for the rest."""
    operator, *parts = expression
    if operator == "number":
        whole = parts[0].denominator == 1 and parts[0] >= 0
        return str(parts[0]), 3 if whole else 0  # a fraction or a negative number in brackets
    if operator in ("x", "y"):
        return operator, 3
    if operator in UNARY:
        return f"{operator}({_text(parts[0])[0]})", 3
    strength = _STRENGTH[operator]
    (left, a), (right, b) = map(_text, parts)
    left = left if a >= strength else f"({left})"
    right = right if b > strength or (b == strength and operator in "+*") else f"({right})"
    return f"{left} {operator} {right}", strength
