"""Figures of lecture_notes/week09.md: `python lecture_notes/figures/week09.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils import plotting
from course_utils.maths.semigroups import instances, minimal_size, proof_size
from course_utils.plotting import COLOURS, decorate

HERE = Path(__file__).parent
RULES = ("benchmark", "mrv", "lookahead", "rollout")


def rules() -> None:
    """Sizes relative to the minimum, totals over all instances."""
    figure, ax = plt.subplots(figsize=(7, 3))
    for k, size in enumerate(((2, 2), (3, 2), (3, 3))):
        numbers = range(len(instances(*size)))
        least = sum(minimal_size(*size, s) for s in numbers)
        totals = [sum(proof_size(*size, s, rule)[0] for s in numbers) for rule in RULES]
        label = f"{size}: minimum {least}"
        ax.bar(np.arange(4) + 0.27 * (k - 1), np.array(totals) / least, 0.25, label=label)
    ax.axhline(1, color="0.5", ls="--", label="minimum")
    ax.set_xticks(range(4), RULES)
    ax.legend()
    decorate(ax, "Proof sizes, all instances together", "rule", "size / minimum")
    figure.savefig(HERE / "week09_rules.png")


def large() -> None:
    """Both large instances, four rules, the published proof and the lower bound."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 2.8))
    cases = (((5, 3), 7, 2773), ((4, 5), 22, 40720))
    for ax, (size, sigma, paper) in zip(axes, cases, strict=True):
        found = [proof_size(*size, sigma, rule) for rule in RULES]
        ax.bar(range(4), [passive for passive, _ in found], color=COLOURS["blue"])
        ax.axhline(paper, color=COLOURS["vermillion"], ls="--", label=f"published: {paper}")
        bound = -(-(found[0][1] - 1) // size[1])
        ax.axhline(bound, color="black", lw=1, label=f"lower bound: {bound}")
        ax.set_xticks(range(4), RULES)
        ax.set_ylim(0, 1.45 * max(passive for passive, _ in found))  # room for the legend
        ax.legend(fontsize="small")
        decorate(ax, f"{size}, σ = {sigma}", "rule", "passive nodes")
    figure.savefig(HERE / "week09_large.png")


if __name__ == "__main__":
    plotting.use_style()
    rules()
    large()
