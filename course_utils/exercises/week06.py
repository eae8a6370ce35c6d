"""What "correct" means in week 6: Kazhdan-Lusztig polynomials, symmetry, leaks, saliency, cubes."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations
from itertools import permutations as all_permutations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int
from course_utils.maths.hypercube_decompositions import mirrored, product
from course_utils.maths.kazhdan_lusztig import kl_polynomial, plus, r_polynomial, trim
from course_utils.maths.permutations import (
    bruhat_interval,
    bruhat_leq,
    inverse,
    left_descents,
    length,
    right_descents,
)

Permutation = tuple[int, ...]
Polynomial = tuple[int, ...]


def _one_line(w: Sequence[int]) -> str:
    return "".join(map(str, w))


def _polynomial(value: Any, what: str) -> Polynomial:
    """Return a list or tuple of integers as a polynomial without trailing zeros."""
    assert isinstance(value, list | tuple), f"{what} returned {value!r}, expected coefficients"
    return trim([as_int(c, f"a coefficient of {what}") for c in value])


# 6.1 and 6.2 -----------------------------------------------------------------------------------


def _lower_instances(rng: np.random.Generator) -> Iterator[list[list[int]]]:
    """Yield all pairs x <= w below one w: S_3, the singular w of S_4, then random w of S_5."""
    for w in [(1, 2), (3, 2, 1), (3, 4, 1, 2), (4, 2, 3, 1)]:
        yield _lower(w)
    for _ in range(4):
        yield _lower(tuple((rng.permutation(4) + 1).tolist()))
    for _ in range(3):
        yield _lower(tuple((rng.permutation(5) + 1).tolist()))


def _lower(w: Permutation) -> list[list[int]]:
    e = tuple(range(1, len(w) + 1))
    return [list(x) for x in reversed(bruhat_interval(e, w))]  # w first, e last


def _pair_probe(candidate: Callable[..., Any], below: list[list[int]]) -> list[Any]:
    answers = [candidate(tuple(x), tuple(below[0])) for x in below]
    apart = [x for x in all_permutations(below[-1]) if list(x) not in below]
    return [answers, [candidate(x, tuple(below[0])) for x in apart[:3]]]


def _pair_answers(name: str, below: list[list[int]], answer: Any) -> dict[Permutation, Polynomial]:
    assert isinstance(answer, list), "expected the polynomials of all pairs"
    w = _one_line(below[0])
    found = {}
    for x, value in zip(below, answer[0], strict=True):
        found[tuple(x)] = _polynomial(value, f"{name}({_one_line(x)}, {w})")
    for value in answer[1]:
        p = _polynomial(value, name)
        assert p == (0,), f"{name}(x, {w}) must be (0,) for an x that is not below {w}, got {p}"
    return found


def _kl_verify(below: list[list[int]], answer: Any, name: str = "kl") -> None:
    """The degree bound and q^l P(1/q) = sum of R P determine P (BB Theorem 5.1.4)."""
    found = _pair_answers(name, below, answer)
    w = tuple(below[0])
    for x, p in found.items():
        call, apart = f"{name}({_one_line(x)}, {_one_line(w)})", length(w) - length(x)
        if apart == 0:
            assert p == (1,), f"{call} returned {p}, expected (1,)"
            continue
        assert 2 * (len(p) - 1) < apart, (
            f"{call} returned {p}: the degree may be {(apart - 1) // 2}"
        )
        total: Polynomial = (0,)
        for y in bruhat_interval(x, w)[1:]:
            total = plus(total, product(r_polynomial(x, y), found[y]))
        wanted = trim([-c for c in total[: (apart + 1) // 2]])
        assert p == wanted, f"{call} returned {p}, expected {wanted} by q^l P(1/q) = Σ R P"


KL = Exercise("6.1", "The recursion", _lower_instances, _pair_probe, _kl_verify, seconds=20)


def _r_verify(below: list[list[int]], answer: Any) -> None:
    """Count the paths whose reflections increase (M. Dyer; BB Theorem 5.3.4)."""
    found = _pair_answers("r", below, answer)
    w = tuple(below[0])
    for x, p in found.items():
        total: Polynomial = (0,)
        power: Polynomial = (1,)
        paths, apart = _increasing_paths(x, w), length(w) - length(x)
        for k in range(apart + 1):
            if (apart - k) % 2 == 0:
                total = plus(total, power, power=(apart - k) // 2, factor=paths.get(k, 0))
            power = product(power, (-1, 1))
        call = f"r({_one_line(x)}, {_one_line(w)})"
        assert p == total, f"{call} returned {p}, expected {total} by Dyer's count of paths"


def _increasing_paths(x: Permutation, w: Permutation) -> dict[int, int]:
    """Number of paths of k edges from x to w whose reflections (i, j) increase."""
    counts = {(x, 0): 1}  # (end, edges) -> paths, reflections taken in lexicographic order
    for i, j in combinations(range(len(x)), 2):
        for (y, k), number in list(counts.items()):
            if y[i] < y[j]:
                z = (*y[:i], y[j], *y[i + 1 : j], y[i], *y[j + 1 :])
                if bruhat_leq(z, w):
                    counts[z, k + 1] = counts.get((z, k + 1), 0) + number
    return {k: number for (y, k), number in counts.items() if y == w}


R = Exercise("6.2", "R-polynomials", _lower_instances, _pair_probe, _r_verify, seconds=20)

# 6.3 -------------------------------------------------------------------------------------------


def kl_from_r(lengths: Sequence[int], r: Sequence[Sequence[Polynomial]]) -> list[Polynomial]:
    """Return P_{y,w} for the vertices y of an interval [x, w], ordered by length, from R alone.

    Args:
        lengths: length of each vertex; the last vertex is w.
        r: r[a][b] is the R-polynomial of the vertices a and b, (0,) if a is not below b.

    >>> kl_from_r([0, 1], [[(1,), (-1, 1)], [(0,), (1,)]])
    [(1,), (1,)]
    """
    found: list[Polynomial] = [(1,)] * len(lengths)
    for a in range(len(lengths) - 2, -1, -1):
        total: Polynomial = (0,)
        for b in range(a + 1, len(lengths)):
            for k, c in enumerate(r[a][b]):
                total = plus(total, found[b], power=k, factor=c)
        half = (lengths[-1] - lengths[a] + 1) // 2
        found[a] = trim([-c for c in total[:half]])
    return found


def _from_r_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield _r_table((1, 2), (2, 1))
    yield _r_table((1, 2, 3), (3, 2, 1))
    yield _r_table((1, 3, 2, 4), (3, 4, 1, 2))
    yield _r_table((1, 2, 3, 4), (4, 2, 3, 1))
    e, elements = (1, 2, 3, 4, 5), list(all_permutations(range(1, 6)))
    singular = [w for w in elements if length(w) <= 6 and kl_polynomial(e, w) != (1,)]
    for k in rng.choice(len(singular), 3, replace=False):
        yield _r_table(e, singular[k])


def _r_table(x: Permutation, w: Permutation) -> list[Any]:
    inside = bruhat_interval(x, w)
    table = [[list(r_polynomial(y, z)) for z in inside] for y in inside]
    return [[list(y) for y in inside], [length(y) for y in inside], table]


def _from_r_probe(candidate: Callable[..., Any], case: list[Any]) -> Any:
    return candidate(case[1], [[tuple(p) for p in row] for row in case[2]])


def _from_r_verify(case: list[Any], answer: Any) -> None:
    """The recursion of exercise 6.1 gives the same polynomials."""
    inside = [tuple(y) for y in case[0]]
    assert isinstance(answer, list | tuple), "expected a list of polynomials"
    assert len(answer) == len(inside), f"expected {len(inside)} polynomials, one a vertex"
    for y, value in zip(reversed(inside), reversed(answer), strict=True):
        what = f"P of {_one_line(y)} ≤ {_one_line(inside[-1])}"
        found, wanted = _polynomial(value, what), kl_polynomial(y, inside[-1])
        assert found == wanted, f"{what} is {wanted}, you returned {found}"


FROM_R = Exercise(
    "6.3", "P from one interval", _from_r_instances, _from_r_probe, _from_r_verify, seconds=20
)

# 6.4 -------------------------------------------------------------------------------------------


def _push_instances(rng: np.random.Generator) -> Iterator[list[list[int]]]:
    yield [[1, 2], [2, 1]]
    yield [[1, 2, 3, 4], [3, 4, 1, 2]]
    yield [[1, 2, 3, 4], [4, 2, 3, 1]]
    yield [[1, 3, 2, 4], [3, 4, 1, 2]]
    for n in (4, 5, 5, 6, 6, 6, 7, 7, 7):
        w = tuple((rng.permutation(n) + 1).tolist())
        below = bruhat_interval(tuple(range(1, n + 1)), w)
        yield [list(below[rng.integers(len(below))]), list(w)]


def _push_probe(candidate: Callable[..., Any], pair: list[list[int]]) -> Any:
    return candidate(tuple(pair[0]), tuple(pair[1]))


def _push_verify(pair: list[list[int]], answer: Any) -> None:
    """The end is the longest element of the double coset of x, which is unique (BB 2.4)."""
    x, w = (tuple(p) for p in pair)
    call = f"push_up({_one_line(x)}, {_one_line(w)})"
    ok = isinstance(answer, list | tuple) and sorted(answer) == sorted(x)
    assert ok, f"{call} returned {answer!r}, expected a permutation"
    found = tuple(answer)
    for side, descents in (("right", right_descents), ("left", left_descents)):
        missing = descents(w) - descents(found)
        assert not missing, (
            f"{call} returned {_one_line(found)}, which lacks the {side} descent {min(missing)}"
        )
    coset, frontier = {x}, [x]
    while frontier:
        moved = [_swap(y, i) for y in frontier for i in right_descents(w)]
        moved += [inverse(_swap(inverse(y), i)) for y in frontier for i in left_descents(w)]
        frontier = list(set(moved) - coset)
        coset |= set(frontier)
    assert found in coset, (
        f"{call} returned {_one_line(found)}, which no descents of {_one_line(w)} reach from x"
    )


def _swap(w: Permutation, i: int) -> Permutation:
    return (*w[: i - 1], w[i], w[i - 1], *w[i + 1 :])


PUSH = Exercise("6.4", "Push x up", _push_instances, _push_probe, _push_verify)

# 6.6 -------------------------------------------------------------------------------------------


def commutant(left: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
    """Return an orthonormal basis, (dimension, m, n), of the T with left[g] T = T right[g].

    Shapes: left (generators, m, m), right (generators, n, n): images of the same group elements.

    >>> len(commutant([np.eye(2)[::-1]], [np.eye(2)[::-1]]))
    2
    """
    left, right = np.asarray(left, float), np.asarray(right, float)
    m, n = left.shape[1], right.shape[1]
    rows = [
        np.kron(a, np.eye(n)) - np.kron(np.eye(m), b.T) for a, b in zip(left, right, strict=True)
    ]
    _, values, basis = np.linalg.svd(np.concatenate(rows))
    rank = int((values > 1e-9).sum())
    return basis[rank:].reshape(-1, m, n)


def matrices(w: Sequence[int], power: int) -> NDArray[np.float64]:
    """Return the matrix of w on tensors with `power` indices 1..n: n^power rows.

    >>> matrices((2, 1), 1).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    one, result = np.eye(len(w))[:, np.argsort(w)], np.eye(1)
    for _ in range(power):
        result = np.kron(result, one)
    return result


def _commutant_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    """Yield [generators, power on the left, power on the right]."""
    yield [[[2, 1]], 1, 1]
    yield [[[2, 1, 3], [2, 3, 1]], 1, 1]
    yield [[[2, 1, 3, 4], [2, 3, 4, 1]], 2, 1]
    yield [[[2, 3, 4, 1]], 1, 1]  # a cyclic group: all convolutions
    yield [[[2, 1, 3], [2, 3, 1]], 2, 2]
    for _ in range(3):
        n = int(rng.integers(3, 6))
        yield [[(rng.permutation(n) + 1).tolist()], 1, int(rng.integers(0, 3))]


def _commutant_probe(candidate: Callable[..., Any], case: list[Any]) -> Any:
    left, right = (np.array([matrices(w, p) for w in case[0]]) for p in case[1:])
    return candidate(left, right)


def _commutant_verify(case: list[Any], answer: Any) -> None:
    """The dimension is the number of orbits on pairs of basis vectors: permutations move them."""
    left, right = ([matrices(w, p) for w in case[0]] for p in case[1:])
    m, n = len(left[0]), len(right[0])
    basis = as_array(answer, (None, m, n), "commutant")
    for a, b in zip(left, right, strict=True):
        worst = np.abs(a @ basis - basis @ b).max(initial=0.0)
        assert worst < 1e-6, f"an element T of the basis has |left T - T right| = {worst:.2g}"
    dimension = np.linalg.matrix_rank(basis.reshape(len(basis), -1)) if len(basis) else 0
    assert dimension == len(basis), f"the {len(basis)} elements span only dimension {dimension}"
    moves = [(a.argmax(0), b.argmax(0)) for a, b in zip(left, right, strict=True)]
    pairs = {(i, j) for i in range(m) for j in range(n)}
    orbits = 0
    while pairs:
        orbits, frontier = orbits + 1, [pairs.pop()]
        while frontier:
            i, j = frontier.pop()
            new = {(int(a[i]), int(b[j])) for a, b in moves} & pairs
            pairs -= new
            frontier += new
    assert dimension == orbits, (
        f"generators {case[0]}, tensors of {case[1]} and {case[2]} indices: found dimension "
        f"{dimension}, but there are {orbits} orbits, one equivariant map each"
    )


COMMUTANT = Exercise(
    "6.6", "All equivariant maps", _commutant_instances, _commutant_probe, _commutant_verify, 20
)

# 6.7 -------------------------------------------------------------------------------------------


def leak(classes: ArrayLike, train: ArrayLike) -> float:
    """Return the share of test items whose class occurs among the training items.

    Shapes: classes (n,), any integers; train (n,), true where an item is used for training.

    >>> leak([0, 0, 1, 2], [True, False, False, True])
    0.5
    """
    classes, train = np.asarray(classes), np.asarray(train, bool)
    return float(np.isin(classes[~train], classes[train]).mean())


def _leak_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [[0, 0, 1, 2], [True, False, False, True]]
    yield [[7, 7, 7], [False, True, True]]
    yield [[1, 2, 3], [True, True, False]]
    for size, kinds in ((20, 10), (200, 60), (1000, 2000)):
        classes = rng.integers(-kinds, kinds, size)
        yield [classes.tolist(), (rng.random(size) < 0.8).tolist()]


def _leak_probe(candidate: Callable[..., Any], case: list[Any]) -> Any:
    return candidate(np.array(case[0]), np.array(case[1]))


def _leak_verify(case: list[Any], answer: Any) -> None:
    """The definition: go through the test items one by one."""
    seen = {c for c, used in zip(*case, strict=True) if used}
    test = [c for c, used in zip(*case, strict=True) if not used]
    wanted = sum(c in seen for c in test) / len(test)
    value = as_float(answer, "leak")
    assert abs(value - wanted) < 1e-9, (
        f"{len(test)} test items, {sum(c in seen for c in test)} of a class seen in training: "
        f"expected {wanted:.6g}, got {value:.6g}"
    )


LEAK = Exercise("6.7", "How much of the test was seen", _leak_instances, _leak_probe, _leak_verify)

# 6.8 -------------------------------------------------------------------------------------------


def shuffle_within(values: ArrayLike, groups: ArrayLike, rng: np.random.Generator) -> NDArray[Any]:
    """Return the values (n,), permuted at random inside each group; groups (n,) are integers.

    >>> shuffle_within([1, 2, 3], [5, 6, 7], np.random.default_rng(0)).tolist()
    [1, 2, 3]
    """
    values, groups = np.asarray(values), np.asarray(groups)
    shuffled = np.empty_like(values)
    shuffled[np.argsort(groups, kind="stable")] = values[
        np.lexsort((rng.random(len(values)), groups))
    ]
    return shuffled


def _shuffle_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [[4, 5, 6], [0, 1, 2], 1]
    yield [[1, 2, 3, 4], [0, 0, 0, 0], 200]
    yield [[1, 2, 3, 4, 5], [2, 1, 2, 1, 2], 300]
    for size in (6, 40):
        groups = rng.integers(0, 3, size)
        yield [rng.permutation(100)[:size].tolist(), groups.tolist(), 400]


def _shuffle_probe(candidate: Callable[..., Any], case: list[Any]) -> Any:
    values, groups, repeats = case
    rng = np.random.default_rng([repeats, *groups])
    return [candidate(np.array(values), np.array(groups), rng) for _ in range(repeats)]


def _check_pairs(draws: np.ndarray, places: list[int], values: list[int], g: int) -> None:
    """Two values stand in two places in one of m(m − 1) shuffles: a rotation gives m or none."""
    m, repeats = len(places), len(draws)
    wanted = 1 / (m * (m - 1))
    spread = (wanted / repeats) ** 0.5
    for a, b in ((0, 1), (0, m - 1), (m // 2, 0)):
        for j in range(1, m):
            first = draws[:, places[a]] == values[places[0]]
            share = float(np.mean(first & (draws[:, places[b]] == values[places[j]])))
            assert abs(share - wanted) < 7 * spread, (
                f"group {g} of {m}: two values stand together in two places in {share:.3f} of "
                f"{repeats} shuffles, expected about {wanted:.3f}"
            )


def _shuffle_verify(case: list[Any], answer: Any) -> None:
    """Each group keeps its values, and every value visits each place of its group equally often."""
    values, groups, repeats = case
    draws = as_array(answer, (repeats, len(values)), "the permuted values")
    for g in sorted(set(groups)):
        places = [i for i, h in enumerate(groups) if h == g]
        kept = sorted(values[i] for i in places)
        for draw in draws:
            assert sorted(draw[places].tolist()) == kept, (
                f"group {g} held {kept}, after the shuffle {sorted(draw[places].tolist())}"
            )
        if repeats > 1 and len(places) > 1:
            share = np.mean([[draws[:, i] == values[j] for i in places] for j in places], axis=2)
            wanted, spread = 1 / len(places), (1 / len(places) / repeats) ** 0.5
            assert np.abs(share - wanted).max() < 6 * spread, (
                f"group {g} of {len(places)}: a value stands in a place in "
                f"{share.flat[np.abs(share - wanted).argmax()]:.2f} of {repeats} shuffles, "
                f"expected about {wanted:.2f}"
            )
        if repeats > 1 and 3 <= len(places) <= 6:
            _check_pairs(draws, places, values, g)


SHUFFLE = Exercise(
    "6.8", "A null that keeps the rank", _shuffle_instances, _shuffle_probe, _shuffle_verify
)

# 6.9 -------------------------------------------------------------------------------------------


def first_difference(x: Permutation, w: Permutation) -> int:
    """Return the first place, counted from 0, at which two different permutations differ.

    >>> first_difference((1, 3, 2), (1, 2, 3))
    1
    """
    return next(k for k in range(len(x)) if x[k] != w[k])


def lower_part(x: Permutation, w: Permutation) -> list[Permutation]:
    """Return the u in [x, w] with u(k) = x(k), k the first difference of x < w, by length.

    >>> lower_part((1, 3, 2, 4), (3, 4, 1, 2))
    [(1, 3, 2, 4), (1, 3, 4, 2), (1, 4, 2, 3), (1, 4, 3, 2)]
    """
    k = first_difference(x, w)
    return [u for u in bruhat_interval(x, w) if u[k] == x[k]]


def cube(x: Permutation, w: Permutation) -> list[tuple[int, Permutation]]:
    """Return (|I|, theta(I)) for each nonempty set I of edges x -> u that leave the lower part.

    >>> cube((1, 3, 2, 4), (3, 4, 1, 2))
    [(1, (3, 1, 2, 4)), (1, (2, 3, 1, 4)), (2, (3, 2, 1, 4))]
    """
    k = first_difference(x, w)
    rising = [j for j in range(k + 1, len(x)) if x[k] < x[j]]
    edges = [j for j in rising if bruhat_leq(_exchange(x, k, j), w)]
    found = []
    for size in range(1, len(edges) + 1):
        for chosen in combinations(edges, size):
            top = x
            for j in reversed(chosen):
                top = _exchange(top, k, j) if top[k] < top[j] else top
            found.append((size, top))
    return found


def _exchange(x: Permutation, i: int, j: int) -> Permutation:
    return (*x[:i], x[j], *x[i + 1 : j], x[i], *x[j + 1 :])


@cache
def kl_cube(x: Permutation, w: Permutation) -> Polynomial:
    """Return P_{x,w} by the standard hypercube decomposition; (0,) where x is not below w.

    Source: C. Blundell et al., Represent. Theory 26 (2022). Introduced in week 6.

    >>> kl_cube((1, 3, 2, 4), (3, 4, 1, 2))
    (1, 1)
    """
    if not bruhat_leq(x, w) or x == w:
        return (int(x == w),)
    total: Polynomial = (0,)
    gamma: dict[Permutation, Polynomial] = {}
    for v in reversed(lower_part(x, w)[1:]):
        rest, inner = kl_cube(v, w), kl_cube(x, v)
        for u, factor in gamma.items():
            rest = plus(rest, product(factor, kl_cube(v, u)), factor=-1)
        gamma[v] = rest
        change = plus(mirrored(inner, length(v) - length(x)), inner, factor=-1)
        total = plus(total, product(rest, change))
    apart = length(w) - length(x)
    for size, top in cube(x, w):
        term = mirrored(kl_cube(top, w), apart - size)
        for _ in range(size):
            term = product(term, (1, -1))
        total = plus(total, term, factor=-1)
    return trim([-c for c in total[: (apart + 1) // 2]])


def _cube_verify(below: list[list[int]], answer: Any) -> None:
    _kl_verify(below, answer, "kl_cube")


CUBE = Exercise("6.9", "P from cubes", _lower_instances, _pair_probe, _cube_verify, seconds=20)
