r"""Connect-4 on small boards, solved: the exact value of a position and of each of its moves.

Players drop stones into columns in turn; four in a line (row, column or diagonal) wins, a full
board without such a line is a draw. A position is the string of the columns played so far. Its
value is 1, 0 or -1 for the player to move when both play as well as possible.

The method is alpha-beta on bitboards. A stone in column c, row r is the bit c (rows + 1) + r;
the spare bit above each column keeps lines from running over into the next column. Introduced in
the companion on AlphaZero.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import boolean, int64, njit
from numpy.typing import NDArray

CELLS = 42
FULL = 2  # filler for the value of a full column in integer arrays
TABLE = 4_194_301  # entries of the transposition table, a prime; 8 bytes each


def solve(moves: str, columns: int, rows: int) -> tuple[int, list[int | None]]:
    """Return the value of a position and the values of its moves, under best play.

    Exact, by alpha-beta with a transposition table. Any position of 5x4 takes well under a
    second once compiled; the empty board of 7x6 would take far too long for a notebook.

    Args:
        moves: column digits from 0, played in turn from the empty board; "" is the empty board.
        columns: width, 1 to 10 (a digit names a column).
        rows: height, at least 1; columns * rows <= 42.

    Returns:
        value: -1, 0 or 1 for the player to move.
        values: for each column the value of that move for the same player, None for a full one.

    Raises:
        ValueError: the board is out of range, a move is no column or goes into a full one, moves
            continue after a win, or the position is over (won or full).

    >>> solve("", 5, 4)
    (0, [-1, 0, 0, 0, -1])
    >>> solve("", 6, 4)
    (-1, [-1, -1, -1, -1, -1, -1])
    """
    columns, rows = _board(columns, rows)
    values = _values(*_play(moves, columns, rows), columns, rows, _table(columns, rows))
    exact = [None if v == FULL else int(v) for v in values]
    return max(v for v in exact if v is not None), exact


def move_values(states: NDArray[np.int64], columns: int, rows: int) -> NDArray[np.int8]:
    """Return the values of the moves of many positions; 2 stands for a full column.

    Args:
        states: bitboards (B, 2), as `position` returns them.
        columns, rows: the board, as for `solve`.

    Returns:
        Shape (B, columns): `solve`'s values.

    Raises:
        ValueError: the board is out of range, or a state is no open position: stones hang in the
            air, the players' numbers of stones do not fit, someone has won, or the board is full.

    >>> move_values(np.array([position("", 5, 4), position("0000", 5, 4)]), 5, 4).tolist()
    [[-1, 0, 0, 0, -1], [2, 0, 0, 0, -1]]
    """
    columns, rows = _board(columns, rows)
    states = np.asarray(states)
    if states.ndim != 2 or states.shape[1] != 2 or states.dtype.kind not in "iu":
        raise ValueError(
            f"states must be integers of shape (B, 2), got {states.dtype} {states.shape}"
        )
    states, table = states.astype(np.int64), _table(columns, rows)
    result = np.empty((len(states), columns), np.int8)
    for k, (own, stones) in enumerate(states):
        if not _is_open(own, stones, columns, rows):
            raise ValueError(f"states[{k}] = {[int(own), int(stones)]} is no open position")
        result[k] = _values(own, stones, columns, rows, table)
    return result


def position(moves: str, columns: int, rows: int) -> tuple[int, int]:
    """Return the bitboards (stones of the player to move, all stones) of an open position.

    Raises:
        ValueError: as `solve`.

    >>> position("22", 5, 4)
    (1024, 3072)
    """
    return _play(moves, *_board(columns, rows))


def _board(columns: int, rows: int) -> tuple[int, int]:
    for name, size, most in (("columns", columns, 10), ("rows", rows, CELLS)):
        if isinstance(size, bool | np.bool_) or not isinstance(size, int | np.integer):
            raise ValueError(f"{name} must be an integer, got {size!r}")
        if not 1 <= size <= most:
            raise ValueError(f"{name} must be from 1 to {most}, got {size}")
    if columns * rows > CELLS:
        raise ValueError(f"a board has at most {CELLS} cells, got {columns} x {rows}")
    return int(columns), int(rows)


def _play(moves: str, columns: int, rows: int) -> tuple[int, int]:
    """Return the bitboards (stones of the player to move, all stones) of an open position."""
    if not isinstance(moves, str):
        raise ValueError(f"moves must be a string of column digits, got {moves!r}")
    own, stones, heights = 0, 0, [0] * columns
    for k, letter in enumerate(moves):
        where = f"moves[{k}] of {moves[:50]!r}"
        c = "0123456789".find(letter)
        if not 0 <= c < columns:
            raise ValueError(f"{where} must be a column from 0 to {columns - 1}, got {letter!r}")
        if heights[c] == rows:
            raise ValueError(f"{where} goes into column {c}, which is full")
        placed = own | 1 << (c * (rows + 1) + heights[c])
        heights[c] += 1
        own, stones = stones ^ own, stones | placed
        if _has_line(placed, columns, rows) and k + 1 < len(moves):
            raise ValueError(f"{where} wins, but the moves go on")
    if _has_line(stones ^ own, columns, rows):
        raise ValueError(f"the position {moves[:50]!r} is over: the last move won")
    if len(moves) == columns * rows:
        raise ValueError(f"the position {moves[:50]!r} is over: the board is full")
    return own, stones


def _has_line(stones: int, columns: int, rows: int) -> bool:
    """Return whether some line of four lies in `stones`."""
    for step in (1, rows, rows + 1, rows + 2):
        pairs = stones & (stones >> step)
        if pairs & (pairs >> 2 * step):
            return True
    return False


@lru_cache(maxsize=2)
def _table(columns: int, rows: int) -> NDArray[np.int64]:
    """Return the transposition table of a board: exact bounds, so it may be kept for later."""
    return np.zeros(TABLE, np.int64)


@njit(cache=True)
def _is_open(own: int, stones: int, columns: int, rows: int) -> bool:
    """Return whether bitboards describe a position in which the game goes on."""
    floor, board = _masks(columns, rows)
    hanging = stones & ~(floor | (stones << 1))
    more = _count(stones ^ own) - _count(own)
    fits = stones >= 0 and stones | board == board and own | stones == stones
    open_ = stones != board and not _has_lines(stones ^ own, columns, rows)
    return fits and open_ and hanging == 0 and 0 <= more <= 1 and not _has_lines(own, columns, rows)


@njit(cache=True)
def _values(
    own: int, stones: int, columns: int, rows: int, table: NDArray[np.int64]
) -> NDArray[np.int8]:
    """Return the value of every move of an open position, `FULL` for a full column."""
    values = np.full(columns, FULL, np.int8)
    floor, board = _masks(columns, rows)
    places = (stones + floor) & board
    wins = _completing(own, columns, rows) & places
    for c in range(columns):
        place = places & (((1 << rows) - 1) << (c * (rows + 1)))
        if place == 0:
            continue
        if place & wins:
            values[c] = 1
        elif stones | place == board:
            values[c] = 0
        elif _at_least(1, stones ^ own, stones | place, columns, rows, table):
            values[c] = -1
        elif _at_least(0, stones ^ own, stones | place, columns, rows, table):
            values[c] = 0
        else:
            values[c] = 1
    return values


@njit(cache=True)
def _masks(columns: int, rows: int) -> tuple[int, int]:
    """Return the bits of the lowest row and those of the whole board."""
    floor = 0
    for c in range(columns):
        floor |= 1 << (c * (rows + 1))
    return floor, floor * ((1 << rows) - 1)


@njit(cache=True)
def _completing(stones: int, columns: int, rows: int) -> int:
    """Return the cells, on or off the board, that complete a line of four with `stones`."""
    cells = (stones << 1) & (stones << 2) & (stones << 3)  # a column grows at its top only
    if columns >= 4:
        for step in range(rows, rows + 3):
            two_up = (stones << step) & (stones << 2 * step)
            two_down = (stones >> step) & (stones >> 2 * step)
            cells |= two_up & ((stones << 3 * step) | (stones >> step))
            cells |= two_down & ((stones >> 3 * step) | (stones << step))
    return cells


@njit(cache=True)
def _has_lines(stones: int, columns: int, rows: int) -> bool:
    """Return whether `stones` contains a line of four."""
    pairs = stones & (stones >> 1)
    if pairs & (pairs >> 2):
        return True
    if columns >= 4:
        for step in range(rows, rows + 3):
            pairs = stones & (stones >> step)
            if pairs & (pairs >> 2 * step):
                return True
    return False


@njit(cache=True)
def _count(bits: int) -> int:
    number = 0
    while bits:
        bits &= bits - 1
        number += 1
    return number


@njit(boolean(int64, int64, int64, int64, int64, int64[::1]), cache=True)
def _at_least(goal, own, stones, columns, rows, table):
    """Return whether the value of an open position is at least `goal`, which is 0 or 1.

    Negamax with an empty window: a move reaches `goal` if the opponent does not reach 1 - goal.
    `own` are the stones of the player to move, `stones` all. An entry of the table holds
    16 key + 4 (lower + 1) + upper + 1 for bounds of the value that were proved earlier.
    """
    floor, board = _masks(columns, rows)
    places, empty, enemy = (stones + floor) & board, board & ~stones, stones ^ own
    if _completing(own, columns, rows) & places:
        return True
    threats = _completing(enemy, columns, rows) & empty
    forced = places & threats
    if forced:
        if forced & (forced - 1):
            return False  # two wins are threatened, one can be met
        places = forced
    places &= ~(threats >> 1)  # a stone below an enemy's threat loses
    if places == 0:
        return False
    if _count(empty) <= 2:
        return goal == 0  # neither of the last two stones wins
    key = own + stones + floor
    slot = key % len(table)
    lower, upper = -1, 1
    if table[slot] >> 4 == key:
        lower, upper = ((table[slot] >> 2) & 3) - 1, (table[slot] & 3) - 1
    if not _has_lines(own | empty, columns, rows):
        upper = min(upper, 0)
    if not _has_lines(enemy | empty, columns, rows):
        lower = max(lower, 0)
    if lower >= goal or upper < goal:
        return lower >= goal
    moves, threatened, count = np.empty(10, np.int64), np.empty(10, np.int64), 0
    for i in range(columns):
        c = (columns - 1) // 2 + (i + 1) // 2 * (2 * (i & 1) - 1)  # from the centre outwards
        if columns % 2 == 1:
            c = columns - 1 - c
        place = places & (((1 << rows) - 1) << (c * (rows + 1)))
        if place == 0:
            continue
        number, k = _count(_completing(own | place, columns, rows) & empty), count
        while k > 0 and threatened[k - 1] < number:
            moves[k], threatened[k] = moves[k - 1], threatened[k - 1]
            k -= 1
        moves[k], threatened[k] = place, number
        count += 1
    reached = False
    for k in range(count):
        if not _at_least(1 - goal, enemy, stones | moves[k], columns, rows, table):
            reached = True
            break
    if reached:
        lower = max(lower, goal)
    else:
        upper = min(upper, goal - 1)
    table[slot] = 16 * key + 4 * (lower + 1) + upper + 1
    return reached
