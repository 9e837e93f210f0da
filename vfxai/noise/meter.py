"""Measures noise with a network that learned to tell it from texture, which no statistic of blocks does.

Blocks give a first measure, of which texture may be a part. The plate is evened out by it and shown to the network, which says at every place how
strong the noise of luminance and of colour is there. Noise that was evened out is the same everywhere, so what the network says in its quiet places
holds for all: where it is what blocks say, these are believed, for they tell strength and kind more finely; where it is less, the network is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, max_pool2d

from vfxai.noise.blocks import BLOCK
from vfxai.noise.guard import GRAY
from vfxai.noise.measure import evenness
from vfxai.noise.profile import UNSURE, NoiseProfile
from vfxai.noise.remover import RunModel, brightest
from vfxai.noise.spectrum import channel_correlation
from vfxai.noise.stabilise import Stabiliser

MODEL = "noise-s"
SIDE, PIECES = 160, 6
"""Pixels of a side, and how many such pieces of the frames are looked at."""
FEWEST = 20
"""Blocks with more than one value in them, below which nothing can be said."""
QUIET = 0.25
"""Quantile of uneven blocks whose noise holds for all, for texture adds to it; of even ones the middle does."""
EVENNESS = (0.35, 0.65)
"""Of the quietest tenth of the blocks over the middle of them, of no confidence and of full confidence: noise has 0.7 to 0.9, what little the network sees in
pictures without noise 0 to 0.6."""
BELIEVED = {True: (0.8, 1.25), False: (0.4, 1.25)}
"""Least and most of what blocks measured that the network must see to believe them; and of what they hold in all, for of what a codec left of noise the network sees a half."""
ALIKE = 0.35
"""Most difference of the correlation of adjacent samples, measured and seen, of what is believed."""
COLORED = 0.7
"""Correlation of the channels above which noise is believed for being everywhere alone: by colour nothing tells it from texture."""
VOUCHED = 0.35
"""Most correlation of the channels of what the network alone sees: what is alike in all of them beyond it may be texture, of which luminance has far more than
colour."""
MOST = 16.0
"""Times the variance that blocks measured of coarse grain and codecs, which leave nothing fine."""
FAINT = (0.006, 0.01)
"""Noise at mid gray, as a part of white, that is not believed and that is, where the network sees less than blocks: then they measured texture, of which it
takes up to 0.003 for noise on nine of ten photographs, up to 0.006 on others; of noise of 0.012 it sees 0.008 to 0.014."""
HUE = 0.1
"""Range of the logarithms of the channels' deviations from which they differ."""
GROUPS = 4
"""Groups of blocks, dark to bright, of which the level is read apart."""
CURVED = 2.0
"""Most over least noise of these groups, in units of the first measure, from which its curve is wrong."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class NoiseSeen:
    """What the network says of a plate that was evened out by a profile, by block of 8 x 8 pixels; all (blocks,), deviations in units of the profile."""

    luminance: Values
    color: Values
    spatial: Values
    """Deviation of luminance times the correlation of adjacent samples."""
    chroma: Values
    brightness: Values
    """Mean plate value."""

    def levels(self, among: NDArray[np.intp] | slice = slice(None)) -> tuple[float, float]:
        """Deviation of luminance and of colour that hold for all blocks of `among`, indices (blocks,)."""
        rank = QUIET + self.evenness * (0.5 - QUIET)
        luminance, color = (float(np.quantile(x[among], rank)) for x in (self.luminance, self.color))
        return luminance, color

    @property
    def spatial_correlation(self) -> float:
        """Of adjacent samples of luminance, 0..1."""
        return float(np.median(self.spatial / np.maximum(self.luminance, 1e-9)))

    @property
    def chroma_spatial_correlation(self) -> float:
        """The same of colour."""
        return float(np.median(self.chroma / np.maximum(self.color, 1e-9)))

    @cached_property
    def evenness(self) -> float:
        """How alike the blocks are, 0..1: noise is the same everywhere."""
        tenth, middle = np.quantile(np.hypot(self.luminance, np.sqrt(2) * self.color), (0.1, 0.5))
        none, whole = EVENNESS
        return float(np.clip((tenth / max(middle, 1e-9) - none) / (whole - none), 0, 1))

    def strength(self, among: NDArray[np.intp] | slice = slice(None)) -> float:
        """Deviation of a channel, of the blocks of `among`, indices (blocks,)."""
        luminance, color = self.levels(among)
        return float(np.sqrt((luminance**2 + 2 * color**2) / 3))


def metered(
    profile: NoiseProfile, frames: Sequence[Tensor], run_model: RunModel, others: Sequence[NoiseProfile] = ()
) -> NoiseProfile:
    """The profile of frames (3, H, W), float32 plate values, or one of `others`, or what the network sees in its place, with the confidence that it is noise.

    `others` are what the noise is if more of what blocks hold is noise than `profile` says, the strongest first.
    """
    pieces = _pieces(frames, profile)
    alive = [_alive(piece) for piece in pieces]
    if sum(int(a.sum()) for a in alive) < FEWEST:
        return replace(profile, confidence=0.0)
    if profile.channel_correlation > COLORED and not _of_one_hue(profile) and (even := evenness(profile, frames)) >= UNSURE:
        return replace(profile, confidence=even)
    for one in (*others, profile):
        seen = look(one, pieces, alive, run_model)
        if len(seen.brightness) < FEWEST:
            return replace(profile, confidence=0.0)
        less, more = BELIEVED[one is profile]
        alike = abs(seen.spatial_correlation - one.spatial_correlation) < ALIKE and one.channel_correlation <= COLORED
        if alike and less <= seen.strength() <= more and seen.evenness >= UNSURE:
            return replace(one, confidence=seen.evenness)
    if _unevenness(seen) > CURVED:
        profile = _line(profile, seen)
        seen = look(profile, pieces, alive, run_model)
    return _told(profile, seen)


def _told(profile: NoiseProfile, seen: NoiseSeen) -> NoiseProfile:
    """The profile with the strength and kind that were seen."""
    luminance, color = (x**2 for x in seen.levels())
    luminance = min(luminance, color * (1 + 2 * VOUCHED) / (1 - VOUCHED))
    found = scaled(profile, min(max(luminance + 2 * color, 1e-12) / 3, MOST))
    least, certain = FAINT
    clear = float(np.clip((found.mid_gray_share - least) / (certain - least), 0, 1))
    return replace(
        found,
        channel_correlation=channel_correlation(luminance, color),
        spatial_correlation=seen.spatial_correlation,
        chroma_spatial_correlation=seen.chroma_spatial_correlation,
        confidence=seen.evenness * clear,
    )


def scaled(profile: NoiseProfile, factor: float) -> NoiseProfile:
    """The profile with all variances times a factor."""
    return replace(
        profile,
        variances=tuple(tuple(v * factor for v in row) for row in profile.variances),
        slopes=tuple(s * factor for s in profile.slopes),
    )


def look(profile: NoiseProfile, pieces: Sequence[Tensor], alive: Sequence[Tensor], run_model: RunModel) -> NoiseSeen:
    """What the network sees in pieces (3, h, w) of plate values, in the blocks that `alive`, bool (h/8, w/8), chooses.

    In others, and in such as are too bright to be worked on, it is shown noise of the profile: what is clipped would tell it that there is none.
    """
    curve = Stabiliser(profile)
    unit = curve.span(profile.white)  # pictures from 0 to 1, as it learned from
    most = brightest(unit)
    planes, brightness = [], []
    for piece, some in zip(pieces, alive, strict=True):
        even = curve.forward(piece)
        there = some & (max_pool2d(even.amax(0)[None, None], BLOCK)[0, 0] < most)
        hidden = interpolate((~there).float()[None, None], scale_factor=BLOCK, mode="nearest")[0].bool()
        height, width = hidden.shape[1:]
        shown = even[:, :height, :width]
        chance = torch.randn(shown.shape, generator=torch.Generator().manual_seed(0)).to(shown)
        shown.copy_(torch.where(hidden, chance, shown))
        said = run_model(MODEL, even.clamp_(-most, most).div_(unit), 1).mul_(unit)
        planes.append(avg_pool2d(said[None], BLOCK)[0][:, there])
        brightness.append(avg_pool2d(piece.mean(0)[None, None], BLOCK)[0, 0][there])
    told, levels = (torch.cat(x, -1).double().cpu().numpy() for x in (planes, brightness))
    return NoiseSeen(told[0], told[1], told[2], told[3], levels)


def _groups(seen: NoiseSeen) -> list[NDArray[np.intp]]:
    """Indices of blocks from dark to bright; there are at least FEWEST."""
    return np.array_split(np.argsort(seen.brightness), GROUPS)


def _unevenness(seen: NoiseSeen) -> float:
    """Most over least noise of dark to bright blocks."""
    levels = [seen.strength(among) for among in _groups(seen)]
    return max(levels) / max(min(levels), 1e-9)


def _line(profile: NoiseProfile, seen: NoiseSeen) -> NoiseProfile:
    """Read noise and a gain, of all channels alike, that what was seen in dark to bright blocks fits best: one line, for texture bends a free one."""
    level, variance = [], []
    for among in _groups(seen):
        middle = max(float(np.median(seen.brightness[among])), 0.0)
        told = np.median([float(profile.variance(c, np.array([middle]))[0]) for c in range(3)])
        level.append(middle)
        variance.append(seen.strength(among) ** 2 * told)
    x, y = np.array(level), np.log(np.maximum(variance, 1e-30))
    best, read, gain = np.inf, float(np.exp(np.median(y))), 0.0
    for ratio in (0.0, *np.geomspace(0.05, 500, 25) / profile.white):  # of gain to read noise
        off = y - np.log1p(ratio * x)
        scale = float(np.median(off))
        error = float(np.abs(off - scale).sum())
        if error < best - 1e-9:
            best, read, gain = error, float(np.exp(scale)), float(np.exp(scale)) * ratio
    end = 1.4 * profile.white
    return replace(profile, levels=((0.0, end),) * 3, variances=((read, read + gain * end),) * 3, slopes=(gain,) * 3)


def _of_one_hue(profile: NoiseProfile) -> bool:
    """Whether what is alike in all channels is as strong in each as the picture is bright in it: then it is the light and shade of one hue."""
    if profile.channel_correlation < GRAY:
        return False
    level = np.array([max(float(np.median(row)), 1e-9) for row in profile.levels])
    uneven, locked = (
        float(np.ptp(np.log(np.maximum(x, 1e-12)))) for x in (np.array(profile.sigma), np.array(profile.sigma) / level)
    )
    return uneven > HUE and locked < uneven / 2


def _pieces(frames: Sequence[Tensor], profile: NoiseProfile) -> list[Tensor]:
    """Squares of the frames, or whole small frames: of each frame those in which neighbouring pixels differ least, for there noise is seen best."""
    curve = Stabiliser(profile)
    found: list[tuple[float, Tensor]] = []
    for frame in frames:
        _, height, width = frame.shape
        tall, wide = min(SIDE, height), min(SIDE, width)
        for y in _starts(height, tall):
            for x in _starts(width, wide):
                piece = frame[:, y : y + tall, x : x + wide]
                alive = _alive(piece)
                if alive.float().mean() < 0.5:
                    continue
                even = curve.forward(piece)
                rough = (even[:, 1:, 1:] - even[:, 1:, :-1] - even[:, :-1, 1:] + even[:, :-1, :-1]) ** 2
                found.append((float(rough.mean((1, 2)).median()), piece))
    if not found:
        return list(frames[:PIECES])
    order = sorted(range(len(found)), key=lambda i: found[i][0])
    return [found[i][1] for i in order[:PIECES]]


def _starts(extent: int, side: int) -> list[int]:
    """Where pieces of a side begin that lie evenly in an extent, at most six."""
    count = max(min(extent // side, 6), 1)
    return sorted({round(i * (extent - side) / max(count - 1, 1)) for i in range(count)})


def _alive(piece: Tensor) -> Tensor:
    """(h, w) bool of whole blocks of (3, H, W): no channel is one value all over, as in a letterbox, nor is any sample not finite."""
    height, width = (extent // BLOCK * BLOCK for extent in piece.shape[1:])
    if not height or not width:
        return torch.zeros((height // BLOCK, width // BLOCK), dtype=torch.bool)
    blocks = piece[:, :height, :width].unfold(1, BLOCK, BLOCK).unfold(2, BLOCK, BLOCK).flatten(3)
    spread = blocks.amax(3) - blocks.amin(3)
    return (torch.isfinite(spread) & (spread > 0)).all(0)
