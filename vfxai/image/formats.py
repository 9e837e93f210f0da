"""DPX, TIFF, PNG, JPEG and all else that OpenImageIO reads, besides EXR."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import torch

from vfxai.errors import InputError, OutputError, UnreadableInputError, UnsupportedInputError
from vfxai.image.absent import absent, is_movie
from vfxai.image.box import Box
from vfxai.image.frame import Frame
from vfxai.image.geometry import Geometry
from vfxai.image.header import Header, PartHeader
from vfxai.image.orientation import NAMES, is_lying, orientation_of, upright, upright_box
from vfxai.image.packed import Packed
from vfxai.image.space_word import says_space
from vfxai.schema.clip_format import ClipFormat
from vfxai.schema.events import Chosen


@dataclass(frozen=True)
class StoredPicture:
    """The specification a picture was read with, for writing the same kind again."""

    spec: Any
    suffix: str
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

    def unknown(self) -> list[str]:
        """None: there are no layers."""
        return []

    def channel(self, name: str) -> torch.Tensor | None:
        """None, where EXR gives (1, H, W): there are no channels besides those of the frame."""
        return None


def _opened(path: Path) -> Any:
    if is_movie(str(path)):
        raise absent(str(path))
    asked = oiio.ImageSpec()
    asked.attribute("oiio:UnassociatedAlpha", 1)  # colours as they are stored, also where alpha is 0
    source = oiio.ImageInput.open(str(path), asked)
    if source is None:
        oiio.geterror()  # else OpenImageIO prints it at exit
        raise UnreadableInputError(
            f"{path} is damaged or of an unknown format: OpenImageIO does not know its {path.suffix or 'content'}"
            if path.suffix.lower().lstrip(".") not in _readable()
            else f"{path} is damaged: it is no {path.suffix.lower().lstrip('.').upper()} file that OpenImageIO can read",
            remedy="convert it to EXR, or copy it again",
        )
    return source


@lru_cache(maxsize=1)
def _readable() -> frozenset[str]:
    """Suffixes of all formats that OpenImageIO reads."""
    listed = oiio.get_string_attribute("extension_list")
    return frozenset(suffix for kind in listed.split(";") for suffix in kind.partition(":")[2].split(","))


def read_header(path: Path) -> Header:
    """Facts of a file without its pixels, the picture upright."""
    source = _opened(path)
    spec = _stated(source, path)
    source.close()
    return Header(path, path.suffix.lower().lstrip("."), (_part(spec, path),))


def _stated(source: Any, path: Path) -> Any:
    """The specification of an opened file, with no colour space but the one that the file says."""
    spec = oiio.ImageSpec(source.spec())
    if not says_space(path, source.format_name(), {a.name: a.value for a in spec.extra_attribs}):
        spec.erase_attribute("oiio:ColorSpace")
    return spec


def _lines(spec: Any) -> tuple[int, int]:
    """Lines and samples of a line as they lie in the file; of a DPX file on its side OpenImageIO tells the size of the picture upright."""
    orientation = orientation_of({"Orientation": spec.get_int_attribute("Orientation", 1)})
    told_upright = is_lying(orientation) and spec.get_string_attribute("dpx:Version") != ""
    return (spec.width, spec.height) if told_upright else (spec.height, spec.width)


def _part(spec: Any, path: Path) -> PartHeader:
    attributes = {a.name: a.value for a in spec.extra_attribs}
    orientation = orientation_of(attributes)
    height, width = _lines(spec)
    if (height, width) == (spec.height, spec.width):
        window, display = Box(spec.x, spec.y, width, height), Box(spec.full_x, spec.full_y, spec.full_width, spec.full_height)
    else:
        window = display = Box(0, 0, width, height)
    return PartHeader(
        "",
        f"{path.suffix.lower().lstrip('.')} {spec.format}",
        dict.fromkeys(spec.channelnames, (1, 1)),
        upright_box(window, display, orientation),
        upright_box(display, display, orientation),
        {k: v for k, v in attributes.items() if k != "Orientation"},
    )


def read_packed(path: Path, layer: str | None) -> Packed:
    """Reads the first picture of a file, upright; whole numbers become 0..1. `layer` may name a channel, such as A, to be taken as a gray picture."""
    source = _opened(path)
    spec = _stated(source, path)
    names = [str(n) for n in spec.channelnames]
    only = next((i for i, name in enumerate(names) if layer and name.lower() == layer.lower()), None)
    if layer and only is None:
        source.close()
        raise InputError(
            f"{path} has no layer or channel {layer!r}", remedy=f"it has the channels {', '.join(names)}; only EXR has layers"
        )
    if spec.nchannels not in (1, 2, 3, 4):
        source.close()
        raise UnsupportedInputError(f"{path} has {spec.nchannels} channels", remedy="convert it to EXR with named channels")
    pixels = source.read_image("float")
    problem = source.geterror()
    alone = not source.seek_subimage(1, 0)
    source.geterror()
    source.close()
    if pixels is None or problem:
        raise UnreadableInputError(
            f"{path} is truncated or damaged: some pixels cannot be decoded", remedy="copy this frame again"
        )
    orientation = orientation_of({"Orientation": spec.get_int_attribute("Orientation", 1)})
    pixels = np.ascontiguousarray(pixels.reshape(*_lines(spec), spec.nchannels), np.float32)
    planes = upright(torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))), orientation)
    part = _part(spec, path)
    chosen: tuple[Chosen, ...] = () if layer is None else (Chosen("layer", str(layer), "--layer, a channel"),)
    if orientation != 1:
        chosen += (Chosen("orientation", NAMES[orientation], f"the file says that the picture lies otherwise ({orientation})"),)
    aspect = spec.get_float_attribute("PixelAspectRatio", 1.0)
    kept = oiio.ImageSpec(spec)
    kept.erase_attribute("Orientation")
    alpha = planes[-1:] if spec.nchannels in (2, 4) and only is None else None
    frame = Frame(
        color=planes[: 3 if spec.nchannels >= 3 else 1] if only is None else planes[only : only + 1],
        alpha=alpha,
        premultiplied=alpha is not None and not spec.get_int_attribute("oiio:UnassociatedAlpha", 0),
        colorspace="",
        data_window=part.data_window,
        display_window=part.display_window,
        pixel_aspect=1 / aspect if is_lying(orientation) and aspect > 0 else aspect,
        attributes=part.attributes,
        stored=StoredPicture(kept, path.suffix.lower(), alone),
    )
    return Packed(lambda: frame, frame.attributes, frame.color.numel() * 8, frame.display_window, chosen)


def read_frame(path: Path, layer: str | None = None) -> Frame:
    """The frame of a file; see read_packed()."""
    return read_packed(path, layer).frame()


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
MOST_SIDE = {
    **dict.fromkeys((".jpg", ".jpeg"), 65_500),
    ".png": 1_000_000,
    ".webp": 16_383,
    **dict.fromkeys((".bmp", ".tga", ".pfm", ".ppm", ".pnm", ".sgi"), 65_535),
}
"""Pixels a side that a format has place for, or its library writes, found by trying with OpenImageIO 3.2; EXR, DPX and TIFF take more than memory does."""
MOST_HALF = 65504.0
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


def check_side(path: Path, size: ClipFormat) -> None:
    """OutputError where a file of this name has no place for a picture of this size."""
    most = MOST_SIDE.get(path.suffix.lower())
    if most and max(size.width, size.height) > most:
        raise OutputError(
            f"a {path.suffix} file takes {most} pixels a side at the most, the frames will have {size.width}x{size.height}",
            remedy="write .exr, or ask for a smaller size or scale",
        )


def what_is_lost(path: Path, frame: Frame, depth: str = "keep") -> dict[str, str]:
    """What the file of a frame has no place for, said for people, by kind: "channels" besides colour, "values" beyond 0..1, "pictures".

    Empty where nothing is lost; KEEP_ALL is the remedy. Of EXR only values beyond those of a half are lost, where `depth` or a new file makes them such.
    """
    if path.suffix.lower() == ".exr":
        return _beyond_half(path, frame) if depth == "half" or (depth == "keep" and frame.stored is None) else {}
    said = {}
    if lost := _channels_lost(path, frame):
        some = ", ".join(lost[:8]) + (f" and {len(lost) - 8} more" if len(lost) > 8 else "")
        said["channels"] = f"a {path.suffix} file has no place for {some}; left out of all frames"
    stored = frame.stored
    if isinstance(stored, StoredPicture) and not stored.alone:
        said["pictures"] = f"only the first picture of each file is taken, {path.name} is written without the others"
    low, high = (float(v) for v in frame.color.aminmax())
    if (low < -OVER or high > 1 + OVER) and str(_spec(path, frame, len(frame.color)).format) not in ("half", "float", "double"):
        said["values"] = (
            f"{path.name} takes values of 0 to 1, the frame has {low:.3g} to {high:.3g}; clipped, as in the other frames"
        )
    return said


def _beyond_half(path: Path, frame: Frame) -> dict[str, str]:
    """That an EXR file of half floats does not take values which are finite."""
    low, high = (float(v) for v in frame.color.nan_to_num(0, 0, 0).aminmax())
    if max(-low, high) <= MOST_HALF:
        return {}
    return {
        "values": f"{path.name} takes values to {MOST_HALF:.0f}, the frame has {low:.3g} to {high:.3g}; clipped, --depth float keeps them"
    }


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
    orientation = orientation_of(frame.attributes)  # of an EXR file, which keeps it as one attribute more
    planes = upright(planes, orientation)
    pixels = np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))
    height, width, count = pixels.shape
    spec = _spec(path, frame, count)
    spec.width, spec.height, spec.full_width, spec.full_height = width, height, width, height
    spec.attribute("PixelAspectRatio", 1 / frame.pixel_aspect if is_lying(orientation) else frame.pixel_aspect)
    if frame.alpha is not None:
        spec.attribute("oiio:UnassociatedAlpha", int(not frame.premultiplied))
    for name, value in attributes.items():
        spec.attribute(name, value)
    if not spec.get_string_attribute("oiio:ColorSpace"):
        spec.attribute("oiio:ColorSpace", "unknown")  # or OpenImageIO writes into a PNG that it is sRGB
    target = writer(path)
    if not (target.open(str(path), spec) and target.write_image(pixels) and target.close()):
        said = target.geterror() or oiio.geterror()
        raise OSError(f"OpenImageIO does not write it ({said.splitlines()[-1]})" if said else "OpenImageIO does not write it")
