"""Reads EXR files through OpenEXR. What is read is kept in its stored type for vfxai.image.exr_write.

A file is read whole: every part, channel and attribute. Only the channels of one layer become `Frame.color` and `Frame.alpha`; the rest
waits untouched in `Frame.stored`. Mip-map levels below the first are not kept (OpenEXR's module reads the first): such a file is
written with one level and otherwise as it was.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import torch

from vfxai.errors import UnreadableInputError, UnsupportedInputError
from vfxai.image.exr_stored import StoredExr, box_of
from vfxai.image.frame import Frame
from vfxai.image.header import Header, PartHeader
from vfxai.image.layers import choose_layer
from vfxai.image.packed import Packed

OpenEXR.set_global_thread_count(os.cpu_count() or 1)  # it compresses on the caller's thread alone unless told
MAX_PIXEL_BYTES = 16 * 2**30
"""A header that claims more than this is taken for damaged; the largest plates in use (16K, 20 layers) stay below."""
MAX_RATIO = 3000
"""Raw bytes per byte of file above which a header is taken for damaged; ZIP reaches about 1000 on a constant picture."""


def _open(path: Path, header_only: bool) -> Any:
    try:
        return OpenEXR.File(str(path), separate_channels=True, header_only=header_only)
    except MemoryError as error:
        raise UnreadableInputError(f"{path} asks for more memory than there is", remedy="the file is probably damaged") from error
    except Exception as error:  # OpenEXR raises RuntimeError, ValueError, UnicodeDecodeError and more on damaged files
        reason = str(error).replace(str(path), "the file").strip() or type(error).__name__
        raise UnreadableInputError(f"{path} is damaged or no EXR: {reason}", remedy="render or copy this frame again") from error


def read_header(path: Path) -> Header:
    """Facts of a file without its pixels."""
    parts = []
    for part in _open(path, header_only=True).parts:
        fields = dict(part.header)
        channels = {c.name: (c.xSampling, c.ySampling) for c in fields.pop("channels", [])}
        try:
            window, display = box_of(fields["dataWindow"]), box_of(fields["displayWindow"])
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


def read_packed(path: Path, layer: str | None) -> Packed:
    """As vfxai.image.files says."""
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
