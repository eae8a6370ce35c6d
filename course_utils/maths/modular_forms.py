r"""Traces over newforms of weight 2 and square-free level, from class numbers.

Everything here is an integer. Source of the trace formula: N.-P. Skoruppa and D. Zagier, *Jacobi
forms and a certain space of modular forms*, Invent. Math. 94 (1988); in the form used here: N.
Zubrilina, *Murmurations*, arXiv 2310.07681.
"""

from math import gcd, isqrt

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from course_utils.maths.number_theory import _integer, mobius

_BLOCK = 2**16  # class numbers at a time: a block stays in the processor's cache
_LARGEST = 10**10  # a single class number H(n) takes about n / 7 divisions
_LONGEST = 2**31  # entries of a table


def hurwitz_class_numbers(limit: int) -> NDArray[np.int64]:
    r"""Return 12 H(n) for all n up to `limit`, where H(n) are Hurwitz's class numbers.

    H(n) counts the reduced forms $ax^2 + bxy + cy^2$ with $b^2 - 4ac = -n$, that is $|b| \le a \le
    c$ and $b \ge 0$ if $|b| = a$ or $a = c$; multiples of $x^2 + y^2$ count 1/2, multiples of $x^2
    + xy + y^2$ count 1/3, and H(0) = -1/12. No form has $-n \equiv 2, 3$ modulo 4.

    Args:
        limit: the last n, 0 <= limit < 2**31; time grows like limit ** 1.5.

    Returns:
        Shape (limit + 1,), entry n equal to 12 H(n).

    Raises:
        TypeError, ValueError: `limit` is not an integer, or out of range.

    Source: H. Cohen, *A Course in Computational Algebraic Number Theory*, §5.3.

    >>> hurwitz_class_numbers(12).tolist()
    [-1, 0, 0, 4, 6, 0, 0, 12, 12, 0, 0, 12, 16]
    """
    limit = _integer(limit, "limit", 0, _LONGEST)
    table = np.zeros(limit + 1, np.int64)
    table[0] = -1
    block = np.zeros(_BLOCK, np.int32)
    for low in range(0, limit + 1, _BLOCK):
        _count_forms(block, low)
        part = table[low : low + _BLOCK]
        part += block[: len(part)]
    return table


@njit("void(int32[::1], int64)", cache=True)
def _count_forms(block: NDArray[np.int32], low: int) -> None:
    """Write 12 times the weighted number of reduced forms with low <= n < low + len(block)."""
    block[:] = 0
    high = low + len(block)
    a = 1
    while 3 * a * a < high:
        for b in range(a + 1):
            first = max(a, (low + b * b + 4 * a - 1) // (4 * a))  # the least c
            weight = 12 if b == 0 or b == a else 24
            n = 4 * a * first - b * b - low
            if first == a and n < len(block):
                block[n] += 4 if b == a else (6 if b == 0 else 12)
                n += 4 * a
            while n < len(block):
                block[n] += weight
                n += 4 * a
        a += 1


@njit("int64(int64)", cache=True)
def _class_number(n: int) -> int:
    """Return 12 H(n) for one n > 0: the divisors a of (b² + n) / 4 between b and the root."""
    total = 0
    b = n % 2
    while 3 * b * b <= n:
        product = (b * b + n) // 4
        a = max(b, 1)
        while a * a <= product:
            if product % a == 0:
                if a * a == product:
                    total += 4 if a == b else (6 if b == 0 else 12)
                else:
                    total += 12 if b == 0 or b == a else 24
            a += 1
        b += 2
    return total if n % 4 in (0, 3) else 0


def signed_trace(level: int, prime: int) -> int:
    r"""Return Σ ε(f) a_f(p) over the newforms f of weight 2, of one level and trivial character.

    ε(f) = ±1 is the sign of the functional equation of the L-function of f, and a_f(p) the Fourier
    coefficient. For N > 1 square-free and a prime p that does not divide N the sum is
    $$\tfrac12 \sum_{t^2 N \le 4p} H(4pN - t^2 N^2) - (p + 1),$$
    the trace of the composed Hecke and Atkin-Lehner operators with its sign changed; forms from
    lower levels contribute 0, because the Atkin-Lehner operator exchanges their two copies.

    Args:
        level: N, square-free and positive.
        prime: p, not a divisor of N; 4 N p <= 10**10 (time grows like N p).

    Returns:
        The sum, an integer.

    Raises:
        TypeError, ValueError: an argument is not an integer, the level is not square-free, `prime`
            is not prime or divides the level, or the product is too large.

    Source: see the head of this module.

    The curve of conductor 11 has rank 0, so ε = 1, and a_2 = -2:

    >>> signed_trace(11, 2)
    -2
    """
    level, prime = _level(level), _prime(prime)
    if level % prime == 0:
        raise ValueError(f"prime must not divide level = {level}, got {prime}")
    if 4 * level * prime > _LARGEST:
        raise ValueError(f"4 * level * prime must be at most {_LARGEST}, got {4 * level * prime}")
    if level == 1:
        return 0
    total = 0
    for t in range(isqrt(4 * prime // level) + 1):
        n = level * (4 * prime - t * t * level)
        total += (1 if t == 0 else 2) * _class_number(n)
    return total // 24 - (prime + 1)


def signed_traces(levels: ArrayLike, primes: ArrayLike) -> NDArray[np.int64]:
    """Return `signed_trace` for all levels and primes, from one table of class numbers.

    Args:
        levels: square-free levels, shape (L,).
        primes: primes, shape (P,); 4 N p < 2**31 for all pairs.

    Returns:
        Shape (L, P); entries whose prime divides the level are 0.

    Raises:
        TypeError, ValueError: as `signed_trace`.

    >>> signed_traces([11, 37], [2, 3, 11]).tolist()
    [[-2, -1, 0], [2, 4, 8]]
    """
    N = np.array([_level(n) for n in np.asarray(levels).tolist()], np.int64)[:, None]
    p = np.array([_prime(n) for n in np.asarray(primes).tolist()], np.int64)
    if not N.size or not p.size:
        return np.zeros((len(N), len(p)), np.int64)
    largest = 4 * int(N.max()) * int(p.max())
    if largest >= _LONGEST:
        raise ValueError(f"4 * level * prime must be below {_LONGEST}, got {largest}")
    table, total = hurwitz_class_numbers(largest), np.zeros((len(N), len(p)), np.int64)
    for t in range(isqrt(4 * int(p.max()) // int(N.min())) + 1):
        n = N * (4 * p - t * t * N)
        total += np.where(n > 0, (1 if t == 0 else 2) * table[np.maximum(n, 1)], 0)
    return np.where((N > 1) & (N % p != 0), total // 24 - (p + 1), 0)


def _level(value: int) -> int:
    level = _integer(value, "level", 1)
    if level > _LARGEST or mobius(level) == 0:
        raise ValueError(f"level must be square-free and at most {_LARGEST}, got {level}")
    return level


def _prime(value: int) -> int:
    prime = _integer(value, "prime", 2)
    if prime > _LARGEST or any(gcd(prime, d) > 1 for d in range(2, isqrt(prime) + 1)):
        raise ValueError(f"prime must be a prime and at most {_LARGEST}, got {prime}")
    return prime
