"""Pictures that were made up in part, joined along the motion: what is made up is wrong elsewhere in each frame, because each was sampled elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from vfxai.motion.doubt import doubt, mean
from vfxai.motion.fields import TINY, along, ends_unlike
from vfxai.motion.warp import warp

OWN = 0.02
"""Error of what is made up, in display-like values; twice as much costs enlarged frames 0.02 to 0.04 dB."""
MOVED = 0.007
"""Error of what is warped besides; twice as much costs 0.01 to 0.02 dB."""
AGREES = 1.5
"""Share of the squared difference to what is known of the frame that is taken as the error of a neighbour; half costs and gains 0.01 dB."""
NEAR = 3
"""Side in pixels of the neighbourhood in which a neighbour is compared with what is known."""
ALONG = 9
"""Pixels along a row over which its neighbours in time are compared."""
APART = 2.0
"""How many times the squared difference between these a made-up row differs from them, squared, where half of it becomes theirs."""
STRIP = 2**22
"""Pixels of the result that are joined at a time, in whole rows of the plate, so that one of 8K needs little besides itself."""
MARGIN = 4
"""Rows of the plate beside a strip that its kernels reach."""


@dataclass(frozen=True)
class Neighbour:
    """A frame near another one, made by itself, and the motion between them at the plate's size (h, w)."""

    picture: Tensor
    """(3, H, W)."""
    forth: Tensor
    """(2, h, w), where the pixels of the frame in question lie in this one."""
    back: Tensor
    """(2, h, w), where the pixels of this one lie in that."""


def join_enlarged(plate: Tensor, large: Tensor, neighbours: Iterable[Neighbour], *, exact: bool) -> Tensor:
    """(3, H, W): the mean of an enlarged frame and its neighbours, each with the inverse of its expected squared error as weight.

    `plate` (3, h, w) in display-like values became `large` (3, H, W), H and W whole multiples of h and w; the result takes its memory. A
    neighbour is judged by how well its reduction agrees with the plate. With `exact` the result, reduced, is brought back to the plate, so that neighbours change nothing but
    the detail that the plate does not tell; not for a plate whose wear was to be undone.
    """
    times = large.shape[2] // plate.shape[2]
    total, weights = large, torch.ones_like(large[:1])
    for other in neighbours:
        unsure = doubt(other.forth, other.back)
        for area, inner, place in _strips(plate, times):
            moved = warp(other.picture, _grown(other.forth[:, area], times) * times, (0, area.start * times))
            differs = (reduced(moved, times) - plate[:, area]).square().mean(0, keepdim=True)
            share = _share(mean(differs, NEAR), unsure[:, area])
            weight = interpolate(share[None], scale_factor=times, mode="bilinear")[0, :, inner]
            total[:, place] += weight * moved[:, inner]
            weights[:, place] += weight
    total /= weights
    if exact:
        lacking = torch.empty_like(plate)
        for area, inner, place in _strips(plate, times):
            small = reduced(total[:, area.start * times : area.stop * times], times)
            rows = slice(inner.start // times, inner.stop // times)
            lacking[:, place.start // times : place.stop // times] = plate[:, area][:, rows] - small[:, rows]
        for area, inner, place in _strips(plate, times):
            total[:, place] += _grown(lacking[:, area], times)[:, inner]
    return total


def join_lines(picture: Tensor, own_is_even: bool, neighbours: Iterable[Neighbour]) -> Tensor:
    """(C, H, W): the lines that were made up of a frame, joined by those of its neighbours in time; those of its own field are kept to the bit.

    The even rows of `picture` are its own field where `own_is_even`, else the odd ones. A neighbour is judged by how well it agrees with these. The row
    beyond the last of them may be unlike them, as half a line of a broadcast or the edge of a bar; the neighbours scanned it.
    """
    own, made = slice(0 if own_is_even else 1, None, 2), slice(1 if own_is_even else 0, None, 2)
    total, weights = picture.clone(), torch.ones_like(picture[:1])
    edge, at_edge = slice(-1, None) if own_is_even else slice(0, 1), []
    for other in neighbours:
        scanned = other.picture[:, made] if own_is_even else other.picture[:, made].flip(1)
        if ends_unlike(scanned):
            at_edge.append(along(scanned[:, -1:], other.forth[:, edge]))
        unsure = doubt(other.forth, other.back)
        for area, inner, place in _strips(picture, 1):
            moved = warp(other.picture, other.forth[:, area], (0, area.start))
            known = torch.zeros_like(moved[:1])
            known[:, own if area.start % 2 == 0 else made] = 1
            differs = (moved - picture[:, area]).square().mean(0, keepdim=True) * known
            share = _share(mean(differs, NEAR) / mean(known, NEAR), unsure[:, area])
            total[:, place] += share[:, inner] * moved[:, inner]
            weights[:, place] += share[:, inner]
    total[:, made] /= weights[:, made]
    if len(at_edge) == 2:
        total[:, edge] = _outermost(total[:, edge], *at_edge)
    total[:, own] = picture[:, own]
    return total


def _outermost(made: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """A row (C, 1, W): the mean of those before and after where these agree better with each other than with what was made up."""
    both = (before + after) / 2
    apart, wrong = (_along(d.square().mean(0, keepdim=True)) for d in (before - after, both - made))
    return torch.lerp(made, both, wrong**2 / (wrong**2 + (APART * apart) ** 2 + TINY**2))


def _along(row: Tensor) -> Tensor:
    """The mean (1, 1, W) of what lies beside each other in a row."""
    return avg_pool2d(row[None], (1, ALONG), 1, (0, ALONG // 2), count_include_pad=False)[0]


def _share(differs: Tensor, unsure: Tensor) -> Tensor:
    """Weight (1, h, w) of a neighbour beside the frame's own 1."""
    return OWN**2 / (OWN**2 + MOVED**2 + AGREES * differs + unsure)


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


def reduced(planes: Tensor, times: int) -> Tensor:
    """(C, H, W) reduced by a bicubic kernel (a = -0.5, widened by `times`), as papers on super-resolution do and upscale's networks learned."""
    return interpolate(planes[None], scale_factor=1 / times, mode="bicubic", antialias=True)[0]
