"""Mistakes that people make in week 11, and unusual answers that are right."""

from itertools import combinations

import numpy as np
import torch

from course_utils.exercises.week11 import grevlex, lcm, update
from course_utils.maths import groebner


def _divides(a, b):
    return all(x <= y for x, y in zip(a, b, strict=True))


def _criterion(basis, prime, pairs):
    n = len(next(iter(basis[0])))
    return all(groebner.is_groebner_basis([basis[i], basis[j]], n, prime=prime) for i, j in pairs)


def criterion_with_neighbours_only(basis, prime=32003):
    return _criterion(basis, prime, [(k, k + 1) for k in range(len(basis) - 1)])


def criterion_each_pair_by_itself(basis, prime=32003):
    return _criterion(basis, prime, combinations(range(len(basis)), 2))


def criterion_with_divisible_leads(basis, prime=32003):
    leads = [max(p, key=grevlex) for p in basis]
    return not any(_divides(a, b) for a in leads for b in leads if a != b)


def update_without_the_old_pairs_rule(pairs, leads, f):
    new = [pair for pair in update(pairs, leads, f) if pair[1] == len(leads)]
    return list(pairs) + new


def update_that_drops_too_many_old_pairs(pairs, leads, f):
    kept = [(i, j) for i, j in pairs if not _divides(f, lcm(leads[i], leads[j]))]
    return kept + [pair for pair in update(pairs, leads, f) if pair[1] == len(leads)]


def update_with_coprime_pairs_left_out_first(pairs, leads, f):
    """The product criterion before the chain criterion: pairs return that a coprime one covers."""
    m = len(leads)
    old = [pair for pair in update(pairs, leads, f) if pair[1] < m]
    joins = {i: lcm(lead, f) for i, lead in enumerate(leads)}
    joins = {i: v for i, v in joins.items() if sum(v) < sum(leads[i]) + sum(f)}
    new = []
    for i, join in joins.items():
        covered = any(k != join and _divides(k, join) for k in joins.values())
        if not covered and join not in [joins[k] for k, _ in new]:
            new.append((i, m))
    return old + new


def update_that_asks_the_kept_pair_only(pairs, leads, f):
    """Is the kept element of a group coprime? Another one of the group may be."""
    m, joins = len(leads), [lcm(lead, f) for lead in leads]
    old = [pair for pair in update(pairs, leads, f) if pair[1] < m]
    new = []
    for i, join in enumerate(joins):
        covered = any(k != join and _divides(k, join) for k in joins) or join in joins[:i]
        if not covered and sum(join) < sum(leads[i]) + sum(f):
            new.append((i, m))
    return old + new


def update_with_the_last_of_a_group(pairs, leads, f):
    m, joins = len(leads), [lcm(lead, f) for lead in leads]
    result = update(pairs, leads, f)
    last = {i: max(k for k, v in enumerate(joins) if v == joins[i]) for i, j in result if j == m}
    return [(last[i], j) if j == m else (i, j) for i, j in result]


def log_over_all_pairs(scores, offered, move, chosen):
    return torch.log_softmax(scores, 0)[chosen]


def log_without_the_largest_score(scores, offered, move, chosen):
    total = torch.zeros(len(chosen)).index_add(0, move, scores[offered].exp())
    return scores[chosen] - total.log()


def log_detached(scores, offered, move, chosen):
    return log_with_a_loop(scores.detach(), offered, move, chosen) + 0 * scores.sum()


def log_with_a_loop(scores, offered, move, chosen):
    return torch.stack(
        [scores[c] - scores[offered[move == t]].logsumexp(0) for t, c in enumerate(chosen)]
    )


def _returns(price, episode):
    return -np.bincount(episode, price)


def _to_go(price, episode):
    return np.array([-price[t:][episode[t:] == episode[t]].sum() for t in range(len(price))], float)


def advantage_right(price, episode, waiting, runs, baseline):
    returns = _returns(price, episode)
    if baseline == "pairs":
        to_go = _to_go(price, episode)
        line = np.stack([waiting, np.ones(len(waiting))], 1)
        return (to_go - line @ np.linalg.lstsq(line, to_go, rcond=None)[0]).tolist()
    if baseline == "mean":
        return [returns[e] - returns.mean() for e in episode]
    result = []
    for e in episode:
        group = returns[e - e % runs : e - e % runs + runs]
        result.append(returns[e] - (group.sum() - returns[e]) / (runs - 1))
    return result


def advantage_with_the_own_run_in_the_mean(price, episode, waiting, runs, baseline):
    if baseline != "ideal":
        return advantage_right(price, episode, waiting, runs, baseline)
    groups = _returns(price, episode).reshape(-1, runs)
    return (groups - groups.mean(1, keepdims=True)).ravel()[episode]


def advantage_with_the_sign_of_a_cost(price, episode, waiting, runs, baseline):
    return -np.array(advantage_right(price, episode, waiting, runs, baseline))


def advantage_whose_rest_runs_into_the_next_episode(price, episode, waiting, runs, baseline):
    if baseline != "pairs":
        return advantage_right(price, episode, waiting, runs, baseline)
    to_go = -np.cumsum(price[::-1])[::-1].astype(float)
    slope, level = np.polyfit(waiting, to_go, 1)
    return to_go - slope * waiting - level


WRONG = {
    "11.1": {
        "lexicographic after the degree": lambda e: (sum(e), *e),
        "forgets to reverse": lambda e: (sum(e), *(-k for k in e)),
        "forgets the sign": lambda e: (sum(e), *reversed(e)),
        "forgets the degree": lambda e: tuple(-k for k in reversed(e)),
    },
    "11.2": {
        "compares integers": lambda a, b, guard: a <= b,
        "divides integers": lambda a, b, guard: b % a == 0 if a else True,
        "bits instead of numbers": lambda a, b, guard: a & b == a,
        "any guard": lambda a, b, guard: ((b | guard) - a) & guard != 0,
        "subtracts the wrong way": lambda a, b, guard: ((a | guard) - b) & guard == guard,
    },
    "11.3": {
        "neighbours only": criterion_with_neighbours_only,
        "each pair by itself": criterion_each_pair_by_itself,
        "leads that do not divide each other": criterion_with_divisible_leads,
        "always true": lambda basis, prime=32003: True,
    },
    "11.4": {
        "keeps all old pairs": update_without_the_old_pairs_rule,
        "drops old pairs with equal lcm": update_that_drops_too_many_old_pairs,
        "product criterion first": update_with_coprime_pairs_left_out_first,
        "last index of a group": update_with_the_last_of_a_group,
        "asks only the kept index of a group": update_that_asks_the_kept_pair_only,
        "all pairs": lambda pairs, leads, f: pairs + [(i, len(leads)) for i in range(len(leads))],
    },
    "11.5": {
        "degree of the lcm": lambda a, s, b, t: sum(map(max, a, b)),
        "adds instead of taking the larger": lambda a, s, b, t: s + t,
        "forgets to subtract the lead": lambda a, s, b, t: max(s, t) + sum(map(max, a, b)),
        "only the first element": lambda a, s, b, t: s + sum(map(max, a, b)) - sum(a),
    },
    "11.8": {
        "softmax over all pairs": log_over_all_pairs,
        "overflows": log_without_the_largest_score,
        "no gradient": log_detached,
        "forgets the logarithm of the sum": lambda s, offered, move, chosen: s[chosen],
    },
    "11.9": {
        "own run in the mean": advantage_with_the_own_run_in_the_mean,
        "sign of a cost": advantage_with_the_sign_of_a_cost,
        "rest runs on": advantage_whose_rest_runs_into_the_next_episode,
    },
    "11.10": {
        "the trailing degree again": {"deg S trail": -1},
        "Degree": {"deg lcm": -1},
        "four features": {"deg S trail": -1, "tail f x": 0.2, "tail f z": 0.2, "tail f y": 0.1},
        "the wrong sign": {"deg S trail": 1, "tail f x": -0.2, "tail f z": -0.2},
        "a name that is none": {"trailing degree": -1},
    },
}
ACCEPTED = {
    "11.1": {
        "one integer": lambda e: sum(e) * 10**60 - sum(k * 10 ** (5 * i) for i, k in enumerate(e)),
    },
    "11.2": {
        "field by field": lambda a, b, guard: all(
            (a >> (16 * k)) & 0x7FFF <= (b >> (16 * k)) & 0x7FFF for k in range(4)
        ),
    },
    "11.3": {
        "an integer": lambda basis, prime=32003: int(
            groebner.is_groebner_basis(basis, len(next(iter(basis[0]))), prime=prime)
        ),
    },
    "11.4": {
        "lists, new ones first": lambda pairs, leads, f: [
            list(pair) for pair in reversed(update(pairs, leads, f))
        ],
        "a set": lambda pairs, leads, f: set(update(pairs, leads, f)),
    },
    "11.5": {
        "numpy": lambda a, s, b, t: np.int64(max(s - sum(a), t - sum(b)) + np.maximum(a, b).sum()),
    },
    "11.8": {"a loop": log_with_a_loop},
    "11.9": {"a list": advantage_right},
    "11.10": {"other scale": {"deg S trail": -5, "tail f x": 1, "tail f z": 1, "deg lcm": 0}},
}
