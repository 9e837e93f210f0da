"""Deinterlacing: PSNR of the interpolated lines beside ffmpeg's filters, and telecined film given back."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from vfxai.bench import ffmpeg
from vfxai.bench.interlace import interlaced, panned, telecined
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, Pixels
from vfxai.bench.product import through
from vfxai.bench.table import Result
from vfxai.measure import metrics
from vfxai.nodes.deinterlace import Deinterlace

OURS = "vfxai deinterlace"
FLOOR = "Floor: at least 1.0 dB above the better of bwdif and nnedi, case by case; the aim is 3 dB."
CADENCES: dict[str, tuple[int, ...]] = {"2:3": (2, 3), "2:3:3:2": (2, 3, 3, 2), "2:2 shifted": (2,)}


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


def run_telecine(clips: Mapping[str, Sequence[Picture]], *, say: Say) -> Result:
    """Film of two scenes with a cut at every place of the cycle, spread over fields and given back: frames found, frames exact."""
    rows: list[dict[str, Any]] = []
    scenes = [[f.pixels for f in frames] for frames in clips.values()]
    height, width = (min(s[0].shape[axis] for s in scenes) // 2 * 2 for axis in (0, 1))
    scenes = [[np.ascontiguousarray(f[:height, :width]) for f in s] for s in scenes]
    for label, cadence in CADENCES.items():
        for top_first in (True, False):
            expected = whole = found = exact = 0
            for start in range(5):
                for one, other in zip(scenes, [*scenes[1:], scenes[0]], strict=True):
                    film = [*one[: 8 + start], *other[:10]]
                    offset = 1 if "shifted" in label else 0
                    made = through(Deinterlace(), telecined(film, cadence, top_first, offset))
                    counts = [n for _, n in zip(film, cycle(cadence), strict=False)]
                    total = (sum(counts) - offset) // 2 * 2 + offset  # an odd last field is not there
                    shown = [min(n, total - sum(counts[:i])) - (offset if i == 0 else 0) for i, n in enumerate(counts)]
                    expected += sum(n > 0 for n in shown)
                    whole += sum(n > 1 for n in shown)
                    found += len(made)
                    exact += sum(any(np.array_equal(m, f) for m in made) for f, n in zip(film, shown, strict=True) if n > 1)
            order = "top" if top_first else "bottom"
            rows.append(
                {"cadence": label, "field order": order, "film frames": expected, "frames out": found}
                | {"with both fields": whole, "exact": exact}
            )
            say(f"{label} {order}: {exact} of {whole} exact, {found} of {expected} out")
    notes = (
        "Two scenes with a cut after 8 to 12 frames, which falls on every place of the cycle; nothing told. Exact frames are equal to the bit.",
        "Shifted by a field: of the first and the last film frame one field is left, which is interpolated.",
    )
    columns = {"cadence": 0, "field order": 0, "film frames": 0, "frames out": 0, "with both fields": 0, "exact": 0}
    return Result("telecine", "Inverse telecine", columns, rows, notes)
