"""How noise hangs together: its power at every frequency of blocks of 8x8 pixels, of luminance and of two differences of colour apart.

Codecs store colour at half the width and height, cameras make it up from neighbours: such noise is white in luminance and coarse in colour,
which neither a blur of all channels nor one correlation of the channels says.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vfxai.nets.noise_meter import TURNED

Values = NDArray[np.float64]
SIDE = 8
MEDIAN = 0.4549
"""Of the square of a normal variable of variance 1; a median over blocks, because some of them hold detail."""
_SUM = np.add.outer(np.arange(SIDE), np.arange(SIDE))
_LEAST = np.minimum.outer(np.arange(SIDE), np.arange(SIDE))
_MOST = np.maximum.outer(np.arange(SIDE), np.arange(SIDE))
FINENESS = ((4, 8), (2, 4), (1, 2))
"""Frequencies, from and up to, of detail up to 2 pixels in size, of 2 to 4 and of 4 to 8: half periods of 2 to 1.1, 4 to 2, 8 to 4 pixels."""
MIDDLE, HIGH = (_SUM >= 5) & (_SUM <= 7) & (_LEAST >= 2), (_LEAST >= 4) & (_SUM >= 9)


@dataclass(frozen=True)
class Spectrum:
    """Power (8, 8) by vertical and horizontal frequency, of luminance and of colour (the mean of both differences)."""

    luminance: Values
    color: Values

    @property
    def spatial_correlation(self) -> float:
        """Of adjacent samples of luminance, 0..1."""
        return float(np.clip(_adjacent(self.luminance), 0, 1))

    @property
    def chroma_spatial_correlation(self) -> float:
        """Of adjacent samples of the differences of colour, 0..1."""
        return float(np.clip(_adjacent(self.color), 0, 1))

    @property
    def channel_correlation(self) -> float:
        """Of two channels at a pixel, 0..1."""
        return channel_correlation(float(self.luminance.mean()), float(self.color.mean()))

    @property
    def luma_power(self) -> tuple[float, ...]:
        """Mean power of luminance in each of FINENESS over that of all."""
        return _by_fineness(self.luminance)

    @property
    def chroma_power(self) -> tuple[float, ...]:
        """The same of colour."""
        return _by_fineness(self.color)

    @property
    def coarseness(self) -> tuple[float, float]:
        """Power of middle over that of high frequencies, of luminance and of colour; 1 for white noise."""
        light, tint = (float(p[MIDDLE].mean() / max(p[HIGH].mean(), 1e-30)) for p in (self.luminance, self.color))
        return light, tint


def channel_correlation(luminance: float, color: float) -> float:
    """Of two channels at a pixel, 0..1, by the power of luminance and that of a difference of colour, orthonormal both."""
    return float(np.clip((luminance - color) / max(luminance + 2 * color, 1e-30), 0, 1))


def _by_fineness(power: Values) -> tuple[float, ...]:
    mean = max(float(power[_MOST > 0].mean()), 1e-30)
    return tuple(float(power[(low <= _MOST) & (high > _MOST)].mean()) / mean for low, high in FINENESS)


def spectrum(coefficients: NDArray[np.floating]) -> tuple[Spectrum, Values]:
    """Of blocks (N, 3, 8, 8) of DCT coefficients over the deviation of their noise, and the variance of each channel (3,) in the same unit."""
    turned = np.einsum("kc,ncij->nkij", TURNED, coefficients)
    power = np.stack([_power(turned[:, k]) for k in range(3)])
    channels = np.array([_power(coefficients[:, c]).mean() for c in range(3)])
    return Spectrum(power[0], power[1:].mean(0)), channels


def _power(coefficients: NDArray[np.floating]) -> Values:
    """(8, 8) of (N, 8, 8); that of the mean of a block, which is picture, from the lowest frequencies beside it."""
    power: Values = np.median(coefficients.astype(np.float64) ** 2, axis=0) / MEDIAN
    power[0, 0] = (power[0, 1] + power[1, 0]) / 2
    return power


def _adjacent(power: Values) -> float:
    """Correlation of adjacent samples that a power by frequency makes.

    To every sample of a line of N belong its two neighbours, of which the ends count themselves once. That sum is diagonal in the DCT, with 2 cos(pi k / N).
    """
    weight = (SIDE * np.cos(np.pi * np.arange(SIDE) / SIDE) - 1) / (SIDE - 1)
    return float(((power.sum(0) + power.sum(1)) @ weight) / max(2 * power.sum(), 1e-30))
