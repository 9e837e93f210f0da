"""Functions of values or pixels one by one, on whole pictures.

They are worked out in chunks that stay in the processor's cache. On the whole picture every step of them would take as much memory as
the picture, and the time to go there.
"""

from collections.abc import Callable

import torch
from torch import Tensor

CHUNK = 2**18
"""Elements that are worked out at a time: 1 MiB of float32, of which a processor's second cache holds a few."""
CHUNK_PIXELS = CHUNK // 4
"""Pixels of up to four channels that are. Processors take 32 values at once at most and may round the last of a row, fewer than that, in
another way: with a multiple of 32 these are the same values as on the whole picture."""


def in_chunks(function: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """A function of each value, float32 of any shape and range.

    `function` is called with (n,) and gives (n,).
    """
    result = torch.empty_like(values, memory_format=torch.contiguous_format)
    for chunk, made in zip(values.reshape(-1).split(CHUNK), result.view(-1).split(CHUNK), strict=True):
        made.copy_(function(chunk))
    return result


def pixels_in_chunks(function: Callable[..., Tensor], channels: int, *pictures: Tensor) -> Tensor:
    """A function of each pixel of one or more pictures (C, H, W) float32, as (`channels`, H, W) float32.

    `function` is called with (C, n) of each picture and gives (`channels`, n).
    """
    result = pictures[0].new_empty(channels, *pictures[0].shape[1:])
    rows = (picture.reshape(len(picture), -1).split(CHUNK_PIXELS, 1) for picture in (result, *pictures))
    for made, *given in zip(*rows, strict=True):
        made.copy_(function(*given))
    return result
