r"""Least squares in closed form: ridge regression, its limits, and what they risk.

`X` has one row an observation: shape (n, p). Everything is float64. Introduced in week 1.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


def ridge_primal(X: ArrayLike, y: ArrayLike, lam: float) -> Vector:
    r"""Return the ridge coefficients by a p by p system.

    $\beta_\lambda = (X^\top X + \lambda I)^{-1} X^\top y$, the minimiser of
    $\|X\beta - y\|^2 + \lambda\|\beta\|^2$. For p > n and tiny λ the matrix is nearly singular
    and the answer loses all its digits; `ridge_dual` keeps them.

    Args:
        X: shape (n, p), finite.
        y: shape (n,), finite.
        lam: λ > 0.

    Returns:
        Shape (p,).

    Raises:
        TypeError, ValueError: an argument is of the wrong kind, shape or range.

    Source: Hoerl and Kennard, Technometrics 12 (1970), equation (2.1).

    >>> ridge_primal([[1.0, 0.0], [0.0, 2.0]], [1.0, 2.0], 1.0).tolist()
    [0.5, 0.8]
    """
    X, y = _design(X, y)
    lam = _positive(lam, "lam")
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)


def ridge_dual(X: ArrayLike, y: ArrayLike, lam: float) -> Vector:
    r"""Return the ridge coefficients by an n by n system.

    $\beta_\lambda = X^\top (X X^\top + \lambda I)^{-1} y$: the same vector as `ridge_primal`.

    Args:
        X: shape (n, p), finite.
        y: shape (n,), finite.
        lam: λ > 0.

    Returns:
        Shape (p,), a combination of the rows of X.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind, shape or range.

    Source: Saunders, Gammerman and Vovk, Ridge regression learning algorithm in dual
    variables, ICML 1998, section 2.

    >>> ridge_dual([[1.0, 0.0], [0.0, 2.0]], [1.0, 2.0], 1.0).tolist()
    [0.5, 0.8]
    """
    X, y = _design(X, y)
    return X.T @ kernel_ridge(X @ X.T, y, lam)


def kernel_ridge(K: ArrayLike, y: ArrayLike, lam: float) -> Vector:
    r"""Return the dual coefficients $\alpha = (K + \lambda I)^{-1} y$ of kernel ridge regression.

    The fitted function is $x \mapsto \sum_i \alpha_i k(x_i, x)$.

    Args:
        K: shape (n, n), symmetric positive semidefinite, $K_{ij} = k(x_i, x_j)$.
        y: shape (n,), finite.
        lam: λ > 0.

    Returns:
        Shape (n,).

    Raises:
        TypeError, ValueError: an argument is of the wrong kind, shape or range.

    Source: Saunders, Gammerman and Vovk, ICML 1998, section 2.

    >>> kernel_ridge([[1.0, 0.0], [0.0, 3.0]], [2.0, 4.0], 1.0).tolist()
    [1.0, 1.0]
    """
    K, y = _design(K, y, name="K")
    if K.shape[0] != K.shape[1] or not np.allclose(K, K.T, rtol=1e-9, atol=1e-12):
        raise ValueError(f"K must be square and symmetric, got shape {K.shape}")
    return np.linalg.solve(K + _positive(lam, "lam") * np.eye(len(K)), y)


def gaussian_kernel(X: ArrayLike, Z: ArrayLike, bandwidth: float) -> Matrix:
    r"""Return the matrix of $\exp(-\|x_i - z_j\|^2 / (2\ell^2))$, ℓ the bandwidth.

    Args:
        X: shape (n, d), finite.
        Z: shape (m, d), finite.
        bandwidth: ℓ > 0.

    Returns:
        Shape (n, m).

    Raises:
        TypeError, ValueError: an argument is of the wrong kind, shape or range.

    Source: Schölkopf and Smola, Learning with Kernels (2002), section 2.3.

    >>> gaussian_kernel([[0.0]], [[0.0], [2.0]], bandwidth=1.0).round(4).tolist()
    [[1.0, 0.1353]]
    """
    X, Z = _matrix(X, "X"), _matrix(Z, "Z")
    if X.shape[1] != Z.shape[1]:
        raise ValueError(f"X and Z must have as many columns, got {X.shape} and {Z.shape}")
    squared = (X**2).sum(axis=1)[:, None] + (Z**2).sum(axis=1) - 2 * X @ Z.T
    return np.exp(-np.maximum(squared, 0.0) / (2 * _positive(bandwidth, "bandwidth") ** 2))


def minimum_norm(X: ArrayLike, y: ArrayLike) -> Vector:
    r"""Return the shortest of all least-squares solutions, $X^+ y$.

    Args:
        X: shape (n, p), finite, any rank.
        y: shape (n,), finite.

    Returns:
        Shape (p,), in the row space of X.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind or shape.

    Source: Penrose, Proc. Cambridge Philos. Soc. 52 (1956), 17-19.

    >>> minimum_norm([[3.0, 4.0]], [5.0]).round(12).tolist()
    [0.6, 0.8]
    """
    X, y = _design(X, y)
    return np.linalg.lstsq(X, y, rcond=None)[0]


def descent_limit(X: ArrayLike, y: ArrayLike, start: ArrayLike) -> Vector:
    r"""Return the limit of gradient descent on $\frac12\|X\beta - y\|^2$ from `start`.

    Every gradient lies in the row space of X, so the component of the start orthogonal to it
    stays: the limit is $\beta_0 + X^+(y - X\beta_0)$, the solution nearest to the start.

    Args:
        X: shape (n, p), finite.
        y: shape (n,), finite.
        start: shape (p,), finite.

    Returns:
        Shape (p,).

    Raises:
        TypeError, ValueError: an argument is of the wrong kind or shape.

    Source: Hastie, Montanari, Rosset and Tibshirani, Ann. Statist. 50 (2022), Proposition 1.

    >>> descent_limit([[1.0, 0.0]], [2.0], [0.0, 7.0]).tolist()
    [2.0, 7.0]
    """
    X, y = _design(X, y)
    start = np.asarray(start, dtype=np.float64)
    if start.shape != (X.shape[1],) or not np.isfinite(start).all():
        raise ValueError(f"start must be finite of shape ({X.shape[1]},), got {start.shape}")
    return start + minimum_norm(X, y - X @ start)


def least_squares_risk(n: int, p: int, sigma2: float = 0.25, beta_norm2: float = 1.0) -> float:
    r"""Return the exact risk $E\|X^+y - \beta\|^2$ for a Gaussian design.

    n independent rows $x_i \sim N(0, I_p)$ and $y = X\beta + \varepsilon$ with
    $\varepsilon \sim N(0, \sigma^2 I_n)$. The risk is $\sigma^2 p/(n-p-1)$ for p < n - 1 and
    $(1 - n/p)\|\beta\|^2 + \sigma^2 n/(p-n-1)$ for p > n + 1; infinite between (with noise).

    Args:
        n: observations, n >= 1.
        p: parameters, p >= 1.
        sigma2: variance of the noise, >= 0.
        beta_norm2: $\|\beta\|^2$ >= 0.

    Returns:
        The risk, `inf` for |p - n| <= 1 and sigma2 > 0.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind or out of range.

    Source: Breiman and Freedman, J. Amer. Statist. Assoc. 78 (1983), for p < n; Belkin, Hsu
    and Xu, SIAM J. Math. Data Sci. 2 (2020), section 2 (Gaussian model, all features drawn).

    >>> least_squares_risk(100, 20), least_squares_risk(100, 100)
    (0.06329113924050633, inf)
    """
    n, p = _count(n, "n"), _count(p, "p")
    sigma2, beta_norm2 = _nonnegative(sigma2, "sigma2"), _nonnegative(beta_norm2, "beta_norm2")
    bias = max(0.0, 1 - n / p) * beta_norm2
    if sigma2 == 0:
        return bias
    if abs(p - n) <= 1:
        return math.inf
    return bias + sigma2 * min(n, p) / (abs(n - p) - 1)


def ridge_risk_limit(
    gamma: float, lam: float, sigma2: float = 0.25, beta_norm2: float = 1.0
) -> float:
    r"""Return the limit of the ridge risk as n, p grow with $p/n \to \gamma$.

    The estimator is $(X^\top X + \lambda n I)^{-1} X^\top y$ on the Gaussian design of
    `least_squares_risk`. With $m$ the Stieltjes transform of the Marchenko-Pastur law at
    $-\lambda$, the limit is $\lambda^2 \|\beta\|^2 m' + \sigma^2\gamma(m - \lambda m')$.

    Args:
        gamma: γ > 0.
        lam: λ > 0, the penalty divided by n.
        sigma2: variance of the noise, >= 0.
        beta_norm2: $\|\beta\|^2$ >= 0.

    Returns:
        The limit.

    Raises:
        TypeError, ValueError: an argument is of the wrong kind or out of range.

    Source: Dobriban and Wager, Ann. Statist. 46 (2018), Theorem 2.1; Hastie, Montanari,
    Rosset and Tibshirani, Ann. Statist. 50 (2022), on ridge with isotropic features.

    >>> round(ridge_risk_limit(1.0, 0.25), 6)
    0.390388
    """
    gamma, lam = _positive(gamma, "gamma"), _positive(lam, "lam")
    sigma2, beta_norm2 = _nonnegative(sigma2, "sigma2"), _nonnegative(beta_norm2, "beta_norm2")
    # m solves γλm² + (1 − γ + λ)m = 1; the second line differentiates this at z = −λ.
    b = 1 - gamma + lam
    root = math.sqrt(b * b + 4 * gamma * lam)
    m = 2 / (b + root) if b > 0 else (root - b) / (2 * gamma * lam)
    slope = (gamma * m * m + m) / (2 * gamma * lam * m + b)
    return lam**2 * beta_norm2 * slope + sigma2 * gamma * (m - lam * slope)


def _matrix(X: ArrayLike, name: str) -> Matrix:
    X = np.asarray(X)
    if X.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be real numbers, got dtype {X.dtype}")
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(f"{name} must be a matrix with rows and columns, got shape {X.shape}")
    X = X.astype(np.float64)
    if not np.isfinite(X).all():
        raise ValueError(f"{name} must be finite, got {int((~np.isfinite(X)).sum())} bad entries")
    return X


def _design(X: ArrayLike, y: ArrayLike, name: str = "X") -> tuple[Matrix, Vector]:
    X, y = _matrix(X, name), np.asarray(y)
    if y.dtype.kind not in "fiu":
        raise TypeError(f"y must be real numbers, got dtype {y.dtype}")
    if y.shape != (len(X),):
        raise ValueError(f"y must have shape ({len(X)},), one value a row, got {y.shape}")
    if not np.isfinite(y).all():
        raise ValueError(f"y must be finite, got {int((~np.isfinite(y)).sum())} bad entries")
    return X, y.astype(np.float64)


def _real(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a real number, got {value!r:.60}")
    return float(value)


def _positive(value: float, name: str) -> float:
    if not 0 < _real(value, name) < math.inf:
        raise ValueError(f"{name} must be positive and finite, got {value}")
    return float(value)


def _nonnegative(value: float, name: str) -> float:
    if not 0 <= _real(value, name) < math.inf:
        raise ValueError(f"{name} must be nonnegative and finite, got {value}")
    return float(value)


def _count(value: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer, got {value!r:.60}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
    return int(value)
