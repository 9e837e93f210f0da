"""The denoise networks: clean crops, noise of every kind and level."""

from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import Tensor

from vfxai.train.arrays import Image, Picture
from vfxai.train.degradations import NoiseStatistics, add_noise, tone, uniform
from vfxai.train.footage import footage
from vfxai.train.pictures import as_image, load_pictures, random_crop
from vfxai.train.task import Batch, Restore, Task, TrainConfig, log_squared, psnr, side_by_side, stacked

FOOTAGE = 0.6
"""Share of the crops that are shown noise as footage has it; the rest keeps white noise within 0.1 dB of what a network of white noise alone gives."""


class DenoiseTask(Task):
    """Removes noise of a told level and correlation."""

    sigma_max: ClassVar[float] = 60 / 255
    """The strongest noise it is shown."""
    sigma_min: ClassVar[float] = 6 / 255
    """The faintest: the node takes it from 16 / 255 on, and shows it what fusing five frames leaves of that."""
    judged_at: ClassVar[tuple[float, ...]] = (15, 25, 50)
    """Levels of its score, in 255ths."""

    id, node, does = "denoise-s", "denoise", "removes noise of a told level and kind, as cameras and codecs leave it"
    encoding = "plate values evened out to noise of one level, scaled by the node to about 0..1; unbounded"
    architecture, planes, channels_out = "unet", 7, 3  # R, G, B and the four planes of NoiseStatistics
    receptive_field = 64
    fails = (
        "Texture as faint and as fine as the noise goes with it; raise `detail` or put grain back with `regrain`. Below about one code value "
        "of 255 in pictures without any even area the level is overestimated."
    )
    default = TrainConfig(widths=(48, 96, 128, 192), blocks=(2, 2, 2, 2), crop=96, batch=10, steps=46_000)

    def load(self, data: Path) -> None:
        """Photographs, stills, one frame of each clip, dead leaves."""
        self.pictures = load_pictures(data, self.config)

    def batch(self, seed: int, step: int) -> Batch:
        """Noisy crops with their statistics, and clean ones."""
        rng = np.random.default_rng((seed, step))
        crops = (tone(random_crop(self.pictures.train, self.config.crop, rng), rng) for _ in range(self.config.batch))
        made = (self.noisy(crop, rng) for crop in crops)
        return stacked((np.concatenate([noisy, statistics.planes()]), clean) for noisy, clean, statistics in made)

    def noisy(self, picture: Image, rng: np.random.Generator) -> tuple[Image, Image, NoiseStatistics]:
        """Noisy and clean picture and what the network is told: a share of the pictures as footage has noise, the others with even Gaussian noise."""
        if rng.random() < FOOTAGE:
            level = self.sigma_min + (self.sigma_max - self.sigma_min) * rng.random() ** 1.5
            made = footage(picture, rng, float(level))
            if made is not None and float(made[2].sigma.mean()) <= self.sigma_max:
                return made
        noisy, statistics = add_noise(picture, rng, self.sigma_max, self.sigma_min)
        return noisy, picture, statistics

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """Mean absolute error; its gradient does not grow with the noise level, so no level crowds out the others."""
        return (result - target).abs().mean()

    def score(self, restore: Restore) -> dict[str, float]:
        """PSNR for white unclipped noise of the levels of `judged_at`, and for footage of the middle one; statistics told."""
        scores = {}
        for sigma in self.judged_at:
            pairs = [_noisy(p, i, sigma) for i, p in enumerate(self.pictures.validation)]
            scores[f"psnr_{sigma:g}"] = float(np.mean([psnr(restore(planes), clean) for planes, clean in pairs]))
        made = [_as_footage(p, i, self.judged_at[1] / 255) for i, p in enumerate(self.pictures.validation)]
        scores["psnr of footage"] = float(np.mean([psnr(restore(planes), clean) for planes, clean in filter(None, made)]))
        return scores

    def show(self, restore: Restore) -> Picture:
        """The middle one of these levels."""
        planes, clean = _noisy(self.pictures.validation[0], 0, self.judged_at[1])
        return side_by_side(planes[:3], restore(planes), clean)


class DenoiseFineTask(DenoiseTask):
    """The same for faint noise only, where a network that also learned strong noise blurs more than it has to."""

    id = "denoise-fine-s"
    does = "removes faint noise of a told level and kind, as cameras and codecs leave it"
    sigma_min, sigma_max = 0.0, 16 / 255
    judged_at = (2.55, 5, 10)
    fails = "Noise stronger than a sixteenth of white, for which the node takes denoise-s. Texture as faint and as fine as the noise goes with it."
    default = TrainConfig(widths=(48, 96, 128, 192), blocks=(2, 2, 2, 2), crop=96, batch=10, steps=22_000, learning_rate=5e-4)

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """PSNR, for which faint noise counts as much as strong."""
        return log_squared(result, target, 1e-8)


def _noisy(picture: Picture, index: int, sigma: float) -> tuple[Image, Image]:
    clean = as_image(picture)
    noise = np.random.default_rng((index, round(sigma))).standard_normal(clean.shape, dtype=np.float32)
    return np.concatenate([clean + noise * np.float32(sigma / 255), uniform(clean, sigma / 255).planes()]), clean


def _as_footage(picture: Picture, index: int, sigma: float) -> tuple[Image, Image] | None:
    made = footage(as_image(picture), np.random.default_rng(index), sigma)
    return (np.concatenate([made[0], made[2].planes()]), made[1]) if made else None
