"""Hypercubes among the intervals of S_n, dyadically well-distributed permutations.

An interval [x, w] is a hypercube of dimension r if it is isomorphic to the subsets of an
r-element set, ordered by inclusion. Its atoms are the elements that cover x, and then
y -> {atoms below y} is such an isomorphism. Having 2**r elements and r atoms is not enough.
Source: J. Ellenberg, N. Libedinsky, D. Plaza, J. Simental, G. Williamson, arXiv 2601.01235.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from course_utils.maths.bruhat_cube_kernels import count_cubes, grow_cubes
from course_utils.maths.bruhat_orbits import interval_tables
from course_utils.maths.permutations import (
    as_pair,
    bruhat_leq,
    check_size,
    length,
    symmetric_group,
    unchecked_leq,
)

MAX_CUBES = 7  # all pairs of S_7
MAX_GROWN = 8
MAX_DIMENSION = 20  # a cube of this dimension has a million vertices
MAX_DYADIC = 3  # S_16 has 2**32 dyadic permutations

Word = tuple[int, ...]


def is_hypercube(x: Sequence[int], w: Sequence[int]) -> bool:
    """Return whether the Bruhat interval [x, w] is isomorphic to all subsets of a finite set.

    Builds the interval from x upwards, one level at a time, and stops where it ceases to be a
    cube. Level j of an r-cube has binomial(r, j) elements with different sets of atoms, and
    every element covers exactly those whose sets lack one of its own atoms.

    Args:
        x, w: permutations (x(1), ..., x(n)) of 1..n, tuples or lists, with x <= w.

    Raises:
        ValueError: not two permutations of the same 1..n; x is not below w; the interval has
            as many atoms as its length, and these are more than 20 (it may have 2**21
            elements).

    Source: arXiv 2601.01235, introduction. Introduced in `extras/bruhat_hypercubes`.

    >>> is_hypercube((1, 2, 3), (2, 3, 1)), is_hypercube((1, 2, 3), (3, 2, 1))
    (True, False)
    """
    x, w = as_pair(x, w)
    if not bruhat_leq(x, w):
        raise ValueError(f"x must lie below w in the Bruhat order, got x = {x} and w = {w}")
    dimension = length(w) - length(x)
    atoms = upper_covers(x, w)
    if dimension == 0 or len(atoms) != dimension:
        return dimension == 0
    if dimension > MAX_DIMENSION:
        raise ValueError(
            f"x and w must differ in length by at most {MAX_DIMENSION}, got {dimension} "
            f"and as many atoms: the interval may have 2**{dimension} elements"
        )
    level = {y: 1 << k for k, y in enumerate(atoms)}  # element -> the set of atoms below it
    for size in range(2, dimension + 1):
        below: dict[Word, list[int]] = {}
        for y, subset in level.items():
            for z in upper_covers(y, w):
                below.setdefault(z, []).append(subset)
        if len(below) != math.comb(dimension, size):
            return False
        level = {z: int(np.bitwise_or.reduce(subsets)) for z, subsets in below.items()}
        for z, subset in level.items():
            lacking = [subset & ~(1 << k) for k in range(dimension) if subset >> k & 1]
            if len(lacking) != size or sorted(below[z]) != sorted(lacking):
                return False
        if len(set(level.values())) != len(level):
            return False
    return True


def upper_covers(y: Word, w: Word) -> list[Word]:
    """Return the z <= w that cover y: y with the entries of two positions exchanged, one longer.

    >>> upper_covers((1, 3, 2), (3, 2, 1))
    [(3, 1, 2), (2, 3, 1)]
    """
    found = []
    for i in range(len(y)):
        nearest = len(y) + 1  # the least entry above y(i) seen so far
        for j in range(i + 1, len(y)):
            if y[i] < y[j] < nearest:
                nearest = y[j]
                z = list(y)
                z[i], z[j] = y[j], y[i]
                if unchecked_leq(tuple(z), w):
                    found.append(tuple(z))
    return found


def dyadic_permutations(k: int) -> NDArray[np.int64]:
    """Return all dyadically well-distributed permutations of 1..2**k, in lexicographic order.

    A permutation w qualifies if for each a = 0..k every box of 2**a consecutive positions
    and 2**(k-a) consecutive values, both starting at multiples of their size (counted from
    0), holds exactly one point (i, w(i)).

    Args:
        k: 0 <= k <= 3; there are 2**(k 2**(k-1)), so 1, 2, 16, 4096.

    Returns:
        Shape (count, 2**k), entries 1..2**k.

    Raises:
        ValueError: k is not an integer in 0..3.

    Source: arXiv 2601.01235; (0, k, 2)-nets in base 2 in numerical integration.

    >>> dyadic_permutations(1).tolist(), len(dyadic_permutations(2))
    ([[1, 2], [2, 1]], 16)
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 0 <= k <= MAX_DYADIC:
        raise ValueError(f"k must be an integer with 0 <= k <= {MAX_DYADIC}, got {k!r:.40}")
    k = int(k)
    partial = np.zeros((1, 0), np.int64)
    for i in range(2**k):
        value = np.arange(2**k)
        free = np.ones((len(partial), 2**k), bool)
        for a in range(k + 1):  # earlier positions in the same box forbid its values
            for old in range(i >> a << a, i):
                free &= (partial[:, [old]] >> (k - a)) != (value >> (k - a))
        row, new = np.nonzero(free)
        partial = np.column_stack([partial[row], new])
    return partial + 1


def largest_cubes(n: int) -> tuple[int, int]:
    """Return the largest dimension of a hypercube interval of S_n, and how many intervals have it.

    Raises:
        ValueError: n is not an integer in 2..7; for larger n the message names the pairs.

    Introduced in `extras/bruhat_hypercubes`.

    >>> largest_cubes(3), largest_cubes(4)
    ((2, 4), (4, 1))
    """
    cubes, _ = cube_counts(n)
    return len(cubes) - 1, cubes[-1]


def cube_counts(n: int) -> tuple[list[int], int]:
    """Return the numbers of intervals of S_n that are cubes of dimension 0, 1, ..., and of all.

    For each x all elements w >= x are visited by length. [x, w] is an r-cube, r >= 2, if and
    only if w covers exactly r elements of it, each [x, c] of these is a cube, and the sets
    of atoms below them are the r subsets of r - 1 atoms. (This suffices in the Bruhat order,
    because each interval of length 2 has exactly two elements inside.)

    Raises:
        ValueError: n is not an integer in 2..7; for larger n the message names the pairs.

    >>> cube_counts(3)  # 19 pairs; the six of length 0 and the eight of length 1 are cubes
    ([6, 8, 4], 19)
    """
    _check(n, MAX_CUBES)
    starts, lower = _covers(int(n))
    counts = count_cubes(starts, lower)
    return np.trim_zeros(counts[:-1], "b").tolist(), int(counts[-1])


def grown_cube_counts(n: int) -> list[int]:
    """Return the numbers of cubes of S_n of dimension 0, 1, ..., without looking at all intervals.

    Grows the cubes [x, w] from each x upwards and drops a w as soon as it covers an element
    of [x, w] that is not the top of a cube. Independent of `cube_counts` but for its
    criterion, and fast enough for n = 8.

    Raises:
        ValueError: n is not an integer in 2..8.

    >>> grown_cube_counts(4)
    [24, 58, 63, 28, 1]
    """
    _check(n, MAX_GROWN)
    starts, lower = _covers(int(n))
    upper = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[np.argsort(lower, kind="stable")]
    upper_starts = np.r_[0, np.cumsum(np.bincount(lower, minlength=len(starts) - 1))]
    group = symmetric_group(int(n))
    words = group.words[np.argsort(group.lengths, kind="stable")]
    counts = grow_cubes(words, group.guard, starts, lower, upper_starts, upper)
    return np.trim_zeros(counts, "b").tolist()


def _check(n: int, largest: int) -> None:
    check_size(n, largest, "all intervals")
    if n < 2:
        raise ValueError(f"n must be an integer with 2 <= n <= {largest}, got {n}")


def _covers(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each place w in the order by length: it covers lower[starts[w]:starts[w + 1]]."""
    tables = interval_tables(n)
    place = np.argsort(tables.by_length)
    inside = np.arange(tables.up.shape[1]) < tables.degree[:, None]
    y, column = np.nonzero(inside)
    z = tables.up[y, column]
    short = tables.lengths[z] == tables.lengths[y] + 1
    lower, higher = place[y[short]], place[z[short]]
    order = np.lexsort((lower, higher))
    starts = np.searchsorted(higher[order], np.arange(len(place) + 1))
    return starts.astype(np.int64), np.ascontiguousarray(lower[order])
