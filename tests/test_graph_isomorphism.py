"""Isomorphisms against networkx, and the numbers of classes of intervals, exactly."""

from itertools import combinations
from itertools import permutations as all_permutations

import networkx as nx
import numpy as np
import pytest

from course_utils.maths.bruhat_graphs import BruhatGraphs, bruhat_graph, bruhat_graphs
from course_utils.maths.bruhat_orbits import orbit_classes
from course_utils.maths.graph_isomorphism import isomorphism
from course_utils.maths.permutations import bruhat_leq, symmetric_group


def family(edges: list[tuple[int, int]], size: int) -> BruhatGraphs:
    """Any directed graph in the form of a Bruhat graph; vertices have no meaning."""
    A = np.zeros((size, size), bool)
    for u, v in edges:
        A[u, v] = True
    rows = [np.r_[0, np.cumsum(B.sum(axis=1))] for B in (A, A.T)]
    lists = [np.nonzero(B)[1].astype(np.int32) for B in (A, A.T)]
    nothing = np.zeros((size, 1), np.int8)
    reflections = np.zeros((len(edges), 2), np.int8)
    starts, heights = np.array([0, size]), np.zeros(size, np.int16)
    return BruhatGraphs(
        starts, nothing, heights, rows[0], lists[0], reflections, rows[1], lists[1]
    )  # fmt: skip


def edges_of(graph: BruhatGraphs) -> set[tuple[int, int]]:
    tails = np.repeat(np.arange(len(graph.vertices)), np.diff(graph.indptr))
    return set(zip(tails.tolist(), graph.indices.tolist(), strict=True))


def test_agrees_with_networkx_on_all_pairs_of_intervals_of_s4() -> None:
    group = list(all_permutations((1, 2, 3, 4)))
    some = [(x, w) for x in group for w in group if bruhat_leq(x, w)][::4]
    graphs = [bruhat_graph(x, w) for x, w in some]
    for a, b in combinations(graphs, 2):
        found = isomorphism(a, b)
        assert (found is not None) == nx.is_isomorphic(
            nx.DiGraph(edges_of(a)), nx.DiGraph(edges_of(b))
        )
        if found is not None:
            assert {(found[u], found[v]) for u, v in edges_of(a)} == edges_of(b)


def test_what_colours_cannot_tell_apart_is_told_apart() -> None:
    hexagon = [(i, (i + 1) % 6) for i in range(6)]
    triangles = [(i, 3 * (i // 3) + (i + 1) % 3) for i in range(6)]
    assert isomorphism(family(hexagon, 6), family(triangles, 6)) is None
    assert isomorphism(family(hexagon, 6), family([(v, u) for u, v in hexagon], 6)) is not None


def test_finds_a_hidden_renaming_and_notices_one_turned_edge() -> None:
    random = np.random.default_rng(1)
    for size in (1, 2, 7, 30):
        edges = [(u, v) for u in range(size) for v in range(u) if random.random() < 0.4]
        names = random.permutation(size).tolist()
        renamed = [(names[u], names[v]) for u, v in edges]
        found = isomorphism(family(edges, size), family(renamed, size))
        assert found is not None
        assert {(found[u], found[v]) for u, v in edges} == set(renamed)
        if size == 30:
            turned = [*renamed[1:], renamed[0][::-1]]
            goal = nx.is_isomorphic(nx.DiGraph(edges), nx.DiGraph(turned))
            assert (isomorphism(family(edges, size), family(turned, size)) is not None) == goal


@pytest.mark.parametrize(("n", "classes", "orbits"), [(4, 14, 84), (5, 91, 1072), (6, 1520, 25657)])
def test_two_rounds_find_the_isomorphism_classes(n: int, classes: int, orbits: int) -> None:
    """Different hashes: not isomorphic. Equal hashes: here is an isomorphism, edge by edge.

    One pair an orbit is enough, for inversion and conjugation by w0 are isomorphisms.
    """
    pairs, colours, _ = orbit_classes(n)
    names = [tuple(row) for row in symmetric_group(n).one_line.tolist()]
    first: dict[int, BruhatGraphs] = {}
    for (x, w), colour in zip(pairs.tolist(), colours.tolist(), strict=True):
        graph = bruhat_graph(names[x], names[w])
        if colour not in first:
            first[colour] = graph
        else:
            assert isomorphism(first[colour], graph) is not None, (names[x], names[w])
    assert (len(first), len(pairs)) == (classes, orbits)


def test_several_graphs_are_refused() -> None:
    two = bruhat_graphs([((1, 2), (1, 2)), ((1, 2), (2, 1))])
    with pytest.raises(ValueError, match="second must hold one graph, got 2"):
        isomorphism(bruhat_graph((1, 2), (2, 1)), two)
