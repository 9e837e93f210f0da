"""Seconds a frame of the denoise node, temporal fusion off, beside OIDN in the same run."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vfxai.bench import peers
from vfxai.bench.asked import Asked
from vfxai.bench.methods import Say
from vfxai.bench.plates import make_frame
from vfxai.bench.product import denoised_clip
from vfxai.bench.table import Result
from vfxai.bench.timing import in_turn, typical
from vfxai.errors import VfxaiError
from vfxai.image.clip import Clip

MakeClip = Callable[..., Clip]
"""As product.denoised_clip."""
FLOOR = "Floor: the default model takes at most the time of OIDN high in the same run."


def run(
    size: tuple[int, int], *, rounds: int, backends: Sequence[tuple[str, str]], say: Say, make_clip: MakeClip | None = None
) -> Result:
    """Median seconds a frame over `rounds` turns; the noise profile is measured before the clock starts, file access is left out.

    `backends` are pairs of backend and precision; what this machine does not offer is named in the notes.
    """
    make = make_clip or denoised_clip
    plates = [make_frame(size, number) for number in range(rounds + 1)]
    candidates: dict[str, Callable[[int], Any]] = {}
    absent = []
    for backend, precision in backends:
        name = f"vfxai denoise, {backend} {precision or 'auto'}"
        try:
            clip = make(plates, "scene-linear", backend=backend, precision=precision or "auto", radius=0)
            clip[clip.frames[0]]  # measures the noise profile and loads the network
        except VfxaiError as error:
            absent.append(f"{name} is not available here: {error.message}.")
            continue
        candidates[name] = partial(_frame, clip)
    if peers.available("pyoidn"):
        for quality in ("high", "fast"):
            candidates[f"OIDN {quality}, hdr"] = partial(_oidn, plates, quality)
    seconds = in_turn(candidates, rounds, say)
    medians = typical(seconds)
    high = medians.get("OIDN high, hdr")
    rows = [
        {"method": name, "s a frame": took, "best s": min(seconds[name]), "frames a second": 1 / took}
        | ({"times OIDN high": took / high} if high else {})
        for name, took in medians.items()
    ]
    notes = (
        f"{size[0]}x{size[1]} RGB, median of {rounds} turns, methods in turn. vfxai: the whole node (stabilise, network, "
        "inverse), radius 0, noise measured beforehand, no files.",
        *absent,
        FLOOR,
    )
    columns = {"method": 0, "s a frame": 3, "best s": 3, "frames a second": 2, "times OIDN high": 2}
    return Result("speed", f"Speed at {size[0]}x{size[1]}", columns, rows, notes)


def _frame(clip: Clip, turn: int) -> object:
    return clip[clip.frames[turn]]


def _oidn(plates: Sequence[NDArray[np.float32]], quality: str, turn: int) -> object:
    return peers.oidn(plates[turn], quality=quality)


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.size, rounds=asked.rounds, backends=asked.backends, say=asked.say)
