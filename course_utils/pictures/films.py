"""A sequence of matrices as an animation: one piece of HTML with its own script.

It draws on an HTML5 canvas, fetches nothing and needs no kernel; the entries travel as compressed
bytes.
"""

import base64
import json
import zlib
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from IPython.display import HTML
from matplotlib.colors import to_hex
from numpy.typing import ArrayLike

_SHADES = 16
# what the button and the slider of a film do, for scripts with `now`, `frames`, `timer`, `draw`
PLAYER = """function stop() { clearInterval(timer); timer = null; button.textContent = "Play"; }
function step() { if (now == frames - 1) return stop(); now += 1; draw(); }
button.onclick = () => {
  if (timer) return stop();
  if (now == frames - 1) now = 0;
  button.textContent = "Pause"; draw(); timer = setInterval(step, 250);
};
slider.oninput = () => { stop(); now = +slider.value; draw(); };
"""
_PAGE = """<div style="width:640px;background:#fff;color:#000;font:13px sans-serif">
<canvas style="width:640px;height:0" aria-label="ALT"></canvas>
<div style="display:flex;align-items:center;gap:8px"><button style="width:64px">Play</button>
<input type="range" min="0" max="LAST" value="LAST" style="flex:1" aria-label="frame"></div>
<div style="min-height:1.4em;font-family:monospace">Run this cell to see the film.</div>
<script>(async () => {
const film = FILM, box = document.currentScript.parentElement;
const [canvas, [button, slider], caption] =
  [box.children[0], box.children[1].children, box.children[2]];
const packed = Uint8Array.from(atob(film.data), c => c.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
const levels = new Uint8Array(await new Response(stream).arrayBuffer());
const [frames, rows, columns] = film.shape, left = 60, top = 10, wide = 560, tall = 320;
const ratio = window.devicePixelRatio || 1, context = canvas.getContext("2d");
canvas.width = 640 * ratio; canvas.height = 370 * ratio; canvas.style.height = "370px";
let now = frames - 1, timer = null;
function draw() {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = "#fff"; context.fillRect(0, 0, 640, 370);
  const w = wide / columns, h = tall / rows;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    context.fillStyle = film.colours[levels[(now * rows + i) * columns + j]];
    context.fillRect(left + j * w, top + i * h, w + 0.5, h + 0.5);
  }
  context.fillStyle = "#000"; context.font = "13px sans-serif"; context.textAlign = "center";
  for (let j = 0; j < columns; j += Math.ceil(columns / 15))
    context.fillText(j + film.first, left + (j + 0.5) * w, top + tall + 16);
  context.fillText(film.xlabel, left + wide / 2, top + tall + 34);
  context.save(); context.translate(24, top + tall / 2); context.rotate(-Math.PI / 2);
  context.fillText(film.ylabel, 0, 0); context.restore();
  caption.textContent = film.captions[now]; slider.value = now;
}
PLAYERdraw();
})();</script></div>"""


def matrix_film(
    frames: ArrayLike, captions: Sequence[str], *, xlabel: str, ylabel: str, first: int = 0
) -> HTML:
    """Return an animation of matrices whose entries lie between 0 (light) and 1 (dark).

    Args:
        frames: shape (frames, rows, columns), numbers from 0 to 1; drawn in sixteen shades.
        captions: a line of text for each frame.
        xlabel, ylabel: what the columns and the rows are.
        first: the number of the first column.

    Raises:
        ValueError: shapes do not fit, or an entry is out of range.

    Introduced in the companion *A network finds the characters of Z/p*.
    """
    values = np.asarray(frames, float)
    if values.ndim != 3 or values.size == 0 or len(captions) != len(values):
        raise ValueError(
            f"frames (count, rows, columns) and captions must fit, got {values.shape} and "
            f"{len(captions)}"
        )
    if not (values.min() >= 0 and values.max() <= 1):
        raise ValueError(
            f"frames must lie between 0 and 1, got {values.min():.3g} to {values.max():.3g}"
        )
    levels = np.rint(values * (_SHADES - 1)).astype(np.uint8)
    facts = {
        "data": base64.b64encode(zlib.compress(levels.tobytes(), 9)).decode(),
        "shape": list(values.shape),
        "colours": [to_hex(c) for c in mpl.colormaps["Blues"](np.linspace(0, 1, _SHADES))],
        "captions": list(captions),
        "xlabel": xlabel,
        "ylabel": ylabel,
        "first": first,
    }
    text = json.dumps(facts).replace("</", "<\\/")
    page = _PAGE.replace("PLAYER", PLAYER).replace("ALT", f"animation, {len(values)} frames")
    return HTML(page.replace("LAST", str(len(values) - 1)).replace("FILM", text))
