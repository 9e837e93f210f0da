"""Pictures that were made up in part, joined along the motion: what is made up is wrong elsewhere in each frame, because each was sampled elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from vfxai.motion.flow_error import flow_error, mean
from vfxai.motion.warp import warp

OWN = 0.02
"""Error of what is made up, in display-like values; twice as much costs enlarged frames 0.02 to 0.04 dB."""
MOVED = 0.007
"""Error of what is warped besides; twice as much costs 0.01 to 0.02 dB."""
AGREES = 1.5
"""Share of the squared difference to what is known of the frame that is taken as the error of a neighbour; half costs and gains 0.01 dB."""
NEAR = 3
"""Side in pixels of the neighbourhood in which a neighbour is compared with what is known."""
STRIP = 2**22
"""Pixels of the result that are joined at a time, in whole rows of the plate, so that one of 8K needs little besides itself."""
MARGIN = 4
"""Rows of the plate beside a strip that its kernels reach."""


@dataclass(frozen=True)
class FlowNeighbour:
    """A frame near another one, made by itself, and the motion between them at the plate's size (h, w)."""

    picture: Tensor
    """(3, H, W)."""
    forth: Tensor
    """(2, h, w), where the pixels of the frame in question lie in this one."""
    back: Tensor
    """(2, h, w), where the pixels of this one lie in that."""


def fuse_enlarged(plate: Tensor, large: Tensor, neighbours: Iterable[FlowNeighbour], *, exact: bool) -> Tensor:
    """(3, H, W): the mean of an enlarged frame and its neighbours, each with the inverse of its expected squared error as weight.

    `plate` (3, h, w) in display-like values became `large` (3, H, W), H and W whole multiples of h and w; the result takes its memory. A
    neighbour is judged by how well its reduction agrees with the plate. With `exact` the result, reduced, is brought back to the plate, so that neighbours change nothing but
    the detail that the plate does not tell; not for a plate whose wear was to be undone.
    """
    times = large.shape[2] // plate.shape[2]
    total, weights = large, torch.ones_like(large[:1])
    for other in neighbours:
        unsure = flow_error(other.forth, other.back)
        for area, inner, place in strips(plate, times):
            moved = warp(other.picture, _grown(other.forth[:, area], times) * times, (0, area.start * times))
            differs = (reduced(moved, times) - plate[:, area]).square().mean(0, keepdim=True)
            share = weight_of(mean(differs, NEAR), unsure[:, area])
            weight = interpolate(share[None], scale_factor=times, mode="bilinear")[0, :, inner]
            total[:, place] += weight * moved[:, inner]
            weights[:, place] += weight
    total /= weights
    if exact:
        lacking = torch.empty_like(plate)
        for area, inner, place in strips(plate, times):
            small = reduced(total[:, area.start * times : area.stop * times], times)
            rows = slice(inner.start // times, inner.stop // times)
            lacking[:, place.start // times : place.stop // times] = plate[:, area][:, rows] - small[:, rows]
        for area, inner, place in strips(plate, times):
            total[:, place] += _grown(lacking[:, area], times)[:, inner]
    return total


def weight_of(differs: Tensor, unsure: Tensor) -> Tensor:
    """Weight (1, h, w) of a neighbour beside the frame's own 1."""
    return OWN**2 / (OWN**2 + MOVED**2 + AGREES * differs + unsure)


def strips(plate: Tensor, times: int) -> Iterator[tuple[slice, slice, slice]]:
    """For each strip of whole rows of a plate (3, h, w): those of the plate with a margin, and its own rows, enlarged, among these and in the whole."""
    _, height, width = plate.shape
    rows = max(STRIP // (width * times**2), 1)
    for first in range(0, height, rows):
        last = min(first + rows, height)
        area = slice(max(first - MARGIN, 0), min(last + MARGIN, height))
        yield area, slice((first - area.start) * times, (last - area.start) * times), slice(first * times, last * times)


def _grown(planes: Tensor, times: int) -> Tensor:
    """Enlarged by a bicubic kernel."""
    return interpolate(planes[None], scale_factor=times, mode="bicubic", antialias=True)[0]


def reduced(planes: Tensor, times: int) -> Tensor:
    """(C, H, W) reduced by a bicubic kernel (a = -0.5, widened by `times`), as papers on super-resolution do and upscale's networks learned."""
    return interpolate(planes[None], scale_factor=1 / times, mode="bicubic", antialias=True)[0]
