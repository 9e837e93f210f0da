"""Television restored: woven, noisy, compressed half-size frames become clean progressive ones, beside chains of ffmpeg's filters."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from vfxai.bench import ffmpeg
from vfxai.bench.asked import Asked
from vfxai.bench.degrade import gaussian, generator
from vfxai.bench.interlace import interlaced
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, Pixels
from vfxai.bench.product import SPACES, applied
from vfxai.bench.table import Result
from vfxai.engine.script import apply
from vfxai.image.clip import Clip
from vfxai.measure import metrics
from vfxai.nodes.deinterlace import Deinterlace
from vfxai.session.clips import MemoryClip, frame_of
from vfxai.train import codecs

OURS = "vfxai deinterlace, denoise, upscale"
FIELDS = 12
"""Pictures of a clip, each of which becomes a field."""
SIGMA, JPEG = 8.0, 85
"""Noise of a worn recording in 8-bit code values, and the quality of its compression, which shows no blocks but blurs the noise."""
STILL = f"JPEG {JPEG}"
RESTORE = 0.3
"""The strength of upscale's restoring in docs/how-to/television.md."""
PEERS = ("", "hqdn3d", "hqdn3d=8", "nlmeans=s=3", "nlmeans=s=6")
"""Filters between bwdif and Lanczos, at their usual strength and stronger."""


def run(clips: Mapping[str, Sequence[Picture]], *, with_peers: bool, say: Say) -> Result:
    """Every clip recorded and restored; ours and the peers are told the field order."""
    rows: list[dict[str, Any]] = []
    for index, (name, pictures) in enumerate(clips.items()):
        truth = [whole(p.pixels) for p in pictures[: min(FIELDS, len(pictures)) // 2 * 2]]
        top_first = index % 2 == 0
        coded = list(codecs.INTERLACED)[index % len(codecs.INTERLACED)] if codecs.available() else None
        for store in filter(None, (STILL, coded)):
            tape = recorded(truth, name, top_first, store)
            results = {OURS: restored(tape, top_first)}
            for chain in PEERS if with_peers and ffmpeg.program() else ():
                results[", ".join(filter(None, ("bwdif", chain, "Lanczos")))] = filtered(tape, chain, top_first)
            for method, made in results.items():
                rows.append({"clip": name, "stored": store, "method": method} | scores(made, truth))
                if method == OURS:
                    rows[-1]["fields"] = "found" if finds_fields(tape, top_first) else "wrong"
                say(f"{name}, {store}: {method} {rows[-1]['PSNR dB']:.2f} dB")
    columns = [c for c in COLUMNS if COLUMNS[c]]
    for store, method in dict.fromkeys((r["stored"], r["method"]) for r in rows):
        chosen = [r for r in rows if (r["stored"], r["method"]) == (store, method)]
        rows.append(
            {"clip": "mean", "stored": store, "method": method} | {c: float(np.mean([r[c] for r in chosen])) for c in columns}
        )
    return Result("restore", "Television restored", COLUMNS, rows, NOTES)


COLUMNS = {"clip": 0, "stored": 0, "method": 0, "PSNR dB": 2, "SSIM": 4, "flicker": 3, "flicker along motion": 3, "fields": 0}
"""Headings, and the decimals that are shown."""
NOTES = (
    "Clips at half their size, which stands for 720x576 so that the table is made in minutes: area filter, two pictures woven into a frame, both "
    f"field orders in turn, Gaussian noise of {SIGMA:g} of 255, 8 bits, each frame a JPEG of quality {JPEG}, or the clip MPEG-2 or DV coded field by field. Restored to a picture a field at the "
    "first size and measured there, clipped to 0..1. Flicker as in the video table.",
    f"vfxai: the chain of docs/how-to/television.md with its restore {RESTORE:g}. It is told the field order, as bwdif is, and that every field is a "
    "picture; whether it finds both by itself in so short a shot is in the column fields. What follows bwdif runs at two strengths.",
)


def whole(picture: Pixels) -> Pixels:
    """Cut to sides that are multiples of 4, so that the half size has whole fields."""
    height, width = (n // 4 * 4 for n in picture.shape[:2])
    return np.ascontiguousarray(picture[:height, :width])


def recorded(truth: Sequence[Pixels], name: str, top_first: bool, store: str = STILL) -> list[Pixels]:
    """Frames of half the size, two pictures each, noisy and stored as STILL or one of codecs.INTERLACED, R G B in 0..1."""
    height, width = truth[0].shape[:2]
    small = [cv2.resize(p, (width // 2, height // 2), interpolation=cv2.INTER_AREA) for p in truth]
    noisy = [
        gaussian(f, SIGMA / 255, generator("restore", name, number)) for number, f in enumerate(interlaced(small, top_first))
    ]
    if store != STILL:
        return codecs.coded(noisy, codecs.INTERLACED[store])
    made = []
    for frame in noisy:
        codes = np.clip(np.round(frame * 255), 0, 255).astype(np.uint8)
        _, packed = cv2.imencode(".jpg", codes[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG])
        made.append(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))[..., ::-1].astype(np.float32) / np.float32(255))
    return made


def finds_fields(tape: Sequence[Pixels], top_first: bool) -> bool:
    """Whether deinterlace, told nothing, finds the field order and that every field is a picture."""
    clip = applied(Deinterlace(), [frame_of(f, SPACES["display"]) for f in tape])
    return clip.session.loaded().top_first == top_first and len(clip.frames) == 2 * len(tape)


def restored(tape: Sequence[Pixels], top_first: bool) -> list[Pixels]:
    """What the chain of nodes makes of it."""
    plate = MemoryClip([frame_of(f, SPACES["display"]) for f in tape])
    clip: Clip = apply(plate, "deinterlace", mode="deinterlace", field_order="top" if top_first else "bottom")
    clip = apply(clip, "denoise")
    clip = apply(clip, "upscale", scale=2.0, restore=RESTORE)
    return [np.ascontiguousarray(clip[n].color.cpu().numpy().transpose(1, 2, 0)) for n in clip.frames]


def filtered(tape: Sequence[Pixels], chain: str, top_first: bool) -> list[Pixels]:
    """What ffmpeg's filters make of it, doubled in size by Lanczos."""
    parity = "tff" if top_first else "bff"
    filters = ",".join(filter(None, (f"setfield={parity}", f"bwdif=mode=send_field:parity={parity}", chain)))
    made = ffmpeg.run_filter(tape, filters)[: 2 * len(tape)]
    return [cv2.resize(f, None, fx=2, fy=2, interpolation=cv2.INTER_LANCZOS4) for f in made]


def scores(made: Sequence[Pixels], truth: Sequence[Pixels]) -> dict[str, float]:
    """Means over the clip; not a number where the rate was not found."""
    if len(made) != len(truth):
        return {c: float("nan") for c, decimals in COLUMNS.items() if decimals}
    made = [np.clip(m, 0, 1) for m in made]
    return {
        "PSNR dB": float(np.mean([metrics.psnr(a, b) for a, b in zip(made, truth, strict=True)])),
        "SSIM": float(np.mean([metrics.ssim(a, b) for a, b in zip(made, truth, strict=True)])),
        "flicker": 255 * metrics.sequence_flicker(made, truth),
        "flicker along motion": 255 * metrics.sequence_flicker(made, truth, moving=True),
    }


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.clips(), with_peers="ffmpeg" in asked.peers, say=asked.say)
