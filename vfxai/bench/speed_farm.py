"""What a farm's chunks cost besides their frames, with and without a worker, and from that a plan for any number of machines."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from vfxai.bench.table import Result
from vfxai.bench.timing import in_turn, typical
from vfxai.errors import VfxaiError
from vfxai.farm.plan import Measured, efficiency, plan

if TYPE_CHECKING:
    from vfxai.bench.asked import Asked
    from vfxai.bench.methods import Say
    from vfxai.farm.job import FarmJob

SIZE = (1024, 540)
"""A quarter of 2K: what a chunk costs besides its frames hardly depends on their size, and two cores make the table in four minutes."""
LONG = 4
"""Frames of the longer of the two chunks whose difference is the time of a frame."""
CHUNK = 48
"""Frames a chunk that a farm is asked for by default."""
DISK = 10e9
"""Bytes a second of the farm's disk, reading and writing together: stated, not measured; a studio's own figure goes in its place."""
MACHINES = (1, 10, 100, 1_000, 10_000)
FASTER = (1, 20, 200)
"""How many times as fast as this machine a frame is made, for the plan: itself, a GPU, and a GPU on a light node; only the first is measured."""


def part(asked: Asked) -> Result:
    """As the command line asks."""
    return run(SIZE, rounds=asked.rounds, say=asked.say)


def run(size: tuple[int, int], *, rounds: int, say: Say) -> Result:
    """Chunks of one frame and of LONG, each a process as on a farm, in turn with and without the worker; medians of `rounds` turns."""
    with tempfile.TemporaryDirectory(prefix="vf") as folder:
        job, environment = _job(Path(folder), size), {**os.environ, "VFXAI_WORKER_DIR": f"{folder}/w"}
        _vfxai(job.analyze_arguments(f"{folder}/recipe.json"), environment)
        middle = 1001 + job.handles[0]
        chunks = {1: f"{middle}", LONG: f"{middle}-{middle + LONG - 1}"}
        candidates: dict[str, Callable[[int], object]] = {
            f"{count} {how}": _chunk(replace(job, worker=how == "worker"), folder, frames, environment)
            for how in ("process", "worker")
            for count, frames in chunks.items()
        }
        try:
            took = typical(in_turn(candidates, rounds, say))
        finally:
            _vfxai(["worker", "stop"], environment)
        found = {how: _measured(job, Path(folder), took, how) for how in ("process", "worker")}
    rows = [_overhead(how, measured) for how, measured in found.items()]
    rows += [_planned(found["worker"], faster, machines) for faster in FASTER for machines in MACHINES]
    columns = {
        "what": 0,
        "s a frame": 3,
        "s a chunk besides": 2,
        "efficiency, %": 1,
        "frames a day": 0,
        "of the disk, %": 2,
        "limited by": 0,
    }
    notes = (
        f"denoise, radius 2, {size[0]}x{size[1]} RGBA half; chunks of 1 and {LONG} frames, each `vfxai run RECIPE --step frames` in a process of its own "
        f"as a farm starts it, medians of {rounds} turns in one run. A frame is the difference of the two chunks divided by {LONG - 1}; what is left of "
        f"the shorter is the chunk's. Efficiency is the share of frames in the time of a chunk of {CHUNK}.",
        f"The plan is arithmetic on the row with the worker, for {CHUNK} frames a chunk and a disk that all share of {DISK / 1e9:g} GB/s (stated). Rows of machines "
        f"that are {FASTER[1]} and {FASTER[2]} times as fast are not measured: they show what would limit first.",
    )
    return Result("farm", "What chunks cost, and how many frames a day a farm makes", columns, rows, notes)


def _job(folder: Path, size: tuple[int, int]) -> FarmJob:
    from vfxai.bench.plates import write_sequence
    from vfxai.bench.product import SPACES
    from vfxai.engine.recipe import Recipe
    from vfxai.farm.job import RECIPE, farm_job

    source = write_sequence(folder, size, LONG + 4)
    recipe = {
        "source": source, "output": f"{folder}/out/sh.####.exr", "colorspace": SPACES["scene-linear"], "overwrite": True,
        "node": [{"id": "denoise", "radius": 2}],
    }  # fmt: skip
    job = farm_job(Recipe.from_dict(recipe), chunk=LONG)
    (folder / RECIPE).write_text(job.recipe_text(), encoding="utf-8")
    return job


def _chunk(job: FarmJob, folder: str, frames: str, environment: dict[str, str]) -> Callable[[int], object]:
    return lambda turn: _vfxai(job.frames_arguments(f"{folder}/recipe.json", frames), environment)


def _vfxai(arguments: list[str], environment: dict[str, str]) -> None:
    """Runs the command to its end. VfxaiError with what it said where it fails."""
    command = [sys.executable, "-m", "vfxai", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise VfxaiError(f"vfxai {arguments[0]} failed: {done.stderr.strip()[-500:]}", remedy="correct that and measure again")


def _measured(job: FarmJob, folder: Path, took: dict[str, float], how: str) -> Measured:
    from vfxai.image.files import read_frame, write_frame
    from vfxai.models.store import Store

    short, long = took[f"1 {how}"], took[f"{LONG} {how}"]
    a_frame = max((long - short) / (LONG - 1), 1e-3)
    plate, result = sorted(folder.glob("plate.*.exr"))[0], sorted((folder / "out").glob("*.exr"))[0]
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        write_frame(folder / "again.exr", read_frame(plate))
        seconds.append(time.perf_counter() - started)
    weights = (file.size for step in job.recipe.steps for m in step.node.used_models() for file in Store().manifest(m).files)
    return Measured(
        frame_seconds=a_frame,
        chunk_seconds=max(short - a_frame, 0.0),
        decode_seconds=median(seconds),
        read_bytes=plate.stat().st_size,
        write_bytes=result.stat().st_size,
        handles=sum(job.handles),
        model_bytes=0 if how == "worker" else sum(weights),
    )


def _overhead(how: str, measured: Measured) -> dict[str, Any]:
    return {
        "what": f"this machine, {'a worker' if how == 'worker' else 'a process a chunk'}",
        "s a frame": measured.frame_seconds,
        "s a chunk besides": measured.chunk_seconds,
        "efficiency, %": 100 * efficiency(measured, CHUNK),
    }


def _planned(measured: Measured, faster: int, machines: int) -> dict[str, Any]:
    each = replace(measured, frame_seconds=measured.frame_seconds / faster)
    found = plan(each, machines=machines, chunk=CHUNK, disk=DISK)
    return {
        "what": f"{machines} such machines" if faster == 1 else f"{machines} machines {faster} times as fast",
        "s a frame": each.frame_seconds,
        "s a chunk besides": each.chunk_seconds,
        "efficiency, %": 100 * efficiency(each, CHUNK),
        "frames a day": found.frames_a_day,
        "of the disk, %": 100 * found.disk_share,
        "limited by": found.limit,
    }
