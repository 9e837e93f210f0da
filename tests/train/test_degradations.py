import numpy as np
import pytest

from vfxai.train.degradations import (
    add_noise,
    blur_correlation,
    faded,
    fading,
    flicker,
    flickering,
    smooth_field,
    unit_noise,
    wander,
)
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
        assert told.planes().shape == (4, 128, 128)
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


def gray(level: float, size: int = 4) -> np.ndarray:
    return np.full((3, size, size), level, np.float32)


def density(picture: np.ndarray) -> np.ndarray:
    return -np.log10(1e-3 + (1 - 1e-3) * picture**2.2)


def test_no_loss_and_no_stain_is_identity() -> None:
    picture = np.linspace(-0.2, 4, 3 * 64, dtype=np.float32).reshape(3, 8, 8)
    assert fading(picture, (0, 0, 0)) == pytest.approx(picture, abs=2e-4)


@pytest.mark.parametrize("level", [0.0, 0.1, 0.5, 0.9])
def test_fading_takes_the_stated_share_of_each_dye(level: float) -> None:
    seen = fading(gray(level), (0.6, 0.1, 0.3), (0.0, 0.05, 0.1))
    expected = density(gray(level))[:, 0, 0] * (0.4, 0.9, 0.7) + (0.0, 0.05, 0.1)
    assert density(seen)[:, 0, 0] == pytest.approx(expected, abs=2e-3)


def test_an_even_loss_lowers_contrast_and_keeps_gray_gray() -> None:
    dark, bright = (fading(gray(v), (0.4, 0.4, 0.4)) for v in (0.05, 0.8))
    assert dark[0, 0, 0] == dark[1, 0, 0] == dark[2, 0, 0] > 0.05
    assert (bright - dark).mean() < 0.93 * (0.8 - 0.05)


def test_random_fading_stays_in_range_and_follows_the_seed() -> None:
    picture = np.random.default_rng(0).random((3, 32, 32), np.float32)
    for seed in range(20):
        seen = faded(picture, np.random.default_rng(seed))
        assert seen.dtype == np.float32
        assert seen.min() >= 0 and seen.max() <= 1 + 1e-5
        assert np.array_equal(seen, faded(picture, np.random.default_rng(seed)))


@pytest.mark.parametrize("hertz", [1.0, 8.0, 400.0])
def test_exposure_wanders_by_the_stated_deviation_and_as_fast_as_stated(hertz: float) -> None:
    walks = np.stack([wander(40, 0.3, hertz, 50.0, np.random.default_rng(seed)) for seed in range(800)])
    assert walks.std() == pytest.approx(0.3, rel=0.04)
    assert correlation(walks[:, 1:], walks[:, :-1]) == pytest.approx(np.exp(-2 * np.pi * hertz / 50), abs=0.03)


def test_flicker_of_a_stop_doubles_the_light_and_gamma_bends_it() -> None:
    frames = np.full((3, 3, 4, 4), 0.3, np.float32)
    seen = flicker(frames, np.array([0, 1, 0], np.float32), np.array([0, 0, 0.1], np.float32))
    assert np.array_equal(seen[0], frames[0])
    assert seen[1] ** 2.2 == pytest.approx(2 * frames[1] ** 2.2, rel=1e-4)
    assert seen[2] == pytest.approx(frames[2] ** 2**0.1, rel=1e-5)


def test_random_flicker_has_a_small_deviation_and_follows_the_seed() -> None:
    frames = np.full((5, 3, 16, 16), 0.4, np.float32)
    stops = []
    for seed in range(300):
        seen = flickering(frames, 50.0, np.random.default_rng(seed))
        assert seen.shape == frames.shape and seen.dtype == np.float32
        stops.append(2.2 * np.log2(seen.mean((1, 2, 3)) / 0.4))
    assert 0.1 < np.std(stops) < 0.4
    assert np.array_equal(seen, flickering(frames, 50.0, np.random.default_rng(299)))
