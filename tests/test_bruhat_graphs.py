"""Bruhat graphs against the definition, networkx and published counts of classes."""

import gzip
import json
from itertools import combinations
from itertools import permutations as all_permutations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from course_utils.maths.bruhat_graphs import (
    BruhatGraphs,
    bruhat_graph,
    bruhat_graphs,
    colour_refinement,
    graph_classes,
    interval_classes,
)
from course_utils.maths.bruhat_orbits import orbit_classes
from course_utils.maths.kazhdan_lusztig import kl_polynomial
from course_utils.maths.kazhdan_lusztig_packed import kl_table, polynomials
from course_utils.maths.permutations import bruhat_interval, bruhat_leq, length, symmetric_group

ROWS = json.loads(
    gzip.decompress((Path(__file__).parent / "data/kl/bruhat_classes_S5.json.gz").read_bytes())
)["rows"]


def group(n: int) -> list[tuple[int, ...]]:
    return list(all_permutations(range(1, n + 1)))


def graph_spec(x: tuple[int, ...], w: tuple[int, ...]) -> nx.DiGraph:
    """The definition read aloud; edges carry the positions that t exchanges."""
    graph = nx.DiGraph()
    graph.add_nodes_from(bruhat_interval(x, w))
    for y in graph.nodes:
        for i, j in combinations(range(len(y)), 2):
            z = list(y)
            z[i], z[j] = z[j], z[i]
            if length(z) > length(y) and bruhat_leq(z, w):
                graph.add_edge(y, tuple(z), reflection=(i + 1, j + 1))
    return graph


def as_networkx(graphs: BruhatGraphs, g: int) -> nx.DiGraph:
    graph = nx.DiGraph()
    names = [tuple(v) for v in graphs.vertices.tolist()]
    graph.add_nodes_from(names[graphs.starts[g] : graphs.starts[g + 1]])
    for v in range(graphs.starts[g], graphs.starts[g + 1]):
        for e in range(graphs.indptr[v], graphs.indptr[v + 1]):
            reflection = tuple(graphs.reflections[e].tolist())
            graph.add_edge(names[v], names[graphs.indices[e]], reflection=reflection)
    return graph


def transposed(graphs: BruhatGraphs) -> set[tuple[int, int]]:
    return {
        (int(u), v)
        for v in range(len(graphs.vertices))
        for u in graphs.indices_in[graphs.indptr_in[v] : graphs.indptr_in[v + 1]]
    }


@pytest.fixture(scope="module")
def s4() -> tuple[list, BruhatGraphs]:
    pairs = [(x, w) for x in group(4) for w in group(4) if bruhat_leq(x, w)]
    return pairs, bruhat_graphs(pairs)


def test_every_graph_of_s4_is_the_definition(s4: tuple[list, BruhatGraphs]) -> None:
    pairs, graphs = s4
    assert len(pairs) == 213
    for g, (x, w) in enumerate(pairs):
        found, wanted = as_networkx(graphs, g), graph_spec(x, w)
        assert list(found.nodes) == list(wanted.nodes)
        assert dict(found.edges) == dict(wanted.edges), (x, w)


def test_both_directions_hold_the_same_edges(s4: tuple[list, BruhatGraphs]) -> None:
    graphs = s4[1]
    tails = np.repeat(np.arange(len(graphs.vertices)), np.diff(graphs.indptr))
    assert transposed(graphs) == set(zip(tails.tolist(), graphs.indices.tolist(), strict=True))
    assert len(graphs.indices_in) == len(graphs.indices)


def test_source_sink_heights_and_parity_of_edges(s4: tuple[list, BruhatGraphs]) -> None:
    pairs, graphs = s4
    first, last = graphs.starts[:-1], graphs.starts[1:] - 1
    assert [tuple(v) for v in graphs.vertices[first].tolist()] == [x for x, _ in pairs]
    assert [tuple(v) for v in graphs.vertices[last].tolist()] == [w for _, w in pairs]
    assert (np.flatnonzero(np.diff(graphs.indptr_in) == 0) == first).all()
    assert (np.flatnonzero(np.diff(graphs.indptr) == 0) == last).all()
    tails = np.repeat(np.arange(len(graphs.vertices)), np.diff(graphs.indptr))
    growth = graphs.heights[graphs.indices] - graphs.heights[tails]
    assert set(growth.tolist()) == {1, 3, 5}
    for g in (0, 50, 212):
        longest = nx.dag_longest_path_length(as_networkx(graphs, g))
        assert graphs.heights[last[g]] == longest


def test_one_vertex_has_no_edge() -> None:
    graph = bruhat_graph((1, 3, 2), (1, 3, 2))
    assert graph.indptr.tolist() == graph.indptr_in.tolist() == [0, 0]
    assert graph.indices.shape == (0,)
    assert graph.reflections.shape == (0, 2)
    assert bruhat_graph((1,), (1,)).vertices.tolist() == [[1]]


@pytest.mark.parametrize(
    ("n", "by_rounds", "vertices", "edges"),
    [(3, (4, 4, 4), 13, 14), (4, (12, 14, 14), 169, 377), (5, (38, 83, 91), 4557, 16273)],
)
def test_classes_and_sizes(n: int, by_rounds: tuple[int, ...], vertices: int, edges: int) -> None:
    assert tuple(interval_classes(n, rounds)[0] for rounds in (0, 1, 2)) == by_rounds
    graphs = bruhat_graphs(interval_classes(n)[1])
    assert (len(graphs.vertices), len(graphs.indices)) == (vertices, edges)


def test_classes_and_sizes_of_s6() -> None:
    count, pairs = interval_classes(6)
    graphs = bruhat_graphs(pairs)
    assert count == len(pairs) == 1520
    assert (len(graphs.vertices), len(graphs.indices)) == (350_213, 1_793_008)
    assert np.diff(graphs.starts).max() == 720
    gaps = np.bincount([length(w) - length(x) for x, w in pairs]).tolist()
    assert gaps == [1, 1, 1, 3, 7, 25, 76, 191, 330, 368, 276, 151, 62, 21, 6, 1]


def test_classes_of_s5_are_those_of_the_reference() -> None:
    theirs = [tuple(tuple(map(int, y)) for y in row[:2]) for row in ROWS]
    ours = interval_classes(5)[1]
    classes = graph_classes(bruhat_graphs(theirs + ours), rounds=2)
    assert sorted(classes[:91]) == sorted(classes[91:]) == list(range(91))
    assert [list(kl_polynomial(x, w)) for x, w in theirs] == [row[5] for row in ROWS]


def test_orbit_classes_of_s4_are_isomorphism_classes() -> None:
    """Networkx decides isomorphism; the hashes must agree with it in both directions."""
    pairs, classes, vertices = orbit_classes(4)
    elements = group(4)
    graphs = [graph_spec(elements[x], elements[w]) for x, w in pairs]
    assert [len(g) for g in graphs] == vertices.tolist()
    for a, b in combinations(range(len(graphs)), 2):
        same = len(graphs[a]) == len(graphs[b]) and nx.is_isomorphic(graphs[a], graphs[b])
        assert same == (classes[a] == classes[b])


def test_numbers_of_orbits() -> None:
    assert [len(orbit_classes(n)[0]) for n in (3, 4, 5, 6)] == [10, 84, 1072, 25657]


def test_hashes_agree_with_exact_refinement_on_all_orbits_of_s5() -> None:
    pairs, _, _ = orbit_classes(5)
    elements = group(5)
    graphs = bruhat_graphs([(elements[x], elements[w]) for x, w in pairs])
    for rounds in (0, 1, 2):
        exact, hashed = graph_classes(graphs, rounds), orbit_classes(5, rounds)[1]
        together = len(set(zip(exact.tolist(), hashed.tolist(), strict=True)))
        assert len(set(exact.tolist())) == len(set(hashed.tolist())) == together
    assert len(set(graph_classes(graphs, 3).tolist())) == 91


def test_representatives_are_the_first_of_their_class() -> None:
    pairs, classes, vertices = orbit_classes(5)
    names = [tuple(row) for row in symmetric_group(5).one_line.tolist()]
    first: dict[int, tuple] = {}
    for (x, w), c, size in zip(pairs.tolist(), classes.tolist(), vertices.tolist(), strict=True):
        x, w = names[x], names[w]
        first.setdefault(c, (length(w) - length(x), size, w, x))
    assert interval_classes(5)[1] == [(x, w) for _, _, w, x in sorted(first.values())]


def test_one_polynomial_for_each_class_of_s6() -> None:
    pairs, classes, _ = orbit_classes(6)
    values = polynomials(kl_table(6), *pairs.T)
    keys = np.column_stack([classes, values])
    assert len(np.unique(keys, axis=0)) == len(np.unique(classes)) == 1520


def test_refinement_forgets_names_but_not_directions() -> None:
    graph = bruhat_graph((1, 2, 3), (3, 2, 1))
    colours = colour_refinement(graph, 2)
    assert len(set(colours.tolist())) == 4  # source, two of length 1, two of length 2, sink
    assert colours[1] == colours[2]
    assert colours[3] == colours[4]
    assert colour_refinement(graph, 0).tolist() == [0] * 6


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x = \(2, 1, 3\) and w = \(1, 3, 2\)"):
        bruhat_graph((2, 1, 3), (1, 3, 2))
    with pytest.raises(ValueError, match="one S_n"):
        bruhat_graphs([])
    with pytest.raises(ValueError, match="one S_n"):
        bruhat_graphs([((1,), (1,)), ((1, 2), (2, 1))])
    with pytest.raises(ValueError, match="131,681,894,400 pairs"):
        bruhat_graph(range(1, 10), range(1, 10))
    with pytest.raises(ValueError, match="1,625,702,400 pairs"):
        interval_classes(8)
    for rounds in (-1, 3, True):
        with pytest.raises(ValueError, match="rounds"):
            interval_classes(4, rounds)
    with pytest.raises(ValueError, match="rounds"):
        colour_refinement(bruhat_graph((1, 2), (2, 1)), -1)
    with pytest.raises(ValueError, match="integer"):
        interval_classes(4.0)  # type: ignore[arg-type]
