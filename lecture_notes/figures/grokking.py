"""Figures of lecture_notes/grokking.md: run this file with Python."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils.exercises.grokking import smallest_lead
from course_utils.plotting import decorate, use_style

FOLDER = Path(__file__).parent


def leads() -> plt.Figure:
    """The smallest lead per frequency of random sets, for three primes."""
    dice, counts = np.random.default_rng(0), (1, 2, 3, 5, 8, 12, 20, 29)
    figure, ax = plt.subplots(figsize=(6.4, 3.2))
    for p, marker in ((101, "o"), (1009, "s"), (10007, "^")):
        found = np.array(
            [
                [smallest_lead(1 + dice.permutation(p // 2)[:m], p) / m for _ in range(10)]
                for m in counts
            ]
        )
        middle = np.median(found, axis=1)
        ends = [middle - found.min(axis=1), found.max(axis=1) - middle]
        ax.errorbar(counts, middle, ends, marker=marker, ms=4, capsize=2, label=f"p = {p:,}")
    decorate(
        ax, "Ten random sets of frequencies each", "frequencies", "smallest lead per frequency"
    )
    ax.legend(loc="lower right")
    return figure


if __name__ == "__main__":
    use_style()
    leads().savefig(FOLDER / "grokking_leads.png", metadata={"Software": None})
