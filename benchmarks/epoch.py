"""One epoch of week 1's training loop: minibatches by `batches` against torch's DataLoader."""

import itertools
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.timing import Row, compare
from course_utils.training import batches

POINTS, SIZE = 500, 50


def rows() -> Iterator[Row]:
    """Time ten epochs of 10 minibatches of a 7-8-8-1 network, both ways."""
    torch.manual_seed(0)
    X, y = torch.randn(POINTS, 7), torch.randn(POINTS).sign()
    loader = DataLoader(TensorDataset(X, y), batch_size=SIZE, shuffle=True)
    endless = batches(X, y, SIZE)
    note = "10 epochs: 500 points, minibatches of 50, Adam, one thread"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield compare(
            "week 1's training loop",
            lambda: _epochs(lambda: itertools.islice(endless, POINTS // SIZE)),
            lambda: _epochs(lambda: loader),
            "torch DataLoader",
            note=note,
        )
    finally:
        torch.set_num_threads(threads)


def _epochs(draw: Callable[[], Iterable[tuple[Tensor, Tensor]]], count: int = 10) -> None:
    net = nn.Sequential(
        *(nn.Linear(7, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(count):
        _one(net, optimizer, draw())


def _one(
    net: nn.Module, optimizer: torch.optim.Optimizer, pairs: Iterable[tuple[Tensor, Tensor]]
) -> None:
    for x, y in pairs:
        loss = nn.functional.soft_margin_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
