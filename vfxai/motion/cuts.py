"""Scene cuts."""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from vfxai.motion.filling import blurred

SIDE = 32
"""Blocks a side of the thumbnails that are compared."""
LAYOUT = 6.0
"""Radius (standard deviation, blocks) from which light and dark are the layout of a picture, which many scenes share: sky above, ground below."""
LAYOUT_COUNTS = 0.1
"""Share of the layout that is left, for scenes that have nothing else."""
SHIFT = 8
"""Blocks by which a camera may have moved, each way."""
UNLIKE = 0.45
"""Correlation below which two frames are of different scenes. Of 574 pairs of one scene in ../shared/data/train, pans among them, one lies below, and
of 2271 pairs of two pictures 2 % lie above; with all of the layout left and shifts of 3 blocks it was two, and 10 %."""
NOTHING = 5e-3
"""Contrast, as a part of the brightest block, below which a thumbnail shows nothing."""


def is_cut(first: Tensor, second: Tensor) -> bool:
    """Whether two frames (C, H, W) belong to different scenes. A change of exposure, such as a flash, is no cut.

    Compares thumbnails without most of their layout by normalised correlation, the best over shifts, so that neither noise nor exposure nor
    a pan counts. Each shift is judged by what the thumbnails have in common then (Padfield, 2012).
    """
    pair = torch.stack([_thumbnail(p) for p in (first, second)])
    rows, columns = pair.shape[1:]
    shape = pair - pair.mean((1, 2), keepdim=True)
    if shape.norm(dim=(1, 2)).min() < NOTHING * pair.abs().max().clamp_min(1e-9) * (rows * columns) ** 0.5:
        return False  # nothing to see in one of them: a fade, not a cut that could be told
    shape = shape / shape.norm(dim=(1, 2), keepdim=True)
    layout = blurred(torch.cat([shape, torch.ones_like(shape[:1])]), LAYOUT * max(rows, columns) / SIDE)
    shape = shape - (1 - LAYOUT_COUNTS) * layout[:2] / layout[2:]
    common, one, other = _correlated(torch.cat([shape, shape**2]))
    likeness = common / (one * other).clamp_min(1e-12).sqrt()
    down, across = (min(SHIFT * extent // SIDE, extent - 1) for extent in (rows, columns))
    near = torch.cat([likeness[: down + 1], likeness[-down:]]) if down else likeness[:1]
    near = torch.cat([near[:, : across + 1], near[:, -across:]], 1) if across else near[:, :1]
    return float(near.max()) < UNLIKE


def _thumbnail(picture: Tensor) -> Tensor:
    size = min(SIDE, picture.shape[1]), min(SIDE, picture.shape[2])
    return adaptive_avg_pool2d(picture.mean(0, keepdim=True)[None].float(), size)[0, 0]


def _correlated(planes: Tensor) -> Tensor:
    """(3, 2H, 2W), by shift, of (4, H, W): sums over what overlaps of first times second plane, of the third, and of the fourth."""
    size = [2 * extent for extent in planes.shape[1:]]
    spectrum, whole = torch.fft.rfft2(planes, size), torch.fft.rfft2(torch.ones_like(planes[0]), size)
    products = [spectrum[0] * spectrum[1].conj(), spectrum[2] * whole.conj(), whole * spectrum[3].conj()]
    return torch.fft.irfft2(torch.stack(products), size)
