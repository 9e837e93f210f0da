"""Does a source of pictures help? Trains one small denoise network a source and scores all on the same unseen pictures.

    python examples/experiments.py --data ../shared/data/train --store out/sources.json --only base textures
    python examples/experiments.py --store out/sources.json          # prints the table of what is stored

Every variant has the same network, steps and seed; they differ in the pictures alone. `base` is photographs, stills and clips. What two
seeds of `base` differ by is noise: a source that moves a figure by less says nothing.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch

from vfxai.bench.table import Result
from vfxai.train.denoise import Denoise
from vfxai.train.drawn import FAMILIES, draw_one
from vfxai.train.loop import Run, train
from vfxai.train.task import Config, Restore

LEVELS = (2.55, 15, 25, 50)
"""Of white noise, in 255ths."""
COUNT = 48
"""Pictures of the one family that a variant adds to 273."""
NATURAL, DRAWN = "natural, sigma ", "drawn, sigma 15: "
UNSEEN = 1000
"""Index of the first drawn picture that is judged; training draws from 0."""


class Judged(Denoise):
    """Denoise with the levels of this page, and unseen drawn pictures beside the natural ones."""

    judged_at = LEVELS

    def score(self, restore: Restore) -> dict[str, float]:
        """PSNR in dB: by level on natural pictures, by family at sigma 15 on drawn ones."""
        scores = {k.replace("psnr_", NATURAL): v for k, v in super().score(restore).items()}
        for family in FAMILIES:
            drawn = Drawn(self.config)
            drawn.pictures = replace(self.pictures, validation=tuple(draw_one(family, UNSEEN + i, 256) for i in range(4)))
            scores[f"{DRAWN}{family}"] = drawn.score(restore)["psnr_15"]
        return scores


class Drawn(Denoise):
    """Denoise at one level."""

    judged_at = (15,)


def variants(renders: str) -> dict[str, dict[str, object]]:
    """What each variant sets in the configuration, beside no drawn pictures at all."""
    single: dict[str, dict[str, object]] = {family: {family: COUNT} for family in FAMILIES}
    everything: dict[str, object] = dict.fromkeys(FAMILIES, COUNT // 4)
    rendered: dict[str, dict[str, object]] = {"rendered": {"renders": renders}} if renders else {}
    return {"base": {}, **single, **rendered, "everything": {**everything, "renders": renders}}


def measure(values: dict[str, object], options: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Trains a variant and returns its scores."""
    small = Config(widths=(24, 48, 96), blocks=(1, 1, 1), crop=64, batch=8, steps=options.steps, dead_leaves=0)
    task = Judged(Config(**{**vars(small), **values}))
    task.load(options.data)
    run = Run(task, folder, "cpu", options.seed)
    return train(run, 600, validate_every=10**9)


def table(stored: dict[str, dict[str, float]]) -> str:
    """What is stored as Markdown, in the order in which it was measured."""
    rows = []
    for name, scores in stored.items():
        natural = {k.removeprefix(NATURAL): v for k, v in scores.items() if k.startswith(NATURAL)}
        drawn = {k.removeprefix(DRAWN): v for k, v in scores.items() if k.startswith(DRAWN)}
        rows.append({"pictures, seed": name, **natural, "mean": float(np.mean(list(natural.values()))), **drawn})
    columns = {"pictures, seed": 0, **{k: 2 for row in rows for k in list(row)[1:]}}
    notes = (
        "PSNR in dB, level told. Numbers: held-out natural stills by sigma of white noise in 255ths, and their mean. Families: "
        "drawn pictures that no variant was trained on, sigma 15.",
    )
    return Result("sources", "Which pictures help", columns, rows, notes).markdown()


def main() -> None:
    """Measures what is asked for and not stored yet, then prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument(
        "--store", type=Path, required=True, help="JSON file of the scores; grows by one entry a variant and seed"
    )
    parser.add_argument("--renders", default="", metavar="DIR", help="clips that examples/blender/scenes.py rendered")
    parser.add_argument("--only", nargs="*", default=[], help="variants to measure, or `all`")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    known = variants(options.renders)
    for name in known if options.only == ["all"] else options.only:
        stored = json.loads(options.store.read_text()) if options.store.exists() else {}
        if f"{name}, {options.seed}" in stored:
            continue
        started = time.monotonic()
        folder = options.store.parent / "runs" / f"{name}-{options.seed}"
        stored[f"{name}, {options.seed}"] = measure(known[name], options, folder)
        options.store.parent.mkdir(parents=True, exist_ok=True)
        options.store.write_text(json.dumps(stored, indent=1))
        print(f"{name}, {options.seed}: {time.monotonic() - started:.0f} s", flush=True)
    if options.store.exists():
        print(table(json.loads(options.store.read_text())))


if __name__ == "__main__":
    main()
