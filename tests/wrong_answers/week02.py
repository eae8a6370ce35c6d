"""Mistakes that people make in week 2."""

from fractions import Fraction
from math import isqrt, pi, prod

import numpy as np

from course_utils.exercises.week02 import convolution_matrix, relu_interpolant
from course_utils.maths.number_theory import mobius, mobius_segment, primes_upto


def bump_with_the_bits_as_weights(bits):
    return list(bits), 1 - sum(bits)


def bump_that_is_right_for_even_weight_only(bits):
    return [2 * b - 1 for b in bits], 1 - 2 * (sum(bits) // 2)


def interpolant_with_slopes_instead_of_their_changes(knots, values):
    return np.diff(values) / np.diff(knots), values[0]


def interpolant_for_knots_at_distance_one(knots, values):
    return np.diff(np.diff(values), prepend=0.0), values[0]


def cross_correlation(h):  # what torch calls convolution; the same for symmetric filters
    return convolution_matrix(h).T


def convolution_without_wrapping(h):
    return np.tril(convolution_matrix(h))


def mobius_counting_with_multiplicity(n):
    count, p = 0, 2
    while n > 1:
        while n % p == 0:
            count, n = count + 1, n // p
        p += 1
    return (-1) ** count


def segment_without_the_large_prime(start, stop):
    product = np.ones(stop - start, np.int64)
    for p in primes_upto(isqrt(stop - 1)).tolist():
        product[-start % p :: p] *= -1
        product[-start % p**2 :: p**2] = 0
    return product


def segment_with_too_few_primes(start, stop):
    product = np.ones(stop - start, np.int64)
    n = np.arange(start, stop)
    for p in primes_upto(isqrt(stop - 1) - 1).tolist():
        product[-start % p :: p] *= -p
        product[-start % p**2 :: p**2] = 0
    return np.where(abs(product) == n, 1, -1) * np.sign(product)


def confusion_transposed(truth, guess):
    return np.bincount(3 * (guess + 1) + truth + 1, minlength=9).reshape(3, 3)


def confusion_without_unseen_cells(truth, guess):
    cells, counts = np.unique(3 * (truth + 1) + guess + 1, return_counts=True)
    result = np.zeros(9, int)
    result[: len(cells)] = counts
    return result.reshape(3, 3)


def importance_that_never_restores_a_column(predict, X, y, order):
    right, losses = np.mean(predict(X) == y), []
    for j in range(X.shape[1]):
        X[:, j] = X[order, j]
        losses.append(right - np.mean(predict(X) == y))
    return np.array(losses)


def importance_with_whole_rows_shuffled(predict, X, y, order):
    loss = np.mean(predict(X) == y) - np.mean(predict(X[order]) == y)
    return np.full(X.shape[1], loss)


WRONG = {
    "2.1": {
        "takes the bits as weights": bump_with_the_bits_as_weights,
        "miscounts strings of odd weight": bump_that_is_right_for_even_weight_only,
    },
    "2.2": {
        "gives slopes, not changes of slope": interpolant_with_slopes_instead_of_their_changes,
        "assumes knots at distance 1": interpolant_for_knots_at_distance_one,
        "forgets the bias": lambda knots, values: (relu_interpolant(knots, values)[0], 0.0),
    },
    "2.3": {
        "is the cross-correlation": cross_correlation,
        "does not wrap around": convolution_without_wrapping,
    },
    "2.4": {
        "counts with multiplicity": mobius_counting_with_multiplicity,
        "forgets the sign": lambda n: abs(mobius(n)),
        "right up to 100 only": lambda n: mobius(n) if n <= 100 else 0,
        "returns floats": lambda n: float(mobius(n)),
    },
    "2.5": {
        "forgets the prime above the root": segment_without_the_large_prime,
        "stops one prime early": segment_with_too_few_primes,
        "right up to 1000 only": lambda a, b: np.where(
            np.arange(a, b) <= 1000, mobius_segment(a, b), 0
        ),
    },
    "2.6": {
        "is transposed": confusion_transposed,
        "skips empty cells": confusion_without_unseen_cells,
    },
    "2.7": {
        "never restores a column": importance_that_never_restores_a_column,
        "shuffles whole rows": importance_with_whole_rows_shuffled,
    },
    "2.8": {
        "forgets the primes not listed": lambda D, P: prod(1 - 1 / p for p in D),
        "treats D like the other primes": lambda D, P: 6 / pi**2,
        "divides by the wrong primes": lambda D, P: (
            6 / pi**2 * prod(1 - 1 / p for p in D) / prod(1 - 1 / p**2 for p in D)
        ),
    },
}


def convolution_by_fourier(h):
    diagonal = np.fft.fft(h)[:, None] * np.fft.fft(np.eye(len(h)), axis=0)
    return np.fft.ifft(diagonal, axis=0).real


WRONG["2.5"]["loops over the window"] = lambda a, b: np.array([mobius(n) for n in range(a, b)])

ACCEPTED = {
    "2.3": {"by Fourier transforms, in floats": convolution_by_fourier},
    "2.4": {"as a fraction": lambda n: Fraction(mobius(n))},
}
