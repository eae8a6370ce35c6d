"""What `ACCEPTED` names is accepted, and the solved copies under test run on it (conftest.py)."""

from fractions import Fraction

import numpy as np
import pytest

from course_utils import checks
from tests import unusual
from tests.support import accepted_answers
from tests.unusual import in_turn, install

ACCEPTED = accepted_answers()
NAMED = [pytest.param(key, name) for key, answers in ACCEPTED.items() for name in answers]


@pytest.mark.parametrize(("key", "name"), NAMED)
def test_an_unusual_right_answer_is_accepted(key, name):
    for seed in (0, 20_221):
        rng = np.random.default_rng(seed)
        verdict = checks.judge(checks.exercise(key), ACCEPTED[key][name], rng)
        assert verdict.status == "passed", verdict.message


def test_every_unusual_answer_belongs_to_an_exercise():
    assert set(ACCEPTED) <= set(checks.exercises())


def test_a_checked_function_takes_turns_in_other_clothes(monkeypatch, capsys):
    from course_utils.maths import number_theory

    def mobius(n):
        return int(number_theory.mobius(n))

    monkeypatch.setattr(checks, "check", checks.check)  # put back afterwards
    install()
    returned, types = checks.check("2.4", mobius, otherwise=number_theory.mobius), []
    for cell in range(6):
        monkeypatch.setattr(unusual, "_cell", lambda cell=cell: cell)
        types.append({type(returned(30)) for _ in range(3)})
    assert all(len(found) == 1 for found in types)
    assert set.union(*types) >= {int, np.int64, Fraction}
    assert checks.check("2.4", abs, otherwise=number_theory.mobius) is number_theory.mobius
    assert "✗" in capsys.readouterr().out


def test_values_and_tuples_of_functions_take_turns():
    assert in_turn([1, 2]) == 2
    first, second = in_turn([(lambda: 1, lambda: 2), (lambda: 3, lambda: 4)])
    assert (first(), first(), second(), second()) == (3, 3, 4, 4)
