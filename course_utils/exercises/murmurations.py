"""What "correct" means in the companion *Murmurations*."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.exercise import Exercise, as_array, as_float, as_int
from course_utils.maths.modular_forms import hurwitz_class_numbers, signed_trace
from course_utils.maths.number_theory import primes_upto

Curve = tuple[int, int, int, int, int]

# murmurations.1 --------------------------------------------------------------------------------


def frobenius_trace(curve: Curve, p: int) -> int:
    """Return p minus the number of affine solutions modulo p of a Weierstrass equation.

    >>> frobenius_trace((0, 0, 1, -1, 0), 5)
    -2
    """
    a1, a2, a3, a4, a6 = curve
    x = np.arange(p)
    left = (x**2)[:, None] + (a1 * x[:, None] * x) + a3 * x[:, None]  # rows y, columns x
    right = (x**3 + a2 * x**2 + a4 * x + a6) % p
    return p - int(np.count_nonzero((left - right) % p == 0))


def _trace_instances(rng: np.random.Generator) -> Iterator[tuple[Curve, int]]:
    yield (0, 0, 1, -1, 0), 2
    yield (0, 0, 1, -1, 0), 5
    yield (0, -1, 1, -10, -20), 3
    yield (0, -1, 1, -10, -20), 11
    for p in (5, 13, 31, 47):
        curve = rng.integers(-9, 10, 5)
        yield tuple(curve.tolist()), p


def _trace_probe(frobenius_trace: Callable[..., Any], item: tuple[Curve, int]) -> Any:
    return frobenius_trace(*item)


def _trace_verify(item: tuple[Curve, int], answer: Any) -> None:
    curve, p = item
    a1, a2, a3, a4, a6 = curve
    solutions = sum(
        (y * y + a1 * x * y + a3 * y - x**3 - a2 * x * x - a4 * x - a6) % p == 0
        for x in range(p)
        for y in range(p)
    )
    call = f"frobenius_trace({curve}, {p})"
    value = as_int(answer, call)
    assert value == p - solutions, (
        f"{call} returned {value}, expected {p - solutions}: there are {solutions} solutions "
        f"modulo {p}, and the point at infinity cancels the 1 of p + 1"
    )


TRACE = Exercise("murmurations.1", "Counting points", _trace_instances, _trace_probe, _trace_verify)

# murmurations.2 --------------------------------------------------------------------------------


def weighted_forms(n: int) -> int:
    """Return 12 H(n) by listing the reduced forms of discriminant -n, n > 0.

    >>> [weighted_forms(n) for n in (3, 4, 7, 23)]
    [4, 6, 12, 36]
    """
    total, a = 0, 1
    while 3 * a * a <= n:
        for b in range(a + 1):
            c, rest = divmod(n + b * b, 4 * a)
            if rest or c < a:
                continue
            if a == c:
                total += 4 if b == a else 6 if b == 0 else 12
            else:
                total += 12 if b in (0, a) else 24
        a += 1
    return total


def _forms_instances(rng: np.random.Generator) -> Iterator[int]:
    yield from (3, 4, 7, 12, 16, 23, 27)
    yield from (88, 5, 6, 75)
    yield from (int(n) for n in rng.integers(100, 400, 6))
    yield from (4 * int(k) ** 2 for k in rng.integers(3, 9, 2))
    yield from (3 * int(k) ** 2 for k in rng.integers(3, 9, 2))


def _forms_probe(weighted_forms: Callable[[int], Any], n: int) -> Any:
    return weighted_forms(n)


def _forms_verify(n: int, answer: Any) -> None:
    value, expected = as_int(answer, f"weighted_forms({n})"), int(hurwitz_class_numbers(n)[n])
    assert value == expected, (
        f"weighted_forms({n}) returned {value}, expected {expected}, which is 12 H({n}): list the "
        f"forms (a, b, c) with b² - 4ac = -{n} and compare"
    )


FORMS = Exercise("murmurations.2", "Reduced forms", _forms_instances, _forms_probe, _forms_verify)

# murmurations.3 --------------------------------------------------------------------------------


def trace_from_classes(level: int, p: int, twelve_h: np.ndarray) -> int:
    """Return Σ ε(f) a_f(p) over the newforms of square-free level > 1 from a table of 12 H.

    >>> trace_from_classes(11, 2, hurwitz_class_numbers(88))
    -2
    """
    total = int(twelve_h[4 * p * level])
    t = 1
    while t * t * level <= 4 * p:
        total += 2 * int(twelve_h[4 * p * level - (t * level) ** 2])
        t += 1
    return total // 24 - (p + 1)


def _sum_instances(rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    yield from ((11, 2), (11, 3), (37, 2), (14, 5), (2, 3), (3, 7))
    primes = primes_upto(60).tolist()
    for level in (15, 30, 35, 37, 5, 6):
        good = [p for p in primes if level % p]
        yield level, good[int(rng.integers(len(good)))]


def _sum_probe(trace: Callable[..., Any], item: tuple[int, int]) -> Any:
    level, p = item
    return trace(level, p, hurwitz_class_numbers(4 * p * level))


def _sum_verify(item: tuple[int, int], answer: Any) -> None:
    level, p = item
    call = f"trace_from_classes({level}, {p}, …)"
    value, expected = as_int(answer, call), signed_trace(level, p)
    assert value == expected, f"{call} returned {value}, expected {expected}"


SUM = Exercise("murmurations.3", "The sum over newforms", _sum_instances, _sum_probe, _sum_verify)

# murmurations.4 --------------------------------------------------------------------------------


def best_signs(averages: np.ndarray, traces: np.ndarray, primes: np.ndarray) -> np.ndarray:
    """Return Σ_p m_p a_p / p for each row: twice its sum is about the log odds of ε = 1 to -1.

    >>> best_signs(np.array([1.0, -1.0]), np.array([[2, 1], [-1, 3]]), np.array([2, 5]))
    array([ 0.8, -1.1])
    """
    return (np.asarray(averages) * traces / primes).sum(axis=-1)


def _signs_instances(rng: np.random.Generator) -> Iterator[tuple[Any, Any, Any]]:
    primes = primes_upto(40)
    for rows, shape in ((1, (2,)), (3, (2,)), (4, (4, 12)), (6, (6, 12))):
        k = shape[-1]
        traces = rng.integers(-4, 5, (rows, k))
        yield rng.normal(size=shape).round(3), traces, primes[:k]


def _signs_probe(score: Callable[..., Any], item: tuple[Any, Any, Any]) -> Any:
    return score(*item)


def _signs_verify(item: tuple[Any, Any, Any], answer: Any) -> None:
    averages, traces, primes = item
    scores = as_array(answer, (len(traces),), "the scores")
    table = np.broadcast_to(averages, traces.shape)
    for row in range(len(traces)):
        terms = zip(table[row].tolist(), traces[row].tolist(), primes.tolist(), strict=True)
        expected = sum(m * a / p for m, a, p in terms)
        value = as_float(scores[row], f"score {row}")
        assert abs(value - expected) < 1e-4 * (1 + abs(expected)), (
            f"score {row} is {value:.4f}, expected {expected:.4f} for the averages "
            f"{table[row].tolist()}, traces {traces[row].tolist()}, primes {primes.tolist()}"
        )


SIGNS = Exercise(
    "murmurations.4", "The best weights", _signs_instances, _signs_probe, _signs_verify
)
