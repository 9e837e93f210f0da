"""Peak memory of `vfxai denoise` on a frame of 8192x4320, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vfxai.bench.plates import write_sequence
from vfxai.bench.table import Result
from vfxai.errors import UnsupportedInputError, VfxaiError

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def run_child(command: Sequence[str]) -> Child:
    """Runs a command to its end and asks the system what it used (wait4, so that other children do not count)."""
    if not hasattr(os, "wait4"):
        raise UnsupportedInputError("peak memory of a child process is measured on Linux and macOS only")
    start = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(list(command), stdout=subprocess.DEVNULL, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        said = log.read().decode(errors="replace")[-500:]
    unit = 1 if sys.platform == "darwin" else 1024  # macOS reports bytes, Linux KiB
    return Child(process.returncode, time.perf_counter() - start, usage.ru_maxrss * unit / 2**30, said)


def run(size: tuple[int, int], *, say: Say) -> Result:
    """Denoises one frame, alone and with its neighbours fused, through the command line; start of Python included."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="vfxai-bench-") as temporary:
        folder = Path(temporary)
        pattern = write_sequence(folder, size, 3)
        for label, arguments in (
            ("single frame", ["--frames", "1002", "--radius", "0"]),
            ("temporal, radius 1", ["--frames", "1002", "--radius", "1"]),
        ):
            command = [sys.executable, "-m", "vfxai", "denoise", pattern, str(folder / "out.####.exr"), *arguments, "--overwrite"]
            child = run_child(command)
            if child.code:
                raise VfxaiError(f"vfxai denoise at {size[0]}x{size[1]} ended with exit code {child.code}: {child.said}")
            say(f"{label}: {child.peak_gib:.2f} GiB, {child.seconds:.0f} s")
            rows.append({"run": label, "peak GiB": child.peak_gib, "s": child.seconds})
    notes = (f"`vfxai denoise` on {size[0]}x{size[1]} RGBA half, one frame out, peak resident memory of its process.", FLOOR)
    return Result("memory", f"Memory at {size[0]}x{size[1]}", {"run": 0, "peak GiB": 2, "s": 0}, rows, notes)
