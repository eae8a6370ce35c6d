"""All intervals of S_n up to symmetry, and the colours of their Bruhat graphs.

Kernels for `bruhat_graphs.py` and for the exact check of combinatorial invariance: the
graphs of all 894,346 orbits of S_7 are built, coloured and forgotten one after another.
"""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.parallel import in_threads
from course_utils.maths.permutations import check_size, symmetric_group

MAX_CLASSES = 7


def orbit_classes(
    n: int, rounds: int = 2
) -> tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.int32]]:
    """Return one pair x <= w an orbit of S_n, its colour class, and its number of vertices.

    Orbits under (x, w) -> (x^{-1}, w^{-1}) and (w0 x w0, w0 w w0), which keep the Bruhat
    graph. Colours are 64-bit hashes (multisets as sums of mixed hashes), the same in every
    run and for every n. A collision could only merge classes; among all vertices of all
    graphs of S_7 (164 million) one occurs with probability below 0.002.

    Returns:
        pairs (k, 2), ranks of x and w, ordered by (w, x); classes (k,); vertices (k,).

    Raises:
        ValueError: n not in 1..7 or rounds not in 0..2; the message names the pairs.

    >>> [len(orbit_classes(n)[0]) for n in (3, 4, 5)]
    [10, 84, 1072]
    """
    check_size(n, MAX_CLASSES, "classes of intervals")
    if isinstance(rounds, bool) or rounds not in (0, 1, 2):
        raise ValueError(f"rounds must be 0, 1 or 2, got {rounds!r}")
    return _orbit_classes(int(n), int(rounds))


@lru_cache(maxsize=8)
def _orbit_classes(
    n: int, rounds: int
) -> tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.int32]]:
    tables = interval_tables(n)

    def task(first: int, last: int) -> tuple[NDArray, NDArray, NDArray]:
        return _hash_orbits(tables, first, last, rounds)

    parts = in_threads(task, 0, len(tables.lengths), size=16)
    pairs, classes, vertices = (np.concatenate(column) for column in zip(*parts, strict=True))
    return pairs, classes, vertices


class IntervalTables(NamedTuple):
    """What the kernels need of S_n; indices are lexicographic ranks, t counts reflections."""

    lengths: NDArray[np.int16]  # (n!,)
    by_length: NDArray[np.int32]  # (n!,): ranks by length, then lexicographically
    degree: NDArray[np.int16]  # (n!,): number of yt longer than y
    up: NDArray[np.int32]  # (n!, n(n-1)/2): their ranks in the first places
    label: NDArray[np.int8]  # (n!, n(n-1)/2): their t
    reflections: NDArray[np.int8]  # (n(n-1)/2, 2): positions i < j
    images: NDArray[np.int32]  # (4, n!): y, its inverse, w0 y w0, w0 y^{-1} w0
    words: NDArray[np.uint64]  # (n!, n-1), see permutations.symmetric_group
    guard: np.uint64


@cache
def interval_tables(n: int) -> IntervalTables:
    """Return the tables of S_n, 1 <= n <= 8.

    >>> interval_tables(3).degree.tolist()  # 123, 132, 213, 231, 312, 321
    [3, 2, 2, 1, 1, 0]
    """
    group = symmetric_group(n)
    places = [(i, j) for i in range(n) for j in range(i + 1, n)]
    powers = (n + 1) ** np.arange(n, dtype=np.int64)
    codes = group.one_line @ powers  # a number for each permutation
    by_code = np.argsort(codes)
    up = np.empty((len(codes), len(places)), np.int32)
    for t, (i, j) in enumerate(places):
        gain = group.one_line[:, j].astype(np.int64) - group.one_line[:, i]
        target = codes + gain * (powers[i] - powers[j])
        up[:, t] = np.where(gain > 0, by_code[np.searchsorted(codes[by_code], target)], -1)
    label = np.argsort(up < 0, axis=1, kind="stable")  # the longer ones first
    return IntervalTables(
        group.lengths,
        np.argsort(group.lengths, kind="stable").astype(np.int32),
        (up >= 0).sum(axis=1).astype(np.int16),
        np.take_along_axis(up, label, axis=1),
        label.astype(np.int8),
        np.array(places, np.int8).reshape(-1, 2) + np.int8(1),
        np.stack(
            [
                np.arange(len(codes), dtype=np.int32),
                group.inverse,
                group.conjugate,
                group.conjugate[group.inverse],
            ]
        ),
        group.words,
        group.guard,
    )


@njit(cache=True, nogil=True)
def _leq(tables, x, w):
    guard = tables.guard
    for i in range(tables.words.shape[1]):
        if ((tables.words[w, i] | guard) - tables.words[x, i]) & guard != guard:
            return False
    return True


@njit(cache=True, nogil=True)
def interval(tables, x, w, inside, place):
    """Write the ranks of [x, w] by length into inside, their places into place; return the size."""
    size = 0
    for y in tables.by_length:
        if tables.lengths[y] > tables.lengths[w]:
            break
        if tables.lengths[y] >= tables.lengths[x] and _leq(tables, x, y) and _leq(tables, y, w):
            inside[size], place[y] = y, size
            size += 1
    return size


@njit(cache=True, nogil=True)
def _least(tables, x, w):
    """Whether (w, x) is the lexicographically first of its orbit."""
    for g in range(1, 4):
        v = tables.images[g, w]
        if v < w or (v == w and tables.images[g, x] < x):
            return False
    return True


@njit(cache=True, nogil=True)
def _hash_orbits(tables, first, last, rounds):
    """Orbits (x, w) with first <= w < last: pairs, colour classes, numbers of vertices."""
    total = len(tables.lengths)
    lower, inside = np.empty(total, np.int32), np.empty(total, np.int32)
    place = np.full(total, -1, np.int32)
    most = total * tables.up.shape[1] // 2 + 1
    edges = np.empty((most, 2), np.int32)
    colours = np.empty((3, total), np.uint64)
    pairs = np.empty((total * (last - first), 2), np.int32)
    classes = np.empty(len(pairs), np.uint64)
    vertices = np.empty(len(pairs), np.int32)
    count = 0
    for w in range(first, last):
        below = 0
        for y in range(total):  # lexicographic, so that pairs come ordered by (w, x)
            if tables.lengths[y] <= tables.lengths[w] and _leq(tables, y, w):
                lower[below] = y
                below += 1
        for x in lower[:below]:
            if not _least(tables, x, w):
                continue
            size = 0
            for y in lower[:below]:
                if tables.lengths[y] >= tables.lengths[x] and _leq(tables, x, y):
                    inside[size], place[y] = y, size
                    size += 1
            m = 0
            for v in range(size):
                for z in tables.up[inside[v], : tables.degree[inside[v]]]:
                    if place[z] >= 0:
                        edges[m, 0], edges[m, 1] = v, place[z]
                        m += 1
            place[inside[:size]] = -1
            pairs[count, 0], pairs[count, 1], vertices[count] = x, w, size
            classes[count] = _graph_hash(edges[:m], size, rounds, colours)
            count += 1
    return pairs[:count].copy(), classes[:count].copy(), vertices[:count].copy()


@njit(cache=True, nogil=True)
def _graph_hash(edges, size, rounds, colours):
    """Hash of the multiset of colours after some rounds of refinement."""
    old, outs, ins = colours[0], colours[1], colours[2]
    old[:size] = 1
    for _ in range(rounds):
        for v in range(size):
            old[v] = mix(old[v])
            outs[v], ins[v] = 0, 0
        for e in range(len(edges)):
            outs[edges[e, 0]] += old[edges[e, 1]]
            ins[edges[e, 1]] += old[edges[e, 0]]
        for v in range(size):
            old[v] = mix(old[v] ^ mix(outs[v] ^ mix(ins[v])))
    total = np.uint64(0)
    for v in range(size):
        total += mix(old[v])
    return total


@njit(cache=True, nogil=True)
def mix(value):
    """The finaliser of splitmix64: a bijection of 64-bit words."""
    value = np.uint64(value) + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
