"""What every training has: a folder, a checkpoint that it goes on with, averaged weights, and a loop that ends in time.

A run folder holds checkpoint.pt, run.json, curve.csv (step, seconds, rate, losses), scores.csv, curve.png of both, and validation.png.
"""

import csv
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import cv2
import torch
from torch import Tensor, nn

from vfxai.train.arrays import Picture
from vfxai.train.curves import draw_curves

SAVE_EVERY = 120
"""Seconds between checkpoints."""


class Stateful(Protocol):
    """A network or an optimizer."""

    def state_dict(self) -> Mapping[str, Any]:
        """What it has learnt."""

    def load_state_dict(self, state_dict: Any, /) -> Any:
        """Takes up what state_dict() gave."""


class Resumable(ABC):
    """A training and everything needed to go on with it."""

    def __init__(self, folder: Path, device: str, seed: int) -> None:
        torch.manual_seed(seed)
        self.folder, self.device, self.seed = folder, torch.device(device), seed
        self.step, self.seconds = 0, 0.0
        self.average: dict[str, Tensor] = {}
        """Moving average of the weights of the network that is exported."""
        folder.mkdir(parents=True, exist_ok=True)

    @property
    @abstractmethod
    def steps(self) -> int:
        """Length of the whole run."""

    @abstractmethod
    def learnt(self) -> dict[str, Stateful]:
        """Networks and optimizers by their names in the checkpoint."""

    @abstractmethod
    def rate(self) -> float:
        """Learning rate of the step in work."""

    @abstractmethod
    def facts(self) -> dict[str, object]:
        """What was asked for, for run.json."""

    @abstractmethod
    def validate(self, final: bool) -> tuple[dict[str, float], Picture]:
        """Scores on held-out pictures and a picture (H, W, 3) R, G, B that shows the state; in full precision where it is final."""

    @property
    def checkpoint(self) -> Path:
        """Where the state is kept."""
        return checkpoint_of(self.folder)

    def resume(self) -> bool:
        """Takes up the checkpoint in the folder; False where there is none."""
        if not self.checkpoint.exists():
            return False
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        for name, part in self.learnt().items():
            part.load_state_dict(state[name])
        self.average, self.step, self.seconds = state["average"], state["step"], state["seconds"]
        return True

    def save(self) -> None:
        """Writes the checkpoint beside its final name and renames it, so that a stop leaves a whole file."""
        state = {name: part.state_dict() for name, part in self.learnt().items()}
        partial = self.folder / "checkpoint.part"
        torch.save({**state, "average": self.average, "step": self.step, "seconds": self.seconds}, partial)
        partial.replace(self.checkpoint)
        facts = {**self.facts(), "seed": self.seed, "step": self.step, "seconds": round(self.seconds)}
        (self.folder / "run.json").write_text(json.dumps(facts, indent=1))

    def begin_average(self, network: nn.Module) -> None:
        """Takes the network's weights for the average."""
        self.average = {k: v.detach().clone() for k, v in network.state_dict().items()}

    def finish_step(self, network: nn.Module, decay: float) -> None:
        """Moves the average towards the network, faster in the first steps, and counts the step."""
        keep = min(decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)
        self.step += 1


def checkpoint_of(folder: Path) -> Path:
    """The checkpoint of a run folder, whether it is there or not."""
    return folder / "checkpoint.pt"


def spend(run: Resumable, minutes: float, learn: Callable[[], dict[str, float]], log_every: int, validate_every: int) -> None:
    """Takes steps until the run's length or the minutes are reached, and saves. `learn` is one step and returns what its curve shows."""
    started = saved = time.monotonic()
    before = run.seconds
    smooth: dict[str, float] = {}
    while run.step < run.steps and time.monotonic() < started + minutes * 60:
        for name, value in learn().items():
            smooth[name] = 0.99 * smooth[name] + 0.01 * value if name in smooth else value
        run.seconds = before + time.monotonic() - started
        if run.step % log_every == 0:
            losses = {name: round(value, 6) for name, value in smooth.items()}
            _append(run.folder / "curve.csv", {"step": run.step, "seconds": round(run.seconds), "rate": run.rate(), **losses})
        if run.step % validate_every == 0:
            validate(run, final=False)
        if time.monotonic() - saved > SAVE_EVERY:
            run.save()
            saved = time.monotonic()
    run.save()


def validate(run: Resumable, final: bool) -> dict[str, float]:
    """Scores the run on held-out pictures, and writes and prints what it found."""
    found, picture = run.validate(final)
    scores = {name: round(value, 3) for name, value in found.items()}
    _append(run.folder / "scores.csv", {"step": run.step, **scores})
    cv2.imwrite(str(run.folder / "validation.png"), picture[..., ::-1])
    draw_curves(run.folder)
    print(run.step, round(run.seconds), scores, flush=True)
    return scores


def _append(path: Path, row: Mapping[str, float]) -> None:
    new = not path.exists()
    with open(path, "a", newline="") as stream:
        writer = csv.DictWriter(stream, row.keys())
        if new:
            writer.writeheader()
        writer.writerow(row)
