"""The least number of nodes of a proof, by best-first search of the AND/OR recursion.

C(p) = 1 + min over cuts of the sum of C over the active children. Every position carries a lower
bound, 1 at first; a visit replaces it by 1 + min over cuts of the sum of the children's bounds and
goes on below the cut that attains the minimum. The bound is exact once all those children are.
"""

import heapq
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.semigroup_instances import Instance, as_instance
from course_utils.maths.semigroup_memo import (
    canonical,
    find,
    pack,
    packed_words,
    stabiliser,
    symmetry_tables,
    unpack,
)
from course_utils.maths.semigroup_search import (
    ACTIVE,
    BENCHMARK,
    LOOKAHEAD,
    cell_order,
    child,
    count_nodes,
    left_sets,
    root,
)

Certificate = dict[str, Any]

LEAVES = ("associativity", "half-ones", "profile", "open", "done")  # by what `child` returns


class SearchLimit(ValueError):
    """A search that would take too long; the message says what it has proved so far."""


class Table(NamedTuple):
    """What a search knows: `number` positions, see `solve`."""

    finished: bool
    number: int
    keys: NDArray[np.int64]
    bounds: NDArray[np.int64]
    exact: NDArray[np.bool_]
    start: NDArray[np.int64]
    edges: NDArray[np.int32]

    def cuts(self, k: int) -> list[tuple[int, list[int]]]:
        """Return (cell, active children) for every cut of position k, an expanded one."""
        at, cuts = int(self.start[k]), []
        count = int(self.edges[at])
        at += 1
        for _ in range(count):
            end = at + 2 + int(self.edges[at + 1])
            cuts.append((int(self.edges[at]), self.edges[at + 2 : end].tolist()))
            at = end
        return cuts


@njit(cache=True)
def solve(ones, b, cells, sets, capacity, power, room):
    """Search until the root's bound is exact, or `capacity` positions or `room` edges are used up.

    Returns:
        finished, number of positions, keys (n, words), bounds (n,), exact (n,), start (n,) and
        edges: from start[k] on (-1: not expanded), the number of cuts of position k and for each
        cut its cell, its number of active children, and the children.
    """
    a = len(ones)
    width, words = a * a + 2 * a, packed_words(a, b)
    slots = np.full(4 * power, -1, np.int32)  # a power of two, >= capacity
    keys = np.zeros((capacity, words), np.int64)
    bounds = np.ones(capacity, np.int64)
    exact = np.zeros(capacity, np.bool_)
    start = np.full(capacity, -1, np.int64)
    edges = np.empty(room, np.int32)
    key = np.zeros(words, np.int64)
    s, t = root(ones, b), np.zeros(width, np.int64)
    pack(s, cells, sets, canonical(s, cells, sets), b, key)
    keys[0] = key
    slots[find(slots, keys, 0, key)[0]] = 0
    size, used, depth = 1, 0, 0
    path, limits = np.zeros(a * a + 2, np.int64), np.zeros(a * a + 2, np.int64)
    limits[0] = 1 << 60
    while depth >= 0:
        k = path[depth]
        if start[k] < 0:
            if used + 1 + a * a * (b + 3) > room or size + a * a * (b + 1) > capacity:
                return False, size, keys, bounds, exact, start, edges
            unpack(keys[k], ones, b, s)
            start[k] = used
            edges[used] = 0
            used += 1
            for cell in range(a * a):
                if s[cell] & (s[cell] - 1) == 0:
                    continue
                edges[start[k]] += 1
                edges[used] = cell
                count = used + 1
                edges[count] = 0
                used += 2
                for p in range(b + 1):
                    if s[cell] >> p & 1 and child(s, ones, b, cell, p, t) == ACTIVE:
                        pack(t, cells, sets, canonical(t, cells, sets), b, key)
                        slot, number = find(slots, keys, size, key)
                        if number == size:
                            keys[size] = key
                            slots[slot] = size
                            size += 1
                        edges[used] = number
                        edges[count] += 1
                        used += 1
        least, second, best, best_exact = 1 << 60, 1 << 60, -1, False
        at = start[k] + 1
        for _ in range(edges[start[k]]):
            total, all_exact = 1, True
            for e in range(at + 2, at + 2 + edges[at + 1]):
                total += bounds[edges[e]]
                all_exact &= exact[edges[e]]
            if total < least or (total == least and all_exact and not best_exact):
                least, second, best, best_exact = total, least, at, all_exact
            elif total < second:
                second = total
            at += 2 + edges[at + 1]
        bounds[k] = least
        if best_exact:
            exact[k] = True
            depth -= 1
        elif least > limits[depth]:
            depth -= 1
        else:
            chosen = -1
            for e in range(best + 2, best + 2 + edges[best + 1]):
                c = edges[e]
                if not exact[c] and (chosen < 0 or bounds[c] > bounds[chosen]):
                    chosen = c
            slack = min(limits[depth], second) - least
            depth += 1
            path[depth], limits[depth] = chosen, bounds[chosen] + slack
    return True, size, keys, bounds, exact, start, edges


def minimal_proof(
    a: int, b: int, instance: Instance, limit: int = 500_000
) -> tuple[int, Certificate]:
    """Return the least number of passive nodes of a proof, and a certificate that proves it.

    The certificate is plain data. `proof` is a graph of positions, each with the cell that is cut;
    its size is an upper bound. `bound` is a graph of positions with the outcome of every cut, from
    which the recursion gives a lower bound. `course_utils.maths.semigroup_certificates` explains
    the entries and checks them without this search.

    Args:
        a, b: numbers of elements of A and B.
        instance: σ, or the matrix φ of shape (a, b).
        limit: the largest number of positions to keep.

    Raises:
        ValueError: bad input, or the limit is reached (`SearchLimit`).

    >>> minimal_proof(3, 2, 5)[0]
    5
    """
    phi = as_instance(a, b, instance)
    a, b = phi.shape
    symmetries = symmetry_tables(phi)
    table = search(phi, symmetries, limit)
    size = int(table.bounds[0])
    proof, bound = _proof_positions(table), _bound_positions(table)
    group = stabiliser(phi)
    return size, {
        "a": a,
        "b": b,
        "instance": phi.tolist(),
        "size": size,
        "symmetries": [{"rows": list(r), "columns": list(c)} for r, c in group],
        "proof": _entries(table, phi, symmetries, proof, proof),
        "bound": _entries(table, phi, symmetries, bound, {}) if size > 1 else [],
    }


def minimal_size(a: int, b: int, instance: Instance, limit: int = 500_000) -> int:
    """Return the least number of passive nodes alone, without a certificate; see `minimal_proof`.

    >>> sum(minimal_size(3, 2, s) for s in range(13))
    151
    """
    phi = as_instance(a, b, instance)
    return int(search(phi, symmetry_tables(phi), limit).bounds[0])


def search(phi: NDArray[np.int64], symmetries: tuple, limit: int) -> Table:
    """Return the finished table of a search that keeps at most `limit` positions.

    Raises:
        SearchLimit: with the bounds proved so far.
    """
    if isinstance(limit, bool) or not isinstance(limit, int | np.integer) or limit < 1:
        raise ValueError(f"limit must be an integer >= 1, got {limit!r:.60}")
    a, b = phi.shape
    ones, capacity = left_sets(phi), 1 << 12
    while True:
        capacity = min(capacity, limit)
        power = 1 << (capacity - 1).bit_length()
        table = Table(*solve(ones, b, *symmetries, capacity, power, 96 * capacity + 4096))
        if table.finished:
            return table
        if capacity == limit:
            order = cell_order(a)
            sizes = [count_nodes(ones, b, s, order, 10**6)[0] for s in (BENCHMARK, LOOKAHEAD)]
            upper = min(sizes)
            known = f"at most {upper}" if upper <= 10**6 else "more than this program counts"
            raise SearchLimit(
                f"stopped at limit = {limit} positions: the smallest proof of this ({a}, {b}) "
                f"instance has at least {table.bounds[0]} nodes and {known}"
            )
        capacity *= 8


def _proof_positions(table: Table) -> dict[int, int]:
    """Return the positions of one smallest proof, and for each the first cell that attains it."""
    cut: dict[int, int] = {}
    todo = [0]
    while todo:
        k = todo.pop()
        if k in cut:
            continue
        for cell, children in table.cuts(k):
            total = 1 + int(table.bounds[children].sum())
            if total == table.bounds[k] and table.exact[children].all():
                cut[k] = cell
                todo += children
                break
    return cut


def _bound_positions(table: Table) -> set[int]:
    """Return positions whose bounds, taken together, prove the bound of the root.

    Each position is asked for no more than its parents need, and one that is asked for 1 is left
    out: every active position costs at least 1.
    """
    need = {0: int(table.bounds[0])}
    heap = [(-_freedom(table, 0), 0)]
    kept: set[int] = set()
    while heap:
        _, k = heapq.heappop(heap)
        if k in kept:
            continue
        kept.add(k)
        for _, children in table.cuts(k):
            counts = Counter(children)
            missing = need[k] - 1 - sum(n * need.get(c, 1) for c, n in counts.items())
            for c, n in sorted(counts.items(), key=lambda pair: pair[0] not in need):
                spare = int(table.bounds[c]) - need.get(c, 1)
                if missing <= 0 or spare == 0:
                    continue
                more = min(spare, -(-missing // n))
                if c not in need:
                    heapq.heappush(heap, (-_freedom(table, c), c))
                need[c] = need.get(c, 1) + more
                missing -= n * more
    return kept


def _freedom(table: Table, k: int) -> int:
    """Return the sum of the numbers of values of all cells: every cut makes it smaller."""
    return sum(int(word).bit_count() for word in table.keys[k])


@njit(cache=True)
def _outcomes(key, ones, b, cells, sets):
    """Return the cells (a²,) of a position, what its children are, their symmetries (a², b+1)."""
    a = len(ones)
    s, t = np.zeros(a * a + 2 * a, np.int64), np.zeros(a * a + 2 * a, np.int64)
    unpack(key, ones, b, s)
    status = np.full((a * a, b + 1), -1, np.int64)
    moved = np.full((a * a, b + 1), -1, np.int64)
    for cell in range(a * a):
        for p in range(b + 1):
            if s[cell] >> p & 1 and s[cell] & (s[cell] - 1):
                status[cell, p] = child(s, ones, b, cell, p, t)
                moved[cell, p] = canonical(t, cells, sets)
    return s[: a * a], status, moved


def _entries(table, phi, symmetries, positions, chosen) -> list[dict[str, Any]]:
    """Write positions for a certificate: with the `chosen` cut of each, or with all cuts."""
    a, b = phi.shape
    ones = left_sets(phi)
    keys = {k: table.keys[k].tolist() for k in positions}
    order = sorted(positions, key=lambda k: (-_freedom(table, k), keys[k]))
    place = {k: i for i, k in enumerate(order)}
    entries, value = [], {}
    for k in reversed(order):
        cells, status, moved = _outcomes(table.keys[k], ones, b, *symmetries)
        cuts, totals = [], []
        for cell, active in table.cuts(k):
            if chosen and cell != chosen[k]:
                continue
            numbers, children, total = iter(active), [], 1
            for p in range(b + 1):
                if status[cell, p] == ACTIVE:
                    c = next(numbers)
                    known = c in place
                    children.append([place[c], int(moved[cell, p])] if known else "open")
                    total += value.get(c, 1)
                elif status[cell, p] >= 0:
                    children.append(LEAVES[status[cell, p]])
            cuts.append({"cell": list(divmod(cell, a)), "children": children})
            totals.append(total)
        value[k] = min(totals)
        content = (
            {"size": value[k], "cut": cuts[0]} if chosen else {"bound": value[k], "cuts": cuts}
        )
        entries.append({"cells": cells.tolist(), **content})
    return entries[::-1]
