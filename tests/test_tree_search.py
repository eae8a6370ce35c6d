"""The compiled search makes the visits of a short one, and rules are those of the solver."""

import math

import numpy as np
import pytest

from course_utils.engines import board_games, tree_search
from course_utils.engines.board_games import OPEN, connect_four, nim
from course_utils.maths.combinatorial_games import nim_sum
from course_utils.maths.connect_four import solve


class Node:
    """A position of the short search: what a reader would write."""

    def __init__(self, rules, state, result, priors):
        self.rules, self.state, self.result, self.priors = rules, state, result, priors
        self.children, self.visits, self.totals = {}, {}, {}


def make(rules, state, result, evaluate):
    """A node with its priors (legal moves only, sum 1), and its value."""
    priors, values = evaluate(board_games.encode(rules, state[None]))
    moves = np.flatnonzero(board_games.legal(rules, state[None])[0]).tolist()
    weight = sum(float(priors[0, a]) for a in moves)
    node = Node(rules, state, result, {a: float(priors[0, a]) / weight for a in moves})
    node.visits, node.totals = dict.fromkeys(moves, 0), dict.fromkeys(moves, 0.0)
    return node, float(values[0])


def simulate(node, evaluate, c):
    """One simulation below an open node; returns the result for the player to move there."""
    count = 1 + sum(node.visits.values())

    def score(a):
        n = node.visits[a]
        mean = node.totals[a] / n if n else 0.0
        return mean + c * node.priors[a] * math.sqrt(count) / (1 + n)

    a = max(node.priors, key=score)
    if a not in node.children:
        after, result = board_games.advance(node.rules, node.state[None], np.array([a]))
        node.children[a], value = make(node.rules, after[0], int(result[0]), evaluate)
        value = value if result[0] == OPEN else float(result[0])
    elif node.children[a].result != OPEN:
        value = float(node.children[a].result)
    else:
        value = simulate(node.children[a], evaluate, c)
    node.visits[a] += 1
    node.totals[a] -= value
    return -value


def short_search(rules, state, evaluate, simulations, c):
    root, _ = make(rules, state, OPEN, evaluate)
    mean = sum(simulate(root, evaluate, c) for _ in range(simulations)) / simulations
    return [root.visits.get(a, 0) for a in range(rules.actions)], mean


def oracle(rules, seed):
    """A fixed random function of the position: probabilities and values from its features."""
    rng = np.random.default_rng(seed)
    into, out = rng.normal(size=(rules.features, 16)), rng.normal(size=(16, rules.actions + 1))

    def evaluate(features):
        rows = [np.tanh(np.tanh(x.astype(float) @ into) @ out) for x in features]
        answer = np.array(rows).reshape(len(features), -1)
        return np.exp(2 * answer[:, :-1]), answer[:, -1]

    return evaluate


def positions(rules, count, rng):
    """Open positions from random play, in the order they are met."""
    found = []
    while len(found) < count:
        state = np.zeros(2, np.int64)
        if rules.nim:
            state[0] = sum(int(rng.integers(rules.rows + 1)) << 4 * h for h in range(rules.columns))
            if state[0]:
                found.append(state)
            continue
        for _ in range(int(rng.integers(rules.columns * rules.rows))):
            moves = np.flatnonzero(board_games.legal(rules, state[None])[0])
            after, result = board_games.advance(rules, state[None], rng.choice(moves, 1))
            if result[0] != OPEN:
                break
            state = after[0]
        found.append(state)
    return np.array(found)


@pytest.mark.parametrize(
    ("rules", "c", "simulations"),
    [
        (connect_four(5, 4), 1.5, 200),
        (connect_four(4, 4), 0.3, 300),
        (connect_four(7, 6), 3.0, 60),
        (connect_four(3, 5), 1.0, 100),
        (nim(3, 5), 1.5, 150),
        (nim(15, 1), 0.7, 40),
    ],
)
def test_visits_are_those_of_the_short_search(rules, c, simulations):
    evaluate = oracle(rules, 1)
    states = positions(rules, 12, np.random.default_rng(4))
    visits, totals = tree_search.search(rules, states, evaluate, simulations, c)
    values = totals.sum(axis=1) / simulations
    for state, row, value in zip(states, visits, values, strict=True):
        expected, mean = short_search(rules, state, evaluate, simulations, c)
        assert row.tolist() == expected
        assert value == pytest.approx(mean, abs=1e-12)
    assert (visits.sum(axis=1) == simulations).all()


def test_games_of_a_batch_do_not_touch_each_other():
    rules = connect_four(5, 4)
    evaluate, states = oracle(rules, 2), positions(connect_four(5, 4), 9, np.random.default_rng(5))
    together = tree_search.search(rules, states, evaluate, 50)[0]
    alone = [tree_search.search(rules, states[[i]], evaluate, 50)[0][0] for i in range(9)]
    assert (together == np.array(alone)).all()


def bitboards(moves, rows):
    """(own, all) of a string of moves by its meaning."""
    boards, heights = [0, 0], {}
    for k, c in enumerate(moves):
        boards[k % 2] |= 1 << (int(c) * (rows + 1) + heights.get(c, 0))
        heights[c] = heights.get(c, 0) + 1
    return [boards[len(moves) % 2], boards[0] | boards[1]]


@pytest.mark.parametrize(("columns", "rows"), [(5, 4), (4, 4), (7, 6), (3, 4), (3, 3), (10, 4)])
def test_rules_of_connect_four_are_those_of_the_solver(columns, rows):
    """Random games to their end: bitboards by meaning, legality, and the end as `solve` sees it."""
    rules, rng = connect_four(columns, rows), np.random.default_rng(columns)
    for _ in range(40):
        state, moves, result = np.zeros((1, 2), np.int64), "", OPEN
        while result == OPEN:
            assert state[0].tolist() == bitboards(moves, rows)
            allowed = board_games.legal(rules, state)[0]
            assert allowed.tolist() == [moves.count(str(c)) < rows for c in range(columns)]
            if len(moves) >= columns * rows - 8:
                values = solve(moves, columns, rows)[1]
                assert [v is None for v in values] == (~allowed).tolist()
            a = int(rng.choice(np.flatnonzero(allowed)))
            state, results = board_games.advance(rules, state, np.array([a]))
            moves, result = moves + str(a), int(results[0])
        why = "won" if result == -1 else "full"
        with pytest.raises(ValueError, match=f"over: .*{why}"):
            solve(moves, columns, rows)


def test_nim_moves_take_counters_and_the_last_one_wins():
    rules = nim(3, 5)
    state = np.array([[2 | 0 << 4 | 5 << 8, 0]])
    assert np.flatnonzero(board_games.legal(rules, state)[0]).tolist() == [0, 1, 10, 11, 12, 13, 14]
    after, result = board_games.advance(rules, state, np.array([12]))
    assert (after[0, 0], result[0]) == (2 | 2 << 8, OPEN)
    assert board_games.encode(rules, state)[0].tolist() == [1, 1, 0, 0, 0] + [0] * 5 + [1] * 5
    last = board_games.advance(rules, np.array([[3, 0]]), np.array([2]))
    assert (last[0][0, 0], last[1][0]) == (0, -1)


def test_enough_simulations_find_the_winning_move_of_nim():
    rules, rng = nim(2, 4), np.random.default_rng(1)

    def nothing(features):
        return np.ones((len(features), rules.actions)), np.zeros(len(features))

    states = positions(rules, 30, rng)
    heaps = [[(int(s) >> 4 * h) & 15 for h in range(2)] for s in states[:, 0]]
    won = [i for i, h in enumerate(heaps) if nim_sum(h)]
    visits, totals = tree_search.search(rules, states, nothing, 1500, 1.0)
    values = totals.sum(axis=1) / 1500
    for i in won:
        h, k = divmod(int(visits[i].argmax()), 4)
        after = [n - (k + 1) * (j == h) for j, n in enumerate(heaps[i])]
        assert nim_sum(after) == 0, heaps[i]
    assert (values[won] > 0.3).all()


def test_features_are_own_stones_then_the_others():
    rules = connect_four(5, 4)
    state = np.array([bitboards("2230", 4)])
    x = board_games.encode(rules, state)[0].reshape(2, 5, 4)
    assert np.argwhere(x[0]).tolist() == [[2, 0], [3, 0]]
    assert np.argwhere(x[1]).tolist() == [[0, 0], [2, 1]]


def test_noise_moves_a_quarter_of_the_prior():
    """With one simulation the move of the largest prior is tried: noise can change it."""
    rules, states = connect_four(5, 4), np.zeros((1, 2), np.int64)

    def evaluate(features):
        return np.tile([0.3, 0.25, 0.2, 0.15, 0.1], (len(features), 1)), np.zeros(len(features))

    plain = tree_search.search(rules, states, evaluate, 1)[0]
    noisy = tree_search.search(rules, states, evaluate, 1, noise=np.eye(5)[[4]])[0]
    assert (plain[0].argmax(), noisy[0].argmax()) == (0, 4)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"simulations": 0}, "simulations"),
        ({"simulations": 2.5}, "simulations"),
        ({"simulations": True}, "simulations"),
        ({"c": -1.0}, "c must"),
        ({"c": float("nan")}, "c must"),
        ({"states": np.zeros((3, 3), np.int64)}, "states"),
        ({"noise": np.ones((3, 4))}, "noise"),
        ({"states": np.array([[0, (1 << 25) - 1]])}, "open"),
        ({"states": np.array([[0, 15]])}, "open"),
        ({"evaluate": lambda x: (np.ones((len(x), 4)), np.zeros(len(x)))}, "evaluate"),
        ({"evaluate": lambda x: (-np.ones((len(x), 5)), np.zeros(len(x)))}, "evaluate"),
        ({"evaluate": lambda x: (np.ones((len(x), 5)), np.full(len(x), np.nan))}, "evaluate"),
    ],
)
def test_bad_input_of_a_search_is_refused(change, named):
    rules = connect_four(5, 4)
    arguments = {
        "states": np.zeros((3, 2), np.int64),
        "evaluate": oracle(rules, 0),
        "simulations": 2,
    } | change
    with pytest.raises(ValueError, match=named):
        tree_search.search(rules, **arguments)


def test_bad_boards_are_refused():
    for columns, rows in [(0, 4), (5, 0), (True, 4), (5.0, 4), (11, 1), (7, 7)]:
        with pytest.raises(ValueError, match=r"columns|rows|board"):
            connect_four(columns, rows)
    for heaps, largest in [(0, 3), (16, 1), (2, 16), (2, -1)]:
        with pytest.raises(ValueError, match=r"columns|rows|heaps|board"):
            nim(heaps, largest)
