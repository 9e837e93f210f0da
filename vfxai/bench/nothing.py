"""A node that does nothing, to measure what it costs to get a frame to a node and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vfxai.schema.node import Node
from vfxai.schema.parameters import Int
from vfxai.schema.vocabulary import Encoding, Window

if TYPE_CHECKING:
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.schema.tools import Tools


class Nothing(Node):
    """Gives the plate back, after it has looked at the frames around it."""

    encoding = Encoding.STORED
    radius: int = Int(0, min=0, max=12, label="Radius", doc="Frames before and after that are looked at.")

    def temporal_window(self) -> Window:
        """As wide as the radius asks."""
        return Window(self.radius, self.radius)

    def process(self, at: FrameWindow, analysis: Any, tools: Tools) -> Frame:
        """The frame in the middle, as it came."""
        for offset in at.offsets:
            at[offset]
        return at.center
