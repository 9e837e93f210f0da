"""A picture in tiles: padded by reflection to the network's multiple, overlapped by its receptive field, seams feathered."""

from collections.abc import Callable

import torch
from torch import Tensor

SEAM = 16
"""Pixels over which one piece fades into the next."""
Run = Callable[[Tensor], Tensor]
"""(1, C, H, W) -> (1, C', H * scale, W * scale), H and W multiples of the network's."""


def padded(planes: Tensor, multiple: int) -> Tensor:
    """(C, H, W) continued to the right and below by reflection up to a multiple, in steps where it is narrower than the padding."""
    height, width = planes.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    if bottom < height and right < width:
        return torch.nn.functional.pad(planes[None], (0, right, 0, bottom), "reflect")[0] if bottom or right else planes
    rows, columns = _reflected(height, height + bottom), _reflected(width, width + right)
    return planes.index_select(1, rows.to(planes.device)).index_select(2, columns.to(planes.device))


def _reflected(size: int, wanted: int) -> Tensor:
    """Indices 0 1 2 .. size-1 size-2 .. 1 0 1 .. of length `wanted`."""
    index = torch.arange(wanted)
    if size == 1:
        return torch.zeros_like(index)
    period = 2 * (size - 1)
    index = index % period
    return torch.where(index < size, index, period - index)


def starts(size: int, side: int, overlap: int, multiple: int) -> list[int]:
    """First pixels of pieces up to `side` long that cover 0..size; on the network's grid, sharing at least `overlap` pixels."""
    step = max((side - overlap) // multiple * multiple, multiple)
    return list(range(0, max(size - overlap, 1), step)) if size > side else [0]


def feather(length: int, context: int, at_start: bool, at_end: bool) -> Tensor:
    """Weights (length,): 0 where the piece lacks `context` pixels of surroundings, then a ramp of SEAM pixels to 1."""
    place = torch.arange(length, dtype=torch.float32)
    weight = torch.ones(length)
    if not at_start:
        weight = weight * ((place + 0.5 - context) / SEAM).clamp(0, 1)
    if not at_end:
        weight = weight * ((length - place - 0.5 - context) / SEAM).clamp(0, 1)
    return weight


def run_tiled(planes: Tensor, run: Run, tile: int, context: int, multiple: int, channels_out: int, scale: int = 1) -> Tensor:
    """Runs a network over (C, H, W) float32; (channels_out, H * scale, W * scale), equal to the untiled result.

    Each piece has up to `tile` pixels a side of its own and the `context` that the network's receptive field needs around them.
    """
    height, width = planes.shape[-2:]
    overlap = 2 * context + SEAM
    side = -(-(max(tile, multiple) + overlap) // multiple) * multiple
    if height <= side and width <= side:
        return run(padded(planes, multiple)[None])[0, :, : height * scale, : width * scale]
    result = planes.new_zeros((channels_out, height * scale, width * scale))
    total = planes.new_zeros((1, height * scale, width * scale))
    for y in starts(height, side, overlap, multiple):
        for x in starts(width, side, overlap, multiple):
            piece = planes[:, y : y + side, x : x + side]
            h, w = piece.shape[-2:]
            done = run(padded(piece, multiple)[None])[0, :, : h * scale, : w * scale]
            down = feather(h, context, y == 0, y + h == height).repeat_interleave(scale)
            across = feather(w, context, x == 0, x + w == width).repeat_interleave(scale)
            weight = (down[:, None] * across[None]).to(planes.device)[None]
            place = (slice(None), slice(y * scale, (y + h) * scale), slice(x * scale, (x + w) * scale))
            result[place] += done * weight
            total[place] += weight
    return result / total
