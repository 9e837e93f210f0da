"""Pictures that a client hands to the worker and gets back, and the mapped file in which they travel."""

from __future__ import annotations

import contextlib
import mmap
from dataclasses import dataclass
from typing import Any

from .errors import WorkerError

SAMPLE = 4
"""Bytes of a float32."""
PAGE = 4096
"""Places in the map begin at multiples of this, so that copies are aligned."""


@dataclass(frozen=True)
class Picture:
    """float32 pixels: rows packed, the top one first."""

    pixels: Any
    """Anything with a buffer of width * height * channels * 4 bytes: bytes, bytearray, memoryview, array, a contiguous numpy array."""
    width: int
    """Pixels in a row."""
    height: int
    """Rows."""
    channels: int = 4
    """4 R G B A, 3 R G B, 1 gray."""
    image: str = ""
    """What tells this picture from another one of the same frame, such as a hash of what made it; "" never matches."""
    x: int = 0
    """Left edge in the format."""
    y: int = 0
    """Top edge in the format; y points down."""

    @property
    def size(self) -> int:
        """Bytes of the pixels."""
        return self.width * self.height * self.channels * SAMPLE


class PixelMap:
    """A file in memory that the worker made, mapped."""

    def __init__(self, path: str, size: int) -> None:
        """OSError where it cannot be opened or mapped."""
        self.size = size
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)
        self._bytes = memoryview(self._map)

    def write(self, offset: int, picture: Picture) -> None:
        """Copies the pixels of a picture to a place. WorkerError where their buffer has another size than they should have."""
        given = memoryview(picture.pixels).cast("B")
        if len(given) != picture.size:
            shape = f"{picture.width}x{picture.height} of {picture.channels} float32 samples"
            raise WorkerError(
                "ParameterError", f"a picture of {shape} has {picture.size} bytes, got {len(given)}", "give packed float32 pixels"
            )
        self._bytes[offset : offset + picture.size] = given

    def view(self, offset: int, size: int) -> memoryview:
        """The bytes of a place, as they are while nobody writes there."""
        return self._bytes[offset : offset + size]

    def close(self) -> None:
        """Gives the memory back, at the latest when the last view of it is gone."""
        self._bytes.release()
        with contextlib.suppress(BufferError):  # someone still looks at a result: the map goes with the last view
            self._map.close()


def aligned(size: int) -> int:
    """The next multiple of a page."""
    return -(-size // PAGE) * PAGE
