"""The door to picture files of all formats: EXR by vfxai.image.exr and exr_write, everything else by vfxai.image.formats."""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from vfxai.errors import MissingInputError, OutputError, ParameterError, UnreadableInputError, reason
from vfxai.image import exr, exr_write, formats
from vfxai.image.exr_write import COMPRESSIONS, DEPTHS
from vfxai.image.frame import Frame
from vfxai.image.header import Header
from vfxai.image.packed import Packed
from vfxai.image.partial import whole_file


def read_frame(path: Path, layer: str | None = None) -> Frame:
    """The frame of a picture file; see read_packed()."""
    return read_packed(path, layer).frame()


def read_packed(path: Path, layer: str | None = None, view: str | None = None) -> Packed:
    """Reads a picture file. `layer` names a layer, part, view or channel; None takes the picture; `view` names one of a stereo file's.

    Colour is float32, exact for half and float, premultiplied as EXR stores it. Raises MissingInputError, UnreadableInputError
    for damaged files, UnsupportedInputError for deep and luminance-chroma files and InputError where the layer is not there.
    """
    path = Path(path)
    return exr.read_packed(path, layer, view) if is_exr(path) else formats.read_packed(path, layer)


def is_exr(path: Path) -> bool:
    """Whether a file is EXR by its first bytes, or by name where it is too short to tell.

    MissingInputError where it is not there, UnreadableInputError where it cannot be opened or is no regular file: one would wait at a pipe for ever.
    """
    try:
        if stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as stream:
                return stream.read(4) == b"\x76\x2f\x31\x01" or path.suffix.lower() == ".exr"
    except (FileNotFoundError, NotADirectoryError):
        raise MissingInputError(f"{path} is not there", remedy="check the path and the frame range") from None
    except OSError as error:
        raise UnreadableInputError(
            f"{path} cannot be opened: {reason(error)}", remedy="check its name and who may read it"
        ) from error
    what = "a folder" if path.is_dir() else "a pipe, socket or device"
    raise UnreadableInputError(f"{path} is no file but {what}", remedy="move it away, or render this frame again")


def read_header(path: Path) -> Header:
    """Facts of a file without its pixels, for `vfxai info` and for checks before reading."""
    path = Path(path)
    return exr.read_header(path) if is_exr(path) else formats.read_header(path)


def check_storage(path: Path, depth: str, compression: str) -> None:
    """ParameterError or OutputError where no file of this name is written so: `depth` and `compression` are "keep" or a name."""
    if depth not in ("keep", *DEPTHS):
        raise ParameterError(f"depth: expected keep, half or float, got {depth!r}", remedy="give --depth keep, half or float")
    if compression not in ("keep", *COMPRESSIONS):
        raise ParameterError(
            f"compression: there is no {compression!r}", remedy=f"give keep or one of {', '.join(sorted(COMPRESSIONS))}"
        )
    if path.suffix.lower() != ".exr":
        formats.writer(path)


def write_frame(
    path: Path,
    frame: Frame,
    *,
    depth: str = "keep",
    compression: str = "keep",
    attributes: Mapping[str, str] | None = None,
    complete: Callable[[Path], None] = lambda partial: None,
    make_folder: bool = True,
) -> None:
    """Writes a frame beside its final name and renames it, so that a stop or an error leaves no half file.

    `depth` and `compression` are "keep" or a name and concern the processed channels; `attributes` are added. Half values beyond
    65504 that are finite are written as 65504. `complete` is called with the whole file just before it gets its name. Without
    `make_folder` a folder that is not there is an error: one that went away in the middle of a run is not made anew. Raises OutputError where the disk does not take it.
    """
    path = Path(path)
    check_storage(path, depth, compression)
    try:
        with whole_file(path, make_folder) as partial:
            if path.suffix.lower() == ".exr":
                exr_write.write(str(partial), frame, depth, compression, dict(attributes or {}))
            else:
                formats.write_frame(partial, frame, dict(attributes or {}))
            complete(partial)
    except (OSError, RuntimeError) as error:
        raise OutputError(
            f"{path} cannot be written: {_reason(path, error)}", remedy="check free space and write permission of the folder"
        ) from error


def _reason(path: Path, error: Exception) -> str:
    if not path.parent.is_dir():
        return f"the folder {path.parent} is gone"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "the disk is full"
    with contextlib.suppress(OSError):
        status = os.statvfs(path.parent)
        if status.f_bavail * status.f_frsize < 2**20:
            return "the disk is full"
    return reason(error)
