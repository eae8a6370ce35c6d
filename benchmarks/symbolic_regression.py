"""Week 14: formulas a CPU second, compiled against gplearn; and the table of Nguyen problems.

`python -m benchmarks.symbolic_regression breed` prints how many of the twelve Nguyen problems are
bred in four runs each, for several ages of a population.
"""

import sys
import time
from collections.abc import Iterator

import numpy as np
from gplearn.genetic import SymbolicRegressor

from benchmarks.timing import Row, compare, timed
from course_utils.engines.genetic_programming import evolve
from course_utils.maths.expressions import find_formula
from course_utils.maths.regression_problems import NGUYEN


def _hard_data() -> tuple[np.ndarray, np.ndarray]:
    """Twenty points that no formula fits, so that neither search stops early."""
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (20, 1)), rng.normal(size=20)


def speed(repeats: int = 3) -> Row:
    """Compare seconds per evaluated formula: population 2000 of ours, 500 of gplearn.

    gplearn's division and logarithm are protected.
    """
    X, y = _hard_data()
    operators = ("add", "sub", "mul", "div", "sin", "cos", "log")
    size = {"population_size": 500, "generations": 8, "random_state": 0}

    def ours() -> int:
        return evolve(X, y, np.random.default_rng(0), evaluations=200_000).evaluated

    def theirs() -> None:
        SymbolicRegressor(function_set=operators, const_range=None, **size).fit(X, y)

    return compare(
        "week 14: breeding a formula, 20 points",
        ours,
        theirs,
        "gplearn",
        repeats=repeats,
        counts=(ours(), 500 * 8),
    )


def table() -> Row:
    """Time the whole table: twelve problems, ten data sets each."""
    solved = 0

    def everything() -> None:
        nonlocal solved
        for k, problem in enumerate(NGUYEN, start=1):
            for seed in range(10):
                rng = np.random.default_rng(1000 * k + seed)
                solved += problem.recovered(find_formula(*problem.data(rng), seed=seed), rng)

    spent = timed(everything)
    return Row("week 14: Nguyen table", "—", [spent], None, f"{solved} of 120 recovered")


def rows() -> Iterator[Row]:
    """Yield both rows."""
    yield speed()
    yield table()


def breed(ages: tuple[int, ...] = (25, 50, 200, 1000), runs: int = 4) -> None:
    """Print how many of the problems are bred with two million evaluations a run."""
    for age in ages:
        start, solved = time.process_time(), [0] * len(NGUYEN)
        for k, problem in enumerate(NGUYEN, start=1):
            for seed in range(runs):
                rng = np.random.default_rng(1000 * k + seed)
                run = evolve(*problem.data(rng), rng, age=age)
                solved[k - 1] += problem.recovered(run.front[-1], rng)
        spent = time.process_time() - start
        print(f"age {age:4}: {sum(solved)} of {runs * len(NGUYEN)}, {solved}, {spent:.0f} CPU s")


if __name__ == "__main__":
    if sys.argv[1:] != ["breed"]:
        sys.exit("usage: python -m benchmarks.symbolic_regression breed")
    breed()
