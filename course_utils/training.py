"""The training loop, once week 1 has written it by hand."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from course_utils.runtime import progress


@dataclass
class History:
    """What a training run measured: `steps[i]` is the step of every `values[name][i]`."""

    steps: list[int] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)

    def record(self, step: int, measured: dict[str, float]) -> None:
        """Append one row; every row has the same names."""
        self.steps.append(step)
        for name, value in measured.items():
            self.values.setdefault(name, []).append(float(value))


def batches(X: Tensor, y: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield minibatches (X[i], y[i]) for ever, in a fresh random order each epoch.

    Shapes: X (n, …), y (n, …); each batch has `size` rows, the last of an epoch the rest.
    The order comes from torch's global generator.

    Raises:
        ValueError: no rows, different numbers of rows, or `size` < 1.
    """
    if len(X) == 0 or len(X) != len(y):
        raise ValueError(f"X and y must have the same number >= 1 of rows, got {len(X)}, {len(y)}")
    if size < 1:
        raise ValueError(f"size must be >= 1, got {size}")
    return _shuffled(X, y, size)


def _shuffled(X: Tensor, y: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        for rows in torch.randperm(len(X)).to(X.device).split(size):
            yield X[rows], y[rows]


def fit(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    *,
    steps: int,
    measure: Callable[[nn.Module], dict[str, float]] | None = None,
    every: int = 100,
) -> History:
    """Train `model` for `steps` minibatches; an interrupt keeps what it has.

    `loss(model(x), y)` is minimised. Its value, and `measure(model)` in evaluation mode without
    gradients, are recorded at step 1, every `every` steps and at the last. Introduced in week 1.
    """
    if steps < 1 or every < 1:
        raise ValueError(f"steps and every must be >= 1, got {steps} and {every}")
    history, step = History(), 0
    model.train()
    bar = progress(itertools.islice(batches, steps), desc="training", total=steps)
    try:
        for step, (x, y) in enumerate(bar, start=1):
            value = loss(model(x), y)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            if step == 1 or step % every == 0 or step == steps:
                history.record(step, {"loss": value.item()} | _evaluate(model, measure))
    except KeyboardInterrupt:
        print(f"interrupted at step {step} of {steps}: the model keeps what it has learnt")
    return history


def _evaluate(
    model: nn.Module, measure: Callable[[nn.Module], dict[str, float]] | None
) -> dict[str, float]:
    if measure is None:
        return {}
    model.eval()
    with torch.no_grad():
        measured = measure(model)
    model.train()
    return measured
