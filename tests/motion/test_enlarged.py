"""Enlarged frames that their neighbours join."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from vfxai.motion import enlarged
from vfxai.motion.enlarged import Neighbour, joined
from vfxai.train.drawn import draw_dead_leaves

SIZE = (96, 128)
STILL = torch.zeros(2, SIZE[0] // 2, SIZE[1] // 2)


def truth(seed: int = 0) -> Tensor:
    picture = list(draw_dead_leaves(seed + 1, 128))[seed]
    return torch.from_numpy(picture[: SIZE[0]].transpose(2, 0, 1).copy()).float() / 255


def reduced(picture: Tensor) -> Tensor:
    return interpolate(picture[None], scale_factor=0.5, mode="bicubic", antialias=True)[0]


def wrong(picture: Tensor, seed: int) -> Tensor:
    """With errors of 0.02 in the detail that its reduction does not show."""
    error = 0.05 * torch.randn(picture.shape, generator=torch.Generator().manual_seed(seed))
    return picture + error - interpolate(reduced(error)[None], scale_factor=2, mode="bicubic", antialias=True)[0]


def error(made: Tensor, picture: Tensor) -> float:
    return float((made - picture)[:, 8:-8, 8:-8].square().mean().sqrt())


def test_independent_errors_of_neighbours_cancel() -> None:
    picture = truth()
    others = [Neighbour(wrong(picture, seed), STILL, STILL) for seed in (1, 2, 3, 4)]
    made = joined(reduced(picture), wrong(picture, 0), others, exact=True)
    assert error(made, picture) < 0.6 * error(wrong(picture, 0), picture)


def test_a_neighbour_is_moved_by_the_flow() -> None:
    picture = truth()
    flow = STILL.clone()
    flow[0] = 3  # pixels of the plate: 6 of the enlarged picture
    other = Neighbour(wrong(picture, 1).roll(6, 2), flow, -flow)
    made = joined(reduced(picture), wrong(picture, 0), [other], exact=True)
    assert error(made[..., :-24], picture[..., :-24]) < 0.85 * error(wrong(picture, 0)[..., :-24], picture[..., :-24])


@pytest.mark.parametrize("case", ["another scene", "outside", "ways that differ"])
def test_a_neighbour_that_shows_something_else_hardly_counts(case: str) -> None:
    picture, own = truth(), wrong(truth(), 0)
    far = torch.full_like(STILL, 90.0)
    other = {
        "another scene": Neighbour(truth(1), STILL, STILL),
        "outside": Neighbour(picture, far, -far),
        "ways that differ": Neighbour(picture, STILL, far),
    }[case]
    alone = joined(reduced(picture), own, [], exact=True)
    assert error(joined(reduced(picture), own, [other], exact=True), alone) < 0.1 * error(own, picture)


def test_the_reduction_of_the_result_is_the_plate() -> None:
    picture = truth()
    own, other = picture + 0.02, Neighbour(picture - 0.01, STILL, STILL)
    plate = reduced(picture)
    assert error(reduced(joined(plate, own, [other], exact=True)), plate) < 2e-3
    assert error(reduced(joined(plate, own, [other], exact=False)), plate) > 3e-3


@pytest.mark.parametrize("rows", [1, 7, 20])
def test_strips_equal_the_whole(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = truth()
    flow = 3 * torch.rand(STILL.shape, generator=torch.Generator().manual_seed(5))
    others = [Neighbour(wrong(picture, 1), flow, -flow)]
    whole = joined(reduced(picture), wrong(picture, 0), others, exact=True)
    monkeypatch.setattr(enlarged, "STRIP", rows * SIZE[1] * 2)
    parts = joined(reduced(picture), wrong(picture, 0), others, exact=True)
    assert torch.allclose(parts, whole, atol=2e-4), "but for places between pixels, which are rounded"
