"""Wrong answers to the companion *Playing with parity*: the mistakes that people make."""

import numpy as np

from course_utils.exercises import parity


def _with_repetition(n, fraction, rng):
    if not 0 < round(fraction * 2**n) < 2**n:
        raise ValueError("empty side")
    return rng.integers(2**n, size=round(fraction * 2**n)), np.arange(2**n)


def _in_order(n, fraction, rng):
    seen = round(fraction * 2**n)
    if not 0 < seen < 2**n:
        raise ValueError("empty side")
    return np.arange(seen), np.arange(seen, 2**n)


def _empty_test(n, fraction, rng):
    order = rng.permutation(2**n)
    return order[: round(fraction * 2**n)], order[round(fraction * 2**n) :]


def _own_generator(n, fraction, rng):
    return parity.split_cube(n, fraction, np.random.default_rng(0))


def _slopes_of_one(n):
    W, b, a, c = parity.parity_weights(n)
    return W, b, np.sign(a), c


def _one_unit_short(n):
    W, b, a, c = parity.parity_weights(n)
    if n == 1:
        return W, b, a, c
    return W[:, :-1], b[:-1], a[:-1], c


def _counts_the_ones(n):
    W, b, a, c = parity.parity_weights(n)
    return -W, b, a, c


def _right_up_to_ten(n):
    W, b, a, c = parity.parity_weights(n)
    return W, b, np.where(np.arange(n) < 10, a, 0.0), c


def _resampled_signs(values, p):
    return parity.noise_sensitivity(values, p / 2)


def _one_sign_only(values, p):
    size = len(values)
    n = size.bit_length() - 1
    flips = [np.mean(values != values[np.arange(size) ^ (1 << j)]) for j in range(n)]
    return float(p * np.mean(flips))


def _as_if_parity(values, p):
    n = len(values).bit_length() - 1
    constant = abs(np.sum(values)) == len(values)
    return 0.0 if constant else (1 - (1 - 2 * p) ** n) / 2


WRONG = {
    "parity.1": {
        "draws with repetition and tests on everything": _with_repetition,
        "takes the first rows": _in_order,
        "accepts an empty test set": _empty_test,
        "ignores the generator": _own_generator,
    },
    "parity.2": {
        "forgets that a slope must turn from 1 to -1": _slopes_of_one,
        "lacks the unit for the last vertex": _one_unit_short,
        "counts the entries +1": _counts_the_ones,
        "right up to ten signs": _right_up_to_ten,
    },
    "parity.3": {
        "draws the sign anew instead of changing it": _resampled_signs,
        "changes at most one sign": _one_sign_only,
        "right for parity only": _as_if_parity,
    },
}
