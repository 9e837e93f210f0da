"""What all connections of a worker share: networks, colour configs, kept pictures, turns, and the work under way."""

import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from vfxai import __version__
from vfxai.worker.client.answers import StatusAnswer
from vfxai.worker.maps import MapRoom
from vfxai.worker.turns import LOOK, Turns

if TYPE_CHECKING:
    from vfxai.color.config import Config
    from vfxai.models.pool import Pool
    from vfxai.session.analyses import Analyses
    from vfxai.worker.exchange import Exchange
    from vfxai.worker.instance import Instance
    from vfxai.worker.pictures import PictureCache

SHARE = 0.1
"""Of the machine's memory, what the sessions of instances may hold beside the pictures that clients sent."""
HELD_BYTES = 3 * 2**28
"""What the session of an instance holds at most, as vfxai.image.cache says, which imports what takes long."""

PREVIEWS = 32
"""Previews of which is kept what was learned: a few shots that artists switch between. An analysis is a few kilobytes."""


class Service:
    """Thread-safe. What takes long to import (torch, OpenColorIO) comes with the first request that needs it."""

    def __init__(self, folder: Path, *, idle_minutes: float, log: Path) -> None:
        """`idle_minutes`: how long nothing may be asked until it ends; 0 is for ever."""
        self.idle_minutes, self.log = idle_minutes, log
        self.turns, self.maps = Turns(), MapRoom(folder)
        self.stopping = threading.Event()
        self.finishing = threading.Event()
        """Set where new work is refused and the worker ends after what is under way."""
        self.peers: dict[int, Callable[[], dict[str, Any]]] = {}
        """By connection: what status says of it."""
        self._started = self._touched = time.monotonic()
        self._exchanges: dict[int, tuple[str, Exchange]] = {}
        self._outputs: set[str] = set()
        """Patterns that are written now."""
        self._lock = threading.Lock()
        self._pool: Pool | None = None
        self._pictures: PictureCache | None = None
        self._learned: OrderedDict[str, Analyses] = OrderedDict()
        self._recent: OrderedDict[int, Instance] = OrderedDict()
        """The last used last."""
        self._most_recent = max(2, int(psutil.virtual_memory().total * SHARE / HELD_BYTES))
        self._configs: dict[tuple[str, float], Config] = {}

    def touch(self) -> None:
        """Something was asked."""
        self._touched = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether it is time to end."""
        if self._exchanges:
            return False
        idle = time.monotonic() - self._touched
        return self.finishing.is_set() or (self.idle_minutes > 0 and idle > 60 * self.idle_minutes)

    def begin(self, client: str, exchange: "Exchange") -> None:
        """Work is under way."""
        with self._lock:
            self._exchanges[id(exchange)] = (client, exchange)

    def end(self, exchange: "Exchange") -> None:
        """It has ended."""
        with self._lock:
            self._exchanges.pop(id(exchange), None)
        self.touch()

    @contextmanager
    def alone_at(self, output: str, exchange: "Exchange") -> Iterator[None]:
        """Inside, no other run of this worker writes there: one that was cancelled may still be at its last frame. Waits for it and says so."""
        told = False
        while True:
            with self._lock:
                if output not in self._outputs:
                    self._outputs.add(output)
                    break
            if not told:
                exchange.warn(f"another run writes {output}; this one waits for its end")
                told = True
            exchange.check()
            time.sleep(LOOK)
        try:
            yield
        finally:
            with self._lock:
                self._outputs.discard(output)

    def cancel_all(self) -> None:
        """Stops all work."""
        with self._lock:
            under_way = [exchange for _, exchange in self._exchanges.values()]
        for exchange in under_way:
            exchange.cancel()

    def pool(self, warn: Callable[[str], None] | None = None, **choices: str) -> "Pool":
        """The networks with choices of device, backend, precision and tile; all pools of the worker share one copy of each network."""
        from vfxai.models.pool import Pool

        with self._lock:
            if self._pool is None:
                self._pool = Pool()
            return self._pool.sharing(warn=warn, **choices)

    @property
    def pictures(self) -> "PictureCache":
        """What clients have sent."""
        from vfxai.worker.pictures import PictureCache

        with self._lock:
            if self._pictures is None:
                self._pictures = PictureCache()
            return self._pictures

    def config(self, text: str) -> "Config":
        """A colour config by path or name, the shipped one for ""; read once until its file changes."""
        from vfxai.color.config import find_config

        path = Path(text)
        key = (text, path.stat().st_mtime if text and path.is_file() else 0.0)
        with self._lock:
            if key not in self._configs:
                self._configs[key] = find_config(text or None)
            return self._configs[key]

    def learned(self, key: str, learn: "Callable[[], Analyses]") -> "Analyses":
        """What was learned for a preview, so that the next one with another strength need not learn it again; the last few are kept."""
        with self._lock:
            known = self._learned.get(key)
        if known is None:
            known = learn()
            with self._lock:
                self._learned[key] = known
                while len(self._learned) > PREVIEWS:
                    self._learned.popitem(last=False)
        return known

    def use(self, instance: "Instance") -> None:
        """An instance works. Those used longest ago give up what their sessions hold, so that memory does not grow with the number of open nodes."""
        with self._lock:
            self._recent[id(instance)] = instance
            self._recent.move_to_end(id(instance))
            rested = [self._recent.popitem(last=False)[1] for _ in range(len(self._recent) - self._most_recent)]
        for one in rested:
            one.rest()

    def leave(self, instance: "Instance") -> None:
        """An instance is closed."""
        with self._lock:
            self._recent.pop(id(instance), None)

    def free_memory(self) -> None:
        """Drops what can be had again: kept pictures, and all networks but the last used."""
        with self._lock:
            pool, pictures = self._pool, self._pictures
        if pictures:
            pictures.clear()
        if pool:
            pool.free_least_recent()

    def status(self) -> StatusAnswer:
        """What is held and done."""
        with self._lock:
            pool, pictures, work = self._pool, self._pictures, list(self._exchanges.values())
        now = time.monotonic()
        jobs = [
            {
                "client": client, "id": one.number, "what": one.what, "done": one.done, "total": one.total, "seconds": round(now - one.started, 1),
            }
            for client, one in work
        ]  # fmt: skip
        versions, on_device = {"python": sys.version.split()[0]}, 0
        if pool:  # which has imported them
            import onnxruntime
            import torch

            versions |= {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}
            on_device = torch.cuda.memory_reserved() if torch.cuda.is_available() else 0
        return StatusAnswer(
            version=__version__, pid=os.getpid(), seconds=round(now - self._started, 1), idle_minutes=self.idle_minutes, log=str(self.log),
            device=pool.device if pool else "", memory=psutil.Process().memory_info().rss, device_memory=on_device,
            cache=pictures.size if pictures else 0, models=tuple(pool.loaded()) if pool else (),
            clients=tuple(describe() for describe in list(self.peers.values())), jobs=tuple(jobs),
            versions=versions,
        )  # fmt: skip

    def warm_up(self) -> None:
        """Imports what the first job needs, so that it need not wait for it."""
        from vfxai.schema import registry

        registry.discover()
        self.pool()
