"""Networks of characters: enclosures against exact values in quadratic fields, and by floats."""

from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from course_utils.maths.character_networks import (
    cosines,
    ideal_neurons,
    logit_terms,
    proved_leads,
)


def test_cosines_of_sixths_and_quarters_are_exact():
    assert cosines(1) == (2**24,)
    assert cosines(2) == (2**24, -(2**24))
    assert cosines(4) == (2**24, 0, -(2**24), 0)
    assert cosines(6, 30) == tuple(2**29 * c for c in (2, 1, -1, -2, -1, 1))


def test_cosines_of_fifths_and_eighths_against_square_roots():
    getcontext().prec = 90
    five, two = Decimal(5).sqrt(), Decimal(2).sqrt()
    fifths = [1, (five - 1) / 4, (-five - 1) / 4, (-five - 1) / 4, (five - 1) / 4]
    eighths = [1, two / 2, 0, -two / 2, -1, -two / 2, 0, two / 2]
    for bits in (1, 24, 60, 200):
        for exact in (fifths, eighths):
            for found, value in zip(cosines(len(exact), bits), exact, strict=True):
                assert abs(found - value * 2**bits) <= 1


@pytest.mark.parametrize("n", [59, 97, 236])
def test_cosines_against_floats_and_the_sum_of_all(n):
    found = np.array(cosines(n)) / 2**24
    assert np.abs(found - np.cos(2 * np.pi * np.arange(n) / n)).max() < 1.1 / 2**24
    assert abs(sum(cosines(n))) <= n


def slow_logits(n, k, x, y, z):
    """The definition of the network, neuron by neuron, in floats."""
    residues, total = np.arange(n), np.zeros((n, n, n))
    for kj, xj, yj, zj in zip(k, x, y, z, strict=True):
        turn = np.exp(2j * np.pi * kj * residues / n)
        u, v, w = (xj * turn).real, (yj * turn).real, (zj * turn).real
        total += ((u[:, None] + v) ** 2)[:, :, None] * w
    return total


def slow_leads(n, k, x, y, z):
    logits = slow_logits(n, k, x, y, z)
    leads = np.empty((n, n))
    for a, b in product(range(n), repeat=2):
        others = [logits[a, b, c] for c in range(n) if c != (a + b) % n]
        leads[a, b] = logits[a, b, (a + b) % n] - max(others)
    return leads


@pytest.mark.parametrize(("n", "neurons"), [(2, 3), (3, 1), (7, 12), (8, 5), (13, 40)])
def test_leads_against_the_definition(n, neurons):
    dice = np.random.default_rng(n)
    k = dice.integers(0, n, neurons)
    x, y, z = (v[0] + 1j * v[1] for v in dice.normal(size=(3, 2, neurons)))
    x, y, z = (np.round(v * 2**16) / 2**16 for v in (x, y, z))  # so that nothing is rounded
    leads, error, unit = proved_leads(n, k, x, y, z)
    assert (np.abs(leads - slow_leads(n, k, x, y, z) * unit) <= error + 1e-9 * unit).all()
    assert error < 1e-2 * unit


def test_terms_evaluated_give_the_logits():
    dice = np.random.default_rng(1)
    k, (x, y, z) = np.array([1, 3, 1, 2]), dice.integers(-8, 9, (3, 4)) / 4
    logits = slow_logits(7, k, x, y, z)
    terms = logit_terms(k, x, y, z, bits=2)
    assert len(terms) == 3 * 9
    for a, b, c in product(range(7), repeat=3):
        value = 0
        for (kj, r, s, t), (re, im) in terms.items():
            angle = 2 * np.pi * kj * (r * a + s * b + t * c) / 7
            value += re * np.cos(angle) - im * np.sin(angle)
        assert abs(value / 2**8 - logits[a, b, c]) < 1e-9


def test_exact_leads_in_rational_numbers():
    """With real numbers and n = 3 or 6 all cosines are halves: the leads are rational."""
    halves = {3: (2, -1, -1), 6: (2, 1, -1, -2, -1, 1)}
    k, x, y, z = [1, 2, 1], [3, -1, 2], [1, 5, -2], [1, 2, 1]
    for n, cosine in halves.items():
        leads, error, unit = proved_leads(n, k, x, y, z)

        def logit(a, b, c, n=n, cosine=cosine):
            total = Fraction(0)
            for kj, xj, yj, zj in zip(k, x, y, z, strict=True):
                u, v, w = (cosine[kj * m % n] for m in (a, b, c))
                total += Fraction((xj * u + yj * v) ** 2 * zj * w, 8)
            return total

        for a, b in product(range(n), repeat=2):
            rivals = [logit(a, b, c) for c in range(n) if c != (a + b) % n]
            exact = logit(a, b, (a + b) % n) - max(rivals)
            assert abs(int(leads[a, b]) - exact * unit) <= error


@pytest.mark.parametrize("m", [3, 5])
def test_ideal_neurons_have_the_lead_of_one_cosine(m):
    x, y, z = ideal_neurons(m)
    leads, error, unit = proved_leads(11, [4] * len(x), x, y, z)
    wanted = m * m / 2 * (1 - np.cos(2 * np.pi / 11))
    assert np.abs(leads / unit - wanted).max() < error / unit + 1e-3 * m
    assert (leads > error).all()


def test_a_network_that_is_wrong_is_not_proved():
    x, y, z = ideal_neurons(3)
    leads, error, _ = proved_leads(11, [4] * 9, x, y, -z)
    assert (leads + error < 0).all()
    leads, error, _ = proved_leads(9, [3] * 9, x, y, z)  # 3 and 9: c and c + 3 tie
    assert (np.abs(leads) <= error + 2**30).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cosines(0), "n must be >= 1, got 0"),
        (lambda: cosines(5, 0), "bits must be from 1 to 200, got 0"),
        (lambda: logit_terms([0.5], [1], [1], [1]), "frequencies must be a list of integers"),
        (lambda: logit_terms([], [], [], []), "frequencies must be a list of integers"),
        (lambda: logit_terms([1], [1], [1, 2], [1]), r"y must have shape \(1,\), got \(2,\)"),
        (lambda: logit_terms([1], [1], [1], [np.nan]), "z must be finite"),
        (lambda: logit_terms([1], [1], [1], [1], bits=41), "bits must be from 1 to 40, got 41"),
        (lambda: proved_leads(1, [1], [1], [1], [1]), "n must be from 2 to 200, got 1"),
        (lambda: proved_leads(5, [1], [2**19], [1], [1]), "too large for arithmetic in 63 bits"),
        (lambda: ideal_neurons(2), "m must be >= 3, got 2"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
