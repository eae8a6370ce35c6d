# %% [markdown]
# # Playing with parity — companion to week 2
#
# *Why can a network that represents parity not find it?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** write down by hand a network that computes parity, see that training does
# not find it on vertices that it has not seen, measure what makes parity special, and cure the
# failure in two ways, each time by telling the network a symmetry.
#
# **What you need:** [week 1](notebooks/week01_introduction_to_pytorch.ipynb) (a training loop) and
# binomial sums.
#
# **Where it comes from:** G. Williamson uses parity as the first warning in his lectures and in
# *Is deep learning a useful tool for the pure mathematician?*, Bull. AMS 61 (2024) 271–286. Proofs
# are in `lecture_notes/parity.md`.
#
# **Two-hour path:** all sections, with exercises parity.1, parity.2 and parity.3 (45 minutes). The
# proof, parity.4, is for the week. All exercises together: 75 minutes.

# %% tags=["imports"]
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from course_utils import plotting
from course_utils.checks import check
from course_utils.exercises import parity as solutions
from course_utils.plotting import decorate
from course_utils.runtime import claim, device, rng, seeds
from course_utils.training import batches, fit

# %% [markdown]
# ## 1. The cube
#
# Is the number of ones in a word of $n$ bits odd? Nothing is easier to state, and yet this
# question is the standard example of what a general network cannot learn from samples. We use it
# because we can compute everything about it.
#
# **Definition.** A vertex of the cube is $x \in \{1, -1\}^n$. Its *parity* is the product $\chi(x)
# = x_1 x_2 \cdots x_n$, which is $-1$ if the number of entries $-1$ is odd. We write signs instead
# of bits, because changing a bit is then a multiplication by $-1$.


# %% tags=["context:parity.3"]
def cube(n: int) -> np.ndarray:
    """Return all vertices, shape (2**n, n); entry j of row i is -1 iff bit j of i is 1."""
    return 1.0 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)


# %% tags=["nbval-check-output"]
print(cube(3).astype(int).tolist())
print(cube(3).prod(axis=1).astype(int).tolist())

# %% [markdown]
# The second line lists the eight parities. Next we draw the cube with $n = 8$ as a $16 \times 16$
# square. The row gives four of the signs and the column the other four, both in the order of the
# Gray code, so that a step to a neighbouring square changes exactly one sign. **Predict** what
# parity looks like.

# %% alt="Two 16 by 16 squares: parity is a perfect chessboard, majority has large regions."
gray = np.arange(16) ^ (np.arange(16) >> 1)
rows = gray[:, None] * 16 + gray  # (16, 16), row of cube(8)
fig, axes = plt.subplots(1, 2, figsize=(7, 3.4))
majority = np.sign(cube(8).sum(axis=1) + 0.5)
pictures = {"parity": cube(8).prod(axis=1), "majority": majority}
for ax, (name, values) in zip(axes, pictures.items(), strict=True):
    ax.imshow(values[rows], cmap="PuOr")
    ax.set(title=f"{name} of 8 signs", xticks=[], yticks=[])
plt.show()

# %% [markdown]
# Parity is a chessboard, because every step changes it. Majority is the sign of the sum, where a
# tie counts as $+1$; it has large regions of one colour. A learner that guesses from the nearest
# vertices does well on the right and is *always wrong* on the left. Keep this in mind when you see
# accuracies below 50 %.
#
# ### Exercise parity.1 ★ (10 min) — Split the cube without a leak
#
# We want to know what a network can say about vertices that it has not seen, so we need an honest
# split. Let the vertices $x \in \{1, -1\}^n$ be the rows of an array. Write `split_cube(n,
# fraction, rng)`, which returns two integer arrays `train, test` of row numbers from 0 to $2^n -
# 1$: first `round(fraction * 2**n)` random rows, then all the others, so that no row occurs twice.
# If one side would be empty, there is nothing to train on or nothing to test on: then raise
# `ValueError`.
#
# <details><summary>Hint</summary>
#
# `rng.permutation(2**n)` puts all rows into a random order; cut it in two.
#
# </details>


# %%
def split_cube(n: int, fraction: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    # BEGIN SOLUTION
    seen = round(fraction * 2**n)
    if not 0 < seen < 2**n:
        raise ValueError(f"fraction must leave both sides non-empty, got {fraction} for n={n}")
    order = rng.permutation(2**n)
    return order[:seen], order[seen:]
    # END SOLUTION


# %%
split_cube = check("parity.1", split_cube, otherwise=solutions.split_cube)

# %% [markdown]
# ## 2. A network that *is* parity
#
# Perhaps a network simply cannot express such a function? It can. One hidden layer with $n$ units
# and the activation $\mathrm{relu}(t) = \max(t, 0)$ represents parity exactly, and you can write
# down its weights.
#
# ### Exercise parity.2 ★★ (20 min) — A network that is parity
#
# Write `parity_weights(n)`, which returns `W, b, a, c` of shapes $(n, h)$, $(h)$, $(h)$ and a
# number, with $h \le 2n$, such that $\mathrm{relu}(xW + b) \cdot a + c$ is 1 when $x$ has an odd
# number of entries $-1$ and 0 otherwise, for every vertex $x \in \{1, -1\}^n$.
#
# <details><summary>Hint 1</summary>
#
# The number $k = (n - \sum_i x_i) / 2$ of entries $-1$ is a linear function of $x$. So you need a
# piecewise linear function of one variable $k$ with values $0, 1, 0, 1, \dots$ at $0, 1, 2, \dots$
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# $\mathrm{relu}(k - j)$ changes the slope at $k = j$ by 1. The zigzag has slope 1, then $-1$, then
# 1, …
#
# </details>


# %%
def parity_weights(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    # BEGIN SOLUTION
    corners = np.arange(n)
    W = np.full((n, n), -0.5)  # every unit sees k = n/2 - sum(x)/2
    b = n / 2 - corners
    a = np.where(corners == 0, 1.0, 2.0 * (-1.0) ** corners)
    return W, b, a, 0.0
    # END SOLUTION


# %%
parity_weights = check("parity.2", parity_weights, otherwise=solutions.parity_weights)

# %% tags=["nbval-check-output"]
W, b, a, c = parity_weights(10)
says = np.maximum(cube(10) @ W + b, 0) @ a + c
print((np.rint(says) == (cube(10).prod(axis=1) < 0)).sum(), "of", 2**10, "vertices right")

# %% [markdown]
# The network is right on all 1024 vertices. Its weights are few, and none is larger than 5 in
# size. So when training fails below, it fails as a *search*: the solution exists and is not found.
#
# ## 3. Training does not find it
#
# A network $n \to 128 \to 128 \to 1$ sees a fraction of the cube and is tested on the rest. The
# training loop is that of week 1: Adam with step size $10^{-3}$ and 500 minibatches of 128
# vertices.


# %%
def accuracy(net: nn.Module, X: torch.Tensor, y: torch.Tensor) -> float:
    with torch.no_grad():
        return ((net(X) > 0) == (y > 0.5)).float().mean().item()


# %%
def odds(logit: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logit, y)


def tensor(values: np.ndarray) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device())


# %%
def plain_net(inputs: int, width: int = 128) -> nn.Module:
    layers = [nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, 1), nn.Flatten(0)).to(device())


# %%
def train_and_test(X: np.ndarray, values: np.ndarray, train: np.ndarray, test: np.ndarray):
    """Train a plain net on the rows `train`; return its accuracy there and on `test`."""
    inputs, labels = tensor(X), tensor(values < 0)
    net = plain_net(X.shape[1])
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    fit(net, batches(inputs[train], labels[train], 128), odds, optimizer, steps=500)
    return accuracy(net, inputs[train], labels[train]), accuracy(net, inputs[test], labels[test])


# %% [markdown]
# **Predict, then run:** five networks see one half of the cube with $n = 8$. What share of the
# other half do they get right, for parity and for majority?

# %%
X = cube(8)
shares = {"parity": [], "majority": []}
for s in seeds(5):
    halves = split_cube(8, 0.5, rng(s))
    shares["parity"].append(train_and_test(X, X.prod(axis=1), *halves))
    shares["majority"].append(train_and_test(X, majority, *halves))

# %%
parity_seen, parity_new = np.mean(shares["parity"], axis=0)
majority_new = np.mean(shares["majority"], axis=0)[1]

# %% tags=["headline"]
claim(
    "plain net on parity of 8 signs, half the cube seen: share right on the other half (5 runs)",
    parity_new,
    low=0.38,
    high=0.60,
)
claim("the same nets on the half they saw", parity_seen, low=0.99, high=1.0)
claim("the same recipe on majority: share right on the other half", majority_new, low=0.9, high=1)

# %% [markdown]
# The networks know every vertex that they saw, and on the others they are no better than chance
# (50 %). The same recipe learns majority without trouble. More data does help with parity, but
# look at how much of it is needed.

# %%
sizes, fractions = [8, 10, 12], [0.25, 0.5, 0.75, 0.9]
table = np.zeros((3, 4))
for i, n in enumerate(sizes):
    for j, fraction in enumerate(fractions):
        X = cube(n)
        table[i, j] = train_and_test(X, X.prod(axis=1), *split_cube(n, fraction, rng(100 + j)))[1]

# %% alt="Heat map: test accuracy on parity rises with the fraction of the cube seen and with n."
fig, ax = plt.subplots(figsize=(6, 3.2))
plotting.matrix(ax, np.rint(100 * table), annotate=True)
ax.set_xticks(range(4), [f"{f:.0%}" for f in fractions])
ax.set_yticks(range(3), sizes)
decorate(ax, "Right on unseen vertices, % (one run each)", "share of the cube seen", "signs n")
plt.show()

# %% [markdown]
# From left to right the shares climb and then level off. For larger $n$ the networks do better at
# one quarter and at one half, because the same fraction then stands for more vertices. But the
# price remains a share of all $2^n$. At $n = 8$ and a quarter of the cube, most runs are right on
# *less* than one half: the seen neighbours of an unseen vertex all have the opposite parity, and
# the network interpolates between them.

# %%
claim("n = 12, a quarter seen (1024 vertices)", table[2, 0], low=0.55, high=0.9)
claim("n = 12, half seen (2048 vertices)", table[2, 1], low=0.75, high=1.0)

# %% [markdown]
# ## 4. What is special about parity?
#
# **Definition.** Let $x$ be a uniform vertex of the cube $\{1, -1\}^n$ and let $y$ arise from $x$
# by changing each sign independently with probability $p$. The *noise sensitivity* of $f$ is
# $\mathrm{NS}_p(f) = \mathbf P(f(x) \ne f(y))$.
#
# Expand $f = \sum_S \hat f(S) \chi_S$ with $\chi_S(x) = \prod_{i \in S} x_i$. Since
# $\mathbf E\,\chi_S(x)\chi_S(y) = (1 - 2p)^{|S|}$,
# $$\mathrm{NS}_p(f) = \tfrac12 - \tfrac12 \sum_S (1 - 2p)^{|S|} \hat f(S)^2 .$$
# Parity has all its weight at $|S| = n$, so $\mathrm{NS}_p(\chi) = \tfrac12(1 - (1 - 2p)^n)$
# (O'Donnell, *Analysis of Boolean Functions*, 2014, Theorem 2.49).
#
# ### Exercise parity.3 ★★ (15 min) — Noise sensitivity, exactly
#
# Write `noise_sensitivity(values, p)` for a function given by its values $\pm 1$ at the rows of
# `cube(n)`. No sampling: the result is exact up to rounding.
#
# <details><summary>Hint</summary>
#
# Let $(Tf)(x)$ be the mean of $f(y)$ given $x$. Then $\mathrm{NS} = (1 - \mathbf E f \cdot Tf)/2$,
# and $T$ is a product of $n$ commuting operators, one for each coordinate: $(T_j f)(x) = (1 - p)
# f(x) + p f(x \text{ with sign } j \text{ changed})$. Changing sign $j$ sends row $i$ to row `i ^
# (1 << j)`.
#
# </details>


# %%
def noise_sensitivity(values: np.ndarray, p: float) -> float:
    # BEGIN SOLUTION
    size = len(values)
    average = values.astype(float)
    for j in range(size.bit_length() - 1):
        average = (1 - p) * average + p * average[np.arange(size) ^ (1 << j)]
    return (1 - np.mean(values * average)) / 2
    # END SOLUTION


# %%
noise_sensitivity = check("parity.3", noise_sensitivity, otherwise=solutions.noise_sensitivity)

# %% alt="Parity's noise sensitivity jumps to one half at small p; majority's rises slowly."
p = np.linspace(0, 0.5, 26)
fig, ax = plt.subplots()
ax.plot(p, [noise_sensitivity(cube(11).prod(axis=1), q) for q in p], label="parity")
ax.plot(p, [noise_sensitivity(np.sign(cube(11).sum(axis=1)), q) for q in p], label="majority")
ax.plot(p, [noise_sensitivity(cube(11)[:, 0], q) for q in p], label="first sign")
ax.axhline(0.5, color="0.5", ls="--", label="independent of x")
decorate(ax, "Noise destroys parity first (n = 11)", "probability p of a change", "P(f(x) ≠ f(y))")
plt.show()

# %% [markdown]
# Already at $p = 0.1$ the parity of 11 signs is almost independent of the parity of the noisy
# copy. A single sign is at the other end, with sensitivity $p$, and majority lies between the two.

# %%
claim(
    "parity of 11 signs, p = 0.1: noise sensitivity",
    noise_sensitivity(cube(11).prod(axis=1), 0.1),
    low=(1 - 0.8**11) / 2 - 1e-9,
    high=(1 - 0.8**11) / 2 + 1e-9,
)

# %% [markdown]
# ### Exercise parity.4 ★★★ (30 min, proof) — Nothing to climb
#
# Let $\chi(x) = x_1 \cdots x_n$ be the parity of $x \in \{1, -1\}^n$, let $\chi_S(x) = \prod_{i
# \in S} x_i$, and let $h_\theta$ be any model that is trained with the square loss $\mathbf E
# (h_\theta - \chi)^2$ over the full cube.
#
# 1. Let $g(x)$ depend on at most $n - 1$ of the signs. Prove that $\mathbf E\, g \chi = 0$.
# 2. Show that the part of the gradient that knows the target is $-2\, \mathbf E\, \chi\,
#    \partial_\theta h_\theta$. Conclude that it vanishes for every weight $\theta$ whose
#    derivative $\partial_\theta h_\theta$ depends on at most $n - 1$ signs.
# 3. Replace $\chi$ by $\chi_S$ with a uniformly random set $S$. Show that the expected square of
#    this part is $4 \cdot 2^{-n}\, \mathbf E(\partial_\theta h_\theta)^2$.

# %% [markdown] tags=["solution"]
# 1. Suppose that $g$ does not depend on $x_i$. Pair each vertex with the one where $x_i$ is
#    changed. Then $g$ agrees on both and $\chi$ has opposite signs, so the sum over each pair is
#    0.
# 2. The derivative of the loss is the difference of $2\,\mathbf E\, h\, \partial_\theta h$ and
#    $2\,\mathbf E\, \chi\, \partial_\theta h$, and only the second term contains the target. Apply
#    1 to $g = \partial_\theta h$.
# 3. The numbers $\mathbf E\, \chi_S\, \partial_\theta h$ are the Fourier coefficients of
#    $\partial_\theta h$. By Parseval their squares, summed over all $2^n$ sets, give $\mathbf
#    E(\partial_\theta h)^2$. So their mean square is $2^{-n}\, \mathbf E(\partial_\theta h)^2$,
#    and the factor 2 becomes 4. (Compare Shalev-Shwartz, Shamir, Shammah, *Failures of
#    gradient-based deep learning*, ICML 2017, Theorem 1.)

# %% [markdown]
# ## 5. Cure one: tell the network that the order does not matter
#
# Parity is symmetric, because it depends on the sum of the signs only. A *Deep Sets* network
# (Zaheer et al. 2017) has this symmetry built in: it computes $\rho\big(\sum_i \varphi(x_i)\big)$
# with two learnt functions. On signs $\varphi$ may be the identity, and then $\rho$ is a function
# on only 13 points if $n = 12$.


# %%
def through_the_sum(n: int, samples: int, seed: int) -> float:
    """Train on `samples` random vertices, through the sum; return the share right on the rest."""
    train, test = split_cube(n, samples / 2**n, rng(seed))
    total, labels = tensor(cube(n).sum(axis=1, keepdims=True)) / 4, tensor(cube(n).prod(axis=1) < 0)
    net = plain_net(1)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    fit(net, batches(total[train], labels[train], samples), odds, optimizer, steps=1000)
    return accuracy(net, total[test], labels[test])


# %%
summed = np.mean([through_the_sum(12, 50, s) for s in seeds(4)])
claim("through the sum, n = 12, 50 samples: right on unseen (4 runs)", summed, low=0.95, high=1)

# %% [markdown]
# Fifty samples out of $2^{12} = 4096$ are enough, where the plain network needed about a thousand
# to get above chance. The errors that remain are at rare sums: only $2 \cdot 13$ of the vertices
# have $|\sum x_i| \ge 10$, and a sample of 50 seldom contains one of them.
#
# ## 6. Cure two: read the signs one by one
#
# A recurrent network keeps a state and updates it after each sign. For parity one bit of state is
# enough, and the rule is the same at each step, so what is learnt at one length holds at every
# length. Our network is a gated recurrent unit (GRU) whose state has 16 numbers. It first sees
# words of length 1 and 2. Whenever it has mastered the longest words, they become one letter
# longer. Such a plan is called a *curriculum*.


# %%
class Reader(nn.Module):
    """Read signs (batch, length) one at a time; return one logit per word, shape (batch,)."""

    def __init__(self, state: int = 16) -> None:
        super().__init__()
        self.cell = nn.GRU(1, state, batch_first=True)
        self.output = nn.Linear(state, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.cell(x[:, :, None])  # (batch, length, state)
        return self.output(states[:, -1]).flatten()


# %%
def words(count: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    x = 1.0 - 2 * torch.randint(0, 2, (count, length), device=device())
    return x, (x.prod(dim=1) < 0).float()


# %%
def train_reader(shortest: int, longest: int, steps: int = 800) -> Reader:
    """Train on random lengths; `longest` grows to 16 as the longest words are mastered."""
    reader = Reader().to(device())
    optimizer = torch.optim.Adam(reader.parameters(), lr=1e-2)
    for _ in range(steps):
        length = int(torch.randint(shortest, longest + 1, ()))
        x, y = words(64, length)
        loss = odds(reader(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
        longest += loss.item() < 0.05 and length == longest < 16
    return reader


# %%
lengths = [4, 8, 16, 32, 64, 128, 256]
reader, hurried = train_reader(1, 2), train_reader(16, 16)
patient = [accuracy(reader, *words(1000, n)) for n in lengths]
at_once = [accuracy(hurried, *words(1000, n)) for n in lengths]

# %% alt="With a curriculum accuracy stays near 1 up to length 256; without, it is at chance."
fig, ax = plt.subplots()
ax.semilogx(lengths, patient, "o-", base=2, label="lengths grow from 2 to 16")
ax.semilogx(lengths, at_once, "s--", base=2, label="length 16 from the start")
ax.axhline(0.5, color="0.5", ls="--", label="chance")
ax.axvspan(16, 256, fc="0.85", ec="0.6", hatch="//", label="longer than any word in training")
decorate(ax, "One run each, 1000 words per length", "length of the word", "share right")
plt.show()

# %% [markdown]
# With the curriculum the network is right even on words sixteen times as long as any that it saw
# (the hatched region holds the new lengths). Without it, after as many steps on words of length
# 16, it is at chance on all lengths: it has seen $51{,}200$ random words and has not found the one
# bit of state.

# %%
claim("reader without curriculum: share right at length 16", at_once[2], low=0.44, high=0.56)
claim("reader with curriculum: share right at length 64", patient[4], low=0.95, high=1.0)
claim("at length 256, sixteen times the longest word trained on", patient[6], low=0.9, high=1.0)

# %% [markdown]
# ## What we learned
#
# - A network with $n$ hidden units can represent parity exactly. A trained one knows what it saw
#   and guesses the rest.
# - Parity is the extreme case of noise sensitivity, and the signal in its gradient is
#   exponentially small.
# - Each cure is a piece of mathematics that we knew before: symmetry under $S_n$, or one bit of
#   state.
#
# **What it does not show.** It does not show that no optimiser finds a parity. Ordinary networks
# learn parities of few among many signs, given enough steps (Barak et al., *Hidden progress in
# deep learning*, NeurIPS 2022).
#
# **Open question.** How many samples does a plain net of given width need for parity of $n$ signs,
# as a fraction of $2^n$? Our table suggests a share that is constant or falls slowly. We know of
# no theorem for trained networks of this kind.
#
# **Further reading.** R. O'Donnell, *Analysis of Boolean Functions*, chapters 1–2. G. Williamson,
# Bull. AMS 61 (2024). M. Zaheer et al., *Deep sets*, NeurIPS 2017.
