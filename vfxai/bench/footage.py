"""Noise as it comes about: in a camera behind a mosaic of colours, and in film that is scanned. Each gives the same pictures without noise as well.

Pictures are (H, W, 3) float32, R G B, display-referred, 0..1.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Shot = tuple[list[Pixels], list[Pixels]]
"""Frames without noise and with it."""
GAMMA = 2.2
"""Of the pictures, to come to light and back."""
BALANCE = np.array([2.0, 1.0, 1.6], np.float32)
"""Gains that make gray of what a sensor sees in daylight."""
SHOT_NOISE = (0.001, 0.005, 0.018)
"""Variance per unit of light that fills the sensor, at three exposures."""
READ_NOISE = (0.001, 0.005, 0.01)
"""Standard deviation in the dark at these."""
PEDESTAL = 1 / 64
"""Level of black in the raw file, so that noise in the dark is not cut off."""
BITS = 14
CONTRAST = 0.4
"""Share of an S-curve in the tone curve."""
SHARPER, RADIUS = 0.5, 1.0
"""Amount and standard deviation in pixels of the unsharp mask."""
FILM_GAMMA, LEAST = 0.6, 0.002
"""Density of a negative for a tenfold of light, and the light that leaves it clear."""
GRAININESS = (0.015, 0.04, 0.08)
"""Standard deviation of density 1 at a pixel, of three stocks."""
CLUMPS = (0.9, 0.7, 1.3)
"""Standard deviation in pixels of the blur of the grain of the red, green and blue layers; that of the blue layer is the fastest and coarsest."""


def camera(frames: Sequence[Pixels], level: int, rng: np.random.Generator) -> Shot:
    """Photons and read-out behind a Bayer mosaic, then white balance, demosaicing, a tone curve, sharpening and 8 bits."""
    clean, noisy = [], []
    for frame in frames:
        raw = _mosaic(np.clip(frame, 0, 1) ** np.float32(GAMMA) / BALANCE)
        deviation = np.sqrt(SHOT_NOISE[level] * raw + READ_NOISE[level] ** 2)
        clean.append(_developed(raw))
        noisy.append(_developed(raw + deviation * rng.standard_normal(raw.shape)))
    return clean, noisy


def _mosaic(light: Pixels) -> NDArray[np.float64]:
    """(H, W): red, green in even rows, green, blue in odd ones."""
    raw = light[..., 1].astype(np.float64)
    raw[::2, ::2] = light[::2, ::2, 0]
    raw[1::2, 1::2] = light[1::2, 1::2, 2]
    return raw


def _developed(raw: NDArray[np.float64]) -> Pixels:
    top = 2**BITS - 1
    codes = np.round(np.clip(raw * (1 - PEDESTAL) + PEDESTAL, 0, 1) * top).astype(np.uint16)
    color = cv2.demosaicing(codes, cv2.COLOR_BayerRGGB2RGB_EA).astype(np.float32) / np.float32(top)
    light = (color - PEDESTAL) / (1 - PEDESTAL) * BALANCE
    tone = np.clip(light, 0, 1) ** np.float32(1 / GAMMA)
    tone = (1 - CONTRAST) * tone + CONTRAST * tone * tone * (3 - 2 * tone)
    sharp = tone + SHARPER * (tone - cv2.GaussianBlur(tone, (0, 0), RADIUS))
    return np.asarray(np.round(np.clip(sharp, 0, 1) * 255) / 255, np.float32)


def film(frames: Sequence[Pixels], level: int, rng: np.random.Generator, *, layers: int = 3) -> Shot:
    """Grain in the density of a negative, as the square root of density (Selwyn, 1935), alike in all channels or of a layer for each; 10 bits."""
    clean, noisy = [], []
    for frame in frames:
        light = np.clip(frame, 0, 1).astype(np.float64) ** GAMMA
        density = FILM_GAMMA * np.log10((light + LEAST) / LEAST)
        fields = [_clumped(frame.shape[:2], CLUMPS[c], rng) for c in range(layers)]
        grain = np.stack((fields * 3)[:3], 2)
        clean.append(_printed(density))
        noisy.append(_printed(density + GRAININESS[level] * np.sqrt(np.maximum(density, 0)) * grain))
    return clean, noisy


def _clumped(shape: tuple[int, ...], blur: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """A field of standard deviation 1 of which neighbours are alike."""
    field = cv2.GaussianBlur(rng.standard_normal(shape[:2]), (0, 0), blur)
    return np.asarray(field / field.std(), np.float64)


def _printed(density: NDArray[np.float64]) -> Pixels:
    light = np.clip(LEAST * 10 ** (density / FILM_GAMMA) - LEAST, 0, 1)
    return np.asarray(np.round(light ** (1 / GAMMA) * 1023) / 1023, np.float32)
