"""Draw the figures of week 8's note: `python lecture_notes/figures/week08.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigsh
from scipy.spatial import cKDTree

from course_utils import plotting
from course_utils.exercises.week08 import cap_factor
from course_utils.maths.graph_learning import laplace_learning, poisson_learning

HERE = Path(__file__).parent


def ball_graph(x: np.ndarray, radius: float, box: float | None = None) -> sparse.csr_array:
    """Weight 1 between points closer than `radius`; box = 1 closes the cube to a torus."""
    pairs = cKDTree(x, boxsize=box).query_pairs(radius, output_type="ndarray")
    W = sparse.coo_array((np.ones(len(pairs)), pairs.T), shape=(len(x), len(x)))
    return (W + W.T).tocsr()


def torus(n: int, d: int, seed: int) -> tuple[np.ndarray, sparse.csr_array]:
    """Random points, the first two labelled, and their graph at the scale of connectedness."""
    x = np.random.default_rng(seed).random((n, d))
    x[:2] = 0.5
    x[:2, 0] = 0.25, 0.75
    radius = (2 if d == 1 else 1) * (np.log(n) / n) ** (1 / d)
    return x, ball_graph(x, radius, box=1)


def one_shape() -> plt.Figure:
    """Draw both scores of 2,000 points on the torus, and the level that degrees predict."""
    x, W = torus(2000, 2, 8)
    d = W.sum(axis=0)
    fig, axes = plt.subplots(1, 2, figsize=(8, 2.5))
    levels = (d[1] / (d[0] + d[1]), None)
    methods = (laplace_learning, poisson_learning)
    for ax, method, level, middle in zip(axes, methods, levels, (0.5, 0), strict=True):
        u = method(W, [0, 1], [0, 1], 1e-8)[:, 1]
        ax.plot(x[2:, 0], u[2:], ".", ms=2)
        ax.plot(x[:2, 0], u[:2], "*", ms=11, label="labels")
        ax.axhline(middle, color="k", lw=0.8, ls="-", label="threshold")
        if level is not None:
            ax.axhline(level, color="0.5", ls="--", label="$d_1/(d_0 + d_1)$")
        title = method.__name__.replace("_", " ").capitalize()
        plotting.decorate(ax, title, "first coordinate", "score of class 1")
    return fig


def spread() -> plt.Figure:
    """Draw the spread of the harmonic extension against n in dimension 1, 2, 3."""
    ladder = {1: (300, 1000, 3000), 2: (500, 2000, 8000), 3: (1000, 4000, 16_000)}
    fig, ax = plt.subplots(figsize=(6, 2.5))
    for (d, sizes), marker in zip(ladder.items(), "os^", strict=True):
        values = []
        for n in sizes:
            runs = [laplace_learning(torus(n, d, s)[1], [0, 1], [0, 1]) for s in range(5)]
            values.append(np.mean([u[2:, 1].std() for u in runs]))
        ax.loglog(sizes, values, marker=marker, label=f"d = {d}")
    ax.axhline(1 / np.sqrt(12), color="k", lw=0.8, ls="-", label="tent on the circle")
    plotting.decorate(ax, "Only dimension 1 remembers its labels", "points", "spread (5 seeds)")
    return fig


def sphere() -> plt.Figure:
    """Draw sixteen eigenvalues of 8,000 random points of the sphere."""
    n, radius = 8000, 0.465
    x = np.random.default_rng(0).standard_normal((n, 3))
    W = ball_graph(x / np.linalg.norm(x, axis=1, keepdims=True), radius)
    degree = W.sum(axis=1)
    top, start = degree.max(), np.ones(n)
    large = eigsh(sparse.diags_array(top - degree) + W, 16, which="LA", tol=1e-6, v0=start)[0]
    fig, ax = plt.subplots(figsize=(6, 2.5))
    ax.plot(np.sort(top - large) * 32 / (n * radius**4), ".", ms=7, label="graph")
    for m in range(4):
        steps, limit = [m**2 - 0.4, (m + 1) ** 2 - 0.6], m * (m + 1)
        exact = limit * cap_factor(m, radius) if m else 0
        ax.plot(steps, [limit] * 2, color="0.5", ls="--", label=None if m else "$l(l+1)$")
        ax.plot(steps, [exact] * 2, "k-", lw=0.8, label=None if m else "finite ε")
    plotting.decorate(ax, f"{n} random points, ε = {radius}", "eigenvalue number", "μ")
    return fig


def main() -> None:
    """Write the three PNGs beside this file."""
    plotting.use_style()
    for draw in (one_shape, spread, sphere):
        draw().savefig(HERE / f"week08_{draw.__name__}.png", metadata={"Software": None})


if __name__ == "__main__":
    main()
