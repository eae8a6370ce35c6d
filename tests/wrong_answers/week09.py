"""Mistakes that people make in week 9."""

from functools import cache
from itertools import permutations
from math import comb, factorial, floor, sqrt

import numpy as np

from course_utils.exercises.week09 import proved_size
from course_utils.maths import semigroups


def _degree3(n, first=2, last=None, sign=-1, factor=lambda m: m, power=lambda k: k * k):
    last = last if last is not None else n - 1
    total = 0
    for m in range(first, last + 1):
        onto = sum(sign**i * comb(m - 1, i) * (m - i) ** power(n - m) for i in range(m))
        total += comb(n, m) * factor(m) * onto
    return total


def degree3_in_floating_point(n):  # right until 2**53
    return int(_degree3(n) * 1.0) if n > 2 else 0


def degree3_with_sums_without_signs(n):
    return _degree3(n, sign=1)


def degree3_with_the_zero_semigroup(n):
    return _degree3(n, first=1)


def degree3_that_forgets_to_choose_zero(n):
    return _degree3(n, factor=lambda m: 1)


def degree3_with_the_bound_rounded_up(n):  # one m too few
    return _degree3(n, last=floor(n - 1 / 2 - sqrt(max(n - 3 / 4, 0)))) if n > 2 else 0


def _fixed(a, b, rows, columns):
    seen, cycles = set(), 0
    for start in ((i, j) for i in range(a) for j in range(b)):
        place = start
        cycles += start not in seen
        while place not in seen:
            seen.add(place)
            place = rows[place[0]], columns[place[1]]
    return 2**cycles


def instances_up_to_rows_only(a, b):
    identity = tuple(range(b))
    total = sum(_fixed(a, b, rows, identity) for rows in permutations(range(a)))
    return total // factorial(a)


def instances_without_division_by_columns(a, b):
    total = sum(_fixed(a, b, r, c) for r in permutations(range(a)) for c in permutations(range(b)))
    return total // factorial(a)


def instances_by_the_mean_of_orbit_sizes(a, b):
    return -(-(2 ** (a * b)) // (factorial(a) * factorial(b)))


def instances_by_row_and_column_sums(a, b):  # right on small sizes
    seen = set()
    for number in range(2 ** (a * b)):
        m = (number >> np.arange(a * b) & 1).reshape(a, b)
        seen.add((tuple(sorted(m.sum(1))), tuple(sorted(m.sum(0)))))
    return len(seen)


def _one_pass(m, l, r, t, rules=("t", "r", "m")):
    m, l, r, t = m.copy(), l.copy(), r.copy(), t.copy()
    if "t" in rules:
        t &= np.einsum("yzp,xpi->xyzi", m, l) & np.einsum("xyp,pzi->xyzi", m, r)
    if "r" in rules:
        single = m & (m.sum(2, keepdims=True) == 1)
        r &= ~np.einsum("xyp,xyzi->pzi", single, ~t)
        l &= ~np.einsum("yzp,xyzi->xpi", single, ~t)
    if "m" in rules:
        m &= np.einsum("pzi,xyzi->xyzp", r, t).all(2)
        m &= np.einsum("xpi,xyzi->xyzp", l, t).all(0)
    return m, l, r, t


def _to_the_end(masks, **options):
    while True:
        after = _one_pass(*masks, **options)
        if all(map(np.array_equal, after, masks)):
            return after
        masks = after


def propagate_once(m, l, r, t):
    return _one_pass(m, l, r, t)


def propagate_without_the_rule_for_psi(m, l, r, t):
    return _to_the_end((m, l, r, t), rules=("t", "m"))


def propagate_with_r_learnt_from_every_value(m, l, r, t):
    while True:
        before = [x.copy() for x in (m, l, r, t)]
        m, l, r, t = _one_pass(m, l, r, t, rules=("t", "m"))
        r = r & ~np.einsum("xyp,xyzi->pzi", m, ~t)
        if all(map(np.array_equal, before, (m, l, r, t))):
            return m, l, r, t


def count_without_the_root(root, outcomes, choose):
    passive, done = _count(root, outcomes, choose)
    return passive - 1, done


def _count(root, outcomes, choose):
    passive, done, todo = 0, 0, [root]
    while todo:
        position = todo.pop()
        passive += 1
        for word, child in outcomes(position, choose(position)):
            done += word == "done"
            todo += [child] if word == "active" else []
    return passive, done


def count_each_position_once(root, outcomes, choose):
    seen, done, todo = set(), 0, [root]
    while todo:
        position = todo.pop()
        if position in seen:
            continue
        seen.add(position)
        for word, child in outcomes(position, choose(position)):
            done += word == "done"
            todo += [child] if word == "active" else []
    return len(seen), done


def count_all_nodes(root, outcomes, choose):
    nodes, done, todo = 1, 0, [root]
    while todo:
        position = todo.pop()
        for word, child in outcomes(position, choose(position)):
            nodes += 1
            done += word == "done"
            todo += [child] if word == "active" else []
    return nodes, done


def count_all_leaves_as_done(root, outcomes, choose):
    passive, done, todo = 0, 0, [root]
    while todo:
        position = todo.pop()
        passive += 1
        for word, child in outcomes(position, choose(position)):
            done += word != "active"
            todo += [child] if word == "active" else []
    return passive, done


def scores_on_the_table_itself(ranks, is_open):
    found = ranks.reshape(1, -1)
    if len(is_open) > 1:
        found = np.tile(ranks, (len(is_open), 1))
    found[~is_open] = np.inf
    return found


def scores_that_always_write_into_the_table(ranks, is_open):
    found = np.empty(is_open.shape)
    for k, row in enumerate(is_open):
        found[k] = np.where(row, ranks, np.inf)
    ranks[~is_open[-1]] = np.inf
    return found


def scores_with_a_large_number_for_closed_cells(ranks, is_open):
    return np.where(is_open, ranks, 1000.0)


def scores_zero_where_closed(ranks, is_open):
    return ranks * is_open


def minimum_of_single_children(root, cuts):
    @cache
    def cost(p):
        return 1 + min(max((cost(c) for c in cut), default=0) for cut in cuts(p))

    return cost(root)


def minimum_without_the_node_itself(root, cuts):
    @cache
    def cost(p):
        return min(len(cut) + sum(cost(c) for c in cut) for cut in cuts(p))

    return cost(root)


def minimum_by_the_cut_with_the_fewest_children(root, cuts):
    @cache
    def cost(p):
        return 1 + sum(cost(c) for c in min(cuts(p), key=len))

    return cost(root)


def minimum_with_each_position_once_in_a_cut(root, cuts):
    @cache
    def cost(p):
        return 1 + min(sum(cost(c) for c in set(cut)) for cut in cuts(p))

    return cost(root)


def proof_that_is_believed(entries, root, outcomes, relabel):
    return entries[0]["size"]


def proof_of_which_only_the_sums_are_checked(entries, root, outcomes, relabel):
    for entry in entries:
        pairs = [c for c in entry["cut"]["children"] if isinstance(c, list)]
        if entry["size"] != 1 + sum(entries[c[0]]["size"] for c in pairs):
            raise ValueError("wrong sum")
    return entries[0]["size"]


def proof_whose_leaves_are_believed(entries, root, outcomes, relabel):
    def lenient(cells, cell):
        said = next(e for e in entries if tuple(e["cells"]) == tuple(cells))["cut"]["children"]
        found = outcomes(cells, cell)
        if len(said) != len(found):
            return found
        return [
            (s, c) if isinstance(s, str) else (w, c) for (w, c), s in zip(found, said, strict=True)
        ]

    return proved_size(entries, root, lenient, relabel)


def proof_that_starts_anywhere(entries, root, outcomes, relabel):
    return proved_size(entries, tuple(entries[0]["cells"]), outcomes, relabel)


def proof_without_counting_the_children(entries, root, outcomes, relabel):
    size = {}
    for i in reversed(range(len(entries))):
        entry = entries[i]
        size[i] = 1
        found = outcomes(tuple(entry["cells"]), tuple(entry["cut"]["cell"]))
        words = iter(entry["cut"]["children"])
        for word, cells in found:
            said = next(words, word)
            if isinstance(said, list):
                if said[0] <= i or relabel(cells, said[1]) != tuple(entries[said[0]]["cells"]):
                    raise ValueError("wrong child")
                size[i] += size[said[0]]
            elif word == "active":
                raise ValueError("active")
    if size[0] != entries[0]["size"]:
        raise ValueError("size")
    return size[0]


WRONG = {
    "9.1": {
        "floating point": degree3_in_floating_point,
        "no signs": degree3_with_sums_without_signs,
        "counts the zero semigroup": degree3_with_the_zero_semigroup,
        "forgets which product is zero": degree3_that_forgets_to_choose_zero,
        "one m too few": degree3_with_the_bound_rounded_up,
    },
    "9.2": {
        "rows only": instances_up_to_rows_only,
        "divides by a! alone": instances_without_division_by_columns,
        "as if no matrix had symmetries": instances_by_the_mean_of_orbit_sizes,
        "row and column sums": instances_by_row_and_column_sums,
    },
    "9.3": {
        "a single pass": propagate_once,
        "learns nothing about ψ": propagate_without_the_rule_for_psi,
        "ψ learns from open cells": propagate_with_r_learnt_from_every_value,
    },
    "9.4": {
        "forgets the root": count_without_the_root,
        "counts positions, not nodes": count_each_position_once,
        "counts the leaves": count_all_nodes,
        "impossible is done": count_all_leaves_as_done,
    },
    "9.5": {
        "the bug": scores_on_the_table_itself,
        "always writes into the table": scores_that_always_write_into_the_table,
        "a large number instead of infinity": scores_with_a_large_number_for_closed_cells,
        "zero where closed": scores_zero_where_closed,
    },
    "9.6": {
        "the most expensive child": minimum_of_single_children,
        "counts the children": minimum_without_the_node_itself,
        "fewest children first": minimum_by_the_cut_with_the_fewest_children,
        "a set of children": minimum_with_each_position_once_in_a_cut,
    },
    "9.7": {
        "believes the root": proof_that_is_believed,
        "checks sums only": proof_of_which_only_the_sums_are_checked,
        "believes the leaves": proof_whose_leaves_are_believed,
        "misses a lost child": proof_without_counting_the_children,
        "does not ask for the root": proof_that_starts_anywhere,
    },
}


def propagate_by_the_course(m, l, r, t):
    return list(semigroups.process(m, l, r, t))


def minimum_recursively_with_a_dictionary(root, cuts, known=None):
    known = {} if known is None else known
    if root not in known:
        sums = [
            sum(minimum_recursively_with_a_dictionary(c, cuts, known) for c in cut)
            for cut in cuts(root)
        ]
        known[root] = np.int64(1 + min(sums))
    return known[root]


ACCEPTED = {
    "9.3": {"a list of masks": propagate_by_the_course},
    "9.6": {"a dictionary and numpy integers": minimum_recursively_with_a_dictionary},
}
