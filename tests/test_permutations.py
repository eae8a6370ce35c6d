"""Permutations and the Bruhat order against their definitions and published counts."""

from itertools import permutations as all_permutations
from itertools import product

import numpy as np
import pytest

from course_utils.maths.permutations import (
    as_permutation,
    bruhat_interval,
    bruhat_leq,
    check_size,
    compose,
    inverse,
    left_descents,
    length,
    rank,
    right_descents,
    symmetric_group,
)


def group(n: int) -> list[tuple[int, ...]]:
    return list(all_permutations(range(1, n + 1)))


def covers(w: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The yt that are longer than y by exactly one, t a transposition."""
    found = []
    for i, j in product(range(len(w)), repeat=2):
        if i < j and w[i] < w[j] and not any(w[i] < w[k] < w[j] for k in range(i, j)):
            found.append((*w[:i], w[j], *w[i + 1 : j], w[i], *w[j + 1 :]))
    return found


def closure(n: int) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The Bruhat order as the transitive closure of its covering relation."""
    pairs = set()
    for x in group(n):
        reached, frontier = {x}, [x]
        while frontier:
            frontier = list({z for y in frontier for z in covers(y)} - reached)
            reached |= set(frontier)
        pairs |= {(x, w) for w in reached}
    return pairs


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_rank_criterion_is_the_transitive_closure(n: int) -> None:
    order = closure(n)
    assert all(bruhat_leq(x, w) == ((x, w) in order) for x in group(n) for w in group(n))


def test_numbers_of_bruhat_pairs() -> None:
    identities = [tuple(range(1, n + 1)) for n in range(1, 7)]
    pairs = [sum(len(bruhat_interval(e, w)) for w in group(len(e))) for e in identities]
    assert pairs == [1, 3, 19, 213, 3781, 98407]


def test_interval_is_the_definition_ordered_by_length() -> None:
    order = closure(4)
    for x, w in order:
        found = bruhat_interval(x, w)
        assert set(found) == {y for y in group(4) if (x, y) in order and (y, w) in order}
        assert found == sorted(found, key=lambda y: (length(y), y))
        assert found[0] == x
        assert found[-1] == w


def test_length_counts_the_adjacent_exchanges_of_bubble_sort() -> None:
    for w in group(5):
        entries, exchanges = list(w), 0
        while (i := next((i for i in range(4) if entries[i] > entries[i + 1]), None)) is not None:
            entries[i], entries[i + 1] = entries[i + 1], entries[i]
            exchanges += 1
        assert length(w) == exchanges


def test_descents_are_the_simple_reflections_that_shorten() -> None:
    simple = {i: (*tuple(range(1, i)), i + 1, i, *tuple(range(i + 2, 6))) for i in range(1, 5)}
    for w in group(5):
        assert right_descents(w) == {i for i in simple if length(compose(w, simple[i])) < length(w)}
        assert left_descents(w) == {i for i in simple if length(compose(simple[i], w)) < length(w)}


def test_sides_are_not_confused_at_231() -> None:
    assert right_descents((2, 3, 1)) == {2}
    assert left_descents((2, 3, 1)) == {1}


def test_inverse_and_product_are_those_of_maps() -> None:
    rng = np.random.default_rng(1)
    for _ in range(100):
        x, y = (tuple((rng.permutation(7) + 1).tolist()) for _ in range(2))
        assert compose(x, y) == tuple(x[y[i] - 1] for i in range(7))
        assert compose(x, inverse(x)) == (1, 2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_tables_agree_with_the_functions_on_tuples(n: int) -> None:
    table, elements = symmetric_group(n), group(n)
    w0 = tuple(range(n, 0, -1))
    for k, w in enumerate(elements):
        assert tuple(table.one_line[k].tolist()) == w
        assert rank(w) == k
        assert table.lengths[k] == length(w)
        assert elements[table.inverse[k]] == inverse(w)
        assert elements[table.conjugate[k]] == compose(w0, compose(w, w0))
        assert {i + 1 for i in range(n) if table.right_mask[k] >> i & 1} == right_descents(w)
        assert {i + 1 for i in range(n) if table.left_mask[k] >> i & 1} == left_descents(w)
        for i in range(1, n):
            s = (*range(1, i), i + 1, i, *range(i + 2, n + 1))
            assert elements[table.right[i - 1, k]] == compose(w, s)
            assert elements[table.left[i - 1, k]] == compose(s, w)


def test_words_decide_the_bruhat_order_of_s7_at_random_pairs() -> None:
    table, rng = symmetric_group(7), np.random.default_rng(7)
    for x, w in rng.integers(0, 5040, (2000, 2)).tolist():
        kept = ((table.words[w] | table.guard) - table.words[x]) & table.guard == table.guard
        assert kept.all() == bruhat_leq(table.one_line[x], table.one_line[w])


@pytest.mark.parametrize(
    "bad", [(), (0, 1), (1, 1), (1, 3), (1.0, 2.0), (True, 2), "12", 12, None, [[1, 2]]]
)
def test_what_is_no_permutation_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match="must be a permutation"):
        length(bad)  # type: ignore[arg-type]


def test_numpy_integers_are_integers() -> None:
    w = as_permutation(np.array([2, 1, 3]))
    assert w == (2, 1, 3)
    assert all(type(a) is int for a in w)


def test_pairs_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match=r"x = \(1, 2\) and w = \(1, 2, 3\)"):
        bruhat_leq((1, 2), (1, 2, 3))
    with pytest.raises(ValueError, match=r"below w .* x = \(2, 1, 3\) and w = \(1, 3, 2\)"):
        bruhat_interval((2, 1, 3), (1, 3, 2))


def test_too_large_a_group_is_refused_with_its_size() -> None:
    with pytest.raises(ValueError, match=r"3,628,800 elements, 13,168,189,440,000 pairs"):
        bruhat_interval(tuple(range(1, 11)), tuple(range(10, 0, -1)))
    with pytest.raises(ValueError, match="bytes"):
        symmetric_group(12)
    with pytest.raises(ValueError, match=r"10\*\*2567"):
        check_size(1000, 9, "tables")
    for bad in (0, -1, True, 2.0, "3"):
        with pytest.raises(ValueError, match="n must be an integer"):
            check_size(bad, 9, "tables")  # type: ignore[arg-type]
