"""The bench of the television chain."""

import numpy as np
import pytest

from vfxai.bench import quality_restore
from vfxai.train import codecs

RAMP = np.repeat(np.linspace(0.2, 0.8, 64, dtype=np.float32)[None, :, None], 48, 0).repeat(3, 2)


@pytest.mark.parametrize("top_first", [True, False])
def test_a_recording_is_half_as_large_noisy_and_of_two_pictures_a_frame(top_first: bool) -> None:
    dark, light = np.full((48, 64, 3), 0.2, np.float32), np.full((48, 64, 3), 0.8, np.float32)
    (frame,) = quality_restore.recorded([dark, light], "x", top_first)
    assert frame.shape == (24, 32, 3)
    first, second = (frame[0::2], frame[1::2]) if top_first else (frame[1::2], frame[0::2])
    assert first.mean() < 0.35 < 0.65 < second.mean()
    (still,) = quality_restore.recorded([RAMP, RAMP], "x", top_first)
    truth = RAMP.reshape(24, 2, 32, 2, 3).mean((1, 3))
    assert 0.4 * quality_restore.SIGMA < 255 * np.std(still - truth) < 1.2 * quality_restore.SIGMA
    again = quality_restore.recorded([RAMP, RAMP], "x", top_first)
    assert np.array_equal(again[0], still)


def test_a_wrong_rate_is_no_score() -> None:
    assert np.isnan(quality_restore.scores([RAMP], [RAMP, RAMP])["PSNR dB"])
    assert quality_restore.scores([RAMP + 0.1], [RAMP])["PSNR dB"] == pytest.approx(20, abs=0.01)


def test_sides_become_multiples_of_four() -> None:
    assert quality_restore.whole(np.zeros((226, 527, 3), np.float32)).shape == (224, 524, 3)


@pytest.mark.skipif(not codecs.available(), reason="PyAV (the extra bench) is not installed")
@pytest.mark.parametrize("store", codecs.INTERLACED)
def test_coded_recordings_keep_their_fields_apart(store: str) -> None:
    dark, light = np.full((48, 64, 3), 0.2, np.float32), np.full((48, 64, 3), 0.8, np.float32)
    frames = quality_restore.recorded([dark, light] * 2, "x", True, store)
    assert [f.shape for f in frames] == [(24, 32, 3)] * 2
    for frame in frames:
        assert abs(frame[0::2].mean() - 0.2) < 0.05
        assert abs(frame[1::2].mean() - 0.8) < 0.05
