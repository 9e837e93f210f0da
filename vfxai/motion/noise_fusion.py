"""Averages aligned neighbours where they agree, in a domain where noise has standard deviation 1."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from vfxai.motion.cuts import is_cut
from vfxai.motion.flow import steady_flow
from vfxai.motion.warp import inside, length, warp

PATCH = 5
"""Side of the neighbourhood over which two guides are compared, in pixels."""
AREA = 8
"""Side in pixels of the areas over which it is told how wrong a guide is."""
SURE, UNSURE = 0.03, 1.5
"""Least and most mean squared difference, in noise variances, that two guides of the same scene may have: the first is that of white noise on an even
area; with the second half of the noise was left in both."""
MEASURED, MOST = 0.25, 3.0
"""Quantile of the areas of two aligned frames in which nothing but noise is believed to differ, and the most noise that is believed, over the variance that was
measured. Where too little was measured, guides are left with so much noise that neighbours would be shut out: of film a decibel is lost. With 0.4 motion
of which nothing is aligned is taken for noise, at up to 0.2 dB."""
EVERY = 4 * AREA
"""Rows from one row of areas in which this is looked at to the next: a quarter of the frame tells as much as all of it."""
SHARPNESS = 0.15
"""Difference beyond that at which a neighbour's weight has fallen to 1/e; the difference that is expected is added, for by so much it varies."""
ROUND_TRIP = 2.0
"""Pixels by which the flow there and back may miss its start; more means one of the two is occluded. By one pixel flows between noisy frames miss on even
ground, where nothing tells where they lead and it does not matter."""


COPY = 0.5
"""Mean squared difference of two frames, in noise variances, below which they are one: noise alone makes 2, coding a copy anew hardly anything."""
THIN = 5
"""Step of the samples on which this is judged."""
STRIP = 2**22
"""Pixels that are aligned at a time, in whole rows: all of 2K, an eighth of 8K, whose full-size intermediates would take gigabytes."""
MARGIN = PATCH // 2 + 1
"""Rows beside a strip that judge its pixels."""


Flows = tuple[Tensor, Tensor]
"""(2, H, W) each: where the pixels of one frame lie in another, and where those of the other lie in the first."""


def fuse_noisy(
    offsets: Sequence[int],
    noisy: Callable[[int], Tensor],
    guide: Callable[[int], Tensor],
    flows: Callable[[int], Flows] | None = None,
) -> tuple[Tensor, Tensor]:
    """The weighted mean (3, H, W) of the frame at offset 0 and its neighbours, and the standard deviation (1, H, W) of the noise left in it.

    All float32 in values in which the noise has standard deviation 1.

    `noisy` gives the frame (3, H, W) at 0 or one of `offsets`. `guide` gives the same frames denoised one by one; motion, occlusion and
    agreement are judged on them. `flows` gives those between the guides at 0 and at an offset, by flows_between(), where they are kept. Frames beyond
    a scene cut do not take part. Where no neighbour helped the standard deviation stays 1; that moving a neighbour by parts of a pixel
    takes some of its finest noise is not counted, since grain and codecs have little of it, and flows that are a little off add as much.
    """
    own = noisy(0)
    total, sampled = own.clone(), _sampled(own)
    weights = torch.ones_like(total[:1])
    variance = torch.ones_like(total[:1])
    looks = [_thinned(total)]
    target = guide(0)
    left = _left(own, target)
    del own
    rows = max(STRIP // total.shape[2], 1)
    for side in (-1, 1):
        previous, power = target, MOST
        for offset in sorted((o for o in offsets if o * side > 0), key=abs):
            shown = guide(offset)
            if is_cut(previous, shown):
                break
            previous = shown
            moving = noisy(offset)  # first: making it takes more memory than it needs afterwards
            if _is_copy(moving, looks):
                continue
            there, back = flows(offset) if flows else flows_between(target, shown)
            power = min(power, _noise_power(sampled, moving, there))
            expected = left.expected(power)
            for first in range(0, total.shape[1], rows):
                strip = slice(first, first + rows)
                weight = _agreement(shown, target, expected, (there, back), first, rows)
                total[:, strip].addcmul_(weight, warp(moving, there[:, strip], (0, first)))
                weights[:, strip] += weight
                variance[:, strip] += weight**2
    return total.div_(weights), variance.sqrt_().div_(weights)


def flows_between(first: Tensor, second: Tensor) -> Flows:
    """Those of two guides (3, H, W); of these exchanged they are the same, exchanged."""
    return steady_flow(first, second), steady_flow(second, first)


def _thinned(picture: Tensor) -> Tensor:
    return picture[:, ::THIN, ::THIN].clone()


def _is_copy(picture: Tensor, looks: list[Tensor]) -> bool:
    """Whether a frame has the same noise as one of those looked at before, as frames held or repeated have; if not it is added to them."""
    samples = _thinned(picture)
    if any(float((samples - look).square().mean()) < COPY for look in looks):
        return True
    looks.append(samples)
    return False


@dataclass(frozen=True)
class _Left:
    """What says how wrong a guide is, (1, h, w) by area, in noise variances."""

    removed: Tensor
    """Power of what was taken from it."""
    varies: Tensor
    """Its own variance."""

    def expected(self, power: float) -> Tensor:
        """(1, h, w): the mean squared difference that guides of the same scene have, where noise has `power`.

        A guide that errs as little as can be lacks as much of the noise as was not removed from it, for what it took does not hang together
        with what it left; and it varies at least by what it left, so that areas without noise or detail, such as clipped ones, are not taken for noise left.
        """
        return torch.minimum(power - self.removed, self.varies).mul_(2).clamp_(SURE, UNSURE * power)


def _left(noisy: Tensor, guide: Tensor) -> _Left:
    size = [1, -(-noisy.shape[1] // AREA), -(-noisy.shape[2] // AREA)]
    removed, varies = noisy.new_zeros(size), noisy.new_zeros(size)
    for plane, clean in zip(noisy, guide, strict=True):  # one by one, for pictures of 8K
        removed += _of_areas((plane - clean).square_())
        level = _of_areas(clean)
        varies += _of_areas((clean - _enlarged(level, slice(0, len(clean)), clean.shape[1])[0]).square_())
    return _Left(_calm(removed) / len(noisy), _calm(varies) / len(noisy))


def _sampled(noisy: Tensor) -> dict[int, Tensor]:
    """Rows of areas of a frame (3, H, W), spread over it, by the first row of each."""
    height = noisy.shape[1]
    return {top: noisy[:, top : top + AREA].clone() for top in range(min(EVERY // 2, height // 2), height, EVERY)}


def _noise_power(sampled: Mapping[int, Tensor], moving: Tensor, there: Tensor) -> float:
    """Variance of the noise in what _sampled() gave of a frame, from how a neighbour moved onto it differs; at least the 1 that was measured."""
    found = []
    for top, rows in sampled.items():
        differs = (warp(moving, there[:, top : top + AREA], (0, top)) - rows).square_().mean(0)
        found.append(_of_areas(differs).flatten())
    return max(float(torch.cat(found).quantile(MEASURED)) / 2, 1.0)


def _of_areas(plane: Tensor) -> Tensor:
    return avg_pool2d(plane[None, None], AREA, ceil_mode=True, count_include_pad=False)[0]


def _calm(areas: Tensor) -> Tensor:
    return avg_pool2d(areas[None], 3, 1, 1, count_include_pad=False)[0]


def _enlarged(areas: Tensor, rows: slice, width: int) -> Tensor:
    """Rows of (1, H, W), smooth between the centres of areas (1, h, w)."""
    low = max(rows.start // AREA - 1, 0)
    near = areas[:, low : rows.stop // AREA + 2]
    whole = interpolate(near[None], size=[AREA * extent for extent in near.shape[1:]], mode="bilinear", align_corners=False)[0]
    return whole[:, rows.start - AREA * low : rows.stop - AREA * low, :width]


def _agreement(shown: Tensor, target: Tensor, expected: Tensor, flows: Flows, first: int, rows: int) -> Tensor:
    """Weight (1, rows, W), 0..1, of a neighbour `shown` for a strip of `target`, given the difference that is `expected` by area, and the flows there and back, all whole."""
    there, back = flows
    top = max(first - MARGIN, 0)
    area = slice(top, min(first + rows + MARGIN, target.shape[1]))
    flow, origin = there[:, area], (0, top)
    difference = ((warp(shown, flow, origin) - target[:, area]) ** 2).mean(0, keepdim=True)
    near = _mean_near(_mean_near(difference, 1), 2)
    most = _enlarged(expected, area, target.shape[2])
    weight = torch.exp(-((near - most).clamp_min_(0) / (SHARPNESS + most)))
    missed = length(flow + warp(back, flow, origin))
    outside = ~inside(flow, (target.shape[1], target.shape[2]), origin)
    lost = (missed > ROUND_TRIP + 0.05 * length(flow)) | outside
    weight[_beside(_beside(lost, 1), 2)] = 0
    return weight[:, first - top : first - top + rows]


def _mean_near(plane: Tensor, axis: int) -> Tensor:
    """Of PATCH pixels in a row along an axis, the edges repeated; PyTorch's pooling takes five times as long."""
    size, reach = plane.shape[axis], PATCH // 2
    places = torch.arange(-reach, size + reach, device=plane.device).clamp_(0, size - 1)
    wide = plane.index_select(axis, places)
    mean = wide.narrow(axis, 0, size).clone()
    for start in range(1, PATCH):
        mean += wide.narrow(axis, start, size)
    return mean.div_(PATCH)


def _beside(where: Tensor, axis: int) -> Tensor:
    """Bool, and true beside what is true along an axis as well."""
    grown, rest = where.clone(), where.shape[axis] - 1
    grown.narrow(axis, 1, rest).logical_or_(where.narrow(axis, 0, rest))
    grown.narrow(axis, 0, rest).logical_or_(where.narrow(axis, 1, rest))
    return grown
