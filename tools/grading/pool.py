"""Who judges what: judges on this machine, or on the workers of a Dask cluster.

A judge is a process that judges one submission after the other, each in a sandbox of its own. It is
replaced when it dies, and the submission it had is given to the next one, once. A judge that does
not come back from verifying one answer (an endless call into C is deaf to its alarm) is killed, and
the next one leaves the rest of that exercise unverified.
"""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import as_completed as completed
from typing import Any

from tools import workbook
from tools.grading.judge import VERIFYING
from tools.workbook import WorkbookError

TRIES = 2
PATIENCE = VERIFYING + 15.0  # seconds until a judge is killed that is still at the same answer
_mine = threading.local()
_started: list[subprocess.Popen] = []
_over = threading.Event()  # set when a run ends or is interrupted: no judge is replaced any more


def judged(
    known: dict[str, Any], jobs: Iterable[tuple[str, dict[str, str]]], workers: int, scheduler: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (student, {"marks": …} or {"error": …}) as they are done.

    Args:
        known: the assignment, see `release.for_judges`.
        jobs: (student, answers) pairs.
        workers: judges on this machine, when there is no scheduler.
        scheduler: a Dask scheduler's address, or "".
    """
    yield from (_on_cluster(known, jobs, scheduler) if scheduler else _here(known, jobs, workers))


def _here(known: dict[str, Any], jobs: Iterable[Any], workers: int) -> Iterator[Any]:
    _over.clear()
    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(judge, known, answers): student for student, answers in jobs}
        try:
            for future in completed(futures):
                yield futures.pop(future), future.result()
        finally:
            _over.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in _started:
                process.terminate()


def _on_cluster(known: dict[str, Any], jobs: Iterable[Any], scheduler: str) -> Iterator[Any]:
    from distributed import Client, as_completed

    try:
        client = Client(scheduler, timeout=20)
    except (OSError, ValueError) as error:
        raise WorkbookError(f"no Dask scheduler answers at {scheduler} ({error})") from None
    with client:
        shared = client.scatter(known, broadcast=True)
        tasks = {
            client.submit(judge, shared, answers, pure=False, retries=TRIES): student
            for student, answers in jobs
        }
        for future in as_completed(list(tasks)):
            error = future.exception()
            if isinstance(error, WorkbookError):
                raise error
            yield tasks.pop(future), {"error": str(error)} if error else future.result()


def judge(known: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    """Hand the answers to this thread's judge and return its reply."""
    stuck: list[Any] = []
    died, tries = None, TRIES
    while tries:
        process = _judge_of_this_thread(known)
        reply, at, late = _ask(process, {"answers": answers, "stuck": stuck})
        if reply:
            return reply
        process.kill()
        process.wait()
        shutil.rmtree(_mine.folder, ignore_errors=True)
        _mine.judge = None
        if _over.is_set():
            return {"error": "interrupted"}
        if at and (late or at == died):
            stuck, died, tries = [*stuck, at], None, TRIES
        else:
            died, tries = at, tries - 1
    return {"error": "its judge died, twice"}


def _ask(process: subprocess.Popen, job: dict[str, Any]) -> tuple[Any, Any, bool]:
    """Return (reply or None, what was being verified when the judge ended, whether it was late)."""
    at, late = None, threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    try:
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return None, None, False
    while True:
        timer = threading.Timer(PATIENCE, end)
        if at:
            timer.start()
        line = process.stdout.readline()
        timer.cancel()
        if not line:
            return None, at, late.is_set()
        reply = json.loads(line)
        if "verifying" not in reply:
            return reply, None, False
        at = reply["verifying"]


def _judge_of_this_thread(known: dict[str, Any]) -> subprocess.Popen:
    """Return this thread's judge, started when there is none for this assignment.

    Raises:
        WorkbookError: the course's own answers do not get full marks, so nobody's are given.
    """
    if getattr(_mine, "judge", None) and _mine.known == known and _mine.judge.poll() is None:
        return _mine.judge
    if getattr(_mine, "judge", None):
        _mine.judge.terminate()
    command = [sys.executable, "-m", "tools.grading.judge"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=workbook.ROOT, start_new_session=True, **pipes)
    _started.append(process)
    process.stdin.write(json.dumps(known) + "\n")
    process.stdin.flush()
    ready = json.loads(process.stdout.readline() or '{"failed": "the judge did not start"}')
    if ready["failed"]:
        process.terminate()
        raise WorkbookError(ready["failed"])
    _mine.judge, _mine.known, _mine.folder = process, known, ready["folder"]
    return process
