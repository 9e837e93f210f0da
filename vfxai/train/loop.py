"""Trains a shipped network: batches that are a function of seed and step, AdamW in bfloat16, a rate that warms up and falls to nothing."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from vfxai.nets import architecture
from vfxai.nets.unet import ResidualBlock
from vfxai.train.arrays import Image, Picture
from vfxai.train.resumable import Resumable, Stateful, spend, validate
from vfxai.train.task import Batch, Restore, Task, TrainConfig


def rate(config: TrainConfig, step: int) -> float:
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


class TrainRun(Resumable):
    """A shipped network in training."""

    def __init__(self, task: Task, folder: Path, device: str, seed: int) -> None:
        super().__init__(folder, device, seed)
        self.task, self.config = task, task.config
        self.network: nn.Module = architecture(task.architecture)(**task.arguments()).to(self.device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
        self.begin_average(self.network)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=self.config.learning_rate, betas=(0.9, 0.99), weight_decay=0.0
        )

    @property
    def steps(self) -> int:
        """As Resumable says."""
        return self.config.steps

    def learnt(self) -> dict[str, Stateful]:
        """As Resumable says."""
        return {"network": self.network, "optimizer": self.optimizer}

    def rate(self) -> float:
        """As Resumable says."""
        return rate(self.config, self.step)

    def facts(self) -> dict[str, object]:
        """As Resumable says."""
        return {"task": self.task.id, "config": asdict(self.config)}

    def validate(self, final: bool) -> tuple[dict[str, float], Picture]:
        """As Resumable says."""
        restore = restorer(self.averaged(), self.device, torch.float32 if final else torch.bfloat16)
        return self.task.score(restore), self.task.show(restore)

    def start_from(self, checkpoint: Path) -> int:
        """Takes the averaged weights of another run wherever name and shape agree; how many tensors did.

        Blocks that the other network lacks begin as the identity, and planes after the last that it was shown are not looked at, so that
        a deeper network, or one that is shown more, starts with what that one does.
        """
        known = torch.load(checkpoint, map_location=self.device, weights_only=True)["average"]
        own = self.network.state_dict()
        for name, value in known.items():
            if name in own and value.ndim == 4 and value.shape[1] < own[name].shape[1]:
                known[name] = nn.functional.pad(value, (0, 0, 0, 0, 0, own[name].shape[1] - value.shape[1]))
        fitting = {k: v for k, v in known.items() if k in own and own[k].shape == v.shape}
        self.network.load_state_dict({**own, **fitting})
        for name, module in self.network.named_modules():
            if isinstance(module, ResidualBlock) and f"{name}.second.weight" not in fitting:
                nn.init.zeros_(module.second.weight)
        self.begin_average(self.network)
        return len(fitting)

    def learn(self, batch: Batch) -> float:
        """One step of AdamW in bfloat16 autocast; returns the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        inputs, target = (t.to(self.device, non_blocking=True) for t in batch)
        with torch.autocast(self.device.type, torch.bfloat16):
            result = self.network(inputs.contiguous(memory_format=torch.channels_last))
        loss: Tensor = self.task.loss(result.float(), target)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 0.5)
        self.optimizer.step()
        self.finish_step(self.network, self.config.average)
        return loss.item()

    def averaged(self) -> nn.Module:
        """A network with the averaged weights."""
        network: nn.Module = architecture(self.task.architecture)(**self.task.arguments()).to(self.device)
        network.load_state_dict(self.average)
        return network.eval()


def train(run: TrainRun, minutes: float, validate_every: int = 2000) -> dict[str, float]:
    """Learns until the schedule or the minutes end, saves, and returns the scores in fp32. run.task.load() was called before."""
    with ThreadPoolExecutor(2 if run.device.type == "cpu" else 12) as workers:
        batches = _batches(run, workers)
        spend(run, minutes, lambda: {"loss": run.learn(next(batches))}, 200, validate_every)
    return validate(run, final=True)


def _batches(run: TrainRun, workers: ThreadPoolExecutor) -> Iterator[Batch]:
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
