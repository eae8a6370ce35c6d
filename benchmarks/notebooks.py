"""A student notebook run as a program: its claims, its seconds, its memory, and why it stopped."""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import workbook
from tools.builder.source import build

_LOOK = 0.2  # seconds between two looks at a running notebook


@dataclass(frozen=True)
class Run:
    """What one run of a notebook left; `fault` is '' when it went through to its last cell."""

    claims: list[dict[str, Any]]
    seconds: float
    cpu: float
    gigabytes: float
    fault: str
    errors: str


def program(path: Path) -> str:
    """Return the code of a student notebook, with pictures that go nowhere."""
    code = [c.source for c in build(path).cells if c.cell_type == "code"]
    return "import matplotlib\nmatplotlib.use('agg')\n" + "\n".join(code)


def run(
    code: str,
    settings: dict[str, str],
    *,
    hours: float | None = None,
    gigabytes: float | None = None,
    log: Path | None = None,
) -> Run:
    """Run a program in an empty folder of its own, alone, and wait for it.

    Args:
        code: Python, as `program` returns it.
        settings: environment variables beside the present ones.
        hours: stop it after so many hours of CPU time (Linux only, like the next one).
        gigabytes: stop it when it holds more memory.
        log: where its printed lines go.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "notebook.py").write_text(code, encoding="utf-8")
        claims = place / "claims.jsonl"
        environment = os.environ | {"COURSE_CLAIMS": str(claims), "PYTHONPATH": str(workbook.ROOT)}
        with open(log or os.devnull, "w") as out, open(place / "errors.txt", "w") as err:
            start = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-u", "notebook.py"],
                cwd=folder,
                env=environment | settings,
                stdout=out,
                stderr=err,
            )
            fault, spent = "", None
            while spent is None:
                time.sleep(_LOOK)
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    process.returncode, spent = os.waitstatus_to_exitcode(status), usage
                elif not fault:
                    fault = _over(process.pid, hours or math.inf, gigabytes or math.inf)
                    if fault:
                        process.kill()
            seconds = time.monotonic() - start
        errors = (place / "errors.txt").read_text(encoding="utf-8", errors="replace")
        if process.returncode and not fault:
            lines = errors.strip().splitlines() or [f"ended by signal {-process.returncode}"]
            fault = lines[-1]
        lines = claims.read_text(encoding="utf-8").splitlines() if claims.exists() else []
    cpu, peak = spent.ru_utime + spent.ru_stime, spent.ru_maxrss / 2**20
    return Run([json.loads(line) for line in lines], seconds, cpu, peak, fault, errors)


def each(names: list[str], tool: str) -> list[Path]:
    """Return the sources of `names`; an unknown name ends the program with status 2."""
    try:
        return workbook.sources(names)
    except workbook.WorkbookError as error:
        print(f"{tool}: {error}", file=sys.stderr)
        sys.exit(2)


def _over(pid: int, hours: float, gigabytes: float) -> str:
    """Return what a running process has too much of; '' where there is no /proc to look at."""
    try:
        held = int(Path(f"/proc/{pid}/statm").read_text().split()[1])  # pages
        spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except (OSError, IndexError):
        return ""
    if sum(map(int, spent)) > 3600 * hours * os.sysconf("SC_CLK_TCK"):
        return "time"
    return "memory" if held * os.sysconf("SC_PAGE_SIZE") > 2**30 * gigabytes else ""
