"""Exact decisions: published counterexamples, equality cases, and bounds near the edge."""

import json
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import sympy
from numpy.typing import NDArray

from course_utils.maths.conjectures import (
    aouchiche_hansen_threshold,
    laplacian_matrix,
    refutes_aouchiche_hansen,
    refutes_laplacian_bound,
)
from course_utils.maths.laplacian_bounds import bound_values, check_number, exact_values
from course_utils.maths.real_roots import (
    characteristic_polynomial,
    common_divisor,
    count_roots,
    squarefree_part,
    sturm_chain,
)
from course_utils.maths.surds import Surd, compare_largest_root, root

DATA = Path(__file__).parent / "data"
CONJ21 = json.loads((DATA / "wagner_conj21.json").read_text())
LAPLACIAN = json.loads((DATA / "wagner_laplacian68.json").read_text())["bounds"]


def graph6(text: str) -> nx.Graph:
    return nx.from_graph6_bytes(text.encode())


def broom(a: int, b: int, between: bool = True) -> nx.Graph:
    """Two hubs with a and b leaves, at distance two (or adjacent)."""
    graph = nx.Graph([(0, 2), (2, 1)] if between else [(0, 1)])
    graph.add_edges_from((0, 3 + i) for i in range(a))
    graph.add_edges_from((1, 3 + a + i) for i in range(b))
    return graph


def reward(graph: nx.Graph) -> float:
    """The floating-point score, with networkx's matching: the definition of Conjecture 2.1."""
    top = np.linalg.eigvalsh(nx.to_numpy_array(graph))[-1]
    mu = len(nx.max_weight_matching(graph, maxcardinality=True))
    return np.sqrt(len(graph) - 1) + 1 - top - mu


# ---- polynomials ---------------------------------------------------------------------------


def characteristic_polynomial_spec(matrix: NDArray) -> list[int]:
    x = sympy.symbols("x")
    return [int(c) for c in sympy.Matrix(matrix.tolist()).charpoly(x).all_coeffs()]


@pytest.mark.parametrize("n", range(1, 9))
def test_characteristic_polynomial_equals_sympy(n: int) -> None:
    rng = np.random.default_rng(n)
    for size in (1, 2, 50, 10**7):
        matrix = rng.integers(-size, size + 1, (n, n)) * (rng.random((n, n)) < 0.7)
        assert characteristic_polynomial(matrix) == characteristic_polynomial_spec(matrix)


def test_characteristic_polynomial_of_a_large_graph_has_the_right_traces() -> None:
    graph = nx.gnp_random_graph(120, 0.1, seed=1)
    matrix = nx.to_numpy_array(graph, dtype=np.int64)
    polynomial = characteristic_polynomial(matrix)
    triangles = sum(nx.triangles(graph).values()) // 3
    assert polynomial[:4] == [1, 0, -graph.number_of_edges(), -2 * triangles]
    assert characteristic_polynomial(np.zeros((0, 0))) == [1]


@pytest.mark.parametrize(
    "matrix", [np.zeros((2, 3)), np.full((2, 2), 0.5), np.full((1, 1), np.nan), np.eye(2) * 1e16]
)
def test_characteristic_polynomial_refuses(matrix: NDArray) -> None:
    with pytest.raises(ValueError, match="matrix must"):
        characteristic_polynomial(matrix)


def expand(roots: list[Fraction]) -> list[int]:
    polynomial = [1]
    for value in roots:
        a, b = value.numerator, value.denominator
        padded = [*polynomial, 0]
        polynomial = [b * c - a * d for c, d in zip(padded, [0, *polynomial], strict=True)]
    return polynomial


def test_sturm_counts_known_rational_roots() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        count = int(rng.integers(1, 7))
        roots = [Fraction(int(a), int(b)) for a, b in rng.integers([-6, 1], [7, 4], (count, 2))]
        polynomial = expand(roots)
        low, high = sorted(Fraction(int(a), 2) for a in rng.integers(-12, 13, 2))
        assert count_roots(polynomial, low, high) == len({r for r in roots if low <= r <= high})
        assert count_roots(polynomial, low, None) == len({r for r in roots if low <= r})
        assert squarefree_part(polynomial) == squarefree_part(expand(sorted(set(roots))))


def test_sturm_counts_with_complex_roots_equal_sympy() -> None:
    x = sympy.symbols("x")
    rng = np.random.default_rng(4)
    for _ in range(60):
        coefficients = [1, *rng.integers(-5, 6, int(rng.integers(2, 7))).tolist()]
        polynomial = sympy.Poly(coefficients, x)
        assert count_roots(coefficients, -3, 2) == polynomial.sqf_part().count_roots(-3, 2)


def test_small_polynomials() -> None:
    assert common_divisor([2, -2], [3, -6, 3]) == [1, -1]
    assert common_divisor([1, 0], [1, 1]) == [1]
    assert sturm_chain([5]) == [[1]]
    assert count_roots([5], -1, None) == 0
    with pytest.raises(ValueError, match="zero"):
        count_roots([0, 0], 0, 1)
    with pytest.raises(ValueError, match="at most high"):
        count_roots([1, 0], 1, 0)


def test_the_by_hand_certificate_of_the_counterexample_on_19_vertices() -> None:
    assert Fraction(106, 25) ** 2 < 18
    assert count_roots([1, 0, -18, 0, 79], Fraction(81, 25), None) == 0
    assert count_roots([1, 0, -18, 0, 79], Fraction(80, 25), None) == 1


# ---- numbers with nested roots -------------------------------------------------------------


def surds(rng: np.random.Generator, count: int) -> list[Surd]:
    numbers = rng.integers(-9, 10, (count, 3)).tolist()
    signs = rng.choice([-1, 1], count).tolist()
    return [
        Surd(Fraction(r, 2), Fraction(y, 3), Fraction(abs(x)), s)
        for (r, y, x), s in zip(numbers, signs, strict=True)
    ]


def as_float(surd: Surd) -> float:
    inner = float(surd.y) + np.sqrt(float(surd.x))
    return float(surd.r) + surd.sign * np.sqrt(max(0.0, inner))


def test_enclosures_hold_the_number_and_its_annihilator_vanishes() -> None:
    for surd in surds(np.random.default_rng(5), 200):
        low, high = surd.enclosure(40)
        assert low <= high < low + Fraction(1, 10**4)
        assert as_float(surd) == pytest.approx(float(surd), abs=1e-6)
        assert count_roots(surd.annihilator(), low, high) >= 1


def test_operations_equal_floating_point() -> None:
    for k in range(1, 40):
        x = Fraction(k, 7)
        assert float(3 + root(x) / 2) == pytest.approx(3 + np.sqrt(k / 7) / 2)
        assert float(5 / (2 + root(x))) == pytest.approx(5 / (2 + np.sqrt(k / 7)))
        assert float(root(root(x) + -1)) == pytest.approx(np.sqrt(max(0, np.sqrt(k / 7) - 1)))
    assert float(5 / (2 + root(Fraction(4)))) == 1.25
    assert float(root(Fraction(-3))) == 0.0


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("two roots", lambda: root(root(root(Fraction(2))))),
        ("positive numbers only", lambda: root(Fraction(2)) / 0),
        ("reciprocal", lambda: 1 / root(Fraction(2))),
        ("x must not be negative", lambda: Surd(Fraction(0), Fraction(0), Fraction(-1))),
    ],
)
def test_numbers_out_of_the_form_are_refused(message: str, action: Callable) -> None:
    with pytest.raises(ValueError, match=message):
        action()


def test_comparison_sees_equality_and_the_smallest_difference() -> None:
    square = [1, 0, -2]
    assert compare_largest_root(square, root(Fraction(2))) == 0
    for k in (10, 40, 160):
        epsilon = Fraction(1, 10**k)
        assert compare_largest_root(square, root(2 + epsilon)) == -1
        assert compare_largest_root(square, root(2 - epsilon)) == 1
        assert compare_largest_root(square, epsilon + root(Fraction(2))) == -1
    golden = Surd(Fraction(1, 2), Fraction(5, 4))
    assert compare_largest_root([1, -1, -1], golden) == 0
    assert compare_largest_root([1, 0, -3, 0, 1], golden) == 0  # path on 4 vertices
    nested = Surd(Fraction(0), Fraction(2), Fraction(2))  # 2 cos(π/8)
    assert compare_largest_root([1, 0, -4, 0, 2], nested) == 0
    with pytest.raises(ValueError, match="real root"):
        compare_largest_root([1, 0, 1], golden)


def test_comparison_equals_floating_point_away_from_equality() -> None:
    rng = np.random.default_rng(6)
    for surd in surds(rng, 150):
        roots = [Fraction(int(a), 3) for a in rng.integers(-9, 10, 4)]
        gap = float(max(roots)) - as_float(surd)
        if abs(gap) > 1e-9:
            assert compare_largest_root(expand(roots), surd) == np.sign(gap)


# ---- Aouchiche and Hansen ------------------------------------------------------------------


def test_published_counterexamples_refute() -> None:
    for n, entries in CONJ21["all_connected_counterexamples"].items():
        for entry in entries:
            graph = graph6(entry["graph6"])
            assert len(graph) == int(n)
            assert refutes_aouchiche_hansen(graph)
            assert reward(graph) == pytest.approx(float(entry["slack"]), abs=1e-9)
            x = sympy.symbols("x")
            factored = sympy.Poly(sympy.sympify(entry["charpoly_factored"]), x)
            matrix = nx.to_numpy_array(graph)
            assert characteristic_polynomial(matrix) == factored.all_coeffs()


EQUALITY = {
    "star, n = 4": nx.star_graph(3),
    "star, n = 19": nx.star_graph(18),
    "star, n = 100": nx.star_graph(99),
    "double broom (7, 7)": broom(7, 7),
    "double star (12, 12)": broom(12, 12, between=False),
}


@pytest.mark.parametrize("name", EQUALITY)
def test_equality_is_no_refutation(name: str) -> None:
    assert reward(EQUALITY[name]) == pytest.approx(0, abs=1e-9)
    assert not refutes_aouchiche_hansen(EQUALITY[name])


def test_small_trees_as_enumerated_in_the_reference() -> None:
    for n in range(3, 12):
        trees = list(nx.nonisomorphic_trees(n))
        assert len(trees) == CONJ21["trees"][str(n)]["trees"]
        assert not any(refutes_aouchiche_hansen(tree) for tree in trees)
        ties = sum(
            compare_largest_root(
                characteristic_polynomial(nx.to_numpy_array(tree)),
                aouchiche_hansen_threshold(n, len(nx.max_weight_matching(tree, True))),
            )
            == 0
            for tree in trees
        )
        assert ties == CONJ21["trees"][str(n)]["ties"]


def test_double_brooms_satisfy_the_inequality_of_the_note() -> None:
    """Refutes iff s > 4 and (a - b)^2 < s (s - 4)(s - 2)^2 with s = √(a + b + 2)."""
    for a in range(1, 24):
        for b in range(max(1, a - 6), a + 1):
            s = sympy.sqrt(a + b + 2)
            expected = bool(s > 4) and bool((a - b) ** 2 < s * (s - 4) * (s - 2) ** 2)
            assert refutes_aouchiche_hansen(broom(a, b)) == expected, (a, b)


def test_random_connected_graphs_agree_with_floating_point() -> None:
    rng = np.random.default_rng(7)
    for _ in range(150):
        n = int(rng.integers(3, 25))
        graph = nx.random_labeled_tree(n, seed=int(rng.integers(2**31)))
        graph.add_edges_from(rng.choice(list(combinations(range(n), 2)), int(rng.integers(4))))
        assert refutes_aouchiche_hansen(graph) == (reward(graph) > 1e-9)


def test_one_extra_edge_in_a_counterexample_is_accepted_as_a_graph_with_float_entries() -> None:
    matrix = nx.to_numpy_array(broom(8, 8))
    assert matrix.dtype == np.float64
    assert refutes_aouchiche_hansen(matrix)
    matrix[3, 4] = matrix[4, 3] = 1.0  # two leaves of a hub joined: a larger matching
    assert not refutes_aouchiche_hansen(matrix)


# ---- the 68 Laplacian bounds ---------------------------------------------------------------


def radius(graph: nx.Graph) -> float:
    return float(np.linalg.eigvalsh(laplacian_matrix(nx.to_numpy_array(graph)))[-1])


@pytest.mark.parametrize("number", [int(k) for k, v in LAPLACIAN.items() if "tree_graph6" in v])
def test_published_trees_refute(number: int) -> None:
    entry = LAPLACIAN[str(number)]
    graph = graph6(entry["tree_graph6"])
    assert refutes_laplacian_bound(number, graph)
    values = exact_values(number, nx.to_numpy_array(graph, dtype=np.int64))
    assert max(float(v) for v in values) == pytest.approx(float(entry["bound"]), abs=1e-12)


@pytest.mark.parametrize("number", range(1, 69))
def test_formulas_as_printed_in_the_reference(number: int) -> None:
    """The table's strings, evaluated in floating point on random graphs."""
    text = LAPLACIAN[str(number)]["formula"]
    names = {"s": np.sqrt, "P": lambda x: np.sqrt(max(x, 0.0))}
    rng = np.random.default_rng(number)
    for _ in range(6):
        graph = nx.random_labeled_tree(int(rng.integers(3, 12)), seed=int(rng.integers(2**31)))
        degree = dict(graph.degree)
        mean = {v: np.mean([degree[w] for w in graph[v]]) for v in graph}
        if number <= 32:
            places = [{"d": degree[v], "m": mean[v]} for v in graph]
        else:
            places = [
                {"a": degree[v], "b": degree[w], "p": mean[v], "q": mean[w]} for v, w in graph.edges
            ]
        expected = sorted({round(float(eval(text, names, place)), 9) for place in places})
        matrix = nx.to_numpy_array(graph, dtype=np.int64)
        found = sorted({round(float(v), 9) for v in exact_values(number, matrix)})
        assert found == pytest.approx(expected, abs=1e-8)
        assert bound_values(number, matrix[None])[0] == pytest.approx(expected[-1], abs=1e-8)


REGULAR = [nx.complete_bipartite_graph(3, 3), nx.cycle_graph(6), nx.hypercube_graph(4)]


@pytest.mark.parametrize("number", range(1, 69))
def test_regular_bipartite_graphs_attain_every_bound_and_refute_none(number: int) -> None:
    for graph in REGULAR:
        matrix = nx.to_numpy_array(graph)
        assert bound_values(number, matrix[None])[0] == pytest.approx(radius(graph), abs=1e-9)
        assert refutes_laplacian_bound(number, graph) is False


def test_random_graphs_agree_with_floating_point() -> None:
    rng = np.random.default_rng(8)
    for number in range(1, 69):
        for _ in range(4):
            n = int(rng.integers(3, 16))
            graph = nx.random_labeled_tree(n, seed=int(rng.integers(2**31)))
            gap = radius(graph) - bound_values(number, nx.to_numpy_array(graph)[None])[0]
            assert refutes_laplacian_bound(number, graph) == (gap > 1e-9)


def test_only_three_bounds_fall_to_the_path_on_three_vertices() -> None:
    path = nx.path_graph(3)
    assert [k for k in range(1, 69) if refutes_laplacian_bound(k, path)] == [48, 57, 61]


@pytest.mark.parametrize("number", [0, 69, -1, 10**6])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    for call in (check_number, lambda k: refutes_laplacian_bound(k, nx.path_graph(3))):
        with pytest.raises(ValueError, match=r"1 <= number <= 68"):
            call(number)


@pytest.mark.parametrize("number", [True, 3.0, "3", None])
def test_what_is_no_integer_is_a_type_error(number) -> None:
    with pytest.raises(TypeError, match="number must be an integer"):
        refutes_laplacian_bound(number, nx.path_graph(3))


def test_numpy_integers_are_integers() -> None:
    assert refutes_laplacian_bound(np.int64(48), nx.path_graph(3))


BAD = {
    "disconnected": nx.empty_graph(4),
    "disconnected: 2 components": nx.disjoint_union(nx.star_graph(3), nx.star_graph(3)),
    "n >= 3": nx.path_graph(2),
    "n >= 3 vertices, got n = 0": np.zeros((0, 0)),
    "loop": np.ones((3, 3)),
    "not symmetric": np.triu(np.ones((4, 4)), 1),
    "other than 0 and 1": 2 * nx.to_numpy_array(nx.path_graph(4)),
}


@pytest.mark.parametrize("message", BAD)
@pytest.mark.parametrize(
    "decide", [refutes_aouchiche_hansen, lambda graph: refutes_laplacian_bound(1, graph)]
)
def test_bad_graphs_are_refused_by_name(decide: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decide(BAD[message])
