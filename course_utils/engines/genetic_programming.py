"""Genetic programming: a population of formulas that is selected, mutated and crossed.

A formula is an array of tokens in prefix order (an operator before its arguments). A stack machine
reads it from the right and works on all data points at once, so nothing recurses. With `constants`
the summands at the top of a formula get coefficients, and there is an intercept, by least squares.

Sources: J. Koza, Genetic Programming, 1992; M. Keijzer, EuroGP 2003 (linear scaling).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from course_utils.maths.expression_bank import Tree
from course_utils.maths.formulas import Formula

TOKENS = ("1", "x", "y", "+", "-", "*", "/", "sin", "cos", "exp", "log")

_PLUS, _MINUS, _TIMES, _OVER, _SIN, _COS, _EXP, _LOG = range(3, 11)


class Evolved(NamedTuple):
    """A sum of formulas with coefficients: coefficients[0] + Σ coefficients[i + 1] · terms[i]."""

    terms: list[Formula]
    coefficients: NDArray[np.float64]
    size: int  # tokens, coefficients not counted
    error: float  # mean squared error on the data, divided by the variance of y

    def __call__(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the values at the rows of X (n, d), shape (n,)."""
        values = (c * term(X) for c, term in zip(self.coefficients[1:], self.terms, strict=True))
        return self.coefficients[0] + sum(values)

    def __str__(self) -> str:
        if len(self.terms) == 1 and self.coefficients.tolist() == [0, 1]:
            return str(self.terms[0])
        parts = zip(self.coefficients[1:], self.terms, strict=True)
        return f"{self.coefficients[0]:.4g}" + "".join(f" {c:+.4g} * ({t})" for c, t in parts)


class Run(NamedTuple):
    """What an evolution has found: the best formula of each size, and its cost."""

    front: list[Evolved]  # by size; each fits better than all that are shorter
    evaluated: int  # formulas whose error was computed


def evolve(
    X: ArrayLike,
    y: ArrayLike,
    rng: np.random.Generator,
    *,
    evaluations: int = 2_000_000,
    population: int = 2000,
    age: int = 50,
    constants: bool = False,
) -> Run:
    """Breed formulas for y in the columns of X and return the best of every size.

    Args:
        X: shape (n, 1) or (n, 2).
        y: shape (n,), not constant.
        rng: source of all randomness.
        evaluations: at most so many formulas are evaluated (population at least).
        population: formulas alive at once, >= 2.
        age: generations after which a new random population begins, >= 1.
        constants: summands get coefficients and an intercept by least squares.

    Raises:
        ValueError: an argument that is not as described; NaN or infinity in the data.

    Introduced in week 14.

    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> run = evolve(x, x[:, 0] ** 3 + x[:, 0], np.random.default_rng(0), evaluations=100_000)
    >>> bool(run.front[-1].error < 1e-20)
    True
    """
    points, values = np.asarray(X, np.float64), np.asarray(y, np.float64)
    if points.ndim != 2 or points.shape[1] not in (1, 2) or not np.isfinite(points).all():
        raise ValueError(f"X must be finite of shape (n, 1) or (n, 2), got {points.shape}")
    if values.shape != points.shape[:1] or not np.isfinite(values).all():
        raise ValueError(f"y must be finite of shape ({len(points)},), got {values.shape}")
    if len(values) < 2 or np.ptp(values) == 0:
        raise ValueError(f"y must not be constant, got {values[:1]} everywhere")
    if population < 2:
        raise ValueError(f"population must be >= 2, got {population}")
    if age < 1:
        raise ValueError(f"age must be >= 1, got {age}")
    columns, draw = np.ascontiguousarray(points.T), int(rng.integers(1, 2**63))
    target, settings = values - constants * values.mean(), (evaluations, population, age)
    trees, errors, count = _breed(columns, target, np.uint64(draw), *settings, constants)
    front: list[Evolved] = []
    for size in np.flatnonzero(np.minimum.accumulate(errors) == errors).tolist():
        if np.isfinite(errors[size]) and errors[size] < errors[:size].min(initial=np.inf):
            front.append(_evolved(trees[size, :size].tolist(), points, values, constants))
    return Run(front, int(count))


def _evolved(
    tokens: list[int], X: NDArray[np.float64], y: NDArray[np.float64], constants: bool
) -> Evolved:
    """Turn tokens into formulas, and fit the coefficients anew by orthogonal factorisation."""
    rest = tokens[::-1]
    if not constants:
        terms, coefficients = [Formula(_tree(rest), X.shape[1])], np.array([0.0, 1.0])
        fitted = terms[0](X)
    else:
        terms = []
        while rest:
            if rest[-1] in (_PLUS, _MINUS):
                rest.pop()
            else:
                terms.append(Formula(_tree(rest), X.shape[1]))
        design = np.stack([np.ones(len(y)), *(term(X) for term in terms)], axis=1)
        coefficients = np.linalg.lstsq(design, y, rcond=None)[0]
        fitted = design @ coefficients
    return Evolved(terms, coefficients, len(tokens), float(np.mean((fitted - y) ** 2) / np.var(y)))


def _tree(rest: list[int]) -> Tree:
    """Read one expression from the end of `rest`, which loses it."""
    token = rest.pop()
    arity = 0 if token < _PLUS else 1 if token >= _SIN else 2
    return (TOKENS[token], *(_tree(rest) for _ in range(arity)))


@njit(cache=True)
def _random(state):
    """Xorshift: a number in [0, 1) from a state (1,) of 64 bits, which moves on."""
    s = state[0]
    s ^= s << np.uint64(13)
    s ^= s >> np.uint64(7)
    s ^= s << np.uint64(17)
    state[0] = s
    return (s >> np.uint64(11)) * 1.1102230246251565e-16


@njit(cache=True)
def _arity(token):
    return 0 if token < 3 else (2 if token < 7 else 1)


@njit(cache=True)
def _end(tree, start):
    """Return where the subtree that begins at `start` ends."""
    need, i = 1, start
    while need > 0:
        need += _arity(tree[i]) - 1
        i += 1
    return i


@njit(cache=True)
def _grow(tree, start, room, dimension, state):
    """Write a random subtree of at most `room` tokens at `start`; return its end."""
    need, i = 1, start
    while need > 0:
        kind, token = _random(state), 0
        free = room - (i - start) - need
        if kind < 0.35 and free >= 2:
            token = 3 + int(4 * _random(state))
        elif kind < 0.5 and free >= 1:
            token = 7 + int(4 * _random(state))
        else:
            token = int((1 + dimension) * _random(state))
        tree[i] = token
        need += _arity(token) - 1
        i += 1
    return i


@njit(cache=True, error_model="numpy")
def _run(tree, size, X, stack, constants):
    """Run the stack machine; return how many rows of the stack are the formula's summands."""
    n, depth, outer = X.shape[1], 0, 0
    if constants:  # summands begin after the leading + and −, and after one another
        top = np.zeros(size, np.bool_)
        while outer < size:
            if tree[outer] == 3 or tree[outer] == 4:
                top[outer] = True
                outer += 1
            else:
                outer = _end(tree, outer)
    for i in range(size - 1, -1, -1):
        token = tree[i]
        if constants and top[i]:
            continue
        if token < 3:
            for p in range(n):
                stack[depth, p] = 1.0 if token == 0 else X[token - 1, p]
            depth += 1
        elif token < 7:
            depth -= 1
            for p in range(n):
                a, b = stack[depth, p], stack[depth - 1, p]
                if token == 3:
                    a += b
                elif token == 4:
                    a -= b
                elif token == 5:
                    a *= b
                else:
                    a /= b
                stack[depth - 1, p] = a
        else:
            for p in range(n):
                a = stack[depth - 1, p]
                if token == 7:
                    a = np.sin(a)
                elif token == 8:
                    a = np.cos(a)
                elif token == 9:
                    a = np.exp(a)
                else:
                    a = np.log(a)
                stack[depth - 1, p] = a
    return depth


@njit(cache=True)
def _dot(a, b):
    total = 0.0
    for p in range(len(a)):
        total += a[p] * b[p]
    return total


@njit(cache=True, error_model="numpy")
def _error(terms, k, y, rest, constants):
    """Return the squared error over the points; infinite where a value is not finite.

    With constants, y has mean 0, and a summand that the others make superfluous counts as infinite.
    """
    for p in range(len(y)):
        rest[p] = y[p] if constants else y[p] - terms[0, p]
    for i in range(k if constants else 0):  # Gram–Schmidt: what no summand explains
        new = terms[i]
        mean = new.mean()
        for p in range(len(y)):
            new[p] -= mean
        before = _dot(new, new)
        if k > 6 or not before < 1e16:  # drops NaN, too
            return np.inf
        for j in range(i):
            part = _dot(new, terms[j])
            for p in range(len(y)):
                new[p] -= part * terms[j, p]
        length = np.sqrt(_dot(new, new))
        if length <= 1e-9 * np.sqrt(before) or length < 1e-10:
            return np.inf
        part = _dot(rest, new) / length
        for p in range(len(y)):
            new[p] /= length
            rest[p] -= part * new[p]
    error = _dot(rest, rest)
    return error if np.isfinite(error) else np.inf


@njit(cache=True)
def _pick(errors, sizes, state):
    """Return the winner of a tournament of five: the least error, then the shortest."""
    best = int(len(errors) * _random(state))
    for _ in range(4):
        other = int(len(errors) * _random(state))
        if errors[other] < errors[best] or (
            errors[other] == errors[best] and sizes[other] < sizes[best]
        ):
            best = other
    return best


@njit(cache=True)
def _child(child, mother, father, size, dimension, state):
    """Write a child: a subtree of the mother gives way to one of the father's or a random one."""
    start = int(size * _random(state))
    end, kind = _end(mother, start), _random(state)
    child[:start] = mother[:start]
    if kind < 0.85:
        a = int(_end(father, 0) * _random(state))
        b = _end(father, a)
        if size - (end - start) + (b - a) > 30:
            child[:size] = mother[:size]
            return size
        child[start : start + b - a] = father[a:b]
        stop = start + b - a
    else:
        stop = _grow(child, start, min(8, 30 - size + end - start), dimension, state)
    child[stop : stop + size - end] = mother[end:size]
    return stop + size - end


@njit(cache=True)
def _breed(X, y, seed, evaluations, population, age, constants):
    """Return the best tree of each size (row 0 unused), their errors, and the evaluations."""
    dimension, n = X.shape
    state, stack, rest = np.array([seed], np.uint64), np.empty((32, n)), np.empty(n)
    perfect = 1e-24 * _dot(y - y.mean(), y - y.mean())
    old, new = np.zeros((population, 31), np.int8), np.zeros((population, 31), np.int8)
    old_sizes, sizes = np.zeros(population, np.int64), np.zeros(population, np.int64)
    old_errors, errors = np.full(population, np.inf), np.full(population, np.inf)
    best, best_errors = np.zeros((31, 31), np.int8), np.full(31, np.inf)
    count, generation = 0, 0
    while (count + population <= evaluations or count == 0) and best_errors.min() > perfect:
        for i in range(population):
            if generation % age == 0:
                sizes[i] = _grow(new[i], 0, 12, dimension, state)
            elif i == 0:
                j = np.argmin(old_errors)
                new[0], sizes[0] = old[j], old_sizes[j]
            else:
                a, b = _pick(old_errors, old_sizes, state), _pick(old_errors, old_sizes, state)
                sizes[i] = _child(new[i], old[a], old[b], old_sizes[a], dimension, state)
            depth = _run(new[i], sizes[i], X, stack, constants)
            errors[i] = _error(stack, depth, y, rest, constants)
            if errors[i] < best_errors[sizes[i]]:
                best_errors[sizes[i]] = errors[i]
                best[sizes[i]] = new[i]
        count += population
        generation += 1
        old, new = new, old
        old_sizes, sizes = sizes, old_sizes
        old_errors, errors = errors, old_errors
    return best, best_errors, count
