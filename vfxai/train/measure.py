"""The network that measures noise: how strong it is and how it hangs together, at every place of a picture. Of pictures without noise it says nothing is there."""

from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import Tensor

from vfxai.train import footage
from vfxai.train.arrays import Image, Picture
from vfxai.train.degradations import NoiseStatistics, blur_correlation, tone, uniform, unit_noise
from vfxai.train.pictures import as_image, load_pictures, random_crop
from vfxai.train.task import Batch, Restore, Task, TrainConfig, side_by_side, stacked

CLEAN = 0.25
"""Share of the crops that have no noise, half of them stored as cameras and codecs store: what a codec does to a clean picture is no noise."""
FOOTAGE = 0.5
"""Of the noisy crops, the share with noise as footage has it."""
ONE_HUE = 0.12
"""Share of pictures that are nothing but texture as even as noise, told from it by its one hue alone."""
GRAY = 0.15
"""Share of pictures without colour, and with noise without it."""
LAYERS = 0.25
"""Of the others, the share with grain of another size in each channel, as film has."""
FAINTEST, STRONGEST = 0.5 / 255, 60 / 255
LEAST = 1 / 255
"""Deviation from which on errors count by their ratio to the truth; below they count by their size."""
TOLD = 4
"""Planes of the result: deviation of the noise of luminance, of colour, and each times its correlation of adjacent pixels."""


class MeasureTask(Task):
    """Tells noise from picture."""

    id, node, does = (
        "noise-s",
        "denoise",
        "measures the noise of luminance and of colour at every place, and tells it from texture",
    )
    encoding = "plate values evened out to noise of one level, scaled by the node to about 0..1; unbounded"
    architecture, planes, channels_out = "noise_meter", 3, TOLD
    receptive_field = 96
    fails = "Texture as fine and as even as noise, without any even area beside it, is taken for noise of that strength."
    default = TrainConfig(widths=(64,), blocks=(6,), crop=160, batch=8, steps=8000, learning_rate=1e-3)
    judged_at: ClassVar[tuple[float, ...]] = (0, 2.55, 10, 25)
    """Levels of its score, in 255ths."""

    def load(self, data: Path) -> None:
        """Photographs, stills, one frame of each clip, dead leaves."""
        self.pictures = load_pictures(data, self.config)

    def batch(self, seed: int, step: int) -> Batch:
        """Crops with noise and without, and what is to be said of them."""
        rng = np.random.default_rng((seed, step))
        crops = (tone(random_crop(self.pictures.train, self.config.crop, rng), rng) for _ in range(self.config.batch))
        made = (noised(crop, rng) for crop in crops)
        return stacked((noisy, truth(statistics)) for noisy, statistics in made)

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """Logarithm of the ratio, so that all levels count alike."""
        return ((result + LEAST).log() - (target + LEAST).log()).abs().mean()

    def score(self, restore: Restore) -> dict[str, float]:
        """How far off the deviation of luminance is, in dB below 0, the median over a picture; for white noise of the levels of `judged_at`."""
        scores = {}
        for sigma in self.judged_at:
            off = [_off(restore, _example(p, i, sigma)) for i, p in enumerate(self.pictures.validation)]
            scores[f"error_{sigma:g}"] = -float(np.mean(off))
        return scores

    def show(self, restore: Restore) -> Picture:
        """Noise over a part of a picture, what is told of its luminance, and what there is; ten times as bright."""
        planes, target = _example(self.pictures.validation[0], 0, 10)
        told = restore(planes)
        return side_by_side(*(np.repeat(x[:1] * 10, 3, 0) for x in (told, target)))


def noised(picture: Image, rng: np.random.Generator) -> tuple[Image, NoiseStatistics]:
    """A picture (3, H, W) with noise or without, and the noise."""
    gray = rng.random() < GRAY
    if gray:
        picture = np.repeat(picture.mean(0, keepdims=True), 3, 0)
    channel = 1.0 if gray else float(rng.choice([0.0, 0.0, 0.0, rng.uniform(0, 1), rng.uniform(0, 1), 1.0, 1.0]))
    if rng.random() < ONE_HUE:
        picture = one_hue(picture, rng)
    if rng.random() < CLEAN:
        return (footage.stored(picture, rng) if rng.random() < 0.5 else picture), uniform(picture, 0.0)
    level = float(np.exp(rng.uniform(np.log(FAINTEST), np.log(STRONGEST))))
    if rng.random() < FOOTAGE:
        made = footage.footage(picture, rng, level, channel, surviving=True)
        if made is not None:
            return made[0], made[2]
    blur = float(rng.uniform(0.3, 1.4)) if rng.random() < 0.6 else 0.0
    sigma = uniform(picture, level).sigma
    if rng.random() < 0.4:  # a curve of which the first measure knows nothing
        bend = np.clip(picture.mean(0, keepdims=True), 0.02, 4) ** np.float32(rng.uniform(-0.6, 0.6))
        sigma = (sigma * bend / bend.mean()).astype(np.float32)
    if rng.random() < LAYERS and not gray:
        blurs, channel = rng.uniform(0.4, 1.5, 3), 0.0
        noise = np.concatenate([unit_noise((1, *picture.shape[1:]), float(b), 0.0, rng) for b in blurs])
        correlation = float(np.mean([blur_correlation(float(b)) for b in blurs]))
    else:
        noise, correlation = unit_noise(picture.shape, blur, channel, rng), blur_correlation(blur)
    return (picture + sigma * noise).astype(np.float32), NoiseStatistics(sigma, correlation, channel, correlation)


def one_hue(picture: Image, rng: np.random.Generator) -> Image:
    """The luminance of a picture (3, H, W) with its frequencies at random places, in one hue: as foliage or cloth, but even all over."""
    light = picture.mean(0)
    turned = np.fft.rfft2(rng.standard_normal(light.shape))
    spectrum = np.abs(np.fft.rfft2(light - light.mean())) ** np.float64(rng.uniform(0.6, 1.0))  # below 1 it has more that is fine
    texture = np.fft.irfft2(spectrum * turned / np.maximum(np.abs(turned), 1e-12), light.shape)
    size = float(np.std(light)) * rng.uniform(0.3, 1.2) / max(float(np.std(texture)), 1e-9)
    shape = np.maximum(light.mean() + size * texture, 0.02)
    return (shape[None] * rng.uniform(0.3, 1, 3)[:, None, None]).astype(np.float32)


def truth(noise: NoiseStatistics) -> Image:
    """(TOLD, H, W) of a noise."""
    luminance = noise.sigma * np.float32(np.sqrt(1 + 2 * noise.channel))
    color = noise.sigma * np.float32(np.sqrt(max(1 - noise.channel, 0)))
    return np.concatenate([luminance, color, luminance * np.float32(noise.spatial), color * np.float32(noise.chroma)]).astype(
        np.float32
    )


def _example(picture: Picture, index: int, sigma: float) -> tuple[Image, Image]:
    clean = as_image(picture)[:, :256, :256]
    noise = np.random.default_rng((index, round(sigma * 100))).standard_normal(clean.shape, dtype=np.float32)
    return (clean + noise * np.float32(sigma / 255)).astype(np.float32), truth(uniform(clean, sigma / 255))


def _off(restore: Restore, example: tuple[Image, Image]) -> float:
    told, target = restore(example[0])[0], example[1][0]
    return abs(20 * float(np.log10((np.median(told) + LEAST) / (np.median(target) + LEAST))))
