"""Noise as cameras and codecs leave it: demosaiced, sharpened, with colour at half the size, clipped, compressed. Pictures are float32 (3, H, W), R G B.

Noise is even before it goes through this chain, as the denoise node makes it before it asks the network, and what comes out is told as
the node tells it: measured on blocks, for luminance and colour apart.
"""

import copy
from collections.abc import Callable

import cv2
import numpy as np

from vfxai.noise.blocks import transformed
from vfxai.noise.spectrum import SIDE, spectrum
from vfxai.train import codecs
from vfxai.train.codecs import Codec
from vfxai.train.degradations import Image, NoiseStatistics, unit_noise

LEFT = 0.25
"""Least part of the deviation that went in which must come out: a codec that leaves less has taken the noise for nothing, and no network can tell."""
SAMPLINGS = (
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,  # most there is
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
)
CODECS: dict[str, tuple[Callable[[int], Codec], tuple[int, int]]] = {
    "MPEG-2": (lambda q: Codec("mpeg2video", "mpeg2video", "yuv420p", {"qmin": f"{q}", "qmax": f"{q}"}), (2, 12)),
    "H.264": (
        lambda q: Codec("libx264", "h264", "yuv420p", {"crf": f"{q}", "preset": "veryfast", "tune": "zerolatency"}),
        (8, 32),
    ),
    "ProRes": (
        lambda q: Codec("prores_ks", "prores", "yuv422p10le", {"flags": "+qscale", "global_quality": f"{118 * q}"}),
        (2, 16),
    ),
    "ProRes Proxy": (
        lambda q: Codec(
            "prores_ks", "prores", "yuv422p10le", {"profile": "0", "flags": "+qscale", "global_quality": f"{118 * q}"}
        ),
        (2, 8),
    ),
    "DV": (lambda _: codecs.CODECS["DV 4:2:0"], (1, 1)),
}
"""Codec of a quantiser, and the range of quantisers from hardly visible to visible."""
CHROMA = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]], np.float32)
"""Y', Cb, Cr of R'G'B', full range (Rec. ITU-T T.871)."""


def stored(picture: Image, rng: np.random.Generator) -> Image:
    """A picture as cameras and codecs store it."""
    store, picture = _drawn_store(picture, rng)
    return store(picture, rng)


def footage(
    picture: Image, rng: np.random.Generator, sigma: float, channel: float | None = None, surviving: bool = False
) -> tuple[Image, Image, NoiseStatistics] | None:
    """Noisy and clean picture, and the noise as it would be measured; None where the chain left hardly any noise.

    `channel` is the correlation of the channels that it has there, drawn if none is given. `surviving`: what a codec does to the picture without noise is none of it.

    `sigma` is the noise that goes in. What the camera does (demosaicing, sharpening) is done to the clean picture too, for it is not noise;
    what a codec does is to be undone. Both pictures are scaled channel by channel so that the noise is alike in all, which the node does too.
    """
    blur = float(rng.uniform(0.4, 1.1)) if rng.random() < 0.6 else 0.0
    if channel is None:
        channel = float(rng.uniform(0, 1)) if rng.random() < 0.25 else 0.0
    store, picture = _drawn_store(picture, rng)
    noisy = picture + np.float32(sigma) * unit_noise((3, *picture.shape[1:]), blur, channel, rng)
    if rng.random() < 0.25:
        noisy, picture = demosaiced(noisy), demosaiced(picture)
    if rng.random() < 0.2:
        amount, width = float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.6, 1.2))
        noisy, picture = sharpened(noisy, amount, width), sharpened(picture, amount, width)
    chosen = copy.deepcopy(rng)
    kept = store(noisy, rng)
    alone = store(picture, chosen) if surviving else picture
    if surviving and float(np.std(kept - alone)) > float(np.std(kept - picture)) / 2:
        alone = picture
    return told(kept, alone, sigma)


def told(noisy: Image, clean: Image, sigma: float) -> tuple[Image, Image, NoiseStatistics] | None:
    """As footage()."""
    height, width = (extent // SIDE * SIDE for extent in clean.shape[1:])
    error = (noisy - clean)[:, :height, :width]
    blocks = error.reshape(3, height // SIDE, SIDE, width // SIDE, SIDE).transpose(1, 3, 0, 2, 4).reshape(-1, 3, SIDE, SIDE)
    seen, variances = spectrum(transformed(blocks).coefficients)
    deviations = np.sqrt(variances).astype(np.float32)
    level = float(deviations.mean())
    if deviations.min() < LEFT * sigma:
        return None
    even = (level / deviations)[:, None, None]
    plane = np.full((1, *clean.shape[1:]), level, np.float32)
    statistics = NoiseStatistics(plane, seen.spatial_correlation, seen.channel_correlation, seen.chroma_spatial_correlation)
    return (noisy * even).astype(np.float32), (clean * even).astype(np.float32), statistics


def demosaiced(picture: Image) -> Image:
    """One colour a pixel (Bayer), the others made up from its neighbours along edges."""
    low, span = float(picture.min()), max(float(np.ptp(picture)), 1e-6)
    samples = np.round((picture - low) / span * 65535).astype(np.uint16)
    mosaic = samples[1].copy()
    mosaic[0::2, 0::2], mosaic[1::2, 1::2] = samples[0, 0::2, 0::2], samples[2, 1::2, 1::2]
    made = cv2.cvtColor(mosaic, cv2.COLOR_BayerBG2RGB_EA)  # OpenCV names a pattern by its second row and column
    return np.asarray(made.transpose(2, 0, 1) / 65535 * span + low, np.float32)


def sharpened(picture: Image, amount: float, width: float) -> Image:
    """An unsharp mask of `width` pixels, as cameras apply."""
    soft = np.stack([cv2.GaussianBlur(plane, (0, 0), width) for plane in picture])
    return np.asarray(picture + np.float32(amount) * (picture - soft), np.float32)


def subsampled(picture: Image, rng: np.random.Generator) -> Image:
    """Colour at half the width, and most often half the height; nothing is clipped."""
    luma, *chroma = np.einsum("kc,chw->khw", CHROMA, picture)
    height, width = luma.shape
    small = (width // 2, height // 2 if rng.random() < 0.7 else height)
    planes = [cv2.resize(cv2.resize(c, small, interpolation=cv2.INTER_AREA), (width, height)) for c in chroma]
    return np.einsum("ck,khw->chw", np.linalg.inv(CHROMA), np.stack([luma, *planes])).astype(np.float32)


def clipped(picture: Image, _: np.random.Generator) -> Image:
    """Rounded to 8 bits."""
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.float32) / np.float32(255)


def jpeg(picture: Image, rng: np.random.Generator) -> Image:
    """As JPEG of quality 75 to 98."""
    quality = int(rng.integers(75, 99))
    back = codecs.jpeg(picture.transpose(1, 2, 0), quality, SAMPLINGS[int(rng.integers(len(SAMPLINGS)))])
    return np.ascontiguousarray(back.transpose(2, 0, 1))


def coded(picture: Image, rng: np.random.Generator) -> Image:
    """As one frame of MPEG-2, H.264 or ProRes."""
    codec, (least, most) = CODECS[list(CODECS)[int(rng.integers(len(CODECS)))]]
    back = codecs.coded([picture.transpose(1, 2, 0)], codec(int(rng.integers(least, most + 1))))[0]
    return np.ascontiguousarray(back.transpose(2, 0, 1))


Store = Callable[[Image, np.random.Generator], Image]
STORES: tuple[Store, ...] = (subsampled, clipped, jpeg, jpeg, coded, coded, coded)
"""By their shares of what is stored."""


def _drawn_store(picture: Image, rng: np.random.Generator) -> tuple[Store, Image]:
    """A store, and the picture as it can be stored."""
    store = STORES[int(rng.integers(len(STORES)))]
    return store, picture if store is subsampled else np.clip(picture, 0, 1)  # nobody asks for what a store of 8 bits cuts off
