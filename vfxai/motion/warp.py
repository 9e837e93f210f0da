"""Pulls a picture along a flow."""

import math

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def warp(picture: Tensor, flow: Tensor, origin: tuple[int, int] = (0, 0)) -> Tensor:
    """(C, H, W) float32 of any range, sampled at each pixel plus (2, h, w) flow in pixels, x then y, with a cubic kernel; edge pixels continue outside.

    The flow may be that of a part of the picture, whose first pixel is `origin` (x, y). A whole-pixel flow moves pixels without
    filtering. Places count to 1/32 of a pixel, as OpenCV knows them, which does it on the CPU; on other devices torch does it there. Where the flow
    is not finite the result is some pixel of the picture.
    """
    if picture.device.type != "cpu":
        return warp_on_device(picture, flow, origin)
    height, width = flow.shape[-2:]
    move = flow.detach().cpu().numpy()
    x = move[0] + np.arange(origin[0], origin[0] + width, dtype=np.float32)
    y = move[1] + np.arange(origin[1], origin[1] + height, dtype=np.float32)[:, None]
    first, last = _rows(y, picture.shape[1])
    y -= np.float32(first)
    source = picture[:, first:last].detach().contiguous().cpu().numpy()
    moved = np.empty((len(source), height, width), np.float32)
    for plane, result in zip(source, moved, strict=True):  # one by one: with channels interleaved it takes twice as long
        cv2.remap(plane, x, y, cv2.INTER_CUBIC, dst=result, borderMode=cv2.BORDER_REPLICATE)
    return torch.from_numpy(moved).to(picture.device)


def warp_on_device(picture: Tensor, flow: Tensor, origin: tuple[int, int] = (0, 0)) -> Tensor:
    """As warp(), by torch where the tensors are: its cubic kernel is the same one (a = -0.75), its places are off by a ten-thousandth of a pixel."""
    for axis in (1, 2):
        if picture.shape[axis] == 1:  # what has no extent knows no places
            picture = picture.repeat_interleave(2, axis)
    rows, columns = picture.shape[1:]
    places = []
    for axis, extent in ((0, columns), (1, rows)):
        at = torch.arange(origin[axis], origin[axis] + flow.shape[2 - axis], device=flow.device, dtype=torch.float32)
        place = flow[axis].nan_to_num(0.0) + (at if axis == 0 else at[:, None])
        place = ((place * STEPS).round() / STEPS).clamp(-BEYOND, extent - 1 + BEYOND)
        places.append(place * (2 / (extent - 1)) - 1)
    grid = torch.stack(places, -1)[None]
    return grid_sample(picture.float()[None], grid, mode="bicubic", padding_mode="border", align_corners=True)[0]


def _rows(y: np.ndarray[tuple[int, ...], np.dtype[np.float32]], height: int) -> tuple[int, int]:
    """First and end of the rows that are sampled around the points: all that a strip of a large picture needs to copy."""
    low, high = (float(np.clip(end, 0, height - 1)) for end in (np.fmin.reduce(y, axis=None), np.fmax.reduce(y, axis=None)))
    if math.isnan(low):  # no point is a number
        return 0, 1
    first = max(int(low) - 3, 0)  # the kernel takes 4 rows around a point
    return first, min(int(high) + 4, height)


BEYOND = 4
"""Pixels outside the picture from which all that a kernel reaches is the edge."""
STEPS = 32
"""Places between two pixels at which OpenCV samples."""


def length(flow: Tensor) -> Tensor:
    """(1, H, W) of a flow (2, H, W), in pixels; torch's norm along the first axis takes thirty times as long."""
    return torch.hypot(flow[:1], flow[1:])


def inside(flow: Tensor, size: tuple[int, int] | None = None, origin: tuple[int, int] = (0, 0)) -> Tensor:
    """(1, h, w) bool: whether the flow, of the part of a picture at `origin` (x, y), ends within the picture of `size` (H, W); both as in warp()."""
    rows, columns = flow.shape[-2:]
    height, width = size or (rows, columns)
    x = torch.arange(origin[0], origin[0] + columns, device=flow.device) + flow[0]
    y = torch.arange(origin[1], origin[1] + rows, device=flow.device)[:, None] + flow[1]
    return ((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1))[None]


def outside(flow: Tensor) -> Tensor:
    """(1, H, W): how far a flow ends outside the picture, 1 at 20 pixels and more."""
    height, width = flow.shape[1:]
    x = torch.arange(width, device=flow.device) + flow[0]
    y = torch.arange(height, device=flow.device)[:, None] + flow[1]
    beyond = torch.stack([-x, x - width + 1, -y, y - height + 1]).amax(0)
    return (beyond / 20).clamp(0, 1)[None]
