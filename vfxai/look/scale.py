"""Where the lattice of a look has its knots, and the curve under which a plate's values are even to the eye."""

from dataclasses import dataclass

import torch
from torch import Tensor

from vfxai.color.curves import perceptual_curve, perceptual_inverse

SIZE = 65
"""Knots of each axis: the largest lattice that all grading programs read."""
LINEAR_TAILS = (-65504, -64, -2, -0.25, -0.03125), (1.5, 2.5, 4, 8, 16, 32, 64, 125, 1024, 8192, 65504)
CODED_TAILS = (-65504, -64, -1, -0.25, -0.0625), (1.25, 1.75, 3, 6.5, 64, 1024, 65504)
"""Knots below 0 and above the plate's brightest, up to the last half values; a look is nearly a straight line out there."""
LINEAR_STEP, CODED_STEP = 2.0**-9, 2.0**-13
"""Knots within a .cube file's domain are multiples of this, so that its evenly sampled shaper meets each of them."""
LINEAR_DOMAIN, CODED_DOMAIN = (-2.0, 125.0), (-1.0, 6.5)
"""What a .cube file covers: at most 65536 steps."""


@dataclass(frozen=True)
class Scale:
    """The levels of a plate."""

    linear: bool
    """Whether the values are proportional to light; else they are video or log codes, about 0..1."""
    top: float
    """The brightest level that the look was fitted on, at least 1; beyond, it goes on as a straight line."""

    @property
    def step(self) -> float:
        """Smallest distance of knots in the domain."""
        return LINEAR_STEP if self.linear else CODED_STEP

    @property
    def domain(self) -> tuple[float, float]:
        """First and last level that a .cube file covers."""
        return LINEAR_DOMAIN if self.linear else CODED_DOMAIN

    def seen(self, stored: Tensor) -> Tensor:
        """Stored values (..., any shape) on a scale even to the eye, 0 black and 1 white, unbounded."""
        return perceptual_curve(stored) if self.linear else stored

    def stored(self, seen: Tensor) -> Tensor:
        """The inverse of seen()."""
        return perceptual_inverse(seen) if self.linear else seen

    def inner(self) -> Tensor:
        """(M,) float64: the knots from 0 to the top, even to the eye; all are half values and multiples of the step."""
        below, above = self._tails()
        even = torch.linspace(0, 1, SIZE - len(below) - len(above), dtype=torch.float64)
        levels = self.stored(even * self.seen(torch.tensor(self._rounded_top(), dtype=torch.float64)))
        exact = (levels / self.step).round() * self.step
        return exact.half().double()

    def knots(self) -> Tensor:
        """(65,) float64, ascending from -65504 to 65504."""
        below, above = self._tails()
        tail = [torch.tensor(t, dtype=torch.float64) for t in (below, above)]
        return torch.cat([tail[0], self.inner(), tail[1]])

    def _rounded_top(self) -> float:
        return float(torch.tensor(max(self.top, 1.0)).clamp(max=self.domain[1] / 2).half())

    def _tails(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        below, above = LINEAR_TAILS if self.linear else CODED_TAILS
        return below, tuple(a for a in above if a > 1.2 * self._rounded_top())
