"""The program inside the sandbox: runs a submission's answers and reports what they return.

It reads the plan from standard input and writes one line of JSON an event; nothing here is trusted
by whoever reads the lines, since an answer owns this process once it runs.

Events: ["begin", step], ["answer", step, instance, codec text], ["failed", step, instance, text],
["late", step, instance], ["open", step], ["broken", step, text] and ["end", step].
"""

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from typing import Any

MEGABYTE = 2**20
PROCESSES, OPEN_FILES, FILE_SIZE = 64, 256, 64 * MEGABYTE
RECURSION = 3000  # what a kernel has once a name was completed in it
CORES = 4  # seen by answers; the grader ends one with more than `sandbox.PROCESSES` processes


def main() -> None:
    """Run the steps of the plan, in order."""
    plan = json.load(sys.stdin.buffer)
    report = _channel()
    if plan["uid"]:
        os.setgroups([])
        os.setresgid(*[plan["uid"]] * 3)
        os.setresuid(*[plan["uid"]] * 3)
    if plan["limits"]:
        _limit(plan["memory"], plan["seconds"])
    if plan["cache"]:  # numba ignores a cache that it may not write to, so it gets a copy
        shutil.copytree(plan["cache"], os.environ["NUMBA_CACHE_DIR"], dirs_exist_ok=True)
    sys.path[:0] = plan["path"]
    import numpy as np
    from cells import Main

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - an answer that draws from it gets the same mark every time
    main = Main()
    _as_in_a_kernel()
    for number, step in enumerate(plan["steps"]):
        report("begin", number)
        _run(step, main, lambda kind, *rest, n=number: report(kind, n, *rest))
        if __file__ == "/runner.py":  # in the sandbox, where every process is the answers'
            _end_others()
        report("end", number)
    os._exit(0)  # an answer's threads, pools and exit functions are not waited for


def _as_in_a_kernel() -> None:
    """Set what an answer may count on in a notebook, and keep its own `check` quiet."""
    from course_utils import checks

    checks.check = lambda key, candidate, otherwise=None: candidate
    checks.solution = lambda key: None
    sys.setrecursionlimit(RECURSION)
    sys.path.append("")  # a module that an answer writes beside it
    few = min(CORES, os.cpu_count() or 1)  # so many processes a pool starts unless told otherwise
    os.cpu_count = lambda: few
    affinity = os.sched_getaffinity
    os.sched_getaffinity = lambda pid: set(sorted(affinity(pid))[:few])
    if hasattr(os, "process_cpu_count"):
        os.process_cpu_count = os.cpu_count


def _channel() -> Any:
    """Return the function that writes events; standard input and output become the null device."""
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)

    runner = os.getpid()

    def report(*event: Any) -> None:
        if os.getpid() != runner:  # a child that came back out of its answer
            os._exit(0)
        line = (json.dumps(event) + "\n").encode()
        while line:
            line = line[os.write(out, line) :]

    return report


def _limit(memory: int, seconds: float) -> None:
    """Limit the process and its children; after dropping root, whom no limit on processes binds."""
    for what, amount in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(seconds) + 1),
    ):
        resource.setrlimit(what, (amount, amount))


def _end_others() -> None:
    """Kill what an answer left running, so that it costs the next exercise nothing."""
    with contextlib.suppress(OSError):
        os.kill(-1, signal.SIGKILL)
    end = time.monotonic() + 1  # a pool in this process starts its workers again, for ever
    with contextlib.suppress(OSError):
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)


def _run(step: dict[str, Any], main: Any, report: Any) -> None:
    from course_utils import checks, codec
    from course_utils.guard import Flood, TimeUp, time_limit

    try:
        for text in step["prelude"]:
            main.run(text)
        end = time.monotonic() + step["seconds"]
        with time_limit(step["seconds"]), Flood().capture():
            for text in step["answers"]:
                main.run(text)
            if not step["instances"]:
                return
            candidate = eval(step["candidate"], main.names)
            if checks.is_open(candidate):
                report("open")
                return
    except TimeUp:
        report("broken", f"the answer cell ran for more than {step['seconds']:g} s")
        return
    except BaseException as error:  # whatever the cell raises, SystemExit too, is its failure
        report("broken", f"the answer cell raised {checks.describe(error)}")
        return
    exercise = checks.exercise(step["key"])
    for number, text in enumerate(step["instances"]):
        left = end - time.monotonic()
        if left <= 0:
            report("late", number)
            return
        outcome, left = checks.attempt(exercise, candidate, text, left, [])
        if isinstance(outcome, str):
            report("answer", number, outcome)
        elif outcome.status == "open":
            report("open")
            return
        elif left == 0:
            report("late", number)
            return
        else:
            report("failed", number, codec.dumps(outcome.message))


if __name__ == "__main__":
    main()
