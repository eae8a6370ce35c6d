"""The alcoves of the affine Weyl group of G2: triangles of the plane with exact corners.

The mirrors of the group cut the plane into triangles with angles 30, 60 and 90 degrees, one for
each element. Corners are pairs of integers (a, b) that stand for the point (√3 a / 2, b / 2).
Reference: J. E. Humphreys, Reflection Groups and Coxeter Groups, chapter 4.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.maths import affine_weyl

FIRST = ((0, 0), (2, 0), (2, 2))  # the alcove of the identity; corner s is opposite wall s
# Row s: twice the reflection of corner s in wall s, as a sum of the corners.
_REFLECTED = np.array([[-2, 4, 0], [1, -2, 3], [0, 4, -2]])


def triangles(longest: int) -> NDArray[np.int64]:
    """Return the corners (N, 3, 2) of the alcoves w(A) of the N elements of length <= `longest`.

    A has the corners `FIRST`; the order is that of `affine_weyl.table`. Generator s is the
    reflection in the wall of A opposite corner s, so w(A) and ws(A) share the wall opposite their
    corners s: one is the other's mirror image in it, and the two other corners stay.

    Raises:
        ValueError: longest is not an integer from 0 to `affine_weyl.MAX_LENGTH`.

    Introduced in the companion *Affine G2*.

    >>> triangles(1)[1].tolist()  # s0 turns the origin over
    [[4, 0], [2, 0], [2, 2]]
    """
    right = affine_weyl.table(longest).right
    found = np.zeros((len(right), 3, 2), dtype=np.int64)
    found[0] = FIRST
    for place in range(1, len(right)):
        # Places increase with the length: the least neighbour is a shorter element.
        s = int(np.where(right[place] >= 0, right[place], place).argmin())
        found[place] = found[right[place, s]]
        found[place, s] = _REFLECTED[s] @ found[place] // 2
    return found


def plane(corners: ArrayLike) -> NDArray[np.float64]:
    """Return the points of the plane (…, 2) that pairs of integers (…, 2) stand for.

    >>> plane([2, 2]).round(4).tolist()
    [1.7321, 1.0]
    """
    return np.asarray(corners) * (3**0.5 / 2, 0.5)
