"""Clips: lazy, random-access sequences of frames. Nothing is read or computed until a frame is asked for."""

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vfxai.errors import InputError, MissingInputError, ParameterError
from vfxai.image.absent import absent as absent_error
from vfxai.image.box import Box
from vfxai.image.cache import CASUAL, Cache
from vfxai.image.copies import Alike, distinct
from vfxai.image.files import read_header, read_packed
from vfxai.image.frame import Frame
from vfxai.image.packed import Packed
from vfxai.image.sequence import Pattern, frames_of
from vfxai.schema.clip_format import ClipFormat
from vfxai.schema.events import Chosen
from vfxai.schema.vocabulary import Window

Told = Callable[[Path, tuple[Chosen, ...], Box], None]
"""Hears of a file that was read: what was chosen in it for the user, and its display window."""
MISSING = ("error", "hold", "skip")


def frame_bytes(frame: Frame) -> int:
    """Memory of a frame, with about as much again for what is stored beside its tensors."""
    return 8 * (frame.color.numel() + (frame.alpha.numel() if frame.alpha is not None else 0))


class Clip(ABC):
    """Frames by number. `clip[1001]` is one frame; `clip.numbers(1001, Window(2, 2))` are those around it."""

    @property
    @abstractmethod
    def frames(self) -> tuple[int, ...]:
        """Numbers to process, in order."""

    @property
    def is_still(self) -> bool:
        """Whether one picture stands for all times, such as a matte that does not move."""
        return False

    @property
    def samples(self) -> tuple[int, ...]:
        """Up to three frames, of the whole shot, by which others may tell what the clip shows; none where frames are to be asked for only as needed."""
        return ()

    def shown(self, number: int) -> int:
        """Number of the frame that is shown at a time: of a still always the same."""
        return self.frames[0] if self.is_still else number

    def origin(self, number: int) -> int:
        """Number of the frame on disk at the centre of what a frame shows; another one where a node changed the rate."""
        return number

    @abstractmethod
    def __getitem__(self, number: int) -> Frame:
        """The frame of a number, which may lie outside `frames` where the clip has handles."""

    def has(self, number: int) -> bool:
        """Whether a number can be asked for: in `frames`, or a handle beside them."""
        return number in self.frames

    def format(self) -> ClipFormat:
        """What all frames share, without reading one where that can be: size, pixel aspect, rate, colour space."""
        return format_of(self[self.frames[0]])

    def whole(self) -> "Clip":
        """The same without a range of frames: the whole shot, from which nodes learn."""
        return self

    def matte(self, name: str, number: int) -> Tensor | None:
        """(1, H, W) in 0..1, of an input of a node, where the clip is what this node sees and the matte was given."""
        return None

    def channel(self, name: str, number: int) -> Tensor | None:
        """(1, H, W) float32 of any channel of a frame by its full name, where the clip is what a node sees and the channel is there."""
        return None

    def hold(self, least: int, most: int = 0) -> None:  # noqa: B027  # a clip without a cache has nothing to do
        """Keeps `least` frames at a time for a reader that comes back to them, and up to `most` while memory is plenty."""

    def numbers(self, number: int, window: Window, ends: str = "mirror") -> dict[int, int]:
        """Numbers of a frame and its neighbours, by offset; beyond the ends they are mirrored about the last frame, or it is repeated ("clamp")."""
        numbers = {}
        for offset in range(-window.before, window.after + 1):
            wanted = number + offset
            if not self.has(wanted):
                mirrored = number - offset
                wanted = mirrored if ends == "mirror" and self.has(mirrored) else self._nearest(number, offset)
            numbers[offset] = wanted
        return numbers

    def distinct(self, numbers: Iterable[int], alike: Alike | None = None) -> Iterator[int]:
        """Of frames by number, in their order, those that are no copies of one before, which would be no further look at the scene.

        For every node that fuses frames. `alike` judges two frames: who knows the noise of the shot can tell copies that a codec has changed a little.
        """
        return distinct(numbers, self.__getitem__, alike)

    def _nearest(self, number: int, offset: int) -> int:
        step = 1 if offset > 0 else -1
        found = number
        while found != number + offset and self.has(found + step):
            found += step
        return found


def format_of(frame: Frame) -> ClipFormat:
    """The facts of a frame that its clip shares."""
    at = frame.display_window
    return ClipFormat(at.width, at.height, frame.pixel_aspect, rate_of(frame.attributes), frame.colorspace)


def rate_of(attributes: Mapping[str, Any]) -> float | None:
    """Frames per second as EXR and DPX headers say it; None where they do not."""
    for name in ("framesPerSecond", "FramesPerSecond", "dpx:FrameRate", "dpx:TemporalFrameRate"):
        with suppress(KeyError, TypeError, ValueError):
            rate = float(attributes[name])
            if math.isfinite(rate) and rate > 0:
                return rate
    return None


def ends_and_middle(numbers: Sequence[int]) -> tuple[int, ...]:
    """The first, the middle and the last of numbers, each once."""
    return tuple(dict.fromkeys((numbers[0], numbers[len(numbers) // 2], numbers[-1])))


class FileClip(Clip):
    """A sequence on disk. A partial range still reads its neighbours from disk as handles; each file is read once a pass."""

    def __init__(
        self,
        pattern: Pattern,
        frames: tuple[int, ...],
        layer: str | None,
        missing: str,
        colorspace: Callable[[Path, Mapping[str, Any]], str] | None,
        view: str | None = None,
        told: Told | None = None,
    ) -> None:
        self.pattern, self.layer, self.view = pattern, layer, view
        self._told = told
        self._on_disk = pattern.files
        self._colorspace = colorspace
        self._cache: Cache[tuple[Packed, str]] = Cache(1, CASUAL, lambda kept: kept[0].size)
        self.held: dict[int, int] = {}
        """Missing frame number -> the number of the frame shown instead."""
        absent = [f for f in frames if not self._exists(f)]
        if missing == "skip":
            frames = tuple(f for f in frames if f not in absent)
        elif absent and missing == "error":
            some = ", ".join(map(str, absent[:8])) + (" ..." if len(absent) > 8 else "")
            if not self._on_disk:
                raise absent_error(pattern.text)
            there = f"{min(self._on_disk)}-{max(self._on_disk)}"
            raise MissingInputError(
                f"{pattern.text}: {len(absent)} of {len(frames)} frames are missing: {some}; on disk are frames of {there}",
                remedy="render them, give --frames that are there, or choose --missing hold (repeat the frame before) or skip",
            )
        for number in absent if missing == "hold" else ():
            before = [f for f in self._on_disk if f < number]
            if not (before or self._on_disk):
                break
            self.held[number] = max(before) if before else min(self._on_disk)
        if not frames or not self._on_disk:
            raise MissingInputError(
                f"none of the frames of {pattern.text} is there", remedy="check the folder, the name and --frames"
            )
        self._frames = frames

    @property
    def frames(self) -> tuple[int, ...]:
        """As asked for."""
        return self._frames

    @property
    def is_still(self) -> bool:
        """A single file."""
        return not self.pattern.is_sequence

    @property
    def samples(self) -> tuple[int, ...]:
        """The first, the middle and the last file."""
        there = tuple(self._on_disk) if self.pattern.is_sequence else self.frames
        return ends_and_middle(there)

    def _exists(self, number: int) -> bool:
        return number in self._on_disk if self.pattern.is_sequence else bool(self._on_disk)

    def has(self, number: int) -> bool:
        """On disk, or held."""
        return (self._exists(number) and (self.pattern.is_sequence or number in self.frames)) or number in self.held

    def whole(self) -> "FileClip":
        """The same files without a frame range: the whole shot, from which nodes learn, with the frames that are held. Shares the cache."""
        shot = copy.copy(self)
        shot._frames = tuple(sorted({*self._on_disk, *self.held})) if self.pattern.is_sequence else self.frames  # noqa: SLF001  # one of its own class
        return shot

    def hold(self, least: int, most: int = 0) -> None:
        """As Clip says."""
        self._cache.widen(least, most)

    def format(self) -> ClipFormat:
        """From the header of the first file."""
        path = self.path(self._frames[0])
        part = read_header(path).parts[0]
        space = self._colorspace(path, part.attributes) if self._colorspace else ""
        at, aspect = part.display_window, float(part.attributes.get("pixelAspectRatio", 1.0))
        return ClipFormat(at.width, at.height, aspect, rate_of(part.attributes), space)

    def path(self, number: int) -> Path:
        """The file that a frame comes from."""
        shown = self.held.get(number, number)
        return self._on_disk.get(shown) or self.pattern.path(shown)

    def __getitem__(self, number: int) -> Frame:
        if not self.has(number):
            raise MissingInputError(f"{self.pattern.path(number)} is not there", remedy="check the path and the frame range")
        packed, space = self.read(number)
        return replace(packed.frame(), colorspace=space)

    def read(self, number: int) -> tuple[Packed, str]:
        """The file of a frame in memory and its colour space; a call before the frame is asked for has it there then."""
        return self._cache.get(self.held.get(number, number), lambda: self._read(self.path(number)))

    def _read(self, path: Path) -> tuple[Packed, str]:
        packed = read_packed(path, self.layer, self.view)
        if self._told is not None:
            self._told(path, self.pattern.chosen + packed.chosen, packed.extent)
        return packed, self._colorspace(path, packed.attributes) if self._colorspace else ""


def open_clip(
    pattern: str | Path,
    *,
    frames: str | None = None,
    layer: str | None = None,
    missing: str = "error",
    colorspace: Callable[[Path, Mapping[str, Any]], str] | None = None,
    view: str | None = None,
    told: Told | None = None,
) -> FileClip:
    """A clip of the files of a pattern. `layer` and `view` as read_packed() takes them.

    `colorspace` names each frame's space; without it spaces stay unknown (""). `told` hears of every file that is read, from any thread.
    """
    if missing not in MISSING:
        raise ParameterError(
            f"missing: expected {', '.join(MISSING)}, got {missing!r}", remedy="give --missing error, hold or skip"
        )
    parsed = Pattern.parse(pattern).settled()
    return FileClip(parsed, frames_of(parsed, frames), layer, missing, colorspace, view, told)


def in_format(frame: Frame, like: Frame, what: str) -> Frame:
    """A matte, key or clean plate where it lies in the format of a plate's frame. InputError, naming `what`, where it is of another size.

    Its display window has the size of the plate's; or it has as many pixels as the plate's data window, on which it then lies.
    """
    own, wanted, box = frame.display_window, like.display_window, like.data_window
    if (own.width, own.height) == (wanted.width, wanted.height):
        at = frame.data_window
        return replace(
            frame,
            data_window=Box(at.x + wanted.x - own.x, at.y + wanted.y - own.y, at.width, at.height),
            display_window=wanted,
        )
    if frame.color.shape[1:] == (box.height, box.width):
        return replace(frame, data_window=box, display_window=wanted)
    raise InputError(
        f"{what} has another size than the plate: {own.width}x{own.height}, the plate {wanted.width}x{wanted.height}",
        remedy="render it in the plate's format",
    )


def coverage(frame: Frame, box: Box) -> Tensor:
    """(1, H, W) over a data window: 1 where the frame has pixels, 0 beyond."""
    at = frame.data_window
    rows, columns = torch.arange(box.y, box.y + box.height), torch.arange(box.x, box.x + box.width)
    inside = ((rows >= at.y) & (rows < at.y + at.height))[:, None] & ((columns >= at.x) & (columns < at.x + at.width))
    return inside[None].to(frame.color)


def align(frame: Frame, box: Box) -> Frame:
    """The frame over another data window: cut, and continued with its edge pixels where it does not reach. For neighbours only."""
    if frame.data_window == box:
        return frame
    at = frame.data_window
    rows = torch.arange(box.y, box.y + box.height).clamp(at.y, at.y + at.height - 1) - at.y
    columns = torch.arange(box.x, box.x + box.width).clamp(at.x, at.x + at.width - 1) - at.x

    def moved(plane: Tensor) -> Tensor:
        return plane.index_select(1, rows.to(plane.device)).index_select(2, columns.to(plane.device))

    alpha = moved(frame.alpha) if frame.alpha is not None else None
    layers = {name: moved(plane) for name, plane in frame.layers.items()}
    return replace(frame, color=moved(frame.color), alpha=alpha, data_window=box, layers=layers, stored=None)
