r"""Tree search by PUCT for many games at once: the trees are compiled, the network sees a batch.

One simulation walks down each tree by the rule

    argmax over moves a of  Q(s, a) + c P(s, a) sqrt(N(s)) / (1 + n(s, a)),

adds one position, has it evaluated, and walks back up, changing the sign at every ply. Q is the
mean of the results seen behind a move (0 before the first), n how often it was tried, N(s) one
more than the sum of the n, P the evaluator's probabilities. Ties go to the first move. The
companion on AlphaZero writes the same search for one game in plain Python.

Source: D. Silver et al., Mastering the game of Go without human knowledge, Nature 550 (2017).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.engines.board_games import OPEN, Rules, all_open, encode, legal_moves, play

Evaluate = Callable[
    [NDArray[np.float32]], tuple[NDArray[np.floating], NDArray[np.floating]]
]  # features (B, F) to probabilities (B, actions) and values (B,) for the player to move


def search(
    rules: Rules,
    states: NDArray[np.int64],
    evaluate: Evaluate,
    simulations: int,
    c: float = 1.5,
    noise: NDArray[np.floating] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Search from many open positions at once; return visits and results of the roots' moves.

    Args:
        rules: the game.
        states: positions (B, 2), none of them over.
        evaluate: maps features (B, F) to probabilities (B, actions), legal or not, and values
            in [-1, 1] for the player to move.
        simulations: how often each tree is walked, >= 1.
        c: weight of the prior, >= 0.
        noise: (B, actions) with non-negative entries, mixed into the root's probabilities at a
            quarter of the weight, or None.

    Returns:
        visits: (B, actions), how often each move of the root was tried; a row sums to
            `simulations`.
        totals: (B, actions), sums of the results behind each move, for the player to move at
            the root; totals.sum(axis=1) / simulations is the value of the root.

    Raises:
        ValueError: shapes do not fit, no simulations, c negative, or the evaluator returns
            something that is no probability, or a position is over.
    """
    states = np.ascontiguousarray(states, np.int64)
    if states.ndim != 2 or states.shape[1] != 2:
        raise ValueError(f"states must have shape (B, 2), got {states.shape}")
    if not all_open(rules, states):
        raise ValueError("states must hold open positions: one of them is won or has no move")
    if isinstance(simulations, bool) or not isinstance(simulations, int | np.integer):
        raise ValueError(f"simulations must be an integer, got {simulations!r}")
    if simulations < 1:
        raise ValueError(f"simulations must be >= 1, got {simulations}")
    if not 0 <= c < np.inf:
        raise ValueError(f"c must be >= 0 and finite, got {c}")
    games, actions, nodes = len(states), rules.actions, int(simulations) + 1
    shape = (games, actions)
    if noise is not None and np.shape(noise) != shape:
        raise ValueError(f"noise must have shape {shape}, got {np.shape(noise)}")
    tree = Tree(
        np.zeros((games, nodes, 2), np.int64),
        np.full((games, nodes), OPEN, np.int8),
        np.zeros((games, nodes, actions)),
        np.zeros((games, nodes, actions), np.int32),
        np.zeros((games, nodes, actions), np.int32),
        np.zeros((games, nodes, actions)),
    )
    path = np.zeros((games, nodes, 2), np.int32)
    tree.states[:, 0] = states
    leaves = np.zeros(games, np.int32)
    mixed = np.zeros(shape) if noise is None else np.asarray(noise, np.float64)
    share = 0.0 if noise is None else 0.25
    priors, values = _evaluated(evaluate, rules, states)
    _expand(rules, tree, leaves, priors, mixed, share)
    depths = np.zeros(games, np.int32)
    for step in range(1, nodes):
        _descend(rules, tree, float(c), step, path, depths, leaves)
        priors, values = _evaluated(evaluate, rules, tree.states[np.arange(games), leaves])
        _expand(rules, tree, leaves, priors, mixed, 0.0)
        _back_up(tree, path, depths, leaves, values)
    return tree.visits[:, 0].copy(), tree.totals[:, 0].copy()


class Tree(NamedTuple):
    """The trees of B games with at most M nodes and A moves each; node 0 is the root."""

    states: NDArray[np.int64]  # (B, M, 2)
    results: NDArray[np.int8]  # (B, M): -1, 0, or OPEN
    priors: NDArray[np.float64]  # (B, M, A), -1 for illegal moves
    children: NDArray[np.int32]  # (B, M, A), 0: not yet tried
    visits: NDArray[np.int32]  # (B, M, A)
    totals: NDArray[np.float64]  # (B, M, A), sums of results for the player to move at the node


def _evaluated(evaluate: Evaluate, rules: Rules, states: NDArray[np.int64]) -> tuple[NDArray, ...]:
    priors, values = evaluate(encode(rules, states))
    priors, values = np.asarray(priors, np.float64), np.asarray(values, np.float64)
    if priors.shape != (len(states), rules.actions) or values.shape != (len(states),):
        raise ValueError(
            f"evaluate must return shapes {(len(states), rules.actions)} and {(len(states),)}, "
            f"got {priors.shape} and {values.shape}"
        )
    if not (priors >= 0).all() or not (np.abs(values) <= 1).all():
        raise ValueError("evaluate must return probabilities >= 0 and values in [-1, 1]")
    return priors, values


@njit(cache=True)
def _expand(rules, tree, leaves, priors, noise, share):
    """Give every open leaf its priors: legal moves only, of sum 1 (all equal if the sum is 0)."""
    for b in range(len(leaves)):
        node = leaves[b]
        if tree.results[b, node] != OPEN:
            continue
        allowed = legal_moves(rules, tree.states[b, node])
        total, mixed, count = 0.0, 0.0, 0
        for a in range(len(allowed)):
            if allowed[a]:
                total += priors[b, a]
                mixed += noise[b, a]
                count += 1
        for a in range(len(allowed)):
            if allowed[a]:
                prior = priors[b, a] / total if total > 0 else 1.0 / count
                if share > 0:
                    spread = noise[b, a] / mixed if mixed > 0 else 1.0 / count
                    prior = (1 - share) * prior + share * spread
                tree.priors[b, node, a] = prior
            else:
                tree.priors[b, node, a] = -1.0


@njit(cache=True)
def _descend(rules, tree, c, new, path, depths, leaves):
    """Walk down each tree; add node number `new` unless the walk ends in a finished game."""
    for b in range(len(leaves)):
        node, depth = 0, 0
        while tree.results[b, node] == OPEN:
            count = 1
            for a in range(tree.visits.shape[2]):
                count += tree.visits[b, node, a]
            best, action = -np.inf, -1
            for a in range(tree.visits.shape[2]):
                prior = tree.priors[b, node, a]
                if prior < 0:
                    continue
                n = tree.visits[b, node, a]
                mean = tree.totals[b, node, a] / n if n > 0 else 0.0
                score = mean + c * prior * np.sqrt(count) / (1 + n)
                if score > best:
                    best, action = score, a
            path[b, depth, 0], path[b, depth, 1] = node, action
            depth += 1
            child = tree.children[b, node, action]
            if child == 0:
                tree.children[b, node, action] = new
                result = play(rules, tree.states[b, node], action, tree.states[b, new])
                tree.results[b, new] = result
                node = new
                break
            node = child
        leaves[b], depths[b] = node, depth


@njit(cache=True)
def _back_up(tree, path, depths, leaves, values):
    """Add each leaf's value along its path: the sign changes at every ply."""
    for b in range(len(leaves)):
        result = tree.results[b, leaves[b]]
        value = values[b] if result == OPEN else float(result)
        for k in range(depths[b] - 1, -1, -1):
            value = -value
            tree.visits[b, path[b, k, 0], path[b, k, 1]] += 1
            tree.totals[b, path[b, k, 0], path[b, k, 1]] += value
