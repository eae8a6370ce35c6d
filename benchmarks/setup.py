"""`make setup` from nothing, and again when nothing changed (goal: 90 s the first time)."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import Row, timed

ROOT = Path(__file__).resolve().parents[1]
NEEDED = ["pyproject.toml", "README.md", "LICENSE", "constraints", "course_utils", "tools"]


def rows() -> Iterator[Row]:
    """Time the environment of a copy of the checkout, made once and then found whole."""
    with tempfile.TemporaryDirectory() as folder:
        for name in NEEDED:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, Path(folder) / name)
        environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
        interpreter = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
        command = [str(interpreter), "tools/environment.py", "lab"]

        def setup() -> None:
            subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

        note = "wheels from the index or pip's cache"
        yield Row("make setup, from nothing", "—", [timed(setup)], note=note)
        yield Row("make setup, nothing changed", "—", [timed(setup) for _ in range(3)])
