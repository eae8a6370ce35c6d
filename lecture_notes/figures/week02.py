"""Draw the figure of week 2's note: `python lecture_notes/figures/week02.py`."""

from math import pi
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np

from course_utils.maths.number_theory import mobius_sieve, primes_upto
from course_utils.plotting import decorate, use_style

HERE = Path(__file__).parent


def main() -> None:
    """Write week02_squares.png: what the squares of primes tell of μ² and of μ."""
    use_style()
    limit = 10**6
    n, mu = np.arange(1, limit + 1), mobius_sieve(limit)[1:]
    primes = primes_upto(97)
    passes, measured = np.ones(limit, bool), []
    for p in primes:
        passes &= n % p**2 > 0
        measured.append([np.mean(passes == (mu != 0)), np.mean(passes * 1 == mu)])
    tested = np.cumprod(1 - 1 / primes**2.0)
    fig, ax = plt.subplots(figsize=(6, 3.2))
    for values, marker, name in zip(np.transpose(measured), "os", ("μ²", "μ"), strict=True):
        ax.plot(primes, values, marker, ls="none", label=f"{name}, n ≤ 10⁶")
    ax.plot(primes, 1 - tested + 6 / pi**2, "k-", lw=1, label="Proposition 8")
    ax.plot(primes, 1 - tested + 3 / pi**2, "k-", lw=1)
    ax.axhline(1 - 3 / pi**2, color="0.5", ls="--", lw=1, label="1 − 3/π²")
    ax.set_xscale("log")
    decorate(ax, "Squares of primes give μ², not the sign", "largest p tested", "share right")
    ax.legend(loc="center right")
    fig.savefig(HERE / "week02_squares.png", metadata={"Software": None})


if __name__ == "__main__":
    main()
