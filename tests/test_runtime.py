"""Claims, seeds and scales; the training loop; the plot helpers."""

import json
import math
from fractions import Fraction

import matplotlib as mpl
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pytest
import torch
from torch import nn

from course_utils import plotting, runtime
from course_utils.training import History, batches, fit


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in ("STRICT", "SCALE", "SEED", "THREADS", "CLAIMS"):
        monkeypatch.delenv(f"COURSE_{name}", raising=False)
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("value", "low", "high", "line"),
    [
        (0.5, 0, 1, "✓ x: 0.5 (band 0 … 1)\n"),
        (1.5, 0, 1, "✗ x: 1.5 (band 0 … 1)\n"),
        (math.nan, 0, 1, "✗ x: nan (band 0 … 1)\n"),
        (212, 212, 212, "✓ x: 212 (exact)\n"),
        (213, 212, 212, "✗ x: 213 (expected exactly 212)\n"),
        (10**30 + 1, 10**30, 10**30, f"✗ x: {10**30 + 1} (expected exactly {10**30})\n"),
        (Fraction(1, 3), 0, 1, "✓ x: 1/3 (band 0 … 1)\n"),
        (np.float32(0.25), 0, 1, "✓ x: 0.25 (band 0 … 1)\n"),
        (torch.tensor(0.25), 0, 1, "✓ x: 0.25 (band 0 … 1)\n"),
    ],
)
def test_a_claim_shows_value_and_band_and_returns_the_value(value, low, high, line, capsys):
    assert runtime.claim("x", value, low=low, high=high) is value
    assert capsys.readouterr().out == line


def test_a_missed_claim_raises_only_when_strict(monkeypatch):
    runtime.claim("x", 2, low=0, high=1)
    for mode in ("1", "solved"):
        monkeypatch.setenv("COURSE_STRICT", mode)
        with pytest.raises(AssertionError, match="✗ x: 2"):
            runtime.claim("x", 2, low=0, high=1)


@pytest.mark.parametrize("value", ["0.5", True, None, 1j, [0.5]])
def test_a_claim_wants_a_real_number(value):
    with pytest.raises(TypeError, match="value must be a real number"):
        runtime.claim("x", value, low=0, high=1)


@pytest.mark.parametrize(("low", "high"), [(1, 0), (math.nan, 1), (0, math.nan)])
def test_an_empty_band_is_refused(low, high):
    with pytest.raises(ValueError, match="low <= high"):
        runtime.claim("x", 0.5, low=low, high=high)


def test_claims_are_collected_when_asked(monkeypatch, tmp_path):
    file = tmp_path / "claims.jsonl"
    monkeypatch.setenv("COURSE_CLAIMS", str(file))
    runtime.claim("first ≤ 1", 0.5, low=0, high=1)
    runtime.claim("second", 2, low=0, high=1)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["value"] for line in lines] == [0.5, 2.0]
    assert lines[0]["text"] == "first ≤ 1"


def test_setup_makes_all_randomness_repeat_and_course_seed_shifts_it(monkeypatch):
    def draw():
        runtime.setup(seed=3)
        return torch.rand(3).tolist() + runtime.rng(1).random(3).tolist() + runtime.seeds(2)

    first = draw()
    assert draw() == first
    monkeypatch.setenv("COURSE_SEED", "1")
    shifted = draw()
    assert not set(shifted) & set(first)


def test_setup_uses_one_thread_unless_asked(monkeypatch):
    runtime.setup()
    assert torch.get_num_threads() == 1
    monkeypatch.setenv("COURSE_THREADS", "2")
    runtime.setup()
    assert torch.get_num_threads() == 2
    monkeypatch.delenv("COURSE_THREADS")
    runtime.setup()


@pytest.mark.parametrize(
    ("name", "value"),
    [("STRICT", "yes"), ("SCALE", "poster"), ("SEED", "-1"), ("THREADS", "0")],
)
def test_a_misspelt_environment_variable_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"COURSE_{name}", value)
    with pytest.raises(ValueError, match=f"COURSE_{name}"):
        runtime.setup()


def test_scale_follows_the_environment(monkeypatch):
    assert runtime.scale(laptop=1, paper=2) == 1
    monkeypatch.setenv("COURSE_SCALE", "paper")
    assert runtime.scale(laptop=1, paper=2) == 2


def test_progress_is_silent_under_test_and_visible_to_a_reader(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_STRICT", "1")
    assert list(runtime.progress(range(3), desc="bar")) == [0, 1, 2]
    assert capsys.readouterr().err == ""
    monkeypatch.delenv("COURSE_STRICT")
    assert list(runtime.progress(range(3), desc="bar")) == [0, 1, 2]
    assert "bar" in capsys.readouterr().err


def line_data():
    x = torch.linspace(-1, 1, 20).unsqueeze(1)  # (20, 1)
    return x, 3 * x + 1


def test_batches_hold_every_row_once_an_epoch():
    x, y = line_data()
    stream = batches(x, y, size=8)
    epoch = [next(stream) for _ in range(3)]
    assert [len(a) for a, _ in epoch] == [8, 8, 4]
    assert torch.equal(torch.cat([a for a, _ in epoch]).sort(0).values, x)
    assert all(torch.equal(b, 3 * a + 1) for a, b in epoch)


@pytest.mark.parametrize(("rows", "size"), [(0, 1), (3, 1), (20, 0)])
def test_bad_batches_are_refused(rows, size):
    x, y = line_data()
    with pytest.raises(ValueError, match=r"rows|size"):
        batches(x[:rows], y, size)


def test_fit_learns_a_line_and_records_what_it_measures():
    torch.manual_seed(0)
    x, y = line_data()
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    history = fit(
        model,
        batches(x, y, 20),
        nn.functional.mse_loss,
        optimizer,
        steps=250,
        measure=lambda m: {"slope": m.weight.item()},
    )
    assert history.steps == [1, 100, 200, 250]
    assert history.values["loss"][-1] < 1e-6 < history.values["loss"][0]
    assert history.values["slope"][-1] == pytest.approx(3, abs=1e-3)


def test_an_interrupted_fit_keeps_what_it_has(capsys):
    x, y = line_data()
    model = nn.Linear(1, 1)

    def interrupted():
        yield x, y
        yield x, y
        raise KeyboardInterrupt

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = fit(model, interrupted(), nn.functional.mse_loss, optimizer, steps=9, every=1)
    assert history.steps == [1, 2]
    assert "interrupted at step 2 of 9" in capsys.readouterr().out


@pytest.mark.parametrize("options", [{"steps": 0}, {"steps": 1, "every": 0}])
def test_fit_wants_positive_counts(options):
    with pytest.raises(ValueError, match="steps and every"):
        fit(nn.Linear(1, 1), [], nn.functional.mse_loss, None, **options)


def test_the_loop_is_at_most_forty_lines():
    import inspect

    assert len(inspect.getsource(fit).splitlines()) <= 40


def test_the_style_is_legible_in_dark_themes_and_for_the_colour_blind():
    runtime.setup()
    assert mpl.rcParams["figure.facecolor"] == "white"
    colours = mpl.rcParams["axes.prop_cycle"].by_key()
    assert set(colours["color"]) <= set(plotting.COLOURS.values())
    assert len(set(map(str, colours["linestyle"]))) == len(colours["color"])


def test_plot_helpers_draw():
    _, axes = plt.subplots(2, 3)
    history = History()
    history.record(1, {"loss": 2.0})
    history.record(2, {"loss": 1.0})
    plotting.history(axes[0, 0], history, ["loss"])
    plotting.matrix(axes[0, 1], [[1, -2], [0, 1]], signed=True, annotate=True)
    plotting.images(axes[0, 2], np.zeros((13, 4, 5)), columns=5)
    plotting.graph(axes[1, 0], nx.cycle_graph(4))
    X = np.array([[0.0, 1.0], [1.0, 0.0]])
    plotting.decision_regions(axes[1, 1], lambda p: p[:, 0] - p[:, 1], X, np.array([-1, 1]))
    plotting.decorate(axes[0, 0], "loss falls", "step", "loss")
    assert axes[0, 0].get_title() == "loss falls"
    assert axes[0, 0].get_legend() is not None
    assert axes[0, 2].images[0].get_array().shape == (12, 25)
    assert len(axes[0, 1].texts) == 4
    region = axes[1, 1].images[0].get_array()
    assert region[0, -1]
    assert not region[-1, 0]


def test_plot_helpers_refuse_wrong_shapes():
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="values must be a matrix"):
        plotting.matrix(ax, [1, 2])
    with pytest.raises(ValueError, match="stack must have shape"):
        plotting.images(ax, np.zeros((2, 2)))
    with pytest.raises(ValueError, match="names must be among"):
        plotting.history(ax, History(), ["loss"])
