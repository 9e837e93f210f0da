import pytest
import torch

from vfxai.image.box import Box
from vfxai.image.frame import Frame
from vfxai.image.matte_channel import MatteChannel, channel_of, extent_warning, seen, weight

SHAPE = torch.zeros(1, 8, 9)
SHAPE[:, 2:5, 3:6] = 1
PICTURE = torch.rand(3, 8, 9, generator=torch.Generator().manual_seed(0))
GRAY = PICTURE[:1].expand(3, -1, -1)
ONE, NONE, BLACK = torch.ones(1, 8, 9), torch.zeros(1, 8, 9), torch.zeros(3, 8, 9)


def frame(color: torch.Tensor, alpha: torch.Tensor | None) -> Frame:
    box = Box(0, 0, 9, 8)
    return Frame(color, alpha, alpha is not None, "", box, box)


@pytest.mark.parametrize(
    ("frames", "channel", "among"),
    [
        ([(BLACK, SHAPE)], MatteChannel.ALPHA, ()),
        ([(BLACK, NONE), (BLACK, SHAPE)], MatteChannel.ALPHA, ()),
        ([(BLACK, NONE)], MatteChannel.ALPHA, ()),
        ([(PICTURE, SHAPE)], MatteChannel.ALPHA, ()),
        ([(SHAPE.expand(3, -1, -1), SHAPE)], MatteChannel.ALPHA, ()),
        ([(GRAY, SHAPE)], MatteChannel.ALPHA, ("brightness",)),
        ([(SHAPE.expand(3, -1, -1), None)], MatteChannel.BRIGHTNESS, ()),
        ([(SHAPE, None)], MatteChannel.BRIGHTNESS, ()),
        ([(SHAPE.expand(3, -1, -1), ONE)], MatteChannel.BRIGHTNESS, ()),
        ([(GRAY, NONE)], MatteChannel.BRIGHTNESS, ("alpha",)),
        ([(PICTURE, ONE)], MatteChannel.BRIGHTNESS, ("alpha", "R", "G", "B")),
        ([(PICTURE, None)], MatteChannel.BRIGHTNESS, ("R", "G", "B")),
        ([(GRAY, NONE), (GRAY, ONE)], MatteChannel.ALPHA, ("brightness",)),
    ],
)
def test_the_channel_that_shows_the_shape_is_the_matte_and_what_else_could_be_is_named(
    frames: list[tuple[torch.Tensor, torch.Tensor | None]], channel: MatteChannel, among: tuple[str, ...]
) -> None:
    found, chosen = channel_of([seen(frame(*f)) for f in frames])
    assert found is channel
    assert chosen.among == among
    assert chosen.why


def test_a_matte_is_bounded_and_has_no_nan() -> None:
    alpha = torch.tensor([[[float("nan"), -1.0, 0.25, 7.0]]])
    made = weight(frame(torch.zeros(3, 1, 4), alpha), MatteChannel.ALPHA)
    assert made.tolist() == [[[0, 0, 0.25, 1]]]


def test_empty_and_full_mattes_are_said_with_what_they_do() -> None:
    assert extent_warning("mask", [(1, NONE), (5, SHAPE)], False) == ""
    assert "nothing of the plate is processed" in extent_warning("mask", [(1, NONE)], False)
    assert "all of the plate is processed" in extent_warning("mask", [(1, ONE), (4, ONE)], False)
    assert "nothing of the plate is processed" in extent_warning("protect", [(1, ONE)], True)
