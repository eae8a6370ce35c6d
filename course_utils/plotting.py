"""One plot style, and helpers that take data and draw: they hide no algorithm."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import matplotlib as mpl
import networkx as nx
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

# Okabe and Ito's palette: told apart by colour-blind readers, legible on paper.
COLOURS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
}
_CYCLE = ["blue", "vermillion", "green", "purple", "orange", "sky", "black"]
_DASHES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1))]


class Recorded(Protocol):
    """What `history` draws, such as a `training.History`."""

    steps: Sequence[int]
    values: Mapping[str, Sequence[float]]


def use_style() -> None:
    """Set matplotlib's defaults: Okabe-Ito colours with dashes, 100 dpi, opaque background."""
    mpl.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=[COLOURS[c] for c in _CYCLE]) + cycler(ls=_DASHES),
            "axes.grid": True,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 100,
            "figure.facecolor": "white",
            "figure.figsize": (6.0, 3.6),
            "grid.alpha": 0.25,
            "image.cmap": "viridis",
            "legend.frameon": False,
            "savefig.facecolor": "white",
        }
    )


def decorate(ax: Axes, title: str, xlabel: str, ylabel: str) -> None:
    """Name the message of a plot and its axes, units included; add a legend if lines have names."""
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if ax.get_legend_handles_labels()[0]:
        ax.legend()


def history(ax: Axes, history: Recorded, names: Sequence[str]) -> None:
    """Draw the named values of a training history against its steps."""
    for name in names:
        if name not in history.values:
            raise ValueError(f"names must be among {list(history.values)}, got {name!r}")
        ax.plot(history.steps, history.values[name], label=name)


def matrix(ax: Axes, values: ArrayLike, signed: bool = False, annotate: bool = False) -> None:
    """Draw a matrix (rows, columns) as colours, with a colour bar; `signed` centres at zero."""
    array = np.asarray(values)
    if array.ndim != 2:
        raise ValueError(f"values must be a matrix, got shape {array.shape}")
    limit = np.abs(array).max() if signed else None
    limits = {"cmap": "PuOr", "vmin": -limit, "vmax": limit} if signed else {}
    picture = ax.imshow(array, **limits)
    ax.grid(False)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if annotate:
        for (i, j), value in np.ndenumerate(array):
            shade = picture.norm(value)
            dark = abs(shade - 0.5) > 0.3 if signed else shade < 0.6
            ax.text(j, i, f"{value:g}", ha="center", va="center", color="w" if dark else "k")
    ax.figure.colorbar(picture, ax=ax)


def images(ax: Axes, stack: ArrayLike, columns: int = 10) -> None:
    """Draw images (n, height, width) as one sheet, row by row, black on white."""
    array = np.asarray(stack)
    if array.ndim != 3 or len(array) == 0 or columns < 1:
        raise ValueError(f"stack must have shape (n, height, width), got {array.shape}")
    n, height, width = array.shape
    rows = -(-n // columns)
    sheet = np.zeros((rows * columns, height, width), array.dtype)
    sheet[:n] = array
    tiles = sheet.reshape(rows, columns, height, width).swapaxes(1, 2)
    ax.imshow(tiles.reshape(rows * height, columns * width), cmap="gray_r")
    ax.set_axis_off()


def graph(ax: Axes, graph: nx.Graph, pos: dict[Any, ArrayLike] | None = None, **options) -> None:
    """Draw a graph; `pos` defaults to the Kamada-Kawai layout, `options` go to networkx."""
    style = {"node_color": COLOURS["sky"], "edge_color": "0.5", "node_size": 120, "font_size": 8}
    nx.draw_networkx(graph, pos or nx.kamada_kawai_layout(graph), ax=ax, **(style | options))
    ax.set_axis_off()


def decision_regions(
    ax: Axes,
    predict: Callable[[NDArray[np.float64]], ArrayLike],
    X: ArrayLike,
    y: ArrayLike,
    resolution: int = 120,
) -> None:
    """Colour the plane by the sign of `predict` on points (m, 2); draw X (n, 2) by labels ±1."""
    points, labels = np.asarray(X, float), np.asarray(y)
    low, high = points.min(0) - 0.5, points.max(0) + 0.5
    xs, ys = (np.linspace(low[i], high[i], resolution) for i in range(2))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1)  # (resolution, resolution, 2)
    values = np.asarray(predict(grid.reshape(-1, 2)), float).reshape(resolution, resolution)
    shades = ListedColormap(["#F6D5BF", "#BFDDF0"])
    ax.imshow(
        values > 0,
        origin="lower",
        extent=(xs[0], xs[-1], ys[0], ys[-1]),
        cmap=shades,
        aspect="auto",
    )
    for label, colour, marker in ((-1, "vermillion", "x"), (1, "blue", "o")):
        chosen = points[labels == label]
        ax.plot(*chosen.T, ls="", marker=marker, ms=3, color=COLOURS[colour])
    ax.grid(False)
