"""Pictures that were made up in part and that their neighbours join."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from vfxai.fields.line_fusion import fuse_lines
from vfxai.motion import temporal_fusion
from vfxai.motion.temporal_fusion import FlowNeighbour, fuse_enlarged
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
    others = [FlowNeighbour(wrong(picture, seed), STILL, STILL) for seed in (1, 2, 3, 4)]
    made = fuse_enlarged(reduced(picture), wrong(picture, 0), others, exact=True)
    assert error(made, picture) < 0.6 * error(wrong(picture, 0), picture)


def test_a_neighbour_is_moved_by_the_flow() -> None:
    picture = truth()
    flow = STILL.clone()
    flow[0] = 3  # pixels of the plate: 6 of the enlarged picture
    other = FlowNeighbour(wrong(picture, 1).roll(6, 2), flow, -flow)
    made = fuse_enlarged(reduced(picture), wrong(picture, 0), [other], exact=True)
    assert error(made[..., :-24], picture[..., :-24]) < 0.85 * error(wrong(picture, 0)[..., :-24], picture[..., :-24])


@pytest.mark.parametrize("case", ["another scene", "outside", "ways that differ"])
def test_a_neighbour_that_shows_something_else_hardly_counts(case: str) -> None:
    picture, own = truth(), wrong(truth(), 0)
    far = torch.full_like(STILL, 90.0)
    other = {
        "another scene": FlowNeighbour(truth(1), STILL, STILL),
        "outside": FlowNeighbour(picture, far, -far),
        "ways that differ": FlowNeighbour(picture, STILL, far),
    }[case]
    alone = fuse_enlarged(reduced(picture), own, [], exact=True)
    assert error(fuse_enlarged(reduced(picture), own, [other], exact=True), alone) < 0.1 * error(own, picture)


def test_the_reduction_of_the_result_is_the_plate() -> None:
    picture = truth()
    own, other = picture + 0.02, FlowNeighbour(picture - 0.01, STILL, STILL)
    plate = reduced(picture)
    assert error(reduced(fuse_enlarged(plate, own, [other], exact=True)), plate) < 2e-3
    assert error(reduced(fuse_enlarged(plate, own, [other], exact=False)), plate) > 3e-3


@pytest.mark.parametrize("rows", [1, 7, 20])
def test_strips_equal_the_whole(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = truth()
    flow = 3 * torch.rand(STILL.shape, generator=torch.Generator().manual_seed(5))
    others = [FlowNeighbour(wrong(picture, 1), flow, -flow)]
    whole = fuse_enlarged(reduced(picture), wrong(picture, 0), others, exact=True)
    monkeypatch.setattr(temporal_fusion, "STRIP", rows * SIZE[1] * 2)
    parts = fuse_enlarged(reduced(picture), wrong(picture, 0), others, exact=True)
    assert torch.allclose(parts, whole, atol=2e-4), "but for places between pixels, which are rounded"


def with_wrong_lines(picture: Tensor, even: bool, seed: int) -> Tensor:
    """The rows that are not of its own field with errors of 0.02."""
    noise = 0.02 * torch.randn(picture.shape, generator=torch.Generator().manual_seed(seed))
    noise[:, 0 if even else 1 :: 2] = 0
    return picture + noise


@pytest.mark.parametrize("even", [True, False])
def test_lines_that_neighbours_scanned_join_in_and_own_lines_stay(even: bool) -> None:
    picture, still = truth(), torch.zeros(2, *SIZE)
    own = with_wrong_lines(picture, even, 0)
    others = [FlowNeighbour(with_wrong_lines(picture, not even, seed), still, still) for seed in (1, 2)]
    made = fuse_lines(own, even, others)
    assert error(made, picture) < 0.7 * error(own, picture)
    scanned = slice(0 if even else 1, None, 2)
    assert torch.equal(made[:, scanned], picture[:, scanned])


def test_lines_of_another_scene_hardly_join_in(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, still = truth(), torch.zeros(2, *SIZE)
    own = with_wrong_lines(picture, True, 0)
    whole = fuse_lines(own, True, [FlowNeighbour(truth(1), still, still)])
    assert error(whole, own) < 0.5 * error(own, picture)
    monkeypatch.setattr(temporal_fusion, "STRIP", 7 * SIZE[1])
    assert torch.allclose(fuse_lines(own, True, [FlowNeighbour(truth(1), still, still)]), whole, atol=1e-5), "in strips as in one"
