"""Hypercubes in the Bruhat order: from the definition for small n, then against known counts."""

from itertools import permutations, product

import numpy as np
import pytest

from course_utils.exercises.bruhat_hypercubes import coordinates, dyadic_from, flip
from course_utils.maths.bruhat_cubes import (
    cube_counts,
    dyadic_permutations,
    grown_cube_counts,
    is_hypercube,
    largest_cubes,
    upper_covers,
)
from course_utils.maths.permutations import bruhat_interval, bruhat_leq, length


def order(n):
    """All permutations of 1..n and the Bruhat order: the reflexive, transitive closure of
    y < yt for every transposition t that makes y longer."""
    group = list(permutations(range(1, n + 1)))
    place = {w: k for k, w in enumerate(group)}
    leq = np.eye(len(group), dtype=bool)
    for y in sorted(group, key=length, reverse=True):
        for i, j in product(range(n), repeat=2):
            if i < j and y[i] < y[j]:
                z = list(y)
                z[i], z[j] = y[j], y[i]
                leq[place[y]] |= leq[place[tuple(z)]]
    return group, leq


def cube_spec(leq, x, w):
    """The dimension of [x, w] if it is the poset of subsets of its atoms, else None."""
    inside = np.flatnonzero(leq[x] & leq[:, w])
    below = leq[np.ix_(inside, inside)]
    atoms = np.flatnonzero(below.sum(axis=0) == 2)  # nothing below but x and itself
    sets = below[atoms].T  # (elements, atoms)
    subset = (sets[:, None, :] <= sets[None, :, :]).all(axis=2)
    bijective = len(inside) == 2 ** len(atoms) == len(np.unique(sets, axis=0))
    return len(atoms) if bijective and (subset == below).all() else None


@pytest.mark.parametrize("n", [2, 3, 4])
def test_every_interval_of_small_groups_agrees_with_the_definition(n):
    group, leq = order(n)
    dimensions = []
    for x, w in product(range(len(group)), repeat=2):
        if leq[x, w]:
            dimension = cube_spec(leq, x, w)
            assert is_hypercube(group[x], group[w]) == (dimension is not None)
            dimensions += [dimension] * (dimension is not None)
        else:
            with pytest.raises(ValueError, match="x must lie below w"):
                is_hypercube(group[x], group[w])
    assert cube_counts(n) == (np.bincount(dimensions).tolist(), leq.sum())


def test_all_3781_intervals_of_five_letters_agree_with_the_definition():
    group, leq = order(5)
    specs = [(x, w, cube_spec(leq, x, w)) for x, w in zip(*np.nonzero(leq), strict=True)]
    dimensions = [dimension for _, _, dimension in specs if dimension is not None]
    assert cube_counts(5) == (np.bincount(dimensions).tolist(), 3781)
    for x, w, dimension in specs:
        assert is_hypercube(group[x], group[w]) == (dimension is not None), (group[x], group[w])


def test_dimensions_and_numbers_of_the_largest_cubes():
    assert [largest_cubes(n) for n in range(2, 8)] == [
        (1, 1),
        (2, 4),
        (4, 1),
        (5, 32),
        (7, 36),
        (9, 64),
    ]
    assert cube_counts(7)[1] == 3550919  # the number of Bruhat pairs of S_7


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7])
def test_growing_cubes_finds_as_many_as_testing_every_interval(n):
    assert grown_cube_counts(n) == cube_counts(n)[0]


def test_the_cubes_above_the_identity_are_counted_by_fibonacci_numbers():
    for n, fibonacci in ((4, 13), (5, 34), (6, 89)):  # B. Tenner 2007: no letter repeats
        identity = tuple(range(1, n + 1))
        cubes = [w for w in permutations(identity) if is_hypercube(identity, w)]
        assert cubes == [w for w in permutations(identity) if _distinct_letters(w)]
        assert len(cubes) == fibonacci


def _distinct_letters(w):
    """As many simple reflections as letters in a reduced word: none occurs twice."""
    support = sum(set(w[:i]) != set(range(1, i + 1)) for i in range(1, len(w)))
    return support == length(w)


def test_an_interval_with_as_many_elements_and_atoms_as_a_cube_is_not_always_one():
    group, leq = order(5)
    fakes = []
    for x, w in zip(*np.nonzero(leq), strict=True):
        size = int((leq[x] & leq[:, w]).sum())
        atoms = len(upper_covers(group[x], group[w]))
        if size == 2**atoms and atoms == 5 and cube_spec(leq, x, w) is None:
            fakes.append((group[x], group[w]))
    assert len(fakes) == 12
    assert not any(is_hypercube(x, w) for x, w in fakes)


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_dyadic_permutations_are_those_with_one_point_in_every_box(k):
    size = 2**k
    found = dyadic_permutations(k)
    expected = [w for w in permutations(range(1, size + 1)) if _one_point_in_each_box(w, k)]
    assert found.tolist() == [list(w) for w in expected]
    assert found.shape == (2 ** (k * size // 2), size)
    assert np.issubdtype(found.dtype, np.integer)


def _one_point_in_each_box(w, k):
    for a in range(k + 1):
        boxes = {((i >> a), (value - 1) >> (k - a)) for i, value in enumerate(w)}
        if len(boxes) < len(w):
            return False
    return True


@pytest.mark.parametrize("k", [1, 2, 3])
def test_dyadic_permutations_are_one_interval_and_a_cube(k):
    vertices = [tuple(row) for row in dyadic_permutations(k).tolist()]
    assert set(bruhat_interval(vertices[0], vertices[-1])) == set(vertices)
    assert length(vertices[-1]) - length(vertices[0]) == k * 2 ** (k - 1)
    assert is_hypercube(vertices[0], vertices[-1])


def test_upper_covers_are_the_elements_of_length_one_more():
    for y in permutations(range(1, 6)):
        top = (5, 4, 3, 2, 1)
        expected = [z for z in permutations(top) if length(z) == length(y) + 1]
        assert set(upper_covers(y, top)) == {z for z in expected if bruhat_leq(y, z)}


def test_lists_and_arrays_are_permutations_too():
    assert is_hypercube([1, 2, 3], np.array([2, 3, 1])) is True
    assert is_hypercube([1, 2, 3], [3, 2, 1]) is False
    assert is_hypercube((1,), (1,)) is True


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: is_hypercube((2, 1), (1, 2)), r"x must lie below w .* x = \(2, 1\)"),
        (lambda: is_hypercube((1, 2), (1, 2, 3)), "same 1..n"),
        (lambda: is_hypercube((0, 1), (1, 0)), r"x must be a permutation .* got \(0, 1\)"),
        (lambda: is_hypercube((1, 2), "21"), "w must be a permutation .* got '21'"),
        (lambda: dyadic_permutations(4), "k must be an integer with 0 <= k <= 3, got 4"),
        (lambda: dyadic_permutations(-1), "k must be .* got -1"),
        (lambda: dyadic_permutations(True), "k must be .* got True"),
        (lambda: dyadic_permutations(1.0), "k must be .* got 1.0"),
        (lambda: largest_cubes(1), "n must be an integer with 2 <= n <= 7, got 1"),
        (lambda: largest_cubes(8), "n must satisfy 1 <= n <= 7 .* got 8"),
        (lambda: grown_cube_counts(9), "n must satisfy 1 <= n <= 8 .* got 9"),
        (lambda: largest_cubes("4"), "n must be an integer .* got '4'"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_a_cube_too_large_to_list_is_refused_and_a_long_interval_that_is_none_is_not():
    swaps = [i + 1 - 2 * (i % 2) + 1 for i in range(42)]  # 2 1 4 3 ...: a cube of dimension 21
    with pytest.raises(ValueError, match="at most 20, got 21"):
        is_hypercube(tuple(range(1, 43)), tuple(swaps))
    assert is_hypercube(tuple(range(1, 13)), tuple(range(12, 0, -1))) is False


@pytest.mark.parametrize("k", [1, 2, 3])
def test_coordinates_are_a_bijection_from_dyadic_permutations_to_bits(k):
    vertices = [tuple(row) for row in dyadic_permutations(k).tolist()]
    codes = {tuple(coordinates(w)): w for w in vertices}
    assert len(codes) == len(vertices) == 2 ** (k * 2 ** (k - 1))
    for bits in list(codes)[:: max(1, len(codes) // 64)]:
        assert dyadic_from(bits) == codes[bits]
        for j, bit in enumerate(bits):
            other = flip(codes[bits], j)
            assert codes[(*bits[:j], 1 - bit, *bits[j + 1 :])] == other
            assert abs(length(other) - length(codes[bits])) == 1


def test_order_is_inclusion_of_coordinates_on_pairs_of_sixteen_letters():
    draw = np.random.default_rng(16)
    for trial in range(200):
        upper = draw.integers(0, 2, 32)
        lower = upper & draw.integers(0, 2, 32)
        if trial % 2:
            lower[draw.integers(32)] ^= 1
        x, w = dyadic_from(lower.tolist()), dyadic_from(upper.tolist())
        assert _one_point_in_each_box(x, 4)
        assert bruhat_leq(x, w) == bool((lower <= upper).all())
