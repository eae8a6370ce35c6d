"""What "correct" means in week 8: graphs from neighbours, harmonic functions, point charges."""

from collections.abc import Callable, Iterator
from itertools import combinations
from math import exp
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from course_utils.exercise import Exercise, as_array
from course_utils.maths.nearest_neighbours import nearest_neighbours


def _graph(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """A connected graph on n vertices: a path through all, and random chords; weights of halves."""
    chords = np.triu(rng.random((n, n)) < 2 / n, 1) * rng.integers(1, 9, (n, n)) / 2
    chords[np.arange(n - 1), np.arange(1, n)] = rng.integers(1, 9, n - 1) / 2
    hidden = rng.permutation(n)
    return (chords + chords.T)[np.ix_(hidden, hidden)]


def _dense(matrix: Any) -> Any:
    return matrix.toarray() if sparse.issparse(matrix) else matrix


def _close(found: float, wanted: float, tolerance: float = 1e-6) -> bool:
    return abs(found - wanted) <= tolerance * max(1.0, abs(wanted))


# 8.1 -------------------------------------------------------------------------------------------


def neighbour_weights(indices: ArrayLike, distances: ArrayLike) -> NDArray[np.float64]:
    """Return the symmetric weight matrix, (n, n), of neighbour lists, each (n, k), nearest first.

    >>> neighbour_weights([[1], [0], [1]], [[1.0], [1.0], [2.0]]).round(4).tolist()
    [[0.0, 0.0183, 0.0], [0.0183, 0.0, 0.0092], [0.0, 0.0092, 0.0]]
    """
    indices, distances = np.asarray(indices), np.asarray(distances)
    W = np.zeros((len(indices), len(indices)))
    values = np.exp(-4 * distances**2 / distances[:, -1:] ** 2)  # (n, k)
    np.put_along_axis(W, indices, values, axis=1)
    return (W + W.T) / 2


def _weights_instances(rng: np.random.Generator) -> Iterator[list[NDArray[Any]]]:
    yield [np.array([[1], [0], [1]]), np.array([[1.0], [1.0], [2.0]])]
    for n, k in ((4, 2), (6, 2), (12, 3), (30, 5), (60, 10)):
        yield list(nearest_neighbours(rng.random((n, 2)), k))


def _weights_probe(candidate: Callable[..., Any], lists: list[NDArray[Any]]) -> Any:
    return _dense(candidate(*lists))


def _weights_verify(lists: list[NDArray[Any]], answer: Any) -> None:
    """Entry by entry, from the definition."""
    indices, distances = lists
    n, k = indices.shape
    call = f"{n} points, k = {k}: the matrix"
    W = as_array(answer, (n, n), call)
    half: dict[tuple[int, int], float] = {}
    for i in range(n):
        for j, d in zip(indices[i].tolist(), distances[i].tolist(), strict=True):
            half[i, j] = exp(-4 * d**2 / float(distances[i, -1]) ** 2) / 2
    for i in range(n):
        assert W[i, i] == 0, f"{call} has w[{i}, {i}] = {W[i, i]:.4g}, expected 0 on the diagonal"
        for j in range(n):
            assert _close(W[i, j], W[j, i]), (
                f"{call} is not symmetric: w[{i}, {j}] = {W[i, j]:.4g}, w[{j}, {i}] = {W[j, i]:.4g}"
            )
            wanted = half.get((i, j), 0.0) + half.get((j, i), 0.0)
            assert _close(W[i, j], wanted), (
                f"{call} has w[{i}, {j}] = {W[i, j]:.4g}, expected {wanted:.4g}: "
                f"{j} is {'' if (i, j) in half else 'not '}a neighbour of {i}, and "
                f"{i} is {'' if (j, i) in half else 'not '}a neighbour of {j}"
            )


WEIGHTS = Exercise(
    "8.1", "A graph from neighbour lists", _weights_instances, _weights_probe, _weights_verify
)

# 8.2 -------------------------------------------------------------------------------------------


def path_extension(weights: ArrayLike, left: float, right: float) -> NDArray[np.float64]:
    """Return the harmonic function, (m + 1,), on a path whose m edges have these weights.

    >>> path_extension([1, 1, 2], 0, 5).tolist()
    [0.0, 2.0, 4.0, 5.0]
    """
    resistance = np.cumsum(1 / np.asarray(weights, float))  # from vertex 0 to 1, …, m
    return left + (right - left) * np.concatenate([[0], resistance]) / resistance[-1]


def _path_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [[1.0, 1.0], 0.0, 1.0]
    yield [[1.0, 3.0], 0.0, 1.0]
    for m in (1, 3, 5, 10, 50):
        left, right = rng.integers(-9, 10, 2).astype(float).tolist()
        yield [(rng.integers(1, 9, m) / 2).tolist(), left, right]


def _path_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    weights, left, right = instance
    return candidate(np.array(weights), left, right)


def _path_verify(instance: list[Any], answer: Any) -> None:
    """The ends are as given, and every inner value is the weighted mean of its neighbours'."""
    weights, left, right = instance
    call = f"path_extension({weights}, {left:g}, {right:g})"
    u = as_array(answer, (len(weights) + 1,), call).tolist()
    for end, wanted in ((0, left), (len(weights), right)):
        assert _close(u[end], wanted), f"{call}: u[{end}] = {u[end]:.4g}, expected {wanted:g}"
    for i in range(1, len(weights)):
        before, after = weights[i - 1], weights[i]
        mean = (before * u[i - 1] + after * u[i + 1]) / (before + after)
        assert _close(u[i], mean), (
            f"{call}: u[{i}] = {u[i]:.4g}, "
            f"but the weighted mean of its two neighbours is {mean:.4g}"
        )


PATH = Exercise("8.2", "One dimension has no spikes", _path_instances, _path_probe, _path_verify)

# 8.3 -------------------------------------------------------------------------------------------


def _draw(rng: np.random.Generator, n: int, classes: int, each: int) -> list[Any]:
    vertices = rng.permutation(n)[: classes * each]
    return [_graph(rng, n), vertices, rng.permutation(np.repeat(np.arange(classes), each))]


def _poisson_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    path = np.diag(np.ones(2), 1) + np.diag(np.ones(2), -1)
    yield [path, np.array([0, 2]), np.array([0, 1])]
    for n, classes, each in ((6, 2, 1), (12, 3, 1), (30, 3, 2), (80, 4, 1), (200, 10, 1)):
        yield _draw(rng, n, classes, each)
    W, vertices, classes = _draw(rng, 40, 2, 2)
    classes[np.flatnonzero(classes == 1)[0]] = 0  # classes of unequal size
    yield [W, vertices, classes]


def _poisson_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    W, labelled, labels = instance
    return candidate(sparse.csr_array(W), labelled, labels)


def _poisson_verify(instance: list[Any], answer: Any) -> None:
    """Degree-weighted mean 0 and a small residual determine u."""
    W, labelled, labels = instance
    n, classes = len(W), int(labels.max()) + 1
    call = f"{n} vertices, labels {labels.tolist()} at {labelled.tolist()}"
    u = as_array(answer, (n, classes), f"{call}: poisson")
    assert np.isfinite(u).all(), f"{call}: the scores hold NaN or infinity"
    degree = W.sum(axis=0)
    mean = float(np.abs(degree @ u / degree.sum()).max())
    assert mean < 1e-6, f"{call}: the mean of u weighted by degrees is {mean:.2g}, expected 0"
    charges = np.zeros_like(u)
    charges[labelled] = np.eye(classes)[labels]
    charges[labelled] -= charges[labelled].mean(axis=0)
    gap = np.abs(degree[:, None] * u - W @ u - charges)
    i, c = (int(k) for k in np.unravel_index(gap.argmax(), gap.shape))
    size = np.linalg.norm(gap / np.sqrt(degree)[:, None])
    assert size <= 2e-3, (
        f"{call}: (Lu)[{i}, {c}] misses the charge {charges[i, c]:.3g} by {gap[i, c]:.2g}; "
        f"the residual D^(-1/2)(Lu - b) has norm {size:.2g}, wanted is 0.001"
    )


POISSON = Exercise(
    "8.3", "Labels as point charges", _poisson_instances, _poisson_probe, _poisson_verify
)

# 8.4 -------------------------------------------------------------------------------------------


def wnll_weights(W: sparse.sparray, labelled: ArrayLike) -> sparse.csr_array:
    """Return A W + W A, where A is diagonal: n/m at the m labelled vertices, 1 elsewhere.

    >>> wnll_weights(sparse.csr_array([[0.0, 1.0], [1.0, 0.0]]), [0]).toarray().tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    """
    a = np.ones(W.shape[0])
    a[labelled] = W.shape[0] / len(np.asarray(labelled))
    A = sparse.diags_array(a)
    return sparse.csr_array(A @ W + W @ A)


def _wnll_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0])]
    for n, m in ((4, 2), (9, 1), (12, 5), (40, 10)):
        yield [_graph(rng, n), np.sort(rng.permutation(n)[:m])]


def _wnll_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    W, labelled = instance
    return _dense(candidate(sparse.csr_array(W), labelled))


def _wnll_verify(instance: list[Any], answer: Any) -> None:
    W, labelled = instance
    n, m = len(W), len(labelled)
    found = as_array(answer, (n, n), "wnll_weights")
    labels = set(labelled.tolist())
    for i in range(n):
        for j in range(n):
            wanted = sum(n / m if v in labels else 1.0 for v in (i, j)) * W[i, j]
            ends = sum(v in labels for v in (i, j))
            assert _close(found[i, j], wanted), (
                f"n = {n}, m = {m}: the edge {i}, {j} of weight {W[i, j]:g} with {ends} labelled "
                f"ends became {found[i, j]:.4g}, expected {wanted:.4g}"
            )


WNLL = Exercise("8.4", "Heavier edges at the labels", _wnll_instances, _wnll_probe, _wnll_verify)

# 8.5 -------------------------------------------------------------------------------------------


def p_harmonic(
    W: sparse.sparray, labelled: ArrayLike, values: ArrayLike, p: float
) -> NDArray[np.float64]:
    """Return the minimiser u, (n,), of Σ w_ij |u_i - u_j|^p with u = values on labelled.

    Iteratively reweighted least squares, p raised in steps of at most 1/2, and at each p
    steps shortened by p - 1: Newton's method.
    """
    W = sparse.coo_array(W)
    n, free = W.shape[0], np.ones(W.shape[0], bool)
    free[labelled] = False
    u = np.full(n, float(np.mean(values)))
    u[labelled] = values
    for q in [*np.arange(2, p, 0.5).tolist(), *[p] * 12]:
        gap = np.abs(u[W.row] - u[W.col]) + 1e-5
        edge = W.data * (gap ** (q - 2) if q > 2 else 1.0)
        A = sparse.coo_array((edge, (W.row, W.col)), shape=(n, n)).tocsr()
        L = (sparse.diags_array(A.sum(axis=1)) - A).tocsr()
        target = sparse.linalg.spsolve(L[free][:, free].tocsc(), -(L @ np.where(free, 0, u))[free])
        u[free] += (target - u[free]) / (q - 1)
    return u


def _p_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    path = np.diag([1.0, 2.0, 4.0], 1)
    yield [path + path.T, np.array([0, 3]), np.array([0.0, 1.0]), 2.0]
    yield [path + path.T, np.array([0, 3]), np.array([0.0, 1.0]), 4.0]
    for n, m, p in ((6, 2, 3.0), (12, 3, 4.0), (25, 3, 6.0), (40, 4, 8.0), (60, 5, 3.0)):
        vertices = np.sort(rng.permutation(n)[:m])
        values = rng.permutation(m) / (m - 1)
        yield [_graph(rng, n), vertices, values, p]


def _p_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    W, labelled, values, p = instance
    return candidate(sparse.csr_array(W), labelled, values, p)


def _p_energy(W: NDArray[np.float64], u: NDArray[np.float64], p: float) -> float:
    return float((W * np.abs(u[:, None] - u) ** p).sum() / 2)


def _p_gradient(W: NDArray[np.float64], u: NDArray[np.float64], p: float) -> NDArray[np.float64]:
    gap = u[:, None] - u
    return p * (W * np.abs(gap) ** (p - 1) * np.sign(gap)).sum(axis=1)


def _p_verify(instance: list[Any], answer: Any) -> None:
    """Convexity bounds the excess of energy: E(u) - E(v) <= <grad E(u), u - v> for every v."""
    W, labelled, values, p = instance
    n = len(W)
    call = f"{n} vertices, p = {p:g}, values {np.round(values, 2).tolist()}"
    u = as_array(answer, (n,), f"{call}: p_harmonic").astype(float)
    assert np.isfinite(u).all(), f"{call}: u holds NaN or infinity"
    for i, wanted in zip(labelled.tolist(), values.tolist(), strict=True):
        assert _close(u[i], wanted), f"{call}: u[{i}] = {u[i]:.4g}, the label is {wanted:.4g}"
    low, high = float(values.min()), float(values.max())
    assert u.min() >= low - 1e-6, f"{call}: u falls to {u.min():.4g}, below every label"
    assert u.max() <= high + 1e-6, f"{call}: u rises to {u.max():.4g}, above every label"
    slope = _p_gradient(W, u, p)
    slope[labelled] = 0
    # The minimiser lies in [low, high]: this bounds E(u) - E(minimiser) from above.
    excess = float(np.maximum(slope * (u - low), slope * (u - high)).sum())
    energy = _p_energy(W, u, p)
    worst = int(np.abs(slope).argmax())
    assert excess <= 0.02 * energy, (
        f"{call}: the energy {energy:.4g} may be {excess:.2g} above its minimum; at vertex {worst} "
        f"its derivative is {slope[worst]:.2g}, expected 0"
    )


P_LAPLACE = Exercise("8.5", "Larger p, no spikes", _p_instances, _p_probe, _p_verify, seconds=20)

# 8.7 -------------------------------------------------------------------------------------------


def resistances(W: ArrayLike) -> NDArray[np.float64]:
    """Return the effective resistances between all pairs, (n, n), of a dense symmetric W, (n, n).

    >>> resistances([[0, 1, 0], [1, 0, 2], [0, 2, 0]]).round(6).tolist()
    [[0.0, 1.0, 1.5], [1.0, 0.0, 0.5], [1.5, 0.5, 0.0]]
    """
    W = np.asarray(W, float)
    n = len(W)
    G = np.linalg.inv(np.diag(W.sum(axis=0)) - W + 1 / n)  # L⁺ + 1/n: the constants cancel below
    return np.diag(G)[:, None] + np.diag(G) - 2 * G


def _resistance_instances(rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    yield np.array([[0.0, 2.0], [2.0, 0.0]])
    yield np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [0.0, 2.0, 0.0]])
    yield np.ones((3, 3)) - np.eye(3)
    for n in (5, 8, 20, 60):
        yield _graph(rng, n)


def _resistance_probe(candidate: Callable[..., Any], W: NDArray[np.float64]) -> Any:
    return candidate(W)


def _resistance_verify(W: NDArray[np.float64], answer: Any) -> None:
    """Ground vertex 0; a unit current from i to j then raises i over j by R_ij."""
    n = len(W)
    R = as_array(answer, (n, n), f"{n} vertices: resistances")
    potential = np.zeros((n, n))
    L = np.diag(W.sum(axis=0)) - W
    potential[1:, 1:] = np.linalg.inv(L[1:, 1:])
    for i in range(n):
        assert _close(R[i, i], 0), f"{n} vertices: R[{i}, {i}] = {R[i, i]:.4g}, expected 0"
    for i, j in combinations(range(n), 2):
        wanted = potential[i, i] + potential[j, j] - 2 * potential[i, j]
        for found in (R[i, j], R[j, i]):
            assert _close(found, wanted), (
                f"{n} vertices, w[{i}, {j}] = {W[i, j]:g}: R[{i}, {j}] = {found:.4g}, but a unit "
                f"current from {i} to {j} needs the voltage {wanted:.4g}"
            )


RESISTANCE = Exercise(
    "8.7", "Effective resistance", _resistance_instances, _resistance_probe, _resistance_verify
)
