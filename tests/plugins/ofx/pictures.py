"""Pictures in memory as hosts hand them out: padded rows, rows from the top down, offset bounds, and guards around the pixels."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMPONENTS = {4: "OfxImageComponentRGBA", 3: "OfxImageComponentRGB", 1: "OfxImageComponentAlpha"}
GUARD = np.float32(-7.25e30)
"""Stands wherever a plug-in has no business to write."""


@dataclass(frozen=True)
class Layout:
    """How a host lays pictures out."""

    padding: int = 0
    """Floats after each row."""
    top_down: bool = False
    """Whether rows lie from the top down, so that row bytes are negative."""
    extra: int = 0
    """Bytes after each row, which need not be whole floats... a plug-in that divides by four fails."""


@dataclass
class Picture:
    """float32 pixels (H, W, C), the top row first, whose lower left corner lies at `origin`."""

    pixels: NDArray[np.float32]
    origin: tuple[int, int] = (0, 0)
    layout: Layout = Layout()
    memory: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        height, width, channels = self.pixels.shape
        self.step = (width * channels + self.layout.padding) * 4 + self.layout.extra
        self.memory = np.full((height + 2) * self.step // 4 + 2, GUARD, np.float32)
        for row in range(height):
            self._row(row)[...] = self.pixels[row].ravel()

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """x1 y1 x2 y2, y up."""
        height, width, _ = self.pixels.shape
        return self.origin[0], self.origin[1], self.origin[0] + width, self.origin[1] + height

    @property
    def row_bytes(self) -> int:
        return -self.step if self.layout.top_down else self.step

    @property
    def address(self) -> int:
        """Of the lower left pixel."""
        height = len(self.pixels)
        return int(self.memory.ctypes.data) + self.step * (height if self.layout.top_down else 1)

    def _row(self, row: int) -> NDArray[np.float32]:
        """Row counted from the top, in the memory."""
        height, width, channels = self.pixels.shape
        up = height - 1 - row
        start = self.address + up * self.row_bytes
        buffer = (ctypes.c_float * (width * channels)).from_address(start)
        return np.frombuffer(buffer, np.float32)

    def read(self) -> NDArray[np.float32]:
        """The pixels as they are in the memory now."""
        return np.stack([self._row(row).reshape(self.pixels.shape[1:]) for row in range(len(self.pixels))])

    def is_guarded(self) -> bool:
        """Whether nothing was written around the rows."""
        copy = self.memory.copy()
        whole = copy.view(np.uint8)
        base = int(self.memory.ctypes.data)
        height, width, channels = self.pixels.shape
        for row in range(height):
            start = self.address + (height - 1 - row) * self.row_bytes - base
            whole[start : start + width * channels * 4] = np.frombuffer(GUARD.tobytes() * (width * channels), np.uint8)
        return bool((copy == GUARD).all())
