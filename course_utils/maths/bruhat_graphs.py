"""Bruhat graphs of intervals as sparse matrices, colour refinement, isomorphism classes.

The Bruhat graph of [x, w] has the y with x <= y <= w as vertices and an edge y -> yt for
each reflection t = (i j) with length(y) < length(yt) and yt <= w (M. Dyer, Compositio Math.
78 (1991)). Lengths along an edge grow by an odd number, not only by one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.bruhat_orbits import interval, interval_tables, orbit_classes
from course_utils.maths.permutations import (
    as_pair,
    bruhat_leq,
    check_size,
    rank,
    symmetric_group,
)

Pair = tuple[tuple[int, ...], tuple[int, ...]]
MAX_GRAPH = 8  # one graph of S_8 has up to 40,320 vertices and 564,480 edges


class BruhatGraphs(NamedTuple):
    """Graphs side by side: graph g owns the vertices starts[g] <= v < starts[g+1].

    Vertices of a graph are ordered by length, then lexicographically: the source x comes
    first, the sink w last. Both directions are in CSR form (row pointer, column): the
    out-neighbours of v are indices[indptr[v]:indptr[v+1]], increasing.
    """

    starts: NDArray[np.int64]  # (graphs+1,)
    vertices: NDArray[np.int8]  # (V, n): one-line notation
    heights: NDArray[np.int16]  # (V,): length above the source
    indptr: NDArray[np.int64]  # (V+1,)
    indices: NDArray[np.int32]  # (E,)
    reflections: NDArray[np.int8]  # (E, 2): positions i < j that yt exchanges
    indptr_in: NDArray[np.int64]  # (V+1,)
    indices_in: NDArray[np.int32]  # (E,): in-neighbours


def bruhat_graph(x: Sequence[int], w: Sequence[int]) -> BruhatGraphs:
    """Return the Bruhat graph of [x, w]: `bruhat_graphs` of one pair.

    >>> graph = bruhat_graph((1, 2, 3), (3, 2, 1))
    >>> len(graph.vertices), len(graph.indices), graph.indices[: graph.indptr[1]].tolist()
    (6, 9, [1, 2, 5])
    """
    return bruhat_graphs([(x, w)])


def bruhat_graphs(pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> BruhatGraphs:
    """Return the Bruhat graphs of the intervals [x, w] of several pairs, all in one S_n.

    Raises:
        ValueError: no pair; not permutations of one 1..n; x is not below w; n > 8.

    Source: Dyer 1991, Definition 1.1. Introduced in week 5.

    >>> bruhat_graphs([((1, 2), (1, 2)), ((1, 2), (2, 1))]).starts.tolist()
    [0, 1, 3]
    """
    checked = [as_pair(x, w) for x, w in pairs]
    if len({len(x) for x, _ in checked}) != 1:
        raise ValueError(f"pairs must hold one or more pairs of one S_n, got {pairs!r:.80}")
    check_size(len(checked[0][0]), MAX_GRAPH, "Bruhat graphs")
    for x, w in checked:
        if not bruhat_leq(x, w):
            raise ValueError(f"x must lie below w in the Bruhat order, got x = {x} and w = {w}")
    ranks = np.array([[rank(x), rank(w)] for x, w in checked])
    tables = interval_tables(len(checked[0][0]))
    sizes = _sizes(tables, ranks)
    starts = np.r_[0, np.cumsum(sizes[:, 0])]
    vertices = np.empty(starts[-1], np.int32)
    indptr = np.zeros(starts[-1] + 1, np.int64)
    indices = np.empty(sizes[:, 1].sum(), np.int32)
    label = np.empty(len(indices), np.int8)
    _write(tables, ranks, starts, vertices, indptr, indices, label)
    reversed_edges = np.argsort(indices, kind="stable")
    tails = np.repeat(np.arange(len(vertices), dtype=np.int32), np.diff(indptr))
    incoming = np.bincount(indices, minlength=len(vertices))
    heights = tables.lengths[vertices] - np.repeat(tables.lengths[ranks[:, 0]], sizes[:, 0])
    return BruhatGraphs(
        starts,
        symmetric_group(len(checked[0][0])).one_line[vertices],
        heights,
        indptr,
        indices,
        tables.reflections[label],
        np.r_[0, np.cumsum(incoming)],
        tails[reversed_edges],
    )


def colour_refinement(graphs: BruhatGraphs, rounds: int) -> NDArray[np.int64]:
    """Return the colour of each vertex, (V,), after some rounds of colour refinement.

    All vertices start with one colour. The new colour is (old colour, multiset of colours of
    the out-neighbours, multiset of the in-neighbours), renamed 0, 1, ... in increasing
    order over all graphs together, so colours can be compared between graphs.

    Raises:
        ValueError: `rounds` is not an integer >= 0.

    Source: B. Weisfeiler, A. Leman, 1968. Introduced in week 5.

    >>> colour_refinement(bruhat_graph((1, 2, 3), (3, 1, 2)), 1).tolist()
    [2, 1, 1, 0]
    """
    if isinstance(rounds, bool) or not isinstance(rounds, int | np.integer) or rounds < 0:
        raise ValueError(f"rounds must be an integer >= 0, got {rounds!r}")
    colours = [0] * len(graphs.vertices)
    rows_out = np.split(graphs.indices, graphs.indptr[1:-1])
    rows_in = np.split(graphs.indices_in, graphs.indptr_in[1:-1])
    for _ in range(rounds):
        seen = [
            (old, sorted(colours[v] for v in outs), sorted(colours[v] for v in ins))
            for old, outs, ins in zip(colours, rows_out, rows_in, strict=True)
        ]
        keys = [(old, tuple(outs), tuple(ins)) for old, outs, ins in seen]
        names = {key: name for name, key in enumerate(sorted(set(keys)))}
        colours = [names[key] for key in keys]
    return np.array(colours, np.int64)


def graph_classes(graphs: BruhatGraphs, rounds: int) -> NDArray[np.int64]:
    """Return a class for each graph, (graphs,): equal if the multisets of colours are.

    Classes are numbered in the order of their first graph.

    >>> e, s, t = (1, 2, 3), (2, 1, 3), (1, 3, 2)
    >>> graph_classes(bruhat_graphs([(e, s), (e, e), (e, t)]), 2).tolist()
    [0, 1, 0]
    """
    colours = colour_refinement(graphs, rounds)
    keys = [tuple(sorted(piece.tolist())) for piece in np.split(colours, graphs.starts[1:-1])]
    names: dict[tuple[int, ...], int] = {}
    return np.array([names.setdefault(key, len(names)) for key in keys])


def interval_classes(n: int, rounds: int = 2) -> tuple[int, list[Pair]]:
    """Return the number of isomorphism classes of intervals of S_n and one (x, w) a class.

    Classes are told apart by colour refinement of the directed Bruhat graphs. Two rounds
    find all of them for n <= 6 (14, 91, 1520 for n = 4, 5, 6: the tests exhibit isomorphisms);
    for n = 7 the 48931 colour classes are a lower bound. Representatives are ordered by
    length difference, number of vertices, then lexicographically by (w, x), and are the
    lexicographically first of their class.

    Args:
        n: 1 <= n <= 7.
        rounds: rounds of refinement, 0, 1 or 2.

    Raises:
        ValueError: n or rounds out of range; the message names the pairs of S_n.

    Introduced in week 5.

    >>> count, pairs = interval_classes(3)
    >>> count, pairs[2]
    (4, ((1, 2, 3), (2, 3, 1)))
    """
    pairs, classes, vertices = orbit_classes(n, rounds)
    group = symmetric_group(n)
    _, first = np.unique(classes, return_index=True)  # pairs come ordered by (w, x)
    gap = np.diff(group.lengths[pairs], axis=1)[:, 0]
    first = first[np.lexsort((first, vertices[first], gap[first]))]
    names = [tuple(row) for row in group.one_line.tolist()]
    chosen = [(names[x], names[w]) for x, w in pairs[first].tolist()]
    return len(chosen), chosen


@njit(cache=True, nogil=True)
def _sizes(tables, ranks):
    """Vertices and edges of each graph, (graphs, 2)."""
    sizes = np.zeros((len(ranks), 2), np.int64)
    inside = np.empty(len(tables.lengths), np.int32)
    place = np.full(len(tables.lengths), -1, np.int32)
    for g in range(len(ranks)):
        sizes[g, 0] = interval(tables, ranks[g, 0], ranks[g, 1], inside, place)
        for y in inside[: sizes[g, 0]]:
            for k in range(tables.degree[y]):
                sizes[g, 1] += place[tables.up[y, k]] >= 0
        place[inside[: sizes[g, 0]]] = -1
    return sizes


@njit(cache=True, nogil=True)
def _write(tables, ranks, starts, vertices, indptr, indices, label):
    inside = np.empty(len(tables.lengths), np.int32)
    place = np.full(len(tables.lengths), -1, np.int32)
    end = 0
    for g in range(len(ranks)):
        size = interval(tables, ranks[g, 0], ranks[g, 1], inside, place)
        for v in range(size):
            y = inside[v]
            vertices[starts[g] + v] = y
            first = end
            for k in range(tables.degree[y]):
                z = tables.up[y, k]
                if place[z] >= 0:
                    e, target = end, starts[g] + place[z]
                    while e > first and indices[e - 1] > target:  # insertion: rows are short
                        indices[e], label[e] = indices[e - 1], label[e - 1]
                        e -= 1
                    indices[e], label[e] = target, tables.label[y, k]
                    end += 1
            indptr[starts[g] + v + 1] = end
        place[inside[:size]] = -1
