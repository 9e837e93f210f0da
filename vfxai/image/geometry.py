"""Where the pixels of a frame come to lie when its size changes, and the filters that bring them there.

Positions are continuous: pixel n covers n to n + 1. A frame is resampled about its display window, so that data windows smaller or
larger than it keep their place.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from vfxai.errors import ParameterError
from vfxai.image.box import Box

Filter = Literal["lanczos", "cubic", "nearest"]
SUPPORT = {"lanczos": 3.0, "cubic": 2.0}
"""Half width in samples."""
AROUND = 1.51
"""Half width, in samples of the coarser of both grids, of what surrounds a sample: where the size grows, its own and one on each side.
The hundredth keeps rounding from deciding about samples at exactly one and a half."""
FITS = ("fill", "fit", "stretch")


@dataclass(frozen=True)
class Geometry:
    """A change of size: x becomes x * scale_x + offset_x."""

    scale_x: float
    scale_y: float
    offset_x: float
    offset_y: float
    display: Box
    """The new display window."""
    pixel_aspect: float
    crops: bool
    """Whether what comes to lie outside the display window is cut off."""

    def data_window(self, box: Box) -> Box:
        """Where a data window comes to lie, every pixel of it that is at least half covered."""
        x0, x1 = (_edge(v * self.scale_x + self.offset_x) for v in (box.x, box.x + box.width))
        y0, y1 = (_edge(v * self.scale_y + self.offset_y) for v in (box.y, box.y + box.height))
        if self.crops:
            x0, x1 = (min(max(v, self.display.x), self.display.x + self.display.width) for v in (x0, x1))
            y0, y1 = (min(max(v, self.display.y), self.display.y + self.display.height) for v in (y0, y1))
        return Box(x0, y0, max(x1 - x0, 1), max(y1 - y0, 1))

    def resample(self, planes: Tensor, box: Box, filter: Filter) -> Tensor:
        """Planes (C, H, W) over data window `box` as planes over data_window(box)."""
        new = self.data_window(box)
        return _resampled(planes, box, new, (self.scale_x, self.scale_y), (self.offset_x, self.offset_y), filter)

    def blended(self, planes: Tensor, box: Box) -> Tensor:
        """As resample() by the cubic filter, within the range of what is around each sample: nothing rings, and NaN stays where it is."""
        return self.resample(planes, box, "cubic").clamp(*self.range_around(planes, box))

    def finished(self, enlarged: Tensor, box: Box, factor: int) -> Tensor:
        """As resample() for planes of `box` that were already enlarged `factor` times."""
        large = Box(box.x * factor, box.y * factor, box.width * factor, box.height * factor)
        scales = (self.scale_x / factor, self.scale_y / factor)
        return _resampled(enlarged, large, self.data_window(box), scales, (self.offset_x, self.offset_y), "lanczos")

    def range_around(self, planes: Tensor, box: Box) -> tuple[Tensor, Tensor]:
        """Lowest and highest of the planes (C, H, W) over `box` within AROUND of each sample of the planes over data_window(box)."""
        new = self.data_window(box)
        rows = _around(box.y, box.height, new.y, new.height, self.scale_y, self.offset_y).to(planes.device)
        columns = _around(box.x, box.width, new.x, new.width, self.scale_x, self.offset_x).to(planes.device)
        standing = planes.transpose(1, 2).contiguous()  # columns as rows, which are gathered several times as fast
        low, high = (
            _over(_over(standing, columns, bound).transpose(1, 2).contiguous(), rows, bound)
            for bound in (torch.minimum, torch.maximum)
        )
        return low, high


def _edge(position: float) -> int:
    return int(np.floor(position + 0.5))


def scaled(display: Box, pixel_aspect: float, factor: float, square: bool) -> Geometry:
    """All windows `factor` times as large; with `square`, widened by the pixel aspect, whose pixels are then square."""
    across = factor * (pixel_aspect if square else 1.0)
    width, height = max(_edge(display.width * across), 1), max(_edge(display.height * factor), 1)
    scale_x, scale_y = width / display.width, height / display.height
    x, y = _edge(display.x * scale_x), _edge(display.y * scale_y)
    new = Box(x, y, width, height)
    return Geometry(
        scale_x, scale_y, x - display.x * scale_x, y - display.y * scale_y, new, 1.0 if square else pixel_aspect, False
    )


def fitted(display: Box, pixel_aspect: float, width: int, height: int, fit: str) -> Geometry:
    """A format of square pixels: filled (what is too much is cut off), fitted in (the rest stays empty) or stretched to."""
    if fit not in FITS:
        raise ParameterError(f"fit: expected {', '.join(FITS)}, got {fit!r}", remedy="give --fit fill, fit or stretch")
    scale_x, scale_y = width / (display.width * pixel_aspect), height / display.height
    if fit != "stretch":
        scale_x = scale_y = max(scale_x, scale_y) if fit == "fill" else min(scale_x, scale_y)
    scale_x *= pixel_aspect
    offset_x = (width - display.width * scale_x) / 2 - display.x * scale_x
    offset_y = (height - display.height * scale_y) / 2 - display.y * scale_y
    return Geometry(scale_x, scale_y, offset_x, offset_y, Box(0, 0, width, height), 1.0, fit == "fill")


def _resampled(
    planes: Tensor, box: Box, new: Box, scales: tuple[float, float], offsets: tuple[float, float], filter: Filter
) -> Tensor:
    rows = (box.y, box.height, new.y, new.height, scales[1], offsets[1])
    columns = (box.x, box.width, new.x, new.width, scales[0], offsets[0])
    if filter == "nearest":
        return planes.index_select(1, _nearest(*rows).to(planes.device)).index_select(2, _nearest(*columns).to(planes.device))
    same = scales == (1.0, 1.0) and all(float(o).is_integer() for o in offsets)
    if same and (new.width, new.height) == (box.width, box.height):
        return planes
    count, height, width = planes.shape
    down, across = (_weights(*axis, filter).to(planes.device) for axis in (rows, columns))
    # Sparse matrix times (H, C W), then times (W, C H'): each axis on its own.
    tall = torch.mm(down, planes.transpose(0, 1).reshape(height, count * width)).view(new.height, count, width)
    wide = torch.mm(across, tall.permute(2, 1, 0).reshape(width, count * new.height)).view(new.width, count, new.height)
    return wide.permute(1, 2, 0).contiguous()


def _sources(
    start: int, new_start: int, new_length: int, scale: float, offset: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Position, in samples counted from the first, of the centre of every new sample."""
    centres = (np.arange(new_start, new_start + new_length) + 0.5 - offset) / scale
    return np.asarray(centres - 0.5 - start)


def _nearest(start: int, length: int, new_start: int, new_length: int, scale: float, offset: float) -> Tensor:
    places = np.floor(_sources(start, new_start, new_length, scale, offset) + 0.5)
    return torch.from_numpy(np.clip(places, 0, length - 1).astype(np.int64))


def _around(start: int, length: int, new_start: int, new_length: int, scale: float, offset: float) -> Tensor:
    """(taps, new_length): the samples within AROUND of every new sample, the last of them repeated where there are fewer."""
    centres = _sources(start, new_start, new_length, scale, offset)
    support = AROUND * max(1.0, 1 / scale)
    first, last = np.ceil(centres - support), np.floor(centres + support)
    taps = np.arange((last - first).max() + 1)[:, None]
    return torch.from_numpy(np.clip(np.minimum(first + taps, last), 0, length - 1).astype(np.int64))


def _over(planes: Tensor, taps: Tensor, bound: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Planes (C, N, M) as (C, new_length, M): the bound of the rows that the taps name. Where the size grows, many share theirs."""
    shared, where = taps.unique(dim=1, return_inverse=True)
    return reduce(bound, (planes.index_select(1, tap) for tap in shared)).index_select(1, where)


def _weights(start: int, length: int, new_start: int, new_length: int, scale: float, offset: float, filter: Filter) -> Tensor:
    """Sparse (new_length, length); each row sums to 1; samples beyond the edge count as the edge. Widened where the size shrinks."""
    centres = _sources(start, new_start, new_length, scale, offset)
    stretch = max(1.0, 1 / scale)
    support = SUPPORT[filter] * stretch
    taps = int(np.ceil(support * 2)) + 1
    first = np.floor(centres - support).astype(np.int64) + 1
    columns = first[:, None] + np.arange(taps)
    weights = _kernel((columns - centres[:, None]) / stretch, filter)
    weights /= weights.sum(1, keepdims=True)
    rows = np.repeat(np.arange(new_length), taps)
    at = np.stack([rows, np.clip(columns, 0, length - 1).ravel()])
    values = torch.from_numpy(weights.ravel().astype(np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls its sparse rows a beta feature
        return torch.sparse_coo_tensor(torch.from_numpy(at), values, (new_length, length)).coalesce().to_sparse_csr()


def _kernel(
    x: np.ndarray[tuple[int, ...], np.dtype[np.float64]], filter: Filter
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Lanczos of three lobes, or the cubic of Mitchell and Netravali (1988) with B = C = 1/3, which hardly rings."""
    x = np.abs(x)
    if filter == "lanczos":
        return np.where(x < 3, np.sinc(x) * np.sinc(x / 3), 0.0)
    near = (7 * x**3 - 12 * x**2 + 16 / 3) / 6
    far = (-7 / 3 * x**3 + 12 * x**2 - 20 * x + 32 / 3) / 6
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))
