"""Shipped data: each file is compared with its SHA-256 once, then loaded. Nothing is downloaded.

Provenance and licences: `course_utils/data/README.md`.
"""

import csv
import gzip
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "data"

SHA256 = {
    "alphazero_runs.json": "645e4bb884bf921fa4d8bf8bad47ca449b2445fd4962e4ec5e8e859e5194535e",
    "connect4_s_54.txt": "c540d9a13552fe6d1bf90af694b61e4675ce5a78756b0ff955a1b83749d986c0",
    "knotinfo_signs.json": "7f1c8f8a7ec4b9f2c15835b5dca4a7d8579e98ca00b03ad1591721bd5c9fb77b",
    "knots_hyperbolic_signature.csv.gz": (
        "61db86dfcc038802020b8344939ee6d6e5f3ddb0799b85175a2115a1bd015e51"
    ),
    "mnist_10k.npz": "0c60e9cc58268284d33ca19d4492713726841c11d5a9ac1d199ef4e978640657",
    "published_recovery.csv": "57da26b2776d33044abd57dbb35c8ec4daac9d1bfa42bc0376dd4294948cc940",
    "sequences109.json": "c04d52bad2e67b5b04dd5e5d1bc6fad1f98ef3ba61bdf8223b3ab7ddb8e3314b",
    "tomography_600.npz": "45b24b9a91e1ecb36d339d217f299a90cb7bf09122bdc95e00703503a157c47c",
    "week07_success.json": "d60956dd3fc5d3415f6bedaf9910e5b8ecd7965896a91942c0308e7acf198549",
}


def load(name: str) -> Any:
    """Load one shipped file, after its checksum was verified (once a process).

    Args:
        name: a key of `SHA256`.

    Returns:
        By ending: `.npz` a dict of fresh, writable arrays; `.json` what the file holds;
        `.gz` the unpacked text; anything else its text.

    Raises:
        ValueError: no such file is shipped.
        FileNotFoundError, RuntimeError: the file is missing, or differs from the shipped one;
            the message says how to restore it.

    >>> sorted(load("mnist_10k.npz"))
    ['images', 'labels']
    """
    if name not in SHA256:
        raise ValueError(f"name must be one of {sorted(SHA256)}, got {name!r}")
    path = _verified(FOLDER / name, SHA256[name])
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode()
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else text


def mnist() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the first 10,000 training images of MNIST and their labels, in the official order.

    Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database; licence CC BY-SA 3.0, see
    `course_utils/data/DATA_LICENSE`. Introduced in week 8.

    Returns:
        images: shape (10000, 28, 28), grey values 0 (background) to 255.
        labels: shape (10000,), the digits 0-9.

    >>> images, labels = mnist()
    >>> images.shape, labels[:10].tolist()
    ((10000, 28, 28), [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    """
    arrays = load("mnist_10k.npz")
    return arrays["images"], arrays["labels"]


def knots() -> dict[str, NDArray[Any]]:
    """Return 19,954 hyperbolic knots, one array of shape (19954,) for each column of the file.

    All with at most 13 crossings (but one), random samples of 3500 with 14 and 15. `signature`,
    `crossings` and `alternating` are integers, `name` and `symmetry` strings ("0" is the trivial
    group), the others floats; `meridian` is complex, `longitude` real: the translations of the
    maximal cusp. Signature and translations belong to one orientation of each knot.

    >>> table = knots()
    >>> table["name"][1], int(table["signature"][1]), complex(table["meridian"][1])
    (np.str_('K5a1'), 2, (-0.738118+0.883119j))
    """
    rows = list(csv.DictReader(load("knots_hyperbolic_signature.csv.gz").splitlines()))
    text, whole = ("name", "symmetry"), ("crossings", "alternating", "signature")
    table: dict[str, NDArray[Any]] = {}
    for column in rows[0]:
        kind: type = str if column in text else int if column in whole else float
        table[column] = np.array([kind(row[column]) for row in rows])
    table["meridian"] = table.pop("meridian_re") + 1j * table.pop("meridian_im")
    return table


@cache
def _verified(path: Path, expected: str) -> Path:
    """Return `path` when its bytes have the expected SHA-256; a failure is not remembered."""
    restore = (
        f"Restore it with `git checkout -- course_utils/data/{path.name}` in a clone, "
        "or install course_utils again."
    )
    if not path.is_file():
        raise FileNotFoundError(f"The shipped file {path} is missing. {restore}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise RuntimeError(
            f"The shipped file {path} was changed or is incomplete: its SHA-256 is {found}, "
            f"expected {expected}. {restore}"
        )
    return path
