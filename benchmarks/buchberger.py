"""Week 11: Gröbner bases against SymPy, the game of S-pairs in environment steps per CPU second.

deepgroebner (commit 94f3183) is not installed here. Recorded with its source on one core, beside a
prototype of our kernel that made 1,600,000 steps a second in the same run: `buchberger()` inside
C++ 324,000 (-O3), its C++ environment through Cython 64,500, its SymPy environment 9,430. A step is
a pair that was treated.
"""

from collections.abc import Iterator

import numpy as np
import sympy

from benchmarks.timing import Row, compare, timed
from course_utils.engines import buchberger_game as game
from course_utils.maths import groebner, monomials
from course_utils.maths.buchberger_wide import Run
from course_utils.maths.groebner import groebner_basis

LAW = "3-20-10-weighted"
Polynomial = dict[tuple[int, ...], int]


def katsura(n: int) -> list[Polynomial]:
    """Return the system of Katsura in n + 1 variables: a magnetism problem with 2^n solutions."""

    def unit(*places: int) -> tuple[int, ...]:
        return tuple(places.count(k) for k in range(n + 1))

    system = []
    for m in range(n):
        p = {unit(m): -1}
        for i in range(-n, n + 1):
            if abs(m - i) <= n:
                e = unit(abs(i), abs(m - i))
                p[e] = p.get(e, 0) + 1
        system.append(p)
    line = {unit(k): 2 for k in range(1, n + 1)} | {unit(0): 1, unit(): -1}
    return [*system, line]


def cyclic(n: int) -> list[Polynomial]:
    """Return the system of the cyclic n-roots."""
    system = []
    for d in range(1, n):
        windows = [{(i + k) % n for k in range(d)} for i in range(n)]
        system.append({tuple(int(v in w) for v in range(n)): 1 for w in windows})
    return [*system, {(1,) * n: 1, (0,) * n: -1}]


def sympy_basis(system: list[Polynomial]) -> object:
    """Return SymPy's basis over GF(32003) in grevlex; it gets copies, for it writes into them."""
    symbols = sympy.symbols(f"x:{len(next(iter(system[0])))}")
    polynomials = [sympy.Poly.from_dict(dict(p), *symbols, modulus=32003) for p in system]
    return sympy.groebner(polynomials, *symbols, order="grevlex", modulus=32003)


def readable(ideals: list[list[Polynomial]]) -> int:
    """Play by degree in plain Python; return the number of steps."""
    steps = 0
    select = groebner._SELECT[groebner.STRATEGIES.index("degree")]
    for ideal in ideals:
        run = Run(monomials.layout(3), 32003, select)
        for p in ideal:
            run.insert({monomials.pack(e, run.where): c for e, c in p.items()}, max(map(sum, p)))
        run.finish()
        steps += run.zero + run.nonzero
    return steps


def rows(repeats: int = 5) -> Iterator[Row]:
    """Yield katsura-5 against SymPy, katsura-6, cyclic-6, and the speed of the game."""
    systems = {"katsura-6": katsura(6), "cyclic-6": cyclic(6)}
    five, note = katsura(5), "after compilation; wanted: below 0.1 s, and 50 times SymPy"
    groebner_basis(five, 6)
    yield compare(
        "week 11: katsura-5, grevlex",
        lambda: groebner_basis(five, 6),
        lambda: sympy_basis(five),
        "SymPy",
        repeats=3,
        note=note,
    )
    for name, system in systems.items():
        n = len(next(iter(system[0])))
        groebner_basis(system, n)
        ours = [timed(lambda s=system, n=n: groebner_basis(s, n)) for _ in range(repeats)]
        yield Row(f"week 11: {name}, grevlex", "—", ours, None, "after compilation")
    ideals = game.draw_ideals(LAW, 3000, np.random.default_rng(0))
    few = [game.unpack_ideal(ideals, k) for k in range(100)]
    steps = int(game.play(ideals, "degree")[:, 1:].sum())
    yield compare(
        "week 11: a step of the game",
        lambda: game.play(ideals, "degree"),
        lambda: readable(few),
        "readable program",
        repeats=repeats,
        note=f"{LAW}, Degree; deepgroebner's steps a CPU second, recorded elsewhere: 324,000 in "
        "C++, 64,500 through Cython, 9,430 with SymPy",
        counts=(steps, readable(few)),
    )
    net = game.network_scorer(np.zeros((22, 32)), np.zeros(32), np.zeros(32))
    game.play(game.choose(ideals, slice(2)), net)
    played = int(game.play(ideals, net)[:, 1:].sum())
    scored = [timed(lambda: game.play(ideals, net), played) for _ in range(repeats)]
    yield Row("week 11: a step with a network", "—", scored, None, "32 units, greedy")
