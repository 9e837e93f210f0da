"""What the OFX bundle and the worker add to a frame: python -m tests.plugins.ofx.cost WIDTH HEIGHT ROUNDS prints rows as JSON.

`vfxai bench speed --only ofx` runs it in a checkout, because the host that it needs is that of the tests.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from tests.plugins.ofx.effect import Clip
from tests.plugins.ofx.host import Host, open_bundle
from tests.plugins.ofx.instance import Instance
from tests.plugins.ofx.personalities import UNCHECKED
from tests.plugins.ofx.pictures import Picture
from tests.worker.conftest import WorkerProcess
from tests.worker.declared import Gain
from vfxai.color.config import find_config
from vfxai.image.frame import Box, Frame
from vfxai.models.pool import Pool
from vfxai.session.clips import SourceClip
from vfxai.session.request import Request
from vfxai.session.session import Session
from vfxai.session.stage import Stage
from vfxai.surfaces.ofx import table
from vfxai.surfaces.ofx_bundle import build
from vfxai.worker.client import Worker

ROOT = Path(__file__).resolve().parents[3]
DIFFERENT = 6
"""Pictures in memory; frames of other numbers are the same ones under other ids."""
WINDOWS = {"1 frame": (0, 1), "5 frames, 1 new": (2, 1), "5 frames, all new": (2, 5)}
"""Radius, and how far the next rendered frame lies."""


def here(pictures: list[NDArray[np.float32]], radius: int, step: int, rounds: int) -> float:
    """Median seconds of a frame in this process, from the host's pixels and back to them."""
    height, width, _ = pictures[0].shape
    box = Box(0, 0, width, height)

    def frame(number: int) -> Frame:
        planes = np.empty((4, height, width), np.float32)
        cv2.split(pictures[number % DIFFERENT], list(planes))
        color, alpha = torch.from_numpy(planes[:3]), torch.from_numpy(planes[3:])
        return Frame(color, alpha, True, "ACEScg", box, box)

    session = Session(SourceClip(range(1, 10_000), frame), [Stage(Gain(radius=radius))], pool=Pool(), config=find_config())
    took = []
    for turn in range(rounds + 1):
        began = time.perf_counter()
        made = session.frame(10 + turn * step, Request())
        assert made.alpha is not None
        cv2.merge([*made.color.numpy(), made.alpha[0].numpy()], np.empty((height, width, 4), np.float32))
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


def there(effect: Instance, radius: int, step: int, rounds: int, start: int) -> tuple[float, float]:
    """Seconds of the first frame, and the median of those after it, as the host sees the action."""
    effect.set("radius", radius)
    took = []
    for turn in range(rounds + 1):
        effect.render(start + turn * step)
        took.append(effect.host.seconds)
    return took[0], statistics.median(took[1:])


def _wait_until_warm() -> None:
    """Until the worker has imported what frames need, which it does on its own once it listens."""
    with Worker("bench", start=False) as client:
        while not client.status()["device"]:
            time.sleep(0.05)


def rows(size: tuple[int, int], rounds: int) -> list[dict[str, Any]]:
    """A row for each window."""
    pictures = [np.random.default_rng(n).random((size[1], size[0], 4), np.float32) for n in range(DIFFERENT)]
    as_hosts = [Picture(pixels) for pixels in pictures]
    found = []
    with tempfile.TemporaryDirectory(prefix="vw") as folder:
        bundle = build(ROOT / "plugins" / "ofx", Path(folder), ["here"])
        (bundle / "Contents" / "Resources" / "nodes.tsv").write_text(table([Gain]))
        os.environ["VFXAI_WORKER_DIR"] = folder
        worker = WorkerProcess("--load", "tests.worker.declared")
        _wait_until_warm()
        try:
            for name, (radius, step) in WINDOWS.items():
                plugin = open_bundle(Host(UNCHECKED), bundle)[0]
                source = Clip("Source", lambda number: as_hosts[round(number) % DIFFERENT], 1, 9_999)
                effect = Instance(plugin, {"Source": source})
                first, warm = there(effect, radius, step, rounds, 10)
                effect.destroy()
                assert not plugin.host.faults, plugin.host.faults
                alone = here(pictures, radius, step, rounds)
                milliseconds = {"in process, ms": alone, "in a host, ms": warm, "added, ms": warm - alone, "first, ms": first}
                found.append({"a frame is made of": name, **{k: v * 1000 for k, v in milliseconds.items()}})
        finally:
            worker.kill()
    return found


if __name__ == "__main__":
    width, height, rounds = map(int, sys.argv[1:])
    print(json.dumps(rows((width, height), rounds)))
