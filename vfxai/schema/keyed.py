"""A value that changes over the shot: keys by frame."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vfxai.errors import ParameterError

T = TypeVar("T")
FRAME = re.compile(r"[+-]?[0-9]{1,9}")
TEXT = re.compile(r"\s*[+-]?[0-9]{1,9}\s*=")
MOST_KEYS = 100_000
"""An hour with a key in every frame; hosts bake curves so."""
EXPECTED = "values by frame, such as {1001 = 0.5, 1048 = 1.0}"


@dataclass(frozen=True)
class Keyed(Generic[T]):
    """Keys by ascending frame; before the first and after the last it stays."""

    keys: tuple[tuple[int, T], ...]

    def at(self, frame: int, between: Callable[[T, T, float], T]) -> T:
        """The value at a frame; `between` gives what lies at a share (0 to 1) of the way from one key to the next."""
        after = bisect_right(self.keys, frame, key=lambda k: k[0])
        if after == 0 or after == len(self.keys):
            return self.keys[max(after - 1, 0)][1]
        (start, first), (end, second) = self.keys[after - 1], self.keys[after]
        return first if frame == start else between(first, second, (frame - start) / (end - start))

    def to_dict(self) -> dict[str, T]:
        """As plain values by frame number in text, as TOML and JSON keys are."""
        return {str(frame): value for frame, value in self.keys}


def is_keyed(value: object) -> bool:
    """Whether a given value is a table of keys, or a command line's text of one: 1001=0.5,1048=1."""
    return isinstance(value, Mapping | Keyed) or (isinstance(value, str) and TEXT.match(value) is not None)


def keyed(value: Any, validate: Callable[[object], T]) -> Keyed[T]:
    """Keys from a table, or from the text of one; ParameterError where a frame is no whole number or a value is refused."""
    if isinstance(value, Keyed):
        value = dict(value.keys)
    if isinstance(value, str):
        pairs = [(frame.strip(), one.strip()) for frame, _, one in (piece.partition("=") for piece in value.split(","))]
        value = dict(pairs)
        if len(value) < len(pairs):
            raise ParameterError("a frame is there twice", remedy=f"give {EXPECTED}")
    if not 0 < len(value) <= MOST_KEYS:
        raise ParameterError(f"expected 1 to {MOST_KEYS} keys, got {len(value)}", remedy=f"give {EXPECTED}")
    found: dict[int, T] = {}
    for frame, one in value.items():
        if isinstance(frame, bool) or not FRAME.fullmatch(str(frame)):
            raise ParameterError(f"expected a frame number, got {str(frame)[:40]!r}", remedy=f"give {EXPECTED}")
        if int(frame) in found:  # "1" and "01" are two texts
            raise ParameterError("a frame is there twice", remedy=f"give {EXPECTED}")
        found[int(frame)] = validate(one)
    return Keyed(tuple(sorted(found.items(), key=lambda k: k[0])))
