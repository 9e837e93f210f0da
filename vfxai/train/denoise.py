"""Trains the denoise network: clean crops, noise of every kind and level up to sigma_max, mean absolute error."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from vfxai.nets.unet import UNet
from vfxai.train.degradations import NoiseStatistics, add_noise, tone
from vfxai.train.loop import Batch, Run, Schedule, train
from vfxai.train.pictures import Pictures, load_pictures, random_crop

PLANES = 6
"""R, G, B and the three planes of NoiseStatistics."""


@dataclass(frozen=True)
class Config:
    """A size of the network and what it is shown."""

    widths: tuple[int, ...] = (48, 96, 128, 192)
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    crop: int = 96
    batch: int = 10
    sigma_max: float = 60 / 255
    leave_out: frozenset[str] = frozenset({"bbb_meadow", "bbb_wakeup", "sintel", "cam_coffee"})
    """Clips that share scenes with the evaluation clips."""


def make_batch(pictures: Pictures, config: Config, seed: int, step: int) -> Batch:
    """The batch of a step: inputs (N, 6, H, W) and clean (N, 3, H, W)."""
    rng = np.random.default_rng((seed, step))
    inputs, clean = [], []
    for _ in range(config.batch):
        picture = tone(random_crop(pictures.train, config.crop, rng), rng)
        noisy, statistics = add_noise(picture, rng, config.sigma_max)
        inputs.append(np.concatenate([noisy, statistics.planes()]))
        clean.append(picture)
    return torch.from_numpy(np.stack(inputs)), torch.from_numpy(np.stack(clean))


def psnr_at(network: nn.Module, pictures: Pictures, device: str, sigma: float) -> float:
    """Mean PSNR in dB over the held-out stills, white unclipped noise of `sigma` (0..255), level told, peak 1."""
    total = []
    for index, picture in enumerate(pictures.validation):
        h, w = (extent // 16 * 16 for extent in picture.shape[:2])
        clean = np.ascontiguousarray(picture[:h, :w].transpose(2, 0, 1), np.float32) / 255
        noise = np.random.default_rng((index, int(sigma))).standard_normal(clean.shape, dtype=np.float32)
        level = NoiseStatistics(np.full((1, h, w), sigma / 255, np.float32), 0.0, 0.0)
        planes = np.concatenate([clean + noise * np.float32(sigma / 255), level.planes()])
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            result = network(torch.from_numpy(planes)[None].to(device)).float().cpu().numpy()[0]
        total.append(-10 * np.log10(np.mean((result - clean) ** 2)))
    return float(np.mean(total))


def mean_absolute(result: Tensor, clean: Tensor) -> Tensor:
    """Mean absolute error; its gradient does not grow with the noise level, so no level crowds out the others."""
    return (result - clean).abs().mean()


def train_denoise(
    data: Path, folder: Path, minutes: float, steps: int, resume: bool, device: str, seed: int = 0, config: Config | None = None
) -> dict[str, float]:
    """Trains or goes on training, at most `minutes`; returns the PSNR in dB on held-out stills by noise level."""
    config = config or Config()
    pictures = load_pictures(data, config.leave_out)
    torch.manual_seed(seed)
    run = Run(UNet(PLANES, 3, config.widths, config.blocks), folder, Schedule(steps), device, seed)
    if resume:
        run.resume()

    def validate(network: nn.Module) -> dict[str, float]:
        return {f"psnr_{s}": round(psnr_at(network, pictures, device, s), 3) for s in (15, 25, 50)}

    return train(run, lambda step: make_batch(pictures, config, seed, step), mean_absolute, validate, minutes)
