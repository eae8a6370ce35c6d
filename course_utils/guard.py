"""What keeps a candidate from hanging or flooding the notebook that judges it."""

import _thread
import contextlib
import io
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any


class TimeUp(BaseException):
    """Raised inside a candidate when its time is over; not an Exception, so few can catch it."""


class Flood(io.TextIOBase):
    """Swallows what a candidate prints, a megabyte too, and counts it."""

    length = 0
    encoding = "utf-8"

    def write(self, text: str) -> int:
        self.length += len(text)
        return len(text)

    @contextlib.contextmanager
    def capture(self) -> Iterator[None]:
        with contextlib.redirect_stdout(self), contextlib.redirect_stderr(self):
            yield


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[Callable[[], float]]:
    """Raise TimeUp in the body after `seconds`, and again until it gives way; never forks."""
    start = time.monotonic()
    if threading.current_thread() is not threading.main_thread():
        yield lambda: time.monotonic() - start  # only the main thread can be stopped
        return
    stop = _alarm if hasattr(signal, "SIGALRM") else _interrupter
    with stop(max(seconds, 0.001)):
        yield lambda: time.monotonic() - start


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    done = False

    def ring(signum: int, frame: Any) -> None:
        if not done:
            raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        done = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _interrupter(seconds: float) -> Iterator[None]:
    rung = threading.Event()

    def ring() -> None:
        rung.set()
        _thread.interrupt_main()

    timer = threading.Timer(seconds, ring)
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        if rung.is_set():
            raise TimeUp from None
        raise
    finally:
        timer.cancel()
