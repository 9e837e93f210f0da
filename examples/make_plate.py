"""Makes the demonstration plate in examples/plate: python examples/make_plate.py shared/data/train/video/bbb_meadow_f0001

A clip that no shipped network was trained on is made scene-linear, its highlights raised well above 1, a soft matte, a depth
layer, timecode and a custom attribute added. `clean` is that; `noisy` has sensor noise of variance a x + b as well.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import OpenEXR

SHOT, READ = 0.004, 0.00004
"""Variance of the noise: SHOT times the scene-linear level, plus READ."""
FIRST = 1001


def scene_linear(picture: np.ndarray) -> np.ndarray:
    """8-bit sRGB (H, W, 3) B G R as scene-linear R G B with highlights up to about 12."""
    value = picture[..., ::-1].astype(np.float32) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear + 30 * np.maximum(linear.min(-1, keepdims=True) - 0.45, 0) ** 1.6


def main() -> None:
    """Writes both sequences."""
    folder = Path(__file__).parent / "plate"
    folder.mkdir(exist_ok=True)
    for index, path in enumerate(sorted(Path(sys.argv[1]).glob("*.webp"))):
        clean = scene_linear(cv2.imread(str(path)))
        height, width = clean.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        corner = np.hypot(
            np.maximum(np.abs(x - width / 2) - width / 2 + 24, 0), np.maximum(np.abs(y - height / 2) - height / 2 + 24, 0)
        )
        alpha = np.clip((24 - corner) / 4, 0, 1)
        rng = np.random.default_rng(index)
        noise = rng.standard_normal(clean.shape, np.float32) * np.sqrt(SHOT * np.maximum(clean, 0) + READ)
        for name, color in (("noisy", clean + noise), ("clean", clean)):
            half = {n: (color[..., i] * alpha).astype(np.float16) for i, n in enumerate("RGB")}
            channels = {**half, "A": alpha.astype(np.float16), "depth.Z": (900 - 2.5 * y + np.float32(index)).astype(np.float32)}
            header = {
                "compression": OpenEXR.ZIP_COMPRESSION,
                "type": OpenEXR.scanlineimage,
                "timeCode": OpenEXR.TimeCode(1, 0, 0, index, False, False, False, False, False, False, 0, 0, 0, 0, 0, 0, 0, 0),
                "colorInteropID": "lin_rec709_scene",
                "shot": "meadow_010",
            }
            OpenEXR.File(header, channels).write(str(folder / f"{name}.{FIRST + index}.exr"))


if __name__ == "__main__":
    main()
