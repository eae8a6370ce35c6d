"""Figures of lecture_notes/bruhat_hypercubes.md: run this file with Python."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils.maths.bruhat_cubes import dyadic_permutations
from course_utils.plotting import use_style

FOLDER = Path(__file__).parent


def boxes() -> plt.Figure:
    """The digit reversal of three digits with dyadic boxes of four shapes."""
    reversal = dyadic_permutations(3)[0]
    figure, axes = plt.subplots(1, 4, figsize=(8, 2.3))
    for a, ax in enumerate(axes):
        ax.plot(np.arange(8) + 0.5, reversal - 0.5, "o", ms=5)
        ax.set_xticks(range(0, 9, 2**a), [])
        ax.set_yticks(range(0, 9, 2 ** (3 - a)), [])
        ax.grid(True, color="0.5", lw=0.8)
        ax.set(xlim=(0, 8), ylim=(0, 8), aspect="equal", title=f"{2**a} × {2 ** (3 - a)} cells")
    return figure


if __name__ == "__main__":
    use_style()
    boxes().savefig(FOLDER / "bruhat_hypercubes_boxes.png", metadata={"Software": None})
