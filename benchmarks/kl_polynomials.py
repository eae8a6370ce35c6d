"""Kazhdan-Lusztig polynomials: the packed program, and combinatorial invariance of S_7.

coxeter3 (F. du Cloux, C++, -O3 -march=native) is quoted as recorded on another machine: its source
is not at hand. It fills 17.07 million entries of S_9 for any Coxeter group, the packed
program 8.76 million for type A only: quote the ratio with that sentence.
"""

from collections.abc import Iterator
from itertools import permutations as all_permutations
from math import factorial

import numpy as np

from benchmarks.timing import Row, compare, timed
from course_utils.maths import kazhdan_lusztig, permutations
from course_utils.maths import kazhdan_lusztig_packed as packed
from course_utils.maths.bruhat_orbits import _orbit_classes, orbit_classes
from course_utils.runtime import scale

RECORDED = {8: "1.47 to 1.53", 9: "163"}  # CPU seconds of coxeter3
PAIRS = {6: 98_407, 7: 3_550_919}  # with x <= w
DISTINCT = {8: 1118, 9: 24361}


def rows() -> Iterator[Row]:
    """Yield S_6 (S_7 at paper scale, 16 minutes) and its peer, S_8 and S_9, invariance of S_7."""
    packed.distinct(packed.kl_table(4))  # compiled code is loaded before anything is timed
    orbit_classes(4)
    n, repeats = scale(laptop=(6, 2), paper=(7, 1))
    name, ours, theirs = f"all {PAIRS[n]:,} pairs of S_{n}", lambda: every(n), lambda: readable(n)
    yield compare(name, ours, theirs, "the readable program", repeats)
    yield complete(8, 3)
    yield complete(9, 1)
    yield invariance(3)


def readable(n: int) -> None:
    """All pairs x <= w of S_n by the recursion as it stands in the definition."""
    for cache in (kazhdan_lusztig._kl, kazhdan_lusztig._corrections):
        cache.cache_clear()
    identity = tuple(range(1, n + 1))
    for w in all_permutations(identity):
        for x in permutations.bruhat_interval(identity, w):
            kazhdan_lusztig.kl_polynomial(x, w)


def every(n: int) -> None:
    """The packed table of S_n, and a look-up for all pairs of permutations, one w at a time."""
    packed.kl_table.cache_clear()
    table, everyone = packed.kl_table(n), np.arange(factorial(n))
    for w in everyone:
        packed.polynomials(table, everyone, np.full_like(everyone, w))


def complete(n: int, repeats: int) -> Row:
    """All extremal pairs of S_n and the set of distinct polynomials, from nothing."""
    entries = 0

    def everything() -> None:
        nonlocal entries
        table = packed.kl_table(n)
        found, entries = len(packed.distinct(table)), len(table.x)
        assert found == DISTINCT[n], f"S_{n}: {found} distinct polynomials, not {DISTINCT[n]}"

    times = []
    for _ in range(repeats):
        packed.kl_table.cache_clear()
        permutations.symmetric_group.cache_clear()
        times.append(timed(everything))
    packed.kl_table.cache_clear()
    note = f"{entries:,} entries; coxeter3 -O3, recorded elsewhere: {RECORDED[n]} CPU s"
    return Row(f"S_{n} complete, {DISTINCT[n]:,} polynomials", "—", times, None, note)


def invariance(repeats: int) -> Row:
    """Colour all 894,346 orbits of S_7 and compare the polynomials in each class."""

    def everything() -> None:
        pairs, classes, _ = orbit_classes(7)
        values = packed.polynomials(packed.kl_table(7), *pairs.T)
        count = len(np.unique(classes))
        exceptions = len(np.unique(np.column_stack([classes, values]), axis=0)) - count
        assert (count, exceptions) == (48_931, 0)

    times = []
    for _ in range(repeats):
        _orbit_classes.cache_clear()
        packed.kl_table.cache_clear()
        times.append(timed(everything))
    note = "48,931 colour classes, 0 exceptions"
    return Row("invariance of all 3,550,919 intervals of S_7", "—", times, None, note)
