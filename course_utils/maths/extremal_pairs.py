"""Extremal pairs of S_n: the x <= w that have every left and right descent of w.

They are the rows of the table of Kazhdan-Lusztig polynomials in `kazhdan_lusztig_packed.py`.
Left multiplication by s_i is numbered i - 1, right multiplication n - 2 + i, i = 1..n-1.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from course_utils.maths.parallel import in_threads
from course_utils.maths.permutations import symmetric_group

BLOCK = 1024  # rows of one task; kernels release the interpreter lock, so threads share them


class Group(NamedTuple):
    """What the kernels need of S_n; indices are lexicographic ranks."""

    mul: NDArray[np.int32]  # (n!, 2n-2): s_i w in column i-1, w s_i in column n-2+i
    descents: NDArray[np.int32]  # (n!,): bit k is set if multiplication k shortens
    lengths: NDArray[np.int16]  # (n!,)
    images: NDArray[np.int32]  # (4, n!): w, its inverse, w0 w w0, w0 w^{-1} w0
    symmetry: NDArray[np.int8]  # (n!,): g such that images[g, w] is the orbit's least rank
    words: NDArray[np.uint64]  # (n!, n-1): rank numbers, see permutations.symmetric_group
    guard: np.uint64


def extremal_group(n: int) -> Group:
    """Return the tables of S_n, 2 <= n <= 9.

    >>> extremal_group(3).descents.tolist()  # bits: left s1, s2, right s1, s2
    [0, 10, 5, 9, 6, 15]
    """
    s = symmetric_group(n)
    images = np.stack(
        [np.arange(len(s.lengths), dtype=np.int32), s.inverse, s.conjugate, s.conjugate[s.inverse]]
    )
    mul = np.ascontiguousarray(np.concatenate([s.left, s.right]).T)
    descents = s.left_mask | s.right_mask << (n - 1)
    symmetry = images.argmin(axis=0).astype(np.int8)
    return Group(mul, descents, s.lengths, images, symmetry, s.words, s.guard)


def extremal_lists(
    group: Group, element: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return row starts (rows+1,) and the concatenated sorted lists of extremal x <= w.

    >>> starts, x = extremal_lists(extremal_group(4), np.array([16], np.int32))
    >>> starts.tolist(), x.tolist()  # 3412: 1324, 1432, 3214 and itself
    ([0, 4], [2, 5, 14, 16])
    """
    order = np.lexsort((group.lengths, group.descents)).astype(np.int32)
    bucket = np.searchsorted(group.descents[order], np.arange((1 << group.mul.shape[1]) + 1))
    words, lengths = group.words[order], group.lengths[order]

    def block(first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        slots = np.r_[0, np.cumsum(_candidates(group.descents[element[first:last]], bucket))]
        buffer = np.empty(slots[-1], np.int32)
        chosen = element[first:last]
        count = _test(group, chosen, order, bucket, words, lengths, slots, buffer)
        return count, _compact(buffer, slots, count)

    counts, lists = zip(*in_threads(block, 0, len(element), BLOCK), strict=True)
    return np.r_[0, np.cumsum(np.concatenate(counts))], np.concatenate(lists)


@njit(cache=True, nogil=True)
def _candidates(masks: NDArray, bucket: NDArray) -> NDArray[np.int64]:
    full = len(bucket) - 2
    total = np.zeros(len(masks), np.int64)
    for k in range(len(masks)):
        free = full & ~masks[k]
        extra = 0
        while True:  # all subsets `extra` of `free`, in increasing order
            d = masks[k] | extra
            total[k] += bucket[d + 1] - bucket[d]
            extra = (extra - free) & free
            if extra == 0:
                break
    return total


@njit(cache=True, nogil=True)
def _test(group, block, order, bucket, words, lengths, slots, buffer):
    """Write the extremal x <= w of each w of the block into its slot; return their numbers."""
    count = np.zeros(len(block), np.int64)
    for k in range(len(block)):
        slot = buffer[slots[k] : slots[k + 1]]
        count[k] = _extremal(group, block[k], order, bucket, words, lengths, slot)
    return count


@njit(cache=True)
def _extremal(group, w, order, bucket, words, lengths, out):
    """Write the sorted extremal x <= w into out and return their number.

    Candidates are grouped by descents, and inside a group ordered by length. As R(w) lies
    in R(x), the words of the i outside R(w) decide x <= w (BB Theorem 2.6.3).
    """
    simple = words.shape[1]
    mask = group.descents[w]
    places = np.empty(simple, np.int64)
    bounds = np.empty(simple, np.uint64)
    m = 0
    for i in range(simple):
        if not (mask >> (simple + i)) & 1:
            places[m], bounds[m] = i, group.words[w, i] | group.guard
            m += 1
    found = 0
    free = (len(bucket) - 2) & ~mask
    extra = 0
    while True:
        d = mask | extra
        for c in range(bucket[d], bucket[d + 1]):
            if lengths[c] > group.lengths[w]:
                break
            below = True
            for j in range(m):
                below &= (bounds[j] - words[c, places[j]]) & group.guard == group.guard
                if not below:
                    break
            if below:
                out[found] = order[c]
                found += 1
        extra = (extra - free) & free
        if extra == 0:
            break
    out[:found].sort()
    return found


@njit(cache=True, nogil=True)
def _compact(buffer, slots, count):
    out = np.empty(count.sum(), np.int32)
    end = 0
    for k in range(len(count)):
        out[end : end + count[k]] = buffer[slots[k] : slots[k] + count[k]]
        end += count[k]
    return out
