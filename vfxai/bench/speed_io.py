"""What the engine costs: strength 0 against plain reading and writing, and a whole run against its slowest stage."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vfxai.bench.plates import write_sequence
from vfxai.bench.table import Result
from vfxai.bench.timing import in_turn, typical
from vfxai.errors import VfxaiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vfxai.bench.asked import Asked
    from vfxai.bench.methods import Say

SPACE = "Linear Rec.709 (sRGB)"
FLOORS = "Floors: strength 0 at most 1.2 times plain reading and writing; a whole run at most 1.2 times its slowest stage."
PLAIN, PLAIN_OIIO = "read and write, vfxai.image", "read and write, OpenImageIO"
IDENTITY = "vfxai denoise --strength 0"
WHOLE = "vfxai denoise --radius 0"


def run(size: tuple[int, int], *, frames: int, rounds: int, say: Say) -> Result:
    """Median seconds over `rounds` turns of a sequence of `frames` RGBA half EXR frames (ZIP) in a temporary folder."""
    from vfxai.bench.product import run_denoise

    with tempfile.TemporaryDirectory(prefix="vfxai-bench-") as temporary:
        folder = Path(temporary)
        pattern = write_sequence(folder, size, frames)
        out = str(folder / "out.####.exr")
        identity = in_turn(
            {
                PLAIN: lambda _: _read_and_write(folder, frames),
                PLAIN_OIIO: lambda _: _read_and_write_oiio(folder, frames),
                IDENTITY: lambda _: run_denoise(pattern, out, SPACE, strength=0.0),
            },
            rounds,
            say,
        )
        few = min(frames, 4)  # the network dominates; more frames would not tell more
        shot = folder / "shot"
        shot.mkdir()
        whole = _whole_against_stages(shot, size, few, say)
    medians = typical(identity)
    rows: list[dict[str, Any]] = [
        {"run": name, "frames": frames, "s": took, "compared": f"{took / medians[PLAIN]:.2f} x {PLAIN}"}
        for name, took in medians.items()
    ]
    slowest = max((name for name in whole if name != WHOLE), key=lambda name: whole[name])
    rows += [
        {"run": name, "frames": few, "s": took, "compared": f"{took / whole[slowest]:.2f} x slowest stage"}
        for name, took in whole.items()
    ]
    notes = (
        f"{size[0]}x{size[1]} RGBA half, ZIP, median of {rounds} turns (stages: once), in one process, start of Python left out. "
        "The compute stage is the node on frames that are in memory, its measuring of the noise included.",
        FLOORS,
    )
    return Result("io", "Reading, writing, and the whole run", {"run": 0, "frames": 0, "s": 2, "compared": 0}, rows, notes)


def _numbers(frames: int) -> range:
    return range(1001, 1001 + frames)


def _read_and_write(folder: Path, frames: int) -> None:
    from vfxai.image.files import read_frame, write_frame

    for number in _numbers(frames):
        write_frame(folder / f"plain.{number}.exr", read_frame(folder / f"plate.{number}.exr"))


def _read_and_write_oiio(folder: Path, frames: int) -> None:
    import OpenImageIO as oiio

    for number in _numbers(frames):
        source = oiio.ImageInput.open(str(folder / f"plate.{number}.exr"))
        if source is None:
            raise VfxaiError(f"OpenImageIO cannot read the plate: {oiio.geterror()}")
        spec, pixels = source.spec(), source.read_image("half")
        source.close()
        path = str(folder / f"oiio.{number}.exr")
        target = oiio.ImageOutput.create(path)
        if target is None or not target.open(path, spec) or not target.write_image(pixels):
            raise VfxaiError(f"OpenImageIO cannot write: {oiio.geterror()}")
        target.close()


def _timed(name: str, action: Callable[[], Any], say: Say) -> tuple[float, Any]:
    start = time.perf_counter()
    result = action()
    took = time.perf_counter() - start
    say(f"{name}: {took:.2f} s")
    return took, result


def _whole_against_stages(folder: Path, size: tuple[int, int], frames: int, say: Say) -> dict[str, float]:
    """Seconds of reading, computing and writing on their own, and of the run that overlaps them."""
    from vfxai.bench.product import denoised_frames, run_denoise
    from vfxai.image.files import read_frame, write_frame

    numbers, pattern = _numbers(frames), write_sequence(folder, size, frames)
    # loads code, weights and file caches, so that no stage pays for it; in a folder of its own, because the noise profile is kept there
    run_denoise(pattern, str(folder / "warm" / "out.####.exr"), SPACE, frames=str(numbers[0]), radius=0)
    seconds = {}
    seconds["stage: read"], plates = _timed("read", lambda: [read_frame(folder / f"plate.{n}.exr") for n in numbers], say)
    seconds["stage: compute"], results = _timed("compute", lambda: denoised_frames(plates, SPACE, radius=0), say)

    def write() -> None:
        for number, result in zip(numbers, results, strict=True):
            write_frame(folder / f"stage.{number}.exr", result)

    seconds["stage: write"], _ = _timed("write", write, say)
    seconds[WHOLE], _ = _timed("whole run", lambda: run_denoise(pattern, str(folder / "out.####.exr"), SPACE, radius=0), say)
    return seconds


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.size, frames=asked.frames, rounds=asked.rounds, say=asked.say)
