"""Makes the lines that a field lacks: by a network from the fields around it, fused with what it made beside it in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from vfxai.fields.alignment import align_fields
from vfxai.fields.line_fusion import fuse_lines
from vfxai.fields.lines import five_fields, laid_out, line_means, lines_of, with_lines, with_stills
from vfxai.image.fields import network_planes
from vfxai.motion.flow import estimate_flow
from vfxai.motion.temporal_fusion import FlowNeighbour

if TYPE_CHECKING:
    from vfxai.fields.structure import FieldStructure
    from vfxai.image.frame import FrameWindow
    from vfxai.schema.tools import Tools


@dataclass(frozen=True)
class LineMaker:
    """The frame of one field of the centre of a window; frames are (C, H, W) in display-like values."""

    at: FrameWindow
    field: int
    """Counted in time from the shot's first."""
    even: bool
    """Whether it lies on even rows."""
    found: FieldStructure
    tools: Tools
    network: Callable[[Tensor], Tensor]
    """Of network_planes() (18, H/2, W) the missing lines (3, H/2, W)."""

    def frame(self) -> Tensor:
        """(C, H, W): the field's own lines, and those that it lacks."""
        color = self.at.center.color
        fused = fuse_lines(self._alone(self.field), self.even, self._neighbours())
        made = lines_of(fused, not self.even)
        return with_lines(color, with_stills(made, self._around(self.field, color, self.even), color, self.even), self.even)

    def _frame_of(self, other: int, of: int) -> Tensor | None:
        """The frame that holds a field; None beyond the ends of the shot, and beyond a cut from field `of`."""
        low, high = sorted((other, of))
        if not 0 <= other < 2 * len(self.found.frames) or any(low < cut <= high for cut in self.found.cuts):
            return None
        return self.at[other // 2 - self.field // 2].color

    def _around(self, own: int, color: Tensor, on_even: bool) -> list[Tensor] | None:
        """The fields that the network sees, in its layout; None where the field is the only one of its scene."""
        frames = {offset: self._frame_of(own + offset, own) for offset in range(-2, 3)}
        return five_fields(frames, color, on_even) if any(frames[o] is not None for o in (-1, 1)) else None

    def _alone(self, own: int) -> Tensor:
        """The frame of a field by itself. Of its new lines the difference to plain means is kept: half precision is enough for that."""
        color, on_even = self.at[own // 2 - self.field // 2].color, self.even == ((own - self.field) % 2 == 0)
        plain = line_means(color, on_even)

        def made() -> Tensor:
            around = self._around(own, color, on_even)
            planes = network_planes(align_fields(around or five_fields({}, color, on_even)))
            lines = laid_out(self.network(planes), color, on_even)
            return (with_stills(lines, around, color, on_even) - plain).half()

        lines: Tensor = self.tools.remember(("lines", (own, self.at.center.data_window)), made)
        return with_lines(color, plain + lines, on_even)

    def _flows(self, first: int) -> tuple[Tensor, Tensor]:
        """From a field to the next, and back."""

        def made() -> tuple[Tensor, Tensor]:
            a, b = self._alone(first), self._alone(first + 1)
            return estimate_flow(a, b), estimate_flow(b, a)

        kept: tuple[Tensor, Tensor] = self.tools.remember(("flows", (first, self.at.center.data_window)), made)
        return kept

    def _neighbours(self) -> Iterator[FlowNeighbour]:
        field = self.field
        if self._frame_of(field - 1, field) is not None:
            there, here = self._flows(field - 1)
            yield FlowNeighbour(self._alone(field - 1), here, there)
        if self._frame_of(field + 1, field) is not None:
            yield FlowNeighbour(self._alone(field + 1), *self._flows(field))
