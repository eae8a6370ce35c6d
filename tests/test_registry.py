"""Exercises are found by their keys, and solutions only after an attempt."""

import pytest

from course_utils import checks


def test_keys_are_listed_weeks_first_and_found():
    keys = checks.exercises()
    assert keys
    assert len(set(keys)) == len(keys)
    for key in keys:
        assert checks.exercise(key).key == key


@pytest.mark.parametrize("key", ["2.99", "99.1", "nonsense", "", "nobody.1", 2.1, None])
def test_an_unknown_key_is_a_value_error_that_lists_keys(key):
    with pytest.raises(ValueError, match=r"key must be one of .*\d\.\d"):
        checks.exercise(key)


def test_the_solution_is_shown_after_an_attempt(monkeypatch, capsys):
    monkeypatch.setattr(checks, "_attempted", set())
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    key = checks.exercises()[0]
    checks.solution(key)
    assert "attempt of your own first" in capsys.readouterr().out
    checks.check(key, lambda *args: 10**9)
    capsys.readouterr()
    checks.solution(key)
    assert capsys.readouterr().out == checks._solutions()[key] + "\n"


def test_every_exercise_has_a_shipped_solution():
    assert set(checks._solutions()) == set(checks.exercises())
