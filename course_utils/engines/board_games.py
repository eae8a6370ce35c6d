r"""Connect-4 and Nim for many games at once: positions as integers, rules compiled.

A position is two integers, and a game is told by a `Rules`. Connect-4: the stones of the player to
move and all stones, where the stone in column c, row r is the bit c (rows + 1) + r. Nim: the heaps,
4 bits each, and 0. The tree search walks on these rules; the companion on AlphaZero introduces
them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

OPEN = 2  # filler for the result of a position that is not over


class Rules(NamedTuple):
    """A game: connect-4 on columns x rows, or Nim with `columns` heaps of at most `rows`."""

    nim: bool
    columns: int
    rows: int

    @property
    def actions(self) -> int:
        """Return the number of moves that a policy ranges over, legal or not."""
        return self.columns * self.rows if self.nim else self.columns

    @property
    def features(self) -> int:
        """Return the length of a position's encoding."""
        return self.columns * self.rows * (1 if self.nim else 2)


def connect_four(columns: int, rows: int) -> Rules:
    """Return the rules of connect-4; action c drops a stone into column c.

    Raises:
        ValueError: not 1 to 10 columns, or not 4 to 42 cells.

    >>> connect_four(5, 4).features
    40
    """
    _sizes(columns, rows, 42)
    return Rules(False, int(columns), int(rows))


def nim(heaps: int, largest: int) -> Rules:
    """Return the rules of Nim; action h * largest + k - 1 takes k counters from heap h.

    Who takes the last counter wins.

    Raises:
        ValueError: not 1 to 15 heaps, or not 1 to 15 counters in a heap.

    >>> nim(3, 7).actions
    21
    """
    _sizes(heaps, largest, 225)
    if heaps > 15 or largest > 15:
        raise ValueError(f"at most 15 heaps of at most 15, got heaps={heaps}, largest={largest}")
    return Rules(True, int(heaps), int(largest))


def _sizes(columns: int, rows: int, cells: int) -> None:
    for name, size in (("columns", columns), ("rows", rows)):
        if isinstance(size, bool | np.bool_) or not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"{name} must be an integer >= 1, got {size!r}")
    if columns * rows > cells or (cells == 42 and columns > 10):
        raise ValueError(f"the board must have at most {cells} cells, got {columns} x {rows}")


@njit(cache=True)
def legal_moves(rules: Rules, state: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the moves are legal in a position (2,), whether or not it is over."""
    if rules.nim:
        allowed = np.zeros(rules.columns * rules.rows, np.bool_)
        for h in range(rules.columns):
            allowed[h * rules.rows : h * rules.rows + ((state[0] >> 4 * h) & 15)] = True
        return allowed
    allowed = np.zeros(rules.columns, np.bool_)
    for c in range(rules.columns):
        allowed[c] = (state[1] >> (c * (rules.rows + 1) + rules.rows - 1)) & 1 == 0
    return allowed


@njit(cache=True)
def play(rules: Rules, state: NDArray[np.int64], action: int, after: NDArray[np.int64]) -> int:
    """Write the position after a legal move; return its result for the player then to move.

    -1 when the move has won, 0 for a draw, `OPEN` when the game goes on.
    """
    if rules.nim:
        heap, taken = action // rules.rows, action % rules.rows + 1
        after[0], after[1] = state[0] - (taken << 4 * heap), 0
        return -1 if after[0] == 0 else OPEN
    floor = 1 << (action * (rules.rows + 1))
    column = floor * ((1 << rules.rows) - 1)
    stones = state[1] | ((state[1] & column) + floor)
    mover = state[0] | (stones ^ state[1])
    after[0], after[1] = stones ^ mover, stones
    if _has_line(rules, mover):
        return -1
    for c in range(rules.columns):
        if (stones >> (c * (rules.rows + 1) + rules.rows - 1)) & 1 == 0:
            return OPEN
    return 0


@njit(cache=True)
def _has_line(rules: Rules, stones: int) -> bool:
    for step in (1, rules.rows, rules.rows + 1, rules.rows + 2):
        if step > 1 and rules.columns < 4:
            break  # only columns are long enough, and the shifts below would leave the word
        pairs = stones & (stones >> step)
        if pairs & (pairs >> 2 * step):
            return True
    return False


@njit(cache=True)
def all_open(rules: Rules, states: NDArray[np.int64]) -> bool:
    """Return whether every one of the positions (B, 2) still has a player to move."""
    for b in range(len(states)):
        if not legal_moves(rules, states[b]).any():
            return False
        if not rules.nim and _has_line(rules, states[b, 0] ^ states[b, 1]):
            return False
    return True


@njit(cache=True)
def legal(rules: Rules, states: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which moves are legal in positions (B, 2): shape (B, actions)."""
    allowed = np.zeros((len(states), _actions(rules)), np.bool_)
    for b in range(len(states)):
        allowed[b] = legal_moves(rules, states[b])
    return allowed


@njit(cache=True)
def advance(
    rules: Rules, states: NDArray[np.int64], actions: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return the positions (B, 2) after one legal move in each game, and their results (B,).

    A result is -1 (the move has won), 0 (a draw) or `OPEN` (2).
    """
    after, results = np.empty_like(states), np.empty(len(states), np.int8)
    for b in range(len(states)):
        results[b] = play(rules, states[b], actions[b], after[b])
    return after, results


@njit(cache=True)
def _actions(rules: Rules) -> int:
    return rules.columns * rules.rows if rules.nim else rules.columns


@njit(cache=True)
def encode(rules: Rules, states: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the features (B, F) of positions (B, 2), for the player to move.

    Connect-4: own stones, then the opponent's, each column by column from below. Nim: for each
    heap its counters, a row of ones, then zeros.
    """
    cells = rules.columns * rules.rows
    out = np.zeros((len(states), cells if rules.nim else 2 * cells), np.float32)
    for b in range(len(states)):
        for c in range(rules.columns):
            for r in range(rules.rows):
                if rules.nim:
                    out[b, c * rules.rows + r] = r < (states[b, 0] >> 4 * c) & 15
                else:
                    bit = c * (rules.rows + 1) + r
                    own = (states[b, 0] >> bit) & 1
                    out[b, c * rules.rows + r] = own
                    out[b, cells + c * rules.rows + r] = ((states[b, 1] >> bit) & 1) - own
    return out
