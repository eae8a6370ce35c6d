"""What a class may hand in: hostile, broken and odd submissions of one assignment, each by a name.

The assignment has the exercises 1.2, 2.1 and 2.3, marked by a program, and 1.9, a proof. A case
gives answers (the rest is right), an edit of the notebook or of what lies on the disk, the scores
that it deserves, and words of the comments that say what happened.
"""

from tests.hostile.case import ALL, KEYS, MATRIX, RIGHT, Case
from tests.hostile.forgeries import FORGERIES
from tests.hostile.forms import DISK, FORM, NAMELESS
from tests.hostile.odd import ODD
from tests.hostile.pages import PAGES
from tests.hostile.resources import RESOURCES
from tests.hostile.spying import SPYING

__all__ = ["CASES", "HONEST", "KEYS", "NAMELESS", "PAGES", "RIGHT"]

CASES = RESOURCES | FORGERIES | SPYING | PAGES | ODD | FORM | DISK
HONEST = {
    "honest_ada": Case(scores=ALL),
    "honest_emmy": Case(
        {MATRIX: "def convolution_matrix(h): return np.diag(h)"}, ALL | {MATRIX: 1.43}
    ),
}
