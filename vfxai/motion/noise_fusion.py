"""Averages aligned neighbours where they agree, in a domain where noise has standard deviation 1."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from vfxai.motion.cuts import is_cut
from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import inside, length, noise_gain, warp

PATCH = 5
"""Side of the neighbourhood over which two guides are compared, in pixels."""
TOLERANCE = 0.12
"""Mean squared difference of two guides of the same scene, in noise variances: what a denoised picture is wrong by, twice."""
SHARPNESS = 0.35
"""Difference beyond TOLERANCE at which a neighbour's weight has fallen to 1/e."""
ROUND_TRIP = 1.0
"""Pixels by which the flow there and back may miss its start; more means one of the two is occluded."""


COPY = 0.5
"""Mean squared difference of two frames, in noise variances, below which they are one: noise alone makes 2, coding a copy anew hardly anything."""
THIN = 5
"""Step of the samples on which this is judged."""
STRIP = 2**22
"""Pixels that are aligned at a time, in whole rows: all of 2K, an eighth of 8K, whose full-size intermediates would take gigabytes."""
MARGIN = PATCH // 2 + 1
"""Rows beside a strip that judge its pixels."""


def fuse_noisy(offsets: Sequence[int], noisy: Callable[[int], Tensor], guide: Callable[[int], Tensor]) -> tuple[Tensor, Tensor]:
    """The weighted mean (3, H, W) of the frame at offset 0 and its neighbours, and the standard deviation (1, H, W) of the noise left in it.

    All float32 in values in which the noise has standard deviation 1.

    `noisy` gives the frame (3, H, W) at 0 or one of `offsets`. `guide` gives the same frames denoised one by one; motion, occlusion and
    agreement are judged on them. Frames beyond a scene cut do not take part. The noise of warped neighbours is told by the cubic
    kernel's gain; where no neighbour helped it stays 1.
    """
    total = noisy(0).clone()
    weights = torch.ones_like(total[:1])
    variance = torch.ones_like(total[:1])
    looks = [_thinned(total)]
    target = guide(0)
    rows = max(STRIP // total.shape[2], 1)
    for side in (-1, 1):
        previous = target
        for offset in sorted((o for o in offsets if o * side > 0), key=abs):
            shown = guide(offset)
            if is_cut(previous, shown):
                break
            previous = shown
            moving = noisy(offset)  # first: making it takes more memory than it needs afterwards
            if _is_copy(moving, looks):
                continue
            there, back = estimate_flow(target, shown), estimate_flow(shown, target)
            for first in range(0, total.shape[1], rows):
                strip = slice(first, first + rows)
                weight = _agreement(shown, target, there, back, first, rows)
                total[:, strip] += weight * warp(moving, there[:, strip], (0, first))
                weights[:, strip] += weight
                variance[:, strip] += weight**2 * noise_gain(there[:, strip])
    return total.div_(weights), variance.sqrt_().div_(weights)


def _thinned(picture: Tensor) -> Tensor:
    return picture[:, ::THIN, ::THIN].clone()


def _is_copy(picture: Tensor, looks: list[Tensor]) -> bool:
    """Whether a frame has the same noise as one of those looked at before, as frames held or repeated have; if not it is added to them."""
    samples = _thinned(picture)
    if any(float((samples - look).square().mean()) < COPY for look in looks):
        return True
    looks.append(samples)
    return False


def _agreement(shown: Tensor, target: Tensor, there: Tensor, back: Tensor, first: int, rows: int) -> Tensor:
    """Weight (1, rows, W), 0..1, of a neighbour `shown` for a strip of `target`, given the flow there and back, both whole."""
    top = max(first - MARGIN, 0)
    area = slice(top, first + rows + MARGIN)
    flow, origin = there[:, area], (0, top)
    difference = ((warp(shown, flow, origin) - target[:, area]) ** 2).mean(0, keepdim=True)
    near = avg_pool2d(difference[None], PATCH, 1, PATCH // 2, count_include_pad=False)[0]
    weight = torch.exp(-((near - TOLERANCE).clamp_min(0) / SHARPNESS))
    missed = length(flow + warp(back, flow, origin))
    outside = ~inside(flow, (target.shape[1], target.shape[2]), origin)
    lost = (missed > ROUND_TRIP + 0.05 * length(flow)) | outside
    lost = max_pool2d(lost.float()[None], 3, 1, 1)[0]
    return (weight * (1 - lost))[:, first - top : first - top + rows]
