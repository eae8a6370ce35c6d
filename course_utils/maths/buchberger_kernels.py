"""Buchberger's algorithm, compiled: sparse polynomials over GF(p), packed monomials.

`buchberger_wide` is the readable form; the two agree step by step. All elements lie one after
another in flat arrays, terms in descending order, leading coefficient 1. `advance` treats pairs
until none is left or its share of work is done, so that a long run can be interrupted between two
calls. Introduced in week 11.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.monomials import degree, divides, lcm

FIRST, DEGREE, NORMAL, SUGAR, LAST, CODEGREE = range(6)
ELEMENTS, PAIRS, ADDITIONS, ZERO, NONZERO, WORK, STATUS = range(7)  # places in State.counts
RUNNING, OVERFLOW = 0, 1


class State(NamedTuple):
    """What a run knows. Arrays are longer than what they hold; `counts` says how much that is."""

    monomials: NDArray[np.int64]
    coefficients: NDArray[np.int64]
    starts: NDArray[np.int64]  # element k has the terms starts[k] to starts[k + 1]
    leads: NDArray[np.int64]
    sugars: NDArray[np.int64]
    reducers: NDArray[np.int64]  # elements by leading monomial, smallest first
    pairs: NDArray[np.int64]  # rows i, j, lcm, sugar
    counts: NDArray[np.int64]


def empty() -> State:
    """Return the state before the first generator."""
    one = [np.zeros(64, np.int64) for _ in range(6)]
    return State(*one, np.zeros((64, 4), np.int64), np.zeros(7, np.int64))


@njit(cache=True)
def grown(array, size):
    """Return the array, or a copy of at least twice its size when it holds fewer than `size`."""
    if size <= len(array):
        return array
    copy = np.zeros(max(size, 2 * len(array)), array.dtype)
    copy[: len(array)] = array
    return copy


@njit(cache=True)
def _combine(a, a_coefficients, a_shift, b, b_coefficients, b_shift, c, prime, where):
    """Return monomials and coefficients of a_shift·a - c·b_shift·b, and whether they all fit."""
    total = len(a) + len(b)
    out, out_coefficients = np.empty(total, np.int64), np.empty(total, np.int64)
    i = j = k = 0
    bad = np.int64(0)
    while i < len(a) or j < len(b):
        left = a[i] + a_shift if i < len(a) else 0
        right = b[j] + b_shift if j < len(b) else 0
        bad |= left | right
        if j == len(b):
            order = 1
        elif i == len(a):
            order = -1
        else:
            x, y = left ^ where.flip, right ^ where.flip
            order = (x > y) - (x < y)
        if order > 0:
            out[k], out_coefficients[k] = left, a_coefficients[i]
            i += 1
            k += 1
        elif order < 0:
            out[k], out_coefficients[k] = right, (prime - c) * b_coefficients[j] % prime
            j += 1
            k += 1
        else:
            value = (a_coefficients[i] + (prime - c) * b_coefficients[j]) % prime
            if value:
                out[k], out_coefficients[k] = left, value
                k += 1
            i += 1
            j += 1
    return out[:k], out_coefficients[:k], bad & where.guard == 0


@njit(cache=True)
def _reduce(state, p, coefficients, sugar, reducers, prime, where):
    """Return the remainder (monomials, coefficients) and its sugar; counts additions and work."""
    rest, rest_coefficients = np.empty(8, np.int64), np.empty(8, np.int64)
    size = 0
    while len(p):
        m, found = p[0], -1
        for k in reducers:
            lead = state.leads[k]
            if divides(lead, m, where):
                found = k
                break
            if lead ^ where.flip > m ^ where.flip:
                break
        if found < 0:
            rest, rest_coefficients = grown(rest, size + 1), grown(rest_coefficients, size + 1)
            rest[size], rest_coefficients[size] = m, coefficients[0]
            size += 1
            p, coefficients = p[1:], coefficients[1:]
            continue
        shift = m - state.leads[found]
        sugar = max(sugar, state.sugars[found] + degree(shift, where))
        low, high = state.starts[found] + 1, state.starts[found + 1]
        state.counts[ADDITIONS] += 1
        state.counts[WORK] += len(p) + high - low + 8
        p, coefficients, fits = _combine(
            p[1:],
            coefficients[1:],
            0,
            state.monomials[low:high],
            state.coefficients[low:high],
            shift,
            coefficients[0],
            prime,
            where,
        )
        if not fits:
            state.counts[STATUS] = OVERFLOW
            break
    return rest[:size], rest_coefficients[:size], sugar


@njit(cache=True)
def insert(state, p, coefficients, sugar, prime, where):
    """Return the state with one more element and its pairs (Gebauer and Möller 1988).

    p: monomials, descending, at least one; coefficients in 1 ... prime - 1.
    """
    counts = state.counts
    m, f = counts[ELEMENTS], p[0]
    joins = np.empty(m, np.int64)
    for i in range(m):
        joins[i] = lcm(state.leads[i], f, where)
        if joins[i] < 0:
            counts[STATUS] = OVERFLOW
            return state
    kept = 0
    for t in range(counts[PAIRS]):
        i, j, join = state.pairs[t, 0], state.pairs[t, 1], state.pairs[t, 2]
        if not divides(f, join, where) or join == joins[i] or join == joins[j]:
            state.pairs[kept] = state.pairs[t]
            kept += 1
    minimal, coprime = np.empty(m, np.int64), np.zeros(m, np.bool_)  # indices of minimal joins
    known = 0
    for i in range(m):
        kind, s = 0, 0
        while s < known and kind == 0:
            if joins[minimal[s]] == joins[i]:
                coprime[minimal[s]] |= joins[i] == state.leads[i] + f
                kind = 1
            elif divides(joins[minimal[s]], joins[i], where):
                kind = 1
            s += 1
        if kind == 1:
            continue
        stay = 0
        for s in range(known):
            if not divides(joins[i], joins[minimal[s]], where):
                minimal[stay] = minimal[s]
                stay += 1
        minimal[stay], known = i, stay + 1
        coprime[i] = joins[i] == state.leads[i] + f
    pairs = state.pairs
    if kept + m > len(pairs):
        pairs = np.zeros((2 * (kept + m), 4), np.int64)
        pairs[:kept] = state.pairs[:kept]
    for i in minimal[:known]:
        if not coprime[i]:
            top = degree(joins[i], where)
            mine = state.sugars[i] + top - degree(state.leads[i], where)
            pairs[kept, 0], pairs[kept, 1], pairs[kept, 2] = i, m, joins[i]
            pairs[kept, 3] = max(mine, sugar + top - degree(f, where))
            kept += 1
    low = state.starts[m]
    high = low + len(p)
    terms, values = grown(state.monomials, high), grown(state.coefficients, high)
    terms[low:high] = p
    scale = inverse(coefficients[0], prime)
    for k in range(len(p)):
        values[low + k] = coefficients[k] * scale % prime
    starts, leads = grown(state.starts, m + 2), grown(state.leads, m + 1)
    sugars, reducers = grown(state.sugars, m + 1), grown(state.reducers, m + 1)
    starts[m + 1], leads[m], sugars[m] = high, f, sugar
    place = m
    while place > 0 and leads[reducers[place - 1]] ^ where.flip > f ^ where.flip:
        reducers[place] = reducers[place - 1]
        place -= 1
    reducers[place] = m
    counts[ELEMENTS], counts[PAIRS] = m + 1, kept
    counts[WORK] += m + kept
    return State(terms, values, starts, leads, sugars, reducers, pairs, counts)


@njit(cache=True)
def inverse(c, prime):
    """Return the inverse of c modulo the prime, 0 for c = 0 (Fermat)."""
    result, power, exponent = 1, c % prime, prime - 2
    while exponent > 0:
        if exponent & 1:
            result = result * power % prime
        power = power * power % prime
        exponent >>= 1
    return result


@njit(cache=True)
def _before(pairs, s, t, strategy, where):
    """Return whether the strategy prefers pair s to pair t."""
    x, y = pairs[s, 2], pairs[t, 2]
    backwards = strategy in (LAST, CODEGREE)
    if strategy == SUGAR and pairs[s, 3] != pairs[t, 3]:
        return pairs[s, 3] < pairs[t, 3]
    if strategy in (DEGREE, CODEGREE) and degree(x, where) != degree(y, where):
        return (degree(x, where) < degree(y, where)) != backwards
    if strategy in (NORMAL, SUGAR) and x != y:
        return x ^ where.flip < y ^ where.flip
    if pairs[s, 1] != pairs[t, 1]:
        return (pairs[s, 1] < pairs[t, 1]) != backwards
    return (pairs[s, 0] < pairs[t, 0]) != backwards


@njit(cache=True)
def advance(state, strategy, work, stop_at_nonzero, prime, where):
    """Return the state after treating pairs until none is left or `work` more has been done."""
    counts = state.counts
    until = counts[WORK] + work
    while counts[PAIRS] and counts[STATUS] == RUNNING and counts[WORK] < until:
        best = 0
        for t in range(1, counts[PAIRS]):
            if _before(state.pairs, t, best, strategy, where):
                best = t
        i, j, join, sugar = state.pairs[best]
        state.pairs[best : counts[PAIRS] - 1] = state.pairs[best + 1 : counts[PAIRS]]
        counts[PAIRS] -= 1
        counts[ADDITIONS] += 1
        counts[WORK] += 8 + counts[PAIRS] // 8
        a, b = state.starts[i] + 1, state.starts[i + 1]
        c, d = state.starts[j] + 1, state.starts[j + 1]
        p, values, fits = _combine(
            state.monomials[a:b],
            state.coefficients[a:b],
            join - state.leads[i],
            state.monomials[c:d],
            state.coefficients[c:d],
            join - state.leads[j],
            1,
            prime,
            where,
        )
        if not fits:
            counts[STATUS] = OVERFLOW
            break
        reducers = state.reducers[: counts[ELEMENTS]]
        p, values, sugar = _reduce(state, p, values, sugar, reducers, prime, where)
        if counts[STATUS] != RUNNING:
            break
        if len(p) == 0:
            counts[ZERO] += 1
            continue
        counts[NONZERO] += 1
        if stop_at_nonzero:
            break
        state = insert(state, p, values, sugar, prime, where)
    return state


@njit(cache=True)
def reduced_basis(state, prime, where):
    """Return the reduced basis: monomials, coefficients, starts; smallest lead first."""
    kept, size = np.empty(state.counts[ELEMENTS], np.int64), 0
    for k in state.reducers[: state.counts[ELEMENTS]]:
        covered = False
        for s in range(size):
            covered |= divides(state.leads[kept[s]], state.leads[k], where)
        if not covered:
            kept[size] = k
            size += 1
    terms, values = np.empty(8, np.int64), np.empty(8, np.int64)
    starts = np.zeros(size + 1, np.int64)
    for s in range(size):
        k, at = kept[s], starts[s]
        low, high = state.starts[k] + 1, state.starts[k + 1]
        p, q = state.monomials[low:high], state.coefficients[low:high]
        p, q, _ = _reduce(state, p, q, 0, kept[:size], prime, where)
        starts[s + 1] = at + 1 + len(p)
        terms, values = grown(terms, starts[s + 1]), grown(values, starts[s + 1])
        terms[at], values[at] = state.leads[k], 1
        terms[at + 1 : starts[s + 1]], values[at + 1 : starts[s + 1]] = p, q
    return terms, values, starts
