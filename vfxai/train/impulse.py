"""Trains the impulse network: where is a pixel not of the scene (salt and pepper, dirt dots), and what stood there?"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vfxai.nets.unet import UNet
from vfxai.train.degradations import Image, unit_noise
from vfxai.train.loop import Batch, Run, Schedule, train
from vfxai.train.pictures import Pictures, load_pictures, random_crop, read_picture

PLANES = 6
"""R, G, B and three planes of ones, which give the bias-free network a level to compare with."""
Mask = NDArray[np.float32]
"""(3, H, W), 1 where the scene is covered."""


@dataclass(frozen=True)
class Config:
    """A size of the network and what it is shown."""

    widths: tuple[int, ...] = (32, 64, 96)
    blocks: tuple[int, ...] = (2, 2, 2)
    crop: int = 80
    batch: int = 12
    density_max: float = 0.08
    leave_out: frozenset[str] = frozenset({"bbb_meadow", "bbb_wakeup", "sintel", "cam_coffee"})


def salt_and_pepper(picture: Image, density: float, shared: bool, rng: np.random.Generator) -> tuple[Image, Mask]:
    """Sets a share `density` of the pixels (all channels together if `shared`, else each on its own) to 0 or 1."""
    shape = (1 if shared else 3, *picture.shape[1:])
    hit = np.broadcast_to(rng.random(shape) < density, picture.shape)
    extreme = np.broadcast_to(rng.random(shape) < 0.5, picture.shape).astype(np.float32)
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


def make_batch(pictures: Pictures, overlays: tuple[NDArray[np.uint8], ...], config: Config, seed: int, step: int) -> Batch:
    """The batch of a step: inputs (N, 6, H, W) and the clean picture with the mask (N, 6, H, W)."""
    rng = np.random.default_rng((seed, step))
    inputs, targets = [], []
    for _ in range(config.batch):
        clean = random_crop(pictures.train, config.crop, rng)
        if rng.random() < 0.1:
            clean = np.repeat(clean.mean(0, keepdims=True), 3, 0)
        seen = clean
        if rng.random() < 0.35:
            sigma = rng.uniform(0, 0.08) if rng.random() < 0.7 else rng.uniform(0, 0.25)
            seen = seen + np.float32(sigma) * unit_noise(seen.shape, 0.0, 0.0, rng)
            seen = np.clip(seen, 0, 1) if rng.random() < 0.5 else seen
        mask = np.zeros_like(clean)
        choice, shared, density = rng.random(), rng.random() < 0.5, rng.uniform(0, 1) ** 1.5 * config.density_max
        if choice < 0.55:
            seen, mask = salt_and_pepper(seen, density, shared, rng)
        elif choice < 0.7:
            seen, mask = random_impulses(seen, density / 2, shared, rng)
        elif choice < 0.9:
            seen, mask = dirt(seen, overlays, rng)
        inputs.append(np.concatenate([seen, np.ones_like(seen)]))
        targets.append(np.concatenate([clean, mask]))
    return torch.from_numpy(np.stack(inputs)).float(), torch.from_numpy(np.stack(targets)).float()


def loss_of(result: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of the cover, plus the absolute error of the fill where covered; weighted to about the same size."""
    clean, mask = target[:, :3], target[:, 3:]
    fill, logit = result[:, :3], result[:, 3:]
    detection = 5 * nn.functional.binary_cross_entropy_with_logits(logit, mask)
    covered = (mask * (fill - clean).abs()).sum() / (mask.sum() + 100)
    return detection + covered + 0.1 * (fill - clean).abs().mean()


def repaired(network: nn.Module, seen: Image, device: str) -> Image:
    """The picture with the covered pixels filled, all others as they were. (3, H, W), H and W multiples of 8."""
    planes = torch.from_numpy(np.concatenate([seen, np.ones_like(seen)]))[None].to(device)
    result = network(planes).float().cpu().numpy()[0]
    return np.where(result[3:] > 0, result[:3], seen)


def train_impulse(
    data: Path, folder: Path, minutes: float, steps: int, resume: bool, device: str, seed: int = 0, config: Config | None = None
) -> dict[str, float]:
    """Trains or goes on training, at most `minutes`; returns the PSNR in dB on held-out stills by salt-and-pepper density."""
    config = config or Config()
    pictures = load_pictures(data, config.leave_out)
    paths = sorted((data / "damage_overlays").rglob("*.webp")) + sorted((data / "damage_overlays").rglob("*.png"))
    overlays = tuple(read_picture(p)[..., 0] for p in paths)
    torch.manual_seed(seed)
    run = Run(UNet(PLANES, 6, config.widths, config.blocks), folder, Schedule(steps), device, seed)
    if resume:
        run.resume()

    def validate(network: nn.Module) -> dict[str, float]:
        scores: dict[str, float] = {}
        for density in (0.0, 0.01, 0.03, 0.05):
            total = []
            for index, picture in enumerate(pictures.validation):
                h, w = (extent // 8 * 8 for extent in picture.shape[:2])
                clean = np.ascontiguousarray(picture[:h, :w].transpose(2, 0, 1), np.float32) / 255
                seen, _ = salt_and_pepper(clean.astype(np.float32), density, index % 2 == 0, np.random.default_rng(index))
                error = np.mean((repaired(network, seen.astype(np.float32), device) - clean) ** 2)
                total.append(-10 * np.log10(error + 1e-8))
            scores[f"psnr_{density}"] = round(float(np.mean(total)), 2)
        return scores

    return train(run, lambda step: make_batch(pictures, overlays, config, seed, step), loss_of, validate, minutes, 1000)
