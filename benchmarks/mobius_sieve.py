"""The Möbius sieve against FLINT, PARI (Debian's `gp`), sympy and a loop of single values.

FLINT's `n_moebius_mu_vec` is called in the library that python-flint's wheel brings.
"""

import ctypes
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import flint
import numpy as np
from sympy.ntheory.generate import Sieve

from benchmarks.timing import Row, compare, timed
from course_utils.maths.number_theory import mertens, mobius, mobius_sieve

PARI = "s=0;forsquarefree(n=1,{limit},s+=moebius(n));print(s)"


def rows() -> Iterator[Row]:
    """Yield the sieve at 10^6 to 10^8; PARI runs as a program that starts each time."""
    limit = 10**6
    yield compare(
        f"mobius_sieve({limit})",
        lambda: mobius_sieve(limit),
        lambda: list(Sieve().mobiusrange(1, limit + 1)),
        "sympy mobiusrange",
        repeats=3,
        note="a fresh Sieve each time: sympy caches",
    )
    yield compare(
        f"mobius_sieve({limit}), for each n",
        lambda: mobius_sieve(limit),
        lambda: [mobius(n) for n in range(1, limit // 10 + 1)],
        "trial division up to 10^5",
        repeats=3,
        counts=(limit, limit // 10),
    )
    yield _against_flint(10**7)
    yield _against_pari(10**7)
    large = [timed(lambda: mobius_sieve(10**8)) for _ in range(3)]
    yield Row("mobius_sieve(10^8)", "—", large, note="one byte a number")
    quick = [timed(lambda: mertens(10**9)) for _ in range(3)]
    yield Row("mertens(10^9)", "—", quick, note="no table of that size")


def _against_flint(limit: int) -> Row:
    """Compare with FLINT on all n up to `limit`, or say that its library was not found."""
    beside = Path(flint.__file__).parents[1]
    found = [*beside.glob("python_flint.libs/libflint*"), *beside.glob("flint/.dylibs/libflint*")]
    name, peer = f"mobius_sieve({limit})", "FLINT n_moebius_mu_vec"
    if not found:
        return Row(name, peer, [], [], "python-flint brings no libflint here")
    moebius = ctypes.CDLL(str(found[0])).n_moebius_mu_vec
    moebius.argtypes, moebius.restype = [ctypes.c_void_p, ctypes.c_ulong], None

    def theirs() -> np.ndarray:
        values = np.empty(limit + 1, np.int32)
        moebius(values.ctypes.data, limit + 1)
        return values

    assert np.array_equal(theirs()[1:], mobius_sieve(limit)[1:])
    return compare(name, lambda: mobius_sieve(limit), theirs, peer)


def _against_pari(limit: int) -> Row:
    """Compare with PARI's interpreted loop over the squarefree n, or say that it is missing."""
    name, peer = f"mobius_sieve({limit})", "PARI forsquarefree"
    if not shutil.which("gp"):
        return Row(name, peer, [], [], "gp is not installed")
    expected = mertens(limit)

    def theirs() -> None:
        program = PARI.format(limit=limit)
        run = subprocess.run(
            ["gp", "-q", "-f"], input=program, capture_output=True, text=True, check=True
        )
        if int(run.stdout) != expected:
            raise ValueError(f"PARI has M({limit}) = {run.stdout}, mertens has {expected}")

    note = "a loop of the interpreter, with the program's start"
    return compare(name, lambda: mobius_sieve(limit), theirs, peer, repeats=3, note=note)
