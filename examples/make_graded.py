"""Makes examples/plate/graded.1001.png, the frame that a colourist hands over in docs/tutorial/tone.md: python examples/make_graded.py

Contrast with a soft shoulder, teal shadows and warm lights, greens turned towards yellow; 8-bit sRGB, as a grading program writes it.
"""

from pathlib import Path

import cv2
import numpy as np

from vfxai.image.files import read_frame

PLATE = Path(__file__).parent / "plate"


def graded(linear: np.ndarray) -> np.ndarray:
    """Scene-linear (H, W, 3) R G B as graded sRGB codes in 0..1."""
    exposed = np.maximum(linear, 0) * 1.1
    code = (exposed * (1 + exposed / 9) / (1 + exposed)) ** (1 / 1.9)  # a shoulder that is white at 3
    code = code + 0.09 * np.sin(2 * np.pi * (code - 0.5))
    light = code.mean(-1, keepdims=True)
    code = code + (1 - light) * [-0.035, 0.005, 0.03] + light * [0.05, 0.0, -0.06]
    green = np.clip(code[..., 1:2] - (code[..., :1] + code[..., 2:]) / 2, 0, None)
    return np.clip(code + green * [0.55, -0.1, -0.35], 0, 1)


def main() -> None:
    """Reads the first frame and writes it graded."""
    frame = read_frame(PLATE / "clean.1001.exr")
    alpha = frame.alpha.numpy()[0][..., None]
    color = frame.color.numpy().transpose(1, 2, 0) / np.maximum(alpha, 1e-4)
    cv2.imwrite(str(PLATE / "graded.1001.png"), np.round(graded(color * (alpha > 0))[..., ::-1] * 255).astype(np.uint8))


if __name__ == "__main__":
    main()
