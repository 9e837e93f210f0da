"""Makes interlaced material of progressive pictures, as cameras and telecines did."""

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[Any]
"""(H, W, ...)."""


def woven(first: Picture, second: Picture, top_first: bool = True) -> Picture:
    """A frame whose first field in time is of the one picture and the second of the other."""
    frame = np.array(first if top_first else second)
    frame[1::2] = (second if top_first else first)[1::2]
    return frame


def interlaced(pictures: Sequence[Picture], top_first: bool = True) -> list[Picture]:
    """Two pictures become the fields of one frame; an odd last one is its own."""
    pairs = [(pictures[i], pictures[min(i + 1, len(pictures) - 1)]) for i in range(0, len(pictures), 2)]
    return [woven(a, b, top_first) for a, b in pairs]


def telecined(pictures: Sequence[Picture], cadence: Iterable[int], top_first: bool = True, offset: int = 0) -> list[Picture]:
    """Film spread over fields, `cadence` fields a picture over and over, without the first `offset` fields and an odd last one."""
    fields = [p for p, count in zip(pictures, cycle(cadence), strict=False) for _ in range(count)][offset:]
    return [woven(fields[i], fields[i + 1], top_first) for i in range(0, len(fields) - 1, 2)]


def panned(still: NDArray[np.float32], count: int, move: tuple[float, float], size: tuple[int, int]) -> list[NDArray[np.float32]]:
    """Pictures (H, W, 3), 0..1, under a camera that moves by `move` pixels to the right and down each time, at most `size` (width, height), with a
    Lanczos kernel; mirrored beyond the still."""
    height, width = still.shape[:2]
    w, h = min(size[0], width - 24) // 2 * 2, min(size[1], height - 12) // 2 * 2
    frames = []
    for t in range(count):
        there = np.array([[1, 0, -4 - move[0] * t], [0, 1, -3 - move[1] * t]], np.float32)
        frames.append(
            np.clip(cv2.warpAffine(still, there, (w, h), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT), 0, 1)
        )
    return frames
