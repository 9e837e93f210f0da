"""The colorize node."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vfxai.errors import ParameterError
from vfxai.schema.node import Node
from vfxai.schema.parameters import Choice, FilePath, Float, Int
from vfxai.schema.vocabulary import Encoding, KeyFrames, Mask, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Collection

    from torch import Tensor

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.paint.colors import Colors
    from vfxai.paint.shot import PaintedShot
    from vfxai.schema.tools import Tools

LAYER = "colorize.confidence"


class Colorize(Node):
    """Colour black-and-white film from a few painted frames.

    Colours travel along the motion from the nearest painted frames on both sides, within a scene, and are trusted as far as motion there and back and the
    luminance agree; where they are not, a small network takes over that was fitted to the painted frames of this shot. The plate's luminance
    stays exactly as it is, grain included: light as the plate's space weighs it for scene-linear plates, luma of the stored values for others. The
    channel colorize.confidence tells where the colours are sure; where it is dark, another key helps most.
    """

    inputs = (
        Plate(),
        Mask("mask", optional=True),
        KeyFrames(
            doc="A frame's number and its painted picture; once for every key. Where the picture has an alpha, it is painted only there."
        ),
    )
    window = Window(2, 2, lazy=True)
    encoding = Encoding.PERCEPTUAL
    version = 5

    look_model: str = FilePath("", label="Look model", doc="A network fitted to another shot, which colours this one, or from which fitting starts where there are keys.")  # fmt: skip
    save_look: str = FilePath("", writes=True, label="Save look", doc="Where to keep the fitted network, for other shots of the same scene.")  # fmt: skip
    suggest: int = Int(0, min=0, max=100, unit="frames", label="Suggest", doc="Name so many frames that are most worth painting next; works without keys.")  # fmt: skip
    strength: float = Float(1.0, min=0, max=2, animated=True, label="Strength", doc="Saturation, as a multiple of what was painted. 0 keeps the plate bit-identical.")  # fmt: skip
    luma: str = Choice("auto", options=("auto", "rec709", "rec601", "average"), label="Luma", doc="How the gray of a plate that is not scene-linear was made; auto tells it from the keys, else Rec. 709.")  # fmt: skip
    steps: int = Int(500, min=0, max=20000, unit="steps", label="Steps", doc="Of fitting the network to the keys, where motion leaves parts of the shot without colour. With 0 only motion carries colours.")  # fmt: skip
    view: str = Choice("result", options=("result", "confidence"), label="View", doc="Show the result, or how sure its colours are.")  # fmt: skip

    def check_inputs(self, fed: Collection[str]) -> None:
        """A look is kept only where there is one."""
        super().check_inputs(fed)
        if self.save_look and not ("key" in fed or self.look_model):
            raise ParameterError("save_look: nothing is fitted without keys", remedy="give --key FRAME=FILE")

    def gives_color(self) -> bool:
        """A confidence is data."""
        return self.view == "result"

    def is_identity(self) -> bool:
        """No saturation."""
        return self.view == "result" and self.strength == 0

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> Colors:
        """From what Colors.to_dict gave."""
        from vfxai.paint.colors import Colors

        return Colors.from_dict(data)

    def analyze(self, plate: Clip, tools: Tools) -> Colors:
        """Finds cuts, follows the keys a little way, fits the network, and names the frames to paint next."""
        from vfxai.paint import learn
        from vfxai.paint.colors import Colors, load_look
        from vfxai.paint.painter import Painter
        from vfxai.paint.suggest import suggest

        keys = tools.numbers("key")
        if not (keys or self.look_model or self.suggest):
            raise ParameterError(
                "colorize has nothing to colour from",
                remedy="give --key FRAME=FILE, --look-model FILE, or --suggest N to be told what to paint",
            )
        learn.check_keys(keys, plate.frames)
        painter, kept = load_look(self.look_model) if self.look_model else (None, None)
        luminance = learn.luminance_of(self.luma, plate, keys, tools)
        if kept and not keys and self.luma == "auto" and not luminance.linear and not kept.linear:
            luminance = kept
        changes, cuts = learn.survey(plate, luminance, tools)
        found = Colors(changes, cuts, plate[plate.frames[0]].data_window, luminance, painter)
        if keys and self.steps:
            shot = self._shot(plate, found, tools)
            if self.save_look or not learn.is_covered(shot):
                found = replace(found, painter=learn.fitted(painter or Painter(), shot, self.steps, tools))
        if self.suggest:
            found = replace(found, suggested=suggest(found.scenes, changes, keys, self.suggest))
            tools.warn(f"most worth painting next: {', '.join(map(str, found.suggested)) or 'none, every frame is near a key'}")
        return found

    def deliver(self, plate: Clip, analysis: Colors, tools: Tools) -> None:
        """Writes the look model."""
        from vfxai.paint.colors import save_look

        if self.save_look:
            save_look(self.save_look, analysis)

    def _shot(self, plate: Clip, found: Colors, tools: Tools) -> PaintedShot:
        from vfxai.paint.learn import painted_shot

        return painted_shot(plate, found.frames, found.cuts, found.canvas, found.luminance, tools)

    def process(self, at: FrameWindow, analysis: Colors, tools: Tools) -> Frame:
        """Colours the centre frame."""
        from vfxai.image.clip import align
        from vfxai.paint.keys import over, paint_of, read_key
        from vfxai.paint.size import enlarged

        frame, box, keys, plate = at.center, analysis.canvas, tools.numbers("key"), at.shot
        if not (keys or analysis.painter):
            return frame
        shot = tools.remember("shot", lambda: self._shot(plate, analysis, tools))
        number = shot.nearest(at.number)
        chroma, confidence = self._colors(shot, number, analysis)
        guide = analysis.luminance.of(align(frame, box).color)
        on_canvas = replace(align(frame, box), layers={})
        large = enlarged(chroma, guide)
        sure = over(enlarged(confidence, guide).clamp(0, 1), on_canvas, frame.data_window)
        large = over(large, on_canvas, frame.data_window)
        if number in keys:
            paint = paint_of(read_key(number, frame, tools), analysis.luminance)
            large = large + paint[3:] * (paint[:3] - large)
        tools.record("confidence", round(float(confidence.mean()), 3))
        luminance = analysis.luminance.of(frame.color)
        color = analysis.luminance.colored(luminance, self.strength * large)
        shown = sure.expand(3, -1, -1) if self.view == "confidence" else color
        return replace(frame, color=shown, layers={**frame.layers, LAYER: sure})

    def _colors(self, shot: PaintedShot, number: int, analysis: Colors) -> tuple[Tensor, Tensor]:
        """Chroma (3, h, w) at the small size, of motion where it is sure and of the network elsewhere, and how sure motion is (1, h, w)."""
        import torch

        from vfxai.image.fill import smooth_fill

        chroma, confidence = shot.colors(number)
        hint = torch.cat([chroma, confidence])
        made = analysis.painter.paint(shot.guide(number), hint) if analysis.painter else smooth_fill(chroma, confidence)
        return made + confidence * (chroma - made), confidence
