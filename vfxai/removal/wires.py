"""Finds thin wires and follows them through a shot, as curves.

A wire is a ridge of the luminance, of one tone along its length. Its curve is the best path across the ridges (dynamic programming), first along a
line that a person or the search for straight lines proposed, then, frame by frame, along the curve of the frame before moved with the camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.removal.curves import (
    CAP,
    SPACING,
    TOLD,
    Plane,
    Polyline,
    bent,
    extended,
    hung,
    normals,
    resampled,
    sampled,
    snapped,
    support,
)  # fmt: skip
from vfxai.removal.ridges import Ridges, WireTone

SEEN = 2.5
"""Response from which a wire is seen where lines are looked for."""
SUPPORT, CLEAR = 0.5, 0.6
"""Share of the points of a path at which a wire must be seen, and that of a wire nobody pointed at."""
SWAY = 16
"""Pixels that a wire may move from frame to frame besides the camera."""
ALIKE = 0.7
"""Part of a wire's contrast by which its sides may differ."""
TONE = 0.8
"""Part of its contrast by which the level of a wire that nobody pointed at may vary along it, from its darkest tenth to its brightest; a line in
a texture changes with its surroundings."""
WIDEST = 8.0
"""Pixels; wider things are no wires."""
ASIDE = 4.0
"""Cost of a pixel between a point that was pointed at and a curve."""
WORTH = 2.0
"""Response at which a curve is neither better nor worse for being longer."""
SAG = 0.25
"""Of its length that a wire may hang through."""
SEEDS = 60
"""Points from which lines are grown in a search of the whole picture."""
BEAM, BEAM_OF_SEEDS = 64, 8
"""Curves that are kept while they grow, by a point that a person gave and by one of many."""
STEP = 1.25
"""Pixels by which neighbouring curves of a search differ at their ends."""


@dataclass(frozen=True)
class Wire:
    """A wire in one frame."""

    path: Polyline
    width: float
    """Pixels, of the part that differs from its surroundings."""
    tone: WireTone | None = None
    """Of a wire that was found in a picture; None of one that a person drew."""


def from_points(lines: Ridges, points: Sequence[tuple[float, float]]) -> Wire | None:
    """The wire through one point, or between two; None where there is no ridge."""
    tones = [tone for point in points if (tone := lines.tone_at(np.array(point, np.float64))) is not None]
    found = [(r, path) for tone in tones if (path := _guided(r := lines.toned(tone), points)) is not None]
    if not found:
        return None
    response, path = max(found, key=lambda f: float(np.minimum(sampled(*f), CAP).sum()))
    response = lines.toned(lines.tone_along(path))
    again = _guided(response, points)
    path = path if again is None else again
    return _wire(lines, hung(response, path)) if support(response, path, TOLD) >= SUPPORT else None


def _guided(response: Plane, points: Sequence[tuple[float, float]]) -> Polyline | None:
    """The clearest path through one point, or between two."""
    if len(points) == 1:
        return _through(response, points[0])
    line = np.array(points, np.float64)
    sag = int(SAG * float(np.linalg.norm(line[1] - line[0])))
    return snapped(response, bent(response, line, 0, sag), 4, fixed_ends=True)


def _wire(lines: Ridges, path: Polyline) -> Wire:
    return Wire(path, width_of(lines.luminance, path), lines.tone_along(path))


def _through(response: Plane, point: tuple[float, float], search: int = 6) -> Polyline | None:
    """The wire nearest to a point, followed to both sides: curves of growing length compete, so that the whole decides."""
    aside, angles = np.meshgrid(np.arange(-search, search + 1, 1.5), np.arange(0, np.pi, np.pi / 60))
    curves = np.stack([aside.ravel(), angles.ravel(), np.zeros(aside.size)], 1)
    return _grown(response, np.array(point, np.float64), curves, 24, BEAM)


def _grown(response: Plane, point: Polyline, curves: NDArray[np.float64], length: float, beam: int) -> Polyline | None:
    """The best of curves (N, 3) by a point, each an offset across, an angle and a curvature, `length` pixels to each side; refined while doubled."""
    soft = cv2.dilate(np.minimum(response, CAP), np.ones((3, 3), np.uint8))
    while True:
        values, reached = _worth(soft, point, curves, length)
        values = values - ASIDE * np.abs(curves[:, 0])
        best = np.argsort(-values)[:beam]
        curves, ends = curves[best], reached[best[0]]
        if length >= max(response.shape):
            break
        length *= 2
        turns, bends = np.arange(-2, 3) * STEP / length, np.arange(-3, 4) * 2 * STEP / length**2
        steps = np.stack(np.meshgrid([0.0], turns, bends, indexing="ij"), -1).reshape(-1, 3)
        curves = (curves[:, None] + steps).reshape(-1, 3)
    if values[best[0]] <= 0 or ends[0] + ends[1] < 8 * SPACING:
        return None
    return extended(response, snapped(response, _curve(point, curves[:1], np.arange(-ends[0], ends[1] + 1, SPACING))[0], 3))


def _curve(point: Polyline, curves: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (N, K, 2) of parabolas by a point."""
    aside, angle, bend = (c[:, None] for c in curves.T)
    along, across = np.stack([np.cos(angle), np.sin(angle)], -1), np.stack([-np.sin(angle), np.cos(angle)], -1)
    return np.asarray(point + at[None, :, None] * along + (aside + bend / 2 * at**2)[..., None] * across, np.float64)


def _worth(response: Plane, point: Polyline, curves: NDArray[np.float64], length: float) -> tuple[Polyline, Polyline]:
    """What is seen along curves (N,) above what must be, and how far (N, 2) it is worth going to both sides, in pixels."""
    height, width = response.shape
    at = np.arange(0, length + 1, SPACING)
    total, reached = np.zeros(len(curves)), np.zeros((len(curves), 2))
    for side, sign in enumerate((-1, 1)):
        points = _curve(point, curves, sign * at)
        inside = ((points >= 0) & (points <= (width - 1, height - 1))).all(-1)
        gain = np.cumsum(np.where(inside, sampled(response, points) - WORTH, 0), 1)
        total += gain.max(1)
        reached[:, side] = at[gain.argmax(1)]
    return total, reached


def search(lines: Ridges, least: float = 0.35) -> list[Wire]:
    """Straight and sagging wires that are at least a share `least` of the picture's longer side, the clearest first."""
    luminance = lines.luminance
    size = least * max(luminance.shape)
    proposed: list[Polyline] = []
    for response in lines.clear():
        paths: list[Polyline] = []
        for point, angle in _seeds(response)[:SEEDS]:
            if not any(_covers(p, point) for p in paths):
                curves = np.stack([np.zeros(9), angle + np.arange(-4, 5) * STEP / 48, np.zeros(9)], 1)
                if (path := _grown(response, point, curves, 48, BEAM_OF_SEEDS)) is not None:
                    paths.append(path)
        proposed += [hung(response, p) for p in paths if support(response, p, SEEN) > CLEAR and _length(p) >= size]
    found: list[Wire] = []
    for path in sorted(proposed, key=lambda p: -_contrast(luminance, p)):
        wire = _wire(lines, path)
        # a dark wire has bright flanks, which are less clear than itself
        beside = any(np.mean([_covers(w.path, point) for point in path[::4]]) > 0.3 for w in found)
        if not beside and wire.width < WIDEST and _is_smooth(path) and _stands_out(luminance, path):
            found.append(wire)
    return found


def _seeds(response: Plane, cell: int = 16) -> list[tuple[Polyline, float]]:
    """Points at which a line may be, one in a cell at most, with its direction, the clearest first."""
    soft = cv2.dilate(np.minimum(response, CAP), np.ones((3, 3), np.uint8))
    height, width = (n // cell * cell for n in response.shape)
    cells = (
        response[:height, :width].reshape(height // cell, cell, width // cell, cell).transpose(0, 2, 1, 3).reshape(-1, cell**2)
    )
    order = np.argsort(-cells.max(1))[:1000]
    angles = np.arange(0, np.pi, np.pi / 60)
    curves = np.stack([np.zeros(60), angles, np.zeros(60)], 1)
    found = []
    for index in order:
        y, x = divmod(int(cells[index].argmax()), cell)
        point = np.array([index % (width // cell) * cell + x, index // (width // cell) * cell + y], np.float64)
        values, _ = _worth(soft, point, curves, 48)
        found.append((float(values.max()), point, float(angles[values.argmax()])))
    return [(point, angle) for _, point, angle in sorted(found, key=lambda f: -f[0])]


def _length(path: Polyline) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def _covers(path: Polyline, point: Polyline) -> bool:
    return bool(np.linalg.norm(path - point, axis=1).min() < 3 * SPACING)


def _is_smooth(path: Polyline) -> bool:
    """Whether a parabola across its chord describes a path within 2 pixels on average: straight or sagging."""
    chord = path[-1] - path[0]
    along = (path - path[0]) @ chord / max(float(np.linalg.norm(chord)), 1e-9)
    across = (path - path[0]) @ np.array([-chord[1], chord[0]]) / max(float(np.linalg.norm(chord)), 1e-9)
    fit = np.polyval(np.polyfit(along, across, 2), along)
    return bool(np.abs(fit - across).mean() < 2.0)


ACROSS = np.arange(-10, 10.25, 0.25)
"""Pixels across a wire at which its profile is looked at."""


def _profile(luminance: Plane, path: Polyline) -> NDArray[np.float64]:
    """The median profile across a path, at ACROSS."""
    return np.asarray(
        np.median(sampled(luminance, path[:, None] + ACROSS[None, :, None] * normals(path)[:, None]), 0), np.float64
    )


def _sides(profile: NDArray[np.float64]) -> tuple[float, float, float]:
    """Level on the left and on the right of a profile, and what differs most from their mean near its middle."""
    left, right = (float(np.median(profile[np.abs(ACROSS - at) <= 2])) for at in (-7, 7))
    near = profile[np.abs(ACROSS) <= 1]
    return left, right, float(near[np.argmax(np.abs(near - (left + right) / 2))])


def _contrast(luminance: Plane, path: Polyline) -> float:
    left, right, middle = _sides(_profile(luminance, path))
    return abs(middle - (left + right) / 2)


def _stands_out(luminance: Plane, path: Polyline) -> bool:
    """Whether a path is of one level between sides that are more like each other: a wire, and no edge, stripe or chain of details."""
    profile = _profile(luminance, path)
    left, right, middle = _sides(profile)
    away = np.abs(ACROSS) > 5
    even = float(np.abs(profile[away] - np.where(ACROSS[away] < 0, left, right)).max())
    contrast = abs(middle - (left + right) / 2)
    low, high = np.percentile(sampled(luminance, path), (10, 90))
    return max(abs(left - right), even) < ALIKE * contrast and float(high - low) < TONE * contrast


def width_of(luminance: Plane, path: Polyline) -> float:
    """Full width in pixels at a third of the contrast, of the median profile across a path over the line between its sides."""
    profile = _profile(luminance, path)
    sides = np.abs(ACROSS) > 6
    away = np.abs(profile - np.polyval(np.polyfit(ACROSS[sides], profile[sides], 1), ACROSS))
    peak = int(np.argmax(np.where(np.abs(ACROSS) < 3, away, 0)))
    low = away < away[peak] / 3
    left = peak - int(np.argmax(low[: peak + 1][::-1])) if low[: peak + 1].any() else 0
    right = peak + int(np.argmax(low[peak:])) if low[peak:].any() else len(ACROSS) - 1
    return float(np.clip(ACROSS[right] - ACROSS[left], 1.0, WIDEST))


def follow(lines: Ridges, wire: Wire, guess: Polyline) -> Wire | None:
    """A wire of another frame in the lines of this one, near a guess of its path; None where it is seen no more. Its width and tone stay."""
    response = lines.toned(wire.tone or lines.tone_along(guess))
    path = snapped(response, bent(response, guess, SWAY, SWAY), 3)
    if support(response, path, TOLD) < SUPPORT:
        return None
    return replace(wire, path=_to_edges(hung(response, path), lines.dark.shape))


def _to_edges(path: Polyline, shape: tuple[int, ...]) -> Polyline:
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
