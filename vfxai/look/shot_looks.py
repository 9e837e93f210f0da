"""The looks of a clip, one for each of its shots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vfxai.errors import ParameterError
from vfxai.look.look import Look


@dataclass(frozen=True)
class ShotLooks:
    """What tone learns: a look for each shot of the clip."""

    looks: tuple[tuple[int, Look], ...]
    """The first frame of a shot and its look, ascending."""

    def at(self, number: int) -> tuple[int, Look]:
        """The look of a frame, and the first frame of its shot."""
        return next((found for found in reversed(self.looks) if found[0] <= number), self.looks[0])

    def shots(self, frames: Sequence[int]) -> list[list[int]]:
        """The numbers of each shot's frames, without shots that have none."""
        parts = [[n for n in frames if self.at(n)[0] == first] for first, _ in self.looks]
        return [p for p in parts if p]

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file."""
        return {"shots": [{"from": number, "look": look.to_dict()} for number, look in self.looks]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ShotLooks:
        """From what to_dict() gave; ParameterError where it is something else."""
        try:
            looks = tuple((int(shot["from"]), Look.from_dict(shot["look"])) for shot in data["shots"])
        except (KeyError, TypeError, ValueError) as error:
            raise ParameterError(
                f"this is no analysis of tone: {error!r}", remedy="learn it again, or give a file that tone wrote with --analysis"
            ) from error
        if not looks:
            raise ParameterError("this analysis of tone has no look", remedy="learn it again")
        return cls(tuple(sorted(looks, key=lambda found: found[0])))
