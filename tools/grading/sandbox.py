"""One fresh process for one submission, shut in by bubblewrap.

Inside there is a read-only system, Python with its packages, our package's copy and a small
private `/tmp`; no network, no other process, nothing of the course directory. The process is an
unprivileged user: where root grades, every sandbox that runs at one time has a user id of its own,
because a limit on processes counts per user and does not bind root.
"""

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tools import workbook
from tools.grading import seccomp
from tools.workbook import WorkbookError

RUNNER = Path(__file__).with_name("runner.py")
MEMORY = 4 * 2**30  # bytes of address space a process, and resident in all processes together
PRIVATE = 256 * 2**20  # bytes of /tmp
REPORT, EVENTS = 64 * 2**20, 100_000  # bytes and lines that may come back
PROCESSES = 16  # at one time; the runner's own limit on threads is higher
PYTHON = (sys.executable, "-s", "-P", "-B")
STARTING, GRACE = 60.0, 15.0  # seconds until the first step, and beyond a step's own time
FIRST_USER = 1_000_000_000  # plus the judge's process id: one unused user a sandbox
MISSING = (
    "bubblewrap is not installed; Debian: apt-get install bubblewrap, Fedora: dnf install "
    "bubblewrap (or --no-sandbox for your own work: the answers then run with your rights)"
)
RESTRICTED = "sys/kernel/apparmor_restrict_unprivileged_userns"
PROFILE = "bwrap-userns-restrict"  # Ubuntu's, in its package apparmor-profiles; for /usr/bin/bwrap


def require(course: Path) -> None:
    """Raise WorkbookError where answers cannot be shut in, or could read the course directory."""
    bubblewrap()
    if not seccomp.known():
        raise WorkbookError(f"the sandbox knows {' and '.join(seccomp.MACHINES)}, not this machine")
    for secret in (course, workbook.ROOT):
        for seen in _visible():
            if secret.resolve().is_relative_to(seen):
                raise WorkbookError(f"{secret} lies in {seen}, which answers can read; move it")


def bubblewrap() -> str:
    """Return the path of bubblewrap's program, wherever it lies; WorkbookError when there is none.

    It is started by this path: what an answer may use, `/usr/bin`, is not where it must lie.
    """
    found = shutil.which("bwrap")
    if found is None:
        raise WorkbookError(MISSING)
    return os.path.abspath(found)


def advice(proc: Path = Path("/proc")) -> str:
    """Return what to do where bubblewrap does not start, as far as `proc` says why.

    Ubuntu 24.04 gives "setting up uid map: Permission denied" or "Failed RTM_NEWADDR".
    """
    profile = (
        f"load AppArmor's profile {PROFILE} (apt-get install apparmor-profiles; "
        "lecture_notes/instructors.md has the commands)"
    )
    if _setting(proc / RESTRICTED) not in (None, "0"):
        return f"AppArmor forbids user namespaces to {bubblewrap()}: {profile}"
    if _setting(proc / "sys/kernel/unprivileged_userns_clone") == "0":
        return "user namespaces are off: sysctl kernel.unprivileged_userns_clone=1"
    if _setting(proc / "sys/user/max_user_namespaces") == "0":
        return "user namespaces are off: sysctl user.max_user_namespaces=15000"
    return f"bubblewrap needs user namespaces, or root; on Ubuntu 24.04: {profile}"


def _setting(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None


def run(
    steps: list[dict[str, Any]],
    package: Path,
    cache: Path,
    *,
    shut: bool = True,
    fill: bool = False,
) -> tuple[list[list[Any]], str]:
    """Run the steps (see `runner`) in a fresh process.

    Args:
        steps: what to run; each has key, prelude, answers, candidate, instances, seconds.
        package: the folder that holds the package's copy.
        cache: the folder of numba's cache.
        shut: in the sandbox; False runs the answers with the grader's rights.
        fill: let the process write the cache, for the course's own answers only.

    Returns:
        (events, why it ended): "done", "time", "memory", "processes", "output", or "died: …".
    """
    uid = FIRST_USER + os.getpid() if shut and os.geteuid() == 0 else 0
    with tempfile.TemporaryDirectory() as private:
        if fill and uid:
            os.chown(cache, uid, uid)
        inside = "/sandbox" if shut else str(package)
        plan = {
            "steps": steps,
            "uid": uid,
            "limits": shut,
            "memory": MEMORY,
            "seconds": STARTING + sum(step["seconds"] + GRACE for step in steps),
            "path": [inside],
            "cache": None if fill else "/cache" if shut else str(cache),
        }
        argv = _shut_in(package, cache, fill, uid) if shut else []
        numba = "/cache" if shut and fill else str(cache) if fill else f"{private}/numba"
        return _watch(argv, plan, private, _environment(private, numba))


def _shut_in(package: Path, cache: Path, fill: bool, uid: int) -> list[str]:
    seen = _visible()
    above = sorted({str(p) for path in seen for p in list(path.parents)[:-1]})
    bind = [part for p in above for part in ("--perms", "0755", "--dir", p)]  # bwrap's own are 0700
    bind += [part for path in seen for part in ("--ro-bind", str(path), str(path))]
    bind += [part for path in _installed() for part in ("--tmpfs", path, "--remount-ro", path)]
    # Real root needs no user namespace, and must keep the right to become somebody else.
    users = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if uid else ["--unshare-user"]
    numba = "/cache" if fill else "/tmp/numba"
    setting = [p for k, v in _environment("/tmp", numba).items() for p in ("--setenv", k, v)]
    return [
        *(bubblewrap(), "--die-with-parent", "--new-session", "--clearenv", *setting, *users),
        *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"),
        *("--unshare-cgroup-try", "--size", str(PRIVATE), "--perms", "1777", "--tmpfs", "/tmp"),
        *(*bind, *_links(), "--proc", "/proc", "--dev", "/dev"),
        *("--size", str(PRIVATE), "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
        *("--ro-bind", str(package), "/sandbox", "--ro-bind", str(RUNNER), "/runner.py"),
        *("--bind" if fill else "--ro-bind", str(cache), "/cache"),
        *("--remount-ro", "/", "--chdir", "/tmp"),
    ]


def _environment(home: str, numba: str) -> dict[str, str]:
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
    return {
        **{f"{name}_NUM_THREADS": "1" for name in threads},
        **{"HOME": home, "TMPDIR": home, "MPLCONFIGDIR": home, "NUMBA_CACHE_DIR": numba},
        **{"USER": "student", "LOGNAME": "student", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        **{"PYTHONHASHSEED": "0", "MPLBACKEND": "agg"},
    }


def _visible() -> list[Path]:
    """Return what of the file system an answer sees, read-only: system, Python, packages."""
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_path("stdlib"))]
    system = [Path("/usr"), *(Path("/etc") / n for n in ("ld.so.cache", "alternatives"))]
    system += [p for p in (Path("/lib"), Path("/lib64"), Path("/bin")) if not p.is_symlink()]
    wanted = [p for p in [*system, *python] if p.exists()]
    return [p for p in wanted if not any(p != q and p.is_relative_to(q) for q in wanted)]


def _installed() -> list[str]:
    """Return where the course's package lies among Python's, answers and all: it is covered."""
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return [str(p) for p in (Path(place) / "course_utils" for place in places) if p.exists()]


def _links() -> list[str]:
    links = [p for p in (Path("/lib"), Path("/lib64"), Path("/bin")) if p.is_symlink()]
    return [part for p in links for part in ("--symlink", os.readlink(p), str(p))]


def _watch(
    argv: list[str], plan: dict[str, Any], folder: str, environment: dict[str, str]
) -> tuple[list[list[Any]], str]:
    """Start the process, collect its events, and kill it with all its children when it must end."""
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as refused,
        tempfile.TemporaryFile() as errors,
    ):
        given.write(json.dumps(plan).encode())
        given.seek(0)
        shut = [*argv, "--seccomp", str(refused.fileno()), *PYTHON, "/runner.py"]
        if argv:
            refused.write(seccomp.program())
            refused.seek(0)
        process = subprocess.Popen(
            shut if argv else [*PYTHON, str(RUNNER)],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=[refused.fileno()],
            start_new_session=True,
            cwd=folder,
            env=environment,
        )
        try:
            events, ended = _collect(process, plan)
        finally:
            _kill(process)
        if ended == "closed":
            done = events and events[-1] == ["end", len(plan["steps"]) - 1]
            errors.seek(0)
            last = errors.read(10_000).decode(errors="replace").strip().split("\n")[-1]
            ended = "done" if done else f"died: {last or f'status {process.returncode}'}"
        return events, ended


def _collect(process: subprocess.Popen, plan: dict[str, Any]) -> tuple[list[list[Any]], str]:
    assert process.stdout
    descriptor, events, rest, size, begun = process.stdout.fileno(), [], [], 0, -1
    deadline, look = time.monotonic() + STARTING, 0.0
    while True:
        if select.select([descriptor], [], [], 0.1)[0]:
            chunk = os.read(descriptor, 2**20)
            if not chunk:
                return events, "closed"
            size += len(chunk)
            if size > REPORT or len(events) > EVENTS:
                return events, "output"
            rest.append(chunk)
            if b"\n" not in chunk:
                continue
            *lines, last = b"".join(rest).split(b"\n")
            rest = [last]
            for event in filter(None, map(_event, lines)):
                events.append(event)
                if event[:2] == ["begin", begun + 1] and begun + 1 < len(plan["steps"]):
                    begun += 1
                    deadline = time.monotonic() + plan["steps"][begun]["seconds"] + GRACE
        now = time.monotonic()
        if now > deadline:
            return events, "time"
        if now > look:
            look = now + 0.25
            resident = _resident(process.pid) if plan["limits"] else []
            if sum(resident) > plan["memory"]:
                return events, "memory"
            if len(resident) > PROCESSES:
                return events, "processes"


def _event(line: bytes) -> list[Any] | None:
    """Return the event of a line, None when it is not one: the process may write what it likes."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    shaped = isinstance(event, list) and 2 <= len(event) <= 4 and isinstance(event[0], str)
    return event if shaped and all(type(part) in (int, str) for part in event[1:]) else None


def _resident(pid: int) -> list[int]:
    """Return the resident bytes of each process below one; what is dead has none."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(child.memory_info().rss)
    return [size for size in found if size]


def _kill(process: subprocess.Popen) -> None:
    """Kill the session; bubblewrap's own process namespace takes with it whoever left it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()
    assert process.stdout
    process.stdout.close()
