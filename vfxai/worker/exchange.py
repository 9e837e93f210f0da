"""A request that is under way in the worker: what the session sees of it, and what it asks its client for."""

import queue
import threading
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from vfxai.session.request import Request
from vfxai.worker.client.requests import Put
from vfxai.worker.turns import LOOK, Ticket, Turns

Send = Callable[[dict[str, Any]], None]


class Exchange(Request):
    """A request of a client, as a session's request: its progress and warnings are lines to the client, and its frames wait their turn."""

    def __init__(self, number: int, what: str, send: Send, turns: Turns, *, owner: Hashable, batch: bool) -> None:
        """`what` is the work in words, for status and log; `owner` the connection, between which turns are shared."""
        super().__init__(self._tell_progress, self._tell_warning)
        self.number, self.what, self._send, self._turns = number, what, send, turns
        self.turn = partial(turns.turn, Ticket(batch, owner, self.check))
        self.started = time.monotonic()
        self.done, self.total = 0, 0
        """Steps of it, for status."""
        self.checked: set[tuple[str, int]] = set()
        """Inputs and times of which the client said for this request what their picture is."""
        self._puts: queue.SimpleQueue[Put] = queue.SimpleQueue()
        self._asking = threading.Lock()

    def tell(self, event: str, **facts: Any) -> None:
        """An event, to the client."""
        self._send({"id": self.number, "event": event, **facts})

    def _tell_progress(self, done: int, total: int, what: str) -> None:
        self.done, self.total = done, total
        self.tell("progress", done=done, total=total, what=what)
        self._turns.breathe()

    def _tell_warning(self, message: str) -> None:
        self.tell("warning", message=message)

    def put(self, message: Put) -> None:
        """For the connection: what the client sent for this request."""
        self._puts.put(message)

    def want(self, name: str, time: int, have: str, take: Callable[[Put], Any]) -> Any:
        """What `take` makes of what the client gives for an input at a time; one at a time. CancelledError where the client wants no more.

        Others have the turn meanwhile.
        """
        with self._turns.released(), self._asking:
            self.tell("want", input=name, time=time, have=have)
            while True:
                self.check()
                try:
                    given = self._puts.get(timeout=LOOK)
                except queue.Empty:
                    continue
                if (given.input, given.time) == (name, time):
                    return take(given)
