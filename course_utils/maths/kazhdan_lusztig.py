"""Kazhdan-Lusztig and R-polynomials of S_n: the program to read.

A polynomial is the tuple of its coefficients in ascending powers of q without trailing
zeros; the zero polynomial is (0,). Permutations are tuples, see `permutations.py`.
Reference: A. Björner, F. Brenti, Combinatorics of Coxeter Groups, chapter 5 (BB).
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import zip_longest

from course_utils.maths import permutations
from course_utils.maths.permutations import as_pair, bruhat_leq, check_size, inverse, length

Polynomial = tuple[int, ...]
Permutation = tuple[int, ...]

READABLE = 6  # above, kl_polynomial looks into the packed table
MAX_R = 8


def kl_polynomial(x: Sequence[int], w: Sequence[int]) -> Polynomial:
    r"""Return the Kazhdan-Lusztig polynomial $P_{x,w}$; (0,) where x is not below w.

    $P_{w,w} = 1$ and $P_{x,w} = P_{xs,w}$ for a right descent s of w. If also xs < x, then with
    v = ws
    $$P_{x,w} = P_{xs,v} + q P_{x,v} - \sum_{x \le z < v,\ zs < z} \mu(z,v)\,
    q^{(\ell(w)-\ell(z))/2} P_{x,z},$$
    $\mu(z,v)$ being the coefficient of $q^{(\ell(v)-\ell(z)-1)/2}$ in $P_{z,v}$. The same
    holds on the left. Up to n = 6 the recursion runs as it stands; n = 7, 8, 9 are looked up
    in the packed table of S_n, which is computed at the first call (n = 9: 0.9 GB).

    Raises:
        ValueError: not two permutations of the same 1..n; n > 9.

    Source: D. Kazhdan, G. Lusztig, Invent. Math. 53 (1979), (2.2.c). Introduced in week 6.

    >>> kl_polynomial((1, 2, 3, 4), (3, 4, 1, 2)), kl_polynomial((2, 1), (1, 2))
    ((1, 1), (0,))
    """
    x, w = as_pair(x, w)
    check_size(len(w), 9, "Kazhdan-Lusztig polynomials")
    if len(w) <= READABLE:
        return _kl(x, w)
    from course_utils.maths import kazhdan_lusztig_packed as packed

    table = packed.kl_table(len(w))
    value = packed.polynomials(table, [permutations.rank(x)], [permutations.rank(w)])
    return trim(packed.unpack(value, table.bits)[0].tolist())


@cache
def _kl(x: Permutation, w: Permutation) -> Polynomial:
    if not bruhat_leq(x, w):
        return (0,)
    if (above := _raise(x, w)) != x:
        return _kl(above, w)
    if x == w:
        return (1,)
    s = min(permutations.right_descents(w))
    v = times(w, s)
    total = plus(_kl(times(x, s), v), _kl(x, v), power=1)
    for z, mu in _corrections(v, s):
        if bruhat_leq(x, z):
            total = plus(total, _kl(x, z), power=(length(w) - length(z)) // 2, factor=-mu)
    return total


@cache
def _corrections(v: Permutation, s: int) -> list[tuple[Permutation, int]]:
    """Return all (z, mu(z, v)) with z < v, zs < z and mu(z, v) != 0."""
    below = permutations.bruhat_interval(tuple(range(1, len(v) + 1)), v)[:-1]
    found = [(z, mu_coefficient(z, v)) for z in below if z[s - 1] > z[s]]
    return [(z, mu) for z, mu in found if mu]


def mu_coefficient(x: Sequence[int], w: Sequence[int]) -> int:
    r"""Return $\mu(x,w)$, the coefficient of $q^{(\ell(w)-\ell(x)-1)/2}$ in $P_{x,w}$, or 0.

    It is 0 if x is not below w, if x = w, or if the difference of lengths is even.

    >>> mu_coefficient((1, 3, 2, 4), (3, 4, 1, 2)), mu_coefficient((1, 2, 3), (2, 3, 1))
    (1, 0)
    """
    x, w = as_pair(x, w)
    apart = length(w) - length(x)
    if apart < 0 or apart % 2 == 0:
        return 0
    # A pair that is not extremal has mu = 0 unless the lengths differ by one.
    if apart > 1 and _raise(x, w) != x:
        return 0
    polynomial = kl_polynomial(x, w)
    return polynomial[(apart - 1) // 2] if len(polynomial) > (apart - 1) // 2 else 0


def extremal(x: Sequence[int], w: Sequence[int]) -> Permutation:
    """Return the x' with P_{x,w} = P_{x',w} to which descents of w push x up.

    Multiply x on the right or left by a descent of w that x lacks, until none is left.

    Raises:
        ValueError: not two permutations of the same 1..n; x is not below w.

    >>> extremal((1, 2, 3, 4), (3, 4, 1, 2))
    (1, 3, 2, 4)
    """
    x, w = as_pair(x, w)
    if not bruhat_leq(x, w):
        raise ValueError(f"x must lie below w in the Bruhat order, got x = {x} and w = {w}")
    return _raise(x, w)


def _raise(x: Permutation, w: Permutation) -> Permutation:
    while missing := permutations.right_descents(w) - permutations.right_descents(x):
        x = times(x, min(missing))
    if missing := permutations.left_descents(w) - permutations.left_descents(x):
        return _raise(inverse(times(inverse(x), min(missing))), w)
    return x


def r_polynomial(x: Sequence[int], w: Sequence[int]) -> Polynomial:
    r"""Return the R-polynomial $R_{x,w}$; (0,) where x is not below w.

    $R_{w,w} = 1$; for a right descent s of w, $R_{x,w} = R_{xs,ws}$ if xs < x, and
    $q R_{xs,ws} + (q-1) R_{x,ws}$ otherwise (BB Theorem 5.1.1).

    Raises:
        ValueError: not two permutations of the same 1..n; n > 8.

    >>> r_polynomial((1, 2, 3), (2, 3, 1)), r_polynomial((1, 2, 3), (3, 2, 1))
    ((1, -2, 1), (-1, 2, -2, 1))
    """
    x, w = as_pair(x, w)
    check_size(len(w), MAX_R, "R-polynomials")
    return _r(x, w)


@lru_cache(maxsize=1 << 20)
def _r(x: Permutation, w: Permutation) -> Polynomial:
    if not bruhat_leq(x, w):
        return (0,)
    if x == w:
        return (1,)
    s = min(permutations.right_descents(w))
    lower = _r(times(x, s), times(w, s))
    if x[s - 1] > x[s]:
        return lower
    same = _r(x, times(w, s))
    return plus(plus(plus((0,), lower, power=1), same, power=1), same, factor=-1)


def r_tilde_polynomial(x: Sequence[int], w: Sequence[int]) -> Polynomial:
    r"""Return $\tilde R_{x,w}$, with $R_{x,w}(q) = q^{\ell/2} \tilde R_{x,w}(q^{1/2}-q^{-1/2})$.

    Here $\ell = \ell(w) - \ell(x)$; its coefficients are not negative: that of $q^k$ counts
    the paths of k edges from x to w in the Bruhat graph whose reflections increase in a
    reflection order (M. Dyer; BB Theorem 5.3.4).

    Raises:
        ValueError: not two permutations of the same 1..n; n > 8.

    >>> r_tilde_polynomial((1, 2, 3), (3, 2, 1))  # q + q^3
    (0, 1, 0, 1)
    """
    x, w = as_pair(x, w)
    check_size(len(w), MAX_R, "R-polynomials")
    return _r_tilde(x, w)


@lru_cache(maxsize=1 << 20)
def _r_tilde(x: Permutation, w: Permutation) -> Polynomial:
    if not bruhat_leq(x, w):
        return (0,)
    if x == w:
        return (1,)
    s = min(permutations.right_descents(w))
    lower = _r_tilde(times(x, s), times(w, s))
    return lower if x[s - 1] > x[s] else plus(lower, _r_tilde(x, times(w, s)), power=1)


def distinct_kl_polynomials(n: int) -> set[Polynomial]:
    """Return the set of all $P_{x,w}$, x <= w in S_n, by the packed program.

    Raises:
        ValueError: n is not an integer in 1..9; the message names pairs and bytes.

    >>> sorted(distinct_kl_polynomials(5))
    [(1,), (1, 0, 1), (1, 1), (1, 2), (1, 2, 1)]
    """
    check_size(n, 9, "all Kazhdan-Lusztig polynomials")
    if n == 1:
        return {(1,)}
    from course_utils.maths import kazhdan_lusztig_packed as packed

    return {trim(row) for row in packed.distinct(packed.kl_table(int(n))).tolist()}


def times(w: Permutation, i: int) -> Permutation:
    """Return w s_i: the entries in positions i and i+1 exchanged.

    >>> times((2, 3, 1), 2)
    (2, 1, 3)
    """
    return (*w[: i - 1], w[i], w[i - 1], *w[i + 1 :])


def plus(p: Polynomial, other: Polynomial, power: int = 0, factor: int = 1) -> Polynomial:
    """Return p + factor * q^power * other.

    >>> plus((1, 1), (1, 2), power=1, factor=-1)
    (1, 0, -2)
    """
    moved = [0] * power + [factor * c for c in other]
    return trim(a + b for a, b in zip_longest(p, moved, fillvalue=0))


def trim(coefficients: Iterable[int]) -> Polynomial:
    """Return the tuple of coefficients without trailing zeros; zero is (0,).

    >>> trim([1, 0, 2, 0]), trim([])
    ((1, 0, 2), (0,))
    """
    kept = list(coefficients)
    while kept and kept[-1] == 0:
        kept.pop()
    return tuple(kept) or (0,)
