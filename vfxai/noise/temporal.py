"""Noise measured in time: of what stands still, or moves by whole pixels, nothing is left in the difference of two frames but noise.

So texture cannot be taken for it. Where motion leaves some of the picture, the difference has too much and never too little: what is found here
bounds the noise from above. Whether it is noise alone is told by its evenness, for of two blocks of the same level noise has the same power, and
what a picture leaves does not, and by its colours, for what a picture leaves has hardly more than one.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vfxai.noise.blocks import BLOCK, Blocks, clipped, pieces, transformed
from vfxai.noise.measure import colored, first_profile, white_of
from vfxai.noise.profile import MID_GRAY, NoiseProfile
from vfxai.noise.spectrum import HIGH, MIDDLE

Array = NDArray[np.float32]
TILE = 64
"""Pixels of a side that are aligned together."""
NEAR = 24
"""Pixels by which a tile may move beside what the whole frame does."""
COPIED = 0.4
"""Share of samples that did not change from which a block, or a frame of such blocks, was copied: noise of one code value leaves 0.28 of them."""
FEWEST = 100
"""Blocks below which nothing is said."""
EVEN = (1.9, 2.8)
"""Upper over lower quartile of the power of blocks up to which there is noise alone, and from which nothing is certain. White noise has 1.2 to 1.4,
that of cameras, film and codecs at rates that show none of them 1.5 to 2.6; clips without noise have 2.8 to 18."""
LEVELS = 24
"""Groups of blocks by level in which noise counts as the same."""
ONE_HUE = (0.6, 0.8)
"""Correlation of the channels up to which what changes is noise, and from which it may be texture that moved by a part of a pixel: it has one hue."""
MOST_BELOW = 12.0
"""As in vfxai.noise.measure, of differences, in which there is hardly any picture: grain of coarse layers has up to 8."""
NEARLY = (0.8, 1.25)
"""Ratios of deviations that are one noise, measured twice."""
UPPER = 0.75
"""Of several pairs of frames, the quantile that is believed: codecs freeze noise for a few frames, and a cut shows far too much."""


def measured_in_time(frames: Sequence[Tensor], followers: Sequence[Tensor | None]) -> NoiseProfile | None:
    """What changes from frames (3, H, W) to the ones after them, as a profile that noise does not exceed; None where nothing changes or follows.

    Its confidence is that it is noise alone, 0 to 1.
    """
    pairs = [
        (a.cpu().numpy(), b.cpu().numpy()) for a, b in zip(frames, followers, strict=True) if b is not None and b.shape == a.shape
    ]
    found = [profile for a, b in pairs if (profile := _of_pair(a, b)) is not None]
    if not found:
        return None
    found.sort(key=lambda p: p.mid_gray_share)
    return found[int(UPPER * (len(found) - 1))]


def bounded(profile: NoiseProfile, changing: NoiseProfile | None) -> NoiseProfile:
    """What changes in time, where it has less at mid gray than a profile; else the profile. As sure that it is noise as the surer of them."""
    if changing is None or profile.mid_gray_share <= changing.mid_gray_share:
        return profile
    return replace(changing, confidence=max(profile.confidence, changing.confidence))


def agree(profile: NoiseProfile, changing: NoiseProfile) -> bool:
    """Whether each channel of a profile has about as much noise as changes in time."""
    least, most = NEARLY
    gray = np.array([MID_GRAY * profile.white])
    ratios = [float(np.sqrt(profile.variance(c, gray) / changing.variance(c, gray))[0]) for c in range(3)]
    return least <= min(ratios) and max(ratios) <= most


def _of_pair(frame: Array, follower: Array) -> NoiseProfile | None:
    if min(frame.shape[1:]) < BLOCK:  # not one block, and no room to move
        return None
    there = aligned(frame, follower)
    blocks = _difference_blocks(frame, there)
    if blocks is None or len(blocks.level) < FEWEST:
        return None
    first, flat, curves = first_profile(blocks, white_of([frame]))
    seen, _ = colored(first, blocks, flat, curves, MOST_BELOW)
    even = float(np.clip((EVEN[1] - unevenness(blocks)) / (EVEN[1] - EVEN[0]), 0, 1))
    shared = seen.channel_correlation
    return replace(seen, confidence=even * float(np.clip((ONE_HUE[1] - shared) / (ONE_HUE[1] - ONE_HUE[0]), 0, 1)))


def unevenness(blocks: Blocks) -> float:
    """Upper over lower quartile of the power of blocks, in units of what is usual at their level, each frequency of each channel counting alike."""
    power = blocks.coefficients[:, :, MIDDLE | HIGH].astype(np.float64) ** 2  # (N, 3, frequencies)
    groups = np.array_split(np.argsort(blocks.level.mean(1), kind="stable"), LEVELS)
    usual = [power[g] / np.maximum(np.median(power[g], axis=0), 1e-30) for g in groups if len(g)]
    low, high = (float(q) for q in np.quantile(np.concatenate(usual).mean((1, 2)), (0.25, 0.75)))
    return high / max(low, 1e-12)


def aligned(frame: Array, follower: Array) -> Array:
    """The follower (3, H, W) moved onto the frame tile by tile, by whole pixels, which leave its noise as it is; not a number where it shows nothing."""
    before, after = (np.ascontiguousarray(np.nan_to_num(p.mean(0))) for p in (frame, follower))
    _, height, width = frame.shape
    whole = _shift(before, after)
    result = np.full_like(frame, np.nan)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            tile = (top, left, min(top + TILE, height), min(left + TILE, width))
            moves = sorted({(0, 0), whole, _moved(before, after, tile, whole)})
            here, there = min(
                (_overlap(tile, move, height, width) for move in moves), key=lambda o: _difference(before, after, *o)
            )
            result[:, *here] = follower[:, *there]
    return result


Tile = tuple[int, int, int, int]
"""Top, left, and the row and column after the last."""
Part = tuple[slice, slice]
"""Rows and columns."""


def _moved(before: Array, after: Array, tile: Tile, whole: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns by which what a tile shows moved; `whole` where that is not to be told."""
    here, there = _overlap(tile, whole, *before.shape)
    one, two = before[here], after[there]
    if min(one.shape) < 2 * BLOCK:
        return whole
    y, x = _shift(one, two)
    return (whole[0] + y, whole[1] + x) if max(abs(y), abs(x)) <= NEAR else whole


def _overlap(tile: Tile, move: tuple[int, int], height: int, width: int) -> tuple[Part, Part]:
    """The part of a tile that is in the picture after a move as well, before and after it."""
    top, left, bottom, right = tile
    y, x = move
    rows, columns = (max(top, -y), min(bottom, height - y)), (max(left, -x), min(right, width - x))
    rows, columns = (rows[0], max(rows)), (columns[0], max(columns))
    return (slice(*rows), slice(*columns)), (slice(rows[0] + y, rows[1] + y), slice(columns[0] + x, columns[1] + x))


def _difference(before: Array, after: Array, here: Part, there: Part) -> float:
    """Mean absolute difference of two parts; infinite where they are too small to tell."""
    one = before[here]
    return float(np.abs(one - after[there]).mean()) if min(one.shape) >= BLOCK else float("inf")


def _shift(before: Array, after: Array) -> tuple[int, int]:
    """Rows and columns, whole, by which a picture (H, W) moved: the peak of phase correlation."""
    window = cv2.createHanningWindow(before.shape[::-1], cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(np.nan_to_num(before), np.nan_to_num(after), window)
    return (round(y), round(x)) if np.isfinite(x) and np.isfinite(y) else (0, 0)


def _difference_blocks(frame: Array, follower: Array) -> Blocks | None:
    """Blocks of the difference over the square root of 2, at the mean level; without those that were copied, clipped or not seen."""
    one, two = pieces(frame), pieces(follower)
    seen = np.isfinite(one).all((1, 2, 3)) & np.isfinite(two).all((1, 2, 3))
    one, two = one[seen], two[seen]
    copied = ((one == two).mean((2, 3)) > COPIED).any(1)
    if not len(one) or copied.mean() > COPIED:
        return None
    kept = ~copied & ~clipped(one, frame)
    level = (one[kept].mean((2, 3)) + two[kept].mean((2, 3))) / 2
    return transformed((two[kept] - one[kept]) / np.float32(np.sqrt(2)), level)
