"""Graph learning on 10,000 pictures: neighbours, weights and both solvers, beside their peers."""

from collections.abc import Iterator

import numpy as np
from sklearn.neighbors import NearestNeighbors

from benchmarks.timing import Row, compare
from course_utils import datasets
from course_utils.maths.graph_learning import knn_weights, laplace_learning, poisson_learning
from course_utils.maths.nearest_neighbours import nearest_neighbours

K = 10


def rows() -> Iterator[Row]:
    """Yield, when measured: neighbours against scikit-learn, solves against graphlearning."""
    images, labels = datasets.mnist()
    flat = images.reshape(len(images), -1)
    single = flat.astype(np.float32)
    brute = NearestNeighbors(n_neighbors=K + 1, algorithm="brute")
    yield compare(
        "neighbours, 10,000 pictures, exact in double precision",
        lambda: nearest_neighbours(flat, K),
        lambda: brute.fit(flat.astype(float)).kneighbors(),
        "scikit-learn, brute force, double",
        repeats=3,
    )
    yield compare(
        "the same against single precision",
        lambda: nearest_neighbours(flat, K),
        lambda: brute.fit(single).kneighbors(),
        "scikit-learn, brute force, single",
        repeats=3,
    )
    yield from against_graphlearning(flat, labels.astype(int))


def against_graphlearning(points: np.ndarray, classes: np.ndarray) -> Iterator[Row]:
    """Weights from our neighbour lists on both sides; each solve in both programs, same labels."""
    import graphlearning as gl

    indices, distances = nearest_neighbours(points, K)
    lists = (
        np.column_stack([np.arange(len(points)), indices]),
        np.column_stack([np.zeros(len(points)), distances]),
    )
    W, theirs = knn_weights(points, K), gl.weightmatrix.knn(points, K, knn_data=lists)
    difference = abs(W - theirs).max()
    assert difference < 1e-6, f"weights differ by {difference}"
    pairs = (("Laplace", laplace_learning, "laplace"), ("Poisson", poisson_learning, "poisson"))
    for name, ours, peer in pairs:
        for rate in (1, 5):
            labelled = gl.trainsets.generate(classes, rate=rate, seed=0)
            labels = classes[labelled]
            solver = getattr(gl.ssl, peer)(theirs)
            same = ours(W, labelled, labels).argmax(1) == solver.fit(labelled, labels).argmax(1)
            assert same.mean() >= 0.999, f"{name}: only {same.mean():.4f} of predictions agree"
            yield compare(
                f"{name}, {rate} label{'s' * (rate > 1)} per class, 10,000 pictures",
                lambda ours=ours, v=labelled, y=labels: ours(W, v, y),
                lambda solver=solver, v=labelled, y=labels: solver.fit(v, y),
                "graphlearning 1.7.5",
                repeats=15,
                note=f"{same.mean():.2%} of predictions equal, weights to {difference:.0e}",
            )
