"""How notebooks run under test: strictly, offline, and with their budgets reported."""

import os
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
OFFLINE = str(ROOT / "tests" / "offline")
BUDGETS = {"week06", "week07", "week09", "week10", "week11", "week12"}  # 120 s, the others 45 s
_spent: dict[str, list[float]] = defaultdict(list)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before a notebook's kernel starts: set the strict mode of its state, and no network."""
    for name in ("COURSE_STRICT", "PYTHONPATH"):
        os.environ.pop(name, None)
    if item.path.suffix == ".ipynb":
        os.environ["COURSE_STRICT"] = "solved" if "instructor" in item.path.parts else "1"
        os.environ["PYTHONPATH"] = OFFLINE
        os.environ["OMP_NUM_THREADS"] = "1"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up a notebook's seconds, cell by cell."""
    file = report.nodeid.split("::")[0]
    if file.endswith(".ipynb"):
        _spent[file].append(report.duration)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the notebooks' seconds beside their budgets."""
    if not _spent:
        return
    terminalreporter.section("seconds a notebook (budget), slowest cell")
    for file in sorted(_spent):
        trained = Path(file).name[:6] in BUDGETS or "/extras/" in file
        total, slowest = sum(_spent[file]), max(_spent[file])
        over = "  OVER" if total > (120 if trained else 45) else ""
        budget = 120 if trained else 45
        terminalreporter.write_line(f"{total:6.1f} ({budget}) {slowest:6.1f}  {file}{over}")
