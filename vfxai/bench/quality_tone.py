"""Tone: CIEDE2000 of graded clips when one frame was graded, or other frames are there to match, beside curves, a matrix and MKL."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from vfxai.bench.asked import Asked
from vfxai.bench.degrade import generator
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, Pixels
from vfxai.bench.product import through
from vfxai.bench.table import Result
from vfxai.measure import metrics
from vfxai.nodes.tone import Tone

GRADES = 4
"""Grades of each clip."""
EVERY = 3
"""Of the frames between, each so many'th is scored: neighbours have the same colours."""
LEVELS = 1024
"""Of the curve that is fitted to each channel."""
FLOOR = (
    "Floor on clips not here: mean below 1.0 and 95th percentile below 2.5 from a pair; a curve for each channel reaches 1.9 and 4.9 "
    "there, a 3x3 matrix 2.5 and 4.8, MKL 3.2 and 6.2."
)
YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
"""From R'G'B' to the Y, I and Q of NTSC: luma, and two axes about which hues turn."""
Grade = Callable[[Pixels], Pixels]
Method = Callable[[Pixels, Pixels, Sequence[Pixels]], list[Pixels]]
"""A frame before, a frame after, and frames to grade."""


def grade(*seed: object) -> Grade:
    """A random grade of display-referred pictures: decision list, contrast curve, saturation and a twist of hues."""
    rng = generator(*seed)
    slope, offset, power = rng.uniform(0.85, 1.2, 3), rng.uniform(-0.04, 0.04, 3), rng.uniform(0.8, 1.25, 3)
    saturation, contrast = rng.uniform(0.7, 1.35), rng.uniform(-0.15, 0.3)
    twist, phase, turns = np.radians(rng.uniform(5, 20)), rng.uniform(0, 2 * np.pi), rng.integers(1, 3)

    def graded(picture: Pixels) -> Pixels:
        level = np.clip(np.maximum(picture * slope + offset, 0) ** power, 0, 1)
        level = level - contrast * np.sin(2 * np.pi * level) / (2 * np.pi)
        y, i, q = np.moveaxis(level @ YIQ.T, -1, 0)
        hue, chroma = np.arctan2(q, i), np.hypot(i, q) * saturation
        hue = hue + twist * np.sin(turns * hue + phase)
        made = np.stack([y, chroma * np.cos(hue), chroma * np.sin(hue)], -1) @ np.linalg.inv(YIQ).T
        return np.clip(made, 0, 1).astype(np.float32)

    return graded


def curves(before: Pixels, after: Pixels, frames: Sequence[Pixels]) -> list[Pixels]:
    """For each channel the mean result at each level, straight between."""
    made = [np.empty_like(f) for f in frames]
    for channel in range(3):
        level = np.round(before[..., channel].ravel() * LEVELS).astype(int)
        count = np.bincount(level, minlength=LEVELS + 1)
        total = np.bincount(level, after[..., channel].ravel(), LEVELS + 1)
        known = np.flatnonzero(count)
        for frame, result in zip(frames, made, strict=True):
            result[..., channel] = np.interp(frame[..., channel], known / LEVELS, total[known] / count[known])
    return made


def matrix(before: Pixels, after: Pixels, frames: Sequence[Pixels]) -> list[Pixels]:
    """The 3x3 matrix of least squares."""
    found = np.linalg.lstsq(before.reshape(-1, 3), after.reshape(-1, 3), rcond=None)[0]
    return [np.asarray(f @ found, np.float32) for f in frames]


def mkl(before: Pixels, after: Pixels, frames: Sequence[Pixels]) -> list[Pixels]:
    """The linear Monge-Kantorovich map of means and covariances (Pitie and Kokaram, CVMP 2007)."""
    one, other = before.reshape(-1, 3).astype(float), after.reshape(-1, 3).astype(float)

    def power(symmetric: Any, exponent: float) -> Any:
        values, vectors = np.linalg.eigh(symmetric)
        return vectors @ np.diag(np.maximum(values, 1e-12) ** exponent) @ vectors.T

    own, wanted = np.cov(one.T), np.cov(other.T)
    map_ = power(own, -0.5) @ power(power(own, 0.5) @ wanted @ power(own, 0.5), 0.5) @ power(own, -0.5)
    return [((f - one.mean(0)) @ map_ + other.mean(0)).astype(np.float32) for f in frames]


def _untouched(before: Pixels, after: Pixels, frames: Sequence[Pixels]) -> list[Pixels]:
    return list(frames)


def _still(picture: Pixels) -> dict[int, Pixels]:
    """A still at the 16 bits of the files in which such pictures are handed over."""
    return {1: (np.round(picture * 65535) / 65535).astype(np.float32)}


def _display(before: Pixels, after: Pixels, frames: Sequence[Pixels]) -> list[Pixels]:
    return through(Tone(), frames, pictures={"before": _still(before), "after": _still(after)})


def _linear(before: Pixels, after: Pixels, frames: Sequence[Pixels]) -> list[Pixels]:
    """The plate scene-linear, the pair display-referred, as a colourist hands it over."""
    light = [np.where(f <= 0.04045, f / 12.92, ((f + 0.055) / 1.055) ** 2.4).astype(np.float32) for f in frames]
    made = through(Tone(), light, "scene-linear", pictures={"before": _still(before), "after": _still(after)})
    return [np.where(m <= 0.0031308, m * 12.92, 1.055 * np.maximum(m, 1e-9) ** (1 / 2.4) - 0.055) for m in made]


def _reference(before: Pixels, after: Pixels, frames: Sequence[Pixels]) -> list[Pixels]:
    return through(Tone(), frames, pictures={"reference": _still(after)})


PAIRED: dict[str, Method] = {
    "untouched": _untouched, "vfxai tone, display": _display, "vfxai tone, scene-linear": _linear,
    "curves": curves, "3x3 matrix": matrix, "MKL": mkl,
}  # fmt: skip
UNPAIRED: dict[str, Method] = {"vfxai tone": _reference, "MKL": mkl}


def run(clips: Mapping[str, Sequence[Picture]], *, say: Say, grades: int = GRADES) -> Result:
    """FieldPair: the first frame is graded. Reference: the last is, and matched without its original. Scored on frames between."""
    scores: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for name, pictures in clips.items():
        frames = [p.pixels for p in pictures]
        between = frames[1:-1:EVERY] or frames
        for number in range(grades):
            graded = grade("tone", name, number)
            truth = [graded(f) for f in between]
            for kind, methods, before, after in (
                ("pair", PAIRED, frames[0], frames[0]),
                ("reference", UNPAIRED, frames[0], frames[-1]),
            ):
                for method, made in methods.items():
                    results = made(before, graded(after), between)
                    off = np.stack([metrics.color_difference(r, t) for r, t in zip(results, truth, strict=True)])
                    scores.setdefault((kind, method, name), []).append((float(off.mean()), float(np.percentile(off, 95))))
                    say(f"{name}, grade {number + 1}, {kind}, {method}: {off.mean():.2f}")
    rows: list[dict[str, Any]] = []
    for kind, method in dict.fromkeys((k, m) for k, m, _ in scores):
        of = {n: np.array(v) for (k, m, n), v in scores.items() if (k, m) == (kind, method)}
        every = np.concatenate(list(of.values()))
        row: dict[str, Any] = {"from": kind, "method": method, "mean": every[:, 0].mean(), "95 %": every[:, 1].mean()}
        rows.append(row | {"worst mean": every[:, 0].max(), "worst 95 %": every[:, 1].max()})
    notes = (
        f"CIEDE2000 against the graded clip, {grades} random grades a clip (slope, offset, power, contrast, saturation, a twist of hues); "
        "95 % is the 95th percentile of all pixels, worst is over clips and grades. From a pair: the first frame before and after, scored on every third "
        "frame between first and last. From a reference: the last frame, graded, alone; MKL goes from the first.",
        FLOOR,
    )
    columns = {"from": 0, "method": 0, "mean": 2, "95 %": 2, "worst mean": 2, "worst 95 %": 2}
    return Result(
        "tone", "Tone", columns, [{k: float(v) if not isinstance(v, str) else v for k, v in r.items()} for r in rows], notes
    )


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.clips(), say=asked.say, grades=min(GRADES, asked.limit or GRADES))
