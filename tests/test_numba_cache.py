"""The package is imported also where nothing can be written but a temporary folder."""

import os
import shutil
import subprocess
import sys

import pytest

from course_utils import _numba_cache
from tests.support import ROOT

CODE = """
import os
from course_utils.maths import number_theory
print(os.environ["NUMBA_CACHE_DIR"], len(os.listdir(os.environ["NUMBA_CACHE_DIR"])) > 0)
"""


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """Only the temporary folder can be written, and that is one of the test's own."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # so that it is taken back afterwards
    monkeypatch.setattr(_numba_cache.tempfile, "tempdir", str(tmp_path))
    writable = _numba_cache._writable
    monkeypatch.setattr(
        _numba_cache, "_writable", lambda p: str(p).startswith(str(tmp_path)) and writable(p)
    )
    return tmp_path


def chosen(monkeypatch):
    """Return what the package chooses for a new process."""
    monkeypatch.setitem(sys.modules, "numba", type("numba", (), {"config": lambda: None}))
    _numba_cache.choose()
    return os.environ.get("NUMBA_CACHE_DIR")


def test_where_a_place_can_be_written_nothing_is_changed(monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    assert chosen(monkeypatch) == ""


def test_the_same_folder_of_this_user_alone_is_taken_each_time(monkeypatch, nowhere):
    first = chosen(monkeypatch)
    assert first.startswith(str(nowhere))
    assert os.stat(first).st_mode & 0o777 == 0o700
    assert first == sys.modules["numba"].config.CACHE_DIR
    os.environ["NUMBA_CACHE_DIR"] = ""
    assert chosen(monkeypatch) == first


@pytest.mark.parametrize("trap", ["others may write", "a link", "a file"])
def test_a_folder_that_another_may_have_laid_out_is_not_taken(monkeypatch, nowhere, trap):
    foreseen = nowhere / f"course_utils-numba-{os.getuid()}"
    if trap == "others may write":
        foreseen.mkdir()
        foreseen.chmod(0o777)
    elif trap == "a link":
        (nowhere / "elsewhere").mkdir(mode=0o700)
        foreseen.symlink_to(nowhere / "elsewhere")
    else:
        foreseen.write_text("")
    assert chosen(monkeypatch) != str(foreseen)


def test_a_chosen_folder_that_cannot_be_written_gives_way(monkeypatch, nowhere):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/nowhere")
    assert chosen(monkeypatch).startswith(str(nowhere))


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap makes a read-only machine")
def test_a_read_only_machine_without_a_home_imports_the_package():
    command = ["bwrap", "--ro-bind", "/", "/", "--tmpfs", "/tmp", "--dev", "/dev"]
    command += ["--unsetenv", "NUMBA_CACHE_DIR", "--unsetenv", "XDG_CACHE_HOME"]
    command += ["--setenv", "HOME", "/nonexistent", "--setenv", "TMPDIR", "/tmp"]
    command += ["--chdir", str(ROOT), sys.executable, "-c", CODE]
    if str(ROOT).startswith("/tmp/") or sys.executable.startswith("/tmp/"):
        pytest.skip("the checkout lies in /tmp, which is hidden here")
    run = subprocess.run(command, capture_output=True, text=True)
    if "setting up uid map" in run.stderr or "No permissions" in run.stderr:
        pytest.skip("bubblewrap may not make a namespace here")
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == [f"/tmp/course_utils-numba-{os.getuid()}", "True"]
