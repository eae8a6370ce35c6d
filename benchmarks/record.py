"""The record of the last measurements, `benchmarks/results/table.json`, and what stands in it.

Each script has its own entry with day, machine and versions, for a partial run renews its entries
only. Times are pairs [wall seconds, CPU seconds].
"""

import datetime
import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.timing import Row, Time

RESULTS = Path(__file__).parent / "results"
TABLE, PICTURE = RESULTS / "table.json", RESULTS / "ratios.png"
PACKAGES = ["numpy", "scipy", "numba", "torch", "torch-geometric", "graphlearning", "gplearn"]
PACKAGES += ["mpmath", "nbgrader", "networkx", "python-flint", "scikit-image", "scikit-learn"]
PACKAGES += ["sympy"]


def read(path: Path = TABLE) -> dict[str, dict[str, Any]]:
    """Return {script: its entry}; nothing when there is no record yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def entry(rows: list[Row], spent: Time, load: float) -> dict[str, Any]:
    """Return what is kept of a script's run.

    Args:
        rows: what it measured.
        spent: how long all of it took.
        load: the machine's load average in the minute before: 0 is a quiet machine.
    """
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "seconds": round(spent.wall, 1),
        "cpu": round(spent.cpu, 1),
        "load": round(load, 1),
        "rows": [_packed(row) for row in rows],
    }


def write(script: str, fresh: dict[str, Any], path: Path = TABLE) -> None:
    """Put one script's entry into the record and leave the others as they are."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".tmp")
    partial.write_text(_text(read(path) | {script: fresh}), encoding="utf-8")
    partial.replace(path)


def all_rows(entries: dict[str, dict[str, Any]]) -> list[Row]:
    """Return all rows of a record, in its order."""
    return [_unpacked(row) for one in entries.values() for row in one["rows"]]


def machine() -> str:
    """Name processor, number of cores and operating system."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(s.split(":")[1].strip() for s in lines if s.startswith("model name"))
    except (OSError, StopIteration):
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores, {platform.system()}"


def versions() -> str:
    """Name the versions of Python and of the packages that are measured or measured against."""
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def _text(entries: dict[str, dict[str, Any]]) -> str:
    """Return JSON with one line per row."""
    parts = []
    for script, one in sorted(entries.items()):
        facts = {key: value for key, value in one.items() if key != "rows"}
        head = json.dumps(facts, ensure_ascii=False).removesuffix("}")
        lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in one["rows"])
        parts.append(f' "{script}": {head}, "rows": [\n  {lines}\n ]}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _packed(row: Row) -> dict[str, Any]:
    def pairs(times: list[Time] | None) -> list[list[float]] | None:
        return times and [[float(f"{s:.4g}") for s in pair] for pair in times]

    both = {"ours": pairs(row.ours), "theirs": pairs(row.theirs)}
    return {"kernel": row.kernel, "peer": row.peer, **both, "note": row.note}


def _unpacked(packed: dict[str, Any]) -> Row:
    ours, theirs = (packed[k] and [Time(*pair) for pair in packed[k]] for k in ("ours", "theirs"))
    return Row(packed["kernel"], packed["peer"], ours, theirs, packed["note"])
