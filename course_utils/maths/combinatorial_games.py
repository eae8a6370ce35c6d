"""Impartial games: Nim, Kayles and Dawson's Kayles by their Grundy values.

Two players move in turn, both have the same moves, and whoever cannot move loses. The Grundy
value of a position is the least integer >= 0 that none of its options has (the *mex*); the player
to move loses if and only if it is 0, and the value of a sum of games is the xor of the values
(Sprague 1935, Grundy 1939).
"""

import operator
from collections.abc import Iterable, Mapping
from functools import lru_cache

_LONGEST = 2  # no move of either game takes more than two pins
_KAYLES = ((1, 2), 71, 12)  # pins that a move takes; start and length of the period
_DAWSON = ((2,), 53, 34)


def nim_sum(heaps: Iterable[int]) -> int:
    """Return the xor of all heap sizes: the Grundy value of a position of Nim.

    A move takes any number of objects >= 1 from one heap. The player to move loses under best
    play if and only if the nim-sum is 0 (Bouton 1901).

    Args:
        heaps: sizes >= 0 of any number of heaps, integers of any size; no heaps are legal.

    Returns:
        An integer >= 0; 0 for no heaps.

    Raises:
        ValueError: `heaps` is not a collection of integers >= 0.

    >>> nim_sum([1, 2, 3]), nim_sum([3, 5, 6, 7]), nim_sum([])
    (0, 7, 0)
    """
    if isinstance(heaps, str | bytes | bytearray | Mapping) or not hasattr(heaps, "__iter__"):
        raise ValueError(f"heaps must be a collection of integers >= 0, got {_short(heaps)}")
    try:
        sizes = list(heaps)
    except TypeError:  # an array without dimensions
        raise ValueError(
            f"heaps must be a collection of integers >= 0, got {_short(heaps)}"
        ) from None
    total = 0
    for size in sizes:
        total ^= _natural(size, "every heap")
    return total


def grundy_kayles(n: int) -> int:
    """Return the Grundy value of a row of `n` pins in Kayles.

    A move knocks down one pin or two neighbouring pins; what is left of the row on both sides are
    two rows. The values have period 12 from n = 71 on, so any n is answered at once.

    Args:
        n: number of pins, >= 0, of any size.

    Returns:
        An integer between 0 and 8.

    Raises:
        ValueError: `n` is not an integer >= 0.

    Source: Guy and Smith, *The G-values of various games* (1956). Introduced in week 10.

    >>> [grundy_kayles(n) for n in range(13)]
    [0, 1, 2, 3, 1, 4, 3, 2, 1, 4, 2, 6, 4]
    """
    return _periodic(_natural(n, "n"), *_KAYLES)


def grundy_dawson(n: int) -> int:
    """Return the Grundy value of a row of `n` pins in Dawson's Kayles.

    A move knocks down two neighbouring pins, never one alone. The values have period 34 from
    n = 53 on, so any n is answered at once.

    Args:
        n: number of pins, >= 0, of any size.

    Returns:
        An integer between 0 and 9.

    Raises:
        ValueError: `n` is not an integer >= 0.

    Source: Guy and Smith, *The G-values of various games* (1956). Introduced in week 10.

    >>> [grundy_dawson(n) for n in range(13)]
    [0, 0, 1, 1, 2, 0, 3, 1, 1, 0, 3, 3, 2]
    """
    return _periodic(_natural(n, "n"), *_DAWSON)


def _periodic(n: int, takes: tuple[int, ...], start: int, period: int) -> int:
    values = _proved_table(takes, start, period)
    return values[n if n < len(values) else start + (n - start) % period]


@lru_cache
def _proved_table(takes: tuple[int, ...], start: int, period: int) -> tuple[int, ...]:
    """Return values long enough to prove their period, and prove it.

    Let G(n + p) = G(n) for start <= n < 2 start + p + 2, where no move takes more than two pins.
    Then it holds for all n >= start: beyond, each option of n or of n + p has a part of at least
    `start`, respectively `start` + p pins, and adding or removing p pins there changes no value.
    """
    last = 2 * start + period + _LONGEST
    values = _by_definition(last + period, takes)
    assert all(values[n] == values[n + period] for n in range(start, last)), "no such period"
    return tuple(values)


def _by_definition(count: int, takes: tuple[int, ...]) -> list[int]:
    """Return the values of rows of 0, …, count - 1 pins from the rules."""
    values: list[int] = []
    for n in range(count):
        options = {
            values[left] ^ values[n - t - left]
            for t in takes
            if t <= n
            for left in range((n - t) // 2 + 1)
        }
        values.append(next(g for g in range(len(options) + 1) if g not in options))
    return values


def _natural(value: object, name: str) -> int:
    """Return `value` as an int >= 0, or raise an error that names it."""
    try:
        if isinstance(value, bool) or "bool" in str(getattr(value, "dtype", "")):
            raise TypeError
        number = operator.index(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name} must be an integer >= 0, got {_short(value)}") from None
    if number < 0:
        raise ValueError(f"{name} must be an integer >= 0, got {_short(value)}")
    return number


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
