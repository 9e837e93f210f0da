"""How soon a worker answers: a preview of one frame at reduced size, and a command that it does instead of a process of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vfxai.bench.speed_worker import worker_of
from vfxai.bench.table import Result
from vfxai.errors import VfxaiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vfxai.bench.asked import Asked
    from vfxai.bench.methods import Say

SIZE = (1920, 1080)
LONGEST = 960
"""Of the preview: 960x540."""
FRAMES = (1001, 1002, 1003)
LOOK = "<ColorCorrection id='a'><SOPNode><Slope>1.2 1 0.8</Slope><Offset>0 0.02 0</Offset><Power>1 1 1</Power></SOPNode></ColorCorrection>"
SENDER = """
import json, sys, time
from vfxai.worker.client import Worker
asked = json.loads(sys.argv[1])
with Worker("bench", start=False) as worker:
    for recipe in asked["recipes"]:
        began = time.perf_counter()
        worker.preview(recipe, asked["time"], asked["output"], longest=asked["longest"], alone=True)
        print(time.perf_counter() - began)
"""
"""The client in a process of its own, as in a host: it imports nothing of vfxai but the client."""


def part(asked: Asked) -> Result:
    """As the command line asks."""
    return run(SIZE, rounds=max(asked.rounds, 3), say=asked.say)


def run(size: tuple[int, int], *, rounds: int, say: Say) -> Result:
    """Seconds: the first answer of a worker that knows nothing of the shot, and the median of those after it."""
    with tempfile.TemporaryDirectory(prefix="vp") as made:
        folder = Path(made)
        environment = {**os.environ, "VFXAI_WORKER_DIR": made}
        plate = _plate(folder, size)
        rows = _commands(folder, plate, {**environment, "VFXAI_WORKER_DIR": f"{made}/w"}, rounds, say)
        with worker_of(environment):
            for node, values in (("denoise", {}), ("tone", {"look": f"{folder}/look.cc"})):
                say(f"previews of {node}")
                shares = [1.0 - 0.1 * turn for turn in range(rounds + 1)]
                recipes = [_recipe(folder, plate, node, {**values, "strength": share}) for share in shares]
                rows.append(
                    {
                        "what": f"preview of {node}, {LONGEST} pixels wide",
                        **_first_and_next(_previews(folder, recipes, environment)),
                    }
                )
    notes = (
        f"A plate of {size[0]}x{size[1]}, half floats. A preview works alone=True: without the frames around, in the least quality. The next ones have another strength, "
        "and what was learned is kept. A command tones one frame; its first run over the worker starts that. Bounds: a preview under 1 s on two cores, the second "
        "command over the worker a fifth of the first command's time.",
    )
    return Result("preview", "How soon a worker answers", {"what": 0, "first, s": 2, "next, s": 2}, rows, notes)


def _plate(folder: Path, size: tuple[int, int]) -> str:
    """Noisy frames of soft shapes; their pattern."""
    import numpy as np

    from vfxai.image.files import write_frame
    from vfxai.session.clips import frame_of

    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)[..., None]
    draw, widths = np.random.default_rng(1), np.array([25, 30, 35], np.float32)
    for number in FRAMES:
        clean = 0.3 + 0.2 * np.sin((x + 3 * number) / 40) * np.cos(y / widths)
        noisy = (clean + draw.normal(0, 0.02, clean.shape)).astype(np.float32)
        write_frame(folder / f"p.{number}.exr", frame_of(noisy, "ACEScg"), depth="half", compression="zip", attributes={})
    (folder / "look.cc").write_text(LOOK)
    return str(folder / "p.####.exr")


def _recipe(folder: Path, plate: str, node: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"source": plate, "output": f"{folder}/out.####.exr", "colorspace": "ACEScg", "node": [{"id": node, **values}]}


def _previews(folder: Path, recipes: list[dict[str, Any]], environment: dict[str, str]) -> list[float]:
    asked = {"recipes": recipes, "time": FRAMES[1], "output": f"{folder}/look.exr", "longest": LONGEST}
    return [float(line) for line in _out([sys.executable, "-c", SENDER, json.dumps(asked)], environment).splitlines()]


def _commands(folder: Path, plate: str, environment: dict[str, str], rounds: int, say: Say) -> list[dict[str, Any]]:
    """One frame by a command of its own, and by the worker, which the first one starts."""
    one = plate.replace("####", str(FRAMES[0]))
    command = [sys.executable, "-m", "vfxai", "tone", one, f"{folder}/done.exr", "--look", f"{folder}/look.cc", "--overwrite"]

    def timed(*more: str) -> Callable[[int], float]:
        def turn(_: int) -> float:
            began = time.perf_counter()
            _out([*command, *more], environment)
            return time.perf_counter() - began

        return turn

    rows = []
    for name, option in (("a command alone", "--no-worker"), ("the same over the worker", "--worker")):
        say(name)
        rows.append({"what": name, **_first_and_next([timed(option)(turn) for turn in range(rounds + 1)])})
    _out([sys.executable, "-m", "vfxai", "worker", "stop", "--finish"], environment)
    return rows


def _first_and_next(took: list[float]) -> dict[str, float]:
    return {"first, s": took[0], "next, s": statistics.median(took[1:])}


def _out(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise VfxaiError(f"a command of the bench failed: {done.stderr[-2000:]}", remedy="run it by hand to see why")
    return done.stdout
