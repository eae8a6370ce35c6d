r"""Equitable partitions: small integer matrices that stand for large graphs.

A partition of the vertices of a graph into cells is *equitable* if every vertex of cell i has the
same number B[i][j] of neighbours in cell j. Every eigenvalue of the matrix D - B, where D is the
diagonal matrix of the row sums of B, is an eigenvalue of the Laplacian of the graph, because a
vector that is constant on cells stays so. Introduced in the gallery of conjectures.

Which matrices belong to a graph with n_i vertices in cell i? Exactly those with

* n_i B[i][j] = n_j B[j][i] (the edges between two cells, counted from both ends),
* B[i][j] <= n_j for i != j and B[i][i] <= n_i - 1,
* n_i B[i][i] even (twice the edges inside a cell).

These are necessary, and `graph_with_partition` constructs a graph from them, so they are
sufficient. For one pair of cells this is the theorem of Gale and Ryser for constant row and column
sums. Source of the notion: C. Godsil, G. Royle, Algebraic Graph Theory, chapter 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

LARGEST_GRAPH = 20_000  # vertices that `graph_with_partition` is ready to write down


class EquitablePartition(NamedTuple):
    """Numbers of vertices in the cells, and of neighbours that a vertex has in each cell.

    >>> star = EquitablePartition(sizes=(1, 5), degrees=((0, 5), (1, 0)))
    """

    sizes: Sequence[int]
    degrees: Sequence[Sequence[int]]


def checked_partition(partition: EquitablePartition) -> EquitablePartition:
    """Return the partition as tuples of Python integers if graphs with it exist.

    The cells must hang together, and some vertex must have two neighbours: then every component of
    a graph with this partition meets all cells, has the same matrix B and at least 3 vertices.

    Raises:
        ValueError: no such graph exists; the message names the cells.

    >>> checked_partition(EquitablePartition([1, 5], np.array([[0, 5], [1, 0]])))
    EquitablePartition(sizes=(1, 5), degrees=((0, 5), (1, 0)))
    """
    degrees = checked_degrees(partition.degrees)
    sizes = _integers(partition.sizes, "sizes", least=1)
    if len(sizes) != len(degrees):
        raise ValueError(f"sizes must have one entry per cell, got {len(sizes)} for {len(degrees)}")
    for i, row in enumerate(degrees):
        for j, count in enumerate(row):
            if sizes[i] * count != sizes[j] * degrees[j][i]:
                raise ValueError(
                    f"cells {i} and {j}: {sizes[i]} * {count} edges counted from one side, "
                    f"{sizes[j]} * {degrees[j][i]} from the other"
                )
            if count > sizes[j] - (i == j):
                raise ValueError(
                    f"degrees[{i}][{j}] is {count}, cell {j} has {sizes[j]} vertices"
                    + (" including the vertex itself" if i == j else "")
                )
        if sizes[i] * row[i] % 2:
            raise ValueError(f"cell {i}: the sum {sizes[i]} * {row[i]} of its degrees is odd")
    return EquitablePartition(sizes, degrees)


def checked_degrees(degrees: ArrayLike) -> tuple[tuple[int, ...], ...]:
    """Return a square matrix of integers >= 0 whose cells hang together, as tuples.

    Raises:
        ValueError: not square, a wrong entry, cells that do not hang together, or no row with sum
            at least 2.
    """
    rows = [_integers(row, "degrees", least=0) for row in degrees]
    if not rows or any(len(row) != len(rows) for row in rows):
        raise ValueError(
            f"degrees must be square, got rows of {[len(row) for row in rows]} entries"
        )
    reached, waiting = {0}, [0]
    while waiting:
        i = waiting.pop()
        for j, column in enumerate(zip(*rows, strict=True)):
            if (rows[i][j] or column[i]) and j not in reached:
                reached.add(j)
                waiting.append(j)
    if len(reached) < len(rows):
        missing = min(set(range(len(rows))) - reached)
        raise ValueError(f"degrees must be connected: no way leads from cell 0 to cell {missing}")
    if max(sum(row) for row in rows) < 2:
        raise ValueError("degrees must have a row sum of at least 2, else all edges are isolated")
    return tuple(rows)


def smallest_sizes(degrees: ArrayLike) -> tuple[int, ...]:
    """Return the smallest sizes of cells with which a graph has this matrix of degrees.

    All possible sizes are multiples of one vector, because the cells hang together; the smallest
    multiple that satisfies the three conditions above is returned.

    Args:
        degrees: matrix (k, k) of integers >= 0.

    Raises:
        ValueError: see `checked_degrees`, or the counts of edges contradict each other.

    >>> smallest_sizes([[0, 5], [1, 0]]), smallest_sizes([[3]]), smallest_sizes([[1, 2], [2, 0]])
    ((1, 5), (4,), (2, 2))
    """
    rows = checked_degrees(degrees)
    ratio = {0: Fraction(1)}
    waiting = [0]
    while waiting:
        i = waiting.pop()
        for j, count in enumerate(rows[i]):
            if bool(count) != bool(rows[j][i]):
                raise ValueError(
                    f"degrees[{i}][{j}] is {count} and degrees[{j}][{i}] is {rows[j][i]}: "
                    "both or neither must be 0"
                )
            if count and j not in ratio:
                ratio[j] = ratio[i] * Fraction(count, rows[j][i])
                waiting.append(j)
            if count and ratio[i] * count != ratio[j] * rows[j][i]:
                raise ValueError(f"degrees contradict each other around a cycle through {i}, {j}")
    scale = lcm(*(r.denominator for r in ratio.values()))
    base = [int(ratio[i] * scale) for i in range(len(rows))]
    base = [b // gcd(*base) for b in base]
    needed = [
        -(-(count + (i == j)) // base[j])
        for i, row in enumerate(rows)
        for j, count in enumerate(row)
    ]
    times = max(needed)
    if times % 2 and any(times * base[i] * rows[i][i] % 2 for i in range(len(rows))):
        times += 1
    return tuple(times * b for b in base)


def graph_with_partition(partition: EquitablePartition) -> NDArray[np.int64]:
    """Return the adjacency matrix of a graph with this equitable partition, cell after cell.

    Between cells i and j vertex r of cell i is joined to the vertices r b, ..., r b + b - 1
    modulo n_j, where b = B[i][j]: together these are n_i b consecutive numbers, so each vertex of
    cell j occurs equally often. Inside a cell differences ±1, ±2, ... around a circle are used, and
    opposite vertices if the degree is odd. The graph need not be connected; every component has
    the same matrix B.

    Raises:
        ValueError: see `checked_partition`, or more than 20,000 vertices.

    >>> graph_with_partition(EquitablePartition((1, 2), ((0, 2), (1, 0)))).tolist()
    [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    """
    sizes, degrees = checked_partition(partition)
    total = sum(sizes)
    if total > LARGEST_GRAPH:
        raise ValueError(f"sizes must sum to at most {LARGEST_GRAPH} to be written, got {total}")
    starts = np.concatenate([[0], np.cumsum(sizes)])
    adjacency = np.zeros((total, total), np.int64)
    for i, n in enumerate(sizes):
        for j in range(i + 1, len(sizes)):
            b = degrees[i][j]
            ends = (np.arange(n)[:, None] * b + np.arange(b)) % sizes[j]
            adjacency[starts[i] + np.arange(n)[:, None], starts[j] + ends] = 1
        inside = [d for k in range(1, degrees[i][i] // 2 + 1) for d in (k, n - k)]
        inside += [n // 2] if degrees[i][i] % 2 else []
        ends = (np.arange(n)[:, None] + np.array(inside, np.int64)) % n
        adjacency[starts[i] + np.arange(n)[:, None], starts[i] + ends] = 1
    return np.maximum(adjacency, adjacency.T)


def quotient_laplacian(partition: EquitablePartition) -> NDArray[np.int64]:
    """Return D - B, shape (k, k): its eigenvalues are Laplacian eigenvalues of the graph.

    >>> quotient_laplacian(EquitablePartition((1, 5), ((0, 5), (1, 0)))).tolist()
    [[5, -5], [-1, 1]]
    """
    matrix = np.array(partition.degrees, np.int64)
    return np.diag(matrix.sum(1)) - matrix


def _integers(row: Sequence[int], name: str, least: int) -> tuple[int, ...]:
    entries = tuple(np.asarray(row).tolist() if isinstance(row, np.ndarray) else row)
    for entry in entries:
        if isinstance(entry, bool | np.bool_) or not isinstance(entry, int | np.integer):
            raise ValueError(f"{name} must hold integers, got {entry!r}")
        if entry < least:
            raise ValueError(f"{name} must hold integers >= {least}, got {entry}")
    return tuple(int(entry) for entry in entries)
