"""Scene cuts."""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

UNLIKE = 0.45
"""Correlation of two frames' structure below which they are of different scenes; neighbours in a fast pan stay above 0.6."""


def is_cut(first: Tensor, second: Tensor) -> bool:
    """Whether two frames (C, H, W) belong to different scenes. A change of exposure, such as a flash, is no cut.

    Compares thumbnails of 32 blocks a side by their normalised correlation, the best over small shifts, so that neither noise nor
    exposure nor a pan counts.
    """
    small = [
        adaptive_avg_pool2d(p.mean(0, keepdim=True)[None].float(), (min(32, p.shape[1]), min(32, p.shape[2])))[0, 0]
        for p in (first, second)
    ]
    a, b = small
    best = -1.0
    for dy in range(-3, 4):
        for dx in range(-3, 4):
            rows, columns = a.shape
            ya, xa = max(0, dy), max(0, dx)
            yb, xb = max(0, -dy), max(0, -dx)
            h, w = rows - abs(dy), columns - abs(dx)
            if min(h, w) < 4:
                continue
            pair = torch.stack([a[ya : ya + h, xa : xa + w].flatten(), b[yb : yb + h, xb : xb + w].flatten()])
            centred = pair - pair.mean(1, keepdim=True)
            norm = centred.norm(dim=1)
            if norm.min() < 1e-3 * pair.abs().max().clamp_min(1e-9) * pair.shape[1] ** 0.5:
                return False  # nothing to see in one of them: a fade, not a cut that could be told
            best = max(best, float((centred[0] * centred[1]).sum() / (norm[0] * norm[1])))
    return best < UNLIKE
