"""What colorize learns from a whole shot, and the look model in which the fitted network can be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from vfxai.color.luminance import Luminance
from vfxai.errors import MissingInputError, OutputError, ParameterError, reason
from vfxai.image.box import Box
from vfxai.image.partial import whole_file
from vfxai.paint.painter import Painter
from vfxai.paint.suggest import scenes_of

KIND = "vfxai colorize look 1"
"""What a look model says it is."""


@dataclass(frozen=True)
class Colors:
    """The analysis of a shot."""

    changes: Mapping[int, float]
    """By frame number, how much the picture differs from the frame before; of every frame of the shot, in order."""
    cuts: tuple[int, ...]
    """First frames of all scenes but the first. May be edited."""
    canvas: Box
    """The data window on which motion is followed."""
    luminance: Luminance
    painter: Painter | None
    """None where nothing was painted."""
    suggested: tuple[int, ...] = ()
    """Frames most worth painting, the best first."""

    @property
    def frames(self) -> tuple[int, ...]:
        """All numbers of the shot."""
        return tuple(self.changes)

    @property
    def scenes(self) -> list[tuple[int, ...]]:
        """Frames between cuts."""
        return scenes_of(self.frames, self.cuts)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        box = self.canvas
        return {
            "suggested": list(self.suggested),
            "cuts": list(self.cuts),
            "canvas": [box.x, box.y, box.width, box.height],
            "luminance": self.luminance.to_dict(),
            "changes": {str(number): round(value, 7) for number, value in self.changes.items()},
            "painter": self.painter.to_text() if self.painter else None,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From what to_dict gave; ParameterError for anything else."""
        try:
            return cls(
                {int(number): float(value) for number, value in data["changes"].items()},
                tuple(map(int, data["cuts"])),
                Box(*map(int, data["canvas"])),
                Luminance.from_dict(data["luminance"]),
                Painter.from_text(data["painter"]) if data["painter"] else None,
                tuple(map(int, data["suggested"])),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ParameterError(
                f"this is no analysis of colorize: {error!r}",
                remedy="fit again, or give a file that colorize wrote with --analysis",
            ) from error


def save_look(path: str, colors: Colors) -> None:
    """Writes the fitted network as a look model, an .npz file of plain arrays; OutputError where the disk does not take it."""
    if colors.painter is None:
        return
    try:
        with whole_file(Path(path)) as partial, partial.open("wb") as stream:
            luminance = colors.luminance
            np.savez(
                stream,
                kind=KIND,
                weights=colors.painter.weights(),
                luminance=np.array(luminance.weights),
                linear=luminance.linear,
            )
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {reason(error)}", remedy="check the folder, free space and permission"
        ) from error


def load_look(path: str) -> tuple[Painter, Luminance]:
    """The network of a look model, and the luminance of the plate it was fitted to; ParameterError for a file that is none."""
    if not Path(path).is_file():
        raise MissingInputError(f"look model {path} is not there", remedy="write one with --save-look on a painted shot")
    try:
        with np.load(path, allow_pickle=False) as data:
            if str(data["kind"]) != KIND:
                raise ValueError(f"it is a {data['kind']}")
            painter = Painter()
            painter.load(data["weights"])
            return painter, Luminance.from_dict({"weights": data["luminance"], "linear": data["linear"]})
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ParameterError(
            f"{path} is no look model of this version: {reason(error)}",
            remedy="write it anew with --save-look on the painted shot",
        ) from error
