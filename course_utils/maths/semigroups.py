"""Classification of 4-nilpotent semigroups by cutting: instances, proofs, minimal proofs.

Introduced in week 9. Source: C. Simpson, arXiv 2106.03015; A. Distler and J. D. Mitchell, arXiv
1201.3529, for the semigroups of degree 3. The search itself is in `semigroup_search`,
`semigroup_memo` and `semigroup_minimum`; `semigroup_certificates` checks without them.
"""

from math import comb, isqrt

import numpy as np
from numpy.typing import NDArray

from course_utils.maths.semigroup_certificates import check_certificate
from course_utils.maths.semigroup_instances import Instance, as_instance, instances
from course_utils.maths.semigroup_memo import rollout_size, symmetry_tables
from course_utils.maths.semigroup_minimum import SearchLimit, minimal_proof, minimal_size
from course_utils.maths.semigroup_search import (
    BENCHMARK,
    LOOKAHEAD,
    MRV,
    cell_order,
    count_nodes,
    left_sets,
)

__all__ = [
    "SearchLimit",
    "as_instance",
    "check_certificate",
    "count_degree3_nilpotent",
    "instances",
    "minimal_proof",
    "minimal_size",
    "process",
    "proof_size",
    "rollout_proof",
    "start",
]

STRATEGIES = ("benchmark", "mrv", "lookahead", "rollout")
Masks = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]


def proof_size(
    a: int, b: int, instance: Instance, strategy: str = "benchmark", limit: int = 20_000_000
) -> tuple[int, int]:
    """Return (passive, done): the nodes that were cut, and the leaves where the table is complete.

    The strategies choose an open cell: "benchmark" the first in the order (0,0), (1,1), (1,0),
    (0,1), (2,2), then row by row; "mrv" one with the fewest values, ties in the same order;
    "lookahead" the one whose active children have the least sum of scores 2^(½(Σ log2 |cell| +
    ½ #open ψ)), ties (to a relative 1e-9) row by row; "rollout" the one whose children have the
    least sum of lookahead proof sizes, remembered up to the symmetries of φ. Filters are on.

    Args:
        a, b: numbers of elements of A and B.
        instance: σ, or the matrix φ of shape (a, b).
        strategy: one of the four.
        limit: the largest number of passive nodes (of remembered positions for "rollout").

    Raises:
        ValueError: bad input, or the limit is reached (`SearchLimit`).

    >>> [sum(proof_size(3, 2, s, rule)[0] for s in range(13)) for rule in STRATEGIES]
    [242, 288, 168, 155]
    """
    phi = as_instance(a, b, instance)
    a, b = phi.shape
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy must be one of {', '.join(STRATEGIES)}, got {strategy!r:.60}")
    _check_limit(limit)
    if a > 7 or b > 60:
        raise ValueError(f"(a, b) must satisfy a <= 7 and b <= 60, got ({a}, {b})")
    if strategy == "rollout":
        return rollout_proof(a, b, phi, 1, limit)
    code = {"benchmark": BENCHMARK, "mrv": MRV, "lookahead": LOOKAHEAD}[strategy]
    passive, done = count_nodes(left_sets(phi), b, code, cell_order(a), limit)
    if passive > limit:
        raise SearchLimit(f"stopped at limit = {limit}: {strategy} needs more passive nodes")
    return passive, done


def rollout_proof(
    a: int, b: int, instance: Instance, level: int = 1, limit: int = 1_000_000
) -> tuple[int, int]:
    """Return (passive, done) of the rollout proof of a level; level 1 is the strategy "rollout".

    Level 0 is the lookahead. Level k + 1 cuts the cell whose active children have the least sum of
    proof sizes at level k. Each level takes longer, about by the number of open cells.

    Raises:
        ValueError: bad input, or more than `limit` positions to remember (`SearchLimit`).

    >>> rollout_proof(4, 2, 5), rollout_proof(4, 2, 5, level=2)
    ((28, 15), (24, 15))
    """
    phi = as_instance(a, b, instance)
    if isinstance(level, bool) or not isinstance(level, int | np.integer) or level < 0:
        raise ValueError(f"level must be an integer >= 0, got {level!r:.60}")
    _check_limit(limit)
    ones, tables, capacity = left_sets(phi), symmetry_tables(phi), 1 << 12
    while True:
        capacity = min(capacity, int(limit))
        power = 1 << (capacity - 1).bit_length()
        passive, done, *_ = rollout_size(ones, phi.shape[1], *tables, level, capacity, power)
        if passive > 0:
            return passive, done
        if capacity == limit:
            raise SearchLimit(f"stopped at limit = {limit} positions: the rollouts need more")
        capacity *= 8


def start(a: int, b: int, instance: Instance) -> Masks:
    """Return the masks (m, l, r, t) of an instance before anything is propagated.

    An entry says whether a value is still possible. m: (a, a, b + 1) for xy; l: (a, b + 1, 2) for
    φ(x, p); r: (b + 1, a, 2) for ψ(p, z); t: (a, a, a, 2) for xyz. Index b of B + 0 is zero.

    >>> m, l, r, t = start(2, 1, 1)
    >>> m.shape, l[:, 0].tolist(), r[:, 0].tolist()
    ((2, 2, 2), [[False, True], [True, False]], [[True, True], [True, False]])
    """
    phi = as_instance(a, b, instance)
    a, b = phi.shape
    left = np.zeros((a, b + 1, 2), bool)
    left[:, :b, 1] = phi == 1
    left[:, :, 0] = ~left[:, :, 1]
    right = np.ones((b + 1, a, 2), bool)
    right[b, :, 1] = False
    return np.ones((a, a, b + 1), bool), left, right, np.ones((a, a, a, 2), bool)


def process(m: NDArray, l: NDArray, r: NDArray, t: NDArray) -> Masks:
    """Return the fixpoint of propagation, as fresh masks; a set that is empty stays empty.

    The three rules, until none removes anything: t(x,y,z) loses i when no p possible for yz has
    φ(x,p) = i possible, or no p possible for xy has ψ(p,z) = i possible; where xy (or yz) has no
    other value than p, ψ(p,z) (or φ(x,p)) loses what t(x,y,z) lost; and xy (or yz) loses p when
    ψ(p,z) (or φ(x,p)) has no value that t(x,y,z) allows. The rules are monotone, so the order in
    which they are applied does not matter. Slow and readable; `semigroup_search` is fast.

    Args:
        m, l, r, t: boolean masks as `start` makes them.

    Raises:
        ValueError: a mask is not boolean or has another shape.

    >>> m, l, r, t = process(*start(2, 1, 0))
    >>> bool(t[..., 1].any())  # φ = 0: all triple products are zero
    False
    """
    m, l, r, t = _masks(m, l, r, t)
    while True:
        before = [mask.sum() for mask in (m, l, r, t)]
        t &= np.einsum("yzp,xpi->xyzi", m, l) & np.einsum("xyp,pzi->xyzi", m, r)
        only_m = m & ~(m.sum(2, keepdims=True) > 1)  # where xy has at most one value
        r &= ~np.einsum("xyp,xyzi->pzi", only_m, ~t)
        l &= ~np.einsum("yzp,xyzi->xpi", only_m, ~t)
        m &= np.einsum("pzi,xyzi->xyzp", r, t).all(2)
        m &= np.einsum("xpi,xyzi->xyzp", l, t).all(0)
        if before == [mask.sum() for mask in (m, l, r, t)]:
            return m, l, r, t


def _masks(*masks: NDArray) -> Masks:
    """Return copies of the masks m, l, r, t, checked."""
    shape = np.shape(masks[0])
    a, values = (shape[0], shape[2]) if len(shape) == 3 else (0, 0)
    if a < 1 or values < 2 or shape[1] != a:
        raise ValueError(f"m must have shape (a, a, b + 1) with a, b >= 1, got {shape}")
    shapes = {"m": shape, "l": (a, values, 2), "r": (values, a, 2), "t": (a, a, a, 2)}
    for (name, allowed), mask in zip(shapes.items(), masks, strict=True):
        if not isinstance(mask, np.ndarray) or mask.dtype != bool:
            kind = getattr(mask, "dtype", type(mask).__name__)
            raise ValueError(f"{name} must be a boolean array, got {kind}")
        if mask.shape != allowed:
            raise ValueError(f"{name} must have shape {allowed} beside m, got {mask.shape}")
    return tuple(mask.copy() for mask in masks)


def count_degree3_nilpotent(n: int) -> int:
    """Return the number of labelled nilpotent semigroups of degree 3 on n points (A383871).

    All products xyz are zero but not all xy. Distler and Mitchell's formula sums over the number m
    of elements that are products, zero included: the other n - m elements multiply onto them.

    Args:
        n: number of points, an integer >= 0; 0 for n < 3.

    >>> [count_degree3_nilpotent(n) for n in range(3, 8)]
    [6, 180, 11720, 3089250, 5944080072]
    """
    if isinstance(n, bool | np.bool_) or not isinstance(n, int | np.integer) or n < 0:
        raise ValueError(f"n must be an integer >= 0, got {n!r:.60}")
    n, total = int(n), 0
    if n < 3:
        return 0
    most = (2 * n + 1 - isqrt(4 * n - 3) - (isqrt(4 * n - 3) ** 2 < 4 * n - 3)) // 2
    for m in range(2, most + 1):
        onto = sum((-1) ** i * comb(m - 1, i) * (m - i) ** ((n - m) ** 2) for i in range(m))
        total += comb(n, m) * m * onto
    return total


def _check_limit(limit: int) -> None:
    if isinstance(limit, bool) or not isinstance(limit, int | np.integer) or limit < 1:
        raise ValueError(f"limit must be an integer >= 1, got {limit!r:.60}")
