"""Colours that neighbours steady."""

import gc
import weakref

import torch
from torch import Tensor

from vfxai.paint.shot import PaintedShot
from vfxai.paint.steady import ColoredNeighbour, steadied

SIZE = (48, 64)
STILL = torch.zeros(2, *SIZE)


def texture(seed: int = 0) -> Tensor:
    return torch.rand(1, *SIZE, generator=torch.Generator().manual_seed(seed))


def noisy(seed: int) -> Tensor:
    """Chroma that is 0 but for errors of 0.05."""
    return 0.05 * torch.randn(3, *SIZE, generator=torch.Generator().manual_seed(seed))


def beside(seed: int, guide: Tensor, confidence: float, forth: Tensor = STILL) -> ColoredNeighbour:
    return ColoredNeighbour(guide, noisy(seed), torch.full((1, *SIZE), confidence), forth, -forth)


def error(chroma: Tensor) -> float:
    return float(chroma.square().mean().sqrt())


def test_independent_errors_of_neighbours_cancel() -> None:
    guide, half = texture(), torch.full((1, *SIZE), 0.5)
    made = steadied(guide, noisy(0), half, [beside(seed, guide, 0.5) for seed in (1, 2, 3, 4)])
    assert error(made) < 0.6 * error(noisy(0))


def test_a_colour_that_is_sure_stays() -> None:
    guide, sure = texture(), torch.ones(1, *SIZE)
    made = steadied(guide, noisy(0), sure, [beside(seed, guide, 1.0) for seed in (1, 2)])
    assert error(made - noisy(0)) < 0.05 * error(noisy(0))


def test_a_neighbour_that_shows_something_else_does_not_count() -> None:
    guide, half = texture(), torch.full((1, *SIZE), 0.5)
    other = steadied(guide, noisy(0), half, [beside(1, texture(9), 0.5)])
    far = steadied(guide, noisy(0), half, [beside(1, guide, 0.5, torch.full((2, *SIZE), 90.0))])
    for made in (other, far):
        assert error(made - noisy(0)) < 0.3 * error(noisy(0))


def test_no_frame_is_steadied_from_beyond_a_key() -> None:
    paint = torch.cat([torch.zeros(3, *SIZE), torch.ones(1, *SIZE)])
    asked: set[int] = set()

    def guide(number: int) -> Tensor:
        asked.add(number)
        return texture()

    shot = PaintedShot(range(1, 30), (), {1: paint, 10: paint, 20: paint}, guide)
    chroma, confidence = shot.colors(11)
    assert min(asked) == 10
    assert confidence.min() > 0.5
    assert error(chroma) == 0


def test_a_shot_goes_with_its_pictures_when_nobody_needs_it() -> None:
    """At 8K they take more than a GiB."""
    paint = torch.cat([torch.zeros(3, *SIZE), torch.ones(1, *SIZE)])
    shot = PaintedShot(range(1, 4), (), {1: paint}, lambda number: texture())
    shot.colors(2)
    gone = weakref.ref(shot)
    gc.disable()
    try:
        del shot
        assert gone() is None
    finally:
        gc.enable()
