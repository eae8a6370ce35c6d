"""Many positions at once: their features, all their children, and one cut of each.

A position is a row of integers as in `semigroup_search`. Week 9 feeds the features to a network.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.semigroup_instances import Instance, as_instance
from course_utils.maths.semigroup_memo import (
    canonical,
    pack,
    packed_words,
    rollout_values,
    symmetry_tables,
    unpack_all,
)
from course_utils.maths.semigroup_search import (
    ACTIVE,
    DONE,
    LOOKAHEAD,
    child,
    choose,
    left_sets,
    root,
)

WORDS = ("associativity", "half-ones", "profile", "active", "done")  # by what `child` returns
FEATURES = (
    "log2 of the product of all cells",
    "open cells",
    "open pz",
    "open xyz",
    "pz known to be 1",
    "largest row, in log2",
    "smallest row, in log2",
    "largest column, in log2",
    "smallest column, in log2",
    "cells with two values",
    "cells with all values",
    "open cells that may be zero",
    "cells known to be zero",
    "values in all cells",
    "diagonal, in log2",
    "sum of squares of the rows",
    "sum of squares of the columns",
    "p with all pz known",
    "z with all pz known",
    "asymmetry: sum of |xy - yx|, in log2",
)


def first_position(phi: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first position of an instance, shape (1, a² + 2a).

    >>> first_position(np.array([[0], [1]])).tolist()
    [[3, 3, 3, 3, 3, 3, 1, 1]]
    """
    return root(left_sets(phi), phi.shape[1])[None]


def open_cells(state: NDArray[np.int64] | tuple[int, ...], a: int) -> list[int]:
    """Return the cells x·a + y of a position that have more than one possible value.

    >>> open_cells((3, 1, 2, 3, 3, 3, 1, 1), 2)
    [0, 3]
    """
    return [cell for cell in range(a * a) if int(state[cell]).bit_count() > 1]


def outcomes(
    state: NDArray[np.int64] | tuple[int, ...], cell: int, phi: NDArray[np.int64]
) -> list[tuple[str, tuple[int, ...]]]:
    """Return (word, position) for each possible value of a cell, in order, zero last.

    The word is "associativity", "half-ones" or "profile" (impossible), "done" or "active".

    Raises:
        ValueError: the cell is not open.

    >>> phi = np.array([[0], [1]])
    >>> [word for word, _ in outcomes(first_position(phi)[0], 3, phi)]
    ['done', 'done']
    """
    a, b = phi.shape
    if cell not in open_cells(state, a):
        raise ValueError(f"cell must be one of {open_cells(state, a)}, got {cell!r:.60}")
    s, out = np.array(state, np.int64), np.empty(a * a + 2 * a, np.int64)
    ones, found = left_sets(phi), []
    for p in range(b + 1):
        if s[cell] >> p & 1:
            status = child(s, ones, b, cell, p, out)
            found.append((WORDS[status], tuple(out.tolist())))
    return found


def position_features(states: NDArray[np.int64], phi: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the numbers that FEATURES names, shape (n, 20), for positions (n, a² + 2a)."""
    out = np.empty((len(states), len(FEATURES)), np.float32)
    for s, row in zip(states, out, strict=True):
        _features(s, left_sets(phi), phi.shape[1], row)
    return out


def all_children(
    states: NDArray[np.int64], phi: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return the active children of n positions under every cut.

    Returns:
        position (k,), cell (k,), and features (k, 20) of each active child, and `closed`, a Boolean
        array (n, a²): the cells that cannot be cut.
    """
    return _all_children(states, left_sets(phi), phi.shape[1], len(FEATURES))


def cut_positions(
    states: NDArray[np.int64], cells: NDArray[np.int64], phi: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Cut position k at cells[k]; return the active children, their parents, and the done ones.

    Returns:
        (children (m, a² + 2a), parents (m,), number of done children (n,)).

    Raises:
        ValueError: a cell is not open.
    """
    a = len(phi)
    cells = np.asarray(cells)
    if cells.shape != (len(states),) or not ((cells >= 0) & (cells < a * a)).all():
        raise ValueError(
            f"cells must be one of 0..{a * a - 1} for each position, got {cells!r:.80}"
        )
    values = states[np.arange(len(states)), cells]
    closed = (values & (values - 1)) == 0
    if closed.any():
        k = int(closed.argmax())
        raise ValueError(f"cells[{k}] must be an open cell of position {k}, got {int(cells[k])}")
    return _cut(states, cells, left_sets(phi), phi.shape[1])


def merge_positions(
    states: NDArray[np.int64], phi: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return one position for each class under the symmetries of φ, and the class of each state.

    Returns:
        (merged (m, a² + 2a), which (n,)): states[k] is merged[which[k]] after a relabelling.

    >>> phi = np.array([[1, 1], [0, 0]])
    >>> halves = [s for word, s in outcomes(first_position(phi)[0], 0, phi) if word == "active"]
    >>> len(halves), merge_positions(np.array(halves), phi)[1].tolist()
    (2, [0, 0])
    """
    ones, b = left_sets(phi), phi.shape[1]
    keys = _keys(states, *symmetry_tables(phi), b)
    keys, which = np.unique(keys, axis=0, return_inverse=True)
    return unpack_all(keys, ones, b), which.ravel()


@njit(cache=True)
def _keys(states, cells, sets, b):
    a = round(cells.shape[1] ** 0.5)
    keys = np.zeros((len(states), packed_words(a, b)), np.int64)
    for k in range(len(states)):
        pack(states[k], cells, sets, canonical(states[k], cells, sets), b, keys[k])
    return keys


def lookahead_cells(states: NDArray[np.int64], phi: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cell that the strategy "lookahead" cuts in each position, shape (n,)."""
    return _lookahead(states, left_sets(phi), phi.shape[1])


def rollout_with_values(
    a: int, b: int, instance: Instance
) -> tuple[int, int, NDArray[np.int64], NDArray[np.int64]]:
    """Return the rollout proof's passive and done nodes, and all positions that it looked at.

    Returns:
        (passive, done, states (n, a² + 2a), lookahead proof sizes (n,)): one position for each
        class under the symmetries of φ.

    >>> passive, done, states, sizes = rollout_with_values(3, 2, 0)
    >>> passive, done, len(states) == len(sizes)
    (9, 1, True)
    """
    phi = as_instance(a, b, instance)
    return rollout_values(phi, symmetry_tables(phi))


@njit(cache=True)
def _features(s, ones, b, out):
    a = len(ones)
    out[:] = 0
    out[6], out[8] = 1e9, 1e9
    rows, columns = np.zeros(a), np.zeros(a)
    logs = np.zeros(a * a)
    for i in range(a * a):
        size = 0
        for p in range(b + 1):
            size += s[i] >> p & 1
        logs[i] = np.log2(size)
        rows[i // a] += logs[i]
        columns[i % a] += logs[i]
        out[1] += size > 1
        out[9] += size == 2
        out[10] += size == b + 1
        out[11] += size > 1 and (s[i] >> b & 1) == 1
        out[12] += s[i] == 1 << b
        out[13] += size
    every = -1
    for z in range(a):
        zero, one = s[a * a + z], s[a * a + a + z]
        unknown = 0
        for p in range(b):
            unknown += (zero & one) >> p & 1
            out[4] += (one & ~zero) >> p & 1
        out[2] += unknown
        out[18] += unknown == 0
        every &= zero ^ one
        for x in range(a):
            for y in range(a):
                u, v = s[x * a + y], s[y * a + z]
                may_zero = (v & ~ones[x]) != 0 and (u & zero) != 0
                out[3] += may_zero and (v & ones[x]) != 0 and (u & one) != 0
    for p in range(b):
        out[17] += every >> p & 1
    for x in range(a):
        out[0] += rows[x]
        out[5], out[6] = max(out[5], rows[x]), min(out[6], rows[x])
        out[7], out[8] = max(out[7], columns[x]), min(out[8], columns[x])
        out[14] += logs[x * a + x]
        out[15] += rows[x] ** 2
        out[16] += columns[x] ** 2
        for y in range(x):
            out[19] += abs(logs[x * a + y] - logs[y * a + x])


@njit(cache=True)
def _all_children(states, ones, b, count):
    a, n = len(ones), len(states)
    most = n * a * a * (b + 1)
    position, cell = np.empty(most, np.int64), np.empty(most, np.int64)
    features = np.empty((most, count), np.float32)
    closed = np.zeros((n, a * a), np.bool_)
    t = np.zeros(states.shape[1], np.int64)
    k = 0
    for i in range(n):
        s = states[i]
        for c in range(a * a):
            closed[i, c] = s[c] & (s[c] - 1) == 0
            if closed[i, c]:
                continue
            for p in range(b + 1):
                if s[c] >> p & 1 and child(s, ones, b, c, p, t) == ACTIVE:
                    position[k], cell[k] = i, c
                    _features(t, ones, b, features[k])
                    k += 1
    return position[:k], cell[:k], features[:k], closed


@njit(cache=True)
def _cut(states, cells, ones, b):
    n = len(states)
    children = np.empty((n * (b + 1) + 1, states.shape[1]), np.int64)
    parents = np.empty(n * (b + 1) + 1, np.int64)
    done = np.zeros(n, np.int64)
    k = 0
    for i in range(n):
        for p in range(b + 1):
            if states[i, cells[i]] >> p & 1:
                status = child(states[i], ones, b, cells[i], p, children[k])
                parents[k] = i
                done[i] += status == DONE
                k += status == ACTIVE
    return children[:k], parents[:k], done


@njit(cache=True)
def _lookahead(states, ones, b):
    order, spare = np.arange(len(ones) ** 2), np.zeros(states.shape[1], np.int64)
    out = np.zeros(len(states), np.int64)
    for i in range(len(states)):
        out[i] = choose(states[i], ones, b, LOOKAHEAD, order, spare)
    return out
