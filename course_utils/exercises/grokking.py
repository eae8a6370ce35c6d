"""What "correct" means in the companion *A network finds the characters of Z/p*."""

import cmath
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.codec import number
from course_utils.exercise import Exercise, as_array, as_float, as_int, brief

Triple = tuple[int, int, int]

# grokking.1 ------------------------------------------------------------------------------------


def shares(column: ArrayLike) -> NDArray[np.float64]:
    """Return the shares of the frequencies 1, 2, ... in columns of length p, sum 1.

    One column (p,) gives shares (p // 2,), a matrix (p, n) shares (p // 2, n).

    >>> shares([1, -0.5, -0.5]).tolist()
    [1.0]
    """
    array = np.asarray(column, float)
    power = np.abs(np.fft.rfft(array, axis=0)[1:]) ** 2
    if len(array) % 2 == 0:
        power[-1] /= 2  # the frequency p / 2 has a cosine and no sine
    return power / power.sum(axis=0)


def _shares_instances(rng: np.random.Generator) -> Iterator[list[float]]:
    yield [1.0, -0.5, -0.5]
    yield [math.cos(4 * math.pi * a / 5) for a in range(5)]
    yield [3.0 + math.sin(2 * math.pi * a / 7) + math.cos(6 * math.pi * a / 7) for a in range(7)]
    for p in (5, 11, 59):
        yield (rng.normal(size=p) + 2).tolist()
    yield rng.integers(-9, 10, 13).astype(float).tolist()


def _shares_probe(shares: Callable[..., Any], column: list[float]) -> Any:
    return shares(np.array(column))


def _shares_verify(column: list[float], answer: Any) -> None:
    """Project on the cosine and the sine of each frequency, and divide by the whole variance."""
    p = len(column)
    what = f"shares of a column of length {p}"
    found = as_array(answer, ((p - 1) // 2,), what)
    assert found.dtype.kind in "iuf", f"{what} returned {brief(answer)}, expected real numbers"
    mean = sum(column) / p
    variance = sum((u - mean) ** 2 for u in column)
    for k in range(1, (p - 1) // 2 + 1):
        cosine = sum(u * math.cos(2 * math.pi * k * a / p) for a, u in enumerate(column))
        sine = sum(u * math.sin(2 * math.pi * k * a / p) for a, u in enumerate(column))
        wanted = 2 / p * (cosine**2 + sine**2) / variance
        assert abs(found[k - 1] - wanted) < 1e-7, (
            f"{what} has {found[k - 1]:.6g} for the frequency {k}, expected {wanted:.6g} of "
            "the variance"
        )


SHARES = Exercise("grokking.1", "Shares", _shares_instances, _shares_probe, _shares_verify)

# grokking.2 ------------------------------------------------------------------------------------


def amplitudes(columns: ArrayLike, k: ArrayLike) -> NDArray[np.complex128]:
    """Return z_j for which Re z_j w^(k_j a) is the projection of column j on its frequency k_j.

    Args:
        columns: shape (p, n), p odd.
        k: shape (n,), integers from 1 to (p-1)/2.

    >>> amplitudes([[1], [-0.5], [-0.5]], [1]).round(9).tolist()
    [(1+0j)]
    """
    array, ks = np.asarray(columns, float), np.asarray(k)
    p = len(array)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(p), ks) / p)  # (p, n)
    return 2 / p * (array * waves).sum(axis=0)


Columns = tuple[NDArray[np.float64], NDArray[np.int64]]


def _amplitudes_instances(rng: np.random.Generator) -> Iterator[Columns]:
    yield np.array([[1.0], [-0.5], [-0.5]]), np.array([1])
    angle = 2 * np.pi * np.arange(5) / 5
    yield np.stack([np.cos(2 * angle), 3 + np.sin(angle)], axis=1), np.array([2, 1])
    for p, n in ((7, 3), (11, 4), (59, 6)):
        yield rng.normal(size=(p, n)) + 1, rng.integers(1, (p + 1) // 2, n)


def _amplitudes_probe(amplitudes: Callable[..., Any], instance: Columns) -> Any:
    return amplitudes(*instance)


def _amplitudes_verify(instance: Columns, answer: Any) -> None:
    """What is left after the wave is taken off has no cosine and no sine of that frequency."""
    columns, ks = instance
    p, n = columns.shape
    what = f"amplitudes of {n} columns of length {p}"
    found = as_array(answer, (n,), what)
    for j in range(n):
        k, z = int(ks[j]), complex(found[j])
        turns = [cmath.exp(2j * math.pi * k * a / p) for a in range(p)]
        rest = [columns[a, j] - (z * turns[a]).real for a in range(p)]
        for name, part in (("cosine", "real"), ("sine", "imag")):
            left = sum(r * getattr(t, part) for r, t in zip(rest, turns, strict=True))
            assert abs(left) < 1e-6, (
                f"{what}: z_{j} = {z:.4g} for the frequency {k}; the column minus Re z w^(ka) is "
                f"not orthogonal to the {name}, their product is {left:.4g}"
            )


AMPLITUDES = Exercise(
    "grokking.2", "Amplitudes", _amplitudes_instances, _amplitudes_probe, _amplitudes_verify
)

# grokking.3 ------------------------------------------------------------------------------------


def terms(x: complex, y: complex, z: complex) -> dict[Triple, complex]:
    """Return coefficients C(r, s, t) with (Re xA + Re yB)^2 Re zC = Re sum C(r, s, t) A^r B^s C^t.

    A, B, C are any numbers of size 1.

    >>> terms(1, 1, 1)[1, 1, -1]
    0.5
    """
    x_, y_, z_ = (v.conjugate() for v in (x, y, z))
    return {
        (0, 0, 1): (x * x_ + y * y_).real * z / 2,
        (2, 0, 1): x * x * z / 4,
        (2, 0, -1): x * x * z_ / 4,
        (0, 2, 1): y * y * z / 4,
        (0, 2, -1): y * y * z_ / 4,
        (1, 1, 1): x * y * z / 2,
        (1, 1, -1): x * y * z_ / 2,
        (1, -1, 1): x * y_ * z / 2,
        (1, -1, -1): x * y_ * z_ / 2,
    }


def _terms_instances(rng: np.random.Generator) -> Iterator[tuple[complex, complex, complex]]:
    yield (1 + 0j, 0j, 1 + 0j)
    yield (1 + 0j, 1 + 0j, 1 + 0j)
    yield (1j, 1 + 0j, 1 + 0j)
    for _ in range(5):
        x, y, z = (complex(*rng.normal(size=2)) for _ in range(3))
        yield x, y, z


def _terms_probe(terms: Callable[..., Any], instance: tuple[complex, complex, complex]) -> Any:
    return terms(*instance)


def _terms_verify(instance: tuple[complex, complex, complex], answer: Any) -> None:
    """Evaluate both sides at seven points of the torus, and the form of the keys."""
    x, y, z = instance
    call = f"terms({x:.3g}, {y:.3g}, {z:.3g})"
    shape = "expected a dictionary (r, s, t) -> coefficient"
    assert isinstance(answer, list | tuple), f"{call} returned {brief(answer)}, {shape}"
    found: dict[Triple, complex] = {}
    for item in answer:
        pair = isinstance(item, list | tuple) and len(item) == 2
        assert pair, f"{call} has {brief(item)}, {shape}"
        key, value = item
        assert isinstance(key, list | tuple), f"{call} has the key {brief(key)}, {shape}"
        assert len(key) == 3, f"{call} has the key {brief(key)}, {shape}"
        r, s, t = (as_int(part, f"{call}: a key") for part in key)
        assert max(abs(r), abs(s), abs(t)) <= 9, f"{call} has the key {(r, s, t)}: too large"
        what = f"{call}[{(r, s, t)}]"
        exact = number(value)
        good = exact is not None and cmath.isfinite(complex(exact))
        assert good, f"{what} is {brief(value)}, expected a complex number"
        found[r, s, t] = complex(exact)
    for step in range(7):
        a, b, c = 0.3 + 1.7 * step, 1.1 + 2.3 * step, 0.2 + 0.9 * step
        wave = [cmath.exp(1j * angle) for angle in (a, b, c)]
        wanted = ((x * wave[0]).real + (y * wave[1]).real) ** 2 * (z * wave[2]).real
        got = sum(
            (v * cmath.exp(1j * (r * a + s * b + t * c))).real for (r, s, t), v in found.items()
        )
        assert abs(got - wanted) < 1e-7 * (1 + abs(wanted)), (
            f"{call}: at the angles a = {a:.1f}, b = {b:.1f}, c = {c:.1f} the terms sum to "
            f"{got:.6g}, and the neuron gives {wanted:.6g}"
        )


TERMS = Exercise("grokking.3", "Nine terms", _terms_instances, _terms_probe, _terms_verify)

# grokking.4 ------------------------------------------------------------------------------------


def smallest_lead(frequencies: Sequence[int], p: int) -> float:
    """Return the least of sum (1 - cos(2 pi k d / p)) over d = 1, ..., p-1.

    >>> round(smallest_lead([1], 4), 9)
    1.0
    """
    d = np.arange(1, p)
    angles = 2 * np.pi * np.outer(np.asarray(frequencies), d) / p  # (frequencies, p - 1)
    return float((1 - np.cos(angles)).sum(axis=0).min())


def _lead_instances(rng: np.random.Generator) -> Iterator[tuple[list[int], int]]:
    yield [1], 3
    yield [1], 7
    yield [2], 7
    yield [2, 3], 5
    yield [3], 9  # a character that forgets: the lead is 0
    for p, count in ((11, 2), (31, 4), (59, 3), (59, 8)):
        yield sorted((rng.choice((p - 1) // 2, count, replace=False) + 1).tolist()), p


def _lead_probe(lead: Callable[..., Any], instance: tuple[list[int], int]) -> Any:
    return lead(*instance)


def _lead_verify(instance: tuple[list[int], int], answer: Any) -> None:
    """Try all wrong answers, one at a time."""
    frequencies, p = instance
    call = f"smallest_lead({frequencies}, {p})"
    found = as_float(answer, call)
    leads = {
        d: sum(1 - math.cos(2 * math.pi * k * d / p) for k in frequencies) for d in range(1, p)
    }
    worst = min(leads, key=leads.__getitem__)
    assert abs(found - leads[worst]) < 1e-7, (
        f"{call} returned {found:.6g}, expected {leads[worst]:.6g}, the lead over the answer that "
        f"is {worst} too large"
    )


LEAD = Exercise("grokking.4", "The smallest lead", _lead_instances, _lead_probe, _lead_verify)

# grokking.5 ------------------------------------------------------------------------------------


def ideal_network(
    p: int, frequencies: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return U, V (p, n) and W (n, p), n = 9 per frequency, with the ideal logits.

    >>> U, V, W = ideal_network(5, [1])
    >>> logits = (U[2] + V[4]) ** 2 @ W  # 2 + 4 = 1 modulo 5
    >>> bool(np.allclose(logits, np.cos(2 * np.pi * (1 - np.arange(5)) / 5)))
    True
    """
    third = 2 * np.pi * np.arange(3) / 3
    k = np.repeat(np.asarray(frequencies), 9)
    alpha = np.tile(np.repeat(third, 3), len(frequencies))
    beta = np.tile(third, 3 * len(frequencies))
    angle = 2 * np.pi * np.outer(np.arange(p), k) / p
    return np.cos(angle + alpha), np.cos(angle + beta), 2 / 9 * np.cos(angle + alpha + beta).T


def _ideal_instances(rng: np.random.Generator) -> Iterator[tuple[int, list[int]]]:
    yield 3, [1]
    yield 5, [2]
    yield 7, [1, 3]
    yield 11, sorted((rng.choice(5, 3, replace=False) + 1).tolist())
    yield 23, sorted((rng.choice(11, 4, replace=False) + 1).tolist())


def _ideal_probe(ideal: Callable[..., Any], instance: tuple[int, list[int]]) -> Any:
    return ideal(*instance)


def _ideal_verify(instance: tuple[int, list[int]], answer: Any) -> None:
    """Evaluate the network at all pairs and all answers."""
    p, frequencies = instance
    call = f"ideal_network({p}, {frequencies})"
    assert isinstance(answer, list | tuple), f"{call} returned {brief(answer)}, expected U, V, W"
    assert len(answer) == 3, f"{call} returned {len(answer)} parts, expected U, V, W"
    U = as_array(answer[0], (p, None), f"U of {call}")
    n = U.shape[1]
    V, W = as_array(answer[1], (p, n), f"V of {call}"), as_array(answer[2], (n, p), f"W of {call}")
    assert all(M.dtype.kind in "iuf" for M in (U, V, W)), f"{call}: the weights must be real"
    assert n <= 9 * len(frequencies), (
        f"{call} has {n} neurons, allowed are {9 * len(frequencies)}: 9 per frequency"
    )
    residues = np.arange(p)
    for a in range(p):
        logits = (U[a] + V) ** 2 @ W  # (p, p): b, c
        gap = (a + residues[:, None] - residues) % p
        wanted = sum(np.cos(2 * np.pi * k * gap / p) for k in frequencies)
        wrong = np.argwhere(~(np.abs(logits - wanted) < 1e-7))
        assert len(wrong) == 0, (
            f"{call}: at a = {a}, b = {wrong[0][0]} the logit of c = {wrong[0][1]} is "
            f"{logits[tuple(wrong[0])]:.6g}, expected {wanted[tuple(wrong[0])]:.6g}"
        )


IDEAL = Exercise("grokking.5", "An ideal network", _ideal_instances, _ideal_probe, _ideal_verify)
