"""Week 7: games a second, and seconds to a verified counterexample, for seven ways to search.

`python -m benchmarks.cross_entropy record` writes course_utils/data/week07_success.json: for each
method and seed the CPU seconds until a graph on 19 vertices is *proved* to violate the conjecture
of Aouchiche and Hansen, or null where the limit passed. "rates" has the compiled engine and the
notebook's loop with 120 CPU seconds, on seeds on which nothing was tuned; "rivals" the other
methods with 6. What is recorded already is not run again: to begin anew, remove the file. Names
after `record` choose runs.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import networkx as nx
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks import published_loop
from benchmarks.timing import Row, Time, compare, timed
from course_utils.engines.cross_entropy import Policy, search
from course_utils.exercises import week07
from course_utils.maths.conjectures import refutes_aouchiche_hansen
from course_utils.maths.graph_invariants import (
    components,
    largest_eigenvalues,
    matching_numbers,
)
from tools import workbook
from tools.builder.source import build

N = 19
SLOTS = N * (N - 1) // 2
FILE = Path(__file__).parents[1] / "course_utils" / "data" / "week07_success.json"
# part of the file, name of the runs there: (method, threads, first seed, seeds, CPU seconds)
RUNS = {
    ("rates", "engine"): ("engine", 1, 70_000, 32, 120.0),
    ("rates", "engine, two threads"): ("engine", 2, 71_000, 32, 120.0),
    ("rates", "your loop"): ("your loop", 1, 72_000, 32, 120.0),
    ("rivals", "random words"): ("random words", 1, 73_000, 16, 6.0),
    ("rivals", "hill climbing"): ("hill climbing", 1, 73_000, 16, 6.0),
    ("rivals", "simulated annealing"): ("simulated annealing", 1, 73_000, 16, 6.0),
    ("rivals", "trees only"): ("trees only", 1, 73_000, 16, 6.0),
}
NOTEBOOK = "week07_reinforcement_learning_for_counterexamples"
WAGNERS = (2, 60.0)  # seeds, CPU seconds for each
CELLS = ("class Game(", "def log_probability(", "def imitate(", "def cross_entropy_method(")
Found = Iterator[tuple[float, NDArray]]  # best score so far and its adjacency matrix


def graphs(words: NDArray) -> NDArray[np.int8]:
    """Words (B, E) to adjacency matrices (B, N, N), slots in lexicographic order."""
    stack = np.zeros((len(words), N, N), np.int8)
    i, j = np.triu_indices(N, 1)
    stack[:, i, j] = stack[:, j, i] = words
    return stack


def score_graphs(stack: NDArray[np.int8]) -> NDArray[np.float64]:
    """√(n-1) + 1 - λ1 - μ of connected graphs (B, N, N), else -50 - number of components."""
    pieces = components(stack)
    values = -50.0 - pieces
    stack = stack[pieces == 1]
    slack = np.sqrt(N - 1) + 1 - largest_eigenvalues(stack) - matching_numbers(stack)
    values[pieces == 1] = slack
    return values


def score(words: NDArray) -> NDArray[np.float64]:
    """Score words (B, E)."""
    return score_graphs(graphs(words))


def definition_loop(games: int) -> NDArray[np.float64]:
    """Play and score as the definition reads: a full forward pass a step, one graph at a time."""
    net = nn.Sequential(nn.Linear(2 * SLOTS, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())
    net.extend([nn.Linear(64, 4), nn.ReLU(), nn.Linear(4, 1), nn.Sigmoid()])
    words, rewards = torch.zeros(games, SLOTS), []
    for t in range(SLOTS):
        place = torch.zeros(games, SLOTS)
        place[:, t] = 1
        with torch.no_grad():
            probability = net(torch.cat([words, place], dim=1))[:, 0]
        words[:, t] = (torch.rand(games) < probability).float()
    for matrix in graphs(words.numpy()):
        graph = nx.from_numpy_array(matrix)
        matching = nx.max_weight_matching(graph, maxcardinality=True)
        top = np.linalg.eigvalsh(matrix.astype(float))[-1]
        connected = nx.is_connected(graph)
        rewards.append(np.sqrt(N - 1) + 1 - top - len(matching) if connected else -51.0)
    return np.array(rewards)


def engine(rng: np.random.Generator) -> Found:
    """The compiled engine with its standard settings."""
    for state in search(score, SLOTS, rng):
        yield state.best, graphs(state.word[None])[0]


def reader_loop() -> Callable[..., Iterator[tuple[float, NDArray, float, int]]]:
    """Return the notebook's `cross_entropy_method`: the cells of its source, executed."""
    (path,) = workbook.sources([NOTEBOOK])
    names = {"nn": nn, "np": np, "torch": torch, "elite": week07.elite}
    for cell in build(path).cells:
        if cell.cell_type == "code" and cell.source.startswith(CELLS):
            exec(cell.source, names)
    return names["cross_entropy_method"]


def your_loop(rng: np.random.Generator) -> Found:
    """The loop that readers write, with the settings that the notebook gives it."""
    best, word = -np.inf, None
    for top, candidate, *_ in reader_loop()(score, SLOTS, rng):
        if top > best:
            best, word = top, candidate
        yield best, graphs(word[None])[0]


def wagners_score(words: NDArray) -> NDArray[np.float64]:
    """Score words (B, E) as the published program does: no slope where a graph falls apart."""
    values = score(words)
    return np.where(values < -40, -1e6, values)


def wagners_loop(rng: np.random.Generator) -> Found:
    """The published loop with the published settings."""
    for best, word in published_loop.search(wagners_score, SLOTS, int(rng.integers(2**31))):
        yield best, graphs(word[None])[0]


def random_words(rng: np.random.Generator) -> Found:
    """Words whose letters are 1 with probability 2/n: the sparse graphs a tree is among."""
    best, word = -np.inf, None
    while True:
        words = (rng.random((200, SLOTS)) < 2 / N).astype(np.int8)
        scores = score(words)
        if scores.max() > best:
            best, word = scores.max(), words[scores.argmax()]
        yield best, graphs(word[None])[0]


def _chains(rng: np.random.Generator, temperature: Callable[[int], float]) -> Found:
    """200 chains: flip a letter or move a 1; a worse word is kept with probability e^(Δ/T)."""
    words = (rng.random((200, SLOTS)) < 2 / N).astype(np.int8)
    scores, rows, step = score(words), np.arange(200), 0
    best, word = scores.max(), words[scores.argmax()]
    while True:
        tried, first = words.copy(), rng.integers(0, SLOTS, 200)
        other = rng.random((200, SLOTS)) * (words != words[rows, first][:, None])
        swap = (rng.random(200) < 0.5) & (other.max(1) > 0)
        tried[rows, first] ^= 1
        tried[rows[swap], other.argmax(1)[swap]] ^= 1
        found = score(tried)
        bar = temperature(step) * np.log(rng.random(200))
        accepted = found - scores >= bar
        words[accepted], scores[accepted] = tried[accepted], found[accepted]
        if scores.max() > best:
            best, word = scores.max(), words[scores.argmax()].copy()
        step += 1
        yield best, graphs(word[None])[0]


def hill_climbing(rng: np.random.Generator) -> Found:
    """Flip letters and keep what is not worse."""
    yield from _chains(rng, lambda step: 1e-12)


def annealing(rng: np.random.Generator) -> Found:
    """Simulated annealing; the temperature falls from 0.3 to 0.02 in 1000 steps, then again."""
    yield from _chains(rng, lambda step: 0.3 * 15 ** (-(step % 1000) / 1000))


def trees_only(rng: np.random.Generator) -> Found:
    """The same annealing on 200 trees: a step gives one vertex another parent."""
    rows, child, step = np.arange(200), np.arange(1, N), 0
    parents = np.stack([rng.integers(0, child) for _ in rows])  # (200, N - 1), parent < child
    scores, best, champion = np.full(200, -np.inf), -np.inf, None
    while True:
        tried = parents.copy()
        moved = rng.integers(0, N - 1, 200)
        tried[rows, moved] = rng.integers(0, moved + 1)
        stack = np.zeros((200, N, N), np.int8)
        stack[rows[:, None], child, tried] = stack[rows[:, None], tried, child] = 1
        found = score_graphs(stack)
        bar = 0.3 * 15 ** (-(step % 1000) / 1000) * np.log(rng.random(200))
        kept = found - scores >= bar
        parents[kept], scores[kept] = tried[kept], found[kept]
        if found.max() > best:
            best, champion = found.max(), stack[found.argmax()]
        step += 1
        yield best, champion


METHODS: dict[str, Callable[[np.random.Generator], Found]] = {
    "engine": engine,
    "your loop": your_loop,
    "Wagner's loop": wagners_loop,
    "random words": random_words,
    "hill climbing": hill_climbing,
    "simulated annealing": annealing,
    "trees only": trees_only,
}


def seconds_to_proof(method: str, seed: int, limit: float) -> tuple[float | None, float]:
    """Return (CPU seconds to a proved counterexample or None, best score)."""
    start, best = time.process_time(), -np.inf
    for best, matrix in METHODS[method](np.random.default_rng(seed)):
        if best > 1e-9 and refutes_aouchiche_hansen(matrix):
            return time.process_time() - start, float(best)
        if time.process_time() - start > limit:
            return None, float(best)
    raise AssertionError("searches run for ever")


def hunts(method: str, count: int, limit: float) -> tuple[list[Time], list[float]]:
    """Return the times of the seeds below `count` that end with a proof, and all best scores."""
    solved, best = [], []
    for seed in range(count):
        found: list[tuple[float | None, float]] = []
        time_of = timed(lambda s=seed, f=found: f.append(seconds_to_proof(method, s, limit)))
        solved += [] if found[0][0] is None else [time_of]
        best.append(found[0][1])
    return solved, best


def rows() -> Iterator[Row]:
    """Yield games and whole rounds per second, and the times to a proved counterexample."""
    torch.set_num_threads(1)
    policy, rng = Policy(SLOTS), np.random.default_rng(0)
    yield compare(
        "week 7: play and score a game",
        lambda: [score(policy.play(200, rng)) for _ in range(10)],
        lambda: definition_loop(200),
        "the definition's loop, networkx",
        note="n = 19, 200 games at once; the network is not trained",
        counts=(2000, 200),
    )
    states, published = search(score, SLOTS, rng), published_loop.search(wagners_score, SLOTS, 0)
    yield compare(
        "week 7: play, score and learn, a game",
        lambda: list(islice(states, 50)),
        lambda: list(islice(published, 3)),
        "Wagner's loop (2104.14516), written anew in torch",
        note="n = 19, 200 and 1000 games a round, both with our compiled score",
        counts=(50 * 200, 3 * published_loop.WORDS),
    )
    solved, _ = hunts("engine", 8, 240.0)
    theirs, best = hunts("Wagner's loop", WAGNERS[0], WAGNERS[1])
    note = f"{len(solved)} of 8 seeds proved a counterexample on 19 vertices; Wagner's loop "
    note += f"{len(theirs)} of {len(best)} within {WAGNERS[1]:g} CPU s each, "
    note += f"best scores {', '.join(f'{b:.2f}' for b in best)} (a counterexample is above 0)"
    yield Row("week 7: counterexample, engine", "Wagner's loop: see note", solved, None, note)
    solved, _ = hunts("your loop", 3, 240.0)
    note = f"{len(solved)} of 3 seeds proved a counterexample on 19 vertices"
    yield Row("week 7: counterexample, the notebook's loop", "—", solved, None, note)


def _recorded() -> dict[str, dict]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def record(chosen: list[str]) -> None:
    """Write the data of the notebook's success rates and of its success curve."""
    torch.set_num_threads(1)
    score(Policy(SLOTS).play(200, np.random.default_rng(0)))
    for (part, name), (method, threads, first, count, limit) in RUNS.items():
        if name in _recorded().get(part, {}) or (chosen and name not in chosen):
            continue
        torch.set_num_threads(threads)
        runs = [seconds_to_proof(method, seed, limit) for seed in range(first, first + count)]
        data = _recorded()
        data.setdefault(part, {})[name] = {
            "limit": limit,
            "seconds": [None if t is None else round(t, 2) for t, _ in runs],
            "best": [round(best, 4) for _, best in runs],
        }
        print(name, data[part][name], flush=True)
        partial = FILE.with_suffix(".tmp")
        partial.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        partial.rename(FILE)


if __name__ == "__main__":
    if sys.argv[1:2] != ["record"]:
        sys.exit("usage: python -m benchmarks.cross_entropy record [NAME …]")
    record(sys.argv[2:])
