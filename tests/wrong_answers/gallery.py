"""Mistakes that people make in the conjecture gallery."""

from itertools import combinations, count
from math import gcd, prod

import numpy as np

from course_utils.exercises.gallery import bad_cliques, cell_sizes, permanent


def cliques_of_one_colour(red, s, t):
    return sum(
        all(red[v, w] for v, w in combinations(subset, 2))
        for subset in combinations(range(len(red)), s)
    )


def cliques_with_the_sizes_exchanged(red, s, t):
    return bad_cliques(red, t, s)


def cliques_by_traces(red, s, t):  # closed walks of length s are cliques for s <= 3 only
    red = np.asarray(red)
    blue = 1 - red - np.eye(len(red), dtype=int)
    walks = [int(np.trace(np.linalg.matrix_power(m, k))) for m, k in ((red, s), (blue, t))]
    return walks[0] // (2 if s == 2 else 6) + walks[1] // (2 if t == 2 else 6)


def permanent_as_a_determinant(matrix):
    return abs(round(np.linalg.det(matrix)))


def permanent_as_a_product_of_row_sums(matrix):
    return prod(int(row.sum()) for row in matrix)


def permanent_in_fixed_size_floats(matrix):
    return float(permanent(matrix))


def permanent_by_expansion_along_the_diagonal(matrix):  # right up to order 2
    if len(matrix) <= 2:
        return permanent(matrix)
    first = int(matrix[0, 0]) * permanent(matrix[1:, 1:])
    return first + int(matrix[0, 1]) * permanent(matrix[1:, [0, *range(2, len(matrix))]])


def the_even_differences(n, s, t):
    return list(range(2, n // 2 + 1, 2))


def quadratic_residues(n, s, t):  # Paley: right for 5 and 17
    return sorted({min(x * x % n, -x * x % n) for x in range(1, n)} - {0})


def circulants_by_heart(n, s, t):
    known = {5: [1], 8: [1, 4], 13: [1, 5], 17: [1, 2, 4, 8]}
    return known.get(n, [1]) if (s, t) != (4, 4) or n == 17 else [1, 2]


def _multiple(B, holds):
    """The least multiple of the right ratio for which `holds(sizes)`, or None."""
    smallest = cell_sizes(B)
    if smallest is None:
        return None
    unit = gcd(*smallest)
    base = [n // unit for n in smallest]
    multiples = ([t * n for n in base] for t in count(1))
    return next(sizes for sizes in multiples if holds(sizes))


def _fits(B, sizes, itself=1):
    k = len(B)
    return all(B[i][j] <= sizes[j] - itself * (i == j) for i in range(k) for j in range(k))


def sizes_turned_round(B):
    return cell_sizes(np.transpose(B).tolist())


def sizes_without_parity(B):
    return _multiple(B, lambda sizes: _fits(B, sizes))


def sizes_without_the_vertex_itself(B):
    even = [i for i in range(len(B)) if B[i][i] % 2]
    return _multiple(B, lambda n: _fits(B, n, itself=0) and all(n[i] % 2 == 0 for i in even))


def sizes_not_reduced(B):
    sizes = cell_sizes(B)
    return sizes and [2 * n for n in sizes] if len(B) > 2 else sizes


def sizes_without_cycles(B):
    """Right along a path of cells; the last entry of a cycle is never looked at."""
    path = np.array(B)
    if len(B) == 3:
        path[0, 2] = path[2, 0] = 0
    sizes = cell_sizes(path.tolist())
    return sizes and _multiple(path.tolist(), lambda n: _fits(B, n))


def sizes_as_an_array(B):
    sizes = cell_sizes(B)
    return None if sizes is None else np.array(sizes)


WRONG = {
    "gallery.1": {
        "counts red cliques only": cliques_of_one_colour,
        "exchanges the sizes": cliques_with_the_sizes_exchanged,
        "counts closed walks": cliques_by_traces,
    },
    "gallery.2": {
        "takes the even differences": the_even_differences,
        "takes the squares": quadratic_residues,
        "knows four answers by heart": circulants_by_heart,
    },
    "gallery.3": {
        "takes the determinant": permanent_as_a_determinant,
        "multiplies row sums": permanent_as_a_product_of_row_sums,
        "returns a float": permanent_in_fixed_size_floats,
        "forgets the third column": permanent_by_expansion_along_the_diagonal,
    },
    "gallery.4": {
        "turns the ratio round": sizes_turned_round,
        "forgets the sum of degrees": sizes_without_parity,
        "counts a vertex among its neighbours": sizes_without_the_vertex_itself,
        "does not reduce": sizes_not_reduced,
        "walks along the tree only": sizes_without_cycles,
    },
}

ACCEPTED = {"gallery.4": {"an array of sizes": sizes_as_an_array}}
