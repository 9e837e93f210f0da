"""Cameras, fills and what other frames show."""

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from vfxai.image.fill import smooth_fill
from vfxai.motion.camera import camera_motion, moved_by
from vfxai.removal.background import BestNeighbours, HiddenPart
from vfxai.removal.filling import WIDE, AlignedNeighbour, fill_planes, judged, made_up, wide

SIDE = 160


def scene(seed: int = 0, side: int = 320) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = sum(
        cv2.resize(rng.random((side // s, side // s, 3), np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        for s in (4, 16, 64)
    )
    return (noise / 3).astype(np.float32)


def view(picture: np.ndarray, matrix: np.ndarray) -> Tensor:
    seen = cv2.warpPerspective(picture, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    return torch.from_numpy(np.ascontiguousarray(seen.transpose(2, 0, 1)))


def placed(dx: float, dy: float, turn: float = 0.0) -> np.ndarray:
    c, s = np.cos(turn), np.sin(turn)
    return np.array([[c, -s, 60 + dx], [s, c, 60 + dy], [0, 0, 1]])


def test_the_camera_is_found_although_a_moving_prop_covers_a_third() -> None:
    first, second = placed(0, 0), placed(9.5, -4.25, 0.02)
    a, b = view(scene(), first), view(scene(), second)
    hidden = torch.zeros(1, SIDE, SIDE)
    hidden[:, 30:120, 40:130] = 1
    a = torch.where(hidden > 0, torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)), a)
    found = camera_motion(a, b, 1 - hidden, torch.ones_like(hidden))
    truth = np.linalg.inv(second) @ first
    flow = moved_by(found, torch.zeros(2, SIDE, SIDE)) - moved_by(truth / truth[2, 2], torch.zeros(2, SIDE, SIDE))
    assert float(flow.norm(dim=0).max()) < 0.3


def test_nothing_to_follow_is_a_still_camera() -> None:
    gray = torch.full((3, 64, 64), 0.5)
    assert np.array_equal(camera_motion(gray, gray, torch.ones(1, 64, 64), torch.ones(1, 64, 64)), np.eye(3))


def test_a_smooth_fill_keeps_what_is_known_and_goes_on_evenly() -> None:
    ramp = torch.linspace(0, 1, 64).expand(1, 64, 64).clone()
    known = torch.ones(1, 64, 64)
    known[:, 20:40, 20:40] = 0
    filled = smooth_fill(ramp, known)
    assert torch.allclose(filled * known, ramp * known, atol=1e-6)
    assert float((filled - ramp).abs().max()) < 0.08
    assert torch.equal(smooth_fill(ramp, torch.zeros_like(known)).isfinite(), torch.ones_like(known).bool())


def test_the_planes_of_the_network_name_hole_and_neighbours_and_how_far_they_miss() -> None:
    picture, hole = torch.rand(3, 8, 8), torch.zeros(1, 8, 8)
    hole[:, 2:4] = 1
    seen = torch.ones(1, 8, 8)
    seen[:, :, 6:] = 0
    sight = AlignedNeighbour(torch.rand(3, 8, 8), seen, torch.full((1, 8, 8), 0.04))
    planes = fill_planes(picture, hole, [sight])
    assert planes.shape == (17, 8, 8)
    smooth = smooth_fill(picture, 1 - hole)
    assert torch.equal(planes[:3, 4:], picture[:, 4:])
    assert torch.allclose(planes[:3, 2:4, :6], sight.color[:, 2:4, :6])
    shown = ((hole == 0) | (seen > 0)).float()
    onward = smooth_fill(torch.where(hole > 0, sight.color, picture), shown)  # without a seam to what the neighbour shows
    assert torch.allclose(planes[:3, 2:4, 6:], onward[:, 2:4, 6:])
    assert torch.equal(planes[3:4], hole)
    assert torch.equal(planes[7:8], seen)
    assert not planes[8:12].any()  # there is no second neighbour
    assert torch.allclose(planes[12:13], 0.2 * seen)
    assert not planes[13].any()
    assert torch.allclose(planes[14:], torch.where(hole > 0, smooth, picture))


def test_a_neighbour_is_judged_by_what_both_show() -> None:
    picture, known = torch.rand(3, 40, 40), torch.ones(1, 40, 40)
    known[:, 10:14] = 0
    other = picture + torch.where(known > 0, 0.1, 5.0)
    assert torch.allclose(judged(picture, other, known), torch.tensor(0.01), atol=1e-4)


@pytest.mark.parametrize("origin", [(0, 0), (24, 16)])
def test_a_neighbour_shows_what_is_hidden(origin: tuple[int, int]) -> None:
    """Two frames of a turning, panning camera; the exposure drifts; a part of the frame is as good as the whole."""
    first, second = placed(0, 0), placed(12.3, -6.6, 0.015)
    picture, neighbour = view(scene(), first), view(scene(), second) + 0.03
    hidden = torch.zeros(1, SIDE, SIDE)
    hidden[:, 70:90, 60:100] = 1
    covered = torch.where(hidden > 0, torch.zeros(()), picture)
    x, y = origin
    part = HiddenPart(covered[:, y:, x:], hidden[:, y:, x:], origin)
    matrix = np.linalg.inv(second) @ first
    seen = part.align(neighbour, torch.zeros_like(hidden), matrix / matrix[2, 2])
    inside = hidden[:, y:, x:] > 0
    assert bool((seen.valid[inside] == 1).all())
    error = ((seen.color - picture[:, y:, x:]) ** 2).mean(0, keepdim=True)[inside].mean()
    assert float(error) < 2e-4
    assert float(seen.misses[inside].max()) < 2e-3


def test_what_a_neighbour_hides_is_not_shown() -> None:
    picture = view(scene(), placed(0, 0))
    hidden, there = torch.zeros(1, SIDE, SIDE), torch.zeros(1, SIDE, SIDE)
    hidden[:, 70:90, 60:100] = 1
    there[:, 70:90, 80:120] = 1
    seen = HiddenPart(picture, hidden, (0, 0)).align(picture, there, np.eye(3))
    assert not seen.valid[:, 72:88, 82:98].any()
    assert bool((seen.valid[:, 72:88, 62:76] == 1).all())


def test_the_two_best_sights_are_kept_in_order() -> None:
    sights = BestNeighbours(torch.zeros(3, 1, 2))

    def seen(value: float, misses: tuple[float, float], valid: tuple[float, float] = (1, 1)) -> AlignedNeighbour:
        return AlignedNeighbour(torch.full((3, 1, 2), value), torch.tensor([[valid]]), torch.tensor([[misses]]))

    sights.add(seen(1, (0.3, 0.1)))
    sights.add(seen(2, (0.2, 0.4)))
    sights.add(seen(3, (0.1, 0.2), (1, 0)))
    assert sights.sources.tolist() == [[[3, 1]], [[2, 2]]]
    assert sights.colors[:, 0].tolist() == [[[3, 1]], [[2, 2]]]
    assert torch.allclose(sights.misses, torch.tensor([[[0.1, 0.1]], [[0.2, 0.4]]]))


def test_wide_parts_that_nothing_shows_are_made_up_at_half_the_size_first() -> None:
    picture, hole = torch.rand(3, 201, 303, generator=torch.Generator().manual_seed(3)), torch.zeros(1, 201, 303)
    hole[:, 40 : 42 + 2 * WIDE, 60 : 62 + 2 * WIDE] = 1
    hole[:, 10:14] = 1  # a wire
    found = wide(hole > 0)
    assert not found[:, :30].any()
    middle = slice(WIDE // 2, -WIDE // 2)
    assert found[:, 40 : 42 + 2 * WIDE, 60 : 62 + 2 * WIDE][:, middle, middle].all()
    assert not wide(torch.ones(1, 64, 64, dtype=torch.bool)).any()  # where nothing is known halves know nothing either
    sizes = []

    def run(planes: torch.Tensor) -> torch.Tensor:
        sizes.append(tuple(planes.shape[1:]))
        return planes[:3]

    made = made_up(picture, hole, (), run)
    assert sizes == [(51, 76), (101, 152), (201, 303)]
    assert torch.equal(made * (1 - hole), picture * (1 - hole))
    assert torch.equal(made[:, 10:14], fill_planes(picture, hole, [])[:3, 10:14])
    everywhere = AlignedNeighbour(picture.flip(2), torch.ones_like(hole), torch.zeros_like(hole))
    sizes.clear()
    made_up(picture, hole, [everywhere], run)
    assert sizes == [(201, 303)]  # a neighbour shows it
