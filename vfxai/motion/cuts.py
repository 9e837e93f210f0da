"""Scene cuts."""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, cosine_similarity

from vfxai.image.fill import blurred

SIDES = (32, 64)
"""Blocks a side of the thumbnails that are compared."""
LAYOUT = (6.0, 3.0)
"""Radius (standard deviation, blocks) from which light and dark are the layout of a picture, which many scenes share: sky above, ground below."""
LAYOUT_COUNTS = 0.1
"""Share of the layout that is left, for scenes that have nothing else."""
SHIFT = 4
"""Part of a thumbnail's side by which a camera may have moved, each way: one in four."""
UNLIKE = 0.41
"""Correlation, of both thumbnails together and as a part of what noise leaves possible, below which two frames are of different scenes. Of 831 pairs
of one scene in ../shared/data/train, pans and noise among them, one lies below, and of 2899 pairs of two pictures 0.4 % lie above; with the small
thumbnails alone it was 1.7 %."""
NOTHING = 0.3
"""Correlation of the even with the odd columns of a frame below which its thumbnail shows noise."""


def is_cut(first: Tensor, second: Tensor) -> bool:
    """Whether two frames (C, H, W) belong to different scenes. A change of exposure, such as a flash, is no cut.

    Compares thumbnails without most of their layout by normalised correlation, the best over shifts, so that neither noise nor exposure nor
    a pan counts. Each shift is judged by what the thumbnails have in common then (Padfield, 2012). Where one of them shows nothing but noise, as
    black does, nothing tells, and it is no cut.
    """
    glances = [glance(p) for p in (first, second)]
    size = min(g.shape[1] for g in glances), min(g.shape[2] for g in glances)  # data windows may differ
    halves = torch.stack([adaptive_avg_pool2d(g, size)[0].unflatten(1, (-1, 2)).movedim(2, 0) for g in glances])
    likeness = possible = 0.0
    for side, layout in zip(SIDES, LAYOUT, strict=True):
        shapes = _shapes(halves, side, layout)
        even, odd = shapes.flatten(2).unbind(1)
        agreement = cosine_similarity(even, odd).clamp_min(0)
        if side == SIDES[0] and float(agreement.min()) < NOTHING:
            return False
        likeness += _best(shapes.mean(1))
        possible += float((2 * agreement / (1 + agreement)).prod().sqrt())  # of the whole from its halves (Spearman, Brown, 1910)
    return likeness < UNLIKE * possible


def glance(picture: Tensor) -> Tensor:
    """(1, rows, columns), an even number of columns: what is_cut() looks at in a picture (C, H, W), and the same to it. No sample is in two columns."""
    gray = picture.mean(0, keepdim=True).float()
    gray = gray.expand(-1, -1, 2) if gray.shape[2] == 1 else gray
    wide = -(-gray.shape[2] // (2 * SIDES[-1]))
    columns = gray.shape[2] // wide // 2 * 2
    gray = gray[..., : columns * wide].unflatten(2, (columns, wide)).mean(3)
    return adaptive_avg_pool2d(gray, (min(SIDES[-1], gray.shape[1]), columns))


def _shapes(halves: Tensor, side: int, layout: float) -> Tensor:
    """(2, 2, rows, columns), of both halves of both pictures: what is to be seen beside the layout, of one power for each picture."""
    small = adaptive_avg_pool2d(halves, (min(side, halves.shape[2]), min(side, halves.shape[3])))
    shape = small - small.mean((2, 3), keepdim=True)
    planes = torch.cat([shape.flatten(0, 1), torch.ones_like(shape[0, :1])])
    smooth = blurred(planes, layout * max(shape.shape[2:]) / side)
    shape = shape - (1 - LAYOUT_COUNTS) * (smooth[:-1] / smooth[-1:]).unflatten(0, (2, 2))
    return shape / shape.flatten(1).norm(dim=1)[:, None, None, None].clamp_min(1e-20)


def _best(pair: Tensor) -> float:
    """The largest correlation of two thumbnails (2, rows, columns) over all shifts that are allowed."""
    common, one, other = _correlated(torch.cat([pair, pair**2]))
    likeness = common / (one * other).clamp_min(1e-12).sqrt()
    down, across = (extent // SHIFT for extent in pair.shape[1:])
    near = torch.cat([likeness[: down + 1], likeness[-down:]]) if down else likeness[:1]
    near = torch.cat([near[:, : across + 1], near[:, -across:]], 1) if across else near[:, :1]
    return float(near.max())


def _correlated(planes: Tensor) -> Tensor:
    """(3, 2H, 2W), by shift, of (4, H, W): sums over what overlaps of first times second plane, of the third, and of the fourth."""
    size = [2 * extent for extent in planes.shape[1:]]
    spectrum, whole = torch.fft.rfft2(planes, size), torch.fft.rfft2(torch.ones_like(planes[0]), size)
    products = [spectrum[0] * spectrum[1].conj(), spectrum[2] * whole.conj(), whole * spectrum[3].conj()]
    return torch.fft.irfft2(torch.stack(products), size)
