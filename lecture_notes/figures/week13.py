"""Draw the figure of week 13's note: `python lecture_notes/figures/week13.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils import plotting

HERE = Path(__file__).parent


def singular_values() -> plt.Figure:
    """Draw the singular values of two 64 x 64 Hankel matrices, relative to the largest."""
    places = np.add.outer(np.arange(64), np.arange(64))
    kernels = {"(1 + t)^(-3/2)": (1.0 + np.arange(127)) ** -1.5, "delay by 20": np.eye(127)[20]}
    fig, ax = plt.subplots(figsize=(6, 2.8))
    for (name, rho), marker in zip(kernels.items(), "os", strict=True):
        sigma = np.linalg.svd(rho[places], compute_uv=False)
        kept = sigma[sigma > 1e-12 * sigma[0]] / sigma[0]
        ax.semilogy(np.arange(1, len(kept) + 1), kept, marker=marker, ms=4, label=name)
    ax.axhline(1e-8, color="0.5", ls=":", label="tolerance of the rank")
    plotting.decorate(ax, "A tail is nearly of low rank, a delay is not", "index", "singular value")
    return fig


if __name__ == "__main__":
    plotting.use_style()
    for draw in (singular_values,):
        draw().savefig(HERE / f"week13_{draw.__name__}.png", metadata={"Software": None})
