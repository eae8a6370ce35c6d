"""Build, check and solve the notebooks: `python -m tools.builder COMMAND [NAME …]`.

build   make and execute the student notebooks whose source changed (--all: every one)
check   rebuild in memory and hold sources and committed notebooks to the form of CONTRIBUTING.md
solved  write the solved copies into build/instructor/
report  list what is no error yet: see tools/builder/reading.py
"""

import argparse
import importlib
import json
import pkgutil
import sys
import time
from pathlib import Path

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools import workbook
from tools.builder import outputs, reading, readme
from tools.builder.rules import source_problems
from tools.builder.source import SourceError, answers, build, dump, tags
from tools.workbook import WorkbookError, relative


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 done, 1 problems found, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="tools.builder", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("build", "check", "solved", "report"):
        command = commands.add_parser(name)
        command.add_argument("names", nargs="*", help="week01, parity, …; all when left out")
        if name == "build":
            command.add_argument("--all", action="store_true", help="execute every notebook again")
    options = parser.parse_args(arguments)
    try:
        paths = workbook.sources(options.names)
        if options.command == "build":
            problems = [p for path in paths for p in build_one(path, options.all)]
            problems += [] if options.names else readme.problems(write=True)
        elif options.command == "check":
            problems = check(paths, everything=not options.names)
        elif options.command == "report":
            lines = reports(paths)
            print("\n".join([*lines, f"{len(lines)} reports"]))
            problems = []
        else:
            problems = [p for path in paths for p in solve_one(path)]
    except WorkbookError as error:
        print(f"builder: {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def build_one(path: Path, again: bool = False) -> list[str]:
    """Build and execute one student notebook unless it is in step; return the problems."""
    place = workbook.target(path)
    try:
        fresh = build(path)
        solutions = json.dumps(answers(path), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    except (SourceError, SyntaxError) as error:
        return [str(error)]
    workbook.write(workbook.SOLUTIONS / f"{path.stem}.json", solutions)
    if not again and place.exists() and not differences(fresh, outputs.load(place)):
        print(f"{relative(place)}: unchanged")
        return []
    if not again and place.exists() and keep_outputs(fresh, outputs.load(place)):
        workbook.write(place, dump(fresh))
        print(f"{relative(place)}: only its prose changed, outputs kept")
        return []
    start = time.perf_counter()
    try:
        claims, seconds, slowest = outputs.execute(fresh, place.parent)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        return [f"{path.name}: {outputs.failure(error)}"]
    workbook.write(place, dump(fresh))
    lines = json.dumps(claims, indent=1, ensure_ascii=False) + "\n"
    workbook.write(workbook.CLAIMS / f"{path.stem}.json", lines)
    size = place.stat().st_size / 1000
    print(
        f"{relative(place)}: {seconds:.0f} s in cells (slowest {slowest:.0f} s), "
        f"{time.perf_counter() - start:.0f} s in all, {size:.0f} KB, {len(claims)} claims"
    )
    return [f"{path.name}, cell {n}: {text}" for n, text in outputs.output_problems(fresh)]


def keep_outputs(fresh: NotebookNode, committed: NotebookNode) -> bool:
    """Put the committed outputs into a notebook whose code is the same; False when it is not."""
    new, old = ([c for c in n.cells if c.cell_type == "code"] for n in (fresh, committed))
    if [(c.source, c.metadata) for c in new] != [(c.source, c.metadata) for c in old]:
        return False
    for cell, twin in zip(new, old, strict=True):
        cell.outputs, cell.execution_count = twin.outputs, twin.execution_count
    return True


def differences(fresh: NotebookNode, committed: NotebookNode) -> list[str]:
    """Return what differs between a rebuilt notebook and a committed one, outputs apart."""
    if len(fresh.cells) != len(committed.cells):
        return [f"has {len(committed.cells)} cells, its source makes {len(fresh.cells)}"]
    found = []
    for number, (new, old) in enumerate(zip(fresh.cells, committed.cells, strict=True), start=1):
        pairs = {
            "type": (new.cell_type, old.cell_type),
            "source": (new.source, old.source),
            "id": (new.id, old.get("id")),
            "tags": (tags(new), tags(old)),
            "alt text": (new.metadata.get("mystnb"), old.metadata.get("mystnb")),
        }
        found += [f"cell {number}: {what} differs" for what, (a, b) in pairs.items() if a != b]
    if fresh.metadata != committed.metadata:
        found.append("notebook metadata differ")
    return found


def check(paths: list[Path], everything: bool) -> list[str]:
    """Return every problem of sources and committed notebooks."""
    found, total = [], 0
    planted = planted_wrong_answers()
    for path in paths:
        place = workbook.target(path)
        found += source_problems(path, planted)
        try:
            fresh, solutions = build(path), answers(path)
        except (SourceError, SyntaxError) as error:
            found.append(str(error))
            continue
        if not place.exists():
            found.append(f"{relative(place)} is missing; run make notebooks")
            continue
        committed = outputs.load(place)
        stale = differences(fresh, committed)
        found += [f"{relative(place)}: {text}; run make notebooks" for text in stale]
        shipped = workbook.SOLUTIONS / f"{path.stem}.json"
        if not shipped.exists() or json.loads(shipped.read_text(encoding="utf-8")) != solutions:
            found.append(f"{relative(shipped)} is not in step; run make notebooks")
        found += [
            f"{relative(place)}, cell {n}: {t}" for n, t in outputs.output_problems(committed)
        ]
        size = place.stat().st_size
        total += size
        if size > outputs.NOTEBOOK_LIMIT:
            found.append(
                f"{relative(place)} has {size} bytes, allowed are {outputs.NOTEBOOK_LIMIT}"
            )
    if everything:
        if total > outputs.ALL_LIMIT:
            found.append(f"all notebooks have {total} bytes, allowed are {outputs.ALL_LIMIT}")
        built = {workbook.target(path) for path in paths}
        stray = set(workbook.NOTEBOOKS.glob("*.ipynb")) | set(
            workbook.NOTEBOOKS.glob("extras/*.ipynb")
        )
        found += [f"{relative(p)} has no source; delete it" for p in sorted(stray - built)]
        found += readme.problems(write=False)
    print(
        f"checked {len(paths)} notebooks, {total / 1000:.0f} KB: {len(found)} problems, "
        f"{len(reports(paths))} reports (python -m tools.builder report)"
    )
    return found


def reports(paths: list[Path]) -> list[str]:
    """Return what a reader may stumble over and no check refuses; see `tools.builder.reading`."""
    found = []
    for path in paths:
        place, claims = workbook.target(path), workbook.CLAIMS / f"{path.stem}.json"
        if place.exists() and claims.exists():
            measured = json.loads(claims.read_text(encoding="utf-8"))
            found += reading.stray_numbers(path, outputs.load(place), measured)
    return found


def planted_wrong_answers() -> set[str]:
    """Return the keys of the exercises that have at least two planted wrong answers."""
    package = importlib.import_module("tests.wrong_answers")
    names = [f"{package.__name__}.{m.name}" for m in pkgutil.iter_modules(package.__path__)]
    tables = [importlib.import_module(name).WRONG for name in names]
    return {key for table in tables for key, wrong in table.items() if len(wrong) >= 2}


def solve_one(path: Path) -> list[str]:
    """Write the solved copy, with the committed outputs of the checked cells to compare with."""
    try:
        solved = build(path, solved=True)
    except (SourceError, SyntaxError) as error:
        return [str(error)]
    place = workbook.target(path)
    known = {c.id: c for c in outputs.load(place).cells} if place.exists() else {}
    for cell in solved.cells:
        twin = known.get(cell.id)
        if twin is not None and "nbval-check-output" in tags(cell):
            cell.outputs, cell.execution_count = twin.outputs, twin.execution_count
    workbook.write(workbook.target(path, workbook.SOLVED), dump(solved))
    return []
