import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from vfxai.errors import ParameterError
from vfxai.paint.painter import Example, Painter
from vfxai.paint.size import LONGEST, enlarged, halved, reduced
from vfxai.paint.suggest import suggest
from vfxai.schema.vocabulary import KeyFrames


def halves(height: int = 80, width: int = 120) -> tuple[torch.Tensor, torch.Tensor]:
    """Luminance and chroma of a dark blue and a bright red half, parted by a slanted edge."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    right = (x + y / 3 > width * 0.6).float()[None]
    return 0.2 + 0.5 * right, torch.cat([0.2 * right, -0.05 + 0 * right, 0.2 * (1 - right)])


def test_chroma_is_brought_up_along_the_edges_of_the_luminance() -> None:
    guide, chroma = halves(240, 360)
    small = halved(halved(chroma))
    plain = interpolate(small[None], chroma.shape[1:], mode="bilinear", align_corners=False)[0]
    error, plain_error = (float((made - chroma).square().mean()) for made in (enlarged(small, guide), plain))
    assert error < 0.3 * plain_error


def test_the_small_size_is_bounded_and_small_pictures_stay() -> None:
    assert reduced(torch.zeros(1, 1080, 2048)).shape == (1, 338, LONGEST)
    picture = torch.rand(1, 30, 40)
    assert reduced(picture) is picture


@pytest.mark.parametrize("values", [("1001",), ("x=a.exr",), ("1001=",), ("1=a.exr", "1=b.exr")])
def test_keys_that_are_none_are_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(ParameterError):
        KeyFrames().accept(values)


def test_keys_are_frame_and_file() -> None:
    given = KeyFrames().accept(["1001=a=b.exr", "-5=c.exr"])
    assert KeyFrames().by_frame(given) == {1001: "a=b.exr", -5: "c.exr"}
    assert KeyFrames().patterns(given) == ("a=b.exr", "c.exr")
    assert KeyFrames().counts(given) == [1001, -5]


def test_a_fitted_painter_knows_the_colours_and_is_the_same_again() -> None:
    guide, chroma = halves()
    example = Example.of(guide, torch.cat([chroma, torch.ones_like(guide)]), torch.zeros(4, *guide.shape[1:]))
    painters = [Painter(), Painter()]
    for painter in painters:
        painter.fit([example], 25, seed=1)
    assert painters[0].to_text() == painters[1].to_text()
    made = painters[0].paint(guide, torch.zeros(4, *guide.shape[1:]))
    assert float((made - chroma).abs().mean()) < 0.6 * float(chroma.abs().mean())
    again = Painter.from_text(painters[0].to_text())
    assert torch.equal(again.paint(guide, torch.zeros(4, *guide.shape[1:])), made)


def test_fitting_can_be_stopped() -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    guide, chroma = halves()
    example = Example.of(guide, torch.cat([chroma, torch.ones_like(guide)]), torch.zeros(4, *guide.shape[1:]))
    with pytest.raises(KeyboardInterrupt):
        Painter().fit([example], 10, 0, stop)


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        Painter().load(np.zeros(7, np.float16))


def test_frames_worth_painting_lie_in_the_middle_of_what_changes() -> None:
    even = dict.fromkeys(range(1, 12), 0.1)
    assert suggest([tuple(even)], even, (), 1) == (6,)
    assert suggest([tuple(even)], even, (1, 11), 1) == (6,)
    late = {n: 0.5 if n > 8 else 0.001 for n in range(1, 12)}
    assert suggest([tuple(late)], late, (1,), 1)[0] > 8
    assert suggest([(1, 2, 3, 4, 5), (6, 7, 8, 9, 10, 11)], even, (3,), 1)[0] > 5, "a scene without a key comes first"
    assert len(suggest([(1, 2)], even, (), 5)) == 2, "there are no more frames"
