"""Grain made anew from a measured profile, for pixels that have none."""

import math

import torch
from torch import Tensor

from vfxai.noise.profile import NoiseProfile

MOST_CORRELATED = 0.66
"""Of adjacent samples, that three taps can make."""


def grain(level: Tensor, profile: NoiseProfile, seed: int) -> Tensor:
    """(C, H, W) of noise with the variance, spatial and channel correlation that a profile has at the levels (C, H, W); C is 1 or 3.

    Gaussian, the same for the same seed and size, on whatever device.
    """
    generator = torch.Generator().manual_seed(seed & 0x7FFFFFFF)
    channels, height, width = level.shape
    own = torch.randn((channels, height + 2, width + 2), generator=generator)
    shared = torch.randn((1, height + 2, width + 2), generator=generator)
    part = min(max(profile.channel_correlation, 0.0), 1.0)
    white = math.sqrt(1 - part) * own + math.sqrt(part) * shared
    luminance = white.mean(0, keepdim=True)
    unit = _smoothed(luminance, profile.spatial_correlation) + _smoothed(white - luminance, profile.chroma_spatial_correlation)
    variance = [torch.from_numpy(profile.variance(i, plane.double().cpu().numpy())) for i, plane in enumerate(level)]
    return (unit * torch.stack(variance).sqrt()).to(level.device, level.dtype)


def _smoothed(white: Tensor, correlation: float) -> Tensor:
    """White noise (C, H + 2, W + 2) as noise (C, H, W) of the same variance, of which adjacent samples have a correlation."""
    r = min(correlation, MOST_CORRELATED)
    side = (1 - math.sqrt(1 - 2 * r * r)) / (2 * r) if r > 1e-3 else 0.0  # taps (side, 1, side) have the correlation r
    size = math.sqrt(1 + 2 * side * side)
    rows = (white[:, 1:-1] + side * (white[:, :-2] + white[:, 2:])) / size
    return (rows[..., 1:-1] + side * (rows[..., :-2] + rows[..., 2:])) / size
