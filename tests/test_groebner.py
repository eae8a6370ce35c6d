"""Gröbner bases against Singular's, SymPy's and the definition; counts against a worked run."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import sympy

from course_utils.maths import buchberger_kernels, groebner, monomials
from course_utils.maths.buchberger_wide import Run
from course_utils.maths.groebner import (
    STRATEGIES,
    buchberger_statistics,
    grevlex,
    groebner_basis,
    is_groebner_basis,
    random_ideal,
)

DATA = Path(__file__).parent / "data" / "buchberger"
SAMPLE = json.loads((DATA / "groebner_bases_sample.json").read_text())["cases"]
TRACES = json.loads((DATA / "degree_traces.json").read_text())["traces"]
MEANS = json.loads((DATA / "strategy_means.json").read_text())
WORKED = [  # x > y > z
    {(4, 0, 1): 1, (0, 3, 0): -1},
    {(2, 2, 0): 1, (1, 0, 2): -1},
    {(0, 1, 3): 1, (2, 0, 0): -1},
    {(3, 0, 2): 1, (1, 1, 0): -1},
]
WORKED_STEPS = """
0,3:1→031  1,4:2→410  2,4:2→212  0,5:1→040  4,7:3→102  2,8:1→121  3,8:1→310  6,8:2→0
1,9:2→400  4,9:1→0  8,9:1→130  1,10:2→210  1,13:3→301  10,13:4→0  5,10:2→300  10,15:5→120
11,15:4→111  14,15:3→0  1,16:4→0  9,16:4→0  12,16:3→0  8,17:3→0  9,17:2→0  13,17:3→0
0,11:3→030  4,18:4→0  7,18:3→0  12,18:4→0  5,11:3→0  6,13:6→0  0,14:4→0  3,14:2→0
"""


def polynomials(listed):
    return [{tuple(e): c for c, e in terms} for terms in listed]


def by_degree(pair, where):
    return groebner._SELECT[STRATEGIES.index("degree")](pair, where)


def wide_run(ideal, variables, order="grevlex", prime=32003, width=64):
    run = Run(monomials.layout(variables, order, width), prime, by_degree)
    for p in ideal:
        packed = {monomials.pack(e, run.where): c % prime for e, c in p.items()}
        run.insert(packed, max(sum(e) for e in p))
    return run


def steps(run):
    """Yield (i, j, additions, exponents of the new lead or None, pairs left) of a run by degree."""
    while run.pairs:
        pair = min(run.pairs, key=lambda p: by_degree(p, run.where))
        before = run.additions
        rest = run.treat(pair)
        lead = monomials.unpack(run.lead(rest), run.where) if rest else None
        yield pair[0], pair[1], run.additions - before, lead, len(run.pairs)


# ---- exact results -----------------------------------------------------------------------------


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case["id"])
def test_bases_equal_singulars_and_counts_equal_deepgroebners(case):
    ideal, n, order = polynomials(case["gens"]), case["n"], case["order"]
    expected = polynomials(case["basis"])
    basis = groebner_basis(ideal, n, order)
    assert basis == expected
    assert [list(p) for p in basis] == [list(p) for p in expected]  # terms descend
    assert is_groebner_basis(basis, n, order)
    for strategy, counts in case.get("counts", {}).items():
        assert buchberger_statistics(ideal, n, strategy) == tuple(counts), strategy


def test_the_worked_run_of_the_lecture_note_for_six_strategies():
    counts = [buchberger_statistics(WORKED, 3, s) for s in STRATEGIES]
    assert counts == [
        (192, 32, 23), (88, 17, 15), (79, 13, 13), (195, 31, 22), (105, 21, 17), (254, 45, 28),
    ]  # fmt: skip


def test_the_worked_run_step_by_step():
    run = wide_run(WORKED, 3)
    assert [pair[:2] for pair in run.pairs] == [(0, 1), (1, 2), (0, 3), (1, 3), (2, 3)]
    text = [
        f"{i},{j}:{additions}→" + ("".join(map(str, lead)) if lead else "0")
        for i, j, additions, lead, _ in steps(run)
    ]
    assert text == WORKED_STEPS.split()


def test_the_textbook_example_of_cox_little_and_oshea():
    ideal = [{(3, 0): 1, (1, 1): -2}, {(2, 1): 1, (0, 2): -2, (1, 0): 1}]
    assert {buchberger_statistics(ideal, 2, s) for s in STRATEGIES} == {(7, 2, 3)}


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace["id"])
def test_eleven_runs_of_deepgroebner_step_by_step(trace):
    run = wide_run(polynomials(trace["gens"]), trace["n"])
    assert [list(pair[:2]) for pair in run.pairs] == trace["initial_pairs"]
    ours = [[i, j, k, list(e) if e else None, left] for i, j, k, e, left in steps(run)]
    assert ours == trace["steps"]


def random_systems(count, seed):
    """Small systems: sparse, two or three variables, every third one homogeneous."""
    rng = np.random.default_rng(seed)
    for k in range(count):
        n = 2 + k % 2
        law = f"{n}-{3 + k % 2}-3-0.7-weighted" + ("-homog" if k % 3 == 2 else "")
        yield n, random_ideal(law, rng)


@pytest.mark.parametrize("order", monomials.ORDERS)
@pytest.mark.parametrize("prime", [2, 7, 32003])
def test_random_bases_equal_sympys(order, prime):
    for n, ideal in random_systems(12, prime):
        symbols = sympy.symbols(f"x:{n}")
        expressions = [
            sum(c * sympy.prod(x**k for x, k in zip(symbols, e, strict=True)) for e, c in p.items())
            for p in ideal
        ]
        theirs = sympy.groebner(expressions, *symbols, order=order, modulus=prime)
        expected = [{e: int(c) % prime for e, c in p.terms()} for p in theirs.polys]
        ours = groebner_basis(ideal, n, order, prime)
        assert sorted(map(sorted_terms, ours)) == sorted(map(sorted_terms, expected)), ideal


def sorted_terms(p):
    return sorted(p.items())


def test_compiled_and_readable_runs_agree_in_everything():
    for n, ideal in random_systems(40, 1):
        where = monomials.layout(n)
        for rule, strategy in enumerate(STRATEGIES[:4]):  # the last two take long on some
            run = wide_run(ideal, n)
            run.select = groebner._SELECT[rule]
            run.finish()
            counts = run.additions, run.zero, run.nonzero
            assert buchberger_statistics(ideal, n, strategy) == counts
            state = groebner._compiled_run(ideal, where, 32003, rule)
            size = state.counts[buchberger_kernels.ELEMENTS]
            leads = [monomials.unpack(m, where) for m in state.leads[:size]]
            assert leads == [monomials.unpack(m, run.where) for m in run.leads]
            assert state.sugars[:size].tolist() == run.sugars


def divide(p, divisors, order_key, prime):
    """Remainder on division, as in the textbook: slow and plain."""
    p, remainder = dict(p), {}
    while p:
        lead = max(p, key=order_key)
        for g in divisors:
            top = max(g, key=order_key)
            if all(a <= b for a, b in zip(top, lead, strict=True)):
                factor = p[lead] * pow(g[top], -1, prime)
                for e, c in g.items():
                    m = tuple(x + y - z for x, y, z in zip(e, lead, top, strict=True))
                    p[m] = (p.get(m, 0) - factor * c) % prime
                p = {e: c for e, c in p.items() if c}
                break
        else:
            remainder[lead] = p.pop(lead)
    return remainder


ORDER_KEYS = {"lex": lambda e: e, "grlex": lambda e: (sum(e), e), "grevlex": grevlex}


def criterion_spec(basis, order, prime=32003):
    """Buchberger's criterion with every pair, on dicts."""
    key = ORDER_KEYS[order]
    for f, g in combinations(basis, 2):
        a, b = max(f, key=key), max(g, key=key)
        s: dict = {}
        for sign, p, lead in ((1, f, a), (-1, g, b)):
            inverse = pow(p[lead], -1, prime)
            for e, c in p.items():
                m = tuple(x + max(u, v) - y for x, u, v, y in zip(e, a, b, lead, strict=True))
                s[m] = (s.get(m, 0) + sign * c * inverse) % prime
        if divide({e: c for e, c in s.items() if c}, basis, key, prime):
            return False
    return True


@pytest.mark.parametrize("order", monomials.ORDERS)
def test_the_criterion_equals_its_definition(order):
    seen = set()
    for n, ideal in random_systems(40, 2):
        basis = groebner_basis(ideal, n, order)
        for candidate in (ideal, basis, basis[:-1], basis[1:], ideal[:2]):
            expected = criterion_spec(candidate, order)
            assert is_groebner_basis(candidate, n, order) == expected
            seen.add(expected)
    assert seen == {True, False}


def test_every_strategy_gives_the_same_reduced_basis():
    rng = np.random.default_rng(3)
    for law in ("3-5-4-weighted", "2-10-5-weighted", "3-20-10-weighted", "4-4-4-uniform-homog"):
        for _ in range(5):
            ideal = random_ideal(law, rng)
            bases = [groebner_basis(ideal, int(law[0]), strategy=s) for s in STRATEGIES]
            assert all(basis == bases[0] for basis in bases)


def test_normal_equals_sugar_on_homogeneous_ideals_and_not_on_others():
    rng = np.random.default_rng(4)
    for law in ("3-20-4-maximum", "3-5-4-0.5-weighted-homog", "4-5-4-uniform-homog"):
        for _ in range(20):
            ideal, n = random_ideal(law, rng), int(law[0])
            counts = [buchberger_statistics(ideal, n, s) for s in ("normal", "sugar")]
            assert counts[0] == counts[1]
    assert buchberger_statistics(WORKED, 3, "normal") != buchberger_statistics(WORKED, 3, "sugar")


# ---- edges -------------------------------------------------------------------------------------


def test_the_zero_and_the_unit_ideal():
    assert groebner_basis([], 3) == []
    assert groebner_basis([{}, {(1, 0): 0}, {(0, 1): 32003}], 2) == []
    assert groebner_basis([{(0, 0): 5}], 2) == [{(0, 0): 1}]
    unit = [{(1, 1): 1, (0, 0): -1}, {(1, 0): 1}]
    for order in monomials.ORDERS:
        assert groebner_basis(unit, 2, order) == [{(0, 0): 1}]
    assert is_groebner_basis([], 1)
    assert buchberger_statistics([], 2) == (0, 0, 0)


def test_a_zero_generator_is_ignored():
    ideal = [WORKED[0], {}, *WORKED[1:3], {(1, 1, 1): 0}, WORKED[3]]
    assert buchberger_statistics(ideal, 3) == (88, 17, 15)


def test_monomials_duplicates_lines_and_one_generator():
    assert groebner_basis([{(2, 1): 3}, {(1, 2): 4}, {(3, 3): 1}], 2) == [{(1, 2): 1}, {(2, 1): 1}]
    twice = [{(1, 0): 2, (0, 1): 4}] * 2
    assert groebner_basis(twice, 2) == [{(1, 0): 1, (0, 1): 2}]
    assert buchberger_statistics(twice, 2) == (1, 1, 0)
    lines = [{(1, 0, 0): 1, (0, 1, 0): 1}, {(1, 0, 0): 1, (0, 0, 1): -1}]
    assert groebner_basis(lines, 3) == [
        {(0, 1, 0): 1, (0, 0, 1): 1},
        {(1, 0, 0): 1, (0, 0, 1): 32002},
    ]
    assert groebner_basis([{(2,): 2, (0,): -2}], 1) == [{(2,): 1, (0,): 32002}]


def test_in_one_variable_the_basis_is_the_greatest_common_divisor():
    # (x-1)(x-2) and (x-1)(x-3)
    ideal = [{(2,): 1, (1,): -3, (0,): 2}, {(2,): 1, (1,): -4, (0,): 3}]
    assert groebner_basis(ideal, 1) == [{(1,): 1, (0,): 32002}]


def test_of_two_reducers_with_equal_lead_the_earlier_one_reduces():
    f, g, h = {(2, 0): 1, (0, 1): 1}, {(2, 0): 1, (1, 0): 1, (0, 0): 5}, {(3, 1): 1, (0, 3): 2}
    for ideal in ((f, g, h), (g, f, h), (h, g, f)):
        run = wide_run(ideal, 2)
        run.finish()
        assert buchberger_statistics(ideal, 2) == (run.additions, run.zero, run.nonzero)
    assert buchberger_statistics([f, g, h], 2) != buchberger_statistics([g, f, h], 2)


def test_input_is_not_changed_and_numpy_integers_are_fine():
    ideal = [{(np.int64(4), 0, 1): np.int32(1), (0, 3, 0): np.int64(-1)}, *WORKED[1:]]
    copy = [dict(p) for p in ideal]
    assert buchberger_statistics(ideal, np.int64(3)) == (88, 17, 15)
    assert ideal == copy
    basis = groebner_basis(iter(ideal), 3)
    assert all(type(k) is int for p in basis for e, c in p.items() for k in (*e, c))


def test_coefficients_are_reduced_modulo_the_prime():
    large = [{e: c + 32003 * 10**30 for e, c in p.items()} for p in WORKED]
    assert groebner_basis(large, 3) == groebner_basis(WORKED, 3)


@pytest.mark.parametrize("prime", [2, 3, 2**31 - 1])
def test_smallest_and_largest_primes(prime):
    ideal = [{(2, 0): prime - 1, (0, 1): 1}, {(1, 1): prime - 1, (0, 0): 1}]  # x² = y, xy = 1
    basis = groebner_basis(ideal, 2, "lex", prime)
    assert basis == [{(0, 3): 1, (0, 0): prime - 1}, {(1, 0): 1, (0, 2): prime - 1}]


@pytest.mark.parametrize("order", monomials.ORDERS)
@pytest.mark.parametrize(("n", "exponent"), [(7, 60), (7, 200), (3, 20_000), (2, 10**25)])
def test_exponents_that_outgrow_the_packed_form_are_computed_in_the_wider_one(order, n, exponent):
    """x^a - y^a and x^a - z^a ... with every exponent a times as large as in a small system."""
    small = [{(2, 1): 1, (0, 1): 2, (0, 0): 5}, {(1, 2): 1, (1, 0): 3}]

    def blown(p, k):
        return {(*(e * k for e in exponents), *[0] * (n - 2)): c for exponents, c in p.items()}

    ideal = [blown(p, exponent) for p in small]
    expected = [blown(p, exponent) for p in groebner_basis(small, 2, order)]
    assert groebner_basis(ideal, n, order) == expected
    assert is_groebner_basis(expected, n, order)
    assert buchberger_statistics(ideal, n) == buchberger_statistics(small, 2)


def test_a_run_that_passes_its_limit_says_what_it_counted(monkeypatch):
    monkeypatch.setattr(groebner, "WORK_LIMIT", 500)
    with pytest.raises(RuntimeError, match=r"limit of 500 .* after \d+ additions, \d+ reductions"):
        buchberger_statistics(WORKED, 3)
    run = wide_run(WORKED, 3)
    run.limit = 100
    with pytest.raises(RuntimeError, match=r"limit of 100 .* after \d+ additions, \d+ reductions"):
        run.finish()


GOOD = [{(1, 0): 1, (0, 1): 1}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"prime": 1}, "prime"), ({"prime": 9}, "prime"), ({"prime": 2**31 + 11}, "prime"),
        ({"prime": True}, "prime"), ({"prime": 7.0}, "prime"), ({"prime": -7}, "prime"),
        ({"order": "deglex"}, "order.*deglex"), ({"order": None}, "order"),
        ({"strategy": "best"}, "strategy.*best"), ({"strategy": 1}, "strategy"),
        ({"variables": 0}, "variables"), ({"variables": 8}, "variables"),
        ({"variables": True}, "variables"), ({"variables": 2.0}, "variables"),
        ({"variables": 3}, "exponents"), ({"polynomials": [{(1,): 1}]}, "exponents"),
        ({"polynomials": [{(1, -1): 1}]}, "exponents"), ({"polynomials": [{(1, 0.5): 1}]}, "expo"),
        ({"polynomials": [{(1, True): 1}]}, "exponents"), ({"polynomials": [{3: 1}]}, "exponents"),
        ({"polynomials": [{(1, 0): 0.5}]}, "coefficients"),
        ({"polynomials": [{(1, 0): float("nan")}]}, "coefficients"),
        ({"polynomials": [{(1, 0): True}]}, "coefficients"),
        ({"polynomials": [[(1, 0)]]}, "polynomials"), ({"polynomials": 5}, "polynomials"),
        ({"polynomials": {(1, 0): 1}}, "polynomials"), ({"polynomials": "xy"}, "polynomials"),
    ],
)  # fmt: skip
def test_bad_input_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        groebner_basis(**({"polynomials": GOOD, "variables": 2} | arguments))
    if "strategy" not in arguments:
        with pytest.raises(ValueError, match=words):
            is_groebner_basis(**({"polynomials": GOOD, "variables": 2} | arguments))


# ---- random ideals -----------------------------------------------------------------------------


def test_weighted_and_uniform_degrees_have_their_laws():
    rng = np.random.default_rng(5)
    for law, expected in (
        ("3-4-10-weighted", np.full(4, 1 / 4)),
        ("3-4-10-uniform", np.array([3, 6, 10, 15]) / 34),
    ):
        ideals = [random_ideal(law, rng) for _ in range(600)]
        degrees = np.array([sum(e) for ideal in ideals for p in ideal for e in p])
        share = np.bincount(degrees, minlength=5)[1:] / len(degrees)
        # different monomials are asked for, which moves the shares by a little
        assert np.abs(share - expected).max() < 0.02
        assert all(len(p) == 2 for ideal in ideals for p in ideal)


def test_monomials_of_a_degree_are_uniform():
    rng = np.random.default_rng(6)
    ideals = [random_ideal("3-2-5-maximum", rng) for _ in range(800)]
    counts: dict = {}
    for ideal in ideals:
        for p in ideal:
            for e in p:
                counts[e] = counts.get(e, 0) + 1
    assert len(counts) == 6
    share = np.array(list(counts.values())) / sum(counts.values())
    assert np.abs(share - 1 / 6).max() < 0.02


def test_endings_do_what_they_say():
    rng = np.random.default_rng(7)
    for _ in range(30):
        assert all(
            c in (1, 32002) for p in random_ideal("3-9-4-weighted-pure", rng) for c in p.values()
        )
        for law in ("3-9-4-weighted-homog", "3-9-4-0.5-uniform-homog", "2-7-3-maximum"):
            assert all(len({sum(e) for e in p}) == 1 for p in random_ideal(law, rng))
    constants = [random_ideal("2-2-4-weighted-consts", rng) for _ in range(30)]
    assert any((0, 0) in p for ideal in constants for p in ideal)
    assert not any((0, 0) in p for _ in range(30) for p in random_ideal("2-2-4-weighted", rng))


def test_leading_coefficients_are_one_and_there_is_always_something_to_do():
    rng = np.random.default_rng(8)
    for law in ("2-2-2-weighted", "3-3-2-0.5-weighted", "7-3-2-uniform", "1-5-3-weighted"):
        for _ in range(30):
            ideal = random_ideal(law, rng)
            assert all(p[max(p, key=grevlex)] == 1 for p in ideal)
            assert sum(buchberger_statistics(ideal, int(law[0]))) > 0


@pytest.mark.parametrize(
    "law",
    [
        "3-20", "3-20-10", "", None, 5, "3-20-10-foo", "3-0-4-weighted", "3-5-0-weighted",
        "3-5-1-weighted", "0-5-4-weighted", "8-5-4-weighted", "x-5-4-weighted", "3-5-4--weighted",
        "3-5-4-weighted-odd", "3-5-4-weighted-homog-homog", "3-5-4-0.5-weighted-pure", "3-5-4-0.5",
        "3-5-4-nan-weighted", "3-5-4-weighted-0.5", "1-5-4-maximum", "1-5-4-weighted-homog",
        "1-1-4-weighted", "3-5-4-inf-weighted", "٣-5-4-weighted", "3-5-4-1e9-weighted",
    ],
)  # fmt: skip
def test_impossible_laws_are_refused(law):
    with pytest.raises(ValueError, match="law"):
        random_ideal(law, np.random.default_rng(0))


def test_randomness_comes_from_the_generator_only():
    with pytest.raises(ValueError, match="rng"):
        random_ideal("3-5-4-weighted", 0)
    first, second = (random_ideal("3-5-4-weighted", np.random.default_rng(1)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("law", sorted({row["dist"] for row in MEANS}))
def test_means_lie_within_four_standard_errors_of_ten_thousand_ideals(law):
    rng = np.random.default_rng(9)
    ideals = [random_ideal(law, rng) for _ in range(250)]
    for row in MEANS:
        if row["dist"] == law and row["strategy"] in STRATEGIES:
            counts = np.array(
                [buchberger_statistics(i, int(law[0]), row["strategy"]) for i in ideals]
            )
            error = counts[:, 0].std(ddof=1) / len(ideals) ** 0.5
            gap = abs(counts[:, 0].mean() - row["additions_mean"])
            assert gap <= 4 * (error**2 + row["sem"] ** 2) ** 0.5, row["strategy"]
