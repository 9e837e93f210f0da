"""Wires and props drawn over clips, and the mattes that an artist would make of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.bench.pictures import Pixels

Matte = NDArray[np.float32]
"""(H, W), 1 where the thing or its soft edge covers the plate."""
Line = NDArray[np.float64]
"""(N, 2), x and y in pixels, whole at the middle of a pixel."""
FINE = 16
"""Parts of a pixel in which OpenCV draws."""
MIDDLE = 0.375
"""Pixels from the middle of the first quarter of a pixel to the pixel's middle: lines are drawn four times as large."""


@dataclass(frozen=True)
class Rigged:
    """A clip with something to remove."""

    name: str
    truth: Sequence[Pixels]
    plate: Sequence[Pixels]
    mattes: Sequence[Matte]


def rigged(name: str, clip: Sequence[Pixels], seed: int) -> list[Rigged]:
    """The clip with thin and thick swaying wires, a disc that crosses the picture, and a box that stands."""
    rng = np.random.default_rng(seed)
    makers = {"thin wires": _wires(clip, 1.5, rng), "thick wires": _wires(clip, 4.0, rng),
              "moving disc": _disc(clip, rng), "standing box": _box(clip, rng)}  # fmt: skip
    return [_drawn(f"{name}, {what}", clip, covers, color) for what, (covers, color) in makers.items()]


def _drawn(name: str, clip: Sequence[Pixels], covers: Sequence[Matte], color: NDArray[np.float64]) -> Rigged:
    tone = color.astype(np.float32)
    plate = [np.asarray(f * (1 - c[..., None]) + tone * c[..., None], np.float32) for f, c in zip(clip, covers, strict=True)]
    return Rigged(name, clip, plate, [(c > 0).astype(np.float32) for c in covers])


def with_wires(name: str, clip: Sequence[Pixels], width: float, rng: np.random.Generator) -> Rigged:
    """The clip with three swaying wires of a width in pixels."""
    return _drawn(name, clip, *_wires(clip, width, rng))


def _wires(clip: Sequence[Pixels], width: float, rng: np.random.Generator) -> tuple[list[Matte], NDArray[np.float64]]:
    """Three sagging wires that sway each in its own time, of a given width in pixels, antialiased."""
    return [_strung(lines, clip[0], width) for lines in swaying(clip, rng)], rng.uniform(0, 0.25, 3)


def swaying(clip: Sequence[Pixels], rng: np.random.Generator) -> list[list[Line]]:
    """The middles of three wires in each frame, from beyond the left edge to beyond the right."""
    height, across = clip[0].shape[:2]
    ends = rng.uniform(0.05, 0.95, (3, 2)) * height
    sag, sway = rng.uniform(0.02, 0.15, 3) * height, rng.uniform(2, 8, 3)
    period, phase = rng.uniform(9, 30, 3), rng.uniform(0, 2 * np.pi, 3)
    x = np.linspace(-8, across + 8, 64)
    u = x / across
    lines: list[list[Line]] = []
    for t in range(len(clip)):
        move = sway * np.sin(2 * np.pi * t / period + phase)
        heights = [ends[i, 0] * (1 - u) + ends[i, 1] * u + (sag[i] + move[i]) * 4 * u * (1 - u) + 0.3 * move[i] for i in range(3)]
        lines.append([np.stack([x, y], 1) - MIDDLE for y in heights])
    return lines


def _strung(lines: Sequence[Line], like: Pixels, width: float) -> Matte:
    height, across = like.shape[:2]
    large = np.zeros((height * 4, across * 4), np.uint8)
    for line in lines:
        points = (line + MIDDLE) * 4 * FINE
        cv2.polylines(large, [points.round().astype(np.int32)], False, 255, max(round(width * 4), 1), cv2.LINE_8, 4)
    return np.asarray(cv2.resize(large, (across, height), interpolation=cv2.INTER_AREA) / 255, np.float32)


def _disc(clip: Sequence[Pixels], rng: np.random.Generator) -> tuple[list[Matte], NDArray[np.float64]]:
    """A disc that crosses the picture at 2 to 5 pixels a frame."""
    height, across = clip[0].shape[:2]
    radius, speed, angle = height * rng.uniform(0.05, 0.08), rng.uniform(2, 5), rng.uniform(0, 2 * np.pi)
    centre = rng.uniform(0.35, 0.65, 2) * (across, height)
    step = speed * np.array([np.cos(angle), np.sin(angle)])
    covers: list[Matte] = []
    for t in range(len(clip)):
        cover = np.zeros((height, across), np.uint8)
        x, y = ((centre + step * (t - len(clip) / 2)) * FINE).round().astype(int)
        cv2.circle(cover, (int(x), int(y)), round(radius * FINE), 255, -1, cv2.LINE_AA, 4)
        covers.append(np.asarray(cover / 255, np.float32))
    return covers, rng.uniform(0, 1, 3)


def _box(clip: Sequence[Pixels], rng: np.random.Generator) -> tuple[list[Matte], NDArray[np.float64]]:
    """A box that stands still before whatever moves behind it."""
    height, across = clip[0].shape[:2]
    cover = np.zeros((height, across), np.float32)
    h, w = (round(height * rng.uniform(0.08, 0.14)) for _ in range(2))
    y, x = round(rng.uniform(0.2, 0.7) * height), round(rng.uniform(0.2, 0.7) * across)
    cover[y : y + h, x : x + w] = 1
    return [cover] * len(clip), rng.uniform(0, 1, 3)


def inpainted(case: Rigged, method: str) -> list[Pixels]:
    """Every frame by itself with OpenCV's "telea" or "navier-stokes", radius 3, on 8 bits as it needs."""
    flag = {"telea": cv2.INPAINT_TELEA, "navier-stokes": cv2.INPAINT_NS}[method]
    made = []
    for plate, matte in zip(case.plate, case.mattes, strict=True):
        stored = (plate.clip(0, 1) * 255 + 0.5).astype(np.uint8)
        filled = cv2.inpaint(stored, (matte > 0).astype(np.uint8), 3, flag).astype(np.float32) / 255
        made.append(np.where(matte[..., None] > 0, filled, plate))
    return made


def temporal_median(case: Rigged, beside: int = 3) -> list[Pixels]:
    """Median of the neighbours moved onto each frame along DIS flow computed on the plate, where they are not covered; else Telea."""
    plain = inpainted(case, "telea")
    gray = [cv2.cvtColor((p.clip(0, 1) * 255 + 0.5).astype(np.uint8), cv2.COLOR_RGB2GRAY) for p in case.plate]
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    height, across = gray[0].shape
    y, x = np.mgrid[0:height, 0:across].astype(np.float32)
    made = []
    for t, plate in enumerate(case.plate):
        shown = []
        for s in range(max(0, t - beside), min(len(gray), t + beside + 1)):
            if s == t:
                continue
            flow = search.calc(gray[t], gray[s], None)
            moved = cv2.remap(case.plate[s], x + flow[..., 0], y + flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            covered = cv2.remap(case.mattes[s], x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderValue=1.0)
            shown.append(np.where(covered[..., None] > 0, np.nan, moved))
        hidden = case.mattes[t] > 0
        known = np.array([s[hidden] for s in shown])  # (neighbours, pixels, 3)
        seen = ~np.isnan(known[..., 0]).all(0)
        result, fill = plain[t].copy(), plain[t][hidden]
        fill[seen] = np.nanmedian(known[:, seen], 0)
        result[hidden] = fill
        made.append(np.asarray(np.where(hidden[..., None], result, plate), np.float32))
    return made


def masked_psnr(results: Sequence[Pixels], case: Rigged) -> float:
    """PSNR of all covered pixels of the clip, peak 1, in dB."""
    error, count = 0.0, 0.0
    for result, truth, matte in zip(results, case.truth, case.mattes, strict=True):
        hidden = matte > 0
        error += float(((result.astype(np.float64) - truth)[hidden] ** 2).sum())
        count += 3 * float(hidden.sum())
    return float(-10 * np.log10(error / max(count, 1) + 1e-10))


def temporal_error(results: Sequence[Pixels], case: Rigged) -> float:
    """Mean change of the error from frame to frame over the pixels that are covered in both, in 8-bit code values."""
    total, count = 0.0, 0
    for t in range(len(results) - 1):
        both = (case.mattes[t] > 0) & (case.mattes[t + 1] > 0)
        change = (results[t + 1] - case.truth[t + 1]) - (results[t] - case.truth[t])
        total, count = total + float(np.abs(change[both]).sum()), count + 3 * int(both.sum())
    return 255 * total / max(count, 1)
