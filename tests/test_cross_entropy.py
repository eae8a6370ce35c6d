"""The compiled game equals the network's own probabilities; the search keeps its best."""

from itertools import islice

import numpy as np
import pytest
import torch

from benchmarks import cross_entropy as benchmark
from course_utils import datasets
from course_utils.engines.cross_entropy import Policy, imitate, search


def full_logit(policy: Policy, word: np.ndarray, t: int) -> float:
    """The definition: the state vector of length 2E through all layers."""
    slots = len(word)
    state = torch.zeros(2 * slots)
    state[:t] = torch.from_numpy(word[:t]).float()
    state[slots + t] = 1
    layer = torch.cat([policy.bits, policy.place])
    with torch.no_grad():
        inner = torch.relu(policy.middle(torch.relu(state @ layer)))
        return policy.top(inner).item()


def test_prefix_sums_equal_the_full_first_layer() -> None:
    torch.manual_seed(0)
    policy = Policy(15, (6, 4))
    word = np.random.default_rng(0).integers(0, 2, 15)
    logits = policy(torch.from_numpy(word[None]).float())[0]
    expected = [full_logit(policy, word, t) for t in range(15)]
    assert logits.tolist() == pytest.approx(expected, abs=1e-5)


def test_words_are_drawn_with_the_probabilities_of_the_network() -> None:
    torch.manual_seed(1)
    policy = Policy(4, (8, 4))
    with torch.no_grad():
        policy.bits.mul_(6)  # far from independent letters
        policy.place.mul_(6)
    every = (np.arange(16)[:, None] >> np.arange(4)) & 1
    with torch.no_grad():
        p = torch.sigmoid(policy(torch.from_numpy(every).float())).double().numpy()
    expected = np.where(every, p, 1 - p).prod(1)
    assert expected.sum() == pytest.approx(1, abs=1e-6)
    words = policy.play(200_000, np.random.default_rng(2))
    found = np.bincount(words @ (1 << np.arange(4)), minlength=16) / len(words)
    assert np.abs(found - expected).max() < 0.006


def test_density_is_the_probability_of_a_one_at_the_start() -> None:
    torch.manual_seed(0)
    words = Policy(100, density=0.1).play(500, np.random.default_rng(0))
    assert 0.05 < words.mean() < 0.2


def test_imitation_makes_the_words_more_likely() -> None:
    torch.manual_seed(0)
    policy = Policy(10)
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
    words = np.tile(np.arange(10) % 2, (8, 1)).astype(np.int8)
    losses = [imitate(policy, optimizer, words) for _ in range(30)]
    assert losses[-1] < 0.5 * losses[0]


def count_ones(words: np.ndarray) -> np.ndarray:
    return words.sum(1).astype(float)


def test_search_finds_the_word_of_ones_and_keeps_its_best() -> None:
    best = []
    for state in search(count_ones, 20, np.random.default_rng(0), games=100, lr=3e-3):
        best.append(state.best)
        assert count_ones(state.word[None])[0] == state.best
        if state.best == 20 or state.iteration == 400:
            break
    assert best == sorted(best)
    assert best[-1] == 20


def test_search_is_determined_by_its_generator() -> None:
    runs = []
    for _ in range(2):
        states = search(count_ones, 12, np.random.default_rng(5), games=40)
        runs.append([next(states).mean for _ in range(15)])
    assert runs[0] == runs[1]


def test_search_starts_anew_after_its_patience() -> None:
    states = search(
        lambda words: np.zeros(len(words)), 5, np.random.default_rng(0), patience=3, collapse=9
    )
    restarts = [next(states).restarts for _ in range(12)]
    assert restarts[-1] >= 2


def test_the_loop_of_the_notebook_starts_anew_and_is_determined_by_its_generator() -> None:
    loop = benchmark.reader_loop()
    flat = loop(lambda words: np.zeros(len(words)), 5, np.random.default_rng(0), patience=3)
    nets = [next(flat)[3] for _ in range(70)]  # a new net after at most 30 rounds that stand
    assert nets == sorted(nets)
    assert nets[-1] >= 2
    runs = [loop(count_ones, 12, np.random.default_rng(5)) for _ in range(2)]
    assert [next(runs[0])[2] for _ in range(5)] == [next(runs[1])[2] for _ in range(5)]


def test_the_loop_of_the_notebook_finds_the_word_of_ones() -> None:
    rounds = benchmark.reader_loop()(count_ones, 12, np.random.default_rng(1))
    word = next(word for best, word, *_ in islice(rounds, 1000) if best == 12)
    assert word.sum() == 12


def test_the_recorded_rates_are_of_many_seeds_and_within_their_limit() -> None:
    recorded = datasets.load("week07_success.json")
    for runs in recorded["rates"].values():
        assert len(runs["seconds"]) >= 32
        assert runs["limit"] <= 120
        assert None not in runs["seconds"]
    for runs in (*recorded["rates"].values(), *recorded["rivals"].values()):
        assert len(runs["seconds"]) == len(runs["best"]) >= 16
        for seconds, best in zip(runs["seconds"], runs["best"], strict=True):
            assert (seconds is None) == (best <= 0)
            assert seconds is None or 0 < seconds <= runs["limit"] + 1
