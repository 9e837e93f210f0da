"""What the worker adds to a frame: a node that does nothing, in this process and over the worker, in one run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from vfxai.bench.table import Result
from vfxai.bench.timing import in_turn, typical
from vfxai.errors import VfxaiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vfxai.bench.asked import Asked
    from vfxai.bench.methods import Say

SIZE = (2048, 1556)
"""A full-aperture 2K scan, RGBA float: 51 MB a frame."""
FRAMES = 6
"""Rendered in a turn by each client."""
BOUND = 50
"""Milliseconds a frame that the worker may add."""
WINDOWS = {"1 frame": (0, True), "5 frames, 1 new": (2, True), "5 frames, all new": (2, False)}
"""What a frame is made of: radius, and whether the window slides."""
CLIENTS = (1, 4)
"""Hosts at once."""


def part(asked: Asked) -> Result:
    """As the command line asks."""
    return run(SIZE, rounds=asked.rounds, say=asked.say)


def run(size: tuple[int, int], *, rounds: int, say: Say, frames: int = FRAMES) -> Result:
    """Milliseconds a frame, medians of `rounds` turns in which all take part one after the other."""
    with ExitStack() as open_ones:
        folder = open_ones.enter_context(tempfile.TemporaryDirectory(prefix="vw"))
        environment = {**os.environ, "VFXAI_WORKER_DIR": folder}
        open_ones.enter_context(worker_of(environment))
        candidates: dict[str, Callable[[int], object]] = {}
        for window, (radius, slides) in WINDOWS.items():
            candidates[f"{window}, in process"] = _in_process(size, radius, slides, frames)
            clients = [open_ones.enter_context(_client(environment, size, radius, slides)) for _ in range(max(CLIENTS))]
            for count in CLIENTS:
                candidates[f"{window}, {count} over the worker"] = _together(clients[:count], frames)
        took = typical(in_turn(candidates, rounds, say))
    rows: list[dict[str, Any]] = []
    for window in WINDOWS:
        here = took[f"{window}, in process"] / frames * 1000
        for count in CLIENTS:
            there = took[f"{window}, {count} over the worker"] / (frames * count) * 1000
            rows.append(
                {
                    "a frame is made of": window,
                    "clients": count,
                    "in process, ms": here,
                    "worker, ms": there,
                    "added, ms": there - here,
                }
            )
    notes = (
        f"{size[0]}x{size[1]} RGBA float, a node that does nothing, {frames} frames a client and turn, median of {rounds} turns, all in one run. "
        "With four clients a frame's time is the whole time divided by the frames of all four. "
        f"The client's own copy of the result is counted. Bound: {BOUND} ms added, with one new frame.",
    )
    columns = {"a frame is made of": 0, "clients": 0, "in process, ms": 1, "worker, ms": 1, "added, ms": 1}
    return Result("worker", "What the worker adds to a frame", columns, rows, notes)


@contextmanager
def worker_of(environment: dict[str, str]) -> Iterator[None]:
    """A worker that knows the node."""
    command = [sys.executable, "-m", "vfxai", "worker"]
    started = subprocess.run(
        [*command, "start", "--load", "vfxai.bench.nothing"], env=environment, capture_output=True, text=True, check=False
    )
    if started.returncode:
        raise VfxaiError(f"no worker for the bench: {started.stderr}", remedy="run `vfxai worker start` to see why")
    try:
        yield
    finally:
        subprocess.run([*command, "stop"], env=environment, capture_output=True, check=False)


@contextmanager
def _client(environment: dict[str, str], size: tuple[int, int], radius: int, slides: bool) -> Iterator[subprocess.Popen[str]]:
    arguments = [str(size[0]), str(size[1]), str(radius), "1" if slides else "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "vfxai.bench.worker_client", *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait()


def _together(clients: list[subprocess.Popen[str]], frames: int) -> Callable[[int], object]:
    """All clients render at once."""

    def turn(_: int) -> None:
        for one in clients:
            if one.stdin:
                one.stdin.write(f"{frames}\n")
                one.stdin.flush()
        for one in clients:
            if not (one.stdout and one.stdout.readline()):
                raise VfxaiError("a client of the bench ended", remedy="see what it said above")

    return turn


def _in_process(size: tuple[int, int], radius: int, slides: bool, frames: int) -> Callable[[int], object]:
    """The same node over the same frames, without the worker."""
    import torch

    from vfxai.bench.nothing import Nothing
    from vfxai.bench.worker_client import LAST
    from vfxai.color.config import find_config
    from vfxai.image.box import Box
    from vfxai.image.frame import Frame
    from vfxai.models.pool import Pool
    from vfxai.session.clips import SourceClip
    from vfxai.session.request import Request
    from vfxai.session.session import Session
    from vfxai.session.stage import Stage

    box = Box(0, 0, *size)
    frame = Frame(torch.full((3, size[1], size[0]), 0.5), torch.ones(1, size[1], size[0]), True, "ACEScg", box, box)
    shot = SourceClip(range(1, LAST + 1), lambda number: frame)
    session = Session(shot, [Stage(Nothing(radius=radius))], pool=Pool(), config=find_config())
    at = radius + 1

    def turn(_: int) -> None:
        nonlocal at
        for _ in range(frames):
            session.frame(at, Request())
            at += 1 if slides else 2 * radius + 1

    return turn
