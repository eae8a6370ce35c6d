"""The compiled search for programs, against the exact interpreter of `maths.sequence_programs`."""

import json
import subprocess
import sys

import numpy as np
import pytest

from course_utils.engines import program_machine as machine
from course_utils.engines import program_search as ps
from course_utils.maths.sequence_programs import parse, terms
from tests.support import ROOT

DATA = json.loads((ROOT / "tests/data/sequences109.json").read_text(encoding="utf-8"))
TARGETS = np.array([entry["terms"] for entry in DATA.values()])
FOLLOWING = ps.contexts(2)


def flat():
    """The policy that draws every token equally often, but for the root."""
    policy = np.tile(np.where(ps.ARITY == 0, 0.12, 0.4 / 9), (len(FOLLOWING), 1))
    policy[0, :5] = 0
    return policy / policy.sum(axis=1, keepdims=True)


def random_program(rng, size):
    """Tokens of a random program of about `size` tokens, in prefix order."""
    tokens, waiting = [], 1
    while waiting:
        atoms = len(tokens) + waiting >= size
        token = int(rng.integers(5) if atoms else rng.integers(14))
        if len(tokens) + waiting + ps.ARITY[token] > ps.LONGEST:
            token = 3
        tokens.append(token)
        waiting += int(ps.ARITY[token]) - 1
    return np.array(tokens)


def nested(tokens):
    """The expression of tokens in prefix order, by recursion, in the form of `parse`."""
    rest = [int(t) for t in tokens]

    def read():
        token = rest.pop(0)
        return (ps.TOKENS[token], tuple(read() for _ in range(ps.ARITY[token])))

    whole = read()
    assert not rest
    return whole


@pytest.mark.parametrize("seed", range(4))
def test_text_and_values_agree_with_the_exact_interpreter(seed):
    rng = np.random.default_rng(seed)
    compared = 0
    for _ in range(400):
        tokens = random_program(rng, int(rng.integers(1, 14)))
        program = machine.text(tokens)
        assert parse(program) == nested(tokens)
        found = machine.values(tokens, 6)
        known = [value for value in found if value is not None]
        if known:
            assert terms(program, len(known)) == known, program
            compared += len(known)
    assert compared > 1000


@pytest.mark.parametrize(
    "program",
    ["loop(x * x, 2 * 2 * 2, 2)", "1 div x", "compr(1, x)", "loop(x + 1, 2 * 2, x) mod (x - x)"],
)
def test_what_has_no_value_has_none(program):
    def prefix(node):
        return [ps.TOKENS.index(node.name), *(t for part in node.arguments for t in prefix(part))]

    found = machine.values(np.array(prefix(parse(program))), 3)
    assert None in found


def test_a_product_near_the_limit_is_right_or_none():
    # loop(x * 2, x, 1) is 2^x: exact as long as it stays below 2^62, then nothing
    tokens = np.array([11, 7, 3, 2, 3, 1])
    found = machine.values(tokens, 70)
    assert found[:62] == [2**k for k in range(62)]
    assert found[62:] == [None] * 8


def test_finds_are_programs_for_their_targets():
    finds = ps.search(flat(), FOLLOWING, TARGETS, 100_000, 3)
    solved = np.flatnonzero(finds.sizes)
    assert 15 <= len(solved) <= 40
    for k in solved:
        program = machine.text(finds.programs[k, : finds.sizes[k]])
        assert terms(program, 16) == TARGETS[k].tolist()


def test_the_same_seed_finds_the_same_and_another_does_not():
    first, again, other = (ps.search(flat(), FOLLOWING, TARGETS, 30_000, s) for s in (1, 1, 2))
    assert (first.programs == again.programs).all()
    assert (first.programs != other.programs).any()


def test_the_shortest_of_several_is_kept():
    policy = flat()
    finds = ps.search(policy, FOLLOWING, np.array([[0, 2, 4, 6]]), 50_000, 0)
    assert finds.sizes.tolist() == [3]  # x + x, or 2 * x


def test_tokens_are_drawn_as_the_policy_says():
    policy = np.zeros((24, 14))
    policy[:, 3] = 1  # only x
    policy[0] = 0
    policy[0, [5, 7]] = 0.25, 0.75  # x + x or x * x
    targets = np.array([[0, 2, 4], [0, 1, 4]])
    counts = np.zeros(2)
    for seed in range(400):
        counts += ps.search(policy, FOLLOWING, targets, 1, seed).sizes > 0
    assert counts.sum() == 400
    assert abs(counts[0] / 400 - 0.25) < 0.1


def test_contexts_of_order_three_refine_those_of_order_two():
    two, three = ps.contexts(2), ps.contexts(3)
    assert (three % 24 == two[np.arange(576) % 24]).all()
    for token, arity in enumerate(ps.ARITY):  # the argument's context tells that of its place
        assert (three[:, token, :arity] // 24 == (np.arange(576) % 24)[:, None]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policy": np.ones((24, 14))}, "policy must hold"),
        ({"policy": np.ones((3, 14))}, "policy must have shape"),
        ({"targets": np.array([[1, 2], [1, 2]])}, "different rows"),
        ({"programs": 0}, "programs must be at least 1"),
    ],
)
def test_bad_input(change, message):
    given = {
        "policy": flat(),
        "following": FOLLOWING,
        "targets": TARGETS,
        "programs": 10,
        "seed": 0,
    }
    with pytest.raises(ValueError, match=message):
        ps.search(**given | change)
    with pytest.raises(ValueError, match="order must be"):
        ps.contexts(4)


def test_a_second_process_takes_the_compiled_code_from_the_cache(tmp_path):
    code = (
        "import numpy as np\n"
        "from course_utils.engines import program_machine as machine\n"
        "print(machine.values(np.array([11, 7, 4, 3, 3, 1]), 6))\n"
        "print(sum(machine.run_program.stats.cache_hits.values()))\n"
    )
    run = [sys.executable, "-c", code]
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PATH": "/usr/bin", "PYTHONPATH": str(ROOT)}
    first, second = (
        subprocess.run(run, capture_output=True, text=True, env=environment) for _ in range(2)
    )
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stdout.split("\n")[0] == second.stdout.split("\n")[0] == "[1, 1, 2, 6, 24, 120]"
    assert first.stdout.split("\n")[1] == "0"
    assert int(second.stdout.split("\n")[1]) >= 1
