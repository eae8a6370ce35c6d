"""Class numbers by listing forms, traces by counting points on curves from published tables."""

import numpy as np
import pytest

from course_utils.exercises.murmurations import frobenius_trace, weighted_forms
from course_utils.maths.modular_forms import hurwitz_class_numbers, signed_trace, signed_traces
from course_utils.maths.number_theory import mobius, primes_upto

# Cremona's tables: the curves of these conductors, one in each class, and the sign.
CURVES = {
    11: [((0, -1, 1, -10, -20), 1)],
    14: [((1, 0, 1, 4, -6), 1)],
    15: [((1, 1, 1, -10, -10), 1)],
    17: [((1, -1, 1, -1, -14), 1)],
    19: [((0, 1, 1, -9, -15), 1)],
    21: [((1, 0, 0, -4, -1), 1)],
    26: [((1, 0, 1, -5, -8), 1), ((1, -1, 1, -3, 3), 1)],
    30: [((1, 0, 1, 1, 2), 1)],
    37: [((0, 0, 1, -1, 0), -1), ((0, 1, 1, -23, -50), 1)],
}


def every_form(n):
    """12 H(n) from all triples with |b| <= a <= c, nothing shared with the code under test."""
    total = 0
    for a in range(1, n + 1):
        if 3 * a * a > n:
            break
        for b in range(-a, a + 1):
            if (b * b + n) % (4 * a) == 0:
                c = (b * b + n) // (4 * a)
                if c < a or (b < 0 and (a == -b or a == c)):
                    continue
                total += 4 if a == b == c else 6 if (b == 0 and a == c) else 12
    return total


def test_class_numbers_count_reduced_forms():
    table = hurwitz_class_numbers(2000)
    assert table.dtype == np.int64
    assert table[0] == -1
    assert [every_form(n) for n in range(1, 2001)] == table[1:].tolist()
    assert [weighted_forms(n) for n in range(1, 301)] == table[1:301].tolist()


def test_blocks_join_without_a_seam():
    whole = hurwitz_class_numbers(140_000)
    for n in (65_535, 65_536, 65_539, 65_540, 131_071, 131_072, 139_999, 140_000):
        assert whole[n] == every_form(n)
    assert not whole[1::4].any()
    assert not whole[2::4].any()


def test_kroneckers_relation():
    """Σ_t H(4n - t²) = Σ_{d | n} max(d, n/d), t over all integers: Hurwitz 1885."""
    table = hurwitz_class_numbers(4000)
    for n in range(1, 1001):
        t = np.arange(-int((4 * n) ** 0.5), int((4 * n) ** 0.5) + 1)
        assert table[4 * n - t * t].sum() == 12 * sum(
            max(d, n // d) for d in range(1, n + 1) if n % d == 0
        )


@pytest.mark.parametrize("level", CURVES)
def test_traces_are_those_of_the_curves_of_this_conductor(level):
    for p in primes_upto(60).tolist():
        if level % p:
            expected = sum(sign * frobenius_trace(curve, p) for curve, sign in CURVES[level])
            assert signed_trace(level, p) == expected


@pytest.mark.parametrize("level", [1, 2, 3, 5, 6, 7, 10, 13])
def test_levels_of_genus_zero_have_no_newforms(level):
    for p in primes_upto(50).tolist():
        if level % p:
            assert signed_trace(level, p) == 0


def test_the_table_agrees_with_single_values():
    levels, primes = [1, 2, 11, 30, 37, 101, 210], [2, 3, 5, 7, 11, 97]
    table = signed_traces(levels, primes)
    for i, level in enumerate(levels):
        for j, p in enumerate(primes):
            assert table[i, j] == (0 if level % p == 0 else signed_trace(level, p))
    assert signed_traces([], [2]).shape == (0, 1)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="square-free"):
        signed_trace(12, 5)
    with pytest.raises(ValueError, match="divide level"):
        signed_trace(11, 11)
    with pytest.raises(ValueError, match="prime must be a prime"):
        signed_trace(11, 9)
    with pytest.raises(ValueError, match="at most"):
        signed_trace(10**9 + 7, 101)
    with pytest.raises(ValueError, match="level"):
        signed_trace(0, 3)
    with pytest.raises(TypeError, match="prime"):
        signed_trace(11, 2.0)
    with pytest.raises(ValueError, match="limit"):
        hurwitz_class_numbers(-1)
    with pytest.raises(ValueError, match="below"):
        signed_traces([10**6 + 3], [1009])


def test_square_free_levels_only():
    assert all(mobius(n) for n in CURVES)
