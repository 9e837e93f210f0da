"""Who may use the device next. Work is done a frame at a time, so that a long job never keeps others waiting for longer than a frame."""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LOOK = 0.1
"""Seconds between two looks at whether someone who waits was cancelled."""


@dataclass(eq=False)
class Ticket:
    """Work that takes turns: a job, or a render."""

    batch: bool = False
    """Whether it comes after all work that somebody waits for."""
    owner: Hashable = None
    """Whose it is, by what tells owners apart, such as a number that no other ever has. Of several that wait, the owner served longest ago is next, so that one with many jobs gets no more than others."""
    check: Callable[[], None] = field(default=lambda: None)
    """Raises where the work was cancelled."""


class Turns:
    """One turn at a time: the device runs one thing well, and two things slower than one after the other."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy: Ticket | None = None
        self._waiting: list[Ticket] = []
        self._served: dict[Hashable, int] = {}
        self._count = 0
        self._held = threading.local()

    @contextmanager
    def turn(self, ticket: Ticket) -> Iterator[None]:
        """Waits for the turn and has it inside. A thread that has it already goes on at once."""
        if getattr(self._held, "ticket", None) is not None:
            yield
            return
        self._take(ticket)
        try:
            yield
        finally:
            if self._held.ticket is not None:
                self._give()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Inside, others may have the turn of this thread, which gets it back afterwards: for waiting on something else than the device."""
        ticket = getattr(self._held, "ticket", None)
        if ticket is None:
            yield
            return
        self._give()
        try:
            yield
        finally:
            self._take(ticket)

    def breathe(self) -> None:
        """Lets others go first who are before this thread's work in the order, in the middle of a long step."""
        with self._changed:
            if not self._waiting:
                return
        with self.released():
            pass

    def _take(self, ticket: Ticket) -> None:
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._busy is not None or self._next() is not ticket:
                    self._changed.wait(LOOK)
                    ticket.check()
                self._busy = ticket
            finally:
                self._waiting.remove(ticket)
            self._count += 1
            self._served[ticket.owner] = self._count
        self._held.ticket = ticket

    def _next(self) -> Ticket:
        """min() keeps the first of equals, which waits longest."""
        return min(self._waiting, key=lambda one: (one.batch, self._served.get(one.owner, 0)))

    def _give(self) -> None:
        self._held.ticket = None
        with self._changed:
            self._busy = None
            if len(self._served) > 1000:  # owners that are long gone
                self._served.clear()
            self._changed.notify_all()
