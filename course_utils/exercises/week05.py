"""What "correct" means in week 5: permutations, Bruhat graphs, functions that see no names."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from course_utils.exercise import Exercise, as_array, as_int
from course_utils.maths import bruhat_graphs as graphs
from course_utils.maths.permutations import bruhat_interval, bruhat_leq, length

Permutation = tuple[int, ...]
Pair = tuple[Permutation, Permutation]


def _random_permutation(n: int, rng: np.random.Generator) -> Permutation:
    return tuple((rng.permutation(n) + 1).tolist())


def _random_pair(n: int, rng: np.random.Generator) -> Pair:
    """A pair x <= w: w is random, x comes from w by a few exchanges that remove inversions."""
    w = list(_random_permutation(n, rng))
    x = list(w)
    for _ in range(int(rng.integers(1, 2 * n))):
        i, j = sorted(rng.choice(n, 2, replace=False).tolist())
        if x[i] > x[j]:
            x[i], x[j] = x[j], x[i]
    return tuple(x), tuple(w)


def _below(x: Sequence[int], w: Sequence[int]) -> bool:
    """The tableau criterion (Björner and Brenti, Theorem 2.6.3): sorted beginnings, entrywise."""
    return all(
        a <= b for i in range(1, len(x)) for a, b in zip(sorted(x[:i]), sorted(w[:i]), strict=True)
    )


# 5.1 -------------------------------------------------------------------------------------------

Order = tuple[list[Permutation], list[Pair]]


def _order_instances(rng: np.random.Generator) -> Iterator[Order]:
    for n in (2, 3, 4):
        group = list(permutations(range(1, n + 1)))
        yield group, [(x, w) for x in group for w in group]
    for n in (5, 6, 8):
        words = [_random_permutation(n, rng) for _ in range(10)]
        pairs = [_random_pair(n, rng) for _ in range(15)]
        yield words, pairs + [(w, x) for x, w in pairs[:5]] + list(combinations(words[:6], 2))


def _order_probe(functions: tuple[Callable, Callable, Callable], instance: Order) -> list[Any]:
    length, descents, leq = functions
    words, pairs = instance
    return [
        [length(w) for w in words],
        [_as_set(descents(w)) for w in words],
        [leq(x, w) for x, w in pairs],
    ]


def _as_set(found: Any) -> Any:
    """Tell a set from a list: plain data know sorted lists only."""
    if isinstance(found, set | frozenset):
        return sorted(found)
    return f"{type(found).__name__} {found!r:.60}"


def _sorting_steps(w: Permutation) -> int:
    """Exchanges of neighbours that bubble sort needs: the length (BB Proposition 1.5.2)."""
    entries, steps = list(w), 0
    for _ in w:
        for i in range(len(w) - 1):
            if entries[i] > entries[i + 1]:
                entries[i], entries[i + 1] = entries[i + 1], entries[i]
                steps += 1
    return steps


def _order_verify(instance: Order, answer: list[Any]) -> None:
    words, pairs = instance
    assert isinstance(answer, list), "expected the values of three functions"
    lengths, descents, order = answer
    for w, value in zip(words, lengths, strict=True):
        expected = _sorting_steps(w)
        found = as_int(value, f"length({w})")
        assert found == expected, (
            f"length({w}) returned {found}, but sorting it takes {expected} exchanges of neighbours"
        )
    for w, value in zip(words, descents, strict=True):
        expected = [i for i in range(1, len(w)) if w[i - 1] > w[i]]
        assert not isinstance(value, str), f"right_descents({w}) returned {value}, expected a set"
        assert value == expected, (
            f"right_descents({w}) returned {value}, expected the positions {expected} (from 1)"
        )
    for (x, w), value in zip(pairs, order, strict=True):
        assert type(value) is bool, f"bruhat_leq({x}, {w}) returned {value!r:.40}, expected a bool"
        expected = _below(x, w)
        why = "the sorted beginnings of x are entrywise at most those of w"
        assert value == expected, (
            f"bruhat_leq({x}, {w}) returned {value}: {why if expected else 'not so, ' + why}"
        )


ORDER = Exercise(
    "5.1",
    "Length, descents, Bruhat order",
    _order_instances,
    _order_probe,
    _order_verify,
    seconds=60,
)


# 5.2 -------------------------------------------------------------------------------------------


def bruhat_edges(x: Permutation, w: Permutation) -> list[Pair]:
    """Return all edges (y, yt) of the Bruhat graph of [x, w].

    >>> bruhat_edges((1, 2), (2, 1))
    [((1, 2), (2, 1))]
    """
    inside, edges = set(bruhat_interval(x, w)), []
    for y in sorted(inside):
        for i, j in combinations(range(len(y)), 2):
            z = list(y)
            z[i], z[j] = y[j], y[i]
            if y[i] < y[j] and tuple(z) in inside:
                edges.append((y, tuple(z)))
    return edges


def _edges_instances(rng: np.random.Generator) -> Iterator[Pair]:
    yield (1, 2), (2, 1)
    yield (2, 1, 3), (2, 1, 3)
    yield (1, 2, 3), (3, 2, 1)
    yield (1, 3, 2, 4), (3, 4, 1, 2)
    yield (1, 2, 3, 4), (4, 2, 3, 1)
    for n in (4, 4, 5, 5):
        yield _random_pair(n, rng)


def _edges_probe(edges: Callable[..., Any], instance: Pair) -> Any:
    return edges(*instance)


def _edges_verify(instance: Pair, answer: Any) -> None:
    """Every pair of the interval is tried: does it differ in two places, does the length grow?"""
    x, w = instance
    call = f"bruhat_edges({x}, {w})"
    inside = [y for y in permutations(sorted(x)) if _below(x, y) and _below(y, w)]
    expected = {
        (y, z)
        for y in inside
        for z in inside
        if sum(a != b for a, b in zip(y, z, strict=True)) == 2
        and _sorting_steps(y) < _sorting_steps(z)
    }
    assert isinstance(answer, list), f"{call}: expected a list or set of pairs (y, z)"
    found = [(tuple(y), tuple(z)) for y, z in answer]
    assert len(set(found)) == len(found), f"{call}: an edge is listed twice"
    for y, z in sorted(set(found) - expected):
        assert set((y, z)) <= set(inside), f"{call}: {y} -> {z} leaves the interval"
        raise AssertionError(f"{call}: {y} -> {z} is no edge")
    for y, z in sorted(expected - set(found)):
        raise AssertionError(
            f"{call} misses {y} -> {z}: a transposition of two places, "
            f"length {length(y)} -> {length(z)}"
        )


EDGES = Exercise(
    "5.2", "The Bruhat graph", _edges_instances, _edges_probe, _edges_verify, seconds=60
)


# 5.3 -------------------------------------------------------------------------------------------

Rows = NDArray[np.float64]
_INVARIANT: dict[str, Callable[[Rows], Any]] = {
    "the sum": lambda H: H.sum(axis=0),
    "the mean": lambda H: H.mean(axis=0),
    "the maximum": lambda H: H.max(axis=0),
    "the sorted columns": lambda H: np.sort(H, axis=0).ravel(),
    "the Gram sum": lambda H: (H @ H.T).sum(),
    "a sum in single precision": lambda H: np.abs(H).astype(np.float32).cumsum(axis=0)[-1],
}
_NOT_INVARIANT: dict[str, Callable[[Rows], Any]] = {
    "the first row": lambda H: H[0],
    "the sum of the two ends": lambda H: H[0] + H[-1],
    "all entries in order": lambda H: H.ravel(),
    "a sum weighted by position": lambda H: np.arange(len(H)) @ H,
    "the sum of products of neighbours on a circle": lambda H: (H * np.roll(H, 1, 0)).sum(),
}


def looks_invariant(
    readout: Callable[[Rows], Any], H: Rows, rng: np.random.Generator, trials: int = 40
) -> bool:
    """Return whether `readout` gave the same for all `trials` random orders of the rows of H."""
    expected = readout(H)
    orders = (rng.permutation(len(H)) for _ in range(trials))
    return all(np.allclose(readout(H[order]), expected, rtol=1e-4) for order in orders)


def _invariant_instances(rng: np.random.Generator) -> Iterator[tuple[str, int, int, int]]:
    for name in [*_INVARIANT, *_NOT_INVARIANT]:
        yield name, 6, 3, int(rng.integers(2**31))
    for _ in range(12):
        yield "the first row", 2, 1, int(rng.integers(2**31))
    for name in [*_INVARIANT, *_NOT_INVARIANT]:
        yield name, int(rng.integers(10, 30)), 4, int(rng.integers(2**31))


def _invariant_probe(test: Callable[..., Any], instance: tuple[str, int, int, int]) -> Any:
    name, rows, columns, seed = instance
    rng = np.random.default_rng(seed)
    readout = (_INVARIANT | _NOT_INVARIANT)[name]
    return test(readout, rng.normal(size=(rows, columns)), rng)


def _invariant_verify(instance: tuple[str, int, int, int], answer: Any) -> None:
    name, rows, columns, _ = instance
    assert type(answer) is bool, f"looks_invariant returned {answer!r:.40}, expected a bool"
    expected = name in _INVARIANT
    assert answer == expected, (
        f"looks_invariant says {answer} of {name} of a {rows} × {columns} matrix, "
        f"which {'depends only on the multiset' if expected else 'depends on the order'} of rows"
    )


INVARIANT = Exercise(
    "5.3", "A test of invariance", _invariant_instances, _invariant_probe, _invariant_verify
)


# 5.4 -------------------------------------------------------------------------------------------

Digraph = tuple[list[list[int]], list[list[int]]]


def neighbour_lists(family: graphs.BruhatGraphs) -> Digraph:
    """Return the lists of out- and of in-neighbours of all vertices of a family of graphs."""
    outs = np.split(family.indices, family.indptr[1:-1])
    ins = np.split(family.indices_in, family.indptr_in[1:-1])
    return [row.tolist() for row in outs], [row.tolist() for row in ins]


def refine(colours: list[int], outs: list[list[int]], ins: list[list[int]]) -> list[int]:
    """Return the colours after one round of refinement, named 0, 1, … in sorted order."""
    keys = [
        (old, sorted(colours[v] for v in outs[u]), sorted(colours[v] for v in ins[u]))
        for u, old in enumerate(colours)
    ]
    names = {str(key): i for i, key in enumerate(sorted(keys))}
    return [names[str(key)] for key in keys]


def _reversed(outs: list[list[int]]) -> list[list[int]]:
    ins: list[list[int]] = [[] for _ in outs]
    for u, row in enumerate(outs):
        for v in row:
            ins[v].append(u)
    return ins


def _refine_instances(rng: np.random.Generator) -> Iterator[tuple[list[int], Digraph]]:
    for colours, outs in [
        ([0], [[]]),
        ([0, 0, 0], [[1], [2], []]),  # a path: direction matters
        ([0, 1, 1, 0], [[], [], [], []]),  # no edges: the old colour matters
        ([0, 0, 0, 1, 1], [[3], [3, 4], [], [], []]),  # one or two neighbours of one colour
        ([3, 3, 0, 2, 1, 1], [[2, 3], [4, 5], [], [], [], []]),  # 0 + 2 = 1 + 1
    ]:
        yield colours, (outs, _reversed(outs))
    for n in (8, 15, 30):
        outs = [np.flatnonzero(row).tolist() for row in rng.random((n, n)) < 3 / n]
        yield rng.integers(0, 3, n).tolist(), (outs, _reversed(outs))
    family = graphs.bruhat_graphs([_random_pair(4, rng) for _ in range(3)])
    yield graphs.colour_refinement(family, 1).tolist(), neighbour_lists(family)


def _refine_probe(refine: Callable[..., Any], instance: tuple[list[int], Digraph]) -> Any:
    colours, (outs, ins) = instance
    return refine(colours, outs, ins)


def _refine_verify(instance: tuple[list[int], Digraph], answer: Any) -> None:
    """Names of colours are free; the partition is not."""
    colours, (outs, ins) = instance
    assert isinstance(answer, list | np.ndarray), "refine must return one colour a vertex"
    assert len(answer) == len(colours), f"refine returned {len(answer)} for {len(colours)} vertices"
    new = [as_int(int(c) if isinstance(c, np.integer) else c, "a colour of refine") for c in answer]
    seen = [
        (
            old,
            Counter(colours[v] for v in outs[u]),
            Counter(colours[v] for v in ins[u]),
        )
        for u, old in enumerate(colours)
    ]
    for u, v in combinations(range(len(new)), 2):
        if (seen[u] == seen[v]) == (new[u] == new[v]):
            continue
        parts = ["old colour", "colours of out-neighbours", "colours of in-neighbours"]
        differ = [p for p, a, b in zip(parts, seen[u], seen[v], strict=True) if a != b]
        where = f"in a graph with {len(new)} vertices and old colours {colours!s:.60}"
        if differ:
            raise AssertionError(f"{where}, {u} and {v} get one colour but differ in {differ[0]}")
        raise AssertionError(f"{where}, {u} and {v} see the same but get different colours")


REFINE = Exercise(
    "5.4", "Colour refinement", _refine_instances, _refine_probe, _refine_verify, seconds=60
)


# 5.5 -------------------------------------------------------------------------------------------

Csr = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def neighbour_sum(
    indptr: NDArray[np.int64], indices: NDArray[np.int64], H: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return AH, (n, k): row v sums H over its neighbours indices[indptr[v]:indptr[v+1]]."""
    A = sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(len(H), len(H)))
    return A @ H


def neighbour_sum_backward(
    indptr: NDArray[np.int64], indices: NDArray[np.int64], G: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the transpose of A times G: the gradient at H when G is the gradient at AH."""
    A = sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(len(G), len(G)))
    return A.T @ G


def _csr(adjacency: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.r_[0, np.cumsum(adjacency.sum(axis=1))], np.nonzero(adjacency)[1]


def _sum_instances(rng: np.random.Generator) -> Iterator[Csr]:
    yield np.array([0, 0]), np.zeros(0, np.int64), np.ones((1, 2))
    yield np.array([0, 1, 1]), np.array([1]), np.array([[1.0], [10.0]])
    yield np.array([0, 2, 2, 3]), np.array([1, 2, 1]), np.array([[1.0], [10.0], [100.0]])
    for n, k in ((5, 2), (12, 3), (40, 4)):
        adjacency = rng.random((n, n)) < 2 / n
        adjacency[rng.integers(n)] = False  # an empty row in the middle
        yield *_csr(adjacency), rng.normal(size=(n, k))
    graph = graphs.bruhat_graph(*_random_pair(5, rng))
    yield (
        graph.indptr,
        graph.indices.astype(np.int64),
        rng.normal(size=(len(graph.vertices), 2)),
    )


def _sum_probe(functions: tuple[Callable[..., Any], Callable[..., Any]], instance: Csr) -> Any:
    return [function(*instance) for function in functions]


def _sum_verify(instance: Csr, answer: Any) -> None:
    """One loop over the edges v -> u: AH collects H[u] in row v, the gradient G[v] in row u."""
    indptr, indices, H = instance
    forward, backward = np.zeros_like(H), np.zeros_like(H)
    for v in range(len(H)):
        for u in indices[indptr[v] : indptr[v + 1]]:
            forward[v] += H[u]
            backward[u] += H[v]
    assert isinstance(answer, list), "expected the values of two functions"
    for name, expected, value in zip(
        ("neighbour_sum", "neighbour_sum_backward"), (forward, backward), answer, strict=True
    ):
        found = as_array(value, H.shape, name)
        wrong = np.flatnonzero(~np.isclose(found, expected, atol=1e-6).all(axis=1))
        if len(wrong):
            v = int(wrong[0])
            raise AssertionError(
                f"{name} on {len(H)} vertices with {len(indices)} edges: row {v} is "
                f"{np.round(found[v], 4).tolist()}, expected {np.round(expected[v], 4).tolist()}"
                + (" (a vertex without neighbours)" if not expected[v].any() else "")
            )


SUM = Exercise("5.5", "Message passing by hand", _sum_instances, _sum_probe, _sum_verify)


# 5.6 -------------------------------------------------------------------------------------------


def excess(outs: list[list[int]]) -> int:
    """Return out-degree of the source minus the number of edges of a longest directed path.

    >>> excess([[], [0, 2], [0]])
    0
    """
    height: dict[int, int] = {}

    def longest(v: int) -> int:
        if v not in height:
            height[v] = max((1 + longest(u) for u in outs[v]), default=0)
        return height[v]

    targets = {u for row in outs for u in row}
    (source,) = (v for v in range(len(outs)) if v not in targets)
    return len(outs[source]) - longest(source)


def _excess_instances(rng: np.random.Generator) -> Iterator[tuple[Permutation, Permutation, int]]:
    pairs: list[Pair] = [
        ((1, 2), (1, 2)),
        ((1, 2), (2, 1)),
        ((1, 2, 3), (3, 2, 1)),
        ((1, 3, 2, 4), (3, 4, 1, 2)),
        ((2, 1, 4, 3), (4, 2, 3, 1)),
    ]
    pairs += [_random_pair(n, rng) for n in (4, 5, 5, 5, 5)]
    pairs += [((1, 3, 2, 5, 4), (4, 5, 3, 1, 2)), ((2, 1, 3, 5, 4), (5, 2, 3, 4, 1))]
    for x, w in pairs:
        yield x, w, int(rng.integers(2**31))


def _excess_probe(
    excess: Callable[..., Any], instance: tuple[Permutation, Permutation, int]
) -> Any:
    x, w, seed = instance
    outs, _ = neighbour_lists(graphs.bruhat_graph(x, w))
    names = np.random.default_rng(seed).permutation(len(outs)).tolist()
    shuffled: list[list[int]] = [[] for _ in outs]
    for v, row in enumerate(outs):
        shuffled[names[v]] = [names[u] for u in row]
    return excess(shuffled)


def _excess_verify(instance: tuple[Permutation, Permutation, int], answer: Any) -> None:
    """On the labelled side: transpositions t with x < xt <= w, less the difference of lengths."""
    x, w, _ = instance
    degree = 0
    for i, j in combinations(range(len(x)), 2):
        y = list(x)
        y[i], y[j] = x[j], x[i]
        degree += x[i] < x[j] and _below(y, w)
    gap = _sorting_steps(w) - _sorting_steps(x)
    found = as_int(answer, f"excess of the graph of [{x}, {w}]")
    assert found == degree - gap, (
        f"excess of the graph of [{x}, {w}] is {found}, expected {degree} - {gap} = {degree - gap}"
    )


EXCESS = Exercise(
    "5.6", "Out-degree minus length", _excess_instances, _excess_probe, _excess_verify, seconds=60
)


# 5.7 -------------------------------------------------------------------------------------------


def find_twins() -> tuple[Pair, Pair]:
    """Return two intervals of S_5 that one round of refinement does not separate, two rounds do."""
    _, pairs = graphs.interval_classes(5)
    first: dict[int, Pair] = {}
    for pair, colour in zip(
        pairs, graphs.graph_classes(graphs.bruhat_graphs(pairs), 1).tolist(), strict=True
    ):
        if colour in first:
            return first[colour], pair
        first[colour] = pair
    raise AssertionError("no such pair")


def _twins_instances(rng: np.random.Generator) -> Iterator[int]:
    yield 5


def _twins_probe(find: Callable[[], Any], instance: int) -> Any:
    return find()


def _twins_verify(instance: int, answer: Any) -> None:
    """Refine both graphs side by side, once and twice."""
    assert isinstance(answer, list | tuple), "expected two pairs ((x, w), (y, z))"
    assert len(answer) == 2, "expected two pairs ((x, w), (y, z))"
    pairs = [(tuple(x), tuple(w)) for x, w in answer]
    for x, w in pairs:
        for p in (x, w):
            assert sorted(p) == list(range(1, instance + 1)), f"{p} is not in S_{instance}"
        assert bruhat_leq(x, w), f"{x} is not below {w}: there is no interval"
    family = graphs.bruhat_graphs(pairs)
    outs, ins = neighbour_lists(family)
    colours, cut = [0] * len(outs), int(family.starts[1])
    for rounds in (1, 2):
        colours = refine(colours, outs, ins)
        same = sorted(colours[:cut]) == sorted(colours[cut:])
        assert same == (rounds == 1), (
            f"after {rounds} round{'s' * (rounds > 1)} the colours of {pairs[0]} and {pairs[1]} "
            f"{'still agree' if same else 'differ already'}"
        )


TWINS = Exercise(
    "5.7", "Twins for one round", _twins_instances, _twins_probe, _twins_verify, seconds=60
)
