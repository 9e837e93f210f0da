from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vfxai.train.denoise import Config, train_denoise
from vfxai.train.impulse import Config as ImpulseConfig
from vfxai.train.impulse import train_impulse
from vfxai.train.loop import Schedule
from vfxai.train.pictures import load_pictures, random_crop

SMALL = Config(widths=(8, 8, 8, 8), blocks=(1, 1, 1, 1), crop=32, batch=2)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for name in ("photos/a", "photos/b", "stills/c", "video/clip_one/clip_one.1001", "video/sintel_1/sintel_1.1001"):
        path = folder / f"{name}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        smooth = cv2.resize(rng.integers(0, 255, (6, 6, 3), np.uint8), (96, 80), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(path), smooth, [cv2.IMWRITE_WEBP_QUALITY, 101])
    (folder / "damage_overlays/dots").mkdir(parents=True)
    dots = np.zeros((128, 128), np.uint8)
    cv2.circle(dots, (60, 60), 2, 255, -1)
    cv2.imwrite(str(folder / "damage_overlays/dots/one.png"), dots)
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoint.pt", weights_only=True)["average"]


def test_a_resumed_run_equals_an_uninterrupted_one(data: Path, tmp_path: Path) -> None:
    train_denoise(data, tmp_path / "whole", 5, 6, False, "cpu", 3, SMALL)
    # stopped by the clock at once, then taken up again
    train_denoise(data, tmp_path / "parts", 1e-9, 6, False, "cpu", 3, SMALL)
    train_denoise(data, tmp_path / "parts", 5, 6, True, "cpu", 3, SMALL)
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_another_seed_gives_other_weights(data: Path, tmp_path: Path) -> None:
    train_denoise(data, tmp_path / "a", 5, 2, False, "cpu", 1, SMALL)
    train_denoise(data, tmp_path / "b", 5, 2, False, "cpu", 2, SMALL)
    a, b = weights(tmp_path / "a"), weights(tmp_path / "b")
    assert any(not torch.equal(a[k], b[k]) for k in a)


def test_learning_lowers_the_loss(data: Path, tmp_path: Path) -> None:
    before = train_denoise(data, tmp_path / "run", 1e-9, 150, False, "cpu", 0, SMALL)
    after = train_denoise(data, tmp_path / "run", 5, 150, True, "cpu", 0, SMALL)
    assert after["psnr_50"] > before["psnr_50"] + 1


def test_the_impulse_network_trains(data: Path, tmp_path: Path) -> None:
    config = ImpulseConfig(widths=(8, 8, 8), blocks=(1, 1, 1), crop=32, batch=2)
    quality = train_impulse(data, tmp_path / "run", 5, 3, False, "cpu", 0, config)
    assert set(quality) == {"psnr_0.0", "psnr_0.01", "psnr_0.03", "psnr_0.05"}


def test_the_rate_warms_up_holds_and_falls_to_almost_zero() -> None:
    schedule = Schedule(steps=1000, warm_up=100)
    assert schedule.rate(0) < schedule.rate(99) == pytest.approx(8e-4)
    assert schedule.rate(500) == pytest.approx(8e-4, rel=1e-3)
    assert schedule.rate(1000) < 1e-6


def test_left_out_clips_are_left_out(data: Path) -> None:
    everything = load_pictures(data, frozenset(), dead_leaves=0)
    fewer = load_pictures(data, frozenset({"sintel"}), dead_leaves=0)
    assert len(everything.clips) == 2
    assert len(fewer.clips) == 1


def test_a_crop_has_its_shape_and_range_and_follows_the_seed(data: Path) -> None:
    pictures = load_pictures(data, frozenset(), dead_leaves=1)
    crop = random_crop(pictures.train, 64, np.random.default_rng(7))
    assert crop.shape == (3, 64, 64)
    assert crop.dtype == np.float32
    assert np.array_equal(crop, random_crop(pictures.train, 64, np.random.default_rng(7)))


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no photos"):
        load_pictures(tmp_path)
