"""Make or repair the environment `.venv`: `python3 tools/environment.py lab|test`.

Needs Python's standard library only. `lab` is what a reader needs; `test` adds what the tests, the
builder and the grading need, and installs Debian's packages for them where it may. Nothing is done,
and that at once, when the environment is as it should be: the same pyproject.toml, the same pins,
and every file of every installed package in its place.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PINS = ROOT / "constraints" / "ci.txt"
EXTRAS = {"lab": "lab", "test": "lab,dev,instructor"}
# program that shows the package is there -> Debian package
SYSTEM = {"chromium": "chromium", "bwrap": "bubblewrap", "cc": "gcc"}

# Runs inside the environment: prints the distributions that miss a file, one a line.
BROKEN = """
import csv, importlib.metadata as m, os, sys
for d in m.distributions():
    here = os.path.dirname(str(d._path))
    for row in csv.reader((d.read_text("RECORD") or "").splitlines()):
        if row and not row[0].endswith(".pyc") and not os.path.exists(os.path.join(here, row[0])):
            print(d.metadata["Name"] + "==" + d.version)
            break
"""


def main(stage: str) -> int:
    """Bring the environment to `stage`; 0 when it is there, 1 with a line on what is missing."""
    start = time.monotonic()
    if sys.version_info < (3, 11):  # noqa: UP036 - whatever python3 is on this machine
        return _say(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}", 1)
    if stage == "test":
        system_packages()
    if is_ready(stage):
        return 0
    if not runs(PYTHON, "import pip"):
        print("making the environment .venv", flush=True)
        command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
        if subprocess.run(command).returncode:
            return _say("venv failed; on Debian: apt-get install python3-venv", 1)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    damaged = broken()
    if damaged:
        print(f"repairing {', '.join(damaged)}", flush=True)
        ours = [name for name in damaged if not name.startswith("mlwm")]
        if ours and subprocess.run([*install, "--force-reinstall", "--no-deps", *ours]).returncode:
            return _say("pip could not repair the environment; see above", 1)
    print("installing the course's packages (a minute or two the first time)", flush=True)
    wanted = [*install, "-c", str(PINS), "-e", f"{ROOT}[{EXTRAS[stage]}]"]
    if subprocess.run(wanted).returncode:
        return _say("pip failed; see above. Try again, or `make clean` first", 1)
    _stamp(stage).write_text(json.dumps(fingerprint(stage)), encoding="utf-8")
    return _say(f"environment ready in {time.monotonic() - start:.0f} s", 0)


def is_ready(stage: str) -> bool:
    """Tell whether the environment was finished for this stage and is whole."""
    stages = [stage, "test"] if stage == "lab" else [stage]
    finished = any(
        _stamp(s).exists() and _stamp(s).read_text(encoding="utf-8") == json.dumps(fingerprint(s))
        for s in stages
    )
    return finished and runs(PYTHON, "import pip") and not broken()


def fingerprint(stage: str) -> dict[str, str]:
    """Return what the environment depends on."""
    texts = (ROOT / "pyproject.toml").read_bytes() + PINS.read_bytes()
    return {
        "stage": stage,
        "place": str(ROOT),
        "python": sys.version,
        "sha256": hashlib.sha256(texts).hexdigest(),
    }


def broken() -> list[str]:
    """Return the installed distributions that miss a file."""
    run = subprocess.run([str(PYTHON), "-I", "-c", BROKEN], capture_output=True, text=True)
    return sorted(set(run.stdout.split()))


def runs(python: Path, code: str) -> bool:
    """Tell whether an interpreter is there and runs `code`."""
    if not python.exists():
        return False
    try:
        return subprocess.run([str(python), "-I", "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def system_packages() -> None:
    """Install what the tests need of Debian where that may be done, else say so in one line."""
    missing = [package for program, package in SYSTEM.items() if shutil.which(program) is None]
    if not missing:
        return
    if "gcc" in missing:
        missing.append("python3-dev")
    may = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if not may:
        print(f"tests want {', '.join(missing)}: apt-get install {' '.join(missing)}", flush=True)
        return
    print(f"installing {', '.join(missing)}", flush=True)
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    options = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, env=options)
    install = [*apt, "install", "-y", "--no-install-recommends", *missing]
    subprocess.run(install, stdout=subprocess.DEVNULL, env=options)


def _stamp(stage: str) -> Path:
    return VENV / f"workbook-{stage}.json"


def _say(line: str, status: int) -> int:
    print(line, file=sys.stderr if status else sys.stdout, flush=True)
    return status


if __name__ == "__main__":
    if sys.argv[1:] not in (["lab"], ["test"]):
        sys.exit(_say("usage: python3 tools/environment.py lab|test", 2))
    sys.exit(main(sys.argv[1]))
