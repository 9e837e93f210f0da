"""How far to trust what a flow brings from a neighbouring frame."""

from torch import Tensor
from torch.nn.functional import avg_pool2d

from vfxai.motion.warp import length, outside, warp

MISSED = 0.01
"""Error for each pixel by which the way to a neighbour and back misses its start."""
LOST = 0.2
"""Error of what lies 20 pixels and more outside the neighbour."""


def flow_error(forth: Tensor, back: Tensor) -> Tensor:
    """(1, h, w): the squared error, in display-like values, that two flows (2, h, w) lead to expect where they do not agree or end outside.

    `forth` says where the pixels of a frame lie in its neighbour, `back` where those of the neighbour lie in the frame.
    """
    missed = length(forth + warp(back, forth))
    return (MISSED * missed) ** 2 + (LOST * outside(forth)) ** 2


def mean(planes: Tensor, side: int) -> Tensor:
    """(C, H, W) over the square of `side` pixels around each pixel, less beyond the edge."""
    return avg_pool2d(planes[None], side, 1, side // 2, count_include_pad=False)[0]
