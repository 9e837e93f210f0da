"""Noise as cameras, codecs and scanners leave it, in stills and in clips; beside filters that are given the strength which suits the truth best."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from vfxai.bench import ffmpeg
from vfxai.bench.asked import Asked
from vfxai.bench.degrade import generator
from vfxai.bench.methods import OURS, SECONDS, Ours, Pixels, Say
from vfxai.bench.noise_kinds import CLIP_KINDS, KINDS, LEVELS, SMOOTHED_HALF, WHITE_HALF, Kind
from vfxai.bench.pictures import Picture, load_clips, load_stills, shared_data
from vfxai.bench.product import denoise_pictures
from vfxai.bench.table import Result
from vfxai.measure import metrics
from vfxai.train import codecs

CROP = (256, 192)
"""Small, because there are many kinds, and as much as is measured of a plate at once."""
STILLS, FRAMES = 4, 8
"""Most stills, spread over the folder, and most frames of a clip."""
CLIPS = ("cam_coffee", "sintel")
"""Of the shared clips: one of a camera and one rendered."""
SINGLE = "vfxai, single frames"
NLM, SOFT = "NL-means", "blur"
STRENGTHS, WIDTHS = (6, 12, 20, 30), (0.8, 1.2, 1.7, 2.2, 3.0)
FILTERS = {
    "nlmeans of FFmpeg": ("nlmeans", ("s=4", "s=8", "s=14", "s=22")),
    "BM3D of FFmpeg": ("bm3d", ("sigma=15", "sigma=30", "sigma=60", "sigma=100")),
    "fftdnoiz of FFmpeg, three frames": ("fftdnoiz", tuple(f"sigma={s}:prev=1:next=1" for s in (12, 25, 50))),
}
"""Name, and arguments of which the best is taken; the last one is for clips alone."""
HQDN3D = tuple(f"hqdn3d={s}" for s in (4, 8, 16, 32))
FLOORS = {WHITE_HALF: 30.5, SMOOTHED_HALF: 28.5}
"""Least PSNR in dB at the middle level."""
LEAD, OVER_SINGLE = 1.5, 1.5
"""Least lead in dB over the better of NL-means and blur, and of a clip over its single frames."""
Frames = list[Pixels]
Method = Callable[[Frames, Frames], Frames]
"""Of noisy frames and their truth, which only chooses the strength of others."""


def part(asked: Asked) -> Result:
    """The table `real`; `limit` is in stills, and in frames of a clip."""
    stills = load_stills(asked.data or shared_data("dev", "stills"), crop=CROP)
    count = min(asked.limit or STILLS, len(stills))
    spread = [stills[round(i * (len(stills) - 1) / max(count - 1, 1))] for i in range(count)]
    clips = load_clips(asked.clips_folder or shared_data("dev", "clips"), limit=min(asked.limit or FRAMES, FRAMES), crop=CROP)
    chosen = {n: f for n, f in clips.items() if asked.clips_folder or n in CLIPS}
    return run(spread, chosen, ours=denoise_pictures, say=asked.say)


def run(
    stills: Sequence[Picture],
    clips: Mapping[str, Sequence[Picture]],
    *,
    ours: Ours,
    say: Say,
    kinds: Mapping[str, Kind] = KINDS,
    levels: Sequence[int] = range(len(LEVELS)),
) -> Result:
    """PSNR of ours, which is told nothing, and of others at the best of several strengths for each shot by its truth, which nobody knows."""
    alone = {p.name: [p.pixels] for p in stills}
    shots = {name: [f.pixels for f in frames] for name, frames in clips.items()}
    rows: list[dict[str, Any]] = []
    for kind, make in kinds.items():
        for level in levels if alone else ():
            rows += _rows(f"{kind}, {LEVELS[level]}", make, level, alone, _methods(ours, moving=False), say)
    for kind in (k for k in CLIP_KINDS if k in kinds and shots):
        rows += _rows(f"clips: {kind}, {LEVELS[1]}", kinds[kind], 1, shots, _methods(ours, moving=True), say)
    columns = {"condition": 0, "method": 0, "PSNR dB": 2, SECONDS: 2}
    return Result("real", "Noise of cameras, codecs and scanners", columns, rows, _notes(len(stills), len(clips), rows))


def _rows(
    condition: str, make: Kind, level: int, shots: Mapping[str, Frames], methods: Mapping[str, Method], say: Say
) -> list[dict[str, Any]]:
    """One row a method: means over frames and shots."""
    scores: dict[str, list[float]] = {name: [] for name in methods}
    seconds = dict.fromkeys(methods, 0.0)
    for shot, frames in shots.items():
        truth, noisy = make(frames, level, generator("real", condition, shot))
        for name, method in methods.items():
            start = time.perf_counter()
            made = method(noisy, truth)
            seconds[name] += time.perf_counter() - start
            scores[name].append(_score(made, truth))
        say(f"{condition}, {shot}: " + ", ".join(f"{name} {scores[name][-1]:.2f}" for name in methods))
    frames_in_all = sum(len(f) for f in shots.values())
    return [
        {"condition": condition, "method": name, "PSNR dB": float(np.mean(scores[name])), SECONDS: seconds[name] / frames_in_all}
        for name in methods
    ]


def _score(made: Frames, truth: Frames) -> float:
    return float(np.mean([metrics.psnr(a, b) for a, b in zip(made, truth, strict=True)]))


def _methods(ours: Ours, *, moving: bool) -> dict[str, Method]:
    methods: dict[str, Method] = {
        "as degraded": lambda noisy, truth: noisy,
        OURS: lambda noisy, truth: ours(noisy, "display"),
        NLM: lambda noisy, truth: _best([[_nlm(f, s) for f in noisy] for s in STRENGTHS], truth),
        SOFT: lambda noisy, truth: _best([[_soft(f, w) for f in noisy] for w in WIDTHS], truth),
    }
    if moving:
        methods[SINGLE] = lambda noisy, truth: ours(noisy, "display", radius=0)
    for name, (filter_, arguments) in FILTERS.items() if codecs.available() else ():
        if moving or "three frames" not in name:
            methods[name] = lambda noisy, truth, n=filter_, each=arguments: _best(
                [codecs.filtered(noisy, n, a) for a in each], truth
            )
    if moving and ffmpeg.program():
        methods["hqdn3d of FFmpeg"] = lambda noisy, truth: _best([ffmpeg.run_filter(noisy, chain) for chain in HQDN3D], truth)
    return methods


def _nlm(plate: Pixels, strength: float) -> Pixels:
    """Non-local means as in OpenCV, 8 bits, luminance and colour filtered alike strongly."""
    codes = np.ascontiguousarray(np.round(np.clip(plate, 0, 1) * 255).astype(np.uint8))
    return np.asarray(cv2.fastNlMeansDenoisingColored(codes, None, strength, strength, 7, 21), np.float32) / np.float32(255)


def _soft(plate: Pixels, width: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(plate, (0, 0), width), np.float32)


def _best(results: Sequence[Frames], truth: Frames) -> Frames:
    return max(results, key=lambda made: _score(made, truth))


def _notes(stills: int, clips: int, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    by = {(r["condition"], r["method"]): float(r["PSNR dB"]) for r in rows}
    conditions = list(dict.fromkeys(r["condition"] for r in rows))
    leads = {c: by[c, OURS] - max(by[c, NLM], by[c, SOFT]) for c in conditions}
    over = {c: by[c, OURS] - by[c, SINGLE] for c in conditions if (c, SINGLE) in by}
    least, least_over = min(leads, key=lambda c: leads[c]), min(over, key=lambda c: over[c], default="")
    short = [f"{c} {lead:+.2f}" for c, lead in leads.items() if lead < LEAD]
    floors = [
        f"{k}, {LEVELS[1]}: {by[f'{k}, {LEVELS[1]}', OURS]:.2f} of {v:g} dB"
        for k, v in FLOORS.items()
        if (f"{k}, {LEVELS[1]}", OURS) in by
    ]
    return tuple(filter(None, (
        f"{stills} display-referred stills and {clips} clips of at most {FRAMES} frames, cropped to {CROP[0]} x {CROP[1]}. Nothing is told to vfxai; of "
        "every other the best of several strengths is taken for each shot, chosen by the truth.",
        "The truth of camera and film is the same shot developed or printed without noise; of all others it is the scene before noise and codec.",
        f"Least lead over the better of NL-means and blur: {leads[least]:+.2f} dB ({least}); floor {LEAD:+g}. Short of it: {'; '.join(short) or 'none'}.",
        f"Floors: {', '.join(floors)}." if floors else "",
        f"Least gain of a clip over its single frames: {over[least_over]:+.2f} dB ({least_over}); mean {np.mean(list(over.values())):+.2f}; floor {OVER_SINGLE:+g}."
        if over else "",
    )))  # fmt: skip
