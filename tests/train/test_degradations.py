import numpy as np
import pytest

from vfxai.train.degradations import add_noise, blur_correlation, smooth_field, unit_noise
from vfxai.train.impulse import random_impulses, salt_and_pepper


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("blur", [0.0, 0.4, 0.8, 1.2])
def test_unit_noise_has_variance_one_and_the_stated_correlation(blur: float) -> None:
    noise = unit_noise((3, 256, 256), blur, 0.0, np.random.default_rng(1))
    assert noise.dtype == np.float32
    assert noise.std() == pytest.approx(1, abs=0.03)
    assert correlation(noise[:, :, 1:], noise[:, :, :-1]) == pytest.approx(blur_correlation(blur), abs=0.03)
    assert correlation(noise[:, 1:], noise[:, :-1]) == pytest.approx(blur_correlation(blur), abs=0.03)


@pytest.mark.parametrize("channel", [0.0, 0.5, 1.0])
def test_channels_share_the_stated_part_of_their_noise(channel: float) -> None:
    noise = unit_noise((3, 256, 256), 0.0, channel, np.random.default_rng(2))
    assert correlation(noise[0], noise[2]) == pytest.approx(channel, abs=0.02)


def test_the_network_is_told_the_noise_that_was_added() -> None:
    clean = np.full((3, 128, 128), 0.5, np.float32)
    for seed in range(20):
        noisy, told = add_noise(clean, np.random.default_rng(seed), 0.2)
        spread = ((noisy - clean) / np.maximum(told.sigma, 1e-6)).std()
        assert spread == pytest.approx(1, abs=0.12), seed
        assert told.planes().shape == (3, 128, 128)
        assert noisy.dtype == np.float32


def test_noise_is_not_clipped() -> None:
    noisy, _ = add_noise(np.ones((3, 64, 64), np.float32), np.random.default_rng(3), 0.2)
    assert noisy.max() > 1


def test_a_smooth_field_stays_within_its_range() -> None:
    for seed in range(20):
        field = smooth_field((40, 60), np.random.default_rng(seed))
        assert field.shape == (1, 40, 60)
        assert 0.1 <= field.min() <= field.max() <= 1.2


@pytest.mark.parametrize("shared", [True, False])
def test_salt_and_pepper_covers_the_stated_share_and_nothing_else(shared: bool) -> None:
    clean = np.full((3, 300, 300), 0.4, np.float32)
    seen, mask = salt_and_pepper(clean, 0.05, shared, np.random.default_rng(4))
    assert mask.mean() == pytest.approx(0.05, abs=0.005)
    assert set(np.unique(seen[mask == 1])) == {0.0, 1.0}
    assert (seen[mask == 0] == clean[mask == 0]).all()
    assert (mask[0] == mask[1]).all() == shared


def test_random_impulses_near_the_picture_do_not_count() -> None:
    clean = np.full((3, 300, 300), 0.4, np.float32)
    seen, mask = random_impulses(clean, 0.2, False, np.random.default_rng(5))
    assert np.abs(seen - clean)[mask == 1].min() > 0.08
