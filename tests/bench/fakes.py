"""Stands in for the product and for files where a test is about the bench itself."""

from collections.abc import Sequence

import numpy as np
import torch

from vfxai.image.box import Box
from vfxai.image.frame import Frame


def frame(pixels: np.ndarray, *, x: int = 0) -> Frame:
    """A frame of (H, W, C) pixels whose data window starts at `x`."""
    box = Box(x, 0, pixels.shape[1], pixels.shape[0])
    color = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32))
    return Frame(color, None, False, "", box, box)


class Pictures:
    """Frames by number, as a Clip offers them."""

    def __init__(self, frames: dict[int, Frame]) -> None:
        self._frames = frames
        self.frames = tuple(sorted(frames))

    def __getitem__(self, number: int) -> Frame:
        return self._frames[number]


def blur(frames: Sequence[np.ndarray], encoding: str, **parameters: object) -> list[np.ndarray]:
    """As denoise_pictures: a box filter, which also averages over time unless radius is 0."""
    import cv2

    blurred = [cv2.blur(f, (3, 3)) for f in frames]
    if parameters.get("radius") == 0:
        return blurred
    return [np.mean(blurred[max(0, i - 1) : i + 2], axis=0, dtype=np.float32) for i in range(len(blurred))]
