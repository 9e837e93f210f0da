"""Clips at reduced size, for previews."""

import torch

from vfxai.image.box import Box
from vfxai.image.frame import Frame
from vfxai.session.clips import SourceClip
from vfxai.worker.reduced import MiddleClip, ReducedClip


def clip(width: int, height: int) -> SourceClip:
    color = torch.arange(height * width, dtype=torch.float32).reshape(1, height, width).repeat(3, 1, 1)
    box = Box(0, 0, width, height)
    return SourceClip(range(1, 2), lambda number: Frame(color, color[:1], True, "ACEScg", box, box))


def test_a_small_frame_stays_and_a_large_one_shrinks() -> None:
    assert ReducedClip(clip(8, 6), 8)[1].color.shape == (3, 6, 8)
    assert ReducedClip(clip(16, 12), 8)[1].color.shape == (3, 6, 8)


def test_the_middle_is_where_it_was() -> None:
    whole, middle = clip(8, 6)[1], MiddleClip(clip(8, 6), 8)[1]
    assert (middle.data_window, middle.display_window) == (Box(2, 1, 4, 3), Box(0, 0, 8, 6))
    assert torch.equal(middle.color, whole.color[:, 1:4, 2:6])
    assert middle.alpha is not None and torch.equal(middle.alpha, whole.alpha[:, 1:4, 2:6])  # type: ignore[index]
