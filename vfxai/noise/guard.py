"""What may be taken from a picture: only what looks like the noise that was measured.

A network that is told too much, or of the wrong kind, takes picture with the noise. Three things tell: what was taken has more power than
the noise, or hardly any of it lies along two of three directions of colour as noise does (both in stabilised values, where noise has the
variance 1), or its mean is not zero over an area (in plate values, where alone the mean of noise is the level).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from vfxai.noise.stabilise import Stabiliser

REACH = 32
"""Standard deviation in pixels of the low pass below which nothing is taken. White noise has 1/113 of its deviation there, so little is left."""
WINDOW = 16
"""Side in pixels of the areas over which power is judged."""
MOST_POWER = 2.5
"""Times the noise that may be taken of an area. Beside edges heavy noise takes some of them with it, to nearly twice, and is better gone all the same."""
NO_NOISE, NOISE = 0.06, 0.2
"""Share of the told variance taken along the middle direction of colour below which nothing there is believed to be noise, and from which all is.
Texture without noise has 0.05 to 0.3 where it is told the level that suits the rest of a plate, noise in the finest texture 0.3 and more."""
GRAY = 0.95
"""Correlation of the channels above which colours tell nothing."""
SAID = 0.02
"""Share of what would have been taken from which it is worth saying that it was held back."""


def guarded(removed: Tensor, strength: float, shared: float) -> tuple[Tensor, float]:
    """What of `removed` (3, H, W) may be taken, and the share 0..1 of its power that was held back.

    `strength` is the told standard deviation, `shared` the told correlation of the channels; near 1 colour tells nothing.
    """
    before = _power(removed)
    kept = removed * _allowed(removed, strength, shared)
    held = 1 - _power(kept) / max(before, 1e-12)
    return kept, min(max(held, 0.0), 1.0)


def level_kept(plate: Tensor, result: Tensor, curve: Stabiliser) -> Tensor:
    """`result` (3, H, W) with the low pass of `plate`, both plate values; what differs is weighed by how little noise its level has.

    So neither tone nor colour shifts, not even where the plate's noise is other than measured, as where it is clipped. Changes `result`.
    """
    for channel, (noisy, made) in enumerate(zip(plate, result, strict=True)):
        deviation = curve.deviation(made, channel)
        made.addcmul_(_low(((noisy - made) / deviation)[None])[0], deviation)
    return result


def _power(removed: Tensor) -> float:
    return float(removed.square().mean())


def _allowed(removed: Tensor, strength: float, shared: float) -> Tensor:
    """Smooth factors (1, H, W), 0..1."""
    covariance = _covariance(removed, strength)
    power = covariance.diagonal(dim1=-2, dim2=-1).amax(-1).to(removed)
    factor = (MOST_POWER / power.clamp_min(MOST_POWER)).sqrt()
    if shared < GRAY:
        evening = torch.from_numpy(_evening_of(shared))
        middle = torch.linalg.eigvalsh(evening @ covariance @ evening)[..., 1]
        share = ((middle - NO_NOISE) / (NOISE - NO_NOISE)).clamp(0, 1).to(factor)
        factor = factor * share * share * (3 - 2 * share)
    calm = avg_pool2d(factor[None, None], 3, 1, 1, count_include_pad=False)
    return interpolate(calm, size=removed.shape[1:], mode="bilinear", align_corners=False)[0]


def _covariance(removed: Tensor, strength: float) -> Tensor:
    """(rows, columns, 3, 3) float64 on the CPU: means of the products of the channels over areas of (3, H, W), over the told variance."""
    side = min(WINDOW, *removed.shape[1:])
    made: dict[tuple[int, int], Tensor] = {}
    for a in range(3):
        for b in range(a, 3):  # one product at a time, for pictures of 8K
            mean = avg_pool2d((removed[a] * removed[b])[None, None], side, ceil_mode=True, count_include_pad=False)[0, 0]
            made[a, b] = made[b, a] = mean.double().cpu()
    rows = [torch.stack([made[a, b] for b in range(3)], -1) for a in range(3)]
    return torch.stack(rows, -2) / max(strength, 1e-6) ** 2


def _low(removed: Tensor) -> Tensor:
    """The low pass of (C, H, W), by a Gaussian of REACH on a picture of an eighth of the size, mirrored at the edges."""
    small = avg_pool2d(removed[None], 8, ceil_mode=True, count_include_pad=False)
    sigma = REACH / 8
    reach = int(3 * sigma)
    taps = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=removed.device, dtype=removed.dtype) / sigma) ** 2)
    for axis in (2, 3):
        size = small.shape[axis]
        index = torch.arange(-reach, size + reach, device=removed.device) % (2 * size)
        mirrored = small.index_select(axis, torch.minimum(index, 2 * size - 1 - index))
        small = sum(t * mirrored.narrow(axis, i, size) for i, t in enumerate(taps / taps.sum()))
    return interpolate(small, size=removed.shape[1:], mode="bilinear", align_corners=False)[0]


def _evening_of(shared: float) -> NDArray[np.float64]:
    """The matrix (3, 3) after which noise of which the channels have a correlation below 1 is alike in all directions of colour."""
    values, directions = np.linalg.eigh((1 - shared) * np.eye(3) + shared)
    evened: NDArray[np.float64] = directions / np.sqrt(values) @ directions.T
    return evened
