"""Finds thin wires and follows them through a shot, as curves.

A wire is a ridge of the luminance, dark or bright. Its curve is the best path across the ridges (dynamic programming), first along a line that a
person or the search for straight lines proposed, then, frame by frame, along the curve of the frame before moved with the camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Path = NDArray[np.float64]
"""(N, 2), x and y in pixels, about SPACING apart."""
SCALES = (0.8, 1.4, 2.2)
"""Standard deviations of the ridge filters, pixels: wires of about 1 to 6 pixels."""
SPACING = 3.0
"""Pixels between points of a path."""
BEND = 2
"""Steps across that a path may take from one point to the next."""
STIFF = 0.1
"""Cost of a step across, as a part of the usual response; what lies between points of equal response is taken straight."""
PRESENT = 4.0
"""Response, in units of its noise, from which a wire is seen at a point."""
TOLD = PRESENT / 3
"""The same where a person said that there is one, or where it was in the frame before."""
SUPPORT, CLEAR = 0.5, 0.8
"""Share of the points of a path at which a wire must be seen, and that of a wire nobody pointed at."""
SWAY = 16
"""Pixels that a wire may move from frame to frame besides the camera."""
WIDEST = 8.0
"""Pixels; wider things are no wires."""


@dataclass(frozen=True)
class Wire:
    """A wire in one frame."""

    path: Path
    width: float
    """Pixels, of the part that differs from its surroundings."""


def ridges(luminance: Plane) -> tuple[Plane, Plane]:
    """How much (H, W) looks like the middle of a dark and of a bright line, in units of the noise of the response, not below 0."""
    dark = bright = np.zeros_like(luminance)
    for scale in SCALES:
        soft = cv2.GaussianBlur(luminance, (0, 0), scale)
        orders = (((2, 0), 0.25), ((0, 2), 0.25), ((1, 1), 0.25))
        xx, yy, xy = (cv2.Sobel(soft, cv2.CV_32F, *order, ksize=3, scale=f) for order, f in orders)
        mean, spread = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
        across, along = mean + spread, mean - spread  # a line bends across and not along, a blob both ways
        dark = np.maximum(dark, scale**1.5 * (across - np.abs(along)))
        bright = np.maximum(bright, scale**1.5 * (-along - np.abs(across)))
    noise = max(float(np.median(np.concatenate([dark[::3, ::3].ravel(), bright[::3, ::3].ravel()]))) * 3, 1e-7)
    return (dark / noise).astype(np.float32), (bright / noise).astype(np.float32)


def resampled(path: Path) -> Path:
    """Points SPACING apart along the same curve."""
    steps = np.r_[0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))]
    at = np.linspace(0, steps[-1], max(int(steps[-1] / SPACING), 1) + 1)
    return np.stack([np.interp(at, steps, path[:, i]) for i in range(2)], 1)


def normals(path: Path) -> Path:
    """Unit vectors across a path."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.stack([-along[:, 1], along[:, 0]], 1)


def sampled(plane: Plane, points: Path) -> Plane:
    """Values (...,) at points (..., 2); 0 outside the picture."""
    x, y = (np.atleast_2d(points[..., i].astype(np.float32)) for i in range(2))
    found = np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0))
    return found.reshape(points.shape[:-1])


def snapped(response: Plane, guess: Path, reach: int, fixed_ends: bool = False) -> Path:
    """The path of most response within `reach` pixels across a guess (Viterbi), smoothed; its ends stay if `fixed_ends`."""
    guess = resampled(guess)
    across = normals(guess)
    offsets = np.arange(-reach, reach + 1)
    seen = sampled(response, guess[:, None] + offsets[None, :, None] * across[:, None])  # (N, K)
    usual = max(float(np.median(seen.max(1))), PRESENT)  # a glint must not draw the path away
    seen = np.minimum(seen, usual)
    if fixed_ends:
        seen[[0, -1]] = np.where(offsets == 0, 1e6, seen[[0, -1]])
    total, choices = seen[0].astype(np.float64), []
    for row in seen[1:]:
        padded = np.pad(total, BEND, constant_values=-np.inf)
        options = np.stack([padded[BEND + s : BEND + s + len(total)] - STIFF * usual * abs(s) for s in range(-BEND, BEND + 1)])
        choices.append(options.argmax(0) - BEND)
        total = options.max(0) + row
    index = [int(total.argmax())]
    for step in reversed(choices):
        index.append(index[-1] + int(step[index[-1]]))
    offset = offsets[index[::-1]].astype(np.float64)
    offset = cv2.GaussianBlur(
        offset[:, None], (1, 2 * (min(9, 2 * len(offset) - 1) // 2) + 1), 3.0, borderType=cv2.BORDER_REPLICATE
    )[:, 0]
    return guess + offset[:, None] * across


def support(response: Plane, path: Path, level: float = PRESENT) -> float:
    """Share of the points of a path at which a wire is seen, a pixel to each side allowed for."""
    near = np.max([sampled(response, path + s * normals(path)) for s in (-1, 0, 1)], 0)
    return float((near > level).mean())


def extended(response: Plane, path: Path, gap: float = 64.0) -> Path:
    """Goes on at both ends as long as there is a ridge, over gaps of up to `gap` pixels; what stops within a gap of the edge ends beyond it."""
    height, width = response.shape
    for _ in range(2):
        path = path[::-1]
        while True:
            direction = path[-1] - path[max(-12, -len(path))]
            direction /= max(float(np.linalg.norm(direction)), 1e-9)
            ahead = path[-1] + np.arange(1, gap / SPACING + 1)[:, None] * SPACING * direction
            tail = snapped(response, np.concatenate([path[-2:], ahead]), 4)[2:]
            seen = np.flatnonzero(sampled(response, tail) > TOLD)
            outside = ((tail < 0) | (tail > (width - 1, height - 1))).any(1)
            if outside.any():
                path = np.concatenate([path, tail[: int(np.argmax(outside)) + 1]])
                break
            if len(seen) < 3:
                break
            path = np.concatenate([path, tail[: int(seen[-1]) + 1]])
    return resampled(path)


def from_points(luminance: Plane, points: Sequence[tuple[float, float]]) -> Wire | None:
    """The wire through one point, or between two; None where there is no ridge."""
    kinds = ridges(luminance)
    if len(points) >= 2:
        line = np.array(points[:2], np.float64)
        reach = max(6, int(0.12 * float(np.linalg.norm(line[1] - line[0]))))
        paths = [(r, snapped(r, line, reach, fixed_ends=True)) for r in kinds]
    else:
        paths = [(r, found) for r in kinds if (found := _through(r, points[0])) is not None]
    best = max(paths, key=lambda p: float(sampled(*p).sum()), default=None)
    return None if best is None or support(*best, TOLD) < SUPPORT else Wire(best[1], width_of(luminance, best[1]))


def _through(response: Plane, point: tuple[float, float], search: int = 8) -> Path | None:
    """The ridge nearest to a point, followed to both sides."""
    x, y = round(point[0]), round(point[1])
    best: tuple[float, Path] | None = None
    for angle in np.arange(0, np.pi, np.pi / 24):
        direction = np.array([np.cos(angle), np.sin(angle)])
        line = np.array([x, y]) + np.arange(-8, 9)[:, None] * SPACING * direction
        path = snapped(response, line, search)
        value = float(sampled(response, path).mean())
        if best is None or value > best[0]:
            best = value, path
    if best is None or support(response, best[1], TOLD) < SUPPORT:
        return None
    return extended(response, best[1])


def search(luminance: Plane, least: float = 0.35) -> list[Wire]:
    """Straight and sagging wires that are at least a share `least` of the picture's longer side, the clearest first."""
    size = least * max(luminance.shape)
    proposed: list[tuple[float, Path]] = []
    for response in ridges(luminance):
        seen = ((response > PRESENT) * 255).astype(np.uint8)
        lines = cv2.HoughLinesP(seen, 1, np.pi / 360, 60, minLineLength=size / 4, maxLineGap=12)
        segments = [] if lines is None else list(lines.reshape(-1, 2, 2).astype(np.float64))
        segments.sort(key=lambda s: -float(np.linalg.norm(s[1] - s[0])))
        paths: list[Path] = []
        for segment in segments[:60]:
            if not any(_covers(p, segment.mean(0)) for p in paths):
                paths.append(extended(response, snapped(response, segment, 3)))
        proposed += [
            (float(sampled(response, p).mean()), p) for p in paths if support(response, p) > CLEAR and _length(p) >= size
        ]
    found: list[Wire] = []
    for _, path in sorted(proposed, key=lambda p: -p[0]):
        wire = Wire(path, width_of(luminance, path))
        beside = any(
            _covers(w.path, point) for w in found for point in path[:: max(1, len(path) // 4)]
        )  # a dark wire has bright flanks
        if not beside and wire.width < WIDEST and _is_smooth(path) and _stands_out(luminance, path):
            found.append(wire)
    return found


def _length(path: Path) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def _covers(path: Path, point: Path) -> bool:
    return bool(np.linalg.norm(path - point, axis=1).min() < 3 * SPACING)


def _is_smooth(path: Path) -> bool:
    """Whether a parabola across its chord describes a path within 2 pixels on average: straight or sagging."""
    chord = path[-1] - path[0]
    along = (path - path[0]) @ chord / max(float(np.linalg.norm(chord)), 1e-9)
    across = (path - path[0]) @ np.array([-chord[1], chord[0]]) / max(float(np.linalg.norm(chord)), 1e-9)
    fit = np.polyval(np.polyfit(along, across, 2), along)
    return bool(np.abs(fit - across).mean() < 2.0)


REACH = np.arange(-10, 10.25, 0.25)
"""Pixels across a wire at which its profile is looked at."""


def _profile(luminance: Plane, path: Path) -> NDArray[np.float64]:
    """The median profile across a path, at REACH."""
    return np.asarray(np.median(sampled(luminance, path[:, None] + REACH[None, :, None] * normals(path)[:, None]), 0), np.float64)


def _stands_out(luminance: Plane, path: Path) -> bool:
    """Whether both sides are more alike than either is like the middle, as beside a wire and not along an edge."""
    profile = _profile(luminance, path)
    left, right, middle = (float(np.median(profile[np.abs(REACH - at) <= 2])) for at in (-7, 7, 0))
    middle = float(profile[np.abs(REACH) <= 2][np.argmax(np.abs(profile[np.abs(REACH) <= 2] - (left + right) / 2))])
    return abs(left - right) < 0.5 * abs(middle - (left + right) / 2)


def width_of(luminance: Plane, path: Path) -> float:
    """Full width in pixels at a third of the contrast, of the median profile across a path over the line between its sides."""
    profile = _profile(luminance, path)
    sides = np.abs(REACH) > 6
    away = np.abs(profile - np.polyval(np.polyfit(REACH[sides], profile[sides], 1), REACH))
    peak = int(np.argmax(np.where(np.abs(REACH) < 3, away, 0)))
    low = away < away[peak] / 3
    left = peak - int(np.argmax(low[: peak + 1][::-1])) if low[: peak + 1].any() else 0
    right = peak + int(np.argmax(low[peak:])) if low[peak:].any() else len(REACH) - 1
    return float(np.clip(REACH[right] - REACH[left], 1.0, WIDEST))


def follow(luminance: Plane, wire: Wire, guess: Path) -> Wire | None:
    """The wire of another frame near a guess of its path; None where it is seen no more. Its width stays."""
    best: tuple[float, Path] | None = None
    for response in ridges(luminance):
        coarse = snapped(response, guess, SWAY)
        path = snapped(response, coarse, 3)
        value = float(sampled(response, path).mean())
        if best is None or value > best[0]:
            best = value, path if support(response, path, TOLD) >= SUPPORT else None  # type: ignore[assignment]  # None is looked for below
    if best is None or best[1] is None:
        return None
    return Wire(_to_edges(best[1], luminance.shape), wire.width)


def _to_edges(path: Path, shape: tuple[int, ...]) -> Path:
    """Ends that were at the edge of the picture, and moved inside with the wire, are drawn out to it again."""
    height, width = shape
    edge = 3 * SPACING + SWAY
    for _ in range(2):
        path = path[::-1]
        x, y = path[-1]
        if min(x, y, width - 1 - x, height - 1 - y) < edge and 0 <= x < width and 0 <= y < height:
            direction = path[-1] - path[max(-8, -len(path))]
            direction /= max(float(np.linalg.norm(direction)), 1e-9)
            path = np.concatenate([path, path[-1:] + edge * direction])
    return resampled(path)


def drawn(wires: Sequence[Wire], shape: tuple[int, int], grow: float) -> Plane:
    """(H, W) in 0..1: wires of their widths and `grow` pixels to each side, antialiased."""
    fine = 4 if max(shape) <= 4096 else 2  # OpenCV draws within 32,768 pixels
    canvas = np.zeros((shape[0] * fine, shape[1] * fine), np.uint8)
    for wire in wires:
        points = ((wire.path + 0.5) * fine * 16).round().astype(np.int32)
        cv2.polylines(canvas, [points], False, 255, max(round((wire.width + 2 * grow) * fine), 1), cv2.LINE_8, 4)
    return np.asarray(cv2.resize(canvas, shape[::-1], interpolation=cv2.INTER_AREA) / np.float32(255), np.float32)
