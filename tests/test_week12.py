"""Week 12's mathematics against torch, closed forms and counts by hand."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.exercises import week12


@pytest.mark.parametrize(("k", "n"), [(1, 2), (3, 2), (3, 5), (5, 4), (7, 6)])
def test_the_matrix_is_torchs_convolution(k: int, n: int) -> None:
    rng = np.random.default_rng(k * n)
    kernel, image = rng.standard_normal((k, k)), rng.standard_normal((n, n))
    wanted = nn.functional.conv2d(
        torch.tensor(image)[None, None], torch.tensor(kernel)[None, None], padding=k // 2
    )
    found = week12.convolution_matrix(kernel, n) @ image.ravel()
    assert np.abs(found - wanted.numpy().ravel()).max() < 1e-12


def test_the_transposed_matrix_is_torchs_transposed_convolution() -> None:
    rng = np.random.default_rng(1)
    kernel, image = rng.standard_normal((3, 3)), rng.standard_normal((5, 5))
    wanted = nn.functional.conv_transpose2d(
        torch.tensor(image)[None, None], torch.tensor(kernel)[None, None], padding=1
    )
    found = week12.convolution_matrix(kernel, 5).T @ image.ravel()
    assert np.abs(found - wanted.numpy().ravel()).max() < 1e-12


def test_a_full_kernel_has_three_n_minus_two_squared_places() -> None:
    for n in (2, 3, 6, 10):
        band = week12.convolution_matrix(np.ones((3, 3)), n)
        assert np.count_nonzero(band) == (3 * n - 2) ** 2


@pytest.mark.parametrize(
    ("layers", "side"),
    [
        ([(1, 1)], 1),
        ([(3, 1)] * 4, 9),
        ([(3, 1), (2, 2), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2)], 30),  # the notebook's network
        ([(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)], 195),  # AlexNet
    ],
)
def test_receptive_fields_of_known_networks(layers: list[tuple[int, int]], side: int) -> None:
    assert week12.receptive_field(layers) == side


def test_the_family_of_normalisations() -> None:
    z = np.random.default_rng(2).standard_normal((4, 6, 3, 5))
    t = torch.tensor(z)
    pairs = [
        (week12.group_norm(z, 1), nn.LayerNorm([6, 3, 5])),
        (week12.group_norm(z, 2), nn.GroupNorm(2, 6)),
        (week12.group_norm(z, 6), nn.InstanceNorm2d(6)),
    ]
    for found, torchs in pairs:
        assert np.abs(found - torchs.double()(t).detach().numpy()).max() < 1e-12


def test_a_constant_channel_becomes_zero() -> None:
    assert not week12.group_norm(np.full((2, 3, 4, 4), 7.0), 3).any()


def test_folding_keeps_the_function_of_a_trained_layer() -> None:
    torch.manual_seed(3)
    conv, norm = nn.Conv2d(3, 5, 3, padding=1, bias=False).double(), nn.BatchNorm2d(5).double()
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    for _ in range(5):  # moves the running averages
        norm(conv(2 + torch.randn(8, 3, 6, 6, dtype=torch.float64)))
    norm.eval()
    parts = (conv.weight, norm.weight, norm.bias, norm.running_mean, norm.running_var)
    weight, bias = week12.fold(*(p.detach().numpy() for p in parts), norm.eps)
    x = torch.randn(2, 3, 6, 6, dtype=torch.float64)
    folded = nn.functional.conv2d(x, torch.tensor(weight), torch.tensor(bias), padding=1)
    assert (folded - norm(conv(x))).abs().max() < 1e-12


def test_the_pullback_is_a_projection_divided_by_the_size() -> None:
    rng = np.random.default_rng(4)
    z, g = rng.standard_normal((2, 20))
    once = week12.pullback(z, g) * z.std()
    twice = week12.pullback(z, once) * z.std()
    assert np.abs(once - twice).max() < 1e-12
    assert abs(once.sum()) < 1e-12
    assert abs(once @ (z - z.mean())) < 1e-12
    assert np.allclose(week12.pullback(10 * z, g), week12.pullback(z, g) / 10)


def test_the_tube_of_a_quadratic_form() -> None:
    A = np.diag([1.0, 4.0])
    low, high, turn = week12.gradient_tube(
        lambda x: x @ A @ x / 2, lambda x: A @ x, np.array([0.0, 1.0]), [0.25, 0.5]
    )
    assert (low, high, turn) == (0.0, 2.0, 4.0)


def test_integrated_gradients_are_complete() -> None:
    x, start = np.array([2.0, -1.0]), np.array([0.0, 1.0])
    found = week12.integrated_gradients(lambda p: p**3, x, start, 1000)  # of the sum of p⁴/4
    assert abs(found.sum() - ((x**4).sum() - (start**4).sum()) / 4) < 1e-4


LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


def line_classifier() -> np.ndarray:
    full = lambda x, line: all(x >> i & 1 for i in line)  # noqa: E731
    return np.array([any(full(x, line) for line in LINES) for x in range(512)]).astype(int)


def test_a_line_explains_yes_and_a_hitting_set_explains_no() -> None:
    phi = line_classifier()
    assert tuple(week12.smallest_explanation(phi, 511, Fraction(1))) in LINES
    no = week12.smallest_explanation(phi, 0, Fraction(1))
    assert len(no) == 3
    assert all(set(no) & set(line) for line in LINES)


def test_parity_needs_both_pixels_and_half_needs_none() -> None:
    x = np.arange(512)
    parity = (x ^ x >> 1) & 1
    assert week12.smallest_explanation(parity, 5, Fraction(1)) == [0, 1]
    assert week12.smallest_explanation(parity, 5, Fraction(1, 2)) == []
    assert all(week12.kept_share(parity, 5, [i]) == Fraction(1, 2) for i in range(9))


def test_kept_share_counts_by_hand() -> None:
    phi = line_classifier()
    assert phi.sum() == 282  # 512 less the 230 images without a line
    assert week12.kept_share(phi, 511, []) == Fraction(282, 512)
    assert week12.kept_share(phi, 511, [0, 1]) == Fraction(101, 128)


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        week12.smallest_explanation(np.zeros(512, int), 0, Fraction(3, 2))
