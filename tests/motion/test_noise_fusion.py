"""Averaging noisy neighbours."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from vfxai.motion.noise_fusion import flows_between, fuse_noisy


def test_frames_repeated_are_one_look() -> None:
    generator = torch.Generator().manual_seed(0)
    scene = 40 * torch.rand((3, 6, 8), generator=generator).repeat_interleave(12, 1).repeat_interleave(12, 2)
    noise = [torch.randn(scene.shape, generator=generator) for _ in range(3)]
    shown = {-2: 0, -1: 0, 0: 1, 1: 1, 2: 2}  # on twos

    def noisy(offset: int) -> Tensor:
        return scene + noise[shown[offset]]

    fused, sigma = fuse_noisy(list(shown), noisy, lambda offset: scene.clone())
    left = float((fused - scene).std())
    assert abs(left - 3**-0.5) < 0.08
    assert abs(float(sigma.median()) - left) < 0.08, "what is left is told as it is"


def clouds(generator: torch.Generator, height: int = 120, width: int = 160) -> Tensor:
    return 30 * interpolate(torch.rand((1, 3, height // 8, width // 8), generator=generator), (height, width), mode="bicubic")[0]


def coarse(generator: torch.Generator, like: Tensor) -> Tensor:
    """Noise of standard deviation 1 whose neighbours are alike."""
    blurred = avg_pool2d(torch.randn(like.shape, generator=generator), 3, 1, 1)
    return blurred / blurred.std()


def test_frames_whose_noise_hardly_went_alone_are_averaged_all_the_same() -> None:
    generator = torch.Generator().manual_seed(0)
    scene = clouds(generator)
    noise = [coarse(generator, scene) for _ in range(5)]
    fused, sigma = fuse_noisy(range(-2, 3), lambda o: scene + noise[o], lambda o: scene + 0.7 * noise[o])
    left = float((fused - scene).std())
    assert left < 0.55, "of 0.447 at best; it was 0.8 as long as guides were taken to be wrong by a twentieth of the noise"
    assert abs(float(sigma.mean()) - left) < 0.08, "what is left is told as it is"


def test_more_noise_than_was_measured_does_not_shut_neighbours_out() -> None:
    generator = torch.Generator().manual_seed(0)
    scene = clouds(generator)
    noise = [1.6 * coarse(generator, scene) for _ in range(5)]
    fused, _ = fuse_noisy(range(-2, 3), lambda o: scene + noise[o], lambda o: scene + 0.8 * noise[o])
    assert float((fused - scene).std()) < 0.54 * 1.6, "of 0.447 at best; 0.59 with the noise that was measured"


def test_where_there_is_no_noise_nothing_faint_shines_through_from_another_frame() -> None:
    generator = torch.Generator().manual_seed(0)
    scene = clouds(generator)
    scene[:, :, 80:] = 20  # clipped: there it has neither detail nor noise
    noise = [coarse(generator, scene) for _ in range(3)]
    for one in noise:
        one[:, :, 80:] = 0
    shown = [scene.clone() for _ in range(3)]
    shown[1][:, 50:70, 110:130] += 1
    fused, _ = fuse_noisy(range(-1, 2), lambda o: shown[o] + noise[o], lambda o: shown[o] + 0.3 * noise[o])
    ghost = (fused - scene)[:, :, 88:].abs()
    assert float(ghost.max()) < 0.15, "of the third of it that would be there"
    assert float(ghost[:, 53:67, 25:40].mean()) < 0.02


def test_the_flows_between_two_frames_are_those_of_both() -> None:
    generator = torch.Generator().manual_seed(0)
    first, second = clouds(generator), clouds(generator)
    there, back = flows_between(first, second)
    back_again, there_again = flows_between(second, first)
    assert torch.equal(there, there_again)
    assert torch.equal(back, back_again)
