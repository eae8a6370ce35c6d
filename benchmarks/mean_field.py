"""The correlation fixed point near the critical line, by bracketing and by iteration."""

from collections.abc import Iterator

from benchmarks.timing import Row, compare
from course_utils.maths.mean_field import (
    correlation_fixed_point,
    correlation_map,
    critical_sigma_w2,
)


def rows() -> Iterator[Row]:
    """Yield one row: c* five percent above the line, to 1e-10."""
    sigma_b2 = 0.05
    sigma_w2 = 1.05 * critical_sigma_w2(sigma_b2)

    def iterate() -> float:
        c, step = 0.5, 1.0
        while abs(step) > 1e-12:
            step = correlation_map(c, sigma_w2, sigma_b2) - c
            c += step
        return c

    yield compare(
        "correlation fixed point, 5 % above the critical line",
        lambda: correlation_fixed_point(sigma_w2, sigma_b2),
        iterate,
        "iterating the correlation map",
        repeats=3,
    )
