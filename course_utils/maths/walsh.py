"""The Walsh–Hadamard transform: correlations with all parities of binary digits at once."""

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

LARGEST = 2**26  # entries: 512 MB of int64


def walsh_hadamard(values: ArrayLike) -> NDArray[np.int64]:
    r"""Return $\sum_n f(n)\,(-1)^{s(n \wedge S)}$ for every set S of binary digits.

    Here $n \wedge S$ keeps those digits of n that S has, and s counts the ones. Entry S divided by
    the length is the correlation of f with that parity; entry 0 is the sum of f. The transform is
    its own inverse up to the length, so $\sum_S \hat f(S)^2 = N \sum_n f(n)^2$ (Parseval).

    Args:
        values: shape (N,), integers with sum of moduli below 2**63; N a power of 2, at most 2**26.

    Returns:
        Shape (N,), int64, exact. Time of order N log N.

    Raises:
        TypeError, ValueError: entries that are not integers; a length that is not allowed.

    Introduced in week 2.

    >>> walsh_hadamard([1, 0, 2, 0]).tolist()
    [3, 3, -1, -1]
    """
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise TypeError(f"values must be integers, got {array.dtype}")
    count = array.size
    if array.ndim != 1 or not 1 <= count <= LARGEST or count & (count - 1):
        raise ValueError(
            f"values must be one row of 2**k <= {LARGEST} integers, got shape {array.shape}"
        )
    result = array.astype(np.int64)
    _transform(result)
    return result


@njit("void(int64[::1])", cache=True)
def _transform(values):
    half = 1
    while half < len(values):
        for start in range(0, len(values), 2 * half):
            for i in range(start, start + half):
                a, b = values[i], values[i + half]
                values[i], values[i + half] = a + b, a - b
        half *= 2
