"""The networks that ship, and how a finished run becomes a model folder with its papers."""

import datetime
import platform
from pathlib import Path

import cv2
import torch

from vfxai.models.card import card
from vfxai.models.export import export_model
from vfxai.models.manifest import Manifest, Network, Quality, Source
from vfxai.train.deinterlace import DeinterlaceTask
from vfxai.train.denoise import DenoiseFineTask, DenoiseTask
from vfxai.train.impulse import ImpulseTask
from vfxai.train.loop import TrainRun, restorer
from vfxai.train.measure import MeasureTask
from vfxai.train.remove import RemoveTask
from vfxai.train.task import Task
from vfxai.train.upscale import UpscaleX2Task, UpscaleX4Task

SHIPPED: dict[str, type[Task]] = {
    t.id: t
    for t in (DenoiseTask, DenoiseFineTask, MeasureTask, ImpulseTask, DeinterlaceTask, UpscaleX2Task, UpscaleX4Task, RemoveTask)
}
"""By the name of the model folder."""
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
MOST_LOST = 0.1
"""Decibels that a lower precision may cost on any score and still count as safe."""
PICTURE = "held-out.jpg"
"""Beside the card; JPEG, because it is looked at and not measured."""
SOURCES = (
    Source(
        "shared/data/train/photos: 119 crops of photographs, paintings and drawings",
        "CC-BY, CC0, public domain, US government work, Apache-2.0, BSD",
    ),
    Source(
        "shared/data/train/photos_large: 248 tiles of 208 photographs",
        "CC-BY, CC0, public domain, US government work, Apache-2.0, BSD, MIT",
    ),
    Source("shared/data/train/stills: 25 stills", "CC0, CC-BY, BSD-3-Clause, NASA"),
    Source("shared/data/train/video: clips without those that share scenes with dev/clips", "CC-BY, Apache-2.0"),
)
RENDERED = Source("scenes rendered by examples/blender/scenes.py", "Apache-2.0")
OVERLAYS = Source("shared/data/train/damage_overlays: scanned film dirt", "MIT")


def export(run: TrainRun, folder: Path, command: str) -> Manifest:
    """Writes the averaged weights of a run as a model folder; its scores are measured in every precision, after rounding to fp16."""
    task = run.task
    network = run.averaged().cpu()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
    scores = {name: task.score(restorer(network, torch.device("cpu"), dtype)) for name, dtype in PRECISIONS.items()}
    exact = scores["fp32"]
    safe = [p for p, found in scores.items() if all(found[k] > exact[k] - MOST_LOST for k in exact)]
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    machine = f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
    rows = [
        Quality(f"held-out pictures, {name}, {precision}", round(value, 3), "dB", command, machine, today)
        for precision, found in scores.items()
        for name, value in found.items()
    ]
    manifest = Manifest(
        id=task.id,
        version="1",
        node=task.node,
        task=task.does,
        licence="Apache-2.0",
        commercial=True,
        input_channels=task.planes,
        output_channels=task.channels_out,
        encoding=task.encoding,
        scale=task.scale,
        multiple=int(network.multiple),  # type: ignore[arg-type]  # every architecture of vfxai.nets has it
        receptive_field=task.receptive_field,
        window=task.window,
        precisions=tuple(safe),
        trained_with=f"{command} ({run.step} steps, {run.seconds / 60:.0f} minutes on {machine})",
        network=Network(task.architecture, task.arguments()),
        sources=_sources(task),
        files=(),
        quality=tuple(rows),
    )
    complete = export_model(folder, network, manifest)
    count = sum(p.numel() for p in network.parameters())
    (folder / "card.md").write_text(card(complete, count, task.fails, PICTURE), encoding="utf-8")
    shown = task.show(restorer(network, torch.device("cpu"), torch.float32))[:, :, ::-1]
    cv2.imwrite(str(folder / PICTURE), shown, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return complete


def _sources(task: Task) -> tuple[Source, ...]:
    """What the network was shown."""
    families = [family.replace("_", " ") for family, count in task.config.drawn().items() if count]
    drawn = [Source(f"{family} drawn by vfxai.train.drawn", "Apache-2.0") for family in families]
    rendered = [RENDERED] if task.config.renders else []
    return (*SOURCES, *drawn, *rendered, *([OVERLAYS] if task.uses_overlays else []))
