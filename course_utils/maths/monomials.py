r"""Monomials as integers: one number holds the exponents, and comparing numbers compares monomials.

A monomial in n variables is packed into n + 1 fields of equal width, one for each exponent and one
for the total degree. The top bit of each field is its *guard* and is 0 in every valid monomial.
Then products are sums, exact quotients are differences, and one subtraction decides divisibility:
a divides b if and only if subtracting a from b with all guards set leaves all guards set.

    grevlex   [degree | e_n | ... | e_1]   compared after flipping the exponent fields
    grlex     [degree | e_1 | ... | e_n]   compared as they are
    lex       [e_1 | ... | e_n | degree]   compared as they are

A product that does not fit sets a guard, so it is always noticed. In 64 bits at most seven
variables fit. Each function is compiled for 64 bits; its plain Python form (`divides.py_func`)
works with integers of any size, which `buchberger_wide` uses.

Source: Cox, Little and O'Shea, Ideals, Varieties, and Algorithms, chapter 2, section 2 (orders).
Introduced in week 11.
"""

from typing import NamedTuple

from numba import njit

ORDERS = ("grevlex", "lex", "grlex")
MOST_VARIABLES = 7


class Layout(NamedTuple):
    """Where the fields of a packed monomial lie; bit masks are signed 64-bit integers."""

    variables: int
    width: int  # bits of a field, guard included
    degree_at: int  # shift of the degree's field
    guard: int  # the guards of all fields
    units: int  # the lowest bit of each field
    flip: int  # monomials are compared as integers after xor with this
    largest: int  # the largest degree that fits


def layout(variables: int, order: str = "grevlex", width: int | None = None) -> Layout:
    """Return the layout of monomials; `width` defaults to all of 64 bits.

    >>> layout(3).largest, layout(7).largest
    (32767, 127)
    """
    if width is None:
        width = 64 // (variables + 1)
    fields = variables + 1
    units = sum(1 << (width * k) for k in range(fields))
    guard = units << (width - 1)
    if width * fields == 64:
        guard -= 1 << 64  # the same bits, as a signed integer
    flip = (1 << (width * variables)) - 1 if order == "grevlex" else 0
    degree_at = 0 if order == "lex" else width * variables
    return Layout(variables, width, degree_at, guard, units, flip, (1 << (width - 1)) - 1)


def _shifts(where: Layout) -> list[int]:
    """Return the shift of each exponent's field."""
    n, width = where.variables, where.width
    if where.flip:
        return [width * i for i in range(n)]
    if where.degree_at:
        return [width * (n - 1 - i) for i in range(n)]
    return [width * (n - i) for i in range(n)]


def pack(exponents: tuple[int, ...], where: Layout) -> int:
    """Return the packed monomial; OverflowError if its degree does not fit.

    >>> where = layout(2)
    >>> unpack(pack((3, 1), where) + pack((1, 1), where), where)
    (4, 2)
    """
    degree = sum(exponents)
    if degree > where.largest:
        raise OverflowError(f"degree {degree} does not fit, the largest is {where.largest}")
    packed = degree << where.degree_at
    for exponent, shift in zip(exponents, _shifts(where), strict=True):
        packed |= exponent << shift
    return packed


def unpack(monomial: int, where: Layout) -> tuple[int, ...]:
    """Return the exponents of a packed monomial."""
    return tuple((int(monomial) >> shift) & where.largest for shift in _shifts(where))


@njit(cache=True)
def divides(a, b, where):
    """Return whether the monomial a divides b.

    >>> where = layout(2)
    >>> bool(divides(pack((1, 2), where), pack((3, 1), where), where))
    False
    """
    return ((b | where.guard) - a) & where.guard == where.guard


@njit(cache=True)
def degree(a, where):
    """Return the total degree."""
    return (a >> where.degree_at) & where.largest


@njit(cache=True)
def lcm(a, b, where):
    """Return the least common multiple, or -1 if its degree does not fit.

    >>> where = layout(2)
    >>> unpack(lcm(pack((1, 2), where), pack((3, 1), where), where), where)
    (3, 2)
    """
    larger = ((a | where.guard) - b) & where.guard  # guards of the fields where a is not smaller
    fields = larger - ((larger >> (where.width - 1)) & where.units)
    join = (a & fields) | (b & ~fields)
    join &= ~(where.largest << where.degree_at)
    total = 0
    rest = join
    for _ in range(where.variables + 1):
        total += rest & where.largest
        rest >>= where.width
    if total > where.largest:
        return -1
    return join | (total << where.degree_at)
