"""The ASC color decision list: slope, offset and power of each channel, then saturation."""

from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from vfxai.look.scale import Scale

LUMA = (0.2126, 0.7152, 0.0722)
"""Weights of R, G, B in the ASC's saturation (those of Rec. 709)."""
STEPS = 40
"""Of the fit; it settles in about twenty."""


@dataclass(frozen=True)
class Cdl:
    """Values as in a .cdl file; negative results of slope and offset pass without power, nothing is clamped."""

    slope: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    power: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0

    def __call__(self, color: Tensor) -> Tensor:
        """(..., 3) to (..., 3), in the values of the plate."""
        slope, offset, power = (torch.tensor(v, dtype=color.dtype) for v in (self.slope, self.offset, self.power))
        return saturated(_powered(color * slope + offset, power), self.saturation)

    def extended(self, color: Tensor, top: float) -> Tensor:
        """As a call within 0..top, and straight lines beyond, so that neither negative values nor highlights run away."""
        slope, offset, power = (torch.tensor(v, dtype=color.dtype) for v in (self.slope, self.offset, self.power))
        inside = color.clamp(0, top)
        known = _powered(inside * slope + offset, power)
        black, white = (_powered(level * slope + offset, power) for level in (0.0, top))
        toe = (
            ((_powered(TOE * slope + offset, power) - black) / TOE).mean().clamp(1 / STEEPEST, STEEPEST)
        )  # one, lest gray turn back
        gain = (white / top).clamp(1 / STEEPEST, STEEPEST)
        line = known + (color - inside) * torch.where(color < 0, toe, gain)
        return saturated(line, self.saturation)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"slope": list(self.slope), "offset": list(self.offset), "power": list(self.power), "saturation": self.saturation}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From what to_dict gave; KeyError, TypeError or ValueError where it is none."""
        (sr, sg, sb), (fr, fg, fb), (pr, pg, pb) = ((float(v) for v in data[n]) for n in ("slope", "offset", "power"))
        return cls((sr, sg, sb), (fr, fg, fb), (pr, pg, pb), float(data["saturation"]))


TOE = 1 / 64
"""Level up to which the slope at black is measured; a power below 1 has an infinite one at 0 itself."""
STEEPEST = 8.0
"""Largest slope of the straight lines, and inverse of the smallest: three stops."""


def _powered(color: Tensor, power: Tensor) -> Tensor:
    positive = color > 0
    return torch.where(positive, torch.where(positive, color, torch.ones_like(color)) ** power, color)


def luminance(color: Tensor) -> Tensor:
    """(..., 1) of (..., 3)."""
    return (color * torch.tensor(LUMA, dtype=color.dtype)).sum(-1, keepdim=True)


def saturated(color: Tensor, saturation: float | Tensor) -> Tensor:
    """Colours (..., 3) moved away from their luminance, or towards it."""
    gray = luminance(color)
    return gray + (color - gray) * saturation


def fit_cdl(before: Tensor, after: Tensor, weight: Tensor, scale: Scale, faith: float = 0.0, cut: Tensor | None = None) -> Cdl:
    """The decision list that brings (K, 3) nearest to (K, 3) as seen, robustly; `weight` (K,).

    `faith` pulls towards doing nothing, which decides what the samples do not. `cut` (K, 3) says what was cut off at white after,
    and may become brighter.
    """
    x, target = before.double(), scale.seen(after.double())
    values = torch.zeros(10, dtype=torch.float64, requires_grad=True)  # log slope, offset, log power of R G B; log saturation
    share = (weight.double() / weight.sum())[:, None]

    def made() -> Tensor:
        slope, offset, power = values[:3].clamp(-3, 3).exp(), values[3:6], values[6:9].clamp(-2, 2).exp()
        return saturated(_powered(x * slope + offset, power), values[9].clamp(-6, 1.5).exp())

    solver = torch.optim.LBFGS([values], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        solver.zero_grad()
        error = scale.seen(made()) - target
        if cut is not None:
            error = torch.where(cut, error.clamp(max=0), error)
        total = (share * torch.sqrt(error**2 + TYPICAL**2)).sum() + (faith + STEADY) * (values**2).sum()
        total.backward()
        return total

    solver.step(loss)
    v = values.detach().clamp(-6, 3)
    if not bool(torch.isfinite(v).all()):
        return Cdl()
    (sr, sg, sb), (fr, fg, fb), (pr, pg, pb) = v[:3].exp().tolist(), v[3:6].tolist(), v[6:9].clamp(-2, 2).exp().tolist()
    return Cdl((sr, sg, sb), (fr, fg, fb), (pr, pg, pb), float(v[9].clamp(-6, 1.5).exp()))


TYPICAL = 0.02
"""Error, as seen, from which a sample counts by its distance and no longer by its square."""
STEADY = 1e-7
"""Least pull, without which a gray shot has no saturation to find."""
