"""What "correct" means in the companion *Playing with parity*: exact counts on the cube."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_array, as_float


def cube(n: int) -> NDArray[np.float64]:
    """Return the vertices of {1, -1}^n, shape (2**n, n): entry j of row i is -1 iff bit j of i is.

    >>> cube(2).tolist()
    [[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]]
    """
    return 1.0 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)


# parity.1 --------------------------------------------------------------------------------------


def split_cube(
    n: int, fraction: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the 2**n rows of the cube at random: round(fraction 2**n) to train, the rest to test.

    Raises:
        ValueError: a side of the split is empty.
    """
    seen = round(fraction * 2**n)
    if not 0 < seen < 2**n:
        raise ValueError(f"fraction must leave both sides non-empty, got {fraction} for n={n}")
    order = rng.permutation(2**n)
    return order[:seen], order[seen:]


def _split_instances(rng: np.random.Generator) -> Iterator[tuple[int, float, int]]:
    yield 2, 0.5, 0
    yield 3, 1.0, 0
    yield 3, 0.0, 0
    for n in (6, 8, 10):
        for fraction in (0.25, 0.5, 0.9):
            yield n, fraction, int(rng.integers(2**31))


def _split_probe(split: Callable[..., Any], instance: tuple[int, float, int]) -> list[Any]:
    n, fraction, seed = instance
    answers: list[Any] = []
    for s in (seed, seed + 1):
        try:
            train, test = split(n, fraction, np.random.default_rng(s))
            answers.append([train, test])
        except ValueError:
            answers.append("ValueError")
    return answers


def _split_verify(instance: tuple[int, float, int], answer: list[Any]) -> None:
    """A split is a partition of the rows with the promised size, and follows the generator."""
    n, fraction, _ = instance
    call = f"split_cube({n}, {fraction}, rng)"
    assert isinstance(answer, list), f"{call}: expected two arrays"
    assert len(answer) == 2, f"{call}: expected two arrays"
    if fraction in (0.0, 1.0):
        assert answer == ["ValueError"] * 2, f"{call} must raise ValueError: one side is empty"
        return
    splits = []
    for pair in answer:
        assert pair != "ValueError", f"{call} raised ValueError"
        train = as_array(pair[0], (None,), f"train of {call}").tolist()
        test = as_array(pair[1], (None,), f"test of {call}").tolist()
        both = set(train) & set(test)
        assert not both, f"{call}: row {min(both)} is in train and in test"
        for name, rows in (("train", train), ("test", test)):
            assert len(set(rows)) == len(rows), f"{call}: a row occurs twice in {name}"
        assert set(train) | set(test) == set(range(2**n)), (
            f"{call}: train and test together must be the rows 0 … {2**n - 1}"
        )
        size = round(fraction * 2**n)
        assert len(train) == size, f"{call}: {len(train)} rows to train, expected {size}"
        splits.append(frozenset(train))
    if n >= 6:
        assert splits[0] != splits[1], f"{call}: two generators gave the same split"
        assert splits[0] != frozenset(range(len(splits[0]))), f"{call}: the rows are not shuffled"


SPLIT = Exercise(
    "parity.1", "Split the cube without a leak", _split_instances, _split_probe, _split_verify
)


# parity.2 --------------------------------------------------------------------------------------


def parity_weights(
    n: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """Return W (n, n), b (n,), a (n,), c with relu(x W + b) a + c = 1 if x has odd parity, else 0.

    The number k of entries -1 is (n - sum x) / 2, and on integers 0 <= k <= n
    k mod 2 = k - 2 relu(k - 1) + 2 relu(k - 2) - …
    """
    steps = np.arange(n)
    W = np.full((n, n), -0.5)
    b = n / 2 - steps
    a = np.where(steps == 0, 1.0, 2.0 * (-1.0) ** steps)
    return W, b, a, 0.0


def _weights_instances(rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    for n in (1, 2, 3, 8):
        yield n, 0
    for n in sorted(rng.integers(12, 40, 3).tolist()):
        yield n, int(rng.integers(2**31))


def _weights_probe(weights: Callable[[int], Any], instance: tuple[int, int]) -> Any:
    return list(weights(instance[0]))


def _weights_verify(instance: tuple[int, int], answer: Any) -> None:
    """The network is evaluated on the whole cube, for large n on random and extreme vertices."""
    n, seed = instance
    call = f"parity_weights({n})"
    assert isinstance(answer, list | tuple), f"{call}: expected W, b, a, c"
    assert len(answer) == 4, f"{call}: expected W, b, a, c"
    W = as_array(answer[0], (n, None), f"W of {call}")
    h = W.shape[1]
    assert h <= 2 * n, f"{call} uses {h} hidden units, at most {2 * n} are allowed"
    b, a = (as_array(v, (h,), f"{s} of {call}") for s, v in zip("ba", answer[1:3], strict=True))
    c = as_float(answer[3], f"c of {call}")
    if n <= 10:
        X = cube(n)
    else:
        random = np.random.default_rng(seed).choice([1.0, -1.0], (500, n))
        X = np.concatenate([np.ones((1, n)), 1 - 2 * np.tri(n), random])
    for x, value in zip(X, np.maximum(X @ W + b, 0) @ a + c, strict=True):
        minus = int((x < 0).sum())
        assert abs(value - minus % 2) < 1e-6, (
            f"{call}: at a vertex with {minus} entries -1 the network says {value:.4g}, "
            f"expected {minus % 2}"
        )


WEIGHTS = Exercise(
    "parity.2", "A network that is parity", _weights_instances, _weights_probe, _weights_verify
)


# parity.3 --------------------------------------------------------------------------------------


def noise_sensitivity(values: NDArray[np.float64], p: float) -> float:
    """Return P(f(x) != f(y)): x a uniform vertex, y = x with each sign changed with probability p.

    `values` (2**n,) holds f = ±1 at the rows of `cube(n)`. The average of f over y is taken one
    coordinate at a time.
    """
    size = len(values)
    average = np.asarray(values, float)
    for j in range(size.bit_length() - 1):
        average = (1 - p) * average + p * average[np.arange(size) ^ (1 << j)]
    return float((1 - np.mean(values * average)) / 2)


def _noise_instances(rng: np.random.Generator) -> Iterator[tuple[NDArray[np.float64], float]]:
    yield np.array([1.0, -1.0]), 0.25
    yield cube(2).prod(axis=1), 0.25
    yield np.ones(8), 0.5
    yield np.sign(cube(5).sum(axis=1)), 0.1
    yield cube(6).prod(axis=1), 0.1
    for n in (3, 4, 6, 8):
        yield rng.choice([1.0, -1.0], 2**n), float(rng.uniform(0.02, 0.48))


def _noise_probe(noise: Callable[..., Any], instance: tuple[NDArray[np.float64], float]) -> Any:
    return noise(*instance)


def _noise_verify(instance: tuple[NDArray[np.float64], float], answer: Any) -> None:
    """Fourier side: 1/2 - 1/2 sum over S of (1 - 2p)^|S| times the squared coefficient at S."""
    values, p = instance
    n = len(values).bit_length() - 1
    coefficients = np.array([np.mean(values * cube(n)[:, s].prod(axis=1)) for s in _subsets(n)])
    sizes = np.array([len(s) for s in _subsets(n)])
    expected = float((1 - ((1 - 2 * p) ** sizes * coefficients**2).sum()) / 2)
    what = f"noise_sensitivity of a function of {n} signs at p = {p:.3g}"
    value = as_float(answer, what)
    assert abs(value - expected) < 1e-9, f"{what}: {value:.6g}, expected {expected:.6g}"


def _subsets(n: int) -> list[list[int]]:
    return [[j for j in range(n) if mask >> j & 1] for mask in range(2**n)]


NOISE = Exercise(
    "parity.3", "Noise sensitivity, exactly", _noise_instances, _noise_probe, _noise_verify
)
