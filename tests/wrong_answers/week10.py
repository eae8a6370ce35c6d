"""Mistakes that people make in week 10, and right answers in other forms."""

from fractions import Fraction
from itertools import permutations

import numpy as np

from course_utils.exercises.week10 import certify, commutant, elementary, kayles, proved_period


def set_by_the_mean(x, mask, phi, rho):
    weight = mask.unsqueeze(-1).to(x.dtype)
    return rho((phi(x) * weight).sum(1) / weight.sum(1).clamp(min=1))


def set_that_counts_padding(x, mask, phi, rho):  # right where nothing is padded
    return rho(phi(x).sum(1))


def set_that_masks_before_phi(x, mask, phi, rho):  # phi(0) is not 0
    return rho(phi(x * mask.unsqueeze(-1)).sum(1))


def set_that_sums_after_rho(x, mask, phi, rho):
    return (rho(phi(x)) * mask.unsqueeze(-1)).sum(1)


def set_by_where(x, mask, phi, rho):  # right: zeros in the empty places
    import torch

    return rho(torch.where(mask.unsqueeze(-1), phi(x), 0).sum(dim=-2))


def newton_without_signs(powers):
    e = [Fraction(1)]
    for k in range(1, len(powers) + 1):
        e.append(sum(e[k - i] * powers[i - 1] for i in range(1, k + 1)) / k)
    return e[1:]


def newton_without_the_division(powers):  # right for e_1
    e = [Fraction(1)]
    for k in range(1, len(powers) + 1):
        e.append(sum((-1) ** (i - 1) * e[k - i] * powers[i - 1] for i in range(1, k + 1)))
    return e[1:]


def newton_for_integers_only(powers):  # right on sets of integers
    e = [Fraction(1)]
    for k in range(1, len(powers) + 1):
        e.append(sum((-1) ** (i - 1) * e[k - i] * powers[i - 1] for i in range(1, k + 1)) // k)
    return e[1:]


def newton_up_to_three(powers):
    p = [*powers, 0, 0, 0]
    e = [p[0], (p[0] ** 2 - p[1]) / 2, (p[0] ** 3 - 3 * p[0] * p[1] + 2 * p[2]) / 6]
    return (e + [Fraction(0)] * len(powers))[: len(powers)]


def newton_by_determinants(powers):  # right: k! e_k is a determinant of power sums
    def determinant(M):
        if not M:
            return Fraction(1)
        minors = ([row[:j] + row[j + 1 :] for row in M[1:]] for j in range(len(M)))
        return sum((-1) ** j * M[0][j] * determinant(m) for j, m in enumerate(minors) if M[0][j])

    found, factorial = [], 1
    for k in range(1, len(powers) + 1):
        factorial *= k
        M = [
            [powers[i - j] if j <= i else (i + 1 if j == i + 1 else 0) for j in range(k)]
            for i in range(k)
        ]
        found.append(Fraction(determinant(M)) / factorial)
    return found


def commutant_by_two_means(A):
    return float(np.trace(A) / len(A)), float(A.mean())


def commutant_with_all_entries_off_the_diagonal(A):
    b = float(A.mean())
    return float(np.trace(A) / len(A) - b), b


def commutant_without_the_difference(A):  # right where b = 0
    a, b = commutant(A)
    return a + b, b


def commutant_of_the_upper_half(A):  # right for symmetric matrices
    return commutant(np.triu(A) + np.triu(A, 1).T)


def commutant_by_averaging(A):  # right, by brute force; by two equations when n is large
    n = len(A)
    if n <= 6:
        M = np.mean([A[np.ix_(p, p)] for p in permutations(range(n))], axis=0)
        return M[0, 0] - M[0, 1], M[0, 1]
    a, b = np.linalg.solve([[n, n], [n, n * n]], [np.trace(A), A.sum()])
    return a, b


def kayles_with_sums_for_xors(limit):
    values = []
    for n in range(limit + 1):
        reached = {values[a] + values[n - t - a] for t in (1, 2) for a in range(n - t + 1)}
        values.append(min(set(range(len(reached) + 1)) - reached))
    return values


def kayles_without_splitting(limit):  # right up to two pins
    return [n % 3 for n in range(limit + 1)]


def kayles_with_the_largest_for_the_mex(limit):
    values = []
    for n in range(limit + 1):
        reached = {values[a] ^ values[n - t - a] for t in (1, 2) for a in range(n - t + 1)}
        values.append(max(reached, default=-1) + 1)
    return values


def kayles_one_value_short(limit):
    return kayles(limit)[:-1]


def kayles_by_period(limit):  # the period starts only at 71
    head = kayles(min(limit, 24))
    return head + [head[13 + (n - 13) % 12] for n in range(25, limit + 1)]


def kayles_with_numpy(limit):  # right
    return np.array(kayles(limit))


def period_that_is_only_seen(values, longest):
    """The period of the end of the list, proved or not."""
    for p in range(1, len(values) // 2):
        different = [n for n in range(len(values) - p) if values[n] != values[n + p]]
        s = max(different, default=-1) + 1
        if s + 2 * p <= len(values):
            return p, s
    return 0, 0


def period_without_the_longest_move(values, longest):
    return proved_period(values, 0)


def period_and_start_swapped(values, longest):
    return proved_period(values, longest)[::-1]


def period_from_the_beginning(values, longest):
    for p in range(1, len(values)):
        end = p + longest
        if end + p <= len(values) and all(values[n] == values[n + p] for n in range(end)):
            return p, 0
    return 0, 0


def walsh_without_the_mean(f):
    h = np.arange(len(f))
    return (-1.0) ** np.bitwise_count(h[:, None] & h) @ f


def walsh_with_xor_for_and(f):
    h = np.arange(len(f))
    return (-1.0) ** np.bitwise_count(h[:, None] ^ h) @ f / len(f)


def walsh_with_the_sign_of_and(f):  # right for one digit
    h = np.arange(len(f))
    return (-1.0) ** (h[:, None] & h) @ f / len(f)


def walsh_all_equal(f):  # right for the indicator of 0
    return np.full(len(f), f.mean())


def walsh_fast(f):  # right: butterflies
    c = np.array(f, float)
    step = 1
    while step < len(c):
        pairs = c.reshape(-1, 2, step)
        c = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(-1)
        step *= 2
    return (c / len(c)).tolist()


def certify_without_mod_two(phases, weights, bias):
    codes = np.rint(phases).astype(int)
    h = np.arange(len(codes))
    good = (codes[:, None] + codes == codes[h[:, None] ^ h]).all(axis=(0, 1))
    logits = bias + (1 - 2 * (codes[:, good] % 2)) @ weights[good]
    margin = np.where(h == 0, logits, -logits).min() - np.abs(weights[~good]).sum()
    return np.flatnonzero(good).tolist(), float(margin)


def certify_that_forgets_the_other_columns(phases, weights, bias):
    good, margin = certify(phases, weights, bias)
    others = [j for j in range(len(weights)) if j not in good]
    return good, margin + float(np.abs(weights[others]).sum())


def certify_by_size_of_weight(phases, weights, bias):
    keep = np.flatnonzero(np.abs(weights) > 0.1)
    codes = np.rint(phases).astype(int) % 2
    logits = bias + (1 - 2 * codes[:, keep]) @ weights[keep]
    h = np.arange(len(codes))
    small = np.abs(weights).sum() - np.abs(weights[keep]).sum()
    return keep.tolist(), float(np.where(h == 0, logits, -logits).min() - small)


def certify_pairs_with_one_only(phases, weights, bias):
    codes = np.rint(phases).astype(int) % 2
    h = np.arange(len(codes))
    good = ~((codes[1] + codes - codes[1 ^ h]) % 2).any(axis=0)
    logits = bias + (1 - 2 * codes[:, good]) @ weights[good]
    margin = np.where(h == 0, logits, -logits).min() - np.abs(weights[~good]).sum()
    return np.flatnonzero(good).tolist(), float(margin)


def certify_that_adds_up_signed_weights(phases, weights, bias):
    """A column that is no character may work against us, whatever the sign of its weight."""
    good, margin = certify(phases, weights, bias)
    others = [j for j in range(len(weights)) if j not in good]
    return good, margin + float((np.abs(weights[others]) - weights[others]).sum())


def certify_without_bias(phases, weights, bias):
    return certify(phases, weights, 0.0)


def certify_by_generators(phases, weights, bias):  # right: a character is known on powers of two
    codes = np.rint(phases).astype(int) & 1
    n, k = len(codes), len(codes).bit_length() - 1
    digits = np.arange(n)[:, None] >> np.arange(k) & 1
    good = (digits @ codes[[2**i for i in range(k)]] % 2 == codes).all(axis=0)
    signs = np.cos(np.pi * codes)
    logits = bias + signs[:, good] @ weights[good]
    worst = min(logits[0], -logits[1:].max())
    return [j for j in range(len(good)) if good[j]], worst - abs(weights) @ ~good


def options_of(heaps):
    return [(*heaps[:i], less, *heaps[i + 1 :]) for i, h in enumerate(heaps) for less in range(h)]


def labels_if_some_option_is_not_p(positions, says_p):
    return [not options_of(h) or not all(says_p(options_of(h))) for h in positions]


def labels_with_p_and_n_exchanged(positions, says_p):
    return [bool(options_of(h)) and any(says_p(options_of(h))) for h in positions]


def labels_with_the_empty_position_won(positions, says_p):
    return [bool(options_of(h)) and not any(says_p(options_of(h))) for h in positions]


def labels_of_moves_that_take_one(positions, says_p):
    labels = []
    for heaps in positions:
        options = [(*heaps[:i], h - 1, *heaps[i + 1 :]) for i, h in enumerate(heaps) if h]
        labels.append(not options or not any(says_p(options)))
    return labels


def labels_from_the_first_heap(positions, says_p):
    labels = []
    for heaps in positions:
        options = [(less, *heaps[1:]) for less in range(heaps[0] if heaps else 0)]
        labels.append(not options or not any(says_p(options)))
    return labels


def labels_by_the_nim_sum(positions, says_p):  # the truth, which is not what the guess implies
    return [not np.bitwise_xor.reduce(np.array([0, *h])) for h in positions]


def labels_in_one_call(positions, says_p):  # right: all options of all positions asked at once
    options = [options_of(tuple(h)) for h in positions]
    said = iter(says_p([o for some in options for o in some]))
    return [int(sum([next(said) for _ in some]) == 0) for some in options]


WRONG = {
    "10.1": {
        "takes the mean": set_by_the_mean,
        "counts padding": set_that_counts_padding,
        "masks the input": set_that_masks_before_phi,
        "sums after rho": set_that_sums_after_rho,
    },
    "10.2": {
        "forgets the signs": newton_without_signs,
        "forgets to divide by k": newton_without_the_division,
        "divides as for integers": newton_for_integers_only,
        "stops at e_3": newton_up_to_three,
    },
    "10.3": {
        "two means": commutant_by_two_means,
        "counts the diagonal among the rest": commutant_with_all_entries_off_the_diagonal,
        "a is the whole diagonal": commutant_without_the_difference,
        "right for symmetric matrices": commutant_of_the_upper_half,
    },
    "10.5": {
        "adds instead of xor": kayles_with_sums_for_xors,
        "does not split a row": kayles_without_splitting,
        "largest plus one for the mex": kayles_with_the_largest_for_the_mex,
        "one value short": kayles_one_value_short,
        "lets the period begin too early": kayles_by_period,
    },
    "10.6": {
        "believes what it sees": period_that_is_only_seen,
        "forgets the longest move": period_without_the_longest_move,
        "start and period exchanged": period_and_start_swapped,
        "tries the beginning only": period_from_the_beginning,
    },
    "10.7": {
        "forgets to divide": walsh_without_the_mean,
        "xor for and": walsh_with_xor_for_and,
        "parity of the number, not of its digits": walsh_with_the_sign_of_and,
        "right for the indicator of 0": walsh_all_equal,
    },
    "10.8": {
        "compares without mod 2": certify_without_mod_two,
        "forgets the other columns": certify_that_forgets_the_other_columns,
        "judges by the size of the weights": certify_by_size_of_weight,
        "looks at pairs with 1 only": certify_pairs_with_one_only,
        "forgets the bias": certify_without_bias,
        "subtracts weights with their signs": certify_that_adds_up_signed_weights,
    },
    "10.9": {
        "P if some option is N": labels_if_some_option_is_not_p,
        "P and N exchanged": labels_with_p_and_n_exchanged,
        "the empty position is won": labels_with_the_empty_position_won,
        "takes one object only": labels_of_moves_that_take_one,
        "moves in the first heap only": labels_from_the_first_heap,
        "knows Bouton's theorem": labels_by_the_nim_sum,
    },
}

ACCEPTED = {
    "10.1": {"zeros in the empty places": set_by_where},
    "10.2": {"by determinants": newton_by_determinants, "the course's": elementary},
    "10.3": {"by averaging": commutant_by_averaging},
    "10.5": {"as an array": kayles_with_numpy},
    "10.7": {"fast, as a list": walsh_fast},
    "10.8": {"on the generators": certify_by_generators},
    "10.9": {"in one call, as integers": labels_in_one_call},
}
