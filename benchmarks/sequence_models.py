"""The response of a linear network to an impulse, beside scipy's simulation of it."""

from collections.abc import Iterator

import numpy as np
from scipy import signal

from benchmarks.timing import Row, compare
from course_utils.maths.sequence_models import ho_kalman, impulse_response


def rows() -> Iterator[Row]:
    """Yield one row: 512 values of the kernel of a network with ten units."""
    tail = (1.0 + np.arange(128)) ** -1.5
    A, B, C = ho_kalman(tail, 10)
    system = (A, B[:, None], C[None], np.zeros((1, 1)), 1.0)

    def simulate() -> np.ndarray:
        return signal.dimpulse(system, n=513)[1][0][1:, 0]  # scipy's output is one step later

    gap = np.abs(impulse_response(A, B, C, 512) - simulate()).max()
    assert gap < 1e-10, f"the two kernels differ by {gap}"
    yield compare(
        "kernel of a linear network, 10 units, 512 lags",
        lambda: impulse_response(A, B, C, 512),
        simulate,
        "scipy.signal.dimpulse",
        repeats=7,
        note=f"largest difference {gap:.0e}",
    )
