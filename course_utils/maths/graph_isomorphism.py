"""Isomorphisms of directed graphs, found by colours and proved by edges.

A vertex and its image under an isomorphism have equal colours after any refinement. Where
colours leave a choice, one vertex of the first graph is given a colour of its own, each
candidate of the second graph in turn gets the same, and refinement goes on (B. D. McKay,
Practical graph isomorphism, Congr. Numer. 30 (1981)). Colours are hashes: a collision could
only cost time, because a map is returned after a look at every edge.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.bruhat_graphs import BruhatGraphs
from course_utils.maths.bruhat_orbits import mix

Colours = NDArray[np.uint64]


def isomorphism(first: BruhatGraphs, second: BruhatGraphs) -> NDArray[np.int64] | None:
    """Return an isomorphism of two directed graphs, or None if there is none.

    A bijection f of the vertices such that u -> v is an edge if and only if f(u) -> f(v) is.

    Args:
        first, second: families that hold one graph each, as `bruhat_graph` returns them.

    Returns:
        Shape (V,): entry v is f(v). Every edge has been compared.

    Raises:
        ValueError: a family holds several graphs.

    Source: McKay 1981. Introduced in week 5.

    >>> from course_utils.maths.bruhat_graphs import bruhat_graph
    >>> edge, other = bruhat_graph((1, 2, 3), (2, 1, 3)), bruhat_graph((1, 2, 3), (1, 3, 2))
    >>> isomorphism(edge, other).tolist()
    [0, 1]
    >>> isomorphism(edge, bruhat_graph((1, 2, 3), (3, 2, 1))) is None
    True
    """
    for name, family in (("first", first), ("second", second)):
        if len(family.starts) != 2:
            raise ValueError(f"{name} must hold one graph, got {len(family.starts) - 1}")
    if (len(first.vertices), len(first.indices)) != (len(second.vertices), len(second.indices)):
        return None
    plain = [np.ones(len(family.vertices), np.uint64) for family in (first, second)]
    return _search(first, second, _refined(first, plain[0]), _refined(second, plain[1]))


def _search(
    first: BruhatGraphs, second: BruhatGraphs, here: Colours, there: Colours
) -> NDArray[np.int64] | None:
    """Return an isomorphism that carries the colours `here` to `there`, or None."""
    order, goal = np.argsort(here), np.argsort(there)
    if not np.array_equal(here[order], there[goal]):
        return None
    names, counts = np.unique(here, return_counts=True)
    if len(names) == len(here):
        found = np.empty(len(here), np.int64)
        found[order] = goal
        return found if _keeps_edges(first.indptr, first.indices, second, found) else None
    colour = names[np.argmin(np.where(counts > 1, counts, len(here) + 1))]
    marked = _marked(first, here, int(np.flatnonzero(here == colour)[0]))
    for candidate in np.flatnonzero(there == colour).tolist():
        found = _search(first, second, marked, _marked(second, there, candidate))
        if found is not None:
            return found
    return None


def _keeps_edges(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], goal: BruhatGraphs, f: NDArray[np.int64]
) -> bool:
    """Whether the bijection f carries the edges of a graph onto those of the other."""
    size = len(f)
    tails = np.repeat(np.arange(size), np.diff(indptr))
    there = np.repeat(np.arange(size), np.diff(goal.indptr)) * size + goal.indices
    return np.array_equal(np.sort(f[tails] * size + f[indices]), np.sort(there))


def _marked(graph: BruhatGraphs, colours: Colours, vertex: int) -> Colours:
    colours = colours.copy()
    colours[vertex] += np.uint64(1)
    return _refined(graph, colours)


def _refined(graph: BruhatGraphs, colours: Colours) -> Colours:
    """Refine the colours until a round finds no new ones."""
    cells, now = 0, len(np.unique(colours))
    while now > cells:
        colours = _round(graph.indptr, graph.indices, graph.indptr_in, graph.indices_in, colours)
        cells, now = now, len(np.unique(colours))
    return colours


@njit(cache=True, nogil=True)
def _round(indptr, indices, indptr_in, indices_in, colours):
    """One round of refinement: hashes of (old colour, colours of out- and in-neighbours)."""
    mixed, new = np.empty_like(colours), np.empty_like(colours)
    for v in range(len(colours)):
        mixed[v] = mix(colours[v])
    for v in range(len(colours)):
        outs, ins = np.uint64(0), np.uint64(0)
        for e in range(indptr[v], indptr[v + 1]):
            outs += mixed[indices[e]]
        for e in range(indptr_in[v], indptr_in[v + 1]):
            ins += mixed[indices_in[e]]
        new[v] = mix(mixed[v] ^ mix(outs ^ mix(ins)))
    return new
