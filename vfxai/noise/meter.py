"""Measures noise with the network that removes it, which knows texture from noise better than any statistic of blocks.

Told a level, the network removes what looks like noise of that level. Where it is told too little, it leaves most; where it is told too
much, what it removes is a small part of what it was told, for there is no more. So the share

    g(k) = variance of what was removed / variance that was told        (k: told standard deviation, in units of the first measure)

is greatest near the true level, also in pictures of nothing but texture, and small everywhere where there is no noise at all. In even
areas the network removes all noise even where it is told less; then the level is where g falls to 1. What texture
loses lies mostly along one direction of colour; noise lies along all three. So g is the median of the three eigenvalues of the
covariance of what was removed, not their mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from vfxai.noise.measure import evenness
from vfxai.noise.profile import CLEAN, NoiseProfile
from vfxai.noise.remover import Remover, RunModel

FIRST, STEP, MOST = 1.6, 1.35, 11
"""The levels k that are tried: from the first down in these steps, at most so many. Blocks measure texture with the noise, so k lies below 1 or near."""
ABOVE = 1.2
"""How far above the first measure the level may be found; a little, where blocks were chosen for being quiet."""
PEAK, FINE_TEXTURE = 1.2, (0.4, 0.8)
"""The true level over that of the greatest share where that is great, measured on training photographs with noise of known levels; the second: from
1 on in fine texture, which has small shares, to that. Half of it less costs 0.1 dB, more may cost much."""
GROUPS = 4
"""Groups of blocks, dark to bright, of which the level is read apart."""
BELIEVED = {True: (0.7, 0.5), False: (0.8, 0.5)}
"""Least level and share at which the first measure is believed, for it tells the level more finely than the network does: where it found white
noise under whatever texture there is, and where it measured blocks alone. In fine texture the network tells 0.8 to 0.9 of a level that is true."""
SHARES = {True: (0.25, 0.45), False: (0.8, 1.0)}
"""Shares g of no confidence and of full confidence, where colours tell noise from texture, and where noise is alike in all channels. Between
COLORED and GRAY colours tell less and less, and so more is asked. Clean
photographs of texture reach 0.3 (etchings and fibres, of one hue, 0.72 to 0.84), these with noise of one code value 0.3 to 0.65."""
DOUBTFUL = (0.55, 0.75)
"""As the first of SHARES, for noise that quiet blocks show with so much at low frequencies that it may be picture: of training photographs foliage
and brushwork without noise reach 0.55 and 0.63, film of three layers has 0.5 to 1.2, what H.264 and ProRes Proxy left of heavy noise 0.6 to 1.4."""
VOUCHED = 0.35
"""Most correlation of the channels that noise found so is told with: what is alike in all channels beyond it may be texture, of which luminance has far
more than colour. Of 1, 0.5, 0.35, 0.2 and 0, tried on twelve crops of training photographs: with all that was measured three of six with film came back 1.0 to
4.2 dB worse than they were, with this one by 0.5; codecs lose up to 1.4 dB, with less up to 3.7."""
COLORED = 0.7
"""Correlation of the channels up to which colours tell noise from texture as well as they can: a third of the noise is then a channel's own."""
GRAY = 0.95
"""Correlation of the channels above which colours tell nothing."""
COARSER = 1.4
"""How much greater the share must be, where the network is told noise that is correlated, to believe that it is: texture is correlated too."""
ALIKE = 0.65
"""Least ratio of the shares at which one line for all channels is believed, where the first measure was wrong by texture."""
HUE = 0.1
"""Range of the logarithms of the channels' deviations from which they differ."""
LINES, NEAR = 2, 0.6
"""How often a line is fitted, and the level from which the last one needs no better."""
SIDE = 160
PIECES = 4
"""Pixels of a side, and how many such pieces are measured: enough for the shares, and a second of one core for each level."""
BLOCK = 8
USUAL = 2.0
"""Times the median power of blocks beyond which one is left out: an edge, or a level at which the first measure is far off."""
FEWEST = 20
"""Blocks with more than one value in them, below which nothing can be said."""


Blocks = NDArray[np.float64]
"""(levels, blocks, 3, 3): covariance of what was removed from each block at each level told, over the variance told."""


@dataclass(frozen=True)
class Reading:
    """What the network tells when it is told a profile at several levels."""

    levels: NDArray[np.float64]
    """Standard deviations told, in units of the profile, descending."""
    blocks: Blocks
    brightness: NDArray[np.float64]
    """(blocks,) mean plate value of each."""
    shared: float
    """Correlation of the channels that was told."""

    def peak(self, among: NDArray[np.bool_] | None = None) -> tuple[float, float, float]:
        """Level of the noise in units of the profile, the share g there along the middle direction of colour, and the mean of three directions.

        Of the blocks that `among`, bool (blocks,), chooses; of all if it is None.
        """
        blocks = self.blocks if among is None else self.blocks[:, among]
        shares = np.array([_shares(_usual(one), self.shared) for one in blocks])
        best = int(np.argmax(shares[:, 0]))
        middle, mean = shares[best]
        if middle >= 1:
            over = int(np.argmax(shares[:, 0] >= 1))  # the first from above
            return _crossing(self.levels, shares[:, 0], over), float(middle), float(mean)
        level = _vertex(self.levels, np.maximum(shares[:, 0], 1e-9), best)
        if best == 0:  # no peak: it is greater still above, where texture is all that is removed
            middle = 0.0
        low, high = FINE_TEXTURE
        return level * (1 + (PEAK - 1) * float(np.clip((middle - low) / (high - low), 0, 1))), float(middle), float(mean)


@dataclass(frozen=True)
class Tried:
    """A kind of noise that the network was told of, and what it said."""

    profile: NoiseProfile
    reading: Reading
    level: float
    share: float
    mean: float
    """As Reading.peak() gives them."""
    confidence: float
    """That there is noise of this kind."""
    doubtful: bool
    """Whether it may be picture for what quiet blocks show at low frequencies."""

    def at(self, level: float) -> NoiseProfile:
        """The profile brought to a level, with the confidence; of a doubtful one luminance only as far as colour vouches for it."""
        found = scaled(self.profile, level**2)
        if self.doubtful and found.channel_correlation > VOUCHED:
            own = (1 - found.channel_correlation) / (1 - VOUCHED)
            found = replace(scaled(found, own), channel_correlation=VOUCHED)
        return replace(found, confidence=0.0 if _of_one_hue(found) else self.confidence)


def metered(
    profile: NoiseProfile, frames: Sequence[Tensor], run_model: RunModel, others: Sequence[NoiseProfile] = ()
) -> NoiseProfile:
    """The profile of frames (3, H, W), float32 plate values, brought to the level that the network tells, with the confidence in it.

    Or one of `others`, or white noise, where the network finds more of that.

    Never above what blocks showed by more than a fifth, for these measure texture too.
    """
    pieces = _pieces(frames, profile)
    alive = [_alive(piece) for piece in pieces]
    if sum(int(a.sum()) for a in alive) < FEWEST:
        return replace(profile, confidence=0.0)

    def tried(told: NoiseProfile, doubtful: bool = False) -> Tried:
        reading = _read(told, pieces, alive, run_model)
        level, share, mean = reading.peak()
        even = evenness(told, frames) if told.channel_correlation > COLORED else 0.0
        return Tried(told, reading, level, share, mean, max(_confidence(share, mean, told, doubtful), even), doubtful)

    gray = all(bool((f[0] == f[1]).all() and (f[0] == f[2]).all()) for f in frames)
    white = replace(profile, spatial_correlation=0.0, chroma_spatial_correlation=0.0, channel_correlation=float(gray))
    chosen = tried(white)
    coarse = [
        tried(p, p is not profile) for p in (profile, *others) if p != white and COARSER * chosen.mean < 1
    ]  # no share is greater
    best = max(coarse, key=lambda one: (one.confidence, one.share), default=chosen)
    if best.confidence >= chosen.confidence and best.mean > COARSER * chosen.mean:
        chosen = best
    least_level, least_share = BELIEVED[chosen.profile.is_certain]
    if not chosen.doubtful and chosen.level >= least_level and chosen.share >= least_share:
        return chosen.at(1.0)
    for _ in range(LINES if chosen.profile is white else 0):
        alike = tried(_line(chosen.profile, chosen.reading))
        above = min(alike.level, ABOVE) * alike.profile.mid_gray_sigma > ABOVE * white.mid_gray_sigma
        if above or alike.share < ALIKE * chosen.share:
            break
        chosen = alike
        if chosen.level > NEAR:
            break
    return chosen.at(min(chosen.level, ABOVE))


def scaled(profile: NoiseProfile, factor: float) -> NoiseProfile:
    """The profile with all variances times a factor."""
    return replace(
        profile,
        variances=tuple(tuple(v * factor for v in row) for row in profile.variances),
        slopes=tuple(s * factor for s in profile.slopes),
    )


def _confidence(share: float, mean: float, profile: NoiseProfile, doubtful: bool) -> float:
    gray = float(np.clip((profile.channel_correlation - COLORED) / (GRAY - COLORED), 0, 1))
    told = DOUBTFUL if doubtful else SHARES[True]
    none, certain = ((1 - gray) * color + gray * alike for color, alike in zip(told, SHARES[False], strict=True))
    colored = max(1 - profile.channel_correlation / COLORED, 0.0)
    share = colored * share + (1 - colored) * min(
        share, mean
    )  # the more alike channels are, the less one direction of colour says
    return float(np.clip((share - none) / (certain - none), 0, 1))


def _of_one_hue(profile: NoiseProfile) -> bool:
    """Whether what is alike in all channels is as strong in each as the picture is bright in it: then it is the light and shade of one hue."""
    if profile.channel_correlation < GRAY:
        return False
    level = np.array([max(float(np.median(row)), 1e-9) for row in profile.levels])
    uneven, locked = (
        float(np.ptp(np.log(np.maximum(x, 1e-12)))) for x in (np.array(profile.sigma), np.array(profile.sigma) / level)
    )
    return uneven > HUE and locked < uneven / 2


def _line(profile: NoiseProfile, reading: Reading) -> NoiseProfile:
    """Read noise and a gain, of all channels alike, that the readings of dark to bright blocks fit best: one line, for texture bends a free one."""
    order = np.argsort(reading.brightness)
    level, variance, weight = [], [], []
    for group in np.array_split(order, GROUPS):
        among = np.zeros(len(order), bool)
        among[group] = True
        if not len(group):
            continue
        peak, _, mean = reading.peak(among)
        middle = max(float(np.median(reading.brightness[group])), 0.0)
        told = np.median([float(profile.variance(c, np.array([middle]))[0]) for c in range(3)])
        level.append(middle)
        variance.append(peak**2 * told)
        weight.append(mean**2)
    x, y, w = np.array(level), np.log(np.maximum(variance, 1e-30)), np.maximum(weight, 1e-12) / np.maximum(weight, 1e-12).sum()
    best, read, gain = np.inf, float(np.exp(np.median(y))), 0.0
    for ratio in (0.0, *np.geomspace(0.05, 500, 25) / profile.white):  # of gain to read noise
        shape = np.log1p(ratio * x)
        off = y - shape
        scale = float(np.sort(off)[np.searchsorted(np.cumsum(w[np.argsort(off)]), 0.5)])  # weighted median
        error = float((w * np.abs(off - scale)).sum())
        if error < best - 1e-9:
            best, read, gain = error, float(np.exp(scale)), float(np.exp(scale)) * ratio
    end = 1.4 * profile.white
    return replace(profile, levels=((0.0, end),) * 3, variances=((read, read + gain * end),) * 3, slopes=(gain,) * 3)


def _pieces(frames: Sequence[Tensor], profile: NoiseProfile) -> list[Tensor]:
    """Squares of the frames, or whole small frames: of each frame those in which neighbouring pixels differ least, for there noise is seen best."""
    curve = Remover(profile, lambda *_: torch.empty(0)).curve
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


def _read(profile: NoiseProfile, pieces: Sequence[Tensor], alive: Sequence[Tensor], run_model: RunModel) -> Reading:
    """Tries levels from above until the share falls, or the noise would not be worth removing."""
    remover = Remover(profile, run_model)
    even = [remover.curve.forward(piece) for piece in pieces]
    least = CLEAN / 2 * profile.white / profile.mid_gray_sigma
    levels: list[float] = []
    told: list[NDArray[np.float64]] = []
    middle: list[float] = []
    level = FIRST
    while len(levels) < MOST and (level > least or len(levels) < 3):
        removed = [_products(p - remover(p, torch.full_like(p[:1], level), level), a) for p, a in zip(even, alive, strict=True)]
        levels.append(level)
        told.append(np.concatenate(removed) / level**2)
        middle.append(_shares(_usual(told[-1]), profile.channel_correlation)[0])
        if middle[-1] >= 1 or (len(levels) > 3 and max(middle[-2:]) < 0.85 * max(middle)):
            break
        level /= STEP
    brightness = [
        avg_pool2d(p.mean(0)[None, None], BLOCK)[0, 0][a].double().cpu().numpy() for p, a in zip(pieces, alive, strict=True)
    ]
    return Reading(np.array(levels), np.stack(told), np.concatenate(brightness), profile.channel_correlation)


def _products(removed: Tensor, alive: Tensor) -> NDArray[np.float64]:
    """(blocks, 3, 3) mean products of the channels of (3, H, W)."""
    products = (removed[:, None] * removed[None]).flatten(0, 1)  # (9, H, W)
    blocks = avg_pool2d(products[None], BLOCK)[0][:, alive]
    return blocks.double().cpu().numpy().T.reshape(-1, 3, 3)


def _usual(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of (blocks, 3, 3) over those that have not far more power than most."""
    power = np.trace(blocks, axis1=1, axis2=2)
    mean: NDArray[np.float64] = blocks[power <= USUAL * np.median(power)].mean(0)
    return mean


def _shares(covariance: NDArray[np.float64], shared: float) -> tuple[float, float]:
    """The share along the middle direction, of what was told along it, and the mean; of noise alike in all channels only the mean says anything."""
    mean = float(np.trace(covariance)) / 3
    if shared >= GRAY:
        return mean, mean
    evening = evening_of(shared)
    return float(np.linalg.eigvalsh(evening @ covariance @ evening)[1]), mean


def evening_of(shared: float) -> NDArray[np.float64]:
    """The matrix (3, 3) after which noise of which the channels have a correlation below 1 is alike in all directions of colour."""
    values, directions = np.linalg.eigh((1 - shared) * np.eye(3) + shared)
    evened: NDArray[np.float64] = directions / np.sqrt(values) @ directions.T
    return evened


def _crossing(levels: NDArray[np.float64], shares: NDArray[np.float64], over: int) -> float:
    """Where as much is removed as is told: between the level before the first share of 1 and that, on a straight line of logarithms."""
    if over == 0:
        return float(levels[0] * np.sqrt(shares[0]))
    (above, below), (less, more) = np.log(levels[over - 1 : over + 1]), np.log(np.maximum(shares[over - 1 : over + 1], 1e-9))
    return float(np.exp(above + (below - above) * -less / max(more - less, 1e-9)))


def _vertex(levels: NDArray[np.float64], shares: NDArray[np.float64], best: int) -> float:
    """Where a parabola through the greatest share and its neighbours is greatest, over the logarithm of the level."""
    if not 0 < best < len(levels) - 1:
        return float(levels[best])
    x, y = np.log(levels[best - 1 : best + 2]), np.log(shares[best - 1 : best + 2])
    bend, slope, _ = np.polyfit(x, y, 2)
    return float(np.exp(np.clip(-slope / 2 / bend, x.min(), x.max()))) if bend < 0 else float(levels[best])
