"""What a network learns, apart from how: the loop, the export and the command line know only this."""

import tomllib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from torch import Tensor

from vfxai.errors import ParameterError
from vfxai.train.arrays import Image, Picture
from vfxai.train.pictures import Sources

Batch = tuple[Tensor, Tensor]
"""Network input (N, planes, H, W) and what it should give (N, C, H x scale, W x scale), float32."""
Restore = Callable[[Image], Image]
"""(planes, H, W) to (C, H x scale, W x scale) through the network in training; any size."""


C = TypeVar("C", bound=Any)
"""A dataclass of training values."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Sources):
    """Size of a network, what it is shown and how fast it learns: everything a config file may set."""

    widths: tuple[int, ...]
    blocks: tuple[int, ...]
    crop: int
    """Side in pixels of the clean crops."""
    batch: int
    """Crops a step."""
    steps: int
    """Length of the whole run; the learning rate is almost 0 at its end."""
    learning_rate: float = 8e-4
    warm_up: int = 300
    """Steps over which the rate rises at first."""
    decay_from: float = 0.55
    """Share of the steps after which the rate falls along a half cosine."""
    average: float = 0.999
    """Decay of the exponential moving average of the weights that is exported."""


def read_config(path: Path, base: C) -> C:
    """The config with the values of a TOML file. ParameterError names every key that is unknown or of the wrong kind."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(f"{path} cannot be read: {error}", remedy="give a TOML file of training values") from error
    problems: list[str] = []
    values: dict[str, Any] = {}
    kinds = {f.name: type(getattr(base, f.name)) for f in fields(base)}
    for name, value in data.items():
        value = tuple(value) if isinstance(value, list) else value
        if name not in kinds:
            problems.append(f"unknown key {name!r}")
        elif not isinstance(value, (int, float) if kinds[name] is float else kinds[name]) or isinstance(value, bool):
            problems.append(f"{name}: expected {kinds[name].__name__}, got {value!r}")
        values[name] = value
    if problems:
        raise ParameterError(f"{path}: " + "; ".join(problems), remedy=f"it may set {', '.join(kinds)}")
    return replace(base, **values)


class Task(ABC):
    """One shipped network: its architecture, the batches it sees, its loss and its score on held-out pictures."""

    id: ClassVar[str]
    """Name of the model folder."""
    node: ClassVar[str]
    does: ClassVar[str]
    """In words, for the manifest."""
    encoding: ClassVar[str]
    """What the planes are, in words."""
    architecture: ClassVar[str]
    planes: ClassVar[int]
    channels_out: ClassVar[int]
    scale: ClassVar[int] = 1
    window: ClassVar[int] = 1
    receptive_field: ClassVar[int]
    """Pixels to each side beyond which a change moves no result by 1e-3; tests/models/test_models.py measures it."""
    uses_overlays: ClassVar[bool] = False
    """Whether the scanned film dirt is among its data."""
    fails: ClassVar[str]
    """What it cannot do, for its card."""
    default: ClassVar[TrainConfig]

    def __init__(self, config: TrainConfig | None = None) -> None:
        self.config = config or self.default

    def arguments(self) -> dict[str, Any]:
        """Of the architecture in vfxai.nets."""
        c = self.config
        return {"planes": self.planes, "channels_out": self.channels_out, "widths": list(c.widths), "blocks": list(c.blocks)}

    @abstractmethod
    def load(self, data: Path) -> None:
        """Reads the training data. Raises ValueError where there is none."""

    @abstractmethod
    def batch(self, seed: int, step: int) -> Batch:
        """The batch of a step, a function of seed and step alone."""

    @abstractmethod
    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """What is made small."""

    @abstractmethod
    def score(self, restore: Restore) -> dict[str, float]:
        """Figures in dB on pictures that are never trained on."""

    @abstractmethod
    def show(self, restore: Restore) -> Picture:
        """A held-out example: input, result and truth side by side."""


def stacked(pairs: Iterable[tuple[Image, Image]]) -> Batch:
    """A batch of what the network is shown and what it should give, each (C, H, W)."""
    inputs, targets = (torch.from_numpy(np.stack(side)).float() for side in zip(*pairs, strict=True))
    return inputs, targets


def psnr(result: Image, truth: Image) -> float:
    """Peak 1, in dB; at most 100."""
    return float(-10 * np.log10(np.mean((result.astype(np.float64) - truth) ** 2) + 1e-10))


def log_squared(result: Tensor, target: Tensor, least: float) -> Tensor:
    """Mean logarithm of each crop's squared error, from `least` on, which is PSNR: a crop counts alike whether much or little is wrong in it."""
    return ((result - target).square().mean((1, 2, 3)) + least).log().mean() / 20


def side_by_side(*pictures: Image) -> Picture:
    """(3, H, W) display-referred pictures as one of 8 bits, for people."""
    joined = np.concatenate(pictures, 2).transpose(1, 2, 0)
    return np.asarray(np.clip(joined * 255 + 0.5, 0, 255), np.uint8)
