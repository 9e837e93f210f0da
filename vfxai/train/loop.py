"""One training loop for all networks: time-boxed, resumable, deterministic by seed, with an averaged copy of the weights.

A run folder holds checkpoint.pt, run.json, curve.csv (step, seconds, rate, loss), scores.csv, curve.png of both, and validation.png.
"""

import csv
import json
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from vfxai.nets import architecture
from vfxai.train.curves import draw_curves
from vfxai.train.task import Batch, Config, Image, Restore, Task

SAVE_EVERY = 120
"""Seconds between checkpoints."""


def rate(config: Config, step: int) -> float:
    """Learning rate at a step."""
    if step < config.warm_up:
        return config.learning_rate * (step + 1) / config.warm_up
    start = config.decay_from * config.steps
    done = min(max((step - start) / max(config.steps - start, 1), 0), 1)
    return config.learning_rate * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-7


def restorer(network: nn.Module, device: torch.device, precision: torch.dtype) -> Restore:
    """The network as a function of one picture of any size, in a precision."""
    multiple = int(network.multiple)  # type: ignore[arg-type]  # every architecture of vfxai.nets has it

    def restore(planes: Image) -> Image:
        height, width = planes.shape[1:]
        x = torch.from_numpy(np.ascontiguousarray(planes))[None].to(device)
        x = nn.functional.pad(x, (0, -width % multiple, 0, -height % multiple), "reflect")
        with torch.inference_mode(), torch.autocast(device.type, precision, enabled=precision != torch.float32):
            result = network(x.contiguous(memory_format=torch.channels_last)).float()[0].cpu().numpy()
        scale = result.shape[1] // x.shape[2]
        return np.asarray(result[:, : height * scale, : width * scale], np.float32)

    return restore


class Run:
    """A network in training and everything needed to go on with it."""

    def __init__(self, task: Task, folder: Path, device: str, seed: int) -> None:
        torch.manual_seed(seed)
        self.task, self.config, self.folder, self.seed = task, task.config, folder, seed
        self.device = torch.device(device)
        self.network: nn.Module = architecture(task.architecture)(**task.arguments()).to(self.device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
        self.average = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=self.config.learning_rate, betas=(0.9, 0.99), weight_decay=0.0
        )
        self.step, self.seconds = 0, 0.0
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def checkpoint(self) -> Path:
        """Where the state is kept."""
        return self.folder / "checkpoint.pt"

    def resume(self) -> bool:
        """Takes up the checkpoint in the folder; False where there is none."""
        if not self.checkpoint.exists():
            return False
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
        return True

    def start_from(self, checkpoint: Path) -> int:
        """Takes the averaged weights of another run wherever name and shape agree; how many tensors did."""
        known = torch.load(checkpoint, map_location=self.device, weights_only=True)["average"]
        own = self.network.state_dict()
        fitting = {k: v for k, v in known.items() if k in own and own[k].shape == v.shape}
        self.network.load_state_dict({**own, **fitting})
        self.average = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        return len(fitting)

    def save(self) -> None:
        """Writes the checkpoint beside its final name and renames it, so that a stop leaves a whole file."""
        state = {"network": self.network.state_dict(), "average": self.average, "optimizer": self.optimizer.state_dict()}
        partial = self.folder / "checkpoint.part"
        torch.save({**state, "step": self.step, "seconds": self.seconds}, partial)
        partial.replace(self.checkpoint)
        facts = {"task": self.task.id, "config": asdict(self.config), "seed": self.seed, "step": self.step}
        (self.folder / "run.json").write_text(json.dumps({**facts, "seconds": round(self.seconds)}, indent=1))

    def learn(self, batch: Batch) -> float:
        """One step of AdamW in bfloat16 autocast; returns the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate(self.config, self.step)
        inputs, target = (t.to(self.device, non_blocking=True) for t in batch)
        with torch.autocast(self.device.type, torch.bfloat16):
            result = self.network(inputs.contiguous(memory_format=torch.channels_last))
        loss: Tensor = self.task.loss(result.float(), target)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 0.5)
        self.optimizer.step()
        keep = min(self.config.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)
        self.step += 1
        return loss.item()

    def averaged(self) -> nn.Module:
        """A network with the averaged weights."""
        network: nn.Module = architecture(self.task.architecture)(**self.task.arguments()).to(self.device)
        network.load_state_dict(self.average)
        return network.eval()


def train(run: Run, minutes: float, validate_every: int = 2000) -> dict[str, float]:
    """Learns until the schedule or the minutes end, saves, and returns the scores in fp32. run.task.load() was called before."""
    started = saved = time.monotonic()
    before, smooth = run.seconds, 0.0
    deadline = started + minutes * 60
    if run.step < run.config.steps and time.monotonic() < deadline:
        with ThreadPoolExecutor(2 if run.device.type == "cpu" else 12) as workers:
            for batch in _batches(run, workers):
                loss = run.learn(batch)
                smooth = loss if not smooth else 0.99 * smooth + 0.01 * loss
                run.seconds = before + time.monotonic() - started
                if run.step % 200 == 0:
                    row = (run.step, round(run.seconds), f"{rate(run.config, run.step):.2e}", f"{smooth:.6f}")
                    _append(run.folder / "curve.csv", row, ("step", "seconds", "rate", "loss"))
                if run.step % validate_every == 0:
                    _validate(run, torch.bfloat16)
                if time.monotonic() - saved > SAVE_EVERY:
                    run.save()
                    saved = time.monotonic()
                if run.step >= run.config.steps or time.monotonic() >= deadline:
                    break
    run.save()
    return _validate(run, torch.float32)


def _batches(run: Run, workers: ThreadPoolExecutor) -> Iterator[Batch]:
    """Batches from run.step on, a few made ahead in threads (OpenCV and numpy let go of the interpreter)."""
    if run.device.type == "cpu":  # the same cores would do both
        step = run.step
        while True:
            yield run.task.batch(run.seed, step)
            step += 1
    ahead = [workers.submit(run.task.batch, run.seed, run.step + i) for i in range(16)]
    step = run.step + 16
    while True:
        batch = ahead.pop(0).result()
        ahead.append(workers.submit(run.task.batch, run.seed, step))
        step += 1
        yield batch[0].pin_memory(), batch[1].pin_memory()


def _validate(run: Run, precision: torch.dtype) -> dict[str, float]:
    restore = restorer(run.averaged(), run.device, precision)
    scores = {name: round(value, 3) for name, value in run.task.score(restore).items()}
    _append(run.folder / "scores.csv", (run.step, *scores.values()), ("step", *scores))
    cv2.imwrite(str(run.folder / "validation.png"), run.task.show(restore)[..., ::-1])
    draw_curves(run.folder)
    print(run.step, round(run.seconds), scores, flush=True)
    return scores


def _append(path: Path, row: tuple[object, ...], header: tuple[str, ...]) -> None:
    new = not path.exists()
    with open(path, "a", newline="") as stream:
        writer = csv.writer(stream)
        if new:
            writer.writerow(header)
        writer.writerow(row)
