"""What "correct" means in week 14: recovered formulas, counted trees, equal functions, look-ups."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int, brief

Array = NDArray[np.float64]

# 14.1 ------------------------------------------------------------------------------------------


def first_recovered(predictions: ArrayLike, truth: ArrayLike) -> int | None:
    """Return the first row that is the truth to 1e-6 of 1 + |truth| everywhere, or None.

    >>> first_recovered([[1.0, 2.1], [1.0, 2.0]], [1.0, 2.0])
    1
    """
    truth = np.asarray(truth, float)
    fits = (np.abs(np.asarray(predictions, float) - truth) < 1e-6 * (1 + np.abs(truth))).all(axis=1)
    return int(np.flatnonzero(fits)[0]) if fits.any() else None


def _recovered_instances(rng: np.random.Generator) -> Iterator[list[Array]]:
    yield [np.array([[1.0, 2.1], [1.0, 2.0]]), np.array([1.0, 2.0])]
    yield [np.array([[1.0, 2.1], [1.1, 2.0]]), np.array([1.0, 2.0])]
    yield [np.array([[np.nan, 2.0], [1.0, 2.0]]), np.array([1.0, 2.0])]
    yield [np.array([[1.0, np.inf], [np.nan, 2.0]]), np.array([1.0, 2.0])]
    yield [np.array([[1000.0005, -1000.0], [0.0, 0.0]]), np.array([1000.0, -1000.0])]
    yield [np.array([[3e-5, 2e-7, 2.0], [3e-7, 2e-7, 2.0]]), np.array([0.0, 0.0, 2.0])]
    for rows in (3, 5, 8):
        truth = rng.normal(0, 10, 500)
        table = truth + rng.normal(0, 1e-3, (rows, 500))
        yield [table, truth]
        close = table.copy()
        right = int(rng.integers(rows))
        close[right:] = truth * (1 + 1e-9 * rng.normal(size=(rows - right, 500)))
        close[right, int(rng.integers(500))] += 1e-4  # one point of 500 decides
        yield [close, truth]


def _recovered_probe(candidate: Callable[..., Any], instance: list[Array]) -> Any:
    return candidate(*instance)


def _recovered_verify(instance: list[Array], answer: Any) -> None:
    """Row by row and point by point, in Python's numbers."""
    table, truth = (part.tolist() for part in instance)
    wanted = None
    for row in range(len(table) - 1, -1, -1):
        if all(abs(p - f) / (1 + abs(f)) < 1e-6 for p, f in zip(table[row], truth, strict=True)):
            wanted = row
    what = f"{len(table)} formulas on {len(truth)} points"
    if answer is None:
        assert wanted is None, f"{what}: returned None, but row {wanted} is the truth"
        return
    found = as_int(answer, what)
    assert wanted is not None, f"{what}: returned row {found}, but no row is right everywhere: None"
    assert found == wanted, f"{what}: returned row {found}, the first right one is {wanted}"


RECOVERED = Exercise(
    "14.1", "A judge that can say none", _recovered_instances, _recovered_probe, _recovered_verify
)

# 14.2 ------------------------------------------------------------------------------------------


def count_trees(size: int, atoms: int) -> int:
    """Return the number of expressions of `size` tokens: four unary and four binary operators.

    >>> [count_trees(n, 2) for n in (1, 2, 3)]
    [2, 8, 48]
    """
    counts = [0, atoms]
    for n in range(2, size + 1):
        pairs = sum(counts[i] * counts[n - 1 - i] for i in range(1, n - 1))
        counts.append(4 * counts[n - 1] + 4 * pairs)
    return counts[size]


def _count_instances(rng: np.random.Generator) -> Iterator[list[int]]:
    yield from ([1, 2], [2, 2], [3, 2], [3, 3], [4, 2])
    for size in (5, 6, 8, 13, 20):
        yield [size, int(rng.integers(1, 7))]


def _call(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    return candidate(*instance)


def _count_verify(instance: list[int], answer: Any) -> None:
    """By the cycle lemma: of the n rotations of a word of tokens exactly one is an expression."""
    n, atoms = instance
    found, wanted = as_int(answer, f"count_trees({n}, {atoms})"), 0
    for b in range((n - 1) // 2 + 1):  # binary nodes, b + 1 atoms, the rest unary
        words = math.factorial(n) // (
            math.factorial(b) * math.factorial(b + 1) * math.factorial(n - 2 * b - 1)
        )
        wanted += words // n * 4 ** (n - b - 1) * atoms ** (b + 1)
    assert found == wanted, f"count_trees({n}, {atoms}) returned {found}, expected {wanted}"


COUNT = Exercise("14.2", "How many expressions?", _count_instances, _call, _count_verify)

# 14.3 ------------------------------------------------------------------------------------------


def distinct(values: ArrayLike) -> Array:
    """Return the indices of the first row of each function: finite rows, not zero, not met before.

    Two rows count as one function if they differ by less than 1e-9 of their largest value.

    >>> distinct([[1.0, 2.0], [1.0, np.nan], [1.0, 2.0], [0.0, 0.0], [1.0, 3.0]]).tolist()
    [0, 4]
    """
    values = np.asarray(values, float)
    with np.errstate(all="ignore"):
        largest = np.abs(values).max(axis=1)
        rows = np.flatnonzero((largest > 1e-12) & (largest < 1e8))
    weights = np.random.default_rng(values.shape[1]).uniform(0.5, 1.5, (2, values.shape[1]))
    keys = values[rows] @ weights.T
    unit = 10.0 ** (np.floor(np.log10(largest[rows])) - 9)[:, None]
    rounded = np.round(keys / unit) * unit + 0.0
    return rows[np.sort(np.unique(rounded, axis=0, return_index=True)[1])]


def _distinct_instances(rng: np.random.Generator) -> Iterator[Array]:
    yield np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 2.0]])
    yield np.array([[1.0, 2.0], [1.0, np.nan], [0.0, 0.0], [np.inf, 1.0], [2.0, 1.0]])
    yield np.array([[0.3, 1.0], [0.1 + 0.2, 1.0], [-0.3, 1.0], [0.3, -1.0]])
    yield np.array([[-1.0, 1e-3], [1.0, 1e-3], [-1.0, 1e-3]])
    yield np.array([[1e-8, 2e-8], [1e-8, 2.1e-8], [1e5, 2e5], [1e5, 2.00001e5]])
    for count in (6, 12, 25):
        x = rng.uniform(0.1, 1, (count, 8))
        twins = (x[: count // 2] + 1) - 1  # the same up to the last digits
        table = np.concatenate([x, twins, x * (1 + 1e-5), np.zeros((1, 8))])
        table[int(rng.integers(count)), int(rng.integers(8))] = np.inf
        yield table[rng.permutation(len(table))]


def _distinct_probe(candidate: Callable[..., Any], values: Array) -> Any:
    return [int(row) for row in candidate(values)]


def _distinct_verify(values: Array, answer: Any) -> None:
    """Compare every row with all rows kept before it."""
    what = f"{len(values)} rows of {values.shape[1]} values"
    found = as_array(answer, (None,), what).tolist()
    kept: list[int] = []
    for row, line in enumerate(values):
        usable = np.isfinite(line).all() and np.abs(line).max() > 1e-12
        twin = [
            k for k in kept if usable and np.abs(values[k] - line).max() < 1e-9 * np.abs(line).max()
        ]
        if usable and not twin:
            kept.append(row)
            assert row in found, f"{what}: row {row} is a new function, but is not returned"
            continue
        reason = f"is row {twin[0]} again" if twin else "is zero or not finite"
        assert row not in found, f"{what}: row {row} is returned, but it {reason}"
    assert found == kept, f"{what}: returned {brief(found)}, expected {brief(kept)}"


DISTINCT = Exercise(
    "14.3", "Each function once", _distinct_instances, _distinct_probe, _distinct_verify
)

# 14.4 ------------------------------------------------------------------------------------------


def two_way(target: ArrayLike, values: ArrayLike) -> list[tuple[str, int, int]]:
    """Return all (operator, i, j) with values[i] operator values[j] = target at every point.

    >>> two_way([3.0, 5.0], [[1.0, 2.0], [2.0, 3.0], [9.0, 9.0]])
    [('+', 0, 1), ('+', 1, 0)]
    """
    target, values = np.asarray(target, float), np.asarray(values, float)
    weights = np.random.default_rng(1).uniform(0.5, 1.5, len(target))
    keys = values @ weights
    order = np.argsort(keys)
    with np.errstate(all="ignore"):
        partners = {"+": target - values, "-": values - target}
        partners |= {"*": target / values, "/": values / target}
    hits = []
    for operator, wanted in partners.items():
        with np.errstate(all="ignore"):
            key, width = wanted @ weights, 1e-9 * (1e-3 + np.abs(wanted) @ weights)
            low = np.searchsorted(keys, key - width, sorter=order)
            high = np.searchsorted(keys, key + width, sorter=order)
        for i in np.flatnonzero(high > low).tolist():
            for j in order[low[i] : high[i]].tolist():
                if np.allclose(values[j], wanted[i], rtol=1e-9, atol=1e-12):
                    hits.append((operator, i, j))
    return hits


_OPERATORS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


def _pairs_instances(rng: np.random.Generator) -> Iterator[list[Array]]:
    x = np.array([0.5, 1.0, 2.0])
    yield [x + x * x, np.stack([np.ones(3), x, x + x, x * x])]
    yield [x - x * x, np.stack([np.ones(3), x, x + x, x * x])]
    yield [np.array([0.1, 0.7, 0.2]), np.stack([np.ones(3), x, x * x])]
    for count in (5, 12, 30, 12_000):
        for operator in _OPERATORS if count < 100 else "-/":
            values = rng.uniform(0.2, 3, (count, 8)) * rng.choice([-1, 1], (count, 1))
            i, j = rng.choice(count, 2, replace=False)
            yield [_OPERATORS[operator](values[i], values[j]), values]


def _pairs_probe(candidate: Callable[..., Any], instance: list[Array]) -> Any:
    return [[str(operator), int(i), int(j)] for operator, i, j in candidate(*instance)]


def _pairs_verify(instance: list[Array], answer: Any) -> None:
    """Small banks: all pairs, all operators. Large ones: what is returned, and the planted pair."""
    target, values = instance
    count = len(values)
    what = f"a bank of {count} functions on {len(target)} points"
    assert type(answer) in (list, tuple), f"{what}: expected a list of (operator, i, j)"
    assert len(answer) <= 4 * min(count, 1000), f"{what}: {len(answer)} pairs cannot all be right"
    found, scale = set(), np.abs(target).max()
    for hit in answer:
        three = type(hit) in (list, tuple) and len(hit) == 3 and isinstance(hit[0], str)
        known = three and hit[0] in _OPERATORS
        assert known, f"{what}: {brief(hit)} is no (operator, i, j)"
        i, j = as_int(hit[1], what), as_int(hit[2], what)
        inside = 0 <= i < count and 0 <= j < count
        assert inside, f"{what}: {brief(hit)} names no functions"
        gap = np.abs(_OPERATORS[hit[0]](values[i], values[j]) - target).max()
        assert gap < 1e-6 * scale, f"{what}: {i} {hit[0]} {j} misses the target by {gap:.2g}"
        found.add((hit[0], i, j))
    chunk = range(count) if count < 100 else _planted(target, values)
    for i in chunk:
        for operator, f in _OPERATORS.items():
            gaps = np.abs(f(values[i], values) - target).max(axis=1)
            for j in np.flatnonzero(gaps < 1e-12 * scale).tolist():
                assert (operator, i, j) in found, f"{what}: function {i} {operator} {j} is missing"


def _planted(target: Array, values: Array) -> list[int]:
    """Return the first partners of all pairs a − b and a / b, by sorting single values."""
    rows = []
    for wanted in (values - target, values / target):
        order = np.argsort(values[:, 0])
        place = np.searchsorted(values[order, 0], wanted[:, 0])
        for shift in (-1, 0):
            near = order[np.clip(place + shift, 0, len(values) - 1)]
            rows += np.flatnonzero(np.abs(values[near] - wanted).max(axis=1) < 1e-12).tolist()
    return rows


PAIRS = Exercise("14.4", "Baby steps, giant steps", _pairs_instances, _pairs_probe, _pairs_verify)

# 14.6 ------------------------------------------------------------------------------------------


def survival(noise: float, step: float, points: int) -> float:
    """Return the probability that no value of `points` rounds to another multiple of `step`.

    The noise is uniform in [−noise, noise], and a value lies anywhere between two multiples.

    >>> survival(0.5, 1.0, 1), survival(0.5, 1.0, 2)
    (0.75, 0.5625)
    """
    one = 1 - noise / (2 * step) if noise <= step else step / (2 * noise)
    return one**points


def _survival_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield from ([0.5, 1.0, 1], [0.5, 1.0, 2], [0.0, 1e-9, 8], [1.0, 1.0, 1], [4.0, 1.0, 1])
    for points in (1, 2, 8):
        step = float(10.0 ** rng.uniform(-10, -6))
        yield [float(step * rng.uniform(0.1, 0.9)), step, points]
        yield [float(step * rng.uniform(1.5, 5)), step, points]


def _survival_verify(instance: list[Any], answer: Any) -> None:
    """Average over the noise: a shift by δ crosses a border with probability min(1, |δ|/step)."""
    noise, step, points = instance
    what = f"survival({noise:.3g}, {step:.3g}, {points})"
    found = as_float(answer, what)
    shifts = noise * (np.arange(100_000) + 0.5) / 100_000
    wanted = float(np.maximum(0, 1 - shifts / step).mean() ** points)
    assert abs(found - wanted) < 1e-6, f"{what} returned {found:.6g}, expected {wanted:.6g}"


SURVIVAL = Exercise(
    "14.6", "How much noise does a rounded key stand?", _survival_instances, _call, _survival_verify
)

# 14.7 ------------------------------------------------------------------------------------------

Integers = Callable[[int, int], int]


def loop(f: Integers, a: int, b: int) -> int:
    """Return x after x := b and x := f(x, y) for y = 1, …, a.

    >>> loop(lambda x, y: y * x, 4, 1)
    24
    """
    x = b
    for y in range(1, a + 1):
        x = f(x, y)
    return x


def loop2(f: Integers, g: Integers, a: int, b: int, c: int) -> int:
    """Return x after (x, y) := (b, c) and, a times, (x, y) := (f(x, y), g(x, y)).

    >>> [loop2(lambda x, y: x + y, lambda x, y: x, n, 0, 1) for n in range(7)]
    [0, 1, 1, 2, 3, 5, 8]
    """
    x, y = b, c
    for _ in range(a):
        x, y = f(x, y), g(x, y)
    return x


_BODIES: dict[str, Integers] = {
    "y * x": lambda x, y: y * x,
    "x + y": lambda x, y: x + y,
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x - 2 * y": lambda x, y: x - 2 * y,
    "x * x + y": lambda x, y: x * x + y,
}


def _loop_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [["y * x"], 4, 1]
    yield [["x + y", "x"], 6, 0, 1]
    yield [["x + y"], 0, 5]
    yield [["x + y"], -3, 5]
    yield [["y", "x"], -1, 7, 8]
    yield [["y", "x + y"], 1, 2, 5]
    names = list(_BODIES)
    for _ in range(6):
        f, g = (names[k] for k in rng.integers(len(names), size=2))
        a, b, c = (int(n) for n in rng.integers(0, 5, 3))
        yield [[f], a, b]
        yield [[f, g], a, b, c]


def _loop_probe(candidate: Any, instance: list[Any]) -> Any:
    bodies, *numbers = instance
    return candidate[len(bodies) - 1](*(_BODIES[name] for name in bodies), *numbers)


def _loop_verify(instance: list[Any], answer: Any) -> None:
    """Run the definition, one line per round."""
    bodies, times, *start = instance
    pair = [*start, 1][:2]
    functions = [_BODIES[name] for name in bodies]
    for _ in range(times):
        new = functions[0](*pair)
        pair = [new, functions[1](*pair) if len(functions) > 1 else pair[1] + 1]
    name = "loop" if len(bodies) == 1 else "loop2"
    what = f"{name}({', '.join([*bodies, *map(str, instance[1:])])})"
    found = as_int(answer, what)
    assert found == pair[0], f"{what} returned {found}, expected {pair[0]}"


LOOPS = Exercise("14.7", "Two loops", _loop_instances, _loop_probe, _loop_verify)

# 14.8 ------------------------------------------------------------------------------------------

_ARITY = (0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 3, 3, 5, 2)


def refit(programs: Any, following: NDArray[np.int64], ignorant: Array, floor: float) -> Array:
    """Return the policy of the tokens' counts by context, with weight `floor` on the ignorant one.

    Args:
        programs: each a list of tokens in prefix order.
        following: (contexts, 14, 5), the context of each argument.
        ignorant: (contexts, 14), the policy to lean on.
        floor: the weight of the ignorant policy.
    """
    counts = np.zeros_like(ignorant)
    for program in programs:
        waiting = [0]
        for token in program:
            context = waiting.pop()
            counts[context, token] += 1
            waiting += list(following[context, token, : _ARITY[token]])[::-1]
    return (counts + floor * ignorant) / (counts.sum(axis=1, keepdims=True) + floor)


def _contexts(order: int) -> NDArray[np.int64]:
    pair = np.zeros((14, 5), np.int64)
    place = 1
    for token, arity in enumerate(_ARITY):
        pair[token, :arity] = place + np.arange(arity)
        place += arity
    if order == 2:
        return np.repeat(pair[None], 24, axis=0)
    return np.arange(576)[:, None, None] % 24 * 24 + pair


def _grown(rng: np.random.Generator, size: int) -> list[int]:
    """Return a random program of at least `size` tokens, or of one, in prefix order."""
    tokens, waiting = [], 1
    while waiting:
        token = int(rng.integers(5, 14)) if len(tokens) + waiting < size else int(rng.integers(5))
        tokens.append(token)
        waiting += _ARITY[token] - 1
    return tokens


def _refit_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    flat = np.full((24, 14), 1 / 14)
    yield [[[11, 7, 4, 3, 3, 1]], 2, flat, 1.0]  # loop(y * x, x, 1)
    yield [[[6, 3, 4], [5, 3, 3]], 2, flat, 2.0]
    yield [[], 2, flat, 3.0]
    for order, count in ((2, 3), (2, 8), (3, 4), (3, 8)):
        draw = rng.random((24 if order == 2 else 576, 14))
        programs = [_grown(rng, int(rng.integers(1, 14))) for _ in range(count)]
        floor = float(rng.uniform(0.5, 5))
        yield [programs, order, draw / draw.sum(axis=1, keepdims=True), floor]


def _refit_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    programs, order, ignorant, floor = instance
    return candidate([list(p) for p in programs], _contexts(order), ignorant.copy(), floor)


def _refit_verify(instance: list[Any], answer: Any) -> None:
    """Read each program as a tree, by recursion, and count context and token of every place."""
    programs, order, ignorant, floor = instance
    what = f"{len(programs)} programs, {len(ignorant)} contexts"
    found = as_array(answer, ignorant.shape, what)
    following = _contexts(order)
    places: list[tuple[int, int]] = []

    def read(rest: list[int], context: int) -> list[int]:
        token, rest = rest[0], rest[1:]
        places.append((context, token))
        for i in range(_ARITY[token]):
            rest = read(rest, int(following[context, token, i]))
        return rest

    for program in programs:
        read(list(program), 0)
    for context in range(len(ignorant)):
        here = [token for where, token in places if where == context]
        wanted = floor * ignorant[context]
        for token in here:
            wanted[token] += 1
        wanted /= len(here) + floor
        gap = np.abs(found[context] - wanted)
        if not (gap < 1e-9).all():
            token = int(np.nanargmax(np.where(np.isnan(gap), np.inf, gap)))
            raise AssertionError(
                f"{what}: context {context}, token {token} has probability "
                f"{found[context, token]:.6g}, expected {wanted[token]:.6g}"
            )


REFIT = Exercise("14.8", "Refit the policy", _refit_instances, _refit_probe, _refit_verify)
