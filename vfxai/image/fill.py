"""Planes with holes: filled smoothly from what is around, averaged over what is known, blurred."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

SWEEPS = 4
"""Of averaging at each level of the pyramid; without them its blocks show behind large props, and more change little."""


def smooth_fill(picture: Tensor, known: Tensor) -> Tensor:
    """(C, H, W) float32 of any range, with what is not `known` (1, H, W; 0..1) spread smoothly from its surroundings: a membrane over the hole.

    A pyramid of means (Gortler et al., 1996) gives the shape, a few sweeps towards the mean of the four neighbours at each level take its blocks away.
    """
    values, weight = [picture * known], [known]
    while max(values[-1].shape[1:]) > 1:
        values.append(halved(values[-1]))
        weight.append(halved(weight[-1]))
    result = values[-1] / weight[-1].clamp_min(1e-12)
    for v, w in zip(reversed(values[:-1]), reversed(weight[:-1]), strict=True):
        level = v / w.clamp_min(1e-12)
        y, x = (w[0] < 1).nonzero(as_tuple=True)  # the rest is known; behind a wire in a large plate that is nearly all
        own, share = level[:, y, x], w[0, y, x]
        own = own * share
        level[:, y, x] = own + (1 - share) * _between(result, y, x, v.shape[1:])
        up, down = (y - 1).clamp_min(0), (y + 1).clamp_max(v.shape[1] - 1)
        left, right = (x - 1).clamp_min(0), (x + 1).clamp_max(v.shape[2] - 1)
        for _ in range(SWEEPS):
            mean = (level[:, y, left] + level[:, y, right] + level[:, up, x] + level[:, down, x]) / 4
            level[:, y, x] = own + (1 - share) * mean
        result = level
    return result


def _between(small: Tensor, y: Tensor, x: Tensor, size: Sequence[int]) -> Tensor:
    """(C, N): the pixels at y and x (N,) of `small` (C, h, w) enlarged bilinearly to `size`."""
    low, high, shares = [], [], []
    for place, wanted, have in ((y, size[0], small.shape[1]), (x, size[1], small.shape[2])):
        at = ((place + 0.5) * (have / wanted) - 0.5).clamp(0, have - 1)
        low.append(at.long())
        high.append((low[-1] + 1).clamp_max(have - 1))
        shares.append(at - low[-1])
    (y0, x0), (y1, x1), (sy, sx) = low, high, shares
    above = small[:, y0, x0].lerp(small[:, y0, x1], sx)
    return above.lerp(small[:, y1, x0].lerp(small[:, y1, x1], sx), sy)


def halved(planes: Tensor) -> Tensor:
    """Sums of 2x2 pixels of (C, H, W) float32, so that one known pixel of four counts whole: (C, H/2, W/2), rounded up."""
    return 4 * avg_pool2d(planes[None], 2, 2, ceil_mode=True, count_include_pad=True, divisor_override=4)[0]


def around(values: Tensor, known: Tensor, radius: float) -> Tensor:
    """Means (C, H, W) float32 of what is known around each pixel.

    `values` (C, H, W) are 0 where nothing is known, `known` (1, H, W) is 1 where something is. `radius` is the standard deviation of a Gaussian in
    pixels. Where nothing is near enough they go on smoothly from those that have one.
    """
    share = blurred(known, radius)
    return smooth_fill(blurred(values, radius) / share.clamp_min(1e-3), (share > 1e-3).float())


def blurred(planes: Tensor, radius: float) -> Tensor:
    """(C, H, W) float32 through a Gaussian of a standard deviation in pixels, 0 beyond the edge. Works on the CPU, answers on the device."""
    picture = np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))
    height, width = picture.shape[:2]
    step = min(int(radius / 4), height, width)
    if step > 1:  # a wide blur leaves nothing that a smaller picture would not show
        small = cv2.resize(picture, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(small, (0, 0), radius / step, borderType=cv2.BORDER_CONSTANT)
        soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    else:
        soft = cv2.GaussianBlur(picture, (0, 0), radius, borderType=cv2.BORDER_CONSTANT)
    return torch.from_numpy(np.ascontiguousarray(soft.reshape(picture.shape).transpose(2, 0, 1))).to(planes.device)
