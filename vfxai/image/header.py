"""What a file says of itself, without its pixels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vfxai.image.box import Box


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
