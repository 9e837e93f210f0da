"""Makes a lattice of colours rise: each channel with its own input, and all with a rising gray."""

import torch
from torch import Tensor

LEAST = 1e-3
"""Slope that is left where a look would fall or stand still."""
ROUNDS = 32
"""Turns between the channels and the gray axis; a usual look needs none or two, a wildly falling one fifteen."""
HALO = 8
"""Knots beside the gray axis over which a correction of it fades out."""


def monotone(table: Tensor, knots: Tensor) -> Tensor:
    """(N, N, N, 3) at knots (N,) with R rising along R, G along G, B along B, and all of them along the gray axis.

    What rises already comes back as it was, to the bit. A stretch that falls becomes the mean of the highest value before and the
    lowest value after each of its knots.
    """
    table = table.clone()
    level = LEAST * knots.to(table.dtype)
    for _ in range(ROUNDS):
        _raise(table, level)
        axis = torch.einsum("iiic->ci", table)
        change = (_risen(axis, level) - axis).T
        if not bool(change.any()):
            return table
        table += _around(change)
    _raise(table, level)
    return table


def _raise(table: Tensor, level: Tensor) -> None:
    """Makes each channel rise with its own input, in place."""
    for channel in range(3):
        lines = table[..., channel].movedim(channel, -1)
        lines.copy_(_risen(lines, level))


def _risen(lines: Tensor, level: Tensor) -> Tensor:
    """Lines (..., N) that rise at least as `level` (N,)."""
    above = lines - level
    high, low = above.cummax(-1).values, above.flip(-1).cummin(-1).values.flip(-1)
    return torch.where(high == low, lines, (high + low) / 2 + level)


def _around(change: Tensor) -> Tensor:
    """(N, N, N, 3): a correction (N, 3) of the gray axis, fading away from it."""
    count = len(change)
    r, g, b = torch.meshgrid(*[torch.arange(count)] * 3, indexing="ij")
    distance = torch.maximum(torch.maximum(r, g), b) - torch.minimum(torch.minimum(r, g), b)
    fade = (1 - distance / HALO).clamp_min(0)
    return change[(r + g + b) // 3] * fade[..., None]
