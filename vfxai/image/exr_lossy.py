"""Which values of an EXR file a lossy compression alters, that only a picture for the eye can bear."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vfxai.image.channels import Kind, last_word, told_by
from vfxai.image.exr_stored import StoredExr, kinds_of
from vfxai.image.exr_write import COMPRESSIONS
from vfxai.image.frame import Frame

HALF, FLOAT = np.dtype(np.float16), np.dtype(np.float32)
BY_TYPE = {"b44": HALF, "b44a": HALF, "pxr24": FLOAT}
"""Compressions that alter all channels of a type: B44 to 14 bytes for 4x4 samples, PXR24 to 24 bits (OpenEXR, "Technical Introduction")."""
BY_NAME = frozenset({"dwaa", "dwab"})
"""Compressions that alter channels by the last word of their names."""
PICTURE = frozenset({"R", "G", "B", "Y", "RY", "BY"})
"""The words: what DWA takes for a picture, whatever the layer (OpenEXR, internal_dwa_classifier.h). All else it keeps to the bit."""


def name_of(compression: Any) -> str:
    """The name of a compression as OpenEXR's module has it in headers."""
    return next((name for name, value in COMPRESSIONS.items() if value == compression), str(compression))


def alters(compression: str, channel: str, dtype: Any) -> bool:
    """Whether a compression, by name, alters the values of a channel of a type."""
    if compression in BY_NAME:
        return last_word(channel) in PICTURE and dtype in (HALF, FLOAT)
    return BY_TYPE.get(compression) == dtype


def altered_data(frame: Frame, compression: str) -> Mapping[str, str]:
    """Channels of an EXR file to be written of a frame that are not known to be colour and will be altered, and by which compression.

    `compression` is "keep" or a name. Channels of other parts have the part's name or number before them.
    """
    stored = frame.stored
    if not isinstance(stored, StoredExr):
        return {name: compression for name in frame.layers if alters(compression, name, FLOAT)}
    told, found = told_by(p.header for p in stored.file.parts), dict[str, str]()
    for index, part in enumerate(stored.file.parts):
        own = index == stored.part
        used = name_of(part.header["compression"]) if compression == "keep" else compression
        data = {n for n, kind in kinds_of(part, told).items() if kind in (Kind.UNKNOWN, Kind.DATA)}
        if own:
            data -= {*stored.color_channels, stored.alpha_channel}
        types = {name: part.channels[name].pixels.dtype for name in sorted(data)}
        types |= dict.fromkeys(frame.layers, FLOAT) if own else {}
        before = "" if own else f"{part.name() or index}:"
        found |= {before + name: used for name, dtype in types.items() if alters(used, name, dtype)}
    return found
