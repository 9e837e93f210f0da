"""Shots on disk for tests of the worker."""

from pathlib import Path

import numpy as np

from vfxai.image.files import write_frame
from vfxai.session.clips import frame_of

LONG_SHOT = range(1001, 1041)
"""So many frames that some are left when one of the first has been told and the worker is killed or the job stopped, whoever else wants the processor."""


def write_shot(folder: Path, frames: range = range(1001, 1007), size: tuple[int, int] = (48, 32)) -> str:
    """Noisy frames of flat steps as half floats with alpha; their pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(7)
    steps = np.kron(draw.random((size[1] // 8, size[0] // 8, 3)), np.ones((8, 8, 1)))
    for number in frames:
        pixels = np.ones((*steps.shape[:2], 4), np.float32)
        pixels[..., :3] = steps + draw.normal(0, 0.02, steps.shape)
        write_frame(folder / f"plate.{number:04}.exr", frame_of(pixels, "ACEScg"), depth="half", compression="zip", attributes={})
    return str(folder / "plate.####.exr")


def recipe(source: str, output: str, node: str = "denoise", **values: object) -> dict[str, object]:
    """A recipe of one node."""
    if node == "denoise":
        values = {"radius": 0, "quality": "fast", **values}
    return {"source": source, "output": output, "colorspace": "ACEScg", "node": [{"id": node, **values}]}
