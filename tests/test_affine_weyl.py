"""The affine Weyl group of G2 against the plane, against Bott's formula and slow definitions."""

import itertools
import math
import random

import numpy as np
import pytest

from course_utils.maths import affine_weyl as affine
from course_utils.maths import alcoves
from course_utils.maths.affine_weyl import element, kl_polynomial, length, table, times

CORNERS = np.array([[0.0, 0.0], [3**0.5, 0.0], [3**0.5, 1.0]])


def reflection_matrices() -> list[np.ndarray]:
    """Return the three reflections in the walls of the first alcove, as affine 3x3 matrices."""
    found = []
    for s in range(3):
        a, b = np.delete(CORNERS, s, axis=0)
        along = (b - a) / np.linalg.norm(b - a)
        linear = 2 * np.outer(along, along) - np.eye(2)
        found.append(np.block([[linear, (a - linear @ a)[:, None]], [np.zeros((1, 2)), 1]]))
    return found


def matrix(word: list[int]) -> np.ndarray:
    product = np.eye(3)
    for s in word:
        product = product @ reflection_matrices()[s]
    return product


def length_spec(word: list[int]) -> int:
    """Count the mirrors between the first alcove and its image; the mirrors are listed by hand."""
    start = np.append(CORNERS.mean(axis=0), 1.0)
    end = matrix(word) @ start
    crossed = 0
    for k in range(6):
        angle = k * math.pi / 6  # the mirrors at this angle are a long or a short step apart
        normal = np.array([-math.sin(angle), math.cos(angle)])
        step = 3.0 if k % 2 == 0 else 3**0.5
        p, q = sorted(float(normal @ x[:2]) / step for x in (start, end))
        crossed += math.floor(q) - math.floor(p)
    return crossed


def reflections(longest: int) -> list[list[int]]:
    """Return words of all reflections of length at most `longest`: u s u^-1."""
    found = {}
    for w in table(longest).elements:
        word = list(affine.reduced_word(w))
        for s in range(3):
            mirror = [*word, s, *reversed(word)]
            found.setdefault(element(mirror), mirror)
    return [word for w, word in found.items() if length(w) <= longest]


def r_polynomials(elements: list, w) -> dict:
    """Return {x: R_{x,w}} as arrays, by the recursion on a right descent (BB, Theorem 5.1.1)."""
    if w == affine.IDENTITY:
        return {w: np.array([1])}
    s = min(affine.right_descents(w))
    before = r_polynomials(elements, times(w, s))
    none = np.array([0])
    found = {}
    for x in elements:
        xs = times(x, s)
        if s in affine.right_descents(x):
            value = before.get(xs, none)
        else:
            value = np.polynomial.polynomial.polyadd(
                np.polynomial.polynomial.polymul([-1, 1], before.get(x, none)),
                np.polynomial.polynomial.polymul([0, 1], before.get(xs, none)),
            )
        if np.any(value):
            found[x] = np.rint(value).astype(int)
    return found


def test_coxeter_relations_and_no_shorter_ones():
    for s in range(3):
        assert element([s, s]) == affine.IDENTITY
    for (s, t), m in affine.COXETER.items():
        powers = [element([s, t] * k) == affine.IDENTITY for k in range(1, m + 1)]
        assert powers == [False] * (m - 1) + [True]


def test_two_words_are_equal_exactly_when_they_move_the_plane_alike():
    seen = {}
    for size in range(7):
        for word in itertools.product(range(3), repeat=size):
            key = tuple(np.rint(1000 * matrix(list(word))).astype(int).ravel() + 0)
            assert seen.setdefault(key, element(word)) == element(word)
    assert len(seen) == len(set(seen.values())) == sum(affine.counts_by_length(6))


def test_counts_against_bott_and_the_published_numbers():
    assert affine.counts_by_length(7) == [1, 3, 5, 7, 9, 12, 15, 17]
    assert [sum(affine.counts_by_length(n)) for n in (16, 36, 64)] == [328, 1600, 4993]
    assert np.bincount(table(64).lengths).tolist() == affine.counts_by_length(64)


def test_length_is_the_number_of_mirrors_crossed():
    draw = random.Random(1)
    for size in [*range(12), 20, 30, 40]:
        for _ in range(5):
            word = [draw.randrange(3) for _ in range(size)]
            assert length(element(word)) == length_spec(word)


def test_reduced_words_and_descents():
    for w, depth in zip(table(9).elements, table(9).lengths, strict=True):
        word = affine.reduced_word(w)
        assert (element(word), len(word)) == (w, depth)
        shorter = {s for s in range(3) if length(times(w, s)) < depth}
        assert affine.right_descents(w) == shorter


def test_bruhat_order_is_the_closure_of_the_reflections():
    longest = 6
    elements = table(longest).elements
    below = {w: {w} for w in elements}
    words = reflections(2 * longest)
    for w in elements:  # by length, so that what is below a shorter element is known
        for mirror in words:
            x = element([*affine.reduced_word(w), *mirror])
            if length(x) < length(w):
                below[w] |= below[x]
    for x, w in itertools.product(elements, repeat=2):
        assert affine.bruhat_leq(x, w) == (x in below[w])


def test_tables_agree_with_the_group_and_with_each_other():
    large, small = table(12), table(7)
    assert large.elements[: len(small.elements)] == small.elements
    for place, w in enumerate(small.elements):
        for s in range(3):
            assert large.elements[large.right[place, s]] == times(w, s)
            there = length(times(w, s)) <= 7
            assert (small.right[place, s] >= 0) == there


def test_alcoves_are_the_images_of_the_first_under_the_reflections():
    first = np.column_stack([CORNERS, np.ones(3)])
    lists = table(12)
    drawn = alcoves.plane(alcoves.triangles(12))
    for place, w in enumerate(lists.elements):
        moved = first @ matrix(affine.reduced_word(w)).T
        assert np.allclose(drawn[place], moved[:, :2])


def test_alcoves_are_different_triangles_of_one_size():
    corners = alcoves.triangles(20)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    doubled = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    assert set(np.abs(doubled).tolist()) == {4}
    signs = np.sign(doubled) * (-1) ** table(20).lengths
    assert set(signs.tolist()) == {1}
    assert len(np.unique(corners.sum(axis=1), axis=0)) == len(corners)


def test_polynomials_against_the_r_polynomials():
    """The defining identity: q^(l(w)-l(x)) P_{x,w}(1/q) = sum over y of R_{x,y} P_{y,w}."""
    longest = 8
    lists = table(longest)
    r = {y: r_polynomials(lists.elements, y) for y in lists.elements}
    for w in lists.elements:
        p = {y: kl_polynomial(y, w) for y in lists.elements}
        for x in (x for x in lists.elements if affine.bruhat_leq(x, w)):
            apart = length(w) - length(x)
            assert p[w] == (1,)
            assert x == w or len(p[x]) - 1 <= (apart - 1) / 2
            left = np.zeros(apart + 1, dtype=int)
            left[apart - len(p[x]) + 1 :] = p[x][::-1]
            right = np.zeros(apart + 1, dtype=int)
            for y in lists.elements:
                if x in r[y] and p[y] != (0,):
                    product = np.convolve(r[y][x], p[y])[: apart + 1]
                    right[: len(product)] += product
            assert left.tolist() == right.tolist()


def test_polynomials_are_one_in_each_finite_parabolic_subgroup():
    for (s, t), m in affine.COXETER.items():
        words = [
            [(s, t)[(k + first) % 2] for k in range(n)] for n in range(m + 1) for first in (0, 1)
        ]
        group = {element(word) for word in words}
        assert len(group) == 2 * m
        for x, w in itertools.product(group, repeat=2):
            assert kl_polynomial(x, w) == ((1,) if affine.bruhat_leq(x, w) else (0,))


def test_an_inverse_has_the_same_polynomials():
    inverse = {w: element(affine.reduced_word(w)[::-1]) for w in table(9).elements}
    for w in random.Random(2).sample(table(9).elements[40:], 12):
        for x in table(9).elements:
            assert kl_polynomial(x, w) == kl_polynomial(inverse[x], inverse[w])


def test_long_elements_have_bruhat_support_constant_term_one_and_positive_coefficients():
    for word in ([0, 1, 2] * 10, [0, 2, 1, 2, 1] * 6, [1, 2, 1, 2, 1, 0] * 5):
        w = element(word)
        rows = affine.kl_polynomials(w)
        elements = table(length(w)).elements
        assert rows.min() == 0
        assert rows[:, 0].tolist() == [int(affine.bruhat_leq(x, w)) for x in elements]
        values = affine.kl_values(w)
        assert values.tolist() == rows.sum(axis=1).tolist()
        assert values.max() > 20


def zero_weight_spec(a: int, b: int) -> int:
    """dim V(λ)_0 for λ = a ω1 + b ω2 of G2, by Kostant's formula with a table of partitions."""
    roots = [(1, 0), (0, 1), (1, 1), (2, 1), (3, 1), (3, 2)]  # in simple roots, short first
    reach = 40
    partitions = np.zeros((reach, reach), dtype=np.int64)
    partitions[0, 0] = 1
    for p, q in roots:
        for i, j in itertools.product(range(p, reach), range(q, reach)):
            partitions[i, j] += partitions[i - p, j - q]
    reflect = (np.array([[-1, 3], [0, 1]]), np.array([[1, 0], [1, -1]]))  # on simple roots
    rho = np.array([5, 3])
    target = a * np.array([2, 1]) + b * np.array([3, 2]) + rho
    group, total = {(1, 0, 0, 1): 1}, 0
    for _ in range(6):
        for key, sign in list(group.items()):
            for r in reflect:
                group.setdefault(tuple((r @ np.reshape(key, (2, 2))).ravel().tolist()), -sign)
    for key, sign in group.items():
        i, j = (np.reshape(key, (2, 2)) @ target - rho).tolist()
        total += sign * int(partitions[i, j]) if i >= 0 and j >= 0 else 0
    assert len(group) == 12
    return total


def test_values_at_the_origin_are_zero_weight_multiplicities():
    """Lusztig 1983: P_{1,n}(1) = dim V(λ)_0 where n is longest in W t_λ W, of length 6 + 2ht(λ)."""
    assert [zero_weight_spec(*w) for w in ((0, 0), (1, 0), (0, 1), (2, 0))] == [1, 1, 2, 3]
    lists = table(36)
    finite = {1, 2}
    found = []
    for w in lists.elements:
        inverse = element(affine.reduced_word(w)[::-1])
        if affine.right_descents(w) == finite == affine.right_descents(inverse):
            found.append((length(w), int(affine.kl_values(w)[0])))
    expected = [
        (6 * (a + 1) + 10 * b, zero_weight_spec(a, b))
        for a, b in itertools.product(range(6), range(4))
        if 6 * (a + 1) + 10 * b <= 36
    ]
    assert sorted(found) == sorted(expected)
    assert len(found) == 13


def test_values_do_not_rise_away_from_the_identity():
    """Monotonicity (Plaza 2017): y <= z implies P_{y,x} >= P_{z,x} in each coefficient."""
    x = element([0, 2, 1, 2, 1] * 4)
    rows, right = affine.kl_polynomials(x), table(20).right
    for y, s in itertools.product(range(len(right)), range(3)):
        if right[y, s] > y:
            assert (rows[y] >= rows[right[y, s]]).all()


def test_the_basis_element_is_the_polynomials_read_backwards():
    for word in ([], [1], [0, 1, 2, 0, 1], [0, 2, 1, 2, 1] * 3):
        w = element(word)
        rows = affine.kl_basis(w)
        for y, x in enumerate(table(length(w)).elements):
            apart = length(w) - length(x)
            back = [0] * (length(w) + 1)
            for power, coefficient in enumerate(kl_polynomial(x, w)):
                if coefficient:
                    back[apart - 2 * power] = coefficient
            assert rows[y].tolist() == back


def test_a_returned_table_is_the_callers_own():
    w = element([1, 2, 0, 1])
    affine.kl_polynomials(w)[:] = 7
    assert kl_polynomial(element([1]), w) == (1, 1)


@pytest.mark.parametrize(
    "w",
    [(1, 1), [1, 1, 1], (1, 1, 2), (6, 0, 0), (0, 3, 0), (1.0, 1, 1), (True, 1, 1), None, "012"],
)
def test_what_is_no_element(w):
    for f in (affine.right_descents, length, affine.kl_polynomials, affine.reduced_word):
        with pytest.raises(ValueError, match="w must be a position"):
            f(w)
    with pytest.raises(ValueError, match="w must be"):
        times(w, 0)
    with pytest.raises(ValueError, match="x must be"):
        affine.bruhat_leq(w, affine.IDENTITY)
    with pytest.raises(ValueError, match="x must be"):
        kl_polynomial(w, affine.IDENTITY)


@pytest.mark.parametrize("s", [3, -1, True, 1.0, "0", None])
def test_what_is_no_generator(s):
    with pytest.raises(ValueError, match="s must be a generator"):
        times(affine.IDENTITY, s)
    with pytest.raises(ValueError, match="s must be a generator"):
        element([0, s])


@pytest.mark.parametrize("longest", [-1, affine.MAX_LENGTH + 1, 2.0, True, None])
def test_what_is_no_bound(longest):
    for f in (affine.counts_by_length, table, alcoves.triangles):
        with pytest.raises(ValueError, match="longest must be"):
            f(longest)
    with pytest.raises(ValueError, match="length at most"):
        affine.kl_values(element([0, 1, 2] * 30))


def test_numpy_integers_are_integers():
    assert element(np.array([0, 1])) == element([0, 1])
    assert affine.counts_by_length(np.int64(3)) == [1, 3, 5, 7]
