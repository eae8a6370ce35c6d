"""Integer sequences by their definitions, to test what a search for programs finds.

Each definition is written so that it shares no idea with a program of loops where that is possible:
sums, closed forms, recurrences on lists. Names and offsets are those of the OEIS, as far as
`data/sequences109.json` lists them.
"""

from collections.abc import Callable
from functools import cache
from math import comb, factorial, isqrt, prod


@cache
def _recurrence(start: tuple[int, ...], weights: tuple[int, ...], n: int) -> int:
    """Return term n of a linear recurrence: a(n) = Σ weights[i] · a(n − 1 − i)."""
    if n < len(start):
        return start[n]
    return sum(w * _recurrence(start, weights, n - 1 - i) for i, w in enumerate(weights))


def _linear(start: tuple[int, ...], *weights: int) -> Callable[[int], int]:
    return lambda n: _recurrence(start, weights, n)


def _derangements(n: int) -> int:
    return sum((-1) ** k * (factorial(n) // factorial(k)) for k in range(n + 1))


def _number(digits: str) -> int:
    return int(digits) if digits else 0


DEFINITIONS: dict[str, Callable[[int], int]] = {
    "A000027 n+1": lambda n: n + 1,
    "A005843 2n": lambda n: 2 * n,
    "A005408 2n+1": lambda n: 2 * n + 1,
    "A000290 n^2": lambda n: n**2,
    "A000578 n^3": lambda n: n**3,
    "A000583 n^4": lambda n: n**4,
    "A000217 triangular": lambda n: comb(n + 1, 2),
    "A000292 tetrahedral": lambda n: comb(n + 2, 3),
    "A000330 square pyramidal": lambda n: sum(k**2 for k in range(n + 1)),
    "A000326 pentagonal": lambda n: n * (3 * n - 1) // 2,
    "A000384 hexagonal": lambda n: n * (2 * n - 1),
    "A002378 oblong": lambda n: n * (n + 1),
    "A000537 sum cubes": lambda n: sum(k**3 for k in range(n + 1)),
    "A002061 n^2-n+1": lambda n: n**2 - n + 1,
    "A000124 lazy caterer": lambda n: comb(n + 1, 2) + 1,
    "A001844 centered square": lambda n: n**2 + (n + 1) ** 2,
    "A003215 centered hex": lambda n: (n + 1) ** 3 - n**3,
    "A005900 octahedral": lambda n: n * (2 * n**2 + 1) // 3,
    "A000125 cake": lambda n: sum(comb(n, k) for k in range(4)),
    "A000127 circle regions": lambda n: sum(comb(n, k) for k in range(5)),
    "A000079 2^n": lambda n: 2**n,
    "A000244 3^n": lambda n: 3**n,
    "A000225 2^n-1": lambda n: 2**n - 1,
    "A000051 2^n+1": lambda n: 2**n + 1,
    "A000302 4^n": lambda n: 4**n,
    "A001787 n2^(n-1)": lambda n: sum(k * comb(n, k) for k in range(n + 1)),
    "A036289 n2^n": lambda n: n * 2**n,
    "A003462 (3^n-1)/2": lambda n: (3**n - 1) // 2,
    "A000312 n^n": lambda n: n**n,
    "A000142 n!": lambda n: factorial(n),
    "A001147 (2n-1)!!": lambda n: prod(range(1, 2 * n, 2)),
    "A000165 (2n)!!": lambda n: prod(range(2, 2 * n + 1, 2)),
    "A007489 sum k!": lambda n: sum(factorial(k) for k in range(1, n + 1)),
    "A003422 left factorial": lambda n: sum(factorial(k) for k in range(n)),
    "A000166 derangements": _derangements,
    "A000522 arrangements": lambda n: sum(factorial(n) // factorial(k) for k in range(n + 1)),
    "A000045 Fibonacci": _linear((0, 1), 1, 1),
    "A000032 Lucas": _linear((2, 1), 1, 1),
    "A000129 Pell": _linear((0, 1), 2, 1),
    "A001045 Jacobsthal": lambda n: (2**n - (-1) ** n) // 3,
    "A000073 tribonacci": _linear((0, 0, 1), 1, 1, 1),
    "A001519 F(2n-1)": _linear((1, 1), 3, -1),
    "A001906 F(2n)": _linear((0, 1), 3, -1),
    "A000071 F(n)-1": lambda n: _linear((0, 1), 1, 1)(n + 1) - 1,
    "A001076": _linear((0, 1), 4, 1),
    "A006190": _linear((0, 1), 3, 1),
    "A007598 F^2": lambda n: _linear((0, 1), 1, 1)(n) ** 2,
    "A000984 central binomial": lambda n: comb(2 * n, n),
    "A001700 C(2n+1,n+1)": lambda n: comb(2 * n + 1, n + 1),
    "A000108 Catalan": lambda n: comb(2 * n, n) // (n + 1),
    "A001405 C(n,n/2)": lambda n: comb(n, n // 2),
    "A000196 isqrt": isqrt,
    "A010052 issquare": lambda n: int(isqrt(n) ** 2 == n),
    "A000120 popcount": lambda n: bin(n).count("1"),
    "A010060 Thue-Morse": lambda n: bin(n).count("1") % 2,
    "A070939 binary length": lambda n: len(f"{n:b}"),
    "A000523 floor log2": lambda n: len(f"{n + 1:b}") - 1,
    "A000035 parity": lambda n: _number(f"{n:b}"[-1:]),
    "A004526 n/2": lambda n: _number(str(5 * n)[:-1]),  # a tenth of 5 n
    "A010872 n mod 3": lambda n: int("012"[n % 3]),
    "A002620 quarter squares": lambda n: (n // 2) * (n - n // 2),
    "A001057": lambda n: (n + 1) // 2 if n % 2 else -(n // 2),
    "A033999 (-1)^n": lambda n: (-1) ** n,
    "A181983 (-1)^(n+1) n": lambda n: -n if n % 2 == 0 else n,
    "A002024 n appears n": lambda n: next(k for k in range(n + 2) if k * (k + 1) // 2 > n),
    "A001333 numerators sqrt2": _linear((1, 1), 2, 1),
    "A002265 n/4": lambda n: n // 4,
    "A008619 n/2+1": lambda n: n // 2 + 1,
    "n*(n mod 2)": lambda n: n if n % 2 else 0,
}
