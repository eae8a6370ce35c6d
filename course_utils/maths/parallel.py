"""Share a numba kernel that releases the interpreter lock among threads."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_threads(task: Callable[[int, int], T], first: int, last: int, size: int) -> list[T]:
    """Run task(a, b) on consecutive ranges of first..last-1 in threads; return the results.

    >>> in_threads(lambda a, b: b - a, 0, 10, size=4)
    [4, 4, 2]
    """
    starts = range(first, last, size)
    if len(starts) < 2:
        return [task(a, last) for a in starts]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda a: task(a, min(a + size, last)), starts))
