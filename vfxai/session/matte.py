"""Mattes: what a picture says about where a node works, and mixing by it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from vfxai.errors import ParameterError
from vfxai.image.clip import Clip, align, coverage, in_format
from vfxai.image.frame import Frame
from vfxai.image.matte_channel import MatteChannel, channel_of, extent_warning, seen, weight
from vfxai.schema.events import Chosen
from vfxai.schema.vocabulary import Mask
from vfxai.session import request
from vfxai.session.prepare import Prepared


def decided(clip: Clip, declared: Mask) -> tuple[MatteChannel, Chosen]:
    """Which channel of a clip is the matte, told by its samples. The request is warned where others could be meant, and of a matte that is empty or full."""
    numbers = clip.samples
    frames = [clip[number] for number in numbers]
    channel, chosen = channel_of([seen(frame) for frame in frames])
    if chosen.among:
        others = ", ".join(chosen.among)
        request.warn(
            f"the {declared.name} is taken from {chosen.taken}: {chosen.why}; there is also {others}. --mask-channel states another"
        )
    if said := extent_warning(
        declared.name, [(n, weight(f, channel)) for n, f in zip(numbers, frames, strict=True)], declared.keeps
    ):
        request.warn(said)
    return channel, chosen


def weight_of(clip: Clip, name: str, number: int, like: Frame, channel: MatteChannel | None) -> Tensor:
    """(1, H, W) in 0..1 over the data window of a plate's frame; `channel` says which one, else the frame itself does.

    0 where its file has no pixels, as in one that was cropped to its shape. `name` stands in the error for a matte of another size.
    """
    number = clip.shown(number)
    given = in_format(clip[number], like, f"the {name} of frame {number}")
    matte = align(given, like.data_window)
    found = weight(matte, channel or channel_of([seen(given)])[0])
    found = found if given.data_window == like.data_window else found * coverage(given, like.data_window)
    return found.to(like.color.device)


def mixed(prepared: Prepared, result: Frame, masks: Sequence[Mask], weight: Callable[[str], Tensor | None]) -> Frame:
    """The result where the mattes say so, the plate to the bit where they are 0.

    `weight` gives each matte by its name, (1, H, W) float32 in 0..1 over the result's data window; None where it was not given.
    """
    for declared in masks:
        share = weight(declared.name) if declared.mixes else None
        if share is None:
            continue
        share = 1 - share if declared.keeps else share
        between = prepared.finite + share * (result.color - prepared.finite)
        between = torch.where(share == 1, result.color, between)
        result = result.with_color(torch.where(share == 0, prepared.plate.color, between))
        stored, alpha = prepared.plate.alpha, result.alpha
        if stored is not None and alpha is not None and stored is not prepared.frame.alpha:  # it was repaired
            result = replace(result, alpha=torch.where((share == 0) & ~torch.isfinite(stored), stored, alpha))
    return result


def share_of(mix: float, prepared: Prepared, result: Frame, node: str) -> Frame:
    """A share of the result, 0..1, over the plate. ParameterError, naming the node, where the two are not of one size."""
    if mix == 1:
        return result
    if result.color.shape != prepared.plate.color.shape or result.data_window != prepared.plate.data_window:
        raise ParameterError(f"{node} changes the picture's size, so that nothing can be mixed", remedy="give mix 0 or 1")
    return result.with_color(prepared.finite + mix * (result.color - prepared.finite))
