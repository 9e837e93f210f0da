"""A frame over its format, for programs that show a data window as if it were the whole picture."""

from dataclasses import replace

import torch
from torch import Tensor

from vfxai.image.box import Box
from vfxai.image.frame import Frame
from vfxai.image.geometry import Filter, Geometry


class Cut(Geometry):
    """No change of size: what lies outside the display window is cut off, what is missing inside is 0. Samples keep their bits."""

    def data_window(self, box: Box) -> Box:
        """The display window, whatever the box."""
        return self.display

    def resample(self, planes: Tensor, box: Box, filter: Filter) -> Tensor:
        """The planes (C, H, W) over `box` as planes over the display window; no filter is needed."""
        made = torch.zeros((len(planes), self.display.height, self.display.width), dtype=planes.dtype, device=planes.device)
        left, top = max(box.x, self.display.x), max(box.y, self.display.y)
        right = min(box.x + box.width, self.display.x + self.display.width)
        bottom = min(box.y + box.height, self.display.y + self.display.height)
        if left < right and top < bottom:
            here, there = self.display, box
            made[:, top - here.y : bottom - here.y, left - here.x : right - here.x] = planes[
                :, top - there.y : bottom - there.y, left - there.x : right - there.x
            ]
        return made

    def blended(self, planes: Tensor, box: Box) -> Tensor:
        """As resample()."""
        return self.resample(planes, box, "nearest")


def to_format(frame: Frame) -> Frame:
    """The frame with all its channels over its display window; itself where it lies so."""
    box = frame.data_window
    if box == frame.display_window:
        return frame
    cut = Cut(1.0, 1.0, 0.0, 0.0, frame.display_window, frame.pixel_aspect, True)
    return replace(
        frame,
        color=cut.resample(frame.color, box, "nearest"),
        alpha=None if frame.alpha is None else cut.resample(frame.alpha, box, "nearest"),
        layers={name: cut.resample(plane, box, "nearest") for name, plane in frame.layers.items()},
        data_window=frame.display_window,
        stored=frame.stored and frame.stored.resized(cut),
    )
