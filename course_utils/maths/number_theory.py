"""Arithmetic functions: integers in, integers out. Hardy and Wright, chapters XVI to XVIII."""

from math import isqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

SIEVE_BOUND = 2**31  # a signed product of distinct primes of n < 2**31 fits into 32 bits
SEGMENT_BOUND = 10**14
MERTENS_BOUND = 10**12
_SEGMENT = 2**15  # numbers at a time: their products stay in the processor's cache


def _integer(value: int, name: str, low: int, high: int | None = None) -> int:
    """Return `value` as a Python int, or raise an error that names it."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer, got {_short(value)}")
    if value < low or (high is not None and value >= high):
        allowed = f"{name} >= {low}" if high is None else f"{low} <= {name} < {high}"
        raise ValueError(f"{name} must satisfy {allowed}, got {_short(value)}")
    return int(value)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def primes_upto(limit: int) -> NDArray[np.int64]:
    """Return the primes up to `limit`, increasing: the sieve of Eratosthenes.

    Args:
        limit: largest number considered, 0 <= limit < 2**31; memory limit bytes.

    Returns:
        Shape (π(limit),).

    Raises:
        TypeError, ValueError: `limit` is not an integer, or out of range.

    Source: Hardy and Wright, §1.4. Introduced in week 2.

    >>> primes_upto(30).tolist()
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
    """
    limit = _integer(limit, "limit", 0, SIEVE_BOUND)
    prime = np.ones(limit + 1, np.bool_)
    prime[:2] = False
    for p in range(2, isqrt(limit) + 1):
        if prime[p]:
            prime[p * p :: p] = False
    return np.flatnonzero(prime)


def mobius(n: int) -> int:
    r"""Return the Möbius function of `n`, by trial division up to the square root of n.

    $\mu(n) = 0$ if the square of a prime divides $n$, otherwise $(-1)^k$ with $k$ the
    number of primes dividing $n$; $\mu(1) = 1$, the empty product.

    Args:
        n: a positive integer of any size; about $\sqrt n / 2$ divisions at worst.

    Returns:
        -1, 0 or 1.

    Raises:
        TypeError, ValueError: `n` is not an integer, or not positive.

    Source: Hardy and Wright, §16.3. Introduced in week 2.

    >>> [mobius(n) for n in range(1, 11)]
    [1, -1, -1, 0, -1, 1, -1, 0, 0, 1]
    """
    n = _integer(n, "n", 1)
    sign, p = 1, 2
    while p * p <= n:
        if n % p == 0:
            n //= p
            if n % p == 0:
                return 0
            sign = -sign
        p += 1 if p == 2 else 2
    return -sign if n > 1 else sign


def mobius_sieve(limit: int) -> NDArray[np.int8]:
    r"""Return the Möbius function of all integers up to `limit`.

    A segmented sieve: the result is the only array of that size, one byte an integer.

    Args:
        limit: largest n, 0 <= limit < 2**31.

    Returns:
        Shape (limit + 1,); entry n is $\mu(n)$, and entry 0, where the function is not
        defined, is 0.

    Raises:
        TypeError, ValueError: `limit` is not an integer, or out of range.

    Source: Hardy and Wright, §16.3; the method is described at `mobius_segment`.
        Introduced in week 2.

    >>> mobius_sieve(10).tolist()
    [0, 1, -1, -1, 0, -1, 1, -1, 0, 0, 1]
    """
    limit = _integer(limit, "limit", 0, SIEVE_BOUND)
    mu = np.empty(limit + 1, np.int8)
    mu[0] = 0
    _fill(mu[1:], 1, primes_upto(isqrt(limit)), np.empty(_SEGMENT, np.int32))
    return mu


def mobius_segment(start: int, stop: int) -> NDArray[np.int8]:
    r"""Return the Möbius function of the integers `start` <= n < `stop`.

    Every n starts with the product 1. Each prime $p \le \sqrt{\text{stop}}$ multiplies the
    products of its multiples by $-p$, and sets those of the multiples of $p^2$ to 0. A
    product that is then neither 0 nor $\pm n$ lacks one prime factor of n, which is above
    the square root, so its sign flips. $\mu(n)$ is the sign.

    Args:
        start: first n, at least 1.
        stop: one more than the last n, start <= stop <= 10**14; the primes up to its square
            root are sieved in each call.

    Returns:
        Shape (stop - start,); entry i is $\mu(\text{start} + i)$.

    Raises:
        TypeError, ValueError: an argument is not an integer, or out of range.

    Source: the sieve of Eratosthenes carried over to a multiplicative function; compare
        Hurst, Math. Comp. 87 (2018) 1013-1028. Introduced in week 2.

    >>> mobius_segment(999_999_997, 1_000_000_003).tolist()
    [-1, -1, 0, 0, -1, -1]
    """
    start = _integer(start, "start", 1, SEGMENT_BOUND)
    stop = _integer(stop, "stop", start, SEGMENT_BOUND + 1)
    mu = np.empty(stop - start, np.int8)
    _fill(mu, start, primes_upto(isqrt(stop - 1)), np.empty(_SEGMENT, np.int64))
    return mu


@njit(cache=True)
def _fill(
    mu: NDArray[np.int8],
    start: int,
    primes: NDArray[np.int64],
    product: NDArray[np.int32] | NDArray[np.int64],
) -> None:
    """Write the Möbius function of start, start + 1, … into `mu`.

    `product` is the working space of one segment, of a type that holds start + mu.size.
    """
    for low in range(start, start + mu.size, product.size):
        high = min(low + product.size, start + mu.size)
        length = high - low
        product[:length] = 1
        for p in primes:
            square = p * p
            if square >= high:
                break
            for i in range((-low) % p, length, p):
                product[i] *= -p
            for i in range((-low) % square, length, square):
                product[i] = 0
        for i in range(length):
            value = product[i]
            sign = (value > 0) - (value < 0)
            mu[low - start + i] = sign if abs(value) == low + i else -sign


def mertens(limit: int) -> int:
    r"""Return the Mertens function $M(N) = \sum_{n \le N} \mu(n)$ at N = `limit`.

    Not a sum over a table: $\sum_{k \le N} M(\lfloor N/k \rfloor) = 1$ determines M at the
    quotients $\lfloor N/k \rfloor$ from the small ones upwards, once a sieve has given
    M up to about $N^{2/3}$. Time and memory are of that order.

    Args:
        limit: the N above, 0 <= limit < 10**12.

    Returns:
        M(limit); M(0) = 0.

    Raises:
        TypeError, ValueError: `limit` is not an integer, or out of range.

    Source: the identity is Hardy and Wright, Theorem 263, summed over n <= N.
        Introduced in week 2.

    >>> mertens(100), mertens(10**6)
    (1, 212)
    """
    limit = _integer(limit, "limit", 0, MERTENS_BOUND)
    if limit == 0:
        return 0
    root = isqrt(limit)
    bound = max(root, min(limit, round(limit ** (2 / 3)) // 2))
    small = np.cumsum(mobius_sieve(bound), dtype=np.int32)
    return int(_mertens_at_quotients(limit, small)[1]) if bound < limit else int(small[limit])


@njit(cache=True)
def _mertens_at_quotients(limit: int, small: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return M(limit // k) at entry k, for the k with limit // k beyond the table `small`."""
    bound = small.size - 1
    count = limit // (bound + 1)
    large = np.zeros(count + 1, np.int64)
    for k in range(count, 0, -1):
        n = limit // k
        total = 1
        d = 2
        while d <= n:
            q = n // d
            last = n // q  # the largest d with this quotient
            value = small[q] if q <= bound else large[k * d]
            total -= (last - d + 1) * value
            d = last + 1
        large[k] = total
    return large
