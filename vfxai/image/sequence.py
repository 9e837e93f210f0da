"""File patterns and frame ranges, as the hosts write them."""

import re
from dataclasses import dataclass
from pathlib import Path

from vfxai.errors import ParameterError
from vfxai.image.absent import absent, is_movie
from vfxai.schema.frames import MOST_FRAMES, numbers

PADDING = re.compile(r"#+|@+|%0?\d*d")


@dataclass(frozen=True)
class Pattern:
    """A sequence `sh010.####.exr`, `sh010.%04d.exr`, `sh010.@@@@.exr`, or a single file."""

    text: str
    prefix: str
    """What stands before the frame number, folders included; the whole path of a single file."""
    suffix: str
    digits: int
    """Least number of digits of a frame number; 0 for a single file."""

    @classmethod
    def parse(cls, text: str | Path) -> "Pattern":
        """From text. The padding is in the file's name; # and @ count one digit each, %04d four."""
        text = str(text)
        name = text.rpartition("/")[2]
        found = list(PADDING.finditer(name))
        if not found or Path(text).is_file():  # a file that is named so, such as logo@2x.png
            return cls(text, text, "", 0)
        if len(found) > 1:
            raise ParameterError(f"{text} has more than one place for a frame number", remedy="use one run of #, @ or one %04d")
        token = found[0].group()
        digits = int(token[1:-1] or 1) if token.startswith("%") else len(token)
        start = len(text) - len(name) + found[0].start()
        return cls(text, text[:start], text[start + len(token) :], max(digits, 1))

    @property
    def is_sequence(self) -> bool:
        """Whether there is a place for a frame number."""
        return self.digits > 0

    def path(self, frame: int) -> Path:
        """The file of a frame; negative numbers carry their sign before the padding."""
        if not self.is_sequence:
            return Path(self.text)
        return Path(f"{self.prefix}{'-' if frame < 0 else ''}{abs(frame):0{self.digits}d}{self.suffix}")

    def frames_on_disk(self) -> tuple[int, ...]:
        """Numbers of the files that exist, ascending; (1,) or () for a single file."""
        if not self.is_sequence:
            return (1,) if Path(self.text).is_file() else ()
        name = self.prefix.rpartition("/")[2]
        number = re.compile(re.escape(name) + r"(-?\d+)" + re.escape(self.suffix))
        folder = Path(self.prefix + "x").parent
        found = (number.fullmatch(p.name) for p in folder.iterdir()) if folder.is_dir() else ()
        # `sh.1.exr` is frame 1 of `sh.#.exr` but not of `sh.####.exr`
        return tuple(sorted(int(m[1]) for m in found if m and self.path(int(m[1])).name == m.string))


def files_named(text: str) -> list[Path]:
    """The files of a path or pattern, or those in a folder; a file that is not there is named all the same."""
    if Path(text).is_dir():
        return sorted(p for p in Path(text).iterdir() if p.is_file())
    pattern = Pattern.parse(text)
    return [pattern.path(n) for n in pattern.frames_on_disk()] or [pattern.path(0)]


def frames_of(pattern: Pattern, text: str | None) -> tuple[int, ...]:
    """The asked frames, or all that lie on disk; InputError where there is none."""
    if is_movie(pattern.text):
        raise absent(pattern.text)
    if text:
        asked = numbers(text)
        if pattern.is_sequence:
            return asked
        if asked != (1,):
            raise ParameterError(
                f"{pattern.text} is one file, of which --frames {text} chooses nothing",
                remedy="leave out --frames, or give the plate as name.####.exr",
            )
    frames = pattern.frames_on_disk()
    if not frames:
        raise absent(pattern.text)
    if frames[-1] - frames[0] >= MOST_FRAMES:
        raise ParameterError(
            f"{pattern.text}: from frame {frames[0]} to {frames[-1]} are more than {MOST_FRAMES} frames",
            remedy="move the file with the odd number away, or give --frames",
        )
    return frames if not pattern.is_sequence else tuple(range(frames[0], frames[-1] + 1))
