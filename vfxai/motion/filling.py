"""What the fill network is shown: a picture with holes, and what other frames show there."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

HINTS = 2
"""Aligned neighbours that the network looks at."""


SWEEPS = 4
"""Of averaging at each level of the pyramid; without them its blocks show behind large props, and more change little."""


def smooth_fill(picture: Tensor, known: Tensor) -> Tensor:
    """(C, H, W) with what is not `known` (1, H, W; 0..1) spread smoothly from its surroundings: a membrane over the hole.

    A pyramid of means (Gortler et al., 1996) gives the shape, a few sweeps towards the mean of the four neighbours at each level take its blocks away.
    """
    values, weight = [picture * known], [known]
    while max(values[-1].shape[1:]) > 1:
        values.append(_half(values[-1]))
        weight.append(_half(weight[-1]))
    result = values[-1] / weight[-1].clamp_min(1e-12)
    for v, w in zip(reversed(values[:-1]), reversed(weight[:-1]), strict=True):
        above = interpolate(result[None], v.shape[1:], mode="bilinear", align_corners=False)[0]
        share = w.clamp_max(1)
        own = share * (v / w.clamp_min(1e-12))
        result = own + (1 - share) * above
        for _ in range(SWEEPS):
            beside = pad(result[None], (1, 1, 1, 1), mode="replicate")[0]
            mean = (beside[:, 1:-1, :-2] + beside[:, 1:-1, 2:] + beside[:, :-2, 1:-1] + beside[:, 2:, 1:-1]) / 4
            result = own + (1 - share) * mean
    return result


def _half(planes: Tensor) -> Tensor:
    """Sums of 2x2 pixels, so that one known pixel of four counts whole."""
    return 4 * avg_pool2d(planes[None], 2, 2, ceil_mode=True, count_include_pad=True, divisor_override=4)[0]


def fill_planes(picture: Tensor, hole: Tensor, hints: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """The network's input (12, H, W): first guess, hole, and two hints with where they are valid.

    `picture` (3, H, W) in display-like values; `hole` (1, H, W), 1 where it is not known; a hint is a neighbour moved onto the picture
    (3, H, W) and 1 where it shows the scene (1, H, W). Fewer than two hints are allowed. The guess in the hole is the mean of the hints, and
    smooth where there is none.
    """
    none = (torch.zeros_like(picture), torch.zeros_like(hole))
    pairs = [*hints, none, none][:HINTS]
    seen = sum((v for _, v in pairs), torch.zeros_like(hole))
    mean = sum((c * v for c, v in pairs), torch.zeros_like(picture)) / seen.clamp_min(1)
    shown = ((1 - hole) + hole * (seen > 0)).clamp(0, 1)
    guess = smooth_fill(torch.where(hole > 0, mean, picture), shown)
    guess = torch.where(hole > 0, guess, picture)
    planes = [guess, hole]
    for color, valid in pairs:
        planes += [color * valid, valid]
    return torch.cat(planes)


def blurred(planes: Tensor, radius: float) -> Tensor:
    """(C, H, W) through a Gaussian of a standard deviation in pixels, 0 beyond the edge."""
    picture = np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))
    soft = cv2.GaussianBlur(picture, (0, 0), radius, borderType=cv2.BORDER_CONSTANT)
    return torch.from_numpy(np.ascontiguousarray(soft.reshape(picture.shape).transpose(2, 0, 1))).to(planes.device)
