"""Semi-supervised learning on a weighted graph: harmonic extension and Poisson learning."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from course_utils.maths.laplacian_solver import solve
from course_utils.maths.nearest_neighbours import nearest_neighbours


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
    scale = 1 / np.sqrt(degree)
    scale[vertices] = 0  # no equation there
    to_labels = scale[:, None] * (W[vertices].T @ onehot)
    scores = scale[:, None] * solve(W, scale, to_labels, scale * degree, tolerance)
    scores[vertices] = onehot
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
    scale = 1 / np.sqrt(degree)
    charges = np.zeros((len(degree), onehot.shape[1]))
    charges[vertices] = scale[vertices, None] * (onehot - onehot.mean(axis=0))
    scores = scale[:, None] * solve(W, scale, charges, 0.0, tolerance)
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
    reached = sparse.csgraph.breadth_first_order(W, 0, return_predecessors=False)
    if len(reached) < W.shape[0]:
        components, _ = sparse.csgraph.connected_components(W, directed=False)
        raise ValueError(f"weights must be those of a connected graph, got {components} components")
    return W


def _integers(values: ArrayLike, name: str) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a list of at least one integer, got shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    return array.astype(np.int64)
