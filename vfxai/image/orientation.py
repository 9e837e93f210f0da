"""Pictures that lie on their side in their file, turned upright (the Orientation of EXIF 2.3, TIFF and DPX)."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vfxai.image.box import Box

NAMES = {
    2: "mirrored",
    3: "turned by 180 degrees",
    4: "mirrored top to bottom",
    5: "mirrored and turned by 90 degrees",
    6: "turned by 90 degrees",
    7: "mirrored and turned by 270 degrees",
    8: "turned by 270 degrees",
}
"""What is done to a picture with an orientation, clockwise; 1 is upright."""


def orientation_of(attributes: Mapping[str, Any]) -> int:
    """The orientation that a header tells, 1 where it tells none."""
    told = attributes.get("Orientation", 1)
    return told if isinstance(told, int) and told in NAMES else 1


def is_lying(orientation: int) -> bool:
    """Whether rows of the file are columns of the picture."""
    return orientation >= 5


def upright(planes: Tensor, orientation: int) -> Tensor:
    """Planes (C, H, W) as they lie in a file, as they are meant: (C, W, H) where the picture lies on its side."""
    if orientation in (5, 7):
        planes = planes.transpose(1, 2)
    elif orientation in (6, 8):
        planes = torch.rot90(planes, -1 if orientation == 6 else 1, (1, 2))
    flipped = {2: (2,), 3: (1, 2), 4: (1,), 7: (1, 2)}.get(orientation, ())
    return (planes.flip(flipped) if flipped else planes).contiguous()


def upright_box(box: Box, display: Box, orientation: int) -> Box:
    """Where a window within a display window comes to lie; the display window keeps its corner."""
    left, top = box.x - display.x, box.y - display.y
    right, bottom = display.width - left - box.width, display.height - top - box.height
    places = {
        1: (left, top),
        2: (right, top),
        3: (right, bottom),
        4: (left, bottom),
        5: (top, left),
        6: (bottom, left),
        7: (bottom, right),
        8: (top, right),
    }
    x, y = places[orientation]
    width, height = (box.height, box.width) if is_lying(orientation) else (box.width, box.height)
    return Box(display.x + x, display.y + y, width, height)
