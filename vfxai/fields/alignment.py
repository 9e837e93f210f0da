"""Brings neighbouring fields to where things are in the middle one."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import warp

UNLIKE = 4.0
"""How many times the power of the difference between the last line but two and the last but one that between the last two has."""
TINY = 1e-6
"""Power of a difference that counts for nothing."""


def align_fields(fields: Sequence[Tensor]) -> list[Tensor]:
    """Five consecutive fields (3, H/2, W), the middle one a top field, moved along the motion to the time of the middle one.

    Motion is measured between the middle field and those two away, which lie on the same lines, and taken as even in between. The fields
    beside the middle one stay on their own lines, those that the middle one lacks; a last one that is unlike the others is not mixed with them.
    Values are display-like. Where nothing moves fields come back as they are.
    """
    two_before, before, own, after, two_after = fields
    back, forth = estimate_flow(own, two_before, fine=True), estimate_flow(own, two_after, fine=True)
    return [
        warp(two_before, back),
        _beside(before, _half_line_down(back) / 2),
        own,
        _beside(after, _half_line_down(forth) / 2),
        warp(two_after, forth),
    ]


def _half_line_down(flow: Tensor) -> Tensor:
    """(2, H/2, W) on the lines between those of the field."""
    return (flow + torch.cat([flow[:, 1:], flow[:, -1:]], 1)) / 2


def _beside(field: Tensor, flow: Tensor) -> Tensor:
    """The field along the flow; a last line that is unlike the others by itself and only across."""
    if not ends_unlike(field):
        return warp(field, flow)
    return torch.cat([warp(field[:, :-1], flow[:, :-1]), along(field[:, -1:], flow[:, -1:])], 1)


def ends_unlike(field: Tensor) -> bool:
    """Whether the last line of a field (C, n, W) is unlike those before it: half a line of a broadcast, the edge of a bar."""
    if field.shape[1] < 3:
        return False
    before, last = field[:, -3:].diff(dim=1).square().mean((0, 2)).tolist()
    return bool(last > UNLIKE * before + TINY)


def along(line: Tensor, flow: Tensor) -> Tensor:
    """A line (C, 1, W) at each pixel plus the part of a flow (2, 1, W) that goes across."""
    return warp(line, flow * flow.new_tensor([1.0, 0.0])[:, None, None])
