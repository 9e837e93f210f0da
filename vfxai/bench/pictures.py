"""The pictures that the benches read: any folder of stills, of clips, or of scene-linear EXR photographs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vfxai.errors import MissingInputError, UnreadableInputError

Pixels = NDArray[np.float32]

SUFFIXES = frozenset({".png", ".webp", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})
CROP = (481, 321)
"""Width and height of the pictures of CBSD68 in landscape, so that figures stand beside published ones."""


@dataclass(frozen=True)
class Picture:
    """A still or one frame."""

    name: str
    pixels: Pixels
    """(H, W, 3) float32, R G B; 0..1 for display-referred pictures, unbounded for scene-linear ones."""


def shared_data(*parts: str) -> Path:
    """Where the project's shared data lies: $VFXAI_SHARED_DATA, else shared/data in or beside the checkout."""
    import os

    root = Path(__file__).resolve().parents[2]
    candidates = [Path(os.environ["VFXAI_SHARED_DATA"])] if "VFXAI_SHARED_DATA" in os.environ else []
    candidates += [Path("shared/data"), root / "shared/data", root.parent / "shared/data"]
    found = next((c for c in candidates if c.is_dir()), candidates[-1])
    return found.joinpath(*parts)


def _files(folder: Path, suffixes: frozenset[str], limit: int | None) -> list[Path]:
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in suffixes) if folder.is_dir() else []
    if not files:
        raise MissingInputError(f"no pictures in {folder}", remedy="give a folder of pictures with --data DIR")
    return files[:limit]


def read_picture(path: Path) -> Pixels:
    """A display-referred picture of 8 or 16 bits as (H, W, 3) float32 in 0..1, R G B; gray as three equal channels."""
    import cv2

    stored = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if stored is None:
        raise UnreadableInputError(f"{path} cannot be read as a picture")
    full = 65535 if stored.dtype == np.uint16 else 255
    return np.ascontiguousarray(stored[..., ::-1] / np.float32(full), dtype=np.float32)


def crop_at(pixels: Pixels, size: tuple[int, int] | None, center: tuple[int, int] | None = None) -> Pixels:
    """At most `size` (width, height) around `center` (x, y), turned where the picture is upright; None keeps all."""
    height, width = pixels.shape[:2]
    if size is None:
        return pixels
    crop_width, crop_height = size if width >= height else size[::-1]
    middle_x, middle_y = center or (width // 2, height // 2)
    x = max(0, min(middle_x - crop_width // 2, width - crop_width))
    y = max(0, min(middle_y - crop_height // 2, height - crop_height))
    return np.ascontiguousarray(pixels[y : y + crop_height, x : x + crop_width])


def reduced(picture: Picture, side: int) -> Picture:
    """The whole picture with its longer side reduced to at most `side` pixels, each the mean of what it covers."""
    import cv2

    height, width = picture.pixels.shape[:2]
    scale = min(side / max(height, width), 1.0)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return Picture(picture.name, np.asarray(cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA), np.float32))


def load_stills(folder: Path, *, limit: int | None = None, crop: tuple[int, int] | None = CROP) -> list[Picture]:
    """The stills of a folder in order of name, cropped from the centre."""
    return [Picture(f.stem, crop_at(read_picture(f), crop)) for f in _files(folder, SUFFIXES, limit)]


def load_clips(
    folder: Path, *, clips: int | None = None, limit: int | None = None, crop: tuple[int, int] | None = None
) -> dict[str, list[Picture]]:
    """Clips by name: each sub-folder of `folder` is one, or the folder itself where it holds pictures. `limit` is in frames."""
    folders = sorted(f for f in folder.iterdir() if f.is_dir()) if folder.is_dir() else []
    if not folders:
        folders = [folder]
    return {f.name: load_stills(f, limit=limit, crop=crop) for f in folders[:clips]}


def load_plates(
    folder: Path, names: tuple[str, ...], *, limit: int | None = None, crop: tuple[int, int] | None = CROP
) -> list[Picture]:
    """Scene-linear EXR photographs, cropped around their brightest part so that highlights are in the picture.

    `names` are paths in `folder`; with none of them there, every EXR in it is taken. Luminance pictures become three channels.
    """
    import cv2

    from vfxai.image.files import read_frame

    files = [folder / n for n in names if (folder / n).is_file()] or _files(folder, frozenset({".exr"}), None)
    plates = []
    for file in files[:limit]:
        color = read_frame(file).color.numpy().transpose(1, 2, 0)
        color = np.ascontiguousarray(np.broadcast_to(color, (*color.shape[:2], 3)), dtype=np.float32)
        glow = cv2.GaussianBlur(np.minimum(color.mean(2), 1e3), (0, 0), 8)
        y, x = np.unravel_index(int(np.argmax(glow)), glow.shape)
        plates.append(Picture(file.stem, crop_at(color, crop, (int(x), int(y)))))
    return plates
