"""Fields of interlaced frames: the even lines of the display window are the top field, the odd ones the bottom field."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vfxai.image.box import Box
from vfxai.image.frame import Frame


def starts_on_top(frame: Frame) -> bool:
    """Whether the first line of the data window is one of the top field."""
    return (frame.data_window.y - frame.display_window.y) % 2 == 0


def from_top(frame: Frame) -> Box:
    """The data window, from the line above on where it does not start on a line of the top field."""
    at, more = frame.data_window, 0 if starts_on_top(frame) else 1
    return Box(at.x, at.y - more, at.width, at.height + more)


def split(frame: Tensor) -> tuple[Tensor, Tensor]:
    """(C, H, W) as its even (C, ceil(H/2), W) and odd (C, floor(H/2), W) rows: top and bottom field where it starts on a top line."""
    return frame[:, 0::2], frame[:, 1::2]


def weave(top: Tensor, bottom: Tensor) -> Tensor:
    """A frame (C, H, W) of a top and a bottom field; the inverse of split()."""
    frame = top.new_empty((top.shape[0], top.shape[1] + bottom.shape[1], top.shape[2]))
    frame[:, 0::2], frame[:, 1::2] = top, bottom
    return frame


def network_planes(fields: Sequence[Tensor]) -> Tensor:
    """(18, H/2, W) for the deinterlace network, of five consecutive fields (3, H/2, W), the middle one a top field, aligned by motion.

    First the mean of the fields before and after, which have the missing lines: where nothing moves it is the answer. Then the middle
    field, those beside it, and those two away, which lie on the lines of the middle one and show where alignment failed.
    """
    two_before, before, own, after, two_after = fields
    return torch.cat([(before + after) / 2, own, before, after, two_before, two_after])
