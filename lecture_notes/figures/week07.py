"""Figures of lecture_notes/week07.md: `python lecture_notes/figures/week07.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from course_utils import plotting
from course_utils.exercises.week07 import broom_refutes
from course_utils.maths.graph_invariants import largest_eigenvalue, matching_number
from course_utils.plotting import COLOURS, decorate

HERE = Path(__file__).parent


def chain(*leaves: int) -> nx.Graph:
    """Return hubs with the given numbers of leaves, neighbours joined through one vertex."""
    graph = nx.Graph()
    for h, count in enumerate(leaves):
        graph.add_edges_from((("hub", h), ("leaf", h, i)) for i in range(count))
        if h:
            graph.add_edges_from([(("hub", h - 1), ("joint", h)), (("joint", h), ("hub", h))])
    return graph


def hubs() -> None:
    """The counterexample, the plateau and four hubs."""
    figure, axes = plt.subplots(1, 3, figsize=(8, 2.8))
    for ax, leaves in zip(axes, ((8, 8), (5, 4, 5), (4, 2, 2, 4)), strict=True):
        graph = chain(*leaves)
        slack = np.sqrt(len(graph) - 1) + 1 - largest_eigenvalue(graph) - matching_number(graph)
        plotting.graph(ax, graph, with_labels=False, node_size=30)
        ax.set_title(f"{len(leaves)} hubs: r = {slack:.4f}")
    figure.savefig(HERE / "week07_hubs.png")


def brooms() -> None:
    """Which double brooms refute, in the plane of n and a - b."""
    figure, ax = plt.subplots(figsize=(7, 3.2))
    n = np.arange(10, 61)
    points = [(m, m - 3 - 2 * b) for m in n for b in range(1, (m - 3) // 2 + 1)]
    good = np.array([p for p in points if broom_refutes((p[0] - 3 + p[1]) // 2,
                                                        (p[0] - 3 - p[1]) // 2)])  # fmt: skip
    bad = np.array([p for p in points if p not in set(map(tuple, good.tolist()))])
    ax.plot(*bad.T, ".", ls="", color="0.75", ms=3, label="holds")
    ax.plot(*good.T, "o", ls="", color=COLOURS["vermillion"], ms=3, label="refutes")
    s = np.sqrt(np.linspace(16, 59, 400))
    ax.plot(s**2 + 1, np.sqrt(s * (s - 4)) * (s - 2), "k-", lw=1, label="boundary (A)")
    ax.set_ylim(-1, 35)
    decorate(ax, "Double brooms: 342 refute up to n = 60", "vertices n", "a − b")
    figure.savefig(HERE / "week07_brooms.png")


if __name__ == "__main__":
    plotting.use_style()
    hubs()
    brooms()
