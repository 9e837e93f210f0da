"""A look: what is stored, and the lattice that is applied."""

import base64
import zlib
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from vfxai.errors import ParameterError
from vfxai.look.cdl import Cdl
from vfxai.look.scale import Scale
from vfxai.look.spline import basis, spread

COEFFICIENTS = 25
VERSION = 1


@dataclass(frozen=True)
class Look:
    """One colour transform in the values of a plate's colour space."""

    scale: Scale
    cdl: Cdl
    rest: Tensor
    """(25, 25, 25, 3) half: coefficients over R, G, B, as seen from 0 to the top, of what is added to the decision list's result."""

    def table(self) -> Tensor:
        """(65, 65, 65, 3) float32: the results at the knots of the scale, R along the first axis, monotone."""
        knots, inner = self.scale.knots(), self.scale.inner()
        seen = self.scale.seen(inner)
        at = self.scale.seen(knots.clamp(0, float(inner[-1]))) / seen[-1]
        added = spread(self.rest.float(), basis(at, len(self.rest)).float())
        grid = torch.stack(torch.meshgrid(knots, knots, knots, indexing="ij"), -1)
        made = self.scale.stored(self.scale.seen(self.cdl.extended(grid, float(inner[-1]))) + added)
        return made.float()

    def to_dict(self) -> dict[str, Any]:
        """As plain values; the coefficients compressed."""
        packed = base64.b64encode(zlib.compress(self.rest.numpy().tobytes(), 9)).decode()
        return {"version": VERSION, "linear": self.scale.linear, "top": self.scale.top, "cdl": self.cdl.to_dict(), "rest": packed}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From what to_dict gave; ParameterError where it is none."""
        try:
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']!r}, this program reads {VERSION}")
            packed = bytearray(zlib.decompress(base64.b64decode(data["rest"])))
            rest = torch.frombuffer(packed, dtype=torch.half).reshape(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS, 3)
            return cls(Scale(bool(data["linear"]), float(data["top"])), Cdl.from_dict(data["cdl"]), rest)
        except (KeyError, TypeError, ValueError, RuntimeError, zlib.error) as error:
            raise ParameterError(f"this is no look: {error}", remedy="learn it again, or give a file that tone wrote") from error
