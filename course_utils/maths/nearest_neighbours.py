"""Exact nearest neighbours by blocked matrix products: no approximation, no index structure."""

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

BLOCK = 1024  # points in one block of inner products: 4 MB in single precision
SPARE = 6  # candidates kept beyond k, so that single precision rarely loses a neighbour


def nearest_neighbours(points: ArrayLike, k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    r"""Return the k nearest neighbours of every point and their Euclidean distances.

    The point itself is not counted. Single precision finds k + 6 candidates a point from
    $|x|^2 + |y|^2 - 2\langle x, y\rangle$; their distances are then computed from the
    differences in double precision. A point for which single precision may have lost a
    neighbour, by its rounding bound, is done again in double precision.

    Args:
        points: shape (n, d), finite real numbers; images (n, height, width) are flattened.
        k: number of neighbours, 1 <= k < n.

    Returns:
        indices: shape (n, k), nearest first; equal distances in the order of the index.
        distances: shape (n, k).

    Raises:
        TypeError: `points` does not hold real numbers, or `k` is not an integer.
        ValueError: `points` has no rows or holds NaN or infinity, or `k` is out of range.

    Source of the rounding bound: Higham, Accuracy and Stability of Numerical Algorithms, 2nd
    ed., §3.1. Introduced in week 8.

    >>> indices, distances = nearest_neighbours([[0.0], [1.0], [3.0]], 1)
    >>> indices.ravel().tolist(), distances.ravel().tolist()
    ([1, 0, 1], [1.0, 1.0, 2.0])
    """
    x = _checked(points)
    n = len(x)
    if isinstance(k, bool) or not isinstance(k, int | np.integer):
        raise TypeError(f"k must be an integer, got {k!r}")
    if not 1 <= k < n:
        raise ValueError(f"k must satisfy 1 <= k < n = {n}, got {k}")
    centre = x[np.linalg.norm(x - x.mean(axis=0), axis=1).argmin()]
    scale = np.exp2(np.ceil(np.log2(np.abs(x - centre).max() or 1.0)))
    y = (x - centre) / scale  # small numbers for single precision; integers stay exact
    single = y.astype(np.float32)
    squares = np.einsum("ij,ij->i", single, single)
    nearest = np.full((n, min(k + SPARE, n - 1)), np.inf, np.float32)
    indices = np.zeros(nearest.shape, np.int64)
    blocks = [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
    numbers = np.arange(n)
    for i, rows in enumerate(blocks):
        for columns in blocks[i:]:
            products = single[rows] @ single[columns].T  # serves rows, and columns transposed
            _keep(products, squares, numbers[rows], columns.start, nearest[rows], indices[rows])
            if columns != rows:
                products = np.ascontiguousarray(products.T)
                lower = (nearest[columns], indices[columns])
                _keep(products, squares, numbers[columns], rows.start, *lower)
    distances = _sorted_by_distance(x, numbers, indices)
    if k + SPARE < n - 1:
        bound = 4 * (y.shape[1] + 4) * 2.0**-24 * (squares.astype(np.float64) + squares.max())
        unsure = np.flatnonzero((distances[:, k - 1] / scale) ** 2 >= nearest[:, -1] - bound)
        again = _in_double_precision(y, unsure, indices.shape[1])
        distances[unsure] = _sorted_by_distance(x, unsure, again)
        indices[unsure] = again
    return indices[:, :k].copy(), distances[:, :k].copy()


def _checked(points: ArrayLike) -> NDArray[np.float64]:
    raw = np.asarray(points)
    if raw.dtype.kind not in "fiub":
        raise TypeError(f"points must hold real numbers, got dtype {raw.dtype}")
    if raw.ndim < 2 or raw.size == 0:
        raise ValueError(f"points must have shape (n, d) with n, d >= 1, got {raw.shape}")
    x = raw.reshape(len(raw), -1).astype(np.float64)
    finite = np.isfinite(x).all(axis=1)
    if not finite.all():
        raise ValueError(f"points must be finite, got NaN or infinity in row {finite.argmin()}")
    return x


def _in_double_precision(
    x: NDArray[np.float64], rows: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Return the `count` nearest of each of these rows, shape (len(rows), count)."""
    squares = np.einsum("ij,ij->i", x, x)
    nearest = np.full((len(rows), count), np.inf)
    indices = np.zeros((len(rows), count), np.int64)
    for start in range(0, len(rows), BLOCK // 4):
        part = slice(start, start + BLOCK // 4)
        _keep(x[rows[part]] @ x.T, squares, rows[part], 0, nearest[part], indices[part])
    return indices


@njit(cache=True)
def _keep(products, squares, rows, first, nearest, indices):
    """Insert the points first, first + 1, … into the sorted lists of the points `rows`."""
    count = nearest.shape[1]
    for i in range(products.shape[0]):
        worst = nearest[i, count - 1]
        for j in range(products.shape[1]):
            value = squares[rows[i]] + squares[first + j] - 2 * products[i, j]
            if value < worst and first + j != rows[i]:
                slot = count - 1
                while slot > 0 and nearest[i, slot - 1] > value:
                    nearest[i, slot] = nearest[i, slot - 1]
                    indices[i, slot] = indices[i, slot - 1]
                    slot -= 1
                nearest[i, slot] = value
                indices[i, slot] = first + j
                worst = nearest[i, count - 1]


@njit(cache=True)
def _sorted_by_distance(x, rows, indices):
    """Return the distances, and sort `indices` in place by distance, then by index."""
    distances = np.empty(indices.shape)
    for i in range(len(rows)):
        for slot in range(indices.shape[1]):
            j, total = indices[i, slot], 0.0
            for a in range(x.shape[1]):
                total += (x[rows[i], a] - x[j, a]) ** 2
            distance, place = np.sqrt(total), slot
            while place > 0 and (
                distances[i, place - 1] > distance
                or (distances[i, place - 1] == distance and indices[i, place - 1] > j)
            ):
                distances[i, place] = distances[i, place - 1]
                indices[i, place] = indices[i, place - 1]
                place -= 1
            distances[i, place] = distance
            indices[i, place] = j
    return distances
