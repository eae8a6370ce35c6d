"""Week 4: mistakes that people really make."""

import itertools

import numpy as np

from course_utils.exercises import week04
from course_utils.maths.dynamics import LYAPUNOV, lorenz63_coefficients


def penalty_upside_down(X, y, beta, keep):
    return ((y - X @ beta) ** 2).sum() + keep / (1 - keep) * ((X**2).sum(0) * beta**2).sum()


def columns_not_weighed(X, y, beta, keep):  # right where the columns have norm 1
    return ((y - X @ beta) ** 2).sum() + (1 - keep) / keep * (beta**2).sum()


def drops_without_rescaling(X, y, beta, keep):
    masks = itertools.product((0, 1), repeat=len(beta))
    return sum(
        keep ** sum(m) * (1 - keep) ** (len(m) - sum(m)) * ((y - (X * m) @ beta) ** 2).sum()
        for m in map(np.array, masks)
    )


def plain_residuals(X, y, ridge):
    H = X @ np.linalg.solve(X.T @ X + ridge * np.eye(X.shape[1]), X.T)
    return y - H @ y


def mean_leverage(X, y, ridge):  # generalised cross-validation: right where all H_ii agree
    H = X @ np.linalg.solve(X.T @ X + ridge * np.eye(X.shape[1]), X.T)
    return (y - H @ y) / (1 - np.diag(H).mean())


def hat_matrix_without_ridge(X, y, ridge):
    H = X @ np.linalg.solve(X.T @ X, X.T)
    return (y - H @ y) / (1 - np.diag(H))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def one_bias(x, h, c, W_ih, W_hh, b_ih, b_hh):  # right where the second bias is zero
    return week04.lstm_step(x, h, c, W_ih, W_hh, b_ih, 0 * b_hh)


def gates_in_keras_order(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, o, g = np.split(W_ih @ x + b_ih + W_hh @ h + b_hh, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def cell_not_squashed(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = np.split(W_ih @ x + b_ih + W_hh @ h + b_hh, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * c, c


def hidden_state_only(*arguments):
    return week04.lstm_step(*arguments)[0]


def rounds_without_scaling(w, u, b):  # right where |u| is near 1
    return np.round(w).astype(int), np.sign(u).astype(int), np.round(b).astype(int)


def scales_w_too(w, u, b):
    whole = [np.round(w / np.abs(u)), np.sign(u), np.round(b / np.abs(u))]
    return tuple(part.astype(int) for part in whole)


def loses_the_sign(w, u, b):
    whole = [np.round(w), np.ones_like(u), np.round(b / np.abs(u))]
    return tuple(part.astype(int) for part in whole)


def scales_and_forgets_to_round(w, u, b):
    return w, np.sign(u), b / np.abs(u)


def boxes_of_sampled_states(W, w, b, a, c):
    """Boxes round the states of one long run: seen is not proved."""
    rng, h, parity = np.random.default_rng(0), np.zeros(len(b)), 0
    seen = {0: [h], 1: []}
    for _ in range(500):
        bit = int(rng.integers(2))
        h, parity = np.tanh(W @ h + w * (2 * bit - 1) + b), parity ^ bit
        seen[parity].append(h)
    return [(p, np.min(states, axis=0), np.max(states, axis=0)) for p, states in seen.items()]


def always_gives_up(W, w, b, a, c):
    return None


def never_looks_at_the_readout(W, w, b, a, c):
    return week04.boxes_with_pad(3e-3, W, w, b)


def transforms_corners_only(W, w, b, a, c):
    """The image of a corner taken for the corner of the image: false where W has both signs."""
    pad, boxes = 1e-2, [(0, np.zeros(len(b)), np.zeros(len(b)))]
    for parity, low, high in boxes:
        for bit in (0, 1):
            ends = [np.tanh(W @ end + w * (2 * bit - 1) + b) for end in (low, high)]
            new, lo, hi = parity ^ bit, np.minimum(*ends), np.maximum(*ends)
            if not any(p == new and (d <= lo).all() and (hi <= e).all() for p, d, e in boxes):
                boxes.append((new, lo - pad, hi + pad))
        if len(boxes) > 300:
            return None
    return boxes


def derivatives_not_coefficients(state, order):
    """Forgets to divide by k + 1."""
    c = np.zeros((order + 1, 3))
    c[0] = state
    for k in range(order):
        xz, xy = (c[: k + 1, 0] @ c[k::-1, j] for j in (2, 1))
        x, y, z = c[k]
        c[k + 1] = 10 * (y - x), 28 * x - y - xz, xy - 8 / 3 * z
    return c


def product_of_coefficients(state, order):  # right up to order 1
    c = np.zeros((order + 1, 3))
    c[0] = state
    for k in range(order):
        x, y, z = c[k]
        c[k + 1] = np.array([10 * (y - x), 28 * x - y - x * z, x * y - 8 / 3 * z]) / (k + 1)
    return c


def one_row_short(state, order):
    return lorenz63_coefficients(state, order)[:-1]


def normalised(forecast, truth, variance):
    with np.errstate(all="ignore"):
        return ((forecast - truth) ** 2 / variance).mean(axis=2)


def first(fails, dt, steps):
    return np.where(fails.any(0), fails.argmax(0), steps) * dt * LYAPUNOV


def nan_is_no_failure(forecast, truth, variance, dt):
    return first(normalised(forecast, truth, variance) > 0.09, dt, len(truth) - 1)


def threshold_on_the_root(forecast, truth, variance, dt):
    fails = ~(normalised(forecast, truth, variance) ** 0.5 <= 0.09)
    return first(fails, dt, len(truth) - 1)


def last_good_step(forecast, truth, variance, dt):
    good = normalised(forecast, truth, variance) <= 0.09
    return (good.sum(axis=0) - 1) * dt * LYAPUNOV


def in_time_units(forecast, truth, variance, dt):
    return week04.valid_time(forecast, truth, variance, dt) / LYAPUNOV


def arccosine(s, degree):  # right inside the cube, NaN outside
    T = [np.cos(n * np.arccos(np.clip(s, -1, 1))) for n in range(degree + 1)]
    powers = [p for p in itertools.product(range(degree + 1), repeat=3) if sum(p) <= degree]
    return np.stack([T[i][:, 0] * T[j][:, 1] * T[k][:, 2] for i, j, k in powers], axis=1)


def each_degree_bounded(s, degree):
    T = [np.polynomial.Chebyshev.basis(n)(s) for n in range(degree + 1)]
    powers = itertools.product(range(degree + 1), repeat=3)
    return np.stack([T[i][:, 0] * T[j][:, 1] * T[k][:, 2] for i, j, k in powers], axis=1)


def monomials(s, degree):  # the same up to degree 1
    powers = [p for p in itertools.product(range(degree + 1), repeat=3) if sum(p) <= degree]
    return np.stack([(s ** np.array(p)).prod(axis=1) for p in powers], axis=1)


WRONG = {
    "4.1": {
        "the penalty's factor upside down": penalty_upside_down,
        "columns not weighed": columns_not_weighed,
        "drops without rescaling": drops_without_rescaling,
    },
    "4.2": {
        "plain residuals": plain_residuals,
        "the mean leverage for each": mean_leverage,
        "hat matrix without ridge": hat_matrix_without_ridge,
    },
    "4.3": {
        "one bias only": one_bias,
        "gates in Keras' order": gates_in_keras_order,
        "cell not squashed": cell_not_squashed,
        "returns the hidden state only": hidden_state_only,
    },
    "4.5": {
        "rounds without scaling": rounds_without_scaling,
        "scales w too": scales_w_too,
        "loses the sign": loses_the_sign,
        "forgets to round": scales_and_forgets_to_round,
    },
    "4.4": {
        "boxes of sampled states": boxes_of_sampled_states,
        "always gives up": always_gives_up,
        "never looks at the readout": never_looks_at_the_readout,
        "transforms corners only": transforms_corners_only,
    },
    "4.7": {
        "derivatives, not coefficients": derivatives_not_coefficients,
        "product of coefficients": product_of_coefficients,
        "one row short": one_row_short,
    },
    "4.8": {
        "NaN is no failure": nan_is_no_failure,
        "threshold on the root": threshold_on_the_root,
        "counts good steps": last_good_step,
        "in time units": in_time_units,
    },
    "4.9": {
        "arccosine, clipped": arccosine,
        "each degree bounded": each_degree_bounded,
        "monomials": monomials,
    },
}


def refits_n_times(X, y, ridge):
    left_out = []
    for i in range(len(y)):
        A, target = np.delete(X, i, axis=0), np.delete(y, i)
        beta = np.linalg.solve(A.T @ A + ridge * np.eye(A.shape[1]), A.T @ target)
        left_out.append(y[i] - X[i] @ beta)
    return np.array(left_out)


WRONG["4.2"]["refits n times"] = refits_n_times
WRONG["4.5"]["rounds, and leaves floats"] = lambda w, u, b: (
    np.round(w),
    np.sign(u),
    np.round(b / np.abs(u)),
)


def sum_over_masks(X, y, beta, keep):
    total = 0.0
    for mask in itertools.product((0, 1), repeat=len(beta)):
        chance = keep ** sum(mask) * (1 - keep) ** (len(mask) - sum(mask))
        total += chance * ((y - (X * mask / keep) @ beta) ** 2).sum()
    return total


def by_downdating(X, y, ridge):
    """Each leave-one-out fit from the inverse of all rows, by Sherman and Morrison."""
    inverse = np.linalg.inv(X.T @ X + ridge * np.eye(X.shape[1]))
    beta, left_out = inverse @ X.T @ y, []
    for row, target in zip(X, y, strict=True):
        along = inverse @ row
        others = beta - along * (target - row @ beta) / (1 - row @ along)
        left_out.append(target - row @ others)
    return left_out


def lists_of_integers(w, u, b):
    units = [
        (round(x), 1 if y > 0 else -1, round(z / abs(y))) for x, y, z in zip(w, u, b, strict=True)
    ]
    return [[int(unit[i]) for unit in units] for i in range(3)]


ACCEPTED = {
    "4.1": {"a sum over the masks": sum_over_masks},
    "4.2": {"Sherman and Morrison, as a list": by_downdating},
    "4.5": {"lists of integers": lists_of_integers},
    "4.8": {"a list of floats": lambda *a: [float(t) for t in week04.valid_time(*a)]},
}
