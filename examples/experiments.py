"""Does a source of pictures, or a degradation, help? Trains a small network for each and scores all on the same unseen pictures.

    python examples/experiments.py denoise --data ../shared/data/train --store out/sources.json --only base textures
    python examples/experiments.py deinterlace --store out/fields.json --renders out/rendered --steps 1000 --only all
    python examples/experiments.py denoise --store out/sources.json          # prints the table of what is stored

Every variant has the same network, steps and seed; they differ in what they are shown alone. `base` is photographs, stills and clips. What two
seeds of `base` differ by is noise: a source that moves a figure by less says nothing. A run that was stopped goes on.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch

from vfxai.bench.table import Result
from vfxai.train.degradations import flickering
from vfxai.train.deinterlace import FIELD_RATE, Deinterlace
from vfxai.train.denoise import Denoise
from vfxai.train.drawn import FAMILIES, draw_one
from vfxai.train.loop import TrainRun, train
from vfxai.train.task import Restore, Task, TrainConfig

COUNT = 48
"""Pictures of the one family that a variant adds to 273."""
UNSEEN = 1000
"""Index of the first drawn picture that is judged; training draws from 0."""
SMALL = TrainConfig(widths=(24, 48, 96), blocks=(1, 1, 1), crop=64, batch=8, steps=0, dead_leaves=0)


class Drawn(Denoise):
    """Denoise at one level."""

    judged_at = (15,)


class Sources(Denoise):
    """Denoise, judged on natural pictures by sigma of white noise in 255ths, and on unseen drawn ones of each family at sigma 15."""

    judged_at = (2.55, 15, 25, 50)

    def score(self, restore: Restore) -> dict[str, float]:
        """PSNR in dB."""
        scores = {k.removeprefix("psnr_"): v for k, v in super().score(restore).items()}
        scores["mean"] = float(np.mean(list(scores.values())))
        for family in FAMILIES:
            drawn = Drawn(self.config)
            drawn.pictures = replace(self.pictures, validation=tuple(draw_one(family, UNSEEN + i, 256) for i in range(4)))
            scores[family] = drawn.score(restore)["psnr_15"]
        return scores


class Fields(Deinterlace):
    """Deinterlace, judged on held-out clips and stills as they are, and on the clips with flicker."""

    def score(self, restore: Restore) -> dict[str, float]:
        """PSNR in dB of the interpolated lines."""
        scores = {k.removeprefix("psnr_"): v for k, v in super().score(restore).items()}
        steady, self.held_clips = self.held_clips, [_flickering(clip, i) for i, clip in enumerate(self.held_clips)]
        scores["clips that flicker"] = super().score(restore)["psnr_clips"]
        self.held_clips = steady
        return scores


class SteadyFields(Fields):
    """The same, that never saw flicker."""

    flicker = 0.0


def _flickering(clip: np.ndarray, index: int) -> np.ndarray:
    """(frames, H, W, 3) of 8 bits."""
    frames = clip.transpose(0, 3, 1, 2).astype(np.float32) / 255
    seen = flickering(frames, FIELD_RATE, np.random.default_rng((index, 9)))
    return np.clip(seen.transpose(0, 2, 3, 1) * 255 + 0.5, 0, 255).astype(np.uint8)


def variants(network: str, renders: str) -> dict[str, Callable[[int], Task]]:
    """Each variant's task, by name; a function of its steps."""

    def of(task: type[Task], **values: object) -> Callable[[int], Task]:
        return lambda steps: task(TrainConfig(**{**vars(SMALL), "steps": steps, **values}))

    rendered = {"renders": renders} if renders else {}
    if network == "deinterlace":
        more = {"rendered": of(SteadyFields, **rendered)} if renders else {}
        return {"base": of(SteadyFields), "flicker": of(Fields), **more}
    single = {family: of(Sources, **{family: COUNT}) for family in FAMILIES}
    more = {"rendered": of(Sources, **rendered)} if renders else {}
    return {"base": of(Sources), **single, **more, "everything": of(Sources, **dict.fromkeys(FAMILIES, COUNT // 4), **rendered)}


def table(stored: dict[str, dict[str, float]], network: str) -> str:
    """What is stored as Markdown, in the order in which it was measured."""
    rows = [{"shown, seed": name, **scores} for name, scores in stored.items()]
    columns = {"shown, seed": 0, **{k: 2 for row in rows for k in list(row)[1:]}}
    what = (Fields if network == "deinterlace" else Sources).__doc__ or ""
    command = " ".join(["python examples/experiments.py", *sys.argv[1:]])
    return Result(network, f"What helps {network}", columns, rows, (f"PSNR in dB. {what}",), command).markdown()


def main() -> None:
    """Measures what is asked for and not stored yet, then prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=("denoise", "deinterlace"))
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
    known = variants(options.network, options.renders)
    for name in known if options.only == ["all"] else options.only:
        entry = f"{name}, {options.seed}"
        stored = json.loads(options.store.read_text()) if options.store.exists() else {}
        if entry in stored:
            continue
        started = time.monotonic()
        task = known[name](options.steps)
        task.load(options.data)
        run = TrainRun(task, options.store.parent / "runs" / f"{options.network}-{name}-{options.seed}", "cpu", options.seed)
        run.resume()
        stored[entry] = train(run, 600, validate_every=10**9)
        options.store.write_text(json.dumps(stored, indent=1))
        print(f"{entry}: {time.monotonic() - started:.0f} s", flush=True)
    if options.store.exists():
        print(table(json.loads(options.store.read_text()), options.network))


if __name__ == "__main__":
    main()
