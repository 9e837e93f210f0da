"""Whether a job would write over what it reads, or over what is not its own: by name, through links, and as a pattern."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vfxai.engine.resume import Journal
from vfxai.errors import ParameterError
from vfxai.image.clip import FileClip
from vfxai.image.sequence import Pattern


@dataclass(frozen=True)
class Reads:
    """What is read."""

    patterns: tuple[Pattern, ...] = ()
    """Of sequences: any file of them counts as read, also one that is not there yet."""
    files: tuple[Path, ...] = ()

    @classmethod
    def of(cls, *clips: FileClip) -> "Reads":
        """The sequences of clips, with all their files."""
        patterns = tuple(clip.pattern for clip in clips if clip.pattern.is_sequence)
        return cls(patterns, tuple(clip.path(n) for clip in clips for n in clip.whole().frames))

    def __add__(self, other: "Reads") -> "Reads":
        return Reads(self.patterns + other.patterns, self.files + other.files)


def check_output(output: Pattern, frames: Sequence[int], reads: Reads) -> None:
    """ParameterError where the output cannot take the frames, or is one of the input's patterns or files."""
    if not output.is_sequence and len(frames) > 1:
        raise ParameterError(f"{output.text} is one file for {len(frames)} frames", remedy="write the output as name.####.exr")
    if output.is_sequence and any(_place(output.path(0)) == _place(other.path(0)) for other in reads.patterns):
        raise _is_input(output.text)
    known, names = {identity for p in reads.files if (identity := _inode(p))}, {_place(p) for p in reads.files}
    for number in frames:
        path = output.path(number)
        if _place(path) in names or _inode(path) in known:
            raise _is_input(path)


def check_written(written: Sequence[tuple[str, Path]], output: Pattern, reads: Reads) -> None:
    """ParameterError where a file that is written besides the frames, given with the option that names it, is read, is a frame of the output, or is written twice."""
    known = {identity: p for p in reads.files if (identity := _inode(p))} if written else {}
    names = {_place(p): p for p in reads.files} if written else {}
    taken: dict[str, str] = {}
    for option, path in written:
        place = _place(path)
        if place in names or _inode(path) in known or any(_is_frame(path, pattern) for pattern in reads.patterns):
            raise ParameterError(f"{option}: {path} is read by this run, and no place to write to", remedy="choose another name")
        if _is_frame(path, output):
            raise ParameterError(
                f"{option}: {path} is called as a frame of the output {output.text}", remedy="choose another name"
            )
        if place in taken:
            raise ParameterError(f"{option}: {path} is written by {taken[place]} already", remedy="choose another name")
        taken[place] = option


def _is_frame(path: Path, pattern: Pattern) -> bool:
    """Whether a path is that of a frame of a pattern, be it there or not."""
    number = pattern.number_of(Path(_place(path)).name) if pattern.is_sequence else 0
    return number is not None and _place(pattern.path(number)) == _place(path)


def check_foreign(output: Pattern, frames: Sequence[int], journal: Journal, ask: str) -> None:
    """ParameterError where one of the frames is on disk and vfxai did not write it; `ask` is how to have it replaced all the same."""
    foreign = [n for n in frames if output.path(n).exists() and not journal.knows(n)]
    if foreign:
        raise ParameterError(
            f"{output.path(foreign[0])} exists and was not written by vfxai"
            + (f", and {len(foreign) - 1} more" if len(foreign) > 1 else ""),
            remedy=f"choose another output, or {ask}",
        )


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
