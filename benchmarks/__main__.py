"""Print the table and keep it: `python -m benchmarks [NAME …]`; all scripts when left out.

Each row is printed when it is measured. After each script its entry in `results/table.json` is
renewed, at the end the picture: a partial run leaves the other scripts' entries as they are.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import picture, record
from benchmarks.timing import HEAD, Row, timed


def scripts() -> list[str]:
    """Return the names of the modules beside this one that have rows."""
    found = sorted(Path(__file__).parent.glob("*.py"))
    return [p.stem for p in found if "\ndef rows(" in p.read_text(encoding="utf-8")]


def measured(name: str) -> Iterator[Row]:
    """Yield a script's rows; what cannot run here, for a peer is missing, says so in a last row."""
    try:
        yield from importlib.import_module(f"benchmarks.{name}").rows()
    except ImportError as error:
        yield Row(f"the rest of {name}", str(error.name), [], [], "the package is not installed")
    except subprocess.CalledProcessError as error:
        yield Row(f"the rest of {name}", Path(error.cmd[0]).name, [], [], "the program failed")


def main(names: list[str]) -> int:
    """Run the named scripts, print their rows and keep them; 2 for an unknown name."""
    known = scripts()
    for name in names:
        if name not in known:
            print(f"benchmarks: no script {name!r}; there are: {', '.join(known)}", file=sys.stderr)
            return 2
    print(f"{record.machine()}; {record.versions()}\n")
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|", flush=True)
    for name in names or known:
        load, rows = os.getloadavg()[0], []
        spent = timed(lambda name=name, rows=rows: rows.extend(map(printed, measured(name))))
        record.write(name, record.entry(rows, spent, load))
    picture.save()
    return 0


def printed(row: Row) -> Row:
    """Print a row and return it."""
    print("| " + " | ".join(row.cells()) + " |", flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
