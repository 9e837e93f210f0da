"""Measures the noise of a plate blindly: in the flattest blocks of each level, from frequencies that scene detail hardly reaches.

Blocks of 8x8 pixels are chosen by the energy of their low frequencies and measured on their high ones. For white noise the two are
independent, so the choice does not bias the measure (the idea of Ponomarenko et al., "An automatic approach to lossy compression of
AVIRIS images", 2007). The ratio of middle to high frequencies tells how much the noise was blurred (grain, debayering).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vfxai.errors import ParameterError
from vfxai.image.box import Box
from vfxai.noise.blocks import BLOCK, Blocks, blocks_of, dct_basis
from vfxai.noise.profile import NoiseProfile
from vfxai.noise.spectrum import HIGH, MIDDLE, spectrum
from vfxai.noise.white_noise import refined

Array = NDArray[np.float32]
BINS = 12
FLATTEST = 0.12
"""Share of the blocks of a level that are taken as flat."""
MOST_POWER = 3.5
"""Times the noise of its level that a flat block may have; by chance one in a thousand of white noise has more."""
BLOCKS_ALONE = 0.0
"""Confidence in blocks that were chosen for their flatness: they may as well be texture."""
BLURS = np.linspace(0, 1.2, 49)
"""Standard deviations in pixels of the Gaussian that the noise may have been blurred with."""


def _autocorrelation(blur: float) -> NDArray[np.float64]:
    """Of white noise after a sampled Gaussian kernel, at lags 0..7."""
    taps = np.arange(-9, 10)
    kernel = np.exp(-0.5 * (taps / max(blur, 1e-3)) ** 2)
    full = np.correlate(kernel, kernel, "full")[len(kernel) - 1 :]
    return full[:BLOCK] / full[0]


def _band_gains() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of the noise variance found in a MIDDLE and a HIGH coefficient, for each of BLURS."""
    basis = dct_basis().astype(np.float64)
    lag = np.abs(np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK)))
    middle, high = [], []
    for blur in BLURS:
        power = np.einsum("ui,ij,uj->u", basis, _autocorrelation(blur)[lag], basis)
        gains = np.outer(power, power)
        middle.append(gains[MIDDLE].mean())
        high.append(gains[HIGH].mean())
    return np.array(middle), np.array(high)


MIDDLE_GAIN, HIGH_GAIN = _band_gains()


def measure_profile(frames: Sequence[Tensor], region: Box | None = None) -> NoiseProfile:
    """The noise profile of frames (3, H, W) float32 of any encoding, unpremultiplied; of a region in pixels of the picture if given.

    Raises ParameterError where a region lies outside or is too small to measure.
    """
    return hypotheses(frames, region)[0]


def hypotheses(frames: Sequence[Tensor], region: Box | None = None) -> tuple[NoiseProfile, ...]:
    """What measure_profile() finds, and what the noise is if all that quiet blocks hold is noise, where they hold so much below that it may be picture.

    Frames are (3, H, W). Only the network tells the second one from texture. Raises as measure_profile().
    """
    pictures = [_cropped(f.detach().cpu().numpy(), region) for f in frames]
    blocks = blocks_of(pictures)
    found, flat, curves = first_profile(blocks, white_of(pictures), 1.0 if region else FLATTEST)
    found = replace(found, confidence=1.0 if region else BLOCKS_ALONE)
    seen, coarseness = colored(found, blocks, flat, curves)
    white = found if region else refined(found, frames)
    chosen = white if seen is found or (white.is_certain and not region and coarseness < COARSE_COLOR) else seen
    if seen is not found:
        return (chosen,)
    whole, _ = colored(found, blocks, flat, curves, np.inf)
    return (chosen,) if whole is found else (chosen, whole)


def first_profile(
    blocks: Blocks, white: float, share: float = FLATTEST
) -> tuple[NoiseProfile, NDArray[np.int64], "Sequence[Curve]"]:
    """The profile of the flattest share (0..1) of blocks as if their noise were white or blurred, the indices of these, and the curves of the channels.

    Indices are int64 (K,) into the N blocks; curves hold float64 variances, in squared plate values, at knots (n,). `white` is the plate value
    that looks white.
    """
    flat = _flattest(blocks, share)
    flat = flat[_trusted(blocks, flat)]
    blur = _blur(blocks, flat)
    gain = float(np.interp(blur, BLURS, MIDDLE_GAIN if blur > 0.5 else HIGH_GAIN))
    band = MIDDLE if blur > 0.5 else HIGH
    curves = [_curve(blocks.level[flat, c], band_power(blocks.coefficients[flat, c][:, band]) / gain) for c in range(3)]
    adjacent = float(_autocorrelation(blur)[1]) if blur else 0.0
    found = NoiseProfile(
        levels=tuple(tuple(map(float, c[0])) for c in curves),
        variances=tuple(tuple(map(float, c[1])) for c in curves),
        slopes=tuple(float(c[2]) for c in curves),
        spatial_correlation=adjacent,
        chroma_spatial_correlation=adjacent,
        channel_correlation=_shared(blocks.coefficients[flat][:, :, HIGH]),
        white=white,
    )
    seen, _ = spectrum(_in_deviations(blocks, flat, curves))
    return replace(found, luma_power=seen.luma_power, chroma_power=seen.chroma_power), flat, curves


def colored(
    found: NoiseProfile, blocks: Blocks, flat: NDArray[np.int64], curves: "Sequence[Curve]", most: float | None = None
) -> tuple[NoiseProfile, float]:
    """The profile with the power that noise has by frequency, and how coarse it is in colour; as it is where noise is white or that power is picture.

    `flat` are indices (K,) of blocks, `curves` their variances by channel, both as first_profile() gives them.

    What lies below is picture from `most` times the expected power on, MOST_BELOW if none is given.
    """
    seen, channels = spectrum(_in_deviations(blocks, flat, curves))
    coarseness = seen.coarseness
    if max(coarseness) < WHITE_RATIO or channels.max() > (most or MOST_BELOW):
        return found, coarseness[1]
    told = replace(
        found,
        variances=tuple(tuple(float(v * channels[c]) for v in row) for c, row in enumerate(found.variances)),
        slopes=tuple(float(slope * channels[c]) for c, slope in enumerate(found.slopes)),
        spatial_correlation=seen.spatial_correlation,
        chroma_spatial_correlation=seen.chroma_spatial_correlation,
        channel_correlation=seen.channel_correlation,
    )
    return told, coarseness[1]


MOST_BELOW = 2.0
"""Variance over that which middle and high frequencies let expect of blurred noise, above which what lies below them is picture. Of codecs it is 1 to 1.6."""
COARSE_COLOR = 3.0
"""Coarseness of colour from which noise is not white, even though some directions of the picture look as if it were: that of codecs is 10 to 100."""


def evenness(profile: NoiseProfile, frames: Sequence[Tensor]) -> float:
    """How alike all blocks of frames (3, H, W) are in luminance, 0..1, once the profile's curve is divided out: noise is everywhere, texture is not.

    It tells strong grain of all channels alike from texture of one hue, where colour tells nothing.
    """
    blocks = blocks_of([f.detach().cpu().numpy() for f in frames])
    variance = np.mean([profile.variance(c, blocks.level[:, c].astype(np.float64)) for c in range(3)], axis=0)
    low, quiet, middle = np.quantile(band_power(blocks.coefficients.mean(1)[:, MIDDLE]) / variance, (0.01, FLATTEST, 0.5))
    if quiet <= 0 or not QUIETEST[0] < low / quiet < QUIETEST[1]:
        return 0.0
    none, whole = SPREADS
    return float(np.clip((none - middle / quiet) / (none - whole), 0, 1))


SPREADS = (2.25, 2.1)
"""Median power of blocks over that of the quiet ones, of no evenness and of all: noise of a tenth of white has 1.97 to 2.17 on nine of ten photographs
(smoothed or not), crops of 318 clean ones without colour had less than 2.2 five times, four of them with noise of their own."""
QUIETEST = (0.38, 0.56)
"""Of the one percent of quietest blocks over the quiet ones: noise has 0.4 to 0.47, texture with a smooth place in it less, and a pattern that repeats,
of which all blocks are alike as those of noise are not, more."""


def _in_deviations(blocks: Blocks, flat: NDArray[np.int64], curves: "Sequence[Curve]") -> NDArray[np.float64]:
    """Coefficients (N, 3, 8, 8) of blocks over the deviation that curves give for their levels."""
    variance = np.stack([variance_at(curve, blocks.level[flat, c]) for c, curve in enumerate(curves)], axis=1)
    return np.asarray(blocks.coefficients[flat] / np.sqrt(np.maximum(variance, 1e-30))[:, :, None, None])


def white_of(pictures: list[Array]) -> float:
    """The level of pictures (3, H, W), float32 plate values, that looks white: 99.5 % lie below, and it is at most four times the median, above which
    highlights lie."""
    samples = np.concatenate([p[:, ::4, ::4].ravel() for p in pictures])
    middle, bright = (float(v) for v in np.quantile(samples, (0.5, 0.995)))
    return max(min(bright, 4 * middle) if middle > 0 else bright, 1e-6)


def _trusted(blocks: Blocks, flat: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the flat blocks have no more than noise in any channel, judged by a first curve; all, where that leaves too few."""
    kept = np.ones(len(flat), bool)
    for c in range(3):
        power = band_power(blocks.coefficients[flat, c][:, HIGH])
        level = blocks.level[flat, c]
        kept &= power <= MOST_POWER * variance_at(_curve(level, power), level)
    return kept if kept.sum() >= 40 else np.ones(len(flat), bool)


def _cropped(picture: Array, region: Box | None) -> Array:
    box = region or Box(0, 0, picture.shape[2], picture.shape[1])
    inside = picture[:, max(box.y, 0) : box.y + box.height, max(box.x, 0) : box.x + box.width]
    if min(inside.shape[1:]) < BLOCK * 2:
        if region is not None:
            raise ParameterError(
                f"region {region}: less than 16x16 pixels of it lie in the picture", remedy="choose a larger region inside"
            )
        inside = np.pad(inside, ((0, 0), (0, max(0, 16 - inside.shape[1])), (0, max(0, 16 - inside.shape[2]))), "symmetric")
    return inside


def _flattest(blocks: Blocks, share: float) -> NDArray[np.int64]:
    """Indices of the flattest blocks of each level of luminance, so that every level is represented."""
    luminance = blocks.level.mean(1)
    order = np.argsort(luminance, kind="stable")
    chosen = []
    for bin_ in np.array_split(order, BINS):
        count = max(int(len(bin_) * share), min(len(bin_), 40))
        chosen.append(bin_[np.argsort(blocks.low[bin_], kind="stable")[:count]])
    return np.concatenate(chosen)


def band_power(coefficients: Array) -> NDArray[np.float64]:
    """Variance of each block from coefficients (N, K) of one band; the largest are dropped, which impulses own."""
    squared = np.sort(coefficients.astype(np.float64) ** 2, axis=1)
    return squared.mean(1)


def _mean_power(power: NDArray[np.float64], count: int, quartile: int = 1) -> float:
    """Mean variance from a quartile over blocks, for a chi-squared of `count` degrees (Wilson and Hilferty, 1931).

    The lower one, which texture raises less than the median, is for blocks of which the same noise is expected.
    """
    spread = 2 / (9 * count)
    deviates = {1: -0.6745, 2: 0.0}[quartile]
    return float(np.quantile(power, quartile / 4) / (1 - spread + deviates * spread**0.5) ** 3) if len(power) else 0.0


def _blur(blocks: Blocks, flat: NDArray[np.int64]) -> float:
    """Standard deviation in pixels of the blur that the noise went through; 0 for white noise."""
    coefficients = blocks.coefficients[flat]
    middle = np.array([_mean_power(band_power(coefficients[:, c][:, MIDDLE]), int(MIDDLE.sum())) for c in range(3)])
    high = np.array([_mean_power(band_power(coefficients[:, c][:, HIGH]), int(HIGH.sum())) for c in range(3)])
    if high.max() <= 0:
        return 0.0
    ratio = float(np.median(middle / np.maximum(high, 1e-30)))
    if ratio < WHITE_RATIO:
        return 0.0
    return float(np.interp(ratio, MIDDLE_GAIN / HIGH_GAIN, BLURS))


WHITE_RATIO = 1.45
"""Ratio of middle to high frequencies up to which noise counts as white: scene texture alone brings it to about 1.3."""


def _shared(coefficients: Array) -> float:
    """Correlation of the channels over (N, 3, K) coefficients; 0 below 0.15, which texture alone reaches."""
    flat = coefficients.transpose(1, 0, 2).reshape(3, -1).astype(np.float64)
    size = np.abs(flat).max(0)
    flat = flat[:, size < 6 * max(float(np.median(size)), 1e-12)]
    power = np.sqrt((flat**2).mean(1)) + 1e-20
    pairs = [float((flat[a] * flat[b]).mean() / (power[a] * power[b])) for a, b in ((0, 1), (0, 2), (1, 2))]
    shared = float(np.clip(np.median(pairs), 0, 1))
    return shared if shared >= 0.15 else 0.0


Curve = tuple[NDArray[np.float64], NDArray[np.float64], float]
"""Knots, variances and outer slope."""


def _curve(level: Array, power: NDArray[np.float64]) -> Curve:
    """Of the noise in blocks: a first curve from their medians, and from the lower quartiles of what they have relative to it."""
    order, count = np.argsort(level, kind="stable"), int(HIGH.sum())
    groups = [g for g in np.array_split(order, BINS) if len(g)]
    knots = np.array([float(np.median(level[g])) for g in groups])
    medians = np.array([_mean_power(power[g], count, 2) for g in groups])
    first = _shape(knots, medians, _mean_power(power, count, 2))
    there, here = (np.maximum(variance_at(first, at), 1e-30) for at in (level, knots))
    relative = power / there  # within a bin of dark levels the noise may differ several times
    values = here * [_mean_power(relative[g], count) for g in groups]
    return _shape(knots, values, _mean_power(power, count))


def variance_at(curve: Curve, level: Array | NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance that a curve has at levels (N,)."""
    knots, variances, slope = curve
    return np.asarray(np.interp(level, knots, variances) + slope * np.maximum(level - knots[-1], 0))


def _shape(knots: NDArray[np.float64], values: NDArray[np.float64], overall: float) -> Curve:
    """One value where the noise is even, a line where photon noise fits, else the knots."""
    if values.max() <= 0 or overall <= 0:  # rounding of a few blocks, which differs by processor, is no noise
        return np.array([0.0]), np.array([0.0]), 0.0
    slope, base = _line(knots, values)
    ratio = np.log(np.maximum(values, 1e-30) / np.maximum(base + slope * knots, 1e-30))
    even = np.abs(np.log(np.maximum(values, 1e-30) / overall))
    if np.median(even) < 0.1 or even.mean() <= np.abs(ratio).mean() * 1.15 + 0.02:
        return np.array([float(np.median(knots))]), np.array([overall]), 0.0
    textured = ratio.min() > -0.3 and (ratio < 0.3).sum() >= 4  # what lies off the line lies above it, as texture does
    if np.median(np.abs(ratio)) < 0.3 or textured:
        ends = np.array([min(0.0, float(knots[0])), max(float(knots[-1]), 1e-6)])
        return ends, np.maximum(base + slope * ends, 0), max(slope, 0.0)
    keep = np.concatenate([[True], np.diff(knots) > 1e-6 * max(0.1, float(np.abs(knots).max()))])
    knots, values = knots[keep], values[keep]
    outer = (values[-1] - values[-2]) / (knots[-1] - knots[-2]) if len(knots) > 1 else 0.0
    return knots, values, max(float(outer), 0.0)


def _line(knots: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and base, not below 0, of a line through the variances, by relative error and with textured outliers above weighing little."""
    weight = 1 / np.maximum(values, 1e-30) ** 2
    slope, base = 0.0, float(np.median(values))
    for _ in range(12):
        total, x, y = weight.sum(), (weight * knots).sum(), (weight * values).sum()
        xx, xy = (weight * knots**2).sum(), (weight * knots * values).sum()
        determinant = total * xx - x * x
        if determinant > 1e-12 * max(total * xx, 1e-300):
            slope, base = (total * xy - x * y) / determinant, (xx * y - x * xy) / determinant
        if slope < 0:
            slope, base = 0.0, y / total
        if base < 0:
            slope, base = xy / max(xx, 1e-300), 0.0
        fit = np.maximum(base + slope * knots, 1e-30)
        above = np.maximum(values / fit - 1, 0)
        weight = 1 / fit**2 / (1 + (above / 0.2) ** 2)
    return slope, base
