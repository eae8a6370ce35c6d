"""Published problems of symbolic regression: a function, its domain, and when it is recovered.

Names and domains as in the benchmark file of DSO (github.com/dso-org/deep-symbolic-optimization);
Nguyen-12* is Nguyen-12 on the wide domain of the published table. Source of the Nguyen problems:
N. Q. Uy et al., Genetic Programming and Evolvable Machines 12 (2011).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
CLOSE = 1e-6  # of 1 + |f|: what a recovered formula may be off


class Problem(NamedTuple):
    """A function of x (and y), and the square [low, high]^d that the data come from."""

    name: str
    function: Callable[..., Values]
    low: float
    high: float

    @property
    def dimension(self) -> int:
        """Return the number of variables, 1 or 2."""
        return self.function.__code__.co_argcount

    def data(self, rng: np.random.Generator, points: int = 20) -> tuple[Values, Values]:
        """Return X (points, d), uniform in the domain, and y (points,)."""
        X = rng.uniform(self.low, self.high, (points, self.dimension))
        return X, self.function(*X.T)

    def wide(self, rng: np.random.Generator, points: int = 500) -> tuple[Values, Values]:
        """Return fresh X and y of the domain twice as wide; one that begins at 0 stays there."""
        return self._replace(low=min(2 * self.low, 0), high=2 * self.high).data(rng, points)

    def recovered(
        self, formula: Callable[[Values], Values] | None, rng: np.random.Generator
    ) -> bool:
        """Tell whether a formula equals the function on the wide domain, to 1e-6 of 1 + |f|."""
        if formula is None:
            return False
        X, y = self.wide(rng)
        return bool((np.abs(formula(X) - y) <= CLOSE * (1 + np.abs(y))).all())


def _powers(x: Values, degree: int) -> Values:
    return sum(x**k for k in range(1, degree + 1))


_sin, _cos, _log = np.sin, np.cos, np.log

NGUYEN = [
    Problem("Nguyen-1", lambda x: _powers(x, 3), -1, 1),
    Problem("Nguyen-2", lambda x: _powers(x, 4), -1, 1),
    Problem("Nguyen-3", lambda x: _powers(x, 5), -1, 1),
    Problem("Nguyen-4", lambda x: _powers(x, 6), -1, 1),
    Problem("Nguyen-5", lambda x: _sin(x**2) * _cos(x) - 1, -1, 1),
    Problem("Nguyen-6", lambda x: _sin(x) + _sin(x + x**2), -1, 1),
    Problem("Nguyen-7", lambda x: _log(x + 1) + _log(x**2 + 1), 0, 2),
    Problem("Nguyen-8", lambda x: np.sqrt(x), 0, 4),
    Problem("Nguyen-9", lambda x, y: _sin(x) + _sin(y**2), 0, 1),
    Problem("Nguyen-10", lambda x, y: 2 * _sin(x) * _cos(y), 0, 1),
    Problem("Nguyen-11", lambda x, y: x**y, 0, 1),
    Problem("Nguyen-12", lambda x, y: x**4 - x**3 + y**2 / 2 - y, 0, 1),
]
NGUYEN_12_WIDE = NGUYEN[11]._replace(name="Nguyen-12*", high=10)

LIVERMORE = [
    Problem("Livermore-1", lambda x: 1 / 3 + x + _sin(x**2), -10, 10),
    Problem("Livermore-2", lambda x: _sin(x**2) * _cos(x) - 2, -1, 1),
    Problem("Livermore-3", lambda x: _sin(x**3) * _cos(x**2) - 1, -1, 1),
    Problem("Livermore-4", lambda x: _log(x + 1) + _log(x**2 + 1) + _log(x), 0, 2),
    Problem("Livermore-5", lambda x, y: x**4 - x**3 + y**2 - y, 0, 1),
    Problem("Livermore-6", lambda x: 4 * x**4 + 3 * x**3 + 2 * x**2 + x, -1, 1),
    Problem("Livermore-7", lambda x: np.sinh(x), -1, 1),
    Problem("Livermore-8", lambda x: np.cosh(x), -1, 1),
    Problem("Livermore-9", lambda x: _powers(x, 9), -1, 1),
    Problem("Livermore-10", lambda x, y: 6 * _sin(x) * _cos(y), 0, 1),
    Problem("Livermore-11", lambda x, y: x**2 * y**2 / (x + y), -1, 1),
    Problem("Livermore-12", lambda x, y: x**5 / y**3, -1, 1),
    Problem("Livermore-13", lambda x: np.cbrt(x), 0, 4),
    Problem("Livermore-14", lambda x, y: _powers(x, 3) + _sin(x) + _sin(y**2), -1, 1),
    Problem("Livermore-15", lambda x: x**0.2, 0, 4),
    Problem("Livermore-16", lambda x: x ** (2 / 3), 0, 4),
    Problem("Livermore-17", lambda x, y: 4 * _sin(x) * _cos(y), 0, 1),
    Problem("Livermore-18", lambda x: _sin(x**2) * _cos(x) - 5, -1, 1),
    Problem("Livermore-19", lambda x: _log(x**2 + x) + _log(x**3 + x), 0, 2),
    Problem("Livermore-20", lambda x: x**5 + x**4 + x**2 + x, -1, 1),
    Problem("Livermore-21", lambda x: np.exp(-(x**2)), -1, 1),
    Problem("Livermore-22", lambda x: _powers(x, 8), -1, 1),
    Problem("Livermore-23", lambda x: np.exp(-(x**2) / 2), -1, 1),
]
