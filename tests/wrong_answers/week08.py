"""Mistakes that people make in week 8."""

import numpy as np
from scipy import sparse

from course_utils.exercises.week08 import (
    neighbour_weights,
    p_harmonic,
    path_extension,
)
from course_utils.maths.graph_learning import laplace_learning, poisson_learning


def weights_with_the_point_itself_counted(indices, distances):
    closer = np.concatenate([np.zeros((len(indices), 1)), distances[:, :-1]], axis=1)
    itself = np.arange(len(indices))[:, None]
    chosen = np.concatenate([itself, indices[:, :-1]], axis=1)
    if indices.shape[1] == 1:
        return np.eye(len(indices))
    return neighbour_weights(chosen, closer) * (1 - np.eye(len(indices)))


def weights_without_symmetry(indices, distances):
    W = np.zeros((len(indices), len(indices)))
    np.put_along_axis(W, indices, np.exp(-4 * (distances / distances[:, -1:]) ** 2), axis=1)
    return W


def weights_with_the_larger_of_both(indices, distances):  # agrees when neighbours are mutual
    W = weights_without_symmetry(indices, distances)
    return np.maximum(W, W.T)


def weights_with_one_radius_for_all(indices, distances):
    W = np.zeros((len(indices), len(indices)))
    np.put_along_axis(W, indices, np.exp(-4 * (distances / distances[:, -1].mean()) ** 2), axis=1)
    return (W + W.T) / 2


def path_with_equal_steps(weights, left, right):  # right where all weights agree
    return np.linspace(left, right, len(weights) + 1)


def path_with_weights_as_resistances(weights, left, right):
    return path_extension(1 / np.asarray(weights), left, right)


def path_of_the_mean_with_spikes_at_the_ends(weights, left, right):
    u = np.full(len(weights) + 1, (left + right) / 2)
    u[0], u[-1] = left, right
    return u


def poisson_without_the_mean(W, labelled, labels):  # right when all classes are equally many
    degree = W @ np.ones(W.shape[0])
    charges = np.zeros((W.shape[0], max(labels) + 1))
    charges[labelled] = np.eye(max(labels) + 1)[labels] - 1 / (max(labels) + 1)
    L = np.diag(degree) - W.toarray()
    u = np.linalg.lstsq(L, charges, rcond=None)[0]
    return u - degree @ u / degree.sum()


def poisson_with_an_unweighted_mean(W, labelled, labels):
    u = poisson_learning(W, labelled, labels)
    return u - u.mean(axis=0)


def poisson_that_is_laplace(W, labelled, labels):
    u = laplace_learning(W, labelled, labels)
    degree = W @ np.ones(W.shape[0])
    return u - degree @ u / degree.sum()


def poisson_with_five_steps(W, labelled, labels):  # enough for the smallest graphs
    degree = W @ np.ones(W.shape[0])
    onehot = np.eye(max(labels) + 1)[labels]
    charges = np.zeros((W.shape[0], onehot.shape[1]))
    charges[labelled] = onehot - onehot.mean(axis=0)
    u = np.zeros_like(charges)
    for _ in range(5):
        u = (W @ u + charges) / degree[:, None]
    return u - degree @ u / degree.sum()


def wnll_on_one_side(W, labelled):
    a = np.ones(W.shape[0])
    a[labelled] = W.shape[0] / len(labelled)
    return 2 * sparse.diags_array(a) @ W


def wnll_with_the_factor_upside_down(W, labelled):
    a = np.ones(W.shape[0])
    a[labelled] = len(labelled) / W.shape[0]
    A = sparse.diags_array(a)
    return A @ W + W @ A


def wnll_that_multiplies_both_ends(W, labelled):  # right but for a factor away from the labels
    a = np.ones(W.shape[0])
    a[labelled] = W.shape[0] / len(labelled)
    A = sparse.diags_array(a)
    return 2 * A @ W @ A


def resistance_of_the_edge_alone(W):
    with np.errstate(divide="ignore"):
        R = 1 / W
    return np.where(np.eye(len(W)) > 0, 0, np.minimum(R, 1e6))


def resistance_of_the_degrees(W):
    degree = W.sum(axis=0)
    return (1 / degree[:, None] + 1 / degree) * (1 - np.eye(len(W)))


def resistance_along_shortest_paths(W):  # right on trees
    with np.errstate(divide="ignore"):
        lengths = np.where(W > 0, 1 / W, 0)
    return sparse.csgraph.shortest_path(sparse.csr_array(lengths), directed=False)


def p_harmonic_with_p_two(W, labelled, values, p):
    return p_harmonic(W, labelled, values, 2.0)


def p_harmonic_with_the_power_p_minus_one(W, labelled, values, p):
    return p_harmonic(W, labelled, values, p + 1 if p > 2 else p)


def p_harmonic_with_full_steps(W, labelled, values, p):  # converges for p < 3 only
    free = np.ones(W.shape[0], bool)
    free[labelled] = False
    u = p_harmonic(W, labelled, values, 2.0)
    for _ in range(30):
        gap = np.abs(u[:, None] - u) + 1e-5
        A = W.toarray() * gap ** (p - 2)
        L = np.diag(A.sum(axis=1)) - A
        u[free] = np.linalg.solve(L[np.ix_(free, free)], -(L @ np.where(free, 0, u))[free])
    return u


WRONG = {
    "8.1": {
        "counts the point itself": weights_with_the_point_itself_counted,
        "forgets to symmetrise": weights_without_symmetry,
        "takes the larger of both weights": weights_with_the_larger_of_both,
        "one radius for all points": weights_with_one_radius_for_all,
    },
    "8.2": {
        "equal steps whatever the weights": path_with_equal_steps,
        "takes weights for resistances": path_with_weights_as_resistances,
        "the mean, with spikes": path_of_the_mean_with_spikes_at_the_ends,
    },
    "8.3": {
        "subtracts 1/K instead of the mean label": poisson_without_the_mean,
        "centres without the degrees": poisson_with_an_unweighted_mean,
        "solves Laplace's problem": poisson_that_is_laplace,
        "stops after five steps": poisson_with_five_steps,
    },
    "8.4": {
        "weighs one end only": wnll_on_one_side,
        "m/n for n/m": wnll_with_the_factor_upside_down,
        "multiplies at both ends": wnll_that_multiplies_both_ends,
    },
    "8.5": {
        "p = 2 whatever p": p_harmonic_with_p_two,
        "weights to the power p - 1": p_harmonic_with_the_power_p_minus_one,
        "full steps, which oscillate": p_harmonic_with_full_steps,
    },
    "8.7": {
        "knows the edge alone": resistance_of_the_edge_alone,
        "takes the limit for the truth": resistance_of_the_degrees,
        "shortest path, right on trees": resistance_along_shortest_paths,
    },
}


def poisson_by_the_pseudoinverse(W, labelled, labels):
    dense = W.toarray() if sparse.issparse(W) else np.asarray(W)
    d = dense.sum(1)
    onehot = np.eye(max(labels) + 1)[labels]
    source = np.zeros((len(d), onehot.shape[1]))
    source[labelled] = onehot - onehot.mean(0)
    u = np.linalg.pinv(np.diag(d) - dense) @ source
    return u - d @ u / d.sum()


ACCEPTED = {"8.3": {"by the pseudoinverse": poisson_by_the_pseudoinverse}}
