"""What "correct" means in week 7: scores, elites, prefixes, certificates, refutations."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int
from course_utils.maths import real_roots
from course_utils.maths.conjectures import laplacian_matrix, refutes_laplacian_bound
from course_utils.maths.graph_invariants import (
    adjacency_matrix,
    components,
    largest_eigenvalue,
    matching_number,
    tutte_berge_certificate,
)
from course_utils.maths.laplacian_bounds import bound_values


def double_broom(a: int, b: int) -> NDArray[np.int64]:
    """Return the adjacency matrix of two hubs at distance two with a and b leaves; vertex 2 joins.

    >>> double_broom(1, 1).sum(0).tolist()
    [2, 2, 2, 1, 1]
    """
    matrix = np.zeros((a + b + 3, a + b + 3), np.int64)
    matrix[0, [2, *range(3, 3 + a)]] = 1
    matrix[1, [2, *range(3 + a, 3 + a + b)]] = 1
    return matrix + matrix.T


def _random_graph(rng: np.random.Generator, n: int, extra: int) -> NDArray[np.int64]:
    graph = nx.random_labeled_tree(n, seed=int(rng.integers(2**31)))
    matrix = nx.to_numpy_array(graph, dtype=np.int64)
    for v, w in rng.integers(0, n, (extra, 2)).tolist():
        if v != w:
            matrix[v, w] = matrix[w, v] = 1
    return matrix


def _edges(matrix: NDArray) -> str:
    return str([tuple(edge) for edge in np.argwhere(np.triu(matrix)).tolist()])


# 7.1 -------------------------------------------------------------------------------------------


def reward(adjacency: NDArray) -> float:
    """Return √(n-1) + 1 - λ1 - μ, or -50 - (number of components) when there are several.

    >>> reward(np.array([[0, 1], [1, 0]])), reward(np.zeros((2, 2), int))
    (0.0, -52.0)
    """
    pieces = int(components(adjacency[None])[0])
    if pieces > 1:
        return -50.0 - pieces
    n = len(adjacency)
    return float(np.sqrt(n - 1) + 1 - largest_eigenvalue(adjacency) - matching_number(adjacency))


def _reward_instances(rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    for graph in (nx.star_graph(3), nx.path_graph(4), nx.cycle_graph(5), nx.empty_graph(3)):
        yield nx.to_numpy_array(graph, dtype=np.int64)
    yield adjacency_matrix(nx.Graph([(0, 1), (0, 2), (1, 3)]))  # greedy takes (0, 1) and stops
    yield adjacency_matrix(nx.disjoint_union(nx.star_graph(4), nx.cycle_graph(3)))
    yield double_broom(8, 8)
    for n in sorted(rng.integers(5, 20, 20).tolist()):
        matrix = _random_graph(rng, n, int(rng.integers(0, n)))
        order = rng.permutation(n)
        yield matrix[order][:, order]
    for n in (8, 14):
        upper = np.triu(rng.random((n, n)) < 1.2 / n, 1).astype(np.int64)
        yield upper + upper.T


def _reward_probe(candidate: Callable[..., Any], matrix: NDArray[np.int64]) -> Any:
    return candidate(matrix)


def _reward_verify(matrix: NDArray[np.int64], answer: Any) -> None:
    """Recompute; the message names the Tutte-Berge set that fixes the matching number."""
    call = f"reward of the graph on {len(matrix)} vertices with edges {_edges(matrix)}"
    value, expected = as_float(answer, call), reward(matrix)
    if expected <= -52:
        why = f"it has {-50 - expected:.0f} components"
    else:
        barrier = sorted(tutte_berge_certificate(matrix))
        why = f"λ1 = {largest_eigenvalue(matrix):.6f} and μ = {matching_number(matrix)}"
        why += f" (Tutte-Berge set {barrier})"
    assert abs(value - expected) < 1e-4, f"{call} is {value:.6f}, expected {expected:.6f}: {why}"


REWARD = Exercise("7.1", "The score of a graph", _reward_instances, _reward_probe, _reward_verify)

# 7.2 -------------------------------------------------------------------------------------------

_DRAWS = 300


def elite(scores: NDArray, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the indices of the `count` largest scores, ties at the border drawn at random."""
    return np.lexsort((rng.random(len(scores)), -np.asarray(scores)))[:count]


def _elite_instances(rng: np.random.Generator) -> Iterator[list]:
    fixed = [([3.0, 1.0, 2.0], 2), ([1.0, 1.0, 1.0, 1.0], 1), ([0.0, 5.0, 5.0, 5.0, 7.0], 3)]
    for scores, count in fixed:
        yield [scores, count, int(rng.integers(2**31))]
    for n in (6, 10, 20, 40):
        scores = rng.integers(-3, 3, n) / 2
        yield [scores.tolist(), int(rng.integers(1, n)), int(rng.integers(2**31))]
    yield [rng.random(30).tolist(), 3, int(rng.integers(2**31))]


def _elite_probe(candidate: Callable[..., Any], instance: list) -> Any:
    scores, count, seed = instance
    rng = np.random.default_rng(seed)
    return [np.asarray(candidate(np.array(scores), count, rng)) for _ in range(_DRAWS)]


def _elite_verify(instance: list, answer: Any) -> None:
    """Nobody below the border, everybody above it, and fair draws on it."""
    scores, count, _ = instance
    call = f"elite({[round(s, 2) for s in scores]}, {count}, rng)"
    border = sorted(scores, reverse=True)[count - 1]
    tied = [i for i, s in enumerate(scores) if s == border]
    free = count - sum(s > border for s in scores)
    assert isinstance(answer, list) and len(answer) == _DRAWS, f"{call}: expected index arrays"  # noqa: PT018
    seen = np.zeros(len(scores))
    for chosen in answer:
        array = as_array(chosen, (None,), call)
        assert array.dtype.kind in "iu", f"{call} returned {array.dtype} numbers, expected indices"
        picked = array.tolist()
        assert len(set(picked)) == len(picked) == count, (
            f"{call} returned {picked}: expected {count} different indices"
        )
        for i in picked:
            assert 0 <= i < len(scores), f"{call} returned index {i}, out of range"
            assert scores[i] >= border, f"{call} took index {i}, whose score {scores[i]} is too low"
        seen[picked] += 1
    for i, s in enumerate(scores):
        assert s <= border or seen[i] == _DRAWS, f"{call} left out index {i}, whose score is {s}"
    share = free / len(tied)
    slack = 6 * (share * (1 - share) / _DRAWS) ** 0.5
    for i in tied:
        assert abs(seen[i] / _DRAWS - share) <= slack, (
            f"{call}: index {i} is tied at the border and was taken in {seen[i] / _DRAWS:.0%} "
            f"of {_DRAWS} calls, expected about {share:.0%}: draw among equals"
        )


ELITE = Exercise("7.2", "The elite, with ties", _elite_instances, _elite_probe, _elite_verify)

# 7.3 -------------------------------------------------------------------------------------------


def bits_update(old: NDArray, words: NDArray, step: float) -> NDArray[np.float64]:
    """Return the probabilities p that minimise (1-step)·KL(old ‖ p) + step·KL(elite ‖ p).

    >>> bits_update(np.array([0.5, 0.5]), np.array([[1, 0], [1, 1]]), 0.5).tolist()
    [0.75, 0.5]
    """
    return (1 - step) * np.asarray(old) + step * np.mean(words, axis=0)


def _bits_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [np.array([0.5, 0.5]), np.array([[1, 0], [1, 1]]), 1.0]
    yield [np.array([0.5, 0.5]), np.array([[1, 0], [1, 1]]), 0.5]
    for count, slots in ((3, 4), (10, 6), (20, 45)):
        words = (rng.random((count, slots)) < rng.random(slots)).astype(np.int64)
        yield [rng.uniform(0.05, 0.95, slots), words, float(rng.uniform(0.1, 0.9))]


def _bits_probe(candidate: Callable[..., Any], instance: list) -> Any:
    return candidate(*instance)


def _bits_verify(instance: list, answer: Any) -> None:
    """The objective is convex and splits over letters: its derivative must vanish at p."""
    old, words, step = instance
    call = f"bits_update({np.round(old, 3).tolist()}, {len(words)} words, {step:.3f})"
    p = as_array(answer, (len(old),), call).astype(float)
    for t in range(len(old)):
        ones = (1 - step) * old[t] + step * sum(words[:, t].tolist()) / len(words)
        assert 0 <= p[t] <= 1, f"{call}: letter {t} has probability {p[t]:.4f}"
        # derivative of -(ones log p + (1 - ones) log(1 - p)), times p (1 - p)
        slope = p[t] * (1 - ones) - ones * (1 - p[t])
        assert abs(slope) < 1e-5, (
            f"{call}: letter {t} has p = {p[t]:.6f}, where the objective still "
            f"{'rises' if slope > 0 else 'falls'} in p"
        )


BITS = Exercise(
    "7.3", "Independent bits in closed form", _bits_instances, _bits_probe, _bits_verify
)

# 7.4 -------------------------------------------------------------------------------------------


def prefixes(words: NDArray, bits: NDArray, place: NDArray) -> NDArray[np.float64]:
    """Return the first layer's pre-activations at all places of all words, shape (B, E, H).

    Entry (b, t) is place[t] plus the rows bits[s] with s < t and words[b, s] = 1. Shapes: words
    (B, E), bits and place (E, H).

    >>> prefixes(np.array([[1, 0]]), np.array([[1.0], [5.0]]), np.array([[0.5], [0.0]])).tolist()
    [[[0.5], [1.0]]]
    """
    steps = words[:, :, None] * bits  # (B, E, H)
    return np.cumsum(steps, axis=1) - steps + place


def _prefix_instances(rng: np.random.Generator) -> Iterator[list[NDArray]]:
    yield [np.array([[1, 0]]), np.array([[1.0], [5.0]]), np.array([[0.5], [0.0]])]
    for count, slots, width in ((1, 3, 2), (4, 6, 3), (5, 28, 8), (3, 171, 16)):
        words = rng.integers(0, 2, (count, slots))
        yield [words, rng.normal(size=(slots, width)), rng.normal(size=(slots, width))]


def _prefix_probe(candidate: Callable[..., Any], instance: list[NDArray]) -> Any:
    return candidate(*instance)


def _prefix_verify(instance: list[NDArray], answer: Any) -> None:
    """The definition: the state vector at every step, times the whole first layer."""
    words, bits, place = instance
    count, slots = words.shape
    call = f"prefixes of {count} words with {slots} letters"
    values = as_array(answer, (count, slots, bits.shape[1]), call)
    layer = np.concatenate([bits, place])  # (2E, H)
    for b in range(count):
        for t in range(slots):
            state = np.zeros(2 * slots)
            state[:t], state[slots + t] = words[b, :t], 1
            gap = np.abs(values[b, t] - state @ layer).max()
            assert gap < 1e-4, (
                f"{call}: word {b}, place {t}: off by {gap:.3g} from the full first layer on the "
                f"{t} letters before place {t} and the one-hot of {t}"
            )


PREFIXES = Exercise(
    "7.4", "The incremental first layer", _prefix_instances, _prefix_probe, _prefix_verify
)

# 7.5 -------------------------------------------------------------------------------------------

charpoly = real_roots.characteristic_polynomial


def roots_from(coefficients: list[int], a: Fraction) -> int:
    """Return the number of different real roots in [a, ∞).

    >>> roots_from([1, 0, -18, 0, 79], Fraction(81, 25))
    0
    """
    return real_roots.count_roots(coefficients, a, None)


def _sturm_instances(rng: np.random.Generator) -> Iterator[list]:
    complete = np.ones((4, 4), np.int64) - np.eye(4, dtype=np.int64)
    yield [adjacency_matrix(nx.path_graph(3)), Fraction(7, 5)]
    yield [adjacency_matrix(nx.path_graph(3)), Fraction(3, 2)]
    yield [complete, Fraction(3)]  # a root at the end of the interval
    yield [adjacency_matrix(nx.star_graph(18)), Fraction(106, 25)]  # the star: equality
    for a, b in ((8, 8), (9, 7), (10, 6)):
        yield [double_broom(a, b), Fraction(81, 25)]
    yield [adjacency_matrix(nx.path_graph(9)), Fraction(1, 2)]  # three roots above 1/2
    yield [complete, Fraction(-2)]  # 3 and -1, which is a root three times
    yield [adjacency_matrix(nx.complete_bipartite_graph(2, 4)), Fraction(0)]
    for n in sorted(rng.integers(4, 13, 10).tolist()):
        matrix = _random_graph(rng, n, int(rng.integers(0, n)))
        top = largest_eigenvalue(matrix)
        near = Fraction(round(top * 10**12), 10**12)
        yield [matrix, near - Fraction(rng.integers(-1, 2).item() * 3, 10**12)]
        yield [matrix, Fraction(rng.integers(-20, 10).item(), 10)]


def _sturm_probe(candidate: tuple[Callable, Callable], instance: list) -> Any:
    polynomial, count = candidate
    matrix, a = instance
    return [list(polynomial(matrix.copy())), count(charpoly(matrix), a)]


def _sturm_verify(instance: list, answer: Any) -> None:
    matrix, a = instance
    name = f"the graph with edges {_edges(matrix)}"
    expected = charpoly(matrix)
    assert isinstance(answer, list) and len(answer) == 2, "expected a list and a number"  # noqa: PT018
    found = [as_int(c, f"charpoly of {name}: a coefficient") for c in answer[0]]
    assert found == expected, f"charpoly of {name} returned {found}, expected {expected}"
    count = as_int(answer[1], f"roots_from({expected}, {a})")
    right = roots_from(expected, a)
    assert count == right, f"roots_from({expected}, {a}) returned {count}, expected {right}"


STURM = Exercise("7.5", "An exact certificate", _sturm_instances, _sturm_probe, _sturm_verify)

# 7.6 -------------------------------------------------------------------------------------------


def broom_refutes(a: int, b: int) -> bool:
    """Decide s > 4 and (a-b)² < s(s-4)(s-2)², s = √(a+b+2), in integers.

    >>> broom_refutes(8, 7), broom_refutes(7, 7)
    (True, False)
    """
    square = a + b + 2  # s²
    left = square**2 + 20 * square - (a - b) ** 2
    return square > 16 and left > 0 and left**2 > (8 * square + 16) ** 2 * square


def refuting_brooms(largest: int) -> list[tuple[int, int]]:
    """Return all (a, b), a >= b >= 1, whose double broom on at most `largest` vertices refutes.

    >>> refuting_brooms(19)
    [(8, 7), (8, 8), (9, 7)]
    """
    pairs = [(n - 3 - b, b) for n in range(5, largest + 1) for b in range(1, (n - 3) // 2 + 1)]
    return sorted(pair for pair in pairs if broom_refutes(*pair))


def _broom_instances(rng: np.random.Generator) -> Iterator[int]:
    yield from (10, 17, 18, 19, 20, 60)
    yield from sorted(rng.integers(61, 150, 3).tolist())


def _broom_probe(candidate: Callable[..., Any], largest: int) -> Any:
    return sorted(tuple(pair) for pair in candidate(largest))


def _broom_verify(largest: int, answer: Any) -> None:
    call = f"refuting_brooms({largest})"
    assert isinstance(answer, list), f"{call}: expected a list of pairs"
    found = set()
    for pair in answer:
        assert isinstance(pair, tuple) and len(pair) == 2, f"{call}: {pair!r} is not a pair"  # noqa: PT018
        a, b = (as_int(x, f"{call}: a leaf count") for x in pair)
        assert a >= b >= 1, f"{call} holds ({a}, {b}), but a >= b >= 1 is wanted"
        assert a + b + 3 <= largest, f"{call} holds ({a}, {b}), which has {a + b + 3} vertices"
        assert broom_refutes(a, b), (
            f"{call} holds ({a}, {b}), which does not refute: with s = √{a + b + 2}, (a-b)² = "
            f"{(a - b) ** 2} is not less than s(s-4)(s-2)²"
        )
        found.add((a, b))
    missing = [pair for pair in refuting_brooms(largest) if pair not in found]
    assert not missing, f"{call} lacks {missing[0]}, which refutes"


BROOMS = Exercise(
    "7.6", "All double brooms that refute", _broom_instances, _broom_probe, _broom_verify
)

# 7.7 -------------------------------------------------------------------------------------------

# Some of the bounds that trees with equal branching in each level refute: by the smallest such
# trees of at most 13 vertices, and by larger ones.
EASY = [43, 49, 54, 57, 58, 59, 60, 61, 62, 63, 64, 66, 67]
HARD = [3, 28, 32, 41, 51, 53, 65, 68]
LARGEST = 60


def branching_tree(branching: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the rooted tree in which every vertex of level i has branching[i] children.

    >>> branching_tree((2,)).tolist()
    [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    """
    parents, level = [-1], [0]
    for children in branching:
        new = range(len(parents), len(parents) + children * len(level))
        parents += [v for v in level for _ in range(children)]
        level = list(new)
    matrix = np.zeros((len(parents), len(parents)), np.int64)
    matrix[np.arange(1, len(parents)), parents[1:]] = 1
    return matrix + matrix.T


def _size(branching: tuple[int, ...]) -> int:
    return 1 + int(np.cumprod(branching).sum())


def refute(number: int) -> NDArray[np.int64]:
    """Return a tree that refutes the bound: trees with equal branching in each level, by size.

    >>> len(refute(48))
    3
    """
    shapes = [s for depth in (1, 2, 3, 4, 5) for s in product(range(1, 10), repeat=depth)]
    for shape in sorted((s for s in shapes if _size(s) <= 30), key=_size):
        tree = branching_tree(shape)
        top = np.linalg.eigvalsh(laplacian_matrix(tree))[-1]
        if top > bound_values(number, tree[None])[0] + 1e-9:
            return tree
    raise ValueError(f"number must be a bound that a small tree refutes, got {number}")


def _refute_instances(rng: np.random.Generator) -> Iterator[int]:
    yield from (48, 36)
    yield from sorted(rng.choice(EASY, 2, replace=False).tolist())
    yield from sorted(rng.choice(HARD, 2, replace=False).tolist())


def _refute_probe(candidate: Callable[..., Any], number: int) -> Any:
    return np.asarray(candidate(number))


def _refute_verify(number: int, answer: Any) -> None:
    """Decided exactly: the candidate's graph may come from anywhere."""
    call = f"refute({number})"
    matrix = as_array(answer, (None, None), call)
    assert len(matrix) <= LARGEST, f"{call} has {len(matrix)} vertices, allowed are {LARGEST}"
    try:
        refuted = refutes_laplacian_bound(number, matrix)
    except (ValueError, TypeError) as error:
        raise AssertionError(f"{call}: {error}") from None
    if not refuted:
        top = np.linalg.eigvalsh(laplacian_matrix(matrix.astype(np.int64)))[-1]
        bound = bound_values(number, matrix[None])[0]
        raise AssertionError(
            f"{call}: no refutation, the largest Laplacian eigenvalue {top:.9f} does not exceed "
            f"the bound {bound:.9f}"
        )


REFUTE = Exercise(
    "7.7",
    "Refute a bound you were not shown",
    _refute_instances,
    _refute_probe,
    _refute_verify,
    seconds=45,
)
