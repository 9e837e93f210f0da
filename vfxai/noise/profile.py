"""The noise of a plate: variance against level in each channel, and how it hangs together between pixels and channels."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from vfxai.errors import ParameterError

Values = NDArray[np.float64]
VERSION = 1
CLEAN = 0.0025
"""Noise below this part of the plate's white is left alone: less than the rounding of an 8-bit source."""
UNSURE = 0.5
"""Confidence below which what was measured may as well be texture."""
WHITE = (1.0, 1.0, 1.0)
"""Power of white noise by fineness."""
MID_GRAY = 0.18
"""Of white, in scene-linear light."""
MOST = 1e10
"""Largest level, variance and slope: twice the square of the largest half value. Beyond, float32 would overflow."""
FLOOR = 1e-3
"""Least variance anywhere, as a part of the median variance, so that a pure photon model stays invertible at 0."""


@dataclass(frozen=True)
class NoiseProfile:
    """Measured noise in the values of the plate's own colour space, unpremultiplied."""

    levels: tuple[tuple[float, ...], ...]
    """Knots of R, G, B: levels, ascending."""
    variances: tuple[tuple[float, ...], ...]
    """Variance at each knot, in squared plate values; linear between knots, constant below the first."""
    slopes: tuple[float, ...]
    """Growth of the variance per unit of level beyond the last knot, not below 0."""
    spatial_correlation: float
    """Of adjacent pixels of luminance, 0 (white noise) to 1 (coarse grain)."""
    chroma_spatial_correlation: float
    """Of adjacent pixels of the differences of colour, 0 to 1: above that of luminance where colour is stored at half the size."""
    channel_correlation: float
    """Of two channels at a pixel, 0 to 1 (monochrome grain)."""
    white: float
    """The level that looks white: 99.5 % of the plate lie below, and it is at most four times the median."""
    confidence: float = 1.0
    """That this is noise and not texture, 0 to 1; below UNSURE a node leaves the plate alone."""
    luma_power: tuple[float, ...] = WHITE
    """Power of luminance noise up to 2 pixels in size, of 2 to 4 and of 4 to 8, over its mean: 1 for white noise (the last 0.6 and
    more, for quiet blocks were chosen). For people; networks are told the correlations."""
    chroma_power: tuple[float, ...] = WHITE
    """The same of the differences of colour."""

    def __post_init__(self) -> None:
        problems = []
        for name, rows in (("levels", self.levels), ("variances", self.variances)):
            if len(rows) != 3 or any(len(r) == 0 or not np.isfinite(r).all() for r in rows):
                problems.append(f"{name}: expected three rows of finite numbers")
        if not problems:
            if any(len(a) != len(b) for a, b in zip(self.levels, self.variances, strict=True)):
                problems.append("levels and variances differ in length")
            if any(np.any(np.diff(row) <= 0) for row in self.levels):
                problems.append("levels do not ascend")
            if any(min(row) < 0 or max(row) > MOST for row in self.variances):
                problems.append(f"a variance is not within 0..{MOST:g}")
            if any(max(map(abs, row)) > MOST for row in self.levels):
                problems.append(f"a level is beyond {MOST:g}")
        if len(self.slopes) != 3 or any(not 0 <= s <= MOST for s in self.slopes):
            problems.append(f"slopes: expected three numbers within 0..{MOST:g}")
        if any(not 0 <= c <= 1 for c in (self.spatial_correlation, self.chroma_spatial_correlation, self.channel_correlation)):
            problems.append("a correlation is not within 0..1")
        if any(len(p) != len(WHITE) or not all(0 <= v <= MOST for v in p) for p in (self.luma_power, self.chroma_power)):
            problems.append(f"a power by fineness: expected {len(WHITE)} numbers within 0..{MOST:g}")
        if not 0 <= self.confidence <= 1:
            problems.append("the confidence is not within 0..1")
        if not 0 < self.white <= MOST:
            problems.append(f"white is not above 0 and up to {MOST:g}")
        if problems:
            raise ParameterError("noise profile: " + "; ".join(problems), remedy="measure again, or correct the file")

    def variance(self, channel: int, level: Values) -> Values:
        """Variance at levels of a channel, above 0 everywhere."""
        knots, values = np.asarray(self.levels[channel]), np.asarray(self.variances[channel])
        floor = max(FLOOR * float(np.median(values)), 1e-14 * self.white**2)
        grown = np.interp(level, knots, values) + self.slopes[channel] * np.maximum(level - knots[-1], 0)
        return np.maximum(grown, floor)

    @property
    def sigma(self) -> tuple[float, float, float]:
        """Standard deviation at mid level in R, G, B, for people."""
        r, g, b = (float(np.sqrt(np.median(v))) for v in self.variances)
        return r, g, b

    @property
    def mid_gray_sigma(self) -> float:
        """Standard deviation of the noisiest channel at mid gray, which lies within what every plate shows."""
        gray = np.array([MID_GRAY * self.white])
        return max(float(np.sqrt(self.variance(c, gray)[0])) for c in range(3))

    @property
    def mid_gray_share(self) -> float:
        """The same as a part of white."""
        return self.mid_gray_sigma / self.white

    @property
    def is_certain(self) -> bool:
        """Whether this is taken for noise rather than for texture."""
        return self.confidence >= UNSURE

    def seen_through(self, white: float, exponent: float) -> float:
        """Standard deviation at the median knot of the noisiest channel under the curve (x / white) ** exponent."""
        seen = []
        for levels, variances in zip(self.levels, self.variances, strict=True):
            level = np.maximum(np.asarray(levels) / white, 0.02)
            seen.append(float(np.median(np.sqrt(variances) * exponent / white * level ** (exponent - 1))))
        return max(seen)

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing worth removing, judged at mid gray: `sigma` is of the levels that had even areas, which may be dark."""
        return self.mid_gray_sigma < CLEAN * self.white

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file."""
        return {
            "version": VERSION,
            "levels": [[round(v, 8) for v in row] for row in self.levels],
            "variances": [list(row) for row in self.variances],
            "slopes": list(self.slopes),
            "spatial_correlation": round(self.spatial_correlation, 4),
            "chroma_spatial_correlation": round(self.chroma_spatial_correlation, 4),
            "channel_correlation": round(self.channel_correlation, 4),
            "white": self.white,
            "confidence": round(self.confidence, 3),
            "luma_power": [round(v, 4) for v in self.luma_power],
            "chroma_power": [round(v, 4) for v in self.chroma_power],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From what to_dict gave, possibly edited; ParameterError names what is wrong."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise ParameterError(f"noise profile: expected a table of version {VERSION}", remedy="measure again")
        try:
            levels, variances = (tuple(tuple(float(v) for v in row) for row in data[n]) for n in ("levels", "variances"))
            slopes = tuple(float(v) for v in data["slopes"])
            spatial, channel, white = (float(data[n]) for n in ("spatial_correlation", "channel_correlation", "white"))
            chroma = float(data.get("chroma_spatial_correlation", spatial))  # profiles of before it was told apart have one
            confidence = float(data.get("confidence", 1.0))  # a person who writes a profile is sure of it
            powers = [tuple(float(v) for v in data.get(n, WHITE)) for n in ("luma_power", "chroma_power")]
        except (KeyError, TypeError, ValueError) as error:
            raise ParameterError(
                f"noise profile: {error!r} is missing or no number", remedy="measure again, or correct the file"
            ) from error
        return cls(levels, variances, slopes, spatial, chroma, channel, white, confidence, *powers)
