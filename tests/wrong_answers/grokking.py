"""Wrong answers to the companion on modular addition: the mistakes that people really make."""

import numpy as np

from course_utils.exercises import grokking as right


def _sizes(column):
    size = np.abs(np.fft.rfft(column)[1:])
    return size / size.sum()


def _with_the_mean(column):
    power = np.abs(np.fft.rfft(column)) ** 2
    return (power / power.sum())[1:]


def _one_sided(column):
    power = np.abs(np.fft.fft(column)[1:]) ** 2
    return (power / power.sum())[: len(column) // 2]


def _from_zero(column):
    power = np.abs(np.fft.rfft(column)) ** 2
    return power[:-1] / power[1:].sum()


def _projections(column):
    """Least squares on cosine and sine of each frequency."""
    p = len(column)
    u, found = column - column.mean(), []
    for k in range(1, p // 2 + 1):
        angle = 2 * np.pi * k * np.arange(p) / p
        basis = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        found.append(float(((basis @ np.linalg.lstsq(basis, u)[0]) ** 2).sum() / (u**2).sum()))
    return found


def _conjugate(columns, k):
    return right.amplitudes(columns, k).conj()


def _without_two(columns, k):
    return right.amplitudes(columns, k) / 2


def _first_frequency(columns, k):
    return right.amplitudes(columns, np.full_like(k, k[0]))


def _counts_from_zero(columns, k):
    return 2 / len(columns) * np.fft.fft(columns, axis=0)[np.asarray(k) - 1, np.arange(len(k))]


def _by_fft(columns, k):
    return 2 / len(columns) * np.fft.fft(columns, axis=0)[k, np.arange(len(k))]


def _only_the_sum(x, y, z):
    return {key: c for key, c in right.terms(x, y, z).items() if key[1] != -1}


def _without_constant(x, y, z):
    return {key: c for key, c in right.terms(x, y, z).items() if key != (0, 0, 1)}


def _products_of_real_parts(x, y, z):
    """Cos a cos b is half a sum, but the conjugates are forgotten: right for real numbers."""
    found = right.terms(x, y, z)
    found[1, -1, 1], found[1, 1, -1], found[1, -1, -1] = (x * y * z / 2,) * 3
    found[2, 0, -1], found[0, 2, -1] = x * x * z / 4, y * y * z / 4
    return found


def _no_double_product(x, y, z):
    return {key: c / 2 if key[1] in (1, -1) else c for key, c in right.terms(x, y, z).items()}


def _other_signs(x, y, z):
    """The conjugates of all terms: the real part is the same."""
    return {(-r, -s, -t): c.conjugate() for (r, s, t), c in right.terms(x, y, z).items()}


def _every_answer(frequencies, p):
    d = np.arange(p)
    return (1 - np.cos(2 * np.pi * np.outer(frequencies, d) / p)).sum(axis=0).min()


def _next_answer(frequencies, p):
    return sum(1 - np.cos(2 * np.pi * k / p) for k in frequencies)


def _mean(frequencies, p):
    return right.smallest_lead(frequencies, p) / len(frequencies)


def _each_alone(frequencies, p):
    return sum(right.smallest_lead([k], p) for k in frequencies)


def _half(frequencies, p):
    rivals = range(1, p // 2 + 1)
    return min(sum(1 - np.cos(2 * np.pi * k * d / p) for k in frequencies) for d in rivals)


def _grid(p, frequencies, m, scale=None, sign=1):
    turn = 2 * np.pi * np.arange(m) / m
    k = np.repeat(np.asarray(frequencies), m * m)
    alpha = np.tile(np.repeat(turn, m), len(frequencies))
    beta = np.tile(turn, m * len(frequencies))
    angle = 2 * np.pi * np.outer(np.arange(p), k) / p
    scale = 2 / m**2 if scale is None else scale
    return (
        np.cos(angle + alpha),
        np.cos(angle + beta),
        scale * np.cos(angle + sign * alpha + beta).T,
    )


def _six(p, frequencies):
    """Six neurons per frequency: phases j and 4j sixths of a turn."""
    turn = 2 * np.pi * np.arange(6) / 6
    k = np.repeat(np.asarray(frequencies), 6)
    alpha, beta = np.tile(turn, len(frequencies)), np.tile(4 * turn, len(frequencies))
    angle = 2 * np.pi * np.outer(np.arange(p), k) / p
    return [np.cos(angle + alpha), np.cos(angle + beta), np.cos(angle + alpha + beta).T / 3]


WRONG = {
    "grokking.1": {
        "sizes instead of their squares": _sizes,
        "the mean counts as a frequency": _with_the_mean,
        "half of each frequency": _one_sided,
        "one frequency too low": _from_zero,
    },
    "grokking.2": {
        "the conjugate": _conjugate,
        "half of it": _without_two,
        "one frequency for all columns": _first_frequency,
        "one frequency too low": _counts_from_zero,
    },
    "grokking.3": {
        "only the sum of the angles": _only_the_sum,
        "forgets the constant of the squares": _without_constant,
        "forgets conjugates": _products_of_real_parts,
        "forgets the 2 of the double product": _no_double_product,
    },
    "grokking.4": {
        "the right answer is a rival, too": _every_answer,
        "the next answer is the nearest rival": _next_answer,
        "the mean of the frequencies": _mean,
        "the worst rival of each frequency": _each_alone,
    },
    "grokking.5": {
        "one neuron per frequency": lambda p, frequencies: _grid(p, frequencies, 1),
        "two phases": lambda p, frequencies: _grid(p, frequencies, 2),
        "without the factor": lambda p, frequencies: _grid(p, frequencies, 3, scale=1),
        "a phase with the wrong sign": lambda p, frequencies: _grid(p, frequencies, 3, sign=-1),
        "sixteen per frequency": lambda p, frequencies: _grid(p, frequencies, 4),
    },
}

ACCEPTED = {
    "grokking.1": {"least squares, a list": _projections},
    "grokking.2": {"by the fast transform": _by_fft},
    "grokking.3": {"conjugates of all terms": _other_signs},
    "grokking.4": {"half of the rivals": _half},
    "grokking.5": {"six per frequency": _six},
}
