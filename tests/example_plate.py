"""The demonstration plate cut to a part of it, for tests to which its size is nothing."""

from pathlib import Path

import cv2
import numpy as np
import OpenEXR

PLATE = Path(__file__).parents[1] / "examples/plate"


def cut(target: Path, size: tuple[int, int], names: str = "*") -> Path:
    """Writes the files of those names, `size` (width, height) of each from the middle, and returns their folder, which is made."""
    target.mkdir(parents=True)
    width, height = size
    window = (np.array([0, 0], np.int32), np.array([width - 1, height - 1], np.int32))
    for path in sorted(PLATE.glob(names)):
        if path.suffix == ".exr":
            with OpenEXR.File(str(path)) as whole:
                facts = {k: v for k, v in whole.header().items() if k != "channels"}
                planes = {name: _middle(channel.pixels, size) for name, channel in whole.channels().items()}
            OpenEXR.File({**facts, "dataWindow": window, "displayWindow": window}, planes).write(str(target / path.name))
        else:
            assert cv2.imwrite(str(target / path.name), _middle(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), size))
    return target


def _middle(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W, ...) to (height, width, ...)."""
    top, left = (pixels.shape[0] - size[1]) // 2, (pixels.shape[1] - size[0]) // 2
    return np.ascontiguousarray(pixels[top : top + size[1], left : left + size[0]])
