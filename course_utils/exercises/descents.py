"""What "correct" means in the companion *Descents*: the definitions, one permutation at a time."""

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_array

# descents.1 ------------------------------------------------------------------------------------


def descents(W: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return right and left descents of the rows of W (N, n) in one-line notation, each (N, n-1).

    >>> [side.astype(int).tolist() for side in descents(np.array([[2, 3, 1]]))]
    [[[0, 1]], [[1, 0]]]
    """
    places = np.argsort(W, axis=1)  # (N, n), place of the value j + 1
    return W[:, :-1] > W[:, 1:], places[:, :-1] > places[:, 1:]


def _descents_instances(rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    yield np.array([[2, 3, 1]])
    yield np.array([[1, 2, 3], [3, 2, 1], [3, 1, 2]])
    yield np.array(list(permutations(range(1, 5))))
    for n in (5, 9, 20):
        yield np.array([rng.permutation(n) + 1 for _ in range(20)])


def _descents_probe(descents: Callable[..., Any], W: NDArray[np.int64]) -> Any:
    return list(descents(W))


def _descents_verify(W: NDArray[np.int64], answer: Any) -> None:
    """Right: compare neighbours. Left: does i + 1 stand left of i?"""
    assert isinstance(answer, list), "descents must return two arrays: right, left"
    assert len(answer) == 2, f"descents returned {len(answer)} arrays, expected two: right, left"
    count, n = W.shape
    right, left = (
        as_array(value, (count, n - 1), f"the {side} array of descents").astype(bool)
        for side, value in zip(("right", "left"), answer, strict=True)
    )
    for w, r, l in zip(W.tolist(), right.tolist(), left.tolist(), strict=True):
        for i in range(1, n):
            say = "is" if w[i - 1] > w[i] else "is not"
            assert r[i - 1] == (w[i - 1] > w[i]), (
                f"{i} {say} a right descent of {w}: w({i}) = {w[i - 1]}, w({i + 1}) = {w[i]}"
            )
            stands = w.index(i + 1) < w.index(i)
            assert l[i - 1] == stands, (
                f"{i} {'is' if stands else 'is not'} a left descent of {w}: "
                f"{i + 1} stands {'left' if stands else 'right'} of {i}"
            )


DESCENTS = Exercise(
    "descents.1", "Both sides", _descents_instances, _descents_probe, _descents_verify
)


# descents.2 ------------------------------------------------------------------------------------


def left_weights(n: int) -> NDArray[np.float64]:
    """Return C (n-1, n, n): i is a left descent of w iff the sum of C[i-1] * M is positive.

    M[a, b] = 1 iff w(a + 1) = b + 1; the place of the value b + 1 is the sum of (a + 1) M[a, b].
    """
    C = np.zeros((n - 1, n, n))
    for i in range(n - 1):
        C[i, :, i] = np.arange(n)
        C[i, :, i + 1] = -np.arange(n)
    return C


def _weights_instances(rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    for n in (2, 3, 4):
        yield n, 0
    for n in sorted(rng.integers(5, 15, 3).tolist()):
        yield n, int(rng.integers(2**31))


def _weights_probe(weights: Callable[[int], Any], instance: tuple[int, int]) -> Any:
    return weights(instance[0])


def _weights_verify(instance: tuple[int, int], answer: Any) -> None:
    n, seed = instance
    C = as_array(answer, (n - 1, n, n), f"left_weights({n})")
    rng = np.random.default_rng(seed)
    words = list(permutations(range(1, n + 1))) if n <= 4 else rng.permuted(
        np.tile(np.arange(1, n + 1), (100, 1)), axis=1
    ).tolist()  # fmt: skip
    for w in words:
        M = np.eye(n)[np.array(w) - 1]
        for i in range(1, n):
            value = float((C[i - 1] * M).sum())
            stands = list(w).index(i + 1) < list(w).index(i)
            assert (value > 0) == stands, (
                f"left_weights({n}): for w = {list(w)}, i = {i} the sum is {value:.4g}, but "
                f"{i + 1} stands {'left' if stands else 'right'} of {i}"
            )


WEIGHTS = Exercise(
    "descents.2", "Left descents are linear", _weights_instances, _weights_probe, _weights_verify
)
