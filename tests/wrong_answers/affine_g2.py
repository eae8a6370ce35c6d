"""Wrong answers to the companion *Affine G2*: the mistakes that people make."""

import numpy as np


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


def _forgets_the_value_itself(values, neighbour):
    return np.where(neighbour >= 0, values[neighbour], 0)


def _doubles(values, neighbour):
    return 2 * values


WRONG = {
    "affine_g2.1": {
        "counts the letters": _letters,
        "cancels equal neighbours only": _cancels_neighbours,
    },
    "affine_g2.2": {
        "forgets H_y": _forgets_the_value_itself,
        "forgets that y moves": _doubles,
    },
}
