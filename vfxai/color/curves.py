"""The tone curves of the encodings, on values one by one: float32 of any shape, no bounds, odd about 0, each with its inverse."""

import torch
from torch import Tensor

LOG_UNIT = 0.022
"""Scene-linear value around which the log curve turns from straight to logarithmic."""
LOG_GAIN = 0.143
"""Brings 0.18 to 0.40, 1 to 0.65 and 65504 to 2.2."""
SHOULDER = 0.8
"""Display value above which the picture shown to a model bends towards 1."""


def log_curve(linear: Tensor) -> Tensor:
    """Scene-linear values (..., any shape) float32 in the log encoding: odd and smooth.

    Straight about 0, logarithmic beyond LOG_UNIT, invertible over all half values.
    """
    return LOG_GAIN * torch.asinh(linear / LOG_UNIT)


def log_inverse(pixels: Tensor) -> Tensor:
    """The inverse of log_curve."""
    return LOG_UNIT * torch.sinh(pixels / LOG_GAIN)


def display_curve(linear: Tensor) -> Tensor:
    """Scene-linear values (..., any shape) float32 in the sRGB curve (IEC 61966-2-1).

    Mirrored for negative values, continued above 1.
    """
    size = linear.abs()
    return linear.sign() * torch.where(size <= 0.0031308, size * 12.92, 1.055 * size.clamp_min(1e-9) ** (1 / 2.4) - 0.055)


def display_inverse(pixels: Tensor) -> Tensor:
    """The inverse of display_curve."""
    size = pixels.abs()
    return pixels.sign() * torch.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)


SLOPE_AT_WHITE = 1.055 / 2.4
"""Of display_curve at 1, with which perceptual_curve goes on."""


def perceptual_curve(linear: Tensor) -> Tensor:
    """Scene-linear values (..., any shape) float32 in steps even to the eye: display_curve up to 1, logarithmic beyond; odd.

    As steep on both sides of 1. 65504 becomes 5.9.
    """
    size = linear.abs()
    bright = 1 + SLOPE_AT_WHITE * size.clamp_min(1).log()
    return torch.where(size <= 1, display_curve(linear), linear.sign() * bright)


def perceptual_inverse(pixels: Tensor) -> Tensor:
    """The inverse of perceptual_curve."""
    size = pixels.abs()
    bright = ((size - 1).clamp_min(0) / SLOPE_AT_WHITE).exp()
    return torch.where(size <= 1, display_inverse(pixels), pixels.sign() * bright)


def shoulder(display: Tensor) -> Tensor:
    """Display values (..., any shape) float32, unchanged up to SHOULDER, then bending towards 1; odd. Within -1..1."""
    size, room = display.abs(), 1 - SHOULDER
    bent = SHOULDER + room * (1 - torch.exp(-(size - SHOULDER).clamp_min(0) / room))
    return display.sign() * torch.where(size <= SHOULDER, size, bent)
