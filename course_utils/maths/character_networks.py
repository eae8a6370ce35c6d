"""Networks of characters of Z/n: their logits as trigonometric polynomials, and a proved lead.

A neuron of frequency k has three complex numbers x, y, z. With w = exp(2 pi i / n) it adds

    (Re x w^(ka) + Re y w^(kb))^2  Re z w^(kc)

to the logit of the answer c to the question (a, b). The sum over neurons is the real part of a
polynomial in w^a, w^b, w^c. Its coefficients are exact here, since the numbers are rounded to
dyadic rationals first; cosines are enclosed by integers, and all further arithmetic is exact.
The *lead* at (a, b) is the logit of c = a + b minus the largest one of the other c: the network is
right at (a, b) if and only if it is positive.
"""

from collections import defaultdict
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Gaussian = tuple[int, int]  # real and imaginary part
Term = tuple[int, int, int, int]  # k, r, s, t stand for w^(k (ra + sb + tc))

_COSINE_BITS, _COEFFICIENT_BITS, _LARGEST = 24, 20, 200


def _arctan_of_inverse(m: int, bits: int) -> Fraction:
    """arctan(1/m) within 2^-bits: the alternating series up to its first small term."""
    total, k = Fraction(0), 0
    while True:
        term = Fraction(1, (2 * k + 1) * m ** (2 * k + 1))
        if term < Fraction(1, 2**bits):
            return total
        total += -term if k % 2 else term
        k += 1


@cache
def cosines(n: int, bits: int = _COSINE_BITS) -> tuple[int, ...]:
    """Return integers c_0, ..., c_(n-1) with |2^bits cos(2 pi m / n) - c_m| <= 1, proved.

    Pi is Machin's 16 arctan(1/5) - 4 arctan(1/239), the cosine its Taylor series, both with the
    first omitted term as the bound; all in rational numbers.

    Args:
        n: the number of points on the circle, n >= 1.
        bits: how many binary digits, from 1 to 200.

    Raises:
        ValueError: an argument is out of range.

    >>> cosines(6, bits=10)
    (1024, 512, -512, -1024, -512, 512)
    """
    if n < 1:
        raise ValueError(f"n must be >= 1, got {n}")
    if not 1 <= bits <= 200:
        raise ValueError(f"bits must be from 1 to 200, got {bits}")
    fine = bits + 8
    pi = 16 * _arctan_of_inverse(5, fine + 6) - 4 * _arctan_of_inverse(239, fine + 6)  # 2^-fine
    found = []
    for m in range(n):
        folded = min(m, n - m)  # cos is even: an angle from 0 to pi, off by at most 2^-fine
        angle = Fraction(round(2 * pi * Fraction(folded, n) * 2**fine), 2**fine)
        square, term, total, k = angle * angle, Fraction(1), Fraction(0), 0
        while term > Fraction(1, 2**fine) or k < 4:  # from k = 2 on the terms decrease
            total += -term if k % 2 else term
            k += 1
            term *= square / ((2 * k - 1) * (2 * k))
            term = Fraction(round(term * 2 ** (2 * fine)), 2 ** (2 * fine))  # keeps numbers short
        # angle and series err by 2^-fine each, the rounded terms by less: 3/256 + 1/2 < 1
        found.append(round(total * 2**bits))
    return tuple(found)


def _times(*factors: Gaussian) -> Gaussian:
    a, b = 1, 0
    for c, d in factors:
        a, b = a * c - b * d, a * d + b * c
    return a, b


def _rounded(numbers: ArrayLike, name: str, count: int, bits: int) -> list[Gaussian]:
    array = np.asarray(numbers, complex)
    if array.shape != (count,):
        raise ValueError(f"{name} must have shape ({count},), got {array.shape}")
    if not np.isfinite(array).all() or np.abs(array).max(initial=0) > 2**20:
        raise ValueError(f"{name} must be finite and at most 2**20 in size")
    return [(round(v.real * 2**bits), round(v.imag * 2**bits)) for v in array.tolist()]


def logit_terms(
    frequencies: ArrayLike, x: ArrayLike, y: ArrayLike, z: ArrayLike, bits: int = 16
) -> dict[Term, Gaussian]:
    """Return the coefficients of a network's logits, exact multiples of 2^-(3 bits + 2).

    Args:
        frequencies: shape (neurons,), integers; the frequency of each neuron.
        x, y, z: shape (neurons,), complex; each is rounded to multiples of 2^-bits.
        bits: from 1 to 40.

    Returns:
        A dictionary (k, r, s, t) -> (real, imaginary): the logit of c at (a, b) is 2^-(3 bits + 2)
        times the real part of the sum of coefficient * w^(k(ra + sb + tc)).

    Raises:
        ValueError: shapes do not fit, or a number is out of range.

    One neuron, (cos a + cos b)^2 cos c, has nine terms; the one in a + b - c is the signal.

    >>> terms = logit_terms([1], [1], [1], [1], bits=1)
    >>> len(terms), terms[1, 1, 1, -1]
    (9, (16, 0))
    """
    ks = np.asarray(frequencies)
    if ks.ndim != 1 or ks.dtype.kind not in "iu" or len(ks) == 0:
        raise ValueError(f"frequencies must be a list of integers, got {frequencies!r:.80}")
    if not 1 <= bits <= 40:
        raise ValueError(f"bits must be from 1 to 40, got {bits}")
    columns = [_rounded(v, name, len(ks), bits) for v, name in ((x, "x"), (y, "y"), (z, "z"))]
    total: dict[Term, Gaussian] = defaultdict(lambda: (0, 0))
    for k, u, v, w in zip(ks.tolist(), *columns, strict=True):
        power = 2 * (u[0] ** 2 + u[1] ** 2 + v[0] ** 2 + v[1] ** 2)
        products = {(0, 0): (power, 0), (2, 0): _times(u, u), (0, 2): _times(v, v),
                    (1, 1): _times(u, v, (2, 0)),
                    (1, -1): _times(u, (v[0], -v[1]), (2, 0))}  # fmt: skip
        for (r, s), product in products.items():
            for t in (1, -1):
                if (r, s, t) != (0, 0, -1):  # Re w^c and Re w^-c are the same
                    more = _times(product, (w[0], t * w[1]))
                    old = total[k, r, s, t]
                    total[k, r, s, t] = (old[0] + more[0], old[1] + more[1])
    return dict(total)


def proved_leads(
    n: int, frequencies: ArrayLike, x: ArrayLike, y: ArrayLike, z: ArrayLike, bits: int = 16
) -> tuple[NDArray[np.int64], int, int]:
    """Enclose the lead at each of the n^2 pairs of a network of characters of Z/n.

    Args:
        n: the order of the group, from 2 to 200.
        frequencies, x, y, z, bits: as in `logit_terms`.

    Returns:
        `leads`, `error` and `unit`: an integer array (n, n) and two integers such that the true
        lead at (a, b) lies between (leads[a, b] - error) / unit and (leads[a, b] + error) / unit.

    Raises:
        ValueError: an argument is out of range, or the weights are too large for 63 bits.

    >>> leads, error, unit = proved_leads(4, [1] * 16, *ideal_neurons(4))  # exactly 8
    >>> bool(abs(leads - 8 * unit).max() <= error), error / unit < 1e-3
    (True, True)
    """
    if not 2 <= n <= _LARGEST:
        raise ValueError(f"n must be from 2 to {_LARGEST}, got {n}")
    circle = np.array(cosines(4 * n), dtype=np.int64)
    m = np.arange(n)
    cos, sin = circle[4 * m], circle[(4 * m - n) % (4 * n)]  # sin t = cos(t - pi / 2)
    down = 3 * bits + 2 - _COEFFICIENT_BITS
    tables: dict[tuple[int, int], NDArray] = defaultdict(lambda: np.zeros((n, n), dtype=np.int64))
    error = size = 0
    for (k, r, s, t), exact in logit_terms(frequencies, x, y, z, bits).items():
        re, im = (round(Fraction(part) / Fraction(2) ** down) for part in exact)
        # the true value differs by half a unit in re and im, times a cosine, and by one in each
        error += 2**_COSINE_BITS + abs(re) + abs(im)
        size += (abs(re) + abs(im)) << _COSINE_BITS
        if size + error >= 2**61:
            raise ValueError("the weights are too large for arithmetic in 63 bits")
        tables[r, s] += (re * cos - im * sin)[k * (m[:, None] + t * m) % n]  # m = ra + sb; c
    a, b = m[:, None], m
    logits = sum(table[(r * a + s * b) % n] for (r, s), table in tables.items())  # (a, b, c)
    answer = ((a + b) % n)[:, :, None]
    right = np.take_along_axis(logits, answer, axis=2)[:, :, 0]
    np.put_along_axis(logits, answer, np.iinfo(np.int64).min, axis=2)
    return right - logits.max(axis=2), 2 * error, 2 ** (_COSINE_BITS + _COEFFICIENT_BITS)


def ideal_neurons(m: int) -> tuple[NDArray, NDArray, NDArray]:
    """Return x, y, z of m^2 neurons, phases on a grid, whose noise cancels: m >= 3.

    Their logits are m^2 / 2 times cos(2 pi k (a + b - c) / n) for every n and k.

    >>> x, y, z = ideal_neurons(3)
    >>> bool(np.allclose(z, x * y)), len(x)
    (True, 9)
    """
    if m < 3:
        raise ValueError(f"m must be >= 3, got {m}")
    turn = np.exp(2j * np.pi * np.arange(m) / m)
    x, y = np.repeat(turn, m), np.tile(turn, m)
    return x, y, x * y
