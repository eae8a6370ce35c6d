"""Mistakes that people make in week 7."""

from fractions import Fraction
from itertools import pairwise, product

import networkx as nx
import numpy as np

from course_utils.exercises import week07
from course_utils.exercises.week07 import charpoly, refute, refuting_brooms, roots_from
from course_utils.maths import real_roots


def _reward(matrix, matching, size=lambda n: n - 1, matrix_of=lambda a: a):
    graph = nx.from_numpy_array(np.asarray(matrix))
    pieces = nx.number_connected_components(graph)
    if pieces > 1:
        return -50.0 - pieces
    top = np.linalg.eigvalsh(matrix_of(matrix))[-1]
    return float(np.sqrt(size(len(matrix))) + 1 - top - matching(graph))


def _maximum(graph):
    return len(nx.max_weight_matching(graph, maxcardinality=True))


def reward_with_a_greedy_matching(matrix):
    return _reward(matrix, lambda graph: len(nx.maximal_matching(graph)))


def reward_of_a_disconnected_graph_without_penalty(matrix):
    graph = nx.from_numpy_array(matrix)
    top = np.linalg.eigvalsh(matrix)[-1]
    return float(np.sqrt(len(matrix) - 1) + 1 - top - _maximum(graph))


def reward_with_the_laplacian(matrix):
    return _reward(matrix, _maximum, matrix_of=lambda a: np.diag(a.sum(0)) - a)


def reward_with_half_of_the_degree_one_vertices_matched(matrix):  # right on brooms and stars
    return _reward(matrix, lambda graph: min(_maximum(graph), 3))


def elite_by_a_stable_sort(scores, count, rng):
    return np.argsort(-scores, kind="stable")[:count]


def elite_with_all_that_are_tied(scores, count, rng):
    return np.flatnonzero(scores >= np.sort(scores)[-count])


def elite_from_the_wrong_end(scores, count, rng):
    return np.lexsort((rng.random(len(scores)), scores))[:count]


def elite_drawn_with_repetition(scores, count, rng):
    border = np.sort(scores)[-count]
    above = np.flatnonzero(scores > border)
    tied = np.flatnonzero(scores == border)
    return np.concatenate([above, rng.choice(tied, count - len(above))])


def prefixes_that_see_the_letter_itself(words, bits, place):
    return np.cumsum(words[:, :, None] * bits, axis=1) + place


def prefixes_with_the_places_added_up(words, bits, place):
    steps = words[:, :, None] * bits
    return np.cumsum(steps, axis=1) - steps + np.cumsum(place, axis=0)


def prefixes_with_the_last_letter_only(words, bits, place):
    steps = words[:, :, None] * bits
    return np.concatenate([np.zeros_like(steps[:, :1]), steps[:, :-1]], axis=1) + place


def charpoly_by_rounding(matrix):
    return [round(c) for c in np.poly(matrix).tolist()]


def charpoly_of_minus_the_matrix(matrix):
    return charpoly(-matrix)


def roots_by_floating_point(coefficients, a):
    roots = np.roots(np.array(coefficients, float))
    real = roots[np.abs(roots.imag) < 1e-6].real
    return len({round(r, 6) for r in real.tolist() if r >= float(a)})


def roots_in_the_open_interval(coefficients, a):
    return roots_from(coefficients, a) - (real_roots.sign_at(coefficients, Fraction(a)) == 0)


def roots_without_the_minus_sign_of_the_remainders(coefficients, a):
    chain = real_roots.sturm_chain(coefficients)
    wrong = [[abs(c) * (1 if f[0] > 0 else -1) for c in f] for f in chain]
    signs = [real_roots.sign_at(f, Fraction(a)) for f in wrong]
    return sum(x != y for x, y in pairwise(signs))


def update_without_the_old(old, words, step):
    return np.mean(words, axis=0)


def update_with_the_weights_exchanged(old, words, step):
    return step * old + (1 - step) * np.mean(words, axis=0)


def update_of_the_logits(old, words, step):  # a gradient step instead of the minimum
    return old + step * old * (1 - old) * (np.mean(words, axis=0) - old)


def refute_with_equality(number):  # K33 attains all bounds and refutes none
    return nx.to_numpy_array(nx.complete_bipartite_graph(3, 3))


def refute_by_what_refutes_48(number):
    return nx.to_numpy_array(nx.path_graph(3))


def refute_by_a_disconnected_graph(number):
    return nx.to_numpy_array(nx.disjoint_union(nx.star_graph(9), nx.path_graph(3)))


def refute_the_two_smallest_by_table(number):
    return refute(number if number in (36, 48) else 36)


def brooms_with_equality(largest):
    pairs = product(range(1, largest), repeat=2)
    small = [(a, b) for a, b in pairs if a >= b and a + b + 3 <= min(largest, 17)]
    return refuting_brooms(largest) + [p for p in small if p == (7, 7)]


def brooms_with_n_instead_of_n_minus_one(largest):
    found = []
    for a, b in product(range(1, largest), repeat=2):
        s = np.sqrt(a + b + 3)
        if a >= b and a + b + 3 <= largest and s > 4 and (a - b) ** 2 < s * (s - 4) * (s - 2) ** 2:
            found.append((a, b))
    return found


def brooms_that_are_balanced(largest):
    return [(a, b) for a, b in refuting_brooms(largest) if a - b <= 1]


def brooms_up_to_sixty(largest):
    return refuting_brooms(min(largest, 60))


WRONG = {
    "7.1": {
        "takes a greedy matching": reward_with_a_greedy_matching,
        "scores disconnected graphs like the others": (
            reward_of_a_disconnected_graph_without_penalty
        ),
        "takes the Laplacian": reward_with_the_laplacian,
        "matches at most three edges": reward_with_half_of_the_degree_one_vertices_matched,
    },
    "7.2": {
        "breaks ties by position": elite_by_a_stable_sort,
        "takes all that are tied": elite_with_all_that_are_tied,
        "takes the worst": elite_from_the_wrong_end,
        "draws tied words with repetition": elite_drawn_with_repetition,
    },
    "7.3": {
        "forgets the old probabilities": update_without_the_old,
        "exchanges the weights": update_with_the_weights_exchanged,
        "takes one gradient step": update_of_the_logits,
    },
    "7.4": {
        "looks at the letter it is about to choose": prefixes_that_see_the_letter_itself,
        "adds up the places too": prefixes_with_the_places_added_up,
        "remembers one letter only": prefixes_with_the_last_letter_only,
    },
    "7.5": {
        "takes the polynomial of -A": (charpoly_of_minus_the_matrix, roots_from),
        "counts floating-point roots": (charpoly, roots_by_floating_point),
        "leaves out the end of the interval": (charpoly, roots_in_the_open_interval),
        "forgets the sign of the remainders": (
            charpoly,
            roots_without_the_minus_sign_of_the_remainders,
        ),
    },
    "7.6": {
        "counts equality": brooms_with_equality,
        "takes n for n - 1": brooms_with_n_instead_of_n_minus_one,
        "looks at balanced brooms only": brooms_that_are_balanced,
        "stops at sixty vertices": brooms_up_to_sixty,
    },
    "7.7": {
        "hands in an equality case": refute_with_equality,
        "hands in the same graph always": refute_by_what_refutes_48,
        "hands in a disconnected graph": refute_by_a_disconnected_graph,
        "knows the first two by heart": refute_the_two_smallest_by_table,
    },
}

WRONG["7.5"]["tells one root from none only"] = (charpoly, lambda c, a: min(1, roots_from(c, a)))
WRONG["7.5"]["counts a root as often as it is one"] = (
    charpoly,
    lambda c, a: sum(
        x.real >= float(a) - 1e-4 for x in np.roots(c).tolist() if abs(complex(x).imag) < 1e-3
    ),
)

ACCEPTED = {
    "7.1": {
        "in single precision": lambda matrix: np.float32(week07.reward(matrix)),
    },
    "7.3": {
        "in single precision": lambda old, words, step: week07.bits_update(
            old.astype(np.float32), words.astype(np.float32), np.float32(step)
        ),
    },
    "7.4": {
        "in single precision": lambda words, bits, place: week07.prefixes(
            words, bits.astype(np.float32), place.astype(np.float32)
        ).astype(np.float32),
    },
}
