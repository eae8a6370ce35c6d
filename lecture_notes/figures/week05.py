"""Figures of lecture_notes/week05.md: `python lecture_notes/figures/week05.py`."""

from collections import Counter
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course_utils.maths.bruhat_graphs import (
    BruhatGraphs,
    bruhat_graph,
    bruhat_graphs,
    colour_refinement,
    interval_classes,
)
from course_utils.maths.kazhdan_lusztig import kl_polynomial
from course_utils.plotting import COLOURS, decorate, use_style

FOLDER = Path(__file__).parent
NAMES = ("sky", "orange", "green", "purple", "yellow", "vermillion", "blue", "black")
PALETTE = [COLOURS[name] for name in NAMES]


def draw(ax: Axes, graph: BruhatGraphs, colours: NDArray[np.int64], names: bool) -> None:
    """Draw one graph by height; edges that grow by 3 or more are red and dashed."""
    across = np.zeros(len(graph.vertices))
    for height in np.unique(graph.heights):
        row = np.flatnonzero(graph.heights == height)
        across[row] = np.arange(len(row)) - (len(row) - 1) / 2
    for v in range(len(across)):
        for u in graph.indices[graph.indptr[v] : graph.indptr[v + 1]]:
            far = graph.heights[u] - graph.heights[v] > 1
            colour, dash = (COLOURS["vermillion"], "--") if far else ("0.6", "-")
            ends = [v, u]
            ax.plot(across[ends], graph.heights[ends], color=colour, ls=dash, lw=1, zorder=1)
    faces = [PALETTE[c % len(PALETTE)] for c in colours]
    ax.scatter(across, graph.heights, c=faces, s=330 if names else 90, edgecolors="0.3", zorder=2)
    for v, name in enumerate(graph.vertices):
        if names:
            text = "".join(map(str, name))
            ax.text(across[v], graph.heights[v], text, ha="center", va="center", fontsize=7)
    ax.set(xticks=[], yticks=range(int(graph.heights.max()) + 1))
    ax.margins(0.12)
    ax.grid(False)


def intervals() -> Figure:
    """S_3 and the interval [1324, 3412]."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6))
    for ax, x, w in (
        (axes[0], (1, 2, 3), (3, 2, 1)),
        (axes[1], (1, 3, 2, 4), (3, 4, 1, 2)),
    ):
        graph = bruhat_graph(x, w)
        draw(ax, graph, np.zeros(len(graph.vertices), int), names=True)
        name = f"[{''.join(map(str, x))}, {''.join(map(str, w))}]"
        decorate(ax, name, "", "length above the bottom")
    return fig


def refinement() -> Figure:
    """Colours of [1234, 2431] after 0, 1, 2, 3 rounds."""
    graph = bruhat_graph((1, 2, 3, 4), (2, 4, 3, 1))
    fig, axes = plt.subplots(1, 4, figsize=(8, 3.2))
    for rounds, ax in enumerate(axes):
        colours = colour_refinement(graph, rounds)
        draw(ax, graph, colours, names=False)
        kinds = len(set(colours.tolist()))
        decorate(ax, f"{rounds} rounds: {kinds} colour{'s' * (kinds > 1)}", "", "")
    return fig


def excess() -> Figure:
    """Excess against the coefficient of q, over the classes of S_6."""
    _, pairs = interval_classes(6)
    family = bruhat_graphs(pairs)
    degree = np.diff(family.indptr)[family.starts[:-1]]
    excesses = degree - family.heights[family.starts[1:] - 1]
    q1 = [(*kl_polynomial(x, w), 0)[1] for x, w in pairs]
    counts = Counter(zip(excesses.tolist(), q1, strict=True))
    fig, ax = plt.subplots(figsize=(6, 3.4))
    for (e, c), count in counts.items():
        ax.scatter(e, c, s=2.2 * count, color=COLOURS["sky"], zorder=2)
        ax.text(e, c, str(count), ha="center", va="center", fontsize=8, zorder=3)
    ax.plot([0, 4], [0, 4], color="0.5", ls="--", label="q1 = excess", zorder=1)
    ax.set(xticks=range(7), yticks=range(5), ylim=(-0.6, 4.6), xlim=(-0.6, 6.6))
    decorate(ax, "1,520 classes of S_6: the excess is not the coefficient", "excess", "q1")
    return fig


def main() -> None:
    """Write the three figures beside this file."""
    use_style()
    for name, make in (("intervals", intervals), ("refinement", refinement), ("excess", excess)):
        fig = make()
        fig.savefig(FOLDER / f"week05_{name}.png")
        plt.close(fig)


if __name__ == "__main__":
    main()
