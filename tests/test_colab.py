"""The course on Colab, imitated: its pinned packages, a stub google.colab, our package from git.

What cannot be had here is said in CONTRIBUTING.md: torch is the tests' version, Python is this one.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support import NO_GIT, ROOT, git
from tools import packages, workbook

STUB = """
import sys, types
google = sys.modules.setdefault("google", types.ModuleType("google"))
google.colab = sys.modules["google.colab"] = types.ModuleType("google.colab")
"""
# As Colab has them, or close: the kernel's own packages are not in its published list of ours.
KERNEL = ["ipykernel<7", "ipython<9"]


def pins(interpreter_is_ours: bool = True) -> list[str]:
    lines = (ROOT / "constraints" / "colab.txt").read_text().splitlines()
    found = [line for line in lines if line and not line.startswith(("#", "torch"))]
    tests = (ROOT / "constraints" / "ci.txt").read_text()
    torch = re.search(r"^torch==.*$", tests, re.MULTILINE)[0]
    return [*found, torch] if interpreter_is_ours else found


def make(folder: Path, interpreter: str, requirements: list[str]) -> str:
    subprocess.run([interpreter, "-m", "venv", folder], check=True)
    python = str(folder / "bin" / "python")
    command = [python, "-I", "-m", "pip", "install", "-q", *requirements]
    subprocess.run(command, check=True, timeout=600, env=packages.pip_variables(python))
    return python


def freeze(python: str) -> set[str]:
    run = subprocess.run(
        [python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split("\n"))


@pytest.fixture(scope="module")
def commit():
    """The checkout's commit, which pip installs the package from."""
    found = git("rev-parse", "HEAD")
    if found is None:
        pytest.skip(f"pip installs our package from git, and {NO_GIT}")
    return found.strip()


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """An environment with Colab's pins; yields its Python."""
    folder = tmp_path_factory.mktemp("colab")
    yield make(folder / "env", sys.executable, pins() + KERNEL)
    shutil.rmtree(folder / "env")


@pytest.mark.timeout(1500)
def test_notebooks_run_on_colab_s_versions_and_install_only_our_package(
    commit, colab, tmp_path, monkeypatch
):
    kernel = tmp_path / "kernels" / "colab"
    kernel.mkdir(parents=True)
    argv = [colab, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Colab", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "sitecustomize.py").write_text(STUB)
    repository, ref = workbook.address()
    environment = packages.pip_variables(colab)
    environment |= {"PYTHONPATH": str(stub), "COURSE_STRICT": "1"}
    before = freeze(colab)
    for week in ("week01", "week02"):
        place = next(workbook.NOTEBOOKS.glob(f"{week}*.ipynb"))
        notebook = nbformat.read(place, as_version=4)
        bootstrap = notebook.cells[1]
        address = f"git+{repository}@{ref}"
        assert address in bootstrap.source
        bootstrap.source = bootstrap.source.replace(address, f"git+file://{ROOT}@{commit}")
        client = NotebookClient(
            notebook, timeout=300, kernel_name="colab", resources={"metadata": {"path": tmp_path}}
        )
        client.execute(env=environment)
        where = [c for c in notebook.cells if c.cell_type == "code"]
        assert all(c.execution_count for c in where if c.source.strip())
    added = freeze(colab) - before
    assert len(added) == 1
    assert "mlwm-workbook" in next(iter(added))
    assert before - freeze(colab) == set()
    code = "import course_utils; print(course_utils.__file__)"
    found = subprocess.run([colab, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert "site-packages" in found.stdout, "the package came from somewhere else"


def python_313() -> str | None:
    """Return a Python 3.13 that runs: on the path, or installed beside this one."""
    beside = sorted(Path(sys.base_prefix).parent.glob("3.13*/bin/python3.13"))
    for found in filter(None, [shutil.which("python3.13"), *map(str, beside)]):
        if subprocess.run([found, "-c", "import venv"], capture_output=True).returncode == 0:
            return found
    return None


PYTHON_313 = python_313()
DOCTESTS = """
import doctest, importlib, pkgutil, course_utils.maths as maths
names = [m.name for m in pkgutil.iter_modules(maths.__path__)]
flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
modules = [importlib.import_module(f"course_utils.maths.{name}") for name in names]
results = [doctest.testmod(module, optionflags=flags) for module in modules]
assert len(names) > 10 and sum(r.attempted for r in results) > 50
assert sum(r.failed for r in results) == 0
"""


@pytest.mark.skipif(PYTHON_313 is None, reason="no Python 3.13 here for the torch-free modules")
@pytest.mark.timeout(900)
def test_the_torch_free_modules_run_on_python_3_13(tmp_path):
    python = make(tmp_path / "env", PYTHON_313, pins(False))
    shutil.copytree(ROOT / "course_utils", tmp_path / "course_utils")  # a numba cache of its own
    run = subprocess.run([python, "-c", DOCTESTS], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
