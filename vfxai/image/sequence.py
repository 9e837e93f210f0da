"""File patterns as the hosts write them, and which files of a folder are their frames."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from vfxai.errors import MissingInputError, ParameterError
from vfxai.image.absent import absent, is_movie
from vfxai.schema.events import Chosen
from vfxai.schema.frames import MOST_FRAMES, numbers

TOKEN = re.compile(
    r"(?P<escape>%%|\[[#@%$<]\]|\\[#@%$<\[])"
    r"|(?P<listed>\[(?P<first>-?\d+)-(?P<last>-?\d+)\])"
    r"|(?P<range>-?\d+--?\d+(?:x\d+)?(?:,-?\d+--?\d+(?:x\d+)?)*(?=[#@%]))?"
    r"(?:(?P<hashes>#+|@+)|%(?P<printf>0?\d*)d|\$F(?P<houdini>\d*)|\$\{F(?P<braced>\d*)\}|<(?:f|F|frame|Frame)(?P<angled>\d*)>)"
)
"""Places for a frame number, and what is written for a character of such a place that belongs to the name."""
TILES = re.compile(r"<(udim|uvtile|uv)>|%\(udim\)d|\bu<u>_v<v>|<u>|<v>", re.IGNORECASE)
PLACES = "#, @@@@, %04d, $F4, <f4> or [1001-1048]"
ESCAPES = "write [#], [@], [%] or [$] for such a character of the name"


@dataclass(frozen=True)
class Pattern:
    """A sequence `sh010.####.exr`, `sh010.%04d.exr`, `sh010.@@@@.exr`, `sh010.$F4.exr`, `sh010.1001-1048#.exr`, or a single file."""

    text: str
    prefix: str
    """What stands before the frame number, folders included; the whole path of a single file."""
    suffix: str
    digits: int
    """Least number of digits of a frame number, its sign counted as one; 0 for a single file."""
    loose: bool = False
    """Whether the pattern is one #, @, %d or $F, for which a reader takes as many digits as the files have."""
    frames: str = ""
    """The range that the pattern itself names, as --frames does."""
    chosen: tuple[Chosen, ...] = ()
    """What was taken for the user, and why."""

    @classmethod
    def parse(cls, text: str | Path) -> "Pattern":
        """From text, without a look at the frames on disk. The padding is in the file's name; # and @ count one digit each, %04d four."""
        text = str(text)
        if not is_utf8(text):
            raise ParameterError(
                f"{text!r}: the name holds bytes that are no UTF-8, and the libraries of picture formats take no such name",
                remedy="rename the file or its folder, or reach it through a link with another name",
            )
        name = text.rpartition("/")[2] if os.sep == "/" else re.split(r"[/\\]", text)[-1]
        start = len(text) - len(name)
        found = [m for m in TOKEN.finditer(name) if not m["escape"]]
        if Path(text).is_file():  # a file that is named so, such as logo@2x.png
            return cls(text, text, "", 0)
        if TILES.search(name):
            raise ParameterError(
                f"{text} names the tiles of a texture, which are no frames in time",
                remedy="process each tile by itself: give its file, such as name_1001.exr",
            )
        if len(found) > 1:
            raise ParameterError(f"{text} has more than one place for a frame number", remedy=f"use one of {PLACES}; {ESCAPES}")
        if not found:
            plain = text[:start] + _unescaped(name)
            return cls(text, plain, "", 0)
        return cls._of(text, start, name, found[0])

    @classmethod
    def _of(cls, text: str, start: int, name: str, found: "re.Match[str]") -> "Pattern":
        """From the place for the number in the file's name."""
        before, suffix = text[:start] + _unescaped(name[: found.start()]), _unescaped(name[found.end() :])
        if found["listed"]:
            first, last = found["first"], found["last"]
            return cls(text, before, suffix, len(first), frames=f"{first}-{last}")
        digits, loose = _digits(found)
        made = cls(text, before, suffix, digits, loose)
        if not found["range"]:
            return made
        literal = replace(made, prefix=before + found["range"])
        if literal.files or (before and before[-1].isalnum()):
            return literal  # v1-2####: the files are called so
        return replace(made, frames=found["range"])

    @property
    def is_sequence(self) -> bool:
        """Whether there is a place for a frame number."""
        return self.digits > 0

    def path(self, frame: int) -> Path:
        """Where a frame is written. The sign of a negative number counts as one of its digits, as for printf, Nuke and Python: -002."""
        if not self.is_sequence:
            return Path(self.prefix)
        return Path(f"{self.prefix}{frame:0{self.digits}d}{self.suffix}")

    @cached_property
    def files(self) -> Mapping[int, Path]:
        """The files that exist, by ascending number; that of a single file is 1. Negative numbers may have their sign beside their digits (-0002) too.

        Looked for once. MissingInputError where two files have one number.
        """
        if not self.is_sequence:
            return {1: Path(self.prefix)} if Path(self.prefix).is_file() else {}
        found: dict[int, Path] = {}
        for number, text, path in self._numbered():
            if text not in (f"{number:0{self.digits}d}", f"-{-number:0{self.digits}d}"):
                continue  # `sh.1.exr` is frame 1 of `sh.#.exr` but not of `sh.####.exr`
            if number in found:
                raise MissingInputError(
                    f"frame {number} of {self.text} is there twice: {found[number].name} and {path.name}",
                    remedy="move one of them away",
                )
            found[number] = path
        return dict(sorted(found.items()))

    def frames_on_disk(self) -> tuple[int, ...]:
        """Numbers of the files that exist, ascending; (1,) or () for a single file."""
        return tuple(self.files)

    def _numbered(self) -> list[tuple[int, str, Path]]:
        """Number, its text and path of everything in the folder that is called as a frame is, whatever its digits."""
        folder = Path(self.prefix + "x").parent
        found = [(self._name.fullmatch(p.name), p) for p in folder.iterdir()] if folder.is_dir() else []
        return [(int(m[1]), m[1], p) for m, p in found if m]

    @cached_property
    def _name(self) -> re.Pattern[str]:
        """What a file is called as a frame, whatever its digits, which are group 1."""
        return re.compile(re.escape(Path(self.prefix + "x").name[:-1]) + r"(-?\d+)" + re.escape(self.suffix))

    def number_of(self, name: str) -> int | None:
        """The number of a file that is called as a frame of the sequence, whatever its digits; None where it is called otherwise."""
        found = self._name.fullmatch(name)
        return int(found[1]) if found else None

    def settled(self) -> "Pattern":
        """The pattern as a reader takes it: with the digits that the files have, where it leaves them open; what was taken is in `chosen`."""
        if not self.is_sequence:
            return self
        there = self._numbered()
        padded = sorted({len(text) for _, text, _ in there if re.match(r"-?0\d", text)})
        made = self
        if self.loose and padded:
            taken = replace(self, digits=padded[0], loose=False)
            why = f"the files are called so, {Path(self.text).name} leaves it open"
            made = replace(taken, chosen=(Chosen("padding", f"{padded[0]} digits", why),))
        left = sorted(p.name for n, _, p in there if made.files.get(n) != p)
        if left and made.files:
            why = f"as {Path(self.text).name} says; of another number of digits, and no frames of it, are others"
            said = Chosen("padding", f"{made.digits} digits", why, (*left[:8], *(["..."] if len(left) > 8 else [])))
            made = replace(made, chosen=(*made.chosen, said))
        return made


def _digits(found: "re.Match[str]") -> tuple[int, bool]:
    """How many digits a place has, and whether it leaves that to the files."""
    if found["hashes"]:
        return len(found["hashes"]), len(found["hashes"]) == 1
    written = next(found[way] for way in ("printf", "houdini", "braced", "angled") if found[way] is not None)
    return max(int(written or 1), 1), not written


def is_utf8(text: str) -> bool:
    """Whether a path is made of characters; Python keeps bytes that are none in a form that no library takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unescaped(name: str) -> str:
    """A part of a file's name without escapes."""
    return TOKEN.sub(lambda m: m[0].strip("[]\\")[:1] if m["escape"] else m[0], name)


def frames_text(numbers: Sequence[int]) -> str:
    """Frame numbers in the shortest words that `--frames` reads."""
    import fileseq  # here, as it takes a tenth of a second

    return str(fileseq.FrameSet.framesToFrameRange(list(numbers)))


def files_named(text: str) -> list[Path]:
    """The files of a path or pattern, or those in a folder; a file that is not there is named all the same."""
    if Path(text).is_dir():
        return sorted(p for p in Path(text).iterdir() if p.is_file())
    pattern = Pattern.parse(text).settled()
    return list(pattern.files.values()) or [pattern.path(0)]


def frames_of(pattern: Pattern, text: str | None) -> tuple[int, ...]:
    """The asked frames, those that the pattern names, or all that lie on disk; InputError where there is none."""
    if is_movie(pattern.text):
        raise absent(pattern.text)
    if text or pattern.frames:
        asked = numbers(text or pattern.frames)
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
