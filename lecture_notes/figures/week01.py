"""Draw the figures of week 1's note: `python lecture_notes/figures/week01.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from course_utils import plotting
from course_utils.maths.linear_models import least_squares_risk, ridge_risk_limit

HERE = Path(__file__).parent
PLACES = {
    "a = 3": (0, 1),
    "b = 2": (0, -1),
    "u = ab": (1, 0),
    "v = u + a": (2, 1.2),
    "g = uv": (3, 0),
}


def graph() -> plt.Figure:
    """Draw g = ab(ab + a) at (3, 2): values in the nodes, adjoints beside them."""
    a, b, u, v, g = PLACES
    edges = {
        (a, u): "b = 2",
        (b, u): "a = 3",
        (u, v): "1",
        (a, v): "1",
        (u, g): "v = 9",
        (v, g): "u = 6",
    }
    fig, ax = plt.subplots(figsize=(7, 2.8))
    plotting.graph(ax, nx.DiGraph(edges.keys()), PLACES, node_size=2600, font_size=9)
    nx.draw_networkx_edge_labels(nx.DiGraph(edges.keys()), PLACES, edges, ax=ax, font_size=8)
    for node, adjoint in zip(PLACES, (36, 45, 15, 6, 1), strict=True):
        x, y = PLACES[node]
        ax.text(
            x, y - 0.62, f"adjoint {adjoint}", ha="center", color=plotting.COLOURS["vermillion"]
        )
    ax.set(xlim=(-0.4, 3.4), ylim=(-1.8, 2.0))
    return fig


def v_curve() -> plt.Figure:
    """Draw the error of three derivatives of exp(sin x) at 200 points against the step."""
    x = np.random.default_rng(1).uniform(-3, 3, 200)
    steps = np.logspace(-14, -1, 79)
    exact = np.cos(x) * f(x)
    errors = {
        "one-sided": [rms((f(x + e) - f(x)) / e - exact) for e in steps],
        "central": [rms((f(x + e) - f(x - e)) / (2 * e) - exact) for e in steps],
        "complex step": [rms(f(x + 1j * e).imag / e - exact) for e in steps],
    }
    fig, ax = plt.subplots()
    for name, values in errors.items():
        ax.loglog(steps, np.maximum(values, 1e-17), label=name)
    u = 2.0**-53
    for best in (2 * u**0.5, (3 * u) ** (1 / 3)):
        ax.axvline(best, color="k", lw=0.8, ls="-")
    ax.set_ylim(1e-17, 1e4)
    plotting.decorate(ax, "Lines: 2√u and (3u)^(1/3)", "step ε", "root mean square error of f′")
    return fig


def f(x: np.ndarray) -> np.ndarray:
    """Return exp(sin x)."""
    return np.exp(np.sin(x))


def rms(values: np.ndarray) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def double_descent() -> plt.Figure:
    """Draw the exact risk for n = 100, its large-n limit with ridge, and the baseline."""
    ps = np.concatenate([np.arange(10, 99), np.arange(102, 1001)])
    exact = np.array([least_squares_risk(100, int(p)) for p in ps])
    fig, ax = plt.subplots()
    for part, name in ((ps < 100, "exact, no ridge"), (ps > 100, None)):
        ax.loglog(ps[part], exact[part], "k-", lw=1, label=name)
    for lam in (0.001, 0.0368):
        ax.loglog(ps, [ridge_risk_limit(p / 100, lam) for p in ps], label=f"limit, λ = {lam}")
    ax.loglog(
        ps, [ridge_risk_limit(p / 100, p / 400) for p in ps], label="limit, best λ for each p"
    )
    ax.axhline(1, color="0.5", ls="--", label="answering β = 0")
    title = "The peak belongs to the estimator (n = 100, σ² = 1/4)"
    plotting.decorate(ax, title, "parameters p", "excess risk")
    return fig


def main() -> None:
    """Write the three PNGs beside this file."""
    plotting.use_style()
    for draw in (graph, v_curve, double_descent):
        draw().savefig(HERE / f"week01_{draw.__name__}.png", metadata={"Software": None})


if __name__ == "__main__":
    main()
