"""Hypercube decompositions of Bruhat graphs without labels, and their formula for P.

The definitions follow C. Blundell, L. Buesing, A. Davies, P. Veličković, G. Williamson, Towards
combinatorial invariance for Kazhdan-Lusztig polynomials, Represent. Theory 26 (2022). Nothing here
looks at a permutation: a graph is the list of the ends of the edges out of each vertex.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from course_utils.maths.kazhdan_lusztig import Polynomial, plus, trim


class Decomposition(NamedTuple):
    """One decomposition of [x, w]: its lower part [x, z], and the cubes that rise from x."""

    z: int
    lower: list[int]  # vertices of [x, z], increasing; the first is x
    ends: list[int]  # E: ends of the edges from x that leave [x, z]
    corners: dict[frozenset[int], int]  # theta: antichain of ends -> top of its cube


class _Order(NamedTuple):
    """Sets of vertices as bits of an integer."""

    above: list[int]
    below: list[int]
    outs: list[int]


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _order(outs: Sequence[Sequence[int]]) -> _Order:
    size = len(outs)
    above, below = [0] * size, [0] * size
    for v in range(size - 1, -1, -1):
        above[v] = 1 << v
        for u in outs[v]:
            if not v < u < size:
                raise ValueError(f"outs must list edges to later vertices, got {v} -> {u!r}")
            above[v] |= above[u]
    if size == 0 or above[0] != (1 << size) - 1 or any(not a >> size - 1 & 1 for a in above):
        raise ValueError(f"outs must have its source first and its sink last, got {outs!r:.80}")
    for v in range(size):
        for u in _bits(above[v]):
            below[u] |= 1 << v
    return _Order(above, below, [sum(1 << u for u in row) for row in outs])


def hypercube_decompositions(outs: Sequence[Sequence[int]]) -> list[Decomposition]:
    """Return all hypercube decompositions of the Bruhat graph of an interval [x, w], x < w.

    A lower part J = [x, z], z < w, is one if J is diamond-complete (two edges v -> a, v -> b in J
    with a common out-neighbour c have c in J) and if at each v in J the edges v -> u with u outside
    J span a cluster of cubes: for any edges among them whose ends are pairwise incomparable there
    is exactly one cube in the graph with these edges at its bottom. A cube is a set of distinct
    vertices theta(S), one for each subset S of the edges, with an edge from theta(S) to
    theta(S + e) for each e not in S.

    Args:
        outs: outs[v] lists the ends of the edges out of v, all greater than v; the source x is
            vertex 0 and the sink w is the last one.

    Raises:
        ValueError: edges do not go to later vertices, or there is another source or sink.

    Introduced in week 6.

    >>> [d.z for d in hypercube_decompositions([[1, 2, 5], [3, 4], [3, 4], [5], [5], []])]
    [1, 2]
    """
    order = _order(outs)
    found = []
    for z in range(len(outs) - 1):
        lower = order.below[z]
        if not _diamond_complete(lower, order):
            continue
        clusters = [_cluster(v, order.outs[v] & ~lower, order) for v in _bits(lower)]
        if all(cluster is not None for cluster in clusters):
            ends = list(_bits(order.outs[0] & ~lower))
            found.append(Decomposition(z, list(_bits(lower)), ends, clusters[0]))
    return found


def _diamond_complete(lower: int, order: _Order) -> bool:
    return not any(
        order.outs[a] & order.outs[b] & ~lower
        for v in _bits(lower)
        for a, b in combinations(_bits(order.outs[v] & lower), 2)
    )


def _cluster(v: int, ends: int, order: _Order) -> dict[frozenset[int], int] | None:
    """Return theta on the antichains of the ends, or None if one of them spans no single cube."""
    corners: dict[frozenset[int], int] = {}
    layer = [frozenset([e]) for e in _bits(ends)]
    while layer:
        longer = []
        for chosen in layer:
            tops = _cube_tops(v, chosen, order)
            if len(tops) != 1:
                return None
            corners[chosen] = tops[0]
            apart = [e for e in _bits(ends) if e > max(chosen)]
            apart = [
                e for e in apart if not any(order.above[a] >> e & 1 for a in chosen)
            ]  # ends are numbered upwards: e > a is never below a
            longer += [chosen | {e} for e in apart]
        layer = longer
    return corners


def _cube_tops(v: int, ends: frozenset[int], order: _Order) -> list[int]:
    """Return the top of each cube with these edges at v, at most two of them."""
    subsets = [frozenset(c) for k in range(2, len(ends) + 1) for c in combinations(sorted(ends), k)]
    theta = {frozenset(): v} | {frozenset([e]): e for e in ends}
    tops: list[int] = []

    def fill(place: int) -> None:
        if place == len(subsets):
            tops.append(theta[ends])
            return
        chosen = subsets[place]
        common = -1
        for e in chosen:
            common &= order.outs[theta[chosen - {e}]]
        for u in _bits(common):
            if len(tops) < 2 and u not in theta.values():
                theta[chosen] = u
                fill(place + 1)
                del theta[chosen]

    fill(0)
    return tops


def product(p: Polynomial, r: Polynomial) -> Polynomial:
    """Return the product of two polynomials.

    >>> product((1, 1), (-1, 1))
    (-1, 0, 1)
    """
    total: Polynomial = (0,)
    for k, c in enumerate(p):
        total = plus(total, r, power=k, factor=c)
    return total


def mirrored(p: Polynomial, degree: int) -> Polynomial:
    """Return q^degree p(1/q).

    >>> mirrored((1, 2), 3)
    (0, 0, 2, 1)
    """
    if degree < len(p) - 1:
        raise ValueError(f"degree must be at least that of p = {p}, got {degree}")
    return trim([0] * (degree + 1 - len(p)) + list(p[::-1]))


def polynomial_from(
    decomposition: Decomposition,
    outs: Sequence[Sequence[int]],
    kl: Callable[[int, int], Polynomial],
) -> Polynomial:
    r"""Return $P_{x,w}$ by the formula of a decomposition, from shorter intervals.

    $$q^{\ell} P_{x,w}(1/q) - P_{x,w} = \sum_{x < u \in J} \gamma_u
    (q^{\ell(x,u)} P_{x,u}(1/q) - P_{x,u})
    - \sum_{\emptyset \ne I \subseteq E} (1-q)^{|I|} q^{\ell-|I|} P_{\theta(I),w}(1/q)$$
    with $P_{v,w} = \sum_{u \in J} \gamma_u P_{v,u}$ for v in J, and $\theta(I)$ the corner of the
    maximal ends in I. P is minus the lower half of the right side.

    Args:
        decomposition: one of `hypercube_decompositions(outs)`.
        outs: the graph.
        kl: kl(v, u) is the polynomial of vertices v and u; it is not called for (x, w).

    >>> outs = [[1, 2], [3], [3], []]  # a diamond, all of whose polynomials are 1
    >>> [d] = [d for d in hypercube_decompositions(outs) if d.z == 1]
    >>> polynomial_from(d, outs, lambda v, u: (1,))
    (1,)
    """
    order, sink = _order(outs), len(outs) - 1
    height = [0] * len(outs)  # the longest path from x: the difference of lengths
    for v in range(len(outs)):
        for u in outs[v]:
            height[u] = max(height[u], height[v] + 1)
    total: Polynomial = (0,)
    gamma: dict[int, Polynomial] = {}
    for v in reversed(decomposition.lower[1:]):
        rest = kl(v, sink)
        for u in gamma:
            if order.above[v] >> u & 1:
                rest = plus(rest, product(gamma[u], kl(v, u)), factor=-1)
        gamma[v] = rest
        inner = kl(0, v)
        total = plus(total, product(rest, plus(mirrored(inner, height[v]), inner, factor=-1)))
    for size in range(1, len(decomposition.ends) + 1):
        power: Polynomial = (1,)
        for _ in range(size):
            power = product(power, (1, -1))
        for chosen in combinations(decomposition.ends, size):
            maximal = frozenset(
                e for e in chosen if not any(e != f and order.above[e] >> f & 1 for f in chosen)
            )
            corner = kl(decomposition.corners[maximal], sink)
            total = plus(total, product(power, mirrored(corner, height[sink] - size)), factor=-1)
    return trim([-c for c in total[: (height[sink] + 1) // 2]])
