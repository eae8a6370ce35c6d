r"""Mean-field theory of random tanh networks: two recursions and their phase transition.

A wide random network $z^{l+1} = W \tanh(z^l) + b$ with $W_{ij} \sim N(0, \sigma_w^2/N)$ and
$b_i \sim N(0, \sigma_b^2)$, fresh in every layer, maps the mean square $q$ of its entries by the
*length map* and the correlation $c$ of two inputs of length $q^*$ by the *correlation map*:

$$q \mapsto \sigma_w^2 V(q) + \sigma_b^2, \qquad V(q) = E \tanh^2(\sqrt q z),$$
$$c \mapsto (\sigma_w^2 E[\tanh(u) \tanh(v)] + \sigma_b^2) / q^*,$$

where $(u, v)$ is Gaussian with variances $q^*$ and correlation $c$. The slope of the correlation
map is $\chi(c) = \sigma_w^2 E[\tanh'(u) \tanh'(v)]$; $\chi(1) < 1$ is order, $\chi(1) > 1$ chaos.

All expectations are trapezoidal sums, whose error decays like $e^{-2 \pi d / h}$ with $d$ the
distance of the nearest pole from the real axis (Trefethen and Weideman, SIAM Review 56 (2014),
Theorem 5.1); steps follow the poles, so the accuracy (about 1e-12) does not depend on $q$.

Source: Poole et al., NeurIPS 2016; Schoenholz et al., ICLR 2017. Introduced in week 3.
"""

import itertools
import math
import numbers
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

_FAR = 9.0  # the Gaussian density beyond is below 1e-18
_RTOL = 4 * np.finfo(float).eps


def length_map(q: float, sigma_w2: float, sigma_b2: float) -> float:
    r"""Return $\sigma_w^2 E \tanh^2(\sqrt q z) + \sigma_b^2$, the next layer's mean square.

    Raises:
        TypeError, ValueError: an argument is not a real number, or negative, NaN or infinite.

    Source: Poole et al. 2016, section 2. Introduced in week 3.

    >>> length_map(0, 2, 0.25)
    0.25
    """
    q, w, b = _variances(q=q, sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    return w * q * _tanh_square_ratio(q) + b


def length_fixed_point(sigma_w2: float, sigma_b2: float) -> float:
    r"""Return the fixed point $q^*$ of the length map to which $q = 1$ is attracted.

    $V(q)/q$ decreases, because $\tanh(y)/y$ does; so
    $\sigma_w^2 V(q)/q + \sigma_b^2/q = 1$ has at most one positive solution, and it has one
    unless $\sigma_b^2 = 0$ and $\sigma_w^2 \le 1$, where $q^* = 0$.

    Raises:
        TypeError, ValueError: an argument is not a real number, or negative, NaN or infinite.

    Source: Poole et al. 2016, section 2. Introduced in week 3.

    >>> round(length_fixed_point(2.5, 0.05), 8)
    1.06395838
    >>> length_fixed_point(1, 0)
    0.0
    """
    w, b = _variances(sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    if w == 0 or (b == 0 and w <= 1):
        return b
    low = max(b, (1 - 1 / w) / 2)  # tanh(y)^2 >= y^2 - 2 y^4 / 3, hence V(q)/q >= 1 - 2q
    high = w + b  # V < 1
    if w < 1:
        high = min(high, b / (1 - w))  # V(q) <= q
    return _bracketed(lambda q: w * _tanh_square_ratio(q) + b / q - 1, low, high)


def correlation_map(c: float, sigma_w2: float, sigma_b2: float) -> float:
    r"""Return the next layer's correlation of two inputs of length $q^*$ and correlation `c`.

    Computed as $1 - \int_c^1 \chi$, which is exact at the fixed point $c = 1$.

    Raises:
        TypeError, ValueError: a variance is not a real number, or negative, NaN or infinite;
            `c` is not in [-1, 1]; $q^* = 0$.

    Source: Poole et al. 2016, section 3. Introduced in week 3.

    >>> correlation_map(1, 2.5, 0.05)
    1.0
    >>> round(correlation_map(0, 2.5, 0.05) * length_fixed_point(2.5, 0.05), 9)
    0.05
    """
    q = length_fixed_point(sigma_w2, sigma_b2)
    c = _correlation(c)
    if q == 0:
        raise ValueError("sigma_w2 <= 1 with sigma_b2 = 0 has length 0: no correlation is defined")
    return 1 - (1 - c) * float(sigma_w2) * _mean_slope(math.acos(c), q)


def chi(sigma_w2: float, sigma_b2: float, c: float = 1.0) -> float:
    r"""Return $\chi(c)$, the slope of the correlation map at `c`; $\chi_1 = \chi(1)$ by default.

    Raises:
        TypeError, ValueError: as `correlation_map`.

    Source: Schoenholz et al. 2017, equation (7). Introduced in week 3.

    >>> round(chi(2.5, 0.05), 8)
    1.1335157
    """
    q = length_fixed_point(sigma_w2, sigma_b2)
    return float(sigma_w2) * _slope(math.acos(_correlation(c)), q)


def correlation_fixed_point(sigma_w2: float, sigma_b2: float) -> float:
    r"""Return the stable fixed point $c^*$ of the correlation map.

    1 in the ordered phase and on the critical line. In the chaotic phase the one solution of
    $\frac{1}{1-c} \int_c^1 \chi = 1$ in $[0, 1)$: $\chi$ is a power series with coefficients
    $\ge 0$, so that mean increases with $c$, from $1 - \sigma_b^2/q^*$ to $\chi_1 > 1$. The
    equation does not have the fixed point 1, so nothing slows down near the critical line.
    At $\sigma_b^2 = 0$: 0 for $\sigma_w^2 > 1$, else 1 (the limit of small $\sigma_b^2$).

    Raises:
        TypeError, ValueError: an argument is not a real number, or negative, NaN or infinite.

    Source: Poole et al. 2016, section 3. Introduced in week 3.

    >>> round(correlation_fixed_point(2.5, 0.05), 6)
    0.446804
    >>> correlation_fixed_point(1.5, 0.3)
    1.0
    """
    w, b = _variances(sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    if b == 0:
        return 0.0 if w > 1 else 1.0
    q = length_fixed_point(w, b)
    if w * _slope(0.0, q) <= 1:
        return 1.0
    # the angle between the inputs, from 0 (c = 1) to a right angle (c = 0)
    angle = _bracketed(lambda angle: w * _mean_slope(angle, q) - 1, 0.0, math.pi / 2)
    return math.cos(angle)


def correlation_depth(sigma_w2: float, sigma_b2: float) -> float:
    r"""Return $\xi_c = -1/\ln \chi(c^*)$: layers in which $|c^l - c^*|$ falls by a factor e.

    Infinite on the critical line.

    Raises:
        TypeError, ValueError: an argument is not a real number, or negative, NaN or infinite.

    Source: Schoenholz et al. 2017, equation (9). Introduced in week 3.

    >>> round(correlation_depth(1.3, 0.05), 2)
    7.83
    """
    w, b = _variances(sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    slope = chi(w, b, correlation_fixed_point(w, b))
    if slope == 0:
        return 0.0
    return math.inf if slope >= 1 else -1 / math.log(slope)


def critical_sigma_w2(sigma_b2: float) -> float:
    r"""Return the $\sigma_w^2$ on the critical line $\chi_1 = 1$ at `sigma_b2`.

    With $D(q) = E \tanh'(\sqrt q z)^2$ the line is the curve
    $\sigma_w^2 = 1/D(q)$, $\sigma_b^2 = q - V(q)/D(q)$, $q \ge 0$: one bracketed root in $q$.

    Raises:
        TypeError, ValueError: `sigma_b2` is not a real number, or negative, NaN or infinite.

    Source: Poole et al. 2016, section 3. Introduced in week 3.

    >>> round(critical_sigma_w2(0.05), 8)
    1.76095464
    >>> critical_sigma_w2(0)
    1.0
    """
    (b,) = _variances(sigma_b2=sigma_b2)
    if b == 0:
        return 1.0

    def excess(q: float) -> float:
        return q * (1 - _tanh_square_ratio(q) / _slope(0.0, q)) - b

    low = high = max(b, 1.0)
    while excess(high) < 0:
        high *= 2
    low = min(b, 1e-7)  # there sigma_b2 = 4 q^3 / 3 to leading order, below b
    return 1 / _slope(0.0, _bracketed(excess, low, high))


def _bracketed(f: Callable[[float], float], low: float, high: float) -> float:
    """The root of a function that changes its sign once, to the last digits."""
    at_low, at_high = f(low), f(high)
    if at_low * at_high >= 0:  # rounding at an end that is the root
        return low if abs(at_low) < abs(at_high) else high
    return float(brentq(f, low, high, xtol=1e-300, rtol=_RTOL, maxiter=500))


def _half_line(scale: float, far: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes s >= 0 and weights of E f(s) for an even f with a pole at i pi/(2 scale)."""
    step = min(0.5, 0.26 / scale) if scale > 0 else 0.5
    s = step * np.arange(math.ceil(far / step) + 1)  # (nodes,)
    weight = 2 * step * np.exp(-(s**2) / 2) / math.sqrt(2 * math.pi)
    weight[0] /= 2
    return s, weight


def _tanh_square_ratio(q: float) -> float:
    """V(q)/q, without cancellation at small q."""
    root = math.sqrt(q)
    if root < 1e-8:
        return 1.0
    if q > 1:  # sech^2 is short: 1 - V needs few nodes
        s, weight = _half_line(root, min(_FAR, 20 / root))
        return (1 - float(weight @ (1 / np.cosh(root * s) ** 2))) / q
    s, weight = _half_line(root, _FAR)
    return float(weight @ (np.tanh(root * s) / root) ** 2)


def _slope(angle: float, q: float) -> float:
    r"""E tanh'(u) tanh'(v) for variances q and correlation cos(angle).

    In the independent $s, t$ with $u = \alpha s + \beta t$, $v = \alpha s - \beta t$ the
    integrand is at most $16 e^{-4 \max(\alpha |s|, \beta |t|)}$ and even in $s$ and in $t$.
    """
    alpha = math.sqrt(q) * math.cos(angle / 2)
    beta = math.sqrt(q) * math.sin(angle / 2)
    s, weight_s = _half_line(alpha, min(_FAR, 10 / alpha) if alpha > 0 else _FAR)
    t, weight_t = _half_line(beta, min(_FAR, 10 / beta) if beta > 0 else _FAR)
    u = alpha * s[:, None] + beta * t  # (nodes of s, nodes of t)
    v = alpha * s[:, None] - beta * t
    return float(weight_s @ (1 / (np.cosh(u) * np.cosh(v)) ** 2) @ weight_t)


def _mean_slope(angle: float, q: float) -> float:
    r"""The mean of E tanh'(u) tanh'(v) over the correlations in [cos(angle), 1].

    In the angle $\psi$ the integrand varies on the scale $1/\sqrt q$; panels grow from there.
    """
    if angle < 1e-8:
        return _slope(0.0, q)
    first = min(angle, 2 / math.sqrt(max(q, 1)))
    panels = 1 + math.ceil(math.log2(angle / first))
    edges = np.append(0.0, angle / 2.0 ** np.arange(panels - 1, -1, -1))
    x, weight = np.polynomial.legendre.leggauss(24)
    total = 0.0
    for left, right in itertools.pairwise(edges):
        psi = (left + right) / 2 + (right - left) / 2 * x
        values = [_slope(float(p), q) * math.sin(p) for p in psi]
        total += (right - left) / 2 * float(weight @ values)
    return float(total) / (2 * math.sin(angle / 2) ** 2)


def _correlation(c: float) -> float:
    value = _real("c", c)
    if not -1 <= value <= 1:
        raise ValueError(f"c must satisfy -1 <= c <= 1, got {value}")
    return value


def _variances(**named: float) -> list[float]:
    values = []
    for name, value in named.items():
        number = _real(name, value)
        if not (math.isfinite(number) and number >= 0):
            raise ValueError(f"{name} must be a finite number >= 0, got {number}")
        values.append(number)
    return values


def _real(name: str, value: float) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number, got {str(value)[:60]!r}")
    return float(value)
