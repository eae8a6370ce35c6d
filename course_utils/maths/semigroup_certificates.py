"""Check that a number of nodes is the least possible, from a certificate and from associativity.

This module shares nothing with the search but the definition of an instance. A position is a table
of the possible values of xy, a set of elements of B + 0 for each pair (x, y): bit p of an integer
is the element p, bit b is zero. The certificate has two parts.

- `proof` shows that the size is enough. An entry has its `cells` (row by row), a `cut` (a cell and
  one child for each possible value, in order) and its `size`, 1 + the sizes of its active children.
- `bound` shows that no proof is smaller. An entry has its `cells`, all possible `cuts`, and its
  `bound`, 1 + the least sum over a cut of the bounds of its active children.

A child is a word or a pair. The words: "associativity" (propagation leaves nothing possible
somewhere), "half-ones" and "profile" (the filters), "done" (all xy are known); in a bound also
"open" (active; it costs at least 1). A pair [i, g] says that relabelling number g turns the child
into entry i of the same part; `symmetries` lists the relabellings, all pairs of permutations of A
and of B that fix φ. So beyond associativity a check accepts three steps, each by its name: a
relabelling g; "profile", by which two elements of B + 0 may not multiply A alike; and "half-ones",
which passes to the opposite semigroup.
"""

from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.semigroup_instances import Instance, as_instance

_KEYS = ("a", "b", "instance", "size", "symmetries", "proof", "bound")
_WORDS = ("associativity", "half-ones", "profile", "active", "done")


def check_certificate(a: int, b: int, instance: Instance, certificate: dict[str, Any]) -> int:
    """Return the number of passive nodes that a certificate proves to be the least possible.

    Everything that the certificate says is computed again and compared; it may say neither less
    nor more. The format is explained at the top of `semigroup_certificates`.

    Args:
        a, b: numbers of elements of A and B.
        instance: σ, or the matrix φ of shape (a, b).
        certificate: as `minimal_proof` makes it, perhaps after a round trip through JSON.

    Raises:
        ValueError: bad arguments, or what is wrong with the certificate.

    >>> leaf = {"cells": [3], "size": 1, "cut": {"cell": [0, 0], "children": ["profile", "done"]}}
    >>> identity = {"rows": [0], "columns": [0]}
    >>> check_certificate(1, 1, 0, {"a": 1, "b": 1, "instance": [[0]], "size": 1,
    ...                             "symmetries": [identity], "proof": [leaf], "bound": []})
    1
    """
    phi = as_instance(a, b, instance)
    a, b = phi.shape
    if factorial(a) * factorial(b) > 10**6:
        raise ValueError(f"(a, b) = ({a}, {b}) is too large: a! b! must be at most 10**6")
    _demand(
        isinstance(certificate, dict), "a certificate must be a dict, got {!r:.60}", certificate
    )
    _same_keys(certificate, _KEYS, "the certificate")
    for name, value in (("a", a), ("b", b), ("instance", phi.tolist())):
        _equal(certificate[name], value, f"{name} (the certificate is of another instance)")
    group = _symmetries(phi)
    listed = [{"rows": rows, "columns": columns[:-1]} for rows, columns in group]
    _equal(certificate["symmetries"], listed, "symmetries (all that fix φ, in order)")
    moves = (np.array([g[0] for g in group]), np.array([g[1] for g in group]))
    size = _check_part(certificate, "proof", phi, moves)
    _equal(certificate["size"], size, "size (what the proof's root shows)")
    if size == 1:
        _equal(certificate["bound"], [], "bound (none is needed for a proof of size 1)")
        return 1
    least = _check_part(certificate, "bound", phi, moves)
    _demand(least == size, "the bound proves {} nodes only, the proof has {}", least, size)
    return size


def _check_part(certificate: dict, part: str, phi: NDArray[np.int64], moves: tuple) -> int:
    """Check the entries of a part; return the size or the bound of its root."""
    a, b = phi.shape
    entries = certificate[part]
    _demand(isinstance(entries, list) and len(entries) > 0, "{} must be a list of entries", part)
    number, content = ("size", "cut") if part == "proof" else ("bound", "cuts")
    tables = [_cells(e, i, part, (number, content), a, b) for i, e in enumerate(entries)]
    start = np.ones((a, a, b + 1), np.bool_)
    _process(start, phi)
    _equal(tables[0].tolist(), start.tolist(), f"{part}[0] (it must be the first position)")
    seen = {table.tobytes() for table in tables}
    _demand(len(seen) == len(tables), "{} lists a position twice", part)
    used, values = {0}, [0] * len(entries)
    for i in reversed(range(len(entries))):
        where, entry, m = f"{part}[{i}]", entries[i], tables[i]
        open_cells = [list(map(int, c)) for c in np.argwhere(m.sum(2) > 1)]
        cuts = entry[content] if part == "bound" else [entry[content]]
        _demand(isinstance(cuts, list), "{}: cuts must be a list", where)
        for cut in cuts:
            _same_keys(cut, ("cell", "children"), f"a cut of {where}")
        if part == "bound":
            _equal([cut["cell"] for cut in cuts], open_cells, f"{where}: cells of the cuts")
        else:
            known = any(_is_same(cuts[0]["cell"], cell) for cell in open_cells)
            _demand(known, "{}: cut at {}, which is no open cell", where, cuts[0]["cell"])
        sums = []
        for cut in cuts:
            problem = _wrong_child(cut, cut["cell"], i, part, phi, tables, moves)
            _demand(problem is None, "{}, cut at {}: {}", where, cut["cell"], problem)
            pairs = [c[0] for c in cut["children"] if isinstance(c, list)]
            used.update(pairs)
            sums.append(1 + sum(values[j] for j in pairs) + cut["children"].count("open"))
        if part == "proof":
            for cell in open_cells[: open_cells.index(cuts[0]["cell"])]:
                twin = _wrong_child(cuts[0], cell, i, part, phi, tables, moves) is None
                _demand(
                    not twin, "{}: the cut at {} has these children and comes first", where, cell
                )
        values[i] = min(sums)
        _equal(entry[number], values[i], f"{where}: {number}")
        _demand(part == "proof" or values[i] > 1, '{} says no more than "open"', where)
    _demand(len(used) == len(entries), "{} has entries that nothing refers to", part)
    return values[0]


def _cells(entry: Any, i: int, part: str, names: tuple, a: int, b: int) -> NDArray[np.bool_]:
    """Return the table of possible values, shape (a, a, b + 1), of an entry."""
    where = f"{part}[{i}]"
    _same_keys(entry, ("cells", *names), where)
    cells = entry["cells"]
    fine = isinstance(cells, list) and len(cells) == a * a
    fine = fine and all(type(c) is int and 0 < c < 2 ** (b + 1) for c in cells)
    _demand(fine, "{}: cells must be {} sets of 0..{} as integers", where, a * a, b)
    return (np.array(cells).reshape(a, a, 1) >> np.arange(b + 1) & 1).astype(np.bool_)


def _wrong_child(cut, cell, i, part, phi, tables, moves) -> str | None:
    """Return what is wrong with the children that entry i lists for a cut at this cell."""
    x, y = cell
    choices = np.flatnonzero(tables[i][x, y])
    children = cut["children"]
    if not isinstance(children, list) or len(children) != len(choices):
        return f"there must be {len(choices)} children, one for each possible value"
    for p, said in zip(choices.tolist(), children, strict=True):
        m = tables[i].copy()
        m[x, y] = False
        m[x, y, p] = True
        word = _WORDS[_process(m, phi)]
        if word != "active" or (part == "bound" and said == "open"):
            if said != word and not (word == "active" and said == "open"):
                return f"the child with value {p} is {word!r}, not {said!r:.60}"
            continue
        if not (isinstance(said, list) and len(said) == 2 and all(type(n) is int for n in said)):
            return (
                f"the child with value {p} is active and needs [entry, symmetry], not {said!r:.60}"
            )
        j, g = said
        if not i < j < len(tables):
            why = "a cycle" if 0 <= j <= i else "a missing entry"
            return f"the child with value {p} refers to {part}[{j}]: {why}"
        first = _first_relabelling(m, tables[j], *moves)
        if first < 0:
            return f"the child with value {p} is no relabelling of {part}[{j}]"
        if g != first:
            return (
                f"the first symmetry that takes the child with value {p} there is {first}, not {g}"
            )
    return None


def _symmetries(phi: NDArray[np.int64]) -> list[tuple[list[int], list[int]]]:
    """Return all (rows, columns) with φ[rows[x], columns[p]] = φ[x, p], zero kept as column b."""
    a, b = phi.shape
    found = []
    for rows in permutations(range(a)):
        partial: list[list[int]] = [[]]
        for p in range(b):
            fits = [q for q in range(b) if all(phi[rows[x], q] == phi[x, p] for x in range(a))]
            partial = [[*c, q] for c in partial for q in fits if q not in c]
        found += [(list(rows), [*columns, b]) for columns in partial]
    return found


@njit(cache=True)
def _first_relabelling(m, target, rows, columns):
    """Return the first g with target[rows x, rows y, columns p] = m[x, y, p], -1 without one."""
    a, _, values = m.shape
    for g in range(len(rows)):
        same = True
        for x in range(a):
            for y in range(a):
                for p in range(values):
                    same &= target[rows[g, x], rows[g, y], columns[g, p]] == m[x, y, p]
            if not same:
                break
        if same:
            return g
    return -1


@njit(cache=True)
def _process(m, phi):
    """Shrink m, shape (a, a, b + 1), in place by associativity; return an index of _WORDS.

    The three rules of `process` in full sweeps until nothing changes, with ψ in r and τ in t.
    """
    a, b = phi.shape
    left = np.zeros((a, b + 1), np.int64)
    left[:, :b] = phi
    r = np.ones((b + 1, a, 2), np.bool_)
    r[b, :, 1] = False
    t = np.ones((a, a, a, 2), np.bool_)
    changed = True
    while changed:
        changed = False
        for x in range(a):
            for y in range(a):
                for z in range(a):
                    for i in range(2):
                        by_left, by_right = False, False
                        for p in range(b + 1):
                            by_left |= m[y, z, p] and left[x, p] == i
                            by_right |= m[x, y, p] and r[p, z, i]
                        if t[x, y, z, i] and not (by_left and by_right):
                            t[x, y, z, i] = False
                            changed = True
                    if not (t[x, y, z, 0] or t[x, y, z, 1]):
                        return 0
                    single = m[x, y].sum() == 1
                    for p in range(b + 1):
                        for i in range(2):
                            if t[x, y, z, i]:
                                continue
                            if single and m[x, y, p] and r[p, z, i]:
                                r[p, z, i] = False
                                changed = True
                            if m[x, y, p] and r[p, z, i] and not r[p, z, 1 - i]:
                                m[x, y, p] = False
                                changed = True
                            if m[y, z, p] and left[x, p] == i:
                                m[y, z, p] = False
                                changed = True
                        if not (r[p, z, 0] or r[p, z, 1]):
                            return 0
                    if not (m[x, y].any() and m[y, z].any()):
                        return 0
    ones = 0
    for p in range(b + 1):
        for z in range(a):
            ones += r[p, z, 1] and not r[p, z, 0]
    if ones > phi.sum():
        return 1
    for p in range(b + 1):
        for q in range(p):
            alike = True
            for z in range(a):
                known = (r[p, z, 0] != r[p, z, 1]) and (r[q, z, 0] != r[q, z, 1])
                alike &= known and r[p, z, 1] == r[q, z, 1] and left[z, p] == left[z, q]
            if alike:
                return 2
    for x in range(a):
        for y in range(a):
            if m[x, y].sum() > 1:
                return 3
    return 4


def _demand(condition: bool, message: str, *values: Any) -> None:
    if not condition:
        raise ValueError("certificate refused: " + message.format(*values))


def _equal(said: Any, expected: Any, where: str) -> None:
    _demand(_is_same(said, expected), "{} is {!r:.80}, expected {!r:.80}", where, said, expected)


def _is_same(said: Any, expected: Any) -> bool:
    """Return whether two plain values are equal, with True and 1.0 different from 1."""
    if type(said) is not type(expected):
        return False
    if isinstance(said, list):
        return len(said) == len(expected) and all(map(_is_same, said, expected))
    if isinstance(said, dict):
        return said.keys() == expected.keys() and all(_is_same(said[k], expected[k]) for k in said)
    return bool(said == expected)


def _same_keys(value: Any, names: tuple[str, ...], where: str) -> None:
    fine = isinstance(value, dict) and value.keys() == set(names)
    _demand(fine, "{} must be a dict with the keys {}", where, list(names))
