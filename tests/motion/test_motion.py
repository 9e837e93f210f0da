import cv2
import numpy as np
import pytest
import torch
from torch.nn.functional import avg_pool2d, interpolate

from vfxai.motion.cuts import is_cut
from vfxai.motion.flow import estimate_flow, steady_flow
from vfxai.motion.noise_fusion import fuse_noisy
from vfxai.motion.warp import inside, warp
from vfxai.train.drawn import draw_dead_leaves


@pytest.fixture(scope="module")
def scenes() -> list[np.ndarray]:
    return [cv2.GaussianBlur(p, (0, 0), 1.0).astype(np.float32).transpose(2, 0, 1) / 255 for p in draw_dead_leaves(2, 384)]


def panned(scene: np.ndarray, dx: float, dy: float = 0) -> torch.Tensor:
    matrix = np.float32([[1, 0, dx], [0, 1, dy]])
    moved = cv2.warpAffine(scene.transpose(1, 2, 0), matrix, (384, 384), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return torch.from_numpy(np.ascontiguousarray(moved[64:-64, 64:-64].transpose(2, 0, 1)))


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (3, -2), (0.5, 0.25), (9.3, 4.6)])
def test_the_flow_of_a_pan_is_its_shift(scenes: list[np.ndarray], dx: float, dy: float) -> None:
    flow = estimate_flow(panned(scenes[0], 0), panned(scenes[0], dx, dy))[:, 16:-16, 16:-16]
    assert float(flow[0].median()) == pytest.approx(dx, abs=0.1)
    assert float(flow[1].median()) == pytest.approx(dy, abs=0.1)


def test_a_whole_pixel_warp_moves_bits() -> None:
    picture = torch.rand(3, 20, 30)
    flow = torch.zeros(2, 20, 30)
    flow[0] = 2
    assert torch.equal(warp(picture, flow)[:, :, :-4], picture[:, :, 2:-2])
    assert not inside(flow)[0, :, -2:].any()
    assert inside(flow)[0, :, :-2].all()


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -1e30])
def test_a_flow_that_is_no_number_moves_nothing_else(odd: float) -> None:
    picture = torch.rand(3, 40, 30)
    flow = torch.full((2, 40, 30), 3.0)
    moved = warp(picture, flow)
    flow[:, 5:9, 7] = odd
    kept = torch.ones(40, 30, dtype=torch.bool)
    kept[5:9, 7] = False
    assert torch.equal(warp(picture, flow)[:, kept], moved[:, kept])
    assert warp(picture, torch.full((2, 40, 30), odd)).isfinite().all()


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (3.4, -1.7)])
def test_a_flow_between_frames_with_noise_left_stays_with_the_scene(scenes: list[np.ndarray], dx: float, dy: float) -> None:
    clean = [panned(scenes[0], 0) * 20, panned(scenes[0], dx, dy) * 20]
    generator = torch.Generator().manual_seed(0)
    first, second = (scene + 1.2 * avg_pool2d(torch.randn(scene.shape, generator=generator), 3, 1, 1) for scene in clean)

    def missed(flow: torch.Tensor) -> float:
        return float((warp(clean[1], flow) - clean[0])[:, 16:-16, 16:-16].square().mean())

    others = [missed(estimate_flow(first, second, fine=fine)) for fine in (False, True)]
    flow = steady_flow(first, second)
    assert missed(flow) < 0.93 * min(others)
    assert float(flow[0].median()) == pytest.approx(dx, abs=0.1)
    assert float(flow[1].median()) == pytest.approx(dy, abs=0.1)


@pytest.mark.parametrize("size", [(1, 1), (15, 90), (16, 16), (47, 60), (48, 48), (49, 300), (500, 48)])
def test_small_frames_have_a_steady_flow(size: tuple[int, int]) -> None:
    picture = torch.rand(3, *size, generator=torch.Generator().manual_seed(0))
    assert steady_flow(picture, picture).shape == (2, *size)


def test_cuts_are_found_and_pans_flashes_noise_and_fades_are_none(scenes: list[np.ndarray]) -> None:
    first = panned(scenes[0], 0)
    assert is_cut(first, panned(scenes[1], 0))
    assert not is_cut(first, panned(scenes[0], 12, 5))
    assert not is_cut(first, first * 2.5 + 0.1)
    assert not is_cut(first, first + 0.2 * torch.randn_like(first))
    assert not is_cut(first, torch.zeros_like(first))


@pytest.mark.parametrize("size", [(96, 480), (288, 720), (540, 1920)])
def test_what_shows_noise_alone_is_no_scene(size: tuple[int, int]) -> None:
    noise = torch.Generator().manual_seed(0)
    black, other = (((0.02 * torch.randn(3, *size, generator=noise)).clamp(0, 1) * 255).round() / 255 for _ in range(2))
    soft, softer = (avg_pool2d(picture, 3, 1, 1) for picture in (black, other))
    assert not is_cut(black, other)
    assert not is_cut(soft, softer)
    assert is_cut(
        interpolate(torch.rand(1, 3, 12, 16, generator=noise), size)[0],
        interpolate(torch.rand(1, 3, 12, 16, generator=noise), size)[0],
    )


def test_scenes_of_the_same_layout_are_cut_apart() -> None:
    noise = torch.Generator().manual_seed(0)
    sky = torch.linspace(0.8, 0.5, 128)[:, None].expand(3, 128, 192)
    first, second = (sky + 0.08 * interpolate(torch.randn(1, 3, 32, 48, generator=noise), (128, 192))[0] for _ in range(2))
    assert is_cut(first, second)
    assert not is_cut(sky, sky + 0.02 * torch.randn(3, 128, 192, generator=noise))
    assert not is_cut(first, first.roll((9, 30), (1, 2)))


def test_a_still_scene_averages_all_frames(scenes: list[np.ndarray]) -> None:
    clean = panned(scenes[0], 0) * 10
    generator = torch.Generator().manual_seed(0)
    noisy = [clean + torch.randn(clean.shape, generator=generator) for _ in range(5)]
    picture, sigma = fuse_noisy(range(-2, 3), lambda o: noisy[o + 2], lambda o: clean)
    assert float(sigma.median()) == pytest.approx(5**-0.5, rel=0.02)
    assert float((picture - clean).std()) == pytest.approx(float(sigma.mean()), rel=0.05)


def test_what_moves_alone_leaves_no_ghost_and_a_cut_stops_the_fusion(scenes: list[np.ndarray]) -> None:
    background = panned(scenes[0], 0) * 10
    frames = []
    for index in range(3):
        frame = background.clone()
        frame[:, 100:130, 60 + 40 * index : 90 + 40 * index] = 30
        frames.append(frame)
    picture, _ = fuse_noisy(range(-1, 2), lambda o: frames[o + 1], lambda o: frames[o + 1])
    assert (picture - frames[1]).abs().mean() < 0.05
    assert (picture - frames[1])[:, 95:135].abs().max() < 4
    shot = [panned(scenes[1], 0) * 10, background, background]
    noise = torch.Generator().manual_seed(3)
    noisy = [frame + torch.randn(frame.shape, generator=noise) for frame in shot]  # two looks, which copies of one are not
    _, sigma = fuse_noisy(range(-1, 2), lambda o: noisy[o + 1], lambda o: shot[o + 1])
    assert float(sigma.median()) == pytest.approx(2**-0.5, rel=0.03)
    _, sigma = fuse_noisy(range(-1, 2), lambda o: shot[o + 1], lambda o: shot[o + 1])
    assert float(sigma.median()) == 1, "a frame that is held is no further look"


def test_strips_give_what_the_whole_gives(scenes: list[np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    from vfxai.motion import noise_fusion as module

    frames = [panned(scenes[0], 3 * i, 2 * i) * 10 for i in range(3)]
    whole = fuse_noisy(range(-1, 2), lambda o: frames[o + 1], lambda o: frames[o + 1])
    monkeypatch.setattr(module, "STRIP", 40 * frames[0].shape[2])
    strips = fuse_noisy(range(-1, 2), lambda o: frames[o + 1], lambda o: frames[o + 1])
    for one, other in zip(whole, strips, strict=True):
        assert (one - other).abs().max() < 1e-3
