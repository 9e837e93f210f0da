"""Hangs a swaying wire into the demonstration plate, for the tutorial of remove: python examples/rig_plate.py out/tutorial"""

import sys
from pathlib import Path

import cv2
import numpy as np
import torch

import vfxai
from vfxai.image.files import write_frame

THICKNESS, COLOR = 2.5, 0.02
"""Of the wire: pixels, and scene-linear value."""


def main() -> None:
    """Writes wired.1001.exr to wired.1005.exr."""
    plate = vfxai.open_clip(Path(__file__).parent / "plate" / "clean.####.exr")
    folder = Path(sys.argv[1])
    for index, number in enumerate(plate.frames):
        frame = plate[number]
        _, height, width = frame.color.shape
        x = np.linspace(-8, width + 8, 64)
        u = x / width
        sway = 5 * np.sin(1.3 * index)
        y = 0.25 * height + 0.2 * height * u + (20 + sway) * 4 * u * (1 - u)
        large = np.zeros((height * 4, width * 4), np.uint8)
        points = (np.stack([x, y], 1) + 0.5) * 4 * 16
        cv2.polylines(large, [points.round().astype(np.int32)], False, 255, round(THICKNESS * 4), cv2.LINE_8, 4)
        cover = torch.from_numpy(cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255)
        alpha = frame.alpha if frame.alpha is not None else torch.ones_like(cover)[None]
        write_frame(folder / f"wired.{number}.exr", frame.with_color(frame.color * (1 - cover) + COLOR * alpha * cover))


if __name__ == "__main__":
    main()
