"""Painted frames: which there are, how they lie on the plate, and which luminance they have in common with it."""

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Tensor

from vfxai.color.luminance import LUMAS, Luminance
from vfxai.image.clip import align, in_format, reach
from vfxai.image.frame import Box, Frame
from vfxai.schema.tools import Tools

ALIKE = 0.02
"""Mean difference of a key's luma and the plate up to which they may be of one picture: a painter keeps light and shade, but not to the digit."""
CLEARLY = 0.5
"""Share of the difference under Rec. 709 below which another luma is taken instead."""


def read_key(file: str, number: int, plate: Frame, tools: Tools) -> Frame:
    """A painted frame over the data window of the plate's, in its encoding, with three channels and the alpha of where it is painted.

    InputError where it does not fit.
    """
    clip = tools.open(file, like=plate)
    frame = clip[number if clip.has(number) else clip.frames[0]]
    frame = in_format(frame, plate, f"{file}, the key of frame {number},")
    over_plate = align(frame, plate.data_window)
    painted = reach(frame, plate.data_window) * (1 if over_plate.alpha is None else over_plate.alpha)
    return replace(over_plate, color=over_plate.color.expand(3, -1, -1), alpha=painted)


def paint_of(key: Frame, luminance: Luminance) -> Tensor:
    """(4, H, W): the chroma of a key, and where it is painted, which its alpha says."""
    alpha = torch.ones_like(key.color[:1]) if key.alpha is None else key.alpha.clamp(0, 1)
    return torch.cat([luminance.chroma(key.color), alpha])


def common_luma(pairs: Iterable[tuple[Frame, Frame]]) -> Luminance:
    """The luma that keys and plates in a video curve share, Rec. 709 where none fits clearly better. Pairs are a key and the plate's frame."""
    lumas = {name: Luminance(weights, False) for name, weights in LUMAS.items()}
    missed, count = dict.fromkeys(lumas, 0.0), 0
    for key, plate in pairs:
        count += 1
        for name, luma in lumas.items():
            missed[name] += float((luma.of(key.color) - luma.of(plate.color)).abs().mean())
    best = min(missed, key=lambda name: missed[name])
    taken = count and missed[best] < min(ALIKE * count, CLEARLY * missed["rec709"])
    return lumas[best if taken else "rec709"]


def over(planes: Tensor, frame: Frame, box: Box) -> Tensor:
    """Planes that lie as a frame does, over another data window."""
    return align(replace(frame, color=planes, alpha=None, layers={}), box).color
