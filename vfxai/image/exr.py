"""Reads EXR files through OpenEXR. What is read is kept in its stored type for vfxai.image.exr_write.

A file is read whole: every part, channel and attribute. Only the channels of one layer become `Frame.color` and `Frame.alpha`; the rest
waits untouched in `Frame.stored`. Mip-map levels below the first are not kept (OpenEXR's module reads the first): such a file is
written with one level and otherwise as it was.
"""

import contextlib
import io
import mmap
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import psutil
import torch

from vfxai.errors import UnreadableInputError, UnsupportedInputError
from vfxai.image.exr_layout import Layout, as_text, check_names, foreign_text, layout_of
from vfxai.image.exr_stored import StoredExr, box_of
from vfxai.image.frame import Frame
from vfxai.image.header import Header, PartHeader
from vfxai.image.layers import Layer, choose_layer
from vfxai.image.packed import Packed

OpenEXR.set_global_thread_count(os.cpu_count() or 1)  # it compresses on the caller's thread alone unless told
LARGEST_SIDE, LARGEST_TILE = 2**17, 2**15
"""Pixels of a picture's and a tile's longer side beyond which OpenEXR refuses a file: eight times the widest plates in use (16K)."""
OpenEXR.setMaxImageSize(LARGEST_SIDE, LARGEST_SIDE)
OpenEXR.setMaxTileSize(LARGEST_TILE, LARGEST_TILE)
KNOWN = int(OpenEXR.NUM_COMPRESSION_METHODS)
"""Numbers of compressions below this are known; the library reads what has a higher one as if it were not compressed."""
AGAIN = "render or copy this frame again"


@contextlib.contextmanager
def _bytes_of(path: Path) -> Iterator[Any]:
    """A file's bytes, mapped."""
    with path.open("rb") as stream:
        if path.stat().st_size == 0:
            raise UnreadableInputError(f"{path} is empty", remedy=AGAIN)
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def _open(path: Path, foreign: Mapping[tuple[int, str], bytes], header_only: bool) -> Any:
    """OpenEXR's file; with another tool's letters in it, a copy in memory that has "?" in their place.

    Channels are read one by one: reading R, G and B joined had faults of memory in OpenEXR before 3.4.14 (CVE-2026-68513 and others).
    """
    try:
        if not foreign:
            return OpenEXR.File(str(path), separate_channels=True, header_only=header_only)
        with _bytes_of(path) as data:
            text = as_text(data[:], layout_of(data, str(path)), dict(foreign))
        return OpenEXR.File(io.BytesIO(bytes(text)), separate_channels=True, header_only=header_only)
    except MemoryError as error:
        raise UnreadableInputError(f"{path} asks for more memory than there is", remedy="the file is probably damaged") from error
    except Exception as error:  # OpenEXR raises RuntimeError, ValueError, UnicodeDecodeError and more on damaged files
        raise UnreadableInputError(f"{path} is damaged: OpenEXR cannot read its header or pixels", remedy=AGAIN) from error


def read_header(path: Path) -> Header:
    """Facts of a file without its pixels."""
    return _headers(path)[0]


def _headers(path: Path) -> tuple[Header, Layout, dict[tuple[int, str], bytes]]:
    """Facts of a file, where they lie, and the text in it that is no UTF-8."""
    with _bytes_of(path) as data:
        layout = layout_of(data, str(path))
        check_names(layout, str(path))
        foreign = foreign_text(layout, data)
    parts = []
    for index, part in enumerate(_open(path, foreign, header_only=True).parts):
        fields = dict(part.header)
        channels = {c.name: (c.xSampling, c.ySampling) for c in fields.pop("channels", [])}
        fields |= {n: readable(v) for (at, n), v in foreign.items() if at == index and isinstance(fields.get(n), str)}
        try:
            window, display = box_of(fields["dataWindow"]), box_of(fields["displayWindow"])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise UnreadableInputError(f"{path} has no usable data window", remedy=AGAIN) from error
        parts.append(PartHeader(str(fields.get("name", "")), str(part.type()).split(".")[-1], channels, window, display, fields))
    if len(parts) != len(layout.parts):
        raise UnreadableInputError(f"{path} has {len(layout.parts)} headers, of which {len(parts)} are sound", remedy=AGAIN)
    return Header(path, "exr", tuple(parts)), layout, foreign


def readable(value: bytes) -> str:
    """Text that is no UTF-8, for people: what is no letter of ASCII as its byte, such as Z\\xfcrich."""
    return value.decode("utf-8", "backslashreplace")


def _check(header: Header, layout: Layout) -> None:
    """Refuses what would not come back as it was, or does not fit, before any pixel is read."""
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
    if any(p.compression >= KNOWN for p in layout.parts):
        raise UnsupportedInputError(
            f"{header.path} is compressed in a way that OpenEXR {OpenEXR.__version__} does not know",
            remedy="write it in another compression, or copy the frame again if it is damaged",
        )
    size, free = header.path.stat().st_size, int(psutil.virtual_memory().available)
    if size < layout.least_size:
        raise UnreadableInputError(
            f"{header.path} is truncated: it has {size} bytes, its header tells of {layout.least_size} or more", remedy=AGAIN
        )
    if layout.pixel_bytes > free:  # not by how much smaller the file is: a black 8K frame in DWAB is some kilobytes
        raise UnreadableInputError(
            f"{header.path} holds {layout.pixel_bytes / 2**30:.1f} GiB of pixels, there are {free / 2**30:.1f} GiB of free memory",
            remedy="free memory or use a larger machine; if the frame is not so large, it is damaged: render or copy it again",
        )


def read_packed(path: Path, layer: str | None, view: str | None = None) -> Packed:
    """As vfxai.image.files says."""
    header, layout, foreign = _headers(path)
    _check(header, layout)
    file = _open(path, foreign, header_only=False)
    if len(file.parts) != len(header.parts) or any(
        set(p.channels) != set(h.channels) for p, h in zip(file.parts, header.parts, strict=True)
    ):
        raise UnreadableInputError(f"{path} is truncated or damaged: some pixels cannot be decoded", remedy=AGAIN)
    choice = choose_layer(header, layer, view)
    taken = choice.layer
    channels = file.parts[taken.part].channels
    if any(channels[n].pixels.dtype == np.uint32 for n in taken.colors):
        raise UnsupportedInputError(
            f"{path}: {', '.join(taken.colors)} hold whole numbers, not colour", remedy="choose another --layer"
        )
    size = sum(c.pixels.nbytes for p in file.parts for c in p.channels.values())
    part = header.parts[taken.part]
    typed = all(b"type" in p.attributes for p in layout.parts)
    stored = StoredExr(file, taken.part, taken.colors, taken.alpha, None, None, foreign, typed)
    return Packed(lambda: _frame(stored, part, taken), part.attributes, size, part.display_window, choice.chosen)


def _frame(stored: StoredExr, part: PartHeader, layer: Layer) -> Frame:
    channels = stored.file.parts[layer.part].channels
    color = torch.empty((len(layer.colors), part.data_window.height, part.data_window.width))
    for plane, name in zip(color, layer.colors, strict=True):
        plane.copy_(torch.from_numpy(channels[name].pixels))
    alpha = torch.from_numpy(channels[layer.alpha].pixels).to(torch.float32, copy=True)[None] if layer.alpha else None
    return Frame(
        color=color,
        alpha=alpha,
        premultiplied=alpha is not None,
        colorspace="",
        data_window=part.data_window,
        display_window=part.display_window,
        pixel_aspect=float(part.attributes.get("pixelAspectRatio", 1.0)),
        attributes=part.attributes,
        stored=replace(stored, color=color, alpha=alpha),
    )
