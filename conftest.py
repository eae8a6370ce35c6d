"""How notebooks run under test: strictly, offline, longest first, with their budgets reported."""

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
OFFLINE = str(ROOT / "tests" / "offline")
LEDGER = ROOT / "benchmarks" / "seconds.json"  # {test file or notebook: seconds of its last record}
BUDGET, LONG_BUDGET = 45, 120  # seconds of a notebook
TRAINED = {"week06", "week07", "week09", "week10", "week11", "week12", "week14"}
_spent: dict[str, list[float]] = defaultdict(list)


def budget(file: str) -> int:
    """Return the seconds that a notebook may take."""
    return LONG_BUDGET if Path(file).name[:6] in TRAINED or "extras" in file else BUDGET


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--ledger`: record the seconds of each file in benchmarks/seconds.json."""
    parser.addoption("--ledger", action="store_true", help="record seconds per file")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that took longest first, so that the workers end together."""
    known = json.loads(LEDGER.read_text(encoding="utf-8")) if LEDGER.exists() else {}
    long = max(known.values(), default=0)
    items.sort(key=lambda item: -known.get(_file(item.nodeid), _guess(item, long)))


def _guess(item: pytest.Item, long: float) -> float:
    return long if item.path.suffix == ".ipynb" else 0.0  # an unknown notebook may be long


def _file(nodeid: str) -> str:
    return nodeid.split("::")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before a notebook's kernel starts: set the strict mode of its state, and no network."""
    for name in ("COURSE_STRICT", "COURSE_ACCEPTED", "PYTHONPATH"):
        os.environ.pop(name, None)
    if item.path.suffix == ".ipynb":
        solved = "instructor" in item.path.parts
        os.environ["COURSE_STRICT"] = "solved" if solved else "1"
        os.environ["COURSE_ACCEPTED"] = "1" if solved else ""
        os.environ["PYTHONPATH"] = os.pathsep.join([OFFLINE, str(ROOT)])
        os.environ["OMP_NUM_THREADS"] = "1"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the seconds of a file, test by test or cell by cell."""
    _spent[_file(report.nodeid)].append(report.duration)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the notebooks' seconds beside their budgets, and the ten slowest files."""
    totals = {file: sum(seconds) for file, seconds in _spent.items()}
    order = sorted(totals, key=lambda file: -totals[file])
    notebooks = [file for file in order if file.endswith(".ipynb")]
    if notebooks:
        terminalreporter.section("seconds per notebook (budget), slowest cell")
        for file in notebooks:
            over = "  OVER" if totals[file] > budget(file) else ""
            line = f"{totals[file]:6.1f} ({budget(file)}) {max(_spent[file]):6.1f}  {file}{over}"
            terminalreporter.write_line(line)
    if len(order) > 10:
        terminalreporter.section("the ten slowest files")
        for file in order[:10]:
            terminalreporter.write_line(f"{totals[file]:6.1f}  {file}")
    if terminalreporter.config.getoption("--ledger"):
        known = json.loads(LEDGER.read_text(encoding="utf-8")) if LEDGER.exists() else {}
        known |= {file: round(seconds, 1) for file, seconds in totals.items() if seconds >= 1}
        kept = {file: known[file] for file in sorted(known) if (ROOT / file).exists()}
        LEDGER.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
