r"""Parallel-beam tomography: ellipses, their exact sinograms, and the ray transform as a matrix.

An image lives on the unit square $[-1, 1]^2$ as `size` × `size` pixels; row 0 is at the top
($y = +1$), column 0 at the left ($x = -1$), and pixel values are density per unit length. The ray
with angle $\theta$ (radians) and position $s$ is the line $x \cos\theta + y \sin\theta = s$, and

$$(Rf)(\theta, s) = \int f(s \cos\theta - t \sin\theta,\; s \sin\theta + t \cos\theta)\, dt$$

is the Radon transform of $f$.

An *ellipse* is a row `(x0, y0, a, b, tilt, value)`: centre, half-axes, the angle of the first
axis in radians, and the value that it adds to the image.

Source: Natterer, *The Mathematics of Computerized Tomography*, 1986; Joseph, IEEE Trans. Med.
Imaging 1 (1982). Introduced in the companion on tomography.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from course_utils.maths.real_arrays import real_array


def detector_positions(size: int) -> NDArray[np.float64]:
    r"""Return the positions of the detector's cells: one per pixel width, across the diagonal.

    $s_i = (i - (n-1)/2) \cdot 2/\mathrm{size}$ for $0 \le i < n$, with $n$ the least odd number
    such that $(n-1)/\mathrm{size} \ge \sqrt 2$.

    Args:
        size: pixels along a side, an integer >= 8.

    Returns:
        Shape (n,), increasing and symmetric about 0.

    Raises:
        ValueError: `size` is not an integer >= 8.

    >>> detector_positions(8)[[0, 6, -1]].tolist()
    [-1.5, 0.0, 1.5]
    """
    size = _size(size)
    half = math.isqrt(size * size // 2)
    half += 2 * half * half < size * size  # (n - 1)^2 = 4 half^2 >= 2 size^2
    return np.arange(-half, half + 1) * (2 / size)


def radon_matrix(size: int, angles: ArrayLike) -> sparse.csr_array:
    r"""Return the matrix of the Radon transform on pixels, by Joseph's method.

    A ray that is steeper than the diagonal meets every row of pixel centres once, and there the
    image is interpolated linearly between the two nearest pixels; a flatter ray meets every column
    once. The sum of the interpolated values, times the length of the ray between two rows (or
    columns), is the line integral. The image is 0 outside the square.

    Args:
        size: pixels along a side, an integer >= 8.
        angles: shape (m,), radians, m >= 1.

    Returns:
        Shape (m n, size²) with n = len(detector_positions(size)); rows ordered by angle, then
        detector; columns as `image.ravel()`. Memory about 24 m n size bytes.

    Raises:
        ValueError: `size` is not an integer >= 8; `angles` is empty, not finite or not a list.

    >>> A = radon_matrix(8, [0.0])
    >>> A.shape
    (13, 64)
    >>> (A @ np.ones(64)).reshape(13)[[6, 9, 12]].tolist()  # the square is 2 wide
    [2.0, 2.0, 0.0]
    """
    size = _size(size)
    angles = _line(angles, "angles")
    positions = detector_positions(size)
    indptr, indices, data = _joseph(size, np.cos(angles), np.sin(angles), positions)
    shape = (len(angles) * len(positions), size * size)
    return sparse.csr_array((data, indices, indptr), shape=shape)


def ellipse_image(ellipses: ArrayLike, size: int, oversampling: int = 4) -> NDArray[np.float64]:
    """Return the image of a sum of ellipses; each pixel is a mean over a grid of points inside it.

    Args:
        ellipses: shape (k, 6), rows (x0, y0, a, b, tilt, value), half-axes a, b > 0; an empty
            list is the zero image. Parts outside the square are cut off.
        size: pixels along a side, an integer >= 8.
        oversampling: points per pixel and axis, an integer >= 1.

    Returns:
        Shape (size, size).

    Raises:
        ValueError: a shape is wrong, a number is not finite, a half-axis is not positive, `size`
            is not an integer >= 8, or `oversampling` is not an integer >= 1.

    >>> disc = ellipse_image([(0, 0, 0.5, 0.5, 0, 1)], 64)
    >>> float(round(disc.sum() * (2 / 64) ** 2, 2))  # its area, pi / 4
    0.79
    """
    rows = _ellipses(ellipses)
    size = _size(size)
    oversampling = _integer("oversampling", oversampling, 1)
    return _rasterise(rows, size, oversampling)


def ellipse_sinogram(
    ellipses: ArrayLike, angles: ArrayLike, positions: ArrayLike
) -> NDArray[np.float64]:
    r"""Return the exact line integrals of a sum of ellipses.

    An ellipse of value $v$ seen under the angle $\theta$ has half-width
    $w = \sqrt{a^2 \cos^2(\theta - \mathrm{tilt}) + b^2 \sin^2(\theta - \mathrm{tilt})}$, and the
    ray at distance $\tau$ from its centre meets it in a chord of length
    $2ab\sqrt{w^2 - \tau^2} / w^2$ (0 when $|\tau| \ge w$).

    Args:
        ellipses: shape (k, 6), as in `ellipse_image`; an empty list gives zeros.
        angles: shape (m,), radians.
        positions: shape (n,), the rays' signed distances from the origin.

    Returns:
        Shape (m, n); `.ravel()` has the order of the rows of `radon_matrix`.

    Raises:
        ValueError: a shape is wrong, a list of angles or positions is empty, a number is not
            finite, or a half-axis is not positive.

    >>> ellipse_sinogram([(0, 0, 0.5, 0.5, 0, 1)], [0.0, 1.0], [0.0, 0.3]).round(12).tolist()
    [[1.0, 0.8], [1.0, 0.8]]
    """
    rows = _ellipses(ellipses)
    angles = _line(angles, "angles")[:, None]
    positions = _line(positions, "positions")
    sinogram = np.zeros((len(angles), len(positions)))
    for x0, y0, a, b, tilt, value in rows:
        width = np.hypot(a * np.cos(angles - tilt), b * np.sin(angles - tilt))  # (m, 1)
        distance = (positions - x0 * np.cos(angles) - y0 * np.sin(angles)) / width  # (m, n)
        chord = np.sqrt(np.maximum((1 - distance) * (1 + distance), 0))
        sinogram += value * 2 * a * (b / width) * chord
    return sinogram


@njit(cache=True)
def _joseph(
    size: int, cosines: NDArray[np.float64], sines: NDArray[np.float64], s: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Row pointers, columns and values of the matrix; one ray is one row."""
    h = 2.0 / size
    rays = len(cosines) * len(s)
    indptr = np.zeros(rays + 1, np.int64)
    indices = np.empty(rays * size * 2, np.int32)
    data = np.empty(rays * size * 2, np.float64)
    filled = 0
    for i in range(len(cosines)):
        c, d = cosines[i], sines[i]
        steep = abs(c) >= abs(d)
        weight = h / abs(c) if steep else h / abs(d)
        for j in range(len(s)):
            for k in range(size):
                if steep:  # at row k the ray is at x; columns increase with x
                    y = 1 - (k + 0.5) * h
                    place = ((s[j] - y * d) / c + 1) / h - 0.5
                else:  # at column k the ray is at y; rows decrease with y
                    x = (k + 0.5) * h - 1
                    place = (1 - (s[j] - x * c) / d) / h - 0.5
                if not -1 < place < size:
                    continue
                first = math.floor(place)
                for pixel in range(first, first + 2):
                    share = 1 - abs(place - pixel)
                    if 0 <= pixel < size and share > 0:
                        indices[filled] = k * size + pixel if steep else pixel * size + k
                        data[filled] = share * weight
                        filled += 1
            indptr[i * len(s) + j + 1] = filled
    return indptr, indices[:filled].copy(), data[:filled].copy()


@njit(cache=True)
def _rasterise(rows: NDArray[np.float64], size: int, oversampling: int) -> NDArray[np.float64]:
    """Count, in the bounding box of every ellipse, the points of each pixel inside it."""
    image = np.zeros((size, size))
    h = 2.0 / size
    step = h / oversampling
    for e in range(len(rows)):
        x0, y0, a, b, tilt, value = rows[e]
        c, d = math.cos(tilt), math.sin(tilt)
        reach_x, reach_y = math.hypot(a * c, b * d), math.hypot(a * d, b * c)
        left = min(max(math.floor((x0 - reach_x + 1) / h) - 1, 0), size)
        right = max(min(math.ceil((x0 + reach_x + 1) / h) + 1, size), 0)
        top = min(max(math.floor((1 - y0 - reach_y) / h) - 1, 0), size)
        bottom = max(min(math.ceil((1 - y0 + reach_y) / h) + 1, size), 0)
        for i in range(int(top), int(bottom)):
            for j in range(int(left), int(right)):
                inside = 0
                for p in range(oversampling):
                    y = 1 - i * h - (p + 0.5) * step - y0
                    for q in range(oversampling):
                        x = j * h - 1 + (q + 0.5) * step - x0
                        inside += ((x * c + y * d) / a) ** 2 + ((y * c - x * d) / b) ** 2 <= 1
                image[i, j] += value * inside / oversampling**2
    return image


def _ellipses(ellipses: ArrayLike) -> NDArray[np.float64]:
    rows = real_array(ellipses, "ellipses")
    if rows.shape in ((0,), (0, 6)):
        return np.zeros((0, 6))
    if rows.ndim != 2 or rows.shape[1] != 6:
        raise ValueError(f"ellipses must have shape (k, 6), got {rows.shape}")
    if not (rows[:, 2:4] > 0).all():
        worst = rows[:, 2:4].min()
        raise ValueError(f"ellipses must have half-axes a, b > 0, got {worst}")
    return rows


def _line(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = real_array(values, name)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name} must be a list of at least one number, got shape {array.shape}")
    return array


def _size(size: int) -> int:
    return _integer("size", size, 8)


def _integer(name: str, value: int, least: int) -> int:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name} must be an integer >= {least}, got {value!r:.60}")
    if value < least:
        raise ValueError(f"{name} must be an integer >= {least}, got {value}")
    return int(value)
