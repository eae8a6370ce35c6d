"""Message passing on Bruhat graphs: sums over CSR lists beside a Python loop over the edges.

One forward and one backward pass of the sum over out-neighbours, 32 numbers a vertex, on 64
graphs of S_6: eight batches of week 5. The loop is the definition, edge by edge in numpy;
`index_add` gathers and scatters in torch, `torch.sparse_csr` multiplies by the matrix, both with
torch's own gradient; scipy's product is two products. PyTorch Geometric sums by `index_add` or
`scatter`; it is no dependency of the course.
"""

from collections.abc import Callable

import numpy as np
import torch
from scipy import sparse
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
    csr, plain, scatter = _csr(family, H), _plain(family, H), _scatter(family, H)
    csr_matrix, products = _sparse(family, H), _products(family, H)
    for peer in (scatter, csr_matrix, products):
        for a, b in zip(csr(), peer(), strict=True):
            assert torch.allclose(a, torch.as_tensor(b), atol=1e-4)
    for a, b in zip(csr(), _edge_loop(family, H)(), strict=True):
        assert np.allclose(a.numpy(), b, atol=1e-4)
    size = f"{len(family.vertices)} vertices, {len(family.indices)} edges, width {WIDTH}"
    return [
        compare("two products, CSR", plain, _edge_loop(family, H), "edge loop", note=size),
        compare("message passing, CSR", csr, scatter, "index_add", repeats=25, note=size),
        compare("message passing, CSR", csr, csr_matrix, "torch.sparse_csr", repeats=25, note=size),
        compare("two products, CSR", plain, products, "scipy CSR", repeats=25, note=size),
    ]


def _rows_of(indptr: np.ndarray, indices: np.ndarray) -> tuple[Tensor, Tensor]:
    return torch.as_tensor(indptr[:-1]), torch.as_tensor(indices, dtype=torch.long)


class _Sum(torch.autograd.Function):
    """The sum over out-neighbours and its gradient, as week 5 writes them."""

    @staticmethod
    def forward(ctx, x, there, back):
        ctx.back = back
        return nn.functional.embedding_bag(there[1], x, there[0], mode="sum")

    @staticmethod
    def backward(ctx, grad):
        return nn.functional.embedding_bag(ctx.back[1], grad, ctx.back[0], mode="sum"), None, None


def _csr(family: BruhatGraphs, H: Tensor) -> Callable[[], tuple[Tensor, Tensor]]:
    """AH and, as gradient of its sum of squares halved, A^T A H: two calls of `embedding_bag`."""
    there = _rows_of(family.indptr, family.indices)
    back = _rows_of(family.indptr_in, family.indices_in)

    def call() -> tuple[Tensor, Tensor]:
        x = H.clone().requires_grad_()
        forward = _Sum.apply(x, there, back)
        (0.5 * forward.square().sum()).backward()
        return forward.detach(), x.grad

    return call


def _plain(family: BruhatGraphs, H: Tensor) -> Callable[[], tuple[Tensor, Tensor]]:
    """The same two products without torch's bookkeeping, beside peers that have none."""
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


def _sparse(family: BruhatGraphs, H: Tensor) -> Callable[[], tuple[Tensor, Tensor]]:
    parts = torch.as_tensor(family.indptr), torch.as_tensor(family.indices).to(torch.int64)
    ones, n = torch.ones(len(family.indices)), len(H)
    A = torch.sparse_csr_tensor(parts[0].to(torch.int64), parts[1], ones, (n, n))

    def call() -> tuple[Tensor, Tensor]:
        x = H.clone().requires_grad_()
        forward = A @ x
        (0.5 * forward.square().sum()).backward()
        return forward.detach(), x.grad

    return call


def _products(family: BruhatGraphs, H: Tensor) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    values, n = H.numpy(), len(H)
    ones = np.ones(len(family.indices), np.float32)
    A = sparse.csr_array((ones, family.indices, family.indptr), (n, n))
    back = A.T.tocsr()

    def call() -> tuple[np.ndarray, np.ndarray]:
        forward = A @ values
        return forward, back @ forward

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
