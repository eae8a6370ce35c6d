"""Secrets, other files, the network, other rights: what is found leaves as a complaint."""

from tests.hostile.case import evidence, first, refused

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
