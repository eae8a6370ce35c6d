# %% [markdown]
# # A network finds the characters of Z/p — companion to weeks 1, 2, 10 and 13
#
# *A network learns half of an addition table by heart, and long after that it can suddenly add.
# What did it find, and can we prove that it can add?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** train a small network on half of the addition table modulo 59, watch it
# memorise first and generalise later, take Fourier transforms of its weights, cut each neuron down
# to one character of $\mathbb Z/59$, and *prove* in exact arithmetic that what remains is right on
# all 3,481 pairs. Then you ask what this proof does not say.
#
# **What you need:** a training loop (week 1), the finite Fourier transform, and complex numbers.
# Week 10, where a network found the characters of $(\mathbb Z/2)^k$, is a good companion.
#
# **Where it comes from:** the delay was discovered by A. Power and others (*Grokking*, arXiv
# 2201.02177, 2022). N. Nanda and others found Fourier transforms inside a transformer (arXiv
# 2301.05217). A. Gromov (arXiv 2301.02679) gave a network with one hidden layer of squares and
# its weights as a formula, and D. Doshi and others (arXiv 2406.03495) added multiplication. Proofs
# are in `lecture_notes/grokking.md`.
#
# **Two-hour path:** sections 1–7 with exercises grokking.1, grokking.2 and grokking.3. The rest is
# for the week: how many characters suffice, an ideal network, and other groups.
# All exercises together: 130 minutes.

# %% tags=["imports"]
from time import process_time
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from torch.nn.functional import cross_entropy, embedding

from course_utils.checks import check
from course_utils.exercises import grokking
from course_utils.maths.character_networks import proved_leads
from course_utils.pictures.films import matrix_film
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, progress, rng, scale, seeds

# %% [markdown]
# ## 1. A table with holes
#
# Here is the addition table modulo 5. Cover half of its 25 entries. Could you fill them in if
# nobody told you that it is addition? You would look for a pattern: each row is the row above,
# shifted by one. But a learner that sees the residues as names without an order cannot see a shift.

# %% tags=["nbval-check-output"]
small = np.add.outer(np.arange(5), np.arange(5)) % 5
print(small)

# %% [markdown]
# Our learner gets the names $a, b \in \{0, \dots, 58\}$ and has to answer with a name $c$. It sees
# half of the $59^2 = 3481$ pairs with their sums; the other half is held out. Two baselines need no
# training. A *table* knows what it has seen and nothing else. A *nearest neighbour* answers with
# the sum of the closest pair that it has seen, where distance is measured around the circle:
# this baseline knows the order of the residues, which the network is not told.

# %%
p = 59
table = torch.arange(p)[:, None] + torch.arange(p)
table = table % p  # (59, 59)


def split(size, share, dice):
    """Number the size² pairs (a, b) as size·a + b: some to train on, the others held out."""
    order = torch.randperm(size**2, generator=dice)
    return order.split([round(share * size**2), size**2 - round(share * size**2)])


# %%
def nearest(seen, held):
    """The share of held-out pairs on which the nearest seen pair has the same sum."""
    apart = np.abs(np.arange(p)[:, None] - np.arange(p))
    around = np.minimum(apart, p - apart)
    distance = around[held // p][:, seen // p] + around[held % p][:, seen % p]
    sums = table.ravel().numpy()
    return np.mean(sums[seen[distance.argmin(axis=1)]] == sums[held])


seen, held = split(p, 0.5, torch.Generator().manual_seed(seeds(1)[0]))
near = nearest(seen.numpy(), held.numpy())
claim("nearest neighbour: share of held-out pairs", near, low=0, high=0.08)

# %% [markdown]
# The neighbour at distance 1 has a sum that is off by one. So this rule is wrong almost always. It
# is right only where all four neighbours are held out and a pair such as $(a + 1, b - 1)$ is
# nearest. Guessing is right on one pair in 59, and the table on none of the held-out ones.
#
# ## 2. Squares of sums
#
# The network has 256 neurons. Each of them has a number $u(a)$ for each first summand, a number
# $v(b)$ for each second one, and a weight $w(c)$ for each answer. The score (logit) of the answer
# $c$ is
# $$ o(a, b, c) = \sum_{j=1}^{256} \bigl(u_j(a) + v_j(b)\bigr)^2\, w_j(c), $$
# and the network answers with the $c$ of the largest score. Nothing in this formula knows that
# residues can be added. Why a square? Because $(u + v)^2$ contains the product $2uv$, and a
# character is a function that turns sums into products. We shall see whether training notices.


# %%
def start(size, dice, width=256):
    """Random weights U (size, width), V (size, width), W (width, size)."""
    shapes = [(size, width), (size, width), (width, size)]
    return [torch.randn(s, generator=dice).div(s[0] ** 0.5).requires_grad_() for s in shapes]


def logits(U, V, W, a, b):
    return (embedding(a, U) + embedding(b, V)).square() @ W  # (batch, size)


# %%
@torch.no_grad()
def correct(U, V, W, table):
    """Where the network is right: a Boolean array (size, size)."""
    scores = (U[:, None] + V).square() @ W  # (size, size, size)
    return (scores.argmax(dim=2) == table).numpy()


# %% [markdown]
# `embedding(a, U)` is `U[a]`, the rows of $U$ with the numbers in $a$, with a faster gradient.
# Training
# is a plain loop on all seen pairs at once. The optimiser AdamW multiplies every weight by $1 -
# 0.005
# \cdot 1$ at each step, in addition to Adam's step. This is the *weight decay*, and section 7
# takes it
# away. We keep the weights at some steps, because we want to look at them later.

# %%
LOOKS = [*range(0, 100, 10), *range(100, 1001, 50)]


def train(table, seed, share=0.5, decay=1.0, steps=1000):
    n, dice = len(table), torch.Generator().manual_seed(seed)
    seen, held = split(n, share, dice)
    weights, run = start(n, dice), SimpleNamespace(steps=[], seen=[], held=[], weights=[])
    adam = torch.optim.AdamW(weights, lr=0.005, betas=(0.9, 0.98), weight_decay=decay)
    for step in range(steps + 1):
        if step in LOOKS:
            good = correct(*weights, table).ravel()
            run.steps.append(step)
            run.seen.append(good[seen].mean())
            run.held.append(good[held].mean())
            run.weights.append([M.detach().numpy().copy() for M in weights])
        loss = cross_entropy(logits(*weights, seen // n, seen % n), table.ravel()[seen])
        adam.zero_grad()
        loss.backward()
        adam.step()
    return run


# %%
def timed(*arguments, **options):
    """Train, and note the CPU seconds."""
    begin = process_time()
    run = train(*arguments, **options)
    run.cpu = process_time() - begin
    return run


shorter = scale(laptop=600, paper=1000)  # the first seed is watched for longer
runs = [timed(table, s, steps=shorter if s > seeds(1)[0] else 1000) for s in progress(seeds(5))]

# %%
main = runs[0]
late = main.steps.index(100)
print(f"step 100: {main.seen[late]:.1%} of the pairs seen, {main.held[late]:.1%} of the others")

# %% alt="Accuracy on a logarithmic axis: training reaches 1 by step 70, held-out after step 300."
fig, ax = plt.subplots(figsize=(6.4, 3.2))
for name, colour in (("seen", "blue"), ("held", "vermillion")):
    lines = [getattr(run, name)[1:] for run in runs]
    for line in lines[1:]:
        ax.plot(main.steps[1 : len(line) + 1], line, "-", color=COLOURS[colour], lw=0.6)
    label = {"seen": "pairs seen", "held": "pairs held out"}[name]
    ax.plot(main.steps[1:], lines[0], "-", color=COLOURS[colour], lw=2, label=label)
ax.axhline(1 / p, color="0.5", ls=":", lw=1)
ax.set_xscale("log")
decorate(ax, "First by heart, then by understanding?", "step (logarithmic)", "share right")
plt.show()

# %% [markdown]
# One thick line is the run that we study, the thin ones are four further seeds, and the dotted line
# is guessing. By step 100 every pair that was shown is right, and on the pairs that were not shown
# the network is hardly better than a guess. At first it is even worse, and we come back to that.
# Then, while the training accuracy cannot improve any more, the held-out accuracy rises from
# nothing to one. This delay is what Power and others called **grokking**.

# %%
memorised = sum(r.seen[late] == 1 and r.held[late] < 0.1 for r in runs)
claim("seeds of 5 that memorise first (step 100)", memorised, low=5, high=5)
added = sum(max(r.held) == 1 for r in runs)
claim("seeds of 5 right on all held-out pairs by step 1,000", added, low=5, high=5)
claim("longest training: CPU seconds", max(r.cpu for r in runs), low=0, high=15)

# %% [markdown]
# ## 3. What the weights look like
#
# Draw the numbers $u(a)$ of a neuron against $a$. The order $0, 1, 2, \dots$ on the axis is ours,
# and the network was never told of it. We take the two neurons whose columns change least from $a$
# to $a + 1$ in the end, because slow changes are easy to see.

# %% alt="Three panels: random numbers at step 0, noise at step 100, waves at step 1,000."
last = main.weights[-1][0]
roughness = np.square(np.diff(last, axis=0)).sum(axis=0) / np.square(last).sum(axis=0)
fig, axes = plt.subplots(1, 3, figsize=(8, 2.3), sharex=True)
for ax, step in zip(axes, (0, 100, 1000), strict=True):
    for j in roughness.argsort()[:2]:
        ax.plot(main.weights[main.steps.index(step)][0][:, j], ".-", lw=0.7, ms=4)
    ax.set(title=f"step {step:,}", xlabel="a")
axes[0].set_ylabel("u(a) of two neurons")
plt.show()

# %% [markdown]
# In the end the columns are waves. The functions that turn addition modulo $p$ into multiplication
# are the **characters** $a \mapsto \zeta^{ka}$, where $\zeta = e^{2\pi i/p}$ and $k$ is a residue.
# The real functions $\cos(2\pi ka/p + \varphi)$ are their real parts, and $k$ and $-k$ give the
# same ones, so the *frequencies* are $k = 1, \dots, 29$. By hand for $p = 3$: the column $(1,
# -\frac12, -\frac12)$ is $\cos(2\pi a/3)$, the only frequency that there is. Every column is a
# constant plus waves of all frequencies, and the waves are orthogonal. So we can say which share of
# a column each frequency has.
#
# ### Exercise grokking.1 ★ (10 min) — Shares
#
# Write `shares(column)` for an array of odd length $p$ that is not constant. Subtract the mean, and
# return for $k = 1, \dots, (p-1)/2$ the share of the squared length that lies in the plane of
# $\cos(2\pi ka/p)$ and $\sin(2\pi ka/p)$. The shares sum to 1.
#
# <details><summary>Hint</summary>
#
# `np.fft.rfft(column)` has the entries $\sum_a u(a)\zeta^{-ka}$ for $k = 0, \dots, (p-1)/2$. The
# squared length of the projection is proportional to the squared absolute value.
#
# </details>


# %%
def shares(column: np.ndarray) -> np.ndarray:
    # BEGIN SOLUTION
    power = np.abs(np.fft.rfft(column)[1:]) ** 2
    return power / power.sum()
    # END SOLUTION


# %%
shares = check("grokking.1", shares, otherwise=grokking.shares)

# %%
for step in (0, 100, 1000):
    column = main.weights[main.steps.index(step)][0][:, roughness.argmin()].astype(float)
    found = np.asarray(shares(column), float)
    print(f"step {step}: the strongest frequency is {found.argmax() + 1}, share {found.max():.2f}")

# %% [markdown]
# A neuron has three columns: $u$, $v$ and $w$. We average their shares and call the frequency with
# the largest average the frequency *of the neuron*, and this average its **purity**. (The course's
# `grokking.shares` does all columns of a matrix at once.) A random neuron has a purity of about
# 0.08; a pure wave has 1.


# %%
def spectrum(weights):
    """The mean shares of each neuron: an array (29, 256) whose columns sum to 1."""
    U, V, W = weights
    return np.mean([grokking.shares(M) for M in (U, V, W.T)], axis=0)


pictures = np.array([spectrum(w) for w in main.weights])  # (looks, 29, 256)
purity = np.median(pictures.max(axis=1), axis=1)

# %%
claim("median purity, untrained", purity[0], low=0.06, high=0.11)
print(f"median purity at step 100: {purity[late]:.2f}")
claim("median purity at step 1,000", purity[-1], low=0.8, high=0.97)

# %% alt="Four pictures of 64 neurons by 29 frequencies: grey at first, in the end one dark stripe."
by_frequency = np.argsort(pictures[-1].argmax(axis=0), kind="stable")[::4]  # 64 of 256 neurons
fig, axes = plt.subplots(1, 4, figsize=(8, 2.8), sharey=True)
for ax, step in zip(axes, (0, 100, 250, 1000), strict=True):
    image = pictures[main.steps.index(step)][:, by_frequency].T
    ax.imshow(image, cmap="Blues", vmin=0, vmax=1, aspect="auto", extent=(0.5, 29.5, 64, 0))
    ax.grid(False)
    ax.set(title=f"step {step}", xlabel="frequency", xticks=(1, 10, 20, 29))
axes[0].set_ylabel("neuron")
plt.show()

# %% tags=["widget"]
captions = [
    f"step {s}: pairs seen {a:.0%} right, held out {b:.0%}"
    for s, a, b in zip(main.steps, main.seen, main.held, strict=True)
]
frames = pictures[:, :, by_frequency].transpose(0, 2, 1)
display(matrix_film(frames, captions, xlabel="frequency", ylabel="neuron", first=1))

# %% [markdown]
# In the four pictures, each row is a neuron and each column a frequency; the rows are sorted by
# their frequency in the end. At step 0 every neuron contains all waves. At step 1,000 most of the
# weight of a typical neuron lies on one frequency (the median purity is 0.89), and all 29
# frequencies are taken. In the film above (run its cell first) you can watch the characters appear:
# press *Play* or drag the slider.
#
# ## 4. Cutting down to characters
#
# Is the rest of the weights needed? We cut it off. Each neuron keeps one wave in each of its three
# columns, all three of the neuron's own frequency. A wave $\operatorname{Re} z\,\zeta^{ka}$ is
# given by a complex number $z$, its **amplitude**.
#
# ### Exercise grokking.2 ★★ (15 min) — Amplitudes
#
# Write `amplitudes(columns, k)`. `columns` has shape $(p, n)$, and `k` is an array of $n$
# frequencies from 1 to $(p-1)/2$, one per column. Return the $n$ complex numbers $z_j$ for which
# $\operatorname{Re} z_j \zeta^{k_j a}$ is the orthogonal projection of column $j$ on the waves of
# the frequency $k_j$.
#
# <details><summary>Hint</summary>
#
# Up to a factor, $z_j$ is $\sum_a u_j(a)\,\zeta^{-k_j a}$. Find the factor with a column that is a
# cosine.
#
# </details>


# %%
def amplitudes(columns: np.ndarray, k: np.ndarray) -> np.ndarray:
    # BEGIN SOLUTION
    size = len(columns)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(size), k) / size)  # (size, n)
    return 2 / size * (columns * waves).sum(axis=0)
    # END SOLUTION


# %%
amplitudes = check("grokking.2", amplitudes, otherwise=grokking.amplitudes)


# %%
def cut_down(weights, k=None):
    """The frequencies of the neurons, and the amplitudes x, y, z of their three columns."""
    U, V, W = (M.astype(float) for M in weights)
    k = 1 + spectrum(weights).argmax(axis=0) if k is None else k
    return k, *(np.asarray(amplitudes(M, k), complex) for M in (U, V, W.T))


def waves(k, x, y, z, size=p):
    """The weights U, V, W of the cut-down network."""
    turn = np.exp(2j * np.pi * np.outer(np.arange(size), k) / size)  # (size, 256)
    U, V, W = ((amplitude * turn).real for amplitude in (x, y, z))
    return [torch.tensor(M) for M in (U, V, W.T)]


# %%
final = cut_down(main.weights[-1])
print("weights before:", 3 * 59 * 256, " after:", 256, "frequencies and", 6 * 256, "real numbers")
kept = int(correct(*waves(*final), table).sum())
claim("cut down: pairs right of 3,481", kept, low=3481, high=3481)

# %% [markdown]
# The network lost 96 % of its numbers and makes no mistake. There is a picture of this. The rows of
# $U$ are 59 points in a space of 256 dimensions, one for each residue. Take the neurons of one
# frequency $k$ and project the points to the plane of this frequency: residue $a$ goes to $\sum_j
# \bar x_j\, u_j(a)$, a complex number. We join $a$ to $a + m$, where $km \equiv 1$ modulo 59.


# %%
def plane(weights, k):
    """The residues in the plane of frequency k, scaled: complex numbers (59,)."""
    inside = final[0] == k
    x = cut_down(weights, final[0])[1][inside]
    return weights[0][:, inside] @ x.conj() / (np.abs(x) ** 2).sum()


# %% alt="59 points at steps 0, 100 and 1,000: a tangle, a rough ring, and a ring."
k = int(np.bincount(final[0]).argmax())  # the frequency with the most neurons
turn = np.arange(p + 1) * pow(k, -1, p) % p
fig, axes = plt.subplots(1, 3, figsize=(8, 2.7))
for ax, step in zip(axes, (0, 100, 1000), strict=True):
    points = plane(main.weights[main.steps.index(step)], k)[turn]
    ax.plot(points.real, points.imag, "o-", ms=3, lw=0.7)
    ax.set(title=f"step {step:,}", aspect="equal")
plt.show()

# %% [markdown]
# In the end the residues lie near a circle in this plane, in the order of the corners of a regular
# polygon, and to add $b$ is to rotate.
#
# Before we believe that the cut says something, three controls. First, we cut down the untrained
# network. Second, we use a *wrong basis*: we rename the residues by a random permutation, take the
# strongest "character" of this false circle, and rename back. Third, we give each neuron a random
# frequency, the same in all three columns.


# %%
def share_right(weights, k=None):
    return correct(*waves(*cut_down(weights, k)), table).mean()


def wrong_basis(weights, names):
    """Cut down after renaming the residues; renaming the table as well is renaming back."""
    U, V, W = weights
    renamed = [U[names], V[names], W[:, names]]
    place = np.argsort(names)
    return correct(
        *waves(*cut_down(renamed)), torch.tensor(place[table.numpy()[names][:, names]])
    ).mean()


# %%
names, any_k = rng(3).permutation(p), rng(4).integers(1, 30, 256)
for step in (0, 10, 100, 1000):
    weights = main.weights[main.steps.index(step)]
    parts = share_right(weights), wrong_basis(weights, names), share_right(weights, any_k)
    print(
        "step {:4}: cut down {:.3f}  wrong basis {:.3f}  any frequency {:.3f}".format(step, *parts)
    )

# %% [markdown]
# The wrong basis and the untrained network stay low. But look at the rows of steps 10 and 100.
# **After ten steps this cut-down network is already right**, while the network itself gets next to
# nothing right on held-out pairs, and not much on seen ones. Even arbitrary frequencies are then
# right on most pairs.

# %%
early = [(r.weights[1], r.weights[late]) for r in runs]
at_ten = sum(share_right(w) == 1 for w, _ in early)
at_hundred = sum(share_right(w) == 1 for _, w in early)
claim("seeds of 5 whose cut at step 100 is right everywhere", at_hundred, low=4, high=5)
print("the same at step 10:", at_ten)
claim("wrong basis: share right", wrong_basis(main.weights[-1], names), low=0, high=0.08)

# %% [markdown]
# So we must not say "cutting down shows that the network has understood". The cut itself uses what
# *we* know, the group. Write the seen half as an array that is 1 at $(a, b, a + b)$ for the pairs
# seen, and 0 elsewhere, and replace each entry by the mean over all triples with the same $c - a -
# b$. The result is $1740/3481 \approx \frac12$ where $c = a + b$ and 0 elsewhere: it is right
# *everywhere*. So for anyone who knows that only $c - a - b$ matters, the seen part determines the
# rest, and what the network memorises contains the signal from the first step on. The other part of
# what it memorises cancels the signal exactly at the held-out pairs, and the cut removes most of
# that part (section 5 of the note).
#
# In what sense did training find the characters, then? In the sense of section 3: the median purity
# rises from 0.08 to 0.89, so that in the end the cut removes little from a typical neuron, apart
# from the constants in its columns. At step 100 the right answer is present and hidden by the rest
# of what was memorised.
#
# ## 5. The logits as a trigonometric polynomial
#
# Now the cut-down network is a formula, and we can ask for a proof. Write $A = \zeta^{ka}$, $B =
# \zeta^{kb}$, $C = \zeta^{kc}$. A neuron adds $(\operatorname{Re} xA + \operatorname{Re} yB)^2
# \operatorname{Re} zC$ to the logit. Products of cosines are sums of cosines:
# $\operatorname{Re} P \cdot \operatorname{Re} Q = \frac12 \operatorname{Re} PQ + \frac12
# \operatorname{Re} P\bar Q$. The double product $2\operatorname{Re} xA\operatorname{Re} yB$
# therefore contains $\operatorname{Re} xyAB$, and times $\operatorname{Re} zC$ this contains
# $\frac12 \operatorname{Re} xy\bar z\,AB\bar C$: a cosine of $a + b - c$. That is the signal, and
# it is largest for the right answer if $xy\bar z > 0$. What else is there?
#
# ### Exercise grokking.3 ★★ (25 min) — Nine terms
#
# Write `terms(x, y, z)`: a dictionary that has for triples $(r, s, t)$ of integers complex
# coefficients $C_{rst}$ such that
# $$ (\operatorname{Re} xA + \operatorname{Re} yB)^2 \operatorname{Re} zC = \operatorname{Re}
# \sum C_{rst}\, A^r B^s C^t $$
# for all $A, B, C$ of absolute value 1. For example, `terms(1, 1, 1)[1, 1, -1]` may be 0.5.
#
# <details><summary>Hint</summary>
#
# The square is $\frac12|x|^2 + \frac12\operatorname{Re} x^2A^2$, the same for $y$, and
# $\operatorname{Re} xyAB + \operatorname{Re} x\bar yA\bar B$. Multiply each by
# $\operatorname{Re} zC$. Python has `x.conjugate()`.
#
# </details>


# %%
def terms(x: complex, y: complex, z: complex) -> dict[tuple[int, int, int], complex]:
    # BEGIN SOLUTION
    bar = z.conjugate()
    found = {(0, 0, 1): (abs(x) ** 2 + abs(y) ** 2) * z / 2}
    squares = {(2, 0): x * x / 4, (0, 2): y * y / 4}
    products = {(1, 1): x * y / 2, (1, -1): x * y.conjugate() / 2}
    for (r, s), coefficient in (squares | products).items():
        found[r, s, 1] = coefficient * z
        found[r, s, -1] = coefficient * bar
    return found
    # END SOLUTION


# %%
terms = check("grokking.3", terms, otherwise=grokking.terms)

# %% [markdown]
# Neurons of the same frequency have the same nine waves, so their coefficients add up. We take the
# course's `grokking.terms` here, whose keys we know, and compare the signal $(1, 1, -1)$ with the
# sum of the sizes of the other eight, the *noise*.


# %%
def signal_and_noise(k, x, y, z):
    """For each frequency: the signal, and the sum of the sizes of the other terms."""
    total = np.zeros((30, 9), complex)
    for row in zip(k.tolist(), *(v.tolist() for v in (x, y, z)), strict=True):
        total[row[0]] += list(grokking.terms(*row[1:]).values())
    place = list(grokking.terms(1j, 1, 1)).index((1, 1, -1))
    return total[1:, place], np.abs(np.delete(total[1:], place, axis=1)).sum(axis=1)


signal, noise = signal_and_noise(*final)
bend = np.abs(np.angle(signal)).max()

# %% alt="For each frequency a signal bar of about 0.5 and a noise bar of about 0.9."
fig, ax = plt.subplots(figsize=(6.4, 2.8))
ax.bar(np.arange(1, 30) - 0.2, signal.real, 0.4, color=COLOURS["blue"], label="signal")
ax.bar(
    np.arange(1, 30) + 0.2, noise, 0.4, color=COLOURS["orange"], label="noise, eight sizes added"
)
ax.set_ylim(0, 1.4 * max(noise.max(), signal.real.max()))
decorate(ax, "Signal and noise of the cut-down network", "frequency", "coefficient")
plt.show()

# %% [markdown]
# The signals are positive at every frequency, but they are not equal: the largest is about three
# times the smallest. And the noise is not small. A short proof would say: the lead of the right
# answer is at least the signal's lead minus all of the noise. Let us see whether it works. The
# signal's part of the lead over the answer $a + b + d$ is $\sum_k \operatorname{Re} S_k(1 -
# \zeta^{-kd})$, and a noise term of size $N$ can take away at most $2N|\sin(\pi k d/p)|$.

# %%
ks, d = np.arange(1, 30), np.arange(1, p)[:, None]
gain = (signal * (1 - np.exp(-2j * np.pi * ks * d / p))).real.sum(axis=1)
loss = (2 * noise * np.abs(np.sin(np.pi * ks * d / p))).sum(axis=1)
print(
    f"least gain {gain.min():.2f}; the gain minus the noise is {(gain - loss).min():.1f} at worst"
)
print(f"largest angle between a signal and the positive axis: {bend:.3f}")
claim("lead by the triangle inequality", (gain - loss).min(), low=-60, high=-5)

# %% [markdown]
# The short proof fails by far: in the worst case our bound for the noise exceeds the gain by 20,
# which is more than the least gain itself. The noise does not do this harm, because its terms have
# different phases and do not all pull in the same direction. (Within one frequency and one kind of
# term, the neurons have already been added with their phases.) To prove *that*, we look at all
# pairs.
#
# ## 6. The proof
#
# **Theorem (computed below).** Round the 768 amplitudes to multiples of $2^{-16}$. For the network
# of characters with these amplitudes, and for each of the 3,481 pairs, the logit of $a + b$ is
# larger than the logit of every other answer.
#
# What makes it a proof? A float is a fraction with a power of two below, so the rounded amplitudes
# are exact numbers, and so are the coefficients of the nine times 29 terms. Only the cosines are
# irrational. `proved_leads` encloses $2^{24}\cos(2\pi m/p)$ between integers by rational
# arithmetic, with Machin's formula for $\pi$. All that follows is addition and multiplication of
# integers, and the error of every logit is counted. The result is the **lead** at $(a, b)$, the
# logit of $a + b$ minus the largest other one, and a bound for the error of the lead.

# %%
leads, error, unit = proved_leads(p, *final)
print(f"smallest lead {leads.min() / unit:.3f}, error at most {error / unit:.4f}")

# %% tags=["headline"]
proved = int((leads > error).sum())
claim("cut-down network: pairs proved, of 3,481", proved, low=3481, high=3481)
claim("smallest lead, lower bound", (leads.min() - error) / unit, low=2.5, high=8)

# %%
proofs = [proved_leads(p, *cut_down(r.weights[-1])) for r in runs]
whole = sum(bool((found > bound).all()) for found, bound, _ in proofs)
claim("seeds of 5 proved on all pairs", whole, low=5, high=5)

# %% [markdown]
# All five networks are proved. The theorem is about the cut-down network; for the trained network
# "right on all pairs" is what we have measured, in floating point. And by section 4 we should look
# at earlier steps as well. We prove what we can at each step.

# %%
least = []
for weights in main.weights[1:]:
    found, bound, _ = proved_leads(p, *cut_down(weights))
    least.append((int(found.min()) - bound) / unit)
shown = (f"{least[i]:.4f}" for i in (0, late - 1, -1))
print("smallest proved lead at steps 10, 100 and 1,000:", *shown)

# %% alt="The proved lead grows from 0.001 at step 10 to about 5; held-out rises near step 200."
fig, (ax, lower) = plt.subplots(2, 1, figsize=(6.4, 4), sharex=True)
ax.plot(main.steps[1:], main.seen[1:], label="seen")
ax.plot(main.steps[1:], main.held[1:], label="held out")
decorate(ax, "Hidden progress: the characters grow before anybody sees it", "", "share right")
ax.legend(loc="lower right")
lower.plot(main.steps[1:], least, "-", label="smallest lead, cut down (proved)")
lower.plot(main.steps[1:], purity[1:], "--", label="median purity")
lower.set(xscale="log", yscale="log")
decorate(lower, "", "step (logarithmic)", "lead, purity")
plt.show()

# %% [markdown]
# Above: up to step 100 hardly anything seems to happen on the held-out pairs. Below: the smallest
# lead of the cut-down network grows by a factor of a thousand between step 10 and step 100, and
# purity has begun to rise. Nanda and others call such quantities *progress measures*. Neither of
# the two curves below jumps when the accuracy does. Our reading is that this is the moment when the
# growing signal passes the memorised part.
#
# It also explains why the held-out accuracy is below a guess at first. The network pushes the
# answers up that it has seen in the row and the column of a held-out pair, and the right answer is
# not among them, because each answer occurs once in a row.
#
# ## 7. What weight decay does
#
# The same run, the same pairs, the same start, for 1,000 steps without weight decay.

# %%
without = train(table, seeds(1)[0], decay=0.0)
print(f"without decay: {without.seen[-1]:.1%} of the pairs seen right at the end")
claim("without decay: held-out right at the end", without.held[-1], low=0, high=0.35)
pure = np.median(spectrum(without.weights[-1]).max(axis=0))
claim("without decay: median purity", pure, low=0.1, high=0.5)

# %%
found, bound, unit = proved_leads(p, *cut_down(without.weights[-1]))
print(
    "cut down, pairs proved:", int((found > bound).sum()), f" least lead {found.min() / unit:.2f}"
)
sizes = [sum((M**2).sum() for M in r.weights[-1]) for r in (main, without)]
print("sum of squared weights, with and without decay: {:.0f} and {:.0f}".format(*sizes))

# %% [markdown]
# Without decay the network stays at what it memorised: at the end it is right on a small part of
# the held-out pairs. But its cut-down network is right everywhere, too. By section 4 this alone
# says little, but the median purity has also risen, from 0.08 to 0.26, without any decay. So the
# characters begin to grow without weight decay. **What decay does is to remove the rest.** A weight
# that the gradient does not renew is halved every $\ln 2 / 0.005 \approx 139$ steps. When the
# training loss is small, the gradient renews little. A memorised pair needs weights of its own, and
# a character serves all pairs at once, so per unit of squared weight the characters lower the loss
# more, and they win. This last sentence is an explanation that fits what we see, not a theorem. A.
# Gromov reports the same delay under plain gradient descent without any decay, for another loss, so
# decay is not the only way.
#
# How much of the table is needed? The same training with other shares, one seed each.

# %%
budget = {0.2: 1000, 0.3: 1000, 0.4: 700, 0.6: 300, 0.8: 200}
by_share = {s: train(table, seeds(1)[0], share=s, steps=n) for s, n in progress(budget.items())}
by_share[0.5] = main

# %% alt="Held-out accuracy for six shares: 80 % rises first, 30 % near step 700, 20 % never."
fig, ax = plt.subplots(figsize=(6.4, 3))
for share in sorted(by_share):
    ax.plot(by_share[share].steps[1:], by_share[share].held[1:], label=f"{share:.0%}")
ax.set_xscale("log")
decorate(ax, "Held-out accuracy for six shares of the table", "step (logarithmic)", "share right")
ax.legend(title="pairs seen", loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# Each line is one share of the table. With 80 % there is hardly a delay. With 30 % the rise comes
# late, and with 20 % it does not come within 1,000 steps.

# %%
claim("20 % of pairs seen: held-out right", by_share[0.2].held[-1], low=0, high=0.2)
claim("30 % of pairs seen: held-out right", by_share[0.3].held[-1], low=0.5, high=1)
claim("80 % of pairs seen: held-out right at step 200", by_share[0.8].held[12], low=0.95, high=1)

# %% [markdown]
# Power and others saw the same in their networks: the smaller the share of the pairs, the longer
# the wait. How the least share depends on $p$ is a question that you can study with this loop.
#
# ## 8. How many characters suffice?
#
# The networks use all 29 frequencies. Must they? Imagine the ideal network, whose logits are signal
# and nothing else: $\sum_{k \in K} \cos\bigl(2\pi k(a + b - c)/p\bigr)$ for a set $K$ of
# frequencies. The lead over the answer $a + b + d$ is $\sum_{k\in K} (1 - \cos(2\pi kd/p))$. With
# one frequency it is positive for every $d \ne 0$, because $p$ is a prime, and so the network is
# right; but the lead is tiny. With all frequencies it is $\frac p2$ for every $d$: the logits are
# then $\frac p2$ for the right answer minus $\frac12$ for every answer, and this is Fourier
# inversion for the indicator of 0.
#
# ### Exercise grokking.4 ★★ (15 min) — The smallest lead
#
# Write `smallest_lead(frequencies, p)`: the least value of $\sum_{k \in K} (1 - \cos(2\pi kd/p))$
# over all wrong answers, $d = 1, \dots, p - 1$. (Here $p$ need not be a prime.)
#
# <details><summary>Hint</summary>
#
# `np.outer(frequencies, np.arange(1, p))` has one row per frequency.
#
# </details>


# %%
def smallest_lead(frequencies: list[int], p: int) -> float:
    # BEGIN SOLUTION
    d = np.arange(1, p)
    return (1 - np.cos(2 * np.pi * np.outer(frequencies, d) / p)).sum(axis=0).min()
    # END SOLUTION


# %%
smallest_lead = check("grokking.4", smallest_lead, otherwise=grokking.smallest_lead)

# %% [markdown]
# We draw random sets of $m$ frequencies and look at two things: the ideal lead divided by $m$, and
# the accuracy of the trained cut-down network when only its neurons with these frequencies are
# kept. The ideal lead per frequency cannot exceed $p/(p - 1)$, because this is the mean of $1 -
# \cos(2\pi kd/p)$ over all $d \ne 0$.


# %%
def only(frequencies):
    """Share of pairs on which the cut-down network is right with these frequencies alone."""
    inside = np.isin(final[0], frequencies)
    return correct(*waves(*(part[inside] for part in final)), table).mean()


dice, counts = rng(8), (1, 2, 3, 5, 8, 12, 16, 20, 25, 29)
draws = {m: [(1 + dice.permutation(29)[:m]).tolist() for _ in range(8)] for m in counts}
ideal = {m: [float(smallest_lead(K, p)) / m for K in draws[m]] for m in counts}
trained = {m: [only(K) for K in draws[m]] for m in counts}

# %% alt="Both curves rise with the number of frequencies; accuracy is 1 from about 12 on."
fig, ax = plt.subplots(figsize=(6.4, 3))
for data, colour in ((trained, "vermillion"), (ideal, "blue")):
    name = "trained: share right" if data is trained else "ideal: smallest lead per frequency"
    middle = [np.median(data[m]) for m in counts]
    ax.plot(counts, middle, "-o", ms=4, color=COLOURS[colour], label=name)
    ends = [min(data[m]) for m in counts], [max(data[m]) for m in counts]
    ax.fill_between(counts, *ends, color=COLOURS[colour], alpha=0.2, lw=0)
decorate(ax, "Random sets of frequencies (bands: least and greatest of 8)", "frequencies", "")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# Lines are medians of eight random sets. The ideal lead per frequency grows towards this bound,
# which it reaches with all 29 frequencies. The trained network is often wrong with three
# frequencies and right with twenty.

# %%
print(f"3 frequencies kept: share right, median {np.median(trained[3]):.2f}")
claim("20 frequencies kept: share right, least", min(trained[20]), low=0.98, high=1)
used = len(set(final[0].tolist()))
claim("frequencies that the network uses, of 29", used, low=27, high=29)

# %% [markdown]
# Five random frequencies already give an ideal network a solid lead. The trained network needs more
# of them, since they have to outvote its noise. The noise is a matter of phases, and it can be
# avoided.
#
# ### Exercise grokking.5 ★★★ (30 min) — An ideal network
#
# Write `ideal_network(p, frequencies)` that returns real arrays `U`, `V` of shape $(p, n)$ and `W`
# of shape $(n, p)$ such that $\sum_j (U_{aj} + V_{bj})^2 W_{jc} = \sum_{k \in K} \cos(2\pi k
# (a + b - c)/p)$ for all $a, b, c$, with $n$ at most 9 per frequency.
#
# <details><summary>Hint</summary>
#
# Use neurons $u = \cos(2\pi ka/p + \alpha)$, $v = \cos(2\pi kb/p + \beta)$ and $w =
# \cos(2\pi kc/p + \alpha + \beta)$. Of the nine terms only the signal does not turn with $\alpha$
# and $\beta$. Which angles make the sums of the other eight vanish? Then find the factor.
#
# </details>


# %%
def ideal_network(p: int, frequencies: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # BEGIN SOLUTION
    third = 2 * np.pi * np.arange(3) / 3
    alpha, beta = np.repeat(third, 3), np.tile(third, 3)
    parts = []
    for k in frequencies:
        angle = 2 * np.pi * k * np.arange(p)[:, None] / p  # (p, 1)
        parts.append((angle + alpha, angle + beta, angle + alpha + beta))
    U, V, W = (np.cos(np.concatenate(part, axis=1)) for part in zip(*parts, strict=True))
    return U, V, 2 / 9 * W.T
    # END SOLUTION


# %%
ideal_network = check("grokking.5", ideal_network, otherwise=grokking.ideal_network)

# %% tags=["nbval-check-output"]
for K in ([1], [1, 5, 13]):
    perfect = [torch.tensor(np.asarray(M, float)) for M in ideal_network(p, K)]
    print("frequencies", K, "pairs right:", int(correct(*perfect, table).sum()))

# %% [markdown]
# ### Exercise grokking.6 ★★★ (35 min, proof) — Logarithmically many
#
# Let $p$ be an odd prime, $k_1, \dots, k_m$ residues that are not 0, and $\lambda = \min_{d \ne 0}
# \sum_i (1 - \cos(2\pi k_i d/p))$ the smallest lead of the ideal network.
#
# 1. Show that $\lambda > 0$ always, and that $\lambda \le 2\pi^2/p^2$ for $m = 1$.
# 2. Choose the $k_i$ independently and uniformly. Show with Hoeffding's inequality that $\lambda >
#    \frac m2$ with positive probability if $m \ge 8 \ln p$.
# 3. Show with the pigeonhole principle that $\lambda > \frac m2$ implies $m \ge \ln p / \ln 7$.
# 4. The Cayley graph of $\mathbb Z/p$ with the generators $\pm k_i$ joins $x$ to $x \pm k_i$.
#    Express
#    $\lambda$ by its eigenvalues.

# %% [markdown] tags=["solution"]
# 1. A summand vanishes only if $p \mid k_i d$, that is $d = 0$. For $m = 1$ choose $d$ with $k_1 d
#    \equiv 1$: the lead is $1 - \cos(2\pi/p) \le \frac12 (2\pi/p)^2$.
# 2. Fix $d \ne 0$. Then $k_i d$ is uniform on the residues other than 0, and the sum of $\cos(2\pi
#    r/p)$ over them is $-1$. So the mean of a summand is $1 + \frac1{p-1} > 1$. The summands are
#    independent and lie in $[0, 2]$. By Hoeffding, the sum is at most $\frac m2$ with probability
#    at most $\exp(-2 (m/2)^2 / (4m)) = e^{-m/8}$. The differences $d$ and $-d$ have the same lead,
#    so there are $\frac{p-1}2$ events, and the probability that one of them happens is at most
#    $\frac{p-1}2 e^{-m/8} < 1$ for $m \ge 8 \ln p$.
# 3. Let $N \ge 1$ be the largest integer with $N^m < p$. Divide the torus $(\mathbb R/\mathbb Z)^m$
#    into $N^m$ cubes of side $\frac1N$. Two of the $p$ points $(k_1 d/p, \dots, k_m d/p)$ lie in
#    the same cube. Their difference belongs to some $d \ne 0$, and all $k_i d/p$ are closer than
#    $\frac1N$ to an integer. If $N \ge 7$, then each summand is at most $1 - \cos(2\pi/7) < 0.38$,
#    and $\lambda < \frac m2$. So $\lambda > \frac m2$ implies $N \le 6$, hence $7^m \ge p$.
# 4. The characters are eigenvectors, with the eigenvalues $2\sum_i \cos(2\pi k_i d/p)$. The largest
#    one is $2m$, for $d = 0$. So $2\lambda$ is the spectral gap, $2m$ minus the second largest
#    eigenvalue.

# %% [markdown]
# So a set of characters is good for addition exactly if its Cayley graph is a good expander. That
# $O(\log n)$ random generators suffice is a theorem of N. Alon and Y. Roichman (1994) for every
# finite group of order $n$, and they show that for abelian groups this is essentially tight. With
# the constants of the exercise the theorem says nothing for $p = 59$; at $p = 10007$ you can see
# it.

# %%
big = 10007
for m in (1, 5, 20, 74):
    K = (1 + rng(m).permutation(big // 2)[:m]).tolist()
    per = float(smallest_lead(K, big)) / m
    print(f"{m:3} of {big // 2} frequencies: lead per frequency {per:.4f}")

# %% [markdown]
# ## 9. Other groups
#
# **Multiplication.** The residues $1, \dots, 58$ form a group under multiplication, and 2 generates
# it: each residue is $2^\ell$ for exactly one *discrete logarithm* $\ell$ modulo 58, and products
# have the sum of the logarithms. So the multiplication table is the addition table modulo 58 with
# the names mixed up, and for our network a name is a name. It should learn it in the same way, and
# its columns should be waves in the *logarithm*.

# %%
powers = [pow(2, e, p) for e in range(p - 1)]  # 2^0, 2^1, …
units = torch.arange(1, p)
products = train(units[:, None] * units % p - 1, seeds(1)[0], steps=500)  # names 0 … 57
U, V, W = products.weights[-1]
order = np.array(powers) - 1  # the names in the order of their logarithms
by_logarithm = [U[order], V[order], W[:, order]]


# %%
def purities(weights):
    """The median over the neurons of the largest mean share."""
    return np.median(spectrum(weights).max(axis=0))


claim("multiplication: held-out right", products.held[-1], low=0.99, high=1)
claim("multiplication: purity by logarithms", purities(by_logarithm), low=0.6, high=0.95)
claim("multiplication: purity by residues", purities([U, V, W]), low=0.06, high=0.13)

# %% alt="One column: scattered points against the residue, a clean wave against the logarithm."
fig, axes = plt.subplots(1, 2, figsize=(8, 2.5), sharey=True)
slow = np.square(np.diff(U[order], axis=0)).sum(axis=0).argmin()
axes[0].plot(np.arange(1, p), U[:, slow], ".-", lw=0.7)
decorate(axes[0], "against the residue", "a", "u(a) of one neuron")
axes[1].plot(U[order, slow], ".-", lw=0.7)
decorate(axes[1], "against its discrete logarithm", "logarithm of a to base 2", "")
plt.show()

# %% [markdown]
# Against the residue the column looks like noise, and against the logarithm it is a wave. The
# network has found the multiplicative (Dirichlet) characters modulo 59 without being told what a
# logarithm is. Whoever sorts the columns so that they become waves reads off discrete logarithms.
# This is no attack on cryptography: the network was trained on half of all products.
#
# **Nim.** In week 10 a network learned who wins at Nim, and what it found were the characters
# $\chi_s(h) = (-1)^{\langle s, h\rangle}$ of $(\mathbb Z/2)^k$. There we put a product of
# characters
# into the network and it had to find which. Here is the same group with today's network: the table
# of the Nim sum $a \oplus b$ for heaps below 64.

# %%
heaps = torch.arange(64)
nim = train(heaps[:, None] ^ heaps, seeds(1)[0], steps=250)
walsh = (-1.0) ** np.bitwise_count(np.arange(64)[:, None] & np.arange(64))  # rows s, columns h
parts = [walsh @ M / 64 for M in (nim.weights[-1][0], nim.weights[-1][1], nim.weights[-1][2].T)]
power = np.mean([c[1:] ** 2 / (c[1:] ** 2).sum(axis=0) for c in parts], axis=0)  # (63, 256)

# %%
strongest = 1 + power.argmax(axis=0)
U, V, W = (walsh[:, strongest] * c[strongest, np.arange(256)] for c in parts)
cut = [torch.tensor(M) for M in (U, V, W.T)]
print(f"Nim: held-out right {nim.held[-1]:.3f}")
claim("Nim: median purity in Walsh characters", np.median(power.max(axis=0)), low=0.6, high=1)
nim_right = int(correct(*cut, heaps[:, None] ^ heaps).sum())
claim("Nim: cut down, pairs right of 4,096", nim_right, low=4096, high=4096)

# %% [markdown]
# The same loop, another table, and other characters. These characters are real, with values $\pm
# 1$, and so a wave has no phase to get wrong. The Nim network generalises sooner, perhaps for this
# reason: at step 250 its held-out share is 1.000, while that of our first network is 0.86 (see the
# film). In both groups the logits of the ideal network with all characters are, up to a factor and
# a constant, the indicator of 0 at $a + b - c$, written by Fourier inversion. There every character
# has the same coefficient. Week 10 found this for Nim. The trained network of section 5 is less
# regular: its 29 signals are all positive, but their sizes differ.
#
# ## What we learned
#
# - A network with squares knows half of the addition table modulo 59 by heart at step 100. Only
#   some hundreds of steps later can it add, and this holds for each of five seeds.
# - Its columns become waves. Cut down to one character per neuron, it is right on all 3,481 pairs,
#   proved in integer arithmetic.
# - The cut-down network is right long before the network is. The characters grow from the start;
#   weight decay removes what hides them.
# - A few random characters would be enough, about $\log p$ of them, and the reason is the spectral
#   gap of a Cayley graph. The trained networks use all of them.
#
# **What it does not show.** The proof is about the cut-down network, not about the network. Cutting
# down uses the group; so it says little about the training that the cut-down network is right,
# which
# can happen after ten steps. That decay is *needed* was measured for one loss, one optimiser and
# 1,000 steps. And 59 is small: all is trained in seconds because the table is small.
#
# **Open question.** The irreducible representations of the symmetric group $S_5$ are matrices. B.
# Chughtai, L. Chan and N. Nanda (arXiv 2302.03025) describe how networks compose in any finite
# group
# by representations, and find that the representations that a given network uses are arbitrary. Is
# there a *proof* like that of section 6 for a trained network of squares and $S_5$, and is there an
# analogue of the expander bound: how many matrix coefficients suffice? A first step: $S_3$ and
# $S_4$
# in our loop, with the projection on isotypic components in place of the strongest character.
#
# **Further reading.** A. Power et al., arXiv 2201.02177. A. Gromov, arXiv 2301.02679. N. Nanda et
# al., arXiv 2301.05217. D. Doshi et al., arXiv 2406.03495. J. He et al., arXiv 2602.16849, on how
# frequencies compete inside a neuron. J. Gross et al., arXiv 2406.11779, on proofs about trained
# transformers. N. Alon and Y. Roichman, *Random Cayley graphs and expanders*, 1994.
