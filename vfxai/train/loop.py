"""One training loop for all networks: time-boxed, resumable, deterministic by seed, with an averaged copy of the weights."""

import csv
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

Batch = tuple[Tensor, Tensor]
"""Network input (N, planes, H, W) and the clean picture (N, C, H, W), float32."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn."""

    steps: int
    """Length of the whole run; the learning rate falls to zero over its last part, so a resumed run may be lengthened."""
    learning_rate: float = 8e-4
    warm_up: int = 300
    decay_from: float = 0.55
    """Fraction of `steps` after which the rate falls along a half cosine."""
    average: float = 0.999
    """Decay of the exponential moving average of the weights that is exported."""

    def rate(self, step: int) -> float:
        """Learning rate at a step."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        start = self.decay_from * self.steps
        done = min(max((step - start) / max(self.steps - start, 1), 0), 1)
        return self.learning_rate * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-7


class Run:
    """A network in training and everything needed to go on with it."""

    def __init__(self, network: nn.Module, folder: Path, schedule: Schedule, device: str, seed: int) -> None:
        torch.manual_seed(seed)
        self.device = torch.device(device)
        self.network = network.to(self.device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
        self.average = {k: v.detach().clone() for k, v in network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=schedule.learning_rate, betas=(0.9, 0.99), weight_decay=0.0)
        self.folder, self.schedule, self.seed, self.step, self.seconds = folder, schedule, seed, 0, 0.0
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> bool:
        """Takes up the checkpoint in the folder; False where there is none."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
        return True

    def save(self) -> None:
        """Writes checkpoint.pt beside its final name and renames it, so that a stop leaves a whole file."""
        state = {"network": self.network.state_dict(), "average": self.average, "optimizer": self.optimizer.state_dict()}
        partial = self.folder / "checkpoint.part"
        torch.save({**state, "step": self.step, "seconds": self.seconds}, partial)
        partial.replace(self.folder / "checkpoint.pt")
        facts = {"schedule": asdict(self.schedule), "seed": self.seed, "step": self.step, "seconds": round(self.seconds)}
        (self.folder / "run.json").write_text(json.dumps(facts, indent=1))

    def learn(self, batch: Batch, loss_of: Callable[[Tensor, Tensor], Tensor]) -> float:
        """One step of AdamW in bfloat16 autocast; returns the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(self.step)
        inputs, clean = (t.to(self.device, non_blocking=True) for t in batch)
        with torch.autocast(self.device.type, torch.bfloat16):
            result = self.network(inputs.contiguous(memory_format=torch.channels_last))
        loss = loss_of(result.float(), clean)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 0.5)
        self.optimizer.step()
        keep = min(self.schedule.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)
        self.step += 1
        return loss.item()


def train(
    run: Run,
    batch_at: Callable[[int], Batch],
    loss_of: Callable[[Tensor, Tensor], Tensor],
    validate: Callable[[nn.Module], dict[str, float]],
    minutes: float,
    validate_every: int = 2000,
) -> dict[str, float]:
    """Learns until the schedule or the minutes end, saves the checkpoint, and returns the last validation of the average."""
    started, last_saved, smooth = time.monotonic(), time.monotonic(), 0.0
    before = run.seconds
    with open(run.folder / "curve.csv", "a", newline="") as stream:
        curve = csv.writer(stream)
        while run.step < run.schedule.steps and time.monotonic() - started < minutes * 60:
            loss = run.learn(batch_at(run.step), loss_of)
            smooth = loss if not smooth else 0.99 * smooth + 0.01 * loss
            run.seconds = before + time.monotonic() - started
            if run.step % 200 == 0:
                curve.writerow([run.step, round(run.seconds), f"{run.schedule.rate(run.step):.2e}", f"{smooth:.6f}"])
                stream.flush()
            if run.step % validate_every == 0:
                print(run.step, round(run.seconds), averaged(run, validate), flush=True)
            if time.monotonic() - last_saved > 120:
                run.save()
                last_saved = time.monotonic()
    run.save()
    return averaged(run, validate)


def averaged(run: Run, use: Callable[[nn.Module], dict[str, float]]) -> dict[str, float]:
    """Calls `use` with the network holding the averaged weights, then puts the learning weights back."""
    learning = {k: v.clone() for k, v in run.network.state_dict().items()}
    run.network.load_state_dict(run.average)
    run.network.eval()
    try:
        with torch.inference_mode():
            return use(run.network)
    finally:
        run.network.load_state_dict(learning)
        run.network.train()
