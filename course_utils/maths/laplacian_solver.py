"""Sparse systems of graph Laplacians with several right sides, by conjugate gradients."""

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

MAX_ITERATIONS = 100_000
RELAXATION = 1.3  # of the solver's triangles: 1 to 1.5 cost within a tenth of one another


def solve(
    W: sparse.csr_array,
    scale: NDArray[np.float64],
    right: NDArray[np.float64],
    total: NDArray[np.float64] | float,
    tolerance: float,
) -> NDArray[np.float64]:
    """Solve (I - SWS) v = right, S = diag(scale), for v whose rows sum to `total`.

    Args:
        W: shape (n, n), symmetric, canonical, diagonal zero, I - SWS positive semidefinite.
        scale: shape (n,), not negative.
        right: shape (n, K), in the range of I - SWS, rows summing to (I - SWS) `total`: the first
            K - 1 columns are solved for.
        total: shape (n,) or one number for all rows.
        tolerance: bound of the norm of the residual over all K columns, absolute, and relative to
            the norm of `right`: scaling the weights cannot end it too early.

    Returns:
        Shape (n, K).

    Raises:
        ValueError: no solution was found in `MAX_ITERATIONS` steps.

    Source: Eisenstat, SIAM J. Sci. Stat. Comput. 2 (1981), for the steps.

    >>> solve(sparse.csr_array([[0.0, 0.5], [0.5, 0.0]]), np.ones(2), np.eye(2), 2.0, 1e-9).round(4)
    array([[1.3333, 0.6667],
           [0.6667, 1.3333]])
    """
    order = sparse.csgraph.reverse_cuthill_mckee(W, symmetric_mode=True)
    matrix = _arranged(W.indptr, W.indices, W.data, np.sqrt(RELAXATION) * scale, order)
    residual = RELAXATION * right[order, :-1]
    solution, zeros = np.zeros_like(residual), (0.0,) * residual.shape[1]
    bound = RELAXATION * tolerance * min(1.0, np.sqrt(np.square(right).sum()))
    if not _iterate(*matrix, solution, residual, bound, MAX_ITERATIONS, zeros):
        raise ValueError(f"weights: no solution to tolerance {tolerance} was found")
    solution[order] = solution.copy()
    return np.column_stack([solution, total - solution.sum(axis=1)])


@njit(cache=True)
def _arranged(indptr, indices, data, scale, order):
    """Return SWS for the symmetric W, rows and columns in `order`: neighbours lie close in memory.

    Its rows are its columns. Entered column by column, each has ascending indices.
    """
    n = len(order)
    place, starts = np.empty(n, np.uint32), np.zeros(n + 1, np.uint32)
    for i in range(n):
        place[order[i]] = i
        starts[i + 1] = starts[i] + indptr[order[i] + 1] - indptr[order[i]]
    ends, columns, values = starts[:-1].copy(), np.empty(len(data), np.uint32), np.empty_like(data)
    for i in range(n):
        for e in range(indptr[order[i]], indptr[order[i] + 1]):
            row = place[indices[e]]
            columns[ends[row]] = i
            values[ends[row]] = scale[order[i]] * data[e] * scale[indices[e]]
            ends[row] += 1
    return starts, columns, values


@njit(cache=True)
def _iterate(indptr, indices, data, solution, residual, tolerance, most, zeros):
    """Conjugate gradients, preconditioned by both triangles; Eisenstat's form.

    The matrix is ωA with A of unit diagonal, ω = RELAXATION; `residual` is ω times the right side
    and is overwritten. With E the part of ωA below the diagonal, negated, and L = I - E, it solves
    L^-1 (ωA) L^-T y = L^-1 residual, solution = L^-T y. As ωA = L + L^T - (2 - ω) I, the operator
    takes p to t + L^-1 (p - (2 - ω) t) with t = L^-T p: as much work as one product (Eisenstat,
    SIAM J. Sci. Stat. Comput. 2 (1981)), in less than half as many steps as without L.

    `zeros` is a tuple with one number a column: its length is part of its type, so that the loops
    over columns are compiled for it.
    """
    n, columns = len(residual), len(zeros)
    _lower_solve(indptr, indices, data, residual, zeros)
    direction, image = np.zeros_like(residual), np.empty_like(residual)
    upper = np.empty_like(residual)  # t above
    squares, growth, before = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    curvature, step = np.zeros(columns), np.zeros(columns)
    for i in range(n):
        for c in range(columns):
            squares[c] += residual[i, c] ** 2
    for _ in range(most):
        total = 0.0
        for c in range(columns):
            total += squares[c]
        near = np.sqrt(total) <= tolerance  # the true residual is L residual
        if near and _lower_norm(indptr, indices, data, residual, zeros) <= tolerance:
            return True
        for i in range(n - 1, -1, -1):
            for c in range(columns):
                direction[i, c] = residual[i, c] + growth[c] * direction[i, c]
                upper[i, c] = direction[i, c]
            for e in range(indptr[i + 1], indptr[i], -1):
                weight, j = data[e - 1], indices[e - 1]
                if j < i:
                    break
                for c in range(columns):
                    upper[i, c] += weight * upper[j, c]
        for c in range(columns):
            curvature[c] = 0.0
        for i in range(n):  # image + upper is what the operator makes of direction
            for c in range(columns):
                image[i, c] = direction[i, c] - (2 - RELAXATION) * upper[i, c]
            for e in range(indptr[i], indptr[i + 1]):
                weight, j = data[e], indices[e]
                if j > i:
                    break
                for c in range(columns):
                    image[i, c] += weight * image[j, c]
            for c in range(columns):
                curvature[c] += direction[i, c] * (image[i, c] + upper[i, c])
        for c in range(columns):
            step[c] = squares[c] / curvature[c] if curvature[c] > 0 else 0.0
            before[c], squares[c] = squares[c], 0.0
        for i in range(n):
            for c in range(columns):
                solution[i, c] += step[c] * upper[i, c]
                residual[i, c] -= step[c] * (image[i, c] + upper[i, c])
                squares[c] += residual[i, c] ** 2
        for c in range(columns):
            growth[c] = squares[c] / before[c] if before[c] > 0 else 0.0
    return False


@njit(cache=True)
def _lower_solve(indptr, indices, data, x, zeros):
    """Replace x by L^-1 x, L as in `_iterate`."""
    for i in range(len(x)):
        for e in range(indptr[i], indptr[i + 1]):
            weight, j = data[e], indices[e]
            if j > i:
                break
            for c in range(len(zeros)):
                x[i, c] += weight * x[j, c]


@njit(cache=True)
def _lower_norm(indptr, indices, data, x, zeros):
    """Return the norm of L x over all columns and one more, minus their sum."""
    total, row = 0.0, np.empty(len(zeros))
    for i in range(len(x)):
        for c in range(len(zeros)):
            row[c] = x[i, c]
        for e in range(indptr[i], indptr[i + 1]):
            weight, j = data[e], indices[e]
            if j > i:
                break
            for c in range(len(zeros)):
                row[c] -= weight * x[j, c]
        together = 0.0
        for c in range(len(zeros)):
            total += row[c] * row[c]
            together += row[c]
        total += together * together
    return np.sqrt(total)
