"""Lines of a frame: of one field, those that a field lacks, and both put together."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from vfxai.image.fields import split, weave

STILL, MOVES = 1.0 / 255, 3.0 / 255
"""Change between fields, in display-like values, up to which lines of both fields are woven, and from which the network decides alone."""


def lines_of(frame: Tensor, even: bool) -> Tensor:
    """One field (C, n, W) of a frame (C, H, W), that on its even or odd rows."""
    return split(frame)[0 if even else 1]


def five_fields(frames: Mapping[int, Tensor | None], center: Tensor, own_is_even: bool) -> list[Tensor]:
    """Five fields (3, lines, W) as the network wants them: the own field on even lines, an even number of lines.

    `frames` hold the fields by their distance in time, -2 to 2, None where there is none of the same scene; `center` (C, H, W) has the own
    field on its even rows or the odd ones.
    """

    def lines(frame: Tensor, even: bool) -> Tensor:
        whole = torch.cat([frame, frame[:, -2:-1]], 1) if frame.shape[1] % 2 else frame
        whole = whole if own_is_even else whole.flip(1)
        field = whole[:, 0::2] if even else whole[:, 1::2]
        return field.expand(3, -1, -1)

    own = lines(center, True)
    near = [lines(f, False) for o in (-1, 1) if (f := frames.get(o)) is not None]
    if not near:
        near = [(own + torch.cat([own[:, 1:], own[:, -1:]], 1)) / 2]  # the only field of its scene
    far = [lines(f, True) if (f := frames.get(o)) is not None else own for o in (-2, 2)]
    return [far[0], near[0], own, near[-1], far[1]]


def laid_out(lines: Tensor, center: Tensor, own_is_even: bool) -> Tensor:
    """Lines (C, n, W) in the layout of five_fields() as those that the centre frame lacks beside its own field."""
    lines = lines if own_is_even else lines.flip(1)
    height = center.shape[1]
    return lines[: len(center), : height // 2 if own_is_even else (height + 1) // 2]


def with_stills(made: Tensor, fields: Sequence[Tensor] | None, center: Tensor, own_is_even: bool) -> Tensor:
    """The new lines (C, n, W) of a frame; where nothing changes over five fields, the mean of the fields before and after.

    `made` (C, n, W) are the lines so far, `fields` those of five_fields(), None where there are none; `center` (C, H, W) is the frame, whose own
    field lies on its even rows where `own_is_even`. All float32 in display-like values.
    """
    if fields is None:
        return made
    two_before, before, own, after, two_after = fields
    beside = torch.maximum((own - two_before).abs(), (own - two_after).abs())
    below = torch.cat([beside[:, 1:], beside[:, -1:]], 1)  # made lines lie between the own lines
    change = torch.maximum((before - after).abs(), torch.maximum(beside, below)).amax(0, keepdim=True)
    change = max_pool2d(change[None], (3, 7), 1, (1, 3))[0]
    weight = ((MOVES - change) / (MOVES - STILL)).clamp(0, 1)
    mean, share = (laid_out(lines, center, own_is_even) for lines in ((before + after) / 2, weight))
    return torch.lerp(made, mean, share)


def line_means(planes: Tensor, own_is_even: bool) -> Tensor:
    """The lines (C, n, W) that a field lacks as means of its own, of a frame (C, H, W)."""
    own = lines_of(planes, own_is_even)
    count = planes.shape[1] - own.shape[1]
    after = torch.cat([own[:, 1:], own[:, -1:]], 1)
    before = torch.cat([own[:, :1], own], 1)
    return ((own + after) / 2)[:, :count] if own_is_even else (before + torch.cat([own, own[:, -1:]], 1))[:, :count] / 2


def with_lines(frame: Tensor, other: Tensor, own_is_even: bool) -> Tensor:
    """A frame (C, H, W) whose lines of its own field are kept and those of the other given: `other` (C, n, W)."""
    even, odd = split(frame)
    return weave(even, other) if own_is_even else weave(other, odd)
