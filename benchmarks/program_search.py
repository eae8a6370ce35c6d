"""Programs per CPU second, and what self-learning finds over seeds.

`python -m benchmarks.program_search record` prints how many of the 109 sequences are solved by five
million programs with and without learning, for five seeds.
"""

import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.timing import Row, compare
from course_utils import datasets
from course_utils.engines.program_machine import ARITY, text
from course_utils.engines.program_search import contexts, search
from course_utils.exercises.week14 import refit
from course_utils.maths.sequence_programs import terms

GENERATION, COUNT = 500_000, 100_000


def ignorant() -> np.ndarray:
    """Return the notebook's first policy: 60 % atoms, x twice as likely; none at the root."""
    policy = np.tile(np.where(ARITY == 0, 0.1, 0.4 / 9), (24, 1))
    policy[:, 3] = 0.2
    policy[0, :5] = 0
    return policy / policy.sum(axis=1, keepdims=True)


def _targets() -> np.ndarray:
    return np.array(list(datasets.load("sequences109.json").values()))


def _definition(targets: np.ndarray) -> tuple[Callable[[], None], int]:
    """Return the exact interpreter's run of all programs that are found, and their number."""
    finds = search(ignorant(), contexts(2), targets, COUNT, 0)
    programs = [text(p[:s]) for s, p in zip(finds.sizes, finds.programs, strict=True) if s]

    def run() -> None:
        for program in programs:
            terms(program, 16)

    return run, len(programs)


def rows() -> Iterator[Row]:
    """Yield one row."""
    targets = _targets()
    interpreter, few = _definition(targets)
    yield compare(
        "week 14: a program against 109 sequences",
        lambda: search(ignorant(), contexts(2), targets, COUNT, 0),
        interpreter,
        "exact interpreter",
        repeats=5,
        note=f"{COUNT:,} programs; the peer runs the {few} that solve a sequence",
        counts=(COUNT, few),
    )


def record(seeds: range = range(5), count: int = 10) -> None:
    """Print what is solved after each generation, with and without learning."""
    targets, following, first = _targets(), contexts(2), ignorant()
    for seed in seeds:
        for learn in (True, False):
            start, policy, best, solved = time.process_time(), first, {}, []
            for draw in np.random.default_rng(seed).integers(2**31, size=count):
                finds = search(policy, following, targets, GENERATION, int(draw))
                for k in np.flatnonzero(finds.sizes):
                    if k not in best or finds.sizes[k] < len(best[k]):
                        best[k] = finds.programs[k, : finds.sizes[k]]
                solved.append(len(best))
                if learn:
                    policy = refit(best.values(), following, first, 3.5)
            spent = time.process_time() - start
            print(f"seed {seed}, {'learning' if learn else 'none'}: {solved}, {spent:.0f} CPU s")


if __name__ == "__main__":
    if sys.argv[1:] != ["record"]:
        sys.exit("usage: python -m benchmarks.program_search record")
    record()
