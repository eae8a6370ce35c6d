"""Message passing on Bruhat graphs: sums over CSR lists beside a Python loop over the edges.

One forward and one backward pass of the sum over out-neighbours, 32 numbers a vertex, on 64
graphs of S_6: eight batches of week 5. The loop is the definition, edge by edge in numpy. The
others differentiate with torch, and the gradient that comes from above is given: `index_add`
gathers and scatters; `torch.sparse_csr` multiplies by the matrix and leaves the gradient to torch,
as a user would; "with its transpose" keeps the transposed matrix as well and writes the gradient
out, as our own sum does. PyTorch Geometric is no dependency of the course: where it is installed,
its `SimpleConv` is timed. scipy has no gradient: two products on both sides.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from benchmarks.timing import Row, compare
from course_utils.maths.bruhat_graphs import BruhatGraphs, bruhat_graphs, interval_classes

WIDTH = 32
Pair = tuple[Any, Any]  # the sums, and the gradient


def rows() -> Iterator[Row]:
    """Yield, when measured: CSR lists against the edge loop and against each peer."""
    torch.set_num_threads(1)
    _, pairs = interval_classes(6)
    family = bruhat_graphs([pairs[g] for g in np.random.default_rng(0).choice(1520, 64, False)])
    dice = torch.Generator().manual_seed(0)
    H, above = (torch.randn(len(family.vertices), WIDTH, generator=dice) for _ in range(2))
    there = _rows_of(family.indptr, family.indices)
    back = _rows_of(family.indptr_in, family.indices_in)
    ours = _passes(lambda x: _Sum.apply(x, _bag(there), _bag(back)), H, above)
    plain, products = _plain(there, back, H), _products(family, H)
    size = f"{len(family.vertices)} vertices, {len(family.indices)} edges, width {WIDTH}"
    loop = _edge_loop(family, H)
    _same(plain(), loop())
    yield compare("two products, CSR", plain, loop, "edge loop", note=size)
    for name, sums in _peers(family):
        peer = _passes(sums, H, above)
        _same(ours(), peer())
        yield compare("message passing, CSR", ours, peer, name, repeats=15, note=size)
    if not importlib.util.find_spec("torch_geometric"):
        yield Row("message passing, CSR", "PyTorch Geometric", [], [], "not installed")
    _same(plain(), products())
    yield compare("two products, CSR", plain, products, "scipy CSR", repeats=15, note=size)


def _same(a: Pair, b: Pair) -> None:
    for x, y in zip(a, b, strict=True):
        assert np.allclose(np.asarray(x), np.asarray(y), atol=1e-3)


def _passes(sums: Callable[[Tensor], Tensor], H: Tensor, above: Tensor) -> Callable[[], Pair]:
    """AH, and the gradient A^T G for the given G."""

    def call() -> Pair:
        x = H.detach().requires_grad_()
        forward = sums(x)
        return forward.detach(), torch.autograd.grad(forward, x, above)[0]

    return call


def _rows_of(indptr: np.ndarray, indices: np.ndarray) -> tuple[Tensor, Tensor]:
    return torch.as_tensor(indptr[:-1]), torch.as_tensor(indices, dtype=torch.long)


def _bag(lists: tuple[Tensor, Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda x: nn.functional.embedding_bag(lists[1], x, lists[0], mode="sum")


class _Sum(torch.autograd.Function):
    """A sum over neighbours and its gradient: `there` and `back` apply A and its transpose."""

    @staticmethod
    def forward(ctx, x, there, back):
        ctx.back = back
        return there(x)

    @staticmethod
    def backward(ctx, grad):
        return ctx.back(grad), None, None


def _peers(family: BruhatGraphs) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """Name other ways to apply A to a tensor, each with a gradient."""
    heads = torch.as_tensor(family.indices, dtype=torch.long)
    tails = torch.repeat_interleave(torch.as_tensor(np.diff(family.indptr)))
    yield "index_add", lambda x: torch.zeros_like(x).index_add(0, tails, x[heads])
    A = _sparse(family.indptr, family.indices)
    yield "torch.sparse_csr", lambda x: A @ x
    B = _sparse(family.indptr_in, family.indices_in)
    yield (
        "torch.sparse_csr with its transpose",
        lambda x: _Sum.apply(x, lambda y: A @ y, lambda y: B @ y),
    )
    if importlib.util.find_spec("torch_geometric"):
        conv = importlib.import_module("torch_geometric.nn").SimpleConv(aggr="sum")
        edges = torch.stack([heads, tails])
        yield "PyTorch Geometric, SimpleConv", lambda x: conv(x, edges)


def _sparse(indptr: np.ndarray, indices: np.ndarray) -> Tensor:
    parts = (torch.as_tensor(part).to(torch.int32) for part in (indptr, indices))
    n = len(indptr) - 1
    return torch.sparse_csr_tensor(*parts, torch.ones(len(indices)), (n, n))


def _plain(
    there: tuple[Tensor, Tensor], back: tuple[Tensor, Tensor], H: Tensor
) -> Callable[[], Pair]:
    """A H and A^T A H without torch's bookkeeping, beside peers that have none."""

    def call() -> Pair:
        forward = _bag(there)(H)
        return forward, _bag(back)(forward)

    return call


def _products(family: BruhatGraphs, H: Tensor) -> Callable[[], Pair]:
    values, n = H.numpy(), len(H)
    ones = np.ones(len(family.indices), np.float32)
    A = sparse.csr_array((ones, family.indices, family.indptr), (n, n))
    back = A.T.tocsr()

    def call() -> Pair:
        forward = A @ values
        return forward, back @ forward

    return call


def _edge_loop(family: BruhatGraphs, H: Tensor) -> Callable[[], Pair]:
    values = H.numpy()
    tails = np.repeat(np.arange(len(values)), np.diff(family.indptr)).tolist()
    edges = list(zip(tails, family.indices.tolist(), strict=True))

    def call() -> Pair:
        forward, backward = np.zeros_like(values), np.zeros_like(values)
        for v, u in edges:
            forward[v] += values[u]
        for v, u in edges:
            backward[u] += forward[v]
        return forward, backward

    return call
