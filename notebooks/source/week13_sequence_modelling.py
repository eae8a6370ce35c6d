# %% [markdown]
# # Week 13 — Sequence modelling: memory as a theorem
#
# *Why are recurrent networks bad at long memory, and which architecture suits which memory?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** describe what a sequence model remembers by a single function, its memory
# kernel; find the smallest recurrent network for a kernel from one singular value decomposition;
# watch gradient descent wait exponentially long for a late echo; and train four architectures on
# the same memories, to see where each of them fails. At the end a chaotic system with hidden
# quantities shows what a memory looks like that nobody has designed.
#
# **What you need:** linear algebra with singular values, and week 4 for recurrent networks.
#
# **Where it comes from:** Qianxiao Li's talk *Deep learning for sequence modelling*. His notebooks
# show saved networks; here everything trains in front of you. Proofs are in
# `lecture_notes/week13.md`.
#
# **Two-hour path:** sections 1–7 with exercises 13.1, 13.2, 13.4, 13.5 and 13.6 (90 minutes of
# exercises). For the week: sections 8 and 9, and exercises 13.3, 13.7 and 13.8. All exercises
# together: 175 minutes.

# %% tags=["imports"]
from time import process_time

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.optimize import least_squares
from torch import nn

from course_utils.checks import check
from course_utils.exercises import week13
from course_utils.maths import sequence_models
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, progress, rng, scale, seeds

# %% [markdown]
# ## 1. One echo
#
# You clap once in a stone hall. You hear the clap die away quickly, and 21 time steps later you
# hear it again from the far wall, at half the strength. If you play a melody in that hall, every
# note comes back in the same way. The answer to a single clap therefore tells us everything.
#
# Call a linear map from sequences $x_0, x_1, \dots$ to sequences $y_0, y_1, \dots$ *causal* if
# $y_t$ depends only on $x_0, \dots, x_t$, and *time-invariant* if a later input gives the same
# output later. Let $\rho(0), \rho(1), \dots$ be its answer to the single clap $1, 0, 0, \dots$
# Every input is a sum of delayed claps, $x_s$ times the clap at time $s$, so the output is
# $$ y_t = \sum_{s = 0}^{t} \rho(s)\, x_{t-s} . $$
#
# **Definition.** The function $\rho$ is the *memory kernel* of the map: $\rho(s)$ is the weight
# with which the input of $s$ steps ago enters the present output.
#
# By hand: let $\rho = (1, \frac12, 0, \dots)$. The input $2, 0, 4$ has the output
# $2,\; 0 + \frac12 \cdot 2,\; 4 + \frac12 \cdot 0$, which is $2, 1, 4$. The cell computes the same
# with numpy, and writes down the kernel of the hall, in which the direct sound dies away like
# $(\frac12)^s$.

# %% tags=["nbval-check-output"]
lags = np.arange(64)
hall = 0.5**lags + 0.5 * (lags == 21)  # the direct sound and one echo
print(np.convolve([2, 0, 4], [1, 0.5])[:3].tolist())

# %% alt="The kernel of the hall with an echo at lag 21, and three notes that come back."
notes = np.zeros(64)
notes[[2, 8, 14]] = 1.0, 0.6, 0.8
fig, axes = plt.subplots(1, 2, figsize=(8, 2.6))
axes[0].stem(lags, hall, basefmt=" ")
decorate(axes[0], "The kernel: one clap", "lag", "weight")
axes[1].plot(lags, np.convolve(notes, hall)[:64], label="heard")
axes[1].stem(lags, notes, linefmt="0.5", markerfmt=" ", basefmt=" ", label="played")
decorate(axes[1], "Three notes and their echo", "time", "sound")
plt.show()

# %% [markdown]
# On the left is the hall's kernel, on the right a short melody: each of the three notes returns
# after 21 steps. A model of this hall must carry a number through 21 steps of silence.
#
# There is a second reason to speak of kernels. Feed white noise (independent inputs of mean 0 and
# variance 1) to the true map and to a model with kernel $\hat\rho$. The error of the output is
# $\sum_s (\rho(s) - \hat\rho(s))\, x_{t-s}$, a sum of uncorrelated terms, so its expected square is
# *exactly* $\sum_s (\rho(s) - \hat\rho(s))^2$. We can train on the expected loss itself, without
# drawing a single sample.
#
# ## 2. A linear recurrent network is a sum of exponentials
#
# A linear recurrent network with $m$ units keeps a state $h_t \in \mathbb R^m$:
# $$ h_t = A h_{t-1} + B x_t, \qquad y_t = C h_t . $$
# Here $A$ is a matrix of size $m \times m$, and $B$ and $C$ are vectors. The input $x_t$ reaches
# the output only through the state.
#
# ### Exercise 13.1 ★ (10 min) — The kernel of a linear network
#
# Write `kernel(A, B, C, length)`, which returns $\rho(0), \dots, \rho(\text{length} - 1)$ as an
# array. The shapes are $(m, m)$, $(m,)$ and $(m,)$.
#
# <details><summary>Hint</summary>
#
# Feed in $1, 0, 0, \dots$ from the state 0. What are $h_0$, $h_1$ and $h_2$?
#
# </details>


# %%
def kernel(A, B, C, length):
    # BEGIN SOLUTION
    values, state = [], B
    for _ in range(length):
        values.append(C @ state)
        state = A @ state
    return np.array(values)
    # END SOLUTION


# %%
kernel = check("13.1", kernel, otherwise=sequence_models.impulse_response)

# %% [markdown]
# So $\rho(s) = C A^s B$. If $A$ is diagonalisable with eigenvalues $\lambda_i$, this is $\sum_i
# c_i \lambda_i^s$: a sum of $m$ exponentials, and complex $\lambda_i$ give oscillations. Here is
# one that is not diagonalisable. The input enters the second unit, which hands it on to the first
# one, like a bucket chain, and the output reads the first unit. **Predict** the kernel.

# %% tags=["nbval-check-output"]
chain = np.array([[0.0, 1.0], [0.0, 0.0]])
print(kernel(chain, np.array([0.0, 1.0]), np.array([1.0, 0.0]), 4).tolist())

# %% [markdown]
# The clap comes out one step later and then never again: a delay by one step costs two units.
#
# ## 3. How many units does a memory need?
#
# Cut the time axis at "now". All that the past can do to the future passes through the $m$
# numbers of the state. The input $j$ steps before now contributes $\rho(i + j)$ to the output $i$
# steps after now. The infinite matrix $H_{ij} = \rho(i + j)$, $i, j \ge 0$, is called the *Hankel
# matrix* of $\rho$: its entries agree along each antidiagonal. It factors through $\mathbb R^m$:
# $$ H_{ij} = (C A^i)(A^j B), \qquad\text{so}\qquad \operatorname{rank} H \le m . $$
# **Theorem (Kronecker).** The least number of units of a linear recurrent network with kernel
# $\rho$ is the rank of its Hankel matrix.
#
# For example, $\rho = (1, 2, 4, \dots)$ has the Hankel matrix with rows $(1, 2, \dots)$ and
# $(2, 4, \dots)$ at its corner. Each row is twice the row above, so the rank is 1, and one unit is
# enough: $A = 2$, $B = C = 1$. On a computer we cut the matrix off. **Predict:** how many units
# does a pure delay by 60 steps need?
#
# ### Exercise 13.2 ★ (15 min) — How many units?
#
# Write `units_needed(kernel)` for a kernel of odd length $2m - 1$: the rank of its $m \times m$
# Hankel matrix, as an integer. Count the singular values above $10^{-8}$ times the largest.
#
# <details><summary>Hint</summary>
#
# `np.add.outer(np.arange(m), np.arange(m))` is the matrix of the indices $i + j$.
#
# </details>


# %%
def units_needed(kernel):
    # BEGIN SOLUTION
    m = (len(kernel) + 1) // 2
    H = kernel[np.add.outer(np.arange(m), np.arange(m))]  # (m, m)
    sigma = np.linalg.svd(H, compute_uv=False)
    return int(np.sum(sigma > 1e-8 * sigma[0]))
    # END SOLUTION


# %%
units_needed = check("13.2", units_needed, otherwise=sequence_models.hankel_rank)

# %%
far = np.arange(127)
long_kernels = {
    "0.9^t": 0.9**far,
    "three exponentials": 0.9**far - 0.5 * 0.7**far + 0.3 * 0.4**far,
    "0.95^t cos t": 0.95**far * np.cos(far),
    "delay by 10": np.eye(127)[10],
    "delay by 37": np.eye(127)[37],
    "delay by 60": np.eye(127)[60],
}

# %% tags=["nbval-check-output"]
for name, rho in long_kernels.items():
    print(f"{name:20} {units_needed(rho):3} units")

# %% [markdown]
# A cosine that dies away and never stops needs only two units, but a delay by 60 needs 61. The
# length of a memory is not what is expensive for a recurrent network. What is expensive is *silence
# before an answer*.
#
# ### Exercise 13.3 ★★ (20 min, proof) — A delay by k needs k + 1 units
#
# Prove that no linear recurrent network with fewer than $k + 1$ units has the kernel
# $\rho(s) = 1$ for $s = k$ and 0 otherwise. Then give one with $k + 1$ units.
#
# <details><summary>Hint</summary>
#
# Write down the first $k + 1$ rows and columns of the Hankel matrix.
#
# </details>

# %% [markdown] tags=["solution"]
# The first $k + 1$ rows and columns of $H$ hold $H_{ij} = 1$ for $i + j = k$ and 0 otherwise:
# ones on the antidiagonal. This block is invertible, so the rank of $H$ is at least $k + 1$, and
# $H_{ij} = (CA^i)(A^jB)$ shows that $m \ge k + 1$. For the other half, let $e_0, \dots, e_k$ be
# the standard basis, $B = e_k$, $C = e_0^T$, $Ae_i = e_{i-1}$ and $Ae_0 = 0$. Then $A^sB =
# e_{k-s}$ for $s \le k$ and 0 afterwards, so $CA^sB = 1$ exactly for $s = k$.

# %% [markdown]
# ## 4. A network from one singular value decomposition
#
# The factorisation can be read backwards. Take a kernel of length $2n$ and its $n \times n$
# Hankel matrix $H = U \Sigma V^T$. Keep the largest $m$ singular values, and split them evenly:
# put $O = U_m \Sigma_m^{1/2}$, whose rows should be $C A^i$, and $R = \Sigma_m^{1/2} V_m^T$,
# whose columns should be $A^j B$. The matrix $H^\uparrow_{ij} = \rho(i + j + 1)$ should be $O A
# R$. Solving these three equations for $A$, $B$ and $C$ is the algorithm of Ho and Kalman (1966).
#
# By hand: $\rho = (2, 1, \frac12, \frac14)$ has $n = 2$, and $H$ has the rows $(2, 1)$ and
# $(1, \frac12)$. It is $\frac52 u u^T$ with the unit vector $u = (2, 1)/\sqrt5$, so with $m = 1$
# both $O$ and $R$ are $\sqrt{5/2}\, u = (\sqrt2, 1/\sqrt2)$. Their first entries are
# $C = B = \sqrt2$. The matrix $H^\uparrow$ has the rows $(1, \frac12)$ and $(\frac12, \frac14)$,
# that is, half of $H$, so $A = \frac12$. Indeed $C A^s B = 2 \cdot 2^{-s}$.
#
# ### Exercise 13.4 ★★ (25 min) — A network from one SVD
#
# Write `realise(kernel, states)`, which returns $A$, $B$, $C$ for a kernel of even length $2n$. If
# the rank of $H$ is `states`, the network must reproduce the kernel. Any basis of states is right.
#
# <details><summary>Hint</summary>
#
# From $O A R = H^\uparrow$ follows $A = O^+ H^\uparrow R^+$ with the pseudoinverses of $O$ and $R$.
# The columns of $U_m$ are orthonormal, so $O^+ = \Sigma_m^{-1/2} U_m^T$. Note that
# `np.linalg.svd` returns $V^T$.
#
# </details>


# %%
def realise(kernel, states):
    # BEGIN SOLUTION
    n = len(kernel) // 2
    places = np.add.outer(np.arange(n), np.arange(n))
    U, sigma, Vt = np.linalg.svd(kernel[places])
    root = np.sqrt(sigma[:states])
    O, R = U[:, :states] * root, root[:, None] * Vt[:states]  # (n, m), (m, n)
    A = (U[:, :states] / root).T @ kernel[places + 1] @ (Vt[:states] / root[:, None]).T
    return A, R[:, 0], O[0]
    # END SOLUTION


# %%
realise = check("13.4", realise, otherwise=sequence_models.ho_kalman)

# %% [markdown]
# The test is a kernel with a long tail that is no finite sum of exponentials:
# $\rho(t) = (1 + t)^{-3/2}$. One singular value decomposition gives the networks below.

# %%
tail = (1.0 + np.arange(128)) ** -1.5
errors = {m: np.abs(kernel(*realise(tail, m), 128) - tail).max() for m in range(1, 11)}
claim("Ho-Kalman, 6 units: largest error over 128 lags", errors[6], low=0, high=5e-5)
claim("Ho-Kalman, 10 units: largest error over 128 lags", errors[10], low=0, high=2e-8)

# %% [markdown]
# The claims say: with six units the largest error is $2.4 \cdot 10^{-5}$, with ten it is below
# $10^{-8}$.
#
# **Predict, then run.** Now we *train* a linear network with six units on the same kernel, from
# three random starts, with Adam and the exact loss over 128 lags. Gradient descent can choose all
# $36 + 6 + 6 = 48$ numbers freely. Will it come closer than the singular value decomposition? And
# how is it with three units?


# %%
def trained_kernel(A, B, C, doublings=7):
    """The first 128 values of C A^s B, by repeated squaring of A."""
    columns, power = B[:, None], A
    for _ in range(doublings):
        columns = torch.cat([columns, power @ columns], dim=1)
        power = power @ power
    return C @ columns


def train_linear(target, m, seed, steps):
    """A trained linear network's largest error over all lags."""
    draw = rng(seed)
    start = np.diag(draw.random(m)) + 0.1 * draw.standard_normal((m, m)) / np.sqrt(m)
    parts = [start, *draw.standard_normal((2, m)) / np.sqrt(m)]
    A, B, C = (torch.tensor(part, requires_grad=True) for part in parts)
    optimiser = torch.optim.Adam([A, B, C], lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = (trained_kernel(A, B, C) - target).square().sum()
        loss.backward()
        optimiser.step()
        schedule.step()
    return float((trained_kernel(A, B, C) - target).detach().abs().max())


# %%
steps = scale(laptop=1000, paper=10_000)
begin = process_time()
target = torch.tensor(tail)
by_training = [train_linear(target, 6, s, steps) for s in progress(range(3), "starts")]
print(f"six units, trained for {(process_time() - begin) / 3:.2f} CPU s each:", end="")
print(*(f" {e:.1e}" for e in by_training), f"  Ho-Kalman: {errors[6]:.1e}")
three = [train_linear(target, 3, s, steps) for s in range(3)]
print("three units, trained:", *(f" {e:.1e}" for e in three), f"  Ho-Kalman: {errors[3]:.1e}")

# %% tags=["headline"]
ratio = min(by_training) / errors[6]
claim("a trained linear RNN's error over that of one SVD, 6 units", ratio, low=10, high=1000)

# %% [markdown]
# With six units even the best of three trained networks misses the kernel by more than ten times as
# much as the network that came from one singular value decomposition. This is a statement about six
# units and a fixed number of steps: in one run with ten times as many steps (`COURSE_SCALE=paper`)
# the factor fell to 4. With three units it is the other way round: each of the three trained
# networks comes a little closer. A truncated singular value decomposition gives the best matrix of
# rank 3 near $H$, but this is not the kernel nearest to $\rho$.
#
# ## 5. Long tails push the rates to zero
#
# In continuous time a network with $m$ decoupled units has the kernel $\hat\rho(t) = \sum_i c_i
# e^{-w_i t}$, and the numbers $w_i > 0$ are called its *rates*. We fit two kernels with it. The
# first is the *long tail* $(1 + t)^{-3/2}$ again. The second is the *fast tail* $e^{-t}(1 +
# t)^{-3/2}$. For each number of units we look at the error and at the slowest rate, $\min_i w_i$.
# **Predict** what happens to the two slowest rates when there are more units.


# %%
grid = np.arange(0, 60, 0.05)


def fit_rates(rho, m):
    """Least squares over w > 0; the best c for given w is a linear problem inside."""

    def misfit(v):
        E = np.exp(-np.exp(v)[:, None] * grid)  # (m, T)
        c = np.linalg.lstsq(E.T, rho, rcond=None)[0]
        return c @ E - rho

    start = np.log(np.geomspace(5 if m > 1 else 1, 0.05 if rho[-1] > 1e-6 else 1.2, m))
    found = least_squares(misfit, start, max_nfev=60)
    return np.sort(np.exp(found.x))[0], np.abs(found.fun).max()


# %%
slow = (1 + grid) ** -1.5
fast = np.exp(-grid) * slow
polynomial = np.array([fit_rates(slow, m) for m in range(1, 6)])  # columns: min w, error
exponential = np.array([fit_rates(fast, m) for m in range(1, 5)])

# %%
claim("(1+t)^(-3/2), 5 units: slowest rate", polynomial[-1, 0], low=0, high=0.05)
claim("with e^(-t), up to 4 units: slowest rate", exponential[:, 0].min(), low=0.95, high=1.5)

# %% alt="Error and slowest rate against the number of units, for a polynomial and a fast tail."
fig, axes = plt.subplots(1, 2, figsize=(8, 2.8))
for rows, name, mark in ((polynomial, "long tail", "o"), (exponential, "fast tail", "s")):
    units = np.arange(1, len(rows) + 1)
    axes[0].semilogy(units, rows[:, 1], marker=mark, label=name)
    axes[1].semilogy(units, rows[:, 0], marker=mark, label=name)
axes[1].axhline(1, color="0.5", ls=":", label="rate 1")
decorate(axes[0], "Both errors fall", "units", "largest error")
decorate(axes[1], "One slowest rate stays above 1", "units", "slowest rate")
plt.show()

# %% [markdown]
# On the left both errors fall. On the right the slowest rate of the fast tail falls, too, but it
# stays above 1, while that of the long tail falls below 0.04. So both kernels are approximated
# better and better, but for the long tail the price is a rate that tends to 0: the network comes
# ever closer to instability. This is no accident. The note proves that a kernel that is
# approximated with rates above a fixed $\beta > 0$ *and bounded* $\sum_i |c_i|$ decays at least
# like $e^{-\beta t}$. Without a bound on the $c_i$ it would be false, but then large numbers cancel
# each other, and the smallest disturbance of the weights ruins the approximation. The *inverse
# approximation theorem* of Wang, Li and Li (ICLR 2024) makes this precise for nonlinear networks: a
# memory that can be approximated *stably*, that is, with errors that stay small when the weights
# are disturbed a little, decays exponentially.
#
# ## 6. The plateau
#
# Now the echo again, in continuous time: $\rho(t) = e^{-t} + b(t)$ with the bump $b(t) = \frac12
# e^{-2(t - d)^2}$ at delay $d$. A network of six units is trained by plain gradient descent on
# the exact loss, a sum over a grid of times $t$ with the step $dt$:
# $$ L(c, w) = \sum_t \Bigl(\sum_i c_i e^{-w_i t} - \rho(t)\Bigr)^2 dt . $$
#
# ### Exercise 13.5 ★★ (20 min) — The exact gradient
#
# Write `loss_and_gradient(c, w, t, target, dt)`, which returns $L$, $\partial L/\partial c$ and
# $\partial L/\partial w$. Here `c` and `w` have shape $(m,)$, `t` and `target` shape $(T,)$.
#
# <details><summary>Hint</summary>
#
# With $E_{it} = e^{-w_i t}$ and the error $r = cE - \rho$, the derivative in $c$ is $2\,dt\,E r$.
# For the one in $w$, the derivative of $c_i E_{it}$ in $w_i$ is $-t\, c_i E_{it}$.
#
# </details>


# %%
def loss_and_gradient(c, w, t, target, dt):
    # BEGIN SOLUTION
    E = np.exp(-w[:, None] * t)  # (m, T)
    r = c @ E - target
    return dt * (r @ r), 2 * dt * (E @ r), -2 * dt * c * (E @ (t * r))
    # END SOLUTION


# %%
loss_and_gradient = check("13.5", loss_and_gradient, otherwise=week13.loss_and_gradient)

# %% [markdown]
# The start matters, so we fix it: $w_i$ uniform in $(1, 2)$ and $c_i$ normal with standard
# deviation $0.1$. The learning rate is $0.05$. The *escape step* is the first step at which the
# loss is below nine tenths of the bump's energy $\sum_t b(t)^2\,dt$: from then on the network has
# learned something of the echo. If a run does not escape within the limit, we say so.


# %%
def train_echo(delay, seed, limit=30_000):
    """The losses up to the escape from the plateau, and the threshold."""
    draw, dt = rng(seed), 0.05
    t = dt * np.arange(800)
    bump = 0.5 * np.exp(-2 * (t - delay) ** 2)
    c, w = 0.1 * draw.standard_normal(6), draw.uniform(1, 2, 6)
    losses, threshold = [], 0.9 * dt * (bump @ bump)
    for _ in range(limit):
        loss, in_c, in_w = loss_and_gradient(c, w, t, np.exp(-t) + bump, dt)
        losses.append(loss)
        if loss < threshold:
            break
        c, w = c - 0.05 * np.asarray(in_c), w - 0.05 * np.asarray(in_w)
    return losses, threshold


# %% alt="Loss against step for four delays: each curve waits on a plateau, the later the longer."
fig, ax = plt.subplots(figsize=(6.5, 3))
for delay in (2, 4, 6, 8):
    losses, threshold = train_echo(delay, 0)
    ax.semilogx(np.arange(1, len(losses) + 1), losses, label=f"delay {delay}")
ax.axhline(threshold, color="0.5", ls=":", label="escape")
ax.set_ylim(0.19, 0.4)
decorate(ax, "The loss waits on a plateau", "step", "loss")
plt.show()

# %% [markdown]
# The curves for delays of 4 and more come down quickly towards the energy of the bump, which is
# 0.22: the network has learned $e^{-t}$ and knows nothing of the echo. Then they wait. Delay 2 is
# so short that there is hardly a plateau. Note that the axis of steps is logarithmic.
# **Predict:** if the delay grows by one, does the waiting time grow by an amount or by a factor?

# %%
delays = np.arange(2, 9)
waits = np.zeros((5, len(delays)))
for row, seed in enumerate(progress(seeds(5), "starts")):
    runs = [train_echo(delay, seed) for delay in delays]
    assert all(losses[-1] < threshold for losses, threshold in runs), "a run did not escape"
    waits[row] = [len(losses) for losses, _ in runs]

# %%
slopes, heights = np.polyfit(delays, np.log(waits).T, 1)
rest = np.log(waits) - (slopes[:, None] * delays + heights[:, None])
R2 = 1 - rest.var(1) / np.log(waits).var(1)
print("factor per unit of delay:", np.exp(slopes).round(2).tolist())
print("R² of the straight lines:", R2.round(4).tolist())

# %%
claim("plateau: median slope of ln(escape step)", np.median(slopes), low=0.45, high=0.75)
claim("plateau: median R² of the straight lines", np.median(R2), low=0.99, high=1)
claim("plateau: least R² of five starts", R2.min(), low=0.96, high=1)

# %% alt="Escape step on a logarithmic axis against delay: five nearly straight lines."
fig, ax = plt.subplots(figsize=(6, 3))
for row, line, height in zip(waits, slopes, heights, strict=True):
    (drawn,) = ax.semilogy(delays, row, marker="o", ls="")
    ax.semilogy(delays, np.exp(line * delays + height), color=drawn.get_color(), ls="-")
decorate(ax, "The wait is exponential in the delay (five starts)", "delay", "escape step")
plt.show()

# %% [markdown]
# Each colour is one start, and its line is the least squares fit. The waiting time grows by a
# factor: it is multiplied by nearly the same number, between 1.6 and 2.3, for each further unit of
# delay, and the number depends on the start. The lines are not perfect: the worst start bends a
# little. This is the *curse of memory* of Li, Han, E and Li (ICLR 2021). A unit with the rate $w$
# sees a bump at the delay $d$ only through $e^{-wd}$, so the gradient by which it could learn the
# bump is exponentially small in $d$.
#
# ## 7. The same memory in a dilated convolution
#
# A *dilated convolution* reads the sequence in another way. Layer $l$ joins the present value
# with the value $2^l$ steps ago, for $l = 0, \dots, K - 1$. The picture shows three layers and all
# ways from the inputs, in the bottom row, to the output at time 7.

# %% alt="Three layers of a dilated convolution as a binary tree; the way of lag 5 is drawn red."
fig, ax = plt.subplots(figsize=(6.5, 2.6))
for lag in range(8):
    times = [7 - (lag >> layer << layer) for layer in range(4)]  # in layers not yet taken
    style = {"color": COLOURS["vermillion"], "lw": 3} if lag == 5 else {"color": "0.7", "lw": 1}
    ax.plot(times, range(4), "-o", ms=4, zorder=lag == 5, **style)
ax.set_xticks(range(8))
ax.set_yticks(range(4), ["input", "layer 0", "layer 1", "output"])
decorate(ax, "The way of lag 5 = 101 in binary: long, short, long", "time", "")
plt.show()

# %% [markdown]
# A signal from the lag $t$ takes the long way in layer $l$ exactly if the binary digit $b_l$ of
# $t = \sum_l b_l 2^l$ is 1: the red way goes back by $4$ and by $1$, and by nothing in between. So
# each lag has exactly one way. If the layers are linear and pass on $c$ numbers, called *channels*,
# then each step on a way multiplies by a $c \times c$ matrix: $M_l(0)$ for the short way and
# $M_l(1)$ for the long one. (The first matrix is a column, because the input is one number, and a
# row $u^T$ reads off the output.) So the kernel is a product of matrices, one for each digit:
# $$ \rho(t) = u^T M_{K-1}(b_{K-1}) \cdots M_1(b_1)\, M_0(b_0) . $$
# Such a product is called a *tensor train*.
#
# Cut the digits after the lowest $k$ ones, and write $\rho$ as a matrix with the lowest $k$
# digits as row and the others as column. This is the $k$-th *unfolding*. Its rank is at most $c$,
# because all information crosses the cut in $c$ channels. The converse is true as well (Oseledets
# 2011).
#
# For $\rho = (1, 2, 3, 6)$ there is one cut. The rows are "even" and "odd": $(1, 3)$ and $(2, 6)$.
# The rank is 1, so one channel is enough. Indeed $M_0(0) = 1$, $M_0(1) = 2$, $M_1(0) = 1$ and
# $M_1(1) = 3$ give $1 \cdot 1,\; 1 \cdot 2,\; 3 \cdot 1,\; 3 \cdot 2$.
#
# ### Exercise 13.6 ★★ (20 min) — Ranks from binary digits
#
# Write `digit_ranks(kernel)` for a kernel of length $2^K$: the list of the ranks of its $K - 1$
# unfoldings, $k = 1, \dots, K - 1$, with the tolerance of exercise 13.2.
#
# <details><summary>Hint</summary>
#
# `kernel.reshape(-1, 2**k)` has the lowest $k$ digits as column. The transpose has the same rank.
#
# </details>


# %%
def digit_ranks(kernel):
    # BEGIN SOLUTION
    ranks = []
    for k in range(1, len(kernel).bit_length() - 1):
        sigma = np.linalg.svd(kernel.reshape(-1, 2**k), compute_uv=False)
        ranks.append(int(np.sum(sigma > 1e-8 * sigma[0])))
    return ranks
    # END SOLUTION


# %%
digit_ranks = check("13.6", digit_ranks, otherwise=sequence_models.unfolding_ranks)

# %% tags=["nbval-check-output"]
print("kernel                units  channels  ranks of the unfoldings")
for name, rho in long_kernels.items():
    ranks = digit_ranks(np.append(rho, 0.0) if rho[-1] == 0 else rho[:64])
    print(f"{name:20} {units_needed(rho):6} {max(ranks):9}  {list(map(int, ranks))}")

# %% [markdown]
# This table is the mathematics of the week in integers. (The kernels that never vanish are cut
# after 64 lags, hence five unfoldings.) A delay by 60 costs 61 recurrent units and *one*
# convolution channel: the kernel is 1 exactly if every binary digit of $t$ is that of 60, and this
# is a product of conditions on single digits.
#
# ## 8. Attention, and four architectures on four memories
#
# *Attention* answers at time $t$ with a weighted mean of the past, and it computes the weights. We
# need only the case in which they depend on positions. Choose frequencies $\omega_1, \dots,
# \omega_n$ and give time $t$ the code $p_t$: the row of the cosines $\cos \omega_j t$, followed by
# the sines $\sin \omega_j t$. A *head* with the matrix $M$ and the number $v$ has the output
# $$ y_t = v \sum_{s \le t} a_{ts}\, x_s, \qquad
#    a_{ts} = \frac{e^{\beta\, p_t M \cdot p_s}}{\sum_{r \le t} e^{\beta\, p_t M \cdot p_r}} . $$
# The weights $a_{ts}$ are the softmax of the *scores* $\beta\, p_t M \cdot p_s$. For large $\beta >
# 0$ nearly all weight lies on the largest score. To shift by $k$, it therefore suffices that $p_t M
# = p_{t-k}$: then the score is $\beta\, p_{t-k} \cdot p_s = \beta \sum_j \cos \omega_j(t - k - s)$,
# which is largest at $s = t - k$. Without position codes all scores would be equal, and the head
# could not tell one past input from another by its time.
#
# By hand: for the single frequency $\omega = \pi/2$ the codes are $p_0 = (1, 0)$, $p_1 = (0, 1)$,
# $p_2 = (-1, 0)$, … To shift by 1, $M$ must send $p_1$ to $p_0$ and $p_2$ to $p_1$, so it has the
# rows $(0, -1)$ and $(1, 0)$: a rotation by a quarter turn.
#
# ### Exercise 13.7 ★★ (20 min) — A shift is a rotation
#
# Write `shift_matrix(frequencies, delay)`: the matrix $M$ of size $2n \times 2n$ with
# $p_t M = p_{t - \text{delay}}$ for all $t$, where $p_t$ is a row as above, cosines first.
#
# <details><summary>Hint</summary>
#
# $\cos(a - b) = \cos a \cos b + \sin a \sin b$ and $\sin(a - b) = \sin a \cos b - \cos a \sin b$.
#
# </details>


# %%
def shift_matrix(frequencies, delay):
    # BEGIN SOLUTION
    c, s = np.diag(np.cos(frequencies * delay)), np.diag(np.sin(frequencies * delay))
    return np.block([[c, -s], [s, c]])
    # END SOLUTION


# %%
shift_matrix = check("13.7", shift_matrix, otherwise=week13.shift_matrix)

# %%
T = 64
omega = np.pi * (np.arange(16) + 0.5) / 16
codes = week13.position_codes(omega, np.arange(T))  # (64, 32)

# %%
scores = 2 * codes @ np.asarray(shift_matrix(omega, 21)) @ codes.T
scores[np.triu_indices(T, 1)] = -np.inf  # nobody sees the future
weights = np.exp(scores - scores.max(1, keepdims=True))
weights /= weights.sum(1, keepdims=True)
back = weights[np.arange(21, T), np.arange(T - 21)]
claim("constructed attention, delay 21: least weight on t - 21", back.min(), low=0.99, high=1)

# %% [markdown]
# With this one matrix and $\beta = 2$, a single head shifts by 21 practically without error. Can
# training find it? Here are the four architectures. The *LSTM* is the recurrent network of week 4.
# The *convolution* is the linear one of section 7. The *diagonal state space layer* (in the style
# of S4D, Gu and others 2022) is the linear network of section 2 with complex eigenvalues $\lambda_j
# = e^{-e^{v_j} + i\theta_j}$. Its kernel is the real part of $\sum_j c_j \lambda_j^t$ with complex
# numbers $c_j$. The rates $e^{v_j}$ are positive by construction, and at the start the frequencies
# $\theta_j$ are spread evenly from 0 to $\pi$. *Attention* is one head with the 32 codes above.


# %%
class LSTM(nn.Module):
    """32 hidden units."""

    def __init__(self):
        super().__init__()
        self.cells, self.out = nn.LSTM(1, 32, batch_first=True), nn.Linear(32, 1)

    def forward(self, x):
        return self.out(self.cells(x[..., None])[0])[..., 0]


class Convolution(nn.Module):
    """Six dilated linear layers with four channels; the past is padded with zeros."""

    def __init__(self):
        super().__init__()
        channels = [1, 4, 4, 4, 4, 4, 4]
        self.layers = nn.ModuleList(
            nn.Conv1d(channels[i], channels[i + 1], 2, dilation=2**i, bias=False) for i in range(6)
        )
        self.out = nn.Conv1d(4, 1, 1, bias=False)

    def forward(self, x):
        x = x[:, None]
        for i, layer in enumerate(self.layers):
            x = layer(nn.functional.pad(x, (2**i, 0)))
        return self.out(x)[:, 0]


# %%
class StateSpace(nn.Module):
    """32 complex modes; the kernel is written down and applied by a Fourier transform."""

    def __init__(self):
        super().__init__()
        self.v = nn.Parameter(torch.full((32,), -3.5))
        self.theta = nn.Parameter(torch.pi * torch.arange(32) / 32)
        self.c = nn.Parameter(0.1 * torch.randn(2, 32))

    def forward(self, x):
        t = torch.arange(T)
        decay = torch.exp(-torch.exp(self.v)[:, None] * t)  # (32, T)
        angle = self.theta[:, None] * t
        rho = self.c[0] @ (decay * angle.cos()) + self.c[1] @ (decay * angle.sin())
        product = torch.fft.rfft(x, 2 * T) * torch.fft.rfft(rho, 2 * T)
        return torch.fft.irfft(product, 2 * T)[:, :T]


class Attention(nn.Module):
    """One head that looks back by position; the value is the input times one number."""

    def __init__(self):
        super().__init__()
        self.register_buffer("p", torch.tensor(codes, dtype=torch.float32))
        self.M, self.value = nn.Parameter(torch.randn(32, 32) / 32), nn.Parameter(torch.ones(1))
        self.register_buffer("future", torch.triu(torch.full((T, T), -torch.inf), 1))

    def forward(self, x):
        weights = torch.softmax(self.p @ self.M @ self.p.T + self.future, dim=1)
        return self.value * x @ weights.T


# %% [markdown]
# Four memories, all on white noise of length 64: a shift by 4, a shift by 21, the dying cosine
# $0.95^t \cos t$, and one memory that is not linear, the product $x_t x_{t-1}$. Every network
# gets the same budget: 300 steps of Adam on fresh batches of 32 sequences. The learning rate is
# $0.02$, and $0.01$ for the LSTM; it rises, then falls. The loss is taken on the second half of
# the sequence, where all inputs that matter have been seen. We report the loss on new sequences
# *divided by the mean square of the target*: a network that answers 0 gets 1. **Predict** the
# losers in each column.


# %%
def delayed(x, k):
    return nn.functional.pad(x, (k, 0))[:, :T]


cosine = torch.tensor(0.95**lags * np.cos(lags), dtype=torch.float32)
filter_matrix = sum(cosine[s] * torch.diag(torch.ones(T - s), -s) for s in range(T))
memories = {
    "shift by 4": lambda x: delayed(x, 4),
    "shift by 21": lambda x: delayed(x, 21),
    "dying cosine": lambda x: x @ filter_matrix.T,
    "product": lambda x: x * delayed(x, 1),
}


# %%
def relative_loss(model, memory, x):
    y = memory(x)[:, T // 2 :]
    return (model(x)[:, T // 2 :] - y).square().mean() / y.square().mean()


def train(model, memory, lr, steps):
    """Train by Adam with a one-cycle learning rate; return the relative loss on new data."""
    optimiser = torch.optim.Adam(model.parameters(), lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, lr, total_steps=steps)
    for _ in range(steps):
        optimiser.zero_grad()
        relative_loss(model, memory, torch.randn(32, T)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        return relative_loss(model, memory, torch.randn(512, T)).item()


# %%
architectures = {"LSTM": LSTM, "convolution": Convolution, "state space": StateSpace}
architectures["attention"] = Attention

# %%
steps = scale(laptop=300, paper=3000)
table, cost, kept = np.zeros((4, 4)), np.zeros(4), {}
for i, (name, make) in enumerate(progress(architectures.items(), "architectures")):
    begin = process_time()
    for j, (task, memory) in enumerate(memories.items()):
        kept[name, task] = make()
        table[i, j] = train(kept[name, task], memory, 0.01 if name == "LSTM" else 0.02, steps)
    cost[i] = (process_time() - begin) / 4

# %%
for name, row, seconds in zip(architectures, table, cost, strict=True):
    size = sum(p.numel() for p in kept[name, "product"].parameters())
    print(f"{name:12} {size:5} weights {seconds:5.2f} CPU s  ", *(f"{v:9.1e}" for v in row))

# %% alt="A map of four architectures by four memories; colour shows the relative loss."
fig, ax = plt.subplots(figsize=(6.5, 3))
shown = ax.imshow(np.log10(table), cmap="cividis", vmin=-5, vmax=0, aspect="auto")
for (i, j), value in np.ndenumerate(table):
    ax.text(j, i, f"{value:.0e}", ha="center", va="center", color="k" if value > 0.02 else "w")
ax.set(xticks=range(4), xticklabels=memories, yticks=range(4), yticklabels=architectures)
ax.grid(False)
fig.colorbar(shown, label="log10 of relative loss")
decorate(ax, "Which architecture suits which memory?", "memory", "architecture")
plt.show()

# %% [markdown]
# Read the map by columns. The shift by 4 is the fair case, which all four have learned more or
# less. At the shift by 21 the LSTM is no better than the answer 0, while the convolution, with
# 172 weights and about the same computing time, and the state space layer have it. Attention is
# on its way: we have just written down a matrix that solves the task, but 300 steps do not reach
# it. The dying cosine defeats attention for another reason. Its weights are positive and sum to
# 1, so one head cannot add what it sees with different signs. The product defeats everything that
# is linear in the input: since $x_t x_{t-1}$ is uncorrelated with every single $x_s$, the best
# linear answer is 0, with the relative loss 1. Only the LSTM, with its nonlinear cells, has learned
# it.

# %%
claim("LSTM, shift by 21: relative loss", table[0, 1], low=0.5, high=1.2)
claim("convolution with 172 weights, shift by 21: relative loss", table[1, 1], low=0, high=1e-3)
claim("state space, shift by 21: relative loss", table[2, 1], low=0, high=1e-3)
claim("attention, dying cosine: relative loss", table[3, 2], low=0.5, high=1.2)
claim("LSTM, product: relative loss", table[0, 3], low=0, high=0.05)
claim("the best linear model on the product", table[1:3, 3].min(), low=0.9, high=1.2)

# %% alt="What the LSTM and the convolution answer to a single clap: only one has the echo at 21."
clap = torch.zeros(1, T)
clap[0, 0] = 1.0
fig, ax = plt.subplots(figsize=(6.5, 2.6))
with torch.no_grad():
    for name, colour in (("convolution", "blue"), ("LSTM", "vermillion")):
        model = kept[name, "shift by 21"]
        answer = (model(clap) - model(0 * clap))[0]
        ax.plot(answer, label=name, color=COLOURS[colour])
decorate(ax, "The answer to one clap after training on the shift by 21", "time", "answer")
plt.show()

# %% [markdown]
# The figure takes us back to the hall. The convolution answers a clap with one echo after 21 steps.
# The LSTM answers with almost nothing: it has not left its plateau.
#
# ### Exercise 13.8 ★★★ (45 min, experiment) — Does another parametrisation end the plateau?
#
# Write $w_i = e^{v_i}$ and train $c$ and $v$ instead of $c$ and $w$, from the same five starts.
# Measure the escape steps for the delays 2 to 8, with an upper limit, and report runs that do not
# escape. Does the slope change? Does it change if the rates start spread out between $0.1$ and
# $2$?
#
# <details><summary>Hint</summary>
#
# By the chain rule, $\partial L/\partial v_i = w_i\,\partial L/\partial w_i$. A start with slow
# units begins beside the bump: plot the result against the slowest rate at the start.
#
# </details>
#
# **An open question.** Which parametrisation of a stable recurrent network has a training time
# that is polynomial in the length of the memory, and for which class of targets? Wang and Li
# (*StableSSM*, arXiv 2311.14495) show that suitable parametrisations approximate long memories
# stably. That is a theorem on approximation, not on training time.

# %% [markdown] tags=["solution"]
# In `train_echo`, replace the update of `w` by `v = v - 0.05 * w * in_w` and `w = np.exp(v)`. The
# plateau stays: in one set of five starts, every run escaped and the slopes lay between 0.61 and
# 0.92, where the old parametrisation gave 0.45 to 0.86. A force that has to pass through
# $e^{-wd}$ is as small as before. The start makes the difference. With rates in geometric
# progression from 0.1 to 2 all runs escaped within 80 steps at every delay from 2 to 8, because a
# unit with $w_i \approx 1/d$ sees the bump at once. Longer delays will wait again.

# %% [markdown]
# ## 9. A memory that nobody designed
#
# So far we chose the memories. The last one comes from a model of the atmosphere, and it is the
# third experiment of Li's notebooks: the system of Lorenz (1996) with two time scales. A slow
# quantity $X$ is pushed from outside by an input $u$, and it is coupled to ten fast quantities
# $Y_0, \dots, Y_9$ on a circle:
# $$ \dot X = -X + u - 2 \sum_j Y_j, \qquad
#    \dot Y_j = -100\, Y_{j+1} (Y_{j+2} - Y_{j-1}) - 10\, Y_j + 2 X . $$
# We see only the input $u$ and the output $X$. The $Y_j$ are *hidden*. The input is constant on
# intervals of length 0.1, with independent normal values of mean 0 and standard deviation 10, and
# we read $X$ at the end of each interval.
#
# By hand: without the fast quantities, the equation $\dot X = -X + u$ has the solution
# $X_t = e^{-0.1} X_{t-1} + (1 - e^{-0.1})\, u_t$. This is a linear network with one unit, and its
# kernel is $(1 - e^{-0.1})\, e^{-0.1 s}$. **Predict:** with the hidden quantities, is there still a
# kernel that explains most of the output? How many units does it need? And will an LSTM do better?


# %%
def velocity(x, u):
    """The right-hand sides for states x (n, 11), the slow quantity first, and inputs u (n,)."""
    slow, fast = x[:, :1], x[:, 1:]
    following, second, previous = (np.roll(fast, shift, axis=1) for shift in (-1, -2, 1))
    slow_dot = u[:, None] - slow - 2 * fast.sum(axis=1, keepdims=True)
    fast_dot = 2 * slow - 10 * fast - 100 * following * (second - previous)
    return np.concatenate([slow_dot, fast_dot], axis=1)


def drive(u, x, steps=20):
    """The slow quantity after each interval, for inputs u (n, T) and starts x (n, 11)."""
    dt, seen = 0.1 / steps, np.empty(u.shape)
    for t in range(u.shape[1]):
        for _ in range(steps):  # the classical method of Runge and Kutta
            k1 = velocity(x, u[:, t])
            k2 = velocity(x + dt / 2 * k1, u[:, t])
            k3 = velocity(x + dt / 2 * k2, u[:, t])
            k4 = velocity(x + dt * k3, u[:, t])
            x = x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        seen[:, t] = x[:, 0]
    return seen


# %% [markdown]
# We draw 500 sequences for training and 100 for testing, of length 128, each from a random start.
# The first half of each sequence only serves to forget the start; we judge the second half. The 100
# test inputs are run twice, from *different* hidden starts.

# %%
draw = rng(96)
u = 10 * draw.standard_normal((600, 128))
out = drive(u, draw.standard_normal((600, 11)) / 2)
again = drive(u[500:], draw.standard_normal((100, 11)) / 2)
goal = out[500:, 64:]

# %% alt="The output for one input from two hidden starts: nearly equal curves that part in bursts."
fig, ax = plt.subplots(figsize=(6.5, 2.6))
ax.plot(out[500], label="one hidden start")
ax.plot(again[0], label="another")
ax.axvline(64, color="0.5", ls=":", label="judged from here")
decorate(ax, "The same input, twice", "time in intervals of 0.1", "X")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# The two outputs are close, but they never become equal for good: in bursts they part again. The
# fast quantities are chaotic, and a little of their chaos reaches $X$. So the output is not quite a
# function of the input, and no model that sees only the input can be perfect. Given the input, the
# two runs are independent. The note proves that half of their expected squared difference is then
# the least expected loss that any such model can have. We call it the *floor*. All losses below are
# divided by the variance of the output.


# %%
def lost(found):
    """The mean squared error on the test sequences, divided by the variance of the output."""
    return float(np.mean((found - goal) ** 2) / goal.var())


floor = lost(again[:, 64:]) / 2
past = np.stack([u[:, 64 - s : 128 - s] for s in range(40)], axis=2)  # (600, 64, 40)
rho = np.linalg.lstsq(past[:500].reshape(-1, 40), out[:500, 64:].ravel())[0]
losses = {"answer 0": lost(0), "best kernel, 40 lags": lost(past[500:] @ rho)}
for m in (1, 2, 3):
    losses[f"Ho-Kalman, {m} units"] = lost(past[500:] @ kernel(*realise(rho, m), 40))

# %% [markdown]
# The best kernel of 40 lags comes from least squares over the training sequences, and Ho–Kalman
# turns it into small linear networks. The LSTM is that of section 8, with as many steps.

# %%
inputs = torch.tensor(u / 10, dtype=torch.float32)
goals = torch.tensor(out / out.std(), dtype=torch.float32)
steps, lstm = scale(laptop=300, paper=3000), LSTM()
optimiser = torch.optim.Adam(lstm.parameters(), 0.01)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, total_steps=steps)
for _ in progress(range(steps), "LSTM"):
    rows = torch.randint(500, (32,))
    loss = (lstm(inputs[rows]) - goals[rows])[:, 64:].square().mean()
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(lstm.parameters(), 1.0)
    optimiser.step()
    schedule.step()
with torch.no_grad():
    losses["LSTM"] = lost(lstm(inputs[500:])[:, 64:].numpy() * out.std())

# %%
for name, value in losses.items():
    print(f"{name:22} {value:.4f}")
print(f"{'floor':22} {floor:.4f}")

# %%
best = losses["best kernel, 40 lags"]
three = losses["Ho-Kalman, 3 units"]
claim("Lorenz-96: relative loss of the best kernel of 40 lags", best, low=0.05, high=0.15)
claim("Lorenz-96: three units from one SVD over the best kernel", three / best, low=0.97, high=1.05)
claim("Lorenz-96: LSTM over the best kernel", losses["LSTM"] / best, low=0.3, high=0.9)
claim("Lorenz-96: floor, from two hidden starts", floor, low=0.002, high=0.02)

# %% [markdown]
# A kernel explains about nine tenths of the variance, and three units are enough to realise it: the
# linear part of this memory is short and smooth, the opposite of an echo. The map is not linear,
# and the LSTM uses that: over five seeds its loss was between 52 and 70 % of the loss of the best
# kernel. So the architecture that failed at the shift by 21 is here the best of those that we
# tried. It is still far above the floor, so a part of the memory has not been learned. The system
# itself has eleven numbers in its state, but a model that sees only input and output cannot count
# them: the linear part shows three.

# %% [markdown]
# **What we learned.** A linear memory is a kernel. The rank of its Hankel matrix counts recurrent
# units, and the ranks of its unfoldings count convolution channels; a delay is expensive for the
# one and costs a single channel for the other. One singular value decomposition finds a better
# small network with six units than our training does. The time on the plateau grows exponentially
# with the delay. A memory that comes from a differential equation can be short and nonlinear, and
# then the LSTM is the better model.
#
# **What it does not show.** That LSTMs cannot learn a delay of 21: with more units, steps or
# another start they may. That the map holds for deep networks with several heads or with
# nonlinear layers: our convolution, state space layer and head are the smallest that have a
# theorem. Each cell of the map is one start. That an LSTM cannot come nearer to the floor in
# section 9: it had 300 steps, and with 3,000 (`COURSE_SCALE=paper`, one run) its loss was a fifth
# of that of the best kernel.
#
# **Further reading.** Z. Li, J. Han, W. E, Q. Li, *On the curse of memory in recurrent neural
# networks*, ICLR 2021. H. Jiang, Z. Li, Q. Li, *Approximation theory of convolutional architectures
# for time series modelling*, ICML 2021. S. Wang, Z. Li, Q. Li, *Inverse approximation theory for
# nonlinear recurrent neural networks*, arXiv 2305.19190. A. Gu, A. Gupta, K. Goel, C. Ré, *On the
# parameterization and initialization of diagonal state space models*, arXiv 2206.11893. B. Ho and
# R. Kalman (1966). I. Oseledets, *Tensor-train decomposition*, SIAM J. Sci. Comput. 33 (2011).
# E. N. Lorenz, *Predictability: a problem partly solved* (1996).
