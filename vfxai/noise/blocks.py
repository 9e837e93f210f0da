"""Blocks of 8x8 pixels as noise is measured in: their levels and their frequencies."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
BLOCK = 8
MOST_BLOCKS = 60_000
"""Per frame; more do not change the figures."""
_I = np.add.outer(np.arange(BLOCK), np.arange(BLOCK))
LOW = (_I >= 1) & (_I <= 3)
"""(8, 8) bool: frequencies by which a block is chosen as flat, far from those on which its noise is measured."""


def dct_basis() -> Array:
    """(8, 8): a frequency in each row, orthonormal."""
    return cv2.dct(np.eye(BLOCK, dtype=np.float32), flags=cv2.DCT_ROWS).T  # rows: frequencies


@dataclass(frozen=True)
class Blocks:
    """Coefficients of blocks of one or more frames."""

    level: Array
    """(N, 3) mean of each channel."""
    low: Array
    """(N,) energy of low frequencies of the luminance."""
    coefficients: Array
    """(N, 3, 8, 8) DCT coefficients, orthonormal, so that white noise has its variance in each."""


def pieces(picture: Array) -> Array:
    """(N, 3, 8, 8) overlapping blocks of (3, H, W), at most MOST_BLOCKS, the same ones of every picture of a size."""
    step = BLOCK // 2
    rows, columns = ((extent - BLOCK) // step + 1 for extent in picture.shape[1:])
    thin = max(1, int(np.ceil(rows * columns / MOST_BLOCKS)))
    view = np.lib.stride_tricks.sliding_window_view(picture, (BLOCK, BLOCK), axis=(1, 2))[:, ::step, ::step]
    return np.ascontiguousarray(view.reshape(3, rows * columns, BLOCK, BLOCK)[:, ::thin].transpose(1, 0, 2, 3))


def transformed(chosen: Array, level: Array | None = None) -> Blocks:
    """Blocks (N, 3, 8, 8) by frequency; their level is their own mean where none (N, 3) is given."""
    basis = dct_basis()
    coefficients = np.asarray(np.einsum("ui,ncij,vj->ncuv", basis, chosen, basis, optimize=True), np.float32)
    low = (coefficients.mean(1)[:, LOW] ** 2).sum(1)
    return Blocks(np.asarray(coefficients[:, :, 0, 0] / BLOCK if level is None else level, np.float32), low, coefficients)


def blocks_of(pictures: list[Array]) -> Blocks:
    """Blocks of pictures (3, H, W), without those that are clipped or of one value where the others are not."""
    found = []
    for picture in pictures:
        chosen = pieces(picture)
        spread = chosen.max((1, 2, 3)) - chosen.min((1, 2, 3))
        alive = np.isfinite(spread) & (spread > 0)
        if alive.mean() < 0.5:  # a drawn picture, whose flat areas really have no noise
            alive = np.isfinite(spread)
        inside = alive & ~clipped(chosen, picture)
        found.append(transformed(chosen[inside] if inside.any() else chosen[alive]))
    return Blocks(*(np.concatenate([getattr(f, name) for f in found]) for name in ("level", "low", "coefficients")))


def clipped(chosen: Array, picture: Array) -> NDArray[np.bool_]:
    """(N,) bool: which of blocks (N, 3, 8, 8) have more than a tenth at the darkest or brightest value of their picture (3, H, W) in a channel.

    There noise is cut off. Both float32 plate values, unpremultiplied.
    """
    ends = (picture.reshape(3, -1).min(1), picture.reshape(3, -1).max(1))
    at_end = sum((chosen == end[None, :, None, None]).mean((2, 3)) for end in ends)
    return np.asarray(np.max(at_end, axis=1) > 0.1)
