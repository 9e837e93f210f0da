"""The degradations of the benches, each with a stated seed. Pictures are (H, W, 3) float32."""

import zlib

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]


def generator(*key: object) -> np.random.Generator:
    """Random numbers that depend only on the key (picture, condition): every method and every run sees the same noise."""
    return np.random.default_rng(zlib.crc32("/".join(str(k) for k in key).encode()))


def gaussian(picture: Picture, sigma: float, rng: np.random.Generator) -> Picture:
    """Adds white Gaussian noise of standard deviation `sigma` in picture units, not clipped."""
    return picture + np.float32(sigma) * rng.standard_normal(picture.shape, dtype=np.float32)


def salt_and_pepper(picture: Picture, density: float, rng: np.random.Generator, *, whole_pixels: bool = False) -> Picture:
    """Sets a share `density` of the samples (or of whole pixels) to exactly 0 or 1, half each."""
    shape = (*picture.shape[:2], 1 if whole_pixels else picture.shape[2])
    hit, white = rng.random(shape) < density, rng.random(shape) < 0.5
    return np.where(hit, white, picture).astype(np.float32)


def sensor_noise(picture: Picture, gain: float, floor: float, rng: np.random.Generator) -> Picture:
    """Adds Gaussian noise of variance gain * max(x, 0) + floor to a scene-linear picture: photons and read-out; not clipped."""
    deviation = np.sqrt(gain * np.maximum(picture, 0) + floor).astype(np.float32)
    return np.asarray(picture + deviation * rng.standard_normal(picture.shape, dtype=np.float32), dtype=np.float32)
