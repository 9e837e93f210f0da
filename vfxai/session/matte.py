"""Mattes: what a picture says about where a node works, and mixing by it."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from vfxai.errors import ParameterError
from vfxai.image.clip import Clip, align, coverage, in_format
from vfxai.image.frame import Frame
from vfxai.schema.vocabulary import Mask
from vfxai.session.prepare import Ready


def weight_of(clip: Clip, name: str, number: int, like: Frame) -> Tensor:
    """(1, H, W) in 0..1 over the data window of a plate's frame: alpha of a gray picture, else the mean of the colours times alpha.

    0 where its file has no pixels, as in one that was cropped to its shape. `name` stands in the error for a matte of another size.
    """
    number = clip.shown(number)
    given = in_format(clip[number], like, f"frame {number}: the {name}")
    matte = align(given, like.data_window)
    weight = matte.color.mean(0, keepdim=True)
    if matte.alpha is not None and len(matte.color) == 1:
        weight = matte.alpha
    elif matte.alpha is not None and not matte.premultiplied:
        weight = weight * matte.alpha  # white strokes on nothing
    weight = weight.nan_to_num(0.0).clamp_(0, 1)
    weight = weight if given.data_window == like.data_window else weight * coverage(given, like.data_window)
    return weight.to(like.color.device)


def mixed(ready: Ready, result: Frame, masks: Sequence[Mask], weight: Callable[[str], Tensor | None]) -> Frame:
    """The result where the mattes say so, the plate to the bit where they are 0; `weight` gives each by its name."""
    for declared in masks:
        share = weight(declared.name) if declared.mixes else None
        if share is None:
            continue
        share = 1 - share if declared.keeps else share
        between = ready.finite + share * (result.color - ready.finite)
        between = torch.where(share == 1, result.color, between)
        result = result.with_color(torch.where(share == 0, ready.plate.color, between))
    return result


def share_of(mix: float, ready: Ready, result: Frame, node: str) -> Frame:
    """A share of the result, 0..1, over the plate. ParameterError, naming the node, where the two are not of one size."""
    if mix == 1:
        return result
    if result.color.shape != ready.plate.color.shape or result.data_window != ready.plate.data_window:
        raise ParameterError(f"{node} changes the picture's size, so that nothing can be mixed", remedy="give mix 0 or 1")
    return result.with_color(ready.finite + mix * (result.color - ready.finite))
