"""All Kazhdan-Lusztig polynomials of S_n for n <= 9, packed into 128-bit integers.

`kazhdan_lusztig.py` is the program to read; this one does the same recursion fast:

- rows only for one w in each orbit of w -> w^{-1}, w -> w0 w w0, which fix P_{x,w};
- a row lists the *extremal* x <= w: every descent of w, left or right, is one of x. Any other
  x is pushed up along descents of w, and P_{x,w} does not change;
- a polynomial P is the integer P(2^bits) modulo 2^128. Borrows of intermediate differences
  cancel; only final coefficients must fit in `bits` bits (repeat with a second value of `bits`).
"""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.extremal_pairs import BLOCK, Group, extremal_group, extremal_lists
from course_utils.maths.parallel import in_threads
from course_utils.maths.permutations import check_size

MAX_N = 9  # S_9 takes 0.4 GB; S_10 has about 1.25e9 extremal pairs
LOWEST = np.array([0] + [(m & -m).bit_length() - 1 for m in range(1, 1 << 16)], np.int8)


class KLTable(NamedTuple):
    """The extremal pairs of all orbits: row r has entries start[r] <= e < start[r+1].

    P_{x[e], w} = low[e] + 2^64 high[e], taken at q = 2^bits, where w is the row's element;
    x[e] increases along a row and ends at or before w. mu_z, mu list the extremal z < w
    with mu(z, w) != 0 in the first mu_count[r] places of the row.
    """

    n: int
    bits: int
    group: Group
    row: NDArray[np.int32]  # (n!,): row of w, -1 where w does not represent its orbit
    element: NDArray[np.int32]  # (rows,): w of a row
    start: NDArray[np.int64]  # (rows+1,)
    x: NDArray[np.int32]
    low: NDArray[np.uint64]
    high: NDArray[np.uint64]
    mu_count: NDArray[np.int32]
    mu_z: NDArray[np.int32]
    mu: NDArray[np.uint16]


class Census(NamedTuple):
    """Counts over all x <= w of S_n; mu_edges are the pairs with mu(x, w) != 0."""

    pairs: int
    trivial: int  # pairs with P = 1
    distinct: int
    largest_coefficient: int
    largest_degree: int
    largest_value: int  # of P at q = 1
    extremal: int
    mu_edges: int
    largest_mu: int


@lru_cache(maxsize=4)
def kl_table(n: int, bits: int = 12) -> KLTable:
    """Compute all Kazhdan-Lusztig polynomials of S_n.

    Args:
        n: 2 <= n <= 9.
        bits: bits for a coefficient, 10..14; degrees up to 127 // bits fit.

    Raises:
        ValueError: n or bits out of range; for larger n the message names pairs and bytes.

    Source: D. Kazhdan, G. Lusztig, Invent. Math. 53 (1979), (2.2.c) and Theorem 1.1.

    >>> table = kl_table(4)
    >>> len(table.element), len(table.x), len(distinct(table))
    (13, 18, 2)
    """
    check_size(n, MAX_N, "all Kazhdan-Lusztig polynomials")
    if n < 2 or not 10 <= bits <= 14:
        raise ValueError(f"2 <= n <= 9 and 10 <= bits <= 14 must hold, got n={n}, bits={bits}")
    group = extremal_group(n)
    element = np.flatnonzero(group.symmetry == 0)
    element = element[np.argsort(group.lengths[element], kind="stable")].astype(np.int32)
    row = np.full(len(group.lengths), -1, np.int32)
    row[element] = np.arange(len(element))
    start, x = extremal_lists(group, element)
    zeros = [np.zeros(len(x), kind) for kind in (np.uint64, np.uint64, np.int32, np.uint16)]
    low, high, mu_z, mu = zeros
    table = KLTable(
        n, bits, group, row, element, start, x, low, high, np.zeros_like(element), mu_z, mu
    )
    levels = np.searchsorted(group.lengths[element], np.arange(n * (n - 1) // 2 + 2))
    for first, last in pairwise(levels.tolist()):
        in_threads(lambda a, b: _fill(table, a, b), first, last, BLOCK)
    return table


def polynomials(table: KLTable, x: NDArray, w: NDArray) -> NDArray[np.uint64]:
    """Return the packed P_{x,w} for arrays (k,) of ranks, shape (k, 2); zero where x is not <= w.

    >>> table = kl_table(4)
    >>> polynomials(table, np.array([0, 3]), np.array([16, 0])).tolist()  # 1234 <= 3412
    [[4097, 0], [0, 0]]
    """
    x, w = np.asarray(x, np.int32), np.asarray(w, np.int32)
    out = np.zeros((len(x), 2), np.uint64)
    in_threads(lambda a, b: _look_up(table, x[a:b], w[a:b], out[a:b]), 0, len(x), 1 << 16)
    return out


def unpack(packed: NDArray[np.uint64], bits: int = 12) -> NDArray[np.int64]:
    """Return the coefficients, ascending powers of q, of packed polynomials (k, 2).

    >>> unpack(np.array([[4097, 0]], np.uint64)).tolist()
    [[1, 1, 0, 0, 0, 0, 0, 0, 0, 0]]
    """
    low, high = packed[:, 0], packed[:, 1]
    fields = [_field(low, high, bits, k) for k in range(128 // bits)]
    return np.stack(fields, axis=1).astype(np.int64)


def distinct(table: KLTable) -> NDArray[np.int64]:
    """Return the distinct polynomials as rows of coefficients, in lexicographic order.

    >>> distinct(kl_table(4))[:, :3].tolist()
    [[1, 0, 0], [1, 1, 0]]
    """
    both = np.zeros(len(table.x), np.dtype([("high", np.uint64), ("low", np.uint64)]))
    both["high"], both["low"] = table.high, table.low
    order = np.lexsort((both["low"], both["high"]))
    both = both[order]
    both = both[np.r_[True, both[1:] != both[:-1]]]
    coefficients = unpack(np.stack([both["low"], both["high"]], axis=1), table.bits)
    return coefficients[np.lexsort(coefficients.T[::-1])]


def multiplicities(table: KLTable) -> NDArray[np.int64]:
    """Return for each entry the number of pairs x <= w of S_n whose polynomial it holds.

    The entries' sum is the number of Bruhat pairs. Time n! look-ups a row: for n <= 7.

    >>> int(multiplicities(kl_table(4)).sum())
    213
    """
    counts = np.zeros(len(table.x), np.int64)
    in_threads(lambda a, b: _count(table, a, b, counts), 0, len(table.element), 64)
    return counts * np.repeat(_orbit_sizes(table), np.diff(table.start))


def census(table: KLTable) -> Census:
    """Return what the literature counts about S_n, n <= 7.

    >>> census(kl_table(4))[:3]
    (213, 207, 2)
    """
    counts, coefficients, orbits = multiplicities(table), distinct(table), _orbit_sizes(table)
    trivial = (table.low == 1) & (table.high == 0)
    group = table.group
    shorter = [  # z = tw or wt, the pairs with mu != 0 that are not extremal
        len({int(z) for t, z in enumerate(group.mul[w]) if group.descents[w] >> t & 1})
        for w in table.element
    ]
    return Census(
        int(counts.sum()),
        int(counts[trivial].sum()),
        len(coefficients),
        int(coefficients.max()),
        int(np.flatnonzero(coefficients.any(axis=0)).max()),
        int(coefficients.sum(axis=1).max()),
        int((orbits * np.diff(table.start)).sum()),
        int((orbits * (table.mu_count + np.array(shorter))).sum()),
        int(max(1, table.mu.max())),
    )


def _orbit_sizes(table: KLTable) -> NDArray[np.int64]:
    images = np.sort(table.group.images[:, table.element], axis=0)
    return 1 + (np.diff(images, axis=0) > 0).sum(axis=0)


@njit(cache=True, nogil=True)
def _count(table, first, last, counts):
    for r in range(first, last):
        for x in range(len(table.row)):
            e = _find(table, x, table.element[r])
            if e >= 0:
                counts[e] += 1


@njit(cache=True)
def _shifted(low, high, shift):
    """(low, high) * 2^shift modulo 2^128, 0 <= shift < 128."""
    if shift == 0:
        return low, high
    if shift >= 64:
        return np.uint64(0), low << np.uint64(shift - 64)
    return low << np.uint64(shift), (high << np.uint64(shift)) | (low >> np.uint64(64 - shift))


@njit(cache=True)
def _field(low, high, bits, k):
    """Coefficient k of packed polynomials, numbers or arrays."""
    shift = bits * k
    if shift >= 64:
        value = high >> np.uint64(shift - 64)
    elif shift + bits <= 64:
        value = low >> np.uint64(shift)
    else:
        value = (low >> np.uint64(shift)) | (high << np.uint64(64 - shift))
    return value & np.uint64((1 << bits) - 1)


@njit(cache=True)
def _find(table, x, w):
    """Entry of the extremal pair that has the polynomial of (x, w); -1 if x is not below w."""
    group = table.group
    g = group.symmetry[w]
    x, w = group.images[g, x], group.images[g, w]
    mask = group.descents[w]
    missing = mask & ~group.descents[x]
    while missing:
        x = group.mul[x, LOWEST[missing]]
        missing = mask & ~group.descents[x]
    r = table.row[w]
    first, last = table.start[r], table.start[r + 1]
    while first < last:
        middle = (first + last) // 2
        if table.x[middle] < x:
            first = middle + 1
        else:
            last = middle
    if first < table.start[r + 1] and table.x[first] == x:
        return first
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _look_up(table, x, w, out):
    for k in range(len(x)):
        e = _find(table, x[k], w[k])
        if e >= 0:
            out[k, 0], out[k, 1] = table.low[e], table.high[e]


@njit(cache=True)
def _corrections(table, v, s, z, mu):
    """Write the z < v with zs < z and mu(z, v) != 0 into z, mu; return their number."""
    group = table.group
    g = group.symmetry[v]
    back = g  # inversion and conjugation by w0 are commuting involutions
    r = table.row[group.images[g, v]]
    count = 0
    for e in range(table.start[r], table.start[r] + table.mu_count[r]):
        y = group.images[back, table.mu_z[e]]
        if (group.descents[y] >> s) & 1:
            z[count], mu[count] = y, table.mu[e]
            count += 1
    for t in range(group.mul.shape[1]):  # the z that are not extremal: tv and vt, mu = 1
        y = group.mul[v, t]
        if (group.descents[v] >> t) & 1 and (group.descents[y] >> s) & 1:
            seen = False
            for c in range(count):
                seen = seen or z[c] == y
            if not seen:
                z[count], mu[count] = y, 1
                count += 1
    return count


@njit(cache=True, nogil=True)
def _fill(table, first, last):
    """Fill rows first..last-1, all of one length, from the rows of smaller length."""
    for r in range(first, last):
        _fill_row(table, r)


@njit(cache=True)
def _fill_row(table, r):
    group, bits = table.group, table.bits
    w = table.element[r]
    s, cost = -1, 0
    for t in range(group.mul.shape[1]):  # the descent with the fewest candidates for z
        if (group.descents[w] >> t) & 1:
            v = group.mul[w, t]
            others = table.mu_count[table.row[group.images[group.symmetry[v], v]]]
            if s < 0 or others < cost:
                s, cost = t, others
    z = np.empty(cost + group.mul.shape[1], np.int32)
    mu = np.empty(len(z), np.uint64)
    v, terms = w, 0
    if s >= 0:
        v = group.mul[w, s]
        terms = _corrections(table, v, s, z, mu)
    found = 0
    for e in range(table.start[r], table.start[r + 1]):
        x = table.x[e]
        if x == w:
            table.low[e] = 1
            continue
        f = _find(table, group.mul[x, s], v)
        low, high = table.low[f], table.high[f]
        f = _find(table, x, v)
        if f >= 0:
            low, high = _plus(low, high, table.low[f], table.high[f], bits)
        for c in range(terms):
            if group.lengths[x] <= group.lengths[z[c]]:
                f = _find(table, x, z[c])
                if f >= 0:
                    shift = bits * ((group.lengths[w] - group.lengths[z[c]]) // 2)
                    for _ in range(mu[c]):
                        low, high = _minus(low, high, table.low[f], table.high[f], shift)
        table.low[e], table.high[e] = low, high
        apart = group.lengths[w] - group.lengths[x]
        if apart & 1:
            top = _field(low, high, bits, (apart - 1) // 2)
            if top:
                table.mu_z[table.start[r] + found] = x
                table.mu[table.start[r] + found] = top
                found += 1
    table.mu_count[r] = found


@njit(cache=True)
def _plus(low, high, a, b, shift):
    """(low, high) + (a, b) * 2^shift modulo 2^128."""
    a, b = _shifted(a, b, shift)
    total = low + a
    return total, high + b + np.uint64(total < low)


@njit(cache=True)
def _minus(low, high, a, b, shift):
    a, b = _shifted(a, b, shift)
    return low - a, high - b - np.uint64(low < a)
