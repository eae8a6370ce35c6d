"""Mean-field theory of random tanh networks against slow definitions and reference values."""

import csv
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

from course_utils.exercises.week03 import tangent_kernel
from course_utils.maths import mean_field

ROWS = list(csv.DictReader((Path(__file__).parent / "data/edge_of_chaos_tanh.csv").open()))
CRITICAL = [row for row in ROWS if row["kind"] == "critical"]
GRID = [row for row in ROWS if row["kind"] == "grid"]
FUNCTIONS = [
    mean_field.length_fixed_point,
    mean_field.correlation_fixed_point,
    mean_field.correlation_depth,
    mean_field.chi,
]


def length_map_spec(q: float, w: float, b: float) -> float:
    """The definition, by adaptive quadrature."""

    def integrand(z: float) -> float:
        return math.tanh(math.sqrt(q) * z) ** 2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    return w * 2 * quad(integrand, 0, 12, epsabs=1e-13, epsrel=1e-13, limit=500)[0] + b


def pair_spec(f, c: float, q: float, nodes: int = 101) -> float:
    """E f(u) f(v) for variances q and correlation c, by Gauss-Hermite quadrature."""
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)
    weight = weight / weight.sum()
    u = math.sqrt(q) * z[:, None]
    v = math.sqrt(q) * (c * z[:, None] + math.sqrt(max(0, 1 - c * c)) * z)
    return float(weight @ (f(u) * f(v)) @ weight)


def sech2(x: np.ndarray) -> np.ndarray:
    return 1 - np.tanh(x) ** 2


@pytest.mark.parametrize("row", CRITICAL, ids=lambda row: row["sigma_b2"])
def test_critical_line_equals_the_reference(row: dict[str, str]) -> None:
    b, w = float(row["sigma_b2"]), float(row["sigma_w2"])
    assert mean_field.critical_sigma_w2(b) == pytest.approx(w, abs=1e-8)
    assert mean_field.length_fixed_point(w, b) == pytest.approx(float(row["qstar"]), abs=1e-8)
    assert mean_field.chi(w, b) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("row", GRID, ids=lambda row: f"{row['sigma_w2']}-{row['sigma_b2']}")
def test_fixed_points_equal_the_reference(row: dict[str, str]) -> None:
    b, w = float(row["sigma_b2"]), float(row["sigma_w2"])
    assert mean_field.length_fixed_point(w, b) == pytest.approx(float(row["qstar"]), abs=1e-5)
    assert mean_field.chi(w, b) == pytest.approx(float(row["chi1"]), abs=1e-5)
    assert mean_field.correlation_fixed_point(w, b) == pytest.approx(float(row["cstar"]), abs=1e-4)


def test_the_reference_has_seven_critical_rows_and_sixteen_points() -> None:
    assert len(CRITICAL) == 7
    assert len(GRID) == 16


@pytest.mark.parametrize("w", [0.3, 1.3, 2.5, 40.0, 3000.0])
@pytest.mark.parametrize("b", [1e-6, 0.05, 2.0])
def test_length_is_a_fixed_point_of_the_definition(w: float, b: float) -> None:
    q = mean_field.length_fixed_point(w, b)
    assert length_map_spec(q, w, b) == pytest.approx(q, rel=1e-11)
    assert mean_field.length_map(q, w, b) == pytest.approx(q, rel=1e-13)


def test_iterating_the_length_map_from_one_leads_to_the_fixed_point() -> None:
    for w, b in np.random.default_rng(3).uniform([0, 0.01], [3, 1], (8, 2)).tolist():
        q = 1.0
        for step in range(1000):
            q = length_map_spec(q, w, b) if step < 2 else mean_field.length_map(q, w, b)
        assert mean_field.length_fixed_point(w, b) == pytest.approx(q, rel=1e-10)


@pytest.mark.parametrize(("w", "b"), [(2.0, 0.05), (2.5, 0.05), (3.0, 0.3), (4.0, 0.3)])
def test_correlation_is_the_attracting_fixed_point_of_the_definition(w: float, b: float) -> None:
    q = mean_field.length_fixed_point(w, b)
    c = 0.9
    for _ in range(400):  # at (2, 0.05) the distance falls by e every 25 steps
        c = (w * pair_spec(np.tanh, c, q) + b) / q
    assert mean_field.correlation_fixed_point(w, b) == pytest.approx(c, abs=2e-6)


@pytest.mark.parametrize("c", [-1.0, -0.4, 0.0, 0.3, 0.999, 1.0])
@pytest.mark.parametrize(("w", "b"), [(1.3, 0.05), (1.8, 0.2), (2.5, 0.3)])
def test_maps_equal_gauss_hermite_quadrature(w: float, b: float, c: float) -> None:
    q = mean_field.length_fixed_point(w, b)
    expected = (w * pair_spec(np.tanh, c, q) + b) / q
    assert mean_field.correlation_map(c, w, b) == pytest.approx(expected, abs=2e-7)
    assert mean_field.chi(w, b, c) == pytest.approx(w * pair_spec(sech2, c, q), abs=2e-6)


def test_just_below_the_line_the_depth_is_4900_layers_and_not_1454() -> None:
    assert mean_field.correlation_depth(1.76, 0.05) == pytest.approx(4911.7, abs=0.5)


def test_an_almost_critical_ordered_point_has_correlation_one_exactly() -> None:
    assert mean_field.correlation_fixed_point(2.5, 0.3) == 1.0  # iterations stop at 0.999969


@pytest.mark.parametrize("b", [0.01, 0.05, 0.3, 5.0])
def test_correlation_leaves_one_linearly_above_the_line(b: float) -> None:
    """Near the line 1 - c* = 2 (χ₁ - 1)/χ'(1), and χ'(1) = σ_w² q E tanh''² (Price)."""
    line = mean_field.critical_sigma_w2(b)
    assert mean_field.correlation_fixed_point(line * (1 - 1e-9), b) == 1.0
    w = line * (1 + 1e-6)
    q = mean_field.length_fixed_point(w, b)

    def integrand(z: float) -> float:
        x = math.sqrt(q) * z
        second = -2 * math.tanh(x) / math.cosh(x) ** 2
        return second**2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    curvature = w * q * 2 * quad(integrand, 0, 12, epsabs=1e-14)[0]
    expected = 2 * (mean_field.chi(w, b) - 1) / curvature
    assert 1 - mean_field.correlation_fixed_point(w, b) == pytest.approx(expected, rel=1e-3)


def test_critical_line_increases_and_starts_at_one() -> None:
    b = np.append(0, np.geomspace(1e-12, 1e6, 60))
    line = [mean_field.critical_sigma_w2(value) for value in b.tolist()]
    assert line[0] == 1.0
    assert np.all(np.diff(line) > 0)
    q = (3 * 1e-9 / 4) ** (1 / 3)  # sigma_b2 = 4 q^3 / 3 + ..., sigma_w2 = 1 + 2 q + ...
    assert line[1] == pytest.approx(1 + 2 * (3 * 1e-12 / 4) ** (1 / 3), abs=1e-6)
    assert mean_field.critical_sigma_w2(1e-9) == pytest.approx(1 + 2 * q, abs=1e-5)


@pytest.mark.parametrize("b", [1e-10, 1e-4, 0.7, 30.0, 1e5])
def test_critical_point_has_slope_one_and_infinite_depth_nearby(b: float) -> None:
    w = mean_field.critical_sigma_w2(b)
    assert mean_field.chi(w, b) == pytest.approx(1, abs=1e-12)
    assert mean_field.correlation_depth(w, b) > 1e9


def test_without_bias_the_positive_length_and_correlation_zero_are_meant() -> None:
    for w in (1.0001, 1.5, 4.0, 100.0):
        q = mean_field.length_fixed_point(w, 0)
        assert q > 0
        assert length_map_spec(q, w, 0) == pytest.approx(q, rel=1e-10)
        assert mean_field.correlation_fixed_point(w, 0) == 0.0
    # tanh(x)^2 = x^2 - 2/3 x^4 + ...: q* = (w - 1)/2 to first order
    assert mean_field.length_fixed_point(1 + 1e-7, 0) == pytest.approx(5e-8, rel=1e-5)


def test_without_bias_and_with_small_weights_signals_die() -> None:
    for w in (0, 0.5, 1, 1.0):
        assert mean_field.length_fixed_point(w, 0) == 0.0
        assert mean_field.correlation_fixed_point(w, 0) == 1.0
        assert abs(mean_field.chi(w, 0) - w) < 1e-14


def test_without_weights_only_the_bias_is_left() -> None:
    assert mean_field.length_fixed_point(0, 0.3) == 0.3
    assert mean_field.correlation_fixed_point(0, 0.3) == 1.0
    assert mean_field.correlation_depth(0, 0.3) == 0.0


def test_huge_weights_give_the_sign_network() -> None:
    """For q to infinity tanh is a sign: the correlation map becomes 2/π arcsin."""
    w, b = 1e8, 1e7
    q = mean_field.length_fixed_point(w, b)
    assert q == pytest.approx(w + b, rel=1e-3)
    c = mean_field.correlation_fixed_point(w, b)
    assert (w * 2 / math.pi * math.asin(c) + b) / (w + b) == pytest.approx(c, abs=1e-4)


def test_any_real_number_is_accepted() -> None:
    value = mean_field.length_fixed_point(2, 1)
    assert mean_field.length_fixed_point(np.float32(2), np.int64(1)) == value
    assert mean_field.length_fixed_point(Fraction(2), 1.0) == value
    assert type(mean_field.correlation_fixed_point(np.float64(2), np.float64(0.1))) is float
    assert type(mean_field.critical_sigma_w2(np.float64(0.1))) is float


@pytest.mark.parametrize("bad", [-1e-9, -1, math.nan, math.inf, -math.inf, np.float64("nan")])
def test_a_variance_that_is_none_is_refused(bad: float) -> None:
    for function in FUNCTIONS:
        with pytest.raises(ValueError, match="sigma_w2"):
            function(bad, 0.1)
        with pytest.raises(ValueError, match="sigma_b2"):
            function(1.5, bad)
    with pytest.raises(ValueError, match="sigma_b2"):
        mean_field.critical_sigma_w2(bad)
    with pytest.raises(ValueError, match="q must be"):
        mean_field.length_map(bad, 1, 1)


@pytest.mark.parametrize("bad", [True, "1", None, 1j, [1.0], np.ones(2)])
def test_a_variance_of_the_wrong_type_is_refused(bad: object) -> None:
    for function in FUNCTIONS:
        with pytest.raises(TypeError, match="sigma_w2"):
            function(bad, 0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="sigma_b2"):
        mean_field.critical_sigma_w2(bad)  # type: ignore[arg-type]


def test_a_correlation_beyond_one_is_refused() -> None:
    for bad in (1.0000001, -2, math.nan):
        with pytest.raises(ValueError, match="c must"):
            mean_field.correlation_map(bad, 2, 0.1)
        with pytest.raises(ValueError, match="c must"):
            mean_field.chi(2, 0.1, bad)
    with pytest.raises(ValueError, match="length 0"):
        mean_field.correlation_map(0.5, 1, 0)


def test_kernel_and_weights_change_with_the_exponents_of_the_reference() -> None:
    """Two-layer nets, 16 points, sin 3x, 300 steps at rate 1/λ_max: slopes, not constants."""
    path = Path(__file__).parent / "data/ntk_width.csv"
    reference = np.array(list(csv.reader(path.open()))[1:], dtype=float)
    measured = np.array([[lazy_run(n, seed) for seed in range(6)] for n in (64, 256, 1024)])
    for column, means in ((1, measured[..., 0].mean(1)), (3, measured[..., 1].mean(1))):
        slope = np.polyfit(np.log(reference[:, 0]), np.log(reference[:, column]), 1)[0]
        ours = np.polyfit(np.log([64, 256, 1024]), np.log(means), 1)[0]
        assert ours == pytest.approx(slope, abs=0.2), column


def lazy_run(n: int, seed: int) -> tuple[float, float]:
    """Relative change of the tangent kernel and movement of the weights, for width n."""
    rng = np.random.default_rng([n, seed])
    x = np.linspace(-1, 1, 16)
    X, y = np.stack([x, np.ones(16)], axis=1) / math.sqrt(2), np.sin(3 * x)
    W, a = rng.standard_normal((2, n)), rng.standard_normal(n)
    start, first = np.vstack([W, a]), tangent_kernel(W, a, X)
    rate = 1 / np.linalg.eigvalsh(first)[-1]
    for _ in range(300):
        h = np.tanh(X @ W)
        r = rate * (h @ a / math.sqrt(n) - y) / math.sqrt(n)
        W, a = W - X.T @ (r[:, None] * (1 - h**2)) * a, a - r @ h
    change = np.linalg.norm(tangent_kernel(W, a, X) - first) / np.linalg.norm(first)
    return change, float(np.linalg.norm(np.vstack([W, a]) - start) / np.linalg.norm(start))
