"""Wrong answers to the companion on murmurations: the mistakes that people really make."""

import numpy as np

from course_utils.exercises import murmurations as right


def _forgets_infinity(curve, p):
    return right.frobenius_trace(curve, p) + 1


def _short_equation(curve, p):
    """Leaves out a1 and a3."""
    return right.frobenius_trace((0, curve[1], 0, *curve[3:]), p)


def _completes_the_square(curve, p):
    """Right except at p = 2."""
    a1, a2, a3, a4, a6 = curve
    v = [4 * x**3 + (a1 * a1 + 4 * a2) * x * x + 2 * (2 * a4 + a1 * a3) * x + a3 * a3 + 4 * a6
         for x in range(p)]  # fmt: skip
    squares = [y * y % p for y in range(p)]
    return p - sum(squares.count(k % p) for k in v)


def _numpy_trace(curve, p):
    return np.int64(right.frobenius_trace(curve, p))


def _without_weights(n):
    return 12 * len(_forms(n))


def _primitive_only(n):
    return sum(w for a, b, c, w in _forms(n) if np.gcd.reduce([a, b, c]) == 1)


def _both_signs(n):
    """Counts (a, b, c) and (a, -b, c) on the boundary, too."""
    return sum(24 if b and w == 12 else w for a, b, c, w in _forms(n))


def _forms(n):
    found, a = [], 1
    while 3 * a * a <= n:
        for b in range(-a + 1, a + 1):
            c, rest = divmod(n + b * b, 4 * a)
            if rest == 0 and c >= a and not (a == c and b < 0):
                found.append((a, b, c, 4 if a == b == c else 6 if a == c and b == 0 else 12))
        a += 1
    return found


def _t_not_negative(level, p, twelve_h):
    total, t = 0, 0
    while t * t * level <= 4 * p:
        total += int(twelve_h[4 * p * level - (t * level) ** 2])
        t += 1
    return total // 24 - (p + 1)


def _twelve_forgotten(level, p, twelve_h):
    return (right.trace_from_classes(level, p, twelve_h) + p + 1) * 12 - (p + 1)


def _t_zero_only(level, p, twelve_h):
    return int(twelve_h[4 * p * level]) // 24 - (p + 1)


def _not_divided(averages, traces, primes):
    return (np.asarray(averages) * traces).sum(axis=-1)


def _by_the_root(averages, traces, primes):
    return (np.asarray(averages) * traces / np.sqrt(primes)).sum(axis=-1)


def _first_row_for_all(averages, traces, primes):
    return (np.atleast_2d(averages)[0] * traces / primes).sum(axis=-1)


def _list_of_floats(averages, traces, primes):
    return [float(s) for s in right.best_signs(averages, traces, primes)]


def _single(averages, traces, primes):
    return right.best_signs(averages, traces, primes).astype(np.float32)


WRONG = {
    "murmurations.1": {
        "p + 1 minus the affine points": _forgets_infinity,
        "a1 and a3 forgotten": _short_equation,
        "wrong at p = 2": _completes_the_square,
    },
    "murmurations.2": {
        "every form counts one": _without_weights,
        "primitive forms only": _primitive_only,
        "forms on the boundary twice": _both_signs,
    },
    "murmurations.3": {
        "t and -t are one": _t_not_negative,
        "12 H for H": _twelve_forgotten,
        "only t = 0": _t_zero_only,
    },
    "murmurations.4": {
        "not divided by p": _not_divided,
        "divided by the root of p": _by_the_root,
        "the first row for all": _first_row_for_all,
    },
}

ACCEPTED = {
    "murmurations.1": {"numpy's integer": _numpy_trace},
    "murmurations.4": {"a list": _list_of_floats, "single precision": _single},
}
