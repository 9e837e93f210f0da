"""A frame through a translator that `vfxai train style` made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vfxai.color.curves import perceptual_curve, perceptual_inverse

if TYPE_CHECKING:
    from torch import Tensor

    from vfxai.schema.tools import Tools


def styled(color: Tensor, model: str, linear: bool, tools: Tools) -> Tensor:
    """Colour (3, H, W) float32 through a translator, which works on display-like values.

    `linear` says whether the values are scene-linear; others are taken for display-like. `model` is an id. Unbounded, as what comes back.
    """
    if not linear:
        return tools.run_model(model, color)
    return perceptual_inverse(tools.run_model(model, perceptual_curve(color)))
