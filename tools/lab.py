"""`make lab`: the reader's own copies in my/, then JupyterLab on week 1."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import links, workbook

MY = workbook.ROOT / "my"
RECORD = ".copied.json"  # {copy's path in my/: {"written": sha256, "rest": sha256}}


@dataclass(frozen=True)
class Version:
    """Two digests of a file: of what a reader writes in it, and of everything else in it.

    Of a notebook, cells with their text are written; outputs, counts and the cells' metadata are
    the rest. The notebook's own metadata is in neither: JupyterLab completes it by itself.
    """

    written: str
    rest: str


def copy_notebooks(notebooks: Path, my: Path) -> list[str]:
    """Copy notebooks, lecture notes and what they link to; return messages.

    What is new is copied. A copy in which the reader wrote nothing follows the course; when that
    replaces outputs, the old file stays beside it under a dated name. A copy in which the reader
    wrote is never touched: the message says how to see what is new.

    Args:
        notebooks: the course's notebooks; lecture notes lie beside this folder.
        my: the reader's folder; made when it is not there.
    """
    copies = _copies(notebooks)
    record = _read_record(my / RECORD)
    messages = []
    for place, name in copies.items():
        content = prepared(notebooks.parent / place, place, copies)
        newest, mine, known = version(content), my / name, record.get(name)
        if not mine.exists():
            _write(mine, content)
        elif known == newest:
            continue
        else:
            now = version(mine.read_bytes(), place, copies)
            before = _bytes_digest(mine) if isinstance(known, str) else None
            untouched = now == known or (before is not None and before == known)
            if now.written == newest.written and not untouched:
                pass  # the same text, and the reader's outputs: nothing to renew
            elif untouched or (isinstance(known, Version) and now.written == known.written):
                if not untouched:
                    kept = Path(name).with_name(_keep(mine)).as_posix()
                    messages.append(f"my/{name} is renewed; yours with its outputs is my/{kept}")
                _write(mine, content)
            else:
                messages.append(_yours(name, place))
                continue
        record[name] = newest
    my.mkdir(parents=True, exist_ok=True)
    saved = {n: v if isinstance(v, str) else vars(v) for n, v in record.items()}
    workbook.write(my / RECORD, json.dumps(saved, indent=1, sort_keys=True) + "\n")
    return messages


def prepared(source: Path, place: str, copies: dict[str, str]) -> bytes:
    """Return a file of the course as it goes into `my/`: its links lead to the other copies.

    A notebook gets this Python's version into its metadata, so that JupyterLab, when it opens the
    notebook, finds nothing to complete and to save.
    """
    content = source.read_bytes()
    if source.suffix == ".md":
        return links.localise(content.decode("utf-8"), place, copies).encode()
    notebook = _notebook(content)
    if notebook is None:
        return content
    _localise(notebook, place, copies)
    language = notebook.get("metadata", {}).get("language_info", {})
    if "version" in language:
        language["version"] = sys.version.split()[0]
    return (json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def version(content: bytes, place: str = "", copies: dict[str, str] | None = None) -> Version:
    """Return a file's digests; with `copies`, as if its links led there already."""
    notebook = _notebook(content)
    if notebook is None:
        return Version(hashlib.sha256(content).hexdigest(), "")
    if copies is not None:
        _localise(notebook, place, copies)
    cells = notebook["cells"]
    written = [[c.get("cell_type"), _text(c), c.get("attachments") or {}] for c in cells]
    rest = [
        [
            {k: v for k, v in c.get("metadata", {}).items() if k not in ("execution", "trusted")},
            [_output(o) for o in c.get("outputs", [])],
        ]
        for c in cells
    ]
    return Version(*(_digest(part) for part in (written, rest)))


def main(arguments: list[str]) -> int:
    """Copy, say what changed, and become JupyterLab."""
    try:
        messages = copy_notebooks(workbook.NOTEBOOKS, MY)
    except OSError as error:
        print(f"lab: the copies in my/ cannot be written: {error}", file=sys.stderr)
        return 1
    for message in messages:
        print(message)
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in arguments:
        print("You are root; JupyterLab starts for root only with: make lab LAB_ARGS=--allow-root")
    first = min(workbook.NOTEBOOKS.glob("week01*.ipynb"), default=None)
    page = [str(Path(MY.name, first.name))] if first else []
    os.chdir(workbook.ROOT)
    command = [sys.executable, "-m", "jupyterlab", *page, *arguments]
    sys.stdout.flush()
    if os.name == "nt":  # where execv leaves two processes at one terminal
        return subprocess.call(command)
    os.execv(sys.executable, command)


def _copies(notebooks: Path) -> dict[str, str]:
    """Return {path in the repository: path in my/} of everything that is copied."""
    root = notebooks.parent
    found = [*sorted(notebooks.glob("*.ipynb")), *sorted(notebooks.glob("extras/*.ipynb"))]
    copies = {_relative(p, root): _relative(p, notebooks) for p in found}
    figures = [root.glob(f"lecture_notes/figures/*.{kind}") for kind in ("png", "gif", "svg")]
    for group in (root.glob("lecture_notes/*.md"), root.glob("CONTRIBUTING.md"), *figures):
        copies |= {_relative(p, root): _relative(p, root) for p in sorted(group)}
    return copies


def _relative(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix()


def _yours(name: str, place: str) -> str:
    ours = Path(sys.prefix) == workbook.ROOT / ".venv"
    tool = (".venv/bin/" if ours else "") + "nbdiff -s" if name.endswith(".ipynb") else "diff"
    return (
        f"my/{name} is yours and stays as it is; the course has a newer version.\n"
        f"  what is new:  {tool} my/{name} {place}\n"
        f"  to start it afresh: rename yours, then make lab"
    )


def _read_record(path: Path) -> dict[str, Version | str]:
    """Return what was copied; nothing of a record that is missing or damaged.

    A text instead of a `Version` is the SHA-256 of the copied bytes, of an earlier make lab.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    found: dict[str, Version | str] = {}
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, str):
            found[name] = entry
        elif isinstance(entry, dict) and set(entry) == {"written", "rest"}:
            found[name] = Version(str(entry["written"]), str(entry["rest"]))
    return found


def _notebook(content: bytes) -> dict[str, Any] | None:
    """Return the notebook that the bytes hold, or None."""
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError):
        return None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    whole = isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells)
    return notebook if whole else None


def _localise(notebook: dict[str, Any], place: str, copies: dict[str, str]) -> None:
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "markdown":
            text = links.localise(_text(cell), place, copies)
            cell["source"] = text.splitlines(keepends=True)


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def _output(output: Any) -> Any:
    """Return an output in one form: texts joined, no count of executions."""
    if isinstance(output, dict):
        return {k: _output(v) for k, v in output.items() if k != "execution_count"}
    if isinstance(output, list) and all(isinstance(part, str) for part in output):
        return "".join(output)
    return output


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _bytes_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _keep(mine: Path) -> str:
    """Copy a file to a dated name beside it that is free; return that name."""
    stem = f"{mine.stem}.{time.strftime('%Y-%m-%d')}"
    names = [f"{stem}{mine.suffix}", *(f"{stem}-{k}{mine.suffix}" for k in range(2, 1000))]
    kept = next(mine.with_name(n) for n in names if not mine.with_name(n).exists())
    shutil.copy2(mine, kept)
    return kept.name


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(content)
    os.replace(temporary, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
