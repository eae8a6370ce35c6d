"""The machine against a recursive reading of the definition, and against the recorded programs."""

import ast
import json
import time
from itertools import count as naturals
from math import factorial

import numpy as np
import pytest

from course_utils.maths.sequence_programs import BITS, terms
from tests.support import ROOT

SEQUENCES = json.loads((ROOT / "tests" / "data" / "sequences109.json").read_text())
FOUND = {name: entry for name, entry in SEQUENCES.items() if entry["found_program"]}


def spec(tree: ast.AST, x: int, y: int) -> int:
    """The definition read aloud, on Python's own syntax tree (div is //, mod is %)."""
    if isinstance(tree, ast.Constant):
        return tree.value
    if isinstance(tree, ast.Name):
        return {"x": x, "y": y}[tree.id]
    if isinstance(tree, ast.BinOp):
        a, b = spec(tree.left, x, y), spec(tree.right, x, y)
        kind = type(tree.op)
        if kind is ast.FloorDiv:
            return a // b
        if kind is ast.Mod:
            return a % b
        return {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b}[kind]
    f, *given = tree.args
    if tree.func.id == "cond":
        return spec(given[0] if spec(f, x, y) <= 0 else given[1], x, y)
    if tree.func.id == "loop":
        times, value = spec(given[0], x, y), spec(given[1], x, y)
        for i in range(1, times + 1):
            value = spec(f, value, i)
        return value
    if tree.func.id == "loop2":
        g, *given = given
        times, a, b = (spec(part, x, y) for part in given)
        for _ in range(times):
            a, b = spec(f, a, b), spec(g, a, b)
        return a
    zeros = (m for m in naturals() if spec(f, m, 0) <= 0)
    return [next(zeros) for _ in range(max(spec(given[0], x, y), 0) + 1)][-1]


def spec_terms(program: str, count: int) -> list[int]:
    text = program.replace(" div ", " // ").replace(" mod ", " % ")
    tree = ast.parse(text, mode="eval").body
    return [spec(tree, n, 0) for n in range(count)]


def random_program(rng: np.random.Generator, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return str(rng.choice(["0", "1", "2", "x", "y"]))
    kind = rng.choice(["infix", "infix", "bracket", "cond", "loop", "loop2", "compr"])
    parts = [random_program(rng, depth - 1) for _ in range(5)]
    if kind == "infix":
        return f"{parts[0]} {rng.choice(['+', '-', '*', 'div', 'mod'])} {parts[1]}"
    if kind == "bracket":
        return f"({parts[0]})"
    if kind == "cond":
        return f"cond({', '.join(parts[:3])})"
    if kind == "loop":
        return f"loop({parts[0]}, ({parts[1]}) mod (2 + 2 * 2), {parts[2]})"
    if kind == "loop2":
        return f"loop2({parts[0]}, {parts[1]}, ({parts[2]}) mod (2 + 1), {parts[3]}, {parts[4]})"
    return f"compr(({parts[0]}) * 0, {parts[1]} mod (2 * 2 * 2))"


def test_random_programs_mean_what_the_definition_says():
    rng, compared = np.random.default_rng(0), 0
    for _ in range(400):
        program = random_program(rng, 3)
        try:
            wanted = spec_terms(program, 5)
        except ZeroDivisionError:
            with pytest.raises(ValueError, match="divides by zero"):
                terms(program, 5)
            continue
        if max(abs(v) for v in wanted).bit_length() < BITS:
            assert terms(program, 5) == wanted, program
            compared += 1
    assert compared > 200


@pytest.mark.parametrize("name", FOUND)
def test_the_recorded_programs_give_their_sequences(name):
    assert terms(FOUND[name]["found_program"], 16) == FOUND[name]["terms"]


EXAMPLES = {
    "loop(y * x, x, 1)": [1, 1, 2, 6, 24, 120],
    "loop2(x + y, x, x, 0, 1)": [0, 1, 1, 2, 3, 5],
    "loop(2 * x, x, 1)": [1, 2, 4, 8, 16, 32],
    "x - 1 - 1": [-2, -1, 0, 1, 2, 3],
    "2 * x mod 2 + 1": [1, 1, 1, 1, 1, 1],
    "(0 - x) div 2": [0, -1, -1, -2, -2, -3],
    "(0 - x) mod (2 + 1)": [0, 2, 1, 0, 2, 1],
    "cond(x - 2, 1, x div (x - 2))": [1, 1, 1, 3, 2, 1],
    "compr(x mod 2, x)": [0, 2, 4, 6, 8, 10],
    "compr(1 - x, x - 2)": [1, 1, 1, 2, 3, 4],
    "loop(x + 1, 0 - x, 2)": [2, 2, 2, 2, 2, 2],
}


@pytest.mark.parametrize("program", EXAMPLES)
def test_programs_by_hand(program):
    assert terms(program, 6) == EXAMPLES[program]


def test_cond_computes_only_the_branch_that_is_wanted():
    assert terms("cond(x, 1, 2 div x)", 3) == [1, 2, 1]
    assert terms("cond(1, compr(1, 0), 2)", 1) == [2]


def test_terms_are_exact_beyond_64_bits():
    value = terms("loop(y * x, x, 1)", 60)[59]
    assert type(value) is int
    assert value == factorial(59)


def test_no_terms_of_a_right_program_and_of_a_wrong_one():
    assert terms("x", 0) == []
    with pytest.raises(ValueError, match="program"):
        terms("x +", 0)


@pytest.mark.parametrize(
    "program",
    [
        "(" * 100_000 + "x" + ")" * 100_000,
        "1 - " * 50_000 + "1",
        "cond(0, " * 30_000 + "x" + ", 1)" * 30_000,
    ],
    ids=["brackets", "differences", "functions"],
)
def test_deep_nesting_gives_the_value(program):
    assert terms(program, 2) in ([0, 1], [-49_999, -49_999])


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("compr(1, 0)", "steps"),
        ("loop(x + 1, loop(x * x, 2 + 2 + 2, 2), 0)", "steps"),
        ("loop(x * x, 2 * 2 * 2 * 2 * 2, 2)", "bits"),
        ("loop(x * x + 1, 2 * 2 * 2 * 2 - 2, 2) * 0 + loop(x * x, x * x, 2)", "bits"),
        ("loop(loop(x + x, loop(x * x, 2 + 1, 2) * 2 * 2 * 2, x), 2 * 2 * 2 * 2, 1)", "bits|steps"),
        ("1 div 0", "divides by zero"),
        ("x mod x", "divides by zero"),
    ],
)
def test_what_does_not_end_or_grows_is_stopped(program, message):
    start = time.process_time()
    with pytest.raises(ValueError, match=message):
        terms(program, 40)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "program",
    [
        *("", " ", "-1", "+x", "1 1", "x +", "3", "12", "z", "X", "x)", "(x", "x, 1", "loop", "()"),
        *("loop x", "loop(x, 1)", "loop(x, 1, 2, y)", "loop2(x, y, 1, 1, 1,)", "cond(, 1, 2)"),
        *("x // 2", "x ** 2", "1 - - 1", "(x, 1)", "loop((x, y), 1)", "2x", "x(1)", "0x1", "1.0"),
        *(
            "__import__('os')",
            "x if y else 1",
            "lambda: 1",
            "x; y",
            "loop(x,1,2)(1)",
            "1_0",
            "x div",
        ),
        *(None, 5, b"x", ["x"]),
    ],
)
def test_a_text_outside_the_language_is_refused(program):
    with pytest.raises(ValueError, match="program"):
        terms(program, 3)


@pytest.mark.parametrize("count", [-1, 1.0, True, "3", None])
def test_a_bad_count_is_named(count):
    with pytest.raises(ValueError, match="count"):
        terms("x", count)
