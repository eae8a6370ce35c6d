"""Message passing on Bruhat graphs: sums over CSR lists beside a Python loop over the edges.

One forward and one backward pass of the sum over out-neighbours, 32 numbers a vertex, on 64
graphs of S_6: eight batches of week 5. The loop is the definition, edge by edge in numpy;
`index_add` gathers and scatters in torch, with torch's own gradient.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.timing import Row, compare
from course_utils.maths.bruhat_graphs import BruhatGraphs, bruhat_graphs, interval_classes

WIDTH = 32


def rows() -> list[Row]:
    """CSR against the edge loop, and against gather and scatter with torch's own gradient."""
    torch.set_num_threads(1)
    _, pairs = interval_classes(6)
    family = bruhat_graphs([pairs[g] for g in np.random.default_rng(0).choice(1520, 64, False)])
    H = torch.randn(len(family.vertices), WIDTH, generator=torch.Generator().manual_seed(0))
    csr, scatter = _csr(family, H), _scatter(family, H)
    for a, b in zip(csr(), scatter(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)
    for a, b in zip(csr(), _edge_loop(family, H)(), strict=True):
        assert np.allclose(a.numpy(), b, atol=1e-4)
    size = f"{len(family.vertices)} vertices, {len(family.indices)} edges, width {WIDTH}"
    return [
        compare("message passing, CSR", csr, _edge_loop(family, H), "edge loop", note=size),
        compare("message passing, CSR", csr, scatter, "index_add", repeats=25, note=size),
    ]


def _rows_of(indptr: np.ndarray, indices: np.ndarray) -> tuple[Tensor, Tensor]:
    return torch.as_tensor(indptr[:-1]), torch.as_tensor(indices, dtype=torch.long)


def _csr(family: BruhatGraphs, H: Tensor) -> Callable[[], tuple[Tensor, Tensor]]:
    """AH and, as gradient of its sum of squares halved, A^T A H: two calls of `embedding_bag`."""
    there = _rows_of(family.indptr, family.indices)
    back = _rows_of(family.indptr_in, family.indices_in)

    def call() -> tuple[Tensor, Tensor]:
        forward = nn.functional.embedding_bag(there[1], H, there[0], mode="sum")
        return forward, nn.functional.embedding_bag(back[1], forward, back[0], mode="sum")

    return call


def _scatter(family: BruhatGraphs, H: Tensor) -> Callable[[], tuple[Tensor, Tensor]]:
    heads = torch.as_tensor(family.indices, dtype=torch.long)
    tails = torch.repeat_interleave(torch.as_tensor(np.diff(family.indptr)))

    def call() -> tuple[Tensor, Tensor]:
        x = H.clone().requires_grad_()
        forward = torch.zeros_like(x).index_add(0, tails, x[heads])
        (0.5 * forward.square().sum()).backward()
        return forward.detach(), x.grad

    return call


def _edge_loop(family: BruhatGraphs, H: Tensor) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    values = H.numpy()
    tails = np.repeat(np.arange(len(values)), np.diff(family.indptr)).tolist()
    edges = list(zip(tails, family.indices.tolist(), strict=True))

    def call() -> tuple[np.ndarray, np.ndarray]:
        forward, backward = np.zeros_like(values), np.zeros_like(values)
        for v, u in edges:
            forward[v] += values[u]
        for v, u in edges:
            backward[u] += forward[v]
        return forward, backward

    return call
