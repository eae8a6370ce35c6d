"""Wrong answers to the companion on AlphaZero, and right ones that come in other clothes."""

import math

import numpy as np

from course_utils.exercises import alphazero


def _ucb_greedy(counts, means):
    return counts.index(0) if 0 in counts else means.index(max(means))


def _ucb_without_log(counts, means):
    if 0 in counts:
        return counts.index(0)
    bounds = [m + math.sqrt(2 / n) for n, m in zip(counts, means, strict=True)]
    return bounds.index(max(bounds))


def _ucb_without_two(counts, means):
    if 0 in counts:
        return counts.index(0)
    t = sum(counts)
    bounds = [m + math.sqrt(math.log(t) / n) for n, m in zip(counts, means, strict=True)]
    return bounds.index(max(bounds))


def _ucb_counts_the_next_trial(counts, means):
    if 0 in counts:
        return counts.index(0)
    t = sum(counts) + 1
    bounds = [m + math.sqrt(2 * math.log(t) / n) for n, m in zip(counts, means, strict=True)]
    return bounds.index(max(bounds))


def _ucb_never_tries(counts, means):
    t = sum(counts) + 1
    bounds = [
        m + math.sqrt(2 * math.log(t) / n) if n else m for n, m in zip(counts, means, strict=True)
    ]
    return bounds.index(max(bounds))


def _ucb_two_arms(counts, means):
    return alphazero.ucb(counts[:2], means[:2])


def _puct_scores(priors, visits, totals, c, untried=0.0, root=None, plus=1):
    root = math.sqrt(1 + sum(visits)) if root is None else root
    rows = zip(priors, visits, totals, strict=True)
    return [(t / n if n else untried) + c * p * root / (plus + n) for p, n, t in rows]


def _first(scores):
    return scores.index(max(scores))


def _puct_sum_not_mean(priors, visits, totals, c):
    root = math.sqrt(1 + sum(visits))
    rows = zip(priors, visits, totals, strict=True)
    return _first([t + c * p * root / (1 + n) for p, n, t in rows])


def _puct_sign(priors, visits, totals, c):
    return alphazero.puct(priors, visits, [-t for t in totals], c)


def _puct_without_the_one(priors, visits, totals, c):
    return _first(_puct_scores(priors, visits, totals, c, root=math.sqrt(sum(visits))))


def _puct_last(priors, visits, totals, c):
    scores = _puct_scores(priors, visits, totals, c)
    return max(k for k, s in enumerate(scores) if s == max(scores))


def _puct_no_visits_no_bonus(priors, visits, totals, c):
    return _first(_puct_scores(priors, visits, totals, c, root=math.sqrt(sum(visits)), untried=-1))


def _backup_one_sign(visits, totals, path, value):
    for node, move in path:
        visits[node][move] += 1
        totals[node][move] += value


def _backup_starts_unsigned(visits, totals, path, value):
    for node, move in reversed(path):
        visits[node][move] += 1
        totals[node][move] += value
        value = -value


def _backup_from_the_root(visits, totals, path, value):
    for node, move in path:
        value = -value
        visits[node][move] += 1
        totals[node][move] += value


def _backup_overwrites(visits, totals, path, value):
    for node, move in reversed(path):
        value = -value
        visits[node][move] += 1
        totals[node][move] = value


def _results_all_equal(plies, last):
    return [-last] * plies


def _results_from_the_first(plies, last):
    return [-last * (-1) ** k for k in range(plies)]


def _results_of_the_next(plies, last):
    return [last * (-1) ** (plies - 1 - k) for k in range(plies)]


def _improved_untried_is_zero(logits, visits, totals, value, weight):
    return alphazero.improved_policy(logits, visits, totals, 0.0, weight)


def _improved_totals(logits, visits, totals, value, weight):
    return alphazero.improved_policy(logits, [min(n, 1) for n in visits], totals, value, weight)


def _improved_overflows(logits, visits, totals, value, weight):
    q = np.where(np.array(visits) > 0, np.array(totals) / np.maximum(visits, 1), value)
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(np.array(logits) + weight * q)
        return powers / powers.sum()


def _improved_forgets_the_prior(logits, visits, totals, value, weight):
    return alphazero.improved_policy([0.0] * len(logits), visits, totals, value, weight)


WRONG = {
    "alphazero.1": {
        "plays the best mean": _ucb_greedy,
        "forgets that the bound grows with time": _ucb_without_log,
        "never tries an arm with a bad start": _ucb_never_tries,
        "knows two arms only": _ucb_two_arms,
        "forgets the factor 2": _ucb_without_two,
        "counts the trial to come": _ucb_counts_the_next_trial,
    },
    "alphazero.3": {
        "adds results instead of averaging": _puct_sum_not_mean,
        "takes the opponent's side": _puct_sign,
        "takes the last of equal moves": _puct_last,
        "forgets the 1 in N": _puct_without_the_one,
        "counts an untried move as lost": _puct_no_visits_no_bonus,
    },
    "alphazero.2": {
        "never changes the sign": _backup_one_sign,
        "gives the leaf's value to the mover": _backup_starts_unsigned,
        "counts plies from the root": _backup_from_the_root,
        "overwrites the total": _backup_overwrites,
    },
    "alphazero.4": {
        "gives both players the same": _results_all_equal,
        "counts plies from the first": _results_from_the_first,
        "one ply off": _results_of_the_next,
    },
    "alphazero.5": {
        "gives an untried move the value 0": _improved_untried_is_zero,
        "uses sums for means": _improved_totals,
        "overflows": _improved_overflows,
        "forgets the prior": _improved_forgets_the_prior,
    },
}


def _ucb_numpy(counts, means):
    n = np.array(counts)
    if (n == 0).any():
        return np.flatnonzero(n == 0)[-1]
    return np.argmax(np.array(means) + np.sqrt(2 * np.log(n.sum()) / n))


def _puct_numpy(priors, visits, totals, c):
    n = np.array(visits)
    mean = np.array(totals) / np.maximum(n, 1)
    return np.argmax(mean + np.sqrt(1 + n.sum()) * c * np.array(priors) / (1 + n))


def _backup_by_power(visits, totals, path, value):
    for j, (node, move) in enumerate(path):
        visits[node][move] = visits[node][move] + 1
        totals[node][move] = np.float64(totals[node][move] + (-1) ** (len(path) - j) * value)
    return visits, totals


ACCEPTED = {
    "alphazero.1": {"numpy, the last untried arm": _ucb_numpy},
    "alphazero.3": {"numpy": _puct_numpy},
    "alphazero.2": {"from the root, with a power of -1": _backup_by_power},
    "alphazero.4": {
        "an array of floats": lambda plies, last: last * (-1.0) ** np.arange(plies, 0, -1)
    },
    "alphazero.5": {
        "an array": lambda *node: np.array(alphazero.improved_policy(*node)),
    },
}
