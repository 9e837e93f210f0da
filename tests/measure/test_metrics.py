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


@pytest.mark.parametrize("peak", [1.0, 255.0])
def test_ssim_matches_scikit_image(pair: tuple[np.ndarray, np.ndarray], peak: float) -> None:
    skimage = pytest.importorskip("skimage.metrics")
    a, b = (x * np.float32(peak) for x in pair)
    wanted = skimage.structural_similarity(
        a.astype(float),
        b.astype(float),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=peak,
        channel_axis=2,
    )
    assert metrics.ssim(a, b, peak=peak) == pytest.approx(wanted, abs=1e-4)
    assert 0.2 < wanted < 0.99


def test_ssim_of_a_known_pair_without_scikit_image() -> None:
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


SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
"""Table 1 of Sharma, Wu and Dalal 2005: L* a* b* of two colours and their CIEDE2000."""


def test_ciede2000_gives_the_published_values() -> None:
    table = np.array([[float(v) for v in line.split()] for line in SHARMA.split("\n") if line])
    assert table.shape == (34, 7)
    assert np.abs(metrics.ciede2000(table[:, :3], table[:, 3:6]) - table[:, 6]).max() < 1e-4
    assert np.abs(metrics.ciede2000(table[:, 3:6], table[:, :3]) - table[:, 6]).max() < 1e-4


def test_lab_of_srgb() -> None:
    wanted = {(1, 1, 1): (100, 0, 0), (0, 0, 0): (0, 0, 0), (1, 0, 0): (53.24, 80.09, 67.20), (0, 0, 1): (32.30, 79.19, -107.86)}
    for color, known in wanted.items():
        assert metrics.lab(np.array(color)) == pytest.approx(known, abs=0.02)
    assert metrics.color_difference(np.full((2, 2, 3), 1.5), np.ones((2, 2, 3))).max() < 1e-9


def test_colourfulness_is_that_of_hasler_and_suesstrunk() -> None:
    assert metrics.colorfulness(np.full((4, 4, 3), 0.5)) == 0
    halves = np.zeros((2, 2, 3))
    halves[0, :, 0] = halves[1, :, 2] = 1  # red above, blue below: rg 255 and 0, yb 127.5 and -255
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, -63.75)
    assert metrics.colorfulness(halves) == pytest.approx(expected)
