"""What "correct" means in the companion *Affine G2*: exact answers in the affine Weyl group."""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_array, as_int
from course_utils.maths import affine_weyl

Rows = NDArray[np.int64]

# affine_g2.1 -----------------------------------------------------------------------------------


def word_length(word: list[int]) -> int:
    """Return the length of the product of the generators in `word`.

    >>> word_length([1, 2, 2, 0])
    2
    """
    return affine_weyl.length(affine_weyl.element(word))


def _length_instances(rng: np.random.Generator) -> Iterator[list[int]]:
    yield from ([], [0], [1, 1], [0, 2, 0], [0, 1, 0, 1], [1, 2] * 4)
    for size in (10, 20, 40):
        yield rng.integers(3, size=size).tolist()
        yield [0, 1, 2] * (size // 3)


def _length_probe(solve: Callable[[list[int]], Any], instance: list[int]) -> Any:
    return solve(list(instance))


def _mirrors_crossed(word: list[int]) -> int:
    """Return the number of mirrors between a point of the first alcove and its image."""
    start = (1.2, 0.3)
    x, y = start
    for s in reversed(word):
        if s == 0:  # the mirror x = √3
            x = 2 * 3**0.5 - x
        elif s == 1:  # through the origin at 30 degrees
            x, y = (x + 3**0.5 * y) / 2, (3**0.5 * x - y) / 2
        else:  # the mirror y = 0
            y = -y
    crossed = 0
    for k in range(6):  # mirrors at the angle 30k degrees lie 3 or √3 apart
        across, up = -math.sin(k * math.pi / 6), math.cos(k * math.pi / 6)
        step = 3.0 if k % 2 == 0 else 3**0.5
        cells = [math.floor((across * a + up * b) / step) for a, b in (start, (x, y))]
        crossed += abs(cells[0] - cells[1])
    return crossed


def _length_verify(instance: list[int], answer: Any) -> None:
    """The length is the number of mirrors between an alcove and the first (Humphreys, ch. 4)."""
    call = f"word_length({instance})"
    value = as_int(answer, call)
    expected = _mirrors_crossed(instance)
    why = f"mirrors between its alcove and the first: {expected}"
    assert value == expected, f"{call} returned {value}, expected {expected}: {why}"


LENGTH = Exercise(
    "affine_g2.1", "The length of a word", _length_instances, _length_probe, _length_verify
)


# affine_g2.2 -----------------------------------------------------------------------------------


def cross_wall(values: Rows, neighbour: Rows) -> Rows:
    """Return the coefficients of h b_s at v = 1: those of H_y and of H_ys, added."""
    return values + np.where(neighbour >= 0, values[neighbour], 0)


def _wall_instances(rng: np.random.Generator) -> Iterator[tuple[int, int, list[int]]]:
    yield 1, 0, [1, 0, 0, 0]
    yield 2, 1, [0, 0, 1, 0, 0, 0, 0, 0, 0]
    for bound in (3, 5, 8):
        size = sum(affine_weyl.counts_by_length(bound))
        yield bound, int(rng.integers(3)), rng.integers(1, 10, size).tolist()


def _wall_data(instance: tuple[int, int, list[int]]) -> tuple[Rows, Rows]:
    bound, s, values = instance
    return np.array(values, dtype=np.int64), affine_weyl.table(bound).right[:, s].copy()


def _wall_probe(solve: Callable[..., Any], instance: tuple[int, int, list[int]]) -> Any:
    return solve(*_wall_data(instance))


def _wall_verify(instance: tuple[int, int, list[int]], answer: Any) -> None:
    """Each H_y is multiplied by b_s on its own: H_ys + H_y at v = 1."""
    values, neighbour = _wall_data(instance)
    what = f"cross_wall for length at most {instance[0]}, s = {instance[1]}"
    expected = np.zeros(len(values), dtype=np.int64)
    for y, value in enumerate(values):
        for z in (y, neighbour[y]):
            if z >= 0:
                expected[z] += value
    got = as_array(answer, (len(values),), what)
    wrong = np.flatnonzero(got != expected)
    if len(wrong):
        z = int(wrong[0])
        why = f"{values[z]} of its own and {expected[z] - values[z]} from place {neighbour[z]}"
        raise AssertionError(f"{what}: entry {z} is {got[z]}, expected {expected[z]}: {why}")


WALL = Exercise("affine_g2.2", "Cross a wall", _wall_instances, _wall_probe, _wall_verify)


# affine_g2.3 -----------------------------------------------------------------------------------


def subtract_lower(product: Rows, top: int, b: Callable[[int], Rows]) -> Rows:
    """Return b_xs: `product` less m_z b_z for the constant terms m_z at the places z != top."""
    for z in np.flatnonzero(product[:, 0]):
        if z != top:
            product = product - product[z, 0] * b(int(z))
    return product


def step(word: list[int], s: int) -> tuple[Rows, int, Callable[[int], Rows]]:
    """Return b_x b_s, the place of xs, and z -> b_z, for the product x of `word` and xs > x.

    Row y of an array holds the coefficients of 1, v, v², … at H_y, for y in
    `affine_weyl.table(length of xs)`.

    Raises:
        ValueError: xs < x.

    >>> step([1, 2], 1)[0][:4].tolist()  # v^2 + 1 at H_1, v^3 + v at the identity
    [[0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 1, 0]]
    """
    x = affine_weyl.element(word)
    bound = affine_weyl.length(x) + 1
    if s in affine_weyl.right_descents(x):
        raise ValueError(f"s must not be a right descent of the product of {word}, got {s}")
    lists = affine_weyl.table(bound)

    def b(place: int) -> Rows:
        rows = affine_weyl.kl_basis(lists.elements[place])
        found = np.zeros((len(lists.elements), bound + 1), dtype=np.int64)
        found[: len(rows), : rows.shape[1]] = rows
        return found

    rows, neighbour = b(lists.index[x]), lists.right[:, s]
    product = np.where(neighbour[:, None] >= 0, rows[neighbour], 0)
    for y, w in enumerate(lists.elements):  # H_y b_s = H_ys + v H_y, or H_ys + H_y / v
        product[y] += np.roll(rows[y], 1 if w[s] > 0 else -1)
    return product, lists.index[affine_weyl.times(x, s)], b


# Words of length 15 and a letter s for which some m_z is 2.
_TWICE = (
    ([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], 1),
    ([0, 1, 2, 1, 2, 0, 1, 2, 1, 2, 0, 1, 2, 1, 0], 1),
    ([0, 1, 2, 1, 2, 0, 1, 2, 1, 2, 0, 1, 2, 1, 2], 1),
    ([2, 1, 2, 1, 2, 0, 1, 2, 1, 2, 0, 1, 2, 1, 0], 1),
)


def _subtract_instances(rng: np.random.Generator) -> Iterator[tuple[list[int], int]]:
    yield from (([], 0), ([0], 1), ([1, 2], 1), ([1, 2, 0, 1], 0))
    for size in (5, 7, 9):
        w, word = affine_weyl.IDENTITY, []
        for _ in range(size + 1):
            word.append(int(rng.choice([s for s in range(3) if w[s] > 0])))
            w = affine_weyl.times(w, word[-1])
        yield word[:-1], word[-1]
    yield _TWICE[rng.integers(len(_TWICE))]


def _subtract_probe(solve: Callable[..., Any], instance: tuple[list[int], int]) -> Any:
    return solve(*step(*instance))


@lru_cache(maxsize=2)
def _bars(bound: int) -> Rows:
    """Return the duals of the H_y: entry (y, z, bound + k) is that of v^k H_z in (H_{y^-1})^-1."""
    right = affine_weyl.table(bound).right
    found = np.zeros((len(right), len(right), 2 * bound + 1), dtype=np.int64)
    found[0, 0, bound] = 1
    for y in range(1, len(right)):
        s = next(s for s in range(3) if 0 <= right[y, s] < y)
        before, there = found[right[y, s]], right[:, s]
        up = (there < 0) | (there > np.arange(len(right)))
        # H_z / H_s = H_zs, and (v - 1/v) H_z on top of it when zs > z.
        found[y, there[there >= 0]] = before[there >= 0]
        found[y, up] += np.roll(before[up], 1, axis=1) - np.roll(before[up], -1, axis=1)
    return found


def _subtract_verify(instance: tuple[list[int], int], answer: Any) -> None:
    """b_xs is the one self-dual element in H_xs + sum of vZ[v] H_y (Soergel, Theorem 2.1)."""
    product, top, _ = step(*instance)
    bound = len(instance[0]) + 1
    what = f"subtract_lower for x = {instance[0]}, s = {instance[1]}"
    got = as_array(answer, product.shape, what)
    assert np.array_equal(got, np.rint(got)), f"{what}: the coefficients are integers"
    assert got[top].tolist() == [1] + [0] * bound, f"{what}: at H_xs the coefficient is 1"
    left = [int(z) for z in np.flatnonzero(got[:, 0]) if z != top]
    if left:
        raise AssertionError(f"{what}: constant term {got[left[0], 0]} is left at place {left[0]}")
    room = bound - affine_weyl.table(bound).lengths  # degrees cannot pass it, by duality
    high = np.flatnonzero((got != 0)[:, ::-1].argmax(axis=1) + room < bound * got.any(axis=1))
    assert len(high) == 0, f"{what}: the degree at place {high[:1].tolist()} is too high"
    dual = np.zeros((len(got), 2 * bound + 1), dtype=np.int64)
    for y, k in np.argwhere(got):
        dual += int(got[y, k]) * np.roll(_bars(bound)[y], -int(k), axis=1)
    wrong = np.flatnonzero((dual[:, bound:] != got).any(axis=1) | dual[:, :bound].any(axis=1))
    place = int(wrong[0]) if len(wrong) else 0
    assert len(wrong) == 0, f"{what}: not self-dual, the coefficients at place {place} differ"


SUBTRACT = Exercise(
    "affine_g2.3", "Subtract", _subtract_instances, _subtract_probe, _subtract_verify
)
