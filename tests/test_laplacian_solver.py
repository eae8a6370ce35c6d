"""The solver of graph Laplacians against dense linear algebra."""

import numpy as np
import pytest
from scipy import sparse

from course_utils.maths import laplacian_solver
from course_utils.maths.laplacian_solver import solve


def problem(n: int, classes: int, grounded: bool) -> tuple:
    """Return W, scale, right side, row sums and exact solution; singular unless `grounded`."""
    rng = np.random.default_rng([n, classes])
    W = np.triu(rng.random((n, n)) * (rng.random((n, n)) < 0.4), 1)
    W[np.arange(n - 1), np.arange(1, n)] = 1
    W += W.T
    scale = 1 / np.sqrt(W.sum(axis=0))
    kernel = 1 / scale  # of I - SWS, as long as nothing is grounded
    exact = rng.standard_normal((n, classes))
    if grounded:
        scale[: n // 3] = 0
    else:
        exact -= np.outer(kernel, kernel @ exact) / (kernel @ kernel)
    matrix = np.eye(n) - scale[:, None] * W * scale
    return sparse.csr_array(W), scale, matrix @ exact, exact.sum(axis=1), exact, kernel


@pytest.mark.parametrize("classes", [1, 2, 3, 9, 17])
@pytest.mark.parametrize("grounded", [True, False])
@pytest.mark.parametrize("n", [3, 40, 200])
def test_the_solution_is_that_of_dense_linear_algebra(n, classes, grounded):
    W, scale, right, total, exact, kernel = problem(n, classes, grounded)
    found = solve(W, scale, right, total, 1e-11)
    difference = found - exact
    if not grounded:  # unique up to the kernel
        difference -= np.outer(kernel, kernel @ difference) / (kernel @ kernel)
    assert abs(difference).max() < 1e-8
    np.testing.assert_allclose(found.sum(axis=1), total, atol=1e-12)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("tolerance", [1e-2, 1e-6])
def test_the_residual_is_within_both_bounds_and_not_needlessly_small(size, tolerance):
    W, scale, right, total, _, _ = problem(200, 5, True)
    right, total = size * right, size * total
    found = solve(W, scale, right, total, tolerance)
    residual = right - found + scale[:, None] * (W @ (scale[:, None] * found))
    bound = tolerance * min(1.0, np.linalg.norm(right))
    assert 1e-4 * bound < np.linalg.norm(residual) <= 1.0001 * bound


def test_what_is_not_solved_in_time_says_so(monkeypatch):
    W, scale, right, total, _, _ = problem(200, 5, True)
    monkeypatch.setattr(laplacian_solver, "MAX_ITERATIONS", 2)
    with pytest.raises(ValueError, match="no solution to tolerance 1e-06"):
        solve(W, scale, right, total, 1e-6)
