"""Noise measured from what changes between frames. Pictures are drawn here; where no network is given, none is needed."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from tests.noise.fibres import fibres
from vfxai.noise import plate_noise
from vfxai.noise.measure import measure_profile
from vfxai.noise.meter import scaled
from vfxai.noise.plate_noise import Sample
from vfxai.noise.temporal import agree, aligned, bounded, measured_in_time

SIGMA = 0.01


def texture(height: int = 160, width: int = 240) -> np.ndarray:
    return fibres(0.4, height, width)


def pairs(pictures: list[np.ndarray], sigma: float = SIGMA) -> tuple[list[Tensor], list[Tensor | None]]:
    """Noisy frames of pictures (3, H, W), each with the next."""
    rng = np.random.default_rng(0)
    noisy = [torch.from_numpy((p + sigma * rng.standard_normal(p.shape)).astype(np.float32)) for p in pictures]
    return noisy[:-1], list(noisy[1:])


def no_network(*_: object) -> Tensor:
    raise AssertionError("the network is not asked where time tells")


def test_noise_on_texture_that_stands_still_is_measured_where_blocks_are_far_off() -> None:
    frames, followers = pairs([texture()] * 3)
    assert np.mean(measure_profile(frames).sigma) > 1.5 * SIGMA, "or this picture proves nothing"
    profile = Sample(frames, followers).measured("off", None, no_network).profile
    assert np.allclose(profile.sigma, SIGMA, rtol=0.08)
    assert profile.is_certain


def test_noise_on_texture_that_moves_by_whole_pixels_is_measured_too() -> None:
    wide = texture(200, 300)
    frames, followers = pairs([wide[:, 2 * i : 2 * i + 160, 5 * i : 5 * i + 240] for i in range(3)])
    seen = measured_in_time(frames, followers)
    assert seen is not None
    assert np.allclose(seen.sigma, SIGMA, rtol=0.1)


def test_texture_that_moves_by_parts_of_pixels_is_never_less_than_its_noise_and_not_believed() -> None:
    size = (240, 160)
    moved = [
        np.stack(
            [
                cv2.warpAffine(c, np.array([[1, 0, 0.5 * i], [0, 1, 0.4 * i]], np.float32), size, flags=cv2.INTER_CUBIC)
                for c in texture()
            ]
        )
        for i in range(3)
    ]
    for sigma in (0.0, SIGMA):
        seen = measured_in_time(*pairs(moved, sigma))
        assert seen is not None
        assert min(seen.sigma) > 0.95 * sigma
        assert not seen.is_certain


def test_a_thing_that_moves_in_front_of_the_scene_does_not_count() -> None:
    pictures = [texture() for _ in range(3)]
    for i, picture in enumerate(pictures):
        picture[:, 40:90, 30 + 9 * i : 90 + 9 * i] = np.random.default_rng(i).random((3, 50, 60), dtype=np.float32)
    seen = measured_in_time(*pairs(pictures))
    assert seen is not None
    assert np.allclose(seen.sigma, SIGMA, rtol=0.1)


def test_held_frames_tell_nothing() -> None:
    frames, _ = pairs([texture()] * 2)
    assert measured_in_time(frames, list(frames)) is None
    assert measured_in_time(frames, [None]) is None


def test_of_several_pairs_a_cut_does_not_decide() -> None:
    frames, followers = pairs([texture()] * 4)
    followers[-1] = torch.rand((3, 160, 240), generator=torch.Generator().manual_seed(1))
    seen = measured_in_time(frames, followers)
    assert seen is not None
    assert np.allclose(seen.sigma, SIGMA, rtol=0.1)


@pytest.mark.parametrize("move", [(0, 0), (3, -7), (-12, 20)])
def test_frames_are_aligned_by_whole_pixels(move: tuple[int, int]) -> None:
    soft = cv2.GaussianBlur(np.random.default_rng(0).random((260, 340), dtype=np.float32), (0, 0), 2)
    wide = np.stack([soft, soft, soft])
    down, right = move
    frame, follower = wide[:, 50:210, 50:290], wide[:, 50 - down : 210 - down, 50 - right : 290 - right]
    there = aligned(np.ascontiguousarray(frame), np.ascontiguousarray(follower))
    seen = np.isfinite(there).all(0)
    assert seen.mean() > 0.5
    assert (there == frame)[:, seen].mean() > 0.95


def test_a_profile_with_less_than_what_changes_is_kept() -> None:
    frames, followers = pairs([texture()] * 2)
    changing = measured_in_time(frames, followers)
    weak, strong = (
        measure_profile([0.5 + s * torch.randn((3, 64, 64), generator=torch.Generator().manual_seed(0))]) for s in (0.002, 0.05)
    )
    assert bounded(weak, changing) is weak
    assert bounded(replace(strong, confidence=0.9), changing) == replace(changing, confidence=max(changing.confidence, 0.9))
    assert bounded(strong, None) is strong


def test_what_time_and_blocks_tell_alike_is_one_noise() -> None:
    profile = measure_profile([0.5 + 0.02 * torch.randn((3, 64, 64), generator=torch.Generator().manual_seed(0))])
    assert agree(profile, profile)
    assert not agree(profile, scaled(profile, 2.0))
    quiet_blue = replace(profile, variances=(*profile.variances[:2], tuple(v / 4 for v in profile.variances[2])))
    assert not agree(quiet_blue, profile), "grain of the coarsest layer is missed by blocks"


def test_grain_that_time_tells_is_believed_where_blocks_miss_what_is_coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = measure_profile([0.5 + 0.02 * torch.randn((3, 64, 64), generator=torch.Generator().manual_seed(0))])
    certain = replace(scaled(profile, 4.0), confidence=0.9)
    monkeypatch.setattr(plate_noise, "measured_in_time", lambda frames, followers: certain)
    monkeypatch.setattr(plate_noise, "hypotheses", lambda frames: (profile,))
    frame = torch.rand((3, 64, 64), generator=torch.Generator().manual_seed(0))
    assert plate_noise.told_from_texture([frame], [frame], lambda *_: pytest.fail("the network is not asked")) is certain
