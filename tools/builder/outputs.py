"""Executing a student notebook, and making its outputs fit to be committed."""

import base64
import io
import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from PIL import Image
from scipy.spatial import cKDTree

from tools.builder.source import METADATA, tags

CELL_TIMEOUT = 300
COLOURS, LINE_HUES = 64, 40  # of a line drawing: its palette, and its areas' colours
NOTEBOOK_LIMIT = 600_000
ALL_LIMIT = 12_000_000
_WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_PATH = re.compile(
    r"(?<![\w.:/])/(?:home|root|tmp|usr|work|var|opt|mnt|Users)/[\w.]+|[A-Z]:\\\\\w+"
)


def execute(notebook: NotebookNode, folder: Path) -> tuple[list[dict[str, Any]], float, float]:
    """Run the notebook in one kernel, strictly; return (claims, seconds, slowest cell's seconds).

    Raises:
        CellExecutionError, CellTimeoutError: a cell failed or took over CELL_TIMEOUT seconds.
    """
    spent: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        claims = Path(scratch) / "claims.jsonl"
        environment = os.environ | {
            "COURSE_STRICT": "1",
            "COURSE_CLAIMS": str(claims),
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONWARNINGS": "default",
        }
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder)}},
            on_cell_execute=lambda **_: spent.append(-time.perf_counter()),
            on_cell_executed=lambda **_: spent.append(time.perf_counter()),
        )
        client.execute(env=environment)
        lines = claims.read_text(encoding="utf-8").splitlines() if claims.exists() else []
    pairs = [a + b for a, b in zip(spent[::2], spent[1::2], strict=False)]
    clean(notebook)
    return [json.loads(line) for line in lines], sum(pairs), max(pairs, default=0.0)


def clean(notebook: NotebookNode) -> None:
    """Prune what varies or weighs: widget state and views, language details, PNG colours."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = nbformat.from_dict(METADATA["language_info"])
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        cell.outputs = [o for o in cell.outputs if _WIDGET_MIME not in o.get("data", {})]
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = palette(data["image/png"])
                alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
                output["metadata"] = {"image/png": {"alt": alt}} if alt else {}
                data.pop("text/plain", None)


def palette(png: str) -> str:
    """Re-encode a base64 PNG with as few colours as say the same, or with all of them.

    A line drawing (at most LINE_HUES colours that fill areas) gets COLOURS colours, anything else
    256: first the colours of its areas, exactly where there is room, then the mixed ones at edges.
    Where that would change what the picture says (see `_same`), it keeps every colour.
    """
    image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    pixels = np.asarray(image).astype(np.int32)  # (height, width, 3)
    codes = pixels @ [1 << 16, 1 << 8, 1]
    colours, counts = np.unique(codes, return_counts=True)
    areas = _areas(codes)
    for size in [COLOURS, 256] if len(areas) <= LINE_HUES else [256]:
        chosen = _chosen(image, colours, areas, size)
        nearest = cKDTree(chosen).query(_rgb(colours))[1]
        if _same(_rgb(colours), counts, chosen[nearest], np.isin(colours, areas)):
            indices = nearest[np.searchsorted(colours, codes)].astype(np.uint8)
            small = Image.fromarray(indices, "P")
            small.putpalette(chosen.astype(np.uint8).tobytes())
            return _encoded(small)
    return _encoded(image)


def _encoded(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def _rgb(codes: np.ndarray) -> np.ndarray:
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1)


def _areas(codes: np.ndarray) -> np.ndarray:
    """Return the colours that fill a run of four pixels along a row or a column, as sorted codes.

    A colour bar may have rows of one pixel; the mixed colours at the edge of a line have no runs.
    """
    found = []
    for lines in (codes, codes.T):
        equal = lines[:, 1:] == lines[:, :-1]
        found.append(lines[:, :-3][equal[:, :-2] & equal[:, 1:-1] & equal[:, 2:]])
    return np.unique(np.concatenate(found))


def _chosen(image: Image.Image, colours: np.ndarray, areas: np.ndarray, size: int) -> np.ndarray:
    """Return at most `size` colours: those of the areas, then the best for all other pixels."""
    if len(colours) <= size:
        return _rgb(colours)
    room = size - size // 8
    first = _rgb(areas) if len(areas) <= room else _reduced(_rgb(areas), room)
    mixed = np.asarray(image).reshape(-1, 3)
    mixed = mixed[~np.isin(mixed.astype(np.int32) @ [1 << 16, 1 << 8, 1], areas)]
    second = _reduced(mixed, size - len(first)) if len(mixed) else first[:0]
    return np.unique(np.concatenate([first, second]), axis=0)


def _reduced(pixels: np.ndarray, size: int) -> np.ndarray:
    """Return `size` colours for these pixels by median cut, shape (size, 3)."""
    row = Image.fromarray(pixels.astype(np.uint8)[None])
    few = row.quantize(size, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    found = np.array(few.getpalette()[: 3 * size], np.int32).reshape(-1, 3)
    return found[np.unique(np.asarray(few))]


def _same(before: np.ndarray, counts: np.ndarray, after: np.ndarray, in_areas: np.ndarray) -> bool:
    """Tell whether a picture says the same: areas keep their colour, edges nearly so."""
    error = np.abs(before - after).max(axis=1)
    drawn = (before < 250).any(axis=1)  # not the white paper
    far = counts[drawn & (error > 40)].sum()
    return error[in_areas].max(initial=0) <= 4 and far <= 0.005 * counts[drawn].sum()


def failure(error: Exception) -> str:
    """Return one readable line or two of a cell that failed while a notebook was executed."""
    if isinstance(error, CellExecutionError):
        head = str(error.traceback).split("------------------")[1].strip().split("\n\n")[0]
        return f"{error.ename}: {error.evalue}\n    in the cell that begins: {head.splitlines()[0]}"
    return " ".join(str(error).split())[:300]


def output_problems(notebook: NotebookNode) -> list[tuple[int, str]]:
    """Return (cell number, problem) for every output that must not be committed."""
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        checked = "nbval-check-output" in tags(cell)
        if cell.execution_count is None and cell.source.strip():
            found.append((number, "was never run: nbval would compare nothing; build again"))
        elif checked and not cell.outputs:
            found.append((number, "is tagged nbval-check-output but prints nothing"))
        for output in cell.outputs:
            found += [(number, problem) for problem in _problems(output, checked)]
        if "plt.show()" in cell.source and "widget" not in tags(cell):
            pictures = [o for o in cell.outputs if "image/png" in o.get("data", {})]
            if not pictures:
                found.append((number, "calls plt.show() but holds no picture"))
    return found


def _problems(output: NotebookNode, checked: bool) -> list[str]:
    found = []
    if output.output_type == "error":
        found.append(f"holds an error ({output.ename}: {output.evalue})")
        return found
    if output.get("name") == "stderr":
        found.append(f"wrote to stderr: {output.text.strip()[:100]!r}")
    if checked and "image/png" in output.get("data", {}):
        found.append("is tagged nbval-check-output but draws: compare exact objects, not pictures")
    text = output.get("text", "") or "".join(
        str(v) for k, v in output.get("data", {}).items() if k.startswith("text/")
    )
    if len(text) < 50_000:  # an animation's frames are not prose
        if match := _ADDRESS.search(text):
            found.append(f"shows a memory address ({match[0]}): print what it means instead")
        if match := _PATH.search(text):
            found.append(f"shows an absolute path ({match[0]})")
    return found


def load(path: Path) -> NotebookNode:
    """Read a committed notebook."""
    return nbformat.read(path, as_version=4)
