# %% [markdown]
# # Week 8 — Learning from ten labels: graphs
#
# *You have 10,000 pictures of digits and the names of ten of them. How many of the other 9,990
# can you name?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** join each picture to its nearest neighbours; measure what ten labels are
# worth when the other 9,990 pictures are ignored; extend the labels by harmonic functions, and
# watch that fail as data are added; put the labels in as point charges instead; and name 94 of 100
# digits from ten labels, without training anything.
#
# **What you need:** linear algebra, and Python as in week 1. The Laplacian of a graph is defined
# when it is needed.
#
# **Where it comes from:** Bamdad Hosseini's talk on graphical semi-supervised learning, which had
# no workshop. Laplace learning is due to Zhu, Ghahramani and Lafferty (2003), Poisson learning to
# Calder, Cook, Thorpe and Slepčev (2020). Proofs are in `lecture_notes/week08.md`.
#
# **Two-hour path:** sections 1 to 5 and 7, with exercises 8.1, 8.2 and 8.3 (55 minutes of
# exercises). For the week: sections 6, 8 and 9, with exercises 8.4 to 8.7. All exercises together:
# 155 minutes.

# %% tags=["imports"]
from fractions import Fraction
from time import process_time

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import torch
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from scipy import sparse
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree
from torch import nn
from torch.nn import functional as F

from course_utils import datasets, plotting
from course_utils.checks import check
from course_utils.exercises import week08
from course_utils.maths import graph_learning
from course_utils.maths.graph_learning import knn_weights, laplace_learning, poisson_learning
from course_utils.maths.nearest_neighbours import nearest_neighbours
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, device, progress, rng, scale, seeds

# %% [markdown]
# ## 1. From points to a graph
#
# Labels are expensive, because a person has to give them; pictures are cheap. So it is natural to
# ask what unlabelled pictures are good for. They cannot say what anything is called, but they show
# where the data lie, and which pictures resemble which.
#
# Our data are the first 10,000 training pictures of MNIST in their official order. `images` holds
# the grey values, from 0 to 255, and `labels` the digits. We keep all labels for counting mistakes,
# and show only ten of them to each method. A picture is a point of $\mathbb R^{784}$.

# %% tags=["nbval-check-output"]
images, labels = datasets.mnist()
print(images.shape, images.dtype)
print("pictures of each digit:", np.bincount(labels).tolist())

# %% alt="Forty handwritten digits in two rows."
fig, ax = plt.subplots(figsize=(7, 1.6))
plotting.images(ax, images[:40], columns=20)
ax.set_title("The first forty")
plt.show()

# %% [markdown]
# These are forty handwritten digits, each of $28 \times 28$ grey values. Do near points of
# $\mathbb R^{784}$ show the same digit? The function `nearest_neighbours(points, k)` finds, exactly
# and for each point, its $k$ nearest other points and their distances. The first picture is a 5.
# **Predict:** what do its ten nearest neighbours among the first 1,000 pictures show?

# %% tags=["nbval-check-output"]
indices, distances = nearest_neighbours(images[:1000], 10)  # both (1000, 10), nearest first
print("neighbours of picture 0:", labels[indices[0]].tolist())
same = int((labels[indices[:, 0]] == labels[:1000]).sum())
print(f"nearest neighbour shows the same digit: {same} of 1000")

# %% [markdown]
# Mostly they do. So we keep only this much of the geometry: who is near whom, and how near. A small
# example first. Take the points 0, 1 and 3 on a line and $k = 1$. The nearest neighbour of 0 is 1
# and that of 1 is 0, but the nearest neighbour of 3 is also 1, which does not return the favour. We
# want a symmetric matrix of weights, so we let each side contribute one half.
#
# **Definition.** Let $d_k(i)$ be the distance from $x_i$ to its $k$-th nearest neighbour (the
# point itself is not counted). For the $k$ neighbours $j$ of $i$ put
# $w_{ij} = \exp(-4\,|x_i - x_j|^2 / d_k(i)^2)$, and put $w_{ij} = 0$ for all other $j$; then
# replace $W$ by $(W + W^T)/2$. All graphs of digits below have $k = 10$.
#
# In the example every weight is $e^{-4}$ before the last step, because the only neighbour is also
# the $k$-th. The edge between 0 and 1 keeps this weight, and the edge between 1 and 3 gets half.
#
# ### Exercise 8.1 ★ (15 min) — A graph from neighbour lists
#
# Write `neighbour_weights(indices, distances)`. Both arrays have shape $(n, k)$: row $i$ lists the
# neighbours of $i$, nearest first, and their distances. Return $W$, shape $(n, n)$.
#
# <details><summary>Hint</summary>
#
# `np.put_along_axis(W, indices, values, axis=1)` writes each row of `values` into the same row of
# `W`, at the places that this row of `indices` names.
#
# </details>


# %%
def neighbour_weights(indices, distances):
    # BEGIN SOLUTION
    n = len(indices)
    W = np.zeros((n, n))
    values = np.exp(-4 * (distances / distances[:, -1:]) ** 2)  # (n, k)
    np.put_along_axis(W, indices, values, axis=1)
    return (W + W.T) / 2
    # END SOLUTION


# %%
neighbour_weights = check("8.1", neighbour_weights, otherwise=week08.neighbour_weights)

# %% [markdown]
# Before the digits we take a toy that can be drawn: two moons of 200 points each, and two labels.
# Here and below `rng(s)` is numpy's random generator, started from the seed $s$.


# %%
def two_moons(n, generator):
    """Points (2n, 2) around two half circles, the upper one first."""
    angle = np.pi * generator.random(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    noise = 0.1 * generator.standard_normal((2 * n, 2))
    return np.concatenate([upper, [1, 0.5] - upper]) + noise


# %%
moons = two_moons(200, rng(1))
moon = np.repeat([0, 1], 200)
W_moons = neighbour_weights(*nearest_neighbours(moons, 10))
known = np.array([np.argmin(moons[:200, 0]), 200 + np.argmax(moons[200:, 0])])  # the outer tips

# %% alt="Two half moons of points with edges to near neighbours; two tips are labelled."
fig, ax = plt.subplots(figsize=(5.5, 2.5))
graph = nx.from_numpy_array(W_moons)
shade = [COLOURS["blue"], COLOURS["vermillion"]]
nx.draw_networkx_edges(graph, moons, ax=ax, edge_color="0.75", width=0.6)
ax.scatter(*moons.T, s=8, color="0.3")
for c in (0, 1):
    ax.scatter(*moons[known[c]], s=160, marker="*", color=shade[c], zorder=3, label=f"label {c}")
decorate(ax, "400 points, ten neighbours each, two labels", "", "")
plt.show()

# %% [markdown]
# The figure shows the graph. Most edges stay inside one moon, and few lead from one to the other.
# The two stars are all that we are told.
#
# ## 2. The harmonic extension
#
# We know a function at a few vertices and want it everywhere. The obvious wish is that it should
# change as little as possible along edges.
#
# Let $d_i = \sum_j w_{ij}$ be the degree of the vertex $i$, $D = \mathrm{diag}(d)$, and let
# $L = D - W$ be the Laplacian of the graph. Among all functions with given values on the labelled
# set $\Gamma$, the one with the least energy $\frac12\sum_{i,j} w_{ij}(u_i - u_j)^2$ solves
# $(Lu)_i = 0$ for every $i$ outside $\Gamma$. In words: each value is the weighted mean of its
# neighbours' values. Hence no value lies above the largest label or below the smallest. With the
# labels 0 and 1 there is a second reading: $u_i$ is the probability that a random walk from $i$
# meets the label 1 before the label 0.
#
# With $K$ classes we write each label as a one-hot vector (1 at its class, 0 elsewhere), extend
# each of the $K$ columns, and predict the class whose value is largest. This is **Laplace
# learning**.
#
# ### Exercise 8.2 ★ (15 min) — One dimension has no spikes
#
# Take a path with vertices $0, \dots, m$ and edge weights $w_1, \dots, w_m > 0$. Write
# `path_extension(weights, left, right)`: the harmonic extension of $u_0 =$ `left` and
# $u_m =$ `right`, as an array of $m + 1$ values.
#
# <details><summary>Hint</summary>
#
# Harmonic means that the current $w_i (u_i - u_{i-1})$ is the same through every edge. What are
# the resistances?
#
# </details>


# %%
def path_extension(weights, left, right):
    # BEGIN SOLUTION
    resistance = np.concatenate([[0], np.cumsum(1 / np.asarray(weights, float))])
    return left + (right - left) * resistance / resistance[-1]
    # END SOLUTION


# %%
path_extension = check("8.2", path_extension, otherwise=week08.path_extension)

# %% [markdown]
# By hand, take the weights 1, 2, 3, 6 and the end values 0 and 1. The resistances are the
# reciprocals of the weights, and the values are the partial sums of the resistances divided by
# their total, which is 2:

# %% tags=["nbval-check-output"]
ohms = [Fraction(1, w) for w in (1, 2, 3, 6)]
print([str(sum(ohms[:i], Fraction(0)) / sum(ohms)) for i in range(5)])

# %% [markdown]
# On a path a label is felt all the way: the voltage falls in proportion to the resistance. Keep
# this in mind, for it is the case in which everything works. Now the moons. The course's
# `laplace_learning(W, labelled, labels)` solves the equations above for one column per class.

# %%
u = laplace_learning(W_moons, known, [0, 1])  # (400, 2)
right = (u.argmax(1) == moon).mean()
claim("Laplace learning: share right on the moons", right, low=0.7, high=1.0)

# %% [markdown]
# Two labels name 86 % of the 400 points, where tossing a coin names half. That is useful, but one
# point in seven is wrong although the two moons hardly touch. Section 6 says where the mistakes
# come from.
#
# ## 3. Labels as point charges
#
# **Poisson learning** does not hold $u$ fixed at the labels. Each labelled vertex emits a charge
# instead, as a point source of heat would. With one-hot labels $y_j$ at the labelled vertices
# $j \in \Gamma$, and their mean $\bar y$, solve
#
# $$ L u = \sum_{j \in \Gamma} (y_j - \bar y)\,\delta_j, \qquad \sum_i d_i u_i = 0 , $$
#
# where $\delta_j$ is 1 at $j$ and 0 elsewhere. The kernel of $L$ on a connected graph consists of
# the constants, so the equation has a solution exactly when each column of the right side $b$ sums
# to 0. This is why $\bar y$ is subtracted. The second condition then picks one of the solutions,
# which differ by constants.
#
# ### Exercise 8.3 ★★ (25 min) — Labels as point charges
#
# Write `poisson(W, labelled, labels)` for a sparse symmetric $W$ of a connected graph: the vertices
# `labelled` have the classes `labels` in $0, \dots, K-1$. Return $u$, shape $(n, K)$. Use conjugate
# gradients for all columns at once, until $D^{-1/2}(Lu - b)$ has norm at most $10^{-3}$.
#
# <details><summary>Hint</summary>
#
# Precondition by $D^{-1}$: with residual $r$ put $z = D^{-1} r$, and the step length of a column
# is $\langle r, z\rangle / \langle p, Lp\rangle$. Then $\sum \langle r, z \rangle$ over the columns
# is the square of the norm asked for. Centre at the end, with the degrees as weights.
#
# </details>


# %%
def poisson(W, labelled, labels):
    # BEGIN SOLUTION
    d = W @ np.ones(W.shape[0])
    onehot = np.eye(max(labels) + 1)[labels]  # (m, K)
    r = np.zeros((len(d), onehot.shape[1]))
    r[labelled] = onehot - onehot.mean(0)
    u, p, size = np.zeros_like(r), r / d[:, None], np.sum(r**2 / d[:, None], 0)
    while np.sqrt(size.sum()) > 1e-3:
        Lp = d[:, None] * p - W @ p
        step = size / np.sum(p * Lp, 0)
        u, r = u + step * p, r - step * Lp
        new = np.sum(r**2 / d[:, None], 0)
        p, size = r / d[:, None] + (new / size) * p, new
    return u - d @ u / d.sum()
    # END SOLUTION


# %%
poisson = check("8.3", poisson, otherwise=graph_learning.poisson_learning)

# %% alt="The moons coloured by the difference of the two scores, for Laplace and for Poisson."
v = poisson(sparse.csr_array(W_moons), known, np.array([0, 1]))
fig, axes = plt.subplots(1, 2, figsize=(7, 2.4), sharey=True)
for ax, scores, name in zip(axes, (u, v), ("Laplace", "Poisson"), strict=True):
    gap = scores[:, 1] - scores[:, 0]
    limit = np.quantile(abs(gap), 0.98)
    ax.scatter(*moons.T, s=9, c=gap, cmap="PuOr", vmin=-limit, vmax=limit)
    right = (scores.argmax(1) == moon).mean()
    decorate(ax, f"{name}: {right:.0%} right", "", "")
plt.show()

# %% [markdown]
# Both panels show the difference of the two scores as colour. The two methods compute the same
# function up to a factor and a constant; only the threshold at which we cut it differs (section 6
# says why). Here the better threshold lifts the share of right guesses from 86 % to 96 %. From here
# on we call the course's `poisson_learning`, which solves the same equations in compiled code with
# a
# better preconditioner, because we shall need it hundreds of times.
#
# ## 4. What ten labels are worth on their own
#
# Before we use 9,990 unlabelled pictures we should know how far one gets without them. A method
# that learns from labelled examples alone is called *supervised*. We draw one picture of each digit
# at random among the first 1,000, and count how many of the other pictures are named rightly. One
# draw scatters by many points, so we take fifty draws, and we use the same draws for every method
# of sections 4 to 7.


# %%
def draw_labels(labels, generator):
    """One vertex of each class 0, 1, …, in this order, shape (K,)."""
    classes = range(labels.max() + 1)
    return np.array([generator.choice(np.flatnonzero(labels == c)) for c in classes])


def accuracy(guess, labels, labelled):
    """The share of unlabelled vertices whose class is guessed rightly."""
    return np.delete(guess == labels, labelled).mean()


# %%
classes, generator = np.arange(10), rng(2)
drawn = [draw_labels(labels[:1000], generator) for _ in range(scale(laptop=50, paper=1000))]

# %% [markdown]
# **The nearest label.** The simplest rule gives each picture the name of the nearest of the ten
# labelled ones. For the comparison it is enough to know $|y|^2 - 2\langle x, y\rangle$, which
# differs from $|x - y|^2$ by a number that is the same for all ten $y$.


# %%
def nearest_label(points, chosen):
    """The class of the nearest labelled point, (n,), for points (n, d)."""
    ten = points[chosen]  # (10, d); number c shows the digit c
    return ((ten**2).sum(1) - 2 * points @ ten.T).argmin(1)


# %% [markdown]
# **A small network.** This is the loop of week 1, with 64 hidden units. Ten pictures are few, so we
# also help the network by *augmentation*: it sees, beside each labelled picture, a hundred copies
# to
# which a random affine map near the identity was applied. A moved 3 is still a 3, and this is
# knowledge that the graph does not get.


# %%
def moved(pictures, copies, generator):
    """Copies (copies * m, 28, 28) of m pictures, each under an affine map near the identity."""
    x = torch.from_numpy(pictures).float()[:, None].repeat(copies, 1, 1, 1)
    maps = np.eye(2, 3) + generator.uniform(-0.2, 0.2, (len(x), 2, 3))  # shifts: up to 3 pixels
    grid = F.affine_grid(torch.from_numpy(maps).float(), x.shape, align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)[:, 0].numpy()


# %% alt="The ten labelled digits of the first draw; below each, two moved copies of it."
ten = images[drawn[0]]
rows = np.concatenate([ten, moved(ten, 2, rng(3))])
fig, ax = plt.subplots(figsize=(5, 1.7))
plotting.images(ax, rows, columns=10)
ax.set_title("Ten labels, and two moved copies of each")
plt.show()

# %% [markdown]
# The first row shows all that a method is told in the first draw; below it stand two moved copies
# of each picture. The digits remain readable.


# %%
def network_guess(known, digits, points):
    """Train on the rows of `known` with the classes `digits`; return guesses for `points`."""
    net = nn.Sequential(nn.Linear(known.shape[1], 64), nn.ReLU(), nn.Linear(64, 10)).to(device())
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(120):
        rows = torch.randint(len(known), (50,))
        loss = F.cross_entropy(net(known[rows]), digits[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return net(points).argmax(1).cpu().numpy()


# %% [markdown]
# Two more names. `describe` turns pictures into points: here the 784 grey values, in section 7
# something better. `progress` shows how far a loop has come.


# %%
def pixels(pictures):
    """Points (n, 784), grey values between 0 and 1."""
    return np.float32(pictures).reshape(len(pictures), -1) / 255


def supervised(points, describe, drawn, networks=10):
    """Per cent right: of the nearest label for every draw, of two networks for the first draws."""
    test, generator = torch.from_numpy(points).to(device()), rng(4)
    right = {"nearest label": [], "network": [], "network, moved copies": []}
    for i, chosen in enumerate(progress(drawn, "label draws")):
        guesses = [nearest_label(points, chosen)]
        for copies in (0, 100) if i < networks else ():
            more = moved(images[chosen], copies, generator) if copies else images[:0]
            known = torch.from_numpy(describe(np.concatenate([images[chosen], more])))
            digits = torch.arange(10, device=device()).repeat(copies + 1)
            guesses.append(network_guess(known.to(device()), digits, test))
        for name, guess in zip(right, guesses, strict=False):
            right[name].append(100 * accuracy(guess, labels, chosen))
    return {name: np.array(values) for name, values in right.items()}


# %%
alone = {"pixels": supervised(pixels(images), pixels, drawn)}
for name, right in alone["pixels"].items():
    print(f"{name:<22} {right.mean():5.1f} ({right.std():.1f}) %, {len(right)} draws")

# %% [markdown]
# The numbers in brackets are standard deviations over the draws. The nearest label and the network
# are right on about 42 and 44 of 100 pictures, and the network that has seen moved copies on about
# 48. A graph method must do better than this to be worth its unlabelled pictures.
#
# ## 5. More data hurts
#
# Now the graph of raw pixels with the same ten labels, **one label per class**. A warning about the
# comparison: the graph sees all 10,000 pictures, so its accuracy on the 9,990 unlabelled ones is
# not the accuracy of a classifier on pictures that it never saw.
#
# One linear solve serves both methods. Let $G = L^+$ be the pseudoinverse. Poisson's scores are
# combinations of the columns $G_j$, $j \in \Gamma$, and so is the harmonic extension: it is
# $\sum_j c_j G_j + \alpha$ with $\sum_j c_j = 0$, where $c$ and $\alpha$ are such that the values
# on $\Gamma$ are right. With one label per class, Poisson's columns are $G_j - \bar G$ up to
# constants, and they serve as well as the $G_j$ do.


# %%
def laplace_from_poisson(u, labelled):
    """The harmonic extension (n, K) from Poisson's scores, one labelled vertex per class."""
    K = u.shape[1]
    ones = np.ones((K, 1))
    capacity = np.block([[u[labelled], ones], [ones.T, np.zeros((1, 1))]])  # (K + 1, K + 1)
    c = np.linalg.solve(capacity, np.eye(K + 1, K))
    return u @ c[:K] + c[K]


# %% [markdown]
# To be sure, we compare this with a direct solution. `knn_weights(points, k)` makes the graph of
# exercise 8.1 as a sparse matrix, which stores only the entries that are not zero.

# %%
W = knn_weights(images[:1000], 10)
chosen = drawn[0]
exact = laplace_learning(W, chosen, classes, 1e-10)
ours = laplace_from_poisson(poisson_learning(W, chosen, classes, 1e-10), chosen)
claim("harmonic extension two ways: largest difference", abs(exact - ours).max(), low=0, high=1e-7)

# %% [markdown]
# **Predict, then run.** We have labels for ten pictures. We add unlabelled pictures, from 1,000 to
# 10,000. Does Laplace learning get better or worse? And Poisson learning? For every draw we record
# both accuracies, the shares of the pictures that Laplace learning gives to its classes, and
# whether its most frequent class is the one whose charge raises its own score $u_{jj}$ least.


# %%
def trials(W, labels, drawn):
    """Rows (draws, 13): accuracy of Laplace, of Poisson, a truth value, Laplace's sorted shares."""
    rows = []
    for chosen in progress(drawn, "label draws"):
        u = poisson_learning(W, chosen, classes)
        v = laplace_from_poisson(u, chosen)
        shares = np.bincount(v.argmax(1), minlength=10) / len(labels)
        least = np.diag(u[chosen]).argmin() == shares.argmax()
        both = [accuracy(scores.argmax(1), labels, chosen) for scores in (v, u)]
        rows.append([*both, least, *np.sort(shares)[::-1]])
    return np.array(rows)


# %%
sizes = (1000, 3000, 10_000)
raw = {n: knn_weights(images[:n], 10) for n in sizes}
results = {n: trials(raw[n], labels[:n], drawn) for n in sizes}

# %%
print("n        Laplace       Poisson      mean (sd over draws), per cent")
for n, rows in results.items():
    mean, sd = 100 * rows.mean(0), 100 * rows.std(0)
    print(f"{n:<6} {mean[0]:5.1f} ({sd[0]:4.1f})  {mean[1]:5.1f} ({sd[1]:4.1f})")

# %%
change = 100 * (results[10_000] - results[1000]).mean(0)
claim("Laplace, n = 1,000 to 10,000: points lost", -change[0], low=15, high=30)
claim("Poisson, n = 1,000 to 10,000: points gained", change[1], low=8, high=20)
ahead = alone["pixels"]["nearest label"] - 100 * results[10_000][:, 0]
claim("pixels: points by which the nearest label beats Laplace", ahead.mean(), low=5, high=20)

# %%
least, largest = results[10_000][:, 2:4].mean(0)
claim("Laplace, n = 10,000: share of its favourite class", largest, low=0.5, high=0.9)
claim("its favourite is the label of least u_jj: share of draws", least, low=0.7, high=1)

# %% alt="Accuracy against n: Laplace falls, Poisson rises; a second panel shows unequal shares."
fig, axes = plt.subplots(1, 2, figsize=(8, 3.4))
for column, name in enumerate(("Laplace", "Poisson")):
    rows = np.stack([results[n][:, column] for n in sizes])  # (3, draws)
    axes[0].plot(sizes, rows.mean(1), marker="os"[column], label=name)
    axes[0].fill_between(sizes, *np.quantile(rows, [0.1, 0.9], axis=1), alpha=0.15)
near = alone["pixels"]["nearest label"].mean() / 100
axes[0].axhline(near, color="0.5", ls="--", label="nearest label")
axes[0].set(xscale="log", xticks=sizes, xticklabels=sizes, ylim=(0, 1.3), yticks=np.arange(6) / 5)
decorate(axes[0], f"One label per class, {len(drawn)} draws", "pictures", "accuracy")
axes[0].legend(loc="upper left", ncols=2)
for n, marker in zip(sizes, "o^s", strict=True):
    axes[1].plot(range(1, 11), results[n][:, 3:].mean(0), marker=marker, label=f"n = {n}")
axes[1].axhline(0.1, color="0.5", ls="--", label="truth")
decorate(axes[1], "Laplace: one class swallows the rest", "class, by share", "share")
plt.show()

# %% [markdown]
# The left panel shows the mean over the draws, with the band from the 10th to the 90th percentile.
# With more pictures Laplace learning falls and Poisson learning rises. At 10,000 pictures Laplace
# learning is about eleven points *worse than a rule that ignores the unlabelled pictures*: the
# dashed line is the nearest label. The right panel shows why. Laplace learning calls most pictures
# by one name,
# and more of them the larger the graph is. Which name? In most draws it is that of the labelled
# vertex with the least $u_{jj}$. This has nothing to do with digits: it is the vertex that is best
# connected.
#
# ## 6. Why: a point has no capacity
#
# A method that is ruined by more data deserves an explanation, and there is a clean one. Take the
# simplest case: $n$ random points on the torus $[0,1)^d$, joined with weight 1 when they are closer
# than $\varepsilon_n \approx (\log n / n)^{1/d}$, which is about the least distance that keeps the
# graph connected. The point $(\frac14, \frac12, \dots)$ has the label 0, and the point
# $(\frac34, \frac12, \dots)$ has the label 1.


# %%
def torus_points(n, d, generator):
    """Random points (n, d); the first two are the labelled ones."""
    x = generator.random((n, d))
    x[:2] = 0.5
    x[:2, 0] = 0.25, 0.75
    return x


def torus_graph(x, radius):
    """Weight 1 between points of the torus at a distance up to `radius`."""
    pairs = cKDTree(x, boxsize=1).query_pairs(radius, output_type="ndarray")
    W = sparse.coo_array((np.ones(len(pairs)), pairs.T), shape=(len(x), len(x)))
    return (W + W.T).tocsr()


# %% alt="Scores by first coordinate: one shape, but only Poisson's is centred at its threshold."
n, radius = 2000, np.sqrt(np.log(2000) / 2000)
x = torus_points(n, 2, rng(3))
W = torus_graph(x, radius)
fig, axes = plt.subplots(1, 2, figsize=(7.5, 2.6))
for ax, method in zip(axes, (laplace_learning, poisson_learning), strict=True):
    scores = method(W, [0, 1], [0, 1], 1e-6)
    ax.plot(x[2:, 0], scores[2:, 1], ".", ms=2)
    ax.plot(x[:2, 0], scores[:2, 1], "*", ms=11, label="labels")
    ax.axhline(scores.sum(1).mean() / 2, color="k", lw=0.8, ls="-", label="threshold")
    decorate(ax, method.__name__.replace("_", " "), "first coordinate", "score of class 1")
plt.show()

# %% [markdown]
# Each dot is one of 2,000 points. Both functions are a plain with two spikes, and they have the
# same shape: with one label per class the harmonic extension is $c\,(G_1 - G_0) + \alpha$, which is
# an affine function of Poisson's scores. What differs is the constant. The plain of the harmonic
# extension lies off the threshold $\frac12$, on the side of the label that is better connected, and
# takes nearly all points with it. It lies near $d_1/(d_0 + d_1)$ (Proposition 5 of the lecture
# note). Poisson's plain is centred at its threshold. How many points get the label of their own
# half of the torus? We average over ten random sets of points.

# %%
rows, levels = [], []
for seed in seeds(10):
    x = torus_points(n, 2, rng(seed))
    W = torus_graph(x, radius)
    v, u = (method(W, [0, 1], [0, 1], 1e-6) for method in (laplace_learning, poisson_learning))
    rows.append([accuracy(scores.argmax(1), x[:, 0] > 0.5, [0, 1]) for scores in (v, u)])
    d = W.sum(axis=0)
    levels.append([np.median(v[:, 1]), d[1] / (d[0] + d[1])])

# %%
halves = np.mean(rows, axis=0)
claim("torus: Laplace's share right", halves[0], low=0.5, high=0.75)
claim("torus: Poisson's share right", halves[1], low=0.88, high=1)
off = np.abs(np.diff(levels)).mean()
claim("torus: mean distance of the plain from d₁/(d₀ + d₁)", off, low=0, high=0.025)

# %% [markdown]
# So centring cures the *decision*. The *function* remains as flat as before, and this has a reason.
# As $n \to \infty$ the labels become single points of a continuum. For $d \ge 2$ a point has
# capacity zero: a function can take any value there at no cost in energy, so a harmonic function
# does not feel the label (Nadler, Srebro and Zhou 2009). For $d = 1$ it does. We measure what is
# left of the labels by the standard deviation of $u$ over the unlabelled points. On the circle the
# limit is a tent, with standard deviation $1/\sqrt{12} = 0.289$.


# %%
def spread(n, d, generator):
    """Standard deviation of the harmonic extension over the unlabelled points."""
    radius = (2 if d == 1 else 1) * (np.log(n) / n) ** (1 / d)
    W = torus_graph(torus_points(n, d, generator), radius)
    return laplace_learning(W, [0, 1], [0, 1])[2:, 1].std()


# %%
ladder = {1: (300, 1000, 3000), 2: (300, 2000, 10_000), 3: (1000, 3000, 10_000)}
spreads = {
    d: np.array([[spread(n, d, rng(s)) for s in seeds(4)] for n in ns]).mean(1)
    for d, ns in ladder.items()
}

# %%
ratio = {d: values[-1] / values[0] for d, values in spreads.items()}
claim("d = 1, control: spread at 3000 over spread at 300", ratio[1], low=1.05, high=2.0)
claim("d = 2: spread at 10,000 over spread at 300", ratio[2], low=0.3, high=0.85)
claim("d = 3: spread at 10,000 over spread at 1000", ratio[3], low=0.25, high=0.65)

# %% alt="Spread of the harmonic extension against n: rising for d = 1, falling for d = 2 and 3."
fig, ax = plt.subplots()
for (d, ns), marker in zip(ladder.items(), "os^", strict=True):
    ax.loglog(ns, spreads[d], marker=marker, label=f"d = {d}")
ax.axhline(1 / np.sqrt(12), color="k", lw=0.8, ls="-", label="tent on the circle")
decorate(ax, "Labels are forgotten in dimension 2 and 3", "points", "spread of u (4 seeds)")
plt.show()

# %% [markdown]
# The three curves show the spread against $n$. For $d = 1$ it rises towards the value of the tent,
# for $d = 2$ it falls slowly, and for $d = 3$ it falls fast. More points do not add knowledge of
# the labels; they dilute it.
#
# **Repair 1: heavier edges at the labels.** Shi, Osher and Zhu (2017) give the few labelled points
# as much weight as the many unlabelled ones have together.
#
# ### Exercise 8.4 ★★ (15 min) — Heavier edges at the labels
#
# Let $A$ be the diagonal matrix with $a_i = n/m$ at the $m$ labelled ones of the $n$ vertices, and
# $a_i = 1$ elsewhere. Write `wnll_weights(W, labelled)`, which returns the new weights $AW + WA$
# for a sparse $W$.
#
# <details><summary>Hint</summary>
#
# `sparse.diags_array(a)` is a sparse diagonal matrix. What happens to an edge between two
# unlabelled vertices, and does a common factor matter to a harmonic extension?
#
# </details>


# %%
def wnll_weights(W, labelled):
    # BEGIN SOLUTION
    a = np.ones(W.shape[0])
    a[labelled] = W.shape[0] / len(labelled)
    A = sparse.diags_array(a)
    return A @ W + W @ A
    # END SOLUTION


# %%
wnll_weights = check("8.4", wnll_weights, otherwise=week08.wnll_weights)

# %% [markdown]
# We repeat the first twenty draws of section 5 on all 10,000 pictures with these weights.

# %%
heavy = []
for chosen in progress(drawn[:20], "label draws"):
    scores = laplace_learning(wnll_weights(raw[10_000], chosen), chosen, classes)
    heavy.append(accuracy(scores.argmax(1), labels, chosen))
gain = 100 * (np.mean(heavy) - results[10_000][:20, 0].mean())
claim("reweighting, n = 10,000: points gained over Laplace", gain, low=20, high=50)

# %% [markdown]
# A constant factor at ten vertices gains about 38 points. That is more than the 21 points that
# Laplace learning lost when we went from 1,000 to 10,000 pictures.
#
# **Repair 2: a larger power.** Minimise $\sum w_{ij} |u_i - u_j|^p$ instead. A point has positive
# $p$-capacity if and only if $p > d$, and El Alaoui, Cheng, Ramdas, Wainwright and Jordan (2016)
# find spikes for $p \le d$ and smooth solutions for $p \ge d + 1$.
#
# ### Exercise 8.5 ★★★ (40 min) — Larger p, no spikes
#
# Write `p_harmonic(W, labelled, values, p)` for the sparse symmetric weights $W$ of a connected
# graph and $p \ge 2$. Return the $u$, shape $(n,)$, that minimises $\sum_{i,j} w_{ij} |u_i -
# u_j|^p$ among all $u$ with $u =$ `values` on `labelled`.
#
# <details><summary>Hint</summary>
#
# For fixed edge weights $w_{ij}|u_i - u_j|^{p-2}$ the problem is Laplace's; iterate. For $p \ge 3$
# full steps overshoot for ever: move only the fraction $1/(p-1)$ towards the new solution, which
# is Newton's method. Start at $p = 2$ and raise $p$ by halves; add $10^{-5}$ to the differences.
#
# </details>


# %%
def p_harmonic(W, labelled, values, p):
    # BEGIN SOLUTION
    W = sparse.coo_array(W)
    free = np.ones(W.shape[0], bool)
    free[labelled] = False
    u = np.full(len(free), float(np.mean(values)))
    u[labelled] = values
    for q in [*np.arange(2, p, 0.5).tolist(), *[p] * 12]:
        gap = abs(u[W.row] - u[W.col]) + 1e-5
        A = sparse.csr_array((W.data * gap ** (q - 2), (W.row, W.col)), shape=W.shape)
        L = (sparse.diags_array(A.sum(axis=1)) - A).tocsr()
        goal = spsolve(L[free][:, free].tocsc(), -(L @ np.where(free, 0, u))[free])
        u[free] += (goal - u[free]) / (q - 1)
    return u
    # END SOLUTION


# %%
p_harmonic = check("8.5", p_harmonic, otherwise=week08.p_harmonic)

# %%
powers = (2, 3, 4, 6, 8)
W = torus_graph(torus_points(800, 2, rng(5)), np.sqrt(np.log(800) / 800))
by_power = np.array([p_harmonic(W, [0, 1], [0.0, 1.0], p)[2:].std() for p in powers])
claim("d = 2: spread at p = 8 over spread at p = 2", by_power[-1] / by_power[0], low=2, high=6)

# %% alt="Spread of the p-harmonic extension of two labels in the plane, rising with p."
fig, ax = plt.subplots(figsize=(5, 2.6))
ax.plot(powers, by_power, marker="o")
ax.axvline(2, color="0.5", ls="--", label="p = d")
ax.set_ylim(bottom=0)
decorate(ax, "800 points on a torus, two labels", "p", "spread of u")
plt.show()

# %% [markdown]
# The spread grows with $p$ and is least at $p = d = 2$: the labels are felt again. The price is
# that the equations are no longer linear.
#
# ## 7. A better graph: ten labels, 94 %
#
# Poisson learning can only be as good as its graph, and distances between raw pixels are poor:
# shift a stroke by two pixels, and the picture is far away. We describe a picture by the directions
# of its edges instead, as computer vision did before networks (Dalal and Triggs 2005). At every
# pixel we take the gradient of the grey values and sort its direction into one of 8 bins. A *cell*
# is a square of $7 \times 7$ pixels; in each of the overlapping cells we add up, for each bin, the
# lengths of the gradients. These sums are the coordinates. Nothing is trained.


# %%
def sobel(images):
    """Horizontal and vertical derivative, each (n, 28, 28)."""
    x = np.pad(images / 255, ((0, 0), (1, 1), (1, 1)))
    across = x[:, :-2] + 2 * x[:, 1:-1] + x[:, 2:]
    down = x[:, :, :-2] + 2 * x[:, :, 1:-1] + x[:, :, 2:]
    return across[:, :, 2:] - across[:, :, :-2], down[:, 2:] - down[:, :-2]


def orientation_histograms(images, cell=7, stride=2, bins=8):
    """Features (n, 968): square roots of normalised histograms of gradient directions."""
    gx, gy = (torch.from_numpy(g).float() for g in sobel(images))
    turn = torch.atan2(gy, gx) / (2 * np.pi) % 1  # (n, 28, 28), in [0, 1)
    which = (turn * bins).long().clamp(max=bins - 1)
    maps = F.one_hot(which, bins).permute(0, 3, 1, 2) * torch.hypot(gx, gy)[:, None]
    return F.normalize(F.avg_pool2d(maps, cell, stride).flatten(1)).sqrt().numpy()


# %%
start = process_time()
features = orientation_histograms(images)  # (10000, 968)
W = knn_weights(features, 10)
chosen = drawn[0]
scores = poisson_learning(W, chosen, classes)
spent = process_time() - start
claim("features, graph and one solve: CPU seconds", spent, low=0, high=30)

# %% [markdown]
# A few seconds suffice for the whole method. Now all draws, and the supervised rules on the same
# features. **Predict:** how much do the nearest label and the network gain from the features?

# %%
best = 100 * trials(W, labels, drawn)
right = best[:, 1]
print(f"Laplace {best[:, 0].mean():.1f} %, Poisson {right.mean():.1f} ({right.std():.1f}) %")
print(f"Poisson's worst draw: {right.min():.1f} %, the best: {right.max():.1f} %")

# %% tags=["headline"]
claim("ten labels, 10,000 digits, no training: per cent right", right.mean(), low=93, high=97)

# %%
alone["histograms"] = supervised(features, orientation_histograms, drawn)
ahead = alone["histograms"]["nearest label"] - best[:, 0]
claim("histograms: points by which the nearest label beats Laplace", ahead.mean(), low=0, high=10)
taught = {name: rules["network, moved copies"] for name, rules in alone.items()}
gain = [100 * results[10_000][:10, 1] - taught["pixels"], right[:10] - taught["histograms"]]
claim("pixels: points of Poisson over the network", gain[0].mean(), low=10, high=35)
claim("histograms: points of Poisson over the network", gain[1].mean(), low=20, high=40)

# %% [markdown]
# Every method gains from the features, the nearest label and the networks 14 to 17 points each (the
# table below has all figures). Two methods use the 9,990 unlabelled pictures, and only one
# of these profits. Laplace learning still does worse than the nearest label. Poisson learning is
# about thirty points ahead of the network with moved copies, on the same ten draws. (A
# convolutional network, as in week 12, would be a stronger opponent than ours; we did not train one
# on ten pictures.)
#
# Which digits does Poisson learning get wrong? We take the first draw and rank the mistakes by
# margin, the gap between the two largest scores.

# %%
guess = scores.argmax(1)
top = np.sort(scores, axis=1)
margin = top[:, -1] - top[:, -2]
mistakes = np.flatnonzero(guess != labels)
mistakes = mistakes[np.argsort(-margin[mistakes])]

# %% alt="The ten labelled digits; below, twenty mistakes with true and guessed digit."
fig, axes = plt.subplots(3, 10, figsize=(7, 2.8))
for ax, i in zip(axes.flat, [*chosen, *mistakes[:20]], strict=True):
    ax.imshow(images[i], cmap="gray_r", interpolation="nearest")
    ax.set_axis_off()
    ax.set_title(f"{labels[i]}" if i in chosen else f"{labels[i]} → {guess[i]}", size=9)
fig.suptitle("All that was labelled, and the most confident mistakes (true → guessed)", size=10)
plt.show()

# %% [markdown]
# The first row is everything that the method was told. Below it stand the twenty mistakes with the
# largest margins. To see how one comes about, we look at the graph around it. The neighbours of a
# vertex are the columns of its row of $W$ that hold a weight: `W[[centre]].indices`.

# %% alt="A misread digit among its nearest neighbours; green frames mark right guesses."
centre = mistakes[0]
around = [centre, *W[[centre]].indices]
small = nx.from_scipy_sparse_array(W[around][:, around])
place = nx.kamada_kawai_layout(small, weight=None)
fig, ax = plt.subplots(figsize=(5.5, 3.6))
nx.draw_networkx_edges(small, place, ax=ax, edge_color="0.8")
for node, i in enumerate(around):
    frame = {"edgecolor": COLOURS["green" if guess[i] == labels[i] else "vermillion"], "lw": 2}
    picture = OffsetImage(images[i], zoom=1.0, cmap="gray_r")
    ax.add_artist(AnnotationBbox(picture, place[node], pad=0.1, bboxprops=frame))
ax.set_title(f"A {labels[centre]} that was read as {guess[centre]}, and its neighbours")
ax.set_axis_off()
plt.show()

# %% [markdown]
# A frame is green where the guess is right and red where it is wrong. The misread 2 does not stand
# alone: most of its neighbours are slim 2s like itself, and all of these are misread, too. A whole
# group of 2s has edges to a few 1s and got its name from them. Since the neighbours are wrong as
# well, no vote among them can save it.
#
# **If we know how many pictures there are of each digit**, we can do more. Shift the scores of each
# class by a constant until every class wins its number of vertices. Spread these guesses by ten
# steps of the random walk, with the labels held fixed. Shift again, and repeat. This is the idea of
# PoissonMBO and of volume constraints (Jacobs, Merkurjev and Esedoḡlu 2018). It uses knowledge that
# Poisson learning does not have.


# %%
def with_sizes(scores, sizes, rounds=200):
    """Guesses (n,) such that class c is guessed sizes[c] times, up to 1 % of all vertices."""
    u, shift, step = scores / scores.std(), np.zeros(len(sizes)), 1.0
    for _ in range(rounds):
        winners = (u + shift).argmax(1)
        lack = sizes - np.bincount(winners, minlength=len(sizes))
        if abs(lack).sum() <= 0.01 * len(u):
            break
        shift, step = shift + step * lack / sizes, 0.97 * step
    return winners


# %%
def volume_learning(walk, scores, labelled, sizes, rounds=20):
    """Alternate: spread the guesses by the walk, then choose guesses of the right sizes."""
    guess = with_sizes(scores, sizes)
    for _ in range(rounds):
        v = np.eye(len(sizes))[guess]
        for _ in range(10):
            v = walk @ v
            v[labelled] = np.eye(len(sizes))
        before, guess = guess, with_sizes(v, sizes)
        if (before != guess).mean() < 1e-3:
            break
    return guess


# %%
walk = (sparse.diags_array(1 / W.sum(axis=1)) @ W).tocsr()
guesses = []
for picked in progress(drawn[:20], "label draws"):
    u = poisson_learning(W, picked, classes)
    guesses.append(volume_learning(walk, u, picked, np.bincount(labels)))
sized = np.array([accuracy(g, labels, c) for g, c in zip(guesses, drawn[:20], strict=True)]) * 100
claim("class sizes known: per cent right, median of 20 draws", np.median(sized), low=97, high=99)
print(f"mean {sized.mean():.1f} %, the worst draw {sized.min():.1f} %")

# %% [markdown]
# With the class sizes known, ten labels name over 97 % of the pictures in the median draw, but the
# worst draw is far off. What happened there? We count how often each digit was read as which other.

# %%
confused = np.zeros((10, 10), int)
np.add.at(confused, (labels, guesses[sized.argmin()]), 1)
np.fill_diagonal(confused, 0)
for place in np.argsort(confused, axis=None)[:-3:-1]:
    true, read = divmod(int(place), 10)
    print(f"{confused[true, read]} pictures of the digit {true} were read as {read}")

# %% [markdown]
# Two clusters have exchanged their names: the zeros are called 9, and the nines 0. There are nearly
# as many of the one as of the other, so the class sizes cannot notice it. The mean suffers from
# such a draw and the median does not, which is why the claim is on the median.

# %% [markdown]
# Here is everything in one table: means and standard deviations over the draws, in per cent.

# %%
for rules, rows in zip(alone.values(), (100 * results[10_000], best), strict=True):
    rules["Laplace"], rules["Poisson"] = rows[:, 0], rows[:, 1]
alone["histograms"]["Poisson, sizes known"] = sized
print(f"{'':<24}{'raw pixels':<16}histograms")
for name in alone["histograms"]:
    entries = [rules[name] for rules in alone.values() if name in rules]
    cells = [f"{x.mean():.1f} ({x.std():.1f})" for x in entries]
    print(f"{name:<24}" + "".join(f"{cell:<16}" for cell in ["–"] * (2 - len(cells)) + cells))

# %% [markdown]
# The published figures for one label per class on MNIST (Calder et al. 2020) are these, again
# with the standard deviation of one draw in brackets:
#
# | method | Calder et al. 2020 | knows the class sizes |
# |---|---|---|
# | Laplace | 16.1 (6.2) | no |
# | nearest labelled vertex in the graph | 65.4 | no |
# | WNLL (exercise 8.4) | 55.8 (15.2) | no |
# | Poisson | 90.2 (4.0) | no |
# | VolumeMBO | 89.9 (7.3) | yes |
# | PoissonMBO | 96.5 (2.6) | yes |
#
# **The two tables are not a race.** Calder et al. (2020) use all 70,000 pictures and the features
# of
# a *trained* variational autoencoder; we use 10,000 pictures and fixed features. The graph
# ($k = 10$, the same weights) and the methods are the same. Two published anchors are to be held
# beside our two best rows: 90.2 for Poisson learning, and 96.5 for PoissonMBO, which knows the
# class
# sizes as our last row does. Laplace learning is not always behind, either: with 160 labels per
# class on FashionMNIST it has 82.3 per cent, and Poisson learning 80.7.

# %% [markdown] tags=["context:8.6"]
# ## 8. How sure are we?
#
# A method that names 9,990 pictures should also say which names it doubts. A probabilistic model
# does. Give $u$ a Gaussian prior with covariance $C = (L/\tau^2 + I)^{-\alpha}$, under which near
# vertices have similar values, and observe the labels with noise of variance $\gamma^2$ (Bertozzi,
# Luo, Stuart and Zygalakis 2018). The mean of the posterior minimises
#
# $$ \tfrac1{2\gamma^2}\,|u_\Gamma - y|^2 + \tfrac12 \langle u, C^{-1} u\rangle, $$
#
# and it equals $C_{\cdot\Gamma}(C_{\Gamma\Gamma} + \gamma^2 I)^{-1} y$. This is kernel ridge
# regression with the kernel $C$: an $m \times m$ problem in place of an $n \times n$ one. We
# compute it both ways on 300 pictures, of which the first twenty are labelled.

# %%
L = np.diag(W[:300, :300].sum(axis=1)) - W[:300, :300].toarray()
tau, alpha, gamma = 0.3, 2, 0.1
precision = np.linalg.matrix_power(L / tau**2 + np.eye(300), alpha)
y = np.eye(10)[labels[:20]]
seen = np.diag(np.arange(300) < 20) / gamma**2
by_minimising = np.linalg.solve(precision + seen, seen[:, :20] @ y)

# %%
C = np.linalg.inv(precision)
by_kernel = C[:, :20] @ np.linalg.solve(C[:20, :20] + gamma**2 * np.eye(20), y)
difference = abs(by_minimising - by_kernel).max()
claim("kernel identity: largest difference", difference, low=0, high=1e-10)

# %% [markdown]
# The two agree up to rounding. Why they must is the next exercise.
#
# ### Exercise 8.6 ★★ (25 min, proof) — A posterior mean is a kernel regression
#
# Prove the identity: for symmetric positive definite $C$, $n \times n$, and $\Gamma$ of size $m$,
# the minimiser of the functional above is $C_{\cdot\Gamma}(C_{\Gamma\Gamma} + \gamma^2 I)^{-1} y$.
#
# <details><summary>Hint</summary>
#
# Write $u_\Gamma = Eu$ with $E$ of shape $(m, n)$, set the gradient to zero, and show that
# $C^{-1}u$ lives on $\Gamma$.
#
# </details>

# %% [markdown] tags=["solution"]
# **A model answer.** The functional is strictly convex, so its minimiser is the only zero of the
# gradient: $\gamma^{-2} E^T(Eu - y) + C^{-1}u = 0$. Hence $u = C E^T a$ with
# $a = \gamma^{-2}(y - Eu) \in \mathbb R^m$. Put this into the definition of $a$:
# $\gamma^2 a = y - E C E^T a$, that is $(C_{\Gamma\Gamma} + \gamma^2 I)\,a = y$, as
# $E C E^T = C_{\Gamma\Gamma}$; the matrix is positive definite, so $a$ exists and is unique. Then
# $u = C E^T a = C_{\cdot\Gamma}(C_{\Gamma\Gamma} + \gamma^2 I)^{-1} y$.

# %% [markdown]
# The posterior also has a variance, $C_{ii} - C_{i\Gamma}(C_{\Gamma\Gamma} + \gamma^2 I)^{-1}
# C_{\Gamma i}$. Does the model know where it is wrong? We sort 2,000 pictures, with two labels per
# class, by the margin divided by the posterior standard deviation. **Predict** the accuracy in the
# fifth of the pictures about which the model is least sure.


# %%
def posterior(C, labelled, labels, gamma=0.1):
    """Posterior mean (n, 10) and standard deviation (n,) of scores with prior N(0, C)."""
    y = np.eye(10)[labels[labelled]] - 0.1
    K = C[:, labelled]  # (n, m)
    gain = K @ np.linalg.inv(K[labelled] + gamma**2 * np.eye(len(labelled)))
    return gain @ y, np.sqrt(np.diag(C) - np.einsum("im,im->i", gain, K))


# %%
n = scale(laptop=2000, paper=4000)
graph = knn_weights(features[:n], 10)
L = np.diag(graph.sum(axis=1)) - graph.toarray()
C = np.linalg.inv(L / 0.1**2 + np.eye(n))
C /= np.diag(C).mean()

# %%
fifths, generator = [], rng(9)
for _ in range(10):
    labelled = np.concatenate([draw_labels(labels[:n], generator) for _ in range(2)])
    mean, sd = posterior(C, labelled, labels)
    top = np.sort(mean, axis=1)
    order = np.argsort((top[:, -1] - top[:, -2]) / sd)  # least sure first
    right = np.array_split((mean.argmax(1) == labels[:n])[order], 5)
    fifths.append([part.mean() for part in right])
fifths = 100 * np.mean(fifths, axis=0)

# %%
claim("least sure fifth: per cent right", fifths[0], low=60, high=90)
share = (100 - fifths[0]) / (100 - fifths).sum()
claim("share of all mistakes in the least sure fifth", share, low=0.5, high=1)
print("per cent right by fifths:", fifths.round(1).tolist())

# %% alt="Accuracy by fifths of confidence, rising from the least to the most sure fifth."
fig, ax = plt.subplots(figsize=(5, 2.6))
ax.plot(range(1, 6), fifths, "o", ms=8)
ax.axhline(fifths.mean(), color="0.5", ls="--", label="all together")
ax.set(ylim=(50, 103), xticks=range(1, 6))
decorate(ax, f"{n} pictures, 20 labels, 10 draws", "fifth, least sure first", "per cent right")
plt.show()

# %% [markdown]
# The five dots show the accuracy by fifths. Well over half of all mistakes sit in the least sure
# fifth, so the next picture whose name we ask for should come from there.

# %% [markdown] tags=["context:8.7"]
# ## 9. For the week: a distance that forgets
#
# Why does the plain of section 6 lie near $d_1/(d_0 + d_1)$? Read the graph as an electrical
# network in which an edge of weight $w$ has the resistance $1/w$. The *effective resistance*
# $R_{ij}$ is the voltage between $i$ and $j$ that drives a current of 1 from one to the other. With
# $L = D - W$ and its pseudoinverse $G = L^+$ it is $R_{ij} = G_{ii} + G_{jj} - 2G_{ij}$. For
# example, a path of two edges with weights 1 and 2 has the resistance $1 + \frac12$ between its
# ends.
#
# ### Exercise 8.7 ★★ (20 min) — Effective resistance
#
# Write `resistances(W)` for the dense symmetric weights $W$ of a connected graph: return the matrix
# of all $R_{ij}$, shape $(n, n)$. Here $D = \mathrm{diag}(d)$ with $d_i = \sum_j w_{ij}$.
#
# <details><summary>Hint</summary>
#
# $L + \frac1n \mathbf 1 \mathbf 1^T$ is invertible, and its inverse is
# $L^+ + \frac1n \mathbf 1\mathbf 1^T$. Why does the second term not matter?
#
# </details>


# %%
def resistances(W):
    # BEGIN SOLUTION
    n = len(W)
    G = np.linalg.inv(np.diag(W.sum(axis=0)) - W + 1 / n)
    return np.diag(G)[:, None] + np.diag(G) - 2 * G
    # END SOLUTION


# %%
resistances = check("8.7", resistances, otherwise=week08.resistances)

# %% [markdown]
# On a small graph this is a beautiful distance. On a large graph of neighbours in many dimensions,
# $R_{ij}$ is close to a multiple of $1/d_i + 1/d_j$ (von Luxburg, Radl and Hein 2014): almost all
# of the resistance is met at the two ends, where the current has only the edges of $i$ and of $j$
# to pass through. We join 1,000 random points of a cube to their ten nearest neighbours.


# %%
def end_correlation(d, n=1000):
    """Correlation of R_ij with 1/d_i + 1/d_j over all pairs of n random points of a cube."""
    W = neighbour_weights(*nearest_neighbours(rng(12).random((n, d)), 10)) > 0
    R, degree, pairs = resistances(W.astype(float)), W.sum(0), np.triu_indices(n, 1)
    return np.corrcoef(R[pairs], (1 / degree[:, None] + 1 / degree)[pairs])[0, 1]


# %%
claim("resistance and 1/d_i + 1/d_j, d = 10: correlation", end_correlation(10), low=0.97, high=1)
print(f"the same for d = 2: {end_correlation(2):.2f}")

# %% [markdown]
# In ten dimensions the resistance between two points is nearly a function of their degrees: it has
# forgotten where the points are. In the plane it still knows. So the harmonic extension of two
# labels, whose currents must pass these resistances, spends most of its voltage at the labels. That
# is the spike. The drop at label 0 is to the drop at label 1 as $1/d_0$ to $1/d_1$, so between them
# the voltage is about $d_1/(d_0 + d_1)$: this is the plain. The lecture note continues with three
# results that a computer confirms to three digits: how fast the eigenvectors of coupled clusters
# turn, the spectrum of a sphere seen through a random graph, and Foster's theorem on the sum of all
# resistances.
#
# **An open question.** With one label per class, what is the best accuracy that *any* rule can
# reach
# on a given graph without knowing the class sizes? Laplace learning is the better one at 160 labels
# per class on FashionMNIST, and Poisson learning at one. Where between them does the optimum
# switch, as a function of the label rate $\beta$ and of the connection length $\varepsilon$?
# Calder, Slepčev and Thorpe (arXiv 2006.02765) show that Laplace learning degenerates when
# $\beta \ll \varepsilon^2$; Bungert, Calder and others (arXiv 2407.06783) prove that Poisson
# learning converges.

# %% [markdown]
# **What we learned.** A harmonic extension forgets its labels in dimension two and more, so adding
# unlabelled data makes it worse: with 10,000 pictures it falls below the nearest label, which uses
# no unlabelled picture at all. The same labels as point charges get better with more data, and far
# better than a network trained on the ten labels. The graph matters as much as the method: Poisson
# learning gains about twenty points from features that nobody trained.
#
# **What it does not show.** It does not show that a test set of new pictures would be named as
# well, since the graph has seen all 10,000. It says nothing about data whose neighbours differ in
# class, and little about a single draw of labels: the worst of the fifty stands above. Our networks
# were small and not tuned, so a better supervised learner would be closer. The features were chosen
# by people who knew digits.
#
# **Further reading.** J. Calder, B. Cook, M. Thorpe, D. Slepčev, *Poisson learning*, ICML 2020.
# X. Zhu, Z. Ghahramani, J. Lafferty, ICML 2003. B. Nadler, N. Srebro, X. Zhou, NIPS 2009. U. von
# Luxburg, A. Radl, M. Hein, JMLR 15 (2014). F. Hoffmann, B. Hosseini, Z. Ren, A. Stuart,
# *Consistency of semi-supervised learning algorithms on graphs*, arXiv 1906.07658. Week 12 gives
# the same pictures to networks.
