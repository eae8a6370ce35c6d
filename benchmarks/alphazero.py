"""AlphaZero on small boards: simulations per CPU second, and the runs that the companion quotes.

`python -m benchmarks.alphazero record` trains with the notebook's own cells (their definitions are
executed from the source) and writes course_utils/data/alphazero_runs.json: connect-4 on 5x4 with
three seeds, on 6x4 and 6x5, and Nim with heaps 1, 3, 5, …. `record PART` (5x4, 6x4, 6x5 or nim)
renews one part.
"""

import ast
import datetime
import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.timing import Row, timed
from course_utils.engines.board_games import connect_four, legal, nim
from course_utils.engines.tree_search import search
from tools.builder.source import read_source

ROOT = Path(__file__).parents[1]
FILE = ROOT / "course_utils" / "data" / "alphazero_runs.json"
BOARDS = {"5x4": (26, 3, 2000), "6x4": (26, 1, 2000), "6x5": (48, 1, 600)}  # rounds, seeds, sample
NIM_ROUNDS = {3: 25, 4: 23, 5: 22, 6: 18, 7: 14}  # heaps: rounds, about 45 CPU seconds for each


def definitions() -> dict[str, Any]:
    """Return the functions and classes of the companion's source, by executing their cells."""
    names: dict[str, Any] = {"rules": connect_four(5, 4)}
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    for cell in read_source(ROOT / "notebooks" / "source" / "extras" / "alphazero.py").cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            if tree.body and all(isinstance(node, kinds) for node in tree.body):
                exec(compile(tree, "alphazero", "exec"), names)
    return names


def connect_run(n: dict[str, Any], columns: int, rows: int, rounds: int, seed: int, size: int):
    """Train once and measure: optimal moves, the champion's test, the value of the empty board."""
    rules, empty = connect_four(columns, rows), np.zeros(2, np.int64)
    sample = n["random_positions"](rules, empty, size, np.random.default_rng(7))
    exact = n["exact_values"](rules, sample)
    torch.manual_seed(seed)
    plain = n["Net"](rules)

    def shares(net):
        tests = {k: n["chosen"](net, sample, k, rules) for k in (0, 64, 200)}
        return {str(k): round(n["optimal"](exact, c)[0], 4) for k, c in tests.items()}

    untrained, curve = shares(plain), []
    for k, (seconds, net) in enumerate(n["learn"](rules, empty, rounds, seed), start=1):
        if k % 4 == 0:
            curve.append([round(seconds, 1), shares(net)["64"]])
            print(columns, rows, seed, curve[-1], flush=True)
    rival = n["perfect"](np.random.default_rng(seed))
    score, losing, moves = n["match"](rules, lambda s: n["chosen"](net, s, 200, rules), rival, 200)
    _, totals = search(rules, empty[None], net.evaluate, 800)
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        "untrained": untrained,
        "optimal": shares(net),
        "curve": curve,
        "won": score[0],
        "lost": score[2],
        "losing": losing,
        "moves": moves,
        "root": round(float(totals.sum() / 800), 3),
    }


def nim_run(n: dict[str, Any], heaps: int, seed: int) -> dict[str, float]:
    """Train on heaps 1, 3, 5, … and return shares of won positions whose move keeps the win."""
    rules, largest = nim(heaps, 2 * heaps - 1), 2 * heaps - 1
    start = np.array([sum(2 * i + 1 << 4 * i for i in range(heaps)), 0])
    draw = np.random.default_rng(11)
    sizes = draw.integers(0, 2 * np.arange(heaps) + 2, (6000, heaps))
    sizes = sizes[np.bitwise_xor.reduce(sizes, axis=1) > 0][:2000]  # won positions
    states = np.stack([(sizes << 4 * np.arange(heaps)).sum(axis=1), 0 * sizes[:, 0]], axis=1)

    def kept(action):
        after, row = sizes.copy(), np.arange(len(sizes))
        after[row, action // largest] -= action % largest + 1
        return round(float((np.bitwise_xor.reduce(after, axis=1) == 0).mean()), 3)

    torch.manual_seed(seed)
    untrained = kept(n["chosen"](n["Net"](rules), states, 32, rules))
    luck = (legal(rules, states) * draw.random((len(states), rules.actions))).argmax(axis=1)
    seconds, net = list(n["learn"](rules, start, NIM_ROUNDS[heaps], seed, games=256))[-1]
    print("nim", heaps, seed, round(seconds, 1), flush=True)
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        "raw": kept(n["chosen"](net, states, 0, rules)),
        "searched": kept(n["chosen"](net, states, 32, rules)),
        "untrained": untrained,
        "random": kept(luck),
    }


def record(parts: list[str]) -> None:
    """Renew parts of the recorded runs."""
    torch.set_num_threads(1)
    n = definitions()
    for part in parts:
        if part == "nim":
            runs = {str(k): [nim_run(n, k, s) for s in range(3)] for k in NIM_ROUNDS}
            fresh = {"nim": {"rounds": NIM_ROUNDS, "runs": runs}}
        else:
            columns, rows = map(int, part.split("x"))
            rounds, count, size = BOARDS[part]
            runs = [connect_run(n, columns, rows, rounds, s, size) for s in range(count)]
            fresh = {"connect4": {part: runs}}
        held = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
        held["date"] = datetime.date.today().isoformat()
        held["nim"] = fresh.get("nim", held.get("nim", {}))
        boards = held.get("connect4", {}) | fresh.get("connect4", {})
        held["connect4"] = {name: boards[name] for name in BOARDS if name in boards}
        partial = FILE.with_suffix(".tmp")
        partial.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
        partial.rename(FILE)


def rows() -> Iterator[Row]:
    """Yield seconds of 10,000 simulations with the companion's network, 512 games at once.

    The peer alpha-zero-general is quoted, not run: 8,707 (5x4) and 5,430 (7x6) simulations per CPU
    second with a network of width 256, as a prototype recorded them on another machine.
    """
    torch.set_num_threads(1)
    n = definitions()
    for columns, high, peer in ((5, 4, 8707), (7, 6, 5430)):
        rules = connect_four(columns, high)
        net, states = n["Net"](rules), np.zeros((512, 2), np.int64)
        states = n["random_positions"](rules, states[0], 512, np.random.default_rng(0))
        search(rules, states, net.evaluate, 8)

        def play(rules=rules, states=states, net=net) -> None:
            search(rules, states, net.evaluate, 64)

        ours = [timed(play, 512 * 64 / 10_000) for _ in range(5)]
        speed = 10_000 / statistics.median(t.cpu for t in ours)
        note = f"10,000 simulations, network {rules.features}-256-256-({columns}, 1), "
        note += f"512 games at once: {speed:,.0f} simulations per CPU second "
        note += f"(alpha-zero-general, width 256, recorded elsewhere: {peer:,})"
        yield Row(f"AlphaZero: tree search on {columns}x{high}", "—", ours, None, note)


if __name__ == "__main__":
    wanted = sys.argv[2:] or [*BOARDS, "nim"]
    if sys.argv[1:2] != ["record"] or not {*wanted} <= {*BOARDS, "nim"}:
        sys.exit(f"usage: python -m benchmarks.alphazero record [{' | '.join([*BOARDS, 'nim'])}]")
    record(wanted)
