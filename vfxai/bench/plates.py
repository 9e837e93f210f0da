"""Plates that the speed benches make: smooth scene, texture, highlights above 1, grain; half float RGBA EXR."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.bench.degrade import generator, sensor_noise
from vfxai.errors import OutputError

Pixels = NDArray[np.float32]


def make_frame(size: tuple[int, int], number: int, *, noise: bool = True) -> Pixels:
    """A scene-linear frame (H, W, 3) of `size` (width, height): it pans by two pixels a frame, its lamp reaches 40."""
    width, height = size
    y, x = np.meshgrid(np.linspace(0, 1, height, dtype=np.float32), np.linspace(0, 1, width, dtype=np.float32), indexing="ij")
    x = x + np.float32(2 * number / max(width, 1))
    weave = 0.1 * np.sin(x * 220) * np.sin(y * 130)
    lamp = 40 * np.exp(-((x - 0.5) ** 2 + (y - 0.4) ** 2) / 0.0008)
    scene = np.stack(
        [0.18 + 0.3 * x * y + weave + lamp, 0.2 + 0.2 * y + weave + 0.8 * lamp, 0.25 - 0.1 * x + weave + 0.5 * lamp], axis=2
    )
    scene = np.maximum(scene, 0.001).astype(np.float32)
    return sensor_noise(scene, 0.002, 1e-5, generator("plate", number)) if noise else scene


def make_wire(size: tuple[int, int], number: int) -> Pixels:
    """The matte (H, W, 3) of a wire of 4 pixels from corner to corner that sways by 6 pixels a frame."""
    width, height = size
    matte = np.zeros((height, width, 3), np.float32)
    cv2.line(matte, (6 * number, 0), (width - 60 + 6 * number, height - 1), (1, 1, 1), 4, cv2.LINE_AA)
    return matte


def write_sequence(
    folder: Path,
    size: tuple[int, int],
    frames: int,
    compression: str = "zip",
    *,
    name: str = "plate",
    make: Callable[[tuple[int, int], int], Pixels] = make_frame,
) -> str:
    """Writes plate.1001.exr and so on, RGBA half, through OpenImageIO, and returns the pattern."""
    import OpenImageIO as oiio

    for number in range(1001, 1001 + frames):
        color = make(size, number - 1001)
        alpha = np.ones((*color.shape[:2], 1), np.float32)
        spec = oiio.ImageSpec(size[0], size[1], 4, "half")
        spec.attribute("compression", compression)
        path = folder / f"{name}.{number}.exr"
        picture = oiio.ImageOutput.create(str(path))
        if picture is None or not picture.open(str(path), spec):
            raise OutputError(f"{path} cannot be written: {oiio.geterror()}")
        written = picture.write_image(np.ascontiguousarray(np.concatenate([color, alpha], axis=2)))
        if not picture.close() or not written:
            raise OutputError(f"{path} cannot be written: {picture.geterror()}")
    return str(folder / f"{name}.####.exr")
