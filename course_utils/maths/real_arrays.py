"""Arrays of finite real numbers from what a caller hands over, or an error that names it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def real_array(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return a new float64 array of any shape.

    Args:
        values: numbers, or lists of numbers of equal length; no booleans.
        name: what the message of an error calls them.

    Raises:
        ValueError: rows of unequal length, entries that are not real numbers or not finite.

    >>> real_array([[1, 2], [3, 4]], "A").tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    >>> real_array([1, float("nan")], "x")
    Traceback (most recent call last):
        ...
    ValueError: x must be finite, got nan
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must be an array of numbers, got {values!r:.80}") from None
    if array.size and array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must hold real numbers, got {values!r:.60} of type {array.dtype}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array
