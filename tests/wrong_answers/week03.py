"""Mistakes that people make in week 3."""

import math

import numpy as np
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from course_utils.exercises.week03 import critical_point_erf, gauss, tangent_kernel


def gauss_for_the_physicists_weight(f, nodes=201):
    z, weight = np.polynomial.hermite.hermgauss(nodes)
    return float(weight @ f(z)) / math.sqrt(math.pi)


def gauss_without_normalising(f, nodes=201):
    return gauss(f, nodes) * math.sqrt(2 * math.pi)


def gauss_with_five_nodes_always(f, nodes=201):  # small degrees do not see it
    return gauss(f, 5)


def erf_with_slope_one_over_root_pi(q):  # erf'(x) = 2/sqrt(pi) exp(-x^2)
    sigma_w2 = math.pi * math.sqrt(1 + 4 * q)
    return sigma_w2, q - sigma_w2 * 2 / math.pi * math.asin(2 * q / (1 + 2 * q))


def erf_with_the_slope_not_squared(q):
    sigma_w2 = math.pi / 4 * math.sqrt(1 + 2 * q)
    return sigma_w2, q - sigma_w2 * 2 / math.pi * math.asin(2 * q / (1 + 2 * q))


def erf_right_at_length_one_and_zero_only(q):
    return critical_point_erf(round(q))


def depth_without_the_absolute_value(curve, limit, low, high):
    distance = np.asarray(curve) - limit
    layers = np.flatnonzero((distance > low) & (distance < high))
    return float(-1 / np.polyfit(layers, np.log(distance[layers]), 1)[0])


def depth_from_the_whole_curve(curve, limit, low, high):  # right where there is no noise
    distance = np.abs(np.asarray(curve) - limit)
    return float(-1 / np.polyfit(np.arange(len(distance)), np.log(distance), 1)[0])


def depth_with_decimal_logarithms(curve, limit, low, high):
    distance = np.abs(np.asarray(curve) - limit)
    layers = np.flatnonzero((distance > low) & (distance < high))
    return float(-1 / np.polyfit(layers, np.log10(distance[layers]), 1)[0])


def kernel_of_the_last_layer_only(W, a, X):
    h = np.tanh(X @ W)
    return h @ h.T / len(a)


def kernel_without_the_inputs_inner_product(W, a, X):
    h = np.tanh(X @ W)
    slope = (1 - h**2) * a
    return (h @ h.T + slope @ slope.T) / len(a)


def kernel_without_the_factor_of_the_width(W, a, X):  # right at width 1
    return tangent_kernel(W, a, X) * len(a)


def damping_to_leading_order(h, w):
    return h * w * w / 2


def damping_at_the_larger_root(h, w):
    return (1 + math.sqrt(1 - (h * w) ** 2)) / h


def covariance_of_the_differential_equation(H, C, eta):
    if not 0 < eta < 2 / np.linalg.eigvalsh(H)[-1]:
        raise ValueError("eta is too large")
    return solve_continuous_lyapunov(H, eta * C)


def covariance_that_never_refuses(H, C, eta):
    A = np.eye(len(H)) - eta * H
    return solve_discrete_lyapunov(A, eta**2 * C)


def covariance_for_diagonal_hessians_only(H, C, eta):
    h = np.diag(H)
    if not 0 < eta < 2 / h.max():
        raise ValueError("eta is too large")
    return eta * C / (h[:, None] + h - eta * np.outer(h, h))


def second_order_for_diagonal_hessians_only(H, C):
    h = np.diag(H)
    return C * np.outer(h, h) / (h[:, None] + h) ** 2


def second_order_with_the_wrong_sign(H, C):
    return -solve_continuous_lyapunov(H, H @ solve_continuous_lyapunov(H, C) @ H)


def second_order_that_is_the_first(H, C):
    return solve_continuous_lyapunov(H, C)


WRONG = {
    "3.1": {
        "weight exp(-z^2)": gauss_for_the_physicists_weight,
        "weights not normalised": gauss_without_normalising,
        "ignores the number of nodes": gauss_with_five_nodes_always,
    },
    "3.2": {
        "forgets the 2 in erf'": erf_with_slope_one_over_root_pi,
        "does not square the slope": erf_with_the_slope_not_squared,
        "right at the visible lengths only": erf_right_at_length_one_and_zero_only,
    },
    "3.3": {
        "forgets the absolute value": depth_without_the_absolute_value,
        "fits the noise too": depth_from_the_whole_curve,
        "decimal logarithms": depth_with_decimal_logarithms,
    },
    "3.4": {
        "last layer only": kernel_of_the_last_layer_only,
        "forgets the inner product of the inputs": kernel_without_the_inputs_inner_product,
        "forgets 1/n": kernel_without_the_factor_of_the_width,
    },
    "3.6": {
        "leading order": damping_to_leading_order,
        "larger root": damping_at_the_larger_root,
    },
    "3.8": {
        "the differential equation's": covariance_of_the_differential_equation,
        "accepts steps that diverge": covariance_that_never_refuses,
        "diagonal H only": covariance_for_diagonal_hessians_only,
    },
    "3.9": {
        "diagonal H only": second_order_for_diagonal_hessians_only,
        "wrong sign": second_order_with_the_wrong_sign,
        "the first order": second_order_that_is_the_first,
    },
}


def _adjoint(W, x, g, h, *, transpose=True, slope=True, late=False):
    states = [np.asarray(x)]
    for weight in W:
        states.append(states[-1] + h * np.tanh(weight @ states[-1]))
    gradient, adjoint = np.zeros(np.shape(W)), np.asarray(g)
    for k in reversed(range(len(W))):
        pulled = h * adjoint * ((1 - np.tanh(W[k] @ states[k]) ** 2) if slope else 1)
        gradient[k] = np.outer(pulled, states[k + 1] if late else states[k])
        adjoint = adjoint + (W[k].T if transpose else W[k]) @ pulled
    return gradient


def adjoint_with_the_matrix_not_transposed(W, x, g, h):  # right for one layer, and in dimension 1
    return _adjoint(W, x, g, h, transpose=False)


def adjoint_without_the_slope(W, x, g, h):
    return _adjoint(W, x, g, h, slope=False)


def adjoint_with_the_state_after_the_layer(W, x, g, h):
    return _adjoint(W, x, g, h, late=True)


def adjoint_by_difference_quotients(W, x, g, h):
    def loss(weights):
        state = np.asarray(x)
        for weight in weights:
            state = state + h * np.tanh(weight @ state)
        return g @ state

    gradient = np.zeros(np.shape(W))
    for index in np.ndindex(gradient.shape):
        step = np.zeros_like(gradient)
        step[index] = 1e-6
        gradient[index] = (loss(W + step) - loss(W)) / 1e-6
    return gradient


WRONG["3.7"] = {
    "not transposed": adjoint_with_the_matrix_not_transposed,
    "forgets the slope of tanh": adjoint_without_the_slope,
    "the state after the layer": adjoint_with_the_state_after_the_layer,
    "difference quotients": adjoint_by_difference_quotients,
}


def trapezoid_whatever_the_nodes(f, nodes):
    z = np.linspace(-12, 12, 4001)
    return float(np.exp(-(z**2) / 2) @ f(z)) / np.sqrt(2 * np.pi) * (z[1] - z[0])


def slope_of_two_neighbours(curve, limit, low, high):
    distance = np.abs(np.asarray(curve) - limit)
    first = np.flatnonzero((distance > low) & (distance < high))[0]
    return float(1 / np.log(distance[first] / distance[first + 1]))


def cancelling_damping(h, w):
    return (1 - np.sqrt(1 - (h * w) ** 2)) / h


def covariance_at_any_rate_below(H, C, eta):
    if eta >= 2 / np.linalg.eigvalsh(H)[-1]:
        raise ValueError("eta is too large")
    A = np.eye(len(H)) - eta * H
    vec = np.linalg.lstsq(np.eye(H.size) - np.kron(A, A), (eta**2 * C).ravel(), rcond=None)[0]
    return vec.reshape(H.shape)


WRONG["3.1"]["a trapezoid, whatever the nodes"] = trapezoid_whatever_the_nodes
WRONG["3.3"]["the slope of two neighbours"] = slope_of_two_neighbours
WRONG["3.6"]["subtracts nearly equal numbers"] = cancelling_damping
WRONG["3.8"]["takes any eta below the bound"] = covariance_at_any_rate_below


def adjoint_by_autograd_free_jacobians(W, x, g, h):
    """Products of Jacobians, forward, as lists of lists."""
    W, state, L = np.asarray(W), np.asarray(x), len(W)
    d, sensitivity = len(state), np.zeros((len(state), 0))
    for weight in W:
        slope = 1 - np.tanh(weight @ state) ** 2
        own = h * np.einsum("ab,c->abc", np.diag(slope), state).reshape(d, d * d)
        moved = (np.eye(d) + h * slope[:, None] * weight) @ sensitivity
        state, sensitivity = state + h * np.tanh(weight @ state), np.hstack([moved, own])
    return (np.asarray(g) @ sensitivity).reshape(L, d, d)


ACCEPTED = {
    "3.7": {"forward sensitivities": adjoint_by_autograd_free_jacobians},
    "3.2": {
        "with numpy": lambda q: (
            np.pi / 4 * np.sqrt(1 + 4 * q),
            q - np.sqrt(1 + 4 * q) / 2 * np.arcsin(2 * q / (1 + 2 * q)),
        ),
    },
}
