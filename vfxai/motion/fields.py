"""Brings neighbouring fields to where things are in the middle one."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import warp


def align_fields(fields: Sequence[Tensor]) -> list[Tensor]:
    """Five consecutive fields (3, H/2, W), the middle one a top field, moved along the motion to the time of the middle one.

    Motion is measured between the middle field and those two away, which lie on the same lines, and taken as even in between. The fields
    beside the middle one stay on their own lines, those that the middle one lacks. Values are display-like. Where nothing moves
    fields come back as they are.
    """
    two_before, before, own, after, two_after = fields
    back, forth = estimate_flow(own, two_before, fine=True), estimate_flow(own, two_after, fine=True)
    return [
        warp(two_before, back),
        warp(before, _half_line_down(back) / 2),
        own,
        warp(after, _half_line_down(forth) / 2),
        warp(two_after, forth),
    ]


def _half_line_down(flow: Tensor) -> Tensor:
    """(2, H/2, W) on the lines between those of the field."""
    return (flow + torch.cat([flow[:, 1:], flow[:, -1:]], 1)) / 2
