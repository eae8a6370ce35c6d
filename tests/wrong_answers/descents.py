"""Wrong answers to the companion *Descents*: the mistakes that people make."""

import numpy as np

from course_utils.exercises import descents


def _sides_exchanged(W):
    right, left = descents.descents(W)
    return left, right


def _reads_backwards(W):
    backwards = W[:, ::-1]
    return W[:, :-1] > W[:, 1:], backwards[:, :-1] > backwards[:, 1:]


def _ascents(W):
    right, left = descents.descents(W)
    return ~right, ~left


def _right_up_to_nine(W):
    right, left = descents.descents(W)
    return right, left if W.shape[1] <= 9 else right


def _right_weights(n):
    return descents.left_weights(n).transpose(0, 2, 1)


def _wrong_sign(n):
    return -descents.left_weights(n)


def _one_value_late(n):
    C = descents.left_weights(n)
    return np.roll(C, 1, axis=2)


def _place_without_weight(n):
    return np.sign(descents.left_weights(n))


WRONG = {
    "descents.1": {
        "exchanges the sides": _sides_exchanged,
        "reads backwards instead of inverting": _reads_backwards,
        "counts ascents": _ascents,
        "right up to n = 9": _right_up_to_nine,
    },
    "descents.2": {
        "finds right descents": _right_weights,
        "has the wrong sign": _wrong_sign,
        "is one value late": _one_value_late,
        "does not weigh the places": _place_without_weight,
    },
}
