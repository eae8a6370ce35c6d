# %% [markdown]
# # Murmurations: from a plot to a theorem — a companion in number theory
#
# *In 2022 a plot of averages over elliptic curves showed a wave that nobody had expected. What is
# the wave, and is it worth more than the machine that saw it?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** count points on two thousand elliptic curves, see the wave, train models
# that guess a sign from point counts, compute the average over *all* newforms of 607 levels exactly
# from class numbers, compare it with the curve of a theorem, and let the theorem play against the
# trained models.
#
# **What you need:** what an elliptic curve is, and that it has an L-function. Modular forms are
# explained as far as they are used. From the course, week 1 (logistic regression) is enough.
#
# **Where it comes from:** Y.-H. He, K.-H. Lee, T. Oliver and A. Pozdnyakov, *Murmurations of
# elliptic curves*, arXiv 2204.10140; N. Zubrilina, *Murmurations*, arXiv 2310.07681. Proofs are in
# `lecture_notes/murmurations.md`.
#
# **Two-hour path:** sections 1–3, 5 and 6 with exercises murmurations.1, murmurations.2 and
# murmurations.3. The rest is for the week: the learners, the leak and the contest.
# All exercises together: 140 minutes.

# %% tags=["imports"]
from math import pi
from time import process_time

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from course_utils.checks import check
from course_utils.exercises import murmurations
from course_utils.maths.modular_forms import hurwitz_class_numbers, signed_traces
from course_utils.maths.number_theory import mobius, primes_upto
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, progress, rng, scale, seeds

# %% [markdown]
# ## 1. Counting points
#
# An elliptic curve over $\mathbb Q$ is given by an equation
# $$y^2 + a_1 xy + a_3 y = x^3 + a_2 x^2 + a_4 x + a_6$$
# with integers $a_i$. Modulo a prime $p$ the equation has finitely many solutions, about $p$ of
# them, since half of all values are squares and a square has two roots. What is missing to $p$ is
# the **trace of Frobenius**:
# $$a_p = p - \#\{\text{solutions modulo } p\}.$$
# (With the point at infinity the curve has $p + 1 - a_p$ points.) Hasse proved $|a_p| \le 2 \sqrt
# p$ where the curve stays smooth modulo $p$.
#
# **By hand:** take $y^2 + y = x^3 - x$ and $p = 5$. The right side is $0, 0, 1, 4, 0$ for $x = 0,
# \dots, 4$. The left side is $0, 2, 1, 2, 0$ for $y = 0, \dots, 4$. So 0 is taken twice, at $y = 0$
# and $4$, 1 is taken once, and 4 never: $2 + 2 + 1 + 0 + 2 = 7$ solutions, and $a_5 = 5 - 7 = -2$.
#
# ### Exercise murmurations.1 ★ (15 min) — Counting points
#
# Write `frobenius_trace(curve, p)`. The curve is the tuple $(a_1, a_2, a_3, a_4, a_6)$; return $p$
# minus the number of pairs $(x, y)$ modulo $p$ that satisfy the equation, as an integer. It has to
# be right for $p = 2$ and for primes at which the curve is singular, too.
#
# <details><summary>Hint</summary>
#
# Two loops are enough. With numpy, `x[:, None]` and `y[None, :]` give all pairs at once.
#
# </details>


# %%
def frobenius_trace(curve: tuple[int, ...], p: int) -> int:
    # BEGIN SOLUTION
    a1, a2, a3, a4, a6 = curve
    x, y = np.arange(p)[:, None], np.arange(p)[None, :]
    left, right = y * y + a1 * x * y + a3 * y, x**3 + a2 * x * x + a4 * x + a6
    return p - int(((left - right) % p == 0).sum())
    # END SOLUTION


# %%
frobenius_trace = check("murmurations.1", frobenius_trace, otherwise=murmurations.frobenius_trace)

# %% tags=["nbval-check-output"]
print([int(frobenius_trace((0, 0, 1, -1, 0), p)) for p in (2, 3, 5, 7, 11, 13, 17, 19)])

# %% [markdown]
# None of them is positive, and six are negative: this curve has more points than expected modulo
# most small primes. Birch and Swinnerton-Dyer noticed that such curves have many rational points,
# too. Indeed $(0, 0)$ is a rational point of infinite order on this one, and its **rank** is 1. The
# conjecture of Birch and Swinnerton-Dyer says that the rank is the order of vanishing of the
# L-function at its centre. Whether this order is even or odd is decided by a sign $\varepsilon =
# \pm 1$, the sign in the functional equation: even for $\varepsilon = 1$ and odd for $\varepsilon =
# -1$.
#
# ## 2. Curves whose sign we can compute
#
# In general the sign needs some theory. There is a class of curves for which it is elementary. The
# **discriminant** $\Delta$ of the equation is divisible by exactly those primes at which the curve
# is singular. If $\Delta$ is square-free, then the *conductor* $N$ of the curve, which measures how
# complicated its L-function is, is $|\Delta|$. At a prime $p \mid N$ one has $a_p = \pm 1$, and
# $$\varepsilon = - \prod_{p \mid N} (-a_p).$$
# (These are the semistable curves of square-free discriminant; see the note for the reasons.) So
# we write down many equations and keep those with a small square-free discriminant.


# %%
def discriminant(a1, a2, a3, a4, a6):
    b2, b4, b6 = a1 * a1 + 4 * a2, 2 * a4 + a1 * a3, a3 * a3 + 4 * a6
    b8 = a1 * a1 * a6 + 4 * a2 * a6 - a1 * a3 * a4 + a2 * a3 * a3 - a4 * a4
    return -b2 * b2 * b8 - 8 * b4**3 - 27 * b6 * b6 + 9 * b2 * b4 * b6


# %%
ranges = (2, 3, 2, 121, 401)  # numbers of values of a1, a2, a3, a4, a6
grid = np.indices(ranges).reshape(5, -1) - np.array([[0], [1], [0], [60], [200]])
size = abs(discriminant(*grid))

# %%
small = np.flatnonzero((size >= 1000) & (size <= 30_000))
kept = [i for i in small if mobius(int(size[i]))]
curves, conductors = grid[:, kept].T, size[kept]
print(f"{len(small)} equations with a small discriminant, {len(kept)} with a square-free one")

# %% [markdown]
# Now the traces for all these curves and all $p < 1000$. For odd $p$ we complete the square: with
# $v(x) = 4x^3 + b_2 x^2 + 2 b_4 x + b_6$ the number of $y$ is 1 plus the Legendre symbol of $v(x)$,
# so $a_p = -\sum_x \left(\frac{v(x)}{p}\right)$, one look-up for each $x$ and all curves at once.


# %%
def all_traces(curves, p):
    if p == 2:
        return np.array([frobenius_trace(tuple(c), 2) for c in curves.tolist()])
    a1, a2, a3, a4, a6 = curves.T[:, :, None] % p
    x, legendre = np.arange(p), np.full(p, -1)
    legendre[x * x % p], legendre[0] = 1, 0
    v = 4 * x**3 + (a1 * a1 + 4 * a2) * x**2 + 2 * (2 * a4 + a1 * a3) * x + a3 * a3 + 4 * a6
    return -legendre[v % p].sum(axis=1)


# %%
primes = primes_upto(scale(laptop=1000, paper=4000))
traces = np.stack([all_traces(curves, int(p)) for p in progress(primes, "primes")], axis=1)
good = conductors[:, None] % primes != 0  # the curve stays smooth modulo p
claim(
    "largest |a_p| / 2√p at good primes",
    np.max(abs(traces * good) / np.sqrt(4 * primes)),
    low=0.9,
    high=1,
)
claim(
    "curves with the same traces as another one",
    len(traces) - len(np.unique(traces, axis=0)),
    low=0,
    high=0,
)

# %% [markdown]
# Hasse's bound holds, and it is nearly reached. The second line is a check that we owe to the later
# sections: *isogenous* curves have the same traces, and if some were in the list, a test set could
# contain copies of the training set. There are none.


# %%
def root_number(curve, conductor):
    """The sign of the functional equation, for square-free |discriminant| = conductor."""
    sign, rest, p = -1, int(conductor), 2
    while rest > 1:
        if rest % p == 0:
            sign, rest = -sign * int(all_traces(curve[None], p)[0]), rest // p
        p = p + 1 if p * p <= rest else max(rest, p + 1)
    return sign


# %%
signs = np.array([root_number(c, n) for c, n in zip(curves, conductors, strict=True)])
print(f"{(signs == 1).sum()} curves with sign 1, {(signs == -1).sum()} with sign -1")

# %% [markdown]
# Half of the signs are positive. So a guess without any knowledge is right on half of the curves.
#
# ## 3. The wave
#
# Does $a_p$ know the sign? A single $a_p$ is spread over an interval of length $4\sqrt p$, so we
# average. If the sign shifts $a_p$ by a little in its own direction, then $\varepsilon a_p$ has a
# positive mean. **Predict:** how does the mean of $\varepsilon a_p$ depend on $p$: a constant, a
# decay, growth?

# %%
y = primes / conductors[:, None]  # (curves, primes)
edges = np.linspace(0, 0.24, 17)
centres = (edges[1:] + edges[:-1]) / 2
product = (signs[:, None] * traces)[good]
slot = np.digitize(y[good], edges) - 1

# %%
wave = [product[slot == k].mean() for k in range(len(centres))]
error = [product[slot == k].std() / np.sqrt((slot == k).sum()) for k in range(len(centres))]

# %% alt="Mean of sign times trace against p over N: up to about 1, through zero, down below -1."
figure, ax = plt.subplots(figsize=(6.5, 3.2))
ax.errorbar(centres, wave, error, fmt="o-", ms=4, label="our curves, ± 1 standard error")
ax.axhline(0, color="0.5", lw=0.8, ls="--", label="no correlation")
decorate(ax, "A wave in the traces", "p / N", "mean of ε · a_p")
plt.show()

# %% [markdown]
# None of the three: it rises, falls through zero and is negative afterwards. (We plot against
# $p/N$, since the wave of curves with a larger conductor is longer in the same proportion.) He,
# Lee, Oliver and Pozdnyakov found it in 2022 while they were trying to learn the rank of a curve
# from its traces, and the picture reminded them of a flock of starlings: *murmurations*. They
# looked at averages because a classifier had worked better than it should.
#
# The curves of this list are a special choice, with many points; for all newforms the first zero
# lies elsewhere (section 6).
#
# The standard errors treat all terms as independent, which they are not quite, because the traces
# of one curve enter many times.

# %%
first, last = np.mean(wave[1:5]), np.mean(wave[11:15])
claim("mean of ε a_p for p/N between 0.015 and 0.075", first, low=0.4, high=1.6)
claim("the same between 0.165 and 0.225", last, low=-3.0, high=-0.4)

# %% [markdown]
# ## 4. What a learner makes of it
#
# We do as the discoverers did and ask a model for the sign, given the 168 numbers $a_p/\sqrt p$
# with $p < 1000$. At the primes that divide $N$ we put 0, because there $a_p$ is a factor of the
# sign. Two models: logistic regression, and a network with one hidden layer. They get the same
# 1,400 curves, the same steps and the same weight decay; the other 622 curves are kept for the
# test.


# %%
def fit(net, X, target, steps=300):
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1.0)
    for _ in range(steps):
        loss = binary_cross_entropy_with_logits(net(X).squeeze(1), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net


# %%
features = torch.tensor(traces * good / np.sqrt(primes), dtype=torch.float32)
targets = torch.tensor(signs == 1, dtype=torch.float32)


# %%
def split(seed):
    order = rng(seed).permutation(len(signs))
    return order[:1400], order[1400:]


def network(width=64):
    return nn.Sequential(nn.Linear(len(primes), width), nn.ReLU(), nn.Linear(width, 1))


# %% [markdown]
# Beside the models stands a rule that is older than all of them. Mestre (1986) and Nagao (1992)
# used sums such as $\sum_p a_p \log p / p$ to find curves of high rank: the lower the sum, the more
# points. We say "+1" if the sum lies above its median over the training set. This rule has *one*
# number to learn. **Predict** the order of the four.

# %%
mestre_nagao = (traces * good * np.log(primes) / primes).sum(axis=1)


def right(scores, test):
    return float(((np.asarray(scores) > 0) == (signs[test] == 1)).mean())


# %%
shares = {"logistic regression": [], "network": [], "untrained network": [], "Mestre–Nagao": []}
for seed in progress(seeds(5), "splits"):
    train, test = split(seed)
    torch.manual_seed(seed)
    models = {"logistic regression": nn.Linear(len(primes), 1), "network": network()}
    shares["untrained network"].append(right(network()(features[test]).detach()[:, 0], test))
    for name, model in models.items():
        fit(model, features[train], targets[train])
        shares[name].append(right(model(features[test]).detach()[:, 0], test))
    above = mestre_nagao[test] - np.median(mestre_nagao[train])
    shares["Mestre–Nagao"].append(right(above, test))

# %%
for name, values in shares.items():
    print(f"{name:20} {np.mean(values):.3f}  ({min(values):.3f} … {max(values):.3f})")

# %%
mean = {name: np.mean(values) for name, values in shares.items()}
claim(
    "logistic regression: signs right, mean of 5 splits",
    mean["logistic regression"],
    low=0.56,
    high=0.68,
)
claim("network: signs right", mean["network"], low=0.78, high=0.89)
claim("Mestre–Nagao sum, one threshold: signs right", mean["Mestre–Nagao"], low=0.66, high=0.74)

# %% [markdown]
# The network is far ahead, the old rule is second, logistic regression third, and the untrained
# network guesses. It is tempting to stop here and to report that deep learning beats the classical
# rule. But what has it found that a linear model cannot use? Before we believe in something deep,
# we look at the best simple feature. **Predict** what the mean sign looks like as a function of the
# Mestre–Nagao sum.

# %% alt="Mean sign by Mestre–Nagao sum: near 1 on the left, near -1 in the middle, 1 on the right."
train, _ = split(seeds(1)[0])
slots = np.array_split(train[np.argsort(mestre_nagao[train])], 28)  # 28 groups, by the sum
figure, ax = plt.subplots(figsize=(6.5, 3))
ax.plot([mestre_nagao[s].mean() for s in slots], [signs[s].mean() for s in slots], "o-", ms=4)
ax.axhline(0, color="0.5", ls="--", lw=0.8)
decorate(ax, "Two changes of sign", "Mestre–Nagao sum of a curve", "mean sign of 50 curves")
plt.show()

# %% [markdown]
# The sign changes *twice*. We computed no ranks, but the picture has a natural reading. On the
# right are curves with few points, of rank 0; in the middle rank 1 with $\varepsilon = -1$; on the
# left the sum is so low that we expect rank 2, and the sign is $+1$ again. (Equations with small
# coefficients tend to have many rational points, so rank 2 would be common in our list.) The last
# group on the left would mix rank 2 and rank 3. A single threshold has to be wrong on one side. So
# we try a rule with two thresholds, and we choose the best pair on the training set. The picture
# shows the training curves of the first split only. So for this split we decide on *two* thresholds
# without having seen a test curve; for the other four splits we have seen some of them.


# %%
def two_thresholds(values, train):
    """The pair (low, high) for which 'minus between them' is most often right on `train`."""
    order = np.sort(values[train])[::20]
    pairs = [(a, b) for i, a in enumerate(order) for b in order[i:]]

    def wins(pair):
        between = (values[train] > pair[0]) & (values[train] < pair[1])
        return (between == (signs[train] == -1)).sum()

    return max(pairs, key=wins)


# %%
def with_two(values):
    found = []
    for train, test in map(split, seeds(5)):
        low, high = two_thresholds(values, train)
        outside = (values[test] <= low) | (values[test] >= high)
        found.append(right(1.0 * outside, test))
    return found


# %%
shares["M.–N., two thresholds"] = with_two(mestre_nagao)
best = np.mean(shares["M.–N., two thresholds"])
claim("Mestre–Nagao sum, two thresholds: signs right", best, low=0.92, high=0.97)

# %% [markdown]
# Two numbers, and 19 of 20 signs are right: more than the network. It may be that the network
# approximates this rule with its 64 hidden units; we did not test this. The network was still
# useful, because it told us that something was there. What it does not tell is *what*.
#
# ## 5. All newforms of a level, from class numbers
#
# Elliptic curves are hard to list, so we change the family. By the modularity theorem a curve of
# conductor $N$ belongs to a *newform* $f = q + a_2 q^2 + a_3 q^3 + \dots$ of weight 2 and level $N$
# with integer coefficients, and the $a_p$ are the traces. Newforms in general have algebraic
# coefficients; a square-free level $N$ has about $\varphi(N)/12$ of them, and a *trace formula*
# gives sums over all of them without finding a single one. For $N > 1$ square-free and a prime $p
# \nmid N$,
# $$\sum_{f} \varepsilon(f)\, a_p(f) = \tfrac12 \sum_{t^2 N \le 4p} H(4pN - t^2 N^2) - (p + 1),$$
# where $t$ runs over *all* integers with $t^2 N \le 4p$, negative ones included (Skoruppa and
# Zagier 1988; this form is the one that Zubrilina uses).
#
# $H(n)$ is **Hurwitz's class number**. It counts the *reduced* forms $ax^2 + bxy + cy^2$ of
# discriminant $b^2 - 4ac = -n$: those with $|b| \le a \le c$, where $b \ge 0$ if $|b| = a$ or $a =
# c$. Two kinds of forms have extra symmetries and count less: multiples of $x^2 + y^2$ count
# $\frac12$, and multiples of $x^2 + xy + y^2$ count $\frac13$. To stay with integers, we use $12
# H$.
#
# **By hand:** let $n = 23$. Then $b$ is odd, and $3a^2 \le 23$ gives $a \le 2$. For $a = 1$, $b =
# 1$: $c = 6$. For $a = 2$, $b = \pm 1$: $c = 3$. So $(1, 1, 6)$, $(2, 1, 3)$, $(2, -1, 3)$, and
# $H(23) = 3$.
#
# ### Exercise murmurations.2 ★★ (25 min) — Reduced forms
#
# Write `weighted_forms(n)` for $n \ge 1$: the integer $12 H(n)$.
#
# <details><summary>Hint</summary>
#
# Loop over $a$ with $3a^2 \le n$ and over $b$ from $-a + 1$ to $a$; then $c = (n + b^2)/4a$, if
# this
# is an integer. For $a = c$ only $b \ge 0$ counts.
#
# </details>


# %%
def weighted_forms(n: int) -> int:
    # BEGIN SOLUTION
    total, a = 0, 1
    while 3 * a * a <= n:
        for b in range(-a + 1, a + 1):
            c, rest = divmod(n + b * b, 4 * a)
            if rest == 0 and c >= a and not (c == a and b < 0):
                symmetric = {0: 6, a: 4}.get(b, 12)
                total += symmetric if a == c else 12
        a += 1
    return total
    # END SOLUTION


# %%
weighted_forms = check("murmurations.2", weighted_forms, otherwise=murmurations.weighted_forms)

# %% tags=["nbval-check-output"]
print("12 H(n), n = 3, 4, 7, 8, ...:", [int(weighted_forms(n)) for n in (3, 4, 7, 8, 11, 12, 23)])

# %% [markdown]
# The course's function `hurwitz_class_numbers(limit)` does the same for all $n$ up to a limit, in
# blocks that fit into the processor's cache. **By hand**, the smallest case of the trace formula:
# $N = 11$ and $p = 2$. Only $t = 0$ satisfies $11 t^2 \le 8$, and $H(88) = 2$, so the sum is $1 -
# 3 = -2$. There is one newform of level 11. It belongs to the curve $y^2 + y = x^3 - x^2 - 10x -
# 20$ with $a_2 = -2$ and sign $+1$.
#
# ### Exercise murmurations.3 ★★ (20 min) — The sum over newforms
#
# Write `trace_from_classes(level, p, twelve_h)`: the left side of the trace formula as an integer.
# `twelve_h[n]` is $12 H(n)$.


# %%
def trace_from_classes(level: int, p: int, twelve_h: np.ndarray) -> int:
    # BEGIN SOLUTION
    total, t = int(twelve_h[4 * p * level]), 1
    while t * t * level <= 4 * p:
        total += 2 * int(twelve_h[4 * p * level - (t * level) ** 2])
        t += 1
    return total // 24 - (p + 1)
    # END SOLUTION


# %%
trace_from_classes = check(
    "murmurations.3", trace_from_classes, otherwise=murmurations.trace_from_classes
)

# %% tags=["nbval-check-output"]
table = hurwitz_class_numbers(4 * 37 * 29)
print("level 11:", [int(trace_from_classes(11, p, table)) for p in (2, 3, 5, 7, 13, 17)])
print("level 37:", [int(trace_from_classes(37, p, table)) for p in (2, 3, 5, 7, 11, 13)])

# %% [markdown]
# At level 37 there are two newforms, with different signs. One of them is the curve of section 1:
# its $a_2 = -2$ enters with $\varepsilon = -1$, and the other one has $a_2 = 0$.
#
# ## 6. The wave of all newforms, and the theorem
#
# Now all square-free levels between 1000 and 2000, and all primes below 2000. The function
# `signed_traces` is your exercise for arrays. One table of 16 million class numbers is enough for
# all 607 levels; we divide by the number of newforms, which is close to $\varphi(N)/12$.

# %%
levels = np.array([n for n in range(1000, 2001) if mobius(n)])
P = primes_upto(2000)
start = process_time()
sums = signed_traces(levels, P)  # (levels, primes), 0 where p divides N
claim("CPU seconds for all newforms of 607 levels", process_time() - start, low=0, high=30)

# %%
factors = primes_upto(2000)
euler = [n * np.prod(1 - 1 / factors[n % factors == 0]) for n in levels]
count = np.array(euler)[:, None] / 12 * (levels[:, None] % P != 0)
average = sums.sum(axis=0) / count.sum(axis=0)  # (primes,)
print(f"about {np.array(euler).sum() / 12:,.0f} newforms, none of them written down")

# %% [markdown]
# Zubrilina proved what this average tends to. As the levels grow and $y = p/N$ stays fixed, and
# with averages over levels in short intervals, the mean of $\varepsilon a_p$ tends to
# $$M(y) = D A \sqrt y - D \pi y + D B \sum_{1 \le r \le 2 \sqrt y} c(r) \sqrt{4y - r^2},$$
# with $A = \prod_p \bigl(1 + \frac{p}{(p+1)^2 (p-1)}\bigr)$, $B = \prod_p \frac{p^4 - 2p^2 - p +
# 1}{(p^2-1)^2}$, $D = \frac{12}{\pi} \prod_p \bigl(1 - \frac1{p^2+p}\bigr)^{-1}$ and $c(r) =
# \prod_{p \mid r} \bigl(1 + \frac{p^2}{p^4 - 2p^2 - p + 1}\bigr)$. The three terms can be read off
# the trace formula: $-(p+1)$ gives the linear one, the class number with $t = 0$ gives $\sqrt y$,
# and those with $t = \pm r$ set in, each with a vertical tangent, where $4y$ passes $r^2$.

# %%
q = primes_upto(10**6).astype(float)
A = np.prod(1 + q / ((q + 1) ** 2 * (q - 1)))
B = np.prod((q**4 - 2 * q**2 - q + 1) / (q**2 - 1) ** 2)
D = 12 / pi / np.prod(1 - 1 / (q**2 + q))
print(f"A = {A:.6f}, B = {B:.6f}, D = {D:.6f}")


# %%
def density(y):
    """Zubrilina's M(y), for 0 < y < 4 (r is 1, 2 or 3, a prime or 1)."""
    total = D * A * np.sqrt(y) - D * pi * y
    for r in (1, 2, 3):
        c = 1 + r**2 / (r**4 - 2 * r**2 - r + 1) if r > 1 else 1.0
        total = total + D * B * c * np.sqrt(np.maximum(4 * y - r**2, 0))
    return total


# %%
weights = count / count.sum(axis=0)
theory = (weights * density(P / levels[:, None])).sum(axis=0)  # the same average of M


def windows(values, width=15):
    whole = len(values) // width * width
    return values[:whole].reshape(-1, width).mean(axis=1)


# %% tags=["headline"]
difference = np.sqrt(np.mean((windows(average) - windows(theory)) ** 2))
claim(
    "All newforms of 607 levels against Zubrilina's curve: r.m.s. difference (curve: 0.59)",
    difference,
    low=0,
    high=0.02,
)

# %%
claim("r.m.s. of the curve itself", np.sqrt(np.mean(windows(theory) ** 2)), low=0.5, high=0.7)

# %% alt="Two panels: the wave of newforms lies on the theorem's curve; M(y) with kinks."
figure, (left, right_) = plt.subplots(1, 2, figsize=(8.4, 3.2))
left.plot(P, average, ".", ms=3, color="0.7", label="one prime")
left.plot(windows(P.astype(float)), windows(average), "o", ms=4, label="15 primes")
left.plot(P, theory, "-", lw=1.2, label="theorem")
decorate(left, "levels from 1000 to 2000", "p", "mean of ε · a_p")
ys = np.linspace(1e-4, 2.5, 1000)
right_.plot(ys, density(ys))
for r in (1, 2, 3):
    right_.axvline(r * r / 4, color="0.6", lw=0.8, ls=":")
right_.axhline(0, color="0.5", lw=0.8, ls="--")
decorate(right_, "M(y), with kinks at r²/4", "y = p / N", "M(y)")
plt.show()

# %% [markdown]
# The dots lie on the curve: the difference is about a fiftieth of the curve's own size. Nothing was
# fitted. The theorem is about a limit, and at these levels the limit is already visible. The right
# panel shows where the waves come from: the class numbers with $t = \pm r$ set in suddenly at $y =
# r^2/4$, and their contributions add up. On the left the kinks are smeared, because we average over
# levels from 1000 to 2000.
#
# ## 7. The theorem against the machines
#
# Back to the contest of section 4. If $\varepsilon a_p$ has the mean $M(p/N)$ and a variance of
# about $p$, the sign of a curve can be guessed without any training. Suppose that the $a_p$ are
# independent and normal, with mean $\varepsilon m_p$ and variance $p$. Then
# $$\log \frac{\Pr(\text{traces} \mid \varepsilon = 1)}{\Pr(\text{traces} \mid \varepsilon = -1)} =
# \sum_p \frac{(a_p + m_p)^2 - (a_p - m_p)^2}{2p} = 2 \sum_p \frac{m_p a_p}{p} .$$
# So the best guess is the sign of $\sum_p m_p a_p / p$, with $m_p = M(p/N)$.
#
# ### Exercise murmurations.4 ★ (10 min) — The best weights
#
# Write `best_signs(averages, traces, primes)`: for each row of `traces`, of shape (curves, primes),
# the sum $\sum_p m_p a_p / p$. The averages $m_p$ have shape (primes,), the same for all curves,
# or (curves, primes).


# %%
def best_signs(averages: np.ndarray, traces: np.ndarray, primes: np.ndarray) -> np.ndarray:
    # BEGIN SOLUTION
    return (np.asarray(averages) * traces / primes).sum(axis=-1)
    # END SOLUTION


# %%
best_signs = check("murmurations.4", best_signs, otherwise=murmurations.best_signs)

# %% [markdown]
# For a given conductor this rule is linear in the traces, so we first compare it with linear rules:
# logistic regression (63 %) and one threshold on the sum of Mestre and Nagao (70 %). **Predict:**
# the theorem is about all newforms, and almost all of them are not elliptic curves. Will its
# weights, with nothing trained, beat the two on our curves?

# %%
guesses = np.asarray(best_signs(density(y), traces * good, primes))
shares["theorem"] = [right(guesses[split(s)[1]], split(s)[1]) for s in seeds(5)]

# %%
claim(
    "theorem's weights, nothing trained: signs right",
    np.mean(shares["theorem"]),
    low=0.76,
    high=0.83,
)
lead = np.mean(shares["theorem"]) - mean["Mestre–Nagao"]
claim("lead over one threshold on Mestre–Nagao", lead, low=0.05, high=0.15)

# %%
shares["theorem, two thresholds"] = with_two(guesses)
claim(
    "theorem's sum, two thresholds: signs right",
    np.mean(shares["theorem, two thresholds"]),
    low=0.86,
    high=0.94,
)

# %% alt="Signs right of seven rules: 0.5 untrained, 0.95 for two thresholds on a classical sum."
figure, ax = plt.subplots(figsize=(6.8, 3.2))
for k, values in enumerate(shares.values()):
    ax.plot(values, [k] * len(values), "o", ms=5, alpha=0.7, color=COLOURS["blue"])
ax.set_yticks(range(len(shares)), list(shares))
ax.axvline(0.5, color="0.5", ls="--", lw=0.8, label="guessing")
ax.invert_yaxis()
decorate(ax, "Five splits each", "share of signs right", "")
plt.show()

# %% [markdown]
# Among the linear rules the theorem wins: eight of ten signs, without a single training curve. The
# contest is not quite even, because the theorem is told $N$. Logistic regression has one weight for
# each $p$, the same for all curves, and so it cannot express how the weight of $a_p$ depends on
# $p/N$. But the best rule of all remains the old sum with two thresholds. A likely reason is that
# the theorem's weights are made for the average newform, for which rank 2 is expected to be rare,
# and that our curves are not average.
#
# So what was machine learning good for? It made people look; the look became a plot, the plot
# became a theorem. As a *classifier* it is beaten by two numbers.
#
# For elliptic curves themselves, ordered by height and not by conductor, Sawin and Sutherland
# derive a density in arXiv 2504.12295. Our use of Zubrilina's curve for them is a heuristic which
# the test set supports.
#
# ## 8. A leak to know about
#
# Machine learning with traces has a trap. Multiply $y^2$ by a square-free number $d$: the curve
# becomes its *quadratic twist*, and $a_p$ becomes $\left(\frac dp\right) a_p$ for every odd $p$,
# the same up to its sign if $p$ does not divide $d$. Data bases contain many twists of one curve.
# Babei, Shah and Kebe (arXiv 2605.14288) find that this redundancy alone explains high accuracies
# in predicting traces. Here is the effect in its simplest form. We take four twists of each of our
# curves and predict $|a_{97}|$ from $|a_p|$ with $p < 97$, by the nearest neighbour. We neglect 2
# and the primes that divide $d$, so each curve gives four equal rows.

# %%
twins = np.repeat(np.arange(len(traces)), 4)  # the class of each of the four twists
known, wanted = abs(traces[twins][:, primes < 97]), abs(traces[twins][:, primes == 97][:, 0])


def nearest(train, test):
    """Share of test rows whose nearest training row has the same |a_97|."""
    difference = torch.cdist(torch.tensor(known[test]).float(), torch.tensor(known[train]).float())
    return (wanted[train][difference.argmin(dim=1)] == wanted[test]).mean()


# %%
rows = rng(seeds(1)[0]).permutation(len(twins))
by_row = nearest(rows[1000:], rows[:1000])
held = rng(seeds(1)[0]).permutation(len(traces))[:250]  # whole classes
by_class = nearest(np.flatnonzero(~np.isin(twins, held)), np.flatnonzero(np.isin(twins, held)))
constant = np.bincount(wanted).max() / len(wanted)
claim("|a_97| by the nearest neighbour, split by rows", by_row, low=0.97, high=1)
claim("the same, split by twist class", by_class, low=0.0, high=0.12)
claim("the best constant", constant, low=0.05, high=0.2)

# %% [markdown]
# Split by rows, the neighbour is a twist of the same curve and knows everything. Split by class, it
# knows nothing. The question "when are two of my objects the same?" comes before any training.
#
# ### Exercise murmurations.5 ★★★ (35 min, proof) — Old forms cancel
#
# Let $N = Mq$ be square-free with a prime $q$, and let $g$ be a newform of level $M$. At level $N$
# it appears as the space spanned by $g(z)$ and $g(qz)$. The Atkin–Lehner operator $W_q$ of level
# $N$ is an involution that maps $g(z)$ to $q\, g(qz)$ (weight 2), and it commutes with $T_p$ for $p
# \nmid N$, which acts on the space as the number $a_p(g)$. Show that $T_p W_N$ has the trace 0 on
# this space, where $W_N = W_M W_q$ and $W_M$ acts as $\pm 1$. Do the same for a newform $g$ of
# level $M$ when $N/M$ has several prime factors, with one $W_q$ for each of them. Conclude that the
# trace of $T_p W_N$ on all cusp forms of level $N$ is the trace on the new ones.

# %% [markdown] tags=["solution"]
# In the basis $g(z)$, $q\, g(qz)$ the involution $W_q$ exchanges the two vectors, so its matrix has
# zeros on the diagonal. $T_p$ and $W_M$ are multiples of the identity on the space, by $a_p(g)$ and
# by $\pm 1$. Hence $T_p W_N$ is $\pm a_p(g)$ times a matrix of trace 0. If $N/M$ has several prime
# factors $q_1, \dots, q_r$, the old space of $g$ has the basis $g(dz)$, $d \mid N/M$, and is a
# tensor product of $r$ planes, on which $W_N$ is $\pm$ the tensor product of the $r$ exchanges; its
# trace is the product of the traces, 0. The space of cusp forms is the direct sum of the new space
# and the old spaces of all newforms of levels $M \mid N$, $M \ne N$, and only the new space is
# left.

# %% [markdown]
# ### Exercise murmurations.6 ★★ (35 min, experiment) — Tell the model what matters
#
# The models of section 4 saw $a_p/\sqrt p$ and were not told $N$. Give logistic regression better
# features, for instance sums of $a_p / p$ over windows of $p/N$, 24 windows between 0 and 1. Use
# the
# same five splits. How close to the theorem does it come? Draw its weights beside $M$.

# %% [markdown] tags=["solution"]
# A good answer states the number of windows before looking at the test sets, reports all five
# splits, and shows the weights with their spread. Few features that depend on $p/N$ let the model
# find the shape of $M$ by itself, up to a factor. Whoever tries many windows and reports the best
# one has chosen on the test set.

# %% [markdown]
# **Open question.** Is there a proof of the murmuration of elliptic curves ordered by *conductor*,
# as the discoverers plotted it? The methods that we cite need another order or another family.
#
# **What we learned.** The mean of $\varepsilon a_p$ over our curves is a wave in $p/N$. For all
# newforms of square-free level a theorem gives the limit of this mean as a function of $p/N$, and
# the numbers lie close to its curve. Its weights guess eight of ten signs of our elliptic curves,
# more than any other linear rule here. A network beats all linear rules, and it is beaten by two
# thresholds on a sum from the eighties. Twists of one curve are copies of each other for a learner.
#
# **What this does not show.** That learning cannot do better: our models were small, saw 1,400
# curves and were not told the conductor. That the theorem applies to elliptic curves: it is about
# averages over all newforms. The curves are those with square-free discriminant and small
# coefficients, which is not a random sample of all curves. That the network's lead would last: with
# the primes below 4,000 (`COURSE_SCALE=paper`, one run) it has more than three times as many inputs
# and not one curve more, and it falls to 59 %, no better than logistic regression. The two
# thresholds rise to 96 %.
#
# **Further reading.** Y.-H. He, K.-H. Lee, T. Oliver, A. Pozdnyakov, arXiv 2204.10140. N.
# Zubrilina, arXiv 2310.07681. W. Sawin, A. Sutherland, arXiv 2504.12295. Z. Bujanović, M.
# Kazalicki,
# D. Vlah, arXiv 2506.07967 (learned Mestre–Nagao sums). A. Babei, U. Shah, M. Kebe, arXiv
# 2605.14288. N.-P. Skoruppa, D. Zagier, *Invent. Math.* 94 (1988).
