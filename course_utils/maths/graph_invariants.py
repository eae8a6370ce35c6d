"""Invariants of simple graphs: components, matching number with certificate, largest eigenvalue.

A graph is a symmetric 0-1 array without loops (any integer or float dtype) or an undirected
networkx graph; a *stack* is an array (B, n, n) of such matrices, which the kernels that end in
an s take without further checks, for games that score thousands of graphs a second.
Introduced in week 7.
"""

from __future__ import annotations

from collections.abc import Hashable

import networkx as nx
import numpy as np
from numba import njit
from numpy.typing import NDArray

Graph = NDArray | nx.Graph


def adjacency_matrix(graph: Graph) -> NDArray[np.int64]:
    """Return the adjacency matrix of a simple graph, checked, as int64 of shape (n, n).

    Edge weights of a networkx graph are ignored; its vertices come in the order of `graph.nodes`.

    Raises:
        TypeError: neither an array nor a networkx graph, or entries that are no real numbers.
        ValueError: not square, not symmetric (or directed), a loop, entries other than 0 and 1
            (or parallel edges).

    >>> adjacency_matrix(nx.path_graph(3)).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    if isinstance(graph, nx.Graph):
        if graph.is_directed():
            raise ValueError("graph is not symmetric: a directed networkx graph")
        array = np.zeros((0, 0)) if len(graph) == 0 else nx.to_numpy_array(graph, weight=None)
    elif isinstance(graph, np.ndarray):
        array = graph
    else:
        raise TypeError(
            f"graph must be a numpy array or a networkx graph, got {type(graph).__name__}"
        )
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(f"graph must be a square matrix, got shape {array.shape}")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"graph must hold integers or floats, got dtype {array.dtype}")
    if np.any(np.diagonal(array) != 0):
        v = int(np.flatnonzero(np.diagonal(array) != 0)[0])
        raise ValueError(f"graph has a loop: entry ({v}, {v}) is {array[v, v]}, allowed is 0")
    odd = np.argwhere((array != 0) & (array != 1))
    if len(odd):
        i, j = odd[0].tolist()
        raise ValueError(f"graph has entries other than 0 and 1: ({i}, {j}) is {array[i, j]}")
    if np.any(array != array.T):
        i, j = np.argwhere(array != array.T)[0].tolist()
        raise ValueError(
            f"graph is not symmetric: ({i}, {j}) is {array[i, j]}, ({j}, {i}) is {array[j, i]}"
        )
    return array.astype(np.int64)


def matching_number(graph: Graph) -> int:
    r"""Return $\mu(G)$, the largest number of edges no two of which share a vertex.

    Edmonds' blossom algorithm; disconnected graphs are allowed.

    Raises:
        TypeError, ValueError: not a simple graph, see `adjacency_matrix`.

    Source: J. Edmonds, Paths, trees, and flowers, Canad. J. Math. 17 (1965).

    >>> matching_number(nx.petersen_graph()), matching_number(nx.star_graph(7))
    (5, 1)
    """
    matrix = adjacency_matrix(graph)
    return int(_match(matrix)[0])


def tutte_berge_certificate(graph: Graph) -> set[Hashable]:
    r"""Return a set S of vertices that proves the matching number from above.

    $\mu(G) = (n + |S| - \mathrm{odd}(G - S)) / 2$, where odd counts the components with an odd
    number of vertices; for *every* set the right side is an upper bound. The set returned is the
    one of Gallai and Edmonds: the odd vertices of the alternating trees that found no way out.

    Returns:
        Row numbers for an array, nodes for a networkx graph.

    Raises:
        TypeError, ValueError: not a simple graph, see `adjacency_matrix`.

    Source: L. Lovász and M. Plummer, Matching Theory, Theorem 3.2.1.

    >>> tutte_berge_certificate(nx.star_graph(7))
    {0}
    """
    matrix = adjacency_matrix(graph)
    names = list(graph.nodes) if isinstance(graph, nx.Graph) else range(len(matrix))
    return {names[v] for v in np.flatnonzero(_match(matrix)[1]).tolist()}


def largest_eigenvalue(graph: Graph) -> float:
    r"""Return $\lambda_1(G)$, the largest eigenvalue of the adjacency matrix, in floating point.

    Raises:
        TypeError, ValueError: not a simple graph, see `adjacency_matrix`, or no vertex.

    >>> round(largest_eigenvalue(nx.star_graph(9)), 12)
    3.0
    """
    matrix = adjacency_matrix(graph)
    if len(matrix) == 0:
        raise ValueError("graph must have a vertex, got none")
    return float(np.linalg.eigvalsh(matrix.astype(np.float64))[-1])


def is_connected(graph: Graph) -> bool:
    """Return whether there is exactly one component.

    >>> is_connected(nx.path_graph(4)), is_connected(nx.empty_graph(2))
    (True, False)
    """
    return int(components(adjacency_matrix(graph)[None])[0]) == 1


@njit(cache=True)
def components(stack: NDArray) -> NDArray[np.int64]:
    """Return the number of components of each graph of a stack, shape (B,)."""
    count, n, _ = stack.shape
    result = np.zeros(count, np.int64)
    seen, todo = np.zeros(n, np.bool_), np.zeros(n, np.int64)
    for g in range(count):
        seen[:] = False
        for start in range(n):
            if seen[start]:
                continue
            result[g] += 1
            seen[start], todo[0], size = True, start, 1
            while size > 0:
                size -= 1
                v = todo[size]
                for w in range(n):
                    if stack[g, v, w] != 0 and not seen[w]:
                        seen[w], todo[size] = True, w
                        size += 1
    return result


@njit(cache=True)
def matching_numbers(stack: NDArray) -> NDArray[np.int64]:
    """Return the matching number of each graph of a stack, shape (B,)."""
    result = np.zeros(len(stack), np.int64)
    for g in range(len(stack)):
        result[g] = _match(stack[g])[0]
    return result


@njit(cache=True)
def largest_eigenvalues(stack: NDArray) -> NDArray[np.float64]:
    """Return the largest eigenvalue of each symmetric matrix of a stack, shape (B,).

    Householder's reduction to tridiagonal form, then bisection; absolute error about 1e-13 for
    adjacency matrices of order 20. Golub and Van Loan, Matrix Computations, sections 8.3 and 8.4.
    """
    result = np.zeros(len(stack))
    for g in range(len(stack)):
        diagonal, squares = _tridiagonal(stack[g].astype(np.float64))
        result[g] = _top_of_tridiagonal(diagonal, squares)
    return result


@njit(cache=True)
def _tridiagonal(a: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n = a.shape[0]
    squares, v, p = np.zeros(n), np.zeros(n), np.zeros(n)  # squares[k]: entry (k, k-1) squared
    for k in range(n - 2):
        norm = 0.0
        for i in range(k + 1, n):
            norm += a[i, k] * a[i, k]
        squares[k + 1] = norm
        alpha = -np.sqrt(norm) if a[k + 1, k] > 0 else np.sqrt(norm)
        half = norm - a[k + 1, k] * alpha  # |v|^2 / 2
        if norm == a[k + 1, k] * a[k + 1, k]:
            continue
        for i in range(k + 1, n):
            v[i] = a[i, k]
        v[k + 1] -= alpha
        inner = 0.0
        for i in range(k + 1, n):
            total = 0.0
            for j in range(k + 1, n):
                total += a[i, j] * v[j]
            p[i] = total / half
            inner += p[i] * v[i]
        inner /= 2 * half
        for i in range(k + 1, n):
            p[i] -= inner * v[i]
        for i in range(k + 1, n):
            for j in range(k + 1, n):
                a[i, j] -= v[i] * p[j] + p[i] * v[j]
    if n > 1:
        squares[n - 1] = a[n - 1, n - 2] * a[n - 1, n - 2]
    return np.diag(a).copy(), squares


@njit(cache=True)
def _top_of_tridiagonal(diagonal: NDArray[np.float64], squares: NDArray[np.float64]) -> float:
    """Bisect for the largest x at which the leading minors of x - T are not all positive."""
    n = len(diagonal)
    low, high = diagonal.max(), diagonal.max()
    for k in range(n):
        reach = np.sqrt(squares[k]) + (np.sqrt(squares[k + 1]) if k + 1 < n else 0.0)
        high = max(high, diagonal[k] + reach)
    while high - low > 1e-14 * (1.0 + abs(low) + abs(high)):
        middle = (low + high) / 2
        pivot, positive = middle - diagonal[0], True
        for k in range(1, n):
            if pivot <= 0:
                positive = False
                break
            pivot = middle - diagonal[k] - squares[k] / pivot
        if positive and pivot > 0:
            high = middle
        else:
            low = middle
    return high


@njit(cache=True)
def _match(adjacent: NDArray) -> tuple[int, NDArray[np.bool_]]:
    """Return the matching number and the odd vertices of the failed (Hungarian) trees."""
    n = adjacent.shape[0]
    mate, parent, base = np.full(n, -1), np.full(n, -1), np.arange(n)
    even, queue, mark = np.zeros(n, np.bool_), np.zeros(n, np.int64), np.zeros(n, np.bool_)
    dead, barrier = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    for v in range(n):
        for w in range(v + 1, n):
            if mate[v] < 0 and mate[w] < 0 and adjacent[v, w] != 0:
                mate[v], mate[w] = w, v
    for root in range(n):
        if mate[root] >= 0:
            continue
        end = _search(adjacent, root, mate, parent, base, even, queue, mark, dead)
        if end < 0:  # no augmenting path now, nor later: the tree leaves the graph
            for v in range(n):
                barrier[v] |= parent[v] >= 0 and not even[v]
                dead[v] |= even[v] or parent[v] >= 0
        while end >= 0:
            before = parent[end]
            following = mate[before]
            mate[end], mate[before] = before, end
            end = following
    size = 0
    for v in range(n):
        size += mate[v] > v
    return size, barrier


@njit(cache=True)
def _search(adjacent, root, mate, parent, base, even, queue, mark, dead):
    """Grow an alternating tree, contracting odd cycles; return the free vertex found, or -1."""
    n = adjacent.shape[0]
    even[:], parent[:], even[root], queue[0] = False, -1, True, root
    for v in range(n):
        base[v] = v
    head, tail = 0, 1
    while head < tail:
        v = queue[head]
        head += 1
        for w in range(n):
            if adjacent[v, w] == 0 or dead[w] or base[v] == base[w] or mate[v] == w:
                continue
            if w == root or (mate[w] >= 0 and parent[mate[w]] >= 0):  # an odd cycle
                top = _meeting(v, w, mate, parent, base, mark)
                mark[:] = False
                for x, child in ((v, w), (w, v)):
                    while base[x] != top:
                        mark[base[x]], mark[base[mate[x]]] = True, True
                        parent[x], child = child, mate[x]
                        x = parent[mate[x]]
                for x in range(n):
                    if mark[base[x]]:
                        base[x] = top
                        if not even[x]:
                            even[x], queue[tail] = True, x
                            tail += 1
            elif parent[w] < 0:
                parent[w] = v
                if mate[w] < 0:
                    return w
                even[mate[w]], queue[tail] = True, mate[w]
                tail += 1
    return -1


@njit(cache=True)
def _meeting(v, w, mate, parent, base, mark):
    """Return the last common base of the ways from v and w to the root."""
    mark[:] = False
    while True:
        v = base[v]
        mark[v] = True
        if mate[v] < 0:
            break
        v = parent[mate[v]]
    while True:
        w = base[w]
        if mark[w]:
            return w
        w = parent[mate[w]]
