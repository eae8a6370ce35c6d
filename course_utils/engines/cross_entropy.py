"""The deep cross-entropy method: play words letter by letter, imitate the best.

The state of a game is the word so far and the place t of the next letter; the first layer of the
network sees one new letter a step, so its pre-activation is updated, not recomputed. Week 7 builds
all of this by hand; the gallery and the benchmark use it from here.

Source: A. Z. Wagner, Constructions in combinatorics via neural networks, arXiv 2104.14516.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import nn

Score = Callable[[NDArray[np.int8]], NDArray[np.float64]]  # words (B, E) to scores (B,)


class Policy(nn.Module):
    """p(letter t is 1 | letters before t): a network 2E - H - K - 1 on (word so far, one-hot t)."""

    def __init__(self, slots: int, hidden: tuple[int, int] = (48, 8), density: float = 0.5):
        super().__init__()
        wide, narrow = hidden
        reach = (2 * slots) ** -0.5
        self.bits = nn.Parameter(torch.empty(slots, wide).uniform_(-reach, reach))
        self.place = nn.Parameter(torch.empty(slots, wide).uniform_(-reach, reach))
        self.middle, self.top = nn.Linear(wide, narrow), nn.Linear(narrow, 1)
        nn.init.constant_(self.top.bias, float(np.log(density / (1 - density))))

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """Return the logits (B, E) of all letters of words (B, E), all prefixes at once."""
        steps = words[:, :, None] * self.bits  # (B, E, H)
        before = steps.cumsum(1) - steps + self.place
        return self.top(torch.relu(self.middle(torch.relu(before)))).squeeze(2)

    def play(self, games: int, rng: np.random.Generator) -> NDArray[np.int8]:
        """Return `games` words (B, E), each drawn letter by letter."""
        weights = [p.detach().numpy() for p in self.parameters()]
        draws = rng.random((len(self.bits), games), np.float32)
        with np.errstate(divide="ignore"):
            thresholds = np.log(draws / (1 - draws))  # letter 1 iff the logit is above
        return _play(thresholds, *weights)


@njit(cache=True, fastmath=True)
def _play(thresholds, bits, place, middle, middle_bias, top, top_bias):
    slots, games = thresholds.shape
    wide, narrow = bits.shape[1], middle.shape[0]
    words = np.zeros((slots, games), np.int8)
    before = np.zeros((wide, games), np.float32)
    hidden, total = np.zeros(games, np.float32), np.zeros(games, np.float32)
    active = np.zeros((wide, games), np.float32)
    for t in range(slots):
        for h in range(wide):
            here = place[t, h]
            for g in range(games):
                active[h, g] = max(before[h, g] + here, np.float32(0))
        total[:] = top_bias[0]
        for k in range(narrow):
            hidden[:] = middle_bias[k]
            for h in range(wide):
                weight = middle[k, h]
                for g in range(games):
                    hidden[g] += weight * active[h, g]
            weight = top[0, k]
            for g in range(games):
                total[g] += weight * max(hidden[g], np.float32(0))
        for g in range(games):
            words[t, g] = total[g] > thresholds[t, g]
            hidden[g] = words[t, g]
        for h in range(wide):
            weight = bits[t, h]
            for g in range(games):
                before[h, g] += weight * hidden[g]
    return words.T.copy()


@dataclass
class State:
    """What a search knows after an iteration."""

    iteration: int = 0
    restarts: int = 0
    best: float = -np.inf
    word: NDArray[np.int8] | None = None
    mean: float = np.nan
    plateaus: list[float] = field(default_factory=list)


def search(
    score: Score,
    slots: int,
    rng: np.random.Generator,
    *,
    games: int = 200,
    elite: float = 0.07,
    survivors: float = 0.06,
    lr: float = 1e-3,
    hidden: tuple[int, int] = (48, 8),
    density: float = 0.5,
    patience: int = 20,
    collapse: float = 0.06,
) -> Iterator[State]:
    """Yield the state after each iteration, for ever; stop when you have seen enough.

    Args:
        score: words (B, E), int8, to scores (B,); larger is better.
        slots: E, the number of letters.
        rng: source of all randomness, the network's first weights included.
        games: B, words an iteration.
        elite: share of them that is imitated, survivors included.
        survivors: share of them that is carried over unchanged.
        density: probability of a 1 before any learning, roughly.
        patience, collapse: the network starts anew after `patience` iterations without a better
            best if the cross-entropy of a letter of the elite has fallen to `collapse` (the words
            are nearly all the same), and after ten times as many in any case.
    """
    state = State()
    while True:
        torch.manual_seed(int(rng.integers(2**31)))
        policy = Policy(slots, hidden, density)
        optimizer = torch.optim.Adam(policy.parameters(), lr=lr)
        kept, kept_scores = np.zeros((0, slots), np.int8), np.zeros(0)
        local, since, loss = -np.inf, 0, np.inf
        while since <= patience or (loss > collapse and since <= 10 * patience):
            words = np.concatenate([kept, policy.play(games, rng)])
            scores = np.concatenate([kept_scores, score(words[len(kept) :])])
            order = np.lexsort((rng.random(len(scores)), -scores))
            kept, kept_scores = (a[order[: round(survivors * games)]] for a in (words, scores))
            loss = imitate(policy, optimizer, words[order[: round(elite * games)]])
            local, since = (scores.max(), 0) if scores.max() > local + 1e-9 else (local, since + 1)
            state.iteration += 1
            state.mean = float(scores.mean())
            if local > state.best:
                state.best, state.word = float(local), words[order[0]]
            yield state
        state.plateaus.append(float(local))
        state.restarts += 1


def imitate(policy: Policy, optimizer: torch.optim.Optimizer, words: NDArray[np.int8]) -> float:
    """Take one step of gradient descent on the binary cross-entropy of the words' letters."""
    target = torch.from_numpy(words).float()
    loss = nn.functional.binary_cross_entropy_with_logits(policy(target), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
