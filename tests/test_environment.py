"""The dependency files hold together, and the environment tool repairs what is broken."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support import ROOT
from tools import environment, packages

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}


def version(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in text.split("+")[0].split(".") if part.isdecimal()]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def bounds(requirements: list[str]) -> dict[str, str]:
    pairs = [re.fullmatch(r"([A-Za-z0-9_-]+)>=([\d.]+)", r) for r in requirements]
    assert all(pairs), f"only lower bounds are allowed: {requirements}"
    return {pair[1]: pair[2] for pair in pairs}


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / "constraints" / name).read_text().splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    pairs = [re.fullmatch(r"([A-Za-z0-9_.-]+)==([\w.]+)", line) for line in lines]
    assert all(pairs), [line for line, pair in zip(lines, pairs, strict=True) if not pair]
    return {pair[1].lower().replace("_", "-"): pair[2] for pair in pairs}


RUNTIME = bounds(PROJECT["dependencies"])


def test_run_time_dependencies_are_those_of_the_design():
    assert list(RUNTIME) == (
        ["torch", "numpy", "scipy", "matplotlib", "networkx", "numba", "ipywidgets", "tqdm"]
    )


def test_colab_has_what_the_package_asks_for():
    colab = pins("colab.txt")
    assert set(colab) == set(RUNTIME)
    for name, bound in RUNTIME.items():
        assert version(bound) <= version(colab[name]), name


def test_oldest_is_the_lower_bounds():
    oldest = pins("oldest.txt")
    assert {n: version(v) for n, v in oldest.items()} == {n: version(v) for n, v in RUNTIME.items()}


def test_ci_pins_every_requirement_within_its_bound():
    pinned = pins("ci.txt")
    wanted = dict(RUNTIME)
    for extra in PROJECT["optional-dependencies"].values():
        wanted |= bounds(extra)
    for name, bound in wanted.items():
        assert version(bound) <= version(pinned[name.lower()]), name


def test_environment_yml_has_the_same_names_and_bounds():
    text = (ROOT / "environment.yml").read_text()
    found = dict(re.findall(r"^  - ([a-z-]+)>=([\d.]+)$", text, re.MULTILINE))
    assert f"python>={found.pop('python')}" == "python" + PROJECT["requires-python"]
    found = {CONDA_NAMES.get(name, name): bound for name, bound in found.items()}
    assert found == RUNTIME | bounds(PROJECT["optional-dependencies"]["lab"])


def test_a_file_missing_from_a_package_is_noticed(tmp_path):
    info = tmp_path / "whole-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: whole\nVersion: 1.0\n")
    (info / "RECORD").write_text("whole.py,,\nwhole-1.0.dist-info/METADATA,,\n")
    code = (
        f"import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]; "
        f"sys.path.append({str(tmp_path)!r})\n{environment.BROKEN}"
    )
    run = [sys.executable, "-I", "-c", code]
    assert subprocess.run(run, capture_output=True, text=True).stdout.split() == ["whole==1.0"]
    (tmp_path / "whole.py").write_text("")
    assert subprocess.run(run, capture_output=True, text=True).stdout.split() == []


def test_wrong_use_is_one_line_and_status_2():
    run = subprocess.run(
        [sys.executable, "tools/environment.py", "everything"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1


# --- any Python reads the file and says what it wants


@pytest.mark.parametrize("minor", [6, 8, 10])
def test_an_old_python_can_read_the_file(minor):
    text = (ROOT / "tools" / "environment.py").read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, minor))
    assert "from __future__" not in text  # `annotations` is an error in 3.6
    for node in ast.walk(tree):  # annotations are evaluated there: no list[str]
        if isinstance(node, ast.FunctionDef):
            hints = [node.returns, *(a.annotation for a in node.args.args)]
            assert all(isinstance(h, ast.Name | ast.Constant | None) for h in hints), node.name


def old_pythons() -> list[Path]:
    beside = Path(sys.base_prefix).parent
    return sorted(p for m in (6, 8, 9, 10) for p in beside.glob(f"3.{m}.*/bin/python3.{m}"))


@pytest.mark.parametrize("python", old_pythons(), ids=lambda p: p.name)
@pytest.mark.parametrize("stage", ["lab", "test"])
def test_an_old_python_gets_one_sentence(python, stage):
    command = [str(python), str(ROOT / "tools" / "environment.py"), stage]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.startswith("Python 3.11 or newer is needed, this is 3.")
    assert run.stderr.count("\n") == 1


# --- a Python newer than the pins, told by a resolver that knows what exists


def test_pins_stay_where_they_exist_and_bounds_rule_otherwise():
    pins = {"torch": "2.13.0", "numpy": "2.3.0", "tqdm": "4.67.1", "old": "1.0", "unsaid": "3.0"}
    found = {
        "torch": ["2.14.0+cpu", "2.13.0+cpu"],  # a local version is the same version
        "numpy": ["2.5.0", "2.4.0"],
        "tqdm": ["4.67.1"],
        "old": [],  # source only, as everywhere
        "unsaid": None,
    }
    bounds = {"torch": "2.11", "numpy": "2.1.3", "tqdm": "4.67"}
    kept, replaced, missing = packages.choose(pins, bounds, found)
    assert kept == ["old==1.0", "torch==2.13.0", "tqdm==4.67.1", "unsaid==3.0"]
    assert replaced == ["numpy"]
    assert missing == []


@pytest.mark.parametrize("versions", [[], ["2.2.2", "2.1.0"]])  # too new a Python; an Intel Mac
def test_a_package_without_any_wheel_that_will_do_is_missing(versions):
    assert packages.choose({"torch": "2.13.0"}, {"torch": "2.11"}, {"torch": versions}) == (
        [],
        [],
        ["torch"],
    )


class Index:
    """A resolver that is told what exists; `together` says whether these versions go together."""

    def __init__(self, monkeypatch, tmp_path, versions, together=lambda arguments: True):
        self.calls, self.pins, self.together = [], [], together
        monkeypatch.setattr(packages, "VENV", tmp_path)
        monkeypatch.setattr(packages, "pip", self.pip)
        known = packages.read_pins()
        monkeypatch.setattr(packages, "wheels", lambda n: versions.get(n, [known.get(n, "26.0")]))

    def pip(self, *arguments):
        self.calls.append(arguments)
        if "-c" in arguments:
            path = Path(arguments[arguments.index("-c") + 1])
            self.pins.append(path.read_text(encoding="utf-8").split("\n"))
        return self.together(arguments)


def answer(monkeypatch, stderr):
    run = subprocess.CompletedProcess([], 1, stdout="", stderr=stderr)
    monkeypatch.setattr(packages, "_pip", lambda *arguments, **options: run)
    return packages.wheels("numba")


NONE = "ERROR: Could not find a version that satisfies the requirement numba==0 (from versions: {})"


def test_what_pip_says_of_wheels_is_understood(monkeypatch):
    some, none = NONE.format("0.61.2, 0.62.0rc1, 0.70.0+cpu"), NONE.format("none")
    assert answer(monkeypatch, some) == ["0.61.2", "0.62.0rc1", "0.70.0+cpu"]
    assert answer(monkeypatch, none) == []
    assert answer(monkeypatch, f"WARNING: Retrying (Retry(total=0, …\n{none}") is None
    assert answer(monkeypatch, "ERROR: no such option: --dry-run") is None


def test_a_folder_of_wheels_is_an_index_that_pip_really_asks(monkeypatch, tmp_path):
    (tmp_path / "mini-1.0-py3-none-any.whl").write_bytes(b"")
    (tmp_path / "mini-2.0-cp31-cp31-any.whl").write_bytes(b"")  # for a Python that is not this one
    (tmp_path / "mini-3.0.tar.gz").write_bytes(b"")  # sources are no wheel
    monkeypatch.setattr(packages, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(packages, "_SETTINGS", {sys.executable: {}})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert packages.wheels("mini") == ["1.0"]
    assert packages.wheels("nobody") == []


NEWER = {"contourpy": ["1.4.0"], "numba": ["0.70.0"]}


def test_a_newer_python_gets_pins_where_they_exist_and_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(packages, "PINNED", (3, 10))  # so this Python is newer than the pins
    index = Index(monkeypatch, tmp_path, NEWER)
    assert packages.install("lab") == ""
    assert len(index.calls) == 1
    given = {line.split("==")[0] for line in index.pins[0] if line}
    assert given == set(packages.read_pins()) - set(NEWER)
    lines = [line for line in capsys.readouterr().out.splitlines() if "contourpy, numba" in line]
    assert len(lines) == 1


def test_pins_that_do_not_go_together_are_given_up(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "PINNED", (3, 10))
    index = Index(monkeypatch, tmp_path, NEWER, lambda arguments: "-c" not in arguments)
    assert packages.install("lab") == ""
    assert [("-c" in call) for call in index.calls] == [True, False]


def test_a_package_that_nobody_built_is_named_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "PINNED", (3, 10))
    index = Index(monkeypatch, tmp_path, {"torch": []})
    failure = packages.install("lab")
    assert failure.startswith("torch: no version that will do has a wheel for Python")
    assert "README" in failure
    assert "## Other machines" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert index.calls == []


def test_a_tested_python_on_an_unusual_machine_is_helped_too(monkeypatch, tmp_path):
    index = Index(
        monkeypatch, tmp_path, NEWER, lambda arguments: str(packages.PINS) not in arguments
    )
    assert packages.install("lab") == ""
    assert len(index.calls) == 2


def test_without_an_index_nothing_is_looked_up(monkeypatch, tmp_path):
    index = Index(monkeypatch, tmp_path, {"pip": None}, lambda arguments: False)
    assert "no package index answers" in packages.install("lab")
    assert len(index.calls) == 1


def test_the_readme_says_up_to_which_python_the_pins_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"for Python 3.11 to {packages.PINNED[0]}.{packages.PINNED[1]}" in " ".join(text.split())


# --- settings of the reader that would send packages elsewhere


HOSTILE = """
[global]
index-url = https://proxy.example/simple
proxy = http://proxy.example:3128
trusted-host = proxy.example
    mirror.example
quiet = 3
require-virtualenv = true
use-feature = fast-deps truststore
[install]
user = true
target = /nowhere
prefix = /nowhere
constraint = /nowhere/constraints.txt
no-binary = :all:
extra-index-url = https://wheels.example/cpu
"""


def variables(monkeypatch, tmp_path, text, **more):
    for name in [n for n in os.environ if n.startswith("PIP_")]:
        monkeypatch.delenv(name)
    (tmp_path / "pip.conf").write_text(text)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(packages, "_SETTINGS", {})
    found = packages.pip_variables(sys.executable)
    return {n: v for n, v in found.items() if n.startswith(("PIP_", "PYTHON"))}


def test_pip_keeps_index_and_proxy_and_nothing_that_would_break_it(monkeypatch, tmp_path):
    found = variables(
        monkeypatch,
        tmp_path,
        HOSTILE,
        PIP_USER="1",
        PIP_TARGET="/nowhere",
        PIP_REQUIRE_VIRTUALENV="1",
        PIP_PYTHON="/nowhere/python",
        PIP_TIMEOUT="60",
        PYTHONPATH="/nowhere",
        PYTHONHOME="/nowhere",
    )
    system = {"PIP_CERT", "PIP_FIND_LINKS"}  # this machine's own files may say more
    found = {n: v for n, v in found.items() if n not in system}
    assert found == {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://proxy.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://wheels.example/cpu",
        "PIP_PROXY": "http://proxy.example:3128",
        "PIP_TRUSTED_HOST": found["PIP_TRUSTED_HOST"],
        "PIP_USE_FEATURE": "truststore",
        "PIP_TIMEOUT": "60",
    }
    assert found["PIP_TRUSTED_HOST"].split() == ["proxy.example", "mirror.example"]


def test_a_variable_wins_over_a_file(monkeypatch, tmp_path):
    url = "https://download.pytorch.org/whl/cpu"
    found = variables(monkeypatch, tmp_path, HOSTILE, PIP_EXTRA_INDEX_URL=url)
    assert found["PIP_EXTRA_INDEX_URL"] == url


def test_a_damaged_configuration_is_named_and_left_out(monkeypatch, tmp_path, capsys):
    found = variables(monkeypatch, tmp_path, "no section\n", PIP_INDEX_URL="https://a.example")
    assert found["PIP_INDEX_URL"] == "https://a.example"
    assert "cannot be read and is left out" in capsys.readouterr().out


STEERING = ["PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONOPTIMIZE", "PYTHONWARNINGS"]


def test_make_hands_no_recipe_what_steers_every_python_of_the_machine():
    set_ = {name: "/nowhere" for name in STEERING} | {"PIP_INDEX_URL": "https://a.example"}
    command = ["make", "--no-print-directory", "--eval=shown:\n\t@env", "shown"]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | set_, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert [name for name in STEERING if f"{name}=" in run.stdout] == []
    assert "PIP_INDEX_URL=https://a.example" in run.stdout


# --- a checkout in miniature, moved and copied

BACKEND = """
import pathlib, zipfile

def lines(*all):
    return "\\n".join(all) + "\\n"

def build_editable(folder, settings=None, metadata=None):
    name = "mini-1.0-py3-none-any.whl"
    info = "mini-1.0.dist-info/"
    files = {
        "mini.pth": str(pathlib.Path.cwd()),
        info + "METADATA": lines("Metadata-Version: 2.1", "Name: mini", "Version: 1.0",
                                 "Provides-Extra: lab"),
        info + "WHEEL": lines("Wheel-Version: 1.0", "Generator: us", "Root-Is-Purelib: true",
                              "Tag: py3-none-any"),
        info + "entry_points.txt": lines("[console_scripts]", "say-place = place:main"),
    }
    record = "".join(f"{n},,\\n" for n in [*files, info + "RECORD"])
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        for n, text in (files | {info + "RECORD": record}).items():
            wheel.writestr(n, text)
    return name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "mini"
version = "1.0"
dependencies = []
optional-dependencies = {lab = []}
"""


def bring(checkout, **more):
    command = [sys.executable, str(checkout / "tools" / "environment.py"), "lab"]
    run = subprocess.run(command, env=os.environ | more, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def said(checkout):
    return subprocess.run(
        [checkout / ".venv" / "bin" / "say-place"], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.timeout(600)
def test_a_moved_or_copied_checkout_gets_an_environment_of_its_own(tmp_path):
    first = tmp_path / "a course"
    (first / "constraints").mkdir(parents=True)
    (first / "constraints" / "ci.txt").write_text("")
    (first / "pyproject.toml").write_text(PYPROJECT)
    (first / "backend.py").write_text(BACKEND)
    (first / "place.py").write_text("def main():\n    print(__file__)\n")
    shutil.copytree(ROOT / "tools", first / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "pip.py").write_text("raise SystemExit('the wrong pip')")
    (tmp_path / "pip.conf").write_text("[install]\nuser = true\n")
    hostile = {
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
        "PIP_TARGET": str(tmp_path / "target"),
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_DRY_RUN": "1",
        "PYTHONPATH": str(tmp_path / "junk"),
    }
    assert "environment ready" in bring(first, **hostile)
    assert not (tmp_path / "target").exists()
    assert said(first) == str(first / "place.py")
    assert bring(first) == ""  # nothing to do

    second = tmp_path / "renamed"
    first.rename(second)
    assert f"made in {first}: making it anew" in bring(second)
    assert said(second) == str(second / "place.py")
    assert str(first) not in (second / ".venv" / "bin" / "activate").read_text()

    for stamp in (second / ".venv").glob("workbook-*.json"):
        stamp.write_text("{")  # damaged: the scripts still tell where they were made
    third = tmp_path / "copy"
    shutil.copytree(second, third, symlinks=True)
    assert f"made in {second}: making it anew" in bring(third)
    assert said(third) == str(third / "place.py")
    assert said(second) == str(second / "place.py")

    stamp = third / ".venv" / "workbook-lab.json"
    older = json.loads(stamp.read_text()) | {"python": "3.10.2 (main)"}
    stamp.write_text(json.dumps(older))
    (third / ".venv" / "workbook-made.json").unlink()
    assert "is of Python 3.10, this is" in bring(third)
