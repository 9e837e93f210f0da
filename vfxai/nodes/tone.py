"""The tone node."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vfxai.color.suffixes import WRITES
from vfxai.errors import ParameterError
from vfxai.schema.node import Node
from vfxai.schema.parameters import Bool, FilePath, Float, Text
from vfxai.schema.vocabulary import Encoding, Mask, Pair, Plate, Reference

if TYPE_CHECKING:
    from collections.abc import Collection

    from torch import Tensor

    from vfxai.color.look import Apply
    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.look.mix import Mix
    from vfxai.look.shot_looks import ShotLooks
    from vfxai.schema.events import Chosen
    from vfxai.schema.tools import Tools

ONE_OF = "give one of --pair BEFORE AFTER, --reference STILLS, --look FILE and --style MODEL"
"""Remedy where tone has nothing to follow, or two things."""


class Tone(Node):
    """Give a shot the look of a graded frame, of other footage, or of a look file.

    The look is one smooth, rising colour transform for a whole shot, so it cannot flicker, band or invert: slope, offset, power and
    saturation, and what these leave as a spline over colour. Where no colour was seen it follows the former; above and below it goes on as a straight
    line over all half values. It is applied by OpenColorIO as a shaper and a 3D table with trilinear interpolation to the values of
    the plate's own colour space, and --export writes just that, strength and protection included.
    """

    inputs = (
        Plate(),
        Mask("mask", optional=True),
        Pair(doc="Frames before and after a grade, each a file or a pattern: learns what the colourist did."),
        Reference(doc="Stills or frames of other footage, as a file, pattern or folder, whose look is matched."),
    )
    encoding = Encoding.STORED
    version = 4
    analysis_scales = True
    analysis_is_bound = False

    look: str = FilePath("", label="Look", doc="A look to apply: .cube, .clf, .cdl, .cc, .ccc and others that OpenColorIO reads.")
    look_space: str = Text("", label="Look space", doc="Colour space in which the look file works, such as ACEScct; empty is the plate's own.")  # fmt: skip
    look_id: str = Text(
        "", label="Look id", doc="Which correction of a .ccc or .cdl file that holds several: its id, or its number."
    )
    style: str = Text("", label="Style", doc="Id of a model made by `vfxai train style`, in models/ or a folder of $VFXAI_MODELS: redraws each frame by itself, beyond what a transform of colour can do.")  # fmt: skip
    strength: float = Float(
        1.0, min=0, max=1, animated=True, label="Strength", doc="Share of the look. 0 keeps the plate bit-identical."
    )
    luma_only: bool = Bool(False, label="Luma only", doc="Change brightness only; colours keep the ratios of their channels.")
    protect_skin: float = Float(0.0, min=0, max=1, animated=True, label="Protect skin", doc="Share of its own colour that skin keeps; its brightness follows the look.")  # fmt: skip
    protect_neutrals: float = Float(0.0, min=0, max=1, animated=True, label="Protect neutrals", doc="Share of its own colour that gray keeps; its brightness follows the look.")  # fmt: skip
    export: str = FilePath("", label="Export", doc="Writes the look as .cube, .clf, or .cdl, .ccc, .cc; with several shots one each, numbered by first frame.", writes=True)  # fmt: skip

    def check(self) -> None:
        """Values that do not go together."""
        super().check()
        if self.style and self.export:
            raise ParameterError("a style is no transform of colour that a file could hold", remedy="leave out --export")
        if self.look_space and not self.look:
            raise ParameterError(
                "look_space is the space of a look file, and there is none", remedy="give --look, or leave it out"
            )
        if self.look_id and not self.look:
            raise ParameterError(
                "look_id names a correction of a look file, and there is none", remedy="give --look, or leave it out"
            )
        if self.export and Path(self.export).suffix.lower() not in WRITES:
            raise ParameterError(f"export: {self.export} is no look", remedy=f"name it with one of {', '.join(WRITES)}")
        if self.export and (changing := sorted(self.by_frame().keys() - {"mix"})):
            raise ParameterError(
                f"{', '.join(changing)} changes over the shot, and a look file holds one look", remedy="leave out --export"
            )

    def check_inputs(self, fed: Collection[str]) -> None:
        """One thing to follow, and not two."""
        super().check_inputs(fed)
        given = [name for name in ("pair", "reference") if name in fed]
        given += [name for name in ("look", "style") if getattr(self, name)]
        if len(given) > 1:
            raise ParameterError(f"tone has {' and '.join(given)}, and can follow only one", remedy=ONE_OF)

    def used_models(self) -> tuple[str, ...]:
        """The style's."""
        return (self.style,) if self.style else ()

    def is_identity(self) -> bool:
        """Strength 0."""
        return self.strength == 0

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> ShotLooks:
        """From what ShotLooks.to_dict gave."""
        from vfxai.look.shot_looks import ShotLooks

        return ShotLooks.from_dict(data)

    def analyze(self, plate: Clip, tools: Tools) -> ShotLooks | None:
        """Fits a look to the pairs, or to the colours of the shot and the reference; nothing where a file says it."""
        if self.look or self.style:
            return None
        paired = bool(tools.numbers("before"))
        if not (paired or tools.numbers("reference")):
            raise ParameterError("tone has no look to give", remedy=ONE_OF)
        from vfxai.look.learn import from_pairs, from_reference
        from vfxai.look.shot_looks import ShotLooks

        looks = from_pairs(plate, tools) if paired else from_reference(plate, tools)
        return ShotLooks(tuple(looks))

    def deliver(self, plate: Clip, analysis: ShotLooks | None, tools: Tools) -> None:
        """Exports the look of every shot, and warns where a file does not hold all of it."""
        if not self.export:
            return
        from vfxai.look.export import write_look
        from vfxai.look.learn import sampled
        from vfxai.look.scale import Scale

        path = Path(self.export)
        shots = analysis.shots(plate.frames) if analysis else [plate.frames]
        for shot in shots:
            file = path if len(shots) == 1 else path.with_name(f"{path.stem}.{shot[0]}{path.suffix}")
            like = plate[shot[0]]
            lattice = analysis.at(shot[0])[1].lattice(self._mix()) if analysis else None
            apply = self._apply(shot[0], like, analysis, tools)
            scale = Scale(tools.config.is_linear(like.colorspace), 1.0)
            lacking = write_look(str(file), apply, lattice, sampled(plate, shot), scale, like.colorspace)
            if lacking:
                tools.warn(lacking)

    def process(self, at: FrameWindow, analysis: ShotLooks | None, tools: Tools) -> Frame:
        """The centre frame through the look of its shot."""
        center = at.center
        shot = analysis.at(at.number)[0] if analysis else 0
        mix = (shot, self.strength, self.protect_skin, self.protect_neutrals)  # which may change over the shot
        apply = tools.remember(("look", mix), lambda: self._apply(at.number, center, analysis, tools))
        if self.look:
            self._tell_clipped(at.number, center, tools)
        color = apply(center.color.expand(3, -1, -1))
        return center.with_color(color if len(center.color) == 3 else color.mean(0, keepdim=True))

    def chosen(self) -> tuple[Chosen, ...]:
        """What was taken of the look file."""
        from vfxai.color.look_file import read_look

        return read_look(self.look, self.look_id).chosen if self.look else ()

    def _tell_clipped(self, number: int, center: Frame, tools: Tools) -> None:
        """Records how many pixels the table of the look file has no values for, and says so of the first frame that has such."""
        from vfxai.color.look_file import clipped_warning, read_look

        look = tools.remember("look file", lambda: read_look(self.look, self.look_id))
        color, space = center.color.expand(3, -1, -1), center.colorspace
        count = look.outside(tools.config.transform(color, space, self.look_space or space))
        if count:
            tools.record("clipped", count)
            total = center.color.shape[1] * center.color.shape[2]
            tools.warn(tools.remember("clipped", lambda: clipped_warning(look, self.look, number, count, total)))

    def _mix(self) -> Mix:
        from vfxai.look.mix import Mix

        return Mix(self.strength, self.luma_only, self.protect_skin, self.protect_neutrals)

    def _apply(self, number: int, like: Frame, analysis: ShotLooks | None, tools: Tools) -> Apply:
        """The transform of a frame's shot, ready to be applied."""
        from vfxai.color.look import lattice_applied
        from vfxai.color.look_file import read_look
        from vfxai.look.scale import Scale
        from vfxai.look.style import styled

        mix = self._mix()
        if analysis is not None:
            return lattice_applied(analysis.at(number)[1].lattice(mix))
        inside = None if self.style else read_look(self.look, self.look_id).apply
        space, config = like.colorspace, tools.config
        scale = Scale(config.is_linear(space), 1.0)

        def apply(color: Tensor) -> Tensor:
            if inside is None:
                after = styled(color, self.style, scale.linear, tools)
            else:
                there = config.transform(color, space, self.look_space or space)
                after = config.transform(inside(there), self.look_space or space, space)
            if mix.is_whole:
                return after
            return mix(color.movedim(0, -1), after.movedim(0, -1), scale).movedim(-1, 0).contiguous()

        return apply
