"""How much of a look a colour gets: strength, brightness only, protected skin and neutrals."""

from dataclasses import dataclass

import torch
from torch import Tensor

from vfxai.look.cdl import luminance
from vfxai.look.scale import Scale

SKIN_HUE = 123.0
"""Degrees in the plane of Cb and Cr: the flesh line of vectorscopes (the I axis of NTSC), near which skin of all people lies."""
SKIN_WIDTH = (14.0, 32.0)
"""Degrees from it up to which a hue is skin, and from which it is not."""
SKIN_SATURATION = (0.03, 0.08, 0.40, 0.65)
"""Chroma divided by luma, as seen: from, wholly from, wholly up to and up to which a colour may be skin."""
SKIN_LUMA = (0.03, 0.12)
NEUTRAL = (0.03, 0.15)
"""Chroma divided by luma, as seen, up to which a colour is neutral, and from which it is not."""
DARK = 0.02
"""Level below which colour is no longer a ratio of channels."""


@dataclass(frozen=True)
class Mix:
    """What of a look reaches a colour; a function of the colour alone, and so a part of the look."""

    strength: float = 1.0
    luma_only: bool = False
    protect_skin: float = 0.0
    protect_neutrals: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether the look comes through as it is."""
        return self == Mix()

    def __call__(self, before: Tensor, after: Tensor, scale: Scale) -> Tensor:
        """Colours (..., 3) between those before and after a look, in the plate's values."""
        if self.luma_only or self.protect_skin or self.protect_neutrals:
            brightened = relit(before, luminance(after))
            share = torch.zeros_like(before[..., :1]) if self.luma_only else self._colored(scale.seen(before))
            after = brightened + share * (after - brightened)
        return after if self.strength == 1 else before + self.strength * (after - before)

    def _colored(self, seen: Tensor) -> Tensor:
        """(..., 1): the share of the change of colour that is not held off."""
        return (1 - self.protect_skin * skin(seen)) * (1 - self.protect_neutrals * neutral(seen))


def relit(color: Tensor, luma: Tensor) -> Tensor:
    """Colours (..., 3) with another luminance (..., 1): the channels keep their ratios, except near black, where gray is added."""
    own = luminance(color)
    gain = ((luma * own + DARK**2) / (own**2 + DARK**2)).clamp(0, 16)
    return color * gain + (luma - own * gain)


def skin(seen: Tensor) -> Tensor:
    """(..., 1) in 0..1: how much colours (..., 3), as seen, are those of skin."""
    cb, cr, luma, saturation = _opponent(seen)
    away = (torch.rad2deg(torch.atan2(cr, cb)) - SKIN_HUE).abs()
    of_hue = 1 - _smooth(away, *SKIN_WIDTH)
    low, enough, much, over = SKIN_SATURATION
    return of_hue * _smooth(saturation, low, enough) * (1 - _smooth(saturation, much, over)) * _smooth(luma, *SKIN_LUMA)


def neutral(seen: Tensor) -> Tensor:
    """(..., 1) in 0..1: how much colours (..., 3), as seen, are gray."""
    return 1 - _smooth(_opponent(seen)[3], *NEUTRAL)


def _opponent(seen: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Cb, Cr and luma of Rec. 709, and chroma divided by luma; each (..., 1)."""
    luma = luminance(seen)
    cb, cr = (seen[..., 2:] - luma) / 1.8556, (seen[..., :1] - luma) / 1.5748
    return cb, cr, luma, torch.hypot(cb, cr) / luma.abs().clamp_min(DARK)


def _smooth(value: Tensor, low: float, high: float) -> Tensor:
    t = ((value - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)
