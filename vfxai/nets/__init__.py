"""Network architectures, each readable in one sitting.

All take and give float tensors (N, C, H, W) of any range, the picture in the first channels; what else goes in says what is known of it.
None clamps, and of all a picture times a factor comes out times that factor (docs/decisions/0002): those that give pictures have no biases, and the one
that measures works on ratios.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURES = {
    "unet": ("vfxai.nets.unet", "UNet"),
    "upscaler": ("vfxai.nets.upscaler", "Upscaler"),
    "noise_meter": ("vfxai.nets.noise_meter", "NoiseMeter"),
}
"""Module and class by the name that stands in a model's manifest."""


def architecture(name: str) -> "Callable[..., nn.Module]":
    """The class of an architecture; KeyError where there is none."""
    module, class_name = ARCHITECTURES[name]
    made: Callable[..., nn.Module] = getattr(import_module(module), class_name)
    return made
