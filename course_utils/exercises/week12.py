"""What "correct" means in week 12: convolutions, normalisation, explanations."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int


def _agree(found: NDArray[Any], wanted: NDArray[Any], what: str, tolerance: float = 1e-6) -> None:
    """Raise with the worst entry unless the arrays agree relative to the largest wanted value."""
    assert np.isfinite(found).all(), f"{what} holds NaN or infinity"
    gap = np.abs(found - wanted)
    at = np.unravel_index(int(gap.argmax()), gap.shape)
    place = ", ".join(str(int(i)) for i in at)
    assert gap[at] <= tolerance * max(1.0, float(np.abs(wanted).max())), (
        f"{what}[{place}] is {found[at]:.6g}, expected {wanted[at]:.6g}"
    )


# 12.1 ------------------------------------------------------------------------------------------


def convolution_matrix(kernel: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return the matrix (n², n²) of torch's convolution of n × n images, zeros outside.

    The kernel is (k, k) with k odd, and pixel (i, j) has the number n i + j.

    >>> convolution_matrix([[0, 0, 0], [1, 2, 3], [0, 0, 0]], 2).astype(int).tolist()
    [[2, 3, 0, 0], [1, 2, 0, 0], [0, 0, 2, 3], [0, 0, 1, 2]]
    """
    kernel = np.asarray(kernel, float)
    k = len(kernel)
    T = np.zeros((n, n, n, n))  # output row, output column, input row, input column
    for a, b in product(range(k), repeat=2):
        down, right = a - k // 2, b - k // 2
        T += kernel[a, b] * np.einsum("ip,jq->ijpq", np.eye(n, k=down), np.eye(n, k=right))
    return T.reshape(n * n, n * n)


def _matrix_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([[0.0, 0, 0], [1, 2, 3], [0, 0, 0]]), 2]
    yield [np.array([[0.0, 1, 0], [0, 2, 0], [0, 3, 0]]), 3]
    for k, n in ((1, 3), (3, 4), (3, 5), (5, 6), (5, 4)):
        yield [rng.integers(-9, 10, (k, k)).astype(float), n]


def _matrix_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    kernel, n = instance
    return candidate(kernel, n)


def _matrix_verify(instance: list[Any], answer: Any) -> None:
    """Entry by entry: output pixel (i, j) meets input pixel (p, q) through one kernel entry."""
    kernel, n = instance
    k, r = len(kernel), len(kernel) // 2
    T = as_array(answer, (n * n, n * n), f"convolution_matrix of a {k} × {k} kernel, n = {n}")
    for i, j, p, q in product(range(n), repeat=4):
        a, b = p - i + r, q - j + r
        wanted = float(kernel[a, b]) if 0 <= a < k and 0 <= b < k else 0.0
        found = float(np.real(T[n * i + j, n * p + q]))
        assert abs(found - wanted) < 1e-9, (
            f"kernel {kernel.astype(int).tolist()}, n = {n}: output pixel ({i}, {j}) takes input "
            f"pixel ({p}, {q}) {found:g} times, expected {wanted:g}"
        )


MATRIX = Exercise(
    "12.1", "Convolution as a banded matrix", _matrix_instances, _matrix_probe, _matrix_verify
)

# 12.2 ------------------------------------------------------------------------------------------


def receptive_field(layers: Sequence[tuple[int, int]]) -> int:
    """Return the side of the square of pixels that one output sees; layers are (size, stride).

    >>> receptive_field([(3, 1), (2, 2), (3, 1)])
    8
    """
    side, step = 1, 1
    for size, stride in layers:
        side += (size - 1) * step
        step *= stride
    return side


def _field_instances(rng: np.random.Generator) -> Iterator[list[list[int]]]:
    yield [[3, 1]]
    yield [[3, 1], [3, 1]]
    yield [[3, 1], [2, 2], [3, 1]]
    for depth in (2, 3, 4, 5, 6):
        yield [[int(rng.integers(1, 6)), int(rng.integers(1, 4))] for _ in range(depth)]


def _field_probe(candidate: Callable[..., Any], layers: list[list[int]]) -> Any:
    return candidate([tuple(layer) for layer in layers])


def _field_verify(layers: list[list[int]], answer: Any) -> None:
    """Follow output 0 of one row back to the pixels that it depends on."""
    call = f"receptive_field({[tuple(layer) for layer in layers]})"
    found = as_int(answer, call)
    first = last = 0
    for size, stride in reversed(layers):
        first, last = stride * first, stride * last + size - 1
    assert found == last - first + 1, (
        f"{call} returned {found}: output 0 of a row depends on pixels {first} to {last}, "
        f"which is {last - first + 1}"
    )


FIELD = Exercise("12.2", "The receptive field", _field_instances, _field_probe, _field_verify)

# 12.4 ------------------------------------------------------------------------------------------


def group_norm(z: ArrayLike, groups: int, eps: float = 1e-5) -> NDArray[np.float64]:
    """Return z (b, c, h, w) normalised over each of `groups` groups of channels of each sample.

    >>> group_norm([[[[1.0]], [[3.0]]]], 1, 0.0).ravel().tolist()
    [-1.0, 1.0]
    """
    z = np.asarray(z, float)
    rows = z.reshape(len(z), groups, -1)  # (b, groups, c/groups · h · w)
    mean, var = rows.mean(2, keepdims=True), rows.var(2, keepdims=True)
    return ((rows - mean) / np.sqrt(var + eps)).reshape(z.shape)


def _group_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([1.0, 3.0]).reshape(1, 2, 1, 1), 1, 0.0]
    yield [np.arange(8.0).reshape(1, 2, 2, 2), 2, 1e-5]
    for b, c, h, w, groups in ((2, 4, 3, 3, 2), (3, 6, 2, 5, 3), (2, 6, 4, 4, 1), (4, 4, 2, 2, 4)):
        offset = 3 * rng.standard_normal((b, c, 1, 1))
        yield [offset + 2 * rng.standard_normal((b, c, h, w)), groups, float(rng.uniform(0, 0.5))]


def _group_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    return candidate(*instance)


def _group_verify(instance: list[Any], answer: Any) -> None:
    """Sample by sample, group by group."""
    z, groups, eps = instance
    what = f"z of shape {z.shape}, groups = {groups}, eps = {eps:.2g}: the result"
    found = as_array(answer, z.shape, what)
    size = z.shape[1] // groups
    wanted = np.empty_like(z)
    for i, g in product(range(len(z)), range(groups)):
        part = z[i, g * size : (g + 1) * size]
        mean = part.sum() / part.size
        variance = ((part - mean) ** 2).sum() / part.size
        wanted[i, g * size : (g + 1) * size] = (part - mean) / (variance + eps) ** 0.5
    _agree(found, wanted, what)


GROUP = Exercise("12.4", "One formula", _group_instances, _group_probe, _group_verify)

# 12.5 ------------------------------------------------------------------------------------------


def fold(
    weight: ArrayLike,
    gamma: ArrayLike,
    beta: ArrayLike,
    mean: ArrayLike,
    var: ArrayLike,
    eps: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weight (o, i, k, k) and bias (o,) of the convolution followed by batch norm at rest.

    >>> W, b = fold([[[[2.0]]]], [3.0], [1.0], [4.0], [9.0], 0.0)
    >>> W.item(), b.item()
    (2.0, -3.0)
    """
    factor = np.asarray(gamma, float) / np.sqrt(np.asarray(var, float) + eps)  # (o,)
    bias = np.asarray(beta, float) - factor * np.asarray(mean, float)
    return np.asarray(weight, float) * factor[:, None, None, None], bias


def _fold_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    one = np.ones(1)
    yield [np.full((1, 1, 1, 1), 2.0), 3 * one, one, 4 * one, 9 * one, 0.0]
    for o, i, k in ((2, 1, 1), (2, 3, 3), (4, 2, 3), (5, 5, 5)):
        weight = rng.standard_normal((o, i, k, k))
        gamma, beta, mean = rng.standard_normal((3, o))
        yield [weight, gamma, beta, mean, rng.uniform(0.1, 4, o), float(rng.uniform(0.01, 0.5))]


def _fold_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    return candidate(*instance)


def _fold_verify(instance: list[Any], answer: Any) -> None:
    """Both sides on the zero patch and on every unit patch: two affine maps that agree."""
    weight, gamma, beta, mean, var, eps = instance
    shape = weight.shape
    call = f"weight of shape {shape}: fold"
    assert isinstance(answer, list | tuple), f"{call} must return weight and bias"
    assert len(answer) == 2, f"{call} must return two arrays, got {len(answer)}"
    W = as_array(answer[0], shape, f"{call}'s weight")
    b = as_array(answer[1], shape[:1], f"{call}'s bias")
    factor = gamma / (var + eps) ** 0.5
    at_zero = beta - factor * mean  # the normalised convolution of the zero patch
    _agree(b, at_zero, f"{call}: on an image of zeros, channel")
    for o in range(shape[0]):
        _agree(W[o], factor[o] * weight[o], f"{call}: effect of one pixel on channel {o}")


FOLD = Exercise("12.5", "Normalisation at rest", _fold_instances, _fold_probe, _fold_verify)

# 12.6 ------------------------------------------------------------------------------------------


def pullback(z: ArrayLike, g: ArrayLike) -> NDArray[np.float64]:
    """Return the gradient with respect to z of g · (z - mean z)/(sd z), both of shape (n,).

    >>> bool((abs(pullback([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])) < 1e-12).all())
    True
    """
    z, g = np.asarray(z, float), np.asarray(g, float)
    sd = z.std()
    unit = (z - z.mean()) / sd  # squared length n
    return (g - g.mean() - unit * (unit * g).mean()) / sd


def _pullback_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([-1.0, 1.0]), np.array([1.0, 0.0])]
    yield [np.array([0.0, 0.0, 3.0]), np.array([1.0, 0.0, 0.0])]
    for n in (3, 4, 6, 10, 30):
        spread = rng.uniform(0.5, 4)
        yield [5 * rng.standard_normal() + spread * rng.standard_normal(n), rng.standard_normal(n)]


def _pullback_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    return candidate(*instance)


def _pullback_verify(instance: list[Any], answer: Any) -> None:
    """The derivative along each axis, by a complex step: exact to rounding."""
    z, g = instance
    n = len(z)
    found = as_array(answer, (n,), f"n = {n}: pullback")
    wanted = np.empty(n)
    for i in range(n):
        moved = z + 1e-30j * (np.arange(n) == i)
        centred = moved - moved.sum() / n
        unit = centred / np.sqrt((centred**2).sum() / n)
        wanted[i] = (g * unit).sum().imag / 1e-30
    shown = f"z = {np.round(z, 2).tolist()}: " if n <= 4 else f"n = {n}: "
    _agree(found, wanted, f"{shown}the gradient")


PULLBACK = Exercise(
    "12.6", "The gradient through a normalisation", _pullback_instances, _pullback_probe,
    _pullback_verify,
)  # fmt: skip

# 12.7 ------------------------------------------------------------------------------------------


def gradient_tube(
    loss: Callable[[Any], float],
    gradient: Callable[[Any], NDArray[np.float64]],
    x: NDArray[np.float64],
    etas: Sequence[float],
) -> tuple[float, float, float]:
    """Return least and greatest loss at x - η g, g = gradient(x), and the steepest slope change.

    The third value is the greatest |gradient(x - η g) - g| / (η |g|).

    >>> gradient_tube(lambda x: x @ x, lambda x: 2 * x, np.array([1.0, 0.0]), [0.25, 1.0])
    (0.25, 1.0, 2.0)
    """
    g = gradient(x)
    points = [x - eta * g for eta in etas]
    losses = [float(loss(p)) for p in points]
    bend = [
        np.linalg.norm(gradient(p) - g) / (eta * np.linalg.norm(g))
        for p, eta in zip(points, etas, strict=True)
    ]
    return min(losses), max(losses), float(max(bend))


def _quartic(A: Any, c: Any) -> tuple[Callable[[Any], float], Callable[[Any], Any]]:
    """x ↦ ½ x·Ax + ¼ Σ c x⁴ and its gradient."""
    return (
        lambda x: float(x @ A @ x / 2 + (c * x**4).sum() / 4),
        lambda x: A @ x + c * x**3,
    )


def _tube_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [2 * np.eye(2), np.zeros(2), np.array([1.0, 0.0]), [0.25, 1.0]]
    for n, count in ((1, 2), (2, 3), (3, 5), (8, 7)):
        root = rng.standard_normal((n, n))
        etas = np.sort(rng.uniform(0.01, 0.6, count)).round(3).tolist()
        yield [root @ root.T, rng.uniform(0, 1, n), rng.standard_normal(n), etas]


def _tube_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    A, c, x, etas = instance
    return candidate(*_quartic(A, c), x, list(etas))


def _tube_verify(instance: list[Any], answer: Any) -> None:
    A, c, x, etas = instance
    loss, gradient = _quartic(A, c)
    call = f"a quartic in dimension {len(x)}, steps {etas}"
    assert isinstance(answer, list | tuple), f"{call}: expected three numbers"
    assert len(answer) == 3, f"{call}: expected three numbers, got {len(answer)}"
    g = gradient(x)
    along = [loss(x - eta * g) for eta in etas]
    bends = [
        float(np.sqrt(((gradient(x - eta * g) - g) ** 2).sum() / (g @ g))) / eta for eta in etas
    ]
    names = ("the least loss", "the greatest loss", "the change of the gradient per length")
    for name, value, wanted in zip(
        names, answer, (min(along), max(along), max(bends)), strict=True
    ):
        found = as_float(value, f"{call}: {name}")
        assert abs(found - wanted) <= 1e-6 * max(1.0, abs(wanted)), (
            f"{call}: {name} is {found:.6g}, expected {wanted:.6g}"
        )


TUBE = Exercise("12.7", "Along the gradient", _tube_instances, _tube_probe, _tube_verify)

# 12.8 ------------------------------------------------------------------------------------------


def integrated_gradients(
    gradient: Callable[[Any], NDArray[np.float64]],
    x: NDArray[np.float64],
    baseline: NDArray[np.float64],
    steps: int,
) -> NDArray[np.float64]:
    """Return (x - baseline) times the mean gradient at the midpoints of `steps` equal pieces.

    >>> integrated_gradients(lambda x: 2 * x, np.array([3.0, 1.0]), np.zeros(2), 4).tolist()
    [9.0, 1.0]
    """
    times = (np.arange(steps) + 0.5) / steps
    total = sum(gradient(baseline + t * (x - baseline)) for t in times.tolist())
    return (x - baseline) * total / steps


def _attribution_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.eye(2), np.zeros(2), np.array([3.0, 1.0]), np.zeros(2), 1]
    for n, steps in ((1, 2), (3, 4), (4, 3), (10, 20)):
        A = rng.standard_normal((n, n))
        x, start = rng.standard_normal((2, n))
        yield [A + A.T, rng.uniform(0, 1, n), x, start, steps]


def _attribution_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    A, c, x, baseline, steps = instance
    return candidate(_quartic(A, c)[1], x, baseline, steps)


def _attribution_verify(instance: list[Any], answer: Any) -> None:
    """The midpoint sum, and its distance from completeness, which is exact for quadratics."""
    A, c, x, baseline, steps = instance
    loss, gradient = _quartic(A, c)
    call = f"dimension {len(x)}, {steps} steps: the attribution"
    found = as_array(answer, x.shape, call)
    wanted = np.zeros_like(x)
    for k in range(steps):
        t = (2 * k + 1) / (2 * steps)
        wanted += (x - baseline) * gradient((1 - t) * baseline + t * x) / steps
    _agree(found, wanted, call)
    if not c.any():
        rise = loss(x) - loss(baseline)
        assert abs(found.sum() - rise) < 1e-6, (
            f"{call} sums to {found.sum():.6g}, but the function rises by {rise:.6g}"
        )


ATTRIBUTION = Exercise(
    "12.8", "Integrated gradients", _attribution_instances, _attribution_probe, _attribution_verify
)

# 12.9 ------------------------------------------------------------------------------------------

SIDE = 9  # pixels of a 3 × 3 image; image number Σ x_i 2^i


def kept_share(phi: ArrayLike, x: int, pixels: Sequence[int]) -> Fraction:
    """Return the share of images that agree with x on `pixels` and have x's class.

    >>> kept_share([0] * 511 + [1], 511, range(8))
    Fraction(1, 2)
    """
    phi = np.asarray(phi)
    mask = sum(1 << i for i in pixels)
    images = np.arange(1 << SIDE)
    agree = images[(images ^ x) & mask == 0]
    return Fraction(int((phi[agree] == phi[x]).sum()), len(agree))


def smallest_explanation(phi: ArrayLike, x: int, share: Fraction) -> list[int]:
    """Return a smallest set of pixels that keeps the class of x in at least `share` of the images.

    phi is (512,), the class of every 3 × 3 image; pixels count 0 to 8.

    >>> smallest_explanation([0] * 511 + [1], 511, Fraction(1, 2))
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    for size in range(SIDE + 1):
        for pixels in combinations(range(SIDE), size):
            if kept_share(phi, x, pixels) >= share:
                return list(pixels)
    raise ValueError(f"share must be at most 1, got {share}")


def _explanation_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    images = np.arange(1 << SIDE)
    yield [(images == 511).astype(int), 511, Fraction(1, 2)]
    yield [images & 1, 0, Fraction(1)]
    bits = images[:, None] >> np.arange(SIDE) & 1  # (512, 9)
    a, b = rng.choice(SIDE, 2, replace=False)
    yield [bits[:, a] ^ bits[:, b], int(rng.integers(512)), Fraction(3, 4)]
    for share in (Fraction(7, 8), Fraction(9, 10), Fraction(1)):
        weights = rng.integers(-3, 4, SIDE)
        yield [(bits @ weights > weights.sum() / 2).astype(int), int(rng.integers(512)), share]
    yield [(bits.sum(1) >= 5).astype(int), 511, Fraction(int(rng.integers(80, 99)), 100)]


def _explanation_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    phi, x, share = instance
    answer = candidate(phi, x, share)
    return sorted(answer) if isinstance(answer, set | frozenset) else answer


def _explanation_verify(instance: list[Any], answer: Any) -> None:
    """The set keeps enough, and no smaller set does: all 512 sets are tried."""
    phi, x, share = instance
    image = f"x = {x:09b} (pixel 8 first), class {int(phi[x])}, share {share}"
    sequence = isinstance(answer, list | tuple | np.ndarray) and np.ndim(answer) == 1
    assert sequence, f"{image}: expected a list of pixels"
    pixels = [as_int(int(p) if isinstance(p, np.integer) else p, "a pixel") for p in list(answer)]
    assert len(set(pixels)) == len(pixels), f"{image}: {pixels} repeats a pixel"
    assert all(0 <= p < SIDE for p in pixels), f"{image}: {pixels} has pixels outside 0 … 8"
    kept = kept_share(phi, x, pixels)
    assert kept >= share, f"{image}: {pixels} keeps the class in {kept} of the images only"
    least = smallest_explanation(phi, x, share)
    assert len(pixels) <= len(least), (
        f"{image}: {pixels} has {len(pixels)} pixels, but {least} keeps the class in "
        f"{kept_share(phi, x, least)} of the images"
    )


EXPLANATION = Exercise(
    "12.9", "The smallest explanation", _explanation_instances, _explanation_probe,
    _explanation_verify,
)  # fmt: skip
