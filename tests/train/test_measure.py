"""What the network that measures noise is shown, and what it is told of it."""

import numpy as np
import pytest
import torch

from vfxai.nets.noise_meter import TURNED
from vfxai.train import measure
from vfxai.train.degradations import NoiseStatistics


def picture() -> np.ndarray:
    y, x = np.mgrid[:64, :64].astype(np.float32)
    return np.stack([0.3 + 0.3 * x / 64, 0.6 - 0.3 * y / 64, 0.4 + 0.1 * np.sin(x / 20)])


@pytest.mark.parametrize("channel", [0.0, 0.4, 1.0])
def test_the_truth_is_the_deviation_of_luminance_and_of_colour(channel: float) -> None:
    rng = np.random.default_rng(0)
    own, shared = rng.standard_normal((3, 400, 400)), rng.standard_normal((1, 400, 400))
    noise = 0.1 * (np.sqrt(1 - channel) * own + np.sqrt(channel) * shared)
    seen = np.einsum("kc,chw->khw", TURNED, noise).std((1, 2))
    told = measure.truth(NoiseStatistics(np.full((1, 4, 4), 0.1, np.float32), 0.5, channel, 0.25))
    assert told[:, 0, 0] == pytest.approx([seen[0], seen[1:].mean(), seen[0] * 0.5, seen[1:].mean() * 0.25], rel=0.01, abs=1e-6)


def test_it_is_shown_pictures_with_noise_and_without_it_in_colour_and_in_gray() -> None:
    rng = np.random.default_rng(3)
    made = [measure.noised(picture(), rng) for _ in range(120)]
    clean = [told for _, told in made if not told.sigma.any()]
    gray = [noisy for noisy, _ in made if np.ptp(noisy, axis=0).max() < 1e-6]
    assert 15 < len(clean) < 50
    assert len(gray) > 5
    levels = [float(told.sigma.mean()) for _, told in made if told.sigma.any()]
    assert min(levels) < 2 / 255
    assert max(levels) > 30 / 255
    assert all(np.isfinite(noisy).all() for noisy, _ in made)


def test_an_error_counts_by_its_ratio_to_the_truth() -> None:
    task, level = measure.MeasureTask(), torch.full((1, 4, 8, 8), 0.1)
    assert task.loss(level, level) == 0
    twice, half = (float(task.loss(level * factor, level)) for factor in (2, 0.5))
    assert twice == pytest.approx(half, rel=0.05)
