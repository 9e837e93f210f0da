"""The upscale node."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vfxai.schema.clip_format import ClipFormat
from vfxai.schema.node import Node
from vfxai.schema.parameters import Bool, Choice, Float, Int, Text
from vfxai.schema.vocabulary import Encoding, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from vfxai.image.box import Box
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.image.geometry import Geometry
    from vfxai.schema.tools import Tools

MODELS = {2: "upscale-x2-s", 4: "upscale-x4-s"}
PASSES = {"standard": 1, "best": 4}
"""Of the network; the turned versions beyond four would lay worn lines on their side."""
OVERSHOOT = 0.1
"""How far a sample may leave the range of its surroundings, between black and white: what sharp texture needs, and no ringing."""


class Upscale(Node):
    """Enlarge plates to a factor or a format; restore worn material on the way.

    Trained networks double or quadruple the picture, and what they make of neighbouring frames is moved onto it and joins in where it agrees with the
    plate: more detail, and less of it that shimmers. A Lanczos filter brings it to the exact size. Highlights stay as bright as they are and do not ring.
    Data and display window, pixel aspect, alpha and every other channel follow: alpha and channels named as colours (R, G, B, A, Y)
    through a cubic filter, all others, such as ids, Cryptomatte, depth and vectors, by their nearest sample, their values unchanged.
    """

    inputs = (Plate(),)
    encoding = Encoding.PERCEPTUAL
    version = 4
    associated = True
    models = (MODELS[2], MODELS[4])

    scale: float = Float(
        2.0, min=0.1, max=8, label="Scale", doc="Factor of width and height, where no size is given.", needs=("size", "")
    )
    size: str = Text("", pattern="([1-9][0-9]{0,4}x[1-9][0-9]{0,4})?", form="WIDTHxHEIGHT", label="Size", doc="Format to deliver, as WIDTHxHEIGHT in square pixels, such as 2048x1556; empty goes by the scale.")  # fmt: skip
    fit: str = Choice("fill", options=("fill", "fit", "stretch"), label="Fit", doc="fill cuts off what is too much, fit leaves bars empty, stretch changes proportions.")  # fmt: skip
    square: bool = Bool(False, label="Square pixels", doc="Widen by the pixel aspect, so that pixels become square; a size always does.")  # fmt: skip
    pixel_aspect: float = Float(0.0, min=0, max=8, label="Pixel aspect", doc="Of the plate, for files that do not say it (PAL 4:3 is 1.0926, 16:9 is 1.4568); 0 takes the file's.")  # fmt: skip
    restore: float = Float(0.0, min=0, max=1, label="Restore", doc="Undo jaggies, ringing, softness and compression of old material, up to this strength.")  # fmt: skip
    radius: int = Int(2, min=0, max=4, unit="frames", label="Temporal radius", doc="Frames before and after that are aligned and joined. 0 works on single frames.")  # fmt: skip
    quality: str = Choice("standard", options=("standard", "best"), label="Quality", doc="best averages over four mirrored versions of the frame: a little more detail in four times the time.")  # fmt: skip

    def temporal_window(self) -> Window:
        """As wide as the radius asks."""
        return Window(self.radius, self.radius)

    def is_identity(self) -> bool:
        """A factor of 1 without restoration and without square pixels."""
        return self.keeps_format() and not self.restore

    def keeps_format(self) -> bool:
        """At a scale of 1."""
        return self.scale == 1 and not (self.size or self.square or self.pixel_aspect)

    def output_size(self, width: int, height: int, pixel_aspect: float) -> tuple[int, int]:
        """By the scale, or as stated."""
        made = self.output_format(ClipFormat(width, height, pixel_aspect))
        return made.width, made.height

    def output_format(self, plate: ClipFormat) -> ClipFormat:
        """Of another size, and of square pixels where these are asked for."""
        new = self._of_format(plate)
        return replace(plate, width=new.display.width, height=new.display.height, pixel_aspect=new.pixel_aspect)

    def least_memory(self, plate: ClipFormat) -> int:
        """With what the networks make."""
        new = self._of_format(plate)
        return _least(plate, new.display, self._times(new))

    def _of_format(self, plate: ClipFormat) -> Geometry:
        from vfxai.image.box import Box

        return self._geometry(Box(0, 0, plate.width, plate.height), plate.pixel_aspect)

    def _times(self, geometry: Geometry) -> int:
        """How much larger the networks make the picture, before the filter brings it to the size that is asked for."""
        factor = max(geometry.scale_x, geometry.scale_y)
        times = 1 if factor <= 1 else 2 if factor <= 2 else 4 if factor <= 4 else 8
        return 2 if times == 1 and self.restore else times  # the networks restore while they enlarge

    def _geometry(self, display: Box, pixel_aspect: float) -> Geometry:
        from vfxai.image.geometry import fitted, scaled

        aspect = self.pixel_aspect or pixel_aspect
        if not self.size:
            return scaled(display, aspect, self.scale, self.square)
        width, _, height = self.size.partition("x")
        return fitted(display, aspect, int(width), int(height), self.fit)

    def process(self, at: FrameWindow, analysis: Any, tools: Tools) -> Frame:
        """Enlarges the centre frame."""
        import torch

        from vfxai.models.pool import check_fits

        frame = at.center
        unknown = tools.remember("layers not known", lambda: frame.stored.unknown() if frame.stored else [])
        if unknown:
            some = ", ".join(unknown[:8]) + (f" and {len(unknown) - 8} more" if len(unknown) > 8 else "")
            tools.warn(
                f"nothing says whether {some} hold colour: they take the nearest sample, as ids and vectors do, and are not blended"
            )
        geometry = self._geometry(frame.display_window, frame.pixel_aspect)
        box = frame.data_window
        times, made = self._times(geometry), geometry.data_window(box)
        check_fits(str(frame.color.device), _least(box, made, times), made.width, made.height, self.id)
        large = self._joined(at, times, tools) if times > 1 else frame.color
        pairs = zip(geometry.finished(large, box, times).split(1), frame.color.split(1), strict=True)
        color = torch.cat(
            [_within(plane, *geometry.range_around(source, box)) for plane, source in pairs]
        )  # one by one for memory
        layers = {name: geometry.resample(plane, box, "nearest") for name, plane in frame.layers.items()}
        tools.record("size", f"{geometry.display.width}x{geometry.display.height}")
        return replace(
            frame,
            color=color,
            alpha=None if frame.alpha is None else geometry.blended(frame.alpha, box),
            data_window=made,
            display_window=geometry.display,
            pixel_aspect=geometry.pixel_aspect,
            layers=layers,
            stored=frame.stored and frame.stored.resized(geometry),
        )

    def _joined(self, at: FrameWindow, times: int, tools: Tools) -> Tensor:
        """(C, H, W), 2, 4 or 8 times as large as the centre: the networks' picture of it, joined by those of its neighbours. It may ring."""
        from vfxai.motion.cuts import is_cut
        from vfxai.motion.flow import estimate_flow
        from vfxai.motion.temporal_fusion import FlowNeighbour, fuse_enlarged

        def picture(offset: int) -> Tensor:
            return at[offset].color.expand(3, -1, -1)

        def large(offset: int) -> Tensor:
            """What is kept is its difference to the plate, for which half precision is enough in the highlights too."""

            def made() -> Tensor:
                small = picture(offset)
                found = _enlarged(small, times, self.restore, tools, PASSES[self.quality])
                return found.sub_(_repeated(small, times)).half()

            details: Tensor = tools.remember(("large", at.key(offset)), made)
            return _repeated(picture(offset), times).add_(details)

        def flows(first: int, second: int) -> tuple[Tensor, Tensor]:
            """There and back; the second is the later frame."""

            def made() -> tuple[Tensor, Tensor]:
                a, b = picture(first), picture(second)
                return estimate_flow(a, b, fine=True), estimate_flow(b, a, fine=True)

            found: tuple[Tensor, Tensor] = tools.remember(("flows", (at.key(first), at.key(second))), made)
            return found

        def neighbours() -> Iterator[FlowNeighbour]:
            for side in (-1, 1):
                near = 0
                for offset in sorted((o for o in at.offsets if o * side > 0), key=abs):
                    if is_cut(picture(near), picture(offset)):
                        break
                    near = offset
                    forth, back = flows(0, offset) if side > 0 else flows(offset, 0)[::-1]
                    yield FlowNeighbour(large(offset), forth, back)

        made = fuse_enlarged(picture(0), large(0), neighbours(), exact=not self.restore)
        return made if len(at.center.color) == 3 else made.mean(0, keepdim=True)


def _least(box: Box | ClipFormat, new: Box, times: int) -> int:
    """Bytes of the results alone: of the networks and of the filter, three planes of float32."""
    return 12 * (new.width * new.height + times**2 * box.width * box.height)


def _enlarged(picture: Tensor, times: int, restore: float, tools: Tools, passes: int) -> Tensor:
    """(3, H, W) in display-like values, 2, 4 or 8 times as large; worn material is restored in the first pass. It may ring."""
    import torch

    while times > 1:
        step = 4 if times == 4 else 2
        planes = torch.cat([picture, torch.full_like(picture[:1], restore)])
        picture = tools.run_model(MODELS[step], planes, passes)
        times, restore = times // step, 0.0
    return picture


def _repeated(picture: Tensor, times: int) -> Tensor:
    """(C, H, W) with every pixel as a block."""
    return picture.repeat_interleave(times, 1).repeat_interleave(times, 2)


def _within(made: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Kept within the range of the source around each sample, which may be left by OVERSHOOT but neither below black nor above white."""
    import torch

    margin = (high.clamp(0, 1) - low.clamp(0, 1)).clamp_max_(OVERSHOOT)  # what is flat stays exactly flat
    floor = torch.minimum(low, (low - margin).clamp_min_(0))
    return torch.clamp(made, floor, torch.maximum(high, margin.add_(high).clamp_max_(1)))
