"""`check` survives any candidate, and returns it only when all cases agree."""

import itertools
import os
import threading
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch

from course_utils import checks
from course_utils.checks import Verdict, check, judge
from course_utils.exercise import Exercise, as_array, as_float, as_int


def square_instances(rng):
    yield from range(4)
    yield from rng.integers(4, 100, 5).tolist()


def square_verify(n, answer):
    value = as_int(answer, f"square({n})")
    assert value == n * n, f"square({n}) returned {value}, expected {n * n}"


SQUARE = Exercise("0.1", "Square", square_instances, lambda f, n: f(n), square_verify, seconds=0.5)


def total_verify(numbers, answer):
    assert as_int(answer, "total") == sum(numbers), "total is off"


TOTAL = Exercise("0.2", "Total", lambda rng: iter([[1, 2, 3]]), lambda f, xs: f(xs), total_verify)
VALUE = Exercise(
    "0.3",
    "Value",
    lambda rng: iter([None]),
    lambda value, _: value,
    lambda _, answer: square_verify(7, answer),
)


@pytest.fixture(autouse=True)
def _course_of_three(monkeypatch):
    table = {e.key: e for e in (SQUARE, TOTAL, VALUE)}
    monkeypatch.setattr(checks, "exercise", table.__getitem__)
    for name in ("COURSE_STRICT", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)


def verdict(candidate, exercise=SQUARE) -> Verdict:
    return judge(exercise, candidate, np.random.default_rng(0))


def right(n):
    return n * n


def test_a_right_answer_is_returned_and_counted(capsys):
    assert check("0.1", right) is right
    assert capsys.readouterr().out == "✓ Exercise 0.1: all 9 cases agree\n"


def test_the_smallest_counterexample_is_shown_and_otherwise_returned(capsys):
    def wrong(n):
        return 2 * n

    assert check("0.1", wrong, otherwise=right) is right
    shown = capsys.readouterr().out  # pytest appends its own words to the assertion's
    assert shown.startswith("✗ Exercise 0.1: square(1) returned 2, expected 1\n")


def test_an_open_stub_is_not_attempted(capsys):
    def stub(n):
        raise NotImplementedError("Exercise 0.1")

    assert check("0.1", stub, otherwise=right) is right
    assert capsys.readouterr().out == "○ Exercise 0.1: not attempted yet\n"


def test_dots_are_not_attempted():
    assert verdict(..., VALUE).status == "open"
    assert verdict((49, ...), VALUE).status == "open"


def test_the_course_s_own_answer_earns_no_tick(capsys):
    check("0.1", right, otherwise=right)
    assert capsys.readouterr().out.startswith("○")


@pytest.mark.parametrize(
    "convert",
    [np.int64, np.array, torch.tensor, lambda n: Fraction(n, 1), sympy.Integer, Decimal],
)
def test_what_is_mathematically_an_integer_is_accepted(convert):
    assert verdict(lambda n: convert(n * n)).status == "passed"


@pytest.mark.parametrize("convert", [float, str, bool, lambda n: [n], lambda n: None])
def test_what_is_not_an_int_is_refused_clearly(convert):
    found = verdict(lambda n: convert(n * n))
    assert found.status == "failed"
    assert "expected an int" in found.message


def test_as_int_as_float_and_as_array_take_numbers_of_other_libraries():
    assert as_int(sympy.Integer(3), "f") == as_int(np.int64(3), "f") == 3
    assert type(as_int(sympy.Rational(6, 2), "f")) is int
    assert as_float(sympy.Rational(1, 4), "f") == as_float(Decimal("0.25"), "f") == 0.25
    array = as_array([[sympy.Rational(1, 2), 2**70], [sympy.Integer(1), 0]], (2, 2), "f")
    assert array.dtype == float
    assert array.tolist() == [[0.5, 2.0**70], [1.0, 0.0]]
    assert as_array(np.array([sympy.Integer(1), 2], dtype=object), (2,), "f").dtype == int


@pytest.mark.parametrize("value", [True, np.bool_(True), 3.0, "3", None, sympy.pi, 3j, [3]])
def test_as_int_refuses_what_is_no_integer(value):
    with pytest.raises(AssertionError, match=r"f returned .*, expected an int"):
        as_int(value, "f")


@pytest.mark.parametrize("value", [[None], [True, None], ["1"], [10**400, 1], [[1], [2, 3]]])
def test_as_array_refuses_what_holds_no_numbers(value):
    with pytest.raises(AssertionError, match=r"f returned .*, expected numbers"):
        as_array(value, (None,), "f")


class AlwaysEqual:
    def __eq__(self, other):
        return True

    __hash__ = None


def test_an_object_equal_to_everything_gets_no_further():
    found = verdict(lambda n: AlwaysEqual())
    assert found.status == "failed"
    assert "AlwaysEqual is not plain data" in found.message


def endless(n):
    while True:
        pass


def endless_and_stubborn(n):
    for _ in itertools.count():
        try:
            time.sleep(0.01)
        except BaseException:
            if time.monotonic() > deadline[0]:
                raise


deadline = [0.0]


@pytest.mark.parametrize("candidate", [endless, endless_and_stubborn])
def test_an_endless_candidate_is_stopped(candidate):
    start = time.monotonic()
    deadline[0] = start + 1.5
    found = verdict(candidate)
    assert found.status == "failed"
    assert "stopped after 0.5 s" in found.message
    assert time.monotonic() - start < 20


def test_the_time_is_for_all_instances_together():
    def slow(n):
        time.sleep(0.12)
        return n * n

    found = verdict(slow)
    assert "all cases together" in found.message
    assert 1 <= found.passed < 9


def test_no_alarm_is_left_behind():
    before = time.monotonic()
    verdict(right)
    while time.monotonic() < before + 0.8:
        time.sleep(0.05)


def test_a_check_in_another_thread_works():
    found = []
    thread = threading.Thread(target=lambda: found.append(verdict(right)))
    thread.start()
    thread.join()
    assert found[0].status == "passed"


@pytest.mark.parametrize("error", [ValueError("too small"), SystemExit(0), RecursionError()])
def test_a_candidate_that_raises_fails_with_its_error(error):
    def broken(n):
        raise error

    found = verdict(broken)
    assert found.status == "failed"
    assert type(error).__name__ in found.message


class Mute(Exception):
    def __str__(self):
        raise RuntimeError


def test_an_exception_that_cannot_speak_is_survived():
    def broken(n):
        raise Mute

    assert "cannot be read" in verdict(broken).message


def test_the_reader_s_interrupt_is_the_reader_s():
    def interrupted(n):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verdict(interrupted)


def test_a_megabyte_of_output_is_swallowed_and_noted(capsys):
    def chatty(n):
        print("x" * 10**6)
        return n * n

    check("0.1", chatty)
    out = capsys.readouterr().out
    assert out.startswith("✓")
    assert "not shown" in out
    assert len(out) < 200


def test_a_candidate_gets_a_copy_and_mutation_is_noted():
    def draining(numbers):
        total = 0
        while numbers:
            total += numbers.pop()
        return total

    found = verdict(draining, TOTAL)
    assert found.status == "passed"
    assert any("changed its input" in note for note in found.notes)


def test_a_value_answer_is_checked_alike():
    assert verdict(49, VALUE).status == "passed"
    assert verdict(50, VALUE).status == "failed"


@pytest.mark.parametrize(
    ("mode", "candidate", "raises"),
    [
        ("1", endless, True),
        ("1", ..., False),
        ("solved", ..., True),
        ("", endless, False),
    ],
)
def test_strict_modes(monkeypatch, mode, candidate, raises):
    monkeypatch.setenv("COURSE_STRICT", mode)
    key = "0.3" if candidate is ... else "0.1"
    if raises:
        with pytest.raises(AssertionError, match=f"Exercise {key}"):
            check(key, candidate)
    else:
        check(key, candidate)


def test_nbgrader_s_own_execution_raises_on_failure(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(AssertionError):
        check("0.3", 50)


def test_it_never_forks(monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("forked"))
    assert verdict(right).status == "passed"


def test_converters():
    assert as_int(Fraction(4, 2), "f") == 2
    assert as_float(Fraction(1, 2), "f") == 0.5
    assert as_array([[1, 2]], (1, None), "f").tolist() == [[1, 2]]
    for bad in (True, 2.0, "2", None):
        with pytest.raises(AssertionError, match="expected an int"):
            as_int(bad, "f")
    for bad in ("2", None, True, 1j):
        with pytest.raises(AssertionError, match="expected a real number"):
            as_float(bad, "f")
    for bad in ([1, [2]], "ab", [["a"]], [1, 2]):
        with pytest.raises(AssertionError, match="expected"):
            as_array(bad, (1, 2), "f")
