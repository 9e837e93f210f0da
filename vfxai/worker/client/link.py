"""One connection to the worker. A thread reads, a thread writes, so that no caller ever waits for the network longer than it wants to."""

from __future__ import annotations

import contextlib
import itertools
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from . import errors
from .lines import LONGEST_LINE, ProtocolError, facts_of, line_of
from .requests import Cancel, Hello, Request

POLL = 0.1
"""Seconds between two looks at whether the caller still wants what it waits for."""
Wanted = Callable[[], bool]


def never() -> bool:
    """Of callers that do not cancel."""
    return False


class Exchange:
    """A request under way: the lines about it."""

    def __init__(self, link: Link, message: Request) -> None:
        self.id = next(link.numbers)
        self._link = link
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        link.waiting[self.id] = self._lines
        link.send(replace(message, id=self.id))
        if link.why:  # lost before it was listed among those to be told
            self._lines.put(None)

    def lines(self, is_cancelled: Wanted = never, seconds: float = 0.0) -> Iterator[dict[str, Any]]:
        """Events as they come, and last the answer. WorkerError where that says no, where the worker is lost, where the caller cancels, or where
        nothing is said for as many seconds as given."""
        heard = time.monotonic()
        try:
            while True:
                if is_cancelled():
                    self.cancel()
                    raise errors.cancelled()
                try:
                    facts = self._lines.get(timeout=POLL)
                except queue.Empty:
                    if seconds and time.monotonic() - heard > seconds:
                        raise errors.lost(f"it said nothing for {seconds:g} s") from None
                    continue
                heard = time.monotonic()
                if facts is None:
                    raise errors.lost(self._link.why)
                if "ok" not in facts:
                    yield facts
                    continue
                if not facts["ok"]:
                    raise errors.failure(facts)
                yield facts
                return
        finally:
            self._link.waiting.pop(self.id, None)

    def cancel(self) -> None:
        """Tells the worker that nobody wants it any more; does no harm where it has ended."""
        self._link.send(Cancel(id=next(self._link.numbers), job=self.id))

    def answer(self, is_cancelled: Wanted = never, seconds: float = 0.0) -> dict[str, Any]:
        """The answer of a request without events that matter."""
        *_events, answer = self.lines(is_cancelled, seconds)
        return answer


class Link:
    """A connection that was let in. Thread-safe."""

    def __init__(self, reached: socket.socket, hello: Hello, seconds: float) -> None:
        """Says hello and waits so long for the answer. WorkerError where it is refused; OSError where the connection breaks."""
        self._socket = reached
        self.numbers = itertools.count(1)
        self.waiting: dict[int, queue.SimpleQueue[dict[str, Any] | None]] = {}
        self.why = ""
        """Why the worker is lost; "" while it is not."""
        self._rest = b""
        try:
            reached.settimeout(seconds)
            reached.sendall(line_of(hello))
            self.worker = next(self._read_lines(), {})
            """What the worker said of itself: HelloAnswer."""
            if not self.worker:
                raise ConnectionResetError("the worker hung up")
            if not self.worker.get("ok"):
                raise errors.failure(self.worker)
            reached.settimeout(None)
        except BaseException:
            reached.close()
            raise
        self._out: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True, name=f"vfxai {work.__name__}").start()

    def send(self, message: Any) -> None:
        """Hands a message to the writing thread. ProtocolError where it is too long."""
        self._out.put(line_of(message))

    def close(self) -> None:
        """Hangs up; what is under way for this connection ends in the worker."""
        self._lose("the client hung up")

    def _lose(self, why: str) -> None:
        self.why = self.why or why
        self._out.put(None)
        with contextlib.suppress(OSError):  # it may be down already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for lines in list(self.waiting.values()):
            lines.put(None)

    def _read_lines(self) -> Iterator[dict[str, Any]]:
        while True:
            line, found, rest = self._rest.partition(b"\n")
            if found:
                self._rest = rest
                yield facts_of(line)
                continue
            if len(self._rest) > LONGEST_LINE:
                raise ProtocolError(f"a line of over {LONGEST_LINE} bytes")
            more = self._socket.recv(1 << 16)
            if not more:
                return
            self._rest += more

    def _read(self) -> None:
        why = "it hung up"
        try:
            for facts in self._read_lines():
                lines = self.waiting.get(facts.get("id", 0))
                if lines is not None:  # else nobody waits for it any more
                    lines.put(facts)
        except (OSError, ProtocolError) as error:
            why = str(error)
        self._lose(why)

    def _write(self) -> None:
        while True:
            line = self._out.get()
            if line is None:
                return
            try:
                self._socket.sendall(line)
            except OSError as error:
                self._lose(str(error))
                return
