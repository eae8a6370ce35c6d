# %% [markdown]
# # A technical history of AlphaZero — companion to week 10
#
# *How does a program that knows only the rules come to play without a mistake, and how would we
# notice if it did not?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** build AlphaZero from nothing, one historical step at a time: a bandit, a
# tree of bandits, a tree guided by a network, and a network that learns from the tree. You train it
# for a minute on a game whose every position we can solve exactly, so each claim about its play is
# checked against the truth. At the end you meet a children's game on which it fails.
#
# **What you need:** week 1 (a training loop). You do not need to know any game theory.
#
# **Where it comes from:** Alex Davies, *A technical history of AlphaZero*, a lecture of the
# seminar. Proofs are in `lecture_notes/alphazero.md`; the papers are named where they enter.
#
# **Two-hour path:** sections 1–8 with exercises alphazero.1, alphazero.2, alphazero.3 and
# alphazero.4. The rest is for the week: Gumbel's improvement, Nim, larger boards and the proof.
# All exercises together: 170 minutes.

# %% tags=["imports"]
import math
from copy import deepcopy
from itertools import islice
from time import process_time

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from course_utils import datasets
from course_utils.checks import check
from course_utils.engines.board_games import OPEN, advance, connect_four, encode, legal
from course_utils.engines.tree_search import search
from course_utils.exercises import alphazero
from course_utils.maths.connect_four import move_values, position, solve
from course_utils.pictures import boards
from course_utils.plotting import decorate
from course_utils.runtime import claim, progress, rng, scale, seeds

# %% [markdown]
# ## 1. A game that we can mark
#
# AlphaGo's victory over Lee Sedol in March 2016 impressed everybody, and it left a mathematician
# with a question: how far from perfect play was it? For Go nobody knows. So we take a game that is
# small enough to be solved: **connect-4** on 5 columns and 4 rows. Two players drop stones into
# columns in turn, and four in a line wins, in any of the eight directions.
#
# **Definition.** The *value* of a position for the player to move is $1$ if that player can force a
# win, $-1$ if the opponent can, and $0$ otherwise. It is computed from the end of the game
# backwards: $v(s) = \max_a \big(-v(s \cdot a)\big)$, where $s \cdot a$ is the position after move
# $a$. A finished position has the value $-1$ if the last move has won, and $0$ if the board is
# full. The minus sign says that what is good for my opponent is bad for me.
#
# **Predict, then run:** which of the five first moves lose?

# %% tags=["nbval-check-output"]
value, values = solve("", 5, 4)
print("value of the empty board:", value, " of its five moves:", values)
print("after the first player chose column 0:", solve("0", 5, 4))

# %% [markdown]
# `solve` is an exact solver (alpha–beta search). A position is written as the string of the columns
# played so far, and the list holds one value per column, for the player to move. So the game is a
# draw, but to begin in one of the two edge columns is a losing mistake: after `"0"` the second
# player can force a win, and only with column 1.

# %% alt="Three boards with the exact value of each column above it: edges lose; one column draws."
figure, axes = plt.subplots(1, 3, figsize=(8, 2.9))
words = {1: "win", 0: "draw", -1: "loss", None: ""}
for ax, moves in zip(axes, ["", "0", "221"], strict=True):
    labels = [words[v] for v in solve(moves, 5, 4)[1]]
    boards.board(ax, moves, 5, 4, labels, f"“{moves}”" if moves else "the empty board")
plt.show()

# %% [markdown]
# The words above the columns are the exact values of the moves, for the player to move. The blue
# player begins and has crosses on the stones, the orange player is second; the last stone has a
# white dot instead. You see how thin the path is: in all three positions a careless move turns a
# draw into a loss, or gives a win away.
#
# **The test.** We fix 2,000 positions from random play. A move is *optimal* if it keeps the exact
# value of the position. Some positions forgive every move, so we also look at those where a move
# can lose value.

# %%
lines = datasets.load("connect4_s_54.txt").splitlines()
games = [line.split()[0].replace("e", "") for line in lines]
sample = np.array([position(moves, 5, 4) for moves in games])  # (2000, 2)
rules = connect_four(5, 4)


# %%
def exact_values(rules, states):
    """The value of every move, shape (B, columns); -2 stands for a full column."""
    values = move_values(states, rules.columns, rules.rows).astype(int)
    return np.where(values == 2, -2, values)


# %%
def optimal(exact, choice):
    """Share of positions whose chosen move keeps the value: over all, and where moves differ."""
    best = exact.max(axis=1)
    right = exact[np.arange(len(exact)), choice] == best
    matters = np.where(exact == -2, 2, exact).min(axis=1) < best
    return right.mean(), right[matters].mean()


# %% [markdown]
# A position of the sample is stored as two integers: the stones of the player to move, and all
# stones. The stone in column $c$ and row $r$ is the bit $2^{5c + r}$: four bits for the rows of
# each column, and a fifth that stays empty between two columns. Do it by hand for `"22"`: the two
# stones lie in column 2, rows 0 and 1, so all stones are $2^{10} + 2^{11} = 3072$, and the lower
# one belongs to the player to move: $1024$.

# %% tags=["nbval-check-output"]
print(position("22", 5, 4))
exact = exact_values(rules, sample)
print(exact[:2].tolist())

# %% [markdown]
# The first line is our calculation. The second shows the values of all moves in the first two
# positions of the sample; $-2$ marks a full column. In the first of them, column 1 is the only move
# that keeps the draw. In the second every legal move does.
#
# Before any learning we need something to beat. One baseline moves at random. The other is a rule
# that every child plays: *win if you can; else stop the opponent's win; else play near the centre.*


# %%
def child(rules, states):
    """Win, else block, else the centre: the chosen columns, shape (B,)."""
    middle = (rules.columns - 1) / 2
    score = np.tile(-np.abs(np.arange(rules.columns) - middle), (len(states), 1))
    swapped = np.stack([states[:, 1] ^ states[:, 0], states[:, 1]], axis=1)
    for view, bonus in ((swapped, 10), (states, 100)):
        for c in range(rules.columns):
            free = np.flatnonzero(legal(rules, states)[:, c])
            results = advance(rules, view[free], np.full(len(free), c))[1]
            score[free, c] += bonus * (results == -1)
    return np.where(legal(rules, states), score, -np.inf).argmax(axis=1)


# %%
dice = rng(1).random(exact.shape)
lucky = optimal(exact, np.where(exact > -2, dice, -1).argmax(axis=1))
childish = optimal(exact, child(rules, sample))
claim("random moves: share optimal on 2,000 positions", lucky[0], low=0.5, high=0.7)
claim("win, block, centre: share optimal", childish[0], low=0.6, high=0.9)

# %% [markdown]
# Random moves are right on 58 % of the positions, because many positions forgive; the child's rule
# is right on 77 %. Remember both numbers: a program that scores 0.8 has learned less than it seems.
#
# ## 2. One decision, many trials: bandits
#
# Suppose that a move can be tried out, with a random result. We have $K$ such *arms* and want to
# find the best one while losing little on the way. This is the *bandit problem*. Playing the arm
# with the best mean so far can be fatal: one unlucky first trial, and the best arm is never seen
# again.
#
# Auer, Cesa-Bianchi and Fischer (2002) suggest optimism. If arm $k$ was tried $n_k$ times among $t$
# trials, with mean $\bar x_k \in [0, 1]$, then its true mean is most likely below
# $$\bar x_k + \sqrt{2 \ln t / n_k} .$$
# The rule **UCB1** plays the arm for which this *upper confidence bound* is largest. The second
# term is large when the arm was tried rarely. So an arm is played either because it is good or
# because we do not know it yet.
#
# **By hand:** two arms, $n = (10, 2)$ and means $(0.5, 0.4)$, so $t = 12$ and $\ln 12 = 2.48$. The
# bounds are $0.5 + \sqrt{4.97/10} = 1.20$ and $0.4 + \sqrt{4.97/2} = 1.98$. The arm with the
# *smaller* mean is played.
#
# ### Exercise alphazero.1 ★ (15 min) — Which arm?
#
# Write `ucb(counts, means)`: the index of the arm that UCB1 plays, where `counts` is the list of
# the $n_k$ and `means` the list of the $\bar x_k$. An arm that was never tried comes first.
#
# <details><summary>Hint</summary>
#
# $t$ is `sum(counts)`. Deal with `0 in counts` before you divide.
#
# </details>


# %%
def ucb(counts: list[int], means: list[float]) -> int:
    # BEGIN SOLUTION
    if 0 in counts:
        return counts.index(0)
    t = sum(counts)
    bounds = [m + math.sqrt(2 * math.log(t) / n) for n, m in zip(counts, means, strict=True)]
    return bounds.index(max(bounds))
    # END SOLUTION


# %%
ucb = check("alphazero.1", ucb, otherwise=alphazero.ucb)

# %% [markdown]
# The *regret* of a strategy is what it loses against always playing the best arm. **Predict:**
# three arms win with probability 0.4, 0.5 and 0.6. How does the regret grow with the number of
# trials, if we play all arms equally often, if we are greedy, and if we use UCB1?


# %%
def regret(choose, chances, trials, draw):
    """Expected regret after 1, …, trials trials, for one run."""
    counts, sums, lost = [0] * len(chances), [0.0] * len(chances), []
    for _ in range(trials):
        k = choose(counts, [s / max(n, 1) for n, s in zip(counts, sums, strict=True)])
        counts[k] += 1
        sums[k] += draw.random() < chances[k]
        lost.append(max(chances) - chances[k])
    return np.cumsum(lost)


# %%
def equally(counts, means):
    return counts.index(min(counts))


# %%
def greedy(counts, means):
    return counts.index(0) if 0 in counts else means.index(max(means))


# %%
strategies = {"equally often": equally, "greedy": greedy, "UCB1": ucb}
curves = {}
for name, choose in strategies.items():
    runs = [regret(choose, [0.4, 0.5, 0.6], 2000, rng(10 + i)) for i in range(40)]
    curves[name] = np.array(runs)  # (40, 2000)

# %%
ends = {name: runs[:, -1].mean() for name, runs in curves.items()}
claim("regret of UCB1 after 2,000 trials, mean of 40 runs", ends["UCB1"], low=50, high=110)
claim("the worst of 40 greedy runs", curves["greedy"][:, -1].max(), low=190, high=400)

# %% alt="Regret of three strategies: UCB1 flattens, equal shares grow linearly, greedy spreads."
figure, ax = plt.subplots(figsize=(7, 3.4))
for name, runs in curves.items():
    low, middle, high = np.quantile(runs, [0.1, 0.5, 0.9], axis=0)
    ax.plot(middle, label=name)
    ax.fill_between(range(2000), low, high, alpha=0.15)
decorate(ax, "Median of 40 runs, and the middle 80 %", "trials", "regret")
plt.show()

# %% [markdown]
# Playing all arms equally costs 0.1 per trial, so 200 after 2,000 trials. Greedy gambles: in a
# lucky tenth of its runs it costs almost nothing, in the median run it sticks to the middle arm
# (and costs as much as playing equally), and in an unlucky tenth it plays the worst arm for ever.
# UCB1 is never as cheap as a lucky greedy run, but its curve bends: the regret grows like $\ln t$,
# and the note proves it in one page.
#
# ## 3. A tree of bandits: UCT (2006)
#
# In a game the result of a move is not random. But if we play the rest of the game at random, it
# is, and a move that wins many random games is often good. Kocsis and Szepesvári (2006) put a
# bandit at *every* position near the present one. One **simulation** goes like this: walk down from
# the present position, at each one choosing a move by UCB; the first time the walk leaves the known
# positions, add the new one; get a result for it, here from a random game; walk back and tell the
# result to every move on the path.
#
# The delicate part is the way back. The result at the new position is a number $v$ *for the player
# to move there*. For the player who moved before, it is $-v$, for the one before that $v$ again.
#
# **By hand:** a path of two moves leads to a position worth $0.25$ to the player to move, say to
# Ann. The second move of the path was made by her opponent Bob, so its total receives $-0.25$. The
# first was made by Ann, so its total receives $+0.25$.
#
# ### Exercise alphazero.2 ★★ (25 min) — The way back, with its signs
#
# `visits[node][move]` counts how often a move was tried, `totals[node][move]` adds up its results
# *for the player who makes it*. Write `back_up(visits, totals, path, value)`, which changes both
# lists in place. `path` is the list of pairs (node, move) from the root to the leaf, and `value` is
# the result for the player to move at the leaf.
#
# <details><summary>Hint</summary>
#
# Walk along `reversed(path)` and change the sign *before* you add: the last move of the path was
# made by the opponent of the player to move at the leaf.
#
# </details>


# %%
def back_up(
    visits: list[list[int]], totals: list[list[float]], path: list[tuple[int, int]], value: float
) -> None:
    # BEGIN SOLUTION
    for node, move in reversed(path):
        value = -value
        visits[node][move] += 1
        totals[node][move] += value
    # END SOLUTION


# %%
back_up = check("alphazero.2", back_up, otherwise=alphazero.back_up)

# %% [markdown]
# Now the tree. It is a handful of parallel lists, and node 0 is the present position. For each node
# we keep its state, its result (`OPEN` while the game goes on, else $-1$ or $0$ for the player to
# move), its legal moves, and for each of these a prior weight (all equal, for now), visits, total,
# and the child that it leads to.


# %%
class Tree:
    """A search tree in parallel lists; node 0 is the root."""

    def __init__(self, rules, state, priors):
        self.rules, self.states, self.results, self.moves = rules, [], [], []
        self.priors, self.visits, self.totals, self.children = [], [], [], []
        self.add(state, OPEN, priors)

    def add(self, state, result, priors):
        moves = np.flatnonzero(legal(self.rules, state[None])[0]).tolist()
        weight = sum(float(priors[a]) for a in moves)
        self.states.append(state)
        self.results.append(result)
        self.moves.append(moves)
        self.priors.append([float(priors[a]) / weight for a in moves])
        self.visits.append([0] * len(moves))
        self.totals.append([0.0] * len(moves))
        self.children.append([None] * len(moves))
        return len(self.states) - 1


# %% [markdown]
# Two functions do the walking. `grow` adds the position behind move `k` of a node and returns its
# value for the player to move there. `evaluate(state)` returns prior weights of all moves and such
# a value; it is the only part that will change from 2006 to 2017.


# %%
def grow(tree, node, k, evaluate):
    """Add the position behind move k of a node; return its value for the player to move there."""
    action = np.array([tree.moves[node][k]])
    after, results = advance(tree.rules, tree.states[node][None], action)
    priors, value = np.ones(tree.rules.actions), float(results[0])
    if results[0] == OPEN:
        priors, value = evaluate(after[0])
    tree.children[node][k] = tree.add(after[0], int(results[0]), priors)
    return value


# %%
def simulate(tree, choose, evaluate):
    """Walk down, add one position, walk back."""
    node, path = 0, []
    while tree.results[node] == OPEN:
        k = choose(tree.priors[node], tree.visits[node], tree.totals[node])
        path.append((node, k))
        if tree.children[node][k] is None:
            value = grow(tree, node, k, evaluate)
            break
        node = tree.children[node][k]
    else:
        value = float(tree.results[node])
    back_up(tree.visits, tree.totals, path, value)


# %%
def short_search(rules, state, choose, evaluate, simulations):
    """Return how often each move was tried, shape (actions,)."""
    tree = Tree(rules, state, evaluate(state)[0])
    for _ in range(simulations):
        simulate(tree, choose, evaluate)
    visits = np.zeros(rules.actions, int)
    visits[tree.moves[0]] = tree.visits[0]
    return visits


# %% [markdown]
# (The `else` of a Python loop runs when the loop ends without `break`. Here this means that the
# walk has reached a finished game, whose result is known.) For UCT the value comes from a random
# game, and `choose` is your `ucb`, after the results $-1, 0, 1$ are moved to $[0, 1]$.


# %%
def rollout(rules, state, draw):
    """Play at random to the end; return the result for the player to move in `state`."""
    sign, states = 1, state[None]
    while True:
        sign = -sign
        action = draw.choice(np.flatnonzero(legal(rules, states)[0]), 1)
        states, results = advance(rules, states, action)
        if results[0] != OPEN:
            return float(sign * results[0])


# %%
def uct(priors, visits, totals):
    return ucb(visits, [(1 + t / max(n, 1)) / 2 for n, t in zip(visits, totals, strict=True)])


# %%
draw, equal = rng(20), np.ones(5)
few = sample[:100]
budgets = [4, 16, 64, 256] if scale(laptop=False, paper=True) else [4, 16, 64]
# %%
scores = []
for n in budgets:
    visits = [
        short_search(rules, s, uct, lambda s: (equal, rollout(rules, s, draw)), n) for s in few
    ]
    scores.append(optimal(exact[:100], np.argmax(visits, axis=1))[0])

# %%
claim("UCT, 64 random games per move: share optimal on 100 positions", scores[2], low=0.78, high=1)

# %% alt="Share of optimal moves rises with the number of simulations, past both baselines."
figure, ax = plt.subplots(figsize=(6, 3.2))
ax.semilogx(budgets, scores, "o-", base=2, label="UCT, random games")
ax.axhline(lucky[0], color="0.5", ls="--", label="random moves")
ax.axhline(childish[0], color="0.5", ls=":", label="win, block, centre")
decorate(ax, "UCT on 100 positions of 5x4", "simulations per move", "share optimal")
plt.show()

# %% [markdown]
# With 64 simulations, random games and a tree of bandits pass the child's rule, without a word of
# strategy; with four they play no better than random moves. (The margin is narrow: 100 positions
# carry an error of about 0.04, and the two baselines are measured on all 2,000.) Computer Go lived
# on such programs from 2006 to 2015: strong amateurs, and no further.
#
# ## 4. Advice: PUCT (2011, 2016)
#
# UCB tries every move, also the absurd ones. With 200 legal moves in Go most of the work goes into
# absurd moves. Suppose somebody gives us *advice*: a probability $P(s, a)$ that $a$ is the move to
# play in $s$. Rosin (2011) put advice into the bandit; AlphaGo (Silver et al., *Nature* 529, 2016)
# used this form. With $n(s, a)$ the visits, $N(s) = 1 + \sum_a n(s, a)$, $Q(s, a)$ the mean result
# of $a$ (zero before the first), and a constant $c > 0$, choose the move of largest
# $$Q(s, a) + c\, P(s, a)\, \frac{\sqrt{N(s)}}{1 + n(s, a)} .$$
#
# **By hand:** priors $(0.9, 0.1)$, and the first move was tried three times with total $-1.5$. With
# $c = 1.5$ and $N = 4$: the scores are $-0.5 + 1.5 \cdot 0.9 \cdot 2/4 = 0.175$ and $0 + 1.5 \cdot
# 0.1 \cdot 2/1 = 0.3$. Three bad results outweigh the advice.
#
# ### Exercise alphazero.3 ★★ (15 min) — The rule PUCT
#
# Write `puct(priors, visits, totals, c)`: the index of the move with the largest score, and the
# first one among equals. All three lists have one entry per legal move.
#
# <details><summary>Hint</summary>
#
# `totals[k] / visits[k]` is the mean; beware of zero visits. Do not forget the 1 in $N$.
#
# </details>


# %%
def puct(priors: list[float], visits: list[int], totals: list[float], c: float) -> int:
    # BEGIN SOLUTION
    root = math.sqrt(1 + sum(visits))
    scores = []
    for p, n, total in zip(priors, visits, totals, strict=True):
        mean = total / n if n else 0.0
        scores.append(mean + c * p * root / (1 + n))
    return scores.index(max(scores))
    # END SOLUTION


# %%
puct = check("alphazero.3", puct, otherwise=alphazero.puct)

# %% [markdown]
# What is advice worth, and what is a judge worth? We can ask, because we own an oracle. It gives us
# an adviser and a judge. The adviser knows the optimal moves; his advice is mixed with equal
# weights for all moves, so that we can choose how much it says. The judge knows the value of a
# position, but with a given probability he says $-1$, $0$ or $1$ at random instead. **Predict:**
# with 16 simulations per move, which helps more: a perfect adviser, or a perfect judge?


# %%
def counsel(trust, errs, draw):
    """An evaluator: advice with weight `trust`, and a judge who rolls dice with chance `errs`."""

    def evaluate(state):
        exact = exact_values(rules, state[None])[0]
        good = (exact == exact.max()) / (exact == exact.max()).sum()
        value = draw.integers(-1, 2) if draw.random() < errs else exact.max()
        return (1 - trust) / 5 + trust * good, float(value)

    return evaluate


# %%
def advised(priors, visits, totals):
    return puct(priors, visits, totals, 1.5)


# %%
trusts, errors = [0.0, 0.3, 0.6, 0.9], [1.0, 0.7, 0.4, 0.1]
table, draw = np.zeros((4, 4)), rng(30)
for i, trust in enumerate(trusts):
    for j, errs in enumerate(errors):
        oracle = counsel(trust, errs, draw)
        visits = [short_search(rules, s, advised, oracle, 16) for s in few]
        table[i, j] = optimal(exact[:100], np.argmax(visits, axis=1))[0]

# %% alt="Heat map: optimal moves grow with trust in the adviser and with the judge's accuracy."
figure, ax = plt.subplots(figsize=(5.4, 3.2))
picture = ax.imshow(table, vmin=0.7, vmax=1)
for i, j in np.ndindex(4, 4):
    ax.text(j, i, f"{table[i, j]:.2f}", ha="center", color="w" if table[i, j] < 0.9 else "k")
ax.set_xticks(range(4), [f"{e:.0%}" for e in errors])
ax.set_yticks(range(4), trusts)
ax.grid(visible=False)
figure.colorbar(picture, label="share optimal")
decorate(ax, "16 simulations, 100 positions", "judge rolls dice", "weight of perfect advice")
plt.show()

# %% [markdown]
# Each number is the share of optimal moves among 100 positions. The table rises to the right and
# downwards, with small accidents. The two corners answer the question: nearly perfect advice with a
# judge who only rolls dice, and a nearly perfect judge without any advice, both reach 0.98. The
# lesson of 2016 is that *both can be learned*.
#
# ## 5. Two heads: a network for advice and judgement
#
# AlphaGo had several networks, the first of them trained on human games. AlphaGo Zero (Silver et
# al., *Nature* 550, 2017) has one network with two outputs: a *policy* (logits of the moves) and a
# *value* in $[-1, 1]$. It also threw the random games away: the value head is the only judge. Ours
# sees 40 numbers: 20 say where the own stones are, 20 where the opponent's are.


# %%
class Net(nn.Module):
    """Features (B, F) to logits (B, actions) and values (B,) for the player to move."""

    def __init__(self, rules, width=256):
        super().__init__()
        layers = [nn.Linear(rules.features, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.policy, self.value = nn.Linear(width, rules.actions), nn.Linear(width, 1)

    def forward(self, x):
        h = self.body(x)
        return self.policy(h), torch.tanh(self.value(h))[:, 0]

    @torch.inference_mode()
    def evaluate(self, features):  # arrays in, arrays out: what the search asks for
        logits, values = self(torch.from_numpy(features).to(self.value.weight))
        return torch.softmax(logits, dim=1).numpy(), values.numpy()


# %%
torch.manual_seed(seeds(1)[0])
untrained = Net(rules)
priors, values = untrained.evaluate(encode(rules, sample[:2]))
print(priors.round(2), values.round(2), sep="\n")

# %% [markdown]
# The untrained network advises every move about equally, and calls every position about even.
#
# ## 6. The fast search is the short one
#
# Your search runs a few thousand simulations per second. To learn in a minute we need a hundred
# times more, and the trick is *batches*: we search in 512 games at once, so that the network sees
# 512 positions per call. `search` in `course_utils.engines.tree_search` does this with compiled
# trees. You need not take our word that it is the same search: we run both on 60 positions and
# compare the visits.


# %%
def alone(net):
    """Make of a network an evaluator of one position, for the short search."""

    def evaluate(state):
        priors, values = net.evaluate(encode(rules, state[None]))
        return priors[0], float(values[0])

    return evaluate


# %%
exactly = deepcopy(untrained).double()
fast, _ = search(rules, sample[:60], exactly.evaluate, 64)
short = [short_search(rules, s, advised, alone(exactly), 64) for s in sample[:60]]
same = (fast == np.array(short)).all(axis=1).mean()
claim("positions of 60 on which both searches make the same visits", same, low=0.95, high=1)


# %%
def chosen(net, states, simulations, rules=rules):
    """The move of each position: most visits, or with 0 simulations the network's first choice."""
    if simulations == 0:
        advice = net.evaluate(encode(rules, states))[0]
        return np.where(legal(rules, states), advice, -1).argmax(axis=1)
    return search(rules, states, net.evaluate, simulations)[0].argmax(axis=1)


# %%
start = process_time()
before = {n: optimal(exact, chosen(untrained, sample, n)) for n in (0, 64, 200)}
speed = 2000 * 264 / (process_time() - start)
claim("simulations per CPU second, network 40-256-256-(5, 1)", speed, low=20_000, high=5e6)

# %%
claim("untrained network, no search: share optimal", before[0][0], low=0.45, high=0.75)
claim("untrained network, 64 simulations: share optimal", before[64][0], low=0.74, high=0.84)

# %% [markdown]
# Both searches make the same visits on all 60 positions, and in this run the batches reach about
# 200,000 simulations per CPU second. Now look at the last line: **search alone, guided by a network
# that knows nothing, plays about 0.8 of the positions right** (0.76 to 0.80 over five seeds). All
# that it knows comes from finished games inside the tree. Whoever reports a trained program without
# this row overstates what was learned.
#
# ## 7. Learning from oneself
#
# Now the idea that made AlphaGo *Zero*. The search, guided by the network, plays better than the
# network alone. So let the network imitate its own search:
#
# 1. play games against yourself, with a search of 32 simulations at every move;
# 2. for each position keep the shares of visits $\pi$ and, when the game is over, its result $z$;
# 3. train the network: policy towards $\pi$, value towards $z$, with the loss
#    $$-\sum_a \pi_a \log p_a + (v - z)^2 ;$$
# 4. repeat.
#
# ### Exercise alphazero.4 ★ (15 min) — Whose result?
#
# A game lasted `plies` moves. When it was over, its result was `last` for the player who *would*
# move next ($-1$ if the last move won, $0$ for a draw). Write `results_for_movers(plies, last)`,
# the list of the results for the player who moved at ply $0, 1, \dots,$ `plies - 1`.
#
# <details><summary>Hint</summary>
#
# The player who made the last move has the result `-last`. Go backwards from there.
#
# </details>


# %%
def results_for_movers(plies: int, last: int) -> list[int]:
    # BEGIN SOLUTION
    return [last * (-1) ** (plies - k) for k in range(plies)]
    # END SOLUTION


# %%
results_for_movers = check(
    "alphazero.4", results_for_movers, otherwise=alphazero.results_for_movers
)

# %% [markdown]
# Two details decide whether the loop learns. *Exploration:* a quarter of the advice at the root is
# replaced by random weights (a point of the simplex, Dirichlet distributed), and the first three
# moves of a game are drawn from the visits instead of taking the largest. *Variety:* two games of
# three start from a position of random play. AlphaZero did not do that; on a board with few
# openings it saves a lot of time, and exercise alphazero.7 measures how much.


# %%
def random_positions(rules, start, count, draw):
    """Open positions, drawn from all that occur in random games from `start`."""
    states, met = np.repeat(start[None], count, axis=0), []
    while len(states):
        met.append(states)
        chances = legal(rules, states) * draw.random((len(states), rules.actions))
        states, results = advance(rules, states, chances.argmax(axis=1))
        states = states[results == OPEN]
    return draw.choice(np.concatenate(met), count)


# %%
def self_play(rules, evaluate, states, simulations, draw):
    """Play all games to their end; return what happened at each ply, and all results."""
    live, record, plies = np.arange(len(states)), [], np.zeros(len(states), int)
    last = np.zeros(len(states), int)
    while len(live):
        noise = draw.dirichlet(np.ones(rules.actions), len(live))
        visits, _ = search(rules, states, evaluate, simulations, noise=noise)
        record.append((live, states, visits / simulations))
        lot = (visits.cumsum(axis=1) > simulations * draw.random((len(live), 1))).argmax(axis=1)
        action = lot if len(record) <= 3 else visits.argmax(axis=1)
        states, results = advance(rules, states, action)
        plies[live] += 1
        last[live] = np.where(results == OPEN, 0, results)
        states, live = states[results == OPEN], live[results == OPEN]
    outcomes = [results_for_movers(int(n), int(r)) for n, r in zip(plies, last, strict=True)]
    return record, outcomes


# %% [markdown]
# The board has a mirror, so each position is worth two examples. The memory holds the 40,000 latest
# examples.


# %%
def examples(rules, record, outcomes):
    """Features, shares of visits and results as float32 arrays."""
    X = np.concatenate([encode(rules, states) for _, states, _ in record])
    P = np.concatenate([shares for _, _, shares in record])
    Z = [outcomes[g][k] for k, (games, _, _) in enumerate(record) for g in games]
    return X, P.astype(np.float32), np.array(Z, np.float32)


# %%
def mirrored(rules, X, P, Z):
    """The same examples, with the mirror images of connect-4 added."""
    if rules.nim:
        return X, P, Z
    images = X.reshape(len(X), 2, rules.columns, -1)[:, :, ::-1].reshape(X.shape)
    return np.concatenate([X, images]), np.concatenate([P, P[:, ::-1]]), np.concatenate([Z, Z])


# %%
def train(net, optimizer, memory, steps, batch=512):
    """Steps of AdamW on random batches of the memory."""
    X, P, Z = map(torch.from_numpy, memory)
    for _ in range(steps):
        i = torch.randint(len(X), (batch,))
        logits, values = net(X[i])
        advice = -(P[i] * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()
        loss = advice + ((values - Z[i]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %%
def learn(rules, start, rounds, seed, games=512, simulations=32, steps=250, rate=2e-3):
    """Yield (CPU seconds, network) after every round of self-play and training."""
    torch.manual_seed(seed)
    net, draw, began, memory = Net(rules), rng(seed), process_time(), ()
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4)
    for k in range(rounds):
        states = random_positions(rules, start, games, draw)
        states[: games // 3] = start
        played = self_play(rules, net.evaluate, states, simulations, draw)
        fresh = mirrored(rules, *examples(rules, *played))
        if memory:
            pairs = zip(memory, fresh, strict=True)
            fresh = [np.concatenate(pair)[-40_000:] for pair in pairs]
        memory = fresh
        optimizer.param_groups[0]["lr"] = rate * max(0.05, 1 - k / rounds)
        train(net, optimizer, memory, steps)
        yield process_time() - began, net


# %% [markdown]
# Everything is on the table: the next cells know the rules of connect-4 and nothing else. We train
# in two halves and test after every fourth round. An interrupt (■) keeps the network so far.


# %%
def follow(run, count, state):
    """Take `count` rounds of a run and keep the latest network; test after every fourth round."""
    try:
        for seconds, net in progress(islice(run, count), "rounds", count):
            state["net"], state["seconds"], state["rounds"] = net, seconds, state["rounds"] + 1
            if state["rounds"] % 4 == 0:
                tests = [optimal(exact, chosen(net, sample, n))[0] for n in (0, 64)]
                state["curve"].append((seconds, *tests))
    except KeyboardInterrupt:
        print("interrupted; we go on with the network so far")


# %%
rounds, empty = scale(laptop=26, paper=120), np.zeros(2, np.int64)
run = learn(rules, empty, rounds, seeds(1)[0])
state = {"rounds": 0, "net": untrained, "seconds": 0.0}
state["curve"] = [(0.0, before[0][0], before[64][0])]

# %%
follow(run, rounds // 2, state)
half = optimal(exact, chosen(state["net"], sample, 64))[0]
print(f"half of the training, 64 simulations: {half:.3f} optimal")

# %% [markdown]
# **Predict** what the second half adds.

# %%
follow(run, rounds - rounds // 2, state)
net, seconds, curve = state["net"], state["seconds"], state["curve"]

# %%
after = {n: optimal(exact, chosen(net, sample, n)) for n in (0, 64, 200)}
curve.append((seconds, after[0][0], after[64][0]))

# %% tags=["headline"]
claim(
    "5x4 connect-4 from the rules alone: optimal moves with 64 simulations (untrained: 0.80)",
    after[64][0],
    low=0.96,
    high=1.0,
)

# %%
claim("the same where moves differ", after[64][1], low=0.94, high=1)
claim("the network alone, no search", after[0][0], low=0.85, high=0.97)
claim("CPU seconds of training", seconds, low=5, high=300)

# %% alt="Optimal moves against CPU seconds: with search up to 0.97; untrained search is at 0.8."
figure, ax = plt.subplots(figsize=(7, 3.4))
times, raw, searched = np.array(curve).T
ax.plot(times, searched, "o-", label="64 simulations")
ax.plot(times, raw, "s--", label="network alone")
ax.axhline(before[64][0], color="0.5", ls="--", label="untrained network, 64 simulations")
ax.axhline(childish[0], color="0.5", ls=":", label="win, block, centre")
decorate(ax, "5x4 from nothing, one seed", "CPU seconds of training", "share optimal")
plt.show()

# %% [markdown]
# In this run, after half a minute of one core, the network *alone* (squares) has passed the
# untrained network *with* search (the upper dashed line). After a minute, with 64 simulations
# (circles), at least 96 % of the moves are optimal.
#
# ## 8. Champion and expert
#
# Zhou and Riis (arXiv 2205.12787) ask what mastery means and distinguish two answers. A
# **champion** plays without a mistake from the start of the game, against anybody. An **expert**
# plays without a mistake in *every* position. Here is the champion's test: 200 games against a
# perfect player, who chooses at random among the optimal moves. Our program begins every second
# game and thinks for 200 simulations per move. We count lost games and also moves that throw value
# away, even if nobody punishes them.


# %%
def match(rules, machine, rival, games):
    """Return (wins, draws, losses) of the machine, its losing moves and all its moves."""
    states, live = np.zeros((games, 2), np.int64), np.arange(games)
    score, ply, bad, moves = np.zeros(games, int), 0, 0, 0
    while len(live):
        mine, values = (live + ply) % 2 == 0, exact_values(rules, states[live])
        action = rival(values)
        action[mine] = machine(states[live[mine]])
        kept = values[np.arange(len(live)), action] == values.max(axis=1)
        bad, moves = bad + (mine & ~kept).sum(), moves + mine.sum()
        states[live], ends = advance(rules, states[live], action)
        score[live] = np.where(ends == OPEN, 0, np.where(mine, -ends, ends))
        live, ply = live[ends == OPEN], ply + 1
    return [int((score == s).sum()) for s in (1, 0, -1)], int(bad), int(moves)


# %%
def perfect(draw):
    """A player who draws among the optimal moves."""
    return lambda values: np.where(
        values == values.max(axis=1, keepdims=True), draw.random(values.shape), -1
    ).argmax(axis=1)


# %%
def at_random(draw):
    """A player who draws among the legal moves."""
    return lambda values: np.where(values > -2, draw.random(values.shape), -1).argmax(axis=1)


# %%
results, losing, moves = match(rules, lambda s: chosen(net, s, 200), perfect(rng(40)), 200)
print(f"against the perfect player: {results} won, drawn, lost; {moves} moves")
claim("games of 200 lost against the perfect player", results[2], low=0, high=0)
claim("moves of these games that lose value", losing, low=0, high=0)

# %%
results, losing, moves = match(rules, lambda s: chosen(net, s, 64), at_random(rng(41)), 200)
print(f"against random moves: {results} won, drawn, lost; {moves} moves, {losing} lose value")
claim("games of 200 won against random moves", results[0], low=180, high=200)

# %%
results, losing, moves = match(rules, lambda s: chosen(untrained, s, 64), perfect(rng(40)), 200)
claim("untrained network, 64 simulations: games of 200 lost", results[2], low=20, high=200)

# %% [markdown]
# Against the perfect player nobody can do better than draw, and our program draws all games.
#
# So it passes the champion's test: all 200 games are drawn, and not one of about 2,000 moves gives
# anything away. The same holds for each of five seeds, whose networks play 96.8 to 97.5 % of the
# random positions right with 64 simulations. (200 games are evidence that the program is a
# champion, and no proof.) The untrained network, which was given 64 simulations and not 200, loses
# most of these games. And is the program an expert? No: a few per cent of the random positions are
# still played wrong, and against a random opponent, who leads the game to strange places, some
# moves lose value. Where the games of good players go, we found no mistake; elsewhere we did. We
# look at where the mistakes lie.

# %%
stones, mistakes = np.array([len(moves) for moves in games]), {}
for n in (0, 64):
    wrong = exact[np.arange(2000), chosen(net, sample, n)] < exact.max(axis=1)
    mistakes[n] = [wrong[(stones >= k) & (stones < k + 3)].mean() for k in range(0, 18, 3)]

# %%
first = ["", "0", "1", "2", "3", "4"]
states = np.array([position(moves, 5, 4) for moves in first])
tables = exact_values(rules, states), net.evaluate(encode(rules, states))[0]

# %% alt="Exact values of replies to each first move, the network's advice, mistakes by ply."
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(8, 3))
left.imshow(tables[0], cmap="PuOr", vmin=-1.5, vmax=1.5)
middle.imshow(tables[1], vmin=0, vmax=1)
for ax, title in ((left, "exact: loss, draw, win"), (middle, "advice: 0 … 1")):
    ax.set_yticks(range(6), ["empty", *first[1:]])
    ax.grid(visible=False)
    decorate(ax, title, "column", "moves so far" if ax is left else "")
for n, style in ((0, "s--"), (64, "o-")):
    right.plot(range(1, 19, 3), mistakes[n], style, label=f"{n} simulations")
right.set_ylim(-0.01, 0.22)  # room for the legend above the curves
decorate(right, "mistakes by ply", "stones on the board", "share wrong")
plt.show()

# %% [markdown]
# Left, the exact values: violet wins, orange loses, white draws. In the middle, the network's
# advice without any search: it avoids the losing edges of the empty board, and it has found the
# only winning reply, column 1, to the first player's mistake `"0"`, and the mirror image of both.
# Right: without search, the share of mistakes rises to about one in seven and stays there. With
# search, mistakes sit in the middle of the game, where positions are many and the end is far.
#
# ### A game against it
#
# The board below shows how the program draws against itself. In JupyterLab, the buttons below it
# let you play: you are blue and begin.


# %%
def answer(moves, simulations=200):
    """The program's reply to an open position."""
    return str(chosen(net, np.array([position(moves, 5, 4)]), simulations)[0])


# %%
def is_over(moves):
    """Whether a game has ended: the solver refuses finished positions."""
    try:
        solve(moves, 5, 4)
    except ValueError:
        return True
    return False


# %%
def drop(column):
    if is_over(played[0]) or played[0].count(str(column)) == 4:
        return
    played[0] += str(column)
    if not is_over(played[0]):
        played[0] += answer(played[0])
    show("game over" if is_over(played[0]) else "your move")


# %% alt="A finished game of the program against itself: the board is full, nobody has four."
moves = ""
while not is_over(moves):
    moves += answer(moves)
figure, ax = plt.subplots(figsize=(3.6, 3))
boards.board(ax, moves, 5, 4, title=f"{len(moves)} moves")
plt.show()

# %% tags=["widget"]
screen, played = ipywidgets.Output(), [""]


def show(message):
    screen.clear_output(wait=True)
    with screen:
        boards.board(plt.subplots(figsize=(3.6, 3))[1], played[0], 5, 4, title=message)
        plt.show()


columns = [ipywidgets.Button(description=str(c), layout={"width": "52px"}) for c in range(5)]
for c, button in enumerate(columns):
    button.on_click(lambda _, c=c: drop(c))
show("your move")
ipywidgets.VBox([ipywidgets.HBox(columns), screen])

# %% [markdown]
# With best play on both sides the game is a draw, and the program finds it: the last stone fills
# the board.
#
# ## 9. From AlphaGo to MuZero: what each step removed
#
# | when | program | what it kept or added | what it removed |
# |---|---|---|---|
# | 2002 | UCB1 | optimism | |
# | 2006 | UCT; Crazy Stone | a bandit at every node, random games | written evaluations |
# | 2016 | AlphaGo | tree, advice, judge, random games, human games | |
# | 2017 | AlphaGo Zero | one network, self-play | human games, random games, features |
# | 2018 | AlphaZero | the same for chess, shogi, Go | symmetries of Go, gating |
# | 2020 | MuZero | search in a learned model | the rules inside the search |
# | 2022 | Gumbel AlphaZero | the loop | the visits as the target |
#
# (Crazy Stone is Rémi Coulom's program. *Gating*: a new network replaced the old one only after it
# had won a tournament against it.) Read the last column downwards: progress came from taking things
# away. (AlphaZero became known as arXiv 1712.01815 in December 2017, MuZero as arXiv 1911.08265 in
# November 2019.) The last line is the most mathematical. No theorem says that imitating visit
# counts improves the network, and Danihelka, Guez, Schrittwieser and Silver (ICLR 2022) point out
# that with few simulations it can make it *worse*. They replace the visits by another target. Let
# $\pi$ be the advice of the network. Put $\bar q(a) = Q(a)$ if the move $a$ was tried, and let
# $\bar q(a)$ be the network's value of the position otherwise. The new target is
# $$\pi'(a) \;\propto\; \pi(a)\, e^{\sigma \bar q(a)}, \qquad \sigma > 0 .$$
#
# ### Exercise alphazero.5 ★★★ (30 min) — An improved policy
#
# Write `improved_policy(logits, visits, totals, value, weight)`, which returns $\pi'$ as a list or
# array: $\pi$ is the softmax of `logits`, $\sigma$ is `weight`, $Q(a)$ is `totals[a] / visits[a]`,
# and an untried move has $\bar q(a)$ = `value`. The logits may be as large as 1000.
#
# <details><summary>Hint</summary>
#
# $\pi'$ is the softmax of `logits + weight * q`. Subtract the maximum before you exponentiate.
#
# </details>


# %%
def improved_policy(
    logits: list[float], visits: list[int], totals: list[float], value: float, weight: float
) -> list[float]:
    # BEGIN SOLUTION
    q = [total / n if n else value for n, total in zip(visits, totals, strict=True)]
    raised = np.array(logits) + weight * np.array(q)
    powers = np.exp(raised - raised.max())
    return (powers / powers.sum()).tolist()
    # END SOLUTION


# %%
improved_policy = check("alphazero.5", improved_policy, otherwise=alphazero.improved_policy)

# %% [markdown]
# **Predict:** from the trained network and very few simulations, which target puts more weight on
# optimal moves: the network's own advice, the shares of visits, or the improved policy?


# %%
def weight_on_optimal(policies):
    """Mean probability that a policy gives to optimal moves."""
    policies = np.where(exact > -2, policies, 0)
    policies = policies / policies.sum(axis=1, keepdims=True)
    return (policies * (exact == exact.max(axis=1, keepdims=True))).sum(axis=1).mean()


# %%
advice, worth = net.evaluate(encode(rules, sample))
few_simulations, targets = [2, 4, 8, 16, 32], {"visits": [], "improved": []}
logits = np.log(advice + 1e-9)

# %%
for n in few_simulations:
    visits, totals = search(rules, sample, net.evaluate, n)
    better = [
        improved_policy(*map(list, rows), float(v), 6.0)
        for *rows, v in zip(logits, visits, totals, worth, strict=True)
    ]
    targets["visits"].append(weight_on_optimal(visits / n))
    targets["improved"].append(weight_on_optimal(np.array(better)))

# %%
gain = [b - a for a, b in zip(targets["visits"], targets["improved"], strict=True)]
claim(
    "8 simulations: improved policy minus visits, weight on optimal", gain[2], low=-0.03, high=0.05
)

# %%
claim(
    "8 simulations: improved policy minus the network's own advice",
    targets["improved"][2] - weight_on_optimal(advice),
    low=0.0,
    high=0.2,
)

# %% alt="Weight on optimal moves by simulations: visits and improved policy rise above the advice."
figure, ax = plt.subplots(figsize=(6, 3.2))
for (name, weights), style in zip(targets.items(), ("s--", "o-"), strict=True):
    ax.semilogx(few_simulations, weights, style, base=2, label=name)
ax.axhline(weight_on_optimal(advice), color="0.5", ls="--", label="the network's own advice")
decorate(ax, "What a target knows", "simulations", "weight on optimal moves")
plt.show()

# %% [markdown]
# Both targets know more than the network's own advice. Which is better? In this run it is the
# visits with two and four simulations and the improved policy with sixteen and more, by little, and
# around eight they are about equal. The theorem of the next exercise does not say that its target
# is the best one. It says that it is *safe*: as far as the values can be trusted, it is better than
# the network's own advice, with every number of simulations and for every $\sigma > 0$ (we took 6).
#
# ### Exercise alphazero.6 ★★★ (40 min, proof) — It is an improvement
#
# Let $\pi$ be a probability distribution on finitely many moves with $\pi(a) > 0$, let $q$ be a
# real function of the moves and $\pi'(a) = \pi(a) e^{\sigma q(a)} / Z$ with $\sigma > 0$ and $Z =
# \sum_b \pi(b) e^{\sigma q(b)}$. Prove $\sum_a \pi'(a) q(a) \ge \sum_a \pi(a) q(a)$, with equality
# only if $q$ is constant. Then suppose that $q$ is known for the tried moves only, and that untried
# moves are completed by $v = \sum_a \pi(a) q(a)$. Prove that $\pi'$ formed with the completed $\bar
# q$ still satisfies $\sum_a \pi'(a) q(a) \ge v$, if the untried moves have the mean
# $\sum_{\text{untried}} \pi(a) q(a) = v \sum_{\text{untried}} \pi(a)$.

# %% [markdown] tags=["solution"]
# Put $M(\sigma) = \log \sum_a \pi(a) e^{\sigma q(a)}$. Its derivative is $M'(\sigma) = \sum_a
# \pi_\sigma(a) q(a)$ with $\pi_\sigma \propto \pi e^{\sigma q}$, and its second derivative is the
# variance of $q$ under $\pi_\sigma$. So $M'$ increases, strictly unless $q$ is constant, and
# $M'(\sigma) \ge M'(0)$ is the claim. For the second part the first one gives $\sum \pi'(a) \bar
# q(a) \ge \sum \pi(a) \bar q(a)$. By the condition on the means the right side is
# $\sum_{\text{tried}} \pi q + v \sum_{\text{untried}} \pi = \sum \pi q = v$. On the untried moves
# $\pi'(a) = \pi(a) e^{\sigma v}/Z$ is proportional to $\pi$, so there $\sum \pi' q = (e^{\sigma
# v}/Z) \sum \pi q = (e^{\sigma v}/Z)\, v \sum \pi = \sum \pi' \bar q$: replacing $\bar q$ by $q$
# changes nothing, and $\sum \pi' q \ge v$.

# %% [markdown]
# ### Exercise alphazero.7 ★★ (30 min, experiment) — What was it that helped?
#
# `learn` has many ingredients. Switch one off and keep the rest: the mirror images of `mirrored`;
# the random openings (set all of `states` to `start`); the noise at the root; the choice of the
# largest visits after three moves. Use 14 rounds and at least three seeds each. Report the share of
# optimal moves with its range over the seeds, and say which differences are larger than that range.

# %% [markdown] tags=["solution"]
# In prototype runs of 20 CPU seconds, one seed each, drawing *all* moves from the visits gave 0.93
# where taking the largest after three moves gave 0.96: results $z$ are then full of accidents, and
# the value head learns noise. We did not measure the other ingredients one by one. With 26 rounds,
# seeds differ by almost 0.01, so a single seed decides nothing smaller. An answer that varies one
# thing at a time, shows a range and admits what lies inside it is a good one.

# %% [markdown]
# ## 10. Nim: where it breaks
#
# In Nim there are heaps of counters; a move takes any number from one heap; whoever takes the last
# counter wins. Bouton (1901) solved it: the player to move loses exactly if the *nim-sum*, the
# binary sum without carry of the heap sizes, is zero. Zhou and Riis (arXiv 2205.12787) report that
# AlphaZero learns it on small boards and slows down as they grow, and they blame parity: cover one
# heap, and nobody can tell who wins. In connect-4, on the other hand, half a board tells a lot.
#
# We gave our `learn` boards like those of Zhou and Riis, heaps $1, 3, 5, \dots, 2k - 1$, in the
# same encoding (each heap a row of ones), with three seeds and about 42 CPU seconds for every $k$,
# nearly the time that connect-4 had above. The runs are recorded, since they do not fit into this
# notebook.

# %% tags=["nbval-check-output"]
record = datasets.load("alphazero_runs.json")
print("recorded", record["date"], "with rounds of 256 games:", record["nim"]["rounds"])
for k, runs in record["nim"]["runs"].items():
    shares = [(run["seed"], run["searched"], run["untrained"], run["random"]) for run in runs]
    print(f"{k} heaps: (seed, trained, untrained, random moves) =", *shares)

# %%
heaps = [int(k) for k in record["nim"]["runs"]]
styles = {"searched": "o-", "raw": "s--", "untrained": "^:", "random": "x:"}
names = {"searched": "trained, 32 simulations", "raw": "trained, network alone"}
names |= {"untrained": "untrained, 32 simulations", "random": "random moves"}

# %% alt="Share of won Nim positions played right falls with the number of heaps."
figure, ax = plt.subplots(figsize=(6.4, 3.3))
for name, style in styles.items():
    runs = [[run[name] for run in runs] for runs in record["nim"]["runs"].values()]
    ax.plot(heaps, np.median(runs, axis=1), style, label=names[name])
    ax.fill_between(heaps, np.min(runs, axis=1), np.max(runs, axis=1), alpha=0.15)
ax.set_xticks(heaps)
decorate(ax, "Nim with heaps 1, 3, 5, …", "number of heaps", "share of wins kept")
plt.show()

# %% [markdown]
# Each point is the median of three seeds; a band reaches from the least to the greatest. The figure
# shows the share of won positions in which the chosen move keeps the win, on up to 2,000 random
# positions. Three and four heaps are learned completely. With five heaps the trained network with
# search keeps 81 to 83 % of the wins, with six a third, and with seven hardly more than random
# moves. The budget is the same for all, and about that of connect-4, which was played nearly
# without a mistake. So on Nim the same loop falls from perfect play to almost nothing while the
# board grows from four heaps to seven. The number of positions alone cannot explain this: 5x4
# connect-4 has four million of them, and seven heaps of $1, 3, \dots, 13$ have
# $2 \cdot 4 \cdots 14 = 645{,}120$.
#
# **Riis's answer.** Is it the search, the budget, or what the network sees? Riis (arXiv 2411.06403)
# proves, for networks of constant depth, polynomial size and fixed precision, that an agent which
# sees the position alone cannot play every position of Nim right, and that *two frames*, the
# position before the opponent's move and the one after it, change the situation. If the nim-sum was
# zero before the opponent changed a heap from $h'$ to $h$, it is now $d = h' \oplus h$. So the heap
# that was changed tells the nim-sum, and the task is only to restore zero. **By hand:** from
# $(1, 2, 3)$ the opponent takes one from the last heap: $3 \to 2$, so $d = 3 \oplus 2 = 1$. To
# restore zero, change the first heap from 1 to $1 \oplus 1 = 0$: the heaps $(0, 2, 2)$ have nim-sum
# zero again.
#
# We repeat his experiment on a small scale, with 20 heaps of at most 7. One network is applied to
# every heap; its inputs are that heap and a sum over all heaps (a *Deep Set*, week 10). It is
# trained twice: once it sees one frame, once two.


# %%
def transitions(count, draw, heaps=20, size=8):
    """Nim-sum zero before a random move: frames before and after it, and the restoring moves."""
    before = draw.integers(0, size, (count, heaps))
    before[:, -1] ^= np.bitwise_xor.reduce(before, axis=1)
    heap, row = (before * draw.random(before.shape)).argmax(axis=1), np.arange(count)
    after = before.copy()
    after[row, heap] = before[row, heap] * draw.random(count)
    difference = np.bitwise_xor.reduce(after, axis=1)
    target = after ^ difference[:, None]  # what each heap must become
    good = (target[:, :, None] == np.arange(size)) & (target < after)[:, :, None]
    open_ = difference > 0
    return [torch.from_numpy(x[open_]) for x in (before, after, good)]


# %%
class Restorer(nn.Module):
    """Frames (B, heaps) to logits (B, heaps * size) of "this heap becomes s"."""

    def __init__(self, frames, size=8, width=64):
        super().__init__()
        self.frames, self.size = frames, size
        self.heap = nn.Sequential(
            nn.Linear(frames * size, width), nn.ReLU(), nn.Linear(width, width)
        )
        self.move = nn.Sequential(nn.Linear(size + width, 128), nn.ReLU(), nn.Linear(128, size))

    def forward(self, before, after):
        now, past = (nn.functional.one_hot(x, self.size).float() for x in (after, before))
        seen = torch.cat([now, past], dim=2) if self.frames == 2 else now
        pooled = self.heap(seen).sum(dim=1, keepdim=True).expand(-1, now.shape[1], -1)
        logits = self.move(torch.cat([now, pooled / 4], dim=2))
        legal = torch.arange(self.size) < after[:, :, None]
        return logits.masked_fill(~legal, -1e9).flatten(1)


# %%
@torch.no_grad()
def share_restored(net, before, after, good):
    """Share of positions that the network's first choice brings back to nim-sum zero."""
    choice = net(before, after).argmax(dim=1, keepdim=True)
    return good.flatten(1).gather(1, choice).float().mean().item()


# %%
def restore(frames, steps, seed, test):
    """Train on fresh transitions; return the share restored on `test`, every 50 steps."""
    torch.manual_seed(seed)
    net, draw, shares = Restorer(frames), rng(50), []
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for k in progress(range(steps), f"{frames} frames"):
        *views, good = transitions(256, draw)
        loss = -(good.flatten(1) * torch.log_softmax(net(*views), dim=1)).sum() / good.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if k % 50 == 49:
            shares.append(share_restored(net, *test))
    return shares


# %%
steps = scale(laptop=700, paper=4000)
test = transitions(3000, rng(51))
restored = {frames: restore(frames, steps, seeds(1)[0], test) for frames in (1, 2)}

# %%
claim("20 heaps, two frames: nim-sum restored", restored[2][-1], low=0.95, high=1)
claim("20 heaps, one frame: nim-sum restored", restored[1][-1], low=0.15, high=0.4)
chance = (test[2].sum(dim=(1, 2)) / test[1].sum(dim=1)).mean().item()

# %% alt="Two frames: the share restored rises to one. One frame: it stays near a fifth."
figure, ax = plt.subplots(figsize=(6.4, 3.2))
for frames, style, name in ((2, "o-", "two frames"), (1, "s--", "one frame")):
    ax.plot(range(50, steps + 1, 50), restored[frames], style, ms=4, label=name)
ax.axhline(chance, color="0.5", ls="--", label="random legal move")
decorate(ax, "Restoring nim-sum zero, 20 heaps of at most 7", "steps of training", "share restored")
plt.show()

# %% [markdown]
# With one frame the network restores about a fifth of the positions, a little more than a random
# legal move does; with two frames it restores nearly all. Note what this does *not* say: the
# two-frame player needs a position whose nim-sum was zero before, so it can keep a won game won,
# but it cannot find out that a game is won. Week 10 gives the better answer: pool by a product of
# characters, and the network learns Nim for any number of heaps, with a proof.
#
# ## 11. Larger boards
#
# The same functions, on larger boards and more seeds, recorded by `python -m benchmarks.alphazero
# record`:

# %% tags=["nbval-check-output"]
for board, runs in record["connect4"].items():
    for run in runs:
        marks = ", ".join(f"{n} sims {share:.3f}" for n, share in run["optimal"].items())
        print(f"{board} seed {run['seed']}: untrained {run['untrained']['64']:.3f}; {marks}")
        print(f"   {run['seconds']:.0f} CPU s; lost {run['lost']} of 200, root {run['root']:+.2f},")
        print(f"   {run['losing']} of {run['moves']} moves against the perfect player lose value")

# %% [markdown]
# These runs used 26 rounds (48 on 6x5) and 200 simulations in the champion's test; the shares are
# over random positions of the board in question. On 5x4 all three seeds pass the champion's test
# without a losing move. The *root* is the program's opinion of the empty board after 800
# simulations. On 6x4 every first move loses (`solve("", 6, 4)`), and after a minute the program has
# discovered it: its root value $-0.80$ says that the player to move is probably lost. It began 100
# of the 200 games and lost them all, as it must. In the other 100 games it was second: it lost none
# of them, and a single move gave value away. On 6x5 two and a half minutes are not enough for
# mastery: the program plays an optimal move in 93 % of the positions, and it loses 68 of 200 games,
# with 68 losing moves in all.
#
# ## What we learned
#
# - AlphaZero is four ideas on top of each other: optimism, a tree of it, learned advice and
#   judgement, and imitation of one's own search.
# - Search alone, with an untrained network, already plays 76 to 80 % of random positions right on
#   5x4 (five seeds).
# - After a minute of one core the program passes the champion's test, with no losing move in 200
#   games; it is not yet an expert.
# - On Nim, with the same budget and three seeds, the same loop learns four heaps, keeps four of
#   five wins with five heaps, and with seven it is hardly better than random moves. Zhou and Riis
#   blame that a part of a position says nothing about its value. Two frames help in positions that
#   are known to be won; characters (week 10) help in all.
#
# **What it does not show.** That self-play finds perfect play in general: connect-4 on 5x4 has four
# million positions, and we started most games from random ones. Nothing is proved about the loop;
# only the counts are exact.
#
# **Open question.** Find a game, as small as possible, on which self-play becomes a champion and
# provably never an expert: the positions it plays wrong are never reached by the search's own
# games. Lan, Zhang, Wu and others (2022) and Wang et al. (arXiv 2211.00241) found such positions
# for strong Go programs by adversarial search.
#
# **Further reading.** P. Auer, N. Cesa-Bianchi, P. Fischer, *Machine Learning* 47 (2002). L.
# Kocsis, C. Szepesvári, ECML 2006. C. Rosin, *Ann. Math. Artif. Intell.* 61 (2011). D. Silver et
# al., *Nature* 529 (2016), *Nature* 550 (2017), *Science* 362 (2018). J. Schrittwieser et al.,
# *Nature* 588 (2020). I. Danihelka et al., ICLR 2022. D. Wu, arXiv 1902.10565 (KataGo). B. Zhou, S.
# Riis, arXiv 2205.12787. S. Riis, arXiv 2411.06403.
