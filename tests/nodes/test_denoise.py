"""Denoising with the shipped networks: what highlights do to their surroundings. Plates are made here."""

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from tests.noise.fibres import fibres
from vfxai.bench.product import SPACES, through
from vfxai.color.config import find_config
from vfxai.models.pool import Pool
from vfxai.motion import noise_fusion
from vfxai.nodes.denoise import Denoise
from vfxai.session.clips import MemoryClip, frame_of
from vfxai.session.request import Request
from vfxai.session.session import Session
from vfxai.session.stage import Stage

SIGMA = 0.004
HIGHLIGHT = (slice(58, 64), slice(70, 78))


def plate(highlight: float) -> np.ndarray:
    pixels = np.full((128, 160, 3), 0.2, np.float32)
    pixels[HIGHLIGHT] = highlight
    return pixels + np.random.default_rng(0).normal(0, SIGMA, pixels.shape).astype(np.float32)


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return through(Denoise(radius=0), [plate(0.2)], "scene-linear")[0]


@pytest.mark.parametrize("highlight", [5.0, 50.0, 60000.0])
def test_a_highlight_spoils_nothing_around_it(highlight: float, plain: np.ndarray) -> None:
    noisy = plate(highlight)
    result = through(Denoise(radius=0), [noisy], "scene-linear")[0]
    y, x = np.mgrid[:128, :160]
    away = np.maximum(np.maximum(58 - y, y - 63), np.maximum(70 - x, x - 77))
    change = np.abs(result - plain) / SIGMA  # of what is dark, by the highlight alone
    assert change[away > 0].max() < 4, "at the very edge a little more than the noise that was there"
    assert change[away > 25].max() < 0.3
    assert np.abs(result - noisy)[HIGHLIGHT].max() < 4 * SIGMA + 2e-6 * highlight
    assert np.abs(plain - 0.2).std() < 0.3 * SIGMA, "there was noise, and it went"


def seen(pixels: np.ndarray, **values: object) -> tuple[np.ndarray, list[str]]:
    """A still in scene-linear light through the node, and what was said."""
    said: list[str] = []
    plate = MemoryClip([frame_of(pixels, SPACES["scene-linear"])])
    session = Session(plate, [Stage(Denoise(**values))], pool=Pool(device="cpu"), config=find_config())
    color = session.frame(session.frames[0], Request(on_warning=said.append)).color
    return color.numpy().transpose(1, 2, 0), said


def test_grain_that_is_too_bright_to_be_removed_is_told_of_and_a_plate_that_is_all_bright_is_cleaned() -> None:
    grain = np.random.default_rng(0).standard_normal((96, 128, 3)).astype(np.float32)
    result, said = seen(1000 + 10 * grain, radius=0, quality="fast")
    assert result.std() < 2
    assert not said
    pixels = 0.18 + 0.01 * grain
    pixels[:, :20] = 1000 + 10 * grain[:, :20]
    result, said = seen(pixels, radius=0, quality="fast")
    assert result[:, 30:].std() < 0.002
    assert np.abs(result[:, 2:18] - pixels[:, 2:18]).max() < 0.1
    assert len([one for one in said if "keeps its grain" in one and "--mask" in one]) == 1


def fabric(noise: float) -> np.ndarray:
    """Threads of one hue in every pixel."""
    y, x = np.mgrid[:128, :160].astype(np.float32)
    threads = 0.2 + 0.06 * np.sin(x * 1.9 + np.sin(y / 7)) + 0.06 * np.sin(y * 1.7 + np.sin(x / 9))
    pixels = threads[..., None] * np.array([1.0, 0.9, 0.7], np.float32)
    return (pixels + noise * np.random.default_rng(0).standard_normal(pixels.shape)).astype(np.float32)


def test_a_plate_of_texture_without_noise_comes_back_and_that_is_said() -> None:
    plate = fabric(0)
    result, said = seen(plate)
    assert np.array_equal(result, plate)
    assert any("left alone" in line and "--profile" in line and "%" in line for line in said)


def test_the_same_texture_under_noise_is_better_than_before() -> None:
    clean, noisy = fabric(0), fabric(0.03)
    result, said = seen(noisy)
    assert np.square(result - clean).mean() < 0.6 * np.square(noisy - clean).mean()
    assert not any("left alone" in line for line in said)
    slow = [result - noisy, noisy - clean]
    assert np.abs(slow[0].mean((0, 1))).max() < 0.1 * slow[1].std()


def test_nothing_but_texture_gains_though_noise_is_measured_too_strong_in_it() -> None:
    """tests/noise/test_meter.py allows up to twice the true noise here."""
    clean = fibres(0.3, 160, 160).transpose(1, 2, 0) ** 2.2
    noise = np.random.default_rng(0).standard_normal(clean.shape)
    noisy = (clean + np.sqrt(0.0005 * clean + 1e-6) * noise).astype(np.float32)
    result, _ = seen(noisy)
    before, after = (np.square(np.log2(np.maximum(p, 0) + 2**-8) - np.log2(clean + 2**-8)).mean() for p in (noisy, result))
    assert after < 0.4 * before


def test_noise_is_kept_by_its_fineness() -> None:
    noisy = fabric(0.03)
    whole, coarse = (seen(noisy, **v)[0] - noisy for v in ({}, {"fine": 0.0, "medium": 0.0}))
    assert np.square(np.diff(coarse, axis=1)).mean() < 0.1 * np.square(np.diff(whole, axis=1)).mean()


def test_neighbours_take_part() -> None:
    rng = np.random.default_rng(0)
    clean = fabric(0)
    noisy = [(clean + 0.03 * rng.standard_normal(clean.shape)).astype(np.float32) for _ in range(3)]
    together, alone = (through(Denoise(radius=radius), noisy, "scene-linear")[1] for radius in (1, 0))
    assert np.square(together - clean).mean() < 0.7 * np.square(alone - clean).mean()


def test_the_motion_of_two_frames_is_sought_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sought = []

    def counted(reference: Tensor, neighbour: Tensor) -> Tensor:
        sought.append(1)
        return torch.zeros(2, *reference.shape[1:])

    monkeypatch.setattr(noise_fusion, "steady_flow", counted)
    rng = np.random.default_rng(0)
    noisy = [(fabric(0) + 0.03 * rng.standard_normal((128, 160, 3))).astype(np.float32) for _ in range(5)]
    through(Denoise(radius=2), noisy, "scene-linear")
    assert len(sought) == 2 * (4 + 3), "there and back, of each frame and the next one and the one after that"


def test_texture_in_a_shot_that_stands_still_is_told_from_faint_noise_by_time() -> None:
    rng = np.random.default_rng(0)
    clean = fabric(0)
    noisy = [(clean + 0.004 * rng.standard_normal(clean.shape)).astype(np.float32) for _ in range(3)]
    made = through(Denoise(), noisy, "scene-linear")[1]
    assert np.square(made - clean).mean() < 0.75 * np.square(noisy[1] - clean).mean()


def test_a_region_of_texture_is_said_to_be_no_place_to_measure() -> None:
    rng = np.random.default_rng(0)
    stones = cv2.GaussianBlur(rng.random((128, 160), dtype=np.float32), (0, 0), 0.7)
    gravel = stones[..., None] * np.array([0.5, 0.4, 0.3], np.float32) + 0.005 * rng.standard_normal((128, 160, 3))
    _, said = seen(gravel.astype(np.float32), profile="region", region="20,20,100,90", region_frame=1001, radius=0)
    assert any("holds detail" in line for line in said)
