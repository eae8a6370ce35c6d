"""Timing two callables side by side in one process, in an order that alternates."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

HEAD = ["kernel", "peer", "ours: wall s, median (min … max)", "peer: wall s", "ratio peer/ours"]
SHORTEST = 0.02  # seconds of one timing in a comparison
HEAD += ["ours: CPU s", "peer: CPU s", "ratio of CPU s", "note"]


class Time(NamedTuple):
    """Seconds of one call: on the wall, and of all threads and finished child processes."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Row:
    """One line of the table: our runs and the peer's.

    Runs of both were made in turns, so that the k-th of each belong together. None instead of a
    list says that nothing was to be run, the empty list that it could not be: a peer is missing.
    """

    kernel: str
    peer: str
    ours: list[Time]
    theirs: list[Time] | None = None
    note: str = ""

    def ratios(self) -> tuple[list[float], list[float]]:
        """Return theirs/ours of each turn, in wall seconds and in CPU seconds."""
        if not self.ours or not self.theirs:
            return [], []
        pairs = list(zip(self.ours, self.theirs, strict=True))
        wall = [b.wall / a.wall for a, b in pairs]
        return wall, [b.cpu / a.cpu for a, b in pairs if a.cpu > 0]

    def cells(self) -> list[str]:
        """Return what stands below `HEAD`."""
        cells = [self.kernel, self.peer, _spread([t.wall for t in self.ours])]
        if self.theirs is None:
            return [*cells, "—", "—", _middle([t.cpu for t in self.ours]), "—", "—", self.note]
        wall, cpu = self.ratios()
        cells += [_spread([t.wall for t in self.theirs]), _spread(wall, "×")]
        cells += [_middle([t.cpu for t in times]) for times in (self.ours, self.theirs)]
        return [*cells, _spread(cpu, "×"), self.note]


def timed(call: Callable[[], Any], count: float = 1, at_least: float = 0.0) -> Time:
    """Time a call that does a thing `count` times: the mean seconds of one.

    The call is made again until `at_least` so many wall seconds are over.
    """
    often, wall, cpu = 0, time.perf_counter(), _cpu()
    while not often or time.perf_counter() - wall < at_least:
        call()
        often += 1
    spent = time.perf_counter() - wall, _cpu() - cpu
    return Time(spent[0] / (often * count), spent[1] / (often * count))


def compare(
    name: str,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    peer_name: str,
    repeats: int = 5,
    note: str = "",
    counts: tuple[int, int] = (1, 1),
) -> Row:
    """Time `ours` and `peer` alternately, `repeats` times each after one uncounted call of both.

    A call shorter than `SHORTEST` is made several times a turn, and the mean is its time.

    Args:
        name, peer_name, note: what the row says.
        ours, peer: the calls.
        repeats: turns; which of the two goes first alternates.
        counts: how many times ours and the peer's call do what the row is about.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be >= 1, got {repeats}")
    ours()
    peer()
    times: tuple[list[Time], list[Time]] = ([], [])
    for turn in range(repeats):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            times[side].append(timed((ours, peer)[side], counts[side], SHORTEST))
    return Row(name, peer_name, *times, note)


def _cpu() -> float:
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def _middle(values: list[float], unit: str = "") -> str:
    return f"{statistics.median(values):.3g}{unit}" if values else "not run"


def _spread(values: list[float], unit: str = "") -> str:
    if len(values) < 2:
        return _middle(values, unit)
    return f"{_middle(values, unit)} ({min(values):.3g} … {max(values):.3g})"
