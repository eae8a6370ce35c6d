"""The Möbius function against its definition, published counts and its identities."""

import json
import subprocess
import sys
from collections.abc import Callable
from math import gcd, isqrt, prod
from pathlib import Path

import numpy as np
import pytest

from course_utils.maths import number_theory
from course_utils.maths.number_theory import (
    mertens,
    mobius,
    mobius_segment,
    mobius_sieve,
    primes_upto,
)

FACTS = json.loads((Path(__file__).parent / "data" / "moebius_facts.json").read_text())
LARGEST_PRIME_BELOW_2_31 = 2**31 - 1


def primes_spec(limit: int) -> list[int]:
    return [p for p in range(2, limit + 1) if all(p % q for q in range(2, isqrt(p) + 1))]


def mobius_spec(n: int, primes: list[int]) -> int:
    """The definition read aloud; `primes` reaches up to n."""
    divisors = [p for p in primes if n % p == 0]
    return 0 if any(n % p**2 == 0 for p in divisors) else (-1) ** len(divisors)


def test_primes_upto_equals_the_definition() -> None:
    for limit in range(200):
        assert primes_upto(limit).tolist() == primes_spec(limit)


def test_number_of_primes_below_a_million_is_78498() -> None:  # OEIS A006880
    assert primes_upto(10**6).size == 78498


def test_sieve_and_single_values_equal_the_definition_up_to_ten_thousand() -> None:
    primes = primes_spec(10**4)
    expected = [mobius_spec(n, primes) for n in range(1, 10**4 + 1)]
    assert mobius_sieve(10**4)[1:].tolist() == expected
    assert [mobius(n) for n in range(1, 10**4 + 1)] == expected


def test_every_small_sieve_is_the_beginning_of_a_larger_one() -> None:
    mu = mobius_sieve(300)
    for limit in range(300):
        small = mobius_sieve(limit)
        assert small.dtype == np.int8
        assert small.tolist() == mu[: limit + 1].tolist()


@pytest.mark.parametrize("change", [-1, 0, 1])
def test_sieve_is_right_where_one_segment_ends(change: int) -> None:
    for segments in (1, 2):
        limit = segments * number_theory._SEGMENT + change
        tail = mobius_sieve(limit)[-5:].tolist()
        assert tail == [mobius(n) for n in range(limit - 4, limit + 1)]


def test_mobius_divisor_sums_vanish_above_one() -> None:
    limit = 20_000
    mu = mobius_sieve(limit)
    total = np.zeros(limit + 1, np.int64)
    for d in range(1, limit + 1):
        total[d::d] += mu[d]
    assert total[1] == 1
    assert not total[2:].any()


def test_mobius_is_multiplicative_on_coprime_pairs() -> None:
    mu = mobius_sieve(10**6)
    for a, b in np.random.default_rng(5).integers(1, 1001, (1000, 2)).tolist():
        assert gcd(a, b) > 1 or mu[a * b] == mu[a] * mu[b], (a, b)


def test_numbers_of_squarefree_integers_are_the_published_ones() -> None:  # OEIS A071172
    for limit, count in ((10, 7), (100, 61), (1000, 608), (10**6, 607926)):
        assert np.count_nonzero(mobius_sieve(limit)) == count


def test_sieve_agrees_with_the_published_sums() -> None:
    mu = mobius_sieve(10**7)
    assert mu[: 10**6 + 1].sum(dtype=np.int64) == FACTS["mertens"]["1e6"] == 212
    assert mu.sum(dtype=np.int64) == FACTS["mertens"]["1e7"] == 1037


def test_sieve_at_a_hundred_million_has_the_published_sum_and_count() -> None:
    mu = mobius_sieve(10**8)
    assert mu.sum(dtype=np.int64) == FACTS["mertens"]["1e8"] == 1928
    assert np.count_nonzero(mu) == FACTS["squarefree_count"]["1e8"] == 60_792_694


def test_mertens_equals_the_sum_of_the_definition() -> None:
    primes = primes_spec(3000)
    total = 0
    assert mertens(0) == 0
    for n in range(1, 3001):
        total += mobius_spec(n, primes)
        assert mertens(n) == total, n


def test_mertens_equals_the_sum_of_the_sieve_at_random_limits() -> None:
    sums = np.cumsum(mobius_sieve(10**6), dtype=np.int64)
    for limit in np.random.default_rng(6).integers(1, 10**6, 300).tolist():
        assert mertens(limit) == sums[limit], limit


def test_mertens_at_powers_of_ten_has_the_published_values() -> None:  # OEIS A084237
    published = [1, -1, 1, 2, -23, -48, 212, 1037, 1928, -222, -33722]
    assert [mertens(10**k) for k in range(len(published))] == published
    assert {f"1e{k}": mertens(10**k) for k in (6, 7, 8, 9)} == FACTS["mertens"]


@pytest.mark.parametrize("stop", [2**31 + 20, 10**9, 32768**2, 46337**2 + 3, 10**13, 10**14])
def test_segments_far_out_agree_with_trial_division(stop: int) -> None:
    count = 40 if stop < 2**32 else 3
    segment = mobius_segment(stop - count, stop)
    assert segment.tolist() == [mobius(n) for n in range(stop - count, stop)]


def test_segments_are_slices_of_the_sieve() -> None:
    mu = mobius_sieve(1_070_000)
    rng = np.random.default_rng(7)
    for start, length in rng.integers(1, [10**6, 70_000], (40, 2)).tolist():
        assert np.array_equal(mobius_segment(start, start + length), mu[start : start + length])


def test_mobius_of_a_product_of_primes_counts_them() -> None:
    rng = np.random.default_rng(8)
    for size in range(7):
        for _ in range(20):
            primes = rng.choice(primes_upto(100), size).tolist()
            expected = (-1) ** size if len(set(primes)) == size else 0
            assert mobius(prod(primes)) == expected, primes


def test_mobius_of_large_single_numbers() -> None:
    assert mobius(LARGEST_PRIME_BELOW_2_31) == -1
    assert mobius(2 * LARGEST_PRIME_BELOW_2_31) == 1
    assert mobius(65537**2) == 0
    assert mobius(30030 * 2) == 0
    assert mobius(np.int64(30)) == -1


def test_the_results_are_python_integers_and_bytes() -> None:
    for value in (mertens(10), mertens(10**6), mobius(1), mobius(np.int64(30))):
        assert type(value) is int
    assert mobius_sieve(np.int32(0)).tolist() == [0]


@pytest.mark.parametrize("function", [mobius, mobius_sieve, mertens, primes_upto])
@pytest.mark.parametrize("value", [12.0, "12", None, True, np.bool_(True), np.array([3])])
def test_what_is_not_an_integer_is_refused(function: Callable[..., object], value: object) -> None:
    with pytest.raises(TypeError, match="must be an integer"):
        function(value)


@pytest.mark.parametrize(
    ("function", "value", "message"),
    [
        (mobius, 0, "n must satisfy n >= 1, got 0"),
        (mobius, -7, "n must satisfy n >= 1, got -7"),
        (mobius_sieve, -1, r"limit must satisfy 0 <= limit < 2147483648, got -1"),
        (mobius_sieve, 2**31, r"limit must satisfy .*, got 2147483648"),
        (mertens, -1, "limit must satisfy"),
        (mertens, 10**12, "limit must satisfy"),
        (primes_upto, -1, "limit must satisfy"),
        (mobius, -(10**200), r"got -1000.*\.\.\.$"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(
    function: Callable[..., object], value: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        function(value)


def test_segments_refuse_zero_and_reversed_ends() -> None:
    with pytest.raises(ValueError, match="start must satisfy"):
        mobius_segment(0, 10)
    with pytest.raises(ValueError, match="stop must satisfy 10 <= stop"):
        mobius_segment(10, 9)
    with pytest.raises(TypeError, match="stop must be an integer"):
        mobius_segment(1, 9.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="stop must satisfy"):
        mobius_segment(1, 10**14 + 1)
    assert mobius_segment(10, 10).size == 0
    assert mobius_segment(1, 1).size == 0


MEMORY = """
from pathlib import Path
from course_utils.maths.number_theory import mobius_sieve
def peak():  # the largest resident size so far, in bytes
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
mobius_sieve(1000)
before = peak()
mobius_sieve({limit})
print((peak() - before) / {limit})
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from Linux's /proc")
def test_sieve_needs_at_most_1_2_bytes_a_number() -> None:
    program = MEMORY.format(limit=10**8)
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert run.returncode == 0, run.stderr
    assert 0.5 < float(run.stdout) < 1.2, run.stdout
