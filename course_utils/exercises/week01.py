"""What "correct" means in week 1: chain rules, numerical derivatives, least squares."""

import cmath
import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int
from course_utils.maths.linear_models import ridge_risk_limit

Array = NDArray[np.float64]
ROUNDING = 2.0**-53


# 1.1 -------------------------------------------------------------------------------------------


def mul_rule(a: float, b: float) -> tuple[float, float]:
    """Return the partial derivatives of ab by a and by b."""
    return b, a


def pow_rule(a: float, k: float) -> float:
    """Return the derivative of a**k by a, the exponent k being constant."""
    return k * a ** (k - 1)


def tanh_rule(a: float) -> float:
    """Return the derivative of tanh at a."""
    return 1 - math.tanh(a) ** 2


def _rules_instances(rng: np.random.Generator) -> Iterator[tuple[float, float, int]]:
    yield 2.0, 3.0, 2
    yield 1.0, -1.0, 1
    yield -2.0, 0.5, -1
    yield 0.0, 2.0, 3
    yield 0.0, 2.0, 1
    for k in (3, -2, 0, 4):
        a, b = rng.uniform(0.3, 2.5, 2)
        yield float(a), float(-b), k
        yield float(-a), float(b), k


def _rules_probe(rules: tuple[Callable[..., Any], ...], instance: tuple) -> list[Any]:
    a, b, k = instance
    mul, power, tanh = rules
    return [mul(a, b), power(a, k), tanh(a)]


def _rules_verify(instance: tuple[float, float, int], answer: list[Any]) -> None:
    """The imaginary part of f(a + ih)/h is f'(a) to all digits: f is analytic here."""
    a, b, k = instance
    product = as_array(answer[0], (2,), f"mul_rule({a:g}, {b:g})")
    assert (product == [b, a]).all(), (
        f"mul_rule({a:g}, {b:g}) returned {_row(product)}, expected ({b:g}, {a:g}): "
        "the derivative by one factor is the other factor"
    )
    h = 1e-30
    for name, value, exact in (
        (f"pow_rule({a:g}, {k})", answer[1], (complex(a, h) ** k).imag / h),
        (f"tanh_rule({a:g})", answer[2], cmath.tanh(complex(a, h)).imag / h),
    ):
        value = as_float(value, name)
        close = abs(value - exact) <= 1e-11 * max(1.0, abs(exact))
        assert close, f"{name} returned {value:.6g}, the slope there is {exact:.6g}"


# 1.2 -------------------------------------------------------------------------------------------

Parents = Callable[[Any], Sequence[Hashable]]


def topological_order(root: Hashable, parents: Parents) -> list[Any]:
    """Return the root and all its ancestors, each once, every node after its parents."""
    order, seen = [], set()
    stack = [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents(node))
    return order


def _order_instances(rng: np.random.Generator) -> Iterator[list[list[int]]]:
    yield [[]]
    yield [[], [], [0, 1]]
    yield [[], [0], [0], [1, 2]]
    yield [[], [0], [0, 1], [2, 0, 0]]  # a node used twice by the same operation
    yield [[], [0], [], [1]]  # node 2 is no ancestor of the last one
    for size in (8, 15, 30):
        names = [*rng.permutation(size - 1).tolist(), size - 1]  # no node is numbered by its place
        graph: list[list[int]] = [[] for _ in range(size)]
        for i in range(1, size):
            chosen = rng.choice(i, size=min(i, 2), replace=False)
            graph[names[i]] = [names[j] for j in chosen]
        yield graph
    yield [[], [0, 0]] + [[i - 1, i - 2] for i in range(2, 90)]  # Fibonacci many paths


def _order_probe(order: Callable[..., Any], graph: list[list[int]]) -> Any:
    return list(order(len(graph) - 1, lambda node: graph[node]))


def _order_verify(graph: list[list[int]], answer: list[Any]) -> None:
    assert isinstance(answer, list), "topological_order returned no list"
    shown = f"on the graph with parents {graph}" if len(graph) < 9 else f"with {len(graph)} nodes"
    place = {as_int(v, f"topological_order {shown}"): i for i, v in enumerate(answer)}
    assert len(place) == len(answer), f"a node stands twice in {answer} {shown}"
    wanted, todo = set(), [len(graph) - 1]
    while todo:
        node = todo.pop()
        if node not in wanted:
            wanted.add(node)
            todo.extend(graph[node])
    missing, foreign = wanted - place.keys(), place.keys() - wanted
    assert not missing, f"node {min(missing)} is missing in {answer} {shown}"
    assert not foreign, f"node {min(foreign)} is no ancestor of the root {shown}"
    for node in answer:
        for parent in graph[node]:
            before = place[parent] < place[node]
            assert before, f"node {node} stands before its parent {parent} in {answer} {shown}"


# 1.3 -------------------------------------------------------------------------------------------

# name: (function, derivative); the probe and the verdict look them up by name
FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "x²": (lambda x: x * x, lambda x: 2 * x),
    "exp": (math.exp, math.exp),
    "sin": (math.sin, math.cos),
    "exp(sin x)": (
        lambda x: math.exp(math.sin(x)),
        lambda x: math.cos(x) * math.exp(math.sin(x)),
    ),
    "1/(1 + x²)": (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    "log": (math.log, lambda x: 1 / x),
    "sqrt": (math.sqrt, lambda x: 0.5 / math.sqrt(x)),
}


def central_difference(f: Callable[[float], float], x: float) -> float:
    """Return (f(x + ε) − f(x − ε))/2ε with ε = 1e-5, relative to x when x is large."""
    step = 1e-5 * max(1.0, abs(x))
    return (f(x + step) - f(x - step)) / (2 * step)


def _difference_instances(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    yield "x²", 3.0
    yield "sin", 0.0
    for name in ("exp", "exp(sin x)", "1/(1 + x²)", "sin") * 3:
        yield name, float(rng.uniform(-2, 2))
    yield "log", float(rng.uniform(1e3, 1e4))
    yield "sqrt", float(rng.uniform(1e7, 1e8))


def _difference_probe(difference: Callable[..., Any], instance: tuple[str, float]) -> Any:
    name, x = instance
    return difference(FUNCTIONS[name][0], x)


def _difference_verify(instance: tuple[str, float], answer: Any) -> None:
    name, x = instance
    value = as_float(answer, f"derivative({name}, {x:g})")
    exact = FUNCTIONS[name][1](x)
    error = abs(value - exact) / (max(abs(exact), 1.0) if abs(x) < 100 else abs(exact))
    why = "the step is lost in the rounding of x" if abs(x) > 100 else "a poor step, or one-sided"
    assert error < 1e-8, (
        f"derivative({name}, {x:.6g}) returned {value:.12g}, expected {exact:.12g}: "
        f"relative error {error:.1e} is above 1e-8 ({why})"
    )


# 1.4 -------------------------------------------------------------------------------------------


def forward_step(value: float, second: float) -> float:
    """Return the ε that minimises |f''| ε/2 + 2u|f|/ε, where u = 2**-53."""
    return 2 * math.sqrt(ROUNDING * abs(value) / abs(second))


def _step_instances(rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    yield 1.0, 1.0
    yield -1.0, 4.0
    for _ in range(6):
        value, second = 10.0 ** rng.uniform(-4, 4, 2) * rng.choice([-1.0, 1.0], 2)
        yield float(value), float(second)


def _step_probe(step: Callable[..., Any], instance: tuple[float, float]) -> Any:
    return step(*instance)


def _step_verify(instance: tuple[float, float], answer: Any) -> None:
    value, second = instance
    step = as_float(answer, f"forward_step({value:g}, {second:g})")
    finite = 0 < step < math.inf
    assert finite, f"forward_step({value:g}, {second:g}) returned {step:g}, expected a step > 0"

    def bound(e: float) -> float:
        return abs(second) * e / 2 + 2 * ROUNDING * abs(value) / e

    for factor in (0.97, 1.03):
        assert bound(step) <= bound(factor * step), (
            f"forward_step({value:g}, {second:g}) returned {step:.4g}, but the bound is "
            f"{bound(step):.4g} there and {bound(factor * step):.4g} at {factor * step:.4g}"
        )


# 1.5 -------------------------------------------------------------------------------------------


def complex_step_jacobian(f: Callable[[NDArray], NDArray], x: Array) -> Array:
    """Return the Jacobian of f at x, shape (m, n): column j is Im f(x + ihe_j)/h."""
    h = 1e-30
    return np.stack([f(x + 1j * h * e).imag / h for e in np.eye(len(x))], axis=1)


def _jacobian_instances(rng: np.random.Generator) -> Iterator[tuple[Array, Array, Array]]:
    yield np.eye(2), np.zeros((2, 2)), np.array([0.5, -1.0])
    for m, n in ((1, 3), (3, 1), (4, 3), (3, 5)):
        W, V = rng.normal(size=(2, m, n))
        yield W, V / n, rng.normal(size=n)
    yield np.array([[1.0, 2.0]]), np.zeros((1, 2)), np.array([3.0e3, -1.0e3])


def _jacobian_probe(jacobian: Callable[..., Any], instance: tuple[Array, Array, Array]) -> Any:
    W, V, x = instance
    return jacobian(lambda z: np.sin(W @ z) * np.exp(V @ z), x)


def _jacobian_verify(instance: tuple[Array, Array, Array], answer: Any) -> None:
    W, V, x = instance
    name = "jacobian of z ↦ sin(Wz) exp(Vz)"
    value = as_array(answer, W.shape, name)
    assert value.dtype.kind == "f", f"{name} has dtype {value.dtype}, expected real numbers"
    s, c, e = np.sin(W @ x)[:, None], np.cos(W @ x)[:, None], np.exp(V @ x)[:, None]
    exact = (c * W + s * V) * e
    error = np.abs(value - exact).max() / np.abs(exact).max()
    assert error < 1e-12, (
        f"{name}, W of shape {W.shape}: relative error {error:.1e}, a complex step leaves 1e-15"
    )


# 1.6 -------------------------------------------------------------------------------------------


def _ridge_instances(rng: np.random.Generator) -> Iterator[tuple[Array, Array, float]]:
    yield np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([1.0, 2.0]), 1.0
    for n, p, lam in ((3, 3, 0.5), (8, 3, 2.0), (4, 30, 1.0), (20, 60, 1e-12)):
        yield rng.normal(size=(n, p)), rng.normal(size=n), lam
    yield rng.normal(size=(10, 4000)), rng.normal(size=10), 0.1


def _ridge_probe(ridge: Callable[..., Any], instance: tuple[Array, Array, float]) -> Any:
    return ridge(*instance)


def _ridge_verify(instance: tuple[Array, Array, float], answer: Any) -> None:
    """β is the ridge vector iff λβ = Xᵀ(y − Xβ); at λ = 1e-12 it is the minimum-norm solution."""
    X, y, lam = instance
    name = f"ridge with X of shape {X.shape} and λ = {lam:g}"
    beta = as_array(answer, (X.shape[1],), name)
    if lam < 1e-9:
        exact = np.linalg.lstsq(X, y, rcond=None)[0]
        error = np.abs(beta - exact).max()
        assert error < 1e-9, (
            f"{name}: {error:.1e} away from the minimum-norm solution; solve the n by n system"
        )
    else:
        residual = np.abs(lam * beta - X.T @ (y - X @ beta)).max() / np.abs(X.T @ y).max()
        assert residual < 1e-10, f"{name}: λβ and Xᵀ(y − Xβ) differ by {residual:.1e} (relative)"


# 1.7 -------------------------------------------------------------------------------------------


def _limit_instances(rng: np.random.Generator) -> Iterator[tuple[Array, Array, Array]]:
    yield np.array([[1.0, 0.0]]), np.array([2.0]), np.array([0.0, 0.0])
    yield np.array([[1.0, 0.0]]), np.array([2.0]), np.array([0.0, 7.0])
    for n, p in ((2, 3), (5, 9), (10, 40)):
        yield rng.normal(size=(n, p)), rng.normal(size=n), rng.normal(size=p)
    slow = np.diag([1.0, 1e-3]) @ np.linalg.qr(rng.normal(size=(4, 2)))[0].T  # descent crawls
    yield slow, slow @ rng.normal(size=4), rng.normal(size=4)


def _limit_probe(limit: Callable[..., Any], instance: tuple[Array, Array, Array]) -> Any:
    return limit(*instance)


def _limit_verify(instance: tuple[Array, Array, Array], answer: Any) -> None:
    """The limit is the one solution whose distance from the start lies in the row space."""
    X, y, start = instance
    name = f"descent_limit with X of shape {X.shape} and start {_row(start)}"
    beta = as_array(answer, start.shape, name)
    gap = np.abs(X @ beta - y).max()
    assert gap < 1e-9, f"{name}: ‖Xβ − y‖ is {gap:.1e}, descent goes on until it is 0"
    kernel = np.linalg.svd(X)[2][len(X) :]  # orthogonal to every row
    moved = np.abs(kernel @ (beta - start)).max()
    assert moved < 1e-9, f"{name}: β − start has a component {moved:.2g} outside the row space"


# 1.8 -------------------------------------------------------------------------------------------


GAMMAS = np.geomspace(0.1, 5, 200)


def smallest_ridge(sigma2: float) -> float:
    """Return the smallest λ (to 1e-4, relative) with a risk that never falls on GAMMAS."""
    low, high = 1e-6, 10.0
    while high / low > 1 + 1e-4:
        middle = math.sqrt(low * high)
        if _rises(middle, sigma2):
            high = middle
        else:
            low = middle
    return high


def _rises(lam: float, sigma2: float) -> bool:
    risks = [ridge_risk_limit(gamma, lam, sigma2) for gamma in GAMMAS.tolist()]
    return bool(np.diff(risks).min() >= 0)


def _smallest_instances(rng: np.random.Generator) -> Iterator[float]:
    yield 0.25
    yield from rng.uniform(0.05, 0.5, 3).tolist()


def _smallest_probe(smallest: Callable[..., Any], sigma2: float) -> Any:
    return smallest(sigma2)


def _smallest_verify(sigma2: float, answer: Any) -> None:
    name = f"smallest_ridge({sigma2:.4g})"
    lam = as_float(answer, name)
    assert 0 < lam < 100, f"{name} returned {lam:g}, expected a λ between 0 and 100"
    assert _rises(1.01 * lam, sigma2), f"{name} returned {lam:.4g}: the risk still has a peak there"
    falls = not _rises(0.99 * lam, sigma2)
    assert falls, f"{name} returned {lam:.4g}: 1 % less has no peak either"


def _row(values: Array) -> str:
    shown = ", ".join(f"{v:.3g}" for v in values[:4])
    return f"({shown}{', …' if len(values) > 4 else ''})"


RULES = Exercise("1.1", "Three rules", _rules_instances, _rules_probe, _rules_verify)
ORDER = Exercise(
    "1.2", "Topological order", _order_instances, _order_probe, _order_verify, seconds=3
)
DIFFERENCE = Exercise(
    "1.3", "The central difference", _difference_instances, _difference_probe, _difference_verify
)
STEP = Exercise("1.4", "The best one-sided step", _step_instances, _step_probe, _step_verify)
JACOBIAN = Exercise(
    "1.5", "The complex-step Jacobian", _jacobian_instances, _jacobian_probe, _jacobian_verify
)
RIDGE = Exercise("1.6", "Ridge in the dual", _ridge_instances, _ridge_probe, _ridge_verify)
LIMIT = Exercise("1.7", "Where descent ends", _limit_instances, _limit_probe, _limit_verify)
SMALLEST = Exercise(
    "1.8", "The ridge that removes the peak", _smallest_instances, _smallest_probe, _smallest_verify
)
