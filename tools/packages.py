"""What pip installs into `.venv`, and how: isolated from settings that would break it, pins first.

Imported by `environment.py` before anything is installed: Python's standard library only.
"""

import ast
import os
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PINS = ROOT / "constraints" / "ci.txt"
PINNED = (3, 14)  # the newest Python for which every pin was seen to have a wheel
EXTRAS = {"lab": "lab", "test": "lab,dev,instructor,site"}
# What our pip keeps of the reader's settings: where packages come from, and how to get there.
# Everything else (user, target, require-virtualenv, constraint, ...) would send them elsewhere.
KEPT = {
    *("index-url", "pypi-url", "extra-index-url", "find-links", "no-index", "trusted-host"),
    *("proxy", "cert", "client-cert", "timeout", "default-timeout", "retries", "resume-retries"),
    *("cache-dir", "no-cache-dir", "keyring-provider", "no-input"),
}
KEPT_FEATURES = {"use-feature": "truststore", "use-deprecated": "legacy-certs"}


def install(stage: str) -> str:
    """Install the package and its extras; return a line on why that failed, or nothing.

    Pins come first. Where some have no wheel (a Python newer than `PINNED`, an unusual machine),
    the others stay and those packages come in the newest version that has one.
    """
    wanted = ["install", "-q", "-e", f".[{EXTRAS[stage]}]"]
    if sys.version_info[:2] <= PINNED and pip(*wanted, "-c", str(PINS)):
        return ""
    pins, bounds = read_pins(), read_bounds()
    if not wheels("pip"):
        return "pip failed, and no package index answers; see above, and try again when one does"
    print("asking which of the tested versions are there for this Python", flush=True)
    names = sorted(pins)
    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(names, pool.map(wheels, names), strict=True))
    kept, replaced, missing = choose(pins, bounds, found)
    here = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if missing:
        hint = "the README, 'Other machines', says what you can do"
        return f"{', '.join(missing)}: no version that will do has a wheel for {here}; {hint}"
    if not replaced and sys.version_info[:2] <= PINNED:
        return "pip failed; see above. Try again, or `make clean` first"
    if replaced:
        print(
            f"{here} has no wheel of the tested version of {', '.join(replaced)}: what is needed "
            f"of these comes in another version, the other {len(kept)} packages as tested",
            flush=True,
        )
    chosen = VENV / "workbook-pins.txt"
    chosen.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    if pip(*wanted, "--prefer-binary", "-c", str(chosen)):
        return ""
    print("these versions do not go together: taking the newest of all packages", flush=True)
    if pip(*wanted, "--prefer-binary"):
        return ""
    return f"pip found no set of packages for {here}; see above"


def choose(
    pins: dict[str, str], bounds: dict[str, str], found: Mapping[str, list[str] | None]
) -> tuple[list[str], list[str], list[str]]:
    """Decide which pins hold where not all of them have a wheel.

    Args:
        pins: {package: tested version}.
        bounds: {package: least version} of what pyproject.toml asks for directly.
        found: {package: versions that have a wheel here}; None where the index did not say.

    Returns:
        (lines `name==version` that stay, packages whose pin goes, packages of `bounds` that have
        no wheel of any version from the bound on). A package without wheels of any version that is
        not in `bounds` keeps its pin: it is built from source, as everywhere.
    """
    kept, replaced, missing = [], [], []
    for name in sorted(pins):
        versions = found.get(name)
        public = {version.split("+")[0] for version in versions or []}
        least = _numbers(bounds.get(name, "0"))
        if versions is None or pins[name] in public:
            kept.append(f"{name}=={pins[name]}")
        elif name in bounds and not any(_numbers(version) >= least for version in public):
            missing.append(name)
        elif not versions:
            kept.append(f"{name}=={pins[name]}")
        else:
            replaced.append(name)
    return kept, replaced, missing


def wheels(name: str) -> list[str] | None:
    """Return the versions of a package that have a wheel here; None when no index says.

    pip names them when it is asked for a version that nobody has. (`pip index versions` would
    count sources, too.)
    """
    command = ["install", "--dry-run", "--no-deps", "--ignore-installed", "--only-binary=:all:"]
    run = _pip(*command, "--retries=1", f"{name}==0", capture_output=True)
    line = re.search(r"\(from versions: (.*?)\)", run.stderr)
    if line is None:
        return None
    found = [version.strip() for version in line[1].split(",") if version.strip() != "none"]
    unreachable = "Retrying" in run.stderr or "Could not fetch" in run.stderr
    return None if unreachable and not found else found


def read_pins() -> dict[str, str]:
    """Return {package: version} of constraints/ci.txt, names as pip writes them."""
    lines = PINS.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if "==" in line and not line.startswith("#")]
    return {_name(name): version.strip() for name, version in pairs}


def read_bounds() -> dict[str, str]:
    """Return {package: least version} of what a reader's notebooks need.

    Wheels of these are a must; what only the tests need may be built from source.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["lab"]
    return {_name(line.split(">=")[0]): line.split(">=")[1] for line in wanted}


def pip(*arguments: str) -> bool:
    """Run the environment's pip, isolated from the reader's settings; tell whether it succeeded."""
    return _pip(*arguments).returncode == 0


def _pip(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", *arguments]
    variables = pip_variables(str(PYTHON))
    return subprocess.run(command, cwd=str(ROOT), env=variables, text=True, **options)


def pip_variables(python: str) -> dict[str, str]:
    """Return the variables for a pip of our own: the reader's index, proxy and certificates stay.

    They are read from the reader's configuration files and variables, which pip itself then sees
    no more: `user = true`, a target, a required virtualenv and the like would break it.
    """
    settings = _SETTINGS.get(python)
    if settings is None:
        settings = _SETTINGS[python] = _configured(python)
    for key, value in os.environ.items():
        if key.startswith("PIP_"):
            settings = settings | {key[4:].lower().replace("_", "-"): value}
    variables = clean()
    for name, value in settings.items():
        if name in KEPT_FEATURES:
            value = KEPT_FEATURES[name] if KEPT_FEATURES[name] in value.split() else ""
        if value and (name in KEPT or name in KEPT_FEATURES):
            variables["PIP_" + name.upper().replace("-", "_")] = value
    variables["PIP_CONFIG_FILE"] = os.devnull
    return variables


_SETTINGS: dict[str, dict[str, str]] = {}  # python -> what its pip's configuration files say


def _configured(python: str) -> dict[str, str]:
    variables = clean()
    if "PIP_CONFIG_FILE" in os.environ:
        variables["PIP_CONFIG_FILE"] = os.environ["PIP_CONFIG_FILE"]
    command = [python, "-I", "-m", "pip", "config", "list", "-vvv"]  # a file may ask for silence
    run = subprocess.run(command, env=variables, capture_output=True, text=True)
    if run.returncode:
        print(f"pip's configuration cannot be read and is left out: {run.stderr.strip()[-200:]}")
    found = re.findall(r"^(global|install)\.([\w-]+)=(['\"].*['\"])$", run.stdout, re.MULTILINE)
    return {name: ast.literal_eval(value) for _, name, value in sorted(found)}


def clean() -> dict[str, str]:
    """Return this process's variables without those that steer Python or pip."""
    steering = ("PYTHON", "PIP_", "__PYVENV_LAUNCHER__")
    return {key: value for key, value in os.environ.items() if not key.startswith(steering)}


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text.strip()).lower()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:4])
