r"""The 68 automated upper bounds on the Laplacian spectral radius, evaluated exactly.

For a connected graph, d and m are the degree of a vertex and the average degree of its neighbours;
bounds 1 to 32 are the largest value over the vertices, 33 to 68 over the edges, a, b being the
degrees and p, q the average neighbour degrees of an edge's ends. A square root of a negative
number counts as 0, as in the published programs. Every value is r ± √(y + √x) with rational
r, y, x. Introduced in week 7.

Source: V. Brankov, P. Hansen, D. Stevanović, Automated conjectures on upper bounds for the largest
Laplacian eigenvalue of graphs, Linear Algebra Appl. 414 (2006); numbering as in Ghebleh et al.,
arXiv 2403.18429. Every one is attained by the regular bipartite graphs.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from course_utils.maths.equitable_partitions import EquitablePartition, checked_partition
from course_utils.maths.surds import Surd, root

VERTEX_BOUNDS: dict[int, Callable] = {
    1: lambda d, m: root(4 * d**3 / m),
    2: lambda d, m: 2 * m * m / d,
    3: lambda d, m: m * m / d + m,
    4: lambda d, m: 2 * d * d / m,
    5: lambda d, m: d * d / m + m,
    6: lambda d, m: root(m * m + 3 * d * d),
    7: lambda d, m: d * d / m + d,
    8: lambda d, m: root(d * m + 3 * d * d),
    9: lambda d, m: (m + 3 * d) / 2,
    10: lambda d, m: root(d * d + 3 * d * m),
    11: lambda d, m: 2 * m**3 / d**2,
    12: lambda d, m: root(2 * d * d + 2 * m * m),
    13: lambda d, m: 2 * m**4 / d**3,
    14: lambda d, m: 2 * d**3 / m**2,
    15: lambda d, m: root(4 * m**3 / d),
    16: lambda d, m: 2 * d**4 / m**3,
    17: lambda d, m: root(root(5 * d**4 + 11 * m**4)),
    18: lambda d, m: root(2 * m**3 / d + 2 * d * d),
    19: lambda d, m: root(root(4 * d**4 + 12 * d * m**3)),
    20: lambda d, m: root(7 * d * d + 9 * m * m) / 2,
    21: lambda d, m: root(d**3 / m + 3 * m * m),
    22: lambda d, m: root(root(2 * d**4 + 14 * d * d * m * m)),
    23: lambda d, m: root(d * d + 3 * d * m),
    24: lambda d, m: root(root(6 * d**4 + 10 * m**4)),
    25: lambda d, m: root(root(3 * d**4 + 13 * d * d * m * m)),
    26: lambda d, m: root(5 * d * d + 11 * d * m) / 2,
    27: lambda d, m: root((3 * d * d + 5 * d * m) / 2),
    28: lambda d, m: root(2 * m**4 / d**2 + 2 * d * m),
    29: lambda d, m: root(m * m + 3 * m**3 / d),
    30: lambda d, m: m**3 / d**2 + d * d / m,
    31: lambda d, m: 4 * m * m / (m + d),
    32: lambda d, m: root(m**3 * (m + 3 * d)) / d,
}

EDGE_BOUNDS: dict[int, Callable] = {
    33: lambda a, b, p, q: 2 * (a + b) - (p + q),
    34: lambda a, b, p, q: 2 * (a * a + b * b) / (a + b),
    35: lambda a, b, p, q: 2 * (a * a + b * b) / (p + q),
    36: lambda a, b, p, q: 2 * (p * p + q * q) / (a + b),
    37: lambda a, b, p, q: root(2 * (a * a + b * b)),
    38: lambda a, b, p, q: 2 + root(2 * (a * a + b * b) - 4 * (a + b) + 4),
    39: lambda a, b, p, q: 2 + root(2 * (a * a + b * b) - 4 * (p + q) + 4),
    40: lambda a, b, p, q: (
        2 + root(2 * (p - 1) ** 2 + 2 * (q - 1) ** 2 + a * a + b * b - a * p - b * q)
    ),
    41: lambda a, b, p, q: 2 + p + q - (a + b) + root(2 * (a * a + b * b) - 4 * (p + q) + 4),
    42: lambda a, b, p, q: root(a * a + b * b + 2 * p * q),
    43: lambda a, b, p, q: 2 + root(3 * (p * p + q * q) - 2 * p * q - 4 * (a + b) + 4),
    44: lambda a, b, p, q: 2 + root(2 * ((a - 1) ** 2 + (b - 1) ** 2 + p * q - a * b)),
    45: lambda a, b, p, q: 2 + root((a - b) ** 2 + 2 * a * p + 2 * b * q - 4 * (p + q) + 4),
    46: lambda a, b, p, q: 2 + root(2 * (a * a + b * b) - 16 * a * b / (p + q) + 4),
    47: lambda a, b, p, q: (2 * a * a + 2 * b * b - (p - q) ** 2) / (a + b),
    48: lambda a, b, p, q: (
        (2 * a * a + 2 * b * b) / (2 + root(2 * a * a + 2 * b * b - 4 * p - 4 * q + 4))
    ),
    49: lambda a, b, p, q: 2 + root(2 * p * p + 2 * q * q + (a - b) ** 2 - 4 * (a + b) + 4),
    50: lambda a, b, p, q: 2 * (a * a + b * b + p * q - a * b) / (a + b),
    51: lambda a, b, p, q: 2 * (p + q) - 4 * p * q / (a + b),
    52: lambda a, b, p, q: (
        2 + root(root(8 * p**4 + 8 * q**4 - 8 * a * a - 8 * b * b + 4) + (6 - 4 * (a + b)))
    ),
    53: lambda a, b, p, q: (
        2 + root(root(8 * p**4 + 8 * q**4 - 8 * a * p - 8 * b * q + 4) + (6 - 4 * (a + b)))
    ),
    54: lambda a, b, p, q: (
        2 + root(2 * p * p + 2 * q * q + a * p + b * q - a * a - b * b - 4 * (a + b) + 4)
    ),
    55: lambda a, b, p, q: 2 + root(3 * p * p + 3 * q * q - a * a - b * b - 4 * p - 4 * q + 4),
    56: lambda a, b, p, q: (a * a + b * b) * (p + q) / (2 * a * b),
    57: lambda a, b, p, q: 2 + root(2 * p * p + 2 * q * q - 8 * (a * a + b * b) / (p + q) + 4),
    58: lambda a, b, p, q: (
        2 + root(2 * p * p + 2 * p * q + 2 * q * q - a * p - b * q - 4 * (a + b) + 4)
    ),
    59: lambda a, b, p, q: (2 * p * p + 2 * p * q + 2 * q * q - a * a - b * b) / (p + q),
    60: lambda a, b, p, q: (
        2 + root(2 * p * p + 2 * p * q + 2 * q * q - a * a - b * b - 4 * a - 4 * b + 4)
    ),
    61: lambda a, b, p, q: (
        (2 * p * p + 2 * q * q) / (2 + root(2 * (a - 1) ** 2 + 2 * (b - 1) ** 2))
    ),
    62: lambda a, b, p, q: 2 + root(p * p + 4 * p * q + q * q - 2 * a * b - 4 * (a + b) + 4),
    63: lambda a, b, p, q: a + b + p + q - 4 * a * b / (p + q),
    64: lambda a, b, p, q: p * q * (a + b) / (a * b),
    65: lambda a, b, p, q: (p + q) * (a * p + b * q) / (2 * p * q),
    66: lambda a, b, p, q: (p * p + 4 * p * q + q * q - a * p - b * q) / (a + b),
    67: lambda a, b, p, q: (p + q) * (a * p + b * q) / (2 * a * b),
    68: lambda a, b, p, q: 2 + root((p - q) ** 2 + 4 * a * b - 4 * (p + q) + 4),
}

COUNT = 68


def check_number(number: int) -> int:
    """Return the number of a bound, or refuse what is not an integer from 1 to 68.

    Raises:
        TypeError: not an integer (a bool is none). ValueError: out of range.
    """
    if isinstance(number, bool | np.bool_) or not isinstance(number, int | np.integer):
        raise TypeError(f"number must be an integer, got {number!r}")
    if not 1 <= number <= COUNT:
        raise ValueError(f"number must satisfy 1 <= number <= {COUNT}, got {number}")
    return int(number)


def exact_values(number: int, graph: NDArray[np.int64] | EquitablePartition) -> set[Surd]:
    """Return the different values of one bound at the vertices (or edges) of a graph.

    Args:
        number: 1 .. 68.
        graph: symmetric 0-1 matrix (n, n) of a graph without isolated vertices, or an equitable
            partition: the vertices of a cell, and the edges between two cells, agree in all
            degrees, so one of each is enough.

    Raises:
        TypeError, ValueError: see `check_number` and `equitable_partitions.checked_partition`.

    >>> {float(x) for x in exact_values(9, np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))}
    {2.5, 3.5}
    >>> {float(x) for x in exact_values(9, EquitablePartition((1, 2), ((0, 2), (1, 0))))}
    {2.5, 3.5}
    """
    number = check_number(number)
    if isinstance(graph, EquitablePartition):
        counts = [dict(enumerate(row)) for row in checked_partition(graph).degrees]
    else:
        counts = [dict.fromkeys(np.flatnonzero(row).tolist(), 1) for row in graph]
    d = [Fraction(sum(row.values())) for row in counts]
    m = [sum(c * d[w] for w, c in row.items()) / d[v] for v, row in enumerate(counts)]
    if number in VERTEX_BOUNDS:
        places = set(zip(d, m, strict=True))
        values = {VERTEX_BOUNDS[number](*place) for place in places}
    else:
        edges = [(v, w) for v, row in enumerate(counts) for w, c in row.items() if c and v <= w]
        places = {(d[v], d[w], m[v], m[w]) for v, w in edges}
        values = {EDGE_BOUNDS[number](*place) for place in places}
    return {value if isinstance(value, Surd) else Surd(value) for value in values}


def bound_values(number: int, stack: NDArray) -> NDArray[np.float64]:
    """Return one bound for each graph of a stack in floating point, shape (B,).

    For searching; what is found is decided by `conjectures.refutes_laplacian_bound`. Graphs with
    an isolated vertex give NaN or infinity.

    >>> bound_values(9, np.array([[[0, 1, 0], [1, 0, 1], [0, 1, 0]]]))
    array([3.5])
    """
    number = check_number(number)
    adjacency = np.asarray(stack, np.float64)  # (B, n, n)
    d = adjacency.sum(2)  # (B, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        m = (adjacency @ d[:, :, None])[:, :, 0] / d
        if number in VERTEX_BOUNDS:
            return VERTEX_BOUNDS[number](d, m).max(1)
        g, v, w = np.nonzero(np.triu(adjacency))
        values = EDGE_BOUNDS[number](d[g, v], d[g, w], m[g, v], m[g, w])
    result = np.full(len(adjacency), -np.inf)
    np.maximum.at(result, g, values)
    return result
