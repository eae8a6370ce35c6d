"""Figures of lecture_notes/knots.md: `python lecture_notes/figures/knots.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils import datasets
from course_utils.plotting import COLOURS, decorate, use_style

FOLDER = Path(__file__).parent


def cusp() -> plt.Figure:
    """The lattice of the cusp of 5_2, and the way from 0 at a right angle to the meridian."""
    table = datasets.knots()
    k = table["name"].tolist().index("K5a1")
    m, longitude = complex(table["meridian"][k]), float(table["longitude"][k])
    t = -(longitude / m).real
    foot = longitude + t * m  # λ less its part along m
    fig, ax = plt.subplots(figsize=(6.4, 3.8))
    for multiple in (-1, 0, 1, 2):
        points = multiple * longitude + np.arange(-4, 5) * m
        ax.plot(points.real, points.imag, "o-", ms=4, lw=0.8, color="0.6")
    ax.plot([0, longitude], [0, 0], "-", color=COLOURS["blue"], lw=2, label="λ")
    ax.plot([0, m.real], [0, m.imag], "-", color=COLOURS["green"], lw=2.5, label="m")
    ends = np.array([longitude, foot])
    ax.plot(ends.real, ends.imag, "--", color=COLOURS["vermillion"], lw=2, label=f"{t:.2f} m")
    ax.plot([0, foot.real], [0, foot.imag], ":", color="k", lw=2, label="at a right angle to m")
    ax.set_aspect("equal")
    ax.set(xlim=(-2, 7.2), ylim=(-0.8, 3.6))
    decorate(ax, "5₂: the way at a right angle to m ends at λ + 2.49 m", "Re", "Im")
    return fig


def coefficient() -> plt.Figure:
    """Share right of 2·round(ct/2) against c, for alternating knots and the others."""
    table = datasets.knots()
    t, sigma = -(table["longitude"] / table["meridian"]).real, table["signature"]
    alternating = table["alternating"] == 1
    c = np.linspace(0.3, 0.6, 121)
    groups = {
        "not alternating": (~alternating, "--", "green"),
        "all 19,954 knots": (np.ones(len(t), bool), "-", "black"),
        "alternating": (alternating, "-.", "orange"),
    }
    fig, ax = plt.subplots(figsize=(6.4, 3.6))
    for name, (chosen, dash, colour) in groups.items():
        hits = 2 * np.rint(c[:, None] * t[chosen] / 2) == sigma[chosen]
        ax.plot(c, 100 * hits.mean(axis=1), dash, color=COLOURS[colour], label=name)
    ax.axvline(0.5, color="0.5", lw=1, ls=":", label="c = 1/2, the theorem's")
    ax.set_ylim(40, 100)
    decorate(ax, "Each kind of knot has its own coefficient, below 1/2", "c", "right (%)")
    return fig


if __name__ == "__main__":
    use_style()
    for draw in (cusp, coefficient):
        figure = draw()
        figure.savefig(FOLDER / f"knots_{draw.__name__}.png", metadata={"Software": None})
        plt.close(figure)
