"""Brings neighbouring fields to where things are in the middle one."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import warp

ALONG = 9
"""Pixels along a line over which fields are compared."""
TINY = 1e-6
"""Squared difference that does not count."""


def align_fields(fields: Sequence[Tensor]) -> list[Tensor]:
    """Five consecutive fields (3, H/2, W), the middle one a top field, moved along the motion to the time of the middle one.

    Motion is measured between the middle field and those two away, which lie on the same lines, and taken as even in between. The fields
    beside the middle one stay on their own lines, those that the middle one lacks; the last of these is not mixed with the others (see outermost).
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
    """The field along the flow; its last line by itself and only across."""
    across = flow[:, -1:] * flow.new_tensor([1.0, 0.0])[:, None, None]
    last = warp(field[:, -1:], across)
    return torch.cat([warp(field[:, :-1], flow[:, :-1]), last], 1) if field.shape[1] > 1 else last


def outermost(made: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """The last of the lines (C, n, W) that were made for a field, from those of the fields before and after, aligned: (C, 1, W).

    It lies at the edge of the frame, with the field's own lines on one side only, and often shows something else than they do: half a line of a
    broadcast, the edge of a bar. It becomes the mean of the other two where these agree better with each other than with what was made up.
    """
    made, before, after = (lines[:, -1:] for lines in (made, before, after))
    both = (before + after) / 2
    differences = (d.square().mean(0, keepdim=True)[None] for d in (before - after, both - made))
    apart, wrong = (avg_pool2d(d, (1, ALONG), 1, (0, ALONG // 2), count_include_pad=False)[0] for d in differences)
    return torch.lerp(made, both, wrong / (wrong + apart + TINY))
