"""Noise as cameras and codecs leave it: smoothed, clipped, alike in all channels, stored as JPEG; beside NL-means and a blur that know the truth."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from vfxai.bench.asked import Asked
from vfxai.bench.degrade import generator
from vfxai.bench.methods import OURS, SECONDS, Method, Ours, Pixels, Say, measure
from vfxai.bench.pictures import Picture
from vfxai.bench.product import denoise_pictures
from vfxai.bench.table import Result
from vfxai.measure import metrics

SIGMAS = (10.0, 25.0, 40.0)
"""Of 255, before clipping and storing."""
BLUR = 0.8
"""Pixels by which noise is smoothed, about what demosaicing does."""
QUALITY = 90
NLM, SOFT = "NL-means, strength chosen by the truth", "blur, width chosen by the truth"
STRENGTHS, WIDTHS = (5, 10, 15, 20, 25, 35), (0.8, 1.2, 1.7, 2.2, 3.0)


def part(asked: Asked) -> Result:
    """The table `real`."""
    return run(asked.stills(), ours=denoise_pictures, say=asked.say)


def noise(shape: tuple[int, ...], sigma: float, rng: np.random.Generator, *, soft: bool = False, alike: bool = False) -> Pixels:
    """(H, W, 3) of Gaussian noise of standard deviation `sigma`, smoothed and of all channels alike where asked for."""
    made = rng.standard_normal((*shape[:2], 1 if alike else 3)).astype(np.float32)
    if soft:
        made = cv2.GaussianBlur(made, (0, 0), BLUR).reshape(made.shape)
    return np.asarray(np.broadcast_to(sigma * made / made.std(), shape), np.float32)


def stored(picture: Pixels) -> Pixels:
    """Clipped and rounded to 8 bits."""
    return np.asarray(np.round(np.clip(picture, 0, 1) * 255) / 255, np.float32)


def jpeg(picture: Pixels, sampling: int) -> Pixels:
    """Stored as JPEG and read again; `sampling` is one of OpenCV's IMWRITE_JPEG_SAMPLING_FACTOR_."""
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    data = cv2.imencode(".jpg", np.round(np.clip(picture[..., ::-1], 0, 1) * 255).astype(np.uint8), options)[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1], np.float32) / np.float32(255)


HALF, FULL = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
KINDS: dict[str, tuple[dict[str, bool], Callable[[Pixels], Pixels]]] = {
    "white, float": ({}, lambda p: p),
    "white, 8 bits": ({}, stored),
    "smoothed, float": ({"soft": True}, lambda p: p),
    "smoothed, 8 bits": ({"soft": True}, stored),
    "smoothed, alike in all channels": ({"soft": True, "alike": True}, lambda p: p),
    f"smoothed, JPEG 4:4:4 quality {QUALITY}": ({"soft": True}, lambda p: jpeg(p, FULL)),
    f"white, JPEG 4:2:0 quality {QUALITY}": ({}, lambda p: jpeg(p, HALF)),
    f"smoothed, JPEG 4:2:0 quality {QUALITY}": ({"soft": True}, lambda p: jpeg(p, HALF)),
}


def run(pictures: Sequence[Picture], *, ours: Ours, say: Say, sigmas: Sequence[float] = SIGMAS) -> Result:
    """PSNR of ours, blind, beside NL-means and a blur of the strength that suits each picture best by its truth, which nobody knows."""
    rows = []
    for sigma in sigmas:
        for kind in KINDS:
            rows += _rows(kind, sigma, pictures, ours, say)
    by = {(r["condition"], r["method"]): r["PSNR dB"] for r in rows}
    leads = {c: by[c, OURS] - max(by[c, NLM], by[c, SOFT]) for c in dict.fromkeys(r["condition"] for r in rows)}
    least = min(leads, key=lambda c: leads[c]) if leads else ""
    notes = (
        f"{len(pictures)} display-referred pictures. Nothing is told to vfxai; of the others the best of several strengths is taken for each picture.",
        f"Least lead over the better of the two: {leads[least]:+.2f} dB ({least})." if leads else "",
        "Floor: +1.5 dB for every kind.",
    )
    return Result("real", "Noise of cameras and codecs", {"condition": 0, "method": 0, "PSNR dB": 2, SECONDS: 2}, rows, notes)


def _rows(kind: str, sigma: float, pictures: Sequence[Picture], ours: Ours, say: Say) -> list[dict[str, Any]]:
    looks, store = KINDS[kind]
    truth: list[Pixels] = []

    def degrade(picture: Picture) -> Pixels:
        truth[:] = [picture.pixels]  # of the picture in work
        return store(picture.pixels + noise(picture.pixels.shape, sigma / 255, generator("real", sigma, picture.name), **looks))

    methods: dict[str, Method] = {
        OURS: lambda plate: ours([plate], "display")[0],
        NLM: lambda plate: _best([_nlm(plate, strength) for strength in STRENGTHS], truth[0]),
        SOFT: lambda plate: _best([np.asarray(cv2.GaussianBlur(plate, (0, 0), width), np.float32) for width in WIDTHS], truth[0]),
    }
    return measure(f"{kind}, sigma {sigma:g}", pictures, degrade, methods, {"PSNR dB": metrics.psnr}, say)


def _nlm(plate: Pixels, strength: float) -> Pixels:
    """Non-local means as in OpenCV, 8 bits, luminance and colour filtered alike strongly."""
    eight = np.ascontiguousarray(np.round(np.clip(plate, 0, 1) * 255).astype(np.uint8))
    return np.asarray(cv2.fastNlMeansDenoisingColored(eight, None, strength, strength, 7, 21), np.float32) / np.float32(255)


def _best(results: Sequence[Pixels], truth: Pixels) -> Pixels:
    return max(results, key=lambda r: metrics.psnr(r, truth))
