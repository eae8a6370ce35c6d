"""Wrong answers to week 5: the mistakes that people make."""

from itertools import combinations

import numpy as np

from course_utils.exercises import week05
from course_utils.maths.permutations import bruhat_leq, length, right_descents

# 5.1: answers are (length, right_descents, bruhat_leq)


def _descents_from_zero(w):
    return {i for i in range(len(w) - 1) if w[i] > w[i + 1]}


def _leq_by_length(x, w):
    return length(x) < length(w) or tuple(x) == tuple(w)


def _leq_weak(x, w):
    """Containment of inversion sets: the weak order."""

    def inversions(p):
        return {(p[j], p[i]) for i, j in combinations(range(len(p)), 2) if p[i] > p[j]}

    return inversions(x) <= inversions(w)


def _leq_without_sorting(x, w):
    return all(sum(x[:i]) <= sum(w[:i]) for i in range(len(x)))


def _left_descents(w):
    return {i for i in range(1, len(w)) if w.index(i) > w.index(i + 1)}


# 5.2


def _hasse(x, w):
    return [(y, z) for y, z in week05.bruhat_edges(x, w) if length(z) == length(y) + 1]


def _leaves_the_interval(x, w):
    group = week05.bruhat_edges(tuple(range(1, len(x) + 1)), tuple(range(len(x), 0, -1)))
    return [(y, z) for y, z in group if bruhat_leq(x, y)]


def _undirected(x, w):
    edges = week05.bruhat_edges(x, w)
    return edges + [(z, y) for y, z in edges]


def _neighbouring_places(x, w):
    def places(y, z):
        return [i for i, (a, b) in enumerate(zip(y, z, strict=True)) if a != b]

    return [e for e in week05.bruhat_edges(x, w) if np.diff(places(*e))[0] == 1]


# 5.3


def _exactly(readout, H, rng):
    expected = readout(H)
    return all(np.array_equal(readout(rng.permutation(H)), expected) for _ in range(40))


def _reversal_only(readout, H, rng):
    return bool(np.allclose(readout(H[::-1]), readout(H)))


def _rotations_only(readout, H, rng):
    expected = readout(H)
    return all(np.allclose(readout(np.roll(H, k, axis=0)), expected) for k in range(len(H)))


def _once(readout, H, rng):
    return bool(np.allclose(readout(rng.permutation(H)), readout(H), rtol=1e-4))


def _permutes_columns(readout, H, rng):
    expected = readout(H)
    orders = (rng.permutation(H.shape[1]) for _ in range(40))
    try:
        return all(np.allclose(readout(H[:, order]), expected, rtol=1e-4) for order in orders)
    except ValueError:
        return False


# 5.4


def _forgets_the_old_colour(colours, outs, ins):
    plain = week05.refine(colours, outs, ins)
    keys = [
        str((sorted(colours[v] for v in outs[u]), sorted(colours[v] for v in ins[u])))
        for u in range(len(plain))
    ]
    return [sorted(set(keys)).index(key) for key in keys]


def _sets_of_colours(colours, outs, ins):
    def seen(row):
        return sorted({colours[v] for v in row})

    keys = [str((c, seen(outs[u]), seen(ins[u]))) for u, c in enumerate(colours)]
    return [sorted(set(keys)).index(key) for key in keys]


def _sums_of_colours(colours, outs, ins):
    def seen(row):
        return sum(colours[v] for v in row), len(row)

    keys = [(c, seen(outs[u]), seen(ins[u])) for u, c in enumerate(colours)]
    return [sorted(set(keys)).index(key) for key in keys]


def _undirected_refinement(colours, outs, ins):
    both = [a + b for a, b in zip(outs, ins, strict=True)]
    return week05.refine(colours, both, [[] for _ in both])


# 5.5: answers are (neighbour_sum, neighbour_sum_backward)


def _reduceat(indptr, indices, H):
    if len(indices) == 0:
        return np.zeros_like(H)
    return np.add.reduceat(H[indices], np.minimum(indptr[:-1], len(indices) - 1), axis=0)


def _assigns_repeatedly(indptr, indices, G):
    out = np.zeros_like(G)
    tails = np.repeat(np.arange(len(G)), np.diff(indptr))
    out[indices] += G[tails]
    return out


def _mean(indptr, indices, H):
    return week05.neighbour_sum(indptr, indices, H) / np.maximum(np.diff(indptr), 1)[:, None]


# 5.6


def _first_vertex(outs):
    """Takes vertex 0 for the source: right when the names happen to be in order."""
    renamed = week05.excess(outs)
    targets = {u for row in outs for u in row}
    (source,) = (v for v in range(len(outs)) if v not in targets)
    return renamed - len(outs[source]) + len(outs[0])


def _shortest_path(outs):
    targets = {u for row in outs for u in row}
    (source,) = (v for v in range(len(outs)) if v not in targets)
    reached, steps = {source}, 0
    while not any(not outs[v] for v in reached):
        reached, steps = {u for v in reached for u in outs[v]}, steps + 1
    return len(outs[source]) - steps


def _sink_degree(outs):
    targets = {u for row in outs for u in row}
    (source,) = (v for v in range(len(outs)) if v not in targets)
    (sink,) = (v for v in range(len(outs)) if not outs[v])
    degree = sum(row.count(sink) for row in outs)
    return week05.excess(outs) - len(outs[source]) + degree


# 5.7

_E, _X, _W = (1, 2, 3, 4, 5), (2, 4, 5, 3, 1), (3, 2, 5, 4, 1)


WRONG = {
    "5.1": {
        "counts positions from 0": (length, _descents_from_zero, bruhat_leq),
        "left descents": (length, _left_descents, bruhat_leq),
        "orders by length": (length, right_descents, _leq_by_length),
        "the weak order": (length, right_descents, _leq_weak),
        "compares sums of beginnings": (length, right_descents, _leq_without_sorting),
        "right up to n = 4 only": (
            length,
            right_descents,
            lambda x, w: len(w) < 5 and bruhat_leq(x, w),
        ),
    },
    "5.2": {
        "the Hasse diagram": _hasse,
        "leaves the interval": _leaves_the_interval,
        "lists both directions": _undirected,
        "only neighbouring places": _neighbouring_places,
    },
    "5.3": {
        "asks for equality to the last bit": _exactly,
        "tries the reversal only": _reversal_only,
        "tries rotations only": _rotations_only,
        "tries one order": _once,
        "permutes the columns": _permutes_columns,
    },
    "5.4": {
        "forgets the old colour": _forgets_the_old_colour,
        "sets instead of multisets": _sets_of_colours,
        "sums of colours": _sums_of_colours,
        "forgets the direction": _undirected_refinement,
    },
    "5.5": {
        "reduceat on empty rows": (_reduceat, week05.neighbour_sum_backward),
        "backward does not transpose": (week05.neighbour_sum, week05.neighbour_sum),
        "repeated indices count once": (week05.neighbour_sum, _assigns_repeatedly),
        "takes the mean": (_mean, week05.neighbour_sum_backward),
    },
    "5.6": {
        "takes vertex 0 for the source": _first_vertex,
        "a shortest path": _shortest_path,
        "the degree of the sink": _sink_degree,
        "says the theorem always holds": lambda outs: 0,
    },
    "5.7": {
        "an interval and its inverse": lambda: ((_E, (2, 3, 1, 4, 5)), (_E, (3, 1, 2, 4, 5))),
        "different after one round": lambda: ((_E, _X), (_E, (5, 4, 3, 2, 1))),
        "x is not below w": lambda: ((_X, _E), (_W, _E)),
    },
}

WRONG["5.1"]["a list of descents"] = (length, lambda w: sorted(right_descents(w)), bruhat_leq)

ACCEPTED = {
    "5.1": {"frozen sets": (length, lambda w: frozenset(right_descents(w)), bruhat_leq)},
    "5.2": {
        "edges in another order": lambda x, w: sorted(week05.bruhat_edges(x, w), reverse=True),
    },
}
