"""What a look is learnt from: pairs of frames, or the colours of a shot and those of other footage."""

from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

from vfxai.errors import InputError
from vfxai.image.clip import Clip
from vfxai.image.frame import Frame
from vfxai.look.fit import binned, fit
from vfxai.look.look import Look
from vfxai.look.match import matched
from vfxai.look.pairs import paired
from vfxai.look.scale import Scale
from vfxai.motion.cuts import is_cut
from vfxai.schema.tools import Tools

T = TypeVar("T")
PAIR_STIFFNESS, REFERENCE_STIFFNESS = 3e-6, 1e-4
"""Weight of a look's bending: a pair says for every colour where it goes, other footage only for all of them together."""
MOST_PAIRS, MOST_FRAMES, MOST_STILLS = 12, 8, 32
"""Pictures that are looked at, spread over what there is; more tell nothing new about colour."""
SAMPLES = 100_000
"""Pixels taken of a shot, and of a reference."""
BRIGHTEST = 0.9995
"""Share of the samples that lie below what counts as the brightest level."""


def from_pairs(plate: Clip, tools: Tools) -> list[tuple[int, Look]]:
    """First frame and look of each shot: one look for all, or one each where pairs bear frame numbers of several shots."""
    like = plate[plate.frames[0]]
    before, after = (tools.pictures(slot, like) for slot in ("before", "after"))
    if len(before.frames) == len(after.frames) == 1:
        pairs = [(before.frames[0], after.frames[0])]
    else:
        pairs = [(n, n) for n in before.frames if before.has(n) and after.has(n)]
    if not pairs:
        raise InputError("the frames of the pair, before and after, have no number in common", remedy="number both alike")
    pairs = spread_over(pairs, MOST_PAIRS)
    inside = [n for n, _ in pairs if n in plate.frames]
    parts = shots(plate, tools) if len(inside) > 1 else [plate.frames]
    owned = [[p for p in pairs if p[0] in shot] for shot in parts]
    if sum(map(bool, owned)) < 2:
        return [(plate.frames[0], _of_pairs(before, after, pairs, like, tools))]
    return [(shot[0], _of_pairs(before, after, own or pairs, like, tools)) for shot, own in zip(parts, owned, strict=True)]


def _of_pairs(before: Clip, after: Clip, pairs: Sequence[tuple[int, int]], like: Frame, tools: Tools) -> Look:
    scale = Scale(tools.config.is_linear(like.colorspace), 1.0)
    found = []
    for done, (one, other) in enumerate(pairs):
        tools.progress(done, len(pairs), "reading the pairs")
        found.append(binned(*paired(three(before[one]), three(after[other]), scale), scale))
    colors, made, weight = (torch.cat(parts) for parts in zip(*((s.before, s.after, s.weight) for s in found), strict=True))
    scale = Scale(scale.linear, _brightest(colors))
    return fit(binned(colors, made, weight**2, scale), scale, PAIR_STIFFNESS, _fitting(tools))


def from_reference(plate: Clip, tools: Tools) -> list[tuple[int, Look]]:
    """First frame and look of each shot, from the colours of all its frames to those of all stills."""
    like = plate[plate.frames[0]]
    stills = tools.pictures("reference", like)
    wanted = sampled(stills, spread_over([n for n in stills.frames if stills.has(n)], MOST_STILLS))
    looks = []
    for shot in shots(plate, tools):
        colors = sampled(plate, shot)
        scale = Scale(tools.config.is_linear(like.colorspace), _brightest(colors))
        samples = binned(colors, matched(colors, wanted, scale), torch.ones(len(colors)), scale)
        looks.append((shot[0], fit(samples, scale, REFERENCE_STIFFNESS, _fitting(tools))))
    return looks


def shots(plate: Clip, tools: Tools) -> list[list[int]]:
    """The frame numbers of every shot."""
    found: list[list[int]] = []
    before: Any = None
    for done, number in enumerate(plate.frames):
        tools.progress(done, len(plate.frames), "looking for cuts")
        frame = plate[number]
        seen = Scale(tools.config.is_linear(frame.colorspace), 1.0).seen(frame.color)
        if before is None or is_cut(before, seen):
            found.append([])
        found[-1].append(number)
        before = seen
    return found


def sampled(clip: Clip, numbers: Sequence[int], count: int = SAMPLES) -> Tensor:
    """(K, 3): about `count` pixels of frames spread over `numbers`, evenly from each; those that are transparent are left out."""
    numbers = spread_over(numbers, MOST_STILLS if len(numbers) <= MOST_STILLS else MOST_FRAMES)
    found = []
    for number in numbers:
        frame = clip[number]
        colors = three(frame).flatten(1).T
        if frame.alpha is not None and bool((frame.alpha > 0).any()):
            colors = colors[frame.alpha.flatten() > 0]
        chosen = torch.randperm(len(colors), generator=torch.Generator().manual_seed(clip.origin(number)))[
            : max(1, count // len(numbers))
        ]
        found.append(colors[chosen])
    return torch.cat(found)


def three(frame: Frame) -> Tensor:
    """(3, H, W), gray as three equal channels."""
    return frame.color.expand(3, -1, -1).float().cpu()


def spread_over(row: Sequence[T], count: int) -> list[T]:
    """At most `count` of a row, evenly spread, the first and last among them."""
    if len(row) <= count:
        return list(row)
    return [row[round(i * (len(row) - 1) / max(count - 1, 1))] for i in range(count)]


def _brightest(colors: Tensor) -> float:
    """The level below which nearly all samples (K, 3) lie, at least 1."""
    highest = colors.amax(1).sort().values
    return max(1.0, float(highest[int(BRIGHTEST * (len(highest) - 1))]))


def _fitting(tools: Tools) -> Any:
    return lambda done, total: tools.progress(done, total, "fitting the look")
