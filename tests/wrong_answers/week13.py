"""Mistakes that people make in week 13."""

import numpy as np

from course_utils.exercises.week13 import loss_and_gradient, shift_matrix
from course_utils.maths.sequence_models import (
    hankel_rank,
    ho_kalman,
    impulse_response,
    unfolding_ranks,
)


def kernel_one_step_late(A, B, C, length):
    return np.concatenate([[0.0], impulse_response(A, B, C, length)])[:length]


def kernel_with_entrywise_powers(A, B, C, length):  # right for one unit
    with np.errstate(all="ignore"):
        return np.array([C @ A**s @ B for s in range(length)])


def kernel_of_the_transpose(A, B, C, length):
    return impulse_response(A.T, B, C, length)


def rank_without_tolerance(kernel):
    m = (len(kernel) + 1) // 2
    H = kernel[np.add.outer(np.arange(m), np.arange(m))]
    return int(np.sum(np.linalg.svd(H, compute_uv=False) > 0))


def rank_of_the_last_lag(kernel):  # right for delays only
    return int(np.flatnonzero(np.abs(kernel) > 1e-8)[-1]) + 1


def rank_of_a_delay_without_the_plus_one(kernel):
    rank = hankel_rank(kernel)
    return rank - 1 if np.count_nonzero(kernel) == 1 else rank


def realisation_without_the_shift(kernel, states):
    _, B, C = ho_kalman(kernel, states)
    return np.eye(states), B, C


def realisation_with_sigma_on_one_side_only(kernel, states):
    A, B, C = ho_kalman(kernel, states)
    return A, B / np.abs(B).max(), C


def realisation_of_one_exponential(kernel, states):  # right when one unit is enough
    A = np.zeros((states, states))
    A[0, 0] = kernel[1] / kernel[0] if kernel[0] else 0.0
    B = np.zeros(states)
    B[0] = kernel[0]
    return A, B, np.ones(states)


def gradient_with_the_wrong_sign_in_w(c, w, t, target, dt):
    loss, in_c, in_w = loss_and_gradient(c, w, t, target, dt)
    return loss, in_c, -in_w


def gradient_without_c_in_w(c, w, t, target, dt):
    loss, in_c, in_w = loss_and_gradient(c, w, t, target, dt)
    return loss, in_c, in_w / c


def gradient_without_dt(c, w, t, target, dt):
    return loss_and_gradient(c, w, t, target, 1.0)


def digits_highest_first(kernel):
    return unfolding_ranks(kernel)[::-1]


def digits_all_one(kernel):  # right for delays
    return [1] * (len(kernel).bit_length() - 2)


def digits_with_the_full_rank(kernel):
    K = len(kernel).bit_length() - 1
    return [min(2**k, 2 ** (K - k)) for k in range(1, K)]


def rotation_the_other_way(frequencies, delay):
    return shift_matrix(frequencies, -delay)


def rotation_with_interleaved_pairs(frequencies, delay):  # right for one frequency
    n = len(frequencies)
    order = np.arange(2 * n).reshape(2, n).T.reshape(-1)
    return shift_matrix(frequencies, delay)[np.ix_(order, order)]


WRONG = {
    "13.1": {
        "one step late": kernel_one_step_late,
        "powers of the entries": kernel_with_entrywise_powers,
        "the transposed matrix": kernel_of_the_transpose,
    },
    "13.2": {
        "counts rounding errors": rank_without_tolerance,
        "the last lag plus one": rank_of_the_last_lag,
        "k units for a delay by k": rank_of_a_delay_without_the_plus_one,
    },
    "13.4": {
        "A is the identity": realisation_without_the_shift,
        "B rescaled alone": realisation_with_sigma_on_one_side_only,
        "one exponential": realisation_of_one_exponential,
    },
    "13.5": {
        "the sign in w": gradient_with_the_wrong_sign_in_w,
        "forgets c in the derivative in w": gradient_without_c_in_w,
        "forgets dt": gradient_without_dt,
    },
    "13.6": {
        "highest digits first": digits_highest_first,
        "always one": digits_all_one,
        "the size, not the rank": digits_with_the_full_rank,
    },
    "13.7": {
        "rotates the other way": rotation_the_other_way,
        "cosines and sines in turn": rotation_with_interleaved_pairs,
    },
}


def realisation_in_another_basis(kernel, states):
    A, B, C = ho_kalman(kernel, states)
    S = np.eye(states) + np.triu(np.ones((states, states)), 1)
    return np.linalg.solve(S, A @ S), np.linalg.solve(S, B), C @ S


def gradient_as_lists(c, w, t, target, dt):
    loss, in_c, in_w = loss_and_gradient(c, w, t, target, dt)
    return loss, in_c.tolist(), in_w.tolist()


ACCEPTED = {
    "13.4": {"in another basis": realisation_in_another_basis},
    "13.5": {"gradients as lists": gradient_as_lists},
}
