"""Clean pictures to train on: shared stills and clips, pictures that we draw and scenes that we render ourselves.

Every crop is a function of (seed, step), so a run can stop, resume and be repeated without saving any generator state.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.train.arrays import Picture
from vfxai.train.drawn import FAMILIES, draw

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
    """Runs of consecutive frames, for temporal networks; their middle frames are also in `train`."""
    renders: tuple[tuple[Picture, ...], ...] = ()
    """The same of rendered scenes."""
    validation_large: tuple[Picture, ...] = ()
    """Held-out tiles of the large photographs."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a network is shown beside the photographs and stills. The counts are of pictures drawn by vfxai.train.drawn."""

    dead_leaves: int = 24
    textures: int = 0
    patterns: int = 0
    lettering: int = 0
    wires: int = 0
    gradients: int = 0
    out_of_focus: int = 0
    renders: str = ""
    """Folder of clips that examples/blender/scenes.py rendered, or nothing."""
    leave_out: tuple[str, ...] = ("bbb_meadow", "bbb_wakeup", "sintel", "cam_coffee")
    """Clips that share scenes with the evaluation clips."""

    def drawn(self) -> dict[str, int]:
        """How many pictures of each family of vfxai.train.drawn."""
        return {family: getattr(self, family) for family in FAMILIES}


def load_pictures(data: Path, sources: Sources) -> Pictures:
    """Reads `data`/photos, photos_large (where there is one), stills and video and what `sources` adds. Raises ValueError where pictures are missing."""
    paths = sorted((data / "photos").glob("*.webp")) + sorted((data / "stills").glob("*.webp"))
    if not paths:
        raise ValueError(f"{data} holds no photos/*.webp or stills/*.webp")
    stills = [read_picture(p) for p in paths]
    large, held_large = split_large(sorted((data / "photos_large").glob("*.webp")), {photograph(p) for p in paths[::HELD_OUT]})
    train = [p for i, p in enumerate(stills) if i % HELD_OUT] + [read_picture(p) for p in large]
    validation = stills[::HELD_OUT]
    folders = sorted(p for p in (data / "video").iterdir() if p.is_dir())
    clips = [read_clip(p) for p in folders if not any(p.name.startswith(word) for word in sources.leave_out)]
    renders = load_renders(Path(sources.renders)) if sources.renders else []
    frames = [clip[len(clip) // 2] for clip in clips + renders]  # neighbours are nearly the same picture
    stills = train * 2 + frames + list(draw(sources.drawn()))  # photographs are cleaner than clips: twice as often
    return Pictures(tuple(stills), tuple(validation), tuple(clips), tuple(renders), tuple(read_picture(p) for p in held_large))


def photograph(path: Path) -> str:
    """Name of the photograph that a tile was cut from: the file's name without the number of the tile."""
    return re.sub(r"_\d$", "", path.stem)


def split_large(paths: Sequence[Path], held: Set[str]) -> tuple[list[Path], list[Path]]:
    """Tiles to train on, and tiles that are held out: every tile of each HELD_OUT-th photograph, and of those in `held`.

    Tiles of a photograph in `held` overlap a crop that judges the networks. They are held out but judge nothing: the second list has the
    other photographs alone.
    """
    named = sorted({photograph(p) for p in paths} - held)
    judges = set(named[::HELD_OUT])
    train = [p for p in paths if photograph(p) not in judges | held]
    return train, [p for p in paths if photograph(p) in judges]


def read_clip(folder: Path) -> tuple[Picture, ...]:
    """The frames of a folder in order of name."""
    return tuple(read_picture(path) for path in sorted(folder.glob("*.webp")))


def load_renders(folder: Path) -> list[tuple[Picture, ...]]:
    """The clips in a folder of rendered scenes. Raises ValueError where it holds none."""
    clips = [read_clip(p) for p in sorted(folder.iterdir()) if p.is_dir()] if folder.is_dir() else []
    clips = [clip for clip in clips if clip]
    if not clips:
        raise ValueError(f"{folder} holds no clips of *.webp, such as examples/blender/scenes.py renders")
    return clips


def as_image(picture: Picture) -> Crop:
    """A whole picture as (3, H, W) float32, 0..1."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32) / np.float32(255)


def load_overlays(data: Path) -> tuple[NDArray[np.uint8], ...]:
    """The scanned dirt of `data`/damage_overlays, (H, W), white on black. Raises ValueError where there is none."""
    paths = sorted(p for p in (data / "damage_overlays").rglob("*") if p.suffix in (".webp", ".png"))
    if not paths:
        raise ValueError(f"{data} holds no damage_overlays")
    return tuple(read_picture(p)[..., 0] for p in paths)


def orient(crop: NDArray[Any], turn: int) -> NDArray[Any]:
    """One of the eight rotations and reflections of (H, W, ...)."""
    crop = np.rot90(crop, turn % 4)
    return crop[:, ::-1] if turn >= 4 else crop


def random_crop(pictures: tuple[Picture, ...], size: int, rng: np.random.Generator) -> Crop:
    """A crop of size x size at a random scale between full and two fifths, turned, with its channels in random order."""
    picture = pictures[rng.integers(len(pictures))]
    scale = 1.0 if rng.random() < 0.5 else rng.uniform(0.4, 1.0)
    side = min(int(np.ceil(size / scale)), *picture.shape[:2])
    y, x = (rng.integers(0, extent - side + 1) for extent in picture.shape[:2])
    crop = picture[y : y + side, x : x + side].astype(np.float32) / 255
    if side != size:
        interpolation = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
        crop = cv2.resize(crop, (size, size), interpolation=interpolation)
    crop = orient(crop, int(rng.integers(8)))[..., rng.permutation(3)]
    return np.ascontiguousarray(crop.transpose(2, 0, 1))
