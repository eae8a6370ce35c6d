"""Buchberger's algorithm in plain Python: exponents of any size, one pair at a time.

The readable form of `buchberger_kernels`, with the same conventions, and the form that takes over
when exponents outgrow 64 bits. A polynomial is a dict {packed monomial: coefficient}; it is never
empty, and its leading coefficient is 1. Introduced in week 11.
"""

from collections.abc import Callable

from course_utils.maths import monomials
from course_utils.maths.monomials import Layout

divides, lcm, degree = (
    f.py_func for f in (monomials.divides, monomials.lcm, monomials.degree)
)  # the same definitions, for integers of any size
Polynomial = dict[int, int]
Pair = tuple[int, int, int, int]  # i, j, lcm of the leading monomials, sugar
WORK_LIMIT = 20_000_000  # coefficients computed in one run


class Run:
    """A run of the algorithm: the elements so far, the pairs that wait, and what was counted.

    `select` gives each pair its key, a tuple; the pair with the smallest key is treated next.
    """

    def __init__(
        self,
        where: Layout,
        prime: int,
        select: Callable[[Pair, Layout], tuple],
        limit: int = WORK_LIMIT,
    ):
        self.where, self.prime, self.select, self.limit = where, prime, select, limit
        self.elements: list[Polynomial] = []
        self.leads: list[int] = []
        self.sugars: list[int] = []
        self.reducers: list[int] = []  # indices of elements, by leading monomial
        self.pairs: list[Pair] = []
        self.additions = self.zero = self.nonzero = self.work = 0

    def key(self, monomial: int) -> int:
        """Return the number by which monomials are compared."""
        return monomial ^ self.where.flip

    def lead(self, polynomial: Polynomial) -> int:
        """Return the leading monomial."""
        return max(polynomial, key=self.key)

    def monic(self, polynomial: Polynomial) -> Polynomial:
        """Divide by the leading coefficient."""
        inverse = pow(polynomial[self.lead(polynomial)], -1, self.prime)
        return {m: c * inverse % self.prime for m, c in polynomial.items()}

    def insert(self, polynomial: Polynomial, sugar: int) -> None:
        """Add an element and update the pairs (Gebauer and Möller 1988)."""
        polynomial = self.monic(polynomial)
        f, m = self.lead(polynomial), len(self.elements)
        joins = [lcm(lead, f, self.where) for lead in self.leads]
        if -1 in joins:
            raise OverflowError
        self.pairs = [
            (i, j, L, s)
            for i, j, L, s in self.pairs
            if not divides(f, L, self.where) or L in (joins[i], joins[j])
        ]
        groups: dict[int, list[int]] = {}
        for i, join in enumerate(joins):
            groups.setdefault(join, []).append(i)
        minimal: list[int] = []
        new = []
        for join in sorted(groups, key=self.key):
            if any(divides(smaller, join, self.where) for smaller in minimal):
                continue
            minimal.append(join)
            if all(join != self.leads[i] + f for i in groups[join]):
                i = groups[join][0]
                top = degree(join, self.where)
                sugars = (
                    self.sugars[i] + top - degree(self.leads[i], self.where),
                    sugar + top - degree(f, self.where),
                )
                new.append((i, m, join, max(sugars)))
        self.pairs += sorted(new)
        self.elements.append(polynomial)
        self.leads.append(f)
        self.sugars.append(sugar)
        self.reducers.append(m)
        self.reducers.sort(key=lambda k: (self.key(self.leads[k]), k))

    def subtract(self, p: Polynomial, c: int, shift: int, g: Polynomial) -> None:
        """Subtract c · shift · g from p, in place."""
        self.work += len(g)
        if self.work > self.limit:
            raise RuntimeError(
                f"stopped at the limit of {self.limit:,} coefficient operations after "
                f"{self.additions} additions, {self.zero} reductions to zero and "
                f"{self.nonzero} others; {len(self.pairs)} pairs were left"
            )
        for monomial, value in g.items():
            m = monomial + shift
            if m & self.where.guard:
                raise OverflowError
            rest = (p.get(m, 0) - c * value) % self.prime
            if rest:
                p[m] = rest
            else:
                del p[m]

    def reduce(self, p: Polynomial, reducers: list[int], sugar: int = 0) -> tuple[Polynomial, int]:
        """Return the remainder of p, no term of which a reducer's lead divides, and its sugar."""
        p, remainder = dict(p), {}
        while p:
            m = self.lead(p)
            r = next((k for k in reducers if divides(self.leads[k], m, self.where)), None)
            if r is None:
                remainder[m] = p.pop(m)
                continue
            shift = m - self.leads[r]
            self.additions += 1
            sugar = max(sugar, self.sugars[r] + degree(shift, self.where))
            self.subtract(p, p[m], shift, self.elements[r])
        return remainder, sugar

    def treat(self, pair: Pair) -> Polynomial:
        """Reduce the S-polynomial of a waiting pair, insert what is left of it, and return that."""
        self.pairs.remove(pair)
        i, j, join, sugar = pair
        p: Polynomial = {}
        self.subtract(p, -1, join - self.leads[i], self.elements[i])
        self.subtract(p, 1, join - self.leads[j], self.elements[j])
        self.additions += 1
        remainder, sugar = self.reduce(p, self.reducers, sugar)
        if remainder:
            self.nonzero += 1
            self.insert(remainder, sugar)
        else:
            self.zero += 1
        return remainder

    def finish(self) -> None:
        """Treat pairs, smallest key first, until none is left."""
        while self.pairs:
            self.treat(min(self.pairs, key=lambda pair: self.select(pair, self.where)))

    def reduced_basis(self) -> list[Polynomial]:
        """Return the reduced basis, smallest leading monomial first; no pair may be left."""
        kept: list[int] = []
        for k in self.reducers:
            if not any(divides(self.leads[i], self.leads[k], self.where) for i in kept):
                kept.append(k)
        basis = []
        for k in kept:
            tail = {m: c for m, c in self.elements[k].items() if m != self.leads[k]}
            basis.append({self.leads[k]: 1} | self.reduce(tail, kept)[0])
        return basis
