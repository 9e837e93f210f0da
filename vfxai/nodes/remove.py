"""The remove node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vfxai.errors import InputError, ParameterError
from vfxai.schema.node import Node
from vfxai.schema.parameters import Float, Int, Text
from vfxai.schema.vocabulary import CleanPlate, Encoding, Mask, Plate, Window

if TYPE_CHECKING:
    from torch import Tensor

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.removal.shot_motion import ShotMotion
    from vfxai.schema.tools import Tools

MODEL = "remove-s"


class Remove(Node):
    """Remove wires, rigs, props and logos: what a matte covers is replaced by what stands behind it.

    Real pixels of other frames come first: neighbours are moved onto the frame by the motion of the camera and then by dense flow, both
    estimated with the covered parts left out; the most consistent one wins, its exposure compensated. A trained network mends what is not well
    aligned and makes up what no frame shows; what it made up is the same in all frames of the scene. The plate's grain is put back. Pixels that
    the matte does not touch stay bit-identical. Three channels tell what was done: remove.matte, remove.source (number of the frame that
    a pixel comes from, 0 where it is the plate's or made up) and remove.invented; with a clean plate remove.clean_plate as well.
    """

    inputs = (
        Plate(),
        Mask(
            "mask",
            optional=True,
            mixes=False,
            doc="Matte of what is removed: everything it touches, however faintly, is replaced.",
        ),
        CleanPlate(),
    )
    encoding = Encoding.PERCEPTUAL
    models = (MODEL, "noise-s")  # which tells grain from texture
    version = 9

    mask_layer: str = Text("", label="Mask layer", doc="Channel of the plate that holds the matte, such as wire.A, where there is no mask file.")  # fmt: skip
    grow: int = Int(0, min=0, max=100, unit="pixels", label="Grow", doc="Widens the matte, for soft edges that it misses.")
    feather: int = Int(0, min=0, max=100, unit="pixels", label="Feather", doc="Width of the transition to the plate, outside the grown matte.")  # fmt: skip
    search: int = Int(12, min=0, max=200, unit="frames", label="Search", doc="Frames before and after in which the background is looked for. 0 makes everything up.")  # fmt: skip
    grain: float = Float(1.0, min=0, max=2, animated=True, label="Grain", doc="The plate's grain on what the network made, as a multiple of the measured grain.")  # fmt: skip

    def temporal_window(self) -> Window:
        """As wide as the search."""
        return Window(self.search, self.search, lazy=True)

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> ShotMotion:
        """From what ShotMotion.to_dict gave."""
        from vfxai.removal.shot_motion import ShotMotion

        return ShotMotion.from_dict(data)

    def analyze(self, plate: Clip, tools: Tools) -> ShotMotion:
        """Follows the camera over the whole shot, with the covered parts left out; finds cuts; measures the grain."""
        from vfxai.removal.shot_motion import follow_camera

        return follow_camera(plate, lambda number, frame: self._hidden(plate, number, frame), tools)

    def process(self, at: FrameWindow, analysis: ShotMotion, tools: Tools) -> Frame:
        """Removes from the centre frame what its matte covers."""
        from dataclasses import replace

        import torch

        from vfxai.removal.finder import BackgroundFinder

        center, shot = at.center, at.shot
        if at.number not in analysis.frames:
            raise ParameterError(
                f"the analysis does not know frame {at.number}", remedy="measure again: delete the file of --analysis"
            )
        matte = self._weight(shot, at.number, center)
        finder = BackgroundFinder(
            shot,
            analysis,
            tools,
            hidden=lambda number, frame: self._hidden(shot, number, frame),
            fill=lambda planes, passes: tools.run_model(MODEL, planes, passes),
            search=self.search,
            grain=self.grain,
        )
        found = finder.background(at.number)
        tools.record("invented", int(found.invented.sum()))
        share, own = matte[:, found.inside], center.color[:, found.inside]  # (1, N), (C, N)
        color = found.color + found.grain
        mixed = torch.where(share < 1, own + share * (color - own), color)
        layers = {
            "remove.matte": matte,
            "remove.source": found.plane(found.source),
            "remove.invented": found.plane(found.invented),
        }
        if tools.numbers("clean_plate"):
            layers["remove.clean_plate"] = found.plane(found.clean)
        return replace(center, color=replace(found, color=mixed).over(center.color), layers={**center.layers, **layers})

    def _matte(self, shot: Clip, number: int, frame: Frame) -> Tensor:
        """The matte as it was given, (1, H, W); where there are two, what either covers."""
        given = shot.matte("mask", number)
        if self.mask_layer:
            inside = shot.channel(self.mask_layer, number)
            given = inside if given is None or inside is None else inside.maximum(given)
        if given is None and self.mask_layer:
            raise InputError(
                f"there is no channel {self.mask_layer!r} in frame {number}",
                remedy="give --mask-layer with the full name of a channel, such as mask.A",
            )
        if given is None:
            raise ParameterError(
                "there is nothing to remove", remedy="give --mask PATTERN, or --mask-layer with a channel of the plate"
            )
        return given.nan_to_num(0.0, 1.0, 0.0).clamp(0, 1).to(frame.color.device)

    def _hidden(self, shot: Clip, number: int, frame: Frame) -> Tensor:
        """1 where a pixel is replaced, be it in part."""
        return (self._weight(shot, number, frame) > 0).float()

    def _weight(self, shot: Clip, number: int, frame: Frame) -> Tensor:
        """How far each pixel is replaced: the matte grown, and feathered outwards."""
        from vfxai.image.matte import distance_outside

        distance = distance_outside(self._matte(shot, number, frame)) - self.grow
        return (1 - distance / (self.feather + 1)).clamp(0, 1)
