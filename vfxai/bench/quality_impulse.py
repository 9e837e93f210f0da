"""A film-restoration paper's conditions: Gaussian noise of std, and salt and pepper of density, 0.01, 0.03 and 0.05."""

from collections.abc import Sequence

from vfxai.bench import peers
from vfxai.bench.asked import Asked
from vfxai.bench.degrade import gaussian, generator, salt_and_pepper
from vfxai.bench.methods import OURS, SECONDS, Method, Ours, Say, lead_over, measure
from vfxai.bench.pictures import Picture
from vfxai.bench.product import denoise_pictures
from vfxai.bench.quality_denoise import gaussian_methods
from vfxai.bench.table import Result
from vfxai.measure import metrics

LEVELS = (0.01, 0.03, 0.05)
"""Shares of the pixels that are hit."""
MEDIAN = "switching median"
SCORES = {"PSNR dB": metrics.psnr, "SSIM": metrics.ssim}
FLOORS = (
    "The paper's best is 30.1 dB / 0.88 (Gaussian) and 29.5 dB / 0.85 (salt and pepper). Floors: above CBM3D told the level "
    "(44.2 / 37.5 / 35.5 dB on Kodak pictures) and above the switching median (48.5 / 42.9 / 41.4 dB there)."
)


def run(
    pictures: Sequence[Picture], *, ours: Ours, with_peers: Sequence[str], say: Say, levels: Sequence[float] = LEVELS
) -> Result:
    """Measures both kinds of noise on the same pictures; ours is told neither the kind nor the level."""
    rows = []
    for level in levels:
        rows += measure(
            f"Gaussian {level:g}",
            pictures,
            lambda p, v=level: gaussian(p.pixels, v, generator("gaussian", v, p.name)),
            gaussian_methods(ours, level, with_peers),
            SCORES,
            say,
        )
    methods: dict[str, Method] = {OURS: lambda noisy: ours([noisy], "display")[0], MEDIAN: peers.switching_median}
    for whole in (False, True):
        for level in levels:
            rows += measure(
                f"salt and pepper {level:g}, {'whole pixels' if whole else 'each channel'}",
                pictures,
                lambda p, v=level, w=whole: salt_and_pepper(p.pixels, v, generator("salt", v, w, p.name), whole_pixels=w),
                methods,
                SCORES,
                say,
            )
    notes = [
        f"{len(pictures)} display-referred pictures. Gaussian noise is not clipped; salt and pepper sets samples of each "
        "channel, or whole pixels, to exactly 0 or 1. The switching median replaces only samples at 0 or 1, by the median of the "
        "neighbours that are not.",
        lead_over(rows, "PSNR dB", "CBM3D, told the level"),
        lead_over(rows, "PSNR dB", MEDIAN),
        FLOORS,
        peers.LICENSE_NOTES["bm3d"] if any("CBM3D" in r["method"] for r in rows) else "",
    ]
    columns = {"condition": 0, "method": 0, "PSNR dB": 2, "SSIM": 4, SECONDS: 2}
    return Result("impulse", "Film noise and impulses", columns, rows, tuple(n for n in notes if n))


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.stills(), ours=denoise_pictures, with_peers=asked.peers, say=asked.say)
