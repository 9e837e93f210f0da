"""What the fill network is shown: a picture with holes, and what other frames show there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from vfxai.image.fill import around, halved, smooth_fill
from vfxai.image.matte import distance_outside

HINTS = 2
"""Aligned neighbours that the network looks at."""
WIDE = 32
"""Pixels across from which what no frame shows is made up at half the size first: gains 0.2 dB in boxes of 32 to 48 pixels on held-out pictures, and
costs as much in those of 16 and 24."""
COMPARED = (1.5, 5.0)
"""Radii (standard deviation, pixels) over which a neighbour's agreement is judged, by the worse of the two."""


@dataclass(frozen=True)
class AlignedNeighbour:
    """A neighbour as it would look from the frame in question."""

    color: Tensor
    """(3, H, W), exposure compensated."""
    valid: Tensor
    """(1, H, W), 1 where the neighbour lies and is not hidden itself."""
    misses: Tensor
    """(1, H, W), mean squared difference to the frame around each pixel, judged where both are known."""

    def replaced(self, where: Tensor, by: "AlignedNeighbour") -> "AlignedNeighbour":
        """This one, with another where `where` (1, H, W; bool)."""
        pairs = (self.color, by.color), (self.valid, by.valid), (self.misses, by.misses)
        return AlignedNeighbour(*(torch.where(where, new, old) for old, new in pairs))


def made_up(picture: Tensor, hole: Tensor, neighbours: Sequence[AlignedNeighbour], run: Callable[[Tensor], Tensor]) -> Tensor:
    """(3, H, W): what the network `run` makes of fill_planes(). Wide parts that no neighbour shows it makes up at half the size first, and so on.

    What is far from anything known would otherwise lie beyond what a network of a few layers takes in.
    """
    planes = fill_planes(picture, hole, neighbours)
    guess, shown = _guess(picture, hole, neighbours)
    far = wide(~shown)
    if bool(far.any()):
        known = shown.float()
        share = halved(known)
        small = halved(guess * known) / share.clamp_min(1e-6)
        less = (share < 1).float()
        made = torch.where(less > 0, made_up(small * (1 - less), less, (), run), small)
        large = interpolate(made[None], scale_factor=2, mode="bicubic", align_corners=False)[0]
        planes[:3] = torch.where(far, large[:, : picture.shape[1], : picture.shape[2]], planes[:3])
    return run(planes)


def wide(unseen: Tensor) -> Tensor:
    """(1, H, W; bool): the parts of what is unseen (1, H, W; bool) that are WIDE or more across; none where all is unseen."""
    depth = distance_outside((~unseen).float())
    middle = (depth > WIDE / 2) & depth.isfinite()
    return unseen & (distance_outside(middle.float()) <= WIDE / 2)


def fill_planes(picture: Tensor, hole: Tensor, neighbours: Sequence[AlignedNeighbour]) -> Tensor:
    """The network's input (17, H, W): first guess, hole, two neighbours with where they are valid, how far each misses, and the smooth fill.

    `picture` (3, H, W) in display-like values; `hole` (1, H, W), 1 where it is not known. Fewer than two neighbours are allowed. The guess in the
    hole is the mean of the neighbours, and goes on smoothly where there is none; a miss is a root mean square in the picture's values.
    """
    nothing = torch.zeros_like(hole)
    pairs = [*neighbours, *[AlignedNeighbour(torch.zeros_like(picture), nothing, nothing)] * HINTS][:HINTS]
    smooth = torch.where(hole > 0, smooth_fill(picture, 1 - hole), picture)
    guess, shown = _guess(picture, hole, neighbours)
    planes = [torch.where(shown, guess, smooth_fill(guess, shown.float())), hole]
    for neighbour in pairs:
        planes += [neighbour.color * neighbour.valid, neighbour.valid]
    return torch.cat([*planes, *(torch.where(s.valid > 0, s.misses, 0.0).sqrt() for s in pairs), smooth])


def _guess(picture: Tensor, hole: Tensor, neighbours: Sequence[AlignedNeighbour]) -> tuple[Tensor, Tensor]:
    """(3, H, W) with the mean of the neighbours in the hole, and where it or the picture is known (1, H, W; bool)."""
    used = neighbours[:HINTS]
    seen = sum((s.valid for s in used), torch.zeros_like(hole))
    mean = sum((s.color * s.valid for s in used), torch.zeros_like(picture)) / seen.clamp_min(1)
    return torch.where(hole > 0, mean, picture), (hole == 0) | (seen > 0)


def judged(picture: Tensor, color: Tensor, both: Tensor) -> Tensor:
    """(1, H, W): mean squared difference of two pictures (3, H, W) around each pixel, of what is known in `both` (1, H, W)."""
    square = ((picture - color) ** 2).mean(0, keepdim=True)
    near, wide = (around(square * both, both, radius) for radius in COMPARED)
    return torch.maximum(near, wide)
