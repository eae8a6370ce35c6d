"""The shearlet frame: Parseval, real, directional, and what a missing wedge hides."""

import numpy as np
import pytest

from course_utils.maths.shearlets import analyse, invisible_bands, shearlet_filters, synthesise
from course_utils.maths.tomography import ellipse_image

SIZES = (8, 10, 14, 16, 32, 50, 64, 100, 128)


def analyse_spec(x: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """The definition with complex transforms."""
    return np.stack([np.fft.ifft2(window * np.fft.fft2(x)) for window in filters])


@pytest.mark.parametrize("size", SIZES)
def test_squares_sum_to_one_and_windows_are_even(size: int) -> None:
    filters = shearlet_filters(size)
    assert filters.dtype == np.float64
    assert filters.shape[1:] == (size, size)
    assert abs((filters**2).sum(axis=0) - 1).max() < 1e-12
    minus = -np.arange(size) % size
    assert abs(filters - filters[:, minus][:, :, minus]).max() < 1e-15
    assert (filters >= 0).all()
    assert (filters.max(axis=(1, 2)) > 0.5).all()  # no band is empty


@pytest.mark.parametrize("size", SIZES)
def test_analysis_is_an_isometry_and_synthesis_its_adjoint_and_inverse(size: int) -> None:
    rng = np.random.default_rng(size)
    filters = shearlet_filters(size)
    x, c = rng.normal(size=(size, size)), rng.normal(size=filters.shape)
    assert np.allclose(analyse(x, filters), analyse_spec(x, filters), rtol=0, atol=1e-12)
    assert abs((analyse(x, filters) ** 2).sum() / (x**2).sum() - 1) < 1e-12
    assert abs(synthesise(analyse(x, filters), filters) - x).max() < 1e-12
    left, right = (analyse(x, filters) * c).sum(), (x * synthesise(c, filters)).sum()
    assert abs(left - right) < 1e-10


def test_the_number_of_bands() -> None:
    assert [len(shearlet_filters(n)) for n in (8, 16, 32, 64, 128)] == [9, 9, 17, 33, 49]


def test_batches_are_analysed_image_by_image() -> None:
    filters = shearlet_filters(16)
    stack = np.random.default_rng(0).normal(size=(2, 3, 16, 16))
    c = analyse(stack, filters)
    assert c.shape == (2, 3, 9, 16, 16)
    assert np.allclose(c[1, 2], analyse(stack[1, 2], filters))
    assert np.allclose(synthesise(c, filters), stack)


@pytest.mark.parametrize("degrees", [0, 26.565, 45, 63.435, 90, 116.565, 135, 153.435])
def test_a_straight_edge_lights_the_band_of_its_normal(degrees: float) -> None:
    """The edge is the side of a long thin ellipse; its normal has the given direction."""
    filters = shearlet_filters(64)
    normal = np.deg2rad(degrees)
    x = ellipse_image([(0, 0, 0.12, 20, normal, 1)], 64)
    window = np.hanning(64)
    energy = (analyse(x * np.outer(window, window), filters) ** 2).sum(axis=(1, 2))
    for scale in (slice(1, 9), slice(9, 17)):
        assert energy[scale].argmax() == round(degrees / 22.5) % 8
    assert energy[17:33].argmax() in (2 * round(degrees / 22.5) % 16,)


WEDGES = {  # nominal directions of one scale: slopes in steps of 1/2 (8) or of 1/4 (16)
    30: ([90], [75.96, 90, 104.04]),
    60: ([63.43, 90, 116.57], [63.43, 75.96, 90, 104.04, 116.57]),
    90: ([63.43, 90, 116.57], [53.13, 63.43, 75.96, 90, 104.04, 116.57, 126.87]),
}


@pytest.mark.parametrize("missing", WEDGES)
def test_which_bands_a_wedge_hides(missing: int) -> None:
    slopes8 = np.arctan2([0, 1, 1, 2, 1, 2, 1, 1], [1, 2, 1, 1, 0, -1, -1, -2])
    steps = [(4, 0), (4, 1), (4, 2), (4, 3), (4, 4), (3, 4), (2, 4), (1, 4)]
    upper = [(-y, x) for x, y in steps]
    slopes16 = np.arctan2([y for _, y in steps + upper], [x for x, _ in steps + upper])
    nominal = np.rad2deg(np.concatenate([slopes8, slopes8, slopes16]))
    expected = np.append(False, abs(nominal - 90) < missing / 2 - 1e-9)
    angles = np.deg2rad(np.linspace(-90 + missing / 2, 90 - missing / 2, 121))
    hidden = invisible_bands(shearlet_filters(64), angles)
    assert hidden.dtype == np.bool_
    assert hidden.tolist() == expected.tolist()
    coarse, fine = WEDGES[missing]
    assert hidden.sum() == 2 * len(coarse) + len(fine)


def test_the_standard_problem_hides_11_of_33_bands_in_any_order_and_any_branch() -> None:
    filters = shearlet_filters(64)
    angles = np.deg2rad(np.arange(-60, 60))
    hidden = invisible_bands(filters, angles)
    assert hidden.sum() == 11
    shuffled = np.random.default_rng(0).permutation(np.concatenate([angles, angles + np.pi]))
    for other in (angles + np.pi, angles - 2 * np.pi, shuffled, np.deg2rad(np.arange(-60, 61, 6))):
        assert invisible_bands(filters, other).tolist() == hidden.tolist()


def test_all_angles_hide_nothing_and_one_angle_hides_all_but_its_band_and_the_low_pass() -> None:
    filters = shearlet_filters(32)
    assert not invisible_bands(filters, np.deg2rad(np.arange(180))).any()
    assert not invisible_bands(filters, np.deg2rad(np.arange(0, 180, 10))).any()
    hidden = invisible_bands(filters, [np.pi / 2])
    assert np.flatnonzero(~hidden).tolist() == [0, 5, 13]
    assert invisible_bands(filters, [np.pi / 2, -np.pi / 2]).tolist() == hidden.tolist()


def test_two_missing_wedges_are_both_seen() -> None:
    filters = shearlet_filters(32)
    angles = np.deg2rad(np.concatenate([np.arange(-15, 16), np.arange(75, 106)]))
    assert np.flatnonzero(~invisible_bands(filters, angles)).tolist() == [0, 1, 5, 9, 13]


GOOD = shearlet_filters(8)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("size", lambda: shearlet_filters(6)),
        ("size", lambda: shearlet_filters(9)),
        ("size", lambda: shearlet_filters(64.0)),
        ("size", lambda: shearlet_filters(True)),
        ("size", lambda: shearlet_filters(None)),
        ("image", lambda: analyse(np.zeros((8, 10)), GOOD)),
        ("image", lambda: analyse(np.zeros(8), GOOD)),
        ("image", lambda: analyse(np.full((8, 8), np.nan), GOOD)),
        ("image", lambda: analyse(np.zeros((8, 8), complex), GOOD)),
        ("image", lambda: analyse([[1, 2], [3]], GOOD)),
        ("coefficients", lambda: synthesise(np.zeros((8, 8)), GOOD)),
        ("coefficients", lambda: synthesise(np.zeros((8, 8, 8)), GOOD)),
        ("coefficients", lambda: synthesise(np.full(GOOD.shape, np.inf), GOOD)),
        ("filters", lambda: analyse(np.zeros((8, 8)), np.zeros((8, 8)))),
        ("filters", lambda: analyse(np.zeros((8, 8)), np.zeros((2, 8, 6)))),
        ("filters", lambda: analyse(np.zeros((9, 9)), np.zeros((2, 9, 9)))),
        ("filters", lambda: analyse(np.zeros((8, 8)), np.arange(64.0).reshape(1, 8, 8))),
        ("filters", lambda: synthesise(GOOD, GOOD * np.nan)),
        ("angles", lambda: invisible_bands(GOOD, [])),
        ("angles", lambda: invisible_bands(GOOD, 0.3)),
        ("angles", lambda: invisible_bands(GOOD, [np.nan])),
        ("angles", lambda: invisible_bands(GOOD, [[0.1, 0.2]])),
        ("filters", lambda: invisible_bands(GOOD[0], [0.1])),
    ],
)
def test_bad_input_is_named(name: str, call) -> None:
    with pytest.raises(ValueError, match=f"^{name} must "):
        call()
