"""A picture file in memory, as read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vfxai.image.box import Box
from vfxai.image.frame import Frame
from vfxai.schema.events import Chosen


@dataclass(frozen=True)
class Packed:
    """A file as read, in its stored types: what is worth keeping of a frame that may be asked for again."""

    frame: Callable[[], Frame]
    """The frame, made anew on every call."""
    attributes: Mapping[str, Any]
    """Those of the frame."""
    size: int
    """Bytes that it holds."""
    extent: Box
    """The display window of the frame."""
    chosen: tuple[Chosen, ...] = ()
    """Which layer and view of the file it is, and why."""
