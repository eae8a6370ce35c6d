# %% [markdown]
# # Week 3 — How to think about machine learning
#
# *Is there anything about neural networks that a mathematician can predict with a pen before
# running the program?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** derive laws of random and of trained networks, compute their constants,
# simulate them, and put everything into one *laws table* with standard errors: signals in wide
# random networks and their phase transition, the linear regime of wide training and its power
# laws, residual networks as Euler's method, gradient noise as a linear recursion, and a loss as a
# potential with hills to cross. Then week 2's Möbius network goes to the workshop again.
#
# **What you need:** weeks 1 and 2; Gaussian integrals, eigenvalues, a little probability.
#
# **Where it comes from:** the third week of the seminar, on Georg Gottwald's view of learning from
# statistical mechanics, dynamical systems and numerical analysis. Papers: Poole et al. (2016) and
# Schoenholz et al. (2017) for signals, Jacot, Gabriel and Hongler (2018) and Lee et al. (2019) for
# wide training, Mei, Montanari and Nguyen (2018) and Rotskoff and Vanden-Eijnden (2018) for the
# mean field, E (2017) and Haber and Ruthotto (2018) for networks as equations. Proofs are in
# `lecture_notes/week03.md`.

# %% tags=["imports"]
import math
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
# Every law ends in the same test. We measure it on independent seeds and divide the distance
# between mean and prediction by the standard error:
#
# $$z = (\text{mean} - \text{predicted}) / \sqrt{\text{se}^2 + \text{allowance}^2}.$$
#
# A law holds if $|z| < 4$. The *allowance* is what the law itself leaves open at finite size (a
# correction of order $1/N$, a time step); it stands in the table, and it is 0 unless we say why.

# %%
LAWS = []


def law(name, predicted, values, allowance=0.0):
    """Append a line to the laws table and return z; values has one entry a seed."""
    values = np.asarray(values, dtype=float)
    mean, se = values.mean(), values.std(ddof=1) / math.sqrt(len(values))
    z = (mean - predicted) / math.hypot(se, allowance)
    LAWS.append((name, predicted, mean, se, allowance, len(values), z))
    return z


# %% [markdown]
# ## 1. Signals in a random network
#
# Take $z^{l+1} = W \tanh(z^l) + b$ with $W_{ij} \sim N(0, \sigma_w^2/N)$, $b_i \sim N(0,
# \sigma_b^2)$, fresh in every layer. Given layer $l$, the entries of $z^{l+1}$ are independent
# Gaussians of variance $\sigma_w^2 \cdot \frac1N \sum_i \tanh^2(z_i^l) + \sigma_b^2$. For large
# $N$ the mean is an expectation, so the mean square $q$ of the entries obeys the **length map**
#
# $$q \mapsto \sigma_w^2\, E \tanh^2(\sqrt q\, z) + \sigma_b^2, \qquad z \sim N(0, 1).$$
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
# Since $\tanh(y)/y$ falls in $|y|$, the ratio of the length map's first term to $q$ falls in $q$,
# so the map has one positive fixed point $q^*$ (none if $\sigma_b^2 = 0$, $\sigma_w^2 \le 1$).
# Iterating finds it; `course_utils.maths.mean_field` brackets it.

# %%
q = 1.0
for _ in range(200):
    q = 2.5 * gauss(lambda z, q=q: np.tanh(math.sqrt(q) * z) ** 2) + 0.05
error = abs(q - mean_field.length_fixed_point(2.5, 0.05))
claim("q* at (2.5, 0.05): iteration against bracketing", error, low=0, high=1e-7)

# %% [markdown]
# **Two inputs.** Let both have length $q^*$ and correlation $c$. The same argument gives the
# **correlation map** $c \mapsto (\sigma_w^2 E[\tanh u \tanh v] + \sigma_b^2)/q^*$, where $(u, v)$
# is Gaussian with variances $q^*$ and correlation $c$. It fixes $c = 1$, with slope
#
# $$\chi_1 = \sigma_w^2\, E \tanh'(\sqrt{q^*} z)^2.$$
#
# If $\chi_1 < 1$ (**order**) all inputs become alike: $c^* = 1$. If $\chi_1 > 1$ (**chaos**) the
# smallest difference grows until the correlation settles at $c^* < 1$. In between lies the
# **critical line**. The distance $|c^l - c^*|$ falls like $e^{-l/\xi_c}$ with
# $\xi_c = -1/\ln \chi(c^*)$, the *correlation depth*: how deep a network may be before it has
# forgotten its input.
#
# **Predict:** does $\sigma_b^2 > 0$ help or hinder chaos?

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
# The line rises: a bias that both inputs share makes them alike, so more weight is needed for
# chaos. To draw $\xi_c$ in the chaotic phase we do not solve for a fixed point at all. We go
# backwards: *choose* $q^*$ and $c^*$. The two fixed-point equations
# $\sigma_w^2 V + \sigma_b^2 = q^*$ and $\sigma_w^2 C + \sigma_b^2 = c^* q^*$, with the
# expectations $V$ of the length map and $C$ of the correlation map, are linear in the variances.


# %%
def pair(f, q, c, nodes=101):
    """E f(u) f(v) for arrays q (n, 1) and c (m,): shape (n, m)."""
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)
    weight = weight / weight.sum()
    root, c = np.sqrt(q)[..., None, None], c[..., None, None]
    u = root * z[:, None]
    v = root * (c * z[:, None] + np.sqrt(1 - c**2) * z)  # (n, m, nodes, nodes)
    return np.einsum("nmij,i,j->nm", f(u) * f(v), weight, weight)


q = np.linspace(0.05, 1.85, 28)[:, None] ** 2
c = 1 - np.linspace(1, 0.05, 28) ** 2
V, C = pair(np.tanh, q, np.array([1.0])), pair(np.tanh, q, c)
sw2 = q * (1 - c) / (V - C)
sb2 = q - sw2 * V
slope = sw2 * pair(lambda x: 1 / np.cosh(x) ** 2, q, c)
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
for w, b, depth in (order, chaos):
    mesh = ax.pcolormesh(w, b, np.log10(depth), shading="gouraud", vmin=0, vmax=2.5)
    lines = ax.contour(w, b, depth, [5, 10, 20, 50], colors="w", linewidths=0.7)
    ax.clabel(lines, fontsize=7)
ax.plot(w_line, b_line, color="k", ls="-")
ax.text(0.9, 0.3, "order", color="w")
ax.text(3.1, 0.3, "chaos", color="w")
ax.set(xlim=(0.3, 4), ylim=(0, 0.5))
fig.colorbar(mesh, label=r"$\log_{10} \xi_c$ (layers)")
decorate(ax, "Depth diverges at the edge of chaos", r"$\sigma_w^2$", r"$\sigma_b^2$")
plt.show()

# %% [markdown]
# Left of the black line is order, right of it chaos; white lines join points of equal $\xi_c$, in
# layers. Off the line a signal survives five to fifty layers. Deep networks without further
# devices must be started near it.
#
# ### Exercise 3.2 ★★ (20 min) — The critical line of erf
#
# For $\tanh$ we need quadrature, for $\phi(x) = \mathrm{erf}(x) = \frac{2}{\sqrt\pi} \int_0^x
# e^{-t^2} dt$ a pen will do. With $z \sim N(0, 1)$ the length $q^*$ is again the fixed point of
# $q \mapsto \sigma_w^2\, E\, \phi(\sqrt q z)^2 + \sigma_b^2$, and on the critical line
# $\chi_1 = \sigma_w^2\, E\, \phi'(\sqrt{q^*} z)^2$ is 1. Given the length $q \ge 0$, return the
# pair $(\sigma_w^2, \sigma_b^2)$ on the critical line of erf at which $q^* = q$.
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

# %% alt="Critical lines of tanh, erf and erf with the slope of tanh at 0, one beside the other."
fig, ax = plt.subplots(figsize=(6, 3))
w, b = np.array([critical_point_erf(q) for q in np.linspace(0, 1.6, 60)]).T
ax.plot(w_line, b_line, label="tanh")
ax.plot(w, b, label="erf")
ax.plot(w * 4 / math.pi, b * 4 / math.pi, label="erf, scaled to slope 1")
ax.set(ylim=(0, 0.5))
decorate(ax, "The shape of the line is not tanh's own", r"$\sigma_w^2$", r"$\sigma_b^2$")
plt.show()

# %% [markdown]
# The line of erf starts at $\pi/4$, where its slope $2/\sqrt\pi$ at 0 just keeps lengths; scaled
# to slope 1 it starts at 1 like that of tanh, and runs to its right. For
# $\mathrm{relu}$, $\chi_1 = \sigma_w^2/2$ whatever the length: the line is vertical, at
# $\sigma_w^2 = 2$, which is the usual initialisation of relu networks.
#
# **Now the networks.** We send two inputs through networks of width 1000 and depth 80, at three
# points and on the critical line, together with a tangent vector $v \mapsto W(\tanh'(z) v)$, whose
# squared length should grow by $\chi_1$ a layer.

# %%
POINTS = [(1.3, 0.05), (2.5, 0.05), (4.0, 0.05), (mean_field.critical_sigma_w2(0.05), 0.05)]
QSTAR = [mean_field.length_fixed_point(*point) for point in POINTS]
WIDTH, DEPTH, NETS = 1000, 80, scale(laptop=14, paper=100)


@torch.no_grad()
def signals(width=WIDTH, depth=DEPTH):
    """Lengths, correlations and growth of a tangent: (3, points, depth)."""
    sw, sb = torch.tensor(POINTS, device=device()).T[:, :, None, None].sqrt()  # (points, 1, 1)
    z = torch.tensor(QSTAR)[:, None, None].sqrt() * torch.randn(len(POINTS), 2, width)
    z = z.to(device())
    v = torch.ones_like(z[:, :1])
    rows = []
    for _ in range(depth):
        W = torch.randn(width, width, device=device()).T / math.sqrt(width)
        slope = 1 - z[:, :1].tanh() ** 2
        ahead = sw * (slope * v) @ W
        z = sw * z.tanh() @ W + sb * torch.randn(width, device=device())
        gram = z @ z.mT / width  # (points, 2, 2)
        c = gram[:, 0, 1] / (gram[:, 0, 0] * gram[:, 1, 1]).sqrt()
        rows.append(torch.stack([gram[:, 0, 0], c, (ahead**2).mean((1, 2)) / (v**2).mean((1, 2))]))
        v = ahead
    return torch.stack(rows, dim=-1).double().cpu().numpy()


runs = np.stack([signals() for _ in progress(range(NETS), "networks")])

# %% [markdown]
# Each law is the mean over the last 30 layers, one value a network. A width of $N$ shifts all of
# them by a multiple of $1/N$; we allow $2/N$.

# %%
late = runs[..., -30:].mean(axis=-1)  # (nets, 3, points)
for i, (w, b) in enumerate(POINTS[:3]):
    law(f"length q* at ({w}, {b})", QSTAR[i], late[:, 0, i], 2 / WIDTH)
    cstar = mean_field.correlation_fixed_point(w, b)
    law(f"correlation c* at ({w}, {b})", cstar, late[:, 1, i], 2 / WIDTH)
law("growth of a tangent on the critical line", 1, late[:, 2, 3], 2 / WIDTH)
claim("largest |z| of these seven laws", max(abs(row[-1]) for row in LAWS), low=0, high=4)

# %% alt="Correlation against depth in order, on the critical line and in chaos, on the theory."
fig, ax = plt.subplots(figsize=(7, 3.6))
for i, name in [(0, "order, 1.3"), (3, "critical, 1.761"), (1, "chaos, 2.5"), (2, "chaos, 4")]:
    curve, c = [], 0.0
    for _ in range(DEPTH):
        c = mean_field.correlation_map(c, *POINTS[i])
        curve.append(c)
    ax.plot(curve, color="k", lw=0.8, ls="-", label="theory" if i == 0 else None)
    mean, sd = runs[:, 1, i].mean(axis=0), runs[:, 1, i].std(axis=0)
    (line,) = ax.plot(mean, label=name)
    ax.fill_between(range(DEPTH), mean - sd, mean + sd, color=line.get_color(), alpha=0.2)
ax.set_xlim(0, 1.4 * DEPTH)  # room for the legend
decorate(ax, f"Three fates of two inputs ({NETS} nets, width 1000)", "layer", "correlation")
plt.show()

# %% [markdown]
# Coloured lines are means over the networks with bands of one standard deviation, black lines the
# iterated correlation map. In order the correlation reaches 1 within 30 layers, in chaos it
# levels off below 1, on the critical line it is still climbing at layer 80: there the distance
# from 1 falls like a power of the depth and not exponentially.
#
# ### Exercise 3.3 ★★ (15 min) — The depth from a slope
#
# The array `curve` holds one number $c_l$ a layer, $l = 0, 1, \dots$, whose distance from its limit
# $c^*$ falls like $e^{-l/\xi}$. Write `fitted_depth(curve, limit, low, high)`: for the layers where
# $|c_l - c^*|$ lies strictly between low and high, fit a straight line to $\ln |c_l - c^*|$ against
# $l$ and return $\xi = -1/\text{slope}$.
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
# At width 1000 the curve drowns in noise of size $N^{-1/2}$ before it is straight. But we know
# more: given a layer, the entries of the next are *independent*, with a covariance that is the
# Gram matrix of the layer. So we need no weights at all. Draw the entries from that Gaussian and
# you have a network of width 200,000, exact in law, for the price of a list. We follow input 0
# with a partner above $c^*$ and one below, and fit the *difference* of the two correlations: its
# second-order terms cancel.


# %%
def wide_correlations(w, b, starts, width, depth):
    """Correlations of input 0 with the others, (depth, len(starts)), without any weight matrix."""
    c = torch.tensor([1.0, *starts], dtype=torch.float64)
    gram = torch.outer(c, c).fill_diagonal_(1) * mean_field.length_fixed_point(w, b)
    curve = []
    for _ in range(depth):
        root = gram.diagonal().sqrt()
        curve.append((gram[0, 1:] / (root[0] * root[1:])).numpy())
        draw = torch.linalg.cholesky(gram).float() @ torch.randn(len(c), width)
        h = draw.tanh().double()
        gram = w * (h @ h.T) / width + b
    return np.array(curve)


# %%
worst = 0.0
for w, b in progress(POINTS[:3], "depths"):
    cstar, expected = mean_field.correlation_fixed_point(w, b), mean_field.correlation_depth(w, b)
    starts = [0.99] if cstar == 1 else [cstar + 0.15, cstar - 0.15]
    low, high = (1e-4, 0.007) if cstar == 1 else (0.04, 0.31)
    ends = [wide_correlations(w, b, starts, 200_000, 30) for _ in range(6)]
    curves = [1 - end[:, 0] if cstar == 1 else end[:, 0] - end[:, 1] for end in ends]
    depths = [fitted_depth(curve, 0, low, high) for curve in curves]
    law(f"correlation depth at ({w}, {b})", expected, depths, 0.02 * expected)
    worst = max(worst, abs(np.mean(depths) / expected - 1))
claim("correlation depth, largest relative error of three", worst, low=0, high=0.15)

# %% [markdown]
# Theory says 7.83, 11.80 and 6.98 layers. The allowance of 2 % is for the bend that is left in
# the curves over the window of the fit.

# %% [markdown] tags=["context:3.4", "context:3.9", "context:3.10"]
# ## 2. Wide networks learn linearly
#
# Let $f(x) = n^{-1/2} \sum_i a_i \tanh(w_i \cdot x)$ with all $a_i$, $w_{ij}$ standard normal at
# the start. Under gradient descent on $\frac12 \sum_s (f(x_s) - y_s)^2$ at rate $\eta$, the vector
# of outputs moves by $-\eta K (f - y)$ to first order, with the **neural tangent kernel**
#
# $$K_{st} = \nabla_\theta f(x_s) \cdot \nabla_\theta f(x_t).$$
#
# If $K$ did not change, training would be linear regression. How much does it change?

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
# trains any two-layer network $s \sum_i a_i \tanh(w_i \cdot x)$; the scale $s$ and the rate will
# make the difference between this section and the next.

# %%
x16 = np.linspace(-1, 1, 16)
X, y = np.stack([x16, np.ones(16)], axis=1) / math.sqrt(2), np.sin(3 * x16)  # (16, 2), (16,)


def descend(W, a, s, rate, steps):
    """Gradient descent from W (2, n), a (n,) on half the sum of squared errors."""
    for _ in range(steps):
        h = np.tanh(X @ W)  # (16, n)
        r = rate * s * (s * (h @ a) - y)
        W = W - ((X.T @ r)[:, None] - (X * r[:, None]).T @ (h * h)) * a
        a = a - r @ h
    return W, a


# %% [markdown]
# We train for 300 steps at the rate $1/\lambda_{\max}(K_0)$, and beside it the linearised model,
# whose outputs obey $f \leftarrow f - \eta K_0 (f - y)$ exactly.

# %%
STEPS = 300


def relative(new, old):
    return np.linalg.norm(new - old) / np.linalg.norm(old)


def lazy_run(n, random):
    """Relative changes of kernel, of the function against its linearisation, of the weights."""
    W0, a0 = random.standard_normal((2, n)), random.standard_normal(n)
    K0 = tangent_kernel(W0, a0, X)
    rate = 1 / np.linalg.eigvalsh(K0)[-1]
    W, a = descend(W0, a0, n**-0.5, rate, STEPS)
    start = np.tanh(X @ W0) @ a0 / math.sqrt(n)
    linear = y + np.linalg.matrix_power(np.eye(16) - rate * K0, STEPS) @ (start - y)
    moved = relative(np.vstack([W, a]), np.vstack([W0, a0]))
    f = np.tanh(X @ W) @ a / math.sqrt(n)
    return relative(tangent_kernel(W, a, X), K0), relative(f, linear), moved


# %% [markdown]
# **Predict** three exponents of the width $n$. A neuron's weights move by order $n^{-1/2}$, so the
# textbook bound for the change of the kernel is $O(n^{-1/2})$, too.

# %%
widths = [64, 256, 1024, 4096, 16384]
repeats = scale(laptop=12, paper=40)
random = rng(2)
lazy = np.array([[lazy_run(n, random) for _ in range(repeats)] for n in progress(widths)])
means = np.exp(np.log(lazy).mean(axis=1))  # (widths, 3), geometric means

# %% alt="Three relative changes against the width on logarithmic axes, with two power laws."
fig, ax = plt.subplots(figsize=(6.5, 4))
names = ["kernel", "function against linearisation", "weights"]
for k, (name, marker) in enumerate(zip(names, "os^", strict=True)):
    se = np.log(lazy[:, :, k]).std(axis=1) / math.sqrt(repeats)
    ax.errorbar(widths, means[:, k], yerr=2 * se * means[:, k], marker=marker, ms=5, label=name)
n = np.array(widths)
ax.plot(n, 9 / n, color="k", lw=0.8, ls="-", label=r"$n^{-1}$ and $n^{-1/2}$")
ax.plot(n, 2.2 / np.sqrt(n), color="k", lw=0.8, ls="-")
ax.set(xscale="log", yscale="log")
decorate(ax, f"Three power laws ({repeats} seeds a width)", "width n", "relative change")
plt.show()

# %% [markdown]
# The weights follow $n^{-1/2}$ (thin line). Kernel and function bend towards $n^{-1}$: twice the
# textbook exponent. The bounds are not wrong, they are not sharp; Exercise 3.9 asks why.

# %%
for k, name in enumerate(names):
    slope = np.polyfit(np.log(widths), np.log(means[:, k]), 1)[0]
    low, high = (-0.6, -0.4) if name == "weights" else (-1.1, -0.8)
    claim(f"exponent over five widths, {name}", slope, low=low, high=high)

# %% [markdown]
# Over all five widths the slopes are still on their way to the limit, so the law is tested on the
# last pair of widths, one local slope a seed. The textbook exponent is tested as well, and fails.

# %%
local = np.log(lazy[-1] / lazy[-2]) / math.log(4)  # (repeats, 3)
for k, exponent in enumerate([-1, -1, -0.5]):
    law(f"width exponent: {names[k]}", exponent, local[:, k])
se = local[:, 0].std(ddof=1) / math.sqrt(repeats)
claim("kernel exponent: z of the textbook -1/2", (local[:, 0].mean() + 0.5) / se, low=-60, high=-4)

# %% [markdown]
# ### Exercise 3.9 ★★★ (30 min, proof) — Why −1 and not −1/2
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
# $i$ by
# $\delta a_i = -n^{-1/2} \sum_s R_s h_s$ and $\delta w_i = -n^{-1/2} a_i \sum_s R_s h'_s x_s$,
# where $R_s$ is the sum of the residuals at $x_s$, times the rate: of order one. So $\delta a_i$
# is even in $a_i$ and $\delta w_i$ odd. To first order
# $\delta k = \partial_a k\, \delta a + \partial_w k \cdot \delta w$; $\partial_a k$ is odd and
# $\partial_w k$ even in $a$, so $\delta k = n^{-1/2} g(a_i, w_i)$ with $g$ *odd* in $a_i$.
# The $a_i$ are symmetric, so the mean of $g$ is zero and
# $\frac1n \sum_i \delta k_i = n^{-1/2} \cdot O(n^{-1/2}) = O(n^{-1})$. (The residuals depend on
# the $a_i$ through $f_0 = n^{-1/2} \sum_i a_i h(w_i)$; the share of one neuron in it is
# $n^{-1/2}$, which adds to the mean of $g$ a term of that order: $O(n^{-1})$ in $K$ again. The
# second-order terms are $O(n^{-1})$ each without help.) The bound $n^{-1/2}$ adds the
# movements as if all had one sign; with $a_i$ of non-zero mean they do.
#
# %% [markdown]
# ## 3. The mean field: networks whose neurons move
#
# Now scale the output by $1/n$ instead of $n^{-1/2}$, and multiply the rate by $n$. By the law of
# large numbers the network is an integral over the *measure* $\frac1n \sum_i \delta_{(a_i,
# w_i)}$, and gradient descent moves this measure in a way that does not depend on $n$ (Mei,
# Montanari and Nguyen 2018; Rotskoff and Vanden-Eijnden 2018). **Predict** three more exponents:
# of the variance of $f$ over initialisations at the start, of the same after training, and of the
# movement of the $w_i$.

# %%
widths3, groups = [256, 1024, 4096], 8


def rich_run(n, random):
    """Outputs before and after 100 steps, and the relative movement of W."""
    W0, a0 = random.standard_normal((2, n)), random.standard_normal(n)
    W, a = descend(W0, a0, 1 / n, 0.5 * n / 16, 100)
    before, after = (np.tanh(X @ w) @ b / n for w, b in ((W0, a0), (W, a)))
    return np.stack([before, after, np.full(16, relative(W, W0))])


rich = np.array([[rich_run(n, random) for _ in range(6 * groups)] for n in progress(widths3)])
rich = rich.reshape(3, groups, 6, 3, 16)  # widths, groups, seeds, quantities, points

# %% [markdown]
# A variance needs several seeds: we form 8 groups of 6 and fit one exponent a group. The movement
# gets an allowance of 0.02, because its limit is reached with an error of order $1/n$.

# %%
spread = rich[:, :, :, :2].var(axis=2, ddof=1).mean(axis=-1)  # (widths, groups, 2)
moves = rich[:, :, :, 2].mean(axis=(2, 3))  # (widths, groups)
# %%
names3 = ["mean field: variance at the start", "mean field: variance when trained"]
for k, name in enumerate(names3):
    law(name, -1, np.polyfit(np.log(widths3), np.log(spread[:, :, k]), 1)[0])
law("mean field: movement of w", 0, np.polyfit(np.log(widths3), np.log(moves), 1)[0], 0.02)
claim("mean field, width 4096: relative movement of w", moves[-1].mean(), low=0.7, high=2)

# %% alt="Neurons before and after training: hardly moved in one scaling, far moved in the other."
fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), sharex=True, sharey=True)
for ax, s, rate, name in ((axes[0], 256**-0.5, 1, "lazy"), (axes[1], 1 / 256, 256, "rich")):
    random = rng(3)
    W0, a0 = random.standard_normal((2, 256)), random.standard_normal(256)
    W, a = descend(W0, a0, s, 0.5 * rate / 16, 300)
    ax.plot(*np.stack([W0[:, ::2], W[:, ::2]], axis=1), color="0.6", lw=0.6, ls="-")
    ax.scatter(*W, c=np.sign(a), s=8, cmap="PuOr", edgecolors="k", linewidths=0.3)
    decorate(ax, f"{name}: 256 neurons, 300 steps", "$w_1$ (of x)", "$w_2$ (of 1)")
plt.show()

# %% [markdown]
# Each point is a neuron's $w_i$ after training, coloured by the sign of $a_i$; a grey line leads
# back to its start (for every second neuron). On the left, in the scaling of section 2, nothing
# is seen to move: the network fits by a small common push, it is *lazy*. On the right the
# neurons travel and align. Both fit the data; only the second has learnt features.

# %% [markdown] tags=["context:3.5", "context:3.6"]
# ## 4. Depth as time
#
# A residual network $x_{k+1} = x_k + h F(x_k)$ is Euler's method for $\dot x = F(x)$ (E 2017;
# Haber and Ruthotto 2018). Take the linear model $\dot x = K x$, $K = \begin{pmatrix} -\gamma & w
# \\ -w & -\gamma \end{pmatrix}$, with eigenvalues $-\gamma \pm iw$: a rotation, damped for $\gamma
# > 0$. The flow never grows if $\gamma \ge 0$. The network multiplies the norm in each layer by
# $|1 + h(iw - \gamma)|$.

# %% [markdown]
# **Predict:** with $h = 0.1$, $w = 3$, $\gamma = 0$, what happens to a vector of length 1 in 1000
# layers?

# %% tags=["nbval-check-output"]
h, w = Fraction(1, 10), 3
for gamma in (0, Fraction(45, 100), Fraction(1, 2), 1):
    print(f"gamma = {float(gamma)}: squared norm times", (1 - h * gamma) ** 2 + (h * w) ** 2)

# %% [markdown]
# At $\gamma = 0$ the squared norm grows by 109/100 a layer: $1.09^{500} = 5 \cdot 10^{18}$, where
# the equation has length 1 for ever. At $\gamma = 0.45$ it still grows, though the flow decays.
#
# ### Exercise 3.5 ★ (10 min) — The edge of stability
#
# Write `stable_damping(h, w)`: the least $\gamma$ for which $|1 + h(iw - \gamma)| = 1$, for
# $hw \le 1$.
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
stable_damping = check("3.5", stable_damping, otherwise=week03.stable_damping)


# %% [markdown]
# The laws are exact here, for every starting vector; five random ones do, and rounding gets an
# allowance of $10^{-10}$. The edge is measured by looking for the $\gamma$ where 1000 layers
# neither grow nor shrink.


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
starts = rng(4).standard_normal((5, 2))
for gamma in (0, 0.5, 1):
    exact = 500 * math.log((1 - 0.1 * gamma) ** 2 + 0.09)
    law(f"ResNet, gamma = {gamma}: ln growth", exact, [log_growth(gamma, x) for x in starts], 1e-10)
# %%
edges = [brentq(log_growth, 0, 1, args=(x,), xtol=1e-13) for x in starts]
law("ResNet: edge of stability", stable_damping(0.1, 3), edges, 1e-10)
claim("edge of stability", edges[0], low=0.4605, high=0.4607)

# %% alt="Four paths of a residual network: growing, on a circle, and two spirals inwards."
fig, axes = plt.subplots(1, 4, figsize=(8, 2.4), sharex=True, sharey=True)
for ax, gamma in zip(axes, [0.3, edges[0], 0.6, 1], strict=True):
    ax.plot(*path(gamma, np.array([1.0, 0]), 60).T, marker=".", ms=3, lw=0.7)
    ax.set_aspect("equal")
    decorate(ax, rf"$\gamma$ = {gamma:.4g}", "$x_1$", "$x_2$")
plt.show()

# %% [markdown]
# 60 layers from $(1, 0)$. All four flows spiral inwards; the network at $\gamma = 0.3$ spirals
# outwards, and at the edge 0.4606 it walks on a circle for ever. To leading order the edge is
# $hw^2/2$: a layer's step, not the equation, asks for damping.
#
# ### Exercise 3.6 ★★ (15 min) — The implicit midpoint
#
# Another network takes $x$ to the $y$ with $y = x + hK\frac{x + y}{2}$, for any matrix $K$. Write
# `midpoint_step(K, x, h)`, which returns $y$.
#
# <details><summary>Hint</summary>
#
# Collect $y$ on the left and use `np.linalg.solve`. Show that $|y| = |x|$ if $K^T = -K$, by
# multiplying with $x + y$.
#
# </details>


# %%
def midpoint_step(K, x, h):
    # BEGIN SOLUTION
    half = h / 2 * np.asarray(K)
    one = np.eye(len(half))
    return np.linalg.solve(one - half, (one + half) @ x)
    # END SOLUTION


# %%
midpoint_step = check("3.6", midpoint_step, otherwise=week03.midpoint_step)

# %%
M = rng(5).standard_normal((10, 10))
x = start = rng(6).standard_normal(10)
for _ in range(1000):
    x = midpoint_step(M - M.T, x, 0.1)
drift = abs(np.linalg.norm(x) / np.linalg.norm(start) - 1)
claim("implicit midpoint, 1000 layers: change of the norm", drift, low=0, high=1e-11)

# %% [markdown]
# Up to rounding the norm stays, for any antisymmetric $K$ and any step. The price is a linear
# system (in a real network, a nonlinear one) in each layer.
#
# ## 5. Gradient noise
#
# Near a minimum with Hessian $H$, stochastic gradient descent at a constant rate is the linear
# recursion $\theta \leftarrow \theta - \eta(H\theta + \xi)$ with noise of covariance $C$. Write $A
# = 1 - \eta H$. The covariance $S$ of $\theta$ becomes stationary if $S = ASA^T + \eta^2 C$, the
# discrete **Lyapunov equation**. Popular texts replace the recursion by a stochastic differential
# equation and find $HS + SH = \eta C$ instead. How wrong is that?
#
# ### Exercise 3.7 ★ (15 min) — The stationary covariance of SGD
#
# Write `stationary_covariance(H, C, eta)`: solve $S = ASA^T + \eta^2 C$ for symmetric positive
# definite $H$. If $\eta$ is outside $(0, 2/h_{\max})$ nothing is stationary: raise a `ValueError`
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
stationary_covariance = check("3.7", stationary_covariance, otherwise=week03.stationary_covariance)

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
# direction. Ten seeds of 8000 chains decide.

# %%
eta = 0.5
exact = stationary_covariance(H, C, eta)
sde = eta * C / np.add.outer(np.diag(H), np.diag(H))
measured = np.array([np.cov(sgd(H, C, eta, 8000, 120, rng(s)).T) for s in range(10, 20)])
for i, j in ((0, 0), (1, 1), (0, 1)):
    law(f"SGD covariance S{i + 1}{j + 1} at eta = 0.5", exact[i, j], measured[:, i, j])
se = measured.std(axis=0, ddof=1) / math.sqrt(10)
claim("SGD: |z| of the SDE's S11", abs(measured.mean(0) - sde)[0, 0] / se[0, 0], low=4, high=400)
claim("SGD: |z| of the SDE's S22", abs(measured.mean(0) - sde)[1, 1] / se[1, 1], low=4, high=100)

# %% alt="Clouds of SGD iterates with the exact and the SDE ellipse at a large and a small rate."
fig, axes = plt.subplots(1, 2, figsize=(8, 3.4))
circle = np.exp(1j * np.linspace(0, 2 * math.pi, 200))
for ax, eta in zip(axes, [0.5, 0.02], strict=True):
    cloud = sgd(H, C, eta, 1000, int(60 / eta), rng(20))
    ax.plot(*cloud.T, ls="", marker=".", ms=2, color="0.6", label="SGD, 1000 chains")
    limit = eta * C / np.add.outer(np.diag(H), np.diag(H))
    for S, style, name in ((stationary_covariance(H, C, eta), "k-", "exact"), (limit, "--", "SDE")):
        ellipse = 2 * np.linalg.cholesky(S) @ np.array([circle.real, circle.imag])
        ax.plot(*ellipse, style, label=f"{name}, 2 sd")
    decorate(ax, rf"$\eta$ = {eta}", r"$\theta_1$", r"$\theta_2$")
plt.show()

# %% [markdown]
# At $\eta = 0.02$ the two ellipses coincide; at 0.5 the differential equation's is too narrow in
# the steep direction $\theta_1$.
#
# ### Exercise 3.8 ★★★ (30 min) — Beyond the stochastic differential equation
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
second_order = check("3.8", second_order, otherwise=week03.second_order)

# %%
corrected = sde + 0.5**2 * second_order(H, C)
claim("SDE: relative error of S11", abs(sde / exact - 1)[0, 0], low=0.24, high=0.26)
claim("two orders: relative error of S11", abs(corrected / exact - 1)[0, 0], low=0.06, high=0.065)

# %% [markdown]
# The second order brings the error from 25 % to 6 %, the square of it.
#
# ## 6. The loss as a potential
#
# Add noise on purpose, $\theta \leftarrow \theta - \eta \nabla V(\theta) + \sqrt{2\eta T}\, \xi$,
# and you have **Langevin dynamics**: for small $\eta$ its stationary law is the Gibbs measure
# $e^{-V/T}$. It is SGD with $C = 2T/\eta$, so for $V = \frac12 h\theta^2$ we know the bias of
# the step without new work: variance $\frac{T}{h(1 - \eta h/2)}$ and not $T/h$.

# %%
T, eta = 0.1, 0.5
one = np.eye(1)
biased = stationary_covariance(one, 2 * T / eta * one, eta).item()
variances = [sgd(one, 2 * T / eta * one, eta, 8000, 50, rng(s)).var() for s in range(30, 40)]
law("Langevin variance at eta = 0.5, T = 0.1", biased, variances)
claim("Langevin: variance at eta = 0.5", np.mean(variances), low=0.131, high=0.136)

# %% [markdown]
# 0.133, where Gibbs says 0.1. **A hill to cross.** Let $V(x) = (x^2 - 1)^2/4$, with minima at $\pm
# 1$ and a hill of height 1/4 between. How long from $-1$ to 1? The mean $\tau(x)$ solves $T\tau''
# - V'\tau' = -1$, $\tau(1) = 0$, so that
#
# $$\tau(-1) = \frac1T \int_{-1}^1 e^{V(y)/T} \int_{-\infty}^y e^{-V(z)/T}\, dz\, dy,$$
#
# and for $T \to 0$ **Kramers' formula** $\tau \approx 2\pi\, e^{1/(4T)} / \sqrt{V''(-1)\,
# |V''(0)|}$.

# %%
T = 0.08


def gibbs(z, sign=-1):
    return math.exp(sign * (z * z - 1) ** 2 / 4 / T)


# %%
exact = quad(lambda y: gibbs(y, 1) * quad(gibbs, -5, y)[0], -1, 1)[0] / T
kramers = 2 * math.pi * math.exp(1 / (4 * T)) / math.sqrt(2)
claim("mean passage time by quadrature", exact, low=120.0, high=120.01)
claim("mean passage time by Kramers' formula", kramers, low=101.1, high=101.2)


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


# %% [markdown]
# 2000 particles in ten groups of 200 with time step 0.02; the step gets an allowance of 1 %.

# %%
times = passage_times(2000, 0.02, rng(40)).reshape(10, 200).mean(axis=1)
law("mean passage time over the hill", exact, times, 0.01 * exact)
se = times.std(ddof=1) / math.sqrt(10)
claim("mean passage time, 2000 particles", times.mean(), low=108, high=132)

# %% [markdown]
# Quadrature and particles agree at 120; Kramers' 101 is the first term of an expansion in $T$, and
# $T = 0.08$ is not small. **A loss with two minima.** The smallest network $a \tanh(wx)$ with
# target $\tanh(x)$ has them at $\pm(1, 1)$ and a saddle at 0. On the line $a = 0$ the loss is
# constant, so $e^{-L/T}$ has infinite mass there; a little weight decay, $0.05 (a^2 + w^2)$,
# makes it a probability measure.

# %%
inputs = np.linspace(-2, 2, 21)
target = np.tanh(inputs)


def loss(a, w):
    """Loss with weight decay, for arrays a and w of one shape."""
    outputs = a[..., None] * np.tanh(w[..., None] * inputs)
    return ((outputs - target) ** 2).mean(-1) + 0.05 * (a**2 + w**2)


def gradient(a, w):
    h = np.tanh(w[..., None] * inputs)
    residual = 2 * (a[..., None] * h - target)
    by_w = residual * a[..., None] * (1 - h**2) * inputs
    return (residual * h).mean(-1) + 0.1 * a, by_w.mean(-1) + 0.1 * w


# %%
T, dt, random = 0.15, 0.05, rng(41)
a, w = np.ones(500), np.ones(500)
walk, energies = [], []
for step in range(4000):
    down_a, down_w = gradient(a, w)
    a = a - dt * down_a + math.sqrt(2 * dt * T) * random.standard_normal(500)
    w = w - dt * down_w + math.sqrt(2 * dt * T) * random.standard_normal(500)
    walk.append((a, w))
    if step >= 2000 and step % 20 == 0:
        energies.append(loss(a, w))

# %% [markdown]
# The mean loss under the Gibbs measure is a quotient of two integrals, here two sums on a grid;
# the 500 walkers, in ten groups, should have it too (allowance 3 %, for the time step and for the
# start at one minimum).

# %%
A, B = np.meshgrid(np.linspace(-5, 5, 201), np.linspace(-7, 7, 281), indexing="ij")
L = loss(A, B)
weight = np.exp(-(L - L.min()) / T)

# %%
means = np.array(energies).mean(axis=0).reshape(10, 50).mean(axis=1)
mean_loss = (weight * L).sum() / weight.sum()
law("mean loss under the Gibbs measure", mean_loss, means, 0.03 * mean_loss)
claim("share of walkers that crossed", (a < 0).mean(), low=0.25, high=0.55)

# %% alt="Contours of a loss with two minima and a saddle, with one noisy path across."
fig, ax = plt.subplots(figsize=(6, 3.8))
mesh = ax.contourf(A, B, L, np.linspace(0, 2, 21), extend="max")
crossed = np.argmax(a < 0)  # the first walker that ends on the other side
ax.plot(*np.array(walk[::8])[:, :, crossed].T, color="w", lw=0.5, ls="-")
ax.plot([1, -1], [1, -1], ls="", marker="o", color="w", markeredgecolor="k")
ax.set(xlim=(-3, 3), ylim=(-3.5, 3.5))
fig.colorbar(mesh, label="loss")
decorate(ax, "A loss as a landscape: a walker that crossed", "a", "w")
plt.show()

# %% [markdown]
# The white path of one walker fills the dark valley around its first minimum (dots: minima
# without decay), finds the saddle in the middle and goes on in the other valley. Gradient descent
# without noise would stay where it starts.
#
# ## 7. Learn the last layer only
#
# If neurons hardly move, why move them? **Random features**: draw $w_i$ once, freeze them, and
# find the $a_i$ by ridge regression, one linear system. It is week 1's kernel ridge with the
# tangent kernel's first half, and week 4 forecasts chaos with it (Gottwald and Reich 2021).

# %%
random = rng(50)
grid = np.stack([np.linspace(-1, 1, 200), np.ones(200)], axis=1) / math.sqrt(2)
truth = np.sin(3 * math.sqrt(2) * grid[:, 0])
W0, a0 = 3 * random.standard_normal((2, 300)), random.standard_normal(300)
F, G = np.tanh(X @ W0), np.tanh(grid @ W0)  # (16, 300), (200, 300)
ridge = F.T @ np.linalg.solve(F @ F.T + 1e-8 * np.eye(16), y)
claim("random features: largest error", np.abs(G @ ridge - truth).max(), low=0, high=0.01)
W, a = descend(W0, a0, 300**-0.5, 1 / np.linalg.eigvalsh(tangent_kernel(W0, a0, X))[-1], 3000)
trained = np.abs(np.tanh(grid @ W) @ a / math.sqrt(300) - truth).max()
claim("all layers trained, 3000 steps: largest error", trained, low=0.01, high=1)

# %% [markdown]
# One linear system beats 3000 steps on both layers, on this smooth target. Where features must be
# found, as in section 3, it will not.
#
# ## 8. Workshop: depth, width and residual connections for the Möbius function
#
# Week 2 left a network with 55 % on $\mu(n)$ from the 16 binary digits of $n$, where the rule "0
# if 4 divides $n$, else $-1$" has 55.4 %. With the residues of $n$ modulo the first 100 primes no
# rule can pass 51.5 %. Would a *better architecture* have done more? We give each the same
# number of parameters (about 5000) and the same number of steps, so that a deep network is narrow.
#
# **Predict** a ranking before you run.

# %% tags=["nbval-check-output"]
BUDGET = 5000


def parameters(inputs, width, depth):
    return (inputs + 1) * width + (depth - 1) * (width + 1) * width + 3 * (width + 1)


def best_width(inputs, depth):
    return max(w for w in range(1, 400) if parameters(inputs, w, depth) <= BUDGET)


for depth in (1, 2, 4, 8):
    found = [best_width(inputs, depth) for inputs in (16, 100)]
    print(f"depth {depth}: widths {found} for 16 and 100 inputs")

# %%
n = np.arange(1, 2**16)
labels = torch.tensor(mobius_sieve(2**16 - 1)[1:].astype(np.int64) + 1, device=device())
bits = torch.tensor((n[:, None] >> np.arange(16)) & 1, dtype=torch.float32, device=device())
primes = primes_upto(541)  # the first 100
residues = torch.tensor(n[:, None] % primes / primes, dtype=torch.float32, device=device())

# %% [markdown]
# Three networks are trained side by side: one tensor holds the weights of all three, and `baddbmm`
# multiplies three batches by three matrices. A residual layer adds its input to its output.


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
def workshop(X, depth, residual, steps, seed):
    """Shares of right answers of three networks on training and on validation: (2, 3)."""
    torch.manual_seed(seed)
    net = Trio(X.shape[1], best_width(X.shape[1], depth), depth, residual).to(device())
    train, valid = torch.randperm(len(X), device=device()).tensor_split(2)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(steps):
        rows = train[torch.randint(len(train), (3, 128), device=device())]
        loss = nn.functional.cross_entropy(net(X[rows]).flatten(0, 1), labels[rows].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        halves = [(net(X[half][None]).argmax(-1) == labels[half]) for half in (train, valid)]
    return [share.double().mean(1).tolist() for share in halves]


# %%
steps = scale(laptop=500, paper=20_000)
kinds = [(1, False), (2, False), (4, False), (4, True), (8, False), (8, True)]
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
values = labels.cpu().numpy() - 1
two_bits = np.mean(np.where(n % 4 == 0, 0, -1) == values)
two_three = np.mean(np.where((n % 2 == 0) | (n % 3 == 0), 0, 1) == values)
claim("rule of two bits", two_bits, low=0.5538, high=0.554)
claim("rule of the residues mod 2 and 3", two_three, low=0.5137, high=0.5139)
bands = {"digits": ((0.54, 0.57), (0.54, 0.57)), "residues": ((0.43, 0.51), (0.495, 0.52))}
for name, (worst, best) in bands.items():
    means = [score[1].mean() for key, score in scores.items() if key[0] == name]
    for which, value, (low, high) in (("worst", min(means), worst), ("best", max(means), best)):
        claim(f"validation, {which} of six architectures, {name}", value, low=low, high=high)
gap = -np.diff(scores["digits", (1, False)].mean(axis=1)).item()
claim("digits, depth 1: training minus validation", gap, low=0.003, high=0.03)

# %% [markdown]
# From the digits, worst and best of six architectures stand within two points of the rule; from the
# residues none passes the bound, and at these few steps the worst is some points below. The wide
# network of depth 1 memorises a little (its training score is above its validation score); depth
# and residual connections buy nothing that one could tell from three seeds. The validation score
# stays where the inputs put it: the bound of week 2 is about information, and no architecture
# passes it. What *would* help is in week 2 as well: residues modulo $p^2$.
#
# ### Exercise 3.10 ★★ (40 min, experiment) — When the width is like the data
#
# All laws of sections 2 and 3 are limits $n \to \infty$ at 16 samples; in section 2 the weights
# change by $n^{-1/2}$, the kernel by $n^{-1}$, relative to the start. Take 16 neurons, then 8 and
# 32, and measure the change of the kernel over 100 seeds, in the notebook's task: inputs
# $(x, 1)/\sqrt 2$ for 16 points $x$ from $-1$ to 1, targets $\sin 3x$, 300 steps at the rate
# $1/\lambda_{\max}(K)$ of the start. Which law breaks first, and how do you tell from the
# *distribution* and not only from the mean?

# %% [markdown] tags=["solution"]
# **What we find** (100 seeds a width, the inputs and steps of section 3). The change of the kernel
# has mean 0.69, 0.41, 0.23 at widths 8, 16, 32 and 0.13, 0.024 at 64, 512. The exponent breaks
# first: from one width to its double it is $-0.72$ at 8 and $-0.84$ at 256, still short of $-1$.
# The distribution says how far one net can be trusted: from 8 to 512 the tenth and ninetieth
# percentile lie a factor 3.0 and 1.4 apart. Its logarithm is nearly symmetric (skewness $-0.1$ at
# width 8, against 0.9 for the change itself), so a geometric mean with quantiles is the better
# report, although the arithmetic mean exceeds it by 9 % only. We measured the kernel alone.

# %% [markdown]
# ## 9. The laws table
#
# Everything we predicted, in one table.

# %%
print(f"{'law':44} {'predicted':>10} {'measured ± se':>22} {'allow':>7} seeds     z")
for name, predicted, mean, se, allowance, count, z in LAWS:
    measured_se = f"{mean:.6g} ± {se:.1g}"
    verdict = "✓" if abs(z) < 4 else "✗"
    row = f"{name:44} {predicted:10.5g} {measured_se:>22} {allowance:7.1g} {count:5} {z:+5.1f}"
    print(row, verdict)

# %% tags=["headline"]
held = sum(abs(line[-1]) < 4 for line in LAWS)
claim("laws that hold within 4 standard errors, of 26", held, low=26, high=26)

# %% [markdown]
# **What we learned.** Wide random networks have two phases, and the constants of both can be
# computed to eight digits; wide training is linear up to corrections of order $1/n$, one order
# better than the textbook bound, if the output is scaled by $n^{-1/2}$, while with $1/n$ the
# neurons move; a residual network inherits the stability limit of Euler's method; constant-step SGD
# obeys a discrete Lyapunov equation, of which the differential equation is the limit; crossing a
# barrier takes a time that one integral predicts. For the Möbius function no architecture of 5000
# parameters passed the bound set by its inputs.
#
# **What it does not show.** The laws are for fully connected networks with fresh Gaussian weights,
# 16 samples in the plane, additive noise, quadratic minima. Nothing here says that real networks
# are lazy, that gradient noise is Gaussian, or that a minimum's width explains generalisation. A
# passed test with $|z| < 4$ says that we could not see a difference, at this size.
#
# **An open question.** What replaces these laws when the width is like the number of samples, or
# for the mean field at finite time: which fluctuations of order $1/N$ survive training, and can
# one compute them? For one hidden layer there is a central limit theorem (Rotskoff and
# Vanden-Eijnden); for depth and for moving features little is proved.
#
# **Further reading.** Lecture note of this week; Schoenholz et al., *Deep information
# propagation* (2017); Jacot, Gabriel and Hongler, *Neural tangent kernel* (2018); Haber and
# Ruthotto, *Stable architectures for deep neural networks* (2018); Gottwald and Reich,
# *Supervised learning from noisy observations* (arXiv 2007.07383).
