"""The picture of a record: the peer's seconds over ours, one line per row with a peer."""

import statistics
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks import record
from benchmarks.timing import Row

# What a page is read on: (background, ink, faint ink, wall seconds, CPU seconds)
PALETTES = {
    "light": ("white", "black", "#595959", "#0072B2", "#B34700"),
    "dark": ("#121212", "white", "#b0b0b0", "#56B4E9", "#E69F00"),
}


def chosen(rows: list[Row]) -> list[Row]:
    """Return the rows that the picture shows: those with a peer, by ratio, those not run last."""
    compared = [row for row in rows if row.theirs is not None]
    return sorted(compared, key=lambda row: -statistics.median(row.ratios()[0] or [0]))


def draw(rows: list[Row], palette: str = "light") -> Figure:
    """Draw the ratios on a logarithmic axis: dot = median, bar = least to greatest.

    Args:
        rows: rows of a record.
        palette: a key of `PALETTES`.
    """
    shown = chosen(rows)
    paper, ink, faint, wall, cpu = PALETTES[palette]
    fig = Figure(figsize=(8.4, 0.38 * len(shown) + 1.4), facecolor=paper, layout="constrained")
    ax = fig.add_subplot(facecolor=paper)
    for place, row in enumerate(shown):
        for values, colour, marker, shift in zip(
            row.ratios(), (wall, cpu), ("o", "d"), (-0.14, 0.14), strict=True
        ):
            if values:
                y, label = place + shift, None
                label = ("wall seconds", "CPU seconds")[marker == "d"] if place == 0 else None
                ax.plot([min(values), max(values)], [y, y], color=colour, lw=1.4)
                ax.plot(statistics.median(values), y, marker, color=colour, ms=4.5, label=label)
        if not row.ratios()[0]:
            ax.text(1.08, place, "not run", color=faint, va="center", fontsize=8)
        middle = {"xy": (-0.01, place), "xycoords": ("axes fraction", "data"), "ha": "right"}
        ax.annotate(row.kernel, **middle, va="bottom", fontsize=8, color=ink)
        ax.annotate(f"against {row.peer}", **middle, va="top", fontsize=7, color=faint)
    ax.axvline(1, color=ink, lw=1)
    ax.set(xscale="log", ylim=(len(shown) - 0.4, -0.6), yticks=[])
    ax.set_xlabel("seconds of the peer / our seconds (right of 1: ours is faster)", color=ink)
    ax.xaxis.set_major_formatter("{x:g}×")
    ax.tick_params(colors=ink, which="both")
    ax.grid(axis="x", alpha=0.35, lw=0.6)
    for name, spine in ax.spines.items():
        spine.set(visible=name == "bottom", color=ink)
    if shown:
        legend = ax.legend(loc="lower right", frameon=False, labelcolor=ink, fontsize=8)
        legend.set_title("median, least … greatest", {"size": 8})
        legend.get_title().set_color(ink)
    return fig


def described(rows: list[Row]) -> str:
    """Return the picture in words, for those who do not see it."""
    shown = [row for row in chosen(rows) if row.ratios()[0]]
    middle = [statistics.median(row.ratios()[0]) for row in shown]
    return (
        f"{len(shown)} horizontal bars on a logarithmic axis, the peer's wall seconds over ours: "
        f"from {middle[0]:.3g} times ({shown[0].kernel} against {shown[0].peer}) down to "
        f"{middle[-1]:.3g} times ({shown[-1].kernel} against {shown[-1].peer}); "
        f"{sum(m > 1 for m in middle)} of them right of the line at 1. The table has all values."
    )


def save(path: Path = record.PICTURE, palette: str = "light") -> None:
    """Draw the committed record into a file."""
    rows = record.all_rows(record.read())
    changing = "Software" if path.suffix == ".png" else "Date"
    draw(rows, palette).savefig(path, dpi=110, metadata={changing: None})
