"""Each measure against its definition, a closed form or scikit-image."""

import math

import numpy as np
import pytest
import torch

from vfxai.errors import InputError
from vfxai.measure import metrics


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    reference = np.clip(rng.random((40, 52, 3)).cumsum(1) / 30, 0, 1)
    return (reference + 0.05 * rng.standard_normal(reference.shape)).astype(np.float32), reference.astype(np.float32)


def test_psnr_of_a_constant_error_is_its_closed_form() -> None:
    reference = np.zeros((4, 5, 3), np.float32)
    assert metrics.psnr(reference + np.float32(0.1), reference) == pytest.approx(20.0, abs=1e-5)
    assert metrics.psnr(reference + np.float32(0.1), reference, peak=10) == pytest.approx(40.0, abs=1e-5)


def test_equal_pictures_have_infinite_psnr_and_ssim_one(pair: tuple[np.ndarray, np.ndarray]) -> None:
    assert math.isinf(metrics.psnr(pair[0], pair[0]))
    assert metrics.ssim(pair[0], pair[0]) == pytest.approx(1.0)
    assert metrics.max_error(pair[0], pair[0]) == 0


def test_psnr_does_not_clamp() -> None:
    assert metrics.psnr(np.full((4, 4), 3.0), np.full((4, 4), 1.0)) == pytest.approx(-6.0206, abs=1e-3)


def test_ssim_is_the_same_at_any_peak_and_falls_with_noise(pair: tuple[np.ndarray, np.ndarray]) -> None:
    noisy, clean = pair
    found = metrics.ssim(noisy, clean)
    assert 0.2 < found < 0.99
    assert metrics.ssim(noisy * 255, clean * 255, peak=255) == pytest.approx(found, abs=1e-6)
    assert metrics.ssim(clean + 2 * (noisy - clean), clean) < found


def test_ssim_of_a_known_pair() -> None:
    # constant pictures: the structure term is 1 and only the luminance term (2ab + c1) / (a^2 + b^2 + c1) is left
    a, b = np.full((16, 16), 0.5), np.full((16, 16), 0.25)
    assert metrics.ssim(a, b) == pytest.approx((2 * 0.125 + 1e-4) / (0.25 + 0.0625 + 1e-4))


def test_ssim_refuses_tiny_pictures() -> None:
    with pytest.raises(InputError, match="11x11"):
        metrics.ssim(np.zeros((10, 20)), np.zeros((10, 20)))


def test_tensors_and_arrays_give_the_same(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = (torch.from_numpy(x) for x in pair)
    assert metrics.psnr(a, b) == metrics.psnr(*pair)
    assert metrics.ssim(a.requires_grad_(), b) == metrics.ssim(*pair)


def test_different_shapes_are_refused() -> None:
    with pytest.raises(InputError, match="shape"):
        metrics.psnr(np.zeros((4, 4)), np.zeros((4, 5)))


def test_hdr_psnr_counts_an_error_as_a_share_of_the_light() -> None:
    dark, bright = np.full((4, 4), 2.0), np.full((4, 4), 200.0)
    assert metrics.hdr_psnr(dark * 1.1, dark) == pytest.approx(metrics.hdr_psnr(bright * 1.1, bright), abs=0.05)
    one_stop = np.full((4, 4), 2 * 1.0 + metrics.HDR_OFFSET)
    assert metrics.hdr_psnr(one_stop, np.full((4, 4), 1.0)) == pytest.approx(20 * math.log10(16), abs=1e-6)


def test_hdr_psnr_takes_values_below_zero_as_black() -> None:
    assert math.isinf(metrics.hdr_psnr(np.full((4, 4), -3.0), np.zeros((4, 4))))


def test_flicker_is_zero_for_a_standing_error_and_sees_a_changing_one() -> None:
    rng = np.random.default_rng(2)
    clean, later = rng.random((8, 8, 3)), rng.random((8, 8, 3))
    stain = rng.random((8, 8, 3))
    assert metrics.flicker(clean + stain, later + stain, clean, later) == pytest.approx(0, abs=1e-12)
    assert metrics.flicker(clean, later + 0.25, clean, later) == pytest.approx(0.25)


def test_sequence_flicker_is_the_mean_of_the_steps() -> None:
    clean = [np.zeros((4, 4))] * 3
    assert metrics.sequence_flicker([np.zeros((4, 4)), np.full((4, 4), 0.2), np.full((4, 4), 0.2)], clean) == pytest.approx(0.1)
    assert metrics.sequence_flicker(clean[:1], clean[:1]) == 0


def test_moving_flicker_forgives_an_error_that_moves_with_the_scene() -> None:
    pytest.importorskip("vfxai.motion.flow")
    import cv2

    rng = np.random.default_rng(3)
    wide = cv2.GaussianBlur(rng.random((96, 140, 3)).astype(np.float32), (0, 0), 2)
    wide = (wide - wide.min()) / (wide.max() - wide.min())
    stain = cv2.GaussianBlur(rng.standard_normal((96, 140, 3)).astype(np.float32), (0, 0), 2)
    clean, later = wide[:, 4:132], wide[:, :128]  # the scene moves four pixels to the right
    with_scene = metrics.moving_flicker(clean + stain[:, 4:132], later + stain[:, :128], clean, later)
    standing = metrics.moving_flicker(clean + stain[:, 4:132], later + stain[:, 4:132], clean, later)
    assert with_scene < 0.3 * standing


def test_colour_difference_of_known_pairs() -> None:
    red, blue = (np.full((2, 3, 3), color, float) for color in ((1, 0, 0), (0, 0, 1)))
    assert metrics.color_difference(red, blue) == pytest.approx(52.88, abs=0.02)  # the published CIEDE2000 of the sRGB primaries
    assert metrics.color_difference(red, red).max() == 0
    assert metrics.color_difference(np.full((2, 2, 3), 1.5), np.ones((2, 2, 3))).max() < 1e-9, "clipped as a display does"
    gray = [np.full((1, 1, 3), (v / 100) ** (1 / 2.2)) for v in (18.0, 20.0)]
    assert 0.5 < float(metrics.color_difference(*gray)[0, 0]) < 3


def test_colourfulness_is_that_of_hasler_and_suesstrunk() -> None:
    assert metrics.colorfulness(np.full((4, 4, 3), 0.5)) == 0
    halves = np.zeros((2, 2, 3))
    halves[0, :, 0] = halves[1, :, 2] = 1  # red above, blue below: rg 255 and 0, yb 127.5 and -255
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, -63.75)
    assert metrics.colorfulness(halves) == pytest.approx(expected)
