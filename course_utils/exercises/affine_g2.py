"""What "correct" means in the companion *Affine G2*: exact answers in the affine Weyl group."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.checks import Exercise, as_array, as_int
from course_utils.maths import affine_weyl

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


def _length_verify(instance: list[int], answer: Any) -> None:
    """The length is found by firing negative numbers back to the start."""
    call = f"word_length({instance})"
    expected = affine_weyl.length(affine_weyl.element(instance))
    value = as_int(answer, call)
    assert value == expected, f"{call} returned {value}, expected {expected}"


LENGTH = Exercise(
    "affine_g2.1", "The length of a word", _length_instances, _length_probe, _length_verify
)


# affine_g2.2 -----------------------------------------------------------------------------------


def cross_wall(values: NDArray[np.int64], neighbour: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the coefficients of b_x b_s at v = 1: those of H_y and of H_ys, added."""
    there = np.where(neighbour >= 0, values[neighbour], 0)
    return values + there


def _wall_instances(rng: np.random.Generator) -> Iterator[tuple[list[int], int]]:
    yield [], 0
    yield [1, 2], 1
    for size in (4, 7, 10):
        yield rng.integers(3, size=size).tolist(), int(rng.integers(3))


def _wall_data(instance: tuple[list[int], int]) -> tuple[Any, Any]:
    x = affine_weyl.element(instance[0])
    bound = affine_weyl.length(x) + 1
    lists = affine_weyl.table(bound)
    values = np.zeros(len(lists.elements), dtype=np.int64)
    known = affine_weyl.kl_values(x)
    values[: len(known)] = known
    return values, lists.right[:, instance[1]]


def _wall_probe(solve: Callable[..., Any], instance: tuple[list[int], int]) -> Any:
    return solve(*_wall_data(instance))


def _wall_verify(instance: tuple[list[int], int], answer: Any) -> None:
    """Each H_y is multiplied by b_s on its own: H_ys + H_y at v = 1."""
    values, neighbour = _wall_data(instance)
    what = f"cross_wall for x = {instance[0]}, s = {instance[1]}"
    expected = np.zeros(len(values), dtype=np.int64)
    for y in np.flatnonzero(values):
        expected[y] += values[y]
        expected[neighbour[y]] += values[y]
    got = as_array(answer, (len(values),), what)
    wrong = np.flatnonzero(got != expected)
    assert len(wrong) == 0, f"{what}: entry {wrong[0]} should be {expected[wrong[0]]}"


WALL = Exercise("affine_g2.2", "Cross a wall", _wall_instances, _wall_probe, _wall_verify)
