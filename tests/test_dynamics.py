"""The Taylor integrator of the Lorenz system, against exact arithmetic and 45-digit data."""

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.maths.dynamics import (
    LYAPUNOV,
    lorenz63,
    lorenz63_coefficients,
    lorenz63_reference,
)

DATA = Path(__file__).parent / "data"
START = [1, 1, Fraction("1.05")]
coordinate = st.floats(-40, 40, allow_nan=False)


def coefficients_spec(state: list[Fraction], order: int) -> list[list[Fraction]]:
    """Picard iteration with exact polynomials: u <- u(0) + integral of the right-hand side."""

    def times(a: list[Fraction], b: list[Fraction]) -> list[Fraction]:
        product = [Fraction(0)] * (order + 1)
        for i, p in enumerate(a):
            for j, q in enumerate(b):
                if i + j <= order:
                    product[i + j] += p * q
        return product

    x, y, z = ([Fraction(c)] + [Fraction(0)] * order for c in state)
    for _ in range(order):
        xy, xz = times(x, y), times(x, z)
        dx = [10 * (b - a) for a, b in zip(x, y, strict=True)]
        dy = [28 * a - b - c for a, b, c in zip(x, y, xz, strict=True)]
        dz = [a - Fraction(8, 3) * b for a, b in zip(xy, z, strict=True)]
        x, y, z = (
            [u[0]] + [d / (k + 1) for k, d in enumerate(du[:-1])]
            for u, du in ((x, dx), (y, dy), (z, dz))
        )
    return [list(row) for row in zip(x, y, z, strict=True)]


def reference_rows() -> tuple[list[str], np.ndarray]:
    with (DATA / "lorenz63_reference.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [row["t"] for row in rows], np.array([[float(r[c]) for c in "xyz"] for r in rows])


def test_coefficients_equal_picard_iteration_in_fractions() -> None:
    for state in ([1, 2, 3], [-7, 4, 25], [0, 0, 9]):
        exact = coefficients_spec([Fraction(c) for c in state], 9)
        ours = lorenz63_coefficients(state, 9)
        assert ours.shape == (10, 3)
        for k in range(10):
            for j in range(3):
                assert ours[k, j] == pytest.approx(float(exact[k][j]), rel=1e-12, abs=1e-300)


def test_double_double_agrees_with_45_digits_to_the_last_bit_up_to_time_30() -> None:
    times, published = reference_rows()
    assert times == [f"{t}.0" for t in range(31)]
    ours = lorenz63_reference(START, Fraction(1, 50), 1500)
    assert np.array_equal(ours[::50], published)


def test_double_double_does_not_depend_on_its_step_or_order() -> None:
    coarse = lorenz63_reference(START, Fraction(1, 50), 2000)
    fine = lorenz63_reference(START, Fraction(1, 100), 4000, order=30)
    assert np.allclose(coarse, fine[::2], rtol=0, atol=1e-13)  # to time 40: 36 Lyapunov times


def test_float64_follows_the_published_trajectory_as_far_as_rounding_allows() -> None:
    _, published = reference_rows()
    error = np.abs(lorenz63([1, 1, 1.05], 0.02, 1500)[::50] - published).max(axis=1)
    times = np.arange(31)
    assert (error <= 1e-13 * np.exp(1.1 * times)).all()
    assert error[:5].max() < 1e-12  # Runge-Kutta of order 4 with this step is at 1e-3 here
    assert error[-1] > 1e-10  # float64 is not the truth: the reason for the reference


def test_order_one_is_euler_and_order_p_converges_like_dt_to_the_p() -> None:
    state = [-3.0, 2.0, 20.0]
    x, y, z = state
    euler = [x + 0.01 * 10 * (y - x), y + 0.01 * (x * (28 - z) - y), z + 0.01 * (x * y - 8 / 3 * z)]
    assert np.allclose(lorenz63(state, 0.01, 1, order=1)[1], euler, rtol=1e-15)
    truth = lorenz63_reference(state, Fraction(1, 128), 32)[-1]
    for order in range(1, 7):
        error = [
            np.abs(lorenz63(state, 2.0**-n, 2 ** (n - 2), order)[-1] - truth).max() for n in (7, 8)
        ]
        assert np.log2(error[0] / error[1]) == pytest.approx(order, abs=0.3)


def test_rest_points_rest() -> None:
    for sign in (1, -1):
        rest = [sign * 72**0.5, sign * 72**0.5, 27.0]
        assert np.allclose(lorenz63(rest, 0.02, 50), rest, rtol=0, atol=1e-11)
    assert not lorenz63([0, 0, 0], 0.1, 10).any()


def test_the_z_axis_decays_at_rate_eight_thirds() -> None:
    path = lorenz63([0, 0, 5], 0.02, 100)
    assert not path[:, :2].any()
    assert np.allclose(path[:, 2], 5 * np.exp(-8 / 3 * 0.02 * np.arange(101)), rtol=1e-13)


@settings(max_examples=30, deadline=None)
@given(coordinate, coordinate, coordinate)
def test_turning_about_the_z_axis_maps_solutions_to_solutions(x: float, y: float, z: float) -> None:
    path, turned = lorenz63([x, y, z], 0.02, 20), lorenz63([-x, -y, z], 0.02, 20)
    assert np.array_equal(path * [-1, -1, 1], turned)


@settings(max_examples=30, deadline=None)
@given(coordinate, coordinate, coordinate)
def test_float64_and_double_double_agree_over_one_step(x: float, y: float, z: float) -> None:
    ours, exact = lorenz63([x, y, z], 0.004, 1), lorenz63_reference([x, y, z], 0.004, 1)
    assert np.allclose(ours, exact, rtol=1e-12, atol=1e-12)


def test_neighbours_part_at_the_lyapunov_rate() -> None:
    start = lorenz63([1, 1, 1.05], 0.02, 1000)[-1]
    apart = np.array([1e-8, 0, 0])
    growth = []
    for _ in range(1000):
        here, there = (lorenz63(p, 0.02, 50)[-1] for p in (start, start + apart))
        growth.append(np.log(np.linalg.norm(there - here) / 1e-8))
        apart = (there - here) * (1e-8 / np.linalg.norm(there - here))
        start = here
    assert np.mean(growth[10:]) == pytest.approx(LYAPUNOV, abs=0.03)


def test_no_step_returns_the_state_alone_and_the_input_is_left_alone() -> None:
    state = np.array([1.0, 2.0, 3.0])
    for integrate in (lorenz63, lorenz63_reference):
        path = integrate(state, 0.02, 0)
        assert path.tolist() == [[1.0, 2.0, 3.0]]
        path[0] = 0
        assert state.tolist() == [1.0, 2.0, 3.0]
        path = integrate((1, 2, 3), np.float64(0.02), np.int64(3), order=np.int32(5))
        assert path.shape == (4, 3)


def test_a_solution_that_overflows_ends_in_inf_or_nan() -> None:
    assert not np.isfinite(lorenz63([1, 2, 3], 10.0, 60, order=1)[-1]).any()


@pytest.mark.parametrize("integrate", [lorenz63, lorenz63_reference])
@pytest.mark.parametrize(
    ("bad", "error", "name"),
    [
        ({"state": [1.0, 2.0]}, ValueError, "state"),
        ({"state": [[1.0, 2.0, 3.0]]}, ValueError, "state"),
        ({"state": 1.0}, ValueError, "state"),
        ({"state": [1.0, float("nan"), 3.0]}, ValueError, "state"),
        ({"state": [1.0, float("inf"), 3.0]}, ValueError, "state"),
        ({"state": ["a", "b", "c"]}, ValueError, "state"),
        ({"state": [1j, 0, 0]}, ValueError, "state"),
        ({"dt": 0}, ValueError, "dt"),
        ({"dt": -0.1}, ValueError, "dt"),
        ({"dt": float("nan")}, ValueError, "dt"),
        ({"dt": float("inf")}, ValueError, "dt"),
        ({"dt": "0.1"}, TypeError, "dt"),
        ({"dt": True}, TypeError, "dt"),
        ({"dt": np.complex128(1)}, TypeError, "dt"),
        ({"steps": -1}, ValueError, "steps"),
        ({"steps": 2.0}, TypeError, "steps"),
        ({"steps": True}, TypeError, "steps"),
        ({"order": 0}, ValueError, "order"),
        ({"order": 3.0}, TypeError, "order"),
    ],
)
def test_bad_input_is_refused_by_name(integrate, bad: dict, error: type, name: str) -> None:
    with pytest.raises(error, match=name):
        integrate(**({"state": [1.0, 2.0, 3.0], "dt": 0.02, "steps": 2} | bad))


def test_coefficients_refuse_bad_input() -> None:
    with pytest.raises(ValueError, match="order"):
        lorenz63_coefficients([1, 2, 3], 0)
    with pytest.raises(TypeError, match="order"):
        lorenz63_coefficients([1, 2, 3], True)
    with pytest.raises(ValueError, match="state"):
        lorenz63_coefficients([1, 2, np.nan], 4)
