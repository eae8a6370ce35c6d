"""Memory kernels: the smallest linear recurrent network and the ranks of a dilated convolution.

A causal, linear, time-invariant map is y_t = Σ_{s ≥ 0} ρ(s) x_{t−s}; its kernel ρ is an array.
"""

import numbers

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.maths.real_arrays import real_array


def impulse_response(A: ArrayLike, B: ArrayLike, C: ArrayLike, length: int) -> NDArray[np.float64]:
    r"""Return the kernel $\rho(s) = C A^s B$ of a linear recurrent network.

    The network is $h_t = A h_{t-1} + B x_t$, $y_t = C h_t$, without a term from $x_t$ to $y_t$.

    Args:
        A: shape (m, m); B: shape (m,); C: shape (m,); finite real numbers.
        length: number of values, an integer >= 0.

    Returns:
        Shape (length,): $\rho(0), \dots, \rho(\text{length} - 1)$.

    Raises:
        ValueError: wrong shapes, entries that are not finite real numbers, a bad `length`.

    Introduced in week 13.

    >>> impulse_response([[0.5]], [1.0], [2.0], 4).tolist()
    [2.0, 1.0, 0.5, 0.25]
    """
    b, c = _real(B, "B", 1), _real(C, "C", 1)
    a = _real(A, "A", 2)
    m = len(b)
    if a.shape != (m, m) or len(c) != m:
        shapes = f"{a.shape}, {b.shape} and {c.shape}"
        raise ValueError(f"A, B, C must have shapes (m, m), (m,), (m,), got {shapes}")
    if not _is_integer(length) or length < 0:
        raise ValueError(f"length must be an integer >= 0, got {length!r}")
    values = np.empty(int(length))
    state = b
    for s in range(int(length)):
        values[s] = c @ state
        state = a @ state
    return values


def hankel_rank(kernel: ArrayLike, tolerance: float = 1e-8) -> int:
    r"""Return the rank of the m × m Hankel matrix $H_{ij} = \rho(i + j)$ of a kernel.

    By Kronecker's theorem it is the least number of states of a linear recurrent network with this
    kernel, as soon as m is at least that number. The rank counts the singular values above
    `tolerance` times the largest; the zero kernel has rank 0.

    Args:
        kernel: shape (2m − 1,), finite real numbers; the last value of an even length is dropped.
        tolerance: relative to the largest singular value, finite and >= 0.

    Raises:
        ValueError: an empty kernel, a wrong shape, entries or a `tolerance` that are not allowed.

    Introduced in week 13.

    >>> hankel_rank(0.9 ** np.arange(63)), hankel_rank(np.eye(63)[10])  # a delay by 10: 11 states
    (1, 11)
    """
    rho = _kernel(kernel)
    m = (len(rho) + 1) // 2
    return _rank(_hankel(rho, m), _tolerance(tolerance))


def unfolding_ranks(kernel: ArrayLike, tolerance: float = 1e-8) -> list[int]:
    r"""Return the ranks of the K − 1 unfoldings of a kernel of length 2^K.

    With $t = \sum_l b_l 2^l$ the kernel is a tensor $\rho[b_0, \dots, b_{K-1}]$. The k-th unfolding
    is the matrix of size $2^k \times 2^{K-k}$ whose row is given by the k lowest digits of t and
    whose column by the others. A linear convolutional network with kernel size 2, dilations
    1, 2, …, 2^{K−1} and c channels has exactly the kernels whose unfoldings have ranks <= c.

    Args:
        kernel: shape (2^K,), K >= 1, finite real numbers.
        tolerance: relative to the largest singular value of each matrix, finite and >= 0.

    Raises:
        ValueError: a length that is no power of two (at least 2), a wrong shape, bad entries.

    Introduced in week 13.

    >>> unfolding_ranks(np.eye(128)[37])
    [1, 1, 1, 1, 1, 1]
    """
    rho = _kernel(kernel)
    size = len(rho)
    if size < 2 or size & (size - 1):
        raise ValueError(f"kernel must have a length 2, 4, 8, …, got {size}")
    allowed = _tolerance(tolerance)
    powers = range(1, size.bit_length() - 1)
    return [_rank(rho.reshape(-1, 2**k), allowed) for k in powers]  # the transposed unfolding


def ho_kalman(
    kernel: ArrayLike, states: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    r"""Return a linear recurrent network (A, B, C) whose kernel approximates the given one.

    With the n × n Hankel matrix $H = U \Sigma V^T$, cut at m singular values, and its shift
    $H^\uparrow_{ij} = \rho(i + j + 1)$, A is $\Sigma^{-1/2} U^T H^\uparrow V \Sigma^{-1/2}$, B the
    first column of $\Sigma^{1/2} V^T$ and C the first row of $U \Sigma^{1/2}$. If the rank of H is
    at most m, the kernel is met exactly at the lags of H and its shift. States beyond the numerical
    rank do nothing.

    Args:
        kernel: finite real numbers; n = len(kernel) // 2.
        states: m, 1 <= m <= n.

    Returns:
        A of shape (m, m), B of shape (m,), C of shape (m,).

    Raises:
        ValueError: `states` out of range, or a kernel that is not allowed.

    Source: B. L. Ho and R. E. Kalman (1966). Introduced in week 13.

    >>> A, B, C = ho_kalman(0.5 ** np.arange(8), 1)
    >>> bool(np.allclose(impulse_response(A, B, C, 8), 0.5 ** np.arange(8)))
    True
    """
    rho = _kernel(kernel)
    n = len(rho) // 2
    if not _is_integer(states) or not 1 <= states <= n:
        allowed = f"1 <= states <= len(kernel) // 2 = {n}"
        raise ValueError(f"states must be an integer with {allowed}, got {states!r}")
    U, sigma, Vt = np.linalg.svd(_hankel(rho, n))
    U, sigma, Vt = U[:, :states], sigma[:states], Vt[:states]
    root = np.sqrt(sigma)
    inert = sigma <= n * np.finfo(float).eps * sigma[0]
    inverse = np.where(inert, 0.0, 1 / np.where(inert, 1.0, root))
    A = inverse[:, None] * (U.T @ _hankel(rho[1:], n) @ Vt.T) * inverse
    return A, root * Vt[:, 0], U[0] * root


def _hankel(rho: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return rho[np.add.outer(np.arange(size), np.arange(size))]


def _rank(matrix: NDArray[np.float64], tolerance: float) -> int:
    largest = np.abs(matrix).max()
    if largest == 0:
        return 0
    sigma = np.linalg.svd(matrix / largest, compute_uv=False)
    return int(np.sum(sigma > tolerance * sigma[0]))


def _kernel(kernel: ArrayLike) -> NDArray[np.float64]:
    rho = _real(kernel, "kernel", 1)
    if len(rho) == 0:
        raise ValueError("kernel must have at least one value, got none")
    return rho


def _real(values: ArrayLike, name: str, dimensions: int) -> NDArray[np.float64]:
    array = real_array(values, name)
    if array.ndim != dimensions:
        wanted = f"{dimensions} dimension{'s' if dimensions > 1 else ''}"
        raise ValueError(f"{name} must have {wanted}, got shape {array.shape}")
    return array


def _tolerance(tolerance: float) -> float:
    real = isinstance(tolerance, numbers.Real | np.number) and not isinstance(tolerance, bool)
    if not real or not 0 <= tolerance < np.inf:
        raise ValueError(f"tolerance must be a finite number >= 0, got {tolerance!r}")
    return float(tolerance)


def _is_integer(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
