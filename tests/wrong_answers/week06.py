"""Planted wrong answers of week 6: mistakes that people make."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from course_utils.exercises.week06 import commutant, cube, kl_cube, kl_from_r, leak, lower_part
from course_utils.maths.hypercube_decompositions import mirrored, product
from course_utils.maths.kazhdan_lusztig import (
    extremal,
    kl_polynomial,
    mu_coefficient,
    plus,
    r_polynomial,
    times,
    trim,
)
from course_utils.maths.permutations import (
    bruhat_interval,
    bruhat_leq,
    length,
    right_descents,
)

Permutation = tuple[int, ...]
Polynomial = tuple[int, ...]


def recursion(
    *, bug: str, mu: Callable[[Permutation, Permutation], int] = mu_coefficient
) -> Callable[[Permutation, Permutation], Polynomial]:
    """The recursion with one mistake in it."""

    @cache
    def kl(x: Permutation, w: Permutation) -> Polynomial:
        if not bruhat_leq(x, w):
            return (0,)
        if x == w:
            return (1,)
        s = min(right_descents(w))
        v = times(w, s)
        if x[s - 1] < x[s]:
            return kl(times(x, s), w)
        total = plus(kl(times(x, s), v), kl(x, v), power=0 if bug == "q" else 1)
        for z in bruhat_interval(x, v) if bruhat_leq(x, v) else []:
            descends = z[s - 1] > z[s] or bug == "all z"
            if z != v and descends and mu(z, v) and bug != "no correction":
                power = (length(w) - length(z)) // 2 - (bug == "power")
                total = plus(total, kl(x, z), power=power, factor=-mu(z, v))
        return total

    return kl


def r_other_side(x: Permutation, w: Permutation) -> Polynomial:
    """Uses qR + (q-1)R also where xs < x."""
    if not bruhat_leq(x, w):
        return (0,)
    if x == w:
        return (1,)
    s = min(right_descents(w))
    lower, same = r_other_side(times(x, s), times(w, s)), r_other_side(x, times(w, s))
    return plus(plus(plus((0,), lower, 1), same, 1), same, factor=-1)


def r_without_minus_one(x: Permutation, w: Permutation) -> Polynomial:
    """q in place of q - 1: the R~ recursion with a q too much."""
    if not bruhat_leq(x, w):
        return (0,)
    if x == w:
        return (1,)
    s = min(right_descents(w))
    lower = r_without_minus_one(times(x, s), times(w, s))
    if x[s - 1] > x[s]:
        return lower
    return plus(plus((0,), lower, 1), r_without_minus_one(x, times(w, s)), 1)


def power_of_q_minus_one(x: Permutation, w: Permutation) -> Polynomial:
    """(q-1)^l: right for all intervals of length at most 2."""
    if not bruhat_leq(x, w):
        return (0,)
    total: Polynomial = (1,)
    for _ in range(length(w) - length(x)):
        total = plus(plus((0,), total, power=1), total, factor=-1)
    return total


def push_right_only(x: Permutation, w: Permutation) -> Permutation:
    while missing := right_descents(w) - right_descents(x):
        x = times(x, min(missing))
    return x


def push_one_pass(x: Permutation, w: Permutation) -> Permutation:
    """Goes through the right descents once, though a later one may spoil an earlier one."""
    for s in sorted(right_descents(w)):
        if x[s - 1] < x[s]:
            x = times(x, s)
    return x


def from_r_drops_mu(lengths: Sequence[int], r: list) -> list[Polynomial]:
    """Cuts one power too early: right while mu(y, w) = 0 and for length difference 1."""
    found: list[Polynomial] = [(1,)] * len(lengths)
    for a in range(len(lengths) - 2, -1, -1):
        total: Polynomial = (0,)
        for b in range(a + 1, len(lengths)):
            for k, c in enumerate(r[a][b]):
                total = plus(total, found[b], power=k, factor=c)
        found[a] = trim([-c for c in total[: max(1, (lengths[-1] - lengths[a]) // 2)]])
    return found


def shuffle_all(values: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(values)


def shuffle_fixed(values: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Reverses each group: keeps the multisets, but is no random permutation."""
    out = values.copy()
    for g in set(groups.tolist()):
        out[groups == g] = values[groups == g][::-1]
    return out


def shuffle_with_replacement(
    values: np.ndarray, groups: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    out = values.copy()
    for g in set(groups.tolist()):
        out[groups == g] = rng.choice(values[groups == g], (groups == g).sum())
    return out


def rotate_within(values: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random rotation inside each group: every value visits each place equally often."""
    rotated = values.copy()
    for g in np.unique(groups):
        places = np.flatnonzero(groups == g)
        rotated[places] = np.roll(values[places], rng.integers(len(places)))
    return rotated


def cubes(*, bug: str) -> Callable[[Permutation, Permutation], Polynomial]:
    """The formula of the hypercube decomposition with one mistake in it."""

    @cache
    def kl(x: Permutation, w: Permutation) -> Polynomial:
        if not bruhat_leq(x, w) or x == w:
            return (int(x == w),)
        total: Polynomial = (0,)
        gamma: dict[Permutation, Polynomial] = {}
        for v in [] if bug == "no lower part" else reversed(lower_part(x, w)[1:]):
            rest, inner = kl(v, w), kl(x, v)
            for u, factor in gamma.items() if bug != "P for gamma" else ():
                rest = plus(rest, product(factor, kl(v, u)), factor=-1)
            gamma[v] = rest
            change = plus(mirrored(inner, length(v) - length(x)), inner, factor=-1)
            total = plus(total, product(rest, change))
        apart = length(w) - length(x)
        for size, top in cube(x, w):
            if size > 1 and bug == "edges only":
                continue
            term = mirrored(kl(top, w), max(apart - size, len(kl(top, w)) - 1))
            for _ in range(size):
                term = product(term, (1, 1) if bug == "sign" else (1, -1))
            total = plus(total, term, factor=-1)
        return trim([-c for c in total[: (apart + 1) // 2]])

    return kl


WRONG = {
    "6.1": {
        "forgets the correction terms": recursion(bug="no correction"),
        "sums over all z, not those with zs < z": recursion(bug="all z"),
        "forgets the factor q": recursion(bug="q"),
        "one for every pair": lambda x, w: (1,) if bruhat_leq(x, w) else (0,),
        "right for w of S_4 only": lambda x, w: kl_polynomial(x, w) if len(w) < 5 else (1,),
    },
    "6.2": {
        "one rule for both cases": r_other_side,
        "q in place of q - 1": r_without_minus_one,
        "a power of q - 1": power_of_q_minus_one,
        "right up to S_4 only": lambda x, w: r_polynomial(x, w) if len(w) < 5 else (1,),
    },
    "6.3": {
        "drops the highest possible coefficient": from_r_drops_mu,
        "forgets the sign": lambda lengths, r: [
            tuple(abs(c) for c in p[:1]) + tuple(-c for c in p[1:]) for p in kl_from_r(lengths, r)
        ],
        "one for every vertex": lambda lengths, r: [(1,)] * len(lengths),
        "right up to S_4 only": lambda lengths, r: (
            kl_from_r(lengths, r) if len(lengths) < 25 else [(1,)] * len(lengths)
        ),
    },
    "6.4": {
        "right multiplications only": push_right_only,
        "one pass over the right descents": push_one_pass,
        "answers w": lambda x, w: w,
        "answers the longest element": lambda x, w: tuple(range(len(w), 0, -1)),
        "right up to S_5 only": lambda x, w: (
            extremal(x, w) if len(w) < 6 else push_right_only(x, w)
        ),
    },
    "6.6": {
        "the identity alone": lambda left, right: np.eye(left.shape[1], right.shape[1])[None],
        "first generator only": lambda left, right: commutant(left[:1], right[:1]),
        "all matrices": lambda left, right: np.eye(left.shape[1] * right.shape[1]).reshape(
            -1, left.shape[1], right.shape[1]
        ),
        "transposed shapes": lambda left, right: commutant(right, left),
    },
    "6.7": {
        "share of training items seen in the test": lambda c, train: leak(c, ~train),
        "share of all items": lambda c, train: float(np.isin(c[~train], c[train]).sum() / len(c)),
        "counts classes, not items": lambda c, train: float(
            np.isin(np.unique(c[~train]), c[train]).mean()
        ),
    },
    "6.8": {
        "shuffles over all groups": shuffle_all,
        "reverses each group": shuffle_fixed,
        "draws with replacement": shuffle_with_replacement,
        "rotates each group": rotate_within,
    },
    "6.9": {
        "P in place of gamma": cubes(bug="P for gamma"),
        "forgets the lower part": cubes(bug="no lower part"),
        "edges, but no larger cubes": cubes(bug="edges only"),
        "1 + q in place of 1 - q": cubes(bug="sign"),
        "right up to S_4 only": lambda x, w: kl_cube(x, w) if len(w) < 5 else (1,),
    },
}
