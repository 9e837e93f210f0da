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
