"""Small EXR plates for tests, written and read with OpenEXR itself so that vfxai does not judge its own files."""

from pathlib import Path

import numpy as np
import OpenEXR

SIZE = (48, 64)


def texture(frame: int = 0, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A smooth scene-linear picture (H, W, 3) float32 in 0.02..1 that pans by half a pixel a frame."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    x = x + 0.5 * frame
    wave = 0.5 + 0.3 * np.sin(x / 7) * np.cos(y / 9)
    return np.stack([wave, wave * 0.7 + 0.1, 0.9 - wave * 0.6], -1).astype(np.float32)


def noisy(frame: int = 0, sigma: float = 0.05, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The texture with Gaussian noise."""
    return texture(frame, size) + np.float32(sigma) * np.random.default_rng(frame).standard_normal((*size, 3), np.float32)


def write(path: Path, color: np.ndarray, alpha: np.ndarray | None = None, frame: int = 0, **header: object) -> None:
    """Half colour, half alpha, a float depth layer, a matte, an unsigned id, timecode and attributes; data window apart from display."""
    height, width = color.shape[:2]
    channels = {n: color[..., i].astype(np.float16) for i, n in enumerate("RGB")}
    if alpha is not None:
        channels["A"] = alpha.astype(np.float16)
    channels["depth.Z"] = np.linspace(1, 1e4, height * width, dtype=np.float32).reshape(height, width)
    channels["wire"] = np.zeros((height, width), np.float32)
    channels["wire"][:, 34:37] = 1
    channels["id"] = np.arange(height * width, dtype=np.uint32).reshape(height, width) + 100_000_007
    facts = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "dataWindow": (np.array([-5, 3], np.int32), np.array([width - 6, height + 2], np.int32)),
        "displayWindow": (np.array([0, 0], np.int32), np.array([width + 9, height + 5], np.int32)),
        "pixelAspectRatio": 1.5,
        "timeCode": OpenEXR.TimeCode(1, 2, 3, frame % 24, False, False, False, False, False, False, 0, 0, 0, 0, 0, 0, 0, 0),
        "owner": "vfxai tests",
        "camera/iso": 800,
        "colorInteropID": "lin_rec709_scene",
    }
    OpenEXR.File({**facts, **header}, channels).write(str(path))


def sequence(folder: Path, frames: range = range(1001, 1006), sigma: float = 0.05) -> str:
    """Noisy frames in a folder; returns their pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        write(folder / f"plate.{frame}.exr", noisy(frame, sigma), frame=frame)
    return str(folder / "plate.####.exr")


def painted(folder: Path) -> Path:
    """A key for frame 1001 of the plate in a folder: its own colours with a little less red; made once."""
    key = folder / "painted.exr"
    if not key.exists():
        plate = next(folder / name for name in ("in.1001.exr", "plate.1001.exr") if (folder / name).exists())
        write(key, color_of(plate) * np.float32([0.97, 1, 1]))
    return key


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """Channels by name in their stored type, and the header."""
    with OpenEXR.File(str(path), separate_channels=True) as file:
        return {n: c.pixels for n, c in file.channels().items()}, dict(file.header())


def color_of(path: Path) -> np.ndarray:
    """(H, W, 3) float32."""
    channels, _ = read(path)
    return np.stack([channels[n] for n in "RGB"], -1).astype(np.float32)
