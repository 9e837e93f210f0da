"""The denoise node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vfxai.errors import ParameterError
from vfxai.schema.node import Node
from vfxai.schema.parameters import Choice, FilePath, Float, Int, Region
from vfxai.schema.vocabulary import Encoding, Mask, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.noise.impulse import Impulses
    from vfxai.noise.profile import NoiseProfile
    from vfxai.noise.stabilise import Stabiliser
    from vfxai.schema.tools import Tools

MODEL, FINE = "denoise-s", "denoise-fine-s"
SAMPLED_FRAMES = 5
"""Frames measured over a shot: enough to average the estimate, few enough to start at once."""


@dataclass(frozen=True)
class PlateNoise:
    """What denoise learns from the whole shot: its noise profile and its impulses."""

    profile: NoiseProfile
    impulses: Impulses

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file that a person may edit."""
        return {"profile": self.profile.to_dict(), "impulses": self.impulses.to_dict()}


class Denoise(Node):
    """Remove camera noise, film grain and impulses; keep edges and texture.

    The noise of the plate is measured (variance against level in each channel), a curve makes it even, a trained network that
    is told the level removes it, after neighbouring frames were aligned and averaged where they agree. Values are processed as
    the plate stores them, because there the noise of the channels is independent and its curve is smooth.
    """

    inputs = (Plate(), Mask("mask", optional=True))
    encoding = Encoding.STORED
    version = 5
    models = (MODEL, FINE, "impulse-s")

    strength: float = Float(
        1.0,
        min=0,
        max=2,
        animated=True,
        label="Strength",
        doc="Noise removed, as a multiple of the measured noise. 0 keeps the plate bit-identical.",
    )
    luma: float = Float(
        1.0, min=0, max=1, animated=True, label="Luma", doc="Share of the removed luminance noise that stays removed."
    )
    chroma: float = Float(
        1.0, min=0, max=1, animated=True, label="Chroma", doc="Share of the removed colour noise that stays removed."
    )
    radius: int = Int(2, min=0, max=4, unit="frames", label="Temporal radius", doc="Frames before and after that are aligned and fused. 0 works on single frames.")  # fmt: skip
    detail: float = Float(0.0, min=0, max=1, animated=True, label="Detail", doc="Puts back what was removed where it is more than noise, for delicate texture.")  # fmt: skip
    regrain: float = Float(0.0, min=0, max=1, animated=True, label="Regrain", doc="Share of the removed grain that is put back.")
    impulse: str = Choice("auto", options=("auto", "on", "only", "off"), label="Impulses", doc="Fill salt-and-pepper and specks of dirt; auto does so where the plate has them.")  # fmt: skip
    profile: str = Choice("auto", options=("auto", "region", "file"), label="Noise profile", doc="Measure the whole shot, a region of one frame, or read a saved profile.")  # fmt: skip
    region: str = Region("", label="Region", doc="Where to measure for the profile 'region': flat, evenly lit, without texture.")
    region_frame: int = Int(0, min=-(10**9), max=10**9, label="Region frame", doc="Frame number in which the region lies.")
    profile_file: str = FilePath("", label="Profile file", doc="JSON written by --analysis, for the profile 'file'.")
    quality: str = Choice("standard", options=("fast", "standard", "best"), label="Quality", doc="Turned versions of the frame over which the last pass is averaged: one, two or eight. More keep a little more detail, most where noise is faint, and take as many times as long.")  # fmt: skip
    view: str = Choice("result", options=("result", "noise"), label="View", doc="Show the result, or what was removed.")

    def temporal_window(self) -> Window:
        """As wide as the radius asks."""
        return Window(self.radius, self.radius)

    def gives_color(self) -> bool:
        """A difference is data."""
        return self.view == "result"

    def is_identity(self) -> bool:
        """Strength 0 shows the plate, or nothing at all as the noise that was removed."""
        return self.strength == 0 and self.view == "result"

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> PlateNoise:
        """From what PlateNoise.to_dict gave."""
        from vfxai.noise.impulse import Impulses
        from vfxai.noise.profile import NoiseProfile

        try:
            return PlateNoise(NoiseProfile.from_dict(data["profile"]), Impulses.from_dict(data["impulses"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ParameterError(
                f"this is no analysis of denoise: {error}",
                remedy="measure again, or give a file that denoise wrote with --analysis",
            ) from error

    def analyze(self, plate: Clip, tools: Tools) -> PlateNoise:
        """Measures noise and impulses on frames spread over the shot, or on a region of one frame, or reads them."""
        if self.profile == "file":
            return self._read_profile()
        from vfxai.noise import impulse
        from vfxai.noise.measure import measure_profile

        numbers, box = self._sampled(plate)
        take = _bands if box is None else lambda color: [_three_channels(color)]
        frames: list[Tensor] = []
        followers: list[Tensor | None] = []
        for done, number in enumerate(numbers):
            tools.progress(done, len(numbers), "measuring noise")
            pieces = take(plate[number].color)
            after = take(plate[number + 1].color) if number + 1 in plate.frames else []
            frames += pieces
            followers += after if len(after) == len(pieces) else [None] * len(pieces)
        found = impulse.measure(frames, followers, tools.run_model) if self.impulse != "off" else impulse.unmeasured(frames)
        if self._repairs(found):
            frames = [impulse.repair(f, found, tools.run_model)[0] for f in frames]
        tools.progress(len(numbers), len(numbers), "measuring noise")
        return PlateNoise(measure_profile(frames, box), found)

    def process(self, at: FrameWindow, analysis: PlateNoise, tools: Tools) -> Frame:
        """Denoises the centre frame, in the values the plate stores, unpremultiplied."""
        from vfxai.noise import impulse
        from vfxai.noise.stabilise import Stabiliser

        plate = at.center.color

        def repaired(offset: int) -> Tensor:
            color = _three_channels(at[offset].color)
            if not self._repairs(analysis.impulses):
                return color
            filled, count = tools.remember(
                ("repaired", at.key(offset)), lambda: impulse.repair(color, analysis.impulses, tools.run_model)
            )
            if offset == 0:
                tools.record("impulses", count)
            return filled

        if self.strength > 0 and not self._is_clean(analysis):
            result = self._without_noise(at, repaired, analysis.profile, Stabiliser(analysis.profile), tools)
        else:
            result = repaired(0)
        return at.center.with_color(self._viewed(_three_channels(plate), result)[: len(plate)])

    def _without_noise(
        self, at: FrameWindow, plate: Callable[[int], Tensor], profile: NoiseProfile, curve: Stabiliser, tools: Tools
    ) -> Tensor:
        """The centre without noise: stabilised, fused over time, through the network, and back without bias. (3, H, W).

        `plate` gives the frame at an offset. Whole pictures are let go as soon as they are used: one of 8K takes 0.4 GiB.
        """
        import torch

        monochrome = len(at.center.color) == 1
        span = curve.span(profile.white)
        model = FINE if span * STRONG > max(self.strength, 1.0) else MODEL
        most = max(BRIGHT, 2 * span)

        def remove(stabilised: Tensor, sigma: Tensor, passes: int = 1) -> Tensor:
            told = sigma * self.strength
            shared = 1.0 if monochrome else profile.channel_correlation
            planes = torch.cat([stabilised, told, told * profile.spatial_correlation, told * shared])
            planes[:3].clamp_(-most, most)
            result = tools.run_model(model, planes.mul_(SCALE), passes).div_(SCALE)
            del planes
            for made, plane in zip(result, stabilised, strict=True):  # one by one, which takes less memory
                made.add_(plane).sub_(plane.clamp(-most, most))
            return result

        def guide(offset: int) -> Tensor:
            def made() -> Tensor:
                stabilised = curve.forward(plate(offset))
                return remove(stabilised, torch.ones_like(stabilised[:1])).clamp_(-MOST_HALF, MOST_HALF).half()

            return tools.remember(("guide", (at.key(offset), self.strength)), made).float()  # which may change over the shot

        offsets = at.offsets
        if len(offsets) > 1:
            from vfxai.motion.noise_fusion import fuse_noisy

            for offset in offsets:
                guide(offset)  # kept for fuse_noisy(), and made now while little else is in memory
            fused = fuse_noisy(offsets, lambda o: curve.forward(plate(o)), guide)
        else:
            stabilised = curve.forward(plate(0))
            fused = stabilised, torch.ones_like(stabilised[:1])
            del stabilised
        denoised = remove(*fused, PASSES[self.quality])
        del fused
        if self.luma == self.chroma == 1 and not self.detail:
            return curve.blend(denoised, min(self.strength, 1.0))
        noisy = curve.forward(plate(0))
        denoised = self._with_detail(noisy, denoised)
        removed = noisy - denoised
        luminance = removed.mean(0, keepdim=True)
        return curve.blend(noisy - self.luma * luminance - self.chroma * (removed - luminance), min(self.strength, 1.0))

    def _with_detail(self, noisy: Tensor, denoised: Tensor) -> Tensor:
        """Adds the part of the removed that exceeds noise of variance 1 locally: a Wiener filter of the residual."""
        if not self.detail:
            return denoised
        from torch.nn.functional import avg_pool2d

        removed = noisy - denoised
        power = avg_pool2d((removed**2)[None], 7, 1, 3, count_include_pad=False)[0]
        return denoised + self.detail * (1 - 1 / power.clamp_min(1)) * removed

    def _viewed(self, plate: Tensor, result: Tensor) -> Tensor:
        """The result with the asked share of grain, or the noise that was taken away."""
        if self.regrain:
            result = result + self.regrain * (plate - result)
        return plate - result if self.view == "noise" else result

    def _is_clean(self, analysis: PlateNoise) -> bool:
        """Whether there is no noise to remove besides impulses, or none is to be removed."""
        heavy = self.impulse == "auto" and analysis.impulses.present and analysis.impulses.density >= HEAVY
        faint = analysis.profile.seen_through(analysis.impulses.white, analysis.impulses.exponent) < FAINT
        return self.impulse == "only" or (heavy and faint) or analysis.profile.is_clean

    def _repairs(self, impulses: Impulses) -> bool:
        return self.impulse in ("on", "only") or (self.impulse == "auto" and impulses.present)

    def _sampled(self, plate: Clip) -> tuple[list[int], Any]:
        """Frame numbers to measure, and the region as a Box or None."""
        if self.profile == "region":
            from vfxai.image.box import Box

            if not self.region:
                raise ParameterError("the profile is 'region' but no region is given", remedy="give --region x,y,width,height")
            if self.region_frame not in plate.frames:
                raise ParameterError(
                    f"region frame {self.region_frame} is not in the clip ({plate.frames[0]}-{plate.frames[-1]})",
                    remedy="give --region-frame with the frame in which the region lies",
                )
            return [self.region_frame], Box(*(int(v) for v in self.region.split(",")))
        count = min(SAMPLED_FRAMES, len(plate.frames))
        step = (len(plate.frames) - 1) / max(count - 1, 1)
        return sorted({plate.frames[round(i * step)] for i in range(count)}), None

    def _read_profile(self) -> PlateNoise:
        import json
        from pathlib import Path

        if not self.profile_file:
            raise ParameterError("the profile is 'file' but no file is given", remedy="give --profile-file FILE")
        try:
            data = json.loads(Path(self.profile_file).read_text())
        except (OSError, ValueError) as error:
            raise ParameterError(
                f"{self.profile_file} cannot be read as JSON: {error}", remedy="give a file that denoise wrote"
            ) from error
        tables = data.get("nodes", []) if isinstance(data, dict) else []
        found = [
            one["analysis"] for one in tables if isinstance(one, dict) and one.get("node") == self.id and one.get("analysis")
        ]
        return self.load_analysis(found[0] if found else data)


PASSES = {"fast": 1, "standard": 2, "best": 8}
"""Of the network over the frame itself; neighbours take one."""
STRONG = 16 / 255
"""Noise, as a part of white, from which the network for all noise is taken; the one for faint noise learned none stronger."""
BRIGHT = 256.0
"""Times its noise, or twice white if that is more, up to which the network sees a value; what lies above is put back untouched. Beside a highlight
a network errs by a part of it, so one of a thousand times white would spoil what is around."""
HEAVY = 0.004
"""Density of impulses, far above that of dirt on film, from which they are what is wrong with a plate."""
FAINT = 0.02
"""Noise as seen, as a part of white, below which it is then left alone, so that every clean sample stays bit-identical."""
MEASURED = 2**22
"""Pixels of a frame that are measured: all of 2K."""
BANDS = 8
"""Pieces in which a larger frame is measured, spread over its height."""
MOST_HALF = 65000.0
"""Guides are kept as half: where a picture is a thousand times its noise their rounding lets neighbours weigh a little less, which nobody sees."""
SCALE = 1 / 32
"""Brings stabilised values near the 0..1 on which the network learned; it is homogeneous, so this only guards precision."""


def _bands(color: Tensor) -> list[Tensor]:
    """What is measured of a frame (C, H, W): all of it, or bands of whole rows; three channels."""
    color = _three_channels(color)
    _, height, width = color.shape
    if height * width <= MEASURED:
        return [color]
    rows = max(MEASURED // (BANDS * width), 16)
    return [color[:, top : top + rows].clone() for top in range(rows, height - rows, -(-height // BANDS))]


def _three_channels(color: Tensor) -> Tensor:
    """(1, H, W) luminance as three equal channels; (3, H, W) as it is."""
    return color.expand(3, -1, -1) if len(color) == 1 else color
