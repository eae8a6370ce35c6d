"""What "correct" means in week 10: Deep Sets, the commutant of S_n, Kayles, characters of Nim."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, permutations
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.exercise import Exercise, as_array, as_float, as_int
from course_utils.maths.combinatorial_games import grundy_dawson, grundy_kayles

if TYPE_CHECKING:
    from torch import Tensor


def _items(answer: Any, count: int, what: str) -> list[Any]:
    """Return a list or tuple of `count` things as a list; AssertionError otherwise."""
    assert isinstance(answer, list | tuple), f"{what} should return a list or a tuple"
    assert len(answer) == count, f"{what} returned {len(answer)} items, expected {count}"
    return list(answer)


# 10.1 ------------------------------------------------------------------------------------------


def deep_set(x: "Tensor", mask: "Tensor", phi: Callable, rho: Callable) -> "Tensor":
    """Return rho(Σ phi(x_i)) over the places where mask is true; x (batch, n, f), mask (batch, n).

    `phi` maps (batch, n, f) to (batch, n, N), and `rho` maps (batch, N) to (batch, outputs).
    """
    return rho((phi(x) * mask.unsqueeze(-1)).sum(1))


def _set_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    """Yield [x, mask, A, a, B, b]: phi(x) = tanh(x A + a), rho(s) = s B + b."""
    one = np.ones((1, 1))
    yield [one[None], np.ones((1, 1), bool), one, np.zeros(1), one, np.zeros(1)]
    for batch, n, f, N in ((1, 2, 1, 2), (2, 3, 1, 2), (3, 5, 2, 4), (4, 9, 3, 5)):
        x = rng.standard_normal((batch, n, f)).round(2)
        mask = rng.random((batch, n)) < 0.6
        mask[0] = True
        if batch > 1:
            mask[-1] = False  # the empty set
            mask[1, : n - 1], mask[1, -1] = True, False
        yield [
            x, mask, rng.standard_normal((f, N)).round(2), rng.standard_normal(N).round(2),
            rng.standard_normal((N, 2)).round(2), rng.standard_normal(2).round(2),
        ]  # fmt: skip


def _set_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    import torch

    x, mask, A, a, B, b = (torch.as_tensor(part) for part in instance)
    return candidate(x, mask, lambda t: torch.tanh(t @ A + a), lambda s: s @ B + b)


def _set_verify(instance: list[Any], answer: Any) -> None:
    """Add up one element after another, set by set."""
    x, mask, A, a, B, b = instance
    found = as_array(answer, (len(x), B.shape[1]), "deep_set")
    for i, (elements, present) in enumerate(zip(x, mask, strict=True)):
        total = sum((np.tanh(e @ A + a) for e in elements[present]), np.zeros(A.shape[1]))
        wanted = total @ B + b
        assert np.allclose(found[i], wanted, atol=1e-5), (
            f"a set of {int(present.sum())} elements in {len(present)} places became "
            f"{np.round(found[i].astype(float), 4).tolist()}, expected {wanted.round(4).tolist()}"
        )


DEEP_SET = Exercise("10.1", "A sum over a set", _set_instances, _set_probe, _set_verify)

# 10.2 ------------------------------------------------------------------------------------------


def elementary(powers: Sequence[Fraction]) -> list[Fraction]:
    """Return the elementary symmetric polynomials e_1, …, e_M from the power sums p_1, …, p_M.

    >>> elementary([6, 14, 36])  # of 1, 2, 3
    [Fraction(6, 1), Fraction(11, 1), Fraction(6, 1)]
    """
    e = [Fraction(1)]
    for k in range(1, len(powers) + 1):
        signed = ((-1) ** (i - 1) * e[k - i] * powers[i - 1] for i in range(1, k + 1))
        e.append(sum(signed, Fraction(0)) / k)
    return e[1:]


def _newton_instances(rng: np.random.Generator) -> Iterator[list[Fraction]]:
    """Yield the elements of a set; its power sums are the question."""
    yield [Fraction(3)]
    yield [Fraction(1), Fraction(2)]
    yield [Fraction(1), Fraction(2), Fraction(3)]
    for size in (3, 4, 5, 7):
        tops, bottoms = rng.integers(-9, 10, size).tolist(), rng.integers(1, 4, size).tolist()
        yield [Fraction(t, b) for t, b in zip(tops, bottoms, strict=True)]


def _newton_probe(candidate: Callable[[list[Fraction]], Any], elements: list[Fraction]) -> Any:
    return list(candidate([sum(x**k for x in elements) for k in range(1, len(elements) + 1)]))


def _newton_verify(elements: list[Fraction], answer: Any) -> None:
    """The definition: e_k is the sum of the products of all k elements."""
    shown = "{" + ", ".join(map(str, elements)) + "}"
    for k, value in enumerate(_items(answer, len(elements), "elementary"), start=1):
        wanted = sum((prod(chosen) for chosen in combinations(elements, k)), Fraction(0))
        assert type(value) in (int, float, Fraction), f"e_{k} is no number: {value!r:.40}"
        assert value == wanted, f"for {shown} e_{k} should be {wanted}, got {value}"


NEWTON = Exercise("10.2", "Newton's identities", _newton_instances, _newton_probe, _newton_verify)

# 10.3 ------------------------------------------------------------------------------------------


def commutant(A: ArrayLike) -> tuple[float, float]:
    """Return a, b such that the mean of P A Pᵀ over all n! permutation matrices is aI + b11ᵀ.

    >>> commutant([[1, 2], [4, 3]])
    (-1.0, 3.0)
    """
    A = np.asarray(A, float)
    n, trace = len(A), np.trace(A)
    b = (A.sum() - trace) / (n * (n - 1))
    return float(trace / n - b), float(b)


def _commutant_instances(rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    yield np.array([[1.0, 0.0], [0.0, 1.0]])
    yield np.array([[1.0, 2.0], [4.0, 3.0]])
    for n in (3, 4, 5, 6):
        yield rng.integers(-9, 10, (n, n)).astype(float)
    yield rng.standard_normal((40, 40)).round(3)


def _commutant_probe(candidate: Callable[..., Any], A: NDArray[np.float64]) -> Any:
    return list(candidate(A))


def _commutant_verify(A: NDArray[np.float64], answer: Any) -> None:
    """Average over all permutations while they are few; then by trace and total sum."""
    n = len(A)
    a, b = (as_float(value, f"{n} rows: commutant") for value in _items(answer, 2, "commutant"))
    found = a * np.eye(n) + b
    if n <= 6:
        mean = np.mean([A[np.ix_(p, p)] for p in permutations(range(n))], axis=0)
        assert np.allclose(found, mean), (
            f"{n} rows: the mean over {len(list(permutations(range(n))))} permutations has "
            f"{mean[0, 0]:.4g} on the diagonal and {mean[0, 1]:.4g} off it, but a = {a:.4g} and "
            f"b = {b:.4g} give {a + b:.4g} and {b:.4g}"
        )
    trace, total = np.trace(A), A.sum()
    assert abs(np.trace(found) - trace) < 1e-6, (
        f"{n} rows: averaging keeps the trace {trace:.4g}; a = {a:.4g}, b = {b:.4g} give "
        f"{np.trace(found):.4g}"
    )
    assert abs(found.sum() - total) < 1e-6, (
        f"{n} rows: averaging keeps the sum of all entries {total:.4g}; a = {a:.4g}, b = {b:.4g} "
        f"give {found.sum():.4g}"
    )


COMMUTANT = Exercise(
    "10.3", "What commutes with all permutations", _commutant_instances, _commutant_probe,
    _commutant_verify,
)  # fmt: skip

# 10.5 ------------------------------------------------------------------------------------------


def kayles(limit: int) -> list[int]:
    """Return the Grundy values of rows of 0, …, `limit` pins.

    >>> kayles(5)
    [0, 1, 2, 3, 1, 4]
    """
    return [grundy_kayles(n) for n in range(limit + 1)]


def _kayles_instances(rng: np.random.Generator) -> Iterator[int]:
    yield from (0, 1, 2, 3, 12, int(rng.integers(40, 80)), 160)


def _kayles_probe(candidate: Callable[[int], Any], limit: int) -> Any:
    return list(candidate(limit))


def _kayles_verify(limit: int, answer: Any) -> None:
    """Each value is the least number that no move reaches: the rules decide."""
    values: list[int] = []
    for n, value in enumerate(_items(answer, limit + 1, f"kayles({limit})")):
        value = as_int(value, f"kayles({limit})[{n}]")
        splits = [(left, n - t - left) for t in (1, 2) for left in range(n - t + 1)]
        reached = {values[a] ^ values[b] for a, b in splits}
        wanted = next(g for g in range(len(reached) + 1) if g not in reached)
        assert value == wanted, (
            f"a row of {n} pins: got {value}, expected {wanted}; its moves reach the values "
            f"{sorted(reached)}"
        )
        values.append(value)


KAYLES = Exercise("10.5", "Kayles", _kayles_instances, _kayles_probe, _kayles_verify)

# 10.6 ------------------------------------------------------------------------------------------


def proved_period(values: Sequence[int], longest: int) -> tuple[int, int]:
    """Return the period p and the start s of Guy and Smith's criterion, (0, 0) if none shows.

    The least p, and for it the least s, with G(n + p) = G(n) for all s <= n < 2s + p + longest,
    where all these values are known.

    >>> proved_period([1, 0, 1, 0, 1, 0, 1, 0], 1)
    (2, 0)
    """
    G = list(values)
    for p in range(1, len(G)):
        different = [n for n in range(len(G) - p) if G[n] != G[n + p]]
        for s in [0, *(n + 1 for n in different)]:
            end = 2 * s + p + longest
            if end + p <= len(G) and not any(s <= n < end for n in different):
                return p, s
    return 0, 0


def _period_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [[0, 1, 0, 1, 0, 1, 0, 1, 0], 1]
    yield [[0, 1, 0, 1], 2]  # too short
    for head, period, length in ((1, 3, 16), (4, 2, 20), (5, 4, 40)):
        tail = rng.permutation(period).tolist()
        values = [9] * head + tail * length
        yield [values[:length], int(rng.integers(1, 4))]
    yield [kayles(166), 2]  # one value short of a proof
    yield [kayles(167), 2]
    yield [[grundy_dawson(n) for n in range(200)], 2]


def _period_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    values, longest = instance
    return list(candidate(list(values), longest))


def _period_verify(instance: list[Any], answer: Any) -> None:
    """Try every p and every s, the smallest first, and look at each n."""
    G, longest = instance
    p, s = (as_int(value, "proved_period") for value in _items(answer, 2, "proved_period"))
    wanted = next(
        (
            (q, t)
            for q in range(1, len(G))
            for t in range(len(G))
            if 2 * t + 2 * q + longest <= len(G)
            and all(G[n] == G[n + q] for n in range(t, 2 * t + q + longest))
        ),
        (0, 0),
    )
    shown = f"{G[:10]}… ({len(G)} values)" if len(G) > 12 else str(G)
    assert (p, s) == wanted, (
        f"values {shown}, moves of at most {longest} pins: got p = {p}, s = {s}, expected "
        f"p = {wanted[0]}, s = {wanted[1]}"
    )


PERIOD = Exercise(
    "10.6", "A period that is proved", _period_instances, _period_probe, _period_verify
)

# 10.7 ------------------------------------------------------------------------------------------


def walsh_coefficients(f: ArrayLike) -> NDArray[np.float64]:
    """Return all 2^k Walsh coefficients of f, given by its 2^k values.

    >>> walsh_coefficients([1, 0, 0, 0]).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    f = np.asarray(f, float)
    h = np.arange(len(f))
    return (-1.0) ** np.bitwise_count(h[:, None] & h) @ f / len(f)


def _walsh_instances(rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    yield np.array([1.0, 0.0])
    yield np.array([0.0, 1.0, 0.0, 0.0])
    yield (np.arange(8) == 0).astype(float)
    for k in (3, 4, 6):
        yield rng.integers(-9, 10, 2**k).astype(float)


def _walsh_probe(candidate: Callable[..., Any], f: NDArray[np.float64]) -> Any:
    return candidate(f)


def _walsh_verify(f: NDArray[np.float64], answer: Any) -> None:
    """The coefficients are those that give f back; the characters are a basis."""
    n = len(f)
    c = as_array(answer, (n,), f"{n} values: walsh_coefficients").astype(float)
    for h in range(n):
        back = sum(c[s] * (-1) ** (s & h).bit_count() for s in range(n))
        assert abs(back - f[h]) < 1e-6, (
            f"{n} values: the sum of c_s χ_s({h}) is {back:.6g}, but f({h}) = {f[h]:.6g}"
        )


WALSH = Exercise("10.7", "Walsh coefficients", _walsh_instances, _walsh_probe, _walsh_verify)

# 10.8 ------------------------------------------------------------------------------------------


def certify(phases: ArrayLike, weights: ArrayLike, bias: float) -> tuple[list[int], float]:
    """Return the columns that are characters, and the margin of the proof.

    Args:
        phases: shape (2^k, d); row h holds the phases of a heap of h objects.
        weights: shape (d,).
        bias: the network says P when bias + Σ w_j cos(π Σ phases_j) > 0.

    Returns:
        The columns j whose rounded phases satisfy c(g) + c(h) = c(g xor h) mod 2 for all pairs;
        and the least value over x of ±(bias + Σ_good w_j (-1)^{c_j(x)}), the sign being + at
        x = 0 and - elsewhere, less Σ |w_j| over all other columns. If it is positive, the
        network with rounded phases is right on any number of heaps.

    >>> certify([[0, 1], [1, 0]], [2.0, 0.25], 0.0)
    ([0], 1.75)
    """
    codes = np.rint(np.asarray(phases)).astype(int) % 2
    weights = np.asarray(weights)
    h = np.arange(len(codes))
    wrong = (codes[:, None] + codes - codes[h[:, None] ^ h]) % 2  # (2^k, 2^k, d)
    good = ~wrong.any(axis=(0, 1))
    logits = bias + (1 - 2 * codes[:, good]) @ weights[good]
    margin = np.where(h == 0, logits, -logits).min() - np.abs(weights[~good]).sum()
    return np.flatnonzero(good).tolist(), float(margin)


def _certify_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [np.array([[0.0], [1.0]]), np.array([2.0]), 0.5]
    yield [np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([2.0, 1.0]), -1.0]
    negative = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 1], [1, 1, 0]])  # the last column, no good
    yield [negative, np.array([2.0, 2.0, -0.5]), -1.0]
    for k, d, bad in ((2, 3, 1), (3, 8, 2), (3, 6, 0), (3, 10, 4), (4, 12, 3)):
        n = 2**k
        s = rng.integers(1, n, d)
        codes = np.bitwise_count(np.arange(n)[:, None] & s).astype(float) % 2
        weights = rng.uniform(0.5, 2, d).round(2)
        for j in range(bad):  # one entry wrong, the last one among them; small and large weights
            codes[n - 1 if j == 0 else int(rng.integers(1, n)), j] += 1
            weights[j] = (0.03, 1.5)[j % 2]
        noise = rng.uniform(-0.2, 0.2, (n, d)).round(3)
        noise[0] = 0
        turns = 2 * rng.integers(-2, 3, (n, d))
        turns[0] = 0
        yield [codes + noise + turns, weights, float(round(rng.uniform(-2, 0), 2))]
    pair = np.array([0.0, 0, 0, 0, 0, 0, 1, 1])  # c(h) + c(1) = c(h xor 1), but no character
    yield [np.stack([pair, np.arange(8.0) % 2], axis=1), np.array([0.25, 3.0]), -0.5]
    flipped = np.array([[1.0], [0.0], [0.0], [1.0]])  # additive but for the constant
    yield [np.hstack([flipped, 1 - flipped]), np.array([0.1, 1.0]), 0.25]


def _certify_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    good, margin = candidate(*instance)
    return [[int(j) for j in good], margin]


def _certify_verify(instance: list[Any], answer: Any) -> None:
    """Look at every pair of heaps in every column, then at every x."""
    phases, weights, bias = instance
    n, d = phases.shape
    where = f"{n} heaps, {d} columns: "
    good, margin = _items(answer, 2, "certify")
    margin = as_float(margin, f"{where}the margin: certify")
    assert isinstance(good, list), f"{where}the first item should be a list of columns"
    c = np.rint(phases).astype(int) % 2
    wanted = []
    for j in range(d):
        failing = [
            (g, h) for g in range(n) for h in range(g, n)
            if (c[g, j] + c[h, j] + c[g ^ h, j]) % 2
        ]  # fmt: skip
        if failing:
            g, h = failing[0]
            assert j not in good, (
                f"{where}column {j} is no character: c({g}) = {c[g, j]}, c({h}) = {c[h, j]}, "
                f"c({g} xor {h}) = {c[g ^ h, j]}"
            )
        else:
            assert j in good, f"{where}column {j} is a character on all pairs, but is not listed"
            wanted.append(j)
    assert sorted(good) == wanted, f"{where}the columns that are characters are {wanted}"
    noise = sum(abs(float(weights[j])) for j in range(d) if j not in wanted)
    least = min(
        (1 if x == 0 else -1) * (bias + sum(weights[j] * (-1) ** c[x, j] for j in wanted))
        for x in range(n)
    )
    assert abs(margin - (least - noise)) < 1e-6, (
        f"{where}the characters leave {least:.4g} at the worst x, the other columns can take "
        f"{noise:.4g}: the margin is {least - noise:.4g}, got {margin:.4g}"
    )


CERTIFY = Exercise(
    "10.8", "Round the phases and prove", _certify_instances, _certify_probe, _certify_verify
)

# 10.9 ------------------------------------------------------------------------------------------

Position = tuple[int, ...]


def rule_labels(
    positions: Sequence[Position], says_p: Callable[[list[Position]], Sequence[bool]]
) -> list[bool]:
    """Return for each position of Nim whether it is P, given a guess about its options.

    A position is P if and only if none of its options is P; the empty position has none.
    `says_p` guesses for a list of positions at once.
    """
    labels = []
    for heaps in positions:
        options = [
            (*heaps[:i], less, *heaps[i + 1 :]) for i, h in enumerate(heaps) for less in range(h)
        ]
        labels.append(not options or not any(says_p(options)))
    return labels


def _guess(position: Sequence[int], salt: int) -> bool:
    """Guess by a rule that does not see order or empty heaps: xor at salt 0, else arbitrary."""
    heaps = sorted(int(h) for h in position if h)
    if salt == 0:
        return not np.bitwise_xor.reduce(np.array([0, *heaps]))
    return (salt * sum(h * h + 3 * h + salt for h in heaps) + salt // 7) % 11 < 2


def _rule_instances(rng: np.random.Generator) -> Iterator[list[Any]]:
    yield [[(), (0, 0), (1,), (2,)], 0]
    yield [[(1, 1), (1, 2), (2, 2), (1, 2, 3), (3, 0)], 0]
    for salt in (5, 8, 21):
        sizes = rng.integers(0, 5, 12).tolist()
        yield [[tuple(rng.integers(0, 8, size).tolist()) for size in sizes], salt]
    yield [[tuple(rng.integers(0, 8, 3).tolist()) for _ in range(60)], int(rng.integers(22, 99))]


def _rule_probe(candidate: Callable[..., Any], instance: list[Any]) -> Any:
    positions, salt = instance
    return list(candidate(list(positions), lambda asked: [_guess(p, salt) for p in asked]))


def _rule_verify(instance: list[Any], answer: Any) -> None:
    """Make every move, ask for every option."""
    positions, salt = instance
    labels = _items(answer, len(positions), "rule_labels")
    for position, label in zip(positions, labels, strict=True):
        assert type(label) in (bool, int), f"{label!r:.40} is no label"
        refuted = None
        for i, heap in enumerate(position):
            for less in range(heap):
                option = (*position[:i], less, *position[i + 1 :])
                if _guess(option, salt):
                    refuted = option
        why = f"its option {refuted} is called P" if refuted else "none of its options is called P"
        assert label == (refuted is None), (
            f"position {tuple(position)} was labelled {'P' if label else 'N'}, but {why}"
        )


RULES = Exercise("10.9", "Labels from the rules", _rule_instances, _rule_probe, _rule_verify)
