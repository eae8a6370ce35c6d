"""Make or repair the environment `.venv`: `python3 tools/environment.py lab|test`.

Needs Python's standard library only. Whatever `python3` is reads this file, so no syntax newer than
3.6 stands in it. `lab` is what a reader needs; `test` adds what the tests, the builder and the
grading need, and installs Debian's packages for them where it may. Nothing is done, and that at
once, when the environment is as it should be: made in this place by this Python, from the same
pyproject.toml and the same pins, with every file of every installed package there. A checkout that
was moved, renamed or copied gets its environment anew: the scripts in `.venv/bin` bear the place
where they were made.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
if sys.version_info >= OLDEST:
    sys.path.insert(0, str(ROOT))  # for `python3 tools/environment.py`
    from tools import packages
    from tools.packages import PINNED, PINS, PYTHON, VENV
# program that shows the package is there -> Debian package
SYSTEM = {"chromium": "chromium", "bwrap": "bubblewrap", "cc": "gcc", "npm": "npm"}
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
    if sys.version_info < OLDEST:
        here = f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}"
        return _say(here + _another_python(), 1)
    try:
        return _bring(stage)
    except OSError as error:
        return _say(f"the environment cannot be written: {error}", 1)


def _bring(stage: str) -> int:
    start = time.monotonic()
    if stage == "test":
        system_packages()
    if is_ready(stage):
        return 0
    if not os.access(str(ROOT), os.W_OK):
        return _say(f"nothing can be written into {ROOT}: copy the checkout to a place of yours", 1)
    reason = stale()
    if reason:
        print(reason, flush=True)
        command = [sys.executable, "-I", "-m", "venv", "--clear", str(VENV)]
        if subprocess.run(command, env=packages.clean()).returncode:
            return _say("venv failed; on Debian: apt-get install python3-venv", 1)
        _write_stamp("made", fingerprint("made"))
    damaged = broken()
    if damaged:
        print(f"repairing {', '.join(damaged)}", flush=True)
        ours = [name for name in damaged if not name.startswith("mlwm")]
        if ours and not packages.pip("install", "-q", "--force-reinstall", "--no-deps", *ours):
            return _say("pip could not repair the environment; see above", 1)
    print("installing the course's packages (a minute or two the first time)", flush=True)
    failure = packages.install(stage)
    if failure:
        newer = sys.version_info[:2] > PINNED
        return _say(failure + (_another_python() if newer else ""), 1)
    _write_stamp(stage, fingerprint(stage))
    return _say(f"environment ready in {time.monotonic() - start:.0f} s", 0)


def is_ready(stage: str) -> bool:
    """Tell whether the environment was finished for this stage and is whole."""
    stages = [stage, "test"] if stage == "lab" else [stage]
    finished = any(_read_stamp(_stamp(s)) == fingerprint(s) for s in stages)
    return finished and not stale() and not broken()


def stale() -> str:
    """Return why the environment must be made anew, in one line; empty when it need not be."""
    if not runs(PYTHON, "import pip"):
        return "making the environment .venv"
    places, version = recorded()
    if places - {str(ROOT)}:
        place = min(places - {str(ROOT)})
        return f"the environment .venv was made in {place}: making it anew in this place"
    here = ".".join(map(str, sys.version_info[:2]))
    if version not in ("", here):
        return f"the environment .venv is of Python {version}, this is {here}: making it anew"
    return ""


def recorded() -> "tuple[set[str], str]":
    """Return the places where the environment says it was made, and its Python ('3.11')."""
    stamps = [_read_stamp(path) for path in sorted(VENV.glob("workbook-*.json"))]
    places = {str(stamp["place"]) for stamp in stamps if "place" in stamp}
    versions = [str(stamp["python"]) for stamp in stamps if "python" in stamp]
    script = VENV / "bin" / "pip"
    if not places and script.is_file():  # its first lines name the interpreter
        head = script.read_text(encoding="utf-8", errors="replace")[:1000]
        places = set(re.findall(r"^(?:#!|'''exec' \"?)(/.+)/\.venv/bin/python", head, re.MULTILINE))
    return places, ".".join(versions[0].split(".")[:2]) if versions else ""


def fingerprint(stage: str) -> "dict[str, str]":
    """Return what the environment depends on."""
    texts = (ROOT / "pyproject.toml").read_bytes() + PINS.read_bytes()
    return {
        "stage": stage,
        "place": str(ROOT),
        "python": sys.version,
        "sha256": hashlib.sha256(texts).hexdigest(),
    }


def broken() -> "list[str]":
    """Return the installed distributions that miss a file."""
    command = [str(PYTHON), "-I", "-c", BROKEN]
    run = subprocess.run(command, capture_output=True, text=True)
    return sorted(set(run.stdout.split()))


def runs(python, code: str) -> bool:
    """Tell whether an interpreter (a path or a name) is there and runs `code`."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.run([str(python), "-I", "-c", code], **quiet).returncode == 0
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
    options = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, env=options)
    command = [*apt, "install", "-y", "--no-install-recommends", *missing]
    subprocess.run(command, stdout=subprocess.DEVNULL, env=options)


def _another_python() -> str:
    """Return how to go on with a Python that is on this machine and fits, or nothing."""
    for minor in range(14, OLDEST[1] - 1, -1):
        name = f"python3.{minor}"
        if shutil.which(name) and runs(name, "import venv"):
            return f"; there is {name}: say PYTHON={name} after make lab or make test"
    return ""


def _stamp(stage: str) -> Path:
    return VENV / f"workbook-{stage}.json"


def _read_stamp(path: Path) -> "dict[str, str]":
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(stage: str, content: "dict[str, str]") -> None:
    _stamp(stage).write_text(json.dumps(content), encoding="utf-8")


def _say(line: str, status: int) -> int:
    print(line, file=sys.stderr if status else sys.stdout, flush=True)
    return status


if __name__ == "__main__":
    if sys.argv[1:] not in (["lab"], ["test"]):
        sys.exit(_say("usage: python3 tools/environment.py lab|test", 2))
    sys.exit(main(sys.argv[1]))
