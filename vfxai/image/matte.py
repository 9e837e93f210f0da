"""Geometry of mattes."""

import cv2
import numpy as np
import torch
from torch import Tensor


def distance_outside(matte: Tensor) -> Tensor:
    """(1, H, W) float32: pixels to the nearest one that a matte (1, H, W) touches; 0 where it is above 0, infinite where it is empty."""
    free = (matte[0].detach().cpu().numpy() <= 0).astype(np.uint8)
    if free.all():
        return torch.full_like(matte, torch.inf, dtype=torch.float32)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5)
    return torch.from_numpy(distance.astype(np.float32))[None].to(matte.device)


def part_around(matte: Tensor, margin: int) -> tuple[slice, slice]:
    """Rows and columns of the smallest rectangle with what a matte (1, H, W) touches, and a margin in pixels as far as there are any."""
    rows, columns = (torch.nonzero(matte[0].amax(axis) > 0).flatten() for axis in (1, 0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    y, x = (slice(max(int(found[0]) - margin, 0), int(found[-1]) + margin + 1) for found in (rows, columns))
    return y, x
