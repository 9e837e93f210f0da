"""Whether a file still holds what its plate held besides the processed channels."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vfxai.image.exr_stored import StoredExr
from vfxai.image.files import read_packed
from vfxai.image.header import SPACE_LABELS

STORAGE = frozenset({"channels", "chunkCount", "compression", "tiles", "type", "dwaCompressionLevel", "zipCompressionLevel"})
"""Attributes that say how a file is stored, not what it shows."""
WINDOWS = frozenset({"dataWindow", "displayWindow", "pixelAspectRatio", "screenWindowCenter", "screenWindowWidth"})
"""Attributes that a change of size changes by right."""
COLOR = frozenset(SPACE_LABELS)
"""Attributes that a change of colour space changes by right, and that are written where the plate did not say it."""


def differences(
    result: Path, plate: Path, layer: str = "", views: Sequence[str] = (), changes_alpha: bool = False
) -> Iterator[str]:
    """What differs besides the processed channels, in words; nothing where all is as it was.

    `layer` names the processed layer of the plate, `views` those that were processed of a stereo file, `changes_alpha` whether alpha was. Where the result has another size its pixels cannot be compared, only what there is.
    Files that are no EXR have nothing besides their colours and alpha: only size is compared. Raises as `read_packed` does.
    """
    made = read_packed(result, layer or None, views[0] if views else None).frame()
    read = [read_packed(plate, layer or None, view).frame() for view in views or (None,)]
    given = read[0]
    resized = (made.data_window, made.display_window) != (given.data_window, given.display_window)
    if not isinstance(made.stored, StoredExr) or not isinstance(given.stored, StoredExr):
        if resized:
            yield f"its size is {_size(made.data_window)}, the plate's {_size(given.data_window)}"
        return
    parts, before = made.stored.file.parts, given.stored.file.parts
    if len(parts) != len(before):
        yield f"it has {len(parts)} parts, the plate {len(before)}"
        return
    processed = [_processed(frame.stored, changes_alpha) for frame in read if isinstance(frame.stored, StoredExr)]
    for index, (part, old) in enumerate(zip(parts, before, strict=True)):
        skip = {name for at, names in processed if at == index for name in names}
        yield from _channels(part.channels, old.channels, skip, resized)
        yield from _attributes(part.header, old.header, resized)


def _processed(stored: StoredExr, changes_alpha: bool) -> tuple[int, set[str | None]]:
    """The part of a file that is processed, and which of its channels are."""
    return stored.part, {*stored.color_channels, *([stored.alpha_channel] if changes_alpha else [])}


def _size(box: Any) -> str:
    return f"{box.width}x{box.height} at {box.x},{box.y}"


def _channels(made: Mapping[str, Any], given: Mapping[str, Any], skip: set[str | None], resized: bool) -> Iterator[str]:
    for name, channel in given.items():
        if name not in made:
            yield f"the channel {name} is gone"
        elif name in skip or resized:
            continue
        elif made[name].pixels.dtype != channel.pixels.dtype:
            yield f"the channel {name} is {made[name].pixels.dtype}, in the plate {channel.pixels.dtype}"
        elif made[name].pixels.shape != channel.pixels.shape or not _same_bits(made[name].pixels, channel.pixels):
            yield f"the channel {name} has changed"


def _same_bits(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    return bool(np.array_equal(a.view(f"u{a.itemsize}"), b.view(f"u{b.itemsize}")))  # as bits: a NaN is equal to itself


def _attributes(made: Mapping[str, Any], given: Mapping[str, Any], resized: bool) -> Iterator[str]:
    free = STORAGE | COLOR | (WINDOWS if resized else frozenset())
    for name, value in given.items():
        if name in free or name.startswith("vfxai/"):
            continue
        if name not in made:
            yield f"the attribute {name} is gone"
        elif not _equal(made[name], value):
            yield f"the attribute {name} is {made[name]!s:.60}, in the plate {value!s:.60}"


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return bool(np.array_equal(np.asarray(a), np.asarray(b)))
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(_equal, a, b))
    return bool(a == b) or str(a) == str(b)  # objects of OpenEXR's module compare by place, and print what they hold
