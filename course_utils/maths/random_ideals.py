"""Random ideals: the laws by which Buchberger's algorithm is tested, and their names.

`3-20-10-weighted` means 3 variables, degrees up to 20 and 10 binomials, with degrees drawn by the
law `weighted`. Source: D. Peifer, M. Stillman and D. Halpern-Leistner, arXiv 2005.01917; the names
are those of their code since August 2020 (before, `weighted` and `uniform` were exchanged).
Introduced in week 11.
"""

import re
from math import comb
from typing import NamedTuple

import numpy as np

from course_utils.maths import monomials
from course_utils.maths.buchberger_wide import Run

FIELD = 32003  # coefficients are integers modulo this prime
LAWS = ("weighted", "uniform", "maximum")
ENDINGS = ("pure", "homog", "consts")
Polynomial = dict[tuple[int, ...], int]


class Law(NamedTuple):
    """A law of random ideals, parsed."""

    variables: int
    degree: int
    generators: int
    terms: float | None  # mean number of terms beyond two; None: binomials
    degrees: tuple[float, ...]  # probability of each degree 0, 1, ..., degree
    pure: bool
    homog: bool


def parse_law(law: str) -> Law:
    """Return the law with this name.

    `n-d-s-LAW` has s binomials in n variables of degree at most d; `n-d-s-λ-LAW` has s polynomials
    with 2 + Poisson(λ) terms. LAW gives the degree of a term: `weighted`, uniform on 1 ... d;
    `uniform`, proportional to the number of monomials of that degree; `maximum`, always d. Endings,
    each at most once: `-pure` (binomials are differences of monomials), `-homog` (all terms of a
    generator have one degree), `-consts` (degree 0 too).

    Raises:
        ValueError: a part is not as above, or no ideal with a pair can ever be drawn.

    >>> parse_law("3-5-4-weighted").degrees
    (0.0, 0.2, 0.2, 0.2, 0.2, 0.2)
    """
    if not isinstance(law, str):
        raise ValueError(f"law must be text such as '3-20-10-weighted', got {law!r:.60}")
    parts = law.split("-")
    if len(parts) < 4:
        raise ValueError(f"law must be of the form n-d-s-LAW, got {law!r:.60}")
    bounds = (
        ("variables", 1, monomials.MOST_VARIABLES),
        ("degree", 1, 1000),
        ("generators", 2, 1000),
    )
    numbers = []
    for text, (name, least, most) in zip(parts, bounds, strict=False):
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(
                f"the {name} of a law must be an integer from {least} to {most}, "
                f"got {text!r:.40} in {law!r:.60}"
            )
        numbers.append(int(text))
    rest = parts[3:]
    terms = None
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?|\.[0-9]+", rest[0]):
        terms = float(rest[0])
        if not 0 <= terms <= 1000:
            raise ValueError(f"λ of a law must lie between 0 and 1000, got {rest[0]!r:.40}")
        rest = rest[1:]
    if not rest or rest[0] not in LAWS:
        got = rest[0] if rest else ""
        raise ValueError(
            f"the law must be one of {', '.join(LAWS)}, got {got!r:.40} in {law!r:.60}"
        )
    for place, ending in enumerate(rest[1:], start=1):
        if (
            ending not in ENDINGS
            or ending in rest[1:place]
            or (ending == "pure" and terms is not None)
        ):
            raise ValueError(
                f"a law ends in -pure (binomials only), -homog or -consts, each at most once, "
                f"got {ending!r:.40} in {law!r:.60}"
            )
    n, d, s = numbers
    pure, homog, consts = (ending in rest[1:] for ending in ENDINGS)
    degrees = _degree_law(rest[0], n, d, consts)
    support = [k for k, p in enumerate(degrees) if p > 0]
    if n == 1 and (
        homog or (rest[0] == "maximum" and not consts) or (terms is None and len(support) < 2)
    ):
        raise ValueError(
            f"no ideal has the law {law!r:.60}: a degree has only one monomial in one variable"
        )
    return Law(n, d, s, terms, degrees, pure, homog)


def _degree_law(name: str, n: int, d: int, consts: bool) -> tuple[float, ...]:
    """Return the probability of each degree 0 ... d; `consts` adds degree 0 with its weight."""
    if name == "weighted":
        weights = [1] * (d + 1)
    elif name == "uniform":
        weights = [comb(k + n - 1, n - 1) for k in range(d + 1)]
    else:
        weights = [1] + [0] * (d - 1) + [1]
    weights[0] = int(consts)
    return tuple(w / sum(weights) for w in weights)


def random_ideal(law: str, rng: np.random.Generator) -> list[Polynomial]:
    """Return the generators of a random ideal, as dicts {exponents: coefficient modulo 32003}.

    Binomials have different monomials of the drawn degrees; the larger one (grevlex) has
    coefficient 1, the smaller one a coefficient uniform in 1 ... 32002 (-1 if pure). Ideals with
    nothing to do, whose list of pairs is empty at the start, are drawn again.

    Args:
        law: a name as in `parse_law`, for instance "3-20-10-weighted" or "3-5-4-0.5-weighted".
        rng: source of all randomness.

    Raises:
        ValueError: the law is unknown or impossible, or `rng` is no numpy Generator.

    >>> ideal = random_ideal("3-20-10-weighted", np.random.default_rng(0))
    >>> len(ideal), max(len(binomial) for binomial in ideal)
    (10, 2)
    """
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy Generator, got {type(rng).__name__}")
    parsed = parse_law(law)
    where = monomials.layout(parsed.variables, width=16)
    draw = _binomial if parsed.terms is None else _polynomial
    while True:
        ideal = [draw(parsed, rng) for _ in range(parsed.generators)]
        run = Run(where, FIELD, lambda pair, where: pair)
        for polynomial in ideal:
            run.insert({monomials.pack(e, where): c for e, c in polynomial.items()}, 0)
        if run.pairs:
            return ideal


def _binomial(law: Law, rng: np.random.Generator) -> Polynomial:
    while True:
        degrees = rng.choice(len(law.degrees), 2, p=law.degrees).tolist()
        if law.homog:
            degrees[1] = degrees[0]
        if degrees[0] != degrees[1] or (degrees[0] > 0 and law.variables > 1):
            break
    first = second = _monomial(law, degrees[0], rng)
    while first == second:
        first, second = (_monomial(law, k, rng) for k in degrees)
    large, small = sorted((first, second), key=grevlex, reverse=True)
    return {large: 1, small: FIELD - 1 if law.pure else int(rng.integers(1, FIELD))}


def _polynomial(law: Law, rng: np.random.Generator) -> Polynomial:
    polynomial: Polynomial = {}
    while not polynomial:
        degrees = rng.choice(len(law.degrees), 2 + rng.poisson(law.terms), p=law.degrees).tolist()
        for k in degrees:
            e = _monomial(law, degrees[0] if law.homog else k, rng)
            value = (polynomial.pop(e, 0) + int(rng.integers(1, FIELD))) % FIELD
            if value:
                polynomial[e] = value
    inverse = pow(polynomial[max(polynomial, key=grevlex)], -1, FIELD)
    return {e: c * inverse % FIELD for e, c in polynomial.items()}


def _monomial(law: Law, degree: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Return a uniform monomial of this degree: the place-th in lexicographic order."""
    place = int(rng.integers(comb(degree + law.variables - 1, law.variables - 1)))
    exponents, left = [], degree
    for more in range(law.variables - 1, 0, -1):
        e = 0
        while place >= (count := comb(left - e + more - 1, more - 1)):
            place -= count
            e += 1
        exponents.append(e)
        left -= e
    return (*exponents, left)


def grevlex(exponents: tuple[int, ...]) -> tuple[int, ...]:
    """Return the key by which grevlex compares monomials, x_1 > x_2 > ...

    >>> grevlex((0, 2, 0)) > grevlex((1, 0, 1))
    True
    """
    return (sum(exponents), *(-e for e in reversed(exponents)))
