"""The size at which colour is worked out, and the way back to the plate's along its edges."""

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

LONGEST = 640
"""Longer side in pixels at which motion and colour are worked out: the eye sees colour at about half the sharpness of light, and beyond this
the time of a frame grows and its colours do not."""
WINDOW = 5
"""Side in small pixels of the neighbourhoods in which colour follows luminance."""
FLAT = 2e-4
"""Variance of luminance below which a neighbourhood counts as even, and its colour as independent of it: grain of 1.4 %."""


def reduced(picture: Tensor) -> Tensor:
    """(C, H, W) by areas to at most LONGEST pixels a side; the same where it is no larger."""
    height, width = picture.shape[1:]
    scale = LONGEST / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    planes = [cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in picture.detach().cpu().numpy()]
    return torch.from_numpy(np.stack(planes))


def enlarged(chroma: Tensor, guide: Tensor, size: tuple[int, int]) -> Tensor:
    """(C, h, w) chroma of a small picture at (height, width), bent along the edges of the large luminance (1, height, width).

    In every neighbourhood colour is a straight line of luminance; lines are found small and drawn large (He and Sun, "Fast guided
    filter", 2015), upon the plainly enlarged chroma.
    """
    if chroma.shape[1:] == size:
        return chroma
    small = reduced(guide)
    mean, mean_chroma = _mean(small), _mean(chroma)
    slope = (_mean(small * chroma) - mean * mean_chroma) / ((_mean(small * small) - mean * mean).clamp_min(0) + FLAT)
    planes = interpolate(torch.cat([chroma, _mean(slope), small])[None], size, mode="bilinear", align_corners=False)[0]
    count = len(chroma)
    return planes[:count] + planes[count : 2 * count] * (guide - planes[2 * count :])


def _mean(planes: Tensor) -> Tensor:
    edge = WINDOW // 2
    return avg_pool2d(pad(planes[None], (edge,) * 4, mode="replicate"), WINDOW, 1)[0]
