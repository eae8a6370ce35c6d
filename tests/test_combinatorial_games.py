"""Nim, Kayles and Dawson's Kayles against the rules, published values and a play of the game."""

import json
from functools import cache, reduce
from itertools import combinations_with_replacement
from operator import xor

import numpy as np
import pytest

from course_utils.maths.combinatorial_games import grundy_dawson, grundy_kayles, nim_sum
from tests.support import ROOT

REFERENCE = json.loads((ROOT / "tests" / "data" / "kayles_grundy.json").read_text())
ROWS = {"kayles": (grundy_kayles, (1, 2)), "dawson": (grundy_dawson, (2,))}


def options(rows: tuple[int, ...], takes: tuple[int, ...]) -> set[tuple[int, ...]]:
    """Every position after one move: knock down t neighbouring pins, one place after another."""
    found = set()
    for i, row in enumerate(rows):
        for t in takes:
            for left in range(row - t + 1):
                parts = (left, row - t - left)
                found.add(tuple(sorted([*rows[:i], *parts, *rows[i + 1 :]])))
    return {tuple(r for r in position if r > 0) for position in found}


def mover_wins(takes: tuple[int, ...]):
    """Return the function that searches the game tree; no Grundy values anywhere."""

    @cache
    def wins(rows: tuple[int, ...]) -> bool:
        return any(not wins(after) for after in options(rows, takes))

    return wins


def nim_mover_wins():
    @cache
    def wins(heaps: tuple[int, ...]) -> bool:
        after = (
            tuple(sorted([*heaps[:i], less, *heaps[i + 1 :]]))
            for i, heap in enumerate(heaps)
            for less in range(heap)
        )
        return any(not wins(position) for position in after)

    return wins


def test_the_nim_sum_tells_who_wins_in_the_game_tree():
    wins = nim_mover_wins()
    for heaps in combinations_with_replacement(range(8), 4):
        assert wins(heaps) == (nim_sum(heaps) != 0), heaps


@pytest.mark.parametrize("game", ROWS)
def test_the_xor_of_grundy_values_tells_who_wins_in_the_game_tree(game):
    grundy, takes = ROWS[game]
    wins = mover_wins(takes)
    for rows in combinations_with_replacement(range(8), 3):
        value = nim_sum(map(grundy, rows))
        assert wins(tuple(r for r in rows if r > 0)) == (value != 0), rows


@pytest.mark.parametrize("game", ROWS)
def test_a_row_and_a_heap_of_its_value_is_lost_for_the_mover(game):
    """The Grundy value is the only nim-heap that turns the row into a lost position."""
    grundy, takes = ROWS[game]

    @cache
    def wins(row_parts: tuple[int, ...], heap: int) -> bool:
        moves = [(after, heap) for after in options(row_parts, takes)]
        moves += [(row_parts, less) for less in range(heap)]
        return any(not wins(*position) for position in moves)

    for n in range(10):
        lost = [heap for heap in range(10) if not wins((n,) if n else (), heap)]
        assert lost == [grundy(n)], n


@pytest.mark.parametrize(
    ("game", "key"), [("kayles", "kayles_grundy"), ("dawson", "dawsons_kayles_grundy")]
)
def test_reference_values_to_200(game, key):
    assert [ROWS[game][0](n) for n in range(201)] == REFERENCE[key]


@pytest.mark.parametrize("game", ROWS)
def test_the_period_continues_what_the_rules_give_to_700(game):
    grundy, takes = ROWS[game]
    values: list[int] = []
    for n in range(701):
        seen = {values[a] ^ values[n - t - a] for t in takes for a in range(n - t + 1)}
        values.append(min(set(range(len(seen) + 1)) - seen))
    assert [grundy(n) for n in range(701)] == values


def test_periods_and_the_last_exceptions():
    """Period 12 and last exception 70, period 34 and last exception 52: no shorter, no earlier."""
    for grundy, period, exception in ((grundy_kayles, 12, 70), (grundy_dawson, 34, 52)):
        assert grundy(exception) != grundy(exception + period)
        tail = [grundy(n) for n in range(exception + 1, exception + 1 + 3 * period)]
        for shorter in range(1, period):
            assert tail[: 2 * period] != tail[shorter : shorter + 2 * period], shorter
        assert tail[:period] == tail[period : 2 * period]


def test_values_of_a_huge_row_come_at_once():
    assert grundy_kayles(10**30) == grundy_kayles(10**30 % 12 + 72)
    assert grundy_dawson(np.int64(34 * 10**12 + 60)) == grundy_dawson(60)


def test_nim_sum_takes_any_collection_of_integers_of_any_size():
    assert nim_sum([]) == nim_sum(()) == nim_sum(set()) == nim_sum(np.array([], int)) == 0
    assert nim_sum(np.array([200, 100], np.uint8)) == 172
    assert nim_sum(heap for heap in (10**40, 1)) == 10**40 + 1
    assert type(nim_sum(np.array([1, 2]))) is int
    heaps = np.random.default_rng(1).integers(0, 2**62, 1000)
    assert nim_sum(heaps) == reduce(xor, heaps.tolist())


@pytest.mark.parametrize(
    "heaps",
    [[-1], [1, -2, 3], [1.0], [0.5], [np.nan], [np.float64(2)], [True], [np.True_], [None], ["1"],
     "123", b"12", "", {}, {1: 2}, None, 5, 3.5, [[1]], np.array(5), np.ones((2, 2), int),
     np.array([1.0])],
    ids=repr,
)  # fmt: skip
def test_heaps_that_are_none_are_refused(heaps):
    with pytest.raises(ValueError, match="integer"):
        nim_sum(heaps)


@pytest.mark.parametrize("n", [-1, 1.0, True, np.True_, None, "3", [3], np.nan, np.array([3])])
@pytest.mark.parametrize("grundy", [grundy_kayles, grundy_dawson])
def test_rows_that_are_none_are_refused(grundy, n):
    with pytest.raises(ValueError, match="n must be an integer >= 0"):
        grundy(n)
