"""Pulls a picture along a flow."""

import math

import cv2
import numpy as np
import torch
from torch import Tensor


def warp(picture: Tensor, flow: Tensor, origin: tuple[int, int] = (0, 0)) -> Tensor:
    """(C, H, W) sampled at each pixel plus (2, h, w) flow, with a cubic kernel; edge pixels continue outside.

    The flow may be that of a part of the picture, whose first pixel is `origin` (x, y). A whole-pixel flow moves pixels without
    filtering. OpenCV works to 1/32 of a pixel. Where the flow is not finite the result is some pixel of the picture.
    """
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


def _rows(y: np.ndarray[tuple[int, ...], np.dtype[np.float32]], height: int) -> tuple[int, int]:
    """First and end of the rows that are sampled around the points: all that a strip of a large picture needs to copy."""
    low, high = (float(np.clip(reach, 0, height - 1)) for reach in (np.fmin.reduce(y, axis=None), np.fmax.reduce(y, axis=None)))
    if math.isnan(low):  # no point is a number
        return 0, 1
    first = max(int(low) - 3, 0)  # the kernel takes 4 rows around a point
    return first, min(int(high) + 4, height)


def noise_gain(flow: Tensor) -> Tensor:
    """(1, H, W): the variance of white noise after warp(), 1 on whole pixels and less between them."""
    place = (flow * STEPS).round_().int() & (STEPS - 1)
    across, along = (GAIN.to(flow.device).index_select(0, p.flatten()).view_as(p) for p in place)
    return (across * along)[None]


def _gains() -> Tensor:
    """The sum of the squared weights of OpenCV's cubic kernel, a = -0.75 (Keys, 1981), at the places between two pixels that it knows."""
    part = torch.arange(STEPS, dtype=torch.float64) / STEPS
    d, a = torch.stack([part + 1, part, 1 - part, 2 - part]), -0.75
    inner = ((a + 2) * d - (a + 3)) * d * d + 1
    outer = ((d - 5) * d + 8) * d * a - 4 * a
    return torch.where(d <= 1, inner, outer).square().sum(0).float()


STEPS = 32
"""Places between two pixels at which OpenCV samples."""
GAIN = _gains()


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
    x, y = torch.arange(width) + flow[0], torch.arange(height)[:, None] + flow[1]
    beyond = torch.stack([-x, x - width + 1, -y, y - height + 1]).amax(0)
    return (beyond / 20).clamp(0, 1)[None]
