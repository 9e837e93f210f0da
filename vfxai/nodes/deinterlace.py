"""The deinterlace node (de-field)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vfxai.schema.node import Node
from vfxai.schema.parameters import Choice
from vfxai.schema.vocabulary import Encoding, Mask, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from torch import Tensor

    from vfxai.fields.structure import FieldStructure
    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
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
            color = _with_lines(center.color, _lines_of(partner.color, not even), even)
            if alpha is not None and partner.alpha is not None:
                alpha = _with_lines(alpha, _lines_of(partner.alpha, not even), even)
            return center.with_color(color, alpha)
        if center.color.shape[1] < 2:
            return center
        color = self._joined(at, field, even, analysis, tools)
        if alpha is not None and not bool((alpha == alpha.flatten()[0]).all()):
            alpha = _with_lines(alpha, _between(alpha, even), even)
        return center.with_color(color.to(torch.float32), alpha)

    def _joined(self, at: FrameWindow, field: int, even: bool, found: FieldStructure, tools: Tools) -> Tensor:
        """The frame (C, H, W) of a field of the centre, that on its even rows or the other, with lines that the fields beside it join."""
        from vfxai.fields.alignment import align_fields
        from vfxai.fields.line_fusion import fuse_lines
        from vfxai.image.fields import network_planes
        from vfxai.motion.flow import estimate_flow
        from vfxai.motion.temporal_fusion import FlowNeighbour

        def frame_of(other: int, of: int) -> Tensor | None:
            """The frame that holds a field; None beyond the ends of the shot, and beyond a cut from field `of`."""
            low, high = sorted((other, of))
            if not 0 <= other < 2 * len(found.frames) or any(low < cut <= high for cut in found.cuts):
                return None
            return at[other // 2 - field // 2].color

        def fields_around(own: int, color: Tensor, on_even: bool) -> list[Tensor] | None:
            """Those that the network sees, in its layout; None where the field is the only one of its scene."""
            frames = {offset: frame_of(own + offset, own) for offset in range(-2, 3)}
            return _five(frames, color, on_even) if any(frames[o] is not None for o in (-1, 1)) else None

        def picture(own: int) -> Tensor:
            """The frame of a field by itself. Of its new lines the difference to plain means is kept: half precision is enough for that."""
            color, on_even = at[own // 2 - field // 2].color, even == ((own - field) % 2 == 0)
            plain = _between(color, on_even)

            def made() -> Tensor:
                around = fields_around(own, color, on_even)
                planes = network_planes(align_fields(around or _five({}, color, on_even)))
                lines = _laid(tools.run_model(MODEL, planes), color, on_even)
                return (_woven(lines, around, color, on_even) - plain).half()

            lines: Tensor = tools.remember(("lines", (own, at.center.data_window)), made)
            return _with_lines(color, plain + lines, on_even)

        def flows(first: int) -> tuple[Tensor, Tensor]:
            """From a field to the next, and back."""

            def made() -> tuple[Tensor, Tensor]:
                a, b = picture(first), picture(first + 1)
                return estimate_flow(a, b), estimate_flow(b, a)

            kept: tuple[Tensor, Tensor] = tools.remember(("flows", (first, at.center.data_window)), made)
            return kept

        def neighbours() -> Iterator[FlowNeighbour]:
            if frame_of(field - 1, field) is not None:
                there, here = flows(field - 1)
                yield FlowNeighbour(picture(field - 1), here, there)
            if frame_of(field + 1, field) is not None:
                yield FlowNeighbour(picture(field + 1), *flows(field))

        color = at.center.color
        joined = _lines_of(fuse_lines(picture(field), even, neighbours()), not even)
        return _with_lines(color, _woven(joined, fields_around(field, color, even), color, even), even)


def _lines_of(frame: Tensor, even: bool) -> Tensor:
    """One field of a frame (C, H, W), that on its even or odd rows."""
    from vfxai.image.fields import split

    return split(frame)[0 if even else 1]


def _five(frames: Mapping[int, Tensor | None], center: Tensor, own_is_even: bool) -> list[Tensor]:
    """Five fields (3, lines, W) as the network wants them: the own field on even lines, an even number of lines.

    `frames` hold the fields by their distance in time, -2 to 2, None where there is none of the same scene; `center` (C, H, W) has the own
    field on its even rows or the odd ones.
    """
    import torch

    def lines(frame: Tensor, even: bool) -> Tensor:
        whole = torch.cat([frame, frame[:, -2:-1]], 1) if frame.shape[1] % 2 else frame
        whole = whole if own_is_even else whole.flip(1)
        field = whole[:, 0::2] if even else whole[:, 1::2]
        return field.expand(3, -1, -1)

    own = lines(center, True)
    near = [lines(f, False) for o in (-1, 1) if (f := frames.get(o)) is not None]
    if not near:
        near = [(own + torch.cat([own[:, 1:], own[:, -1:]], 1)) / 2]  # the only field of its scene
    far = [lines(f, True) if (f := frames.get(o)) is not None else own for o in (-2, 2)]
    return [far[0], near[0], own, near[-1], far[1]]


def _laid(lines: Tensor, center: Tensor, own_is_even: bool) -> Tensor:
    """Lines (C, n, W) in the layout of _five() as those that the centre frame lacks beside its own field."""
    lines = lines if own_is_even else lines.flip(1)
    height = center.shape[1]
    return lines[: len(center), : height // 2 if own_is_even else (height + 1) // 2]


STILL, MOVES = 1.0 / 255, 3.0 / 255
"""Change between fields, in display-like values, up to which lines of both fields are woven, and from which the network decides alone."""


def _woven(made: Tensor, fields: Sequence[Tensor] | None, center: Tensor, own_is_even: bool) -> Tensor:
    """The new lines of a frame, where nothing changes over five fields (see _five) the mean of the fields before and after."""
    import torch
    from torch.nn.functional import max_pool2d

    if fields is None:
        return made
    two_before, before, own, after, two_after = fields
    beside = torch.maximum((own - two_before).abs(), (own - two_after).abs())
    below = torch.cat([beside[:, 1:], beside[:, -1:]], 1)  # made lines lie between the own lines
    change = torch.maximum((before - after).abs(), torch.maximum(beside, below)).amax(0, keepdim=True)
    change = max_pool2d(change[None], (3, 7), 1, (1, 3))[0]
    weight = ((MOVES - change) / (MOVES - STILL)).clamp(0, 1)
    mean, share = (_laid(lines, center, own_is_even) for lines in ((before + after) / 2, weight))
    return torch.lerp(made, mean, share)


def _between(planes: Tensor, own_is_even: bool) -> Tensor:
    """The lines that a field lacks as means of its own, (C, lines, W)."""
    import torch

    own = _lines_of(planes, own_is_even)
    count = planes.shape[1] - own.shape[1]
    after = torch.cat([own[:, 1:], own[:, -1:]], 1)
    before = torch.cat([own[:, :1], own], 1)
    return ((own + after) / 2)[:, :count] if own_is_even else (before + torch.cat([own, own[:, -1:]], 1))[:, :count] / 2


def _with_lines(frame: Tensor, other: Tensor, own_is_even: bool) -> Tensor:
    """A frame whose lines of the one field are kept and those of the other given."""
    from vfxai.image.fields import split, weave

    even, odd = split(frame)
    return weave(even, other) if own_is_even else weave(other, odd)


TOP_WORDS = frozenset(
    {"top", "tff", "upper", "tt", "tb", "odd", "top field first", "upper field first", "top first", "upper first"}
)
BOTTOM_WORDS = frozenset(
    {"bottom", "bff", "lower", "bb", "bt", "even", "bottom field first", "lower field first", "bottom first", "lower first"}
)


def stated_order(attributes: Mapping[str, Any]) -> str:
    """The field order that a file's attributes name: top, bottom or "". FFmpeg's, QuickTime's and editors' words are known."""
    for name, value in attributes.items():
        if "field" in name.lower() and ("order" in name.lower() or "dominance" in name.lower()):
            word = str(value).strip().lower().replace("_", " ").replace("-", " ")
            if word in TOP_WORDS:
                return "top"
            if word in BOTTOM_WORDS:
                return "bottom"
    return ""
