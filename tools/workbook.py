"""Where the workbook's files are, and the one address that badges and bootstrap use."""

import os
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "notebooks" / "source"
NOTEBOOKS = ROOT / "notebooks"
SOLVED = ROOT / "build" / "instructor"
SOLUTIONS = ROOT / "course_utils" / "exercises" / "solutions"
CLAIMS = NOTEBOOKS / "claims"
RUNTIME_PACKAGES = (
    *("torch", "numpy", "scipy", "matplotlib", "mpl_toolkits", "networkx", "numba", "tqdm"),
    *("ipywidgets", "IPython", "course_utils"),
)


class WorkbookError(Exception):
    """A user's mistake: one line, exit status 2."""


def address() -> tuple[str, str]:
    """Return (repository, ref) of [tool.workbook] in pyproject.toml."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        table = tomllib.load(file)["tool"]["workbook"]
    return table["repository"], table["ref"]


def sources(names: list[str] | None = None) -> list[Path]:
    """Return the source notebooks, weeks first; `names` picks by stem or its beginning."""
    found = sorted(SOURCES.glob("*.py")) + sorted((SOURCES / "extras").glob("*.py"))
    chosen = []
    for name in names or []:
        matches = [p for p in found if p.stem == name]
        matches = matches or [p for p in found if p.stem.startswith(name)]
        if not matches:
            raise WorkbookError(
                f"no notebook {name!r}; there are: {', '.join(p.stem for p in found)}"
            )
        chosen += matches
    return chosen or found


def target(source: Path, base: Path | None = None) -> Path:
    """Return where the notebook built from `source` lies below `base` (`notebooks/`)."""
    return (base or NOTEBOOKS) / source.relative_to(SOURCES).with_suffix(".ipynb")


def relative(path: Path) -> str:
    """Return the path as a reader of the repository writes it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def folder(text: str) -> Path:
    """Return a folder that a user named; `~` is the home, whether the shell saw to it or not.

    Raises:
        WorkbookError: there is no home of that name.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise WorkbookError(f"no home folder for {text!r}: name the whole path") from None


def write(path: Path, text: str) -> bool:
    """Write `text` to a temporary name and rename it; False when the file says so already."""
    if path.exists() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)
    return True
