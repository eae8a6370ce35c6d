"""Draw the figures of week 3's note: `python lecture_notes/figures/week03.py`."""

from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np

from course_utils.maths.mean_field import critical_sigma_w2
from course_utils.plotting import decorate, use_style

HERE = Path(__file__).parent


def line() -> None:
    """The critical line and its leading order, 1 + 2 (3/4 sigma_b2)^(1/3)."""
    b = 0.5 * np.linspace(0, 1, 60) ** 3
    fig, ax = plt.subplots(figsize=(6, 3.2))
    ax.plot([critical_sigma_w2(value) for value in b.tolist()], b, label=r"$\chi_1 = 1$")
    ax.plot(1 + 2 * (0.75 * b) ** (1 / 3), b, label="leading order at (1, 0)")
    ax.text(1.3, 0.3, "order")
    ax.text(2.7, 0.15, "chaos")
    decorate(ax, "The critical line of tanh", r"$\sigma_w^2$", r"$\sigma_b^2$")
    fig.savefig(HERE / "week03_line.png", metadata={"Software": None})


def sgd() -> None:
    """The stationary variance over eta C / 2h against eta h."""
    step = np.linspace(0, 1.6, 100)
    fig, ax = plt.subplots(figsize=(6, 3.2))
    ax.plot(step, 1 / (1 - step / 2), label="exact")
    ax.plot(step, np.ones_like(step), label="differential equation")
    ax.plot(step, 1 + step / 2, label="two orders")
    title, unit = "What the step adds to the variance", r"variance in units of $\eta C/2h$"
    decorate(ax, title, r"$\eta h$", unit)
    fig.savefig(HERE / "week03_sgd.png", metadata={"Software": None})


if __name__ == "__main__":
    use_style()
    line()
    sgd()
