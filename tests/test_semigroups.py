"""Week 9: instances, proofs of the classification, minimal proofs and their certificates."""

import copy
import json
from itertools import product
from math import comb, factorial, gcd

import numpy as np
import pytest

from course_utils.maths import semigroup_memo, semigroup_search
from course_utils.maths.semigroups import (
    SearchLimit,
    check_certificate,
    count_degree3_nilpotent,
    instances,
    minimal_proof,
    process,
    proof_size,
    rollout_proof,
    start,
)
from tests.support import ROOT

THEIRS = json.loads((ROOT / "tests" / "data" / "simpson_instances.json").read_text())
MINIMA_32 = [9, 21, 23, 37, 11, 5, 3, 5, 3, 11, 3, 3, 17]  # arXiv 2106.03015, Theorem 11.1


def columns(phi):
    return [int(sum(int(v) << i for i, v in enumerate(column))) for column in phi.T]


# Instances ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(THEIRS))
def test_instances_are_those_of_the_paper_in_its_order(key):
    a, b = map(int, key.split()[0].split(","))
    lists = [columns(phi) for phi in instances(a, b)]
    if "sigma" in key:
        one = THEIRS[key]
        assert lists[int(key.split("=")[1])] == (one[0] if isinstance(one[0], list) else one)
    else:
        assert lists == THEIRS[key]


def partitions(n, most=None):
    most = n if most is None else most
    if n == 0:
        yield ()
    for first in range(min(n, most), 0, -1):
        for rest in partitions(n - first, first):
            yield (first, *rest)


def burnside(a, b):
    """A028657: orbits of (a, b) 0-1 matrices, from cycle types."""

    def weight(lengths, n):
        centraliser = 1
        for size in set(lengths):
            times = lengths.count(size)
            centraliser *= size**times * factorial(times)
        return factorial(n) // centraliser

    total = 0
    for rows, cols in product(list(partitions(a)), list(partitions(b))):
        cycles = sum(gcd(i, j) for i in rows for j in cols)
        total += weight(rows, a) * weight(cols, b) * 2**cycles
    return total // (factorial(a) * factorial(b))


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (2, 2), (3, 3), (4, 4), (5, 3), (4, 5), (2, 6)])
def test_numbers_of_instances_are_burnsides(size):
    assert len(instances(*size)) == burnside(*size)


def test_instances_are_fresh_integer_arrays():
    first = instances(2, 2)
    first[0][:] = 7
    again = instances(2, 2)[0]
    assert again.tolist() == [[0, 0], [0, 0]]
    assert again.dtype.kind == "i"


# Propagation -------------------------------------------------------------------------------------


def process_spec(m, l, r, t, rng):
    """Apply single rules in a random order until none removes anything; None on a contradiction."""
    m, l, r, t = m.copy(), l.copy(), r.copy(), t.copy()
    a, _, values = m.shape
    places = list(product(range(a), range(a), range(a), range(values), range(2)))
    while True:
        before = m.sum() + l.sum() + r.sum() + t.sum()
        for k in rng.permutation(len(places)):
            x, y, z, p, i = places[k]
            if not any(m[y, z, q] and l[x, q, i] for q in range(values)):
                t[x, y, z, i] = False
            if not any(m[x, y, q] and r[q, z, i] for q in range(values)):
                t[x, y, z, i] = False
            if not t[x, y, z, i]:
                if m[x, y].sum() == 1 and m[x, y, p]:
                    r[p, z, i] = False
                if m[y, z].sum() == 1 and m[y, z, p]:
                    l[x, p, i] = False
                if r[p, z, i] and not r[p, z, 1 - i]:
                    m[x, y, p] = False
                if l[x, p, i] and not l[x, p, 1 - i]:
                    m[y, z, p] = False
        if not (m.any(2).all() and l.any(2).all() and r.any(2).all() and t.any(3).all()):
            return None
        if before == m.sum() + l.sum() + r.sum() + t.sum():
            return m, l, r, t


def random_position(rng, a, b):
    """Return masks of a random instance after random cuts, not propagated."""
    found = instances(a, b)
    m, l, r, t = start(a, b, found[rng.integers(len(found))])
    for _ in range(rng.integers(1, a * a)):
        x, y = rng.integers(0, a, 2)
        m[x, y] = np.arange(b + 1) == rng.integers(b + 1)
    return m, l, r, t


def test_process_is_the_fixpoint_in_any_order_and_so_is_the_compiled_one():
    rng = np.random.default_rng(9)
    outcomes = set()
    for _ in range(60):
        a, b = ((2, 2), (3, 2), (3, 1), (2, 3))[rng.integers(4)]
        masks = random_position(rng, a, b)
        given = [mask.copy() for mask in masks]
        expected = process_spec(*masks, rng)
        ours = process(*masks)
        assert all(map(np.array_equal, masks, given))  # nothing was changed in place
        possible = all(mask.any(-1).all() for mask in ours)
        assert possible == (expected is not None)
        if possible:
            assert all(map(np.array_equal, ours, expected))
        phi = masks[1][:, :b, 1].astype(np.int64)
        ones, bits = semigroup_search.left_sets(phi), 1 << np.arange(b + 1)
        s = semigroup_search.root(ones, b)
        s[: a * a] = (masks[0] * bits).sum(2).ravel()
        touched = semigroup_search.propagate(s, ones, (1 << a * a) - 1)
        assert possible == (touched >= 0)
        if possible:
            assert s[: a * a].tolist() == (expected[0] * bits).sum(2).ravel().tolist()
            assert s[a * a : a * a + a].tolist() == (expected[2][:, :, 0].T * bits).sum(1).tolist()
            assert s[a * a + a :].tolist() == (expected[2][:, :, 1].T * bits).sum(1).tolist()
        outcomes.add(possible)
    assert outcomes == {True, False}


def test_the_table_alone_determines_a_position():
    rng = np.random.default_rng(4)
    for _ in range(20):
        m, l, r, t = random_position(rng, 3, 2)
        fixed = process(m, l, r, t)
        if all(mask.any(-1).all() for mask in fixed):
            assert all(map(np.array_equal, process(fixed[0], l, r, t), fixed))


# Proofs ------------------------------------------------------------------------------------------

COUNTS = {  # done, benchmark, mrv, lookahead, rollout: totals over all instances
    (2, 2): (38, 51, 56, 39, 39),
    (3, 2): (120, 242, 288, 168, 155),
    (3, 3): (2144, 4482, 5096, 2957, 2581),
    (4, 2): (408, 837, 1160, 560, 490),
}


@pytest.mark.parametrize("size", list(COUNTS))
def test_totals_of_the_strategies(size):
    done, *sizes = COUNTS[size]
    for strategy, expected in zip(("benchmark", "mrv", "lookahead", "rollout"), sizes, strict=True):
        found = [proof_size(*size, s, strategy) for s in range(len(instances(*size)))]
        assert np.sum(found, axis=0).tolist() == [expected, done], strategy


@pytest.mark.parametrize(
    ("size", "sigma", "strategy", "expected"),
    [
        ((4, 2), 5, "benchmark", (47, 15)),
        ((4, 2), 5, "mrv", (53, 15)),
        ((5, 3), 7, "benchmark", (4593, 2073)),
        ((5, 3), 7, "mrv", (7768, 2073)),
        ((5, 3), 7, "rollout", (1900, 2073)),
        ((4, 5), 22, "benchmark", (73066, 10960)),
        ((4, 5), 22, "mrv", (44481, 10960)),
        ((4, 5), 22, "rollout", (25846, 10960)),
    ],
)
def test_single_instances(size, sigma, strategy, expected):
    assert proof_size(*size, sigma, strategy) == expected


def test_all_of_3_4_by_the_benchmark():
    found = [proof_size(3, 4, s) for s in range(87)]
    assert np.sum(found, axis=0).tolist() == [68027, 35758]


def statuses_spec(phi):
    """Return the root and a function from m to its cuts, by `process` and the filters alone."""
    a, b = phi.shape
    _, l, r, t = start(a, b, phi)

    def status(m):
        masks = process(m, l, r, t)
        if not all(mask.any(-1).all() for mask in masks):
            return "impossible", None
        known = masks[2].sum(2) == 1
        if (known & masks[2][:, :, 1]).sum() > phi.sum():
            return "impossible", None
        profiles = [
            (*l[:, p, 1].tolist(), *masks[2][p, :, 1].tolist())
            for p in range(b + 1)
            if known[p].all()
        ]
        if len(set(profiles)) < len(profiles):
            return "impossible", None
        return ("done" if (masks[0].sum(2) == 1).all() else "active"), masks[0]

    def cuts(m):
        for x, y in np.argwhere(m.sum(2) > 1).tolist():
            children = []
            for p in np.flatnonzero(m[x, y]):
                below = m.copy()
                below[x, y] = np.arange(b + 1) == p
                children.append(status(below))
            yield (x, y), children

    return status(np.ones((a, a, b + 1), bool))[1], cuts


def minimum_spec(phi):
    """The recursion C(p) = 1 + min over cuts of the sum of C, by definition, without symmetry."""
    root, cuts = statuses_spec(phi)
    known = {}

    def cost(m):
        if m.tobytes() not in known:
            sums = [sum(cost(n) for s, n in children if s == "active") for _, children in cuts(m)]
            known[m.tobytes()] = 1 + min(sums)
        return known[m.tobytes()]

    return cost(root)


def done_spec(phi):
    """The number of complete tables that are not impossible: what every proof must find."""
    a, b = phi.shape
    _, cuts = statuses_spec(phi)
    total = 0
    for values in product(range(b + 1), repeat=a * a):
        m = np.eye(b + 1, dtype=bool)[list(values)].reshape(a, a, b + 1)
        m[0, 0] = True
        total += ("done", values) in [
            (s, tuple(n.argmax(2).ravel().tolist()) if s == "done" else None)
            for cell, children in cuts(m)
            for s, n in children
        ]
    return total


def test_done_leaves_are_the_possible_tables():
    for s, phi in enumerate(instances(2, 2)):
        assert proof_size(2, 2, s)[1] == done_spec(phi)


def test_minima_by_definition():
    for s, phi in enumerate(instances(2, 2)):
        assert minimal_proof(2, 2, s)[0] == minimum_spec(phi)
    for phi in [*instances(2, 1), *instances(1, 3), *instances(2, 3)[:8]]:
        assert minimal_proof(*phi.shape, phi)[0] == minimum_spec(phi)


def test_theorem_11_1():
    assert [minimal_proof(3, 2, s)[0] for s in range(13)] == MINIMA_32


def test_an_instance_is_its_number_or_its_matrix():
    phi = instances(3, 2)[3]
    relabelled = phi[[2, 0, 1]][:, [1, 0]]
    for given in (3, np.int64(3), phi, phi.tolist(), relabelled):
        assert minimal_proof(3, 2, given)[0] == 37
    assert proof_size(3, 2, phi) == proof_size(3, 2, 3)


def test_rollouts_of_every_level_find_all_tables_and_never_beat_the_minimum():
    for s in range(13):
        sizes = [rollout_proof(3, 2, s, level) for level in range(4)]
        assert {done for _, done in sizes} == {proof_size(3, 2, s)[1]}
        assert min(size for size, _ in sizes) >= MINIMA_32[s]


def test_symmetries_by_definition():
    from itertools import permutations

    for phi in instances(3, 3):
        slow = [
            (rows, cols)
            for rows in permutations(range(3))
            for cols in permutations(range(3))
            if np.array_equal(phi[np.ix_(rows, cols)], phi)
        ]
        assert semigroup_memo.stabiliser(phi) == slow


# Certificates ------------------------------------------------------------------------------------


def test_simpsons_conjecture_22_is_minimal():
    size, certificate = minimal_proof(4, 2, 5)
    assert size == 22
    assert check_certificate(4, 2, 5, json.loads(json.dumps(certificate))) == 22


@pytest.mark.parametrize("sigma", range(13))
def test_certificates_of_theorem_11_1(sigma):
    size, certificate = minimal_proof(3, 2, sigma)
    assert check_certificate(3, 2, sigma, json.loads(json.dumps(certificate))) == size


def places(value, path=()):
    """Yield the paths of everything inside plain data."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize("case", [(2, 2, 0), (2, 2, 3), (3, 2, 6), (1, 2, 1), (2, 1, 0)])
def test_nothing_in_a_certificate_can_be_removed_or_changed(case):
    size, certificate = minimal_proof(*case)
    assert check_certificate(*case, certificate) == size
    original = copy.deepcopy(certificate)
    for path in list(places(original)):
        parent, key = path[:-1], path[-1]
        wrong = copy.deepcopy(original)
        del at(wrong, parent)[key]
        variants = [wrong]
        value = at(original, path)
        if isinstance(value, int):
            for other in (value + 1, value - 1, -value - 1, 0, 1, 2, float(value), None, "x"):
                if other != value or type(other) is not int:
                    variants.append(copy.deepcopy(original))
                    at(variants[-1], parent)[key] = other
        elif isinstance(value, str):
            for other in ("open", "done", "associativity", "profile", "half-ones", 0, [0, 0]):
                if other != value:
                    variants.append(copy.deepcopy(original))
                    at(variants[-1], parent)[key] = other
        else:
            variants.append(copy.deepcopy(original))
            at(variants[-1], parent)[key] = None
        for wrong in variants:
            with pytest.raises(ValueError, match="certificate refused"):
                check_certificate(*case, wrong)
    assert certificate == original


def test_a_certificate_of_another_instance_or_with_a_cycle_is_refused():
    _, certificate = minimal_proof(3, 2, 5)
    for case in ((3, 2, 7), (2, 2, 5), (2, 3, 5)):
        with pytest.raises(ValueError, match="of another instance"):
            check_certificate(*case, certificate)
    child = next(
        c for entry in certificate["proof"] for c in entry["cut"]["children"] if isinstance(c, list)
    )
    child[0] = 0
    with pytest.raises(ValueError, match="cycle"):
        check_certificate(3, 2, 5, certificate)


def test_a_proof_that_is_not_the_smallest_is_refused():
    """Σ of a worse cut: the bound then proves less than the proof needs."""
    size, certificate = minimal_proof(3, 2, 0)
    larger = copy.deepcopy(certificate)
    larger["size"] = larger["proof"][0]["size"] = size + 1
    with pytest.raises(ValueError, match="certificate refused"):
        check_certificate(3, 2, 0, larger)
    for nonsense in (None, [], {}, "proof", 9):
        with pytest.raises(ValueError, match="certificate refused"):
            check_certificate(3, 2, 0, nonsense)


# Degree 3 ----------------------------------------------------------------------------------------


def degree3_spec(n):
    """Count the multiplication tables on n points with xyz = 0 for all x, y, z but not all xy."""
    total = 0
    for table in product(range(n), repeat=n * n):
        t = np.array(table).reshape(n, n)
        left, right = t[t, np.arange(n)[None, None, :]], t[np.arange(n)[:, None, None], t[None]]
        zero = left.ravel()[0]
        if (left == zero).all() and (right == zero).all():
            nilpotent = (t[zero] == zero).all() and (t[:, zero] == zero).all()
            total += bool(nilpotent and (t != zero).any())
    return total


def test_degree_3_by_definition():
    assert count_degree3_nilpotent(3) == degree3_spec(3) == 6
    assert [count_degree3_nilpotent(n) for n in range(3)] == [0, 0, 0]


def test_degree_3_published():  # OEIS A383871; Smallsemi for the labelled numbers
    published = [6, 180, 11720, 3089250, 5944080072, 147348275209800]
    assert [count_degree3_nilpotent(n) for n in range(3, 9)] == published


def test_degree_3_from_surjections_at_every_n():
    """The sum over all m: beyond the bound nothing maps onto the m products."""
    for n in range(3, 30):
        total = 0
        for m in range(2, n):
            onto = sum((-1) ** i * comb(m - 1, i) * (m - i) ** ((n - m) ** 2) for i in range(m))
            total += comb(n, m) * m * onto
        assert count_degree3_nilpotent(n) == total


# Bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [0, -1, True, 2.0, "3", None])
def test_bad_sizes(bad):
    for call in (instances, lambda a, b: proof_size(a, b, 0), lambda a, b: minimal_proof(a, b, 0)):
        with pytest.raises(ValueError, match="must be an integer >= 1, got"):
            call(bad, 2)
        with pytest.raises(ValueError, match="must be an integer >= 1, got"):
            call(2, bad)


@pytest.mark.parametrize(
    "bad", [-1, 13, True, 1.0, None, [[0, 1]], np.full((3, 2), 2), "5", 10**30]
)
def test_bad_instances(bad):
    for call in (proof_size, minimal_proof, lambda a, b, s: check_certificate(a, b, s, {})):
        with pytest.raises(ValueError, match="instance must"):
            call(3, 2, bad)


def test_an_unknown_strategy_is_told_the_known_ones():
    with pytest.raises(ValueError, match="benchmark, mrv, lookahead, rollout, got 'best'"):
        proof_size(3, 2, 0, "best")
    with pytest.raises(ValueError, match="strategy must be one of"):
        proof_size(3, 2, 0, None)


def test_searches_that_would_not_end_say_what_they_proved():
    with pytest.raises(SearchLimit, match=r"at least \d+ nodes and at most \d+"):
        minimal_proof(5, 3, 7, limit=2000)
    with pytest.raises(SearchLimit, match="stopped at limit = 100"):
        proof_size(5, 3, 7, limit=100)
    with pytest.raises(SearchLimit, match="stopped at limit = 300"):
        proof_size(5, 3, 7, "rollout", limit=300)
    for size in ((9, 9), (30, 1), (1, 100), (6, 8)):
        with pytest.raises(ValueError, match="too many instances"):
            instances(*size)
    for a, b in ((3, 12), (8, 2)):
        with pytest.raises(ValueError, match="too large"):
            minimal_proof(a, b, np.zeros((a, b), int))


def test_bad_masks():
    m, l, r, t = start(2, 2, 0)
    for wrong in (
        (m[0], l, r, t),
        (m, l[:1], r, t),
        (m, l, r.transpose(1, 0, 2), t),
        (m, l, r, t[0]),
    ):
        with pytest.raises(ValueError, match="must have shape"):
            process(*wrong)
    for wrong in ((m.astype(int), l, r, t), (m, l, r, t.tolist())):
        with pytest.raises(ValueError, match="must be a boolean array"):
            process(*wrong)


@pytest.mark.parametrize("bad", [-1, True, 3.0, None])
def test_bad_n(bad):
    with pytest.raises(ValueError, match="n must be an integer >= 0"):
        count_degree3_nilpotent(bad)
