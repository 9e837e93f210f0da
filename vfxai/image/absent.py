"""What to say where a plate is not there: the pattern that was meant, by what lies on disk."""

import difflib
from pathlib import Path

import fileseq

from vfxai.errors import InputError, MissingInputError, UnsupportedInputError

MOVIES = frozenset(
    [
        ".mov",
        ".mp4",
        ".m4v",
        ".mkv",
        ".avi",
        ".mxf",
        ".webm",
        ".mpg",
        ".mpeg",
        ".ts",
        ".m2ts",
        ".wmv",
        ".flv",
        ".ogv",
        ".r3d",
        ".braw",
        ".ari",
        ".arx",
        ".crm",
        ".dv",
        ".gif",
    ]
)
"""Suffixes of files that hold many frames."""
SHOWN = 4
"""Patterns that an error names."""


def is_movie(text: str) -> bool:
    """Whether a name is that of a movie."""
    return Path(text).suffix.lower() in MOVIES


def absent(text: str) -> InputError:
    """The error for a file or pattern that names nothing which could be read."""
    path = Path(text)
    if is_movie(text):
        return UnsupportedInputError(
            f"{text} is a movie, and vfxai reads frames",
            remedy=f"write its frames first, for example: ffmpeg -i {path.name} -pix_fmt rgb48le {path.stem}.%06d.png",
        )
    if path.is_dir():
        found = patterns_in(path)
        some = f"such as {' or '.join(found)}" if found else "such as sh010.####.exr; it holds no numbered files"
        return MissingInputError(f"{text} is a folder", remedy=f"name the frames in it, {some}")
    folder = path.parent
    if not folder.is_dir():
        return MissingInputError(f"there is no folder {folder}", remedy="check the path, and what is mounted on this machine")
    found = patterns_in(folder, path.name)
    there = f"; there is {', '.join(found)}" if found else f"; there are no numbered files in {folder}"
    return MissingInputError(f"no file matches {text}{there}", remedy="check the folder, the name and the padding")


def patterns_in(folder: Path, name: str = "") -> list[str]:
    """Patterns of the sequences in a folder, those most like a name first, then the longest."""
    try:
        found = [s for s in fileseq.findSequencesOnDisk(str(folder)) if s.frameSet()]
    except (OSError, ValueError, fileseq.FileSeqException):  # a folder that one may not look into
        return []
    named = {f"{s.basename()}{'#' * max(s.zfill(), 1)}{s.extension()}": len(s) for s in found}
    like = {n: round(difflib.SequenceMatcher(None, name.lower(), n.lower()).ratio(), 1) if name else 0 for n in named}
    return [str(folder / n) for n in sorted(named, key=lambda n: (-like[n], -named[n], n))[:SHOWN]]
