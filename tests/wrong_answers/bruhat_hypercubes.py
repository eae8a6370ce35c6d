"""Wrong answers to the companion on hypercubes: the mistakes that people really make."""

import numpy as np

from course_utils.exercises import bruhat_hypercubes as right
from course_utils.maths.permutations import bruhat_interval, length


def _atoms_of_the_group(x, w):
    """Take every element one longer than x in number order, not in the interval's order."""
    inside = bruhat_interval(x, w)
    atoms = sorted((y for y in inside if length(y) == length(x) + 1), reverse=True)
    found = right.atom_sets(x, w)
    names = [y for y in inside if length(y) == length(x) + 1]
    return [{atoms.index(names[k]) for k in s} for s in found]


def _forgets_itself(x, w):
    found = right.atom_sets(x, w)
    return [s if len(s) > 1 else set() for s in found]


def _by_length(x, w):
    """In a cube y has as many atoms as steps above x; right below the first failure only."""
    return [set(range(length(y) - length(x))) if len(s) == 3 else s
            for y, s in zip(bruhat_interval(x, w), right.atom_sets(x, w), strict=True)]  # fmt: skip


def _as_arrays(x, w):
    return [np.array(sorted(s), dtype=np.int32) for s in right.atom_sets(x, w)]


def _counts_only(sets, leq):
    return len(sets) == 2 ** len(set().union(*sets))


def _bijection_only(sets, leq):
    return _counts_only(sets, leq) and len({frozenset(s) for s in sets}) == len(sets)


def _one_direction(sets, leq):
    pairs = [(i, j) for i in range(len(sets)) for j in range(len(sets)) if leq[i][j]]
    return _bijection_only(sets, leq) and all(sets[i] <= sets[j] for i, j in pairs)


def _numpy_bool(sets, leq):
    return np.bool_(right.is_cube(sets, leq))


def _squares_only(w):
    """Test the middle shape only."""
    k = len(w).bit_length() - 1
    a = k // 2
    return len({(i >> a, (v - 1) >> (k - a)) for i, v in enumerate(w)}) == len(w)


def _counts_from_one(w):
    k = len(w).bit_length() - 1
    return all(
        len({(i >> a, v >> (k - a)) for i, v in enumerate(w, start=1)}) == len(w)
        for a in range(k + 1)
    )


def _last_digits(w):
    k = len(w).bit_length() - 1
    return all(
        len({(i % 2**a, (v - 1) >> a) for i, v in enumerate(w)}) == len(w) for a in range(k + 1)
    )


def _increasing_is_one(w):
    return [1 - bit for bit in right.coordinates(w)]


def _rows_first(w):
    k = len(w).bit_length() - 1
    bits = []
    for a in range(k):
        shape = (len(w) >> (a + 1), len(w) >> (k - a))
        part = right.coordinates(w)[a * len(w) // 2 : (a + 1) * len(w) // 2]
        bits += np.reshape(part, shape).T.ravel().tolist()
    return bits


def _neighbours_only(w):
    """Compare the two entries of a block's middle, not those of the same box of values."""
    bits = right.coordinates(w)
    half = len(w) // 2
    bits[:half] = [int(w[2 * i] > w[2 * i + 1]) for i in range(half)]
    if len(w) == 8:
        bits[half : half + 2] = [int(w[1] > w[2]), int(w[5] > w[6])]
    return bits


def _array(w):
    return np.array(right.coordinates(w), dtype=bool)


WRONG = {
    "bruhat_hypercubes.1": {
        "another order of the atoms": _atoms_of_the_group,
        "an atom is not below itself": _forgets_itself,
        "as if every interval were a cube": _by_length,
    },
    "bruhat_hypercubes.2": {
        "counts elements and atoms only": _counts_only,
        "a bijection is enough": _bijection_only,
        "order implies inclusion, but not back": _one_direction,
    },
    "bruhat_hypercubes.3": {
        "one shape of boxes only": _squares_only,
        "counts from one": _counts_from_one,
        "last digits of the position": _last_digits,
    },
    "bruhat_hypercubes.4": {
        "increasing is 1": _increasing_is_one,
        "rows before columns": _rows_first,
        "compares neighbours": _neighbours_only,
    },
}

ACCEPTED = {
    "bruhat_hypercubes.1": {"arrays for sets": _as_arrays},
    "bruhat_hypercubes.2": {"numpy's Boolean": _numpy_bool},
    "bruhat_hypercubes.4": {"an array of Booleans": _array},
}
