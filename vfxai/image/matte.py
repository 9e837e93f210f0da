"""Geometry of mattes."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def distance_outside(matte: Tensor) -> Tensor:
    """(1, H, W) float32: pixels to the nearest one that a matte (1, H, W) touches; 0 where it is above 0, infinite where it is empty."""
    free = (matte[0].detach().cpu().numpy() <= 0).astype(np.uint8)
    if free.all():
        return torch.full_like(matte, torch.inf, dtype=torch.float32)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5)
    return torch.from_numpy(distance)[None].to(matte.device)


@dataclass(frozen=True)
class Patch:
    """A rectangle of a picture and what is around it."""

    core: tuple[slice, slice]
    """Rows and columns."""
    whole: tuple[slice, slice]
    """The same with the margin, as far as there is one."""

    def share(self, seam: int) -> Tensor:
        """(h, w) of the whole: 1 in the core, falling to 0 over `seam` pixels on both sides of its edges, a half on them."""
        y, x = (
            ((torch.arange(w.start, w.stop) - c.start + seam + 0.5) / (2 * seam)).minimum(
                (c.stop - torch.arange(w.start, w.stop) + seam - 0.5) / (2 * seam)
            )
            for c, w in zip(self.core, self.whole, strict=True)
        )
        return y.clamp(0, 1)[:, None] * x.clamp(0, 1)


def patches(matte: Tensor, margin: int, largest: int, thickest: int) -> list[Patch]:
    """Rectangles that together hold all that a matte (1, H, W) touches, as small as may be; the cores do not overlap.

    One of more than `largest` pixels, margin included, is parted where that cuts nothing touched over more than `thickest` pixels.
    """
    touched = (matte[0] > 0).cpu().numpy()
    height, width = touched.shape
    pending, found = [(slice(0, height), slice(0, width))], []
    while pending:
        rows, columns = _shrunk(touched, *pending.pop())
        if rows.start == rows.stop:
            continue
        whole = (_grown(rows, margin, height), _grown(columns, margin, width))
        size = (whole[0].stop - whole[0].start) * (whole[1].stop - whole[1].start)
        parted = _parted(touched, rows, columns, thickest) if size > largest else None
        if parted:
            pending += parted
        else:
            found.append(Patch((rows, columns), whole))
    return found


def _shrunk(touched: NDArray[np.bool_], rows: slice, columns: slice) -> tuple[slice, slice]:
    """The rectangle of what is touched inside another one; empty where nothing is."""
    inside = touched[rows, columns]
    if not inside.any():
        return slice(0, 0), slice(0, 0)
    y, x = (np.flatnonzero(inside.any(axis)) for axis in (1, 0))
    return (
        slice(rows.start + int(y[0]), rows.start + int(y[-1]) + 1),
        slice(columns.start + int(x[0]), columns.start + int(x[-1]) + 1),
    )


def _grown(extent: slice, margin: int, most: int) -> slice:
    return slice(max(extent.start - margin, 0), min(extent.stop + margin, most))


def _parted(touched: NDArray[np.bool_], rows: slice, columns: slice, thickest: int) -> list[tuple[slice, slice]] | None:
    """Two halves, more or less, of a rectangle, across its longer side if that can be; None where something thick is in the way."""
    inside = touched[rows, columns]
    for axis in sorted((0, 1), key=lambda a: -inside.shape[a]):
        length = inside.shape[axis]
        places = sorted(range(length // 4 + 1, length - length // 4, 16), key=lambda at: abs(2 * at - length))
        runs = {at: _longest_run(inside[at] if axis == 0 else inside[:, at]) for at in places}
        at = min(runs, key=lambda place: runs[place], default=0)
        if at and runs[at] <= thickest:
            if axis == 0:
                return [(slice(rows.start, rows.start + at), columns), (slice(rows.start + at, rows.stop), columns)]
            return [(rows, slice(columns.start, columns.start + at)), (rows, slice(columns.start + at, columns.stop))]
    return None


def _longest_run(line: NDArray[np.bool_]) -> int:
    """Of touched pixels in a row."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
    return int((ends[1::2] - ends[::2]).max(initial=0))
