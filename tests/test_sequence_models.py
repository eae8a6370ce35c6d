"""Kernels and their ranks against the published table, exact ranks over Q, and direct recursion."""

import json

import numpy as np
import pytest
from sympy import Matrix, Rational

from course_utils.maths.sequence_models import (
    hankel_rank,
    ho_kalman,
    impulse_response,
    unfolding_ranks,
)
from tests.support import ROOT

t = np.arange(128.0)
KERNELS = {
    "0.9^t": 0.9**t,
    "0.9^t-0.5*0.7^t+0.3*0.4^t": 0.9**t - 0.5 * 0.7**t + 0.3 * 0.4**t,
    "0.95^t*cos(t)": 0.95**t * np.cos(t),
    "delta(t-10)": np.eye(128)[10],
    "delta(t-37)": np.eye(128)[37],
    "delta(t-60)": np.eye(128)[60],
    "(1+t)^-1.5": (1 + t) ** -1.5,
}
TABLE = json.loads((ROOT / "tests" / "data" / "hankel_qtt_ranks.json").read_text())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["rho"])
def test_the_recorded_table_of_ranks(row):
    rho = KERNELS[row["rho"]]
    assert hankel_rank(rho[:127]) == hankel_rank(rho) == row["hankel_rank_64x64_rel1e8"]
    assert unfolding_ranks(rho) == row["qtt_ranks_len128"]


def test_ranks_of_integer_kernels_equal_the_exact_ones():
    rng = np.random.default_rng(0)
    for _ in range(20):
        size = int(rng.integers(1, 5))
        roots, weights = (
            rng.choice([-2, -1, 1, 2, 3], size, replace=False),
            rng.integers(1, 4, size),
        )
        rho = [int(weights @ roots**s) for s in range(11)]
        exact = Matrix(6, 6, lambda i, j, rho=rho: Rational(rho[i + j])).rank()
        assert hankel_rank(rho) == exact == size


def test_an_unfolding_is_the_matrix_of_the_lowest_digits():
    rng = np.random.default_rng(1)
    rho = rng.integers(-1, 2, 32) * rng.integers(0, 2, 32)
    for k, rank in enumerate(unfolding_ranks(rho), start=1):
        rows = [[int(rho[i + 2**k * j]) for j in range(2 ** (5 - k))] for i in range(2**k)]
        assert rank == Matrix(rows).rank()


def test_the_impulse_response_is_what_the_recursion_answers_to_one_impulse():
    rng = np.random.default_rng(2)
    A, B, C = rng.normal(size=(3, 3)) / 2, rng.normal(size=3), rng.normal(size=3)
    h, seen = np.zeros(3), []
    for x in [1.0] + [0.0] * 9:
        h = A @ h + B * x
        seen.append(C @ h)
    assert np.allclose(impulse_response(A, B, C, 10), seen)
    assert impulse_response(A, B, C, 0).shape == (0,)


@pytest.mark.parametrize("name", [n for n in KERNELS if n != "(1+t)^-1.5"])
def test_ho_kalman_meets_a_kernel_of_finite_rank_exactly(name):
    rho = KERNELS[name]
    states = hankel_rank(rho)
    A, B, C = ho_kalman(rho, states)
    assert (A.shape, B.shape, C.shape) == ((states, states), (states,), (states,))
    assert np.abs(impulse_response(A, B, C, 128) - rho).max() < 1e-8


def test_ho_kalman_of_the_power_law_improves_as_recorded():
    rho = KERNELS["(1+t)^-1.5"]
    errors = []
    for states in (1, 3, 6, 8, 10):
        network = ho_kalman(rho, states)
        errors.append(np.abs(impulse_response(*network, 128) - rho).max())
    assert np.all(np.array(errors) < [0.1, 6e-3, 3e-5, 5e-7, 6e-9])
    assert np.all(np.diff(errors) < 0)


def test_states_beyond_the_rank_are_inert():
    rho = 0.5 ** np.arange(20)
    A, B, C = ho_kalman(rho, 6)
    assert np.abs(A).max() < 2
    assert np.allclose(impulse_response(A, B, C, 60), 0.5 ** np.arange(60), atol=1e-12)


def test_the_zero_kernel_has_rank_zero():
    assert hankel_rank(np.zeros(9)) == 0
    assert unfolding_ranks(np.zeros(8)) == [0, 0]
    assert all(np.abs(part).max() == 0 for part in ho_kalman(np.zeros(6), 2))


def test_short_kernels_and_extreme_scales():
    assert hankel_rank([5]) == hankel_rank([5, 7]) == 1
    assert unfolding_ranks([1, 2]) == []
    assert (
        hankel_rank(1e-300 * 0.5 ** np.arange(9)) == hankel_rank(1e300 * 0.5 ** np.arange(9)) == 1
    )


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: hankel_rank([]), "kernel"),
        (lambda: hankel_rank([1, float("nan")]), "kernel"),
        (lambda: hankel_rank([[1.0]]), "kernel"),
        (lambda: hankel_rank([1j, 0, 0]), "kernel"),
        (lambda: hankel_rank(["a"]), "kernel"),
        (lambda: hankel_rank([1, [2]]), "kernel"),
        (lambda: hankel_rank([1, 2, 3], -1e-9), "tolerance"),
        (lambda: hankel_rank([1, 2, 3], float("nan")), "tolerance"),
        (lambda: unfolding_ranks([1, 2, 3]), "kernel"),
        (lambda: unfolding_ranks([1]), "kernel"),
        (lambda: unfolding_ranks([1, 2, 3, 4], -1), "tolerance"),
        (lambda: ho_kalman([1, 2, 3, 4], 3), "states"),
        (lambda: ho_kalman([1, 2, 3, 4], 0), "states"),
        (lambda: ho_kalman([1, 2, 3, 4], 1.0), "states"),
        (lambda: ho_kalman([1], 1), "states"),
        (lambda: impulse_response([[1]], [1], [1], -1), "length"),
        (lambda: impulse_response([[1]], [1], [1], 2.0), "length"),
        (lambda: impulse_response([[1]], [1, 2], [1], 3), "A, B, C"),
        (lambda: impulse_response([[1, 2]], [1], [1], 3), "A, B, C"),
        (lambda: impulse_response([[float("inf")]], [1], [1], 3), "A"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=name):
        call()
