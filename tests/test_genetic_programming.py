"""The stack machine against numpy, errors against their definition, and formulas that are found."""

import numpy as np
import pytest

from course_utils.engines import genetic_programming as gp
from course_utils.engines.genetic_programming import evolve
from course_utils.maths.regression_problems import NGUYEN


def random_trees(count, dimension, seed=1):
    state, trees = np.array([seed], np.uint64), np.zeros((count, 31), np.int8)
    return trees, [gp._grow(tree, 0, 20, dimension, state) for tree in trees]


@pytest.mark.parametrize("dimension", [1, 2])
def test_the_stack_machine_computes_what_the_printed_formula_says(dimension):
    X = np.random.default_rng(dimension).uniform(0.1, 1, (7, dimension))
    stack = np.zeros((32, 7))
    names = dict(zip("xy", X.T, strict=False)) | {f: getattr(np, f) for f in gp.TOKENS[7:]}
    for tree, size in zip(*random_trees(300, dimension), strict=True):
        assert gp._run(tree, size, np.ascontiguousarray(X.T), stack, False) == 1
        rest = tree[:size].tolist()[::-1]
        formula = gp.Formula(gp._tree(rest), dimension)
        assert rest == []
        if " / 0" in str(formula):  # of Python's integers
            assert not np.isfinite(stack[0]).all() or not formula(X).any()
            continue
        with np.errstate(all="ignore"):
            wanted = np.zeros(7) + eval(str(formula), {"__builtins__": {}}, names)
        assert np.allclose(stack[0], wanted, rtol=1e-6, atol=1e-9, equal_nan=True), str(formula)


def test_with_constants_the_error_is_that_of_least_squares():
    rng, compared = np.random.default_rng(0), 0
    X = rng.uniform(0.1, 1, (25, 2))
    y = rng.normal(size=25)
    y -= y.mean()
    stack, columns = np.zeros((32, 25)), np.ascontiguousarray(X.T)
    for tree, size in zip(*random_trees(300, 2), strict=True):
        k = gp._run(tree, size, columns, stack, True)
        terms, rest = [], tree[:size].tolist()[::-1]
        while rest:
            if rest[-1] in (3, 4):
                rest.pop()
            else:
                terms.append(gp.Formula(gp._tree(rest), 2)(X))
        assert k == len(terms)
        error = gp._error(stack, k, y, np.zeros(25), True)
        if np.isfinite(error):
            design = np.stack([np.ones(25), *terms], axis=1)
            wanted = np.sum((design @ np.linalg.lstsq(design, y, rcond=None)[0] - y) ** 2)
            assert error == pytest.approx(wanted, rel=1e-5)
            compared += 1
    assert compared > 100


def test_children_are_formulas_and_not_too_long():
    trees, sizes = random_trees(50, 2)
    state, child = np.array([7], np.uint64), np.zeros(31, np.int8)
    for i in range(2000):
        a, b = i % 50, (7 * i + 1) % 50
        size = gp._child(child, trees[a], trees[b], sizes[a], 2, state)
        assert size <= 30
        assert gp._end(child, 0) == size


def test_one_run_finds_short_formulas_and_they_hold_outside():
    for k in (0, 1, 5, 8):
        X, y = NGUYEN[k].data(np.random.default_rng(k))
        run = evolve(X, y, np.random.default_rng(0), evaluations=400_000)
        assert NGUYEN[k].recovered(run.front[-1], np.random.default_rng(9))
        sizes, errors = zip(*((f.size, f.error) for f in run.front), strict=True)
        assert list(sizes) == sorted(set(sizes))
        assert list(errors) == sorted(errors, reverse=True)


def test_free_coefficients_are_found_only_with_least_squares():
    rng = np.random.default_rng(2)
    X = rng.uniform(-1, 1, (20, 1))
    y = 1.234 * X[:, 0] ** 2 - 0.567 * np.sin(X[:, 0]) + 0.089
    with_them = evolve(X, y, np.random.default_rng(0), evaluations=100_000, constants=True)
    without = evolve(X, y, np.random.default_rng(0), evaluations=100_000)
    assert with_them.front[-1].error < 1e-20 < 1e-10 < without.front[-1].error
    assert np.allclose(with_them.front[-1](X), y)


def test_the_same_seed_gives_the_same_run():
    X, y = NGUYEN[6].data(np.random.default_rng(0))
    first, second = (evolve(X, y, np.random.default_rng(3), evaluations=20_000) for _ in "ab")
    assert [str(f) for f in first.front] == [str(f) for f in second.front]
    assert first.evaluated == second.evaluated == 20_000


x = np.linspace(0, 1, 9)[:, None]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda rng: evolve(x[:, 0], x[:, 0], rng), "X"),
        (lambda rng: evolve(np.zeros((9, 3)), x[:, 0], rng), "X"),
        (lambda rng: evolve(np.full((9, 1), np.nan), x[:, 0], rng), "X"),
        (lambda rng: evolve(x, x[:8, 0], rng), "y"),
        (lambda rng: evolve(x, np.ones(9), rng), "y"),
        (lambda rng: evolve(x, np.full(9, np.inf), rng), "y"),
        (lambda rng: evolve(x, x[:, 0], rng, population=1), "population"),
        (lambda rng: evolve(x, x[:, 0], rng, age=0), "age"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        call(np.random.default_rng(0))
