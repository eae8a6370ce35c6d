"""The companion's own functions: signs of results, mirrors, the champion's test, Nim's frames."""

from functools import cache
from typing import Any

import matplotlib
import numpy as np
import pytest
import torch

from benchmarks import alphazero
from course_utils.engines.board_games import OPEN, connect_four, encode, legal, nim
from course_utils.maths.combinatorial_games import nim_sum
from course_utils.maths.connect_four import move_values, position
from course_utils.pictures import boards


@cache
def names() -> dict[str, Any]:
    return alphazero.definitions()


def even(rules):
    """An evaluator that knows nothing."""
    return lambda x: (np.ones((len(x), rules.actions)), np.zeros(len(x)))


@pytest.mark.parametrize("rules", [connect_four(5, 4), connect_four(4, 4), nim(3, 4)], ids=str)
def test_examples_of_self_play_carry_the_results_of_their_movers(rules):
    start = np.array([0x432, 0]) if rules.nim else np.zeros(2, np.int64)
    starts = np.repeat(start[None], 30, axis=0)
    draw = np.random.default_rng(1)
    record, outcomes = names()["self_play"](rules, even(rules), starts, 16, draw)
    X, P, Z = names()["examples"](rules, record, outcomes)
    assert len(X) == len(P) == len(Z) == sum(len(games) for games, _, _ in record)
    assert P.sum(axis=1) == pytest.approx(1)
    rows = np.concatenate([games for games, _, _ in record])
    for game in range(30):
        z = Z[rows == game]
        assert len(z) == len(outcomes[game])
        assert (z[1:] == -z[:-1]).all()
        assert z[-1] in (0, 1)  # whoever moves last has won, or it is a draw
        assert not rules.nim or z[-1] == 1


def test_mirror_images_are_positions_of_the_mirrored_game():
    rules = connect_four(5, 4)
    games = ["2230", "01234", "44"]
    states = np.array([position(moves, 5, 4) for moves in games])
    images = ["".join(str(4 - int(c)) for c in moves) for moves in games]
    P = np.arange(15, dtype=np.float32).reshape(3, 5)
    X, both, Z = names()["mirrored"](rules, encode(rules, states), P, np.array([1.0, 0, -1]))
    expected = encode(rules, np.array([position(moves, 5, 4) for moves in images]))
    assert (X[3:] == expected).all()
    assert (both[3:] == P[:, ::-1]).all()
    assert Z.tolist() == [1, 0, -1] * 2


def test_two_perfect_players_draw_and_never_lose_value():
    rules, perfect = connect_four(5, 4), names()["perfect"](np.random.default_rng(3))

    def machine(states):
        return perfect(names()["exact_values"](rules, states))

    score, losing, moves = names()["match"](rules, machine, perfect, 40)
    assert (score, losing) == ([0, 40, 0], 0)
    assert 40 * 7 <= moves <= 40 * 10


def test_a_player_who_gives_value_away_is_counted():
    rules = connect_four(5, 4)
    edge = names()["match"](
        rules,
        lambda s: legal(rules, s).argmax(axis=1),
        names()["perfect"](np.random.default_rng(4)),
        20,
    )
    assert edge[0][2] > 0
    assert edge[1] >= edge[0][2]


def test_the_childs_rule_wins_blocks_and_keeps_to_the_centre():
    rules = connect_four(5, 4)
    states = np.array([position(moves, 5, 4) for moves in ("", "010101", "01010", "2222")])
    assert names()["child"](rules, states).tolist()[:3] == [2, 0, 0]
    assert names()["child"](rules, states)[3] in (1, 3)


def test_share_of_optimal_moves_by_hand():
    exact = np.array([[0, -1, -2], [1, 1, 1], [-1, 0, 1]])
    assert names()["optimal"](exact, np.array([0, 1, 1])) == (2 / 3, 0.5)


def test_random_positions_are_open_positions():
    rules = connect_four(5, 4)
    states = names()["random_positions"](
        rules, np.zeros(2, np.int64), 200, np.random.default_rng(5)
    )
    move_values(states, 5, 4)  # refuses anything else
    assert len(np.unique(states, axis=0)) > 50


def test_transitions_leave_nim_sum_zero_and_mark_all_restoring_moves():
    before, after, good = names()["transitions"](40, np.random.default_rng(6), heaps=5)
    assert len(before) == 40
    for old, new, mask in zip(before.tolist(), after.tolist(), good.tolist(), strict=True):
        assert nim_sum(old) == 0
        assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
        assert all(a >= b for a, b in zip(old, new, strict=True))
        for heap, size in np.ndindex(5, 8):
            moved = [*new[:heap], size, *new[heap + 1 :]]
            assert mask[heap][size] == (size < new[heap] and nim_sum(moved) == 0)


@pytest.mark.parametrize("game", ["connect-4", "nim"])
def test_two_rounds_of_learning_change_the_network(game):
    rules = connect_four(4, 4) if game == "connect-4" else nim(2, 3)
    start = np.zeros(2, np.int64) if game == "connect-4" else np.array([0x32, 0])
    torch.manual_seed(0)
    fresh = names()["Net"](rules)
    *_, (seconds, net) = names()["learn"](rules, start, 2, 0, games=20, simulations=8, steps=3)
    assert seconds > 0
    x = torch.ones(1, rules.features)
    assert not torch.allclose(net(x)[0], fresh(x)[0])


def test_a_game_that_is_over_has_the_mark_open_nowhere():
    rules = nim(1, 3)
    record, outcomes = names()["self_play"](
        rules, even(rules), np.array([[3, 0]]), 8, np.random.default_rng(7)
    )
    assert OPEN not in outcomes[0]
    assert len(outcomes[0]) == len(record)


def test_a_board_is_drawn_with_its_stones():
    matplotlib.use("agg")
    ax = matplotlib.figure.Figure().add_subplot()
    boards.board(ax, "221", 5, 4, labels=list("abcde"), title="t")
    assert len(ax.patches) == 1 + 20 + 3 + 1
    assert [text.get_text() for text in ax.texts] == list("abcde")


@pytest.mark.parametrize(("moves", "labels"), [("5", ()), ("x", ()), ("00000", ()), ("", "ab")])
def test_a_board_that_cannot_be_is_refused(moves, labels):
    with pytest.raises(ValueError, match=r"moves|labels"):
        boards.board(matplotlib.figure.Figure().add_subplot(), moves, 5, 4, labels)
