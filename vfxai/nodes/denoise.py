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
    from vfxai.schema.tools import Tools

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
    version = 8
    models = ("denoise-s", "denoise-fine-s", "impulse-s")

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
    fine: float = Float(1.0, min=0, max=1, animated=True, label="Fine", doc="Share of the removed noise up to 2 pixels in size that stays removed.")  # fmt: skip
    medium: float = Float(1.0, min=0, max=1, animated=True, label="Medium", doc="The same of noise of 2 to 4 pixels.")
    coarse: float = Float(1.0, min=0, max=1, animated=True, label="Coarse", doc="The same of noise of 4 to 8 pixels.")
    very_coarse: float = Float(1.0, min=0, max=1, animated=True, label="Very coarse", doc="The same of noise above 8 pixels.")
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
        from vfxai.noise.meter import metered

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
        profile = measure_profile(frames, box)
        if box is None:
            profile = metered(profile, frames, tools.run_model)
        tools.progress(len(numbers), len(numbers), "measuring noise")
        return PlateNoise(profile, found)

    def process(self, at: FrameWindow, analysis: PlateNoise, tools: Tools) -> Frame:
        """Denoises the centre frame, in the values the plate stores, unpremultiplied."""
        from vfxai.noise import impulse

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

        why = self._left_alone(analysis)
        if self.strength > 0 and why:
            tools.warn(why)
        removes = self.strength > 0 and why is None
        result = self._without_noise(at, repaired, analysis.profile, tools) if removes else repaired(0)
        return at.center.with_color(self._viewed(_three_channels(plate), result)[: len(plate)])

    def _without_noise(self, at: FrameWindow, plate: Callable[[int], Tensor], profile: NoiseProfile, tools: Tools) -> Tensor:
        """The centre without noise: stabilised, fused over time, through the network, and back without bias. (3, H, W).

        `plate` gives the frame at an offset. Whole pictures are let go as soon as they are used: one of 8K takes 0.4 GiB.
        """
        import torch

        from vfxai.noise.bands import weighted
        from vfxai.noise.guard import SAID, guarded
        from vfxai.noise.remover import Remover

        monochrome = len(at.center.color) == 1
        remover, strength = Remover(profile, tools.run_model, monochrome), self.strength
        curve, strongest = remover.curve, max(strength, 1.0)

        def guide(offset: int) -> Tensor:
            def made() -> Tensor:
                stabilised = curve.forward(plate(offset))
                told = torch.full_like(stabilised[:1], strength)
                return remover(stabilised, told, strongest).clamp_(-MOST_HALF, MOST_HALF).half()

            return tools.remember(("guide", (at.key(offset), strength)), made).float()  # which may change over the shot

        offsets = at.offsets
        if len(offsets) > 1:
            from vfxai.motion.noise_fusion import fuse_noisy

            for offset in offsets:
                guide(offset)  # kept for fuse_noisy(), and made now while little else is in memory
            fused, sigma = fuse_noisy(offsets, lambda o: curve.forward(plate(o)), guide)
        else:
            fused = curve.forward(plate(0))
            sigma = torch.ones_like(fused[:1])
        denoised = remover(fused, sigma.mul_(strength), strongest, PASSES[self.quality])
        del fused, sigma
        noisy = curve.forward(plate(0))
        shared = 1.0 if monochrome else profile.channel_correlation
        removed, held = guarded(noisy - self._with_detail(noisy, denoised), strongest, shared)
        del denoised
        if held > SAID:
            tools.warn(HELD_BACK)
            tools.record("held_back", round(held, 3))
        octaves = (self.fine, self.medium, self.coarse, self.very_coarse)
        return curve.blend(noisy.sub_(weighted(removed, self.luma, self.chroma, octaves)), min(strength, 1.0))

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

    def _left_alone(self, analysis: PlateNoise) -> str | None:
        """Why no noise is removed besides impulses, for people; "" where that was asked for; None where it is removed."""
        from vfxai.noise.profile import CLEAN, UNSURE

        heavy = self.impulse == "auto" and analysis.impulses.present and analysis.impulses.density >= HEAVY
        faint = analysis.profile.seen_through(analysis.impulses.white, analysis.impulses.exponent) < FAINT
        if self.impulse == "only" or (heavy and faint):
            return ""
        profile = analysis.profile
        measured = f"noise of {100 * profile.mid_gray_sigma / profile.white:.2g} % of white at mid gray"
        if not profile.is_certain:
            return (
                f"the plate is left alone: {measured} was measured with a confidence of {profile.confidence:.2f} (least {UNSURE:g}), so it may "
                "as well be texture; where there is noise, measure it on an even area (--profile region) or give a profile (--profile file)"
            )
        if profile.is_clean:
            return (
                f"the plate is left alone: {measured} was measured, less than {100 * CLEAN:g} %; "
                "to remove it all the same, give a profile with more (--profile file)"
            )
        return None

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
HELD_BACK = (
    "in parts of the picture what would have been removed does not look like the noise that was measured, and less is removed there; "
    "a profile measured on an even area (--profile region) may suit it better"
)


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
