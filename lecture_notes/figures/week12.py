"""Draw the figures of week 12's note: `python lecture_notes/figures/week12.py`."""

from fractions import Fraction
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils import plotting
from course_utils.exercises.week12 import smallest_explanation

HERE = Path(__file__).parent
LINES = [0b111 << 3 * i for i in range(3)] + [0b1001001 << i for i in range(3)]
LINES += [0b100010001, 0b001010100]


def distances(width: int, depth: int, normalised: bool, seed: int) -> np.ndarray:
    """1 - cosine between the outputs for two images of a batch of 50, after each sigmoid layer."""
    rng = np.random.default_rng(seed)
    h, found = (rng.random((50, width)) < 0.2).astype(float), []
    for _ in range(depth):
        n = h.shape[1]
        z = h @ rng.uniform(-1, 1, (n, width)) / np.sqrt(n) + rng.uniform(-1, 1, width) / np.sqrt(n)
        if normalised:
            z = (z - z.mean(0)) / z.std(0)
        h = 1 / (1 + np.exp(-z))
        unit = h / np.linalg.norm(h, axis=1, keepdims=True)
        found.append(1 - ((unit @ unit.T).sum() - 50) / (50 * 49))
    return np.array(found)


def contraction() -> plt.Figure:
    """Draw how images approach each other in random sigmoid networks, beside the factor 48."""
    fig, ax = plt.subplots(figsize=(6, 3))
    layers = np.arange(1, 7)
    for normalised, marker, name in ((False, "o", "plain"), (True, "s", "batch normalisation")):
        rows = np.array([distances(300, 6, normalised, seed) for seed in range(10)])
        ax.errorbar(layers, rows.mean(0), rows.std(0), marker=marker, label=name)
        if not normalised:
            pen = rows.mean(0)[0] / 48.0 ** (layers - 1)
            ax.plot(layers, pen, color="k", lw=0.8, ls="-", label="divided by 48 per layer")
    ax.set_yscale("log")
    plotting.decorate(ax, "Ten random networks of width 300", "layer", "1 - cosine")
    return fig


def sizes() -> plt.Figure:
    """Draw how many images have a smallest explanation of each size, at two levels."""
    images = np.arange(512)
    phi = np.any([images & m == m for m in LINES], axis=0).astype(int)
    fig, axes = plt.subplots(1, 2, figsize=(8, 2.6), sharey=True)
    for ax, share in zip(axes, (Fraction(1), Fraction(3, 4)), strict=True):
        found = [len(smallest_explanation(phi, x, share)) for x in images.tolist()]
        for value, shift, name in ((1, -0.2, "a line"), (0, 0.2, "no line")):
            count = np.bincount(np.array(found)[phi == value], minlength=7)
            ax.bar(np.arange(7) + shift, count, 0.4, label=name)
        level = "certainty" if share == 1 else f"level {share}"
        plotting.decorate(
            ax, f"Explained with {level}", "pixels in a smallest explanation", "images"
        )
    return fig


if __name__ == "__main__":
    plotting.use_style()
    for name, draw in (("contraction", contraction), ("sizes", sizes)):
        figure = draw()
        figure.savefig(HERE / f"week12_{name}.png")
        plt.close(figure)
