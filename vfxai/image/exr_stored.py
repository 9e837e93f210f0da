"""What is kept of an EXR file between reading and writing: every part, channel and attribute in its stored type."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import OpenEXR
import torch
from torch import Tensor

from vfxai.image.box import Box
from vfxai.image.channels import Kind, Told, by_spelling, is_color, layer_name, told_by
from vfxai.image.geometry import Geometry


@dataclass(frozen=True)
class StoredExr:
    """A file as read, and which of its channels the frame's tensors came from."""

    file: Any
    """OpenEXR.File with all parts, pixels as numpy arrays in their stored types."""
    part: int
    color_channels: tuple[str, ...]
    alpha_channel: str | None
    color: Tensor | None
    """The tensor handed out: where a frame still holds it, the stored arrays are written. None after a change of size."""
    alpha: Tensor | None
    foreign: Mapping[tuple[int, str], bytes] = field(default_factory=dict)
    """Text of the header that is no UTF-8, by part and attribute, as it is put back."""
    typed: bool = True
    """Whether the file's header has a `type`, which one of a single part need not have."""

    def resized(self, geometry: Geometry) -> "StoredExr":
        """All parts and channels in another size: cubic for what is known to be colour, nearest for everything else.

        The processed channels are left empty, for the frame's own pixels.
        """
        parts = []
        told = told_by(p.header for p in self.file.parts)
        for index, part in enumerate(self.file.parts):
            blended = {name for name, kind in kinds_of(part, told).items() if kind in (Kind.BEAUTY, Kind.COLOR)}
            header = {k: v for k, v in part.header.items() if k not in ("channels", "chunkCount")}
            box = box_of(header["dataWindow"])
            new = geometry.data_window(box)
            channels = {}
            for name, channel in part.channels.items():
                if index == self.part and name in (*self.color_channels, self.alpha_channel):
                    pixels = np.zeros((new.height, new.width), channel.pixels.dtype)
                else:
                    pixels = _resized_channel(channel.pixels, name in blended, box, geometry)
                channels[name] = OpenEXR.Channel(name, pixels, 1, 1, channel.pLinear)
            header |= {"dataWindow": corners(new), "displayWindow": corners(geometry.display)}
            header["pixelAspectRatio"] = geometry.pixel_aspect
            parts.append(OpenEXR.Part(header, channels, part.name()))
        return replace(self, file=OpenEXR.File(parts), color=None, alpha=None)

    def labelled(self, old: Collection[str], new: Mapping[str, Any]) -> "StoredExr":
        """With new attributes of the processed part in the place of old ones."""
        parts = []
        for index, part in enumerate(self.file.parts):
            gone = {"channels", "chunkCount", *(old if index == self.part else ())}
            header = {k: v for k, v in part.header.items() if k not in gone} | (dict(new) if index == self.part else {})
            parts.append(OpenEXR.Part(header, dict(part.channels), part.name()))
        foreign = {k: v for k, v in self.foreign.items() if k[0] != self.part or k[1] not in old}
        return replace(self, file=OpenEXR.File(parts), foreign=foreign)

    def besides(self) -> list[str]:
        """Names of the channels that are not in the frame's tensors; those of other parts with the part's name or number before."""
        found = []
        for index, part in enumerate(self.file.parts):
            taken = (*self.color_channels, self.alpha_channel) if index == self.part else ()
            found += [n if index == self.part else f"{part.name() or index}:{n}" for n in part.channels if n not in taken]
        return found

    def unknown(self) -> list[str]:
        """Names of the layers with channels of colour of which no name says that they are colour; nothing blends them."""
        told = told_by(p.header for p in self.file.parts)
        found: dict[str, None] = {}
        for index, part in enumerate(self.file.parts):
            for name, kind in kinds_of(part, told).items():
                if kind is Kind.UNKNOWN and not (index == self.part and name in self.color_channels):
                    found[layer_name(name) or part.name()] = None
        return list(found)

    def channel(self, name: str) -> Tensor | None:
        """(1, H, W) float32 of a channel of the processed part as read; None where there is none of this name."""
        channels = self.file.parts[self.part].channels
        return torch.from_numpy(channels[name].pixels.astype(np.float32)[None]) if name in channels else None


def kinds_of(part: Any, told: Told) -> dict[str, Kind]:
    """What each channel of a part holds; a part may be its channels' layer. Data whatever is not named as colour, or holds ids.

    Layers whose names differ in capitals only are one, as programs that tell no capitals from small letters have it; what the least sure name says counts.
    """
    layers: dict[str, dict[str, list[str]]] = {}
    for name in part.channels:
        layer = layer_name(name) or part.name() or ""
        layers.setdefault(layer.lower(), {}).setdefault(layer, []).append(name)
    found: dict[str, Kind] = {}
    for spelled in layers.values():
        names = [name for own in spelled.values() for name in own]
        kind = max(map(told.kind, spelled), key=LEAST_SURE.index)
        for alike in by_spelling(names):
            if set(alike) & {"x", "z"} or _are_ids({word: part.channels[name].pixels for word, name in alike.items()}):
                kind = Kind.DATA
        found |= {name: kind if is_color(name) else Kind.DATA for name in names}
    return found


LEAST_SURE = (Kind.BEAUTY, Kind.COLOR, Kind.UNKNOWN, Kind.DATA)
"""From what may be blended to what may not."""
RUNS = 0.5
"""Share of the samples of an id pass that are exactly as the one beside them; noise of half a bit leaves a picture next to none."""
TAME = 1e5
"""Colours lie between this and its inverse; of hashes, whose exponents are spread evenly, two in three do not."""
SPARSE = 8
"""Every which line is looked at."""


def _are_ids(pixels: Mapping[str, np.ndarray[Any, Any]]) -> bool:
    """Whether a layer's values are those of Cryptomatte (Friedman and Jones 2015): floats that are hashes, beside how much of the pixel is theirs."""
    ids = pixels.get("r", pixels.get("red"))
    if ids is None or ids.dtype != np.float32 or ids.shape[1] < 2:
        return False
    ids = ids[::SPARSE]
    there = ids[:, 1:] != 0
    if not there.any() or (ids[:, 1:] == ids[:, :-1])[there].mean() < RUNS:
        return False
    size = np.abs(ids[:, 1:][there].astype(np.float64))
    if ((size > TAME) | (size < 1 / TAME)).mean() > 0.01:
        return True
    shares = [pixels.get(word) for word in ("g", "a")]
    if any(s is None or s.dtype != np.float32 for s in shares):
        return False
    first, second = (s[::SPARSE] for s in shares if s is not None)
    outside = bool((ids < 0).any() or (ids > 1).any())
    return outside and bool((second >= 0).all() and (first <= 1).all() and (first >= second).all())


def _resized_channel(pixels: np.ndarray[Any, Any], color: bool, box: Box, geometry: Geometry) -> np.ndarray[Any, Any]:
    if pixels.dtype == np.uint32 or not color:
        plane = torch.from_numpy(np.ascontiguousarray(pixels).view(np.int32 if pixels.dtype == np.uint32 else pixels.dtype))
        return np.asarray(geometry.resample(plane[None], box, "nearest")[0].numpy()).view(pixels.dtype)
    plane = torch.from_numpy(pixels.astype(np.float32))
    return to_type(geometry.blended(plane[None], box)[0].numpy(), pixels.dtype)


def box_of(window: Any) -> Box:
    """A window as OpenEXR's module gives it; ValueError where it is empty."""
    (x0, y0), (x1, y1) = (tuple(int(v) for v in corner) for corner in window)
    if x1 < x0 or y1 < y0:
        raise ValueError("empty window")
    return Box(x0, y0, x1 - x0 + 1, y1 - y0 + 1)


def to_type(values: np.ndarray[Any, Any], dtype: Any) -> np.ndarray[Any, Any]:
    """Float32 values (any, shape) as half or as they are.

    Half rounds to nearest even; finite values beyond 65504 become 65504; NaN and infinities stay.
    """
    if dtype != np.float16:
        return np.ascontiguousarray(values, dtype)
    limit = np.float32(65504)
    bounded = np.where(np.isfinite(values), np.clip(values, -limit, limit), values)
    return np.asarray(torch.from_numpy(np.ascontiguousarray(bounded)).to(torch.float16).numpy())


def corners(box: Box) -> tuple[Any, Any]:
    """A window as OpenEXR's module takes it: first and last pixel."""
    corner = np.array([box.x + box.width - 1, box.y + box.height - 1], np.int32)
    return np.array([box.x, box.y], np.int32), corner
