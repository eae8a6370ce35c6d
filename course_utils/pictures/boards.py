"""Connect-4 boards: stones, the last move, and a line of text for each column."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from course_utils.plotting import COLOURS

_FILLS = (COLOURS["blue"], COLOURS["orange"])


def board(
    ax: Axes, moves: str, columns: int, rows: int, labels: Sequence[str] = (), title: str = ""
) -> None:
    """Draw the position after `moves` (column digits from 0); the last stone has a white dot.

    The first player is blue with a cross, the second orange, so the picture is read without
    colour, too. `labels` are written above the columns.

    Raises:
        ValueError: a column is outside the board or overfull, or `labels` has another length.
    """
    if labels and len(labels) != columns:
        raise ValueError(f"labels must have {columns} entries, got {len(labels)}")
    ax.add_patch(Rectangle((-0.5, -0.5), columns, rows, fc="0.93", ec="0.5"))
    heights = [0] * columns
    for c in range(columns):
        for r in range(rows):
            ax.add_patch(Circle((c, r), 0.4, fc="white", ec="0.7", lw=0.6))
    for k, letter in enumerate(moves):
        c = "0123456789".find(letter)
        if not 0 <= c < columns or heights[c] == rows:
            raise ValueError(f"moves[{k}] must be a column with room, got {letter!r}")
        r, heights[c] = heights[c], heights[c] + 1
        ax.add_patch(Circle((c, r), 0.4, fc=_FILLS[k % 2], ec="black", lw=0.6))
        if k % 2 == 0:
            ax.plot([c], [r], "x", color="black", ms=7, mew=1.2)
        if k == len(moves) - 1:
            ax.add_patch(Circle((c, r), 0.13, fc="white", ec="black", lw=0.6, zorder=3))
    for c, text in enumerate(labels):
        ax.text(c, rows - 0.2, text, ha="center", va="bottom", fontsize=9)
    ax.set(xlim=(-0.6, columns - 0.4), ylim=(-0.6, rows + 0.5), aspect="equal", title=title)
    ax.set(xticks=range(columns), yticks=[])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
