"""What several tests share: the sources' cells, the planted wrong answers, unusual right ones."""

import ast
import importlib
import pkgutil
import subprocess
from pathlib import Path
from typing import Any

import tests.wrong_answers
from tools import workbook
from tools.builder.source import BEGIN, HEADING, all_tasks, build, check_calls, read_source, tags
from tools.grading import package

ROOT = workbook.ROOT
NO_GIT = "this is no git checkout (a ZIP?), or there is no git"


def git(*arguments: str, root: Path = ROOT) -> str | None:
    """Return what git says of the checkout; None of a ZIP, and where there is no git.

    A ZIP that was unpacked inside another repository is no checkout either. Whose files these are
    does not matter (in a container they are often another user's).
    """
    command = ["git", "-c", "safe.directory=*", "-C", str(root)]
    try:
        top = subprocess.run(
            [*command, "rev-parse", "--show-toplevel"], capture_output=True, text=True
        )
        if top.returncode or Path(top.stdout.strip()).resolve() != root.resolve():
            return None
        run = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        return None
    return run.stdout


def wrong_answers() -> dict[str, dict[str, Any]]:
    """Return {key: {mistake: answer}} of all exercises."""
    found: dict[str, dict[str, Any]] = {}
    for module in pkgutil.iter_modules(tests.wrong_answers.__path__):
        found |= importlib.import_module(f"tests.wrong_answers.{module.name}").WRONG
    return found


def accepted_answers() -> dict[str, dict[str, Any]]:
    """Return {key: {what is unusual: a right answer}}, of the modules that name some."""
    found: dict[str, dict[str, Any]] = {}
    for module in pkgutil.iter_modules(tests.wrong_answers.__path__):
        place = importlib.import_module(f"tests.wrong_answers.{module.name}")
        found |= getattr(place, "ACCEPTED", {})
    return found


def coding_exercises() -> dict[str, Path]:
    """Return {key: source} of the exercises that a program checks."""
    return {key: path for key, (path, task) in all_tasks().items() if task.kind == "code"}


def candidate(key: str, solved: bool) -> Any:
    """Return what the notebook hands to `check` for this exercise, open or solved.

    Runs only the cells that an assignment may rely on: tagged `imports` or `context:KEY`, the
    answer cells, and of the check its second argument.
    """
    path = coding_exercises()[key]
    source, built = read_source(path), build(path, solved=True)
    student = {cell.id: cell for cell in build(path).cells}
    namespace: dict[str, Any] = {"__name__": "notebook"}
    current = None
    for raw, cell in zip(source.cells, built.cells, strict=True):
        if cell.cell_type == "markdown":
            match = HEADING.search(cell.source)
            current = match["key"] if match else current
            continue
        answer = current == key and BEGIN in raw.source
        if answer or {"imports", f"context:{key}"} & set(tags(cell)):
            code = cell if solved or not answer else student[cell.id]
            exec(compile(code.source, f"{path.name}:{key}", "exec"), namespace)
        for call in check_calls(cell.source, key):
            return eval(compile(ast.Expression(call.args[1]), "check", "eval"), namespace)
    raise LookupError(f"no check cell of {key}")


def sandbox_places(tmp_path_factory: Any) -> tuple[Path, Path]:
    """Make the sandbox's copy of the package and an empty cache; return both folders."""
    folder = tmp_path_factory.mktemp("sandbox")
    for parent in (folder, folder.parent):  # what an unprivileged process may enter
        parent.chmod(0o755)
    found = (folder / "package", folder / "cache")
    for place in found:
        place.mkdir()
    package.strip_package(found[0])
    return found
