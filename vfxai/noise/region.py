"""The region of one frame in which noise is measured where a person says so, and what speaks against it."""

import numpy as np
from torch import Tensor

from vfxai.errors import ParameterError
from vfxai.image.box import Box
from vfxai.image.clip import Clip
from vfxai.noise.blocks import blocks_of
from vfxai.noise.meter import metered
from vfxai.noise.profile import NoiseProfile
from vfxai.noise.remover import RunModel
from vfxai.noise.temporal import EVEN, unevenness

CLIPPED = 0.01
"""Share of the samples of a channel at the end of its range from which the region is clipped: noise reaches the ends of a frame in far fewer."""
LARGE = 64
"""Pixels of the shorter side from which the network is asked whether a region holds detail: below, it sees too little to tell."""

LESS = 0.8
"""Of what was measured, below which the network takes what it sees as noise there for a part of it only."""


def region(plate: Clip, text: str, number: int) -> Box:
    """The box "x,y,width,height" of the frame of a number. Raises ParameterError where there is none, or no such frame."""
    if not text:
        raise ParameterError("the profile is 'region' but no region is given", remedy="give --region x,y,width,height")
    if number not in plate.frames:
        raise ParameterError(
            f"region frame {number} is not in the clip ({plate.frames[0]}-{plate.frames[-1]})",
            remedy="give --region-frame with the frame in which the region lies",
        )
    return Box(*(int(v) for v in text.split(",")))


def doubts(frame: Tensor, box: Box, profile: NoiseProfile, run_model: RunModel) -> list[str]:
    """Why a profile that was measured in a box of a frame (3, H, W) may be wrong, in words for people; empty where nothing speaks against it."""
    part = frame[:, max(box.y, 0) : box.y + box.height, max(box.x, 0) : box.x + box.width]
    said = [_clipped(frame, part), _detailed(part, profile, run_model)]
    return [line for line in said if line]


def _clipped(frame: Tensor, part: Tensor) -> str:
    shares: dict[str, float] = {}
    for name, whole, channel in zip("RGB", frame, part, strict=True):
        ends = {"darkest": float(whole.min()), "brightest": float(whole.max())}
        shares |= {f"{name} at its {end} value": float((channel == value).float().mean()) for end, value in ends.items()}
    found = {name: share for name, share in shares.items() if share > CLIPPED}
    if not found:
        return ""
    listed = ", ".join(f"{name} in {100 * share:.0f} %" for name, share in found.items())
    return f"the region for measuring noise is clipped ({listed}), which hides noise; choose one of middle brightness"


def _detailed(part: Tensor, profile: NoiseProfile, run_model: RunModel) -> str:
    uneven = unevenness(blocks_of([np.ascontiguousarray(part.cpu().numpy())]))
    texture = False
    if min(part.shape[1:]) >= LARGE and not profile.is_clean:
        seen = metered(profile, [part], run_model)
        texture = not seen.is_certain or seen.mid_gray_sigma < LESS * profile.mid_gray_sigma
    if uneven < EVEN[1] and not texture:
        return ""
    return (
        f"the region for measuring noise holds detail, not noise alone; what was measured there, {100 * profile.mid_gray_share:.2g} % of white "
        "at mid gray, is probably too much; choose an even area"
    )
