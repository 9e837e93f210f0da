"""A look: what is stored, and the lattice that is applied."""

import base64
import zlib
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from vfxai.color.look import Lattice
from vfxai.errors import ParameterError, reason
from vfxai.look.cdl import Cdl
from vfxai.look.mix import Mix
from vfxai.look.monotone import monotone
from vfxai.look.scale import Scale
from vfxai.look.spline import basis, spread

COEFFICIENTS = 25
"""Of the spline along each axis: 22 pieces from black to white. `vfxai bench quality --only tone` was measured with it."""
VERSION = 1
"""Of to_dict(); another one is refused."""
WHOLE = Mix()
"""All of a look, and nothing protected."""


@dataclass(frozen=True)
class Look:
    """One colour transform in the values of a plate's colour space."""

    scale: Scale
    cdl: Cdl
    rest: Tensor
    """(25, 25, 25, 3) half: coefficients over R, G, B, as seen from 0 to the top, of what is added to the decision list's result."""

    def lattice(self, mix: Mix = WHOLE) -> Lattice:
        """The transform as it is applied and exported: monotone, within the half values, its share of the look mixed in."""
        knots, inner = self.scale.knots(), self.scale.inner()
        top = float(inner[-1])
        at = self.scale.seen(knots.clamp(0, top)) / self.scale.seen(inner[-1])
        added = spread(self.rest.double(), basis(at, len(self.rest)))
        grid = torch.stack(torch.meshgrid(knots, knots, knots, indexing="ij"), -1)
        made = self.scale.stored(self.scale.seen(self.cdl.extended(grid, top)) + added)
        table = monotone(mix(grid, made, self.scale), knots, self.scale.seen(knots)).clamp(float(knots[0]), float(knots[-1]))
        return Lattice(knots.numpy(), table.float().numpy(), self.scale.domain, self.scale.step)

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
            raise ParameterError(
                f"this is no look: {reason(error)}", remedy="learn it again, or give a file that tone wrote"
            ) from error
