"""What one caller asked of a session: cancel, progress, warnings, and the facts that nodes record about its frames."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from vfxai.errors import CancelledError

Progress = Callable[[int, int, str], None]
"""Takes how many of how many steps are done, and of what."""


class Request:
    """What one caller asked. Nothing of it is shared with another request; several threads may work for one."""

    def __init__(
        self,
        on_progress: Progress | None = None,
        on_warning: Callable[[str], None] | None = None,
        cancelled: threading.Event | None = None,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`turn` is entered while the device works for the request: where others use it too, it waits for them."""
        self.cancelled, self.turn = cancelled or threading.Event(), turn
        self._on_progress = on_progress or (lambda done, total, what: None)
        self._on_warning = on_warning or (lambda message: None)
        self._facts: dict[int, dict[str, Any]] = {}
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def cancel(self) -> None:
        """Stops what is done for this request at its next step; others go on."""
        self.cancelled.set()

    def check(self) -> None:
        """Raises CancelledError where the request was cancelled."""
        if self.cancelled.is_set():
            raise CancelledError("stopped")

    def progress(self, done: int, total: int, what: str) -> None:
        """Tells how far a longer step has come, and checks for cancellation."""
        self.check()
        self._on_progress(done, total, what)

    def warn(self, message: str) -> None:
        """Tells the caller something that does not stop the work, once however often it is said."""
        with self._lock:
            if message in self._told:
                return
            self._told.add(message)
        self._on_warning(message)

    def facts(self, number: int) -> dict[str, Any]:
        """What nodes recorded about an output frame that was made for this request; empty before that."""
        with self._lock:
            return dict(self._facts.get(number, {}))

    def keep_facts(self, number: int, facts: Mapping[str, Any]) -> None:
        """For the session: what was recorded about an output frame."""
        with self._lock:
            self._facts[number] = dict(facts)


@dataclass
class Notes:
    """What is said while a value is made, kept beside it so that whoever gets the value later is told the same."""

    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


_request: ContextVar[Request | None] = ContextVar("request", default=None)
_notes: ContextVar[Notes | None] = ContextVar("notes", default=None)


@contextmanager
def serving(request: Request) -> Iterator[None]:
    """What is done inside, in this thread, is done for a request."""
    token, empty = _request.set(request), _notes.set(None)
    try:
        yield
    finally:
        _notes.reset(empty)
        _request.reset(token)


def in_work() -> Request | None:
    """The request for which this thread works."""
    return _request.get()


def check() -> None:
    """Raises CancelledError where the request for which this thread works was cancelled."""
    if request := _request.get():
        request.check()


def progress(done: int, total: int, what: str) -> None:
    """Progress, to the request for which this thread works."""
    if request := _request.get():
        request.progress(done, total, what)


def warn(message: str) -> None:
    """A warning, to the request for which this thread works, and into the notes of what it makes."""
    if (notes := _notes.get()) is not None and message not in notes.warnings:
        notes.warnings.append(message)
    if request := _request.get():
        request.warn(message)


def record(name: str, value: Any) -> None:
    """A fact, into the notes of what this thread makes."""
    if (notes := _notes.get()) is not None:
        notes.facts[name] = value


@contextmanager
def noting() -> Iterator[Notes]:
    """Notes of their own for what is made inside."""
    notes = Notes()
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def retell(notes: Notes, *, facts: bool) -> None:
    """Says again what was said when a value was made: warnings, and with `facts` what was recorded."""
    for message in notes.warnings:
        warn(message)
    if facts:
        for name, value in notes.facts.items():
            record(name, value)
