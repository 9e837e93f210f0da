"""Work that a host started and looks at from time to time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from .errors import cancelled

Tell = Callable[[dict[str, Any]], None]


class Job:
    """Work under way in a thread of its own."""

    def __init__(self, work: Callable[[Tell, Callable[[], bool]], Any]) -> None:
        """`work` is given where to tell its events, and how to know that nobody wants it any more."""
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._cancelled, self._ended = threading.Event(), threading.Event()
        self._result: Any = None
        self._error: BaseException | None = None
        self._work = work
        threading.Thread(target=self._run, daemon=True, name="vfxai job").start()

    def _run(self) -> None:
        try:
            self._result = self._work(self._events.put, self._cancelled.is_set)
        except BaseException as error:  # noqa: BLE001  # it belongs to whoever asks for the result
            self._error = error
        self._ended.set()

    @property
    def is_done(self) -> bool:
        """Whether the result is there, or the error instead of it."""
        return self._ended.is_set()

    def events(self) -> list[dict[str, Any]]:
        """What was told since the last look; never waits."""
        found = []
        while not self._events.empty():
            found.append(self._events.get())
        return found

    def cancel(self) -> None:
        """Stops it; the result is then a WorkerError of kind CancelledError, at once, whatever the worker does."""
        self._cancelled.set()

    def result(self, seconds: float | None = None) -> Any:
        """What the work came to, after waiting for it; its WorkerError where it failed. TimeoutError where it takes longer than given."""
        if not self._ended.wait(seconds):
            if self._cancelled.is_set():
                raise cancelled()
            raise TimeoutError("the work is still under way")
        if self._error is not None:
            raise self._error
        return self._result
