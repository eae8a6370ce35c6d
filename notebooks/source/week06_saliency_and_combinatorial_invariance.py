# %% [markdown]
# # Week 6 — Saliency and combinatorial invariance
#
# *Does the unlabelled Bruhat graph of $[x, w]$ determine the polynomial $P_{x,w}$, and can a
# network show where to look?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** compute Kazhdan–Lusztig polynomials from their definition, then all of them
# in $S_8$; verify combinatorial invariance for every interval of $S_7$; train a network that reads
# polynomials off graphs without labels; and judge three things that went wrong in practice: a split
# that leaks, a test of generalisation that recognises old graphs, and a saliency map that is noise.
#
# **What you need:** week 5 (Bruhat order, Bruhat graphs, colour refinement, message passing).
#
# **Where it comes from:** G. Williamson's and G. Gottwald's sixth lectures on geometric deep
# learning; A. Davies et al., *Advancing mathematics by guiding human intuition with AI*, Nature 600
# (2021), whose notebook `representation_theory` is redone here with $S_6$ in place of $S_9$; the
# formula that came of it is in Blundell, Buesing, Davies, Veličković and Williamson, Represent.
# Theory 26 (2022). Definitions and proofs are in `lecture_notes/week06.md`.

# %% tags=["imports"]
import warnings
from functools import cache
from itertools import combinations, permutations

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.sparse import csr_array
from torch import nn

from course_utils.checks import check
from course_utils.exercises import week06
from course_utils.maths import bruhat_graphs, kazhdan_lusztig
from course_utils.maths import kazhdan_lusztig_packed as packed
from course_utils.maths.bruhat_orbits import orbit_classes
from course_utils.maths.kazhdan_lusztig import plus, times, trim
from course_utils.maths.permutations import (
    bruhat_interval,
    bruhat_leq,
    inverse,
    left_descents,
    length,
    rank,
    right_descents,
    symmetric_group,
)
from course_utils.plotting import decorate
from course_utils.runtime import claim, device, progress, rng, scale, seeds

warnings.filterwarnings("ignore", message="Sparse")  # torch calls its CSR matrices beta

# %% [markdown] tags=["context:6.1"]
# ## 1. The polynomials
#
# To $x \le w$ in $S_n$ belongs a polynomial $P_{x,w} \in \mathbb Z[q]$ with constant term 1. It is
# the Poincaré polynomial of the intersection cohomology of the Schubert variety of $w$ at a point
# of the cell of $x$, and it answers how often a simple module occurs in a Verma module. We need
# only the recursion of Kazhdan and Lusztig (1979). Put $P_{w,w} = 1$, and $P_{x,w} = 0$ unless
# $x \le w$. Let $s$ be a right descent of $w$, and $v = ws$. If $xs > x$, then
# $P_{x,w} = P_{xs,w}$. If $xs < x$, then
# $$P_{x,w} = P_{xs,v} + q P_{x,v} - \sum_{x \le z < v,\ zs < z} \mu(z, v)\,
# q^{(\ell(w) - \ell(z))/2} P_{x,z},$$
# where $\mu(z, v)$ is the coefficient of $q^{(\ell(v) - \ell(z) - 1)/2}$ in $P_{z,v}$: zero if the
# difference of lengths is even, and otherwise the highest coefficient that the degree bound
# $\deg P_{z,v} \le (\ell(v) - \ell(z) - 1)/2$ allows.

# %% [markdown] tags=["context:6.1", "context:6.2"]
# As in week 5, $\ell$ (`length`) counts inversions, $\le$ is the Bruhat order (`bruhat_leq`), $ws$
# is $w$ with positions $s$ and $s + 1$ exchanged (`times(w, s)`), and $s$ is a right descent of $w$
# if $ws < w$, that is, $w(s) > w(s + 1)$. A polynomial is the tuple of its coefficients, lowest
# power first, without trailing zeros; zero is `(0,)`. `plus(p, r, power=k, factor=c)` returns
# $p + c\,q^k r$.

# %% [markdown]
# ### Exercise 6.1 ★ (20 min) — The recursion
#
# Write `kl(x, w)`, which returns $P_{x,w}$ for two permutations of the same $1, \dots, n$.
#
# <details><summary>Hint</summary>
#
# Settle $x \not\le w$ and $x = w$ first. `min(right_descents(w))` is a good $s$. The sum runs over
# `bruhat_interval(x, v)` without its last element, if $x \le v$. A $\mu$ that is not zero is the
# last coefficient of $P_{z,v}$; when does $P_{z,v}$ reach its largest degree?
#
# </details>


# %%
@cache
def kl(x, w):
    # BEGIN SOLUTION
    if not bruhat_leq(x, w) or x == w:
        return (int(x == w),)
    s = min(right_descents(w))
    v = times(w, s)
    if x[s - 1] < x[s]:
        return kl(times(x, s), w)
    total = plus(kl(times(x, s), v), kl(x, v), power=1)
    for z in bruhat_interval(x, v)[:-1] if bruhat_leq(x, v) else []:
        gap, p = length(v) - length(z), kl(z, v)
        if z[s - 1] > z[s] and 2 * len(p) == gap + 1:
            total = plus(total, kl(x, z), power=(gap + 1) // 2, factor=-p[-1])
    return total
    # END SOLUTION


# %%
kl = check("6.1", kl, otherwise=kazhdan_lusztig.kl_polynomial)

# %% [markdown]
# **Predict, then run:** of the 213 pairs $x \le w$ in $S_4$, how many have $P_{x,w} \ne 1$?

# %% tags=["nbval-check-output"]
S4 = list(permutations((1, 2, 3, 4)))
pairs4 = [(x, w) for w in S4 for x in S4 if bruhat_leq(x, w)]
for x, w in pairs4:
    if len(kl(x, w)) > 1:
        print(*x, " ≤ ", *w, "  P =", kl(x, w))

# %% [markdown]
# Six pairs, with $w = 3412$ and $w = 4231$, all with $P = 1 + q$: the two singular Schubert
# varieties of $S_4$ (Lakshmibai and Sandhya 1990: the variety of $w$ is singular if and only if $w$
# contains one of these two patterns).

# %% [markdown] tags=["context:6.2"]
# The recursion for $P$ refers to descents, that is, to labels. The $R$-polynomials are a first step
# towards the interval alone. $R_{w,w} = 1$; $R_{x,w} = 0$ unless $x \le w$; and for a right descent
# $s$ of $w$,
# $$R_{x,w} = R_{xs,ws} \text{ if } xs < x, \qquad R_{x,w} = q R_{xs,ws} + (q - 1) R_{x,ws}
# \text{ if } xs > x.$$

# %% [markdown]
# ### Exercise 6.2 ★ (10 min) — R-polynomials
#
# Write `r(x, w)`, which returns $R_{x,w}$ for two permutations of the same $1, \dots, n$.
#
# <details><summary>Hint</summary>
#
# $(q-1)R$ is $qR - R$: two calls of `plus`, one with `factor=-1`.
#
# </details>


# %%
@cache
def r(x, w):
    # BEGIN SOLUTION
    if not bruhat_leq(x, w) or x == w:
        return (int(x == w),)
    s = min(right_descents(w))
    lower = r(times(x, s), times(w, s))
    if x[s - 1] > x[s]:
        return lower
    same = r(x, times(w, s))
    return plus(plus(plus((0,), lower, power=1), same, power=1), same, factor=-1)
    # END SOLUTION


# %%
r = check("6.2", r, otherwise=kazhdan_lusztig.r_polynomial)

# %% [markdown] tags=["context:6.3"]
# The families $P$ and $R$ determine each other by
# $$q^{\ell(w) - \ell(x)} P_{x,w}(1/q) = \sum_{x \le y \le w} R_{x,y} P_{y,w}. \tag{1}$$

# %% [markdown]
# We test it on all pairs of $S_4$.


# %%
def sides(x, w):
    """Both sides of (1)."""
    total, p = (0,), kl(x, w)
    for y in bruhat_interval(x, w):
        for k, c in enumerate(r(x, y)):
            total = plus(total, kl(y, w), power=k, factor=c)
    return trim([0] * (length(w) - length(x) + 1 - len(p)) + list(p[::-1])), total


# %% tags=["nbval-check-output"]
agree = sum(left == right for left, right in (sides(x, w) for x, w in pairs4))
print(agree, "of", len(pairs4), "pairs satisfy (1)")

# %% [markdown]
# ## 2. From a labelled graph to P
#
# Label the edge $y \to yt$ of the Bruhat graph by the reflection $t = (i\ j)$, the two positions
# that are exchanged, and order reflections lexicographically: $(1\,2), (1\,3), \dots, (n-1\ n)$.
#
# **Theorem** (Dyer 1993; Björner–Brenti, Theorem 5.3.4). Let $a_k$ be the number of paths of $k$
# edges from $x$ to $w$ whose labels increase. Then
# $R_{x,w} = \sum_k a_k\, (q-1)^k q^{(\ell(w) - \ell(x) - k)/2}$.
#
# We count such paths for many graphs at once, one reflection after the other: an increasing path
# that ends in $y$ can be prolonged by $t$ after all smaller reflections have been used. The
# polynomial $\tilde R_{x,w} = \sum_k a_k q^k$ has a recursion of its own to compare with.


# %% tags=["context:6.3"]
def increasing_paths(graphs, start):
    """Numbers of increasing paths from the vertices `start`: entry (v, k), k edges to v."""
    tails = np.repeat(np.arange(len(graphs.vertices)), np.diff(graphs.indptr))
    counts = np.zeros((len(graphs.vertices), graphs.heights.max() + 1), np.int64)
    counts[start, 0] = 1
    for i, j in combinations(range(1, graphs.vertices.shape[1] + 1), 2):
        chosen = (graphs.reflections == (i, j)).all(axis=1)
        counts[graphs.indices[chosen], 1:] += counts[tails[chosen], :-1]
    return counts


# %% tags=["nbval-check-output"]
count, pairs6 = bruhat_graphs.interval_classes(6)
graphs6 = bruhat_graphs.bruhat_graphs(pairs6)
print(count, "graphs of S_6,", len(graphs6.vertices), "vertices,", len(graphs6.indices), "edges")

# %% tags=["nbval-check-output"]
paths = increasing_paths(graphs6, graphs6.starts[:-1])[graphs6.starts[1:] - 1]
equal = [
    trim(a) == kazhdan_lusztig.r_tilde_polynomial(*p)
    for a, p in zip(paths.tolist(), pairs6, strict=True)
]
print(sum(equal), "have as many increasing paths as the recursion says")

# %% [markdown]
# One representative for each of the 1,520 isomorphism classes of intervals of $S_6$ (week 5), all
# in one sparse matrix, and Dyer's theorem holds on all of them. So $P_{x,w}$ can be computed
# inside one interval *with labels*: paths give $R$, and (1) gives $P$. How?
#
# ### Exercise 6.3 ★★★ (40 min) — P from one interval
#
# Let the vertices of an interval be ordered by length, the last one being $w$. Given their
# `lengths` and `r[a][b]` $= R$ of vertices $a$ and $b$ (`(0,)` where $a \not\le b$), return the
# list of all $P_{y,w}$ as tuples of coefficients, lowest power first. Use (1), $P_{w,w} = 1$ and
# the degree bound $\deg P_{y,w} \le (\ell(w) - \ell(y) - 1)/2$ for $y < w$, no descents.
#
# <details><summary>Hint</summary>
#
# Move $P_{x,w}$ from the right side of (1) to the left: $q^\ell P(1/q) - P(q)$, with
# $\ell = \ell(w) - \ell(x) > 0$. Which powers can occur in $P$, which in $q^\ell P(1/q)$?
#
# </details>


# %%
def kl_from_r(lengths, r):
    # BEGIN SOLUTION
    found = [(1,)] * len(lengths)
    for a in range(len(lengths) - 2, -1, -1):
        total = (0,)
        for b in range(a + 1, len(lengths)):
            for k, c in enumerate(r[a][b]):
                total = plus(total, found[b], power=k, factor=c)
        half = (lengths[-1] - lengths[a] + 1) // 2  # P has the powers below, its mirror the rest
        found[a] = trim([-c for c in total[:half]])
    return found
    # END SOLUTION


# %%
kl_from_r = check("6.3", kl_from_r, otherwise=week06.kl_from_r)

# %% [markdown]
# Now from the labelled graph alone, for $[12345, 45312]$: count paths from every vertex, turn
# $\tilde R$ into $R$, and solve for $P$.


# %%
def r_from_paths(counts, apart):
    """R-polynomial from the numbers of increasing paths (k edges in entry k)."""
    total, power = (0,), (1,)
    for k, c in enumerate(counts[: apart + 1]):
        if c:
            total = plus(total, power, power=(apart - k) // 2, factor=int(c))
        power = plus(plus((0,), power, power=1), power, factor=-1)
    return total


# %%
e5, w5 = (1, 2, 3, 4, 5), (4, 5, 3, 1, 2)
graph = bruhat_graphs.bruhat_graph(e5, w5)
heights = graph.heights.tolist()

# %% tags=["nbval-check-output"]
rows = [increasing_paths(graph, a) for a in range(len(heights))]
table = [
    [r_from_paths(row[b], heights[b] - h) for b in range(len(row))]
    for row, h in zip(rows, heights, strict=True)
]
print(len(heights), "vertices; P =", kl_from_r(heights, table)[0], "; recursion:", kl(e5, w5))

# %% [markdown]
# The same polynomial from both. What this used beyond the graph is the *order* of the labels. The
# question of the week is whether that is needed.
#
# **Conjecture** (Lusztig; Dyer 1987), *combinatorial invariance*: if the Bruhat graphs of $[x, w]$
# and $[x', w']$ are isomorphic, then $P_{x,w} = P_{x',w'}$. A 2026 preprint claims a proof; we did
# not check it. Section 9 says what is established.
#
# ## 3. All polynomials, packed
#
# The recursion above is slow: 98,407 pairs in $S_6$, 170,288,585 in $S_8$. Two ideas make it
# fast. First, a polynomial with non-negative coefficients below $2^b$ is one integer, its value at
# $q = 2^b$ (Kronecker): adding is adding, multiplying by $q$ is shifting. Differences may borrow
# from the next field; computed modulo $2^{128}$, all borrows cancel in the end.
#
# ### Exercise 6.4 ★★ (15 min) — A polynomial in one integer
#
# Write `pack(p, bits)`, the value $p(2^{\text{bits}})$ modulo $2^{128}$ for integer coefficients of
# either sign, lowest power first, and `unpack(value, bits)`, the list of `128 // bits` fields,
# lowest first.
#
# <details><summary>Hint</summary>
#
# In Python `-5 % 2**128` is positive, `value >> k` drops the last $k$ bits, and
# `value & (2**bits - 1)` keeps the last `bits`.
#
# </details>


# %%
def pack(p, bits):
    # BEGIN SOLUTION
    return sum(c << bits * k for k, c in enumerate(p)) % 2**128
    # END SOLUTION


# %%
def unpack(value, bits):
    # BEGIN SOLUTION
    return [value >> bits * k & (1 << bits) - 1 for k in range(128 // bits)]
    # END SOLUTION


# %%
pack, unpack = check("6.4", (pack, unpack), otherwise=(week06.pack, week06.unpack))

# %% [markdown]
# Second, few pairs matter. If $x$ lacks a descent of $w$, on either side, then $P_{x,w}$ equals the
# polynomial of the longer $x$ that has it. A pair where $x$ has all left and right descents of $w$
# is *extremal*.
#
# ### Exercise 6.5 ★★ (15 min) — Push x up
#
# Write `push_up(x, w)` for $x \le w$: multiply $x$ on the right or on the left by descents of $w$
# that it lacks, until it lacks none. A right descent of $w$ is an $s$ with $w(s) > w(s + 1)$, a
# left descent one of $w^{-1}$; `times(x, s)` multiplies on the right by the exchange of $s$ and
# $s{+}1$, and `inverse` turns left multiplication into right.
#
# <details><summary>Hint</summary>
#
# A multiplication on the left can destroy a descent on the right: go on until nothing is missing.
#
# </details>


# %%
def push_up(x, w):
    # BEGIN SOLUTION
    while True:
        if missing := right_descents(w) - right_descents(x):
            x = times(x, min(missing))
        elif missing := left_descents(w) - left_descents(x):
            x = inverse(times(inverse(x), min(missing)))
        else:
            return x
    # END SOLUTION


# %%
push_up = check("6.5", push_up, otherwise=kazhdan_lusztig.extremal)

# %% tags=["nbval-check-output"]
print("S_4:", sum(push_up(x, w) == x for x, w in pairs4), "extremal pairs of", len(pairs4))
for n in (4, 5, 6, 7):
    print(f"S_{n}:", packed.census(packed.kl_table(n)))

# %% [markdown]
# 30 extremal pairs of 213 in $S_4$; in $S_7$ 50,224 of 3,550,919. The packed program stores only
# these, and of four pairs that inversion and conjugation by the longest element exchange only one.
# All figures agree with those of coxeter3, F. du Cloux's program. A `mu_edge` is a pair with
# $\mu(x, w) \ne 0$.

# %% tags=["nbval-check-output"]
eight = packed.distinct(packed.kl_table(8))
print(len(eight), "distinct polynomials in S_8; largest coefficient", eight.max())
print("one of the largest degree:", trim(eight[eight[:, 7] > 0][-1].tolist()))

# %% alt="Bruhat pairs, extremal pairs and distinct polynomials of S_4 to S_8 on a log scale."
sizes = np.array([4, 5, 6, 7, 8])
rows = [packed.census(packed.kl_table(n)) for n in (4, 5, 6, 7)]
fig, ax = plt.subplots()
ax.semilogy(sizes[:4], [c.pairs for c in rows], "o-", label="Bruhat pairs")
ax.semilogy(sizes[:4], [c.extremal for c in rows], "s--", label="extremal pairs")
ax.semilogy(sizes, [c.distinct for c in rows] + [len(eight)], "^-.", label="distinct polynomials")
ax.set_xticks(sizes)
decorate(ax, "Few pairs are extremal, few polynomials occur", "n", "number")
plt.show()

# %% [markdown]
# The figure shows the three counts on a logarithmic scale: pairs grow by a factor of 36 from $S_6$
# to $S_7$, extremal pairs by 17, distinct polynomials by 6. $S_9$ has 24,361 distinct polynomials
# and is left to `python -m benchmarks kl_polynomials`.
#
# ## 4. Combinatorial invariance, exactly
#
# Colour refinement (week 5) gives isomorphic graphs equal colours. So if the polynomial is constant
# on every *colour class*, it is constant on isomorphism classes, and no isomorphism test is needed.
# `orbit_classes(n, rounds)` builds the Bruhat graph of one pair in each orbit of the two symmetries
# and returns its colour class. **Predict, then run:** how many rounds does $S_6$ need?


# %%
def mixed_classes(n, rounds):
    """Number of colour classes of intervals of S_n, and of those with several polynomials."""
    pairs, classes, _ = orbit_classes(n, rounds)
    values = packed.polynomials(packed.kl_table(n), *pairs.T)
    kinds = np.unique(np.column_stack([classes, values]), axis=0)
    _, polynomials_of = np.unique(kinds[:, 0], return_counts=True)
    return len(polynomials_of), int((polynomials_of > 1).sum())


# %% tags=["nbval-check-output"]
by_rounds = [mixed_classes(6, rounds) for rounds in (0, 1, 2)]
for rounds, (number, mixed) in enumerate(by_rounds):
    print(f"S_6, {rounds} rounds: {number} classes, {mixed} of them with several polynomials")

# %% alt="Bars: colour classes of S_6 intervals and mixed ones after 0, 1 and 2 rounds."
fig, ax = plt.subplots(figsize=(6, 3.2))
for shift, name, column in ((-0.2, "classes", 0), (0.2, "with several polynomials", 1)):
    tops = [row[column] for row in by_rounds]
    ax.bar_label(ax.bar(np.arange(3) + shift, tops, 0.4, label=name))
ax.set_xticks(range(3))
decorate(ax, "Two rounds tell the polynomial of every interval of $S_6$", "rounds", "number")
plt.show()

# %% [markdown]
# The bars show what each round adds. Zero rounds see the number of vertices only, and most such
# classes mix polynomials; after two rounds none does. Now $S_7$: a graph for each orbit, built,
# coloured and forgotten one after another.

# %%
number7, mixed7 = mixed_classes(7, 2)
claim("S_7: colour classes after two rounds", number7, low=48931, high=48931)
claim("S_7: classes with several polynomials", mixed7, low=0, high=0)

# %% tags=["nbval-check-output"]
pairs7, classes7, vertices7 = orbit_classes(7)
print(len(pairs7), "orbits of intervals of S_7; their graphs have", vertices7.sum(), "vertices")

# %% [markdown]
# Combinatorial invariance holds for all 3,550,919 intervals of $S_7$: not sampled, all. The claim
# rests on 64-bit hashes; a collision could only have *produced* a mixed class, never have hidden
# one.
#
# ## 5. Which layers respect the symmetry?
#
# A network on graphs must not see the names of vertices. For linear layers that can be answered
# completely. Let a group act on $V$ and $W$ by matrices; a linear $T : W \to V$ is *equivariant* if
# $g_V T = T g_W$ for all $g$. These $T$ form the *commutant*, a vector space that linear algebra
# finds: it is the kernel of finitely many linear equations, one set for each generator.
#
# ### Exercise 6.6 ★★ (25 min) — All equivariant maps
#
# `left` $(k, m, m)$ and `right` $(k, n, n)$ hold the matrices of the same $k$ generators. Return a
# basis, shape (dimension, $m$, $n$), of the $T$ with `left[g] @ T == T @ right[g]` for all $g$.
#
# <details><summary>Hint</summary>
#
# If `T.ravel()` lists the rows of $T$ one after the other, then $A T$ is `np.kron(A, I)` and $T B$
# is `np.kron(I, B.T)` applied to it. `np.linalg.svd` gives the kernel: the rows of its third result
# that belong to singular value 0, or to none.
#
# </details>


# %%
def commutant(left, right):
    # BEGIN SOLUTION
    m, n = left.shape[1], right.shape[1]
    equations = [
        np.kron(a, np.eye(n)) - np.kron(np.eye(m), b.T) for a, b in zip(left, right, strict=True)
    ]
    _, values, basis = np.linalg.svd(np.concatenate(equations))
    return basis[(values > 1e-9).sum() :].reshape(-1, m, n)
    # END SOLUTION


# %%
commutant = check("6.6", commutant, otherwise=week06.commutant)

# %% [markdown]
# $S_4$ is generated by $(1\,2)$ and a 4-cycle. It acts on $\mathbb R^4$ (one number a vertex) and
# on $\mathbb R^{4 \times 4}$ (one number a pair, like an adjacency matrix).
# `week06.matrices(w, k)` is the matrix of $w$ on tensors with $k$ indices. **Predict** the three
# dimensions.

# %% tags=["nbval-check-output"]
generators = [(2, 1, 3, 4), (2, 3, 4, 1)]
acts = {k: np.array([week06.matrices(w, k) for w in generators]) for k in (1, 2)}
for out, into in ((1, 1), (2, 1), (2, 2)):
    print(f"{into} → {out} indices:", len(commutant(acts[out], acts[into])), "equivariant maps")

# %% [markdown]
# 2, 5, 15: the numbers of partitions of 2, 3 and 4 indices into blocks (Maron et al. 2019). On
# vertices alone there are two, $H \mapsto H$ and $H \mapsto$ the sum of all rows: Deep Sets. A
# graph adds one more ingredient that moves with the names, the matrix $A$: the products $AH$ and
# $A^T H$ are equivariant *jointly* in $(A, H)$, and that is message passing.
#
# ## 6. A network that reads polynomials
#
# Data: the 1,520 graphs of $S_6$, one a class, each with the coefficients of $q, q^2, q^3$. Input:
# eight numbers a vertex, all read off the unlabelled directed graph: in- and out-degree, the
# lengths of a longest path from the source and to the sink, two marks for source and sink, and two
# differences of degree and path length (week 5: the polynomial is 1 if and only if the source's is
# 0).


# %%
def features(graphs):
    """Eight numbers a vertex that do not depend on names, shape (V, 8)."""
    up = graphs.heights
    down = np.repeat(up[graphs.starts[1:] - 1], np.diff(graphs.starts)) - up
    ins, outs = np.diff(graphs.indptr_in), np.diff(graphs.indptr)
    columns = [ins / 5, outs / 5, up == 0, down == 0, up / 5, down / 5]
    return np.stack([*columns, (outs - down) / 5, (ins - up) / 5], axis=1).astype(np.float32)


# %%
def coefficients(pairs):
    """Coefficients of q, q^2, q^3 in P_{x,w} for pairs of one S_n, shape (pairs, 3)."""
    ranks = np.array([[rank(x), rank(w)] for x, w in pairs])
    values = packed.polynomials(packed.kl_table(len(pairs[0][0])), *ranks.T)
    return packed.unpack(values)[:, 1:4]


# %% [markdown]
# A batch of graphs is one block-diagonal graph. The products $AH/4$ and $A^TH/4$ are sparse; their
# gradient is written by hand, because each is the transpose of the other (week 5).


# %%
def matrix(indptr, indices):
    """A quarter of an adjacency matrix, as a sparse tensor."""
    arrays = [torch.tensor(a.astype(np.int64)) for a in (indptr, indices)]
    size, values = (len(indptr) - 1,) * 2, torch.full((len(indices),), 0.25)
    return torch.sparse_csr_tensor(*arrays, values, size).to(device())


# %%
def batch(pairs):
    """Matrices A/4 and its transpose, features, sizes, sources, sinks, coefficients."""
    g = bruhat_graphs.bruhat_graphs(pairs)
    ends = [np.diff(g.starts), g.starts[:-1], g.starts[1:] - 1]
    arrays = [features(g), *ends, coefficients(pairs)]
    both = [matrix(g.indptr, g.indices), matrix(g.indptr_in, g.indices_in)]
    return both + [torch.tensor(a, device=device()) for a in arrays]


# %%
class Product(torch.autograd.Function):
    """A @ H for a constant sparse A, whose transpose is at hand for the gradient."""

    @staticmethod
    def forward(ctx, A, At, H):
        ctx.At = At
        return A @ H

    @staticmethod
    def backward(ctx, gradient):
        return None, None, ctx.At @ gradient


# %% [markdown]
# Three residual layers of width 32, normalised; then maximum and mean over each graph, its bottom
# and its top vertex; then one head for each coefficient. `messages=False` is the control: the same
# network without $A$.


# %%
class GraphNet(nn.Module):
    def __init__(self, width=32, layers=3, classes=(5, 5, 2), messages=True):
        super().__init__()
        self.messages = messages
        fan_in = 3 * width if messages else width
        self.first = nn.Linear(8, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.mix = nn.ModuleList(nn.Linear(fan_in, width) for _ in range(layers))
        self.back = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.last = nn.LayerNorm(width)
        self.readout = nn.Linear(4 * width, 64)
        self.heads = nn.ModuleList(nn.Linear(64, k) for k in classes)

    def forward(self, A, At, x, sizes, bottom, top):
        H = torch.relu(self.first(x))  # (V, width)
        for norm, mix, back in zip(self.norms, self.mix, self.back, strict=True):
            U = norm(H)
            if self.messages:
                U = torch.cat([U, Product.apply(A, At, U), Product.apply(At, A, U)], dim=1)
            H = H + back(torch.relu(mix(U)))
        H = self.last(H)
        over = [torch.segment_reduce(H, how, lengths=sizes) for how in ("max", "mean")]
        pooled = torch.cat([*over, H[bottom], H[top]], dim=1)  # (graphs, 4 * width)
        hidden = torch.relu(self.readout(pooled))
        return [head(hidden) for head in self.heads]


# %% [markdown]
# Does it keep its promise? We rename the vertices of one graph at random and compare the logits.

# %%
net = GraphNet().to(device())
one = batch([((1, 2, 3, 4, 5, 6), (3, 4, 1, 6, 5, 2))])
g = bruhat_graphs.bruhat_graph((1, 2, 3, 4, 5, 6), (3, 4, 1, 6, 5, 2))
order = rng(1).permutation(len(g.vertices))
renamed = csr_array((np.ones(len(g.indices)), g.indices, g.indptr))[order][:, order]

# %%
place = torch.tensor(np.argsort(order), device=device())
A, At = (matrix(m.indptr, m.indices) for m in (renamed, renamed.T.tocsr()))
other = net(A, At, one[2][order], one[3], place[one[4]], place[one[5]])
change = max((a - b).abs().max().item() for a, b in zip(net(*one[:6]), other, strict=True))
claim("largest change of a logit under renaming", change, low=0, high=1e-4)

# %% [markdown]
# Only rounding is left. Training: AdamW with one rise and fall of the learning rate, batches of
# eight graphs, 30 epochs. The recipe was chosen on other splits than those shown here. We split *by
# class*: 1,216 graphs to train on, 304 that are isomorphic to none of them.


# %%
def right(net, batches):
    """Which coefficients the network gets right, shape (graphs, 3)."""
    with torch.no_grad():
        found = [(torch.stack([z.argmax(1) for z in net(*b[:6])], 1) == b[6]) for b in batches]
    return torch.cat(found).cpu().numpy()


# %%
def train(net, batches, test, epochs=30):
    """Train; return epochs and accuracies (q, q^2, q^3, whole) on the test graphs."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    steps = epochs * len(batches)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps, pct_start=0.3)
    curve = []
    for epoch in progress(range(1, epochs + 1), desc="epochs"):
        for k in torch.randperm(len(batches)):
            *inputs, y = batches[k]
            loss = sum(
                nn.functional.cross_entropy(z, c) for z, c in zip(net(*inputs), y.T, strict=True)
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            rate.step()
        if epoch % 3 == 0 or epoch == 1:
            hits = right(net, test)
            curve.append((epoch, *hits.mean(axis=0), hits.all(axis=1).mean()))
    return np.array(curve)


# %% [markdown]
# `COURSE_SCALE=paper` repeats everything for five splits; the laptop does one. The best constant
# answer and the control without messages run on the same split.

# %%
splits = {}
for seed in seeds(scale(laptop=1, paper=5)):
    mixed = [pairs6[k] for k in rng(seed).permutation(len(pairs6))]
    parts = mixed[:1216], mixed[1216:]
    splits[seed] = [[batch(p[k : k + 8]) for k in range(0, len(p), 8)] for p in parts]


# %%
def run(seed, messages=True):
    """Train one network on one split; return it and its curve."""
    torch.manual_seed(seed)
    net = GraphNet(messages=messages).to(device())
    return net, train(net, *splits[seed])


# %%
nets, curves = zip(*[run(seed) for seed in splits], strict=True)

# %%
_, blind_curves = zip(*[run(seed, messages=False) for seed in splits], strict=True)

# %% [markdown]
# **Predict:** the best constant answer is right on about a quarter of the graphs. What does the
# control reach, which sees degrees and heights of all vertices but no edge?

# %% tags=["headline"]
whole, blind = ([c[-1, 4] for c in some] for some in (curves, blind_curves))
claim(
    "whole polynomials right on 304 held-out classes of S_6",
    np.mean(whole),
    low=0.95,
    high=1.0,
)
claim("the worst split", min(whole), low=0.95, high=1.0)
claim("control without messages", np.mean(blind), low=0.7, high=0.92)


# %%
def best_constant(values):
    """Share of the most frequent polynomial: the best answer that ignores the graph."""
    _, counts = np.unique(values, axis=0, return_counts=True)
    return counts.max() / len(values)


net, test = nets[0], next(iter(splits.values()))[1]
majority = best_constant(torch.cat([b[6] for b in test]).cpu().numpy())
claim("best constant answer", majority, low=0.15, high=0.35)

# %% alt="Accuracy on held-out classes against epochs: q, q², q³, whole, and the control."
curve, control = curves[0], blind_curves[0]
fig, ax = plt.subplots(figsize=(7, 3.6))
for k, name in enumerate(("$q$", "$q^2$", "$q^3$", "whole polynomial"), start=1):
    ax.plot(curve[:, 0], 100 * curve[:, k], label=name)
ax.plot(control[:, 0], 100 * control[:, 4], color="0.4", ls="--", label="whole, no messages")
ax.axhline(100 * majority, color="0.6", ls=":", label="whole, best constant")
decorate(ax, "Learning to read polynomials (304 held-out classes, 1 seed)", "epoch", "right (%)")
plt.show()

# %% [markdown]
# The curves show the share of held-out graphs that are right. $q$ is learnt first, then $q^2$;
# $q^3$ is zero for nearly all graphs, so that its flat curve says little. The grey lines are what
# we compare with: the control is far above the constant, so degrees and heights carry much of the
# polynomial, and messages carry the rest.
#
# ## 7. Two ways to be fooled
#
# **A split that leaks.** Take all 98,407 pairs of $S_6$ and split them at random, as published data
# sets do. Inversion and conjugation by $w_0$ carry a pair to another with the same polynomial: is
# that other pair in the training set?
#
# ### Exercise 6.7 ★★ (10 min) — How much of the test was seen
#
# `classes` $(n,)$ names the class of each item and `train` $(n,)$ is true for training items.
# Return the share of test items whose class occurs in training.
#
# <details><summary>Hint</summary>
#
# `np.isin(a, b)` tells for each entry of `a` whether it occurs in `b`. The share is of test items,
# not of classes.
#
# </details>


# %%
def leak(classes, train):
    # BEGIN SOLUTION
    return np.isin(classes[~train], classes[train]).mean()
    # END SOLUTION


# %%
leak = check("6.7", leak, otherwise=week06.leak)

# %%
table6 = packed.kl_table(6)
everything = np.indices((720, 720)).reshape(2, -1)
x, w = everything[:, packed.polynomials(table6, *everything).any(axis=1)]
images = table6.group.images.astype(np.int64)  # (4, 720): the symmetries of S_6
orbit = (720 * images[:, w] + images[:, x]).min(axis=0)
pairs, classes6, _ = orbit_classes(6)
graph_class = classes6[np.searchsorted(720 * pairs[:, 1].astype(np.int64) + pairs[:, 0], orbit)]

# %%
training = rng(2).random(len(x)) < 0.8
claim("test pairs with a symmetric twin in training", leak(orbit, training), low=0.975, high=0.99)
seen = leak(graph_class, training)
claim("test pairs with an isomorphic graph in training", seen, low=0.995, high=0.9999)

# %% [markdown]
# 98 % of the test pairs have their twin in training, and of the unlabelled graphs nearly all. A
# look-up table would pass such a test; an accuracy of 99.9 % there does not show that anything was
# understood. Split by class, the share is 0.
#
# **A generalisation that recognises.** Train on $S_6$, test on $S_7$: a graph from a larger group
# must be new? We take the classes of $S_7$ with at most 200 vertices.

# %% tags=["nbval-check-output"]
_, first = np.unique(classes7, return_index=True)
small = first[vertices7[first] <= 200]
old = np.isin(classes7[small], classes6)
print("all classes of S_6 occur in S_7:", bool(np.isin(classes6, classes7).all()))
print(len(small), "small classes of S_7:", old.sum(), "already in S_6,", (~old).sum(), "new")

# %% [markdown]
# Every interval of $S_6$ is one of $S_7$ (let the last entry stay where it is), so 701 of the 959
# graphs are known. Only the other 258 are a test.

# %%
names7 = [tuple(row) for row in symmetric_group(7).one_line.tolist()]
small_pairs = [(names7[x], names7[w]) for x, w in pairs7[small]]
sevens = [batch(small_pairs[k : k + 8]) for k in range(0, len(small), 8)]
hits7 = right(net, sevens).all(axis=1)
claim("whole polynomials, graphs already in S_6", hits7[old].mean(), low=0.97, high=1.0)
claim("whole polynomials, new graphs of S_7", hits7[~old].mean(), low=0.55, high=0.85)
truth7 = coefficients(small_pairs)
claim("best constant answer, new graphs of S_7", best_constant(truth7[~old]), low=0.1, high=0.2)

# %% alt="Bars: share right on S_6 held out, S_7 known, S_7 new, S_7 pooled, with baselines."
groups = ["$S_6$ held out", "$S_7$, known", "$S_7$, new", "$S_7$, pooled"]
scores = [whole[0], hits7[old].mean(), hits7[~old].mean(), hits7.mean()]
base = [majority, *(best_constant(t) for t in (truth7[old], truth7[~old], truth7))]
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.bar_label(ax.bar(groups, 100 * np.array(scores), 0.6, label="network"), fmt="%.0f")
ax.bar(groups, 100 * np.array(base), 0.6, color="0.7", label="best constant")
decorate(ax, "The pooled figure hides the drop on new graphs", "", "right (%)")
ax.set(ylim=(0, 125), yticks=range(0, 101, 20))
ax.legend(loc="upper right", ncols=2)
plt.show()

# %% [markdown]
# The bars show it: known graphs stay right, new ones drop by some 30 points, and the pooled
# bar would have hidden that. Still, the network is far above the baseline on graphs larger than it
# has seen.
#
# ## 8. Where does the network look?
#
# *Saliency*: how much does a scalar change when the features of a vertex change? Davies et al.
# took the gradient of the **loss**. Where the network is right and sure, the loss is flat, and
# the gradient says little. We also take the **margin**: the true logit minus the best other one,
# summed over the heads.


# %%
def margin(logits, y):
    """Sum over graphs of the true logit minus the best other one."""
    true = logits.gather(1, y[:, None])[:, 0]
    return (true - logits.scatter(1, y[:, None], -1e9).max(dim=1).values).sum()


# %%
def saliency(net, batches, scalar):
    """Length of the gradient of the scalar at each vertex, shape (V,)."""
    lengths = []
    for A, At, x, *rest, y in batches:
        x = x.clone().requires_grad_(True)
        total = sum(scalar(z, c) for z, c in zip(net(A, At, x, *rest), y.T, strict=True))
        (gradient,) = torch.autograd.grad(total, x)
        lengths.append(gradient.norm(dim=1).cpu().numpy())
    return np.concatenate(lengths)


# %% [markdown]
# A vertex is *salient* above a percentile, an edge if both its ends are. Of the salient edges,
# which share carries an *extremal* reflection, $(1\,j)$ or $(j\,n)$, and which a *simple* one,
# $(i\ i{+}1)$? To read such a share we need a null: what would it be if saliency knew nothing but
# the rank of a vertex?
#
# ### Exercise 6.8 ★★ (15 min) — A null that keeps the rank
#
# Write `shuffle_within(values, groups, rng)`: the values, permuted uniformly at random inside each
# group. `rng` is a numpy generator, `values` and `groups` have shape $(n,)$.
#
# <details><summary>Hint</summary>
#
# A loop over groups is right but slow for 15,000 groups. `np.lexsort((noise, groups))` sorts by
# group and inside a group at random.
#
# </details>


# %%
def shuffle_within(values, groups, rng):
    # BEGIN SOLUTION
    mixed = np.lexsort((rng.random(len(values)), groups))
    shuffled = np.empty_like(values)
    shuffled[np.argsort(groups, kind="stable")] = values[mixed]
    return shuffled
    # END SOLUTION


# %%
shuffle_within = check("6.8", shuffle_within, otherwise=week06.shuffle_within)

# %% [markdown]
# One more care: a representative of a class is an arbitrary choice among up to four pairs, and
# inversion turns positions $(i\,j)$ into values $(y(i)\ y(j))$, conjugation $(i\,j)$ into
# $(7-j\ 7-i)$. We count each edge under all four names.

# %%
tails = np.repeat(np.arange(len(graphs6.vertices)), np.diff(graphs6.indptr))
i, j = graphs6.reflections.T.astype(int)
a, b = (graphs6.vertices[tails, k - 1].astype(int) for k in (i, j))
labels = np.stack([7 * i + j, 7 * (7 - j) + 7 - i, 7 * a + b, 7 * (7 - b) + 7 - a])  # (4, E)
ranks = 100 * np.repeat(np.arange(len(pairs6)), np.diff(graphs6.starts)) + graphs6.heights


# %%
def reflections_between(hot):
    """Shares of the reflections (i, j) among the edges between hot vertices, shape (7, 7)."""
    chosen = labels[:, hot[tails] & hot[graphs6.indices]].ravel()
    return np.bincount(chosen, minlength=49).reshape(7, 7) / len(chosen)


# %%
def extremal_and_simple(table):
    """Shares of (1, j) or (j, 6), and of (i, i + 1), in tables (..., 7, 7)."""
    extremal = table[..., 1, :].sum(-1) + table[..., 6].sum(-1) - table[..., 1, 6]
    return np.stack([extremal, np.trace(table, offset=1, axis1=-2, axis2=-1)])


# %%
all_batches = [batch(pairs6[k : k + 8]) for k in range(0, len(pairs6), 8)]
entropy = nn.CrossEntropyLoss(reduction="sum")
maps = {name: saliency(net, all_batches, f) for name, f in (("loss", entropy), ("margin", margin))}

# %%
noise, found, null = rng(3), {}, {}
for name, percent in [(name, percent) for name in maps for percent in (90, 95, 99)]:
    cut = np.percentile(maps[name], percent)
    found[name, percent] = reflections_between(maps[name] > cut)
    draws = [shuffle_within(maps[name], ranks, noise) for _ in range(10)]
    null[name, percent] = np.array([reflections_between(draw > cut) for draw in draws])

# %%
excess = []
for key in found:
    seen, draws = extremal_and_simple(found[key]), extremal_and_simple(null[key])  # (2,), (2, 10)
    low, high = draws.min(axis=1), draws.max(axis=1)
    excess.append((seen[0] - high[0], low[1] - seen[1]))
    texts = [f"{f:.3f} (null {a:.3f} … {b:.3f})" for f, a, b in zip(seen, low, high, strict=True)]
    print(*key, "%: extremal", texts[0], "simple", texts[1])

# %%
extremal, simple = np.array(excess).T  # loss at three cuts, then margin
claim("margin, 90 and 95 %: extremal above the null", extremal[3:5].min(), low=0.0, high=0.05)
claim("margin, 90 and 95 %: simple below the null", simple[3:5].min(), low=0.01, high=0.2)
claim("loss, all cuts: extremal above the null", extremal[:3].max(), low=-0.05, high=0.008)

# %% alt="Three heat maps over reflections: loss, the null of the margin, margin against its null."
everywhere = reflections_between(np.ones(len(ranks), bool))
chance = null["margin", 95].mean(axis=0)
panels = {
    "loss against all edges": (found["loss", 95], everywhere),
    "null of the margin against all": (chance, everywhere),
    "margin against its null": (found["margin", 95], chance),
}
fig, axes = plt.subplots(1, 3, figsize=(8, 2.9), sharey=True)
for ax, (name, (part, base)) in zip(axes, panels.items(), strict=True):
    change = 100 * (part / np.where(base, base, np.nan) - 1)
    picture = ax.imshow(change, cmap="PuOr", vmin=-50, vmax=50)
    for i, j in combinations(range(1, 7), 2):
        ink = "w" if abs(change[i, j]) > 35 else "k"
        ax.text(j, i, f"{change[i, j]:.0f}", ha="center", va="center", fontsize=8, color=ink)
    ax.set(xlim=(0.5, 6.5), ylim=(5.5, 0.5))
    ax.grid(False)
    decorate(ax, name, "j", "i")
fig.colorbar(picture, ax=axes, label="change of share (%)")
plt.show()

# %% [markdown]
# Each map shows, for reflections $(i\,j)$, by how many percent one share exceeds another (95th
# percentile). Left, the published recipe: the gradient of the loss, against all edges. Middle: the
# null. Saliencies that know nothing but ranks already have a pattern, because salient vertices sit
# at certain ranks and reflections are not spread evenly over ranks; read without its null, it would
# pass for a discovery. Right, what the margin has beyond its null: short reflections, next to the
# diagonal, are avoided, long ones favoured, and $(1\,2)$, which is extremal *and* simple, is
# avoided too. So length, $j - i$, describes this map better than "extremal". The loss gives no
# excess of extremal reflections at any cut. The margin was tried after the loss had shown nothing,
# so call it exploratory; at the 99th percentile, with few edges, both differences drown in the null
# of some networks, and one network is not many.
#
# ### Exercise 6.9 ★★ (20 min, proof) — One polynomial on a double coset
#
# Let $I$ and $J$ be the left and right descents of $w$, and $W_I, W_J$ the subgroups that they
# generate. Kazhdan–Lusztig polynomials satisfy $P_{x,w} = P_{xs,w}$ if $s \in J$ and $xs > x$, and
# $P_{x,w} = P_{sx,w}$ if $s \in I$ and $sx > x$. Show that $P_{x,w}$ is constant for $x$ in a
# double coset $W_I x W_J$, and that the coset of an $x \le w$ lies below $w$ in the Bruhat order.

# %% [markdown] tags=["solution"]
# *Answer.* The two equations hold for $s \in J$ and $s \in I$ without any condition on lengths: if
# $xs < x$, apply the equation to $xs$. Elements of a double coset are joined by such
# multiplications, so $P$ is constant on it. For the second claim use the lifting property: if
# $x \le w$ and $ws < w$, then $xs \le w$, whether $xs$ is longer than $x$ or not. So
# multiplication by $s \in J$ on the right, and likewise by $s \in I$ on the left, stays below $w$.
# The longest element of the coset has all descents in $I$ and $J$; it is unique, and it is what
# `push_up` finds.

# %% [markdown]
# ### Exercise 6.10 ★★★ (45 min, experiment) — Audit a published data set
#
# ML4AlgComb (Chau et al. 2025) tabulates how often each coefficient of the Kazhdan–Lusztig
# polynomials $P_{x,w}$ occurs in $S_7$. Its table for $q^4$ lists 2,841,370 + 709,549 ones, in
# training and test set. Recompute the histograms of all coefficients over all pairs $x \le w$ of
# $S_7$; `packed.kl_table(7)` has the polynomials. Which table is wrong, and what is it a copy of?

# %% tags=["solution", "nbval-check-output"]
table7 = packed.kl_table(7)
weight = packed.multiplicities(table7)  # pairs of S_7 for each stored polynomial
found = packed.unpack(np.stack([table7.low, table7.high], axis=1), table7.bits)
for k in (0, 4, 5):
    values = [int(v) for v in np.unique(found[:, k]) if v]
    print(f"q^{k}:", {v: int(weight[found[:, k] == v].sum()) for v in values})
print("sum of the published ones:", 2_841_370 + 709_549)

# %% [markdown] tags=["solution"]
# *Answer.* The two numbers add up to 3,550,919, the number of Bruhat pairs: the "$q^4$" table is a
# copy of the table of constant terms, which are all 1. The coefficient of $q^4$ is 1 for 864
# pairs, and 2, 3, 7 for 16, 64, 4; that of $q^5$ is 1 for ten. A check that takes one line, sum =
# number of pairs, would have found it.

# %% [markdown]
# ## 9. What is known
#
# Combinatorial invariance is a theorem for lower intervals $[e, w]$ (several authors, 2003–2006),
# for intervals of small length, and for the coefficient of $q$ in every Coxeter group (Barkley,
# Gaetz, Lam 2026). Blundell et al. (2022) conjecture a formula for $P$ by *hypercube
# decompositions* that would imply it in $S_n$; Barkley and Gaetz (2023, 2024) prove cases. A
# preprint of September 2026 claims the whole conjecture for all Coxeter systems; we know of no
# independent confirmation. Our computation covers $S_7$, and a network's accuracy is no evidence
# beyond its test set.
#
# **Open question.** Does a network that is *given* hypercube decompositions pass 80 % on the 258
# new graphs of $S_7$? And which features of the margin's map survive from $S_6$ to $S_7$, once
# "extremal" and "long" are told apart? Literature: Blundell et al. 2022; Barkley and Gaetz, arXiv
# 2303.15577.
#
# **What we learned.** Definition, recursion, packing, and 1,118 polynomials of $S_8$;
# a conjecture verified without exception in $S_7$; a network that reads whole polynomials off
# graphs it has not seen, with messages doing what degrees cannot. A random split leaks, a larger
# group repeats the smaller, and a saliency map needs a null.
#
# **What it does not show.** That the network found a formula; that the margin's pattern holds for
# other networks or larger $n$; anything about graphs unlike those of $S_6$.
#
# **Further reading:** A. Davies et al., Nature 600 (2021) 70–74; C. Blundell et al., Represent.
# Theory 26 (2022); A. Björner and F. Brenti, *Combinatorics of Coxeter Groups*, chapter 5; H. Maron
# et al., *Invariant and equivariant graph networks* (2019); H. Chau et al., arXiv 2503.06366.
