"""Wrong answers to the companion on your own invariant: the mistakes that people really make."""

from fractions import Fraction

import networkx as nx
import numpy as np

from course_utils import protocol


def _leaves(tree):
    return max(1, sum(d == 1 for _, d in tree.degree()))


def _larger_side(tree):
    """The larger colour class of the tree: independent, and not always the largest such set."""
    sides = nx.bipartite.color(tree).values()
    return max(sum(sides), len(tree) - sum(sides))


def _half(tree):
    return (len(tree) + 1) // 2


def _by_matching(tree):
    return np.int64(len(tree) - len(nx.max_weight_matching(tree, maxcardinality=True)))


def _majority(features, labels):
    return float(np.bincount(labels).max() / len(labels))


def _pure_groups(features, labels):
    """Counts the groups with one label only."""
    alone = [len(set(labels[(features == f).all(axis=1)].tolist())) == 1 for f in features]
    return float(np.mean(alone))


def _distinct_rows(features, labels):
    return len(np.unique(features, axis=0)) / len(labels)


def _by_rows(keys, fraction, rng):
    order = rng.permutation(len(keys))
    count = round(fraction * len(keys))
    return order[count:], order[:count]


def _first_classes(keys, fraction, rng):
    """Whole classes, but the same ones whatever the generator."""
    return protocol.class_split(keys, fraction, np.random.default_rng(0))


def _sides_swapped(keys, fraction, rng):
    train, test = protocol.class_split(keys, fraction, rng)
    return test, train


def _as_lists(keys, fraction, rng):
    train, test = protocol.class_split(keys, fraction, rng)
    return [train.tolist(), test.tolist()]


def _without_the_one(observed, null):
    return float((np.asarray(null) >= observed).mean())


def _strictly(observed, null):
    return float((1 + (np.asarray(null) > observed).sum()) / (1 + len(null)))


def _other_tail(observed, null):
    return float((1 + (np.asarray(null) <= observed).sum()) / (1 + len(null)))


def _exact(observed, null):
    return Fraction(1 + int((np.asarray(null) >= observed).sum()), 1 + len(null))


WRONG = {
    "your_own_invariant.1": {
        "number of leaves": _leaves,
        "larger side of the two-colouring": _larger_side,
        "half of the vertices": _half,
    },
    "your_own_invariant.2": {
        "the majority's share": _majority,
        "groups with one label only": _pure_groups,
        "number of different rows": _distinct_rows,
    },
    "your_own_invariant.3": {
        "a split by rows": _by_rows,
        "the same classes for every generator": _first_classes,
        "test and train exchanged": _sides_swapped,
    },
    "your_own_invariant.4": {
        "the true order is not counted": _without_the_one,
        "ties do not count": _strictly,
        "the other tail": _other_tail,
    },
}

ACCEPTED = {
    "your_own_invariant.1": {"n minus the matching number": _by_matching},
    "your_own_invariant.2": {"a fraction": protocol.ceiling},
    "your_own_invariant.3": {"lists": _as_lists},
    "your_own_invariant.4": {"a fraction": _exact},
}
