"""Every exercise × {unattempted, solved, each planted wrong answer}, generated from the sources."""

import numpy as np
import pytest

from course_utils import checks, codec
from tests.support import candidate, coding_exercises, wrong_answers

WRONG = wrong_answers()
EXERCISES = [pytest.param(k, id=f"{p.stem}-{k}") for k, p in coding_exercises().items()]
PLANTED = [
    pytest.param(key, mistake, id=f"{coding_exercises()[key].stem}-{key}-{mistake}")
    for key, answers in WRONG.items()
    if key in coding_exercises()
    for mistake in answers
]
FRESH_SEED = 20_221


@pytest.fixture(autouse=True)
def _no_strictness(monkeypatch):
    monkeypatch.delenv("COURSE_STRICT", raising=False)


@pytest.mark.parametrize("key", EXERCISES)
def test_unattempted_is_said_to_be_open(key, capsys):
    fallback = object()
    assert checks.check(key, candidate(key, solved=False), otherwise=fallback) is fallback
    assert "not attempted yet" in capsys.readouterr().out


@pytest.mark.parametrize("key", EXERCISES)
def test_the_solution_passes_and_is_handed_on(key, capsys):
    answer = candidate(key, solved=True)
    assert checks.check(key, answer) is answer, capsys.readouterr().out


@pytest.mark.parametrize("key", EXERCISES)
def test_the_solution_passes_on_fresh_instances(key):
    rng = np.random.default_rng(FRESH_SEED)
    verdict = checks.judge(checks.exercise(key), candidate(key, solved=True), rng)
    assert verdict.status == "passed", verdict.message


@pytest.mark.parametrize(("key", "mistake"), PLANTED)
def test_a_wrong_answer_is_refused_with_a_reason(key, mistake, capsys):
    fallback = object()
    assert checks.check(key, WRONG[key][mistake], otherwise=fallback) is fallback
    shown = capsys.readouterr().out
    assert shown.startswith(f"✗ Exercise {key}: ")
    assert len(shown) > len(f"✗ Exercise {key}: ") + 10


@pytest.mark.parametrize(("key", "mistake"), PLANTED)
def test_a_wrong_answer_is_refused_on_fresh_instances(key, mistake):
    rng = np.random.default_rng(FRESH_SEED)
    assert checks.judge(checks.exercise(key), WRONG[key][mistake], rng).status == "failed"


@pytest.mark.parametrize("key", EXERCISES)
def test_at_least_two_wrong_answers_are_planted(key):
    assert len(WRONG.get(key, {})) >= 2


@pytest.mark.parametrize("key", EXERCISES)
def test_instances_are_plain_data_that_rng_decides(key):
    exercise = checks.exercise(key)
    first, again = (
        [codec.dumps(i) for i in exercise.instances(np.random.default_rng(7))] for _ in range(2)
    )
    assert first == again
    assert first


def test_every_planted_answer_belongs_to_an_exercise():
    assert set(WRONG) <= set(checks.exercises())


def test_every_exercise_of_the_package_stands_in_a_notebook():
    assert set(checks.exercises()) == set(coding_exercises())
