"""What the site is made of: committed notebooks, notes and figures, with links within the site."""

import json
import posixpath
import re
import shutil
from pathlib import Path
from typing import Any

from tools import links, workbook
from tools.site import indexes, measured, paper

FRONT = workbook.ROOT / "site"
# Output that only lives in a running kernel; the cell before it shows the same, standing still.
_LIVE = "application/vnd.jupyter.widget-view+json"
_LINK = re.compile(r"\]\((?P<target>[^()\s]+)\)")
_BADGE = re.compile(r"\n*\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)\n*")


def gather(target: Path) -> list[str]:
    """Write the sources of the site below `target`; return its documents, in reading order."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(FRONT, target, ignore=shutil.ignore_patterns("node_modules", "package*.json"))
    notebooks = [workbook.target(path) for path in indexes.notebooks()]
    notes = indexes.notes()
    documents = {workbook.relative(path) for path in [*notebooks, *notes]}
    for path in notebooks:
        text = path.read_text(encoding="utf-8")
        workbook.write(target / workbook.relative(path), page_of(text, path, documents))
    for path in notes:
        text = within(path.read_text(encoding="utf-8"), workbook.relative(path), documents)
        # Doctest wants an empty line at the end of an example; a reader does not.
        text = text.replace("\n\n```\n", "\n```\n")
        workbook.write(target / workbook.relative(path), text)
    shutil.copytree(workbook.ROOT / "lecture_notes" / "figures", target / "lecture_notes/figures")
    measured.pictures(target / "_static")
    generated = indexes.pages() | {"paper_scale.md": paper.page(), "benchmarks.md": measured.page()}
    for name, text in generated.items():
        workbook.write(target / name, text)
    for path in target.glob("*.md"):
        text = within(path.read_text(encoding="utf-8"), path.name, documents)
        workbook.write(path, text)
    return [workbook.relative(path) for path in [*notebooks, *notes]]


def page_of(text: str, path: Path, documents: set[str]) -> str:
    """Return a notebook as the site shows it: no set-up for Colab, no remote badge, no live output.

    Args:
        text: the committed notebook.
        path: where it lies.
        documents: the paths that the site has pages of.
    """
    notebook = json.loads(text)
    cells: list[dict[str, Any]] = notebook["cells"]
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            source = _BADGE.sub("\n\n", source) if cell is cells[0] else source
            cell["source"] = within(source, workbook.relative(path), documents)
        else:
            cell["outputs"] = [out for out in cell["outputs"] if _LIVE not in out.get("data", {})]
        if "bootstrap" in cell["metadata"].get("tags", []):
            cell["metadata"]["tags"].append("remove-cell")
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def within(text: str, place: str, documents: set[str]) -> str:
    """Point links to files of the repository to the site's own pages, or to whole addresses.

    >>> within("[x](../notebooks/a.ipynb)", "lecture_notes/b.md", {"notebooks/a.ipynb"})
    '[x](../notebooks/a.ipynb)'
    """
    ours = links.page("")

    def moved(match: re.Match) -> str:
        target, hash_, anchor = match["target"].partition("#")
        if target.startswith(ours):
            path = target.removeprefix(ours)
        elif not target or "://" in target or target.startswith(("/", "mailto:")):
            return match[0]
        else:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
        if path in documents:
            target = posixpath.relpath(path, posixpath.dirname(place) or ".")
        elif path.startswith("lecture_notes/figures/"):
            return match[0]
        elif (workbook.ROOT / path).exists():
            target = links.page(path)
        return f"]({target}{hash_}{anchor})"

    return _LINK.sub(moved, text)
