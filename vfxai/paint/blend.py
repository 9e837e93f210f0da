"""Colours that motion brought from several keys, blended by how far each is to be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vfxai.motion.flow import estimate_flow
from vfxai.motion.flow_error import mean
from vfxai.motion.warp import length, outside, warp

NEAR, MIDDLE, WIDE = 3, 5, 9
"""Sides in pixels of the neighbourhoods in which luminances are compared."""
POWERS = {"near": -0.328, "wide": -0.141, "mean": -0.538, "missed": -0.520, "distance": -0.298, "apart": -0.321}
"""Power of each sign of error in a colour's weight: luminance that differs after warping (near, wide, and its mean), pixels by which the
way there and back misses its start, frames to the key, and difference from the median of all colours. Fitted to least error of the
blend on 17 clips of ../shared/data/train/video (none of a scene of dev/clips) and 16 of moving photographs, keys first and last."""
OUTSIDE = -0.09
"""Logarithm of weight for each pixel beyond the picture's edge, of 20 at most, in twentieths."""
KINDS = (0.0, 0.302, 0.2)
"""Logarithm of weight of the chained, the refined and the direct flow, from the same fit."""
DECIDED = 1.5
"""Power to which weights are raised in the blend: 2 % less CIEDE2000 than with 1, at the same PSNR, on 8 of the same clips."""
ERROR = (-1.56, 0.529, -0.117)
"""The expected error's logarithm: constant, times that of the spread of the colours, and times the best weight's; fitted likewise."""
HALF_TRUST = 0.05
"""Expected error, in display-like values, at which confidence is a half: about where a fitted network does as well."""


@dataclass(frozen=True)
class ColorSource:
    """A key on one side of a frame."""

    guide: Tensor
    """The key's luminance (1, H, W)."""
    paint: Tensor
    """Its chroma and where it is painted (4, H, W)."""
    to_key: Tensor
    from_key: Tensor
    """The chained motion from the frame to the key and back, (2, H, W) each."""
    steps: int
    """Frames between them."""


def blend(guide: Tensor, sources: Sequence[ColorSource]) -> tuple[Tensor, Tensor]:
    """Chroma (3, H, W) of a frame of luminance `guide` (1, H, W), and its confidence (1, H, W) in 0..1.

    Each key is looked for in three ways: along the chain of neighbours, by the chain refined against the key itself, which takes its drift away,
    and directly, which survives where the chain broke.
    """
    colors, weights = [], []
    for source in sources:
        refined = estimate_flow(guide, source.guide, fine=True, start=source.to_key)
        direct = estimate_flow(guide, source.guide, fine=True)
        for kind, flow in zip(KINDS, (source.to_key, refined, direct), strict=True):
            moved = warp(source.paint, flow)
            colors.append(moved[:3])
            weights.append(kind + _trust(guide, source, flow) + moved[3:].clamp(1e-4, 1).log())
    paints, logs = torch.stack(colors), torch.stack(weights)  # (N, 3, H, W), (N, 1, H, W)
    apart = (paints - paints.median(0).values).abs().sum(1)  # (N, H, W)
    logs = logs + POWERS["apart"] * (mean(apart, NEAR)[:, None] + 0.005).log()
    shares = torch.softmax(DECIDED * logs, 0)
    color = (shares * paints).sum(0)
    spread = (shares * (paints - color) ** 2).sum((0, 1)).sqrt()[None]
    constant, of_spread, of_weight = ERROR
    error = (constant + of_spread * (spread + 0.003).log() + of_weight * logs.amax(0)).exp()
    return color, 1 / (1 + (error / HALF_TRUST) ** 2)


def _trust(guide: Tensor, source: ColorSource, flow: Tensor) -> Tensor:
    """Logarithm of the weight of what a flow brings, (1, H, W)."""
    difference = warp(source.guide, flow) - guide
    missed = length(flow + warp(source.from_key, flow))
    signs = {
        "near": mean(difference.abs(), NEAR) + 0.003,
        "wide": mean(difference.abs(), WIDE) + 0.003,
        "mean": mean(difference, MIDDLE).abs() + 0.003,
        "missed": missed + 0.3,
    }
    total = sum((POWERS[name] * value.log() for name, value in signs.items()), outside(flow) * OUTSIDE)
    return total + POWERS["distance"] * torch.tensor(float(source.steps)).log()
