"""How strong white noise is, from the smallest variances that small patches have in any direction.

Pictures fill few of the directions of a patch's space, white noise all of them alike; so the bottom of the spectrum of the patches'
covariance is the noise, even where no block is flat (Chen, Zhu and Heng, "An efficient statistical method for image noise level
estimation", ICCV 2015). Grain that was blurred, and pictures that fill all directions, have no even bottom; then it says nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vfxai.nets.noise_meter import TURNED
from vfxai.noise.profile import NoiseProfile
from vfxai.noise.stabilise import Stabiliser

SIDE = 7
PATCHES = 40_000
"""In all; the spread that chance gives the bottom of the spectrum is then about 5 %."""
DEAD = 0.4
"""Share of equal neighbours in a patch that noise does not make, not even of one code value in 8 bits."""
FEWEST = 5
"""Directions that the bottom must have."""
EVEN = 1.06
"""Ratio of the mean to the least standard deviation of the bottom up to which it is even."""
EVEN_IN_ALL = 1.12
"""The same of all channels together, which have three times the directions."""
TRUSTED = (0.2, 1.1)
"""Factors between this measure of the standard deviation and that of blocks within which they are of the same noise."""
Array = NDArray[np.floating]


def refined(profile: NoiseProfile, frames: Sequence[Tensor]) -> NoiseProfile:
    """The profile of frames (3, H, W), scaled to the white noise that they have; as it is where they have none to tell."""
    curve = Stabiliser(profile)
    patches = [_patches(curve.forward(f).cpu().numpy(), f.cpu().numpy(), PATCHES // len(frames)) for f in frames]
    samples = np.concatenate(patches)
    if len(samples) < 100 * SIDE * SIDE:
        return profile
    scale, shared = _level(samples.reshape(len(samples), -1), EVEN_IN_ALL), 0.0
    light, *tints = [_level(np.tensordot(samples, direction, (1, 0)), EVEN) for direction in TURNED]
    if light is not None and None not in tints:
        tint = sum(t for t in tints if t is not None) / 2
        if light - tint > LEAST_SHARED * (light + 2 * tint):  # else what is alike in the channels may be texture
            scale, shared = (light + 2 * tint) / 3, (light - tint) / (light + 2 * tint)
    elif profile.channel_correlation > MONOCHROME:
        return profile
    if scale is None or not TRUSTED[0] < scale**0.5 < TRUSTED[1]:
        return profile
    scale = min(scale, 1.0)  # both measures err by texture, upwards
    return replace(
        profile,
        variances=tuple(tuple(v * scale for v in row) for row in profile.variances),
        slopes=tuple(g * scale for g in profile.slopes),
        spatial_correlation=0.0,
        chroma_spatial_correlation=0.0,
        channel_correlation=min(shared, 1.0),
        confidence=1.0,
    )


MONOCHROME = 0.45
"""Correlation of channels from which noise is taken for grain alike in all channels, rather than for texture."""
LEAST_SHARED = 0.1
"""Correlation of channels that texture does not feign."""


def _patches(stabilised: NDArray[np.float32], plate: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """(N, 3, SIDE * SIDE) patches at random places, without those that touch a clipped sample or a dead area such as a border."""
    height, width = stabilised.shape[1:]
    if height < 2 * SIDE or width < 2 * SIDE:
        return np.empty((0, 3, SIDE * SIDE), np.float32)
    rng = np.random.default_rng(0)
    y, x = rng.integers(0, height - SIDE + 1, count), rng.integers(0, width - SIDE + 1, count)
    dy, dx = np.mgrid[:SIDE, :SIDE].reshape(2, 1, -1)
    rows, columns = y[:, None] + dy, x[:, None] + dx  # (N, SIDE * SIDE)
    flat = [plane[rows, columns] for plane in plate]
    clipped = [((f <= plane.min()) | (f >= plane.max())).any(1) for f, plane in zip(flat, plate, strict=True)]
    dead = [(np.diff(f) == 0).mean(1) > DEAD for f in flat]
    return np.stack([plane[rows, columns] for plane in stabilised], 1)[~np.any(clipped + dead, 0)]


def _level(samples: Array, even: float) -> float | None:
    """Variance of white noise in (N, dimensions); None where the bottom of the spectrum is not even."""
    values = np.linalg.eigvalsh(np.cov(samples.T))
    kept = next(k for k in range(len(values), 0, -1) if k == 1 or values[:k].mean() <= np.median(values[:k]))
    if kept < FEWEST or values[0] <= 0 or np.sqrt(values[:kept].mean() / values[0]) > even:
        return None
    return float(values[:kept].mean())
