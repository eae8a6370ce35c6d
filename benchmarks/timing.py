"""Timing two callables side by side in one process, in an order that alternates."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table: seconds of our runs and of the peer's (None: no peer)."""

    kernel: str
    peer: str
    ours: list[float]
    theirs: list[float] | None = None
    note: str = ""

    def cells(self) -> list[str]:
        """Return kernel, peer, our seconds, their seconds, ratio theirs/ours, note."""
        ours, theirs = _spread(self.ours, " s"), "—"
        ratio = "—"
        if self.theirs is not None:
            theirs = _spread(self.theirs, " s")
            ratio = _spread([b / a for a, b in zip(self.ours, self.theirs, strict=True)], "×")
        return [self.kernel, self.peer, ours, theirs, ratio, self.note]


def compare(
    name: str,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    peer_name: str,
    repeats: int = 5,
    note: str = "",
) -> Row:
    """Time `ours` and `peer` alternately, `repeats` times each after one uncounted call of both."""
    if repeats < 1:
        raise ValueError(f"repeats must be >= 1, got {repeats}")
    ours()
    peer()
    first, second = [], []
    for turn in range(repeats):
        order = [(ours, first), (peer, second)]
        for call, times in order if turn % 2 == 0 else reversed(order):
            times.append(seconds(call))
    return Row(name, peer_name, first, second, note)


def seconds(call: Callable[[], Any]) -> float:
    """Return the wall seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _spread(values: list[float], unit: str) -> str:
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{middle:.3g}{unit}"
    return f"{middle:.3g}{unit} ({min(values):.3g} … {max(values):.3g})"
