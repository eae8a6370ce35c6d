"""Timing two callables side by side in one process, in an order that alternates."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table: seconds of our runs and of the peer's (None: no peer, []: not run)."""

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
    """Time `ours` and `peer` alternately, `repeats` times each after one uncounted call of both.

    The row's columns are wall seconds; medians of the CPU seconds of all threads follow the note.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be >= 1, got {repeats}")
    ours()
    peer()
    first, second, cpu = [], [], ([], [])
    for turn in range(repeats):
        order = [(ours, first, cpu[0]), (peer, second, cpu[1])]
        for call, times, spent in order if turn % 2 == 0 else reversed(order):
            start = time.process_time()
            times.append(seconds(call))
            spent.append(time.process_time() - start)
    a, b = (statistics.median(spent) for spent in cpu)
    return Row(name, peer_name, first, second, f"{note}; CPU {a:.3g} s, {b:.3g} s".lstrip("; "))


def seconds(call: Callable[[], Any]) -> float:
    """Return the wall seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _spread(values: list[float], unit: str) -> str:
    if not values:
        return "not run"
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{middle:.3g}{unit}"
    return f"{middle:.3g}{unit} ({min(values):.3g} … {max(values):.3g})"
