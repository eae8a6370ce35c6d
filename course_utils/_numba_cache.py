"""Where numba keeps what it compiled, also where nothing beside the package can be written."""

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path


def choose(package: Path = Path(__file__).parent) -> None:
    """Point numba to a temporary folder when its own places cannot be written.

    numba keeps compiled functions in NUMBA_CACHE_DIR, in `__pycache__` beside a module, or in the
    user's cache folder, and refuses to import a cached function when none of them can be written:
    a read-only checkout, in a container without a home. The temporary folder belongs to this user
    alone, because numba runs what lies in it.
    """
    own = os.environ.get("NUMBA_CACHE_DIR")
    rooms = [package, *(p for p in package.iterdir() if (p / "__init__.py").is_file())]
    if own and _writable(Path(own)):
        return
    if all(_writable(room / "__pycache__") for room in rooms) or _writable(_user_cache()):
        return
    with contextlib.suppress(OSError):  # not even a temporary folder: numba says so itself
        os.environ["NUMBA_CACHE_DIR"] = str(_temporary())
        if "numba" in sys.modules:
            sys.modules["numba"].config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]


def _writable(folder: Path) -> bool:
    """Tell whether files can be made in a folder, which is made when it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, ValueError):
        return False


def _user_cache() -> Path:
    """Return the folder that numba takes when `__pycache__` cannot be written."""
    try:
        home = Path.home()
    except RuntimeError:
        return Path(os.devnull, "no home")
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "numba"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"), "numba", "Cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache", "numba")


def _temporary() -> Path:
    """Return a folder for this user in the temporary one, the same each time where that is safe."""
    if not hasattr(os, "getuid"):
        return Path(tempfile.mkdtemp(prefix="course_utils-numba-"))
    folder = Path(tempfile.gettempdir(), f"course_utils-numba-{os.getuid()}")
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    if private and found.st_uid == os.getuid() and _writable(folder):
        return folder
    return Path(tempfile.mkdtemp(prefix="course_utils-numba-"))
