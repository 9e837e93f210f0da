"""Fits a look to pairs of colours: a decision list, and what it leaves as a smooth function of colour."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, cg
from torch import Tensor

from vfxai.look.cdl import Cdl, fit_cdl
from vfxai.look.look import COEFFICIENTS, Look
from vfxai.look.scale import Scale
from vfxai.look.spline import basis, bending, gathered, spread, undiff

STEPS = ((7, 40, 0.5), (13, 30, 0.15), (COEFFICIENTS, 30, 0.05), (COEFFICIENTS, 30, 0.02), (COEFFICIENTS, 30, 0.02),
         (COEFFICIENTS, 30, 0.02))  # fmt: skip
"""Lattice of coefficients, iterations, and error, as seen, from which a sample counts for less and less.

Coarse lattices reach colours without samples quickly; the error from which a sample is an outlier shrinks with what the coarse ones cannot follow. The
last, five codes of 8 bits, is large for a grade and small for what does not belong to it, such as text burnt into a frame.
"""
BINS = (96, 64, 48)
"""Bins from black to white, as seen, in which samples are averaged; wider ones where grain would make too many."""
MOST_BINS = 50_000
"""Bins with samples above which wider ones are taken: a fit then takes no longer than one of a shot without grain."""


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
    seen = scale.seen(before)
    for bins in BINS:
        place = (seen * bins).floor().long().clamp(-bins, 8 * bins) + bins
        key = (place * torch.tensor([(16 * bins) ** 2, 16 * bins, 1])).sum(1)
        found, group = key.unique(return_inverse=True)
        if len(found) <= MOST_BINS:
            break
    total = torch.zeros(len(found)).index_add(0, group, weight)

    def mean(color: Tensor) -> Tensor:
        even = scale.seen(color) * weight[:, None]
        return scale.stored(torch.zeros(len(total), 3).index_add(0, group, even) / total[:, None])

    return Samples(mean(before), mean(after), total.sqrt())


def fit(
    samples: Samples, scale: Scale, stiffness: float, progress: Callable[[int, int], None] = lambda done, total: None
) -> Look:
    """The look of samples. `stiffness` is the weight of its bending against that of its error; `progress` hears of the steps done."""
    after = scale.seen(samples.after)
    cut = (after >= WHITE) & (after.max() <= 2 - WHITE)
    cdl = fit_cdl(samples.before, samples.after, samples.weight, scale, FAITH, cut)
    rest = _Rest(samples, scale, cdl, stiffness, cut)
    coefficients = torch.zeros(4, 4, 4, 3)
    for done, (level, iterations, outlier) in enumerate(STEPS):
        progress(done, len(STEPS))
        coefficients = rest.solve(refined(coefficients, level), iterations, outlier)
    progress(len(STEPS), len(STEPS))
    return Look(scale, cdl, coefficients.half())


def refined(coefficients: Tensor, count: int) -> Tensor:
    """Coefficients (n, n, n, 3) float32 on a finer lattice (count, count, count, 3): nearly the same function, by least squares on points between."""
    if len(coefficients) == count:
        return coefficients
    at = torch.linspace(0, 1, 4 * count, dtype=torch.float64)
    fine, coarse = basis(at, count), basis(at, len(coefficients))
    return spread(coefficients, torch.linalg.lstsq(fine, coarse).solution.float())


class _Rest:
    """The least squares problem of what the decision list leaves, as seen."""

    def __init__(self, samples: Samples, scale: Scale, cdl: Cdl, stiffness: float, cut: Tensor) -> None:
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
        self.cut = cut
        grid = torch.stack(torch.meshgrid(inner, inner, inner, indexing="ij"), -1)
        self.listed = scale.seen(cdl.extended(grid, float(inner[-1])))
        self.least = [r * SLOPE for r in rises(scale.seen(grid))]
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

    def solve(self, start: Tensor, iterations: int, outlier: float) -> Tensor:
        """Coefficients by conjugate gradients, with weights from the error at the start, and a push where the start falls."""
        count = len(start)
        rows = basis(self.points, count).float()
        values = spread(start, rows)
        error = self.wanted - self.interpolated(values)
        free = self.cut & (error < 0)  # what was cut off at white may be as bright as it likes
        error = torch.where(free, 0, error)
        weight = (self.weight / (1 + (error.norm(dim=1) / outlier) ** 2))[:, None].repeat(1, 3)
        weight = torch.where(free, 0, weight)
        noise = float(error.abs().median()) / NOISE
        # the integral of the squared second derivative, whatever the lattice
        bend = self.stiffness * (1 + noise**2) * (count - 3) / (COEFFICIENTS - 3)
        falls = [(rise < least) * PUSH for rise, least in zip(rises(self.listed + values), self.least, strict=True)]

        def applied(c: Tensor) -> Tensor:
            made = spread(c, rows)
            pushed = fallen([f * r for f, r in zip(falls, rises(made), strict=True)], made)
            return gathered(self.splatted(weight * self.interpolated(made)) + pushed, rows) + bend * bending(c) + RIDGE * c

        push = [f * (least - rise) for f, least, rise in zip(falls, self.least, rises(self.listed), strict=True)]
        wanted = gathered(self.splatted(weight * self.wanted) + fallen(push, values), rows)
        return conjugate(applied, wanted, start, iterations)


def rises(values: Tensor) -> list[Tensor]:
    """Differences of each channel of (M, M, M, 3) along its own axis, and of all along the gray axis."""
    return [values[..., c].diff(1, c) for c in range(3)] + [torch.einsum("iiic->ic", values).diff(1, 0)]


def fallen(differences: list[Tensor], like: Tensor) -> Tensor:
    """The transpose of rises()."""
    total = torch.stack([undiff(differences[c], c) for c in range(3)], -1)
    at = torch.arange(len(like))
    total[at, at, at] += undiff(differences[3], 0)
    return total


def conjugate(applied: Callable[[Tensor], Tensor], wanted: Tensor, start: Tensor, iterations: int) -> Tensor:
    """Solves applied(x) = wanted for a symmetric positive operator, by so many conjugate gradients (scipy's).

    `wanted`, `start` and the result are float32 of one shape, such as (n, n, n, 3).
    """

    def flat(vector: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(applied(torch.from_numpy(vector).view_as(wanted)).reshape(-1).numpy())

    size = wanted.numel()
    operator = LinearOperator((size, size), flat, dtype=np.float32)
    found, _ = cg(operator, wanted.reshape(-1).numpy(), start.reshape(-1).numpy(), rtol=0, atol=NOTHING, maxiter=iterations)
    return torch.from_numpy(found).view_as(wanted)


NOTHING = 1e-10
"""Residual, of weights that sum to 1, below which single precision has nothing left to solve."""
PUSH = 1e-4
"""Weight of a knot that falls, about that of a common colour."""
SLOPE = 0.04
"""Least slope, as seen, that a look is pushed towards."""
WHITE = 0.998
"""Value as seen from which a result was cut off at white, where none is above it; only what is darker then counts as wrong."""
FAITH = 3e-3
"""Pull of the decision list towards doing nothing; strong enough that few colours do not bend it where there are none."""
NOISE = 0.002
"""Median error, as seen, at which a look is made twice as stiff: a pair with grain or compression must not shape it."""
RIDGE = 1e-8
"""Pull towards the decision list, so weak that it decides only far from any sample."""
