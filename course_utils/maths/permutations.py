"""Permutations in one-line notation, their length and descents, and the Bruhat order.

A permutation of 1..n is the tuple (w(1), ..., w(n)); the product is (xy)(i) = x(y(i)).
Reference: A. Björner, F. Brenti, Combinatorics of Coxeter Groups, chapters 1, 2 (BB).
"""

import math
from collections.abc import Sequence
from functools import cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_TABLE = 9  # symmetric_group(9) holds 362,880 rows, about 60 MB


def as_permutation(w: Sequence[int], name: str = "w") -> tuple[int, ...]:
    """Return `w` as a tuple of Python integers, or refuse what is not a permutation of 1..n.

    Args:
        w: a sequence (tuple, list, array) of the integers 1..n, each once, n >= 1.
        name: the argument's name for the message.

    Raises:
        ValueError: `w` is not a permutation of 1..n; Booleans and floats are no integers.

    >>> as_permutation([2, 1, 3])
    (2, 1, 3)
    """
    entries = tuple(w) if isinstance(w, Sequence | np.ndarray) and not isinstance(w, str) else ()
    whole = all(isinstance(a, int | np.integer) and not isinstance(a, bool) for a in entries)
    if not entries or not whole or sorted(entries) != list(range(1, len(entries) + 1)):
        raise ValueError(f"{name} must be a permutation (w(1), ..., w(n)) of 1..n, got {w!r:.80}")
    return tuple(int(a) for a in entries)


def as_pair(x: Sequence[int], w: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return two permutations of the same 1..n as tuples, or raise ValueError.

    >>> as_pair([1, 2], (2, 1))
    ((1, 2), (2, 1))
    """
    x, w = as_permutation(x, "x"), as_permutation(w, "w")
    if len(x) != len(w):
        raise ValueError(f"x and w must permute the same 1..n, got x = {x} and w = {w}")
    return x, w


def inverse(w: Sequence[int]) -> tuple[int, ...]:
    """Return the inverse permutation: its value at w(i) is i.

    >>> inverse((2, 3, 1))
    (3, 1, 2)
    """
    w = as_permutation(w)
    return tuple(sorted(range(1, len(w) + 1), key=lambda i: w[i - 1]))


def compose(x: Sequence[int], y: Sequence[int]) -> tuple[int, ...]:
    """Return the product xy, with (xy)(i) = x(y(i)).

    >>> compose((2, 3, 1), (2, 1, 3))  # on the right, 213 exchanges positions 1 and 2
    (3, 2, 1)
    """
    x, y = as_pair(x, y)
    return tuple(x[i - 1] for i in y)


def length(w: Sequence[int]) -> int:
    """Return the number of inversions, the pairs i < j with w(i) > w(j) (BB Proposition 1.5.2).

    >>> length((3, 1, 2)), length((4, 3, 2, 1))
    (2, 6)
    """
    w = as_permutation(w)
    return sum(w[i] > w[j] for j in range(len(w)) for i in range(j))


def right_descents(w: Sequence[int]) -> set[int]:
    """Return R(w) = {i : w(i) > w(i+1)}, a subset of 1..n-1 (BB Proposition 1.5.3).

    >>> right_descents((2, 3, 1))
    {2}
    """
    w = as_permutation(w)
    return {i for i in range(1, len(w)) if w[i - 1] > w[i]}


def left_descents(w: Sequence[int]) -> set[int]:
    """Return L(w), the right descents of the inverse: {i : i+1 stands left of i}.

    >>> left_descents((2, 3, 1))
    {1}
    """
    return right_descents(inverse(w))


def bruhat_leq(x: Sequence[int], w: Sequence[int]) -> bool:
    """Return whether x <= w in the Bruhat order.

    x <= w if and only if r_x(i, j) <= r_w(i, j) for all i and j, where r_p(i, j) counts
    the a <= i with p(a) >= j (BB Theorem 2.1.5).

    Raises:
        ValueError: not two permutations of the same 1..n.

    >>> bruhat_leq((1, 3, 2), (2, 3, 1)), bruhat_leq((2, 1, 3), (1, 3, 2))
    (True, False)
    """
    x, w = as_pair(x, w)
    return unchecked_leq(x, w)


def unchecked_leq(x: tuple[int, ...], w: tuple[int, ...]) -> bool:
    """Return `bruhat_leq` of two tuples that are known to permute the same 1..n: for inner loops.

    >>> unchecked_leq((1, 3, 2), (2, 3, 1))
    True
    """
    excess = [0] * (len(x) + 1)  # r_w(i, j) - r_x(i, j) at j = 0..n
    for a, b in zip(x, w, strict=True):
        for j in range(min(a, b) + 1, max(a, b) + 1):
            excess[j] += 1 if b > a else -1
        if min(excess) < 0:
            return False
    return True


def bruhat_interval(x: Sequence[int], w: Sequence[int]) -> list[tuple[int, ...]]:
    """Return all y with x <= y <= w, by length and then lexicographically: x first, w last.

    Raises:
        ValueError: not two permutations of the same 1..n; x is not below w; n > 9 (the
            message names the bytes that a list of n! permutations would take).

    >>> bruhat_interval((1, 3, 2), (3, 1, 2))
    [(1, 3, 2), (3, 1, 2)]
    """
    x, w = as_pair(x, w)
    if not bruhat_leq(x, w):
        raise ValueError(f"x must lie below w in the Bruhat order, got x = {x} and w = {w}")
    group = symmetric_group(len(w))
    above, below = group.words[rank(x)], group.words[rank(w)]
    up = ((group.words | group.guard) - above) & group.guard == group.guard
    down = ((below | group.guard) - group.words) & group.guard == group.guard
    inside = np.flatnonzero((up & down).all(axis=1))
    inside = inside[np.argsort(group.lengths[inside], kind="stable")]
    return [tuple(row) for row in group.one_line[inside].tolist()]


def rank(w: Sequence[int]) -> int:
    """Return the position of w, from 0, among all permutations of 1..n in lexicographic order.

    >>> [rank(w) for w in [(1, 2, 3), (1, 3, 2), (3, 2, 1)]]
    [0, 1, 5]
    """
    return int(_ranks(np.array([as_permutation(w)], np.int8))[0])


class SymmetricGroup(NamedTuple):
    """Tables of S_n, indexed by lexicographic rank k = 0..n!-1; s_i exchanges i and i+1."""

    n: int
    one_line: NDArray[np.int8]  # (n!, n)
    lengths: NDArray[np.int16]  # (n!,)
    left: NDArray[np.int32]  # (n-1, n!): rank of s_i w in row i-1
    right: NDArray[np.int32]  # (n-1, n!): rank of w s_i
    left_mask: NDArray[np.int32]  # (n!,): bit i-1 is set if i is a left descent
    right_mask: NDArray[np.int32]  # (n!,)
    inverse: NDArray[np.int32]  # (n!,): rank of the inverse
    conjugate: NDArray[np.int32]  # (n!,): rank of w0 w w0
    words: NDArray[np.uint64]  # (n!, n-1): r_w(i, 1..n) in fields of 5 bits, i = 1..n-1
    guard: np.uint64  # the top bits of the fields: x <= w iff (W|G) - X keeps all of them


@cache
def symmetric_group(n: int) -> SymmetricGroup:
    """Return multiplication tables, descents and Bruhat words of S_n, 1 <= n <= 9.

    A word holds the rank numbers r_w(i, j), j = 1..n, of one i in fields of five bits
    whose top bit is a guard; a field of X exceeds that of W if the subtraction
    (W | guard) - X clears its guard, so x <= w is decided by n - 1 subtractions.

    Raises:
        ValueError: n is not an integer in 1..9; for larger n the message names the bytes.

    >>> group = symmetric_group(3)
    >>> group.lengths.tolist(), group.inverse.tolist()
    ([0, 1, 1, 2, 2, 3], [0, 1, 2, 4, 3, 5])
    """
    check_size(n, MAX_TABLE, "tables")
    one_line = np.array(list(permutations(range(1, n + 1))), np.int8)  # (n!, n)
    inverse_rank = _ranks((np.argsort(one_line, axis=1) + 1).astype(np.int8))
    rights, lefts = [], []
    for i in range(n - 1):
        swapped = one_line.copy()
        swapped[:, [i, i + 1]] = one_line[:, [i + 1, i]]
        rights.append(_ranks(swapped))
        lefts.append(inverse_rank[rights[i][inverse_rank]])
    bits = 1 << np.arange(n - 1)
    right_mask = ((one_line[:, :-1] > one_line[:, 1:]) @ bits).astype(np.int32)
    steps = np.array([sum(1 << 5 * j for j in range(a)) for a in range(n + 1)], np.uint64)
    return SymmetricGroup(
        n,
        one_line,
        _inversions(one_line),
        np.array(lefts, np.int32).reshape(n - 1, len(one_line)),
        np.array(rights, np.int32).reshape(n - 1, len(one_line)),
        right_mask[inverse_rank],
        right_mask,
        inverse_rank,
        _ranks((n + 1 - one_line[:, ::-1]).astype(np.int8)),
        np.cumsum(steps[one_line[:, :-1]], axis=1, dtype=np.uint64),
        np.uint64(sum(16 << 5 * j for j in range(n))),
    )


def check_size(n: int, largest: int, what: str) -> None:
    """Refuse an n that is no integer in 1..largest, naming the pairs and bytes it would need.

    >>> check_size(12, 9, "tables")
    Traceback (most recent call last):
        ...
    ValueError: n must satisfy 1 <= n <= 9 for tables, got 12: S_12 has 479,001,600 \
elements, 229,442,532,802,560,000 pairs (3,671,080,524,840,960,000 bytes at 16 bytes a pair)
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"n must be an integer with 1 <= n <= {largest}, got {n!r:.40}")
    if n > largest:
        size = f"more than 10**{int(math.lgamma(int(n) + 1) / math.log(10))} elements"
        if n <= 30:
            size = f"{(order := math.factorial(n)):,} elements, {order**2:,} pairs"
            size += f" ({16 * order**2:,} bytes at 16 bytes a pair)"
        raise ValueError(
            f"n must satisfy 1 <= n <= {largest} for {what}, got {n}: S_{n} has {size}"
        )


def _inversions(one_line: NDArray[np.int8]) -> NDArray[np.int16]:
    total = np.zeros(len(one_line), np.int16)
    for i in range(one_line.shape[1]):
        total += (one_line[:, [i]] > one_line[:, i + 1 :]).sum(axis=1, dtype=np.int16)
    return total


def _ranks(one_line: NDArray[np.int8]) -> NDArray[np.int32]:
    """Lexicographic ranks by the Lehmer code: sum of #{j > i : w(j) < w(i)} (n - i)!."""
    n = one_line.shape[1]
    total = np.zeros(len(one_line), np.int64)
    for i in range(n):
        smaller = (one_line[:, [i]] > one_line[:, i + 1 :]).sum(axis=1)
        total += smaller * math.factorial(n - 1 - i)
    return total.astype(np.int32)
