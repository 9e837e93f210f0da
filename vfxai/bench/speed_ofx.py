"""What the OFX bundle and the worker add to a frame of a host, beside the same node in one process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vfxai.bench.table import Result
from vfxai.errors import VfxaiError

if TYPE_CHECKING:
    from vfxai.bench.asked import Asked
    from vfxai.bench.methods import Say

SIZE = (2048, 1556)
"""A full-aperture 2K scan, RGBA float: 51 MB a frame."""
ROUNDS = 5
"""At least, because the first frame after a pause is slower than those after it."""
CHECKOUT = Path(__file__).resolve().parents[2]
"""In which the strict host of the tests lies."""
BOUNDS = "Bounds: 35 ms added for one frame, 10 ms for each further one that is new, 500 ms for the first frame of an instance."


def part(asked: Asked) -> Result:
    """As the command line asks."""
    return run(SIZE, rounds=max(asked.rounds, ROUNDS), say=asked.say)


def run(size: tuple[int, int], *, rounds: int, say: Say) -> Result:
    """Milliseconds a frame, medians of `rounds` frames after the first."""
    if not (CHECKOUT / "tests" / "plugins" / "ofx" / "cost.py").is_file():
        raise VfxaiError("the OFX host that measures is that of the tests, which are not here", remedy="run this in a checkout")
    say("a worker and a host of its own are started")
    command = [sys.executable, "-m", "tests.plugins.ofx.cost", *map(str, (*size, rounds))]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise VfxaiError(
            f"the host of the tests failed: {done.stderr[-2000:]}", remedy="run `pytest tests/plugins/ofx` to see why"
        )
    notes = (
        f"{size[0]}x{size[1]} RGBA float, a node that averages its frames, median of {rounds} frames after the first. In a host: from the render "
        "action to its end, through the bundle and a worker in a process of its own that has been up for some seconds; the host hands out its pictures "
        "without a copy.",
        BOUNDS,
    )
    columns = {"a frame is made of": 0, "in process, ms": 1, "in a host, ms": 1, "added, ms": 1, "first, ms": 0}
    return Result("ofx", "What OFX and the worker add to a frame", columns, json.loads(done.stdout.splitlines()[-1]), notes)
