"""The sandbox run by an ordinary user, as on most machines; the rest of the tests may be root."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.grading import sandbox
from tools.workbook import ROOT

NOBODY = "65534"
PROGRAM = """
import json, os, sys, tempfile
from pathlib import Path
from tools.grading import sandbox
from tools.grading.package import strip_package

text = '''
import os
def bump(bits):
    found = [p for p in ("/home", "/etc/passwd", "/sandbox/tools") if os.path.exists(p)]
    for place in ("/", "/sandbox", "/usr", "/cache"):
        try:
            open(place + "/x", "w")
            found.append(place)
        except OSError:
            pass
    return found, os.getuid() == %d
''' % os.getuid()
step = {"key": "2.1", "prelude": [], "answers": [text], "candidate": "bump", "seconds": 5}
with tempfile.TemporaryDirectory() as folder:
    places = [Path(folder) / name for name in ("package", "cache")]
    for place in places:
        place.mkdir()
    strip_package(places[0])
    loop = step | {"answers": ["while True: pass"], "seconds": 1}
    bomb = step | {"answers": ["import os\\nwhile True:\\n  try: os.fork()\\n  except OSError: 0"]}
    instances = {"instances": ['["list",[["int","0x1"]]]']}
    runs = [sandbox.run([s | instances], *places) for s in (step, loop, bomb)]
    print(json.dumps([os.getuid(), runs]))
"""


def command() -> list[str]:
    """Return the prefix that runs a program as an ordinary user, the repository readable."""
    if os.getuid() != 0:
        return []
    seen = {str(p.resolve()) for p in (ROOT, Path(sys.prefix), Path(sys.base_prefix))}
    closed = {p for path in seen for p in Path(path).parents if not p.stat().st_mode & 0o005}
    cover = [w for p in sorted(closed) for w in ("--perms", "0755", "--tmpfs", str(p))]
    between = {p for path in seen for p in Path(path).parents if closed & set(p.parents)}
    cover += [w for p in sorted(between) for w in ("--perms", "0755", "--dir", str(p))]
    bind = [w for p in sorted(seen) for w in ("--ro-bind", p, p)]
    rights = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    shut = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/", *cover, *bind, *rights]
    return [*shut, "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def test_an_ordinary_users_sandbox_holds(tmp_path):
    if not (shutil.which("bwrap") and shutil.which("setpriv")):
        pytest.skip("bubblewrap or setpriv is missing")
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "TMPDIR": "/tmp"}
    program = [*command(), sys.executable, "-c", PROGRAM]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    uid, (held, stopped, bombed) = json.loads(done.stdout)
    assert uid != 0
    events, ended = held
    assert ended == "done"
    assert [e[0] for e in events] == ["begin", "answer", "end"]
    assert json.loads(events[1][3])[1] == [["list", []], True]
    assert stopped[1] == "done"
    assert stopped[0][1] == ["broken", 0, "the answer cell ran for more than 1 s"]
    assert bombed[1] == "processes"


def test_a_folder_that_answers_can_read_is_refused():
    with pytest.raises(sandbox.WorkbookError, match="which answers can read; move it"):
        sandbox.require(Path("/usr/share/course"))
