"""The networks that ship: how each is trained and what its manifest says."""

import datetime
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from vfxai.models.export import export_model
from vfxai.models.manifest import Manifest, Network, Quality, Source
from vfxai.nets import architecture
from vfxai.train import denoise, impulse

SOURCES = (
    Source(
        "shared/data/train/photos: 119 crops of photographs, paintings and drawings",
        "CC-BY, CC0, public domain, US government work, Apache-2.0, BSD",
    ),
    Source("shared/data/train/stills: 25 stills", "CC0, CC-BY, BSD-3-Clause, NASA"),
    Source(
        "shared/data/train/video: middle frames of clips, without those that share scenes with dev/clips", "CC-BY, Apache-2.0"
    ),
    Source("dead leaves drawn by vfxai.train.pictures", "Apache-2.0"),
)


@dataclass(frozen=True)
class Shipped:
    """A network that ships."""

    id: str
    node: str
    task: str
    train: Callable[..., dict[str, float]]
    arguments: dict[str, Any]
    receptive_field: int
    """Pixels to each side beyond which a change moves no result by 1e-3; tests/models/test_shipped.py measures it."""
    sources: tuple[Source, ...] = SOURCES


def _arguments(planes: int, channels: int, config: denoise.Config | impulse.Config) -> dict[str, Any]:
    return {"planes": planes, "channels_out": channels, "widths": list(config.widths), "blocks": list(config.blocks)}


SHIPPED = {
    s.id: s
    for s in (
        Shipped(
            "denoise-s", "denoise", "removes Gaussian noise of a told level", denoise.train_denoise,
            _arguments(denoise.PLANES, 3, denoise.Config()), 64,
        ),
        Shipped(
            "impulse-s", "denoise", "finds and fills salt-and-pepper and specks of dirt", impulse.train_impulse,
            _arguments(impulse.PLANES, 6, impulse.Config()), 64,
            (*SOURCES, Source("shared/data/train/damage_overlays: scanned film dirt", "MIT")),
        ),
    )
}  # fmt: skip


def export(shipped: Shipped, run_folder: Path, folder: Path, quality: dict[str, float], command: str) -> Manifest:
    """Writes the averaged weights of a run as a model folder with its manifest."""
    state = torch.load(run_folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    network = architecture("unet")(**shipped.arguments)
    network.load_state_dict(state["average"])
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    machine = f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
    rows = tuple(Quality(f"held-out stills, {name}", value, "dB", command, machine, today) for name, value in quality.items())
    manifest = Manifest(
        id=shipped.id,
        version="1",
        node=shipped.node,
        task=shipped.task,
        licence="Apache-2.0",
        commercial=True,
        input_channels=shipped.arguments["planes"],
        output_channels=shipped.arguments["channels_out"],
        encoding="stabilised noise or plate values, scaled by the node to about 0..1; unbounded",
        scale=1,
        multiple=2 ** len(shipped.arguments["widths"]),
        receptive_field=shipped.receptive_field,
        window=1,
        precisions=("fp32", "fp16", "bf16"),
        trained_with=f"{command} ({state['step']} steps, {state['seconds'] / 60:.0f} minutes)",
        network=Network("unet", shipped.arguments),
        sources=shipped.sources,
        files=(),
        quality=rows,
    )
    return export_model(folder, network, manifest)
