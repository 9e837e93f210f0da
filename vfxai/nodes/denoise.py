"""The denoise node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vfxai.schema.node import Node
from vfxai.schema.parameters import Choice, FilePath, Float, Int, Region
from vfxai.schema.vocabulary import Encoding, Mask, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.noise.plate_noise import PlateNoise
    from vfxai.noise.profile import NoiseProfile
    from vfxai.schema.tools import Tools


class Denoise(Node):
    """Remove camera noise, film grain and impulses; keep edges and texture.

    The noise of the plate is measured (variance against level in each channel), a curve makes it even, a trained network that
    is told the level removes it, after neighbouring frames were aligned and averaged where they agree. Values are processed as
    the plate stores them, because there the noise of the channels is independent and its curve is smooth.
    """

    inputs = (Plate(), Mask("mask", optional=True))
    encoding = Encoding.STORED
    version = 12
    keeps_tone = True
    models = ("denoise-s", "denoise-fine-s", "noise-s", "impulse-s")

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
    region: str = Region("", label="Region", doc="Where to measure for the profile 'region': flat, evenly lit, without texture.", needs=("profile", "region"))  # fmt: skip
    region_frame: int = Int(0, min=-(10**9), max=10**9, label="Region frame", doc="Frame number in which the region lies.", needs=("profile", "region"))  # fmt: skip
    profile_file: str = FilePath("", label="Profile file", doc="JSON written by --analysis, for the profile 'file'.", needs=("profile", "file"))  # fmt: skip
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
        from vfxai.noise.plate_noise import PlateNoise

        return PlateNoise.from_dict(data)

    def learns_from_part(self) -> bool:
        """Where noise is measured, and not in a region that is named."""
        return self.profile == "auto"

    def analyze(self, plate: Clip, tools: Tools) -> PlateNoise:
        """Measures noise and impulses on frames spread over the shot, or on a region of one frame, or reads them."""
        from vfxai.noise import plate_noise, region

        if self.profile == "file":
            return plate_noise.read(self.profile_file, self.id)
        box = region.region(plate, self.region, self.region_frame) if self.profile == "region" else None
        number = self.region_frame if box else None
        sample = plate_noise.sample(plate, number, lambda done, total: tools.progress(done, total, "measuring noise"))
        noise = sample.measured(self.impulse, box, tools.run_model)
        for doubt in region.doubts(sample.frames[0], box, noise.profile, tools.run_model) if box else ():
            tools.warn(doubt)
        return noise

    def process(self, at: FrameWindow, analysis: PlateNoise, tools: Tools) -> Frame:
        """Denoises the centre frame, in the values the plate stores, unpremultiplied."""
        from vfxai.noise import impulse
        from vfxai.noise.plate_noise import three_channels

        plate = at.center.color

        def repaired(offset: int) -> Tensor:
            color = three_channels(at[offset].color)
            if not analysis.impulses.to_repair(self.impulse):
                return color
            filled, count = tools.remember(
                ("repaired", at.key(offset)), lambda: impulse.repair(color, analysis.impulses, tools.run_model)
            )
            if offset == 0:
                tools.record("impulses", count)
            return filled

        why = analysis.left_alone(self.impulse)
        for said in (why, analysis.blocks()):
            if self.strength > 0 and said:
                tools.warn(said)
        removes = self.strength > 0 and why is None
        result = self._without_noise(at, repaired, analysis.profile, tools) if removes else repaired(0)
        return at.center.with_color(self._viewed(three_channels(plate), result)[: len(plate)])

    def _without_noise(self, at: FrameWindow, plate: Callable[[int], Tensor], profile: NoiseProfile, tools: Tools) -> Tensor:
        """The centre without noise: stabilised, fused over time, through the network, and back without bias. (3, H, W).

        `plate` gives the frame at an offset. Whole pictures are let go as soon as they are used: one of 8K takes 0.4 GiB.
        """
        import torch

        from vfxai.motion.neighbours import fused_frames
        from vfxai.noise.bands import weighted
        from vfxai.noise.guard import SAID, guarded, level_kept
        from vfxai.noise.remover import Remover

        monochrome = len(at.center.color) == 1
        remover, strength = Remover(profile, tools.run_model, monochrome), self.strength
        curve, strongest = remover.curve, max(strength, 1.0)
        offsets = at.offsets
        if len(offsets) > 1:

            def alone(frame: Tensor) -> Tensor:
                return remover(frame, torch.full_like(frame[:1], strongest), strongest)

            fused, sigma = fused_frames(at, offsets, lambda o: curve.forward(plate(o)), alone, strongest, tools)
        else:
            fused = curve.forward(plate(0))
            sigma = torch.ones_like(fused[:1])
        if left := remover.left(fused):
            tools.warn(left)
        denoised = remover(fused, sigma.mul_(strength), strongest, PASSES[self.quality])
        noisy = curve.forward(plate(0)) if len(offsets) > 1 else fused
        del fused, sigma
        shared = 1.0 if monochrome else profile.channel_correlation
        removed, held = guarded(noisy - self._with_detail(noisy, denoised), strongest, shared)
        del denoised
        if held > SAID:
            tools.warn(HELD_BACK)
            tools.record("held_back", round(held, 3))
        octaves = (self.fine, self.medium, self.coarse, self.very_coarse)
        noisy.sub_(weighted(removed, self.luma, self.chroma, octaves))
        return level_kept(plate(0), curve.blend(noisy, min(strength, 1.0)), curve)

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


PASSES = {"fast": 1, "standard": 2, "best": 8}
"""Of the network over the frame itself; neighbours take one."""
HELD_BACK = (
    "in parts of the picture what would have been removed does not look like the noise that was measured, and less is removed there; "
    "a profile measured on an even area (--profile region) may suit it better"
)
