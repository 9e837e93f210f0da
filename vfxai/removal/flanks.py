"""How far a soft wire reaches beyond its edges: told by all of its length in many frames, so that no texture beside it is taken for softness."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vfxai.removal.curves import Plane, Polyline, normals, sampled
from vfxai.removal.wires import Wire

LOOKS = 12
"""Frames that are looked at, spread over the shot: blocks of one frame tell of one background, those of many of as many."""
STEPS = (0.0, 0.5, 1.0, 1.5)
"""Pixels by which a wire is widened to each side at most; three times the softest focus that was tried (standard deviation of 1.2 pixels) needs 1.5."""
COVERED = 1.0
"""Pixels beyond its edge that the matte of a sharp wire covers in any case: what it grows, and half a pixel that it touches."""
PLACEBO = (3.0, 4.0, 5.0)
"""Pixels beyond its edge where nothing is left of a wire: what is measured there is how background follows it."""
BESIDE = (2.5, 3.0, 3.5)
"""Pixels further out, with which a place in the flank is compared."""
AWAY = (6, 7, 8, 9)
"""Pixels beyond its edge, with which the wire's middle is compared: far from BESIDE, so that what the background errs is not in both."""
SOFT, REST = 0.03, 0.015
"""Of the wire's contrast, what is left of a soft one just outside the matte of a sharp one, and what may be left: at a gain of 4 a sixteenth. Of wires as
they were found in two clips of dev/clips, sharp ones leave up to 0.018 where that is sure; out of focus by 0.7 pixels 0.04 to 0.08, by 1 pixel 0.07 to 0.1."""
SURE = 4.0
"""Standard errors by which it must be more than what the background does."""
BLOCK, LEAST = 8, 24
"""Points along a path (2 pixels apart) that count as one look, as texture is alike over them; and looks there must be."""


@dataclass(frozen=True)
class Flank:
    """What is left of a wire in its flanks, of many looks."""

    share: NDArray[np.float64]
    """(D,): of its contrast, above what the background does, at each of D distances."""
    error: NDArray[np.float64]
    """(D,): standard error of that."""


def widened(found: Mapping[int, tuple[Wire, ...]], luminance: Callable[[int], Plane]) -> dict[int, tuple[Wire, ...]]:
    """The wires of a shot by frame, each as wide as it is seen; `luminance` gives that of a frame (H, W). Wires of one tone object are one."""
    numbers = sorted(found)
    looked = sorted({numbers[round(i)] for i in np.linspace(0, len(numbers) - 1, min(LOOKS, len(numbers)))}) if numbers else []
    looks: dict[int, list[tuple[Plane, Wire]]] = {}
    for number in looked:
        plane = luminance(number) if found[number] else None
        for wire in found[number] if plane is not None else ():
            looks.setdefault(id(wire.tone), []).append((plane, wire))  # type: ignore[arg-type]  # it is one where there are wires
    more = {tone: reach(seen) for tone, seen in looks.items()}
    return {n: tuple(replace(w, width=w.width + 2 * more.get(id(w.tone), 0.0)) for w in wires) for n, wires in found.items()}


def reach(looks: list[tuple[Plane, Wire]]) -> float:
    """Pixels, one of STEPS, by which a wire is to be widened to each side until no more of it is left than REST; it as seen in several planes (H, W)."""
    flank = flank_of(looks, [COVERED + step for step in STEPS])
    if flank is None:
        return 0.0
    left = np.where(np.abs(flank.share) > SURE * flank.error, np.abs(flank.share), 0)
    if left[0] < SOFT:  # a sharp wire, whose path is a little off
        return 0.0
    return next((step for step, share in zip(STEPS, left, strict=True) if share < REST), STEPS[-1])


def flank_of(looks: list[tuple[Plane, Wire]], distances: list[float]) -> Flank | None:
    """What is left of a wire at distances from its edge; None where too little of it is seen.

    A pixel of it is background + opacity * (wire - background). Over backgrounds that are darker and brighter, opacity is the slope of the difference between
    the flank and what is beside it over the contrast of the wire; texture has no such slope, or has it further out too.
    """
    places = [*distances, *PLACEBO]
    rows, contrasts = [], []
    for plane, wire in looks:
        path = _inner(wire.path, plane)
        for side in (-1, 1):
            row, contrast = _across(plane, path, wire.width / 2, side, places)
            rows.append(row)
            contrasts.append(contrast)
    row, contrast = np.concatenate(rows, 1), np.concatenate(contrasts)
    if row.shape[1] < LEAST or not contrast.any():
        return None
    power = float((contrast**2).sum())
    slope = (row * contrast).sum(1) / power
    error = np.sqrt(((row - slope[:, None] * contrast) ** 2).mean(1) / power)
    count = len(distances)
    return Flank(slope[:count] - slope[count:].mean(), error[:count])


def _inner(path: Polyline, plane: Plane) -> Polyline:
    """The part of a path that has all of its surroundings in the picture."""
    margin = AWAY[-1] + 6
    height, width = plane.shape
    return path[((path >= margin) & (path <= (width - 1 - margin, height - 1 - margin))).all(1)]


def _across(
    plane: Plane, path: Polyline, half: float, side: int, places: list[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """On one side of a path, by blocks (N): difference to what is beside at each place (P, N), and the wire's contrast (N,)."""
    count = len(path) // BLOCK * BLOCK
    if not count:
        return np.zeros((len(places), 0)), np.zeros(0)
    across = normals(path)

    def at(away: float) -> NDArray[np.float64]:
        return np.asarray(sampled(plane, path + away * across)[:count], np.float64).reshape(-1, BLOCK).mean(1)

    def mean(aways: list[float]) -> NDArray[np.float64]:
        return np.asarray(np.mean([at(side * (half + away)) for away in aways], 0))

    rows = np.stack([at(side * (half + place)) - mean([place + away for away in BESIDE]) for place in places])
    return rows, at(0.0) - mean(list(AWAY))
