"""What nodes make of pictures, through OpenImageIO and OpenColorIO, so that a Write of the stand-in holds real pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import OpenImageIO as oiio
import PyOpenColorIO as ocio

if TYPE_CHECKING:
    from .nodes import Node

TO_NUKE = {"R": "rgba.red", "G": "rgba.green", "B": "rgba.blue", "A": "rgba.alpha"}
TO_EXR = {v: k for k, v in TO_NUKE.items()}
TIMECODE = "smpte:TimeCode"
"""What OpenImageIO calls the EXR attribute timeCode, which Nuke calls input/timecode."""


@dataclass(frozen=True)
class Picture:
    """Channels by Nuke's names, (H, W) float32, row 0 at the top, on a data window in a format."""

    channels: dict[str, np.ndarray]
    x: int
    y: int
    width: int
    """Of the format."""
    height: int
    aspect: float
    metadata: dict[str, tuple[Any, Any]]
    """Type of OpenImageIO and value by Nuke's key."""


def frame_file(pattern: str, frame: int, view: str) -> Path:
    """The file of a frame and view; %04d and #### are Nuke's places for the frame."""
    text = pattern.replace("%V", view).replace("%v", view[:1])
    for digits in range(8, 0, -1):
        text = text.replace("#" * digits, f"%0{digits}d")
    return Path(text % frame if "%0" in text else text)


def size_on_disk(read: Node) -> tuple[int, int, float] | None:
    """Format of the first file that a Read finds."""
    folder = frame_file(str(read["file"].value()), 0, read.session.views[0]).parent
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        numbers = [int(n) for n in path.stem.replace("_", ".").split(".") if n.isdigit()]
        numbers.append(0)  # of a still, which has no number
        if any(frame_file(str(read["file"].value()), n, read.session.views[0]) == path for n in numbers):
            picture = load(str(path), path.stat().st_mtime_ns)
            return picture.width, picture.height, picture.aspect
    return None


@lru_cache(maxsize=64)
def load(path: str, changed: int) -> Picture:
    """A file as Nuke sees it."""
    source = oiio.ImageInput.open(path)
    if source is None:
        raise RuntimeError(f"{path}: {oiio.geterror()}")
    spec = source.spec()
    values = np.asarray(source.read_image("float")).reshape(spec.height, spec.width, spec.nchannels)
    source.close()
    channels = {TO_NUKE.get(n, n): np.ascontiguousarray(values[..., i]) for i, n in enumerate(spec.channelnames)}
    half = str(spec.format) == "half"
    metadata: dict[str, tuple[Any, Any]] = {
        "input/filename": ("string", path),
        "input/bitsperchannel": ("string", "16-bit half float" if half else "32-bit float"),
    }
    for attribute in spec.extra_attribs:
        key = "input/timecode" if attribute.name == TIMECODE else f"exr/{attribute.name}"
        metadata[key] = (attribute.type, attribute.value)
    return Picture(
        channels, spec.x, spec.y, spec.full_width, spec.full_height, spec.get_float_attribute("PixelAspectRatio", 1.0), metadata
    )


def picture(node: Node, frame: float, view: str) -> Picture:
    """What a node shows."""
    kind = node.Class()
    made = MAKERS[kind](node, frame, view)
    return _proxied(made, node) if kind == "Read" else made


def _proxied(made: Picture, node: Node) -> Picture:
    """Every second pixel while the project's proxy mode is on."""
    if not node.session.root["proxy"].value():
        return made
    channels = {n: c[::2, ::2] for n, c in made.channels.items()}
    return replace(made, channels=channels, x=made.x // 2, y=made.y // 2, width=made.width // 2, height=made.height // 2)


def _read(node: Node, frame: float, view: str) -> Picture:
    first, last = int(node["first"].value()), int(node["last"].value())
    number = round(frame)
    if not first <= number <= last:
        how = str(node["before" if number < first else "after"].value())
        if how == "black":
            return _black(node)
        number = min(max(number, first), last)
    offset = str(node["frame"].value())
    if str(node["frame_mode"].value()) == "start at" and offset:
        number = number - int(offset) + first
    path = frame_file(str(node["file"].value()), number, view)
    if not path.is_file():
        if str(node["on_error"].value()) == "error":
            raise RuntimeError(f"{node.name()}: {path}: no such file")
        return _black(node)
    found = load(str(path), path.stat().st_mtime_ns)
    if node["raw"].value():
        return found
    return _converted(found, node, str(node["colorspace"].value()), _working(node))


def _working(node: Node) -> str:
    return str(node.session.root["workingSpaceLUT"].value())


def _converted(found: Picture, node: Node, source: str, target: str) -> Picture:
    """From one space of the project's config to another; "default" is the working space here."""
    source, target = (_working(node) if s.startswith("default") else s for s in (source, target))
    root = node.session.root
    names = ("rgba.red", "rgba.green", "rgba.blue")
    if source == target or root["colorManagement"].value() != "OCIO" or not found.channels.keys() >= set(names):
        return found
    config = ocio.Config.CreateFromFile(str(root["customOCIOConfigPath"].value()))
    processor = config.getProcessor(source, target).getDefaultCPUProcessor()
    color = np.ascontiguousarray(np.stack([found.channels[n] for n in names], -1))
    processor.applyRGB(color)
    return replace(found, channels={**found.channels, **{n: color[..., i] for i, n in enumerate(names)}})


def _black(node: Node) -> Picture:
    width, height, aspect = node["format"].value() or node.session.root["format"].value()
    plane = np.zeros((height, width), np.float32)
    return Picture(dict.fromkeys(TO_EXR, plane), 0, 0, width, height, aspect, {})


def _above(node: Node, frame: float, view: str, index: int = 0) -> Picture:
    above = node.input(index)
    return _black_root(node) if above is None else picture(above, frame, view)


def _black_root(node: Node) -> Picture:
    width, height, aspect = node.session.root["format"].value()
    return Picture(dict.fromkeys(TO_EXR, np.zeros((height, width), np.float32)), 0, 0, width, height, aspect, {})


def _same(node: Node, frame: float, view: str) -> Picture:
    return _above(node, frame, view)


def _input(node: Node, frame: float, view: str) -> Picture:
    above = node._above()
    return _black_root(node) if above is None else picture(above, frame, view)


def _group(node: Any, frame: float, view: str) -> Picture:
    if node["disable"].value():
        return _above(node, frame, view)
    return picture(node.output(), frame, view)


def _switch(node: Node, frame: float, view: str) -> Picture:
    return _above(node, frame, view, round(float(node["which"].getValueAt(frame))))


def _grade(node: Node, frame: float, view: str) -> Picture:
    found = _above(node, frame, view)
    if node["disable"].value():
        return found
    factors = node["multiply"].getValueAt(frame)
    graded = {
        n: found.channels[n] * np.float32(f)
        for n, f in zip(TO_EXR, factors, strict=True)
        if n in found.channels and n != "rgba.alpha"
    }
    return replace(found, channels={**found.channels, **graded})


def _crop(node: Node, frame: float, view: str) -> Picture:
    found = _above(node, frame, view)
    left, bottom, right, top = (int(v) for v in node["box"].value())
    x, y = max(left, found.x), max(found.height - top, found.y)
    rows = slice(y - found.y, found.height - bottom - found.y)
    columns = slice(x - found.x, right - found.x)
    return replace(found, channels={n: c[rows, columns] for n, c in found.channels.items()}, x=x, y=y)


def _offset(node: Node, frame: float, view: str) -> Picture:
    return _above(node, frame - float(node["time_offset"].value()), view)


MAKERS = {
    "Read": _read, "Input": _input, "Output": _same, "Dot": _same, "NoOp": _same, "PostageStamp": _same, "Write": _same, "Group": _group,
    "Switch": _switch, "Grade": _grade, "Crop": _crop, "TimeOffset": _offset,
}  # fmt: skip


def write(node: Node, frame: int, view: str) -> None:
    """Renders a frame of a Write, with what its knobs say and no more."""
    found = _above(node, frame, view)
    if not node["raw"].value():
        found = _converted(found, node, _working(node), str(node["colorspace"].value()))
    mask = str(node["channels"].value())
    names = {"all": list(found.channels), "rgb": list(TO_EXR)[:3], "rgba": list(TO_EXR)}[mask]
    names = [n for n in names if n in found.channels]
    height, width = found.channels[names[0]].shape
    spec = oiio.ImageSpec(width, height, len(names), "float" if node["datatype"].value() == "32 bit float" else "half")
    spec.channelnames = [TO_EXR.get(n, n) for n in names]
    spec.x, spec.y, spec.full_width, spec.full_height = found.x, found.y, found.width, found.height
    spec.attribute("PixelAspectRatio", found.aspect)
    spec.attribute("compression", {"Zip (1 scanline)": "zips", "none": "none"}[str(node["compression"].value())])
    for key, (kind, value) in found.metadata.items():
        name = _written_name(key, str(node["metadata"].value()))
        if name:
            spec.attribute(name, kind, value)
    path = frame_file(str(node["file"].value()), frame, view)
    if node["create_directories"].value():
        path.parent.mkdir(parents=True, exist_ok=True)
    target = oiio.ImageOutput.create(str(path))
    if not path.parent.is_dir() or target is None or not target.open(str(path), spec):
        raise RuntimeError(f"{node.name()}: {path} cannot be written")
    target.write_image(np.ascontiguousarray(np.stack([found.channels[n] for n in names], -1)))
    target.close()


def _written_name(key: str, mode: str) -> str:
    """The attribute that Nuke's EXR writer makes of a metadata key; empty for none."""
    if key == "input/timecode":
        return "" if mode == "no metadata" else TIMECODE
    if key in ("exr/compression", "exr/channels", "exr/oiio:subimages") or mode in ("no metadata", "default metadata"):
        return ""
    if key.startswith("exr/"):
        return key.removeprefix("exr/")
    if mode == "all metadata" or (mode == "all metadata except input/*" and not key.startswith("input/")):
        return "nuke/" + key
    return ""
