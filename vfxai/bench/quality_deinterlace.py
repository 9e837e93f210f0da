"""Deinterlacing: PSNR of the interpolated lines beside ffmpeg's filters."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vfxai.bench import ffmpeg
from vfxai.bench.asked import Asked
from vfxai.bench.interlace import interlaced, panned
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, Pixels
from vfxai.bench.product import through
from vfxai.bench.table import Result
from vfxai.measure import metrics
from vfxai.nodes.deinterlace import Deinterlace

OURS = "vfxai deinterlace"
EVERY = 3
"""Of the stills one in so many is panned over: each takes a minute."""
FLOOR = "Floor: at least 1.0 dB above the better of bwdif and nnedi, case by case; the aim is 3 dB."


def run(
    clips: Mapping[str, Sequence[Picture]], stills: Sequence[Picture], *, with_peers: bool, weights: Path | None, say: Say
) -> Result:
    """Every clip as woven fields, and slow pans over stills; ours finds field order and cadence by itself, peers are told."""
    cases: dict[str, list[Pixels]] = {name: [f.pixels for f in frames] for name, frames in clips.items()}
    cases |= {f"pan over {s.name}": _stored(panned(s.pixels, 12, (1.3, 0.4), (720, 576))) for s in stills}
    names = [n for n in ffmpeg.DEINTERLACERS if n != "nnedi" or weights] if with_peers and ffmpeg.program() else []
    rows: list[dict[str, Any]] = []
    for index, (case, pictures) in enumerate(cases.items()):
        pictures = pictures[: len(pictures) // 2 * 2]
        top_first = index % 2 == 0
        frames = interlaced(pictures, top_first)
        results = {OURS: through(Deinterlace(mode="deinterlace"), frames)}
        results |= {n: ffmpeg.deinterlaced(frames, n, top_first, weights) for n in names}
        for method, made in results.items():
            rows.append({"case": case, "method": method} | _scores(made, pictures, top_first))
            say(f"{case}: {method} {rows[-1]['PSNR dB']:.2f} dB")
        best = max((r["PSNR dB"] for r in rows if r["case"] == case and r["method"] in ("bwdif", "nnedi")), default=None)
        if best is not None:
            ours = next(r for r in rows if r["case"] == case and r["method"] == OURS)
            ours["gain dB"] = ours["PSNR dB"] - best
    notes = (
        "PSNR of the lines that were not scanned, mean over all fields; both field orders in turn. vfxai is told nothing, the peers the field "
        "order. Flicker as in the video table. nnedi: nsize=s16x6, nns=n64, qual=slow.",
        "Pans move stills by 1.3 pixels across and 0.4 lines down a field.",
        FLOOR,
    )
    return Result("deinterlace", "Deinterlace", {"case": 0, "method": 0, "PSNR dB": 2, "gain dB": 2, "flicker": 3}, rows, notes)


def _stored(pictures: Sequence[Pixels]) -> list[Pixels]:
    """Of 8 bits."""
    return [np.round(f * 255).astype(np.float32) / np.float32(255) for f in pictures]


def _scores(made: Sequence[Pixels], pictures: Sequence[Pixels], top_first: bool) -> dict[str, float]:
    if len(made) != len(pictures):
        return {"PSNR dB": float("nan"), "flicker": float("nan")}
    scores = []
    for index, (a, b) in enumerate(zip(made, pictures, strict=True)):
        missing = slice(1 if (index % 2 == 0) == top_first else 0, None, 2)
        scores.append(min(metrics.psnr(a[missing], b[missing]), 100.0))
    return {"PSNR dB": float(np.mean(scores)), "flicker": 255 * metrics.sequence_flicker(made, pictures)}


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(
        asked.clips(), asked.whole_stills()[::EVERY], with_peers="ffmpeg" in asked.peers, weights=asked.nnedi, say=asked.say
    )
