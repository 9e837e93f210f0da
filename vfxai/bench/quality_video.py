"""Video: what temporal fusion gains over the same network on single frames, in PSNR and in flicker."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfxai.bench.asked import Asked
from vfxai.bench.degrade import gaussian, generator
from vfxai.bench.methods import Ours, Say
from vfxai.bench.pictures import Picture
from vfxai.bench.product import denoise_pictures
from vfxai.bench.table import Result
from vfxai.measure import metrics

SIGMA = 30.0
"""Standard deviation of the noise in steps of 8 bits, that of the floor."""
SINGLE, TEMPORAL = "vfxai, single frames (radius 0)", "vfxai, temporal"
Pixels = NDArray[np.float32]
FLOOR = "Floor: at least 1.5 dB over single frames at sigma 30, with less flicker."


def run(clips: Mapping[str, Sequence[Picture]], *, ours: Ours, say: Say, sigma: float = SIGMA) -> Result:
    """PSNR a frame, averaged over a clip and then over clips; flicker as mean |dA - dB| in 1/255, plain and along the motion."""
    rows: list[dict[str, Any]] = []
    for name, frames in clips.items():
        clean = [f.pixels for f in frames]
        noisy = [gaussian(f.pixels, sigma / 255, generator("video", sigma, name, f.name)) for f in frames]
        results = {"as degraded": noisy, SINGLE: ours(noisy, "display", radius=0), TEMPORAL: ours(noisy, "display")}
        for method, result in results.items():
            rows.append({"clip": f"{name}, {len(frames)} frames", "method": method} | _scores(result, clean))
            say(f"{name}: {method} {rows[-1]['PSNR dB']:.2f} dB")
    scores = [k for k in rows[0] if k not in ("clip", "method")] if rows else []
    for method in ("as degraded", SINGLE, TEMPORAL):
        of_method = [r for r in rows if r["method"] == method]
        rows.append({"clip": "all clips", "method": method} | {k: float(np.mean([r[k] for r in of_method])) for k in scores})
    gain = rows[-1]["PSNR dB"] - rows[-2]["PSNR dB"]
    calmer = rows[-1]["flicker"] - rows[-2]["flicker"]
    notes = (
        f"Gaussian noise of sigma {sigma:g} of 255, not clipped; neither told. Flicker is the mean of "
        "|(A[t+1] - A[t]) - (B[t+1] - B[t])| against the clean clip B, in 1/255; along motion it follows B's motion.",
        f"Temporal fusion gains {gain:+.2f} dB and changes flicker by {calmer:+.3f}.",
        FLOOR,
    )
    columns = {"clip": 0, "method": 0, "PSNR dB": 2, "SSIM": 4, "flicker": 3, "flicker along motion": 3}
    return Result("video", f"Video at sigma {sigma:g}", columns, rows, notes)


def _scores(result: Sequence[Pixels], clean: Sequence[Pixels]) -> dict[str, float]:
    pairs = list(zip(result, clean, strict=True))
    return {
        "PSNR dB": float(np.mean([metrics.psnr(a, b) for a, b in pairs])),
        "SSIM": float(np.mean([metrics.ssim(a, b) for a, b in pairs])),
        "flicker": 255 * metrics.sequence_flicker(result, clean),
        "flicker along motion": 255 * metrics.sequence_flicker(result, clean, moving=True),
    }


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.clips(), ours=denoise_pictures, say=asked.say)
