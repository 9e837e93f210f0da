"""Tables in .cube files, as Iridas, Adobe and DaVinci Resolve write them.

OpenColorIO reads them too, but not the tags that Resolve adds, and tells in its own words what is wrong.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vfxai.errors import UnreadableInputError

LARGEST = {"LUT_1D_SIZE": 65536, "LUT_3D_SIZE": 256}
"""Most entries of an axis: what the format allows."""
LARGEST_FILE = 2**30
"""Bytes of the largest text that is read: a table of 256 x 256 x 256 has 500 MB."""
RANGES = ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE", "DOMAIN_MIN", "DOMAIN_MAX")
TAGS = ("LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE")
"""Levels 64 to 940 of 10 bits are black and white of what goes in, and of what comes out (Blackmagic Design, DaVinci Resolve LUT format)."""
AGAIN = "export the look again"


@dataclass(frozen=True)
class Cube:
    """The tables of a file. Either may be missing, not both; the 1D table comes first."""

    curve: NDArray[np.float32] | None
    """(N, 3): R, G, B at evenly spaced levels of curve_range."""
    curve_range: tuple[tuple[float, ...], tuple[float, ...]]
    """First and last level of R, G, B."""
    table: NDArray[np.float32] | None
    """(N, N, N, 3): R G B at evenly spaced levels of table_range of B, G, R, red fastest as in the file."""
    table_range: tuple[tuple[float, ...], tuple[float, ...]]
    video_in: bool
    video_out: bool


@dataclass
class _Lines:
    """What was read so far."""

    path: Path
    sizes: dict[str, int] = field(default_factory=dict)
    ranges: dict[str, tuple[float, ...]] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)

    def keyword(self, number: int, words: list[str]) -> None:
        """A line that is no row of numbers."""
        name, values = words[0].upper(), words[1:]
        if name in LARGEST:
            if len(values) != 1 or not values[0].isascii() or not values[0].isdigit() or not 2 <= int(values[0]) <= LARGEST[name]:
                raise wrong(self.path, number, f"{name} of 2 to {LARGEST[name]}", " ".join(words))
            self.sizes[name] = int(values[0])
        elif name in RANGES:
            count = 2 if name.endswith("INPUT_RANGE") else 3
            numbers = row_of(values)
            if numbers is None or len(numbers) != count:
                raise wrong(self.path, number, f"{count} numbers after {name}", " ".join(words))
            self.ranges[name] = numbers
        elif name in TAGS:
            self.tags.add(name)
        elif name != "TITLE":
            raise wrong(self.path, number, "a row of three numbers or a keyword of .cube files", " ".join(words))

    def span(self, dimension: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """First and last level of a table. DOMAIN_MIN and DOMAIN_MAX are those of the only table of an Iridas file."""
        low, high = self.ranges.get(f"LUT_{dimension}_INPUT_RANGE", (0.0, 1.0))
        first = self.ranges.get("DOMAIN_MIN", (low,) * 3) if len(self.sizes) == 1 else (low,) * 3
        last = self.ranges.get("DOMAIN_MAX", (high,) * 3) if len(self.sizes) == 1 else (high,) * 3
        if any(not b > a for a, b in zip(first, last, strict=True)):
            raise UnreadableInputError(
                f"the look {self.path} has a table from {first} to {last}, which is no range", remedy=AGAIN
            )
        return first, last


def read_cube(path: Path) -> Cube:
    """The tables of a file. UnreadableInputError, with the line, where it is no .cube file."""
    if path.stat().st_size > LARGEST_FILE:
        raise UnreadableInputError(f"the look {path} is larger than any .cube file", remedy=AGAIN)
    read, rows = _Lines(path), list[tuple[float, ...]]()
    text = path.read_bytes().decode("utf-8-sig", "replace")
    if "\0" in text:
        raise UnreadableInputError(f"the look {path} is no text, as .cube files are", remedy=AGAIN)
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        values = row_of(words)
        if values is None:
            read.keyword(number, words)
        elif len(values) != 3:
            raise wrong(path, number, "three numbers", line.strip())
        else:
            rows.append(values)
    curve, table = read.sizes.get("LUT_1D_SIZE", 0), read.sizes.get("LUT_3D_SIZE", 0)
    if not read.sizes or len(rows) != curve + table**3:
        expected = f"{curve + table**3} rows" if read.sizes else "LUT_1D_SIZE or LUT_3D_SIZE"
        raise UnreadableInputError(
            f"the look {path} is cut off or no .cube: expected {expected}, got {len(rows)} rows", remedy=AGAIN
        )
    entries = np.array(rows, np.float32)
    return Cube(
        entries[:curve] if curve else None,
        read.span("1D"),
        entries[curve:].reshape(table, table, table, 3) if table else None,
        read.span("3D"),
        *(tag in read.tags for tag in TAGS),
    )


def row_of(words: list[str]) -> tuple[float, ...] | None:
    """Finite numbers; None where the words are none."""
    try:
        values = tuple(float(word) for word in words)
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def wrong(path: Path, number: int, expected: str, got: str) -> UnreadableInputError:
    """What is wrong in a line."""
    return UnreadableInputError(f"the look {path}, line {number}: expected {expected}, got {got[:60]!r}", remedy=AGAIN)
