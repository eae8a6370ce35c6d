"""Compiled loops of `bruhat_cubes`: all intervals of S_n that are hypercubes, counted.

Permutations are numbered by length, so a permutation covers only smaller numbers.
"""

import numpy as np
from numba import njit


@njit("int64(int64)", cache=True)
def _bits(number):
    count = 0
    while number:
        number &= number - 1
        count += 1
    return count


@njit("boolean(uint64[:, ::1], uint64, int64, int64)", cache=True)
def _is_below(words, guard, x, w):
    below = True
    for i in range(words.shape[1]):
        below = below and ((words[w, i] | guard) - words[x, i]) & guard == guard
    return below


@njit("int64[::1](int64[::1], int64[::1])", cache=True)
def count_cubes(starts, lower):
    """Cubes by dimension, and in the last place all pairs; place w covers lower[starts[w]:...]."""
    outside, other = -1, -2
    counts = np.zeros(34, np.int64)
    atoms = np.empty(len(starts) - 1, np.int64)  # the atoms of [x, w], or why it is no cube
    height = np.zeros(len(starts) - 1, np.int64)
    for x in range(len(atoms)):
        atoms[: x + 1], height[x], found = outside, 0, 0
        atoms[x] = 0
        counts[0] += 1
        counts[-1] += 1
        for w in range(x + 1, len(atoms)):
            union, missing, degree, cube = 0, 0, 0, True
            for c in lower[starts[w] : starts[w + 1]]:
                if atoms[c] != outside:
                    degree += 1
                    height[w] = height[c] + 1
                    cube = cube and atoms[c] != other
                    union |= atoms[c]
            if degree == 0:
                atoms[w] = outside
                continue
            counts[-1] += 1
            if height[w] == 1:
                union = 1 << found
                found += 1
            elif cube:
                for c in lower[starts[w] : starts[w + 1]]:
                    if atoms[c] != outside:
                        missing |= union ^ atoms[c]
                cube = degree == height[w] == _bits(union) and missing == union
            atoms[w] = union if cube else other
            counts[height[w]] += cube
    return counts


@njit(
    "int64[::1](uint64[:, ::1], uint64, int64[::1], int64[::1], int64[::1], int64[::1])",
    cache=True,
)
def grow_cubes(words, guard, starts, lower, upper_starts, upper):
    """Cubes by dimension; `atoms` is negative for all w that are no top of a cube [x, w] found."""
    size = len(words)
    counts = np.zeros(34, np.int64)
    atoms, fresh = np.empty(size, np.int64), np.empty(size, np.int64)
    level, above = np.empty(size, np.int64), np.empty(size, np.int64)
    seen = np.full(size, -1)  # the last (x, dimension) that tried this w
    for x in range(size):
        atoms[:], atoms[x], level[0], width, height = -1, 0, x, 1, 0
        while width:
            counts[height] += width
            height += 1
            found = 0
            for y in level[:width]:
                for w in upper[upper_starts[y] : upper_starts[y + 1]]:
                    if seen[w] == 64 * x + height:
                        continue
                    seen[w] = 64 * x + height
                    union, missing, degree, cube = 0, 0, 0, True
                    for c in lower[starts[w] : starts[w + 1]]:
                        if atoms[c] >= 0:
                            union |= atoms[c]
                            degree += 1
                        elif _is_below(words, guard, x, c):
                            cube = False
                            break
                    if height == 1:
                        union = 1 << found
                    elif cube:
                        for c in lower[starts[w] : starts[w + 1]]:
                            if atoms[c] >= 0:
                                missing |= union ^ atoms[c]
                        cube = degree == height == _bits(union) and missing == union
                    if cube:
                        above[found], fresh[w] = w, union
                        found += 1
            for w in above[:found]:
                atoms[w] = fresh[w]
            level[:found], width = above[:found], found
    return counts
