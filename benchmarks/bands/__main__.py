"""Measure the claims of notebooks over seeds and threads: `python -m benchmarks.bands week02 …`.

Runs the code of each student notebook as a program (an open exercise is an open exercise) for every
pair (seed, threads) and writes the least and the greatest value of each claim to NAME.json here.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from course_utils.runtime import progress
from tools import workbook
from tools.builder.source import build

RUNS = [(seed, 1) for seed in range(5)] + [(0, 2), (1, 2)]  # (COURSE_SEED, COURSE_THREADS)


def main() -> int:
    """Run the command line; 1 when a run fails, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="benchmarks.bands", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="+", help="week02, parity, …")
    options = parser.parse_args()
    try:
        paths = workbook.sources(options.names)
    except workbook.WorkbookError as error:
        print(f"bands: {error}", file=sys.stderr)
        return 2
    return max(measure(path) for path in paths)


def measure(path: Path) -> int:
    """Write the spread of one notebook's claims; 1 when a run fails."""
    code = [c.source for c in build(path).cells if c.cell_type == "code"]
    program = "import matplotlib\nmatplotlib.use('agg')\n" + "\n".join(code)
    claims: dict[str, list[float]] = {}
    for seed, threads in progress(RUNS, desc=path.stem):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "notebook.py").write_text(program, encoding="utf-8")
            file = Path(folder) / "claims.jsonl"
            environment = os.environ | {
                "COURSE_SEED": str(seed),
                "COURSE_THREADS": str(threads),
                "COURSE_CLAIMS": str(file),
                "PYTHONPATH": str(workbook.ROOT),
            }
            run = subprocess.run(
                [sys.executable, "notebook.py"],
                cwd=folder,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            if run.returncode:
                print(f"{path.stem}, seed {seed}, {threads} threads:\n{run.stderr}")
                return 1
            for line in file.read_text(encoding="utf-8").splitlines():
                claim = json.loads(line)
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
