"""Positions of the classification puzzle, propagated and searched by compiled code.

A position is a row of a² + 2a integers, each a set of elements of B + 0 (bit p is the element p,
bit b is zero): cell x·a + y holds the possible values of xy for x, y in A; then, for every z in A,
the p for which pz = 0 is possible, and the p for which pz = 1 is possible. The triple products
x(yz) = (xy)z need no memory: what is possible for them can be read off these sets.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

CONTRADICTION, HALF_ONES, PROFILE, ACTIVE, DONE = 0, 1, 2, 3, 4  # what a child can be
BENCHMARK, MRV, LOOKAHEAD = 0, 1, 2
_TOLERANCE = 1e-9


def left_sets(phi: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for every x in A the set of all p with xp = 1, shape (a,).

    >>> left_sets(np.array([[1, 1], [0, 1]])).tolist()
    [3, 2]
    """
    return (phi << np.arange(phi.shape[1])).sum(1)


def cell_order(a: int) -> NDArray[np.int64]:
    """Return the cells x·a + y in the benchmark order of the published program.

    >>> cell_order(3).tolist()
    [0, 4, 3, 1, 8, 2, 5, 6, 7]
    """
    first = [c for c in ((0, 0), (1, 1), (1, 0), (0, 1), (2, 2)) if max(c) < a]
    cells = [x * a + y for x, y in first]
    return np.array(cells + [c for c in range(a * a) if c not in cells], np.int64)


@njit(cache=True)
def root(ones: NDArray[np.int64], b: int) -> NDArray[np.int64]:
    """Return the first position, shape (a² + 2a,): everything possible, but 0·z = 0."""
    a = len(ones)
    s = np.full(a * a + 2 * a, (1 << (b + 1)) - 1, np.int64)
    s[a * a + a :] = (1 << b) - 1
    propagate(s, ones, (1 << (a * a)) - 1)
    return s


@njit(cache=True, inline="always")
def _triple(s, ones, a, x, y, z):
    """Make the sets of x(yz) = (xy)z consistent; 1, 2, 4: xy, yz, ·z changed; 8: contradiction."""
    i, j = np.uintp(x * a + y), np.uintp(y * a + z)  # unsigned: no check for negative indices
    k, ka = np.uintp(a * a + z), np.uintp(a * a + a + z)
    u, v, zero, one, left = s[i], s[j], s[k], s[ka], ones[np.uintp(x)]
    can_zero = (v & ~left) != 0 and (u & zero) != 0
    can_one = (v & left) != 0 and (u & one) != 0
    if can_zero and can_one:
        return 0
    if not (can_zero or can_one):
        return 8
    new_v = v & left if can_one else v & ~left
    new_u = u & one if can_one else u & zero
    if i == j:
        new_u &= new_v
        new_v = new_u
        if new_u == 0:
            return 8
    s[i], s[j] = new_u, new_v
    changed = (1 if new_u != u else 0) | (2 if new_v != v else 0)
    if new_u & (new_u - 1) == 0:  # xy is known: so is (xy)z
        if can_one and zero & new_u:
            s[k] = zero & ~new_u
            changed |= 4
        elif can_zero and one & new_u:
            s[ka] = one & ~new_u
            changed |= 4
    return changed


@njit(cache=True)
def propagate(s: NDArray[np.int64], ones: NDArray[np.int64], cells: int) -> int:
    """Propagate the changes of some cells (a bit set) in place, to the fixpoint.

    Returns:
        -1 on a contradiction, else the set of z for which some product pz became known.
    """
    a = len(ones)
    columns, touched = 0, 0
    while cells | columns:
        for i in range(a * a):
            if not (cells >> i) & 1:
                continue
            cells &= ~(1 << i)
            x, y = i // a, i % a
            for z in range(a):
                code = _triple(s, ones, a, x, y, z)
                if code & 8:
                    return -1
                cells |= (code & 1) << i | (code >> 1 & 1) << (y * a + z)
                columns |= (code >> 2) << z
            for w in range(a):
                code = _triple(s, ones, a, w, x, y)
                if code & 8:
                    return -1
                cells |= (code & 1) << (w * a + x) | (code >> 1 & 1) << i
                columns |= (code >> 2) << y
        touched |= columns
        for z in range(a):
            if not (columns >> z) & 1:
                continue
            columns &= ~(1 << z)
            for x in range(a):
                for y in range(a):
                    code = _triple(s, ones, a, x, y, z)
                    if code & 8:
                        return -1
                    cells |= (code & 1) << (x * a + y) | (code >> 1 & 1) << (y * a + z)
                    columns |= (code >> 2) << z
        touched |= columns
    return touched


@njit(cache=True)
def fired(s: NDArray[np.int64], ones: NDArray[np.int64], b: int) -> int:
    """Return the filter that makes a position impossible, ACTIVE when there is none.

    HALF_ONES: ψ has more known ones than φ has ones. PROFILE: two elements of B + 0 are known to
    multiply A alike from both sides.
    """
    a = len(ones)
    surplus, known = 0, -1
    for x in range(a):
        zero, one = s[a * a + x], s[a * a + a + x]
        known &= zero ^ one
        for p in range(b):
            surplus += ((one & ~zero) >> p & 1) - (ones[x] >> p & 1)
    if surplus > 0:
        return HALF_ONES
    for p in range(b):
        if not (known >> p) & 1:
            continue
        for q in range(p + 1, b + 1):
            if (known >> q) & 1:
                differ = 0
                for x in range(a):
                    one = s[a * a + a + x]
                    differ |= ((ones[x] >> p) ^ (ones[x] >> q) | (one >> p) ^ (one >> q)) & 1
                if not differ:
                    return PROFILE
    return ACTIVE


@njit(cache=True)
def child(
    s: NDArray[np.int64], ones: NDArray[np.int64], b: int, cell: int, p: int, out: NDArray[np.int64]
) -> int:
    """Write into `out` the position once the cell's value is p; return what that child is."""
    for i in range(len(s)):
        out[np.uintp(i)] = s[np.uintp(i)]
    out[cell] = 1 << p
    touched = propagate(out, ones, 1 << cell)
    if touched < 0:
        return CONTRADICTION
    if touched > 0:
        filtered = fired(out, ones, b)
        if filtered != ACTIVE:
            return filtered
    for i in range(len(ones) ** 2):
        if out[np.uintp(i)] & (out[np.uintp(i)] - 1):
            return ACTIVE
    return DONE


@njit(cache=True)
def look7(s: NDArray[np.int64], a: int, b: int) -> float:
    """Return the score 2^(½(Σ log2 |cell| + ½ #open pz)) of a position."""
    product, unknown = 1.0, 0
    for i in range(a * a):
        size = 0
        for p in range(b + 1):
            size += s[i] >> p & 1
        product *= size
    for z in range(a):
        both = s[a * a + z] & s[a * a + a + z]
        for p in range(b):
            unknown += both >> p & 1
    return np.sqrt(product) * 2.0 ** (0.25 * unknown)


@njit(cache=True)
def choose(s, ones, b, strategy, order, spare):
    """Return the cell that a strategy cuts, -1 when none is open; `spare` is scratch, like s."""
    a = len(ones)
    best, best_value = -1, np.inf
    for k in range(a * a):
        cell = order[k] if strategy != LOOKAHEAD else k
        if s[cell] & (s[cell] - 1) == 0:
            continue
        if strategy == BENCHMARK:
            return cell
        value = 0.0
        for p in range(b + 1):
            if s[cell] >> p & 1:
                if strategy == MRV:
                    value += 1
                elif child(s, ones, b, cell, p, spare) == ACTIVE:
                    value += look7(spare, a, b)
        if value < best_value * (1 - _TOLERANCE):
            best, best_value = cell, value
    return best


@njit(cache=True)
def count_nodes(ones, b, strategy, order, limit):
    """Return (passive, done) of the proof of a strategy; passive > limit: it was stopped."""
    a = len(ones)
    stack = np.zeros((a * a * (b + 1) + 2, a * a + 2 * a), np.int64)
    here, spare = np.zeros(a * a + 2 * a, np.int64), np.zeros(a * a + 2 * a, np.int64)
    stack[0] = root(ones, b)
    height, passive, done = 1, 0, 0
    while height > 0 and passive <= limit:
        height -= 1
        here[:] = stack[height]
        passive += 1
        cell = choose(here, ones, b, strategy, order, spare)
        for p in range(b + 1):
            if here[cell] >> p & 1:
                status = child(here, ones, b, cell, p, stack[height])
                height += status == ACTIVE
                done += status == DONE
    return passive, done
