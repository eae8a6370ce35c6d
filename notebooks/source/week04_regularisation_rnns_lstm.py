# %% [markdown]
# # Week 4 — Regularisation, recurrent networks and chaos
#
# *What can a network remember, how far ahead can it see, and when is its answer a theorem?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** write dropout, early stopping and noise as ridge penalties, exactly; build
# an RNN and an LSTM by hand; train networks on words of length 20 and *prove* them right on words
# of every length; forecast the Lorenz system for 29 Lyapunov times and more with least squares,
# find the limit that float64 sets, and lose it all to a little noise.
#
# **What you need:** week 1 (least squares, a training loop), singular values, Taylor series.
#
# **Where it comes from:** Georg Gottwald's lecture on regularisation and Joel Gibson's on recurrent
# networks. Counting networks: Weiss, Goldberg, Yahav (2018). Chaos: Gottwald and Reich (2021);
# Mandal and Gottwald (2025). Definitions and proofs are in `lecture_notes/week04.md`.

# %% tags=["imports"]
from fractions import Fraction
from functools import cache
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.integrate import solve_ivp
from scipy.linalg import solve_triangular
from scipy.optimize import minimize_scalar
from scipy.signal import savgol_filter
from torch import nn

from course_utils.checks import check
from course_utils.exercises import week04
from course_utils.maths import dynamics
from course_utils.maths.dynamics import LYAPUNOV, lorenz63, lorenz63_reference
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, device, rng, scale, seeds
from course_utils.training import fit

# %% [markdown]
# ## 1. Five ways to hold a model back are one
#
# Let $X$ be an $n \times p$ matrix, $y \in \mathbb R^n$. *Ridge regression* with parameter
# $\lambda > 0$ minimises $\|y - X\beta\|^2 + \lambda\|\beta\|^2$; the minimum is at
# $(X^\top X + \lambda I)^{-1} X^\top y$. Networks are held back by other means: priors, dropout,
# noise on the inputs, stopping early. On a linear model each of them *is* a ridge penalty, and
# we can check that to the last digits.

# %%
n, p = 40, 8
X = rng(1).normal(size=(n, p))
beta = rng(2).normal(size=p)
y = X @ beta + rng(3).normal(size=n)

# %% [markdown]
# **A prior.** Suppose $\beta \sim N(0, \tau^2 I)$ and $y = X\beta + N(0, \sigma^2 I)$. Then
# $(\beta, y)$ is jointly Gaussian, and
# $E[\beta \mid y] = \tau^2 X^\top(\tau^2 X X^\top + \sigma^2 I)^{-1} y$, a formula with an
# $n \times n$ inverse. **Predict:** which $\lambda$ makes ridge regression give the same vector?

# %%
tau2, sigma2 = 2.0, 0.5
posterior = tau2 * X.T @ np.linalg.solve(tau2 * X @ X.T + sigma2 * np.eye(n), y)
ridge = np.linalg.solve(X.T @ X + sigma2 / tau2 * np.eye(p), X.T @ y)
claim("posterior mean minus ridge", np.abs(posterior - ridge).max(), low=0, high=1e-10)

# %% [markdown]
# $\lambda = \sigma^2/\tau^2$: a ridge is a Gaussian prior, and $\lambda$ is the noise in units of
# the prior.
#
# ### Exercise 4.1 ★ (10 min) — Dropout is a ridge
#
# Dropout keeps each coordinate with probability $q$, independently: $x_j$ becomes $x_j m_j/q$ with
# $m_j \in \{0, 1\}$, $P(m_j = 1) = q$; one mask $m$ for all rows. Write `dropout_risk(X, y, beta,
# keep)`, the mean of $\|y - (X \odot m/q)\beta\|^2$ over the masks, in closed form.
#
# <details><summary>Hint</summary>
#
# Each row's prediction has mean $x\cdot\beta$. Mean of a square = square of the mean + variance,
# and the variance of $m_j/q$ is $(1-q)/q$.
#
# </details>


# %%
def dropout_risk(X, y, beta, keep):
    # BEGIN SOLUTION
    penalty = (1 - keep) / keep * ((X**2).sum(axis=0) * beta**2).sum()
    return ((y - X @ beta) ** 2).sum() + penalty
    # END SOLUTION


# %%
dropout_risk = check("4.1", dropout_risk, otherwise=week04.dropout_risk)

# %%
masks = np.array(list(product((0, 1), repeat=p)))  # (256, 8)
chance = np.where(masks, 0.7, 0.3).prod(axis=1)  # (256,)
fits = (masks * beta / 0.7) @ X.T  # (256, 40)
mean = chance @ ((y - fits) ** 2).sum(axis=1)
claim("dropout: 256 masks minus", mean - dropout_risk(X, y, beta, 0.7), low=-1e-10, high=1e-10)

# %% [markdown]
# Dropout on a linear model is a ridge whose strength adapts to the size of each column (Wager,
# Wang, Liang 2013). **Noise on the inputs** does the same without adapting: if every entry of $X$
# gets independent noise of variance $\tau^2$, the mean of the squared error grows by
# $n\tau^2\|\beta\|^2$ (Bishop 1995). Only the second moments of the noise enter, so signs
# $\pm\tau$ serve as well as Gaussians, and a sum over all 256 patterns is exact.

# %%
signs = 2 * masks - 1
noisy_fits = X @ beta + (0.3 * signs @ beta)[:, None]  # (256, 40)
grown = ((y - noisy_fits) ** 2).sum(axis=1).mean() - ((y - X @ beta) ** 2).sum()
penalty = n * 0.3**2 * (beta**2).sum()
claim("input noise: growth minus ridge n tau^2", grown - penalty, low=-1e-10, high=1e-10)

# %% [markdown]
# **Early stopping.** Gradient descent from 0 with step $\eta$ on $\frac12\|y - X\beta\|^2$. In the
# basis of singular vectors ($X = U\,\mathrm{diag}(s)\,V^\top$) the coordinates do not see each
# other: after $t$ steps, coordinate $j$ is the least-squares solution times the *filter* $1 - (1 -
# \eta s_j^2)^t$. Ridge has the filter $s_j^2/(s_j^2 + \lambda)$. Solve for $\lambda$: early
# stopping is a ridge with its own $\lambda_j$ in each direction.

# %%
eta, steps = 0.004, 25
stopped = np.zeros(p)
for _ in range(steps):
    stopped += eta * X.T @ (y - X @ stopped)
U, s, Vt = np.linalg.svd(X, full_matrices=False)
left = (1 - eta * s**2) ** steps
lam = s**2 * left / (1 - left)
generalised = Vt.T @ (s / (s**2 + lam) * (U.T @ y))
claim("early stopping minus ridge", np.abs(stopped - generalised).max(), low=0, high=1e-10)

# %% [markdown]
# How different are stopping after time $t$ and one ridge with $\lambda = 1/t$? For gradient flow
# the filter is $1 - e^{-x}$ at $x = ts^2$, for ridge $x/(1+x)$. Both errors are known in closed
# form: bias in each direction $e^{-x}$ against $1/(1+x)$ times the truth, noise passed on in
# proportion to the filter squared. **Predict:** which of the two has the smaller bias? The smaller
# noise?

# %%
gap = minimize_scalar(lambda x: x / (1 + x) + np.exp(-x) - 1, bounds=(0, 9), method="bounded")
claim("largest gap of the filters", -gap.fun, low=0.2035, high=0.2037)
noise = minimize_scalar(lambda x: -(((1 - np.exp(-x)) * (1 + x) / x) ** 2), bounds=(0.1, 9))
claim("largest ratio of passed-on noise", -noise.fun, low=1.6855, high=1.6865)

# %% alt="Left: two filter curves from 0 to 1. Right: their risk ratio stays below the line 1.69."
x = np.geomspace(0.01, 100, 200)
flow, ridge_filter = 1 - np.exp(-x), x / (1 + x)
figure, axes = plt.subplots(1, 2, figsize=(8, 3))
axes[0].semilogx(x, flow, label="gradient flow, stopped")
axes[0].semilogx(x, ridge_filter, label="ridge")
decorate(axes[0], "Two filters, never 0.21 apart", "$x = ts^2$", "filter")
for truth2 in (0, 0.1, 1, 10):
    risk = [f**2 / x + truth2 * (1 - f) ** 2 for f in (flow, ridge_filter)]
    axes[1].semilogx(x, risk[0] / risk[1], label=f"truth²/noise = {truth2:g}")
axes[1].axhline(1.686, color="k", lw=0.8, ls="-")
decorate(axes[1], "Risk of stopping over risk of ridge", "$x = ts^2$", "ratio")
axes[1].legend(fontsize=7, loc="lower left")
axes[1].set_ylim(0.1, 1.8)
plt.show()

# %% [markdown]
# The filters differ by 0.2036 at most, and stopping early has at most 1.686 times the risk of ridge
# (thin line; Ali, Kolter, Tibshirani 2019, Theorem 1): its bias is smaller, its noise larger. To
# stop early is to regularise, whether you meant it or not.
#
# **Which $\lambda$?** Ask how well each point is predicted by the others.
#
# ### Exercise 4.2 ★★ (15 min) — Leave one out without refitting
#
# Let $\hat\beta^{(-i)}$ be the ridge fit without row $i$: the minimiser of
# $\sum_{j \ne i} (y_j - x_j\beta)^2 + \lambda\|\beta\|^2$. Write `leave_one_out(X, y, ridge)`, the
# vector of all $y_i - x_i\hat\beta^{(-i)}$ at $\lambda$ = `ridge`, with *one* fit instead of $n$.
#
# <details><summary>Hint</summary>
#
# Replace $y_i$ by $x_i\hat\beta^{(-i)}$: the fit to all rows is then $\hat\beta^{(-i)}$ again. With
# $H = X(X^\top X + \lambda I)^{-1}X^\top$ this is one linear equation for the residual.
#
# </details>


# %%
def leave_one_out(X, y, ridge):
    # BEGIN SOLUTION
    H = X @ np.linalg.solve(X.T @ X + ridge * np.eye(X.shape[1]), X.T)
    return (y - H @ y) / (1 - np.diag(H))
    # END SOLUTION


# %%
leave_one_out = check("4.2", leave_one_out, otherwise=week04.leave_one_out)

# %% [markdown]
# **Cross-validation done wrong.** Take 50 random labels $\pm1$ and 1000 random features: there is
# nothing to learn. Choose the 10 features that correlate best with the labels, then estimate the
# error of the fit on them by leaving one out. **Predict** the error rate. (The example is from
# Hastie, Tibshirani and Friedman, §7.10.2.)


# %%
def best_features(A, labels, count=10):
    """The columns of A (n, many) most correlated with the labels (n,)."""
    return np.argsort(-np.abs(A.T @ labels))[:count]


def two_error_rates(generator):
    A, labels = generator.normal(size=(50, 1000)), generator.choice([-1.0, 1.0], 50)
    chosen = A[:, best_features(A, labels)]
    wrong = (labels * leave_one_out(chosen, labels, 1.0) > 1).mean()
    errors = []
    for i in range(50):
        rest = np.arange(50) != i
        columns = best_features(A[rest], labels[rest])
        errors.append(labels[i] * leave_one_out(A[:, columns], labels, 1.0)[i] > 1)
    return wrong, np.mean(errors)


# %%
rates = np.mean([two_error_rates(rng(20 + k)) for k in range(10)], axis=0)
claim("error rate, features chosen before leaving out", rates[0], low=0.02, high=0.2)
claim("error rate, features chosen after leaving out", rates[1], low=0.38, high=0.65)

# %% [markdown]
# A tenth against a half: the choice of features had seen every label, also the one held out.
# *Everything* that looks at labels belongs inside the loop. (A residual $r$ means a prediction
# $\ell - r$, of the wrong sign exactly if $\ell r > 1$.)
#
# ## 2. A recurrent network by hand
#
# A recurrent network reads $x_1, x_2, \dots \in \mathbb R^f$ and keeps a state $h_t = \tanh(W_x
# x_t + b_x + W_h h_{t-1} + b_h) \in \mathbb R^m$, $h_0 = 0$. The same weights act at every step:
# the network is a dynamical system, driven by its input.


# %%
def rnn(x, W_x, W_h, b_x, b_h):
    """x (T, f), W_x (m, f), W_h (m, m), b_x and b_h (m,): all states, (T, m)."""
    h, states = np.zeros(len(b_h)), []
    for x_t in x:
        h = np.tanh(W_x @ x_t + b_x + W_h @ h + b_h)
        states.append(h)
    return np.stack(states)


# %% [markdown]
# Torch keeps its weights in just this order, so we can lend them to our function.


# %%
def lent(cell):
    return [weight.detach().numpy() for weight in cell.parameters()]


cell, word = nn.RNN(3, 5, batch_first=True), torch.randn(30, 3)
difference = cell(word)[0].detach().numpy() - rnn(word.numpy(), *lent(cell))
claim("our RNN minus torch's", np.abs(difference).max(), low=0, high=1e-6)

# %% [markdown]
# ### Exercise 4.3 ★★ (15 min) — One step of an LSTM
#
# An LSTM (Hochreiter and Schmidhuber 1997) has a state $h$ and a cell $c$, both in $\mathbb R^m$.
# Split $W_{ih}x + b_{ih} + W_{hh}h + b_{hh} \in \mathbb R^{4m}$ into four parts $(i, f, g, o)$, in
# this order. With $\sigma(z) = 1/(1+e^{-z})$, entry by entry,
# $$c' = \sigma(f)\,c + \sigma(i)\tanh(g), \qquad h' = \sigma(o)\tanh(c').$$
# Write `lstm_step(x, h, c, W_ih, W_hh, b_ih, b_hh)`, which returns the pair $(h', c')$.
#
# <details><summary>Hint</summary>
#
# `np.split(z, 4)` cuts a vector into four equal parts.
#
# </details>


# %%
def lstm_step(x, h, c, W_ih, W_hh, b_ih, b_hh):
    # BEGIN SOLUTION
    i, f, g, o = np.split(W_ih @ x + b_ih + W_hh @ h + b_hh, 4)
    i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c
    # END SOLUTION


# %%
lstm_step = check("4.3", lstm_step, otherwise=week04.lstm_step)

# %%
cell = nn.LSTM(3, 5, batch_first=True)
h, c, states = np.zeros(5), np.zeros(5), []
for x_t in word.numpy():
    h, c = lstm_step(x_t, h, c, *lent(cell))
    states.append(h)
difference = cell(word)[0].detach().numpy() - np.stack(states)
claim("our LSTM minus torch's", np.abs(difference).max(), low=0, high=1e-6)

# %% tags=["nbval-check-output"]
print("weights of the LSTM:", [tuple(w.shape) for w in cell.parameters()])
print("numbers:", sum(w.numel() for w in cell.parameters()), "= 4 * (5*3 + 5*5 + 5 + 5)")

# %% [markdown]
# **How long does a memory last?** By the chain rule $\partial h_t/\partial h_0$ is a product of $t$
# matrices $\mathrm{diag}(1 - h_k^2)W_h$. Take $W_h = rQ$ with $Q$ orthogonal. For a linear network
# the norm of the product is $r^t$, exactly. With tanh each factor is smaller still.
# **Predict:** can $r > 1$ keep the gradient alive?


# %%
def memory(radius, linear, generator, units=50, steps=100):
    """Spectral norms of dh_t / dh_0 for t = 1..steps, under random input."""
    W = radius * np.linalg.qr(generator.normal(size=(units, units)))[0]
    h, product_, norms = np.zeros(units), np.eye(units), []
    for drive in generator.normal(size=(steps, units)):
        z = W @ h + drive
        h = z if linear else np.tanh(z)
        slope = 1 if linear else 1 - h[:, None] ** 2
        product_ = slope * (W @ product_)
        norms.append(np.linalg.norm(product_, 2))
    return np.array(norms)


# %%
radii, t = (0.5, 0.9, 1.0, 1.1), np.arange(1, 101)
linear, tanh = ({r: memory(r, flag, rng(5)) for r in radii} for flag in (True, False))
slope = np.log(linear[0.9][-1]) / 100
claim("linear network, radius 0.9: slope minus ln 0.9", slope - np.log(0.9), low=-1e-9, high=1e-9)
claim("tanh network, radius 1.1: slope", np.log(tanh[1.1][-1]) / 100, low=-0.6, high=-0.2)

# %% alt="Gradient norms against time: straight lines for linear networks, tanh falls far below."
figure, ax = plt.subplots(figsize=(7, 3.4))
for r, colour in zip(radii, ("sky", "blue", "green", "vermillion"), strict=True):
    ax.semilogy(t, linear[r], color=COLOURS[colour], ls="--", label=f"linear, radius {r}")
    ax.semilogy(t, tanh[r], color=COLOURS[colour], ls="-", label=f"tanh, radius {r}")
ax.set_ylim(1e-30, 1e6)
decorate(ax, "tanh forgets at every radius", "steps t", r"norm of $\partial h_t/\partial h_0$")
ax.legend(ncol=2, fontsize=8)
plt.show()

# %% [markdown]
# Linear networks (dashed) follow $r^t$; with tanh (solid) the gradient dies at every radius shown,
# at 1.1 too: saturated units pass nothing on. This is the *vanishing gradient* (Bengio, Simard,
# Frasconi 1994), and the LSTM's cell, with a factor $\sigma(f)$ near 1 instead of $W_h$, was made
# against it. But a vanishing gradient is also a *contraction*: the network forgets its rounding
# errors. The next section lives on that.
#
# ## 3. Trained on length 20, right at every length
#
# **Parity.** A word of bits; after each bit, say whether the number of ones so far is odd. We train
# tanh networks with 8 units on random words of length 20, and count a word as right only if *all*
# of its labels are.


# %%
class Tagger(nn.Module):
    """A recurrent network that labels each step: x (count, T) -> logits (count, T)."""

    def __init__(self, cell, units=8):
        super().__init__()
        self.cell = cell(1, units, batch_first=True)
        self.readout = nn.Linear(units, 1)

    def forward(self, x):
        return self.readout(self.cell(x[..., None])[0])[..., 0]


# %%
def train(model, words, steps, batch, decay=0.0):
    """Adam with gradients clipped at norm 1, on fresh words of length 20."""
    model.to(device())
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=decay)

    def clip(*_):
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)

    optimizer.register_step_pre_hook(clip)
    stream = (words(batch, 20) for _ in range(steps))
    fit(model, stream, nn.functional.binary_cross_entropy_with_logits, optimizer, steps=steps)
    return model


# %%
def parity_words(count, length):
    """Random bits as ±1, and the parity of the ones so far: both (count, length)."""
    bits = torch.randint(0, 2, (count, length), device=device()).float()
    return 2 * bits - 1, bits.cumsum(1) % 2


def shares_right(model, words, length, count=100):
    """Share of words that are right at every step, and share of steps."""
    with torch.no_grad():
        x, labels = words(count, length)
        right = (model(x) > 0) == (labels > 0.5)
    return right.all(1).float().mean().item(), right.float().mean().item()


# %% [markdown]
# Some starts get stuck: in 25 single starts, five networks had not learnt words of length 20, and
# none of those five was right at 10,000. We see that on words of the training length, so we may
# start again without having looked at long ones. What we then claim is narrower: a network that
# *has* learnt length 20, by this recipe, is right at 10,000.


# %%
def learn_parity(seed, most=6):
    """A network right on 2,000 words of length 20, and the number of starts it took."""
    torch.manual_seed(seed)
    for start in range(1, most + 1):
        model = train(Tagger(nn.RNN), parity_words, steps=1200, batch=64, decay=0.3)
        if shares_right(model, parity_words, 20, 2000)[0] == 1 or start == most:
            return model, start


parity_models, tries = zip(*[learn_parity(seed) for seed in seeds(5)], strict=True)
claim("starts needed for 5 networks", sum(tries), low=5, high=12)

# %%
worst = min(shares_right(model, parity_words, 10_000)[0] for model in parity_models)
claim("parity: right words of length 10,000, worst of 5 seeds", worst, low=1, high=1)

# %% [markdown] tags=["context:4.4"]
# Every label of 500 words, five hundred times longer than any word in training. The baseline, a
# coin, would be right on one word in $2^{10000}$. A physicist would stop here. But 10,000 is not
# "every length". Can we *prove* it?
#
# **A certificate.** Call a set $B = \{h : \ell \le h \le u\}$ a box. The image of a box under $h
# \mapsto \tanh(Wh + ws + b)$ lies in the box with the corners $\tanh(Wm + ws + b \mp |W|r)$, $m =
# \frac{\ell+u}2$, $r = \frac{u-\ell}2$, and no smaller box holds it. Suppose we have finitely many
# boxes, each with a parity, such that
#
# 1. the start $h_0 = 0$ lies in a box of parity 0;
# 2. the image of each box of parity $\pi$ on reading the bit $\beta$ lies in a box of parity
#    $\pi + \beta$ on which the readout $a\cdot h + c$ has the right sign throughout.
#
# Then, by induction, the network is right on every word of every length. A finite check!


# %% tags=["context:4.4"]
def image(low, high, bit, W, w, b):
    """Corners of the smallest box round the image of a box on reading a bit."""
    middle, radius = (low + high) / 2, (high - low) / 2
    centre, spread = W @ middle + w * (2 * bit - 1) + b, np.abs(W) @ radius
    return np.tanh(centre - spread), np.tanh(centre + spread)


# %% [markdown]
# ### Exercise 4.4 ★★★ (40 min) — A theorem about every length
#
# Write `certify(W, w, b, a, c)`: a list of boxes `(parity, low, high)` with the two properties,
# each inclusion with 1e-12 to spare so that rounding cannot spoil it; or `None` when you find
# none. (If the network errs there is none. If your search fails, that proves nothing.)
#
# <details><summary>Hint</summary>
#
# Start with the box $\{0\}$. Work through a growing list: if the image of a box, plus a margin of
# 1e-5, lies in a known box of the right parity, good; otherwise add it, padded by some
# $\varepsilon$. Contraction makes this stop. Try several $\varepsilon$ from 1e-2 to 3e-4, give up
# at 800 boxes, and look at the readout last.
#
# </details>


# %%
def certify(W, w, b, a, c):
    # BEGIN SOLUTION
    def search(pad, limit=800):
        parity, low, high = (
            np.zeros(limit, int),
            np.zeros((limit, len(b))),
            np.zeros((limit, len(b))),
        )
        at, count = 0, 1
        while at < count:
            for bit in (0, 1):
                new = parity[at] ^ bit
                lo, hi = image(low[at], high[at], bit, W, w, b)
                inside = (low[:count] + 1e-5 <= lo) & (hi + 1e-5 <= high[:count])
                if (inside.all(axis=1) & (parity[:count] == new)).any():
                    continue
                if count == limit:
                    return None
                parity[count], low[count], high[count] = new, lo - pad, hi + pad
                count += 1
            at += 1
        return parity[:count], low[:count], high[:count]

    for pad in (1e-2, 3e-3, 1e-3, 3e-4):
        if found := search(pad):
            parity, low, high = found
            value, spread = (low + high) @ a / 2 + c, (high - low) @ np.abs(a) / 2
            if (np.where(parity, value, -value) > spread)[1:].all():
                return list(zip(parity.tolist(), low, high, strict=True))
    return None
    # END SOLUTION


# %%
certify = check("4.4", certify, otherwise=week04.certify)


# %% [markdown]
# Now the trained networks. We add torch's two biases and hand over float64 copies.


# %%
def weights(model):
    w, W, b_x, b_h = (part.detach().cpu().double().numpy() for part in model.cell.parameters())
    a, c = (part.detach().cpu().double().numpy() for part in model.readout.parameters())
    return W, w[:, 0], b_x + b_h, a[0], c[0]


certificates = [certify(*weights(model)) for model in parity_models]
proved = [found for found in certificates if found]
claim("parity networks of 5 proved right at every length", len(proved), low=3, high=5)

# %% alt="Boxes of odd parity lie above zero readout, those of even parity below, none touches it."
best = min(
    (k for k in range(5) if certificates[k]), key=lambda k: len(certificates[k]), default=None
)
boxes = certificates[best][1:] if proved else []
*_, a, c = weights(parity_models[best or 0])
figure, ax = plt.subplots(figsize=(6.5, 3.4))
for number, (parity, low, high) in enumerate(boxes):
    value, spread = a @ (low + high) / 2 + c, np.abs(a) @ (high - low) / 2
    colour = COLOURS["orange" if parity else "blue"]
    ax.plot([number, number], [value - spread, value + spread], color=colour, ls="-", lw=4)
ax.axhline(0, color="k", lw=0.8, ls="-")
title = f"{len(boxes)} boxes hold all states for ever: odd above 0, even below"
decorate(ax, title, "number of the box", "readout on the box")
plt.show()

# %% [markdown]
# The boxes of the smallest certificate, seen in two of eight coordinates (drawn 0.01 larger on
# each side): from each of them, each bit leads into another of its kind. For these networks "right
# at every length" is a theorem, with a proof that a machine found and thirty lines check. For a
# network without certificate we know only what we tested. Weight decay helps the search: it keeps
# $|W|$ small, so that boxes shrink; regularisation makes proofs.
#
# **Counting.** Parity needs two states. *Dyck-1* needs infinitely many: read brackets, $+1$ opens
# and $-1$ closes, the depth is never negative; after each bracket say whether the depth is 0. Our
# random words are reflected walks: $|S_t|$ for a simple random walk $S_t$, that is, up at depth 0,
# otherwise up or down with probability ½.


# %%
def dyck_words(count, length):
    """Random Dyck prefixes as ±1 and "is the depth 0?": both (count, length)."""
    steps = 2 * torch.randint(0, 2, (count, length), device=device()).float() - 1
    depth = steps.cumsum(1).abs()
    return torch.diff(depth, dim=1, prepend=torch.zeros(count, 1, device=device())), (
        depth == 0
    ).float()


# %% tags=["nbval-check-output"]
example = np.array([1, 1, -1, -1, 1, -1])
print("brackets:", "".join("(" if s > 0 else ")" for s in example))
print("depth:   ", example.cumsum().tolist())
print("depth 0: ", (example.cumsum() == 0).astype(int).tolist())

# %%
lengths = (20, 100, 1000, 5000)
dyck = {}
for name, cell in (("tanh RNN", nn.RNN), ("GRU", nn.GRU), ("LSTM", nn.LSTM)):
    torch.manual_seed(seeds(1)[0])
    model = train(Tagger(cell), dyck_words, steps=500, batch=128)
    dyck[name] = [shares_right(model, dyck_words, length) for length in lengths]

# %%
at_1000 = [scores[2] for scores in dyck.values()]
constant = 1 - dyck_words(400, 1000)[1].mean().item()
claim("Dyck-1: best share of right words at 1,000", max(a[0] for a in at_1000), low=0, high=0.02)
claim("Dyck-1: best share of right steps at 1,000", max(a[1] for a in at_1000), low=0.8, high=0.972)
claim("Dyck-1: share of right steps of 'never 0'", constant, low=0.972, high=0.978)

# %% [markdown]
# Three architectures, not one word right at length 1,000. Their shares of right *steps* look
# respectable until you see the **baseline**: whoever always says "not 0" has more steps right than
# the best of them, because a walk is seldom at 0. When the interesting case is rare, only whole
# words count.
#
# **Train, snap, prove.** A tanh network has a bounded state; to count it must squeeze all depths
# into $[-1, 1]$. A ReLU unit $h' = \max(0, wh + us + b)$ is unbounded (Weiss, Goldberg, Yahav
# 2018). We train eight such units, unconnected, from $w = 1$, $b = 0$, $u = |N(0,1)|$.


# %%
class Counters(nn.Module):
    """Units h' = relu(w h + u s + b), each for itself, and a linear readout."""

    def __init__(self, units=8):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.ones(units)), nn.Parameter(torch.zeros(units))
        self.u = nn.Parameter(torch.randn(units).abs())
        self.readout = nn.Linear(units, 1)
        nn.init.normal_(self.readout.weight, std=units**-0.5)
        nn.init.zeros_(self.readout.bias)

    def forward(self, x):
        h, states = torch.zeros(len(x), len(self.w), device=x.device), []
        for symbol in x.T:
            h = torch.relu(self.w * h + self.u * symbol[:, None] + self.b)
            states.append(h)
        return self.readout(torch.stack(states, dim=1))[..., 0]


# %%
counters = []
for seed in seeds(5):
    torch.manual_seed(seed)
    counters.append(train(Counters(), dyck_words, steps=300, batch=256))
raw = [shares_right(model, dyck_words, 1000)[0] for model in counters]
claim("counters before snapping: right words at 1,000, best of 5", max(raw), low=0, high=0.97)

# %% [markdown]
# ### Exercise 4.5 ★ (10 min) — Snap a counter
#
# A unit $h' = \max(0, wh + us + b)$, with state $h$ and input $s$, is homogeneous: dividing $u$ and
# $b$ by a positive number divides $h$ by it. Write `snap(w, u, b)` for arrays of units: scale each
# unit to $|u| = 1$, then round all weights to the nearest integers. Return three integer arrays.
#
# <details><summary>Hint</summary>
#
# Does $w$ change under the scaling? What becomes of the sign of $u$?
#
# </details>


# %%
def snap(w, u, b):
    # BEGIN SOLUTION
    parts = np.round(w), np.sign(u), np.round(b / np.abs(u))
    return tuple(part.astype(int) for part in parts)
    # END SOLUTION


# %%
snap = check("4.5", snap, otherwise=week04.snap)

# %% [markdown]
# After snapping we keep one unit: the first whose state separates depth 0 from the others on 2,000
# words of length 20, by a threshold halfway between.


# %%
def run_units(w, u, b, words):
    """States of integer units (k,) on words (count, T), yielded step by step as (k, count)."""
    h = np.zeros((len(w), len(words)), int)
    for s in words.T:
        h = np.maximum(0, w[:, None] * h + u[:, None] * s + b[:, None])
        yield h


def first_good_unit(model):
    parts = snap(*(part.detach().cpu().numpy() for part in (model.w, model.u, model.b)))
    x, zero = (part.cpu().numpy().astype(int) for part in dyck_words(2000, 20))
    states = np.stack(list(run_units(*parts, x)), axis=2)  # (8, 2000, 20)
    for k, h in enumerate(states):
        low, high = h[zero == 1].max(), h[zero == 0].min()
        if low < high:
            return [int(part[k]) for part in parts], (low + high) / 2


# %%
units = [first_good_unit(model) for model in counters]
found = [unit for unit in units if unit]
exact = sum(weights_ == [1, 1, 0] for weights_, _ in found)
claim("seeds of 5 whose snapped unit is w = 1, u = 1, b = 0", exact, low=5, high=5)

# %%
kept = np.array([weights_ for weights_, _ in found]).T  # (3, k)
thresholds = np.array([threshold for _, threshold in found])[:, None]
x, zero = (part.cpu().numpy().astype(int) for part in dyck_words(50, 50_000))
right = np.ones((len(found), 50), bool)
for step, h in enumerate(run_units(*kept, x)):
    right &= (h < thresholds) == (zero[:, step] == 1)

# %% tags=["headline"]
snapped = right.mean(axis=1).min() if len(found) == 5 else 0.0
claim("Dyck-1, snapped: right words of length 50,000, worst of 5 seeds", snapped, low=1, high=1)

# %% alt="Share of right words by length: tanh, GRU and LSTM fall to 0, the counter stays at 1."
figure, ax = plt.subplots(figsize=(6.5, 3.4))
for (name, scores), marker in zip(dyck.items(), "osv", strict=True):
    ax.semilogx(lengths, [score[0] for score in scores], marker=marker, label=name)
ax.semilogx((20, 50_000), (1, snapped), "k-*", ms=9, label="snapped counter, 5 seeds")
ax.axvspan(10, 20, color="0.9", label="lengths in training")
decorate(ax, "Who counts? Trained on length 20", "length of the word", "share of words all right")
plt.show()

# %% [markdown]
# Tanh RNN, GRU and LSTM fall to zero between 100 and 1,000; the snapped counter is right on all
# words of length 50,000. And this we need not test.
#
# ### Exercise 4.9 ★ (10 min, proof) — Two lines
#
# The unit $h_t = \max(0, h_{t-1} + s_t)$, $h_0 = 0$, reads brackets: $s_t = 1$ opens and $s_t = -1$
# closes. Prove: on every prefix of a Dyck word (none closes more than it opens) $h_t$ is the
# depth, the number of brackets open, so "$h_t < ½$" says at every step whether the depth is 0. For
# which lengths does a float32 network compute it exactly?

# %% [markdown] tags=["solution"]
# **Proof.** $h_0 = 0$ is the depth $d_0$. If $h_{t-1} = d_{t-1}$ then $h_{t-1} + s_t = d_t \ge 0$,
# so the maximum does nothing and $h_t = d_t$. ∎ Float32 holds all integers up to $2^{24}$, so sums
# of ±1 are exact as long as the depth is at most $2^{24} > 1.6\cdot10^7$: for every word of at
# most that length.

# %% alt="A bracket word's depth over 60 steps, and the unit's state on top of it."
word = dyck_words(1, 60)[0].cpu().numpy().astype(int)
states = np.concatenate(list(run_units(*np.array([[1], [1], [0]]), word)))[:, 0]
figure, ax = plt.subplots(figsize=(7, 2.6))
ax.step(np.arange(1, 61), word[0].cumsum(), where="mid", color="0.6", ls="-", lw=4, label="depth")
ax.plot(np.arange(1, 61), states, "k.", label="state of the unit")
ax.axhline(0.5, color=COLOURS["vermillion"], ls="--", label="threshold")
decorate(ax, "The snapped unit is the depth", "step", "value")
plt.show()

# %% [markdown]
# The unit's state (dots) sits on the depth (grey) at all steps, not near it: the difference between
# a good fit and a theorem.
#
# ## 4. Chaos, and how far one can see
#
# The system of Lorenz (1963),
# $x' = 10(y - x)$, $y' = x(28 - z) - y$, $z' = xy - \frac83z$,
# is the classical test for forecasting. Nearby points part like $e^{\lambda t}$ with $\lambda =
# 0.9056$, so the honest unit of time is the *Lyapunov time* $1/\lambda$: each one costs a factor
# $e$ of accuracy. First we need the truth, and for that Runge and Kutta are not good enough.
#
# ### Exercise 4.6 ★ (15 min) — Taylor coefficients
#
# Write $x(h) = \sum_k x_kh^k$, likewise $y, z$, and compare coefficients: $(k+1)x_{k+1} = 10(y_k -
# x_k)$, and so on; a product becomes $\sum_{i \le k} x_iz_{k-i}$. Write `taylor(state, order)`, an
# array $(\text{order} + 1, 3)$ whose row $k$ is $(x_k, y_k, z_k)$.
#
# <details><summary>Hint</summary>
#
# `c[:k+1, 0] @ c[k::-1, 2]` is $\sum_{i \le k} x_iz_{k-i}$.
#
# </details>


# %%
def taylor(state, order):
    # BEGIN SOLUTION
    c = np.zeros((order + 1, 3))
    c[0] = state
    for k in range(order):
        x, y, z = c[k]
        xz, xy = c[: k + 1, 0] @ c[k::-1, 2], c[: k + 1, 0] @ c[k::-1, 1]
        c[k + 1] = np.array([10 * (y - x), 28 * x - y - xz, xy - 8 / 3 * z]) / (k + 1)
    return c
    # END SOLUTION


# %%
taylor = check("4.6", taylor, otherwise=dynamics.lorenz63_coefficients)

# %% [markdown]
# Our `lorenz63_reference` does the same sums with 32 digits (each number is a sum of two float64)
# and rounds at the end. Compare with a trajectory computed elsewhere with 45 digits, from $(1, 1,
# 1.05)$.

# %% tags=["nbval-check-output"]
exact_start = [1, 1, Fraction("1.05")]
print(lorenz63_reference(exact_start, Fraction(1, 50), 1500)[[0, 50, 1500]].round(9))

# %%
point = np.array([1.0, 1.0, 1.05])
for _ in range(100):
    point = np.polynomial.polynomial.polyval(0.02, taylor(point, 22))
at_2 = [-8.1605427511412433073, -9.5627784041199337284, 24.581819273892538995]
claim("Taylor 22 in float64 at t = 2: error", np.abs(point - at_2).max(), low=0, high=1e-12)

# %% [markdown]
# Now the data: one trajectory in steps of 0.02, its first 1,000 steps dropped, the next 5,000 for
# training; then 100 starting points, one time unit apart, each with 46 time units of truth.

# %%
dt, horizon, starts = 0.02, 2300, scale(laptop=100, paper=500)
start = (np.array([1, 1, 1.05]) + rng(10).normal(size=3)).tolist()
path = lorenz63_reference(start, dt, 6500 + 50 * starts + horizon)  # (11501 + ..., 3)
data = path[1000:6001]  # (5001, 3)
first = 6500 + 50 * np.arange(starts)
truth = np.stack([path[k : k + horizon + 1] for k in first], axis=1)  # (2301, 100, 3)
variance = data.var(axis=0)

# %% [markdown]
# ### Exercise 4.7 ★ (10 min) — Valid prediction time
#
# A forecast fails at the first step where the mean over $x, y, z$ of (squared error / variance) is
# *not* at most 0.09; overflow and NaN fail too. Its *valid prediction time* (VPT) is that step
# times `dt` times `LYAPUNOV`, the exponent 0.9056 of the Lorenz system; if it never fails, that of
# the last step. Write `valid_time(forecast, truth, variance, dt)` for arrays $(T + 1, n, 3)$ of
# steps, forecasts, coordinates, and `variance` of shape $(3,)$: $n$ times.
#
# <details><summary>Hint</summary>
#
# What is `nan > 0.09`? And `not (nan <= 0.09)`?
#
# </details>


# %%
def valid_time(forecast, truth, variance, dt):
    # BEGIN SOLUTION
    with np.errstate(over="ignore", invalid="ignore"):
        fails = ~(((forecast - truth) ** 2 / variance).mean(axis=2) <= 0.09)
    first = np.where(fails.any(axis=0), fails.argmax(axis=0), len(truth) - 1)
    return first * dt * LYAPUNOV
    # END SOLUTION


# %%
valid_time = check("4.7", valid_time, otherwise=week04.valid_time)

# %% [markdown]
# **The ceiling.** Nobody who rounds to float64 can see for ever: an error of $10^{-16}$ grows to
# order 1 in $\ln 10^{16} \approx 37$ Lyapunov times. Let float64 with the *true* equations
# forecast.

# %%
float64 = np.stack([lorenz63(u, dt, horizon) for u in truth[0]], axis=1)  # (2301, 100, 3)
ceiling = valid_time(float64, truth, variance, dt).mean()
claim("ceiling: VPT of float64 with the true equations", ceiling, low=31.5, high=35)

# %% [markdown]
# About 33, and no method may come out more than a little above. Published networks, trained on
# 50,000 samples, reach 12.0 (Mandal and Gottwald 2025).

# %% [markdown] tags=["context:4.8", "context:4.10"]
# **A mathematician's forecast.** The map $u(t) \mapsto u(t + dt)$ of Lorenz's system is analytic.
# Approximate its increment by polynomials: map each coordinate to $[-1, 1]$, take all products of
# Chebyshev polynomials of total degree at most $d$, fit by least squares, iterate.


# %% tags=["context:4.8"]
@cache
def triples(degree):
    """All (i, j, k) with i + j + k <= degree, as three rows."""
    every = product(range(degree + 1), repeat=3)
    return np.array([t for t in every if sum(t) <= degree]).T


# %% [markdown]
# ### Exercise 4.8 ★★ (20 min) — The Chebyshev basis
#
# $T_0 = 1$, $T_1(s) = s$, $T_{n+1} = 2sT_n - T_{n-1}$. Write `chebyshev_design(s, degree)`: for
# points $s$ of shape $(n, 3)$ the matrix with one column $T_i(s_1)T_j(s_2)T_k(s_3)$ for each
# triple $(i, j, k)$ of `triples(degree)`. Forecasts leave the cube $[-1, 1]^3$ now and then: points
# outside must work. No loop over points, please.
#
# <details><summary>Hint</summary>
#
# Stack $T_0, \dots, T_d$ into one array $(d + 1, n, 3)$; then index it with the rows of
# `triples(degree)`.
#
# </details>


# %%
def chebyshev_design(s, degree):
    # BEGIN SOLUTION
    T = np.ones((degree + 1, *s.shape))
    T[1:2] = s
    for n in range(2, degree + 1):
        T[n] = 2 * s * T[n - 1] - T[n - 2]
    i, j, k = triples(degree)
    return (T[i, :, 0] * T[j, :, 1] * T[k, :, 2]).T
    # END SOLUTION


# %%
chebyshev_design = check("4.8", chebyshev_design, otherwise=week04.chebyshev_design)

# %%
low, high = data.min(axis=0), data.max(axis=0)


def basis(u, degree):
    return chebyshev_design(2 * (u - low) / (high - low) - 1, degree)


def qr_fit(A, Y):
    """Least squares by Householder's QR: A (n, k), Y (n, 3) -> (k, 3)."""
    q, r = np.linalg.qr(A)
    return solve_triangular(r, q.T @ Y)


# %%
def polynomial_map(degree, solve=qr_fit, data=data):
    """The fitted one-step map u (n, 3) -> (n, 3)."""
    C = solve(basis(data[:-1], degree), np.diff(data, axis=0))
    return lambda u: u + basis(u, degree) @ C


def closed_loop(step, u, steps):
    """Iterate u -> step(u): (steps + 1, n, 3). A loop that blows up may overflow."""
    path = [u]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            path.append(step(path[-1]))
    return np.stack(path)


def vpt(step, steps=horizon):
    return valid_time(closed_loop(step, truth[0], steps), truth[: steps + 1], variance, dt)


# %% tags=["nbval-check-output"]
print({d: triples(d).shape[1] for d in (3, 5, 7, 9, 11)})

# %% [markdown]
# 220 functions at degree 9, fitted to 5,000 samples in the time of a blink. **Predict** the VPT of
# degree 3 and of degree 9, before you run.

# %%
degrees = (3, 5, 7, 9, 11)
maps = {d: polynomial_map(d) for d in degrees}
scores = {d: vpt(maps[d]) for d in degrees}
print({d: f"{v.mean():.1f} ± {v.std():.1f}" for d, v in scores.items()})

# %%
claim("degree 9: mean VPT over the starts", scores[9].mean(), low=27, high=32)
claim("degree 11: mean VPT over the starts", scores[11].mean(), low=30, high=35)
claim("degree 11 minus the ceiling", scores[11].mean() - ceiling, low=-2, high=1)

# %% [markdown]
# Degree 9 sees 28 to 30 Lyapunov times ahead, degree 11 all that float64 can see. Why? Chebyshev
# approximation of an analytic function has an error that decays geometrically in the degree
# (Trefethen 2013, Theorem 8.2), and an error $\varepsilon$ per step grows to order 1 in
# $\ln(1/\varepsilon)/\lambda$ time units. So VPT against $-\ln\varepsilon$ must be a line of slope
# 1.


# %%
def one_step_error(step):
    here, there = (truth[k:horizon:40].reshape(-1, 3) for k in (0, 1))
    return np.sqrt((((step(here) - there) ** 2) / variance).mean())


exponents = {d: -np.log(one_step_error(polynomial_map(d))) for d in range(3, 10)}
line = {d: vpt(polynomial_map(d)).mean() for d in exponents}
slope = np.polyfit(list(exponents.values()), list(line.values()), 1)[0]
claim("slope of VPT against -ln(one-step error), degrees 3 to 9", slope, low=0.9, high=1.25)

# %% [markdown]
# **The networks' turn.** Same data, same loop. *Random features* (week 3): 1,000 tanh units with
# random weights, only the readout fitted, by ridge regression.


# %%
def ridge_fit(A, Y, ridge=1e-8):
    return np.linalg.solve(A.T @ A + ridge * np.eye(A.shape[1]), A.T @ Y)


centre, width = data.mean(axis=0), data.std(axis=0)
W_in, b_in = rng(11).uniform(-0.6, 0.6, (3, 1000)), rng(12).uniform(-2, 2, 1000)


def random_features(u):
    return np.tanh((u - centre) / width @ W_in + b_in)


C = ridge_fit(random_features(data[:-1]), np.diff(data, axis=0))
features_vpt = vpt(lambda u: u + random_features(u) @ C, steps=1000)
claim("random features, 1,000 units: mean VPT", features_vpt.mean(), low=8, high=13)

# %% [markdown]
# A *reservoir* (Jaeger 2001) is a recurrent network that is never trained: random $W$ of spectral
# radius 0.9, driven by the data; a linear readout of its 300 units and the input predicts the
# increment. Each test start first needs a warmed-up state, so we drive it along the whole path.

# %%
units = 300
W = rng(13).normal(size=(units, units))
W *= 0.9 / np.abs(np.linalg.eigvals(W)).max()
W_u, b_u = rng(14).uniform(-0.3, 0.3, (3, units)), rng(15).uniform(-1, 1, units)


def drive(r, u):
    """The reservoir reads u (..., 3) in the state r (..., units)."""
    return np.tanh(r @ W + (u - centre) / width @ W_u + b_u)


# %%
states, r = np.zeros((first[-1] + 1, units)), np.zeros(units)
for k in range(900, len(states)):
    states[k] = r = drive(r, path[k])
readout_input = np.hstack([states[1000:6000], (data[:-1] - centre) / width, np.ones((5000, 1))])
C = ridge_fit(readout_input, np.diff(data, axis=0))


# %%
def reservoir_step(pair):
    """pair (n, 3 + units): the point and the state that has read it."""
    u, r = pair[:, :3], pair[:, 3:]
    u = u + r @ C[:units] + (u - centre) / width @ C[units:-1] + C[-1]
    return np.hstack([u, drive(r, u)])


loop = closed_loop(reservoir_step, np.hstack([truth[0], states[first]]), 1000)
reservoir_vpt = valid_time(loop[..., :3], truth[:1001], variance, dt)
claim("reservoir, 300 units: mean VPT", reservoir_vpt.mean(), low=7, high=13)

# %% [markdown]
# *NG-RC* (Gauthier, Bollt, Griffith, Barbosa 2021) takes the last two points and all 28 monomials
# of degree at most 2 in their six coordinates, again with ridge regression.


# %%
def taps(now, before):
    """All 28 monomials of degree <= 2 in the six coordinates: (n, 3), (n, 3) -> (n, 28)."""
    v = np.concatenate([now, before], axis=-1)
    i, j = np.triu_indices(6)
    return np.concatenate([np.ones((*v.shape[:-1], 1)), v, v[..., i] * v[..., j]], axis=-1)


def two_step_fit(data, ridge):
    return ridge_fit(taps(data[1:-1], data[:-2]), np.diff(data[1:], axis=0), ridge)


def two_step_vpt(C):
    def step(pair):
        now, before = pair[:, :3], pair[:, 3:]
        return np.hstack([now + taps(now, before) @ C, now])

    loop = closed_loop(step, np.hstack([truth[0], path[first - 1]]), 1000)
    return valid_time(loop[..., :3], truth[:1001], variance, dt)


# %%
ngrc = two_step_vpt(two_step_fit(data, ridge=1e-2))
claim("NG-RC, ridge 1e-2: mean VPT", ngrc.mean(), low=4, high=7)

# %% alt="VPT rises from 4 at degree 3 to the ceiling 33 at degree 11; networks lie at 12 or below."
figure, axes = plt.subplots(1, 2, figsize=(8, 3.6), width_ratios=(4, 3))
means, bars = zip(*[(v.mean(), v.std()) for v in scores.values()], strict=True)
axes[0].errorbar(degrees, means, bars, fmt="o-", capsize=3, label="Chebyshev, 5,000 samples")
axes[0].axhline(ceiling, color="k", ls="-", lw=0.8, label="ceiling of float64")
axes[0].axhline(12.0, color="0.5", ls="--", label="published best, 50,000 samples")
networks = {"random features": features_vpt, "reservoir": reservoir_vpt, "NG-RC": ngrc}
for (name, value), marker in zip(networks.items(), "s^v", strict=True):
    axes[0].plot(2.4, value.mean(), marker, label=name)
axes[0].set_ylim(0, 52)
decorate(axes[0], "How far 5,000 samples see", "degree", "VPT in Lyapunov times")
axes[0].legend(fontsize=6.5, ncol=2, loc="upper left", columnspacing=0.8)
axes[1].plot(exponents.values(), line.values(), "o", label="degrees 3 to 9")
ends = np.array([8.0, 33.0])
offset = np.mean(list(line.values())) - np.mean(list(exponents.values()))
axes[1].plot(ends, ends + offset, "k-", lw=0.8, label="slope 1")
decorate(axes[1], "An e-fold of accuracy: one Lyapunov time", r"$-\ln$(one-step error)", "VPT")
plt.show()

# %% [markdown]
# Left: VPT (mean ± standard deviation over the starts) against the degree; the random networks
# (marks at the left edge) see as far as degree 5. Right: the points lie on the line of slope 1.
# The networks are not worse *learners*; their features approximate an analytic map less well than
# polynomials do.

# %% alt="The butterfly; and x of truth and forecast over 40 time units, parting near t = 32."
loop = closed_loop(maps[9], truth[0, :1], 2000)[:, 0]
t = dt * np.arange(2001)
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), width_ratios=(1, 2))
axes[0].plot(*truth[:2001, 0, ::2].T, color="0.6", ls="-", lw=1, label="truth")
axes[0].plot(*loop[:, ::2].T, color=COLOURS["blue"], ls="-", lw=0.4, label="forecast")
decorate(axes[0], "The butterfly", "x", "z")
axes[1].plot(t, truth[:2001, 0, 0], color="0.6", ls="-", lw=2, label="truth")
axes[1].plot(t, loop[:, 0], color=COLOURS["blue"], ls="-", lw=0.7, label="degree 9")
axes[1].axvline(scores[9][0] / LYAPUNOV, color=COLOURS["vermillion"], label="valid until here")
decorate(axes[1], "Forecast from one starting point", "time t", "x(t)")
axes[1].legend(ncol=3, fontsize=8, loc="lower left")
plt.show()

# %% [markdown]
# The forecast (blue) lies on the truth (grey) up to the red line, then leaves it for good. It does
# not leave the attractor (left): the weather is wrong and the climate is right.
#
# **Three warnings, each a theorem of numerical analysis.** First: least squares by the *normal
# equations* squares the condition number of the basis. **Predict** what that costs at degree 9.

# %%
condition = np.linalg.cond(basis(data[:-1], 9))
normal = vpt(polynomial_map(9, lambda A, Y: np.linalg.solve(A.T @ A, A.T @ Y))).mean()
claim("degree 9: log10 of the condition number", np.log10(condition), low=9.5, high=12)
claim("degree 9 by normal equations: mean VPT", normal, low=5, high=20)

# %% [markdown]
# More than a third of the forecast, for the sake of one matrix product. Second: a rank cut-off.
#
# ### Exercise 4.10 ★★ (20 min, experiment) — Why is degree 12 worse than degree 9?
#
# Fit degrees 9 to 12 with `np.linalg.lstsq(A, Y, rcond=None)[0]` instead of QR: from degree 10 on
# the forecast gets *worse*. (The rows of $A$ are the products at the 5,000 samples, those of $Y$
# the increments.) The condition number, says the textbook. Find out whether the textbook is right:
# what does `rcond` do, and what changes with `rcond=0`?

# %% [markdown] tags=["solution"]
# **Discussion.** `rcond=None` means: drop singular values below $n\cdot2^{-52} \approx 1.1\cdot
# 10^{-12}$ times the largest. At degree 10 the condition number passes that, and directions that
# the fit needs are deleted: VPT 24. With `rcond=0`, or with QR, the same ill-conditioned matrix
# gives VPT 31 and more. Large condition numbers spoil the *coefficients*, not the *residual*: QR
# is backward stable (Higham 2002, Theorem 20.3), and the forecast uses only values of the
# polynomial near the data.

# %%
cut = vpt(polynomial_map(11, lambda A, Y: np.linalg.lstsq(A, Y, rcond=None)[0])).mean()
claim("degree 11 by lstsq with its default cut-off: mean VPT", cut, low=20, high=27)

# %% [markdown]
# Third, **NG-RC without its integrator's noise**. The published script uses the ridge 2.5e-6, four
# thousand times less than ours, on data from `solve_ivp(method="RK23")` with its default tolerance
# 1e-3. Try that ridge on such data, and on exact data. **Predict:** on which is it better?


# %%
def lorenz(t, u):
    return [10 * (u[1] - u[0]), u[0] * (28 - u[2]) - u[1], u[0] * u[1] - 8 / 3 * u[2]]


rough = solve_ivp(lorenz, (0, 100), data[0], method="RK23", t_eval=dt * np.arange(5000)).y.T
fits = {"exact": two_step_fit(data, 2.5e-6), "RK23": two_step_fit(rough, 2.5e-6)}
for name, value in {k: two_step_vpt(C).mean() for k, C in fits.items()}.items():
    claim(f"NG-RC, ridge 2.5e-6, {name} data: mean VPT", value,
          low={"exact": 0, "RK23": 1.5}[name], high={"exact": 0.5, "RK23": 7}[name])  # fmt: skip

# %% [markdown]
# On exact data the forecast is worthless at once! The fitted map uses two points, $u_{n+1} = G(u_n,
# u_{n-1})$: a *linear multistep method*, found by regression. Such a method is usable only if small
# errors do not grow in each step, whatever $dt$ (Dahlquist 1956): the map $(u_n, u_{n-1}) \mapsto
# (u_{n+1}, u_n)$ must not have eigenvalues far outside the unit circle. We compute them along the
# data; the derivative of a polynomial is exact by a complex step.


# %%
def growth(C):
    """Median over the data of the spectral radius of the two-step map."""
    radii = []
    for n in range(1, 5000, 50):
        pair = np.concatenate([data[n], data[n - 1]]) + 1e-20j * np.eye(6)  # (6, 6)
        J = (taps(pair[:, :3], pair[:, 3:]) @ C).imag.T / 1e-20 + np.eye(3, 6)  # (3, 6)
        radii.append(np.abs(np.linalg.eigvals(np.vstack([J, np.eye(3, 6)]))).max())
    return np.median(radii)


claim("growth of errors in each step, exact data", growth(fits["exact"]), low=4, high=20)
claim("growth of errors in each step, RK23 data", growth(fits["RK23"]), low=1, high=1.2)

# %% [markdown]
# With exact data the regression finds a method of high order, and it multiplies errors by more
# than 4 in every step. The integrator's errors acted as noise on the inputs, and noise on the
# inputs is a ridge (section 1): they were the regulariser. On exact data you must bring your own,
# 1e-2 instead of 2.5e-6.
#
# ### Exercise 4.11 ★★★ (30 min, proof) — The method that NG-RC rediscovers
#
# For the equation $u' = f(u)$, show that the method
# $u_{n+1} = -4u_n + 5u_{n-1} + dt\,(4f(u_n) + 2f(u_{n-1}))$ has local error $O(dt^4)$; that for the
# Lorenz system, whose $f$ is quadratic, its increment lies in the span in which NG-RC fits, the
# monomials of degree at most 2 in the coordinates of $u_n$ and $u_{n-1}$; and that for $f = 0$ it
# multiplies errors by $-5$.

# %% [markdown] tags=["solution"]
# **Proof.** Insert $u(t) = t^k$ at $t = 0$ with $dt = 1$, so $u_n = 0^k$, $u_{n-1} = (-1)^k$: for
# $k = 0$: $1 = -4 + 5$. For $k = 1$: $1 = -5 + 4 + 2$. For $k = 2$: $1 = 5 - 4$. For $k = 3$:
# $1 = -5 + 6$. So the formula is exact on cubics, the error is $O(dt^4)$. Since $f$ is quadratic,
# $f(u_n)$ and $f(u_{n-1})$ are combinations of the 28 monomials. With $f = 0$ the recursion
# $e_{n+1} = -4e_n + 5e_{n-1}$ has the roots of $r^2 + 4r - 5 = (r - 1)(r + 5)$. No explicit stable
# method of two steps has order above 2: Dahlquist's first barrier. ∎ With cross terms
# $u_n u_{n-1}$ regression does better still in local error and worse in stability.

# %% [markdown]
# ## 5. A little noise
#
# So far the data were exact. Add independent Gaussian noise to 4,000 samples and fit again; the
# forecast still starts from the true state. **Predict:** which standard deviation halves the VPT
# of degree 5? (The coordinates themselves have standard deviation 8.)

# %%
levels = (0.001, 0.01, 0.1, np.sqrt(0.2))
noisy = {sd: data[:4001] + sd * rng(30).normal(size=(4001, 3)) for sd in levels}
decay = [vpt(polynomial_map(5, data=noisy[sd]), steps=1000).mean() for sd in levels]
print([round(value, 1) for value in decay])
claim("most that VPT rises from one noise level to the next", max(np.diff(decay)), low=-9, high=0)
claim("degree 5, noise of variance 0.2: VPT", decay[-1], low=0.7, high=1.5)

# %% [markdown]
# At variance 0.2 one Lyapunov time is left. The regression is biased: its *inputs* are noisy, and
# noise on inputs is a ridge that nobody asked for. **RAFDA** (Gottwald and Reich 2021) treats the
# readout $W$ of a random feature map as unknown part of the state $(u, W)$ and runs an *ensemble
# Kalman filter* over the data: 200 copies of $(u, W)$; each step forecasts all of them by their own
# $W$, and corrects $u$ and $W$ together by their empirical covariance with the observed $u$.


# %%
def interval_features(data, count, generator):
    """tanh(u W + b) with the data's range mapped to random intervals in ±[0.4, 3.5]."""
    W = generator.uniform(-1, 1, (3, count))
    z = data @ W  # (n, count)
    ends = np.sort(generator.uniform(0.4, 3.5, (2, count)), axis=0) * generator.choice(
        [-1, 1], count
    )
    slope = (ends[1] - ends[0]) / np.ptp(z, axis=0)
    W, b = slope * W, ends[0] - slope * z.min(axis=0)
    return lambda u: np.tanh(u @ W + b)


# %%
def kalman(observed, phi, C, root, generator, members=200, R=0.2):
    """One pass of the ensemble Kalman filter from W ~ N(C, root root^T); the mean W, (k, 3)."""
    W = C.T + generator.normal(size=(members, 3, len(C))) @ root.T  # (members, 3, k)
    flat = W.reshape(members, -1)  # a view of W
    u = observed[0] + np.sqrt(R) * generator.normal(size=(members, 3))
    for o in observed[1:]:
        u = u + (W @ phi(u)[:, :, None])[:, :, 0]
        du = u - u.mean(axis=0)
        gain = np.linalg.inv(np.cov(u.T) + R * np.eye(3)) / (members - 1)
        pull = (o + np.sqrt(R) * generator.normal(size=u.shape) - u) @ gain  # (members, 3)
        flat += pull @ (du.T @ flat)
        u += pull @ (du.T @ u)
    return W.mean(axis=0).T


# %%
def before_and_after(generator, ridge=0.1):
    observed = data[:4001] + np.sqrt(0.2) * generator.normal(size=(4001, 3))
    phi = interval_features(observed, 150, generator)
    A, Y = phi(observed[:-1]), np.diff(observed, axis=0)
    C = ridge_fit(A, Y, ridge)
    root = np.linalg.cholesky(2 * np.linalg.inv(A.T @ A + ridge * np.eye(150)))
    filtered = kalman(observed, phi, C, root, generator)
    return [vpt(lambda u, K=K: u + phi(u) @ K, steps=400).mean() for K in (C, filtered)]


rafda = np.array([before_and_after(rng(40 + k)) for k in range(5)])  # (5, 2)
ratio = rafda[:, 1] / rafda[:, 0]
claim("RAFDA: mean ratio of VPT after to before, 5 seeds", ratio.mean(), low=2.2, high=6)
claim("RAFDA: smallest ratio of the 5 seeds", ratio.min(), low=1.8, high=6)

# %% [markdown]
# The filter at least doubles the horizon. An honest baseline must be simpler: smooth the noisy
# series with local polynomials (Savitzky and Golay: degree 4 on windows of 11 samples), then fit
# degree 5.

# %%
smooth = savgol_filter(noisy[levels[-1]], 11, 4, axis=0)[11:-11]
smoothed = vpt(polynomial_map(5, data=smooth), steps=1000).mean()
claim("smoothing first, noise of variance 0.2: VPT", smoothed, low=1.6, high=3.2)
claim("RAFDA, noise of variance 0.2: mean VPT", rafda[:, 1].mean(), low=2.5, high=4)

# %% alt="VPT of degree 5 falls from 8 to 1 with the noise; smoothing and RAFDA recover 2 to 3."
figure, ax = plt.subplots(figsize=(6.5, 3.4))
ax.semilogx(levels, decay, "o-", label="degree 5, as it is")
ax.plot(levels[-1], smoothed, "s", ms=8, label="smoothed, then degree 5")
ax.plot(5 * [levels[-1]], rafda[:, 1], "*", ms=9, label="RAFDA, 5 seeds")
ax.axhline(scores[5].mean(), color="0.5", ls="--", label="degree 5 without noise")
decorate(ax, "Noise takes the forecast away", "standard deviation of the noise", "VPT")
plt.show()

# %% [markdown]
# Noise takes the forecast away level by level (line); RAFDA (stars) recovers about three Lyapunov
# times at variance 0.2, smoothing (square) about two. Both stay far below what the clean data gave.
#
# **Do we need a forecast at all?** With clean data we can read off the *equations*. Nine-point
# differences give $u'$ to order 8, and a regression on the ten monomials of degree at most 2 gives
# the right-hand side. This is where week 14 begins.

# %%
fine = lorenz63_reference(data[0].tolist(), 0.01, 2007)  # (2008, 3)
stencil = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 0, 4 / 5, -1 / 5, 4 / 105, -1 / 280]) / 0.01
velocity = sum(w * fine[k : 2000 + k] for k, w in enumerate(stencil))  # (2000, 3)
i, j = np.triu_indices(3)
u = fine[4:2004]
monomials = np.hstack([np.ones((2000, 1)), u, u[:, i] * u[:, j]])  # (2000, 10)
found = np.linalg.lstsq(monomials, velocity)[0].T  # (3, 10)

# %%
true = np.zeros((3, 10))  # columns: 1, x, y, z, xx, xy, xz, yy, yz, zz
true[0, 1:3], true[1, [1, 2, 6]], true[2, [3, 5]] = (-10, 10), (28, -1, -1), (-8 / 3, 1)
claim(
    "coefficients of Lorenz from data: largest error", np.abs(found - true).max(), low=0, high=1e-4
)

# %% tags=["nbval-check-output"]
names = np.array(["1", "x", "y", "z", "xx", "xy", "xz", "yy", "yz", "zz"])
for variable, row in zip("xyz", found, strict=True):
    terms = [
        f"{value:+.2f} {name}" for value, name in zip(row, names, strict=True) if abs(value) > 0.01
    ]
    print(f"{variable}' =", *terms)

# %% [markdown]
# ### Exercise 4.12 ★★★ (45 min, experiment) — Why does a GRU's parity drift?
#
# Train a GRU with 8 units and a linear readout, `Tagger(nn.GRU)` of section 3, to say after each
# bit of a random word of length 20 whether the number of ones so far is odd, and test it at lengths
# 1,000 and 10,000 for five seeds: some fail. Iterate its map on the constant words 000… and 111…
# (here two steps at a time) and find the fixed points; compute the eigenvalues of the derivative
# there. What distinguishes the seeds that drift? What does weight decay change?

# %% [markdown] tags=["solution"]
# **Discussion.** A network is right at every length if each parity has a set of states of its own
# that all words map into itself. For tanh networks these sets sit at attracting fixed points with
# multipliers well below 1. A GRU's state is a convex mixture of the old state and a proposal, so a
# multiplier near 1 ("keep") is cheap, and training on length 20 does not see the difference between
# 0.99 and 1.01: $1.01^{20} \approx 1.2$, $1.01^{1000} \approx 2\cdot10^4$. Seeds that drift have an
# eigenvalue just above 1 at one of the fixed points (or the fixed point has vanished), seen only by
# long words. Weight decay shrinks the update's bias towards keeping and moves multipliers below 1.
#
# The measurement: of six GRUs trained as in section 3, look at how the share of right words
# falls with the length, and plot it against the largest multiplier.

# %% [markdown]
# **What we learned.** Prior, dropout, input noise and early stopping are ridge penalties on a
# linear model, exactly. Length generalisation can be *proved*: by boxes that a contraction maps
# into each other, or by snapping weights to integers. Forecast time is
# $\ln(1/\text{error})/\lambda$, so the approximation theory of analytic functions beats generic
# features by a factor of more than two, up to the ceiling of float64; a numerically careless
# solver, or exact data with a stale ridge, loses it again.
#
# **What it does not show.** That polynomials win in high dimension: 3 variables and degree 9 make
# 220 functions, 40 variables would make 2 billion. That a network without certificate is wrong.
# That plain training finds counters: we chose units that can count, unconnected, and a start that
# can. And all VPTs start from the *true* state, which no weather service has.
#
# **Open question.** At noise of variance 0.2, which estimator recovers most of the horizon: Kalman
# filters on random features (Gottwald and Reich 2021), total least squares, or the weak form, which
# integrates against test functions and never differentiates (Messenger and Bortz 2021)? No
# comparison under one protocol, with float64's ceiling beside it, is known to us.
#
# **Further reading.** E. Lorenz, *J. Atmos. Sci.* 20 (1963). A. Ali, J. Z. Kolter, R. Tibshirani,
# *A continuous-time view of early stopping* (AISTATS 2019). G. Weiss, Y. Goldberg, E. Yahav, *On
# the practical computational power of finite precision RNNs* (ACL 2018). P. Mandal, G. Gottwald,
# *Nature Communications* (2025), arXiv 2501.06661. L. N. Trefethen, *Approximation Theory and
# Approximation Practice* (2013), chapter 8. D. Gauthier et al., *Nature Communications* 12 (2021).
