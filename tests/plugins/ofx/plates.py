"""Plates for the OFX tests: with highlights, negative values and alpha."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def plate(number: int, size: tuple[int, int] = (24, 32), channels: int = 4) -> NDArray[np.float32]:
    """(H, W, C) float32, scene-linear, multiplied by alpha: a pattern that moves, noise, a light of 40 and some below 0."""
    height, width = size
    random = np.random.default_rng(number)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    color = 0.3 + 0.2 * np.sin((x + 2 * number)[..., None] / np.array([3, 4, 5])) * np.cos(y / 4)[..., None]
    color = color + random.normal(0, 0.03, color.shape)
    color[2:5, 3:6] = 40
    color[7:9, 9:12] = -0.25
    alpha = np.clip((x + y) / (width + height) * 1.6, 0, 1)[..., None]
    return np.ascontiguousarray(np.concatenate([color * alpha, alpha], 2)[..., :channels], np.float32)


def lined(number: int, size: tuple[int, int] = (48, 64)) -> NDArray[np.float32]:
    """A plate with a dark wire across, which sinks by half a pixel a frame."""
    pixels = np.full((*size, 4), 0.5, np.float32)
    pixels += np.random.default_rng(number).normal(0, 0.01, pixels.shape).astype(np.float32)
    y = np.arange(size[0])[:, None] - (12 + 0.5 * (number - 1) + 0.05 * np.arange(size[1])[None])
    pixels[..., :3] *= (1 - 0.8 * np.exp(-(y**2) / 1.5))[..., None].astype(np.float32)
    pixels[..., 3] = 1
    return pixels


def interlaced(number: int, size: tuple[int, int] = (24, 32)) -> NDArray[np.float32]:
    """Top field first: even rows of one moment, odd rows of the next."""
    first, second = (_moving(2 * number + n, size) for n in (0, 1))
    first[1::2] = second[1::2]
    return first


def _moving(moment: int, size: tuple[int, int]) -> NDArray[np.float32]:
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    color = 0.4 + 0.3 * np.sin((x + 1.5 * moment)[..., None] / np.array([2.0, 3, 4])) * np.cos((y + moment) / 3)[..., None]
    return np.ascontiguousarray(np.concatenate([color, np.ones((*size, 1))], 2), np.float32)
