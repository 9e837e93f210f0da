"""`vfxai train`: trains a shipped network from the data it names. Needs torch, numpy and OpenCV; the export needs onnx too."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from vfxai.train.task import C

MODELS = ("denoise-s", "denoise-fine-s", "noise-s", "impulse-s", "deinterlace-s", "upscale-x2-s", "upscale-x4-s", "remove-s")
BY_NODE = {
    "denoise": "denoise-s",
    "impulse": "impulse-s",
    "deinterlace": "deinterlace-s",
    "upscale": "upscale-x2-s",
    "remove": "remove-s",
}


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("train", help="train a network from scratch or go on with a run", description=__doc__)
    parser.add_argument(
        "model", choices=[*BY_NODE, *MODELS, "style"], help="the network, or the node whose small network is meant"
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with photos/, stills/, video/ and damage_overlays/; for style: with frames",
    )
    parser.add_argument("--renders", type=Path, metavar="DIR", help="clips that examples/blender/scenes.py rendered, as well")
    parser.add_argument("--target", type=Path, metavar="DIR", help="for style: folder with frames that have the wanted look")
    parser.add_argument(
        "--licence",
        default="LicenseRef-own",
        help="for style: SPDX id of the frames' and thus the model's licence (LicenseRef-own)",
    )
    parser.add_argument("--config", type=Path, metavar="FILE.toml", help="training values that differ from the network's own")
    parser.add_argument("--run", type=Path, dest="folder", help="folder of the checkpoint and curves (.train/MODEL)")
    parser.add_argument("--minutes", type=float, default=60, help="stop after this time with a usable checkpoint (60)")
    parser.add_argument(
        "--steps", type=int, help="length of the whole run; the learning rate ends at 0 there (the network's own)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the checkpoint in the run folder, if there is one")
    parser.add_argument("--start-from", type=Path, metavar="CHECKPOINT", help="begin with the weights of another run that fit")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (auto)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, data and arguments give the same weights (0)")
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="write weights and manifest there, such as models/denoise-s"
    )
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Trains for the asked time, prints the quality on held-out pictures, and exports where asked."""
    from dataclasses import replace

    from vfxai.errors import MissingInputError
    from vfxai.models.pool import choose_device
    from vfxai.train.loop import TrainRun, train
    from vfxai.train.shipped import SHIPPED, export

    if options.model == "style":
        return _style(options)
    model = BY_NODE.get(options.model, options.model)
    kind = SHIPPED[model]
    config = _config(options, kind.default)
    if options.renders:
        config = replace(config, renders=str(options.renders))
    task = kind(config)
    training = TrainRun(task, _folder(options, model), choose_device(options.device), options.seed)
    try:
        task.load(options.data)
    except (ValueError, OSError) as error:
        raise MissingInputError(str(error), remedy="give the folder of the training data with --data") from error
    if not (options.resume and training.resume()) and options.start_from:
        training.start_from(options.start_from)
    quality = train(training, options.minutes)
    print(json.dumps({"model": model, "run": str(training.folder), "step": training.step, "held-out pictures": quality}))
    if options.export:
        chosen = f" --config {options.config}" if options.config else ""
        started = f" --start-from {options.start_from}" if options.start_from else ""
        rendered = " --renders DIR" if config.renders else ""
        export(training, options.export, f"vfxai train {model} --data DATA --steps {config.steps}{chosen}{started}{rendered}")
        print(f"exported to {options.export}")
    return 0


def _style(options: Namespace) -> int:
    """Trains a translator between two folders of frames."""
    from vfxai.errors import MissingInputError, ParameterError
    from vfxai.models.pool import choose_device
    from vfxai.train.style import StyleConfig, StyleRun, export_style, train_style

    if not options.target:
        raise ParameterError("style needs frames that have the wanted look", remedy="give their folder with --target DIR")
    config, folder = _config(options, StyleConfig()), _folder(options, "style")
    try:
        training = StyleRun(config, options.data, options.target, folder, choose_device(options.device), options.seed)
    except (ValueError, OSError) as error:
        raise MissingInputError(str(error), remedy="give a folder of display-referred frames") from error
    if options.resume:
        training.resume()
    quality = train_style(training, options.minutes)
    print(json.dumps({"model": "style", "run": str(training.folder), "step": training.step, "held-out frames": quality}))
    if options.export:
        export_style(
            training, options.export, f"vfxai train style --data DATA --target TARGET --steps {config.steps}", options.licence
        )
        print(f"exported to {options.export}")
    return 0


def _config(options: Namespace, default: C) -> C:
    """The training values: the default, what a file says, and the number of steps asked for."""
    from dataclasses import replace

    from vfxai.train.task import read_config

    config = read_config(options.config, default) if options.config else default
    return replace(config, steps=options.steps) if options.steps else config


def _folder(options: Namespace, model: str) -> Path:
    """The run folder. ParameterError where it holds a checkpoint that nobody asked to go on with."""
    from vfxai.errors import ParameterError
    from vfxai.train.resumable import checkpoint_of

    folder: Path = options.folder or Path(".train") / model
    if checkpoint_of(folder).exists() and not options.resume:
        raise ParameterError(f"{folder} holds a checkpoint", remedy="give --resume to go on with it, or another --run folder")
    return folder
