# %% [markdown]
# # Descents in $S_n$ — companion to weeks 2 and 5
#
# *Which half of a symmetric question does a network see?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** ask a network for the right and for the left descents of a permutation. A
# symmetry of the group exchanges the two questions, and yet the network answers one of them at
# once and the other not at all. Then you change the representation instead of the network, and
# both become easy.
#
# **What you need:** one-line notation, and a training loop ([week
# 1](notebooks/week01_introduction_to_pytorch.ipynb)).
#
# **Where it comes from:** G. Williamson, *Is deep learning a useful tool for the pure
# mathematician?*, Bull. AMS 61 (2024) 271–286, section 5.2.
#
# **Two-hour path:** all sections, with exercises descents.1, descents.2 and descents.4 (55
# minutes). The proof, descents.3, is for the week. All exercises together: 85 minutes.

# %% tags=["imports"]
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from course_utils import plotting
from course_utils.checks import check
from course_utils.exercises import descents as solutions
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, device, rng
from course_utils.training import batches, fit

# %% [markdown]
# ## 1. Two sides
#
# **Definition.** For a permutation $w = (w(1), \dots, w(n))$ the number $i < n$ is a *right
# descent* if $w(i) > w(i+1)$, and a *left descent* if it is a right descent of $w^{-1}$, that is,
# if the value $i + 1$ stands left of the value $i$.
#
# An example by hand: $w = 231$ has the right descent 2, because $3 > 1$, and the left descent 1,
# because 2 stands left of 1. The map $w \mapsto w^{-1}$ exchanges the two questions, so a group
# theorist would call them the same question. Does a network agree?
#
# ### Exercise descents.1 ★ (10 min) — Both sides
#
# Write `descents(W)` for an array of permutations of shape $(N, n)$, with one permutation per row.
# It returns two boolean arrays of shape $(N, n - 1)$, the right descents first. Column $i - 1$
# belongs to $i$.
#
# <details><summary>Hint</summary>
#
# `np.argsort(W, axis=1)` lists, for each value in increasing order, the place where it stands.
#
# </details>


# %%
def descents(W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # BEGIN SOLUTION
    places = np.argsort(W, axis=1)  # (N, n)
    return W[:, :-1] > W[:, 1:], places[:, :-1] > places[:, 1:]
    # END SOLUTION


# %%
descents = check("descents.1", descents, otherwise=solutions.descents)

# %% tags=["nbval-check-output"]
right, left = descents(np.array([[2, 3, 1], [3, 1, 2]]))
print("right:", right.astype(int).tolist())
print("left: ", left.astype(int).tolist())

# %% [markdown]
# $231$ and $312$ are inverse to each other, and indeed the two answers change sides.
#
# ## 2. Two representations
#
# A network needs numbers, so we have to choose how to write a permutation. We try two ways. The
# first is the *vector* $(w(1), \dots, w(n))$, moved and scaled into $[-1, 1]$. The second is the
# *permutation matrix* $M$ with $M_{ab} = 1$ if $w(a) = b$ and 0 otherwise, written as $n^2$
# numbers. From the $10! = 3{,}628{,}800$ permutations we draw 10,000 different ones, and train on
# half of them.


# %%
def draw(n: int, count: int, seed: int) -> np.ndarray:
    """Return `count` different random permutations of 1..n, shape (count, n)."""
    W = rng(seed).permuted(np.tile(np.arange(1, n + 1), (2 * count, 1)), axis=1)
    different = np.unique(W, axis=0)
    return different[rng(seed + 1).permutation(len(different))[:count]]


# %%
def as_vectors(W: np.ndarray) -> np.ndarray:
    n = W.shape[1]
    return (2 * W - n - 1) / (n - 1)


def as_matrices(W: np.ndarray) -> np.ndarray:
    n = W.shape[1]
    return np.eye(n)[W - 1].reshape(len(W), n * n)


# %% [markdown]
# We train two networks, a *linear* one, and one with two hidden layers of 64 units (an MLP). Each
# is asked for all $n - 1$ bits at once, and we count the share of right bits on permutations that
# it has not seen. The baseline is 50 %, because each bit is a fair coin.


# %%
def tensor(values: np.ndarray) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device())


def network(inputs: int, outputs: int, linear: bool) -> nn.Module:
    if linear:
        return nn.Linear(inputs, outputs).to(device())
    layers = [nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(64, outputs)).to(device())


# %%
def learn(X: np.ndarray, y: np.ndarray, linear: bool) -> tuple[nn.Module, float]:
    """Train on the first half of the rows; return the net and its share right on the rest."""
    inputs, bits, half = tensor(X), tensor(y), len(X) // 2
    net = network(X.shape[1], y.shape[1], linear)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2 if linear else 1e-3)
    pieces = batches(inputs[:half], bits[:half], 128)
    fit(net, pieces, nn.functional.binary_cross_entropy_with_logits, optimizer, steps=800)
    with torch.no_grad():
        right = (net(inputs[half:]) > 0) == (bits[half:] > 0.5)
    return net, right.double().mean().item()


# %% [markdown]
# **Predict, then run:** eight cases, {vector, matrix} × {right, left} × {linear, MLP}. Which fail?

# %%
W = draw(10, 10_000, seed=1)
inputs = {"vector": as_vectors(W), "matrix": as_matrices(W)}
bits = dict(zip(("right", "left"), descents(W), strict=True))
nets, share = {}, {}
for case in [(i, s, l) for i in inputs for s in bits for l in (True, False)]:
    nets[case], share[case] = learn(inputs[case[0]], bits[case[1]], linear=case[2])

# %% alt="Table of eight shares: only left descents from the vector fail, at 52 and 56 %."
table = [[share[i, s, l] for s in bits for l in (True, False)] for i in inputs]
fig, ax = plt.subplots(figsize=(7, 2.6))
plotting.matrix(ax, np.round(100 * np.array(table), 1), annotate=True)
names = [f"{s}, {'linear' if l else 'MLP'}" for s in bits for l in (True, False)]
ax.set_xticks(range(4), names)
ax.set_yticks(range(2), inputs)
decorate(ax, "Bits right on unseen permutations of 10, % (one run)", "", "")
plt.show()

# %% [markdown]
# One corner of the table fails. From the vector, the share of left descents stays near that of a
# coin, both for the linear network and for the MLP. The six other cases are solved. Network, data
# and group were the same each time; only the representation differed.

# %% tags=["headline"]
mlp, linear = share["vector", "left", False], share["vector", "left", True]
claim("left descents from the vector, n = 10, MLP: bits right", mlp, low=0.50, high=0.60)
claim("the same, linear", linear, low=0.48, high=0.56)
vector_right = min(share["vector", "right", l] for l in (True, False))
claim("right descents from the vector, worse of the two nets", vector_right, low=0.98, high=1)
matrix = min(share["matrix", s, l] for s in bits for l in (True, False))
claim("from the matrix, worst of the four", matrix, low=0.96, high=1)

# %% [markdown]
# ## 3. What the linear net found
#
# A right descent is the sign of $w(i) - w(i+1)$. This is a linear function of the vector, with one
# $+1$ and one $-1$ in each row of the weights. Is it what training finds? The weights of the
# linear network are $9 \times 10$ numbers, and we can look at them.

# %% alt="Trained weights: in each row one positive and one negative entry, on the diagonal."
found = nets["vector", "right", True].weight.detach().cpu().numpy()  # (9, 10)
fig, ax = plt.subplots(figsize=(5, 3.6))
plotting.matrix(ax, found, signed=True)
decorate(ax, "Weights for right descents, from the vector", "place in w", "descent i")
ax.set_xticks(range(10), range(1, 11))
ax.set_yticks(range(9), range(1, 10))
plt.show()

# %% [markdown]
# The picture shows a filter: each row takes the difference of two neighbours. How near is it to
# the exact one? We measure the cosine of the angle between the two matrices.

# %%
filter_ = np.eye(9, 10) - np.eye(9, 10, k=1)
cosine = (found * filter_).sum() / np.linalg.norm(found) / np.linalg.norm(filter_)
claim("cosine between trained weights and the difference filter", cosine, low=0.97, high=1)

# %% [markdown]
# From the matrix *both* sides are linear, since $w(a) = \sum_b b\, M_{ab}$, and the place of the
# value $b$ is $w^{-1}(b) = \sum_a a\, M_{ab}$.
#
# ### Exercise descents.2 ★★ (15 min) — Left descents are linear
#
# Write `left_weights(n)`, an array `C` of shape $(n - 1, n, n)$ with the property: $i$ is a left
# descent of $w$, that is, the value $i + 1$ stands left of the value $i$, if and only if
# $\sum_{a,b} C_{i-1,a,b}\, M_{ab} > 0$. (Indices of arrays count from 0: `M[a, b]` is 1 when
# $w(a+1) = b+1$, else 0.)
#
# <details><summary>Hint</summary>
#
# The sum should be the place of $i$ minus the place of $i + 1$. Only two columns of `C[i - 1]` are
# not zero.
#
# </details>


# %%
def left_weights(n: int) -> np.ndarray:
    # BEGIN SOLUTION
    C = np.zeros((n - 1, n, n))
    for i in range(n - 1):
        C[i, :, i] = np.arange(n)
        C[i, :, i + 1] = -np.arange(n)
    return C
    # END SOLUTION


# %%
left_weights = check("descents.2", left_weights, otherwise=solutions.left_weights)

# %% alt="Trained weights for left descent 5 beside the exact ones: two columns, opposite ramps."
trained = nets["matrix", "left", True].weight.detach().cpu().numpy().reshape(9, 10, 10)[4]
fig, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for ax, weights, name in zip(
    axes, (trained, left_weights(10)[4]), ("trained", "exact"), strict=True
):
    plotting.matrix(ax, weights - weights.mean(axis=0), signed=True)
    decorate(ax, f"{name}: is 5 a left descent?", "b (the value b + 1)", "a (the place a + 1)")
plt.show()

# %% [markdown]
# Two columns carry the weights, $b = 4$ and $5$ for the values 5 and 6, and they hold opposite
# ramps over the places. (We subtracted the mean from each column. A constant in a column says
# nothing, because each column of $M$ has exactly one 1.)
#
# ## 4. Why the vector hides one side
#
# Exchange the *values* $i$ and $i + 1$ in $w$. Then the left descent $i$ changes, but the vector
# hardly moves: two entries change by 1. Now exchange the entries in the *places* $i$ and $i + 1$.
# Then the right descent $i$ changes, and two entries change by $|w(i) - w(i+1)|$. So seen through
# the vector, a left descent flips between nearest neighbours, as parity does on the cube.

# %%
right_moves = np.sqrt(2) * np.abs(np.diff(W, axis=1)).ravel()  # exchange two places
left_moves = np.full_like(right_moves, np.sqrt(2))  # exchange the values i, i + 1
claim("mean move when a right descent changes, n = 10", right_moves.mean(), low=5.1, high=5.3)

# %% alt="Distances at which a descent flips: always 1.41 for left, from 1.41 to 12.7 for right."
fig, ax = plt.subplots(figsize=(6, 3.2))
edges = np.sqrt(2) * (np.arange(11) - 0.5)
for moves, name, colour in ((left_moves, "left", "vermillion"), (right_moves, "right", "blue")):
    weights = np.full(len(moves), 1 / len(moves))
    ax.hist(moves, edges, weights=weights, histtype="step", lw=2, color=COLOURS[colour], label=name)
decorate(ax, "How far the vector moves when descent i flips", "distance", "share of (w, i)")
plt.show()

# %% [markdown]
# A left descent always flips at distance $\sqrt 2$, and a right descent flips at distance $\sqrt
# 2\,(n+1)/3 = 5.19$ on average. As $n$ grows, the scaled vectors lie closer and closer to those
# where the answer is the opposite. **Predict** the MLP's share on left descents for $n = 20$.

# %%
ns, by_n = [8, 12, 16, 20], {"vector": [], "matrix": []}
for n in ns:
    V = draw(n, 10_000, seed=n)
    for name, encode in (("vector", as_vectors), ("matrix", as_matrices)):
        by_n[name].append(learn(encode(V), descents(V)[1], linear=False)[1])

# %% alt="Left descents by n: from the matrix above 95 %, from the vector falling to 50 %."
fig, ax = plt.subplots()
for (name, values), mark in zip(by_n.items(), "so", strict=True):
    ax.plot(ns, 100 * np.array(values), marker=mark, label=f"from the {name}")
ax.axhline(50, color="0.5", ls="--", label="coin")
decorate(ax, "Left descents, MLP, 5,000 samples (one run each)", "n", "bits right, %")
plt.show()

# %% [markdown]
# From the matrix the task stays easy. From the vector the share falls with $n$, down to that of a
# coin.

# %%
claim("left descents from the vector, n = 20: bits right", by_n["vector"][3], low=0.48, high=0.53)
claim("left descents from the matrix, n = 20: bits right", by_n["matrix"][3], low=0.93, high=1)

# %% [markdown]
# ### Exercise descents.3 ★★★ (30 min, proof) — No linear function sees a left descent
#
# Let $f(w) = \sum_a c_a w(a)$ with $\sum_a c_a^2 = 1$, and let $D_i = \pm 1$ tell whether $i$ is a
# left descent (the value $i + 1$ stands left of the value $i$), for uniform $w \in S_n$. Prove
# that $|\mathbf E\, D_i f| \le 1/\sqrt{2(n-1)}$ by exchanging the values $i$ and $i+1$. The
# standard deviation of $f$ may be as large as $\sqrt{n(n+1)/12}$. Deduce the order of the
# correlation in that case, and compare it with $f = (w(i) - w(i+1))/\sqrt 2$ and a right descent.

# %% [markdown] tags=["solution"]
# Let $w'$ be $w$ with the values $i, i+1$ exchanged; $w \mapsto w'$ is a bijection that changes
# the sign of $D_i$. So $\mathbf E\, D_i f = \frac12 \mathbf E\, D_i(w)(f(w) - f(w'))$, and $f(w) -
# f(w') = \pm(c_a - c_b)$, where $a, b$ are the places of the two values. Hence $|\mathbf E D_i f|
# \le \frac12 \mathbf E |c_a - c_b|$ with $(a, b)$ a uniform pair of different places, and by
# Cauchy–Schwarz $\mathbf E |c_a - c_b| \le \sqrt{\mathbf E (c_a - c_b)^2}$. Expanding, $\mathbf E
# (c_a - c_b)^2 = \frac{2}{n} - \frac{2}{n(n-1)}\big((\sum c)^2 - 1\big) \le \frac{2}{n} +
# \frac{2}{n(n-1)} = \frac{2}{n-1}$. This gives the bound. Divided by a standard deviation of order
# $n$, the correlation is at most of order $n^{-3/2}$. For right descents $\mathbf E\, D_i (w(i) -
# w(i+1))/\sqrt2 = (n+1)/(3\sqrt 2)$ is of the same order as the standard deviation.

# %% [markdown]
# ### Exercise descents.4 ★★ (30 min, experiment) — Cures
#
# Our MLP has two hidden layers of 64 units and 5,000 random permutations to train on. It reads the
# vector $(w(1), \dots, w(n))$ and is asked which $i$ are left descents. It stays near the 50 % of
# a coin, and comes nearer to them as $n$ grows. Give it (a) the vector of $w^{-1}$ as well, (b)
# ten times the samples, (c) ten times the width. Which of these cures the failure? Then ask for
# the *length* $\ell(w)$, which is the same for $w$ and $w^{-1}$. Does the representation still
# matter?

# %% [markdown] tags=["solution"]
# (a) is a cure: the left descents are linear in the vector of $w^{-1}$. For (b) and (c) a good
# answer states the shares for $n = 10$ and $n = 20$ with three seeds each, beside 50 %, and says
# whether the gain is on unseen permutations or only on those of the training set. The length is a
# sum of $n(n-1)/2$ signs of linear functions of the vector, and a part of it is linear: compare
# with the linear net before praising the MLP.

# %% [markdown]
# ## What we learned
#
# - Two questions that a symmetry exchanges need not be equally hard for a network, because the
#   representation breaks the symmetry.
# - A function that is linear in one representation may be as jagged as parity in another.
#
# **What it does not show.** It does not show that no network learns left descents from the vector.
# Sorting networks compute $w^{-1}$, and a large enough network with enough samples (for small $n$,
# all of $S_n$) will learn them. We measured one size and one number of samples.
#
# **Open question.** For which functions on $S_n$ is the vector a good representation? Its linear
# functions are the constants and one copy of an irreducible representation of the group that
# permutes the places; the linear functions of $M$ contain all copies of it. What does the Fourier
# transform on $S_n$ of a target say about the number of samples that a net needs?
#
# **Further reading.** G. Williamson, Bull. AMS 61 (2024). P. Diaconis, *Group Representations in
# Probability and Statistics* (1988), chapter 8, on functions on $S_n$ by their first-order part.
