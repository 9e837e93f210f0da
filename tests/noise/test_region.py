"""What is said of a region in which noise is measured. Pictures are drawn here."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from vfxai.image.box import Box
from vfxai.models.pool import Pool
from vfxai.noise.measure import measure_profile
from vfxai.noise.region import doubts


@pytest.fixture(scope="module")
def run_model() -> Callable[..., Tensor]:
    return Pool(device="cpu").run


def frame() -> Tensor:
    """Even in the left third, clipped at white in the middle one, fibres in the right one, noise of 0.02 everywhere."""
    y, x = np.mgrid[:96, :288].astype(np.float32)
    light = 0.3 + 0.1 * y / 96
    light[:, 96:192] = 0.99
    fibres = 0.4 + 0.15 * np.sin(x * 1.9 + np.sin(y / 7)) * np.sin(y * 1.7) * (1 + np.sin(x / 20)) / 2
    light[:, 192:] = fibres[:, 192:]
    picture = light[None] * np.array([1.0, 0.95, 0.9], np.float32)[:, None, None]
    noise = 0.02 * np.random.default_rng(0).standard_normal(picture.shape)
    return torch.from_numpy(np.clip(picture + noise, 0, 1).astype(np.float32))


@pytest.mark.parametrize(("left", "word"), [(8, None), (104, "clipped"), (200, "detail")], ids=["even", "clipped", "detail"])
def test_a_region_is_doubted_for_what_it_holds(left: int, word: str | None, run_model: Callable[..., Tensor]) -> None:
    plate, box = frame(), Box(left, 8, 80, 80)
    said = doubts(plate, box, measure_profile([plate], box), run_model)
    assert len(said) == (0 if word is None else 1), said
    if word:
        assert word in said[0]
        assert "choose" in said[0], "a remedy is told"


def test_small_regions_are_judged_too(run_model: Callable[..., Tensor]) -> None:
    plate = frame()
    assert not doubts(plate, Box(8, 8, 32, 32), measure_profile([plate], Box(8, 8, 32, 32)), run_model)
