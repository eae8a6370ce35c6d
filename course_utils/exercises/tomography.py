"""What "correct" means in the companion *Learning the invisible*: chords, frames, wedges."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int
from course_utils.maths.shearlets import analyse, shearlet_filters, synthesise

Array = NDArray[np.float64]


# tomography.1 -----------------------------------------------------------------------------------


def disc_sinogram(x0: float, y0: float, r: float, angles: ArrayLike, positions: ArrayLike) -> Array:
    """Return the chords (m, n) of a disc: rays at `angles` (m,) and `positions` (n,).

    >>> disc_sinogram(0, 0, 0.5, [0.0], [0.0, 0.3]).round(12).tolist()
    [[1.0, 0.8]]
    """
    theta = np.asarray(angles, float)[:, None]
    distance = np.asarray(positions, float) - x0 * np.cos(theta) - y0 * np.sin(theta)  # (m, n)
    return 2 * np.sqrt(np.maximum(r**2 - distance**2, 0))


def _disc_instances(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    yield 0.0, 0.0, 0.5, np.array([0.0]), np.array([0.0, 0.3, 0.5, 0.7])
    yield 0.25, 0.0, 0.5, np.array([0.0, np.pi / 2]), np.array([-0.5, 0.0, 0.25])
    yield 0.0, 0.5, 0.25, np.array([0.0, np.pi / 2, np.pi]), np.array([-0.5, 0.0, 0.5])
    for _ in range(4):
        x0, y0, r = [*rng.uniform(-0.5, 0.5, 2).tolist(), float(rng.uniform(0.1, 0.4))]
        yield x0, y0, r, rng.uniform(-np.pi, np.pi, 3), np.sort(rng.uniform(-1, 1, 7))


def _disc_probe(candidate: Callable[..., Any], instance: tuple[Any, ...]) -> Any:
    return candidate(*instance)


def _disc_verify(instance: tuple[Any, ...], answer: Any) -> None:
    """The ray s n + t n' meets the circle where t² + 2 t p + q = 0: the chord joins the roots."""
    x0, y0, r, angles, positions = instance
    what = f"disc_sinogram({x0:.3g}, {y0:.3g}, {r:.3g}, …)"
    values = as_array(answer, (len(angles), len(positions)), what)
    for i, theta in enumerate(angles):
        for j, s in enumerate(positions):
            c, d = math.cos(theta), math.sin(theta)
            px, py = s * c - x0, s * d - y0
            p, q = -px * d + py * c, px**2 + py**2 - r**2
            expected = 2 * math.sqrt(max(p * p - q, 0.0))
            assert abs(values[i, j] - expected) < 1e-6, (
                f"{what}: the ray with angle {theta:.3g} and position {s:.3g} meets the disc in a "
                f"chord of length {expected:.4g}, not {values[i, j]:.4g}"
            )


DISC = Exercise("tomography.1", "The shadow of a disc", _disc_instances, _disc_probe, _disc_verify)


# tomography.2 -----------------------------------------------------------------------------------


def make_parseval(windows: ArrayLike) -> tuple[float, float, Array]:
    """Return both frame bounds of real windows (bands, N, N), and the windows made Parseval.

    Raises:
        ValueError: at some frequency all windows vanish, so that they give no frame.
    """
    windows = np.asarray(windows, float)
    total = (windows**2).sum(axis=0)
    if total.min() == 0:
        raise ValueError("windows must not vanish together: some frequency is not seen")
    return float(total.min()), float(total.max()), windows / np.sqrt(total)


def _parseval_instances(rng: np.random.Generator) -> Iterator[Array]:
    yield np.ones((1, 2, 2))
    yield np.full((4, 2, 2), 0.5)
    yield np.full((2, 2, 2), 2.0)
    yield np.array([[[1.0, 0.0], [3.0, 1.0]], [[0.0, 2.0], [4.0, 1.0]]])
    yield np.array([[[1.0, 0.0], [3.0, 1.0]], [[0.0, 0.0], [4.0, 1.0]]])  # a hole
    for _ in range(3):
        yield rng.uniform(-1, 1, (int(rng.integers(2, 6)), 4, 4))


def _parseval_probe(candidate: Callable[[Array], Any], windows: Array) -> Any:
    try:
        return list(candidate(windows))
    except ValueError:
        return "ValueError"


def _parseval_verify(windows: Array, answer: Any) -> None:
    """The bounds are the extremes of the sum of squares, which afterwards is 1."""
    energy = np.array([[sum(w * w for w in windows[:, i, j].tolist()) for j in range(
        windows.shape[2])] for i in range(windows.shape[1])])  # fmt: skip
    what = f"make_parseval(windows of shape {windows.shape})"
    if energy.min() == 0:
        assert answer == "ValueError", f"{what}: all windows vanish at one frequency: no frame"
        return
    assert isinstance(answer, list), f"{what}: expected lower, upper, windows; got {answer!r:.60}"
    assert len(answer) == 3, f"{what}: expected lower, upper, windows; got {len(answer)} values"
    for name, value, bound in zip(
        ("lower", "upper"), answer, (energy.min(), energy.max()), strict=False
    ):
        value = as_float(value, f"the {name} bound of {what}")
        assert abs(value - bound) < 1e-9 * (1 + bound), (
            f"the {name} frame bound is {bound:.6g}, not {value:.6g}: the energy of a wave of one "
            "frequency is multiplied by the sum of the squares there"
        )
    made = as_array(answer[2], windows.shape, f"the windows of {what}")
    worst = abs((made**2).sum(axis=0) - 1).max()
    assert worst < 1e-9, f"{what}: the squares of your windows miss the sum 1 by {worst:.3g}"
    gap = abs(made * np.sqrt(energy) - windows).max()
    assert gap < 1e-9, (
        f"{what}: at each frequency all windows must be divided by the same number; "
        f"a window is off by {gap:.3g}"
    )


PARSEVAL = Exercise(
    "tomography.2",
    "Make a system Parseval",
    _parseval_instances,
    _parseval_probe,
    _parseval_verify,
)


# tomography.3 -----------------------------------------------------------------------------------


def _adjoint_instances(rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    one = np.zeros((9, 8, 8))
    one[0, 0, 0] = 1.0
    yield one, shearlet_filters(8)
    yield rng.normal(size=(9, 8, 8)), shearlet_filters(8)
    for size in (8, 10, 16):
        windows = rng.uniform(0, 2, (3, size, size))  # a frame that is not Parseval
        even = windows + np.roll(windows[:, ::-1, ::-1], 1, axis=(1, 2))
        yield rng.normal(size=even.shape), even


def _adjoint_probe(candidate: Callable[..., Any], instance: tuple[Array, Array]) -> Any:
    return candidate(*instance)


def _adjoint_verify(instance: tuple[Array, Array], answer: Any) -> None:
    """The adjoint's value at a pixel is the inner product with the analysis of that pixel."""
    c, filters = instance
    what = f"synthesise(c, filters) with filters of shape {filters.shape}"
    x = as_array(answer, filters.shape[1:], what)
    assert x.dtype.kind != "c", (
        f"{what} returned complex numbers; real coefficients give real images"
    )
    n = filters.shape[1]
    atom = analyse(np.eye(1, n * n).reshape(n, n), filters)  # of the pixel [0, 0]
    for i, j in ((0, 0), (1, 0), (0, 1), (2, n - 1), (n // 2, n // 2 + 1)):
        expected = float((np.roll(atom, (i, j), axis=(1, 2)) * c).sum())
        assert abs(x[i, j] - expected) < 1e-9 * (1 + abs(expected)), (
            f"{what}: for the image e that is 1 at pixel {(i, j)} and 0 elsewhere, "
            f"<analyse(e), c> = {expected:.6g}, but <e, synthesise(c)> = {x[i, j]:.6g}"
        )


ADJOINT = Exercise(
    "tomography.3", "The way back", _adjoint_instances, _adjoint_probe, _adjoint_verify
)


# tomography.4 -----------------------------------------------------------------------------------


def invisible_directions(directions: int, missing: float) -> list[int]:
    """Return the bands of a ring whose centre lies in a missing wedge about the vertical.

    Band d of `directions` = 4q has the centre (q, d), (2q - d, q) or (-q, 4q - d).

    >>> invisible_directions(8, 60)
    [3, 4, 5]
    """
    q = directions // 4
    centres = [(q, d) if d <= q else (2 * q - d, q) if d <= 3 * q else (-q, 4 * q - d)
               for d in range(directions)]  # fmt: skip
    degrees = [math.degrees(math.atan2(y, x)) for x, y in centres]
    return [d for d in range(directions) if abs(degrees[d] - 90) < missing / 2 - 1e-9]


def _wedge_instances(rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    for directions in (8, 16, 32):
        for missing in (30, 60, 90):
            yield directions, missing
    for _ in range(6):
        yield int(4 * rng.integers(1, 12)), int(rng.integers(5, 175))


def _wedge_probe(candidate: Callable[[int, int], Any], instance: tuple[int, int]) -> Any:
    return list(candidate(*instance))


def _wedge_verify(instance: tuple[int, int], answer: Any) -> None:
    """A centre (x, y) is hidden if |x| < y tan(missing / 2); at 90 degrees in integers."""
    directions, missing = instance
    what = f"invisible_directions({directions}, {missing})"
    assert isinstance(answer, list), f"{what}: expected a list of integers"
    found = [as_int(d, f"an entry of {what}") for d in answer]
    assert found == sorted(set(found)), f"{what}: the list must increase, no band twice"
    q = directions // 4
    slope = 1.0 if missing == 90 else math.tan(math.radians(missing / 2))
    for d in range(directions):
        if d <= q:
            x, y = q, d
        elif d <= 3 * q:
            x, y = 2 * q - d, q
        else:
            x, y = -q, 4 * q - d
        border = y * slope - abs(x)
        if missing != 90 and abs(border) < 1e-9:
            continue
        degrees = math.degrees(math.atan2(y, x))
        assert (d in found) == (border > 0), (
            f"{what}: band {d} is centred at ({x}, {y}), direction {degrees:.2f} degrees, so it is "
            f"{'invisible' if border > 0 else 'visible'}"
        )
    assert all(0 <= d < directions for d in found), f"{what}: bands are 0 … {directions - 1}"


WEDGE = Exercise(
    "tomography.4", "What a wedge hides", _wedge_instances, _wedge_probe, _wedge_verify
)


# tomography.5 -----------------------------------------------------------------------------------


def hybrid(start: ArrayLike, guess: ArrayLike, filters: ArrayLike, hidden: ArrayLike) -> Array:
    """Return the image with the visible coefficients of `start` and the hidden ones of `guess`."""
    hidden = np.asarray(hidden, bool)
    c = analyse(start, filters)
    c[hidden] = analyse(guess, filters)[hidden]
    return synthesise(c, filters)


def _hybrid_instances(rng: np.random.Generator) -> Iterator[list[Array]]:
    filters = shearlet_filters(8)
    start, guess = rng.normal(size=(2, 8, 8))
    for bands in ([], range(9), [0], [4, 5, 6]):
        yield [start, guess, filters, np.isin(np.arange(9), list(bands))]
    filters = shearlet_filters(16)
    for _ in range(2):
        start, guess = rng.normal(size=(2, 16, 16))
        yield [start, guess, filters, rng.random(9) < 0.4]


def _hybrid_probe(candidate: Callable[..., Any], instance: list[Array]) -> Any:
    return candidate(*instance)


def _hybrid_verify(instance: list[Array], answer: Any) -> None:
    """On the Fourier side the two spectra are mixed with weights m and 1 - m, m = Σ hidden ψ²."""
    start, guess, filters, hidden = instance
    bands = np.flatnonzero(hidden).tolist()
    what = f"hybrid(start, guess, filters, hidden) with hidden bands {bands}"
    x = as_array(answer, start.shape, what)
    assert x.dtype.kind != "c", f"{what} returned complex numbers"
    m = (filters[bands] ** 2).sum(axis=0)
    spectrum = (1 - m) * np.fft.fft2(start) + m * np.fft.fft2(guess)
    gap = abs(np.fft.fft2(x) - spectrum)
    row, column = np.unravel_index(gap.argmax(), gap.shape)
    assert gap.max() < 1e-8, (
        f"{what}: at the frequency [{row}, {column}] the hidden windows have the share "
        f"{m[row, column]:.3g}, so the hybrid's Fourier coefficient must be "
        f"{spectrum[row, column]:.4g}, not {np.fft.fft2(x)[row, column]:.4g}"
    )


HYBRID = Exercise(
    "tomography.5", "Keep what was seen", _hybrid_instances, _hybrid_probe, _hybrid_verify
)
