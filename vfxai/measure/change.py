"""What was changed between a plate and a result: where, how much, and whether tone, grain or time moved.

All pictures here are (H, W, C) float32 in the values that the files store, premultiplied where they are; luma is the mean of the channels.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vfxai.measure import metrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vfxai.noise.profile import NoiseProfile

    Pixels = NDArray[np.float32]
    Map = NDArray[np.float32]

BEYOND = 3.0
"""A pixel counts as changed where it moved by more than this many times the plate's noise: noise alone does so in 0.3 % of pixels."""
LOW_PASS = 32
"""Side in pixels of the means whose shift is a shift of tone: noise of deviation s leaves s/32 in them."""
BLOCK = 16
"""Side in pixels of the blocks in which grain is looked at."""
BANDS = ((1, 2), (2, 4), (4, 8), (8, 16))
"""Coefficients of a block's cosine transform, from and up to: periods of about 32 to 16 pixels, 16 to 8, 8 to 4, 4 to 2."""
BRIGHTNESS = ("dark", "middle", "bright")
"""Thirds of the blocks by their mean."""
FINE = 4
"""Coefficients from here on are compared between frames: shading, which stands still by right, lies below."""
FLAT = 0.25
"""Share of the blocks of each brightness whose grain is looked at: those with the least picture in them."""
_INDEX = np.maximum(*np.indices((BLOCK, BLOCK)))
"""Larger of the two indices of each coefficient of a block's cosine transform."""


@dataclass(frozen=True)
class FrameChange:
    """What was changed in one frame."""

    number: int
    changed: float
    """Share of the pixels that moved by more than BEYOND times the noise of the plate at their level."""
    touched: float
    """Share of the pixels of which any bit differs."""
    shift: float
    """Largest shift of a mean over LOW_PASS x LOW_PASS pixels, in any channel, as a multiple of the noise's deviation there."""
    shift_value: float
    """The same in values of the plate."""
    invented: float | None
    """Share of the pixels that no frame showed, by the channel that says so; None where there is none."""
    alpha: float | None
    """Share of the samples of alpha that differ; None where there is none to compare."""
    flicker: float | None
    """Mean |(result[t] - result[t-1]) - (plate[t] - plate[t-1])|; None for the first frame."""
    nonfinite: int
    """Samples of the result that are NaN or infinite."""


@dataclass(frozen=True)
class Grain:
    """Grain of a sequence in its flattest blocks."""

    spectrum: dict[str, tuple[float, ...]]
    """Amplitude in plate values by brightness, one for each of BANDS, coarse to fine."""
    frozen: float | None
    """Correlation of the grain of neighbouring frames, -1 to 1: about 0 for grain, 1 where it stands still; None for one frame."""


@dataclass(frozen=True)
class ShotChange:
    """What was changed in a shot."""

    frames: tuple[FrameChange, ...]
    before: Grain
    after: Grain
    noise: NoiseProfile
    """Of the plate."""

    def total(self) -> dict[str, Any]:
        """The worst of each figure, and the means of the shares."""
        flickers = [f.flicker for f in self.frames if f.flicker is not None]
        invented = [f.invented for f in self.frames if f.invented is not None]
        alpha = [f.alpha for f in self.frames if f.alpha is not None]
        return {
            "frames": len(self.frames),
            "changed": float(np.mean([f.changed for f in self.frames])),
            "touched": float(np.mean([f.touched for f in self.frames])),
            "shift": max(f.shift for f in self.frames),
            "shift_value": max(f.shift_value for f in self.frames),
            "invented": max(invented) if invented else None,
            "alpha": max(alpha) if alpha else None,
            "flicker": float(np.mean(flickers)) if flickers else None,
            "nonfinite": sum(f.nonfinite for f in self.frames),
        }

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "total": self.total(),
            "frames": [asdict(f) for f in self.frames],
            "grain": {"before": asdict(self.before), "after": asdict(self.after)},
            "noise": self.noise.to_dict(),
        }


class ChangeMeter:
    """Takes the frames of a shot in order and holds two at a time."""

    def __init__(self, profile: NoiseProfile) -> None:
        self._profile = profile
        self._frames: list[FrameChange] = []
        self._last: tuple[Pixels, Pixels] | None = None
        self._grain = (_GrainMeter(), _GrainMeter())

    def add(self, number: int, plate: Pixels, result: Pixels, invented: Map | None = None, alpha: float | None = None) -> Map:
        """Measures a frame; (H, W) float32, the largest change of any channel at each pixel as a multiple of the plate's noise.

        `plate` and `result` have one size; a result of another size is brought to the plate's first (`at_size`). `invented` is (H, W), 0..1,
        `alpha` the share of the samples of alpha that differ.
        """
        bad = ~np.isfinite(result)
        clean = np.where(bad, 0, result) if bad.any() else result
        plate = np.nan_to_num(plate, nan=0.0, posinf=0.0, neginf=0.0)
        sigma = noise_deviation(self._profile, plate)
        moved = np.asarray(np.abs(clean - plate) / sigma, np.float32)
        shift = np.abs(low_pass(clean - plate))
        last = self._last
        again = last is not None and last[0].shape == plate.shape
        self._frames.append(
            FrameChange(
                number=number,
                changed=float((moved.max(-1) > BEYOND).mean()),
                touched=float((result != plate).any(-1).mean()),
                shift=float((shift / low_pass(sigma)).max()),
                shift_value=float(shift.max()),
                invented=None if invented is None else float((invented > 0).mean()),
                alpha=alpha,
                flicker=metrics.flicker(last[1], clean, last[0], plate) if last is not None and again else None,
                nonfinite=int(bad.sum()),
            )
        )
        flat = flat_blocks(plate)
        self._grain[0].add(plate, flat)
        self._grain[1].add(clean, flat)
        self._last = plate, clean
        return np.asarray(moved.max(-1), np.float32)

    def shot(self) -> ShotChange:
        """Everything so far."""
        return ShotChange(tuple(self._frames), self._grain[0].found(), self._grain[1].found(), self._profile)


def noise_deviation(profile: NoiseProfile, plate: Pixels) -> Pixels:
    """(H, W, C) standard deviation of the noise at each sample of a plate, above 0."""
    channels = range(plate.shape[-1])
    found = [np.sqrt(profile.variance(c, plate[..., c].astype(np.float64))) for c in channels]
    return np.asarray(np.stack(found, -1), np.float32)


def low_pass(picture: Pixels) -> Pixels:
    """(h, w, C) means over LOW_PASS x LOW_PASS pixels that do not overlap; one mean where the picture is smaller."""
    height, width, channels = picture.shape
    side_y, side_x = min(LOW_PASS, height), min(LOW_PASS, width)
    cut = picture[: height // side_y * side_y, : width // side_x * side_x]
    return np.asarray(cut.reshape(height // side_y, side_y, width // side_x, side_x, channels).mean((1, 3)), np.float32)


def at_size(picture: Pixels, height: int, width: int) -> Pixels:
    """A picture (H, W, C) float32 as (height, width, C): each pixel the mean of what it covers where it is reduced, bilinear where it is enlarged."""
    import cv2

    if picture.shape[:2] == (height, width):
        return picture
    smaller = height * width < picture.shape[0] * picture.shape[1]
    resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(resized.reshape(height, width, -1), np.float32)


def blocks_of(picture: Pixels) -> NDArray[np.float64]:
    """(N, BLOCK, BLOCK) blocks of the luma that do not overlap, row by row; none where the picture is smaller."""
    luma = picture.mean(-1, dtype=np.float64)
    rows, columns = luma.shape[0] // BLOCK, luma.shape[1] // BLOCK
    cut = luma[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return cut.transpose(0, 2, 1, 3).reshape(rows * columns, BLOCK, BLOCK)


def flat_blocks(plate: Pixels) -> dict[str, NDArray[np.int64]]:
    """Indices (n,) into `blocks_of` of the flattest blocks of a plate (H, W, C), by brightness: those whose coarse variation is least."""
    blocks = blocks_of(plate)
    mean = blocks.mean((1, 2))
    quarters = blocks.reshape(len(blocks), 4, BLOCK // 4, 4, BLOCK // 4).mean((2, 4))  # (N, 4, 4) means, in which grain is small
    rough = quarters.std((1, 2)) / np.maximum(np.abs(mean), 1e-6)
    found = {}
    for name, part in zip(BRIGHTNESS, np.array_split(np.argsort(mean, kind="stable"), len(BRIGHTNESS)), strict=True):
        few = max(1, round(len(part) * FLAT)) if len(part) else 0
        found[name] = np.sort(part[np.argsort(rough[part], kind="stable")[:few]])
    return found


class _GrainMeter:
    def __init__(self) -> None:
        self._power: dict[str, list[NDArray[np.float64]]] = {name: [] for name in BRIGHTNESS}
        self._products: list[tuple[float, float, float]] = []
        self._last: NDArray[np.float64] | None = None

    def add(self, picture: Pixels, flat: dict[str, NDArray[np.int64]]) -> None:
        from scipy.fft import dctn

        blocks = blocks_of(picture)
        if not len(blocks):
            return
        waves = dctn(blocks, axes=(1, 2), norm="ortho")
        for name, chosen in flat.items():
            self._power[name].append(np.array([_band(waves[chosen] ** 2, *band) for band in BANDS]))
        fine = waves * (_INDEX >= FINE)
        if self._last is not None and self._last.shape == fine.shape:
            every = np.concatenate(list(flat.values()))
            a, b = self._last[every], fine[every]
            self._products.append((float((a * b).sum()), float((a * a).sum()), float((b * b).sum())))
        self._last = fine

    def found(self) -> Grain:
        spectrum = {n: tuple(float(v) for v in np.sqrt(np.mean(p, 0))) for n, p in self._power.items() if p}
        if not self._products:
            return Grain(spectrum, None)
        both, first, second = (sum(column) for column in zip(*self._products, strict=True))
        return Grain(spectrum, both / max((first * second) ** 0.5, 1e-30))


def _band(power: NDArray[np.float64], low: int, high: int) -> float:
    """Mean power of the coefficients whose larger index lies in low..high-1."""
    return float(power[:, (low <= _INDEX) & (high > _INDEX)].mean())
