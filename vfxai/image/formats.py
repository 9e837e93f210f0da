"""DPX, TIFF, PNG, JPEG and all else that OpenImageIO reads, besides EXR."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import torch

from vfxai.errors import InputError, OutputError, UnreadableInputError, UnsupportedInputError
from vfxai.image.box import Box
from vfxai.image.frame import Frame
from vfxai.image.geometry import Geometry
from vfxai.image.header import Header, PartHeader


@dataclass(frozen=True)
class StoredPicture:
    """The specification a picture was read with, for writing the same kind again."""

    spec: Any
    suffix: str
    pixels: np.ndarray[Any, Any]
    """(H, W, channels) float32, whole numbers scaled to 0..1 as OpenImageIO does, which comes back exact to 16 bits."""
    alone: bool
    """Whether it is the only picture in its file."""

    def resized(self, geometry: Geometry) -> "StoredPicture":
        """Itself: these files have no channels besides those of the frame."""
        return self

    def labelled(self, old: Collection[str], new: Mapping[str, Any]) -> "StoredPicture":
        """With the new texts in the place of the old ones; what is no text has no place here."""
        spec = oiio.ImageSpec(self.spec)
        for name in old:
            spec.erase_attribute(name)
        for name, value in new.items():
            if isinstance(value, str):
                spec.attribute(name, value)
        return replace(self, spec=spec)

    def besides(self) -> list[str]:
        """None: all channels are in the frame's tensors."""
        return []

    def channel(self, name: str) -> torch.Tensor | None:
        """None: there are no channels besides those of the frame."""
        return None


def _opened(path: Path) -> Any:
    asked = oiio.ImageSpec()
    asked.attribute("oiio:UnassociatedAlpha", 1)  # colours as they are stored, also where alpha is 0
    source = oiio.ImageInput.open(str(path), asked)
    if source is None:
        raise UnreadableInputError(
            f"{path} is damaged or of an unknown format: {oiio.geterror()}", remedy="convert it to EXR, or copy it again"
        )
    return source


def read_header(path: Path) -> Header:
    """Facts of a file without its pixels."""
    source = _opened(path)
    spec = source.spec()
    source.close()
    return Header(path, path.suffix.lower().lstrip("."), (_part(spec, path),))


def _part(spec: Any, path: Path) -> PartHeader:
    window = Box(spec.x, spec.y, spec.width, spec.height)
    display = Box(spec.full_x, spec.full_y, spec.full_width, spec.full_height)
    attributes = {a.name: a.value for a in spec.extra_attribs}
    return PartHeader(
        "",
        f"{path.suffix.lower().lstrip('.')} {spec.format}",
        dict.fromkeys(spec.channelnames, (1, 1)),
        window,
        display,
        attributes,
    )


def read_frame(path: Path, layer: str | None) -> Frame:
    """Reads the first picture of a file; whole numbers become 0..1."""
    source = _opened(path)
    spec = source.spec()
    if layer:
        source.close()
        raise InputError(f"{path} has no layer {layer!r}", remedy="only EXR has layers; leave out --layer")
    if spec.nchannels not in (1, 2, 3, 4):
        source.close()
        raise UnsupportedInputError(f"{path} has {spec.nchannels} channels", remedy="convert it to EXR with named channels")
    pixels = source.read_image("float")
    problem = source.geterror()
    alone = not source.seek_subimage(1, 0)
    source.geterror()
    source.close()
    if pixels is None or problem:
        raise UnreadableInputError(f"{path} is truncated or damaged: {problem}", remedy="copy this frame again")
    pixels = np.ascontiguousarray(pixels.reshape(spec.height, spec.width, spec.nchannels), np.float32)
    planes = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
    alpha = planes[-1:] if spec.nchannels in (2, 4) else None
    part = _part(spec, path)
    return Frame(
        color=planes[: 3 if spec.nchannels >= 3 else 1],
        alpha=alpha,
        premultiplied=alpha is not None and not spec.get_int_attribute("oiio:UnassociatedAlpha", 0),
        colorspace="",
        data_window=part.data_window,
        display_window=part.display_window,
        pixel_aspect=spec.get_float_attribute("PixelAspectRatio", 1.0),
        attributes=part.attributes,
        stored=StoredPicture(spec, path.suffix.lower(), pixels, alone),
    )


def _over_display(frame: Frame, planes: torch.Tensor) -> torch.Tensor:
    """Planes (C, H, W) of the data window over the display window, which is all that these formats have; black where there are none."""
    data, display = frame.data_window, frame.display_window
    if (data.x, data.y, data.width, data.height) == (display.x, display.y, display.width, display.height):
        return planes
    left, top = data.x - display.x, data.y - display.y
    right, bottom = display.width - left - data.width, display.height - top - data.height
    return torch.nn.functional.pad(planes, (left, right, top, bottom))  # negative padding cuts


KEEP_ALL = "write .exr, which keeps every channel and value"
DEPTHS = {
    ".jpg": "uint8",
    ".jpeg": "uint8",
    ".webp": "uint8",
    ".bmp": "uint8",
    ".hdr": "float",
    ".rgbe": "float",
    ".pfm": "float",
}
"""Type of the samples of formats that do not take 16 bits."""
OVER = 0.05
"""How far beyond 0..1 a value has to lie to be worth a word when it is clipped; noise that was removed and filters ring less than this."""


def writer(path: Path) -> Any:
    """OpenImageIO's writer of files of this name; OutputError where it has none."""
    target = oiio.ImageOutput.create(str(path))
    if target is None:
        oiio.geterror()  # else OpenImageIO prints it at exit
        what = f"{path} is a folder" if path.is_dir() else f"{path} has no format that can be written"
        raise OutputError(what, remedy="name the frames with a pattern, such as out/sh010.####.exr; or DPX, TIFF, PNG, JPEG")
    return target


def what_is_lost(path: Path, frame: Frame) -> dict[str, str]:
    """What the file of a frame has no place for, said for people, by kind: "channels" besides colour, "values" beyond 0..1, the "space", "pictures".

    Empty for EXR, and where nothing is lost; KEEP_ALL is the remedy.
    """
    if path.suffix.lower() == ".exr":
        return {}
    said = {}
    if lost := _channels_lost(path, frame):
        some = ", ".join(lost[:8]) + (f" and {len(lost) - 8} more" if len(lost) > 8 else "")
        said["channels"] = f"a {path.suffix} file has no place for {some}; left out of all frames"
    stored = frame.stored
    if isinstance(stored, StoredPicture) and not stored.alone:
        said["pictures"] = f"only the first picture of each file is taken, {path.name} is written without the others"
    if frame.colorspace and not (isinstance(stored, StoredPicture) and stored.suffix == path.suffix.lower()):
        said["space"] = f"a {path.suffix} file may not say its colour space; the values stay in {frame.colorspace!r}"
    low, high = (float(v) for v in frame.color.aminmax())
    if (low < -OVER or high > 1 + OVER) and str(_spec(path, frame, len(frame.color)).format) not in ("half", "float", "double"):
        said["values"] = (
            f"{path.name} takes values of 0 to 1, the frame has {low:.3g} to {high:.3g}; clipped, as in the other frames"
        )
    return said


def _channels_lost(path: Path, frame: Frame) -> list[str]:
    """Names of the channels besides colour that a file other than EXR does not take."""
    lost = sorted(frame.layers) + (frame.stored.besides() if frame.stored is not None else [])
    if frame.alpha is not None and not writer(path).supports("alpha"):
        lost.append("alpha")
    return lost


def _spec(path: Path, frame: Frame, count: int) -> Any:
    """OpenImageIO's description of the file of a frame of `count` channels: as it was read, where the format is the same; else 16 bits where it can."""
    stored = frame.stored
    if isinstance(stored, StoredPicture) and stored.suffix == path.suffix.lower() and stored.spec.nchannels == count:
        return oiio.ImageSpec(stored.spec)
    return oiio.ImageSpec(1, 1, count, DEPTHS.get(path.suffix.lower(), "uint16"))


def write_frame(path: Path, frame: Frame, attributes: dict[str, str]) -> None:
    """Writes colour and alpha; the same format as was read keeps its type and metadata, another gets 16 bits where it can."""
    planes = _over_display(frame, frame.color if frame.alpha is None else torch.cat([frame.color, frame.alpha]))
    pixels = np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))
    height, width, count = pixels.shape
    spec = _spec(path, frame, count)
    spec.width, spec.height, spec.full_width, spec.full_height = width, height, width, height
    spec.attribute("PixelAspectRatio", frame.pixel_aspect)
    if frame.alpha is not None:
        spec.attribute("oiio:UnassociatedAlpha", int(not frame.premultiplied))
    for name, value in attributes.items():
        spec.attribute(name, value)
    target = writer(path)
    if not (target.open(str(path), spec) and target.write_image(pixels) and target.close()):
        raise OSError(target.geterror() or oiio.geterror() or "OpenImageIO gave no reason")
