"""Where wires run through a shot, as points that a person may move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vfxai.errors import ParameterError, reason
from vfxai.removal.curves import resampled
from vfxai.removal.wires import Wire

POINTS = 40
"""Points that are kept of a wire at most about: few enough to move by hand, and a curve of a wire bends little between them."""


@dataclass(frozen=True)
class WirePaths:
    """Where wires run in each frame of a shot."""

    wires: dict[int, tuple[Wire, ...]]
    """By frame number; frames without a wire may be missing."""

    def to_dict(self) -> dict[str, Any]:
        """Points every few pixels, to a tenth of a pixel, that a person may move."""
        return {
            "wires": {
                str(number): [{"width": round(w.width, 2), "path": w.path[_told(w)].round(1).tolist()} for w in found]
                for number, found in self.wires.items()
            }
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> WirePaths:
        """From what to_dict() gave, possibly edited; ParameterError where it is something else."""
        try:
            wires = {}
            for number, found in data["wires"].items():
                paths = [(float(w["width"]), np.array(w["path"], np.float64).reshape(-1, 2)) for w in found]
                wires[int(number)] = tuple(Wire(resampled(path), width) for width, path in paths if len(path) > 1)
            return cls(wires)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ParameterError(
                f"this is no analysis of wires: {reason(error)}", remedy="search again, or correct the file"
            ) from error


def _told(wire: Wire) -> list[int]:
    """Which points of a path are written down: every few, and the last, or the wire would end before its end."""
    last = len(wire.path) - 1
    return [*range(0, last, max(1, len(wire.path) // POINTS)), last]
