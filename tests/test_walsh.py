"""The Walsh–Hadamard transform against its definition, Parseval and the density of squarefrees."""

import math

import numpy as np
import pytest

from course_utils.maths.number_theory import mobius_sieve
from course_utils.maths.walsh import walsh_hadamard


@pytest.mark.parametrize("k", range(8))
def test_transform_is_the_sum_over_its_definition(k):
    f = np.random.default_rng(k).integers(-5, 6, 2**k)
    sums = [sum(int(f[n]) * (-1) ** (n & S).bit_count() for n in range(2**k)) for S in range(2**k)]
    assert walsh_hadamard(f).tolist() == sums
    assert (walsh_hadamard(walsh_hadamard(f)) == 2**k * f).all()


def test_parseval_for_the_moebius_function():
    mu = mobius_sieve(2**16 - 1)
    spectrum = walsh_hadamard(mu)
    assert int((spectrum**2).sum()) == 2**16 * int(np.count_nonzero(mu))
    assert spectrum[0] == mu.sum(dtype=np.int64)


def test_squarefree_indicator_has_three_equal_large_correlations():
    square = np.abs(mobius_sieve(2**18 - 1))
    shares = walsh_hadamard(square) / 2**18
    largest = np.argsort(-np.abs(shares[1:]))[:3] + 1
    assert sorted(largest.tolist()) == [1, 2, 3]
    assert shares[1:4] == pytest.approx([-2 / math.pi**2] * 3, abs=1e-3)


@pytest.mark.parametrize(
    ("values", "error"),
    [([1, 2, 3], ValueError), ([], TypeError), ([1.0, 2.0], TypeError), ([[1, 2]], ValueError)],
)
def test_bad_values_are_named(values, error):
    with pytest.raises(error, match="values must be"):
        walsh_hadamard(values)
