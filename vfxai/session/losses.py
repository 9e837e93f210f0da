"""What the files of a run do not hold of its frames, told once a kind, whoever writes them."""

from collections.abc import Callable
from pathlib import Path

from vfxai.color.config import Config
from vfxai.errors import ColorSpaceError
from vfxai.image.exr_lossy import altered_data
from vfxai.image.files import read_header
from vfxai.image.formats import KEEP_ALL, StoredPicture, what_is_lost
from vfxai.image.frame import Frame

Warn = Callable[[str, str], None]
"""Takes what there is to know, and what to do about it."""


class Losses:
    """Looks at every frame that is written. For one thread."""

    def __init__(
        self, warn: Warn, config: Config, *, depth: str, compression: str, converted: bool, is_color: bool = True
    ) -> None:
        """`depth` and `compression` as files are written. `converted`: to another colour space than the plate's, which files of the plate's format say as
        well or as badly as the plate's own. Without `is_color` the frames are data, which have no space.
        """
        self._warn, self._config, self._converted, self._is_color = warn, config, converted, is_color
        self._depth, self._compression = depth, compression
        self._told: set[str] = set()
        self._seen_data = self._seen_space = False

    def tell(self, path: Path, frame: Frame) -> None:
        """What a frame loses in the file that it is to be written to."""
        for kind, said in what_is_lost(path, frame, self._depth).items():
            if kind not in self._told:
                self._told.add(kind)
                self._warn(said, KEEP_ALL)
        if not self._seen_data and path.suffix.lower() == ".exr":  # the layers of a shot are those of its first frame
            self._seen_data = True
            for one in (frame, *frame.views):
                self._tell_data(one)

    def tell_space(self, path: Path, frame: Frame) -> None:
        """That a file which was written is taken for another colour space than its values have, by the first of them: PNG and DPX have no name for most."""
        suffix, stored = path.suffix.lower(), frame.stored
        as_plate = not self._converted and isinstance(stored, StoredPicture) and stored.suffix == suffix
        if self._seen_space or not self._is_color or not frame.colorspace or suffix == ".exr" or as_plate:
            return
        self._seen_space = True
        space = self._config.canonical(frame.colorspace)
        known = read_header(path).parts[0].attributes
        try:  # none but EXR has a public id; vfxai's own word in a file of another format is nobody else's
            taken = self._config.space(path, {name: value for name, value in known.items() if name != "colorInteropID"})
        except ColorSpaceError:
            said, target = "readers have to be told", "to what readers expect of such files"
        else:
            if taken.name == space:
                return
            said, target = f"readers take them for {taken.name!r} ({taken.origin})", f"for example to {taken.name!r}"
        self._warn(
            f"a {path.suffix} file may not say its colour space; the values stay in {frame.colorspace!r}, and {said}",
            f"write .exr, which says it, or convert with --output-colorspace, {target}",
        )

    def _tell_data(self, frame: Frame) -> None:
        """Of the compression that alters what is no picture: ids, depth, vectors."""
        if found := altered_data(frame, self._compression):
            names, by = list(found), " and ".join(dict.fromkeys(found.values()))
            some = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            self._warn(f"{by} is lossy and alters {some}, which may be ids or other data", "--compression zip keeps every bit")
