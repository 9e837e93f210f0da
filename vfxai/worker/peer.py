"""One connection: reads its requests, answers them, and cleans up after it. Nothing that it sends or does harms another."""

import contextlib
import hmac
import itertools
import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vfxai import __version__
from vfxai.errors import CancelledError, MemoryShortError, ParameterError, VfxaiError, as_own
from vfxai.worker.client import protocol, requests
from vfxai.worker.client.answers import Answer, Failure, HelloAnswer, MapAnswer
from vfxai.worker.client.lines import LONGEST_LINE, ProtocolError, facts_of, line_of, line_of_facts
from vfxai.worker.exchange import Exchange
from vfxai.worker.service import Service

if TYPE_CHECKING:
    from vfxai.worker.instance import Instance

log = logging.getLogger("vfxai.worker")
HELLO_SECONDS = 5.0
"""Time in which a connection has to say hello. Clients of ours say it at once."""
MOST_LINES = 50_000
"""Lines that wait for a client that does not read them; after that it is taken for dead. A job tells a few a frame."""
MOST_WORK = 64
"""Requests of a connection that may be under way at once."""
LAST_SECONDS = 5.0
"""Time that clients have to take what waits for them before the worker hangs up."""
MOST_INSTANCES = 1024
"""Instances of a connection: more nodes than any script has."""


class Peer:
    """A connection and what it has open."""

    _numbers = itertools.count(1)

    def __init__(self, service: Service, connected: socket.socket, token: str) -> None:
        """`token` is what hello has to say, "" where that needs none."""
        self.service, self._socket, self._token = service, connected, token
        self.number = next(self._numbers)
        self.client = ""
        self._since = time.monotonic()
        self._out: queue.Queue[bytes | None] = queue.Queue(MOST_LINES)
        self._instances: dict[int, Instance] = {}
        self._work: dict[int, Exchange] = {}
        self._writer = threading.Thread(target=self._write, daemon=True, name=f"writer {self.number}")
        self._lock = threading.Lock()

    @property
    def is_welcome(self) -> bool:
        """Whether it has said hello."""
        return bool(self.client)

    def describe(self) -> dict[str, Any]:
        """For status."""
        seconds = round(time.monotonic() - self._since, 1)
        return {"client": self.client, "instances": len(self._instances), "jobs": len(self._work), "seconds": seconds}

    def serve(self) -> None:
        """Until it hangs up or says something that makes no sense."""
        try:
            lines = Lines(self._socket)
            self._socket.settimeout(HELLO_SECONDS)
            if not self._greet(lines.next(time.monotonic() + HELLO_SECONDS)):
                return
            self._socket.settimeout(None)
            self.service.peers[self.number] = self.describe
            self._writer.start()
            while line := lines.next():
                self.service.touch()
                self._handle(line)
        except ProtocolError as error:
            log.warning("client %d (%s) is dropped: %s", self.number, self.client or "no hello", error)
            self._send_last(Failure(kind="ProtocolError", message=str(error), remedy="see docs/reference/worker-protocol.md"))
        except OSError as error:
            log.info("client %d (%s): %s", self.number, self.client or "no hello", error)
        finally:
            self._leave()

    def end_writing(self) -> None:
        """Nothing more is sent after what waits to be sent; from any thread."""
        with contextlib.suppress(queue.Full):
            self._out.put_nowait(None)

    def wait_written(self, deadline: float) -> None:
        """Until all that waits has gone to the client, or time.monotonic() says so; after end_writing(), from any thread."""
        if self._writer.is_alive():
            self._writer.join(max(0.0, deadline - time.monotonic()))

    def hang_up(self) -> None:
        """Ends the connection, from any thread."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _greet(self, line: bytes) -> bool:
        if not line:
            return False
        message = protocol.request_of(facts_of(line))
        if not isinstance(message, requests.Hello):
            raise ProtocolError("expected hello first")
        if self._token and not hmac.compare_digest(message.token.encode(), self._token.encode()):
            raise ProtocolError("hello: wrong token")
        if message.protocol != requests.VERSION:
            raise ProtocolError(
                f"hello: the client speaks protocol {message.protocol}, this worker (vfxai {__version__}) {requests.VERSION}; update the older one"
            )
        self.client = message.client or "unnamed"
        log.info("client %d: %s", self.number, self.client)
        self._socket.sendall(line_of(HelloAnswer(id=message.id, version=__version__, pid=os.getpid())))
        return True

    def _handle(self, line: bytes) -> None:
        message = protocol.request_of(facts_of(line))
        if isinstance(message, requests.Put):
            if exchange := self._work.get(message.job):
                exchange.put(message)
            return
        if message.do in ("run", "preview", "render", "analyze"):
            self._begin(message)
            return
        self._answer(message, lambda: self._quick(message))
        if isinstance(message, requests.Stop):  # after its answer, which the end would overtake
            self._stop(message)

    def _quick(self, message: requests.Request) -> Answer | None:
        """What is answered at once, in the order in which it was asked."""
        if isinstance(message, requests.Status):
            return self.service.status()
        if isinstance(message, requests.Cancel):
            if exchange := self._work.get(message.job):
                exchange.cancel()
        elif isinstance(message, requests.Open):
            return self._open(message)
        elif isinstance(message, requests.Set):
            return self._instance(message.instance).set(message.values)
        elif isinstance(message, requests.Needs):
            return self._instance(message.instance).needs(message.time)
        elif isinstance(message, requests.Map):
            placed = self.service.maps.make(message.bytes)
            self._instance(message.instance).place(placed)
            return MapAnswer(path=str(placed.path), bytes=placed.size)
        elif isinstance(message, requests.Mapped):
            if placed_before := self._instance(message.instance).inputs.map:
                placed_before.unlink()
        elif isinstance(message, requests.Close):
            self._close(self._instances.pop(self._instance(message.instance).number))
        elif isinstance(message, requests.Hello):
            raise ProtocolError("hello is said once, first")
        return Answer()

    def _stop(self, message: requests.Stop) -> None:
        log.info("client %d (%s) stops the worker%s", self.number, self.client, " after its work" if message.finish else "")
        self.service.finishing.set()
        if not message.finish:
            self.service.cancel_all()

    def _open(self, message: requests.Open) -> Answer:
        from vfxai.schema import registry
        from vfxai.worker.instance import Instance

        if self.service.finishing.is_set():
            raise CancelledError("the worker is ending", remedy="ask again: another one is started")
        if len(self._instances) >= MOST_INSTANCES:
            raise ParameterError(f"a connection has at most {MOST_INSTANCES} instances", remedy="close some")
        registry.discover()
        pool = self.service.pool(
            device=message.device,
            backend=message.backend,
            precision=message.precision,
            tile=message.tile,
            license=message.license or "auto",
        )
        number = max(self._instances, default=0) + 1
        made = Instance(number, message, self.service.config(message.ocio), pool, self.service.pictures)
        answer = made.answer()
        self._instances[number] = made
        return answer

    def _close(self, instance: "Instance") -> None:
        self.service.leave(instance)
        instance.close()

    def _instance(self, number: int) -> "Instance":
        if number not in self._instances:
            raise ParameterError(f"there is no instance {number} on this connection", remedy="send `open` first")
        return self._instances[number]

    def _begin(self, message: requests.Request) -> None:
        """Starts work in a thread of its own."""
        batch = message.do == "run" or getattr(message, "batch", False)
        exchange = Exchange(message.id, _words(message), self.send, self.service.turns, owner=self.number, batch=batch)
        with self._lock:
            busy = message.id in self._work or len(self._work) >= MOST_WORK
            if not busy:
                self._work[message.id] = exchange
        if busy:
            said = f"id {message.id} is in use, or {MOST_WORK} requests are under way"
            self.send(asdict(Failure(id=message.id, kind="ProtocolError", message=said, remedy="wait for an answer")))
            return
        self.service.begin(self.client, exchange)
        threading.Thread(
            target=self._do, args=(message, exchange), daemon=True, name=f"{message.do} {self.number}.{message.id}"
        ).start()

    def _do(self, message: requests.Request, exchange: Exchange) -> None:
        log.info("client %d, request %d: %s", self.number, message.id, exchange.what)
        ended = self._answer(message, lambda: self._slow(message, exchange), exchange)
        with self._lock:
            self._work.pop(message.id, None)
        self.service.end(exchange)
        seconds = time.monotonic() - exchange.started
        log.info("client %d, request %d: %s after %.2f s", self.number, message.id, ended, seconds)

    def _slow(self, message: requests.Request, exchange: Exchange) -> Answer:
        from vfxai.worker import jobs

        if self.service.finishing.is_set():
            raise CancelledError("the worker is ending", remedy="ask again: another one is started")
        work: Callable[[], Answer]
        if isinstance(message, requests.Run):
            run = message
            work = lambda: jobs.run(self.service, run, exchange)  # noqa: E731  # three of a kind
        elif isinstance(message, requests.Preview):
            preview = message
            work = lambda: jobs.preview(self.service, preview, exchange)  # noqa: E731  # three of a kind
        elif isinstance(message, requests.Render):
            instance, render = self._instance(message.instance), message
            self.service.use(instance)
            work = lambda: instance.render(render, exchange)  # noqa: E731  # three of a kind
        else:
            instance = self._instance(getattr(message, "instance", 0))
            self.service.use(instance)
            work = lambda: instance.analyze(exchange)  # noqa: E731  # three of a kind
        try:
            return work()
        except (MemoryError, MemoryShortError) as error:
            log.warning("memory is short (%s): what is kept is dropped, and request %d tried once more", error, message.id)
            self.service.free_memory()
            return work()

    def _answer(self, message: requests.Request, make: Callable[[], Answer | None], exchange: Exchange | None = None) -> str:
        """Sends what `make` gives, or why it gives nothing; how it ended, in a word."""
        try:
            answer = make()
            facts = {**asdict(answer or Answer()), "id": message.id}
            ended = "done"
        except ProtocolError:
            raise
        except Exception as error:  # a defect in one request must not take the worker from others
            if not isinstance(error, VfxaiError):
                log.error("client %d, request %d: unexpected", self.number, message.id, exc_info=error)
            told = as_own(error, "this is a defect; `vfxai worker log` has its traceback")
            outcome = getattr(told, "outcome", None)
            refused = Failure(
                id=message.id,
                kind=told.kind,
                message=told.message,
                remedy=told.remedy,
                room=getattr(told, "room", 0),
                outcome=outcome.to_dict() if outcome else {},
            )
            facts = asdict(refused)
            ended = f"{told.kind}: {told.message}"
        self.send(facts)
        return ended

    def send(self, facts: dict[str, Any]) -> None:
        """Hands a line to the writing thread; a client that does not read its lines is dropped."""
        try:
            self._out.put_nowait(line_of_facts(facts))
        except ProtocolError as error:
            log.warning("client %d: %s", self.number, error)
            if "ok" in facts:
                said = asdict(Failure(id=facts["id"], kind="ProtocolError", message=str(error), remedy="ask for less at once"))
                self._out.put_nowait(line_of_facts(said))
        except queue.Full:
            self.hang_up()

    def _write(self) -> None:
        while (line := self._out.get()) is not None:
            try:
                self._socket.sendall(line)
            except OSError:
                self.hang_up()
                return

    def _send_last(self, answer: Answer) -> None:
        """After all that waits to be sent, as far as the client takes it in LAST_SECONDS."""
        if self._writer.is_alive():
            self.send(asdict(answer))
            self.end_writing()
            self.wait_written(time.monotonic() + LAST_SECONDS)
            return
        with contextlib.suppress(OSError):
            self._socket.settimeout(LAST_SECONDS)
            self._socket.sendall(line_of(answer))

    def _leave(self) -> None:
        self.service.peers.pop(self.number, None)
        for exchange in list(self._work.values()):
            exchange.cancel()
        for instance in list(self._instances.values()):
            self._close(instance)
        self._instances.clear()
        self.end_writing()
        self.hang_up()
        self._socket.close()
        if self.is_welcome:
            log.info("client %d (%s) is gone", self.number, self.client)


class Lines:
    """Lines of a connection, none longer than allowed."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket, self._rest = connected, bytearray()

    def next(self, deadline: float = 0.0) -> bytes:
        """The next line without its break; b"" at the end. ProtocolError where it is too long, or not there by the deadline."""
        searched = 0
        while (at := self._rest.find(b"\n", searched)) < 0:
            searched = len(self._rest)
            if searched >= LONGEST_LINE:
                raise ProtocolError(f"a line of over {LONGEST_LINE} bytes")
            if deadline and time.monotonic() > deadline:
                raise ProtocolError("no hello in time")
            try:
                more = self._socket.recv(1 << 16)
            except TimeoutError:
                raise ProtocolError("no hello in time") from None
            if not more:
                if self._rest:
                    raise ProtocolError("the connection ended within a line")
                return b""
            self._rest += more
        line = bytes(self._rest[:at])
        del self._rest[: at + 1]
        if not line:
            raise ProtocolError("an empty line")
        return line


def _words(message: requests.Request) -> str:
    """The work in words, for status and log."""
    if isinstance(message, requests.Run | requests.Preview):
        nodes = message.recipe.get("node", [])
        ids = [str(one.get("id")) for one in nodes if isinstance(one, dict)] if isinstance(nodes, list) else []
        return f"{message.do} {' + '.join(ids)} of {str(message.recipe.get('source'))[:500]}"
    return f"{message.do} {getattr(message, 'time', '')} of instance {getattr(message, 'instance', 0)}".replace("  ", " ")
