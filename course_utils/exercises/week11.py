"""What "correct" means in week 11: monomials, criteria, pairs, policy gradients, a short rule."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from course_utils.engines import buchberger_game as game
from course_utils.exercise import Exercise, as_array, as_float, as_int, brief
from course_utils.maths import groebner
from course_utils.maths.random_ideals import grevlex

Exponents = tuple[int, ...]
Polynomial = dict[Exponents, int]


def _monomial(e: Exponents) -> str:
    letters = "xyzw" if len(e) <= 4 else [f"x{k}" for k in range(1, len(e) + 1)]
    powers = [c if k == 1 else f"{c}^{k}" for c, k in zip(letters, e, strict=False) if k]
    return "·".join(powers) or "1"


def lcm(a: Exponents, b: Exponents) -> Exponents:
    """Return the least common multiple of two monomials.

    >>> lcm((1, 2), (3, 0))
    (3, 2)
    """
    return tuple(map(max, a, b))


def _divides(a: Exponents, b: Exponents) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True))


# 11.1 ------------------------------------------------------------------------------------------


def _compare(a: Exponents, b: Exponents) -> int:
    """Grevlex as its definition reads: degree first, then the last exponent that differs."""
    if sum(a) != sum(b):
        return 1 if sum(a) > sum(b) else -1
    for x, y in zip(reversed(a), reversed(b), strict=True):
        if x != y:
            return 1 if x < y else -1
    return 0


def _grevlex_instances(rng: np.random.Generator) -> Iterator[list[Exponents]]:
    yield [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    yield [(1, 0, 1), (0, 2, 0), (2, 0, 0), (0, 1, 1), (1, 1, 0), (0, 0, 2)]
    for n, top in ((2, 3), (3, 3), (3, 12), (4, 2), (5, 4), (7, 9)):
        drawn = {tuple(e) for e in rng.integers(0, top + 1, (30, n)).tolist()}
        yield [list(drawn)[k] for k in rng.permutation(len(drawn))]


def _grevlex_probe(candidate: Callable[..., Any], instance: list[Exponents]) -> Any:
    return sorted(instance, key=candidate)


def _grevlex_verify(instance: list[Exponents], answer: Any) -> None:
    """Neighbours in the sorted list must ascend by the definition."""
    assert sorted(answer) == sorted(instance), "the keys must sort the monomials"
    for a, b in pairwise(answer):
        assert _compare(a, b) < 0, (
            f"your key puts {_monomial(a)} before {_monomial(b)}, but {_monomial(a)} is larger in "
            f"grevlex: degrees {sum(a)} and {sum(b)}, exponents {a} and {b}"
        )


GREVLEX = Exercise("11.1", "Grevlex as a key", _grevlex_instances, _grevlex_probe, _grevlex_verify)

# 11.2 ------------------------------------------------------------------------------------------

GUARD = sum(1 << (16 * k + 15) for k in range(4))


def pack_monomial(exponents: Exponents) -> int:
    """Return degree and exponents in fields of 16 bits: [degree | e_n | ... | e_1].

    >>> hex(pack_monomial((1, 2, 3)))
    '0x6000300020001'
    """
    return sum(e << (16 * k) for k, e in enumerate((*exponents, sum(exponents))))


def divides(a: int, b: int, guard: int) -> bool:
    """Return whether the packed monomial a divides b; `guard` has the top bit of each field.

    >>> divides(pack_monomial((1, 0, 0)), pack_monomial((0, 5, 0)), GUARD)
    False
    """
    return ((b | guard) - a) & guard == guard


def _divides_instances(rng: np.random.Generator) -> Iterator[list[Exponents]]:
    yield [(0, 0, 0), (0, 0, 0)]
    yield [(1, 0, 0), (0, 5, 0)]
    yield [(0, 3, 0), (5, 2, 9)]
    yield [(1, 1, 1), (2, 2, 2)]
    yield [(2, 0, 1), (1, 2, 4)]
    for top in (2, 5, 300, 5000):
        for _ in range(12):
            a, b = rng.integers(0, top + 1, (2, 3))
            yield [tuple(a.tolist()), tuple((b + a * (rng.random() < 0.5)).tolist())]


def _divides_probe(candidate: Callable[..., Any], instance: list[Exponents]) -> Any:
    return candidate(pack_monomial(instance[0]), pack_monomial(instance[1]), GUARD)


def _divides_verify(instance: list[Exponents], answer: Any) -> None:
    """Divisibility is a comparison of exponents."""
    a, b = instance
    assert answer is True or answer is False or answer in (0, 1), (
        f"divides returned {brief(answer)}, expected True or False"
    )
    word = "divides" if _divides(a, b) else "does not divide"
    assert bool(answer) == _divides(a, b), (
        f"{_monomial(a)} {word} {_monomial(b)}, you say otherwise"
    )


DIVIDES = Exercise(
    "11.2", "Division in one subtraction", _divides_instances, _divides_probe, _divides_verify
)

# 11.3 ------------------------------------------------------------------------------------------


def is_groebner(basis: list[Polynomial], prime: int = 32003) -> bool:
    """Return whether the polynomials are a Gröbner basis in grevlex.

    >>> is_groebner([{(1, 0): 1}, {(0, 1): 1}])
    True
    """
    n = len(next(iter(basis[0]))) if basis else 1
    return groebner.is_groebner_basis(basis, n, "grevlex", prime)


def _criterion_instances(rng: np.random.Generator) -> Iterator[list]:
    """Bases and a prime; a polynomial is a list of (exponents, coefficient)."""
    for basis, prime in _bases(rng):
        yield [[sorted(p.items()) for p in basis], prime]


def _bases(rng: np.random.Generator) -> Iterator[list]:
    yield [[{(1, 0): 1}, {(0, 1): 1}], 7]
    yield [[{(2, 0): 1, (0, 1): 6}, {(1, 1): 1, (0, 0): 6}], 7]
    yield [[{(3, 0): 1, (1, 1): 5}, {(2, 1): 1, (0, 2): 5, (1, 0): 1}], 7]
    for law in ("2-3-2-weighted", "2-4-3-weighted", "3-3-3-weighted", "3-3-3-0.5-weighted"):
        for _ in range(3):
            ideal = groebner.random_ideal(law, rng)
            basis = groebner.groebner_basis(ideal, int(law[0]))
            order = rng.permutation(len(basis)).tolist()
            yield [[basis[k] for k in order], 32003]
            yield [ideal, 32003]
            if len(basis) > 2:
                yield [[basis[k] for k in order[1:]], 32003]


def _criterion_probe(candidate: Callable[..., Any], instance: list) -> Any:
    basis, prime = instance
    return candidate([{tuple(e): c for e, c in p} for p in basis], prime)


def _criterion_verify(instance: list, answer: Any) -> None:
    """A set that is none misses the lead of some element of the reduced basis."""
    basis, prime = [{tuple(e): c for e, c in p} for p in instance[0]], instance[1]
    n = len(next(iter(basis[0])))
    assert answer in (True, False), f"is_groebner returned {brief(answer)}, expected True or False"
    leads = [max(p, key=grevlex) for p in basis]
    reduced = groebner.groebner_basis(basis, n, "grevlex", prime)
    missed = [
        lead
        for lead in (max(p, key=grevlex) for p in reduced)
        if not any(_divides(a, lead) for a in leads)
    ]
    names = ", ".join(map(_monomial, leads))
    if missed:
        assert not answer, (
            f"elements with leads {names}: you say Gröbner basis, but the ideal contains a "
            f"polynomial with lead {_monomial(missed[0])}, which none of them divides"
        )
    else:
        assert answer, (
            f"elements with leads {names}: you say no Gröbner basis, but the lead of every "
            "polynomial of the ideal is divisible by one of them"
        )


CRITERION = Exercise(
    "11.3", "Buchberger's criterion", _criterion_instances, _criterion_probe, _criterion_verify
)

# 11.4 ------------------------------------------------------------------------------------------

Pairs = list[tuple[int, int]]
WORKED_LEADS = [(4, 0, 1), (2, 2, 0), (0, 1, 3), (3, 0, 2), (0, 3, 1), (4, 1, 0), (2, 1, 2)]


def update(pairs: Pairs, leads: list[Exponents], f: Exponents) -> Pairs:
    """Return the pairs after an element with lead f enters (Gebauer and Möller 1988).

    >>> update([(0, 1)], [(2, 0), (0, 2)], (1, 1))
    [(0, 2), (1, 2)]
    """
    joins = [lcm(lead, f) for lead in leads]
    kept = []
    for i, j in pairs:
        join = lcm(leads[i], leads[j])
        if not _divides(f, join) or join in (joins[i], joins[j]):
            kept.append((i, j))
    new: Pairs = []
    minimal: list[Exponents] = []
    for join in sorted(set(joins), key=grevlex):
        if any(_divides(smaller, join) for smaller in minimal):
            continue
        minimal.append(join)
        group = [i for i, other in enumerate(joins) if other == join]
        if not any(sum(join) == sum(leads[i]) + sum(f) for i in group):
            new.append((group[0], len(leads)))
    return kept + sorted(new)


def _update_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [[], [], (1, 0)]
    yield [[], [(1, 0)], (0, 1)]
    yield [[], [(2, 0)], (1, 1)]
    yield [[(0, 1)], [(2, 0), (0, 2)], (1, 1)]
    yield [[(0, 1)], [(1, 1), (0, 1)], (1, 0)]  # equal lcms, and only the second is coprime
    pairs: Pairs = []
    for k, f in enumerate(WORKED_LEADS):
        yield [pairs, WORKED_LEADS[:k], f]
        pairs = update(pairs, WORKED_LEADS[:k], f)
    for n, top in ((2, 4), (2, 8), (3, 2), (3, 4), (4, 2), (3, 8)):
        for _ in range(3):
            pairs, leads = [], []
            for f in map(tuple, rng.integers(0, top + 1, (9, n)).tolist()):
                if sum(f):
                    yield [list(pairs), list(leads), f]
                    pairs = update(pairs, leads, f)
                    leads.append(f)


def _update_probe(candidate: Callable[..., Any], instance: list) -> Any:
    pairs, leads, f = instance
    return [[int(i), int(j)] for i, j in candidate(pairs, leads, f)]


def _update_verify(instance: list, answer: Any) -> None:
    """Compare as sets, and say of the first wrong pair what it is."""
    pairs, leads, f = instance
    assert isinstance(answer, list), f"update returned {brief(answer)}, expected a list of pairs"
    names = ", ".join(map(_monomial, leads)) or "none"
    call = f"leads {names}, pairs {pairs}, new lead {_monomial(f)}"
    found = [tuple(pair) for pair in answer]
    assert len(set(found)) == len(found), f"{call}: a pair stands twice in {found}"
    expected = update(pairs, leads, f)
    for pair in sorted(set(found) ^ set(expected)):
        kind = "an old pair" if pair[1] < len(leads) else "a new pair"
        word = "must stay" if pair in expected else "must not be there"
        both = [*leads, f]
        known = all(0 <= k < len(both) for k in pair)
        join = f" with lcm {_monomial(lcm(both[pair[0]], both[pair[1]]))}" if known else ""
        raise AssertionError(f"{call}: {pair}, {kind}{join}, {word}; you returned {found}")


UPDATE = Exercise(
    "11.4", "Which pairs are needed", _update_instances, _update_probe, _update_verify
)

# 11.5 ------------------------------------------------------------------------------------------


def pair_sugar(lead_f: Exponents, sugar_f: int, lead_g: Exponents, sugar_g: int) -> int:
    """Return the sugar of a pair: the larger of sugar + deg(lcm) - deg(lead).

    >>> pair_sugar((2, 0), 5, (1, 1), 2)
    6
    """
    degree = sum(lcm(lead_f, lead_g))
    return max(sugar_f + degree - sum(lead_f), sugar_g + degree - sum(lead_g))


def _sugar_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [(1, 0), 1, (0, 1), 1]
    yield [(2, 0), 5, (1, 1), 2]
    yield [(1, 1), 2, (2, 0), 5]
    for _ in range(20):
        a, b = (tuple(e) for e in rng.integers(0, 6, (2, 3)).tolist())
        yield [a, sum(a) + int(rng.integers(4)), b, sum(b) + int(rng.integers(4))]


def _sugar_probe(candidate: Callable[..., Any], instance: list) -> Any:
    return candidate(*instance)


def _sugar_verify(instance: list, answer: Any) -> None:
    """The degree of the S-polynomial if both elements were homogenised."""
    a, s, b, t = instance
    call = f"the sugar of a pair with leads {_monomial(a)} (sugar {s}), {_monomial(b)} (sugar {t})"
    expected = pair_sugar(*instance)
    join = _monomial(lcm(a, b))
    assert as_int(answer, call) == expected, (
        f"{call} is {expected}, you returned {answer}: the lcm is {join}"
    )


SUGAR = Exercise("11.5", "Sugar", _sugar_instances, _sugar_probe, _sugar_verify)

# 11.8 ------------------------------------------------------------------------------------------


def log_probabilities(scores: Any, offered: Any, move: Any, chosen: Any) -> Any:
    """Return log softmax of each move's choice, shape (T,), differentiable in the scores (P,).

    offered (A,): a pair that waited; move (A,): at which move; chosen (T,): the pair taken.
    """
    import torch

    waiting = scores[offered]
    top = torch.full((len(chosen),), -torch.inf, dtype=scores.dtype)
    top = top.scatter_reduce(0, move, waiting.detach(), "amax")
    total = torch.zeros(len(chosen), dtype=scores.dtype)
    total = total.index_add(0, move, (waiting - top[move]).exp())
    return scores[chosen] - top - total.log()


def _log_instances(rng: np.random.Generator) -> Iterator[list]:
    yield [[0.0, 0.0], [0, 1], [0, 0], [1]]
    yield [[1.0, 2.0, -1.0], [0, 1, 1, 2, 2], [0, 0, 1, 1, 2], [0, 1, 2]]
    for scale in (1.0, 3.0, 300.0):
        scores = rng.normal(0, scale, 12)
        offered, move, chosen = [], [], []
        for t in range(8):
            waiting = rng.choice(12, int(rng.integers(1, 6)), replace=False).tolist()
            offered += waiting
            move += [t] * len(waiting)
            chosen.append(waiting[int(rng.integers(len(waiting)))])
        yield [scores.tolist(), offered, move, chosen]


def _log_probe(candidate: Callable[..., Any], instance: list) -> Any:
    import torch

    scores = torch.tensor(instance[0], dtype=torch.float32, requires_grad=True)
    result = candidate(scores, *(torch.tensor(a) for a in instance[1:]))
    result.sum().backward()
    return [result.detach().numpy(), scores.grad.numpy()]


def _log_verify(instance: list, answer: Any) -> None:
    """One softmax for each move, and its gradient: chosen minus probabilities."""
    scores, offered, move, chosen = (np.array(a) for a in instance)
    shown = isinstance(answer, list) and len(answer) == 2
    assert shown, f"log_probabilities returned {brief(answer)}, expected a tensor"
    call = f"log_probabilities of {len(chosen)} moves over {len(scores)} pairs"
    values = as_array(answer[0], (len(chosen),), call)
    slope = as_array(answer[1], (len(scores),), f"the gradient of {call}")
    gradient = np.zeros(len(scores))
    for t, pair in enumerate(chosen):
        waiting = offered[move == t]
        shifted = np.exp(scores[waiting] - scores[waiting].max())
        probability = shifted / shifted.sum()
        log = scores[pair] - scores[waiting].max() - np.log(shifted.sum())
        np.subtract.at(gradient, waiting, probability)
        gradient[pair] += 1
        assert abs(values[t] - log) < 1e-3 + 1e-5 * abs(log), (
            f"{call}: at move {t} the scores {np.round(scores[waiting], 2).tolist()} waited and "
            f"{scores[pair]:.2f} was taken: log-probability {log:.4f}, you returned {values[t]:.4f}"
        )
    assert np.abs(slope - gradient).max() < 1e-3, f"{call}: the gradient does not reach the scores"


LOG = Exercise("11.8", "The probability of a move", _log_instances, _log_probe, _log_verify)

# 11.9 ------------------------------------------------------------------------------------------


def advantage(
    price: np.ndarray, episode: np.ndarray, waiting: np.ndarray, runs: int, baseline: str
) -> np.ndarray:
    """Return the advantage of each move, shape (T,): return minus baseline.

    "mean": the episode's return minus the mean return; "pairs": the return from this move on minus
    its least-squares line in the number of waiting pairs; "ideal": the episode's return minus the
    mean of the other `runs` - 1 episodes on the same ideal, which stand next to each other.

    >>> price, episode = np.array([2, 1, 5]), np.array([0, 0, 1])
    >>> advantage(price, episode, np.array([3, 2, 3]), 2, "ideal").tolist()
    [2.0, 2.0, -2.0]
    """
    returns = -np.bincount(episode, price)
    if baseline == "pairs":
        total = np.cumsum(price[::-1])[::-1]
        after = np.append(total, 0)[np.searchsorted(episode, episode, side="right")]
        to_go = -(total - after)
        slope, level = np.polyfit(waiting, to_go, 1)
        return to_go - slope * waiting - level
    if baseline == "mean":
        return (returns - returns.mean())[episode]
    groups = returns.reshape(-1, runs)
    others = (groups.sum(1, keepdims=True) - groups) / (runs - 1)
    return (groups - others).ravel()[episode]


def _advantage_instances(rng: np.random.Generator) -> Iterator[list]:
    for ideals, runs, longest in ((1, 2, 2), (2, 2, 4), (3, 4, 6), (5, 8, 20)):
        lengths = rng.integers(1, longest + 1, ideals * runs)
        lengths[0] = max(2, lengths[0])
        episode = np.repeat(np.arange(ideals * runs), lengths)
        price = rng.integers(1, 6, len(episode))
        waiting = np.concatenate([1 + np.arange(k)[::-1] for k in lengths])
        waiting += rng.integers(0, 3, len(waiting))
        waiting[0] = waiting.max() + 1
        for baseline in ("mean", "pairs", "ideal"):
            yield [price, episode, waiting, runs, baseline]


def _advantage_probe(candidate: Callable[..., Any], instance: list) -> Any:
    return np.asarray(candidate(*instance))


def _advantage_verify(instance: list, answer: Any) -> None:
    """Episode by episode, with plain sums and the normal equations of the line."""
    price, episode, waiting, runs, baseline = instance
    call = f'advantage(…, "{baseline}") of {episode[-1] + 1} episodes, {runs} an ideal'
    values = as_array(answer, (len(price),), call)
    returns = [-int(price[episode == e].sum()) for e in range(episode[-1] + 1)]
    for t in range(len(price)):
        e = int(episode[t])
        if baseline == "mean":
            expected, why = returns[e] - np.mean(returns), f"all returns are {returns}"
        elif baseline == "ideal":
            first = e - e % runs
            others = [returns[k] for k in range(first, first + runs) if k != e]
            expected = returns[e] - np.mean(others)
            why = f"the return is {returns[e]}, the other runs on its ideal have {others}"
        else:
            to_go = np.array(
                [-int(price[s:][episode[s:] == episode[s]].sum()) for s in range(len(price))]
            )
            line = np.stack([waiting, np.ones(len(waiting))], axis=1)
            fit = np.linalg.lstsq(line, to_go.astype(float), rcond=None)[0]
            expected = to_go[t] - line[t] @ fit
            why = f"the return from here on is {to_go[t]}, the line says {line[t] @ fit:.3f}"
        assert abs(values[t] - expected) < 1e-6, (
            f"{call}: move {t} of episode {e} has {values[t]:.4f}, expected {expected:.4f}: {why}"
        )


ADVANTAGE = Exercise(
    "11.9", "Three baselines", _advantage_instances, _advantage_probe, _advantage_verify
)

# 11.10 -----------------------------------------------------------------------------------------

NAMES = [  # as buchberger_episodes.describe orders them; one statement: the sandbox keeps it whole
    *(f"{part} {v}" for part in ("lead f", "tail f", "lead g", "tail g") for v in "xyz"),
    "deg lcm",
    *(f"S {part} {v}" for part in ("lead", "trail") for v in "xyz"),
    *("deg S lead", "deg S trail", "one term"),
]
RULE = {"deg S trail": -1.0, "tail f x": 0.2, "tail f z": 0.2}


def rule_vector(weights: dict[str, float]) -> np.ndarray:
    """Return the weights of all 22 features, in the order of NAMES.

    >>> rule_vector({"deg lcm": -1}).nonzero()[0].tolist()
    [12]
    """
    return np.array([float(weights.get(name, 0)) for name in NAMES])


def _rule_instances(rng: np.random.Generator) -> Iterator[int]:
    yield int(rng.integers(2**31))


def _rule_probe(candidate: Any, instance: int) -> Any:
    return [[name, weight] for name, weight in dict(candidate).items()]


def _rule_verify(instance: int, answer: Any) -> None:
    """Play the rule and the trailing degree on the same 4000 fresh ideals."""
    assert isinstance(answer, list), f"rule_weights is {brief(answer)}, expected a dictionary"
    weights = {}
    for entry in answer[:30]:
        assert isinstance(entry, list) and len(entry) == 2, "expected names and weights"  # noqa: PT018
        name, weight = entry
        assert type(name) is str and name in NAMES, (  # noqa: PT018
            f"{brief(name)} is not among the names of the features"
        )
        weights[name] = as_float(weight, f"the weight of {name!r}")
        assert np.isfinite(weights[name]), f"the weight of {name!r} is {weights[name]}"
    used = [name for name, weight in weights.items() if weight]
    assert len(answer) <= 30 and len(used) <= 3, (  # noqa: PT018
        f"your rule uses {len(used)} features, allowed are three: {', '.join(used)}"
    )
    ideals = game.draw_ideals("3-20-10-weighted", 4000, np.random.default_rng(instance))
    vectors = rule_vector({"deg S trail": -1}), rule_vector(weights)
    vectors = [v / max(1e-30, np.abs(v).max()) for v in vectors]
    plain, yours = (game.play(ideals, game.linear_scorer(v))[:, 0].mean() for v in vectors)
    assert yours <= plain - 0.8, (
        f"on 4000 fresh ideals your rule needs {yours:.1f} additions and the trailing degree alone "
        f"{plain:.1f}: wanted are at least 0.8 fewer"
    )


SHORT_RULE = Exercise(
    "11.10", "A better rule with three features", _rule_instances, _rule_probe, _rule_verify
)
