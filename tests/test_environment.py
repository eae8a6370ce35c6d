"""The dependency files hold together, and the environment tool repairs what is broken."""

import re
import subprocess
import sys
import tomllib

from tests.support import ROOT

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
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        from environment import BROKEN
    finally:
        sys.path.pop(0)
    info = tmp_path / "whole-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: whole\nVersion: 1.0\n")
    (info / "RECORD").write_text("whole.py,,\nwhole-1.0.dist-info/METADATA,,\n")
    code = (
        f"import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]; "
        f"sys.path.append({str(tmp_path)!r})\n{BROKEN}"
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
