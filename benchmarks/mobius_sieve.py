"""The Möbius sieve against FLINT, PARI (Debian's `gp`), sympy and a loop of single values.

FLINT's `n_moebius_mu_vec` is called in the library that python-flint's wheel brings.
"""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import flint
import numpy as np
from sympy.ntheory.generate import Sieve

from benchmarks.timing import Row, compare, seconds
from course_utils.maths.number_theory import mertens, mobius, mobius_sieve

PARI = "s=0;forsquarefree(n=1,{limit},s+=moebius(n));print(s);print(gettime())"


def rows() -> list[Row]:
    """Time the sieve at 10^6 to 10^8; PARI runs as a program, its own timer is read."""
    limit = 10**6
    table = [
        compare(
            f"mobius_sieve({limit})",
            lambda: mobius_sieve(limit),
            lambda: list(Sieve().mobiusrange(1, limit + 1)),
            "sympy mobiusrange",
            repeats=3,
            note="a fresh Sieve each time: sympy caches",
        ),
        compare(
            f"mobius_sieve({limit})",
            lambda: mobius_sieve(limit),
            lambda: [mobius(n) for n in range(1, limit // 10 + 1)],
            "trial division up to 10^5",
            repeats=3,
        ),
    ]
    table.append(_against_flint(10**7))
    if shutil.which("gp"):
        table.append(_against_pari(10**7, repeats=3))
    else:
        table.append(
            Row("mobius_sieve(10^7)", "PARI forsquarefree", [], note="gp is not installed")
        )
    large = [seconds(lambda: mobius_sieve(10**8)) for _ in range(3)]
    table.append(Row("mobius_sieve(10^8)", "—", large, note="one byte a number"))
    quick = [seconds(lambda: mertens(10**9)) for _ in range(3)]
    table.append(Row("mertens(10^9)", "—", quick, note="no table of that size"))
    return table


def _against_flint(limit: int) -> Row:
    """Compare with FLINT on all n up to `limit`, or say that its library was not found."""
    beside = Path(flint.__file__).parents[1]
    found = [*beside.glob("python_flint.libs/libflint*"), *beside.glob("flint/.dylibs/libflint*")]
    name = f"mobius_sieve({limit})"
    if not found:
        return Row(name, "FLINT n_moebius_mu_vec", [], note="python-flint brings no libflint here")
    moebius = ctypes.CDLL(str(found[0])).n_moebius_mu_vec
    moebius.argtypes, moebius.restype = [ctypes.c_void_p, ctypes.c_ulong], None

    def theirs() -> np.ndarray:
        values = np.empty(limit + 1, np.int32)
        moebius(values.ctypes.data, limit + 1)
        return values

    assert np.array_equal(theirs()[1:], mobius_sieve(limit)[1:])
    return compare(name, lambda: mobius_sieve(limit), theirs, "FLINT n_moebius_mu_vec")


def _against_pari(limit: int, repeats: int) -> Row:
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(seconds(lambda: mobius_sieve(limit)))
        theirs.append(_pari_seconds(limit))
    return Row(f"mobius_sieve({limit})", "PARI forsquarefree", ours, theirs, "PARI: CPU time")


def _pari_seconds(limit: int) -> float:
    """Return PARI's own CPU seconds for the same sum; its answer is compared with mertens."""
    program = PARI.format(limit=limit)
    run = subprocess.run(
        ["gp", "-q", "-f"], input=program, capture_output=True, text=True, check=True
    )
    total, milliseconds = map(int, re.findall(r"-?\d+", run.stdout))
    if total != mertens(limit):
        raise ValueError(f"PARI has M({limit}) = {total}, mertens has {mertens(limit)}")
    return milliseconds / 1000
