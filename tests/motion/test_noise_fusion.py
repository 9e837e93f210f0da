"""Averaging noisy neighbours."""

import torch
from torch import Tensor

from vfxai.motion.noise_fusion import fuse_noisy


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
