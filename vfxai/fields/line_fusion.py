"""The lines that were made up of a frame, fused with those of the frames beside it in time."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from vfxai.fields.alignment import TINY, along, ends_unlike
from vfxai.motion.flow_error import flow_error, mean
from vfxai.motion.temporal_fusion import NEAR, FlowNeighbour, strips, weight_of
from vfxai.motion.warp import warp

ALONG = 9
"""Pixels along a row over which its neighbours in time are compared."""
APART = 2.0
"""How many times the squared difference between these a made-up row differs from them, squared, where half of it becomes theirs."""


def fuse_lines(picture: Tensor, own_is_even: bool, neighbours: Iterable[FlowNeighbour]) -> Tensor:
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
        unsure = flow_error(other.forth, other.back)
        for area, inner, place in strips(picture, 1):
            moved = warp(other.picture, other.forth[:, area], (0, area.start))
            known = torch.zeros_like(moved[:1])
            known[:, own if area.start % 2 == 0 else made] = 1
            differs = (moved - picture[:, area]).square().mean(0, keepdim=True) * known
            share = weight_of(mean(differs, NEAR) / mean(known, NEAR), unsure[:, area])
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
