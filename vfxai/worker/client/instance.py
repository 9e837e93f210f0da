"""A node that works on frames in the client's memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Union

from . import errors
from .link import Exchange, Link, Wanted, never
from .pixels import Picture, PixelMap, aligned
from .requests import Analyze, Close, Map, Mapped, Needs, Open, Put, Render, Set

if TYPE_CHECKING:
    from .worker import Worker

TRIES = 3
"""As in worker.py: how often a frame is asked for where the worker is lost over it."""


class Same:
    """What a fetch says instead of a picture that the worker has already."""


SAME = Same()
Fetch = Callable[[str, int, str], Union[Picture, Same, None]]
"""Gives the picture of an input (by name) at a time; SAME where its image id is the third argument; None where there is none."""
Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Rendered:
    """A result. Its pixels lie in memory shared with the worker: copy them before the instance renders again."""

    pixels: memoryview
    """width * height * channels float32 samples, rows packed, the top one first."""
    facts: dict[str, Any]
    """RenderAnswer: x, y, width, height, format_width, format_height, seconds, facts."""
    channels: int
    """4 R G B A, 3 R G B."""


class RoomError(Exception):
    """A picture needs more room in the map than it has."""

    def __init__(self, room: int) -> None:
        super().__init__(f"{room} bytes")
        self.room = room


class Instance:
    """One node with its values. Frames that the worker was sent stay there; a worker that was lost is given everything anew. For one thread at a time."""

    def __init__(self, worker: Worker, message: Open) -> None:
        self._worker, self._open = worker, message
        self._link: Link | None = None
        self._map: PixelMap | None = None
        self.opened: dict[str, Any] = {}
        """What the worker said of it: OpenAnswer. Empty before it was used."""
        self._slot = aligned(max(message.width * message.height * message.channels * 4, 1))
        """Bytes for a picture in the map: the first place is for what is sent, the second for the result."""
        self._result = self._slot

    def open(self, is_cancelled: Wanted = never) -> dict[str, Any]:
        """OpenAnswer, asked for where the worker does not have the instance (any more). WorkerError where values or facts are wrong."""
        link = self._worker.link(is_cancelled)
        if link is not self._link:
            self._forget_map()
            self.opened = Exchange(link, self._open).answer(is_cancelled)
            self._link = link
            self._result = max(self._result, aligned(self.opened["width"] * self.opened["height"] * self._open.channels * 4))
        return self.opened

    def set(self, values: dict[str, Any], is_cancelled: Wanted = never) -> dict[str, Any]:
        """Other values, all that are not defaults; frames that were sent stay. OpenAnswer. Does nothing where they are the same."""
        if values != self._open.values:
            self._open = replace(self._open, values=dict(values))
            if self._link is not None and not self._link.why:
                self.opened = self._ask(Set(instance=self.opened["instance"], values=self._open.values), is_cancelled)
        return self.open(is_cancelled)

    def needs(self, time: int, is_cancelled: Wanted = never) -> list[tuple[str, int]]:
        """Input and time of the frames that a frame is made of."""
        facts = self._again(
            lambda: self._ask(Needs(instance=self.open(is_cancelled)["instance"], time=time), is_cancelled), is_cancelled
        )
        return list(zip(facts["inputs"], facts["times"]))

    def render(
        self,
        time: int,
        fetch: Fetch,
        *,
        longest: int = 0,
        batch: bool = False,
        is_cancelled: Wanted = never,
        tell: Tell | None = None,
    ) -> Rendered:
        """A frame; `fetch` is called in this thread for what it is made of. `longest` reduces the plate for a preview; `batch`: nobody waits for it."""

        def once() -> Rendered:
            instance = self.open(is_cancelled)["instance"]
            placed = self._mapped(is_cancelled)
            offset, room = self._slot, placed.size - self._slot
            message = Render(instance=instance, time=time, offset=offset, bytes=room, longest=longest, batch=batch)
            facts = self._talk(message, fetch, is_cancelled, tell)
            channels = self._open.channels
            return Rendered(placed.view(offset, facts["width"] * facts["height"] * channels * 4), facts, channels)

        return self._again(once, is_cancelled)

    def analyze(self, fetch: Fetch, *, is_cancelled: Wanted = never, tell: Tell | None = None) -> dict[str, Any]:
        """Has the node learn from the whole shot; AnalyzeAnswer. Its text may be given to another open() as `analysis`."""

        def once() -> dict[str, Any]:
            instance = self.open(is_cancelled)["instance"]
            self._mapped(is_cancelled)
            return self._talk(Analyze(instance=instance), fetch, is_cancelled, tell)

        facts = self._again(once, is_cancelled)
        self._open = replace(self._open, analysis=facts["analysis"])
        return facts

    def close(self) -> None:
        """Ends it here and in the worker."""
        self._forget_map()
        if self._link is not None and not self._link.why:
            Exchange(self._link, Close(instance=self.opened["instance"]))
        self._link = None

    def _ask(self, message: Any, is_cancelled: Wanted) -> dict[str, Any]:
        if self._link is None:
            raise errors.lost("the instance is not open")
        return Exchange(self._link, message).answer(is_cancelled)

    def _again(self, once: Callable[[], Any], is_cancelled: Wanted) -> Any:
        """What `once` gives, tried again where the worker was lost, or with a larger map where that was too small."""
        tries = 0
        while True:
            tries += 1
            try:
                return once()
            except RoomError as need:
                self._slot = max(self._slot, aligned(need.room))
            except errors.WorkerError as error:
                if error.kind == "RoomError":
                    self._result = max(self._result, aligned(error.room))
                elif not error.is_loss or tries >= TRIES:
                    raise
            self._forget_map()
            if is_cancelled():
                raise errors.cancelled()

    def _mapped(self, is_cancelled: Wanted) -> PixelMap:
        if self._map is None:
            instance = self.opened["instance"]
            facts = self._ask(Map(instance=instance, bytes=self._slot + self._result), is_cancelled)
            try:
                self._map = PixelMap(facts["path"], facts["bytes"])
            except OSError as error:
                raise errors.WorkerError(
                    "OutputError", f"the worker's map cannot be opened: {error}", "see `vfxai worker log`"
                ) from error
            self._ask(Mapped(instance=instance), is_cancelled)
        return self._map

    def _forget_map(self) -> None:
        placed, self._map = self._map, None
        if placed:
            placed.close()

    def _talk(self, message: Any, fetch: Fetch, is_cancelled: Wanted, tell: Tell | None) -> dict[str, Any]:
        """Gives what is wanted until the answer comes."""
        if self._link is None:
            raise errors.lost("the instance is not open")
        exchange, facts = Exchange(self._link, message), {}
        try:
            for facts in exchange.lines(is_cancelled):
                if facts.get("event") == "want":
                    self._link.send(self._put(exchange.id, facts, fetch))
                elif "ok" not in facts and tell:
                    tell({name: value for name, value in facts.items() if name != "id"})
        except BaseException:
            exchange.cancel()
            self._forget_map()  # until it has stopped the worker may still write there
            raise
        return facts

    def _put(self, job: int, want: dict[str, Any], fetch: Fetch) -> Put:
        name, time, have = want["input"], want["time"], want["have"]
        answer, given = Put(job=job, input=name, time=time), fetch(name, time, have)
        if given is None:
            return replace(answer, missing=True)
        if isinstance(given, Same) or (have and given.image == have):
            return replace(answer, image=have, same=True)
        if self._map is None or given.size > self._slot:
            raise RoomError(given.size)
        self._map.write(0, given)
        place: dict[str, Any] = {name: getattr(given, name) for name in ("x", "y", "width", "height", "channels", "image")}
        return replace(answer, **place)
