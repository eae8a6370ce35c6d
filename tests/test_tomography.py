"""The ray transform of ellipses and of pixels against slow definitions and each other."""

import math

import numpy as np
import pytest
import torch

from course_utils import datasets
from course_utils.maths import tomography
from course_utils.maths.tomography import (
    detector_positions,
    ellipse_image,
    ellipse_sinogram,
    radon_matrix,
)
from tools.data import make_tomography

PHANTOM = [
    (0.1, -0.05, 0.6, 0.8, 0.3, 1.0),
    (-0.2, 0.3, 0.2, 0.1, 1.1, 0.5),
    (0.3, -0.3, 0.1, 0.25, 2.0, -0.4),
]


def ray_sum_spec(image: np.ndarray, theta: float, s: float) -> float:
    """Joseph's sum by numpy's interpolation of whole rows, or of whole columns."""
    size = len(image)
    h = 2 / size
    c, d = math.cos(theta), math.sin(theta)
    if abs(c) < abs(d) - 1e-12:  # transpose the picture in its other diagonal, x = -y
        return ray_sum_spec(image.T, math.atan2(-c, -d), s)
    centres = -1 + h * (np.arange(-1, size + 1) + 0.5)  # one column of zeros on either side
    total = 0.0
    for row, values in enumerate(image):
        x = (s - (1 - (row + 0.5) * h) * d) / c
        total += np.interp(x, centres, np.pad(values, 1), left=0, right=0) * h / abs(c)
    return total


def image_spec(ellipses, size: int, oversampling: int) -> np.ndarray:
    """Every sample point of every pixel is tested against every ellipse."""
    n = size * oversampling
    x = -1 + (np.arange(n) + 0.5) * 2 / n
    X, Y = np.meshgrid(x, -x)
    fine = np.zeros((n, n))
    for x0, y0, a, b, tilt, value in ellipses:
        turned = np.exp(-1j * tilt) * (X - x0 + 1j * (Y - y0))
        fine += value * ((turned.real / a) ** 2 + (turned.imag / b) ** 2 <= 1)
    return fine.reshape(size, oversampling, size, oversampling).mean(axis=(1, 3))


@pytest.mark.parametrize("size", range(8, 300))
def test_the_detector_is_the_least_odd_one_that_covers_the_diagonal(size: int) -> None:
    s = detector_positions(size)
    n = len(s)
    assert n % 2 == 1
    assert (n - 1) ** 2 >= 2 * size**2 > (n - 3) ** 2
    assert s.tolist() == [(i - (n - 1) / 2) * (2 / size) for i in range(n)]


def test_the_matrix_equals_josephs_sum_on_random_images() -> None:
    rng = np.random.default_rng(1)
    for size in (8, 9, 13):
        image = rng.normal(size=(size, size))
        angles = np.concatenate([rng.uniform(-7, 7, 6), np.pi / 4 * np.arange(8)])
        sums = radon_matrix(size, angles) @ image.ravel()
        expected = [ray_sum_spec(image, t, s) for t in angles for s in detector_positions(size)]
        assert np.allclose(sums, expected, rtol=0, atol=1e-9)


def test_two_angles_in_one_matrix_are_two_matrices() -> None:
    both = radon_matrix(12, [0.3, 2.0]).toarray()
    assert np.array_equal(both, np.vstack([radon_matrix(12, [t]).toarray() for t in (0.3, 2.0)]))


@pytest.mark.parametrize("seed", range(3))
def test_matrix_agrees_with_analytic_sinograms_and_twice_as_well_on_twice_the_pixels(seed) -> None:
    rng = np.random.default_rng(seed)
    ellipses = np.column_stack(
        [
            rng.uniform(-0.5, 0.5, (8, 2)),
            rng.uniform(0.08, 0.4, (8, 2)),
            rng.uniform(0, np.pi, 8),
            rng.uniform(0.2, 1, 8),
        ]
    )
    angles = np.deg2rad(np.arange(-60, 60))
    errors = []
    for size in (64, 128):
        exact = ellipse_sinogram(ellipses, angles, detector_positions(size)).ravel()
        ours = radon_matrix(size, angles) @ ellipse_image(ellipses, size).ravel()
        errors.append(np.linalg.norm(ours - exact) / np.linalg.norm(exact))
    assert errors[0] < 0.03
    assert 0.35 < errors[1] / errors[0] < 0.65


def test_the_picture_is_not_shifted_by_half_a_pixel() -> None:
    """A shift by half a pixel of 1/32 would move the mean of s by 0.016."""
    s = detector_positions(64)
    angles = np.array([0.0, 0.7, np.pi / 2, 2.5])
    for sums in (
        ellipse_sinogram(PHANTOM[:1], angles, s),
        (radon_matrix(64, angles) @ ellipse_image(PHANTOM[:1], 64).ravel()).reshape(4, -1),
    ):
        centre = (sums @ s) / sums.sum(axis=1)
        assert np.allclose(centre, 0.1 * np.cos(angles) - 0.05 * np.sin(angles), atol=2e-3)


def test_a_constant_square_has_the_chords_of_a_square() -> None:
    size = 32
    A = radon_matrix(size, [0.0, np.pi / 2, np.pi / 4])
    sums = (A @ np.ones(size**2)).reshape(3, -1)
    s = detector_positions(size)
    inside = abs(s) < 1 - 1 / size
    assert np.allclose(sums[:2, inside], 2)
    assert np.allclose(sums[2], np.maximum(2 * (np.sqrt(2) - abs(s)), 0), atol=1.5 * 2 / size)


def test_sinograms_are_integrals_along_the_ray() -> None:
    t = np.linspace(-2, 2, 40_001)
    for theta in (0.0, 0.9, -2.2):
        for s in (-0.31, 0.0, 0.42):
            x, y = s * np.cos(theta) - t * np.sin(theta), s * np.sin(theta) + t * np.cos(theta)
            total = 0.0
            for x0, y0, a, b, tilt, value in PHANTOM:
                turned = np.exp(-1j * tilt) * (x - x0 + 1j * (y - y0))
                inside = (turned.real / a) ** 2 + (turned.imag / b) ** 2 <= 1
                total += value * inside.sum() * 1e-4
            assert ellipse_sinogram(PHANTOM, [theta], [s])[0, 0] == pytest.approx(total, abs=1e-3)


def test_every_view_has_the_mass_of_the_image_and_opposite_views_are_mirrored() -> None:
    s = np.linspace(-1.5, 1.5, 6001)
    angles = np.array([0.0, 0.4, 1.3, 2.9])
    views = ellipse_sinogram(PHANTOM, angles, s)
    mass = sum(math.pi * a * b * value for _, _, a, b, _, value in PHANTOM)
    assert np.allclose(views.sum(axis=1) * (s[1] - s[0]), mass, atol=1e-4)
    assert np.allclose(ellipse_sinogram(PHANTOM, angles + np.pi, s), views[:, ::-1])


def test_images_count_sample_points() -> None:
    rng = np.random.default_rng(2)
    for oversampling in (1, 3, 4):
        ellipses = np.column_stack(
            [
                rng.uniform(-1.3, 1.3, (6, 2)),  # some stick out of the square
                rng.uniform(0.01, 0.9, (6, 2)),
                rng.uniform(-4, 4, 6),
                rng.normal(size=6),
            ]
        )
        ours = ellipse_image(ellipses, 16, oversampling)
        assert np.allclose(ours, image_spec(ellipses, 16, oversampling), atol=1e-12)


def test_ellipses_outside_the_square_and_no_ellipses_give_nothing() -> None:
    assert not ellipse_image([(5, -40, 1, 2, 0.3, 1), (1e9, 0, 1, 1, 0, 1)], 8).any()
    assert ellipse_image([], 8).tolist() == np.zeros((8, 8)).tolist()
    assert ellipse_sinogram(np.zeros((0, 6)), [0.0], [0.0]).tolist() == [[0.0]]


def test_a_disc_lies_where_its_coordinates_say() -> None:
    image = ellipse_image([(0.5, 0.75, 0.1, 0.1, 0, 1)], 16)
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert row in (1, 2)  # near the top: y = +0.75
    assert column in (11, 12)  # right of the middle: x = +0.5


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("size", lambda: detector_positions(7)),
        ("size", lambda: detector_positions(True)),
        ("size", lambda: detector_positions(64.0)),
        ("size", lambda: radon_matrix(4, [0.0])),
        ("size", lambda: ellipse_image(PHANTOM, 0)),
        ("size", lambda: ellipse_image(PHANTOM, "64")),
        ("oversampling", lambda: ellipse_image(PHANTOM, 8, 0)),
        ("oversampling", lambda: ellipse_image(PHANTOM, 8, 1.5)),
        ("angles", lambda: radon_matrix(8, [])),
        ("angles", lambda: radon_matrix(8, 0.5)),
        ("angles", lambda: radon_matrix(8, [[0.0]])),
        ("angles", lambda: radon_matrix(8, [0.0, np.nan])),
        ("angles", lambda: radon_matrix(8, [np.inf])),
        ("angles", lambda: radon_matrix(8, ["east"])),
        ("angles", lambda: radon_matrix(8, [True, False])),
        ("angles", lambda: radon_matrix(8, [[0.0], [1.0, 2.0]])),
        ("angles", lambda: ellipse_sinogram(PHANTOM, [], [0.0])),
        ("positions", lambda: ellipse_sinogram(PHANTOM, [0.0], [])),
        ("positions", lambda: ellipse_sinogram(PHANTOM, [0.0], [-np.inf])),
        ("ellipses", lambda: ellipse_image([(0, 0, 1, 1, 0)], 8)),
        ("ellipses", lambda: ellipse_image((0, 0, 1, 1, 0, 1), 8)),
        ("ellipses", lambda: ellipse_image([(0, 0, 0, 1, 0, 1)], 8)),
        ("ellipses", lambda: ellipse_sinogram([(0, 0, 1, -1, 0, 1)], [0.0], [0.0])),
        ("ellipses", lambda: ellipse_sinogram([(0, 0, 1, np.nan, 0, 1)], [0.0], [0.0])),
        ("ellipses", lambda: ellipse_image([(0, 0, 1, 1, 0, 1j)], 8)),
    ],
)
def test_bad_input_is_named(name: str, call) -> None:
    with pytest.raises(ValueError, match=f"^{name} must "):
        call()


def test_numpy_integers_and_integer_angles_are_welcome() -> None:
    assert len(detector_positions(np.int64(8))) == 13
    assert radon_matrix(np.uint8(8), [0, 1]).shape == (26, 64)
    assert tomography.ellipse_image(np.array([[0, 0, 1, 1, 0, 1]]), np.int32(8)).shape == (8, 8)


# The shipped training data -----------------------------------------------------------------------


def test_shipped_phantoms_follow_from_the_seed() -> None:
    shipped = datasets.load("tomography_600.npz")
    rng = np.random.default_rng(12)
    phantoms = [make_tomography.phantom(rng) for _ in range(600)]
    assert shipped["counts"].tolist() == [len(p) for p in phantoms]
    assert np.array_equal(shipped["ellipses"], np.concatenate(phantoms).astype(np.float32))
    axes = shipped["ellipses"][:, 2:4]
    assert (np.hypot(*shipped["ellipses"][:, :2].T) + axes.max(axis=1) <= 0.9 + 1e-6).all()


def test_shipped_reconstructions_belong_to_the_phantoms() -> None:
    shipped = datasets.load("tomography_600.npz")
    ends = np.cumsum(shipped["counts"], dtype=int)
    truth = np.stack([ellipse_image(e, 64) for e in np.split(shipped["ellipses"], ends[:-1])])
    norms = np.linalg.norm(truth, axis=(1, 2))
    for name, low, high in (("l1", 0.12, 0.17), ("tv", 0.1, 0.14)):
        error = np.linalg.norm(shipped[name] / 64 - truth, axis=(1, 2)) / norms
        assert low < error.mean() < high
        assert error.max() < 0.35  # no picture is out of its place


def test_differences_and_their_adjoint() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn((2, 64, 64), generator=generator, dtype=torch.float64)
    g = torch.randn((2, 2, 64, 64), generator=generator, dtype=torch.float64)
    left = (make_tomography.differences(x) * g).sum()
    right = (x * make_tomography.minus_divergence(g)).sum()
    assert abs(left - right) < 1e-9
    assert make_tomography.differences(torch.ones(1, 4, 4)).abs().max() == 0


def test_the_iteration_solves_a_problem_with_a_known_answer() -> None:
    """A = 1 and K = 1: the minimum of |x - y|²/2 + λ|x| over x >= 0 is max(y - λ, 0)."""
    y = torch.linspace(-1, 1, 9, dtype=torch.float64).view(1, 3, 3)
    unit = torch.eye(9, dtype=torch.float64)
    rho, level = make_tomography.RHO, 0.3

    def soft(c: torch.Tensor) -> torch.Tensor:
        return c.sign() * (c.abs() - level / rho).clamp(min=0)

    solve = torch.linalg.inv(unit + 2 * rho * unit)
    found = make_tomography.admm(y, lambda x: x, lambda z: z, soft, solve, 4000)
    assert torch.allclose(found, (y - level).clamp(min=0), atol=1e-3)
