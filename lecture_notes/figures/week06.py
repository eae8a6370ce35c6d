"""Figures of lecture_notes/week06.md: `python lecture_notes/figures/week06.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils.maths import bruhat_graphs
from course_utils.maths.kazhdan_lusztig import kl_polynomial, trim
from course_utils.maths.kazhdan_lusztig_packed import kl_table, polynomials, unpack
from course_utils.maths.permutations import rank
from course_utils.plotting import COLOURS, decorate, use_style

FOLDER = Path(__file__).parent


def interval() -> plt.Figure:
    """The Bruhat graph of [1324, 3412], ranked by length."""
    graph = bruhat_graphs.bruhat_graph((1, 3, 2, 4), (3, 4, 1, 2))
    x = np.zeros(len(graph.vertices))
    for height in np.unique(graph.heights):
        row = np.flatnonzero(graph.heights == height)
        x[row] = np.arange(len(row)) - (len(row) - 1) / 2
    fig, ax = plt.subplots(figsize=(6.4, 4.2))
    styles = {1: ("blue", "-"), 2: ("vermillion", "--"), 3: ("green", ":")}
    named = set()
    for v in range(len(graph.vertices)):
        for e in range(graph.indptr[v], graph.indptr[v + 1]):
            u, i = graph.indices[e], int(graph.reflections[e, 0])
            colour, dash = styles[i]
            label = None if i in named else f"reflections ({i} j)"
            named.add(i)
            heights = [graph.heights[v], graph.heights[u]]
            ax.plot([x[v], x[u]], heights, color=COLOURS[colour], ls=dash, lw=1.4, label=label)
        box = {"boxstyle": "round", "fc": "white", "ec": "0.5"}
        name = "".join(map(str, graph.vertices[v]))
        ax.text(x[v], graph.heights[v], name, ha="center", va="center", bbox=box, zorder=3)
    ax.set(xticks=[], yticks=range(4))
    ax.grid(False)
    decorate(ax, "The Bruhat graph of [1324, 3412]: P = 1 + q", "", "length above 1324")
    return fig


def classes() -> plt.Figure:
    """Number of classes of S_6 for each polynomial."""
    _, pairs = bruhat_graphs.interval_classes(6)
    ranks = np.array([[rank(x), rank(w)] for x, w in pairs])
    found = [trim(c) for c in unpack(polynomials(kl_table(6), *ranks.T)).tolist()]
    assert found[5] == kl_polynomial(*pairs[5])
    kinds = sorted(set(found), key=lambda p: (-found.count(p), p))
    counts = [found.count(p) for p in kinds]
    names = [", ".join(map(str, p)) for p in kinds]
    fig, ax = plt.subplots(figsize=(6.4, 4.2))
    ax.bar_label(ax.barh(names, counts, color=COLOURS["sky"]), fontsize=8, padding=2)
    ax.set_xscale("log")
    ax.set_xlim(0.8, 1500)
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    decorate(ax, "1,520 classes, 17 polynomials", "classes of $S_6$", "coefficients of P")
    return fig


def gradients() -> plt.Figure:
    """What the loss passes on of the margin's gradient, two classes."""
    margin = np.linspace(-4, 8, 200)
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.plot(margin, 1 / (1 + np.exp(margin)), label="loss: $1/(1+e^M)$")
    ax.axhline(1, color="0.4", ls="--", lw=1, label="margin: 1")
    decorate(ax, "The loss is deaf where the network is sure", "margin M", "factor at $\\nabla M$")
    return fig


if __name__ == "__main__":
    use_style()
    for draw in (interval, classes, gradients):
        figure = draw()
        figure.savefig(FOLDER / f"week06_{draw.__name__}.png", metadata={"Software": None})
        plt.close(figure)
