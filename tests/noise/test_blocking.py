"""Blocks of codecs, found in pictures that are drawn here."""

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from vfxai.noise.blocking import SEEN, blocking
from vfxai.noise.impulse import Impulses
from vfxai.noise.plate_noise import PlateNoise
from vfxai.noise.profile import NoiseProfile


def scene() -> np.ndarray:
    """(H, W, 3): soft shapes, noise, a fence of 8 pixels."""
    rng = np.random.default_rng(0)
    soft = cv2.GaussianBlur(rng.random((160, 200), dtype=np.float32), (0, 0), 6)
    light = 0.4 + 3 * (soft - soft.mean())
    light[100:, ::8] += 0.2
    return (light[..., None] + 0.02 * rng.standard_normal((160, 200, 3))).clip(0, 1).astype(np.float32)


def tensor(picture: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))


def jpeg(quality: int) -> np.ndarray:
    data = cv2.imencode(".jpg", (scene() * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float32) / 255


def test_blocks_are_found_wherever_the_grid_begins_and_not_where_there_are_none() -> None:
    assert blocking([tensor(scene())]) < SEEN / 2, "noise and a fence along one axis are no grid"
    assert blocking([tensor(jpeg(40)[3:, 5:])]) > SEEN
    assert blocking([tensor(jpeg(40))]) > blocking([tensor(jpeg(70))])
    assert blocking([tensor(scene()[:32, :32])]) == 0


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_they_are_said_and_stored(share: float) -> None:
    profile = NoiseProfile(((0.0,),) * 3, ((1e-4,),) * 3, (0.0,) * 3, 0.0, 0.0, 0.0, 1.0)
    noise = PlateNoise(profile, Impulses(0, 0, 0, 1, 1), share)
    assert PlateNoise.from_dict(noise.to_dict()) == noise
    assert ("50 %" in noise.blocks()) == (share > 0)
    assert bool(noise.blocks()) == (share > 0)


def test_analyses_of_before_lack_it() -> None:
    profile = NoiseProfile(((0.0,),) * 3, ((1e-4,),) * 3, (0.0,) * 3, 0.0, 0.0, 0.0, 1.0)
    old = PlateNoise(profile, Impulses(0, 0, 0, 1, 1)).to_dict()
    del old["blocking"], old["profile"]["luma_power"], old["profile"]["chroma_power"]
    assert PlateNoise.from_dict(old).blocking == 0
