"""Mistakes that people make in week 12, and right answers of unusual form."""

from fractions import Fraction

import numpy as np
import torch

from course_utils.exercises.week12 import (
    convolution_matrix,
    fold,
    gradient_tube,
    group_norm,
    integrated_gradients,
    kept_share,
    pullback,
    smallest_explanation,
)


def matrix_of_the_reflected_kernel(kernel, n):
    return convolution_matrix(np.asarray(kernel)[::-1, ::-1], n)


def matrix_on_the_torus(kernel, n):  # pixels that leave on one side come back on the other
    k, r = len(kernel), len(kernel) // 2
    T = np.zeros((n * n, n * n))
    for i, j, a, b in np.ndindex(n, n, k, k):
        T[n * i + j, n * ((i + a - r) % n) + (j + b - r) % n] += kernel[a, b]
    return T


def matrix_that_runs_over_row_ends(kernel, n):  # a band of the flattened image
    r = len(kernel) // 2
    return sum(
        kernel[r + a, r + b] * np.eye(n * n, k=n * a + b)
        for a in range(-r, r + 1)
        for b in range(-r, r + 1)
    )


def matrix_by_torch(kernel, n):
    pixels = torch.eye(n * n, dtype=torch.float64).reshape(n * n, 1, n, n)
    weight = torch.tensor(np.asarray(kernel))[None, None]
    columns = torch.nn.functional.conv2d(pixels, weight, padding=len(kernel) // 2)
    return columns.reshape(n * n, n * n).T.numpy()


def field_without_strides(layers):
    return 1 + sum(size - 1 for size, _ in layers)


def field_with_the_stride_of_its_own_layer(layers):  # right for two layers of stride 1
    side, step = 1, 1
    for size, stride in layers:
        step *= stride
        side += (size - 1) * step
    return side


def field_backwards(layers):
    side = 1
    for size, stride in reversed(layers):
        side = (side - 1) * stride + size
    return np.int64(side)


def norm_with_bessels_correction(z, groups, eps=1e-5):
    rows = z.reshape(len(z), groups, -1)
    var = rows.var(2, ddof=min(1, rows.shape[2] - 1), keepdims=True)
    return ((rows - rows.mean(2, keepdims=True)) / np.sqrt(var + eps)).reshape(z.shape)


def norm_over_the_batch(z, groups, eps=1e-5):  # right for one sample with one channel per group
    mean, var = z.mean((0, 2, 3), keepdims=True), z.var((0, 2, 3), keepdims=True)
    with np.errstate(invalid="ignore"):
        return (z - mean) / np.sqrt(var + eps)


def norm_with_eps_outside_the_root(z, groups, eps=1e-5):
    rows = z.reshape(len(z), groups, -1)
    sd = rows.std(2, keepdims=True)
    return ((rows - rows.mean(2, keepdims=True)) / (sd + eps)).reshape(z.shape)


def norm_of_interleaved_groups(z, groups, eps=1e-5):  # channels c, c + groups, … together
    turned = z.reshape(len(z), -1, groups, *z.shape[2:]).swapaxes(1, 2)
    back = group_norm(turned.reshape(z.shape), groups, eps)
    return back.reshape(turned.shape).swapaxes(1, 2).reshape(z.shape)


def norm_by_torch(z, groups, eps=1e-5):
    return torch.nn.functional.group_norm(torch.tensor(z), groups, eps=eps)


def fold_without_eps(weight, gamma, beta, mean, var, eps):
    return fold(weight, gamma, beta, mean, var, 0.0)


def fold_with_an_unscaled_mean(weight, gamma, beta, mean, var, eps):
    return fold(weight, gamma, beta, mean, var, eps)[0], beta - mean


def fold_along_the_input_channels(weight, gamma, beta, mean, var, eps):  # right when o = i = 1
    W, b = fold(weight, gamma, beta, mean, var, eps)
    if weight.shape[0] == weight.shape[1]:
        W = weight * (gamma / np.sqrt(var + eps))[None, :, None, None]
    else:
        W = weight
    return W, b


def fold_as_a_list(weight, gamma, beta, mean, var, eps):
    W, b = fold(weight, gamma, beta, mean, var, eps)
    return [W.tolist(), b.tolist()]


def pullback_that_only_divides(z, g):
    return g / z.std()


def pullback_without_the_variance(z, g):  # takes s for a constant
    return (g - g.mean()) / z.std()


def pullback_with_bessels_correction(z, g):
    return pullback(z, g) * np.sqrt((len(z) - 1) / len(z))


def pullback_without_the_mean(z, g):
    unit = (z - z.mean()) / z.std()
    return (g - unit * (unit * g).mean()) / z.std()


def pullback_by_autograd(z, g):
    t = torch.tensor(z, requires_grad=True)
    (torch.tensor(g) * (t - t.mean()) / t.std(correction=0)).sum().backward()
    return t.grad


def tube_upwards(loss, gradient, x, etas):
    g = gradient(x)
    losses = [loss(x + eta * g) for eta in etas]
    return min(losses), max(losses), gradient_tube(loss, gradient, x, etas)[2]


def tube_not_divided_by_the_length(loss, gradient, x, etas):
    low, high, _ = gradient_tube(loss, gradient, x, etas)
    g = gradient(x)
    return low, high, max(np.linalg.norm(gradient(x - eta * g) - g) for eta in etas)


def tube_at_the_ends_only(loss, gradient, x, etas):  # right when the loss is monotone
    return gradient_tube(loss, gradient, x, [etas[-1]])


def tube_in_numpy(loss, gradient, x, etas):
    return tuple(np.float64(value) for value in gradient_tube(loss, gradient, x, etas))


def attribution_at_left_ends(gradient, x, baseline, steps):
    total = sum(gradient(baseline + k / steps * (x - baseline)) for k in range(steps))
    return (x - baseline) * total / steps


def attribution_at_the_image(gradient, x, baseline, steps):
    return (x - baseline) * gradient(x)


def attribution_without_the_difference(gradient, x, baseline, steps):
    times = (np.arange(steps) + 0.5) / steps
    return sum(gradient(baseline + t * (x - baseline)) for t in times) / steps


def attribution_as_a_tensor(gradient, x, baseline, steps):
    return torch.as_tensor(integrated_gradients(gradient, x, baseline, steps))


def explanation_by_greed(phi, x, share):  # adds the pixel that helps most; misses parities
    pixels = []
    while kept_share(phi, x, pixels) < share:
        rest = [i for i in range(9) if i not in pixels]
        pixels.append(max(rest, key=lambda i: kept_share(phi, x, [*pixels, i])))
    return pixels


def explanation_with_everything(phi, x, share):
    return list(range(9))


def explanation_for_certainty(phi, x, share):  # right when the share is 1
    return smallest_explanation(phi, x, Fraction(1))


def explanation_as_a_set_of_numpy_integers(phi, x, share):
    return {np.int64(i) for i in smallest_explanation(phi, x, share)}


def another_explanation(phi, x, share):  # the last of the smallest sets instead of the first
    from itertools import combinations

    size = len(smallest_explanation(phi, x, share))
    return [s for s in combinations(range(9), size) if kept_share(phi, x, s) >= share][-1]


WRONG = {
    "12.1": {
        "reflects the kernel": matrix_of_the_reflected_kernel,
        "closes the image to a torus": matrix_on_the_torus,
        "runs over the ends of rows": matrix_that_runs_over_row_ends,
    },
    "12.2": {
        "forgets the strides": field_without_strides,
        "a layer's own stride too": field_with_the_stride_of_its_own_layer,
    },
    "12.4": {
        "Bessel's correction": norm_with_bessels_correction,
        "normalises over the batch": norm_over_the_batch,
        "eps outside of the root": norm_with_eps_outside_the_root,
        "groups of every g-th channel": norm_of_interleaved_groups,
    },
    "12.5": {
        "forgets eps": fold_without_eps,
        "does not scale the mean": fold_with_an_unscaled_mean,
        "scales the input channels": fold_along_the_input_channels,
    },
    "12.6": {
        "only divides": pullback_that_only_divides,
        "takes s for a constant": pullback_without_the_variance,
        "forgets the mean": pullback_without_the_mean,
        "Bessel's correction": pullback_with_bessels_correction,
    },
    "12.7": {
        "goes up the gradient": tube_upwards,
        "does not divide by the length": tube_not_divided_by_the_length,
        "looks at the longest step only": tube_at_the_ends_only,
    },
    "12.8": {
        "left ends for midpoints": attribution_at_left_ends,
        "gradient at the image only": attribution_at_the_image,
        "forgets the difference": attribution_without_the_difference,
    },
    "12.9": {
        "greedy": explanation_by_greed,
        "all pixels": explanation_with_everything,
        "certainty whatever the share": explanation_for_certainty,
    },
}

ACCEPTED = {
    "12.1": {"by torch on unit images": matrix_by_torch},
    "12.2": {"backwards, a numpy integer": field_backwards},
    "12.4": {"a tensor": norm_by_torch},
    "12.5": {"nested lists": fold_as_a_list},
    "12.6": {"autograd": pullback_by_autograd},
    "12.7": {"numpy floats": tube_in_numpy},
    "12.8": {"a tensor": attribution_as_a_tensor},
    "12.9": {
        "a set": explanation_as_a_set_of_numpy_integers,
        "another smallest set": another_explanation,
    },
}
