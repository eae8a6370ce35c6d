# %% [markdown]
# # Week 5 — First steps with graph neural networks: symmetry and Bruhat graphs
#
# *What can a network see of a graph, if it must not see the names of the vertices?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** draw intervals of the Bruhat order as graphs and erase the names of their
# vertices. Work message passing by hand on four vertices. Measure how many examples a network saves
# when symmetry is built into it, and then watch the same network fail on two graphs that a child
# can tell apart. At the end, build a graph network from two sparse products and train it to read
# the first coefficient of a Kazhdan–Lusztig polynomial off a graph without names. A theorem that
# needs only one number of the graph stands beside it.
#
# **What you need:** permutations and matrices; the training loop of weeks 1 and 4.
# All exercises together: 225 minutes; reading and running the rest takes about 90 minutes.
#
# **Two-hour path:** sections 1 to 4, the end of section 5 (the classic failure), sections 6, 7
# and 9, with exercises 5.1, 5.2 and 5.5 (55 minutes). For the week: the rest of section 5, section
# 8, and the other exercises.
#
# **Where it comes from:** G. Williamson's lecture on geometric deep learning in the seminar, and
# A. Davies et al., *Advancing mathematics by guiding human intuition with AI*, Nature 600 (2021)
# 70–74. All data are made here, in seconds. Definitions and proofs are in
# `lecture_notes/week05.md`.

# %% tags=["imports"]
from collections import Counter
from itertools import combinations, permutations
from math import factorial
from typing import NamedTuple

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from course_utils.checks import check
from course_utils.exercises import week05 as solutions
from course_utils.maths import permutations as symmetric
from course_utils.maths.bruhat_graphs import (
    bruhat_graph,
    bruhat_graphs,
    colour_refinement,
    graph_classes,
    interval_classes,
)
from course_utils.maths.bruhat_orbits import orbit_classes
from course_utils.maths.graph_isomorphism import isomorphism
from course_utils.maths.kazhdan_lusztig import kl_polynomial
from course_utils.maths.permutations import bruhat_interval
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, device, progress, rng, scale

# %% [markdown] tags=["context:5.1", "context:5.2", "context:5.7"]
# ## 1. Permutations and the Bruhat order
#
# Why should a mathematician care about networks on graphs? Many objects come as graphs whose
# vertices have no natural order: a knot diagram, a Cayley graph, a partially ordered set. Our
# graphs come from the symmetric group. This section recalls the partial order on permutations that
# produces them.
#
# We write a permutation of $1, \dots, n$ as the tuple $(w(1), \dots, w(n))$; products are
# $(xy)(i) = x(y(i))$.
#
# **Definitions.** The *length* $\ell(w)$ is the number of inversions, the pairs $i < j$ with
# $w(i) > w(j)$. The *right descents* are the $i$ with $w(i) > w(i+1)$. In the *Bruhat order*,
# $x \le w$ if $r_x(i, j) \le r_w(i, j)$ for all $i, j$, where $r_p(i, j)$ counts the $a \le i$
# with $p(a) \ge j$ (Björner and Brenti, *Combinatorics of Coxeter Groups*, Theorem 2.1.5).

# %% [markdown] tags=["context:5.1"]
# By hand, for $x = 132$ and $w = 312$: the first entries are $1 \le 3$; among the first two, $x$
# has one entry $\ge 2$ and one $\ge 3$, and so has $w$. Hence $x \le w$.

# %% [markdown]
# ### Exercise 5.1 ★ (15 min) — Length, descents, Bruhat order
#
# Write `length(w)`, `right_descents(w)` (a set of positions counted from 1) and `bruhat_leq(x, w)`
# straight from the definitions. Speed does not matter.
#
# <details><summary>Hint</summary>
#
# In Python `w[i - 1]` is $w(i)$. For the order, three nested loops will do: over $i$, over $j$,
# and over the first $i$ entries.
#
# </details>


# %%
def length(w: tuple[int, ...]) -> int:
    # BEGIN SOLUTION
    return sum(a > b for a, b in combinations(w, 2))
    # END SOLUTION


# %%
def right_descents(w: tuple[int, ...]) -> set[int]:
    # BEGIN SOLUTION
    return {i for i in range(1, len(w)) if w[i - 1] > w[i]}
    # END SOLUTION


# %%
def bruhat_leq(x: tuple[int, ...], w: tuple[int, ...]) -> bool:
    # BEGIN SOLUTION
    n = len(w)
    return all(
        sum(a >= j for a in x[:i]) <= sum(a >= j for a in w[:i])
        for i in range(1, n)
        for j in range(1, n + 1)
    )
    # END SOLUTION


# %%
length, right_descents, bruhat_leq = check(
    "5.1",
    (length, right_descents, bruhat_leq),
    otherwise=(symmetric.length, symmetric.right_descents, symmetric.bruhat_leq),
)

# %% [markdown]
# **Predict, then run:** of the $24^2 = 576$ pairs in $S_4$, how many are comparable?

# %% tags=["nbval-check-output"]
group = {n: list(permutations(range(1, n + 1))) for n in (3, 4, 5)}
comparable = {n: [(x, w) for x in S for w in S if bruhat_leq(x, w)] for n, S in group.items()}
for n, found in comparable.items():
    print(f"S_{n}: {len(found):5,} pairs x <= w of {factorial(n) ** 2:6,}")

# %% [markdown]
# There are 213 comparable pairs, more than a third of all pairs. For $S_6$ we have to compare
# $720^2$ pairs, so the course's module uses a trick: for each $i$ it packs the numbers
# $r_w(i, \cdot)$ into one 64-bit word, with five bits for each number. The top bit of each field is
# a guard. It survives the subtraction below exactly when the number of $w$ is at least that of $x$,
# so one subtraction makes all comparisons of a row at once. The helper `S6.words` holds these
# words, one row per permutation, and `S6.guard` has all guard bits set.

# %% tags=["nbval-check-output"]
S6 = symmetric.symmetric_group(6)
guarded = (S6.words[:, None] | S6.guard) - S6.words[None]  # (720, 720, 5): w, x, i
print(f"S_6: {(guarded & S6.guard == S6.guard).all(axis=2).sum():,} pairs")

# %% [markdown] tags=["context:5.2", "context:5.7"]
# ## 2. The Bruhat graph of an interval
#
# Every finite ordered set can be drawn as a graph, its Hasse diagram, with an edge wherever one
# element covers another. For the Bruhat order there is a second graph with more edges. Geometry
# leads to it, because its edges are the torus-invariant curves of a Schubert variety. This second
# graph will be the input of our network.
#
# **Definition** (M. Dyer, Compositio Math. 78, 1991). The *Bruhat graph* of $[x, w]$ has the $y$
# with $x \le y \le w$ as vertices, and an edge $y \to yt$ for each transposition $t = (i\,j)$ with
# $\ell(y) < \ell(yt)$ and $yt \le w$. Multiplication on the right exchanges the entries in the
# *places* $i$ and $j$.
#
# Along an edge the length grows by 1, 3, 5, …, so there are more edges than in the Hasse diagram.

# %% [markdown]
# ### Exercise 5.2 ★ (15 min) — The Bruhat graph
#
# Write `bruhat_edges(x, w)`, the list of all edges `(y, z)`. The course's `bruhat_interval(x, w)`
# lists the vertices.
#
# <details><summary>Hint</summary>
#
# $\ell(yt) > \ell(y)$ if and only if the larger entry stands right: $y(i) < y(j)$ with $i < j$.
#
# </details>


# %%
def bruhat_edges(
    x: tuple[int, ...], w: tuple[int, ...]
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    # BEGIN SOLUTION
    inside, edges = set(bruhat_interval(x, w)), []
    for y in inside:
        for i, j in combinations(range(len(y)), 2):
            z = list(y)
            z[i], z[j] = y[j], y[i]
            if y[i] < y[j] and tuple(z) in inside:
                edges.append((y, tuple(z)))
    return edges
    # END SOLUTION


# %%
bruhat_edges = check("5.2", bruhat_edges, otherwise=solutions.bruhat_edges)

# %% tags=["nbval-check-output"]
for x, w in [((1, 2, 3), (3, 2, 1)), ((1, 3, 2, 4), (3, 4, 1, 2)), ((1, 2, 3, 4), (4, 3, 2, 1))]:
    edges = bruhat_edges(x, w)
    steps = Counter(int(length(z) - length(y)) for y, z in edges)
    print(x, w, len(bruhat_interval(x, w)), "vertices, edges by growth:", sorted(steps.items()))

# %% [markdown]
# We draw three intervals with the length as height. Grey edges grow by 1 (the Hasse diagram), red
# dashed ones by 3 or more.


# %%
def draw_interval(ax: plt.Axes, x: tuple[int, ...], w: tuple[int, ...], names: bool) -> None:
    vertices = bruhat_interval(x, w)
    place = {}
    for height in range(length(x), length(w) + 1):
        row = [y for y in vertices if length(y) == height]
        place |= {y: (k - (len(row) - 1) / 2, height) for k, y in enumerate(row)}
    for y, z in bruhat_edges(x, w):
        far = length(z) - length(y) > 1
        style = {"color": COLOURS["vermillion"], "ls": "--"} if far else {"color": "0.6", "ls": "-"}
        ax.plot(*zip(place[y], place[z], strict=True), lw=0.8, **style)
    for y, (across, height) in place.items():
        ax.plot(across, height, "o", color=COLOURS["blue"], ms=4)
        if names:
            ax.annotate("".join(map(str, y)), (across, height), (4, 4), textcoords="offset points")


# %% alt="Three Bruhat graphs by length: S_3 with one long edge, a crown, and S_4."
fig, axes = plt.subplots(1, 3, figsize=(8, 3.6))
draw_interval(axes[0], (1, 2, 3), (3, 2, 1), names=True)
draw_interval(axes[1], (1, 3, 2, 4), (3, 4, 1, 2), names=True)
draw_interval(axes[2], (1, 2, 3, 4), (4, 3, 2, 1), names=False)
for ax, title in zip(axes, ["[123, 321]", "[1324, 3412]", "[1234, 4321]"], strict=True):
    decorate(ax, title, "", "length")
    ax.set(xticks=[])
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.margins(x=0.15)
plt.show()

# %% [markdown]
# Left: all of $S_3$; its red edge is the transposition $(1\,3)$. Middle: four edges go up from the
# bottom of $[1324, 3412]$, although the length of the interval is only 3. Keep this in mind: the
# difference of these two numbers has a meaning (section 7). Right: all of $S_4$.
#
# ## 3. Functions that must not see names
#
# The names of the vertices are permutations. A network that reads the names could compute
# everything from them and ignore the graph. But we want to know how much the *shape* of the graph
# determines. So we ask which functions of a graph do not depend on the names of its vertices.
#
# A graph on $m$ vertices is an adjacency matrix $A \in \{0, 1\}^{m \times m}$, and data at the
# vertices are the rows of a matrix $H \in \mathbb R^{m \times k}$. Renaming the vertices by a
# permutation matrix $P$ turns $(A, H)$ into $(PAP^T, PH)$.
#
# **Definitions.** $f$ is *invariant* if $f(PAP^T, PH) = f(A, H)$ for all $P$; $F$ with values
# in matrices with $m$ rows is *equivariant* if $F(PAP^T, PH) = P\,F(A, H)$. For example, the number
# of edges is invariant, and the list of all degrees is equivariant: if we rename the vertices, the
# list is permuted in the same way.
#
# **Theorem** (M. Zaheer et al., *Deep sets*, NeurIPS 2017, Lemma 3). The linear equivariant maps
# $\mathbb R^m \to \mathbb R^m$, for $m \ge 2$, are $aI + b\,\mathbf 1 \mathbf 1^T$. Of the $m^2$
# weights of a linear layer only two are free.
#
# *Proof by counting.* Both maps are equivariant and independent, so it is enough to show that the
# dimension is 2. The dimension is the multiplicity of the trivial representation in
# $\mathbb R^m \otimes \mathbb R^m$, which is the mean of $\mathrm{fix}(P)^2$ over all $P$, where
# $\mathrm{fix}(P)$ is the number of fixed points. We compute this mean.

# %% tags=["nbval-check-output"]
for m in (2, 3, 4, 5, 6):
    fixed = [sum(i == a for i, a in enumerate(p)) for p in permutations(range(m))]
    print(m, "points: dimension", sum(f**2 for f in fixed) / factorial(m))

# %% [markdown]
# So symmetry determines the architecture. Such a layer applies one number $a$ to every vertex, and
# adds the same multiple of the sum over all vertices to each of them.
#
# **A bridge to convolutions.** What changes if we ask for less symmetry? Put the $m$ points on a
# circle and ask only that a matrix commutes with the cyclic shift. The matrices that commute with
# a group of matrices are called its *commutant*. There is a mechanical way to find such a matrix:
# take any matrix $M$ and sum $SMS^T$ over all powers $S$ of the shift.

# %% tags=["nbval-check-output"]
shift = np.roll(np.eye(5, dtype=int), 1, axis=0)
powers = [np.linalg.matrix_power(shift, k) for k in range(5)]
M = rng(0).integers(0, 10, size=(5, 5))
C = sum(S @ M @ S.T for S in powers)
print(C)
print("commutes with the shift:", np.array_equal(C @ shift, shift @ C))
print("dimension of the commutant:", np.mean([np.trace(S) ** 2 for S in powers]))

# %% [markdown]
# Each row of the result is the row above it, moved by one place. So five weights are left, one for
# each distance on the circle, and the matrix is a convolution with these five numbers. The layers
# of a convolutional network are of this kind: they commute with translations. One asks in addition
# that only small distances have a weight. Week 12 does this for images. Here we stay with the
# larger group of all permutations, because the vertices of a graph have no order at all.
#
# If a graph $A$ is given, a third linear map is allowed beside $I$ and $\mathbf 1 \mathbf 1^T$,
# namely $H \mapsto AH$; section 4 is about this map. At the end, an invariant *readout* pools the
# rows of all vertices into one vector: their sum, mean or maximum.
#
# A single careless line of code can destroy invariance, and nothing will warn you. So you write a
# test for it.
#
# ### Exercise 5.3 ★★ (20 min) — A test of invariance
#
# Write `looks_invariant(readout, H, rng)`, which returns a bool: does `readout` (a function of a
# matrix) give the same value on random reorderings of the rows of `H`? It should catch a readout
# that survives reversals or rotations only, must not be deceived by luck, and must not accuse a sum
# that rounds differently in another order.
#
# <details><summary>Hint</summary>
#
# `rng.permutation(H)` returns the rows in a random order. With two rows half of the orders are the
# identity: how many trials make an error rarer than one in $10^9$? Compare with `np.allclose`.
#
# </details>


# %%
def looks_invariant(readout, H: np.ndarray, rng: np.random.Generator) -> bool:
    # BEGIN SOLUTION
    expected = readout(H)
    return all(np.allclose(readout(rng.permutation(H)), expected) for _ in range(40))
    # END SOLUTION


# %%
looks_invariant = check("5.3", looks_invariant, otherwise=solutions.looks_invariant)

# %% tags=["nbval-check-output"]
H = rng(0).normal(size=(7, 3))
print("sum:", looks_invariant(lambda M: M.sum(axis=0), H, rng(1)))
print("flattened, weighted:", looks_invariant(lambda M: M.ravel() @ np.arange(21), H, rng(1)))

# %% [markdown]
# An ordinary network takes the flattened matrix as its input, and its first step is a weighted sum
# of the entries. This fails the test at once. Such a network would have to learn each graph in up
# to $m!$ copies.

# %% [markdown]
# ## 4. Message passing, and what symmetry is worth
#
# **One graph by hand.** We begin with the interval $[123, 231]$. Its four vertices are 123, 213,
# 132 and 231. We forget these names and number the vertices from 0 to 3. At each vertex we write
# one number, a power of ten, so that we can read off a sum where it came from.

# %% tags=["nbval-check-output"]
neighbours = [[1, 2], [3], [3], []]  # from 0 edges lead to 1 and 2, and so on
H = np.array([[1], [10], [100], [1000]])
print([(v, u) for v, row in enumerate(neighbours) for u in row])

# %% alt="A square of four vertices: 0 below, 1 and 2 in the middle, 3 above, with their values."
fig, ax = plt.subplots(figsize=(3.6, 2.8))
square = nx.DiGraph([(v, u) for v, row in enumerate(neighbours) for u in row])
place = {0: (0, 0), 1: (-1, 1), 2: (1, 1), 3: (0, 2)}
nx.draw_networkx(square, place, ax=ax, node_color=COLOURS["sky"], node_size=500)
for v, (across, height) in place.items():
    ax.annotate(f"H = {H[v, 0]}", (across, height), (16, -4), textcoords="offset points")
ax.set_axis_off()
ax.margins(x=0.35, y=0.15)
plt.show()

# %% [markdown]
# Now do by hand what a layer of message passing does: every vertex adds up the numbers at the ends
# of the edges that leave it. Vertex 0 gets $10 + 100 = 110$. Vertices 1 and 2 both get 1000, and
# vertex 3 gets 0, because no edge leaves it. In matrix form this is the product $AH$, where $A$ is
# the adjacency matrix with $A_{vu} = 1$ for every edge $v \to u$. The product $A^T H$ adds up along
# the reversed edges.

# %% tags=["nbval-check-output"]
A = np.zeros((4, 4), dtype=int)
for v, row in enumerate(neighbours):
    A[v, row] = 1
print("A =", *A, sep="\n")
print("AH =", (A @ H).ravel(), "  A^T H =", (A.T @ H).ravel())

# %% [markdown]
# The second product is read in the same way: vertex 3 receives $10 + 100$ from below, vertices 1
# and 2 receive the 1 of vertex 0, and vertex 0 receives nothing.
#
# A matrix of a large graph consists almost entirely of zeros, so one stores the list of neighbours
# instead. *Compressed sparse rows* (CSR) are two arrays. The array `indices` is the concatenation
# of all lists of neighbours. The array `indptr` says where each list begins: the list of vertex $v$
# is `indices[indptr[v]:indptr[v + 1]]`. **Predict both arrays, then run.**

# %% tags=["nbval-check-output"]
rows = sparse.csr_array(A)
print("indptr  =", rows.indptr)
print("indices =", rows.indices)

# %% [markdown]
# The list of vertex 3 is empty, because `indptr` ends with the same number twice. Last, we rename
# the vertices and compare. Message passing is equivariant: $(PAP^T)(PH) = P(AH)$.

# %% tags=["nbval-check-output"]
P = np.eye(4, dtype=int)[[2, 0, 3, 1]]
print(np.array_equal((P @ A @ P.T) @ (P @ H), P @ (A @ H)))

# %% [markdown]
# **What is symmetry worth?** We asked for invariance because names carry no meaning. Does a network
# also learn *better* if we build invariance in? We measure it on a question with a clear answer: is
# a random graph on twelve vertices connected? Three networks compete. The first one reads the
# flattened adjacency matrix. The second one is the same network, but at every step it sees its
# training graphs with freshly permuted vertices, which is called *data augmentation*. The third one
# is invariant by construction.


# %%
def random_graphs(count: int, generator: np.random.Generator) -> Tensor:
    """Return undirected graphs on 12 vertices, (count, 12, 12); each edge has probability 0.23."""
    upper = np.triu(generator.random((count, 12, 12)) < 0.23, 1)
    return torch.as_tensor(upper | upper.transpose(0, 2, 1), dtype=torch.float32)


def connected(A: Tensor) -> Tensor:
    """Return 1 for each graph in which 11 steps lead from every vertex to every other, else 0."""
    walks = torch.linalg.matrix_power(A + torch.eye(A.shape[1]), A.shape[1] - 1)
    return (walks > 0).all(dim=(1, 2)).float()


# %%
pool, unseen = random_graphs(3200, rng(11)), random_graphs(2000, rng(12))
answers, truth = connected(pool), connected(unseen)
no_isolated_vertex = (unseen.sum(dim=2) > 0).all(dim=1)
print(f"{truth.mean():.1%} of the unseen graphs are connected")
simple_rule = (no_isolated_vertex == truth).double().mean()
claim("rule: connected if no vertex is isolated", simple_rule, low=0.94, high=0.97)

# %% [markdown]
# About half of the graphs are connected, so guessing is right in half of the cases. But there is a
# good rule: say "connected" if no vertex is isolated. A network that has learned something about
# connectedness must do better than this rule.
#
# Here are the networks. The invariant one starts with the number 1 at every vertex. Each of its
# three layers computes $\mathrm{relu}([H, AH]\,W)$, with the same matrix $W$ at all vertices. Its
# readout takes the minimum and the mean over the vertices.


# %%
class Flattened(nn.Module):
    """A logit for each adjacency matrix of 12 vertices, read as a vector of 144 numbers."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.net = nn.Sequential(
            *(nn.Flatten(), nn.Linear(144, width), nn.ReLU()),
            *(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)),
        )

    def forward(self, A: Tensor) -> Tensor:
        return self.net(A)[:, 0]


# %%
class Invariant(nn.Module):
    """A logit for each graph A, (graphs, m, m), from rows H, (graphs, m, inputs), by default 1."""

    def __init__(self, inputs: int = 1, width: int = 24) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(2 * k, width) for k in (inputs, width, width))
        self.readout = nn.Sequential(nn.Linear(2 * width, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, A: Tensor, H: Tensor | None = None) -> Tensor:
        H = torch.ones(*A.shape[:2], 1) if H is None else H
        for layer in self.layers:
            H = torch.relu(layer(torch.cat([H, A @ H], dim=2)))
        return self.readout(torch.cat([H.amin(dim=1), H.mean(dim=1)], dim=1))[:, 0]


# %% [markdown]
# The budgets are equal: 300 steps with 64 graphs each, one optimizer, one learning rate. The
# flattened network even has more weights. We vary only the number of different graphs that a
# network may learn from.


# %%
def relabelled(A: Tensor) -> Tensor:
    """Permute the vertices of each graph at random."""
    order = torch.rand(A.shape[:2]).argsort(dim=1)
    return A[torch.arange(len(A))[:, None, None], order[:, :, None], order[:, None, :]]


def learn(net: nn.Module, count: int, augment: bool = False) -> float:
    """Train on the first `count` graphs of the pool; return the share right on unseen graphs."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, fused=True)  # fused: faster
    for _ in range(300):
        chosen = torch.randint(count, (64,))
        A = relabelled(pool[chosen]) if augment else pool[chosen]
        loss = nn.functional.binary_cross_entropy_with_logits(net(A), answers[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return ((net(unseen) > 0) == truth).double().mean().item()


# %% [markdown]
# **Predict, then run:** how many graphs does the flattened network need until it is as good as the
# invariant one with 50 graphs?

# %%
print({N.__name__: sum(p.numel() for p in N().parameters()) for N in (Flattened, Invariant)})
counts = [50, 200, 800, 3200]
results = {
    "flattened": [learn(Flattened(), count) for count in counts],
    "flattened, augmented": [learn(Flattened(), count, augment=True) for count in counts],
}
nets = [Invariant() for _ in counts]
results["invariant"] = [learn(net, count) for net, count in zip(nets, counts, strict=True)]

# %%
claim(
    "flattened, 3200 graphs, right on unseen graphs", results["flattened"][-1], low=0.62, high=0.8
)
claim("augmented, 3200 graphs", results["flattened, augmented"][-1], low=0.7, high=0.87)
claim("invariant, 3200 graphs", results["invariant"][-1], low=0.975, high=1)
claim("invariant, 50 graphs", results["invariant"][0], low=0.88, high=1)

# %% alt="Share right against graphs: invariant near 100 %, augmented 80, flattened up to 70."
fig, ax = plt.subplots(figsize=(6.4, 3.6))
for (name, shares), mark in zip(results.items(), "os^", strict=True):
    ax.semilogx(counts, 100 * np.array(shares), marker=mark, label=name)
ax.axhline(100 * simple_rule, color="0.3", ls="-.", label="rule: no isolated vertex")
decorate(
    ax, "Is this graph connected? (2,000 unseen graphs, one run)", "training graphs", "right, %"
)
ax.set(xticks=counts, xticklabels=counts, ylim=(45, 103))
ax.minorticks_off()
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# With 50 graphs the invariant network is already far better than the flattened network with 3,200.
# Augmentation helps, because 50 graphs become $50 \cdot 12!$ examples. But after 300 steps the
# augmented network is still below the simple rule, and more graphs hardly help it: it has to spend
# its steps on learning the symmetry, which the third network has for nothing. With 3,200 graphs the
# invariant network is also better than the rule. So it has learned more than to look for isolated
# vertices.
#
# One question remains. Has it learned what "connected" means? The end of the next section answers
# it.

# %% [markdown] tags=["context:5.4", "context:5.7", "context:5.8"]
# ## 5. What is left without names? Colour refinement
#
# How much of a graph can such a network see at all? There is a combinatorial answer, and it is
# older than the networks. Give every vertex a colour and let it look at the colours around it,
# again and again.
#
# **Definition** (B. Weisfeiler, A. Leman 1968). All vertices start with one colour. In each round
# the new colour of $v$ is the triple (old colour, multiset of colours at the ends of edges out of
# $v$, multiset at the starts of edges into $v$). Two graphs are *separated* when their multisets of
# colours differ.
#
# **Proposition.** Consider an equivariant network whose layers combine the row of a vertex with
# *sums* over its out- and in-neighbours, and let all rows be equal at the start. Then two vertices
# that have the same colour after $k$ rounds have equal rows after $k$ layers. *Proof.* By induction
# on $k$: the sum over the neighbours depends only on the multiset of their rows. $\square$
#
# So if $k$ rounds of colour refinement give two graphs the same colours, then no network of this
# kind with $k$ layers and an invariant readout can tell them apart.

# %% [markdown]
# ### Exercise 5.4 ★★ (20 min) — Colour refinement
#
# Write one round: `refine(colours, outs, ins)` takes a list of integers and the lists of out- and
# in-neighbours of each vertex, and returns the list of new colours, again integers. Which integers
# is up to you; which vertices share one is not.
#
# <details><summary>Hint</summary>
#
# A sorted tuple represents a multiset. Make one key for each vertex, and number the different keys.
#
# </details>


# %%
def refine(colours: list[int], outs: list[list[int]], ins: list[list[int]]) -> list[int]:
    # BEGIN SOLUTION
    def seen(row: list[int]) -> tuple[int, ...]:
        return tuple(sorted(colours[v] for v in row))

    keys = [(c, seen(o), seen(i)) for c, o, i in zip(colours, outs, ins, strict=True)]
    names = {key: name for name, key in enumerate(sorted(set(keys)))}
    return [names[key] for key in keys]
    # END SOLUTION


# %%
refine = check("5.4", refine, otherwise=solutions.refine)

# %% [markdown]
# We put all 3,781 intervals of $S_5$ side by side into one big graph, refine, and count how many
# different multisets of colours there are after each round. The course's `bruhat_graphs(pairs)`
# makes this big graph. Its attribute `starts` says where each interval begins: interval number $g$
# owns the vertices from `starts[g]` to `starts[g + 1] - 1`, its source first and its sink last. Its
# attribute `heights` holds, for each vertex, the length minus that of the source.

# %% tags=["nbval-check-output"]
for n in (4, 5):
    family = bruhat_graphs(comparable[n])
    outs, ins = solutions.neighbour_lists(family)
    colours = [0] * len(outs)
    for rounds in range(4):
        kinds = {tuple(sorted(c)) for c in np.split(np.array(colours), family.starts[1:-1])}
        print(f"S_{n}, {rounds} rounds: {len(kinds)} kinds of intervals")
        colours = refine(colours, outs, ins)

# %% [markdown]
# The 213 intervals of $S_4$ fall into 14 kinds, and the 3,781 intervals of $S_5$ into 91. The third
# round adds nothing. Different colours prove that two graphs are not isomorphic, but equal colours
# do not prove that they are. For $S_4$ we make sure: we compare each interval with the first one of
# its kind by a test of isomorphism.

# %% tags=["nbval-check-output"]
kinds = graph_classes(bruhat_graphs(comparable[4]), 2)
digraphs = [nx.DiGraph() for _ in kinds]
for digraph, (x, w) in zip(digraphs, comparable[4], strict=True):
    digraph.add_nodes_from(bruhat_interval(x, w))
    digraph.add_edges_from(bruhat_edges(x, w))
first = [digraphs[list(kinds).index(k)] for k in kinds]
print(sum(map(nx.is_isomorphic, digraphs, first)), "of", len(kinds), "are isomorphic to it")

# %% [markdown]
# So there are exactly 14 classes of isomorphic graphs. For $S_5$ we can save work: inversion and
# conjugation by the longest element are isomorphisms, so one pair from each orbit is enough. The
# course's `isomorphism(a, b)` refines colours. Where a choice is left, it gives one vertex a colour
# of its own and refines again. It returns a bijection only after it has checked every edge.

# %% tags=["nbval-check-output"]
orbits, kinds, _ = orbit_classes(5)
S5 = [tuple(w) for w in symmetric.symmetric_group(5).one_line.tolist()]
graphs = [bruhat_graph(S5[x], S5[w]) for x, w in orbits]
first = dict(zip(kinds.tolist()[::-1], graphs[::-1], strict=True))
maps = [isomorphism(first[k], graph) for k, graph in zip(kinds.tolist(), graphs, strict=True)]
print(len(first), "kinds;", sum(f is not None for f in maps), "of", len(maps), "are isomorphic")

# %% [markdown]
# So there are exactly 91 classes. For larger $n$ the course's `interval_classes(n, rounds)` counts
# the kinds with compiled code. It returns their number and one pair $(x, w)$ for each of them.

# %% tags=["nbval-check-output"]
rounds_table = {n: [interval_classes(n, r)[0] for r in (0, 1, 2)] for n in (4, 5, 6)}
print(rounds_table)
for n in (5, 6):
    family = bruhat_graphs(interval_classes(n)[1])
    print(f"S_{n}: {len(family.vertices):,} vertices, {len(family.indices):,} edges in all classes")

# %% alt="Left: classes grow with rounds, to 14, 91, 1520. Right: classes by length of interval."
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
for (n, counts), mark in zip(rounds_table.items(), "os^", strict=True):
    left.semilogy(range(3), counts, marker=mark, label=f"S_{n}: {counts[-1]}")
left.set(xticks=range(3), ylim=(8, 9000))
decorate(left, "Two rounds tell the intervals apart", "rounds of refinement", "classes")
for n, mark in ((5, "s"), (6, "^")):
    gaps = Counter(length(w) - length(x) for x, w in interval_classes(n)[1])
    right.plot(sorted(gaps), [gaps[g] for g in sorted(gaps)], marker=mark, label=f"S_{n}")
right.set_xticks(range(0, 16, 3))
decorate(right, "Most classes have middle length", "ℓ(w) − ℓ(x)", "classes")
plt.show()

# %% [markdown]
# Left: without any round only the number of vertices counts. One round sees the degrees, and two
# rounds separate 1,520 kinds of intervals of $S_6$. These kinds are the isomorphism classes: the
# course's tests do for $S_6$ what we have just done for $S_5$. Right: there is one class each of
# length 0, 1 and 2, and most classes have a length in the middle. So on Bruhat graphs two layers of
# message passing *could* see everything. Whether training finds it is another question.
#
# **The classic failure.** On other graphs colour refinement may see nothing at all. Take a cycle
# with six vertices, and two triangles side by side. In both graphs every vertex has two
# neighbours. So after any number of rounds all vertices of both graphs have the same colour. By
# the proposition, no network of our kind can tell them apart, although one graph is connected and
# the other is not. We ask the network of section 4 with 3,200 training graphs.


# %%
def ring(*cycles: list[int]) -> Tensor:
    """Return the adjacency matrix of disjoint cycles on 6 vertices, (6, 6)."""
    graph = nx.union_all([nx.cycle_graph(cycle) for cycle in cycles])
    return torch.as_tensor(nx.to_numpy_array(graph, nodelist=range(6)), dtype=torch.float32)


pair = torch.stack([ring([0, 1, 2, 3, 4, 5]), ring([0, 1, 2], [3, 4, 5])])
with torch.no_grad():
    logits = nets[-1](pair)
print("connected?", connected(pair).bool().tolist())
claim("difference of its two answers", (logits[0] - logits[1]).abs().item(), low=0, high=1e-4)

# %% [markdown]
# It gives the same answer to both, so one of the two answers is wrong, although the network is
# right on nearly all random graphs. What it has learned holds for typical graphs; it is not the
# definition.
#
# Perhaps the network has just never seen such graphs? We train a new network on these two graphs
# and on nothing else. For comparison we train a second one that gets one more number at each
# vertex: the number of closed walks of length 3, $(A^3)_{vv}$, which is twice the number of
# triangles through $v$. **Predict:** what does the loss of each network do?

# %%
plain = torch.ones(2, 6, 1)
walks = torch.linalg.matrix_power(pair, 3).diagonal(dim1=1, dim2=2)[:, :, None]
losses = {}
for name, H in {"constant": plain, "closed walks": torch.cat([plain, walks], dim=2)}.items():
    small = Invariant(inputs=H.shape[2])
    optimizer = torch.optim.AdamW(small.parameters(), lr=3e-3)
    losses[name] = []
    for _ in range(200):
        loss = nn.functional.binary_cross_entropy_with_logits(small(pair, H), connected(pair))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses[name].append(loss.item())

# %%
claim(
    "loss from constant rows, minus log 2", losses["constant"][-1] - np.log(2), low=-1e-6, high=1e-3
)
claim("loss with closed walks of length 3", losses["closed walks"][-1], low=0, high=0.05)

# %% alt="A hexagon, two triangles, and two losses: one stays at log 2, the other falls to zero."
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8), width_ratios=[1, 1, 1.6])
circle = {v: (np.cos(np.pi * v / 3), np.sin(np.pi * v / 3)) for v in range(6)}
apart = {v: (circle[2 * v % 6][0] + 2.2 * (v > 2), circle[2 * v % 6][1]) for v in range(6)}
for ax, a, place in zip(axes, pair, (circle, apart), strict=False):
    nx.draw_networkx(nx.Graph(a.numpy()), place, ax=ax, node_color=COLOURS["sky"], node_size=150)
    ax.set(aspect="equal")
    ax.set_axis_off()
for name, curve in losses.items():
    axes[2].plot(curve, label=name)
axes[2].axhline(np.log(2), color="0.5", ls=":", label="log 2 = guessing")
decorate(axes[2], "Trained on these two graphs", "step", "loss")
plt.show()

# %% [markdown]
# From constant rows the loss falls to $\log 2$, the value of guessing, and stays there for ever.
# This is not a matter of training or of size: it is the proposition. With the closed walks as an
# input the loss goes to zero, because this number differs: it is 0 at every vertex of the hexagon
# and 2 at every vertex of a triangle. So the choice of the input decides what can be learned.

# %% [markdown] tags=["context:5.5"]
# ## 6. Message passing is two sparse products
#
# Let $A$ be the adjacency matrix, and let $H$ have one row per vertex. As in section 4, the sums
# over out-neighbours are the rows of $AH$, and the sums over in-neighbours are the rows of $A^T
# H$. Our graphs have up to 720 vertices, so we use compressed sparse rows: the neighbours of
# vertex $v$ are `indices[indptr[v]:indptr[v + 1]]`, and a vertex without neighbours has an empty
# slice.
#
# **Backward.** Training needs the derivative. Let a loss $L$ depend on $Y = AH$, and let
# $G = \partial L / \partial Y$. Then $\partial L / \partial H = A^T G$, because
# $\langle G, A\,dH \rangle = \langle A^T G, dH \rangle$: the gradient travels along the reversed
# edges.

# %% [markdown]
# ### Exercise 5.5 ★★ (25 min) — Message passing by hand
#
# Write `neighbour_sum(indptr, indices, H)`, which returns $AH$, and
# `neighbour_sum_backward(indptr, indices, G)`, which returns $A^T G$, for the 0-1 matrix $A$ in CSR
# form. No Python loop over edges: use `sparse.csr_array`, or numpy's `add.at`.
#
# <details><summary>Hint</summary>
#
# `sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(m, m))`. If you prefer numpy:
# `np.repeat(np.arange(m), np.diff(indptr))` lists the start of each edge. Beware of
# `np.add.reduceat`, which gives a wrong row for an empty slice.
#
# </details>


# %%
def neighbour_sum(indptr: np.ndarray, indices: np.ndarray, H: np.ndarray) -> np.ndarray:
    # BEGIN SOLUTION
    A = sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(len(H), len(H)))
    return A @ H
    # END SOLUTION


# %%
def neighbour_sum_backward(indptr: np.ndarray, indices: np.ndarray, G: np.ndarray) -> np.ndarray:
    # BEGIN SOLUTION
    A = sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(len(G), len(G)))
    return A.T @ G
    # END SOLUTION


# %%
neighbour_sum, neighbour_sum_backward = check(
    "5.5",
    (neighbour_sum, neighbour_sum_backward),
    otherwise=(solutions.neighbour_sum, solutions.neighbour_sum_backward),
)

# %% [markdown]
# Now we write the same in PyTorch, as a function that brings its own derivative. Torch's function
# `embedding_bag` sums, for each $v$, the rows that are listed in slice $v$. We hold the lists of
# both directions, so the backward pass is the same call with the other pair of arrays.


# %%
Rows = tuple[Tensor, Tensor]  # indptr (m + 1,), indices (edges,)


def sum_rows(rows: Rows, H: Tensor) -> Tensor:
    indptr, indices = rows
    return nn.functional.embedding_bag(indices, H.contiguous(), indptr[:-1], mode="sum")


# %%
class NeighbourSum(torch.autograd.Function):
    """Sum H over the lists `there`; gradients come back over `back`, the reversed edges."""

    @staticmethod
    def forward(ctx, H: Tensor, there: Rows, back: Rows) -> Tensor:
        ctx.back = back
        return sum_rows(there, H)

    @staticmethod
    def backward(ctx, G: Tensor) -> tuple[Tensor, None, None]:
        return sum_rows(ctx.back, G), None, None


# %% [markdown]
# We compare our backward pass with finite differences, and our forward pass with yours.


# %%
def torch_rows(A: sparse.csr_array) -> Rows:
    return tuple(
        torch.as_tensor(a, dtype=torch.long, device=device()) for a in (A.indptr, A.indices)
    )


# %% tags=["nbval-check-output"]
crown = bruhat_graph((1, 3, 2, 4), (3, 4, 1, 2))
m = len(crown.vertices)
A = sparse.csr_array((np.ones(len(crown.indices)), crown.indices, crown.indptr), shape=(m, m))
there, back = torch_rows(A), torch_rows(A.T.tocsr())
H = torch.randn(m, 2, dtype=torch.float64, device=device(), requires_grad=True)
print(torch.autograd.gradcheck(lambda H: NeighbourSum.apply(H, there, back), H))
ours = neighbour_sum(crown.indptr, crown.indices, H.detach().cpu().numpy())
print(np.allclose(ours, NeighbourSum.apply(H, there, back).detach().cpu()))

# %% [markdown]
# Both agree.
#
# ## 7. A theorem in one number
#
# Before we train a network, we should know how far we get without one. For our question there is a
# theorem that uses a single number of the graph. It will be one of our baselines.
#
# Every pair $x \le w$ has a *Kazhdan–Lusztig polynomial* $P_{x,w} = 1 + q_1 q + q_2 q^2 + \dots$
# with coefficients in $\mathbb Z_{\ge 0}$. Week 6 defines and computes it. Here it is only a
# label, which `kl_polynomial(x, w)` returns. The *combinatorial invariance conjecture* (Lusztig,
# Dyer; a 2026 preprint claims a proof) says that this polynomial is a function of the graph
# without names.
#
# For the simplest part of this question there is a theorem. Let the *excess* of $[x, w]$ be the
# out-degree of $x$ in the Bruhat graph minus $\ell(w) - \ell(x)$.
#
# **Theorem** (V. Deodhar 1985, with V. Lakshmibai and C. Seshadri 1984, for $S_n$). The excess is
# at least 0, and it is 0 if and only if $P_{x,w} = 1$.
#
# ### Exercise 5.6 ★★ (20 min) — Out-degree minus length
#
# Write `excess(outs)` for a nameless graph: `outs[v]` lists the ends of the edges out of $v$, and
# the vertices come in any order. The source $x$ is the only vertex without incoming edges; the
# difference of lengths is the number of edges of a *longest* directed path.
#
# <details><summary>Hint</summary>
#
# The longest path from $v$ is 0 if `outs[v]` is empty, else 1 plus the largest value among its
# ends. Store what you have computed, or the recursion takes exponential time.
#
# </details>


# %%
def excess(outs: list[list[int]]) -> int:
    # BEGIN SOLUTION
    longest: dict[int, int] = {}

    def climb(v: int) -> int:
        if v not in longest:
            longest[v] = max((1 + climb(u) for u in outs[v]), default=0)
        return longest[v]

    entered = {u for row in outs for u in row}
    source = next(v for v in range(len(outs)) if v not in entered)
    return len(outs[source]) - climb(source)
    # END SOLUTION


# %%
excess = check("5.6", excess, otherwise=solutions.excess)

# %% [markdown]
# **Predict:** how often is the excess equal to $q_1$ itself? The table counts the 3,781 pairs of
# $S_5$ by (excess, $q_1$).


# %%
def excess_of(x: tuple[int, ...], w: tuple[int, ...]) -> int:
    return excess(solutions.neighbour_lists(bruhat_graph(x, w))[0])


# %%
pairs = comparable[4] + comparable[5]
excesses = [excess_of(x, w) for x, w in progress(pairs, "intervals")]
values = [kl_polynomial(x, w) for x, w in pairs]
wrong = sum((e == 0) != (P == (1,)) for e, P in zip(excesses, values, strict=True))
claim("exceptions to the theorem among 3,994 intervals of S_4 and S_5", wrong, low=0, high=0)

# %% tags=["nbval-check-output"]
five = list(zip(excesses, values, comparable[4] + comparable[5], strict=True))[213:]
table = Counter((e, P[1] if len(P) > 1 else 0) for e, P, _ in five)
for (e, q1), count in sorted(table.items()):
    print(f"excess {e}, q1 = {q1}: {count:4} pairs")
print({P for e, P, _ in five if e == 1 and (len(P) == 1 or P[1] == 0)}, "has excess 1, q1 = 0")

# %% [markdown]
# There is no exception to the theorem. Excess and $q_1$ agree on $3387 + 312 = 3699$ of the 3,781
# pairs. And yet they are different numbers: the six intervals with polynomial $1 + q^2$ have excess
# 1 and $q_1 = 0$. But $q_1$ *is* a function of the graph. This was proved for all Coxeter groups in
# January 2026 (G. Barkley, C. Gaetz, T. Lam, arXiv 2601.07793). The proof does not tell us whether
# a network can learn this function from examples.
#
# ## 8. Twins
#
# How many layers does a network need? After one round of refinement a vertex knows only its
# degrees. In $S_5$ one round finds 83 kinds of intervals and not 91. So there are intervals that
# look alike to every network with one layer and constant features, while a second layer may tell
# them apart. Let us find two of them.
#
# ### Exercise 5.7 ★★★ (35 min) — Twins for one round
#
# Write `find_twins()`, which searches $S_5$ and returns two intervals `((x, w), (y, z))` that one
# round of colour refinement does not separate and two rounds do. You may use `interval_classes(5)`,
# which returns 91 and one pair $(x, w)$ of each kind, `bruhat_graphs(pairs)`, a family of graphs,
# and your own `refine` or the course's `graph_classes(family, rounds)`, which returns one number
# per graph.
#
# <details><summary>Hint</summary>
#
# The representatives of `interval_classes(5)` are different after two rounds. So two of them that
# share a number in `graph_classes(family, 1)` are twins.
#
# </details>


# %%
def find_twins():
    # BEGIN SOLUTION
    _, pairs = interval_classes(5)
    seen = {}
    for pair, number in zip(pairs, graph_classes(bruhat_graphs(pairs), 1), strict=True):
        if number in seen:
            return seen[number], pair
        seen[number] = pair
    # END SOLUTION


# %%
find_twins = check("5.7", find_twins, otherwise=solutions.find_twins)


# %%
def draw_colours(ax: plt.Axes, family, colours: np.ndarray, g: int) -> None:
    first, last = family.starts[g : g + 2]
    heights = family.heights[first:last]
    across = np.zeros(last - first)
    for h in range(heights.max() + 1):
        row = np.flatnonzero(heights == h)
        across[row] = np.arange(len(row)) - (len(row) - 1) / 2
    for v in range(last - first):
        for u in family.indices[family.indptr[first + v] : family.indptr[first + v + 1]] - first:
            ax.plot(across[[v, u]], heights[[v, u]], color="0.85", lw=0.5, ls="-", zorder=1)
    ax.scatter(across, heights, c=colours[first:last], cmap="turbo", s=28, zorder=2)
    ax.collections[-1].set_clim(0, colours.max())


# %% alt="Two intervals of S_5 with the same colours after one round and others after two."
twins = find_twins()
family = bruhat_graphs(twins)
fig, axes = plt.subplots(2, 2, figsize=(8, 6))
for row, rounds in zip(axes, (1, 2), strict=True):
    colours = colour_refinement(family, rounds)
    for g, ax in enumerate(row):
        draw_colours(ax, family, colours, g)
        kinds = len(set(colours[family.starts[g] : family.starts[g + 1]].tolist()))
        decorate(ax, f"interval {g + 1}, {rounds} round(s): {kinds} colours", "", "height")
        ax.set(xticks=[])
plt.show()

# %% [markdown]
# Upper row: after one round both intervals show the same colours equally often. Lower row: after
# two rounds they do not. So a network with one layer gives the same answer to both, whatever its
# weights, *provided that* it starts from constant features. If the features already contain the
# degrees, one layer corresponds to two rounds and may tell them apart; see exercise 5.8.

# %% [markdown] tags=["context:5.9"]
# ## 9. A small graph network
#
# Now we have everything that we need: graphs without names, a layer that respects the symmetry, and
# baselines. Can a network learn from examples to read the first coefficient off the graph?
#
# **Data.** We take one representative $[x, w]$ of each of the 1,520 classes of $S_6$ and store all
# Bruhat graphs in one CSR matrix. The labels are the coefficients of $q, q^2, q^3$ in the
# Kazhdan–Lusztig polynomial $P_{x,w}$.
#
# **Split by class, not by pair.** The 98,407 pairs of $S_6$ contain each graph about sixty-five
# times on average. If we split the pairs at random, then training contains an isomorphic copy of
# nearly every test graph, and a look-up table scores as well as a theory. (Week 6 measures this.)
# So we draw 1,216 *classes* for training and test on the other 304.

# %%
_, pairs = interval_classes(6)
family = bruhat_graphs(pairs)
labels = np.array([[*kl_polynomial(x, w), 0, 0, 0][1:4] for x, w in pairs])  # (1520, 3)
order = rng(0).permutation(len(pairs))
train, test = order[:1216], order[1216:]

# %% [markdown]
# **Baselines first.** The first baseline always answers with the most frequent value. The second
# one looks at the theorem's number: for each excess, it answers with the value of $q_1$ that is
# most frequent with this excess in training.

# %%
q1 = labels[:, 0]
degree = np.diff(family.indptr)[family.starts[:-1]]
excesses = degree - family.heights[family.starts[1:] - 1]
most = {e: Counter(q1[train][excesses[train] == e]).most_common(1)[0][0] for e in set(excesses)}
frequent = [Counter(values).most_common(1)[0][0] for values in labels[train].T.tolist()]
majority = (labels[test] == frequent).mean(axis=0)  # (3,): for q1, q2, q3
one_number = np.mean(q1[test] == [most[e] for e in excesses[test]])
claim("baseline, q1: majority", majority[0], low=0.29, high=0.46)
claim("baseline, q2: majority", majority[1], low=0.60, high=0.76)
claim("baseline, q1: from the excess alone", one_number, low=0.57, high=0.74)

# %% [markdown]
# **Batches.** Eight graphs side by side form one graph with a block-diagonal matrix, so a layer
# needs no special code for a batch. Each batch is made once and used in every epoch.


# %%
class Batch(NamedTuple):
    """Several graphs as one: neighbour lists both ways, sizes (graphs,), labels (graphs, 3)."""

    out: Rows
    into: Rows
    sizes: Tensor
    labels: Tensor


# %%
weights = np.ones(len(family.indices))
everything = sparse.csr_array(
    (weights, family.indices, family.indptr), shape=2 * [len(family.vertices)]
)


# %%
def as_batch(A: sparse.csr_array, sizes: np.ndarray, labels: np.ndarray) -> Batch:
    numbers = (torch.as_tensor(a, dtype=torch.long, device=device()) for a in (sizes, labels))
    return Batch(torch_rows(A), torch_rows(A.T.tocsr()), *numbers)


# %%
def collate(chosen: np.ndarray) -> Batch:
    rows = np.concatenate([np.arange(*family.starts[g : g + 2]) for g in chosen])
    A = everything[rows][:, rows]  # block-diagonal: no edge leaves its graph
    return as_batch(A, np.diff(family.starts)[chosen], labels[chosen])


train_batches = [collate(piece) for piece in np.split(train, 152)]
test_batches = [collate(piece) for piece in np.split(test, 19)]
print(train_batches[0].sizes.tolist(), "vertices in the graphs of the first batch")

# %% [markdown] tags=["context:5.8", "context:5.9"]
# **The net** (`IntervalNet`). A vertex starts with four numbers: its in-degree, its out-degree,
# whether it is the source, and whether it is the sink. Nothing of the permutation is left. A layer
# first normalises each row of $H$, which gives $U$. Then it puts $U$, $AU$ and $A^T U$ side by
# side, multiplies by a matrix, applies relu and a second matrix, and adds the result to $H$. The
# readout takes the maximum and the mean over all vertices, and the rows of source and sink.


# %%
class MessagePassing(nn.Module):
    """H -> H + B relu(C [U, AU/4, A^T U/4]) with U = LayerNorm(H), rows (m, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix, self.back = nn.Linear(3 * width, width), nn.Linear(width, width)

    def forward(self, H: Tensor, out: Rows, into: Rows) -> Tensor:
        U = self.norm(H)
        above, below = NeighbourSum.apply(U, out, into), NeighbourSum.apply(U, into, out)
        return H + self.back(torch.relu(self.mix(torch.cat([U, above / 4, below / 4], dim=1))))


# %%
class IntervalNet(nn.Module):
    """Logits of the three coefficients: [(graphs, 5), (graphs, 5), (graphs, 2)]."""

    def __init__(self, width: int = 32, layers: int = 3) -> None:
        super().__init__()
        self.lift = nn.Linear(4, width)
        self.layers = nn.ModuleList(MessagePassing(width) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.readout = nn.Linear(4 * width, 64)
        self.heads = nn.ModuleList(nn.Linear(64, values) for values in (5, 5, 2))

    def forward(self, batch: Batch) -> list[Tensor]:
        up, down = torch.diff(batch.out[0]), torch.diff(batch.into[0])  # degrees (m,)
        source, sink = down == 0, up == 0
        H = torch.relu(self.lift(torch.stack([down / 5, up / 5, source, sink], dim=1)))
        for layer in self.layers:
            H = layer(H, batch.out, batch.into)
        H = self.norm(H)
        pooled = [torch.segment_reduce(H, how, lengths=batch.sizes) for how in ("max", "mean")]
        together = torch.relu(self.readout(torch.cat([*pooled, H[source], H[sink]], dim=1)))
        return [head(together) for head in self.heads]


# %% [markdown]
# **Training.** We write the loop by hand, because a batch is a graph here and not a matrix with one
# example per row. AdamW uses a step size that first rises to $3 \cdot 10^{-3}$ and then falls to 0.
# After every epoch we look at the held-out classes, but only for the picture: nothing is chosen by
# it.


# %%
def right(net: IntervalNet, batches: list[Batch]) -> np.ndarray:
    """Return the share of graphs with the right coefficient of q, q^2, q^3, shape (3,)."""
    with torch.no_grad():
        hits = [
            torch.stack([logits.argmax(1) for logits in net(batch)], dim=1) == batch.labels
            for batch in batches
        ]
    return torch.cat(hits).double().mean(dim=0).cpu().numpy()


# %%
def train_net(net: IntervalNet, epochs: int) -> np.ndarray:
    """Train on the training classes; return the shares right on the test classes by epoch."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-4, fused=True)
    steps = epochs * len(train_batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    curve = []
    for _ in progress(range(epochs), "epochs"):
        for i in torch.randperm(len(train_batches)):
            batch = train_batches[i]
            pieces = zip(net(batch), batch.labels.T, strict=True)
            loss = sum(nn.functional.cross_entropy(logits, y) for logits, y in pieces)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        curve.append(right(net, test_batches))
    return np.array(curve)


# %% [markdown]
# **Predict, then run:** the excess alone is right on about two graphs in three. How good is the
# same net without a single message? (With 0 layers it sees the degrees of all vertices, but not
# which vertices are joined.) And how good is it with three layers?

# %%
silent = train_net(IntervalNet(layers=0).to(device()), epochs=6)

# %%
net = IntervalNet(layers=3).to(device())
curve = train_net(net, epochs=scale(laptop=6, paper=60))

# %% tags=["headline"]
claim("coefficient q1 on 304 held-out classes of S_6, right", curve[-1, 0], low=0.9, high=1.0)
claim("the same net without message passing", silent[-1, 0], low=0.40, high=0.66)
claim("q1 minus q2, at the end", curve[-1, 0] - curve[-1, 1], low=0.05, high=0.3)

# %% alt="Held-out accuracy by epoch: q1 rises above 90 %, q2 to about 80; baselines stay below."
fig, ax = plt.subplots(figsize=(8, 3.8))
epochs = np.arange(1, len(curve) + 1)
for k, mark in ((0, "o"), (1, "s")):
    (line,) = ax.plot(epochs, 100 * curve[:, k], marker=mark, ls="-", label=f"net, q{k + 1}")
    style = {"color": line.get_color(), "ls": "--", "lw": 1}
    ax.axhline(100 * majority[k], label=f"majority, q{k + 1}", **style)
ax.axhline(100 * one_number, color="0.3", ls="-.", label="excess alone, q1")
ax.axhline(100 * silent[-1, 0], color="0.5", ls=":", label="no messages, q1")
decorate(ax, "Held-out classes of S_6 (304 graphs, one run)", "epoch", "right, %")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# The network learns the first coefficient (blue) within these few epochs, and it does far better
# than any rule that uses the excess alone. The net without messages stays below that rule, although
# it sees all degrees. The second coefficient (red) is harder to judge: its
# majority is already right on two graphs in three, because $q_2 = 0$ is frequent, and at the end
# the network is not far above this line. It needs more training; week 6 gives it more.

# %% [markdown]
# **Does the net see names?** We rename the vertices of a batch at random and compare the answers.
# Nothing in the architecture depends on the names, so only rounding errors may differ.


# %%
def renamed(batch_graphs: np.ndarray, generator: np.random.Generator) -> Batch:
    """Return the batch of these graphs with the vertices of each graph in random order."""
    rows = [generator.permutation(np.arange(*family.starts[g : g + 2])) for g in batch_graphs]
    rows = np.concatenate(rows)
    A = everything[rows][:, rows]
    return as_batch(A, np.diff(family.starts)[batch_graphs], labels[batch_graphs])


# %%
with torch.no_grad():
    before, after = net(collate(test)), net(renamed(test, rng(7)))
gap = max(
    (a.softmax(1) - b.softmax(1)).abs().max().item() for a, b in zip(before, after, strict=True)
)
claim("largest change of a probability under renaming", gap, low=0, high=1e-5)

# %% alt="Adjacency matrices of one interval in two orders look different; the answers agree."
g = next(g for g in test if q1[g] == 2 and np.diff(family.starts)[g] <= 120)
fig, axes = plt.subplots(1, 2, figsize=(7, 3.6))
for ax, batch in zip(axes, (collate(np.array([g])), renamed(np.array([g]), rng(3))), strict=True):
    indptr, indices = (a.cpu() for a in batch.out)
    ax.plot(indices, np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), "k.", ms=2)
    with torch.no_grad():
        chance = net(batch)[0].softmax(1)[0, labels[g, 0]].item()
    decorate(ax, f"P(q1 = {labels[g, 0]}) = {chance:.4f}", "vertex", "vertex")
    ax.set(aspect="equal", ylim=(len(indptr), -1))
plt.show()

# %% [markdown]
# Both pictures show the adjacency matrix of the same interval. On the left the vertices are ordered
# by length, on the right they are in random order. The network gives the same probability to the
# right value of $q_1$.
#
# **Beyond sums: attention.** In an attention layer a vertex does not add its neighbours with equal
# weights. It computes a weight for each neighbour from both rows and adds the weighted rows. The
# layer is still equivariant, because the rule for the weights is the same at every edge. Attention
# helps where some neighbours matter more than others.
#
# **Too many layers: over-smoothing.** Suppose that each layer averages over the neighbours. Then
# many layers act like heat flow, and the rows of a connected graph become more and more alike; the
# constant vector is the limit. (On a bipartite graph this needs the vertex's own row in the
# average.) So a deep network may know *less* than a shallow one. Our layers add to $H$ instead of
# replacing it, which works against this.
#
# **For real work: PyTorch Geometric.** We wrote everything by hand in order to understand it. The
# library PyTorch Geometric has batches of graphs, sparse products and many published layers. Its
# base class `MessagePassing` does what ours does, for messages of any kind.
#
# ### Exercise 5.8 ★★★ (30 min, proof) — What the net can know
#
# (a) Prove that the excess of $[x, w]$, the out-degree of $x$ in the Bruhat graph minus
# $\ell(w) - \ell(x)$, depends only on the isomorphism class of this directed graph. (b) Prove that
# the answer of `IntervalNet(layers=k)` depends only on the multiset of colours after $k + 1$ rounds
# of refinement. (c) How many layers does a net need at least to have a chance on twins, two
# intervals that one round does not separate and two rounds do?

# %% [markdown] tags=["solution"]
# (a) An isomorphism maps vertices without incoming edges to vertices without incoming edges. In an
# interval only $x$ has no incoming edge, because every $y > x$ is the end of a cover in $[x, y]$.
# Isomorphisms preserve degrees and lengths of paths. A longest path has $\ell(w) - \ell(x)$ edges:
# each edge raises the length by at least 1, and in a maximal chain of $[x, w]$ each step raises it
# by exactly 1 (Björner and Brenti, Theorem 2.2.6).
#
# (b) The four features are functions of the colour after one round, which determines both degrees.
# Suppose that the rows before layer $j$ are functions of the colour after $j$ rounds. Then so are
# the rows of $U$, because the normalisation acts on each row alone. The sums over neighbours are
# functions of the multisets of these colours. So the rows after layer $j$ are functions of the
# colour after $j + 1$ rounds. Maximum and mean over a graph are functions of the multiset of its
# rows. This also holds for the rows of source and sink, because their colours (no incoming or no
# outgoing edge) belong to no other vertex.
#
# (c) By (b) a net without layers cannot do it, because one round of refinement does not separate
# twins. One layer corresponds to two rounds, so one layer may suffice.

# %% [markdown]
# ### Exercise 5.9 ★★★ (45 min, experiment) — What does it need?
#
# Change one thing at a time, use three seeds for each change, and write down the range of the
# results and the baselines. Try the readout without source and sink; only the edges that raise the
# length by 1 (the Hasse diagram); one layer instead of three; the split by pair instead of by class
# (draw pairs from all 98,407 and train on 1,216 of them). Which change costs most, and which one
# only *seems* to help?

# %% [markdown] tags=["solution"]
# A good answer states the share of right answers for every variant and every seed, beside the
# majority, the excess and the net without messages. It says which differences are smaller than the
# spread between seeds. The split by pair only seems to help: it tests on graphs that training has
# already seen under other names. With the Hasse diagram alone, the out-degree of the source is no
# longer the number of the theorem, so the net would have to reconstruct the long edges from the
# partial order.

# %% [markdown]
# ## What we learned
#
# - Symmetry under all permutations leaves two free weights of a linear layer; symmetry under the
#   cyclic shift leaves a convolution. A graph adds the sums over neighbours. This is message
#   passing: two sparse products, with the transposed product in the backward pass.
# - Built-in symmetry saves examples. On the question whether a graph is connected, the invariant
#   network with 50 graphs beats the flattened network with 3,200, with and without augmentation.
# - Symmetry has a price: colour refinement bounds what such a network can see. It cannot tell a
#   hexagon from two triangles. But for Bruhat graphs up to $S_6$ two rounds separate all
#   isomorphism classes.
# - The excess decides whether $P = 1$ (a theorem), and it predicts $q_1$ on 61 to 66 % of the
#   held-out classes. The trained network reads $q_1$ right on 92 to 96 % of them, and the same
#   network without messages on 45 to 59 % (five splits and seeds).
#
# **What it does not show.** The network does not prove that $q_1$ is a function of the graph; the
# proof is by Barkley, Gaetz and Lam. We also do not know that the network does as well on $S_7$.
# Week 6 tries this, and there one can fool oneself easily, because all 1,520 graphs of $S_6$ occur
# again in $S_7$.
#
# **Open question.** How many rounds of colour refinement separate all Bruhat intervals of $S_n$,
# and how many suffice to determine the polynomial? For $n = 4, 5$ one round suffices for the
# polynomial; for $n = 6$ and 7 two rounds do. We know of no result for all $n$. (Start from
# M. Grohe, *Descriptive Complexity, Canonisation, and Definable Graph Structure Theory*, 2017, for
# what refinement can and cannot see.)
#
# **Further reading.** M. Bronstein, J. Bruna, T. Cohen, P. Veličković, *Geometric deep learning*,
# arXiv 2104.13478. K. Xu et al., *How powerful are graph neural networks?*, ICLR 2019, Theorem 3.
# C. Blundell et al., *Towards combinatorial invariance for Kazhdan–Lusztig polynomials*,
# Represent. Theory 26 (2022).
