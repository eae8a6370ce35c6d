r"""Permanents of 0-1 matrices, and the largest one without the pattern 312.

A matrix contains 312 if rows i < j < k and columns a < b < c have ones at (i, c), (j, a), (k, b).
Brualdi and Cao asked how large the permanent of a matrix without it can be. Introduced in the
gallery of week 7.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

LARGEST = 20


def _matrix01(matrix: NDArray) -> NDArray[np.int64]:
    array = np.asarray(matrix)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or len(array) > LARGEST:
        raise ValueError(
            f"matrix must be square of order at most {LARGEST}, got shape {array.shape}"
        )
    if not np.all((array == 0) | (array == 1)):
        raise ValueError("matrix must have entries 0 and 1 only")
    return array.astype(np.int64)


def permanent(matrix: NDArray) -> int:
    """Return the permanent of a 0-1 matrix of order at most 20: its number of transversals.

    Raises:
        ValueError: not square, too large, or entries other than 0 and 1.

    >>> permanent(np.ones((4, 4)))
    24
    """
    return int(permanents(_matrix01(matrix)[None])[0])


@njit(cache=True)
def permanents(stack: NDArray) -> NDArray[np.int64]:
    """Return the permanents of a stack (B, n, n) of 0-1 matrices, row by row over column sets."""
    n = stack.shape[1]
    result, ways = np.zeros(len(stack), np.int64), np.zeros(1 << n, np.int64)
    for g in range(len(stack)):
        ways[:] = 0
        ways[0] = 1
        for columns in range(1 << n):
            if ways[columns] == 0:
                continue
            row, rest = 0, columns
            while rest:
                rest &= rest - 1
                row += 1
            if row == n:
                break
            for c in range(n):
                if stack[g, row, c] != 0 and not (columns >> c) & 1:
                    ways[columns | (1 << c)] += ways[columns]
        result[g] = ways[-1]
    return result


def contains_312(matrix: NDArray) -> bool:
    """Return whether a 0-1 matrix contains the pattern 312.

    Raises:
        ValueError: see `permanent`.

    >>> contains_312(np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]])), contains_312(np.eye(3))
    (True, False)
    """
    array = _matrix01(matrix)
    return bool(np.any(_forbidden(array) & (array == 1)))


@njit(cache=True)
def _forbidden(matrix: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the places (k, b) that would complete a 312 with two earlier rows."""
    n = len(matrix)
    result = np.zeros((n, n), np.bool_)
    closed, last = np.zeros(n, np.bool_), -1  # last: rightmost column of the rows above
    for k in range(n):
        result[k] = closed
        first, right = n, -1
        for c in range(n):
            if matrix[k, c] != 0:
                first, right = min(first, c), c
        for b in range(first + 1, last):
            closed[b] = True
        last = max(last, right)
    return result


def _undominated(vectors: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows that no other row exceeds in every entry."""
    rows = np.unique(vectors, axis=0)
    rows = rows[np.argsort(-rows.sum(1), kind="stable")]
    kept = rows[:1]
    for row in rows[1:]:
        if not (kept >= row).all(1).any():
            kept = np.vstack([kept, row])
    return kept


def largest_permanent_avoiding_312(n: int) -> int:
    r"""Return the largest permanent of an n × n 0-1 matrix without 312, exactly.

    Row by row. All that later rows need to know of the rows above is the rightmost column M with a
    one and the set F of closed columns: a row whose first one is in column a closes all b with
    a < b < M. Between its first and its last one (or M) a row may hold all open columns: this
    changes neither F nor M and the permanent does not fall. The rows above also determine, for
    each set of columns, in how many ways they use just these; the permanent is a linear function
    of that vector with coefficients >= 0, so vectors below another of the same state go.

    Args:
        n: 1 .. 10. CPU seconds: 2 for n = 8, 14 for n = 9, minutes for n = 10.

    Raises:
        TypeError, ValueError: not an integer, or out of range.

    Source: question of R. Brualdi and L. Cao, Pattern-avoiding (0,1)-matrices (2020), attacked by
    A. Z. Wagner, arXiv 2104.14516, section 2.5.

    >>> [largest_permanent_avoiding_312(n) for n in range(1, 6)]
    [1, 2, 4, 8, 16]
    """
    if isinstance(n, bool | np.bool_) or not isinstance(n, int | np.integer):
        raise TypeError(f"n must be an integer, got {n!r}")
    if not 1 <= n <= 10:
        raise ValueError(f"n must satisfy 1 <= n <= 10, got {n}")
    start = np.zeros((1, 1 << n), np.int64)
    start[0, 0] = 1
    states = {(0, -1): start}  # (closed columns, M) to vectors over column sets
    for _ in range(n):
        found: dict[tuple[int, int], list[NDArray[np.int64]]] = {}
        for (closed, last), vectors in states.items():
            for state, extended in _with_a_row(n, closed, last, vectors):
                found.setdefault(state, []).append(extended)
        states = {state: _undominated(np.concatenate(parts)) for state, parts in found.items()}
    return max(int(vectors[:, -1].max()) for vectors in states.values())


def _with_a_row(n: int, closed: int, last: int, vectors: NDArray[np.int64]):
    """Yield the states after one more row, with the vectors that can still become a permanent."""
    sets = np.arange(1 << n)
    using = {}  # column c to the vectors of the ways that end with c
    for c in range(n):
        if not closed >> c & 1:
            has = np.flatnonzero(sets >> c & 1)
            using[c] = np.zeros_like(vectors)
            using[c][:, has] = vectors[:, has ^ (1 << c)]
    for first in using:
        after = closed | sum(1 << b for b in range(first + 1, last))
        dead = (sets & after) != after  # a closed column that no row has used
        for right in range(max(first, last), n):
            if right != last and right not in using:
                continue
            extended = sum(using[c] for c in using if first <= c <= right)
            extended[:, dead] = 0
            extended = extended[extended.any(1)]
            if len(extended):
                yield (after, max(right, last)), extended
