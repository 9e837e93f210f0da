"""Nuke's rule of threads: nodes on the main thread, everything else asks the main thread to do it."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

faults: list[str] = []
"""What broke a rule; a test that leaves one here has failed, in whatever thread it happened."""
_calls: "queue.Queue[Callable[[], None]]" = queue.Queue()
tasks: list["ProgressTask"] = []
"""Every progress window of the session."""


def main_only(what: str) -> None:
    """Refuses what Nuke would crash or corrupt itself on."""
    if threading.current_thread() is not threading.main_thread():
        faults.append(f"{what} off the main thread")
        raise RuntimeError(faults[-1])


def execute_in_main_thread(call: Callable[..., Any], args: Any = (), kwargs: Any = None) -> None:
    """Leaves a call for the main thread; from there too, it is done later."""
    arguments = args if isinstance(args, tuple) else (args,)
    _calls.put(lambda: call(*arguments, **(kwargs or {})))


def execute_in_main_thread_with_result(call: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
    """Waits for the main thread, for ever where it is called there; None where the call raises."""
    if threading.current_thread() is threading.main_thread():
        faults.append("executeInMainThreadWithResult on the main thread: Nuke would stand still")
        raise RuntimeError(faults[-1])
    done = threading.Event()
    result: list[Any] = [None]

    def run() -> None:
        with contextlib.suppress(Exception):
            result[0] = call(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))
        done.set()

    _calls.put(run)
    done.wait()
    return result[0]


def pump(until: Callable[[], bool], seconds: float = 240) -> None:
    """The main thread's idle loop, until something is so."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise AssertionError("nothing happened for too long")
        with contextlib.suppress(queue.Empty):
            _calls.get(timeout=0.02)()
    for call in _left():
        call()


def _left() -> Iterator[Callable[[], None]]:
    with contextlib.suppress(queue.Empty):
        while True:
            yield _calls.get_nowait()


def forget() -> None:
    """A new session."""
    faults.clear()
    tasks.clear()
    for _ in _left():
        pass


class ProgressTask:
    """A progress window. `cancel_at` is what a person would press."""

    cancel_at: int | None = None

    def __init__(self, name: str) -> None:
        self.name, self.messages, self.progress = name, [], 0
        tasks.append(self)

    def isCancelled(self) -> bool:
        return self.cancel_at is not None and self.progress >= self.cancel_at

    def setMessage(self, message: str) -> None:
        if not isinstance(message, str):
            raise TypeError(f"a message is text, got {message!r}")
        self.messages.append(message)

    def setProgress(self, progress: int) -> None:
        if not isinstance(progress, int) or not 0 <= progress <= 100:
            raise TypeError(f"progress is a whole number of 0 to 100, got {progress!r}")
        self.progress = progress
