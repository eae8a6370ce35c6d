# %% [markdown]
# # Week 3 — How to think about machine learning
#
# *Is there anything about neural networks that a mathematician can predict with a pen before
# running the program?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** derive laws of random and of trained networks, compute their constants, and
# test each law by simulation: signals in wide random networks and their phase transition; the
# linear regime of wide training and its power laws; depth as time, with backpropagation as an
# adjoint equation; gradient descent, momentum and gradient noise as dynamical systems. In the end
# week 2's Möbius network goes to the workshop again.
#
# **What you need:** weeks 1 and 2; Gaussian integrals, eigenvalues, a little probability.
#
# **Where it comes from:** Georg Gottwald's lecture in the third week of the seminar, on learning
# seen from statistical mechanics, dynamical systems and numerical analysis. Papers: Poole et al.
# (2016) and Schoenholz et al. (2017) for signals; Jacot, Gabriel and Hongler (2018), Lee et al.
# (2019) and Dyer and Gur-Ari (arXiv 1909.11304) for wide training; Mei, Montanari and Nguyen (2018)
# and Rotskoff and Vanden-Eijnden (2018) for the mean field; E (2017) and Haber and Ruthotto (2018)
# for networks as equations; Cohen et al. (arXiv 2103.00065) for the edge of stability. Proofs are
# in `lecture_notes/week03.md`.
#
# **Two-hour path:** sections 1, 2, 4, 5 and 6 with exercises 3.1, 3.3, 3.4, 3.6, 3.7 and 3.8 (105
# minutes of exercises). For the week: section 3, the workshop of section 9 and the other exercises;
# section 7 is optional. All exercises together: 225 minutes.

# %% tags=["imports"]
import math
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.integrate import quad
from scipy.optimize import brentq
from torch import nn

from course_utils.checks import check
from course_utils.exercises import week03
from course_utils.maths import mean_field
from course_utils.maths.number_theory import mobius_sieve, primes_upto
from course_utils.plotting import decorate
from course_utils.runtime import claim, device, progress, rng, scale, seeds

# %% [markdown]
# Every law of this week ends in the same test. We measure it on independent seeds, take the mean of
# the values and its standard error (se), and ask how many standard errors lie between the mean and
# the prediction:
#
# $$z = (\text{mean} - \text{predicted}) / \text{se}.$$
#
# We say that a law holds if $|z| < 4$. There is no further allowance. So where a law is a limit for
# large width, we have to remove the effect of the finite width from the measurement, by measuring
# at several widths and extrapolating. Each row is printed where it is measured, and section 10
# collects them.

# %%
LAWS, IDENTITIES = [], []


def law(name, predicted, values):
    """Test a law on independent values, and print and keep its row."""
    values = np.ravel(values).astype(float)
    mean, se = values.mean(), values.std(ddof=1) / math.sqrt(len(values))
    z = (mean - predicted) / se
    LAWS.append((name, predicted, mean, se, len(values), z))
    print(f"{name}: predicted {predicted:.5g}, measured {mean:.5g} ± {se:.1g}, z = {z:+.1f}")
    return z


# %% [markdown]
# Some statements are not limits but identities: they hold for every network up to rounding. A test
# with standard errors would say nothing about them, so they get a list of their own.


# %%
def identity(name, predicted, computed):
    """Compare two numbers that are equal but for rounding, and keep the row."""
    gap = abs(computed - predicted) / max(1, abs(predicted))
    IDENTITIES.append((name, predicted, computed, gap))
    print(f"{name}: {computed:.10g}, distance {gap:.0e}")
    return gap


# %% [markdown]
# ## 1. Signals in a random network
#
# Before training, a network is random. If it is deep, a signal passes through many random layers
# before it comes out, and one may ask what is left of it. This question has an exact answer for
# wide networks, and the answer tells at which variance one should start.
#
# Take $z^{l+1} = W \tanh(z^l) + b$ with $W_{ij} \sim N(0, \sigma_w^2/N)$ and $b_i \sim N(0,
# \sigma_b^2)$, fresh in every layer. Given layer $l$, the entries of $z^{l+1}$ are independent
# Gaussians of variance $\sigma_w^2 \cdot \frac1N \sum_i \tanh^2(z_i^l) + \sigma_b^2$. For large $N$
# the mean over $i$ is an expectation. So the mean square $q$ of the entries obeys the **length
# map**
#
# $$q \mapsto \sigma_w^2\, E \tanh^2(\sqrt q\, z) + \sigma_b^2, \qquad z \sim N(0, 1).$$
#
# To use it we must compute Gaussian expectations.
#
# ### Exercise 3.1 ★ (10 min) — Gaussian expectations
#
# Write `gauss(f, nodes)`, which returns $E f(z)$ for a standard normal $z$ by Gauss–Hermite
# quadrature with that many nodes. It must be exact for polynomials of degree below `2 * nodes`.
#
# <details><summary>Hint</summary>
#
# `np.polynomial.hermite_e.hermegauss` belongs to the weight $e^{-z^2/2}$,
# `np.polynomial.hermite.hermgauss` to $e^{-z^2}$. What should $E\,1$ be?
#
# </details>


# %%
def gauss(f, nodes=201):
    # BEGIN SOLUTION
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)
    return float(weight @ f(z)) / math.sqrt(2 * math.pi)
    # END SOLUTION


# %%
gauss = check("3.1", gauss, otherwise=week03.gauss)

# %% tags=["nbval-check-output"]
print([round(gauss(lambda z, k=k: z**k)) for k in range(9)])

# %% [markdown]
# The moments 1, 0, 1, 0, 3, 0, 15, 0, 105 are the numbers of ways to pair up $k$ points.
#
# The ratio $\tanh(y)/y$ falls in $|y|$. So the first term of the length map, divided by $q$, falls
# in $q$, and the map has one positive fixed point $q^*$ (none if $\sigma_b^2 = 0$ and $\sigma_w^2
# \le 1$). Iterating the map finds it. The module `course_utils.maths.mean_field` finds it by
# bracketing, and we compare the two at $(\sigma_w^2, \sigma_b^2) = (2.5, 0.05)$.

# %%
q = 1.0
for _ in range(200):
    q = 2.5 * gauss(lambda z, q=q: np.tanh(math.sqrt(q) * z) ** 2) + 0.05
error = abs(q - mean_field.length_fixed_point(2.5, 0.05))
claim("q* at (2.5, 0.05): iteration against bracketing", error, low=0, high=1e-7)

# %% [markdown]
# **Two inputs.** Can the network still tell two inputs apart after many layers? Let both have the
# length $q^*$, and let $c$ be their correlation. The same argument gives the **correlation map** $c
# \mapsto (\sigma_w^2 E[\tanh u \tanh v] + \sigma_b^2)/q^*$, where $(u, v)$ is Gaussian with
# variances $q^*$ and correlation $c$. It fixes $c = 1$, because equal inputs stay equal, and there
# it has the slope
#
# $$\chi_1 = \sigma_w^2\, E \tanh'(\sqrt{q^*} z)^2.$$
#
# - If $\chi_1 < 1$ (**order**), all inputs become alike: the correlation tends to $c^* = 1$.
# - If $\chi_1 > 1$ (**chaos**), a small value of $1 - c$ grows by the factor $\chi_1$ in each layer
#   until the correlation settles at some $c^* < 1$.
# - In between lies the **critical line** $\chi_1 = 1$, also called the *edge of chaos*.
#
# The distance $|c^l - c^*|$ falls like $e^{-l/\xi_c}$ with $\xi_c = -1/\ln \chi(c^*)$, where
# $\chi(c)$ is the slope of the correlation map at $c$. This number of layers is called the
# *correlation depth*: it says how deep a network may be before it has forgotten its input.
#
# **Predict:** does a bias, $\sigma_b^2 > 0$, help or hinder chaos? The reference values in the next
# cell were computed by Gauss–Hermite quadrature, independently of the module.

# %%
CRITICAL = {
    0.01: 1.424205,
    0.02: 1.544193,
    0.05: 1.760955,
    0.1: 1.986073,
    0.2: 2.285152,
    0.3: 2.505127,
    0.5: 2.843167,
}
errors = [abs(mean_field.critical_sigma_w2(b) - w) for b, w in CRITICAL.items()]
claim("critical line, largest distance from reference values", max(errors), low=0, high=1e-5)

# %% [markdown]
# The critical $\sigma_w^2$ rises with $\sigma_b^2$. A bias is shared by both inputs and makes them
# alike, so more weight is needed for chaos.
#
# To draw $\xi_c$ in the chaotic phase we need not solve for a fixed point at all, because we can go
# backwards. We *choose* $q^*$ and $c^*$. The two fixed-point equations are $\sigma_w^2 V +
# \sigma_b^2 = q^*$ and $\sigma_w^2 C + \sigma_b^2 = c^* q^*$, with the expectations $V$ of the
# length map and $C$ of the correlation map, and they are linear in the two variances.


# %%
def pair(f, q, c, nodes=101):
    """E f(u) f(v) for arrays q (n, 1) and c (m,): shape (n, m)."""
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)
    weight = weight / weight.sum()
    root, c = np.sqrt(q)[..., None, None], c[..., None, None]
    u = root * z[:, None]
    v = root * (c * z[:, None] + np.sqrt(1 - c**2) * z)  # (n, m, nodes, nodes)
    return np.einsum("nmij,i,j->nm", f(u) * f(v), weight, weight)


q = np.linspace(0.05, 1.85, 24)[:, None] ** 2
c = 1 - np.linspace(1, 0.05, 24) ** 2
V, C = pair(np.tanh, q, np.array([1.0])), pair(np.tanh, q, c)
sw2 = q * (1 - c) / (V - C)
sb2 = q - sw2 * V
slope = sw2 * pair(lambda x: 1 - np.tanh(x) ** 2, q, c)
chaos = (sw2, sb2, -1 / np.log(slope))

# %% [markdown]
# In the ordered phase $c^* = 1$, and `mean_field.correlation_depth` is quick.

# %%
b_line = 0.5 * np.linspace(0, 1, 40)[1:] ** 3
w_line = np.array([mean_field.critical_sigma_w2(b) for b in b_line.tolist()])
sw2 = w_line[:, None] * np.linspace(0.1, 0.999, 20)
sb2 = np.repeat(b_line[:, None], 20, axis=1)
order = (sw2, sb2, np.vectorize(mean_field.correlation_depth)(sw2, sb2))

# %% alt="The critical line in the plane of the two variances, with the depth growing towards it."
fig, ax = plt.subplots()
spots_order, spots_chaos = [(1.3, 0.2), (1.8, 0.3), (2.1, 0.3)], [(3.3, 0.36), (2.8, 0.36)]
for (w, b, depth), spots in ((order, spots_order), (chaos, spots_chaos)):
    mesh = ax.pcolormesh(w, b, np.log10(depth), shading="gouraud", vmin=0, vmax=2.5)
    lines = ax.contour(w, b, depth, [5, 10, 20, 50], colors="w", linewidths=0.7)
    ax.clabel(lines, fontsize=8, manual=spots)
ax.plot(w_line, b_line, color="k", ls="-")
ax.text(0.7, 0.4, "order", color="w")
ax.text(3.5, 0.1, "chaos", color="w")
ax.set(xlim=(0.3, 4), ylim=(0, 0.5))
fig.colorbar(mesh, label=r"$\log_{10} \xi_c$ (layers)")
decorate(ax, "Depth diverges at the edge of chaos", r"$\sigma_w^2$", r"$\sigma_b^2$")
plt.show()

# %% [markdown]
# Left of the black line is order, right of it is chaos. The white lines join points of equal
# $\xi_c$, in layers. Beyond the white lines of 50, the distance of the correlation from $c^*$ falls
# by the factor $e$ in fewer than 50 layers, and far to the left in fewer than 5. In order all
# inputs then look alike; in chaos any two inputs have the correlation $c^*$, however alike they
# were. So a deep network without further devices has to be started near the line, because otherwise
# the correlation of its outputs says nothing about its inputs.
#
# ### Exercise 3.2 ★★ (20 min) — The critical line of erf
#
# For $\tanh$ we need quadrature, but for $\phi(x) = \mathrm{erf}(x) = \frac{2}{\sqrt\pi} \int_0^x
# e^{-t^2} dt$ a pen will do. With $z \sim N(0, 1)$ the length $q^*$ is again the fixed point of $q
# \mapsto \sigma_w^2\, E\, \phi(\sqrt q z)^2 + \sigma_b^2$, and on the critical line $\chi_1 =
# \sigma_w^2\, E\, \phi'(\sqrt{q^*} z)^2$ is 1. Given the length $q \ge 0$, return the pair
# $(\sigma_w^2, \sigma_b^2)$ on the critical line of erf at which $q^* = q$.
#
# <details><summary>Hint</summary>
#
# $E\, e^{-sz^2} = (1 + 2s)^{-1/2}$ and $E\, \mathrm{erf}(\sqrt q z)^2 = \frac 2\pi \arcsin
# \frac{2q}{1 + 2q}$. Solve $\chi_1 = 1$ first.
#
# </details>


# %%
def critical_point_erf(q):
    # BEGIN SOLUTION
    sigma_w2 = math.pi / 4 * math.sqrt(1 + 4 * q)
    return sigma_w2, q - sigma_w2 * 2 / math.pi * math.asin(2 * q / (1 + 2 * q))
    # END SOLUTION


# %%
critical_point_erf = check("3.2", critical_point_erf, otherwise=week03.critical_point_erf)

# %% alt="Critical lines of tanh, of erf, and of erf scaled to slope 1, and one point for relu."
fig, ax = plt.subplots(figsize=(6, 3))
w, b = np.array([critical_point_erf(q) for q in np.linspace(0, 1.6, 60)]).T
ax.plot(w_line, b_line, label="tanh")
ax.plot(w, b, label="erf")
ax.plot(w * 4 / math.pi, b * 4 / math.pi, label="erf, scaled to slope 1")
ax.plot(2, 0, ls="", marker="o", color="k", clip_on=False, label="relu: one point")
ax.set(ylim=(0, 0.5))
decorate(ax, "Each activation has its critical set", r"$\sigma_w^2$", r"$\sigma_b^2$")
plt.show()

# %% [markdown]
# The line of erf starts at $\pi/4$, where its slope $2/\sqrt\pi$ at 0 just keeps lengths. If we
# scale erf to slope 1 at 0, its line starts at $(1, 0)$ like that of tanh and then lies to the left
# of it. For $\mathrm{relu}$, $\chi_1 = \sigma_w^2/2$ whatever the length, so $\chi_1 = 1$ asks for
# $\sigma_w^2 = 2$. But there the length map is $q \mapsto q + \sigma_b^2$, which has a fixed point
# only if $\sigma_b^2 = 0$. So the critical set of $\mathrm{relu}$ is the single point $(2, 0)$. It
# is the usual initialisation of relu networks.
#
# **Now the networks.** We send two inputs of length $q^*$ and correlation 0 through networks of
# width 500 and follow their correlation, at three points and on the critical line.

# %%
POINTS = [(1.3, 0.05), (2.5, 0.05), (4.0, 0.05), (mean_field.critical_sigma_w2(0.05), 0.05)]
QSTAR = np.array([mean_field.length_fixed_point(*point) for point in POINTS])
CSTAR = np.array([mean_field.correlation_fixed_point(*point) for point in POINTS])
SW2, SB2 = np.array(POINTS).T


def correlations(width, depth, random):
    """Correlation of two inputs in each layer, one network per point: shape (depth, 4)."""
    z = np.sqrt(QSTAR)[:, None, None] * random.standard_normal((4, 2, width))
    rows = []
    for _ in range(depth):
        q = (z**2).mean(axis=-1)  # (4, 2)
        rows.append((z[:, 0] * z[:, 1]).mean(axis=-1) / np.sqrt(q.prod(axis=-1)))
        W = random.standard_normal((width, width), dtype=np.float32) / math.sqrt(width)
        z = np.sqrt(SW2)[:, None, None] * (np.tanh(z) @ W)
        z += np.sqrt(SB2)[:, None, None] * random.standard_normal(width)
    return np.array(rows)


runs = np.stack([correlations(500, 60, rng(100 + s)) for s in range(4)])  # (4 nets, 60, 4)

# %% alt="Correlation against depth in order, on the critical line and in chaos, on the theory."
fig, ax = plt.subplots(figsize=(7, 3.6))
names = ["order, 1.3", "chaos, 2.5", "chaos, 4", "critical, 1.761"]
for i, style in ((0, "-"), (3, "-."), (1, "--"), (2, ":")):
    curve = [0.0]
    while len(curve) < 60:
        curve.append(mean_field.correlation_map(curve[-1], *POINTS[i]))
    for net in runs[:, :, i]:
        (line,) = ax.plot(net, lw=1, ls=style, color=f"C{i}")
    line.set_label(names[i])
    ax.plot(curve, color="k", lw=0.8, ls="-", label="theory" if i == 2 else None)
ax.set_xlim(0, 59)
decorate(ax, "Three fates of two inputs (4 nets, width 500)", "layer", "correlation")
ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
plt.show()

# %% [markdown]
# Coloured lines are networks, black lines the iterated correlation map. In order the correlation
# reaches 1 within 30 layers. In chaos it levels off below 1 and fluctuates there, because the width
# is finite. On the critical line it is still climbing at layer 60: there the distance from 1 falls
# like a power of the depth and not exponentially.
#
# **Networks without weights.** For a good measurement we need many networks, and wide ones. Here it
# helps that we know more than we have used: given one layer, the entries of the next layer are
# independent Gaussians, and their covariance is the Gram matrix of the layer. So we need no weights
# at all. If we draw $N$ pairs of Gaussians with the right covariance, we have the next layer of a
# network of width $N$, with exactly its law, at a cost of order $N$ instead of $N^2$.


# %%
def next_gram(gram, w, b, x):
    """The next layer's Gram matrices (…, 2, 2), from standard normal numbers x (…, 2, N)."""
    root = np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))[..., None]  # (…, 2, 1)
    c = np.clip(gram[..., 0, 1, None] / root[..., 0, :] / root[..., 1, :], -1, 1)
    second = c * x[..., 0, :] + np.sqrt(1 - c**2) * x[..., 1, :]
    first = np.broadcast_to(x[..., 0, :], second.shape)
    h = np.tanh(root * np.stack([first, second], axis=-2))  # (…, 2, N)
    return w * (h @ np.swapaxes(h, -1, -2)) / x.shape[-1] + b


def gram_start(q, c):
    """Gram matrices with lengths q and correlations c: shape (…, 2, 2)."""
    c = np.asarray(c)[..., None, None]
    return np.asarray(q)[..., None, None] * (c + (1 - c) * np.eye(2))


# %%
def follow(points, c, width, nets, depth, random):
    """Lengths and values 1 − c of `nets` networks per point: (2, depth, points, nets)."""
    gram = np.repeat(gram_start(QSTAR[points], c)[:, None], nets, axis=1)
    w, b = SW2[points, None, None, None], SB2[points, None, None, None]
    rows = []
    for _ in range(depth):
        x = random.standard_normal((len(points), nets, 2, width))
        gram = next_gram(gram, w, b, x)
        lengths = np.diagonal(gram, axis1=-2, axis2=-1)
        apart = 1 - gram[..., 0, 1] / np.sqrt(lengths.prod(axis=-1))
        rows.append((lengths.mean(axis=-1), apart))
    return np.array(rows).swapaxes(0, 1)


# %% [markdown]
# The laws hold for $N \to \infty$, and at finite $N$ every mean is shifted by $A/N$ to leading
# order. For the length one can compute $A$. If $M$ is the length map, one layer does $q \mapsto
# M(q) + \varepsilon$ with $E\varepsilon = 0$ and $\mathrm{Var}\, \varepsilon = s^2/N$, $s^2 =
# \sigma_w^4\, \mathrm{Var} \tanh^2(\sqrt{q} z)$. So $q - q^*$ has the stationary variance
# $\frac{s^2/N}{1 - M'^2}$, and taking means of $q = M(q) + \varepsilon$ to second order gives
#
# $$E q - q^* \approx \frac{A}{N}, \qquad A = \frac{M''}{2 (1 - M')} \cdot \frac{s^2}{1 - M'^2}.$$
#
# We measure at four widths from 100 to 800, with the same total number of neurons at each width,
# and fit a straight line in $1/N$ for each of 20 seeds. Its value at $1/N = 0$ estimates the limit.

# %%
widths, chaotic = np.array([100, 200, 400, 800]), np.array([0, 1, 2])


def limits(random):
    """Lengths and correlations extrapolated to infinite width: (2, 3 points)."""
    means = []
    for width in widths:
        run = follow(chaotic, np.minimum(CSTAR[:3], 0.9), width, 1600 // width, 90, random)
        run[1] = 1 - run[1]
        means.append(run[:, 50:].mean(axis=(1, 3)).ravel())
    return np.polyfit(1 / widths, means, 1)[1].reshape(2, 3)


fits = np.array([limits(rng(200 + s)) for s in progress(range(20))])

# %%
for i in range(3):
    law(f"length q* at {POINTS[i]}", QSTAR[i], fits[:, 0, i])
for i in (1, 2):
    law(f"correlation c* at {POINTS[i]}", CSTAR[i], fits[:, 1, i])

# %% [markdown]
# The limits agree. Next comes the constant $A$ itself, at $(1.3, 0.05)$. Narrow networks show it
# best: with $a(N) = N(E q - q^*)$, the combination $2a(50) - a(25)$ is free of the next order,
# $1/N^2$ in $E q$. In the ordered phase $c^* = 1$ has no error bar, and we state how far from 1 the
# correlation still is after 90 layers.


# %%
def length_shift(w, b, step=1e-3):
    """The constant A of E q − q* ≈ A/N, by differences of the length map."""
    q = mean_field.length_fixed_point(w, b)
    up, mid, down = (mean_field.length_map(q + d, w, b) for d in (step, 0, -step))
    first, second = (up - down) / (2 * step), (up - 2 * mid + down) / step**2
    squares = [gauss(lambda z, k=k: np.tanh(math.sqrt(q) * z) ** k) for k in (2, 4)]
    variance = w**2 * (squares[1] - squares[0] ** 2)
    return second / 2 / (1 - first) * variance / (1 - first**2)


# %%
def measured_shift(width, random):
    lengths = follow(np.array([0]), np.array([0.9]), width, 16_000 // width, 40, random)[0]
    return width * (lengths[10:].mean() - QSTAR[0])


shifts = [2 * measured_shift(50, rng(s)) - measured_shift(25, rng(s + 50)) for s in range(20)]
law("length at (1.3, 0.05): constant A", length_shift(1.3, 0.05), shifts)
deep = follow(np.array([0]), np.array([0.9]), 800, 20, 90, rng(300))[1, -1]
claim("1 − c after 90 layers at (1.3, 0.05), largest of 20 nets", deep.max(), low=0, high=1e-4)

# %% [markdown]
# **How fast does a small difference grow?** By $\chi_1$ in each layer, so that $\ln(1 - c)$ gains
# $\ln \chi_1$: it falls in order, stays on the critical line, and rises in chaos. We start at $1 -
# c = 10^{-8}$, follow 30 layers, and extrapolate in $1/N$ as before. Schoenholz et al. (2017)
# argue that the mean square of a gradient is multiplied by the same factor on its way back,
# because the gradient passes the transposed matrices. So in chaos gradients explode and in order
# they vanish, which week 4 meets again in recurrent networks.


# %%
def growth(random):
    """The gain of ln(1 − c) per layer, extrapolated to infinite width: (3 points,)."""
    gains = []
    for width in widths:
        run = follow(np.array([1, 2, 3]), np.full(3, 1 - 1e-8), width, 1600 // width, 30, random)
        gains.append((np.log(run[1, -1] / run[1, 0]) / 29).mean(axis=-1))
    return np.polyfit(1 / widths, gains, 1)[1]


gains = np.array([growth(rng(400 + s)) for s in progress(range(20))])
for k, i in enumerate((1, 2, 3)):
    name = ["chaos (2.5, 0.05)", "chaos (4.0, 0.05)", "critical (1.761, 0.05)"][k]
    law(f"ln growth of a difference, {name}", math.log(mean_field.chi(*POINTS[i])), gains[:, k])

# %% [markdown]
# ### Exercise 3.3 ★★ (15 min) — The depth from a slope
#
# It remains to measure $\xi_c$. The array `curve` holds one number $c_l$ for each layer $l = 0, 1,
# \dots$, and its distance from its limit $c^*$ falls like $e^{-l/\xi}$. Write `fitted_depth(curve,
# limit, low, high)`: for the layers where $|c_l - c^*|$ lies strictly between low and high, fit a
# straight line to $\ln |c_l - c^*|$ against $l$ by least squares and return $\xi =
# -1/\text{slope}$.
#
# <details><summary>Hint</summary>
#
# `np.flatnonzero` finds the layers, `np.polyfit(x, y, 1)[0]` is the slope.
#
# </details>


# %%
def fitted_depth(curve, limit, low, high):
    # BEGIN SOLUTION
    distance = np.abs(np.asarray(curve) - limit)
    layers = np.flatnonzero((distance > low) & (distance < high))
    return -1 / np.polyfit(layers, np.log(distance[layers]), 1)[0]
    # END SOLUTION


# %%
fitted_depth = check("3.3", fitted_depth, otherwise=week03.fitted_depth)

# %% [markdown]
# A single curve drowns in noise of size $N^{-1/2}$ before it is straight. So we compare two pairs
# of inputs that start at $c^* - 0.001$ and $c^* - 0.002$, and give *both the same random numbers*.
# Each of them has the right law, but their fluctuations are nearly the same. The difference of the
# two correlations therefore shrinks like $e^{-l/\xi_c}$ over many layers, and its limit is 0.


# %%
def depth_curve(i, width, layers, random):
    """The difference of two correlations driven by the same random numbers: (layers,)."""
    gram = gram_start(QSTAR[i], CSTAR[i] - np.array([0.001, 0.002]))  # (2, 2, 2)
    curve = []
    for _ in range(layers):
        c = gram[:, 0, 1] / np.sqrt(gram[:, 0, 0] * gram[:, 1, 1])
        curve.append(c[0] - c[1])
        gram = next_gram(gram, *POINTS[i], random.standard_normal((2, width)))
    return np.array(curve)


# %%
for i in range(3):
    curves = [depth_curve(i, 20_000, 40, rng(500 + 20 * i + s)) for s in range(16)]
    depths = [fitted_depth(curve, 0, 1e-9, 1e-3) for curve in curves]
    law(f"correlation depth at {POINTS[i]}", mean_field.correlation_depth(*POINTS[i]), depths)

# %% [markdown]
# So the pen predicts how long a random network remembers, to about one percent. This is not a law
# of nature about trained networks. It concerns the start, where there is as yet no data.

# %% [markdown] tags=["context:3.4", "context:3.5", "context:3.10"]
# ## 2. Wide networks learn linearly
#
# Training is not linear, because the output is not linear in the weights. But a wide network has so
# many weights that each of them hardly has to move, and a function that is explored only near one
# point is nearly linear. How near? That is a question about exponents.
#
# Let $f(x) = n^{-1/2} \sum_i a_i \tanh(w_i \cdot x)$ with all $a_i$, $w_{ij}$ standard normal at
# the start, and let $\theta$ be all the weights together. Under gradient descent on $\frac12 \sum_s
# (f(x_s) - y_s)^2$ at rate $\eta$, the vector of outputs moves by $-\eta K (f - y)$ to first order,
# with the **neural tangent kernel**
#
# $$K_{st} = \nabla_\theta f(x_s) \cdot \nabla_\theta f(x_t).$$
#
# If $K$ did not change, training would be linear regression (week 1). How much does it change?

# %% [markdown]
# ### Exercise 3.4 ★★★ (30 min) — The tangent kernel by hand
#
# Write `tangent_kernel(W, a, X)` for weights $W$ (d, n) whose columns are the $w_i$, $a$ (n,),
# inputs $X$ (m, d). Return $K$ (m, m), without calling an automatic differentiator.
#
# <details><summary>Hint</summary>
#
# $\partial f/\partial a_i = n^{-1/2} \tanh(w_i \cdot x)$ and
# $\partial f/\partial w_i = n^{-1/2} a_i \tanh'(w_i \cdot x)\, x$. Sum the products over $i$; the
# second part contains $x_s \cdot x_t$.
#
# </details>


# %%
def tangent_kernel(W, a, X):
    # BEGIN SOLUTION
    h = np.tanh(X @ W)  # (m, n)
    slope = (1 - h**2) * a
    return (h @ h.T + (slope @ slope.T) * (X @ X.T)) / len(a)
    # END SOLUTION


# %%
tangent_kernel = check("3.4", tangent_kernel, otherwise=week03.tangent_kernel)

# %% [markdown]
# The task: 16 points $x$ from $-1$ to 1, input $(x, 1)/\sqrt 2$, target $\sin 3x$. One function
# trains any two-layer network $s \sum_i a_i \tanh(w_i \cdot x)$. The scale $s$ and the rate will
# make the difference between this section and the next.

# %%
x16 = np.linspace(-1, 1, 16)
X, y = np.stack([x16, np.ones(16)], axis=1) / math.sqrt(2), np.sin(3 * x16)  # (16, 2), (16,)


def descend(W, a, s, rate, steps, target=y):
    """Gradient descent from W (2, n), a (n,) on half the sum of squared errors."""
    for _ in range(steps):
        h = np.tanh(X @ W)  # (16, n)
        r = rate * s * (s * (h @ a) - target)
        W = W - ((X.T @ r)[:, None] - (X * r[:, None]).T @ (h * h)) * a
        a = a - r @ h
    return W, a


# %% [markdown]
# We train for 50 steps at the rate $1/\lambda_{\max}(K_0)$. Beside the network runs the linearised
# model, whose outputs obey $f \leftarrow f - \eta K_0 (f - y)$ exactly. So that every network
# starts at the same function, we subtract from $f$ its values at the start: the network has to
# learn $y$ from $f = 0$.

# %%
STEPS = 50


def relative(new, old):
    return np.linalg.norm(new - old) / np.linalg.norm(old)


def lazy_run(W0, a0):
    """Relative changes of kernel, of the function against its linearisation, of the weights."""
    K0, n = tangent_kernel(W0, a0, X), len(a0)
    rate, start = 1 / np.linalg.eigvalsh(K0)[-1], np.tanh(X @ W0) @ a0 / math.sqrt(n)
    W, a = descend(W0, a0, n**-0.5, rate, STEPS, target=y + start)
    f = np.tanh(X @ W) @ a / math.sqrt(n) - start
    linear = y - np.linalg.matrix_power(np.eye(16) - rate * K0, STEPS) @ y
    moved = relative(np.vstack([W, a]), np.vstack([W0, a0]))
    return relative(tangent_kernel(W, a, X), K0), relative(f, linear), moved


# %% [markdown]
# **Predict** three exponents of the width $n$: for the change of the kernel, for the distance
# between the function and its linearisation, and for the movement of the weights. Each of $n$
# neurons has to contribute $1/n$ to a change of $f$ of order one. Its output is multiplied by
# $n^{-1/2}$, so its weights move by order $n^{-1/2}$. The bound that follows for the kernel is
# $O(n^{-1/2})$, too (Lee et al. 2019).

# %%
widths = np.array([64, 256, 1024, 4096, 16384])
repeats = scale(laptop=32, paper=100)


def sweep(draw, repeats, random):
    """Three relative changes for every width and seed: (5, repeats, 3)."""
    return np.array([[lazy_run(*draw(n, random)) for _ in range(repeats)] for n in widths])


def normal_start(n, random):
    return random.standard_normal((2, n)), random.standard_normal(n)


lazy = sweep(normal_start, repeats, rng(2))
means = np.exp(np.log(lazy).mean(axis=1))  # (widths, 3), geometric means

# %% alt="Three relative changes against the width on logarithmic axes, with two power laws."
fig, ax = plt.subplots(figsize=(6.5, 3.8))
names = ["kernel", "function against linearisation", "weights"]
for k, (name, marker) in enumerate(zip(names, "os^", strict=True)):
    se = np.log(lazy[:, :, k]).std(axis=1) / math.sqrt(repeats)
    ax.errorbar(widths, means[:, k], yerr=2 * se * means[:, k], marker=marker, ms=5, label=name)
ax.plot(widths, 3.3 / widths, color="k", lw=0.8, ls="-", label=r"$n^{-1}$ and $n^{-1/2}$")
ax.plot(widths, 1.6 / np.sqrt(widths), color="k", lw=0.8, ls="-")
ax.set(xscale="log", yscale="log")
decorate(ax, f"Three power laws ({repeats} seeds per width)", "width n", "relative change")
plt.show()

# %% [markdown]
# The weights follow $n^{-1/2}$. But kernel and function fall nearly as fast as $n^{-1}$, which is
# twice the exponent of the bound. The exponents are limits, so we print the local slope from each
# width to the next, and then fit over the last three widths, one slope per seed.

# %%
steps_of_n = np.diff(np.log(widths))
for name, slopes in zip(names, (np.diff(np.log(means), axis=0).T / steps_of_n), strict=True):
    print(f"{name:31} local slopes", *(f"{slope:6.2f}" for slope in slopes))


# %%
def exponents(changes):
    """Slopes of ln(change) in ln(n) over the last three widths, for each seed: (seeds, 3)."""
    last = np.log(changes[-3:]).reshape(3, -1)
    return np.polyfit(np.log(widths[-3:]), last, 1)[0].reshape(-1, 3)


local = exponents(lazy)
for k, exponent in enumerate([-1, -1, -0.5]):
    law(f"width exponent: {names[k]}", exponent, local[:, k])
se = local.std(axis=0, ddof=1) / math.sqrt(repeats)
half = np.abs(local[:, :2].mean(axis=0) + 0.5) / se[:2]
claim("exponents −1 of kernel and function: |z| of −1/2", half.min(), low=4, high=60)

# %% [markdown]
# The exponent $-1/2$ is rejected for kernel and function. That the kernel changes only by $1/n$ was
# found by Dyer and Gur-Ari (arXiv 1909.11304), who count powers of $n$ with Feynman diagrams. The
# bound is not wrong, but for this network it is not sharp. There is a reason for it, and it is one
# line of symmetry.
#
# ### Exercise 3.5 ★★★ (30 min, proof) — Why −1 and not −1/2
#
# Show that for this network the change of the kernel over a fixed training time is of order
# $n^{-1}$. Why does the argument "each neuron moves by $n^{-1/2}$" lose a factor?
#
# <details><summary>Hint</summary>
#
# Write $K = \frac1n \sum_i k(a_i, w_i)$ and expand in the movement of neuron $i$. What happens to
# the first-order term under $a_i \mapsto -a_i$?
#
# </details>

# %% [markdown] tags=["solution"]
# **Model answer.** $K_{st} = \frac1n \sum_i k(a_i, w_i)$ with $k(a, w) = h_s h_t + a^2 h'_s h'_t\,
# x_s \cdot x_t$, $h_s = \tanh(w \cdot x_s)$, which is even in $a$. Gradient descent moves neuron
# $i$ by $\delta a_i = -n^{-1/2} \sum_s R_s h_s$ and $\delta w_i = -n^{-1/2} a_i \sum_s R_s h'_s
# x_s$, where $R_s$ is the sum of the residuals at $x_s$, times the rate: of order one. So $\delta
# a_i$ is even in $a_i$ and $\delta w_i$ odd. To first order $\delta k = \partial_a k\, \delta a +
# \partial_w k \cdot \delta w$. Since $\partial_a k$ is odd and $\partial_w k$ even in $a$, $\delta
# k = n^{-1/2} g(a_i, w_i)$ with $g$ *odd* in $a_i$. The $a_i$ are symmetric, so the mean of $g$ is
# zero and $\frac1n \sum_i \delta k_i = n^{-1/2} \cdot O(n^{-1/2}) = O(n^{-1})$. (The residuals
# depend on the weights through the kernel, in which one neuron has the share $1/n$; this changes
# the mean of $g$ by less. The second-order terms are $O(n^{-1})$ each without help.) The bound
# $n^{-1/2}$ adds the movements as if all had one sign.

# %% [markdown]
# If symmetry is the reason, then a start *without* it must show the exponent $-1/2$. We make all
# $a_i$ positive. That is not enough: under $w \mapsto -w$ the first-order term changes its sign as
# well, because tanh is odd. So we make the weights of the constant input positive, too.
# **Predict** the exponents of all three quantities.


# %%
def one_signed_start(n, random):
    W, a = normal_start(n, random)
    return np.stack([W[0], np.abs(W[1])]), np.abs(a)


signed = sweep(one_signed_start, 12, rng(3))
signed_means = np.exp(np.log(signed).mean(axis=1))
for name, slopes in zip(names, np.diff(np.log(signed_means), axis=0).T / steps_of_n, strict=True):
    print(f"{name:31} local slopes", *(f"{slope:6.2f}" for slope in slopes))

# %% [markdown]
# Now all three slopes tend to $-1/2$, and the bound is attained. Here the approach to the limit is
# visible, so we extrapolate it: the squared change is $A/n + B/n^2 + \dots$, hence a local slope
# misses its limit by a multiple of $1/n$, and with widths that grow by a factor of 4 the
# combination $(4 s_{\text{last}} - s_{\text{before}})/3$ is free of that error.

# %%
slopes = np.diff(np.log(signed), axis=0) / math.log(4)  # (4, seeds, 3)
for k, name in enumerate(names[:2]):
    law(f"one-signed start: {name}", -0.5, (4 * slopes[-1, :, k] - slopes[-2, :, k]) / 3)

# %% [markdown]
# So the exponent is decided by a symmetry of the initialisation. A wide network of this kind is
# close to its linearisation at every fixed time, and closer than the general bound says.
#
# ## 3. The mean field: networks whose neurons move
#
# If the weights hardly move, the network cannot find new features; it only weighs those that it was
# born with. Another scaling behaves differently. Divide the output by $n$ instead of $n^{1/2}$, and
# multiply the rate by $n$. The network is then the integral of $a \tanh(w \cdot x)$ over the
# *measure* $\frac1n \sum_i \delta_{(a_i, w_i)}$. By the law of large numbers this measure is at the
# start close to the normal law, and gradient descent moves it by an equation that does not depend
# on $n$ (Mei, Montanari and Nguyen 2018; Rotskoff and Vanden-Eijnden 2018). **Predict** two more
# exponents: of the variance of the trained $f$ over initialisations, and of the relative movement
# of the $w_i$.

# %%
widths3, groups = [256, 1024, 4096], 12


def rich_run(n, random):
    """Outputs after 50 steps, and the relative movement of W: (17,)."""
    W0, a0 = normal_start(n, random)
    W, a = descend(W0, a0, 1 / n, 0.5 * n / 16, 50)
    return np.append(np.tanh(X @ W) @ a / n, relative(W, W0))


rich = np.array([[rich_run(n, rng(4 + s)) for s in range(5 * groups)] for n in widths3])
rich = rich.reshape(3, groups, 5, 17)  # widths, groups, seeds, 16 outputs and the movement

# %% [markdown]
# A variance needs several seeds, so we form 12 groups of 5 and fit one exponent per group. For the
# movement the prediction is a limit that is neither 0 nor infinity; we state how much it changes
# from width 256 to 4096.

# %%
spread = rich[..., :16].var(axis=2, ddof=1).mean(axis=-1)  # (widths, groups)
slopes = np.polyfit(np.log(widths3), np.log(spread), 1)[0]
law("mean field: exponent of the variance", -1, slopes)
moves = rich[..., 16].mean(axis=(1, 2))  # (widths,)
print("relative movement of w at widths 256, 1024, 4096:", moves.round(3))
claim("mean field: movement at width 4096 over width 256", moves[2] / moves[0], low=0.9, high=1.1)

# %% alt="Neurons before and after training: hardly moved in one scaling, far moved in the other."
fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), sharex=True, sharey=True)
for ax, s, rate, name in ((axes[0], 256**-0.5, 1, "lazy"), (axes[1], 1 / 256, 256, "rich")):
    W0, a0 = normal_start(256, rng(3))
    W, a = descend(W0, a0, s, 0.5 * rate / 16, 300)
    ax.plot(*np.stack([W0[:, ::2], W[:, ::2]], axis=1), color="0.6", lw=0.6, ls="-")
    ax.scatter(*W, c=np.sign(a), s=8, cmap="PuOr", edgecolors="k", linewidths=0.3)
    decorate(ax, f"{name}: 256 neurons, 300 steps", "$w_1$ (of x)", "$w_2$ (of 1)")
plt.show()

# %% [markdown]
# Each point is a neuron's $w_i$ after training, coloured by the sign of $a_i$. A grey line leads
# back to its start (for every second neuron). On the left, in the scaling of section 2, hardly
# anything moves: the network fits by a small common push, it is *lazy*. On the right the neurons
# travel and align. Both networks come nearer to the data, but only the second one has changed its
# features.

# %% [markdown] tags=["context:3.6"]
# ## 4. Depth as time
#
# A residual layer adds something small to its input, $x_{k+1} = x_k + h F(x_k)$. That is Euler's
# method for the differential equation $\dot x = F(x)$, with the depth as time (E 2017; Haber and
# Ruthotto 2018). So two bodies of knowledge apply to deep networks: numerical analysis tells when
# the layers are stable, and the calculus of variations tells what backpropagation computes.
#
# **Stability.** Take the linear model $\dot x = K x$, $K = \begin{pmatrix} -\gamma & w \\ -w &
# -\gamma \end{pmatrix}$, with eigenvalues $-\gamma \pm iw$: a rotation, damped for $\gamma > 0$.
# The flow never grows if $\gamma \ge 0$. The network multiplies the norm in each layer by $|1 +
# h(iw - \gamma)|$.

# %% [markdown]
# **Predict:** with $h = 0.1$, $w = 3$, $\gamma = 0$, what happens to a vector of length 1 in 1000
# layers?

# %% tags=["nbval-check-output"]
h, w = Fraction(1, 10), 3
for gamma in (0, Fraction(45, 100), Fraction(1, 2), 1):
    print(f"gamma = {float(gamma)}: squared norm times", (1 - h * gamma) ** 2 + (h * w) ** 2)

# %% [markdown]
# At $\gamma = 0$ the squared norm grows by 109/100 in each layer, so after 1000 layers the length
# is $1.09^{500} = 5 \cdot 10^{18}$, although under the equation it stays 1 for ever. At $\gamma =
# 0.45$ it still grows, though the flow decays.
#
# ### Exercise 3.6 ★ (10 min) — The least damping
#
# Write `stable_damping(h, w)`: the least $\gamma$ for which $|1 + h(iw - \gamma)| = 1$, for $hw \le
# 1$.
#
# <details><summary>Hint</summary>
#
# A quadratic equation in $\gamma$ with two roots. The difference of two nearly equal numbers
# loses digits; the product of the roots is $w^2$.
#
# </details>


# %%
def stable_damping(h, w):
    # BEGIN SOLUTION
    return h * w**2 / (1 + math.sqrt(1 - (h * w) ** 2))
    # END SOLUTION


# %%
stable_damping = check("3.6", stable_damping, otherwise=week03.stable_damping)

# %% [markdown]
# These laws are exact for every starting vector, so they go into the list of identities. The least
# damping is also found by looking for the $\gamma$ at which 1000 layers neither grow nor shrink.


# %%
def path(gamma, x, layers, h=0.1, w=3.0):
    """The layers of a linear residual network: shape (layers + 1, 2)."""
    step = np.eye(2) + h * np.array([[-gamma, w], [-w, -gamma]])
    states = [x]
    for _ in range(layers):
        states.append(step @ states[-1])
    return np.array(states)


def log_growth(gamma, x):
    return math.log(np.linalg.norm(path(gamma, x, 1000)[-1]) / np.linalg.norm(x))


# %%
start = rng(4).standard_normal(2)
for gamma in (0, 1):
    exact = 500 * math.log((1 - 0.1 * gamma) ** 2 + 0.09)
    identity(f"residual network, gamma = {gamma}: ln growth", exact, log_growth(gamma, start))
least = brentq(log_growth, 0, 1, args=(start,), xtol=1e-13)
identity("residual network: least damping", float(stable_damping(0.1, 3)), least)

# %% alt="Four paths of a residual network: growing, on a circle, and two spirals inwards."
fig, axes = plt.subplots(1, 4, figsize=(8, 2.7), sharex=True, sharey=True)
for ax, gamma in zip(axes, [0.3, least, 0.6, 1], strict=True):
    ax.plot(*path(gamma, np.array([1.0, 0]), 60).T, marker=".", ms=3, lw=0.7)
    ax.set_aspect("equal")
    decorate(ax, rf"$\gamma$ = {gamma:.4g}", "$x_1$", "$x_2$" if gamma == 0.3 else "")
plt.show()

# %% [markdown]
# The pictures show 60 layers from $(1, 0)$. All four flows spiral inwards, but the network at
# $\gamma = 0.3$ spirals outwards, and at the least damping 0.4606 it walks on a circle for ever.
# To leading order the least damping is $hw^2/2$. It is the step of a layer that asks for it, and
# not
# the equation.
#
# Other layers need no damping. The *implicit midpoint* takes $x$ to the $y$ with $y = x +
# hK\frac{x + y}{2}$. If $K^T = -K$, then $(x + y) \cdot (y - x) = \frac h2 (x + y) \cdot K(x + y) =
# 0$, and the left side is $|y|^2 - |x|^2$. So the norm is kept for every step $h$, as in the flow.


# %%
def midpoint_step(K, x, h):
    """The solution y of y = x + h K (x + y)/2."""
    half, one = h / 2 * K, np.eye(len(K))
    return np.linalg.solve(one - half, (one + half) @ x)


# %%
M = rng(5).standard_normal((10, 10))
x = start = rng(6).standard_normal(10)
for _ in range(1000):
    x = midpoint_step(M - M.T, x, 0.1)
norms = float(np.linalg.norm(start)), float(np.linalg.norm(x))
identity("implicit midpoint, 1000 layers: norm", *norms)

# %% [markdown]
# The price is a linear system (in a real network, a nonlinear one) in each layer.

# %% [markdown] tags=["context:3.7"]
# **Backpropagation is an adjoint equation.** Let $\dot x = F(x, t)$ run from $x(0)$ to $x(T)$, and
# let $\ell$ be a function of $x(T)$. A small change $\delta x$ of the state at time $t$ is carried
# along by the linearised equation $\dot{\delta x} = J \delta x$ with $J = \partial F/\partial x$.
# How much does it change $\ell$ in the end? By $\lambda(t) \cdot \delta x(t)$, where $\lambda(T) =
# \nabla \ell$ and $\lambda \cdot \delta x$ is *constant in time*. Differentiating this product
# gives the **adjoint equation**
#
# $$\dot \lambda = -J^T \lambda, \qquad \lambda(T) = \nabla \ell(x(T)),$$
#
# which runs backwards in time. A residual network does the same in steps. There $\delta x_{k+1} =
# (1 + hJ_k)\, \delta x_k$, so that $\lambda_k = (1 + hJ_k)^T \lambda_{k+1}$ keeps $\lambda_k \cdot
# \delta x_k$ the same in every layer. This is Euler's method for the adjoint equation, with $J$
# taken at the early end of each step, and it is backpropagation. The gradient for the weights of
# layer $k$ is what they do to $x_{k+1}$, paired with $\lambda_{k+1}$.

# %% [markdown]
# ### Exercise 3.7 ★★ (25 min) — Backpropagation by the adjoint
#
# A residual network has layers $x_{k+1} = x_k + h \tanh(W_k x_k)$ for $k = 0, \dots, L - 1$, and
# the loss is $\ell = g \cdot x_L$ for a fixed vector $g$. Write `adjoint_gradient(W, x, g, h)` for
# $W$ of shape (L, d, d), $x = x_0$ and $g$ of shape (d,). Return $\partial \ell/\partial W$ of
# shape (L, d, d), without an automatic differentiator and without difference quotients.
#
# <details><summary>Hint</summary>
#
# Go forward and keep the $x_k$. Go back from $\lambda_L = g$. With $s_k = 1 - \tanh^2(W_k x_k)$
# (entrywise), $\partial \ell/\partial W_k = h\, (s_k \lambda_{k+1})\, x_k^T$ and $J_k =
# \mathrm{diag}(s_k)\, W_k$.
#
# </details>


# %%
def adjoint_gradient(W, x, g, h):
    # BEGIN SOLUTION
    states = [np.asarray(x)]
    for weight in W:
        states.append(states[-1] + h * np.tanh(weight @ states[-1]))
    gradient, adjoint = np.zeros(np.shape(W)), np.asarray(g)
    for k in reversed(range(len(W))):
        pulled = h * (1 - np.tanh(W[k] @ states[k]) ** 2) * adjoint  # (d,)
        gradient[k] = np.outer(pulled, states[k])
        adjoint = adjoint + W[k].T @ pulled
    return gradient
    # END SOLUTION


# %%
adjoint_gradient = check("3.7", adjoint_gradient, otherwise=week03.adjoint_gradient)

# %% [markdown]
# PyTorch's autograd knows nothing of adjoint equations; it applies the chain rule to each
# operation.
# The two must give the same numbers. The test network has 50 layers that vary slowly with the
# depth.


# %%
def slow_layers(L, random):
    """Weights that are smooth functions of k/L: shape (L, 4, 4)."""
    A, B = random.standard_normal((2, 4, 4))
    return A + np.sin(3 * np.arange(L) / L)[:, None, None] * B


x, g = rng(7).standard_normal((2, 4))
layers = slow_layers(50, rng(8))
W = torch.tensor(layers, requires_grad=True)
state = torch.tensor(x)
for weight in W:
    state = state + torch.tanh(weight @ state) / 50
(state @ torch.tensor(g)).backward()
apart = np.abs(np.asarray(adjoint_gradient(layers, x, g, 1 / 50)) - W.grad.numpy()).max()
claim("adjoint against autograd, largest difference", apart, low=0, high=1e-13)

# %% [markdown]
# They agree to the last digits. What happens if we refine, with $L$ layers and $h = 1/L$? Then the
# network approaches the flow, and $\lambda_0$, the gradient with respect to the input, approaches
# the adjoint of the flow, with Euler's error of order $h$. We see it when $L$ is doubled.


# %%
def adjoints(L, random):
    """The lengths |λ_k| and the products λ_k · δx_k for L layers: shape (2, L + 1)."""
    W, states, tangents = slow_layers(L, random), [x], [np.ones(4)]
    for weight in W:
        J = (1 - np.tanh(weight @ states[-1]) ** 2)[:, None] * weight
        tangents.append(tangents[-1] + J @ tangents[-1] / L)
        states.append(states[-1] + np.tanh(weight @ states[-1]) / L)
    adjoint, rows = g, [(np.linalg.norm(g), g @ tangents[-1])]
    for k in reversed(range(L)):
        slope = 1 - np.tanh(W[k] @ states[k]) ** 2
        adjoint = adjoint + W[k].T @ (slope * adjoint) / L
        rows.append((np.linalg.norm(adjoint), adjoint @ tangents[k]))
    return np.array(rows[::-1]).T


# %%
depths = [10, 20, 40, 80, 160, 320, 640]
refined = {L: adjoints(L, rng(8)) for L in depths}
products = refined[640][1]
identity("adjoint times tangent, first and last of 640 layers", products[-1], products[0])
gaps = np.abs(np.diff([refined[L][0, 0] for L in depths]))  # (6,)
ratio = gaps[-2] / gaps[-1]
claim("adjoint at the input: error ratio when L doubles", ratio, low=1.6, high=2.6)

# %% alt="Length of the adjoint against time for 10, 40 and 640 layers: the curves converge."
fig, ax = plt.subplots(figsize=(6, 3))
for L, style in ((10, "o"), (40, "."), (640, "-")):
    ax.plot(np.linspace(0, 1, L + 1), refined[L][0], style, ms=5, label=f"{L} layers")
decorate(ax, "Backpropagation converges to the adjoint equation", "time k/L", r"$|\lambda_k|$")
plt.show()

# %% [markdown]
# Read the figure from right to left, as backpropagation does. The coarse networks differ from the
# fine one, and the distance halves when the number of layers doubles. Two ways lead to a gradient
# of the flow: discretise first and differentiate the network (backpropagation), or differentiate
# first and discretise the adjoint equation. In general they agree only in the limit. (Euler's
# method run backwards in time would take $J$ at the late end of each step. With $J$ at the early
# end, as in our formula, the two ways happen to be the same.) The first gives the exact gradient of
# the network that one has, which is why $\lambda_k \cdot \delta x_k$ is constant up to rounding at
# every depth.
#
# ## 5. Gradient descent as a dynamical system
#
# Training is a dynamical system, too, with the steps as time. Near a minimum, in the direction of
# an eigenvector of the Hessian with eigenvalue $s$, gradient descent is $\theta \leftarrow (1 -
# \eta s)\, \theta$. So it is stable if and only if $s < 2/\eta$. The largest eigenvalue is called
# the **sharpness** of the loss at that point, and the bound $2/\eta$ is Euler's stability bound
# once more, now for the gradient flow $\dot \theta = -\nabla \ell$.
#
# One would like to choose $\eta$ below $2/$sharpness. But the sharpness changes during training.
# Cohen et al. (arXiv 2103.00065) observed that in many networks it *rises* until it reaches
# $2/\eta$, and then stays there: they call it the **edge of stability**. (This edge is met during
# training and depends on $\eta$. The edge of chaos of section 1 concerns the start and depends on
# $\sigma_w^2$. They have nothing to do with each other but the word.) **Predict:** what is the
# sharpness of the network at the end, if we train it with $\eta = 0.25$, and with $\eta = 0.125$?
#
# The network is small enough to compute its whole Hessian: two hidden layers of width 8, 97
# weights, and 16 points of $\sin 6x$.

# %%
x_wave = torch.linspace(-1, 1, 16, dtype=torch.float64)[:, None]
y_wave = torch.sin(6 * x_wave)
SHAPES = [(1, 8), (1, 8), (8, 8), (1, 8), (8, 1), (1, 1)]  # weights and biases in turn


def wave_loss(theta):
    """Mean square error of the network whose weights are the 97 numbers theta."""
    parts = theta.split([a * b for a, b in SHAPES])
    U, b, V, c, W, d = (part.view(shape) for part, shape in zip(parts, SHAPES, strict=True))
    return ((((x_wave @ U + b).tanh() @ V + c).tanh() @ W + d - y_wave) ** 2).mean()


# %%
def sharpness(theta):
    hessian = torch.autograd.functional.hessian(wave_loss, theta)  # (97, 97)
    return torch.linalg.eigvalsh(hessian)[-1].item()


def train_wave(eta, steps, seed):
    """Rows (step · eta, sharpness, loss), 25 of them, of full-batch gradient descent."""
    torch.manual_seed(seed)
    start = [torch.randn(a * b) / math.sqrt(a) for a, b in SHAPES]
    start[1::2] = [torch.zeros_like(bias) for bias in start[1::2]]
    theta, rows = torch.cat(start).double(), []
    for step in range(steps):
        theta.requires_grad_()
        loss = wave_loss(theta)
        (slope,) = torch.autograd.grad(loss, theta)
        theta = theta.detach()
        if step % (steps // 25) == 0:
            rows.append((step * eta, sharpness(theta), loss.item()))
        theta = theta - eta * slope
    return np.array(rows)


# %%
descents = {eta: train_wave(eta, int(200 / eta), seeds(1)[0]) for eta in (0.25, 0.125)}
descents[0.0625] = train_wave(0.0625, 2400, seeds(1)[0])

# %% alt="Sharpness against time for three rates: each curve rises and stops at two over the rate."
fig, ax = plt.subplots(figsize=(6.5, 3.4))
for (eta, rows), marker in zip(descents.items(), "os^", strict=True):
    (line,) = ax.plot(rows[:, 0], rows[:, 1], marker=marker, ms=3, label=rf"$\eta$ = {eta}")
    if eta > 0.1:
        ax.axhline(2 / eta, color=line.get_color(), ls="--", lw=1)
decorate(ax, r"Sharpness, and $2/\eta$ (dashed)", r"time: steps times $\eta$", "sharpness")
ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
plt.show()

# %% [markdown]
# The two smaller rates run together at first, because both follow the gradient flow. Then the curve
# of $\eta = 0.125$ crosses its dashed line, comes back, and stays at it. The largest rate already
# starts above its own line, at about 10 where the bound is 8, and settles at the line by time 65.
# So a rise to the bound is seen only at $\eta = 0.125$. The smallest rate shows where the flow
# would go: above both lines. At the edge, gradient descent no longer follows the flow. It
# oscillates in the sharpest direction, and these oscillations keep the sharpness down.

# %%
for eta in (0.25, 0.125):
    last = descents[eta][-5:, 1].mean() * eta / 2
    claim(f"eta = {eta}: sharpness at the end, in units of 2/eta", last, low=0.9, high=1.1)
beyond = descents[0.0625][-1, 1] / 8
claim("eta = 0.0625: sharpness over the bound 8 of eta = 0.25", beyond, low=1.5, high=5)

# %% [markdown]
# This is an observation on one task and not a theorem. Damian, Nichani and Lee (arXiv 2209.15594)
# explain it: the third derivative of the loss turns the oscillation into a force that lowers the
# sharpness.
#
# **Momentum is a damped oscillator.** The heavy ball of Polyak keeps a part of its last step:
# $\theta_{k+1} = \theta_k - \eta \nabla \ell(\theta_k) + \beta (\theta_k - \theta_{k-1})$. Write
# $\tau = k\sqrt\eta$ and let $\eta \to 0$ with $(1 - \beta)/\sqrt\eta = \gamma$ fixed. Then the
# recursion becomes
#
# $$\ddot \theta + \gamma\, \dot \theta + \nabla \ell(\theta) = 0,$$
#
# a particle in the potential $\ell$ with friction $\gamma$. On $\ell = \frac s2 \theta^2$ we need
# no limit. The recursion has the characteristic polynomial $r^2 - (1 + \beta - \eta s)\, r +
# \beta$, whose roots have the product $\beta$. If they are complex, that is, for $(1 -
# \sqrt\beta)^2 < \eta s < (1 + \sqrt\beta)^2$, both have modulus $\sqrt\beta$: the ball oscillates,
# and its amplitude falls by $\sqrt\beta$ per step *whatever the curvature*. **Predict** for $\eta s
# = 0.01$: which $\beta$ comes to rest soonest, 0, 0.81 or 0.98?


# %%
def heavy_ball(beta, eta_s=0.01, steps=300):
    """The path from 1, starting at rest, on a parabola: shape (steps + 1,)."""
    theta = [1.0, 1.0]
    for _ in range(steps):
        theta.append(theta[-1] - eta_s * theta[-1] + beta * (theta[-1] - theta[-2]))
    return np.array(theta[1:])


# %% alt="Distance from the minimum: slow without momentum, quick at 0.81, swinging at 0.98."
fig, ax = plt.subplots(figsize=(6.5, 3))
for beta, style in ((0, "--"), (0.81, "-"), (0.98, ":")):
    ax.plot(heavy_ball(beta), style, label=rf"$\beta$ = {beta}")
ax.axhline(0, color="0.5", lw=0.8, ls="-")
decorate(ax, "Too little friction swings, too much creeps", "step", r"$\theta$")
plt.show()

# %% [markdown]
# Without momentum the ball creeps: it loses one percent per step. With $\beta = 0.98$ it swings
# through the minimum. At $\beta = 0.81 = (1 - \sqrt{0.01})^2$ the two roots meet. This is the
# critically damped oscillator, and it is quickest. Below it the smaller root wins nothing, since
# the
# larger one is closer to 1; above it the amplitude falls by $\sqrt\beta$.

# %%
for beta in (0.9, 0.98):
    roots = np.abs(np.roots([1, -(1 + beta - 0.01), beta]))
    identity(f"heavy ball, beta = {beta}: modulus of the root", math.sqrt(beta), roots.max())

# %% [markdown]
# Momentum also moves the edge of stability. At $r = -1$ the polynomial is $2(1 + \beta) - \eta s$,
# so the recursion is stable for $0 < s < 2(1 + \beta)/\eta$. With $\beta$ near 1 the heavy ball
# tolerates nearly twice the sharpness that gradient descent does.

# %% [markdown] tags=["context:3.8", "context:3.9"]
# ## 6. Gradient noise
#
# In practice the gradient is computed on a random batch, so it is noisy. Does the noise average
# out? At a constant rate it does not. Near a minimum with Hessian $H$, stochastic gradient descent
# (SGD) is the linear recursion $\theta \leftarrow \theta - \eta(H\theta + \xi)$ with noise $\xi$ of
# covariance $C$. Write $A = 1 - \eta H$. The covariance $S$ of $\theta$ becomes stationary if $S =
# ASA^T + \eta^2 C$, the discrete **Lyapunov equation**. Popular texts replace the recursion by a
# stochastic differential equation (SDE) and find $HS + SH = \eta C$ instead. How wrong is that?

# %% [markdown]
# ### Exercise 3.8 ★ (15 min) — The stationary covariance of SGD
#
# Write `stationary_covariance(H, C, eta)`: solve $S = ASA^T + \eta^2 C$ for symmetric positive
# definite $H$. If $\eta$ is outside $(0, 2/h_{\max})$, nothing is stationary: raise a `ValueError`
# that names eta.
#
# <details><summary>Hint</summary>
#
# `scipy.linalg.solve_discrete_lyapunov`, or $\mathrm{vec}(ASA^T) = (A \otimes A)\,
# \mathrm{vec}(S)$ and `np.kron`.
#
# </details>


# %%
def stationary_covariance(H, C, eta):
    # BEGIN SOLUTION
    top = np.linalg.eigvalsh(H)[-1]
    if not 0 < eta < 2 / top:
        raise ValueError(f"eta must lie between 0 and {2 / top:.4g}, got {eta}")
    A = np.eye(len(H)) - eta * np.asarray(H)
    system = np.eye(len(H) ** 2) - np.kron(A, A)
    return np.linalg.solve(system, eta**2 * np.ravel(C)).reshape(A.shape)
    # END SOLUTION


# %%
stationary_covariance = check("3.8", stationary_covariance, otherwise=week03.stationary_covariance)

# %%
H, C = np.diag([1.0, 0.2]), np.array([[0.5, 0.2], [0.2, 0.3]])


def sgd(H, C, eta, chains, steps, random):
    """The last states of independent chains, (chains, d)."""
    noise = np.linalg.cholesky(C).T
    theta = np.zeros((chains, len(H)))
    for _ in range(steps):
        theta = theta - eta * (theta @ H + random.standard_normal(theta.shape) @ noise)
    return theta


# %% [markdown]
# For diagonal $H$ both equations are solved entry by entry: $\eta C_{ij}/(h_i + h_j - \eta h_i
# h_j)$ against $\eta C_{ij}/(h_i + h_j)$. With $\eta = 0.5$ they differ by a quarter in the steep
# direction. Twenty seeds of 4000 chains decide.

# %%
eta = 0.5
exact = stationary_covariance(H, C, eta)
sde = eta * C / np.add.outer(np.diag(H), np.diag(H))
measured = np.array([np.cov(sgd(H, C, eta, 4000, 120, rng(s)).T) for s in range(10, 30)])
for i, j in ((0, 0), (1, 1), (0, 1)):
    law(f"SGD covariance S{i + 1}{j + 1} at eta = 0.5", exact[i, j], measured[:, i, j])
se = measured.std(axis=0, ddof=1) / math.sqrt(20)
least_z = (np.abs(measured.mean(axis=0) - sde) / se)[[0, 1], [0, 1]].min()
claim("SGD: |z| of the SDE's variances, the smaller", least_z, low=4, high=100)

# %% alt="Clouds of SGD iterates with the exact and the SDE ellipse at a large and a small rate."
fig, axes = plt.subplots(1, 2, figsize=(8, 3.4))
circle = np.exp(1j * np.linspace(0, 2 * math.pi, 200))
for ax, eta in zip(axes, [0.5, 0.02], strict=True):
    cloud = sgd(H, C, eta, 1000, int(60 / eta), rng(20))
    ax.scatter(*cloud.T, s=4, marker="o", color="0.6", label="SGD, 1000 chains")
    limit = eta * C / np.add.outer(np.diag(H), np.diag(H))
    for S, style, name in ((stationary_covariance(H, C, eta), "k-", "exact"), (limit, "--", "SDE")):
        ellipse = 2 * np.linalg.cholesky(S) @ np.array([circle.real, circle.imag])
        ax.plot(*ellipse, style, label=f"{name}, 2 sd")
    decorate(ax, rf"$\eta$ = {eta}", r"$\theta_1$", r"$\theta_2$")
    ax.get_legend().remove()
handles, labels_ = axes[0].get_legend_handles_labels()
fig.legend(handles, labels_, loc="outside lower center", ncols=3, markerscale=2)
plt.show()

# %% [markdown]
# At $\eta = 0.02$ the two ellipses coincide. At 0.5 that of the differential equation is too narrow
# in the steep direction $\theta_1$.
#
# ### Exercise 3.9 ★★★ (30 min) — Beyond the stochastic differential equation
#
# Expand the exact covariance, the solution of $S = ASA^T + \eta^2 C$ with $A = 1 - \eta H$:
# $S = \eta S_1 + \eta^2 S_2 + O(\eta^3)$. Write `second_order(H, C)`, which returns $S_2$, for
# symmetric positive definite $H$ and symmetric $C$, not only diagonal.
#
# <details><summary>Hint</summary>
#
# Divide $S = ASA^T + \eta^2 C$ by $\eta$: $HS + SH - \eta HSH = \eta C$. Compare powers;
# `scipy.linalg.solve_continuous_lyapunov(H, Q)` solves $HS + SH^T = Q$.
#
# </details>


# %%
def second_order(H, C):
    # BEGIN SOLUTION
    values, Q = np.linalg.eigh(H)
    total = np.add.outer(values, values)
    return Q @ ((Q.T @ C @ Q) * np.outer(values, values) / total**2) @ Q.T
    # END SOLUTION


# %%
second_order = check("3.9", second_order, otherwise=week03.second_order)

# %%
corrected = sde + 0.5**2 * np.asarray(second_order(H, C))
print(f"SDE: S11 is wrong by {abs(sde / exact - 1)[0, 0]:.2%}")
claim("two orders: relative error of S11", abs(corrected / exact - 1)[0, 0], low=0.06, high=0.065)

# %% [markdown]
# The second order brings the error of the variance from 25 % to 6.25 %, the square of it. So the
# differential equation is the first term of an expansion in $\eta$, and the recursion itself is as
# easy to solve.
#
# ## 7. Optional: the loss as a potential
#
# So far the noise came from the batches. One may also add noise on purpose, to get out of a bad
# minimum. **Langevin dynamics** is $\theta \leftarrow \theta - \eta \nabla V(\theta) +
# \sqrt{2\eta T}\, \xi$ with standard normal $\xi$ and a *temperature* $T$. For small $\eta$ its
# stationary law is the Gibbs measure, with density proportional to $e^{-V/T}$. It is SGD with $C =
# 2T/\eta$. So for $V = \frac12 s\theta^2$ we know from section 6 how the step biases the variance:
# it is $\frac{T}{s(1 - \eta s/2)}$ and not $T/s$.

# %%
T, eta, one = 0.1, 0.5, np.eye(1)
biased = np.asarray(stationary_covariance(one, 2 * T / eta * one, eta)).item()
variances = [sgd(one, 2 * T / eta * one, eta, 8000, 50, rng(s)).var() for s in range(30, 50)]
law("Langevin variance at eta = 0.5, T = 0.1", biased, variances)

# %% [markdown]
# The variance is 0.133, where Gibbs says 0.1. **A hill to cross.** Let $V(x) = (x^2 - 1)^2/4$, with
# minima at $\pm 1$ and a hill of height 1/4 between them. How long does a particle need from $-1$
# to 1? The mean time $\tau(x)$ solves $T\tau'' - V'\tau' = -1$, $\tau(1) = 0$, so that
#
# $$\tau(-1) = \frac1T \int_{-1}^1 e^{V(y)/T} \int_{-\infty}^y e^{-V(z)/T}\, dz\, dy,$$
#
# and for $T \to 0$ one gets **Kramers' formula** $\tau \approx 2\pi\, e^{1/(4T)} / \sqrt{V''(-1)\,
# |V''(0)|}$.

# %%
T = 0.08


def gibbs(z, sign=-1):
    return math.exp(sign * (z * z - 1) ** 2 / 4 / T)


exact = quad(lambda y: gibbs(y, 1) * quad(gibbs, -5, y)[0], -1, 1)[0] / T
kramers = 2 * math.pi * math.exp(1 / (4 * T)) / math.sqrt(2)
print(f"mean time: {exact:.1f} by quadrature, {kramers:.1f} by Kramers' formula")


# %%
def passage_times(particles, dt, random):
    """First times at which Langevin particles from -1 reach 1: shape (particles,)."""
    x, alive = np.full(particles, -1.0), np.arange(particles)
    times, step = np.zeros(particles), 0
    while len(alive):
        for noise in math.sqrt(2 * T * dt) * random.standard_normal((100, len(x))):
            x, step = x + dt * (x - x**3) + noise, step + 1
            arrived = (x >= 1) & (times[alive] == 0)
            times[alive[arrived]] = step * dt
        going = times[alive] == 0
        x, alive = x[going], alive[going]
    return times


times = passage_times(2000, 0.02, rng(40))
claim("mean passage time, 2000 particles", times.mean(), low=108, high=132)

# %% [markdown]
# The particles need 125.5 on the average, 4.6 % more than the 120.0 of the quadrature. Their
# statistical error is about 2 %, so this is two standard errors. The time step probably adds to
# it: we
# look only every 0.02, so a particle that crosses 1 between two looks and returns is missed.
# Kramers' value lies outside the band, because it is the first term of an expansion in $T$, and the
# hill is only three temperatures high. Because of the time step we make no test with standard
# errors here. Crossing times grow like $e^{\text{height}/T}$: noise of a given size crosses low
# hills soon, and high hills only after a time that is exponentially long in the height.
#
# ## 8. Learn the last layer only
#
# If neurons hardly move in section 2, why move them at all? **Random features**: draw the $w_i$
# once, freeze them, and find the $a_i$ by least squares, which is one linear problem (week 1). Week
# 4 forecasts chaos in this way (Gottwald and Reich, arXiv 2007.07383). We compare with training all
# layers on the same 16 points, judged on a fine grid between them. The features are drawn with
# weights three times as large as in section 2, for both.

# %%
random = rng(50)
grid = np.stack([np.linspace(-1, 1, 200), np.ones(200)], axis=1) / math.sqrt(2)
truth = np.sin(3 * math.sqrt(2) * grid[:, 0])
W0, a0 = 3 * random.standard_normal((2, 300)), random.standard_normal(300)
least_squares = np.linalg.lstsq(np.tanh(X @ W0), y, rcond=1e-8)[0]
frozen = np.abs(np.tanh(grid @ W0) @ least_squares - truth).max()
W, a = descend(W0, a0, 300**-0.5, 1 / np.linalg.eigvalsh(tangent_kernel(W0, a0, X))[-1], 3000)
trained = np.abs(np.tanh(grid @ W) @ a / math.sqrt(300) - truth).max()
untrained = np.abs(np.tanh(grid @ W0) @ a0 / math.sqrt(300) - truth).max()
print(f"largest error: untrained {untrained:.2f}, all layers trained {trained:.4f}")
claim("random features, last layer solved: largest error", frozen, low=0, high=0.01)

# %% [markdown]
# One linear problem does better here than 3000 steps on both layers. The target is smooth and has
# one variable, and random features in one variable are plenty. Where features must be found, we
# expect the opposite.
#
# ## 9. Workshop: depth, width and residual connections for the Möbius function
#
# Week 2 left a network with 55 % on $\mu(n)$ from the 16 binary digits of $n$, where the rule "0 if
# 4 divides $n$, else $-1$" is equally good. From the residues of $n$ modulo the first 100 primes
# its networks had about 51 %. Would a *better architecture* have done more? We give each the same
# number of parameters (about 5000) and the same number of steps, so that a deep network is narrow.
#
# What could be reached? Week 2's bound of 51.5 % (§6 there) holds for a class of rules and in a
# limit: for
# rules that know only *which* of the primes divide $n$, when nothing is known about the sign, as $n
# \to \infty$. Here $n < 2^{16}$, and the bound does not apply. The residues modulo 2, 3, 5, 7, 11,
# 13, 17 alone determine $n < 510510$, hence $\mu(n)$. So the table begins with rules:
# - the rule of the primes 2 and 3, which is nearly the best in the limit;
# - week 2's rule: 0 if 2 or 3 divides $n$, else $-(-1)^k$ if $k$ of the 100 primes divide $n$;
# - a look-up table of the set of dividing primes, made from one half of the $n$ and tested on the
#   other half (0 for a set that it has not seen);
# - the best function of this set, chosen *on the data that it is tested on*: no rule that knows
#   only the set can be better on these $n$.
#
# **Predict** a ranking of networks and rules before you run.

# %%
n = np.arange(1, 2**16)
mu = mobius_sieve(2**16 - 1)[1:].astype(np.int64)
primes = primes_upto(541)  # the first 100
divides = n[:, None] % primes == 0  # (65535, 100)
k = divides.sum(axis=1)
coprime_to_6 = (n % 2 > 0) & (n % 3 > 0)
sets = [row.tobytes() for row in np.packbits(divides, axis=1)]
half = rng(60).permutation(len(n)).reshape(-1)[: len(n) // 2]
unseen = np.setdiff1d(np.arange(len(n)), half)


def table_of(rows):
    """For every set of dividing primes, how often μ has each value."""
    table = defaultdict(Counter)
    for i in rows.tolist():
        table[sets[i]][int(mu[i])] += 1
    return table


# %%
seen = {key: counts.most_common(1)[0][0] for key, counts in table_of(half).items()}
everything = table_of(np.arange(len(n)))
rules = {
    "digits: 0 if 4 | n, else −1": np.mean(np.where(n % 4 == 0, 0, -1) == mu),
    "primes: 0 if 2 | n or 3 | n, else 1": np.mean(np.where(coprime_to_6, 1, 0) == mu),
    "primes: week 2's rule": np.mean(np.where(coprime_to_6, np.where(k % 2, 1, -1), 0) == mu),
    "primes: look-up, other half": np.mean([seen.get(sets[i], 0) == mu[i] for i in unseen]),
    "primes: best function, in-sample": sum(max(c.values()) for c in everything.values()) / len(n),
    "residues: the Chinese remainder theorem": 1.0,
}
for name, share in rules.items():
    print(f"{name:40} {100 * share:5.1f} %")

# %%
claim("week 2's rule on n < 2^16", rules["primes: week 2's rule"], low=0.5688, high=0.5689)
in_sample = rules["primes: best function, in-sample"]
claim("best function of the set of primes, in-sample", in_sample, low=0.783, high=0.784)

# %% [markdown]
# Now the architectures. Their widths follow from the budget of parameters.

# %% tags=["nbval-check-output"]
BUDGET = 5000


def parameters(inputs, width, depth):
    return (inputs + 1) * width + (depth - 1) * (width + 1) * width + 3 * (width + 1)


def best_width(inputs, depth):
    return max(w for w in range(1, 400) if parameters(inputs, w, depth) <= BUDGET)


for depth in (1, 2, 8):
    found = [best_width(inputs, depth) for inputs in (16, 100)]
    print(f"depth {depth}: widths {found} for 16 and 100 inputs")

# %%
labels = torch.tensor(mu + 1, device=device())
bits = torch.tensor((n[:, None] >> np.arange(16)) & 1, dtype=torch.float32, device=device())
residues = torch.tensor(n[:, None] % primes / primes, dtype=torch.float32, device=device())

# %% [markdown]
# Three networks are trained side by side: one tensor holds the weights of all three, and `baddbmm`
# multiplies three batches by three matrices and adds the biases. A residual layer adds its input to
# its output.


# %%
class Trio(nn.Module):
    """Three independent networks; inputs (3, batch, d) or (1, batch, d), outputs (3, batch, 3)."""

    def __init__(self, inputs, width, depth, residual):
        super().__init__()
        self.residual = residual
        sizes = [inputs, *[width] * depth, 3]
        shapes = list(pairwise(sizes))
        self.W = nn.ParameterList([torch.randn(3, a, b) * math.sqrt(2 / a) for a, b in shapes])
        self.b = nn.ParameterList([torch.zeros(3, 1, b) for _, b in shapes])

    def forward(self, x):
        x = x.expand(3, -1, -1)
        for layer, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            z = torch.baddbmm(b, x, W)
            if layer == len(self.W) - 1:
                return z
            x = x + z.relu() / 2 if self.residual and layer > 0 else z.relu()


# %%
def workshop(inputs, depth, residual, steps, seed):
    """Shares of right answers of three networks on training and on validation: (2, 3)."""
    torch.manual_seed(seed)
    width = best_width(inputs.shape[1], depth)
    net = Trio(inputs.shape[1], width, depth, residual).to(device())
    train, valid = torch.randperm(len(inputs), device=device()).tensor_split(2)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(steps):
        rows = train[torch.randint(len(train), (3, 128), device=device())]
        loss = nn.functional.cross_entropy(net(inputs[rows]).flatten(0, 1), labels[rows].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        halves = [(net(inputs[half][None]).argmax(-1) == labels[half]) for half in (train, valid)]
    return [share.double().mean(1).tolist() for share in halves]


# %%
steps = scale(laptop=300, paper=20_000)
kinds = [(1, False), (2, False), (8, False), (8, True)]
scores = {}
for name, inputs in (("digits", bits), ("residues", residues)):
    for kind in progress(kinds, name):
        scores[name, kind] = np.array(workshop(inputs, *kind, steps, seeds(1)[0]))

# %%
print("inputs    depth  residual    training      validation (mean of 3 ± sd, %)")
for (name, (depth, residual)), score in scores.items():
    (t, v), (dt, dv) = 100 * score.mean(axis=1), 100 * score.std(axis=1, ddof=1)
    skip = "yes" if residual else "no"
    print(f"{name:9} {depth:4}   {skip:8}  {t:5.1f} ± {dt:3.1f}   {v:5.1f} ± {dv:3.1f}")

# %%
validation = {key: score[1].mean() for key, score in scores.items()}
for name, (low, high) in {"digits": (0.54, 0.566), "residues": (0.495, 0.53)}.items():
    best = max(value for key, value in validation.items() if key[0] == name)
    claim(f"validation, best of four architectures, {name}", best, low=low, high=high)

# %% [markdown]
# From the digits all architectures stand near the rule of two bits. From the residues they stay at
# 51 % or less, below week 2's rule, below the look-up table, and far below what the residues
# determine. So none of these changes of the architecture removed the obstacle, at this size and
# with so few steps. From the residues they do no better than the rule of the primes 2 and 3
# (51.4 %), although we did not check that they agree with it. What is left is a parity of rare
# events, which is hard to find by gradient descent, as the companion [*Playing with
# parity*](notebooks/extras/parity.ipynb) shows. The table says nothing about what larger networks
# could read from the residues.
#
# Patience helps with the digits only. After 20,000 steps (`COURSE_SCALE=paper`) the three residual
# networks were right on 63 % in the mean. They had learnt from the binary digits to say 0 at most
# multiples of 9, and nothing about the sign.
#
# ### Exercise 3.10 ★★ (40 min, experiment) — When the width is like the data
#
# The laws of sections 2 and 3 are limits $n \to \infty$ at 16 samples. Take 16 neurons, then 8 and
# 32, and measure the relative change of the kernel over 100 seeds, in the task of section 2: inputs
# $(x, 1)/\sqrt 2$ for 16 points $x$ from $-1$ to 1, targets $\sin 3x$, 50 steps at the rate
# $1/\lambda_{\max}(K)$ of the start, the outputs of the start subtracted. Which law breaks first,
# and how do you tell from the *distribution* and not only from the mean?

# %% [markdown] tags=["solution"]
# **What we find** (100 seeds per width). The change of the kernel has the mean 0.21, 0.12 and
# 0.063 at
# widths 8, 16 and 32, and 0.034 and 0.005 at 64 and 512. So no law breaks abruptly when there are
# fewer neurons than samples. From one width to its double the local slope of the geometric mean
# lies between $-0.76$ and $-0.98$ for the kernel and between $-0.50$ and $-0.59$ for the weights,
# with an error of about 0.1 for the kernel. The distance to the linearised model suffers first: its
# slopes lie between $-0.5$ and $-0.9$. The distribution says more than the mean. The tenth and the
# ninetieth percentile of the kernel's change are a factor of 3.4 apart at width 16 and still a
# factor of 2.9 apart at width 512. So the relative spread does not go away with the width: $n$
# times
# the change tends to a random variable and not to a number, because the first-order term is a
# fluctuation (Exercise 3.5). One network cannot show the exponent, and the logarithm of the change
# is the better quantity to average, since its distribution is closer to symmetric.

# %%
# Your experiment goes here.

# %% [markdown]
# ## 10. The laws table
#
# Here is everything that we predicted, in two tables. The first has the laws that were tested with
# standard errors. The second has the identities.

# %%
print(f"{'law':52} {'predicted':>10} {'measured ± se':>22} seeds     z")
for name, predicted, mean, se, count, z in LAWS:
    measured_se = f"{mean:.6g} ± {se:.1g}"
    verdict = "✓" if abs(z) < 4 else "✗"
    print(f"{name:52} {predicted:10.5g} {measured_se:>22} {count:5} {z:+5.1f}", verdict)

# %%
print(f"{'identity':52} {'predicted':>14} {'computed':>14}  distance")
for name, predicted, computed, gap in IDENTITIES:
    print(f"{name:52} {predicted:14.8g} {computed:14.8g}  {gap:.0e}")
claim("identities: largest distance", max(row[-1] for row in IDENTITIES), low=0, high=1e-9)

# %% tags=["headline"]
held = sum(abs(row[-1]) < 4 for row in LAWS)
claim("laws that hold within 4 standard errors, of 22", held, low=22, high=22)

# %%
beyond_two = sum(abs(row[-1]) > 2 for row in LAWS)
print(f"|z| is above 2 for {beyond_two} of {len(LAWS)}, by chance for about {len(LAWS) / 20:.0f}")

# %% [markdown]
# The three entries of the SGD covariance were measured on the same chains, so their $z$ rise and
# fall
# together and do not count as three independent tests.
#
# **What we learned.** Wide random networks have two phases, and the constants of both can be
# computed with a pen and a quadrature. Wide training is linear up to corrections of order $1/n$ if
# the start is symmetric, and of order $n^{-1/2}$ if it is not; with the output divided by $n$ the
# neurons move. A residual network inherits the stability bound of Euler's method, and its
# backpropagation is the adjoint equation in discrete form. Gradient descent is a dynamical system:
# its sharpness settles at $2/\eta$ in our example, momentum makes it a damped oscillator, and SGD
# at constant step obeys a discrete Lyapunov equation, of which the differential equation is the
# limit. For the Möbius function no architecture of 5000 parameters came near what a rule of
# arithmetic does with the same residues, at this budget.
#
# **What it does not show.** The laws are for fully connected networks with fresh Gaussian weights,
# 16 samples in the plane, additive noise, and quadratic minima. The edge of stability was seen on
# one small task. Nothing here says that real networks are lazy, that gradient noise is Gaussian, or
# that the sharpness of a minimum explains generalisation. A passed test with $|z| < 4$ says that we
# could not see a difference at this size.
#
# **An open question.** What replaces these laws when the width is like the number of samples, or
# for the mean field at finite time: which fluctuations of order $1/N$ survive training, and can
# one compute them? For one hidden layer there is a central limit theorem (Rotskoff and
# Vanden-Eijnden); for depth and for moving features little is proved.
#
# **Further reading.** Lecture note of this week; Schoenholz et al., *Deep information
# propagation* (2017); Jacot, Gabriel and Hongler, *Neural tangent kernel* (2018); Dyer and Gur-Ari,
# *Asymptotics of wide networks from Feynman diagrams* (arXiv 1909.11304); Haber and Ruthotto,
# *Stable architectures for deep neural networks* (2018); Cohen et al., *Gradient descent on neural
# networks typically occurs at the edge of stability* (arXiv 2103.00065); Gottwald and Reich,
# *Supervised learning from noisy observations* (arXiv 2007.07383).
