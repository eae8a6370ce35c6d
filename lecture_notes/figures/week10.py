"""Draw the figure of week 10's note: `python lecture_notes/figures/week10.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils import plotting
from course_utils.maths.combinatorial_games import grundy_dawson

HERE = Path(__file__).parent


def dawson() -> plt.Figure:
    """Draw the Grundy values of Dawson's Kayles, 34 in a column."""
    values = np.array([grundy_dawson(n) for n in range(12 * 34)]).reshape(12, 34)
    fig, ax = plt.subplots(figsize=(5.5, 3.6))
    picture = ax.imshow(values.T, aspect="auto", cmap="viridis")
    ax.plot(52 // 34, 52 % 34, "x", color="w", label="last exception, n = 52")
    ax.legend(loc="lower right", labelcolor="w")
    ax.grid(False)
    fig.colorbar(picture, ax=ax, label="Grundy value")
    ax.set(title="Dawson's Kayles: period 34", xlabel="⌊n / 34⌋", ylabel="n mod 34")
    return fig


def main() -> None:
    """Write the PNG beside this file."""
    plotting.use_style()
    dawson().savefig(HERE / "week10_dawson.png", metadata={"Software": None})


if __name__ == "__main__":
    main()
