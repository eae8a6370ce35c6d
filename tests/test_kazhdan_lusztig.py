"""Kazhdan-Lusztig polynomials against their definition, reference tables and identities."""

import gzip
import json
from functools import cache
from itertools import combinations
from itertools import permutations as all_permutations
from pathlib import Path

import numpy as np
import pytest

from course_utils.maths import kazhdan_lusztig_packed as packed
from course_utils.maths.extremal_pairs import extremal_group
from course_utils.maths.kazhdan_lusztig import (
    distinct_kl_polynomials,
    extremal,
    kl_polynomial,
    mu_coefficient,
    plus,
    r_polynomial,
    r_tilde_polynomial,
    trim,
)
from course_utils.maths.permutations import (
    bruhat_interval,
    bruhat_leq,
    inverse,
    left_descents,
    length,
    right_descents,
    symmetric_group,
)

DATA = Path(__file__).parent / "data" / "kl"
Polynomial = tuple[int, ...]


def group(n: int) -> list[tuple[int, ...]]:
    return list(all_permutations(range(1, n + 1)))


def reference(name: str) -> dict[tuple[tuple[int, ...], tuple[int, ...]], Polynomial]:
    table = {}
    for line in gzip.decompress((DATA / name).read_bytes()).decode().splitlines():
        x, w, *coefficients = line.split()
        table[tuple(map(int, x)), tuple(map(int, w))] = tuple(map(int, coefficients))
    return table


def product(p: Polynomial, q: Polynomial) -> Polynomial:
    total: Polynomial = (0,)
    for k, c in enumerate(p):
        total = plus(total, q, power=k, factor=c)
    return total


@cache
def coset_formula(x: tuple[int, ...], w: tuple[int, ...]) -> Polynomial:
    """Proposition of section 2 of the note: increasing subsequences of x that end in w(1)."""
    if len(x) == 1:
        return (1,)
    total: Polynomial = (0,)
    for size in range(len(x)):
        for chosen in combinations(range(1, len(x)), size):
            values = [x[0], *(x[j] for j in chosen)]
            if values == sorted(values) and values[-1] == w[0]:
                rest = list(x)
                for j, value in zip(chosen, values, strict=False):
                    rest[j] = value
                total = plus(total, coset_formula(tuple(rest[1:]), w[1:]), power=size)
    return total


def test_coset_formula_on_all_intervals_of_s6() -> None:
    intervals = 0
    for w in group(6):
        for x in bruhat_interval((1, 2, 3, 4, 5, 6), w):
            assert coset_formula(x, w) == r_tilde_polynomial(x, w), (x, w)
            intervals += 1
    assert intervals == 98407


@pytest.mark.parametrize(("n", "nontrivial"), [(4, 6), (5, 394)])
def test_tables_of_s4_and_s5_are_the_reference(n: int, nontrivial: int) -> None:
    wanted = reference(f"kl_S{n}_nontrivial.txt.gz")
    assert len(wanted) == nontrivial
    for x in group(n):
        for w in group(n):
            default = (1,) if bruhat_leq(x, w) else (0,)
            assert kl_polynomial(x, w) == wanted.get((x, w), default), (x, w)


def test_r_polynomials_of_s4_are_the_reference() -> None:
    wanted = reference("R_S4.txt.gz")
    assert len(wanted) == 213
    assert all(r_polynomial(x, w) == wanted.get((x, w), (0,)) for x in group(4) for w in group(4))


def test_kl_polynomials_satisfy_their_defining_identity_on_s4() -> None:
    """q^(l(w)-l(x)) P_{x,w}(1/q) = sum of R_{x,y} P_{y,w}; with the degree bound it defines P."""
    for x, w in reference("R_S4.txt.gz"):
        total: Polynomial = (0,)
        for y in bruhat_interval(x, w):
            total = plus(total, product(r_polynomial(x, y), kl_polynomial(y, w)))
        apart, p = length(w) - length(x), kl_polynomial(x, w)
        assert total == trim([*[0] * (apart + 1 - len(p)), *p[::-1]])
        assert 2 * (len(p) - 1) <= max(0, apart - 1)


def test_r_tilde_gives_r() -> None:
    """R(q) = q^(l/2) R~(q^(1/2) - q^(-1/2)), so q^k of R~ becomes (q-1)^k q^((l-k)/2)."""
    for x in group(4):
        for w in group(4):
            total: Polynomial = (0,)
            tilde, apart = r_tilde_polynomial(x, w), length(w) - length(x)
            power: Polynomial = (1,)
            for k, c in enumerate(tilde):
                if c:
                    total = plus(total, power, power=(apart - k) // 2, factor=c)
                power = product(power, (-1, 1))
            assert total == r_polynomial(x, w)


@pytest.mark.parametrize("n", [5, 6, 7])
def test_distinct_polynomials_are_the_reference(n: int) -> None:
    wanted = json.loads(gzip.decompress((DATA / f"distinct_polys_S{n}.json.gz").read_bytes()))
    assert distinct_kl_polynomials(n) == {tuple(p) for p in wanted}


def test_s8_has_1118_distinct_polynomials_with_two_packings() -> None:
    found = distinct_kl_polynomials(8)
    assert len(found) == 1118
    assert max(map(max, found)) == 73
    assert max(map(sum, found)) == 239
    assert {trim(row) for row in packed.distinct(packed.kl_table(8, 10)).tolist()} == found


def test_packed_and_readable_programs_agree_on_random_pairs_of_s6() -> None:
    rng = np.random.default_rng(6)
    ranks = rng.integers(0, 720, (600, 2))
    table, elements = packed.kl_table(6), group(6)
    found = packed.unpack(packed.polynomials(table, *ranks.T), table.bits).tolist()
    pairs = [(elements[x], elements[w]) for x, w in ranks]
    assert [trim(row) for row in found] == [kl_polynomial(x, w) for x, w in pairs]


def test_polynomials_of_s7_have_the_symmetries_and_the_degree_bound() -> None:
    rng, elements = np.random.default_rng(7), group(7)
    nontrivial = 0
    for x, w in rng.integers(0, 5040, (300, 2)).tolist():
        x, w = elements[min(x, w) // 4], elements[max(x, w)]
        p = kl_polynomial(x, w)
        assert p == kl_polynomial(inverse(x), inverse(w))
        assert p == kl_polynomial(*(tuple(8 - a for a in reversed(y)) for y in (x, w)))
        assert p == (0,) or 2 * (len(p) - 1) <= max(0, length(w) - length(x) - 1)
        assert (p[0] == 1) == bruhat_leq(x, w)
        nontrivial += len(p) > 1
    assert nontrivial > 30


@pytest.mark.parametrize(
    ("n", "row"),
    [
        (4, (213, 207, 2, 1, 1, 2, 30, 60, 1)),
        (5, (3781, 3387, 5, 2, 2, 4, 242, 482, 1)),
        (6, (98407, 76255, 17, 4, 3, 10, 2940, 4268, 1)),
        (7, (3550919, 2231507, 98, 15, 5, 44, 50224, 41934, 1)),
    ],
)
def test_census_is_that_of_coxeter3(n: int, row: tuple[int, ...]) -> None:
    assert packed.census(packed.kl_table(n)) == row


def test_histogram_of_q4_and_q5_in_s7_is_the_corrected_one() -> None:
    table = packed.kl_table(7)
    counts = packed.multiplicities(table)
    coefficients = packed.unpack(np.stack([table.low, table.high], axis=1), table.bits)
    found = [
        {int(v): int(counts[coefficients[:, k] == v].sum()) for v in np.unique(coefficients[:, k])}
        for k in range(6)
    ]
    assert found[4] | {0: 0} == {0: 0, 1: 864, 2: 16, 3: 64, 7: 4}
    assert found[5] | {0: 0} == {0: 0, 1: 10}
    assert found[0] == {1: 2_841_370 + 709_549}
    assert max(found[3]) == 15


def test_extremal_pairs_by_their_definition() -> None:
    table, elements = packed.kl_table(5), group(5)
    for r, w in enumerate(table.element):
        w = elements[w]
        wanted = [
            x
            for x in bruhat_interval((1, 2, 3, 4, 5), w)
            if left_descents(w) <= left_descents(x) and right_descents(w) <= right_descents(x)
        ]
        row = table.x[table.start[r] : table.start[r + 1]]
        assert [elements[k] for k in row] == sorted(wanted)
        assert {extremal(x, w) for x in bruhat_interval((1, 2, 3, 4, 5), w)} == set(wanted)


def test_mu_is_the_coefficient_of_its_definition() -> None:
    for w in group(4):
        for x in group(4):
            apart, p = length(w) - length(x), kl_polynomial(x, w)
            wanted = apart > 0 and apart % 2 == 1 and len(p) > (apart - 1) // 2
            assert mu_coefficient(x, w) == (p[(apart - 1) // 2] if wanted else 0)


def test_packed_arithmetic_is_exact_with_borrows_across_words() -> None:
    """The packing is P(2^bits) modulo 2^128: compare with Python's integers."""
    rng, modulus = np.random.default_rng(12), 2**128
    for _ in range(200):
        a, b = (int(rng.integers(0, 2**63)) << 65 | int(rng.integers(0, 2**63)) for _ in range(2))
        shift = int(rng.integers(0, 128))
        halves = [np.uint64(v) for c in (a, b) for v in (c % 2**64, c >> 64)]
        low, high = packed._minus(*halves, shift)
        assert int(low) + (int(high) << 64) == (a - (b << shift)) % modulus
        low, high = packed._plus(*halves, shift)
        assert int(low) + (int(high) << 64) == (a + (b << shift)) % modulus


def test_multiplication_table_of_the_packed_program() -> None:
    g, s = extremal_group(5), symmetric_group(5)
    for k in range(8):
        shorter = s.lengths[g.mul[:, k]] < s.lengths
        assert (shorter == (g.descents >> k & 1)).all()
        assert (g.mul[g.mul[:, k], k] == np.arange(120)).all()


def test_trivial_groups_and_equal_pairs() -> None:
    assert kl_polynomial((1,), (1,)) == r_polynomial((1,), (1,)) == (1,)
    assert distinct_kl_polynomials(1) == distinct_kl_polynomials(2) == {(1,)}
    assert kl_polynomial(range(1, 8), range(1, 8)) == (1,)
    assert kl_polynomial((2, 1, 3, 4, 5, 6, 7), (1, 2, 3, 4, 5, 7, 6)) == (0,)


def test_bad_input_is_refused_with_what_is_allowed() -> None:
    ten = tuple(range(1, 11))
    with pytest.raises(ValueError, match="13,168,189,440,000 pairs"):
        kl_polynomial(ten, ten)
    with pytest.raises(ValueError, match="16 bytes a pair"):
        distinct_kl_polynomials(10)
    with pytest.raises(ValueError, match="must permute the same"):
        kl_polynomial((1, 2), (1, 2, 3))
    with pytest.raises(ValueError, match="x must be a permutation"):
        r_polynomial((1, 1), (1, 2))
    with pytest.raises(ValueError, match="below w"):
        extremal((2, 1, 3), (1, 3, 2))
    with pytest.raises(ValueError, match="1 <= n <= 8"):
        r_polynomial(ten, ten)
    for n, bits in ((1, 12), (4, 9), (4, 15)):
        with pytest.raises(ValueError, match="bits"):
            packed.kl_table(n, bits)
    with pytest.raises(ValueError, match="integer"):
        distinct_kl_polynomials(True)
