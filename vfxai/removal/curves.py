"""Curves of wires: fitted to what looks like a line, put back where clutter drew them away, and drawn out."""

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
"""(H, W): a response to lines in units of its noise, or a luminance."""
Polyline = NDArray[np.float64]
"""(N, 2), x and y in pixels, about SPACING apart."""
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
ORDERS, AWRY, FOLLOWS = (2, 3), 2.5, 0.65
"""Orders of the curves across its chord that a wire may follow, the pixels from it within which a point is its own, and the share of such points that it takes."""
BENT, UNSEEN = 0.6, 0.5
"""Part of a wire's usual response from which a part beside its curve is its own, and part of that below which the curve shows nothing there."""
CAP = 2 * PRESENT
"""Response that counts most; a glint or an edge shows no more than that there is something."""
DRIFT = 0.05
"""Response that a pixel of motion costs: of equal places the nearest is taken."""


def resampled(path: Polyline) -> Polyline:
    """Points SPACING apart along the same curve."""
    steps = np.r_[0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))]
    at = np.linspace(0, steps[-1], max(int(steps[-1] / SPACING), 1) + 1)
    return np.stack([np.interp(at, steps, path[:, i]) for i in range(2)], 1)


def normals(path: Polyline) -> Polyline:
    """Unit vectors across a path."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.stack([-along[:, 1], along[:, 0]], 1)


def sampled(plane: Plane, points: Polyline) -> Plane:
    """Values (...,) at points (..., 2); 0 outside the picture."""
    x, y = (np.atleast_2d(points[..., i].astype(np.float32)) for i in range(2))
    found = np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0))
    return found.reshape(points.shape[:-1])


def snapped(response: Plane, guess: Polyline, distance: int, fixed_ends: bool = False) -> Polyline:
    """The path of most response within `distance` pixels across a guess (Viterbi), smoothed; its ends stay if `fixed_ends`."""
    guess = resampled(guess)
    across = normals(guess)
    offsets = np.arange(-distance, distance + 1)
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


def hung(response: Plane, path: Polyline) -> Polyline:
    """The path with the parts that clutter drew away put back on the curve that most of it follows, straight or sagging; as it is where none does.

    A part that is as clear as the rest of the wire, where the curve shows nothing, stays: there the wire is bent.
    """
    chord = path[-1] - path[0]
    length = float(np.linalg.norm(chord))
    if length < 16 * SPACING:
        return path
    along, across = chord / length, np.array([-chord[1], chord[0]]) / length
    u, v = (path - path[0]) @ along, (path - path[0]) @ across
    for order in ORDERS:
        curve = _followed(u, v, order)
        on = np.abs(v - curve) < AWRY
        if on.mean() >= FOLLOWS:
            break
    else:
        return path
    hanging = path[0] + u[:, None] * along + curve[:, None] * across
    here, there = (np.minimum(sampled(response, points), CAP) for points in (path, hanging))
    usual = float(np.median(here[on]))
    for part in np.split(np.arange(len(path)), np.flatnonzero(np.diff(on)) + 1):
        if not on[part[0]] and here[part].mean() > BENT * usual and there[part].mean() < UNSEEN * here[part].mean():
            on[part] = True
    kept = cv2.GaussianBlur(np.where(on, v - curve, 0)[:, None], (1, 9), 2.0, borderType=cv2.BORDER_REPLICATE)[:, 0]
    return resampled(hanging + kept[:, None] * across)


def _followed(u: NDArray[np.float64], v: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """The polynomial that most of the points (u, v) follow, at u: least squares with Tukey's weights, ever stricter."""
    weight = np.ones(len(u))
    for distance in (32.0, 16.0, 8.0, 8.0, 4.0, 4.0, 4.0):
        curve = np.polynomial.Polynomial.fit(u, v, order, w=np.sqrt(weight))(u)
        weight = np.maximum(1 - ((v - curve) / distance) ** 2, 1e-3) ** 2
    return np.asarray(curve, np.float64)


def bent(response: Plane, guess: Polyline, ends: int, middle: int) -> Polyline:
    """The guess moved across itself by a parabola, up to `ends` pixels at its ends and `middle` in its middle, to where most response is."""
    guess = resampled(guess)
    across, distance = normals(guess), ends + middle
    seen = sampled(
        cv2.dilate(np.minimum(response, CAP), np.ones((3, 3))),
        guess[:, None] + np.arange(-distance, distance + 1)[None, :, None] * across[:, None],
    )
    u = np.linspace(-1, 1, len(guess))
    shapes = np.stack([u * (u - 1) / 2, 1 - u * u, u * (u + 1) / 2])  # (3, N): of the start, the middle and the end
    best = np.zeros(3)
    for step in (2.0, 1.0, 0.5):
        wide = [ends, middle, ends] if step == 2 else [2 * step * (ends > 0), 2 * step, 2 * step * (ends > 0)]
        grids = [best[i] + np.arange(-w, w + step / 2, step) if w else best[i : i + 1] for i, w in enumerate(wide)]
        tried = np.stack(np.meshgrid(*grids, indexing="ij"), -1).reshape(-1, 3)
        index = np.clip((tried @ shapes[:, ::2]).round().astype(int) + distance, 0, 2 * distance)  # (tried, N / 2)
        value = seen[::2][np.arange(index.shape[1])[None], index].mean(1) - DRIFT * np.abs(tried).mean(1)
        best = tried[int(value.argmax())]
    return guess + (best @ shapes)[:, None] * across


def support(response: Plane, path: Polyline, level: float = PRESENT) -> float:
    """Share of the points of a path at which a wire is seen, a pixel to each side allowed for."""
    near = np.max([sampled(response, path + s * normals(path)) for s in (-1, 0, 1)], 0)
    return float((near > level).mean())


def extended(response: Plane, path: Polyline, gap: float = 64.0) -> Polyline:
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
