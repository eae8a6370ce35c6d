"""What "correct" means in the conjecture gallery: cliques, colourings, permanents, cells."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_int
from course_utils.maths import permanents
from course_utils.maths.equitable_partitions import smallest_sizes

# 1 ---------------------------------------------------------------------------------------------


def bad_cliques(red: NDArray, s: int, t: int) -> int:
    """Return the number of red K_s plus the number of blue K_t of a colouring of K_n.

    `red` is the symmetric 0-1 matrix (n, n) of the red edges; the others are blue.

    >>> bad_cliques(np.zeros((4, 4), int), 3, 3)
    4
    """
    n = len(red)
    total = 0
    for size, colour in ((s, 1), (t, 0)):
        for subset in combinations(range(n), size):
            total += all(red[v, w] == colour for v, w in combinations(subset, 2))
    return total


def _clique_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [np.zeros((4, 4), np.int64), 3, 3]
    yield [circulant(5, [1]), 3, 3]
    yield [circulant(5, [1]), 3, 2]
    for n in (6, 7, 8, 9, 10):
        upper = np.triu(rng.random((n, n)) < rng.uniform(0.2, 0.8), 1).astype(np.int64)
        s, t = rng.integers(2, 5, 2).tolist()
        yield [upper + upper.T, s, t]


def _clique_probe(candidate: Callable[..., Any], instance: list) -> Any:
    return candidate(*instance)


def _clique_verify(instance: list, answer: Any) -> None:
    red, s, t = instance
    edges = [tuple(e) for e in np.argwhere(np.triu(red)).tolist()]
    call = f"bad_cliques(red edges {edges} of K_{len(red)}, {s}, {t})"
    value, expected = as_int(answer, call), bad_cliques(red, s, t)
    assert value == expected, f"{call} returned {value}, expected {expected}"


CLIQUES = Exercise(
    "gallery.1", "Count the bad cliques", _clique_instances, _clique_probe, _clique_verify
)

# 2 ---------------------------------------------------------------------------------------------


def circulant(n: int, differences: list[int]) -> NDArray[np.int64]:
    """Return the matrix whose entry (v, w) is 1 iff v - w or w - v is in `differences` modulo n.

    >>> circulant(4, [1]).tolist()
    [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    """
    gap = (np.arange(n)[:, None] - np.arange(n)) % n
    chosen = [d % n for d in differences] + [-d % n for d in differences]
    return np.isin(gap, chosen).astype(np.int64)


def _first_bad(red: NDArray, s: int, t: int) -> str | None:
    for size, colour, name in ((s, 1, "red"), (t, 0, "blue")):
        for subset in combinations(range(len(red)), size):
            if all(red[v, w] == colour for v, w in combinations(subset, 2)):
                return f"the vertices {list(subset)} are a {name} clique"
    return None


def ramsey_circulant(n: int, s: int, t: int) -> list[int]:
    """Return differences 1 .. n//2 whose circulant colouring has no red K_s and no blue K_t.

    >>> ramsey_circulant(5, 3, 3)
    [1]
    """
    half = n // 2
    for word in range(1 << half):
        chosen = [d + 1 for d in range(half) if word >> d & 1]
        if _first_bad(circulant(n, chosen), s, t) is None:
            return chosen
    raise ValueError(f"no circulant colouring for n = {n}, s = {s}, t = {t}")


def _circulant_instances(rng: np.random.Generator) -> Iterator[list[int]]:
    yield from ([5, 3, 3], [8, 3, 4], [13, 3, 5], [17, 4, 4])
    cases = [[7, 3, 4], [10, 3, 5], [11, 4, 4], [9, 3, 5]]
    yield cases[int(rng.integers(len(cases)))]
    yield [[12, 3, 5], [13, 4, 4]][int(rng.integers(2))]


def _circulant_probe(candidate: Callable[..., Any], instance: list[int]) -> Any:
    return list(candidate(*instance))


def _circulant_verify(instance: list[int], answer: Any) -> None:
    n, s, t = instance
    call = f"ramsey_circulant({n}, {s}, {t})"
    assert isinstance(answer, list), f"{call}: expected a list of differences"
    chosen = [as_int(d, f"{call}: a difference") for d in answer]
    assert all(1 <= d <= n // 2 for d in chosen), f"{call} returned {chosen}, allowed 1 .. {n // 2}"
    bad = _first_bad(circulant(n, chosen), s, t)
    assert bad is None, f"{call} returned {chosen}: {bad}"


CIRCULANT = Exercise(
    "gallery.2",
    "Colourings with a rotation",
    _circulant_instances,
    _circulant_probe,
    _circulant_verify,
    seconds=20,
)

# 3 ---------------------------------------------------------------------------------------------

permanent = permanents.permanent


def _permanent_instances(rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    yield np.array([[1, 1], [1, 1]])
    yield np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    yield np.ones((3, 3), np.int64)
    for n in (4, 5, 6, 8, 12, 14):
        yield (rng.random((n, n)) < 0.7).astype(np.int64)


def _permanent_probe(candidate: Callable[..., Any], matrix: NDArray) -> Any:
    return candidate(matrix)


def _permanent_verify(matrix: NDArray, answer: Any) -> None:
    call = (
        f"permanent of {matrix.tolist() if len(matrix) < 6 else f'a matrix of order {len(matrix)}'}"
    )
    value, expected = as_int(answer, call), permanent(matrix)
    assert value == expected, f"{call} returned {value}, expected {expected}"


PERMANENT = Exercise(
    "gallery.3", "The permanent", _permanent_instances, _permanent_probe, _permanent_verify
)

# 4 ---------------------------------------------------------------------------------------------


def cell_sizes(B: list[list[int]]) -> list[int] | None:
    """Return the smallest sizes of cells with which a graph has these degrees, or None.

    >>> cell_sizes([[0, 4], [1, 2]]), cell_sizes([[0, 1, 1], [1, 0, 1], [1, 2, 0]])
    ([1, 4], None)
    """
    try:
        return list(smallest_sizes(B))
    except ValueError:
        return None


def _cells_instances(rng: np.random.Generator) -> Iterator[list[list[int]]]:
    yield [[0, 4], [1, 2]]
    yield [[2]]
    yield [[3]]
    yield [[1, 3], [3, 0]]
    yield [[0, 6], [4, 0]]
    yield [[1, 2], [1, 0]]
    yield [[0, 2], [0, 1]]
    yield [[0, 1, 1], [1, 0, 1], [1, 2, 0]]
    for k in (2, 2, 3, 3, 4):
        B = np.zeros((k, k), np.int64)
        for i in range(k - 1):
            B[i, i + 1], B[i + 1, i] = rng.integers(1, 12, 2)
        B[range(k), range(k)] = rng.integers(0, 8, k) * (rng.random(k) < 0.6)
        yield (B + 2 * (k == 2) * np.eye(k, dtype=np.int64)).tolist()
    ratio = rng.integers(1, 5, 3)  # three cells in a cycle: entry (i, j) is a multiple of n_j
    factor = np.triu(rng.integers(1, 4, (3, 3)), 1)
    cycle = (factor + factor.T) * ratio
    yield cycle.tolist()
    cycle[0, 1] *= 2
    yield cycle.tolist()


def _cells_probe(candidate: Callable[..., Any], B: list[list[int]]) -> Any:
    sizes = candidate(B)
    return None if sizes is None else list(sizes)


def _cells_verify(B: list[list[int]], answer: Any) -> None:
    call, expected = f"cell_sizes({B})", cell_sizes(B)
    if expected is None:
        assert answer is None, f"{call} returned {answer}, but no sizes balance the edges: None"
        return
    assert isinstance(answer, list), f"{call}: expected a list of sizes, such sizes exist"
    n = [as_int(value, f"{call}: a size") for value in answer]
    k = len(B)
    assert len(n) == k, f"{call} returned {n}, expected {k} sizes"
    assert all(size > 0 for size in n), f"{call} returned {n}, but no cell is empty"
    for i in range(k):
        for j in range(k):
            assert n[i] * B[i][j] == n[j] * B[j][i], (
                f"{call} returned {n}: {n[i] * B[i][j]} edges leave cell {i} for cell {j}, "
                f"{n[j] * B[j][i]} come back"
            )
            assert B[i][j] <= n[j] - (i == j), (
                f"{call} returned {n}: {B[i][j]} different neighbours in cell {j} are needed"
            )
        assert n[i] * B[i][i] % 2 == 0, f"{call} returned {n}: odd sum of degrees in cell {i}"
    assert n == expected, f"{call} returned {n}, but {expected} is smaller and possible"


CELLS = Exercise(
    "gallery.4", "The sizes of the cells", _cells_instances, _cells_probe, _cells_verify
)
