"""Pulls a picture along a flow."""

import cv2
import numpy as np
import torch
from torch import Tensor


def warp(picture: Tensor, flow: Tensor) -> Tensor:
    """(C, H, W) sampled at each pixel plus (2, H, W) flow, with a cubic kernel; edge pixels continue outside.

    A whole-pixel flow moves pixels without filtering. OpenCV works to 1/32 of a pixel.
    """
    height, width = picture.shape[-2:]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    move = flow.detach().cpu().numpy()
    source = np.ascontiguousarray(picture.detach().cpu().numpy().transpose(1, 2, 0))
    moved = cv2.remap(source, x + move[0], y + move[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return torch.from_numpy(np.ascontiguousarray(moved.reshape(height, width, -1).transpose(2, 0, 1))).to(picture.device)


def noise_gain(flow: Tensor) -> Tensor:
    """(1, H, W): the variance of white noise after warp(), 1 on whole pixels and less between them."""
    gains: list[Tensor] = []
    for axis in flow:
        part = axis - axis.floor()
        weights = [_cubic(part + 1), _cubic(part), _cubic(1 - part), _cubic(2 - part)]
        gains.append(torch.stack(weights).square().sum(0))
    return (gains[0] * gains[1])[None]


def _cubic(distance: Tensor) -> Tensor:
    """OpenCV's cubic kernel, a = -0.75 (Keys, 1981)."""
    d, a = distance.abs(), -0.75
    inner = ((a + 2) * d - (a + 3)) * d * d + 1
    outer = ((d - 5) * d + 8) * d * a - 4 * a
    return torch.where(d <= 1, inner, torch.where(d < 2, outer, torch.zeros_like(d)))


def inside(flow: Tensor) -> Tensor:
    """(1, H, W) bool: whether the flow ends within the picture."""
    height, width = flow.shape[-2:]
    x = torch.arange(width, device=flow.device) + flow[0]
    y = torch.arange(height, device=flow.device)[:, None] + flow[1]
    return ((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1))[None]
