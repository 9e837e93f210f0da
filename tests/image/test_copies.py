"""Copies of a frame are told from further looks at a scene."""

import torch

from vfxai.image.box import Box
from vfxai.image.frame import Frame, FrameWindow
from vfxai.schema.vocabulary import Window
from vfxai.session.clips import MemoryClip

BOX = Box(0, 0, 40, 30)


def frame(seed: int) -> Frame:
    return Frame(torch.randn((3, 30, 40), generator=torch.Generator().manual_seed(seed)), None, False, "", BOX, BOX)


def window(*seeds: int) -> FrameWindow:
    """Five frames around the third."""
    shot = MemoryClip({1001 + i: frame(seed) for i, seed in enumerate(seeds)})
    return FrameWindow(1003, shot[1003], shot.numbers(1003, Window(2, 2)), shot)


def test_of_copies_the_nearest_counts() -> None:
    assert window(1, 2, 3, 4, 5).offsets == [-2, -1, 0, 1, 2]
    assert window(1, 1, 2, 2, 3).offsets == [-1, 0, 2], "each frame twice"
    assert window(2, 2, 2, 2, 2).offsets == [0], "a frame that is held"


def test_one_sample_that_differs_makes_another_frame() -> None:
    other = frame(1)
    other.color[2, 17, 23] += 1e-6
    shot = MemoryClip({1: frame(1), 2: other, 3: frame(1)})
    assert list(shot.distinct([2, 1, 3])) == [2, 1]


def test_who_knows_the_noise_may_judge() -> None:
    nearly = frame(1)
    nearly.color.add_(0.01 * torch.randn((3, 30, 40)))
    shot = MemoryClip({1: frame(1), 2: nearly, 3: frame(3)})
    assert list(shot.distinct([1, 2, 3])) == [1, 2, 3]
    assert list(shot.distinct([1, 2, 3], lambda a, b: float((a.color - b.color).square().mean()) < 0.5)) == [1, 3]


def test_frames_are_asked_for_when_it_is_their_turn() -> None:
    asked: list[int] = []

    class Told(MemoryClip):
        def __getitem__(self, number: int) -> Frame:
            asked.append(number)
            return super().__getitem__(number)

    found = Told({n: frame(n) for n in range(5)}).distinct(range(5))
    assert [next(found), next(found)] == [0, 1]
    assert asked == [0, 1], "and those before not again"
