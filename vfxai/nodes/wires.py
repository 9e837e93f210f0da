"""The wires node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vfxai.errors import ParameterError
from vfxai.schema.node import Node
from vfxai.schema.parameters import Choice, Float, Int, Text
from vfxai.schema.vocabulary import Encoding, Plate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.removal.wire_paths import WirePaths
    from vfxai.removal.wires import Wire
    from vfxai.schema.tools import Tools


class Wires(Node):
    """Find thin wires and follow them through the shot: proposes the matte for `remove`.

    One point on a wire, or its two ends, in one frame are enough; without any point, long straight and sagging lines are looked for. Curves are
    stored as points that a person can edit (--analysis). The matte is a picture of its own, or a channel of the plate, `wires.matte`, which
    `remove` takes as its mask layer.
    """

    inputs = (Plate(),)
    encoding = Encoding.STORED
    version = 9
    keeps_tone = True

    at: str = Text("", label="At", doc="A point x,y on the wire, or its two ends as x,y x,y; in pixels of the plate, y down. Several wires are separated by semicolons. Empty looks for lines.")  # fmt: skip
    at_frame: int = Int(0, min=-(10**9), max=10**9, label="At frame", doc="Frame in which the points lie, or lines are looked for; 0 is the first frame of a shot that has no frame 0.")  # fmt: skip
    grow: float = Float(0.5, min=0, max=50, unit="pixels", label="Grow", doc="Widens the matte to each side, for soft edges.")
    form: str = Choice("matte", options=("matte", "channel"), label="Form", doc="Write the matte as a picture, or add it to the plate as the channel wires.matte.")  # fmt: skip

    def check(self) -> None:
        """Values that do not go together."""
        super().check()
        self._points()

    def gives_color(self) -> bool:
        """A matte is data."""
        return self.form == "channel"

    def _points(self) -> list[list[tuple[float, float]]]:
        """One or two points a wire."""
        found = []
        for wire in filter(str.strip, self.at.split(";")):
            try:
                points = [(float(x), float(y)) for x, y in (p.split(",") for p in wire.split())]
            except ValueError:
                points = []
            if not 1 <= len(points) <= 2:
                raise ParameterError(
                    f"at: {wire.strip()!r} is not one or two points", remedy='write --at 812,430 or --at "10,200 1900,260"'
                )
            found.append(points)
        return found

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> WirePaths:
        """From what WirePaths.to_dict gave, possibly edited."""
        from vfxai.removal.wire_paths import WirePaths

        return WirePaths.from_dict(data)

    def analyze(self, plate: Clip, tools: Tools) -> WirePaths:
        """Finds the wires in one frame and follows them to both ends of the shot."""
        from vfxai.removal.flanks import widened
        from vfxai.removal.ridges import Ridges
        from vfxai.removal.wire_paths import WirePaths
        from vfxai.removal.wires import from_points, search

        frames = plate.frames
        start = self.at_frame if self.at_frame in frames or self.at_frame != 0 else frames[0]
        if start not in frames:
            raise ParameterError(
                f"frame {start} is not in the clip ({frames[0]}-{frames[-1]})",
                remedy="give --at-frame with the frame of the points",
            )
        lines = Ridges.of(_picture(plate[start]))
        points = self._points()
        chosen = [from_points(lines, p) for p in points] if points else list(search(lines))
        for given, wire in zip(points, chosen, strict=False):
            if wire is None:
                tools.warn(f"there is no wire at {given} in frame {start}; --at-frame says in which frame the point lies")
        first = tuple(w for w in chosen if w is not None)
        if not first:
            tools.warn(f"no wire was found in frame {start}; give a point on it with --at X,Y")
        found = {start: first}
        index = frames.index(start)
        for order in (frames[index:], frames[index::-1]):
            self._follow(plate, order, found, tools)
        return WirePaths(widened(dict(sorted(found.items())), lambda number: _picture(plate[number]).mean(2)))

    def _follow(self, plate: Clip, order: tuple[int, ...], found: dict[int, tuple[Wire, ...]], tools: Tools) -> None:
        """Follows the wires of the first frame of `order` through the others, until all are lost or a cut."""
        import torch

        from vfxai.motion.camera import camera_motion
        from vfxai.motion.cuts import is_cut
        from vfxai.removal.ridges import Ridges
        from vfxai.removal.wires import follow

        wires, before = found[order[0]], plate[order[0]].color
        for done, number in enumerate(order[1:]):
            if not wires:
                return
            tools.progress(done, len(order), "following wires")
            frame = plate[number]
            if is_cut(before, frame.color):
                return
            known = torch.ones_like(frame.color[:1])
            camera = camera_motion(before, frame.color, known, known)
            lines = Ridges.of(_picture(frame))
            followed = [follow(lines, w, _moved(w.path, camera)) for w in wires]
            wires = tuple(w for w in followed if w is not None)
            found[number], before = wires, frame.color
        tools.progress(len(order), len(order), "following wires")

    def process(self, at: FrameWindow, analysis: WirePaths, tools: Tools) -> Frame:
        """Draws the wires of the centre frame."""
        from dataclasses import replace

        import torch

        from vfxai.removal.wires import drawn

        center = at.center
        wires = analysis.wires.get(at.number, ())
        tools.record("wires", len(wires))
        _, height, width = center.color.shape
        matte = torch.from_numpy(drawn(wires, (height, width), self.grow))[None].to(center.color.device)
        if self.form == "channel":
            return replace(center, layers={**center.layers, "wires.matte": matte})
        return replace(center, color=matte.expand(3, -1, -1), alpha=None, layers={}, stored=None)


def _picture(frame: Frame) -> NDArray[np.float32]:
    """(H, W, 3) under a square root, which makes shot noise even and a wire as clear in shadow as in light."""
    import numpy as np

    color = frame.color.expand(3, -1, -1).cpu().numpy().transpose(1, 2, 0)
    return np.ascontiguousarray(np.sign(color) * np.sqrt(np.abs(color)), np.float32)


def _moved(path: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (N, 2) through a homography."""
    import cv2
    import numpy as np

    return np.asarray(cv2.perspectiveTransform(path[None], matrix)[0], np.float64)
