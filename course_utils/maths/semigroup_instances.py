"""The instances of Simpson's classification: products of A with B, up to relabelling.

A 4-nilpotent graded semigroup on A + B + {1} + {0} has products A x A -> B + 0 and, into {1, 0},
A x B (called φ) and B x A (called ψ). An instance fixes φ, a 0-1 matrix of shape (a, b), up to
permutations of its rows and of its columns. Source: C. Simpson, arXiv 2106.03015.
"""

from functools import lru_cache
from itertools import combinations_with_replacement, permutations
from math import comb, factorial

import numpy as np
from numpy.typing import NDArray

Instance = int | NDArray[np.int64]  # σ, or φ itself

_WORK = 10**8  # multisets of columns times permutations of rows


def as_size(value: int, name: str) -> int:
    """Return a number of elements as an int; ValueError unless it is an integer >= 1.

    >>> as_size(3, "a")
    3
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be an integer >= 1, got {value!r:.60}")
    return int(value)


def instances(a: int, b: int) -> list[NDArray[np.int64]]:
    """Return one matrix φ for each class of (a, b) 0-1 matrices under row and column permutations.

    A column is read as the integer Σ φ[i, j]·2^i. In each class we take the matrix whose sorted
    list of columns is lexicographically smallest, and we sort these lists. The position in the
    list, from 0, is the instance's name σ. There are A028657(a, b) instances.

    Args:
        a, b: numbers of elements of A and of B, >= 1.

    Returns:
        Fresh arrays of shape (a, b), dtype int64.

    Raises:
        ValueError: a or b is no integer >= 1, or there would be too many matrices to sort.

    >>> [phi.tolist() for phi in instances(2, 1)]
    [[[0], [0]], [[1], [0]], [[1], [1]]]
    >>> len(instances(4, 5))
    1053
    """
    return [matrix_of(columns, a) for columns in _column_lists(as_size(a, "a"), as_size(b, "b"))]


def matrix_of(columns: tuple[int, ...], a: int) -> NDArray[np.int64]:
    """Return the 0-1 matrix with a rows whose columns are these integers, bit i in row i.

    >>> matrix_of((1, 3), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return (np.array(columns, np.int64)[None, :] >> np.arange(a)[:, None]) & 1


@lru_cache(maxsize=32)
def _column_lists(a: int, b: int) -> tuple[tuple[int, ...], ...]:
    if a > 20 or b > 60 or comb(2**a + b - 1, b) * factorial(a) > _WORK:
        raise ValueError(f"(a, b) = ({a}, {b}) has too many instances to list; (5, 5) is possible")
    rest = np.array(list(combinations_with_replacement(range(2**a), b)), np.int64)  # (count, b)
    number = np.arange(2**a)
    bits = (number[:, None] >> np.arange(a)) & 1  # (2^a, a)
    for order in permutations(range(a)):
        image = (bits[:, list(order)] << np.arange(a)).sum(
            1
        )  # what the permutation does to columns
        moved = np.sort(image[rest], axis=1)
        unequal = moved != rest
        first = unequal.argmax(1)[:, None]
        smaller = np.take_along_axis(moved, first, 1) < np.take_along_axis(rest, first, 1)
        rest = rest[~smaller[:, 0]]
    return tuple(map(tuple, rest.tolist()))


def as_instance(a: int, b: int, instance: Instance) -> NDArray[np.int64]:
    """Return φ, shape (a, b), of an instance given by its number σ or as a 0-1 matrix.

    Raises:
        ValueError: a or b is no integer >= 1, σ is out of range, or the matrix has another shape
            or an entry that is neither 0 nor 1.

    >>> as_instance(4, 2, 5).tolist()
    [[1, 1], [0, 0], [0, 0], [0, 0]]
    """
    a, b = as_size(a, "a"), as_size(b, "b")
    if isinstance(instance, bool | np.bool_):
        raise ValueError(f"instance must be a number σ or a 0-1 matrix, got {instance!r}")
    if isinstance(instance, int | np.integer):
        lists = _column_lists(a, b)
        if not 0 <= instance < len(lists):
            raise ValueError(
                f"instance must satisfy 0 <= σ < {len(lists)} for (a, b) = ({a}, {b}), "
                f"got {instance}"
            )
        return matrix_of(lists[int(instance)], a)
    try:
        phi = np.asarray(instance)
    except ValueError:  # rows of different lengths
        phi = np.empty(0, object)
    if phi.shape != (a, b):
        raise ValueError(
            f"instance must be a number σ or have shape ({a}, {b}), got {instance!r:.80}"
        )
    if phi.dtype.kind not in "iub" or not np.isin(phi, (0, 1)).all():
        raise ValueError(f"instance must have entries 0 and 1 (integers), got {phi.tolist()!r:.80}")
    return phi.astype(np.int64)
