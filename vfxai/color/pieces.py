"""Functions of values or pixels one by one, on whole pictures.

They are worked out in pieces that stay in the processor's cache. On the whole picture every step of them would take as much memory as
the picture, and the time to go there.
"""

from collections.abc import Callable

import torch
from torch import Tensor

PIECE = 2**18
"""Elements that are worked out at a time."""
PIXELS = PIECE // 4
"""Pixels of up to four channels that are. Processors take 32 values at once at most and may round the last of a row, fewer than that, in
another way: with a multiple of 32 these are the same values as on the whole picture."""


def in_pieces(function: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """A function of each value, of any shape, worked out in pieces (n,)."""
    result = torch.empty_like(values, memory_format=torch.contiguous_format)
    for piece, made in zip(values.reshape(-1).split(PIECE), result.view(-1).split(PIECE), strict=True):
        made.copy_(function(piece))
    return result


def pixels_in_pieces(function: Callable[..., Tensor], channels: int, *pictures: Tensor) -> Tensor:
    """(`channels`, H, W) of a function of each pixel of pictures (C, H, W) float32, worked out in pieces: it gets (C, n) of each, gives (`channels`, n)."""
    result = pictures[0].new_empty(channels, *pictures[0].shape[1:])
    rows = (picture.reshape(len(picture), -1).split(PIXELS, 1) for picture in (result, *pictures))
    for made, *given in zip(*rows, strict=True):
        made.copy_(function(*given))
    return result
