r"""A Parseval frame of band-limited shearlets on a square grid of even size.

The frequency plane is tiled by real windows $\psi_j \ge 0$ with $\sum_j \psi_j^2 = 1$: a low-pass
square, and around it dyadic square rings, each cut into directions. A window is the product of a
Meyer profile of $\rho = \max(|k_x|, |k_y|)$ and one of the slope $k_y/k_x$ or $k_x/k_y$; the number
of directions doubles with every second scale, so that a band of length $\lambda$ is about
$\sqrt\lambda$ wide (parabolic scaling).

Analysis $c_j = F^{-1}(\psi_j F x)$ is an isometry, and its adjoint
$\sum_j F^{-1}(\psi_j F c_j)$ inverts it. All windows are even, so real images have real
coefficients.

Source: Kutyniok and Labate (eds.), *Shearlets*, 2012; the cone-adapted construction with slopes in
place of angles. Introduced in the companion on tomography.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from course_utils.maths.real_arrays import real_array


def shearlet_filters(size: int) -> NDArray[np.float64]:
    r"""Return the windows of a Parseval shearlet frame.

    Band 0 is the low-pass window. With $J = \max(1, \lfloor \log_2 \mathrm{size} \rfloor - 3)$
    scales, scale $j = 0, \dots, J - 1$ (coarse to fine) has $8 \cdot 2^{\lfloor j/2 \rfloor}$
    directions, centred at equally spaced slopes; directions run anticlockwise from 0 to $\pi$.

    Args:
        size: pixels along a side, even and >= 8; 17 bands at 32, 33 at 64, 49 at 128.

    Returns:
        Shape (bands, size, size), on the grid of `numpy.fft.fft2` (frequency 0 at [0, 0], rows
        downwards). The squares sum to 1 at every frequency.

    Raises:
        ValueError: `size` is not an even integer >= 8.

    >>> filters = shearlet_filters(64)
    >>> filters.shape
    (33, 64, 64)
    >>> float(abs((filters**2).sum(axis=0) - 1).max()) < 1e-14
    True
    """
    if isinstance(size, bool | np.bool_) or not isinstance(size, int | np.integer):
        raise ValueError(f"size must be an even integer >= 8, got {size!r:.60}")
    if size < 8 or size % 2:
        raise ValueError(f"size must be an even integer >= 8, got {size}")
    k = fft.fftfreq(int(size))
    kx, ky = k[None, :], -k[:, None]  # y points up, rows point down
    rho = 2 * np.maximum(abs(kx), abs(ky))  # 1 at the edge of the grid
    turn = _turn(kx, ky)
    scales = max(1, int(size).bit_length() - 4)
    squares = [_low(rho * 2 ** (scales - 1)) ** 2]
    for j in range(scales):
        ring = _low(rho * 2 ** (scales - 2 - j)) ** 2 if j < scales - 1 else 1.0
        ring = np.maximum(ring - _low(rho * 2 ** (scales - 1 - j)) ** 2, 0)
        directions = 8 * 2 ** (j // 2)
        for d in range(directions):
            away = (turn * directions / 4 - d + directions / 2) % directions - directions / 2
            squares.append(ring * np.cos(np.pi / 2 * _meyer(abs(away))) ** 2)
    stack = np.stack(squares)
    return np.sqrt((stack + _reflect(stack)) / 2)  # even on the row and column of frequency -1/2


def analyse(image: ArrayLike, filters: ArrayLike) -> NDArray[np.float64]:
    r"""Return the coefficients $c_j = F^{-1}(\psi_j F x)$.

    Args:
        image: shape (..., size, size), real; leading axes are a batch.
        filters: shape (bands, size, size), real and even, as from `shearlet_filters`.

    Returns:
        Shape (..., bands, size, size). The energy $\sum c^2$ is that of the image.

    Raises:
        ValueError: a shape is wrong, a value is not a finite real number, or a filter is not even.

    >>> x = np.random.default_rng(0).normal(size=(16, 16))
    >>> filters = shearlet_filters(16)
    >>> c = analyse(x, filters)
    >>> bool(abs((c**2).sum() - (x**2).sum()) < 1e-12 * (x**2).sum())
    True
    """
    windows = _filters(filters)
    x = real_array(image, "image")
    if x.ndim < 2 or x.shape[-2:] != windows.shape[1:]:
        raise ValueError(f"image must have shape (..., {_shape(windows[0])}), got {x.shape}")
    half = windows[:, :, : x.shape[-1] // 2 + 1]  # the other half follows by evenness
    return fft.irfft2(half * fft.rfft2(x)[..., None, :, :], s=x.shape[-2:])


def synthesise(coefficients: ArrayLike, filters: ArrayLike) -> NDArray[np.float64]:
    r"""Return $\sum_j F^{-1}(\psi_j F c_j)$, the adjoint of `analyse` and its left inverse.

    Args:
        coefficients: shape (..., bands, size, size), real; leading axes are a batch.
        filters: shape (bands, size, size), real and even, as from `shearlet_filters`.

    Returns:
        Shape (..., size, size).

    Raises:
        ValueError: a shape is wrong, a value is not a finite real number, or a filter is not even.

    >>> x = np.random.default_rng(0).normal(size=(16, 16))
    >>> filters = shearlet_filters(16)
    >>> bool(abs(synthesise(analyse(x, filters), filters) - x).max() < 1e-12)
    True
    """
    windows = _filters(filters)
    c = real_array(coefficients, "coefficients")
    if c.ndim < 3 or c.shape[-3:] != windows.shape:
        raise ValueError(f"coefficients must have shape (..., {_shape(windows)}), got {c.shape}")
    half = windows[:, :, : c.shape[-1] // 2 + 1]
    return fft.irfft2((half * fft.rfft2(c)).sum(axis=-3), s=c.shape[-2:])


def invisible_bands(filters: ArrayLike, angles: ArrayLike) -> NDArray[np.bool_]:
    r"""Return which bands no measured ray direction sees.

    By the Fourier slice theorem a view at angle $\theta$ measures the frequencies of direction
    $\theta$ modulo $\pi$. A band's *centre direction* is the axis through its mean
    $\sum \psi^2 (k_x + i k_y)^2 / |k|^2$; the band is invisible if that lies outside the measured
    angles. Neighbouring angles span an interval of measured directions unless the gap between them
    is a missing wedge: more than three times the (lower) median gap, or at least $\pi/6$. A band
    that contains frequency 0 is visible.

    Args:
        filters: shape (bands, size, size), real and even, as from `shearlet_filters`.
        angles: shape (m,), the measured angles in radians, y pointing up, m >= 1; any order.

    Returns:
        Shape (bands,), boolean.

    Raises:
        ValueError: a shape is wrong, `angles` is empty, or a value is not a finite real number.

    >>> angles = np.deg2rad(np.arange(-60, 60))  # 60 degrees are missing
    >>> int(invisible_bands(shearlet_filters(64), angles).sum())
    11
    """
    windows = _filters(filters)
    theta = real_array(angles, "angles")
    if theta.ndim != 1 or not theta.size:
        raise ValueError(f"angles must be a list of at least one number, got shape {theta.shape}")
    k = fft.fftfreq(windows.shape[1])
    axis = k[None, :] - 1j * k[:, None]  # kx + i ky, y pointing up
    axis[0, 0] = 1
    mean = (windows**2 * (axis / abs(axis)) ** 2).sum(axis=(1, 2))
    centres = np.angle(mean) / 2 % np.pi
    return ~_measured(centres, theta) & (windows[:, 0, 0] == 0)


def _measured(directions: NDArray[np.float64], angles: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether directions lie in the intervals between measured angles, all modulo pi."""
    tolerance = 1e-9
    theta = np.sort(angles % np.pi)
    theta = theta[np.diff(theta, prepend=theta[-1] - np.pi) > tolerance]  # distinct modulo pi
    if not len(theta):  # all of them equal
        theta = angles[:1] % np.pi
    gaps = np.diff(theta, append=theta[0] + np.pi)
    wedge = (gaps > 3 * np.sort(gaps)[(len(gaps) - 1) // 2]) | (gaps > np.pi / 6 - tolerance)
    past = (directions[:, None] - theta + tolerance) % np.pi - tolerance  # (directions, m)
    return ((past <= tolerance) | ((past <= gaps) & ~wedge)).any(axis=1)


def _turn(kx: NDArray[np.float64], ky: NDArray[np.float64]) -> NDArray[np.float64]:
    """The direction of a frequency in [-1, 3): its slope on one cone, 2 - 1/slope on the other."""
    flat = abs(kx) >= abs(ky)
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.where(flat, ky / kx, 2 - kx / ky)
    turn[0, 0] = 0  # the rings do not contain frequency 0
    return turn


def _meyer(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Meyer's step: 0 up to 0, 1 from 1 on, three times differentiable, m(t) + m(1 - t) = 1."""
    t = np.clip(t, 0, 1)
    return t**4 * (35 - 84 * t + 70 * t**2 - 20 * t**3)


def _low(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """A low-pass profile: 1 up to 1/2, 0 from 1 on."""
    return np.cos(np.pi / 2 * _meyer(2 * u - 1))


def _reflect(stack: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every window at the frequencies -k."""
    return np.roll(stack[:, ::-1, ::-1], 1, axis=(1, 2))


def _filters(filters: ArrayLike) -> NDArray[np.float64]:
    windows = real_array(filters, "filters")
    if windows.ndim != 3 or not len(windows) or windows.shape[1] != windows.shape[2]:
        raise ValueError(f"filters must have shape (bands, size, size), got {windows.shape}")
    if windows.shape[1] < 8 or windows.shape[1] % 2:
        raise ValueError(f"filters must have an even size >= 8, got {windows.shape[1]}")
    if abs(windows - _reflect(windows)).max() > 1e-12 * abs(windows).max():
        raise ValueError("filters must be even: the same value at the frequencies k and -k")
    return windows


def _shape(array: NDArray[np.float64]) -> str:
    return ", ".join(str(n) for n in array.shape)
