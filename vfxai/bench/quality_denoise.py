"""Blind colour denoising of stills: additive Gaussian noise of sigma 15, 25 and 50 of 255, not clipped."""

from collections.abc import Sequence

from vfxai.bench import peers
from vfxai.bench.asked import Asked
from vfxai.bench.degrade import gaussian, generator
from vfxai.bench.methods import BEST, OURS, SECONDS, Method, Ours, Say, lead_over, measure
from vfxai.bench.pictures import Picture, reduced
from vfxai.bench.product import denoise_pictures
from vfxai.bench.table import Result
from vfxai.measure import metrics

SIGMAS = (15.0, 25.0, 50.0)
SIDE = 481
"""Longer side in pixels of the pictures of CBSD68."""
FLOORS = (
    "Floors of the project on pictures like CBSD68: 33.7 / 31.0 / 27.8 dB "
    "(published there: CBM3D 33.5 / 30.7 / 27.4, FFDNet 33.9 / 31.2 / 28.0)."
)


def gaussian_methods(ours: Ours, sigma: float, with_peers: Sequence[str]) -> dict[str, Method]:
    """Ours blind, and the asked peers that are installed, told `sigma` in picture units. Peers: cbm3d, nlmeans."""
    methods: dict[str, Method] = {
        OURS: lambda noisy: ours([noisy], "display")[0],
        BEST: lambda noisy: ours([noisy], "display", quality="best")[0],
    }
    if "cbm3d" in with_peers and peers.available("bm3d"):
        methods["CBM3D, told the level"] = lambda noisy: peers.cbm3d(noisy, sigma)
    if "nlmeans" in with_peers and peers.available("skimage"):
        methods["NL-means, told the level"] = lambda noisy: peers.non_local_means(noisy, sigma)
    return methods


def run(
    pictures: Sequence[Picture],
    *,
    smaller: Sequence[Picture] = (),
    ours: Ours,
    with_peers: Sequence[str],
    say: Say,
    sigmas: Sequence[float] = SIGMAS,
) -> Result:
    """Measures PSNR (peak 1) and SSIM of the float results, neither clipped nor rounded, averaged over pictures, and over the `smaller` ones alone."""
    rows = []
    for name, group in (("", pictures), (", reduced", smaller)):
        for sigma in sigmas if group else ():
            rows += measure(
                f"sigma {sigma:g}{name}",
                group,
                lambda p, s=sigma: gaussian(p.pixels, s / 255, generator("gaussian", s, p.name)),
                gaussian_methods(ours, sigma / 255, with_peers),
                {"PSNR dB": metrics.psnr, "SSIM": metrics.ssim},
                say,
            )
    notes = [
        f"{len(pictures)} display-referred pictures, Gaussian noise of sigma / 255 added and not clipped; "
        "results neither clipped nor rounded.",
        f"Reduced: {len(smaller)} whole pictures made {SIDE} pixels long, which shows as much in a pixel as CBSD68 does."
        if smaller
        else "",
        lead_over(rows, "PSNR dB", "CBM3D, told the level"),
        FLOORS,
        peers.LICENSE_NOTES["bm3d"] if any("CBM3D" in r["method"] for r in rows) else "",
    ]
    columns = {"condition": 0, "method": 0, "PSNR dB": 2, "SSIM": 4, SECONDS: 2}
    return Result("denoise", "Blind denoising of stills", columns, rows, tuple(n for n in notes if n))


def part(asked: Asked) -> Result:
    """The table of the command line."""
    smaller = [reduced(p, SIDE) for p in asked.whole_stills()]
    return run(asked.stills(), smaller=smaller, ours=denoise_pictures, with_peers=asked.peers, say=asked.say)
