"""The worker as a client sees it: connects, starts it where there is none, and goes on after it was killed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from . import errors, launch, place
from .instance import Instance
from .job import Job
from .lines import ProtocolError
from .link import POLL, Exchange, Link, Wanted, never
from .requests import Hello, Open, Preview, Request, Run, Status, Stop

START_SECONDS = 60.0
"""How long a worker may take until it listens: Python, from a cold network disk."""
HELLO_SECONDS = 5.0
"""How long a worker that listens may take to say hello. It does nothing else in that thread."""
TRIES = 3
"""How often work is given to a worker that is lost over it before the client gives up."""


class Worker:
    """The worker of this user on this machine. Thread-safe; nothing is connected before something is asked."""

    def __init__(
        self, client: str, *, start: bool = True, seconds: float = START_SECONDS, executable: Sequence[str] = ()
    ) -> None:
        """`client` is who asks, for status and log; `start` whether a worker is started where there is none; `seconds` how long that may take;
        `executable` how vfxai is called, where the client knows that better than $VFXAI_EXECUTABLE, settings and PATH."""
        self.client, self._start, self._seconds, self._executable = client, start, seconds, executable
        self._link: Link | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up. The worker stays for others, and ends what this client had under way."""
        link, self._link = self._link, None
        if link:
            link.close()

    def link(self, is_cancelled: Wanted = never) -> Link:
        """The connection, made anew where there is none or it was lost. WorkerError where there is no worker and none can be started."""
        while not self._lock.acquire(timeout=POLL):
            if is_cancelled():
                raise errors.cancelled()
        try:
            if self._link is None or self._link.why:
                self._link = self._connected(is_cancelled)
            return self._link
        finally:
            self._lock.release()

    def _connected(self, is_cancelled: Wanted) -> Link:
        deadline, started, why = time.monotonic() + self._seconds, False, ""
        while not is_cancelled():
            try:
                reached, token = place.dial(HELLO_SECONDS)
                return Link(reached, Hello(client=f"{self.client} (pid {os.getpid()})", token=token), HELLO_SECONDS)
            except (OSError, ProtocolError) as error:
                why = str(error)
            if not self._start:
                raise errors.WorkerError(
                    "WorkerMissingError", f"no worker listens in {place.folder()}: {why}", "run `vfxai worker start`"
                )
            if not started:
                launch.start(self._seconds, is_cancelled, self._executable)
                started = True
            elif time.monotonic() > deadline:
                raise errors.WorkerError("WorkerMissingError", f"the worker does not answer: {why}", "see `vfxai worker log`")
            else:
                time.sleep(POLL)
        raise errors.cancelled()

    @property
    def version(self) -> str:
        """Of the vfxai that the worker runs."""
        return str(self.link().worker.get("version", ""))

    def ask(self, message: Request, *, is_cancelled: Wanted = never, seconds: float = 0.0) -> dict[str, Any]:
        """The answer to a request, as its object."""
        return Exchange(self.link(is_cancelled), message).answer(is_cancelled, seconds)

    def status(self) -> dict[str, Any]:
        """What the worker holds and does: StatusAnswer."""
        return self.ask(Status(), seconds=HELLO_SECONDS)

    def stop(self, *, finish: bool = False) -> None:
        """Ends the worker, for everyone; after the work under way where `finish` says so."""
        self.ask(Stop(finish=finish))

    def run(
        self,
        recipe: dict[str, Any],
        *,
        folder: str = "",
        on_event: Callable[[dict[str, Any]], None] | None = None,
        is_cancelled: Wanted = never,
    ) -> dict[str, Any]:
        """Runs a recipe over files and waits; the outcome. Events are those of `vfxai run --json`, told in the calling thread.

        A worker that is lost is started again, and goes on after the frames that are done. WorkerError where it could not be done or is cancelled.
        """
        message = Run(recipe=recipe, **self._surroundings(folder))
        for facts in self._resumed(message, on_event or (lambda facts: None), is_cancelled):
            outcome: dict[str, Any] = facts.get("outcome", {})
        return outcome

    def submit(self, recipe: dict[str, Any], *, folder: str = "") -> Job:
        """As run(), in a thread of its own: for hosts that must not wait. Look at what it says from a timer."""
        return Job(lambda tell, is_cancelled: self.run(recipe, folder=folder, on_event=tell, is_cancelled=is_cancelled))

    def preview(
        self,
        recipe: dict[str, Any],
        time: int,
        output: str,
        *,
        longest: int = 960,
        alone: bool = False,
        folder: str = "",
        on_event: Callable[[dict[str, Any]], None] | None = None,
        is_cancelled: Wanted = never,
    ) -> dict[str, Any]:
        """One frame of a recipe, reduced to `longest` pixels, written to the file `output`; the answer says its size. `alone`: roughly, without its
        neighbours and in the least quality, which is several times as fast and removes less."""
        message = Preview(recipe=recipe, time=time, output=output, longest=longest, alone=alone, **self._surroundings(folder))
        for facts in self._resumed(message, on_event or (lambda facts: None), is_cancelled):
            answer = facts
        return answer

    def open(self, node: str, values: dict[str, Any] | None = None, **facts: Any) -> Instance:
        """An instance of a node that works on frames of the client's; `facts` are the fields of Open. Nothing is sent before it is used."""
        return Instance(self, Open(node=node, values=dict(values or {}), **facts))

    @staticmethod
    def _surroundings(folder: str) -> dict[str, Any]:
        environment = os.environ
        return {
            "folder": folder or str(Path.cwd()),
            "ocio": environment.get("OCIO", ""),
            "license": environment.get("VFXAI_LICENSE", ""),
        }

    def _resumed(
        self, message: Request, tell: Callable[[dict[str, Any]], None], is_cancelled: Wanted
    ) -> Iterator[dict[str, Any]]:
        """The answer, asked for again where the worker is lost; a worker that gets on with the work may be lost any number of times."""
        tries = 0
        while True:
            tries += 1
            try:
                for facts in Exchange(self.link(is_cancelled), message).lines(is_cancelled):
                    if "ok" in facts:
                        yield facts
                        return
                    if facts.get("event") == "frame" and not facts.get("kept"):
                        tries = 0
                    tell({name: value for name, value in facts.items() if name != "id"})
            except errors.WorkerError as error:
                if not error.is_loss or tries >= TRIES:
                    raise
                tell({"event": "warning", "message": f"{error.message}; it is started again and goes on"})


def connect(client: str, *, start: bool = True, seconds: float = START_SECONDS) -> Worker:
    """A worker that is there: connected, and started first where there was none. WorkerError where that fails, with what to do."""
    worker = Worker(client, start=start, seconds=seconds)
    worker.link()
    return worker
