"""Many random programs for integer sequences, run at once against a table of targets.

A policy draws a program from the root downwards: the probability of a token depends on the
*context* of its place, in the simplest case the token above and the position among its arguments.
What is drawn runs on x = 0, 1, 2, … (`program_machine`) for as long as its values agree with some
target.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.engines.program_machine import (
    ARITY,
    LONGEST,
    TOKENS,
    compile_program,
    run_program,
)


class Finds(NamedTuple):
    """The shortest program found for each target."""

    sizes: NDArray[np.int64]  # (targets,) number of tokens; 0 where none was found
    programs: NDArray[np.int64]  # (targets, LONGEST) tokens in prefix order


def contexts(order: int = 2) -> NDArray[np.int64]:
    """Return next[c, t, i]: the context of argument i of the token t that stands in context c.

    Context 0 is the root. For `order` 2 a context is (token above, position): 24 of them. For order
    3 it also tells the context of the token above: 24 · 24.

    Raises:
        ValueError: `order` is neither 2 nor 3.

    >>> contexts(2).shape, contexts(3).shape
    ((24, 14, 5), (576, 14, 5))
    """
    if order not in (2, 3):
        raise ValueError(f"order must be 2 or 3, got {order!r}")
    first = 1 + np.concatenate([[0], np.cumsum(ARITY)[:-1]])
    pair = np.zeros((len(TOKENS), 5), np.int64)
    for token, arity in enumerate(ARITY):
        pair[token, :arity] = first[token] + np.arange(arity)
    count = 1 + int(ARITY.sum())
    if order == 2:
        return np.repeat(pair[None], count, axis=0)
    above = np.arange(count * count) % count  # context c stands for (c // count, c % count)
    return above[:, None, None] * count + pair[None]


def search(
    policy: NDArray[np.float64],
    following: NDArray[np.int64],
    targets: NDArray[np.int64],
    programs: int,
    seed: int,
) -> Finds:
    """Draw programs from a policy and return the shortest one found for each target.

    Args:
        policy: (contexts, 14) probabilities of the tokens in each context.
        following: `contexts(order)`.
        targets: (targets, terms) integers, no two rows equal.
        programs: how many to draw; one that grows beyond LONGEST tokens counts as drawn.
        seed: of the draw.

    Raises:
        ValueError: shapes that do not fit, a row of `policy` that is no distribution, equal rows of
            `targets`, fewer than one program.
    """
    policy = np.asarray(policy, np.float64)
    if policy.shape != (len(following), len(TOKENS)):
        raise ValueError(f"policy must have shape {(len(following), 14)}, got {policy.shape}")
    if not (policy >= 0).all() or not np.allclose(policy.sum(axis=1), 1):
        raise ValueError("policy must hold in each row probabilities that add up to 1")
    targets = np.ascontiguousarray(targets, np.int64)
    if targets.ndim != 2 or len(np.unique(targets, axis=0)) < len(targets):
        raise ValueError("targets must be a matrix with different rows")
    if programs < 1:
        raise ValueError(f"programs must be at least 1, got {programs!r}")
    order = np.lexsort(targets.T[::-1])
    sizes = np.zeros(len(targets), np.int64)
    found = np.zeros((len(targets), LONGEST), np.int64)
    bounds = np.cumsum(policy, axis=1)
    bounds[:, -1] = 1.0
    _search(bounds, following, targets[order], programs, np.uint64(seed + 1), sizes, found)
    back = np.argsort(order)
    return Finds(sizes[back], found[back])


@njit("uint64(uint64)", cache=True)
def _next(state):
    """One step of xorshift64*'s state."""
    state ^= state >> np.uint64(12)
    state ^= state << np.uint64(25)
    state ^= state >> np.uint64(27)
    return state


@njit("int64(float64[:,::1], int64[:,:,::1], int64[::1], uint64[::1])", cache=True)
def _draw(bounds, following, program, state):
    """Draw one program; return its number of tokens, 0 when it grew too long."""
    waiting = np.zeros(LONGEST + 5, np.int64)
    count, size = 1, 0
    while count:
        if size + count > LONGEST:
            return 0
        count -= 1
        context = waiting[count]
        state[0] = _next(state[0])
        mixed = state[0] * np.uint64(2685821657736338717)
        u = np.float64(mixed >> np.uint64(11)) / 9007199254740992.0
        token = 0
        while bounds[context, token] <= u and token < 13:
            token += 1
        program[size] = token
        size += 1
        for i in range(ARITY[token] - 1, -1, -1):
            waiting[count] = following[context, token, i]
            count += 1
    return size


@njit(
    "void(float64[:,::1], int64[:,:,::1], int64[:,::1], int64, uint64, int64[::1], int64[:,::1])",
    cache=True,
)
def _search(bounds, following, targets, programs, seed, sizes, found):
    """Fill `sizes` and `found` for targets that are sorted by rows."""
    program = np.zeros(LONGEST, np.int64)
    operations, given = np.zeros(4 * LONGEST, np.int64), np.zeros(4 * LONGEST, np.int64)
    state = np.array([seed * np.uint64(0x9E3779B97F4A7C15) | np.uint64(1)], np.uint64)
    for _ in range(programs):
        size = _draw(bounds, following, program, state)
        if size == 0:
            continue
        length = compile_program(program, size, operations, given)
        low, high = 0, len(targets)
        for n in range(targets.shape[1]):
            value, good = run_program(operations, given, length, n)
            if not good:
                high = low
                break
            while low < high and targets[low, n] < value:
                low += 1
            end = low
            while end < high and targets[end, n] == value:
                end += 1
            high = end
            if low == high:
                break
        if low < high and (sizes[low] == 0 or size < sizes[low]):
            sizes[low] = size
            found[low] = program
