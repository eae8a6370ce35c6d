"""Matching numbers, certificates and eigenvalues against definitions read aloud."""

from functools import cache
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from course_utils.maths.graph_invariants import (
    adjacency_matrix,
    components,
    is_connected,
    largest_eigenvalue,
    largest_eigenvalues,
    matching_number,
    matching_numbers,
    tutte_berge_certificate,
)

FUNCTIONS = [matching_number, tutte_berge_certificate, largest_eigenvalue, adjacency_matrix]


def matching_number_spec(matrix: NDArray) -> int:
    """Try all ways to match the first free vertex: slow and obviously right."""

    @cache
    def best(free: frozenset[int]) -> int:
        if not free:
            return 0
        v = min(free)
        rest = free - {v}
        return max([best(rest)] + [1 + best(rest - {w}) for w in rest if matrix[v, w]])

    return best(frozenset(range(len(matrix))))


def tutte_berge_value(graph: nx.Graph, barrier: set) -> int:
    """(n + |S| - odd(G - S)): twice an upper bound of the matching number, for any S."""
    rest = graph.subgraph(set(graph) - barrier)
    odd = sum(len(piece) % 2 for piece in nx.connected_components(rest))
    return len(graph) + len(barrier) - odd


def random_graph(rng: np.random.Generator, n: int, density: float) -> NDArray[np.int64]:
    upper = np.triu(rng.random((n, n)) < density, 1).astype(np.int64)
    return upper + upper.T


@pytest.mark.parametrize("n", range(1, 12))
def test_matching_number_and_certificate_equal_the_definition(n: int) -> None:
    rng = np.random.default_rng(n)
    for density in np.linspace(0.05, 0.9, 25):
        matrix = random_graph(rng, n, density)
        mu = matching_number(matrix)
        assert mu == matching_number_spec(matrix)
        graph = nx.from_numpy_array(matrix)
        assert tutte_berge_value(graph, tutte_berge_certificate(matrix)) == 2 * mu


def test_every_graph_on_six_vertices() -> None:
    slots = list(combinations(range(6), 2))
    stack = np.zeros((2**15, 6, 6), np.int64)
    for k, (v, w) in enumerate(slots):
        stack[:, v, w] = stack[:, w, v] = np.arange(2**15) >> k & 1
    found = matching_numbers(stack)
    step = 37
    assert found[::step].tolist() == [matching_number_spec(a) for a in stack[::step]]
    # OEIS A001187: connected labelled graphs
    assert int((components(stack) == 1).sum()) == 26704
    assert np.abs(largest_eigenvalues(stack) - np.linalg.eigvalsh(stack)[:, -1]).max() < 1e-12


def test_blossoms_in_larger_graphs_agree_with_networkx() -> None:
    rng = np.random.default_rng(0)
    for n in (20, 35, 60):
        for density in (0.5 / n, 1 / n, 2 / n, 4 / n):
            matrix = random_graph(rng, n, density)
            graph = nx.from_numpy_array(matrix)
            expected = len(nx.max_weight_matching(graph, maxcardinality=True))
            assert matching_number(matrix) == expected
            assert tutte_berge_value(graph, tutte_berge_certificate(graph)) == 2 * expected


def test_greedy_matching_would_be_wrong() -> None:
    path = nx.Graph([(0, 1), (0, 2), (1, 3)])  # 0-1 first leaves 2 and 3 alone
    assert matching_number(path) == 2


def test_certificate_speaks_of_the_nodes_of_a_networkx_graph() -> None:
    graph = nx.Graph([("hub", "a"), ("hub", "b"), ("hub", "c")])
    assert tutte_berge_certificate(graph) == {"hub"}
    assert tutte_berge_certificate(nx.to_numpy_array(graph)) == {0}
    assert tutte_berge_certificate(nx.complete_graph(4)) == set()


@pytest.mark.parametrize("n", [1, 2, 5, 19, 40])
def test_largest_eigenvalues_of_named_graphs(n: int) -> None:
    cases = {
        nx.complete_graph(n): n - 1,
        nx.star_graph(n): np.sqrt(n),
        nx.path_graph(n): 2 * np.cos(np.pi / (n + 1)),
        nx.empty_graph(n): 0,
    }
    for graph, expected in cases.items():
        assert largest_eigenvalue(graph) == pytest.approx(expected, abs=1e-11)
        stack = np.stack([nx.to_numpy_array(graph)] * 2)
        assert largest_eigenvalues(stack).tolist() == pytest.approx([expected] * 2, abs=1e-11)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_invariants_do_not_depend_on_the_order_of_the_vertices(
    n: int, density: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    matrix = random_graph(rng, n, density)
    order = rng.permutation(n)
    other = matrix[order][:, order]
    assert matching_number(matrix) == matching_number(other)
    assert len(set(components(np.stack([matrix, other])).tolist())) == 1
    assert largest_eigenvalue(matrix) == pytest.approx(largest_eigenvalue(other), abs=1e-10)


def test_disconnected_graphs_add_up() -> None:
    graph = nx.disjoint_union(nx.cycle_graph(5), nx.star_graph(4))
    assert matching_number(graph) == 3
    assert largest_eigenvalue(graph) == pytest.approx(2)
    assert not is_connected(graph)
    assert tutte_berge_value(graph, tutte_berge_certificate(graph)) == 6


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64, np.float32, np.float64])
def test_every_number_type_is_read_alike(dtype: type) -> None:
    matrix = nx.to_numpy_array(nx.petersen_graph()).astype(dtype)
    assert matching_number(matrix) == 5
    assert largest_eigenvalue(matrix) == pytest.approx(3)
    assert tutte_berge_certificate(matrix) == set()


def test_the_argument_is_not_changed() -> None:
    matrix = nx.to_numpy_array(nx.petersen_graph())
    before = matrix.copy()
    for function in FUNCTIONS:
        function(matrix)
    assert np.array_equal(matrix, before)


BAD = {
    "loop": np.eye(3),
    "symmetric": np.array([[0, 1, 0], [0, 0, 1], [0, 1, 0]]),
    "other than 0 and 1": np.array([[0, 2], [2, 0]]),
    r"other than 0 and 1.*nan": np.array([[0, np.nan], [np.nan, 0]]),
    r"other than 0 and 1.*0\.5": np.array([[0, 0.5], [0.5, 0]]),
    "square": np.zeros((2, 3)),
    "not symmetric: a directed": nx.DiGraph([(0, 1), (1, 2)]),
    "has a loop": nx.Graph([(0, 0), (0, 1)]),
    "entries other": nx.MultiGraph([(0, 1), (0, 1)]),
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("message", BAD)
def test_bad_graphs_are_refused_by_name(function, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(BAD[message])


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("graph", ["K4", None, 3, np.array([["a"]]), np.zeros((2, 2), complex)])
def test_what_is_no_graph_is_a_type_error(function, graph) -> None:
    with pytest.raises(TypeError):
        function(graph)


def test_weights_of_edges_are_ignored() -> None:
    graph = nx.Graph()
    graph.add_edge(0, 1, weight=7.5)
    assert adjacency_matrix(graph).tolist() == [[0, 1], [1, 0]]


def test_no_vertices() -> None:
    assert matching_number(nx.Graph()) == 0
    assert tutte_berge_certificate(np.zeros((0, 0))) == set()
    with pytest.raises(ValueError, match="vertex"):
        largest_eigenvalue(nx.Graph())
