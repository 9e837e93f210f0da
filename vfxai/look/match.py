"""Colours of a shot and where they would lie in other footage, without one frame that both have: transport of distributions."""

import torch
from torch import Tensor

from vfxai.look.scale import Scale

OPPONENT = torch.tensor([[3**-0.5] * 3, [2**-0.5, -(2**-0.5), 0.0], [6**-0.5, 6**-0.5, -2 * 6**-0.5]]).T
"""Columns: gray, red against green, yellow against blue; orthonormal, applied to values as seen."""
SPREAD = 0.02
"""Added to every standard deviation, as seen, so that a gray shot is not torn apart into colours."""
LARGEST = 2.5
"""Largest stretch of a distribution along any direction, and inverse of the smallest."""
QUANTILES = 33
"""Levels at which two distributions are compared along a direction: 3 % of the samples lie between two of them."""
TURNS, STEP = 24, 0.35
"""Directions along which the rest is brought nearer, and how far at each: together most of the way."""


def matched(plate: Tensor, reference: Tensor, scale: Scale) -> Tensor:
    """(K, 3): where the colours `plate` (K, 3) would lie in the distribution of `reference` (L, 3), all in the plate's values.

    First the linear map of Monge and Kantorovich between the two covariances (Pitie and Kokaram, "The linear Monge-Kantorovitch
    linear colour mapping for example-based colour transfer", CVMP 2007), then sliced transport along turning axes (Pitie, Kokaram
    and Dahyot, "Automated colour grading using colour distribution transfer", CVIU 2007), both held back where they would tear.
    """
    here, there = (scale.seen(c).double() @ OPPONENT.double() for c in (plate, reference))
    moved = _linear(here, there)
    turning = torch.Generator().manual_seed(1)
    quantiles = torch.linspace(0.01, 0.99, QUANTILES, dtype=torch.float64)
    for _ in range(TURNS):
        axes = torch.linalg.qr(torch.randn(3, 3, generator=turning, dtype=torch.float64)).Q
        ours, theirs = moved @ axes, there @ axes
        shift = torch.stack([_shift(ours[:, i], theirs[:, i], quantiles) for i in range(3)], 1)
        moved = moved + STEP * shift @ axes.T
    return scale.stored((moved @ OPPONENT.T.double()).float())


def _linear(here: Tensor, there: Tensor) -> Tensor:
    """Colours (K, 3) with the mean and covariance of others, no direction stretched more than LARGEST."""
    even = SPREAD**2 * torch.eye(3, dtype=here.dtype)
    own, wanted = here.T.cov() + even, there.T.cov() + even
    root, inverse = _power(own, 0.5), _power(own, -0.5)
    stretch = inverse @ _power(root @ wanted @ root, 0.5) @ inverse
    values, vectors = torch.linalg.eigh((stretch + stretch.T) / 2)
    stretch = vectors @ torch.diag(values.clamp(1 / LARGEST, LARGEST)) @ vectors.T
    return (here - here.mean(0)) @ stretch.T + there.mean(0)


def _power(matrix: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh((matrix + matrix.T) / 2)
    return vectors @ torch.diag(values.clamp_min(1e-12) ** exponent) @ vectors.T


def _shift(ours: Tensor, theirs: Tensor, quantiles: Tensor) -> Tensor:
    """(K,): how far each value must move so that the quantiles agree; constant beyond the outer ones."""
    at, to = ours.quantile(quantiles), theirs.quantile(quantiles)
    at = at + 1e-9 * torch.arange(len(at), dtype=at.dtype)  # two equal quantiles would leave no place between
    cell = torch.searchsorted(at, ours.contiguous()).clamp(1, len(at) - 1) - 1
    part = ((ours - at[cell]) / (at[cell + 1] - at[cell])).clamp(0, 1)
    move = to - at
    return move[cell] + part * (move[cell + 1] - move[cell])
