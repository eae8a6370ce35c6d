"""The Möbius sieve against PARI (Debian's `gp`), sympy and a loop of single values."""

import re
import shutil
import subprocess

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
    if shutil.which("gp"):
        table.append(_against_pari(10**7, repeats=3))
    large = [seconds(lambda: mobius_sieve(10**8)) for _ in range(3)]
    table.append(Row("mobius_sieve(10^8)", "—", large, note="one byte a number"))
    quick = [seconds(lambda: mertens(10**9)) for _ in range(3)]
    table.append(Row("mertens(10^9)", "—", quick, note="no table of that size"))
    return table


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
