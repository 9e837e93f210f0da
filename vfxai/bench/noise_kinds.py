"""The kinds of noise on which denoise is judged: white, smoothed, stored by codecs, of cameras, of film; each at three levels."""

from collections.abc import Callable, Sequence
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.bench.footage import Shot, camera, film
from vfxai.train.codecs import CODECS, Codec, available, coded, jpeg

Pixels = NDArray[np.float32]
Kind = Callable[[Sequence[Pixels], int, np.random.Generator], Shot]
"""Of the frames of a shot (H, W, 3), 0..1, and a level: the same without and with noise."""
LEVELS = ("low", "middle", "high")
SIGMAS = (10.0, 25.0, 40.0)
"""Of 255, before clipping and storing."""
BLUR = 0.8
"""Pixels by which noise is smoothed, about what demosaicing does."""
QUALITY = 90
"""Of JPEG."""
Stored = Callable[[Sequence[Pixels]], list[Pixels]]


def noise(shape: tuple[int, ...], sigma: float, rng: np.random.Generator, *, soft: bool = False, alike: bool = False) -> Pixels:
    """(H, W, 3) of Gaussian noise of standard deviation `sigma`, smoothed and of all channels alike where asked for."""
    made = rng.standard_normal((*shape[:2], 1 if alike else 3)).astype(np.float32)
    if soft:
        made = cv2.GaussianBlur(made, (0, 0), BLUR).reshape(made.shape)
    return np.asarray(np.broadcast_to(sigma * made / made.std(), shape), np.float32)


def eight(frames: Sequence[Pixels]) -> list[Pixels]:
    """Clipped and rounded to 8 bits."""
    return [np.asarray(np.round(np.clip(frame, 0, 1) * 255) / 255, np.float32) for frame in frames]


def _jpeg(frames: Sequence[Pixels], sampling: int) -> list[Pixels]:
    return [jpeg(frame, QUALITY, sampling) for frame in frames]


def added(
    store: Stored, frames: Sequence[Pixels], level: int, rng: np.random.Generator, *, soft: bool = True, alike: bool = False
) -> Shot:
    """Gaussian noise, new in each frame, and then stored; the same without is the scene itself."""
    return list(frames), store([f + noise(f.shape, SIGMAS[level] / 255, rng, soft=soft, alike=alike) for f in frames])


def _through(codec: Codec, frames: Sequence[Pixels]) -> list[Pixels]:
    return coded(frames, codec)


HALF = partial(_jpeg, sampling=cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420)
FULL = partial(_jpeg, sampling=cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
WHITE_HALF, SMOOTHED_HALF = f"white, JPEG 4:2:0 quality {QUALITY}", f"smoothed, JPEG 4:2:0 quality {QUALITY}"
KINDS: dict[str, Kind] = {
    "white, float": partial(added, list, soft=False),
    "white, 8 bits": partial(added, eight, soft=False),
    "smoothed, float": partial(added, list),
    "smoothed, 8 bits": partial(added, eight),
    "smoothed, alike in all channels": partial(added, list, alike=True),
    f"smoothed, JPEG 4:4:4 quality {QUALITY}": partial(added, FULL),
    WHITE_HALF: partial(added, HALF, soft=False),
    SMOOTHED_HALF: partial(added, HALF),
    "camera": camera,
    "film, three layers": film,
    "film, one layer": partial(film, layers=1),
}
"""Those of stills; of codecs where PyAV is installed."""
if available():
    KINDS |= {f"smoothed, {name}": partial(added, partial(_through, codec)) for name, codec in CODECS.items()}
CLIP_KINDS = (
    "white, float", "smoothed, 8 bits", "camera", "film, three layers", "smoothed, MPEG-2 4:2:0, invisible",
    "smoothed, DV 4:2:0", "smoothed, H.264 4:2:0, invisible", "smoothed, ProRes 422, 10 bits",
)  # fmt: skip
"""Those of clips, at the middle level."""
