"""Pictures of classification proofs: a table with possible values, a tree of cuts, a DAG.

A position is a list of cells, row by row; a cell is a set of elements of B + 0 as an integer.
"""

from collections.abc import Sequence

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.plotting import COLOURS

KINDS = {  # of a node: colour and marker
    "cut": (COLOURS["blue"], "o"),
    "open": (COLOURS["sky"], "o"),
    "done": (COLOURS["green"], "s"),
    "impossible": (COLOURS["vermillion"], "X"),
}


def element_names(b: int) -> list[str]:
    """Return names for the elements of B and zero.

    >>> element_names(2)
    ['p', 'q', '0']
    """
    return [*"pqrstuvw"[:b], "0"]


def draw_table(ax: Axes, cells: Sequence[int], b: int, title: str, mark: int | None = None) -> None:
    """Draw the possible values of every product xy; what is excluded is grey, `mark` is framed."""
    a, names = round(len(cells) ** 0.5), element_names(b)
    for i, cell in enumerate(cells):
        x, y = divmod(i, a)
        known = int(cell).bit_count() == 1
        face = COLOURS["sky"] if known else "white"
        edge = (COLOURS["vermillion"], 2.5) if i == mark else ("0.5", 0.8)
        box = {"facecolor": face, "edgecolor": edge[0], "linewidth": edge[1], "alpha": 0.9}
        ax.add_patch(Rectangle((y + 0.03, x + 0.03), 0.94, 0.94, **box))
        for p, name in enumerate(names):
            there = cell >> p & 1
            ax.text(
                y + (p + 1) / (b + 2),
                x + 0.5,
                name,
                color="black" if there else "0.8",
                weight="bold" if there else "normal",
                ha="center",
                va="center",
            )
    ax.set(xlim=(0, a), ylim=(a, 0), aspect="equal")
    letters = [*"xyzuvw"[:a]]
    ax.set_xticks(np.arange(a) + 0.5, letters)
    ax.set_yticks(np.arange(a) + 0.5, letters)
    ax.xaxis.tick_top()
    ax.grid(False)
    ax.set_title(title)


def draw_tree(ax: Axes, nodes: Sequence[tuple[int, str, str]], title: str) -> None:
    """Draw a tree of nodes (parent, kind, label); the root is node 0, parents come first.

    A kind is "cut", "open", "done" or "impossible".
    """
    children: list[list[int]] = [[] for _ in nodes]
    for k, (parent, _, _) in enumerate(nodes):
        if k:
            children[parent].append(k)
    places = np.zeros((len(nodes), 2))
    leaves = 0
    order, stack = [], [0]
    while stack:
        order.append(stack.pop())
        stack += children[order[-1]][::-1]
    for k in order:
        places[k, 1] = places[nodes[k][0], 1] - 1 if k else 0
        if not children[k]:
            places[k, 0], leaves = leaves, leaves + 1
    for k in reversed(order):
        if children[k]:
            places[k, 0] = places[children[k], 0].mean()
    for k in order[1:]:
        ax.plot(*places[[nodes[k][0], k]].T, "-", color="0.6", lw=1, zorder=1)
    for kind, (colour, marker) in KINDS.items():
        here = [k for k in order if nodes[k][1] == kind]
        if here:
            ax.scatter(*places[here].T, s=70, color=colour, marker=marker, label=kind, zorder=2)
    for k in order:
        if nodes[k][2]:
            ax.annotate(
                nodes[k][2], places[k], (6, 3), textcoords="offset points", fontsize="small"
            )
    _frame(ax, title)


def draw_dag(ax: Axes, entries: Sequence[dict], title: str) -> None:
    """Draw the `proof` of a certificate: one node for each position, with its size."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(entries)))
    done = impossible = 0
    for i, entry in enumerate(entries):
        for child in entry["cut"]["children"]:
            if isinstance(child, list):
                graph.add_edge(i, child[0])
            done += child == "done"
            impossible += child in ("associativity", "half-ones", "profile")
    depth = {0: 0}
    for i in range(len(entries)):
        for j in graph.successors(i):
            depth[j] = max(depth.get(j, 0), depth[i] + 1)
    rows: dict[int, list[int]] = {}
    for i in range(len(entries)):
        rows.setdefault(depth[i], []).append(i)
    place = {i: (d, (len(r) - 1) / 2 - k) for d, r in rows.items() for k, i in enumerate(r)}
    labels = {i: str(entry["size"]) for i, entry in enumerate(entries)}
    nx.draw_networkx(
        graph,
        place,
        ax=ax,
        labels=labels,
        node_color=COLOURS["sky"],
        node_size=330,
        font_size=9,
        edge_color="0.5",
        arrowsize=8,
    )
    _frame(ax, f"{title}\n{done} done, {impossible} impossible leaves not drawn", legend=False)


def _frame(ax: Axes, title: str, legend: bool = True) -> None:
    ax.set_title(title)
    ax.axis("off")
    ax.margins(0.12)
    if legend:
        ax.legend(loc="upper left", fontsize="small", frameon=False, bbox_to_anchor=(0, 1.02))
