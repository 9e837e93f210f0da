"""Whether a file still holds what its plate held besides the processed channels."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vfxai.image.exr_lossy import alters, name_of
from vfxai.image.exr_stored import StoredExr
from vfxai.image.files import read_packed
from vfxai.image.header import SPACE_LABELS

STORAGE = frozenset({"channels", "chunkCount", "compression", "tiles", "type", "dwaCompressionLevel", "zipCompressionLevel"})
"""Attributes that say how a file is stored, not what it shows."""
WINDOWS = frozenset({"dataWindow", "displayWindow", "pixelAspectRatio", "screenWindowCenter", "screenWindowWidth"})
"""Attributes that a change of size changes by right."""
COLOR = frozenset(SPACE_LABELS)
"""Attributes that a change of colour space changes by right, and that are written where the plate did not say it."""

CHANGED = "has changed"
FOREIGN = "deliver what vfxai wrote, not what another program made of it"
LOSSLESS = "run the recipe again with --compression zip, which keeps every bit"


def differences(
    result: Path, plate: Path, layer: str = "", views: Sequence[str] = (), changes_alpha: bool = False
) -> Iterator[tuple[str, str]]:
    """What differs besides the processed channels, in words, and what to do about it; nothing where all is as it was.

    `layer` names the processed layer of the plate, `views` those that were processed of a stereo file, `changes_alpha` whether alpha was. Where the result has another size its pixels cannot be compared, only what there is.
    Files that are no EXR have nothing besides their colours and alpha: only size is compared. Raises as `read_packed` does.
    """
    made = read_packed(result, layer or None, views[0] if views else None).frame()
    read = [read_packed(plate, layer or None, view).frame() for view in views or (None,)]
    given = read[0]
    resized = (made.data_window, made.display_window) != (given.data_window, given.display_window)
    if not isinstance(made.stored, StoredExr) or not isinstance(given.stored, StoredExr):
        if resized:
            yield f"its size is {_size(made.data_window)}, the plate's {_size(given.data_window)}", FOREIGN
        return
    parts, before = made.stored.file.parts, given.stored.file.parts
    if len(parts) != len(before):
        yield f"it has {len(parts)} parts, the plate {len(before)}", FOREIGN
        return
    stored = [frame.stored for frame in read if isinstance(frame.stored, StoredExr)]
    for index, (part, old) in enumerate(zip(parts, before, strict=True)):
        here = [one for one in stored if one.part == index]
        alphas = {one.alpha_channel for one in here}
        skip = {name for one in here for name in one.color_channels} | (alphas if changes_alpha else set())
        used = name_of(part.header["compression"])
        for name, says in _channels(part.channels, old.channels, skip, alphas, resized):
            lossy = says == CHANGED and alters(used, name, part.channels[name].pixels.dtype)
            why, remedy = (f": the compression of the file, {used}, is lossy", LOSSLESS) if lossy else ("", FOREIGN)
            yield f"the channel {name} {says}{why}", remedy
        yield from ((says, FOREIGN) for says in _attributes(part.header, old.header, resized))


def _size(box: Any) -> str:
    return f"{box.width}x{box.height} at {box.x},{box.y}"


def _channels(
    made: Mapping[str, Any], given: Mapping[str, Any], skip: set[str | None], repaired: set[str | None], resized: bool
) -> Iterator[tuple[str, str]]:
    """Names of the channels that differ, but for those to skip, and how; of those that may be `repaired` only what was a number counts."""
    for name, channel in given.items():
        if name not in made:
            yield name, "is gone"
        elif name in skip or resized:
            continue
        elif made[name].pixels.dtype != channel.pixels.dtype:
            yield name, f"is {made[name].pixels.dtype}, in the plate {channel.pixels.dtype}"
        elif made[name].pixels.shape != channel.pixels.shape or not _same_bits(
            *_numbers(made[name].pixels, channel.pixels) if name in repaired else (made[name].pixels, channel.pixels)
        ):
            yield name, CHANGED


def _numbers(made: np.ndarray[Any, Any], given: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Those samples of two channels that are numbers in the second."""
    sound = np.isfinite(given)
    return made[sound], given[sound]


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
