"""What "correct" means in week 2: networks written by hand, filters, the Möbius function."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import isqrt, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int
from course_utils.maths.number_theory import mobius, primes_upto

# 2.1 -------------------------------------------------------------------------------------------


def bump(bits: Sequence[int]) -> tuple[list[int], int]:
    """Return (w, c) such that relu(w·x + c) is 1 at x = bits and 0 at all other x in {0, 1}^k.

    >>> bump([1, 0])
    ([1, -1], 0)
    """
    return [2 * b - 1 for b in bits], 1 - sum(bits)


def _bump_instances(rng: np.random.Generator) -> Iterator[list[int]]:
    for k in (1, 2):
        yield from (list(bits) for bits in product((0, 1), repeat=k))
    for k in (3, 4, 6, 8):
        for _ in range(3):
            yield rng.integers(0, 2, k).tolist()


def _bump_probe(candidate: Callable[..., Any], bits: list[int]) -> Any:
    return candidate(bits)


def _bump_verify(bits: list[int], answer: Any) -> None:
    """The unit is read at all strings of this length."""
    call = f"bump({bits})"
    assert isinstance(answer, list | tuple), f"{call}: expected a pair (weights, bias)"
    assert len(answer) == 2, f"{call}: expected a pair (weights, bias)"
    weights = as_array(answer[0], (len(bits),), f"the weights of {call}")
    bias = as_float(answer[1], f"the bias of {call}")
    for x in product((0, 1), repeat=len(bits)):
        value = max(0.0, float(weights @ np.array(x)) + bias)
        wanted = int(list(x) == bits)
        assert abs(value - wanted) < 1e-6, (
            f"{call}: at x = {list(x)} the unit is {value:g}, expected {wanted}"
        )


BUMP = Exercise(
    "2.1", "One hidden unit for one bit string", _bump_instances, _bump_probe, _bump_verify
)

# 2.2 -------------------------------------------------------------------------------------------


def relu_interpolant(knots: ArrayLike, values: ArrayLike) -> tuple[NDArray[np.float64], float]:
    """Return (a, c) such that c + Σ a[i] relu(x - knots[i]) interpolates the values.

    Shapes: knots (m,), increasing, and values (m,); a (m - 1,): the last knot needs no unit.

    >>> a, c = relu_interpolant([0, 1, 3], [5, 7, 1])
    >>> a.tolist(), c
    ([2.0, -5.0], 5.0)
    """
    slopes = np.diff(values) / np.diff(knots)  # (m - 1,)
    return np.diff(slopes, prepend=0.0), float(np.asarray(values)[0])


def _interpolant_instances(rng: np.random.Generator) -> Iterator[list[list[float]]]:
    yield [[0.0, 1.0], [0.0, 1.0]]
    yield [[0.0, 1.0, 2.0], [0.0, 1.0, 0.0]]
    for m in (2, 3, 5, 9, 16):
        gaps = rng.integers(1, 9, m)
        yield [(np.cumsum(gaps) - 20.0).tolist(), rng.integers(-9, 10, m).astype(float).tolist()]


def _interpolant_probe(candidate: Callable[..., Any], instance: list[list[float]]) -> Any:
    knots, values = instance
    return candidate(np.array(knots), np.array(values))


def _interpolant_verify(instance: list[list[float]], answer: Any) -> None:
    """The network bends at knots only, so it is right everywhere if it is right at the knots."""
    knots, values = (np.array(part) for part in instance)
    assert isinstance(answer, list | tuple), "expected a pair (a, c)"
    assert len(answer) == 2, "expected a pair (a, c)"
    a = as_array(answer[0], (len(knots) - 1,), "a")
    c = as_float(answer[1], "c")
    for x, wanted in zip(knots.tolist(), values.tolist(), strict=True):
        value = c + float(a @ np.maximum(0.0, x - knots[:-1]))
        assert abs(value - wanted) < 1e-6, (
            f"knots {knots.tolist()}, values {values.tolist()}: at x = {x:g} the network is "
            f"{value:g}, expected {wanted:g}"
        )


INTERPOLANT = Exercise(
    "2.2",
    "The network through given points",
    _interpolant_instances,
    _interpolant_probe,
    _interpolant_verify,
)

# 2.3 -------------------------------------------------------------------------------------------


def convolution_matrix(h: ArrayLike) -> NDArray[Any]:
    """Return the matrix C, (n, n), with C x = h * x, the cyclic convolution of h and x, (n,).

    >>> convolution_matrix([1, 2, 0]).tolist()
    [[1, 0, 2], [2, 1, 0], [0, 2, 1]]
    """
    return np.stack([np.roll(h, j) for j in range(len(np.asarray(h)))], axis=1)


def _convolution_instances(rng: np.random.Generator) -> Iterator[list[int]]:
    yield [3]
    yield [2, 1]
    yield [2, 1, 0, 1]
    for n in (3, 4, 7, 10):
        yield rng.integers(-20, 21, n).tolist()


def _convolution_probe(candidate: Callable[..., Any], h: list[int]) -> Any:
    return candidate(np.array(h))


def _convolution_verify(h: list[int], answer: Any) -> None:
    """Column j is the convolution of h with the j-th unit vector, by the definition."""
    n = len(h)
    matrix = as_array(answer, (n, n), f"convolution_matrix({h})")
    for i, j in product(range(n), repeat=2):
        wanted = h[(i - j) % n]
        assert abs(matrix[i, j] - wanted) < 1e-6, (
            f"h = {h}: entry ({i}, {j}) is {matrix[i, j]:g}, expected h[{i} - {j} mod {n}] = "
            f"{wanted}"
        )


CONVOLUTION = Exercise(
    "2.3",
    "A filter as a matrix",
    _convolution_instances,
    _convolution_probe,
    _convolution_verify,
)

# 2.4 -------------------------------------------------------------------------------------------


def _mobius_instances(rng: np.random.Generator) -> Iterator[list[int]]:
    """Yield increasing lists that contain the divisors of their members."""
    yield list(range(1, 101))
    for n in sorted(rng.integers(101, 10_000, 40).tolist()):
        yield [d for d in range(1, n + 1) if n % d == 0]


def _mobius_probe(candidate: Callable[..., Any], numbers: list[int]) -> list[Any]:
    return [candidate(n) for n in numbers]


def _mobius_verify(numbers: list[int], answer: Any) -> None:
    """Divisor sums determine μ: 1 at n = 1, else 0 (Hardy and Wright, Theorem 263)."""
    assert isinstance(answer, list), "expected one value a number"
    assert len(answer) == len(numbers), "expected one value a number"
    mu: dict[int, int] = {}
    for n, given in zip(numbers, answer, strict=True):
        value = as_int(given, f"mobius({n})")
        mu[n] = (n == 1) - sum(mu[d] for d in mu if n % d == 0)
        square = next((d * d for d in range(2, n) if n % (d * d) == 0), None)
        why = f"{square} divides {n}" if square else f"over its divisors μ sums to {int(n == 1)}"
        assert value == mu[n], f"mobius({n}) returned {value}, expected {mu[n]}: {why}"


MOBIUS = Exercise("2.4", "The Möbius function", _mobius_instances, _mobius_probe, _mobius_verify)

# 2.5 -------------------------------------------------------------------------------------------


def _segment_instances(rng: np.random.Generator) -> Iterator[list[int]]:
    yield [1, 31]
    yield [90, 131]
    for top, length in ((10**3, 40), (10**5, 300), (10**6, 1000)):
        start = int(rng.integers(1, top))
        yield [start, start + length]
    p = int(rng.choice(primes_upto(3000)[100:]))
    yield [p * p - 2, p * p]
    yield [p * p - 2, p * p + 1]
    start = int(rng.integers(10**7, 10**8))
    yield [start, start + 200]
    start = int(rng.integers(19 * 10**8, 2 * 10**9))  # a loop over this window takes a minute
    yield [start, start + 300_000]


def _segment_probe(candidate: Callable[..., Any], instance: list[int]) -> Any:
    return candidate(*instance)


def _segment_verify(instance: list[int], answer: Any) -> None:
    """Every entry is compared with trial division, by all primes at once in a long window."""
    start, stop = instance
    call = f"mobius_segment({start}, {stop})"
    found = as_array(answer, (stop - start,), call)
    short = stop - start <= 2000
    right = [mobius(n) for n in range(start, stop)] if short else _window(start, stop)
    for n, value, wanted in zip(range(start, stop), found.tolist(), right, strict=True):
        assert value == wanted, f"{call}: at n = {n} it has {value}, expected {wanted}{_why(n)}"


def _window(start: int, stop: int) -> list[int]:
    n = np.arange(start, stop)
    sign, rest = np.ones(len(n), np.int64), n.copy()
    for p in primes_upto(isqrt(stop - 1)).tolist():
        sign[-start % p :: p] *= -1
        rest[-start % p :: p] //= p
        sign[-start % p**2 :: p**2] = 0
    return np.where(rest > 1, -sign, sign).tolist()


def _why(n: int) -> str:
    factors, rest = [], n
    for p in range(2, isqrt(n) + 1):
        while rest % p == 0:
            factors.append(p)
            rest //= p
    factors += [rest] if rest > 1 else []
    if len(factors) < 2:
        return f" ({n} is prime)" if factors else ""
    return f" ({n} = {' · '.join(map(str, factors))})"


SEGMENT = Exercise(
    "2.5", "A segment of the sieve", _segment_instances, _segment_probe, _segment_verify, 10
)

# 2.6 -------------------------------------------------------------------------------------------


def confusion_matrix(truth: ArrayLike, guess: ArrayLike) -> NDArray[np.int64]:
    """Return counts, (3, 3): row μ = -1, 0, 1, column guess = -1, 0, 1.

    >>> confusion_matrix([1, 1, 0], [1, -1, 0]).tolist()
    [[0, 0, 0], [0, 1, 0], [1, 0, 1]]
    """
    cells = 3 * (np.asarray(truth, np.int64) + 1) + np.asarray(guess, np.int64) + 1
    return np.bincount(cells, minlength=9).reshape(3, 3)


def _confusion_instances(rng: np.random.Generator) -> Iterator[list[list[int]]]:
    yield [[-1, 0, 1], [-1, 0, 1]]
    yield [[-1, -1, 1], [0, 0, 0]]
    for size in (10, 200):
        yield rng.integers(-1, 2, (2, size)).tolist()


def _confusion_probe(candidate: Callable[..., Any], instance: list[list[int]]) -> Any:
    return candidate(*(np.array(part) for part in instance))


def _confusion_verify(instance: list[list[int]], answer: Any) -> None:
    """Every cell is counted by a loop over the pairs."""
    truth, guess = instance
    counts = as_array(answer, (3, 3), "confusion_matrix(truth, guess)")
    pairs = list(zip(truth, guess, strict=True))
    shown = f" (truth {truth}, guess {guess})" if len(pairs) <= 10 else ""
    for t, g in product((-1, 0, 1), repeat=2):
        value, wanted = counts[t + 1, g + 1], pairs.count((t, g))
        assert value == wanted, (
            f"truth {t}, guess {g} happens {wanted} times; row {t + 1}, column {g + 1} has "
            f"{value:g}{shown}"
        )


CONFUSION = Exercise(
    "2.6", "The confusion matrix", _confusion_instances, _confusion_probe, _confusion_verify
)

# 2.7 -------------------------------------------------------------------------------------------


def bit_importance(
    predict: Callable[[NDArray[Any]], NDArray[Any]],
    X: NDArray[Any],
    y: NDArray[Any],
    order: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return, for each column of X, the accuracy lost when its entries are put in `order`.

    Shapes: X (m, k), y (m,), order (m,), a permutation of the rows; result (k,).
    """
    right = np.mean(predict(X) == y)
    losses = []
    for j in range(X.shape[1]):
        shuffled = X.copy()
        shuffled[:, j] = X[order, j]
        losses.append(right - np.mean(predict(shuffled) == y))
    return np.array(losses)


def _table_predictor(table: list[int]) -> Callable[[NDArray[Any]], NDArray[np.int64]]:
    """Return the predictor that reads a row of bits, lowest first, as an index of `table`."""
    return lambda X: np.array(table)[np.asarray(X, int) @ (1 << np.arange(np.shape(X)[1]))]


def _importance_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [[0, 1], [[0], [1], [0], [1]], [0, 1, 0, 1], [1, 0, 3, 2]]
    yield [[0, 0, 0, 1], [[0, 0], [1, 0], [0, 1], [1, 1]], [0, 0, 0, 1], [1, 2, 3, 0]]
    for k, rows in ((2, 12), (3, 40), (4, 100)):
        X = rng.integers(0, 2, (rows, k))
        table = rng.integers(-1, 2, 2**k).tolist()
        y = np.where(rng.random(rows) < 0.8, _table_predictor(table)(X), 0)
        yield [table, X.tolist(), y.tolist(), rng.permutation(rows).tolist()]


def _importance_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    table, X, y, order = instance
    return candidate(_table_predictor(table), np.array(X), np.array(y), np.array(order))


def _importance_verify(instance: list[Any], answer: Any) -> None:
    """Row by row: the shuffled row takes bit j from row order[i] and the others from row i."""
    table, X, y, order = instance
    k = len(X[0])
    losses = as_array(answer, (k,), "bit_importance(predict, X, y, order)")

    def right(rows: list[list[int]]) -> int:
        guesses = [table[sum(bit << i for i, bit in enumerate(row))] for row in rows]
        return sum(g == truth for g, truth in zip(guesses, y, strict=True))

    for j in range(k):
        rows = [[*X[i][:j], X[order[i]][j], *X[i][j + 1 :]] for i in range(len(X))]
        wanted = (right(X) - right(rows)) / len(X)
        assert abs(losses[j] - wanted) < 1e-6, (
            f"{len(X)} rows of {k} bits: column {j} costs {losses[j]:.4f}, expected {wanted:.4f} "
            f"({right(X)} right before, {right(rows)} after, column {j} alone shuffled)"
        )


IMPORTANCE = Exercise(
    "2.7",
    "Which bits does a predictor read?",
    _importance_instances,
    _importance_probe,
    _importance_verify,
)

# 2.8 -------------------------------------------------------------------------------------------


def squarefree_probability(divisors: Sequence[int], primes: Sequence[int]) -> float:
    """Return the chance that n is squarefree if, of `primes`, exactly `divisors` divide n.

    >>> round(squarefree_probability([], [2]), 6)  # odd n: 8/π²
    0.810569
    """
    known = prod(1 - 1 / p for p in divisors)
    others = 6 / np.pi**2 / prod(1 - 1 / p**2 for p in primes)
    return float(known * others)


def _probability_instances(rng: np.random.Generator) -> Iterator[list[list[int]]]:
    yield [[], [2]]
    yield [[2], [2]]
    yield [[], []]
    yield [[3], [2, 3]]
    for count in (4, 10, 100):
        primes = primes_upto(541)[:count]
        for _ in range(2):
            yield [primes[rng.random(count) < 0.4].tolist(), primes.tolist()]


def _probability_probe(candidate: Callable[..., Any], instance: list[list[int]]) -> Any:
    return candidate(*instance)


def _probability_verify(instance: list[list[int]], answer: Any) -> None:
    """The product over the unlisted primes is taken up to a million; the rest is 1 - 7e-8."""
    divisors, primes = instance
    brief = f"{primes}" if len(primes) <= 10 else f"the first {len(primes)} primes"
    call = f"squarefree_probability({divisors}, {brief})"
    value = as_float(answer, call)
    all_primes = primes_upto(10**6)
    others = all_primes[~np.isin(all_primes, primes)].astype(float)
    wanted = float(np.prod(1 - others**-2.0)) * prod(1 - 1 / p for p in divisors)
    assert abs(value - wanted) < 1e-4 * max(wanted, 1e-3), (
        f"{call} returned {value:.6g}, expected {wanted:.6g}"
    )


PROBABILITY = Exercise(
    "2.8",
    "How likely is n squarefree?",
    _probability_instances,
    _probability_probe,
    _probability_verify,
)
