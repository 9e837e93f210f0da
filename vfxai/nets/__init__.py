"""Network architectures, each readable in one sitting."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURES = {"unet": ("vfxai.nets.unet", "UNet"), "upscaler": ("vfxai.nets.upscaler", "Upscaler")}
"""Module and class by the name that stands in a model's manifest."""


def architecture(name: str) -> "Callable[..., nn.Module]":
    """The class of an architecture; KeyError where there is none."""
    module, class_name = ARCHITECTURES[name]
    made: Callable[..., nn.Module] = getattr(import_module(module), class_name)
    return made
