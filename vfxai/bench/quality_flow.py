"""Optical flow: distance to the true motion on stills moved by known fields, and on rendered scenes.

The Beachball sequence of the conformance files has channels named forward.*, but they are not the way to the next frame: the ball moves by 105 pixels
across and up to 128 down from frame to frame, and they say 42 and 54. They are about half of a velocity around each frame, so they are no truth here.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vfxai.bench.asked import Asked
from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, read_picture
from vfxai.bench.table import Result
from vfxai.errors import MissingInputError, UnreadableInputError
from vfxai.motion.flow import eight_bits, estimate_flow

Flow = NDArray[np.float32]
"""(2, H, W), x then y, in pixels."""
Case = tuple[Tensor, Tensor, Flow, NDArray[np.bool_]]
"""Two pictures (3, H, W), the motion from the first to the second, and where it is known."""
WRONG = 3.0
"""Pixels from which a vector counts as wrong, as in the KITTI benchmark."""


def moved_stills(stills: Sequence[Picture]) -> Iterator[Case]:
    """Stills moved by a turning, zooming camera and a smooth field, up to about 20 pixels."""
    for index, still in enumerate(stills):
        rng = np.random.default_rng(index)
        height, width = still.pixels.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        turn, zoom = rng.normal(0, 0.01), 1 + rng.normal(0, 0.01)
        shift = rng.normal(0, 6, 2)
        dx, dy = x - width / 2, y - height / 2
        field = [
            cv2.resize(rng.normal(0, 2, (4, 5)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
            for _ in range(2)
        ]
        u = zoom * (np.cos(turn) * dx - np.sin(turn) * dy) - dx + shift[0] + field[0]
        v = zoom * (np.sin(turn) * dx + np.cos(turn) * dy) - dy + shift[1] + field[1]
        # the second picture is the still; the first shows at x what the still has at x plus the motion, so the motion is exact
        first = cv2.remap(
            still.pixels, (x + u).astype(np.float32), (y + v).astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        inside = (x + u >= 0) & (x + u < width) & (y + v >= 0) & (y + v < height)
        yield _tensor(first), _tensor(still.pixels), np.stack([u, v]).astype(np.float32), inside


def rendered_scenes(folder: Path) -> Iterator[Case]:
    """Neighbouring frames of the clips that examples/blender/scenes.py rendered. Where a surface leaves the frame its motion does not count.

    MissingInputError where there are none, UnreadableInputError where a file of motion is not one.
    """
    files = sorted(folder.glob("*/flow.*.npz"))
    if not files:
        raise MissingInputError(f"no clips with flow.*.npz in {folder}", remedy="render some with examples/blender/scenes.py")
    for file in files:
        number = int(file.stem.rpartition(".")[2])
        clip = file.parent
        first, second = (read_picture(clip / f"{clip.name}.{n}.webp") for n in (number, number + 1))
        try:
            flow = np.load(file)["forward"].astype(np.float32)
        except (OSError, ValueError, KeyError) as error:
            raise UnreadableInputError(f"{file} holds no motion: {error}") from error
        height, width = flow.shape[1:]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) + flow[::-1]
        yield _tensor(first), _tensor(second), flow, (x >= 0) & (x < width) & (y >= 0) & (y < height)


def _tensor(pixels: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def _dis(preset: int) -> Callable[[Tensor, Tensor], Flow]:
    def run(first: Tensor, second: Tensor) -> Flow:
        one, two = eight_bits(first, second)
        search = cv2.DISOpticalFlow.create(preset)
        return np.asarray(search.calc(one, two, None).transpose(2, 0, 1), np.float32)

    return run


def _farneback(first: Tensor, second: Tensor) -> Flow:
    one, two = eight_bits(first, second)
    flow = cv2.calcOpticalFlowFarneback(one, two, np.zeros((*one.shape, 2), np.float32), 0.5, 6, 21, 3, 7, 1.5, 0)
    return np.asarray(flow.transpose(2, 0, 1), np.float32)


METHODS: dict[str, Callable[[Tensor, Tensor], Flow]] = {
    "vfxai, half size": lambda a, b: estimate_flow(a, b).numpy(),
    "vfxai, fine": lambda a, b: estimate_flow(a, b, fine=True).numpy(),
    "DIS fast": _dis(cv2.DISOPTICAL_FLOW_PRESET_FAST),
    "DIS medium": _dis(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM),
    "Farneback": _farneback,
    "no motion": lambda a, b: np.zeros((2, *a.shape[1:]), np.float32),
}
"""Ways to estimate a flow, by name: ours, and OpenCV's others."""


def run(stills: Sequence[Picture], *, say: Say, renders: Path | None = None) -> Result:
    """Means of all methods over the stills, and over the pairs of rendered frames where there is a folder of them."""
    rows = _rows("moved stills", moved_stills(stills), say)
    notes = [
        f"Mean distance to the true motion, share of vectors off by more than {WRONG:g} pixels, seconds a pair. Moved stills: a turning, zooming "
        "camera and a smooth field, up to about 20 pixels."
    ]
    if renders:
        rows += _rows("rendered scenes", rendered_scenes(renders), say)
        notes.append(
            "Rendered scenes: clips of examples/blender/scenes.py with a moving camera and things, some with depth of field and motion blur; "
            "surfaces that are covered in the second frame count as well."
        )
    return Result("flow", "Optical flow", {"pictures": 0, "method": 0, "pixels": 2, "wrong %": 1, "s": 3}, rows, notes)


def _rows(name: str, cases: Iterable[Case], say: Say) -> list[dict[str, Any]]:
    found: dict[str, list[tuple[float, float, float]]] = {method: [] for method in METHODS}
    for index, (first, second, truth, known) in enumerate(cases):
        for method, estimate in METHODS.items():
            started = time.perf_counter()
            flow = estimate(first, second)
            seconds = time.perf_counter() - started
            error = np.linalg.norm(flow - truth, axis=0)[known]
            found[method].append((float(error.mean()), float((error > WRONG).mean() * 100), seconds))
        say(f"{name} {index}: {found['vfxai, fine'][-1][0]:.2f} pixels")
    rows: list[dict[str, Any]] = []
    for method, values in found.items():
        missed, wrong, seconds = (float(v) for v in np.mean(values, 0))
        rows.append({"pictures": name, "method": method, "pixels": missed, "wrong %": wrong, "s": seconds})
    return rows


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.stills(), say=asked.say, renders=asked.renders)
