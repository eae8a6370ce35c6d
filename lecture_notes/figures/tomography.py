"""Figures of lecture_notes/tomography.md: `python lecture_notes/figures/tomography.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from course_utils.maths.shearlets import invisible_bands, shearlet_filters
from course_utils.maths.tomography import detector_positions, ellipse_sinogram, radon_matrix
from course_utils.plotting import COLOURS, decorate, use_style

FOLDER = Path(__file__).parent
SIZE, ANGLES = 64, np.deg2rad(np.arange(-60, 60))


def streaks() -> plt.Figure:
    """FBP of a disc from 120 degrees, with the four tangents along which streaks are predicted."""
    size = 128
    h, positions = 2 / size, detector_positions(size)
    views = ellipse_sinogram([(0, 0, 0.5, 0.5, 0, 1)], ANGLES, positions)
    f = np.fft.rfftfreq(512)
    ramp = f / h * np.cos(np.pi * f) ** 2
    filtered = np.fft.irfft(ramp * np.fft.rfft(views, 512), 512)[:, : len(positions)]
    found = radon_matrix(size, ANGLES).T @ filtered.ravel() * (ANGLES[1] - ANGLES[0]) / h
    fig, ax = plt.subplots(figsize=(4.4, 3.8))
    picture = ax.imshow(
        found.reshape(size, size), extent=(-1, 1, -1, 1), cmap="gray", vmin=-0.4, vmax=1.2
    )
    fig.colorbar(picture, ax=ax)
    t = np.array([-2.0, 2.0])
    for theta in np.deg2rad([-60, 60]):
        for s in (-0.5, 0.5):
            x, y = s * np.cos(theta) - t * np.sin(theta), s * np.sin(theta) + t * np.cos(theta)
            ax.plot(x, y, color=COLOURS["vermillion"], lw=1, ls="--")
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    ax.grid(False)
    decorate(ax, "A disc of radius 1/2 from 120 degrees", "x", "y")
    return fig


def gains() -> plt.Figure:
    """For every band the norm of the data of its shearlet, times the root of its frequency."""
    filters = shearlet_filters(SIZE)
    hidden = invisible_bands(filters, ANGLES)
    A = radon_matrix(SIZE, ANGLES)
    k = np.fft.fftfreq(SIZE)
    axis = k[None, :] - 1j * k[:, None]
    axis[0, 0] = 1
    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    for scale, bands, marker in (
        ("coarse", range(1, 9), "o"),
        ("middle", range(9, 17), "s"),
        ("fine", range(17, 33), "^"),
    ):
        for kind, colour in ((False, "blue"), (True, "vermillion")):
            chosen = [b for b in bands if hidden[b] == kind]
            x, y = [], []
            for b in chosen:
                atom = np.fft.fftshift(np.fft.ifft2(filters[b]).real)
                centre = np.angle((filters[b] ** 2 * (axis / abs(axis)) ** 2).sum()) / 2
                frequency = (filters[b] ** 2 * abs(axis)).sum() / (filters[b] ** 2).sum()
                x.append(np.rad2deg(centre) % 180)
                y.append(np.linalg.norm(A @ atom.ravel()) / np.linalg.norm(atom) * frequency**0.5)
            label = f"{scale}, {'invisible' if kind else 'visible'}"
            ax.plot(x, y, marker, color=COLOURS[colour], ls="none", label=label)
    ax.axvspan(60, 120, color="0.9")
    ax.set(ylim=(0, 0.33))
    decorate(
        ax, "The data of one shearlet", "direction of the band, degrees", "‖A ψ‖ √frequency / ‖ψ‖"
    )
    ax.legend(ncols=3, fontsize=8, loc="upper left")
    return fig


def main() -> None:
    """Write both figures."""
    use_style()
    for name, draw in (("streaks", streaks), ("gains", gains)):
        fig = draw()
        fig.savefig(FOLDER / f"tomography_{name}.png", metadata={"Software": None})
        plt.close(fig)


if __name__ == "__main__":
    main()
