"""What "correct" means in the companion *A technical history of AlphaZero*."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.exercise import Exercise, as_array, as_float, as_int

# alphazero.1 -----------------------------------------------------------------------------------


def ucb(counts: list[int], means: list[float]) -> int:
    """Return an arm never tried, else the one with the largest mean + sqrt(2 ln t / n).

    >>> ucb([3, 0, 5], [0.9, 0.0, 0.1]), ucb([10, 2], [0.5, 0.4])
    (1, 1)
    """
    if 0 in counts:
        return counts.index(0)
    t = sum(counts)
    bounds = [m + math.sqrt(2 * math.log(t) / n) for n, m in zip(counts, means, strict=True)]
    return bounds.index(max(bounds))


def _ucb_instances(rng: np.random.Generator) -> Iterator[tuple[list[int], list[float]]]:
    yield [0, 0], [0.0, 0.0]
    yield [4, 0, 7], [0.9, 0.0, 0.2]
    yield [10, 2], [0.5, 0.4]
    yield [1000, 1000], [0.5, 0.6]
    yield [20, 5], [0.9, 0.4]  # here the factor 2 decides
    yield [1, 2], [0.3, 0.76]  # and here t, which is 3 and not 4
    for _ in range(3):  # a neglected arm whose turn comes because t has grown
        yield [int(rng.integers(380, 420)), int(rng.integers(18, 23))], [0.6, 0.3]
    for arms in (2, 3, 5, 8, 8, 8):
        counts = rng.integers(1, 300, arms)
        yield counts.tolist(), rng.random(arms).round(3).tolist()


def _ucb_probe(ucb: Callable[..., Any], instance: tuple[list[int], list[float]]) -> Any:
    return ucb(*instance)


def _ucb_verify(instance: tuple[list[int], list[float]], answer: Any) -> None:
    """No arm has a larger upper bound; arms never tried come first."""
    counts, means = instance
    call = f"ucb({counts}, {means})"
    k = as_int(answer, call)
    assert 0 <= k < len(counts), f"{call} returned {k}: there are {len(counts)} arms"
    if 0 in counts:
        assert counts[k] == 0, f"{call} returned {k}, but arm {counts.index(0)} was never tried"
        return
    t = sum(counts)
    bounds = [m + math.sqrt(2 * math.log(t) / n) for n, m in zip(counts, means, strict=True)]
    best = max(range(len(counts)), key=bounds.__getitem__)
    assert bounds[k] >= bounds[best] - 1e-9, (
        f"{call} returned {k} with the bound {bounds[k]:.4f}; arm {best} has {bounds[best]:.4f}"
    )


UCB = Exercise("alphazero.1", "Which arm?", _ucb_instances, _ucb_probe, _ucb_verify)


# alphazero.2 -----------------------------------------------------------------------------------


def back_up(
    visits: list[list[int]], totals: list[list[float]], path: list[tuple[int, int]], value: float
) -> None:
    """Add a leaf's value (for the player to move there) to all moves of a path, in place.

    >>> visits, totals = [[0, 0], [0, 0]], [[0.0, 0.0], [0.0, 0.0]]
    >>> back_up(visits, totals, [(0, 1), (1, 0)], 0.25)
    >>> visits, totals
    ([[0, 1], [1, 0]], [[0.0, 0.25], [-0.25, 0.0]])
    """
    for node, move in reversed(path):
        value = -value
        visits[node][move] += 1
        totals[node][move] += value


Walks = list[tuple[list[tuple[int, int]], float]]


def _backup_instances(rng: np.random.Generator) -> Iterator[Walks]:
    yield [([(0, 1)], 1.0)]
    yield [([(0, 1), (1, 0)], 0.25)]
    yield [([(0, 0), (1, 2), (2, 1)], -1.0), ([(0, 0), (1, 2)], 0.5), ([(0, 1)], 0.0)]
    for length in (4, 5, 7, 9):
        walks = []
        for _ in range(12):
            depth = int(rng.integers(1, length + 1))
            path = [(node, int(rng.integers(3))) for node in range(depth)]
            walks.append((path, float(rng.integers(-4, 5)) / 4))
        yield walks


def _backup_probe(back_up: Callable[..., Any], walks: Walks) -> Any:
    visits, totals = [[0] * 3 for _ in range(10)], [[0.0] * 3 for _ in range(10)]
    for path, value in walks:
        back_up(visits, totals, list(path), value)
    return [visits, totals]


def _backup_verify(walks: Walks, answer: Any) -> None:
    """An edge j plies above a leaf of value v receives v if j is even, else -v; each path once."""
    assert isinstance(answer, list), "visits and totals were lost"
    assert len(answer) == 2, "visits and totals were lost"
    visits = as_array(answer[0], (10, 3), "visits")
    totals = as_array(answer[1], (10, 3), "totals")
    count, sums = np.zeros((10, 3)), np.zeros((10, 3))
    for path, value in walks:
        for k, (node, move) in enumerate(path):
            count[node, move] += 1
            sums[node, move] += value if (len(path) - k) % 2 == 0 else -value
    what = f"after the paths and values {walks[:3]}{' …' if len(walks) > 3 else ''}"
    for node, move in np.ndindex(10, 3):
        v, n = visits[node, move], count[node, move]
        assert v == n, f"{what}: move {move} of node {node} has {v} visits, expected {n:.0f}"
        t, s = totals[node, move], sums[node, move]
        assert abs(t - s) < 1e-9, (
            f"{what}: move {move} of node {node} has the total {t}, expected {s}; "
            "the leaf's value is for the player to move at the leaf"
        )


BACK_UP = Exercise(
    "alphazero.2", "The way back, with its signs", _backup_instances, _backup_probe, _backup_verify
)


# alphazero.3 -----------------------------------------------------------------------------------


def puct(priors: list[float], visits: list[int], totals: list[float], c: float) -> int:
    """Return the first move of largest Q + c P sqrt(N) / (1 + n): N = 1 + sum of n, Q = 0 untried.

    >>> puct([0.7, 0.3], [0, 0], [0.0, 0.0], 1.5), puct([0.7, 0.3], [3, 0], [-1.5, 0.0], 1.5)
    (0, 1)
    """
    root = math.sqrt(1 + sum(visits))
    scores = []
    for p, n, total in zip(priors, visits, totals, strict=True):
        mean = total / n if n else 0.0
        scores.append(mean + c * p * root / (1 + n))
    return scores.index(max(scores))


def _puct_instances(rng: np.random.Generator) -> Iterator[tuple[list, list, list, float]]:
    yield [0.7, 0.3], [0, 0], [0.0, 0.0], 1.5
    yield [0.5, 0.5], [0, 0], [0.0, 0.0], 1.5
    yield [0.3, 0.7], [0, 0], [0.0, 0.0], 1.5
    yield [0.2, 0.8], [1, 0], [0.9, 0.0], 1.0
    yield [0.9, 0.1], [3, 0], [-1.5, 0.0], 1.5
    yield [0.25, 0.5, 0.25], [2, 2, 2], [1.0, -2.0, 1.0], 1.0
    yield [1.0], [7], [-7.0], 1.0
    for moves in (2, 3, 5, 5, 7, 7, 7, 7):
        priors = rng.dirichlet(np.ones(moves))
        visits = rng.integers(0, 30, moves) * (rng.random(moves) < 0.8)
        totals = visits * rng.uniform(-1, 1, moves)
        yield priors.tolist(), visits.tolist(), totals.tolist(), float(rng.uniform(0.2, 3))


def _puct_probe(puct: Callable[..., Any], instance: tuple[list, list, list, float]) -> Any:
    return puct(*instance)


def _puct_verify(instance: tuple[list, list, list, float], answer: Any) -> None:
    """No move has a larger score, and no move before it is equal in all three numbers."""
    priors, visits, totals, c = instance
    call = f"puct({[round(p, 3) for p in priors]}, {visits}, …, {c:.3g})"
    k = as_int(answer, call)
    assert 0 <= k < len(priors), f"{call} returned {k}: there are {len(priors)} moves"
    root = math.sqrt(1 + sum(visits))
    scores = [
        (total / n if n else 0.0) + c * p * root / (1 + n)
        for p, n, total in zip(priors, visits, totals, strict=True)
    ]
    best = max(range(len(scores)), key=scores.__getitem__)
    assert scores[k] >= scores[best] - 1e-9, (
        f"{call} returned {k} with the score {scores[k]:.4f}; move {best} has {scores[best]:.4f}"
    )
    same = [j for j in range(k) if (priors[j], visits[j], totals[j]) ==
            (priors[k], visits[k], totals[k])]  # fmt: skip
    assert not same, f"{call} returned {k}, but move {same[:1]} before it has the same score"


PUCT = Exercise("alphazero.3", "The rule PUCT", _puct_instances, _puct_probe, _puct_verify)


# alphazero.4 -----------------------------------------------------------------------------------


def results_for_movers(plies: int, last: int) -> list[int]:
    """Return the game's result for the player who moved at ply 0, 1, …, plies - 1.

    `last` is the result for the player whose turn it would be after the last ply.

    >>> results_for_movers(3, -1), results_for_movers(2, 0)
    ([1, -1, 1], [0, 0])
    """
    return [last * (-1) ** (plies - k) for k in range(plies)]


def _results_instances(rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    yield from [(1, -1), (2, -1), (3, -1), (4, 0)]
    for plies in rng.integers(5, 40, 6).tolist():
        yield plies, int(rng.integers(-1, 2))


def _results_probe(results: Callable[..., Any], instance: tuple[int, int]) -> Any:
    return results(*instance)


def _results_verify(instance: tuple[int, int], answer: Any) -> None:
    """The last mover has minus the result of the player after him, and neighbours are opposite."""
    plies, last = instance
    call = f"results_for_movers({plies}, {last})"
    values = as_array(answer, (plies,), call).tolist()
    assert values[-1] == -last, (
        f"{call} gives the last mover {values[-1]}, expected {-last}: "
        f"the player after him has {last}"
    )
    for k in range(plies - 1):
        assert values[k] == -values[k + 1], (
            f"{call} gives {values[k]} at ply {k} and {values[k + 1]} at ply {k + 1}: "
            "what one player wins, the other loses"
        )


RESULTS = Exercise(
    "alphazero.4", "Whose result?", _results_instances, _results_probe, _results_verify
)


# alphazero.5 -----------------------------------------------------------------------------------


def improved_policy(
    logits: list[float], visits: list[int], totals: list[float], value: float, weight: float
) -> list[float]:
    """Return softmax(logits + weight q): q the mean result of a move, `value` for untried ones.

    >>> improved_policy([0.0, 0.0], [1, 0], [0.5, 0.0], 0.5, 3.0)
    [0.5, 0.5]
    """
    q = [total / n if n else value for n, total in zip(visits, totals, strict=True)]
    raised = np.array(logits) + weight * np.array(q)
    powers = np.exp(raised - raised.max())
    return (powers / powers.sum()).tolist()


Node = tuple[list[float], list[int], list[float], float, float]


def _improved_instances(rng: np.random.Generator) -> Iterator[Node]:
    yield [0.0, 0.0], [1, 1], [1.0, -1.0], 0.0, 1.0
    yield [0.0, 0.0], [2, 0], [1.0, 0.0], 0.5, 3.0
    yield [1000.0, 999.0], [1, 1], [0.0, 0.5], 0.0, 2.0
    for moves in (3, 5, 5, 7, 7):
        visits = rng.integers(0, 12, moves) * (rng.random(moves) < 0.7)
        totals = visits * rng.uniform(-1, 1, moves)
        value, weight = rng.uniform(-1, 1), rng.uniform(0.5, 8)
        logits = rng.normal(0, 2, moves).tolist()
        yield logits, visits.tolist(), totals.tolist(), float(value), float(weight)


def _improved_probe(improved: Callable[..., Any], instance: Node) -> Any:
    return improved(*instance)


def _improved_verify(instance: Node, answer: Any) -> None:
    """A distribution whose log-ratios move by weight times the difference of completed values."""
    logits, visits, totals, value, weight = instance
    what = f"improved_policy with logits {[round(x, 3) for x in logits]} and visits {visits}"
    p = as_array(answer, (len(logits),), what).astype(float)
    assert np.isfinite(p).all(), (
        f"{what} returned {p.tolist()}: exp overflows, subtract the maximum"
    )
    assert (p >= 0).all(), f"{what} has a negative probability"
    total = as_float(float(p.sum()), what)
    assert abs(total - 1) < 1e-6, f"{what} sums to {total:.6g}"
    q = [t / n if n else value for n, t in zip(visits, totals, strict=True)]
    for a in range(1, len(logits)):
        expected = logits[a] - logits[0] + weight * (q[a] - q[0])
        if p[a] > 1e-12 and p[0] > 1e-12:
            ratio = math.log(p[a] / p[0])
            assert abs(ratio - expected) < 1e-4 + 1e-6 * abs(expected), (
                f"{what}: log p[{a}]/p[0] is {ratio:.4f}, expected {expected:.4f}: "
                f"completed values {q[0]:.3f} and {q[a]:.3f}, weight {weight:.3g}"
            )
        else:
            assert abs(expected) > 20, f"{what}: move {a} or 0 has no probability"


IMPROVED = Exercise(
    "alphazero.5", "An improved policy", _improved_instances, _improved_probe, _improved_verify
)
