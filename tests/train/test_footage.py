"""Noise as cameras and codecs leave it, as the networks are shown it."""

import numpy as np
import pytest

from vfxai.train import footage
from vfxai.train.degradations import unit_noise

SIGMA = 0.1


def picture() -> np.ndarray:
    y, x = np.mgrid[:128, :128].astype(np.float32)
    return np.stack([0.3 + 0.3 * x / 128, 0.6 - 0.3 * y / 128, 0.4 + 0.1 * np.sin(x / 20)])


def noisy() -> np.ndarray:
    return picture() + np.float32(SIGMA) * unit_noise((3, 128, 128), 0.0, 0.0, np.random.default_rng(1))


def test_noise_with_color_at_half_the_size_is_told_coarse_in_color_and_white_in_luminance() -> None:
    made = footage.told(footage.subsampled(noisy(), np.random.default_rng(0)), picture(), SIGMA)
    assert made is not None
    left, clean, told = made
    error = left - clean
    assert told.sigma.mean() == pytest.approx(error.std(), rel=0.1)
    assert np.ptp(error.std((1, 2))) < 0.1 * error.std()  # the channels are alike
    tint = error - error.mean(0)
    assert told.chroma == pytest.approx((tint[..., 1:] * tint[..., :-1]).mean() / (tint**2).mean(), abs=0.05)
    assert told.chroma > 0.5 > 0.2 > told.spatial
    assert told.channel == pytest.approx(np.corrcoef(error.reshape(3, -1))[np.triu_indices(3, 1)].mean(), abs=0.1)


def test_what_a_camera_does_is_done_to_the_clean_picture_too() -> None:
    clean = footage.demosaiced(picture())
    difference = footage.demosaiced(noisy()) - clean
    assert np.abs(clean - picture()).max() > 0
    assert abs(difference.mean()) < 0.005
    assert difference.std() == pytest.approx(SIGMA, rel=0.4)
    amount = footage.sharpened(noisy(), 0.5, 1.0) - footage.sharpened(picture(), 0.5, 1.0)
    assert amount.std() > SIGMA


@pytest.mark.parametrize("name", list(footage.CODECS))
def test_a_codec_gives_the_frame_back_and_less_of_it_where_it_quantises_more(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (codec, quantisers), errors = footage.CODECS[name], []
    for quantiser in (quantisers[0], 30):
        monkeypatch.setattr(footage, "CODECS", {name: (codec, (quantiser, quantiser))})
        back = footage.coded(noisy(), np.random.default_rng(0))
        assert back.shape == (3, 128, 128)
        errors.append(float(np.square(back - np.clip(noisy(), 0, 1)).mean()))
    assert errors[0] < errors[1] or quantisers[0] == quantisers[1]  # DV chooses its own


def test_noise_that_a_store_took_for_nothing_is_not_told() -> None:
    assert footage.told(picture(), picture(), SIGMA) is None


def test_footage_is_a_function_of_its_generator() -> None:
    made = [[footage.footage(picture(), np.random.default_rng(seed), SIGMA) for seed in range(8)] for _ in range(2)]
    for one, other in zip(*made, strict=True):
        assert one is not None and other is not None
        assert np.array_equal(one[0], other[0]) and np.array_equal(one[2].planes(), other[2].planes())
        assert one[2].planes().shape == (4, 128, 128)
