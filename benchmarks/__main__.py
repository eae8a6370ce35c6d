"""Print the table: `python -m benchmarks [NAME …]`; all scripts of this folder when left out."""

import importlib
import pkgutil
import platform
import sys

import benchmarks
from course_utils.runtime import progress

HEAD = ["kernel", "peer", "ours: median (min … max)", "peer", "ratio peer/ours", "note"]


def main(names: list[str]) -> int:
    """Run the named scripts and print their rows; 2 for an unknown name."""
    known = [m.name for m in pkgutil.iter_modules(benchmarks.__path__)]
    known = [n for n in known if n not in ("__main__", "bands", "notebooks", "paper", "timing")]
    for name in names:
        if name not in known:
            print(f"benchmarks: no script {name!r}; there are: {', '.join(known)}", file=sys.stderr)
            return 2
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    for name in progress(names or known, desc="benchmarks"):
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            print("| " + " | ".join(row.cells()) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
