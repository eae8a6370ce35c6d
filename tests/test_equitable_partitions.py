"""Equitable partitions: existence against all small graphs, bounds against built graphs."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations, product

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

from course_utils.maths.conjectures import laplacian_matrix, refutes_laplacian_bound
from course_utils.maths.equitable_partitions import (
    EquitablePartition,
    checked_partition,
    graph_with_partition,
    quotient_laplacian,
    smallest_sizes,
)
from course_utils.maths.laplacian_bounds import exact_values
from course_utils.maths.real_roots import characteristic_polynomial, common_divisor


def set_partitions(n: int) -> Iterator[list[int]]:
    """All labellings 0, 1, ... of n vertices by cells, each set partition once."""

    def extend(labels: list[int]) -> Iterator[list[int]]:
        if len(labels) == n:
            yield labels
            return
        for label in range(max(labels, default=-1) + 2):
            yield from extend([*labels, label])

    return extend([])


def counts_if_equitable(adjacency: NDArray, labels: list[int]) -> tuple | None:
    """The definition: every vertex of a cell has the same counts; sizes and counts, or None."""
    k = max(labels) + 1
    members = np.eye(k, dtype=int)[labels]
    counts = adjacency @ members
    rows = [
        {tuple(counts[v].tolist()) for v in range(len(labels)) if labels[v] == i} for i in range(k)
    ]
    if any(len(row) > 1 for row in rows):
        return None
    return tuple(members.sum(0).tolist()), tuple(row.pop() for row in rows)


def is_admitted(sizes: tuple, degrees: tuple) -> bool:
    try:
        checked_partition(EquitablePartition(sizes, degrees))
    except ValueError:
        return False
    return True


def test_existence_equals_a_look_at_all_graphs_on_at_most_six_vertices() -> None:
    """Sizes and matrices that occur in the atlas, cells in any order, are those admitted."""
    occurring = set()
    for graph in nx.graph_atlas_g():
        if not 3 <= len(graph) <= 6:
            continue
        adjacency = nx.to_numpy_array(graph, dtype=int)
        for labels in set_partitions(len(graph)):
            found = counts_if_equitable(adjacency, labels)
            if found and len(found[0]) <= 3:
                occurring.add(found)
    admitted = set()
    for n in range(3, 7):
        for k in (1, 2, 3):
            for sizes in product(range(1, n), repeat=k) if k > 1 else [(n,)]:
                if sum(sizes) != n:
                    continue
                for entries in product(*(range(n_j + 1) for _ in range(k) for n_j in sizes)):
                    degrees = tuple(entries[k * i : k * i + k] for i in range(k))
                    if is_admitted(sizes, degrees):
                        admitted.add((sizes, degrees))

    def class_of(sizes: tuple, degrees: tuple) -> tuple:
        k = len(sizes)
        orders = permutations(range(k))
        return min(
            (tuple(sizes[i] for i in o), tuple(tuple(degrees[i][j] for j in o) for i in o))
            for o in orders
        )

    def hangs_together(degrees: tuple) -> bool:
        return nx.is_connected(nx.from_numpy_array(np.array(degrees) > 0))

    usable = {
        class_of(*found)
        for found in occurring
        if hangs_together(found[1]) and max(map(sum, found[1])) > 1
    }
    assert {class_of(*found) for found in admitted} == usable
    assert len(usable) > 100


def random_partition(rng: np.random.Generator, k: int, most: int) -> EquitablePartition:
    """A path of cells, with degrees inside some of them."""
    degrees = np.zeros((k, k), int)
    for i in range(k - 1):
        degrees[i, i + 1], degrees[i + 1, i] = rng.integers(1, most + 1, 2)
    degrees[range(k), range(k)] = rng.integers(0, most + 1, k) * (rng.random(k) < 0.5)
    if degrees.sum(1).max() < 2:
        degrees[0, 0] = 2
    return EquitablePartition(smallest_sizes(degrees), degrees.tolist())


def some_partitions(count: int = 60) -> list[EquitablePartition]:
    rng = np.random.default_rng(11)
    made = [
        random_partition(rng, int(rng.integers(1, 5)), int(rng.integers(1, 6)))
        for _ in range(count)
    ]
    triangle = [[0, 2, 3], [4, 1, 3], [2, 1, 0]]  # cells in a cycle: 2 * 3 * 2 = 4 * 1 * 3
    return [*made, EquitablePartition(smallest_sizes(triangle), triangle)]


@pytest.mark.parametrize("partition", some_partitions())
def test_constructed_graph_has_the_partition(partition: EquitablePartition) -> None:
    adjacency = graph_with_partition(partition)
    labels = np.repeat(np.arange(len(partition.sizes)), partition.sizes).tolist()
    assert np.array_equal(adjacency, adjacency.T)
    assert set(np.unique(adjacency)) <= {0, 1}
    assert not adjacency.diagonal().any()
    checked = checked_partition(partition)
    assert counts_if_equitable(adjacency, labels) == (checked.sizes, checked.degrees)


def component(adjacency: NDArray) -> NDArray:
    vertices = sorted(nx.node_connected_component(nx.from_numpy_array(adjacency), 0))
    return adjacency[np.ix_(vertices, vertices)]


@pytest.mark.parametrize("partition", [p for p in some_partitions(60) if sum(p.sizes) <= 20])
def test_bounds_and_eigenvalues_equal_those_of_a_component(partition: EquitablePartition) -> None:
    graph = component(graph_with_partition(partition))
    small = characteristic_polynomial(quotient_laplacian(partition))
    large = characteristic_polynomial(laplacian_matrix(graph))
    square_free = common_divisor(small, large)
    assert small == square_free  # every eigenvalue of the quotient, with multiplicity
    top = np.linalg.eigvals(quotient_laplacian(partition).astype(float)).real.max()
    whole = np.linalg.eigvalsh(laplacian_matrix(graph))[-1]
    for number in range(1, 69):
        assert exact_values(number, partition) == exact_values(number, graph)
        decided = refutes_laplacian_bound(number, partition)
        assert not decided or refutes_laplacian_bound(number, graph)
        if top > whole - 1e-9:
            assert decided == refutes_laplacian_bound(number, graph)


@pytest.mark.parametrize(
    "rows", [[[0, 2], [1, 0]], [[0, 6, 0], [1, 0, 1], [0, 3, 0]], [[0, 3], [5, 0]]]
)
def test_bipartite_quotients_decide_like_their_graph(rows: list) -> None:
    partition = EquitablePartition(smallest_sizes(rows), rows)
    graph = component(graph_with_partition(partition))
    for number in range(1, 69):
        assert refutes_laplacian_bound(number, partition) == refutes_laplacian_bound(number, graph)


def test_equality_is_no_refutation() -> None:
    """A regular bipartite graph attains every bound: both cells have one degree."""
    for d in (2, 3, 10**6):
        regular = EquitablePartition((d, d), ((0, d), (d, 0)))
        assert not any(refutes_laplacian_bound(number, regular) for number in range(1, 69))


def test_smallest_sizes_are_the_first_that_are_admitted() -> None:
    for partition in some_partitions(30):
        degrees = checked_partition(partition).degrees
        unit = np.gcd.reduce(partition.sizes)
        base = [n // unit for n in partition.sizes]
        admitted = [
            t for t in range(1, unit + 1) if is_admitted(tuple(t * b for b in base), degrees)
        ]
        assert admitted == [unit]
        assert Fraction(partition.sizes[0], partition.sizes[-1]) == Fraction(base[0], base[-1])


BAD = {
    "sizes must hold integers >= 1, got 0": ((0, 2), ((0, 2), (1, 0))),
    "one entry per cell": ((1,), ((0, 2), (1, 0))),
    "edges counted from one side": ((2, 2), ((0, 2), (1, 0))),
    "cell 1 has 1 vertices": ((1, 1), ((0, 2), (2, 0))),
    "including the vertex itself": ((3,), ((3,),)),
    r"the sum 5 \* 3 of its degrees is odd": ((5,), ((3,),)),
    "no way leads from cell 0 to cell 1": ((3, 3), ((2, 0), (0, 2))),
    "row sum of at least 2": ((2,), ((1,),)),
    "degrees must be square": ((1, 2), ((0, 2),)),
    "degrees must hold integers, got 2.0": ((1, 2), ((0, 2.0), (1, 0))),
    "degrees must hold integers >= 0, got -1": ((1, 2), ((0, 2), (-1, 0))),
    "degrees must hold integers, got True": ((1, 2), ((0, 2), (True, 0))),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_partitions_are_refused_by_name(message: str) -> None:
    with pytest.raises(ValueError, match=message):
        refutes_laplacian_bound(1, EquitablePartition(*BAD[message]))


def test_matrices_of_no_graph_have_no_sizes() -> None:
    with pytest.raises(ValueError, match="both or neither"):
        smallest_sizes([[0, 2], [0, 1]])
    with pytest.raises(ValueError, match="around a cycle"):
        smallest_sizes([[0, 1, 1], [1, 0, 1], [1, 2, 0]])
    with pytest.raises(ValueError, match="20000"):
        graph_with_partition(EquitablePartition((10**5, 10**5), ((0, 2), (2, 0))))


# ---- the bounds that the note proves --------------------------------------------------------

PROVED = (1, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 23, 25, 26, 27, 33, 34, 35, 37, 38, 39, 42)
WEIGHTS = {
    10: (lambda d: (4 - d * d) / (3 * d), lambda d: min(d, (d + 2) / Fraction(3))),
    26: (lambda d: (16 - 5 * d * d) / (11 * d), lambda d: min(d, (d + 10) / Fraction(11))),
    27: (lambda d: (8 - 3 * d * d) / (5 * d), lambda d: min(d, Fraction(1))),
    25: (lambda d: (29 - 3 * d**4) / (26 * d), lambda d: min(d, (7 * d + 6) / Fraction(13))),
}


@pytest.mark.parametrize("number", WEIGHTS)
def test_weights_of_the_notes_proofs_satisfy_their_inequality(number: int) -> None:
    """d h(m) <= (2 - d) h(d) for d in (0, 2) and the largest m that the bound allows, scaled."""
    mean, weight = WEIGHTS[number]
    top = Fraction(38, 25) if number == 25 else Fraction(2)
    for step in range(1, 4000):
        d = top * step / 4000
        m = min(mean(d), top)
        if m > 0:
            assert d * weight(m) <= (2 - d) * weight(d), (number, d)


def test_no_random_partition_refutes_a_proved_bound() -> None:
    rng = np.random.default_rng(5)
    for _ in range(40):
        partition = random_partition(rng, int(rng.integers(2, 4)), 30)
        cover = np.kron([[0, 1], [1, 0]], np.array(partition.degrees))
        if np.diagonal(partition.degrees).any():
            partition = EquitablePartition(smallest_sizes(cover), cover)
        assert not any(refutes_laplacian_bound(number, partition) for number in PROVED)
