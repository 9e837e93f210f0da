"""Which fields of a shot belong to one picture: field order, film cadence, cuts; as text that a person may edit.

Fields are counted in time from 0. A section is a run of fields that follow one cadence: "video" where every field is a picture of its
own, "2:2" where two fields are one, "2:3" and so on where film was spread over fields, "still" where nothing tells and frames are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vfxai.errors import ParameterError, reason
from vfxai.schema.frames import numbers

STILL = "still"
CADENCES: dict[str, tuple[int, ...]] = {"video": (1,), "2:2": (2,), "2:3": (2, 3), "2:3:3:2": (2, 3, 3, 2)}
"""Fields of one picture after the other, by the name of the cadence."""


@dataclass(frozen=True)
class Section:
    """A run of fields."""

    start: int
    """First field."""
    cadence: tuple[int, ...]
    """Fields of the first picture, the second and so on, over and over."""
    still: bool = False
    """Whether nothing shows that frames follow this cadence: too little moves."""


@dataclass(frozen=True)
class FieldStructure:
    """What the fields of a shot are."""

    top_first: bool
    confidence: float
    """0.5 where nothing tells the order, near 1 where all that moves agrees on it."""
    frames: tuple[int, ...]
    """Numbers of the shot's frames; each has two fields."""
    sections: tuple[Section, ...]
    cuts: frozenset[int]
    """Fields before which the scene changes."""

    def to_dict(self) -> dict[str, Any]:
        """As text: fields are written FRAME.1 and FRAME.2."""
        return {
            "field_order": "top" if self.top_first else "bottom",
            "confidence": round(self.confidence, 3),
            "frames": list(self.frames) if len(self.frames) != self.frames[-1] - self.frames[0] + 1 else f"{self.frames[0]}-{self.frames[-1]}",
            "sections": [f"{self.name(s.start)} {cadence_name(s)}" for s in self.sections],
            "cuts": [self.name(c) for c in sorted(self.cuts)],
        }  # fmt: skip

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "FieldStructure":
        """Of what to_dict() gave, perhaps edited. ParameterError that names the wrong entry."""
        try:
            order = data["field_order"]
            if order not in ("top", "bottom"):
                raise ValueError(f"field_order {order!r} is neither top nor bottom")
            span = data["frames"]
            frames = numbers(span) if isinstance(span, str) else tuple(int(n) for n in span)
            places = {n: i for i, n in enumerate(frames)}
            marks = [text.split() for text in data["sections"]]
            sections = [Section(_field(start, places), _cadence(name), name == STILL) for start, name in marks]
            cuts = frozenset(_field(text, places) for text in data["cuts"])
            starts = [s.start for s in sections]
            if not starts or starts != sorted(set(starts)) or starts[0] != 0:
                raise ValueError("sections must start at the first field and follow one another")
            confidence = float(data["confidence"])
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise ParameterError(
                f"this is no field structure: {reason(error)}",
                remedy='write sections as "1001.1 2:3", cuts as "1010.2", or delete the file to measure again',
            ) from error
        return FieldStructure(order == "top", confidence, frames, tuple(sections), cuts)

    def name(self, field: int) -> str:
        """Frame number and 1 or 2."""
        return f"{self.frames[field // 2]}.{field % 2 + 1}"

    @property
    def spans(self) -> Iterator[tuple[Section, int]]:
        """Every section with the field before which it ends."""
        return zip(self.sections, [*(s.start for s in self.sections[1:]), 2 * len(self.frames)], strict=True)

    @cached_property
    def orphans(self) -> frozenset[int]:
        """Fields that are a picture alone between film: what a splice left of a film frame."""
        single = {f for f, n in self.pictures if n == 1}
        return frozenset(f for f in single if f - 1 not in single and f + 1 not in single)

    @cached_property
    def pictures(self) -> tuple[tuple[int, int], ...]:
        """First field and number of fields of every picture, in order, covering all fields."""
        found = []
        for section, end in self.spans:
            field, turn = section.start, 0
            while field < end:
                length = min(section.cadence[turn % len(section.cadence)], end - field)
                found.append((field, length))
                field, turn = field + length, turn + 1
        return tuple(found)

    @property
    def is_film(self) -> bool:
        """Whether more fields are of pictures of two or more than are video; still sections have no vote."""
        return sum((end - s.start) * (1 if max(s.cadence) > 1 else -1) for s, end in self.spans if not s.still) > 0


def cadence_name(section: Section) -> str:
    """still, video, 2:2, 2:3 and so on."""
    name = next((n for n, c in CADENCES.items() if c == section.cadence), ":".join(map(str, section.cadence)))
    return STILL if section.still else name


def _cadence(text: str) -> tuple[int, ...]:
    if text == STILL:
        return (2,)
    if text in CADENCES:
        return CADENCES[text]
    numbers = tuple(int(n) for n in text.split(":"))
    if not all(1 <= n <= 8 for n in numbers):
        raise ValueError(f"the cadence {text!r} has a picture of no or of more than 8 fields")
    return numbers


def _field(text: str, places: dict[int, int]) -> int:
    frame, _, half = text.rpartition(".")
    if int(frame) not in places or half not in ("1", "2"):
        raise ValueError(f"there is no field {text!r}")
    return 2 * places[int(frame)] + int(half) - 1
