"""Colours of a frame before and after a grade, pixel by pixel."""

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

from vfxai.errors import InputError
from vfxai.look.scale import Scale

FLAT = 0.04
"""Difference between neighbours, as seen, from which a pixel counts for less: a pair may lie a part of a pixel apart."""
SAME_SHAPE = 0.02
"""Difference of the proportions of two pictures that a resize may leave."""
MOST = 2**22
"""Pixels of a picture that are compared; of larger ones every second row and column, or third, and so on."""
FARTHEST = 0.05
"""Shift of a pair, as a part of the width, beyond which what was found is not believed."""


def paired(before: Tensor, after: Tensor, scale: Scale) -> tuple[Tensor, Tensor, Tensor]:
    """(K, 3) before, (K, 3) after and (K,) weights of two pictures (3, H, W) in the plate's values.

    The second is brought to the size of the first and over it by whole pixels. InputError where the proportions differ.
    """
    height, width = before.shape[1:]
    proportion = after.shape[2] * height / (after.shape[1] * width)
    if abs(proportion - 1) > SAME_SHAPE:
        raise InputError(
            f"the pair has frames of {width}x{height} and {after.shape[2]}x{after.shape[1]}",
            remedy="give the same frame before and after the grade",
        )
    if after.shape != before.shape:
        after = interpolate(after[None], size=(height, width), mode="area")[0]
    seen = scale.seen(before)
    down, right = _shift(seen, scale.seen(after))
    rows, columns = (slice(max(0, -d), min(n, n - d)) for d, n in ((down, height), (right, width)))
    there = (slice(rows.start + down, rows.stop + down), slice(columns.start + right, columns.stop + right))
    around = torch.zeros_like(before[0])
    for plane in seen:  # highest less lowest of 3x3, one plane at a time for the sake of memory
        around = around.maximum((max_pool2d(plane[None], 3, 1, 1) + max_pool2d(-plane[None], 3, 1, 1))[0])
    weight = 1 / (1 + (around / FLAT) ** 2)
    step = math.ceil((around.numel() / MOST) ** 0.5)
    return (
        before[:, rows, columns][:, ::step, ::step].flatten(1).T,
        after[:, there[0], there[1]][:, ::step, ::step].flatten(1).T,
        weight[rows, columns][::step, ::step].flatten(),
    )


def _shift(first: Tensor, second: Tensor) -> tuple[int, int]:
    """Rows and columns by which the second of two pictures (3, H, W) lies off the first, from the phases of their edges."""
    edges = [_edges(p.mean(0).numpy()) for p in (first, second)]
    height, width = edges[0].shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F) if min(height, width) > 8 else None
    if window is None:
        return 0, 0
    (right, down), _ = cv2.phaseCorrelate(edges[0], edges[1], window)
    right, down = round(right), round(down)
    if max(abs(right), abs(down)) > FARTHEST * width:
        return 0, 0
    moved = np.roll(edges[1], (-down, -right), (0, 1))
    better = float((edges[0] * moved).sum()) > float((edges[0] * edges[1]).sum())
    return (down, right) if better else (0, 0)


def _edges(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Size of the gradient, which a grade keeps in place whatever it does to levels."""
    return np.hypot(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))
