"""Writes EXR files through OpenEXR, with every stored part, channel and attribute that did not change."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from torch import Tensor

from vfxai.image.channels import is_color, layer_name
from vfxai.image.exr_layout import with_foreign_text, without_type
from vfxai.image.exr_stored import StoredExr, corners, to_type
from vfxai.image.frame import Frame
from vfxai.image.header import SPACE_LABELS

COMPRESSIONS = {
    "none" if name.startswith("NO_") else name.removesuffix("_COMPRESSION").lower(): getattr(OpenEXR, name)
    for name in dir(OpenEXR)
    if name.endswith("_COMPRESSION") and not name.startswith(("LJ2K", "NUM"))
}
"""Names that `--compression` takes, as OpenEXR's module of this installation writes them."""
DEPTHS = {"half": np.float16, "float": np.float32}


def write(path: str, frame: Frame, depth: str, compression: str, attributes: dict[str, str]) -> None:
    """Writes the file of a frame; parameters as vfxai.image.files.write_frame has them. OSError or RuntimeError where that fails."""
    file = _exr_file(frame, depth, compression, attributes)
    stored = frame.stored if isinstance(frame.stored, StoredExr) else None
    foreign = {k: v for k, v in stored.foreign.items() if k[1] not in attributes} if stored else {}
    if stored is None or (stored.typed and not foreign):
        file.write(path)
        return
    made = io.BytesIO()
    file.write(made)
    data = bytearray(made.getbuffer())
    with_foreign_text(data, foreign, path)
    Path(path).write_bytes(data if stored.typed else without_type(data, path))


def _exr_file(frame: Frame, depth: str, compression: str, attributes: dict[str, str]) -> Any:
    stored = frame.stored if isinstance(frame.stored, StoredExr) else None
    if stored is None:
        return _new_file(frame, depth, compression, attributes)
    parts = []
    for index, part in enumerate(stored.file.parts):
        header = {k: v for k, v in part.header.items() if k not in ("channels", "chunkCount")}
        if "tiles" in header and header["tiles"].mode != OpenEXR.ONE_LEVEL:
            tiles = header["tiles"]
            header["tiles"] = OpenEXR.TileDescription()
            header["tiles"].xSize, header["tiles"].ySize = tiles.xSize, tiles.ySize
        channels = {n: OpenEXR.Channel(n, c.pixels, c.xSampling, c.ySampling, c.pLinear) for n, c in part.channels.items()}
        if compression != "keep":
            header["compression"] = COMPRESSIONS[compression]
        for view in frame.views:
            _put_view(header, channels, view, index, depth, index == stored.part)
        if index == stored.part:
            header |= attributes
            _replace(channels, frame, stored, depth)
            channels |= _added(frame)
            header["dataWindow"] = corners(frame.data_window)
            header["displayWindow"] = corners(frame.display_window)
            if frame.pixel_aspect != header.get("pixelAspectRatio", 1.0):
                header["pixelAspectRatio"] = frame.pixel_aspect
        parts.append(OpenEXR.Part(header, channels, part.name()))
    return OpenEXR.File(parts)


def _put_view(header: dict[str, Any], channels: dict[str, Any], view: Frame, index: int, depth: str, shared: bool) -> None:
    """Puts another view of a stereo file into the part that it came from; `shared` where that is the part of the first view too."""
    stored = view.stored
    if not isinstance(stored, StoredExr) or stored.part != index:
        return
    _replace(channels, view, stored, depth)
    prefix = layer_name(stored.color_channels[0])
    channels |= {f"{prefix}.{name}" if shared and prefix else name: channel for name, channel in _added(view).items()}
    if not shared:
        header["dataWindow"], header["displayWindow"] = corners(view.data_window), corners(view.display_window)
        own = stored.file.parts[index].header
        for name in SPACE_LABELS:  # the space of a part is that of its own view
            header.pop(name, None)
        header |= {name: own[name] for name in SPACE_LABELS if name in own}


def _replace(channels: dict[str, Any], frame: Frame, stored: StoredExr, depth: str) -> None:
    """Puts the frame's colour and alpha in the place of the stored channels, keeping every bit that did not change."""
    names, known = stored.color_channels, stored.color
    if len(names) == 1 and len(frame.color) == 3:
        names, known = _colored(channels, names[0]), None
    planes: list[tuple[str, Tensor, Tensor | None]] = list(
        zip(names, frame.color, [None] * len(frame.color) if known is None else known, strict=False)
    )
    if stored.alpha_channel and frame.alpha is not None:
        planes.append((stored.alpha_channel, frame.alpha[0], stored.alpha[0] if stored.alpha is not None else None))
    for name, plane, before in planes:
        old = channels[name]
        same = before is not None and plane.data_ptr() == before.data_ptr()
        if same and depth in ("keep", str(old.pixels.dtype).replace("float16", "half").replace("float32", "float")):
            continue
        dtype = old.pixels.dtype if depth == "keep" else np.dtype(DEPTHS[depth])
        values = plane.detach().cpu().contiguous().numpy()
        pixels = to_type(values, dtype)
        if before is not None and dtype == old.pixels.dtype and pixels.shape == old.pixels.shape:
            kept = values.view(np.uint32) == before.numpy().view(np.uint32)
            pixels = np.where(kept, old.pixels, pixels)
        channels[name] = OpenEXR.Channel(name, pixels, old.xSampling, old.ySampling, old.pLinear)


def _colored(channels: dict[str, Any], gray: str) -> tuple[str, ...]:
    """Puts R, G and B of its type in the place of a gray channel that was given colours; their names."""
    old = channels.pop(gray)
    layer = layer_name(gray) if is_color(gray) else gray
    names = tuple(f"{layer}.{n}" if layer else n for n in "RGB")
    channels |= {n: OpenEXR.Channel(n, old.pixels, old.xSampling, old.ySampling, old.pLinear) for n in names}
    return names


def _added(frame: Frame) -> dict[str, Any]:
    """The channels that nodes added."""
    return {n: OpenEXR.Channel(n, to_type(p[0].detach().cpu().numpy(), np.float32), 1, 1) for n, p in frame.layers.items()}


def _new_file(frame: Frame, depth: str, compression: str, attributes: dict[str, str]) -> Any:
    """A one-part file for a frame that came from no EXR: colour and alpha in half or float."""
    dtype = DEPTHS.get(depth, np.float16)
    names = "RGB" if len(frame.color) == 3 else "Y"
    alpha = frame.alpha
    color = frame.color if frame.premultiplied or alpha is None else frame.color * alpha
    channels = {n: to_type(plane.detach().cpu().numpy(), dtype) for n, plane in zip(names, color, strict=True)}
    channels |= _added(frame)
    if alpha is not None:
        channels["A"] = to_type(alpha[0].detach().cpu().numpy(), dtype)
    plain = {k: v for k, v in frame.attributes.items() if isinstance(v, str) and v and ":" not in k}
    space = {"oiio:ColorSpace": frame.colorspace} if frame.colorspace else {}
    header = {
        **plain,
        **space,
        **attributes,
        "compression": COMPRESSIONS[compression if compression != "keep" else "zip"],
        "type": OpenEXR.scanlineimage,
        "dataWindow": corners(frame.data_window),
        "displayWindow": corners(frame.display_window),
        "pixelAspectRatio": frame.pixel_aspect if math.isfinite(frame.pixel_aspect) else 1.0,
    }
    return OpenEXR.File(header, channels)
