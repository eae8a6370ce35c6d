"""Run notebooks at the size of the papers: `python -m benchmarks.paper week02 … --hours 2`.

Runs the code of each student notebook once as a program under COURSE_SCALE=paper, without stopping
at a missed band, and writes what it measured to NAME.json here: machine, time and memory, every
claim with its value and whether it lies in its band, which is the laptop's; or why it stopped.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks import notebooks
from course_utils.runtime import device, progress
from tools import workbook

HERE = workbook.ROOT / "benchmarks" / "paper"
PACKAGES = ("torch", "numpy", "scipy", "numba", "networkx")
ONE = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


def main() -> int:
    """Run the command line; 1 when a notebook ends with an error, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="benchmarks.paper", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="+", help="week02, murmurations, …")
    parser.add_argument("--hours", type=float, default=2, help="CPU time for each (2)")
    parser.add_argument("--gigabytes", type=float, default=16, help="memory for each (16)")
    options = parser.parse_args()
    paths = notebooks.each(options.names, "paper")
    return max([measure(p, options.hours, options.gigabytes) for p in progress(paths, "paper")])


def measure(path: Path, hours: float, gigabytes: float) -> int:
    """Write the record of one notebook; 1 when it ended with an error.

    What the notebook prints lies in build/paper afterwards.
    """
    log = workbook.ROOT / "build" / "paper" / f"{path.stem}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    settings = ONE | {"COURSE_SCALE": "paper", "COURSE_SEED": "0", "COURSE_THREADS": "1"}
    settings["COURSE_STRICT"] = ""
    run = notebooks.run(
        notebooks.program(path), settings, hours=hours, gigabytes=gigabytes, log=log
    )
    record = {
        "machine": machine(),
        "versions": versions(),
        "seed": 0,
        "threads": 1,
        "limits": {"hours": hours, "gigabytes": gigabytes},
        "fault": run.fault,
        "seconds": round(run.seconds, 1),
        "CPU seconds": round(run.cpu, 1),
        "gigabytes": round(run.gigabytes, 2),
        "claims": [
            {
                "claim": claim["text"],
                "value": claim["value"],
                "low": claim["low"],
                "high": claim["high"],
                "in band": claim["low"] <= claim["value"] <= claim["high"],
            }
            for claim in run.claims
        ],
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    workbook.write(HERE / f"{path.stem}.json", text)
    missed = [c["claim"] for c in record["claims"] if not c["in band"]]
    end = f"stopped by {run.fault!r}" if run.fault else "ended"
    print(f"{path.stem}: {end} after {run.seconds:.0f} s (CPU {run.cpu:.0f} s),", end=" ")
    print(f"{run.gigabytes:.1f} GiB, {len(run.claims)} claims, {len(missed)} out of band {missed}")
    if run.fault not in ("", "time", "memory"):
        print(run.errors[-3000:], file=sys.stderr)
        return 1
    return 0


def machine() -> dict[str, Any]:
    """Return processor, number of cores, GiB of memory, and the device that torch would take."""
    processor, cpus = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    for line in cpus.read_text().splitlines() if cpus.exists() else []:
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "gigabytes": round(memory),
        "device": device().type,
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of what the notebooks compute with."""
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version()} | found


if __name__ == "__main__":
    sys.exit(main())
