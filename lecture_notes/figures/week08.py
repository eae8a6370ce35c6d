"""Draw the figures of week 8's note: `python lecture_notes/figures/week08.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from numpy.polynomial import Legendre
from scipy import sparse
from scipy.sparse.linalg import eigsh
from scipy.spatial import cKDTree

from course_utils import plotting
from course_utils.exercises.week08 import resistances
from course_utils.maths.graph_learning import laplace_learning, poisson_learning
from course_utils.maths.nearest_neighbours import nearest_neighbours

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


def clusters() -> plt.Figure:
    """Draw third and fourth eigenvalue and the angle of three clusters of 40, coupled by ε."""
    block = np.repeat(np.arange(3), 40)
    chi = np.eye(3)[block] / np.sqrt(40)
    A = np.triu(np.random.default_rng(10).random((120, 120)), 1)
    A = A + A.T
    inside = A * (block[:, None] == block)
    L0, L1 = (np.diag(X.sum(0)) - X for X in (inside, A - inside))
    strengths, rows = np.logspace(-5, -2.5, 6), []
    for eps in strengths:
        values, V = np.linalg.eigh(L0 + eps * L1)
        sine = np.linalg.norm(V[:, :3] - chi @ (chi.T @ V[:, :3]), 2)
        rows.append([values[3], values[2], sine])
    fig, ax = plt.subplots(figsize=(6, 2.8))
    names = ("fourth eigenvalue", "third eigenvalue", "sine of the angle")
    for column, marker, name in zip(np.transpose(rows), "so^", names, strict=True):
        ax.loglog(strengths, column, marker=marker, label=name)
    ax.set_ylim(bottom=1e-10)
    plotting.decorate(ax, "Three clusters, coupled by ε", "ε", "")
    ax.legend(loc="lower right")
    return fig


def cap_factor(degree: int, radius: float) -> float:
    """Return the limit of μ_l / (l (l + 1)) for n → ∞ at a fixed radius."""
    P, a = Legendre.basis(degree).integ(), 1 - radius**2 / 2
    return 16 * ((1 - a) - (P(1) - P(a))) / (radius**4 * degree * (degree + 1))


def sphere() -> plt.Figure:
    """Draw sixteen eigenvalues of 16,000 random points of the sphere."""
    n, radius = 16_000, 0.465
    x = np.random.default_rng(0).standard_normal((n, 3))
    W = ball_graph(x / np.linalg.norm(x, axis=1, keepdims=True), radius)
    degree = W.sum(axis=1)
    top, start = degree.max(), np.ones(n)
    large = eigsh(sparse.diags_array(top - degree) + W, 16, which="LA", tol=1e-6, v0=start)[0]
    mu = np.sort(top - large) * 32 / (n * radius**4)
    for m in (1, 2, 3):
        mean = mu[m**2 : (m + 1) ** 2].mean() / (m * (m + 1))
        print(f"sphere, l = {m}: {mean / cap_factor(m, radius):.4f} of the formula")
    fig, ax = plt.subplots(figsize=(6, 2.5))
    ax.plot(mu, ".", ms=7, label="graph")
    for m in range(4):
        steps, limit = [m**2 - 0.4, (m + 1) ** 2 - 0.6], m * (m + 1)
        exact = limit * cap_factor(m, radius) if m else 0
        ax.plot(steps, [limit] * 2, color="0.5", ls="--", label=None if m else "$l(l+1)$")
        ax.plot(steps, [exact] * 2, "k-", lw=0.8, label=None if m else "finite ε")
    plotting.decorate(ax, f"{n} random points, ε = {radius}", "eigenvalue number", "μ")
    return fig


def lost_in_space() -> plt.Figure:
    """Draw resistances of 2,000 points of a cube, d = 2 and 10, against 1/d_i + 1/d_j."""
    n, pairs = 2000, np.triu_indices(2000, 1)
    some = np.random.default_rng(13).choice(len(pairs[0]), 1500, replace=False)
    fig, axes = plt.subplots(1, 2, figsize=(8, 3))
    for ax, d in zip(axes, (2, 10), strict=True):
        A = np.zeros((n, n))
        points = np.random.default_rng(12).random((n, d))
        np.put_along_axis(A, nearest_neighbours(points, 10)[0], 1.0, axis=1)
        A = np.maximum(A, A.T)
        R, degree = resistances(A)[pairs], A.sum(0)
        ends = (1 / degree[:, None] + 1 / degree)[pairs]
        found = np.corrcoef(ends, R)[0, 1], np.median(R / ends)
        print("d = {}: correlation {:.3f}, median ratio {:.2f}".format(d, *found))
        ax.plot(ends[some], R[some], ".", ms=2)
        ax.axline((0.1, 0.1), slope=1, color="k", lw=0.8, ls="-", label="equal")
        plotting.decorate(ax, f"d = {d}, {n} points", "$1/d_i + 1/d_j$", "resistance")
    return fig


def main() -> None:
    """Write the five PNGs beside this file."""
    plotting.use_style()
    for draw in (one_shape, spread, clusters, sphere, lost_in_space):
        draw().savefig(HERE / f"week08_{draw.__name__}.png", metadata={"Software": None})


if __name__ == "__main__":
    main()
