"""Buchberger's algorithm on binomial ideals as a game: many whole episodes in one compiled call.

A position is the basis so far and the list of pairs that wait; a move is a pair; its price is one
addition for the S-polynomial and one for each step of the reduction. Conventions and counts are
those of `course_utils.maths.groebner.buchberger_statistics`. A policy is a score of pairs. As a
pair's score never changes, it is computed once, when the pair is born. Week 11 builds all of this
by hand and then plays with this engine.

Source: D. Peifer, M. Stillman and D. Halpern-Leistner, Learning selection strategies in
Buchberger's algorithm, arXiv 2005.01917.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from course_utils.engines import buchberger_episodes as compiled
from course_utils.maths import monomials
from course_utils.maths.random_ideals import FIELD, Law, Polynomial, grevlex, parse_law

STRATEGIES = ("first", "degree", "normal", "last", "codegree", "random")
LIMIT = 100_000  # additions of one episode


class Ideals(NamedTuple):
    """Many binomial ideals with equally many generators; arrays have shape (ideals, generators)."""

    variables: int
    leads: NDArray[np.int64]  # packed monomials
    tails: NDArray[np.int64]
    coefficients: NDArray[np.int64]  # of the tails; the leads' are 1


class Scorer(NamedTuple):
    """The score linear · x + out · relu(x hidden + bias) of a pair with features x, shape (F,)."""

    linear: NDArray[np.float32]  # (F,)
    hidden: NDArray[np.float32]  # (F, H), H = 0 is a linear score
    bias: NDArray[np.float32]  # (H,)
    out: NDArray[np.float32]  # (H,)


class Record(NamedTuple):
    """What a learner needs of E episodes in which P pairs were born and T moves were made."""

    counts: NDArray[np.int64]  # (E, 3): additions, reductions to zero, others
    features: NDArray[np.float32]  # (P, F): a row for each pair
    chosen: NDArray[np.int64]  # (T,): the pair that the move took,
    episode: NDArray[np.int64]  # (T,): the episode that the move belongs to,
    price: NDArray[np.int64]  # (T,): and its additions
    offered: NDArray[np.int64]  # (A,): a pair that waited,
    move: NDArray[np.int64]  # (A,): and the move before which it did


def linear_scorer(weights: ArrayLike) -> Scorer:
    """Return the scorer weights · x.

    >>> linear_scorer([1.0, 0.0]).hidden.shape
    (2, 0)
    """
    linear = np.array(weights, np.float32)
    nothing = np.zeros(0, np.float32)
    return Scorer(linear, np.zeros((linear.size, 0), np.float32), nothing, nothing)


def network_scorer(hidden: ArrayLike, bias: ArrayLike, out: ArrayLike) -> Scorer:
    """Return the scorer of a network with one hidden layer: shapes (F, H), (H,), (H,)."""
    arrays = [np.ascontiguousarray(a, np.float32) for a in (hidden, bias, out)]
    return Scorer(np.zeros(len(arrays[0]), np.float32), *arrays)


def pack_ideals(ideals: Sequence[Sequence[Polynomial]], variables: int) -> Ideals:
    """Return ideals given by binomials {exponents: coefficient}, each divided by its leading one.

    Raises:
        ValueError: no ideals, different numbers of generators, a generator that is no monomial and
            no binomial, or exponents that do not fit.
    """
    sizes = {len(ideal) for ideal in ideals}
    if len(sizes) != 1:
        raise ValueError(f"ideals must have equally many generators, got {sorted(sizes)}")
    where = monomials.layout(variables)
    arrays = np.zeros((3, len(ideals), sizes.pop()), np.int64)
    for e, ideal in enumerate(ideals):
        for g, polynomial in enumerate(ideal):
            terms = sorted(polynomial, key=grevlex, reverse=True)
            if not 1 <= len(terms) <= 2 or any(polynomial[t] % FIELD == 0 for t in terms):
                raise ValueError(f"generators must be binomials, got {polynomial!r:.60}")
            if sum(terms[0]) > where.largest:
                raise ValueError(f"degrees must be at most {where.largest}, got {polynomial!r:.60}")
            arrays[0, e, g] = monomials.pack(terms[0], where)
            if len(terms) == 2:
                arrays[1, e, g] = monomials.pack(terms[1], where)
                inverse = pow(polynomial[terms[0]], -1, FIELD)
                arrays[2, e, g] = polynomial[terms[1]] * inverse % FIELD
    return Ideals(variables, *arrays)


def unpack_ideal(ideals: Ideals, index: int) -> list[Polynomial]:
    """Return the generators of one of the ideals as dicts {exponents: coefficient}."""
    where = monomials.layout(ideals.variables)
    rows = zip(*(a[index].tolist() for a in ideals[1:]), strict=True)
    return [
        {monomials.unpack(x, where): 1} | ({monomials.unpack(y, where): v} if v else {})
        for x, y, v in rows
    ]


def choose(ideals: Ideals, index: ArrayLike | slice) -> Ideals:
    """Return the ideals with these indices, in this order, repetitions allowed."""
    return Ideals(ideals.variables, *(a[index] for a in ideals[1:]))


def draw_ideals(law: str, count: int, rng: np.random.Generator) -> Ideals:
    """Return `count` random binomial ideals; `law` as in `random_ideals.parse_law`.

    Raises:
        ValueError: the law is unknown, is not one of binomials, or `count` is negative.

    >>> draw_ideals("3-20-10-weighted", 5, np.random.default_rng(0)).leads.shape
    (5, 10)
    """
    parsed: Law = parse_law(law)
    if parsed.terms is not None:
        raise ValueError(f"law must be one of binomials, got {law!r}")
    if count < 0:
        raise ValueError(f"count must be >= 0, got {count}")
    n, d = parsed.variables, parsed.degree
    where = monomials.layout(n)
    if 2 * d > where.largest:
        raise ValueError(f"degrees up to {where.largest // 2} fit, got {law!r}")
    numbers = np.ones((n, d + 1))  # [r, k]: monomials of degree at most k in r variables
    for r in range(1, n):
        numbers[r] = np.cumsum(numbers[r - 1])
    shape = (count, parsed.generators)
    arrays = [np.empty(shape, np.int64) for _ in range(3)]
    cumulative = np.cumsum(parsed.degrees)
    _draw(*arrays, cumulative, numbers, parsed.pure, parsed.homog, rng, where)
    return Ideals(n, *arrays)


@njit(cache=True)
def _draw(leads, tails, coefficients, cumulative, numbers, pure, homog, rng, where):
    generators = leads.shape[1]
    joins = np.empty(generators, np.int64)
    pairs = np.empty((generators * generators, 4), np.int64)
    for e in range(len(leads)):
        size = 0
        while size == 0:
            for g in range(generators):
                x = y = np.int64(0)
                while x == y:
                    a = np.searchsorted(cumulative, rng.random(), side="right")
                    b = a if homog else np.searchsorted(cumulative, rng.random(), side="right")
                    possible = a != b or (a > 0 and where.variables > 1)
                    while possible and x == y:
                        x, y = _monomial(a, numbers, rng, where), _monomial(b, numbers, rng, where)
                if x ^ where.flip < y ^ where.flip:
                    x, y = y, x
                leads[e, g], tails[e, g] = x, y
                coefficients[e, g] = FIELD - 1 if pure else 1 + int(rng.random() * (FIELD - 1))
            for g in range(generators):
                pairs, _, size = compiled.update_pairs(g, pairs, size, leads[e], joins, where)


@njit(cache=True)
def _monomial(total, numbers, rng, where):
    """Return a uniform monomial of this degree, one exponent after another."""
    n = where.variables
    monomial, left = np.int64(total) << where.degree_at, total
    for r in range(n - 1, 0, -1):  # the exponents of r more variables follow
        place, e = rng.random() * numbers[r, left], 0
        while place >= numbers[r - 1, left - e] and e < left:
            place -= numbers[r - 1, left - e]
            e += 1
        monomial |= np.int64(e) << (where.width * r)
        left -= e
    return monomial | np.int64(left)


def play(
    ideals: Ideals, strategy: str | Scorer, rng: np.random.Generator | None = None
) -> NDArray[np.int64]:
    """Play each ideal once and return (additions, reductions to zero, others), shape (E, 3).

    Args:
        strategy: a name of STRATEGIES, or a scorer. A scorer takes the pair of largest score (of
            equal ones the smallest (j, i)) if `rng` is None, else a pair drawn with probabilities
            softmax(scores).
        rng: needed by "random".

    Raises:
        ValueError: the strategy is unknown, a scorer has the wrong shapes or values that are not
            finite, or "random" has no generator.
        OverflowError: exponents outgrow the packed form.
        RuntimeError: episodes passed the limit of additions.
    """
    return _episodes(ideals, strategy, rng, keep=False).counts


def record(ideals: Ideals, scorer: Scorer, rng: np.random.Generator | None = None) -> Record:
    """Play each ideal once with a scorer, as `play` does, and return what a learner needs."""
    return _episodes(ideals, scorer, rng, keep=True)


def _episodes(
    ideals: Ideals, strategy: str | Scorer, rng: np.random.Generator | None, keep: bool
) -> Record:
    width = 6 * ideals.variables + 4
    if isinstance(strategy, Scorer):
        units = len(strategy.bias)
        shapes = ((width,), (width, units), (units,), (units,))
        if tuple(a.shape for a in strategy) != shapes:
            got = tuple(a.shape for a in strategy)
            raise ValueError(f"a scorer of {width} features must have shapes {shapes}, got {got}")
        if not all(np.isfinite(a).all() for a in strategy):
            raise ValueError("a scorer must be finite, got nan or inf")
        mode, scorer = compiled.GREEDY if rng is None else compiled.SAMPLE, strategy
    elif strategy in STRATEGIES:
        mode, scorer = STRATEGIES.index(strategy), linear_scorer(np.zeros(width))
        if strategy == "random" and rng is None:
            raise ValueError("rng must be given for the strategy 'random'")
    else:
        raise ValueError(f"strategy must be one of {STRATEGIES} or a Scorer, got {strategy!r:.60}")
    where = monomials.layout(ideals.variables)
    counts, kept = compiled.episodes(
        *ideals[1:], mode, tuple(scorer), rng or np.random.default_rng(0), keep, LIMIT, where
    )
    for status, error, words in (
        (compiled.OVERFLOW, OverflowError, "exponents outgrew the packed form"),
        (compiled.STOPPED, RuntimeError, f"the limit of {LIMIT:,} additions stopped the run"),
    ):
        if found := np.flatnonzero(counts[:, 3] == status).tolist():
            raise error(f"{words} in {len(found)} of {len(counts)} episodes, first in {found[0]}")
    return Record(counts[:, :3], *kept)
