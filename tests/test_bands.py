"""Every claim of a notebook was measured over seeds and threads, and held in every run."""

import json

import pytest

from tests.support import ROOT
from tools import workbook

NAMES = [path.stem for path in workbook.sources()]


def read(folder, name):
    return json.loads((ROOT / folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_held_in_every_run(name):
    record = read("benchmarks/bands", name)
    runs = {tuple(run) for run in record["runs (seed, threads)"]}
    assert len({seed for seed, _ in runs}) >= 5
    assert {threads for _, threads in runs} >= {1, 2}
    measured = {entry["claim"]: entry["values"] for entry in record["claims"]}
    claims = {claim["text"]: claim for claim in read("notebooks/claims", name)}
    assert set(measured) == set(claims)
    for text, claim in claims.items():
        values = measured[text]
        assert len(values) >= len(runs), text
        assert all(claim["low"] <= value <= claim["high"] for value in values), (text, values)
