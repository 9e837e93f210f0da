"""Peak memory of each node on a frame of 8192x4320, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vfxai.bench.plates import make_wire, write_sequence
from vfxai.bench.table import Result
from vfxai.errors import UnsupportedInputError, VfxaiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vfxai.bench.asked import Asked
    from vfxai.bench.methods import Say

FLOOR = "Floor: 8192x4320 works in 8 GB."


@dataclass(frozen=True)
class Child:
    """What a finished process used."""

    code: int
    seconds: float
    peak_gib: float
    """Largest resident memory of that process alone, GiB of 2^30 bytes."""
    said: str
    """End of its stderr."""


_OVERSEER = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss]))
"""
"""Starts the command and asks the system what it used. A process of its own, because Linux counts the memory that the parent held
when it started the child, which here would be torch and the plates."""


def run_child(command: Sequence[str]) -> Child:
    """Runs a command to its end and measures that process alone; UnsupportedInputError where the system cannot tell (Windows)."""
    if not hasattr(os, "wait4"):
        raise UnsupportedInputError("peak memory of a child process is measured on Linux and macOS only")
    start = time.perf_counter()
    overseer = subprocess.run(
        [sys.executable, "-S", "-E", "-c", _OVERSEER, *command], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if overseer.returncode:
        raise VfxaiError(f"{command[0]} could not be started: {overseer.stderr[-500:]}")
    code, peak = json.loads(overseer.stdout)
    unit = 1 if sys.platform == "darwin" else 1024  # macOS reports bytes, Linux KiB
    return Child(code, seconds, peak * unit / 2**30, overseer.stderr[-500:])


def _runs(folder: Path, size: tuple[int, int]) -> dict[str, list[str]]:
    """Arguments of vfxai by what is run, and the plates that they name."""
    plate, wire = write_sequence(folder, size, 5), write_sequence(folder, size, 5, name="wire", make=make_wire)
    half = write_sequence(folder, (size[0] // 2, size[1] // 2), 5, name="half")
    first, last = (plate.replace("####", number) for number in ("1001", "1005"))
    middle, out = ["--frames", "1003", "--overwrite"], str(folder / "out.####.exr")
    return {
        "denoise, single frame": ["denoise", plate, out, *middle, "--radius", "0"],
        "denoise, radius 2": ["denoise", plate, out, *middle, "--radius", "2"],
        "deinterlace, both fields": ["deinterlace", plate, out, *middle, "--mode", "deinterlace", "--field-order", "top"],
        "upscale x2 to this size": ["upscale", half, out, *middle, "--scale", "2"],
        "remove, a wire across the frame": ["remove", plate, out, *middle, "--mask", wire],
        "wires, by themselves": ["wires", plate, str(folder / "matte.####.exr"), *middle],
        "colorize, two keys": ["colorize", plate, out, *middle, "--key", f"1001={first}", "--key", f"1005={last}"],
        "tone, from a pair": ["tone", plate, out, *middle, "--pair", first, last],
    }


def run(size: tuple[int, int], *, say: Say) -> Result:
    """Runs each node for one frame through the command line; start of Python, and what it learns from five frames, included."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="vfxai-bench-") as temporary:
        for label, arguments in _runs(Path(temporary), size).items():
            child = run_child([sys.executable, "-m", "vfxai", *arguments])
            if child.code:
                raise VfxaiError(f"vfxai {arguments[0]} at {size[0]}x{size[1]} ended with exit code {child.code}: {child.said}")
            say(f"{label}: {child.peak_gib:.2f} GiB, {child.seconds:.0f} s")
            rows.append({"run": label, "peak GiB": child.peak_gib, "s": child.seconds})
    notes = (f"The node on {size[0]}x{size[1]} RGBA half, one frame out of five, peak resident memory of its process.", FLOOR)
    return Result("memory", f"Memory at {size[0]}x{size[1]}", {"run": 0, "peak GiB": 2, "s": 0}, rows, notes)


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.memory_size, say=asked.say)
