"""Wrong answers to the companion *Affine G2*: the mistakes that people make."""

import numpy as np

from course_utils.maths import affine_weyl


def _letters(word):
    return len(word)


def _cancels_neighbours(word):
    stack = []
    for s in word:
        if stack and stack[-1] == s:
            stack.pop()
        else:
            stack.append(s)
    return len(stack)


def _gives_up_after_twelve(word):
    """Right for every word of the small cases: the finite group has twelve elements."""
    w = affine_weyl.element(word)
    for firings in range(12):
        if min(w) > 0:
            return firings
        w = affine_weyl.times(w, w.index(min(w)))
    return 12


def _forgets_the_value_itself(values, neighbour):
    return np.where(neighbour >= 0, values[neighbour], 0)


def _doubles(values, neighbour):
    return 2 * values


def _takes_the_last_entry_for_a_missing_one(values, neighbour):
    """Right while the last coefficient is zero, as in the small cases."""
    return values + values[neighbour]


def _subtracts_nothing(product, top, b):
    return product


def _subtracts_all(product, top, b):
    for z in np.flatnonzero(product[:, 0]):
        product = product - product[z, 0] * b(int(z))
    return product


def _subtracts_the_longest_only(product, top, b):
    lower = [z for z in np.flatnonzero(product[:, 0]) if z != top]
    return product - product[lower[-1], 0] * b(int(lower[-1])) if lower else product


def _subtracts_each_once(product, top, b):
    """Right as long as every multiple is 1, which it is up to length 15."""
    for z in np.flatnonzero(product[:, 0]):
        if z != top:
            product = product - b(int(z))
    return product


def _removes_the_constants_only(product, top, b):
    product = product.copy()
    product[np.arange(len(product)) != top, 0] = 0
    return product


WRONG = {
    "affine_g2.1": {
        "counts the letters": _letters,
        "cancels equal neighbours only": _cancels_neighbours,
        "fires twelve times at most": _gives_up_after_twelve,
    },
    "affine_g2.2": {
        "forgets H_y": _forgets_the_value_itself,
        "forgets that y moves": _doubles,
        "reads index -1": _takes_the_last_entry_for_a_missing_one,
    },
    "affine_g2.3": {
        "subtracts nothing": _subtracts_nothing,
        "subtracts b_xs too": _subtracts_all,
        "subtracts one element only": _subtracts_the_longest_only,
        "forgets the multiple": _subtracts_each_once,
        "drops the constant terms": _removes_the_constants_only,
    },
}
