"""The compiled game on binomials against the exact runs, its laws, and its records."""

import json
from pathlib import Path

import numpy as np
import pytest

from course_utils.engines import buchberger_game as game
from course_utils.maths import groebner, random_ideals
from course_utils.maths.random_ideals import grevlex

DATA = Path(__file__).parent / "data" / "buchberger"
MEANS = json.loads((DATA / "strategy_means.json").read_text())
WORKED = [
    {(4, 0, 1): 1, (0, 3, 0): -1},
    {(2, 2, 0): 1, (1, 0, 2): -1},
    {(0, 1, 3): 1, (2, 0, 0): -1},
    {(3, 0, 2): 1, (1, 1, 0): -1},
]
LAWS = ["3-20-10-weighted", "3-5-4-weighted-consts", "2-10-5-uniform-pure", "7-4-4-weighted"]
LAWS += ["4-6-5-maximum", "1-9-4-weighted"]


def features_spec(f, g):
    """The features of a pair from two dicts, read aloud from the notebook's definition."""
    (lead_f, tail_f, c), (lead_g, tail_g, d) = map(parts, (f, g))
    n = len(lead_f)
    join = tuple(map(max, lead_f, lead_g))
    terms = [
        tuple(k - a + b for k, a, b in zip(join, lead, tail, strict=True))
        for lead, tail, value in ((lead_f, tail_f, c), (lead_g, tail_g, d))
        if value
    ]
    terms = sorted(set(terms), key=grevlex, reverse=True)
    flag = len(terms) < 2
    larger, smaller = (terms + [(0,) * n] * 2)[:2]
    row = [*lead_f, *tail_f, *lead_g, *tail_g, sum(join), *larger, *smaller]
    return np.array([*row, sum(larger), sum(smaller), flag]) / 10


def parts(polynomial):
    terms = sorted(polynomial, key=grevlex, reverse=True)
    if len(terms) == 1:
        return terms[0], (0,) * len(terms[0]), 0
    return terms[0], terms[1], polynomial[terms[1]]


def test_the_worked_run():
    ideals = game.pack_ideals([WORKED], 3)
    expected = {"first": (192, 32, 23), "degree": (88, 17, 15), "normal": (79, 13, 13)}
    expected |= {"last": (105, 21, 17), "codegree": (254, 45, 28)}
    for strategy, counts in expected.items():
        assert tuple(game.play(ideals, strategy)[0]) == counts


@pytest.mark.parametrize("law", LAWS)
def test_counts_equal_those_of_the_exact_runs(law):
    ideals = game.draw_ideals(law, 40, np.random.default_rng(1))
    n = int(law[0])
    for strategy in game.STRATEGIES[:5]:
        if n == 7 and strategy in ("last", "codegree"):
            continue
        counts = game.play(ideals, strategy)
        for e, row in enumerate(counts):
            exact = groebner.buchberger_statistics(game.unpack_ideal(ideals, e), n, strategy)
            assert tuple(row) == exact, (strategy, e)


def test_packing_and_unpacking_are_inverse():
    rng = np.random.default_rng(2)
    drawn = [random_ideals.random_ideal("3-5-4-weighted", rng) for _ in range(10)]
    ideals = game.pack_ideals(drawn, 3)
    assert [game.unpack_ideal(ideals, e) for e in range(10)] == drawn
    monomial = game.pack_ideals([[{(2, 1): 5}, {(1, 2): 3, (0, 0): 6}]], 2)
    assert game.unpack_ideal(monomial, 0) == [{(2, 1): 1}, {(1, 2): 1, (0, 0): 2}]


@pytest.mark.parametrize("law", sorted({row["dist"] for row in MEANS}))
def test_means_lie_within_four_standard_errors(law):
    if random_ideals.parse_law(law).terms is not None:
        with pytest.raises(ValueError, match="binomials"):
            game.draw_ideals(law, 1, np.random.default_rng(0))
        return
    rng = np.random.default_rng(3)
    ideals = game.draw_ideals(law, 3000, rng)
    for row in MEANS:
        if row["dist"] == law and row["strategy"] in game.STRATEGIES:
            counts = game.play(ideals, row["strategy"], rng)
            error = counts[:, 0].std() / len(counts) ** 0.5
            gap = abs(counts[:, 0].mean() - row["additions_mean"])
            assert gap <= 4 * (error**2 + row["sem"] ** 2) ** 0.5, row["strategy"]


@pytest.mark.parametrize("law", ["3-6-4-weighted", "2-9-4-uniform-consts", "5-4-4-weighted-pure"])
def test_drawn_ideals_follow_the_law_of_the_exact_module(law):
    """Shares of each degree, leads and tails apart, agree within 4 standard errors."""
    rng = np.random.default_rng(4)
    n = int(law[0])
    fast = game.draw_ideals(law, 1500, rng)
    samples = [
        [game.unpack_ideal(fast, e) for e in range(1500)],
        [random_ideals.random_ideal(law, rng) for _ in range(1500)],
    ]
    shares = []
    for sample in samples:
        terms = [sorted(p, key=grevlex, reverse=True) for ideal in sample for p in ideal]
        rows = np.array([[*t[0], *t[1]] for t in terms])
        degrees = np.stack([rows[:, :n].sum(1), rows[:, n:].sum(1)])
        shares.append(np.array([np.bincount(d, minlength=10)[:10] / len(terms) for d in degrees]))
        shares.append(rows.mean(0))
    error = np.sqrt(0.25 / 6000 * 2)
    assert np.abs(shares[0] - shares[2]).max() < 4 * error
    assert np.abs(shares[1] - shares[3]).max() < 0.12


def test_features_and_scores_equal_their_definition():
    rng = np.random.default_rng(5)
    drawn = [random_ideals.random_ideal("3-5-4-weighted", rng) for _ in range(20)]
    drawn.append([{(2, 0, 0): 1}, {(1, 1, 0): 1, (0, 1, 0): 2}, {(1, 0, 1): 1}, {(0, 1, 1): 1}])
    for ideal in drawn:
        run = game.record(game.pack_ideals([ideal], 3), game.linear_scorer(np.zeros(22)))
        names = run.offered[run.move == 0]
        rows = {tuple(row) for row in run.features[names].round(3).tolist()}
        allowed = {
            tuple(features_spec(f, g).astype(np.float32).round(3).tolist())
            for k, g in enumerate(ideal)
            for f in ideal[:k]
        }
        assert rows <= allowed


def test_a_linear_score_by_degree_is_the_strategy_by_degree():
    ideals = game.draw_ideals("3-20-10-weighted", 200, np.random.default_rng(6))
    weights = np.zeros(22)
    weights[12] = -1
    assert (game.play(ideals, game.linear_scorer(weights)) == game.play(ideals, "degree")).all()


def test_a_network_scores_as_numpy_does_and_a_record_is_consistent():
    rng = np.random.default_rng(7)
    hidden, bias, out = rng.normal(size=(22, 5)), rng.normal(size=5), rng.normal(size=5)
    scorer = game.network_scorer(hidden, bias, out)
    ideals = game.draw_ideals("3-5-4-weighted", 50, rng)
    run = game.record(ideals, scorer)
    assert (run.counts == game.play(ideals, scorer)).all()
    assert np.bincount(run.episode, run.price, 50).tolist() == run.counts[:, 0].tolist()
    assert np.bincount(run.episode, minlength=50).tolist() == run.counts[:, 1:].sum(1).tolist()
    scores = np.maximum(run.features @ hidden + bias, 0) @ out
    for t, name in enumerate(run.chosen):
        waiting = run.offered[run.move == t]
        assert name in waiting
        assert scores[name] >= scores[waiting].max() - 1e-3
    assert len(set(run.chosen.tolist())) == len(run.chosen)  # no pair is treated twice


def test_sampled_moves_follow_the_softmax():
    ideals = game.draw_ideals("3-20-10-weighted", 1, np.random.default_rng(8))
    many = game.choose(ideals, np.zeros(4000, int))
    scorer = game.linear_scorer(np.linspace(-1, 1, 22))
    run = game.record(many, scorer, np.random.default_rng(9))
    starts = np.searchsorted(run.episode, np.arange(4000))
    waiting = run.offered[run.move == 0]
    scores = run.features[waiting] @ scorer.linear
    expected = np.exp(scores) / np.exp(scores).sum()
    place = {tuple(row): k for k, row in enumerate(run.features[waiting].tolist())}
    first = [place[tuple(row)] for row in run.features[run.chosen[starts]].tolist()]
    share = np.bincount(first, minlength=len(waiting)) / 4000
    assert np.abs(share - expected).max() < 0.04
    assert expected.max() - expected.min() > 0.05


def test_randomness_comes_from_the_generator():
    ideals = game.draw_ideals("3-5-4-weighted", 30, np.random.default_rng(1))
    again = game.draw_ideals("3-5-4-weighted", 30, np.random.default_rng(1))
    assert (ideals.leads == again.leads).all()
    runs = [game.play(ideals, "random", np.random.default_rng(s)) for s in (1, 1, 2)]
    assert (runs[0] == runs[1]).all()
    assert (runs[0] != runs[2]).any()


def test_bad_input_is_named():
    ideals = game.draw_ideals("3-5-4-weighted", 2, np.random.default_rng(0))
    with pytest.raises(ValueError, match="strategy"):
        game.play(ideals, "best")
    with pytest.raises(ValueError, match="rng"):
        game.play(ideals, "random")
    with pytest.raises(ValueError, match="finite"):
        game.play(ideals, game.linear_scorer(np.full(22, np.nan)))
    with pytest.raises(ValueError, match="22 features"):
        game.play(ideals, game.linear_scorer(np.zeros(21)))
    with pytest.raises(ValueError, match="binomials"):
        game.pack_ideals([[{(1, 0): 1, (0, 1): 1, (0, 0): 1}]], 2)
    with pytest.raises(ValueError, match="equally many"):
        game.pack_ideals([], 2)
    with pytest.raises(ValueError, match="degrees"):
        game.draw_ideals("7-100-4-weighted", 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="count"):
        game.draw_ideals("3-5-4-weighted", -1, np.random.default_rng(0))


def test_overflow_and_the_limit_are_reported(monkeypatch):
    far = [
        {(0,) * 5 + (60, 1): 1, (60,) + (0,) * 6: 1},
        {(0,) * 5 + (1, 60): 1, (0, 60) + (0,) * 5: 1},
    ]
    with pytest.raises(OverflowError, match="1 of 1"):
        game.play(game.pack_ideals([far], 7), "degree")
    monkeypatch.setattr(game, "LIMIT", 50)
    with pytest.raises(RuntimeError, match="limit of 50 additions"):
        game.play(game.pack_ideals([WORKED], 3), "degree")
