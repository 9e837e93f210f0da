"""Averages aligned neighbours where they agree, in a domain where noise has standard deviation 1."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from vfxai.motion.cuts import is_cut
from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import inside, noise_gain, warp

PATCH = 5
"""Side of the neighbourhood over which two guides are compared, in pixels."""
TOLERANCE = 0.12
"""Mean squared difference of two guides of the same scene, in noise variances: what a denoised picture is wrong by, twice."""
SHARPNESS = 0.35
"""Difference beyond TOLERANCE at which a neighbour's weight has fallen to 1/e."""
ROUND_TRIP = 1.0
"""Pixels by which the flow there and back may miss its start; more means one of the two is occluded."""


@dataclass(frozen=True)
class Fused:
    """The weighted mean and what noise is left in it."""

    picture: Tensor
    """(3, H, W)."""
    sigma: Tensor
    """(1, H, W), standard deviation of the noise, 1 where no neighbour helped."""


def fuse(noisy: Sequence[Tensor], guides: Sequence[Tensor], center: int) -> Fused:
    """Fuses frames (3, H, W) in order of time with the one at index `center`.

    `guides` are the same frames denoised one by one; motion, occlusion and agreement are judged on them. Frames beyond a scene cut do
    not take part. The noise of warped neighbours is told by the cubic kernel's gain.
    """
    total = noisy[center].clone()
    weights = torch.ones_like(total[:1])
    variance = torch.ones_like(total[:1])
    for step in (-1, 1):
        index, previous = center + step, center
        while 0 <= index < len(noisy) and not is_cut(guides[previous], guides[index]):
            weight, moved, gain = _aligned(noisy[index], guides[index], guides[center])
            total += weight * moved
            weights += weight
            variance += weight**2 * gain
            index, previous = index + step, index
    return Fused(total / weights, variance.sqrt() / weights)


def _aligned(noisy: Tensor, guide: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weight (1, H, W), the neighbour moved onto the target, and the noise variance it has there."""
    there, back = estimate_flow(target, guide), estimate_flow(guide, target)
    shown = warp(guide, there)
    difference = ((shown - target) ** 2).mean(0, keepdim=True)
    near = avg_pool2d(difference[None], PATCH, 1, PATCH // 2, count_include_pad=False)[0]
    weight = torch.exp(-((near - TOLERANCE).clamp_min(0) / SHARPNESS))
    missed = (there + warp(back, there)).norm(dim=0, keepdim=True)
    lost = (missed > ROUND_TRIP + 0.05 * there.norm(dim=0, keepdim=True)) | ~inside(there)
    lost = max_pool2d(lost.float()[None], 3, 1, 1)[0]
    return weight * (1 - lost), warp(noisy, there), noise_gain(there)
