"""Denoises the plate in examples/plate, prints what it gained, and draws out/demo/before_after.png."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from vfxai.image.files import read_frame
from vfxai.measure.metrics import hdr_psnr

PLATE = Path(__file__).parent / "plate"
OUT = Path("out/demo")
FRAMES = range(1001, 1006)


def picture(path: Path) -> np.ndarray:
    """The colour of a file as (H, W, 3) float32, scene-linear, R G B."""
    return read_frame(path).color.numpy().transpose(1, 2, 0)


def shown(color: np.ndarray) -> np.ndarray:
    """Scene-linear R G B as 8-bit B G R for looking at, exposed one stop down with a soft shoulder."""
    exposed = np.clip(color, 0, None) * 0.8
    return (np.clip((exposed / (1 + exposed * 0.25)) ** (1 / 2.2), 0, 1)[..., ::-1] * 255 + 0.5).astype(np.uint8)


def main() -> int:
    """Runs the command a user would run, then measures and draws."""
    command = [
        sys.executable,
        "-m",
        "vfxai",
        "denoise",
        str(PLATE / "noisy.####.exr"),
        str(OUT / "denoised.####.exr"),
        "--overwrite",
    ]
    print("vfxai", *command[3:])
    code = subprocess.call(command)
    if code:
        return code
    print("\nframe   PSNR on log2(x + 2^-8), dB\n        noisy   denoised")
    for number in FRAMES:
        clean, noisy = picture(PLATE / f"clean.{number}.exr"), picture(PLATE / f"noisy.{number}.exr")
        result = picture(OUT / f"denoised.{number}.exr")
        print(f"{number}    {hdr_psnr(noisy, clean):5.2f}   {hdr_psnr(result, clean):5.2f}")
    middle = FRAMES[len(FRAMES) // 2]
    three = [PLATE / f"noisy.{middle}.exr", OUT / f"denoised.{middle}.exr", PLATE / f"clean.{middle}.exr"]
    crops = [np.ascontiguousarray(shown(picture(path))[20:250, 120:400]) for path in three]
    for crop, name in zip(crops, ("noisy", "denoised", "clean"), strict=True):
        cv2.putText(crop, name, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    target = OUT / "before_after.png"
    cv2.imwrite(str(target), np.hstack(crops))
    print(f"\nbefore, after and the clean original of frame {middle}: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
