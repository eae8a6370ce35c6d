"""What a release needs: one version, valid workflows, a wheel with what the course needs."""

import json
import os
import re
import subprocess
import sys
import zipfile

import nbformat
import pytest
import yaml

import course_utils
from tests.support import ROOT
from tools import packages, workbook

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def valid(schema, *files):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    return subprocess.run([*command, *map(str, files)], capture_output=True, text=True)


def test_one_version_everywhere():
    version = course_utils.__version__
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    latest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert str(citation["version"]) == version
    assert latest[1] == version
    assert citation["repository-code"] == workbook.address()[0]


def test_workflows_and_citation_follow_their_schemas():
    assert len(WORKFLOWS) == 4
    assert (run := valid("github-workflows", *WORKFLOWS)).returncode == 0, run.stdout
    assert (run := valid("citation-file-format", ROOT / "CITATION.cff")).returncode == 0, run.stdout


def test_a_broken_workflow_would_be_found(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs:\n  a:\n    runs_on: ubuntu-latest\n")
    assert valid("github-workflows", broken).returncode != 0


def test_workflows_bear_no_secret_and_call_what_there_is():
    texts = [path.read_text(encoding="utf-8") for path in WORKFLOWS]
    assert not any("secrets." in text for text in texts)
    assert any("run: .ci/run" in text for text in texts)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", "".join(texts)):
        assert f"\n{target}:" in makefile


def test_the_container_calls_what_there_is():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"].startswith("make setup")
    assert container["postAttachCommand"].startswith("make lab")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), "."]
    environment = os.environ | packages.pip_variables(sys.executable)
    subprocess.run(command, cwd=ROOT, check=True, timeout=300, env=environment)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_package_data_exercises_and_solutions_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    found = {name for name in names if ".dist-info/" not in name}
    here = (ROOT / "course_utils").rglob("*")
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in here
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert found == wanted
    assert {"LICENSE", "METADATA"} <= {name.rsplit("/", 1)[-1] for name in names}


@pytest.mark.timeout(600)
def test_week_1_runs_on_the_wheel_alone(wheel, tmp_path):
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", "here"]
    environment = os.environ | packages.pip_variables(sys.executable)
    subprocess.run([*command, str(wheel)], cwd=tmp_path, check=True, env=environment)
    notebook = nbformat.read(next(workbook.NOTEBOOKS.glob("week01*.ipynb")), as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    program = ["import matplotlib", 'matplotlib.use("agg")', *cells]
    program += ["import course_utils", "print(course_utils.__file__)"]
    (tmp_path / "week01.py").write_text("\n".join(program), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "week01.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "here")},
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.strip().split("\n")[-1].startswith(str(tmp_path / "here"))
