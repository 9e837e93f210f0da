"""Degradations as small functions with physical parameters. Pictures are float32 (3, H, W), R G B."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


@dataclass(frozen=True)
class NoiseStatistics:
    """Noise of one picture as the network is told it, in the encoding of the picture."""

    sigma: Image
    """(1, H, W): standard deviation of each channel, a pixel."""
    spatial: float
    """Correlation of horizontally or vertically adjacent pixels of luminance, 0..1."""
    channel: float
    """Correlation of two channels at one pixel, 0..1 (1: monochrome grain)."""
    chroma: float
    """Correlation of adjacent pixels of the differences of colour, 0..1."""

    def planes(self) -> Image:
        """(4, H, W): sigma, and sigma x spatial, channel, chroma; scales with the picture, as a bias-free network needs."""
        return np.concatenate([self.sigma * share for share in (1, self.spatial, self.channel, self.chroma)]).astype(np.float32)


def uniform(picture: Image, sigma: float) -> NoiseStatistics:
    """White noise of one deviation all over a picture (3, H, W)."""
    return NoiseStatistics(np.full((1, *picture.shape[1:]), sigma, np.float32), 0.0, 0.0, 0.0)


def smooth_field(shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """A smooth or blocky random field (1, H, W) with values 0.2..1, as an uneven noise level."""
    coarse = rng.uniform(0.2, 1, (int(rng.integers(2, 9)), int(rng.integers(2, 9)))).astype(np.float32)
    interpolation = cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_NEAREST
    return np.clip(cv2.resize(coarse, shape[::-1], interpolation=interpolation), 0.1, 1.2)[None]


def unit_noise(shape: tuple[int, int, int], blur: float, channel: float, rng: np.random.Generator) -> Image:
    """Gaussian noise of variance one, blurred by a Gaussian of `blur` pixels, sharing `channel` of its variance."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    if channel:
        noise = math.sqrt(1 - channel) * noise + math.sqrt(channel) * rng.standard_normal((1, *shape[1:]), dtype=np.float32)
    if blur:
        taps = int(np.ceil(blur * 3)) * 2 + 1
        kernel = cv2.getGaussianKernel(taps, blur, cv2.CV_32F)
        gain = float((kernel**2).sum())
        noise = (
            np.stack([cv2.sepFilter2D(p, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT_101) for p in noise]) / gain
        ).astype(np.float32)
    return noise


def blur_correlation(blur: float) -> float:
    """Correlation of adjacent pixels of white noise after the sampled Gaussian kernel of `blur` pixels."""
    if not blur:
        return 0.0
    kernel = cv2.getGaussianKernel(int(np.ceil(blur * 3)) * 2 + 1, blur, cv2.CV_32F)[:, 0]
    return float((kernel[1:] * kernel[:-1]).sum() / (kernel**2).sum())


def tone(picture: Image, rng: np.random.Generator) -> Image:
    """Another rendering of the same scene: contrast, exposure, monochrome, or highlights well above white."""
    choice = rng.random()
    if choice < 0.15:
        picture = np.clip(picture, 0, 1) ** rng.uniform(0.6, 2.4)
    elif choice < 0.25:
        knee = rng.uniform(0.5, 0.9)
        picture = picture + rng.uniform(1, 12) * np.maximum(picture - knee, 0) ** 1.5
    if rng.random() < 0.08:
        picture = np.repeat(picture.mean(0, keepdims=True), 3, 0)
    if rng.random() < 0.2:
        picture = picture * rng.uniform(0.4, 1.6) + rng.uniform(-0.1, 0.3)
    return picture.astype(np.float32)


def add_noise(
    picture: Image, rng: np.random.Generator, sigma_max: float, sigma_min: float = 0.0
) -> tuple[Image, NoiseStatistics]:
    """Adds unclipped Gaussian noise: half the time white and even, else uneven, grainy or shared by the channels."""
    share = rng.random() ** 1.5  # low levels are common in plates and hard to improve on
    level = np.float32(sigma_min + (sigma_max - sigma_min) * share)
    sigma = np.full((1, *picture.shape[1:]), level, np.float32)
    blur = channel = 0.0
    if rng.random() > 0.55:
        if rng.random() < 0.4:
            sigma = sigma * smooth_field(picture.shape[1:], rng)
        if rng.random() < 0.5:
            blur = float(rng.uniform(0.3, 1.3))
        if rng.random() < 0.4:
            channel = 1.0 if rng.random() < 0.5 else float(rng.uniform(0, 1))
    noise = unit_noise((len(picture), *picture.shape[1:]), blur, channel, rng)
    correlation = blur_correlation(blur)
    return (picture + sigma * noise).astype(np.float32), NoiseStatistics(sigma, correlation, channel, correlation)


def worn(picture: Image, scale: int, wear: float, rng: np.random.Generator) -> Image:
    """A small, worn version of a clean picture: soft, jagged, ringing, compressed, each at most as strong as `wear` (0..1).

    `picture` is display-referred, (3, H, W), H and W multiples of `scale`; the result is (3, H/scale, W/scale).
    """
    height, width = picture.shape[1] // scale, picture.shape[2] // scale
    rows = np.ascontiguousarray(picture.transpose(1, 2, 0))
    if rng.random() < 0.6:
        rows = cv2.GaussianBlur(rows, (0, 0), max(scale * wear * rng.uniform(0.15, 0.6), 0.05))
    kernel = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(rng.integers(3))]
    if rng.random() < 0.25 * wear:  # line doubling: every other line repeated, as deinterlacers of old did
        half = cv2.resize(rows, (width, max(height // 2, 1)), interpolation=cv2.INTER_AREA)
        small = cv2.resize(half, (width, height), interpolation=cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_LINEAR)
    else:
        small = cv2.resize(rows, (width, height), interpolation=kernel)
    if rng.random() < 0.4:  # a television's aperture correction
        small = small + np.float32(wear * rng.uniform(0.2, 1.2)) * (
            small - cv2.GaussianBlur(small, (0, 0), rng.uniform(0.6, 1.5))
        )
    if rng.random() < 0.3:
        small = small + rng.standard_normal(small.shape, dtype=np.float32) * np.float32(wear * rng.uniform(0, 0.01))
    if rng.random() < 0.6:
        quality = int(95 - wear * rng.uniform(0, 55))
        stored = np.clip(small[..., ::-1] * 255 + 0.5, 0, 255).astype(np.uint8)
        decoded = cv2.imdecode(cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        if decoded is not None:
            small = decoded[..., ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(small.transpose(2, 0, 1), np.float32)


DISPLAY_GAMMA = 2.2
"""Of the pictures, to come to light and back."""
DENSEST = 3.0
"""Density of the blackest a print can be: the light that passes is a thousandth."""
Layers = tuple[float, float, float]
"""A value for each dye layer, by the channel that it absorbs: cyan (R), magenta (G), yellow (B)."""


def fading(picture: Image, loss: Layers, stain: Layers = (0.0, 0.0, 0.0)) -> Image:
    """Film whose dyes lost a share `loss` (0..1) of their density, and whose base gained the density `stain` in each layer.

    Blacks become milky and, where layers fade unevenly, coloured; a loss equal in all layers is a loss of contrast, as on faded black-and-white
    film. `picture` is display-referred; what is brighter than the bare base (above 1) only takes the stain. No loss and no stain: identity.
    """
    least = np.float32(10**-DENSEST)
    light = np.maximum(picture, 0) ** np.float32(DISPLAY_GAMMA)
    passing = least + (1 - least) * light
    density = -np.log10(passing)
    left = 1 - np.asarray(loss, np.float32)[:, None, None]
    faded = np.where(density > 0, density * left, density) + np.asarray(stain, np.float32)[:, None, None]
    light = np.maximum((10**-faded - least) / (1 - least), 0)
    return np.asarray(light ** np.float32(1 / DISPLAY_GAMMA) + np.minimum(picture, 0), np.float32)


def faded(picture: Image, rng: np.random.Generator) -> Image:
    """Faded as stored prints are: one dye far more than the others (cyan in the most), or all alike without colour; up to 60 percent."""
    if rng.random() < 0.3:
        return fading(picture, (float(rng.uniform(0, 0.5)),) * 3)
    loss = rng.uniform(0, 0.2, 3)
    loss[rng.choice(3, p=[0.6, 0.15, 0.25])] = rng.uniform(0.1, 0.6)
    stain = np.sort(rng.uniform(0, 0.12, 3))  # yellowish: least in the red, most in the blue
    return fading(picture, tuple(loss), tuple(stain))


def wander(count: int, spread: float, hertz: float, rate: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """(count,) values of a stationary random walk about 0 of deviation `spread`, a sample each 1/`rate` s, that turns over `hertz` times a second.

    A first-order Gauss-Markov process with that cut-off frequency: far below `rate` it drifts, above it each value is a new one.
    """
    memory = math.exp(-2 * math.pi * hertz / rate)
    values = [rng.standard_normal()]
    for _ in range(count - 1):
        values.append(memory * values[-1] + math.sqrt(1 - memory**2) * rng.standard_normal())
    return np.asarray(values, np.float32) * np.float32(spread)


def flicker(frames: Image, stops: Image, gamma: NDArray[np.float32]) -> Image:
    """(N, 3, H, W) frames, display-referred, whose exposure is off by `stops` and whose gamma is multiplied by 2**`gamma`.

    `stops` is (N,) or (N, 1, H, W) for exposure that is uneven across the frame; `gamma` is (N,). Where both are 0 a frame stays as it is.
    """
    exposure = stops if stops.ndim == 4 else stops[:, None, None, None]
    power = 2 ** gamma[:, None, None, None]
    gain = 2 ** (exposure / np.float32(DISPLAY_GAMMA))
    return np.asarray(np.maximum(frames * gain, 0) ** power + np.minimum(frames * gain, 0), np.float32)


def flickering(frames: Image, rate: float, rng: np.random.Generator) -> Image:
    """As old film or a hand-cranked camera flickers: up to a third of a stop, at 1 to 25 Hz, at times unevenly across the frame."""
    count, (height, width) = len(frames), frames.shape[2:]
    spread, hertz = float(rng.uniform(0.02, 0.33)), float(np.exp(rng.uniform(0, np.log(25))))
    stops = wander(count, spread, hertz, rate, rng)[:, None, None, None]
    if rng.random() < 0.4:
        corners = np.stack([wander(count, spread / 2, hertz, rate, rng) for _ in range(4)], 1).reshape(count, 2, 2)
        stops = stops + np.stack([cv2.resize(c, (width, height), interpolation=cv2.INTER_LINEAR) for c in corners])[:, None]
    gamma = wander(count, float(rng.uniform(0, 0.12)), hertz, rate, rng)
    return flicker(frames, np.asarray(stops, np.float32), gamma)
