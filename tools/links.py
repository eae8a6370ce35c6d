"""Links from notebooks to notes and to other notebooks, which open wherever a notebook is read.

A committed notebook is read on GitHub and on Colab, where only a whole address works: `publish`
makes one out of each file of the repository that a source names. A reader's copy lies in `my/`, and
JupyterLab follows only paths below it: `localise` points the same links to the copies there.
"""

import posixpath
import re
from collections.abc import Callable

from tools import workbook

# A file named in backticks, and not yet the text of a link.
_NAMED = re.compile(r"(?<!\[)`(?P<path>[\w./-]+\.(?:md|ipynb))`(?!\])")
_LINK = re.compile(r"\]\((?P<target>[^()\s]+)\)")
_FENCE = re.compile(
    r"(^ {0,3}(?P<fence>```+|~~~+).*?(?:^ {0,3}(?P=fence)`*~*[ \t]*$|\Z))", re.M | re.S
)
_FOLDERS = ("", "lecture_notes", "notebooks", "notebooks/extras")


def publish(text: str) -> str:
    """Make the notes and notebooks that Markdown names links to their pages in the repository.

    A name in backticks (`lecture_notes/week07.md`, `week07.md`, `CONTRIBUTING.md`) becomes a link
    with that text; in `[text](notebooks/extras/parity.ipynb)`, a path from the repository's root,
    the path becomes the address. Code blocks and unknown names stay as they are.

    >>> publish("[a note](lecture_notes/week07.md)")
    '[a note](https://.../lecture_notes/week07.md)'
    """

    def named(match: re.Match) -> str:
        path = _in_repository(match["path"])
        return f"[{match[0]}]({page(path)})" if path else match[0]

    def linked(match: re.Match) -> str:
        target, hash_, anchor = match["target"].partition("#")
        known = not target.startswith((".", "/")) and "://" not in target
        path = _in_repository(target) if known and target else None
        return f"]({page(path)}{hash_}{anchor})" if path else match[0]

    return _outside_code(text, lambda part: _NAMED.sub(named, _LINK.sub(linked, part)))


def localise(text: str, place: str, copies: dict[str, str]) -> str:
    """Point the links of a document to the copies that lie in `my/`; others get whole addresses.

    Args:
        text: Markdown.
        place: the document's path in the repository; `copies[place]` is its path in `my/`.
        copies: {path in the repository: path in `my/`} of everything that is copied.
    """
    ours = page("")

    def moved(match: re.Match) -> str:
        target, hash_, anchor = match["target"].partition("#")
        if target.startswith(ours):
            path, relative = target.removeprefix(ours), False
        elif not target or "://" in target or target.startswith(("/", "mailto:")):
            return match[0]
        else:
            path, relative = posixpath.normpath(f"{posixpath.dirname(place)}/{target}"), True
        if path in copies:
            target = posixpath.relpath(copies[path], posixpath.dirname(copies[place]) or ".")
        elif relative and not path.startswith("..") and (workbook.ROOT / path).exists():
            target = page(path)
        return f"]({target}{hash_}{anchor})"

    return _outside_code(text, lambda part: _LINK.sub(moved, part))


def page(path: str) -> str:
    """Return the address of a file's page in the repository.

    >>> page("CONTRIBUTING.md")
    'https://.../CONTRIBUTING.md'
    """
    repository, ref = workbook.address()
    return f"{repository}/blob/{ref}/{path}"


def _in_repository(name: str) -> str | None:
    """Return the repository's path of a note or a notebook (which may not be built yet)."""
    for folder in _FOLDERS:
        path = posixpath.join(folder, name)
        source = path.replace("notebooks/", "notebooks/source/", 1).replace(".ipynb", ".py")
        if path.endswith(".ipynb"):
            there = path.startswith("notebooks/") and (workbook.ROOT / source).is_file()
        else:
            there = path.endswith(".md") and (workbook.ROOT / path).is_file()
        if there or re.fullmatch(r"lecture_notes/week\d\d\.md", path):
            return path
    return None


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts += [change(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(text[end:])])
