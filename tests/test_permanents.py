"""Permanents and the pattern 312 against their definitions and published values."""

import json
from itertools import combinations, permutations, product
from math import factorial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from course_utils.maths.permanents import (
    contains_312,
    largest_permanent_avoiding_312,
    permanent,
    permanents,
)

DATA = json.loads((Path(__file__).parent / "data" / "wagner_perm312.json").read_text())


def permanent_spec(matrix: NDArray) -> int:
    n = len(matrix)
    return sum(all(matrix[i, w[i]] for i in range(n)) for w in permutations(range(n)))


def contains_312_spec(matrix: NDArray) -> bool:
    triples = list(combinations(range(len(matrix)), 3))
    return any(
        matrix[i, c] and matrix[j, a] and matrix[k, b] for i, j, k in triples for a, b, c in triples
    )


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_permanent_and_pattern_equal_their_definitions(n: int) -> None:
    rng = np.random.default_rng(n)
    for density in np.linspace(0.1, 0.9, 20):
        matrix = (rng.random((n, n)) < density).astype(int)
        assert permanent(matrix) == permanent_spec(matrix)
        assert contains_312(matrix) == contains_312_spec(matrix)


def test_permanents_of_large_matrices() -> None:
    assert permanent(np.ones((12, 12))) == factorial(12)
    assert permanent(1 - np.eye(10)) == 1334961  # derangements, OEIS A000166
    assert permanent(np.triu(np.ones((20, 20)))) == 1
    assert permanents(np.zeros((2, 3, 3), np.int8)).tolist() == [0, 0]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_largest_permanent_by_looking_at_all_matrices(n: int) -> None:
    best = 0
    for word in product((0, 1), repeat=n * n):
        matrix = np.array(word).reshape(n, n)
        if not contains_312_spec(matrix):
            best = max(best, permanent_spec(matrix))
    assert largest_permanent_avoiding_312(n) == best


def test_largest_permanent_of_order_four_by_looking_at_all_matrices() -> None:
    words = np.arange(2**16)[:, None] >> np.arange(16) & 1
    stack = words.reshape(-1, 4, 4)
    values = permanents(stack)
    assert not any(contains_312(matrix) is False for matrix in stack[values > 8])
    assert any(not contains_312(matrix) for matrix in stack[values == 8])
    assert largest_permanent_avoiding_312(4) == 8


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 8])
def test_published_values(n: int) -> None:
    assert largest_permanent_avoiding_312(n) == DATA["exact"][str(n)]


@pytest.mark.parametrize("n", [6, 7, 8, 9, 10])
def test_published_witnesses(n: int) -> None:
    matrix = np.array([[int(x) for x in row] for row in DATA["witness_rows"][str(n)]])
    assert not contains_312(matrix)
    known = DATA["exact"] | DATA["lower_bounds_reached_by_local_search"]
    assert permanent(matrix) == known[str(n)]


@pytest.mark.parametrize("matrix", [np.ones((2, 3)), np.full((2, 2), 2), np.ones((21, 21))])
def test_bad_matrices_are_refused(matrix: NDArray) -> None:
    for function in (permanent, contains_312):
        with pytest.raises(ValueError, match="matrix must"):
            function(matrix)


@pytest.mark.parametrize("n", [0, 11])
def test_orders_out_of_range_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match="1 <= n <= 10"):
        largest_permanent_avoiding_312(n)


@pytest.mark.parametrize("n", [True, 2.0, "3"])
def test_orders_that_are_no_integers_are_refused(n) -> None:
    with pytest.raises(TypeError, match="n must be an integer"):
        largest_permanent_avoiding_312(n)
