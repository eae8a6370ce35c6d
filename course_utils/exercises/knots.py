"""What "correct" means in the companion *Knots*: slope, one-coefficient rule, orientation audit."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_array

# knots.1 ---------------------------------------------------------------------------------------


def minus_slope(meridian: NDArray[np.complex128], longitude: NDArray[np.float64]) -> NDArray:
    """Return t = -Re(longitude / meridian) of each knot, shape (k,).

    Raises:
        ValueError: a meridian is 0, which no cusp has.

    >>> np.abs(minus_slope(np.array([1j, -1 + 1j]), np.array([3.0, 4.0]))).round(9).tolist()
    [0.0, 2.0]
    """
    if not np.all(meridian):
        raise ValueError("meridian must not be 0")
    t: NDArray[np.float64] = -longitude * np.real(meridian) / np.abs(meridian) ** 2
    return t


Cusps = tuple[NDArray[np.complex128], NDArray[np.float64]]


def _slope_instances(rng: np.random.Generator) -> Iterator[Cusps]:
    yield np.array([1j]), np.array([3.4641])
    yield np.array([-0.738118 + 0.883119j]), np.array([4.4693])
    yield np.array([1.0 + 1.0j, 0j]), np.array([4.0, 5.0])
    for k in (5, 40):
        yield rng.normal(size=k) + 1j * rng.uniform(0.5, 1.5, k), rng.uniform(3, 25, k)


def _slope_probe(slope: Callable[..., Any], instance: Cusps) -> Any:
    try:
        return slope(*instance)
    except ValueError:
        return "ValueError"


def _slope_verify(instance: Cusps, answer: Any) -> None:
    """The geodesic from 0 along i m meets the line l + R m at the multiple t: real arithmetic."""
    meridian, longitude = instance
    call = f"minus_slope of {len(meridian)} cusps"
    if not meridian.all():
        assert isinstance(answer, str), f"{call}: a meridian is 0, so it must raise ValueError"
        return
    assert not isinstance(answer, str), f"{call} raised ValueError"
    values = as_array(answer, (len(meridian),), call)
    assert not np.iscomplexobj(values), f"{call}: expected real numbers"
    for m, length, t in zip(meridian, longitude, values, strict=True):
        rest = length + t * m  # orthogonal to m exactly when t is minus the slope
        inner = rest.real * m.real + rest.imag * m.imag
        assert abs(inner) < 1e-6 * (1 + abs(length)), (
            f"{call}: at meridian {m:.4g}, longitude {length:.4g} you return {t:.4g}, "
            f"but longitude + t · meridian is not orthogonal to the meridian"
        )


SLOPE = Exercise("knots.1", "The slope of a cusp", _slope_instances, _slope_probe, _slope_verify)

# knots.2 ---------------------------------------------------------------------------------------


def one_coefficient_rule(
    t: NDArray[np.float64], signature: NDArray[np.int64]
) -> tuple[float, NDArray[np.int64]]:
    """Return the c that minimises sum (signature - c t)^2, and 2 round(c t / 2).

    >>> c, predicted = one_coefficient_rule(np.array([4.0, -8.0, 1.0]), np.array([2, -4, 0]))
    >>> round(c, 4), predicted.tolist()
    (0.4938, [2, -4, 0])
    """
    c = float(t @ signature / (t @ t))
    return c, 2 * np.rint(c * t / 2).astype(int)


Fit = tuple[NDArray[np.float64], NDArray[np.int64]]


def _rule_instances(rng: np.random.Generator) -> Iterator[Fit]:
    yield np.array([2.0, 6.0]), np.array([0, 4])
    for k, slope in ((30, 0.43), (60, 0.3), (60, -0.5)):
        t = rng.normal(2.0, 6.0, k)
        yield t, 2 * np.rint((slope * t + rng.normal(0, 0.8, k)) / 2).astype(int)


def _rule_probe(rule: Callable[..., Any], instance: Fit) -> Any:
    return list(rule(*(part.copy() for part in instance)))


def _rule_verify(instance: Fit, answer: Any) -> None:
    """The residual of a least-squares fit is orthogonal to t; predictions are the nearest even."""
    t, signature = instance
    call = f"one_coefficient_rule on {len(t)} knots"
    assert isinstance(answer, list | tuple), f"{call}: expected (c, predictions)"
    assert len(answer) == 2, f"{call}: expected (c, predictions)"
    c = float(as_array([answer[0]], (1,), f"c of {call}")[0])
    defect = float(sum(x * (s - c * x) for x, s in zip(t, signature, strict=True)))
    assert abs(defect) < 1e-6 * float(t @ t), (
        f"{call}: your c = {c:.5g} is not the least-squares coefficient through the origin: "
        f"the residual has inner product {defect:.4g} with t"
    )
    predicted = as_array(answer[1], (len(t),), f"predictions of {call}")
    for x, value in zip(t, predicted, strict=True):
        assert value % 2 == 0, f"{call}: {value} is predicted, but a signature is even"
        assert abs(value - c * x) <= 1 + 1e-9, (
            f"{call}: at t = {x:.4g} you predict {value}, which is not the even number "
            f"nearest to {c * x:.4g}"
        )


RULE = Exercise(
    "knots.2", "One coefficient, no training", _rule_instances, _rule_probe, _rule_verify
)

# knots.3 ---------------------------------------------------------------------------------------


def mirrored_share(
    t: NDArray[np.float64], signature: NDArray[np.int64], crossings: NDArray[np.int64]
) -> dict[int, float]:
    """Return, for each crossing number, the share of opposite signs among knots with signature ≠ 0.

    Crossing numbers without such a knot are left out.

    >>> mirrored_share(np.array([1.0, -3.0, 5.0]), np.array([2, 2, 0]), np.array([5, 5, 6]))
    {5: 0.5}
    """
    told = signature != 0
    return {
        int(n): float(np.mean((t * signature < 0)[told & (crossings == n)]))
        for n in np.unique(crossings[told])
    }


Table = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]


def _audit_instances(rng: np.random.Generator) -> Iterator[Table]:
    yield np.array([1.0, -3.0, 5.0]), np.array([2, 2, 0]), np.array([5, 5, 6])
    for k, share in ((60, 0.3), (200, 0.6), (80, 0.0)):
        signature = 2 * rng.integers(-4, 5, k)
        t = 2.3 * signature + rng.normal(0, 0.4, k)
        yield t * np.where(rng.random(k) < share, -1, 1), signature, rng.integers(5, 9, k)


def _audit_probe(audit: Callable[..., Any], instance: Table) -> Any:
    return audit(*(part.copy() for part in instance))


def _audit_verify(instance: Table, answer: Any) -> None:
    """Count knot by knot, and compare the shares as quotients of counts."""
    counts: dict[int, list[int]] = {}
    for t, signature, n in zip(*instance, strict=True):
        if signature != 0:
            pair = counts.setdefault(int(n), [0, 0])
            pair[0] += int((t > 0) != (signature > 0))
            pair[1] += 1
    call = f"mirrored_share on {len(instance[0])} knots"
    assert isinstance(answer, list), f"{call}: expected a dictionary {{crossings: share}}"
    shares = {int(n): float(share) for n, share in answer}
    assert set(shares) == set(counts), (
        f"{call}: the keys are {sorted(shares)}, expected {sorted(counts)}: "
        "the crossing numbers of knots with signature ≠ 0"
    )
    for n, (opposite, total) in counts.items():
        assert abs(shares[n] - opposite / total) < 1e-9, (
            f"{call}: at {n} crossings you return {shares[n]:.4g}; "
            f"{opposite} of {total} knots with signature ≠ 0 have the opposite sign"
        )


AUDIT = Exercise(
    "knots.3", "Which tables mix mirror images?", _audit_instances, _audit_probe, _audit_verify
)
