"""Hypercube decompositions against the definition read aloud, and their formula against P."""

from itertools import combinations
from itertools import permutations as all_permutations

import networkx as nx
import numpy as np
import pytest

from course_utils.exercises.week06 import cube, kl_cube, lower_part
from course_utils.maths.bruhat_graphs import bruhat_graph, interval_classes
from course_utils.maths.hypercube_decompositions import (
    Decomposition,
    hypercube_decompositions,
    mirrored,
    polynomial_from,
)
from course_utils.maths.kazhdan_lusztig import kl_polynomial
from course_utils.maths.permutations import bruhat_leq

Permutation = tuple[int, ...]


def graph_of(x: Permutation, w: Permutation) -> tuple[list[list[int]], list[Permutation]]:
    g = bruhat_graph(x, w)
    outs = [row.tolist() for row in np.split(g.indices, g.indptr[1:-1])]
    return outs, [tuple(v) for v in g.vertices.tolist()]


def cubes_at(graph: nx.DiGraph, v: int, ends: tuple[int, ...]) -> list[dict]:
    """All embeddings of the cube with these edges at v, by networkx's search for subgraphs."""
    subsets = [frozenset(c) for k in range(len(ends) + 1) for c in combinations(ends, k)]
    model = nx.DiGraph()
    for s in subsets:
        fixed = {0: v, 1: next(iter(s), None)}.get(len(s))
        model.add_node(s, fixed=fixed)
        model.add_edges_from((s, s | {e}) for e in ends if e not in s)
    for u in graph.nodes:
        graph.nodes[u]["name"] = u
    matcher = nx.isomorphism.DiGraphMatcher(
        graph, model, node_match=lambda a, b: b["fixed"] in (None, a["name"])
    )
    return [{s: u for u, s in m.items()} for m in matcher.subgraph_monomorphisms_iter()]


def decompositions_spec(outs: list[list[int]]) -> list[tuple[int, dict[frozenset[int], int]]]:
    """The definition read aloud: (z, theta at the source)."""
    graph = nx.DiGraph([(v, u) for v, row in enumerate(outs) for u in row])
    order = nx.transitive_closure(graph, reflexive=True)
    found = []
    for z in range(len(outs) - 1):
        part = set(order.predecessors(z))
        complete = all(
            c in part
            for v in part
            for a, b in combinations(set(graph.successors(v)) & part, 2)
            for c in set(graph.successors(a)) & set(graph.successors(b))
        )
        theta, single = {}, True
        for v in part:
            leaving = sorted(set(graph.successors(v)) - part)
            for k in range(1, len(leaving) + 1):
                for ends in combinations(leaving, k):
                    if not any(order.has_edge(a, b) for a, b in combinations(ends, 2)):
                        cubes = cubes_at(graph, v, ends)
                        single = single and len(cubes) == 1
                        if v == 0 and cubes:
                            theta[frozenset(ends)] = cubes[0][frozenset(ends)]
        if complete and single:
            found.append((z, theta))
    return found


@pytest.mark.parametrize("pair", interval_classes(4)[1][1:-1], ids=str)
def test_decompositions_are_those_of_the_definition(pair):
    outs, _ = graph_of(*pair)
    found = [(d.z, d.corners) for d in hypercube_decompositions(outs)]
    assert found == decompositions_spec(outs)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_the_standard_decomposition_is_one_of_them(n):
    for x, w in interval_classes(n)[1][1:]:
        outs, names = graph_of(x, w)
        part = [names.index(u) for u in lower_part(x, w)]
        [d] = [d for d in hypercube_decompositions(outs) if d.lower == sorted(part)]
        assert {names[e] for e in d.ends} == {top for size, top in cube(x, w) if size == 1}
        tops = {top for _, top in cube(x, w)}
        assert {names[v] for v in d.corners.values()} == tops


def test_every_decomposition_of_s5_gives_the_polynomial():
    number = 0
    for x, w in interval_classes(5)[1][1:]:
        outs, names = graph_of(x, w)
        for d in hypercube_decompositions(outs):
            number += 1
            found = polynomial_from(d, outs, lambda v, u, at=names: kl_polynomial(at[v], at[u]))
            assert found == kl_polynomial(x, w), (x, w, d.z)
    assert number == 511


def test_formula_by_cubes_on_all_of_s4_and_on_some_of_s6():
    for w in all_permutations((1, 2, 3, 4)):
        for x in all_permutations((1, 2, 3, 4)):
            assert kl_cube(x, w) == kl_polynomial(x, w), (x, w)
    rng = np.random.default_rng(0)
    for _ in range(12):
        x, w = (tuple((rng.permutation(6) + 1).tolist()) for _ in range(2))
        if bruhat_leq(x, w):
            assert kl_cube(x, w) == kl_polynomial(x, w), (x, w)


def test_the_order_ideal_is_an_interval_below_z():
    outs, names = graph_of((1, 3, 2, 4), (3, 4, 1, 2))
    assert [names[d.z] for d in hypercube_decompositions(outs)] == [
        (1, 4, 3, 2),
        (2, 4, 1, 3),
        (3, 1, 4, 2),
        (3, 2, 1, 4),
    ]


@pytest.mark.parametrize(
    "outs", [[], [[1], [], []], [[1], [0]], [[], []], [[1, 3], [2], []], [[2], [2], []]], ids=str
)
def test_graphs_that_are_no_intervals_are_refused(outs):
    with pytest.raises(ValueError, match="outs must"):
        hypercube_decompositions(outs)


def test_a_polynomial_of_too_large_degree_has_no_mirror():
    with pytest.raises(ValueError, match="degree"):
        mirrored((1, 2, 3), 1)


def test_decomposition_fields_are_plain():
    [d] = hypercube_decompositions([[1], []])
    assert d == Decomposition(0, [0], [1], {frozenset([1]): 1})
