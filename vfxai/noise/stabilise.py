"""Evens out level-dependent noise: a curve after which noise has standard deviation 1 everywhere, and the way back without bias.

The curve is the integral of dx / sigma(x) (Curtiss, 1943; for photon noise Anscombe, 1948). Its plain inverse turns the mean of the
stabilised values into too low a level, because the curve bends; the unbiased inverse (Makitalo and Foi, 2011) is computed from the profile
by Gauss-Hermite quadrature.
"""

import numpy as np
import torch
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from torch import Tensor

from vfxai.color.chunked import in_chunks
from vfxai.noise.profile import NoiseProfile

Values = NDArray[np.float64]
REACH = 2.0**17
"""Levels up to this, both signs: beyond the largest half value."""
POINTS = 16384
"""Of a table; by linear interpolation it is then off by less than a half-float step."""


class Table:
    """A monotonic function given at points, evaluated by index: linear between points that are evenly spaced once both sides are warped.

    The warp is sign(x) log(1 + |x|), which is like asinh and takes a tenth of its time.
    """

    def __init__(self, x: Values, y: Values, x_unit: float, y_unit: float) -> None:
        self.x_unit, self.y_unit = x_unit, y_unit
        warped, other = (np.copysign(np.log1p(np.abs(v)), v) for v in (x / x_unit, y / y_unit))
        self.low, self.high = float(warped[0]), float(warped[-1])
        grid = np.linspace(self.low, self.high, POINTS)
        self.values = torch.from_numpy(np.interp(grid, warped, other).astype(np.float32))

    def __call__(self, x: Tensor) -> Tensor:
        """The function at every element; continued beyond the table along its last piece."""
        values = self.values.to(x.device)
        return in_chunks(lambda chunk: self._at(chunk, values), x)

    def _at(self, x: Tensor, values: Tensor) -> Tensor:
        scaled = x / self.x_unit
        place = scaled.abs().log1p_().copysign_(scaled).sub_(self.low).mul_((POINTS - 1) / (self.high - self.low))
        index = place.int().clamp_(0, POINTS - 2)  # below 0 it rounds up, which the clamp takes back
        at, after = values.index_select(0, index), values.index_select(0, index + 1)
        at.lerp_(after, place.sub_(index))
        return at.abs().expm1_().copysign_(at).mul_(self.y_unit)


class ChannelCurve:
    """One channel's curve and its two inverses."""

    def __init__(self, profile: NoiseProfile, channel: int) -> None:
        knots = np.asarray(profile.levels[channel])
        self.even = len(knots) == 1 and profile.slopes[channel] == 0
        middle = float(np.sqrt(profile.variance(channel, np.array([0.0, profile.white / 2])).min()))
        self.sigma = middle
        if self.even:
            return
        unit = max(middle * 0.5, 1e-7)
        edge = np.arcsinh(REACH / unit)
        x = np.sinh(np.linspace(-edge, edge, POINTS * 2 + 1)) * unit
        rate = 1 / np.sqrt(profile.variance(channel, x))
        steps = np.diff(x) * (rate[1:] + rate[:-1]) / 2
        z = np.concatenate([[0], np.cumsum(steps)])
        z -= z[POINTS]  # 0 stays 0
        nodes, weights = hermegauss(21)
        sigma = np.sqrt(profile.variance(channel, x))
        expected = sum(w * np.interp(x + sigma * n, x, z) for n, w in zip(nodes, weights, strict=True)) / np.sqrt(2 * np.pi)
        inner = np.abs(x) < REACH / 4
        expected = np.where(inner, expected, z)  # at the ends the quadrature leaves the table; the curve is straight there
        expected = np.maximum.accumulate(expected + np.arange(len(x)) * 1e-12)
        self.forward = Table(x, z, unit, 1.0)
        self.algebraic = Table(z, x, 1.0, unit)
        self.unbiased = Table(expected, x, 1.0, unit)
        self.deviation = Table(x, sigma, unit, middle)


class Stabiliser:
    """The curves of a profile. All take and give (3, H, W) float32, unpremultiplied."""

    def __init__(self, profile: NoiseProfile) -> None:
        self.channels = [ChannelCurve(profile, c) for c in range(3)]

    def forward(self, color: Tensor) -> Tensor:
        """Plate values to values in which noise has standard deviation 1; 0 stays 0, the order of values is kept."""
        result = torch.empty_like(color)
        for target, plane, c in zip(result, color, self.channels, strict=True):
            target.copy_(plane / c.sigma if c.even else c.forward(plane))
        return result

    def span(self, white: float) -> float:
        """How many standard deviations of noise lie between 0 and `white`, in the mean of the channels."""
        ends = self.forward(torch.tensor([0.0, white]).expand(3, 1, 2))
        return float((ends[..., 1] - ends[..., 0]).mean())

    def inverse(self, stabilised: Tensor, unbiased: bool = True) -> Tensor:
        """Back to plate values; `unbiased` for a mean of noisy values (a denoised picture), else the exact inverse of forward()."""
        result = torch.empty_like(stabilised)
        for target, plane, c in zip(result, stabilised, self.channels, strict=True):
            target.copy_(plane * c.sigma if c.even else (c.unbiased if unbiased else c.algebraic)(plane))
        return result

    def deviation(self, plane: Tensor, channel: int) -> Tensor:
        """Standard deviation that the noise of one channel has at the levels (H, W), in plate values."""
        c = self.channels[channel]
        return torch.full_like(plane, c.sigma) if c.even else c.deviation(plane)

    def blend(self, stabilised: Tensor, removed: float) -> Tensor:
        """Back to plate values for a stabilised picture (3, H, W), float32, of which the share `removed` (0..1) of the noise is gone."""
        if removed >= 1 or all(c.even for c in self.channels):
            return self.inverse(stabilised)
        plain = self.inverse(stabilised, unbiased=False)
        return plain + removed * (self.inverse(stabilised) - plain)
