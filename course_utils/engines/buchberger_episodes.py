"""The compiled loop of `buchberger_game`: episodes on binomial ideals, one after another.

An element is lead + c · tail, c modulo 32003, c = 0 for a monomial. A reducer whose lead is
divisible by the lead of an earlier one in the order can never be the first to divide, so only the
minimal leads are kept as reducers. Introduced in week 11.
"""

import numpy as np
from numba import njit

from course_utils.maths.buchberger_kernels import grown, inverse
from course_utils.maths.monomials import degree, divides, lcm
from course_utils.maths.random_ideals import FIELD

FIRST, DEGREE, NORMAL, LAST, CODEGREE, RANDOM, GREEDY, SAMPLE = range(8)
DONE, OVERFLOW, STOPPED = range(3)
SCALE = np.float32(0.1)  # features are exponents and degrees times this


@njit(cache=True)
def s_polynomial(f, g, join, leads, tails, coefficients, where):
    """Return the S-polynomial u·x + v·y, x > y, as (x, u, y, v); u = v = 0 if it is zero."""
    x, u = join - leads[f] + tails[f], coefficients[f]
    y, v = join - leads[g] + tails[g], (FIELD - coefficients[g]) % FIELD
    return tidy(x, u, y, v, where)


@njit(cache=True)
def tidy(x, u, y, v, where):
    """Return u·x + v·y with the larger term first, equal monomials added, zero terms last."""
    if u != 0 and v != 0:
        if x == y:
            return x, (u + v) % FIELD, 0, 0
        if x ^ where.flip < y ^ where.flip:
            return y, v, x, u
        return x, u, y, v
    if u == 0:
        return y, v, 0, 0
    return x, u, 0, 0


@njit(cache=True)
def describe(row, f, g, join, leads, tails, coefficients, where):
    """Write the 6 n + 4 features of a pair: see `buchberger_game.features`."""
    n, k = where.variables, 0
    x, y = join - leads[f] + tails[f], join - leads[g] + tails[g]
    if coefficients[f] == 0 or coefficients[g] == 0 or x == y:
        x = y if coefficients[f] == 0 else x
        y = np.int64(0)
        if coefficients[f] == 0 and coefficients[g] == 0:
            x = np.int64(0)
        row[6 * n + 3] = SCALE
    else:
        row[6 * n + 3] = 0
        if x ^ where.flip < y ^ where.flip:
            x, y = y, x
    for m in (leads[f], tails[f], leads[g], tails[g]):
        for i in range(n):
            row[k] = SCALE * ((m >> (where.width * i)) & where.largest)
            k += 1
    row[k] = SCALE * degree(join, where)
    k += 1
    for m in (x, y):
        for i in range(n):
            row[k] = SCALE * ((m >> (where.width * i)) & where.largest)
            k += 1
    row[k], row[k + 1] = SCALE * degree(x, where), SCALE * degree(y, where)


@njit(cache=True, fastmath=True)
def score(row, linear, hidden, bias, out, active):
    """Return linear · row + out · relu(row hidden + bias); `active` is scratch, shape (H,)."""
    total = np.float32(0)
    active[:] = bias
    for f in range(len(row)):
        x = row[f]
        if x != 0:
            total += linear[f] * x
            for k in range(len(active)):
                active[k] += x * hidden[f, k]
    for k in range(len(active)):
        total += out[k] * max(active[k], np.float32(0))
    return total


@njit(cache=True)
def copy_row(pairs, s, t):
    """Copy row s to row t; four assignments are faster than one of a slice."""
    for k in range(4):
        pairs[t, k] = pairs[s, k]


@njit(cache=True)
def update_pairs(m, pairs, size, leads, joins, where):
    """Let element m enter: drop and add pairs (Gebauer and Möller); return (pairs, kept, size).

    pairs: rows i, j, lcm, name; the first `kept` rows are old, the rows up to `size` new.
    """
    f = leads[m]
    for i in range(m):
        joins[i] = lcm(leads[i], f, where)
    kept = 0
    for t in range(size):
        i, j, join = pairs[t, 0], pairs[t, 1], pairs[t, 2]
        if not divides(f, join, where) or join == joins[i] or join == joins[j]:
            copy_row(pairs, t, kept)
            kept += 1
    if kept + m > len(pairs):
        more = np.empty((2 * (kept + m), 4), np.int64)
        more[:kept] = pairs[:kept]
        pairs = more
    size = kept
    for i in range(m):  # row t holds a minimal lcm, the first index with it, and "not coprime"
        join, t, known = joins[i], kept, False
        fresh = join != leads[i] + f
        while t < size and not known:
            known = divides(pairs[t, 2], join, where)
            if join == pairs[t, 2]:
                pairs[t, 3] &= fresh
            t += 1
        if known:
            continue
        stay = kept
        for t in range(kept, size):
            if not divides(join, pairs[t, 2], where):
                copy_row(pairs, t, stay)
                stay += 1
        pairs[stay, 0], pairs[stay, 1], pairs[stay, 2], pairs[stay, 3] = i, m, join, fresh
        size = stay + 1
    stay = kept
    for t in range(kept, size):
        if pairs[t, 3]:
            copy_row(pairs, t, stay)
            stay += 1
    return pairs, kept, stay


@njit(cache=True)
def select(mode, pairs, size, scores, rng, where):
    """Return the row of the pair that is treated next."""
    if mode == RANDOM:
        return min(int(rng.random() * size), size - 1)
    if mode == SAMPLE:
        top = -np.inf
        for t in range(size):
            top = max(top, scores[pairs[t, 3]])
        total = 0.0
        for t in range(size):
            total += np.exp(scores[pairs[t, 3]] - top)
        left = rng.random() * total
        for t in range(size):
            left -= np.exp(scores[pairs[t, 3]] - top)
            if left < 0:
                return t
        return size - 1
    best, back = 0, mode in (LAST, CODEGREE)
    for t in range(1, size):
        order = 0
        if mode == GREEDY:
            x, y = scores[pairs[best, 3]], scores[pairs[t, 3]]
            order = int(x < y) - int(x > y)
        elif mode == NORMAL:
            x, y = pairs[t, 2] ^ where.flip, pairs[best, 2] ^ where.flip
            order = int(x < y) - int(x > y)
        elif mode in (DEGREE, CODEGREE):
            order = degree(pairs[best, 2], where) - degree(pairs[t, 2], where)
        if order == 0:
            order = pairs[best, 1] - pairs[t, 1]
        if order == 0:
            order = pairs[best, 0] - pairs[t, 0]
        if (order > 0) != back:
            best = t
    return best


@njit(cache=True)
def add_reducer(m, reducers, count, leads, where):
    """Let element m be a reducer unless another lead divides its own; return their number."""
    f = leads[m]
    for k in range(count):
        if divides(leads[reducers[k]], f, where):
            return count
    stay = 0
    for k in range(count):
        if not divides(f, leads[reducers[k]], where):
            reducers[stay] = reducers[k]
            stay += 1
    place = stay
    while place > 0 and leads[reducers[place - 1]] ^ where.flip > f ^ where.flip:
        reducers[place] = reducers[place - 1]
        place -= 1
    reducers[place] = m
    return stay + 1


@njit(cache=True)
def first_divisor(x, reducers, count, leads, where):
    """Return the smallest reducer whose lead divides x, or -1."""
    for k in range(count):
        if divides(leads[reducers[k]], x, where):
            return reducers[k]
    return -1


@njit(cache=True)
def reduce(x, u, y, v, reducers, count, leads, tails, coefficients, where):
    """Return the remainder of u·x + v·y, the number of steps, and whether all exponents fit."""
    steps, bad = 0, np.int64(0)
    while u != 0:
        r = first_divisor(x, reducers, count, leads, where)
        if r < 0:
            break
        steps += 1
        x = x - leads[r] + tails[r]
        bad |= x
        x, u, y, v = tidy(x, (FIELD - u) * coefficients[r] % FIELD, y, v, where)
    while v != 0:
        r = first_divisor(y, reducers, count, leads, where)
        if r < 0:
            break
        steps += 1
        y = y - leads[r] + tails[r]
        bad |= y
        v = (FIELD - v) * coefficients[r] % FIELD
    if v == 0:
        y = np.int64(0)
    return x, u, y, v, steps, bad & where.guard == 0


@njit(cache=True)
def episodes(leads_in, tails_in, coefficients_in, mode, scorer, rng, keep, limit, where):
    """Play every ideal once; return counts (E, 4: additions, zero, nonzero, status) and a record.

    The record (features, chosen, episode, price, offered, move) is empty unless `keep`.
    """
    linear, hidden, bias, out = scorer
    scored = mode in (GREEDY, SAMPLE)
    counts = np.zeros((len(leads_in), 4), np.int64)
    active = np.empty(len(bias), np.float32)
    width = 6 * where.variables + 4
    features, born = np.empty((1024, width), np.float32), 0
    scores = np.zeros(1024, np.float64)
    chosen, episode, price = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    offered, move, offers, moves = np.empty(1024, np.int64), np.empty(1024, np.int64), 0, 0
    leads, tails, coefficients = (
        np.empty(64, np.int64),
        np.empty(64, np.int64),
        np.empty(64, np.int64),
    )
    reducers, joins = np.empty(64, np.int64), np.empty(64, np.int64)
    pairs = np.empty((256, 4), np.int64)
    for e in range(len(leads_in)):
        size = m = count = 0
        if not keep:
            born = 0
        generators = leads_in.shape[1]
        while True:
            if m < generators:
                x, y, v = leads_in[e, m], tails_in[e, m], coefficients_in[e, m]
            elif size == 0:
                break
            else:
                t = select(mode, pairs, size, scores, rng, where)
                i, j, join, name = pairs[t, 0], pairs[t, 1], pairs[t, 2], pairs[t, 3]
                if keep:
                    offered, move = grown(offered, offers + size), grown(move, offers + size)
                    offered[offers : offers + size] = pairs[:size, 3]
                    move[offers : offers + size] = moves
                    offers += size
                size -= 1
                copy_row(pairs, size, t)  # the order of the rows decides nothing
                x, u, y, v = s_polynomial(i, j, join, leads, tails, coefficients, where)
                bad = (join - leads[i] + tails[i]) | (join - leads[j] + tails[j])
                x, u, y, v, steps, fits = reduce(
                    x, u, y, v, reducers, count, leads, tails, coefficients, where
                )
                if keep:
                    chosen, episode = grown(chosen, moves + 1), grown(episode, moves + 1)
                    price = grown(price, moves + 1)
                    chosen[moves], episode[moves], price[moves] = name, e, 1 + steps
                    moves += 1
                counts[e, 0] += 1 + steps
                if not fits or bad & where.guard:
                    counts[e, 3] = OVERFLOW
                    break
                if counts[e, 0] > limit:
                    counts[e, 3] = STOPPED
                    break
                if u == 0:
                    counts[e, 1] += 1
                    continue
                counts[e, 2] += 1
                v = v * inverse(u, FIELD) % FIELD
            leads, tails = grown(leads, m + 1), grown(tails, m + 1)
            coefficients, joins = grown(coefficients, m + 1), grown(joins, m + 1)
            reducers = grown(reducers, m + 1)
            leads[m], tails[m], coefficients[m] = x, y, v
            pairs, kept, size = update_pairs(m, pairs, size, leads, joins, where)
            if m and joins[:m].min() < 0:
                counts[e, 3] = OVERFLOW
                break
            count = add_reducer(m, reducers, count, leads, where)
            m += 1
            if scored and born + size - kept > len(features):
                more = np.empty((2 * (born + size), width), np.float32)
                more[:born] = features[:born]
                features, scores = more, grown(scores, len(more))
            for t in range(kept, size):
                if scored:
                    row = features[born]
                    describe(
                        row,
                        pairs[t, 0],
                        pairs[t, 1],
                        pairs[t, 2],
                        leads,
                        tails,
                        coefficients,
                        where,
                    )
                    scores[born] = score(row, linear, hidden, bias, out, active)
                pairs[t, 3] = born
                born += 1
    record = (
        features[: born if keep and scored else 0].copy(),
        chosen[:moves].copy(),
        episode[:moves].copy(),
        price[:moves].copy(),
        offered[:offers].copy(),
        move[:offers].copy(),
    )
    return counts, record
