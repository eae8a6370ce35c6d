"""The Lorenz system: our Taylor series against scipy's DOP853, and 32 digits against mpmath's."""

from collections.abc import Iterator

import mpmath
import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.timing import Row, compare
from course_utils.maths.dynamics import lorenz63, lorenz63_reference

START = [1.0, 1.0, 1.05]
STEPS = 1000  # of 0.02: to time 20


def rows() -> Iterator[Row]:
    """Yield float64 to time 20 with both errors there, and 50 steps with 32 digits."""
    truth = lorenz63_reference(START, 0.02, STEPS)[-1]
    ours, theirs = (np.abs(path[-1] - truth).max() for path in (taylor(), dop853()))
    note = f"error at the end: ours {ours:.0e}, DOP853 at rtol 1e-13 {theirs:.0e}"
    yield compare("Lorenz to time 20, float64", taylor, dop853, "scipy DOP853", note=note)
    yield compare(
        "Lorenz, 50 steps of order 36, 32 digits",
        lambda: lorenz63_reference(START, 0.02, 50),
        with_mpmath,
        "the same sums in mpmath",
        repeats=3,
    )


def taylor() -> np.ndarray:
    return lorenz63(START, 0.02, STEPS)


def dop853() -> np.ndarray:
    def field(t: float, u: np.ndarray) -> list[float]:
        return [10 * (u[1] - u[0]), u[0] * (28 - u[2]) - u[1], u[0] * u[1] - 8 / 3 * u[2]]

    times = 0.02 * np.arange(STEPS + 1)
    options = {"method": "DOP853", "rtol": 1e-13, "atol": 1e-13, "t_eval": times}
    return solve_ivp(field, (0, times[-1]), START, **options).y.T


def with_mpmath(steps: int = 50, order: int = 36) -> list:
    with mpmath.workdps(32):
        point, h, beta = [mpmath.mpf(v) for v in START], mpmath.mpf(0.02), mpmath.mpf(8) / 3
        for _ in range(steps):
            x, y, z = ([value] for value in point)
            for k in range(order):
                xz = mpmath.fdot(x, z[::-1])
                xy = mpmath.fdot(x, y[::-1])
                new = 10 * (y[k] - x[k]), 28 * x[k] - y[k] - xz, xy - beta * z[k]
                for series, value in zip((x, y, z), new, strict=True):
                    series.append(value / (k + 1))
            point = [mpmath.polyval(series[::-1], h) for series in (x, y, z)]
        return point
