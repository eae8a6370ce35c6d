"""Published problems with fresh data are solved, and what has no small formula is not guessed."""

import itertools

import numpy as np
import pytest

from course_utils.maths.expression_bank import bank
from course_utils.maths.expressions import find_formula
from course_utils.maths.formulas import Formula
from course_utils.maths.regression_problems import LIVERMORE, NGUYEN, NGUYEN_12_WIDE

sin, cos, exp, log = np.sin, np.cos, np.exp, np.log


def powers(x, degree):
    return sum(x**k for k in range(1, degree + 1))


PROBLEMS = {  # name: (function, low, high), as in the benchmark file of DSO
    "Nguyen-1": (lambda x: powers(x, 3), -1, 1),
    "Nguyen-2": (lambda x: powers(x, 4), -1, 1),
    "Nguyen-3": (lambda x: powers(x, 5), -1, 1),
    "Nguyen-4": (lambda x: powers(x, 6), -1, 1),
    "Nguyen-5": (lambda x: sin(x**2) * cos(x) - 1, -1, 1),
    "Nguyen-6": (lambda x: sin(x) + sin(x + x**2), -1, 1),
    "Nguyen-7": (lambda x: log(x + 1) + log(x**2 + 1), 0, 2),
    "Nguyen-8": (lambda x: np.sqrt(x), 0, 4),
    "Nguyen-9": (lambda x, y: sin(x) + sin(y**2), 0, 1),
    "Nguyen-10": (lambda x, y: 2 * sin(x) * cos(y), 0, 1),
    "Nguyen-11": (lambda x, y: x**y, 0, 1),
    "Nguyen-12": (lambda x, y: x**4 - x**3 + y**2 / 2 - y, 0, 1),
    "Nguyen-12*": (lambda x, y: x**4 - x**3 + y**2 / 2 - y, 0, 10),
    "Livermore-1": (lambda x: 1 / 3 + x + sin(x**2), -10, 10),
    "Livermore-2": (lambda x: sin(x**2) * cos(x) - 2, -1, 1),
    "Livermore-3": (lambda x: sin(x**3) * cos(x**2) - 1, -1, 1),
    "Livermore-4": (lambda x: log(x + 1) + log(x**2 + 1) + log(x), 0, 2),
    "Livermore-5": (lambda x, y: x**4 - x**3 + y**2 - y, 0, 1),
    "Livermore-6": (lambda x: 4 * x**4 + 3 * x**3 + 2 * x**2 + x, -1, 1),
    "Livermore-7": (lambda x: np.sinh(x), -1, 1),
    "Livermore-8": (lambda x: np.cosh(x), -1, 1),
    "Livermore-9": (lambda x: powers(x, 9), -1, 1),
    "Livermore-10": (lambda x, y: 6 * sin(x) * cos(y), 0, 1),
    "Livermore-11": (lambda x, y: x**2 * y**2 / (x + y), -1, 1),
    "Livermore-12": (lambda x, y: x**5 / y**3, -1, 1),
    "Livermore-13": (lambda x: np.cbrt(x), 0, 4),
    "Livermore-14": (lambda x, y: powers(x, 3) + sin(x) + sin(y**2), -1, 1),
    "Livermore-15": (lambda x: x**0.2, 0, 4),
    "Livermore-16": (lambda x: x ** (2 / 3), 0, 4),
    "Livermore-17": (lambda x, y: 4 * sin(x) * cos(y), 0, 1),
    "Livermore-18": (lambda x: sin(x**2) * cos(x) - 5, -1, 1),
    "Livermore-19": (lambda x: log(x**2 + x) + log(x**3 + x), 0, 2),
    "Livermore-20": (lambda x: x**5 + x**4 + x**2 + x, -1, 1),
    "Livermore-21": (lambda x: exp(-(x**2)), -1, 1),
    "Livermore-22": (lambda x: powers(x, 8), -1, 1),
    "Livermore-23": (lambda x: exp(-(x**2) / 2), -1, 1),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_formula_holds_on_fresh_points_of_a_domain_twice_as_wide(name):
    function, low, high = PROBLEMS[name]
    dimension = function.__code__.co_argcount
    rng = np.random.default_rng(1000 * list(PROBLEMS).index(name))
    X = rng.uniform(low, high, (20, dimension))
    formula = find_formula(X, function(*X.T))
    fresh = rng.uniform(min(2 * low, 0), 2 * high, (500, dimension))
    wanted = function(*fresh.T)
    assert (np.abs(formula(fresh) - wanted) / (1 + np.abs(wanted))).max() < 1e-6, str(formula)


def test_the_shipped_problems_are_these():
    shipped = [*NGUYEN, NGUYEN_12_WIDE, *LIVERMORE]
    assert [problem.name for problem in shipped] == list(PROBLEMS)
    for problem, (function, low, high) in zip(shipped, PROBLEMS.values(), strict=True):
        assert (problem.low, problem.high) == (low, high)
        X, y = problem.wide(np.random.default_rng(1))
        assert X.min() >= min(2 * low, 0)
        assert X.max() > 1.9 * high
        assert np.allclose(y, function(*X.T))
        assert problem.recovered(lambda X, f=function: f(*X.T), np.random.default_rng(2))
        for wrong in (
            lambda X, f=function: f(*X.T) + 1e-3,
            lambda X: np.full(len(X), np.nan),
            None,
        ):
            assert not problem.recovered(wrong, np.random.default_rng(2))


def test_a_value_that_a_constant_has_rounded_is_still_looked_up():
    x = np.append(np.random.default_rng(3001).uniform(-1, 1, 19), 3e-4)  # x cubed is lost in y
    formula = find_formula(x[:, None], sin(x**3) * cos(x**2) - 1)
    fresh = np.linspace(-2, 2, 99)
    assert np.allclose(formula(fresh[:, None]), sin(fresh**3) * cos(fresh**2) - 1)


NONE = {
    "noise": lambda X, rng: rng.normal(size=len(X)),
    "three values at random": lambda X, rng: rng.permutation(np.arange(len(X)) % 3),
    "a linear function with random coefficients": lambda X, rng: (
        X @ rng.normal(size=X.shape[1]) + rng.normal()
    ),
    "a cube with noise of a millionth": lambda X, rng: (
        X[:, 0] ** 3 + 1e-6 * rng.normal(size=len(X))
    ),
    "a free frequency": lambda X, rng: sin(rng.uniform(2, 3) * X[:, 0]),
}


@pytest.mark.parametrize(("name", "dimension"), list(itertools.product(NONE, (1, 2))))
def test_where_nothing_fits_there_is_no_answer(name, dimension):
    rng = np.random.default_rng(3)
    X = rng.uniform(-1, 1, (20, dimension))
    assert find_formula(X, NONE[name](X, rng)) is None


def test_a_budget_that_is_too_small_means_no_answer():
    X = np.linspace(-1, 1, 20)[:, None]
    y = sin(X[:, 0]) + sin(X[:, 0] + X[:, 0] ** 2)
    assert find_formula(X, y, evaluations=1000) is None


def test_contradictory_duplicates_mean_no_answer_and_equal_ones_do_no_harm():
    x = np.linspace(-1, 1, 10)
    twice = np.concatenate([x, x[:1]])[:, None]
    assert find_formula(twice, np.concatenate([x**2, x[:1] ** 2 + 1])) is None
    assert str(find_formula(twice, np.concatenate([x**2, x[:1] ** 2]))) == "x * x"


def test_eight_points_and_a_thousand():
    for n in (8, 1000):
        X = np.random.default_rng(n).uniform(0.1, 1, (n, 1))
        assert str(find_formula(X, np.sqrt(X[:, 0]))) == "exp(log(x) / 2)"


def test_small_banks_hold_every_function_once():
    def expressions(size):
        if size == 1:
            return ["1", "x"]
        found = [f"{f}({a})" for f in ("sin", "cos", "exp", "log") for a in expressions(size - 1)]
        for first in range(1, size - 1):
            for a in expressions(first):
                found += [f"({a}{o}{b})" for o in "+-*/" for b in expressions(size - 1 - first)]
        return found

    x = np.random.default_rng(0).uniform(-1, 1, 16)
    functions = set()
    with np.errstate(all="ignore"):
        for size in (1, 2, 3):
            for text in expressions(size):
                values = np.zeros(16) + eval(text, {"x": x, **vars(np), "__builtins__": {}})
                if np.isfinite(values).all() and np.abs(values).max() > 1e-12:
                    functions.add(tuple(np.round(values, 10) + 0.0))
    assert len(bank(x[:, None], 3).operators) == len(functions) == 36


def test_a_formula_prints_what_it_computes():
    rng = np.random.default_rng(5)
    for name in ("Nguyen-7", "Nguyen-12", "Livermore-7", "Livermore-14", "Livermore-16"):
        function, low, high = PROBLEMS[name]
        X = rng.uniform(low, high, (20, function.__code__.co_argcount))
        formula = find_formula(X, function(*X.T))
        names = dict(zip("xy", X.T, strict=False)) | {f.__name__: f for f in (sin, cos, exp, log)}
        assert np.allclose(eval(str(formula), {"__builtins__": {}}, names), formula(X))


def test_a_formula_refuses_other_shapes():
    formula = find_formula(np.linspace(0, 1, 9)[:, None], np.linspace(0, 1, 9) ** 2)
    assert isinstance(formula, Formula)
    assert formula([[2.0], [3]]).tolist() == [4, 9]
    assert formula(np.zeros((0, 1))).shape == (0,)
    for bad in (np.zeros(3), np.zeros((3, 2)), 1.0, [["a"]]):
        with pytest.raises(ValueError, match="X"):
            formula(bad)


x = np.linspace(0, 1, 9)[:, None]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: find_formula(x[:7], x[:7, 0]), "X"),
        (lambda: find_formula(np.repeat(x[:4], 3, axis=0), np.arange(12)), "X"),
        (lambda: find_formula(x[:, 0], x[:, 0]), "X"),
        (lambda: find_formula(np.zeros((9, 3)), x[:, 0]), "X"),
        (lambda: find_formula(np.full((9, 1), np.nan), x[:, 0]), "X"),
        (lambda: find_formula([["a"]] * 9, x[:, 0]), "X"),
        (lambda: find_formula(x, x), "y"),
        (lambda: find_formula(x, x[:8, 0]), "y"),
        (lambda: find_formula(x, np.ones(9)), "y"),
        (lambda: find_formula(x, np.zeros(9)), "y"),
        (lambda: find_formula(x, np.full(9, np.inf)), "y"),
        (lambda: find_formula(x, x[:, 0] + 1j), "y"),
        (lambda: find_formula(x, x[:, 0], evaluations=0), "evaluations"),
        (lambda: find_formula(x, x[:, 0], evaluations=1e6), "evaluations"),
        (lambda: find_formula(x, x[:, 0], seed=-1), "seed"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        call()
