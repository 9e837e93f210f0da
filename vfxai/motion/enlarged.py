"""Enlarged frames joined along the motion: each was sampled elsewhere, so what enlarging made up is wrong elsewhere in each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from vfxai.motion.doubt import doubt
from vfxai.motion.warp import warp

OWN = 0.02
"""Error of an enlarged frame, in display-like values; twice as much costs 0.02 to 0.04 dB."""
MOVED = 0.007
"""Error of what is warped besides; twice as much costs 0.01 to 0.02 dB."""
AGREES = 1.5
"""Share of the squared difference to the plate, at the plate's size, that is taken as the error of a neighbour."""
STRIP = 2**22
"""Enlarged pixels that are joined at a time, in whole rows of the plate, so that one of 8K needs little besides itself."""
MARGIN = 4
"""Rows of the plate beside a strip that its kernels reach."""


@dataclass(frozen=True)
class Neighbour:
    """A frame near another one, enlarged by itself, and the motion between them at the plate's size."""

    large: Tensor
    """(3, H, W)."""
    forth: Tensor
    """(2, h, w), where the pixels of the frame in question lie in this one."""
    back: Tensor
    """(2, h, w), where the pixels of this one lie in that."""


def joined(plate: Tensor, large: Tensor, neighbours: Iterable[Neighbour], *, exact: bool) -> Tensor:
    """(3, H, W): the mean of an enlarged frame and its neighbours, each with the inverse of its expected squared error as weight.

    `plate` (3, h, w) in display-like values became `large` (3, H, W), H and W whole multiples of h and w; the result takes its memory. A neighbour is judged by how well
    its reduction agrees with the plate. With `exact` the result, reduced, is brought back to the plate, so that neighbours change nothing but
    the detail that the plate does not tell; not for a plate whose wear was to be undone.
    """
    times = large.shape[2] // plate.shape[2]
    total, weights = large, torch.ones_like(large[:1])
    for other in neighbours:
        unsure = doubt(other.forth, other.back)
        for area, inner, place in _strips(plate, times):
            moved = warp(other.large, _grown(other.forth[:, area], times) * times, (0, area.start * times))
            differs = (_reduced(moved, times) - plate[:, area]).square().mean(0, keepdim=True)
            around = avg_pool2d(differs[None], 3, 1, 1, count_include_pad=False)[0]
            share = OWN**2 / (OWN**2 + MOVED**2 + AGREES * around + unsure[:, area])
            weight = interpolate(share[None], scale_factor=times, mode="bilinear")[0, :, inner]
            total[:, place] += weight * moved[:, inner]
            weights[:, place] += weight
    total /= weights
    if exact:
        lacking = torch.empty_like(plate)
        for area, inner, place in _strips(plate, times):
            reduced = _reduced(total[:, area.start * times : area.stop * times], times)
            rows = slice(inner.start // times, inner.stop // times)
            lacking[:, place.start // times : place.stop // times] = plate[:, area][:, rows] - reduced[:, rows]
        for area, inner, place in _strips(plate, times):
            total[:, place] += _grown(lacking[:, area], times)[:, inner]
    return total


def _strips(plate: Tensor, times: int) -> Iterator[tuple[slice, slice, slice]]:
    """For each strip of whole rows: those of the plate with a margin, and its own rows, enlarged, among these and in the whole."""
    _, height, width = plate.shape
    rows = max(STRIP // (width * times**2), 1)
    for first in range(0, height, rows):
        last = min(first + rows, height)
        area = slice(max(first - MARGIN, 0), min(last + MARGIN, height))
        yield area, slice((first - area.start) * times, (last - area.start) * times), slice(first * times, last * times)


def _grown(planes: Tensor, times: int) -> Tensor:
    """Enlarged by a bicubic kernel."""
    return interpolate(planes[None], scale_factor=times, mode="bicubic", antialias=True)[0]


def _reduced(planes: Tensor, times: int) -> Tensor:
    """Reduced by a bicubic kernel (a = -0.5, widened), as the networks of upscale expect plates to be."""
    return interpolate(planes[None], scale_factor=1 / times, mode="bicubic", antialias=True)[0]
