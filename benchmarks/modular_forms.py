"""Hurwitz class numbers in blocks, beside the same count of reduced forms without blocks."""

from collections.abc import Iterator

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.timing import Row, compare
from course_utils.maths.modular_forms import hurwitz_class_numbers

LIMIT = 3_000_000


@njit(cache=True)
def by_definition(limit: int) -> NDArray[np.int64]:
    """Run over all reduced forms (a, b, c) and add each to the entry of its discriminant."""
    table = np.zeros(limit + 1, np.int64)
    table[0] = -1
    a = 1
    while 3 * a * a <= limit:
        for b in range(a + 1):
            c = a
            while 4 * a * c - b * b <= limit:
                n = 4 * a * c - b * b
                if a == c:
                    table[n] += 4 if b == a else (6 if b == 0 else 12)
                else:
                    table[n] += 12 if b == 0 or b == a else 24
                c += 1
        a += 1
    return table


def rows() -> Iterator[Row]:
    """Yield one row: all class numbers up to three million."""
    assert np.array_equal(hurwitz_class_numbers(20_000), by_definition(20_000))
    yield compare(
        f"Hurwitz class numbers up to {LIMIT:,}",
        lambda: hurwitz_class_numbers(LIMIT),
        lambda: by_definition(LIMIT),
        "all reduced forms in turn, numba, no blocks",
        repeats=3,
    )
