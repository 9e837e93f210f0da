"""The deinterlace node (de-field)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vfxai.schema.node import Node
from vfxai.schema.parameters import Choice
from vfxai.schema.vocabulary import Encoding, Mask, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vfxai.fields.structure import FieldStructure
    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.schema.clip_format import ClipFormat
    from vfxai.schema.tools import Tools

MODEL = "deinterlace-s"
UNKNOWN = 0.5
SURE = 0.6
"""Confidence from which the pictures decide the field order, before attributes of the file."""


class Deinterlace(Node):
    """Make progressive frames of interlaced ones; give back the original frames of telecined film.

    The order of the fields, the cadence of film and the cuts are found from the whole shot and can be edited (--analysis). Fields of
    one time are woven and stay bit-identical. For all others the lines that were not scanned are interpolated by a trained network from five
    neighbouring fields of the same scene, and joined by those that it made beside them in time, moved here, where these agree with what was
    scanned. Scanned lines stay bit-identical, and what stands still keeps the lines of both fields.
    Output numbers run on from the first input frame. Alpha follows; channels that are not processed are those of the frame in which the
    output's first field lies.
    """

    inputs = (Plate(), Mask("mask", optional=True))
    version = 10
    changes_alpha = True
    reducible = False
    aliases = ("defield",)
    window = Window(2, 2)
    encoding = Encoding.PERCEPTUAL
    models = (MODEL,)

    field_order: str = Choice("auto", options=("auto", "top", "bottom"), label="Field order", doc="Which field of a frame was taken first; auto tells it from what moves.")  # fmt: skip
    rate: str = Choice("double", options=("double", "same"), label="Rate", doc="One frame for each field, or for each frame (its first field).")  # fmt: skip
    mode: str = Choice("auto", options=("auto", "deinterlace", "inverse-telecine"), label="Mode", doc="Keep the rate, or give each film frame once; auto does the latter where most fields are film.")  # fmt: skip

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> FieldStructure:
        """From what FieldStructure.to_dict gave, or a person made of it."""
        from vfxai.fields.structure import FieldStructure

        return FieldStructure.from_dict(data)

    def analyze(self, plate: Clip, tools: Tools) -> FieldStructure:
        """Field order, cadence and cuts of the whole shot."""
        from vfxai.fields.cadence import detect
        from vfxai.fields.combing import Comparison
        from vfxai.fields.stated_order import stated_order
        from vfxai.image.clip import align
        from vfxai.image.fields import from_top

        comparison, stated, height = Comparison(), "", 0
        canvas = from_top(plate[plate.frames[0]])
        for done, number in enumerate(plate.frames):
            tools.progress(done, len(plate.frames), "finding fields")
            frame = plate[number]
            comparison.add(align(frame, canvas).color)
            stated = stated or stated_order(frame.attributes)
            height = frame.display_window.height
        tools.progress(len(plate.frames), len(plate.frames), "finding fields")
        pairs, film = comparison.pairs(), self.mode == "inverse-telecine"
        if self.field_order != "auto":
            found = detect(pairs, plate.frames, self.field_order == "top", film)
        else:
            found = detect(pairs, plate.frames, film=film)
            if found.confidence < SURE and (stated or found.confidence == UNKNOWN):
                usual = stated == "top" if stated else height not in (480, 486)
                found = replace(detect(pairs, plate.frames, usual, film), confidence=UNKNOWN)
        self._say(found, stated, tools)
        return found

    def _say(self, found: FieldStructure, stated: str, tools: Tools) -> None:
        """Warnings where the order of fields matters and is not sure."""
        order = "top" if found.top_first else "bottom"
        if self.field_order != "auto" or all(n == 2 and f % 2 == 0 for f, n in found.pictures):
            return
        if stated and stated != order:
            tools.warn(
                f"the files say {stated} field first, the pictures {order} first ({found.confidence:.0%} sure); taken as {order}; "
                "--field-order states it"
            )
        elif found.confidence < SURE:
            source = "the files say so" if stated else "usual for this format"
            tools.warn(f"the pictures do not tell the field order; taken as {order} first ({source}); --field-order states it")

    def output_format(self, plate: ClipFormat) -> ClipFormat:
        """At twice the rate where every field becomes a frame; film among them shows only when the shot was looked at."""
        known = self.mode == "deinterlace" and plate.rate is not None
        return replace(plate, rate=plate.rate * (2 if self.rate == "double" else 1) if known and plate.rate else None)

    def keeps_format(self) -> bool:
        """Where every frame becomes one; whether film among them does, only the shot says."""
        return self.rate == "same" and self.mode == "deinterlace"

    def timeline(self, frames: Sequence[int], analysis: FieldStructure) -> Mapping[int, int]:
        """Numbered on from the shot's first frame."""
        return {analysis.frames[0] + i: analysis.frames[field // 2] for i, (field, _) in enumerate(self._shown(analysis))}

    def _shown(self, found: FieldStructure) -> list[tuple[int, int]]:
        """First field and number of fields of the picture of every output frame."""
        pictures = found.pictures
        film = self.mode == "inverse-telecine" or (self.mode == "auto" and found.is_film)
        if film:
            return [(f, n) for f, n in pictures if n > 1 or self.rate == "double" or f % 2 == 0 or f in found.orphans]
        by_field = [p for p in pictures for _ in range(p[1])]
        return by_field if self.rate == "double" else by_field[::2]

    def process(self, at: FrameWindow, analysis: FieldStructure, tools: Tools) -> Frame:
        """Weaves or interpolates the picture whose first field lies in the centre frame."""
        import torch

        from vfxai.fields.line_maker import LineMaker
        from vfxai.fields.lines import line_means, lines_of, with_lines
        from vfxai.image.fields import starts_on_top

        shown = tools.remember("shown", lambda: self._shown(analysis))
        field, length = shown[at.number - analysis.frames[0]]
        tools.record("fields", analysis.name(field) + (f" and {length - 1} more" if length > 1 else ""))
        center = at.center
        even = starts_on_top(center) == (analysis.top_first == (field % 2 == 0))  # whether the first field lies on even rows
        alpha = center.alpha
        if length > 1:
            partner = at[(field + 1) // 2 - field // 2]
            if partner is center:
                return center
            color = with_lines(center.color, lines_of(partner.color, not even), even)
            if alpha is not None and partner.alpha is not None:
                alpha = with_lines(alpha, lines_of(partner.alpha, not even), even)
            return center.with_color(color, alpha)
        if center.color.shape[1] < 2:
            return center
        lines = LineMaker(at, field, even, analysis, tools, lambda planes: tools.run_model(MODEL, planes))
        color = lines.frame()
        if alpha is not None and not bool((alpha == alpha.flatten()[0]).all()):
            alpha = with_lines(alpha, line_means(alpha, even), even)
        return center.with_color(color.to(torch.float32), alpha)
