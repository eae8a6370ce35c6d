"""Measure the claims of notebooks over seeds and threads: `python -m benchmarks.bands week02 …`.

Runs the code of each student notebook as a program (an open exercise is an open exercise) for every
pair (seed, threads) and writes the least and the greatest value of each claim to NAME.json here.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks import notebooks
from course_utils.runtime import progress
from tools import workbook

RUNS = [(seed, 1) for seed in range(5)] + [(0, 2), (1, 2)]  # (COURSE_SEED, COURSE_THREADS)


def main() -> int:
    """Run the command line; 1 when a run fails, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="benchmarks.bands", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="+", help="week02, parity, …")
    return max(measure(path) for path in notebooks.each(parser.parse_args().names, "bands"))


def measure(path: Path) -> int:
    """Write the spread of one notebook's claims; 1 when a run fails."""
    program = notebooks.program(path)
    claims: dict[str, list[float]] = {}
    for seed, threads in progress(RUNS, desc=path.stem):
        settings = {"COURSE_SEED": str(seed), "COURSE_THREADS": str(threads)}
        run = notebooks.run(program, settings)
        if run.fault:
            print(f"{path.stem}, seed {seed}, {threads} threads:\n{run.errors or run.fault}")
            return 1
        for claim in run.claims:
            claims.setdefault(claim["text"], []).append(claim["value"])
    spread = [
        {"claim": text, "min": min(values), "max": max(values), "values": values}
        for text, values in claims.items()
    ]
    place = workbook.ROOT / "benchmarks" / "bands" / f"{path.stem}.json"
    record = {"runs (seed, threads)": RUNS, "claims": spread}
    workbook.write(place, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    print(f"{workbook.relative(place)}: {len(spread)} claims over {len(RUNS)} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
