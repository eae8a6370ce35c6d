"""What "correct" means in the companion *A hypercube hidden in the Bruhat order*."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from course_utils.exercise import Exercise, as_array, as_int, brief
from course_utils.maths.bruhat_cubes import dyadic_permutations, upper_covers
from course_utils.maths.permutations import bruhat_interval, bruhat_leq, length

Word = tuple[int, ...]

# bruhat_hypercubes.1 ---------------------------------------------------------------------------


def atom_sets(x: Word, w: Word) -> list[set[int]]:
    """Return for each element of `bruhat_interval(x, w)` the numbers 0, 1, ... of atoms below it.

    >>> atom_sets((1, 2, 3), (2, 3, 1))
    [set(), {0}, {1}, {0, 1}]
    """
    inside = bruhat_interval(x, w)
    atoms = [y for y in inside if length(y) == length(x) + 1]
    return [{k for k, atom in enumerate(atoms) if bruhat_leq(atom, y)} for y in inside]


def _random_pair(rng: np.random.Generator, n: int, steps: int) -> tuple[Word, Word]:
    """A random x of S_n and a w some covers above it."""
    x = w = tuple((rng.permutation(n) + 1).tolist())
    for _ in range(steps):
        above = upper_covers(w, tuple(range(n, 0, -1)))
        if above:
            w = above[int(rng.integers(len(above)))]
    return x, w


def _sets_instances(rng: np.random.Generator) -> Iterator[tuple[Word, Word]]:
    yield (1, 2), (1, 2)
    yield (1, 2, 3), (2, 3, 1)
    yield (1, 2, 3), (3, 2, 1)
    yield (1, 3, 2, 4), (4, 2, 3, 1)
    for n, steps in ((4, 4), (5, 3), (5, 5), (6, 4), (6, 4)):
        yield _random_pair(rng, n, steps)


def _sets_probe(atom_sets: Callable[..., Any], pair: tuple[Word, Word]) -> Any:
    return atom_sets(*pair)


def _sets_verify(pair: tuple[Word, Word], answer: Any) -> None:
    """Atom k is below y if and only if it is in the Bruhat order."""
    x, w = pair
    call = f"atom_sets({x}, {w})"
    inside = bruhat_interval(x, w)
    atoms = [y for y in inside if length(y) == length(x) + 1]
    assert isinstance(answer, list | tuple), f"{call} returned {brief(answer)}, expected a list"
    assert len(answer) == len(inside), (
        f"{call} has {len(answer)} entries, and the interval has {len(inside)} elements"
    )
    for y, numbers in zip(inside, answer, strict=True):
        what = f"{call}: the entry of {y}"
        numbers = numbers.tolist() if isinstance(numbers, np.ndarray) else numbers
        assert isinstance(numbers, list | tuple), f"{what} is {brief(numbers)}, expected a set"
        found = {as_int(k, what) for k in numbers}
        assert len(numbers) == len(found), f"{what} is {brief(numbers)}: a number is repeated"
        expected = {k for k, atom in enumerate(atoms) if bruhat_leq(atom, y)}
        assert found == expected, (
            f"{what} is {sorted(found)}, expected {sorted(expected)}: the atoms are {atoms}"
        )


ATOM_SETS = Exercise(
    "bruhat_hypercubes.1", "The atoms below", _sets_instances, _sets_probe, _sets_verify
)


# bruhat_hypercubes.2 ---------------------------------------------------------------------------


def is_cube(sets: Sequence[set[int]], leq: Sequence[Sequence[bool]]) -> bool:
    """Return whether `sets` are all subsets of their union, and i <= j means inclusion.

    >>> is_cube([set(), {0}], [[True, True], [False, True]])
    True
    """
    atoms = set().union(*sets)
    if len(sets) != 2 ** len(atoms) or len({frozenset(s) for s in sets}) != len(sets):
        return False
    return all(leq[i][j] == (a <= b) for i, a in enumerate(sets) for j, b in enumerate(sets))


Poset = tuple[list[list[int]], list[list[bool]]]


def _poset(x: Word, w: Word) -> Poset:
    """The atom sets of [x, w], as lists, and its order as rows of Booleans."""
    inside = bruhat_interval(x, w)
    order = [[bruhat_leq(y, z) for z in inside] for y in inside]
    return [sorted(s) for s in atom_sets(x, w)], order


def _abstract(rng: np.random.Generator, r: int) -> Iterator[Poset]:
    """An r-cube whose elements are shuffled, and the same with one relation taken out."""
    subsets = [set(c) for size in range(r + 1) for c in combinations(range(r), size)]
    order = [subsets[k] for k in rng.permutation(len(subsets))]
    names = [sorted(subset) for subset in order]
    leq = [[a <= b for b in order] for a in order]
    yield names, leq
    broken = [list(row) for row in leq]
    pairs = [
        (i, j)
        for i, a in enumerate(order)
        for j, b in enumerate(order)
        if 2 <= len(a) < r and len(b) == len(a) + 1 and a < b
    ]
    i, j = pairs[int(rng.integers(len(pairs)))]
    broken[i][j] = False  # the atoms below are the same, and j stays above x through the others
    yield names, broken


def _cube_instances(rng: np.random.Generator) -> Iterator[Poset]:
    yield _poset((1, 2), (1, 2))
    yield _poset((1, 2, 3), (2, 3, 1))
    yield _poset((1, 2, 3), (3, 2, 1))
    yield _poset((1, 3, 2, 4), (4, 2, 3, 1))
    yield _poset((1, 2, 4, 3, 5), (4, 2, 5, 1, 3))  # 32 elements and 5 atoms
    yield _poset((1, 3, 4, 2), (4, 3, 2, 1))
    for r in (3, 4):
        yield from _abstract(rng, r)
    for steps in (2, 3, 3, 4):
        yield _poset(*_random_pair(rng, 5, steps))


def _cube_probe(is_cube: Callable[..., Any], instance: Poset) -> Any:
    sets, leq = instance
    return is_cube([set(s) for s in sets], leq)


def _cube_verify(instance: Poset, answer: Any) -> None:
    """All subsets occur once, and the order is inclusion in both directions."""
    sets, leq = [frozenset(s) for s in instance[0]], instance[1]
    what = f"is_cube of a poset with {len(sets)} elements"
    assert isinstance(answer, bool | np.bool_), f"{what} returned {brief(answer)}, expected a bool"
    size = 2 ** len(frozenset().union(*sets))
    reason = ""
    if len(sets) != size:
        reason = f"its atoms have {size} subsets"
    elif len(set(sets)) < size:
        twice = next(s for k, s in enumerate(sets) if s in sets[:k])
        reason = f"two elements have the same atoms {sorted(twice)} below them"
    else:
        for i, a in enumerate(sets):
            for j, b in enumerate(sets):
                if leq[i][j] != (a <= b):
                    reason = (
                        f"{sorted(a)} is a subset of {sorted(b)}, but element {i} is not <= {j}"
                    )
    assert answer == (not reason), f"{what} returned {answer}: {reason or 'it is a cube'}"


IS_CUBE = Exercise(
    "bruhat_hypercubes.2", "Is it a cube?", _cube_instances, _cube_probe, _cube_verify
)


# bruhat_hypercubes.3 ---------------------------------------------------------------------------


def is_dyadic(w: Word) -> bool:
    """Return whether a permutation of 1..2**k has one point in each dyadic box of area 2**k.

    >>> is_dyadic((1, 3, 2, 4)), is_dyadic((1, 2, 3, 4))
    (True, False)
    """
    k = len(w).bit_length() - 1
    return all(
        len({(i >> a, (value - 1) >> (k - a)) for i, value in enumerate(w)}) == len(w)
        for a in range(k + 1)
    )


def _dyadic_instances(rng: np.random.Generator) -> Iterator[Word]:
    yield from [(1, 2), (2, 1), (1, 2, 3, 4), (1, 3, 2, 4), (2, 1, 4, 3), (4, 2, 3, 1)]
    table = dyadic_permutations(3)
    for _ in range(4):
        yield tuple(table[int(rng.integers(len(table)))].tolist())
    for a in (1, 2):  # right for one shape of the boxes, wrong for another
        yield _almost_dyadic(rng, a)
    yield tuple((rng.permutation(8) + 1).tolist())
    yield tuple((rng.permutation(16) + 1).tolist())


def _almost_dyadic(rng: np.random.Generator, a: int) -> Word:
    """A permutation of 1..8 with one point in each box of 2**a positions, but not for 3 - a."""
    while True:
        w = tuple((rng.permutation(8) + 1).tolist())
        right = [
            len({(i >> b, (value - 1) >> (3 - b)) for i, value in enumerate(w)}) == 8
            for b in (a, 3 - a)
        ]
        if right == [True, False]:
            return w


def _dyadic_probe(is_dyadic: Callable[..., Any], w: Word) -> Any:
    return is_dyadic(w)


def _dyadic_verify(w: Word, answer: Any) -> None:
    """Count the points of every box."""
    size = len(w)
    assert isinstance(answer, bool | np.bool_), (
        f"is_dyadic({w}) returned {brief(answer)}, expected a bool"
    )
    crowded, width = "", 1
    while width <= size:
        height = size // width
        for left in range(0, size, width):
            for low in range(0, size, height):
                points = sum(low < value <= low + height for value in w[left : left + width])
                if points != 1:
                    crowded = (
                        f"the positions {left + 1}..{left + width} and the values "
                        f"{low + 1}..{low + height} have {points} points in common"
                    )
        width *= 2
    assert answer == (not crowded), (
        f"is_dyadic({w}) returned {answer}: {crowded or 'each box has one point'}"
    )


IS_DYADIC = Exercise(
    "bruhat_hypercubes.3",
    "One point in every box",
    _dyadic_instances,
    _dyadic_probe,
    _dyadic_verify,
)


# bruhat_hypercubes.4 ---------------------------------------------------------------------------


def coordinates(w: Word) -> list[int]:
    """Return 1 for each rectangle of area 2**(k+1) in which a dyadic permutation decreases, else 0.

    The rectangles have 2**(a+1) positions and 2**(k-a) values; they come by a = 0..k-1, then
    from left to right, then from low to high values.

    >>> coordinates((1, 3, 2, 4)), coordinates((1, 4, 2, 3))
    ([0, 0, 0, 0], [0, 0, 0, 1])
    """
    k = len(w).bit_length() - 1
    bits = []
    for a in range(k):
        width, height = 2 ** (a + 1), 2 ** (k - a)
        for left in range(0, len(w), width):
            for low in range(0, len(w), height):
                points = [v for v in w[left : left + width] if low < v <= low + height]
                bits.append(int(points[0] > points[1]))
    return bits


def flip(w: Word, number: int) -> Word:
    """Exchange the two entries of rectangle `number`: one coordinate changes.

    >>> flip((1, 3, 2, 4), 3)
    (1, 4, 2, 3)
    """
    k = len(w).bit_length() - 1
    a, place = divmod(number, len(w) // 2)
    width, height = 2 ** (a + 1), 2 ** (k - a)
    column, row = divmod(place, len(w) // height)
    left, low = column * width, row * height
    i, j = [i for i in range(left, left + width) if low < w[i] <= low + height]
    swapped = list(w)
    swapped[i], swapped[j] = w[j], w[i]
    return tuple(swapped)


def dyadic_from(bits: Sequence[int]) -> Word:
    """Return the dyadic permutation with given coordinates, k 2**(k-1) of them.

    >>> dyadic_from([0, 0, 0, 1])
    (1, 4, 2, 3)
    """
    k = next(k for k in range(1, 9) if k * 2 ** (k - 1) == len(bits))
    w = tuple(int(format(i, f"0{k}b")[::-1], 2) + 1 for i in range(2**k))  # all coordinates 0
    for number, bit in enumerate(bits):
        if bit:
            w = flip(w, number)
    return w


def _coordinates_instances(rng: np.random.Generator) -> Iterator[Word]:
    yield from [(1, 2), (2, 1), (1, 3, 2, 4), (4, 2, 3, 1), (1, 4, 2, 3), (3, 1, 2, 4)]
    for k in (2, 3, 3, 3, 4, 4):
        yield dyadic_from(rng.integers(0, 2, k * 2 ** (k - 1)).tolist())


def _coordinates_probe(coordinates: Callable[..., Any], w: Word) -> Any:
    return coordinates(w)


def _coordinates_verify(w: Word, answer: Any) -> None:
    """Find the two points of each rectangle among all points."""
    size = len(w)
    k = size.bit_length() - 1
    call = f"coordinates({w})"
    bits = as_array(answer, (k * size // 2,), call).tolist()
    rectangles = [
        (a, column, row)
        for a in range(k)
        for column in range(size >> (a + 1))
        for row in range(size >> (k - a))
    ]
    for number, (a, column, row) in enumerate(rectangles):
        points = sorted(
            (i, v)
            for i, v in enumerate(w, start=1)
            if (i - 1) >> (a + 1) == column and (v - 1) >> (k - a) == row
        )
        decreasing = int(points[0][1] > points[1][1])
        assert bits[number] == decreasing, (
            f"{call} has {bits[number]} at index {number}, expected {decreasing}: in the rectangle "
            f"with a = {a}, column {column} and row {row} the points (i, w(i)) are {points}"
        )


COORDINATES = Exercise(
    "bruhat_hypercubes.4",
    "The coordinates of the cube",
    _coordinates_instances,
    _coordinates_probe,
    _coordinates_verify,
)
