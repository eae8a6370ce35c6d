"""Draw the figures of week 4's note: `python lecture_notes/figures/week04.py`."""

from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np

from course_utils.exercises.week04 import chebyshev_design
from course_utils.maths.dynamics import LYAPUNOV, lorenz63, lorenz63_reference
from course_utils.plotting import COLOURS, decorate, use_style

HERE = Path(__file__).parent


def filters() -> None:
    """The filters of stopped gradient flow and of ridge, and their difference."""
    x = np.geomspace(0.01, 100, 200)
    fig, ax = plt.subplots(figsize=(6, 3.2))
    ax.semilogx(x, 1 - np.exp(-x), label="gradient flow, $1 - e^{-x}$")
    ax.semilogx(x, x / (1 + x), label="ridge, $x/(1+x)$")
    ax.semilogx(x, 1 / (1 + x) - np.exp(-x), label="difference, at most 0.2036")
    ax.axvline(2.513, color="0.5", ls=":")
    decorate(ax, "Stopping early is nearly ridge", "$x = ts^2$", "filter")
    fig.savefig(HERE / "week04_filters.png", metadata={"Software": None})


def divergence() -> None:
    """Error of float64 and of the degree-9 map against time, each with its slope."""
    path = lorenz63_reference([1.0, 1.0, 1.05], 0.02, 9000)
    data, truth = path[1000:6001], path[6500:]
    low, high = data.min(axis=0), data.max(axis=0)

    def basis(u: np.ndarray) -> np.ndarray:
        return chebyshev_design(2 * (u - low) / (high - low) - 1, 9)

    C = np.linalg.lstsq(basis(data[:-1]), np.diff(data, axis=0))[0]
    forecast = [truth[:1]]
    for _ in range(2000):
        forecast.append(forecast[-1] + basis(forecast[-1]) @ C)
    t = 0.02 * np.arange(2001)
    fig, ax = plt.subplots(figsize=(6, 3.2))
    width = data.std(axis=0)
    for name, other in (
        ("float64, true equations", lorenz63(truth[0], 0.02, 2000)),
        ("degree 9, fitted", np.concatenate(forecast)),
    ):
        error = np.sqrt((((other - truth[:2001]) / width) ** 2).mean(axis=1))
        ax.semilogy(t[1:], error[1:], label=name, lw=1, ls="-")
    ax.semilogy(t, 1e-16 * np.exp(LYAPUNOV * t), "k--", lw=0.8, label=r"slope $\lambda = 0.9056$")
    ax.axhline(0.3, color=COLOURS["purple"], ls=":", label="failure: 0.3")
    ax.set_ylim(1e-17, 1e2)
    decorate(ax, "Errors grow like $e^{\\lambda t}$", "time t", "relative error")
    ax.legend(fontsize=8)
    fig.savefig(HERE / "week04_divergence.png", metadata={"Software": None})


if __name__ == "__main__":
    use_style()
    filters()
    divergence()
