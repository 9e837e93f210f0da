"""Reads EXR files through OpenEXR, and is the door to all other formats. What is read is kept in its stored type for vfxai.image.write.

A file is read whole: every part, channel and attribute. Only the channels of one layer become `Frame.color` and `Frame.alpha`; the rest
waits untouched in `Frame.stored`. Mip-map levels below the first are not kept (OpenEXR's module reads the first): such a file is
written with one level and otherwise as it was.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import torch
from torch import Tensor

from vfxai.errors import InputError, MissingInputError, UnreadableInputError, UnsupportedInputError
from vfxai.image.frame import Box, Frame
from vfxai.image.geometry import Geometry
from vfxai.image.header import Header, PartHeader

OpenEXR.set_global_thread_count(os.cpu_count() or 1)  # it compresses on the caller's thread alone unless told
MAX_PIXEL_BYTES = 16 * 2**30
"""A header that claims more than this is taken for damaged; the largest plates in use (16K, 20 layers) stay below."""
MAX_RATIO = 3000
"""Raw bytes per byte of file above which a header is taken for damaged; ZIP reaches about 1000 on a constant picture."""


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

    def resized(self, geometry: Geometry) -> "StoredExr":
        """All parts and channels in another size: cubic for colours and alpha, nearest for everything else.

        Colours are channels named as such, in half or float, that are neither coordinates nor Cryptomatte ids; see _colours().
        The processed channels are left empty, for the frame's own pixels.
        """
        parts = []
        cryptomatte = _cryptomatte(self.file.parts)
        for index, part in enumerate(self.file.parts):
            colours = _colours(part, cryptomatte)
            header = {k: v for k, v in part.header.items() if k not in ("channels", "chunkCount")}
            box = _box(header["dataWindow"])
            new = geometry.data_window(box)
            channels = {}
            for name, channel in part.channels.items():
                if index == self.part and name in (*self.color_channels, self.alpha_channel):
                    pixels = np.zeros((new.height, new.width), channel.pixels.dtype)
                else:
                    pixels = _resized_channel(channel.pixels, name in colours, box, geometry)
                channels[name] = OpenEXR.Channel(name, pixels, 1, 1, channel.pLinear)
            header |= {"dataWindow": corners(new), "displayWindow": corners(geometry.display)}
            header["pixelAspectRatio"] = geometry.pixel_aspect
            parts.append(OpenEXR.Part(header, channels, part.name()))
        return replace(self, file=OpenEXR.File(parts), color=None, alpha=None)


ALPHAS = ("A", "a", "alpha")
COLOURS = frozenset({"r", "g", "b", "a", "y", "red", "green", "blue", "alpha"})
"""Last part of the names of channels that hold colour; ids, depth, vectors and positions are named otherwise."""


def is_colour(channel: str) -> bool:
    """Whether a channel is named as colour."""
    return channel.rpartition(".")[2].lower() in COLOURS


def _cryptomatte(parts: Sequence[Any]) -> re.Pattern[str]:
    """Of layers that hold Cryptomatte ids (Friedman and Jones 2015): two digits after a name that the header tells, or that says crypto."""
    told = [str(v) for p in parts for k, v in p.header.items() if re.fullmatch("cryptomatte/[^/]+/name", k)]
    return re.compile(rf"(.*\.)?({'|'.join([*map(re.escape, told), 'crypto[^.]*'])})\d\d", re.IGNORECASE)


def _colours(part: Any, cryptomatte: re.Pattern[str]) -> set[str]:
    """Channels whose values may be blended: named as colour, no Cryptomatte, no Y beside an X or Z. A part may be its channels' layer."""
    layers = {name: layer_name(name) or part.name() or "" for name in part.channels}
    points = {layer for name, layer in layers.items() if name.rpartition(".")[2].lower() in ("x", "z")}
    return {
        name
        for name, layer in layers.items()
        if is_colour(name) and not cryptomatte.fullmatch(layer) and not (name.lower().endswith("y") and layer in points)
    }


def _resized_channel(pixels: np.ndarray[Any, Any], colour: bool, box: Box, geometry: Geometry) -> np.ndarray[Any, Any]:
    if pixels.dtype == np.uint32 or not colour:
        plane = torch.from_numpy(np.ascontiguousarray(pixels).view(np.int32 if pixels.dtype == np.uint32 else pixels.dtype))
        return np.asarray(geometry.resample(plane[None], box, "nearest")[0].numpy()).view(pixels.dtype)
    plane = torch.from_numpy(pixels.astype(np.float32))
    return to_type(geometry.blended(plane[None], box)[0].numpy(), pixels.dtype)


@dataclass(frozen=True)
class Packed:
    """A file as read, in its stored types: what is worth keeping of a frame that may be asked for again."""

    frame: Callable[[], Frame]
    """The frame, made anew on every call."""
    attributes: Mapping[str, Any]
    """Those of the frame."""
    size: int
    """Bytes that it holds."""


def read_frame(path: Path, layer: str | None = None) -> Frame:
    """The frame of a picture file; see read_packed()."""
    return read_packed(path, layer).frame()


def read_packed(path: Path, layer: str | None = None) -> Packed:
    """Reads a picture file. `layer` names a layer, view or part; None takes the first with R, G, B or Y.

    Colour is float32, exact for half and float, premultiplied as EXR stores it. Raises MissingInputError, UnreadableInputError
    for damaged files, UnsupportedInputError for deep and luminance-chroma files and InputError where the layer is not there.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingInputError(f"{path} is not there", remedy="check the path and the frame range")
    if not is_exr(path):
        from vfxai.image import formats

        frame = formats.read_frame(path, layer)
        return Packed(lambda: frame, frame.attributes, frame.color.numel() * 8)
    return _read_exr(path, layer)


def is_exr(path: Path) -> bool:
    """Whether a file is EXR by its first bytes, or by name where it is too short to tell."""
    with path.open("rb") as stream:
        return stream.read(4) == b"\x76\x2f\x31\x01" or path.suffix.lower() == ".exr"


def _open(path: Path, header_only: bool) -> Any:
    try:
        return OpenEXR.File(str(path), separate_channels=True, header_only=header_only)
    except MemoryError as error:
        raise UnreadableInputError(f"{path} asks for more memory than there is", remedy="the file is probably damaged") from error
    except Exception as error:  # OpenEXR raises RuntimeError, ValueError, UnicodeDecodeError and more on damaged files
        reason = str(error).replace(str(path), "the file").strip() or type(error).__name__
        raise UnreadableInputError(f"{path} is damaged or no EXR: {reason}", remedy="render or copy this frame again") from error


def read_header(path: Path) -> Header:
    """Facts of a file without its pixels, for `vfxai info` and for checks before reading."""
    path = Path(path)
    if not path.is_file():
        raise MissingInputError(f"{path} is not there", remedy="check the path and the frame range")
    if not is_exr(path):
        from vfxai.image import formats

        return formats.read_header(path)
    parts = []
    for part in _open(path, header_only=True).parts:
        fields = dict(part.header)
        channels = {c.name: (c.xSampling, c.ySampling) for c in fields.pop("channels", [])}
        try:
            window, display = _box(fields["dataWindow"]), _box(fields["displayWindow"])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise UnreadableInputError(f"{path} has no usable data window", remedy="render or copy this frame again") from error
        parts.append(PartHeader(str(fields.get("name", "")), str(part.type()).split(".")[-1], channels, window, display, fields))
    if not parts:
        raise UnreadableInputError(f"{path} has no part", remedy="render or copy this frame again")
    return Header(path, "exr", tuple(parts))


def _check(header: Header) -> None:
    """Refuses what would not come back as it was, before any pixel is read."""
    size = header.path.stat().st_size
    total = 0
    for part in header.parts:
        if "deep" in part.storage:
            raise UnsupportedInputError(
                f"{header.path} is a deep image",
                remedy="flatten it first (DeepToImage in Nuke, oiiotool --flatten); vfxai works on flat pixels",
            )
        if any(sampling != (1, 1) for sampling in part.channels.values()):
            raise UnsupportedInputError(
                f"{header.path} is luminance-chroma or has subsampled channels",
                remedy="convert it to R, G, B first (oiiotool does)",
            )
        total += part.data_window.width * part.data_window.height * len(part.channels) * 4
    if total > MAX_PIXEL_BYTES or total > MAX_RATIO * max(size, 1) + 2**24:
        raise UnreadableInputError(
            f"{header.path} claims {total / 2**30:.1f} GiB of pixels in a file of {size} bytes",
            remedy="the file is damaged; render or copy it again",
        )


def _read_exr(path: Path, layer: str | None) -> Packed:
    header = read_header(path)
    _check(header)
    file = _open(path, header_only=False)
    if len(file.parts) != len(header.parts) or any(
        set(p.channels) != set(h.channels) for p, h in zip(file.parts, header.parts, strict=True)
    ):
        raise UnreadableInputError(
            f"{path} is truncated or damaged: some pixels cannot be decoded", remedy="render or copy this frame again"
        )
    index, color_names, alpha_name = choose_layer(header, layer)
    channels = file.parts[index].channels
    if any(channels[n].pixels.dtype == np.uint32 for n in color_names):
        raise UnsupportedInputError(
            f"{path}: {', '.join(color_names)} hold whole numbers, not colour", remedy="choose another --layer"
        )
    size = sum(c.pixels.nbytes for p in file.parts for c in p.channels.values())
    part = header.parts[index]
    return Packed(lambda: _frame(file, part, index, color_names, alpha_name), part.attributes, size)


def _frame(file: Any, part: PartHeader, index: int, color_names: tuple[str, ...], alpha_name: str | None) -> Frame:
    channels = file.parts[index].channels
    color = torch.empty((len(color_names), part.data_window.height, part.data_window.width))
    for plane, name in zip(color, color_names, strict=True):
        plane.copy_(torch.from_numpy(channels[name].pixels))
    alpha = torch.from_numpy(channels[alpha_name].pixels).to(torch.float32, copy=True)[None] if alpha_name else None
    return Frame(
        color=color,
        alpha=alpha,
        premultiplied=alpha is not None,
        colorspace="",
        data_window=part.data_window,
        display_window=part.display_window,
        pixel_aspect=float(part.attributes.get("pixelAspectRatio", 1.0)),
        attributes=part.attributes,
        stored=StoredExr(file, index, color_names, alpha_name, color, alpha),
    )


def choose_layer(header: Header, layer: str | None) -> tuple[int, tuple[str, ...], str | None]:
    """Part index, colour channels and alpha channel of a layer, of the first colour where `layer` is None; of alpha alone, as mattes are, alpha is the colour."""
    for index, part in enumerate(header.parts):
        prefixes = [""] if layer in (None, part.name) else []
        if layer:
            prefixes.append(f"{layer}.")
        for prefix in prefixes:
            for names in (("R", "G", "B"), ("r", "g", "b"), ("red", "green", "blue"), ("Y",), ("R",), ("G",), ("B",)):
                wanted = tuple(prefix + n for n in names)
                if all(w in part.channels for w in wanted):
                    alpha = next((prefix + a for a in ALPHAS if prefix + a in part.channels), None)
                    return index, wanted, alpha
        if layer and layer in part.channels:
            return index, (layer,), None
    channels = [c for p in header.parts for c in p.channels]
    if not layer and len(channels) == 1 and channels[0] in ALPHAS:
        return 0, (channels[0],), None
    known = sorted(
        {layer_name(c) or "the default layer" for p in header.parts for c in p.channels}
        | {p.name for p in header.parts if p.name}
    )
    if layer:
        raise InputError(f"{header.path} has no layer {layer!r}", remedy=f"choose one of: {', '.join(known)}")
    raise UnsupportedInputError(
        f"{header.path} has no R, G, B or Y to process", remedy=f"choose a --layer of: {', '.join(known)}"
    )


def layer_name(channel: str) -> str:
    """The layer a channel name belongs to: "diffuse" of "diffuse.R", "" of "R"."""
    return channel.rpartition(".")[0]


def _box(window: Any) -> Box:
    (x0, y0), (x1, y1) = (tuple(int(v) for v in corner) for corner in window)
    if x1 < x0 or y1 < y0:
        raise ValueError("empty window")
    return Box(x0, y0, x1 - x0 + 1, y1 - y0 + 1)


def stored_channel(frame: Frame, name: str) -> Tensor | None:
    """(1, H, W) float32 of any channel that a node added or of the processed part as read; None where there is none of this name."""
    if name in frame.layers:
        return frame.layers[name]
    stored = frame.stored
    channels = stored.file.parts[stored.part].channels if isinstance(stored, StoredExr) else {}
    return torch.from_numpy(channels[name].pixels.astype(np.float32)[None]) if name in channels else None


def to_type(values: np.ndarray[Any, Any], dtype: Any) -> np.ndarray[Any, Any]:
    """Float32 as half, rounding to nearest even and holding finite values at 65504, or as float32."""
    if dtype != np.float16:
        return np.ascontiguousarray(values, dtype)
    limit = np.float32(65504)
    bounded = np.where(np.isfinite(values), np.clip(values, -limit, limit), values)
    return np.asarray(torch.from_numpy(np.ascontiguousarray(bounded)).to(torch.float16).numpy())


def corners(box: Box) -> tuple[Any, Any]:
    """A window as OpenEXR's module takes it: first and last pixel."""
    corner = np.array([box.x + box.width - 1, box.y + box.height - 1], np.int32)
    return np.array([box.x, box.y], np.int32), corner
