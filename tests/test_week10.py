"""Week 10's notebook: reading off Grundy values, options, training positions and balanced tests."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from course_utils.exercises.week10 import certify, proved_period
from course_utils.maths.combinatorial_games import grundy_dawson, grundy_kayles, nim_sum
from tools import workbook
from tools.builder.source import build

NAMES = (
    "import",
    "def counts",
    "def small_positions",
    "def balanced_positions",
    "class Characters",
)
NAMES += ("def kayles_options", "def kayles_game", "def read_off", "def with_zero")
NAMES += ("def prove_kayles", "def digit_sets")


@pytest.fixture(scope="module")
def notebook() -> dict[str, Any]:
    """Return the names that these cells of the notebook define."""
    (path,) = workbook.sources(["week10"])
    namespace: dict[str, Any] = {}
    for cell in build(path, solved=True).cells:
        wanted = cell.cell_type == "code" and cell.source.lstrip().startswith(NAMES)
        if wanted and "google.colab" not in cell.source:
            defined = cell.source.split("\n\npositions = ")[0]
            exec(compile(defined, path.name, "exec"), namespace)
    return namespace


def digits_of(values: list[int], columns: list[int]) -> np.ndarray:
    """Codes whose column for s is the parity of the digits that s and the value share."""
    return np.array([[(s & g).bit_count() % 2 for s in columns] for g in values])


@pytest.mark.parametrize("columns", [[1, 2, 4], [7, 3, 5, 1], [4, 2, 1, 6]])
def test_grundy_values_are_read_off_any_basis_of_characters(notebook, columns):
    exact = [grundy_kayles(n) for n in range(21)]
    values, value = notebook["read_off"](digits_of(exact, columns))
    assert values == exact
    assert len(value) == 8
    assert set(value.values()) == set(range(8))


def test_a_wrong_code_stops_the_reading_at_its_row_or_before_it_is_used(notebook):
    exact = [grundy_kayles(n) for n in range(21)]
    for row in range(1, 21):
        for column in range(3):
            codes = digits_of(exact, [1, 2, 4])
            codes[row, column] ^= 1
            values, _ = notebook["read_off"](codes)
            assert len(values) < 21, (row, column)
            assert values == exact[: len(values)]


def test_codes_that_forget_a_digit_are_not_read(notebook):
    exact = [grundy_kayles(n) for n in range(21)]
    for columns in ([1, 2], [1, 4], [2, 4], [3, 5, 6]):  # [3, 5, 6] has rank two
        assert len(notebook["read_off"](digits_of(exact, columns))[0]) < 21


def exact_network(notebook, largest: int) -> Any:
    """The network with phases and weights set by hand: seven characters, equal weights."""
    net = notebook["Characters"](largest, 7)
    codes = digits_of([grundy_kayles(n) for n in range(1, largest + 1)], list(range(1, 8)))
    with torch.no_grad():
        net.phases.copy_(torch.tensor(codes + 2.0 * (np.arange(7) - 3)))
        net.head.weight.fill_(1.0)
        net.head.bias.fill_(-3.0)  # logit 4 at xor 0, else -4
    return net


def test_a_network_of_exact_characters_is_proved_with_margin_four(notebook):
    values, margin = notebook["prove_kayles"](exact_network(notebook, 20))
    assert values == [grundy_kayles(n) for n in range(21)]
    assert margin == pytest.approx(4, abs=1e-4)


def test_labels_from_the_rules_agree_with_grundy_when_the_network_is_right(notebook):
    game = notebook["kayles_game"](9)
    net = exact_network(notebook, 9)
    for size in (1, 4, 9):
        x, relabel = game(net, size)
        rows = [p for p in notebook["small_positions"](9) if max(p) <= size]
        assert torch.equal(x, notebook["counts"](rows, 9))
        truth = [nim_sum(map(grundy_kayles, p)) == 0 for p in rows]
        assert relabel().bool().tolist() == truth


def test_options_of_kayles_are_all_that_the_rules_allow(notebook):
    for rows in product(range(5), repeat=3):
        found = {tuple(sorted(p)) for p in notebook["kayles_options"](rows)}
        slow = set()
        for i, row in enumerate(rows):
            pins = list(range(row))
            for hit in [[p] for p in pins] + [[p, p + 1] for p in pins[:-1]]:
                parts = (hit[0], row - hit[-1] - 1)
                slow.add(tuple(sorted((*rows[:i], *parts, *rows[i + 1 :]))))
        assert found == slow, rows


def test_test_positions_are_balanced_and_labelled_by_bouton(notebook):
    for heaps in (3, 4, 100):
        positions, p = notebook["balanced_positions"](heaps, np.random.default_rng(heaps))
        assert positions.shape == (2000, heaps)
        assert p.sum() == 1000
        assert positions.min() >= 0
        assert positions.max() <= 7
        assert [nim_sum(h) == 0 for h in positions] == p.tolist()


def test_digit_sets_have_their_sums_and_every_size(notebook):
    digits, sums = notebook["digit_sets"](2000, 10, np.random.default_rng(0))
    taken = digits < 10
    assert set(taken.sum(1).tolist()) == set(range(1, 11))
    assert torch.equal((digits * taken).sum(1).float(), sums)


def test_a_proved_margin_is_the_worst_case_over_all_small_positions():
    """No position of at most four heaps has a logit nearer to 0 than the margin says."""
    rng = np.random.default_rng(3)
    codes = np.array([[(s & h).bit_count() % 2 for s in (1, 2, 4, 7, 3)] for h in range(8)])
    codes[5, 4] ^= 1  # the last column is no character
    weights, bias = np.array([2.0, 2.0, 2.0, 1.0, 0.25]), -4.0
    good, margin = certify(codes + rng.uniform(-0.3, 0.3, codes.shape), weights, bias)
    assert good == [0, 1, 2, 3]
    heaps = np.array(list(product(range(8), repeat=4)))
    logits = bias + np.cos(np.pi * codes[heaps].sum(1)) @ weights
    p = np.bitwise_xor.reduce(heaps, axis=1) == 0
    worst = np.where(p, logits, -logits).min()
    assert margin > 0
    assert worst >= margin - 1e-9


def test_the_periods_of_both_games_are_proved_from_tables_just_long_enough():
    for grundy, period, start in ((grundy_kayles, 12, 71), (grundy_dawson, 34, 53)):
        enough = 2 * start + 2 * period + 2
        values = [grundy(n) for n in range(enough)]
        assert proved_period(values, 2) == (period, start)
        assert proved_period(values[:-1], 2) == (0, 0)
