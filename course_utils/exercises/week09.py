"""What "correct" means in week 9: counts, propagation, proofs, minima and certificates."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from math import comb, factorial, gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.exercise import Exercise, as_array, as_int, brief
from course_utils.maths import semigroups
from course_utils.maths.semigroup_instances import matrix_of
from course_utils.maths.semigroup_memo import symmetry_tables
from course_utils.maths.semigroup_positions import first_position, outcomes
from course_utils.maths.semigroup_search import left_sets, propagate

Tree = list[list[list[int]]]  # cuts of each position; a child is a position, -1 done, -2 impossible

# 9.1 -------------------------------------------------------------------------------------------


def _degree3_instances(rng: np.random.Generator) -> Iterator[int]:
    yield from range(1, 10)
    yield from sorted(rng.choice(np.arange(10, 24), 4, replace=False).tolist())


def _degree3_probe(candidate: Callable[..., Any], n: int) -> Any:
    return candidate(n)


def _degree3_verify(n: int, answer: Any) -> None:
    """Count maps by surjections: s(N, k) = k (s(N - 1, k) + s(N - 1, k - 1))."""
    value = as_int(answer, f"degree3({n})")
    total = 0
    for m in range(2, n):
        row = [1] + [0] * m
        for _ in range((n - m) ** 2):
            row = [0] + [k * (row[k] + row[k - 1]) for k in range(1, m + 1)]
        total += comb(n, m) * m * (row[m] + row[m - 1])
    why = "no such semigroup exists" if total == 0 else "counting surjections gives it"
    assert value == total, f"degree3({n}) returned {value}, expected {total}: {why}"


DEGREE3 = Exercise(
    "9.1", "Almost all semigroups", _degree3_instances, _degree3_probe, _degree3_verify
)

# 9.2 -------------------------------------------------------------------------------------------


def _orbit_instances(rng: np.random.Generator) -> Iterator[list[int]]:
    yield from ([1, 1], [2, 1], [2, 2], [3, 2], [2, 3], [4, 2], [3, 4])
    sizes = [[a, b] for a in range(1, 6) for b in range(1, 6) if a * b > 4]
    for k in rng.choice(len(sizes), 5, replace=False):
        yield sizes[k]


def _orbit_probe(candidate: Callable[..., Any], size: list[int]) -> Any:
    return candidate(*size)


def _cycle_types(n: int, most: int | None = None) -> Iterator[tuple[int, ...]]:
    if n == 0:
        yield ()
    for first in range(min(n, most or n), 0, -1):
        for rest in _cycle_types(n - first, first):
            yield (first, *rest)


def _class_size(lengths: tuple[int, ...]) -> int:
    centraliser = 1
    for size in set(lengths):
        centraliser *= size ** lengths.count(size) * factorial(lengths.count(size))
    return factorial(sum(lengths)) // centraliser


def _orbit_verify(size: list[int], answer: Any) -> None:
    """Burnside by cycle types: a pair of cycles of lengths i, j makes gcd(i, j) cycles of cells."""
    a, b = size
    value, total = as_int(answer, f"count_instances({a}, {b})"), 0
    for rows in _cycle_types(a):
        for columns in _cycle_types(b):
            fixed = 2 ** sum(gcd(i, j) for i in rows for j in columns)
            total += _class_size(rows) * _class_size(columns) * fixed
    expected = total // (factorial(a) * factorial(b))
    why = f"the average number of fixed matrices over {factorial(a)} x {factorial(b)} pairs"
    assert value == expected, (
        f"count_instances({a}, {b}) returned {value}, expected {expected}: {why}"
    )


ORBITS = Exercise("9.2", "How many instances?", _orbit_instances, _orbit_probe, _orbit_verify)

# 9.3 -------------------------------------------------------------------------------------------


def _process_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [2, [1, 1], [7, 7, 7, 7]]
    yield [2, [1, 1], [1, 7, 7, 7]]
    yield [2, [1, 1], [4, 7, 7, 7]]
    wanted = 12
    while wanted:
        a, b = ((2, 2), (3, 2), (3, 1), (2, 3))[rng.integers(4)]
        columns = [int(c) for c in rng.integers(0, 2**a, b)]
        cells = [2 ** (b + 1) - 1] * a**2
        for _ in range(rng.integers(1, 4)):
            cells[rng.integers(a * a)] = 1 << int(rng.integers(b + 1))
        fixed = semigroups.process(*_masks([a, columns, cells]))
        if all(mask.any(-1).all() for mask in fixed):
            wanted -= 1
            yield [a, columns, cells]


def _masks(instance: list) -> list[NDArray[np.bool_]]:
    a, columns, cells = instance
    m, l, r, t = semigroups.start(a, len(columns), matrix_of(tuple(columns), a))
    m &= (np.array(cells).reshape(a, a, 1) >> np.arange(len(columns) + 1) & 1).astype(bool)
    return [m, l, r, t]


def _process_probe(candidate: Callable[..., Any], instance: list) -> Any:
    return [np.asarray(mask) for mask in candidate(*_masks(instance))]


def _process_verify(instance: list, answer: Any) -> None:
    """The fixpoint is unique, so the first difference is something lost, or something kept."""
    a, columns, cells = instance
    call = f"propagate for a = {a}, φ with columns {columns}, cells {cells}"
    assert isinstance(answer, list) and len(answer) == 4, f"{call}: expected four masks m, l, r, t"  # noqa: PT018
    expected = semigroups.process(*_masks(instance))
    for name, ours, theirs in zip("mlrt", expected, answer, strict=True):
        mask = as_array(theirs, ours.shape, f"{call}: {name}")
        assert mask.dtype == bool, f"{call}: {name} has entries {mask.dtype}, expected booleans"
        wrong = np.argwhere(mask != ours)
        if len(wrong):
            place = tuple(wrong[0].tolist())
            kept, lost = "must go by the three rules", "must stay: no rule removes it"
            why = kept if mask[place] else lost
            raise AssertionError(f"{call}: {name}{list(place)} {why}")


PROCESS = Exercise("9.3", "Propagation", _process_instances, _process_probe, _process_verify)

# 9.4 and 9.6: proofs and minima on small AND/OR graphs -------------------------------------------


def random_tree(rng: np.random.Generator, size: int, shared: bool = True) -> Tree:
    """Return the cuts of `size` positions; children come later in the list, the last has none."""
    tree: Tree = []
    for k in range(size):
        cuts = []
        for _ in range(rng.integers(1, 4)):
            later = rng.integers(k + 1, size, 3).tolist() if k + 1 < size else []
            active = later[: rng.integers(0, 4)] if shared else later[:1]
            leaves = [int(-rng.integers(1, 3)) for _ in range(3 - len(active))]
            cuts.append(rng.permutation(active + leaves).tolist())
        tree.append(cuts)
    return tree


def count_nodes(root: Any, outcomes: Callable, choose: Callable) -> tuple[int, int]:
    """Return (passive, done) of the proof that cuts every active position where `choose` says."""
    passive, done, todo = 0, 0, [root]
    while todo:
        position = todo.pop()
        passive += 1
        for word, child in outcomes(position, choose(position)):
            done += word == "done"
            if word == "active":
                todo.append(child)
    return passive, done


def _count_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [[[[-1, -2, -1]]], [0]]
    yield [[[[1, 1, -2]], [[-1, -1, -2], [-2, -2, -2]]], [0, 0]]
    yield [[[[-1, -1, 1], [1, 2, -1]], [[-2, -1]], [[-1]]], [1, 0, 0]]
    for size in (4, 6, 8, 10, 12, 14):
        tree = random_tree(rng, size)
        yield [tree, [int(rng.integers(len(cuts))) for cuts in tree]]


def _count_probe(candidate: Callable[..., Any], instance: list) -> Any:
    tree, choice = instance

    def children(position: int, cell: int) -> list:
        words = {-1: ("done", None), -2: ("associativity", None)}
        return [words.get(c, ("active", c)) for c in tree[position][cell]]

    return list(candidate(0, children, lambda position: choice[position]))


def _count_verify(instance: list, answer: Any) -> None:
    """Multiply out: how often each position occurs in the tree, from the root downwards."""
    tree, choice = instance
    times = [1] + [0] * (len(tree) - 1)
    done = 0
    for k, cuts in enumerate(tree):
        for c in cuts[choice[k]]:
            if c >= 0:
                times[c] += times[k]
            done += times[k] * (c == -1)
    call = f"count_nodes for the cuts {tree}, of which numbers {choice} are chosen"
    assert isinstance(answer, list) and len(answer) == 2, f"{call}: expected (passive, done)"  # noqa: PT018
    passive = as_int(answer[0], f"{call}: passive")
    assert passive == sum(times), f"{call}: {passive} passive nodes, expected {sum(times)}"
    assert as_int(answer[1], call) == done, f"{call}: {answer[1]} done leaves, expected {done}"


COUNT = Exercise("9.4", "The size of a proof", _count_instances, _count_probe, _count_verify)

# 9.5 -------------------------------------------------------------------------------------------


def scores(ranks: NDArray, is_open: NDArray) -> NDArray[np.float64]:
    """Return for every position (row of `is_open`) the ranks of its open cells, inf elsewhere.

    >>> scores(np.array([0.0, 1.0]), np.array([[True, False]])).tolist()
    [[0.0, inf]]
    """
    return np.where(is_open, ranks, np.inf)


def _scores_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [[0.0, 1.0, 2.0], [[[True, True, False]], [[True, True, True], [False, True, True]]]]
    for _ in range(8):
        n = int(rng.integers(2, 9))
        sizes = [1, int(rng.integers(2, 5)), 1, 1]
        batches = [rng.random((k, n)) < 0.6 for k in rng.permutation(sizes)]
        yield [rng.permutation(n).astype(float).tolist(), [batch.tolist() for batch in batches]]


def _scores_probe(candidate: Callable[..., Any], instance: list) -> Any:
    ranks = np.array(instance[0])
    found = [np.array(candidate(ranks, np.array(batch))) for batch in instance[1]]
    return [*found, ranks]


def _scores_verify(instance: list, answer: Any) -> None:
    """All batches, one after the other, and then: is the table of ranks what it was?"""
    ranks, batches = instance
    assert isinstance(answer, list) and len(answer) == len(batches) + 1, "one array for each batch"  # noqa: PT018
    after = as_array(answer[-1], (len(ranks),), "the table of ranks afterwards")
    for k, batch in enumerate(batches):
        call = f"scores, call {k + 1} with is_open = {batch}"
        found = as_array(answer[k], (len(batch), len(ranks)), call)
        expected = [[r if o else np.inf for r, o in zip(ranks, row, strict=True)] for row in batch]
        assert np.array_equal(found, expected), (
            f"{call} returned {found.tolist()}, expected {expected}"
        )
    same = after.tolist() == ranks
    assert same, f"the table of ranks was {ranks} and is {after.tolist()} after the calls"


SCORES = Exercise("9.5", "The bug in the table", _scores_instances, _scores_probe, _scores_verify)


def minimum(root: Any, cuts: Callable[[Any], list[list]]) -> int:
    """Return C(root), C(p) = 1 + min over cuts of the sum of C over the active children.

    >>> minimum(0, [[[1, 1], [1]], [[]]].__getitem__)
    2
    """

    @cache
    def cost(position: Any) -> int:
        return 1 + min(sum(map(cost, children)) for children in cuts(position))

    return cost(root)


def _minimum_instances(rng: np.random.Generator) -> Iterator[Tree]:
    yield [[[]]]
    yield [[[1, 1], [1]], [[]]]
    yield [[[2, 3], [1]], [[2, 2, 3], [3, 3, 3]], [[]], [[]]]
    for size in (5, 8, 12, 20, 30):
        tree = random_tree(rng, size)
        yield [[[c for c in cut if c >= 0] for cut in cuts] for cuts in tree]
    yield [[[k + 1, k + 1], [k + 1, k + 2]] for k in range(48)] + [[[49]], [[]]]


def _minimum_probe(candidate: Callable[..., Any], graph: Tree) -> Any:
    return candidate(0, lambda position: [list(cut) for cut in graph[position]])


def _minimum_verify(graph: Tree, answer: Any) -> None:
    """Children come later in the list, so one pass from the end computes every minimum."""
    cost = [0] * len(graph)
    for k in reversed(range(len(graph))):
        cost[k] = 1 + min(sum(cost[c] for c in cut) for cut in graph[k])
    call = f"minimum for the cuts {str(graph)[:200]}"
    value = as_int(answer, call)
    assert value == cost[0], f"{call} returned {value}, expected {cost[0]}"


MINIMUM = Exercise("9.6", "The smallest proof", _minimum_instances, _minimum_probe, _minimum_verify)

# 9.7 -------------------------------------------------------------------------------------------


def proved_size(entries: list[dict], root: tuple, outcomes: Callable, relabel: Callable) -> int:
    """Return the size that the entries of a proof prove for the root; ValueError if they do not."""
    size = [0] * len(entries)
    if not entries or tuple(entries[0]["cells"]) != tuple(root):
        raise ValueError("entry 0 is not the root")
    for i in reversed(range(len(entries))):
        cells, cut = tuple(entries[i]["cells"]), entries[i]["cut"]
        found = outcomes(cells, tuple(cut["cell"]))
        if len(found) != len(cut["children"]):
            raise ValueError(f"entry {i} has {len(cut['children'])} children, not {len(found)}")
        size[i] = 1
        for (word, position), said in zip(found, cut["children"], strict=True):
            if word != "active":
                if said != word:
                    raise ValueError(f"entry {i}: a child is {word}, not {said}")
                continue
            if not isinstance(said, list) or not i < said[0] < len(entries):
                raise ValueError(f"entry {i}: {said} is no later entry")
            if relabel(position, said[1]) != tuple(entries[said[0]]["cells"]):
                raise ValueError(f"entry {i}: a child is not entry {said[0]}")
            size[i] += size[said[0]]
        if entries[i]["size"] != size[i]:
            raise ValueError(f"entry {i} says {entries[i]['size']}, not {size[i]}")
    return size[0]


def certificate_tools(phi: NDArray[np.int64]) -> tuple[tuple, Callable, Callable]:
    """Return (root, outcomes, relabel) of an instance, on tuples of cells; see exercise 9.7."""
    a = len(phi)
    cells_of, sets_of = symmetry_tables(phi)

    def below(cells: tuple, cell: tuple[int, int]) -> list[tuple[str, tuple]]:
        if int(cells[cell[0] * a + cell[1]]).bit_count() < 2:
            raise ValueError(f"cell {cell} is not open")
        full = _completed(tuple(cells), phi)
        return [(word, s[: a * a]) for word, s in outcomes(full, cell[0] * a + cell[1], phi)]

    def relabel(cells: tuple, g: int) -> tuple:
        if not 0 <= g < len(cells_of):
            raise ValueError(f"there are {len(cells_of)} symmetries, not number {g}")
        return tuple(int(sets_of[g, cells[i]]) for i in cells_of[g])

    return tuple(first_position(phi)[0][: a * a].tolist()), below, relabel


def _completed(cells: tuple, phi: NDArray[np.int64]) -> tuple:
    """Return the position (a² + 2a) of a list of cells."""
    a, b = phi.shape
    s = np.array([*cells, *[2 ** (b + 1) - 1] * a, *[2**b - 1] * a], np.int64)
    propagate(s, left_sets(phi), (1 << a * a) - 1)
    return tuple(s.tolist())


def _proof_instances(rng: np.random.Generator) -> Iterator[list]:
    """Proofs as JSON texts: whole ones, and for each of them several that are damaged."""
    sizes = [(2, 2, 3), (3, 2, 4), *((3, 2, int(s)) for s in rng.choice(13, 3, replace=False))]
    for a, b, s in sizes:
        phi = semigroups.instances(a, b)[s]
        entries = semigroups.minimal_proof(a, b, s)[1]["proof"]
        yield [phi.tolist(), json.dumps(entries)]
        for damage in _DAMAGES:
            wrong = json.loads(json.dumps(entries))
            if damage(wrong, rng):
                yield [phi.tolist(), json.dumps(wrong)]


def _lose_a_child(entries: list, rng: np.random.Generator) -> bool:
    """Leave a leaf out: nothing else changes."""
    places = [(e, k) for e in entries for k, c in enumerate(e["cut"]["children"]) if c == "done"]
    if places:
        entry, k = places[rng.integers(len(places))]
        del entry["cut"]["children"][k]
    return bool(places)


def _call_it_impossible(entries: list, rng: np.random.Generator) -> bool:
    """Declare the last active child impossible, and make all sizes agree with that."""
    for i in reversed(range(len(entries))):
        children = entries[i]["cut"]["children"]
        active = [k for k, c in enumerate(children) if isinstance(c, list)]
        if active:
            children[active[-1]] = ["associativity", "profile"][rng.integers(2)]
            _count_again(entries)
            return True
    return False


def _call_it_done(entries: list, rng: np.random.Generator) -> bool:
    """Say that an impossible leaf is done: the size does not change."""
    places = [
        (e["cut"]["children"], k)
        for e in entries
        for k, c in enumerate(e["cut"]["children"])
        if isinstance(c, str) and c != "done"
    ]
    if places:
        children, k = places[rng.integers(len(places))]
        children[k] = "done"
    return bool(places)


def _refer_back(entries: list, rng: np.random.Generator) -> bool:
    """Make a child refer to the root: a cycle."""
    places = [c for e in entries for c in e["cut"]["children"] if isinstance(c, list)]
    if places:
        places[rng.integers(len(places))][0] = 0
    return bool(places)


def _refer_wrongly(entries: list, rng: np.random.Generator) -> bool:
    """Send a child to another entry, and make all sizes agree with that."""
    places = [c for e in entries for c in e["cut"]["children"] if isinstance(c, list)]
    if len(entries) < 3 or not places:
        return False
    child = places[0]
    child[0] = len(entries) - 1 if child[0] != len(entries) - 1 else len(entries) - 2
    _count_again(entries)
    return True


def _start_elsewhere(entries: list, rng: np.random.Generator) -> bool:
    """Leave entry 0 out: what is left proves something, but not about the root."""
    if len(entries) < 2:
        return False
    del entries[0]
    for entry in entries:
        for child in entry["cut"]["children"]:
            if isinstance(child, list):
                child[0] -= 1
    return True


def _miscount(entries: list, rng: np.random.Generator) -> bool:
    """Make every size on the way one smaller than it is."""
    entries[0]["size"] -= 1
    return True


def _count_again(entries: list) -> None:
    for entry in reversed(entries):
        pairs = [c for c in entry["cut"]["children"] if isinstance(c, list)]
        entry["size"] = 1 + sum(entries[c[0]]["size"] for c in pairs)


_DAMAGES = (
    _lose_a_child,
    _call_it_impossible,
    _call_it_done,
    _refer_back,
    _refer_wrongly,
    _start_elsewhere,
    _miscount,
)


def _proof_probe(candidate: Callable[..., Any], instance: list) -> Any:
    phi, text = np.array(instance[0]), instance[1]
    try:
        return candidate(json.loads(text), *certificate_tools(phi))
    except ValueError:
        return "refused"


def _proof_verify(instance: list, answer: Any) -> None:
    """Judge the proof with the course's own checker."""
    phi, entries = np.array(instance[0]), json.loads(instance[1])
    try:
        expected, why = proved_size(entries, *certificate_tools(phi)), ""
    except ValueError as error:
        expected, why = "refused", str(error)
    call = f"proved_size for φ = {phi.tolist()} and {brief(entries)}"
    if expected == "refused":
        assert answer == "refused", f"{call} returned {brief(answer)}; to be refused: {why}"
    else:
        assert answer != "refused", f"{call} was refused, but it proves {expected}"
        assert as_int(answer, call) == expected, f"{call} returned {answer}, expected {expected}"


PROOF = Exercise("9.7", "A checker", _proof_instances, _proof_probe, _proof_verify)
