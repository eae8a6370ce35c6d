# %% [markdown]
# # A hypercube hidden in the Bruhat order — companion to weeks 5 to 7
#
# *A program search proposed a pattern of permutations, and it turned out to be a theorem. Could we
# have found the pattern, and can we see why it is true?*
#
# (badge)

# %% tags=["bootstrap"]

# %% [markdown]
# **What you will do:** decide for every interval of $S_3, \dots, S_7$ whether it is a hypercube,
# meet a test that looks right and is wrong, search for large cubes in $S_8$ in two ways, find the
# rule that describes the vertices of the best one, and prove that the rule works for every $n =
# 2^k$.
#
# **What you need:** the Bruhat order (weeks 5 and 6) and a little of week 7, where we searched for
# counterexamples. No training is done here: this companion is about *search*.
#
# **Where it comes from:** J. Ellenberg, N. Libedinsky, D. Plaza, J. Simental and G. Williamson,
# *Bruhat intervals that are large hypercubes*, arXiv 2601.01235 (January 2026). Proofs are in
# `lecture_notes/bruhat_hypercubes.md`.
#
# **Two-hour path:** sections 1–6 with exercises bruhat_hypercubes.1, bruhat_hypercubes.2 and
# bruhat_hypercubes.3. The rest is for the week: the proof, $S_{16}$ and $R$-polynomials.
# All exercises together: 115 minutes.

# %% tags=["imports"]
from collections import Counter, defaultdict
from itertools import combinations, permutations, product

import matplotlib.pyplot as plt
import numpy as np

from course_utils.checks import check
from course_utils.exercises import bruhat_hypercubes
from course_utils.maths.bruhat_cubes import (
    cube_counts,
    dyadic_permutations,
    grown_cube_counts,
    is_hypercube,
    largest_cubes,
    upper_covers,
)
from course_utils.maths.kazhdan_lusztig import r_polynomial
from course_utils.maths.permutations import (
    bruhat_interval,
    bruhat_leq,
    length,
    symmetric_group,
)
from course_utils.plotting import COLOURS, decorate
from course_utils.runtime import claim, progress, rng, scale

# %% [markdown]
# ## 1. Squares, cubes and the order of $S_n$
#
# In the Bruhat order a permutation $y$ is covered by $z$ if $z$ arises from $y$ by exchanging two
# entries and has exactly one inversion more. We write permutations in one-line notation, and
# $\ell$ is the number of inversions. An **interval** $[x, w]$ consists of all $y$ with $x \le y \le
# w$.
#
# Intervals can be complicated. Weeks 5 and 6 were about reading Kazhdan–Lusztig polynomials from
# them. Here we ask for the opposite: where is the order as simple as an order can be?
#
# **Definition.** An interval is a *hypercube* of dimension $r$ if it is isomorphic to the set of
# all subsets of an $r$-element set, ordered by inclusion.
#
# **By hand:** in $S_3$ the interval from 123 to 231 consists of 123, 132, 213 and 231. The two in
# the middle are not comparable, so it is a square: the subsets of a two-element set. All of $S_3$
# has six elements, and six is not a power of two.


# %%
def draw(ax, x, w, title):
    """Draw the Hasse diagram of [x, w], one row for each length."""
    inside, rows, place = bruhat_interval(x, w), defaultdict(list), {}
    for y in inside:
        rows[length(y)].append(y)
    for height, row in rows.items():
        for k, y in enumerate(row):
            place[y] = (k - (len(row) - 1) / 2, height - length(x))
    for y in inside:
        for z in upper_covers(y, w):
            ax.plot(*zip(place[y], place[z], strict=True), "-", color="0.6", lw=0.8, zorder=1)
        label = "".join(map(str, y))
        box = {"fc": "white", "ec": COLOURS["blue"], "pad": 1.5, "lw": 0.8}
        ax.text(*place[y], label, ha="center", va="center", fontsize=7, bbox=box)
    width = max(x for x, _ in place.values()) + 0.8
    ax.set(title=title, xlim=(-width, width), ylim=(-0.4, max(h for _, h in place.values()) + 0.4))
    ax.axis("off")


# %% alt="A square and all of S3 with six elements, and an interval of S4 with rows 1, 4, 6, 4, 1."
figure, axes = plt.subplots(1, 3, figsize=(8, 3.2), width_ratios=[1, 1, 1.9])
draw(axes[0], (1, 2, 3), (2, 3, 1), "a square")
draw(axes[1], (1, 2, 3), (3, 2, 1), r"all of $S_3$: not a cube")
draw(axes[2], (1, 3, 2, 4), (4, 2, 3, 1), r"in $S_4$: 16 elements")
plt.show()

# %% [markdown]
# A line joins an element to one that covers it. The interval on the right has rows of 1, 4, 6, 4
# and 1 elements, like the subsets of a four-element set. Is it a four-dimensional cube? To answer
# that, we need the subsets.
#
# The **atoms** of $[x, w]$ are the elements that cover $x$. If the interval is a cube, then the
# atoms are the one-element subsets, and an element of the cube is known by the atoms below it. So
# there is only one map that can be the isomorphism: send $y$ to the set of atoms below $y$.
#
# ### Exercise bruhat_hypercubes.1 ★ (10 min) — The atoms below
#
# Write `atom_sets(x, w)`: the list that has, for each element $y$ of `bruhat_interval(x, w)` and in
# this order, the set of the numbers of the atoms $a \le y$. The atoms are numbered 0, 1, … as they
# come in `bruhat_interval(x, w)`.
#
# <details><summary>Hint</summary>
#
# An element of the interval is an atom if its length is `length(x) + 1`. Ask `bruhat_leq(atom, y)`
# for each of them; an atom is below itself.
#
# </details>


# %%
def atom_sets(x: tuple[int, ...], w: tuple[int, ...]) -> list[set[int]]:
    # BEGIN SOLUTION
    inside = bruhat_interval(x, w)
    atoms = [y for y in inside if length(y) == length(x) + 1]
    return [{k for k, atom in enumerate(atoms) if bruhat_leq(atom, y)} for y in inside]
    # END SOLUTION


# %%
atom_sets = check("bruhat_hypercubes.1", atom_sets, otherwise=bruhat_hypercubes.atom_sets)

# %% tags=["nbval-check-output"]
for y, atoms in zip(
    bruhat_interval((1, 3, 2, 4), (4, 2, 3, 1)),
    atom_sets((1, 3, 2, 4), (4, 2, 3, 1)),
    strict=True,
):
    print("".join(map(str, y)), sorted(map(int, atoms)))

# %% [markdown]
# Each of the 16 subsets of $\{0, 1, 2, 3\}$ occurs once. This is half of the proof. The other half
# is the order: $y \le z$ must hold *exactly if* the atoms below $y$ are among those below $z$. One
# direction is automatic. Which one?
#
# ### Exercise bruhat_hypercubes.2 ★★ (20 min) — Is it a cube?
#
# Write `is_cube(sets, leq)`. `sets[i]` is the set of atoms below element $i$ of a finite poset
# (in any order of the elements), and `leq[i][j]` says whether element $i$ is below or equal to
# element $j$. Return whether the sets are all the subsets of their union, each once, and the order
# is inclusion in both directions.
#
# <details><summary>Hint</summary>
#
# `set().union(*sets)` is the set of all atoms. Sets cannot be elements of a set, but
# `frozenset(s)` can. For sets of Python, `a <= b` means inclusion.
#
# </details>


# %%
def is_cube(sets: list[set[int]], leq: list[list[bool]]) -> bool:
    # BEGIN SOLUTION
    atoms = set().union(*sets)
    if len(sets) != 2 ** len(atoms) or len({frozenset(s) for s in sets}) != len(sets):
        return False
    return all(leq[i][j] == (a <= b) for i, a in enumerate(sets) for j, b in enumerate(sets))
    # END SOLUTION


# %%
is_cube = check("bruhat_hypercubes.2", is_cube, otherwise=bruhat_hypercubes.is_cube)


# %%
def test(x, w):
    """Apply both exercises to the interval [x, w]."""
    inside = bruhat_interval(x, w)
    sets = [{int(k) for k in atoms} for atoms in atom_sets(x, w)]
    return bool(is_cube(sets, [[bruhat_leq(y, z) for z in inside] for y in inside]))


# %% tags=["nbval-check-output"]
for x, w in [((1, 2, 3), (2, 3, 1)), ((1, 2, 3), (3, 2, 1)), ((1, 3, 2, 4), (4, 2, 3, 1))]:
    print(x, w, test(x, w), is_hypercube(x, w))

# %% [markdown]
# The interval of $S_4$ is a four-dimensional cube. `is_hypercube` is the course's own function,
# which builds the interval level by level and stops as soon as something is wrong.
#
# ## 2. A test that looks right
#
# The full comparison is slow, and so one is tempted by a shortcut. An $r$-cube has length $r$, it
# has $r$ atoms and $2^r$ elements. **Predict:** if an interval has all three properties, is it a
# cube? In $S_4$ the answer is yes. We can try $S_5$ with two matrix products. Let $L$ be the matrix
# of the order and $C$ that of the covering relation. Then $(L^2)_{xw}$ counts the elements of
# $[x, w]$, and $(CL)_{xw}$ counts its atoms.


# %%
def shortcut(n):
    """Count the intervals of length r with r atoms and 2**r elements, for r = 0, 1, …"""
    group = symmetric_group(n)
    spare = (group.words | group.guard)[None] - group.words[:, None]  # (n!, n!, n-1)
    order = (spare & group.guard == group.guard).all(axis=2).astype(float)  # [x, w]: x <= w
    rise = group.lengths[None] - group.lengths[:, None]
    atoms = (order * (rise == 1)) @ order
    fits = (order == 1) & (order @ order == 2.0**atoms) & (atoms == rise)
    return np.bincount(rise[fits])


# %% tags=["nbval-check-output"]
for n in (4, 5, 6):
    print(n, "shortcut:", shortcut(n).tolist())
    print("      cubes:", cube_counts(n)[0])

# %% [markdown]
# The entries count intervals of length 0, 1, 2, …; `words` packs the rank numbers of week 5, so
# that the whole order of $S_6$ is one subtraction. In $S_5$ the shortcut finds 44 five-dimensional
# "cubes", and only 32 of them are cubes. In $S_6$ it finds 102 in dimension seven, and 36 are real.
# Somebody who trusts the shortcut reports wrong numbers without ever seeing an error.
#
# Here is one of the twelve impostors. Its rows even have the sizes of a cube.

# %% tags=["nbval-check-output"]
x, w = (1, 2, 4, 3, 5), (4, 2, 5, 1, 3)
sets = [frozenset(map(int, atoms)) for atoms in atom_sets(x, w)]
print("elements of each length:", Counter(map(length, bruhat_interval(x, w))))
print("atom sets that occur twice:", [sorted(s) for s, k in Counter(sets).items() if k > 1])
print(test(x, w), is_hypercube(x, w))

# %% [markdown]
# The rows have 1, 5, 10, 10, 5 and 1 elements, but some elements have the same atoms below them,
# so the map to subsets is not injective. Counting is not an isomorphism.
#
# ## 3. The truth up to $S_7$
#
# A large cube is easy to write down: $234\dots n1$ is a product of all $n - 1$ neighbouring
# exchanges, each used once, and below it lies a cube of dimension $n - 1$. This linear family is
# our baseline. **Predict:** how far above $n - 1$ does the largest cube of $S_5$, $S_6$ and $S_7$
# lie?
#
# `largest_cubes(n)` looks at *all* intervals. For every $x$ it walks through the elements above $x$
# by length and keeps the atom set of each cube found so far. An element $w$ continues a cube if all
# the elements that it covers are tops of cubes and their atom sets are the right ones.

# %% tags=["nbval-check-output"]
for n in range(3, 8):
    dimension, number = largest_cubes(n)
    print(f"S_{n}: {number} cubes of the largest dimension {dimension}; baseline {n - 1}")

# %%
cubes, pairs = cube_counts(7)
claim("intervals of S_7 that were tested", pairs, low=3550919, high=3550919)
claim("largest dimension of a cube in S_7 (baseline 6)", len(cubes) - 1, low=9, high=9)
claim("number of largest cubes of S_7", cubes[-1], low=64, high=64)

# %% alt="Numbers of cubes by dimension on a logarithmic axis: arches for S4 to S7, ending at 9."
figure, ax = plt.subplots(figsize=(7, 3.2))
for n, mark in zip(range(4, 8), "osD^", strict=True):
    counts = cube_counts(n)[0]
    ax.semilogy(counts, marker=mark, label=f"$S_{n}$")
ax.legend(loc="lower left", ncols=4)
decorate(ax, "Cubes of every dimension, all intervals tested", "dimension", "number of cubes")
plt.show()

# %% [markdown]
# The largest dimensions are 2, 4, 5, 7 and 9. The curves say how lonely the winners are: in $S_7$
# there are 286,108 cubes of dimension four, and only 64 of dimension nine. In $S_4$ the largest
# cube is unique. Keep that in mind.
#
# ## 4. Two ways to search in $S_8$
#
# Suppose that we did not know how to test all intervals of $S_8$. How would we look for a large
# cube?
#
# **The greedy way.** Start at a random $x$ with $w = x$. Replace $w$ by a random element that
# covers it, as long as $[x, w]$ stays a cube. When nothing fits, start again. We count how often we
# ask whether an interval is a cube.


# %%
def grow(x, draw):
    """Raise w from x at random while [x, w] is a cube: its dimension and the questions asked."""
    w, questions, top = x, 0, tuple(range(len(x), 0, -1))
    while True:
        above = upper_covers(w, top)
        for k in draw.permutation(len(above)):
            questions += 1
            if is_hypercube(x, above[k]):
                w = above[k]
                break
        else:
            return length(w) - length(x), questions


# %%
dice = rng(8)
runs = [grow(tuple((dice.permutation(8) + 1).tolist()), dice) for _ in progress(range(60))]
greedy, questions = np.array(runs).T
print("questions asked:", questions.sum(), " dimensions:", np.bincount(greedy).tolist())
claim("greedy search in S_8, 60 starts: largest dimension", greedy.max(), low=9, high=11)

# %% [markdown]
# With about a thousand questions the greedy search finds cubes of dimension ten or so, well above
# the baseline of seven. But it gives us one pair of permutations of eight numbers, and nothing
# tells us how to continue to $S_{16}$.
#
# **The way of programs.** Look for a short *program* that writes down the permutations, for every
# $n$ of a family at once. The idea is that of FunSearch and AlphaEvolve (section 9), and the
# paper's pattern was suggested by the latter. We take $n = 2^k$ and let programs act on the numbers
# $0, \dots, 2^k - 1$ through their binary digits. Our language has seven words.


# %%
def reverse(v, k):
    """Read the k binary digits backwards: for k = 3, 1 = 001 becomes 100 = 4."""
    return sum(((v >> d) & 1) << (k - 1 - d) for d in range(k))


# %%
WORDS = {
    "reverse": reverse,
    "complement": lambda v, k: 2**k - 1 - v,
    "rotate": lambda v, k: 2 * v % 2**k + (v >> (k - 1)),
    "Gray": lambda v, k: v ^ (v >> 1),
    "flip last": lambda v, k: v ^ 1,
    "add one": lambda v, k: (v + 1) % 2**k,
    "triple": lambda v, k: 3 * v % 2**k,
}
programs = [words for size in range(4) for words in product(WORDS, repeat=size)]


# %%
def run(words, k):
    """Apply the words to 0, …, 2**k - 1, one after another, and return the permutation."""
    v = np.arange(2**k)
    for word in words:
        v = WORDS[word](v, k)
    return tuple((v + 1).tolist())


# %% tags=["nbval-check-output"]
print(len(programs), "programs, for example:")
for words in [("reverse",), ("complement",), ("Gray", "add one")]:
    print(" then ".join(words), run(words, 2), run(words, 3))


# %% [markdown]
# The score of a pair of programs is the dimension of $[x, w]$ if this is a cube, and 0 if it is
# not, or if $x \not\le w$. We score all pairs at $n = 4$, and only the best of them at $n = 8$.
# **Predict:** some hundreds of pairs will share the best score at $n = 4$. How many of them are
# still a cube at $n = 8$?


# %%
def score(x, w):
    return length(w) - length(x) if bruhat_leq(x, w) and is_hypercube(x, w) else 0


# %%
at_four = defaultdict(list)  # permutation of 1..4 -> the programs that write it
for words in programs:
    at_four[run(words, 2)].append(words)
scores_four = {(x, w): score(x, w) for x, w in product(at_four, repeat=2)}
best = max(scores_four.values())
winners = [pair for pair, value in scores_four.items() if value == best]
print("best score at n = 4:", best, "by", winners)

# %%
finalists = [(p, q) for x, w in winners for p in at_four[x] for q in at_four[w]]
pairs_eight = {(run(p, 3), run(q, 3)) for p, q in finalists}
scores_eight = {pair: score(*pair) for pair in pairs_eight}
print(len(finalists), "pairs of programs, distinct at n = 8:", len(pairs_eight))

# %% tags=["nbval-check-output"]
print(sorted(Counter(scores_eight.values()).items()))
champion = max(scores_eight, key=scores_eight.get)
found = [pair for pair in finalists if (run(pair[0], 3), run(pair[1], 3)) == champion]
print("champion:", champion, "written by", len(found), "pairs, the shortest:")
print(min(found, key=lambda pair: len(pair[0]) + len(pair[1])))

# %%
asked = len(scores_four) + len(scores_eight)
claim("program search: pairs of permutations scored", asked, low=752, high=752)
claim("program search in S_8: largest dimension", max(scores_eight.values()), low=12, high=12)

# %% alt="Scores at n=8: most program pairs at 0, one at 12; greedy runs between 3 and 10."
figure, ax = plt.subplots(figsize=(7, 3.2))
values = np.bincount(list(scores_eight.values()), minlength=13)
ax.bar(np.arange(13) - 0.2, values, 0.4, label="176 pairs of programs, best at $n = 4$")
ax.bar(np.arange(13) + 0.2, np.bincount(greedy, minlength=13), 0.4, label="60 greedy runs")
ax.annotate(
    "reverse,\nreverse then complement", (11.8, 2), (7.6, 60), arrowprops={"arrowstyle": "->"}
)
ax.set_xticks(range(13))
ax.legend(loc="upper center")
decorate(ax, "Cubes found in $S_8$", "dimension (0: not a cube)", "number of pairs")
plt.show()

# %% [markdown]
# At $n = 4$ there are 442 pairs of programs with the best score, because the largest cube of $S_4$
# is unique and many programs agree on two digits. At $n = 8$ most of them fall apart: 142 of the
# 176 different pairs give no cube at all. One pair stands alone with dimension 12. Its bottom
# reverses the binary digits of every position, and its top does the same and then replaces every
# digit by its opposite.
#
# With fewer questions than the greedy search, the program search found a larger cube, and it found
# it in a form that makes sense for all $n = 2^k$. Two honest remarks. First, we chose the seven
# words, and one of them is half of the answer; a search is only as good as its language. Second, we
# chose the scale: for $n = 2^k$ binary digits are a natural thing to try.
#
# Is 12 the best possible in $S_8$? Growing all cubes from each of the 40,320 permutations takes
# about ten seconds.

# %% tags=["nbval-check-output"]
eight = grown_cube_counts(8)
print(eight)

# %% tags=["headline"]
claim("largest dimension of a cube in S_8, all cubes grown", len(eight) - 1, low=12, high=12)
claim("number of 12-dimensional cubes in S_8", eight[-1], low=1, high=1)

# %% [markdown]
# Among the 29.7 million cubes of $S_8$ there is exactly one of dimension 12, and our champion is
# it. The same was true in $S_4$. (This count is our own computation, by a method that agrees with
# the test of all intervals up to $S_7$. We did not find it stated elsewhere, but we have read only
# the opening of the paper.)
#
# ## 5. What do its vertices have in common?
#
# The cube has $2^{12} = 4{,}096$ vertices. We would like to recognise them without computing the
# interval. So we search again, now among *rules*. Write a position $i$ and its value $w(i)$,
# both counted from 0, with $k$ binary digits. A condition of our second language says: *from the
# first (or last) $a$ digits of the position and the first (or last) $k - a$ digits of the value,
# one can tell which point it is.* It is asked for one $a$, or for every $a$.
#
# **By hand:** take $k = 2$, $a = 1$ and first digits. The permutation 1324 has the points
# $(0, 0)$, $(1, 2)$, $(2, 1)$, $(3, 3)$. The pairs of first digits are $(0, 0)$, $(0, 1)$, $(1, 0)$
# and $(1, 1)$: all different, so the condition holds. For 1234 the first two points both give
# $(0, 0)$, and it fails.

# %%
CHOICES = {
    "every a": lambda k: range(1, k),
    "a = 1": lambda k: [1],
    "a = k-1": lambda k: [k - 1],
    "a = k//2": lambda k: [k // 2],
}


# %%
def digits(v, k, side, count):
    return v >> (k - count) if side == "first" else v % 2**count


# %%
def fits(condition, group, k):
    """Which of the permutations (rows, entries from 0) satisfy a condition."""
    of_position, of_value, choice = condition
    good = np.ones(len(group), bool)
    for a in CHOICES[choice](k):
        left = digits(np.arange(2**k), k, of_position, a)
        codes = left * 2 ** (k - a) + digits(group, k, of_value, k - a)  # (rows, 2**k)
        good &= (np.sort(codes, axis=1) == np.arange(2**k)).all(axis=1)
    return good


# %%
conditions = list(product(["first", "last"], ["first", "last"], CHOICES))
rules = [(c,) for c in conditions] + list(combinations(conditions, 2))
agreement = {rule: [] for rule in rules}
for k in (2, 3):
    group = symmetric_group(2**k).one_line.astype(int) - 1
    vertices = set(bruhat_interval(run(("reverse",), k), run(("reverse", "complement"), k)))
    target = np.array([tuple(row) in vertices for row in (group + 1).tolist()])
    good = {c: fits(c, group, k) for c in conditions}
    for rule in rules:
        chosen = np.logical_and.reduce([good[c] for c in rule])
        agreement[rule].append((chosen & target).sum() / (chosen | target).sum())

# %% [markdown]
# The agreement of a rule is the number of permutations that it shares with the cube, divided by the
# number that one of the two has. It is 1 if the rule describes exactly the vertices. We have 16
# conditions and 120 pairs of them. **Predict:** is $n = 4$ enough to find the right rule?

# %% tags=["nbval-check-output"]
four = [rule for rule in rules if agreement[rule][0] == 1]
both = [rule for rule in four if agreement[rule][1] == 1]
print(len(rules), "rules; exact at n = 4:", len(four), "; exact at n = 4 and 8:", len(both))
for rule in both:
    print(" and ".join(f"{p} digits, {v} digits, {choice}" for p, v, choice in rule))

# %% alt="Agreement of 136 rules at n=4 against n=8: six are exact for both, some only at n=4."
figure, ax = plt.subplots(figsize=(4.6, 3.8))
points = Counter(tuple(np.round(value, 2)) for value in agreement.values())
for (first, second), number in points.items():
    colour = COLOURS["vermillion"] if first == second == 1 else COLOURS["blue"]
    ax.scatter(first, second, 25 + 6 * number, color=colour, alpha=0.7)
    if first == 1:
        ax.annotate(f"{number} rules", (first, second), (-40, -4), textcoords="offset points")
ax.set(xlim=(0, 1.12), ylim=(0, 1.12))
decorate(ax, "136 rules in the two groups", "agreement at $n = 4$", "agreement at $n = 8$")
plt.show()

# %% [markdown]
# Each point stands for the rules that agree with the truth equally often in the two groups. The red
# point in the corner holds those that are exact in both.

# %%
claim("rules that are exact at n = 4", len(four), low=10, high=10)
claim("rules that are exact at n = 4 and n = 8", len(both), low=6, high=6)

# %% [markdown]
# Ten rules are exact at $n = 4$, where there is only one $a$ to ask for. At $n = 8$ six remain, and
# they all speak of *first* digits. But they say three different things! Four of them ask for every
# $a$. One asks for $a = 1$ and $a = k - 1$ only, and one for $a = k - 1$ and $a = \lfloor k/2
# \rfloor$. For $k = 3$ all of these mean "$a = 1$ and $a = 2$", and for $k = 4$ they differ: the
# first narrow rule does not ask for $a = 2$, and the second does not ask for $a = 1$. Data from $n
# = 4$ and $n = 8$ cannot decide between the three. We return to this at $n = 16$.
#
# ## 6. One point in every box
#
# The rule "first digits, every $a$" has a picture. Fixing the first $a$ digits of the position
# means choosing one of $2^a$ equal intervals of positions, and likewise for the values. So the rule
# asks that every *dyadic box* with $2^k$ cells contains exactly one point of the graph of $w$.
#
# **Definition.** Let $n = 2^k$. A permutation of $1, \dots, n$ is **dyadically well-distributed**
# if for each $a = 0, \dots, k$ every box of $2^a$ consecutive positions and $2^{k-a}$ consecutive
# values, both starting at a multiple of their size (counted from 0), contains exactly one point
# $(i, w(i))$.
#
# Such point sets are well known in numerical integration: they are the $(0, k, 2)$-nets in base
# 2, and the reversal of binary digits gives van der Corput's and Hammersley's example.

# %% alt="The points of the digit reversal for n=8 with dyadic boxes of four shapes, one in each."
figure, axes = plt.subplots(1, 4, figsize=(8, 2.3))
bottom = run(("reverse",), 3)
for a, ax in enumerate(axes):
    ax.plot(np.arange(8) + 0.5, np.array(bottom) - 0.5, "o", ms=5)
    ax.set_xticks(range(0, 9, 2**a), [])
    ax.set_yticks(range(0, 9, 2 ** (3 - a)), [])
    ax.grid(True, color="0.5", lw=0.8)
    ax.set(xlim=(0, 8), ylim=(0, 8), aspect="equal", title=f"{2**a} × {2 ** (3 - a)} cells")
plt.show()

# %% [markdown]
# The four pictures show the same eight points, the reversal of three binary digits, with boxes of
# four shapes. Every box contains one point.
#
# ### Exercise bruhat_hypercubes.3 ★★ (20 min) — One point in every box
#
# Write `is_dyadic(w)` for a permutation $w$ of $1, \dots, 2^k$: is it dyadically well-distributed?
#
# <details><summary>Hint</summary>
#
# Count positions and values from 0. The box of a point is named by the pair `(i >> a, v >> (k -
# a))`, and there are $2^k$ boxes for each $a$. When do $2^k$ points lie in $2^k$ different boxes?
#
# </details>


# %%
def is_dyadic(w: tuple[int, ...]) -> bool:
    # BEGIN SOLUTION
    k = len(w).bit_length() - 1
    return all(
        len({(i >> a, (value - 1) >> (k - a)) for i, value in enumerate(w)}) == len(w)
        for a in range(k + 1)
    )
    # END SOLUTION


# %%
is_dyadic = check("bruhat_hypercubes.3", is_dyadic, otherwise=bruhat_hypercubes.is_dyadic)

# %% tags=["nbval-check-output"]
dyadic = dyadic_permutations(3)  # (4096, 8)
counted = [w for w in permutations(range(1, 9)) if is_dyadic(w)]
print(dyadic.shape, dyadic.tolist() == [list(w) for w in counted])
print(set(counted) == set(bruhat_interval(tuple(dyadic[0].tolist()), tuple(dyadic[-1].tolist()))))

# %% [markdown]
# So the 4,096 dyadic permutations of $S_8$ are one interval. To be sure that it is a cube we test
# *every* pair: two matrices with $4096^2 = 16{,}777{,}216$ entries, one for the order and one for
# the inclusion of atom sets, must be equal. We write the set of atoms below $y$ as an integer with
# twelve binary digits. Since `words` packs rank numbers, the order of all pairs is again a
# subtraction, and we take 256 rows at a time.

# %%
group = symmetric_group(8)
inside = {tuple(row) for row in dyadic.tolist()}
rows = np.array([r for r, w in enumerate(group.one_line.tolist()) if tuple(w) in inside])
words = group.words[rows]  # (4096, 7)


# %%
def below(some, every):
    """Whether x <= w for all rows of two arrays of packed rank numbers."""
    return (((every | group.guard)[None] - some[:, None]) & group.guard == group.guard).all(2)


# %%
heights = group.lengths[rows] - group.lengths[rows].min()
atoms = below(words[heights == 1], words)  # (12, 4096)
masks = (1 << np.arange(12)) @ atoms  # (4096,)
equal = 0
for block in progress(np.split(np.arange(4096), 16)):
    inclusion = masks[block, None] & ~masks[None] == 0
    equal += int((below(words[block], words) == inclusion).sum())

# %% tags=["nbval-check-output"]
print("elements of each length:", np.bincount(heights).tolist())
print("different atom sets:", len(set(masks.tolist())), " pairs that agree:", f"{equal:,}")

# %%
claim("S_8: pairs of dyadic permutations where order = inclusion", equal, low=4096**2, high=4096**2)

# %% [markdown]
# The rows have the sizes $\binom{12}{j}$, all 4,096 atom sets are different, and order and
# inclusion agree on all 16,777,216 pairs, in both directions. The dyadic permutations of $S_8$
# *are* a cube.
#
# ## 7. Why it is true
#
# A computation for $n = 8$ is a proof for $n = 8$. For all $n = 2^k$ we need an idea, and it lies
# in the boxes of *twice* the size. Take a rectangle of $2^{a+1}$ positions and $2^{k-a}$ values,
# with $0 \le a < k$. It consists of two boxes side by side, so it contains exactly two points of a
# dyadic permutation; and it consists of two boxes on top of each other. So the two points lie in
# opposite quarters of the rectangle: either they increase or they decrease. For each $a$ there are
# $2^{k-1}$ such rectangles. That makes $k\,2^{k-1}$ yes-or-no questions: 1, 4, 12, 32 for $k = 1,
# 2, 3, 4$.
#
# ### Exercise bruhat_hypercubes.4 ★★★ (30 min) — The coordinates of the cube
#
# Write `coordinates(w)` for a dyadic permutation $w$ of $1, \dots, 2^k$: the list with 1 for each
# rectangle in which its two points decrease, and 0 where they increase. The rectangles are ordered
# by $a = 0, \dots, k - 1$, for each $a$ from left to right, and in each column from low to high
# values. For example, `coordinates((1, 4, 2, 3))` is `[0, 0, 0, 1]`.
#
# <details><summary>Hint</summary>
#
# Three loops: $a$, the first position of the rectangle, its lowest value. Collect the values of
# `w[left : left + width]` that lie in the range; there are two of them, in the order of their
# positions.
#
# </details>


# %%
def coordinates(w: tuple[int, ...]) -> list[int]:
    # BEGIN SOLUTION
    k = len(w).bit_length() - 1
    bits = []
    for a in range(k):
        width, height = 2 ** (a + 1), 2 ** (k - a)
        for left in range(0, len(w), width):
            for low in range(0, len(w), height):
                points = [v for v in w[left : left + width] if low < v <= low + height]
                bits.append(int(points[0] > points[1]))
    return bits
    # END SOLUTION


# %%
coordinates = check("bruhat_hypercubes.4", coordinates, otherwise=bruhat_hypercubes.coordinates)

# %% tags=["nbval-check-output"]
codes = np.array([[int(bit) for bit in coordinates(tuple(row))] for row in dyadic.tolist()])
print(codes.shape, "different:", len(np.unique(codes, axis=0)))
print("number of ones = length above the bottom:", end=" ")
print(all(codes.sum(axis=1) == [length(row) - length(dyadic[0]) for row in dyadic.tolist()]))

# %% [markdown]
# Every list of twelve bits occurs once, and the number of ones is the height in the cube. So the
# atoms of the cube are the rectangles: going up one step means to exchange the two points of an
# increasing rectangle.
#
# ### Exercise bruhat_hypercubes.5 ★★★ (35 min, proof) — The theorem for all $k$
#
# Let $D$ be the set of dyadic permutations of $1, \dots, 2^k$, and $r_w(i, j)$ the number of
# positions $\le i$ with values $\ge j$; recall that $x \le w$ in the Bruhat order if and only if
# $r_x \le r_w$ everywhere.
#
# 1. Show that the coordinates with $a = 0$ say which values are at most $2^{k-1}$, and that the
#    small values form a dyadic permutation of half the size, and the large values another. Conclude
#    that every list of $k\,2^{k-1}$ bits is the list of coordinates of exactly one element of $D$.
# 2. Exchange the two points of a rectangle of $w \in D$. Show that the result is in $D$, that no
#    other coordinate changes, and that one of the two permutations covers the other.
# 3. Show that $r_w(i, j)$ at the centre of a rectangle is, for all $w \in D$, a constant plus the
#    coordinate of that rectangle. Conclude that $x \le w$ if and only if each coordinate of $x$ is
#    at most that of $w$.
# 4. Show that an element of $S_{2^k}$ between two elements of $D$ is in $D$. So $D$ is an interval.

# %% [markdown] tags=["solution"]
# 1. A rectangle with $a = 0$ consists of two neighbouring positions $2m - 1, 2m$ and all values. By
#    the boxes with two positions, one of the two values is small (at most $2^{k-1}$) and one is
#    large, and the coordinate says which comes first. Give the small value of each pair the new
#    position $m$. A box of $2^a$ new positions and $2^{k-1-a}$ small values was a box of $2^{a+1}$
#    positions, so it has one point: the small values form a dyadic permutation, and so do the large
#    ones. Their coordinates are the coordinates of $w$ with $a \ge 1$ in the lower and the upper
#    half. Conversely any two dyadic permutations of half the size and any $2^{k-1}$ bits fit
#    together to an element of $D$. The claim follows by induction on $k$.
# 2. Let the rectangle have $2^{a+1}$ positions and $2^{k-a}$ values, and points $(i, v), (i', v')$.
#    The positions share their first $k - a - 1$ digits and the values share their first $a$. A box
#    of $2^b$ positions is named by $k - b$ digits of the position and $b$ of the value. If $b \le
#    a$, then $(i, v')$ is in the box of $(i, v)$ and $(i', v)$ in that of $(i', v')$; if $b > a$,
#    then $(i, v')$ is in the box of $(i', v')$ and $(i', v)$ in that of $(i, v)$. So each box keeps
#    one point. The quarters of another rectangle, with $2^{b+1}$ positions, are named by $k - b$
#    digits of the position and $b + 1$ of the value. For $b = a$ it is disjoint from ours. For $b <
#    a$ or $b > a$ the same comparison shows that each quarter keeps its points. Finally, no point
#    of $w$ has its position between $i$ and $i'$ and its value between $v$ and $v'$, since it would
#    be a third point of the rectangle. So the exchange is a covering relation.
# 3. Let a rectangle $Q$ start after position $s$ and value $t$, with centre $(s + 2^a, t +
#    2^{k-a-1})$. The positions up to $s + 2^a$ with values above the centre are of three kinds.
#    Positions $\le s$ are a union of intervals of length $2^{a+1}$, and the values above the centre
#    a union of intervals of length $2^{k-a-1}$: boxes, one point each. Positions $s + 1, \dots, s +
#    2^a$ with values above $Q$: boxes of $2^a$ positions and $2^{k-a}$ values, one point each. The
#    rest is the upper left quarter of $Q$: one point if $Q$ decreases, else none. So $r_w =
#    \text{const} + $ coordinate. If $x \le w$, then the coordinates of $x$ are at most those of
#    $w$. Conversely, raise the coordinates of $x$ one at a time: by 1. and 2. each step is a
#    covering relation.
# 4. At the corners of boxes (positions a multiple of $2^a$, values after a multiple of $2^{k-a}$)
#    $r_w$ is a sum over boxes, so the same number for all $w \in D$. If $x \le y \le w$ with $x, w
#    \in D$, then $r_y$ has this value too. The number of points of $y$ in a box is an alternating
#    sum of $r_y$ at its four corners, so it is 1 and $y \in D$.

# %% [markdown]
# The proof gives the dimension $k\,2^{k-1} = \frac12 n \log_2 n$, and it makes $S_{16}$ accessible,
# where the cube has $2^{32}$ vertices and nobody lists them. `flip(w, j)` exchanges the two points
# of rectangle $j$. We draw random pairs of vertices, half of them with nested coordinates, and
# compare order and inclusion.

# %%
dice, sample = rng(16), scale(laptop=1000, paper=20_000)
right = 0
for trial in progress(range(sample)):
    upper = dice.integers(0, 2, 32)
    lower = upper * dice.integers(0, 2, 32)  # inside the upper set …
    lower[dice.integers(32)] |= trial % 2  # … or perhaps not
    x, w = (bruhat_hypercubes.dyadic_from(bits.tolist()) for bits in (lower, upper))
    right += bruhat_leq(x, w) == bool((lower <= upper).all())

# %%
claim("S_16: share of sampled pairs where order = inclusion", right / sample, low=1, high=1)

# %% [markdown]
# **Back to the narrow rules.** One asked for $a = 1$ and $a = k - 1$ only, the other for $a = k -
# 1$ and $a = \lfloor k/2 \rfloor$. At $n = 16$ we look for permutations that satisfy one of them
# and are not dyadic: exchange two entries of a random vertex, and keep what still fits. If such a
# permutation lies outside the interval, then that rule is wrong.

# %%
bottom, top = run(("reverse",), 4), run(("reverse", "complement"), 4)
vertex = np.array(bruhat_hypercubes.dyadic_from(rng(5).integers(0, 2, 32).tolist()))
swapped = np.tile(vertex, (120, 1))
for row, (i, j) in zip(swapped, combinations(range(16), 2), strict=True):
    row[[i, j]] = row[[j, i]]
dyadic_rows = np.array([bool(is_dyadic(tuple(row))) for row in swapped.tolist()])
in_cube = np.array([bruhat_leq(bottom, row) and bruhat_leq(row, top) for row in swapped])


# %%
def only_narrow(*choices):
    """The rows that satisfy first digits for these a and are not dyadic."""
    fine = [fits(("first", "first", choice), swapped - 1, 4) for choice in choices]
    return np.logical_and.reduce(fine) & ~dyadic_rows


# %%
for choices in [("a = 1", "a = k-1"), ("a = k-1", "a = k//2")]:
    rows_of = only_narrow(*choices)
    print(choices, "fit, but not dyadic:", rows_of.sum(), " in the cube:", in_cube[rows_of].sum())
narrow = only_narrow("a = 1", "a = k-1") | only_narrow("a = k-1", "a = k//2")
claim("narrow rules at n = 16: share outside the cube", 1 - in_cube[narrow].mean(), low=1, high=1)
claim("exchanges that stay dyadic, all in the cube", in_cube[dyadic_rows].sum(), low=32, high=32)

# %% [markdown]
# All of them lie outside. So both narrow rules, which fit all the data from $n = 4$ and $n = 8$,
# are wrong at $n = 16$. The 32 exchanges that keep the permutation dyadic stay in the cube: they
# are its 32 directions. An exact fit on small cases is a conjecture, and two of our three
# conjectures are false.
#
# ## 8. What a large cube is good for
#
# For $x \le w$ of length $r$ apart, the polynomial $R_{x,w}(q)$ of Kazhdan and Lusztig has degree
# $r$ and leading coefficient 1. If $[x, w]$ is a cube, then $R_{x,w} = (q - 1)^r$, and the
# second-highest coefficient is $-r$. So large cubes give large second coefficients. The authors
# prove that the dimension is a lower bound for the largest one, and say that the two may be equal.
# We can compare them for small $n$.


# %%
def second(n):
    """The largest size of a second-highest coefficient of R in S_n."""
    largest = 0
    for x, w in product(permutations(range(1, n + 1)), repeat=2):
        if x != w and bruhat_leq(x, w):
            largest = max(largest, abs(r_polynomial(x, w)[-2]))
    return largest


# %% tags=["nbval-check-output"]
print("second coefficients:", [second(n) for n in (3, 4, 5)])
print("largest cubes:      ", [largest_cubes(n)[0] for n in (3, 4, 5)])
bottom, top = (tuple(row) for row in dyadic[[0, -1]].tolist())
print("the 12-cube of S_8: ", r_polynomial(bottom, top))

# %% [markdown]
# They agree for $n = 3, 4, 5$, and the 12-cube has the polynomial $(q - 1)^{12}$ with the second
# coefficient $-12$. The paper draws two more conclusions: a lower bound of order $n \log n$ for the
# number of frozen variables of cluster algebras attached to open Richardson varieties, and a
# similar one for moduli spaces of embeddings of Bruhat graphs.
#
# ## 9. Program search with a language model, soberly
#
# Our program search had 400 programs, and we tried all of them. **FunSearch** (Romera-Paredes and
# others, *Nature* 2024) and **AlphaEvolve** (Google DeepMind, 2025) search where nobody can
# enumerate. They keep a population of programs with their scores, show some good ones to a language
# model, ask it to write a better one, run what it writes, and keep what scores well. The language
# model proposes and it decides nothing: every score comes from a program that the mathematician
# wrote, as in our `score`. FunSearch changes one short function; AlphaEvolve may change whole files
# and uses several models.
#
# *What they have done.* FunSearch found larger cap sets than were known in eight dimensions.
# Georgiev, Gómez-Serrano, Tao and Wagner (arXiv 2511.02864) tried AlphaEvolve on 67 problems: in
# most cases it found the best known solution again, and in several a better one. In our story it
# suggested permutations; people saw the dyadic pattern in them, and people proved the theorem.
#
# *What they cost.* The evaluator is called very often, so a score must be computed in seconds. And
# the language model is called for each proposal, which costs money or hardware. AlphaEvolve itself
# is not public; **OpenEvolve** is an open program of the same design that works with any model, and
# Ellenberg, Fraser-Taliente, Harvey, Srivastava and Sutherland (arXiv 2503.11061) describe a
# FunSearch for mathematicians without large computers. Before you pay, do three things that cost
# nothing: write the score so that cheating is impossible (section 2 shows a score that can be
# cheated), run the stupid baselines at equal budget (here: greedy growth, and enumeration), and
# find the truth for small $n$.
#
# *What we have shown* is modest. In a language that contains digit reversal, enumeration is enough.
# We chose the language after the paper had told us that digits matter.
#
# ## What we learned
#
# - In $S_3, \dots, S_7$ the largest cubes have dimension 2, 4, 5, 7 and 9; in $S_8$ there is one
#   12-cube, and it is the dyadic one.
# - The right number of elements, atoms and levels is not an isomorphism: twelve intervals of $S_5$
#   are impostors.
# - A search for programs found a larger cube than a greedy search for permutations with more
#   questions, and its answer generalises.
# - Three different rules were exact at $n = 4$ and $n = 8$; only a proof, or $n = 16$, told them
#   apart.
#
# **What it does not show.** That a language model was needed, or that it was not: we knew the
# answer when we chose our words. Nor do we know the largest cube of $S_n$ when $n$ is not a power
# of 2, or for $n \ge 9$ at all; the paper proves that $n \log n$ is the right order.
#
# **Open question.** The largest cubes have dimension 5, 7, 9 for $n = 5, 6, 7$, and there are 32,
# 36, 64 of them. Is there a description of *their* vertices that interpolates the dyadic one? Is
# the dyadic cube of $S_{16}$, of dimension 32, the largest one? A first step: grow cubes in $S_9$
# from many starting points, with the program search of section 4 adapted to digits in mixed bases.
#
# **Further reading.** J. Ellenberg et al., arXiv 2601.01235. N. Reading's thesis (2002), where the
# paper says that the question was first posed. B. Tenner, *Pattern avoidance and the Bruhat order*
# (2007), for cubes that begin at the identity. H. Niederreiter, *Random number generation and
# quasi-Monte Carlo methods* (1992), for nets.
