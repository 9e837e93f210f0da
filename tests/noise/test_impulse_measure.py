"""What counts as impulses. Networks are stood in for: what is found is given."""

import torch
from torch import Tensor

from vfxai.noise.impulse import MEASURED, RunModel, measure


def finding(places: Tensor) -> RunModel:
    """A network that finds what has one of the given values."""

    def run_model(model: str, planes: Tensor) -> Tensor:
        found = torch.isin(planes[:3], places).float() * 4 - 2
        return torch.cat([planes[:3], found])

    return run_model


def frame(dark: int, bright: int) -> Tensor:
    picture = torch.full((3, 64, 64), 0.5) + torch.linspace(0.1, 0.2, 64)
    flat = picture.flatten()
    flat[:: 12288 // max(dark + bright, 1)][: dark + bright] = torch.cat([torch.zeros(dark), torch.ones(bright)])[
        : len(flat[:: 12288 // max(dark + bright, 1)])
    ]
    return flat.reshape(3, 64, 64)


def test_salt_and_pepper_has_both_and_clipped_texture_one() -> None:
    ends = torch.tensor([0.0, 1.0])
    assert measure([frame(30, 30)], [None], finding(ends)).present
    assert not measure([frame(60, 1)], [None], finding(ends)).present


def test_a_copy_of_the_frame_proves_nothing() -> None:
    specks = frame(30, 30)
    kind = finding(torch.tensor([0.0, 1.0]))
    assert measure([specks], [specks.clone()], kind).persistence == 1.0
    assert measure([specks], [frame(0, 0)], kind).persistence < 0.3
    assert measure([specks], [specks + 1e-4], finding(torch.tensor([0.0, 1.0, 1e-4, 1.0001]))).persistence > 0.9


def test_of_a_large_frame_strips_are_measured() -> None:
    picture = torch.full((3, 1080, 2048), 0.5) + torch.linspace(0.1, 0.2, 2048)
    generator = torch.Generator().manual_seed(1)
    where = torch.rand(picture.shape, generator=generator)
    picture[where < 0.005], picture[where > 0.995] = 0.0, 1.0
    asked: list[int] = []

    def run_model(model: str, planes: Tensor) -> Tensor:
        asked.append(planes[0].numel())
        return finding(torch.tensor([0.0, 1.0]))(model, planes)

    found = measure([picture], [torch.full_like(picture, 0.5)], run_model)
    assert asked == 3 * [MEASURED]
    assert abs(found.density - 0.01) < 0.0005 and found.at_extremes == 1.0 and found.persistence == 0.0


def test_stars_that_move_are_the_scene_and_specks_are_not() -> None:
    generator = torch.Generator().manual_seed(2)
    sky = torch.full((3, 128, 192), 0.5) + torch.linspace(0, 0.1, 192)
    sky[:, torch.rand((128, 192), generator=generator) < 0.003] = 0.9
    kind = finding(torch.tensor([0.9]))
    assert not measure([sky], [sky.roll(3, 2) + 0.0], kind).present
    specks = torch.full_like(sky, 0.5) + torch.linspace(0, 0.1, 192)
    specks[:, torch.rand((128, 192), generator=generator) < 0.003] = 0.9
    assert measure([sky], [specks], kind).present
