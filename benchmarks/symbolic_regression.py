"""Week 14: formulas a CPU second, compiled against gplearn; and the table of Nguyen problems.

`python -m benchmarks.symbolic_regression breed` prints how many of the twelve Nguyen problems are
bred in four runs each, for several ages of a population.
"""

import sys
import time

import numpy as np
from gplearn.genetic import SymbolicRegressor

from benchmarks.timing import Row
from course_utils.engines.genetic_programming import evolve
from course_utils.maths.expressions import find_formula
from course_utils.maths.regression_problems import NGUYEN


def _hard_data() -> tuple[np.ndarray, np.ndarray]:
    """Twenty points that no formula fits, so that neither search stops early."""
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (20, 1)), rng.normal(size=20)


def _ours() -> float:
    """Return CPU seconds per evaluated formula: population 2000, twenty points."""
    X, y = _hard_data()
    start = time.process_time()
    run = evolve(X, y, np.random.default_rng(0), evaluations=200_000)
    return (time.process_time() - start) / run.evaluated


def _gplearn() -> float:
    """Return the same for gplearn, population 500, protected division and logarithm."""
    X, y = _hard_data()
    operators = ("add", "sub", "mul", "div", "sin", "cos", "log")
    size = {"population_size": 500, "generations": 8, "random_state": 0}
    peer = SymbolicRegressor(function_set=operators, const_range=None, **size)
    start = time.process_time()
    peer.fit(X, y)
    return (time.process_time() - start) / (500 * 8)


def speed(repeats: int = 3) -> Row:
    """Compare CPU seconds per formula, in turns."""
    _ours()
    pairs = [(_ours(), _gplearn()) for _ in range(repeats)]
    ours, theirs = ([pair[i] for pair in pairs] for i in (0, 1))
    note = f"CPU s a formula on 20 points: {1 / np.median(ours):,.0f} formulas a CPU second"
    return Row("week 14: breeding formulas", "gplearn", ours, theirs, note)


def table() -> Row:
    """Time the whole table: twelve problems, ten data sets each."""
    start, solved = time.process_time(), 0
    for k, problem in enumerate(NGUYEN, start=1):
        for seed in range(10):
            rng = np.random.default_rng(1000 * k + seed)
            solved += problem.recovered(find_formula(*problem.data(rng), seed=seed), rng)
    spent = time.process_time() - start
    return Row("week 14: Nguyen table", "—", [spent], None, f"CPU s, {solved} of 120 recovered")


def rows() -> list[Row]:
    """Return both rows."""
    return [speed(), table()]


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
