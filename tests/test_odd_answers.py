"""What no exercise may call right, and no verification may break on or wait for: odd plain data."""

import math
import time
from fractions import Fraction

import numpy as np
import pytest

from course_utils import checks, codec

NAN, HUGE = math.nan, 2**390_000
ODD = {
    "nan": NAN,
    "infinity": math.inf,
    "complex nan": complex(NAN, NAN),
    "many nans": [NAN] * 5,
    "array of nans": np.full((5, 5), NAN),
    "pair of arrays of nans": (np.full((3, 3), NAN), np.full(3, NAN)),
    "no array": np.zeros((0, 7)),
    "huge number": HUGE,
    "huge numbers": [HUGE, -HUGE],
    "huge fraction": Fraction(HUGE + 1, 3),
    "html": "<script>" * 50,
    "strings": ["a", "<img>"],
    "nothings": [None] * 3,
}
TEXTS = {name: codec.dumps(value) for name, value in ODD.items()}
TEXTS["deep list"] = '["list",[' * 900 + "]]" * 900


@pytest.mark.parametrize("key", checks.exercises())
def test_odd_answers_are_wrong_in_every_exercise(key):
    exercise = checks.exercise(key)
    texts = [codec.dumps(i) for i in exercise.instances(np.random.default_rng(5))]
    for name, answer in TEXTS.items():
        for instance in {texts[0], texts[-1]}:
            start = time.process_time()
            assert checks.complaint(exercise, instance, answer), name
            assert time.process_time() - start < 10, name
