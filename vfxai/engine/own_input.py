"""Whether a job would write over what it reads: by name, through links, and as a pattern."""

import os
from collections.abc import Sequence
from pathlib import Path

from vfxai.errors import ParameterError
from vfxai.image.sequence import Pattern


def check_output(output: Pattern, frames: Sequence[int], patterns: Sequence[Pattern], inputs: Sequence[Path]) -> None:
    """ParameterError where the output cannot take the frames, or is one of the input's patterns or files."""
    if not output.is_sequence and len(frames) > 1:
        raise ParameterError(f"{output.text} is one file for {len(frames)} frames", remedy="write the output as name.####.exr")
    if output.is_sequence and any(_place(output.path(0)) == _place(other.path(0)) for other in patterns):
        raise _is_input(output.text)
    known, names = {identity for p in inputs if (identity := _inode(p))}, {_place(p) for p in inputs}
    for number in frames:
        path = output.path(number)
        if _place(path) in names or _inode(path) in known:
            raise _is_input(path)


def _inode(path: Path) -> tuple[int, int] | None:
    """What a file is, whatever its name: hard links and names in other letters are the same one. None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _place(path: Path) -> str:
    """Where a path leads, links followed; a circle of links, where a file may be written all the same, as far as it goes."""
    return os.path.realpath(path)


def _is_input(path: Path | str) -> ParameterError:
    return ParameterError(
        f"{path} is input and output: frames that this run or its neighbours still read would be written over",
        remedy="choose another folder or name for the output",
    )
