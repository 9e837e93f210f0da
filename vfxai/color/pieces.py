"""Functions of values one by one, on whole pictures."""

from collections.abc import Callable

import torch
from torch import Tensor

PIECE = 2**18
"""Elements that are worked out at a time."""


def in_pieces(function: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """A function of each value, of any shape, worked out in pieces (n,) that stay in the processor's cache.

    On the whole picture every step of it would take as much memory as the picture, and the time to go there.
    """
    result = torch.empty_like(values, memory_format=torch.contiguous_format)
    for piece, made in zip(values.reshape(-1).split(PIECE), result.view(-1).split(PIECE), strict=True):
        made.copy_(function(piece))
    return result
