"""Fields of interlaced frames: the even lines of a frame are its top field, the odd ones its bottom field."""

from collections.abc import Sequence

import torch
from torch import Tensor


def split(frame: Tensor) -> tuple[Tensor, Tensor]:
    """(C, H, W) as its top (C, ceil(H/2), W) and bottom (C, floor(H/2), W) field."""
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
