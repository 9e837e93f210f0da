"""What a bench was asked to measure on: the pictures, loaded when a part wants them, and how much of them."""

from dataclasses import dataclass
from pathlib import Path

from vfxai.bench.methods import Say
from vfxai.bench.pictures import Picture, load_clips, load_plates, load_stills, shared_data

Size = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The command line of a bench; widths and heights in pixels, width first."""

    say: Say
    data: Path | None = None
    """Folder of display-referred stills; None takes the shared ones, as for clips and plates."""
    clips_folder: Path | None = None
    plates_folder: Path | None = None
    renders: Path | None = None
    """Clips of examples/blender/scenes.py; None where flow is measured without them."""
    limit: int | None = None
    """Most pictures, and most frames of a clip."""
    crop: Size | None = None
    clip_crop: Size | None = None
    peers: tuple[str, ...] = ()
    """Of registry.PEERS."""
    nnedi: Path | None = None
    """nnedi3_weights.bin."""
    size: Size = (2048, 1080)
    memory_size: Size = (8192, 4320)
    frames: int = 8
    rounds: int = 3
    backends: tuple[tuple[str, str], ...] = ()
    """Backend and precision of what is timed."""

    def stills(self) -> list[Picture]:
        """The stills, cropped."""
        return load_stills(self.data or shared_data("dev", "stills"), limit=self.limit, crop=self.crop)

    def whole_stills(self) -> list[Picture]:
        """The stills as they are."""
        return load_stills(self.data or shared_data("dev", "stills"), limit=self.limit, crop=None)

    def clips(self) -> dict[str, list[Picture]]:
        """Clips by name, cropped."""
        return load_clips(self.clips_folder or shared_data("dev", "clips"), limit=self.limit, crop=self.clip_crop)

    def plates(self, names: tuple[str, ...]) -> list[Picture]:
        """The scene-linear plates of these names, or all of a folder that was given; cropped."""
        folder = self.plates_folder or shared_data("exr", "openexr-images")
        return load_plates(folder, names, limit=self.limit, crop=self.crop)
