"""Painted frames: which there are, how they lie on the plate, and which luminance they have in common with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from vfxai.color.luminance import LUMAS, Luminance
from vfxai.image.box import Box
from vfxai.image.clip import align, coverage, in_format
from vfxai.image.frame import Frame
from vfxai.schema.tools import Tools

ALIKE = 0.02
"""Mean difference of a key's luma and the plate up to which they may be of one picture: a painter keeps light and shade, but not to the digit."""
CLEARLY = 0.5
"""Share of the difference under Rec. 709 below which another luma is taken instead."""

OTHER_BRIGHTNESS = 4 * ALIKE
"""Mean difference of luminance from which a key is plainly of another curve, or freely painted: sRGB taken for linear, or the reverse, is 0.2."""


def read_key(number: int, plate: Frame, tools: Tools) -> Frame:
    """A painted frame over the data window of the plate's, in its encoding, with three channels and the alpha of where it is painted.

    InputError where it does not fit.
    """
    picture = tools.pictures("key", plate)[number]
    # without what is stored for writing it again, which is larger than the picture
    frame = in_format(replace(picture, stored=None), plate, f"the key of frame {number}")
    over_plate = align(frame, plate.data_window)
    painted = coverage(frame, plate.data_window) * (1 if over_plate.alpha is None else over_plate.alpha)
    key = replace(over_plate, color=over_plate.color.expand(3, -1, -1), alpha=painted)
    off = brightness_error(key, plate, tools.luminance(plate))
    if off > OTHER_BRIGHTNESS:
        tools.warn(
            f"the key of frame {number} is not as bright as the plate (off by {off:.2f} on average, of 1 from black to white): only its "
            "chroma is used. If it is in another colour space, --beside-colorspace states it"
        )
    return key


def brightness_error(key: Frame, plate: Frame, luminance: Luminance) -> float:
    """Mean difference of the luminance of a key from that of the plate, where it is painted, 0..1 from black to white; 0 where nothing is painted."""
    where = torch.ones_like(key.color[:1]) if key.alpha is None else key.alpha.clamp(0, 1)
    off = (luminance.of(key.color) - luminance.of(plate.color)).abs() * where
    return float(off.sum() / where.sum()) if float(where.sum()) > 0 else 0.0


def paint_of(key: Frame, luminance: Luminance) -> Tensor:
    """(4, H, W): the chroma of a key, and where it is painted, which its alpha says."""
    alpha = torch.ones_like(key.color[:1]) if key.alpha is None else key.alpha.clamp(0, 1)
    return torch.cat([luminance.chroma(key.color), alpha])


def luma_errors(key: Frame, plate: Frame) -> dict[str, float]:
    """How far the luma of a key in a video curve is from that of the plate's frame, the mean over the picture, by the name of each luma."""
    lumas = {name: Luminance(weights, False) for name, weights in LUMAS.items()}
    return {name: float((luma.of(key.color) - luma.of(plate.color)).abs().mean()) for name, luma in lumas.items()}


def common_luma(errors: Sequence[Mapping[str, float]]) -> Luminance:
    """The luma that keys and plates in a video curve share, Rec. 709 where none fits clearly better, by the luma_errors() of every key."""
    missed = {name: sum(error[name] for error in errors) for name in LUMAS}
    best = min(missed, key=lambda name: missed[name])
    taken = errors and missed[best] < min(ALIKE * len(errors), CLEARLY * missed["rec709"])
    return Luminance(LUMAS[best if taken else "rec709"], False)


def over(planes: Tensor, frame: Frame, box: Box) -> Tensor:
    """Planes (C, H, W) float32 that lie as a frame does, over another data window `box`: cut, and continued with their edges."""
    return align(replace(frame, color=planes, alpha=None, layers={}), box).color
