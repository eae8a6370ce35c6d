"""Figures of lecture_notes/week11.md: `python lecture_notes/figures/week11.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils import plotting
from course_utils.engines import buchberger_game as game
from course_utils.plotting import COLOURS, decorate

HERE = Path(__file__).parent


def staircase() -> None:
    """The leads of the textbook's example as they appear."""
    leads = [(3, 0), (2, 1), (2, 0), (1, 1), (0, 2)]
    figure, axes = plt.subplots(1, 3, figsize=(8, 2.8), sharey=True)
    for ax, count in zip(axes, (2, 3, 5), strict=True):
        shaded = [
            [any(a >= m[0] and b >= m[1] for m in leads[:count]) for a in range(5)]
            for b in range(5)
        ]
        ax.imshow(shaded, origin="lower", cmap="Blues", vmin=0, vmax=2)
        ax.plot(*zip(*leads[:count], strict=True), "o", ls="", color=COLOURS["vermillion"])
        ax.grid(False)
        decorate(ax, f"{count} elements", "exponent of x", "exponent of y" if count == 2 else "")
    figure.savefig(HERE / "week11_staircase.png")


def variance() -> None:
    """64 random runs on each of 30 ideals."""
    rng = np.random.default_rng(0)
    ideals = game.draw_ideals("3-20-10-weighted", 30, rng)
    many = game.choose(ideals, np.repeat(np.arange(30), 64))
    runs = game.play(many, "random", rng)[:, 0].reshape(30, 64)
    runs = runs[np.argsort(runs.mean(1))]
    figure, ax = plt.subplots(figsize=(7, 3.2))
    place = np.repeat(np.arange(30), 64) + rng.uniform(-0.2, 0.2, runs.size)
    ax.plot(place, runs.ravel(), ".", ls="", ms=2, color=COLOURS["sky"], label="one random run")
    ax.plot(runs.mean(1), "_", ls="", ms=10, mew=2, color=COLOURS["vermillion"], label="mean")
    decorate(ax, "Ideals differ as much as runs do", "30 ideals, sorted", "additions")
    figure.savefig(HERE / "week11_variance.png")


if __name__ == "__main__":
    plotting.use_style()
    staircase()
    variance()
