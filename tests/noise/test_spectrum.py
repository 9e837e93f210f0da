"""Noise that a codec made coarse in colour. Pictures are drawn here."""

import cv2
import numpy as np
import pytest
import torch

from vfxai.noise.measure import measure_profile


def picture() -> np.ndarray:
    y, x = np.mgrid[:192, :256].astype(np.float32)
    return np.stack([0.3 + 0.3 * x / 256, 0.6 - 0.3 * y / 192, 0.4 + 0.1 * np.sin(x / 30)], -1)


def adjacent(noise: np.ndarray) -> float:
    return float((noise[:, 1:] * noise[:, :-1]).mean() / (noise**2).mean())


@pytest.mark.parametrize("blur", [0.0, 0.8])
def test_what_jpeg_leaves_of_noise_is_measured_in_strength_and_kind(blur: float) -> None:
    noise = np.random.default_rng(0).standard_normal((192, 256, 3)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), blur) if blur else noise
    noisy = np.clip(picture() + 0.1 * noise / noise.std(), 0, 1)
    options = [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    stored = cv2.imencode(".jpg", np.round(noisy * 255).astype(np.uint8), options)[1]
    plate = cv2.imdecode(stored, cv2.IMREAD_COLOR).astype(np.float32) / 255
    left = plate - picture()
    profile = measure_profile([torch.from_numpy(plate.transpose(2, 0, 1).copy())])
    flat = (left - left.mean((0, 1))).reshape(-1, 3)
    shared = np.corrcoef(flat.T)[np.triu_indices(3, 1)].mean()
    light, tints = left.mean(2, keepdims=True), left - left.mean(2, keepdims=True)
    assert np.mean(profile.sigma) == pytest.approx(left.std(), rel=0.15)
    assert profile.channel_correlation == pytest.approx(shared, abs=0.16)
    assert profile.spatial_correlation == pytest.approx(adjacent(light), abs=0.12)
    assert profile.chroma_spatial_correlation == pytest.approx(adjacent(tints), abs=0.12)
    assert profile.chroma_spatial_correlation > profile.spatial_correlation + 0.1
    assert profile.chroma_power[0] < 0.5 < profile.chroma_power[1], "no fine noise is left in colour, and that can be read"


def test_white_noise_has_the_same_power_at_every_size() -> None:
    noise = 0.05 * np.random.default_rng(0).standard_normal((192, 256, 3))
    profile = measure_profile([torch.from_numpy((picture() + noise).astype(np.float32).transpose(2, 0, 1).copy())])
    for power in (profile.luma_power, profile.chroma_power):
        assert power[:2] == pytest.approx((1, 1), abs=0.25)
        assert 0.4 < power[2] < 1.25, "less of the coarsest is seen in blocks that were chosen for being quiet"
