"""A node instance: one node with values, over frames that its client has in memory."""

import base64
import binascii
import json
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vfxai.color.config import Config
from vfxai.errors import ParameterError
from vfxai.image.clip import Clip
from vfxai.models.pool import Pool
from vfxai.schema import registry
from vfxai.schema.node import Node
from vfxai.session.analyses import Analyses
from vfxai.session.clips import SourceClip
from vfxai.session.request import serving
from vfxai.session.session import Session
from vfxai.session.stage import Stage
from vfxai.worker.client.answers import AnalyzeAnswer, NeedsAnswer, OpenAnswer, RenderAnswer
from vfxai.worker.client.requests import Open, Render
from vfxai.worker.exchange import Exchange
from vfxai.worker.maps import MappedFile
from vfxai.worker.named import NamedInputs
from vfxai.worker.pictures import PictureCache
from vfxai.worker.planes import room_for, write_result
from vfxai.worker.reduced import ReducedClip
from vfxai.worker.sent import AT_LEAST, SentInputs

LONGEST_ANALYSIS = 900_000
"""Characters of an analysis that fit into a line with all else; one that is longer stays in the worker."""


class RoomError(ParameterError):
    """A result does not fit in the place that the client gave it."""

    def __init__(self, room: int, given: int) -> None:
        super().__init__(f"the result takes {room} bytes, its place has {given}", remedy="ask for a larger map and render again")
        self.room = room


class Instance:
    """One node over a client's frames. Thread-safe; frames are asked for by the request that needs them."""

    def __init__(self, number: int, opened: Open, config: Config, pool: Pool, pictures: PictureCache) -> None:
        """ParameterError, ColorSpaceError where the facts make no sense."""
        self.number, self.opened, self._config, self._pool = number, opened, config, pool
        if opened.channels not in (3, 4) or opened.learn not in ("shot", "window"):
            raise ParameterError(
                f"expected channels 3 or 4 and learn shot or window, got {opened.channels} and {opened.learn!r}",
                remedy="send one of these",
            )
        if opened.colorspace:
            opened = replace(opened, colorspace=config.canonical(opened.colorspace))
        kind = registry.get(opened.node)
        self.inputs = SentInputs(opened, kind, pictures)
        self._named = NamedInputs(kind, opened.values, opened.colorspace, config)
        self._node: Node = kind(**self._named.values)
        self._make_room()
        if opened.analysis:
            self._analyses: Analyses | None = unpacked(opened.analysis)
            self._analyses.check([kind.id])
        else:
            self._analyses = None
        self._sessions: dict[int, Session] = {}
        """By the longest side that the plate is reduced to; 0 is its own size."""
        self._seen = 0
        self._lock = threading.RLock()

    def _make_room(self) -> None:
        """Has pictures kept for two windows, so that a window that moves or jumps and comes back finds its own."""
        window = self._node.temporal_window()
        self.inputs.most = max(AT_LEAST, 2 * (window.before + window.after + 1))

    def answer(self) -> OpenAnswer:
        """What a client is told of the instance."""
        width, height = self._node.output_size(self.opened.width, self.opened.height, self.opened.pixel_aspect)
        window = self._node.temporal_window()
        learns = type(self._node).analyze is not Node.analyze and self._analyses is None and not self._node.leaves_plate()
        return OpenAnswer(
            instance=self.number, width=width, height=height, identity=self._node.leaves_plate(), before=window.before, after=window.after,
            analysis=learns,
        )  # fmt: skip

    def set(self, values: dict[str, Any]) -> OpenAnswer:
        """Other values. What was learned stays where only such values changed as may be animated, on which no analysis depends."""
        with self._lock:
            named = NamedInputs(type(self._node), values, self.inputs.opened.colorspace, self._config)
            node = type(self._node)(**named.values)
            parameters = node.parameters()
            if named.patterns != self._named.patterns or any(
                getattr(node, name) != getattr(self._node, name) for name, one in parameters.items() if not one.animated
            ):
                self._analyses = None
            self._node, self._named = node, named
            self._make_room()
            self._sessions.clear()
            return self.answer()

    def needs(self, number: int) -> NeedsAnswer:
        """What a frame is made of; ParameterError where that is known only after an analysis."""
        if type(self._node).timeline is not Node.timeline and self._analyses is None and not self._node.leaves_plate():
            raise ParameterError(f"which frames {self._node.id} needs is known after its analysis", remedy="send `analyze` first")
        session = self._session(0)
        times = session.needs(number)
        found = [("plate", one) for one in times]
        found += [(name, clip.shown(number)) for name, clip in self.inputs.others.items() if clip.has(clip.shown(number))]
        return NeedsAnswer(inputs=tuple(name for name, _ in found), times=tuple(one for _, one in found))

    def render(self, message: Render, exchange: Exchange) -> RenderAnswer:
        """Makes a frame and puts it into the map. RoomError where it does not fit there."""
        started, placed = time.monotonic(), self.inputs.map
        if placed is None:
            raise ParameterError("render: this instance has no map", remedy="ask for one with `map`")
        with serving(exchange):
            learned = self._learn(message, exchange)
            window = self._node.temporal_window()
            session = self._session(message.longest)
            needs = session.needs(message.time)
            self.inputs.check(session.origin(message.time), needs, ahead=not window.lazy)
        session = self._session(message.longest)
        frame = session.frame(message.time, exchange)
        room = room_for(frame, self.opened.channels)
        if room > message.bytes:
            raise RoomError(room, message.bytes)
        answer = write_result(placed.memory, message.offset, frame, self.opened.channels)
        seconds, facts = round(time.monotonic() - started, 4), exchange.facts(message.time)
        return replace(answer, seconds=seconds, facts=facts, analysis=packed(learned) if learned else "")

    def analyze(self, exchange: Exchange) -> AnalyzeAnswer:
        """Learns from the whole shot."""
        self._analyses = self._session(0).analyze(exchange)
        frames = self._session(0).frames
        return AnalyzeAnswer(analysis=packed(self._analyses), hash=self._analyses.hash, first=frames[0], last=frames[-1])

    def close(self) -> None:
        """Gives up what is kept for it."""
        self.inputs.forget()

    def rest(self) -> None:
        """Gives up frames that are kept for the next ones; what was learned and what was sent stay."""
        with self._lock:
            self._sessions.clear()

    def place(self, placed: MappedFile) -> None:
        """Another map for what is sent and made from now on."""
        if self.inputs.map is not None:
            self.inputs.map.close()
        self.inputs.map = placed

    def _learn(self, message: Render, exchange: Exchange) -> Analyses | None:
        """What is learned for a frame from those around it, where that is asked for and nothing is known; of a preview it is not kept."""
        learns = type(self._node).analyze is not Node.analyze and not self._node.leaves_plate()
        known = self._analyses is not None and (not message.longest or self._node.analysis_scales)
        if not learns or known or (self.opened.learn == "shot" and not message.longest):
            return None
        window = self._node.temporal_window()
        around = [n for n in range(message.time - window.before, message.time + window.after + 1) if n in self.inputs.range]
        plate = self.inputs.plate
        shot = SourceClip(around, plate.__getitem__)
        session = self._made(message.longest, shot, None)
        found = session.analyze(exchange)
        with self._lock:
            if message.longest:
                self._sessions[message.longest] = self._made(message.longest, plate, found)
                return None
            self._analyses = found
            self._sessions.clear()
        return found

    def _session(self, longest: int) -> Session:
        """The session for a size, made anew where a picture came to be another one."""
        with self._lock:
            if self._seen != self.inputs.changes:
                self._seen = self.inputs.changes
                self._sessions.clear()
            if longest not in self._sessions:
                known = None if longest and not self._node.analysis_scales else self._analyses
                self._sessions[longest] = self._made(longest, self.inputs.plate, known)
            return self._sessions[longest]

    def _made(self, longest: int, plate: Clip, analyses: Analyses | None) -> Session:
        shaped: Callable[[Clip], Clip] = (lambda clip: ReducedClip(clip, longest)) if longest else (lambda clip: clip)
        others = {name: shaped(clip) for name, clip in self.inputs.others.items()}
        stage = Stage(self._node, others | self._named.clips)
        return Session(shaped(plate), [stage], pool=self._pool, config=self._config, analyses=analyses)


def packed(analyses: Analyses) -> str:
    """Analyses as a text for a client to keep, without line breaks or quotes; "" where there is nothing to keep, or too much for a line."""
    if analyses.is_empty:
        return ""
    text = base64.b64encode(zlib.compress(json.dumps(analyses.to_dict()).encode(), 9)).decode("ascii")
    return text if len(text) <= LONGEST_ANALYSIS else ""


def unpacked(text: str) -> Analyses:
    """What packed() made; ParameterError for anything else."""
    try:
        unpack = zlib.decompressobj()
        data = unpack.decompress(base64.b64decode(text, validate=True), 64 << 20)
        return Analyses.from_dict(json.loads(data))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ParameterError(
            f"analysis: this is no text of an analysis: {error}", remedy="send it as it came, or none to learn anew"
        ) from error
