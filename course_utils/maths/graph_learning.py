"""Semi-supervised learning on a weighted graph: harmonic extension and Poisson learning."""

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from course_utils.maths.nearest_neighbours import nearest_neighbours

MAX_ITERATIONS = 100_000
RELAXATION = 1.3  # of the solver's triangles: 1 to 1.5 cost within a tenth of one another


def knn_weights(points: ArrayLike, k: int) -> sparse.csr_array:
    r"""Return the symmetric weight matrix of the k-nearest-neighbour graph.

    With $d_k(i)$ the distance from point i to its k-th neighbour (the point itself not counted),
    $w_{ij} = \exp(-4 |x_i - x_j|^2 / d_k(i)^2)$ for the neighbours j of i; then
    $W \leftarrow (W + W^T)/2$. The diagonal is zero.

    Args:
        points: shape (n, d), finite real numbers; images (n, height, width) are flattened.
        k: number of neighbours, 1 <= k < n.

    Returns:
        Shape (n, n), sorted indices, no stored zeros.

    Raises:
        TypeError, ValueError: as `nearest_neighbours`; also when a point has k copies, so that
            $d_k = 0$.

    Source: Calder, Cook, Thorpe, Slepčev, ICML 2020, §4 (the constant 4 and the scaling by the
    k-th neighbour). Introduced in week 8.

    >>> knn_weights([[0.0], [1.0], [3.0]], 1).toarray().round(4).tolist()
    [[0.0, 0.0183, 0.0], [0.0183, 0.0, 0.0092], [0.0, 0.0092, 0.0]]
    """
    indices, distances = nearest_neighbours(points, k)
    n = len(indices)
    radius = distances[:, -1]
    if not radius.all():
        raise ValueError(
            f"points: point {radius.argmin()} has at least k = {k} copies, so its k-th neighbour "
            "is at distance 0; remove duplicates or raise k"
        )
    values = np.exp(-4 * (distances / radius[:, None]) ** 2)
    rows = np.repeat(np.arange(n), k)
    one_sided = sparse.csr_array((values.ravel(), (rows, indices.ravel())), shape=(n, n))
    weights = ((one_sided + one_sided.T) / 2).tocsr()
    weights.sort_indices()
    return weights


def laplace_learning(
    weights: sparse.sparray | sparse.spmatrix | ArrayLike,
    labelled: ArrayLike,
    labels: ArrayLike,
    tolerance: float = 1e-5,
) -> NDArray[np.float64]:
    r"""Return the harmonic extension of the labels (Laplace learning, label propagation).

    u is the one-hot label on labelled vertices and $(Lu)_i = 0$ elsewhere, $L = D - W$: each
    unlabelled score is the weighted mean of its neighbours' scores.

    Args:
        weights: shape (n, n), symmetric, not negative, of a connected graph; loops are ignored.
        labelled: shape (m,), the distinct labelled vertices, 0 … n - 1.
        labels: shape (m,), their classes 0 … K - 1, each class at least once; K = max + 1.
        tolerance: bound of the residual $D^{-1/2}(Lu)$ on the unlabelled vertices, in norm over
            all columns: absolute, and relative to that of the right side.

    Returns:
        Scores of shape (n, K); the prediction is the argmax of a row.

    Raises:
        TypeError: vertices or classes are not integers.
        ValueError: anything above is violated; for a disconnected graph, with the number of
            components.

    Source: Zhu, Ghahramani, Lafferty, ICML 2003, §2. Introduced in week 8.

    >>> path = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    >>> laplace_learning(path, [0, 3], [0, 1])[:, 1].round(4).tolist()
    [0.0, 0.3333, 0.6667, 1.0]
    """
    W, degree, vertices, onehot = _problem(weights, labelled, labels, tolerance)
    scores = np.zeros((len(degree), onehot.shape[1]))
    scores[vertices] = onehot
    free = np.ones(len(degree), bool)
    free[vertices] = False
    root = np.sqrt(degree)
    inner = _scaled(W, root)  # the labelled rows and columns become 0
    inner.data *= np.repeat(free, np.diff(inner.indptr)) & free[inner.indices]
    to_labels = free[:, None] * (W @ scores) / root[:, None]
    scores[free] = (_solve(inner, to_labels, root, tolerance) / root[:, None])[free]
    return scores


def poisson_learning(
    weights: sparse.sparray | sparse.spmatrix | ArrayLike,
    labelled: ArrayLike,
    labels: ArrayLike,
    tolerance: float = 1e-3,
) -> NDArray[np.float64]:
    r"""Return the scores of Poisson learning: the labels enter as point charges.

    $L u = \sum_j (y_j - \bar y) \delta_j$ over the labelled vertices j, with one-hot labels
    $y_j$ and their mean $\bar y$, and $\sum_i d_i u_i = 0$.

    Args:
        weights, labelled, labels: as for `laplace_learning`.
        tolerance: bound of the residual $D^{-1/2}(Lu - \sum_j (y_j - \bar y) \delta_j)$, in
            norm over all columns: absolute, and relative to that of the right side.

    Returns:
        Scores of shape (n, K); the prediction is the argmax of a row.

    Raises:
        TypeError, ValueError: as `laplace_learning`.

    Source: Calder, Cook, Thorpe, Slepčev, ICML 2020, §2. Introduced in week 8.

    >>> path = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    >>> poisson_learning(path, [0, 3], [0, 1])[:, 1].round(4).tolist()
    [-0.75, -0.25, 0.25, 0.75]
    """
    W, degree, vertices, onehot = _problem(weights, labelled, labels, tolerance)
    root = np.sqrt(degree)
    charges = np.zeros((len(degree), onehot.shape[1]))
    charges[vertices] = onehot - onehot.mean(axis=0)
    scores = _solve(_scaled(W, root), charges / root[:, None], 0.0, tolerance) / root[:, None]
    return scores - degree @ scores / degree.sum()


def _problem(weights, labelled, labels, tolerance):
    """Check the arguments; return W without loops, degrees, vertices and one-hot labels."""
    W = _checked_weights(weights)
    n = W.shape[0]
    vertices, classes = _integers(labelled, "labelled"), _integers(labels, "labels")
    if len(vertices) != len(classes):
        raise ValueError(
            f"labelled and labels must have the same length, got {len(vertices)}, {len(classes)}"
        )
    if vertices.min() < 0 or vertices.max() >= n:
        raise ValueError(f"labelled must hold vertices 0 … {n - 1}, got {vertices.tolist()!r:.60}")
    distinct, counts = np.unique(vertices, return_counts=True)
    if counts.max() > 1:
        raise ValueError(
            f"labelled must not repeat a vertex, got {distinct[counts.argmax()]} twice"
        )
    if classes.min() < 0:
        raise ValueError(f"labels must be classes 0, 1, …, got {classes.min()}")
    present = np.unique(classes)
    if len(present) <= classes.max():
        missing = next(c for c, found in enumerate(present) if c != found)
        raise ValueError(f"labels must name every class 0 … {classes.max()}, none is {missing}")
    if not (np.isreal(tolerance) and tolerance > 0):
        raise ValueError(f"tolerance must be positive, got {tolerance!r}")
    degree = W @ np.ones(n)
    return W, degree, vertices, np.eye(len(present))[classes]


def _checked_weights(weights) -> sparse.csr_array:
    W = sparse.csr_array(weights, dtype=np.float64)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or W.shape[0] < 2:
        raise ValueError(f"weights must be a square matrix, 2 × 2 or larger, got shape {W.shape}")
    if not np.isfinite(W.data).all():
        raise ValueError("weights must be finite, got NaN or infinity")
    if W.nnz and W.data.min() < 0:
        raise ValueError(f"weights must not be negative, got {W.data.min()}")
    if W.diagonal().any():
        W = W - sparse.diags_array(W.diagonal())
    if not W.has_canonical_format:
        W = W.copy()
        W.sum_duplicates()
    if not W.data.all():
        W = W.copy()
        W.eliminate_zeros()
    mirror = W.T.tocsr()
    if np.array_equal(W.indices, mirror.indices) and np.array_equal(W.indptr, mirror.indptr):
        difference = abs(W.data - mirror.data).max(initial=0.0)
    else:
        difference = abs(W - mirror).max()
    if difference > 1e-12 * W.data.max(initial=1e-300):
        raise ValueError("weights must be a symmetric matrix")
    components, _ = sparse.csgraph.connected_components(W, directed=False)
    if components > 1:
        raise ValueError(f"weights must be those of a connected graph, got {components} components")
    return W


def _integers(values: ArrayLike, name: str) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a list of at least one integer, got shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    return array.astype(np.int64)


def _scaled(W: sparse.csr_array, root: NDArray[np.float64]) -> sparse.csr_array:
    """Return the matrix $w_{ij} / (root_i root_j)$."""
    W = W.copy()
    W.data /= np.repeat(root, np.diff(W.indptr)) * root[W.indices]
    return W


def _solve(
    neighbours: sparse.csr_array,
    right: NDArray[np.float64],
    total: NDArray[np.float64] | float,
    tolerance: float,
) -> NDArray[np.float64]:
    """Solve (I - neighbours) v = right for v whose rows sum to `total`: K - 1 columns suffice.

    Stops when the norm of the residual over all K columns is at most `tolerance` and at most
    `tolerance` times the norm of `right`: scaling the weights cannot end it too early.
    """
    order = sparse.csgraph.reverse_cuthill_mckee(neighbours, symmetric_mode=True)
    neighbours = neighbours[order][:, order]  # neighbours near one another in memory
    neighbours.sort_indices()
    residual = np.ascontiguousarray(right[order, :-1])
    solution = np.zeros_like(residual)
    tolerance *= min(1.0, np.sqrt(np.square(right).sum()))
    unsigned = [part.astype(np.uint32) for part in (neighbours.indptr, neighbours.indices)]
    matrix = (*unsigned, neighbours.data)
    if not _iterate(*matrix, solution, residual.copy(), tolerance, MAX_ITERATIONS):
        raise ValueError(f"weights: no solution to tolerance {tolerance} was found")
    solution[order] = solution.copy()
    return np.column_stack([solution, total - solution.sum(axis=1)])


@njit(cache=True)
def _iterate(indptr, indices, data, solution, residual, tolerance, most):
    """Conjugate gradients, preconditioned by both triangles; Eisenstat's form.

    With E the part of the matrix below its diagonal and L = I/ω - E, ω = RELAXATION, it solves
    L^-1 (I - E - E^T) L^-T y = L^-1 right, solution = L^-T y. As
    I - E - E^T = L + L^T - (2/ω - 1) I, the operator takes p to t + L^-1 (p - (2/ω - 1) t)
    with t = L^-T p: as much work as one product (Eisenstat, SIAM J. Sci. Stat. Comput. 2
    (1981)), in less than half as many steps as without the triangles.
    """
    n, columns = residual.shape
    _lower_solve(indptr, indices, data, residual)
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
        if near and _lower_norm(indptr, indices, data, residual) <= tolerance:
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
                upper[i, c] *= RELAXATION
        for c in range(columns):
            curvature[c] = 0.0
        for i in range(n):  # image + upper is what the operator makes of direction
            for c in range(columns):
                image[i, c] = direction[i, c] - (2 / RELAXATION - 1) * upper[i, c]
            for e in range(indptr[i], indptr[i + 1]):
                weight, j = data[e], indices[e]
                if j > i:
                    break
                for c in range(columns):
                    image[i, c] += weight * image[j, c]
            for c in range(columns):
                image[i, c] *= RELAXATION
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
def _lower_solve(indptr, indices, data, x):
    """Replace x by L^-1 x, L as in `_iterate`."""
    for i in range(x.shape[0]):
        for e in range(indptr[i], indptr[i + 1]):
            weight, j = data[e], indices[e]
            if j > i:
                break
            for c in range(x.shape[1]):
                x[i, c] += weight * x[j, c]
        for c in range(x.shape[1]):
            x[i, c] *= RELAXATION


@njit(cache=True)
def _lower_norm(indptr, indices, data, x):
    """Return the norm of L x over all columns and one more, minus their sum."""
    total, row = 0.0, np.empty(x.shape[1])
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            row[c] = x[i, c] / RELAXATION
        for e in range(indptr[i], indptr[i + 1]):
            weight, j = data[e], indices[e]
            if j > i:
                break
            for c in range(x.shape[1]):
                row[c] -= weight * x[j, c]
        together = 0.0
        for c in range(x.shape[1]):
            total += row[c] * row[c]
            together += row[c]
        total += together * together
    return np.sqrt(total)
