"""What an exercise is: three pure functions, and the words of `verify` for types and shapes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from course_utils.codec import number


@dataclass(frozen=True)
class Exercise:
    """What "correct" means for one exercise.

    Attributes:
        key: "2.1", or "parity.1" in a companion.
        title: as in the notebook's heading.
        instances: rng -> iterator of instances (plain data, see `codec`), smallest first.
        probe: (candidate, instance) -> plain data; the only place that calls the candidate.
        verify: (instance, answer) -> None; raises AssertionError with a counterexample.
        seconds: bound on the candidate's time, all instances together.
    """

    key: str
    title: str
    instances: Callable[[np.random.Generator], Iterator[Any]]
    probe: Callable[[Any, Any], Any]
    verify: Callable[[Any, Any], None]
    seconds: float = 10


def as_int(value: Any, what: str) -> int:
    """Return `value` as an int; AssertionError "what returned …" unless it is an integer exactly.

    Integers of other libraries, and rationals over 1, are integers; 3.0 and True are not.

    >>> as_int(Fraction(6, 2), "f(1)")
    3
    """
    found = number(value)
    if isinstance(found, Fraction) and found.denominator == 1:
        return found.numerator
    assert isinstance(found, int), f"{what} returned {brief(value)}, expected an int"
    return found


def as_float(value: Any, what: str) -> float:
    """Return `value` as a float; AssertionError unless it is a real number."""
    found = number(value)
    real = isinstance(found, int | float | Fraction)
    assert real, f"{what} returned {brief(value)}, expected a real number"
    return float(found)


def as_array(value: Any, shape: tuple[int | None, ...], what: str) -> np.ndarray:
    """Return `value` (array or nested list of numbers) as an array of `shape`; None fits any size.

    Rational numbers, and those of other libraries, become floats where they are no integers.

    >>> as_array([[1, 2]], (None, 2), "f(1)").shape
    (1, 2)
    """
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.array(None)
    array = _of_numbers(array) if array.dtype == object else array
    assert array.dtype.kind in "biufc", f"{what} returned {brief(value)}, expected numbers"
    fits = array.ndim == len(shape) and all(
        want in (None, have) for want, have in zip(shape, array.shape, strict=True)
    )
    wanted = str(shape).replace("None", "any")
    assert fits, f"{what} returned shape {array.shape}, expected {wanted}"
    return array


def _of_numbers(array: np.ndarray) -> np.ndarray:
    """Return an array of objects as one of numbers, as it is when some are none."""
    found = [number(item) for item in array.ravel().tolist()]
    if None in found or not found:
        return array
    exact = np.array(found)
    try:
        whole = exact.dtype != object
        kind = complex if any(isinstance(item, complex) for item in found) else float
        return (exact if whole else exact.astype(kind)).reshape(array.shape)
    except OverflowError:
        return array


def brief(value: Any) -> str:
    """Return `repr(value)` on one line of at most 120 characters."""
    shown = " ".join(repr(value).split())
    return shown if len(shown) <= 120 else shown[:117] + "..."
