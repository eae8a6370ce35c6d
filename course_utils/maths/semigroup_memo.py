"""Positions up to relabelling: symmetries of an instance, a table of positions, rollouts.

A position is determined by its a² cells, for propagation computes the rest. So a table of positions
keeps the cells alone, packed into a few integers, and one position for each class under the
symmetries of φ (the permutations of rows and columns that fix it).
"""

from itertools import permutations, product
from math import factorial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.semigroup_search import (
    ACTIVE,
    CONTRADICTION,
    DONE,
    LOOKAHEAD,
    child,
    choose,
    left_sets,
    propagate,
    root,
)

Symmetries = tuple[NDArray[np.int64], NDArray[np.int64]]

_ALL_SYMMETRIES = 10_000


def stabiliser(phi: NDArray[np.int64]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return all (rows, columns) with φ[rows[x], columns[p]] = φ[x, p], in lexicographic order.

    >>> stabiliser(np.array([[1, 1], [0, 0]]))
    [((0, 1), (0, 1)), ((0, 1), (1, 0))]
    """
    a, b = phi.shape
    places: dict[bytes, list[int]] = {}
    for p in range(b):
        places.setdefault(phi[:, p].tobytes(), []).append(p)
    found = []
    for rows in permutations(range(a)):
        moved = np.empty_like(phi)
        moved[list(rows)] = phi
        groups: dict[bytes, list[int]] = {}
        for p in range(b):
            groups.setdefault(moved[:, p].tobytes(), []).append(p)
        if any(len(places.get(column, [])) != len(old) for column, old in groups.items()):
            continue
        for images in product(*(permutations(places[column]) for column in groups)):
            columns = [0] * b
            for old, new in zip(groups.values(), images, strict=True):
                for p, q in zip(old, new, strict=True):
                    columns[p] = q
            found.append((rows, tuple(columns)))
    return sorted(found)


def symmetry_tables(phi: NDArray[np.int64]) -> Symmetries:
    """Return how each symmetry of φ moves cells (g, a²) and sets (g, 2^(b+1)), see `canonical`.

    >>> cells, sets = symmetry_tables(np.array([[1, 1], [0, 0]]))
    >>> cells.tolist(), sets.tolist()
    ([[0, 1, 2, 3], [0, 1, 2, 3]], [[0, 1, 2, 3, 4, 5, 6, 7], [0, 2, 1, 3, 4, 6, 5, 7]])
    """
    a, b = phi.shape
    if a > 7 or factorial(a) * factorial(b) > 10**6:
        raise ValueError(f"(a, b) = ({a}, {b}) is too large: a <= 7 and a! b! <= 10**6 must hold")
    group = stabiliser(phi)
    if len(group) > _ALL_SYMMETRIES:
        raise ValueError(f"(a, b) is too large: {len(group)} symmetries, over {_ALL_SYMMETRIES}")
    cells = np.empty((len(group), a * a), np.int64)
    sets = np.zeros((len(group), 2 ** (b + 1)), np.int64)
    masks = np.arange(2 ** (b + 1))
    for g, (rows, columns) in enumerate(group):
        back = np.argsort(rows)
        cells[g] = (back[:, None] * a + back).ravel()
        for p, q in enumerate((*columns, b)):
            sets[g] |= (masks >> p & 1) << q
    return cells, sets


@njit(cache=True)
def canonical(s: NDArray[np.int64], cells: NDArray[np.int64], sets: NDArray[np.int64]) -> int:
    """Return the first symmetry that makes the list of cells of s lexicographically least.

    Symmetry g moves s to the position whose cell i is sets[g, s[cells[g, i]]].
    """
    best = 0
    for g in range(1, len(cells)):
        for i in range(cells.shape[1]):
            new, old = sets[g, s[cells[g, i]]], sets[best, s[cells[best, i]]]
            if new != old:
                if new < old:
                    best = g
                break
    return best


@njit(cache=True)
def packed_words(a: int, b: int) -> int:
    """Return how many integers hold the cells of a position."""
    per_word = 62 // (b + 1)
    return (a * a + per_word - 1) // per_word


@njit(cache=True)
def pack(s, cells, sets, g, b, key):
    """Write the cells of s, moved by symmetry g, into the integers of `key`."""
    per_word = 62 // (b + 1)
    key[:] = 0
    for i in range(cells.shape[1]):
        key[i // per_word] = key[i // per_word] << (b + 1) | sets[g, s[cells[g, i]]]


@njit(cache=True)
def unpack(key, ones, b, s):
    """Write into s the position of a key: its cells, and what they imply."""
    a, per_word = len(ones), 62 // (b + 1)
    for i in range(a * a):
        last = min((i // per_word + 1) * per_word, a * a) - 1
        s[i] = key[i // per_word] >> ((last - i) * (b + 1)) & ((1 << (b + 1)) - 1)
    s[a * a : a * a + a] = (1 << (b + 1)) - 1
    s[a * a + a :] = (1 << b) - 1
    propagate(s, ones, (1 << (a * a)) - 1)


@njit(cache=True)
def find(slots, keys, size, key):
    """Return (slot, number) of a key in an open-addressing table; number = size when it is new."""
    mask = len(slots) - 1
    mixed = np.uint64(0)
    for word in key:
        mixed = (mixed ^ np.uint64(word)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    slot = np.int64(mixed & np.uint64(mask))
    while slots[slot] >= 0:
        number = slots[slot]
        same = True
        for w in range(len(key)):
            if keys[number, w] != key[w]:
                same = False
                break
        if same:
            return slot, number
        slot = (slot + 1) & mask
    return slot, size


@njit(cache=True)
def rollout_size(ones, b, cells, sets, level, capacity, power):
    """Return (passive, done, keys, costs) of a rollout proof; passive 0: `capacity` is too small.

    Level 0 is look7; level k + 1 cuts where the sum of the children's costs at level k is least,
    ties to the first cell. The cost of a position is remembered, at each level, for all positions
    that are equal up to a symmetry; values are tried in the order zero, 0, 1, ..., b - 1.
    """
    a = len(ones)
    width = a * a + 2 * a
    slots = np.full(4 * power, -1, np.int32)  # a power of two, >= capacity
    keys = np.zeros((capacity, packed_words(a, b)), np.int64)
    cost = np.zeros((capacity, level + 1), np.int64)  # 0: not known yet
    done = np.zeros(capacity, np.int64)  # the same for all strategies
    key = np.zeros(packed_words(a, b), np.int64)
    order, spare, other = np.arange(a * a), np.zeros(width, np.int64), np.zeros(width, np.int64)
    # A frame of the stack works out the cost of one position at one level. It sums over the values
    # of one cell after the other (at level 0 of the chosen cell only), and last of the best cell.
    most = (level + 1) * (a * a + 2)
    stack, frames = np.zeros((most, width), np.int64), np.zeros((most, 8), np.int64)
    NUMBER, LEVEL, CELL, VALUE, SUM, FOUND, BEST, LEAST = 0, 1, 2, 3, 4, 5, 6, 7
    stack[0] = root(ones, b)
    pack(stack[0], cells, sets, canonical(stack[0], cells, sets), b, key)
    keys[0] = key
    slots[find(slots, keys, 0, key)[0]] = 0
    frames[0, LEVEL], frames[0, CELL] = level, -1
    size, depth = 1, 0
    while depth >= 0:
        frame, s = frames[depth], stack[depth]
        if frame[CELL] < 0:
            frame[CELL], frame[BEST], frame[LEAST] = 0, -1, 1 << 60
            if frame[LEVEL] == 0:
                frame[CELL], frame[BEST] = a * a, choose(s, ones, b, LOOKAHEAD, order, spare)
        searching = frame[CELL] < a * a
        cell = frame[CELL] if searching else frame[BEST]
        below = frame[LEVEL] - 1 if searching else frame[LEVEL]
        complete = True
        if s[cell] & (s[cell] - 1) != 0:
            while frame[VALUE] <= b:
                p = frame[VALUE] - 1 if frame[VALUE] > 0 else b  # zero first
                status = child(s, ones, b, cell, p, other) if s[cell] >> p & 1 else CONTRADICTION
                frame[FOUND] += status == DONE
                if status == ACTIVE:
                    pack(other, cells, sets, canonical(other, cells, sets), b, key)
                    slot, k = find(slots, keys, size, key)
                    if k == size:
                        if size == capacity:
                            return 0, 0, keys, cost
                        keys[size], slots[slot] = key, size
                        size += 1
                    if cost[k, below] == 0:
                        complete = False
                        depth += 1
                        stack[depth], frames[depth] = other, 0
                        frames[depth, NUMBER], frames[depth, LEVEL] = k, below
                        frames[depth, CELL] = -1
                        break
                    frame[SUM] += cost[k, below]
                    frame[FOUND] += done[k]
                frame[VALUE] += 1
            if not complete:
                continue  # this value again when the child's cost is known
            if searching and frame[SUM] < frame[LEAST]:
                frame[LEAST], frame[BEST] = frame[SUM], cell
        if searching:
            frame[CELL] += 1
            frame[VALUE], frame[SUM], frame[FOUND] = 0, 0, 0
        else:
            cost[frame[NUMBER], frame[LEVEL]] = 1 + frame[SUM]
            done[frame[NUMBER]] = frame[FOUND]
            depth -= 1
    return cost[0, level], done[0], keys[:size], cost[:size]


def rollout_values(
    phi: NDArray[np.int64], symmetries: Symmetries
) -> tuple[int, int, NDArray[np.int64], NDArray[np.int64]]:
    """Return passive, done, positions (n, a² + 2a) and level-0 sizes (n,) of a level-1 rollout."""
    b, ones = phi.shape[1], left_sets(phi)
    passive, power = 0, 1 << 12
    while passive == 0:
        power *= 8
        passive, done, keys, cost = rollout_size(ones, b, *symmetries, 1, power, power)
    known = cost[:, 0] > 0
    return passive, done, unpack_all(keys[known], ones, b), cost[known, 0]


@njit(cache=True)
def unpack_all(keys, ones, b):
    """Return the positions (n, a² + 2a) of many keys."""
    a = len(ones)
    states = np.empty((len(keys), a * a + 2 * a), np.int64)
    for k in range(len(keys)):
        unpack(keys[k], ones, b, states[k])
    return states
