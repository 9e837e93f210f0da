"""Clean pictures to train on: shared stills and clips, and dead leaves that we draw ourselves.

Every crop is a function of (seed, step), so a run can stop, resume and be repeated without saving any generator state.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # (H, W, 3), R G B, display-referred, 0..255
Crop = NDArray[np.float32]  # (3, H, W), R G B, display-referred, 0..1

HELD_OUT = 7
"""Every HELD_OUT-th still is kept for validation and never trained on."""


def read_picture(path: Path) -> Picture:
    """Reads an 8-bit picture as (H, W, 3) R G B. Raises ValueError where it cannot be decoded."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path} is not a picture that OpenCV reads")
    return np.ascontiguousarray(picture[..., ::-1])


@dataclass(frozen=True)
class Pictures:
    """The pictures of a training run."""

    train: tuple[Picture, ...]
    validation: tuple[Picture, ...]
    clips: tuple[tuple[Picture, ...], ...]
    """Runs of consecutive frames, for temporal networks; their frames are also in `train`."""


def load_pictures(data: Path, leave_out: frozenset[str] = frozenset(), dead_leaves: int = 24) -> Pictures:
    """Reads `data`/photos, stills and video, without the video folders whose name starts with a word of `leave_out`."""
    paths = sorted((data / "photos").glob("*.webp")) + sorted((data / "stills").glob("*.webp"))
    if not paths:
        raise ValueError(f"{data} holds no photos/*.webp or stills/*.webp")
    stills = [read_picture(p) for p in paths]
    train = [p for i, p in enumerate(stills) if i % HELD_OUT]
    validation = stills[::HELD_OUT]
    folders = sorted(p for p in (data / "video").iterdir() if p.is_dir())
    used = [p for p in folders if not any(p.name.startswith(word) for word in leave_out)]
    clips = [tuple(read_picture(path) for path in sorted(folder.glob("*.webp"))) for folder in used]
    frames = [clip[len(clip) // 2] for clip in clips]  # neighbours are nearly the same picture
    drawn = list(draw_dead_leaves(dead_leaves))
    return Pictures(tuple(train * 2 + frames + drawn), tuple(validation), tuple(clips))  # stills are cleaner: twice as often


def as_image(picture: Picture) -> Crop:
    """A whole picture as (3, H, W) float32, 0..1."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32) / np.float32(255)


def load_overlays(data: Path) -> tuple[NDArray[np.uint8], ...]:
    """The scanned dirt of `data`/damage_overlays, (H, W), white on black. Raises ValueError where there is none."""
    paths = sorted(p for p in (data / "damage_overlays").rglob("*") if p.suffix in (".webp", ".png"))
    if not paths:
        raise ValueError(f"{data} holds no damage_overlays")
    return tuple(read_picture(p)[..., 0] for p in paths)


def draw_dead_leaves(count: int, size: int = 512) -> Iterator[Picture]:
    """Draws dead leaves: opaque shapes with radius density r**-3, as in natural pictures (Lee, Mumford and Huang, 2001)."""
    for index in range(count):
        rng = np.random.default_rng((index, 77))
        canvas = np.zeros((size, size, 3), np.uint8)
        for _ in range(3000):
            radius = min(4.0 / np.sqrt(1 - rng.random() * (1 - (4 / 160) ** 2)), 160)
            centre = rng.integers(0, size, 2)
            colour = tuple(int(v) for v in np.clip(rng.normal(128, 60) + rng.normal(0, 35, 3), 0, 255))
            if rng.random() < 0.5:
                axes = (int(radius), max(1, int(radius * rng.uniform(0.2, 1))))
                cv2.ellipse(canvas, tuple(map(int, centre)), axes, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
            else:
                angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 7)))
                points = centre + radius * np.stack([np.cos(angles), np.sin(angles)], 1)
                cv2.fillPoly(canvas, [points.astype(np.int32)], colour, cv2.LINE_AA)
        yield canvas


def orient(crop: NDArray[Any], turn: int) -> NDArray[Any]:
    """One of the eight rotations and reflections of (H, W, ...)."""
    crop = np.rot90(crop, turn % 4)
    return crop[:, ::-1] if turn >= 4 else crop


def random_crop(pictures: tuple[Picture, ...], size: int, rng: np.random.Generator) -> Crop:
    """A crop of size x size at a random scale between full and half, turned, with its channels in random order."""
    picture = pictures[rng.integers(len(pictures))]
    scale = 1.0 if rng.random() < 0.5 else rng.uniform(0.5, 1.0)
    side = min(int(np.ceil(size / scale)), *picture.shape[:2])
    y, x = (rng.integers(0, extent - side + 1) for extent in picture.shape[:2])
    crop = picture[y : y + side, x : x + side].astype(np.float32) / 255
    if side != size:
        interpolation = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
        crop = cv2.resize(crop, (size, size), interpolation=interpolation)
    crop = orient(crop, int(rng.integers(8)))[..., rng.permutation(3)]
    return np.ascontiguousarray(crop.transpose(2, 0, 1))
