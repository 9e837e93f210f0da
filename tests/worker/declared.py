"""Nodes that tests and benches load into a worker: they do nothing, or something that shows."""

import os
import time
from typing import Any, ClassVar

from vfxai.image.frame import Frame, FrameWindow
from vfxai.schema.node import Node
from vfxai.schema.parameters import Float, Int
from vfxai.schema.tools import Tools
from vfxai.schema.vocabulary import Encoding, Mask, Pair, Plate, Window


class Gain(Node):
    """Multiplies by a factor, and adds what lies around in time."""

    inputs = (Plate(), Mask())
    encoding = Encoding.STORED
    factor: float = Float(2.0, min=0, max=100, label="Factor", doc="To multiply by.", animated=True)
    radius: int = Int(0, min=0, max=4, label="Radius", doc="Frames on each side that are averaged.")

    def temporal_window(self) -> Window:
        return Window(self.radius, self.radius)

    def process(self, at: FrameWindow, analysis: Any, tools: Tools) -> Frame:
        around = [at[offset].color for offset in sorted(at.numbers)]
        tools.record("seen", len(around))
        return at.center.with_color(sum(around) / len(around) * self.factor)


class Trouble(Node):
    """Does what nodes should not do."""

    encoding = Encoding.STORED
    kind: int = Int(
        0, min=0, max=9, label="Kind", doc="1 fails, 2 runs out of memory once, 3 ends the process, 4 takes its time."
    )
    calls: ClassVar[int] = 0

    def process(self, at: FrameWindow, analysis: Any, tools: Tools) -> Frame:
        Trouble.calls += 1
        if self.kind == 1:
            raise ZeroDivisionError("a defect")
        if self.kind == 2 and Trouble.calls == 1:
            raise MemoryError("no memory")
        if self.kind == 3:
            os._exit(9)
        if self.kind == 4:
            for _ in range(3000):
                tools.check()
                time.sleep(0.01)
        return at.center.with_color(at.center.color * 2)


class Graded(Node):
    """Adds what a pair differs by in its first pictures, in the mean of their pixels."""

    inputs = (Plate(), Pair())
    encoding = Encoding.STORED

    def process(self, at: FrameWindow, analysis: Any, tools: Tools) -> Frame:
        before, after = (tools.pictures(slot, at.center)[tools.numbers(slot)[0]].color for slot in ("before", "after"))
        return at.center.with_color(at.center.color + (after - before).mean())
