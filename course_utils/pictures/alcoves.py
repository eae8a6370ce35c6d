"""Coloured alcoves, as a figure and as an animation: exact numbers in, pictures out.

The animation is one piece of HTML with its own script. It draws on an HTML5 canvas, at the
resolution of the screen, fetches nothing and needs no kernel; the numbers travel as compressed
16-bit integers.
"""

import base64
import json
import math
import zlib
from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm, to_hex
from numpy.typing import ArrayLike

from course_utils.maths import alcoves
from course_utils.pictures.films import PLAYER

_SHADES = 64
# The rays along which mirrors leave the origin, and their widths: the first two bound the chamber
# of the first alcove.
_RAYS = [(math.cos(k * math.pi / 6), math.sin(k * math.pi / 6), 2.5 - 1.9 * (k > 1))
         for k in range(12)]  # fmt: skip
_PAGE = """<div style="width:640px;background:#fff;color:#000;font:13px sans-serif">
<canvas style="width:640px;height:0" aria-label="ALT"></canvas>
<div style="display:flex;align-items:center;gap:8px"><button style="width:64px">Play</button>
<input type="range" min="0" max="LAST" value="LAST" style="flex:1" aria-label="frame"></div>
<div style="min-height:1.4em;font-family:monospace">Run this cell to see the film.</div>
<div style="min-height:1.4em"></div>
<script>(async () => {
const film = FILM, box = document.currentScript.parentElement;
const [canvas, [button, slider], caption, readout] =
  [box.children[0], box.children[1].children, box.children[2], box.children[3]];
const packed = Uint8Array.from(atob(film.data), c => c.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
const words = new Int16Array(await new Response(stream).arrayBuffer());
const n = film.size, frames = film.marks.length, corner = words.subarray(0, 6 * n);
const value = (y, k) => words[6 * n + y * frames + k] & 65535;
const ratio = window.devicePixelRatio || 1, side = 540, context = canvas.getContext("2d");
canvas.width = 640 * ratio; canvas.height = side * ratio; canvas.style.height = side + "px";
const far = y => Math.max(...[0, 2, 4].map(i => Math.max(
  Math.abs(corner[6 * y + i] * film.scale[0]), Math.abs(corner[6 * y + i + 1] * film.scale[1]))));
const reach = []; let most = 0;
for (let k = 0; k < frames; k++) {
  for (let y = 0; y < n; y++) if (value(y, k)) most = Math.max(most, far(y));
  reach.push(1.08 * most);
}
let now = frames - 1, timer = null;
const height = p => Math.log(p) / Math.log(film.tops[now]);
const shade = p => film.colours[Math.round((film.colours.length - 1) * height(p))];
const zoom = () => side / 2 / reach[now];
const trace = y => {
  context.beginPath();
  for (const i of [0, 2, 4]) context.lineTo(side / 2 + zoom() * film.scale[0] * corner[6 * y + i],
    side / 2 - zoom() * film.scale[1] * corner[6 * y + i + 1]);
  context.closePath();
};
const outline = (y, colour, width) => {
  trace(y); context.strokeStyle = colour; context.lineWidth = width; context.stroke();
};
function draw() {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = "#fff"; context.fillRect(0, 0, 640, side);
  context.save(); context.beginPath(); context.rect(0, 0, side, side); context.clip();
  context.lineJoin = "round";
  for (let y = 0; y < n; y++) if (!value(y, now)) outline(y, "#ddd", 0.5);
  for (let y = 0; y < n; y++) if (value(y, now)) {
    outline(y, shade(value(y, now)), 0.7); context.fillStyle = context.strokeStyle; context.fill();
  }
  for (const [x, y, width] of film.rays) {
    const far = 2 * side / Math.hypot(x, y);
    context.beginPath(); context.moveTo(side / 2, side / 2);
    context.lineTo(side / 2 + far * x, side / 2 - far * y);
    context.strokeStyle = "#000"; context.lineWidth = width; context.stroke();
  }
  outline(film.marks[now], "#fff", 5); outline(film.marks[now], "#000", 2);
  context.restore(); bar();
  caption.textContent = film.captions[now]; readout.textContent = ""; slider.value = now;
}
function bar() {
  const tall = side - 60, steps = film.colours.length;
  context.font = "13px sans-serif"; context.fillStyle = "#000";
  context.fillText(film.label, 560, 20);
  film.colours.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(562, 40 + tall * (1 - (i + 1) / steps), 16, tall / steps + 1);
  });
  context.fillStyle = "#000";
  for (const tick of [1, 10, 100, 1000, 10000].filter(t => height(t) < 0.94).concat(film.tops[now]))
    context.fillText(tick, 584, 44 + tall * (1 - height(tick)));
}
PLAYERcanvas.onmousemove = event => {
  const x = (event.offsetX - side / 2) / zoom(), y = (side / 2 - event.offsetY) / zoom();
  const turn = (t, i, j) => {
    const [a, b, c, d] = [i, i + 1, j, j + 1].map(e => corner[6 * t + e] * film.scale[e % 2]);
    return Math.sign((c - a) * (y - b) - (d - b) * (x - a));
  };
  for (let t = 0; t < n; t++)
    if (Math.abs(turn(t, 0, 2) + turn(t, 2, 4) + turn(t, 4, 0)) == 3)
      return readout.textContent = film.label + " = " + value(t, now);
  readout.textContent = "";
};
draw();
})();</script></div>"""


def draw(
    ax: Axes, corners: ArrayLike, values: ArrayLike, mark: int | None = None, name: str = "x"
) -> PolyCollection:
    """Draw alcoves, coloured by their values on a logarithmic scale; 0 leaves one empty.

    Args:
        ax: where to draw.
        corners: shape (n, 3, 2), as from `alcoves.triangles`.
        values: shape (m,) with m <= n, not negative, of the first m alcoves.
        mark: the alcove to outline.
        name: what is written beside it.

    Returns:
        The coloured alcoves, for a colour bar.
    """
    numbers = np.asarray(values)
    points = alcoves.plane(corners)[: len(numbers)]
    full = numbers > 0
    reach = 1.08 * np.abs(points[full]).max()
    ax.add_collection(PolyCollection(points[~full], facecolor="none", edgecolor="0.9", lw=0.5))
    few = mpl.colormaps["viridis"].resampled(32)  # a notebook keeps 64 colours
    norm = LogNorm(1, max(2, numbers.max()))
    shown = PolyCollection(points[full], array=numbers[full], cmap=few, norm=norm)
    shown.set(edgecolor="face", linewidth=0.5, antialiased=False)
    ax.add_collection(shown)
    for x, y, width in _RAYS:
        ax.plot([0, 2 * reach * x], [0, 2 * reach * y], color="k", ls="-", lw=0.8 * width)
    if mark is not None:
        for colour, width in (("white", 4), ("black", 1.8)):
            ax.add_patch(plt.Polygon(points[mark], fill=False, ec=colour, lw=width, zorder=3))
        centre = points[mark].mean(axis=0)
        away = 14 * centre / np.linalg.norm(centre)
        look = {"ha": "center", "va": "center", "weight": "bold"}
        ax.annotate(name, centre, away, textcoords="offset points", **look)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.grid(False)
    return shown


def film(
    corners: ArrayLike,
    values: ArrayLike,
    marks: Sequence[int],
    captions: Sequence[str],
    *,
    label: str = "value",
) -> HTML:
    """Return an animation of alcoves, coloured by their values on a logarithmic scale.

    The scale runs from 1 to the largest value of the frame, and the picture holds all that had a
    value so far.

    Args:
        corners: shape (n, 3, 2), integers below 2**15, as from `alcoves.triangles`.
        values: shape (frames, n), integers from 0 to 65535; 0 leaves an alcove empty.
        marks: the alcove to outline in each frame.
        captions: a line of text for each frame.
        label: what a value is, for the colour bar and for the alcove under the mouse.

    Raises:
        ValueError: shapes do not fit, or a number is out of range.

    Introduced in the companion *Affine G2*.
    """
    points, numbers = np.asarray(corners), np.asarray(values)
    frames, size = numbers.shape if numbers.ndim == 2 else (0, 0)
    if points.shape != (size, 3, 2) or size == 0 or not len(marks) == len(captions) == frames:
        raise ValueError(
            f"corners (n, 3, 2), values (frames, n), marks and captions must fit, got "
            f"{points.shape}, {numbers.shape}, {len(marks)} and {len(captions)}"
        )
    for name, array, low, high in (("corners", points, -(2**15), 2**15 - 1),
                                   ("values", numbers, 0, 2**16 - 1)):  # fmt: skip
        if array.dtype.kind not in "iu" or array.min() < low or array.max() > high:
            raise ValueError(f"{name} must be integers from {low} to {high}")
    if any(not 0 <= mark < size for mark in marks):
        raise ValueError(f"marks must be places from 0 to {size - 1}")
    data = points.astype("<i2").tobytes() + numbers.T.astype("<u2").tobytes()
    facts = {
        "data": base64.b64encode(zlib.compress(data, 9)).decode(),
        "size": size,
        "marks": [int(mark) for mark in marks],
        "captions": list(captions),
        "label": label,
        "scale": alcoves.plane([1, 1]).tolist(),
        "rays": _RAYS,
        "tops": [max(2, int(top)) for top in numbers.max(axis=1)],
        "colours": [to_hex(c) for c in mpl.colormaps["viridis"](np.linspace(0, 1, _SHADES))],
    }
    text = json.dumps(facts, separators=(",", ":")).replace("</", "<\\/")
    page = _PAGE.replace("PLAYER", PLAYER).replace("ALT", f"animation, {frames} frames")
    return HTML(page.replace("LAST", str(frames - 1)).replace("FILM", text))
