"""Real roots of integer polynomials in exact arithmetic: characteristic polynomials, Sturm chains.

A polynomial is a list of integers, the highest coefficient first, without leading zeros. No
function of this module rounds: roots are counted in intervals with rational ends.
Introduced in week 7.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import gcd

import numpy as np
from numba import njit
from numpy.typing import NDArray


def characteristic_polynomial(matrix: NDArray) -> list[int]:
    r"""Return the coefficients of $\det(x I - M)$, integers, the highest first.

    Computed modulo primes below $2^{31}$ (Hessenberg form) and put together by the Chinese
    remainder theorem; with $\rho$ the largest absolute row sum all coefficients are at most
    $(1 + \rho)^n$, so the answer is exact.

    Args:
        matrix: square array (n, n) of integers (any integer dtype, or floats that are integers).

    Raises:
        ValueError: not square, or an entry is not an integer of absolute value below 2**53.

    Source: H. Cohen, A Course in Computational Algebraic Number Theory, Algorithm 2.2.9.

    >>> characteristic_polynomial(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    [1, 0, -2, 0]
    """
    array = np.asarray(matrix)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(f"matrix must be square, got shape {array.shape}")
    if array.dtype.kind not in "biuf":
        raise ValueError(f"matrix must hold integers, got dtype {array.dtype}")
    as_float = array.astype(np.float64)
    if not np.all((np.abs(as_float) < 2.0**53) & (as_float == np.round(as_float))):
        raise ValueError("matrix must hold integers of absolute value below 2**53")
    entries = array.astype(np.int64)
    size = len(entries)
    rho = max((sum(abs(x) for x in row) for row in entries.tolist()), default=0)
    bound = 2 * (1 + rho) ** size + 1
    modulus, result, prime = 1, [0] * (size + 1), 2**31
    while modulus < bound:
        prime = _prime_below(prime)
        residues = _charpoly_mod(entries % prime, prime).tolist()
        lift = pow(modulus, -1, prime)
        result = [
            c + modulus * ((r - c) * lift % prime) for c, r in zip(result, residues, strict=True)
        ]
        modulus *= prime
    return [c - modulus if 2 * c > modulus else c for c in result]


@njit(cache=True)
def _prime_below(start: int) -> int:
    candidate = start - 1
    while True:
        divisor, prime = 2, True
        while divisor * divisor <= candidate:
            if candidate % divisor == 0:
                prime = False
                break
            divisor += 1
        if prime:
            return candidate
        candidate -= 1


@njit(cache=True)
def _power_mod(base: int, exponent: int, prime: int) -> int:
    result = 1
    while exponent > 0:
        if exponent & 1:
            result = result * base % prime
        base = base * base % prime
        exponent >>= 1
    return result


@njit(cache=True)
def _charpoly_mod(matrix: NDArray[np.int64], prime: int) -> NDArray[np.int64]:
    """Hessenberg form modulo `prime`, then the three-term recursion of its leading minors."""
    h = matrix.copy()
    n = h.shape[0]
    for m in range(1, n - 1):
        i = m
        while i < n and h[i, m - 1] == 0:
            i += 1
        if i == n:
            continue
        if i > m:
            for j in range(m - 1, n):
                h[i, j], h[m, j] = h[m, j], h[i, j]
            for k in range(n):
                h[k, i], h[k, m] = h[k, m], h[k, i]
        inverse = _power_mod(h[m, m - 1], prime - 2, prime)
        for i in range(m + 1, n):
            if h[i, m - 1] != 0:
                u = h[i, m - 1] * inverse % prime
                for j in range(m - 1, n):
                    h[i, j] = (h[i, j] - u * h[m, j]) % prime
                for k in range(n):
                    h[k, m] = (h[k, m] + u * h[k, i]) % prime
    minors = np.zeros((n + 1, n + 1), np.int64)  # row k: lowest coefficient first
    minors[0, 0] = 1
    for k in range(1, n + 1):
        for j in range(k):
            minors[k, j + 1] = minors[k - 1, j]
        for j in range(k):
            minors[k, j] = (minors[k, j] - h[k - 1, k - 1] * minors[k - 1, j]) % prime
        product = 1
        for i in range(1, k):
            product = product * h[k - i, k - i - 1] % prime
            factor = product * h[k - i - 1, k - 1] % prime
            for j in range(k - i):
                minors[k, j] = (minors[k, j] - factor * minors[k - i - 1, j]) % prime
    return minors[n, ::-1].copy()


def _primitive(polynomial: list[int]) -> list[int]:
    """Drop leading zeros and divide by the (positive) content."""
    start = next((i for i, c in enumerate(polynomial) if c), len(polynomial))
    content = gcd(*polynomial)
    return [c // content for c in polynomial[start:]]


def _remainder(f: list[int], g: list[int]) -> list[int]:
    """Return a positive multiple of the remainder of f by g, primitive; [] is zero."""
    rest, lead = list(f), g[0]
    while len(rest) >= len(g):
        scale, top = (abs(lead), rest[0]) if lead > 0 else (abs(lead), -rest[0])
        rest = [scale * c for c in rest]
        for i, c in enumerate(g):
            rest[i] -= top * c
        rest = _primitive(rest[1:]) if any(rest) else []
    return rest


def common_divisor(f: list[int], g: list[int]) -> list[int]:
    """Return the greatest common divisor of two polynomials, primitive, positive lead.

    >>> common_divisor([1, 0, -1], [1, -2, 1])
    [1, -1]
    """
    f, g = _primitive(f), _primitive(g)
    while g:
        f, g = g, _remainder(f, g)
    return f if f[0] > 0 else [-c for c in f]


def squarefree_part(polynomial: list[int]) -> list[int]:
    """Return the primitive polynomial with the same roots, each of them simple.

    >>> squarefree_part([1, -2, 1, 0])  # x (x - 1)^2
    [1, -1, 0]
    """
    f = _primitive(polynomial)
    if len(f) < 2:
        return f
    divisor = common_divisor(f, _derivative(f))
    rest, quotient = [Fraction(c) for c in f], []
    while len(rest) >= len(divisor):
        quotient.append(rest[0] / divisor[0])
        for i, c in enumerate(divisor):
            rest[i] -= quotient[-1] * c
        rest.pop(0)
    scale = 1
    for c in quotient:
        scale = scale * c.denominator // gcd(scale, c.denominator)
    return _primitive([int(c * scale) for c in quotient])


def _derivative(polynomial: list[int]) -> list[int]:
    degree = len(polynomial) - 1
    return [c * (degree - i) for i, c in enumerate(polynomial[:-1])]


def sturm_chain(polynomial: list[int]) -> list[list[int]]:
    """Return the Sturm chain of the square-free part, each member up to a positive factor.

    Source: J. von zur Gathen and J. Gerhard, Modern Computer Algebra, section 4.2 (exercise 4.32).

    >>> sturm_chain([1, 0, -2])
    [[1, 0, -2], [1, 0], [1]]
    """
    f = squarefree_part(polynomial)
    chain = [f, _primitive(_derivative(f))] if len(f) > 1 else [f]
    while len(chain[-1]) > 1:
        chain.append([-c for c in _remainder(chain[-2], chain[-1])])
    return chain


def sign_at(polynomial: list[int], point: Fraction) -> int:
    """Return the sign, -1, 0 or 1, of a polynomial at a rational number.

    >>> sign_at([1, 0, -2], Fraction(7, 5))
    -1
    """
    a, b = point.numerator, point.denominator
    value, power = 0, 1
    for c in polynomial:
        value, power = value * a + c * power, power * b
    return (value > 0) - (value < 0)


def _variations(chain: list[list[int]], point: Fraction | None) -> int:
    """Return the sign changes of a chain at a point; None is +∞."""
    signs = [(f[0] > 0) - (f[0] < 0) if point is None else sign_at(f, point) for f in chain]
    signs = [s for s in signs if s]
    return sum(a != b for a, b in pairwise(signs))


def count_roots(polynomial: list[int], low: Fraction | int, high: Fraction | int | None) -> int:
    """Return the number of different real roots in the closed interval [low, high].

    Args:
        polynomial: integer coefficients, the highest first; not the zero polynomial.
        low, high: rational ends; high = None is infinity.

    Raises:
        ValueError: the zero polynomial, or low > high.

    Source: Sturm's theorem; von zur Gathen and Gerhard, exercise 4.32.

    >>> count_roots([1, 0, -18, 0, 79], Fraction(81, 25), None)
    0
    >>> count_roots([1, 0, -2, 0], 0, 2)
    2
    """
    if not any(polynomial):
        raise ValueError("polynomial must not be zero")
    if high is not None and low > high:
        raise ValueError(f"low must be at most high, got {low} > {high}")
    ends = Fraction(low), None if high is None else Fraction(high)
    return count_in_chain(sturm_chain(polynomial), *ends)


def count_in_chain(chain: list[list[int]], low: Fraction, high: Fraction | None) -> int:
    """Return the number of roots in [low, high] of the polynomial whose Sturm chain this is.

    >>> count_in_chain(sturm_chain([1, 0, -2]), Fraction(0), None)
    1
    """
    at_low = sign_at(chain[0], low) == 0
    return _variations(chain, low) - _variations(chain, high) + at_low
