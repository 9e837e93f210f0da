"""`vfxai train`: trains a shipped network from the data it names. Needs torch, numpy and OpenCV; the export needs onnx too."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

MODELS = ("denoise-s", "impulse-s")
BY_NODE = {"denoise": "denoise-s", "impulse": "impulse-s"}


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("train", help="train a network from scratch or go on with a run", description=__doc__)
    parser.add_argument("model", choices=[*BY_NODE, *MODELS], help="the network, or the node whose small network is meant")
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, stills/, video/ and damage_overlays/")
    parser.add_argument("--run", type=Path, dest="folder", help="folder of the checkpoint and curves (.train/MODEL)")
    parser.add_argument("--minutes", type=float, default=60, help="stop after this time with a usable checkpoint (60)")
    parser.add_argument(
        "--steps", type=int, default=30_000, help="length of the whole run; the learning rate ends at 0 there (30000)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the checkpoint in the run folder")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (auto)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, data and arguments give the same weights (0)")
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="write weights and manifest there, such as models/denoise-s"
    )
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Trains for the asked time, prints the quality on held-out stills, and exports where asked."""
    import torch

    from vfxai.errors import ParameterError
    from vfxai.train.shipped import SHIPPED, export

    model = BY_NODE.get(options.model, options.model)
    folder = options.folder or Path(".train") / model
    if (folder / "checkpoint.pt").exists() and not options.resume:
        raise ParameterError(f"{folder} holds a checkpoint", remedy="give --resume to go on with it, or another --run folder")
    device = options.device if options.device != "auto" else ("cuda" if torch.cuda.is_available() else "cpu")
    shipped = SHIPPED[model]
    quality = shipped.train(options.data, folder, options.minutes, options.steps, options.resume, device, options.seed)
    print(json.dumps({"model": model, "run": str(folder), "held-out stills": quality}))
    if options.export:
        export(shipped, folder, options.export, quality, " ".join(["vfxai", *sys.argv[1:]]))
        print(f"exported to {options.export}")
    return 0
