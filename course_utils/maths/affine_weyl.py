"""The affine Weyl group of G2: elements, Bruhat order, Kazhdan-Lusztig polynomials.

Generators 0, 1, 2 with (s0 s1)^3 = (s1 s2)^6 = (s0 s2)^2 = e; s1 and s2 generate the finite
group G2 of order 12. An element w is a triple of integers, the position that the *numbers game*
reaches from (1, 1, 1): firing s adds c_s, times the weight of the edge, to the neighbours of s
and changes the sign of c_s. Firing along a word s_1 … s_k gives w = s_1 ⋯ s_k, and
ws < w exactly when c_s < 0. Everything is exact.
References: A. Björner, F. Brenti, Combinatorics of Coxeter Groups (BB), chapters 2, 4, 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

Element = tuple[int, int, int]
Polynomial = tuple[int, ...]

IDENTITY: Element = (1, 1, 1)
COXETER = {(0, 1): 3, (1, 2): 6, (0, 2): 2}
MAX_LENGTH = 80  # 7,777 elements; a table of polynomials takes up to 1.3 MB


def times(w: Element, s: int) -> Element:
    """Return ws, by firing s in the position w.

    Raises:
        ValueError: w is no element of the group, s is not 0, 1 or 2.

    Source: BB, section 4.3. Introduced in the companion *Affine G2*.

    >>> times((1, 1, 1), 2), times(times((1, 1, 1), 2), 2)
    ((1, 4, -1), (1, 1, 1))
    """
    return _times(_as_element(w, "w"), _as_generator(s))


def _times(w: Element, s: int) -> Element:
    a, b, c = w
    if s == 0:
        return -a, b + a, c
    if s == 1:
        return a + b, -b, c + b
    return a, b + 3 * c, -c


def element(word: Sequence[int]) -> Element:
    """Return the product of the generators in `word`, which need not be reduced.

    Raises:
        ValueError: a letter is not 0, 1 or 2.

    >>> element([]), element([0, 2]) == element([2, 0])
    ((1, 1, 1), True)
    """
    w = IDENTITY
    for s in word:
        w = _times(w, _as_generator(s))
    return w


def right_descents(w: Element) -> set[int]:
    """Return {s : ws < w}: the places of the negative numbers (BB, section 4.3).

    >>> right_descents(element([0, 2, 1])), right_descents(element([0, 2]))
    ({1}, {0, 2})
    """
    return {s for s, number in enumerate(_as_element(w, "w")) if number < 0}


def reduced_word(w: Element) -> tuple[int, ...]:
    """Return the reduced word of w that takes the least descent from the right each time.

    >>> reduced_word(element([1, 0, 1, 0]))
    (0, 1)
    """
    word = []
    w = _as_element(w, "w")
    while min(w) < 0:
        s = next(s for s in range(3) if w[s] < 0)
        word.append(s)
        w = _times(w, s)
    return tuple(reversed(word))


def length(w: Element) -> int:
    """Return the length of w: the number of firings of negative numbers back to (1, 1, 1).

    >>> length(element([1, 2] * 6)), length(element([0, 1, 2] * 20))
    (0, 60)
    """
    return len(reduced_word(w))


def bruhat_leq(x: Element, w: Element) -> bool:
    """Return whether x <= w in Bruhat order, by the lifting property (BB, Proposition 2.2.7).

    If ws < w, then x <= w exactly when the smaller of x and xs is <= ws.

    >>> bruhat_leq(element([0, 2]), element([2, 1, 0])), bruhat_leq(element([1]), element([0]))
    (True, False)
    """
    x, w = _as_element(x, "x"), _as_element(w, "w")
    while min(w) < 0:
        s = next(s for s in range(3) if w[s] < 0)
        w = _times(w, s)
        if x[s] < 0:
            x = _times(x, s)
    return x == w


def counts_by_length(longest: int) -> list[int]:
    """Return the numbers of elements of length 0 … longest, from Bott's formula.

    Their series is (1 + q)(1 + q + … + q^5) / ((1 - q)(1 - q^5)), since the exponents of G2 are
    1 and 5 (BB, section 7.1).

    Raises:
        ValueError: longest is not an integer from 0 to MAX_LENGTH.

    >>> counts_by_length(7)
    [1, 3, 5, 7, 9, 12, 15, 17]
    """
    size = _as_length(longest) + 1
    series = np.zeros(size, dtype=np.int64)
    top = np.convolve([1, 1], [1] * 6)
    series[: len(top)] = top[:size]
    for exponent in (1, 5):
        for k in range(exponent, size):
            series[k] += series[k - exponent]
    return [int(n) for n in series]


@dataclass(frozen=True)
class Table:
    """All elements up to a length, in an order that is the same for each bound.

    Attributes:
        elements: the N elements; element 0 is the identity.
        index: the place of each element.
        lengths: (N,), weakly increasing.
        right: (N, 3), the place of ws for w and s; -1 where ws is longer than the bound.
    """

    elements: list[Element]
    index: dict[Element, int]
    lengths: NDArray[np.int64]
    right: NDArray[np.int64]


def table(longest: int) -> Table:
    """Return the table of the elements of length at most `longest`.

    Raises:
        ValueError: longest is not an integer from 0 to MAX_LENGTH.

    >>> [len(table(bound).elements) for bound in (0, 1, 16)]
    [1, 4, 328]
    """
    return _table(_as_length(longest))


@lru_cache(maxsize=128)
def _table(longest: int) -> Table:
    elements, lengths, layer = [IDENTITY], [0], [IDENTITY]
    for depth in range(1, longest + 1):
        # A neighbour across a positive number is longer; a dict keeps the order of discovery.
        layer = list(dict.fromkeys(_times(w, s) for w in layer for s in range(3) if w[s] > 0))
        elements += layer
        lengths += [depth] * len(layer)
    index = {w: i for i, w in enumerate(elements)}
    right = np.array([[index.get(_times(w, s), -1) for s in range(3)] for w in elements])
    return Table(elements, index, np.array(lengths), right)


def kl_polynomials(w: Element) -> NDArray[np.int64]:
    r"""Return all $P_{y,w}$: row y holds the coefficients of 1, q, q², …; rows as in `table`.

    The rows are the elements of length at most that of w. With ws < w, v = ws and ys < y,
    $$P_{y,w} = P_{ys,w} = P_{ys,v} + q P_{y,v} - \sum_{z < v,\ zs < z} \mu(z,v)\,
    q^{(\ell(w)-\ell(z))/2} P_{y,z}.$$

    Raises:
        ValueError: w is no element of the group, or longer than MAX_LENGTH.

    Source: D. Kazhdan, G. Lusztig, Invent. Math. 53 (1979), (2.2.c).

    >>> kl_polynomials(element([1, 2, 1])).tolist()[:3]
    [[1], [0], [1]]
    """
    w = _as_element(w, "w")
    size = length(w)
    if size > MAX_LENGTH:
        raise ValueError(f"w must have length at most {MAX_LENGTH}, got length {size}")
    return _kl(w).copy()


@cache
def _kl(w: Element) -> NDArray[np.int64]:
    if w == IDENTITY:
        return np.ones((1, 1), dtype=np.int64)
    s = next(s for s in range(3) if w[s] < 0)
    v = _times(w, s)
    below = _kl(v)
    bound = length(w)
    lists = _table(bound)
    up = np.array([c[s] > 0 for c in lists.elements])
    low = np.flatnonzero(up & (lists.right[:, s] >= 0))
    high = lists.right[low, s]
    before = np.zeros((len(up), bound // 2 + 2), dtype=np.int64)
    before[: len(below), : below.shape[1]] = below
    result = np.zeros_like(before)
    result[low] = before[low]
    result[low, 1:] += before[high, :-1]
    for z, mu in _mu(v):
        if z[s] < 0:
            lower = _kl(z)
            shift = (bound - int(lists.lengths[lists.index[z]])) // 2
            part = result[: len(lower), shift : shift + lower.shape[1]]
            part -= mu * lower * up[: len(lower), None]
    result[high] = result[low]
    degree = int(np.flatnonzero(result.any(axis=0))[-1])
    return result[:, : degree + 1].copy()


@cache
def _mu(v: Element) -> list[tuple[Element, int]]:
    """Return the (z, mu(z, v)) with z < v and mu(z, v) != 0."""
    rows = _kl(v)
    bound = length(v)
    lists = _table(bound)
    apart = bound - lists.lengths
    top = (apart - 1) // 2
    fits = np.flatnonzero((apart % 2 == 1) & (top < rows.shape[1]))
    return [(lists.elements[i], int(rows[i, top[i]])) for i in fits if rows[i, top[i]]]


def kl_polynomial(x: Element, w: Element) -> Polynomial:
    """Return P_{x,w} as ascending coefficients without trailing zeros; (0,) unless x <= w.

    >>> kl_polynomial(element([1]), element([1, 2, 0, 1]))
    (1, 1)
    """
    x = _as_element(x, "x")
    rows = kl_polynomials(w)
    place = _table(length(w)).index.get(x)
    row = [] if place is None else np.trim_zeros(rows[place], "b").tolist()
    return tuple(row) or (0,)


def kl_values(w: Element) -> NDArray[np.int64]:
    """Return P_{y,w}(1) for all y no longer than w, ordered as in `table`; 0 unless y <= w.

    >>> kl_values(element([0, 2])).tolist()
    [1, 1, 0, 1, 0, 1, 0, 0, 0]
    """
    return kl_polynomials(w).sum(axis=1)


def kl_basis(w: Element) -> NDArray[np.int64]:
    r"""Return $b_w$ in Soergel's normalisation: row y holds $h_{y,w}$, coefficients of 1, v, v², …

    $b_w = \sum_y h_{y,w} H_y$ with $h_{y,w} = v^{\ell(w)-\ell(y)} P_{y,w}(v^{-2})$; rows as in
    `table(length(w))`.

    Source: W. Soergel, Represent. Theory 1 (1997), Theorem 2.1.

    >>> kl_basis(element([1, 2])).tolist()[:4]
    [[0, 0, 1], [0, 0, 0], [0, 1, 0], [0, 1, 0]]
    """
    rows = kl_polynomials(w)
    bound = length(w)
    found = np.zeros((len(rows), bound + 1), dtype=np.int64)
    places, powers = np.nonzero(rows)
    found[places, bound - _table(bound).lengths[places] - 2 * powers] = rows[places, powers]
    return found


def _as_generator(s: object) -> int:
    if isinstance(s, bool) or not isinstance(s, Integral) or not 0 <= s <= 2:
        raise ValueError(f"s must be a generator 0, 1 or 2, got {s!r:.40}")
    return int(s)


def _as_length(longest: object) -> int:
    whole = isinstance(longest, Integral) and not isinstance(longest, bool)
    if not whole or not 0 <= longest <= MAX_LENGTH:
        raise ValueError(f"longest must be an integer from 0 to {MAX_LENGTH}, got {longest!r:.40}")
    return int(longest)


def _as_element(w: object, name: str) -> Element:
    """Check the invariant of the game: with it, firing negative numbers ends in a position >= 0."""
    good = isinstance(w, tuple) and len(w) == 3
    good = good and all(isinstance(c, Integral) and not isinstance(c, bool) for c in w)
    if good and w[0] + 2 * w[1] + 3 * w[2] == 6 and 0 not in w:
        c = tuple(int(number) for number in w)
        while min(c) < 0:
            c = _times(c, c.index(min(c)))
        if c == IDENTITY:
            return tuple(int(number) for number in w)
    raise ValueError(f"{name} must be a position reached from (1, 1, 1), got {w!r:.60}")
