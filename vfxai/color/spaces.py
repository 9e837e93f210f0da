"""Finding a colour space in a config: by words, and by what a file is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vfxai.color.config import Config

BY_LINES = {
    576: ("Rec.601 PAL Camera", "PAL video"),
    288: ("Rec.601 PAL Camera", "a field of PAL video"),
    480: ("Rec.601 NTSC Camera", "NTSC video"),
    486: ("Rec.601 NTSC Camera", "NTSC video"),
    240: ("Rec.601 NTSC Camera", "a field of NTSC video"),
    243: ("Rec.601 NTSC Camera", "a field of NTSC video"),
    720: ("Rec.709 Camera", "high-definition video"),
    1080: ("Rec.709 Camera", "high-definition video"),
}
"""What a picture of so many lines usually is."""
SCANS = (".dpx", ".cin")
"""Formats in which film scans are delivered, as printing density in a logarithm."""


@dataclass(frozen=True)
class Space:
    """A colour space of a config."""

    name: str
    aliases: tuple[str, ...]
    family: str
    encoding: str
    """As the config has it: scene-linear, log, sdr-video, data and others."""
    doc: str

    def says(self, word: str) -> bool:
        """Whether a word is in anything that is said of it; case, dots, dashes and blanks do not count."""
        return _bare(word) in _bare(" ".join([self.name, *self.aliases, self.family, self.encoding, self.doc]))


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def spaces_of(config: Config, words: Sequence[str] = ()) -> list[Space]:
    """The colour spaces of a config of which all words are said, in the config's order."""
    found = [Space(*facts) for facts in config.facts()]
    return [space for space in found if all(space.says(word) for word in words)]


def proposal(config: Config, path: Path, lines: int | None) -> str:
    """How to state the colour space of a file that says none, with a space that is there and fits what the file is."""
    fitting, why = BY_LINES.get(lines or 0, ("", ""))
    if not fitting and path.suffix.lower() in SCANS:
        fitting, why = "ADX10", "a film scan"
    if fitting and config.has(fitting):
        size = f" of {lines} lines" if lines else ""
        return f"if this is {why}, as a {path.suffix} file{size} may be: --colorspace '{fitting}'; `vfxai spaces` lists all"
    some = [s.name for s in spaces_of(config)][:3]
    return f"give --colorspace with one of the config's spaces, such as {', '.join(map(repr, some))}; `vfxai spaces` lists all"
