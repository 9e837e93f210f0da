"""What a file says of itself, without its pixels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vfxai.image.box import Box

SPACE_LABELS = (
    "colorInteropID", "oiio:ColorSpace", "colorspace", "ColorSpace", "chromaticities", "acesImageContainerFlag",
    "ICCProfile", "CICP", "Exif:ColorSpace", "oiio:Gamma", "dpx:Transfer", "dpx:Colorimetric",
)  # fmt: skip
"""Attributes about the colour space of a picture, of EXR and of other formats, which would be wrong in another space."""


@dataclass(frozen=True)
class PartHeader:
    """One part (sub-image) of a file."""

    name: str
    storage: str
    """scanlineimage, tiledimage, deepscanline, deeptile; the format's name outside EXR."""
    channels: Mapping[str, tuple[int, int]]
    """Horizontal and vertical sampling by channel name, (1, 1) unless subsampled."""
    data_window: Box
    display_window: Box
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Header:
    """A file's parts."""

    path: Path
    format: str
    parts: tuple[PartHeader, ...]
