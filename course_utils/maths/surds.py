"""Numbers with two nested square roots, compared exactly with the largest root of a polynomial.

Many bounds of spectral graph theory have the form r ± √(y + √x) with rational r, y, x. Such a
number is enclosed between rationals as closely as wanted, and Sturm counts do the rest.
Introduced in week 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt

import numpy as np
from numpy.typing import NDArray

from course_utils.maths.real_roots import common_divisor, count_in_chain, sign_at, sturm_chain


@dataclass(frozen=True)
class Surd:
    r"""The real number $r + \varepsilon \sqrt{\max(0, y + \sqrt{x})}$, $\varepsilon = \pm 1$.

    Rational $r$, $y$ and $x \ge 0$. Sums with rationals, quotients by positive rationals, and
    $c / (r + \sqrt{y})$ stay in this form.

    >>> float(2 + root(Fraction(9, 4)))
    3.5
    """

    r: Fraction
    y: Fraction = Fraction(0)
    x: Fraction = Fraction(0)
    sign: int = 1

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError(f"x must not be negative, got {self.x}")
        if self.y < 0 and self.x <= self.y**2:
            object.__setattr__(self, "y", Fraction(0))
            object.__setattr__(self, "x", Fraction(0))

    def __add__(self, other: Fraction | int) -> Surd:
        return Surd(self.r + other, self.y, self.x, self.sign)

    __radd__ = __add__

    def __truediv__(self, other: Fraction | int) -> Surd:
        scale = Fraction(other)
        if scale <= 0:
            raise ValueError(f"a Surd is divided by positive numbers only, got {other}")
        return Surd(self.r / scale, self.y / scale**2, self.x / scale**4, self.sign)

    def __rtruediv__(self, other: Fraction | int) -> Surd:
        if self.x or self.sign < 0 or self.r <= 0:
            raise ValueError("only r + √y with r > 0 has a reciprocal of this form")
        norm = self.r**2 - self.y
        if norm == 0:
            return Surd(other / (2 * self.r))
        factor = Fraction(other) / norm
        return Surd(factor * self.r, factor**2 * self.y, sign=-1 if factor > 0 else 1)

    def __float__(self) -> float:
        low, high = self.enclosure(80)
        return float((low + high) / 2)

    def enclosure(self, bits: int) -> tuple[Fraction, Fraction]:
        """Return rationals low <= value <= high, closer the more bits."""
        low, high = _root_enclosure(self.x, 2 * bits)
        low = _root_enclosure(max(Fraction(0), self.y + low), bits)[0]
        high = _root_enclosure(max(Fraction(0), self.y + high), bits)[1]
        return (self.r + low, self.r + high) if self.sign > 0 else (self.r - high, self.r - low)

    def annihilator(self) -> list[int]:
        r"""Return an integer polynomial with this root: $((t - r)^2 - y)^2 - x$ up to a factor."""
        r, y, x = self.r, self.y, self.x
        square = [Fraction(1), -2 * r, r * r - y]
        product = [Fraction(0)] * 5
        for i, a in enumerate(square):
            for j, b in enumerate(square):
                product[i + j] += a * b
        product[4] -= x
        scale = 1
        for c in product:
            scale = scale * c.denominator // gcd(scale, c.denominator)
        return [int(c * scale) for c in product]


def _root_enclosure(square: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    scaled = (square.numerator << (2 * bits)) // square.denominator
    floor = isqrt(scaled)
    exact = floor * floor * square.denominator == square.numerator << (2 * bits)
    return Fraction(floor, 1 << bits), Fraction(floor + (not exact), 1 << bits)


def root(value: Fraction | Surd | NDArray) -> Surd | NDArray:
    """Return the square root, of 0 where the argument is negative: exact, or of an array.

    >>> float(root(root(Fraction(16))))
    2.0
    """
    if isinstance(value, np.ndarray | float):
        return np.sqrt(np.maximum(value, 0.0))
    if not isinstance(value, Surd):
        return Surd(Fraction(0), Fraction(value))
    if value.x or value.sign < 0:
        raise ValueError("at most two roots may be nested")
    return Surd(Fraction(0), value.r, value.y)


def compare_largest_root(polynomial: list[int], number: Surd) -> int:
    """Return the sign of (largest real root - number), decided without rounding.

    The number is enclosed ever more closely; Sturm counts put the largest root above, below or
    inside the enclosure. Equality is recognised by a common root: when polynomial, annihilator
    and their greatest common divisor all have exactly one root inside, it is the same one.

    Raises:
        ValueError: the polynomial has no real root.

    >>> compare_largest_root([1, 0, -2], root(Fraction(2)))
    0
    >>> compare_largest_root([1, 0, -18, 0, 79], -1 + root(Fraction(18)))
    -1
    """
    chain = sturm_chain(polynomial)
    shared = common_divisor(chain[0], number.annihilator())
    others = [sturm_chain(number.annihilator()), sturm_chain(shared)] if len(shared) > 1 else []
    reach = 1 + max(abs(Fraction(c, polynomial[0])) for c in polynomial)  # Cauchy's bound
    if count_in_chain(chain, -reach, reach) == 0:
        raise ValueError("polynomial must have a real root")
    bits = 16
    while True:
        low, high = number.enclosure(bits)
        if count_in_chain(chain, high, None) > (sign_at(chain[0], high) == 0):
            return 1
        if count_in_chain(chain, low, None) == 0:
            return -1
        inside = [count_in_chain(c, low, high) for c in (chain, *others)]
        if others and inside == [1, 1, 1]:
            return 0
        bits *= 2
