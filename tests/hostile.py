"""What a class may hand in: hostile, broken and odd submissions of one assignment, each by a name.

The assignment has the exercises 1.2, 2.1 and 2.3, marked by a program, and 1.9, a proof. A case
gives answers (the rest is right), an edit of the notebook or of what lies on the disk, the scores
that it deserves, and words of the comments that say what happened.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from course_utils import checks
from tools.assignment_notebook import solved_answers

KEYS = ("1.2", "2.1", "2.3")
ORDER, BUMP, MATRIX, PROOF = (f"ex-{key}-answer" for key in ("1-2", "2-1", "2-3", "1-9"))
RIGHT = solved_answers(list(KEYS)) | {PROOF: "The rows span the space. $a < b$ and **so** on."}
ALL = {ORDER: 10.0, BUMP: 10.0, MATRIX: 10.0}
NONE = dict.fromkeys(ALL, 0.0)
FIRST_LOST = ALL | {ORDER: 0.0}


@dataclass
class Case:
    """One submission. `says`: a pattern by answer; `warns`: what the grader's own output says."""

    answers: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=lambda: dict(FIRST_LOST))
    says: dict[str, str] = field(default_factory=dict)
    edit: Callable[[dict[str, Any]], None] | None = None
    disk: Callable[[Path], object] | None = None
    warns: str = ""


def first(text: str, says: str, scores: dict[str, float] | None = None) -> Case:
    """Return a case in which the first exercise attacks; it costs the other two nothing."""
    return Case({ORDER: text}, scores or dict(FIRST_LOST), {ORDER: says})


def call(body: str, before: str = "") -> str:
    """Return an answer to the first exercise with this body."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    return f"{before}\ndef topological_order(root, parents):\n{lines}"


def evidence(body: str, before: str = "") -> str:
    """Return an answer whose body fills the list `found`; what it found leaves as its complaint."""
    return call(f"found = []\n{body}\nraise ValueError('found ' + repr(found)[:150])", before)


def refused(text: str) -> Case:
    """Return a case whose attempts all fail: the evidence is empty."""
    return first(text, r"raised ValueError: found \[\] ")


# time, memory, processes, output

SWALLOWS = """
n = 0
while True:
    try:
        while True:
            n += 1
    except BaseException:
        n = 0
"""
BOMB = """
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
HEIRS = """
for _ in range(4):
    if os.fork() == 0:
        hoard = b"1" * (5 * 2**29)
        time.sleep(60)
time.sleep(60)
"""
RAW = """
for descriptor in range(1, 256):
    try:
        for _ in range(2**10):
            os.write(descriptor, b"x" * 2**20)
    except OSError:
        pass
"""
SLOW = f"""
import time
{RIGHT[ORDER]}
quick, count = topological_order, iter(range(9))
def topological_order(root, parents):
    time.sleep(0 if next(count) < 5 else 60)
    return quick(root, parents)
"""
CANNOT = "could not be stopped in time and was ended with its process"
RESOURCES = {
    "endless_loop": first("while True:\n    pass", r"ran for more than 2 s"),
    "endless_call": first(call("while True:\n    pass"), r"0 of 9 .* Stopped after 2 s"),
    "swallows_the_alarm": first(call(SWALLOWS), CANNOT),
    "one_long_c_call": first(call("sum(itertools.repeat(1))", "import itertools"), CANNOT),
    "catastrophic_regex": first(
        call("re.match('(a+)+$', 'a' * 50 + 'b')", "import re"), r"Stopped after 2 s"
    ),
    "fork_bomb": first("import os\nwhile True: os.fork()", r"16 processes|raised BlockingIO"),
    "stubborn_fork_bomb": first(call(BOMB, "import os"), r"more than 16 processes"),
    "ten_gigabytes": first("hoard = bytearray(10 * 2**30)", r"raised MemoryError"),
    "ten_gigabytes_by_heirs": first(call(HEIRS, "import os, time"), r"4 GiB|Stopped after 2 s"),
    "memory_files": first(call("os.memfd_create('hoard')", "import os"), r"raised PermissionError"),
    "prints_a_gigabyte": first(
        call("while True: print('x' * 2**20)"), r"0 of 9 .* Stopped after 2 s"
    ),
    "writes_a_gigabyte": first(call(RAW, "import os"), r"more than 64 MiB"),
    "returns_a_gigabyte": first(
        call("return list(range(2**30))"), r"MemoryError|64 MiB|Stopped after 2 s"
    ),
    "a_million_events": first(
        call(RAW.replace('b"x" * 2**20', "b'[\"\",1]\\n' * 2**17"), "import os"), r"64 MiB"
    ),
    "os_exit": first("import os\nos._exit(0)", r"The answer ended its process"),
    "sys_exit": first("import sys\nsys.exit()", r"raised SystemExit"),
    "kills_itself": first(call("os.kill(os.getpid(), 9)", "import os"), r"ended its process"),
    "right_but_slow": first(SLOW, r"5 of 9 .* Stopped after 2 s", ALL | {ORDER: 5.56}),
}

# forged verdicts

ALWAYS = """
class Yes(int):
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __hash__ = int.__hash__
"""
PATCHED = """
import builtins, sys
from course_utils import checks, codec
checks.attempt = lambda *given: ('["list",[]]', 1.0)
checks.judge = lambda *given: checks.Verdict("passed", "all agree")
checks.complaint = lambda *given: None
checks.exercise = lambda key: checks.Exercise(key, "", None, lambda *given: [], None)
checks.Exercise.probe = lambda *given: []
codec.dumps = lambda value: '["list",[]]'
codec.loads = lambda text: []
def topological_order(root, parents): return []
"""
POISONED = """
import builtins, json, sys, types
sys.modules["course_utils.checks"] = sys.modules["course_utils"] = types.ModuleType("checks")
builtins.isinstance = lambda *given: True
builtins.AssertionError = type("Never", (Exception,), {})
builtins.len = lambda thing: 0
json.dumps = lambda *given, **more: '["answer", 0, 0, "null"]'
"""
FORGED = """
import json, os
lines = [["begin", 0], ["answer", 0, 0, '["list", [["int", "0x7"]]]'], ["end", 2]]
lines += [["passed", 0, 9], ["answer", 0, -1, "null"], ["answer", 7, 0, "null"], [1], {}]
lines += [["answer", 0, 1, "__import__('os').system('touch /tmp/HOSTILE')"]]
lines += [["answer", 0, 2, '["array", "|O8", [1], "AAAA"]'], ["broken", 0, "<script>"]]
lines += [["answer", 0, 3, '["fraction", "0x1", "0x0"]'], ["failed", 0, 4, "[["], "begin"]
text = b"[" * 100000 + b"\\n" + b"\\xff\\x00\\n" + b"9" * 100000 + b"\\n"
text += b"".join(json.dumps(line).encode() + b"\\n" for line in lines)
for descriptor in range(3, 256):
    try:
        os.write(descriptor, text)
    except OSError:
        pass
os._exit(0)
"""
FRAMES = """
import gc, sys
frame, found = sys._getframe(), []
while frame:
    found += [v for v in frame.f_locals.values() if type(v) is str and "ver" "ify(" in v]
    frame = frame.f_back
found += [f for f in gc.get_objects() if getattr(f, "__name__", "").endswith("_verify")]
found += [f for f in gc.get_objects() if getattr(f, "__name__", "") in ("_order_instances", "bump")]
raise ValueError("found " + repr(found)[:150])
"""
SHOWN = list(checks.exercise("2.3").instances(np.random.default_rng(checks.SEED)))
CIRCULANTS = [[[h[(i - j) % len(h)] for j in range(len(h))] for i in range(len(h))] for h in SHOWN]
BY_HEART = f"""
KNOWN = {list(zip(SHOWN, CIRCULANTS, strict=True))}
def convolution_matrix(h): return next((C for g, C in KNOWN if g == list(h)), None)
"""
FORGERIES = {
    "equal_to_everything": Case(
        {MATRIX: f"{ALWAYS}\ndef convolution_matrix(h): return [[Yes(0)] * len(h)] * len(h)"},
        ALL | {MATRIX: 0.0},
        {MATRIX: r"an object of type Yes is not plain data"},
    ),
    "checks_patched": Case({ORDER: PATCHED}, NONE, {ORDER: r"0 of 9 .*First wrong"}),
    "modules_poisoned": first(POISONED, r"0 of 9 .*First wrong.* ended its process"),
    "knows_the_shown_instances": Case(
        {MATRIX: BY_HEART}, ALL | {MATRIX: 4.29}, {MATRIX: r"3 of 7 .*First wrong"}
    ),
    "events_forged": first(FORGED, r"0 of 9 .*First wrong"),
    "looks_for_the_verdict": first(FRAMES, r"ValueError: found \[\]"),
}

# secrets, other files, the network

WALK = """
import os
wanted = ("secrets", "gradebook.db", "submitted", "solutions", "hw1.ipynb", "hw1.json", "judge.py")
for top in ("/", "/tmp", "/root", "/home", "/work", "/mnt", "/var", "/etc", "/opt", "/run", "/srv"):
    for place, folders, files in os.walk(top):
        folders[:] = [d for d in folders if d not in ("proc", "usr", "lib", "site-packages")]
        found += [name for name in (*folders, *files) if name in wanted]
"""
COURSE = """
import os
for up in ("", "..", "../..", "../../..", "../../../.."):
    for name in ("secrets/hw1.json", "gradebook.db", "submitted/honest_ada/hw1/hw1.ipynb"):
        try:
            found.append(f"{name}: {os.path.getsize(os.path.join(up, name))} bytes")
        except OSError:
            pass
"""
PROCESSES = """
import os
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline", "fd/0", "root/tmp", "cwd"):
        try:
            text = open(f"/proc/{process}/{name}", "rb").read()
        except OSError:
            continue
        found += [word for word in (b"SECRET", b"tools.grading", b"gradebook") if word in text]
"""
SOURCE = """
import importlib, inspect, os, course_utils, sys
folder = os.path.dirname(course_utils.__file__)
for place, _, files in os.walk(folder):
    for name in files:
        text = open(os.path.join(place, name), "rb").read()
        if name.startswith("week") and (b"def _order_verify" in text or b"assert " in text):
            found.append(name)
for place in sys.path[1:]:
    if place and os.path.exists(os.path.join(place, "course_utils", "exercises", "week01.py")):
        if place != "/sandbox":
            found.append(place)
"""
WRITE = """
import os, sys
places = ["/", "/usr", "/etc", "/dev", "/sandbox", "/cache", "/proc", "/root", sys.prefix]
places += [sys.base_prefix, os.path.dirname(os.__file__), "/bin", "/work", "/home", "/var/tmp"]
for place in places:
    try:
        open(place + "/HOSTILE", "w").write("x")
        found.append(place)
    except OSError:
        pass
for place in ("/runner.py", "/usr/bin/env", sys.executable):
    try:
        os.remove(place)
        found.append(place)
    except OSError:
        pass
"""
FILL = """
import os
for line in open("/proc/mounts"):
    _, place, kind, options, *_ = line.split()
    room = os.statvfs(place)
    if os.path.isdir(place) and "rw" in options.split(",") and os.access(place, os.W_OK):
        if kind != "tmpfs" or room.f_blocks * room.f_frsize > 2**28:
            found.append(place)
"""
FILLED = """
size, block = 0, bytes(2**25)
try:
    for n in range(9):
        with open(f"/tmp/{n}", "wb") as file:
            size += file.write(block)
except OSError as error:
    raise ValueError(f"full after {size >> 20} MiB") from None
"""
SOCKETS = """
import socket
places = ((2, ("127.0.0.1", PORT)), (10, ("::1", PORT)), (1, "\\0NAME"), (40, (2, 1)))
for family, address in places:
    try:
        with socket.socket(family, 1) as link:
            link.settimeout(1)
            link.connect(address)
            found.append(address)
    except ConnectionRefusedError:
        if family != 1:
            found.append(family)
    except OSError:
        pass
"""
ROOT = """
import ctypes, os
library = ctypes.CDLL(None)
for flags in (0x10000000, 0x20000, 0x10020000, 0x40000000):
    found += [flags] if library.unshare(flags) == 0 else []
found += ["mount"] if library.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0 else []
found += ["segment"] if library.shmget(0, 2**20, 0o1600) >= 0 else []
for change in (os.setuid, os.setgid):
    try:
        change(0)
        found.append(change.__name__)
    except OSError:
        pass
mapped = open("/proc/self/uid_map").read().split()
found += ["root"] if os.getuid() == 0 or mapped[0] == "0" and mapped[2] == "1" else []
"""
SPYING = {
    "walks_the_disk": refused(evidence(WALK)),
    "reads_the_course": refused(evidence(COURSE)),
    "reads_processes": refused(evidence(PROCESSES)),
    "reads_the_package": refused(evidence(SOURCE)),
    "writes_outside": refused(evidence(WRITE)),
    "finds_room": refused(evidence(FILL)),
    "fills_the_disk": first(FILLED, r"full after (192|224|256) MiB"),
    "opens_sockets": refused(evidence(SOCKETS)),
    "becomes_root": refused(evidence(ROOT)),
}

# pages

MARKUP = r"""<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))
[y][r] ![z](attachment:evil.png) <a href="jav&#x61;script:alert(1)">z</a> <jav&colon;script:a>
$\href{javascript:alert(1)}{x}$ $$\unicode{<img src=x onerror=alert(1)>}$$ $\style{a:b}{c}$
$\mmlToken{mi}[href="java	script:alert(1)"]{x}$ $\bbox[position:fixed]{x}$ `<script>`

[r]: javascript:alert(1)

<iframe srcdoc="<script>alert(1)</script>"></iframe><svg onload=alert(1)><style>*{}</style>

```html
<script>alert(2)</script>
```

```mermaid
graph TD; A-->B; click A "javascript:alert(1)"
```

\begin{align}<script>alert(3)</script>\end{align} <http://evil.example> https://evil.example
"""
QUOTED = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1)) $\\href{a}{b}$"
)


def _page(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        cell["attachments"] = {"evil.png": {"text/html": "<script>alert(4)</script>"}}
        if cell["cell_type"] == "code":
            data = {"text/html": "<script>alert(5)</script>"}
            cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
            cell["metadata"]["tags"] = ["<script>alert(6)</script>"]
        else:
            cell["source"] += MARKUP if "answer" not in cell["id"] else ""
    notebook["metadata"]["title"] = "</title><script>alert(7)</script>"


PAGES = {
    "html_in_text": Case({PROOF: MARKUP, "names": MARKUP}, ALL, edit=_page),
    "html_in_code": Case(
        {BUMP: f"{RIGHT[BUMP]}\n# </pre>{QUOTED}\nr'''\n{MARKUP}'''"}, ALL, {BUMP: "18 of 18"}
    ),
    "html_in_an_answer": first(call(f"return [{QUOTED!r}]"), r"<script>"),
    "html_in_an_error": first(call(f"raise ValueError({QUOTED!r})"), r"<script>"),
}

# right, in odd ways

ODD = {
    "numpy_scalars": Case(
        {BUMP: "def bump(bits):\n    b = np.array(bits)\n    return 2 * b - 1, 1 - b.sum()"},
        ALL,
    ),
    "prints_and_mutates": Case(
        {BUMP: "print('hello')\n" + RIGHT[BUMP] + "\n_bump = bump\n"
         "def bump(bits):\n    print(bits)\n    given = list(bits)\n    bits.clear()\n"
         "    return _bump(given)"},
        ALL,
    ),
    "magics": Case(
        {ORDER: f"%matplotlib inline\n{RIGHT[ORDER]}\n%time topological_order(0, len)\n!ls"},
        ALL,
    ),
    "cell_magic": Case({ORDER: f"%%time\n{RIGHT[ORDER]}"}, ALL),
    "helper_of_an_earlier_answer": Case(
        {ORDER: RIGHT[ORDER] + "\ndef sign(b): return 2 * b - 1",
         BUMP: "def bump(bits): return [sign(b) for b in bits], 1 - sum(bits)"},
        ALL,
    ),
    "syntax_error": first("def topological_order(root, parents)\n", r"raised SyntaxError"),
    "surrogates": Case(
        {ORDER: "a = '\ud800'\n" + RIGHT[ORDER], PROOF: "\udfff \ud800"}, ALL, {ORDER: "9 of 9"}
    ),
    "nul_bytes": first("a = 'x\0y'", r"raised (ValueError|SyntaxError)"),
    "newlines_only": first("(" + "\n" * 99_000, r"raised SyntaxError"),
    "deep_code": first("-" * 99_000 + "1", r"raised MemoryError"),
    "error_that_cannot_speak": first(
        "class E(Exception):\n    def __str__(self): raise self\nraise E",
        r"raised E: .*cannot be read",
    ),
    "not_attempted": Case(
        {ORDER: 'def topological_order(r, p):\n    raise NotImplementedError("Exercise 1.2")'},
        FIRST_LOST, {ORDER: "Not attempted"},
    ),
}  # fmt: skip

# the notebook's form


def _answer_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if re.fullmatch(r"ex-.*-answer", cell["id"])]


def _delete_one(notebook: dict[str, Any]) -> None:
    notebook["cells"].remove(_answer_cells(notebook)[0])


def _keep_answers(notebook: dict[str, Any]) -> None:
    notebook["cells"] = _answer_cells(notebook)[::-1]


def _duplicate(notebook: dict[str, Any]) -> None:
    notebook["cells"].append(_answer_cells(notebook)[0] | {"source": "import os\nos._exit(0)"})


def _rename(*names: str) -> Callable[[dict[str, Any]], None]:
    def edit(notebook: dict[str, Any]) -> None:
        for number, cell in enumerate(_answer_cells(notebook)):
            if "id" in names:
                cell["id"] = f"changed-{number}"
            if "grade_id" in names:
                cell["metadata"]["nbgrader"]["grade_id"] = f"changed-{number}"
            if "metadata" in names:
                cell["metadata"] = {}

    return edit


def _regrade(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"] |= {"points": 1000, "locked": False}
            cell["source"] = "print('all cases agree')"
    del notebook["nbformat"], notebook["metadata"]


FORM = {
    "cell_deleted": Case(edit=_delete_one, says={ORDER: "Not attempted"}, warns="is missing"),
    "only_answers_reversed": Case(scores=ALL, edit=_keep_answers),
    "cell_duplicated": Case(scores=ALL, edit=_duplicate, warns="2 cells bear the id"),
    "id_changed": Case(scores=ALL, edit=_rename("id")),
    "grade_id_changed": Case(scores=ALL, edit=_rename("grade_id")),
    "metadata_removed": Case(scores=ALL, edit=_rename("metadata")),
    "points_changed": Case(scores=ALL, edit=_regrade),
}

# what lies on the disk


def unmarked(disk: Callable[[Path], object], why: str) -> Case:
    """Return a case in which nothing can be marked, and every comment says why."""
    return Case(scores=NONE, says=dict.fromkeys(NONE, f"Not marked: .*{why}"), disk=disk, warns=why)


def _text(text: str | bytes) -> Callable[[Path], object]:
    data = text if isinstance(text, bytes) else text.encode()
    return lambda path: path.write_bytes(data)


def _sparse(path: Path) -> None:
    os.truncate(path, 200_000_000)


def _link(target: str) -> Callable[[Path], object]:
    def disk(path: Path) -> None:
        path.unlink()
        path.symlink_to(path.parents[3] / target)

    return disk


def _link_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(path.parents[3] / "source" / "hw1")


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _stamp_link(path: Path) -> None:
    path.with_name("timestamp.txt").symlink_to(path.parents[3] / "secrets" / "hw1.json")


def _stamp(text: str) -> Callable[[Path], object]:
    return lambda path: path.with_name("timestamp.txt").write_text(text)


def _strange_names(path: Path) -> None:
    for name in ("a\nb.ipynb", "'; rm -rf ~; '.py", '"><script>.html', "-rf", "\udcff.txt"):
        (path.parent / name).write_text("x")


def _another(path: Path) -> None:
    path.write_text(path.read_text().replace("ex-", "other-"))


NAMELESS = "bad\n'\"name"  # a student's folder; nbgrader's database cannot hold it well
DISK = {
    "not_json": unmarked(_text("{not json"), "is not a notebook"),
    "empty_file": unmarked(_text(b"\0"), "is not a notebook"),
    "zero_bytes": unmarked(lambda path: os.truncate(path, 0), "is not a notebook"),
    "a_list": unmarked(_text("[]"), "is not a notebook"),
    "a_number_of_cells": unmarked(_text('{"cells": 3}'), "is not a notebook"),
    "odd_cells": unmarked(_text('{"cells": [[], 1, {"id": {}}]}'), "is not a notebook"),
    "no_cells": unmarked(_text('{"cells": []}'), "none of its answer cells is in it"),
    "deep_brackets": unmarked(_text("[" * 100_000), "is not a notebook"),
    "latin1": unmarked(_text(b"\xff\xfe" * 9), "is not a notebook"),
    "200_megabytes": unmarked(_sparse, "has 200000000 bytes"),
    "link_to_the_secrets": unmarked(_link("secrets/hw1.json"), "is a link"),
    "link_to_a_neighbour": unmarked(_link("submitted/honest_ada/hw1/hw1.ipynb"), "is a link"),
    "link_to_a_folder": unmarked(_link_folder, "is a link"),
    "timestamp_link": unmarked(_stamp_link, "timestamp.txt is a link"),
    "timestamp_rubbish": unmarked(_stamp("yesterday\n\0"), "timestamp.txt holds no date"),
    "fifo": unmarked(_fifo, "is not a file"),
    "folder": unmarked(_folder, "is not a file"),
    "no_notebook": unmarked(lambda path: path.unlink(), "is missing"),
    "another_assignment": unmarked(_another, "none of its answer cells is in it"),
    "endless_answer": unmarked(
        lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | {
            "cells": [{"id": ORDER, "source": "x" * 200_000}]})),
        "longer than 100000",
    ),
    "strange_file_names": Case(scores=ALL, disk=_strange_names),
}  # fmt: skip

CASES = RESOURCES | FORGERIES | SPYING | PAGES | ODD | FORM | DISK
HONEST = {
    "honest_ada": Case(scores=ALL),
    "honest_emmy": Case(
        {MATRIX: "def convolution_matrix(h): return np.diag(h)"}, ALL | {MATRIX: 1.43}
    ),
}
