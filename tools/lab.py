"""`make lab`: the reader's own copies in my/, then JupyterLab on week 1."""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

from tools import workbook

MY = workbook.ROOT / "my"
RECORD = ".copied.json"  # {notebook: sha256 of what was copied}


def copy_notebooks(notebooks: Path, my: Path) -> list[str]:
    """Copy the notebooks that are new, or newer where the reader changed nothing; return messages.

    A notebook that the reader changed is never touched: the message says how to see what is new.
    """
    record_file = my / RECORD
    record = json.loads(record_file.read_text()) if record_file.exists() else {}
    messages = []
    for source in sorted([*notebooks.glob("*.ipynb"), *notebooks.glob("extras/*.ipynb")]):
        name = source.relative_to(notebooks).as_posix()
        mine, newest = my / name, _digest(source)
        if not mine.exists() or _digest(mine) in (record.get(name), newest):
            if not mine.exists() or _digest(mine) != newest:
                mine.parent.mkdir(parents=True, exist_ok=True)
                temporary = mine.with_name(f".{mine.name}.new")
                shutil.copyfile(source, temporary)
                os.replace(temporary, mine)
            record[name] = newest
        elif record.get(name) != newest:
            messages.append(
                f"my/{name} is yours and stays as it is; the course has a newer version.\n"
                f"  what is new:  .venv/bin/nbdiff -s my/{name} notebooks/{name}\n"
                f"  to start it afresh: rename yours, then make lab"
            )
    my.mkdir(exist_ok=True)
    workbook.write(record_file, json.dumps(record, indent=1, sort_keys=True) + "\n")
    return messages


def main(arguments: list[str]) -> int:
    """Copy, say what changed, and become JupyterLab."""
    for message in copy_notebooks(workbook.NOTEBOOKS, MY):
        print(message)
    first = min(MY.glob("week01*.ipynb"), default=None)
    page = [str(first.relative_to(workbook.ROOT))] if first else []
    os.chdir(workbook.ROOT)
    command = [sys.executable, "-m", "jupyterlab", *page, *arguments]
    sys.stdout.flush()
    os.execv(sys.executable, command)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
