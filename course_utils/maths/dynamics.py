r"""The Lorenz system by its Taylor series, in float64 and in double-double arithmetic.

The system of Lorenz (1963), with the parameters of the paper, is

$$x' = 10(y - x), \qquad y' = x(28 - z) - y, \qquad z' = xy - \tfrac83 z.$$

Its right-hand side is quadratic, so the Taylor coefficients of a solution follow from one
another by convolutions (Moore, *Methods and Applications of Interval Analysis*, 1979, §3.4).
Two nearby solutions part like $e^{0.9056\,t}$: float64 knows where a point is for about 33 of
these Lyapunov times. `lorenz63_reference` carries 32 digits and is exact beyond 60.
"""

from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

LYAPUNOV = 0.9056
"""Leading Lyapunov exponent of the system, per time unit (Viswanath 1998, Cornell thesis)."""

_EIGHT_THIRDS = (8 / 3, float(Fraction(8, 3) - Fraction(8 / 3)))


def lorenz63(state: ArrayLike, dt: float, steps: int, order: int = 22) -> NDArray[np.float64]:
    r"""Return the solution of the Lorenz system at the times $0, dt, 2dt, \dots$

    Each step sums the Taylor polynomial of the given degree about the current point by Horner's
    rule, in float64. At dt = 0.02 and order 22 the truncation error lies below one rounding
    error. A solution that overflows becomes inf or nan and stays so.

    Args:
        state: the point at time 0, three finite numbers.
        dt: length of a step, finite and > 0.
        steps: number of steps, >= 0.
        order: degree of the Taylor polynomial, >= 1; order 1 is Euler's method.

    Returns:
        Shape (steps + 1, 3); row 0 is the given state.

    Raises:
        ValueError: a state of the wrong shape or not finite; dt <= 0 or not finite; steps < 0;
            order < 1.
        TypeError: dt is not a real number; steps or order is not an integer.

    Source: Moore (1979), §3.4. Introduced in week 4.

    >>> lorenz63([1.0, 1.0, 1.05], 0.02, 50)[-1].round(5).tolist()
    [-9.39232, -8.36032, 29.39083]
    >>> lorenz63([1, 2, 3], 0.5, 1, order=1).tolist()
    [[1.0, 2.0, 3.0], [6.0, 13.5, 0.0]]
    """
    point = _point(state)
    _check_numbers(dt, steps, order)
    return _trajectory(point, float(dt), int(steps), int(order))


def lorenz63_coefficients(state: ArrayLike, order: int) -> NDArray[np.float64]:
    r"""Return the Taylor coefficients of the solution through a point.

    With $x(h) = \sum_k x_k h^k$ and likewise $y$, $z$, the system says
    $(k+1)x_{k+1} = 10(y_k - x_k)$, $(k+1)y_{k+1} = 28x_k - y_k - \sum_i x_i z_{k-i}$ and
    $(k+1)z_{k+1} = \sum_i x_i y_{k-i} - \tfrac83 z_k$.

    Args:
        state: the point at h = 0, three finite numbers.
        order: last coefficient wanted, >= 1.

    Returns:
        Shape (order + 1, 3); row k holds $(x_k, y_k, z_k)$.

    Raises:
        ValueError: a state of the wrong shape or not finite; order < 1.
        TypeError: order is not an integer.

    Source: Moore (1979), §3.4. Introduced in week 4.

    >>> lorenz63_coefficients([1, 2, 3], 2).tolist()
    [[1.0, 2.0, 3.0], [10.0, 23.0, -6.0], [65.0, 116.5, 29.5]]
    """
    point = _point(state)
    _check_integer(order, "order", 1)
    return _coefficients(point, int(order))


def lorenz63_reference(
    state: Sequence[float | Fraction], dt: float | Fraction, steps: int, order: int = 36
) -> NDArray[np.float64]:
    r"""Return the same solution, computed with 32 digits and rounded to float64 at the end.

    A number is an unevaluated sum hi + lo of two float64 (Dekker 1971). This needs no 80-bit
    hardware, and gives the same digits on every machine. At dt = 0.02 and order 36 the result
    is the rounded true solution up to time 30 and farther.

    Args:
        state: the point at time 0, three finite numbers; a `Fraction` is taken to 32 digits.
        dt: length of a step, finite and > 0; a `Fraction` is taken to 32 digits.
        steps: number of steps, >= 0.
        order: degree of the Taylor polynomial, >= 1.

    Returns:
        Shape (steps + 1, 3); row 0 is the given state.

    Raises:
        ValueError, TypeError: as in `lorenz63`.

    Source: Dekker (1971), Numerische Mathematik 18; Moore (1979), §3.4. Introduced in week 4.

    >>> start = [1, 1, Fraction("1.05")]
    >>> lorenz63_reference(start, Fraction(1, 50), 1500)[-1].tolist()
    [-3.3457442902351633, -3.2955554102384563, 21.084873670865452]
    """
    _point(state)
    _check_numbers(dt, steps, order)
    point = np.array([_split(value) for value in state])
    return _reference(point, np.array(_split(dt)), int(steps), int(order), _EIGHT_THIRDS)


def _point(state: ArrayLike) -> NDArray[np.float64]:
    """The state as an array of shape (3,), or the error that says why it is none."""
    try:
        point = np.array(state, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"state must hold three finite numbers, got {state!r:.60}") from error
    if point.shape != (3,):
        raise ValueError(f"state must have shape (3,), got shape {point.shape}")
    if not np.isfinite(point).all():
        raise ValueError(f"state must be finite, got {point.tolist()}")
    return point


def _check_numbers(dt: float | Fraction, steps: int, order: int) -> None:
    if isinstance(dt, bool | np.bool_) or not isinstance(dt, float | Rational | np.number):
        raise TypeError(f"dt must be a real number, got {dt!r:.60}")
    if isinstance(dt, np.complexfloating):
        raise TypeError(f"dt must be a real number, got {dt!r:.60}")
    if not (np.isfinite(float(dt)) and dt > 0):
        raise ValueError(f"dt must be finite and > 0, got {dt}")
    _check_integer(steps, "steps", 0)
    _check_integer(order, "order", 1)


def _check_integer(value: int, name: str, low: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer, got {value!r:.60}")
    if value < low:
        raise ValueError(f"{name} must be >= {low}, got {value}")


def _split(value: float | Fraction) -> tuple[float, float]:
    """Two float64 whose sum is the value, to 32 digits."""
    exact = Fraction(value if isinstance(value, Rational) else float(value))
    return float(exact), float(exact - Fraction(float(exact)))


@njit(cache=True)
def _coefficients(state: NDArray, order: int) -> NDArray:
    c = np.zeros((order + 1, 3))
    c[0] = state
    for k in range(order):
        xz = xy = 0.0
        for i in range(k + 1):
            xz += c[i, 0] * c[k - i, 2]
            xy += c[i, 0] * c[k - i, 1]
        c[k + 1, 0] = 10.0 * (c[k, 1] - c[k, 0]) / (k + 1)
        c[k + 1, 1] = (28.0 * c[k, 0] - c[k, 1] - xz) / (k + 1)
        c[k + 1, 2] = (xy - 8.0 / 3.0 * c[k, 2]) / (k + 1)
    return c


@njit(cache=True)
def _trajectory(state: NDArray, dt: float, steps: int, order: int) -> NDArray:
    path = np.empty((steps + 1, 3))
    path[0] = state
    for n in range(steps):
        c = _coefficients(path[n], order)
        for j in range(3):
            total = c[order, j]
            for k in range(order - 1, -1, -1):
                total = total * dt + c[k, j]
            path[n + 1, j] = total
    return path


@njit(cache=True)
def _add(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
    """Sum of two double-double numbers (Knuth's two-sum, then renormalised)."""
    s = ah + bh
    t = s - ah
    error = (ah - (s - t)) + (bh - t) + al + bl
    high = s + error
    return high, error - (high - s)


@njit(cache=True)
def _multiply(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
    """Product of two double-double numbers (Dekker's split at 27 bits)."""
    p = ah * bh
    t = 134217729.0 * ah
    a1 = t - (t - ah)
    t = 134217729.0 * bh
    b1 = t - (t - bh)
    a2, b2 = ah - a1, bh - b1
    error = ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2 + (ah * bl + al * bh)
    high = p + error
    return high, error - (high - p)


@njit(cache=True)
def _divide(ah: float, al: float, n: float) -> tuple[float, float]:
    """A double-double number over a float64: one quotient digit, then its remainder."""
    q = ah / n
    ph, pl = _multiply(q, 0.0, n, 0.0)
    high, low = _add(ah, al, -ph, -pl)
    rest = (high + low) / n
    total = q + rest
    return total, rest - (total - q)


@njit(cache=True)
def _reference(
    state: NDArray, dt: NDArray, steps: int, order: int, eight_thirds: tuple[float, float]
) -> NDArray:
    path = np.empty((steps + 1, 3))  # plain entries below: unpacking rows takes long to compile
    c = np.empty((order + 1, 3, 2))  # the last axis holds hi and lo
    for j in range(3):
        path[0, j], c[0, j, 0], c[0, j, 1] = state[j, 0], state[j, 0], state[j, 1]
    for n in range(steps):
        for k in range(order):
            xz, xz_low, xy, xy_low = 0.0, 0.0, 0.0, 0.0
            for i in range(k + 1):
                x, x_low = c[i, 0, 0], c[i, 0, 1]
                h, low = _multiply(x, x_low, c[k - i, 2, 0], c[k - i, 2, 1])
                xz, xz_low = _add(xz, xz_low, h, low)
                h, low = _multiply(x, x_low, c[k - i, 1, 0], c[k - i, 1, 1])
                xy, xy_low = _add(xy, xy_low, h, low)
            x, x_low = c[k, 0, 0], c[k, 0, 1]
            y, y_low = c[k, 1, 0], c[k, 1, 1]
            h, low = _add(y, y_low, -x, -x_low)
            h, low = _multiply(h, low, 10.0, 0.0)
            c[k + 1, 0, 0], c[k + 1, 0, 1] = _divide(h, low, k + 1.0)
            h, low = _multiply(x, x_low, 28.0, 0.0)
            h, low = _add(h, low, -y, -y_low)
            h, low = _add(h, low, -xz, -xz_low)
            c[k + 1, 1, 0], c[k + 1, 1, 1] = _divide(h, low, k + 1.0)
            h, low = _multiply(c[k, 2, 0], c[k, 2, 1], eight_thirds[0], eight_thirds[1])
            h, low = _add(xy, xy_low, -h, -low)
            c[k + 1, 2, 0], c[k + 1, 2, 1] = _divide(h, low, k + 1.0)
        for j in range(3):
            h, low = c[order, j, 0], c[order, j, 1]
            for k in range(order - 1, -1, -1):
                h, low = _multiply(h, low, dt[0], dt[1])
                h, low = _add(h, low, c[k, j, 0], c[k, j, 1])
            path[n + 1, j], c[0, j, 0], c[0, j, 1] = h, h, low
    return path
