"""Brings a frame's colour into what a node works in, and back, keeping the whole half-float range."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vfxai.color.pieces import in_pieces
from vfxai.schema.vocabulary import Encoding

if TYPE_CHECKING:
    from vfxai.color.config import Config

LOG_UNIT = 0.022
"""Scene-linear value around which the log curve turns from straight to logarithmic."""
LOG_GAIN = 0.143
"""Brings 0.18 to 0.40, 1 to 0.65 and 65504 to 2.2."""
SHOULDER = 0.8
"""Display value above which the picture shown to a model bends towards 1."""


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
    """Colour (3 or 1, H, W) of a space in an encoding. Unbounded, except DISPLAY, which lies within -1..1."""
    if encoding is Encoding.STORED:
        return Encoded(color, encoding, space, None)
    if encoding is Encoding.PERCEPTUAL:
        linear_plate = config.is_linear(space)
        return Encoded(
            in_pieces(perceptual_curve, color) if linear_plate else color, encoding, space, color if linear_plate else None
        )
    linear = config.transform(color, space, config.scene_linear)
    if encoding is Encoding.SCENE_LINEAR:
        return Encoded(linear, encoding, space, linear)
    pixels = in_pieces(log_curve if encoding is Encoding.LOG else lambda values: shoulder(display_curve(values)), linear)
    return Encoded(pixels, encoding, space, linear)


def decode(config: "Config", pixels: Tensor, encoded: Encoded) -> Tensor:
    """Back to the space that `encoded` came from; what the node left as it was comes back exactly as before encode()."""
    if encoded.linear is None:
        return pixels
    if encoded.encoding is Encoding.PERCEPTUAL:
        back = in_pieces(perceptual_inverse, pixels)
        same_size = pixels.shape == encoded.pixels.shape
        return torch.where(pixels == encoded.pixels, encoded.linear, back) if same_size else back
    if encoded.encoding is Encoding.SCENE_LINEAR:
        linear = pixels
    elif encoded.encoding is Encoding.LOG:
        linear = torch.where(pixels == encoded.pixels, encoded.linear, log_inverse(pixels))
    else:
        linear = torch.where(pixels == encoded.pixels, encoded.linear, display_inverse(_behind_shoulder(pixels, encoded)))
    return config.transform(linear, config.scene_linear, encoded.space)


def log_curve(linear: Tensor) -> Tensor:
    """An odd, smooth curve: straight about 0, logarithmic beyond LOG_UNIT, invertible over all values."""
    return LOG_GAIN * torch.asinh(linear / LOG_UNIT)


def log_inverse(pixels: Tensor) -> Tensor:
    """The inverse of log_curve."""
    return LOG_UNIT * torch.sinh(pixels / LOG_GAIN)


def display_curve(linear: Tensor) -> Tensor:
    """The sRGB curve (IEC 61966-2-1), mirrored for negative values and continued above 1."""
    size = linear.abs()
    return linear.sign() * torch.where(size <= 0.0031308, size * 12.92, 1.055 * size.clamp_min(1e-9) ** (1 / 2.4) - 0.055)


def display_inverse(pixels: Tensor) -> Tensor:
    """The inverse of display_curve."""
    size = pixels.abs()
    return pixels.sign() * torch.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)


SLOPE_AT_WHITE = 1.055 / 2.4
"""Of display_curve at 1, with which perceptual_curve goes on."""


def perceptual_curve(linear: Tensor) -> Tensor:
    """display_curve up to 1, logarithmic and equally steep there beyond; odd. 65504 becomes 5.9."""
    size = linear.abs()
    bright = 1 + SLOPE_AT_WHITE * size.clamp_min(1).log()
    return torch.where(size <= 1, display_curve(linear), linear.sign() * bright)


def perceptual_inverse(pixels: Tensor) -> Tensor:
    """The inverse of perceptual_curve."""
    size = pixels.abs()
    bright = ((size - 1).clamp_min(0) / SLOPE_AT_WHITE).exp()
    return torch.where(size <= 1, display_inverse(pixels), pixels.sign() * bright)


def shoulder(display: Tensor) -> Tensor:
    """Unchanged up to SHOULDER, then bending towards 1; odd."""
    size, room = display.abs(), 1 - SHOULDER
    bent = SHOULDER + room * (1 - torch.exp(-(size - SHOULDER).clamp_min(0) / room))
    return display.sign() * torch.where(size <= SHOULDER, size, bent)


def _behind_shoulder(pixels: Tensor, encoded: Encoded) -> Tensor:
    """Display values of what a model returned: highlights that were bent keep their height, changed by the model's gain."""
    if encoded.linear is None:
        return pixels
    before = display_curve(encoded.linear)
    high = before.abs() > SHOULDER
    return torch.where(high, before * (pixels / torch.where(high, encoded.pixels, torch.ones_like(pixels))), pixels)
