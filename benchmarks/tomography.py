"""The Radon transform: our sparse matrix on batches of 20 images against scikit-image."""

from collections.abc import Iterator

import numpy as np
import torch
from skimage.transform import radon

from benchmarks.timing import Row, compare
from course_utils.maths.tomography import ellipse_image, radon_matrix

BATCH = 20


def rows() -> Iterator[Row]:
    """Yield two rows: 180 angles of 20 images at 64² and at 128² pixels."""
    yield from map(_row, (64, 128))


def _row(size: int) -> Row:
    degrees = np.arange(180.0)
    A = radon_matrix(size, np.deg2rad(degrees))
    matrix = torch.sparse_csr_tensor(
        torch.from_numpy(A.indptr),
        torch.from_numpy(A.indices),
        torch.from_numpy(A.data.astype(np.float32)),
        A.shape,
    )
    image = ellipse_image([(0.1, -0.2, 0.5, 0.3, 0.7, 1.0), (-0.2, 0.1, 0.2, 0.3, 2.0, 0.5)], size)
    columns = torch.tensor(image.ravel(), dtype=torch.float32)[:, None].repeat(1, BATCH)
    threads = torch.get_num_threads()

    def ours() -> None:
        torch.set_num_threads(1)
        matrix @ columns
        torch.set_num_threads(threads)

    def peer() -> None:
        for _ in range(BATCH):
            radon(image, theta=degrees, circle=False)

    note = f"{A.nnz:,} non-zeros, single precision, one thread"
    kernel = f"Radon transform, {BATCH} images of {size}², 180 angles"
    return compare(
        kernel, ours, peer, "skimage.transform.radon, circle=False", repeats=3, note=note
    )
