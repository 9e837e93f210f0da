"""The upscale networks: bicubic halves or quarters of clean pictures, and worn ones, brought back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vfxai.motion.temporal_fusion import reduced
from vfxai.train.arrays import Image, Picture
from vfxai.train.degradations import faded, worn
from vfxai.train.pictures import as_image, load_pictures, random_crop
from vfxai.train.task import Batch, Restore, Task, TrainConfig, log_squared, psnr, side_by_side, stacked

WORN = 0.3
"""Share of the crops that look like old material."""
OTHER_CONTRAST = 0.3
"""Share of the crops whose contrast is another than the photographer's."""
FADED = 0.2
"""Share of these whose dyes faded as well; that is kept, as colour is not what this network restores."""


def shrink(picture: Image, scale: int) -> Image:
    """(3, H, W) reduced as reduced() does."""
    return np.asarray(reduced(torch.from_numpy(picture), scale).numpy(), np.float32)


class UpscaleX2Task(Task):
    """Twice as many pixels each way."""

    id, node, does, scale = "upscale-x2-s", "upscale", "doubles width and height; undoes wear as far as it is told", 2
    encoding = "display-like values, about 0..1, logarithmic above; a fourth plane of 0 (clean) to 1 (worn) says what to undo"
    architecture, planes, channels_out = "upscaler", 4, 3
    receptive_field = 24
    fails = (
        "It brings back what the enlarged picture determines, not detail that is gone: faces of a few pixels stay soft. Aliased patterns "
        "can continue in a wrong direction. Wear stronger than JPEG quality 40 or of other codecs is only softened."
    )
    default = TrainConfig(
        widths=(48,), blocks=(16,), crop=128, batch=8, steps=8_000, learning_rate=4e-4, decay_from=0.3,
        dead_leaves=24, textures=12, patterns=24, lettering=12, wires=12,  # photographs alone are learnt by heart after 8,000 steps
    )  # fmt: skip

    def arguments(self) -> dict[str, object]:
        """Of the Upscaler."""
        c = self.config
        return {"planes": self.planes, "scale": self.scale, "widths": list(c.widths), "blocks": list(c.blocks)}

    def load(self, data: Path) -> None:
        """Photographs, stills, dead leaves."""
        self.pictures = load_pictures(data, self.config)

    def batch(self, seed: int, step: int) -> Batch:
        """Small crops with their wear plane, and the large ones."""
        rng = np.random.default_rng((seed, step))
        crops = (random_crop(self.pictures.train, self.config.crop, rng) for _ in range(self.config.batch))
        return stacked(self._pair(crop, rng) for crop in crops)

    def _pair(self, clean: Image, rng: np.random.Generator) -> tuple[Image, Image]:
        if rng.random() < OTHER_CONTRAST:
            clean = (np.clip(clean, 0, 1) ** rng.uniform(0.6, 1.8)).astype(np.float32)
        wear = np.float32(rng.uniform(0.2, 1)) if rng.random() < WORN else np.float32(0)
        if wear and rng.random() < FADED:
            clean = faded(clean, rng)
        small = worn(clean, self.scale, float(wear), rng) if wear else shrink(clean, self.scale)
        if rng.random() < 0.5:
            small = np.clip(np.round(small * 255) / 255, 0, 1).astype(np.float32)
        return np.concatenate([small, np.full_like(small[:1], wear)]), clean

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """PSNR, up to 60 dB."""
        return log_squared(result, target, 1e-6)

    def _halves(self, picture: Picture) -> tuple[Image, Image]:
        h, w = (extent // self.scale * self.scale for extent in picture.shape[:2])
        clean = as_image(picture[:h, :w])
        small = np.clip(np.round(shrink(clean, self.scale) * 255) / 255, 0, 1).astype(np.float32)
        return np.concatenate([small, np.zeros_like(small[:1])]), clean

    def score(self, restore: Restore) -> dict[str, float]:
        """PSNR of luma (Rec.601, as papers measure it) for the bicubic reduction rounded to 8 bits, border cut by the scale."""
        scores = {"psnr_luma": self._mean(restore, self.pictures.validation)}
        large = self.pictures.validation_large
        return scores | {"psnr_luma of large photographs": self._mean(restore, large)} if large else scores

    def _mean(self, restore: Restore, pictures: tuple[Picture, ...]) -> float:
        total = []
        for picture in pictures:
            planes, clean = self._halves(picture)
            edge = slice(self.scale, -self.scale)
            total.append(psnr(luma(restore(planes))[edge, edge], luma(clean)[edge, edge]))
        return float(np.mean(total))

    def show(self, restore: Restore) -> Picture:
        """Nearest, network, truth."""
        planes, clean = self._halves(self.pictures.validation[0])
        return side_by_side(planes[:3].repeat(self.scale, 1).repeat(self.scale, 2), restore(planes), clean)


class UpscaleX4Task(UpscaleX2Task):
    """Four times as many pixels each way."""

    id, does, scale = "upscale-x4-s", "quadruples width and height; undoes wear as far as it is told", 4
    default = replace(UpscaleX2Task.default, crop=192)


def luma(picture: Image) -> Image:
    """Y of BT.601 in studio swing, 16..235 of 255, as the figures of papers are measured."""
    r, g, b = picture
    return np.asarray((65.481 * r + 128.553 * g + 24.966 * b + 16) / 255, np.float32)
