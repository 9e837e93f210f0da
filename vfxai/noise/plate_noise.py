"""What denoise learns from a whole shot before it touches a frame: measured on a few frames, or on a region of one, or read from a file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from torch import Tensor

from vfxai.errors import ParameterError, reason
from vfxai.image.box import Box
from vfxai.image.clip import Clip
from vfxai.noise import impulse
from vfxai.noise.blocking import SEEN, blocking
from vfxai.noise.impulse import Impulses
from vfxai.noise.measure import hypotheses, measure_profile
from vfxai.noise.meter import metered
from vfxai.noise.profile import CLEAN, UNSURE, NoiseProfile
from vfxai.noise.remover import RunModel
from vfxai.noise.temporal import agree, bounded, measured_in_time

SAMPLED_FRAMES = 5
"""Frames measured over a shot: enough to average the estimate, few enough to start at once."""
MEASURED = 2**22
"""Pixels of a frame that are measured: all of 2K."""
BANDS = 8
"""Pieces in which a larger frame is measured, spread over its height."""
HEAVY = 0.004
"""Density of impulses, far above that of dirt on film, from which they are what is wrong with a plate."""
FAINT = 0.02
"""Noise as seen, as a part of white, below which it is then left alone, so that every clean sample stays bit-identical."""


@dataclass(frozen=True)
class PlateNoise:
    """The noise profile of a shot and its impulses."""

    profile: NoiseProfile
    impulses: Impulses
    blocking: float = 0.0
    """By what share steps at the edges of a codec's blocks exceed others; see vfxai.noise.blocking."""

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file that a person may edit."""
        return {"profile": self.profile.to_dict(), "impulses": self.impulses.to_dict(), "blocking": round(self.blocking, 3)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From what to_dict gave, possibly edited. Raises ParameterError where it is something else."""
        try:
            blocks = float(data.get("blocking", 0.0))  # which analyses of before it was measured lack
            return cls(NoiseProfile.from_dict(data["profile"]), Impulses.from_dict(data["impulses"]), blocks)
        except (KeyError, TypeError, ValueError) as error:
            raise ParameterError(
                f"this is no analysis of denoise: {reason(error)}",
                remedy="measure again, or give a file that denoise wrote with --analysis",
            ) from error

    def blocks(self) -> str:
        """What is said of a codec's blocks; empty where none are seen."""
        if self.blocking < SEEN:
            return ""
        return (
            f"the plate shows the blocks of 8x8 pixels of its codec (steps at their edges are {100 * self.blocking:.0f} % stronger than others); "
            "denoise removes noise, not blocks: a copy with less compression, where there is one, is the better plate"
        )

    def left_alone(self, impulses: str) -> str | None:
        """Why no noise is removed besides impulses, for people; "" where that was asked for; None where it is removed.

        `impulses` is the choice of the node: auto, on, only or off.
        """
        heavy = impulses == "auto" and self.impulses.present and self.impulses.density >= HEAVY
        faint = self.profile.seen_through(self.impulses.white, self.impulses.exponent) < FAINT
        if impulses == "only" or (heavy and faint):
            return ""
        profile = self.profile
        kept = "but for impulses the plate" if self.impulses.to_repair(impulses) else "the plate"
        measured = f"noise of {100 * profile.mid_gray_share:.2g} % of white at mid gray"
        if not profile.is_certain:
            return (
                f"{kept} is left alone: {measured} was measured with a confidence of {profile.confidence:.2f} (least {UNSURE:g}), so it may "
                "as well be texture; where there is noise, measure it on an even area (--profile region) or give a profile (--profile file)"
            )
        if profile.is_clean:
            return (
                f"{kept} is left alone: {measured} was measured, less than {100 * CLEAN:g} %; "
                "to remove it all the same, give a profile with more (--profile file)"
            )
        return None


@dataclass(frozen=True)
class Sample:
    """Frames, or bands of large ones, that stand for a shot: (3, H, W) float32 plate values."""

    frames: Sequence[Tensor]
    followers: Sequence[Tensor | None]
    """The same of the frame after each, where there is one."""

    def measured(self, impulses: str, box: Box | None, run_model: RunModel) -> PlateNoise:
        """The noise in them, or in a box of them; `impulses` is the choice of the node."""
        frames = list(self.frames)
        found = impulse.unmeasured(frames) if impulses == "off" else impulse.measure(frames, self.followers, run_model)
        if found.to_repair(impulses):
            frames = [impulse.repair(f, found, run_model)[0] for f in frames]
        profile = measure_profile(frames, box) if box else told_from_texture(frames, self.followers, run_model)
        return PlateNoise(profile, found, blocking(self.frames))


def told_from_texture(frames: Sequence[Tensor], followers: Sequence[Tensor | None], run_model: RunModel) -> NoiseProfile:
    """The noise of frames (3, H, W) with the confidence that it is noise: what changes to the frame after each where that is noise
    alone, else what blocks and the network find, and never above what changes."""
    changing = measured_in_time(frames, followers)
    measured, *others = hypotheses(frames)
    if changing is not None and changing.is_certain:  # blocks tell white noise more finely, and miss what is coarse
        return replace(measured, confidence=changing.confidence) if agree(measured, changing) else changing
    return bounded(metered(bounded(measured, changing), frames, run_model, others), changing)


def sample(plate: Clip, number: int | None, progress: Callable[[int, int], None]) -> Sample:
    """Frames spread over a shot, or all of the frame of a number; `progress` is told how many of how many were read."""
    numbers = _spread(plate.frames) if number is None else [number]
    take = bands if number is None else lambda color: [three_channels(color)]
    frames: list[Tensor] = []
    followers: list[Tensor | None] = []
    for done, at in enumerate(numbers):
        progress(done, len(numbers))
        pieces = take(plate[at].color)
        after = take(plate[at + 1].color) if at + 1 in plate.frames else []
        frames += pieces
        followers += after if len(after) == len(pieces) else [None] * len(pieces)
    progress(len(numbers), len(numbers))
    return Sample(frames, followers)


def _spread(frames: Sequence[int]) -> list[int]:
    count = min(SAMPLED_FRAMES, len(frames))
    step = (len(frames) - 1) / max(count - 1, 1)
    return sorted({frames[round(i * step)] for i in range(count)})


def read(file: str, node: str) -> PlateNoise:
    """What is stored in a JSON file, that of the first node of an id where it holds several. Raises ParameterError where nothing is."""
    if not file:
        raise ParameterError("the profile is 'file' but no file is given", remedy="give --profile-file FILE")
    try:
        data = json.loads(Path(file).read_text())
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"{file} cannot be read as JSON: {reason(error)}", remedy="give a file that denoise wrote"
        ) from error
    tables = data.get("nodes", []) if isinstance(data, dict) else []
    found = [one["analysis"] for one in tables if isinstance(one, dict) and one.get("node") == node and one.get("analysis")]
    return PlateNoise.from_dict(found[0] if found else data)


def bands(color: Tensor) -> list[Tensor]:
    """What is measured of a frame (C, H, W): all of it, or bands of whole rows; three channels."""
    color = three_channels(color)
    _, height, width = color.shape
    if height * width <= MEASURED:
        return [color]
    rows = max(MEASURED // (BANDS * width), 16)
    return [color[:, top : top + rows].clone() for top in range(rows, height - rows, -(-height // BANDS))]


def three_channels(color: Tensor) -> Tensor:
    """(1, H, W) luminance as three equal channels; (3, H, W) as it is."""
    return color.expand(3, -1, -1) if len(color) == 1 else color
