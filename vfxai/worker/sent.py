"""The frames of an instance's inputs, which its client sends when they are wanted."""

from dataclasses import replace

import torch

from vfxai.errors import MissingInputError, ParameterError
from vfxai.image.box import Box
from vfxai.image.clip import Clip
from vfxai.image.frame import Frame
from vfxai.schema import frames as ranges
from vfxai.schema.node import Node
from vfxai.schema.vocabulary import Mask
from vfxai.session.clips import SourceClip
from vfxai.session.request import in_work
from vfxai.worker.client.requests import Open, Put
from vfxai.worker.exchange import Exchange
from vfxai.worker.maps import MappedFile
from vfxai.worker.pictures import KeptPicture, PictureCache
from vfxai.worker.planes import Buffers, frame_of_put

CHANNELS = "RGBA"
"""Of a picture that a client sends."""
NOTHING = "\0missing"
"""Image id of what a client says it has no picture of; no client can send it, since ids with it are refused."""

AT_LEAST = 8
"""Pictures that are kept of each input: people step back. More for nodes that look far around."""


class SentInputs:
    """Plate and other inputs of one instance as clips. Pictures are kept for all instances together; which picture each frame was is kept here."""

    def __init__(self, opened: Open, node: type[Node], pictures: PictureCache) -> None:
        """ParameterError where an input is connected that the node does not have."""
        self.opened, self._pictures = opened, pictures
        self.map: MappedFile | None = None
        """Where the client puts pixels."""
        self._known: dict[tuple[str, int], str] = {}
        """Image id of every picture that a session may have seen."""
        self._buffers = Buffers()
        self.most = AT_LEAST
        """Pictures of an input that are kept."""
        self.changes = 0
        """How often a picture came to be another one than was seen before."""
        if opened.first > opened.last or opened.width < 1 or opened.height < 1:
            raise ParameterError(
                f"expected a format and a frame range, got {opened.width}x{opened.height}, {opened.first}-{opened.last}",
                remedy="send both",
            )
        if opened.mask_channel not in ("", *CHANNELS):
            raise ParameterError(f"mask_channel: expected R, G, B or A, got {opened.mask_channel!r}", remedy="send one of these")
        self.range = range(opened.first, opened.last + 1)
        self._masks = {one.name: one for one in node.inputs if isinstance(one, Mask)}
        allowed = [one.name for one in node.inputs if one.name != "plate"]
        self.plate = self._clip("plate", tuple(self.range))
        self.others: dict[str, Clip] = {}
        for text in opened.inputs:
            name, _, frames = text.partition("=")
            if name not in allowed:
                raise ParameterError(
                    f"inputs: {node.id} has no input {name!r}", remedy=f"it has {', '.join(allowed) or 'only the plate'}"
                )
            self.others[name] = self._clip(name, ranges.numbers(frames) if frames else tuple(self.range))

    def _clip(self, name: str, frames: tuple[int, ...]) -> Clip:
        return SourceClip(frames, lambda time: self._fetch(name, time), still=len(frames) == 1 and name != "plate")

    def check(self, centre: int, needs: tuple[int, ...], *, ahead: bool) -> None:
        """Asks, for the request in work, whether the pictures that a frame may be made of are still those that were seen, and with `ahead` for those
        of the plate that were never sent. To be done before a session is used: what it has made of others is of no use then.

        `centre` is the plate's frame in the middle of `needs`. A matte by which the session mixes counts for that one alone, so that hosts, which
        render mattes too, need not have others at hand.
        """
        for number in needs:
            if ahead or ("plate", number) in self._known or number == centre:
                self._settled("plate", number)
        for name, clip in self.others.items():
            mask = self._masks.get(name)
            for number in (centre,) if mask and mask.mixes else needs:
                shown = clip.shown(number)
                if (name, shown) in self._known or (number == centre and clip.has(shown)):
                    self._settled(name, shown)

    def _fetch(self, name: str, time: int) -> Frame:
        self._settled(name, time)
        if self._known.get((name, time)) == NOTHING:
            return self._nothing(name, time)
        kept = self._pictures.get(self, name, time)
        if kept is not None:
            return kept.frame
        exchange = self._exchange()
        exchange.checked.discard((name, time))  # it went because room was short: sent again
        self._settled(name, time)
        kept = self._pictures.get(self, name, time)
        return self._nothing(name, time) if kept is None else kept.frame

    def _settled(self, name: str, time: int) -> None:
        """Has the client say, once a request, what the picture is, and send it where it is not here."""
        exchange = self._exchange()
        if (name, time) in exchange.checked:
            return
        kept = self._pictures.get(self, name, time)
        have = kept.image if kept else ""
        exchange.want(name, time, have, lambda put: self._take(put, have))
        exchange.checked.add((name, time))

    def _take(self, put: Put, have: str) -> None:
        """Takes what the client gives. Called while the place in the map is the client's last word: before anything more is asked of it."""
        key = (put.input, put.time)
        if put.same:
            if not have or put.image != have:
                raise ParameterError(
                    f"{put.input} at {put.time}: 'same' as {put.image!r}, which is not here", remedy="send its pixels"
                )
            return
        image = NOTHING if put.missing else put.image
        if not put.missing:
            if self.map is None:
                raise ParameterError("put: this instance has no map", remedy="ask for one with `map`")
            if "\0" in put.image:
                raise ParameterError("image: expected a text without a zero character", remedy="send another text")
            frame = frame_of_put(self.map.memory, put, self.opened, self._buffers)
            if put.input in self._masks and self.opened.mask_channel and put.channels > 1:
                frame = self._of_channel(frame, put)
            self._pictures.put(self, put.input, put.time, KeptPicture(put.image, frame), self.most)
        if key in self._known and (not image or self._known[key] != image):
            self.changes += 1
        self._known[key] = image

    def _of_channel(self, frame: Frame, put: Put) -> Frame:
        """A matte's picture of the channel that was named, as the gray picture that it is then."""
        at = CHANNELS.index(self.opened.mask_channel)
        if at >= put.channels:
            raise ParameterError(
                f"{put.input} at {put.time} has no channel {self.opened.mask_channel}, but {CHANNELS[: put.channels]}",
                remedy="name one of these as mask_channel",
            )
        planes = frame.color if frame.alpha is None else torch.cat([frame.color, frame.alpha])
        return replace(frame, color=planes[at : at + 1], alpha=None)

    def _nothing(self, name: str, time: int) -> Frame:
        """What stands for a picture that the client does not have: a matte that changes nothing. MissingInputError for anything else."""
        mask = self._masks.get(name)
        if mask is None:
            raise MissingInputError(f"the client has no {name} at {time}", remedy="check the frame range of what is connected")
        level = 1.0 if mask.mixes and not mask.keeps else 0.0
        box = Box(0, 0, self.opened.width, self.opened.height)
        return Frame(torch.full((1, box.height, box.width), level), None, False, "", box, box, self.opened.pixel_aspect)

    def forget(self) -> None:
        """Gives up what is kept."""
        self._pictures.forget(self)
        if self.map is not None:
            self.map.close()

    @staticmethod
    def _exchange() -> Exchange:
        exchange = in_work()
        if not isinstance(exchange, Exchange):
            raise MissingInputError("nobody is there to send frames", remedy="this is a defect of the worker")
        return exchange
