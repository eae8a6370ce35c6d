"""Mistakes that people make in week 14."""

import functools

import numpy as np

from course_utils.engines.program_machine import ARITY
from course_utils.exercises.week14 import (
    count_trees,
    distinct,
    loop,
    loop2,
    refit,
    survival,
    two_way,
)


def judge_by_the_mean(predictions, truth):
    near = np.abs(predictions - truth).mean(axis=1) < 1e-6 * (1 + np.abs(truth).mean())
    return int(np.flatnonzero(near)[0]) if near.any() else None


def judge_that_always_answers(predictions, truth):
    with np.errstate(all="ignore"):
        gaps = np.nan_to_num(np.abs(predictions - truth).max(axis=1), nan=np.inf)
    return int(gaps.argmin())


def judge_that_overlooks_nan(predictions, truth):
    far = np.abs(predictions - truth) >= 1e-6 * (1 + np.abs(truth))
    right = np.flatnonzero(~far.any(axis=1))
    return int(right[0]) if len(right) else None


def judge_without_the_one(predictions, truth):  # right where the truth is not near 0
    near = np.abs(predictions - truth) < 1e-6 * np.abs(truth)
    right = np.flatnonzero(near.all(axis=1))
    return int(right[0]) if len(right) else None


def count_without_functions(size, atoms):
    counts = [0, atoms]
    for n in range(2, size + 1):
        counts.append(4 * sum(counts[i] * counts[n - 1 - i] for i in range(1, n - 1)))
    return counts[size]


def count_up_to_a_size(size, atoms):
    return sum(count_trees(n, atoms) for n in range(1, size + 1))


def count_with_equal_arguments_once(size, atoms):  # right for sizes 1 and 2
    counts = [0, atoms]
    for n in range(2, size + 1):
        pairs = sum(counts[i] * counts[n - 1 - i] for i in range(1, n - 1) if i <= n - 1 - i)
        counts.append(4 * counts[n - 1] + 4 * pairs)
    return counts[size]


def count_for_two_atoms(size, atoms):  # right in the notebook's bank
    return count_trees(size, 2)


def distinct_by_exact_equality(values):
    with np.errstate(all="ignore"):
        rows = np.flatnonzero(np.isfinite(values).all(axis=1) & (values != 0).any(axis=1))
    return rows[np.sort(np.unique(values[rows] + 0.0, axis=0, return_index=True)[1])]


def distinct_with_absolute_digits(values):  # fails where values are tiny
    rows = np.flatnonzero(np.isfinite(values).all(axis=1) & (np.abs(values).max(axis=1) > 1e-12))
    rounded = np.round(values[rows], 6) + 0.0
    return rows[np.sort(np.unique(rounded, axis=0, return_index=True)[1])]


def distinct_up_to_sign(values):
    return distinct(np.abs(values))


def distinct_that_keeps_zero(values):
    return np.sort(np.append(distinct(values), np.flatnonzero((values == 0).all(axis=1))[:1]))


def pairs_of_sums_only(target, values):
    return [hit for hit in two_way(target, values) if hit[0] == "+"]


def pairs_each_once(target, values):
    return [(o, i, j) for o, i, j in two_way(target, values) if o in "-/" or i <= j]


def pairs_with_the_order_exchanged(target, values):
    return [(o, j, i) for o, i, j in two_way(target, values)]


def pairs_by_one_point(target, values):  # right when no two functions meet there
    return [
        (o, i, int(j))
        for o, wanted in (("+", target - values), ("-", values - target))
        for i in range(min(len(values), 100))
        for j in np.flatnonzero(np.abs(values[:, 0] - wanted[i, 0]) < 1e-6)
    ]


def survival_of_one_value(noise, step, points):
    return survival(noise, step, 1)


def survival_with_the_worst_shift(noise, step, points):
    return max(0.0, 1 - noise / step) ** points


def survival_below_the_step_only(noise, step, points):  # right while the noise is small
    return max(0.0, 1 - noise / (2 * step)) ** points


def loop_from_zero(f, a, b):
    x = b
    for y in range(a):
        x = f(x, y)
    return x


def loop2_one_after_the_other(f, g, a, b, c):  # right when g does not see x
    x, y = b, c
    for _ in range(a):
        x = f(x, y)
        y = g(x, y)
    return x


def loop_while(f, a, b):  # runs once where nothing is to be repeated
    x, y = f(b, 1), 2
    while y <= a:
        x, y = f(x, y), y + 1
    return x


def loop2_that_returns_the_pair(f, g, a, b, c):
    x, y = b, c
    for _ in range(a):
        x, y = f(x, y), g(x, y)
    return y


def counted(programs, following, ignorant, backwards=False, root=0):
    counts = np.zeros_like(ignorant)
    for program in programs:
        waiting = [root]
        for token in program:
            context = waiting.pop()
            counts[context, token] += 1
            new = list(following[context, token, : ARITY[token]])
            waiting += new if backwards else new[::-1]
    return counts


def refit_with_the_last_argument_first(programs, following, ignorant, floor):
    counts = counted(programs, following, ignorant, backwards=True)
    return (counts + floor * ignorant) / (counts.sum(axis=1, keepdims=True) + floor)


def refit_with_add_one(programs, following, ignorant, floor):
    counts = counted(programs, following, ignorant) + 1
    return counts / counts.sum(axis=1, keepdims=True)


def refit_by_the_token_above(programs, following, ignorant, floor):  # right for 24 contexts
    counts = np.zeros_like(ignorant)
    for program in programs:
        waiting = [0]
        for token in program:
            context = waiting.pop()
            counts[context, token] += 1
            waiting += list(following[0, token, : ARITY[token]])[::-1]
    return (counts + floor * ignorant) / (counts.sum(axis=1, keepdims=True) + floor)


def refit_over_all_counts(programs, following, ignorant, floor):
    counts = counted(programs, following, ignorant)
    return (counts + floor * ignorant) / (counts.sum() + floor)


WRONG = {
    "14.1": {
        "takes the mean over the points": judge_by_the_mean,
        "returns its best guess": judge_that_always_answers,
        "overlooks nan": judge_that_overlooks_nan,
        "divides by the truth alone": judge_without_the_one,
    },
    "14.2": {
        "forgets sin, cos, exp and log": count_without_functions,
        "adds up all sizes": count_up_to_a_size,
        "counts a + b and b + a once": count_with_equal_arguments_once,
        "has always two atoms": count_for_two_atoms,
    },
    "14.3": {
        "compares exactly": distinct_by_exact_equality,
        "rounds to six decimals": distinct_with_absolute_digits,
        "identifies f and -f": distinct_up_to_sign,
        "keeps the zero function": distinct_that_keeps_zero,
    },
    "14.4": {
        "looks for sums only": pairs_of_sums_only,
        "returns one of two orders": pairs_each_once,
        "exchanges the two functions": pairs_with_the_order_exchanged,
        "compares at one point": pairs_by_one_point,
    },
    "14.6": {
        "forgets the number of points": survival_of_one_value,
        "takes the largest shift": survival_with_the_worst_shift,
        "extends the formula beyond the step": survival_below_the_step_only,
    },
    "14.7": {
        "counts from 0": (loop_from_zero, loop2),
        "one after the other": (loop, loop2_one_after_the_other),
        "runs at least once": (loop_while, loop2),
        "returns y": (loop, loop2_that_returns_the_pair),
    },
    "14.8": {
        "takes the last argument first": refit_with_the_last_argument_first,
        "adds one to each count": refit_with_add_one,
        "looks at the token above only": refit_by_the_token_above,
        "divides by all counts": refit_over_all_counts,
    },
}


def judge_in_plain_python(predictions, truth):
    for row, values in enumerate(np.asarray(predictions).tolist()):
        if all(abs(p - f) < 1e-6 * (1 + abs(f)) for p, f in zip(values, truth, strict=True)):
            return np.int64(row)
    return None


def count_by_the_cycle_lemma(size, atoms):
    from math import comb

    return sum(
        comb(size, b) * comb(size - b, b + 1) // size * 4 ** (size - b - 1) * atoms ** (b + 1)
        for b in range((size - 1) // 2 + 1)
    )


def distinct_in_a_dictionary(values):
    seen, kept = set(), []
    for row, line in enumerate(np.asarray(values)):
        if not np.isfinite(line).all() or np.abs(line).max() < 1e-12:
            continue
        digits = 9 - int(np.floor(np.log10(np.abs(line).max())))
        key = (digits, *(np.round(line, digits) + 0.0).tolist())
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def pairs_sorted_as_tuples(target, values):
    return tuple(sorted((o, np.int64(i), np.int64(j)) for o, i, j in two_way(target, values)))


ACCEPTED = {
    "14.1": {"in plain Python": judge_in_plain_python},
    "14.2": {"by the cycle lemma": count_by_the_cycle_lemma},
    "14.3": {"with a dictionary, as a list": distinct_in_a_dictionary},
    "14.4": {"sorted, as tuples": pairs_sorted_as_tuples},
    "14.6": {
        "as a numpy number": lambda noise, step, points: np.float64(survival(noise, step, points))
    },
    "14.7": {
        "with reduce": (
            lambda f, a, b: functools.reduce(f, range(1, a + 1), b),
            loop2,
        ),
    },
    "14.8": {
        "as nested lists": lambda *given: refit(*given).tolist(),
    },
}
