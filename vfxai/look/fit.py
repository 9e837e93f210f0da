"""Fits a look to pairs of colours: a decision list, and what it leaves as a smooth function of colour."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from vfxai.look.cdl import Cdl, fit_cdl
from vfxai.look.look import COEFFICIENTS, Look
from vfxai.look.scale import Scale
from vfxai.look.spline import basis, bending, gathered, spread

LEVELS = (7, 13, COEFFICIENTS)
"""Lattices of coefficients, coarse to fine: the coarse ones reach colours without samples quickly."""
ITERATIONS = (40, 30, 30)
ROUNDS = 3
"""Of reweighting at the finest lattice, after which the weights hardly change."""
BINS = 96
"""Bins of each axis, as seen, in which samples are averaged."""


@dataclass(frozen=True)
class Samples:
    """Colours before and after."""

    before: Tensor
    """(K, 3) float32, in the plate's values."""
    after: Tensor
    """(K, 3) float32."""
    weight: Tensor
    """(K,) float32 above 0."""


def binned(before: Tensor, after: Tensor, weight: Tensor, scale: Scale) -> Samples:
    """Samples (K, 3) averaged where they are alike before; a bin's weight is the root of that of its samples.

    The root lets a colour of which there is little count for more than its area, and one that fills the frame for less.
    """
    place = (scale.seen(before) * BINS).floor().long().clamp(-BINS, 8 * BINS) + BINS
    key = (place * torch.tensor([(16 * BINS) ** 2, 16 * BINS, 1])).sum(1)
    _, group = key.unique(return_inverse=True)
    total = torch.zeros(int(group.max()) + 1).index_add(0, group, weight)

    def mean(color: Tensor) -> Tensor:
        even = scale.seen(color) * weight[:, None]
        return scale.stored(torch.zeros(len(total), 3).index_add(0, group, even) / total[:, None])

    return Samples(mean(before), mean(after), total.sqrt())


def fit(
    samples: Samples, scale: Scale, stiffness: float, progress: Callable[[int, int], None] = lambda done, total: None
) -> Look:
    """The look of samples. `stiffness` is the weight of its bending against that of its error; `progress` hears of the steps done."""
    cdl = fit_cdl(samples.before, samples.after, samples.weight, scale, FAITH)
    rest = _Rest(samples, scale, cdl, stiffness)
    coefficients = torch.zeros(4, 4, 4, 3)
    steps, done = len(LEVELS) + ROUNDS, 1
    for level, iterations in zip(
        (*LEVELS, *[COEFFICIENTS] * (ROUNDS - 1)), (*ITERATIONS, *[ITERATIONS[-1]] * (ROUNDS - 1)), strict=True
    ):
        progress(done, steps)
        coefficients = rest.solve(refined(coefficients, level), iterations)
        done += 1
    progress(steps, steps)
    return Look(scale, cdl, coefficients.half())


def refined(coefficients: Tensor, count: int) -> Tensor:
    """The same function on a finer lattice of coefficients, nearly: least squares on points between."""
    if len(coefficients) == count:
        return coefficients
    at = torch.linspace(0, 1, 4 * count, dtype=torch.float64)
    fine, coarse = basis(at, count), basis(at, len(coefficients))
    return spread(coefficients, torch.linalg.lstsq(fine, coarse).solution.float())


class _Rest:
    """The least squares problem of what the decision list leaves, as seen."""

    def __init__(self, samples: Samples, scale: Scale, cdl: Cdl, stiffness: float) -> None:
        inner = scale.inner().float()
        place = scale.seen(samples.before).clamp(0, float(scale.seen(inner[-1:])))
        seen = scale.seen(inner)
        self.points = (seen / seen[-1]).double()
        top = len(inner) - 1
        cell = torch.searchsorted(seen, place.contiguous(), right=True).clamp(1, top) - 1
        part = (place - seen[cell]) / (seen[cell + 1] - seen[cell])
        size = len(inner)
        corners = torch.tensor([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)])
        strides = torch.tensor([size * size, size, 1])
        self.index = ((cell[:, None] + corners) * strides).sum(2)  # (K, 8)
        self.share = torch.where(corners == 1, part[:, None], 1 - part[:, None]).prod(2)  # (K, 8)
        self.size = size
        self.wanted = scale.seen(samples.after) - scale.seen(cdl.extended(samples.before, float(inner[-1])))
        self.clipped = scale.seen(samples.after) >= CLIPPED
        self.weight = samples.weight / samples.weight.sum()
        self.stiffness = stiffness

    def interpolated(self, values: Tensor) -> Tensor:
        """(K, 3) of values at the inner knots (M, M, M, 3)."""
        return (values.reshape(-1, 3)[self.index] * self.share[..., None]).sum(1)

    def splatted(self, samples: Tensor) -> Tensor:
        """The transpose: (K, 3) to (M, M, M, 3)."""
        spread_out = (samples[:, None] * self.share[..., None]).reshape(-1, 3)
        total = torch.zeros(self.size**3, 3).index_add(0, self.index.reshape(-1), spread_out)
        return total.reshape(self.size, self.size, self.size, 3)

    def solve(self, start: Tensor, iterations: int) -> Tensor:
        """Coefficients by conjugate gradients, with weights from the error at the start."""
        count = len(start)
        rows = basis(self.points, count).float()
        error = self.wanted - self.interpolated(spread(start, rows))
        weight = (self.weight / (1 + (error.norm(dim=1) / TYPICAL) ** 2))[:, None].repeat(1, 3)
        weight = torch.where(self.clipped & (error < 0), 0, weight)  # a clipped value may be as bright as it likes
        noise = float(error.abs().median()) / NOISE
        bend = self.stiffness * (1 + noise**2) * (count - 3) / (COEFFICIENTS - 3)  # the integral of the squared second derivative

        def applied(c: Tensor) -> Tensor:
            data = gathered(self.splatted(weight * self.interpolated(spread(c, rows))), rows)
            return data + bend * bending(c) + RIDGE * c

        x = start.clone()
        residual = gathered(self.splatted(weight * self.wanted), rows) - applied(x)
        direction, power = residual, (residual**2).sum()
        for _ in range(iterations):
            if float(power) < 1e-20:
                break
            pushed = applied(direction)
            step = power / (direction * pushed).sum()
            x, residual = x + step * direction, residual - step * pushed
            power, before = (residual**2).sum(), power
            direction = residual + power / before * direction
        return x


TYPICAL = 0.02
"""Error, as seen, from which a sample counts for less and less: about five codes of 8 bits."""
CLIPPED = 0.998
"""Value as seen from which a result may have been cut off at white; only a darker one then counts as wrong."""
FAITH = 3e-3
"""Pull of the decision list towards doing nothing; strong enough that few colours do not bend it where there are none."""
NOISE = 0.002
"""Median error, as seen, at which a look is made twice as stiff: a pair with grain or compression must not shape it."""
RIDGE = 1e-8
"""Pull towards the decision list, so weak that it decides only far from any sample."""
