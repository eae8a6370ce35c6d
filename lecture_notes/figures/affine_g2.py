"""Draw the figures of the note on affine G2: `python lecture_notes/figures/affine_g2.py`."""

import io
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from course_utils import plotting
from course_utils.maths import affine_weyl, alcoves
from course_utils.pictures.alcoves import draw

HERE = Path(__file__).parent
WORD = [0, 2, 1, 2, 1] * 12


def names() -> plt.Figure:
    """Write its reduced word into each alcove near the origin; grey levels tell the length."""
    fig, ax = plt.subplots(figsize=(5.6, 4.0))
    lists = affine_weyl.table(9)
    points = alcoves.plane(alcoves.triangles(9))
    for w, corners, length in zip(lists.elements, points, lists.lengths, strict=True):
        grey = str(0.98 - 0.05 * length)
        ax.add_patch(plt.Polygon(corners, fc=grey, ec="0.3", lw=0.6))
        name = "".join(map(str, affine_weyl.reduced_word(w))) or "e"
        centre = (corners.sum(axis=0) + corners[1]) / 4  # nearer to the right angle
        if length <= 5:
            ax.text(*centre, name, ha="center", va="center", fontsize=7, clip_on=True)
    for k in (0, 1):
        angle = k * np.pi / 6
        ax.plot([0, 9 * np.cos(angle)], [0, 9 * np.sin(angle)], "k-", lw=2.5)
    ax.set(xlim=(-2.05, 3.5), ylim=(-1.68, 1.9), aspect="equal", xticks=[], yticks=[])
    ax.grid(False)
    plotting.decorate(ax, "Each alcove has one element, named by a reduced word", "", "")
    return fig


def frame(k: int, reach: float) -> tuple[Image.Image, float]:
    """Draw the film's frame k: the first k letters; return it and how far the picture reaches."""
    fig = plt.figure(figsize=(5.6, 4.9), layout="none")
    ax, bar = fig.add_axes([0.01, 0.02, 0.84, 0.9]), fig.add_axes([0.87, 0.08, 0.03, 0.76])
    x = affine_weyl.element(WORD[:k])
    values = affine_weyl.kl_values(x)
    place = affine_weyl.table(60).index[x]
    shown = draw(ax, alcoves.triangles(60), values, place)
    reach = max(reach, ax.get_xlim()[1])
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.set_axis_off()
    ax.set_title(f"length of x: {k}, largest value: {values.max():,}")
    fig.colorbar(shown, cax=bar)
    bar.set_title("P(1)", fontsize=10)
    bar.minorticks_off()
    buffer = io.BytesIO()
    fig.savefig(buffer, dpi=94)
    plt.close(fig)
    return Image.open(buffer).convert("RGB"), reach


def film(place: Path) -> None:
    """Write the 61 frames as a GIF with one palette; the last frame stays for two seconds."""
    frames, reach = [], 0.0
    for k in range(len(WORD) + 1):
        picture, reach = frame(k, reach)
        frames.append(picture)
    palette = frames[-1].quantize(48, method=Image.Quantize.MEDIANCUT)
    flat = [f.quantize(palette=palette, dither=Image.Dither.NONE) for f in frames]
    times = [250] * len(WORD) + [2000]
    flat[0].save(place, save_all=True, append_images=flat[1:], duration=times, loop=0)


def main() -> None:
    """Write the figure and the film beside this file."""
    plotting.use_style()
    names().savefig(HERE / "affine_g2_names.png", metadata={"Software": None})
    film(HERE / "affine_g2_film.gif")


if __name__ == "__main__":
    main()
