"""Noise told from texture by the shipped network. Pictures are drawn here."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from tests.noise.fibres import fibres
from vfxai.models.pool import Pool
from vfxai.noise.measure import evenness, measure_profile
from vfxai.noise.meter import metered
from vfxai.noise.plate_noise import told_from_texture
from vfxai.noise.profile import NoiseProfile


@pytest.fixture(scope="module")
def run_model() -> Callable[..., Tensor]:
    return Pool(device="cpu").run


def told(picture: np.ndarray, sigma: np.ndarray | float, run_model: Callable[..., Tensor]) -> tuple[NoiseProfile, NoiseProfile]:
    noise = np.random.default_rng(0).standard_normal(picture.shape, dtype=np.float32)
    plate = [torch.from_numpy((picture + sigma * noise).astype(np.float32))]
    blocks = measure_profile(plate)
    return blocks, metered(blocks, plate, run_model)


def test_noise_in_nothing_but_texture_is_measured_where_blocks_cannot(run_model: Callable[..., Tensor]) -> None:
    picture = fibres(0.3, 160, 160) ** 2.2
    blocks, profile = told(picture, np.sqrt(0.0005 * picture + 1e-6), run_model)
    level = np.array([0.02, 0.1])
    true = np.sqrt(0.0005 * level + 1e-6)
    for channel in range(3):
        assert np.all(np.sqrt(blocks.variance(channel, level)) > 2 * true), "or this picture proves nothing"
        ratio = np.sqrt(profile.variance(channel, level)) / true
        assert np.all((ratio > 0.4) & (ratio < 2)), "told twice as much, denoise still gains 5 dB here"
    assert profile.is_certain


def test_texture_without_noise_is_not_believed(run_model: Callable[..., Tensor]) -> None:
    picture = fibres(0.3, 160, 160)
    blocks, profile = told(picture, 0, run_model)
    assert not blocks.is_clean
    assert not profile.is_certain or profile.is_clean
    whole = told_from_texture([torch.from_numpy(picture.astype(np.float32))], [None], run_model)
    assert not whole.is_certain or whole.is_clean, "though all that quiet blocks hold may be noise"


def test_grain_of_three_layers_on_a_picture_without_a_quiet_place_is_measured_in_each(run_model: Callable[..., Tensor]) -> None:
    y, x = np.mgrid[:160, :160].astype(np.float32) / 160
    hills = np.random.default_rng(5)
    height = sum(width * cv2.GaussianBlur(hills.standard_normal((160, 160)), (0, 0), width) for width in (2, 4, 8))
    texture = 0.1 * height / np.std(height) * np.array([1, 0.8, 0.5])[:, None, None]
    picture = np.stack([0.2 + 0.5 * x, 0.6 - 0.4 * y, 0.3 + 0.2 * x * y]) + texture
    rng = np.random.default_rng(1)
    layers = [cv2.GaussianBlur(rng.standard_normal((160, 160)), (0, 0), width) for width in (0.9, 0.7, 1.3)]
    plate = [torch.from_numpy((picture + 0.06 * np.stack([layer / layer.std() for layer in layers])).astype(np.float32))]
    alone = metered(measure_profile(plate), plate, run_model)
    assert max(alone.sigma) > 2 * min(alone.sigma), "or this picture proves nothing"
    profile = told_from_texture(plate, [None], run_model)
    assert profile.is_certain
    assert profile.sigma == pytest.approx((0.06, 0.06, 0.06), rel=0.25)
    assert profile.spatial_correlation > 0.5
    clean = told_from_texture([torch.from_numpy(picture.astype(np.float32))], [None], run_model)
    assert not clean.is_certain or clean.is_clean


def test_what_blocks_measured_well_is_left_as_it_is(run_model: Callable[..., Tensor]) -> None:
    y, x = np.mgrid[:128, :128].astype(np.float32) / 128
    blocks, profile = told(np.stack([0.2 + 0.5 * x, 0.6 - 0.4 * y, 0.3 + 0.2 * x * y]), 0.06, run_model)
    assert profile.variances == blocks.variances
    assert profile.confidence > 0.9


def test_grain_of_one_color_is_measured_in_gray_pictures(run_model: Callable[..., Tensor]) -> None:
    y, x = np.mgrid[:128, :128].astype(np.float32) / 128
    gray = torch.from_numpy(0.2 + 0.5 * x * y + 0.05 * np.random.default_rng(0).standard_normal((128, 128), dtype=np.float32))
    plate = [gray.expand(3, -1, -1)]
    profile = metered(measure_profile(plate), plate, run_model)
    assert profile.is_certain
    assert np.mean(profile.sigma) == pytest.approx(0.05, rel=0.1)


def test_of_a_few_pixels_nothing_is_said(run_model: Callable[..., Tensor]) -> None:
    plate = [torch.rand((3, 16, 20), generator=torch.Generator().manual_seed(0))]
    assert not metered(measure_profile(plate), plate, run_model).is_certain


def test_of_nothing_but_what_is_too_bright_nothing_is_said(run_model: Callable[..., Tensor]) -> None:
    frame = 1 + 0.001 * torch.randn((3, 64, 64), generator=torch.Generator().manual_seed(0))
    profile = replace(measure_profile([frame]), white=0.1)
    assert metered(profile, [frame], run_model).confidence == 0


def test_what_is_clipped_does_not_hide_the_noise_beside_it(run_model: Callable[..., Tensor]) -> None:
    noise = np.random.default_rng(0).standard_normal((3, 128, 128), dtype=np.float32)
    picture = 0.3 + 0.02 * noise
    picture[:, :, :48] = 1
    plate = [torch.from_numpy(picture.astype(np.float32))]
    profile = metered(measure_profile(plate), plate, run_model)
    assert profile.is_certain
    assert np.mean(profile.sigma) == pytest.approx(0.02, rel=0.15)


def test_a_picture_smaller_than_a_block_says_nothing(run_model: Callable[..., Tensor]) -> None:
    frame = torch.rand(3, 4, 6)
    assert metered(measure_profile([frame]), [frame], run_model).confidence == 0


def test_strong_grain_of_all_channels_alike_is_believed_for_being_everywhere() -> None:
    y, x = np.mgrid[:192, :192].astype(np.float32)
    picture = (0.4 + 0.2 * np.sin(x / 9) * np.sin(y / 7)).astype(np.float32)
    grain = cv2.GaussianBlur(np.random.default_rng(3).standard_normal((192, 192)).astype(np.float32), (0, 0), 0.8)
    noisy = torch.from_numpy(np.repeat((picture + 0.1 * grain / grain.std())[None], 3, 0))
    profile = measure_profile([noisy])
    assert profile.channel_correlation > 0.95
    assert evenness(profile, [noisy]) > 0.9
    half = noisy.clone()
    half[:, :, 96:] = torch.from_numpy(picture[:, 96:])
    assert evenness(measure_profile([half]), [half]) == 0
