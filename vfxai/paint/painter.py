"""The network that is fitted to the painted frames of a shot: colours from luminance, place, and what motion brought."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad

from vfxai.image.fill import smooth_fill
from vfxai.nets.unet import UNet
from vfxai.paint.size import enlarged, halved

PLANES, WIDTHS, BLOCKS = 22, (24, 48, 96), (1, 1, 2)
"""Small, because it learns one shot from a few frames; see planes() for what it sees."""
CROP, BATCH = 64, 4
"""Pixels a side, at half of the size at which motion is worked out, and crops a step: most of a frame, at 40 ms a step on one core."""
RATE, STEEPEST = 2e-3, 0.3
"""Of learning, and the norm at which a gradient is cut: without it one fit of ten runs away."""
SOFT = 1e-3
"""Square of the error up to which it counts squared and beyond straight: 3 %. Straight from 0 the network stays gray for long."""
BLIND, ASIS = 0.35, 0.4
"""Shares of the crops that see no colours that motion brought, and that see them as they came; the rest sees the painted colours with holes."""


@dataclass(frozen=True)
class Example:
    """A frame to learn from at half size, or a crop of it."""

    planes: Tensor
    """(18, h, w), what luminance and place tell; see seen()."""
    chroma: Tensor
    """(3, h, w), the colours to learn."""
    trust: Tensor
    """(1, h, w), how far they are right."""
    hint: Tensor
    """(4, h, w): chroma that motion brought from other keys, and its confidence."""

    @classmethod
    def of(cls, guide: Tensor, colors: Tensor, hint: Tensor) -> Example:
        """From a luminance (1, h, w), colours to learn and their trust (4, h, w), and what motion brought (4, h, w)."""
        wanted = halved(colors).cpu()
        return cls(seen(halved(guide).cpu()), wanted[:3], wanted[3:], halved(hint).cpu())

    def crop(self, rng: np.random.Generator) -> Example:
        """A random part of CROP pixels a side."""
        height, width = self.planes.shape[1:]
        y, x = (int(rng.integers(max(extent - CROP, 0) + 1)) for extent in (height, width))
        cut = (slice(None), slice(y, y + CROP), slice(x, x + CROP))
        return Example(self.planes[cut], self.chroma[cut], self.trust[cut], self.hint[cut])


WAVES = (1, 2, 4)
"""Half periods across the picture of the waves that tell a place, as finely as the network is to remember where a colour was."""


def seen(guide: Tensor) -> Tensor:
    """(18, H, W) of a luminance (1, H, W): itself, its means over 9 and 33 pixels, 1, x and y in -1..1, and waves of them."""
    height, width = guide.shape[1:]
    means = [avg_pool2d(guide[None], side, 1, side // 2, count_include_pad=False)[0] for side in (9, 33)]
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    waves = [wave(torch.pi * times * axis)[None] for axis in (x, y) for times in WAVES for wave in (torch.sin, torch.cos)]
    return torch.cat([guide, *means, torch.ones_like(guide), x[None], y[None], *waves])


class Painter:
    """The fitted network. Its weights have half precision, so that it is the same wherever it was stored. It learns and paints on the CPU, so that every
    machine fits the same one; what it makes comes back on the device of the luminance.
    """

    def __init__(self, seed: int = 0) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = UNet(PLANES, 3, WIDTHS, BLOCKS)

    def paint(self, guide: Tensor, hint: Tensor) -> Tensor:
        """Chroma (3, h, w), worked out at half the size, for a luminance (1, h, w), with a hint of chroma and confidence (4, h, w)."""
        small, brought = halved(guide).cpu(), halved(hint).cpu()
        height, width = small.shape[1:]
        planes = torch.cat([smooth_fill(brought[:3], brought[3:]), brought[3:], seen(small)])[None]
        with torch.no_grad():
            made = self.net(_padded(planes, self.net.multiple))[0, :, :height, :width]
        return enlarged(made.to(guide.device), guide)

    def fit(
        self, examples: Sequence[Example], steps: int, seed: int, told: Callable[[int, int], None] = lambda done, total: None
    ) -> None:
        """Learns from the examples; the same seed gives the same network. `told` is called at every step, and may raise to stop."""
        rng = np.random.default_rng(seed)
        self.net.train()
        optimiser = torch.optim.Adam(self.net.parameters(), RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1)
        for step in range(steps):
            told(step, steps)
            crops = [examples[int(rng.integers(len(examples)))].crop(rng) for _ in range(BATCH)]
            planes = torch.stack([torch.cat([_hinted(c, rng), c.planes]) for c in crops])
            wanted, trust = torch.stack([c.chroma for c in crops]), torch.stack([c.trust for c in crops])
            made = self.net(_padded(planes, self.net.multiple))[..., : wanted.shape[2], : wanted.shape[3]]
            loss = (trust * ((made - wanted) ** 2 + SOFT).sqrt()).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), STEEPEST)
            optimiser.step()
            schedule.step()
        told(steps, steps)
        self.load(self.weights())

    def weights(self) -> np.ndarray:
        """All weights in a row, (n,) float16."""
        return torch.cat([w.detach().flatten() for w in self.net.parameters()]).numpy().astype(np.float16)

    def load(self, weights: np.ndarray) -> None:
        """From what weights() gave, (n,) of any float type; ValueError for another number of them."""
        self.net.eval()
        flat = torch.from_numpy(np.asarray(weights).astype(np.float32))
        sizes = [w.numel() for w in self.net.parameters()]
        if flat.shape != (sum(sizes),):
            raise ValueError(f"expected {sum(sizes)} weights, got {flat.numel()}")
        with torch.no_grad():
            for own, part in zip(self.net.parameters(), flat.split(sizes), strict=True):
                own.copy_(part.view_as(own))

    def to_text(self) -> str:
        """The weights as text."""
        return base64.b64encode(self.weights().tobytes()).decode()

    @classmethod
    def from_text(cls, text: str) -> Painter:
        """From what to_text gave."""
        made = cls()
        made.load(np.frombuffer(base64.b64decode(text, validate=True), np.float16))
        return made


def _hinted(example: Example, rng: np.random.Generator) -> Tensor:
    """(4, h, w): the colours that are shown beside luminance, weighted, and their confidence."""
    draw = rng.random()
    if draw < BLIND:
        return torch.zeros_like(example.hint)
    if draw < BLIND + ASIS:
        chroma, trust = example.hint[:3], example.hint[3:]
    else:
        chroma, trust = example.chroma, example.trust
    height, width = trust.shape[1:]
    coarse = rng.random((max(height // 12, 2), max(width // 12, 2))).astype(np.float32)
    holes = torch.from_numpy(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))[None] < rng.uniform(0, 0.6)
    trust = trust * ~holes
    return torch.cat([smooth_fill(chroma, trust), trust])


def _padded(planes: Tensor, multiple: int) -> Tensor:
    height, width = planes.shape[2:]
    return pad(planes, (0, -width % multiple, 0, -height % multiple), mode="replicate")
