"""Exercises of week 3: what "correct" means, and the course's own answers."""

import math
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from course_utils.exercise import Exercise, as_array, as_float

Array = NDArray[np.float64]


def gauss(f: Callable[[Array], Array], nodes: int = 201) -> float:
    """E f(z) for a standard normal z, by Gauss-Hermite quadrature."""
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)  # (nodes,), for exp(-z^2/2)
    return float(weight @ f(z)) / math.sqrt(2 * math.pi)


def critical_point_erf(q: float) -> tuple[float, float]:
    """The point (sigma_w2, sigma_b2) of the critical line of erf where the length is q."""
    sigma_w2 = math.pi / 4 * math.sqrt(1 + 4 * q)
    return sigma_w2, q - sigma_w2 * 2 / math.pi * math.asin(2 * q / (1 + 2 * q))


def fitted_depth(curve: Array, limit: float, low: float, high: float) -> float:
    """-1 over the slope of ln|curve - limit| on the layers where it lies between the bounds."""
    distance = np.abs(np.asarray(curve) - limit)
    layers = np.flatnonzero((distance > low) & (distance < high))
    return float(-1 / np.polyfit(layers, np.log(distance[layers]), 1)[0])


def tangent_kernel(W: Array, a: Array, X: Array) -> Array:
    """Gram matrix (m, m) of the gradients of f(x) = a . tanh(x W) / sqrt(n); W (d, n), X (m, d)."""
    h = np.tanh(X @ W)  # (m, n)
    slope = (1 - h**2) * a
    return (h @ h.T + (slope @ slope.T) * (X @ X.T)) / len(a)


def stable_damping(h: float, w: float) -> float:
    """The least gamma for which |1 + h (i w - gamma)| = 1, for h w <= 1."""
    return h * w * w / (1 + math.sqrt(1 - (h * w) ** 2))


def adjoint_gradient(W: Array, x: Array, g: Array, h: float) -> Array:
    """Gradient (L, d, d) of g . x_L in the weights of x_{k+1} = x_k + h tanh(W_k x_k)."""
    states = [np.asarray(x, dtype=float)]
    for weight in W:
        states.append(states[-1] + h * np.tanh(weight @ states[-1]))
    gradient, adjoint = np.zeros(np.shape(W)), np.asarray(g, dtype=float)
    for k in reversed(range(len(W))):
        pulled = h * (1 - np.tanh(W[k] @ states[k]) ** 2) * adjoint  # (d,)
        gradient[k] = np.outer(pulled, states[k])
        adjoint = adjoint + W[k].T @ pulled
    return gradient


def stationary_covariance(H: Array, C: Array, eta: float) -> Array:
    """The S with S = A S A^T + eta^2 C for A = 1 - eta H."""
    top = float(np.linalg.eigvalsh(H)[-1])
    if not 0 < eta < 2 / top:
        raise ValueError(f"eta must satisfy 0 < eta < {2 / top:.4g}, got {eta}")
    A = np.eye(len(H)) - eta * np.asarray(H)
    return solve_discrete_lyapunov(A, eta**2 * np.asarray(C))


def second_order(H: Array, C: Array) -> Array:
    """The S2 in S = eta S1 + eta^2 S2 + ...: H S2 + S2 H = H S1 H, where H S1 + S1 H = C."""
    H = np.asarray(H)
    return solve_continuous_lyapunov(H, H @ solve_continuous_lyapunov(H, np.asarray(C)) @ H)


# 3.1 ---------------------------------------------------------------------------------------------


def _gauss_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    """Polynomials (lowest coefficient first) of degree < 2 nodes: the rule is exact for them."""
    for coefficients, nodes in [([1], 1), ([0, 1], 2), ([0, 0, 1], 2), ([0, 0, 0, 0, 1], 5)]:
        yield [coefficients, nodes]
    for _ in range(12):
        nodes = int(rng.integers(3, 12))
        yield [rng.integers(-3, 4, 2 * nodes).tolist(), nodes]
    for nodes in (2, 5, 8):  # one degree more: the rule with this number of nodes errs by nodes!
        yield [[0] * (2 * nodes) + [1], nodes]


def _gauss_probe(gauss: Callable[..., float], instance: list[Any]) -> float:
    coefficients, nodes = instance
    return gauss(lambda z: np.polynomial.polynomial.polyval(z, coefficients), nodes)


def _gauss_verify(instance: list[Any], answer: Any) -> None:
    """E z^k = (k-1)!! for even k, 0 for odd k; of z^(2 nodes) the rule misses the mean of He^2."""
    coefficients, nodes = instance
    what = f"E p(z) with {nodes} nodes, p = {_polynomial(coefficients)}"
    value = as_float(answer, what)
    moments = [math.prod(range(k - 1, 0, -2)) if k % 2 == 0 else 0 for k in range(2 * nodes)]
    moments.append(math.prod(range(2 * nodes - 1, 0, -2)) - math.factorial(nodes))
    expected = sum(c * m for c, m in zip(coefficients, moments, strict=False))
    scale = sum(abs(c) * m for c, m in zip(coefficients, moments, strict=False)) + 1
    assert abs(value - expected) <= 1e-9 * scale, f"{what}: {value:.8g}, expected {expected}"


def _polynomial(coefficients: list[int]) -> str:
    """
    >>> _polynomial([1, 0, -2, 1])
    '1 - 2z^2 + z^3'
    """
    terms = [f"{c}z^{k}" if k else f"{c}" for k, c in enumerate(coefficients) if c]
    return (" + ".join(terms or ["0"])).replace("+ -", "- ").replace(" 1z", " z")


# 3.2 ---------------------------------------------------------------------------------------------


def _erf_instances(rng: np.random.Generator) -> Iterator[float]:
    yield from (0.0, 1.0)
    yield from rng.uniform(0.05, 3, 20).tolist()


def _erf_probe(critical_point: Callable[[float], Any], q: float) -> Any:
    return critical_point(q)


def _erf_verify(q: float, answer: Any) -> None:
    """Slope one and length q, by a trapezoidal sum of 4001 terms."""
    what = f"critical_point_erf({q:.6g})"
    assert type(answer) in (tuple, list), f"{what} must be a pair (sigma_w2, sigma_b2)"
    assert len(answer) == 2, f"{what} returned {len(answer)} values, expected 2"
    w, b = (as_float(value, what) for value in answer)
    z = np.linspace(-10, 10, 4001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    slope = 2 / math.sqrt(math.pi) * np.exp(-q * z**2)
    chi = w * float(density @ slope**2)
    assert abs(chi - 1) < 1e-9, f"{what}: with sigma_w2 = {w:.6g} the slope chi_1 is {chi:.6g}"
    square = np.array([math.erf(math.sqrt(q) * t) ** 2 for t in z.tolist()])
    length = w * float(density @ square) + b
    assert abs(length - q) < 1e-9, f"{what}: the length {q:.6g} is mapped to {length:.6g}"


# 3.3 ---------------------------------------------------------------------------------------------


def _depth_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    """Geometric decay to a limit, from above or below, with noise in the window and beneath it."""
    yield [(2.0 ** -np.arange(12)).tolist(), 0.0, 1e-3, 2.0]
    for _ in range(12):
        depth, limit, layers = rng.uniform(3, 12), rng.uniform(0, 0.6), np.arange(120)
        decay = float(rng.choice([-1, 1])) * 0.8 * np.exp(-layers / depth)
        noise = np.where(np.abs(decay) < 0.01, rng.uniform(-0.005, 0.005, 120), 0)
        decay *= 1 + 0.05 * rng.uniform(-1, 1, 120)
        yield [(limit + decay + noise).tolist(), limit, 0.02, 0.3]


def _depth_probe(fitted_depth: Callable[..., float], instance: list[Any]) -> float:
    curve, limit, low, high = instance
    return fitted_depth(np.array(curve), limit, low, high)


def _depth_verify(instance: list[Any], answer: Any) -> None:
    """The slope of the best line is the covariance of layer and logarithm over the variance."""
    curve, limit, low, high = instance
    distance = np.abs(np.array(curve) - limit)
    layers = [k for k, d in enumerate(distance.tolist()) if low < d < high]
    centred = np.array(layers) - sum(layers) / len(layers)
    expected = -float(centred @ centred) / float(centred @ np.log(distance[layers]))
    value = as_float(answer, "fitted_depth")
    assert abs(value - expected) < 1e-6 * expected, (
        f"fitted_depth returned {value:.6g}; on the {len(layers)} layers from {layers[0]} to "
        f"{layers[-1]} whose distance to {limit:.3g} is in the window, the best line falls by 1 "
        f"every {expected:.6g} layers"
    )


# 3.4 ---------------------------------------------------------------------------------------------


def _kernel_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.zeros((1, 1)), np.array([2.0]), np.array([[3.0]])]
    yield [np.zeros((2, 3)), np.array([1.0, 0, 0]), np.array([[1.0, 2], [3, 4]])]
    for _ in range(8):
        d, n, m = rng.integers(1, 6, 3).tolist()
        yield [rng.standard_normal(shape) for shape in ((d, n), n, (m, d))]


def _kernel_probe(tangent_kernel: Callable[..., Array], instance: list[Any]) -> Any:
    return tangent_kernel(*instance)


def _kernel_verify(instance: list[Any], answer: Any) -> None:
    """Every partial derivative by a complex step, which has no rounding to speak of."""
    W, a, X = instance
    K = as_array(answer, (len(X), len(X)), "tangent_kernel(W, a, X)")
    theta = np.concatenate([W.ravel(), a])
    gradients = []
    for k in range(len(theta)):
        moved = theta.astype(complex)
        moved[k] += 1e-30j
        hidden = np.tanh(X @ moved[: W.size].reshape(W.shape))
        gradients.append((hidden @ moved[W.size :] / math.sqrt(len(a))).imag / 1e-30)
    J = np.array(gradients)  # (parameters, m)
    expected = J.T @ J
    i, j = np.unravel_index(np.argmax(np.abs(K - expected)), K.shape)
    assert np.allclose(K, expected, rtol=1e-9, atol=1e-12), (
        f"with {W.shape[0]} inputs and width {len(a)}, K[{i}, {j}] is {K[i, j]:.6g}, "
        f"the gradients' inner product is {expected[i, j]:.6g}"
    )


# 3.6 ---------------------------------------------------------------------------------------------


def _damping_instances(rng: np.random.Generator) -> Iterator[list[float]]:
    yield [0.5, 2.0]
    yield [0.1, 3.0]
    yield [1e-6, 1.0]
    for _ in range(20):
        h = float(rng.uniform(0.01, 1))
        yield [h, float(rng.uniform(0.05, 1)) / h]


def _damping_probe(stable_damping: Callable[..., float], instance: list[float]) -> float:
    return stable_damping(*instance)


def _damping_verify(instance: list[float], answer: Any) -> None:
    """On the unit circle, and not the far root gamma > 1/h, where every step overshoots."""
    h, w = instance
    gamma = as_float(answer, f"stable_damping({h:.6g}, {w:.6g})")
    growth = math.hypot(1 - h * gamma, h * w)
    found = f"gamma = {gamma:.8g} for h = {h:.6g}, w = {w:.6g}"
    assert abs(growth - 1) < 1e-12, f"{found}: |1 + h(iw - gamma)| = {growth:.12g}, expected 1"
    assert h * gamma <= 1 + 1e-12, f"{found} is the larger of two roots"
    with localcontext() as digits:
        digits.prec = 60
        exact = float((1 - (1 - (Decimal(h) * Decimal(w)) ** 2).sqrt()) / Decimal(h))
    assert abs(gamma - exact) <= 1e-7 * exact, (
        f"{found}: with 60 digits gamma is {exact:.8g}; does your formula subtract nearly equal "
        "numbers?"
    )


# 3.7 ---------------------------------------------------------------------------------------------


def _adjoint_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    """One layer, then several of random sizes; no step is so small that layers look alike."""
    yield [np.zeros((1, 1, 1)), np.array([2.0]), np.array([3.0]), 0.5]
    yield [np.array([[[0.0, 1], [-1, 0]]]), np.array([1.0, 0]), np.array([0.0, 1]), 1.0]
    for _ in range(8):
        layers, d = int(rng.integers(2, 6)), int(rng.integers(1, 4))
        W = rng.standard_normal((layers, d, d))
        yield [W, *rng.standard_normal((2, d)), float(rng.uniform(0.2, 1))]


def _adjoint_probe(adjoint_gradient: Callable[..., Array], instance: list[Any]) -> Any:
    return adjoint_gradient(*instance)


def _adjoint_verify(instance: list[Any], answer: Any) -> None:
    """Every partial derivative by a complex step through the forward pass alone."""
    W, x, g, h = instance
    gradient = as_array(answer, W.shape, "adjoint_gradient(W, x, g, h)")
    expected = np.zeros(W.shape)
    for index in np.ndindex(W.shape):
        moved = W.astype(complex)
        moved[index] += 1e-30j
        state = x.astype(complex)
        for weight in moved:
            state = state + h * np.tanh(weight @ state)
        expected[index] = (g @ state).imag / 1e-30
    k, i, j = np.unravel_index(np.argmax(np.abs(gradient - expected)), W.shape)
    assert np.allclose(gradient, expected, rtol=1e-9, atol=1e-12 * (1 + np.abs(expected).max())), (
        f"with {len(W)} layers of width {W.shape[1]} and h = {h:.3g}, the derivative in "
        f"W[{k}, {i}, {j}] is {expected[k, i, j]:.8g}, your gradient says {gradient[k, i, j]:.8g}"
    )


# 3.8 ---------------------------------------------------------------------------------------------


def _covariance_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([[1.0]]), np.array([[1.0]]), 1.0]
    yield [np.diag([1.0, 0.2]), np.diag([0.5, 0.3]), 0.5]
    yield [np.diag([1.0, 0.2]), np.diag([0.5, 0.3]), 2.5]
    for eta in (0.0, -0.5):
        yield [np.diag([1.0, 0.2]), np.diag([0.5, 0.3]), eta]
    for _ in range(10):
        d = int(rng.integers(2, 5))
        H, C = (M @ M.T for M in rng.standard_normal((2, d, d)))
        H = H / np.linalg.eigvalsh(H)[-1] + 0.1 * np.eye(d)
        yield [H, C, float(rng.choice([0.1, 0.7, 1.5, 2.2]))]


def _covariance_probe(stationary_covariance: Callable[..., Array], instance: list[Any]) -> Any:
    try:
        return stationary_covariance(*instance)
    except ValueError as error:
        return f"ValueError: {error}"


def _covariance_verify(instance: list[Any], answer: Any) -> None:
    """By substitution into the equation; a step that diverges must be refused."""
    H, C, eta = instance
    A = np.eye(len(H)) - eta * H
    radius = float(np.abs(np.linalg.eigvalsh(A)).max())
    refused = isinstance(answer, str) and answer.startswith("ValueError")
    if radius >= 1 or eta <= 0:
        assert refused, f"at eta = {eta} A has spectral radius {radius:.4g}: raise a ValueError"
        assert "eta" in answer, "the ValueError must name eta"
        return
    assert not refused, f"at eta = {eta} a stationary law exists, but got {answer}"
    S = as_array(answer, H.shape, f"the covariance at eta = {eta}")
    defect = float(np.abs(S - A @ S @ A.T - eta**2 * C).max())
    assert defect < 1e-9 * (1 + np.abs(S).max()), (
        f"for H = {np.round(H, 3).tolist()}, eta = {eta} the two sides of "
        f"S = A S A^T + eta^2 C differ by {defect:.3g}"
    )


# 3.9 ---------------------------------------------------------------------------------------------


def _second_order_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([[1.0]]), np.array([[1.0]])]
    yield [np.diag([1.0, 0.2]), np.diag([0.5, 0.3])]
    for _ in range(10):
        d = int(rng.integers(2, 5))
        H, C = (M @ M.T for M in rng.standard_normal((2, d, d)))
        yield [H / np.linalg.eigvalsh(H)[-1] + 0.1 * np.eye(d), C]


def _second_order_probe(second_order: Callable[..., Array], instance: list[Any]) -> Any:
    return second_order(*instance)


def _second_order_verify(instance: list[Any], answer: Any) -> None:
    """S/eta solves a linear system that depends on eta: differentiate it by a complex step."""
    H, C = instance
    identity, step = np.eye(len(H)), 1e-30j
    system = np.kron(H, identity) + np.kron(identity, H) - step * np.kron(H, H)
    expected = (np.linalg.solve(system, C.ravel().astype(complex)).imag / 1e-30).reshape(H.shape)
    S2 = as_array(answer, H.shape, "second_order(H, C)")
    i, j = np.unravel_index(np.argmax(np.abs(S2 - expected)), S2.shape)
    assert np.allclose(S2, expected, rtol=1e-8, atol=1e-10 * (1 + np.abs(expected).max())), (
        f"for H = {np.round(H, 3).tolist()} entry [{i}, {j}] is {S2[i, j]:.6g}, but "
        f"(S/eta - S1)/eta tends to {expected[i, j]:.6g}"
    )


GAUSS = Exercise("3.1", "Gaussian expectations", _gauss_instances, _gauss_probe, _gauss_verify)
ERF = Exercise("3.2", "The critical line of erf", _erf_instances, _erf_probe, _erf_verify)
DEPTH = Exercise("3.3", "The depth from a slope", _depth_instances, _depth_probe, _depth_verify)
KERNEL = Exercise(
    "3.4", "The tangent kernel by hand", _kernel_instances, _kernel_probe, _kernel_verify
)
DAMPING = Exercise("3.6", "The least damping", _damping_instances, _damping_probe, _damping_verify)
ADJOINT = Exercise(
    "3.7", "Backpropagation by the adjoint", _adjoint_instances, _adjoint_probe, _adjoint_verify
)
COVARIANCE = Exercise(
    "3.8",
    "The stationary covariance of SGD",
    _covariance_instances,
    _covariance_probe,
    _covariance_verify,
)
SECOND_ORDER = Exercise(
    "3.9",
    "Beyond the stochastic differential equation",
    _second_order_instances,
    _second_order_probe,
    _second_order_verify,
)
