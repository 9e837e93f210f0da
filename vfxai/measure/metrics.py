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
SSIM_TAPS = 11
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
    """Structural similarity, -1..1, mean over pixels and channels.

    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE TIP 2004:
    Gaussian window of 11x11 and sigma 1.5, K1 0.01, K2 0.03, population covariance, and only where the window lies inside the
    picture. Equals scikit-image with gaussian_weights=True, sigma=1.5, use_sample_covariance=False. InputError below 11x11.
    """
    import cv2

    a, b = _pair(result, reference)
    if min(a.shape[:2]) < SSIM_TAPS:
        raise InputError(f"SSIM needs pictures of at least 11x11 pixels, got {a.shape[1]}x{a.shape[0]}")
    a, b = (x.reshape(*x.shape[:2], -1) for x in (a, b))  # (H, W, C)
    kernel = cv2.getGaussianKernel(SSIM_TAPS, SSIM_SIGMA, cv2.CV_64F)
    inside = slice(SSIM_TAPS // 2, -(SSIM_TAPS // 2))
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2

    def blur(plane: Values) -> Values:
        return np.asarray(cv2.sepFilter2D(plane, cv2.CV_64F, kernel, kernel), dtype=np.float64)[inside, inside]

    total = 0.0
    for channel in range(a.shape[2]):
        x, y = (np.ascontiguousarray(p[..., channel]) for p in (a, b))
        mx, my = blur(x), blur(y)
        vx, vy, vxy = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
        total += float(np.mean((2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))))
    return total / int(a.shape[2])


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


D65 = (0.95047, 1.0, 1.08883)
"""XYZ of the white of sRGB (IEC 61966-2-1)."""
SRGB_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))


def lab(picture: Any) -> Values:
    """CIE L*a*b* (..., 3), white D65, of display-referred sRGB (..., 3) in 0..1; what lies outside is clipped, as a display does."""
    value = np.clip(np.asarray(picture, np.float64), 0, 1)
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.asarray(SRGB_TO_XYZ).T / np.asarray(D65)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def ciede2000(first: Any, second: Any) -> Values:
    """CIEDE2000 colour difference (...) of L*a*b* colours (..., 3), with kL = kC = kH = 1.

    Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula: implementation notes, supplementary test data, and mathematical
    observations", Color Research and Application 2005, whose numbers of equations stand beside the lines.
    """
    one, two = _pair(first, second)
    chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(two[..., 1], two[..., 2])) / 2  # (3)
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))  # 1 + G, (4)
    a1, a2 = one[..., 1] * stretch, two[..., 1] * stretch  # (5)
    c1, c2 = np.hypot(a1, one[..., 2]), np.hypot(a2, two[..., 2])  # (6)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, one[..., 2]), (a2, two[..., 2])))  # (7)
    gray = c1 * c2 == 0
    turn = np.where(gray, 0, (h2 - h1 + 180) % 360 - 180)  # (10), within -180..180
    lightness, chromatic = two[..., 0] - one[..., 0], c2 - c1  # (8) (9)
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))  # (11)
    level, strong = (one[..., 0] + two[..., 0]) / 2, (c1 + c2) / 2  # (12) (13)
    total = h1 + h2
    middle = np.where(np.abs(h1 - h2) <= 180, total / 2, np.where(total < 360, total + 360, total - 360) / 2)
    middle = np.where(gray, total, middle)  # (14)
    tone = 1 - 0.17 * np.cos(np.radians(middle - 30)) + 0.24 * np.cos(np.radians(2 * middle))
    tone += 0.32 * np.cos(np.radians(3 * middle + 6)) - 0.20 * np.cos(np.radians(4 * middle - 63))  # (15)
    twist = 60 * np.exp(-(((middle - 275) / 25) ** 2))  # 2 * (16)
    rotation = -np.sin(np.radians(twist)) * 2 * np.sqrt(strong**7 / (strong**7 + 25.0**7))  # (17) (21)
    lightness = lightness / (1 + 0.015 * (level - 50) ** 2 / np.sqrt(20 + (level - 50) ** 2))  # (18)
    chromatic, hue = chromatic / (1 + 0.045 * strong), hue / (1 + 0.015 * strong * tone)  # (19) (20)
    return np.sqrt(np.maximum(lightness**2 + chromatic**2 + hue**2 + rotation * chromatic * hue, 0))  # (22)


def color_difference(result: Any, reference: Any) -> Values:
    """CIEDE2000 of every pixel of display-referred sRGB pictures (H, W, 3), clipped to 0..1; about 1 is just noticeable."""
    a, b = _pair(result, reference)
    return ciede2000(lab(a), lab(b))


def colorfulness(picture: Any) -> float:
    """How colourful a display-referred picture (H, W, 3) in 0..1 looks: 0 gray, 15 slightly, 33 moderately, 59 quite, 109 extremely.

    Hasler and Suesstrunk, "Measuring colourfulness in natural images", 2003, the measure M3 in units of 8 bits; clipped to 0..1.
    """
    red, green, blue = np.moveaxis(255 * np.clip(np.asarray(picture, np.float64), 0, 1), -1, 0)
    first, second = red - green, (red + green) / 2 - blue
    return float(np.hypot(first.std(), second.std()) + 0.3 * np.hypot(first.mean(), second.mean()))
