"""What "correct" means in the companion *Your own invariant*."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import networkx as nx
import numpy as np

from course_utils import protocol
from course_utils.exercise import Exercise, as_array, as_float, as_int

Tree = tuple[int, list[tuple[int, int]]]  # number of vertices, edges

# your_own_invariant.1 --------------------------------------------------------------------------


def independence_number(tree: nx.Graph) -> int:
    """Return the largest number of vertices of a tree no two of which are joined.

    >>> independence_number(nx.path_graph(5))
    3
    """
    taken, left = {}, {}
    root = next(iter(tree))
    parents = dict(nx.bfs_predecessors(tree, root))
    for v in nx.dfs_postorder_nodes(tree, root):
        below = [w for w in tree[v] if parents.get(w) == v]
        taken[v] = 1 + sum(left[w] for w in below)
        left[v] = sum(max(taken[w], left[w]) for w in below)
    return max(taken[root], left[root])


def _tree_instances(rng: np.random.Generator) -> Iterator[Tree]:
    yield 1, []
    yield 2, [(0, 1)]
    yield 4, [(0, 1), (0, 2), (0, 3)]
    yield 6, [(0, 1), (0, 2), (0, 3), (1, 4), (1, 5)]
    for a, b in ((2, 3), (3, 3), (4, 3)):  # double stars: two centres with leaves
        order = rng.permutation(a + b + 2).tolist()
        ends = [0] * a + [1] * b
        edges = [(0, 1), *((end, 2 + i) for i, end in enumerate(ends))]
        yield a + b + 2, [(order[v], order[w]) for v, w in edges]
    for n in (7, 8, 9, 10, 11, 11):
        names = rng.permutation(n).tolist()
        back = [max(0, i - int(rng.integers(1, 4))) for i in range(1, n)]
        yield n, [(names[i], names[j]) for i, j in zip(range(1, n), back, strict=True)]


def _tree_probe(independence_number: Callable[..., Any], item: Tree) -> Any:
    n, edges = item
    tree = nx.Graph()
    tree.add_nodes_from(range(n))
    tree.add_edges_from(edges)
    return independence_number(tree)


def _tree_verify(item: Tree, answer: Any) -> None:
    n, edges = item
    masks = [(1 << a) | (1 << b) for a, b in edges]
    free = [s for s in range(1 << n) if all(s & m != m for m in masks)]
    best = max(free, key=int.bit_count)
    call = f"independence_number of the tree with the edges {edges}"
    value = as_int(answer, call)
    chosen = [v for v in range(n) if best >> v & 1]
    assert value == best.bit_count(), (
        f"{call} returned {value}, expected {best.bit_count()}: no two of {chosen} are joined, and "
        f"no larger set has this property"
    )


TREES = Exercise(
    "your_own_invariant.1", "A label to begin with", _tree_instances, _tree_probe, _tree_verify
)

# your_own_invariant.2 --------------------------------------------------------------------------


def ceiling(features: np.ndarray, labels: np.ndarray) -> float:
    """Return the largest share of rows on which some function of the features is right.

    >>> ceiling(np.array([[1], [1], [1], [2]]), np.array([0, 0, 1, 1]))
    0.75
    """
    return float(protocol.ceiling(features, labels))


def _ceiling_instances(rng: np.random.Generator) -> Iterator[tuple[Any, Any]]:
    yield np.array([[1], [1], [1], [2]]), np.array([0, 0, 1, 1])
    yield np.array([[1, 0], [0, 1], [1, 0]]), np.array([5, 7, 5])
    yield np.array([[1, 0], [0, 1], [1, 0], [0, 1]]), np.array([5, 7, 6, 8])
    for rows in (12, 30, 60, 60):
        yield rng.integers(0, 3, (rows, 2)), rng.integers(2, 6, rows)


def _ceiling_probe(ceiling: Callable[..., Any], item: tuple[Any, Any]) -> Any:
    return ceiling(*item)


def _ceiling_verify(item: tuple[Any, Any], answer: Any) -> None:
    features, labels = item[0].tolist(), item[1].tolist()
    right = 0
    for row in {tuple(f) for f in features}:
        group = [y for f, y in zip(features, labels, strict=True) if tuple(f) == row]
        right += max(group.count(y) for y in group)
    value = as_float(answer, "ceiling(features, labels)")
    assert abs(value - right / len(labels)) < 1e-6, (
        f"the ceiling is {value:.6g}, expected {right}/{len(labels)} for the features {features} "
        f"and the labels {labels}"
    )


CEILING = Exercise(
    "your_own_invariant.2", "The ceiling", _ceiling_instances, _ceiling_probe, _ceiling_verify
)

# your_own_invariant.3 --------------------------------------------------------------------------

Split = tuple[list[str], float, int]  # keys, fraction, seed


def class_split(
    keys: Sequence[str], fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return row numbers (train, test), the rows of one key on one side.

    >>> train, test = class_split(["a", "b", "a", "b"], 0.5, np.random.default_rng(0))
    >>> sorted([train.tolist(), test.tolist()])
    [[0, 2], [1, 3]]
    """
    return protocol.class_split(keys, fraction, rng)


def _split_instances(rng: np.random.Generator) -> Iterator[Split]:
    yield ["a", "b", "a", "b"], 0.5, 0
    yield ["a", "a", "a", "a", "b", "c", "d"], 0.25, 1
    for classes, fraction in ((10, 0.3), (24, 0.25), (30, 0.2), (40, 0.1)):
        rows = [*range(classes), *rng.integers(0, classes, 2 * classes).tolist()]
        keys = [f"g{k}" for k in rng.permutation(rows)]
        yield keys, fraction, int(rng.integers(1000))


def _split_probe(class_split: Callable[..., Any], item: Split) -> Any:
    keys, fraction, seed = item
    return [class_split(list(keys), fraction, np.random.default_rng(seed + i)) for i in (0, 1)]


def _split_verify(item: Split, answer: Any) -> None:
    keys, fraction, _ = item
    held_sets = []
    whole = isinstance(answer, tuple | list) and len(answer) == 2
    assert whole, "class_split must return the pair (train, test)"
    for found in answer:
        pair = isinstance(found, tuple | list) and len(found) == 2
        assert pair, "class_split must return the pair (train, test)"
        train, test = (as_array(part, (None,), "a side of the split").tolist() for part in found)
        assert sorted(train + test) == list(range(len(keys))), (
            f"train and test together must hold every row from 0 to {len(keys) - 1} once, got "
            f"{sorted(train + test)}"
        )
        sides = [{keys[int(i)] for i in part} for part in (train, test)]
        both = sorted(sides[0] & sides[1])
        assert not both, f"the classes {both} have rows on both sides, for the keys {keys}"
        wanted = round(fraction * len(set(keys)))
        assert len(sides[1]) == wanted, (
            f"the test side holds {len(sides[1])} classes, expected {wanted} of {len(set(keys))} "
            f"for fraction = {fraction}"
        )
        held_sets.append(sides[1])
    few = len(set(keys)) < 20
    assert few or held_sets[0] != held_sets[1], "two different generators chose the same classes"


SPLIT = Exercise(
    "your_own_invariant.3",
    "A split that cannot leak",
    _split_instances,
    _split_probe,
    _split_verify,
)

# your_own_invariant.4 --------------------------------------------------------------------------


def p_value(observed: float, null: np.ndarray) -> float:
    """Return (1 + number of null scores that are at least `observed`) / (1 + their number).

    >>> p_value(0.9, np.array([0.5, 0.9, 0.4]))
    0.5
    """
    null = np.asarray(null)
    return float((1 + (null >= observed).sum()) / (1 + len(null)))


def _p_instances(rng: np.random.Generator) -> Iterator[tuple[float, Any]]:
    yield 0.9, np.array([0.5, 0.9, 0.4])
    yield 1.0, np.array([0.25, 0.5])
    yield 0.1, np.array([0.25, 0.5])
    for repeats in (19, 99, 99):
        null = rng.integers(0, 20, repeats) / 20
        yield float(null[0]), null


def _p_probe(p_value: Callable[..., Any], item: tuple[float, Any]) -> Any:
    return p_value(*item)


def _p_verify(item: tuple[float, Any], answer: Any) -> None:
    observed, null = item[0], item[1].tolist()
    better = sum(score >= observed for score in null)
    value, expected = as_float(answer, "p_value"), (1 + better) / (1 + len(null))
    assert abs(value - expected) < 1e-6, (
        f"p_value({observed}, {null}) returned {value:.6g}, expected {expected:.6g}: {better} of "
        f"{len(null)} orders do at least as well, and the true order is one more"
    )


P_VALUE = Exercise("your_own_invariant.4", "How surprising", _p_instances, _p_probe, _p_verify)
