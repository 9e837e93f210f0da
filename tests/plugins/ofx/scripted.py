"""A worker that does what a test says, over the real protocol: for faults that the real one does not have on demand."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

Facts = dict[str, Any]
Answer = Callable[["Connection", Facts], None]


class StoppedError(Exception):
    """The client gave a render up."""


class Connection:
    """One client. Answers are made by the script where it has one for the verb, else as a worker that copies the plate would."""

    def __init__(self, at: socket.socket, script: dict[str, Answer], folder: Path) -> None:
        self.at, self.script, self.folder = at, script, folder
        self.lines = at.makefile("rb")
        self.heard: list[Facts] = []
        self.opened: Facts = {}
        self.map: mmap.mmap | None = None
        self.kept: dict[tuple[str, int], tuple[str, Any]] = {}

    def say(self, facts: Facts) -> None:
        self.at.sendall(json.dumps(facts).encode() + b"\n")

    def say_bytes(self, line: bytes) -> None:
        self.at.sendall(line)

    def hear(self) -> Facts:
        """The next line; raises at the end of the connection."""
        line = self.lines.readline()
        if not line:
            raise ConnectionError
        facts: Facts = json.loads(line)
        self.heard.append(facts)
        return facts

    def serve(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while True:
                facts = self.hear()
                with contextlib.suppress(StoppedError):
                    self.script.get(facts["do"], Connection.answer)(self, facts)
        with contextlib.suppress(OSError):
            self.at.shutdown(socket.SHUT_RDWR)  # the file of lines would keep it open

    def answer(self, facts: Facts) -> None:
        """What a worker does."""
        do, ok = facts["do"], {"id": facts.get("id", 0), "ok": True}
        if do == "hello":
            ok |= {"protocol": 1, "version": "0", "pid": os.getpid()}
        elif do == "open":
            self.opened = facts
            ok |= {"instance": 1, "width": facts["width"], "height": facts["height"]}
        elif do == "set":
            ok |= {"instance": 1, "width": self.opened["width"], "height": self.opened["height"]}
        elif do == "map":
            ok |= {"path": str(self.make_map(facts["bytes"])), "bytes": facts["bytes"]}
        elif do == "render":
            ok |= self.render(facts)
        elif do in ("put", "cancel") and do == "put":
            return
        self.say(ok)

    def make_map(self, size: int) -> Path:
        path = self.folder / f"map{id(self)}"
        with path.open("wb+") as file:
            file.truncate(size)
            self.map = mmap.mmap(file.fileno(), size)
        return path

    def want(self, job: int, name: str, time: int) -> Any:
        """Pixels of an input (H, W, C) and the line that brought them; None where the client has none."""
        have = self.kept.get((name, time), ("", None))
        self.say({"id": job, "event": "want", "input": name, "time": time, "have": have[0]})
        while (put := self.hear())["do"] != "put":
            self.script.get(put["do"], Connection.answer)(self, put)
            if put["do"] == "cancel":
                self.say({"id": job, "ok": False, "kind": "CancelledError", "message": "stopped", "remedy": ""})
                raise StoppedError
        if put.get("missing"):
            return None
        if not put.get("same"):
            shape = (put["height"], put["width"], put["channels"])
            assert self.map is not None
            pixels = np.frombuffer(self.map, np.float32, int(np.prod(shape)), put["offset"]).reshape(shape).copy()
            self.kept[name, time] = (put["image"], (pixels, put))
        return self.kept[name, time][1]

    def render(self, facts: Facts, before: int = 0, after: int = 0) -> Facts:
        """The plate as it came."""
        for time in range(facts["time"] - before, facts["time"] + after + 1):
            if self.want(facts["id"], "plate", time) is None:
                raise ConnectionError
        pixels, put = self.kept["plate", facts["time"]][1]
        return self.result(facts, pixels, put["x"], put["y"])

    def result(self, facts: Facts, pixels: Any, x: int = 0, y: int = 0, format: tuple[int, int] | None = None) -> Facts:
        width, height = format or (self.opened["width"], self.opened["height"])
        assert self.map is not None
        self.map[facts["offset"] : facts["offset"] + pixels.nbytes] = np.ascontiguousarray(pixels, np.float32).tobytes()
        return {
            "x": x,
            "y": y,
            "width": pixels.shape[1],
            "height": pixels.shape[0],
            "format_width": width,
            "format_height": height,
        }


class Scripted:
    """Listens where the bundle looks for a worker."""

    def __init__(self, folder: Path, script: dict[str, Answer]) -> None:
        self.folder, self.script = folder, script
        self.connections: list[Connection] = []
        self._at = socket.socket(socket.AF_UNIX)
        self._at.bind(str(folder / "worker.sock"))
        self._at.listen()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(Connection(self._at.accept()[0], self.script, self.folder))
                threading.Thread(target=self.connections[-1].serve, daemon=True).start()

    def heard(self, verb: str) -> list[Facts]:
        """What clients said, of a verb."""
        return [facts for connection in self.connections for facts in connection.heard if facts["do"] == verb]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._at.shutdown(socket.SHUT_RDWR)
        self._at.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.at.shutdown(socket.SHUT_RDWR)
        (self.folder / "worker.sock").unlink(missing_ok=True)


@contextmanager
def scripted(folder: Path, **script: Answer) -> Iterator[Scripted]:
    """A worker with answers of a test's own by verb."""
    worker = Scripted(folder, script)
    try:
        yield worker
    finally:
        worker.close()
