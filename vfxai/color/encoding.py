"""Brings a frame's colour into what a node works in, and back, keeping the whole half-float range."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vfxai.color.chunked import in_chunks
from vfxai.color.curves import (
    SHOULDER,
    display_curve,
    display_inverse,
    log_curve,
    log_inverse,
    perceptual_curve,
    perceptual_inverse,
    shoulder,
)
from vfxai.schema.vocabulary import Encoding

if TYPE_CHECKING:
    from vfxai.color.config import Config


@dataclass(frozen=True)
class Encoded:
    """Colour as a node sees it, and what decode() needs besides."""

    pixels: Tensor
    """(3 or 1, H, W) float32."""
    encoding: Encoding
    space: str
    linear: Tensor | None
    """The colour before the curve, which unchanged pixels get back exactly: in the working space, or the plate's own if PERCEPTUAL."""


def encode(config: "Config", color: Tensor, space: str, encoding: Encoding) -> Encoded:
    """Colour (3 or 1, H, W) float32 of a space, not multiplied by alpha, in an encoding.

    Unbounded, except DISPLAY, which lies within -1..1. ColorSpaceError where the config has no way there.
    """
    if encoding is Encoding.STORED:
        return Encoded(color, encoding, space, None)
    if encoding is Encoding.PERCEPTUAL:
        linear_plate = config.is_linear(space)
        return Encoded(
            in_chunks(perceptual_curve, color) if linear_plate else color, encoding, space, color if linear_plate else None
        )
    linear = config.transform(color, space, config.scene_linear)
    if encoding is Encoding.SCENE_LINEAR:
        return Encoded(linear, encoding, space, linear)
    pixels = in_chunks(log_curve if encoding is Encoding.LOG else lambda values: shoulder(display_curve(values)), linear)
    return Encoded(pixels, encoding, space, linear)


def decode(config: "Config", pixels: Tensor, encoded: Encoded) -> Tensor:
    """Pixels (3 or 1, H, W) float32 that a node made of `encoded`, back in the plate's space.

    Unbounded. Samples that the node left as they were come back exactly as before encode(). With LOG and DISPLAY the
    size must be that of `encoded`; with the others a node may have changed it.
    """
    if encoded.linear is None:
        return pixels
    if encoded.encoding is Encoding.PERCEPTUAL:
        back = in_chunks(perceptual_inverse, pixels)
        same_size = pixels.shape == encoded.pixels.shape
        return torch.where(pixels == encoded.pixels, encoded.linear, back) if same_size else back
    if encoded.encoding is Encoding.SCENE_LINEAR:
        linear = pixels
    elif encoded.encoding is Encoding.LOG:
        linear = torch.where(pixels == encoded.pixels, encoded.linear, log_inverse(pixels))
    else:
        linear = torch.where(pixels == encoded.pixels, encoded.linear, display_inverse(_behind_shoulder(pixels, encoded)))
    return config.transform(linear, config.scene_linear, encoded.space)


def _behind_shoulder(pixels: Tensor, encoded: Encoded) -> Tensor:
    """Display values of what a model returned: highlights that were bent keep their height, changed by the model's gain."""
    if encoded.linear is None:
        return pixels
    before = display_curve(encoded.linear)
    high = before.abs() > SHOULDER
    return torch.where(high, before * (pixels / torch.where(high, encoded.pixels, torch.ones_like(pixels))), pixels)
