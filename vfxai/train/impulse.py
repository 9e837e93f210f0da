"""The impulse network: where is a pixel not of the scene (salt and pepper, dirt dots), and what stood there?"""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vfxai.noise.impulse import planes_of
from vfxai.train.arrays import Image, Picture
from vfxai.train.degradations import faded, unit_noise
from vfxai.train.pictures import as_image, load_overlays, load_pictures, random_crop
from vfxai.train.task import Batch, Restore, Task, TrainConfig, psnr, side_by_side, stacked

DENSITY_MAX = 0.08
FADED = 0.1
"""Share of the crops that are of faded film, whose blacks are not black: dirt is then darker than the scene."""
Mask = NDArray[np.float32]
"""(3, H, W), 1 where the scene is covered."""


class ImpulseTask(Task):
    """Finds and fills what covers the scene."""

    id, node, does = "impulse-s", "denoise", "finds and fills salt-and-pepper and specks of dirt"
    encoding = "plate values in a display-like curve, about 0..1, logarithmic above"
    architecture, planes, channels_out = "unet", 7, 6  # see planes_of; out: the fill, and a logit of cover a sample
    receptive_field = 64
    uses_overlays = True
    fails = (
        "Glints and stars of one pixel look like salt; `auto` asks the neighbouring frames, a single still has none. What was covered is "
        "guessed from around it, so a wire of one pixel width under a dot is not continued in all directions."
    )
    default = TrainConfig(widths=(32, 64, 96), blocks=(2, 2, 2), crop=80, batch=12, steps=16_000)

    def load(self, data: Path) -> None:
        """Pictures as for denoise, and scanned dirt."""
        self.pictures = load_pictures(data, self.config)
        self.overlays = load_overlays(data)

    def batch(self, seed: int, step: int) -> Batch:
        """Covered crops, and the clean crop with the cover (N, 6, H, W)."""
        rng = np.random.default_rng((seed, step))
        crops = [random_crop(self.pictures.train, self.config.crop, rng) for _ in range(self.config.batch)]
        return stacked(_example(crop, self.overlays, rng) for crop in crops)

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """Cross-entropy of the cover, plus the absolute error of the fill where covered; weighted to about the same size."""
        clean, mask = target[:, :3], target[:, 3:]
        fill, logit = result[:, :3], result[:, 3:]
        detection = 5 * nn.functional.binary_cross_entropy_with_logits(logit, mask)
        covered = (mask * (fill - clean).abs()).sum() / (mask.sum() + 100)
        return detection + covered + 0.1 * (fill - clean).abs().mean()

    def score(self, restore: Restore) -> dict[str, float]:
        """PSNR for salt and pepper by density; every other picture by whole pixels, the rest by channel."""
        scores = {}
        for density in (0.0, 0.01, 0.03, 0.05):
            pairs = [_salted(p, i, density) for i, p in enumerate(self.pictures.validation)]
            scores[f"psnr_{density}"] = float(np.mean([psnr(repaired(restore, seen), clean) for seen, clean in pairs]))
        return scores

    def show(self, restore: Restore) -> Picture:
        """Density 0.03."""
        seen, clean = _salted(self.pictures.validation[0], 0, 0.03)
        return side_by_side(seen, repaired(restore, seen), clean)


def repaired(restore: Restore, seen: Image) -> Image:
    """The picture (3, H, W) with the covered samples filled, all others as they were."""
    result = restore(planes_of(torch.from_numpy(seen)).numpy())
    return np.where(result[3:] > 0, result[:3], seen)


def _salted(picture: Picture, index: int, density: float) -> tuple[Image, Image]:
    clean = as_image(picture)
    return salt_and_pepper(clean, density, index % 2 == 0, np.random.default_rng(index))[0].astype(np.float32), clean


def _example(clean: Image, overlays: tuple[NDArray[np.uint8], ...], rng: np.random.Generator) -> tuple[Image, Image]:
    """What the network sees of a clean crop (7, H, W), and what it should say (6, H, W)."""
    if rng.random() < 0.1:
        clean = np.repeat(clean.mean(0, keepdims=True), 3, 0)
    if rng.random() < FADED:
        clean = faded(clean, rng)
    if rng.random() < 0.2:
        clean = highlights(clean, rng)
    seen = clean
    if rng.random() < 0.35:
        seen = level_noise(seen, rng)
        seen = np.clip(seen, 0, 1) if rng.random() < 0.5 else np.maximum(seen, 0) if rng.random() < 0.5 else seen
    mask = np.zeros_like(clean)
    choice, shared, density = rng.random(), rng.random() < 0.5, rng.uniform(0, 1) ** 1.5 * DENSITY_MAX
    if choice < 0.55:
        seen, mask = salt_and_pepper(seen, density, shared, rng)
    elif choice < 0.7:
        seen, mask = random_impulses(seen, density / 2, shared, rng)
    elif choice < 0.9:
        seen, mask = dirt(seen, overlays, rng)
    return planes_of(torch.from_numpy(seen).float()).numpy(), np.concatenate([clean, mask])


def highlights(picture: Image, rng: np.random.Generator) -> Image:
    """Makes bright parts and small glints stand far above white, in a curve that goes on logarithmically: scene, not impulses."""
    knee = np.float32(rng.uniform(0.5, 0.9))
    picture = picture + np.float32(rng.uniform(0, 4)) * np.maximum(picture - knee, 0)
    height, width = picture.shape[1:]
    for _ in range(int(rng.integers(0, 12))):
        y, x, size = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(0.4, 1.6)
        rows = np.exp(-0.5 * ((np.arange(height) - y) / size) ** 2)
        columns = np.exp(-0.5 * ((np.arange(width) - x) / size) ** 2)
        color = rng.uniform(0.2, 2.5) * rng.uniform(0.6, 1, 3)
        picture = picture + (color[:, None, None] * np.outer(rows, columns)).astype(np.float32)
    return picture.astype(np.float32)


def level_noise(picture: Image, rng: np.random.Generator) -> Image:
    """Noise of any kind that a plate may have under its impulses: white or blurred, even or growing or falling with the level."""
    sigma = rng.uniform(0, 0.08) if rng.random() < 0.7 else rng.uniform(0, 0.25)
    noise = unit_noise(picture.shape, rng.uniform(0.3, 1.0) if rng.random() < 0.3 else 0.0, 0.0, rng)
    choice = rng.random()
    level = np.clip(picture, 0, 1)
    growth = 0.15 + 0.85 * level if choice < 0.25 else 1.15 - level if choice < 0.5 else np.ones_like(level)
    return (picture + np.float32(sigma) * growth * noise).astype(np.float32)


def salt_and_pepper(picture: Image, density: float, shared: bool, rng: np.random.Generator) -> tuple[Image, Mask]:
    """Sets a share `density` of the pixels (all channels together if `shared`, else each on its own) to black or white.

    These are 0 and 1, or beyond where the picture goes beyond.
    """
    shape = (1 if shared else 3, *picture.shape[1:])
    hit = np.broadcast_to(rng.random(shape) < density, picture.shape)
    low, high = min(float(picture.min()), 0.0), max(float(picture.max()), 1.0)
    extreme = np.broadcast_to(np.where(rng.random(shape) < 0.5, np.float32(high), np.float32(low)), picture.shape)
    return np.where(hit, extreme, picture), hit.astype(np.float32)


def random_impulses(picture: Image, density: float, shared: bool, rng: np.random.Generator) -> tuple[Image, Mask]:
    """As salt_and_pepper with values spread evenly over 0..1; those within 0.08 of the picture do not count as impulses."""
    hit = np.broadcast_to(rng.random((1 if shared else 3, *picture.shape[1:])) < density, picture.shape)
    value = rng.random(picture.shape, dtype=np.float32)
    hit = hit & (np.abs(value - picture) > 0.08)
    return np.where(hit, value, picture), hit.astype(np.float32)


def dirt(picture: Image, overlays: tuple[NDArray[np.uint8], ...], rng: np.random.Generator) -> tuple[Image, Mask]:
    """Lays scanned dirt over the picture, dark or bright, opaque with soft edges; only specks, not hairs or scratches."""
    side = picture.shape[1]
    overlay = overlays[rng.integers(len(overlays))]
    y, x = rng.integers(0, overlay.shape[0] - side + 1), rng.integers(0, overlay.shape[1] - side + 1)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(overlay[y : y + side, x : x + side], connectivity=8)
    small = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] < 60 and max(stats[i, 2], stats[i, 3]) < 12]
    cover = np.isin(labels, small).astype(np.float32)
    for _ in range(int(rng.integers(0, 6))):  # the scans are sparse in round dots
        centre = tuple(int(v) for v in rng.integers(0, side, 2))
        cv2.circle(cover, centre, int(rng.integers(1, 4)), 1.0, -1, cv2.LINE_AA)
    value = np.float32(rng.uniform(0, 0.15) if rng.random() < 0.5 else rng.uniform(0.85, 1.0))
    return (picture * (1 - cover) + value * cover).astype(np.float32), np.repeat((cover > 0.02)[None], 3, 0).astype(np.float32)
