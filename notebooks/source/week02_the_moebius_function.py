# %% [markdown]
# # Week 2 — What a network can and cannot see: the Möbius function
#
# *If a network can approximate every function, why can it not learn $\mu(n)$?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** build networks by hand that approximate a function as well as you like; see
# what depth buys; read filters as matrices and train a small convolutional network; sieve the
# Möbius function to $10^8$; and then find out what a small network has learnt of it, what its
# inputs allow, and how a line of arithmetic does better.
#
# **What you need:** week 1 (tensors, a training loop, cross-entropy), divisibility, a little
# probability.
#
# **Where it comes from:** Joel Gibson's lecture in the second week of the seminar, and the
# seminar's workshop on the Möbius function; universal approximation after Leshno, Lin, Pinkus and
# Schocken (1993); the residue experiment after David Lowry-Duda, *Studying number theory with deep
# learning* (arXiv 2502.10335, 2025). Definitions and proofs are in `lecture_notes/week02.md`.
#
# **Two-hour path:** sections 1 and 3 to 8 with exercises 2.1, 2.3, 2.4, 2.6, 2.7 and 2.8 (85
# minutes of exercises). For the week: sections 2 and 9 and exercises 2.2, 2.5, 2.9 and 2.10. All
# exercises together: 210 minutes.

# %% tags=["imports"]
from itertools import pairwise
from math import isqrt, pi, prod
from time import process_time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from course_utils import datasets, plotting
from course_utils.checks import check
from course_utils.exercises import week02
from course_utils.maths import number_theory
from course_utils.maths.number_theory import primes_upto
from course_utils.maths.walsh import walsh_hadamard
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, device, rng, scale, seeds
from course_utils.training import batches, fit

# %% [markdown]
# ## 1. Every function, in theory
#
# Why should one try networks on a function from number theory at all? The usual answer is a theorem
# which says that they can approximate everything. We begin with what it says and what it leaves
# out.
#
# A network with one hidden layer of $m$ units computes, for $x \in \mathbb R^d$, the number
# $c + \sum_{i=1}^m a_i\, \sigma(w_i \cdot x + b_i)$; we take
# $\sigma(t) = \mathrm{relu}(t) = \max(0, t)$.
#
# **Theorem** (Leshno, Lin, Pinkus, Schocken 1993). For continuous $\sigma$, these functions, with
# $m$ free, are dense in the continuous functions on every compact set of $\mathbb R^d$ if and only
# if $\sigma$ is not a polynomial.
#
# "Dense" is a statement about existence. It does not say how large $m$ must be, nor how to find the
# weights, nor what happens at points that were not looked at. We meet all three gaps today. The
# first case is one where existence is all there is: a function on finitely many points.
#
# ### Exercise 2.1 ★ (10 min) — One hidden unit for one bit string
#
# For a string of bits $b \in \{0,1\}^k$ find weights $w$ and a bias $c$ such that
# $\mathrm{relu}(w \cdot x + c)$ is 1 at $x = b$ and 0 at each other $x \in \{0,1\}^k$. Return the
# pair `(w, c)`.
#
# <details><summary>Hint</summary>
#
# Let each position where $x$ and $b$ differ cost 1. Start with $b = (1, \dots, 1)$.
#
# </details>


# %%
def bump(bits):
    # BEGIN SOLUTION
    weights = [2 * b - 1 for b in bits]
    return weights, 1 - sum(bits)
    # END SOLUTION


# %%
bump = check("2.1", bump, otherwise=week02.bump)

# %% [markdown]
# So *every* function on $\{0,1\}^k$ is a network of width at most $2^k$: one unit for each string
# where it is not zero. Let us write $\mu(n)$, for $1 \le n < 2^{12}$, as such a network. (You know
# $\mu$ or meet it in section 3; for now it is some function with values $-1, 0, 1$.)
# **Predict:** what will the network say at an $n$ for which we gave it no unit?


# %%
def binary_digits(n, width):
    """The digits of n (m,), lowest first: shape (m, width)."""
    return (np.asarray(n)[:, None] >> np.arange(width)) & 1


n12 = np.arange(1, 2**12)
mu12 = number_theory.mobius_sieve(2**12 - 1)[1:]  # (4095,)
X12 = binary_digits(n12, 12)


# %%
def table_network(strings, values):
    """The network that has one bump for each string: a function of X (m, k)."""
    W, c = (np.array(part) for part in zip(*[bump(b) for b in strings.tolist()], strict=True))
    return lambda X: np.maximum(0, X @ W.T + c) @ values


# %% tags=["nbval-check-output"]
support = mu12 != 0
network = table_network(X12[support], mu12[support])
print("units:", support.sum(), " wrong values:", int(np.count_nonzero(network(X12) != mu12)))

# %% [markdown]
# With 2491 units there is not one error on 4095 integers, as the theorem promises. Now we give the
# network only the units of a random half of the integers, and ask it for the other half.

# %%
half = rng(1).permutation(len(n12))
seen, unseen = half[: len(half) // 2], half[len(half) // 2 :]
network = table_network(X12[seen], mu12[seen])
right = np.mean(network(X12[unseen]) == mu12[unseen])
claim("table network, share right on unseen n", right, low=0.36, high=0.42)

# %% [markdown]
# On integers that it has not seen, the network says 0. So it is right on the 39 % of the integers
# where $\mu$ vanishes, exactly like the rule "always 0". A table approximates perfectly what it was
# made from and knows nothing else. Keep the 39 % in mind: it is our first **baseline**.
#
# ## 2. How wide, how deep?
#
# The table needed one unit for every string. For continuous functions one can hope for fewer, and
# the one-dimensional case shows how many. There a unit $\mathrm{relu}(x - t)$ is 0 up to $t$ and
# then has slope 1, and a sum of such units is a broken line that may bend at each $t$. So we can
# draw the broken line through any given points.
#
# ### Exercise 2.2 ★★ (20 min) — The network through given points
#
# Given knots $t_0 < \dots < t_{m-1}$ and values $y_i$, find $c$ and $a_0, \dots, a_{m-2}$ such that
# $f(x) = c + \sum_i a_i\, \mathrm{relu}(x - t_i)$ has $f(t_i) = y_i$ for all $i$. Return `(a, c)`.
#
# <details><summary>Hint</summary>
#
# Between $t_i$ and $t_{i+1}$ the slope of $f$ is $a_0 + \dots + a_i$. What should it be?
#
# </details>


# %%
def relu_interpolant(knots, values):
    # BEGIN SOLUTION
    slopes = np.diff(values) / np.diff(knots)
    return np.diff(slopes, prepend=0.0), float(values[0])
    # END SOLUTION


# %%
relu_interpolant = check("2.2", relu_interpolant, otherwise=week02.relu_interpolant)

# %% [markdown]
# A function with $|f''| \le M$ differs from the broken line through points at distance $h$ by at
# most $M h^2 / 8$ (proof in the notes). So $m$ units give an error of order $m^{-2}$. We measure it
# for one function on $[0, 1]$. Beside it we let gradient descent look for networks of the same
# widths, with Adam, a learning rate that falls to 0, and three starts per width; both are judged by
# the root mean square (r.m.s.) error, which is what training minimises. **Predict:** will training
# do better than the construction, since its knots may move, or worse?


# %%
def wave(x):
    return np.sin(2 * pi * x) + np.sin(5 * pi * x) / 2


def constructed_error(width):
    """The r.m.s. error of the interpolating network with equally spaced knots."""
    knots = np.linspace(0, 1, width + 1)
    a, c = relu_interpolant(knots, wave(knots))
    x = np.linspace(0, 1, 5001)  # (5001,)
    return np.sqrt(np.mean((c + np.maximum(0, x[:, None] - knots[:-1]) @ a - wave(x)) ** 2))


# %%
def trained_error(width, seed, steps=1000):
    """The r.m.s. error after training on 512 points."""
    torch.manual_seed(seed)
    x = torch.linspace(0, 1, 512, device=device())[:, None]  # (512, 1)
    y = torch.tensor(wave(x.cpu().numpy()), dtype=torch.float32, device=device())
    net = nn.Sequential(nn.Linear(1, width), nn.ReLU(), nn.Linear(width, 1)).to(device())
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-2, fused=True)  # fused: faster
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        loss = nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return loss.item() ** 0.5


# %%
widths = [4, 8, 16, 32, 64, 128, 256]
by_hand = [constructed_error(m) for m in widths]
by_training = np.array([[trained_error(m, s) for s in seeds(3)] for m in (16, 64, 256)])  # (3, 3)
slope = np.polyfit(np.log(widths[2:]), np.log(by_hand[2:]), 1)[0]
claim("construction: exponent of the error in the width", slope, low=-2.05, high=-1.95)
ratio = np.median(by_training[-1]) / by_hand[-1]
claim("width 256: trained error over constructed error", ratio, low=30, high=5000)

# %% [markdown]
# In two dimensions a single unit $\mathrm{relu}(w \cdot x + b)$ is constant along lines, so its
# graph is a *ridge*. No ridge is a bump. But if we average ridges in many directions, they pile up
# at the point where all of them cross.


# %%
def ridge_average(points, directions):
    """The mean over equally spaced directions u of max(0, 1 - 3|u·x|); points (…, 2)."""
    angles = pi * np.arange(directions) / directions
    u = np.stack([np.cos(angles), np.sin(angles)])  # (2, directions)
    return np.maximum(0, 1 - 3 * np.abs(points @ u)).mean(-1)


# %% alt="Three square pictures: one bright stripe; three crossing stripes; a round bright spot."
axis = np.linspace(-1, 1, 81)
square = np.stack(np.meshgrid(axis, axis), -1)  # (81, 81, 2)
fig, axes = plt.subplots(1, 3, figsize=(8, 3), sharey=True)
shapes = {1: "One ridge is a stripe", 3: "Three make a star", 30: "Thirty make a bump"}
for ax, (directions, title) in zip(axes, shapes.items(), strict=True):
    ax.imshow(ridge_average(square, directions), extent=(-1, 1, -1, 1))
    ax.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    ax.grid(False)
    decorate(ax, title, "$x_1$", "$x_2$" if directions == 1 else "")
plt.show()

# %% [markdown]
# One ridge is a stripe, three make a star, and thirty make a round spot. So a bump can be built
# from functions each of which is constant along lines.
#
# **Why this works in every dimension** (for relu). Let $K \subset \mathbb R^d$ be compact, and let
# $A$ be the span of the functions $e^{w \cdot x}$, $w \in \mathbb R^d$.
# 1. $A$ is an algebra, because $e^{v \cdot x}\, e^{w \cdot x} = e^{(v + w) \cdot x}$. It contains
#    the constant $1 = e^{0 \cdot x}$, and it separates points: if $x \ne y$, take $w = x - y$.
# 2. By the theorem of Stone and Weierstrass, $A$ is dense in $C(K)$. So it is enough to approximate
#    one exponential $e^{w \cdot x}$.
# 3. This is a function of the single number $t = w \cdot x$, which stays in an interval. There the
#    broken lines $c + \sum_i a_i\, \mathrm{relu}(t - t_i)$ of Exercise 2.2 come as close to $e^t$
#    as we like.
# 4. Put $t = w \cdot x$ back: $c + \sum_i a_i\, \mathrm{relu}(w \cdot x - t_i)$ is a network with
#    one hidden layer. ∎
#
# The proof gives no useful width. How wide must a network be for one bump in the plane? We draw
# directions and offsets at random, solve for the outer weights by least squares (week 1), and
# measure the error on fresh points.


# %%
def ridges(points, width, random):
    """Random units relu(u·x - b) and a constant: shape (m, width + 1)."""
    angles, offsets = random.uniform(0, 2 * pi, width), random.uniform(-1, 1, width)
    u = np.stack([np.cos(angles), np.sin(angles)])  # (2, width)
    return np.concatenate([np.maximum(0, points @ u - offsets), np.ones((len(points), 1))], 1)


def ridge_error(width, bump_at=lambda p: np.exp(-8 * (p**2).sum(-1))):
    points = rng(2).uniform(-1, 1, (3000, 2))
    features, y = ridges(points, width, rng(3)), bump_at(points)  # (3000, width + 1), (3000,)
    outer = np.linalg.lstsq(features[:2000], y[:2000])[0]
    return np.sqrt(np.mean((features[2000:] @ outer - y[2000:]) ** 2))


# %%
in_the_plane = [ridge_error(m) for m in widths]
print(f"256 ridges: {in_the_plane[-1]:.3f}, the best constant: {ridge_error(0):.3f}")

# %% alt="Error against width: the constructed line has slope −2, trained networks stay far above."
fig, ax = plt.subplots(figsize=(6, 3.4))
ax.loglog(widths, by_hand, "o-", label="line: constructed")
ax.loglog([16, 64, 256], np.median(by_training, axis=1), "s--", label="line: trained, median of 3")
ax.loglog(np.repeat([16, 64, 256], 3), by_training.ravel(), "s", ms=3, color="0.5")
ax.loglog(widths, in_the_plane, "^-.", label="plane: random ridges")
ax.loglog(widths, 20 / np.array(widths) ** 2.0, "k:", lw=1, label="slope −2")
decorate(ax, "Existence and search part ways as the width grows", "width m", "r.m.s. error")
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# The construction falls like $m^{-2}$, as the bound says. The trained networks (grey: each of the
# three starts) stay far above it: at width 256 all three starts end hundreds of times higher or
# more, although better weights exist, for we have just written them down. Within these steps
# gradient descent finds the slow parts of the curve and not the fast ones. So existence and search
# are two questions. The plane needs more units for the same error than the line does, and in
# dimension $d$ a grid of distance $h$ has $h^{-d}$ points, so the number of bumps explodes.
#
# **What depth buys.** Let $T(x) = 2\,\mathrm{relu}(x) - 4\,\mathrm{relu}(x - \tfrac12)$ on $[0,
# 1]$: the tent that rises to 1 at $\tfrac12$ and falls back to 0. By hand: $T(\tfrac14) = \tfrac12$
# and $T(T(\tfrac14)) = 1$. If we compose $T$ with itself $k$ times, each new layer folds the
# interval once more. The result is a sawtooth with $2^{k-1}$ teeth, computed by $2k$ units in $k$
# layers. A network with *one* hidden layer of $m$ units is a broken line with at most $m$ bends,
# and the sawtooth has $2^k - 1$ bends inside the interval. So one layer needs at least $2^k - 1$
# units.


# %%
def tent(x):
    return 2 * np.maximum(0, x) - 4 * np.maximum(0, x - 0.5)


x = np.linspace(0, 1, 2**10 + 1)
teeth, bends = x, {}
for depth in range(1, 7):
    teeth = tent(teeth)
    bends[depth] = int(np.count_nonzero(np.diff(np.sign(np.diff(teeth)))))
print({2 * depth: count for depth, count in bends.items()})  # units: bends

# %% alt="A tent, four teeth and thirty-two teeth; the number of teeth doubles with every layer."
fig, axes = plt.subplots(1, 3, figsize=(8, 2.4), sharey=True)
for ax, depth in zip(axes, (1, 3, 6), strict=True):
    teeth = x
    for _ in range(depth):
        teeth = tent(teeth)
    ax.plot(x, teeth, lw=1)
    decorate(ax, f"Depth {depth}, {2 * depth} units", "x", "")
plt.show()

# %% [markdown]
# With 12 units in six layers we get 63 bends, for which one hidden layer needs 63 units; with every
# further layer the ratio doubles. Depth does not make new functions possible, but it makes some of
# them exponentially cheaper. (Telgarsky, COLT 2016, shows that no shallow network of moderate size
# comes even close to such functions.)
#
# ## 3. Convolution: filters are matrices
#
# In all this the inputs were unrelated numbers. But the pixels of an image have neighbours, and an
# edge is an edge wherever it is. Networks for images and sequences build this in: they use linear
# maps that commute with translation. On $\mathbb Z/n$ these are exactly the **convolutions** (proof
# in the notes)
# $$(h * x)_i = \sum_{j \in \mathbb Z/n} h_{i-j}\, x_j .$$
# By hand: on $\mathbb Z/3$ let $h = (1, 2, 0)$ and $x = (5, 0, 1)$. Then $(h * x)_0 = h_0x_0 +
# h_2x_1 + h_1x_2 = 5 + 0 + 2 = 7$.
#
# ### Exercise 2.3 ★ (10 min) — A filter as a matrix
#
# Given $h$ (an array of $n$ numbers), return the $n \times n$ matrix $C$ with $C x = h * x$.
#
# <details><summary>Hint</summary>
#
# Column $j$ of $C$ is $C$ applied to the $j$-th unit vector. `np.roll` shifts cyclically.
#
# </details>


# %%
def convolution_matrix(h):
    # BEGIN SOLUTION
    return np.stack([np.roll(h, j) for j in range(len(h))], axis=1)
    # END SOLUTION


# %%
convolution_matrix = check("2.3", convolution_matrix, otherwise=week02.convolution_matrix)

# %% [markdown]
# We check two facts on an example. The matrix commutes with the shift, and every character $j
# \mapsto e^{2 \pi i jk/n}$ is an eigenvector, with the Fourier coefficient $\hat h_k$ as
# eigenvalue.

# %% tags=["nbval-check-output"]
h = np.array([2, -1, 0, 0, 0, -1])
C, shift = convolution_matrix(h), convolution_matrix(np.eye(6, dtype=int)[1])
print("commutes with the shift:", np.allclose(C @ shift, shift @ C))

# %%
F = np.exp(2j * pi * np.outer(np.arange(6), np.arange(6)) / 6)  # columns: the characters
print("C F = F diag(ĥ):", np.allclose(C @ F, F * np.fft.fft(h)))

# %% [markdown]
# PyTorch's `conv2d` filters images. It is linear too, so it has a matrix, and we find its columns
# by filtering unit vectors. (What PyTorch calls convolution is *cross-correlation*, $\sum_j h_{j-i}
# x_j$, the transpose. For learnt filters this makes no difference, but when you compare with a
# formula it does.)

# %%
laplacian = torch.tensor([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
units = torch.eye(36).reshape(36, 1, 6, 6)  # every 6 × 6 image with a single 1
answers = nn.functional.conv2d(units, laplacian[None, None], padding=1)  # (36, 1, 6, 6)
image_filter = answers.reshape(36, 36).T.numpy()
print(image_filter.size, "entries")

# %% [markdown]
# Here the image does not wrap around: pixels outside it count as 0. The $36 \times 36$ matrix is
# therefore banded, with one block for each row of the image and a band inside each block. It has
# 1296 entries, but the filter leaves only 5 numbers to choose. This is what a convolutional layer
# assumes about the world before it has seen any data.
#
# There is a multiplicative companion, and it leads to our function: the **Dirichlet convolution**
# of functions on the positive integers, $(f * g)(n) = \sum_{d \mid n} f(d)\, g(n/d)$. The filter $f
# = 1$ sums over divisors. Its matrix $D$ has $D_{n,d} = 1$ if $d$ divides $n$, and 0 otherwise.
# Since it is triangular with ones on the diagonal, its inverse is a matrix of integers.

# %%
n32 = np.arange(1, 33)
D = (n32[:, None] % n32 == 0).astype(int)  # (32, 32)
inverse = np.rint(np.linalg.inv(D)).astype(int)  # exact: the entries are small integers

# %% alt="Three matrices: the banded matrix of an image filter, the divisor matrix, its inverse."
fig, axes = plt.subplots(1, 3, figsize=(8, 3))
titles = {"Laplacian filter": ("input pixel", "output pixel"), "Divisor sums D": ("d", "n")}
titles["Its inverse"] = ("n", "d")
for ax, M, (title, names) in zip(axes, (image_filter, D, inverse), titles.items(), strict=True):
    sides = 0.5 + np.array([0, len(M), len(M), 0])  # rows and columns are counted from 1
    ax.imshow(M, cmap="PuOr", vmin=-np.abs(M).max(), vmax=np.abs(M).max(), extent=sides)
    ax.grid(False)
    decorate(ax, title, *names)
plt.show()

# %% [markdown]
# Violet is positive and orange negative. On the left is the Laplacian on 6 × 6 images, a band of
# blocks. In the middle is the divisor matrix, the sieve of Eratosthenes drawn by rows. On the right
# is its inverse, which has fewer entries and both signs. If $s(n) = \sum_{d \mid n} f(d)$, then the
# inverse recovers $f$ from $s$; its first column holds the coefficients with which it does so.
# **Predict** the first entries of this column before you run the cell.

# %% tags=["nbval-check-output"]
print(inverse[:16, 0].tolist())
print("D · inverse = 1:", np.array_equal(D @ inverse, np.eye(32, dtype=int)))

# %% [markdown]
# These are the first values of the Möbius function. Before we turn to it, we see filters at work.
#
# **A convolutional network.** A *convolutional layer* takes an image with $c$ *channels* (grey:
# one; colour: three) to an image with $c'$ channels: every output channel is a sum of the input
# channels, each filtered with its own small filter, plus a constant. *Max-pooling* then keeps the
# largest value of every $2 \times 2$ block, so that small translations hardly matter. At the end a
# linear map gives one logit per class. We look first at four filters made by hand, on a handwritten
# digit.

# %%
images, labels = datasets.mnist()  # (10000, 28, 28), (10000,): grey values and digits
X_img = torch.tensor(images / 255, dtype=torch.float32, device=device())[:, None]  # one channel
y_img = torch.tensor(labels, dtype=torch.long, device=device())
sobel = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
by_hand_filters = torch.stack([torch.full((3, 3), 1 / 9), sobel, sobel.T, laplacian])  # (4, 3, 3)
digit = X_img[:1].cpu()
filtered = nn.functional.conv2d(digit, by_hand_filters[:, None], padding=1)  # (1, 4, 28, 28)
pooled = nn.functional.max_pool2d(filtered[:, 1:2], 2)  # (1, 1, 14, 14)

# %% alt="A handwritten 5, blurred, its vertical edges, its horizontal edges, its outline, pooled."
fig, axes = plt.subplots(1, 6, figsize=(8.5, 1.8))
names = ("image", "mean", "left and right", "up and down", "Laplacian", "second, pooled")
panels = [digit[0, 0], *filtered[0], pooled[0, 0]]
for ax, panel, title in zip(axes, panels, names, strict=True):
    size = float(panel.abs().max())
    ax.imshow(panel.numpy(), cmap="PuOr", vmin=-size, vmax=size)
    ax.set_title(title, fontsize=8)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
plt.show()

# %% [markdown]
# The mean blurs. The next two filters are differences of neighbours: one answers where the image
# changes from left to right and the other where it changes from top to bottom, and the sign tells
# in which direction. The Laplacian answers at every outline. Pooling halves the size and keeps
# where something was found.
#
# Now the network chooses its own filters. `batches(X, y, size)` yields minibatches for ever, as
# week 1's data loader did for one epoch, and `fit(net, batches, loss, optimizer, steps=…)` runs
# week 1's loop for that many minibatches; its argument `every` says how often it writes down the
# loss. The baseline is the same linear map of the pixels without any filter. We train on 5,000
# digits and test on 2,000 others, and once more on these 2,000 moved by two pixels down and to the
# right.


# %%
def digit_net(kind):
    """The linear map of pixels, or 8 filters of 5 × 5 numbers, pooling, and a linear map."""
    if kind == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).to(device())
    layers = [nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1152, 10)]
    return nn.Sequential(*layers).to(device())


# %%
moved = torch.roll(X_img[8000:], (2, 2), (2, 3))
on_digits, digit_nets = {}, {}
for kind in ("linear", "convolutional"):
    torch.manual_seed(seeds(1)[0])
    net = digit_nets[kind] = digit_net(kind)
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    pairs = batches(X_img[:5000], y_img[:5000], 100)
    fit(net, pairs, nn.functional.cross_entropy, optimizer, steps=250, every=250)
    with torch.no_grad():
        right = [(net(Z).argmax(1) == y_img[8000:]).float().mean() for Z in (X_img[8000:], moved)]
    on_digits[kind] = [float(share) for share in right]
    print(f"{kind}: {on_digits[kind][0]:.3f}, moved by two pixels {on_digits[kind][1]:.3f}")

# %%
claim(
    "digits: convolutional network, share right", on_digits["convolutional"][0], low=0.92, high=0.98
)
gain = on_digits["convolutional"][0] - on_digits["linear"][0]
claim("digits: its gain over the linear map of pixels, in points", 100 * gain, low=2, high=10)

# %% alt="Eight learnt filters of five by five numbers, with patches of both signs."
fig, axes = plt.subplots(1, 8, figsize=(8.5, 1.4))
for ax, kernel in zip(axes, digit_nets["convolutional"][0].weight.detach().cpu(), strict=True):
    size = float(kernel.abs().max())
    ax.imshow(kernel[0].numpy(), cmap="PuOr", vmin=-size, vmax=size)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
plt.show()

# %% [markdown]
# The convolutional network is right on some points more than the linear map. Its learnt filters are
# less tidy than ours, but most of them have a positive side and a negative side: they too are
# differences, edges in various directions. Both lose much when the digits are moved, for the last
# layer of both is tied to places; pooling forgives one pixel but not two. A layer that commutes
# with translation does not make a network that ignores it. Week 12 goes further.

# %% [markdown] tags=["context:2.4", "context:2.5", "context:2.9", "context:2.10"]
# ## 4. The Möbius function, three ways
#
# The Möbius function is easy to define and hard to predict, and large parts of number theory ask
# how random it is. So it is a good test for a learner. First we need many values of it.
#
# **Definition.** The *Möbius function* has $\mu(1) = 1$; $\mu(n) = 0$ if the square of a prime
# divides $n$; otherwise $\mu(n) = (-1)^k$, where $k$ primes divide $n$. The $n$ with
# $\mu(n) \ne 0$ are *squarefree*.
#
# By hand: $\mu(6) = 1$, $\mu(12) = 0$, $\mu(30) = -1$. In the language of filters
# $\mu * 1 = \varepsilon$, that is,
# $\sum_{d \mid n} \mu(d) = \varepsilon(n)$ with $\varepsilon(1) = 1$ and $\varepsilon(n) = 0$ for
# $n > 1$: $\mu$ is the inverse filter of "sum over divisors" (Hardy and Wright, Theorem 263).

# %% [markdown]
# ### Exercise 2.4 ★ (15 min) — The Möbius function
#
# Write `mobius(n)` for an integer $n \ge 1$, from the definition. The check is $\mu * 1 =
# \varepsilon$.
#
# <details><summary>Hint</summary>
#
# The smallest divisor above 1 is prime. Divide it out; what if it still divides?
#
# </details>


# %%
def mobius(n):
    # BEGIN SOLUTION
    sign = 1
    for p in range(2, isqrt(n) + 1):
        if n % p == 0:
            n, sign = n // p, -sign
            if n % p == 0:
                return 0
    return -sign if n > 1 else sign
    # END SOLUTION


# %%
mobius = check("2.4", mobius, otherwise=number_theory.mobius)

# %% [markdown]
# The second way is the recursion behind the inverse matrix. As soon as $\mu(d)$ is known, we
# subtract it at all larger multiples of $d$. When the turn of $n$ comes, what remains there is
# $\mu(n)$.


# %%
def mobius_by_recursion(limit):
    mu = np.zeros(limit + 1, np.int64)
    mu[1] = 1
    for d in range(1, limit // 2 + 1):
        mu[2 * d :: d] -= mu[d]
    return mu


# %% tags=["nbval-check-output"]
by_definition = [mobius(n) for n in range(1, 10_001)]
print("definition = recursion:", by_definition == mobius_by_recursion(10_000)[1:].tolist())
print("definition = sieve:", by_definition == number_theory.mobius_sieve(10_000)[1:].tolist())

# %% [markdown] tags=["context:2.5"]
# The third way is a sieve that works on any window $[a, b)$ and needs no memory for the numbers
# before it. Each $n$ in the window starts with the product 1; every prime $p \le \sqrt{b}$
# multiplies the products of its multiples by $-p$ and sets those of the multiples of $p^2$ to 0.

# %% [markdown]
# ### Exercise 2.5 ★★★ (40 min) — A segment of the sieve
#
# What does a product with $0 < |\text{product}| < n$ tell you about $n$? Write
# `mobius_segment(start, stop)`, the array of $\mu(n)$ for `start` $\le n <$ `stop`, where
# `start` $\ge 1$. The primes up to $x$ are `primes_upto(x)`. Do not loop over the window in Python.
#
# <details><summary>Hint</summary>
#
# The first multiple of $p$ in the window is at index `-start % p`, and a slice with step $p$
# reaches the others. An $n < b$ has at most one prime factor above $\sqrt{b}$.
#
# </details>


# %%
def mobius_segment(start, stop):
    # BEGIN SOLUTION
    n = np.arange(start, stop)
    product = np.ones(stop - start, np.int64)
    for p in primes_upto(isqrt(stop - 1)).tolist():
        product[-start % p :: p] *= -p
        product[-start % p**2 :: p**2] = 0
    complete = np.abs(product) == n  # no prime factor is missing
    return np.where(complete, 1, -1) * np.sign(product)
    # END SOLUTION


# %%
mobius_segment = check("2.5", mobius_segment, otherwise=number_theory.mobius_segment)

# %% [markdown]
# The **Mertens function** $M(N) = \sum_{n \le N} \mu(n)$ is a good test of a sieve, because a
# single wrong value shows in it. Published are $M(10^6) = 212$, $M(10^7) = 1037$ (OEIS A084237).

# %%
starts = range(1, 10**7, 10**6)
total = sum(int(mobius_segment(a, a + 10**6).sum(dtype=np.int64)) for a in starts)
print("M(10^7), from ten segments:", total)

# %% [markdown]
# How fast are the three ways? `number_theory.mobius_sieve` is the segmented sieve, compiled by
# numba; it needs one byte per number. The times are those of this machine.


# %%
def seconds(compute, argument):
    start = process_time()
    compute(argument)
    return process_time() - start


number_theory.mobius_sieve(10)  # compile first
sizes = [10**3, 10**4, 10**5, 10**6]
ways = {
    "definition": (lambda N: [mobius(n) for n in range(1, N + 1)], sizes[:3]),
    "recursion": (mobius_by_recursion, sizes),
    "your segment": (lambda N: mobius_segment(1, N + 1), sizes),
    "compiled sieve": (number_theory.mobius_sieve, [*sizes, 10**7]),
}

# %% alt="Seconds against N for four ways to compute the Möbius function; the sieve is lowest."
fig, ax = plt.subplots(figsize=(6, 3.2))
for (name, (compute, upto)), marker in zip(ways.items(), "os^v", strict=True):
    times = [max(seconds(compute, N), 1e-5) for N in upto]
    ax.loglog(upto, times, marker=marker, label=name)
decorate(ax, "Sieves are a hundred times faster than definitions", "N", "CPU seconds")
plt.show()

# %% [markdown]
# The compiled sieve needs a few nanoseconds per number. The definition needs microseconds, and more
# as $n$ grows. So $10^8$ is within reach of a notebook.

# %%
N = scale(laptop=10**8, paper=10**9)
mu = number_theory.mobius_sieve(N)
M, Q = {10**8: (1928, 60_792_694), 10**9: (-222, 607_927_124)}[N]
claim("M(N) from the sieve, N = 10^8 (paper: 10^9)", int(mu.sum(dtype=np.int64)), low=M, high=M)
print("squarefree n up to N as published:", int(np.count_nonzero(mu)) == Q)

# %% [markdown]
# The share of squarefree numbers is $0.6079\ldots \approx 6/\pi^2$ (Theorem 333), so $\mu$ is 0 on
# 39.2 % of the integers and $\pm 1$ on 30.4 % each. How the signs cancel:

# %% alt="The Mertens function up to N, wandering well inside the parabola plus minus root n."
block = N // 2000
mertens = np.cumsum(mu[1:].reshape(-1, block).sum(1, dtype=np.int64))  # (2000,)
at = block * np.arange(1, 2001)
fig, ax = plt.subplots(figsize=(6, 3.2))
ax.plot(at, mertens, lw=0.8, label="M(n)")
ax.plot(at, np.sqrt(at), "k--", lw=1, label="±√n")
ax.plot(at, -np.sqrt(at), "k--", lw=1)
decorate(ax, "The signs of μ cancel like a fair coin's, or better", "n", "M(n)")
plt.show()

# %% [markdown]
# $M(n)$ stays well inside $\pm\sqrt n$ on this range. Mertens conjectured that it always does.
# Odlyzko and te Riele disproved this in 1985, without a single $n$ in hand. What matters for us is
# that the sign of $\mu$ behaves like a coin, so a network that predicted it would know something
# that we do not.
#
# ## 5. A network reads binary digits
#
# Now we do the experiment of the seminar's workshop. The input is $n < 2^{16}$ as 16 binary digits,
# the three classes are $-1, 0, 1$, we train on a random half, and the network has layers $16 \to 10
# \to 10 \to 3$. ($n = 0$ is a string of 16 bits too, but $\mu(0)$ is not defined, so the range is
# $1 \le n < 65536$.)

# %%
n16 = np.arange(1, 2**16)
mu16 = mu[1 : 2**16].astype(np.int64)  # (65535,)
X16 = binary_digits(n16, 16).astype(np.float32)  # (65535, 16)
order = rng(5).permutation(len(n16))
train, test = order[: len(order) // 2], order[len(order) // 2 :]

# %% [markdown]
# **Baselines first.** One is "always 0". The other looks at two digits: "0 if 4 divides $n$, else
# $-1$". **Predict** how often the second is right: three quarters of the integers are not divisible
# by 4.


# %%
def two_bits(n):
    return np.where(n % 4 == 0, 0, -1)


always_0 = np.mean(mu16[test] == 0)
rule = np.mean(two_bits(n16[test]) == mu16[test])
print(f"16 bits: always 0, share right: {always_0:.3f}")
print(f"16 bits: 0 if 4 | n, else −1, share right: {rule:.3f}")


# %% [markdown]
# `mlp` builds a network from the sizes of its layers, and `predictor` turns it into a function from
# rows of inputs to labels. The last layer has three logits, one per class, and the label with the
# largest logit is the answer. We train with cross-entropy and AdamW, both from week 1: the loss is
# minus the logarithm of the probability that softmax gives to the true class.


# %%
def mlp(*sizes):
    """Linear layers of the given sizes with ReLU in between."""
    layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    return nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU())][:-1])


def predictor(net):
    """The function from X (m, k) to the network's class −1, 0, 1 of each row."""

    def predict(X):
        with torch.no_grad():
            scores = net(torch.as_tensor(X, dtype=torch.float32, device=device()))
        return scores.argmax(1).cpu().numpy() - 1

    return predict


# %%
def train_classifier(net, X, y, *, steps, size, lr=1e-3):
    """Train on rows X (m, k) with labels y (m,) in {−1, 0, 1}; return the predictor."""
    net = net.to(device())
    inputs = torch.as_tensor(X, dtype=torch.float32, device=device())
    labels = torch.as_tensor(y + 1, dtype=torch.long, device=device())
    optimizer = torch.optim.AdamW(net.parameters(), lr=lr, fused=True)  # fused: faster
    loss = nn.functional.cross_entropy
    fit(net, batches(inputs, labels, size), loss, optimizer, steps=steps, every=steps)
    return predictor(net)


# %%
torch.manual_seed(seeds(1)[0])
net16 = mlp(16, 10, 10, 3)
predict16 = train_classifier(net16, X16[train], mu16[train], steps=3000, size=128)
guess = predict16(X16[test])
learnt = np.mean(guess == mu16[test])
claim("16 bits: network, share right on unseen n", learnt, low=0.544, high=0.562)
claim("network minus two-bit rule, in points", 100 * (learnt - rule), low=-1, high=1)

# %% [markdown]
# The network is right on 55 % where "always 0" is right on 39 %. Has it understood something of
# $\mu$? The two-bit rule reaches 55 % as well. The accuracy alone hides what kind of errors are
# made, so we count them all.
#
# ### Exercise 2.6 ★ (10 min) — The confusion matrix
#
# Write `confusion_matrix(truth, guess)` for two arrays with values in $\{-1, 0, 1\}$: the $3 \times
# 3$ matrix of counts, with one row per true value and one column per guess, both in the order $-1,
# 0, 1$.
#
# <details><summary>Hint</summary>
#
# $3(t + 1) + (g + 1)$ numbers the cells; `np.bincount` counts, and has an argument `minlength`.
#
# </details>


# %%
def confusion_matrix(truth, guess):
    # BEGIN SOLUTION
    cells = 3 * (truth + 1) + (guess + 1)
    return np.bincount(cells, minlength=9).reshape(3, 3)
    # END SOLUTION


# %%
confusion_matrix = check("2.6", confusion_matrix, otherwise=week02.confusion_matrix)

# %% alt="Two 3 by 3 tables of counts with equal columns for 0; elsewhere the rule only says −1."
fig, axes = plt.subplots(1, 2, figsize=(7, 2.8))
guesses = {"network": guess, "0 if 4 | n, else −1": two_bits(n16[test])}
for ax, (name, values) in zip(axes, guesses.items(), strict=True):
    plotting.matrix(ax, confusion_matrix(mu16[test], values), annotate=True)
    ax.set(title=name, xlabel="guess", ylabel="μ(n)")
    ax.set(xticks=range(3), xticklabels=[-1, 0, 1], yticks=range(3), yticklabels=[-1, 0, 1])
plt.show()

# %% [markdown]
# The column "0" is the same in both: a quarter of the numbers, all of them with $\mu(n) = 0$. The
# other columns differ. The rule says $-1$ for every number that 4 does not divide. The network uses
# both signs, in a proportion that depends on the seed, and it is right about as often as a coin. We
# measure both statements.

# %%
agree = np.mean((guess == 0) == (n16[test] % 4 == 0))
claim("network says 0 exactly when 4 | n, share of n", agree, low=0.96, high=1.0)
squarefree = mu16[test] != 0
with torch.no_grad():
    scores = net16(torch.tensor(X16[test], device=device())).cpu().numpy()
sign = np.where(scores[:, 2] > scores[:, 0], 1, -1)
claim(
    "sign right on squarefree n", np.mean((sign == mu16[test])[squarefree]), low=0.489, high=0.511
)

# %% [markdown]
# The second band is about 3 standard errors around one half, since $m$ coins have the standard
# error $1/(2\sqrt m)$, and the test half has $m \approx 0.608 \cdot 2^{15}$ squarefree numbers. So
# the network has learnt that 4 divides $n$ when the last two digits are 0, and it has learnt
# nothing of the sign.
#
# ### Exercise 2.7 ★★ (20 min) — Which bits does a predictor read?
#
# One can find out without opening the predictor: shuffle *one* column of the inputs, leave the
# others as they are, and see how much accuracy is lost. Write `bit_importance(predict, X, y,
# order)`, where `predict` maps rows $(m, k)$ to labels $(m,)$ and `order` is a permutation of the
# rows: entry $j$ of the result, $(k,)$, is the accuracy on $X$ minus the accuracy when column $j$
# is replaced by `X[order, j]`.
#
# <details><summary>Hint</summary>
#
# Work on a copy: the next column needs the original again.
#
# </details>


# %%
def bit_importance(predict, X, y, order):
    # BEGIN SOLUTION
    right = np.mean(predict(X) == y)
    losses = []
    for j in range(X.shape[1]):
        shuffled = X.copy()
        shuffled[:, j] = X[order, j]
        losses.append(right - np.mean(predict(shuffled) == y))
    return np.array(losses)
    # END SOLUTION


# %%
bit_importance = check("2.7", bit_importance, otherwise=week02.bit_importance)

# %% [markdown]
# A second instrument opens the network. We take its logit for "0" minus the larger of the two
# others, and differentiate with respect to the input, which autograd does for us (week 1).

# %%
importance = bit_importance(predict16, X16[test], mu16[test], rng(6).permutation(len(test)))
inputs = torch.tensor(X16[test], device=device(), requires_grad=True)
scores = net16(inputs)  # (m, 3)
(scores[:, 1] - scores[:, [0, 2]].amax(1)).sum().backward()
gradient = inputs.grad.abs().mean(0).cpu().numpy()  # (16,)

# %%
claim("accuracy lost with the two lowest bits", importance[:2].min(), low=0.13, high=0.17)
claim("accuracy lost with any other bit, at most", importance[2:].max(), low=-0.01, high=0.02)

# %% alt="Two bar charts over 16 bits: only the two lowest bits have large values in both."
fig, axes = plt.subplots(1, 2, figsize=(7.5, 2.8))
axes[0].bar(range(16), importance)
plt.setp(axes, xticks=range(0, 16, 3))
decorate(axes[0], "Accuracy lost when one bit is shuffled", "bit (0 = lowest)", "share of n")
axes[1].bar(range(16), gradient, color=COLOURS["vermillion"])
decorate(axes[1], "Mean size of the input gradient", "bit (0 = lowest)", "score per unit")
plt.show()

# %% [markdown]
# Both instruments point at the two lowest bits: shuffling one of them costs 15 points, and for any
# other bit we cannot tell the loss from noise. Is this the network's fault? To see that it is not,
# we give up networks and ask what *any* predictor can get from the $k$ lowest bits. For each
# residue modulo $2^k$ we remember the most frequent label in the training half, and we test this
# table on the other half.


# %%
def learn_table(keys, labels, size):
    """The most frequent label of each key 0, …, size − 1; 0 where a key is unseen."""
    counts = np.zeros((size, 3))
    np.add.at(counts, (keys, labels + 1), 1)
    counts[:, 1] += 0.5
    return counts.argmax(1) - 1


# %%
bits = range(16 + 1)
tables = [learn_table(n16[train] % 2**k, mu16[train], 2**k) for k in bits]
on_train = [np.mean(t[n16[train] % len(t)] == mu16[train]) for t in tables]
on_test = [np.mean(t[n16[test] % len(t)] == mu16[test]) for t in tables]
print(f"best table of low bits, share right on unseen n: {max(on_test):.3f}")

# %% alt="Tables on k low bits: accuracy rises to one in training, peaks at 55 percent on unseen n."
fig, ax = plt.subplots(figsize=(6, 3.2))
ax.set_xticks(range(0, 17, 4))
ax.plot(bits, on_train, "o-", label="table, numbers it was made from")
ax.plot(bits, on_test, "s--", label="table, unseen numbers")
ax.axhline(learnt, color="k", lw=1, ls=":", label="network, unseen numbers")
ax.axhline(always_0, color="0.5", lw=1, ls="--", label="always 0")
decorate(ax, "The third bit is worth nothing", "number k of low bits", "share right")
plt.show()

# %% [markdown]
# A table of the two lowest bits is as good as the network. More bits only help to memorise, and at
# 16 bits the table is the network of section 1, perfect on what it was made from and "always 0"
# elsewhere. A few binary digits do not show whether 9 divides $n$.
#
# **All parities at once.** Could some other combination of digits see the sign? The simplest
# combinations are the *parities*: for a set $S$ of digits let $\chi_S(n)$ be $+1$ if $n$ has an
# even number of ones in $S$, and $-1$ otherwise. These are the characters of the group $(\mathbb
# Z/2)^k$, so they are orthogonal, and every function of the $k$ digits is a combination of them.
# The correlations $\hat\mu(S) = 2^{-k}\sum_{n < 2^k} \mu(n)\, \chi_S(n)$ form the *Walsh spectrum*
# of $\mu$. There are $2^k$ sums of $2^k$ terms, but the fast transform needs only $k\, 2^k$
# additions: it is the fast Fourier transform of this group. By hand for $k = 2$: $\mu = (0, 1, -1,
# -1)$ on $n = 0, \dots, 3$, and the lowest digit has $\chi = (1, -1, 1, -1)$, so
# $\hat\mu = (0 - 1 - 1 + 1)/4 = -\frac14$.
#
# **Predict** the largest of the 16 million correlations for $k = 24$. For comparison: if the signs
# of $\mu$ were coins, each correlation would be nearly normal with variance $0.608/2^k$, and the
# largest of $2^k$ such numbers is about $\sqrt{2 \log 2^k \cdot 0.608/2^k}$.

# %%
lengths = [8, 12, 16, 20, 24]
largest = [np.abs(walsh_hadamard(mu[: 2**k])).max() / 2**k for k in lengths]
coins = [np.sqrt(2 * k * np.log(2) * 6 / pi**2 / 2**k) for k in lengths]
print(
    [float(f"{value:.3g}") for value in largest], "if coins:", [f"{value:.3g}" for value in coins]
)
best = round(largest[-1], 6)
claim("n < 2^24: largest correlation of μ with a parity", best, low=0.001014, high=0.001014)

# %%
square_spectrum = walsh_hadamard(np.abs(mu[: 2**24])) / 2**24
print(np.round(square_spectrum[:4], 5).tolist(), "2/π² =", round(2 / pi**2, 5))
three = np.abs(np.abs(square_spectrum[1:4]) - 2 / pi**2).max()
claim("μ²: the three parities of two digits against 2/π²", three, low=0, high=1e-5)

# %% alt="Largest correlation against the number of digits: it falls with the curve for coins."
fig, ax = plt.subplots(figsize=(6, 3.2))
ax.semilogy(lengths, largest, "o", label="μ: largest correlation")
ax.semilogy(lengths, coins, "k-", lw=1, label="expected for fair coins")
ax.axhline(2 / pi**2, color=COLOURS["vermillion"], ls="--", label="μ²: 2/π²")
ax.set(xticks=lengths, ylim=(5e-4, 0.4))
decorate(ax, "No parity of digits sees μ", "number k of digits", "correlation with a parity")
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# The largest of all correlations falls as it would for coins. So nothing in the digits that is a
# parity, or a combination of few parities, helps with the sign. For $\mu^2$ three parities stand
# out, those of the two lowest digits. This can be computed: the odd squarefree numbers have density
# $4/\pi^2$, half of them $\equiv 1$ and half $\equiv 3$ modulo 4; the even ones are twice an odd
# squarefree number, so they are $\equiv 2$ modulo 4 and have density $2/\pi^2$; and multiples of 4
# are never squarefree. So the three classes have density $2/\pi^2$ each, and each of the three
# parities gives one class the sign $+1$ and two the sign $-1$. The sum is $-2/\pi^2$.
#
# What we measured for one range is a theorem in general. Pozdnyakov, *On (not) learning the Möbius
# function* (arXiv 2604.23427, 2026), bounds the correlations of $\mu$ with such characters and
# deduces lower bounds for learning $\mu$ by kernel methods, by gradient methods with noise, and by
# every algorithm that only asks for correlations. Base-$p$ digits belong to the group $(\mathbb
# Z/p)^k$, as here with $p = 2$; residues modulo many primes belong to a cyclic group. The failure
# is thus one of *representation*, and we change it next.
#
# ## 6. Residues: what the best possible predictor could do
#
# Lowry-Duda (2025) gave a transformer (4 + 4 layers, 256 dimensions, 8 heads) the residues $n \bmod
# p$ for the first 100 primes, with $n$ random up to $10^{13}$. After 2 epochs on about a million
# integers it was right on 70.64 % for $\mu^2$ (is $n$ squarefree?) and on 50.98 % for $\mu$, where
# the trivial answers have 60.8 % and 39.2 %. **Is that good?** We can only know if we compute what
# is possible. Lowry-Duda himself explains his accuracies, with further models and by scoring the
# features: the transformer uses whether small primes divide $n$. Our ceiling puts a number on that
# explanation.
#
# Of such an input, we use the set $D$ of those primes that divide $n$. We think of "$p$ divides
# $n$" as independent events of probability $1/p$. (This is exact in the limit, for finitely many
# fixed primes and $n$ uniform in longer and longer intervals.)
#
# ### Exercise 2.8 ★★ (20 min) — How likely is n squarefree?
#
# Of the primes in the list `primes`, exactly those in the list `divisors` divide $n$. Nothing is
# known about other primes. Return the probability that $n$ is squarefree.
#
# <details><summary>Hint</summary>
#
# Among the multiples of $p$, which share is divisible by $p^2$? And $\prod_p (1 - p^{-2}) =
# 6/\pi^2$ over *all* primes.
#
# </details>


# %%
def squarefree_probability(divisors, primes):
    # BEGIN SOLUTION
    known = prod(1 - 1 / p for p in divisors)
    others = 6 / pi**2 / prod(1 - 1 / p**2 for p in primes)
    return known * others
    # END SOLUTION


# %%
squarefree_probability = check(
    "2.8", squarefree_probability, otherwise=week02.squarefree_probability
)

# %%
for divisors in ([], [3], [5], [2], [3, 5]):
    print(divisors, f"{squarefree_probability(divisors, primes_upto(541).tolist()):.3f}")

# %% [markdown]
# Let $P = P(\text{squarefree} \mid D)$. The best guess for $\mu^2$ is "squarefree" if and only if
# $P > 1/2$. Since $2 \in D$ already forces $P \le 1/2$, the best rule is nearly **"squarefree iff
# odd"**. For $\mu$, if $D$ does not tell the sign, the three classes have probabilities $1 - P,\
# P/2,\ P/2$. So one guesses 0 if and only if $P < 2/3$, which is nearly **"0 if 2 or 3 divides $n$,
# else $+1$"**. The *ceiling*, the accuracy of the best predictor, is the mean of the largest
# probability over the law of $D$.


# %%
def ceilings(primes, draws=200_000):
    """The means of max(P, 1 − P) and of max(1 − P, P/2) over random sets D of primes."""
    base = squarefree_probability([], primes.tolist())
    log_P = np.full(draws, np.log(base))
    random = rng(7)
    for p in primes:
        log_P += np.where(random.random(draws) < 1 / p, np.log(1 - 1 / p), 0)
    P = np.exp(log_P)
    return np.maximum(P, 1 - P).mean(), np.maximum(1 - P, P / 2).mean()


# %%
first_100 = primes_upto(541)
ceiling_square, ceiling_mu = ceilings(first_100)
claim("ceiling for μ² from 100 residues", ceiling_square, low=0.701, high=0.705)
claim("ceiling for μ, sign unknown", ceiling_mu, low=0.513, high=0.517)

# %% [markdown]
# Now the rules themselves, on two million integers below $10^9$: 2000 windows of 1000 consecutive
# numbers, each sieved where it lies.


# %%
def windows(top, count, length, seed):
    """`count` random windows below `top`: the integers n and μ(n), both (count · length,)."""
    starts = rng(seed).integers(1, top - length, count).tolist()
    n = (np.array(starts)[:, None] + np.arange(length)).ravel()
    return n, np.concatenate([number_theory.mobius_segment(a, a + length) for a in starts])


n, mu_n = windows(10**9, 2000, 1000, seed=8)


# %%
rule_square = np.mean((n % 2 == 1) == (mu_n != 0))
coprime_to_6 = (n % 2 > 0) & (n % 3 > 0)
rule_mu = np.mean(np.where(coprime_to_6, 1, 0) == mu_n)
claim("n < 10^9: squarefree iff odd, share right", rule_square, low=0.701, high=0.705)
claim("n < 10^9: 0 if 2 | n or 3 | n, else 1, share right", rule_mu, low=0.513, high=0.517)

# %% alt="Accuracies for mu squared and mu: rule, transformer and ceiling agree, trivial is lower."
fig, ax = plt.subplots(figsize=(6, 2.6))
rows = {
    "trivial": (np.mean(mu_n != 0), np.mean(mu_n == 0)),
    "one-line rule": (rule_square, rule_mu),
    "transformer (2025)": (0.7064, 0.5098),
    "ceiling": (ceiling_square, ceiling_mu),
}
for y, (square, sign_too) in enumerate(rows.values()):
    ax.plot(square, y, "o", color=COLOURS["blue"], label="μ²" if y == 0 else None)
    ax.plot(sign_too, y, "s", color=COLOURS["vermillion"], label="μ" if y == 0 else None)
ax.set_yticks(range(4), rows)
decorate(ax, "Two divisibility tests equal the transformer", "share right", "")
plt.show()

# %% [markdown]
# The one-line rule, the transformer and the ceiling lie on top of one another. (The transformer's
# 70.64 % stands on its own sample, and its difference to 70.3 % is what one expects from a sample
# of ten or twenty thousand.) So with these inputs, read in this way, there was nothing more to
# learn, and the transformer had found what there was.
#
# ## 7. Which residues does a network use?
#
# If the explanation is right, then only the residues modulo 2 and 3 should matter. Lowry-Duda
# tested this on his trained model with inputs in which some residues were replaced by random ones.
# We repeat it small: the first 25 primes (the others divide few $n$), the residues written as
# points on the unit circle, $(\cos, \sin)(2\pi n/p)$, which are the characters of section 3, and
# one hidden layer of 64 units.


# %%
def characters(residues, moduli):
    """Residues (m, k) as points on k circles: shape (m, 2k)."""
    angles = 2 * pi * residues / moduli
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


p25 = primes_upto(97)
n_r, mu_r = windows(10**9, 3000, 100, seed=9)
residues = n_r[:, None] % p25  # (300000, 25)
first, last = slice(0, 200_000), slice(200_000, None)

# %%
torch.manual_seed(seeds(1)[0])
X_r = characters(residues, p25)
networks = {}
for name, y in {"μ²": mu_r**2, "μ": mu_r}.items():
    networks[name] = train_classifier(mlp(50, 64, 3), X_r[first], y[first], steps=1500, size=512), y

# %%
noise = rng(10).integers(0, p25, residues[last].shape)  # random residues
broken = {
    "all residues correct": [],
    "only mod 2, 3 correct": range(2, 25),
    "mod 3 random": [1],
    "mod 2 random": [0],
    "mod 2, 3 random": [0, 1],
}

# %%
table = {}
for row, columns in broken.items():
    R = residues[last].copy()
    R[:, list(columns)] = noise[:, list(columns)]
    X = characters(R, p25)
    table[row] = [np.mean(predict(X) == y[last]) for predict, y in networks.values()]

# %% [markdown]
# **Predict** the order of the five rows before you look.

# %% alt="Five kinds of corrupted input, ours and the published accuracies, in the same order."
published = np.array(
    [[69.72, 50.86], [68.15, 50.91], [67.77, 47.56], [58.20, 38.50], [55.18, 35.86]]
)
ours = 100 * np.array(list(table.values()))  # (5, 2)
fig, ax = plt.subplots(figsize=(7, 2.8))
for j, (name, colour) in enumerate([("μ²", "blue"), ("μ", "vermillion")]):
    ax.plot(ours[:, j], range(5), "o", color=COLOURS[colour], label=f"{name}, our network")
    ax.plot(published[:, j], range(5), "x", color=COLOURS[colour], label=f"{name}, transformer")
ax.set_yticks(range(5), table)
ax.invert_yaxis()
decorate(ax, "Lose 2 and 3 and you lose everything", "% right", "")
plt.show()

# %% [markdown]
# The values differ by a few points, because the networks differ, but the order of the rows is that
# of the transformer. We count the pairs of rows that stand in the other order than published. We
# leave out pairs that the publication itself separates by less than half a point.

# %%
apart = published[:, None] - published > 0.5  # (5, 5, 2)
inverted = int(np.count_nonzero(apart & (ours[:, None] <= ours)))
claim("pairs of rows out of the published order", inverted, low=0, high=0)
print(f"μ² with correct residues: {ours[0, 0]:.1f} % right")
print(f"only mod 2, 3 correct costs {ours[0, 0] - ours[1, 0]:.1f} points")

# %% [markdown]
# The two smallest primes carry nearly everything, in the small network as in the large one. This is
# what the ceiling predicts.
#
# ## 8. Change the representation
#
# The ceiling was a property of the inputs and not of any learner, so let us change the inputs.
# Residues modulo $p^2$ tell whether $p^2$ divides $n$. The best rule for $\mu^2$ is then
# "squarefree if and only if no tested square divides $n$".

# %%
mu_flag = mu_n != 0
passes = np.ones(len(n), bool)
square_share, mu_share = [], []
for p in p25:
    passes &= n % p**2 > 0
    square_share.append(np.mean(passes == mu_flag))
    mu_share.append(np.mean(np.where(passes, 1, 0) == mu_n))

# %%
claim("μ² from n mod 4, 9, 25, 49, share right", square_share[3], low=0.980, high=0.983)
print(f"μ from n mod 4, 9, 25, 49, share right: {mu_share[3]:.3f}")

# %% [markdown]
# Can the network find this rule? We take the same small network as before, and give it these four
# residues as unit vectors (4 + 9 + 25 + 49 = 87 inputs) instead of 25 characters.

# %%
moduli = [4, 9, 25, 49]
X_sq = np.concatenate([np.eye(q, dtype=np.float32)[n_r % q] for q in moduli], 1)  # (300000, 87)
y_sq = mu_r**2
predict_sq = train_classifier(
    mlp(87, 64, 3), X_sq[first], y_sq[first], steps=1500, size=512, lr=1e-2
)
network_sq = np.mean(predict_sq(X_sq[last]) == y_sq[last])
claim("network on n mod 4, 9, 25, 49: μ², share right", network_sq, low=0.978, high=0.984)

# %% [markdown]
# ### Exercise 2.9 ★★ (20 min, proof) — What the squares are worth
#
# Show: for $n$ uniform in a long interval, the rule "squarefree iff no $p^2$ with $p \le y$ prime
# divides $n$" is right with probability $1 - \prod_{p \le y}(1 - p^{-2}) + 6/\pi^2$, and for $\mu$
# the rule "0 if such a square divides, else $+1$" is right with probability
# $1 - \prod_{p \le y}(1 - p^{-2}) + 3/\pi^2$ (use that $+1$ and $-1$ are values of $\mu$ equally
# often). Which limits do they have as $y \to \infty$?

# %% [markdown] tags=["solution"]
# *Answer.* Let $A$ be the event that no tested square divides $n$; by the Chinese remainder theorem
# $P(A) = \prod_{p \le y}(1 - p^{-2})$ in the limit of long intervals. Outside $A$ the rule says
# "not squarefree" and is right. Inside $A$ it says "squarefree" and is right exactly when $n$ is
# squarefree; all squarefree $n$ lie in $A$ and have density $6/\pi^2$. The sum is the first
# formula. For $\mu$, inside $A$ the guess $+1$ is right when $\mu(n) = 1$, of density $3/\pi^2$,
# because $M(N) = o(N)$ (equivalent to the prime number theorem). As $y \to \infty$ the product
# tends to $6/\pi^2$: the limits are 1 and $1 - 3/\pi^2 = 0.6960\ldots$ All squares together give
# $\mu^2$ and leave the sign a coin.

# %% alt="Accuracy against the largest prime tested: mu squared tends to 1, mu to 69.6 percent."
product_upto = np.cumprod(1 - 1 / p25**2.0)
print(f"1 − 3/π² = {1 - 3 / pi**2:.3f}")
fig, ax = plt.subplots(figsize=(6, 3.2))
ax.plot(p25, square_share, "o", ls="none", label="μ², measured")
ax.plot(p25, mu_share, "s", ls="none", label="μ, measured")
for limit, text in ((6 / pi**2, "Exercise 2.9"), (3 / pi**2, None)):
    ax.plot(p25, 1 - product_upto + limit, "k-", lw=1, label=text)
ax.axhline(1 - 3 / pi**2, color="0.5", ls="--", lw=1, label="1 − 3/π²")
ax.set_xscale("log")
decorate(
    ax, "Squares of primes give μ² and leave the sign", "largest p with p² tested", "share right"
)
ax.legend(loc="center right", ncols=2)
plt.show()

# %% [markdown]
# The measured points lie on the curves of Exercise 2.9. With four squares, $\mu^2$ is known to
# 98 %, by arithmetic as well as by the network. The same architecture that stayed at 70 % has
# learnt the function as soon as the representation shows it. For $\mu$ the curve ends at 69.6 %,
# and what remains is the sign.
#
# ## 9. A ceiling is a theorem, and theorems have hypotheses
#
# In section 6 we assumed that $D$ does not tell the sign. That was a limit, for fixed primes and
# longer and longer intervals. But the transformer saw $n < 10^{13}$ and not "a large $n$", and the
# 100 residues determine such an $n$ completely. **Think first:** let $n < 10^9$ be squarefree, and
# divide all primes up to 541 out of it. What is left, if it is less than $541^2 = 292681$?


# %%
def count_divisors(n, primes):
    """How many of the primes divide each n: shape (m,)."""
    count = np.zeros(len(n), np.int64)
    for p in primes:
        count += n % p == 0
    return count


# %%
k = count_divisors(n, first_100)
opposite = np.where(k % 2 == 0, -1, 1)  # (m,): −(−1)^k
squarefree = mu_n != 0
parity_sign = np.mean((opposite == mu_n)[squarefree])
claim("n < 10^9, squarefree: −(−1)^k is the sign, share of n", parity_sign, low=0.735, high=0.755)

# %% [markdown]
# This is right on three quarters, from divisibility by the first 100 primes alone. The reason is
# that what is left is 1 or a prime if it is small, and then $\mu(n) = -(-1)^k$ whenever a prime is
# left, where $k$ of the 100 primes divide $n$. A larger rest, too, is more often one prime than
# two. The *size* of $n$ is the information that we had left out when we said that nothing else is
# known. Does the effect survive at $n < 10^{13}$, the range of the publication?

# %% tags=["headline"]
n_13, mu_13 = windows(10**13, 100, 10_000, seed=11)
k = count_divisors(n_13, first_100)
guess = np.where((n_13 % 2 > 0) & (n_13 % 3 > 0), np.where(k % 2 == 0, -1, 1), 0)
arithmetic = np.mean(guess == mu_13)
claim(
    "μ(n), n < 10¹³, one line of arithmetic (transformer: 0.51)", arithmetic, low=0.522, high=0.527
)

# %%
sign_13 = np.mean((np.where(k % 2 == 0, -1, 1) == mu_13)[mu_13 != 0])
print(f"n < 10^13, squarefree: −(−1)^k is the sign on a share of {sign_13:.3f}")

# %% [markdown]
# It survives, but it is small: "0 if 2 or 3 divides $n$, else $-(-1)^k$" is right on 52.5 %. That
# is above the "ceiling" of 51.5 % and above the transformer with the same inputs. Where does the
# advantage come from? We group the squarefree $n < 10^9$ by the size of what is left.

# %%
smooth = np.ones(len(n), np.int64)
for p in first_100:
    smooth[n % p == 0] *= p
u = np.log(n / smooth) / np.log(541)  # the rest is 541^u
edges = np.arange(1, 3.4, 0.2)  # u is 0, for nothing left, or above 1
which = np.digitize(u, edges) - 1
hit = opposite == mu_n
in_bin = [squarefree & (which == i) for i in range(len(edges))]
share = [hit[b].mean() if b.sum() > 500 else np.nan for b in in_bin]

# %% alt="Share of right signs against exponent u: one below u = 2, then falling to a half."
fig, ax = plt.subplots(figsize=(6, 3.0))
ax.plot(edges + 0.1, share, "o-", label="−(−1)^k is the sign of μ(n)")
ax.axhline(0.5, color="0.5", ls="--", lw=1, label="coin")
ax.axvline(2, color="k", lw=1, ls=":")
decorate(ax, "The sign is certain while one prime is left", "u, where 541^u is left", "share right")
plt.show()

# %% [markdown]
# Up to $u = 2$ the rest is a prime and the sign is certain; beyond, the share falls towards that of
# a coin. (Not drawn is $u = 0$, where nothing is left and the rule is always wrong.) So the ceiling
# of section 6 is a theorem about the limit, and for a fixed range it is false. Does a network find
# the rule? We train one on squarefree $n < 10^9$ alone, with the characters of section 7.
# **Predict** its accuracy on the sign; the figure to beat is that of the rule with the same 25
# primes.

# %%
k_r = count_divisors(n_r[last], p25)
torch.manual_seed(seeds(1)[0])
inside = np.flatnonzero(mu_r[first])
predict_sign = train_classifier(mlp(50, 64, 3), X_r[inside], mu_r[inside], steps=2000, size=512)
outside = mu_r[last] != 0
rule_sign = np.mean((np.where(k_r % 2 == 0, -1, 1) == mu_r[last])[outside])
network_sign = np.mean((predict_sign(X_r[last]) == mu_r[last])[outside])

# %%
claim("sign, 25 primes, n < 10^9: −(−1)^k, share right", rule_sign, low=0.550, high=0.568)
claim("sign, 25 primes, n < 10^9: network, share right", network_sign, low=0.49, high=0.53)

# %% [markdown]
# The network stays near the coin, although a rule in the same inputs is right on 56 %. Again a
# function exists and training does not find it. This one is the *parity* of a count of rare events;
# the companion notebook [*Playing with parity*](notebooks/extras/parity.ipynb) shows how hard
# parities are to learn.
#
# ### Exercise 2.10 ★★★ (45 min, experiment) — Is the sign learnable?
#
# Design a test of "a learner predicts the sign of $\mu(n)$ on squarefree $n$ from input X better
# than chance". State the null hypothesis, the number of test integers you need to see an advantage
# of 1 % at three standard errors, and how you split so that nothing leaks. Run it for an input of
# your choice (20 bits; the points $(\cos, \sin)(2\pi n/p)$ for 100 primes $p$; those and $\log n$)
# and report an interval, whatever it says.

# %% [markdown] tags=["solution"]
# *Model answer.* Null hypothesis: given what the learner saw, its guess is right with probability
# 1/2, independently on each test integer. With $m$ test integers the share right has standard error
# $1/(2\sqrt m)$; to see 0.51 at three standard errors, $3/(2\sqrt m) \le 0.01$, so $m \ge 22500$.
# Split by windows, not by single integers, and choose width, steps and seed on a third set: the
# best of twenty runs is no test. For 16 bits the notebook's network gives 50 % within 3 standard
# errors (claimed above). For characters modulo the first 25 primes and $n < 10^9$ the null is
# false in principle, since $-(-1)^k$ is a function of the input and right on 56 %; the network with
# 64 hidden units stays near 50 %, so the experiment measures the learner, not the input. Report
# both.

# %%
# Your experiment goes here.

# %% [markdown]
# ## What we learned
#
# - A network can represent every function on finitely many points, and this says nothing about
#   other points. One hidden layer approximates every continuous function; depth makes some of them
#   exponentially cheaper; and training need not find the good weights that exist.
# - Convolutions are the matrices that commute with translation. A convolutional network learns the
#   filters. $\mu$ is the inverse of a filter.
# - 55 % on $\mu$ from binary digits means "does 4 divide $n$?", and 70 % on $\mu^2$ from residues
#   means "is $n$ odd?". No parity of up to 24 digits has a correlation with $\mu$ above what coins
#   give.
# - Compare with the trivial *and* with the best possible predictor, and then check the hypotheses
#   of "best".
# - The representation decides: with $n$ modulo four squares, the same small network has 98 % for
#   $\mu^2$.
#
# **What it does not show:** that no network learns the sign from digits or residues. We saw only
# that these did not, and the theorems concern certain classes of algorithms. Nor does it show that
# the published transformer could not have learnt it with more than 2 epochs.
#
# **Open question.** Which representation of $n$, computable in time polynomial in $\log n$, lets
# any learner predict the sign of $\mu(n)$, on squarefree $n$ as $n \to \infty$, with an advantage
# over 1/2 that does not tend to 0? Divisibility by small primes does it for bounded $n$ (section
# 9), with an advantage that shrinks from 24 points at $10^9$ to 4 at $10^{13}$. Compare the
# conjectures of Chowla and Sarnak; the notes have the literature.
#
# **Further reading:** D. Lowry-Duda, arXiv 2502.10335, with code at
# github.com/davidlowryduda/mobius_case_study; M. Leshno, V. Lin, A. Pinkus, S. Schocken, *Neural
# Networks* 6 (1993) 861–867; G. Williamson, *Is deep learning a useful tool for the pure
# mathematician?*, Bull. AMS 61 (2024) 271–286; Hardy and Wright, chapters XVI and XVIII.
