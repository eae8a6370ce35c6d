"""Write course_utils/data/tomography_600.npz: phantoms and what two classical methods see of them.

    python -m tools.data.make_tomography     # about 100 CPU seconds

600 random sums of ellipses, their exact sinograms at 120 angles in [-60°, 60°) with 1 % of noise,
and two reconstructions at 64 × 64 pixels: l1-shearlet (30 steps of ADMM) and total variation (40),
both with x >= 0, by the same iteration as the companion's notebook. Stored as grey values
rint(64 x), at most 255. The phantoms follow from numpy's seed 12; floating-point sums may move a
grey value by one on another machine.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from course_utils.maths.shearlets import shearlet_filters
from course_utils.maths.tomography import detector_positions, ellipse_sinogram, radon_matrix

TARGET = Path(__file__).resolve().parents[2] / "course_utils" / "data" / "tomography_600.npz"
COUNT, SIZE, RHO = 600, 64, 3e-3
ANGLES = np.deg2rad(np.arange(-60, 60))

Map = Callable[[torch.Tensor], torch.Tensor]


def phantom(rng: np.random.Generator) -> np.ndarray:
    """Draw 5 to 14 ellipses (k, 6) inside the disc of radius 0.9."""
    k = rng.integers(5, 15)
    axes = rng.uniform(0.05, 0.35, (k, 2))
    radius = (0.9 - axes.max(axis=1)) * np.sqrt(rng.uniform(0, 1, k))
    place, tilt = rng.uniform(0, 2 * np.pi, k), rng.uniform(0, np.pi, k)
    x, y = radius * np.cos(place), radius * np.sin(place)
    return np.column_stack([x, y, axes, tilt, rng.uniform(0.1, 1, k)])


def measure(ellipses: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the sinogram, flat, with Gaussian noise of 1 % of its norm."""
    y = ellipse_sinogram(ellipses, ANGLES, detector_positions(SIZE)).ravel()
    return y + 0.01 * np.linalg.norm(y) / np.sqrt(len(y)) * rng.normal(size=len(y))


def admm(b: torch.Tensor, K: Map, adjoint: Map, shrink: Map, solve: torch.Tensor, steps: int):
    """Minimise |Ax - y|²/2 + penalty(Kx) over x >= 0; `solve` inverts AᵀA + RHO (KᵀK + 1)."""
    x = torch.zeros_like(b)
    z, w = K(x), x
    u, v = torch.zeros_like(z), torch.zeros_like(x)
    for _ in range(steps):
        right = b + RHO * (adjoint(z - u) + w - v)
        x = (right.flatten(1) @ solve).view_as(b)
        image = K(x)
        z, w = shrink(image + u), (x + v).clamp(min=0)
        u, v = u + image - z, v + x - w
    return w


def differences(x: torch.Tensor) -> torch.Tensor:
    """Forward differences (batch, 2, rows, columns); 0 at the far border."""
    right = torch.nn.functional.pad(x.diff(dim=2), (0, 1))
    down = torch.nn.functional.pad(x.diff(dim=1), (0, 0, 0, 1))
    return torch.stack([right, down], dim=1)


def minus_divergence(g: torch.Tensor) -> torch.Tensor:
    """The adjoint of `differences`."""
    right, down = g[:, 0, :, :-1], g[:, 1, :-1]
    pad = torch.nn.functional.pad
    return (
        pad(right, (1, 0)) - pad(right, (0, 1)) + pad(down, (0, 0, 1, 0)) - pad(down, (0, 0, 0, 1))
    )


def main() -> None:
    """Make everything and write the file."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(12)
    phantoms = [phantom(rng) for _ in range(COUNT)]
    A = radon_matrix(SIZE, ANGLES)
    y = np.stack([measure(e, rng) for e in phantoms])
    norm = float(np.linalg.norm(A @ np.ones(SIZE**2)) / SIZE)  # a scale near the norm of A
    A = A / norm
    b = torch.tensor((A.T @ (y / norm).T).T.reshape(-1, SIZE, SIZE), dtype=torch.float32)
    gram = torch.tensor((A.T @ A).toarray(), dtype=torch.float32)
    unit = torch.eye(SIZE**2)
    windows = torch.tensor(shearlet_filters(SIZE)[:, :, : SIZE // 2 + 1], dtype=torch.float32)

    def analysis(x: torch.Tensor) -> torch.Tensor:
        return torch.fft.irfft2(windows * torch.fft.rfft2(x)[:, None], s=(SIZE, SIZE))

    def synthesis(c: torch.Tensor) -> torch.Tensor:
        return torch.fft.irfft2((windows * torch.fft.rfft2(c)).sum(dim=1), s=(SIZE, SIZE))

    level = torch.tensor([0.0] + [1.5e-5] * 8 + [3e-5] * 8 + [6e-5] * 16).view(-1, 1, 1) / RHO

    def soft(c: torch.Tensor) -> torch.Tensor:
        return c.sign() * (c.abs() - level).clamp(min=0)

    def soft_vectors(g: torch.Tensor) -> torch.Tensor:
        return g * (1 - 3.5e-4 / RHO / g.norm(dim=1, keepdim=True).clamp(min=1e-12)).clamp(min=0)

    laplace = minus_divergence(differences(unit.view(-1, SIZE, SIZE))).view(SIZE**2, SIZE**2)
    methods = {
        "l1": (analysis, synthesis, soft, unit, 30),
        "tv": (differences, minus_divergence, soft_vectors, laplace, 40),
    }
    arrays = {"counts": np.array([len(e) for e in phantoms], np.uint8)}
    arrays["ellipses"] = np.concatenate(phantoms).astype(np.float32)
    for name, (K, adjoint, shrink, gram_K, steps) in methods.items():
        solve = torch.linalg.inv(gram + RHO * (gram_K + unit))
        parts = [admm(part, K, adjoint, shrink, solve, steps) for part in b.split(20)]
        grey = torch.cat(parts).mul(64).round().clamp(max=255)
        arrays[name] = grey.numpy().astype(np.uint8)
        print(name, "done")
    np.savez_compressed(TARGET, **arrays)


if __name__ == "__main__":
    main()
