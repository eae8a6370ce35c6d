"""Planted wrong answers of week 1: the mistakes that people make."""

import math
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercises import week01
from course_utils.maths.linear_models import minimum_norm, ridge_primal

Array = NDArray[np.float64]


def swapped(a: float, b: float) -> tuple[float, float]:
    return a, b


def depth_first_before_parents(root: Hashable, parents: Callable[..., Any]) -> list[Any]:
    order = [root]
    for parent in parents(root):
        order += [v for v in depth_first_before_parents(parent, parents) if v not in order]
    return order


def every_path(root: Hashable, parents: Callable[..., Any]) -> list[Any]:
    """Right on small graphs; on a graph with many paths it never ends."""
    order: list[Any] = []

    def visit(node: Hashable) -> None:
        for parent in parents(node):
            visit(parent)
        if node not in order:
            order.append(node)

    visit(root)
    return order


def in_order_of_numbers(root: int, parents: Callable[..., Any]) -> list[int]:
    """Trusts that nodes are numbered along the edges: true until the names are shuffled."""
    found, todo = set(), [root]
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += parents(node)
    return sorted(found)


def complex_step_rows(f: Callable[[NDArray], NDArray], x: Array) -> Array:
    return week01.complex_step_jacobian(f, x).T


def real_step(f: Callable[[NDArray], NDArray], x: Array) -> Array:
    h = 1e-6
    return np.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))], axis=1)


def ridge_without_penalty(X: Array, y: Array, lam: float) -> Array:
    return minimum_norm(X, y)


def ridge_subtracts(X: Array, y: Array, lam: float) -> Array:
    return X.T @ np.linalg.solve(X @ X.T - lam * np.eye(len(X)), y)


def ridge_on_features(X: Array, y: Array, lam: float) -> Array:
    """The primal form, which at tiny λ loses the digits."""
    return ridge_primal(X[:, :200], y, lam) if X.shape[1] > 200 else ridge_primal(X, y, lam)


def projects_start(X: Array, y: Array, start: Array) -> Array:
    """Keeps the start's component inside the row space instead of the one outside."""
    return minimum_norm(X, y) + np.linalg.pinv(X) @ (X @ start)


WRONG = {
    "1.1": {
        "the factor's own value": (swapped, week01.pow_rule, week01.tanh_rule),
        "the exponent stays": (week01.mul_rule, lambda a, k: k * a**k, week01.tanh_rule),
        "tanh without the square": (
            week01.mul_rule,
            week01.pow_rule,
            lambda a: 1 - math.tanh(a),
        ),
        "positive bases only": (
            week01.mul_rule,
            lambda a, k: k * abs(a) ** (k - 1),
            week01.tanh_rule,
        ),
    },
    "1.2": {
        "children first": depth_first_before_parents,
        "visits every path": every_path,
        "sorts by number": in_order_of_numbers,
        "forgets the root": lambda root, parents: week01.topological_order(root, parents)[:-1],
    },
    "1.3": {
        "one-sided": lambda f, x: (f(x + 1e-8) - f(x)) / 1e-8,
        "too small a step": lambda f, x: (f(x + 1e-11) - f(x - 1e-11)) / 2e-11,
        "absolute step": lambda f, x: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5,
        "forgets the two": lambda f, x: (f(x + 1e-5) - f(x - 1e-5)) / 1e-5,
    },
    "1.4": {
        "forgets the factor": lambda value, second: math.sqrt(2**-53 * abs(value) / abs(second)),
        "the central exponent": lambda value, second: (2**-53 * abs(value / second)) ** (1 / 3),
        "right for f = f'' only": lambda value, second: 2 * math.sqrt(2**-53),
    },
    "1.5": {
        "transposed": complex_step_rows,
        "real differences": real_step,
        "forgets to divide": lambda f, x: np.stack(
            [f(x + 1e-30j * e).imag for e in np.eye(len(x))], axis=1
        ),
    },
    "1.6": {
        "no penalty": ridge_without_penalty,
        "wrong sign": ridge_subtracts,
        "primal": ridge_on_features,
        "penalty divided by n": lambda X, y, lam: (
            X.T @ np.linalg.solve(X @ X.T + lam / len(X) * np.eye(len(X)), y)
        ),
    },
    "1.7": {
        "always the minimum norm": lambda X, y, start: minimum_norm(X, y),
        "adds the start": lambda X, y, start: start + minimum_norm(X, y),
        "projects on the wrong space": projects_start,
    },
    "1.8": {
        "the optimal ridge at γ = 1": lambda sigma2: sigma2,
        "right at 0.25 only": lambda sigma2: week01.smallest_ridge(0.25),
        "in units of λn": lambda sigma2: 100 * week01.smallest_ridge(sigma2),
    },
}


def power_divided_by_its_base(a, k):
    return k * a**k / a


def two_thousand_steps(X, y, start):
    beta, lr = start.copy(), 1 / np.linalg.norm(X, 2) ** 2
    for _ in range(2000):
        beta -= lr * X.T @ (X @ beta - y)
    return beta


WRONG["1.1"]["divides by a, which may be 0"] = (
    week01.mul_rule,
    power_divided_by_its_base,
    week01.tanh_rule,
)
WRONG["1.7"]["2,000 steps of descent"] = two_thousand_steps

ACCEPTED = {
    "1.7": {
        "by least squares": lambda X, y, start: (
            start + np.linalg.lstsq(X, y - X @ start, rcond=None)[0]
        ),
    },
}
