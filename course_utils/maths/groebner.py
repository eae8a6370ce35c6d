"""Gröbner bases over GF(p) by Buchberger's algorithm, and what a run costs.

A polynomial is a dict {exponent tuple: integer coefficient}. Any order in which the S-pairs are
treated gives the same reduced basis; `buchberger_statistics` counts the work, which differs.
The compiled run is in `buchberger_kernels`. When exponents outgrow its 64 bits, the run is
repeated in `buchberger_wide`.

Source: Cox, Little and O'Shea, Ideals, Varieties, and Algorithms, chapter 2; R. Gebauer and
H. M. Möller, J. Symbolic Computation 6 (1988); for the strategy "sugar" A. Giovini et al., ISSAC
1991. Introduced in week 11.
"""

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

from course_utils.maths import buchberger_kernels as kernels
from course_utils.maths import monomials
from course_utils.maths.buchberger_wide import Pair, Run
from course_utils.maths.monomials import Layout, degree
from course_utils.maths.random_ideals import grevlex, random_ideal

__all__ = [
    "STRATEGIES",
    "buchberger_statistics",
    "grevlex",
    "groebner_basis",
    "is_groebner_basis",
    "random_ideal",
]

Polynomial = dict[tuple[int, ...], int]
STRATEGIES = ("first", "degree", "normal", "sugar", "last", "codegree")  # as kernels numbers them
WORK_LIMIT = 2_000_000_000  # coefficients computed in one run, about half a minute
_SLICE = 20_000_000  # work between two moments in which a run can be interrupted


def groebner_basis(
    polynomials: Iterable[Polynomial],
    variables: int,
    order: str = "grevlex",
    prime: int = 32003,
    strategy: str = "normal",
) -> list[Polynomial]:
    """Return the reduced Gröbner basis: monic, smallest leading monomial first.

    Args:
        polynomials: dicts {exponents: coefficient}; zero polynomials are ignored.
        variables: their number, 1 to 7; the first one is the largest.
        order: "grevlex", "lex" or "grlex".
        prime: coefficients are integers modulo this prime, below 2**31.
        strategy: which S-pair comes first; see `buchberger_statistics`.

    Returns:
        Dicts with coefficients in 0 ... prime - 1; [] for the zero ideal, [{(0, ..., 0): 1}] for
        the unit ideal.

    Raises:
        ValueError: an argument is not as above.
        RuntimeError: the run passes its limit of work; the message says what it counted.

    >>> circle, line = {(2, 0): 1, (0, 2): 1, (0, 0): -1}, {(1, 0): 1, (0, 1): -1}
    >>> groebner_basis([circle, line], 2, order="lex", prime=7)
    [{(0, 2): 1, (0, 0): 3}, {(1, 0): 1, (0, 1): 6}]
    """
    clean, where, rule = _validated(polynomials, variables, order, prime, strategy)
    state = _compiled_run(clean, where, prime, rule)
    if state is None:
        run = _wide_run(clean, variables, order, prime, rule)
        return [_exponents(p.items(), run.where) for p in run.reduced_basis()]
    terms, values, starts = kernels.reduced_basis(state, prime, where)
    pieces = zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    return [
        _exponents(zip(terms[a:b].tolist(), values[a:b].tolist(), strict=True), where)
        for a, b in pieces
    ]


def buchberger_statistics(
    polynomials: Iterable[Polynomial], variables: int, strategy: str = "degree", prime: int = 32003
) -> tuple[int, int, int]:
    """Return (additions, reductions to zero, other reductions) of a run in grevlex.

    An addition is an S-polynomial or a step of a reduction. Generators enter one after another in
    the given order, pairs are dropped by the criteria of Gebauer and Möller, remainders are fully
    reduced, and reducers are tried in increasing order of their leading monomials (of two equal
    ones the earlier generator first). The strategy says which pair (i, j), i < j, comes first. With
    L the lcm of its leading monomials, it has the smallest
    "first": (j, i); "degree": (deg L, j, i); "normal": (L, j, i); "sugar": (sugar, L, j, i); or
    the largest "last": (j, i); "codegree": (deg L, j, i).

    Args and errors as in `groebner_basis`.

    >>> generators = [{(3, 0): 1, (1, 1): -2}, {(2, 1): 1, (0, 2): -2, (1, 0): 1}]
    >>> buchberger_statistics(generators, 2)
    (7, 2, 3)
    """
    clean, where, rule = _validated(polynomials, variables, "grevlex", prime, strategy)
    state = _compiled_run(clean, where, prime, rule)
    if state is None:
        run = _wide_run(clean, variables, "grevlex", prime, rule)
        return run.additions, run.zero, run.nonzero
    additions, zero, nonzero = state.counts[kernels.ADDITIONS : kernels.NONZERO + 1].tolist()
    return additions, zero, nonzero


def is_groebner_basis(
    polynomials: Iterable[Polynomial], variables: int, order: str = "grevlex", prime: int = 32003
) -> bool:
    """Return whether the polynomials are a Gröbner basis of the ideal that they generate.

    Buchberger's criterion: all S-polynomials reduce to zero; those that the criteria of Gebauer and
    Möller drop need no test. Args and errors as in `groebner_basis`.

    >>> is_groebner_basis([{(1, 0): 1}, {(0, 1): 1}], 2)
    True
    """
    clean, where, rule = _validated(polynomials, variables, order, prime, "normal")
    state = _compiled_run(clean, where, prime, rule, stop_at_nonzero=True)
    if state is not None:
        return int(state.counts[kernels.NONZERO]) == 0
    return _wide_run(clean, variables, order, prime, rule, stop_at_nonzero=True).nonzero == 0


def _validated(
    polynomials: Iterable[Polynomial], variables: int, order: str, prime: int, strategy: str
) -> tuple[list[Polynomial], Layout, int]:
    """Return the polynomials without zeros, the 64-bit layout, and the strategy's number."""
    most = monomials.MOST_VARIABLES
    if not _is_integer(variables) or not 1 <= variables <= most:
        raise ValueError(f"variables must be an integer from 1 to {most}, got {variables!r:.60}")
    if not isinstance(order, str) or order not in monomials.ORDERS:
        allowed = ", ".join(monomials.ORDERS)
        raise ValueError(f"order must be one of {allowed}, got {order!r:.60}")
    if not isinstance(strategy, str) or strategy not in STRATEGIES:
        allowed = ", ".join(STRATEGIES)
        raise ValueError(f"strategy must be one of {allowed}, got {strategy!r:.60}")
    if not _is_integer(prime) or not 2 <= prime < 2**31 or not _is_prime(int(prime)):
        raise ValueError(f"prime must be a prime number below 2**31, got {prime!r:.60}")
    if isinstance(polynomials, dict | str) or not isinstance(polynomials, Iterable):
        raise ValueError(f"polynomials must be a list of dicts, got {polynomials!r:.60}")
    clean = [_clean(p, int(variables), int(prime)) for p in polynomials]
    where = monomials.layout(int(variables), order)
    return [p for p in clean if p], where, STRATEGIES.index(strategy)


def _clean(polynomial: Polynomial, variables: int, prime: int) -> Polynomial:
    """Return the polynomial with Python integers, coefficients reduced and zeros left out."""
    if not isinstance(polynomial, dict):
        raise ValueError(
            f"polynomials must be dicts {{exponents: coefficient}}, got {polynomial!r:.60}"
        )
    clean = {}
    for exponents, coefficient in polynomial.items():
        if not isinstance(exponents, tuple) or len(exponents) != variables:
            raise ValueError(
                f"exponents must be tuples of {variables} integers, got {exponents!r:.60}"
            )
        if not all(_is_integer(e) and e >= 0 for e in exponents):
            raise ValueError(f"exponents must be integers >= 0, got {exponents!r:.60}")
        if not _is_integer(coefficient):
            raise ValueError(f"coefficients must be integers, got {coefficient!r:.60}")
        if value := int(coefficient) % prime:
            clean[tuple(int(e) for e in exponents)] = value
    return clean


def _is_integer(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


@cache
def _is_prime(number: int) -> bool:
    return number > 1 and all(number % k for k in range(2, int(number**0.5) + 1))


def _compiled_run(
    polynomials: list[Polynomial],
    where: Layout,
    prime: int,
    rule: int,
    stop_at_nonzero: bool = False,
) -> kernels.State | None:
    """Return the finished state, or None when exponents do not fit into 64 bits."""
    state = kernels.empty()
    for polynomial in polynomials:
        try:
            packed = {monomials.pack(e, where): c for e, c in polynomial.items()}
        except OverflowError:
            return None
        terms = sorted(packed, key=lambda m: m ^ where.flip, reverse=True)
        values = np.array([packed[m] for m in terms], np.int64)
        sugar = max(map(sum, polynomial))
        state = kernels.insert(state, np.array(terms, np.int64), values, sugar, prime, where)
        if state.counts[kernels.STATUS]:
            return None
    counts = state.counts
    while counts[kernels.PAIRS] and not (stop_at_nonzero and counts[kernels.NONZERO]):
        if counts[kernels.WORK] > WORK_LIMIT:
            additions, zero, nonzero = counts[kernels.ADDITIONS : kernels.NONZERO + 1]
            raise RuntimeError(
                f"stopped at the limit of {WORK_LIMIT:,} coefficient operations after {additions} "
                f"additions, {zero} reductions to zero and {nonzero} others; "
                f"{counts[kernels.PAIRS]} pairs were left"
            )
        work = min(_SLICE, WORK_LIMIT)
        state = kernels.advance(state, rule, work, stop_at_nonzero, prime, where)
        counts = state.counts
        if counts[kernels.STATUS]:
            return None
    return state


def _wide_run(
    polynomials: list[Polynomial],
    variables: int,
    order: str,
    prime: int,
    rule: int,
    stop_at_nonzero: bool = False,
) -> Run:
    """Return the finished run, in fields that are wide enough."""
    width = 64
    while True:
        run = Run(monomials.layout(variables, order, width), prime, _SELECT[rule])
        try:
            for polynomial in polynomials:
                packed = {monomials.pack(e, run.where): c for e, c in polynomial.items()}
                run.insert(packed, max(map(sum, polynomial)))
            while run.pairs and not (stop_at_nonzero and run.nonzero):
                run.treat(min(run.pairs, key=lambda pair: run.select(pair, run.where)))
            return run
        except OverflowError:
            width *= 2


def _exponents(terms: Iterable[tuple[int, int]], where: Layout) -> Polynomial:
    return {monomials.unpack(m, where): c for m, c in terms}


def _degree(pair: Pair, where: Layout) -> int:
    return degree.py_func(pair[2], where)


_SELECT: list[Callable[[Pair, Layout], tuple]] = [  # in the order of STRATEGIES, smallest first
    lambda pair, where: (pair[1], pair[0]),
    lambda pair, where: (_degree(pair, where), pair[1], pair[0]),
    lambda pair, where: (pair[2] ^ where.flip, pair[1], pair[0]),
    lambda pair, where: (pair[3], pair[2] ^ where.flip, pair[1], pair[0]),
    lambda pair, where: (-pair[1], -pair[0]),
    lambda pair, where: (-_degree(pair, where), -pair[1], -pair[0]),
]
