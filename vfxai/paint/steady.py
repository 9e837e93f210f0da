"""Colours of a frame steadied by those of its neighbours: motion brings each of them from the keys on a way of its own, and so with errors of its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor

from vfxai.motion.flow_error import flow_error, mean
from vfxai.motion.warp import warp
from vfxai.paint.blend import HALF_TRUST, NEAR

LEAST_ERROR = 0.002
"""Of any colour, in display-like values: half a step of 8 bits."""
WARPED = 0.02
"""Error of what is warped once more. With 0.01 clean pictures that hardly move lose 1 % of CIEDE2000; 0.02 costs moving ones a fifth of a per cent."""
LEAST_TRUST = 1e-3
"""Confidence that counts least: it keeps the expected error finite where nothing is known, and its weight next to none."""


@dataclass(frozen=True)
class ColoredNeighbour:
    """A frame near another one, and the motion between them."""

    guide: Tensor
    """Its luminance (1, h, w)."""
    chroma: Tensor
    """(3, h, w)."""
    confidence: Tensor
    """(1, h, w), as blend() gives it."""
    forth: Tensor
    """(2, h, w), where the pixels of the frame in question lie in this one."""
    back: Tensor
    """(2, h, w), where the pixels of this one lie in that."""


def steadied(guide: Tensor, chroma: Tensor, confidence: Tensor, neighbours: Iterable[ColoredNeighbour]) -> Tensor:
    """Chroma (3, h, w): the mean of a frame's own and its neighbours', each with the inverse of its expected squared error as weight.

    `guide` (1, h, w) is the frame's luminance, `chroma` (3, h, w) and `confidence` (1, h, w) are what blend() gave for it.
    """
    weight = 1 / _squared_error(confidence)
    total = weight * chroma
    for other in neighbours:
        differs = mean((warp(other.guide, other.forth) - guide).abs(), NEAR)
        moved = WARPED**2 + differs**2 + flow_error(other.forth, other.back)
        share = 1 / (_squared_error(warp(other.confidence, other.forth)) + moved)
        total, weight = total + share * warp(other.chroma, other.forth), weight + share
    return total / weight


def _squared_error(confidence: Tensor) -> Tensor:
    """What blend() expected, in display-like values."""
    return HALF_TRUST**2 * (1 / confidence.clamp(LEAST_TRUST, 1) - 1) + LEAST_ERROR**2
