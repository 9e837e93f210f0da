"""How far a picture is from its reference. Pictures are (H, W) or (H, W, C) numpy arrays or torch tensors of any float type.

Nothing is clamped: where a protocol clips to 0..1 first, the caller does. All sums are in float64.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vfxai.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

Values = NDArray[np.float64]

HDR_OFFSET = 2.0**-8
"""Added before the logarithm: about the darkest level that a viewer or a grade can tell from black."""
HDR_PEAK = 16.0
"""Stops from 2^-8 to 2^8, the range of the log2 scale that counts as the peak of its PSNR."""
SSIM_SIGMA = 1.5
"""Pixels, of the window of the paper."""
SSIM_TAPS = 11
"""Side of that window, pixels: scikit-image cuts it off at 3.5 sigma."""
_MOTION_BORDER = 8
"""Pixels at the frame edge that motion-compensated flicker leaves out, because what moved in has no predecessor."""


def _pair(result: Any, reference: Any) -> tuple[Values, Values]:
    """Both as float64 arrays of one shape; InputError where the shapes differ."""
    a, b = (np.asarray(x.detach().cpu() if hasattr(x, "detach") else x, dtype=np.float64) for x in (result, reference))
    if a.shape != b.shape:
        raise InputError(f"the pictures differ in shape: {a.shape} and {b.shape}", remedy="compare pictures of one size")
    return a, b


def mean_squared_error(result: Any, reference: Any) -> float:
    """Mean over all samples of (result - reference)^2."""
    a, b = _pair(result, reference)
    return float(np.mean((a - b) ** 2))


def psnr_of_error(squared_error: float, peak: float = 1.0) -> float:
    """10 log10(peak^2 / squared_error) in dB; infinite where the error is 0."""
    return float("inf") if squared_error == 0 else float(10 * np.log10(peak * peak / squared_error))


def psnr(result: Any, reference: Any, *, peak: float = 1.0) -> float:
    """Peak signal-to-noise ratio in dB over all samples of all channels; infinite for equal pictures.

    `peak` is the value that counts as full scale: 1 for display-referred pictures in 0..1.
    """
    return psnr_of_error(mean_squared_error(result, reference), peak)


def hdr_psnr(result: Any, reference: Any, *, peak: float = HDR_PEAK) -> float:
    """PSNR in dB of scene-linear pictures on log2(x + 2^-8), where an error counts as a share of the light, in stops.

    Values below 0 count as 0. `peak` is in stops; the default 16 spans 2^-8 to 2^8.
    """
    a, b = _pair(result, reference)
    return psnr(*(np.log2(np.maximum(x, 0) + HDR_OFFSET) for x in (a, b)), peak=peak)


def max_error(result: Any, reference: Any) -> float:
    """Largest absolute difference of a sample."""
    a, b = _pair(result, reference)
    return float(np.max(np.abs(a - b), initial=0.0))


def ssim(result: Any, reference: Any, *, peak: float = 1.0) -> float:
    """Structural similarity, -1..1, mean over pixels and channels. InputError below 11x11 pixels.

    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE TIP 2004:
    Gaussian window of 11x11 and sigma 1.5, K1 0.01, K2 0.03, population covariance, and only where the window lies inside the picture.
    """
    from skimage.metrics import structural_similarity

    a, b = _pair(result, reference)
    if min(a.shape[:2]) < SSIM_TAPS:
        raise InputError(f"SSIM needs pictures of at least 11x11 pixels, got {a.shape[1]}x{a.shape[0]}")
    a, b = (x.reshape(*x.shape[:2], -1) for x in (a, b))  # (H, W, C)
    return float(
        structural_similarity(
            a, b, data_range=peak, channel_axis=2, gaussian_weights=True, sigma=SSIM_SIGMA, use_sample_covariance=False
        )
    )


def flicker(result: Any, result_next: Any, reference: Any, reference_next: Any) -> float:
    """Temporal flicker between two frames: mean over samples of |(A[t+1] - A[t]) - (B[t+1] - B[t])|, A result, B reference.

    What changes in the result and does not change in the reference; 0 where the error stands still. Units of the pictures.
    """
    a, b = _pair(result, reference)
    a_next, b_next = _pair(result_next, reference_next)
    a_next, a = _pair(a_next, a)
    return float(np.mean(np.abs((a_next - a) - (b_next - b))))


def moving_flicker(result: Any, result_next: Any, reference: Any, reference_next: Any) -> float:
    """Motion-compensated flicker: mean |E[t+1] - E[t]| of the error E = result - reference followed along the reference's motion.

    Motion is estimated on the reference by vfxai.motion; 8 pixels at the edges are left out. Units of the pictures.
    """
    import torch

    from vfxai.motion.flow import estimate_flow
    from vfxai.motion.warp import warp

    a, b = _pair(result, reference)
    a_next, b_next = _pair(result_next, reference_next)
    planes = [torch.from_numpy(np.ascontiguousarray(x.reshape(*x.shape[:2], -1).transpose(2, 0, 1))).float() for x in (b, b_next)]
    error, error_next = (
        torch.from_numpy(np.ascontiguousarray(x.reshape(*x.shape[:2], -1).transpose(2, 0, 1))).float()
        for x in (a - b, a_next - b_next)
    )
    flow = estimate_flow(planes[0], planes[1])
    change = (warp(error_next, flow) - error).abs()
    edge = min(_MOTION_BORDER, (min(change.shape[1:]) - 1) // 2)
    return float(change[:, edge : change.shape[1] - edge, edge : change.shape[2] - edge].double().mean())


def sequence_flicker(results: "Sequence[Any]", references: "Sequence[Any]", *, moving: bool = False) -> float:
    """Mean flicker over the steps of a sequence; 0 for a single frame. `moving` follows the reference's motion."""
    measure = moving_flicker if moving else flicker
    pairs = range(len(references) - 1)
    steps = [measure(results[t], results[t + 1], references[t], references[t + 1]) for t in pairs]
    return float(np.mean(steps)) if steps else 0.0


def color_difference(result: Any, reference: Any) -> Values:
    """CIEDE2000 of every pixel of display-referred sRGB pictures (H, W, 3), clipped to 0..1; about 1 is just noticeable."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    a, b = (rgb2lab(np.clip(x, 0, 1)) for x in _pair(result, reference))
    return np.asarray(deltaE_ciede2000(a, b), np.float64)


def colorfulness(picture: Any) -> float:
    """How colourful a display-referred picture (H, W, 3) in 0..1 looks: 0 gray, 15 slightly, 33 moderately, 59 quite, 109 extremely.

    Hasler and Suesstrunk, "Measuring colourfulness in natural images", 2003, the measure M3 in units of 8 bits; clipped to 0..1.
    """
    red, green, blue = np.moveaxis(255 * np.clip(np.asarray(picture, np.float64), 0, 1), -1, 0)
    first, second = red - green, (red + green) / 2 - blue
    return float(np.hypot(first.std(), second.std()) + 0.3 * np.hypot(first.mean(), second.mean()))
