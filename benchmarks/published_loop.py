"""Wagner's cross-entropy loop with the published settings, written anew from the paper.

A. Z. Wagner, *Constructions in combinatorics via neural networks*, arXiv 2104.14516, and the values
that the program beside it names: 1000 words per round, a network 2E-128-64-4-1 with ReLU inside
and a logistic output, weights as Keras begins (Glorot, no bias), one pass of plain gradient descent
with rate 1e-4 in batches of 32 over the words at or above the 93rd percentile of the score; those
at or above the 94th take part in the next round too. A disconnected graph scores -10^6.

Ours is torch where his is Keras, and the score is our compiled one where his is networkx: what is
compared is the loop, on the program that a user would write today.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

WORDS, LEARNT, KEPT, RATE, BATCH = 1000, 93, 94, 1e-4, 32
Score = Callable[[NDArray], NDArray[np.float64]]


def network(slots: int) -> nn.Sequential:
    """Return the network: letters so far and the place of the next one to its probability of 1."""
    layers: list[nn.Module] = []
    widths = (2 * slots, 128, 64, 4, 1)
    for wide, narrow in pairwise(widths):
        layer = nn.Linear(wide, narrow)
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1], nn.Sigmoid())


def play(net: nn.Module, words: int, slots: int) -> torch.Tensor:
    """Return words (B, E), letter by letter: a full pass of the network for each."""
    state = torch.zeros(words, 2 * slots)
    with torch.no_grad():
        for t in range(slots):
            state[:, slots + t] = 1
            state[:, t] = (torch.rand(words) < net(state)[:, 0]).float()
            state[:, slots + t] = 0
    return state[:, :slots]


def at_least(scores: NDArray, percentile: float, room: int) -> NDArray[np.intp]:
    """Return the places at or above the percentile, of those that equal it no more than fit.

    The first `room` places that reach the percentile are taken, after them only those above it.
    """
    bar = np.percentile(scores, percentile)
    found = np.flatnonzero(scores >= bar - 1e-7)
    return np.array([p for k, p in enumerate(found) if k < room or scores[p] >= bar + 1e-7], int)


def learn(net: nn.Module, optimizer: torch.optim.Optimizer, words: torch.Tensor) -> None:
    """Go once through all prefixes of the words, shuffled, in small batches."""
    count, slots = words.shape
    prefixes = words[:, None, :] * torch.ones(slots, slots).tril(-1)
    places = torch.eye(slots).expand(count, slots, slots)
    inputs = torch.cat([prefixes, places], dim=2).flatten(0, 1)
    letters = words.flatten()
    for chosen in torch.randperm(len(letters)).split(BATCH):
        loss = nn.functional.binary_cross_entropy(net(inputs[chosen])[:, 0], letters[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def search(score: Score, slots: int, seed: int) -> Iterator[tuple[float, NDArray[np.int8]]]:
    """Yield best score so far and its word after each round, for ever."""
    torch.manual_seed(seed)
    net = network(slots)
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    kept, kept_scores = torch.zeros(0, slots), np.zeros(0)
    while True:
        fresh = play(net, WORDS, slots)
        words = torch.cat([fresh, kept])
        scores = np.concatenate([score(fresh.numpy().astype(np.int8)), kept_scores])
        learn(net, optimizer, words[at_least(scores, LEARNT, WORDS * (100 - LEARNT) // 100)])
        best = at_least(scores, KEPT, WORDS * (100 - KEPT) // 100)
        kept, kept_scores = words[best], scores[best]
        top = int(kept_scores.argmax())
        yield float(kept_scores[top]), kept[top].numpy().astype(np.int8)
