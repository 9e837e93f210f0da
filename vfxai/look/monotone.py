"""Makes a lattice of colours rise: each channel with its own input, and all with a rising gray."""

import torch
from torch import Tensor

LEAST = 1e-3
"""Slope that is left where a look would fall or stand still."""
ROUNDS = 64
"""Turns between the channels and the gray axis; a usual look needs none or two, one that falls everywhere some dozens."""
MIDDLE = 0.45
"""Middle gray as seen, about which colours are sure to have been fitted."""
HALO = 0.2
"""Distance beside the gray axis, as seen, over which a correction of it fades out; in highlights that is less than a knot."""
NEAREST = [[(1, 0, 0), (0, 1, 0), (0, 0, 1)], [(0, 1, 1), (1, 0, 1), (1, 1, 0)]]
"""The corners of a cell of the gray axis that are not on it, those nearer its dark end first."""


def monotone(table: Tensor, knots: Tensor, seen: Tensor) -> Tensor:
    """(N, N, N, 3) at knots (N,), which are `seen` (N,) to the eye, with R rising along R, G along G, B along B, and all of them along the gray axis.

    So it does between the knots too, under trilinear interpolation: a cell's gray diagonal is the Bezier curve of its ends and of the
    means of the corners nearest to each, which rises if these four do. What rises already comes back as it was, to the bit. Middle
    gray is trusted: above it, what falls is raised to the highest value before it; below it, lowered to the lowest value after it.
    """
    table = table.clone()
    level = LEAST * knots.to(table.dtype)
    parts = level[:-1, None] + level.diff()[:, None] * torch.tensor([0, 1 / 3, 2 / 3], dtype=level.dtype)
    gray_level = torch.cat([parts.flatten(), level[-1:]])
    r, g, b = torch.meshgrid(seen, seen, seen, indexing="ij")
    distance = torch.maximum(torch.maximum(r, g), b) - torch.minimum(torch.minimum(r, g), b)
    fade = (1 - distance / HALO).clamp_min(0)[..., None]
    middle = int((seen - MIDDLE).abs().argmin())
    for _ in range(ROUNDS):
        _raise_channels(table, level, middle)
        gray = _gray(table)
        change = (_risen(gray, gray_level, 3 * middle) - gray).T
        if not bool(change.any()):
            return table
        _move_gray(table, change, fade)
    _raise_channels(table, level, middle)
    return table


def _raise_channels(table: Tensor, level: Tensor, middle: int) -> None:
    """Makes each channel rise with its own input, in place."""
    for channel in range(3):
        lines = table[..., channel].movedim(channel, -1)
        lines.copy_(_risen(lines, level, middle))


def _risen(lines: Tensor, level: Tensor, middle: int) -> Tensor:
    """Lines (..., N) that rise at least as `level` (N,), changed only outwards from the middle."""
    over = lines - level
    above, below = over[..., middle:].cummax(-1).values, over[..., : middle + 1].flip(-1).cummin(-1).values.flip(-1)
    risen = torch.cat([below[..., :-1], above], -1)
    return torch.where(risen == over, lines, risen + level)


def _gray(table: Tensor) -> Tensor:
    """(3, 3N - 2): the control points of the gray axis, channel by channel."""
    at = torch.arange(len(table) - 1)
    near = [torch.stack([table[at + r, at + g, at + b] for r, g, b in corners]).mean(0) for corners in NEAREST]
    return torch.cat([torch.stack([table[at, at, at], *near], 1).flatten(0, 1), table[-1, -1, -1][None]]).T


def _move_gray(table: Tensor, change: Tensor, fade: Tensor) -> None:
    """Adds (3N - 2, 3) to the control points, in place, and, by `fade`, to what lies beside the axis."""
    count = len(table)
    r, g, b = torch.meshgrid(*[torch.arange(count)] * 3, indexing="ij")
    before = _gray(table).T
    table += change[::3][(r + g + b) // 3] * fade
    left = change - (_gray(table).T - before)
    at = torch.arange(count - 1)
    for part, near in enumerate(NEAREST, 1):
        for corner in near:
            table[at + corner[0], at + corner[1], at + corner[2]] += left[part::3]
