"""The table of benchmarks: how it times, what it keeps, and that the site shows what it holds."""

import json
import os
import statistics
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import __main__ as command
from benchmarks import picture, published_loop, record, timing
from benchmarks.timing import HEAD, Row, Time, compare, timed
from tools.site import measured
from tools.site.indexes import escaped

ROWS = [
    Row("a", "b", [Time(0.5, 0.25), Time(1.0, 0.5)], [Time(1.0, 1.0), Time(4.0, 1.0)], "c|d"),
    Row("alone", "—", [Time(0.123456, 0.1)]),
    Row("lacking", "gone", [], [], "not installed"),
]


def test_a_time_is_of_one_thing_and_counts_the_processor(monkeypatch):
    now = {"wall": 7.0, "cpu": 3.0}

    def work(wall, cpu):
        now["wall"] += wall
        now["cpu"] += cpu

    clocks = SimpleNamespace(perf_counter=lambda: now["wall"], process_time=lambda: now["cpu"])
    monkeypatch.setattr(timing, "time", clocks)
    monkeypatch.setattr(timing, "os", SimpleNamespace(times=lambda: os.times_result((0,) * 5)))
    assert timed(lambda: work(0.05, 0.01), count=5) == pytest.approx((0.01, 0.002))
    calls = []
    often = timed(lambda: calls.append(work(0.003, 0.006)), at_least=0.02)
    assert len(calls) == 7
    assert often == pytest.approx((0.003, 0.006))


def test_the_time_of_a_program_that_was_started_counts():
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    spent = timed(lambda: subprocess.run([sys.executable, "-c", burn], check=True))
    assert spent.cpu >= 0.25


def test_turns_alternate_after_one_call_of_both(monkeypatch):
    monkeypatch.setattr(timing, "SHORTEST", 0.0)
    made = []
    row = compare("a", lambda: made.append("o"), lambda: made.append("p"), "b", repeats=3)
    assert "".join(made) == "op" + "op" + "po" + "op"
    assert len(row.ours) == len(row.theirs) == 3
    with pytest.raises(ValueError, match="repeats"):
        compare("a", int, int, "b", repeats=0)


def test_ratios_are_of_the_same_turn():
    assert ROWS[0].ratios() == ([2.0, 4.0], [4.0, 2.0])
    assert [len(row.cells()) for row in ROWS] == [len(HEAD)] * 3
    assert ROWS[0].cells()[4] == "3× (2 … 4)"
    assert ROWS[1].cells()[3:5] == ["—", "—"]
    assert ROWS[2].cells()[2:5] == ["not run"] * 3


def test_a_record_is_read_as_it_was_written_and_renewed_in_part(tmp_path):
    path = tmp_path / "results" / "table.json"
    for name, rows in (("z", ROWS[:2]), ("a", ROWS[2:]), ("z", ROWS[:1])):
        record.write(name, record.entry(rows, Time(12.34, 5.67), load=0.56), path)
    entries = record.read(path)
    assert list(entries) == ["a", "z"]
    assert record.all_rows(entries) == [ROWS[2], ROWS[0]]
    assert [entries["z"][k] for k in ("seconds", "cpu", "load")] == [12.3, 5.7, 0.6]
    assert set(entries["z"]) == {"date", "machine", "versions", "seconds", "cpu", "load", "rows"}
    assert [p.name for p in path.parent.iterdir()] == ["table.json"]
    assert record.read(tmp_path / "none.json") == {}


def test_a_missing_peer_says_so(monkeypatch, tmp_path, capsys):
    def rows():
        yield ROWS[1]
        raise ModuleNotFoundError("No module named 'peer'", name="peer")

    monkeypatch.setattr(command.importlib, "import_module", lambda _: type("M", (), {"rows": rows}))
    monkeypatch.setattr(command.record, "write", lambda *written: kept.append(written))
    monkeypatch.setattr(command.picture, "save", lambda: None)
    kept = []
    assert command.main(["lorenz"]) == 0
    assert "| the rest of lorenz | peer | not run |" in capsys.readouterr().out
    assert [row["kernel"] for row in kept[0][1]["rows"]] == ["alone", "the rest of lorenz"]
    assert command.main(["nothing"]) == 2


def test_the_record_knows_no_other_scripts_and_the_page_names_those_that_it_lacks():
    known, entries = set(command.scripts()), record.read()
    assert set(entries) <= known
    for name in known - set(entries):
        assert escaped(name) in measured.page()
    for one in entries.values():
        assert one["rows"]
        assert one["seconds"] > 0


def test_the_record_took_twenty_minutes_of_the_processor_at_most():
    assert sum(one["cpu"] for one in record.read().values()) <= 20 * 60


def test_the_page_shows_every_row_of_the_record():
    page, rows = measured.page(), record.all_rows(record.read())
    lines = page.splitlines()
    for row in rows:
        assert measured.line(row) in lines
        assert all(cell in measured.line(row) for cell in map(escaped, row.cells()))
    assert page.count("\n| kernel |") == len(record.read())
    shown = sum(text.startswith("| ") for text in lines) - len(record.read())
    assert shown == len(rows)
    for palette in picture.PALETTES:
        assert f"_static/ratios-{palette}.svg" in page
    assert page.count(f":alt: {picture.described(rows)}") == len(picture.PALETTES)
    for ratio in measured.QUOTED.values():
        assert f"{ratio:g} times" in page


def test_the_picture_is_that_of_the_record(tmp_path):
    rows = record.all_rows(record.read())
    figure = picture.draw(rows)
    written = [text.get_text() for text in figure.axes[0].texts]
    compared = [row for row in rows if row.theirs is not None]
    assert len(picture.chosen(rows)) == len(compared)
    for row in compared:
        assert row.kernel in written
        assert f"against {row.peer}" in written
    picture.save(tmp_path / "again.png")
    with Image.open(tmp_path / "again.png") as again, Image.open(record.PICTURE) as committed:
        assert again.size == committed.size


def test_the_picture_has_a_line_for_each_peer_and_words_for_all():
    figure = picture.draw(ROWS, "dark")
    ax = figure.axes[0]
    assert ax.get_xscale() == "log"
    assert "not run" in [text.get_text() for text in ax.texts]
    bars = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2]
    assert [2.0, 4.0] in [sorted(map(float, bar)) for bar in bars]
    assert [1, 1] in [list(bar) for bar in bars]
    assert picture.described(ROWS).startswith("1 horizontal bars")
    middle = statistics.median(ROWS[0].ratios()[0])
    assert f"{middle:.3g} times (a against b)" in picture.described(ROWS)


def test_the_record_is_plain_json():
    text = record.TABLE.read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text) == record.read()


def test_the_published_loop_takes_what_reaches_the_percentile_and_no_more_of_a_tie():
    scores = np.array([0.0] * 90 + [1.0] * 10)
    assert published_loop.at_least(scores, 93, 7).tolist() == list(range(90, 97))
    assert published_loop.at_least(np.arange(100.0), 93, 7).tolist() == list(range(93, 100))


def test_the_published_loop_learns_each_letter_from_those_before_it():
    torch.manual_seed(0)
    net = published_loop.network(3)
    seen = []
    net.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-4)
    published_loop.learn(net, optimizer, torch.tensor([[1.0, 0.0, 1.0]]))
    states = sorted(map(tuple, torch.cat(seen).int().tolist()))
    assert states == [(0, 0, 0, 1, 0, 0), (1, 0, 0, 0, 0, 1), (1, 0, 0, 0, 1, 0)]


def test_the_published_loop_keeps_its_best_words():
    rounds = published_loop.search(lambda words: words.sum(1).astype(float), 8, seed=1)
    best = [next(rounds) for _ in range(4)]
    assert [b for b, _ in best] == sorted(b for b, _ in best)
    assert all(word.sum() == value for value, word in best)
