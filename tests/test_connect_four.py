"""Connect-4 solved: against plain minimax on grids, published counts and reference values."""

import json
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from course_utils import datasets
from course_utils.maths.connect_four import move_values, position, solve

FACTS = json.loads((Path(__file__).parent / "data" / "connect4_small.json").read_text())
BOARDS = ["4x4", "5x4", "4x5", "5x5", "6x4", "6x5", "5x6", "7x4"]
SAMPLE = [line.split() for line in datasets.load("connect4_s_54.txt").splitlines()]


def wins(board: tuple[str, ...], c: int) -> bool:
    """Whether the top stone of column c completes a line: the rule read aloud."""
    r = len(board[c]) - 1

    def at(i: int, j: int) -> str:
        return board[i][j] if 0 <= i < len(board) and 0 <= j < len(board[i]) else "."

    for dc, dr in ((0, 1), (1, 0), (1, 1), (1, -1)):
        line = "".join(at(c + k * dc, r + k * dr) for k in range(-3, 4))
        if board[c][r] * 4 in line:
            return True
    return False


@cache
def minimax(board: tuple[str, ...], player: str, rows: int) -> tuple[int | None, ...]:
    """The value of every move for `player`: no pruning, no bitboards."""
    values: list[int | None] = []
    for c, column in enumerate(board):
        if len(column) == rows:
            values.append(None)
            continue
        after = (*board[:c], column + player, *board[c + 1 :])
        if wins(after, c):
            values.append(1)
        elif all(len(stack) == rows for stack in after):
            values.append(0)
        else:
            answers = minimax(after, "xo"[player == "x"], rows)
            values.append(-max(v for v in answers if v is not None))
    return tuple(values)


def random_game(rng: np.random.Generator, columns: int, rows: int) -> str | None:
    """Moves of an open position, or None when the game ended before."""
    moves, board = "", ("",) * columns
    for k in range(int(rng.integers(0, columns * rows))):
        c = int(rng.choice([c for c in range(columns) if len(board[c]) < rows]))
        moves, board = moves + str(c), (*board[:c], board[c] + "xo"[k % 2], *board[c + 1 :])
        if wins(board, c):
            return None
    return moves


def grid(moves: str, columns: int) -> tuple[tuple[str, ...], str]:
    board = [""] * columns
    for k, letter in enumerate(moves):
        board[int(letter)] += "xo"[k % 2]
    return tuple(board), "xo"[len(moves) % 2]


@pytest.mark.parametrize("board", BOARDS)
def test_value_of_the_empty_board_is_the_reference(board: str) -> None:
    columns, rows = map(int, board.split("x"))
    value, values = solve("", columns, rows)
    assert value == FACTS["root_value_first_player"][board]
    assert values == FACTS["root_move_values"].get(board, values)


def test_all_2000_positions_of_the_sample_have_their_values() -> None:
    sign = {"+": 1, "=": 0, "-": -1, "x": None}
    for moves, value, columns in SAMPLE:
        moves = moves.replace("e", "")
        assert solve(moves, 5, 4) == (int(value), [sign[c] for c in columns]), moves


@pytest.mark.parametrize(
    ("columns", "rows"), [(4, 4), (5, 3), (3, 5), (4, 3), (3, 4), (6, 2), (2, 6)]
)
def test_equals_minimax_on_random_positions(columns: int, rows: int) -> None:
    rng, seen = np.random.default_rng(columns * rows), 0
    while seen < 60:
        moves = random_game(rng, columns, rows)
        if moves is not None:
            seen += 1
            expected = minimax(*grid(moves, columns), rows)
            assert solve(moves, columns, rows) == (
                max(v for v in expected if v is not None),
                list(expected),
            ), moves


def test_counts_by_ply_on_4x4_are_the_reference() -> None:
    """All positions of plies 0 to 8 with their values, counted after minimax's rules."""
    level = {("",) * 4: ""}
    for ply, positions, terminal, win, draw, loss in FACTS["by_ply"]["4x4"]["rows"][:9]:
        won = [board for board, m in level.items() if m and wins(board, int(m[-1]))]
        open_ = {board: m for board, m in level.items() if board not in set(won)}
        states = [position(m, 4, 4) for m in open_.values()]
        values = move_values(np.array(states), 4, 4).astype(int)
        best = np.where(values == 2, -2, values).max(axis=1)
        assert (len(level), len(won)) == (positions, terminal), ply
        counts = [int((best == v).sum()) for v in (1, 0, -1)]
        assert counts == [win, draw, loss - len(won)], ply
        following = {}
        for board, m in open_.items():
            for c in range(4):
                if len(board[c]) < 4:
                    after = (*board[:c], board[c] + "xo"[ply % 2], *board[c + 1 :])
                    following[after] = m + str(c)
        level = following


def test_mirror_image_mirrors_the_values() -> None:
    rng = np.random.default_rng(2)
    for columns, rows in [(6, 4), (5, 5), (7, 3)]:
        for moves in filter(None, (random_game(rng, columns, rows) for _ in range(40))):
            mirrored = "".join(str(columns - 1 - int(c)) for c in moves)
            value, values = solve(moves, columns, rows)
            assert solve(mirrored, columns, rows) == (value, values[::-1]), moves


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (3, 3), (2, 3), (1, 3), (3, 1), (3, 2)])
def test_too_small_for_four_in_a_line_is_always_a_draw(columns: int, rows: int) -> None:
    assert solve("", columns, rows) == (0, [0] * columns)


@pytest.mark.parametrize(("columns", "rows"), [(10, 1), (2, 21), (10, 4), (3, 14)])
def test_widest_and_highest_boards_are_solved_near_their_end(columns: int, rows: int) -> None:
    """Bits near the end of the word: the values are those of minimax on the last cells."""
    rng, seen = np.random.default_rng(7), 0
    for _ in range(3000):
        moves = random_game(rng, columns, rows)
        if moves is not None and columns * rows - len(moves) <= 7 and seen < 20:
            seen += 1
            expected = minimax(*grid(moves, columns), rows)
            assert solve(moves, columns, rows)[1] == list(expected), moves
    assert seen


def test_a_single_column_is_drawn() -> None:
    assert solve("", 1, 42) == (0, [0])  # one column: its stones alternate to the top
    assert solve("0" * 41, 1, 42) == (0, [0])


def test_6x5_with_twelve_stones_takes_seconds() -> None:
    rng, slowest, seen = np.random.default_rng(3), 0.0, 0
    while seen < 10:
        moves = random_game(rng, 6, 5)
        if moves is not None and len(moves) >= 12:
            seen += 1
            start = time.process_time()
            solve(moves[:12], 6, 5)
            slowest = max(slowest, time.process_time() - start)
    assert slowest < 20


def test_numpy_sizes_are_integers_and_values_are_python_integers() -> None:
    value, values = solve("0", np.int64(5), np.int8(4))
    assert (type(value), type(values[0])) == (int, int)
    assert solve("00001111", 5, 4)[1][:2] == [None, None]


def test_many_positions_equal_one_by_one() -> None:
    games = [moves.replace("e", "") for moves, _, _ in SAMPLE[:50]]
    table = move_values(np.array([position(moves, 5, 4) for moves in games]), 5, 4)
    assert (table.dtype, table.shape) == (np.dtype(np.int8), (50, 5))
    for moves, row in zip(games, table.tolist(), strict=True):
        assert solve(moves, 5, 4)[1] == [None if v == 2 else v for v in row]
    assert move_values(np.zeros((0, 2), np.int64), 5, 4).shape == (0, 5)


@pytest.mark.parametrize(
    "state",
    [
        [0, 2],  # hangs in the air
        [1, 0],  # a stone that is not there
        [0, 0b11],  # two stones, both the opponent's
        [1, 1],  # one stone, of the player to move
        [1 << 4, 0b11111],  # above the board
        [-1, -1],
        [0b1111, 0b1111 | 0b1111 << 5],  # won
        position("0101012", 5, 4)[::-1],
        [0, (1 << 25) - 1],
    ],
)
def test_what_is_no_open_position_is_refused(state) -> None:
    with pytest.raises(ValueError, match="states"):
        move_values(np.array([state]), 5, 4)


@pytest.mark.parametrize("states", [np.zeros((2, 3), int), np.zeros((1, 2)), np.zeros(2, int), []])
def test_states_of_another_form_are_refused(states) -> None:
    with pytest.raises(ValueError, match="states"):
        move_values(states, 5, 4)


@pytest.mark.parametrize(
    ("moves", "columns", "rows", "named"),
    [
        ("5", 5, 4, "moves"),
        ("-1", 5, 4, "moves"),
        ("a", 5, 4, "moves"),
        ("²", 5, 4, "moves"),
        ("٣", 5, 4, "moves"),
        (" ", 5, 4, "moves"),
        ("e", 5, 4, "moves"),
        ("00000", 5, 4, "full"),
        ("01010102", 5, 4, "go on"),
        ("0101010", 5, 4, "over"),
        ("012", 3, 1, "over"),
        ([0, 1], 5, 4, "moves"),
        (None, 5, 4, "moves"),
        (0, 5, 4, "moves"),
        ("", 7, 7, "42"),
        ("", 10, 5, "42"),
        ("", 11, 1, "columns"),
        ("", 0, 4, "columns"),
        ("", 5, -1, "rows"),
        ("", 5.0, 4, "columns"),
        ("", True, 4, "columns"),
        ("", 5, "4", "rows"),
        ("", 5, float("nan"), "rows"),
    ],
)
def test_bad_input_is_refused_and_named(moves, columns, rows, named) -> None:
    with pytest.raises(ValueError, match=named):
        solve(moves, columns, rows)


def test_a_full_board_is_over() -> None:
    with pytest.raises(ValueError, match="over: the board is full"):
        solve("0110", 2, 2)
