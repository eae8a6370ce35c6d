"""The README's two pictures: `python -m tools.site.pictures` writes them into site/_static."""

import base64
import io
import json

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
from PIL import Image

from tools import workbook

STATIC = workbook.ROOT / "site" / "_static"
# (notebook, words of the cell that draws the picture), from left to right
STRIP = [
    ("extras/affine_g2", "Values at 1 rise from the rim to the centre"),
    ("week03_how_to_think_about_machine_learning", "Depth diverges at the edge of chaos"),
    ("week07_reinforcement_learning_for_counterexamples", "One hunt, one curve per net"),
    ("week10_deep_sets", "Trained on at most 10 digits"),
]
HEIGHT, GAP = 360, 24  # pixels
# (place along, place up) of each box, and what leads to what
PLACES = {
    "1 PyTorch": (0, 3),
    "murmurations, your invariant": (0.35, 7),
    "2 Möbius": (1, 6),
    "3 laws": (1, 5),
    "4 recurrence": (1, 4),
    "5 graphs": (1, 3),
    "7 counterexamples": (1, 2),
    "8 ten labels": (1, 1),
    "12 convolution": (1, 0),
    "parity, descents": (2, 6.5),
    "14 formulas": (2, 5.5),
    "13 memory": (2, 4.5),
    "6 saliency": (2, 3.5),
    "10 Deep Sets": (2, 2.6),
    "9 proofs": (2, 2.0),
    "11 S-pairs": (2, 1.35),
    "tomography": (2, 0),
    "gallery": (2, 0.7),
    "knots, affine G2, hypercubes": (3, 3.9),
    "AlphaZero, grokking": (3, 2.6),
}
LEADS = """1>2 1>3 1>4 1>5 1>7 1>8 1>12 1>murmurations 2>parity 2>14 4>13 3>4 5>6 5>10 7>9 7>11
12>tomography 6>knots 10>AlphaZero 7>gallery"""


def strip() -> Image.Image:
    """Return the chosen figures of the committed notebooks, side by side on white."""
    found = []
    for name, words in STRIP:
        text = (workbook.NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8")
        (cell,) = (c for c in json.loads(text)["cells"] if words in "".join(c["source"]))
        (png,) = (
            o["data"]["image/png"] for o in cell["outputs"] if "image/png" in o.get("data", {})
        )
        image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
        found.append(image.resize((round(image.width * HEIGHT / image.height), HEIGHT)))
    width = sum(image.width for image in found) + GAP * (len(found) - 1)
    whole = Image.new("RGB", (width, HEIGHT), "white")
    left = 0
    for image in found:
        whole.paste(image, (left, 0))
        left += image.width + GAP
    return whole.quantize(256)


def dependencies() -> str:
    """Return the graph of weeks and companions as an SVG, the same on every run."""
    short = {label.split()[0].rstrip(","): label for label in PLACES}
    wanted = {"svg.hashsalt": "weeks", "svg.fonttype": "none", "font.size": 10}
    with plt.style.context(["default", wanted], after_reset=True):
        fig, ax = plt.subplots(figsize=(9, 4.6))
        box = {"boxstyle": "round,pad=0.3", "fc": "#eef3fa", "ec": "#35618f"}
        drawn = {
            name: ax.text(*PLACES[label], label, ha="center", va="center", bbox=box)
            for name, label in short.items()
        }
        for pair in LEADS.split():
            start, end = (drawn[name] for name in pair.split(">"))
            style = {"arrowstyle": "-|>", "color": "0.45", "shrinkA": 2, "shrinkB": 2}
            style |= {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()}
            ax.annotate("", end.get_position(), start.get_position(), arrowprops=style)
        ax.set(xlim=(-0.3, 3.5), ylim=(-0.5, 7.5))
        ax.axis("off")
        buffer = io.StringIO()
        fig.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
        plt.close(fig)
    return buffer.getvalue()


def main() -> None:
    """Write both."""
    strip().save(STATIC / "strip.png", optimize=True)
    workbook.write(STATIC / "dependencies.svg", dependencies())


if __name__ == "__main__":
    main()
