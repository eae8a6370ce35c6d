"""Plumbing and exact mathematics of *Machine Learning for the Working Mathematician*.

`runtime` starts a notebook, `checks` judges exercises, `training` and `plotting` hold the loop
and the style, `datasets` the shipped data, `maths` the exact mathematics.
"""

import os as _os

from course_utils import _numba_cache

# Our matrices are small: BLAS threads make them slower, and their last digits less portable.
# Set before numpy is first imported; COURSE_THREADS, or the reader's own setting, wins.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    _os.environ.setdefault(_name, _os.environ.get("COURSE_THREADS", "1"))

_numba_cache.choose()

__version__ = "1.0.0"
