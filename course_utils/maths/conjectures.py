r"""Conjectures about all connected graphs, decided for one graph in exact arithmetic.

A graph refutes an upper or lower bound only if the inequality fails strictly: equality is no
refutation, however it rounds. Everything is integers, rationals and Sturm counts.
Introduced in week 7.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from course_utils.maths.equitable_partitions import (
    EquitablePartition,
    checked_partition,
    quotient_laplacian,
)
from course_utils.maths.graph_invariants import Graph, adjacency_matrix, components, matching_number
from course_utils.maths.laplacian_bounds import check_number, exact_values
from course_utils.maths.real_roots import characteristic_polynomial
from course_utils.maths.surds import Surd, compare_largest_root


def connected_adjacency(graph: Graph) -> NDArray[np.int64]:
    """Return the adjacency matrix of a connected simple graph on at least 3 vertices, checked.

    Raises:
        TypeError: neither an array nor a networkx graph.
        ValueError: not simple (see `graph_invariants.adjacency_matrix`), fewer than 3 vertices,
            or not connected.
    """
    matrix = adjacency_matrix(graph)
    if len(matrix) < 3:
        raise ValueError(f"graph must have n >= 3 vertices, got n = {len(matrix)}")
    pieces = int(components(matrix[None])[0])
    if pieces > 1:
        raise ValueError(f"graph must be connected, it is disconnected: {pieces} components")
    return matrix


def aouchiche_hansen_threshold(n: int, matching: int) -> Surd:
    r"""Return $\sqrt{n - 1} + 1 - \mu$: a counterexample has $\lambda_1$ strictly below.

    >>> round(float(aouchiche_hansen_threshold(19, 2)), 6)
    3.242641
    """
    return Surd(Fraction(1 - matching), Fraction(n - 1))


def refutes_aouchiche_hansen(graph: Graph) -> bool:
    r"""Return whether $\lambda_1 + \mu < \sqrt{n - 1} + 1$, decided exactly.

    $\lambda_1$ is the largest root of the integer characteristic polynomial, $\mu$ the matching
    number; the star has equality and does not refute.

    Args:
        graph: connected, simple, n >= 3.

    Raises:
        TypeError, ValueError: see `connected_adjacency`.

    Source: Aouchiche and Hansen, Linear Algebra Appl. 432 (2010), refuted by A. Z. Wagner,
    arXiv 2104.14516, Conjecture 2.1.

    >>> import networkx as nx
    >>> broom = nx.Graph([(0, 1), (1, 2)] + [(0, 3 + i) for i in range(8)])
    >>> broom.add_edges_from((2, 11 + i) for i in range(8))
    >>> refutes_aouchiche_hansen(broom), refutes_aouchiche_hansen(nx.star_graph(18))
    (True, False)
    """
    matrix = connected_adjacency(graph)
    threshold = aouchiche_hansen_threshold(len(matrix), matching_number(matrix))
    return compare_largest_root(characteristic_polynomial(matrix), threshold) < 0


def laplacian_matrix(adjacency: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return D - A, D the diagonal matrix of the degrees, shape (n, n).

    >>> laplacian_matrix(np.array([[0, 1], [1, 0]])).tolist()
    [[1, -1], [-1, 1]]
    """
    return np.diag(adjacency.sum(0)) - adjacency


def refutes_laplacian_bound(number: int, graph: Graph | EquitablePartition) -> bool:
    """Return whether the largest Laplacian eigenvalue exceeds one of the 68 bounds, exactly.

    The bound is a largest value over vertices or edges, so the eigenvalue must exceed all the
    values; each comparison encloses a number r ± √(y + √x) and counts roots.

    An equitable partition stands for all graphs that have it. It refutes if the largest eigenvalue
    of its quotient exceeds the bound; then every component of every such graph refutes. Those
    graphs may have larger eigenvalues that the quotient does not see, so False decides nothing,
    unless the cells fall into two sides with edges only between the sides: then the largest
    eigenvalue of the graph is that of the quotient.

    Args:
        number: 1 .. 68, see `laplacian_bounds`.
        graph: connected, simple, n >= 3; or an `EquitablePartition`.

    Raises:
        TypeError, ValueError: a number outside 1 .. 68, see `connected_adjacency`, or
            `equitable_partitions.checked_partition`.

    Source: Brankov, Hansen and Stevanović, Linear Algebra Appl. 414 (2006).

    >>> import networkx as nx
    >>> [refutes_laplacian_bound(48, graph) for graph in (nx.path_graph(3), nx.cycle_graph(6))]
    [True, False]
    >>> refutes_laplacian_bound(48, EquitablePartition((1, 2), ((0, 2), (1, 0))))
    True
    """
    number = check_number(number)
    if isinstance(graph, EquitablePartition):
        witness: NDArray[np.int64] | EquitablePartition = checked_partition(graph)
        polynomial = characteristic_polynomial(quotient_laplacian(witness))
    else:
        witness = connected_adjacency(graph)
        polynomial = characteristic_polynomial(laplacian_matrix(witness))
    values = sorted(exact_values(number, witness), key=float, reverse=True)
    return all(compare_largest_root(polynomial, value) > 0 for value in values)
