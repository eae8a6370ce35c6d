"""Draw the figures of the note on AlphaZero: `python lecture_notes/figures/alphazero.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import brentq

from course_utils import plotting
from course_utils.exercises.alphazero import puct, ucb

HERE = Path(__file__).parent


def regret() -> plt.Figure:
    """Draw UCB1's mean regret on three arms, against the bound of Theorem 1."""
    chances, trials, rng = np.array([0.4, 0.5, 0.6]), 2000, np.random.default_rng(0)
    lost = np.zeros((200, trials))
    for run in lost:
        counts, sums = np.zeros(3, int), np.zeros(3)
        for t in range(trials):
            k = ucb(counts.tolist(), (sums / np.maximum(counts, 1)).tolist())
            counts[k] += 1
            sums[k] += rng.random() < chances[k]
            run[t] = 0.6 - chances[k]
    curve, t = lost.cumsum(axis=1), np.arange(1, trials + 1)
    gaps = np.array([0.2, 0.1])
    bound = 8 * np.log(t) * (1 / gaps).sum() + (1 + np.pi**2 / 3) * gaps.sum()
    fig, ax = plt.subplots(figsize=(6.5, 3))
    ax.loglog(t, curve.mean(axis=0), label="UCB1, mean of 200 runs")
    ax.fill_between(t, *np.quantile(curve, [0.1, 0.9], axis=0), alpha=0.2)
    ax.loglog(t, 0.1 * t, color="0.5", ls="--", label="all arms equally often")
    ax.loglog(t, bound, color="black", ls="-", lw=0.8, label="bound of Theorem 1")
    ax.set(xlim=(10, trials), ylim=(0.5, 2000))
    plotting.decorate(ax, "Arms 0.4, 0.5, 0.6", "trials", "regret")
    return fig


def shares() -> plt.Figure:
    """Draw PUCT's shares of visits for fixed values, against the curve of Proposition 2."""
    values = np.array([-0.6, -0.2, 0.0, 0.3, 0.4])
    priors, c = np.array([0.1, 0.3, 0.2, 0.25, 0.15]), 1.5
    fig, axes = plt.subplots(1, 3, figsize=(8, 2.7), sharey=True)
    for ax, simulations in zip(axes, (30, 300, 3000), strict=True):
        visits = np.zeros(5, int)
        for _ in range(simulations):
            visits[puct(priors.tolist(), visits.tolist(), (visits * values).tolist(), c)] += 1
        size = c / np.sqrt(1 + simulations)

        def excess(a, size=size):
            return (size * priors / (a - values)).sum() - 1

        top = brentq(excess, values.max() + 1e-9, values.max() + 10)
        ax.bar(range(5), visits / simulations, color="0.8", label="shares of visits")
        ax.plot(range(5), size * priors / (top - values), "o", label="λ P / (α − Q)")
        ax.plot(range(5), priors, "_", color="black", ms=14, label="advice P")
        plotting.decorate(
            ax, f"{simulations} simulations", "move", "share" if ax is axes[0] else ""
        )
        ax.set_xticks(range(5), [f"{q:+.1f}" for q in values])
        ax.set_xlabel("value Q of the move")
        if ax is not axes[0]:
            ax.get_legend().remove()
    return fig


if __name__ == "__main__":
    plotting.use_style()
    for name, draw in (("regret", regret), ("shares", shares)):
        draw().savefig(HERE / f"alphazero_{name}.png")
