"""Ridge, its limits and its risk, against slow definitions and closed forms."""

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from course_utils.maths import linear_models as lm

DATA = Path(__file__).parent / "data" / "double_descent_exact.csv"


def ridge_spec(X: list[list[int]], y: list[int], lam: Fraction) -> list[Fraction]:
    """Solve the normal equations by elimination over the rationals."""
    n, p = len(X), len(X[0])
    rows = [
        [sum(Fraction(X[k][i] * X[k][j]) for k in range(n)) + lam * (i == j) for j in range(p)]
        + [sum(Fraction(X[k][i] * y[k]) for k in range(n))]
        for i in range(p)
    ]
    for i in range(p):  # a positive definite matrix needs no pivoting
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(p):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[p] for row in rows]


@pytest.mark.parametrize("shape", [(3, 2), (2, 4), (5, 5), (1, 3)])
@pytest.mark.parametrize("ridge", [lm.ridge_primal, lm.ridge_dual])
def test_both_forms_solve_the_normal_equations(ridge: Callable, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    X, y = rng.integers(-5, 6, shape).tolist(), rng.integers(-5, 6, shape[0]).tolist()
    exact = [float(b) for b in ridge_spec(X, y, Fraction(1, 3))]
    assert np.abs(ridge(X, y, 1 / 3) - exact).max() < 1e-13


def test_dual_form_keeps_its_digits_where_the_primal_loses_them() -> None:
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(20, 50)), rng.normal(size=20)
    limit = lm.minimum_norm(X, y)
    assert np.abs(lm.ridge_dual(X, y, 1e-12) - limit).max() < 1e-12
    assert np.abs(lm.ridge_primal(X, y, 1e-12) - limit).max() > 1e-6


def test_minimum_norm_solves_and_is_orthogonal_to_the_kernel() -> None:
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(7, 12)), rng.normal(size=7)
    beta = lm.minimum_norm(X, y)
    kernel = np.linalg.svd(X)[2][7:]  # (5, 12)
    assert np.abs(X @ beta - y).max() < 1e-12
    assert np.abs(kernel @ beta).max() < 1e-12


def test_descent_arrives_at_its_limit() -> None:
    rng = np.random.default_rng(4)
    X, y, start = rng.normal(size=(4, 9)), rng.normal(size=4), rng.normal(size=9)
    beta, lr = start.copy(), 1 / np.linalg.norm(X, 2) ** 2
    for _ in range(3000):
        beta -= lr * X.T @ (X @ beta - y)
    assert np.abs(beta - lm.descent_limit(X, y, start)).max() < 1e-10
    assert np.abs(beta - lm.minimum_norm(X, y)).max() > 0.1


def test_kernel_ridge_with_the_linear_kernel_is_dual_ridge() -> None:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(6, 3)), rng.normal(size=6)
    assert np.allclose(X.T @ lm.kernel_ridge(X @ X.T, y, 0.7), lm.ridge_primal(X, y, 0.7))


def test_gaussian_kernel_equals_the_definition() -> None:
    rng = np.random.default_rng(6)
    X, Z = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    spec = [[np.exp(-sum((x - z) ** 2) / (2 * 1.5**2)) for z in Z] for x in X]
    assert np.allclose(lm.gaussian_kernel(X, Z, 1.5), spec, rtol=1e-13)
    assert lm.gaussian_kernel(X, X, 1e-3).trace() == pytest.approx(4)


def test_risk_equals_the_published_table() -> None:
    with DATA.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    for row in rows:
        value = lm.least_squares_risk(
            int(row["n"]), int(row["p"]), float(row["sigma2"]), float(row["beta_norm2"])
        )
        assert value == pytest.approx(float(row["expected_excess_risk_min_norm_LS"]), abs=5.1e-9)


@pytest.mark.parametrize(("n", "p"), [(12, 4), (4, 12), (8, 12)])
def test_risk_equals_simulation(n: int, p: int) -> None:
    rng = np.random.default_rng(7)
    beta, risks = np.full(p, p**-0.5), []
    for _ in range(4000):
        X = rng.normal(size=(n, p))
        estimate = np.linalg.pinv(X) @ (X @ beta + 0.5 * rng.normal(size=n))
        risks.append(((estimate - beta) ** 2).sum())
    error = np.std(risks) / len(risks) ** 0.5
    assert abs(np.mean(risks) - lm.least_squares_risk(n, p)) < 4 * error
    assert error < 0.1 * np.mean(risks)


def test_risk_is_infinite_around_the_peak_and_only_with_noise() -> None:
    assert [lm.least_squares_risk(10, p) for p in (9, 10, 11)] == [np.inf] * 3
    assert lm.least_squares_risk(10, 12) < np.inf
    assert lm.least_squares_risk(10, 10, sigma2=0.0) == 0.0
    assert lm.least_squares_risk(10, 20, sigma2=0.0, beta_norm2=3.0) == 1.5


@pytest.mark.parametrize(("gamma", "lam"), [(0.5, 0.1), (1.0, 0.02), (3.0, 0.5)])
def test_ridge_limit_equals_the_spectrum_of_one_large_matrix(gamma: float, lam: float) -> None:
    """Given X, the risk is a trace; at n = 1500 it lies within a percent of its limit."""
    n, p = 1500, int(1500 * gamma)
    X = np.random.default_rng(8).normal(size=(n, p))
    gram = X @ X.T / n if p > n else X.T @ X / n
    s = np.concatenate([np.linalg.eigvalsh(gram), np.zeros(p - len(gram))])
    risk = (lam**2 / (s + lam) ** 2).mean() + 0.25 * gamma * (s / (s + lam) ** 2).mean()
    assert lm.ridge_risk_limit(gamma, lam) == pytest.approx(risk, rel=0.01)


def test_ridge_limit_tends_to_the_ridgeless_risk() -> None:
    for gamma in (0.5, 2.0):
        limit = lm.least_squares_risk(10**7, int(10**7 * gamma))
        assert lm.ridge_risk_limit(gamma, 1e-9) == pytest.approx(limit, rel=1e-5)


def test_optimal_ridge_has_no_peak() -> None:  # Nakkiran et al., ICLR 2021, Lemma 2
    gammas = np.linspace(0.1, 5, 200)
    tuned = [lm.ridge_risk_limit(g, 0.25 * g) for g in gammas]
    for g, risk in zip(gammas[::20], tuned[::20], strict=True):
        assert risk < min(lm.ridge_risk_limit(g, 0.25 * g * c) for c in (0.9, 1.1))
    assert np.diff(tuned).min() > 0
    assert np.diff([lm.ridge_risk_limit(g, 1e-3) for g in gammas]).min() < 0


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda: lm.ridge_dual(np.zeros((0, 3)), [], 1.0), ValueError, "X"),
        (lambda: lm.ridge_dual([[1.0]], [1.0], -1.0), ValueError, "lam"),
        (lambda: lm.ridge_dual([[1.0]], [1.0], 0.0), ValueError, "lam"),
        (lambda: lm.ridge_dual([[1.0]], [1.0], True), TypeError, "lam"),
        (lambda: lm.ridge_primal([[1.0]], [[1.0]], 1.0), ValueError, "y"),
        (lambda: lm.ridge_primal([[1.0], [2.0]], [1.0], 1.0), ValueError, "y"),
        (lambda: lm.minimum_norm([[np.nan]], [1.0]), ValueError, "X"),
        (lambda: lm.minimum_norm([[1.0]], [np.inf]), ValueError, "y"),
        (lambda: lm.minimum_norm([[1j]], [1.0]), TypeError, "X"),
        (lambda: lm.minimum_norm([[1.0]], ["1"]), TypeError, "y"),
        (lambda: lm.kernel_ridge([[1.0, 2.0], [0.0, 1.0]], [1.0, 1.0], 1.0), ValueError, "K"),
        (lambda: lm.gaussian_kernel([[1.0]], [[1.0, 2.0]], 1.0), ValueError, "columns"),
        (lambda: lm.gaussian_kernel([[1.0]], [[1.0]], 0.0), ValueError, "bandwidth"),
        (lambda: lm.descent_limit([[1.0, 2.0]], [1.0], [1.0]), ValueError, "start"),
        (lambda: lm.least_squares_risk(True, 3), TypeError, "n"),
        (lambda: lm.least_squares_risk(3, 0), ValueError, "p"),
        (lambda: lm.least_squares_risk(3, 9, sigma2=-1.0), ValueError, "sigma2"),
        (lambda: lm.ridge_risk_limit(0.0, 1.0), ValueError, "gamma"),
        (lambda: lm.ridge_risk_limit(1.0, float("nan")), ValueError, "lam"),
    ],
)
def test_bad_input_is_named(call: Callable, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=rf"\b{word}\b"):
        call()


def test_numpy_integers_are_integers() -> None:
    assert lm.least_squares_risk(np.int64(100), np.int32(20)) == 0.25 * 20 / 79
