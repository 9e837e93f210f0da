"""The blocks of 8x8 pixels that JPEG, MPEG, DV and DCT-based masters leave: steps at every eighth pixel, greater than those in between."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

SIDE = 8
SEEN = 0.2
"""Excess of the steps at the edges of blocks from which they are said to be there: photographs and noise have 0 to 0.08, JPEG of quality
50 0.3 to 0.7, MPEG-2 and ProRes Proxy at visible rates 0.5 to 1.8, at rates that show nothing up to 0.15."""
LEAST = 64
"""Pixels of a side below which there are too few edges to tell."""


def blocking(frames: Sequence[Tensor]) -> float:
    """By what share steps at the edges of blocks exceed those in between, in the mean of both axes and of frames (3, H, W); 0 where there are none.

    Where the grid begins is found, so that a picture may be cropped.
    """
    found = [_excess(f.mean(0).cpu().numpy()) for f in frames if min(f.shape[1:]) >= LEAST]
    return float(np.mean(found)) if found else 0.0


def _excess(luminance: NDArray[np.float32]) -> float:
    """Of (H, W): the lesser of both axes, for codecs leave a grid, and stripes of the scene lie along one."""
    return max(min(_along(luminance), _along(luminance.T)), 0.0)


def _along(picture: NDArray[np.float32]) -> float:
    steps = np.abs(np.diff(np.nan_to_num(picture), axis=1))
    usual = np.median(steps, axis=0)  # of each column, which edges of the scene hardly move
    phases = np.array([usual[phase::SIDE].mean() for phase in range(SIDE)])
    best = int(np.argmax(phases))
    others = float(np.mean(np.delete(phases, best)))
    spread = float(np.std(np.delete(phases, best)))  # by chance, or by texture that repeats
    return (phases[best] - others - 3 * spread) / others if others > 0 else 0.0
