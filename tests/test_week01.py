"""Week 1's notebook: its engine against torch, its data against the playground's definitions."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from tools import workbook
from tools.builder.source import build

NAMES = ("import", "def mul_rule", "def topological_order", "class Node", "def as_node")
NAMES += ("def spiral", "def gauss")


@pytest.fixture(scope="module")
def notebook() -> dict[str, Any]:
    """Return the names that the notebook's cells of imports, engine and data define."""
    (path,) = workbook.sources(["week01"])
    namespace: dict[str, Any] = {}
    for cell in build(path, solved=True).cells:
        wanted = cell.cell_type == "code" and cell.source.lstrip().startswith(NAMES)
        if wanted and "google.colab" not in cell.source:
            exec(compile(cell.source, path.name, "exec"), namespace)
    return namespace


@pytest.mark.parametrize("seed", range(5))
def test_engine_equals_torch_on_random_graphs_with_reused_nodes(notebook, seed):
    inputs = np.random.default_rng(seed).uniform(0.5, 1.5, 3).tolist()
    own = [notebook["Node"](value) for value in inputs]
    peers = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in inputs]
    notebook["backward"](_random_expression(own, seed))
    _random_expression(peers, seed).backward()
    gradients = [0.0 if peer.grad is None else peer.grad.item() for peer in peers]
    assert [node.adjoint for node in own] == pytest.approx(gradients, rel=1e-12)
    assert any(gradients)


def _random_expression(nodes: list[Any], seed: int) -> Any:
    rng, nodes = np.random.default_rng(seed), list(nodes)
    for _ in range(12):
        i, j = rng.integers(len(nodes), size=2)
        a, b = nodes[i], nodes[j]
        made = [a + b, a * b, a - 0.5 * b, a / (b**2 + 1), a.tanh(), (a - b).relu(), -a]
        nodes.append(made[rng.integers(len(made))])
    return sum(nodes[3:], start=nodes[0] * 1.0)


def test_backward_starts_afresh_each_time(notebook):
    x = notebook["Node"](3.0)
    square = x * x
    for _ in range(2):
        notebook["backward"](square)
        assert x.adjoint == 6.0


def test_spiral_is_the_playground_s(notebook):
    points, labels = notebook["spiral"](200, 0.0, np.random.default_rng(0))
    for i in (0, 1, 50, 99):
        r, t = 5 * i / 100, 1.75 * 2 * math.pi * i / 100
        assert points[i] == pytest.approx([r * math.sin(t), r * math.cos(t)])
        assert points[100 + i] == pytest.approx(-points[i])
    assert labels.tolist() == [1.0] * 100 + [-1.0] * 100


def test_circle_and_xor_move_the_point_for_its_label_only(notebook):
    for noise, agree in ((0.0, True), (0.3, False)):
        points, labels = notebook["circle"](400, noise, np.random.default_rng(1))
        radius = np.hypot(*points.T)
        assert ((radius <= 2.5) | (radius >= 3.5)).all()
        assert radius.max() <= 5
        assert ((labels == 1) == (radius < 2.5)).all() == agree
        points, labels = notebook["xor"](400, noise, np.random.default_rng(1))
        assert np.abs(points).min() >= 0.3
        assert np.abs(points).max() <= 5.3
        assert ((labels == 1) == (points.prod(axis=1) >= 0)).all() == agree


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.5, 4.0)])
def test_gauss_has_the_playground_s_variance(notebook, noise, variance):
    points, labels = notebook["gauss"](20_000, noise, np.random.default_rng(2))
    centred = points - 2 * labels[:, None]
    assert centred.var(axis=0) == pytest.approx([variance, variance], rel=0.05)
    assert centred.mean() == pytest.approx(0, abs=0.05)
