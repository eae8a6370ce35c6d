"""Runs at the size of the papers: how one is stopped, what its record says, what the site shows."""

import ast
import json
import re
from pathlib import Path

import pytest

from benchmarks import notebooks
from benchmarks.paper.__main__ import machine, versions
from tests.support import ROOT
from tools import workbook
from tools.site import paper

NAMES = {path.stem: path for path in workbook.sources()}
RECORDS = sorted((ROOT / "benchmarks" / "paper").glob("*.json"))
TWO_SIZES = re.compile(r"\bscale\(laptop=")
WORDS = {1: "one", 3: "three", 5: "five", 8: "eight", 10**8: "10^8", 10**9: "10^9"}
CLAIM = "from course_utils.runtime import claim\nclaim('a', 2, low=0, high=1)\n"
on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_run_goes_past_a_missed_band_and_keeps_what_is_printed(tmp_path):
    run = notebooks.run(CLAIM + "print('end')", {}, log=tmp_path / "log")
    assert (run.fault, [claim["value"] for claim in run.claims]) == ("", [2.0])
    assert (tmp_path / "log").read_text(encoding="utf-8").splitlines()[-1] == "end"
    assert min(run.seconds, run.cpu, run.gigabytes) > 0


def test_a_run_that_fails_names_its_fault_and_keeps_its_claims():
    run = notebooks.run(CLAIM + "raise ValueError('no such shape')", {})
    assert run.fault == "ValueError: no such shape"
    assert len(run.claims) == 1
    assert "Traceback" in run.errors


@on_linux
def test_a_run_is_stopped_for_time():
    assert notebooks.run("while True: pass", {}, hours=0.5 / 3600).fault == "time"


@on_linux
def test_a_run_is_stopped_for_memory():
    code = "import time\nheld = bytearray(b'x') * 2**29\ntime.sleep(60)"
    assert notebooks.run(code, {}, gigabytes=0.25).fault == "memory"


def test_every_notebook_with_two_sizes_is_described_and_no_other():
    two = {n for n, path in NAMES.items() if TWO_SIZES.search(path.read_text(encoding="utf-8"))}
    assert {name for name in NAMES if paper.larger(name)} == two
    assert {path.stem for path in RECORDS} == two


def test_what_the_page_quotes_is_claimed():
    for name, quoted in paper.QUOTED.items():
        (stem,) = (stem for stem in NAMES if stem.startswith(name))
        claims = read(workbook.CLAIMS / f"{stem}.json")
        assert set(quoted) <= {claim["text"] for claim in claims}, name
    assert set(paper.REMARKS) <= set(paper.LARGER)


def sizes(path):
    """Yield the numbers of all calls `scale(laptop=…, paper=…)` of a source."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "scale":
            for keyword in node.keywords:
                value = eval(compile(ast.Expression(keyword.value), path.name, "eval"))
                yield from value if isinstance(value, tuple) else [value]


@pytest.mark.parametrize("name", [name for name in NAMES if paper.larger(name)])
def test_the_description_names_both_sizes(name):
    text = paper.larger(name)
    for size in sizes(NAMES[name]):
        if size is not True and size is not False:
            forms = "|".join(map(re.escape, {f"{size:,}", WORDS.get(size, f"{size:,}")}))
            assert re.search(rf"(?<![\d,])({forms})(?!,?\d)", text), size


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_a_record_says_where_how_long_and_what(path):
    record = read(path)
    assert set(record) == {
        *("machine", "versions", "seed", "threads", "limits", "fault"),
        *("seconds", "CPU seconds", "gigabytes", "claims"),
    }
    assert set(record["machine"]) == set(machine())
    assert set(record["versions"]) == set(versions())
    assert 0 < record["gigabytes"] < record["machine"]["gigabytes"]
    assert min(record["CPU seconds"], record["seconds"]) > 0
    assert record["claims"] or record["fault"]


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_a_record_holds_the_claims_of_its_notebook(path):
    record, claims = read(path), {c["text"]: c for c in read(workbook.CLAIMS / path.name)}
    stated = [entry["claim"] for entry in record["claims"]]
    assert set(stated) <= set(claims), "renamed since it ran: python -m benchmarks.paper NAME"
    assert record["fault"] or set(stated) == set(claims)
    for entry in record["claims"]:
        assert entry["in band"] == (entry["low"] <= entry["value"] <= entry["high"]), entry


def test_the_page_has_every_notebook_and_every_claim_out_of_its_band():
    page = paper.page()
    assert "No notebook has been tried on a GPU." in page
    for name in filter(paper.larger, NAMES):
        assert paper.larger(name) in page
    missed = sum(not entry["in band"] for path in RECORDS for entry in read(path)["claims"])
    assert page.count(", out of band |") == missed


def test_readers_are_told_that_no_gpu_was_tried():
    for name in ("README.md", "CONTRIBUTING.md", "site/index.md"):
        text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
        assert re.search(r"No notebook (has been|was) tried on a GPU", text), name
